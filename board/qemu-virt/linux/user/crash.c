// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The firmware breaks down while a context is in use: every call ends, with an error,
 * and memory stays what it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../firmware.h"
#include "user.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define LEFT	0x60000000ULL
#define JOBS	6
#define BYTES	0x2000u

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

/*
 * With jobs in the queue, the first to notice is one of them; else, the flush of an
 * unmap, which needs the handoff lock.
 */
int test_crash(uint64_t how)
{
	struct gpuas_ioctl_unmap unmap = { .va = LEFT, .size = GRANULE };
	bool queue = how == FW_CRASH_HANG || how == FW_CRASH_ABORT;
	unsigned int jobs = 0, lost = 0;
	struct buffer from, to;
	uint64_t random = how + 1;
	uint32_t job[JOBS];
	int gpu = gpu_open(), unmapped = 0, bad;
	struct gpuas_ioctl_wait done;
	static uint8_t copy[GRANULE];
	time_t start;

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
	if (queue)
		jobs = submit(gpu, job);
	gpu_debugfs("crash", (unsigned int)how);
	start = time(NULL);
	if (queue)
		lost = failed(gpu, job, jobs);
	else
		unmapped = gpu_call(gpu, GPUAS_UNMAP, &unmap);
	say("crash: how %llu: unmap %d, %u of %u jobs lost, in %ld s", (unsigned long long)how,
	    unmapped, lost, jobs, (long)(time(NULL) - start));
	bad = queue ? jobs != JOBS || !lost : unmapped != -EIO;
	bad |= later_calls(gpu);
	say("crash: memory: %zu bytes changed", differ(from.map, copy, GRANULE));
	return bad || done.error || differ(from.map, copy, GRANULE);
}
