// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Every operation, with its first, its second, its n-th allocation failing: each
 * time memory, the allocator's books and the handle are, byte for byte, what they
 * were, and nothing was flushed. In the end, with enough memory, it works.
 */
#include "blocks.h"

/* The n-th allocation of a call fails, for all n that it has; returns how many. */
static unsigned int starve(struct tree *t, int (*call)(struct tree *t))
{
	unsigned int n;

	for (n = 1;; n++) {
		unsigned int flushes = t->ram->flushes;
		struct gpuas_space space = t->space;
		struct ram *before = ram_copy(t->ram);
		int err;

		assert_true(n < 100);
		t->ram->fail_at = n;
		err = call(t);
		if (!err) {
			/* It was done with n - 1 allocations. */
			assert_int_equal(t->ram->fail_at, 1);
			t->ram->fail_at = 0;
			ram_delete(before);
			return n - 1;
		}
		assert_int_equal(err, -GPUAS_ENOMEM);
		assert_int_equal(t->ram->fail_at, 0);
		assert_true(ram_equal(before, t->ram));
		assert_memory_equal(&space, &t->space, sizeof(space));
		assert_int_equal(t->ram->flushes, flushes);
		ram_delete(before);
	}
}

/* The same with 0, 1, ... tables in reserve: as many fewer allocations. */
static void starve_all(struct tree *t, int (*call)(struct tree *t),
		       void (*undo)(struct tree *t), unsigned int allocs)
{
	unsigned int reserve;

	for (reserve = 0; reserve <= allocs + 1; reserve++) {
		assert_int_equal(gpuas_reserve(&t->space, reserve), 0);
		assert_int_equal(starve(t, call), reserve < allocs ? allocs - reserve : 0);
		assert_int_equal(t->space.spares, reserve > allocs ? reserve - allocs : 0);
		assert_int_equal(ram_owned(t->ram), t->space.tables + t->space.spares);
		gpuas_unreserve(&t->space);
		undo(t);
	}
}

static int create_call(struct tree *t)
{
	struct gpuas_space space;
	int err = gpuas_space_create(&space, &lpae16, &whole48, &t->ram->env);

	if (!err)
		gpuas_space_release(&space);
	return err;
}

static void create_runs_out_of_memory(void **state)
{
	assert_int_equal(starve(*state, create_call), 1);
}

/* Make the handle know the attributes, and have something in the neighbourhood. */
static void settle(struct tree *t)
{
	assert_int_equal(map_low(t, VA16 - BLOCK16, PA16, 8 * PAGE), 0);
}

static void unmap_range(struct tree *t)
{
	assert_int_equal(unmap(t, VA16, 8 * BLOCK16), 0);
}

/* Three leaf tables; those above are there already. */
static int map_call(struct tree *t)
{
	return map_low(t, VA16 + BLOCK16 - PAGE, PA16, BLOCK16 + 2 * PAGE);
}

static void map_runs_out_of_memory(void **state)
{
	settle(*state);
	starve_all(*state, map_call, unmap_range, 3);
}

/* All tables of all levels, two on each: the tree is empty. */
static int map_far_call(struct tree *t)
{
	return map_low(t, (1ULL << 47) - PAGE, PA16, 2 * PAGE);
}

static void unmap_far(struct tree *t)
{
	assert_int_equal(unmap(t, (1ULL << 47) - PAGE, 2 * PAGE), 0);
	assert_int_equal(t->space.tables, 1);
}

static void map_into_an_empty_tree_runs_out_of_memory(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_far_call(t), 0);
	unmap_far(t);
	starve_all(t, map_far_call, unmap_far, 6);
}

/* A block, and pages before and behind it. */
static int map_block_call(struct tree *t)
{
	return map_low(t, VA16 + BLOCK16 - PAGE, PA16 - PAGE, BLOCK16 + 2 * PAGE);
}

static void map_with_blocks_runs_out_of_memory(void **state)
{
	settle(*state);
	starve_all(*state, map_block_call, unmap_range, 2);
}

static const struct gpuas_extent list[] = {
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + PAGE), .size = BLOCK16 },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + 8 * PAGE), .size = 2 * PAGE },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + BLOCK16), .size = BLOCK16 },
};

static int map_list_call(struct tree *t)
{
	return gpuas_map_list(&t->space, gpuas_va(VA16), list, 3, LOW_RIGHTS);
}

static void map_list_runs_out_of_memory(void **state)
{
	settle(*state);
	starve_all(*state, map_list_call, unmap_range, 3);
}

static int map_repeat_call(struct tree *t)
{
	return gpuas_map_repeat(&t->space, gpuas_va(VA16), gpuas_pa(PA16), PAGE, 2 * BLOCK16,
				LOW_RIGHTS);
}

static void map_repeat_runs_out_of_memory(void **state)
{
	settle(*state);
	starve_all(*state, map_repeat_call, unmap_range, 2);
}

/* Blocks of 1 GiB, of which a part is to go: up to two tables at each end. */
static uint64_t split_from, split_size;

static void blocks_again(struct tree *t)
{
	assert_int_equal(unmap(t, VA4, 3 * GIB), 0);
	assert_int_equal(map_low(t, VA4, PA4, 3 * GIB), 0);
	assert_int_equal(level_at(t, VA4), 2);
}

