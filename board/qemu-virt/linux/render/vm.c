// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Address spaces: their beginning, what the firmware knows of them, and their end. */
#include <linux/kmemleak.h>
#include <linux/slab.h>

#include "evict.h"

/* Who walks a lower half: the SMMU, for the GPU, and if the firmware knows it. */
static void flush(void *as, gpuas_va_t va, uint64_t size)
{
	struct qv_vm *vm = container_of(as, struct qv_vm, as);
	struct fw *fw = &vm->render->gpu->fw;

	if (vm->context)
		gpuas_qv_fw_forget(fw, vm->context, va, size);
	vm->as.keep |= fw->loose;
}

/*
 * What the firmware knows
 */

static int bind(struct qv_vm *vm)
{
	int err = -ECANCELED;

	mutex_lock(&vm->as.lock);
	if (!vm->stopped)
		err = gpuas_qv_fw_bind(&vm->render->gpu->fw, vm->as.space.root, &vm->context);
	mutex_unlock(&vm->as.lock);
	if (!err)
		list_add_tail(&vm->bound, &vm->render->bound);
	return err;
}

static void unbind(struct qv_vm *vm)
{
	if (list_empty(&vm->bound))
		return;
	list_del_init(&vm->bound);
	mutex_lock(&vm->as.lock);
	gpuas_qv_fw_unbind(&vm->render->gpu->fw, vm->context);
	vm->context = 0;
	mutex_unlock(&vm->as.lock);
}

int gpuas_qv_vm_load(struct qv_vm *vm)
{
	struct qv_render *render = vm->render;
	int err = 0;

	mutex_lock(&render->bound_lock);
	if (!list_empty(&vm->bound)) {
		list_move_tail(&vm->bound, &render->bound);
	} else {
		err = bind(vm);
		/* No other one is in use: the GPU does one job at a time, and this is it. */
		if (err == -EBUSY && !list_empty(&render->bound)) {
			unbind(list_first_entry(&render->bound, struct qv_vm, bound));
			err = bind(vm);
		}
	}
	mutex_unlock(&render->bound_lock);
	return err;
}

void gpuas_qv_vm_ban(struct qv_vm *vm)
{
	mutex_lock(&vm->lock);
	WRITE_ONCE(vm->banned, true);
	gpuas_linux_unmap(&vm->as, gpuas_va(0), vm->base.mm_range);
	mutex_unlock(&vm->lock);
}

/*
 * The end
 */

void gpuas_qv_vm_close(struct qv_vm *vm)
{
	bool closed;

	mutex_lock(&vm->push);
	closed = vm->closed;
	vm->closed = true;
	mutex_unlock(&vm->push);
	if (!closed)
		drm_sched_entity_fini(&vm->entity);
}

/* A second caller has a reference to wait for. */
void gpuas_qv_vm_stop(struct qv_vm *vm)
{
	struct gpu *gpu = vm->render->gpu;
	bool stopped;

	mutex_lock(&vm->render->bound_lock);
	stopped = vm->stopped;
	vm->stopped = true;
	if (!stopped)
		unbind(vm);
	mutex_unlock(&vm->render->bound_lock);
	if (stopped)
		return;
	vm->as.keep |= gpu->fw.loose;
	gpuas_linux_release(&vm->as);
	atomic_long_add(gpuas_linux_exit(&vm->as), &gpu->left_tables);
}

/* What the GPU may still reach stays allocated. */
static void free_work(struct work_struct *work)
{
	struct qv_vm *vm = container_of(work, struct qv_vm, free);
	struct qv_render *render = vm->render;

	mutex_lock(&render->lock);
	list_del_init(&vm->link);
	mutex_unlock(&render->lock);
	gpuas_qv_vm_close(vm);
	gpuas_qv_vm_stop(vm);
	if (render->gpu->fw.loose) {
		atomic_long_add(vm->mappings, &render->gpu->left_mappings);
		kmemleak_not_leak(vm);
	} else {
		gpuas_qv_map_clear(vm);
	}
	drm_gpuvm_put(&vm->base);
	gpuas_qv_job_end(render);
}

/* Who looks for those that are not stopped finds it, or has its end to wait for. */
static void release(struct kref *ref)
{
	struct qv_vm *vm = container_of(ref, struct qv_vm, ref);

	gpuas_qv_job_begin(vm->render);
	mutex_unlock(&vm->render->lock);
	queue_work(vm->render->cleanup, &vm->free);
}

void gpuas_qv_vm_get(struct qv_vm *vm)
{
	kref_get(&vm->ref);
}

void gpuas_qv_vm_put(struct qv_vm *vm)
{
	kref_put_mutex(&vm->ref, release, &vm->render->lock);
}

