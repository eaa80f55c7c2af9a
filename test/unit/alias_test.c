// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Own tables to which somebody wrote a second way: whatever is done to both ways
 * at once, nothing is lost, freed twice, or written to after it was freed.
 */
#include "tree.h"

#define VA(i)		(HALF + (uint64_t)(i) * LEAF_SPAN)
#define UP(i)		(HALF + (uint64_t)(i) * SLOT)
enum { GATHERED = 1, WAYS = 2 };

static uint64_t *root(struct tree *t, unsigned int i)
{
	return slot(t->ram, gpuas_pa_u64(t->space.root), i);
}

/* Entry @i of the middle table below the first root entry. */
static uint64_t *middle(struct tree *t, unsigned int i)
{
	return slot(t->ram, *root(t, 0) & 0xffffffc000ULL, i);
}

/* What is freed is filled with 0xa5, and must stay so. */
static void untouched(struct tree *t, uint64_t table)
{
	static uint8_t garbage[RAM_GRANULE];

	memset(garbage, 0xa5, sizeof(garbage));
	assert_memory_equal(ram_at(t->ram, table & 0xffffffc000ULL, RAM_GRANULE), garbage,
			    RAM_GRANULE);
}

/* Unmap a range that has both ways; @left tables stay. */
static void unmap_both(struct tree *t, unsigned int way, uint64_t va, uint64_t size,
		       unsigned int left)
{
	const unsigned int before = ram_owned(t->ram), frees = t->ram->frees;

	if (way & GATHERED)
		gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, va, size), 0);
	if (way & GATHERED) {
		assert_int_equal(ram_owned(t->ram), before);
		gpuas_gather_end(&t->space);
	}
	assert_int_equal(ram_owned(t->ram), left);
	assert_int_equal(t->space.tables, left);
	assert_int_equal(t->ram->frees - frees, before - left);
}

/* Before and behind it, and with another table between the two. */
static void an_unmap_of_both_ways_to_a_leaf_table_leaves_neither(void **state)
{
	static const unsigned int from[] = { 0, 1, 0 }, to[] = { 2, 2, 1 };
	struct tree *t = *state;
	uint64_t link[2];
	unsigned int i;

	for (i = 0; i < 3 * WAYS; i++) {
		assert_int_equal(map(t, VA(from[i / WAYS]) + 5 * PAGE, PA, PAGE), 0);
		assert_int_equal(map(t, VA(3), PA, PAGE), 0);
		assert_int_equal(map(t, VA(9), PA, PAGE), 0);
		link[0] = *middle(t, from[i / WAYS]);
		link[1] = *middle(t, 3);
		*middle(t, to[i / WAYS]) = link[0];
		unmap_both(t, i % WAYS, VA(0), 4 * LEAF_SPAN, 3);
		assert_int_equal(*middle(t, 0) | *middle(t, 1) | *middle(t, 2) | *middle(t, 3), 0);
		untouched(t, link[0]);
		untouched(t, link[1]);
		assert_int_equal(pages_of(t), 1);
		assert_int_equal(unmap(t, VA(9), PAGE), 0);
	}
}

static void an_unmap_of_both_ways_to_a_middle_table_leaves_neither(void **state)
{
	struct tree *t = *state;
	uint64_t link[2];
	unsigned int way;

	for (way = 0; way < WAYS; way++) {
		assert_int_equal(map(t, UP(0), PA, 2 * LEAF_SPAN), 0);
		assert_int_equal(map(t, UP(1), PA, PAGE), 0);
		link[0] = *root(t, 0);
		link[1] = *middle(t, 1);
		*root(t, 2) = link[0];
		unmap_both(t, way, UP(0), 3 * SLOT, 1);
		assert_int_equal(*root(t, 0) | *root(t, 1) | *root(t, 2), 0);
		untouched(t, link[0]);
		untouched(t, link[1]);
	}
}

/* The other way is all that is left in a table of the way's own. */
static void a_table_that_held_only_the_other_way_goes_too(void **state)
{
	struct tree *t = *state;
	unsigned int way;

	for (way = 0; way < WAYS; way++) {
		assert_int_equal(map(t, UP(0), PA, PAGE), 0);
		assert_int_equal(map(t, UP(1), PA, PAGE), 0);
		*slot(t->ram, *root(t, 1) & ~3ULL, 1) = *middle(t, 0);
		unmap_both(t, way, UP(0), 2 * SLOT, 1);
		assert_int_equal(*root(t, 0) | *root(t, 1), 0);
	}
}

