// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The firmware takes the handoff lock, and stands still. Who wants memory meanwhile does not wait
 * for it, and gets no buffer's; when the driver has given the firmware up, he gets all of them, as
 * the GPU reaches none. What is in them stays. Who is busy with that can be killed.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dumps.h"
#include "evict.h"
#include "group.h"
#include "watch.h"

#define GROUP	"gpuas-dead"
#define FROM	0x40000000ULL
#define TO	(FROM + 0x8000)
#define BYTES	64u
#define LOOKS	6000
#define CRASH_LOCKED	1

enum { BUFFERS = 3, SIZE = 2 << 20, LIMIT = 16 << 20 };

static unsigned int state_of(int fd)
{
	struct drm_gpuas_params params;

	gpu_params(fd, &params);
	return params.state;
}

static void contents(unsigned int i, uint8_t *bytes)
{
	uint64_t random = SEED + 5 * i;

	fill(bytes, SIZE, &random);
}

/* The firmware knows each VM, as a job was done there. */
static void make(struct gpu *gpu, struct buffer *buffer, unsigned int i, struct progress *progress)
{
	struct done done;

	if (gpu_vm(gpu->fd, &gpu->vm) || gpu_queue(gpu->fd, gpu->vm, &gpu->queue))
		fail("evict: a VM");
	gpu_buffer(gpu->fd, SIZE, buffer);
	contents(i, buffer->map);
	munmap(buffer->map, SIZE);
	gpu_map(gpu, buffer, 0, SIZE, FROM, READ_WRITE);
	done = gpu_copy(gpu, FROM, TO, BYTES);
	progress->jobs++;
	if (done.error)
		progress->err = done.error;
}

static void look(int fd, struct buffer *buffer, unsigned int i, struct progress *progress)
{
	static uint8_t expected[SIZE];
	uint8_t *copied = expected + (TO - FROM);

	contents(i, expected);
	for (i = 0; i < BYTES; i++)
		copied[i] = expected[i];
	if (gpu_see(fd, buffer)) {
		progress->wrong += SIZE;
		return;
	}
	progress->wrong += differ(buffer->map, expected, SIZE);
	munmap(buffer->map, SIZE);
}

/* It is not known how far it is with that, and at the end it asks again and again. */
static int killed(void)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		for (;;)
			group_reclaim(GROUP, LIMIT);
	}
	nanosleep(&pause, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* It says so when it has the lock. */
static void crash(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int left = LOOKS;

	gpu_debugfs("crash", CRASH_LOCKED);
	while (!gpu_firmware_said("crashed as told") && left--)
		nanosleep(&pause, NULL);
}

static int dead(int fd)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int left = LOOKS;

	while (state_of(fd) == DRM_GPUAS_RUNNING && left--)
		nanosleep(&pause, NULL);
	return state_of(fd) == DRM_GPUAS_DEAD;
}

static void in_group(struct progress *progress)
{
	struct gpu gpu[BUFFERS];
	struct buffer buffer[BUFFERS];
	struct watched seen;
	unsigned int i;
	int fd = gpu_file(), first, second;

	for (i = 0; i < BUFFERS; i++) {
		gpu[i].fd = fd;
		make(&gpu[i], &buffer[i], i, progress);
	}
	watch_clear();
	crash();
	group_reclaim(GROUP, LIMIT);
	first = killed();
	if (!dead(fd))
		fail("evict: nobody gives the firmware up");
	/* What is being dumped stays, and so does the dump. */
	if (dump_wait(true) <= 0)
		fail("evict: nobody dumps what there was");
	dump_let_go();
	group_reclaim(GROUP, LIMIT);
	seen = watch_seen();
	second = killed();
	for (i = 0; i < BUFFERS; i++)
		look(fd, &buffer[i], i, progress);
	say("evict: a firmware that stands still: before it is given up %u wait and %u buffers go, afterwards %s; who asks is killed %s",
	    seen.waits, seen.early, seen.evicted == BUFFERS ? "all" : "not all",
	    first && second ? "both times" : "not at once");
	if (seen.waits || seen.early || seen.evicted != BUFFERS || !first || !second)
		progress->err = -1;
	progress->step = "came to its end";
}

int evict_dead(struct progress *progress)
{
	int bad = evict_run(GROUP, LIMIT, in_group, progress);

	say("evict: with a firmware that is dead: %s: error %d, %zu bytes wrong, %ld contexts left",
	    progress->step ? progress->step : "stopped", progress->err, progress->wrong,
	    gpu_contexts(0));
	group_end(GROUP);
	return bad || gpu_contexts(0);
}
