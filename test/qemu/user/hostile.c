// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Four processes ask the driver for everything that it must refuse, and for enough of
 * what it must not. Two of them share an open file. What is judged here is what a
 * process can see: that fresh memory is zero, and that memory of which nobody else
 * knows keeps its contents. The rest is for the kernel's log, and for the driver's
 * counts afterwards, to tell.
 */
#define _GNU_SOURCE	/* mremap() */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"
#include "tests.h"

enum { PROCESSES = 4, REMEMBERED = 16, PLACES = 16, OPS = 4 };

enum what {
	OPEN,
	VM,
	CREATE,
	DESTROY,
	BIND,
	QUEUE,
	COPY,
	WAIT,
	MMAP,
	MUNMAP,
	PRIME,
	ODD,
	NONSENSE,
	WHATS,
};

static const char *const names[WHATS] = {
	"open", "vm", "create", "destroy", "bind", "queue", "copy", "wait", "mmap", "munmap", "prime",
	"odd", "nonsense",
};

/**
 * struct tally - What came of it, in memory that all processes share
 * @done: by &enum what
 * @refused: by &enum what
 * @dirty: buffers that were not zero when they were new
 * @broken: bytes of our own that somebody changed
 */
struct tally {
	unsigned long done[WHATS];
	unsigned long refused[WHATS];
	unsigned long dirty;
	unsigned long broken;
};

/**
 * struct process - What one of them knows
 * @fd: open file
 * @own_fd: another one, of which no other process knows
 * @random: state of its random numbers
 * @tally: its counts
 * @handle: handles that it was given, some destroyed by now
 * @vm: the same for VMs
 * @queue: for queues
 * @syncobj: and for syncobjs
 * @seen: what it has mmap-ed; NULL: nothing
 * @size: bytes of that
 * @own: memory that the GPU cannot be told to use
 * @copy: what is in it
 */
struct process {
	int fd;
	int own_fd;
	uint64_t random;
	struct tally *tally;
	uint32_t handle[REMEMBERED];
	uint32_t vm[REMEMBERED];
	uint32_t queue[REMEMBERED];
	uint32_t syncobj[REMEMBERED];
	uint8_t *seen[REMEMBERED];
	size_t size[REMEMBERED];
	struct buffer own;
	uint8_t copy[GRANULE];
};

static unsigned int below(struct process *p, unsigned int limit)
{
	return (unsigned int)(next(&p->random) >> 16) % limit;
}

static bool chance(struct process *p, unsigned int percent)
{
	return below(p, 100) < percent;
}

static unsigned int any(struct process *p)
{
	return below(p, REMEMBERED);
}

static void count(struct process *p, enum what what, int err)
{
	if (err)
		p->tally->refused[what]++;
	else
		p->tally->done[what]++;
}

/* Numbers that programs get wrong. */
static uint64_t odd(struct process *p)
{
	switch (below(p, 8)) {
	case 0: return 0;
	case 1: return ~0ULL;
	case 2: return 1ULL << below(p, 64);
	case 3: return (1ULL << below(p, 64)) - 1;
	case 4: return 0ULL - ((uint64_t)GRANULE << below(p, 8));
	case 5: return next(&p->random);
	case 6: return next(&p->random) & ~(uint64_t)(GRANULE - 1);
	default: return next(&p->random) & 0xffff;
	}
}

/* Few places, so that mappings overlap; the last pages of the half; foreign halves. */
static uint64_t some_va(struct process *p)
{
	static const uint64_t base[] = {
		0, 0x10000000, 0x7ffffc0000, 0x8000000000,
		0xffffff8000000000, 0xffffff8001000000, 0xffffff9002000000, 0xffffffa000000000,
	};

	if (chance(p, 5))
		return odd(p);
	return base[chance(p, 90) ? below(p, 2) : below(p, 8)] +
	       below(p, PLACES) * (uint64_t)GRANULE + (chance(p, 2) ? below(p, GRANULE) : 0);
}

static uint64_t some_size(struct process *p)
{
	return chance(p, 95) ? (1 + below(p, 4)) * (uint64_t)GRANULE : odd(p);
}

/* One of those that it was given, or what it was not. */
static uint32_t some(struct process *p, const uint32_t *known)
{
	return chance(p, 95) ? known[any(p)] : (uint32_t)odd(p);
}

static uint32_t flaw(struct process *p)
{
	return chance(p, 1) ? (uint32_t)odd(p) : 0;
}

/*
 * VMs, queues, buffers
 */

