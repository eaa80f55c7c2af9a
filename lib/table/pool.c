// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tables from one range of memory. The bitmap is the ownership oracle, and stands in
 * the pool's own structure, where nobody else who can write tables can write.
 */
#include <gpuas/pool.h>

static unsigned int granule_shift(const struct gpuas_pool *pool)
{
	unsigned int shift = 0;

	while ((size_t)1 << shift < pool->granule)
		shift++;
	return shift;
}

int gpuas_pool_init(struct gpuas_pool *pool, gpuas_pa_t base, uint64_t size,
		    size_t granule, void *map)
{
	uint64_t first = gpuas_pa_u64(base), count;

	if (!granule || (granule & (granule - 1)) || !map)
		return -GPUAS_EINVAL;
	if (!size || ((first | size) & (granule - 1)) || size - 1 > ~first)
		return -GPUAS_EINVAL;
	memset(pool, 0, sizeof(*pool));
	pool->base = base;
	pool->granule = granule;
	pool->map = map;
	count = size >> granule_shift(pool);
	if (count > GPUAS_POOL_TABLES_MAX)
		count = GPUAS_POOL_TABLES_MAX;
	pool->count = (uint32_t)count;
	return 0;
}

static bool is_used(const struct gpuas_pool *pool, uint32_t i)
{
	return pool->used[i / 32] >> (i % 32) & 1;
}

/* Which table starts at a PA? The PA may be anything. */
static bool find(const struct gpuas_pool *pool, gpuas_pa_t pa, uint32_t *index)
{
	uint64_t offset = gpuas_pa_u64(pa) - gpuas_pa_u64(pool->base);

	if (offset & (pool->granule - 1))
		return false;
	offset >>= granule_shift(pool);
	if (offset >= pool->count)
		return false;
	*index = (uint32_t)offset;
	return true;
}

static int pool_alloc(void *ctx, size_t size, gpuas_pa_t *pa)
{
	struct gpuas_pool *pool = ctx;
	uint32_t i;

	if (size != pool->granule)
		return -GPUAS_EINVAL;
	for (i = 0; i < pool->count && is_used(pool, i); i++)
		;
	if (i == pool->count)
		return -GPUAS_ENOMEM;
	pool->used[i / 32] |= 1u << (i % 32);
	*pa = gpuas_pa(gpuas_pa_u64(pool->base) +
		       ((uint64_t)i << granule_shift(pool)));
	return 0;
}

static bool pool_owned(void *ctx, gpuas_pa_t pa)
{
	const struct gpuas_pool *pool = ctx;
	uint32_t i;

	return find(pool, pa, &i) && is_used(pool, i);
}

static void pool_free(void *ctx, gpuas_pa_t pa, size_t size)
{
	struct gpuas_pool *pool = ctx;
	uint32_t i;

	if (size == pool->granule && find(pool, pa, &i))
		pool->used[i / 32] &= ~(1u << (i % 32));
}

static uint64_t *pool_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_pool *pool = ctx;
	uint32_t i;

	if (size > pool->granule || !find(pool, pa, &i))
		return NULL;
	return (void *)((char *)pool->map + i * pool->granule);
}

void gpuas_pool_env(struct gpuas_pool *pool, struct gpuas_env *env)
{
	memset(env, 0, sizeof(*env));
	env->ctx = pool;
	env->table_alloc = pool_alloc;
	env->table_free = pool_free;
	env->table_owned = pool_owned;
	env->table_ptr = pool_ptr;
}

uint32_t gpuas_pool_used(const struct gpuas_pool *pool)
{
	uint32_t i, used = 0;

	for (i = 0; i < pool->count; i++)
		used += is_used(pool, i);
	return used;
}
