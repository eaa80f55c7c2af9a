// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Maps that cannot fail. */
#include "tree.h"

static void a_reserved_map_does_not_fail(void **state)
{
	struct tree *t = *state;
	const uint64_t va = HOST + SLOT - PAGE, size = LEAF_SPAN + 2 * PAGE;
	uint32_t tables = 0;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(va), size, &tables), 0);
	assert_int_equal(tables, 1 + 1 + 2);
	assert_int_equal(gpuas_reserve(&t->space, tables), 0);
	assert_int_equal(t->space.spares, tables);
	assert_int_equal(ram_owned(t->ram), 3 + tables);
	t->ram->fail_at = 1;
	assert_int_equal(map(t, va, PA, size), 0);
	assert_int_equal(t->ram->fail_at, 1);
	assert_int_equal(t->space.spares, 0);
	assert_int_equal(pa_of(t, va), PA);
	assert_int_equal(pa_of(t, va + size - PAGE), PA + size - PAGE);
	/* One table more than that is not to be had. */
	REFUSED(t, map(t, HOST + 3 * SLOT, PA, PAGE), GPUAS_ENOMEM);
}

static void what_a_map_leaves_of_the_reserve_stays(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_reserve(&t->space, 8), 0);
	assert_int_equal(gpuas_reserve(&t->space, 3), 0);
	assert_int_equal(t->space.spares, 8);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(t->space.spares, 6);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EEXIST);
	gpuas_unreserve(&t->space);
	assert_int_equal(t->space.spares, 0);
	assert_int_equal(ram_owned(t->ram), 3);
	gpuas_unreserve(&t->space);
	assert_int_equal(t->ram->flushes, 0);
}

static void release_gives_the_reserve_back(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_reserve(&t->space, 5), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_reserved_map_does_not_fail),
	TREE_TEST(what_a_map_leaves_of_the_reserve_stays),
	TREE_TEST(release_gives_the_reserve_back),
};

UNIT_MAIN(tests)
