// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Flushes, cleans and frees, put off to the end of a call or of a gather. Tables
 * wait in a chain (chain.c): a walker that still holds one finds a hole there.
 */
#include "walk.h"

void gpuas_clean_(struct gpuas_space *space)
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

	/* Walkers are coherent. */
	if (!space->env->clean)
		return;
	for (i = 0; i < gather->dirties; i++) {
		if (dirty_merge(gather, i, entry, count))
			return;
	}
	if (gather->dirties == GPUAS_DIRTY_RANGES)
		gpuas_clean_(space);
	i = gather->dirties++;
	gather->dirty[i].ptr = entry;
	gather->dirty[i].size = count * sizeof(*entry);
}

void gpuas_put_(struct gpuas_space *space, uint64_t *slot, uint64_t entry)
{
	gpuas_entry_store(slot, entry);
	gpuas_gather_dirty_(space, slot, 1);
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
	struct gpuas_gather *gather = &space->gather;

	/* Out of the cache before anything else may find the table through it. */
	forget_(space, pa);
	chain_push_(&gather->pending, &gather->pendings, CHAIN_PENDING, pa, table);
}

static void free_pending(struct gpuas_space *space)
{
	struct gpuas_gather *gather = &space->gather;
	gpuas_pa_t pa;

	while (gather->pendings) {
		gpuas_chain_pop_(space, &gather->pending, &gather->pendings,
				 CHAIN_PENDING, &pa);
		gpuas_free_(space, pa);
		space->tables--;
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
	gpuas_clean_(space);
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

	gpuas_clean_(space);
	/* Entries get visible before the flush, and before what the caller does next. */
	gpuas_publish_barrier();
	if (gather->first <= gather->last) {
		flush(space, gather->first, gather->last);
		gather->first = ~0ULL;
		gather->last = 0;
	}
	free_pending(space);
}

void gpuas_settle_range_(struct gpuas_space *space, uint64_t first,
			 uint64_t last)
{
	struct gpuas_gather *gather = &space->gather;

	if (gather->pendings || (first <= gather->last && last >= gather->first))
		gpuas_settle_(space);
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
