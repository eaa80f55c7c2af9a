// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* One field wrong at a time: each call is refused, with the error that goes with it. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "tests.h"

#define VA	0x40000000ULL
#define UPPER	0xffffffa000000000ULL
#define LAST	((1ULL << 39) - GRANULE)
#define TOP	(~0ULL & ~(GRANULE - 1ULL))
#define NONE	77

static int wrong, calls;
static struct gpu gpu;
static struct buffer buffer;
static uint32_t empty;	/* a syncobj without a fence */

static void refused(unsigned long request, void *arg, int err, const char *what)
{
	int got = gpu_call(gpu.fd, request, arg);

	calls++;
	if (got == err)
		return;
	say("fields: %s: %d, not %d", what, got, err);
	wrong++;
}

#pragma GCC diagnostic ignored "-Woverride-init"

#define CALL(name, type, err, ...) refused(DRM_IOCTL_GPUAS_##name, \
	&(struct drm_gpuas_##type){ __VA_ARGS__ }, err, #type ": " #__VA_ARGS__)
#define BIND(err, ...) CALL(VM_BIND, vm_bind, err, .vm_id = gpu.vm, .num_ops = 1, \
	.op_stride = sizeof(op), .ops = (uintptr_t)&op, __VA_ARGS__)
#define BIND_OPS(err, ...) CALL(VM_BIND, vm_bind, err, .vm_id = gpu.vm, .num_ops = 1, \
	.op_stride = sizeof(struct drm_gpuas_bind_op), __VA_ARGS__)
#define SUBMIT(err, ...) CALL(SUBMIT, submit, err, .queue_id = gpu.queue, .num_cmds = 1, \
	.cmd_stride = sizeof(cmd), .cmds = (uintptr_t)&cmd, __VA_ARGS__)

#define OP(err, ...) do { \
	const struct drm_gpuas_bind_op op = { .flags = DRM_GPUAS_BIND_MAP | DRM_GPUAS_BIND_READ, \
		.handle = buffer.handle, .range = GRANULE, .addr = VA, __VA_ARGS__ }; \
	refused(DRM_IOCTL_GPUAS_VM_BIND, &(struct drm_gpuas_vm_bind){ .vm_id = gpu.vm, \
		.num_ops = 1, .op_stride = sizeof(op), .ops = (uintptr_t)&op }, err, \
		"op: " #__VA_ARGS__); \
} while (0)
#define UNMAP(err, ...) OP(err, .flags = DRM_GPUAS_BIND_UNMAP, .handle = 0, __VA_ARGS__)
#define CMD(err, ...) do { \
	const struct drm_gpuas_cmd cmd = { .from = VA, .to = VA, .size = 1, __VA_ARGS__ }; \
	refused(DRM_IOCTL_GPUAS_SUBMIT, &(struct drm_gpuas_submit){ .queue_id = gpu.queue, \
		.num_cmds = 1, .cmd_stride = sizeof(cmd), .cmds = (uintptr_t)&cmd }, err, \
		"cmd: " #__VA_ARGS__); \
} while (0)
/* The same for what is waited for, by a bind and by a job */
#define SYNC(err, ...) do { \
	const struct drm_gpuas_sync sync = { .handle = empty, __VA_ARGS__ }; \
	BIND(err, .flags = DRM_GPUAS_VM_BIND_ASYNC, .num_in = 1, .in = (uintptr_t)&sync); \
	SUBMIT(err, .num_in = 1, .in = (uintptr_t)&sync); \
} while (0)
#define SYNC_OUT(err, ...) do { \
	const struct drm_gpuas_sync sync = { .handle = empty, __VA_ARGS__ }; \
	BIND(err, .flags = DRM_GPUAS_VM_BIND_ASYNC, .num_out = 1, .out = (uintptr_t)&sync); \
	SUBMIT(err, .num_out = 1, .out = (uintptr_t)&sync); \
} while (0)

