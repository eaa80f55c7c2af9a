// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The stand-in's firmware: up, and then one message after the other. */
#include "fw.h"

void fw_main(void);
void fw_exception(uint64_t esr, uint64_t elr, uint64_t far);

static struct fw fw;

void fw_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	fw_log_hex("exception, ESR", esr);
	fw_log_hex("exception, ELR", elr);
	fw_log_hex("exception, FAR", far);
	fw_fail(-GPUAS_EFAULT, "an exception was taken");
}

/* QEMU's CPUs have no caches: what can be under way is stores. */
static unsigned int serve_flushes(void)
{
	struct gpuas_range range;
	unsigned int slot = 0, served = 0;

	for (;; slot++, served++) {
		slot = gpuas_handoff_flush_next(fw_handoff(), slot, &range);
		if (slot == GPUAS_HANDOFF_FLUSH_SLOTS)
			return served;
		__asm__ volatile("dsb sy" : : : "memory");
		gpuas_handoff_flush_done(fw_handoff(), slot);
		fw_count(&fw_status()->flushes, 1);
	}
}

/* One that takes no part leaves a request as it is. */
static int serve_doorbell(struct fw_message *message)
{
	if (fw.boot.silent)
		return -GPUAS_EOPNOTSUPP;
	message->result = serve_flushes();
	return 0;
}

static int serve(struct fw_message *message)
{
	switch (message->op) {
	case FW_PING:
		message->result = ~message->arg[0];
		return 0;
	case FW_MAP:
		return fw_map(&fw, gpuas_va(message->arg[0]), gpuas_pa(message->arg[1]),
			      message->arg[2]);
	case FW_UNMAP:
		return fw_unmap(&fw, gpuas_va(message->arg[0]), message->arg[1]);
	case FW_COPY:
		return fw_copy(&fw, message);
	case FW_FLUSH:
		return serve_doorbell(message);
	case FW_CRASH:
		return fw_crash(&fw, message->arg[0], message->arg[1]);
	case FW_STOP:
		fw.patience = FW_PATIENCE_MS;
		return gpuas_qv_smmu_stop(&fw.smmu);
	default:
		return -GPUAS_EOPNOTSUPP;
	}
}

static void listen(void)
{
	struct fw_message message;

	if (!gpuas_qv_fw_mailbox_next(fw_mailbox(), &message))
		return;
	message.error = (uint64_t)(int64_t)serve(&message);
	fw_count(&fw_status()->messages, 1);
	if (message.op == FW_STOP && !message.error) {
		fw_log("stopped as told");
		gpuas_entry_store(&fw_status()->state, FW_STOPPED);
	}
	gpuas_qv_fw_mailbox_answer(fw_mailbox(), &message);
	fw_slow_down(&fw);
	if (message.op == FW_STOP && !message.error)
		fw_off();
}

static void come_up(void)
{
	unsigned int left = FW_PATIENCE_MS;
	const struct gpuas_wait wait = { fw_again, &left };
	struct gpuas_report report;
	int err;

	memcpy(&fw.boot, (const void *)FW_DATA_VA, sizeof(fw.boot));
	if (fw.boot.magic != FW_BOOT_MAGIC)
		fw_fail(-GPUAS_EPROTO, "the bootloader left no boot data");
	err = fw_space_init(&fw);
	if (err)
		fw_fail(err, "no tables of its own");
	fw_idle_init(&fw);
	fw.patience = FW_PATIENCE_MS;
	fw.smmu = (struct smmu){
		.regs = (device_mmio_t)FW_SMMU_VA,
		.memory = (struct smmu_memory *)(FW_DATA_VA + FW_SMMU_OFFSET),
		.pa = gpuas_pa(fw.boot.data + FW_SMMU_OFFSET),
		.stream = (unsigned int)fw.boot.stream,
		.wait = { fw_again, &fw.patience },
	};
	fw.edu.regs = (device_mmio_t)FW_EDU_VA;
	err = gpuas_qv_smmu_start(&fw.smmu);
	if (err)
		fw_fail(err, "the SMMU does not start");
	if (fw.boot.silent)
		return;
	err = gpuas_handoff_start(fw_handoff(), fw_profile(), GPUAS_SIDE_FIRMWARE, &wait, NULL,
				  &report);
	if (err)
		fw_fail(err, report.text.buf);
}

void fw_main(void)
{
	gpuas_entry_store(&fw_status()->state, FW_BOOTING);
	fw_log("starting");
	come_up();
	fw_log_hex("running, tables left", fw.pool.count - fw.pool.used);
	gpuas_entry_store(&fw_status()->state, FW_RUNNING);
	for (;; fw_idle())
		listen();
}
