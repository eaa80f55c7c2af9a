// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Unmapping: survey without writing, split what sticks out, clear; the flush and
 * the freeing of emptied tables are gathered. What fits into one leaf table that
 * stays needs no survey. A leaf table that goes as a whole is neither looked through nor
 * written: it is unlinked, and what it held goes with the flush.
 */
#include "walk.h"

/* The entries of one table that a range covers, from where a walk ended. */
struct run {
	uint64_t *slot;
	uint64_t pos;
	unsigned int level;
	unsigned int count;
};

static void run_start(const struct gpuas_space *space, const struct walk *walk,
		      uint64_t last, struct run *run)
{
	unsigned int level = walk->level, index = at_(space, level, walk->pos);
	uint64_t count = ((last >> space->shift[level]) -
			  (walk->pos >> space->shift[level])) + 1;

	run->level = level;
	run->pos = walk->pos;
	run->slot = &walk->at[level].ptr[index];
	run->count = (unsigned int)min_(count, entries_(&space->geo) - index);
}

/* Behind the entry. */
static void run_next(const struct gpuas_space *space, struct run *run)
{
	run->pos = (run->pos | mask_(space, run->level)) + 1;
	run->slot++;
	run->count--;
}

/*
 * Does an entry lead to a table of ours that hangs elsewhere, and does the range
 * cover all of it? Then the entry may go: who wrote it did so in a table of ours, and
 * the table is reached by its own way.
 */
static bool is_alias(const struct gpuas_space *space, const struct run *run,
		     uint64_t last, uint64_t entry)
{
	uint64_t mask = mask_(space, run->level);

	return is_table_(entry) &&
	       gpuas_owned_(space, table_address_(&space->geo, entry)) &&
	       !(run->pos & mask) && last - run->pos >= mask;
}

/* What is neither a table nor empty, and not in a leaf table. */
static int survey_block(const struct gpuas_space *space, const struct run *run,
			uint64_t last, uint64_t entry, uint32_t *tables)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t end = min_(last, run->pos | mask_(space, run->level));

	if (gpuas_format_kind(geo->format, run->level, entry) != GPUAS_BLOCK)
		return -GPUAS_EPERM;
	*tables += gpuas_split_tables_(geo, run->level, run->pos, end);
	return 0;
}

/* Up to a table that has to be looked into. */
static int survey_run(const struct gpuas_space *space, struct run *run,
		      uint64_t last, bool unmap, uint32_t *tables)
{
	uint64_t entry;
	int err = 0;

	for (; !err && run->count; run_next(space, run)) {
		entry = gpuas_entry_load(run->slot);
		if (!entry)
			continue;
		if (!is_table_(entry))
			err = survey_block(space, run, last, entry, tables);
		else if (gpuas_child_(space, run->level - 1, run->pos, entry)) {
			if (run->level > 1)
				return 0;
		} else if (!unmap || !is_alias(space, run, last, entry))
			err = -GPUAS_EPERM;
	}
	return err;
}

int gpuas_survey_(const struct gpuas_space *space, uint64_t first,
		  uint64_t last, bool unmap, uint32_t *tables)
{
	struct run run = { .pos = first };
	struct walk walk;
	int err = 0;

	*tables = 0;
	walk_start_(space, &walk);
	while (!err && run.pos <= last) {
		/* An entry that is nothing of ours is judged with the run. */
		gpuas_walk_(space, &walk, run.pos, 1);
		run_start(space, &walk, last, &run);
		err = survey_run(space, &run, last, unmap, tables);
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

	for (; UNROLLED && count >= 8; count -= 8, entry += 8)
		all &= all_of_four(entry) & all_of_four(entry + 4);
	for (; count; count--, entry++)
		all &= *entry;
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
	unsigned int count = table->low <= table->high ?
				     table->high - table->low + 1u : 0;

	if (!gpuas_entries_empty_(&table->ptr[table->low], count))
		table->live = (uint16_t)count_live(&table->ptr[table->low],
						   count);
	return !table->live &&
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

/* Pages of a leaf table that a range covers in part; is it empty then? */
static bool clear_pages(struct gpuas_space *space, struct clearing *clearing,
			struct gpuas_table *table, uint64_t first, uint64_t last)
{
	unsigned int index = at_(space, 0, first), gone;
	unsigned int count = at_(space, 0, last) - index + 1;

	gone = clear_entries(&table->ptr[index], count);
	if (!gone)
		return false;
	clearing->any = true;
	gather_dirty_(space, &table->ptr[index], count);
	live_sub(table, index, count, gone);
	return !table->live && !clearing->keep && is_empty(space, table);
}

/* A leaf table of ours: all of it, and it goes without a look. Is it gone? */
static bool clear_table(struct gpuas_space *space, struct clearing *clearing,
			const struct run *run, struct gpuas_table *table)
{
	uint64_t mask = mask_(space, run->level), end = run->pos | mask;

	if (!(run->pos & mask) && end <= clearing->last && !clearing->keep) {
		unlink(space, run->slot, table, false);
		clearing->any = true;
		return true;
	}
	if (!clear_pages(space, clearing, table, run->pos,
			 min_(end, clearing->last)))
		return false;
	unlink(space, run->slot, table, space->root_table);
	return true;
}

/*
 * One entry above the leaf tables; is an own one gone? What appeared since the survey
 * is not ours to clear; another way to a table of ours is, and was not counted.
 */
static bool clear_entry(struct gpuas_space *space, struct clearing *clearing,
			const struct run *run, uint64_t entry)
{
	struct gpuas_table *table;

	if (is_table_(entry)) {
		table = gpuas_child_(space, run->level - 1, run->pos, entry);
		if (table)
			return clear_table(space, clearing, run, table);
		if (!gpuas_record_(space, entry))
			return false;
	} else if (gpuas_format_kind(space->geo.format, run->level, entry) !=
		   GPUAS_BLOCK) {
		return false;
	}
	put_(space, run->slot, 0);
	clearing->any = true;
	return !is_table_(entry);
}

/* Up to a table that has to be looked into. */
static void clear_run(struct gpuas_space *space, struct clearing *clearing,
		      struct walk *walk, struct run *run)
{
	struct gpuas_table *parent = walk->at[run->level].table;
	unsigned int index = at_(space, run->level, run->pos);
	uint64_t entry;

	for (; run->count; run_next(space, run), index++) {
		entry = gpuas_entry_load(run->slot);
		if (!entry)
			continue;
		if (run->level > 1 && is_table_(entry) &&
		    gpuas_child_(space, run->level - 1, run->pos, entry))
			break;
		if (clear_entry(space, clearing, run, entry) && parent)
			live_sub(parent, index, 1, 1);
	}
	if (clearing->any && !clearing->keep)
		prune(space, walk);
}

bool gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last,
		  bool keep)
{
	struct clearing clearing = { .last = last, .keep = keep };
	struct run run = { .pos = first };
	struct walk walk;

	walk_start_(space, &walk);
	while (run.pos <= last) {
		gpuas_walk_(space, &walk, run.pos, 1);
		run_start(space, &walk, last, &run);
		clear_run(space, &clearing, &walk, &run);
	}
	return clearing.any;
}

GPUAS_HOT int unmap_long(struct gpuas_space *space, uint64_t first, uint64_t last)
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

GPUAS_INLINE int unmap(struct gpuas_space *space, unsigned int gs,
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
