// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tables out of the tree: in reserve, or waiting to be freed. They are chained
 * through their own memory, to which others may write. So the word in a table leads
 * on only to one that the environment calls ours, and that is in the same chain by
 * its own word: neither a table of the tree nor one that is gone is taken for
 * another one. Where that ends too early, the rest is lost: never used, never freed.
 *
 * The first one needs no look, as it was looked at before it became the first.
 */
#include "walk.h"

static bool is_kind(const uint64_t *table, uint64_t kind)
{
	return (gpuas_entry_load(&table[0]) & CHAIN_KINDS) == kind;
}

/* Where a table leads; NULL: to nothing in the same chain. */
static uint64_t *next(const struct gpuas_space *space, const uint64_t *table,
		      uint64_t kind, gpuas_pa_t *pa)
{
	uint64_t *behind = NULL;

	*pa = gpuas_pa(gpuas_entry_load(&table[0]) ^ kind);
	if (gpuas_owned_(space, *pa))
		behind = gpuas_borrow_(space, *pa);
	return behind && is_kind(behind, kind) ? behind : NULL;
}

/* How many tables of @count are sound, from @at on; or up to @pa. */
static uint32_t follow(const struct gpuas_space *space, gpuas_pa_t *at,
		       uint32_t count, uint64_t kind, gpuas_pa_t pa)
{
	const uint64_t *table = count ? gpuas_borrow_(space, *at) : NULL;
	uint32_t n = 0;

	if (table && !is_kind(table, kind))
		table = NULL;
	while (table && n < count && *at != pa) {
		n++;
		table = next(space, table, kind, at);
	}
	return n;
}

/* The word is a hint, as most tables have no such one; the chain is the answer. */
bool gpuas_chained_(const struct gpuas_space *space, gpuas_pa_t pa,
		    const uint64_t *table)
{
	gpuas_pa_t at = space->gather.pending;
	uint32_t count = space->gather.pendings;
	uint64_t kind = CHAIN_PENDING;

	if (is_kind(table, CHAIN_SPARE)) {
		at = space->spare;
		count = space->spares;
		kind = CHAIN_SPARE;
	} else if (!is_kind(table, kind)) {
		return false;
	}
	return follow(space, &at, count, kind, pa) < count && at == pa;
}

uint32_t gpuas_spares_left_(const struct gpuas_space *space, uint32_t most)
{
	gpuas_pa_t at = space->spare;

	return follow(space, &at, most, CHAIN_SPARE, gpuas_pa(~0ULL));
}

uint64_t *gpuas_chain_pop_(const struct gpuas_space *space, gpuas_pa_t *first,
			   uint32_t *count, uint64_t kind, gpuas_pa_t *pa)
{
	uint64_t *table = gpuas_borrow_(space, *first);

	*pa = *first;
	if (--*count && !next(space, table, kind, first))
		*count = 0;
	return table;
}
