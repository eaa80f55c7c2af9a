// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What is mapped where. The engine maps and splits by itself; this is to keep a buffer
 * for as long as anything of it is mapped, and for whoever wants to look.
 */
#include <linux/kmemleak.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "map.h"

/*
 * One mapping is one buffer that fills a range of VAs, whatever parts of it stand there, in
 * whatever order, as the tables know that. It has an offset into the buffer where that says
 * what stands there; else it has 0.
 */
struct qv_mapping {
	struct drm_gpuva base;
	gpuas_attr_t attr;
	struct list_head link;
	bool scattered;
};

static struct qv_mapping *to_mapping(struct drm_gpuva *va)
{
	return container_of(va, struct qv_mapping, base);
}

int gpuas_qv_map_reserve(struct qv_map *map, unsigned int count)
{
	struct qv_mapping *mapping;

	while (count--) {
		mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);
		if (!mapping)
			return -ENOMEM;
		list_add(&mapping->link, &map->spare);
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static struct drm_gpuva *take(struct qv_map *map, bool scattered)
{
	struct qv_mapping *mapping = list_first_entry(&map->spare, struct qv_mapping, link);

	list_del(&mapping->link);
	mapping->scattered = scattered;
	return &mapping->base;
}

static void place(struct drm_gpuva *va, const struct drm_gpuva_op_map *op)
{
	va->va.addr = op->va.addr;
	va->va.range = op->va.range;
	va->gem.obj = op->gem.obj;
	va->gem.offset = to_mapping(va)->scattered ? 0 : op->gem.offset;
}

/* A new one: in the tree, and in the buffer's list. */
static int enter(struct qv_map *map, const struct drm_gpuva_op_map *op,
		 struct drm_gpuvm_bo *vm_bo, gpuas_attr_t attr, bool scattered)
{
	struct drm_gpuva *va = take(map, scattered);
	int err;

	to_mapping(va)->attr = attr;
	place(va, op);
	err = drm_gpuva_insert(&map->vm->base, va);
	if (err)
		return err;
	mutex_lock(qv_gpuva_lock(op->gem.obj));
	drm_gpuva_link(va, vm_bo);
	mutex_unlock(qv_gpuva_lock(op->gem.obj));
	map->vm->mappings++;
	return 0;
}

int gpuas_qv_map_step(struct drm_gpuva_op *op, void *priv)
{
	struct qv_map *map = priv;

	return enter(map, &op->map, map->vm_bo, map->attr, map->scattered);
}

/* What is left of it stays the same mapping; only if two parts are left, one is new. */
int gpuas_qv_remap_step(struct drm_gpuva_op *op, void *priv)
{
	const struct drm_gpuva_op_remap *remap = &op->remap;
	struct drm_gpuva *va = remap->unmap->va;
	struct qv_map *map = priv;
	int err;

	drm_gpuva_remove(va);
	place(va, remap->prev ? remap->prev : remap->next);
	err = drm_gpuva_insert(&map->vm->base, va);
	if (!err && remap->prev && remap->next)
		err = enter(map, remap->next, va->vm_bo, to_mapping(va)->attr,
			    to_mapping(va)->scattered);
	return err;
}

int gpuas_qv_unmap_step(struct drm_gpuva_op *op, void *priv)
{
	struct drm_gpuva *va = op->unmap.va;
	struct qv_map *map = priv;

	drm_gpuva_remove(va);
	drm_gpuva_invalidate(va, true);
	list_add(&to_mapping(va)->link, &map->old);
	map->vm->mappings--;
	return 0;
}

int gpuas_qv_map_again(struct qv_vm *vm, struct drm_gpuva *va)
{
	const struct qv_bo *bo = to_bo(va->gem.obj);
	u32 pieces = gpuas_qv_bo_pieces(bo, va->gem.offset, va->va.range, NULL);
	struct gpuas_extent *list;
	int err;

	list = kvmalloc_array(pieces, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	gpuas_qv_bo_pieces(bo, va->gem.offset, va->va.range, list);
	err = gpuas_linux_replace(&vm->as, gpuas_va(va->va.addr), list, pieces,
				  to_mapping(va)->attr);
	kvfree(list);
	return err;
}

/* The buffer's reference, and its last one, which must not go with its locks held. */
static void unlink_locked(struct drm_gpuva *va)
{
	struct drm_gem_object *obj = va->gem.obj;

	drm_gem_object_get(obj);
	mutex_lock(qv_gpuva_lock(obj));
	drm_gpuva_unlink(va);
	mutex_unlock(qv_gpuva_lock(obj));
}

static void forget(struct drm_gpuva *va)
{
	drm_gem_object_put(va->gem.obj);
	kfree(to_mapping(va));
}

void gpuas_qv_map_put_bo(struct drm_gpuvm_bo *vm_bo)
{
	struct drm_gem_object *obj = vm_bo->obj;
	struct drm_gpuvm *gpuvm = vm_bo->vm;

	drm_gem_object_get(obj);
	dma_resv_lock(drm_gpuvm_resv(gpuvm), NULL);
	mutex_lock(qv_gpuva_lock(obj));
	drm_gpuvm_bo_put(vm_bo);
	mutex_unlock(qv_gpuva_lock(obj));
	dma_resv_unlock(drm_gpuvm_resv(gpuvm));
	drm_gem_object_put(obj);
}

void gpuas_qv_map_end(struct qv_map *map)
{
	struct gpu *gpu = map->vm->render->gpu;
	struct qv_mapping *mapping, *next;

	/* What the GPU may still reach stays allocated. */
	if (gpu->fw.loose) {
		atomic_long_add(list_count_nodes(&map->old), &gpu->left_mappings);
		list_for_each_entry(mapping, &map->old, link)
			kmemleak_not_leak(mapping);
		INIT_LIST_HEAD(&map->old);
	}
	dma_resv_lock(drm_gpuvm_resv(&map->vm->base), NULL);
	list_for_each_entry(mapping, &map->old, link)
		unlink_locked(&mapping->base);
	dma_resv_unlock(drm_gpuvm_resv(&map->vm->base));
	list_for_each_entry_safe(mapping, next, &map->old, link)
		forget(&mapping->base);
	list_for_each_entry_safe(mapping, next, &map->spare, link)
		kfree(mapping);
}

void gpuas_qv_map_clear(struct qv_vm *vm)
{
	struct drm_gpuva *va, *next;

	drm_gpuvm_for_each_va_safe(va, next, &vm->base) {
		drm_gpuva_remove(va);
		dma_resv_lock(drm_gpuvm_resv(&vm->base), NULL);
		unlink_locked(va);
		dma_resv_unlock(drm_gpuvm_resv(&vm->base));
		forget(va);
		vm->mappings--;
	}
}
