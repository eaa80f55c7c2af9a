// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Changing attributes in place. Rights change with one store; what the
 * architecture wants broken first (Arm ARM DDI 0487, D8.16.1) is made invalid, with
 * its address kept, flushed, and then written.
 */
#include "walk.h"

/* Page: 0b11 becomes 0b10; block: 0b01 becomes 0b00, and then 0b10 as well. */
#define ENTRY_BROKEN	0x2ULL

/* AttrIndx, SH and nG: two entries that differ in them must not be in one TLB. */
#define ENTRY_BREAK_MASK \
	(7ULL << ENTRY_ATTRINDX_SHIFT | 3ULL << ENTRY_SH_SHIFT | ENTRY_NG)

/**
 * struct change - A protect under way
 * @into: the handle; NULL while nothing is written
 * @first: its range
 * @last: its end
 * @bits: the new bits of a page
 * @breaks: where old and new differ here, the entry is broken first
 * @changed: an entry was changed
 * @broken: an entry waits for the second pass
 */
struct change {
	struct gpuas_space *into;
	uint64_t first;
	uint64_t last;
	uint64_t bits;
	uint64_t breaks;
	bool changed;
	bool broken;
};

/* A valid leaf with other bits: nothing but its address is taken from the old one. */
static uint64_t with_bits(const struct gpuas_space *space, uint64_t entry,
			  unsigned int level, uint64_t bits)
{
	entry = gpuas_pa_u64(address_(entry, span_(&space->geo, level)));
	entry |= bits & ~ENTRY_TYPE_MASK;
	return entry | (level ? ENTRY_BLOCK : ENTRY_PAGE);
}

/* What looks like an entry that we broke would be taken for one. */
static void find_broken(uint64_t *slot, unsigned int level, struct change *change)
{
	(void)level;
	if ((gpuas_entry_load(slot) & ENTRY_TYPE_MASK) == ENTRY_BROKEN)
		change->broken = true;
}

static void change_entry(uint64_t *slot, unsigned int level, struct change *change)
{
	uint64_t entry = gpuas_entry_load(slot), now;
	struct gpuas_space *space = change->into;

	if ((entry & ENTRY_TYPE_MASK) != (level ? ENTRY_BLOCK : ENTRY_PAGE))
		return;
	now = with_bits(space, entry, level, change->bits);
	if (now == entry)
		return;
	if ((now ^ entry) & change->breaks) {
		now = (entry & ~ENTRY_TYPE_MASK) | ENTRY_BROKEN;
		if (!change->broken)
			stall_(space, change->first, change->last);
		change->broken = true;
	}
	put_(space, slot, now);
	change->changed = true;
}

static void mend_entry(uint64_t *slot, unsigned int level, struct change *change)
{
	struct gpuas_space *space = change->into;
	uint64_t entry = gpuas_entry_load(slot);

	if ((entry & ENTRY_TYPE_MASK) != ENTRY_BROKEN)
		return;
	put_(space, slot, with_bits(space, entry, level, change->bits));
}

/* Do one of these to every leaf of the range. */
static void each_leaf(const struct gpuas_space *space, struct walk *walk,
		      uint64_t first, uint64_t last,
		      void (*work)(uint64_t *slot, unsigned int level,
				   struct change *change),
		      struct change *change)
{
	uint64_t end;

	for (;; first = end + 1) {
		bool ours = !gpuas_walk_(space, walk, first, 0);
		unsigned int i = 0, count = 0;

		end = walk_end_(space, walk, last);
		if (ours)
			count = 1;
		if (ours && !walk->level)
			count += at_(space, 0, end) - at_(space, 0, first);
		for (; i < count; i++)
			work(walk->slot + i, walk->level, change);
		if (end == last)
			return;
	}
}

int gpuas_protect_survey_(const struct gpuas_space *space, struct walk *walk,
			  uint64_t first, uint64_t last, struct need *need)
{
	struct change change = { .broken = false };
	int err = gpuas_survey_(space, walk, first, last, false, need);

	if (err)
		return err;
	each_leaf(space, walk, first, last, find_broken, &change);
	return change.broken ? -GPUAS_EPERM : 0;
}

int gpuas_protect_fill_(struct gpuas_space *space, struct walk *walk,
			uint64_t first, uint64_t last, uint64_t bits, bool live)
{
	struct change change = {
		.into = space, .bits = bits, .first = first, .last = last,
		.breaks = live ? 0 : ENTRY_BREAK_MASK,
	};
	int err = gpuas_split_(space, walk, first, last);

	if (!err)
		each_leaf(space, walk, first, last, change_entry, &change);
	if (change.broken) {
		gpuas_break_(space, first, last);
		each_leaf(space, walk, first, last, mend_entry, &change);
		gpuas_made_(space, first, last);
	} else if (change.changed) {
		gather_flush_(space, first, last);
	}
	return err;
}

static int protect(struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		   gpuas_attr_t attr, bool live)
{
	struct need need = NEED_NOTHING;
	uint32_t had = space->spares;
	uint64_t first, last, bits;
	struct walk walk;
	int err;

	gpuas_walk_start_(space, &walk);
	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = gpuas_encode_(space, attr, &bits);
	if (!err)
		err = gpuas_protect_survey_(space, &walk, first, last, &need);
	if (!err)
		err = gpuas_spares_get_(space, need.tables);
	if (err)
		return err;
	err = gpuas_protect_fill_(space, &walk, first, last, bits, live);
	gpuas_finish_(space, had);
	return err;
}

int gpuas_protect(struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  gpuas_attr_t attr)
{
	return protect(space, va, size, attr, false);
}

int gpuas_protect_live(struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		       gpuas_attr_t attr)
{
	return protect(space, va, size, attr, true);
}
