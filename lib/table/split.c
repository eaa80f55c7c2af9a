// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Splitting a block: a table that maps the same takes its place. Between the two,
 * the architecture wants the entry invalid and the block flushed, or a walker may
 * hold both (Arm ARM DDI 0487, D8.16.1).
 */
#include "walk.h"

/*
 * Below the block's own level, which takes one table: one for each cut, or one for
 * both where they fall into the same entry; none for a cut that is a boundary there
 * already.
 */
uint32_t gpuas_split_tables_(const struct gpuas_geometry *geo,
			     unsigned int level, uint64_t first, uint64_t last)
{
	uint32_t tables = 0;

	for (; level; level--) {
		uint64_t mask = span_(geo, level) - 1;
		bool front = first & mask, back = (last + 1) & mask;

		if (front && back && !((first ^ last) & ~mask))
			tables++;
		else
			tables += (uint32_t)front + back;
	}
	return tables;
}

/* A table, of a spare, that maps what the block @entry at @level maps. */
static uint64_t *same_as_block(struct gpuas_space *space, uint64_t entry,
			       unsigned int level, gpuas_pa_t *pa)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t *table = gpuas_spare_take_(space, pa);
	unsigned int i;

	entry &= ~ENTRY_TYPE_MASK;
	entry |= level == 1 ? ENTRY_PAGE : ENTRY_BLOCK;
	for (i = 0; i < entries_(geo); i++) {
		gpuas_entry_store(&table[i], entry);
		entry += span_(geo, level - 1);
	}
	return table;
}

static void split_one(struct gpuas_space *space, const struct walk *walk,
		      uint64_t pos)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t last = span_last_(geo, walk->level, pos);
	uint64_t *slot = walk_slot_(space, walk, pos);
	uint64_t *table;
	gpuas_pa_t pa;

	/* Filled before the break, so that walkers fault for a short time only. */
	table = same_as_block(space, walk->entry, walk->level, &pa);
	gpuas_put_(space, slot, 0);
	gpuas_break_(space, last + 1 - span_(geo, walk->level), last);
	gpuas_link_(space, slot, table, pa, entries_(geo));
	gpuas_clean_(space);
}

/* Each round splits one block, so a block two levels up takes two rounds. */
static int split_at(struct gpuas_space *space, uint64_t pos)
{
	const struct gpuas_geometry *geo = &space->geo;
	struct walk walk;

	while (!(pos >> geo->va_bits) &&
	       !gpuas_descend_(space, pos, 0, &walk) &&
	       gpuas_format_kind(geo->format, walk.level, walk.entry) ==
		       GPUAS_BLOCK &&
	       (pos & (span_(geo, walk.level) - 1))) {
		if (!space->spares)
			return -GPUAS_EPERM;
		split_one(space, &walk, pos);
	}
	return 0;
}

int gpuas_split_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	int err = split_at(space, first);

	return err ? err : split_at(space, last + 1);
}
