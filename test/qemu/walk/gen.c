// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random descriptors: every type at every level, with garbage in every bit that a walker has to
 * ignore, and addresses beyond the PA size. Pointers to tables that can be followed stay in RAM: a
 * walk into the void ends in an external abort of the AT instruction itself.
 */
#include "walk.h"

#define BITS(high, low)	(mask((high) + 1) & ~mask(low))

/* Address bits between the PA size and bit 47, at least one of them set; 0 if there are none. */
static uint64_t beyond(const struct pool *pool, struct rng *rng)
{
	unsigned int bits = pool->regime->pa_bits;

	if (bits >= 48)
		return 0;
	return (rng64(rng) & BITS(47, bits)) | 1ULL << (bits + under(rng, 48 - bits));
}

/* Page or block: all bits below the address are attributes or to be ignored. */
static uint64_t leaf(const struct pool *pool, struct rng *rng)
{
	uint64_t entry = rng64(rng) & (BITS(63, 48) | BITS(11, 2));

	entry |= rng64(rng) & BITS(pool->regime->pa_bits - 1, 12);
	if ((entry >> 8 & 3) == 1)
		entry |= 3 << 8;	/* SH 01 is reserved */
	if (under(rng, 8))
		entry |= 1 << 10;
	if (!under(rng, 12))
		entry |= beyond(pool, rng);
	return entry;
}

static uint64_t table(const struct pool *pool, unsigned int level, struct rng *rng)
{
	uint64_t entry = pool->table[level - 1][under(rng, 8)];

	entry |= rng64(rng) & (BITS(58, 48) | BITS(pool->regime->granule_shift - 1, 2));
	if (!under(rng, 4))
		entry |= rng64(rng) & BITS(63, 59);
	if (!under(rng, 14))
		entry |= beyond(pool, rng);
	return entry | 3;
}

static uint64_t descriptor(const struct pool *pool, unsigned int level, struct rng *rng)
{
	unsigned int kind = under(rng, 100);

	if (kind < 6)
		return 0;
	if (kind < 14)
		return rng64(rng) & ~1ULL;
	if (!level)
		return leaf(pool, rng) | (kind < 22 ? 1 : 3);
	if (kind < (block_legal(pool->regime->granule_shift, 3 - level) ? 34 : 18))
		return leaf(pool, rng) | 1;
	return table(pool, level, rng);
}

void pool_fill(const struct pool *pool, unsigned int level, uint64_t pa, unsigned int entries,
	       struct rng *rng)
{
	uint64_t *entry = (uint64_t *)(uintptr_t)pa;

	while (entries--)
		*entry++ = descriptor(pool, level, rng);
}

void pool_init(struct pool *pool, const struct regime *regime, struct rng *rng)
{
	uint64_t granule = 1ULL << regime->granule_shift, next = ARENA_PA + 2 * granule;
	unsigned int level, i;

	memset(pool, 0, sizeof(*pool));
	pool->regime = regime;
	pool->top = 3 - start_level(regime->granule_shift, regime->va_bits);
	for (level = 0; level < pool->top; level++) {
		for (i = 0; i < 8; i++, next += granule)
			pool->table[level][i] = next;
	}
	for (level = 0; level < pool->top; level++) {
		for (i = 0; i < 8; i++)
			pool_fill(pool, level, pool->table[level][i],
				  1u << (regime->granule_shift - 3), rng);
	}
}
