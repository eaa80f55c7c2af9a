// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Buffers: memory that shmem has, and that counts against file, device and cgroup. */
#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/property.h>

#include "render.h"

/*
 * Limits
 */

u64 gpuas_qv_device_bytes(void)
{
	return (u64)totalram_pages() * PAGE_SIZE / 4 * 3;
}

u64 gpuas_qv_file_bytes(u64 device)
{
	return device / 3 * 2;
}

static void uncharge(struct qv_render *render, struct qv_account *account, u64 size)
{
	atomic_dec(&account->buffers);
	atomic64_sub(size, &account->bytes);
	atomic64_sub(size, &render->bytes);
}

static int charge(struct qv_render *render, struct qv_account *account, u64 size)
{
	const u64 device = gpuas_qv_device_bytes();
	bool many = atomic_inc_return(&account->buffers) > FILE_BUFFERS;
	bool file = atomic64_add_return(size, &account->bytes) > gpuas_qv_file_bytes(device);
	bool all = atomic64_add_return(size, &render->bytes) > device;

	if (!many && !file && !all)
		return 0;
	uncharge(render, account, size);
	return -EDQUOT;
}

/*
 * For the device
 */

static void mapped(struct qv_bo *bo)
{
	struct qv_render *render = to_render(bo->base.base.dev);

	mutex_lock(&render->buffers_lock);
	list_add(&bo->link, &render->buffers);
	mutex_unlock(&render->buffers_lock);
}

