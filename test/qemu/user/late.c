// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Jobs that take longer than they may, and whose answer comes all the same: while the driver
 * takes their VM away, after that, or at about the time when it looks. It costs the VM of each,
 * and its fence has one error.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests.h"

#define PATIENCE	"/sys/module/gpuas_qemu_virt/parameters/job_beats"
#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define SIZE	0x10000u
#define SHORT	0x1000u		/* less than a second, which is when it looks */
#define STEP	0x400u
#define STEPS	8

static void open_with(struct gpu *gpu, struct buffer *from, struct buffer *to)
{
	gpu_open(gpu);
	gpu_buffer(gpu->fd, SIZE, from);
	gpu_buffer(gpu->fd, SIZE, to);
	gpu_map(gpu, from, 0, SIZE, FROM, DRM_GPUAS_BIND_READ);
	gpu_map(gpu, to, 0, SIZE, TO, READ_WRITE);
	if (gpu_copy(gpu, FROM, TO, 64).error)
		fail("late: a short job");
}

static uint32_t submit(const struct gpu *gpu, uint32_t size)
{
	uint32_t syncobj = sync_create(gpu->fd);
	const struct syncs out = sync_out(syncobj);

	if (gpu_submit(gpu->fd, gpu->queue, FROM, TO, size, &out, NULL))
		fail("late: submit");
	return syncobj;
}

static int error_of(int fd, uint32_t syncobj)
{
	sync_wait(fd, syncobj);
	return sync_error(fd, syncobj);
}

/* What is left of a VM whose job was late; others go on. */
static int lost(const char *when, const struct gpu *gpu, int error, int behind)
{
	const struct drm_gpuas_bind_op op = op_unmap(SIZE, FROM);
	struct drm_gpuas_queue_state state = gpu_state(gpu->fd, gpu->queue);
	int bind = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);
	struct buffer from, to;
	struct gpu other;

	open_with(&other, &from, &to);
	gpu_buffer_end(other.fd, &from);
	gpu_buffer_end(other.fd, &to);
	gpu_close(&other);
	say("late: %s: %d, the one behind it %d, %llu failed, bind %d; another VM works", when, error,
	    behind, (unsigned long long)state.failed, bind);
	return error != -ETIME || behind != -ECANCELED || bind != -ECANCELED || state.failed != 2 ||
	       !(state.flags & DRM_GPUAS_QUEUE_BANNED);
}

/* With the handoff lock kept, the driver cannot end what it does with a VM that is late. */
static int answered(const char *when, int kept)
{
	struct buffer from, to;
	uint32_t job, behind;
	struct gpu gpu;
	int error, bad;

	open_with(&gpu, &from, &to);
	if (kept)
		gpu_debugfs("keep", 1);
	job = submit(&gpu, SIZE);
	behind = submit(&gpu, 64);
	error = error_of(gpu.fd, job);
	bad = error_of(gpu.fd, behind);
	if (kept)
		gpu_debugfs("keep", 0);
	bad = lost(when, &gpu, error, bad);
	gpu_buffer_end(gpu.fd, &from);
	gpu_buffer_end(gpu.fd, &to);
	gpu_close(&gpu);
	return bad;
}

/* It is done, or late: nothing else. */
static int about_then(uint32_t size, unsigned int *done)
{
	struct buffer from, to;
	struct gpu gpu;
	int error;

	open_with(&gpu, &from, &to);
	error = error_of(gpu.fd, submit(&gpu, size));
	gpu_buffer_end(gpu.fd, &from);
	gpu_buffer_end(gpu.fd, &to);
	gpu_close(&gpu);
	*done += !error;
	return error && error != -ETIME;
}

int test_late(void)
{
	unsigned int i, done = 0, bad = 0, odd = 0;
	int err = tell(PATIENCE, "1");

	if (err)
		fail("late: %s: %s", PATIENCE, strerror(-err));
	bad |= answered("while its VM is taken away", 1);
	bad |= answered("afterwards", 0);
	for (i = 0; i < STEPS; i++)
		odd += about_then(SHORT + i * STEP, &done);
	say("late: at about that time: %u of %u done or late", STEPS - odd, STEPS);
	tell(PATIENCE, "0");
	return bad || odd;
}
