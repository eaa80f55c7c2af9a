// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Leaves above level 0. */
#include "watch.h"

static void the_largest_leaves_that_fit_are_used(void **state)
{
	struct tree *t = *state;
	const uint64_t lead = BLOCK4 + PAGE4, size = lead + GIB + BLOCK4 + 2 * PAGE4;

	/* A page, a block of 2 MiB, one of 1 GiB, one of 2 MiB, two pages. */
	assert_int_equal(map_low(t, VA4 - lead, PA4 - lead, size), 0);
	assert_int_equal(level_at(t, VA4 - lead), 0);
	assert_int_equal(level_at(t, VA4 - BLOCK4), 1);
	assert_int_equal(level_at(t, VA4), 2);
	assert_int_equal(level_at(t, VA4 + GIB), 1);
	assert_int_equal(level_at(t, VA4 + GIB + BLOCK4), 0);
	assert_int_equal(pa_of(t, VA4 - lead), PA4 - lead);
	assert_int_equal(pa_of(t, VA4 - 1), PA4 - 1);
	assert_int_equal(pa_of(t, VA4 + GIB / 3), PA4 + GIB / 3);
	assert_int_equal(pa_of(t, VA4 + GIB + BLOCK4 + PAGE4), PA4 + GIB + BLOCK4 + PAGE4);
	assert_int_equal(pa_of(t, VA4 - lead + size), -GPUAS_ENOENT);
	/* Root, two above the blocks of 1 GiB, two of blocks and two of pages. */
	assert_int_equal(t->space.tables, 1 + 1 + 2 + 2);
	assert_int_equal(unmap(t, VA4 - lead, size), 0);
	assert_int_equal(t->space.tables, 1);
}

/* 1 GiB less one page: a table of blocks, one of pages, and the rest is where it was. */
static void a_hole_in_1_gib_leaves_the_rest(void **state)
{
	const uint64_t hole = VA4 + 5 * BLOCK4 + 3 * PAGE4;
	struct tree *t = *state;
	uint64_t off;

	assert_int_equal(map_low(t, VA4, PA4, GIB), 0);
	watch(t, VA4);
	assert_int_equal(unmap(t, hole, PAGE4), 0);
	assert_int_equal(at_flush[0] & 1, 0);
	assert_int_equal(level_at_flush[0], 2);
	assert_int_equal(t->space.tables, 2 + 2);
	for (off = 0; off < GIB; off += BLOCK4) {
		assert_int_equal(level_at(t, VA4 + off), off != 5 * BLOCK4);
		assert_int_equal(pa_of(t, VA4 + off + 4 * PAGE4), PA4 + off + 4 * PAGE4);
	}
	MAPPED(t, VA4 + 5 * BLOCK4, PA4 + 5 * BLOCK4, 3 * PAGE4);
	assert_int_equal(pa_of(t, hole), -GPUAS_ENOENT);
	MAPPED(t, hole + PAGE4, PA4 + 5 * BLOCK4 + 4 * PAGE4, BLOCK4 - 4 * PAGE4);
	/* Without the rest of that block there is no table for it. */
	assert_int_equal(unmap(t, VA4 + 5 * BLOCK4, BLOCK4), 0);
	assert_int_equal(t->space.tables, 3);
	assert_int_equal(unmap(t, VA4, GIB), 0);
	assert_int_equal(t->space.tables, 1);
}

static void an_unmap_may_cut_a_block_at_both_ends(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA4, PA4, 3 * GIB), 0);
	assert_int_equal(unmap(t, VA4 + PAGE4, 2 * GIB), 0);
	assert_int_equal(pa_of(t, VA4), PA4);
	assert_int_equal(pa_of(t, VA4 + PAGE4), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA4 + GIB), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA4 + 2 * GIB), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA4 + 2 * GIB + PAGE4), PA4 + 2 * GIB + PAGE4);
	assert_int_equal(pa_of(t, VA4 + 3 * GIB - 1), PA4 + 3 * GIB - 1);
	assert_int_equal(t->space.tables, 2 + 2 + 2);
}

static void without_blocks_there_are_only_pages(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, 0, 2 * LEAF_SPAN), 0);
	assert_int_equal(level_at(t, HOST), 0);
	assert_int_equal(t->space.tables, 4);
}

static void uat_has_no_blocks(void **state)
{
	struct gpuas_geometry geo = uat39;
	struct tree *t = *state;
	struct gpuas_space space;

	geo.blocks = true;
	assert_int_equal(gpuas_space_create(&space, &geo, &whole, &t->ram->env), -GPUAS_EINVAL);
	assert_int_equal(ram_owned(t->ram), 1);
}

static const struct CMUnitTest tests[] = {
	TEST4(the_largest_leaves_that_fit_are_used),
	TEST4(a_hole_in_1_gib_leaves_the_rest),
	TEST4(an_unmap_may_cut_a_block_at_both_ends),
	TREE_TEST(without_blocks_there_are_only_pages),
	TREE_TEST(uat_has_no_blocks),
};

UNIT_MAIN(tests)
