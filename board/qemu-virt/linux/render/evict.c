// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Buffers that nobody uses just now give their memory back when there is too little, in the
 * cgroup of who made them or at all: they are unmapped from each VM, and their pages are
 * shmem's again, which swaps them out as it likes. A job of a VM brings back all that was
 * mapped there, before it is queued.
 *
 * What can be evicted is decided with the buffer's reservation held, of which nobody waits
 * here: all fences in it have signalled, so neither the GPU uses the buffer, nor is a bind
 * under way in any VM that has it. Memory stays where somebody else has it: who has mmap-ed
 * the buffer, or imported it; a bind that is not queued yet. So does what was ever bound
 * repeated, or page by page in another order, as then no mapping says what stands where. None
 * of the locks that are taken here is held by whoever waits for memory. Who needs memory has
 * nothing to do with the firmware: while that, or somebody else, has its lock, all buffers stay.
 *
 * Buffers that were kept go to the end of the list, so that each has its turn.
 */
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/slab.h>

#include "evict.h"
#include "map.h"

/*
 * Away
 */

static bool is_idle(struct qv_bo *bo)
{
	return bo->pa && !bo->stays && !atomic_read(&bo->holds) && qv_pages_ours(&bo->base) &&
	       dma_resv_test_signaled(bo->base.base.resv, DMA_RESV_USAGE_BOOKKEEP);
}

/* With one flush. No mapping ends inside of a block, so none is split. */
static int unmap_vas(struct qv_vm *vm, struct drm_gpuvm_bo *vm_bo)
{
	struct gpuas_space *space = gpuas_linux_gather_begin(&vm->as);
	struct drm_gpuva *va;
	int err = 0;

	if (!space)
		return -ENODEV;
	drm_gpuvm_bo_for_each_va(va, vm_bo) {
		/* Of one that is only remembered, the range is another's. */
		if (!err && !drm_gpuva_invalidated(va))
			err = gpuas_unmap(space, gpuas_va(va->va.addr), va->va.range);
	}
	gpuas_linux_gather_end(&vm->as);
	return err;
}

/* A VM that is stopped has no tables: the GPU is not there any more. */
static int unmap_from(struct drm_gpuvm_bo *vm_bo)
{
	struct qv_vm *vm = to_vm(vm_bo->vm);
	int err = 0;

	if (!mutex_trylock(&vm->render->bound_lock))
		return -EBUSY;
	drm_gpuvm_bo_evict(vm_bo, true);
	if (!vm->stopped)
		err = unmap_vas(vm, vm_bo);
	mutex_unlock(&vm->render->bound_lock);
	return err;
}

static bool unmap_all(struct qv_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;
	struct drm_gpuvm_bo *vm_bo;
	int err = 0;

	mutex_lock(qv_gpuva_lock(obj));
	drm_gem_for_each_gpuvm_bo(vm_bo, obj) {
		err = unmap_from(vm_bo);
		if (err)
			break;
	}
	mutex_unlock(qv_gpuva_lock(obj));
	return !err && !READ_ONCE(to_render(obj->dev)->gpu->fw.loose);
}

static bool evict(struct qv_bo *bo)
{
	struct drm_gem_object *obj = &bo->base.base;
	bool gone;

	if (gpuas_qv_fw_busy(&to_render(obj->dev)->gpu->fw) || !dma_resv_trylock(obj->resv))
		return false;
	gone = is_idle(bo) && unmap_all(bo);
	if (gone)
		gpuas_qv_bo_drop(bo);
	dma_resv_unlock(obj->resv);
	return gone;
}

/*
 * For the kernel
 */

/* The last reference takes the reservation, for which those who wait for memory wait. */
static void put_work(struct work_struct *work)
{
	struct qv_bo *bo = container_of(work, struct qv_bo, put);
	int count = atomic_xchg(&bo->puts, 0);

	while (count--)
		drm_gem_object_put(&bo->base.base);
}

