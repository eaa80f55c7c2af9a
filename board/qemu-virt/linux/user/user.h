/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_GUEST_H
#define GPUAS_QEMU_VIRT_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../gpuas_drm.h"
#include "say.h"

/**
 * DOC: Programs that use the render node from inside the guest
 *
 * Each prints lines that say what it found, and returns 0 if that is what has to be.
 * Who judges asks for these lines.
 */

/* What binds are given for mappings */
#define GPU_READ	DRM_GPUAS_BIND_READ
#define GPU_WRITE	(DRM_GPUAS_BIND_READ | DRM_GPUAS_BIND_WRITE)

/** GRANULE - Unit of buffers and mappings */
enum { GRANULE = 0x4000 };

/** JOB_MS - What a job may take: far more than it does, on a host however busy */
enum { JOB_MS = 1200000 };

/**
 * struct gpu - An open file, with a VM and a queue
 * @fd: the file
 * @vm: the VM
 * @queue: a queue of jobs in it
 * @syncobj: for the fence of a job
 */
struct gpu {
	int fd;
	uint32_t vm;
	uint32_t queue;
	uint32_t syncobj;
};

/**
 * struct buffer - Memory that both sides see
 * @handle: its name
 * @size: bytes
 * @map: where we see it
 */
struct buffer {
	uint32_t handle;
	size_t size;
	uint8_t *map;
};

/* 0, or a negative errno value: what the driver says to a request. */
int gpu_call(const struct gpu *gpu, unsigned long request, void *arg);

/* An argument as a number, or @otherwise. */
uint64_t argument(int argc, char *argv[], int i, uint64_t otherwise);

/* These end the program, with a line, if the driver refuses. */
int gpu_node(void);
void gpu_open(struct gpu *gpu);
struct drm_gpuas_params gpu_params(const struct gpu *gpu);
void gpu_buffer(const struct gpu *gpu, size_t size, struct buffer *buffer);
void gpu_map(const struct gpu *gpu, const struct buffer *buffer, uint64_t offset, uint64_t size,
	     uint64_t va, uint32_t flags);
void gpu_unmap(const struct gpu *gpu, uint64_t va, uint64_t size);

/* Submit a copy: 0, or what the driver says to it; its fence is in @syncobj. */
int gpu_submit(const struct gpu *gpu, uint64_t from, uint64_t to, uint64_t size, uint64_t *seqno);

/* Copy and wait: what became of the queue, or the end of the program. */
struct drm_gpuas_queue_state gpu_copy(const struct gpu *gpu, uint64_t from, uint64_t to,
				      uint64_t size);

#endif /* GPUAS_QEMU_VIRT_GUEST_H */
