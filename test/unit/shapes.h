/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Shapes of trees that the simulated RAM has tables for, for random tests. */
#ifndef SHAPES_H
#define SHAPES_H

#include "blocks.h"

/* GPUAS_SEED, or 1; GPUAS_OPS, or enough. */
static uint64_t seed, rounds;

static inline uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

#define SEEDED_MAIN(tests, enough) \
int main(void) \
{ \
	seed = number_from("GPUAS_SEED", 1); \
	rounds = number_from("GPUAS_OPS", enough); \
	return cmocka_run_group_tests(tests, NULL, NULL); \
}

/**
 * struct shape - A tree for random lists of operations
 * @geo: its shape
 * @base: where things happen
 * @window: of the handle
 */
struct shape {
	struct gpuas_geometry geo;
	uint64_t base;
	struct gpuas_range window;
};

static inline struct tree *shape_tree(const struct shape *shape)
{
	struct tree *t = calloc(1, sizeof(*t));

	t->ram = lpae_ram(&shape->geo);
	assert_int_equal(gpuas_space_create(&t->space, &shape->geo, &shape->window, &t->ram->env), 0);
	return t;
}

#define GEO(f, bits, b, up)	{ .format = &(f), .va_bits = bits, .pa_bits = 40, \
				  .upper = up, .blocks = b }
#define LOW_WINDOW(bits)	{ .size = 1ULL << (bits) }

static struct shape four_levels_16k = { GEO(gpuas_format_lpae_16k, 48, true, false), VA16,
					LOW_WINDOW(48) };
static struct shape four_levels_4k = { GEO(gpuas_format_lpae_4k, 48, true, false), VA4,
				       LOW_WINDOW(48) };
static struct shape three_levels_4k = { GEO(gpuas_format_lpae_4k, 39, true, false), GIB,
					LOW_WINDOW(39) };
static struct shape two_levels_16k = { GEO(gpuas_format_lpae_16k, 34, true, false), BLOCK16,
				       LOW_WINDOW(34) };
static struct shape pages_4k = { GEO(gpuas_format_lpae_4k, 48, false, false), VA4,
				 LOW_WINDOW(48) };
static struct shape uat = { GEO(gpuas_format_uat, 39, false, true), HOST,
			    { .va = (GPUAS_FORCE gpuas_va_t)HALF, .size = 1ULL << 39 } };

/* A test for each of them, with a &struct shape */
#define SHAPE_TEST(shape, test)	{ #shape "_" #test, test, NULL, NULL, &(shape) }
#define SHAPE_TESTS(test) \
	SHAPE_TEST(four_levels_16k, test), SHAPE_TEST(four_levels_4k, test), \
	SHAPE_TEST(three_levels_4k, test), SHAPE_TEST(two_levels_16k, test), \
	SHAPE_TEST(pages_4k, test), SHAPE_TEST(uat, test)

#endif /* SHAPES_H */
