// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "tree.h"

static int create(struct tree *t, unsigned int va_bits, unsigned int pa_bits,
		  uint64_t window, uint64_t size)
{
	struct gpuas_geometry geo = uat39;
	struct gpuas_range range = { .va = gpuas_va(window), .size = size };

	geo.va_bits = (uint8_t)va_bits;
	geo.pa_bits = (uint8_t)pa_bits;
	return gpuas_space_create(&t->space, &geo, &range, &t->ram->env);
}

static void create_refuses_a_shape_that_the_format_has_not(void **state)
{
	struct gpuas_geometry none = uat39;
	struct tree *t = *state;

	none.format = NULL;
	assert_int_equal(gpuas_space_create(&t->space, &none, &whole, &t->ram->env),
			 -GPUAS_EINVAL);
	assert_int_equal(create(t, 38, 40, HOST, SLOT), -GPUAS_EINVAL);
	assert_int_equal(create(t, 43, 40, HOST, SLOT), -GPUAS_EINVAL);
	assert_int_equal(create(t, 39, 35, HOST, SLOT), -GPUAS_EINVAL);
	assert_int_equal(create(t, 39, 43, HOST, SLOT), -GPUAS_EINVAL);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void every_pa_size_of_the_format_works(void **state)
{
	struct tree *t = *state;
	unsigned int bits;

	for (bits = 36; bits <= 42; bits++) {
		/* Whatever was in the handle before. */
		memset(&t->space, 0xa5, sizeof(t->space));
		assert_int_equal(create(t, 39, bits, HOST, SLOT), 0);
		assert_int_equal(map(t, HOST, (1ULL << bits) - PAGE, PAGE), 0);
		REFUSED(t, map(t, HOST + PAGE, 1ULL << bits, PAGE), GPUAS_ERANGE);
		assert_int_equal(pages_of(t), 1);
		assert_int_equal(t->space.tables, 3);
		gpuas_space_release(&t->space);
		assert_int_equal(ram_owned(t->ram), 1);
	}
}

static void create_refuses_a_window_that_is_not_root_entries_of_the_half(void **state)
{
	struct tree *t = *state;

	assert_int_equal(create(t, 39, 40, HOST + PAGE, SLOT), -GPUAS_EINVAL);
	assert_int_equal(create(t, 39, 40, HOST, SLOT + PAGE), -GPUAS_EINVAL);
	assert_int_equal(create(t, 39, 40, 0, SLOT), -GPUAS_ERANGE);
	assert_int_equal(create(t, 39, 40, HALF - SLOT, 2 * SLOT), -GPUAS_ERANGE);
	assert_int_equal(create(t, 39, 40, HOST, 8 * SLOT), -GPUAS_EOVERFLOW);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void create_without_memory_leaves_nothing_behind(void **state)
{
	struct tree *t = *state;

	t->ram->fail_at = 1;
	assert_int_equal(create(t, 39, 40, HOST, SLOT), -GPUAS_ENOMEM);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void create_and_release_give_everything_back(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HALF, PA, LEAF_SPAN * 2), 0);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	/* The lower ones not before the flush. */
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(t->ram->frees_at_flush, 0);
}

static void other_shapes_work_at_both_ends(void **state)
{
	static const struct { const struct gpuas_format *f; uint8_t va, top; } c[] = {
		{ &gpuas_format_uat, 39, 2 },	  { &gpuas_format_uat, 42, 2 },
		{ &gpuas_format_lpae_16k, 32, 1 }, { &gpuas_format_lpae_16k, 36, 1 },
		{ &gpuas_format_lpae_16k, 37, 2 }, { &gpuas_format_lpae_16k, 47, 2 },
		{ &gpuas_format_lpae_16k, 48, 3 },
	};
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 2 * sizeof(c) / sizeof(c[0]); i++) {
		struct gpuas_geometry geo = {
			.format = c[i / 2].f, .va_bits = c[i / 2].va, .pa_bits = 40,
			.upper = i & 1,
		};
		uint64_t size = 1ULL << geo.va_bits;
		uint64_t base = geo.upper ? 0 - size : 0;
		struct gpuas_range all = { .va = gpuas_va(base), .size = size };

		assert_int_equal(gpuas_space_create(&t->space, &geo, &all, &t->ram->env), 0);
		assert_int_equal(t->space.top, c[i / 2].top);
		assert_int_equal(map(t, base, PA, PAGE), 0);
		assert_int_equal(map(t, base + size - PAGE, PA + PAGE, PAGE), 0);
		assert_int_equal(pa_of(t, base), PA);
		assert_int_equal(pa_of(t, base + size - 1), PA + 2 * PAGE - 1);
		assert_int_equal(pa_of(t, base + size), -GPUAS_ERANGE);
		assert_int_equal(pa_of(t, base - 1), -GPUAS_ERANGE);
		gpuas_space_release(&t->space);
		assert_int_equal(ram_owned(t->ram), 1);
	}
}

