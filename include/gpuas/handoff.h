/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_HANDOFF_H
#define GPUAS_HANDOFF_H

#include <gpuas/text.h>

/**
 * DOC: Handoff page
 *
 * Memory through which host and firmware exclude each other from changing
 * tables and TTBs, and through which the host asks for cache flushes. Layout:
 * m1n1 proxyclient/m1n1/fw/agx/handoff.py, Linux drm/asahi mmu.rs (Handoff,
 * FlushInfo); both agree. Little-endian, natural alignment.
 */

/** GPUAS_HANDOFF_MAGIC - Value of both magic words */
#define GPUAS_HANDOFF_MAGIC	0x4b1d000000000002ULL

enum {
	/** @GPUAS_HANDOFF_FLUSH_SLOTS: one for each context, one for the kernel half */
	GPUAS_HANDOFF_FLUSH_SLOTS = 65,
	/** @GPUAS_HANDOFF_FLUSH_KERNEL: the one for the kernel half */
	GPUAS_HANDOFF_FLUSH_KERNEL = 64,
};

/** GPUAS_HANDOFF_CONTEXT_NONE - "No context loaded", as Linux writes it */
#define GPUAS_HANDOFF_CONTEXT_NONE	0u

/**
 * struct gpuas_handoff_flush - One slot of the flush mailbox
 * @state: 0 idle, 1 requested, 2 done
 * @addr: first VA
 * @size: bytes
 */
struct gpuas_handoff_flush {
	uint64_t state;
	uint64_t addr;
	uint64_t size;
};

/**
 * struct gpuas_handoff - The page
 * @magic_host: GPUAS_HANDOFF_MAGIC, written by the host
 * @magic_fw: the same, written by the firmware once it runs
 * @lock_host: 1: the host wants or holds the lock
 * @lock_fw: 1: the firmware wants or holds it
 * @pad12: zero
 * @turn: who gives way: 0 the firmware, anything else the host
 * @context: context whose lower half the firmware has loaded; 0 and 0xffffffff
 *	both mean none
 * @pad1c: zero
 * @flush: flush slots by context number
 * @unknown638: of unknown meaning; macOS reads it before it uses @flush
 * @pad639: zero
 * @unknown640: of unknown meaning; the host writes 0
 */
struct gpuas_handoff {
	uint64_t magic_host;
	uint64_t magic_fw;
	uint8_t lock_host;
	uint8_t lock_fw;
	uint8_t pad12[2];
	uint32_t turn;
	uint32_t context;
	uint32_t pad1c;
	struct gpuas_handoff_flush flush[GPUAS_HANDOFF_FLUSH_SLOTS];
	uint8_t unknown638;
	uint8_t pad639[7];
	uint64_t unknown640;
};

_Static_assert(offsetof(struct gpuas_handoff_flush, state) == 0x0, "state");
_Static_assert(offsetof(struct gpuas_handoff_flush, addr) == 0x8, "addr");
_Static_assert(offsetof(struct gpuas_handoff_flush, size) == 0x10, "size");
_Static_assert(sizeof(struct gpuas_handoff_flush) == 0x18, "flush slot");
_Static_assert(offsetof(struct gpuas_handoff, magic_host) == 0x0, "magic_host");
_Static_assert(offsetof(struct gpuas_handoff, magic_fw) == 0x8, "magic_fw");
_Static_assert(offsetof(struct gpuas_handoff, lock_host) == 0x10, "lock_host");
_Static_assert(offsetof(struct gpuas_handoff, lock_fw) == 0x11, "lock_fw");
_Static_assert(offsetof(struct gpuas_handoff, pad12) == 0x12, "pad12");
_Static_assert(offsetof(struct gpuas_handoff, turn) == 0x14, "turn");
_Static_assert(offsetof(struct gpuas_handoff, context) == 0x18, "context");
_Static_assert(offsetof(struct gpuas_handoff, pad1c) == 0x1c, "pad1c");
_Static_assert(offsetof(struct gpuas_handoff, flush) == 0x20, "flush");
_Static_assert(offsetof(struct gpuas_handoff, flush) +
	       GPUAS_HANDOFF_FLUSH_KERNEL * sizeof(struct gpuas_handoff_flush) ==
	       0x620, "kernel flush slot");
_Static_assert(offsetof(struct gpuas_handoff, unknown638) == 0x638, "unknown638");
_Static_assert(offsetof(struct gpuas_handoff, pad639) == 0x639, "pad639");
_Static_assert(offsetof(struct gpuas_handoff, unknown640) == 0x640, "unknown640");
_Static_assert(sizeof(struct gpuas_handoff) == 0x648, "handoff page");

/**
 * gpuas_handoff_init() - Write the host's side, before any firmware runs
 * @handoff: the page
 *
 * Everything is zero but the host's magic, which is stored last.
 */
void gpuas_handoff_init(struct gpuas_handoff *handoff);

/**
 * gpuas_handoff_check() - Does the page look like one that was handed over?
 * @handoff: the page
 * @report: says which field is wrong, and what it contains
 *
 * Return: 0; -GPUAS_EPROTO if the host's magic is wrong, or the firmware's is
 * neither right nor zero (firmware not up yet), or a lock byte is not 0 or 1.
 */
int gpuas_handoff_check(const struct gpuas_handoff *handoff,
			struct gpuas_report *report);

#endif /* GPUAS_HANDOFF_H */
