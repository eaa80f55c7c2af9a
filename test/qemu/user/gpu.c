// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <errno.h>
#include <fcntl.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "gpu.h"
#include "../../../board/qemu-virt/linux/user/say.h"

enum { NODE_FIRST = 128, NODES = 64 };

int gpu_call(int fd, unsigned long request, void *arg)
{
	return drmIoctl(fd, request, arg) ? -errno : 0;
}

static bool is_gpuas(int fd)
{
	drmVersionPtr version = drmGetVersion(fd);
	bool same = version && !strcmp(version->name, "gpuas");

	drmFreeVersion(version);
	return same;
}

int gpu_file_try(void)
{
	int i, fd, err = -ENOENT;
	char path[32];

	for (i = NODE_FIRST; i < NODE_FIRST + NODES; i++) {
		snprintf(path, sizeof(path), "/dev/dri/renderD%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			err = -errno;
		if (fd < 0)
			continue;
		if (is_gpuas(fd))
			return fd;
		close(fd);
	}
	return err;
}

int gpu_file(void)
{
	int fd = gpu_file_try();

	if (fd < 0)
		fail("no render node: %s", strerror(-fd));
	return fd;
}

void gpu_params(int fd, struct drm_gpuas_params *params)
{
	struct drm_gpuas_get_params arg = {
		.pointer = (uintptr_t)params,
		.size = sizeof(*params),
	};
	int err = gpu_call(fd, DRM_IOCTL_GPUAS_GET_PARAMS, &arg);

	if (err)
		fail("params: %s", strerror(-err));
}

int gpu_vm(int fd, uint32_t *vm)
{
	struct drm_gpuas_vm_create arg = { 0 };
	int err = gpu_call(fd, DRM_IOCTL_GPUAS_VM_CREATE, &arg);

	*vm = arg.vm_id;
	return err;
}

int gpu_vm_destroy(int fd, uint32_t vm)
{
	struct drm_gpuas_vm_destroy arg = { .vm_id = vm };

	return gpu_call(fd, DRM_IOCTL_GPUAS_VM_DESTROY, &arg);
}

int gpu_queue(int fd, uint32_t vm, uint32_t *queue)
{
	struct drm_gpuas_queue_create arg = {
		.vm_id = vm,
		.priority = DRM_GPUAS_PRIORITY_NORMAL,
	};
	int err = gpu_call(fd, DRM_IOCTL_GPUAS_QUEUE_CREATE, &arg);

	*queue = arg.queue_id;
	return err;
}

int gpu_queue_destroy(int fd, uint32_t queue)
{
	struct drm_gpuas_queue_destroy arg = { .queue_id = queue };

	return gpu_call(fd, DRM_IOCTL_GPUAS_QUEUE_DESTROY, &arg);
}

void gpu_open(struct gpu *gpu)
{
	int err;

	gpu->fd = gpu_file();
	err = gpu_vm(gpu->fd, &gpu->vm);
	if (!err)
		err = gpu_queue(gpu->fd, gpu->vm, &gpu->queue);
	if (err)
		fail("VM and queue: %s", strerror(-err));
}

void gpu_close(struct gpu *gpu)
{
	close(gpu->fd);
	gpu->fd = -1;
}

int gpu_create(int fd, uint64_t size, uint32_t *handle)
{
	struct drm_gpuas_gem_create arg = { .size = size };
	int err = gpu_call(fd, DRM_IOCTL_GPUAS_GEM_CREATE, &arg);

	*handle = arg.handle;
	return err;
}

int gpu_forget(int fd, uint32_t handle)
{
	return drmCloseBufferHandle(fd, handle) ? -errno : 0;
}

int gpu_see(int fd, struct buffer *buffer)
{
	struct drm_gpuas_gem_mmap_offset arg = { .handle = buffer->handle };
	int err = gpu_call(fd, DRM_IOCTL_GPUAS_GEM_MMAP_OFFSET, &arg);

	if (err)
		return err;
	buffer->map = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   (off_t)arg.offset);
	return buffer->map == MAP_FAILED ? -errno : 0;
}

void gpu_buffer(int fd, size_t size, struct buffer *buffer)
{
	int err;

	buffer->size = size;
	err = gpu_create(fd, size, &buffer->handle);
	if (!err)
		err = gpu_see(fd, buffer);
	if (err)
		fail("a buffer of %zu bytes: %s", size, strerror(-err));
}

