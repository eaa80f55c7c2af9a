// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Unmapping: survey without writing, split what sticks out, clear; the flush and
 * the freeing of emptied tables are gathered. What fits into one leaf table that
 * stays needs no survey. A leaf table that goes as a whole is neither looked through nor
 * written: it is unlinked, and what it held goes with the flush.
 */
#include "walk.h"

/*
 * One entry above the leaf tables, of which the range covers what is up to @end. One
 * that leads to a table of ours which hangs elsewhere may go as a whole: who wrote it
 * did so in a table of ours, and the table is reached by its own way.
 */
static int survey_entry(const struct gpuas_space *space,
			const struct walk *walk, uint64_t end, bool unmap,
			struct need *need)
{
	bool whole = end - walk->pos == mask_(space, walk->level);

	/* All that a leaf table holds may go, and the handle may be opened at one. */
	if (!walk->level || !walk->entry || leaf_table_(space, walk))
		return 0;
	if (!is_block_(space, walk->level, walk->entry))
		return unmap && whole && gpuas_owned_(space, walk->entry) ?
			       0 : -GPUAS_EPERM;
	if (whole)
		return 0;
	need->tables += gpuas_split_tables_(&space->geo, walk->level, walk->pos,
					    end, need->before);
	need->before = end;
	return 0;
}

int gpuas_survey_(const struct gpuas_space *space, struct walk *walk,
		  uint64_t first, uint64_t last, bool unmap, struct need *need)
{
	uint64_t end;
	int err = 0;

	for (; !err && first <= last; first = end + 1) {
		/* An entry that is nothing of ours is judged like any other. */
		walk_on_(space, walk, first);
		end = walk_end_(space, walk, last);
		err = survey_entry(space, walk, end, unmap, need);
	}
	return err;
}

static unsigned int clear_one(uint64_t *entry)
{
	if (!gpuas_entry_load(entry))
		return 0;
	gpuas_entry_store(entry, 0);
	return 1;
}

GPUAS_INLINE uint64_t all_of_four(const uint64_t *entry)
{
	return entry[0] & entry[1] & entry[2] & entry[3];
}

GPUAS_INLINE void zero_four(uint64_t *entry)
{
	gpuas_entry_store(&entry[0], 0);
	gpuas_entry_store(&entry[1], 0);
	gpuas_entry_store(&entry[2], 0);
	gpuas_entry_store(&entry[3], 0);
}

/*
 * Is each of them a live entry, as in most ranges that are unmapped? Plain loads, as
 * in gpuas_entries_empty_().
 */
static bool all_valid(const uint64_t *entry, unsigned int count)
{
	uint64_t all = 1;

	for (; FAST && count >= 8; count -= 8, entry += 8)
		all &= all_of_four(entry) & all_of_four(entry + 4);
	for (; count; count--, entry++)
		all &= *entry;
	return all;
}

