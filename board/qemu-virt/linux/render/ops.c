// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The ops of a bind: judged, with all memory that they take, before it is queued. */
#include <linux/slab.h>

#include "bind.h"

#define BIND_FLAGS	(DRM_GPUAS_BIND_MAP | DRM_GPUAS_BIND_UNMAP | DRM_GPUAS_BIND_READ | \
			 DRM_GPUAS_BIND_WRITE)

/*
 * Judging
 */

static int check_range(const struct qv_vm *vm, const struct drm_gpuas_bind_op *arg)
{
	if (!arg->range || !IS_ALIGNED(arg->addr | arg->range, GRANULE))
		return -EINVAL;
	if (arg->addr + arg->range < arg->addr)
		return -EOVERFLOW;
	return inside(arg->addr, arg->range, 0, vm->base.mm_range) ? 0 : -ERANGE;
}

static int check(const struct qv_vm *vm, const struct drm_gpuas_bind_op *arg)
{
	if (arg->flags & ~BIND_FLAGS)
		return -EINVAL;
	switch (arg->flags & (DRM_GPUAS_BIND_MAP | DRM_GPUAS_BIND_UNMAP)) {
	case DRM_GPUAS_BIND_MAP:
		if (!(arg->flags & DRM_GPUAS_BIND_READ))
			return -EINVAL;
		break;
	case DRM_GPUAS_BIND_UNMAP:
		if (arg->flags != DRM_GPUAS_BIND_UNMAP || arg->handle || arg->offset ||
		    arg->repeat)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	return check_range(vm, arg);
}

static int check_buffer(const struct qv_vm *vm, struct drm_gem_object *obj,
			const struct drm_gpuas_bind_op *arg)
{
	const u64 length = arg->repeat ? arg->repeat : arg->range;
	struct drm_gem_object *only = to_bo(obj)->only;

	if (only && only != drm_gpuvm_resv_obj(&vm->base))
		return -EPERM;
	if (!IS_ALIGNED(arg->offset | arg->repeat, GRANULE))
		return -EINVAL;
	if (arg->offset + length < arg->offset)
		return -EOVERFLOW;
	if (arg->offset + length > obj->size)
		return -ERANGE;
	return arg->repeat && arg->range % arg->repeat ? -EINVAL : 0;
}

/*
 * Buffers
 */

/* Not global: it is the context's, and its ASID's. */
static gpuas_attr_t attributes(u32 flags)
{
	gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_FW_READ | GPUAS_MEM_SHARED;

	if (flags & DRM_GPUAS_BIND_WRITE)
		attr |= GPUAS_GPU_WRITE | GPUAS_FW_WRITE;
	return attr;
}

/* Many ops in a row often have the same buffer. */
static struct drm_gpuvm_bo *in_vm(const struct qv_bind *bind, const struct qv_op *op,
				  struct drm_gem_object *obj)
{
	struct drm_gpuvm_bo *vm_bo = op > bind->op ? op[-1].vm_bo : NULL;

	if (vm_bo && vm_bo->obj == obj)
		return drm_gpuvm_bo_get(vm_bo);
	vm_bo = drm_gpuvm_bo_create(&bind->map.vm->base, obj);
	return vm_bo ? qv_vm_bo_obtain(vm_bo, obj) : NULL;
}

static u32 count_pieces(const struct qv_op *op, const dma_addr_t *pa)
{
	const u64 granules = (op->repeat ? op->repeat : op->range) >> GRANULE_SHIFT;
	u32 pieces = 1;
	u64 i;

	pa += op->offset >> GRANULE_SHIFT;
	for (i = 1; i < granules; i++)
		pieces += pa[i] != pa[i - 1] + GRANULE;
	return pieces;
}

static void list_pieces(const struct qv_op *op, struct gpuas_extent *list)
{
	const u64 granules = (op->repeat ? op->repeat : op->range) >> GRANULE_SHIFT;
	const dma_addr_t *pa = to_bo(op->vm_bo->obj)->pa + (op->offset >> GRANULE_SHIFT);
	u64 i;

	list += op->first;
	for (i = 0; i < granules; i++) {
		if (i && pa[i] == pa[i - 1] + GRANULE) {
			list[-1].size += GRANULE;
			continue;
		}
		list->pa = gpuas_pa(pa[i]);
		list++->size = GRANULE;
	}
}

static int read_buffer(struct qv_bind *bind, struct qv_op *op, struct drm_gem_object *obj,
		       const struct drm_gpuas_bind_op *arg)
{
	int err = check_buffer(bind->map.vm, obj, arg);

	if (!err)
		err = gpuas_qv_bo_fill(to_bo(obj));
	if (err)
		return err;
	op->offset = arg->offset;
	op->repeat = arg->repeat == arg->range ? 0 : arg->repeat;
	op->attr = attributes(arg->flags);
	op->first = bind->pieces;
	op->pieces = count_pieces(op, to_bo(obj)->pa);
	if (op->pieces > PIECES_MAX - bind->pieces)
		return -EDQUOT;
	bind->pieces += op->pieces;
	op->vm_bo = in_vm(bind, op, obj);
	return op->vm_bo ? 0 : -ENOMEM;
}

static int read_op(struct qv_bind *bind, struct qv_op *op, struct drm_file *file,
		   const struct drm_gpuas_bind_op *arg)
{
	struct drm_gem_object *obj;
	int err = check(bind->map.vm, arg);

	if (err)
		return err;
	op->va = arg->addr;
	op->range = arg->range;
	if (!(arg->flags & DRM_GPUAS_BIND_MAP))
		return gpuas_qv_map_reserve(&bind->map, 1);
	if (gpuas_qv_fw_dead(&bind->map.vm->render->gpu->fw))
		return -EIO;
	obj = drm_gem_object_lookup(file, arg->handle);
	if (!obj)
		return -ENOENT;
	err = read_buffer(bind, op, obj, arg);
	drm_gem_object_put(obj);
	return err ? err : gpuas_qv_map_reserve(&bind->map, 2);
}

/*
 * All of them
 */

static int list_all(struct qv_bind *bind)
{
	u32 i;

	if (!bind->pieces)
		return 0;
	bind->list = kvmalloc_array(bind->pieces, sizeof(*bind->list), GFP_KERNEL_ACCOUNT);
	if (!bind->list)
		return -ENOMEM;
	for (i = 0; i < bind->ops; i++) {
		if (bind->op[i].vm_bo)
			list_pieces(&bind->op[i], bind->list);
	}
	return 0;
}

static int read_all(struct qv_bind *bind, const struct drm_gpuas_bind_op *arg,
		    struct drm_file *file)
{
	u32 i;
	int err = 0;

	for (i = 0; !err && i < bind->ops; i++) {
		err = read_op(bind, &bind->op[i], file, &arg[i]);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	if (!err)
		err = list_all(bind);
	return err ? err : gpuas_qv_ops_prepare(bind);
}

int gpuas_qv_ops_read(struct qv_bind *bind, const struct drm_gpuas_vm_bind *arg,
		      struct drm_file *file)
{
	struct drm_gpuas_bind_op *op;
	int err;

	if (arg->num_ops > OPS_MAX)
		return -EDQUOT;
	op = gpuas_qv_copy_array(arg->ops, arg->num_ops, arg->op_stride, sizeof(*op), 40);
	if (IS_ERR(op))
		return PTR_ERR(op);
	bind->op = kvcalloc(arg->num_ops, sizeof(*bind->op), GFP_KERNEL_ACCOUNT);
	if (bind->op)
		bind->ops = arg->num_ops;
	err = bind->op ? read_all(bind, op, file) : -ENOMEM;
	kvfree(op);
	return err;
}

void gpuas_qv_ops_free(struct qv_bind *bind)
{
	u32 i;

	gpuas_qv_ops_drop(bind);
	gpuas_qv_map_end(&bind->map);
	for (i = 0; i < bind->ops; i++) {
		if (bind->op[i].vm_bo)
			gpuas_qv_map_put_bo(bind->op[i].vm_bo);
	}
	kvfree(bind->op);
	kvfree(bind->list);
}