void gpu_buffer_end(int fd, struct buffer *buffer)
{
	munmap(buffer->map, buffer->size);
	gpu_forget(fd, buffer->handle);
}

struct drm_gpuas_bind_op op_map(uint32_t handle, uint64_t offset, uint64_t range, uint64_t va,
				uint32_t flags)
{
	return (struct drm_gpuas_bind_op){
		.flags = DRM_GPUAS_BIND_MAP | flags,
		.handle = handle,
		.offset = offset,
		.range = range,
		.addr = va,
	};
}

struct drm_gpuas_bind_op op_unmap(uint64_t range, uint64_t va)
{
	return (struct drm_gpuas_bind_op){
		.flags = DRM_GPUAS_BIND_UNMAP,
		.range = range,
		.addr = va,
	};
}

int gpu_bind(int fd, uint32_t vm, const struct drm_gpuas_bind_op *op, uint32_t ops,
	     const struct syncs *syncs)
{
	struct drm_gpuas_vm_bind arg = {
		.vm_id = vm,
		.num_ops = ops,
		.op_stride = sizeof(*op),
		.ops = (uintptr_t)op,
	};

	if (syncs) {
		arg.flags = DRM_GPUAS_VM_BIND_ASYNC;
		arg.num_in = syncs->num_in;
		arg.num_out = syncs->num_out;
		arg.in = syncs->num_in ? (uintptr_t)&syncs->in : 0;
		arg.out = syncs->num_out ? (uintptr_t)&syncs->out : 0;
	}
	return gpu_call(fd, DRM_IOCTL_GPUAS_VM_BIND, &arg);
}

void gpu_map(const struct gpu *gpu, const struct buffer *buffer, uint64_t offset, uint64_t range,
	     uint64_t va, uint32_t flags)
{
	const struct drm_gpuas_bind_op op = op_map(buffer->handle, offset, range, va, flags);
	int err = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);

	if (err)
		fail("map buffer %u at 0x%llx: %s", buffer->handle, (unsigned long long)va,
		     strerror(-err));
}

void gpu_unmap(const struct gpu *gpu, uint64_t range, uint64_t va)
{
	const struct drm_gpuas_bind_op op = op_unmap(range, va);
	int err = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);

	if (err)
		fail("unmap 0x%llx: %s", (unsigned long long)va, strerror(-err));
}

void gpu_pair(const struct gpu *gpu, size_t size, uint64_t from, uint64_t to, uint64_t *random,
	      struct pair *pair)
{
	gpu_buffer(gpu->fd, size, &pair->from);
	gpu_buffer(gpu->fd, size, &pair->to);
	fill(pair->from.map, size, random);
	gpu_map(gpu, &pair->from, 0, size, from, DRM_GPUAS_BIND_READ);
	gpu_map(gpu, &pair->to, 0, size, to, READ_WRITE);
}

int gpu_submit(int fd, uint32_t queue, uint64_t from, uint64_t to, uint64_t size,
	       const struct syncs *syncs, uint64_t *seqno)
{
	const struct drm_gpuas_cmd cmd = {
		.type = DRM_GPUAS_CMD_COPY,
		.from = from,
		.to = to,
		.size = size,
	};
	struct drm_gpuas_submit arg = {
		.queue_id = queue,
		.num_cmds = 1,
		.cmd_stride = sizeof(cmd),
		.cmds = (uintptr_t)&cmd,
	};
	int err;

	if (syncs) {
		arg.num_in = syncs->num_in;
		arg.num_out = syncs->num_out;
		arg.in = syncs->num_in ? (uintptr_t)&syncs->in : 0;
		arg.out = syncs->num_out ? (uintptr_t)&syncs->out : 0;
	}
	err = gpu_call(fd, DRM_IOCTL_GPUAS_SUBMIT, &arg);
	if (!err && seqno)
		*seqno = arg.seqno;
	return err;
}

struct drm_gpuas_queue_state gpu_state(int fd, uint32_t queue)
{
	struct drm_gpuas_queue_state state = { .queue_id = queue };
	int err = gpu_call(fd, DRM_IOCTL_GPUAS_QUEUE_STATE, &state);

