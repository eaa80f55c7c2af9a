// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tables from one range of memory. Their records stand in an array of the caller's,
 * where nobody else who can write tables can write.
 */
#include <gpuas/pool.h>

int gpuas_pool_init(struct gpuas_pool *pool, gpuas_pa_t base, uint64_t size,
		    size_t granule, void *map, struct gpuas_table *tables,
		    uint32_t count)
{
	uint64_t first = gpuas_pa_u64(base);
	uint32_t i;

	if (!granule || (granule & (granule - 1)) || !map || !tables || !count)
		return -GPUAS_EINVAL;
	if (!size || ((first | size) & (granule - 1)) || size - 1 > ~first)
		return -GPUAS_EINVAL;
	memset(pool, 0, sizeof(*pool));
	while ((size_t)1 << pool->shift < granule)
		pool->shift++;
	if (size >> pool->shift < count)
		count = (uint32_t)(size >> pool->shift);
	pool->base = base;
	pool->tables = tables;
	pool->count = count;
	for (i = count; i--;) {
		memset(&tables[i], 0, sizeof(tables[i]));
		tables[i].pa = gpuas_pa(first + ((uint64_t)i << pool->shift));
		tables[i].next = pool->free;
		pool->free = &tables[i];
	}
	gpuas_pool_move(pool, map);
	return 0;
}

void gpuas_pool_move(struct gpuas_pool *pool, void *map)
{
	uint32_t i;

	for (i = 0; i < pool->count; i++)
		pool->tables[i].ptr =
			(void *)((char *)map + ((size_t)i << pool->shift));
}

static struct gpuas_table *pool_record(void *ctx, gpuas_pa_t pa)
{
	const struct gpuas_pool *pool = ctx;
	uint64_t offset = gpuas_pa_u64(pa) - gpuas_pa_u64(pool->base);

	if (offset >> pool->shift >= pool->count ||
	    (offset & ((1ULL << pool->shift) - 1)))
		return NULL;
	return &pool->tables[(uint32_t)(offset >> pool->shift)];
}

static int pool_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct gpuas_pool *pool = ctx;

	if (size != (size_t)1 << pool->shift)
		return -GPUAS_EINVAL;
	if (!pool->free)
		return -GPUAS_ENOMEM;
	*table = pool->free;
	pool->free = (*table)->next;
	pool->used++;
	/* Firmware sees the whole range, also what is free of it. */
	(*table)->zero = false;
	return 0;
}

static void pool_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct gpuas_pool *pool = ctx;

	(void)size;
	table->next = pool->free;
	pool->free = table;
	pool->used--;
}

static uint64_t *pool_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_pool *pool = ctx;
	const struct gpuas_table *table = pool_record(ctx, pa);

	return table && size <= (size_t)1 << pool->shift ? table->ptr : NULL;
}

void gpuas_pool_env(struct gpuas_pool *pool, struct gpuas_env *env)
{
	memset(env, 0, sizeof(*env));
	env->ctx = pool;
	env->table_alloc = pool_alloc;
	env->table_free = pool_free;
	env->table_record = pool_record;
	env->table_ptr = pool_ptr;
}