static int adopt(struct tree *t, uint64_t root)
{
	return gpuas_space_adopt(&t->space, &uat39, &host_window, gpuas_pa(root),
				 &t->ram->env);
}

static void adopt_writes_nothing(void **state)
{
	struct tree *t = *state;
	struct ram *before = ram_copy(t->ram);

	assert_int_equal(adopt(t, FW_ROOT), 0);
	assert_true(ram_equal(before, t->ram));
	assert_int_equal(pa_of(t, HALF), PA);
	assert_int_equal(t->space.tables, 0);
	ram_delete(before);
}

static void adopt_refuses_a_root_that_cannot_be_one(void **state)
{
	struct tree *t = *state;

	assert_int_equal(adopt(t, FW_ROOT + 0x1000), -GPUAS_EINVAL);
	assert_int_equal(adopt(t, 1ULL << 40), -GPUAS_EINVAL);
	assert_int_equal(adopt(t, RAM_BASE + RAM_SIZE), -GPUAS_EFAULT);
	assert_int_equal(adopt(t, 0), -GPUAS_EFAULT);
}

static void adopt_refuses_a_stale_slot_in_the_window(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_ROOT, 2) = FW_TABLE(7) | 3;
	assert_int_equal(adopt(t, FW_ROOT), -GPUAS_EBUSY);
	*slot(t->ram, FW_ROOT, 2) = 0x8000000000000000ULL;
	assert_int_equal(adopt(t, FW_ROOT), -GPUAS_EBUSY);
	*slot(t->ram, FW_ROOT, 2) = 0;
	*slot(t->ram, FW_ROOT, 3) = FW_TABLE(7) | 3;
	assert_int_equal(adopt(t, FW_ROOT), 0);
}

static void a_handle_with_an_empty_window_reads_only(void **state)
{
	struct gpuas_env look = { 0 };
	struct tree *t = *state;
	const struct gpuas_range none = { .size = 0 };

	look.ctx = t->ram;
	look.table_ptr = t->ram->env.table_ptr;
	assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &none,
					   gpuas_pa(FW_ROOT), &look), 0);
	assert_int_equal(pa_of(t, HALF), PA);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HALF, PAGE), GPUAS_EPERM);
	gpuas_space_release(&t->space);
}

static void nothing_outside_the_window_can_be_changed(void **state)
{
	struct tree *t = *state;

	REFUSED(t, map(t, HALF, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, map(t, HALF + PAGE, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HALF, PAGE), GPUAS_EPERM);
	REFUSED(t, map(t, HOST - PAGE, PA, 2 * PAGE), GPUAS_EPERM);
	REFUSED(t, map(t, HOST + SLOT - PAGE, PA, 2 * PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST - PAGE, 2 * PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, SLOT + PAGE), GPUAS_EPERM);
}

static void release_of_a_borrowed_root_leaves_it_as_it_was(void **state)
{
	struct tree *t = *state;
	struct ram *before = ram_copy(t->ram);

	assert_int_equal(map(t, HOST, PA, LEAF_SPAN + PAGE), 0);
	assert_int_not_equal(*slot(t->ram, FW_ROOT, 2), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(*slot(t->ram, FW_ROOT, 2), 0);
	assert_memory_equal(ram_at(before, FW_LEAF, 3 * RAM_GRANULE),
			    ram_at(t->ram, FW_LEAF, 3 * RAM_GRANULE), 3 * RAM_GRANULE);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, SLOT);
	/* The next user finds the window empty. */
	assert_int_equal(adopt(t, FW_ROOT), 0);
	ram_delete(before);
}

/* A table of the firmware's in our window: in the root, or below a table of ours. */
#define PLANTED		FW_TABLE(9)

static void plant(struct tree *t, uint64_t table, unsigned int index)
{
	memset(ram_at(t->ram, PLANTED, RAM_GRANULE), 0, RAM_GRANULE);
	*slot(t->ram, PLANTED, 3) = PA | 0x403;
	*slot(t->ram, table, index) = PLANTED | 3;
}

static void planted_as_before(struct tree *t)
{
	unsigned int i;

	for (i = 0; i < 2048; i++)
		assert_int_equal(*slot(t->ram, PLANTED, i), i == 3 ? PA | 0x403 : 0);
}

static void a_table_planted_in_the_root_is_neither_changed_nor_freed(void **state)
{
	struct tree *t = *state;

	plant(t, FW_ROOT, 2);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, SLOT), GPUAS_EPERM);
	gpuas_space_release(&t->space);
	planted_as_before(t);
	assert_int_equal(*slot(t->ram, FW_ROOT, 2), PLANTED | 3);
}

