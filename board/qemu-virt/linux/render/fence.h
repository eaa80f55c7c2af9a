/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_FENCE_H
#define GPUAS_QEMU_VIRT_FENCE_H

#include "render.h"

/**
 * struct qv_fence - That a job is over, for all who are not the scheduler
 * @base: the fence
 * @lock: its lock
 * @name: of what it is; NULL: nobody has it
 */
struct qv_fence {
	struct dma_fence base;
	spinlock_t lock;
	const char *name;
};

/** gpuas_qv_fence_alloc() - Memory for one; NULL if there is none */
struct qv_fence *gpuas_qv_fence_alloc(void);

/**
 * gpuas_qv_fence_begin() - From now on others may have it
 * @fence: from gpuas_qv_fence_alloc()
 * @name: of what it is; a constant
 * @context: of a queue or a VM, whose jobs are over in their order
 * @seqno: which of them
 *
 * It keeps the module until all references are gone.
 *
 * Return: the fence; the reference is the caller's still.
 */
struct dma_fence *gpuas_qv_fence_begin(struct qv_fence *fence, const char *name, u64 context,
				       u64 seqno);

/** gpuas_qv_fence_end() - The job is over: 0, or why it is not done. Allocates nothing */
void gpuas_qv_fence_end(struct qv_fence *fence, int err);

/** gpuas_qv_fence_cancel() - So is one that was not run, if it was not; before its cleanup */
void gpuas_qv_fence_cancel(struct qv_fence *fence, const struct drm_sched_job *job);

/** gpuas_qv_fence_free() - Drop our reference, or the memory if nobody had it */
void gpuas_qv_fence_free(struct qv_fence *fence);

/** gpuas_qv_fence_exit() - Nobody runs code of the module any more who dropped a fence */
void gpuas_qv_fence_exit(void);

#endif /* GPUAS_QEMU_VIRT_FENCE_H */
