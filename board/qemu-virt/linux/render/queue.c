// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Queues: an entity of the scheduler each, and what became of their jobs. */
#include <linux/capability.h>
#include <linux/slab.h>

#include "render.h"

static void release(struct kref *ref)
{
	struct qv_queue *queue = container_of(ref, struct qv_queue, ref);

	mutex_destroy(&queue->lock);
	gpuas_qv_account_put(queue->account);
	gpuas_qv_vm_put(queue->vm);
	kfree(queue);
}

void gpuas_qv_queue_put(struct qv_queue *queue)
{
	kref_put(&queue->ref, release);
}

/*
 * Jobs that were not run end at once, with -ESRCH. What is done just now goes on. Who ends all
 * queues does not find it any more, and waits for us, as for a job: the scheduler has to be there.
 */
void gpuas_qv_queue_close(struct qv_queue *queue)
{
	struct qv_render *render = queue->vm->render;
	bool closed;

	gpuas_qv_job_begin(render);
	mutex_lock(&queue->lock);
	closed = queue->closed;
	WRITE_ONCE(queue->closed, true);
	mutex_unlock(&queue->lock);
	if (!closed) {
		mutex_lock(&render->lock);
		list_del_init(&queue->link);
		mutex_unlock(&render->lock);
		drm_sched_entity_fini(&queue->entity);
	}
	gpuas_qv_job_end(render);
}

struct qv_queue *gpuas_qv_queue_find(struct qv_file *file, u32 id)
{
	struct qv_queue *queue;

	xa_lock(&file->queue);
	queue = xa_load(&file->queue, id);
	if (queue)
		kref_get(&queue->ref);
	xa_unlock(&file->queue);
	return queue;
}

void gpuas_qv_queue_done(struct qv_queue *queue, u64 seqno, int err,
			 const struct fw_message *answer)
{
	struct drm_gpuas_queue_state *state = &queue->state;
	const bool fault = err == -EFAULT;

	spin_lock(&queue->state_lock);
	state->done++;
	if (err) {
		state->failed++;
		state->seqno = seqno;
		state->error = err;
		state->fault_type = fault ? answer->arg[0] : 0;
		state->fault_va = fault ? answer->arg[1] : 0;
		state->fault_write = fault ? answer->result : 0;
	}
	spin_unlock(&queue->state_lock);
}

/*
 * Calls
 */

static int init_entity(struct qv_queue *queue, u32 priority)
{
	static const enum drm_sched_priority known[] = {
		[DRM_GPUAS_PRIORITY_LOW] = DRM_SCHED_PRIORITY_LOW,
		[DRM_GPUAS_PRIORITY_NORMAL] = DRM_SCHED_PRIORITY_NORMAL,
		[DRM_GPUAS_PRIORITY_HIGH] = DRM_SCHED_PRIORITY_HIGH,
	};
	struct drm_gpu_scheduler *sched = &queue->vm->render->copy;

	return drm_sched_entity_init(&queue->entity, known[priority], &sched, 1, NULL);
}

static struct qv_queue *create(struct qv_file *file, struct qv_vm *vm, u32 priority)
{
	struct qv_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	int err;

	if (!queue)
		return ERR_PTR(-ENOMEM);
	kref_init(&queue->ref);
	mutex_init(&queue->lock);
	spin_lock_init(&queue->state_lock);
	queue->fences = dma_fence_context_alloc(1);
	queue->vm = vm;
	err = init_entity(queue, priority);
	if (err) {
		kfree(queue);
		return ERR_PTR(err);
	}
	gpuas_qv_vm_get(vm);
	kref_get(&file->account->ref);
	queue->account = file->account;
	mutex_lock(&vm->render->lock);
	list_add(&queue->link, &vm->render->queues);
	mutex_unlock(&vm->render->lock);
	return queue;
}

static int create_id(struct qv_file *file, struct drm_gpuas_queue_create *arg)
{
	struct qv_vm *vm = gpuas_qv_vm_find(file, arg->vm_id);
	struct qv_queue *queue;
	int err;

	if (!vm)
		return -ENOENT;
	if (gpuas_qv_fw_dead(&vm->render->gpu->fw))
		queue = ERR_PTR(-EIO);
	else if (READ_ONCE(vm->banned))
		queue = ERR_PTR(-ECANCELED);
	else
		queue = create(file, vm, arg->priority);
	gpuas_qv_vm_put(vm);
	if (IS_ERR(queue))
		return PTR_ERR(queue);
	err = xa_alloc(&file->queue, &arg->queue_id, queue, XA_LIMIT(1, FILE_QUEUES),
		       GFP_KERNEL_ACCOUNT);
	if (err) {
		gpuas_qv_queue_close(queue);
		gpuas_qv_queue_put(queue);
	}
	return err == -EBUSY ? -EDQUOT : err;
}

int gpuas_qv_ioctl_queue_create(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_queue_create *arg = data;
	int err, idx;

	if (arg->flags || arg->queue_id || arg->priority > DRM_GPUAS_PRIORITY_HIGH)
		return -EINVAL;
	if (arg->priority == DRM_GPUAS_PRIORITY_HIGH && !capable(CAP_SYS_NICE))
		return -EACCES;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	err = create_id(file->driver_priv, arg);
	drm_dev_exit(idx);
	return err;
}

int gpuas_qv_ioctl_queue_destroy(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_queue_destroy *arg = data;
	struct qv_file *user = file->driver_priv;
	struct qv_queue *queue;

	if (arg->pad)
		return -EINVAL;
	queue = xa_erase(&user->queue, arg->queue_id);
	if (!queue)
		return -ENOENT;
	gpuas_qv_queue_close(queue);
	gpuas_qv_queue_put(queue);
	return 0;
}

int gpuas_qv_ioctl_queue_state(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_queue_state *arg = data;
	const struct drm_gpuas_queue_state asked = { .queue_id = arg->queue_id };
	struct qv_queue *queue;

	if (memcmp(arg, &asked, sizeof(asked)))
		return -EINVAL;
	queue = gpuas_qv_queue_find(file->driver_priv, arg->queue_id);
	if (!queue)
		return -ENOENT;
	spin_lock(&queue->state_lock);
	*arg = queue->state;
	spin_unlock(&queue->state_lock);
	arg->queue_id = asked.queue_id;
	if (READ_ONCE(queue->vm->banned))
		arg->flags = DRM_GPUAS_QUEUE_BANNED;
	gpuas_qv_queue_put(queue);
	return 0;
}
