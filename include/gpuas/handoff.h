/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_HANDOFF_H
#define GPUAS_HANDOFF_H

#include <gpuas/profile.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Handoff page
 *
 * Memory through which host and firmware exclude each other from TTBs and from
 * the tables that both change, and through which the host asks for cache flushes.
 * A table that has one writer needs no lock. Layout:
 * m1n1 proxyclient/m1n1/fw/agx/handoff.py, Linux drm/asahi mmu.rs (Handoff,
 * FlushInfo); both agree, and so does all that was published of G15 to G17.
 * Little-endian, natural alignment. What differs between generations, and whether the
 * firmware takes part at all, is in &struct gpuas_profile; a profile that a function
 * below is given is one that gpuas_profile_check() has nothing against.
 *
 * The page has to be mapped as normal memory, cacheable by both sides, and
 * shareable between them. Whatever the other side writes into it, and whenever:
 * the functions below end as soon as the caller will not wait any longer, index
 * nothing by it, and say what they found.
 *
 * Between two sides, not between threads: each side needs a lock of its own
 * above this page, for the lock as for a flush slot.
 */

enum {
	/** @GPUAS_HANDOFF_FLUSH_SLOTS: one for each context, one for the kernel half */
	GPUAS_HANDOFF_FLUSH_SLOTS = 65,
	/** @GPUAS_HANDOFF_FLUSH_KERNEL: the one for the kernel half */
	GPUAS_HANDOFF_FLUSH_KERNEL = 64,
};

/**
 * GPUAS_HANDOFF_CONTEXT_NONE - "No context loaded", as Linux writes it
 *
 * Also the number of context 0, the firmware's own: the word does not tell the two
 * apart. Others write 0xffff (SPTM) or 0xffffffff (XNU before it, vinix) [secondary]:
 * gpuas_handoff_context() knows all of them.
 */
#define GPUAS_HANDOFF_CONTEXT_NONE	0u

/**
 * struct gpuas_handoff_flush - One slot of the flush mailbox
 * @state: 0 idle, 1 requested, 2 done, or a notice (<gpuas/unmap.h>)
 * @addr: first VA; of a notice, 0xdead in bits 63:48
 * @size: bytes
 */
struct gpuas_handoff_flush {
	uint64_t state;
	uint64_t addr;
	uint64_t size;
};

/**
 * struct gpuas_handoff - The page
 * @magic_host: &gpuas_profile.magic, written by the host
 * @magic_fw: one of &gpuas_profile.accept, written by the firmware once it runs
 * @lock_host: 1: the host wants or holds the lock; written by the host
 * @lock_fw: 1: the firmware wants or holds it; written by the firmware
 * @pad12: zero
 * @turn: who gives way while both want it: 0 the firmware, anything else the
 *	host. On letting go, and on giving up, the host writes 1, the firmware 0;
 *	never the reverse
 * @context: context whose lower half the firmware has loaded, see
 *	gpuas_handoff_context(); written by the firmware, and once before it runs by
 *	the host
 * @pad1c: zero
 * @flush: flush slots by context number
 * @fw_absent: 1: the firmware side does not take part. A note of the host's for
 *	itself: with it macOS does not check slots when it changes a mapping. XNU and
 *	SPTM as forks and disassembly have it [secondary]; written by
 *	gpuas_handoff_init() as the profile says, and read by nobody here
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
	uint8_t fw_absent;
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
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, fw_absent) == 0x638, "fw_absent");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, pad639) == 0x639, "pad639");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_handoff, unknown640) == 0x640, "unknown640");
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_handoff) == 0x648, "handoff page");

/**
 * enum gpuas_firmware_state - What the caller of gpuas_handoff_init() knows
 * @GPUAS_FIRMWARE_STOPPED: it does not run, and starts from scratch if it ever does
 * @GPUAS_FIRMWARE_RUNS: it runs, or may run
 */
enum gpuas_firmware_state {
	GPUAS_FIRMWARE_STOPPED,
	GPUAS_FIRMWARE_RUNS,
};

/**
 * gpuas_handoff_init() - Write the host's side
 * @handoff: the page
 * @profile: how it is used
 * @firmware: whether the firmware runs
 *
 * With a stopped firmware everything becomes zero, the firmware's magic of an earlier
 * run, both lock bytes and the turn included; @context becomes &gpuas_profile.context_none.
 *
 * What a running firmware wrote stays: its magic, its lock byte and ours, the turn,
 * the context, and requests that it may still answer (slots in state 1). All other
 * slots become free. From one that never takes part nothing is expected in context
 * and slots: they are written as for a stopped one.
 *
 * @fw_absent follows the profile, @unknown640 is 0, and the host's magic is stored
 * last. No lock is taken: call it before anything is done under the lock.
 */
void gpuas_handoff_init(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
			enum gpuas_firmware_state firmware);