static void do_vm(struct process *p)
{
	struct drm_gpuas_vm_create create = { .flags = flaw(p) };
	struct drm_gpuas_vm_destroy destroy = { .vm_id = some(p, p->vm), .pad = flaw(p) };
	int err;

	if (chance(p, 20)) {
		count(p, VM, gpu_call(p->fd, DRM_IOCTL_GPUAS_VM_DESTROY, &destroy));
		return;
	}
	err = gpu_call(p->fd, DRM_IOCTL_GPUAS_VM_CREATE, &create);
	count(p, VM, err);
	if (!err)
		p->vm[any(p)] = create.vm_id;
}

static void do_queue(struct process *p)
{
	struct drm_gpuas_queue_create create = {
		.vm_id = some(p, p->vm),
		.priority = below(p, 3) + flaw(p),
		.flags = flaw(p),
	};
	struct drm_gpuas_queue_destroy destroy = { .queue_id = some(p, p->queue), .pad = flaw(p) };
	struct drm_gpuas_queue_state state = { .queue_id = some(p, p->queue), .flags = flaw(p) };
	int err;

	switch (below(p, 4)) {
	case 0:
		err = gpu_call(p->fd, DRM_IOCTL_GPUAS_QUEUE_DESTROY, &destroy);
		break;
	case 1:
		err = gpu_call(p->fd, DRM_IOCTL_GPUAS_QUEUE_STATE, &state);
		break;
	default:
		err = gpu_call(p->fd, DRM_IOCTL_GPUAS_QUEUE_CREATE, &create);
		if (!err)
			p->queue[any(p)] = create.queue_id;
	}
	count(p, QUEUE, err);
}

static void do_create(struct process *p)
{
	struct drm_gpuas_gem_create arg = {
		.size = some_size(p),
		.flags = flaw(p),
		.vm_id = chance(p, 30) ? some(p, p->vm) : 0,
		.handle = flaw(p),
	};
	int err = gpu_call(p->fd, DRM_IOCTL_GPUAS_GEM_CREATE, &arg);

	count(p, CREATE, err);
	if (!err)
		p->handle[any(p)] = arg.handle;
}

static void do_destroy(struct process *p)
{
	count(p, DESTROY, gpu_forget(p->fd, some(p, p->handle)));
}

/*
 * Syncs, binds, jobs
 */

static struct drm_gpuas_sync some_sync(struct process *p)
{
	const bool timeline = chance(p, 50);

	return (struct drm_gpuas_sync){
		.type = timeline + flaw(p),
		.handle = some(p, p->syncobj),
		.value = timeline ? 1 + below(p, 8) : flaw(p),
	};
}

static struct syncs some_syncs(struct process *p)
{
	return (struct syncs){
		.in = some_sync(p),
		.out = some_sync(p),
		.num_in = chance(p, 20),
		.num_out = chance(p, 50),
	};
}

static struct drm_gpuas_bind_op some_op(struct process *p)
{
	struct drm_gpuas_bind_op op = op_unmap(some_size(p), some_va(p));

	if (chance(p, 60)) {
		op.flags = DRM_GPUAS_BIND_MAP | READ_WRITE;
		op.handle = some(p, p->handle);
		op.offset = chance(p, 70) ? 0 : chance(p, 5) ? odd(p) : (uint64_t)GRANULE;
		op.repeat = chance(p, 80) ? 0 : some_size(p);
		/* Some that are large, which takes many tables */
		if (op.repeat && chance(p, 30))
			op.range = op.repeat << below(p, 14);
	}
	op.flags |= flaw(p);
	return op;
}

static void do_bind(struct process *p)
{
	struct drm_gpuas_bind_op op[OPS];
	const struct syncs syncs = some_syncs(p);
	unsigned int i, ops = chance(p, 50) ? 1 : 1 + below(p, OPS);

	for (i = 0; i < ops; i++)
		op[i] = some_op(p);
	count(p, BIND, gpu_bind(p->fd, some(p, p->vm), op, ops, chance(p, 50) ? &syncs : NULL));
}

/* Short ones: each takes 200 ms. */
static void do_copy(struct process *p)
{
	const struct syncs syncs = some_syncs(p);
	uint64_t size = chance(p, 98) ? 1 + below(p, 64) : odd(p);

	count(p, COPY, gpu_submit(p->fd, some(p, p->queue), some_va(p), some_va(p), size,
				  chance(p, 50) ? &syncs : NULL, NULL));
}

static int64_t soon(struct process *p)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec + below(p, 10) * 1000000LL;
}

static void do_wait(struct process *p)
{
	struct drm_gpuas_gem_wait arg = {
		.handle = some(p, p->handle),
		.flags = flaw(p),
		.timeout_ns = soon(p),
	};
	uint32_t syncobj = some(p, p->syncobj);

	if (chance(p, 50))
		count(p, WAIT, gpu_call(p->fd, DRM_IOCTL_GPUAS_GEM_WAIT, &arg));
	else
		count(p, WAIT, drmSyncobjWait(p->fd, &syncobj, 1, soon(p), 0, NULL));
}

