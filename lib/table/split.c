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
 * already, or falls into the entry that was counted for @before.
 */
uint32_t gpuas_split_tables_(const struct gpuas_geometry *geo, unsigned int level,
			     uint64_t first, uint64_t last, uint64_t before)
{
	uint32_t tables = 0;

	for (; level; level--) {
		uint64_t mask = span_(geo, level) - 1, at = before;

		if (first & mask) {
			tables += (first ^ at) > mask;
			at = first;
		}
		if ((last + 1) & mask)
			tables += (last ^ at) > mask;
	}
	return tables;
}

void gpuas_made_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	const struct gpuas_env *env = space->env;

	gpuas_clean_(space);
	gpuas_gather_made_(space, first, last);
	/* Not later, as it may be used again: also what walkers remember as a hole. */
	if (env->stall || (env->map_flush && space->gather.depth))
		gpuas_settle_(space);
	gpuas_tell_(space, env->resume, first, last);
}

static void split_one(struct gpuas_space *space, struct walk *walk)
{
	const unsigned int level = walk->level;
	uint64_t first = walk->pos & ~mask_(space, level);
	struct gpuas_table *table = gpuas_spare_take_(space);
	struct gpuas_table *parent = walk->at[level].table;

	/* Filled before the break, so that walkers fault for a short time only. */
	gpuas_entries_fill_(table->ptr, entries_(&space->geo),
			    (walk->entry & ~ENTRY_TYPE_MASK) |
				    (level == 1 ? ENTRY_PAGE : ENTRY_BLOCK),
			    mask_(space, level - 1) + 1);
	table->zero = false;
	stall_(space, first, first + mask_(space, level));
	put_(space, walk->slot, 0);
	gpuas_break_(space, first, first + mask_(space, level));
	gpuas_link_(space, walk, table, entries_(&space->geo));
	/* One entry went, and one came. */
	if (COUNTED && parent)
		parent->live--;
	gpuas_made_(space, first, first + mask_(space, level));
}

/* Each round splits one block, so a block two levels up takes two rounds. */
static int split_at(struct gpuas_space *space, struct walk *walk, uint64_t pos)
{
	const struct gpuas_geometry *geo = &space->geo;

	if (pos > space->last)
		return 0;
	while (!gpuas_walk_(space, walk, pos, 0) &&
	       gpuas_format_kind(geo->format, walk->level, walk->entry) ==
		       GPUAS_BLOCK &&
	       (pos & mask_(space, walk->level))) {
		if (!space->spares)
			return -GPUAS_EPERM;
		split_one(space, walk);
	}
	return 0;
}

int gpuas_split_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		 uint64_t last)
{
	int err = split_at(space, walk, first);

	return err ? err : split_at(space, walk, last + 1);
}
