// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Jobs as they are done: one worker, one message to the firmware for each command. */
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "copy.h"

/* Edu takes 200 ms for 2 KiB; what it needs of the host to be done comes when it comes. */
#define COPY_BEATS	5000
#define COPY_KIB_BEATS	500

/* When a job is late, its VM is taken away; the GPU is given up only long after that. */
#define GIVE_UP		4

static unsigned int job_beats;
module_param(job_beats, uint, 0600);
MODULE_PARM_DESC(job_beats, "beats of the firmware's heart that a job may take (0: by its size)");

u64 gpuas_qv_copy_beats(const struct drm_gpuas_cmd *cmd)
{
	return COPY_BEATS + cmd->size / SZ_1K * COPY_KIB_BEATS;
}

/*
 * Doing
 */

static int copy(struct qv_job *job, const struct drm_gpuas_cmd *cmd, struct fw_message *message)
{
	struct qv_vm *vm = job->queue->vm;

	*message = (struct fw_message){
		.op = FW_COPY,
		.arg = { vm->context, cmd->from, cmd->to, cmd->size },
	};
	return gpuas_qv_copy(vm->render->gpu, message, GIVE_UP * gpuas_qv_copy_beats(cmd));
}

/* Why it is not done, as the scheduler says of those that it does not run; or no further */
static int stopped(const struct qv_job *job, bool begun)
{
	const struct qv_queue *queue = job->queue;

	if (READ_ONCE(job->late))
		return -ETIME;
	if (READ_ONCE(queue->vm->render->gone) || READ_ONCE(queue->closed))
		return begun ? -ECANCELED : -ESRCH;
	if (READ_ONCE(queue->vm->banned))
		return -ECANCELED;
	return gpuas_qv_fw_dead(&queue->vm->render->gpu->fw) ? -EIO : 0;
}

static int copy_all(struct qv_job *job, struct fw_message *message)
{
	u32 i;
	int err = stopped(job, false);

	if (!err)
		err = gpuas_qv_vm_load(job->queue->vm);
	for (i = 0; !err && i < job->cmds; i++) {
		err = copy(job, &job->cmd[i], message);
		if (READ_ONCE(job->late))
			err = -ETIME;
		else if (!err && i + 1 < job->cmds)
			err = stopped(job, true);
	}
	return err;
}

/* The job may be gone as soon as its fence has signalled. */
void gpuas_qv_copy_work(struct work_struct *work)
{
	struct qv_job *job = container_of(work, struct qv_job, work);
	struct qv_fence *fence = job->fence;
	bool cookie = dma_fence_begin_signalling();
	struct fw_message message = { };
	u64 begin = ktime_get_ns();
	int err;

	dma_fence_get(&fence->base);
	job->start = gpuas_qv_fw_heartbeat(&job->queue->vm->render->gpu->fw);
	smp_store_release(&job->running, true);
	err = copy_all(job, &message);
	atomic64_add(ktime_get_ns() - begin, &job->queue->account->busy);
	gpuas_qv_queue_done(job->queue, job->seqno, err, &message);
	gpuas_qv_fence_end(fence, err);
	dma_fence_end_signalling(cookie);
	dma_fence_put(&fence->base);
}

/*
 * For the scheduler
 */

static struct dma_fence *copy_run(struct drm_sched_job *base)
{
	struct qv_job *job = container_of(base, struct qv_job, base);
	struct dma_fence *fence = dma_fence_get(&job->fence->base);

	queue_work(job->queue->vm->render->worker, &job->work);
	return fence;
}

static bool is_late(const struct qv_job *job)
{
	const struct fw *fw = &job->queue->vm->render->gpu->fw;
	u64 beats = READ_ONCE(job_beats);

	return smp_load_acquire(&job->running) &&
	       gpuas_qv_fw_heartbeat(fw) - job->start > (beats ? beats : job->beats);
}

/* Looked at each second, as it is the firmware's heart that measures. */
static enum drm_gpu_sched_stat copy_timedout(struct drm_sched_job *base)
{
	struct qv_job *job = container_of(base, struct qv_job, base);

	if (!job->late && is_late(job)) {
		drm_err_ratelimited(&job->queue->vm->render->drm,
				    "job %llu took too long: its VM is lost\n", job->seqno);
		WRITE_ONCE(job->late, true);
		gpuas_qv_vm_ban(job->queue->vm);
	}
	return qv_sched_go_on(base);
}

void gpuas_qv_copy_free(struct qv_job *job)
{
	struct qv_queue *queue = job->queue;
	struct qv_render *render = queue->vm->render;

	gpuas_qv_fence_free(job->fence);
	gpuas_qv_sync_free(&job->outs);
	kvfree(job);
	atomic_dec(&queue->jobs);
	gpuas_qv_queue_put(queue);
	gpuas_qv_job_end(render);
}

static void copy_over(struct drm_sched_job *base)
{
	struct qv_job *job = container_of(base, struct qv_job, base);

	gpuas_qv_fence_cancel(job->fence, base);
	drm_sched_job_cleanup(base);
	gpuas_qv_copy_free(job);
}

const struct drm_sched_backend_ops gpuas_qv_copy_ops = {
	.run_job = copy_run,
	.timedout_job = copy_timedout,
	.free_job = copy_over,
};