static void files(void)
{
	struct drm_gpuas_params params;
	const uint64_t pointer = (uintptr_t)&params;

	CALL(GET_PARAMS, get_params, -EINVAL, .group = 1, .pointer = pointer, .size = 8);
	CALL(GET_PARAMS, get_params, -EINVAL, .pad = 1, .pointer = pointer, .size = 8);
	CALL(GET_PARAMS, get_params, -EFAULT, .pointer = 8, .size = 8);
	CALL(VM_CREATE, vm_create, -EINVAL, .flags = 1);
	CALL(VM_CREATE, vm_create, -EINVAL, .vm_id = 1);
	CALL(VM_DESTROY, vm_destroy, -ENOENT, .vm_id = NONE);
	CALL(VM_DESTROY, vm_destroy, -EINVAL, .vm_id = gpu.vm, .pad = 1);
	CALL(QUEUE_CREATE, queue_create, -ENOENT, .vm_id = NONE);
	CALL(QUEUE_CREATE, queue_create, -EINVAL, .vm_id = gpu.vm, .priority = 3);
	CALL(QUEUE_CREATE, queue_create, -EINVAL, .vm_id = gpu.vm, .flags = 1);
	CALL(QUEUE_CREATE, queue_create, -EINVAL, .vm_id = gpu.vm, .queue_id = 1);
	CALL(QUEUE_DESTROY, queue_destroy, -ENOENT, .queue_id = NONE);
	CALL(QUEUE_DESTROY, queue_destroy, -EINVAL, .queue_id = gpu.queue, .pad = 1);
	CALL(QUEUE_STATE, queue_state, -ENOENT, .queue_id = NONE);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .flags = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .done = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .failed = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .seqno = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .fault_va = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .fault_type = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .fault_write = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .error = 1);
	CALL(QUEUE_STATE, queue_state, -EINVAL, .queue_id = gpu.queue, .pad = 1);
}

static void buffers(void)
{
	const uint32_t handle = buffer.handle;

	CALL(GEM_CREATE, gem_create, -EINVAL, .size = 0);
	CALL(GEM_CREATE, gem_create, -EINVAL, .size = GRANULE + 1);
	CALL(GEM_CREATE, gem_create, -EDQUOT, .size = 1ULL << 62);
	CALL(GEM_CREATE, gem_create, -EDQUOT, .size = TOP);
	CALL(GEM_CREATE, gem_create, -EINVAL, .size = GRANULE, .flags = 1);
	CALL(GEM_CREATE, gem_create, -ENOENT, .size = GRANULE, .vm_id = NONE);
	CALL(GEM_CREATE, gem_create, -EINVAL, .size = GRANULE, .handle = 1);
	CALL(GEM_CREATE, gem_create, -EINVAL, .size = GRANULE, .pad = 1);
	CALL(GEM_MMAP_OFFSET, gem_mmap_offset, -ENOENT, .handle = NONE);
	CALL(GEM_MMAP_OFFSET, gem_mmap_offset, -EINVAL, .handle = handle, .flags = 1);
	CALL(GEM_MMAP_OFFSET, gem_mmap_offset, -EINVAL, .handle = handle, .offset = 1);
	CALL(GEM_WAIT, gem_wait, -ENOENT, .handle = NONE);
	CALL(GEM_WAIT, gem_wait, -EINVAL, .handle = handle, .flags = 1);
}

