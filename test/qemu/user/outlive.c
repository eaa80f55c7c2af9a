// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What users have of the driver may be older than its end: while there is any of it, a file, a
 * mmap, a buffer or a fence that somebody else has by now, the driver can let go of the GPU, but
 * its code stays. Then it can go.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define BYTES	0x1000u
#define JOBS	8
#define TRIES	200

/* Fences that outlive who made them: of jobs that were done, or cancelled, and of a bind */
enum { DONE, CANCELLED, BOUND, FENCES };

static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? -errno : 0;
}

static void load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		fail("outlive: %s: %s", file, strerror(errno));
	close(fd);
}

/* By the kernel's worker what was closed is freed. */
static int unload_at_last(const char *module)
{
	int err, left = TRIES;

	do {
		err = unload(module);
		if (err == -EAGAIN)
			usleep(10000);
	} while (err == -EAGAIN && left--);
	return err;
}

/* None of the three goes while there is @what. */
static int stays(const char *what)
{
	int driver = unload("gpuas_qemu_virt"), library = unload("gpuas");

	say("outlive: with %s: driver %d, library %d", what, driver, library);
	return driver != -EAGAIN || library != -EAGAIN;
}

/* What the kernel tells of a fence: with names, which are the driver's to know. */
static int describe(int file, const char *name)
{
	struct sync_fence_info fence = { 0 };
	struct sync_file_info info = { .num_fences = 1, .sync_fence_info = (uintptr_t)&fence };
	struct pollfd poll_for = { .fd = file, .events = POLLIN };

	if (poll(&poll_for, 1, 0) != 1 || ioctl(file, SYNC_IOC_FILE_INFO, &info))
		fail("outlive: %s: %s", name, strerror(errno));
	say("outlive: %s: status %d, of %s, %s", name, info.status, fence.driver_name,
	    fence.obj_name);
	return info.status;
}

static int exported(int fd, const struct buffer *buffer)
{
	int file;

	if (drmPrimeHandleToFD(fd, buffer->handle, DRM_CLOEXEC | DRM_RDWR, &file))
		fail("outlive: export: %s", strerror(errno));
	return file;
}

static void make_fences(const struct gpu *gpu, const struct buffer *from, int *fence)
{
	const struct drm_gpuas_bind_op op = op_map(from->handle, 0, GRANULE, TO + GRANULE,
						   DRM_GPUAS_BIND_READ);
	uint32_t syncobj = sync_create(gpu->fd);
	struct syncs out = sync_out(syncobj);
	int i, err = 0;

	err |= gpu_bind(gpu->fd, gpu->vm, &op, 1, &out);
	fence[BOUND] = fence_file(gpu->fd, syncobj);
	err |= gpu_submit(gpu->fd, gpu->queue, FROM, TO, 64, &out, NULL);
	sync_wait(gpu->fd, syncobj);
	fence[DONE] = fence_file(gpu->fd, syncobj);
	for (i = 0; i < JOBS; i++)
		err |= gpu_submit(gpu->fd, gpu->queue, FROM, TO, BYTES, &out, NULL);
	fence[CANCELLED] = fence_file(gpu->fd, syncobj);
	if (err || fence[BOUND] < 0 || fence[DONE] < 0 || fence[CANCELLED] < 0)
		fail("outlive: no fences: %d", err);
}

static int end_fences(int *fence)
{
	const char *name[FENCES] = { "a job's fence", "a cancelled one's", "a bind's" };
	int status[FENCES], i;

	for (i = 0; i < FENCES; i++)
		status[i] = describe(fence[i], name[i]);
	for (i = 0; i < FENCES; i++)
		close(fence[i]);
	return status[DONE] != 1 || status[BOUND] != 1 || status[CANCELLED] != -ESRCH;
}

int test_outlive(uint64_t seed)
{
	static uint8_t copy[GRANULE];
	int fence[FENCES], file, bad, err;
	uint64_t random = seed;
	struct pair pair;
	struct gpu gpu;
	size_t changed;

	err = unload("gpuas_test");
	if (err)
		fail("outlive: gpuas_test: %s", strerror(-err));
	gpu_open(&gpu);
	gpu_pair(&gpu, GRANULE, FROM, TO, &random, &pair);
	memcpy(copy, pair.from.map, GRANULE);
	file = exported(gpu.fd, &pair.from);
	make_fences(&gpu, &pair.from, fence);
	bad = stays("jobs under way");
	unbind_driver();
	bad |= stays("a file, the GPU let go of");
	munmap(pair.to.map, pair.to.size);
	close(gpu.fd);
	bad |= stays("a mmap");
	changed = differ(pair.from.map, copy, GRANULE);
	munmap(pair.from.map, pair.from.size);
	bad |= stays("an exported buffer");
	close(file);
	bad |= stays("fences");
	bad |= end_fences(fence);
	err = unload_at_last("gpuas_qemu_virt");
	if (!err)
		err = unload_at_last("gpuas");
	say("outlive: with nothing: %d; %zu bytes changed", err, changed);
	if (err)
		return 1;
	load("/gpuas.ko");
	load("/gpuas-qemu-virt.ko");
	load("/gpuas-test.ko");
	return bad || changed;
}
