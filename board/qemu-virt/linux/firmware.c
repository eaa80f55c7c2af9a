// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Attaching to a firmware that runs, watching it, and giving it up. */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/of.h>
#include <linux/of_address.h>

#include <gpuas_linux.h>

#include "fwlog.h"
#include "patience.h"

#define BEATS_MAX	5000
#define WATCH_MS	500

/*
 * Giving up
 */

/*
 * In this order: the lock, for good; what the firmware might still load; and what
 * the GPU might still use, also if the firmware was only slow, and loads a context
 * when it goes on: the SMMU does not look at contexts any more.
 */
static int unload(struct fw *fw)
{
	struct gpuas_report report;
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, BEATS_MAX);
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
	WRITE_ONCE(fw->dead, true);
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
}

/* Until the next beat of its heart, or until it is certain that there will be none. */
static int check_beats(struct fw *fw, struct gpuas_report *report)
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

	if (check_beats(fw, &report)) {
		mutex_lock(&fw->lock);
		gpuas_qv_fw_give_up(fw, &report);
		mutex_unlock(&fw->lock);
	}
	watch_again(fw);
}

/*
 * Attaching
 */

static void *place(const struct gpuas_linux *as, const char *name, size_t offset)
{
	const struct gpuas_region *region = as->manifest.region;

	while (!gpuas_streq(region->name, name))
		region++;
	return gpuas_linux_ptr(as, region, offset);
}

static void init(struct fw *fw, const struct gpuas_linux *as)
{
	unsigned int i;

	memset(fw, 0, sizeof(*fw));
	fw->dev = as->dev;
	fw->geo = as->manifest.geo;
	fw->upper = as->manifest.root;
	fw->boot = place(as, "fw-data", 0);
	fw->status = place(as, "fw-data", FW_STATUS_OFFSET);
	fw->log = place(as, "fw-data", FW_LOG_OFFSET);
	fw->smmu.memory = place(as, "fw-data", FW_SMMU_OFFSET);
	fw->mailbox = place(as, "shared", 0);
	fw->handoff = place(as, "handoff", 0);
	fw->profile = as->board->profile;
	fw->ttbs = place(as, "ttbs", 0);
	mutex_init(&fw->call);
	mutex_init(&fw->lock);
	for (i = 0; i < GPUAS_TTB_CONTEXTS; i++)
		fw->root[i] = GPUAS_TTB_NONE;
	INIT_DELAYED_WORK(&fw->watchdog, watch);
}

/* Withheld from the kernel's own driver, it is disabled, and described all the same. */
static int find_smmu(struct fw *fw, struct gpuas_report *report)
{
	struct device_node *node;

	node = of_find_compatible_node(NULL, NULL, "arm,smmu-v3");
	fw->smmu.regs = of_iomap(node, 0);
	of_node_put(node);
	if (!fw->smmu.regs)
		return gpuas_report(report, -ENODEV, "SMMU", NULL,
				    "there is none in the device tree");
	fw->smmu.pa = gpuas_pa(virt_to_phys(fw->smmu.memory));
	fw->smmu.stream = gpuas_entry_load(&fw->boot->stream);
	fw->smmu.wait.again = gpuas_qv_patience_with_smmu;
	fw->smmu.wait.ctx = &fw->smmu_looks;
	return 0;
}

static int check_smmu(const struct fw *fw, struct gpuas_report *report)
{
	gpuas_pa_t pa;
	int err = gpuas_qv_smmu_where(fw->smmu.regs, &pa);

	if (err)
		return gpuas_report(report, err, "SMMU", NULL,
				    "was not set up by the firmware");
	if (pa != fw->smmu.pa)
		return gpuas_report_hex(report, -GPUAS_EPROTO, "SMMU", NULL,
					"has its memory elsewhere, at PA",
					gpuas_pa_u64(pa));
	if (fw->smmu.stream >> SMMU_STREAMS_LOG2)
		return gpuas_report_hex(report, -GPUAS_EPROTO, "SMMU", NULL,
					"there is no stream",
					fw->smmu.stream);
	return 0;
}

static int check_runs(struct fw *fw, struct gpuas_report *report)
{
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, BEATS_MAX);
	uint64_t magic;
	int err;

	err = gpuas_handoff_start(fw->handoff, fw->profile, GPUAS_SIDE_HOST, &wait, NULL,
				  report);
	if (err)
		return err;
	magic = gpuas_entry_load(&fw->boot->magic);
	if (magic != FW_BOOT_MAGIC)
		return gpuas_report_hex(report, -GPUAS_EPROTO, "firmware",
					NULL, "its data begins with", magic);
	return check_beats(fw, report);
}

static int ping(struct fw *fw, struct gpuas_report *report)
{
	struct fw_message message = { .op = FW_PING, .arg = { 0x67707561 } };
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, BEATS_MAX);
	int err = gpuas_qv_fw_call(fw->mailbox, &message, &wait, report);

	if (!err && message.result != ~message.arg[0])
		err = gpuas_report_hex(report, -GPUAS_EPROTO, "firmware", NULL,
				       "answers a ping with", message.result);
	return err;
}

/* Whoever was here before has left it closed, unless that was the bootloader. */
static int open_smmu(struct fw *fw, struct gpuas_report *report)
{
	int err = gpuas_qv_fw_lock(fw);

	if (err)
		return gpuas_report(report, err, "handoff", "lock", "cannot be had");
	err = gpuas_qv_smmu_admit(&fw->smmu);
	gpuas_qv_fw_unlock(fw);
	return err ? gpuas_report(report, err, "SMMU", NULL, "does not answer") : 0;
}

int gpuas_qv_fw_attach(struct fw *fw, const struct gpuas_linux *as,
		       struct gpuas_report *report)
{
	int err;

	init(fw, as);
	err = check_runs(fw, report);
	if (err)
		return err;
	err = find_smmu(fw, report);
	if (err)
		return err;
	err = check_smmu(fw, report);
	if (!err)
		err = ping(fw, report);
	if (!err)
		err = open_smmu(fw, report);
	if (err) {
		iounmap(fw->smmu.regs);
		return err;
	}
	watch_again(fw);
	return 0;
}

static void close_smmu(struct fw *fw)
{
	int err;

	if (gpuas_qv_fw_lock(fw))
		return;
	err = gpuas_qv_smmu_refuse(&fw->smmu);
	if (err)
		dev_err(fw->dev, "gpuas: the SMMU cannot be closed (%pe)\n", ERR_PTR(err));
	WRITE_ONCE(fw->left, true);
	gpuas_qv_fw_unlock(fw);
}

void gpuas_qv_fw_quiesce(struct fw *fw)
{
	mutex_lock(&fw->call);
	close_smmu(fw);
	mutex_unlock(&fw->call);
	cancel_delayed_work_sync(&fw->watchdog);
}

void gpuas_qv_fw_detach(struct fw *fw)
{
	gpuas_qv_fw_quiesce(fw);
	iounmap(fw->smmu.regs);
	mutex_destroy(&fw->call);
	mutex_destroy(&fw->lock);
}
