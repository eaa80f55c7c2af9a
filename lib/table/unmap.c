// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Unmapping: survey without writing, split what sticks out, clear; the flush and
 * the freeing of emptied tables are gathered. What fits into one leaf table that
 * stays needs no survey. A leaf table that goes as a whole is neither looked through nor
 * written: it is unlinked, and what it held goes with the flush.
 */
#include "walk.h"

/*
 * Does the entry where a walk failed lead to a table of ours that hangs elsewhere,
 * and does the range cover all of it? Then the entry may go: who wrote it did so
 * in a table of ours, and the table is reached by its own way.
 */
static bool is_alias(const struct gpuas_space *space, const struct walk *walk,
		     uint64_t last)
{
	uint64_t mask = mask_(space, walk->level);

	return is_table_(walk->entry) &&
	       gpuas_owned_(space, table_address_(&space->geo, walk->entry)) &&
	       !(walk->pos & mask) && last - walk->pos >= mask;
}

static int survey_entry(const struct gpuas_space *space,
			const struct walk *walk, uint64_t end, uint32_t *tables)
{
	const struct gpuas_geometry *geo = &space->geo;

	if (!walk->level || !walk->entry)
		return 0;
	if (is_table_(walk->entry))
		return gpuas_child_(space, walk->level - 1, walk->pos,
				    walk->entry) ? 0 : -GPUAS_EPERM;
	if (gpuas_format_kind(geo->format, walk->level, walk->entry) !=
	    GPUAS_BLOCK)
		return -GPUAS_EPERM;
	*tables += gpuas_split_tables_(geo, walk->level, walk->pos, end);
	return 0;
}

int gpuas_survey_(const struct gpuas_space *space, uint64_t first,
		  uint64_t last, bool unmap, uint32_t *tables)
{
	const unsigned int stop = leaf_parent_(space);
	struct walk walk;
	uint64_t end;
	int err;

	walk_start_(space, &walk);
	for (*tables = 0;; first = end + 1) {
		err = gpuas_walk_(space, &walk, first, stop);
		end = walk_end_(space, &walk, last);
		if (!err)
			err = survey_entry(space, &walk, end, tables);
		if (err && !(unmap && is_alias(space, &walk, last)))
			return err;
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

/* Note that @gone entries are, and that @count of them from @first on are empty. */
GPUAS_INLINE void live_sub(struct gpuas_table *table, unsigned int first,
			   unsigned int count, unsigned int gone)
{
	table->live = (uint16_t)(table->live > gone ? table->live - gone : 0);
	if (first <= table->low && first + count > table->low)
		table->low = (uint16_t)(first + count);
	else if (first <= table->high && first + count > table->high)
		table->high = (uint16_t)(first ? first - 1 : 0);
}

/*
 * Is a table empty, of which the count says so? Who else cleared, or wrote, entries
 * of it made the count too low, so look where our own are. What others linked must
 * not go with the table; nor must their pages in a tree whose root is lent, where
 * others work. In a leaf table below a root of our own, the count is the answer.
 */
static bool is_empty(const struct gpuas_space *space, struct gpuas_table *table)
{
	if (table->low <= table->high)
		table->live = (uint16_t)count_live(&table->ptr[table->low],
						   table->high - table->low + 1u);
	return !table->live &&
	       ((space->root_table && !place_level_(table)) ||
		gpuas_entries_empty_(table->ptr, entries_(&space->geo)));
}

/*
 * Unlink the table at @level where a walk is, and those above that it leaves empty.
 * The parent's entry goes first and the table is only put aside: walkers may still
 * be in it until the flush. @zero: all of its entries are.
 */
static void unlink(struct gpuas_space *space, struct walk *walk,
		   unsigned int level, bool zero)
{
	struct gpuas_table *table = walk->at[level].table;
	unsigned int index;

	do {
		index = at_(space, ++level, walk->pos);
		put_(space, &walk->at[level].ptr[index], 0);
		table->zero = zero && space->root_table;
		gpuas_gather_table_(space, table);
		table = walk->at[level].table;
		zero = true;
		if (!table)
			break;
		live_sub(table, index, 1, 1);
	} while (!table->live && is_empty(space, table));
	walk->level = level;
}

/* Note what was cleared where a walk is, and unlink the table if it is empty. */
static void cleared(struct gpuas_space *space, struct walk *walk,
		    unsigned int count, unsigned int gone, bool keep)
{
	struct gpuas_table *table = walk->at[walk->level].table;

	gather_dirty_(space, walk_slot_(space, walk), count);
	if (!table)
		return;
	live_sub(table, at_(space, walk->level, walk->pos), count, gone);
	if (!table->live && is_empty(space, table) && !keep)
		unlink(space, walk, walk->level, true);
}

/* Pages of the leaf table where a walk is. */
static bool clear_pages(struct gpuas_space *space, struct walk *walk,
			uint64_t end, bool keep)
{
	unsigned int count = at_(space, 0, end) - at_(space, 0, walk->pos) + 1;
	unsigned int gone;

	/* All of it, and so without a look. */
	if (count == entries_(&space->geo) && space->top && !keep) {
		unlink(space, walk, 0, false);
		return true;
	}
	gone = clear_entries(walk_slot_(space, walk), count);
	if (gone)
		cleared(space, walk, count, gone, keep);
	return gone;
}

/* The entry where a walk ended: a block, or another way to a table of ours. */
static bool clear_entry(struct gpuas_space *space, struct walk *walk, bool alias,
			bool keep)
{
	const struct gpuas_format *format = space->geo.format;

	if (alias ? !gpuas_record_(space, walk->entry) :
		    gpuas_format_kind(format, walk->level, walk->entry) !=
			    GPUAS_BLOCK)
		return false;
	gpuas_entry_store(walk_slot_(space, walk), 0);
	cleared(space, walk, 1, !alias, keep);
	return true;
}

bool gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last,
		  bool keep)
{
	bool any = false;
	struct walk walk;
	uint64_t end;
	int err;

	walk_start_(space, &walk);
	for (;; first = end + 1) {
		/* What appeared since the survey is not ours to clear. */
		err = gpuas_walk_(space, &walk, first, 0);
		end = walk_end_(space, &walk, last);
		if (!walk.level)
			any |= clear_pages(space, &walk, end, keep);
		else if (walk.entry)
			any |= clear_entry(space, &walk, err, keep);
		if (end == last)
			return any;
	}
}

static int unmap_long(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	uint32_t tables, had = space->spares;
	int err;

	err = gpuas_survey_(space, first, last, true, &tables);
	if (!err && tables > had)
		err = gpuas_spares_get_(space, tables);
	if (err)
		return err;
	if (tables)
		err = gpuas_split_(space, first, last);
	if (!err && gpuas_clear_(space, first, last, false))
		gather_flush_(space, first, last);
	finish_(space, had);
	return err;
}

static unsigned int clear_one(uint64_t *entry)
{
	if (!gpuas_entry_load(entry))
		return 0;
	gpuas_entry_store(entry, 0);
	return 1;
}

static unsigned int clear_many(struct gpuas_table *table, unsigned int first,
			       unsigned int count)
{
	unsigned int low = table->low, high = table->high, gone = count;

	/* Without gaps, there is no need to look what is cleared. */
	if (table->live == high - low + 1 && first >= low &&
	    first + count - 1 <= high)
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
 * The short path, in a leaf table that stays: 1 if that is not so simple. More live
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
		return 1;
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
