// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Unmapping: survey without writing, split what sticks out, clear; the flush and
 * the freeing of emptied tables are gathered. What fits into one leaf table that
 * stays needs no survey. A leaf table that goes as a whole is neither looked through nor
 * written: it is unlinked, and what it held goes with the flush.
 */
#include "walk.h"

/*
 * Does the entry where a walk is lead to a table of ours that hangs elsewhere, and
 * does the range cover all of it? Then the entry may go: who wrote it did so in a
 * table of ours, and the table is reached by its own way.
 */
static bool is_alias(const struct gpuas_space *space, const struct walk *walk,
		     uint64_t last)
{
	uint64_t mask = mask_(space, walk->level);

	return gpuas_owned_(space, table_address_(&space->geo, walk->entry)) &&
	       !(walk->pos & mask) && last - walk->pos >= mask;
}

/* The leaf table that hangs where a walk is, or NULL. */
static struct gpuas_table *leaf_table(const struct gpuas_space *space,
				      const struct walk *walk)
{
	return walk->level == 1 && is_table_(walk->entry) ?
		       gpuas_child_(space, 0, walk->pos, walk->entry) : NULL;
}

/* One entry above the leaf tables. */
static int survey_entry(const struct gpuas_space *space,
			const struct walk *walk, uint64_t last, bool unmap,
			uint32_t *tables)
{
	uint64_t end = walk_end_(space, walk, last);

	/* All that a leaf table holds may go, and the handle may be opened at one. */
	if (!walk->level || !walk->entry || leaf_table(space, walk))
		return 0;
	if (is_table_(walk->entry))
		return unmap && is_alias(space, walk, last) ? 0 : -GPUAS_EPERM;
	if (!is_block_(space, walk->level, walk->entry))
		return -GPUAS_EPERM;
	if (end - walk->pos != mask_(space, walk->level))
		*tables += gpuas_split_tables_(&space->geo, walk->level,
					       walk->pos, end);
	return 0;
}

int gpuas_survey_(const struct gpuas_space *space, struct walk *walk,
		  uint64_t first, uint64_t last, bool unmap, uint32_t *tables)
{
	int err = 0;

	*tables = 0;
	for (; !err && first <= last; first = walk_end_(space, walk, last) + 1) {
		/* An entry that is nothing of ours is judged like any other. */
		walk_on_(space, walk, first);
		err = survey_entry(space, walk, last, unmap, tables);
	}
	return err;
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
	unsigned int live = count;

	if (!FAST || !all_valid(entry, count))
		live = count_live(entry, count);
	if (live)
		zero(entry, count);
	return live;
}

/* Note that @gone entries are, and that @count of them from @first on are empty. */
GPUAS_INLINE void live_sub(struct gpuas_table *table, unsigned int first,
			   unsigned int count, unsigned int gone)
{
	if (!COUNTED)
		return;
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
	unsigned int count = table->low <= table->high ?
				     table->high - table->low + 1u : 0;

	if (!COUNTED)
		return gpuas_entries_empty_(table->ptr, entries_(&space->geo));
	return gpuas_entries_empty_(&table->ptr[table->low], count) &&
	       ((space->root_table && !place_level_(table)) ||
		gpuas_entries_empty_(table->ptr, entries_(&space->geo)));
}

/*
 * The entry goes first, and the table is only put aside: walkers may still be in it
 * until the flush. @zero: all of its entries are.
 */
static void unlink(struct gpuas_space *space, uint64_t *slot,
		   struct gpuas_table *table, bool zero)
{
	put_(space, slot, 0);
	table->zero = zero;
	gpuas_gather_table_(space, table);
}

/* Unlink the table where a walk is if it is empty, and those above that this empties. */
static void prune(struct gpuas_space *space, struct walk *walk)
{
	struct gpuas_table *table = walk->at[walk->level].table;
	unsigned int level, index;

	while (table && !table->live && is_empty(space, table)) {
		level = ++walk->level;
		index = at_(space, level, walk->pos);
		unlink(space, &walk->at[level].ptr[index], table, true);
		table = walk->at[level].table;
		if (table)
			live_sub(table, index, 1, 1);
	}
}

/**
 * struct clearing - Clearing under way
 * @last: end of the range
 * @keep: tables stay, though they are empty
 * @any: something was cleared
 */
struct clearing {
	uint64_t last;
	bool keep;
	bool any;
};

/* Pages in a leaf table, of ours or lent: how many there were. */
static unsigned int clear_leaves(struct gpuas_space *space,
				 struct clearing *clearing, uint64_t *ptr,
				 uint64_t first, uint64_t last)
{
	unsigned int index = at_(space, 0, first);
	unsigned int count = at_(space, 0, last) - index + 1;
	unsigned int gone = clear_entries(&ptr[index], count);

	if (gone) {
		clearing->any = true;
		gather_dirty_(space, &ptr[index], count);
	}
	return gone;
}

/* Pages of a leaf table that a range covers in part; is it empty then? */
static bool clear_pages(struct gpuas_space *space, struct clearing *clearing,
			struct gpuas_table *table, uint64_t first, uint64_t last)
{
	unsigned int index = at_(space, 0, first);
	unsigned int count = at_(space, 0, last) - index + 1;
	unsigned int gone;

