// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Two processes bind more buffers than there is memory for, over and over, so that each has
 * memory taken from both: the kernel asks the driver on two CPUs at once. In one group they
 * take from the same list. Every other buffer is replaced by another one each time, so that
 * buffers go while they are looked at.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evict.h"
#include "group.h"
#include "watch.h"

#define VA	0x40000000ULL

enum { PROCESSES = 2, BUFFERS = 8, SIZE = 1 << 20, LIMIT = 12 << 20, SWEEPS = 8, TRIES = 8 };

/* A word in each page says which page of which buffer it is. */
static uint64_t word(unsigned int process, uint32_t handle, size_t offset)
{
	return SEED ^ ((uint64_t)process << 60) ^ ((uint64_t)handle << 32) ^ offset;
}

static int make(int fd, unsigned int process, struct buffer *buffer)
{
	uint64_t value;
	size_t at;

	gpu_buffer(fd, SIZE, buffer);
	for (at = 0; at < SIZE; at += GRANULE) {
		value = word(process, buffer->handle, at);
		memcpy(buffer->map + at, &value, sizeof(value));
	}
	return munmap(buffer->map, SIZE);
}

static size_t wrong(int fd, unsigned int process, struct buffer *buffer)
{
	size_t at, count = 0;
	uint64_t value;

	if (gpu_see(fd, buffer))
		return SIZE;
	for (at = 0; at < SIZE; at += GRANULE) {
		value = word(process, buffer->handle, at);
		count += differ(buffer->map + at, &value, sizeof(value));
	}
	munmap(buffer->map, SIZE);
	return count;
}

/* A bind has all memory of the buffer there. */
static int sweep(struct gpu *gpu, uint32_t vm[BUFFERS], struct buffer *buffer)
{
	struct drm_gpuas_bind_op op;
	unsigned int i;
	int err = 0;

	for (i = 0; i < BUFFERS && !err; i++) {
		op = op_map(buffer[i].handle, 0, SIZE, VA, READ_WRITE);
		err = gpu_bind(gpu->fd, vm[i], &op, 1, NULL);
	}
	return err;
}

static int replace(struct gpu *gpu, unsigned int process, struct buffer *buffer, uint32_t *vm,
		   struct progress *progress)
{
	int err;

	progress->wrong += wrong(gpu->fd, process, buffer);
	gpu_forget(gpu->fd, buffer->handle);
	gpu_vm_destroy(gpu->fd, *vm);
	err = gpu_vm(gpu->fd, vm);
	return err ? err : make(gpu->fd, process, buffer);
}

static void work(unsigned int process, struct progress *progress)
{
	struct buffer buffer[BUFFERS];
	struct gpu gpu = { .fd = gpu_file() };
	uint32_t vm[BUFFERS];
	unsigned int i, sweeps;
	int err = 0;

	for (i = 0; i < BUFFERS && !err; i++) {
		err = gpu_vm(gpu.fd, &vm[i]);
		if (!err)
			err = make(gpu.fd, process, &buffer[i]);
	}
	for (sweeps = 0; !err && sweeps < SWEEPS; sweeps++) {
		err = sweep(&gpu, vm, buffer);
		for (i = sweeps % 2; i < BUFFERS && !err; i += 2)
			err = replace(&gpu, process, &buffer[i], &vm[i], progress);
	}
	for (i = 0; i < BUFFERS && !err; i++)
		progress->wrong += wrong(gpu.fd, process, &buffer[i]);
	progress->jobs = sweeps;
	progress->err = err;
}

/* Both, in one group, or each in its own */
static int both(const char *const group[PROCESSES], uint64_t bytes, struct progress *progress)
{
	int status = 0, bad = 0;
	unsigned int i;

	for (i = 0; i < PROCESSES; i++) {
		progress[i] = (struct progress){ 0 };
		group_make(group[i], bytes);
		if (fork())
			continue;
		group_enter(group[i]);
		work(i, &progress[i]);
		_exit(0);
	}
	for (i = 0; i < PROCESSES; i++) {
		wait(&status);
		bad |= status;
	}
	return bad;
}

/* Whether they meet is a matter of luck, so they try again. */
static int run(const char *const group[PROCESSES], const char *how, uint64_t bytes,
	       struct progress *progress)
{
	struct watched seen;
	int bad, tries = 0;

	do {
		watch_clear();
		bad = both(group, bytes, progress);
		seen = watch_seen();
		bad |= progress[0].err || progress[1].err || progress[0].wrong || progress[1].wrong;
	} while (!bad && !seen.together && ++tries < TRIES);
	say("evict: two processes, %ld CPUs, in %s: %s: errors %d and %d, %zu bytes wrong, %s on two CPUs at once, %ld contexts left",
	    sysconf(_SC_NPROCESSORS_ONLN), how, bad ? "not well" : "came to their end",
	    progress[0].err, progress[1].err, progress[0].wrong + progress[1].wrong,
	    seen.together ? "asked" : "never asked", gpu_contexts(0));
	return bad || !seen.together || gpu_contexts(0);
}

int evict_together(void)
{
	static const char *const one[PROCESSES] = { "gpuas-one", "gpuas-one" };
	static const char *const two[PROCESSES] = { "gpuas-one", "gpuas-two" };
	struct progress *progress = mmap(NULL, PROCESSES * sizeof(*progress),
					 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int bad;

	if (progress == MAP_FAILED)
		fail("evict: no memory");
	bad = run(one, "one group", LIMIT, progress);
	bad |= run(two, "two groups", LIMIT / 2, progress);
	group_end(one[0]);
	group_end(two[1]);
	munmap(progress, PROCESSES * sizeof(*progress));
	return bad;
}
