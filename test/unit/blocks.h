/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Trees whose formats have blocks: LPAE with 16 KiB and with 4 KiB granule. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "tree.h"

#define LOW_RIGHTS	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | \
			 GPUAS_GPU_WRITE | GPUAS_GPU_EXEC | GPUAS_MEM_CACHED)
#define READ_ONLY	(GPUAS_FW_READ | GPUAS_GPU_READ | GPUAS_MEM_CACHED)
#define UNCACHED	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | \
			 GPUAS_GPU_WRITE | GPUAS_GPU_EXEC | GPUAS_MEM_DEVICE)
#define VA16		0x123454000000ULL	/* 32 MiB-aligned */
#define PA16		0x4000000000ULL
#define BLOCK16		0x2000000ULL
#define VA4		0x123480000000ULL	/* 1 GiB-aligned */
#define PA4		0x4080000000ULL
#define PAGE4		0x1000ULL
#define BLOCK4		0x200000ULL
#define GIB		0x40000000ULL

static const struct gpuas_geometry lpae16 = {
	.format = &gpuas_format_lpae_16k, .va_bits = 48, .pa_bits = 48, .blocks = true,
};

static const struct gpuas_geometry lpae4 = {
	.format = &gpuas_format_lpae_4k, .va_bits = 48, .pa_bits = 48, .blocks = true,
};

/* The whole lower half of 48 bits. */
static const struct gpuas_range whole48 = { .size = 1ULL << 48 };

/* The environment of the simulated RAM, for tests that put something in front of it. */
static struct gpuas_env ram_env;

/* Tables of 4 KiB: the first quarter of each that the simulated RAM hands out. */
static inline int alloc4(void *ctx, size_t size, struct gpuas_table **table)
{
	assert_int_equal(size, PAGE4);
	return ram_env.table_alloc(ctx, RAM_GRANULE, table);
}

static inline void free4(void *ctx, struct gpuas_table *table, size_t size)
{
	assert_int_equal(size, PAGE4);
	ram_env.table_free(ctx, table, RAM_GRANULE);
}

static inline struct ram *lpae_ram(const struct gpuas_geometry *geo)
{
	struct ram *ram = ram_new();

	ram_env = ram->env;
	if (geo->format == &gpuas_format_lpae_4k) {
		ram->env.table_alloc = alloc4;
		ram->env.table_free = free4;
	}
	return ram;
}

static inline struct tree *lpae_tree(const struct gpuas_geometry *geo)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	tree->ram = lpae_ram(geo);
	assert_int_equal(gpuas_space_create(&tree->space, geo, &whole48, &tree->ram->env), 0);
	return tree;
}

static inline int tree16(void **state)
{
	*state = lpae_tree(&lpae16);
	return 0;
}

static inline int tree4(void **state)
{
	*state = lpae_tree(&lpae4);
	return 0;
}

static inline int map_low(struct tree *t, uint64_t va, uint64_t pa, uint64_t size)
{
	return gpuas_map(&t->space, gpuas_va(va), gpuas_pa(pa), size, LOW_RIGHTS);
}

/*
 * The entry that a walker would end with at a VA, with the level that it has:
 * straight from memory, through nothing of the library's.
 */
static inline uint64_t *entry_at(struct tree *t, uint64_t va, unsigned int *level)
{
	const struct gpuas_format *format = t->space.geo.format;
	unsigned int gs = format->granule_shift, bits = gs - 3, at = t->space.top;
	uint64_t table = gpuas_pa_u64(t->space.root);

	va &= (1ULL << t->space.geo.va_bits) - 1;
	for (;; at--) {
		uint64_t *entry = slot(t->ram, table,
				       (unsigned int)(va >> (gs + at * bits)) & ((1u << bits) - 1));

		*level = at;
		if (!at || (*entry & 3) != 3)
			return entry;
		table = *entry & 0xfffffffff000ULL & ~((1ULL << gs) - 1);
	}
}

static inline unsigned int level_at(struct tree *t, uint64_t va)
{
	unsigned int level;

	entry_at(t, va, &level);
	return level;
}

/* Attributes at a VA. */
static inline gpuas_attr_t attr_of(struct tree *t, uint64_t va)
{
	gpuas_attr_t attr;
	gpuas_pa_t pa;

	assert_int_equal(gpuas_translate(&t->space, gpuas_va(va), &pa, &attr), 0);
	return attr;
}

/* Each of the pages is where it should be. */
#define MAPPED(t, va, pa, size) do { \
	uint64_t off_, step_ = 1ULL << (t)->space.geo.format->granule_shift; \
	for (off_ = 0; off_ < (size); off_ += step_) \
		assert_int_equal(pa_of((t), (va) + off_), (pa) + off_); \
} while (0)

#define TEST16(f)	cmocka_unit_test_setup_teardown(f, tree16, no_tree)
#define TEST4(f)	cmocka_unit_test_setup_teardown(f, tree4, no_tree)

#endif /* BLOCKS_H */
