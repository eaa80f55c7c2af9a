// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* VM_BIND: queued in the order of the calls, and waited for or not. */
#include <linux/completion.h>
#include <linux/slab.h>

#include "bind.h"

/*
 * Running
 */

/* There is memory for all of it, so nothing that the tables took can be refused. */
static void note(struct qv_bind *bind)
{
	const struct qv_op *op = bind->op;
	struct qv_map *map = &bind->map;
	struct drm_gpuvm *gpuvm = &map->vm->base;
	u32 i;
	int err;

	for (i = 0; i < bind->ops; i++, op++) {
		map->vm_bo = op->vm_bo;
		map->attr = op->attr;
		map->scattered = op->scattered || op->repeat;
		err = op->vm_bo ? qv_sm_map(gpuvm, map, op->va, op->range, op->vm_bo->obj,
					    op->offset) :
				  drm_gpuvm_sm_unmap(gpuvm, map, op->va, op->range);
		drm_WARN_ON_ONCE(gpuvm->drm, err);
	}
}

static int apply(struct qv_bind *bind)
{
	struct qv_vm *vm = bind->map.vm;
	int err;

	if (READ_ONCE(vm->render->gone))
		return -ESRCH;
	mutex_lock(&vm->lock);
	err = vm->banned ? -ECANCELED : gpuas_qv_ops_apply(bind);
	if (!err)
		note(bind);
	/* The tables have changed. Where the SMMU did not forget what they were, that is not it. */
	if (!err && vm->as.keep)
		err = -EIO;
	mutex_unlock(&vm->lock);
	return err;
}

/* Done at once */
static struct dma_fence *bind_run(struct drm_sched_job *base)
{
	struct qv_bind *bind = container_of(base, struct qv_bind, base);
	bool cookie = dma_fence_begin_signalling();

	gpuas_qv_fence_end(bind->fence, apply(bind));
	dma_fence_end_signalling(cookie);
	return dma_fence_get(&bind->fence->base);
}

static void bind_free(struct qv_bind *bind)
{
	struct qv_vm *vm = bind->map.vm;
	struct qv_render *render = vm->render;

	gpuas_qv_ops_free(bind);
	gpuas_qv_sync_free(&bind->outs);
	gpuas_qv_fence_free(bind->fence);
	kfree(bind);
	atomic_dec(&vm->binds);
	gpuas_qv_vm_put(vm);
	gpuas_qv_job_end(render);
}

static void free_work(struct work_struct *work)
{
	bind_free(container_of(work, struct qv_bind, free));
}

/* Not here: what is let go of takes reservations, which others hold while they allocate. */
static void bind_over(struct drm_sched_job *base)
{
	struct qv_bind *bind = container_of(base, struct qv_bind, base);

	gpuas_qv_fence_cancel(bind->fence, base);
	drm_sched_job_cleanup(base);
	queue_work(bind->map.vm->render->cleanup, &bind->free);
}

const struct drm_sched_backend_ops gpuas_qv_bind_ops = {
	.run_job = bind_run,
	.free_job = bind_over,
};

/*
 * Making
 */

/* It has its own reference of the VM. */
static struct qv_bind *make(struct qv_vm *vm)
{
	struct qv_bind *bind;

	if (atomic_inc_return(&vm->binds) > VM_BINDS) {
		atomic_dec(&vm->binds);
		return ERR_PTR(-EDQUOT);
	}
	bind = kzalloc(sizeof(*bind), GFP_KERNEL_ACCOUNT);
	if (bind)
		bind->fence = gpuas_qv_fence_alloc();
	if (!bind || !bind->fence) {
		kfree(bind);
		atomic_dec(&vm->binds);
		return ERR_PTR(-ENOMEM);
	}
	gpuas_qv_job_begin(vm->render);
	gpuas_qv_vm_get(vm);
	bind->map.vm = vm;
	xa_init_flags(&bind->bos, XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&bind->map.spare);
	INIT_LIST_HEAD(&bind->map.old);
	INIT_WORK(&bind->free, free_work);
	return bind;
}

/*
 * Queueing
 */

static int lock_all(struct qv_bind *bind, struct drm_exec *exec)
{
	struct drm_gpuvm *gpuvm = &bind->map.vm->base;
	struct drm_gpuvm_bo *vm_bo;
	unsigned long handle;
	int err = 0;

	drm_exec_until_all_locked(exec) {
		err = drm_gpuvm_prepare_vm(gpuvm, exec, 1);
		if (!err)
			err = drm_gpuvm_prepare_objects(gpuvm, exec, 1);
		drm_exec_retry_on_contention(exec);
		xa_for_each(&bind->bos, handle, vm_bo) {
			if (err || !drm_gpuvm_is_extobj(gpuvm, vm_bo->obj))
				continue;
			err = drm_exec_prepare_obj(exec, vm_bo->obj, 1);
			drm_exec_retry_on_contention(exec);
		}
		if (err)
			break;
	}
	return err;
}

