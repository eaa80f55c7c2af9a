/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * Trees for the tests of the engine: an empty one of our own, and one that a
 * "firmware" built by hand, word by word, in memory that the environment did not
 * hand out.
 */
#ifndef TREE_H
#define TREE_H

#include "unit.h"

#include <gpuas/visit.h>

#define HALF		0xffffff8000000000ULL
#define HOST		0xffffffa000000000ULL
#define SLOT		0x1000000000ULL
#define PAGE		0x4000ULL
#define LEAF_SPAN	0x2000000ULL		/* what one leaf table maps */
#define PA		0x812340000ULL		/* somewhere to map to */
#define RIGHTS		(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | \
			 GPUAS_GPU_WRITE | GPUAS_MEM_SHARED | GPUAS_GLOBAL)

/* The firmware's tables, at the end of the simulated RAM. */
#define FW_TABLE(n)	(RAM_BASE + (RAM_TABLES - 1 - (n)) * (uint64_t)RAM_GRANULE)
#define FW_ROOT		FW_TABLE(0)
#define FW_MIDDLE	FW_TABLE(1)
#define FW_LEAF		FW_TABLE(2)

static const struct gpuas_geometry uat39 = {
	.format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 40, .upper = true,
};

static const struct gpuas_range host_window = {
	.va = (GPUAS_FORCE gpuas_va_t)HOST, .size = SLOT,
};

/* The whole half, as a window. */
static const struct gpuas_range whole = {
	.va = (GPUAS_FORCE gpuas_va_t)HALF, .size = 0x8000000000ULL,
};

struct tree {
	struct ram *ram;
	struct gpuas_space space;
};

/* One entry of a table in simulated RAM. */
static inline uint64_t *slot(struct ram *ram, uint64_t table, unsigned int i)
{
	return (uint64_t *)ram_at(ram, table, RAM_GRANULE) + i;
}

/* A firmware's tree: slot 0 leads to one page, all else is empty. */
static inline void fw_tree(struct ram *ram)
{
	memset(ram_at(ram, FW_LEAF, 3 * RAM_GRANULE), 0, 3 * RAM_GRANULE);
	*slot(ram, FW_ROOT, 0) = FW_MIDDLE | 3;
	*slot(ram, FW_MIDDLE, 0) = FW_LEAF | 3;
	*slot(ram, FW_LEAF, 0) = PA | 0x60000000000403ULL;
}

static inline int own_tree(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	tree->ram = ram_new();
	assert_int_equal(gpuas_space_create(&tree->space, &uat39, &whole,
					    &tree->ram->env), 0);
	*state = tree;
	return 0;
}

static inline int borrowed_tree(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	tree->ram = ram_new();
	fw_tree(tree->ram);
	assert_int_equal(gpuas_space_adopt(&tree->space, &uat39, &host_window,
					   gpuas_pa(FW_ROOT), &tree->ram->env), 0);
	*state = tree;
	return 0;
}

static inline int no_tree(void **state)
{
	struct tree *tree = *state;

	ram_delete(tree->ram);
	free(tree);
	return 0;
}

static inline int map(struct tree *tree, uint64_t va, uint64_t pa, uint64_t size)
{
	return gpuas_map(&tree->space, gpuas_va(va), gpuas_pa(pa), size, RIGHTS);
}

static inline int unmap(struct tree *tree, uint64_t va, uint64_t size)
{
	return gpuas_unmap(&tree->space, gpuas_va(va), size);
}

static inline int count_page(void *ctx, const struct gpuas_step *step)
{
	*(unsigned int *)ctx += step->kind == GPUAS_PAGE;
	return 0;
}

/* Number of pages that the whole tree maps. */
static inline unsigned int pages_of(struct tree *tree)
{
	unsigned int pages = 0;

	gpuas_visit_all(&tree->space, count_page, &pages);
	return pages;
}

/* PA of a VA, or the error. */
static inline int64_t pa_of(struct tree *tree, uint64_t va)
{
	gpuas_pa_t pa;
	int err = gpuas_translate(&tree->space, gpuas_va(va), &pa, NULL);

	return err ? err : (int64_t)gpuas_pa_u64(pa);
}

/*
 * Run a call that must fail with @err and leave memory, ownership and counters
 * as they were.
 */
#define REFUSED(tree, call, err) do { \
	struct ram *before_ = ram_copy((tree)->ram); \
	struct gpuas_space space_ = (tree)->space; \
	assert_int_equal(call, -(err)); \
	assert_true(ram_equal(before_, (tree)->ram)); \
	space_.attr = (tree)->space.attr;	/* a memo, no state */ \
	space_.bits = (tree)->space.bits; \
	memcpy(space_.near, (tree)->space.near, sizeof(space_.near)); \
	assert_memory_equal(&space_, &(tree)->space, sizeof(space_)); \
	ram_delete(before_); \
} while (0)

#define TREE_TEST(f)	 cmocka_unit_test_setup_teardown(f, own_tree, no_tree)
#define BORROWED_TEST(f) cmocka_unit_test_setup_teardown(f, borrowed_tree, no_tree)

#endif /* TREE_H */
