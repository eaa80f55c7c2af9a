/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_FW_H
#define GPUAS_QEMU_VIRT_FW_H

#include <linux/mutex.h>
#include <linux/workqueue.h>

#include <gpuas/manifest.h>
#include <gpuas/ttb.h>
#include <gpuas/unmap.h>

#include "../device/smmu.h"
#include "../firmware.h"

struct device;
struct gpuas_linux;
struct seq_file;

/**
 * DOC: The firmware, as the driver deals with it
 *
 * It runs since the bootloader started it, and is never stopped. All that is shared
 * with it is reserved System RAM, and whatever it writes there, and whenever, may cost
 * the GPU, but neither the kernel nor what is in anybody's memory.
 *
 * It is taken for dead, once and for all, if its heartbeat stands still, if it keeps
 * the handoff lock or does not answer a message in time, if it says that it failed, or
 * if it writes nonsense into what both sides write. Nobody can stop its CPU from here.
 * So then the driver takes the lock for good and all contexts out of the TTB array,
 * and closes the SMMU: whatever the GPU still does is refused, also if the firmware
 * goes on and loads a context that it has read before. So memory may be given back.
 *
 * Waits: who asks the firmware for anything waits as long as it takes, up to a bound that
 * is counted in its heartbeats (patience.h), after which it is dead. Of all that, only
 * gpuas_qv_fw_bind() ends when the one who waits is killed; nothing else can be undone once it is
 * begun. So nothing else is called by users' processes, but by workers, which they wait
 * for as they like.
 *
 * gpuas_qv_fw_quiesce() ends it all while the firmware goes on: for whoever comes next, which may be
 * this driver in another kernel, the SMMU is closed, and opened by gpuas_qv_fw_attach().
 *
 * One that takes no part in the handoff page does not lock. It uses tables and SMMU only
 * while it serves a message, so that whoever waits for the answer holds &fw.lock.
 *
 * Locks, in this order: &fw.call, &gpuas_linux.lock of any space, &fw.lock, then
 * the handoff lock.
 */

/**
 * struct fw_death - What there was when the firmware was taken for dead
 * @work: the snapshot, as soon as somebody has time: gpuas_qv_snapshot_death()
 * @ttbs: the TTB array
 * @report: why
 */
struct fw_death {
	struct work_struct work;
	struct gpuas_ttb_array ttbs;
	struct gpuas_report report;
};

/**
 * struct fw - The firmware and its SMMU
 * @dev: for messages
 * @geo: shape of the shared half
 * @upper: root of the shared half
 * @boot: what the bootloader told the firmware, at the start of fw-data
 * @status: how it says it is
 * @log: what it says
 * @mailbox: for messages
 * @handoff: the handoff page
 * @profile: how it is used
 * @ttbs: the TTB array
 * @smmu: the GPU's MMU
 * @call: one message at a time, and one use of the flush slot
 * @unmap: the unmap that is under way, for @call
 * @lock: our side of the handoff lock; also for @root
 * @root: of each context that is bound, else GPUAS_TTB_NONE
 * @dead: we have given it up
 * @loose: and its SMMU too: the GPU may reach whatever it could reach before
 * @death: of use when @dead
 * @left: we have left it to whoever comes next
 * @smmu_looks: how often the SMMU was looked at, in vain
 * @watchdog: looks at the heartbeat
 */
struct fw {
	struct device *dev;
	struct gpuas_geometry geo;
	gpuas_pa_t upper;
	const struct fw_boot *boot;
	const struct fw_status *status;
	const struct fw_log *log;
	struct fw_mailbox *mailbox;
	struct gpuas_handoff *handoff;
	const struct gpuas_profile *profile;
	struct gpuas_ttb_array *ttbs;
	struct smmu smmu;
	struct mutex call;
	struct gpuas_handoff_unmap unmap;
	struct mutex lock;
	gpuas_pa_t root[GPUAS_TTB_CONTEXTS];
	bool dead;
	bool loose;
	struct fw_death death;
	bool left;
	unsigned int smmu_looks;
	struct delayed_work watchdog;
};

/**
 * gpuas_qv_fw_attach() - Find the firmware that the bootloader started, and let it use the SMMU
 * @fw: filled
 * @as: adopted; every region may be read
 * @report: what is wrong
 *
 * Return: 0: it runs, has answered, and is being watched; -ETIMEDOUT if it does not
 * run; -EPROTO if it, or the SMMU, is not what it should be; -ENODEV if there is no
 * SMMU. After an error there is nothing to detach.
 */
int gpuas_qv_fw_attach(struct fw *fw, const struct gpuas_linux *as,
		       struct gpuas_report *report);

/**
 * gpuas_qv_fw_quiesce() - Leave it running, with nothing of ours in its hands
 * @fw: the firmware; no context is bound, and nobody calls anything else
 *
 * Waits for a message that is under way, closes the SMMU, and stops to watch. The
 * mailbox is idle afterwards, the handoff lock free. Functions that are called all the
 * same fail with -EIO, as if it were dead. May be called again.
 */
void gpuas_qv_fw_quiesce(struct fw *fw);

/** gpuas_qv_fw_detach() - The same, and be done with it */
void gpuas_qv_fw_detach(struct fw *fw);

/** gpuas_qv_fw_dead() - Was it given up? */
static inline bool gpuas_qv_fw_dead(const struct fw *fw)
{
	return smp_load_acquire(&fw->dead);
}

