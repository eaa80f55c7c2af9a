// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What one file may have: as much as it is told, and then an error. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests.h"

#define FROM		0x40000000ULL

static int verdict(const char *what, unsigned int count, unsigned int told, int err)
{
	say("limits: %u of %u %s, then %d", count, told, what, err);
	return count != told || err != -EDQUOT;
}

static int buffers(const struct drm_gpuas_params *params)
{
	int fd = gpu_file(), err, again;
	unsigned int count = 0;
	uint32_t handle = 0, last = 0;

	while (!(err = gpu_create(fd, GRANULE, &handle))) {
		last = handle;
		count++;
	}
	again = gpu_forget(fd, last);
	if (!again)
		again = gpu_create(fd, GRANULE, &handle);
	drmClose(fd);
	say("limits: one buffer less, then %d", again);
	return verdict("buffers", count, params->file_buffers, err) || again;
}

/* Bytes count as long as they are in use. */
static int bytes(const struct drm_gpuas_params *params)
{
	int fd = gpu_file(), more, used, again;
	uint32_t handle;
	struct buffer all;

	gpu_buffer(fd, params->file_bytes & ~(GRANULE - 1ULL), &all);
	more = gpu_create(fd, GRANULE, &handle);
	gpu_forget(fd, all.handle);
	used = gpu_create(fd, GRANULE, &handle);
	munmap(all.map, all.size);
	again = gpu_create(fd, GRANULE, &handle);
	drmClose(fd);
	say("limits: all bytes, then %d; destroyed, but in use: %d; given back: %d", more, used,
	    again);
	return more != -EDQUOT || used != -EDQUOT || again;
}

/* Of all files together */
static int device(const struct drm_gpuas_params *params)
{
	const uint64_t file = params->file_bytes & ~(GRANULE - 1ULL);
	const uint64_t rest = (params->device_bytes - file) & ~(GRANULE - 1ULL);
	int a = gpu_file(), b = gpu_file(), fits, more, again;
	uint32_t handle;

	fits = gpu_create(a, file, &handle);
	if (!fits)
		fits = gpu_create(b, rest, &handle);
	more = gpu_create(b, GRANULE, &handle);
	drmClose(a);
	again = gpu_create(b, GRANULE, &handle);
	drmClose(b);
	say("limits: what is there for all: %d, then %d; when a file is closed: %d", fits, more,
	    again);
	return fits || more != -EDQUOT || again;
}

static int vms(const struct drm_gpuas_params *params)
{
	int fd = gpu_file(), err;
	unsigned int count = 0;
	uint32_t vm;

	while (!(err = gpu_vm(fd, &vm)))
		count++;
	drmClose(fd);
	return verdict("VMs", count, params->file_vms, err);
}

static int queues(const struct drm_gpuas_params *params)
{
	unsigned int count = 1;
	uint32_t queue;
	struct gpu gpu;
	int err;

	gpu_open(&gpu);
	while (!(err = gpu_queue(gpu.fd, gpu.vm, &queue)))
		count++;
	gpu_close(&gpu);
	return verdict("queues", count, params->file_queues, err);
}

static int submit(const struct gpu *gpu, const struct drm_gpuas_cmd *cmd, uint32_t cmds)
{
	struct drm_gpuas_submit arg = {
		.queue_id = gpu->queue,
		.num_cmds = cmds,
		.cmd_stride = sizeof(*cmd),
		.cmds = (uintptr_t)cmd,
	};

	return gpu_call(gpu->fd, DRM_IOCTL_GPUAS_SUBMIT, &arg);
}

