// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The driver lets go of the GPU while a VM is in use, and has it again later: the old
 * file is of no use any more, a new one is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

#define DEVICE	"/sys/bus/platform/devices/gpuas-gpu"
#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define JOBS	4
#define BYTES	0x2000u		/* nearly a second each */

enum { CHILDREN = 3 };

static char driver[128];

/* Its name is the driver's affair. */
static void find_driver(void)
{
	char link[128];
	ssize_t size = readlink(DEVICE "/driver", link, sizeof(link) - 1);
	const char *name;

	if (size < 0)
		fail("unbind: %s has no driver", DEVICE);
	link[size] = '\0';
	name = strrchr(link, '/');
	snprintf(driver, sizeof(driver), "/sys/bus/platform/drivers%s", name ? name : "");
}

static void tell_driver(const char *what)
{
	char path[160];
	int err;

	snprintf(path, sizeof(path), "%s/%s", driver, what);
	err = tell(path, "gpuas-gpu");
	if (err)
		fail("unbind: write to %s: %s", path, strerror(-err));
}

void unbind_driver(void)
{
	find_driver();
	tell_driver("unbind");
}

/* What is mapped for a device that has no driver, by a kernel that counts */
static unsigned int count_dma(void)
{
	FILE *file = fopen("/sys/kernel/debug/dma-api/dump", "r");
	unsigned int count = 0;
	char line[256];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		count += strstr(line, "gpuas-gpu") != NULL;
	fclose(file);
	say("unbind: %u DMA mappings left", count);
	return count;
}

static void prepare(const struct gpu *gpu, struct buffer *from, struct buffer *to, uint64_t *random)
{
	gpu_buffer(gpu->fd, GRANULE, from);
	gpu_buffer(gpu->fd, GRANULE, to);
	fill(from->map, GRANULE, random);
	gpu_map(gpu, from, 0, GRANULE, FROM, DRM_GPUAS_BIND_READ);
	gpu_map(gpu, to, 0, GRANULE, TO, READ_WRITE);
}

static int works(const struct gpu *gpu, const struct buffer *from, const struct buffer *to)
{
	struct done done = gpu_copy(gpu, FROM, TO, 64);

	return done.error || differ(from->map, to->map, 64);
}

static int again(uint64_t *random)
{
	struct buffer from, to;
	struct gpu gpu;
	int bad;

	gpu_open(&gpu);
	prepare(&gpu, &from, &to, random);
	bad = works(&gpu, &from, &to);
	say("unbind: a new file %s", bad ? "does not work" : "works");
	bad |= works(&gpu, &from, &to);
	gpu_buffer_end(gpu.fd, &from);
	gpu_buffer_end(gpu.fd, &to);
	gpu_close(&gpu);
	return bad;
}

/* The one that the GPU has is waited for; those behind it are cancelled. */
static int old_fences(const int *fence)
{
	int error[JOBS], i, bad = 0;

	for (i = 0; i < JOBS; i++)
		error[i] = fence_wait(fence[i]);
	for (i = 1; i < JOBS; i++)
		bad |= error[i] != -ESRCH;
	say("unbind: the first job: %d, the last one: %d, in between %s", error[0], error[JOBS - 1],
	    bad ? "different" : "the same");
	return bad || error[0];
}

static void queue_jobs(const struct gpu *gpu, int *fence)
{
	uint32_t syncobj = sync_create(gpu->fd);
	const struct syncs out = sync_out(syncobj);
	int i;

	for (i = 0; i < JOBS; i++) {
		if (gpu_submit(gpu->fd, gpu->queue, FROM, TO, BYTES, &out, NULL))
			fail("unbind: submit");
		fence[i] = fence_file(gpu->fd, syncobj);
	}
	/* The worker has begun. */
	usleep(100000);
}

int test_unbind(uint64_t seed)
{
	static uint8_t copy[GRANULE];
	struct buffer from, to;
	uint64_t random = seed;
	int fence[JOBS], err, bad;
	struct gpu old;
	size_t changed;
	uint32_t vm;

	say("unbind: seed 0x%llx", (unsigned long long)seed);
	find_driver();
	gpu_open(&old);
	prepare(&old, &from, &to, &random);
	memcpy(copy, from.map, GRANULE);
	queue_jobs(&old, fence);
	tell_driver("unbind");
	bad = old_fences(fence);
	err = gpu_vm(old.fd, &vm);
	say("unbind: the old file: %d", err);
	bad |= count_dma() != 0;
	tell_driver("bind");
	bad |= again(&random);
	bad |= err != -ENODEV || gpu_vm(old.fd, &vm) != -ENODEV;
	changed = differ(from.map, copy, GRANULE);
	say("unbind: memory: %zu bytes changed", changed);
	gpu_buffer_end(old.fd, &from);
	gpu_buffer_end(old.fd, &to);
	gpu_close(&old);
	return bad || changed;
}

