// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The order of what the engine does to tables: for each barrier there is a test that
 * fails without it. Tables are called by letters, in the order in which they are
 * met: in most tests a page at VA16 is in C, below B, below A, below the root.
 */
#include "traces.h"

static void protect(struct tree *t, gpuas_attr_t attr)
{
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA16), PAGE, attr), 0);
}

/*
 * spare.c, gpuas_link_()
 */

static void a_table_is_cleared_and_published_before_it_is_linked(void **state)
{
	assert_int_equal(map_low(*state, VA16, PA, PAGE), 0);
	starts_with("clear A, publish, link A in root, "
		    "clear B, publish, link B in A, clear C, publish, link C in B, page C");
}

static void a_table_is_cleaned_and_published_before_it_is_linked(void **state)
{
	struct tree *t = *state;

	t->ram->env.clean = tracing_clean;
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	starts_with("clear A, clean A, publish, link A in root, "
		    "clear B, clean B, publish, link B in A, "
		    "clear C, clean C, publish, link C in B, page C");
}

/*
 * map.c, map_leaves()
 */

static void pages_are_published_the_short_way(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + PAGE, PA, 9 * PAGE), 0);
	assert_string_equal(trace, "page C, publish");
}

/*
 * unmap.c, unmap_leaves()
 */

static void cleared_entries_are_published_before_the_flush_the_short_way(void **state)
{
	struct tree *t = *state;

	prepare(t, 9);
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_string_equal(trace, "clear C, publish, flush");
}

/*
 * gather.c, gpuas_settle_()
 */

static void a_new_root_is_cleared_and_published(void **state)
{
	struct tree *t = *state;
	struct ram *ram = ram_share(t->ram);
	struct gpuas_space space;

	assert_int_equal(gpuas_space_create(&space, &lpae16, &whole48, &ram->env), 0);
	assert_string_equal(trace, "clear A, publish");
	ram_delete(ram);
}

static void pages_are_published(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + PAGE, PA, 9 * PAGE), 0);
	assert_string_equal(trace, "page C, publish");
}

static void cleared_entries_are_published_before_the_flush(void **state)
{
	struct tree *t = *state;

	prepare(t, 9);
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_string_equal(trace, "clear C, publish, flush");
}

static void changed_rights_are_published_before_the_flush(void **state)
{
	prepare(*state, 1);
	protect(*state, READ_ONLY);
	assert_string_equal(trace, "page C, publish, flush");
}

static void emptied_tables_are_freed_after_the_flush(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(unmap(t, VA16, PAGE), 0);
	assert_string_equal(trace, "clear C, clear B, clear A, clear root, publish, flush, "
			    "free A, free B, free C");
}

static void a_gather_publishes_and_flushes_at_its_end(void **state)
{
	struct tree *t = *state;

	prepare(t, 9);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_int_equal(map_low(t, VA16 + 9 * PAGE, PA, PAGE), 0);
	assert_string_equal(trace, "clear C, page C");
	/* Over what waits: that first. */
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_string_equal(trace, "clear C, page C, publish, flush, page C");
	gpuas_gather_end(&t->space);
	assert_string_equal(trace, "clear C, page C, publish, flush, page C, publish");
}

static void entries_are_cleaned_before_they_are_published(void **state)
{
	struct tree *t = *state;

	t->ram->env.clean = tracing_clean;
	prepare(t, 9);
	assert_int_equal(map_low(t, VA16 + 9 * PAGE, PA, PAGE), 0);
	assert_string_equal(trace, "page C, clean C, publish");
	trace_start();
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_string_equal(trace, "clear C, clean C, publish, flush");
}

static void release_publishes_the_root_that_it_leaves(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	gpuas_space_release(&t->space);
	has("clear root, publish, flush, free A");
}

/*
 * gather.c, gpuas_break_()
 */

static void another_kind_of_memory_comes_after_a_break(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	protect(t, UNCACHED);
	starts_with("break C, publish, flush, page C");
	t->ram->env.clean = tracing_clean;
	trace_start();
	protect(t, LOW_RIGHTS);
	starts_with("break C, clean C, publish, flush, page C, clean C");
}

static void a_replace_comes_after_a_break(void **state)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(PA16), .size = PAGE };
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA16), &piece, 1, LOW_RIGHTS), 0);
	starts_with("clear C, publish, flush, page C");
}

static void a_block_is_split_after_a_break(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA16, 2 * BLOCK16), 0);
	trace_start();
	assert_int_equal(unmap(t, VA16 + BLOCK16, PAGE), 0);
	starts_with("page D, clear B, publish, flush");
	assert_int_equal(level_at(t, VA16 + BLOCK16), 0);
	t->ram->env.clean = tracing_clean;
	trace_start();
	assert_int_equal(unmap(t, VA16 + 2 * BLOCK16, PAGE), 0);
	starts_with("page E, clear B, clean B, publish, flush, clean E");
}

static void release_frees_after_the_flush(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	gpuas_space_release(&t->space);
	has("clear root, publish, flush, free A, free B, free C, free root");
}

static const struct CMUnitTest tests[] = {
	TRACED_TEST(a_table_is_cleared_and_published_before_it_is_linked),
	TRACED_TEST(a_table_is_cleaned_and_published_before_it_is_linked),
	TRACED_TEST(pages_are_published_the_short_way),
	TRACED_TEST(cleared_entries_are_published_before_the_flush_the_short_way),
	TRACED_TEST(a_new_root_is_cleared_and_published),
	TRACED_TEST(pages_are_published),
	TRACED_TEST(cleared_entries_are_published_before_the_flush),
	TRACED_TEST(changed_rights_are_published_before_the_flush),
	TRACED_TEST(emptied_tables_are_freed_after_the_flush),
	TRACED_TEST(a_gather_publishes_and_flushes_at_its_end),
	TRACED_TEST(entries_are_cleaned_before_they_are_published),
	TRACED_TEST(release_publishes_the_root_that_it_leaves),
	TRACED_TEST(another_kind_of_memory_comes_after_a_break),
	TRACED_TEST(a_replace_comes_after_a_break),
	TRACED_TEST(a_block_is_split_after_a_break),
	TRACED_TEST(release_frees_after_the_flush),
};

UNIT_MAIN(tests)
