// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The memory of buffers: where it is for the GPU, and whether it is there. */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/property.h>
#include <linux/slab.h>

#include "render.h"

/*
 * Which ones are mapped for the device
 */

void gpuas_qv_bo_mapped(struct qv_bo *bo)
{
	struct qv_render *render = to_render(bo->base.base.dev);

	mutex_lock(&render->buffers_lock);
	list_add(&bo->link, &render->buffers);
	mutex_unlock(&render->buffers_lock);
}

void gpuas_qv_bo_unlink(struct qv_bo *bo)
{
	struct qv_render *render = to_render(bo->base.base.dev);

	mutex_lock(&render->buffers_lock);
	list_del_init(&bo->link);
	mutex_unlock(&render->buffers_lock);
}

/*
 * Memory
 */

static int note(struct qv_bo *bo, const struct sg_table *sgt)
{
	const unsigned long granules = bo->base.base.size >> GRANULE_SHIFT;
	unsigned long granule = 0;
	struct scatterlist *sg;
	dma_addr_t *pa;
	unsigned int i;
	size_t at;

	pa = kvmalloc_array(granules, sizeof(*pa), GFP_KERNEL_ACCOUNT);
	if (!pa)
		return -ENOMEM;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		if (!IS_ALIGNED(sg_dma_address(sg) | sg_dma_len(sg), GRANULE))
			break;
		for (at = 0; at < sg_dma_len(sg) && granule < granules; at += GRANULE)
			pa[granule++] = sg_dma_address(sg) + at;
	}
	if (granule < granules) {
		kvfree(pa);
		return -EOPNOTSUPP;
	}
	bo->pa = pa;
	return 0;
}

/* Pages that the kernel would copy to and fro: a buffer is mapped for as long as it is there. */
static bool bounces(struct device *dev, const struct sg_table *sgt)
{
	struct scatterlist *sg;
	unsigned int i;

	if (device_get_dma_attr(dev) != DEV_DMA_COHERENT)
		return false;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		if (dma_need_sync(dev, sg_dma_address(sg)))
			return true;
	}
	return false;
}

/* Who can mend it is whoever chose the kernel's words, or says what the device reaches. */
static int refuse(struct device *dev)
{
	dev_err_once(dev, "gpuas: the GPU cannot have memory that the kernel copies for it: boot without swiotlb=force, or with memory that the GPU reaches\n");
	return -EOPNOTSUPP;
}

/* Pages, as the GPU sees them; of one that was imported, who imported it has them. */
static int get_sgt(struct qv_bo *bo)
{
	struct device *dev = bo->base.base.dev->dev;
	struct sg_table *sgt = drm_gem_shmem_get_sg_table(&bo->base);
	int err;

	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	err = dma_map_sgtable(dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (!err && bounces(dev, sgt)) {
		dma_unmap_sgtable(dev, sgt, DMA_BIDIRECTIONAL, 0);
		err = -EIO;
	}
	/* There is not even room for the copies. */
	if (err == -EIO)
		err = refuse(dev);
	if (err) {
		sg_free_table(sgt);
		kfree(sgt);
		return err;
	}
	bo->sgt = sgt;
	gpuas_qv_bo_mapped(bo);
	return 0;
}

int gpuas_qv_bo_fill(struct qv_bo *bo)
{
	int err;

	if (bo->pa)
		return 0;
	if (bo->base.base.import_attach) {
		if (bounces(bo->base.base.dev->dev, bo->base.sgt))
			return refuse(bo->base.base.dev->dev);
		return note(bo, bo->base.sgt);
	}
	err = drm_gem_shmem_pin_locked(&bo->base);
	if (err)
		return err;
	err = get_sgt(bo);
	if (err) {
		drm_gem_shmem_unpin_locked(&bo->base);
		return err;
	}
	err = note(bo, bo->sgt);
	if (err)
		gpuas_qv_bo_drop(bo);
	return err;
}

/* First of all it is not listed any more: who takes a snapshot reads what is. */
void gpuas_qv_bo_drop(struct qv_bo *bo)
{
	gpuas_qv_bo_unlink(bo);
	dma_unmap_sgtable(bo->base.base.dev->dev, bo->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(bo->sgt);
	kfree(bo->sgt);
	bo->sgt = NULL;
	kvfree(bo->pa);
	bo->pa = NULL;
	drm_gem_shmem_unpin_locked(&bo->base);
}

/* What was imported is others' memory. */
static void unmap(struct qv_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;
	struct sg_table *sgt = NULL;

	dma_resv_lock(obj->resv, NULL);
	if (bo->sgt)
		gpuas_qv_bo_drop(bo);
	else
		swap(sgt, bo->base.sgt);
	dma_resv_unlock(obj->resv);
	if (sgt)
		dma_buf_unmap_attachment_unlocked(obj->import_attach, sgt, DMA_BIDIRECTIONAL);
}

/* One whose last reference has gone is unmapped where it is freed. */
static struct qv_bo *next(struct qv_render *render)
{
	struct qv_bo *bo, *found = NULL;

	mutex_lock(&render->buffers_lock);
	while (!found && !list_empty(&render->buffers)) {
		bo = list_first_entry(&render->buffers, struct qv_bo, link);
		list_del_init(&bo->link);
		if (kref_get_unless_zero(&bo->base.base.refcount))
			found = bo;
	}
	mutex_unlock(&render->buffers_lock);
	return found;
}

/* Users may have them for longer, and keep what is in them. Nobody maps another one. */
void gpuas_qv_bo_unmap_all(struct qv_render *render)
{
	struct qv_bo *bo;

	while ((bo = next(render))) {
		unmap(bo);
		drm_gem_object_put(&bo->base.base);
	}
}

int gpuas_qv_bo_hold(struct qv_bo *bo)
{
	struct dma_resv *resv = bo->base.base.resv;
	int err = dma_resv_lock_interruptible(resv, NULL);

	if (err)
		return err;
	err = gpuas_qv_bo_fill(bo);
	if (!err)
		atomic_inc(&bo->holds);
	dma_resv_unlock(resv);
	return err;
}

void gpuas_qv_bo_release(struct qv_bo *bo)
{
	atomic_dec(&bo->holds);
}

u32 gpuas_qv_bo_pieces(const struct qv_bo *bo, u64 offset, u64 size, struct gpuas_extent *list)
{
	const dma_addr_t *pa = bo->pa + (offset >> GRANULE_SHIFT);
	const u64 granules = size >> GRANULE_SHIFT;
	u32 pieces = 0;
	u64 i;

	for (i = 0; i < granules; i++) {
		if (!i || pa[i] != pa[i - 1] + GRANULE) {
			if (list)
				list[pieces] = (struct gpuas_extent){ .pa = gpuas_pa(pa[i]) };
			pieces++;
		}
		if (list)
			list[pieces - 1].size += GRANULE;
	}
	return pieces;
}

MODULE_IMPORT_NS(QV_DMA_BUF_NS);
