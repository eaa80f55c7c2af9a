// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The ops of a bind: judged, with all memory that they take, before it is queued. */
#include <linux/sched/signal.h>
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

static int check_buffer(const struct drm_gem_object *obj, const struct drm_gpuas_bind_op *arg)
{
	const u64 length = arg->repeat ? arg->repeat : arg->range;

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

static struct drm_gpuvm_bo *add_buffer(struct qv_bind *bind, u32 handle,
				       struct drm_gem_object *obj)
{
	struct drm_gpuvm_bo *vm_bo = drm_gpuvm_bo_create(&bind->map.vm->base, obj);
	int err;

	if (vm_bo)
		vm_bo = qv_vm_bo_obtain(vm_bo, obj);
	if (!vm_bo)
		return ERR_PTR(-ENOMEM);
	err = xa_insert(&bind->bos, handle, vm_bo, GFP_KERNEL);
	if (!err)
		return vm_bo;
	gpuas_qv_map_put_bo(vm_bo);
	return ERR_PTR(err);
}

/* Its memory is held until the bind is over. */
static struct drm_gpuvm_bo *hold_buffer(struct qv_bind *bind, u32 handle,
					struct drm_gem_object *obj)
{
	struct drm_gpuvm_bo *vm_bo;
	int err = gpuas_qv_bo_hold(to_bo(obj));

	if (err)
		return ERR_PTR(err);
	vm_bo = add_buffer(bind, handle, obj);
	if (IS_ERR(vm_bo))
		gpuas_qv_bo_release(to_bo(obj));
	return vm_bo;
}

/* A buffer is looked up once, however many ops have it. */
static struct drm_gpuvm_bo *look_up(struct qv_bind *bind, struct drm_file *file, u32 handle)
{
	struct drm_gem_object *obj, *only;
	struct drm_gpuvm_bo *vm_bo;

	obj = drm_gem_object_lookup(file, handle);
	if (!obj)
		return ERR_PTR(-ENOENT);
	only = to_bo(obj)->only;
	if (only && only != drm_gpuvm_resv_obj(&bind->map.vm->base))
		vm_bo = ERR_PTR(-EPERM);
	else
		vm_bo = hold_buffer(bind, handle, obj);
	drm_gem_object_put(obj);
	return vm_bo;
}

static struct drm_gpuvm_bo *find_buffer(struct qv_bind *bind, struct drm_file *file, u32 handle)
{
	struct drm_gpuvm_bo *vm_bo = bind->bo;

	if (vm_bo && bind->handle == handle)
		return vm_bo;
	vm_bo = xa_load(&bind->bos, handle);
	if (!vm_bo)
		vm_bo = look_up(bind, file, handle);
	if (!IS_ERR(vm_bo)) {
		bind->bo = vm_bo;
		bind->handle = handle;
	}
	return vm_bo;
}

static u64 granules(const struct drm_gpuas_bind_op *arg)
{
	return (arg->repeat ? arg->repeat : arg->range) >> GRANULE_SHIFT;
}

static const dma_addr_t *first_pa(struct drm_gem_object *obj,
				  const struct drm_gpuas_bind_op *arg)
{
	return to_bo(obj)->pa + (arg->offset >> GRANULE_SHIFT);
}

/* Behind those of the op that there are */
static void list_pieces(struct qv_bind *bind, struct qv_op *op, const dma_addr_t *pa, u64 granules)
{
	struct gpuas_extent *list = bind->list + op->first + op->pieces;
	u64 i;

	for (i = 0; i < granules; i++) {
		if (op->pieces && gpuas_pa_u64(list[-1].pa) + list[-1].size == pa[i]) {
			list[-1].size += GRANULE;
			continue;
		}
		list->pa = gpuas_pa(pa[i]);
		list++->size = GRANULE;
		op->pieces++;
	}
}

/*
 * First all are judged, and what they take is counted
 */

static int judge_buffer(struct qv_bind *bind, struct drm_file *file,
			const struct drm_gpuas_bind_op *arg)
{
	struct drm_gpuvm_bo *vm_bo = find_buffer(bind, file, arg->handle);
	u32 pieces;
	int err;

	if (IS_ERR(vm_bo))
		return PTR_ERR(vm_bo);
	err = check_buffer(vm_bo->obj, arg);
	if (err)
		return err;
	pieces = gpuas_qv_bo_pieces(to_bo(vm_bo->obj), arg->offset, granules(arg) << GRANULE_SHIFT,
				    NULL);
	if (pieces > PIECES_MAX - bind->pieces)
		return -EDQUOT;
	bind->pieces += pieces;
	return 0;
}

static int judge(struct qv_bind *bind, struct drm_file *file, const struct drm_gpuas_bind_op *arg)
{
	const struct qv_vm *vm = bind->map.vm;
	int err = check(vm, arg);

	if (err)
		return err;
	/* Nobody has the same tables written over and over in one call. */
	bind->total += arg->range;
	if (bind->total > 2 * vm->base.mm_range)
		return -EDQUOT;
	if (!(arg->flags & DRM_GPUAS_BIND_MAP))
		return 0;
	if (gpuas_qv_fw_dead(&vm->render->gpu->fw))
		return -EIO;
	return judge_buffer(bind, file, arg);
}

/* Is it more of the same? */
static bool continues(const struct drm_gpuas_bind_op *last, const struct drm_gpuas_bind_op *arg)
{
	return last->addr + last->range == arg->addr && last->flags == arg->flags &&
	       last->handle == arg->handle && !last->repeat && !arg->repeat;
}

/* An op may take a while, and there may be many. */
static int judge_all(struct qv_bind *bind, struct drm_file *file,
		     const struct drm_gpuas_bind_op *arg, u32 count)
{
	u32 i;
	int err = 0;

	for (i = 0; !err && i < count; i++) {
		err = judge(bind, file, &arg[i]);
		bind->ops += !i || !continues(&arg[i - 1], &arg[i]);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (!(i % SZ_1K) || arg[i].range >= SZ_1K * GRANULE)
			cond_resched();
	}
	return err;
}

/*
 * Then they are written down, as few as possible
 */

static struct qv_op op_of(struct qv_bind *bind, const struct drm_gpuas_bind_op *arg)
{
	struct qv_op op = { .va = arg->addr, .range = arg->range };

	if (!(arg->flags & DRM_GPUAS_BIND_MAP))
		return op;
	op.vm_bo = xa_load(&bind->bos, arg->handle);
	op.offset = arg->offset;
	op.repeat = arg->repeat == arg->range ? 0 : arg->repeat;
	op.attr = attributes(arg->flags);
	op.first = bind->pieces;
	return op;
}

static void add_op(struct qv_bind *bind, const struct drm_gpuas_bind_op *arg, bool more)
{
	struct qv_op *op = &bind->op[bind->ops - more];
	u32 before;

	if (more) {
		op->scattered |= op->offset + op->range != arg->offset;
		op->range += arg->range;
	} else {
		*op = op_of(bind, arg);
		bind->ops++;
	}
	if (!op->vm_bo)
		return;
	/* No mapping will say what stands where: evict.c. */
	if (op->scattered || op->repeat)
		WRITE_ONCE(to_bo(op->vm_bo->obj)->stays, true);
	before = op->pieces;
	list_pieces(bind, op, first_pa(op->vm_bo->obj, arg), granules(arg));
	bind->pieces += op->pieces - before;
}

/*
 * One mapping for each map. And one for what is cut in two: where an op begins at the end of the
 * one before it, nothing reaches over that place any more.
 */
static unsigned int count_mappings(const struct qv_bind *bind)
{
	const struct qv_op *op = bind->op;
	unsigned int mappings = 0;
	u32 i;

	for (i = 0; i < bind->ops; i++, op++) {
		mappings += op->vm_bo != NULL;
		mappings += !i || op[-1].va + op[-1].range != op->va;
	}
	return mappings;
}

static int add_all(struct qv_bind *bind, const struct drm_gpuas_bind_op *arg, u32 count)
{
	u32 i;

	bind->op = kvmalloc_array(bind->ops, sizeof(*bind->op), GFP_KERNEL_ACCOUNT);
	if (bind->pieces)
		bind->list = kvmalloc_array(bind->pieces, sizeof(*bind->list), GFP_KERNEL_ACCOUNT);
	if (!bind->op || (bind->pieces && !bind->list))
		return -ENOMEM;
	bind->ops = 0;
	bind->pieces = 0;
	for (i = 0; i < count; i++)
		add_op(bind, &arg[i], i && continues(&arg[i - 1], &arg[i]));
	return gpuas_qv_map_reserve(&bind->map, count_mappings(bind));
}

/*
 * All of them
 */

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
	err = judge_all(bind, file, op, arg->num_ops);
	if (!err)
		err = add_all(bind, op, arg->num_ops);
	kvfree(op);
	return err ? err : gpuas_qv_ops_prepare(bind);
}

void gpuas_qv_ops_free(struct qv_bind *bind)
{
	struct drm_gpuvm_bo *vm_bo;
	unsigned long handle;

	gpuas_qv_ops_drop(bind);
	gpuas_qv_map_end(&bind->map);
	xa_for_each(&bind->bos, handle, vm_bo) {
		gpuas_qv_bo_release(to_bo(vm_bo->obj));
		gpuas_qv_map_put_bo(vm_bo);
	}
	xa_destroy(&bind->bos);
	kvfree(bind->op);
	kvfree(bind->list);
}