static enum lru_status isolate(struct list_head *item, struct list_lru_one *list,
			       QV_LRU_LOCK void *found)
{
	struct qv_bo *bo = container_of(item, struct qv_bo, lru);

	if (!kref_get_unless_zero(&bo->base.base.refcount))
		return LRU_SKIP;
	list_lru_isolate_move(list, item, found);
	return LRU_REMOVED;
}

static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct qv_render *render = shrinker->private_data;
	unsigned long evicted = 0;
	struct qv_bo *bo;
	LIST_HEAD(found);

	list_lru_shrink_walk(&render->lru, sc, isolate, &found);
	while (!list_empty(&found)) {
		bo = list_first_entry(&found, struct qv_bo, lru);
		list_del_init(&bo->lru);
		evicted += evict(bo);
		list_lru_add_obj(&render->lru, &bo->lru);
		/* Who finds that the work is queued already may find that it has run, too. */
		if (atomic_inc_return(&bo->puts) == 1)
			queue_work(render->cleanup, &bo->put);
	}
	return evicted ? evicted : SHRINK_STOP;
}

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct qv_render *render = shrinker->private_data;

	return list_lru_shrink_count(&render->lru, sc);
}

/* They are counted as buffers, of which there are few: so the kernel comes here last. */
int gpuas_qv_evict_init(struct qv_render *render)
{
	struct shrinker *shrinker = shrinker_alloc(SHRINKER_MEMCG_AWARE, "gpuas");
	int err;

	if (!shrinker)
		return -ENOMEM;
	err = list_lru_init_memcg(&render->lru, shrinker);
	if (err) {
		shrinker_free(shrinker);
		return err;
	}
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->seeks = 1;
	shrinker->batch = 1;
	shrinker->private_data = render;
	render->shrinker = shrinker;
	shrinker_register(shrinker);
	return 0;
}

void gpuas_qv_evict_stop(struct qv_render *render)
{
	if (render->shrinker)
		shrinker_free(render->shrinker);
}

void gpuas_qv_evict_exit(struct qv_render *render)
{
	if (render->shrinker)
		list_lru_destroy(&render->lru);
}

void gpuas_qv_evict_begin(struct qv_bo *bo)
{
	INIT_LIST_HEAD(&bo->lru);
	INIT_WORK(&bo->put, put_work);
}

void gpuas_qv_evict_add(struct qv_bo *bo)
{
	list_lru_add_obj(&to_render(bo->base.base.dev)->lru, &bo->lru);
}

void gpuas_qv_evict_del(struct qv_bo *bo)
{
	list_lru_del_obj(&to_render(bo->base.base.dev)->lru, &bo->lru);
}

/*
 * Back
 */

int gpuas_qv_evict_validate(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec)
{
	struct qv_vm *vm = to_vm(vm_bo->vm);
	int err = gpuas_qv_bo_fill(to_bo(vm_bo->obj));
	struct drm_gpuva *va;

	drm_gpuvm_bo_for_each_va(va, vm_bo) {
		if (err)
			break;
		if (!drm_gpuva_invalidated(va))
			err = gpuas_qv_map_again(vm, va);
	}
	if (!err)
		vm_bo->evicted = false;
	return err;
}

static struct dma_fence *last_bind(struct qv_vm *vm)
{
	struct dma_fence *fence;

	mutex_lock(&vm->push);
	fence = dma_fence_get(vm->last);
	mutex_unlock(&vm->push);
	return fence;
}

int gpuas_qv_evict_settle(struct qv_vm *vm)
{
	struct dma_fence *fence = last_bind(vm);
	long left = fence ? dma_fence_wait(fence, true) : 0;

	dma_fence_put(fence);
	return left < 0 ? left : 0;
}

int gpuas_qv_evict_restore(struct qv_vm *vm, struct drm_exec *exec)
{
	struct dma_fence *fence;
	bool over;

	if (list_empty(&vm->base.evict.list))
		return 0;
	fence = last_bind(vm);
	over = !fence || dma_fence_is_signaled(fence);
	dma_fence_put(fence);
	return over ? drm_gpuvm_validate(&vm->base, exec) : -EAGAIN;
}