	if (err)
		fail("state of queue %u: %s", queue, strerror(-err));
	return state;
}

struct done gpu_copy(const struct gpu *gpu, uint64_t from, uint64_t to, uint64_t size)
{
	uint32_t syncobj = sync_create(gpu->fd);
	const struct syncs syncs = sync_out(syncobj);
	struct done done = { 0 };
	int err = gpu_submit(gpu->fd, gpu->queue, from, to, size, &syncs, &done.seqno);

	if (err)
		fail("copy from 0x%llx to 0x%llx: %s", (unsigned long long)from,
		     (unsigned long long)to, strerror(-err));
	sync_wait(gpu->fd, syncobj);
	done.error = sync_error(gpu->fd, syncobj);
	done.state = gpu_state(gpu->fd, gpu->queue);
	drmSyncobjDestroy(gpu->fd, syncobj);
	if (done.error && (done.state.error != done.error || done.state.seqno != done.seqno))
		fail("job %llu: its fence says %d, its queue %d of job %llu",
		     (unsigned long long)done.seqno, done.error, done.state.error,
		     (unsigned long long)done.state.seqno);
	return done;
}

bool gpu_firmware_said(const char *what)
{
	FILE *file = fopen("/sys/kernel/debug/gpuas/firmware", "r");
	bool said = false;
	char line[256];

	if (!file)
		fail("no file firmware in debugfs: %s", strerror(errno));
	while (fgets(line, sizeof(line), file))
		said |= strstr(line, what) != NULL;
	fclose(file);
	return said;
}

static long contexts(void)
{
	FILE *file = fopen("/sys/kernel/debug/gpuas/usage", "r");
	long count = -1;

	if (file) {
		if (fscanf(file, "%ld contexts", &count) != 1)
			count = -1;
		fclose(file);
	}
	return count;
}

/* What is over may end a bit later. */
long gpu_contexts(long wanted)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int left = 6000;
	long count;

	while ((count = contexts()) != wanted && left--)
		nanosleep(&pause, NULL);
	return count;
}

uint32_t sync_create(int fd)
{
	uint32_t syncobj;

	if (drmSyncobjCreate(fd, 0, &syncobj))
		fail("a syncobj: %s", strerror(errno));
	return syncobj;
}

struct syncs sync_out(uint32_t syncobj)
{
	return (struct syncs){
		.out = { .type = DRM_GPUAS_SYNC_SYNCOBJ, .handle = syncobj },
		.num_out = 1,
	};
}

struct syncs sync_both(struct drm_gpuas_sync in, struct drm_gpuas_sync out)
{
	return (struct syncs){ .in = in, .out = out, .num_in = 1, .num_out = 1 };
}

struct drm_gpuas_sync sync_point(uint32_t syncobj, uint64_t point)
{
	return (struct drm_gpuas_sync){
		.type = DRM_GPUAS_SYNC_TIMELINE,
		.handle = syncobj,
		.value = point,
	};
}

static int64_t deadline(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec + WAIT_NS;
}

void sync_wait(int fd, uint32_t syncobj)
{
	int err = drmSyncobjWait(fd, &syncobj, 1, deadline(), DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT,
				 NULL);

	if (err)
		fail("wait for a syncobj: %s", strerror(-err));
}

int fence_file(int fd, uint32_t syncobj)
{
	int file;

	return drmSyncobjExportSyncFile(fd, syncobj, &file) ? -1 : file;
}

int fence_wait(int file)
{
	struct pollfd poll_for = { .fd = file, .events = POLLIN };
	struct sync_file_info info = { 0 };

	while (poll(&poll_for, 1, -1) < 0) {
		if (errno != EINTR)
			fail("wait for a fence: %s", strerror(errno));
	}
	if (ioctl(file, SYNC_IOC_FILE_INFO, &info))
		fail("a fence's state: %s", strerror(errno));
	close(file);
	if (!info.status)
		fail("a fence that was waited for is not signalled");
	return info.status < 0 ? info.status : 0;
}

int sync_error(int fd, uint32_t syncobj)
{
	int file = fence_file(fd, syncobj);

	if (file < 0)
		fail("a syncobj's fence: %s", strerror(errno));
	return fence_wait(file);
}
