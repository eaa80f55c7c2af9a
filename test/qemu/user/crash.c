// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The firmware breaks down while a VM is in use: every call ends, every fence ends with
 * an error, and memory stays what it was. Who notices: jobs that are in the queue, an
 * unmap, or nobody but the driver. What does not need the GPU goes on.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define LEFT	0x60000000ULL
#define JOBS	4
#define BYTES	0x800u

static void submit(const struct gpu *gpu, uint32_t syncobj[JOBS])
{
	unsigned int i;
	struct syncs out;

	for (i = 0; i < JOBS; i++) {
		syncobj[i] = sync_create(gpu->fd);
		out = sync_out(syncobj[i]);
		if (gpu_submit(gpu->fd, gpu->queue, FROM, TO, BYTES, &out, NULL))
			fail("crash: submit");
	}
}

/* Those that were under way may have been done. */
static unsigned int failed(const struct gpu *gpu, const uint32_t syncobj[JOBS])
{
	unsigned int i, count = 0;

	for (i = 0; i < JOBS; i++) {
		sync_wait(gpu->fd, syncobj[i]);
		count += sync_error(gpu->fd, syncobj[i]) == -EIO;
	}
	return count;
}

static int later_calls(const struct gpu *gpu)
{
	const struct drm_gpuas_bind_op op = op_map(1, 0, GRANULE, LEFT, DRM_GPUAS_BIND_READ);
	struct drm_gpuas_params params;
	struct gpu other = { .fd = gpu_file_try() };
	int vm, copied, bound, queue;

	if (other.fd < 0)
		fail("crash: open: %d", other.fd);
	vm = gpu_vm(other.fd, &other.vm);
	queue = gpu_queue(gpu->fd, gpu->vm, &other.queue);
	bound = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);
	copied = gpu_submit(gpu->fd, gpu->queue, FROM, TO, 1, NULL, NULL);
	gpu_params(other.fd, &params);
	drmClose(other.fd);
	say("crash: VM %d, queue %d, map %d, submit %d; a new file is told of state %u", vm, queue,
	    bound, copied, params.state);
	return vm != -EIO || queue != -EIO || bound != -EIO || copied != -EIO ||
	       params.state != DRM_GPUAS_DEAD;
}

/* Nobody asks the firmware for anything: the driver finds out by itself. */
static int noticed(const struct gpu *gpu)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct drm_gpuas_params params;
	int left = 6000;

	do {
		nanosleep(&pause, NULL);
		gpu_params(gpu->fd, &params);
	} while (params.state == DRM_GPUAS_RUNNING && left--);
	return params.state == DRM_GPUAS_DEAD ? -EIO : 0;
}

/* Its flush needs the handoff lock, and cannot fail: what was unmapped stays allocated. */
static int unmap(const struct gpu *gpu)
{
	const struct drm_gpuas_bind_op op = op_unmap(GRANULE, LEFT);
	int err = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);

	return err ? err : noticed(gpu);
}

static int crash(const struct gpu *gpu, uint64_t how, const char *way)
{
	uint32_t syncobj[JOBS];
	unsigned int lost;
	int err;

	if (!strcmp(way, "jobs")) {
		submit(gpu, syncobj);
		gpu_debugfs("crash", (unsigned int)how);
		lost = failed(gpu, syncobj);
		say("crash: %u jobs, %s", JOBS, lost ? "the last ones are lost" : "none is lost");
		return !lost;
	}
	gpu_debugfs("crash", (unsigned int)how);
	err = strcmp(way, "unmap") ? noticed(gpu) : unmap(gpu);
	say("crash: %s: %d", way, err);
	return err != -EIO;
}

/* Where there is no render node: the driver itself maps and unmaps in the upper half, and notices. */
static int alone(uint64_t how)
{
	int err;

	gpu_debugfs("crash", (unsigned int)how);
	err = tell("/sys/kernel/debug/gpuas/selftest", "1");
	say("crash: selftest: %d", err);
	return !err;
}

static int with_users(uint64_t how, const char *way)
{
	static uint8_t copy[GRANULE];
	uint64_t random = how + 1;
	struct pair pair;
	struct done done;
	struct gpu gpu;
	size_t changed;
	int bad;

	gpu_open(&gpu);
	gpu_pair(&gpu, GRANULE, FROM, TO, &random, &pair);
	memcpy(copy, pair.from.map, GRANULE);
	gpu_map(&gpu, &pair.from, 0, GRANULE, LEFT, DRM_GPUAS_BIND_READ);
	done = gpu_copy(&gpu, FROM, TO, 64);
	say("crash: before: error %d, %zu bytes wrong", done.error,
	    differ(pair.from.map, pair.to.map, 64));
	bad = crash(&gpu, how, way);
	bad |= later_calls(&gpu);
	changed = differ(pair.from.map, copy, GRANULE);
	say("crash: memory: %zu bytes changed", changed);
	return bad || done.error || changed;
}

int test_crash(uint64_t how, const char *way)
{
	return strcmp(way, "selftest") ? with_users(how, way) : alone(how);
}
