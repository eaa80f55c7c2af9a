// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A process in a cgroup has VMs that the group has no memory for, all at once: what is not used
 * just now is swapped out, and is there again when a job of its VM wants it. What the GPU
 * read and wrote, and what the CPU reads in the end, is what has to be there. The other parts of
 * this are in evict-*.c; the firmware is dead after the last one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evict.h"
#include "group.h"
#include "watch.h"

#define GROUP	"gpuas-evict"
#define FROM	0x40000000ULL
#define HALF	(SIZE / 2)
#define GAP	0x10000000ULL		/* the second half of a buffer is not behind the first */
#define RESULT	0x80000000ULL
#define BYTES	256u
#define AT	0x1240u

enum { VMS = 6, SIZE = 4 << 20, LIMIT = 16 << 20, ROUNDS = 5, DISKS = 8 };

static void swap_on(void)
{
	char command[80];
	int i;

	for (i = 0; i < DISKS; i++) {
		snprintf(command, sizeof(command), "mkswap /dev/ram%d >/dev/null && swapon /dev/ram%d",
			 i, i);
		if (system(command))
			fail("evict: no swap: %s", command);
	}
}

/* What the disks have is freed with them, unless the kernel has them built in. */
static int swap_off(void)
{
	char disk[16];
	int i, err = 0;

	for (i = 0; i < DISKS; i++) {
		snprintf(disk, sizeof(disk), "/dev/ram%d", i);
		err |= swapoff(disk);
	}
	if (syscall(SYS_delete_module, "brd", O_NONBLOCK) && errno != ENOENT)
		err = -errno;
	return err;
}

/* What is where, without memory to remember it in: each VM's bytes are of its own seed. */
static void contents(unsigned int vm, uint8_t *bytes, size_t size)
{
	uint64_t random = SEED + vm;

	fill(bytes, size, &random);
}

/**
 * struct vm - One of those that do not fit in together
 * @gpu: the file, with this VM and a queue of its own
 * @buffer: all but what is mmap-ed only now and then
 * @result: what the GPU copies from there, and back
 */
struct vm {
	struct gpu gpu;
	struct buffer buffer;
	struct buffer result;
};

static int make_buffer(struct vm *vm, unsigned int i)
{
	struct drm_gpuas_gem_create arg = { .size = SIZE, .vm_id = i % 2 ? vm->gpu.vm : 0 };
	int err = gpu_call(vm->gpu.fd, DRM_IOCTL_GPUAS_GEM_CREATE, &arg);

	vm->buffer = (struct buffer){ .handle = arg.handle, .size = SIZE };
	if (!err)
		err = gpu_see(vm->gpu.fd, &vm->buffer);
	if (err)
		return err;
	contents(i, vm->buffer.map, SIZE);
	munmap(vm->buffer.map, SIZE);
	return 0;
}

/* Every other buffer is one that belongs to its VM. */
static int make_vm(struct vm *vm, int fd, unsigned int i)
{
	struct drm_gpuas_bind_op op[3];
	int err;

	vm->gpu.fd = fd;
	err = gpu_vm(fd, &vm->gpu.vm);
	if (!err)
		err = gpu_queue(fd, vm->gpu.vm, &vm->gpu.queue);
	if (!err)
		err = make_buffer(vm, i);
	if (err)
		return err;
	gpu_buffer(fd, GRANULE, &vm->result);
	/* Both halves as one mapping, of which a part is mapped elsewhere, and a hole in the first */
	op[0] = op_map(vm->buffer.handle, 0, SIZE, FROM, READ_WRITE);
	op[1] = op_map(vm->buffer.handle, HALF, HALF, FROM + GAP, READ_WRITE);
	op[2] = op_unmap(HALF - GRANULE, FROM + HALF);
	err = gpu_bind(fd, vm->gpu.vm, op, 3, NULL);
	if (!err)
		gpu_map(&vm->gpu, &vm->result, 0, GRANULE, RESULT, READ_WRITE);
	return err;
}

