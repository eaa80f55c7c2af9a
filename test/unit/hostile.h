/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * Trees that nobody in his right mind would build: six tables of random words,
 * most of which lead to each other. Each table is memory of its own and exactly as
 * large as it is lent, so that the sanitizer sees every read next to it.
 *
 * The tiny format has four entries a table: all of a space fits on a screen, and
 * all of its walks into a test. What a seed gives is always the same.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "unit.h"

#include <gpuas/visit.h>

#define HOSTILE_TABLES	6u
#define HOSTILE_BASE	0x10000000ULL

struct hostile {
	struct gpuas_format format;
	struct gpuas_geometry geo;
	struct gpuas_env env;
	struct gpuas_space space;
	uint64_t *table[HOSTILE_TABLES];
	unsigned int entries;
	uint64_t random;
	unsigned int asked;	/* tables that were asked for */
	unsigned int churn;	/* words changed each time */
};

/* The seed in use: of a test that failed, the one to look at. */
static uint64_t hostile_seed;

static inline int hostile_print_seed(void **state)
{
	(void)state;
	print_message("# last seed: %llu\n", (unsigned long long)hostile_seed);
	return 0;
}

#define HOSTILE_TEST(f) cmocka_unit_test_teardown(f, hostile_print_seed)

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift" */
static inline uint64_t hostile_random(struct hostile *h)
{
	h->random ^= h->random >> 12;
	h->random ^= h->random << 25;
	h->random ^= h->random >> 27;
	return h->random * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int hostile_below(struct hostile *h, unsigned int n)
{
	return (unsigned int)((hostile_random(h) >> 32) % n);
}

static inline uint64_t hostile_pa(const struct hostile *h, unsigned int i)
{
	return HOSTILE_BASE + ((uint64_t)i << h->format.granule_shift);
}

static inline uint64_t hostile_word(struct hostile *h)
{
	uint64_t word = hostile_random(h);

	switch (hostile_below(h, 8)) {
	case 0:
		return word;
	case 1:
	case 2:
		return 0;
	case 3:
		return word & 0xffffffffffULL;
	case 4:
		return 1ULL << (word & 63);
	default:
		return hostile_pa(h, hostile_below(h, HOSTILE_TABLES + 1)) | 3 |
		       (hostile_below(h, 8) ? 0 : word << 50);
	}
}

static inline void hostile_change(struct hostile *h)
{
	h->table[hostile_below(h, HOSTILE_TABLES)][hostile_below(h, h->entries)] =
		hostile_word(h);
}

static inline void hostile_fill(struct hostile *h, uint64_t seed)
{
	unsigned int i, j;

	hostile_seed = seed;
	h->random = seed * 0x9e3779b97f4a7c15ULL | 1;
	for (i = 0; i < HOSTILE_TABLES; i++) {
		for (j = 0; j < h->entries; j++)
			h->table[i][j] = hostile_word(h);
	}
}

static inline uint64_t *hostile_table(const struct hostile *h, uint64_t pa)
{
	unsigned int i;

	for (i = 0; i < HOSTILE_TABLES; i++) {
		if (hostile_pa(h, i) == pa)
			return h->table[i];
	}
	return NULL;
}

static inline uint64_t *hostile_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	struct hostile *h = ctx;
	unsigned int i;

	assert_int_equal(size, 1u << h->format.granule_shift);
	h->asked++;
	for (i = 0; i < h->churn; i++)
		hostile_change(h);
	return hostile_table(h, gpuas_pa_u64(pa));
}

/* @shift: of the granule; 5 for the tiny format */
static inline struct hostile *hostile_new(unsigned int shift, unsigned int va_bits)
{
	struct hostile *h = calloc(1, sizeof(*h));
	const struct gpuas_range none = { .size = 0 };
	unsigned int i;

	assert_non_null(h);
	h->format = gpuas_format_lpae_16k;
	h->format.granule_shift = (uint8_t)shift;
	h->format.index_bits = (uint8_t)(shift - 3);
	h->format.va_bits_min = (uint8_t)va_bits;
	h->format.va_bits_max = (uint8_t)va_bits;
	h->entries = 1u << h->format.index_bits;
	h->geo.format = &h->format;
	h->geo.va_bits = (uint8_t)va_bits;
	h->geo.pa_bits = 40;
	h->geo.upper = true;
	h->env.ctx = h;
	h->env.table_ptr = hostile_ptr;
	for (i = 0; i < HOSTILE_TABLES; i++) {
		h->table[i] = calloc(1, (size_t)1 << shift);
		assert_non_null(h->table[i]);
	}
	assert_int_equal(gpuas_space_adopt(&h->space, &h->geo, &none,
					   gpuas_pa(HOSTILE_BASE), &h->env), 0);
	return h;
}

static inline void hostile_delete(struct hostile *h)
{
	unsigned int i;

	for (i = 0; i < HOSTILE_TABLES; i++)
		free(h->table[i]);
	free(h);
}

static inline uint64_t hostile_half(const struct hostile *h)
{
	return ~0ULL << h->geo.va_bits;
}

/* What the walker of the architecture takes an entry for. */
static inline enum gpuas_kind hostile_kind(const struct hostile *h,
					   unsigned int level, uint64_t entry)
{
	if (!entry)
		return GPUAS_HOLE;
	switch (entry & 3) {
	case 3:
		return level ? GPUAS_TABLE : GPUAS_PAGE;
	case 1:
		if (h->format.block_levels & 1u << level)
			return GPUAS_BLOCK;
		return GPUAS_OTHER;
	default:
		return GPUAS_OTHER;
	}
}

/* Address field of what is @size bytes large. */
static inline uint64_t hostile_address(uint64_t entry, uint64_t size)
{
	return (entry & 0xffffffffffffULL) / size * size;
}

#endif /* HOSTILE_H */
