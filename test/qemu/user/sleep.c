// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The machine is asked to hibernate, which it must not, and goes to sleep, with jobs queued and a
 * process that waits for them in one call: for their fence, or in a bind behind one that waits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define BYTES	0x1000u
#define JOBS	5
#define MORE	30
#define FREEZER	"/sys/power/pm_freeze_timeout"
#define ALARM	"/sys/class/rtc/rtc0/wakealarm"

static unsigned int submit(const struct gpu *gpu, unsigned int wanted, uint32_t syncobj)
{
	const struct syncs out = sync_out(syncobj);
	unsigned int jobs;

	for (jobs = 0; jobs < wanted; jobs++) {
		if (gpu_submit(gpu->fd, gpu->queue, FROM, TO, BYTES, &out, NULL))
			break;
	}
	return jobs;
}

/* A child that waits, in a single call, for the last of the jobs. */
static pid_t wait_for(int fd, uint32_t syncobj)
{
	pid_t pid = fork();

	if (!pid) {
		sync_wait(fd, syncobj);
		_exit(-sync_error(fd, syncobj));
	}
	return pid;
}

static int waited(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

/* One level of a sleep that ends by itself after a second. */
static int rehearse(const char *level)
{
	int err = tell("/sys/power/pm_test", level);

	tell("/sys/module/suspend/parameters/pm_test_delay", "1");
	if (!err)
		err = tell("/sys/power/state", "freeze");
	tell("/sys/power/pm_test", "none");
	return err;
}

/* An alarm that comes too early makes the sleep fail, and is as good. */
static int sleep_well(const char *unused)
{
	char count[32] = "";
	FILE *file = fopen("/sys/power/wakeup_count", "r");
	int err;

	(void)unused;
	if (!file || !fgets(count, sizeof(count), file))
		fail("sleep: wakeup_count cannot be read");
	fclose(file);
	tell(ALARM, "0");
	err = tell(ALARM, "+3");
	if (!err)
		err = tell("/sys/power/wakeup_count", count);
	if (!err)
		err = tell("/sys/power/state", "freeze");
	return err;
}

static int sleep_busy(const struct gpu *gpu, const char *name, int (*how)(const char *level))
{
	uint32_t syncobj = sync_create(gpu->fd);
	unsigned int jobs = submit(gpu, JOBS, syncobj);
	pid_t pid = wait_for(gpu->fd, syncobj);
	int slept = how(name), err = waited(pid);

	say("sleep: %s: %u jobs, sleep %d, wait %d", name, jobs, slept, err);
	return jobs != JOBS || slept || err;
}

/* A child that binds, in a single call, and is not the next. */
static pid_t bind_behind(const struct gpu *gpu, uint32_t syncobj)
{
	const struct drm_gpuas_bind_op op = op_unmap(GRANULE, FROM + GRANULE);
	const struct syncs in = {
		.in = { .type = DRM_GPUAS_SYNC_SYNCOBJ, .handle = syncobj },
		.num_in = 1,
	};
	int err = gpu_bind(gpu->fd, gpu->vm, &op, 1, &in);
	pid_t pid = fork();

	if (!pid)
		_exit(-(err ? err : gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL)));
	return pid;
}

/* The freezer is told to wait for less time than the jobs take, but for more than one takes. */
static int sleep_binding(const struct gpu *gpu)
{
	uint32_t syncobj = sync_create(gpu->fd);
	unsigned int jobs = submit(gpu, MORE, syncobj);
	pid_t pid = bind_behind(gpu, syncobj);
	int slept, err;

	tell(FREEZER, "3000");
	slept = rehearse("freezer");
	tell(FREEZER, "20000");
	err = waited(pid);
	say("sleep: in a bind: %u jobs, sleep %d, bind %d", jobs, slept, err);
	return jobs != MORE || slept || err;
}

int test_sleep(void)
{
	struct pair pair;
	uint64_t random = SEED;
	struct gpu gpu;
	int err, bad;

	gpu_open(&gpu);
	gpu_pair(&gpu, GRANULE, FROM, TO, &random, &pair);
	err = tell("/sys/power/state", "disk");
	say("sleep: hibernation: %d", err);
	bad = err != -EBUSY;
	bad |= sleep_busy(&gpu, "freezer", rehearse);
	bad |= sleep_binding(&gpu);
	bad |= sleep_busy(&gpu, "devices", rehearse);
	bad |= sleep_busy(&gpu, "idle", sleep_well);
	bad |= !!gpu_copy(&gpu, FROM, TO, BYTES).error;
	say("sleep: afterwards: %zu bytes wrong", differ(pair.from.map, pair.to.map, BYTES));
	bad |= differ(pair.from.map, pair.to.map, BYTES) != 0;
	gpu_close(&gpu);
	return bad;
}
