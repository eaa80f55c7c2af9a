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
	return table && (gpuas_entry_load(&table[0]) & CHAIN_KINDS) == kind;
}

static gpuas_pa_t behind(const struct gpuas_space *space, const uint64_t *table)
{
	return table_address_(&space->geo, gpuas_entry_load(&table[0]));
}

uint32_t gpuas_chain_follow_(const struct gpuas_space *space, gpuas_pa_t *at,
			     uint32_t count, uint64_t kind, gpuas_pa_t pa)
{
	const uint64_t *table = gpuas_borrow_(space, *at);
	uint32_t n = 0;

	for (; n < count && *at != pa && is_kind(table, kind); n++) {
		*at = behind(space, table);
		table = gpuas_ours_(space, *at);
	}
	return n;
}

/* The word is a hint, as most tables have no such one; the chain is the answer. */
bool gpuas_chained_(const struct gpuas_space *space, gpuas_pa_t pa,
		    const uint64_t *table)
{
	uint64_t kind = gpuas_entry_load(&table[0]) & CHAIN_KINDS;
	bool spare = kind == CHAIN_SPARE;
	uint32_t count = spare ? space->spares : space->gather.pendings;
	gpuas_pa_t at = spare ? space->spare : space->gather.pending;

	return (spare || kind == CHAIN_PENDING) &&
	       gpuas_chain_follow_(space, &at, count, kind, pa) < count &&
	       at == pa;
}

uint64_t *gpuas_chain_pop_(const struct gpuas_space *space, gpuas_pa_t *first,
			   uint32_t *count, uint64_t kind, gpuas_pa_t *pa)
{
	uint64_t *table = gpuas_borrow_(space, *first);

	*pa = *first;
	*first = behind(space, table);
	if (--*count && !is_kind(gpuas_ours_(space, *first), kind))
		*count = 0;
	return table;
}
