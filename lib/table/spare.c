// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tables set aside before an operation writes anything, so that it cannot fail
 * half-way. No walker sees them.
 */
#include "walk.h"

int gpuas_spares_get_(struct gpuas_space *space, uint32_t count)
{
	uint32_t had = space->spares;
	int err = 0;

	while (!err && space->spares < count) {
		err = spare_get_(space->env, &space->geo, &space->spare,
				 &space->spares);
		if (!err && is_root_(space, space->spare))
			err = -GPUAS_EFAULT;
	}
	/* All or nothing: what the caller had in reserve before stays. */
	if (err)
		gpuas_spares_put_(space, had);
	return err;
}

struct gpuas_table *gpuas_spare_take_(struct gpuas_space *space)
{
	struct gpuas_table *table = space->spare;

	space->spare = table->next;
	space->spares--;
	return table;
}

struct gpuas_table *gpuas_spare_zero_(struct gpuas_space *space)
{
	struct gpuas_table *table = gpuas_spare_take_(space);

	if (!table->zero)
		memset(table->ptr, 0, (size_t)granule_(&space->geo));
	table->zero = false;
	return table;
}

void gpuas_spares_put_(struct gpuas_space *space, uint32_t keep)
{
	while (space->spares > keep)
		gpuas_free_(space, gpuas_spare_take_(space));
}

void gpuas_finish_(struct gpuas_space *space, uint32_t had)
{
	/* Spares were never linked: they need not wait for walkers to forget them. */
	gpuas_spares_put_(space, had);
	gather_run_(space);
}

void gpuas_link_(struct gpuas_space *space, struct walk *walk,
		 struct gpuas_table *table, unsigned int live)
{
	const struct gpuas_env *env = space->env;
	unsigned int level = walk->level;
	uint64_t number = walk->pos >> space->shift[level];

	if (COUNTED) {
		table->live = (uint16_t)live;
		/* Bounds of nothing are empty: low at the end, end at the start. */
		table->low = (uint16_t)(entries_(&space->geo) - live);
		table->end = (uint16_t)live;
	}
	table->place = place_(number, level - 1);
	/* Who sees the entry must see the contents, not what was there before. */
	if (env->clean)
		env->clean(env->ctx, table->ptr, (size_t)granule_(&space->geo));
	gpuas_publish_barrier();
	put_(space, walk->slot, table_entry_(table));
	if (walk->at[level].table)
		live_add_(walk->at[level].table, at_(space, level, walk->pos), 1);
	space->tables++;
	walk->level = level - 1;
	walk->at[level - 1].ptr = table->ptr;
	walk->at[level - 1].table = table;
	walk->slot = &table->ptr[at_(space, level - 1, walk->pos)];
	if (REMEMBERED)
		*near_(space, level - 1, number) = table;
}

void gpuas_spare_link_(struct gpuas_space *space, struct walk *walk)
{
	gpuas_link_(space, walk, gpuas_spare_zero_(space), 0);
	walk->entry = 0;
}

int gpuas_reserve(struct gpuas_space *space, uint32_t tables)
{
	int err = gpuas_spares_get_(space, tables);
	struct gpuas_table *table = space->spare;

	/* Who knows who writes there until they are used. */
	for (; table; table = table->next)
		table->zero = false;
	return err;
}

void gpuas_unreserve(struct gpuas_space *space)
{
	gpuas_spares_put_(space, 0);
}
