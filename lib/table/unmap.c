// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Unmapping: survey without writing, split what sticks out, clear; the flush and
 * the freeing of emptied tables are gathered. What fits into one leaf table needs
 * no survey.
 */
#include "walk.h"

int gpuas_survey_(const struct gpuas_space *space, uint64_t first,
		  uint64_t last, uint32_t *tables)
{
	const struct gpuas_geometry *geo = &space->geo;
	struct walk walk;
	uint64_t end;
	int err;

	for (*tables = 0;; first = end + 1) {
		err = gpuas_descend_(space, first, 0, &walk);
		if (err)
			return err;
		end = gpuas_walk_end_(space, &walk, first, last);
		if (walk.level && walk.entry) {
			if (gpuas_format_kind(geo->format, walk.level,
					      walk.entry) != GPUAS_BLOCK)
				return -GPUAS_EPERM;
			*tables += gpuas_split_tables_(geo, walk.level, first,
						       end);
		}
		if (end == last)
			return 0;
	}
}

/* Entries that are not empty. */
static unsigned int count_live(const uint64_t *entry, unsigned int count)
{
	unsigned int live = 0;

	for (; count; count--, entry++)
		live += gpuas_entry_load(entry) != 0;
	return live;
}

GPUAS_INLINE uint64_t all_of_four(const uint64_t *entry)
{
	return gpuas_entry_load(&entry[0]) & gpuas_entry_load(&entry[1]) &
	       gpuas_entry_load(&entry[2]) & gpuas_entry_load(&entry[3]);
}

GPUAS_INLINE void zero_four(uint64_t *entry)
{
	gpuas_entry_store(&entry[0], 0);
	gpuas_entry_store(&entry[1], 0);
	gpuas_entry_store(&entry[2], 0);
	gpuas_entry_store(&entry[3], 0);
}

/* Is each of them a live entry, as in most ranges that are unmapped? */
static bool all_valid(const uint64_t *entry, unsigned int count)
{
	uint64_t all = 1;

	for (; UNROLLED && count >= 8; count -= 8, entry += 8)
		all &= all_of_four(entry) & all_of_four(entry + 4);
	for (; count; count--, entry++)
		all &= gpuas_entry_load(entry);
	return all;
}

static void zero(uint64_t *entry, unsigned int count)
{
	for (; UNROLLED && count >= 8; count -= 8, entry += 8) {
		zero_four(entry);
		zero_four(entry + 4);
	}
	for (; count; count--, entry++)
		gpuas_entry_store(entry, 0);
}

/*
 * Clear entries; returns how many were not empty. Most ranges are full, and that is
 * seen without counting; an entry of type 00 that is not zero counts as live, as it
 * has to go too.
 */
static unsigned int clear_entries(uint64_t *entry, unsigned int count)
{
	unsigned int live = count;

	if (!UNROLLED || !all_valid(entry, count))
		live = count_live(entry, count);
	if (live)
		zero(entry, count);
	return live;
}

/* Are all entries empty that we may have written? */
static bool own_gone(const struct gpuas_cached *slot)
{
	return slot->low > slot->high ||
	       gpuas_entries_empty_(&slot->ptr[slot->low],
				    slot->high - slot->low + 1u);
}

/*
 * Is a table empty, now that @gone more of its entries are? @slot: of the cache, or
 * NULL; @first, @last: where they were.
 */
static bool table_empty(const struct gpuas_space *space,
			struct gpuas_cached *slot, const uint64_t *table,
			unsigned int level, unsigned int gone,
			unsigned int first, unsigned int last)
{
	const unsigned int entries = entries_(&space->geo);

	if (slot && slot->live != GPUAS_CACHE_UNKNOWN && slot->live >= gone) {
		slot->live = (uint16_t)(slot->live - gone);
		/* Tables that others linked are not counted, nor what they wrote. */
		if (slot->live || (!level && own_gone(slot)))
			return !slot->live;
	}
	/*
	 * Nothing is known, or others may have written here: look. Neighbours tell
	 * sooner than the whole table, as what is mapped is mostly mapped in a row.
	 */
	if ((first && gpuas_entry_load(&table[first - 1])) ||
	    (last + 1 < entries && gpuas_entry_load(&table[last + 1])))
		return false;
	if (!slot)
		return gpuas_entries_empty_(table, entries);
	slot->live = (uint16_t)count_live(table, entries);
	slot->low = 0;
	slot->high = (uint16_t)(entries - 1);
	return !slot->live;
}

/*
 * Unlink what became empty, from where a walk ended up. The parent's entry goes
 * first and the table is only put aside: walkers may still be in it until the
 * flush.
 */
static void prune(struct gpuas_space *space, const struct walk *walk,
		  uint64_t first, uint64_t last, unsigned int gone, bool keep)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int level;

	for (level = walk->level; level < space->top; level++, gone = 1) {
		uint64_t *table = walk->table[level].ptr, *slot;
		gpuas_pa_t pa = walk->table[level].pa;

		if (!table_empty(space, cached_(space, granule_shift_(geo),
						gpuas_pa_u64(pa) | ENTRY_TABLE),
				 table, level, gone, index_(geo, level, first),
				 index_(geo, level, last)) || keep)
			return;
		slot = &walk->table[level + 1].ptr[index_(geo, level + 1, first)];
		gpuas_put_(space, slot, 0);
		gpuas_gather_table_(space, table, pa);
	}
}

