// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Watching a firmware that runs, and giving it up. */
#include <linux/device.h>
#include <linux/jiffies.h>

#include "fwlog.h"
#include "patience.h"

#define WATCH_MS	500

/*
 * In this order: the lock, for good; what the firmware might still load; and what
 * the GPU might still use, also if the firmware was only slow, and loads a context
 * when it goes on: the SMMU does not look at contexts any more.
 */
static int unload(struct fw *fw)
{
	struct gpuas_report report;
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, FW_BEATS_MAX);
	unsigned int i;

	gpuas_handoff_recover(fw->handoff, GPUAS_SIDE_HOST);
	if (gpuas_handoff_lock(fw->handoff, fw->profile, GPUAS_SIDE_HOST, &wait, &report))
		dev_warn(fw->dev, "gpuas: %s\n", report.text.buf);
	for (i = 1; i < GPUAS_TTB_CONTEXTS; i++) {
		if (fw->root[i] != GPUAS_TTB_NONE)
			gpuas_ttb_unbind(fw->ttbs, i, fw->root[i], fw->upper);
		fw->root[i] = GPUAS_TTB_NONE;
	}
	fw->smmu_looks = 0;
	return gpuas_qv_smmu_refuse(&fw->smmu);
}

void gpuas_qv_fw_give_up(struct fw *fw, const struct gpuas_report *report)
{
	int err;

	if (gpuas_qv_fw_gone(fw))
		return;
	/* Who finds it dead takes a snapshot of what there was. */
	fw->death.ttbs = *fw->ttbs;
	fw->death.report = *report;
	smp_store_release(&fw->dead, true);
	dev_err(fw->dev,
		"gpuas: the GPU is dead: %s (%pe); firmware: state %llu, error %lld, heartbeat %llu\n",
		report->text.buf, ERR_PTR(report->err),
		gpuas_entry_load(&fw->status->state),
		(s64)gpuas_entry_load((const uint64_t *)&fw->status->error),
		gpuas_qv_fw_heartbeat(fw));
	gpuas_qv_fw_log_print(fw->dev, fw->log);
	err = unload(fw);
	fw->loose = err;
	if (err)
		dev_err(fw->dev,
			"gpuas: the SMMU does not answer (%pe): memory of users stays allocated\n",
			ERR_PTR(err));
	else
		dev_info(fw->dev,
			 "gpuas: lock taken, contexts unbound, SMMU closed\n");
	queue_work(system_unbound_wq, &fw->death.work);
}

int gpuas_qv_fw_check(struct fw *fw, struct gpuas_report *report)
{
	uint64_t state = gpuas_entry_load(&fw->status->state);
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, 1);

	if (state != FW_RUNNING)
		return gpuas_report_hex(report, -GPUAS_EPROTO, "firmware",
					NULL, "does not run, its state is",
					state);
	while (wait.again(wait.ctx))
		;
	if (patient.beat != patient.start || gpuas_qv_fw_dead(fw))
		return 0;
	return gpuas_report_dec(report, -GPUAS_ETIMEDOUT, "firmware", NULL,
				"its heartbeat stands still at", patient.beat);
}

/* Not while the machine is asleep. */
static void watch_again(struct fw *fw)
{
	if (!gpuas_qv_fw_gone(fw))
		queue_delayed_work(system_freezable_wq, &fw->watchdog,
				   msecs_to_jiffies(WATCH_MS));
}

static void watch(struct work_struct *work)
{
	struct fw *fw = container_of(to_delayed_work(work), struct fw,
				     watchdog);
	struct gpuas_report report;

	if (gpuas_qv_fw_check(fw, &report)) {
		mutex_lock(&fw->lock);
		gpuas_qv_fw_give_up(fw, &report);
		mutex_unlock(&fw->lock);
	}
	watch_again(fw);
}

void gpuas_qv_fw_watch(struct fw *fw)
{
	INIT_DELAYED_WORK(&fw->watchdog, watch);
	watch_again(fw);
}
