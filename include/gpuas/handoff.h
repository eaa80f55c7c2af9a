/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_HANDOFF_H
#define GPUAS_HANDOFF_H

#include <gpuas/text.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Handoff page
 *
 * Memory through which host and firmware exclude each other from TTBs and from
 * the tables that both change, and through which the host asks for cache flushes.
 * A table that has one writer needs no lock. Layout:
 * m1n1 proxyclient/m1n1/fw/agx/handoff.py, Linux drm/asahi mmu.rs (Handoff,
 * FlushInfo); both agree. Little-endian, natural alignment.
 *
 * The page has to be mapped as normal memory, cacheable by both sides, and
 * shareable between them. Whatever the other side writes into it, and whenever:
 * the functions below end as soon as the caller will not wait any longer, index
 * nothing by it, and say what they found.
 *
 * Between two sides, not between threads: each side needs a lock of its own
 * above this page, for the lock as for a flush slot.
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
 * @lock_host: 1: the host wants or holds the lock; written by the host
 * @lock_fw: 1: the firmware wants or holds it; written by the firmware
 * @pad12: zero
 * @turn: who gives way while both want it: 0 the firmware, anything else the
 *	host. On letting go, and on giving up, the host writes 1, the firmware 0;
 *	never the reverse
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

GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff_flush, state) == 0x0, "state");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff_flush, addr) == 0x8, "addr");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff_flush, size) == 0x10, "size");
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_handoff_flush) == 0x18, "flush slot");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, magic_host) == 0x0, "magic_host");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, magic_fw) == 0x8, "magic_fw");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, lock_host) == 0x10, "lock_host");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, lock_fw) == 0x11, "lock_fw");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, pad12) == 0x12, "pad12");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, turn) == 0x14, "turn");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, context) == 0x18, "context");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, pad1c) == 0x1c, "pad1c");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, flush) == 0x20, "flush");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, flush) +
		    GPUAS_HANDOFF_FLUSH_KERNEL * sizeof(struct gpuas_handoff_flush) ==
		    0x620, "kernel flush slot");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, unknown638) == 0x638, "unknown638");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, pad639) == 0x639, "pad639");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, unknown640) == 0x640, "unknown640");
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_handoff) == 0x648, "handoff page");

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

/**
 * enum gpuas_side - Who calls
 * @GPUAS_SIDE_HOST: bootloader or kernel
 * @GPUAS_SIDE_FIRMWARE: the GPU's coprocessor, or whoever stands in for it
 */
enum gpuas_side {
	GPUAS_SIDE_HOST,
	GPUAS_SIDE_FIRMWARE,
};

/**
 * struct gpuas_wait - How the caller waits; the library has no clock
 * @again: called between two looks at what is waited for. Lets some time pass
 *	(relax the CPU, delay, sleep) and returns true, or returns false if the
 *	time is up. Must not use the lock or the flush slot that is waited for
 * @ctx: handed back
 *
 * Nothing is looked at more than once without a call of @again in between.
 */
struct gpuas_wait {
	bool (*again)(void *ctx);
	void *ctx;
};

/**
 * gpuas_handoff_start() - Say that this side is up, and wait for the other one
 * @handoff: the page
 * @side: who calls
 * @wait: how long; Linux's driver gives the firmware 1 s
 * @report: the magic that was found and the one that was expected, or that
 *	there was none
 *
 * What was stored before is seen by whoever sees this side's magic, and the
 * reverse. A magic of an earlier run counts: who restarts a side zeroes that
 * side's magic before it runs.
 *
 * Return: 0; -GPUAS_EPROTO if the other side's magic is neither right nor zero;
 * -GPUAS_ETIMEDOUT if it stayed zero. After an error this side's magic stays, and
 * the call may be repeated.
 */
int gpuas_handoff_start(struct gpuas_handoff *handoff, enum gpuas_side side,
			const struct gpuas_wait *wait,
			struct gpuas_report *report);

/**
 * gpuas_handoff_lock() - Take the lock
 * @handoff: the page
 * @side: who calls
 * @wait: how long
 * @report: who holds the lock, @turn and @context at that time; or what stood in
 *	the other side's byte
 *
 * Excludes the other side from the TTB array, from tables that both sides change,
 * and from all else that is changed under the lock; what it wrote before it let go
 * is seen. Whoever waits goes before the one that let go: no side can keep the other
 * out by taking the lock again and again.
 *
 * Return: 0; -GPUAS_ETIMEDOUT if the other side kept the lock; -GPUAS_EPROTO if
 * its byte is neither 0 nor 1. After an error the lock is not held, and this side
 * does not stand in the other's way: its byte is down and the turn the other's, in
 * case that waits for the turn alone.
 */
int gpuas_handoff_lock(struct gpuas_handoff *handoff, enum gpuas_side side,
		       const struct gpuas_wait *wait,
		       struct gpuas_report *report);

/**
 * gpuas_handoff_unlock() - Let go of the lock
 * @handoff: the page
 * @side: who calls; it must hold the lock
 *
 * All that was written under the lock is seen by the other side once that has
 * it. The turn goes to the other side.
 */
void gpuas_handoff_unlock(struct gpuas_handoff *handoff, enum gpuas_side side);

