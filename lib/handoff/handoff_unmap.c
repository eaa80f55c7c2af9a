// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "page.h"

#define NOTICE_TAG	(0xdeadULL << 48)
#define NOTICE_VA	((1ULL << 48) - 1)

bool gpuas_handoff_unmap_needed(const struct gpuas_format *format, uint64_t entry)
{
	gpuas_attr_t attr = gpuas_format_decode(format, entry);

	return (attr & GPUAS_MEM_MASK) == GPUAS_MEM_CACHED &&
	       (attr & (GPUAS_FW_WRITE | GPUAS_GL_WRITE));
}

static int choose(const struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
		  unsigned int slot, enum gpuas_unmap_way *way, struct gpuas_report *report)
{
	uint64_t magic;
	uint32_t context;
	int err = gpuas_peer_look_(handoff, profile, GPUAS_SIDE_HOST, &magic);

	*way = GPUAS_UNMAP_NOTICE;
	if (err == -GPUAS_ENOENT)
		return 0;
	if (err)
		return gpuas_magic_report_(report, profile, "magic_fw", magic);
	if (slot != GPUAS_HANDOFF_FLUSH_KERNEL) {
		context = gpuas_word_load(&handoff->context);
		/* 0 is none, and the firmware's own context: that one is flushed. */
		if (context != slot)
			return gpuas_context_judge_(profile, context, report) == -GPUAS_EPROTO ?
				       -GPUAS_EPROTO : 0;
	}
	*way = GPUAS_UNMAP_FLUSH;
	return 0;
}

int gpuas_handoff_unmap_prepare(struct gpuas_handoff *handoff,
				const struct gpuas_profile *profile, unsigned int slot,
				gpuas_va_t va, uint64_t size,
				struct gpuas_handoff_unmap *unmap,
				struct gpuas_report *report)
{
	uint64_t addr = gpuas_va_u64(va);
	enum gpuas_unmap_way way;
	int err = gpuas_request_check_(slot, va, size, report);

	if (err)
		return err;
	/*
	 * The leaves were changed before we look. Else a firmware that loads the context
	 * meanwhile could still see the old ones, and we not yet its context.
	 */
	gpuas_full_barrier();
	err = choose(handoff, profile, slot, &way, report);
	if (!err)
		err = gpuas_slot_free_(handoff, slot, report);
	if (err)
		return err;
	if (way == GPUAS_UNMAP_NOTICE)
		addr = NOTICE_TAG | (addr & NOTICE_VA);
	gpuas_slot_write_(&handoff->flush[slot], addr, size,
			  way == GPUAS_UNMAP_NOTICE ? FLUSH_DONE : FLUSH_REQUESTED);
	*unmap = (struct gpuas_handoff_unmap){ slot, way, addr, size };
	return 0;
}

static int state_check(const struct gpuas_handoff_unmap *unmap, uint64_t state,
		       struct gpuas_report *report)
{
	const char *what = " has a state that the protocol does not have, ";

	if (state == FLUSH_DONE)
		return 0;
	if (state == FLUSH_REQUESTED && unmap->way == GPUAS_UNMAP_FLUSH)
		return gpuas_slot_report_(report, -GPUAS_EBUSY, unmap->slot,
					  " is not answered yet, its state is ", state);
	if (state == FLUSH_REQUESTED)
		what = " has a request where a notice was, its state is ";
	else if (state == FLUSH_IDLE)
		what = " was given back before the unmap was completed, its state is ";
	return gpuas_slot_report_(report, -GPUAS_EPROTO, unmap->slot, what, state);
}

int gpuas_handoff_unmap_complete(struct gpuas_handoff *handoff,
				 const struct gpuas_handoff_unmap *unmap,
				 struct gpuas_report *report)
{
	struct gpuas_handoff_flush *flush;
	uint64_t addr, size;
	int err;

	if (unmap->slot >= GPUAS_HANDOFF_FLUSH_SLOTS)
		return gpuas_no_slot_(report, unmap->slot);
	flush = &handoff->flush[unmap->slot];
	err = state_check(unmap, gpuas_entry_load(&flush->state), report);
	if (err)
		return err;
	addr = gpuas_entry_load(&flush->addr);
	size = gpuas_entry_load(&flush->size);
	if (addr != unmap->addr)
		return gpuas_slot_report_(report, -GPUAS_ESTALE, unmap->slot,
					  " was written by somebody else, its address is ", addr);
	if (size != unmap->size)
		return gpuas_slot_report_(report, -GPUAS_ESTALE, unmap->slot,
					  " was written by somebody else, its size is ", size);
	/* Cleared leaves come before the word that says so, and the slot's next use after it. */
	gpuas_release_barrier();
	gpuas_entry_store(&flush->state, FLUSH_IDLE);
	return 0;
}
