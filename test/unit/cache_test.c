// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Tables that a handle remembers. */
#include "tree.h"

/* It may be anybody's by now. */
static void a_freed_table_is_not_remembered_as_ours(void **state)
{
	struct tree *t = *state;
	struct gpuas_cached cache[256];
	uint64_t middle, leaf;

	assert_int_equal(gpuas_cache_set(&t->space, cache, 256), 0);
	assert_int_equal(map(t, HOST + 9 * LEAF_SPAN, PA, PAGE), 0);
	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	assert_int_equal(map(t, HOST + 2 * PAGE, PA, PAGE), 0);
	middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
	leaf = *slot(t->ram, middle, 0);
	assert_int_equal(unmap(t, HOST, 3 * PAGE), 0);
	assert_int_equal(*slot(t->ram, middle, 0), 0);
	*slot(t->ram, middle, 0) = leaf;
	memset(ram_at(t->ram, leaf & ~3ULL, RAM_GRANULE), 0, RAM_GRANULE);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, 3 * LEAF_SPAN), GPUAS_EPERM);
}

/* What a free slot holds must not be what a hostile tree has. */
static void an_empty_cache_knows_no_table(void **state)
{
	static const uint64_t values[] = { 0, ~0ULL, 1, 2, 3, 0xfffffffffffcULL };
	struct gpuas_cached cache[2];
	struct tree *t = *state;
	gpuas_pa_t pa;
	unsigned int i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		memset(cache, 0xff, sizeof(cache));
		assert_int_equal(gpuas_cache_set(&t->space, cache, 2), 0);
		*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = values[i];
		assert_true(gpuas_translate(&t->space, gpuas_va(HOST), &pa, NULL) < 0);
	}
	*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = 0;
}

static void a_cache_has_a_power_of_two_of_slots(void **state)
{
	struct gpuas_cached cache[4];
	struct tree *t = *state;

	assert_int_equal(gpuas_cache_set(&t->space, cache, 1), -GPUAS_EINVAL);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 3), -GPUAS_EINVAL);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 0), -GPUAS_EINVAL);
	assert_int_equal(gpuas_cache_set(&t->space, NULL, 4), -GPUAS_EINVAL);
	assert_null(t->space.cache);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 4), 0);
	assert_ptr_equal(t->space.cache, cache);
	assert_int_equal(gpuas_cache_set(&t->space, NULL, 0), 0);
	assert_null(t->space.cache);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_freed_table_is_not_remembered_as_ours),
	TREE_TEST(an_empty_cache_knows_no_table),
	TREE_TEST(a_cache_has_a_power_of_two_of_slots),
};

UNIT_MAIN(tests)
