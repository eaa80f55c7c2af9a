// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tables set aside before an operation writes anything, so that it cannot fail
 * half-way. They are chained through their first word; no walker sees them.
 */
#include "walk.h"

static int spare_get(struct gpuas_space *space)
{
	const struct gpuas_env *env = space->env;
	size_t size = (size_t)granule_(&space->geo);
	uint64_t *ptr = NULL;
	gpuas_pa_t pa;
	int err;

	err = env->table_alloc(env->ctx, size, &pa);
	if (err)
		return err;
	if (!(gpuas_pa_u64(pa) & (size - 1)))
		ptr = gpuas_borrow_(space, pa);
	if (!ptr) {
		env->table_free(env->ctx, pa, size);
		return -GPUAS_EFAULT;
	}
	ptr[0] = gpuas_pa_u64(space->spare);
	space->spare = pa;
	space->spares++;
	return 0;
}

int gpuas_spares_get_(struct gpuas_space *space, uint32_t count)
{
	int err = 0;

	while (!err && space->spares < count)
		err = spare_get(space);
	if (err)
		gpuas_spares_put_(space);
	return err;
}

/* Take the first spare out of the chain. */
static gpuas_pa_t spare_pop(struct gpuas_space *space, uint64_t **ptr)
{
	gpuas_pa_t pa = space->spare;

	*ptr = gpuas_borrow_(space, pa);
	space->spare = gpuas_pa((*ptr)[0]);
	space->spares--;
	return pa;
}

void gpuas_spares_put_(struct gpuas_space *space)
{
	const struct gpuas_env *env = space->env;
	uint64_t *ptr;

	while (space->spares) {
		gpuas_pa_t pa = spare_pop(space, &ptr);

		env->table_free(env->ctx, pa, (size_t)granule_(&space->geo));
	}
}

uint64_t gpuas_spare_link_(struct gpuas_space *space, uint64_t *entry)
{
	uint64_t *ptr;
	uint64_t value = gpuas_pa_u64(spare_pop(space, &ptr)) | ENTRY_TABLE;

	memset(ptr, 0, (size_t)granule_(&space->geo));
	/* A walker that sees the entry must see the zeroes, not what was there. */
	gpuas_publish_barrier();
	gpuas_entry_store(entry, value);
	space->tables++;
	return value;
}
