// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Flushes, cleans and frees, put off to the end of a call or of a gather. */
#include "walk.h"

void gpuas_clean_(struct gpuas_space *space)
{
	const struct gpuas_env *env = space->env;
	struct gpuas_gather *gather = &space->gather;
	unsigned int i;

	for (i = 0; i < gather->dirties; i++) {
		const uint64_t *first = gather->dirty[i].first;

		env->clean(env->ctx, first,
			   (size_t)(gather->dirty[i].end - first) * sizeof(*first));
	}
	gather->dirties = 0;
}

/*
 * Ranges that touch become one, so that a call cleans once what it wrote in a row.
 * When all are in use, everything is cleaned: too early is never wrong.
 */
void gpuas_gather_dirty_(struct gpuas_space *space, const uint64_t *entry,
			 unsigned int count)
{
	struct gpuas_gather *gather = &space->gather;
	const uint64_t *end = entry + count;
	unsigned int i;

	if (!FAST && !space->env->clean)
		return;
	for (i = 0; i < gather->dirties; i++) {
		if (entry > gather->dirty[i].end || end < gather->dirty[i].first)
			continue;
		if (entry < gather->dirty[i].first)
			gather->dirty[i].first = entry;
		if (end > gather->dirty[i].end)
			gather->dirty[i].end = end;
		return;
	}
	if (i == GPUAS_DIRTY_RANGES)
		gpuas_clean_(space);
	i = gather->dirties++;
	gather->dirty[i].first = entry;
	gather->dirty[i].end = end;
}

void gpuas_gather_made_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	if (space->env->map_flush)
		gather_span_(space, first, last);
}

/* A table that was unlinked. From here on, no entry that leads to it counts. */
void gpuas_gather_table_(struct gpuas_space *space, struct gpuas_table *table)
{
	struct gpuas_gather *gather = &space->gather;
	struct gpuas_table **near = near_(space, place_level_(table),
					  table->place >> PLACE_BITS);

	if (REMEMBERED && *near == table)
		*near = NO_TABLE;
	table->place = PLACE_NONE;
	table->next = gather->pending;
	gather->pending = table;
}

static void free_pending(struct gpuas_space *space)
{
	struct gpuas_gather *gather = &space->gather;
	struct gpuas_table *table;

	while (gather->pending) {
		table = gather->pending;
		gather->pending = table->next;
		gpuas_free_(space, table);
		space->tables--;
	}
}

void gpuas_tell_(const struct gpuas_space *space,
		 void (*call)(void *ctx, gpuas_va_t va, uint64_t size),
		 uint64_t first, uint64_t last)
{
	if (call)
		call(space->env->ctx, gpuas_va(space->base + first),
		     last - first + 1);
}

/*
 * The order is the point: new contents in memory, then the walkers forget, then
 * tables go. Freed one step sooner, a table would be walked by the GPU while it is
 * somebody else's page.
 */
void gpuas_settle_(struct gpuas_space *space)
{
	struct gpuas_gather *gather = &space->gather;

	if (gather->dirties)
		gpuas_clean_(space);
	/* Entries get visible before the flush, and before what the caller does next. */
	gpuas_publish_barrier();
	if (gather->first <= gather->last) {
		gpuas_tell_(space, space->env->flush, gather->first, gather->last);
		gather->first = ~0ULL;
		gather->last = 0;
		gather->stale = false;
	}
	free_pending(space);
}

void gpuas_settle_range_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	const struct gpuas_gather *gather = &space->gather;

	/* Where a table waits, its range is stale. */
	if (gather->stale && (gather->pending || (first <= gather->last &&
						  last >= gather->first)))
		gpuas_settle_(space);
}

void gpuas_settle_others_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	space->settle(space, first, last);
}

void gpuas_break_(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	gather_flush_(space, first, last);
	gpuas_settle_(space);
}

void gpuas_gather_begin(struct gpuas_space *space)
{
	space->gather.depth++;
	if (!space->settle)
		space->settle = gpuas_settle_range_;
}

void gpuas_gather_end(struct gpuas_space *space)
{
	if (space->gather.depth)
		space->gather.depth--;
	if (!space->gather.depth && space->settle == gpuas_settle_range_)
		space->settle = NULL;
	gather_run_(space);
}
