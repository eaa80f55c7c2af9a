/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_UNMAP_H
#define GPUAS_UNMAP_H

#include <gpuas/format.h>
#include <gpuas/handoff.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Unmapping what the firmware may have in its cache
 *
 * Leaves that gpuas_handoff_unmap_needed() names are not just cleared. There are two
 * ways, chosen for each unmap by what the page says at that moment:
 *
 * ========================  ==========================  =============================
 *                           flush                       notice
 * ========================  ==========================  =============================
 * when                      the firmware is there, and  otherwise
 *                           has the context loaded, or
 *                           the kernel half is meant
 * 1. leaves                 made GPUAS_MEM_SHARED in    the same; no TLBI is needed
 *                           place, and TLBI
 * 2. prepare: slot          state 1                     state 2, address 0xdead << 48
 *                                                       OR va[47:0]
 * 3. message to firmware    yes, then                   none
 *                           gpuas_handoff_flush_wait()
 * 4. leaves                 cleared, and TLBI           the same
 * 5. complete: slot         state 0                     state 0
 * ========================  ==========================  =============================
 *
 * Steps 2 and 5 are here; which way it is, &gpuas_handoff_unmap.way says. Slot 64 is for
 * the kernel half, else it is the context's. Sources [secondary]: agxopen-dev
 * src/gfxhandoff.c (macOS 24G90, T8132), GravityLinux/bootloader src/hv_sptm_uat.c,
 * SPTM of T8142; the flush alone, up to G14: m1n1 fw/agx/handoff.py, Linux drm/asahi
 * mmu.rs [hardware].
 *
 * Neither function waits or takes the lock. Between two sides, not between threads, as
 * all of the page: a slot is one caller's from prepare to complete.
 */

/**
 * enum gpuas_unmap_way - Who makes sure that nothing is in the firmware's cache
 * @GPUAS_UNMAP_FLUSH: the firmware, when it is asked
 * @GPUAS_UNMAP_NOTICE: nobody has to; the slot says that an unmap is under way
 */
enum gpuas_unmap_way {
	GPUAS_UNMAP_FLUSH,
	GPUAS_UNMAP_NOTICE,
};

/**
 * struct gpuas_handoff_unmap - An unmap that is under way
 * @slot: its slot
 * @way: how
 * @addr: what was written as the slot's address
 * @size: what was written as its size
 */
struct gpuas_handoff_unmap {
	unsigned int slot;
	enum gpuas_unmap_way way;
	uint64_t addr;
	uint64_t size;
};

/**
 * gpuas_handoff_unmap_needed() - Does a leaf need any of this?
 * @format: the format
 * @entry: the leaf, as it was before step 1
 *
 * Looks at nothing but its arguments.
 *
 * Return: true if the firmware may write to it through a cache of its own:
 * GPUAS_MEM_CACHED, with GPUAS_FW_WRITE or GPUAS_GL_WRITE. For UAT leaves of the
 * host's that is AttrIndx 0 with AP 0 and UXN, or AP 1 and one of UXN and PXN, as
 * SPTM has it [secondary], and AttrIndx 5, which is the same memory and not used.
 */
bool gpuas_handoff_unmap_needed(const struct gpuas_format *format, uint64_t entry);

/**
 * gpuas_handoff_unmap_prepare() - Choose a way, and write the slot (host)
 * @handoff: the page
 * @profile: how it is used
 * @slot: number of the context, or GPUAS_HANDOFF_FLUSH_KERNEL
 * @va: first VA
 * @size: bytes, any number of pages, not 0
 * @unmap: set to what was done, for the caller to act by
 * @report: what is wrong
 *
 * After step 1. A context that the firmware loads from now on finds leaves that are not
 * cached; one that it had loaded before is seen here.
 *
 * For GPUAS_UNMAP_FLUSH the caller rings the doorbell as after
 * gpuas_handoff_flush_post(), and waits; it does so without the handoff lock. One who
 * gives up the wait has what gpuas_handoff_flush_finish() says of -GPUAS_ETIMEDOUT.
 *
 * Return: 0; -GPUAS_EINVAL if there is no such slot, or @size is 0; -GPUAS_EOVERFLOW if
 * @va plus @size wraps; -GPUAS_EBUSY if the slot is not free (the report says what it
 * is in use for); -GPUAS_EPROTO if the firmware's magic is neither right nor zero, or
 * @context is neither a number of one nor "no context", so that nobody can tell what
 * the firmware has loaded. Nothing is written after an error.
 */
int gpuas_handoff_unmap_prepare(struct gpuas_handoff *handoff,
				const struct gpuas_profile *profile, unsigned int slot,
				gpuas_va_t va, uint64_t size,
				struct gpuas_handoff_unmap *unmap,
				struct gpuas_report *report);

/**
 * gpuas_handoff_unmap_complete() - Give the slot back (host)
 * @handoff: the page
 * @unmap: as gpuas_handoff_unmap_prepare() filled it
 * @report: what is wrong
 *
 * After step 4: the leaves are cleared, and the flush of the TLB has completed.
 *
 * Return: 0; -GPUAS_EINVAL if there is no such slot; -GPUAS_EBUSY if the firmware has
 * not answered: wait first; -GPUAS_EPROTO if the state is 0, because this was called
 * twice, or somebody else gave the slot back, or if it is none of the protocol;
 * -GPUAS_ESTALE if address or size are not those of @unmap. Nothing is written after
 * an error.
 */
int gpuas_handoff_unmap_complete(struct gpuas_handoff *handoff,
				 const struct gpuas_handoff_unmap *unmap,
				 struct gpuas_report *report);

GPUAS_END_DECLS

#endif /* GPUAS_UNMAP_H */
