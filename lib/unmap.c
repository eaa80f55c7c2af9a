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

/* Tables are rarely empty: look at the neighbours of what was cleared first. */
static bool table_empty(const struct gpuas_geometry *geo, const uint64_t *table,
			unsigned int first, unsigned int last)
{
	const unsigned int entries = entries_(geo);

	while (first || last < entries - 1) {
		if (first && gpuas_entry_load(&table[--first]))
			return false;
		if (last < entries - 1 && gpuas_entry_load(&table[++last]))
			return false;
	}
	return true;
}

/* Unlink the tables that are empty, from level @level up. */
static void prune(struct gpuas_space *space, const struct walk *walk,
		  unsigned int level, uint64_t first, uint64_t last)
{
	const struct gpuas_geometry *geo = &space->geo;

	for (; level < space->top; level++) {
		uint64_t *table = walk->table[level].ptr;
		uint64_t *parent = walk->table[level + 1].ptr;
		unsigned int up = index_(geo, level + 1, first);

		if (!table_empty(geo, table, index_(geo, level, first),
				 index_(geo, level, last)))
			return;
		gpuas_entry_store(&parent[up], 0);
		dirty_(space, &parent[up], 1);
		gpuas_gather_table_(space, table, walk->table[level].pa);
	}
}

/* Clear entries; true if there was something in one of them. */
GPUAS_INLINE bool clear_entries(uint64_t *entry, const uint64_t *last)
{
	uint64_t seen = 0;

	for (; last - entry >= 3; entry += 4) {
		seen |= gpuas_entry_load(&entry[0]);
		gpuas_entry_store(&entry[0], 0);
		seen |= gpuas_entry_load(&entry[1]);
		gpuas_entry_store(&entry[1], 0);
		seen |= gpuas_entry_load(&entry[2]);
		gpuas_entry_store(&entry[2], 0);
		seen |= gpuas_entry_load(&entry[3]);
		gpuas_entry_store(&entry[3], 0);
	}
	for (; entry <= last; entry++) {
		seen |= gpuas_entry_load(entry);
		gpuas_entry_store(entry, 0);
	}
	return seen;
}

/* Clear the leaves where a walk ended, up to @last, which is not beyond them. */
static bool clear_part(struct gpuas_space *space, const struct walk *walk,
		       uint64_t first, uint64_t last)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t *slot = walk_slot_(space, walk, first);
	unsigned int count = 1;

	if (!walk->level)
		count += index_(geo, 0, last) - index_(geo, 0, first);
	else if (gpuas_format_kind(geo->format, walk->level, walk->entry) !=
		 GPUAS_BLOCK)
		return false;
	if (!clear_entries(slot, slot + (count - 1)))
		return false;
	dirty_(space, slot, count);
	return true;
}

bool gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last,
		  bool keep)
{
	bool cleared = false;
	uint64_t pos, end;
	struct walk walk;

	for (pos = first;; pos = end + 1) {
		/* What appeared since the survey is not ours to clear. */
		bool ours = !gpuas_descend_(space, pos, 0, &walk);

		end = gpuas_walk_end_(space, &walk, pos, last);
		if (ours && clear_part(space, &walk, pos, end)) {
			cleared = true;
			if (!keep)
				prune(space, &walk, walk.level, pos, end);
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
	if (tables) {
		gpuas_split_(space, first);
		gpuas_split_(space, last + 1);
	}
	if (gpuas_clear_(space, first, last, false))
		gpuas_gather_flush_(space, first, last);
	if (space->spares > had)
		gpuas_spares_put_(space, had);
	gpuas_gather_run_(space);
	return 0;
}

/* The leaf table is about to be empty: go the way that knows its parents. */
static void unmap_last(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	struct walk walk;

	if (!gpuas_descend_(space, first, 0, &walk) && !walk.level)
		prune(space, &walk, 0, first, last);
}

/* In a leaf table that is there: 1 if there is none. */
GPUAS_INLINE int unmap_leaves(struct gpuas_space *space, unsigned int gs,
			      uint64_t first, uint64_t last)
{
	const unsigned int mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	unsigned int i = (unsigned int)(first >> gs) & mask;
	unsigned int j = (unsigned int)(last >> gs) & mask;
	uint64_t entry, *table;
	int err;

	table = leaf_table_(space, gs, first, &entry, &err);
	if (!table)
		return err ? err : 1;
	if (!clear_entries(&table[i], &table[j]))
		return 0;
	dirty_(space, &table[i], j - i + 1);
	gpuas_gather_flush_(space, first, last);
	if (!(i && gpuas_entry_load(&table[i - 1])) &&
	    !(j < mask && gpuas_entry_load(&table[j + 1])))
		unmap_last(space, first, last);
	gpuas_gather_run_(space);
	return 0;
}

static int unmap_short(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	switch (granule_shift_(&space->geo)) {
	case 12:
		return one_leaf_table_(12, first, last) ?
			unmap_leaves(space, 12, first, last) : 1;
	case 16:
		return one_leaf_table_(16, first, last) ?
			unmap_leaves(space, 16, first, last) : 1;
	default:
		return one_leaf_table_(14, first, last) ?
			unmap_leaves(space, 14, first, last) : 1;
	}
}

int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	uint64_t first, last;
	int err;

	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = unmap_short(space, first, last);
	return err > 0 ? unmap_long(space, first, last) : err;
}