static void ops(void)
{
	OP(-EINVAL, .flags = 0);
	OP(-EINVAL, .flags = DRM_GPUAS_BIND_MAP);
	OP(-EINVAL, .flags = DRM_GPUAS_BIND_READ);
	OP(-EINVAL, .flags = DRM_GPUAS_BIND_MAP | DRM_GPUAS_BIND_WRITE);
	OP(-EINVAL, .flags = DRM_GPUAS_BIND_MAP | DRM_GPUAS_BIND_READ | 16);
	OP(-EINVAL, .flags = DRM_GPUAS_BIND_MAP | DRM_GPUAS_BIND_UNMAP | DRM_GPUAS_BIND_READ);
	OP(-ENOENT, .handle = NONE);
	OP(-ENOENT, .handle = 0);
	OP(-EINVAL, .offset = 1);
	OP(-EINVAL, .range = 0);
	OP(-EINVAL, .range = GRANULE + 1);
	OP(-ERANGE, .range = 3 * GRANULE);
	OP(-ERANGE, .offset = GRANULE, .range = 2 * GRANULE);
	OP(-EOVERFLOW, .offset = TOP, .range = 2 * GRANULE);
	OP(-EINVAL, .addr = VA + 1);
	OP(-ERANGE, .addr = UPPER);
	OP(-ERANGE, .addr = LAST, .range = 2 * GRANULE);
	OP(-EOVERFLOW, .addr = TOP, .range = 2 * GRANULE);
	OP(-EINVAL, .repeat = 1);
	OP(-EINVAL, .repeat = 2 * GRANULE, .range = 3 * GRANULE);
	OP(-ERANGE, .repeat = 3 * GRANULE, .range = 3 * GRANULE);
	OP(-ERANGE, .offset = 2 * GRANULE, .repeat = GRANULE);
	UNMAP(-EINVAL, .flags = DRM_GPUAS_BIND_UNMAP | DRM_GPUAS_BIND_READ);
	UNMAP(-EINVAL, .handle = 1);
	UNMAP(-EINVAL, .offset = GRANULE);
	UNMAP(-EINVAL, .repeat = GRANULE);
	UNMAP(-EINVAL, .range = 0);
	UNMAP(-EINVAL, .addr = VA + 1);
	UNMAP(-ERANGE, .addr = UPPER);
	UNMAP(-EOVERFLOW, .addr = TOP, .range = 2 * GRANULE);
}

static void cmds(void)
{
	CMD(-EINVAL, .type = 1);
	CMD(-EINVAL, .flags = 1);
	CMD(-EINVAL, .size = 0);
	CMD(-EPERM, .to = UPPER);
	CMD(-EPERM, .from = UPPER);
	CMD(-EPERM, .to = ~0ULL);
	CMD(-EPERM, .from = LAST + GRANULE - 1, .size = 2);
}

static void arrays(void)
{
	const struct drm_gpuas_bind_op op = op_unmap(GRANULE, VA);
	const struct drm_gpuas_cmd cmd = { .from = VA, .to = VA, .size = 1 };
	const uint64_t pointer = (uintptr_t)&op;

	BIND(-ENOENT, .vm_id = NONE);
	BIND(-EINVAL, .flags = 2);
	BIND(-EINVAL, .num_ops = 0);
	BIND(-EINVAL, .op_stride = 0);
	BIND(-EINVAL, .op_stride = 32);
	BIND(-EINVAL, .op_stride = 41);
	BIND(-EFAULT, .ops = 8);
	BIND(-EINVAL, .num_in = 1, .in = pointer);
	BIND(-EINVAL, .num_out = 1, .out = pointer);
	BIND(-EINVAL, .flags = DRM_GPUAS_VM_BIND_ASYNC, .in = pointer);
	BIND(-EINVAL, .flags = DRM_GPUAS_VM_BIND_ASYNC, .out = pointer);
	BIND(-EFAULT, .flags = DRM_GPUAS_VM_BIND_ASYNC, .num_in = 1, .in = 8);
	SUBMIT(-ENOENT, .queue_id = NONE);
	SUBMIT(-EINVAL, .flags = 1);
	SUBMIT(-EINVAL, .num_cmds = 0);
	SUBMIT(-EINVAL, .cmd_stride = 0);
	SUBMIT(-EINVAL, .cmd_stride = 24);
	SUBMIT(-EINVAL, .cmd_stride = 33);
	SUBMIT(-EFAULT, .cmds = 8);
	SUBMIT(-EINVAL, .seqno = 1);
	SUBMIT(-EINVAL, .in = pointer);
	SUBMIT(-EINVAL, .out = pointer);
	SUBMIT(-EFAULT, .num_out = 1, .out = 8);
	SYNC(-EINVAL, .type = 2);
	SYNC(-EINVAL, .value = 0);
	SYNC(-EINVAL, .value = 1);
	SYNC(-ENOENT, .handle = NONE);
	SYNC(-EINVAL, .type = DRM_GPUAS_SYNC_TIMELINE, .value = 0);
	SYNC(-EINVAL, .type = DRM_GPUAS_SYNC_TIMELINE, .value = 1);
	SYNC_OUT(-EINVAL, .type = 2);
	SYNC_OUT(-EINVAL, .value = 1);
	SYNC_OUT(-ENOENT, .handle = NONE);
	SYNC_OUT(-EINVAL, .type = DRM_GPUAS_SYNC_TIMELINE, .value = 0);
}

