// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Mapping in three steps: survey the range without writing, set the tables aside
 * that it needs, fill. Only the first two can fail.
 */
#include "walk.h"

/* Tables below an empty entry at @level that a map of the range needs. */
static uint32_t tables_below(const struct gpuas_geometry *geo,
			     unsigned int level, uint64_t first, uint64_t last)
{
	uint32_t tables = 0;

	for (; level; level--) {
		unsigned int shift = shift_(geo, level);

		tables += (uint32_t)((last >> shift) - (first >> shift)) + 1;
	}
	return tables;
}

static bool leaves_empty(const struct gpuas_geometry *geo,
			 const uint64_t *table, uint64_t first, uint64_t last)
{
	unsigned int index = index_(geo, 0, first);
	unsigned int end = index_(geo, 0, last);

	for (; index <= end; index++) {
		if (gpuas_entry_load(&table[index]))
			return false;
	}
	return true;
}

static int survey(const struct gpuas_space *space, uint64_t first,
		  uint64_t last, uint32_t *tables)
{
	const struct gpuas_geometry *geo = &space->geo;
	struct walk walk;
	uint64_t end;
	int err;

	for (*tables = 0;; first = end + 1) {
		err = gpuas_descend_(space, first, &walk);
		if (err)
			return err;
		end = gpuas_walk_end_(space, &walk, first, last);
		if (walk.level ? walk.entry != 0 :
		    !leaves_empty(geo, walk.table[0].ptr, first, end))
			return -GPUAS_EEXIST;
		if (walk.level)
			*tables += tables_below(geo, walk.level, first, end);
		if (end == last)
			return 0;
	}
}

/*
 * The leaf table for @pos, made where it is missing; NULL if somebody put a
 * table of theirs, or less than we surveyed, into the way in the meantime.
 */
static uint64_t *leaf_table(struct gpuas_space *space, uint64_t pos)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t *table = space->root_ptr;
	unsigned int level;

	for (level = space->top; level; level--) {
		uint64_t *slot = &table[index_(geo, level, pos)];
		uint64_t entry = gpuas_entry_load(slot);

		if (!entry && space->spares)
			entry = gpuas_spare_link_(space, slot);
		if ((entry & ENTRY_TYPE_MASK) != ENTRY_TABLE ||
		    !gpuas_owned_(space, table_address_(geo, entry)))
			return NULL;
		table = gpuas_borrow_(space, table_address_(geo, entry));
		if (!table)
			return NULL;
	}
	return table;
}

/* Fill one leaf table with entries counting up from @leaf. */
static void fill_leaves(const struct gpuas_geometry *geo, uint64_t *table,
			uint64_t first, uint64_t last, uint64_t leaf)
{
	unsigned int index = index_(geo, 0, first);
	unsigned int end = index_(geo, 0, last);
	uint64_t granule = granule_(geo);

	for (; index <= end; index++, leaf += granule)
		gpuas_entry_store(&table[index], leaf);
}

/* Fill the range; after a failure @done is where it stopped. */
static bool fill(struct gpuas_space *space, uint64_t first, uint64_t last,
		 uint64_t leaf, uint64_t *done)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t pos, end;

	for (pos = first;; pos = end + 1) {
		uint64_t *table = leaf_table(space, pos);

		*done = pos;
		if (!table)
			return false;
		end = min_(last, span_last_(geo, 1, pos));
		fill_leaves(geo, table, pos, end, leaf + (pos - first));
		space->pages += ((end - pos) >> geo->format->granule_shift) + 1;
		if (end == last)
			return true;
	}
}

static int pa_check(const struct gpuas_geometry *geo, gpuas_pa_t pa,
		    uint64_t size)
{
	uint64_t start = gpuas_pa_u64(pa);

	if (start & (granule_(geo) - 1))
		return -GPUAS_EINVAL;
	if (start + (size - 1) < start)
		return -GPUAS_EOVERFLOW;
	return (start + (size - 1)) >> geo->pa_bits ? -GPUAS_ERANGE : 0;
}

int gpuas_count_tables(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint32_t *tables)
{
	uint64_t first, last;
	uint32_t count;
	int err;

	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = survey(space, first, last, &count);
	if (!err)
		*tables = count;
	return err;
}

int gpuas_map(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
	      uint64_t size, gpuas_attr_t attr)
{
	uint64_t first, last, leaf, done;
	uint32_t tables;
	int err;

	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = pa_check(&space->geo, pa, size);
	if (!err)
		err = gpuas_format_encode(space->geo.format, attr, &leaf);
	if (!err)
		err = survey(space, first, last, &tables);
	if (!err)
		err = gpuas_spares_get_(space, tables);
	if (err)
		return err;
	if (!fill(space, first, last, leaf | gpuas_pa_u64(pa), &done)) {
		/* Only a writer that ignores the window gets us here. */
		err = -GPUAS_EPERM;
		if (done > first)
			gpuas_clear_(space, first, done - 1);
	}
	gpuas_spares_put_(space);
	/* Before the caller tells the GPU that it may use them. */
	gpuas_publish_barrier();
	return err;
}