/** gpuas_qv_fw_check() - Wait for its next heartbeat: 0; -ETIMEDOUT; -EPROTO if it does not run */
int gpuas_qv_fw_check(struct fw *fw, struct gpuas_report *report);

/** gpuas_qv_fw_watch() - Look at its heartbeat from now on, until gpuas_qv_fw_quiesce() */
void gpuas_qv_fw_watch(struct fw *fw);

/** gpuas_qv_fw_gone() - Is it no use to ask it for anything? */
static inline bool gpuas_qv_fw_gone(const struct fw *fw)
{
	return gpuas_qv_fw_dead(fw) || READ_ONCE(fw->left);
}

/** gpuas_qv_fw_silent() - Does it take no part in the handoff page? */
static inline bool gpuas_qv_fw_silent(const struct fw *fw)
{
	return fw->profile->firmware == GPUAS_FIRMWARE_NEVER;
}

/** gpuas_qv_fw_heartbeat() - How often its heart has beaten */
static inline uint64_t gpuas_qv_fw_heartbeat(const struct fw *fw)
{
	return gpuas_entry_load(&fw->status->heartbeat);
}

/**
 * gpuas_qv_fw_send() - Send a message, and wait for the answer
 * @fw: the firmware
 * @message: the request; the answer afterwards
 * @beats: how long it may take, see patience.h
 *
 * Return: the firmware's answer; -EIO if it is dead.
 */
int gpuas_qv_fw_send(struct fw *fw, struct fw_message *message, unsigned int beats);

/** FW_SLOW_MS - How long FW_CRASH_SLOW keeps the lock: less than makes it dead */
enum { FW_SLOW_MS = 15000 };

/**
 * gpuas_qv_fw_crash() - Tell it to break down
 * @fw: the firmware
 * @how: &enum fw_crash
 *
 * Return: 0: it was told, and has not refused; its answer; -EIO if it is dead.
 */
int gpuas_qv_fw_crash(struct fw *fw, uint64_t how);

/**
 * gpuas_qv_fw_lock() - Keep the firmware out of tables, TTB array and SMMU
 * @fw: the firmware
 *
 * Return: 0: until gpuas_qv_fw_unlock(); -EIO if it is dead, and nothing has to be unlocked.
 */
int gpuas_qv_fw_lock(struct fw *fw);
void gpuas_qv_fw_unlock(struct fw *fw);

/**
 * gpuas_qv_fw_busy() - Would gpuas_qv_fw_lock() wait?
 * @fw: the firmware
 *
 * As it was a moment ago: for who has something else to do meanwhile.
 */
static inline bool gpuas_qv_fw_busy(struct fw *fw)
{
	return mutex_is_locked(&fw->lock) || READ_ONCE(fw->handoff->lock_fw);
}

/**
 * gpuas_qv_fw_give_up() - Take it for dead
 * @fw: the firmware, with &fw.lock held, and not the handoff lock
 * @report: why
 */
void gpuas_qv_fw_give_up(struct fw *fw, const struct gpuas_report *report);

/**
 * gpuas_qv_fw_bind() - Give a root to a context
 * @fw: the firmware
 * @root: root of a lower half
 * @context: set to its number
 *
 * Return: 0; -EBUSY if all contexts are in use; -EIO if the firmware is dead; -EINTR if the
 * process was killed meanwhile.
 */
int gpuas_qv_fw_bind(struct fw *fw, gpuas_pa_t root, unsigned int *context);

/**
 * gpuas_qv_fw_unbind() - Take a context's root away
 * @fw: the firmware
 * @context: from gpuas_qv_fw_bind()
 *
 * When this returns, the GPU uses nothing of that context any more, unless
 * &fw.loose says that it may.
 */
void gpuas_qv_fw_unbind(struct fw *fw, unsigned int context);

/**
 * gpuas_qv_fw_forget() - Make the SMMU forget a range
 * @fw: the firmware
 * @asid: context, or SMMU_ANY_ASID
 * @va: first VA
 * @size: bytes
 *
 * When this returns, the GPU uses no translation of the range any more, unless
 * &fw.loose says that it may.
 */
void gpuas_qv_fw_forget(struct fw *fw, unsigned int asid, gpuas_va_t va, uint64_t size);

/**
 * gpuas_qv_fw_unmap_prepare() - Have a range of the shared half out of the firmware's cache
 * @fw: the firmware
 * @va: first VA
 * @size: bytes
 *
 * For what was mapped as GPUAS_MEM_CACHED and is not any more, before it is unmapped:
 * not with any lock held that a flush takes. <gpuas/unmap.h> says what happens.
 *
 * Return: 0: &fw.call is held, until gpuas_qv_fw_unmap_complete(); -EIO if the firmware is dead.
 */
int gpuas_qv_fw_unmap_prepare(struct fw *fw, gpuas_va_t va, uint64_t size);

/** gpuas_qv_fw_unmap_complete() - The range is unmapped, and flushed: 0; -EIO as above */
int gpuas_qv_fw_unmap_complete(struct fw *fw);

/** gpuas_qv_fw_show() - Print status and log */
void gpuas_qv_fw_show(const struct fw *fw, struct seq_file *file);

#endif /* GPUAS_QEMU_VIRT_FW_H */