/* A job that is not over before the last one is queued, however slow this is */
static int keep_busy(const struct gpu *gpu, const struct drm_gpuas_params *params)
{
	struct drm_gpuas_cmd *cmd = calloc(params->cmds_max, sizeof(*cmd));
	struct buffer buffer;
	uint32_t i;
	int err;

	gpu_buffer(gpu->fd, GRANULE, &buffer);
	gpu_map(gpu, &buffer, 0, GRANULE, FROM, READ_WRITE);
	for (i = 0; cmd && i < params->cmds_max; i++)
		cmd[i] = (struct drm_gpuas_cmd){ .from = FROM, .to = FROM, .size = GRANULE };
	err = cmd ? submit(gpu, cmd, params->cmds_max) : -ENOMEM;
	free(cmd);
	return err;
}

/* The first is cancelled by the close, and so are all. Binds wait for the last one. */
static int jobs_and_binds(const struct drm_gpuas_params *params)
{
	unsigned int jobs = 1, binds = 0;
	struct drm_gpuas_sync in = { .type = DRM_GPUAS_SYNC_SYNCOBJ };
	struct drm_gpuas_bind_op op = op_unmap(GRANULE, FROM);
	struct syncs out, wait;
	struct gpu gpu;
	int err, bad;

	gpu_open(&gpu);
	in.handle = sync_create(gpu.fd);
	out = sync_out(in.handle);
	if (keep_busy(&gpu, params))
		fail("limits: submit");
	while (!(err = gpu_submit(gpu.fd, gpu.queue, FROM, FROM, 1, &out, NULL)))
		jobs++;
	bad = verdict("jobs", jobs, params->queue_jobs, err);
	wait = (struct syncs){ .in = in, .num_in = 1 };
	while (!(err = gpu_bind(gpu.fd, gpu.vm, &op, 1, &wait)))
		binds++;
	bad |= verdict("binds", binds, params->vm_binds, err);
	gpu_close(&gpu);
	return bad;
}

/* One more than an array may have: nothing of it happens. */
static int arrays(const struct drm_gpuas_params *params)
{
	const uint32_t ops = params->ops_max, cmds = params->cmds_max;
	struct drm_gpuas_bind_op *op = calloc(ops + 1ULL, sizeof(*op));
	struct drm_gpuas_cmd *cmd = calloc(cmds + 1ULL, sizeof(*cmd));
	struct drm_gpuas_cmd large = { .from = FROM, .to = FROM, .size = params->copy_max + 1 };
	int ops_err, all_err, cmds_err, large_err;
	struct gpu gpu;
	uint32_t i, handle;

	if (!op || !cmd)
		fail("limits: no memory");
	gpu_open(&gpu);
	if (gpu_create(gpu.fd, GRANULE, &handle))
		fail("limits: a buffer");
	for (i = 0; i <= ops; i++)
		op[i] = op_map(handle, 0, GRANULE, FROM + i * (uint64_t)GRANULE, DRM_GPUAS_BIND_READ);
	for (i = 0; i <= cmds; i++)
		cmd[i] = (struct drm_gpuas_cmd){ .from = FROM, .to = FROM, .size = 1 };
	all_err = gpu_bind(gpu.fd, gpu.vm, op, ops, NULL);
	ops_err = gpu_bind(gpu.fd, gpu.vm, op, ops + 1, NULL);
	cmds_err = submit(&gpu, cmd, cmds + 1);
	large_err = submit(&gpu, &large, 1);
	gpu_close(&gpu);
	free(op);
	free(cmd);
	say("limits: %u ops: %d, one more: %d; %u commands and one more: %d; one too large: %d", ops,
	    all_err, ops_err, cmds, cmds_err, large_err);
	return all_err || ops_err != -EDQUOT || cmds_err != -EDQUOT || large_err != -EINVAL;
}

int test_limits(void)
{
	struct drm_gpuas_params params;
	int fd = gpu_file(), bad;

	gpu_params(fd, &params);
	drmClose(fd);
	bad = buffers(&params);
	bad |= bytes(&params);
	bad |= device(&params);
	bad |= vms(&params);
	bad |= queues(&params);
	bad |= jobs_and_binds(&params);
	bad |= arrays(&params);
	return bad;
}
