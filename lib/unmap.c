// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Unmapping: survey without writing, then clear, flush, free. Emptied tables wait
 * for the flush in a chain through their first word: an address with bits 1:0
 * zero, which a walker that still holds the table takes for a hole.
 */
#include "walk.h"

static int survey(const struct gpuas_space *space, uint64_t first,
		  uint64_t last)
{
	struct walk walk;
	uint64_t end;
	int err;

	for (;; first = end + 1) {
		err = gpuas_descend_(space, first, &walk);
		if (err)
			return err;
		if (walk.level && walk.entry)
			return -GPUAS_EPERM;
		end = gpuas_walk_end_(space, &walk, first, last);
		if (end == last)
			return 0;
	}
}

static bool table_empty(const struct gpuas_geometry *geo, const uint64_t *table)
{
	unsigned int i;

	for (i = 0; i < entries_(geo); i++) {
		if (gpuas_entry_load(&table[i]))
			return false;
	}
	return true;
}

/* Clear leaves of one table; returns how many there were. */
static unsigned int clear_leaves(const struct gpuas_geometry *geo,
				 uint64_t *table, uint64_t first, uint64_t last)
{
	unsigned int index = index_(geo, 0, first);
	unsigned int end = index_(geo, 0, last);
	unsigned int count = 0;

	for (; index <= end; index++) {
		if (!gpuas_entry_load(&table[index]))
			continue;
		gpuas_entry_store(&table[index], 0);
		count++;
	}
	return count;
}

/* Unlink the tables that are empty, from the leaf table up. */
static void prune(struct gpuas_space *space, const struct walk *walk,
		  uint64_t pos, gpuas_pa_t *pending)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int level;

	for (level = 0; level < space->top; level++) {
		uint64_t *table = walk->table[level].ptr;
		uint64_t *parent = walk->table[level + 1].ptr;

		if (!table_empty(geo, table))
			return;
		gpuas_entry_store(&parent[index_(geo, level + 1, pos)], 0);
		gpuas_entry_store(&table[0], gpuas_pa_u64(*pending));
		*pending = walk->table[level].pa;
	}
}

/* Free the chain; whatever others wrote into it, only what is owned. */
static void free_pending(struct gpuas_space *space, gpuas_pa_t pending)
{
	const struct gpuas_env *env = space->env;
	uint64_t *table;

	while (gpuas_pa_u64(pending) && gpuas_owned_(space, pending)) {
		gpuas_pa_t pa = pending;

		table = gpuas_borrow_(space, pa);
		if (!table)
			return;
		pending = gpuas_pa(gpuas_entry_load(&table[0]));
		env->table_free(env->ctx, pa, (size_t)granule_(&space->geo));
		space->tables--;
	}
}

void gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	const struct gpuas_env *env = space->env;
	gpuas_va_t va = gpuas_va(base_(&space->geo) + first);
	uint64_t size = last - first + 1;
	gpuas_pa_t pending = gpuas_pa(0);
	uint64_t pages = 0, end;
	struct walk walk;

	for (;; first = end + 1) {
		/* What appeared since the survey is not ours to clear. */
		bool leaf = !gpuas_descend_(space, first, &walk) && !walk.level;

		end = gpuas_walk_end_(space, &walk, first, last);
		if (leaf) {
			pages += clear_leaves(&space->geo, walk.table[0].ptr,
					      first, end);
			prune(space, &walk, first, &pending);
		}
		if (end == last)
			break;
	}
	space->pages -= min_(pages, space->pages);
	gpuas_publish_barrier();
	/* Tables that somebody else emptied are freed too: walkers may hold them. */
	if ((pages || gpuas_pa_u64(pending)) && env->flush)
		env->flush(env->ctx, va, size);
	free_pending(space, pending);
}

int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size)
{
	uint64_t first, last;
	int err;

	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = survey(space, first, last);
	if (!err)
		gpuas_clear_(space, first, last);
	return err;
}