static void a_table_planted_below_ours_is_neither_changed_nor_freed(void **state)
{
	struct tree *t = *state;
	uint64_t middle;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	middle = *slot(t->ram, FW_ROOT, 2) & ~3ULL;
	plant(t, middle, 1);
	REFUSED(t, map(t, HOST + LEAF_SPAN, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, map(t, HOST + PAGE, PA, LEAF_SPAN), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, SLOT), GPUAS_EPERM);
	/* Our page goes, the table that holds the planted one stays. */
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(*slot(t->ram, middle, 1), PLANTED | 3);
	assert_int_equal(t->space.tables, 1);
	gpuas_space_release(&t->space);
	planted_as_before(t);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(*slot(t->ram, FW_ROOT, 2), 0);
}

static void release_survives_loops_and_doubly_linked_tables(void **state)
{
	struct tree *t = *state;
	uint64_t middle, leaf;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	middle = *slot(t->ram, FW_ROOT, 2) & ~3ULL;
	leaf = *slot(t->ram, middle, 0) & ~3ULL;
	*slot(t->ram, middle, 5) = leaf | 3;		/* ours, twice */
	*slot(t->ram, middle, 6) = middle | 3;		/* itself */
	*slot(t->ram, middle, 7) = FW_ROOT | 3;		/* the way up */
	*slot(t->ram, middle, 8) = 0xfffffffff000ULL | 3; /* nowhere */
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(t->ram->frees, 2);
}

static void unmap_frees_only_what_is_owned_whatever_the_tree_says(void **state)
{
	struct tree *t = *state;
	uint64_t middle, leaf;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + 9 * LEAF_SPAN, PA, PAGE), 0);
	middle = *slot(t->ram, FW_ROOT, 2) & ~3ULL;
	leaf = *slot(t->ram, middle, 0) & ~3ULL;
	*slot(t->ram, middle, 5) = leaf | 3;
	assert_int_equal(unmap(t, HOST, 6 * LEAF_SPAN), 0);
	assert_int_equal(t->ram->frees, 1);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(create_refuses_a_shape_that_the_format_has_not),
	TREE_TEST(every_pa_size_of_the_format_works),
	TREE_TEST(create_refuses_a_window_that_is_not_root_entries_of_the_half),
	TREE_TEST(create_without_memory_leaves_nothing_behind),
	TREE_TEST(create_and_release_give_everything_back),
	TREE_TEST(other_shapes_work_at_both_ends),
	BORROWED_TEST(adopt_writes_nothing),
	BORROWED_TEST(adopt_refuses_a_root_that_cannot_be_one),
	BORROWED_TEST(adopt_refuses_a_stale_slot_in_the_window),
	BORROWED_TEST(a_handle_with_an_empty_window_reads_only),
	BORROWED_TEST(nothing_outside_the_window_can_be_changed),
	BORROWED_TEST(release_of_a_borrowed_root_leaves_it_as_it_was),
	BORROWED_TEST(a_table_planted_in_the_root_is_neither_changed_nor_freed),
	BORROWED_TEST(a_table_planted_below_ours_is_neither_changed_nor_freed),
	BORROWED_TEST(release_survives_loops_and_doubly_linked_tables),
	BORROWED_TEST(unmap_frees_only_what_is_owned_whatever_the_tree_says),
};

UNIT_MAIN(tests)