static void add_fence(struct qv_bind *bind, struct drm_exec *exec, struct dma_fence *fence)
{
	struct drm_gpuvm_bo *vm_bo;
	struct drm_gem_object *obj;
	unsigned long handle;

	xa_for_each(&bind->bos, handle, vm_bo)
		drm_gpuvm_bo_extobj_add(vm_bo);
	drm_exec_for_each_locked_object(exec, obj)
		dma_resv_add_fence(obj->resv, fence, DMA_RESV_USAGE_BOOKKEEP);
}

/* From here on it is the scheduler's. The fence, with a reference; or an error. */
static struct dma_fence *push(struct qv_bind *bind, struct drm_exec *exec)
{
	struct dma_fence *fence = ERR_PTR(-ENODEV);
	struct qv_vm *vm = bind->map.vm;

	mutex_lock(&vm->push);
	if (!vm->closed) {
		drm_sched_job_arm(&bind->base);
		fence = gpuas_qv_fence_begin(bind->fence, "gpuas-bind", vm->fences, ++vm->seqno);
		dma_fence_get(fence);
		add_fence(bind, exec, fence);
		dma_fence_put(vm->last);
		vm->last = dma_fence_get(fence);
		gpuas_qv_sync_signal(&bind->outs, fence);
		drm_sched_entity_push_job(&bind->base);
	}
	mutex_unlock(&vm->push);
	return fence;
}

static struct dma_fence *queue(struct qv_bind *bind)
{
	struct dma_fence *fence;
	struct drm_exec exec;
	int err;

	drm_exec_init(&exec, DRM_EXEC_INTERRUPTIBLE_WAIT | DRM_EXEC_IGNORE_DUPLICATES, 0);
	err = lock_all(bind, &exec);
	fence = err ? ERR_PTR(err) : push(bind, &exec);
	drm_exec_fini(&exec);
	return fence;
}

static struct dma_fence *start(struct qv_bind *bind, const struct drm_gpuas_vm_bind *arg,
			       struct drm_file *file)
{
	struct dma_fence *fence;
	int err;

	err = drm_sched_job_init(&bind->base, &bind->map.vm->entity, 1, file, file->client_id);
	if (err)
		return ERR_PTR(err);
	err = gpuas_qv_sync_in(&bind->base, file, arg->in, arg->num_in);
	if (!err)
		err = gpuas_qv_sync_out(&bind->outs, file, arg->out, arg->num_out);
	fence = err ? ERR_PTR(err) : queue(bind);
	if (IS_ERR(fence))
		drm_sched_job_cleanup(&bind->base);
	return fence;
}

static struct dma_fence *bind_call(struct qv_vm *vm, const struct drm_gpuas_vm_bind *arg,
				   struct drm_file *file)
{
	struct dma_fence *fence;
	struct qv_bind *bind;
	int err;

	if (READ_ONCE(vm->banned))
		return ERR_PTR(-ECANCELED);
	bind = make(vm);
	if (IS_ERR(bind))
		return ERR_CAST(bind);
	err = gpuas_qv_ops_read(bind, arg, file);
	fence = err ? ERR_PTR(err) : start(bind, arg, file);
	if (IS_ERR(fence))
		bind_free(bind);
	return fence;
}

/*
 * Waiting
 */

struct waiter {
	struct dma_fence_cb cb;
	struct completion done;
};

static void signalled(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	complete(&container_of(cb, struct waiter, cb)->done);
}

/* A signal that does not kill must not end it, as the call cannot be made again; nor may sleep. */
static int wait(struct dma_fence *fence)
{
	struct waiter waiter;
	int err = 0;

	init_completion(&waiter.done);
	if (!dma_fence_add_callback(fence, &waiter.cb, signalled)) {
		err = wait_for_completion_state(&waiter.done, TASK_KILLABLE | TASK_FREEZABLE);
		if (err && !dma_fence_remove_callback(fence, &waiter.cb))
			wait_for_completion(&waiter.done);
	}
	return err ? err : fence->error;
}

static bool sane(const struct drm_gpuas_vm_bind *arg)
{
	if (arg->flags & ~DRM_GPUAS_VM_BIND_ASYNC || !arg->num_ops)
		return false;
	return arg->flags || !(arg->num_in || arg->num_out || arg->in || arg->out);
}

int gpuas_qv_ioctl_vm_bind(struct drm_device *drm, void *data, struct drm_file *file)
{
	const struct drm_gpuas_vm_bind *arg = data;
	struct dma_fence *fence = ERR_PTR(-ENOENT);
	struct qv_vm *vm;
	int err = 0, idx;

	if (!sane(arg))
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	vm = gpuas_qv_vm_find(file->driver_priv, arg->vm_id);
	if (vm) {
		fence = bind_call(vm, arg, file);
		gpuas_qv_vm_put(vm);
	}
	drm_dev_exit(idx);
	if (IS_ERR(fence))
		return PTR_ERR(fence);
	if (!(arg->flags & DRM_GPUAS_VM_BIND_ASYNC))
		err = wait(fence);
	dma_fence_put(fence);
	return err;
}
