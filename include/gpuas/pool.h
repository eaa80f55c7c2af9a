/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_POOL_H
#define GPUAS_POOL_H

#include <gpuas/env.h>

GPUAS_BEGIN_DECLS

/**
 * struct gpuas_pool - Tables taken from one physical range
 * @base: PA of the first
 * @shift: log2 of the size of each in bytes
 * @count: how many there are
 * @used: how many are handed out
 * @tables: a record for each
 * @free: those that are not handed out
 */
struct gpuas_pool {
	gpuas_pa_t base;
	unsigned int shift;
	uint32_t count;
	uint32_t used;
	struct gpuas_table *tables;
	struct gpuas_table *free;
};

/**
 * gpuas_pool_init() - Make a pool of a range
 * @pool: to be filled
 * @base: PA of the range, granule-aligned
 * @size: its size in bytes, a multiple of @granule
 * @granule: size of a table, a power of two
 * @map: where the CPU sees the range
 * @tables: memory for records, which must live as long as the pool, and to which
 *	nobody but the host writes; of any content
 * @count: how many records; what @size has beyond that many tables is left unused
 *
 * Return: 0; -GPUAS_EINVAL for an unaligned or empty range, or no records.
 */
int gpuas_pool_init(struct gpuas_pool *pool, gpuas_pa_t base, uint64_t size,
		    size_t granule, void *map, struct gpuas_table *tables,
		    uint32_t count);

/**
 * gpuas_pool_move() - Say that the CPU sees the range elsewhere from now on
 * @pool: the pool
 * @map: where
 *
 * Handles on it are then reopened, see gpuas_space_reopen().
 */
void gpuas_pool_move(struct gpuas_pool *pool, void *map);

/**
 * gpuas_pool_env() - Make an environment of a pool
 * @pool: the pool; must outlive the environment
 * @env: filled; there is nothing to flush or clean
 *
 * The first tables come from the start of the range, in order; the one that was
 * taken back last is the next one then. Only tables in the range can be borrowed.
 */
void gpuas_pool_env(struct gpuas_pool *pool, struct gpuas_env *env);

GPUAS_END_DECLS

#endif /* GPUAS_POOL_H */
