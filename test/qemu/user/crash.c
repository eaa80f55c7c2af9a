// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The firmware breaks down while a context is in use: every call ends, with an error,
 * and memory stays what it was. Who notices: jobs that are in the queue, an unmap, or
 * nobody but the driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define LEFT	0x60000000ULL
#define JOBS	4
#define BYTES	0x800u

static unsigned int submit(int gpu, uint32_t job[JOBS])
{
	struct gpuas_ioctl_copy copy;
	unsigned int jobs = 0;

	while (jobs < JOBS) {
		copy = (struct gpuas_ioctl_copy){ .from = FROM, .to = TO, .size = BYTES };
		if (gpu_call(gpu, GPUAS_COPY, &copy))
			break;
		job[jobs++] = copy.job;
	}
	return jobs;
}

/* Those that were under way may have been done. */
static unsigned int failed(int gpu, const uint32_t job[JOBS], unsigned int jobs)
{
	unsigned int i, count = 0;

	for (i = 0; i < jobs; i++) {
		struct gpuas_ioctl_wait wait = { .job = job[i], .timeout_ms = JOB_MS };
		int err = gpu_call(gpu, GPUAS_WAIT, &wait);

		if (err)
			fail("crash: wait for job %u: %s", job[i], strerror(-err));
		count += wait.error == -EIO;
	}
	return count;
}

static int later_calls(int gpu)
{
	struct gpuas_ioctl_create_buffer create = { .size = GRANULE };
	struct gpuas_ioctl_copy copy = { .from = FROM, .to = TO, .size = 1 };
	int created = gpu_call(gpu, GPUAS_CREATE_BUFFER, &create);
	int copied = gpu_call(gpu, GPUAS_COPY, &copy);
	int again = open("/dev/gpuas", O_RDWR) < 0 ? -errno : 0;

	say("crash: create %d, copy %d, open %d", created, copied, again);
	return created != -EIO || copied != -EIO || again != -EIO;
}

/* Nobody asks the firmware for anything: the driver finds out by itself. */
static int noticed(int gpu)
{
	struct gpuas_ioctl_create_buffer create;
	struct gpuas_ioctl_destroy_buffer destroy;
	const struct timespec pause = { .tv_nsec = 100000000 };
	int left = 6000, err;

	do {
		create = (struct gpuas_ioctl_create_buffer){ .size = GRANULE };
		err = gpu_call(gpu, GPUAS_CREATE_BUFFER, &create);
		destroy = (struct gpuas_ioctl_destroy_buffer){ .handle = create.handle };
		if (!err)
			gpu_call(gpu, GPUAS_DESTROY_BUFFER, &destroy);
		nanosleep(&pause, NULL);
	} while (!err && left--);
	return err;
}

/* The flush of an unmap needs the handoff lock. */
static int unmap(int gpu)
{
	struct gpuas_ioctl_unmap arg = { .va = LEFT, .size = GRANULE };

	return gpu_call(gpu, GPUAS_UNMAP, &arg);
}

static int crash(int gpu, uint64_t how, const char *way)
{
	unsigned int jobs, lost;
	uint32_t job[JOBS];
	int err;

	if (!strcmp(way, "jobs")) {
		jobs = submit(gpu, job);
		gpu_debugfs("crash", (unsigned int)how);
		lost = failed(gpu, job, jobs);
		say("crash: %u jobs, %s", jobs, lost ? "the last ones are lost" : "none is lost");
		return jobs != JOBS || !lost;
	}
	gpu_debugfs("crash", (unsigned int)how);
	err = strcmp(way, "unmap") ? noticed(gpu) : unmap(gpu);
	say("crash: %s: %d", way, err);
	return err != -EIO;
}

int test_crash(uint64_t how, const char *way)
{
	static uint8_t copy[GRANULE];
	struct gpuas_ioctl_wait done;
	struct buffer from, to;
	uint64_t random = how + 1;
	int gpu = gpu_open(), bad;
	size_t changed;

	gpu_buffer(gpu, GRANULE, &from);
	gpu_buffer(gpu, GRANULE, &to);
	fill(from.map, GRANULE, &random);
	memcpy(copy, from.map, GRANULE);
	gpu_map(gpu, &from, 0, GRANULE, FROM, GPUAS_MAP_READ);
	gpu_map(gpu, &from, 0, GRANULE, LEFT, GPUAS_MAP_READ);
	gpu_map(gpu, &to, 0, GRANULE, TO, GPUAS_MAP_READ | GPUAS_MAP_WRITE);
	done = gpu_copy(gpu, FROM, TO, 64);
	say("crash: before: error %d, %zu bytes wrong", done.error,
	    differ(from.map, to.map, 64));
	bad = crash(gpu, how, way);
	bad |= later_calls(gpu);
	changed = differ(from.map, copy, GRANULE);
	say("crash: memory: %zu bytes changed", changed);
	return bad || done.error || changed;
}