/*
 * What processes see
 */

static void forget(struct process *p, unsigned int i)
{
	if (!p->seen[i])
		return;
	count(p, MUNMAP, munmap(p->seen[i], p->size[i]));
	p->seen[i] = NULL;
}

static void touch(struct process *p, unsigned int i)
{
	volatile uint8_t *byte = p->seen[i];

	if (byte)
		byte[below(p, (unsigned int)p->size[i])]++;
}

/* More than there is of it is refused; less, or from the middle, is not. */
static void do_mmap(struct process *p)
{
	struct drm_gpuas_gem_mmap_offset arg = { .handle = some(p, p->handle), .flags = flaw(p) };
	const int flags = chance(p, 90) ? MAP_SHARED : MAP_PRIVATE;
	unsigned int i = any(p);
	uint8_t *map;

	forget(p, i);
	if (gpu_call(p->fd, DRM_IOCTL_GPUAS_GEM_MMAP_OFFSET, &arg))
		arg.offset = odd(p) & ~(uint64_t)(GRANULE - 1);
	else
		arg.offset += chance(p, 90) ? 0 : below(p, 3) * (uint64_t)GRANULE;
	p->size[i] = (1 + below(p, 4)) * (size_t)GRANULE;
	map = mmap(NULL, p->size[i], PROT_READ | PROT_WRITE, flags, p->fd, (off_t)arg.offset);
	count(p, MMAP, map == MAP_FAILED);
	if (map == MAP_FAILED)
		return;
	p->seen[i] = map;
	touch(p, i);
}

/* All of it, an end of it, or it moves. */
static void do_munmap(struct process *p)
{
	unsigned int i = any(p);
	void *moved;

	if (!p->seen[i])
		return;
	touch(p, i);
	if (p->size[i] > GRANULE && chance(p, 30)) {
		p->size[i] -= GRANULE;
		count(p, MUNMAP, munmap(p->seen[i] + p->size[i], GRANULE));
	} else if (chance(p, 30)) {
		moved = mremap(p->seen[i], p->size[i],
			       p->size[i] + (chance(p, 50) ? 0 : (size_t)GRANULE), MREMAP_MAYMOVE);
		count(p, MUNMAP, moved == MAP_FAILED);
		if (moved != MAP_FAILED)
			p->seen[i] = moved;
	} else {
		forget(p, i);
	}
}

/* Out, and in again by another file, or by the same */
static void do_prime(struct process *p)
{
	uint32_t handle;
	int fd, err;

	err = drmPrimeHandleToFD(p->fd, some(p, p->handle), DRM_CLOEXEC | DRM_RDWR, &fd);
	count(p, PRIME, err);
	if (err)
		return;
	err = drmPrimeFDToHandle(chance(p, 50) ? p->fd : p->own_fd, fd, &handle);
	count(p, PRIME, err);
	if (!err && chance(p, 50))
		p->handle[any(p)] = handle;
	close(fd);
}

/*
 * Nonsense
 */

static unsigned long some_call(struct process *p)
{
	static const unsigned long call[] = {
		DRM_IOCTL_GPUAS_GET_PARAMS, DRM_IOCTL_GPUAS_VM_CREATE, DRM_IOCTL_GPUAS_VM_DESTROY,
		DRM_IOCTL_GPUAS_VM_BIND, DRM_IOCTL_GPUAS_GEM_CREATE,
		DRM_IOCTL_GPUAS_GEM_MMAP_OFFSET, DRM_IOCTL_GPUAS_GEM_WAIT,
		DRM_IOCTL_GPUAS_QUEUE_CREATE, DRM_IOCTL_GPUAS_QUEUE_DESTROY,
		DRM_IOCTL_GPUAS_QUEUE_STATE, DRM_IOCTL_GPUAS_SUBMIT,
	};

	return call[below(p, sizeof(call) / sizeof(call[0]))];
}

/* A structure that has nothing but odd numbers: by chance one may be good. */
static void do_odd(struct process *p)
{
	unsigned long call = some_call(p);
	uint64_t field[16];
	unsigned int i;

	for (i = 0; i < 16; i++)
		field[i] = chance(p, 50) ? 0 : odd(p);
	/* Not a wait for ever */
	if (call == DRM_IOCTL_GPUAS_GEM_WAIT)
		field[1] = 0;
	count(p, ODD, ioctl(p->fd, call, field));
}

/* No structure, or no call */
static void do_nonsense(struct process *p)
{
	unsigned long call = chance(p, 50) ? some_call(p) : (unsigned long)odd(p);

	count(p, NONSENSE, ioctl(p->fd, call, chance(p, 50) ? NULL : (void *)odd(p)));
}

