/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* The stand-in's firmware: what its files share. */
#ifndef GPUAS_QEMU_VIRT_FW_H
#define GPUAS_QEMU_VIRT_FW_H

#include <gpuas/boards.h>
#include <gpuas/handoff.h>
#include <gpuas/pool.h>
#include <gpuas/space.h>

#include "../device/edu.h"
#include "../device/smmu.h"
#include "../firmware.h"

/* How long the firmware waits for anybody. */
#define FW_PATIENCE_MS	1000

/* Tables that the firmware can have: as many as are seen from FW_TABLES_VA on. */
#define FW_TABLES_MAX	((FW_TTBS_VA - FW_TABLES_VA) / 0x4000)

/**
 * struct fw - All that the firmware knows
 * @boot: copy of what the bootloader wrote
 * @pool: tables that are its own
 * @record: their records
 * @env: environment of the pool
 * @tables: the same, for @space: the root can be reached too
 * @space: its slot of the shared half
 * @mapped: @space has its own mappings: tables are seen through them from now on
 * @smmu: the GPU's MMU
 * @edu: the GPU
 * @patience: milliseconds that the SMMU may still take
 * @slow: for how many of them the lock is to be kept, when the message is answered
 */
struct fw {
	struct fw_boot boot;
	struct gpuas_pool pool;
	struct gpuas_table record[FW_TABLES_MAX];
	struct gpuas_env env;
	struct gpuas_env tables;
	struct gpuas_space space;
	bool mapped;
	struct smmu smmu;
	struct edu edu;
	unsigned int patience;
	unsigned int slow;
};

/* Memory of fixed place. */
static inline struct fw_status *fw_status(void)
{
	return (struct fw_status *)(FW_DATA_VA + FW_STATUS_OFFSET);
}

static inline struct gpuas_handoff *fw_handoff(void)
{
	return (struct gpuas_handoff *)FW_HANDOFF_VA;
}

/* Both sides have it from the board; of no use to one that takes no part. */
static inline const struct gpuas_profile *fw_profile(void)
{
	return gpuas_board_qemu_virt.profile;
}

static inline struct fw_mailbox *fw_mailbox(void)
{
	return (struct fw_mailbox *)FW_SHARED_VA;
}

static inline void fw_count(uint64_t *counter, uint64_t more)
{
	gpuas_entry_store(counter, gpuas_entry_load(counter) + more);
}

/* log.c: a line, with a number in hexadecimal or without. */
void fw_log(const char *text);
void fw_log_hex(const char *text, uint64_t value);

/* idle.c */
/* Have a timer that ends a wait for interrupts. */
void fw_idle_init(const struct fw *fw);
/* Let about a millisecond pass, with a heartbeat. */
void fw_idle(void);
/* Waits of the library and of device drivers: @ctx counts down the milliseconds that are left. */
bool fw_again(void *ctx);

/* space.c */
/* Open the shared root, map what the firmware needs, and leave the identity map: 0 or an error. */
int fw_space_init(struct fw *fw);
/* FW_MAP and FW_UNMAP. */
int fw_map(struct fw *fw, gpuas_va_t va, gpuas_pa_t pa, uint64_t size);
int fw_unmap(struct fw *fw, gpuas_va_t va, uint64_t size);

/* job.c: FW_COPY; fills @message->result and @message->arg. */
int fw_copy(struct fw *fw, struct fw_message *message);

/* lock.c: the handoff lock; one that takes no part needs none. */
int fw_lock(struct fw *fw);
void fw_unlock(struct fw *fw);

/* crash.c: FW_CRASH; returns if there is no such way, or one that goes on. */
int fw_crash(struct fw *fw, uint64_t how, uint64_t ms);
/* Keep the lock for @slow milliseconds. */
void fw_slow_down(struct fw *fw);
/* Give up. */
__attribute__((noreturn)) void fw_fail(int err, const char *why);
/* Stand still. */
__attribute__((noreturn)) void fw_halt(void);
/* Switch the CPU off. */
__attribute__((noreturn)) void fw_off(void);

#endif /* GPUAS_QEMU_VIRT_FW_H */
