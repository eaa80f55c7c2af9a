// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Work that is gathered over calls. */
#include "watch.h"

static void a_gather_makes_one_flush_of_many(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(map(t, HOST + i * 3 * LEAF_SPAN, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	for (i = 0; i < 4; i++)
		assert_int_equal(unmap(t, HOST + (3 - i) * 3 * LEAF_SPAN, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(t->ram->frees, 0);
	/* Unlinked, but neither flushed nor freed. */
	assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
	assert_int_equal(ram_owned(t->ram), 6);
	assert_int_equal(t->space.tables, 6);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, 9 * LEAF_SPAN + PAGE);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_int_equal(ram_owned(t->ram), 1);
	assert_int_equal(t->space.tables, 1);
}

static void gathers_nest(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(t->ram->frees, 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void a_gather_of_nothing_does_nothing(void **state)
{
	struct tree *t = *state;

	gpuas_gather_begin(&t->space);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST + PAGE, SLOT), 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 0);
	/* And leaves nothing for the next one. */
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, PAGE);
	gpuas_gather_begin(&t->space);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 1);
}

static void a_map_over_what_waits_for_a_flush_flushes_first(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 4 * PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST + PAGE, PAGE), 0);
	assert_int_equal(map(t, HOST + PAGE, PA + 9 * PAGE, PAGE), 0);
	/* A walker may hold the old translation: the new one must not come before. */
	assert_int_equal(t->ram->flushes, 1);
	gpuas_gather_end(&t->space);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + 9 * PAGE);
}

/*
 * A walker may hold the table that was unlinked: until it is flushed, nothing else
 * may stand where it was linked.
 */
static void flushed_while_unlinked(struct tree *t, unsigned int level)
{
	assert_int_equal(flushes, 1);
	assert_int_equal(level_at_flush[0], level);
	assert_int_equal(at_flush[0], 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(ram_owned(t->ram), t->space.tables);
}

static void a_table_in_the_place_of_another_one_comes_after_a_flush(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + LEAF_SPAN, PA, PAGE), 0);
	watch(t, HOST);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	/* Not where something was mapped, but below the same entry. */
	assert_int_equal(map(t, HOST + 10 * PAGE, PA, PAGE), 0);
	flushed_while_unlinked(t, 1);
	/* The same one level up. */
	assert_int_equal(unmap(t, HOST + LEAF_SPAN, PAGE), 0);
	watch(t, HOST);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST + 10 * PAGE, PAGE), 0);
	assert_int_equal(map(t, HOST + 5 * LEAF_SPAN, PA, PAGE), 0);
	flushed_while_unlinked(t, 2);
}

static void a_replace_where_a_table_was_comes_after_a_flush(void **state)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(PA), .size = PAGE };
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + LEAF_SPAN, PA, PAGE), 0);
	watch(t, HOST);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(HOST + 10 * PAGE), &piece, 1, RIGHTS),
			 0);
	flushed_while_unlinked(t, 1);
}

static void a_block_where_a_table_was_comes_after_a_flush(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA4, PA4 + PAGE4, PAGE4), 0);
	assert_int_equal(map_low(t, VA4 + 4 * BLOCK4, PA4, PAGE4), 0);
	watch(t, VA4);
	gpuas_gather_begin(&t->space);
	assert_int_equal(gpuas_unmap(&t->space, gpuas_va(VA4), PAGE4), 0);
	assert_int_equal(map_low(t, VA4, PA4, BLOCK4), 0);
	assert_int_equal(level_at(t, VA4), 1);
	flushed_while_unlinked(t, 1);
}

/* Whatever others write there. */
static void tables_that_wait_are_no_way_to_free_those_of_others(void **state)
{
	struct tree *t = *state;
	uint64_t waits;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + 3 * LEAF_SPAN, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	waits = gpuas_pa_u64(t->space.gather.pending->pa);
	*slot(t->ram, waits, 0) = FW_TABLE(3);
	/* The simulated RAM fails the test if it gets back what is not owned. */
	gpuas_gather_end(&t->space);
	assert_null(t->ram->env.table_record(t->ram, gpuas_pa(waits)));
	assert_int_equal(t->ram->frees, 1);
	assert_int_equal(ram_owned(t->ram), t->space.tables);
}

static void release_ends_a_gather(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_in_range(t->ram->flushes, 1, 2);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_gather_makes_one_flush_of_many),
	TREE_TEST(gathers_nest),
	TREE_TEST(a_gather_of_nothing_does_nothing),
	TREE_TEST(a_map_over_what_waits_for_a_flush_flushes_first),
	TREE_TEST(a_table_in_the_place_of_another_one_comes_after_a_flush),
	TREE_TEST(a_replace_where_a_table_was_comes_after_a_flush),
	TEST4(a_block_where_a_table_was_comes_after_a_flush),
	TREE_TEST(tables_that_wait_are_no_way_to_free_those_of_others),
	TREE_TEST(release_ends_a_gather),
};

UNIT_MAIN(tests)