/* The GPU reads at both ends, through each mapping; what it writes stays, too. */
static void use_vm(struct vm *vm, unsigned int round, const uint8_t *expected,
		   struct progress *progress)
{
	const uint64_t from[] = { FROM + AT, FROM + HALF - BYTES, FROM + GAP + AT,
				  FROM + GAP + HALF - BYTES, FROM + SIZE - GRANULE };
	const uint64_t at[] = { AT, HALF - BYTES, HALF + AT, SIZE - BYTES, SIZE - GRANULE };
	unsigned int i = round % 5;
	struct done in = gpu_copy(&vm->gpu, from[i], RESULT, BYTES);
	struct done out = gpu_copy(&vm->gpu, RESULT, FROM + (2 + round) * GRANULE, BYTES);

	progress->wrong += differ(vm->result.map, expected + at[i], BYTES);
	progress->jobs += 2;
	if (!progress->err)
		progress->err = in.error ? in.error : out.error;
}

/* Each round wrote over some of it. */
static size_t look(struct vm *vm, const uint8_t *expected)
{
	const uint64_t at[] = { AT, HALF - BYTES, HALF + AT, SIZE - BYTES, SIZE - GRANULE };
	size_t wrong = 0;
	uint64_t offset = 0;
	unsigned int i;

	if (gpu_see(vm->gpu.fd, &vm->buffer))
		return SIZE;
	for (i = 0; i < ROUNDS; i++) {
		wrong += differ(vm->buffer.map + offset, expected + offset,
				(2 + i) * GRANULE - offset);
		wrong += differ(vm->buffer.map + (2 + i) * GRANULE, expected + at[i % 5], BYTES);
		offset = (2 + i) * GRANULE + BYTES;
	}
	wrong += differ(vm->buffer.map + offset, expected + offset, SIZE - offset);
	munmap(vm->buffer.map, SIZE);
	return wrong;
}

static void in_group(struct progress *progress)
{
	uint8_t *expected = malloc(SIZE);
	struct vm vm[VMS];
	unsigned int i, round;
	int fd = gpu_file();

	progress->step = "began";
	for (i = 0; i < VMS && !progress->err; i++)
		progress->err = make_vm(&vm[i], fd, i);
	progress->step = "has its VMs";
	for (round = 0; round < ROUNDS && !progress->err; round++) {
		for (i = 0; i < VMS && !progress->err; i++) {
			contents(i, expected, SIZE);
			use_vm(&vm[i], round, expected, progress);
		}
	}
	progress->step = "used them";
	for (i = 0; i < VMS && !progress->err; i++) {
		contents(i, expected, SIZE);
		progress->wrong += look(&vm[i], expected);
	}
	progress->step = "came to its end";
}

static int turns(struct progress *progress)
{
	long long before = number_in("/proc/vmstat", "pswpin ");
	long long out = number_in("/proc/vmstat", "pswpout "), in, peak;
	int bad = evict_run(GROUP, LIMIT, in_group, progress);

	in = (number_in("/proc/vmstat", "pswpin ") - before) * GRANULE;
	out = (number_in("/proc/vmstat", "pswpout ") - out) * GRANULE;
	peak = group_number(GROUP, "memory.peak", "");
	say("evict: %d MiB in a group of %d: %s%s: %u jobs, error %d, %zu bytes wrong",
	    VMS * SIZE >> 20, LIMIT >> 20, progress->step ? progress->step : "",
	    bad ? ", not well" : "", progress->jobs, progress->err, progress->wrong);
	say("evict: peak %lld kB, %lld kB swapped out, %lld kB in, %ld contexts left", peak >> 10,
	    out >> 10, in >> 10, gpu_contexts(0));
	group_end(GROUP);
	return bad || progress->jobs != 2 * VMS * ROUNDS || peak > LIMIT ||
	       out < VMS * SIZE - LIMIT || gpu_contexts(0);
}

int evict_run(const char *group, uint64_t bytes, void (*run)(struct progress *),
	      struct progress *progress)
{
	int status = 0;

	*progress = (struct progress){ 0 };
	group_make(group, bytes);
	if (!fork()) {
		group_enter(group);
		run(progress);
		_exit(0);
	}
	wait(&status);
	return status || progress->err || progress->wrong;
}

int test_evict(void)
{
	struct progress *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int bad, off;

	if (progress == MAP_FAILED)
		fail("evict: no memory");
	swap_on();
	bad = turns(progress);
	watch_begin();
	bad |= evict_shared(progress);
	bad |= evict_stays(progress);
	bad |= evict_together();
	bad |= evict_dead(progress);
	watch_end();
	off = swap_off();
	say("evict: swap %s", off ? "stays" : "is gone");
	return bad || off;
}
