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

#include "tests.h"

enum { PROCESSES = 4, REMEMBERED = 16, PLACES = 16 };

/* However slow the machine is, each kind of request has its turn. */
#define STEPS_MIN	2000u

/* More than any job may have. */
#define COPY_LIMIT	0x100000ULL

enum what {
	OPEN,
	CREATE,
	DESTROY,
	MAP,
	UNMAP,
	COPY,
	WAIT,
	MMAP,
	MUNMAP,
	NONSENSE,
	WHATS,
};

static const char *const names[WHATS] = {
	"open", "create", "destroy", "map", "unmap", "copy", "wait", "mmap", "munmap", "nonsense",
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
 * @gpu: open file
 * @random: state of its random numbers
 * @tally: its counts
 * @handle: handles that it was given, some destroyed by now
 * @offset: what mmap() takes for them
 * @mapped: what it has mapped, some unmapped by now
 * @job: jobs
 * @seen: what it has mmap-ed; NULL: nothing
 * @size: bytes of that
 * @own: memory that the GPU cannot be told to use
 * @copy: what is in it
 */
struct process {
	int gpu;
	uint64_t random;
	struct tally *tally;
	uint32_t handle[REMEMBERED];
	uint64_t offset[REMEMBERED];
	struct gpuas_ioctl_unmap mapped[REMEMBERED];
	uint32_t job[REMEMBERED];
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
	return base[chance(p, 80) ? below(p, 2) : below(p, 8)] +
	       below(p, PLACES) * (uint64_t)GRANULE + (chance(p, 5) ? below(p, GRANULE) : 0);
}

static uint64_t some_size(struct process *p)
{
	return chance(p, 85) ? (1 + below(p, 4)) * (uint64_t)GRANULE : odd(p);
}

static uint32_t some_handle(struct process *p)
{
	return chance(p, 90) ? p->handle[any(p)] : (uint32_t)odd(p);
}

static void do_create(struct process *p)
{
	struct gpuas_ioctl_create_buffer arg = { .size = some_size(p) };
	unsigned int i = any(p);
	int err;

	if (chance(p, 3))
		arg.handle = (uint32_t)odd(p);
	err = gpu_call(p->gpu, GPUAS_CREATE_BUFFER, &arg);
	count(p, CREATE, err);
	if (err)
		return;
	p->handle[i] = arg.handle;
	p->offset[i] = arg.offset;
}

static void do_destroy(struct process *p)
{
	struct gpuas_ioctl_destroy_buffer arg = { .handle = some_handle(p) };

	if (chance(p, 3))
		arg.reserved = (uint32_t)odd(p);
	count(p, DESTROY, gpu_call(p->gpu, GPUAS_DESTROY_BUFFER, &arg));
}

static void do_map(struct process *p)
{
	struct gpuas_ioctl_map arg = {
		.handle = some_handle(p),
		.flags = chance(p, 95) ? GPUAS_MAP_READ | GPUAS_MAP_WRITE : (uint32_t)odd(p),
		.offset = chance(p, 70) ? 0 : chance(p, 50) ? odd(p) : (uint64_t)GRANULE,
		.size = some_size(p),
		.va = some_va(p),
	};
	int err = gpu_call(p->gpu, GPUAS_MAP, &arg);

	count(p, MAP, err);
	if (!err)
		p->mapped[any(p)] = (struct gpuas_ioctl_unmap){ arg.va, arg.size };
}

static void do_unmap(struct process *p)
{
	struct gpuas_ioctl_unmap arg = p->mapped[any(p)];

	if (chance(p, 30))
		arg.va = some_va(p);
	if (chance(p, 10))
		arg.size = some_size(p);
	count(p, UNMAP, gpu_call(p->gpu, GPUAS_UNMAP, &arg));
}

static void do_wait(struct process *p)
{
	struct gpuas_ioctl_wait arg = {
		.job = chance(p, 90) ? p->job[any(p)] : (uint32_t)odd(p),
		.timeout_ms = chance(p, 90) ? below(p, 50) : 2000,
	};

	count(p, WAIT, gpu_call(p->gpu, GPUAS_WAIT, &arg));
}

/* Short ones, and few that are good: each takes 200 ms, and keeps all from being unmapped. */
static void do_copy(struct process *p)
{
	struct gpuas_ioctl_copy arg = {
		.from = some_va(p),
		.to = some_va(p),
		.size = 1 + below(p, 64),
	};
	int err;

	if (!chance(p, 2))
		arg.size = chance(p, 50) ? 0 : odd(p) | COPY_LIMIT;
	err = gpu_call(p->gpu, GPUAS_COPY, &arg);

	count(p, COPY, err);
	if (!err)
		p->job[any(p)] = arg.job;
}

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

/* Also with an offset that was good for a file that is closed by now. */
static void do_mmap(struct process *p)
{
	uint64_t offset = chance(p, 90) ? p->offset[any(p)] + below(p, 3) * (uint64_t)GRANULE :
					  odd(p);
	int flags = chance(p, 95) ? MAP_SHARED : MAP_PRIVATE;
	unsigned int i = any(p);
	uint8_t *map;

	forget(p, i);
	p->size[i] = (1 + below(p, 4)) * (size_t)GRANULE;
	map = mmap(NULL, p->size[i], PROT_READ | PROT_WRITE, flags, p->gpu, (off_t)offset);
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

static void do_nonsense(struct process *p)
{
	static const unsigned long request[] = {
		GPUAS_INFO, GPUAS_CREATE_BUFFER, GPUAS_DESTROY_BUFFER, GPUAS_MAP, GPUAS_UNMAP,
		GPUAS_COPY, GPUAS_WAIT,
	};
	unsigned long number = request[below(p, 7)];

	if (chance(p, 50))
		number = (unsigned long)odd(p);
	count(p, NONSENSE, ioctl(p->gpu, number, chance(p, 50) ? NULL : (void *)odd(p)));
}

/* Its own, that is, not that which two of them share: what is mmap-ed outlives it. */
static void do_reopen(struct process *p)
{
	struct gpuas_ioctl_info info;
	int gpu = p->gpu;

	close(gpu);
	count(p, OPEN, gpu_call(gpu, GPUAS_INFO, &info));
	touch(p, any(p));
	p->gpu = open("/dev/gpuas", O_RDWR);
	count(p, OPEN, p->gpu < 0);
	if (p->gpu < 0)
		fail("hostile: open: %s", strerror(errno));
}

/* A new buffer has to be zero, and without a handle nobody can map it: it keeps what we write. */
static void own_memory(struct process *p)
{
	struct gpuas_ioctl_destroy_buffer destroy;
	size_t i, dirty = 0;

	gpu_buffer(p->gpu, GRANULE, &p->own);
	destroy = (struct gpuas_ioctl_destroy_buffer){ .handle = p->own.handle };
	if (gpu_call(p->gpu, GPUAS_DESTROY_BUFFER, &destroy))
		fail("hostile: a new handle cannot be destroyed");
	for (i = 0; i < GRANULE; i++)
		dirty += p->own.map[i] != 0;
	p->tally->dirty += dirty != 0;
	fill(p->own.map, GRANULE, &p->random);
	memcpy(p->copy, p->own.map, GRANULE);
}

static void own_check(struct process *p)
{
	p->tally->broken += differ(p->own.map, p->copy, GRANULE);
	munmap(p->own.map, GRANULE);
}

static void step(struct process *p, bool shared)
{
	static void (*const act[])(struct process *p) = {
		do_create, do_create, do_destroy, do_map, do_map, do_map, do_unmap, do_unmap,
		do_copy, do_wait, do_mmap, do_mmap, do_munmap, do_nonsense,
	};

	if (!shared && chance(p, 1)) {
		do_reopen(p);
		own_check(p);
		own_memory(p);
		return;
	}
	act[below(p, sizeof(act) / sizeof(act[0]))](p);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec;
}

static int run(int number, int shared, uint64_t seconds, uint64_t seed, struct tally *tally)
{
	static struct process process;
	struct process *p = &process;
	uint64_t end = now() + seconds;
	unsigned int steps = 0;

	p->random = seed ^ (uint64_t)(number + 1) << 32;
	p->tally = tally;
	p->gpu = number < 2 ? shared : gpu_open();
	own_memory(p);
	while (steps++ < STEPS_MIN || now() < end)
		step(p, number < 2);
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
		bad |= (what != NONSENSE && !done) || !refused;
	}
	for (i = 0; i < PROCESSES; i++) {
		dirty += tally[i].dirty;
		broken += tally[i].broken;
	}
	say("hostile: %lu buffers with old data, %lu bytes of our own changed", dirty, broken);
	return bad || dirty || broken;
}

int test_hostile(uint64_t seconds, uint64_t seed)
{
	struct tally *tally = mmap(NULL, PROCESSES * sizeof(*tally), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int shared = gpu_open(), ended = 0, status, i;

	if (tally == MAP_FAILED)
		fail("hostile: no memory");
	say("hostile: %d processes, %llu s, seed 0x%llx", PROCESSES, (unsigned long long)seconds,
	    (unsigned long long)seed);
	for (i = 0; i < PROCESSES; i++) {
		if (!fork())
			_exit(run(i, shared, seconds, seed, &tally[i]));
	}
	for (i = 0; i < PROCESSES; i++)
		ended += wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status);
	close(shared);
	say("hostile: %d of %d processes came to their end", ended, PROCESSES);
	return sum_up(tally) || ended != PROCESSES;
}
