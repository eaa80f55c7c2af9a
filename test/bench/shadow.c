// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Whoever is measured has to be right first: 20,000 random maps, unmaps and
 * translations on 8,192 pages over several leaf tables, against an array.
 */
#include "bench.h"

enum { PAGES = 8192, ROUNDS = 20000 };

#define VA	((1ULL << 36) - (1ULL << 27))

static uint64_t shadow[PAGES]; /* PA, or 0 */

static bool range_empty(unsigned int first, unsigned int count)
{
	while (count--) {
		if (shadow[first + count])
			return false;
	}
	return true;
}

static bool range_full(unsigned int first, unsigned int count)
{
	while (count--) {
		if (!shadow[first + count])
			return false;
	}
	return true;
}

static void range_set(unsigned int first, unsigned int count, uint64_t pa, uint64_t page)
{
	for (; count--; first++, pa += pa ? page : 0)
		shadow[first] = pa;
}

static void look(const struct bench_ops *ops, void *ctx, unsigned int i, uint64_t page)
{
	uint64_t pa = 0;
	int err = ops->translate(ctx, VA + i * page + i % page, &pa);

	check(!err == !!shadow[i]);
	check(err || pa == shadow[i] + i % page);
}

void shadow_check(const struct bench_ops *ops, const struct gpuas_geometry *geo)
{
	const uint64_t page = 1ULL << geo->format->granule_shift;
	uint64_t random = 0x736861646f77ULL, pick, pa;
	unsigned int round, first, count, i;
	void *ctx = ops->create(geo);

	memset(shadow, 0, sizeof(shadow));
	for (round = 0; round < ROUNDS; round++) {
		pick = random_next(&random);
		first = pick & (PAGES - 1);
		count = 1 + ((unsigned int)pick >> 16 & (pick >> 32 & 1 ? 7 : 511));
		count = count < PAGES - first ? count : PAGES - first;
		pa = (1 + (pick >> 40 & 0x3ff)) << 29;
		if (range_empty(first, count)) {
			check(!ops->map(ctx, VA + first * page, pa, count * page));
			range_set(first, count, pa, page);
		} else if (pick >> 33 & 1 || range_full(first, count)) {
			check(!ops->unmap(ctx, VA + first * page, count * page));
			range_set(first, count, 0, page);
		}
		for (i = 0; i < 8; i++)
			look(ops, ctx, random_next(&random) & (PAGES - 1), page);
	}
	for (i = 0; i < PAGES; i++)
		look(ops, ctx, i, page);
	ops->destroy(ctx);
}