/* Clear the leaves where a walk ended, up to @last, which is not beyond them. */
static unsigned int clear_part(struct gpuas_space *space,
			       const struct walk *walk, uint64_t first,
			       uint64_t last)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t *slot = walk_slot_(space, walk, first);
	unsigned int count = 1, gone;

	if (!walk->level)
		count += index_(geo, 0, last) - index_(geo, 0, first);
	else if (gpuas_format_kind(geo->format, walk->level, walk->entry) !=
		 GPUAS_BLOCK)
		return 0;
	gone = clear_entries(slot, count);
	if (gone)
		gpuas_gather_dirty_(space, slot, count);
	return gone;
}

/*
 * Another way to a table that was emptied already must not outlive it: the table is
 * about to be freed, and this entry would lead walkers into somebody else's page.
 */
static unsigned int clear_alias(struct gpuas_space *space,
				const struct walk *walk, uint64_t pos)
{
	gpuas_pa_t pa = table_address_(&space->geo, walk->entry);
	uint64_t *slot = walk_slot_(space, walk, pos), *table;

	table = gpuas_ours_(space, pa);
	if (!table || !gpuas_chained_(space, pa, table))
		return 0;
	gpuas_put_(space, slot, 0);
	return 1;
}

bool gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last,
		  bool keep)
{
	bool cleared = false;
	uint64_t pos, end;
	struct walk walk;
	unsigned int gone;

	for (pos = first;; pos = end + 1) {
		/* What appeared since the survey is not ours to clear. */
		bool ours = !gpuas_descend_(space, pos, 0, &walk);

		end = gpuas_walk_end_(space, &walk, pos, last);
		gone = ours ? clear_part(space, &walk, pos, end) :
			      clear_alias(space, &walk, pos);
		if (gone) {
			cleared = true;
			prune(space, &walk, pos, end, gone, keep);
		}
		if (end == last)
			break;
	}
	return cleared;
}

static int unmap_long(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	uint32_t tables, had = space->spares;
	int err;

	err = gpuas_survey_(space, first, last, &tables);
	if (!err)
		err = gpuas_spares_get_(space, tables);
	if (err)
		return err;
	if (tables)
		err = gpuas_split_(space, first, last);
	if (!err && gpuas_clear_(space, first, last, false))
		gpuas_gather_flush_(space, first, last);
	gpuas_finish_(space, had);
	return err;
}

static unsigned int clear_one(uint64_t *entry)
{
	if (!gpuas_entry_load(entry))
		return 0;
	gpuas_entry_store(entry, 0);
	return 1;
}

static unsigned int clear_many(struct gpuas_cached *hot, unsigned int first,
			       unsigned int count)
{
	unsigned int low = hot->low, high = hot->high, gone = count;

	/* Without gaps, there is no need to look what is cleared. */
	if (hot->live == high - low + 1 && first >= low &&
	    first + count - 1 <= high)
		zero(&hot->ptr[first], count);
	else
		gone = clear_entries(&hot->ptr[first], count);
	if (first <= low)
		hot->low = (uint16_t)(first + count);
	if (first + count > high)
		hot->high = (uint16_t)(first ? first - 1 : 0);
	return gone;
}

/* Clear entries of a table in the cache; returns how many were not empty. */
GPUAS_INLINE unsigned int clear_cached(struct gpuas_cached *hot,
				       unsigned int first, unsigned int count)
{
	unsigned int gone = count == 1 ? clear_one(&hot->ptr[first]) :
					 clear_many(hot, first, count);

	hot->live = (uint16_t)(hot->live - gone);
	return gone;
}

/*
 * The short path, in a leaf table that stays: 1 if that is not so simple. More live
 * entries than are cleared means that it cannot become empty, so nothing above it
 * has to be looked at.
 */
GPUAS_INLINE int unmap_leaves(struct gpuas_space *space, unsigned int gs,
			      unsigned int levels, uint64_t first,
			      uint64_t last)
{
	const unsigned int mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	unsigned int count = (unsigned int)((last - first) >> gs) + 1;
	const struct gpuas_env *env = space->env;
	struct gpuas_cached *hot = NULL;

	if (env->clean || space->gather.depth ||
	    !hot_leaf_(space, gs, levels, first, &hot) ||
	    hot->live == GPUAS_CACHE_UNKNOWN || hot->live <= count)
		return 1;
	if (!clear_cached(hot, (unsigned int)(first >> gs) & mask, count))
		return 0;
	gpuas_publish_barrier();
	if (env->flush)
		env->flush(env->ctx, gpuas_va(space->base + first),
			   last - first + 1);
	return 0;
}

GPUAS_INLINE int unmap_range(struct gpuas_space *space, unsigned int gs,
			     unsigned int levels, gpuas_va_t va, uint64_t size)
{
	uint64_t first, last;
	int err = window_(space, gs, va, size, &first, &last);

	if (err)
		return err;
	err = 1;
	if (one_leaf_table_(gs, first, last))
		err = unmap_leaves(space, gs, levels, first, last);
	return err > 0 ? unmap_long(space, first, last) : err;
}

int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	if (hot_(space, 14))
		return unmap_range(space, 14, HOT_LEVELS, va, size);
	if (hot_(space, 12))
		return unmap_range(space, 12, HOT_LEVELS, va, size);
	if (hot_(space, 16))
		return unmap_range(space, 16, HOT_LEVELS, va, size);
	return unmap_range(space, granule_shift_(&space->geo), 0, va, size);
}
