// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* SUBMIT: what comes from users is judged, and queued. */
#include <linux/slab.h>

#include "copy.h"
#include "evict.h"

/*
 * Judging
 */

/*
 * QEMU's edu is privileged for the SMMU, as the firmware is (both see what the GPU's
 * rights forbid), so these rights are judged here.
 */
static bool shown_to_gpu(struct gpu *gpu, u64 va, u64 size)
{
	const struct gpuas_range *firmware = &gpu->as.manifest.firmware;
	u64 last = va + size - 1;
	gpuas_attr_t attr;
	gpuas_pa_t pa;

	if (!inside(va, size, gpuas_va_u64(firmware->va), firmware->size))
		return false;
	for (va = ALIGN_DOWN(va, GRANULE); va <= last; va += GRANULE) {
		if (gpuas_qv_roots_translate(gpu, gpuas_va(va), &pa, &attr) ||
		    !(attr & GPUAS_GPU_READ))
			return false;
	}
	return true;
}

static int check(const struct qv_vm *vm, const struct drm_gpuas_cmd *cmd)
{
	const u64 half = vm->base.mm_range;

	if (cmd->type != DRM_GPUAS_CMD_COPY || cmd->flags || !cmd->size || cmd->size > COPY_MAX)
		return -EINVAL;
	if (!inside(cmd->to, cmd->size, 0, half))
		return -EPERM;
	if (!inside(cmd->from, cmd->size, 0, half) &&
	    !shown_to_gpu(vm->render->gpu, cmd->from, cmd->size))
		return -EPERM;
	return 0;
}

/*
 * Making
 */

static int read_cmds(struct qv_job *job, const struct drm_gpuas_submit *arg)
{
	struct drm_gpuas_cmd *cmd;
	u32 i;
	int err = 0;

	cmd = gpuas_qv_copy_array(arg->cmds, arg->num_cmds, arg->cmd_stride, sizeof(*cmd), 32);
	if (IS_ERR(cmd))
		return PTR_ERR(cmd);
	for (i = 0; !err && i < arg->num_cmds; i++) {
		err = check(job->queue->vm, &cmd[i]);
		job->beats += gpuas_qv_copy_beats(&cmd[i]);
		job->cmd[job->cmds++] = cmd[i];
	}
	kvfree(cmd);
	return err;
}

/* It has its own reference of the queue. */
static struct qv_job *make(struct qv_queue *queue, u32 cmds)
{
	struct qv_job *job = NULL;
	struct qv_fence *fence;

	if (atomic_inc_return(&queue->jobs) > QUEUE_JOBS) {
		atomic_dec(&queue->jobs);
		return ERR_PTR(-EDQUOT);
	}
	fence = gpuas_qv_fence_alloc();
	if (fence)
		job = kvzalloc(struct_size(job, cmd, cmds), GFP_KERNEL_ACCOUNT);
	if (!job) {
		gpuas_qv_fence_free(fence);
		atomic_dec(&queue->jobs);
		return ERR_PTR(-ENOMEM);
	}
	gpuas_qv_job_begin(queue->vm->render);
	kref_get(&queue->ref);
	job->queue = queue;
	job->fence = fence;
	INIT_WORK(&job->work, gpuas_qv_copy_work);
	return job;
}

/*
 * Queueing
 */

/* From here on it is the scheduler's. Its number, or 0. */
static u64 push(struct qv_job *job, struct drm_gpuvm_exec *exec)
{
	struct qv_queue *queue = job->queue;
	struct dma_fence *fence;
	u64 seqno = 0;

	mutex_lock(&queue->lock);
	if (!queue->closed) {
		seqno = job->seqno = ++queue->seqno;
		drm_sched_job_arm(&job->base);
		fence = gpuas_qv_fence_begin(job->fence, "gpuas-copy", queue->fences, seqno);
		drm_gpuvm_exec_resv_add_fence(exec, fence, DMA_RESV_USAGE_BOOKKEEP,
					      DMA_RESV_USAGE_BOOKKEEP);
		gpuas_qv_sync_signal(&job->outs, fence);
		drm_sched_entity_push_job(&job->base);
	}
	mutex_unlock(&queue->lock);
	return seqno;
}

static int queue_job(struct qv_job *job, u64 *seqno)
{
	struct qv_vm *vm = job->queue->vm;
	struct drm_gpuvm_exec exec = {
		.vm = &vm->base,
		.flags = DRM_EXEC_INTERRUPTIBLE_WAIT,
		.num_fences = 1,
	};
	int err = drm_gpuvm_exec_lock(&exec);

	if (err)
		return err;
	err = gpuas_qv_evict_restore(vm, &exec.exec);
	/* Lost meanwhile: what came back after that goes again. */
	if (READ_ONCE(vm->banned)) {
		gpuas_qv_vm_ban(vm);
		err = -ECANCELED;
	}
	if (!err) {
		*seqno = push(job, &exec);
		err = *seqno ? 0 : -ENOENT;
	}
	drm_gpuvm_exec_unlock(&exec);
	return err;
}

static int start(struct qv_job *job, struct drm_gpuas_submit *arg, struct drm_file *file)
{
	int err;

	err = drm_sched_job_init(&job->base, &job->queue->entity, 1, file, file->client_id);
	if (err)
		return err;
	err = gpuas_qv_sync_in(&job->base, file, arg->in, arg->num_in);
	if (!err)
		err = gpuas_qv_sync_out(&job->outs, file, arg->out, arg->num_out);
	if (!err)
		err = queue_job(job, &arg->seqno);
	if (err)
		drm_sched_job_cleanup(&job->base);
	return err;
}

static int submit(struct qv_queue *queue, struct drm_gpuas_submit *arg, struct drm_file *file)
{
	struct qv_job *job;
	int err;

	if (gpuas_qv_fw_dead(&queue->vm->render->gpu->fw))
		return -EIO;
	if (READ_ONCE(queue->vm->banned))
		return -ECANCELED;
	job = make(queue, arg->num_cmds);
	if (IS_ERR(job))
		return PTR_ERR(job);
	err = read_cmds(job, arg);
	if (!err)
		err = start(job, arg, file);
	if (err)
		gpuas_qv_copy_free(job);
	return err;
}

/* Binds may wait for users, so they are waited for with nothing held, an unplug least of all. */
static int try_submit(struct drm_device *drm, struct qv_queue *queue,
		      struct drm_gpuas_submit *arg, struct drm_file *file)
{
	int err, left, idx;

	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	err = submit(queue, arg, file);
	drm_dev_exit(idx);
	if (err != -EAGAIN)
		return err;
	left = gpuas_qv_evict_settle(queue->vm);
	return left ? left : err;
}

int gpuas_qv_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_submit *arg = data;
	struct qv_queue *queue;
	int err;

	if (arg->flags || arg->seqno || !arg->num_cmds)
		return -EINVAL;
	if (arg->num_cmds > CMDS_MAX)
		return -EDQUOT;
	queue = gpuas_qv_queue_find(file->driver_priv, arg->queue_id);
	if (!queue)
		return drm_dev_is_unplugged(drm) ? -ENODEV : -ENOENT;
	do {
		err = try_submit(drm, queue, arg, file);
	} while (err == -EAGAIN);
	gpuas_qv_queue_put(queue);
	return err;
}
