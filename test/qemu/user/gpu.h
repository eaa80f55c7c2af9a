/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEST_GPU_H
#define GPUAS_TEST_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xf86drm.h>

#include "../../../board/qemu-virt/linux/gpuas_drm.h"

/**
 * DOC: The render node, by libdrm
 *
 * What a test is not about ends the program, with a line, if it does not work. Calls
 * that return an int return 0 or a negative errno value: what the driver says.
 */

/** GRANULE - Unit of buffers and binds */
enum { GRANULE = 0x4000 };

/** WAIT_NS - What a job may take: far more than it does, on a host however busy */
#define WAIT_NS		1200000000000LL

/** READ_WRITE - What the GPU may do with most mappings */
#define READ_WRITE	(DRM_GPUAS_BIND_READ | DRM_GPUAS_BIND_WRITE)

/**
 * struct gpu - An open file, and one VM and one queue in it
 * @fd: the file
 * @vm: its VM
 * @queue: its queue
 */
struct gpu {
	int fd;
	uint32_t vm;
	uint32_t queue;
};

/**
 * struct buffer - Memory that both sides see
 * @handle: its handle
 * @size: bytes
 * @map: where we see it
 */
struct buffer {
	uint32_t handle;
	size_t size;
	uint8_t *map;
};

/**
 * struct pair - What is copied, and where to
 * @from: has random bytes in it
 * @to: of the same size
 */
struct pair {
	struct buffer from;
	struct buffer to;
};

/**
 * struct done - What became of a job
 * @seqno: its number
 * @error: what its fence says
 * @state: what its queue says, which is about this job if the error is not 0
 */
struct done {
	uint64_t seqno;
	int error;
	struct drm_gpuas_queue_state state;
};

/**
 * struct syncs - What a job or a bind waits for, and what gets its fence
 * @in: at most one, of type, handle and value
 * @out: the same
 * @num_in: 0 or 1
 * @num_out: 0 or 1
 */
struct syncs {
	struct drm_gpuas_sync in;
	struct drm_gpuas_sync out;
	uint32_t num_in;
	uint32_t num_out;
};

int gpu_call(int fd, unsigned long request, void *arg);

/* The render node, if it can be opened: -ENOENT if there is none of this driver's */
int gpu_file_try(void);
int gpu_file(void);

void gpu_params(int fd, struct drm_gpuas_params *params);
int gpu_vm(int fd, uint32_t *vm);
int gpu_vm_destroy(int fd, uint32_t vm);
int gpu_queue(int fd, uint32_t vm, uint32_t *queue);
int gpu_queue_destroy(int fd, uint32_t queue);

/* All three */
void gpu_open(struct gpu *gpu);
void gpu_close(struct gpu *gpu);

int gpu_create(int fd, uint64_t size, uint32_t *handle);
int gpu_forget(int fd, uint32_t handle);
int gpu_see(int fd, struct buffer *buffer);
void gpu_buffer(int fd, size_t size, struct buffer *buffer);
void gpu_buffer_end(int fd, struct buffer *buffer);

struct drm_gpuas_bind_op op_map(uint32_t handle, uint64_t offset, uint64_t range, uint64_t va,
				uint32_t flags);
struct drm_gpuas_bind_op op_unmap(uint64_t range, uint64_t va);
int gpu_bind(int fd, uint32_t vm, const struct drm_gpuas_bind_op *op, uint32_t ops,
	     const struct syncs *syncs);
void gpu_map(const struct gpu *gpu, const struct buffer *buffer, uint64_t offset, uint64_t range,
	     uint64_t va, uint32_t flags);
void gpu_unmap(const struct gpu *gpu, uint64_t range, uint64_t va);

/* Two buffers, which the GPU reads at @from, and writes at @to */
void gpu_pair(const struct gpu *gpu, size_t size, uint64_t from, uint64_t to, uint64_t *random,
	      struct pair *pair);

/* A job of one copy */
int gpu_submit(int fd, uint32_t queue, uint64_t from, uint64_t to, uint64_t size,
	       const struct syncs *syncs, uint64_t *seqno);
struct drm_gpuas_queue_state gpu_state(int fd, uint32_t queue);

/* Copy and wait: what came of it */
struct done gpu_copy(const struct gpu *gpu, uint64_t from, uint64_t to, uint64_t size);

/* Does what the driver shows of the firmware, its log too, have it? */
bool gpu_firmware_said(const char *what);

/* VMs that there are, by debugfs: after a while, if there are not as many as wanted */
long gpu_contexts(long wanted);

uint32_t sync_create(int fd);
struct syncs sync_out(uint32_t syncobj);
struct syncs sync_both(struct drm_gpuas_sync in, struct drm_gpuas_sync out);
struct drm_gpuas_sync sync_point(uint32_t syncobj, uint64_t point);

/* Until it has a fence that is signalled */
void sync_wait(int fd, uint32_t syncobj);

/* The error of a fence that is signalled */
int sync_error(int fd, uint32_t syncobj);

/* The fence as a file, which needs no device; -1: there is none, or no device any more */
int fence_file(int fd, uint32_t syncobj);

/* Wait until it is signalled, close it: its error */
int fence_wait(int file);

#endif /* GPUAS_TEST_GPU_H */