static void zero(uint64_t *entry, unsigned int count)
{
	for (; FAST && count >= 8; count -= 8, entry += 8) {
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
	unsigned int live = 0;

	if (FAST && all_valid(entry, count)) {
		zero(entry, count);
		return count;
	}
	for (; count; count--, entry++)
		live += clear_one(entry);
	return live;
}

/* Note that @gone entries are, and that @count of them from @first on are empty. */
GPUAS_INLINE void live_sub(struct gpuas_table *table, unsigned int first,
			   unsigned int count, unsigned int gone)
{
	unsigned int end = first + count;

	if (!COUNTED)
		return;
	table->live = (uint16_t)(table->live > gone ? table->live - gone : 0);
	if (first <= table->low && end > table->low)
		table->low = (uint16_t)end;
	else if (first < table->end && end >= table->end)
		table->end = (uint16_t)first;
}

/*
 * Clear the entry where a walk is, and unlink @table, if that is where it leads; then
 * go up with each table that this empties, unless @keep. The entry goes first, and the
 * table is only put aside: walkers may still be in it until the flush.
 */
GPUAS_INLINE void clear_up(struct gpuas_space *space, struct walk *walk,
			   struct gpuas_table *table, bool keep)
{
	for (;;) {
		unsigned int index = at_(space, walk->level, walk->pos);

		put_(space, &walk->at[walk->level].ptr[index], 0);
		if (table)
			gpuas_gather_table_(space, table);
		table = walk->at[walk->level].table;
		if (!table)
			return;
		live_sub(table, index, 1, 1);
		if (keep || !is_empty_(space, table))
			return;
		table->zero = true;
		walk->level++;
	}
}

void gpuas_clear_up_(struct gpuas_space *space, struct walk *walk,
		     struct gpuas_table *table)
{
	clear_up(space, walk, table, false);
}

/*
 * Clear pages of one leaf table; were there any? @table: its record; NULL for one that
 * the handle is opened at.
 */
static bool clear_pages(struct gpuas_space *space, uint64_t *ptr,
			struct gpuas_table *table, uint64_t first, uint64_t last)
{
	unsigned int index = at_(space, 0, first);
	unsigned int count = at_(space, 0, last) - index + 1;
	unsigned int gone = clear_entries(&ptr[index], count);

	if (!gone)
		return false;
	gather_dirty_(space, &ptr[index], count);
	if (table)
		live_sub(table, index, count, gone);
	return true;
}

/*
 * One entry above the leaf tables, of which the range covers what is up to @end; was
 * anything cleared? A leaf table of ours goes without a look if the range covers all
 * of it. What appeared since the survey is not ours to clear; another way to a table
 * of ours is.
 */
static bool clear_entry(struct gpuas_space *space, struct walk *walk,
			uint64_t end, bool keep)
{
	struct gpuas_table *table = leaf_table_(space, walk);

	if (!table && !is_block_(space, walk->level, walk->entry) &&
	    !gpuas_record_(space, walk->entry))
		return false;
	if (table && (keep || end - walk->pos < mask_(space, 1))) {
		if (!clear_pages(space, table->ptr, table, walk->pos, end))
			return false;
		if (keep || !is_empty_(space, table))
			return true;
		table->zero = space->root_table;
	}
	clear_up(space, walk, table, keep);
	return true;
}

void gpuas_clear_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		  uint64_t last, bool keep)
{
	uint64_t pos, end;
	bool any = false;

	for (pos = first; pos <= last; pos = end + 1) {
		walk_on_(space, walk, pos);
		end = walk_end_(space, walk, last);
		if (!walk->level)
			any |= clear_pages(space, space->root_ptr, NULL, pos, end);
		else if (walk->entry)
			any |= clear_entry(space, walk, end, keep);
	}
	if (any)
		gather_flush_(space, first, last);
}

GPUAS_HOT int unmap_long(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	struct need need = NEED_NOTHING;
	uint32_t had = space->spares;
	struct walk walk;
	int err;

	gpuas_walk_start_(space, &walk);
	err = gpuas_survey_(space, &walk, first, last, true, &need);
	if (!err)
		err = gpuas_spares_get_(space, need.tables);
	if (err)
		return err;
	if (need.tables)
		err = gpuas_split_(space, &walk, first, last);
	if (!err)
		gpuas_clear_(space, &walk, first, last, false);
	gpuas_finish_(space, had);
	return err;
}

static unsigned int clear_many(struct gpuas_table *table, unsigned int first,
			       unsigned int count)
{
	unsigned int low = table->low, end = table->end, gone = count;

	/* Without gaps, there is no need to look what is cleared. */
	if (table->live == end - low && first >= low && first + count <= end)
		zero(&table->ptr[first], count);
	else
		gone = clear_entries(&table->ptr[first], count);
	live_sub(table, first, count, gone);
	return gone;
}

/* What ends a call that cleared entries, where that is more than a flush. */
static void put_off(struct gpuas_space *space, const uint64_t *entry,
		    unsigned int count, uint64_t first, uint64_t last)
{
	gather_dirty_(space, entry, count);
	gather_flush_(space, first, last);
	gather_run_(space);
}

/*
 * The short path, in a leaf table that stays: 1 if that is not so simple, 2 if the
 * table was met all the same. More live
 * entries than are cleared means that it cannot become empty, so nothing above it
 * has to be looked at.
 */
GPUAS_INLINE int unmap_leaves(struct gpuas_space *space, unsigned int gs,
			      unsigned int levels, uint64_t first,
			      uint64_t last)
{
	const unsigned int mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	unsigned int count = (unsigned int)((last - first) >> gs) + 1, gone;
	unsigned int index = (unsigned int)(first >> gs) & mask;
	struct gpuas_table *table = hot_leaf_(space, gs, levels, first);
	const struct gpuas_env *env = space->env;

	if (!table || table->live <= count)
		return table ? 2 : 1;
	if (count == 1) {
		gone = clear_one(&table->ptr[index]);
		table->live = (uint16_t)(table->live - gone);
	} else {
		gone = clear_many(table, index, count);
	}
	if (!gone)
		return 0;
	if (env->clean || space->gather.depth) {
		put_off(space, &table->ptr[index], count, first, last);
		return 0;
	}
	gpuas_publish_barrier();
	if (env->flush)
		env->flush(env->ctx, gpuas_va(space->base + first),
			   last - first + 1);
	return 0;
}

