// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The machine is asked to hibernate, which it must not, and goes to sleep, with jobs queued and a
 * process that waits for them in one call.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define BYTES	0x1000u
#define JOBS	5
#define ALARM	"/sys/class/rtc/rtc0/wakealarm"

static int tell(const char *path, const char *text)
{
	int file = open(path, O_WRONLY), err = 0;

	if (file < 0)
		return -errno;
	if (write(file, text, strlen(text)) < 0)
		err = -errno;
	close(file);
	return err;
}

static unsigned int submit(int gpu, uint32_t *last)
{
	struct gpuas_ioctl_copy copy;
	unsigned int jobs;

	for (jobs = 0; jobs < JOBS; jobs++) {
		copy = (struct gpuas_ioctl_copy){ .from = FROM, .to = TO, .size = BYTES };
		if (gpu_call(gpu, GPUAS_COPY, &copy))
			break;
		*last = copy.job;
	}
	return jobs;
}

/* A child that waits, in a single call, for the last of the jobs. */
static pid_t wait_for(int gpu, uint32_t job)
{
	struct gpuas_ioctl_wait wait = { .job = job, .timeout_ms = JOB_MS };
	pid_t pid = fork();

	if (!pid) {
		int err = gpu_call(gpu, GPUAS_WAIT, &wait);

		_exit(err ? -err : -wait.error);
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

static int sleep_busy(int gpu, const char *name, int (*how)(const char *level))
{
	uint32_t last = 0;
	unsigned int jobs = submit(gpu, &last);
	pid_t pid = wait_for(gpu, last);
	int slept = how(name), err = waited(pid);

	say("sleep: %s: %u jobs, sleep %d, wait %d", name, jobs, slept, err);
	return jobs != JOBS || slept || err;
}

int test_sleep(void)
{
	struct buffer from, to;
	uint64_t random = SEED;
	int gpu = gpu_open(), err, bad;

	gpu_buffer(gpu, GRANULE, &from);
	gpu_buffer(gpu, GRANULE, &to);
	fill(from.map, GRANULE, &random);
	gpu_map(gpu, &from, 0, GRANULE, FROM, GPUAS_MAP_READ);
	gpu_map(gpu, &to, 0, GRANULE, TO, GPUAS_MAP_READ | GPUAS_MAP_WRITE);
	err = tell("/sys/power/state", "disk");
	say("sleep: hibernation: %d", err);
	bad = err != -EBUSY;
	bad |= sleep_busy(gpu, "freezer", rehearse);
	bad |= sleep_busy(gpu, "devices", rehearse);
	bad |= sleep_busy(gpu, "idle", sleep_well);
	bad |= !!gpu_copy(gpu, FROM, TO, BYTES).error;
	say("sleep: afterwards: %zu bytes wrong", differ(from.map, to.map, BYTES));
	bad |= differ(from.map, to.map, BYTES) != 0;
	close(gpu);
	return bad;
}