/*
 * Under load: children that open, bind, copy and mmap all the time, and begin anew
 * when they are told that there is no GPU. How far each comes is chance; that the
 * fences end, and that all goes on when the GPU is back, is not.
 */

/**
 * struct load - What parent and children share
 * @stop: they come to their end
 * @round: how often each began
 */
struct load {
	volatile int stop;
	volatile unsigned long round[CHILDREN];
};

static void load_once(const struct gpu *gpu, const struct buffer *buffer, uint64_t *random)
{
	const struct drm_gpuas_bind_op map = op_map(buffer->handle, 0, buffer->size, FROM, READ_WRITE);
	const struct drm_gpuas_bind_op unmap = op_unmap(GRANULE, FROM);
	uint32_t syncobj;
	struct syncs out;
	int i, fence = -1, err;

	err = drmSyncobjCreate(gpu->fd, 0, &syncobj);
	out = sync_out(syncobj);
	fill(buffer->map, 64, random);
	for (i = 0; !err && i < JOBS; i++) {
		err = gpu_bind(gpu->fd, gpu->vm, &map, 1, NULL);
		if (!err)
			err = gpu_submit(gpu->fd, gpu->queue, FROM, FROM + GRANULE, 64, &out, NULL);
		if (err)
			break;
		close(fence);
		fence = fence_file(gpu->fd, syncobj);
		err = gpu_bind(gpu->fd, gpu->vm, &unmap, 1, NULL);
	}
	/* It ends, whatever happens to the GPU. */
	if (fence >= 0)
		fence_wait(fence);
}

static int load(struct load *load, unsigned int number, uint64_t seed)
{
	uint64_t random = seed + number;
	struct buffer buffer;
	struct gpu gpu;

	while (!load->stop) {
		gpu.fd = gpu_file_try();
		if (gpu.fd < 0)
			continue;
		buffer = (struct buffer){ .size = 4 * GRANULE };
		if (!gpu_vm(gpu.fd, &gpu.vm) && !gpu_queue(gpu.fd, gpu.vm, &gpu.queue) &&
		    !gpu_create(gpu.fd, buffer.size, &buffer.handle) && !gpu_see(gpu.fd, &buffer)) {
			load_once(&gpu, &buffer, &random);
			munmap(buffer.map, buffer.size);
			load->round[number]++;
		}
		close(gpu.fd);
	}
	return 0;
}

/* Until each of them has begun some more rounds */
static void let_work(const struct load *load, unsigned long rounds)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	unsigned long from[CHILDREN];
	unsigned int i;

	for (i = 0; i < CHILDREN; i++)
		from[i] = load->round[i];
	for (i = 0; i < CHILDREN; i++) {
		while (load->round[i] < from[i] + rounds)
			nanosleep(&pause, NULL);
	}
}

int test_unplug(uint64_t rounds, uint64_t seed)
{
	struct load *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t random = seed, i;
	int ended = 0, status, bad;
	unsigned int child;

	if (shared == MAP_FAILED)
		fail("unplug: no memory");
	say("unplug: %d processes, %llu times, seed 0x%llx", CHILDREN, (unsigned long long)rounds,
	    (unsigned long long)seed);
	find_driver();
	for (child = 0; child < CHILDREN; child++) {
		if (!fork())
			_exit(load(shared, child, seed));
	}
	for (i = 0; i < rounds; i++) {
		let_work(shared, 1 + i % 2);
		tell_driver("unbind");
		tell_driver("bind");
	}
	let_work(shared, 1);
	shared->stop = 1;
	for (child = 0; child < CHILDREN; child++)
		ended += wait(&status) > 0 && WIFEXITED(status) && !WEXITSTATUS(status);
	say("unplug: %llu times under load, %d of %d processes came to their end",
	    (unsigned long long)i, ended, CHILDREN);
	bad = again(&random);
	return bad || ended != CHILDREN;
}
