// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Buffers: memory that shmem has, and that counts against file, device and cgroup. */
#include <linux/dma-buf.h>
#include <linux/mm.h>
#include <linux/property.h>
#include <linux/slab.h>

#include "evict.h"

static struct kmem_cache *bo_cache;

/*
 * Limits
 *
 * What a buffer may take is counted when it is made, so that no job finds later that it may
 * not have the memory that it was promised. The price is that two files can have all that the
 * device gives, with little of it in use: who may open the node decides whom that hurts.
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
 * The object
 */

static void bo_free(struct drm_gem_object *obj)
{
	struct qv_bo *bo = to_bo(obj);
	struct drm_gem_object *only = bo->only;

	gpuas_qv_evict_del(bo);
	dma_resv_lock(obj->resv, NULL);
	if (bo->sgt)
		gpuas_qv_bo_drop(bo);
	dma_resv_unlock(obj->resv);
	gpuas_qv_bo_unlink(bo);
	if (bo->account) {
		uncharge(to_render(obj->dev), bo->account, obj->size);
		gpuas_qv_account_put(bo->account);
	}
	kvfree(bo->pa);
	mutex_destroy(&bo->lock);
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
	struct qv_bo *bo = kmem_cache_alloc_lru(bo_cache, &to_render(drm)->lru,
						GFP_KERNEL_ACCOUNT | __GFP_ZERO);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	mutex_init(&bo->lock);
	gpuas_qv_evict_begin(bo);
	INIT_LIST_HEAD(&bo->link);
	bo->base.base.funcs = &bo_funcs;
	bo->base.pages_mark_dirty_on_put = true;
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
		gpuas_qv_bo_mapped(to_bo(obj));
	}
	drm_dev_exit(idx);
	return obj;
}

/*
 * Of all render nodes, as one that the driver let go of may still have some
 */

int gpuas_qv_gem_init(void)
{
	bo_cache = KMEM_CACHE(qv_bo, SLAB_ACCOUNT);
	return bo_cache ? 0 : -ENOMEM;
}

void gpuas_qv_gem_exit(void)
{
	kmem_cache_destroy(bo_cache);
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
		gpuas_qv_evict_add(bo);
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
