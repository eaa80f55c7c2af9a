/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_COPY_H
#define GPUAS_QEMU_VIRT_COPY_H

#include "fence.h"

/**
 * struct qv_job - A SUBMIT
 * @base: the scheduler's
 * @queue: of which it is
 * @seqno: its number there
 * @fence: its fence
 * @work: for the worker
 * @outs: places for its fence
 * @beats: so many beats of the firmware's heart, and it took too long
 * @start: its heartbeat when the worker began
 * @running: the worker has begun
 * @late: it took too long
 * @cmds: how many commands
 * @cmd: them
 */
struct qv_job {
	struct drm_sched_job base;
	struct qv_queue *queue;
	u64 seqno;
	struct qv_fence *fence;
	struct work_struct work;
	struct qv_outs outs;
	u64 beats;
	u64 start;
	bool running;
	bool late;
	u32 cmds;
	struct drm_gpuas_cmd cmd[];
};

/** gpuas_qv_copy_beats() - What a command may take */
u64 gpuas_qv_copy_beats(const struct drm_gpuas_cmd *cmd);

/** gpuas_qv_copy_work() - Do a job, and signal its fence */
void gpuas_qv_copy_work(struct work_struct *work);

/** gpuas_qv_copy_free() - Be done with one that is not the scheduler's, or not any more */
void gpuas_qv_copy_free(struct qv_job *job);

#endif /* GPUAS_QEMU_VIRT_COPY_H */
