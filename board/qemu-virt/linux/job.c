// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Jobs: one queue for all contexts, done by one worker, each by one message. */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "driver.h"

/* Edu takes 200 ms for 2 KiB; what it needs of the host to be done comes when it comes. */
#define COPY_BEATS	5000
#define COPY_KIB_BEATS	500

/**
 * struct job - One copy
 * @ref: its number, the worker, and who waits
 * @work: in the queue
 * @done: it is
 * @gpu: for the worker
 * @message: to the firmware, and its answer
 * @error: why it failed
 */
struct job {
	struct kref ref;
	struct work_struct work;
	struct completion done;
	struct gpu *gpu;
	struct fw_message message;
	int error;
};

static void job_free(struct kref *ref)
{
	kfree(container_of(ref, struct job, ref));
}

static void job_put(struct job *job)
{
	kref_put(&job->ref, job_free);
}

static void job_end(struct job *job, int err)
{
	job->error = err;
	complete_all(&job->done);
	job_put(job);
}

int gpuas_qv_copy(struct gpu *gpu, struct fw_message *message, unsigned int beats)
{
	struct gpuas_report report;

	if (!gpuas_qv_roots_confirm(gpu, &report))
		return gpuas_qv_fw_send(&gpu->fw, message, beats);
	mutex_lock(&gpu->fw.lock);
	gpuas_qv_fw_give_up(&gpu->fw, &report);
	mutex_unlock(&gpu->fw.lock);
	return -EIO;
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_copy, GPUAS_QV_NS);

static void job_run(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);
	unsigned int beats = COPY_BEATS +
			     job->message.arg[3] / SZ_1K * COPY_KIB_BEATS;

	job_end(job, gpuas_qv_copy(job->gpu, &job->message, beats));
}

/* All of [va, va + size), which does not wrap, in a range? */
static bool inside(uint64_t va, uint64_t size, uint64_t start, uint64_t length)
{
	return va >= start && va - start < length &&
	       size <= length - (va - start);
}

/*
 * QEMU's edu is privileged for the SMMU, as the firmware is (both see what the GPU's
 * rights forbid), so these rights are judged here.
 */
static bool shown_to_gpu(struct gpu *gpu, uint64_t va, uint64_t size)
{
	const struct gpuas_range *firmware = &gpu->as.manifest.firmware;
	uint64_t last = va + size - 1;
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

static int check_copy(struct context *ctx, const struct gpuas_ioctl_copy *arg)
{
	const uint64_t half = 1ULL << ctx->as.space.geo.va_bits;

	if (!arg->size || arg->size > COPY_MAX)
		return -EINVAL;
	if (!inside(arg->to, arg->size, 0, half))
		return -EPERM;
	if (!inside(arg->from, arg->size, 0, half) &&
	    !shown_to_gpu(ctx->gpu, arg->from, arg->size))
		return -EPERM;
	return ctx->jobs < JOBS_MAX ? 0 : -EDQUOT;
}

static struct job *job_make(struct context *ctx,
			    const struct gpuas_ioctl_copy *arg)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);

	if (!job)
		return NULL;
	kref_init(&job->ref);
	INIT_WORK(&job->work, job_run);
	init_completion(&job->done);
	job->gpu = ctx->gpu;
	job->message.op = FW_COPY;
	job->message.arg[0] = ctx->number;
	job->message.arg[1] = arg->from;
	job->message.arg[2] = arg->to;
	job->message.arg[3] = arg->size;
	return job;
}

int gpuas_qv_context_copy(struct context *ctx, struct gpuas_ioctl_copy *arg)
{
	struct job *job;
	int err = check_copy(ctx, arg);

	if (err)
		return err;
	job = job_make(ctx, arg);
	if (!job)
		return -ENOMEM;
	err = xa_alloc_cyclic(&ctx->job, &arg->job, job, XA_LIMIT(1, INT_MAX),
			      &ctx->job_next, GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		job_put(job);
		return err;
	}
	ctx->jobs++;
	kref_get(&job->ref);
	queue_work(ctx->gpu->users.queue, &job->work);
	return 0;
}

bool gpuas_qv_jobs_busy(struct context *ctx)
{
	unsigned long number;
	struct job *job;

	xa_for_each(&ctx->job, number, job) {
		if (!completion_done(&job->done))
			return true;
	}
	return false;
}

static void job_forget(struct context *ctx, unsigned long number)
{
	struct job *job = xa_erase(&ctx->job, number);

	if (!job)
		return;
	ctx->jobs--;
	job_put(job);
}

void gpuas_qv_jobs_cancel(struct context *ctx)
{
	unsigned long number;
	struct job *job;

	/* All of them, before the end of the one that runs lets the next one run. */
	xa_for_each(&ctx->job, number, job) {
		if (cancel_work(&job->work))
			job_end(job, -ECANCELED);
	}
	xa_for_each(&ctx->job, number, job) {
		flush_work(&job->work);
		job_forget(ctx, number);
	}
}

static void tell(const struct job *job, struct gpuas_ioctl_wait *arg)
{
	arg->error = job->error;
	if (job->error != -EFAULT)
		return;
	arg->fault_type = job->message.arg[0];
	arg->fault_va = job->message.arg[1];
	arg->fault_write = job->message.result;
}

int gpuas_qv_context_wait(struct context *ctx, struct gpuas_ioctl_wait *arg)
{
	struct job *job;
	bool stopped;
	long left;

	mutex_lock(&ctx->lock);
	stopped = ctx->stopped;
	job = xa_load(&ctx->job, arg->job);
	if (job)
		kref_get(&job->ref);
	mutex_unlock(&ctx->lock);
	if (!job)
		return stopped ? -ENODEV : -ENOENT;
	left = wait_for_completion_interruptible_timeout(
		&job->done, msecs_to_jiffies(arg->timeout_ms));
	if (left > 0) {
		tell(job, arg);
		mutex_lock(&ctx->lock);
		if (xa_load(&ctx->job, arg->job) == job)
			job_forget(ctx, arg->job);
		mutex_unlock(&ctx->lock);
	}
	job_put(job);
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}
