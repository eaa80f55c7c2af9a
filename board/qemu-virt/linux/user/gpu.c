// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The driver's requests. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

uint64_t argument(int argc, char *argv[], int i, uint64_t otherwise)
{
	return i < argc ? strtoull(argv[i], NULL, 0) : otherwise;
}

int gpu_call(const struct gpu *gpu, unsigned long request, void *arg)
{
	int err;

	do {
		err = ioctl(gpu->fd, request, arg) ? -errno : 0;
	} while (err == -EINTR || err == -EAGAIN);
	return err;
}

static void must(int err, const char *what)
{
	if (err)
		fail("%s: %s", what, strerror(-err));
}

/* There may be render nodes of other drivers. */
static int is_ours(int fd)
{
	char name[16] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };

	return !ioctl(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, "gpuas");
}

int gpu_node(void)
{
	char path[32];
	int i, fd;

	for (i = 128; i < 192; i++) {
		snprintf(path, sizeof(path), "/dev/dri/renderD%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && is_ours(fd))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	fail("no render node of the GPU");
}

void gpu_open(struct gpu *gpu)
{
	struct drm_gpuas_vm_create vm = { };
	struct drm_gpuas_queue_create queue = { .priority = DRM_GPUAS_PRIORITY_NORMAL };
	struct drm_syncobj_create sync = { };

	gpu->fd = gpu_node();
	must(gpu_call(gpu, DRM_IOCTL_GPUAS_VM_CREATE, &vm), "create a VM");
	gpu->vm = queue.vm_id = vm.vm_id;
	must(gpu_call(gpu, DRM_IOCTL_GPUAS_QUEUE_CREATE, &queue), "create a queue");
	gpu->queue = queue.queue_id;
	must(gpu_call(gpu, DRM_IOCTL_SYNCOBJ_CREATE, &sync), "create a syncobj");
	gpu->syncobj = sync.handle;
}

struct drm_gpuas_params gpu_params(const struct gpu *gpu)
{
	struct drm_gpuas_params params;
	struct drm_gpuas_get_params get = {
		.pointer = (uintptr_t)&params,
		.size = sizeof(params),
	};

	must(gpu_call(gpu, DRM_IOCTL_GPUAS_GET_PARAMS, &get), "params");
	return params;
}

void gpu_buffer(const struct gpu *gpu, size_t size, struct buffer *buffer)
{
	struct drm_gpuas_gem_create create = { .size = size };
	struct drm_gpuas_gem_mmap_offset offset = { };

	must(gpu_call(gpu, DRM_IOCTL_GPUAS_GEM_CREATE, &create), "create a buffer");
	buffer->handle = offset.handle = create.handle;
	buffer->size = size;
	must(gpu_call(gpu, DRM_IOCTL_GPUAS_GEM_MMAP_OFFSET, &offset), "mmap offset");
	buffer->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, gpu->fd,
			   (off_t)offset.offset);
	if (buffer->map == MAP_FAILED)
		fail("mmap buffer %u: %s", create.handle, strerror(errno));
}

static int bind(const struct gpu *gpu, const struct drm_gpuas_bind_op *op)
{
	struct drm_gpuas_vm_bind bind = {
		.vm_id = gpu->vm,
		.num_ops = 1,
		.op_stride = sizeof(*op),
		.ops = (uintptr_t)op,
	};

	return gpu_call(gpu, DRM_IOCTL_GPUAS_VM_BIND, &bind);
}

void gpu_map(const struct gpu *gpu, const struct buffer *buffer, uint64_t offset, uint64_t size,
	     uint64_t va, uint32_t flags)
{
	const struct drm_gpuas_bind_op op = {
		.flags = DRM_GPUAS_BIND_MAP | flags,
		.handle = buffer->handle,
		.offset = offset,
		.range = size,
		.addr = va,
	};
	int err = bind(gpu, &op);

	if (err)
		fail("map buffer %u at 0x%llx: %s", buffer->handle, (unsigned long long)va,
		     strerror(-err));
}

void gpu_unmap(const struct gpu *gpu, uint64_t va, uint64_t size)
{
	const struct drm_gpuas_bind_op op = {
		.flags = DRM_GPUAS_BIND_UNMAP,
		.range = size,
		.addr = va,
	};
	int err = bind(gpu, &op);

	if (err)
		fail("unmap 0x%llx: %s", (unsigned long long)va, strerror(-err));
}

int gpu_submit(const struct gpu *gpu, uint64_t from, uint64_t to, uint64_t size, uint64_t *seqno)
{
	const struct drm_gpuas_cmd cmd = {
		.type = DRM_GPUAS_CMD_COPY,
		.from = from,
		.to = to,
		.size = size,
	};
	const struct drm_gpuas_sync out = {
		.type = DRM_GPUAS_SYNC_SYNCOBJ,
		.handle = gpu->syncobj,
	};
	struct drm_gpuas_submit submit = {
		.queue_id = gpu->queue,
		.num_cmds = 1,
		.cmd_stride = sizeof(cmd),
		.cmds = (uintptr_t)&cmd,
		.num_out = 1,
		.out = (uintptr_t)&out,
	};
	int err = gpu_call(gpu, DRM_IOCTL_GPUAS_SUBMIT, &submit);

	*seqno = submit.seqno;
	return err;
}

static int64_t deadline(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec + JOB_MS / 1000) * 1000000000LL + now.tv_nsec;
}

/* The state has the last job that failed: whether that is this one, its number says. */
struct drm_gpuas_queue_state gpu_copy(const struct gpu *gpu, uint64_t from, uint64_t to,
				      uint64_t size)
{
	struct drm_gpuas_queue_state state = { .queue_id = gpu->queue };
	struct drm_syncobj_wait wait = {
		.handles = (uintptr_t)&gpu->syncobj,
		.count_handles = 1,
		.timeout_nsec = deadline(),
	};
	uint64_t seqno;
	int err = gpu_submit(gpu, from, to, size, &seqno);

	if (err)
		fail("copy from 0x%llx to 0x%llx: %s", (unsigned long long)from,
		     (unsigned long long)to, strerror(-err));
	must(gpu_call(gpu, DRM_IOCTL_SYNCOBJ_WAIT, &wait), "wait for a job");
	must(gpu_call(gpu, DRM_IOCTL_GPUAS_QUEUE_STATE, &state), "state of the queue");
	if (state.seqno != seqno)
		state.error = 0;
	return state;
}
