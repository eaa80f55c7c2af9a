// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Attaching to a firmware that runs, and leaving it to whoever comes next. */
#include <linux/device.h>
#include <linux/io.h>
#include <linux/of.h>
#include <linux/of_address.h>

#include <gpuas_linux.h>

#include "patience.h"
#include "snapshot.h"

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
	INIT_WORK(&fw->death.work, gpuas_qv_snapshot_death);
	for (i = 0; i < GPUAS_TTB_CONTEXTS; i++)
		fw->root[i] = GPUAS_TTB_NONE;
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
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, FW_BEATS_MAX);
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
	return gpuas_qv_fw_check(fw, report);
}

static int ping(struct fw *fw, struct gpuas_report *report)
{
	struct fw_message message = { .op = FW_PING, .arg = { 0x67707561 } };
	struct patience patient;
	struct gpuas_wait wait = gpuas_qv_patience(&patient, fw, FW_BEATS_MAX);
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
		flush_work(&fw->death.work);
		iounmap(fw->smmu.regs);
		return err;
	}
	gpuas_qv_fw_watch(fw);
	return 0;
}

static void close_smmu(struct fw *fw)
{
	int err;

	if (gpuas_qv_fw_lock(fw))
		return;
	err = gpuas_qv_smmu_refuse(&fw->smmu);
	fw->loose = err;
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
	cancel_work_sync(&fw->death.work);
}

void gpuas_qv_fw_detach(struct fw *fw)
{
	gpuas_qv_fw_quiesce(fw);
	iounmap(fw->smmu.regs);
	mutex_destroy(&fw->call);
	mutex_destroy(&fw->lock);
}