	gone = clear_leaves(space, clearing, table->ptr, first, last);
	if (!gone)
		return false;
	live_sub(table, index, count, gone);
	return !table->live && !clearing->keep && is_empty(space, table);
}

/* A leaf table of ours: all of it, and it goes without a look. Is it gone? */
static bool clear_table(struct gpuas_space *space, struct clearing *clearing,
			const struct walk *walk, struct gpuas_table *table)
{
	uint64_t end = walk_end_(space, walk, clearing->last);
	bool zero = false;

	if (end - walk->pos < mask_(space, 1) || clearing->keep) {
		if (!clear_pages(space, clearing, table, walk->pos, end))
			return false;
		zero = space->root_table;
	}
	unlink(space, walk_slot_(space, walk), table, zero);
	return true;
}

/*
 * One entry above the leaf tables. What appeared since the survey is not ours to
 * clear; another way to a table of ours is, and was not counted.
 */
static void clear_entry(struct gpuas_space *space, struct clearing *clearing,
			struct walk *walk)
{
	struct gpuas_table *parent = walk->at[walk->level].table;
	struct gpuas_table *table = leaf_table(space, walk);
	bool counted = !is_table_(walk->entry) || table;

	if (table) {
		if (!clear_table(space, clearing, walk, table))
			return;
	} else if (is_table_(walk->entry) ?
		   !gpuas_record_(space, walk->entry) :
		   !is_block_(space, walk->level, walk->entry)) {
		return;
	} else {
		put_(space, walk_slot_(space, walk), 0);
	}
	clearing->any = true;
	if (parent && counted)
		live_sub(parent, at_(space, walk->level, walk->pos), 1, 1);
	if (!clearing->keep)
		prune(space, walk);
}

bool gpuas_clear_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		  uint64_t last, bool keep)
{
	struct clearing clearing = { .last = last, .keep = keep };
	uint64_t end;

	for (; first <= last; first = end + 1) {
		walk_on_(space, walk, first);
		end = walk_end_(space, walk, last);
		if (!walk->level)
			clear_leaves(space, &clearing, space->root_ptr, first, end);
		else if (walk->entry)
			clear_entry(space, &clearing, walk);
	}
	return clearing.any;
}

GPUAS_HOT int unmap_long(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	uint32_t tables, had = space->spares;
	struct walk walk;
	int err;

	walk_start_(space, &walk);
	err = gpuas_survey_(space, &walk, first, last, true, &tables);
	if (!err && tables > had)
		err = gpuas_spares_get_(space, tables);
	if (err)
		return err;
	if (tables)
		err = gpuas_split_(space, &walk, first, last);
	if (!err && gpuas_clear_(space, &walk, first, last, false))
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
		       gpuas_near_table_(space, 1, first);
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
		unlink(space, slot, table, false);
	}
	live_sub(parent, index, 1, 1);
	gather_flush_(space, first, last);
	gather_run_(space);
	return 0;
}

/* Pages in two leaf tables, of which both stay: 1 if that is not so simple. */
static int unmap_two(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	uint64_t mid = first | mask_(space, 1);
	unsigned int index = at_(space, 0, first);
	unsigned int a = space->index_mask - index + 1, b = at_(space, 0, last) + 1;
	struct gpuas_table *one, *two;
	unsigned int gone;

	if (mid + 1 > last || (last - mid - 1) > mask_(space, 1))
		return 1;
	one = gpuas_near_table_(space, 0, first);
	two = gpuas_near_table_(space, 0, last);
	if (!one || !two || one->live <= a || two->live <= b)
		return 1;
	gone = clear_many(one, index, a) + clear_many(two, 0, b);
	if (!gone)
		return 0;
	gather_dirty_(space, &one->ptr[index], a);
	gather_dirty_(space, two->ptr, b);
	gather_flush_(space, first, last);
	gather_run_(space);
	return 0;
}

GPUAS_HOT int unmap_other(struct gpuas_space *space, uint64_t first,
			  uint64_t last, bool met)
{
	int err = 1;

	if (FAST)
		err = (first ^ last) >> space->shift[1] ?
			      unmap_two(space, first, last) :
			      unmap_whole(space, first, last, met);
	return err > 0 ? unmap_long(space, first, last) : err;
}

GPUAS_INLINE int unmap(struct gpuas_space *space, unsigned int gs,
		       unsigned int levels, gpuas_va_t va, uint64_t size)
{
	uint64_t first, last;
	int err = window_(space, gs, va, size, &first, &last);

	if (err)
		return err;
	err = 1;
	if (FAST && one_leaf_table_(gs, first, last))
		err = unmap_leaves(space, gs, levels, first, last);
	return err > 0 ? unmap_other(space, first, last, err == 2) : err;
}

GPUAS_HOT int unmap_4k(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, 12, HOT_LEVELS, va, size);
}

GPUAS_HOT int unmap_16k(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, 14, HOT_LEVELS, va, size);
}

GPUAS_HOT int unmap_64k(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, 16, HOT_LEVELS, va, size);
}

GPUAS_HOT int unmap_any(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	return unmap(space, granule_shift_(&space->geo), 0, va, size);
}

int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	if (hot_(space, 14))
		return unmap_16k(space, va, size);
	if (hot_(space, 12))
		return unmap_4k(space, va, size);
	if (hot_(space, 16))
		return unmap_64k(space, va, size);
	return unmap_any(space, va, size);
}
