// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Snapshots: when the firmware dies, and by hand. */
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "fwlog.h"
#include "snapshot.h"

static unsigned int dump_mib = 32;
module_param(dump_mib, uint, 0600);
MODULE_PARM_DESC(dump_mib, "MiB that a dump of the GPU's memory may have (0: there are none)");

static void describe(const struct fw *fw, char *text, size_t size)
{
	snprintf(text, size, "firmware: state %llu, error %lld, heartbeat %llu",
		 gpuas_entry_load(&fw->status->state),
		 (s64)gpuas_entry_load((const uint64_t *)&fw->status->error),
		 gpuas_qv_fw_heartbeat(fw));
}

static void list_more(void *ctx, struct gpuas_linux_shot *shot)
{
	struct gpu *gpu = ctx;

	if (gpu->list_more)
		gpu->list_more(gpu->more, shot);
}

static void list(void *ctx, struct gpuas_linux_shot *shot)
{
	gpuas_qv_render_list(ctx, shot);
	list_more(ctx, shot);
}

int gpuas_qv_snapshot(struct gpu *gpu, const char *why)
{
	const struct fw *fw = &gpu->fw;
	const bool dead = gpuas_qv_fw_dead(fw);
	struct gpuas_linux_snapshot what = {
		.gpu = &gpu->as, .why = why,
		.report = dead ? fw->death.report.text.buf : NULL,
		.ttbs = dead ? &fw->death.ttbs : NULL,
		.limit = (size_t)READ_ONCE(dump_mib) * SZ_1M,
		.list = list_more, .ctx = gpu,
	};
	char soc[GPUAS_TEXT_MAX], *log;
	int err;

	if (!what.limit)
		return -EPERM;
	/* A firmware may die before there can be users. */
	if (smp_load_acquire(&gpu->render)) {
		what.hold = gpuas_qv_render_hold;
		what.let_go = gpuas_qv_render_let_go;
		what.list = list;
	}
	log = kmalloc(FW_LOG_SIZE, GFP_KERNEL);
	if (log)
		what.log_size = gpuas_qv_fw_log_copy(fw->log, log);
	what.log = log;
	describe(fw, soc, sizeof(soc));
	what.soc = soc;
	err = gpuas_linux_snapshot(&what);
	kfree(log);
	return err;
}

void gpuas_qv_snapshot_death(struct work_struct *work)
{
	struct fw *fw = container_of(work, struct fw, death.work);

	gpuas_qv_snapshot(container_of(fw, struct gpu, fw), "the firmware is dead");
}
