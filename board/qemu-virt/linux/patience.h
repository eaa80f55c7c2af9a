/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_PATIENCE_H
#define GPUAS_QEMU_VIRT_PATIENCE_H

#include "fw.h"

enum {
	/** @FW_STALL_MS: a heartbeat that stands still for so long has stopped */
	FW_STALL_MS = 3000,
	/**
	 * @FW_LOOKS: no time is up before so many looks: when the whole machine stood
	 *	still, it went by for us, and not for the firmware
	 */
	FW_LOOKS = 1000,
};

/**
 * struct patience - How long the driver waits for the firmware
 * @fw: the firmware
 * @end: not longer than until then
 * @beat: its heartbeat as we saw it last
 * @beat_at: when that was new
 * @beat_looks: how often it was looked at since
 * @looks: how often at all
 */
struct patience {
	const struct fw *fw;
	unsigned long end;
	uint64_t beat;
	unsigned long beat_at;
	unsigned int beat_looks;
	unsigned int looks;
};

/**
 * patience() - Begin to wait
 * @patience: filled
 * @fw: the firmware
 * @ms: not longer than this, and only as long as its heart beats
 *
 * Return: what the library's functions take. They may sleep.
 */
struct gpuas_wait patience(struct patience *patience, const struct fw *fw,
			   unsigned int ms);

#endif /* GPUAS_QEMU_VIRT_PATIENCE_H */
