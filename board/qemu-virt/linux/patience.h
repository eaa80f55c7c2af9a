/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_PATIENCE_H
#define GPUAS_QEMU_VIRT_PATIENCE_H

#include "fw.h"

/** FW_STALL_MS - A heartbeat that stands still for so long has stopped */
enum { FW_STALL_MS = 3000 };

/**
 * struct patience - How long the driver waits for the firmware
 * @fw: the firmware
 * @end: not longer than until then
 * @beat: its heartbeat as we saw it last
 * @beat_at: when that was new
 */
struct patience {
	const struct fw *fw;
	unsigned long end;
	uint64_t beat;
	unsigned long beat_at;
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
