// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the environment is asked about a table, and how it gets one back. */
#include "walk.h"

void gpuas_look_(const struct gpuas_space *space, const uint64_t *entry,
		 unsigned int count)
{
	const struct gpuas_env *env = space->env;

	if (env->invalidate)
		env->invalidate(env->ctx, entry, count * sizeof(*entry));
}

uint64_t *gpuas_borrow_(const struct gpuas_space *space, gpuas_pa_t pa)
{
	const struct gpuas_env *env = space->env;
	const size_t size = (size_t)granule_(&space->geo);
	uint64_t *ptr;

	if (gpuas_pa_u64(pa) >> space->geo.pa_bits)
		return NULL;
	ptr = env->table_ptr(env->ctx, pa, size);
	if (ptr)
		gpuas_look_(space, ptr, entries_(&space->geo));
	return ptr;
}

struct gpuas_table *gpuas_record_(const struct gpuas_space *space,
				  uint64_t entry)
{
	const struct gpuas_env *env = space->env;

	if ((entry & ENTRY_TYPE_MASK) != ENTRY_TABLE || !env->table_record)
		return NULL;
	return env->table_record(env->ctx, table_address_(&space->geo, entry));
}

bool gpuas_owned_(const struct gpuas_space *space, uint64_t entry)
{
	const struct gpuas_table *table = gpuas_record_(space, entry);

	return table && table->place != PLACE_NONE &&
	       table->place != PLACE_ROOT;
}

void gpuas_free_(const struct gpuas_space *space, struct gpuas_table *table)
{
	const struct gpuas_env *env = space->env;

	env->table_free(env->ctx, table, (size_t)granule_(&space->geo));
}