/**
 * gpuas_handoff_recover() - Let go of the lock for a side that cannot
 * @handoff: the page
 * @side: who calls; the other side's byte is cleared, the turn becomes ours
 *
 * The caller has made sure that the other side does not run any more (its core
 * is stopped or in reset), and will start from scratch if it ever does: one that
 * is only slow would go on changing tables beside us. A host that cannot stop it
 * may do without, if it never gives the lock back, closes the GPU's MMU, and from
 * then on changes only what the other side never did. What is done under the lock
 * may be half done: look before use (gpuas_inspect()). Flush slots and magic
 * words stay: see gpuas_handoff_flush_reset() and gpuas_handoff_start().
 *
 * Takes no lock: gpuas_handoff_lock() may be called as always afterwards.
 */
void gpuas_handoff_recover(struct gpuas_handoff *handoff, enum gpuas_side side);

/**
 * DOC: Flush protocol
 *
 * What firmware has in its own cache has to leave it before the pages may be
 * unmapped. The host writes address and size into a slot, sets its state to 1,
 * and rings the firmware's doorbell, which is not in this page and no part of
 * this library; the firmware cleans, and sets the state to 2; the host sets it
 * to 0. Not to be done with the lock held: the firmware may need it on its way
 * to the request.
 *
 * This is about caches of data, and no TLB forgets anything by it. Before a request,
 * the pages are made uncached, so that they do not come back (gpuas_protect(), whose
 * &gpuas_env.flush does DSB, TLBI, DSB); after it they are unmapped, which flushes in
 * the same way.
 */

/**
 * gpuas_handoff_flush_post() - Write a request into a slot (host)
 * @handoff: the page
 * @slot: number of the context, or GPUAS_HANDOFF_FLUSH_KERNEL
 * @va: first VA
 * @size: bytes, any number of pages, not 0
 * @report: state of a slot that is in use
 *
 * Afterwards the caller rings the doorbell, with a store that is ordered behind
 * earlier ones to memory (writel() is). Where a doorbell counts pages in 16 bits,
 * as AGX's does (FwCtl), 65535 pages are the most that one request may have:
 * post and finish one piece after the other.
 *
 * Return: 0; -GPUAS_EINVAL if there is no such slot, or @size is 0;
 * -GPUAS_EOVERFLOW if @va plus @size wraps; -GPUAS_EBUSY if the slot's state is
 * not 0: a request is under way, or one that was given up was never finished.
 * After an error nothing is written.
 */
int gpuas_handoff_flush_post(struct gpuas_handoff *handoff, unsigned int slot,
			     gpuas_va_t va, uint64_t size,
			     struct gpuas_report *report);

/**
 * gpuas_handoff_flush_finish() - Wait until a request is done (host)
 * @handoff: the page
 * @slot: as posted
 * @wait: how long
 * @report: state of the slot
 *
 * On success the firmware has nothing of the range in its cache, and the slot is
 * free again. After -GPUAS_ETIMEDOUT the request stands: the firmware may write
 * to these pages at any time, so they must neither be unmapped nor given to
 * anybody else. Either wait on with another call, or stop the firmware for good
 * and use gpuas_handoff_flush_reset(). Until then the slot takes no request.
 *
 * Return: 0; -GPUAS_EINVAL if there is no such slot; -GPUAS_ETIMEDOUT if the
 * firmware did not answer; -GPUAS_EPROTO if the state became something else than
 * 1 or 2, which it is left at.
 */
int gpuas_handoff_flush_finish(struct gpuas_handoff *handoff, unsigned int slot,
			       const struct gpuas_wait *wait,
			       struct gpuas_report *report);

/**
 * gpuas_handoff_flush_reset() - Make a slot free whatever its state (host)
 * @handoff: the page
 * @slot: which
 *
 * Only when the firmware does not run any more: otherwise it could answer the
 * old request after the next one was posted.
 *
 * Return: 0; -GPUAS_EINVAL if there is no such slot.
 */
int gpuas_handoff_flush_reset(struct gpuas_handoff *handoff, unsigned int slot);

/**
 * gpuas_handoff_flush_next() - Find a request (firmware)
 * @handoff: the page
 * @slot: the first slot to look at
 * @range: set to what is to be flushed: as the host wrote it, so it may be
 *	anything
 *
 * Return: number of the first slot from @slot on that has a request;
 * GPUAS_HANDOFF_FLUSH_SLOTS if there is none, with @range as it was.
 */
unsigned int gpuas_handoff_flush_next(const struct gpuas_handoff *handoff,
				      unsigned int slot,
				      struct gpuas_range *range);

/**
 * gpuas_handoff_flush_done() - Answer a request (firmware)
 * @handoff: the page
 * @slot: as gpuas_handoff_flush_next() returned it
 *
 * The range was cleaned and invalidated before, and that is complete (DSB): the
 * state is stored behind earlier accesses, which are in order by that, but cache
 * maintenance is not.
 *
 * Return: 0; -GPUAS_EINVAL if there is no such slot; -GPUAS_EPROTO if it has no
 * request. After an error nothing is written.
 */
int gpuas_handoff_flush_done(struct gpuas_handoff *handoff, unsigned int slot);

GPUAS_END_DECLS

#endif /* GPUAS_HANDOFF_H */
