// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The way down a tree, through tables that the handle owns; and the cache of those
 * it met. A cache slot is found by the entry that leads to its table, so that
 * whoever changes that entry makes the next look-up miss.
 */
#include "walk.h"

int gpuas_offset_(const struct gpuas_geometry *geo, gpuas_va_t va,
		  uint64_t *pos)
{
	*pos = gpuas_va_u64(va) - base_(geo);
	return *pos >> geo->va_bits ? -GPUAS_ERANGE : 0;
}

int gpuas_extent_(const struct gpuas_geometry *geo, gpuas_va_t va,
		  uint64_t size, uint64_t *first, uint64_t *last)
{
	uint64_t start = gpuas_va_u64(va);

	if (!size || ((start | size) & (granule_(geo) - 1)))
		return -GPUAS_EINVAL;
	if (start + (size - 1) < start)
		return -GPUAS_EOVERFLOW;
	if (gpuas_offset_(geo, va, first))
		return -GPUAS_ERANGE;
	*last = *first + (size - 1);
	return *last >> geo->va_bits ? -GPUAS_ERANGE : 0;
}

int gpuas_window_slow_(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint64_t *first, uint64_t *last)
{
	int err = gpuas_extent_(&space->geo, va, size, first, last);

	if (err)
		return err;
	if (*first < space->window || *last > space->window_last)
		return -GPUAS_EPERM;
	return 0;
}

void gpuas_remember_(const struct gpuas_space *space, gpuas_pa_t pa,
		     uint64_t *ptr, unsigned int live)
{
	struct gpuas_cached *slot;

	if (!space->cache)
		return;
	slot = cache_slot_(space, granule_shift_(&space->geo), gpuas_pa_u64(pa));
	slot->entry = gpuas_pa_u64(pa) | ENTRY_TABLE;
	slot->ptr = ptr;
	/*
	 * Nothing is known of where live entries lie, so they may be anywhere; of a
	 * table without any, the bounds are empty (low above high).
	 */
	slot->live = (uint16_t)live;
	slot->low = live ? 0 : (uint16_t)entries_(&space->geo);
	slot->high = live ? (uint16_t)(entries_(&space->geo) - 1) : 0;
}

void gpuas_forget_(struct gpuas_space *space, gpuas_pa_t pa)
{
	struct gpuas_cached *slot = cached_(space, granule_shift_(&space->geo),
					    gpuas_pa_u64(pa) | ENTRY_TABLE);

	if (slot)
		slot->entry = cache_free_((unsigned int)(slot - space->cache));
}

/*
 * The three questions in this order: the oracle before the borrow, since memory
 * that is not ours is not even to be read here; the borrow before the look whether
 * it is in reserve, or on its way out: who linked it as well leads us there all the
 * same.
 */
uint64_t *gpuas_own_(const struct gpuas_space *space, gpuas_pa_t pa, int *err)
{
	uint64_t *ptr = gpuas_ours_(space, pa);

	*err = !ptr && gpuas_owned_(space, pa) ? -GPUAS_EFAULT : -GPUAS_EPERM;
	if (!ptr || gpuas_chained_(space, pa, ptr))
		return NULL;
	remember_(space, pa, ptr, GPUAS_CACHE_UNKNOWN);
	return ptr;
}

uint64_t *gpuas_child_(const struct gpuas_space *space, uint64_t entry, int *err)
{
	const struct gpuas_cached *slot =
		cached_(space, granule_shift_(&space->geo), entry);

	if (slot)
		return slot->ptr;
	return gpuas_own_(space, table_address_(&space->geo, entry), err);
}

void gpuas_live_add_(struct gpuas_space *space, uint64_t entry,
		     unsigned int first, unsigned int count)
{
	struct gpuas_cached *slot =
		cached_(space, granule_shift_(&space->geo), entry);

	if (slot)
		live_add_(slot, first, count);
}

GPUAS_INLINE uint64_t any_of_four(const uint64_t *entry)
{
	return gpuas_entry_load(&entry[0]) | gpuas_entry_load(&entry[1]) |
	       gpuas_entry_load(&entry[2]) | gpuas_entry_load(&entry[3]);
}

bool gpuas_entries_empty_(const uint64_t *entry, unsigned int count)
{
	uint64_t any = 0;

	for (; UNROLLED && count >= 8; count -= 8, entry += 8)
		any |= any_of_four(entry) | any_of_four(entry + 4);
	if (UNROLLED && count >= 4) {
		any |= any_of_four(entry);
		entry += 4;
		count -= 4;
	}
	for (; count; count--, entry++)
		any |= gpuas_entry_load(entry);
	return !any;
}

int gpuas_descend_(const struct gpuas_space *space, uint64_t pos,
		   unsigned int stop, struct walk *walk)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int level = space->top;
	uint64_t *ptr = space->root_ptr;
	gpuas_pa_t pa = space->root;
	int err;

	/* One load for each decision: the entry may change while we look. */
	for (;;) {
		walk->table[level].ptr = ptr;
		walk->table[level].pa = pa;
		walk->level = level;
		walk->entry = gpuas_entry_load(&ptr[index_(geo, level, pos)]);
		if (level == stop ||
		    (walk->entry & ENTRY_TYPE_MASK) != ENTRY_TABLE)
			return 0;
		pa = table_address_(geo, walk->entry);
		ptr = gpuas_child_(space, walk->entry, &err);
		if (!ptr)
			return err;
		level--;
	}
}

uint64_t gpuas_walk_end_(const struct gpuas_space *space,
			 const struct walk *walk, uint64_t pos, uint64_t last)
{
	/* A leaf table is worked through as a whole, anything else by entry. */
	unsigned int level = walk->level ? walk->level : 1;

	return min_(last, span_last_(&space->geo, level, pos));
}
