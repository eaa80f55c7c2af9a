// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Flushes, cleans and frees, put off to the end of a call or of a gather. Tables
 * wait in a chain through their first word: an address with bits 1:0 zero, which
 * a walker that still holds the table takes for a hole (is_pending_()).
 */
#include "walk.h"

static void clean_all(struct gpuas_space *space)
{
	const struct gpuas_env *env = space->env;
	struct gpuas_gather *gather = &space->gather;
	unsigned int i;

	for (i = 0; i < gather->dirties; i++)
		env->clean(env->ctx, gather->dirty[i].ptr,
			   gather->dirty[i].size);
	gather->dirties = 0;
}

/* Make a range one with @count entries at @entry, if they touch. */
static bool dirty_merge(struct gpuas_gather *gather, unsigned int i,
			const uint64_t *entry, unsigned int count)
{
	const uint64_t *first = gather->dirty[i].ptr;
	const uint64_t *end = first + gather->dirty[i].size / sizeof(*first);

	if (entry > end || entry + count < first)
		return false;
	if (entry + count > end)
		end = entry + count;
	if (entry < first)
		first = entry;
	gather->dirty[i].ptr = first;
	gather->dirty[i].size = (size_t)(end - first) * sizeof(*first);
	return true;
}

/*
 * Ranges that touch become one, so that a call cleans once what it wrote in a row.
 * When all are in use, everything is cleaned: too early is never wrong.
 */
void gpuas_gather_dirty_(struct gpuas_space *space, const uint64_t *entry,
			 unsigned int count)
{
	struct gpuas_gather *gather = &space->gather;
	unsigned int i;

	for (i = 0; i < gather->dirties; i++) {
		if (dirty_merge(gather, i, entry, count))
			return;
	}
	if (gather->dirties == GPUAS_DIRTY_RANGES)
		clean_all(space);
	i = gather->dirties++;
	gather->dirty[i].ptr = entry;
	gather->dirty[i].size = count * sizeof(*entry);
}

/*
 * One span, from the first to the last address: a flush of more than was unmapped
 * costs walkers time, and is never wrong.
 */
void gpuas_gather_flush_(struct gpuas_space *space, uint64_t first,
			 uint64_t last)
{
	struct gpuas_gather *gather = &space->gather;

	gather->first = min_(gather->first, first);
	if (gather->last < last)
		gather->last = last;
}

void gpuas_gather_table_(struct gpuas_space *space, uint64_t *table,
			 gpuas_pa_t pa)
{
	uint64_t next = gpuas_pa_u64(space->gather.pending);

	/* Out of the cache before anything else may find the table through it. */
	gpuas_forget_(space, pa);
	gpuas_entry_store(&table[0], next ? next : PENDING_END);
	space->gather.pending = pa;
}

/* Free the chain; whatever others wrote into it, only what is owned. */
static void free_pending(struct gpuas_space *space)
{
	gpuas_pa_t pa = space->gather.pending;
	uint64_t *table;

	/*
	 * The next link is read before the table is freed, and asked about again: a
	 * chain in memory that firmware can write is no promise.
	 */
	space->gather.pending = gpuas_pa(0);
	while (gpuas_pa_u64(pa) && gpuas_owned_(space, pa)) {
		gpuas_pa_t next = gpuas_pa(0);

		table = gpuas_borrow_(space, pa);
		if (table && gpuas_entry_load(&table[0]) != PENDING_END)
			next = gpuas_pa(gpuas_entry_load(&table[0]));
		gpuas_free_(space, pa);
		space->tables--;
		pa = next;
	}
}

static void flush(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	const struct gpuas_env *env = space->env;

	if (env->flush)
		env->flush(env->ctx, gpuas_va(base_(&space->geo) + first),
			   last - first + 1);
}

void gpuas_break_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	clean_all(space);
	gpuas_publish_barrier();
	flush(space, first, last);
}

/*
 * The order is the point: new contents in memory, then the walkers forget, then
 * tables go. Freed one step sooner, a table would be walked by the GPU while it is
 * somebody else's page.
 */
void gpuas_settle_(struct gpuas_space *space)
{
	struct gpuas_gather *gather = &space->gather;

	clean_all(space);
	/* Entries get visible before the flush, and before what the caller does next. */
	gpuas_publish_barrier();
	if (gather->first <= gather->last) {
		flush(space, gather->first, gather->last);
		gather->first = ~0ULL;
		gather->last = 0;
	}
	if (gpuas_pa_u64(gather->pending))
		free_pending(space);
}

void gpuas_gather_run_(struct gpuas_space *space)
{
	struct gpuas_gather *gather = &space->gather;

	if (!gather->depth)
		gpuas_settle_(space);
}

void gpuas_gather_begin(struct gpuas_space *space)
{
	space->gather.depth++;
}

void gpuas_gather_end(struct gpuas_space *space)
{
	if (space->gather.depth)
		space->gather.depth--;
	gpuas_gather_run_(space);
}
