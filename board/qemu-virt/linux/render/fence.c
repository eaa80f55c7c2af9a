// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Fences, and how long they keep the driver.
 *
 * Of a job, users, and other drivers by way of their buffers, get our fence and not the
 * scheduler's: who has one may ask it for its name for as long as he likes, and before 6.17
 * the scheduler's looks for it in the scheduler, which is gone when the driver lets go of the
 * GPU. Ours has a name that is in the module, and keeps that: a fence that somebody has is
 * like a file that is open. It could do without only where all kernels forgot a fence's
 * functions once it has signalled.
 *
 * Fences of a context signal in order, but for those of jobs that the scheduler takes away when
 * their queue is closed: it does that on any CPU. Nothing of such a job was done or will be,
 * so that who takes the later one for the earlier's end is right about the memory.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "fence.h"

static const char *driver_name(struct dma_fence *fence)
{
	return "gpuas";
}

static const char *timeline_name(struct dma_fence *fence)
{
	return container_of(fence, struct qv_fence, base)->name;
}

static void release(struct dma_fence *fence)
{
	dma_fence_free(fence);
	module_put(THIS_MODULE);
}

static const struct dma_fence_ops ops = {
	.get_driver_name = driver_name,
	.get_timeline_name = timeline_name,
	.release = release,
};

struct qv_fence *gpuas_qv_fence_alloc(void)
{
	return kzalloc(sizeof(struct qv_fence), GFP_KERNEL_ACCOUNT);
}

struct dma_fence *gpuas_qv_fence_begin(struct qv_fence *fence, const char *name, u64 context,
				       u64 seqno)
{
	/* Who calls has a file open. */
	__module_get(THIS_MODULE);
	fence->name = name;
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &ops, &fence->lock, context, seqno);
	return &fence->base;
}

void gpuas_qv_fence_end(struct qv_fence *fence, int err)
{
	if (err)
		dma_fence_set_error(&fence->base, err);
	dma_fence_signal(&fence->base);
}

void gpuas_qv_fence_cancel(struct qv_fence *fence, const struct drm_sched_job *job)
{
	if (!dma_fence_is_signaled(&fence->base))
		gpuas_qv_fence_end(fence, job->s_fence->finished.error);
}

void gpuas_qv_fence_free(struct qv_fence *fence)
{
	if (fence && fence->name)
		dma_fence_put(&fence->base);
	else
		kfree(fence);
}

void gpuas_qv_fence_exit(void)
{
	synchronize_rcu_tasks();
}
