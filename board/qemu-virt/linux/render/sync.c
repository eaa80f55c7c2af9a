// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Arrays of users, and those of fences. */
#include <linux/dma-fence-chain.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "render.h"

void *gpuas_qv_copy_array(u64 pointer, u32 count, u32 stride, size_t size, size_t least)
{
	const void __user *user = u64_to_user_ptr(pointer);
	void *array;
	u32 i;
	int err = 0;

	if (stride < least || stride % sizeof(u64) || stride > STRIDE_MAX)
		return ERR_PTR(-EINVAL);
	/* All of it is written. */
	array = kvmalloc_array(count, size, GFP_KERNEL_ACCOUNT);
	if (!array)
		return ERR_PTR(-ENOMEM);
	if (stride == size)
		err = copy_from_user(array, user, count * size) ? -EFAULT : 0;
	for (i = 0; !err && stride != size && i < count; i++) {
		err = copy_struct_from_user(array + i * size, size, user + (size_t)i * stride,
					    stride);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (!(i % SZ_1K))
			cond_resched();
	}
	if (!err)
		return array;
	kvfree(array);
	return ERR_PTR(err == -E2BIG ? -EINVAL : err);
}

static bool sane(const struct drm_gpuas_sync *sync)
{
	switch (sync->type) {
	case DRM_GPUAS_SYNC_SYNCOBJ:
		return !sync->value;
	case DRM_GPUAS_SYNC_TIMELINE:
		return sync->value;
	default:
		return false;
	}
}

static struct drm_gpuas_sync *copy_syncs(u64 pointer, u32 count)
{
	struct drm_gpuas_sync *sync;
	u32 i;

	if (count > SYNCS_MAX)
		return ERR_PTR(-EDQUOT);
	if (!count)
		return pointer ? ERR_PTR(-EINVAL) : NULL;
	sync = gpuas_qv_copy_array(pointer, count, sizeof(*sync), sizeof(*sync), sizeof(*sync));
	for (i = 0; !IS_ERR(sync) && i < count; i++) {
		if (sane(&sync[i]))
			continue;
		kvfree(sync);
		sync = ERR_PTR(-EINVAL);
	}
	return sync;
}

static int add_fence(struct drm_sched_job *job, struct drm_file *file,
		     const struct drm_gpuas_sync *sync)
{
	struct dma_fence *fence;
	int err = drm_syncobj_find_fence(file, sync->handle, sync->value, 0, &fence);

	return err ? err : drm_sched_job_add_dependency(job, fence);
}

int gpuas_qv_sync_in(struct drm_sched_job *job, struct drm_file *file, u64 pointer, u32 count)
{
	struct drm_gpuas_sync *sync = copy_syncs(pointer, count);
	u32 i;
	int err = 0;

	if (IS_ERR(sync))
		return PTR_ERR(sync);
	for (i = 0; !err && i < count; i++)
		err = add_fence(job, file, &sync[i]);
	kvfree(sync);
	return err;
}

static int prepare(struct qv_out *out, struct drm_file *file, const struct drm_gpuas_sync *sync)
{
	out->syncobj = drm_syncobj_find(file, sync->handle);
	if (!out->syncobj)
		return -ENOENT;
	out->point = sync->value;
	if (!out->point)
		return 0;
	out->chain = dma_fence_chain_alloc();
	return out->chain ? 0 : -ENOMEM;
}

int gpuas_qv_sync_out(struct qv_outs *outs, struct drm_file *file, u64 pointer, u32 count)
{
	struct drm_gpuas_sync *sync = copy_syncs(pointer, count);
	u32 i;
	int err = 0;

	if (IS_ERR_OR_NULL(sync))
		return PTR_ERR_OR_ZERO(sync);
	outs->out = kvcalloc(count, sizeof(*outs->out), GFP_KERNEL_ACCOUNT);
	if (!outs->out)
		err = -ENOMEM;
	for (i = 0; !err && i < count; i++) {
		outs->count = i + 1;
		err = prepare(&outs->out[i], file, &sync[i]);
	}
	kvfree(sync);
	return err;
}

void gpuas_qv_sync_signal(struct qv_outs *outs, struct dma_fence *fence)
{
	struct qv_out *out = outs->out;
	u32 i;

	for (i = 0; i < outs->count; i++, out++) {
		if (out->chain)
			drm_syncobj_add_point(out->syncobj, out->chain, fence, out->point);
		else
			drm_syncobj_replace_fence(out->syncobj, fence);
		out->chain = NULL;
	}
}

void gpuas_qv_sync_free(struct qv_outs *outs)
{
	struct qv_out *out = outs->out;
	u32 i;

	for (i = 0; i < outs->count; i++, out++) {
		dma_fence_chain_free(out->chain);
		if (out->syncobj)
			drm_syncobj_put(out->syncobj);
	}
	kvfree(outs->out);
}
