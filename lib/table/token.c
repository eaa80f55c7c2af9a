// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tokens: tables that a job brings along, and what its operations leave to be flushed and
 * freed. A handle knows those that are outstanding: its maps ask them first.
 */
#include "token.h"

int gpuas_token_init(struct gpuas_token *token, const struct gpuas_env *env,
		     const struct gpuas_geometry *geo)
{
	if (!gpuas_geometry_ok_(geo))
		return -GPUAS_EINVAL;
	memset(token, 0, sizeof(*token));
	token->env = env;
	token->geo = *geo;
	return 0;
}

/* Give tables back until @keep of a list are left. */
static void put(const struct gpuas_token *token, struct gpuas_table **list,
		uint32_t *count, uint32_t keep)
{
	const struct gpuas_env *env = token->env;
	struct gpuas_table *table;

	for (; *count > keep; --*count) {
		table = *list;
		*list = table->next;
		env->table_free(env->ctx, table, (size_t)granule_(&token->geo));
	}
}

int gpuas_token_fill(struct gpuas_token *token, uint32_t tables)
{
	uint32_t had = token->spares;
	int err = 0;

	while (!err && token->spares < tables)
		err = spare_get_(token->env, &token->geo, &token->spare,
				 &token->spares);
	if (err)
		put(token, &token->spare, &token->spares, had);
	return err;
}

int gpuas_token_drain(struct gpuas_token *token)
{
	if (token->ranges)
		return -GPUAS_EBUSY;
	put(token, &token->retired, &token->tables, 0);
	put(token, &token->spare, &token->spares, 0);
	return 0;
}

static uint64_t range_last(const struct gpuas_range *range)
{
	return gpuas_va_u64(range->va) + (range->size - 1);
}

static void range_set(struct gpuas_range *range, uint64_t first, uint64_t last)
{
	range->va = gpuas_va(first);
	range->size = last - first + 1;
}

/* Bytes between two ranges, of which the first one comes first. */
static uint64_t gap(const struct gpuas_range *range)
{
	return gpuas_va_u64(range[1].va) - range_last(&range[0]) - 1;
}

/* Of ranges in order, merge two neighbours whose gap is smallest. */
static void merge(struct gpuas_range *range, unsigned int count)
{
	unsigned int i, best = 0;

	for (i = 1; i + 1 < count; i++)
		if (gap(&range[i]) < gap(&range[best]))
			best = i;
	range_set(&range[best], gpuas_va_u64(range[best].va),
		  range_last(&range[best + 1]));
	for (i = best + 1; i + 1 < count; i++)
		range[i] = range[i + 1];
}

/* Those that it overlaps or touches become one with it; a ninth makes two others one. */
static void range_add(struct gpuas_token *token, uint64_t first, uint64_t last)
{
	struct gpuas_range range[GPUAS_TOKEN_RANGES + 1];
	unsigned int i, below = 0, count = 0;

	for (i = 0; i < token->ranges; i++) {
		const struct gpuas_range *old = &token->range[i];
		uint64_t start = gpuas_va_u64(old->va), end = range_last(old);

		if (end < first && first - end > 1) {
			range[count++] = *old;
			below = count;
		} else if (start > last && start - last > 1) {
			range[++count] = *old;
		} else {
			first = min_(first, start);
			last = end > last ? end : last;
		}
	}
	range_set(&range[below], first, last);
	count++;
	if (count > GPUAS_TOKEN_RANGES)
		merge(range, count--);
	memcpy(token->range, range, count * sizeof(range[0]));
	token->ranges = count;
}

/* Is something in a range, or where a table was that has to do with it, not flushed yet? */
static bool concerns(const struct gpuas_space *space,
		     const struct gpuas_token *token, uint64_t first, uint64_t last)
{
	unsigned int i;

	first &= ~token->cover;
	last |= token->cover;
	for (i = 0; i < token->ranges; i++) {
		if (first <= range_last(&token->range[i]) - space->base &&
		    last >= gpuas_va_u64(token->range[i].va) - space->base)
			return true;
	}
	return false;
}

/* What maps call while tokens are outstanding. */
static void settle(struct gpuas_space *space, uint64_t first, uint64_t last)
{
	struct gpuas_token *token, *next;

	gpuas_settle_range_(space, first, last);
	for (token = space->token; token; token = next) {
		next = token->next;
		if (concerns(space, token, first, last))
			gpuas_token_flush(space, token);
	}
}

static void outstanding(struct gpuas_space *space, struct gpuas_token *token)
{
	if (token->ranges)
		return;
	token->next = space->token;
	space->token = token;
	space->settle = settle;
}

/* What leads to a token that is outstanding for a handle; or to NULL. */
static struct gpuas_token **find(struct gpuas_space *space,
				 const struct gpuas_token *token)
{
	struct gpuas_token **at = &space->token;

	while (*at && *at != token)
		at = &(*at)->next;
	return at;
}

bool gpuas_token_elsewhere_(struct gpuas_space *space, const struct gpuas_token *token)
{
	return token->ranges && !*find(space, token);
}

void gpuas_token_flushed(struct gpuas_space *space, struct gpuas_token *token)
{
	struct gpuas_token **at;

	if (!token->ranges)
		return;
	at = find(space, token);
	if (!*at)
		return;
	*at = token->next;
	token->next = NULL;
	token->ranges = 0;
	token->cover = 0;
	if (!space->token)
		space->settle = space->gather.depth ? gpuas_settle_range_ : NULL;
}

void gpuas_token_flush(struct gpuas_space *space, struct gpuas_token *token)
{
	unsigned int i;

	if (!token->ranges || gpuas_token_elsewhere_(space, token))
		return;
	/* In the middle of a list, what it changed before may not be clean yet. */
	gpuas_clean_(space);
	gpuas_publish_barrier();
	for (i = 0; i < token->ranges; i++)
		gpuas_tell_(space, space->env->flush,
			    gpuas_va_u64(token->range[i].va) - space->base,
			    range_last(&token->range[i]) - space->base);
	gpuas_token_flushed(space, token);
}

void gpuas_token_take_(struct gpuas_space *space, struct gpuas_token *token,
		       uint64_t cover)
{
	struct gpuas_gather *gather = &space->gather;
	struct gpuas_table *table;

	while (gather->pending) {
		table = gather->pending;
		gather->pending = table->next;
		table->next = token->retired;
		token->retired = table;
		token->tables++;
		space->tables--;
	}
	if (token->cover < cover)
		token->cover = cover;
	if (gather->first > gather->last)
		return;
	outstanding(space, token);
	range_add(token, space->base + gather->first, space->base + gather->last);
	gather->first = ~0ULL;
	gather->last = 0;
	gather->stale = false;
}
