// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the environment is asked about a table, and how it gets one back. */
#include "walk.h"

/*
 * The root is never owned in this sense, also where the handle made it: an entry
 * below that leads back to it is a cycle, and following it would free the root.
 */
bool gpuas_owned_(const struct gpuas_space *space, gpuas_pa_t pa)
{
	const struct gpuas_env *env = space->env;

	return pa != space->root && env->table_owned &&
	       env->table_owned(env->ctx, pa);
}

uint64_t *gpuas_borrow_(const struct gpuas_space *space, gpuas_pa_t pa)
{
	const struct gpuas_env *env = space->env;

	if (gpuas_pa_u64(pa) >> space->geo.pa_bits)
		return NULL;
	return env->table_ptr(env->ctx, pa, (size_t)granule_(&space->geo));
}

/* In this order: memory that is not ours is not even to be read here. */
uint64_t *gpuas_ours_(const struct gpuas_space *space, gpuas_pa_t pa)
{
	return gpuas_owned_(space, pa) ? gpuas_borrow_(space, pa) : NULL;
}

void gpuas_free_(const struct gpuas_space *space, gpuas_pa_t pa)
{
	const struct gpuas_env *env = space->env;

	env->table_free(env->ctx, pa, (size_t)granule_(&space->geo));
}
