/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_USER_H
#define GPUAS_QEMU_VIRT_USER_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/sizes.h>

#include "fw.h"
#include "gpuas_ioctl.h"
#include <gpuas_linux.h>

struct gpu;
struct vm_area_struct;

/**
 * DOC: What users of /dev/gpuas have
 *
 * One &struct context for each open file. Buffers and jobs are counted: a buffer is
 * freed when no handle, no mapping of the GPU's and no mmap() uses it; a job when
 * nobody waits for it.
 *
 * &context.lock comes before all locks of fw.h, and after mmap_lock: nothing of the
 * user's memory is touched with it held. The worker that does the jobs takes none of
 * it, so that it can be waited for.
 */

/** GRANULE - Unit of buffers and mappings; no kernel page is larger */
#define GRANULE		SZ_16K
#define GRANULE_SHIFT	14

/* Handles are small enough to be a part of what mmap() takes for an offset. */
#define HANDLE_SHIFT	32
#define HANDLE_MAX	0xffff

/* Limits of one open file; struct gpuas_ioctl_info tells. A close may wait for one job. */
enum {
	BUFFERS_MAX = 64,
	PAGES_MAX = SZ_4M / GRANULE,
	MAPPINGS_MAX = 256,
	JOBS_MAX = 16,
	COPY_MAX = SZ_64K,
};

/**
 * struct users - All of them
 * @misc: /dev/gpuas
 * @queue: jobs, one after the other
 * @lock: for @context
 * @context: list of those that are open
 * @pages: granules in buffers that contexts did not give back when they were closed
 * @tables: tables that they did not give back
 */
struct users {
	struct miscdevice misc;
	struct workqueue_struct *queue;
	struct mutex lock;
	struct list_head context;
	atomic_long_t pages;
	atomic_long_t tables;
};

/**
 * struct context - One open file
 * @gpu: the GPU; stays as long as the file is open
 * @link: in &users.context
 * @lock: for all below
 * @number: as the firmware knows it, once it is bound
 * @bound: it is
 * @stopped: it is not bound any more, and has neither jobs nor mappings
 * @as: the lower half
 * @buffer: by handle
 * @buffers: how many
 * @buffer_next: next handle to try
 * @mapping: by granule of VA
 * @mappings: how many
 * @job: by number
 * @jobs: how many
 * @job_next: next number to try
 * @pages: granules in buffers, those without a handle included
 */
struct context {
	struct gpu *gpu;
	struct list_head link;
	struct mutex lock;
	unsigned int number;
	bool bound;
	bool stopped;
	struct gpuas_linux as;
	struct xarray buffer;
	unsigned int buffers;
	u32 buffer_next;
	struct xarray mapping;
	unsigned int mappings;
	struct xarray job;
	unsigned int jobs;
	u32 job_next;
	atomic_t pages;
};

/**
 * struct buffer - Memory of a user's
 * @ref: handle, mappings and mmap()s that use it
 * @ctx: who it is for; the file stays open as long as it is mmap-ed
 * @pages: how many granules
 * @page: the first page of each, in order of offset
 */
struct buffer {
	struct kref ref;
	struct context *ctx;
	unsigned int pages;
	struct page *page[];
};

/** gpuas_qv_buffer_create() - Allocate: the buffer, or ERR_PTR(-EDQUOT) or (-ENOMEM) */
struct buffer *gpuas_qv_buffer_create(struct context *ctx, unsigned int pages);
void gpuas_qv_buffer_put(struct buffer *buffer);

/** gpuas_qv_buffer_pieces() - Number of contiguous runs of pages */
unsigned int gpuas_qv_buffer_pieces(const struct buffer *buffer);

/** gpuas_qv_buffer_mmap() - Let a process see it, from page @first of the kernel's on */
int gpuas_qv_buffer_mmap(struct buffer *buffer, struct vm_area_struct *vma,
			 unsigned long first);

/** gpuas_qv_pages_shuffle() - Scatter, in the same way each time */
void gpuas_qv_pages_shuffle(struct page **page, unsigned int pages);

/** gpuas_qv_context_start() - Bind it, if it is not: 0, -EBUSY, -EINTR, -EIO; with @lock held */
int gpuas_qv_context_start(struct context *ctx);

/** gpuas_qv_context_open() - Have and bind one: 0, -EBUSY, -EIO, -ENOMEM */
int gpuas_qv_context_open(struct gpu *gpu, struct context **ctx);

/** gpuas_qv_context_stop() - Cancel jobs, unbind, unmap all: with @lock, any number of times */
void gpuas_qv_context_stop(struct context *ctx);

/** gpuas_qv_context_close() - Stop, and forget all of it */
void gpuas_qv_context_close(struct context *ctx);

/* With the lock held, and neither stopped nor dead; errors: gpuas_ioctl.h */
int gpuas_qv_context_create_buffer(struct context *ctx,
				   struct gpuas_ioctl_create_buffer *arg);
int gpuas_qv_context_map(struct context *ctx, const struct gpuas_ioctl_map *arg);
int gpuas_qv_context_unmap(struct context *ctx, const struct gpuas_ioctl_unmap *arg);
int gpuas_qv_context_copy(struct context *ctx, struct gpuas_ioctl_copy *arg);

/* The same, and also if the GPU is dead */
int gpuas_qv_context_destroy_buffer(struct context *ctx,
				    const struct gpuas_ioctl_destroy_buffer *arg);

/* Without the lock */
int gpuas_qv_context_wait(struct context *ctx, struct gpuas_ioctl_wait *arg);

/** gpuas_qv_jobs_busy() - Is one not done? */
bool gpuas_qv_jobs_busy(struct context *ctx);

/** gpuas_qv_jobs_cancel() - Cancel them, wait for the one that runs, and forget all */
void gpuas_qv_jobs_cancel(struct context *ctx);

/** gpuas_qv_users_add() - Make /dev/gpuas */
int gpuas_qv_users_add(struct gpu *gpu);

/** gpuas_qv_users_remove() - Stop all contexts, whoever has them open */
void gpuas_qv_users_remove(struct gpu *gpu);

/** gpuas_qv_users_show() - Print what they have */
void gpuas_qv_users_show(struct users *users, struct seq_file *file);

#endif /* GPUAS_QEMU_VIRT_USER_H */
