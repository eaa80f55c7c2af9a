/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_POOL_H
#define GPUAS_POOL_H

#include <gpuas/env.h>

GPUAS_BEGIN_DECLS

/** GPUAS_POOL_TABLES_MAX - Largest number of tables in a pool */
enum { GPUAS_POOL_TABLES_MAX = 1024 };

/**
 * struct gpuas_pool - Tables taken from one physical range, lowest first
 * @base: PA of the first
 * @granule: size of each in bytes, a power of two
 * @count: how many there are
 * @map: where the range can be accessed
 * @used: one bit for each table that was handed out
 */
struct gpuas_pool {
	gpuas_pa_t base;
	size_t granule;
	uint32_t count;
	void *map;
	uint32_t used[GPUAS_POOL_TABLES_MAX / 32];
};

/**
 * gpuas_pool_init() - Make a pool of a range
 * @pool: to be filled
 * @base: PA of the range, granule-aligned
 * @size: its size; what exceeds GPUAS_POOL_TABLES_MAX tables is left unused
 * @granule: size of a table, a power of two
 * @map: where the CPU sees the range
 *
 * Return: 0; -GPUAS_EINVAL for an unaligned or empty range.
 */
int gpuas_pool_init(struct gpuas_pool *pool, gpuas_pa_t base, uint64_t size,
		    size_t granule, void *map);

/**
 * gpuas_pool_env() - Make an environment of a pool
 * @pool: the pool; must outlive the environment
 * @env: filled; there is nothing to flush or clean
 *
 * The first table handed out is the one at the start of the range. Only tables
 * in the range can be borrowed.
 */
void gpuas_pool_env(struct gpuas_pool *pool, struct gpuas_env *env);

/** gpuas_pool_used() - Count the tables that are handed out */
uint32_t gpuas_pool_used(const struct gpuas_pool *pool);

GPUAS_END_DECLS

#endif /* GPUAS_POOL_H */