/**
 * gpuas_handoff_check() - Does the page look like one that was handed over?
 * @handoff: the page
 * @profile: how it is used
 * @report: says which field is wrong, and what it contains
 *
 * Of a firmware that never takes part only what the host wrote is judged.
 *
 * Return: 0; -GPUAS_EPROTO if the host's magic is none of those accepted, or the
 * firmware's is neither that nor zero (firmware not up yet), or a lock byte is not 0
 * or 1, or the context is neither a number of one nor "no context".
 */
int gpuas_handoff_check(const struct gpuas_handoff *handoff,
			const struct gpuas_profile *profile,
			struct gpuas_report *report);

/**
 * gpuas_handoff_context() - Which context's lower half has the firmware loaded?
 * @handoff: the page
 * @profile: how it is used
 * @context: set to its number, 1 to 63
 * @report: what stands there instead
 *
 * A look, and no more than that: unless the caller holds the lock, it may be another
 * one right afterwards.
 *
 * Return: 0; -GPUAS_ENOENT if there is none, or it is context 0, as 0 stands for
 * both; -GPUAS_EPROTO if it is neither a number of one nor "no context".
 */
int gpuas_handoff_context(const struct gpuas_handoff *handoff,
			  const struct gpuas_profile *profile, unsigned int *context,
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
 * @profile: how it is used
 * @side: who calls
 * @wait: how long; Linux's driver gives the firmware 1 s. Not used by a host whose
 *	profile says that nobody waits
 * @magic: set to the other side's magic, or to 0 if nobody was waited for, and nobody
 *	was there; may be NULL
 * @report: the magic that was found and those that were expected, or that there was
 *	none
 *
 * What was stored before is seen by whoever sees this side's magic, and the
 * reverse. A magic of an earlier run counts: who restarts a side zeroes that
 * side's magic before it runs.
 *
 * A host waits for firmware that answers. For one that comes late it looks once, and
 * returns 0 with @magic 0 if it is not there: gpuas_handoff_peer() finds it when it
 * comes. At one that never takes part it does not look. The firmware's side always
 * waits: a host is there.
 *
 * Return: 0; -GPUAS_EPROTO if the other side's magic is neither right nor zero;
 * -GPUAS_ETIMEDOUT if it stayed zero. After an error this side's magic stays, and
 * the call may be repeated.
 */
int gpuas_handoff_start(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
			enum gpuas_side side, const struct gpuas_wait *wait,
			uint64_t *magic, struct gpuas_report *report);

/**
 * gpuas_handoff_peer() - Is the other side there, and with which magic?
 * @handoff: the page
 * @profile: how it is used
 * @side: who calls
 * @magic: set to the other side's magic; may be NULL
 * @report: the magic that was found and those that were expected, or that there is
 *	none
 *
 * Writes nothing, does not wait, and may be called at any time. What the other side
 * prepared is seen if it is there.
 *
 * Return: 0; -GPUAS_ENOENT if it has not come (yet), or never takes part, whatever
 * stands in its place; -GPUAS_EPROTO if its magic is neither right nor zero. @magic is
 * unchanged after an error.
 */
int gpuas_handoff_peer(const struct gpuas_handoff *handoff,
		       const struct gpuas_profile *profile, enum gpuas_side side,
		       uint64_t *magic, struct gpuas_report *report);

/**
 * gpuas_handoff_lock() - Take the lock
 * @handoff: the page
 * @profile: how it is used
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
 * A host whose firmware never takes part has it at once, whatever stands in the
 * firmware's byte; its own goes up all the same, so that unlock is unlock. A late
 * firmware that has not come has its byte down: that is had at once, too, and excludes
 * it from the moment that it comes.
 *
 * Return: 0; -GPUAS_ETIMEDOUT if the other side kept the lock; -GPUAS_EPROTO if
 * its byte is neither 0 nor 1. After an error the lock is not held, and this side
 * does not stand in the other's way: its byte is down and the turn the other's, in
 * case that waits for the turn alone.
 */
int gpuas_handoff_lock(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
		       enum gpuas_side side, const struct gpuas_wait *wait,
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
 * to the request. The library cannot refuse that, as the byte does not tell which of
 * the host's threads holds the lock; a wait that ends without an answer says in its
 * report that the byte is up.
 *
 * Before memory that the firmware caches is unmapped there may be nobody to ask:
 * gpuas_handoff_unmap_prepare() in <gpuas/unmap.h> knows when, and does the rest.
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
 * not 0: a request is under way, or one that was given up was never finished, or an
 * unmap was not completed; the report says which.
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
 * gpuas_handoff_flush_wait() - Wait until a request is done, and no more (host)
 * @handoff: the page
 * @slot: as posted
 * @wait: how long
 * @report: state of the slot
 *
 * As gpuas_handoff_flush_finish(), but the slot stays as the firmware left it, for who
 * has something to do before it may be used again: gpuas_handoff_unmap_complete(). May be
 * repeated, also after it succeeded.
 *
 * Return: as gpuas_handoff_flush_finish().
 */
int gpuas_handoff_flush_wait(const struct gpuas_handoff *handoff, unsigned int slot,
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
 * A notice (<gpuas/unmap.h>) is no request: it has state 2, and nobody answers it.
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