static int unmap_split_call(struct tree *t)
{
	return unmap(t, split_from, split_size);
}

static int protect_split_call(struct tree *t)
{
	return gpuas_protect(&t->space, gpuas_va(split_from), split_size, READ_ONLY);
}

static const struct {
	uint64_t from, size;
	unsigned int tables;
} splits[] = {
	{ VA4, GIB, 0 },
	{ VA4 + BLOCK4, GIB - BLOCK4, 1 },
	{ VA4 + BLOCK4, 4 * BLOCK4, 1 },
	{ VA4 + PAGE4, PAGE4, 2 },
	{ VA4 + PAGE4, BLOCK4, 3 },
	{ VA4 + PAGE4, GIB, 4 },
	{ VA4 + PAGE4, 2 * GIB, 4 },
};

static void unmap_with_splits_runs_out_of_memory(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	assert_int_equal(map_low(t, VA4 - GIB, PA4, PAGE4), 0);
	for (i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		split_from = splits[i].from;
		split_size = splits[i].size;
		blocks_again(t);
		starve_all(t, unmap_split_call, blocks_again, splits[i].tables);
	}
}

static void protect_with_splits_runs_out_of_memory(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	assert_int_equal(map_low(t, VA4 - GIB, PA4, PAGE4), 0);
	for (i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		split_from = splits[i].from;
		split_size = splits[i].size;
		blocks_again(t);
		/* The handle remembers the attributes that it encoded last. */
		assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA4 - GIB), PAGE4,
					       READ_ONLY), 0);
		assert_int_equal(starve(t, protect_split_call), splits[i].tables);
		MAPPED(t, VA4, PA4, 4 * BLOCK4);
		assert_int_equal(attr_of(t, split_from + split_size - 1), READ_ONLY);
		assert_int_equal(attr_of(t, split_from + split_size), LOW_RIGHTS);
	}
}

static const struct gpuas_extent pages4[] = {
	{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = 3 * PAGE4 },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA + 8 * PAGE4), .size = BLOCK4 },
};

static int replace_call(struct tree *t)
{
	return gpuas_replace(&t->space, gpuas_va(VA4 + PAGE4), pages4, 2, LOW_RIGHTS);
}

/* Over a block, which gives tables to its rest and to what comes in its place. */
static void replace_runs_out_of_memory(void **state)
{
	struct tree *t = *state;
	unsigned int allocs;

	blocks_again(t);
	allocs = starve(t, replace_call);
	assert_in_range(allocs, 3, 6);
	assert_int_equal(t->space.spares, 0);
	assert_int_equal(ram_owned(t->ram), t->space.tables);
	assert_int_equal(pa_of(t, VA4), PA4);
	MAPPED(t, VA4 + PAGE4, PA, 3 * PAGE4);
	MAPPED(t, VA4 + 4 * PAGE4, PA + 8 * PAGE4, BLOCK4);
	assert_int_equal(pa_of(t, VA4 + BLOCK4 + 4 * PAGE4), PA4 + BLOCK4 + 4 * PAGE4);
}

/* Over a hole it needs what a map needs. */
static int replace_hole_call(struct tree *t)
{
	return gpuas_replace(&t->space, gpuas_va(VA16), list, 3, LOW_RIGHTS);
}

static void replace_of_a_hole_runs_out_of_memory(void **state)
{
	settle(*state);
	starve_all(*state, replace_hole_call, unmap_range, 3);
}

static int reserve_call(struct tree *t)
{
	return gpuas_reserve(&t->space, 5);
}

static void reserve_runs_out_of_memory(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_reserve(&t->space, 2), 0);
	assert_int_equal(starve(t, reserve_call), 3);
	assert_int_equal(t->space.spares, 5);
	gpuas_unreserve(&t->space);
	assert_int_equal(ram_owned(t->ram), 1);
}

/* In a gather that has work put off already. */
static void inside_a_gather_it_is_no_different(void **state)
{
	struct tree *t = *state;

	settle(t);
	assert_int_equal(map_low(t, VA16 + 9 * BLOCK16, PA16, PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, VA16 + 9 * BLOCK16, PAGE), 0);
	assert_non_null(t->space.gather.pending);
	assert_int_equal(starve(t, map_call), 3);
	/* The one that succeeded needed tables where one may have been. */
	assert_null(t->space.gather.pending);
	gpuas_gather_end(&t->space);
	assert_int_equal(ram_owned(t->ram), t->space.tables);
}

static const struct CMUnitTest tests[] = {
	TEST16(create_runs_out_of_memory),
	TEST16(map_runs_out_of_memory),
	TEST16(map_into_an_empty_tree_runs_out_of_memory),
	TEST16(map_with_blocks_runs_out_of_memory),
	TEST16(map_list_runs_out_of_memory),
	TEST16(map_repeat_runs_out_of_memory),
	TEST4(unmap_with_splits_runs_out_of_memory),
	TEST4(protect_with_splits_runs_out_of_memory),
	TEST4(replace_runs_out_of_memory),
	TEST16(replace_of_a_hole_runs_out_of_memory),
	TEST16(reserve_runs_out_of_memory),
	TEST16(inside_a_gather_it_is_no_different),
};

UNIT_MAIN(tests)