static void unmap(struct qv_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;
	struct sg_table *sgt = bo->base.sgt;

	list_del_init(&bo->link);
	bo->base.sgt = NULL;
	if (obj->import_attach) {
		dma_buf_unmap_attachment_unlocked(obj->import_attach, sgt, DMA_BIDIRECTIONAL);
		return;
	}
	dma_unmap_sgtable(obj->dev->dev, sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(sgt);
	kfree(sgt);
}

/* Users may have them for longer, and keep what is in them. Nobody maps another one. */
void gpuas_qv_bo_unmap_all(struct qv_render *render)
{
	struct qv_bo *bo, *next;

	mutex_lock(&render->buffers_lock);
	list_for_each_entry_safe(bo, next, &render->buffers, link)
		unmap(bo);
	mutex_unlock(&render->buffers_lock);
}

/*
 * The object
 */

static void bo_free(struct drm_gem_object *obj)
{
	struct qv_bo *bo = to_bo(obj);
	struct drm_gem_object *only = bo->only;
	struct qv_render *render = to_render(obj->dev);

	mutex_lock(&render->buffers_lock);
	list_del_init(&bo->link);
	mutex_unlock(&render->buffers_lock);
	if (bo->account) {
		uncharge(render, bo->account, obj->size);
		gpuas_qv_account_put(bo->account);
	}
	kvfree(bo->pa);
	mutex_destroy(&bo->lock);
	mutex_destroy(&bo->fill);
	drm_gem_shmem_free(&bo->base);
	/* Its reservation was that of the VM. */
	if (only)
		drm_gem_object_put(only);
}

static struct dma_buf *bo_export(struct drm_gem_object *obj, int flags)
{
	return to_bo(obj)->only ? ERR_PTR(-EPERM) : drm_gem_prime_export(obj, flags);
}

static enum drm_gem_object_status bo_status(struct drm_gem_object *obj)
{
	return to_bo(obj)->base.pages || obj->import_attach ? DRM_GEM_OBJECT_RESIDENT : 0;
}

static const struct drm_gem_object_funcs bo_funcs = {
	.free = bo_free,
	.export = bo_export,
	.status = bo_status,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

struct drm_gem_object *gpuas_qv_gem_object(struct drm_device *drm, size_t size)
{
	struct qv_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	mutex_init(&bo->lock);
	mutex_init(&bo->fill);
	INIT_LIST_HEAD(&bo->link);
	bo->base.base.funcs = &bo_funcs;
	bo->base.map_wc = device_get_dma_attr(drm->dev) != DEV_DMA_COHERENT;
	return &bo->base.base;
}

struct drm_gem_object *gpuas_qv_gem_import(struct drm_device *drm,
					   struct dma_buf_attachment *attach,
					   struct sg_table *sgt)
{
	struct drm_gem_object *obj;
	int idx;

	if (!drm_dev_enter(drm, &idx))
		return ERR_PTR(-ENODEV);
	obj = drm_gem_shmem_prime_import_sg_table(drm, attach, sgt);
	if (!IS_ERR(obj)) {
		qv_gpuva_set_lock(obj);
		mapped(to_bo(obj));
	}
	drm_dev_exit(idx);
	return obj;
}

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

int gpuas_qv_bo_fill(struct qv_bo *bo)
{
	struct sg_table *sgt;
	int err = 0;

	mutex_lock(&bo->fill);
	if (!bo->pa) {
		sgt = drm_gem_shmem_get_pages_sgt(&bo->base);
		err = PTR_ERR_OR_ZERO(sgt);
		if (!err && list_empty(&bo->link))
			mapped(bo);
		if (!err)
			err = note(bo, sgt);
	}
	mutex_unlock(&bo->fill);
	return err;
}

/*
 * Calls
 */

static struct qv_bo *bo_create(struct drm_device *drm, struct qv_file *user, u64 size)
{
	struct drm_gem_shmem_object *shmem;
	int err = charge(to_render(drm), user->account, size);

	if (err)
		return ERR_PTR(err);
	shmem = drm_gem_shmem_create(drm, size);
	if (IS_ERR(shmem)) {
		uncharge(to_render(drm), user->account, size);
		return ERR_CAST(shmem);
	}
	qv_gpuva_set_lock(&shmem->base);
	kref_get(&user->account->ref);
	to_bo(&shmem->base)->account = user->account;
	return to_bo(&shmem->base);
}

/* Its fences are those of the VM, so that a job need not look at it. */
static void belong(struct qv_bo *bo, struct qv_vm *vm)
{
	bo->only = drm_gpuvm_resv_obj(&vm->base);
	drm_gem_object_get(bo->only);
	bo->base.base.resv = bo->only->resv;
}

int gpuas_qv_ioctl_gem_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_gem_create *arg = data;
	struct qv_file *user = file->driver_priv;
	struct qv_vm *vm = NULL;
	struct qv_bo *bo;
	int err;

	if (arg->flags || arg->handle || arg->pad || !arg->size ||
	    !IS_ALIGNED(arg->size, GRANULE) || !IS_ALIGNED(arg->size, PAGE_SIZE))
		return -EINVAL;
	if (arg->size > gpuas_qv_device_bytes())
		return -EDQUOT;
	if (arg->vm_id) {
		vm = gpuas_qv_vm_find(user, arg->vm_id);
		if (!vm)
			return -ENOENT;
	}
	bo = bo_create(drm, user, arg->size);
	err = PTR_ERR_OR_ZERO(bo);
	if (!err) {
		if (vm)
			belong(bo, vm);
		err = drm_gem_handle_create(file, &bo->base.base, &arg->handle);
		drm_gem_object_put(&bo->base.base);
	}
	if (vm)
		gpuas_qv_vm_put(vm);
	return err;
}

int gpuas_qv_ioctl_gem_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_gem_mmap_offset *arg = data;
	struct drm_gem_object *obj;
	int err = -EINVAL;

	if (arg->flags || arg->offset)
		return -EINVAL;
	obj = drm_gem_object_lookup(file, arg->handle);
	if (!obj)
		return -ENOENT;
	if (!obj->import_attach)
		err = drm_gem_create_mmap_offset(obj);
	if (!err)
		arg->offset = drm_vma_node_offset_addr(&obj->vma_node);
	drm_gem_object_put(obj);
	return err;
}

int gpuas_qv_ioctl_gem_wait(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_gem_wait *arg = data;
	unsigned long timeout = drm_timeout_abs_to_jiffies(arg->timeout_ns);
	struct drm_gem_object *obj;
	long left;

	if (arg->flags)
		return -EINVAL;
	obj = drm_gem_object_lookup(file, arg->handle);
	if (!obj)
		return -ENOENT;
	left = dma_resv_wait_timeout(obj->resv, DMA_RESV_USAGE_BOOKKEEP, true, timeout);
	drm_gem_object_put(obj);
	if (left < 0)
		return left;
	return left ? 0 : -ETIME;
}

MODULE_IMPORT_NS(QV_DMA_BUF_NS);