/*
 * Files
 */

/* Some of each, so that not all is refused */
static void begin(struct process *p)
{
	unsigned int i;

	for (i = 0; i < REMEMBERED; i++) {
		if (drmSyncobjCreate(p->fd, 0, &p->syncobj[i]))
			p->syncobj[i] = 0;
		do_vm(p);
		do_create(p);
		do_queue(p);
	}
}

/* Its own, that is, not that which two of them share: what is mmap-ed outlives it. */
static void do_reopen(struct process *p)
{
	struct drm_gpuas_vm_create arg = { 0 };
	int fd = p->fd;

	close(fd);
	count(p, OPEN, gpu_call(fd, DRM_IOCTL_GPUAS_VM_CREATE, &arg));
	touch(p, any(p));
	do
		p->fd = gpu_file_try();
	while (inject_on() && p->fd < 0);
	count(p, OPEN, p->fd < 0);
	if (p->fd < 0)
		fail("hostile: open: %s", strerror(-p->fd));
	begin(p);
}

/* A new buffer has to be zero, and without a handle nobody can map it: it keeps what we write. */
static void own_memory(struct process *p)
{
	size_t i, dirty = 0;

	inject_pause();
	gpu_buffer(p->own_fd, GRANULE, &p->own);
	if (gpu_forget(p->own_fd, p->own.handle))
		fail("hostile: a new handle cannot be destroyed");
	for (i = 0; i < GRANULE; i++)
		dirty += p->own.map[i] != 0;
	p->tally->dirty += dirty != 0;
	fill(p->own.map, GRANULE, &p->random);
	memcpy(p->copy, p->own.map, GRANULE);
	inject_go_on();
}

static void own_check(struct process *p)
{
	p->tally->broken += differ(p->own.map, p->copy, GRANULE);
	munmap(p->own.map, GRANULE);
}

static void step(struct process *p, bool shared)
{
	static void (*const act[])(struct process *p) = {
		do_vm, do_queue, do_create, do_create, do_destroy, do_bind, do_bind, do_bind,
		do_bind, do_copy, do_copy, do_wait, do_mmap, do_mmap, do_munmap, do_prime,
		do_odd, do_nonsense,
	};

	if (chance(p, 1)) {
		if (!shared)
			do_reopen(p);
		own_check(p);
		own_memory(p);
		return;
	}
	act[below(p, sizeof(act) / sizeof(act[0]))](p);
}

static int run(int number, int shared, uint64_t steps, uint64_t seed, struct tally *tally)
{
	static struct process process;
	struct process *p = &process;

	p->random = seed ^ (uint64_t)(number + 1) << 32;
	p->tally = tally;
	p->own_fd = gpu_file();
	p->fd = number < 2 ? shared : gpu_file();
	begin(p);
	inject_start();
	own_memory(p);
	while (steps--)
		step(p, number < 2);
	inject_pause();
	own_check(p);
	return 0;
}

static int sum_up(const struct tally *tally)
{
	unsigned long done, refused, dirty = 0, broken = 0;
	int what, i, bad = 0;

	for (what = 0; what < WHATS; what++) {
		done = refused = 0;
		for (i = 0; i < PROCESSES; i++) {
			done += tally[i].done[what];
			refused += tally[i].refused[what];
		}
		say("hostile: %s: %lu done, %lu refused", names[what], done, refused);
		bad |= (what != NONSENSE && what != ODD && !done) || !refused;
	}
	for (i = 0; i < PROCESSES; i++) {
		dirty += tally[i].dirty;
		broken += tally[i].broken;
	}
	say("hostile: %lu buffers with old data, %lu bytes of our own changed", dirty, broken);
	return bad || dirty || broken;
}

int test_hostile(uint64_t steps, uint64_t seed, uint64_t faults)
{
	struct tally *tally = mmap(NULL, PROCESSES * sizeof(*tally), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int shared = gpu_file(), ended = 0, status, i;

	if (tally == MAP_FAILED)
		fail("hostile: no memory");
	say("hostile: %d processes, %llu steps each, seed 0x%llx", PROCESSES,
	    (unsigned long long)steps, (unsigned long long)seed);
	inject_prepare((unsigned int)faults);
	for (i = 0; i < PROCESSES; i++) {
		if (!fork())
			_exit(run(i, shared, steps, seed, &tally[i]));
	}
	for (i = 0; i < PROCESSES; i++)
		ended += wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status);
	close(shared);
	inject_end();
	say("hostile: %d of %d processes came to their end", ended, PROCESSES);
	return sum_up(tally) || ended != PROCESSES;
}
