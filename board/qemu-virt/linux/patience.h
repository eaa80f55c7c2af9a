/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_PATIENCE_H
#define GPUAS_QEMU_VIRT_PATIENCE_H

#include "fw.h"

/**
 * DOC: How long the driver waits
 *
 * The machine may be a program among many on a busy host, which gives each of its CPUs
 * time when it likes. So what the firmware has to do is measured by what it does: by
 * its heartbeat, one for about each millisecond that it was let run. A heart that does
 * not beat is no proof alone: for the verdict it takes time, and as many looks as
 * take that time where nobody is in the way, and longer where we are slow ourselves.
 *
 * Whoever waits sleeps; what is spun before is a matter of microseconds. Suspend to idle
 * stops the clock that all this is told by, and who looks: a machine that sleeps is no
 * proof that its firmware is dead.
 */
enum {
	/** @FW_BEATS_MAX: beats that an answer may take that takes the firmware no time */
	FW_BEATS_MAX = 5000,
	/** @FW_STALL_MS: a heartbeat that stands still for so long */
	FW_STALL_MS = 3000,
	/** @FW_LOOKS: and for so many looks has stopped */
	FW_LOOKS = 10000,
	/** @FW_LOOKS_ALONE: after so many of which all CPUs have to take part in one */
	FW_LOOKS_ALONE = 128,
	/** @FW_SMMU_SPINS: looks at a register of the SMMU, a microsecond apart */
	FW_SMMU_SPINS = 10,
	/** @FW_SMMU_LOOKS: looks, with sleep in between, until it does not answer */
	FW_SMMU_LOOKS = 20000,
};

/**
 * struct patience - How long the driver waits for the firmware
 * @fw: the firmware
 * @beats: not longer than for so many beats
 * @start: its heartbeat at the beginning
 * @beat: its heartbeat as we saw it last
 * @beat_at: when that was new
 * @looks: how often it was looked at since
 * @killable: a signal that kills who waits ends the wait
 * @killed: it did
 */
struct patience {
	const struct fw *fw;
	uint64_t beats;
	uint64_t start;
	uint64_t beat;
	unsigned long beat_at;
	unsigned int looks;
	bool killable;
	bool killed;
};

/**
 * gpuas_qv_patience() - Begin to wait
 * @patience: filled
 * @fw: the firmware
 * @beats: not longer than for so many beats of its heart, and only as long as that beats
 *
 * Return: what the library's functions take. They may sleep.
 */
struct gpuas_wait gpuas_qv_patience(struct patience *patience, const struct fw *fw,
				    unsigned int beats);

/**
 * gpuas_qv_patience_with_smmu() - &gpuas_wait.again for the SMMU
 * @ctx: unsigned int, how often it was looked at; 0 at the beginning
 *
 * Return: false if it does not answer.
 */
bool gpuas_qv_patience_with_smmu(void *ctx);

#endif /* GPUAS_QEMU_VIRT_PATIENCE_H */