/* Nobody can find the other way in time; but it is no way to anything of ours. */
static void a_way_to_a_table_that_went_by_another_one_is_refused(void **state)
{
	struct tree *t = *state;
	unsigned int way;
	uint64_t link;

	for (way = 0; way < WAYS; way++) {
		assert_int_equal(map(t, VA(0), PA, 2 * PAGE), 0);
		assert_int_equal(map(t, VA(9), PA, PAGE), 0);
		link = *middle(t, 0);
		*middle(t, 1) = link;
		assert_int_equal(pa_of(t, VA(1) + PAGE), PA + PAGE);
		gpuas_gather_begin(&t->space);
		assert_int_equal(unmap(t, VA(0), 2 * PAGE), 0);
		/* While it waits to be freed, and after that. */
		REFUSED(t, unmap(t, VA(1), PAGE), GPUAS_EPERM);
		REFUSED(t, map(t, VA(1) + 7 * PAGE, PA, PAGE), GPUAS_EPERM);
		gpuas_gather_end(&t->space);
		untouched(t, link);
		memset(ram_at(t->ram, link & ~3ULL, RAM_GRANULE), 0, RAM_GRANULE);
		REFUSED(t, unmap(t, VA(1), PAGE), GPUAS_EPERM);
		REFUSED(t, map(t, VA(1) + 7 * PAGE, PA, PAGE), GPUAS_EPERM);
		*middle(t, 1) = 0;
		assert_int_equal(unmap(t, VA(9), PAGE), 0);
		assert_int_equal(ram_owned(t->ram), 1);
	}
}

/* They are ours, but no part of the tree. */
static void a_way_to_a_table_in_reserve_is_refused(void **state)
{
	struct tree *t = *state;
	unsigned int way, i;
	uint64_t spare;

	assert_int_equal(map(t, VA(9), PA, PAGE), 0);
	memset(t->ram->mem + 3 * RAM_GRANULE, 0, 3 * RAM_GRANULE);
	assert_int_equal(gpuas_reserve(&t->space, 3), 0);
	for (way = 0; way < WAYS; way++) {
		for (i = 3; i < 6; i++) {
			spare = RAM_BASE + i * (uint64_t)RAM_GRANULE;
			assert_non_null(t->ram->env.table_record(t->ram, gpuas_pa(spare)));
			*middle(t, 1) = spare | 3;
			REFUSED(t, map(t, VA(1) + PAGE, PA, PAGE), GPUAS_EPERM);
			REFUSED(t, unmap(t, VA(1) + PAGE, PAGE), GPUAS_EPERM);
		}
	}
	*middle(t, 1) = 0;
	assert_int_equal(map(t, VA(0), PA, 3 * LEAF_SPAN), 0);
	assert_int_equal(t->space.spares, 0);
}

/* From the root itself, and from tables of each level below. */
static void a_way_back_to_the_root_is_refused(void **state)
{
	struct tree *t = *state;
	uint64_t loop = gpuas_pa_u64(t->space.root) | 3;
	unsigned int way;

	for (way = 0; way < WAYS; way++) {
		assert_int_equal(map(t, VA(0), PA, PAGE), 0);
		*root(t, 1) = loop;
		*middle(t, 1) = loop;
		REFUSED(t, map(t, UP(1) + PAGE, PA, PAGE), GPUAS_EPERM);
		REFUSED(t, unmap(t, UP(1), PAGE), GPUAS_EPERM);
		REFUSED(t, map(t, VA(1) + 7 * PAGE, PA, PAGE), GPUAS_EPERM);
		REFUSED(t, unmap(t, VA(1), PAGE), GPUAS_EPERM);
		*root(t, 1) = 0;
		*middle(t, 1) = 0;
		assert_int_equal(unmap(t, VA(0), PAGE), 0);
	}
	assert_int_equal(map(t, VA(0), PA, PAGE), 0);
	*root(t, 1) = loop;
	*middle(t, 1) = loop;
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

static void release_frees_a_table_with_two_ways_once(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, UP(0), PA, 2 * LEAF_SPAN), 0);
	assert_int_equal(map(t, UP(2), PA, PAGE), 0);
	*middle(t, 7) = *middle(t, 0);
	*middle(t, 8) = *root(t, 0);
	*root(t, 1) = *root(t, 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(t->ram->frees, 6);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(an_unmap_of_both_ways_to_a_leaf_table_leaves_neither),
	TREE_TEST(an_unmap_of_both_ways_to_a_middle_table_leaves_neither),
	TREE_TEST(a_table_that_held_only_the_other_way_goes_too),
	TREE_TEST(a_way_to_a_table_that_went_by_another_one_is_refused),
	TREE_TEST(a_way_to_a_table_in_reserve_is_refused),
	TREE_TEST(a_way_back_to_the_root_is_refused),
	TREE_TEST(release_frees_a_table_with_two_ways_once),
};

UNIT_MAIN(tests)