/*
 * A whole leaf table, or a block, where one more entry of its parent is in use: 1 if
 * that is not so simple. @met: the leaf table was, so its parent was before.
 */
static int unmap_whole(struct gpuas_space *space, uint64_t first, uint64_t last,
		       bool met)
{
	struct gpuas_table *parent, *table;
	unsigned int index;
	uint64_t *slot, entry;

	if (last - first != mask_(space, 1))
		return 1;
	parent = met ? *near_(space, 1, first >> space->shift[2]) :
		       hot_table_(space, granule_shift_(&space->geo), 1, first);
	if (!parent || parent->live < 2)
		return 1;
	index = at_(space, 1, first);
	slot = &parent->ptr[index];
	entry = gpuas_entry_load(slot);
	if (is_block_(space, 1, entry)) {
		put_(space, slot, 0);
	} else {
		table = gpuas_child_(space, 0, first, entry);
		if (!table)
			return !!entry;
		put_(space, slot, 0);
		table->zero = false;
		gpuas_gather_table_(space, table);
	}
	live_sub(parent, index, 1, 1);
	gather_flush_(space, first, last);
	gather_run_(space);
	return 0;
}

/* Pages in two leaf tables, of which both stay: 1 if that is not so simple. */
static int unmap_two(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	struct part part[2], *at;
	unsigned int gone = 0;

	if (!gpuas_two_parts_(space, first, last, part) ||
	    part[0].table->live <= part[0].count ||
	    part[1].table->live <= part[1].count)
		return 1;
	for (at = part; at < part + 2; at++) {
		gone += clear_many(at->table, at->index, at->count);
		gather_dirty_(space, &at->table->ptr[at->index], at->count);
	}
	if (!gone)
		return 0;
	gather_flush_(space, first, last);
	gather_run_(space);
	return 0;
}

GPUAS_HOT int unmap_other(struct gpuas_space *space, uint64_t first,
			  uint64_t last, bool met)
{
	const uint64_t borders = borders_(space, first, last);
	int err = 1;

	if (FAST && !borders)
		err = unmap_whole(space, first, last, met);
	else if (FAST && borders == 1)
		err = unmap_two(space, first, last);
	return err > 0 ? unmap_long(space, first, last) : err;
}

GPUAS_INLINE int unmap(struct gpuas_space *space, unsigned int gs,
		       unsigned int levels, gpuas_va_t va, uint64_t size)
{
	uint64_t first, last;
	int err = hot_window_(space, gs, va, size, &first, &last);

	if (err)
		return err;
	err = 1;
	if (FAST && one_leaf_table_(gs, first, last))
		err = unmap_leaves(space, gs, levels, first, last);
	return err > 0 ? unmap_other(space, first, last, err == 2) : err;
}

GPUAS_HOT int unmap_4k(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, 12, 3, va, size);
}

GPUAS_HOT int unmap_16k(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, 14, 3, va, size);
}

GPUAS_HOT int unmap_64k(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, 16, 3, va, size);
}

/* The same with two levels. */
GPUAS_HOT int unmap_16k_2(struct gpuas_space *space, gpuas_va_t va,
			uint64_t size)
{
	return unmap(space, 14, 2, va, size);
}

GPUAS_HOT int unmap_64k_2(struct gpuas_space *space, gpuas_va_t va,
			uint64_t size)
{
	return unmap(space, 16, 2, va, size);
}

GPUAS_HOT int unmap_any(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, granule_shift_(&space->geo), 0, va, size);
}

int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	if (hot_(space, 14, 3))
		return unmap_16k(space, va, size);
	if (hot_(space, 12, 3))
		return unmap_4k(space, va, size);
	if (hot_(space, 16, 3))
		return unmap_64k(space, va, size);
	if (hot_(space, 14, 2))
		return unmap_16k_2(space, va, size);
	if (hot_(space, 16, 2))
		return unmap_64k_2(space, va, size);
	return unmap_any(space, va, size);
}