static void vm_free(struct drm_gpuvm *gpuvm)
{
	struct qv_vm *vm = to_vm(gpuvm);

	dma_fence_put(vm->last);
	mutex_destroy(&vm->push);
	mutex_destroy(&vm->lock);
	kfree(vm);
}

static const struct drm_gpuvm_ops vm_ops = {
	.vm_free = vm_free,
	.vm_bo_validate = gpuas_qv_evict_validate,
	.sm_step_map = gpuas_qv_map_step,
	.sm_step_remap = gpuas_qv_remap_step,
	.sm_step_unmap = gpuas_qv_unmap_step,
};

/*
 * The beginning
 */

static int init_tables(struct qv_vm *vm)
{
	struct gpuas_linux *shared = &vm->render->gpu->as;
	struct gpuas_geometry geo = shared->manifest.geo;
	struct gpuas_range half = { gpuas_va(0), 1ULL << geo.va_bits };
	int err;

	geo.upper = false;
	gpuas_linux_init(&vm->as, shared->dev, shared->board, flush);
	vm->as.tables_max = VM_TABLES;
	err = gpuas_linux_create(&vm->as, &geo, &half);
	if (err)
		gpuas_linux_exit(&vm->as);
	return err;
}

static int init_base(struct qv_vm *vm)
{
	struct qv_render *render = vm->render;
	struct drm_gem_object *resv = drm_gpuvm_resv_object_alloc(&render->drm);

	if (!resv)
		return -ENOMEM;
	drm_gpuvm_init(&vm->base, "gpuas", QV_VM_FLAGS, &render->drm, resv, 0,
		       1ULL << vm->as.space.geo.va_bits, 0, 0, &vm_ops);
	drm_gem_object_put(resv);
	return 0;
}

static int init_entity(struct qv_vm *vm)
{
	struct drm_gpu_scheduler *sched = &vm->render->bind;

	return drm_sched_entity_init(&vm->entity, DRM_SCHED_PRIORITY_NORMAL, &sched, 1, NULL);
}

static int init(struct qv_vm *vm)
{
	int err;

	kref_init(&vm->ref);
	vm->fences = dma_fence_context_alloc(1);
	mutex_init(&vm->push);
	mutex_init(&vm->lock);
	INIT_LIST_HEAD(&vm->bound);
	INIT_LIST_HEAD(&vm->link);
	INIT_WORK(&vm->free, free_work);
	err = init_tables(vm);
	if (err)
		return err;
	err = init_entity(vm);
	if (!err) {
		err = init_base(vm);
		if (err)
			drm_sched_entity_fini(&vm->entity);
	}
	if (err)
		gpuas_qv_vm_stop(vm);
	return err;
}

static struct qv_vm *create(struct qv_render *render)
{
	struct qv_vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	int err;

	if (!vm)
		return ERR_PTR(-ENOMEM);
	vm->render = render;
	err = init(vm);
	if (err) {
		kfree(vm);
		return ERR_PTR(err);
	}
	vm->pid = task_tgid_nr(current);
	mutex_lock(&render->lock);
	vm->number = ++render->made;
	list_add(&vm->link, &render->vms);
	mutex_unlock(&render->lock);
	return vm;
}

/*
 * Calls
 */

struct qv_vm *gpuas_qv_vm_find(struct qv_file *file, u32 id)
{
	struct qv_vm *vm;

	xa_lock(&file->vm);
	vm = xa_load(&file->vm, id);
	if (vm)
		gpuas_qv_vm_get(vm);
	xa_unlock(&file->vm);
	return vm;
}

static int create_id(struct qv_render *render, struct qv_file *file, u32 *id)
{
	struct qv_vm *vm;
	int err;

	if (gpuas_qv_fw_dead(&render->gpu->fw))
		return -EIO;
	vm = create(render);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	err = xa_alloc(&file->vm, id, vm, XA_LIMIT(1, FILE_VMS), GFP_KERNEL_ACCOUNT);
	if (err)
		gpuas_qv_vm_put(vm);
	return err == -EBUSY ? -EDQUOT : err;
}

int gpuas_qv_ioctl_vm_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_vm_create *arg = data;
	int err, idx;

	if (arg->flags || arg->vm_id)
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	err = create_id(to_render(drm), file->driver_priv, &arg->vm_id);
	drm_dev_exit(idx);
	return err;
}

int gpuas_qv_ioctl_vm_destroy(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_vm_destroy *arg = data;
	struct qv_file *user = file->driver_priv;
	struct qv_vm *vm;

	if (arg->pad)
		return -EINVAL;
	vm = xa_erase(&user->vm, arg->vm_id);
	if (!vm)
		return -ENOENT;
	gpuas_qv_vm_put(vm);
	return 0;
}
