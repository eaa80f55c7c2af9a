// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tables set aside before an operation writes anything, so that it cannot fail
 * half-way. They are in a chain (chain.c); no walker sees them.
 */
#include "walk.h"

static int spare_get(struct gpuas_space *space)
{
	const struct gpuas_env *env = space->env;
	size_t size = (size_t)granule_(&space->geo);
	uint64_t *ptr = NULL;
	gpuas_pa_t pa;
	int err = -GPUAS_EPERM;

	if (env->table_alloc)
		err = env->table_alloc(env->ctx, size, &pa);
	if (err)
		return err;
	/* An environment that returns nonsense costs this call, not the tree. */
	if (!(gpuas_pa_u64(pa) & (size - 1)))
		ptr = gpuas_borrow_(space, pa);
	if (!ptr) {
		gpuas_free_(space, pa);
		return -GPUAS_EFAULT;
	}
	chain_push_(&space->spare, &space->spares, CHAIN_SPARE, pa, ptr);
	return 0;
}

int gpuas_spares_get_(struct gpuas_space *space, uint32_t count)
{
	uint32_t had = space->spares;
	uint32_t need = had < count ? had : count;
	gpuas_pa_t at = space->spare;
	uint32_t left = gpuas_chain_follow_(space, &at, need, CHAIN_SPARE,
					    gpuas_pa(~0ULL));
	int err = left < need ? -GPUAS_EPERM : 0;

	/* Those behind are lost; the caller has to know, and may go on with the rest. */
	if (err)
		space->spares = left;
	while (!err && space->spares < count)
		err = spare_get(space);
	/* All or nothing: what the caller had in reserve before stays. */
	if (err)
		gpuas_spares_put_(space, had);
	return err;
}

uint64_t *gpuas_spare_take_(struct gpuas_space *space, gpuas_pa_t *pa)
{
	return gpuas_chain_pop_(space, &space->spare, &space->spares, CHAIN_SPARE, pa);
}

void gpuas_spares_put_(struct gpuas_space *space, uint32_t keep)
{
	gpuas_pa_t pa;

	while (space->spares > keep) {
		gpuas_spare_take_(space, &pa);
		gpuas_free_(space, pa);
	}
}

uint64_t gpuas_link_(struct gpuas_space *space, uint64_t *slot,
		     uint64_t *table, gpuas_pa_t pa, unsigned int live)
{
	const struct gpuas_env *env = space->env;
	uint64_t entry = gpuas_pa_u64(pa) | ENTRY_TABLE;

	/* Who sees the entry must see the contents, not what was there before. */
	if (env->clean)
		env->clean(env->ctx, table, (size_t)granule_(&space->geo));
	gpuas_publish_barrier();
	gpuas_put_(space, slot, entry);
	remember_(space, pa, table, live);
	space->tables++;
	return entry;
}

uint64_t gpuas_spare_link_(struct gpuas_space *space, uint64_t *slot)
{
	gpuas_pa_t pa;
	uint64_t *table = gpuas_spare_take_(space, &pa);

	/* It may hold anything; where it waited, at least the chain's word. */
	memset(table, 0, (size_t)granule_(&space->geo));
	return gpuas_link_(space, slot, table, pa, 0);
}

/* Spares were never linked: they need not wait for walkers to forget them. */
void gpuas_finish_(struct gpuas_space *space, uint32_t had)
{
	gpuas_spares_put_(space, had);
	gpuas_gather_run_(space);
}

int gpuas_reserve(struct gpuas_space *space, uint32_t tables)
{
	return gpuas_spares_get_(space, tables);
}

void gpuas_unreserve(struct gpuas_space *space)
{
	gpuas_spares_put_(space, 0);
}