/* Programs of another version: longer elements if the rest is 0, shorter structures as if it were. */
static void versions(void)
{
	struct {
		struct drm_gpuas_bind_op op;
		uint64_t more;
	} longer = { .op = op_unmap(GRANULE, VA) };
	struct drm_gpuas_vm_bind bind = {
		.vm_id = gpu.vm,
		.num_ops = 1,
		.op_stride = sizeof(longer),
		.ops = (uintptr_t)&longer,
	};
	const unsigned long shorter = _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE,
					   DRM_COMMAND_BASE + DRM_GPUAS_VM_BIND,
					   offsetof(struct drm_gpuas_vm_bind, num_in));

	refused(DRM_IOCTL_GPUAS_VM_BIND, &bind, 0, "a longer op, the rest 0");
	longer.more = 1;
	refused(DRM_IOCTL_GPUAS_VM_BIND, &bind, -EINVAL, "a longer op, the rest not 0");
	longer.more = 0;
	bind.in = 8;
	refused(DRM_IOCTL_GPUAS_VM_BIND, &bind, -EINVAL, "with in");
	refused(shorter, &bind, 0, "a shorter structure, without in");
}

/* What a call may have the kernel do has an end: nothing between its elements, and nothing again. */
static void excess(void)
{
	const struct drm_gpuas_bind_op all = op_unmap(1ULL << 39, 0);
	const struct drm_gpuas_bind_op three[3] = { all, all, all };
	const size_t stride = 0x20000;
	struct drm_gpuas_bind_op *apart = mmap(NULL, stride, PROT_READ | PROT_WRITE,
					       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (apart == MAP_FAILED)
		fail("fields: no memory");
	*apart = all;
	BIND_OPS(-EINVAL, .op_stride = stride, .ops = (uintptr_t)apart);
	BIND_OPS(0, .num_ops = 2, .ops = (uintptr_t)three);
	BIND_OPS(-EDQUOT, .num_ops = 3, .ops = (uintptr_t)three);
	munmap(apart, stride);
}

/* All of them or none: what the first op maps is not there when the second one is refused. */
static void all_or_none(void)
{
	const struct drm_gpuas_bind_op two[2] = {
		op_map(buffer.handle, 0, GRANULE, VA, READ_WRITE),
		op_map(NONE, 0, GRANULE, VA + GRANULE, READ_WRITE),
	};
	int bound = gpu_bind(gpu.fd, gpu.vm, two, 2, NULL);
	struct done done = gpu_copy(&gpu, VA, VA, 1);

	say("fields: the second of two ops is refused: %d; the first: %d", bound, done.error);
	wrong += bound != -ENOENT || done.error != -EFAULT;
}

int test_fields(void)
{
	gpu_open(&gpu);
	gpu_buffer(gpu.fd, 2 * GRANULE, &buffer);
	empty = sync_create(gpu.fd);
	files();
	buffers();
	ops();
	cmds();
	arrays();
	versions();
	excess();
	all_or_none();
	say("fields: %d calls with one field wrong, %d not refused as they should be", calls, wrong);
	gpu_close(&gpu);
	return wrong;
}
