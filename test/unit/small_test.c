// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A library that was built for a granule of 16 KiB only (GPUAS_SMALL_GRANULE_SHIFT). */
#include "blocks.h"

static int create(struct ram *ram, struct gpuas_space *space, const struct gpuas_format *format)
{
	const struct gpuas_geometry geo = { .format = format, .va_bits = 39, .pa_bits = 40 };
	const struct gpuas_range all = { .size = 1ULL << 39 };

	return gpuas_space_create(space, &geo, &all, &ram->env);
}

static int adopt(struct ram *ram, const struct gpuas_format *format)
{
	const struct gpuas_geometry geo = { .format = format, .va_bits = 39, .pa_bits = 40 };
	const struct gpuas_range none = { .size = 0 };
	struct gpuas_space space;

	return gpuas_space_adopt(&space, &geo, &none, gpuas_pa(FW_ROOT), &ram->env);
}

static void other_granules_are_refused(void **state)
{
	static const struct gpuas_format *const other[] = {
		&gpuas_format_lpae_4k, &gpuas_format_lpae_64k,
	};
	struct tree *t = *state;
	struct gpuas_space space;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(create(t->ram, &space, other[i]), -GPUAS_EINVAL);
		assert_int_equal(adopt(t->ram, other[i]), -GPUAS_EINVAL);
	}
	assert_int_equal(ram_owned(t->ram), 1);
}

static void its_own_granule_works(void **state)
{
	static const struct gpuas_format *const own[] = {
		&gpuas_format_uat, &gpuas_format_lpae_16k,
	};
	struct tree *t = *state;
	struct tree low = { .ram = ram_share(t->ram) };
	unsigned int i;

	fw_tree(t->ram);
	for (i = 0; i < 2; i++) {
		assert_int_equal(create(low.ram, &low.space, own[i]), 0);
		assert_int_equal(adopt(low.ram, own[i]), 0);
		assert_int_equal(gpuas_map(&low.space, gpuas_va(SLOT - PAGE), gpuas_pa(PA),
					   LEAF_SPAN, GPUAS_FW_READ), 0);
		assert_int_equal(pa_of(&low, SLOT), PA + PAGE);
		assert_int_equal(unmap(&low, SLOT, PAGE), 0);
		assert_int_equal(pa_of(&low, SLOT), -GPUAS_ENOENT);
		assert_int_equal(unmap(&low, 0, 2 * SLOT), 0);
		assert_int_equal(low.space.tables, 1);
		gpuas_space_release(&low.space);
	}
	ram_delete(low.ram);
}

static void a_block_that_was_split_leaves_nothing(void **state)
{
	struct tree *t = *state;
	struct ram *ram = ram_share(t->ram);
	struct gpuas_space space;
	unsigned int i;

	assert_int_equal(gpuas_space_create(&space, &lpae16, &whole48, &ram->env), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(gpuas_map(&space, gpuas_va(VA16), gpuas_pa(PA16), BLOCK16,
					   LOW_RIGHTS), 0);
		assert_int_equal(gpuas_unmap(&space, gpuas_va(VA16 + 7 * PAGE), PAGE), 0);
		assert_int_equal(gpuas_unmap(&space, gpuas_va(VA16), BLOCK16), 0);
		assert_int_equal(space.tables, 1);
	}
	gpuas_space_release(&space);
	ram_delete(ram);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(other_granules_are_refused),
	TREE_TEST(its_own_granule_works),
	TREE_TEST(a_block_that_was_split_leaves_nothing),
};

UNIT_MAIN(tests)
