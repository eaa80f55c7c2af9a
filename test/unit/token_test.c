// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Tokens: tables that a job brings along, and what waits in them for the flush. */
#include "ops.h"

static void init_wants_a_shape_of_the_format(void **state)
{
	struct tree *t = *state;
	struct gpuas_geometry geo = lpae16;
	struct gpuas_token token;

	assert_int_equal(gpuas_token_init(&token, &t->ram->env, &geo), 0);
	geo.va_bits = 60;
	assert_int_equal(gpuas_token_init(&token, &t->ram->env, &geo), -GPUAS_EINVAL);
}

static void filling_is_additive_and_all_or_nothing(void **state)
{
	struct tree *t = *state;
	unsigned int n, owned = ram_owned(t->ram);
	struct gpuas_token token = token_for(t, 3);

	assert_int_equal(ram_owned(t->ram), owned + 3);
	assert_int_equal(gpuas_token_fill(&token, 2), 0);
	assert_int_equal(token.spares, 3);
	for (n = 1; n <= 4; n++) {
		t->ram->fail_at = n;
		assert_int_equal(gpuas_token_fill(&token, 7), -GPUAS_ENOMEM);
		assert_int_equal(token.spares, 3);
		assert_int_equal(ram_owned(t->ram), owned + 3);
	}
	t->ram->fail_at = 0;
	assert_int_equal(gpuas_token_fill(&token, 7), 0);
	assert_int_equal(token.spares, 7);
	assert_int_equal(gpuas_token_drain(&token), 0);
	assert_int_equal(token.spares, 0);
	assert_int_equal(ram_owned(t->ram), owned);
}

/* Beyond what walkers can reach. */
static int far_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	int err = ram_env.table_alloc(ctx, size, table);

	if (!err)
		(*table)->pa = gpuas_pa(gpuas_pa_u64((*table)->pa) | 1ULL << 50);
	return err;
}

static void far_free(void *ctx, struct gpuas_table *table, size_t size)
{
	table->pa = gpuas_pa(gpuas_pa_u64(table->pa) & ~(1ULL << 50));
	ram_env.table_free(ctx, table, size);
}

/* The table that a handle is opened at, where another pointer leads to it. */
static uint64_t view[2048];
static struct gpuas_table alias;
static unsigned int aliases;

static int alias_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	(void)ctx;
	(void)size;
	alias.ptr = view;
	*table = &alias;
	aliases++;
	return 0;
}

static void alias_free(void *ctx, struct gpuas_table *table, size_t size)
{
	(void)ctx;
	(void)size;
	assert_ptr_equal(table, &alias);
	aliases--;
}

static void the_root_by_another_pointer_is_no_table(void **state)
{
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 0);
	const struct gpuas_op op = map_op(VA16, PAGE);

	alias.pa = t->space.root;
	t->ram->env.table_alloc = alias_alloc;
	t->ram->env.table_free = alias_free;
	memset(view, 0xff, sizeof(view));
	REFUSED(t, map_low(t, VA16, PA, PAGE), GPUAS_EFAULT);
	assert_int_equal(aliases, 0);
	assert_int_equal(gpuas_token_fill(&token, 1), 0);
	REFUSED(t, gpuas_ops_apply(&t->space, &op, 1, &token), GPUAS_EFAULT);
	assert_true(view[0] == ~0ULL && view[2047] == ~0ULL);
	assert_int_equal(gpuas_token_drain(&token), 0);
	assert_int_equal(aliases, 0);
	t->ram->env.table_free = ram_env.table_free;
	t->ram->env.table_alloc = ram_env.table_alloc;
}

static int none_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	(void)ctx;
	(void)size;
	(void)table;
	return -GPUAS_EPERM;
}

static void a_table_that_is_of_no_use_is_given_back(void **state)
{
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 0);
	unsigned int owned = ram_owned(t->ram);

	t->ram->env.table_alloc = far_alloc;
	t->ram->env.table_free = far_free;
	assert_int_equal(gpuas_token_fill(&token, 2), -GPUAS_EFAULT);
	assert_int_equal(token.spares, 0);
	assert_int_equal(ram_owned(t->ram), owned);
	t->ram->env.table_free = ram_env.table_free;
	t->ram->env.table_alloc = none_alloc;
	assert_int_equal(gpuas_token_fill(&token, 1), -GPUAS_EPERM);
	t->ram->env.table_alloc = NULL;
	assert_int_equal(gpuas_token_fill(&token, 1), -GPUAS_EPERM);
	assert_int_equal(token.spares, 0);
	assert_int_equal(ram_owned(t->ram), owned);
	t->ram->env.table_alloc = ram_env.table_alloc;
}

/* Two jobs at once: neither takes the other's tables, nor the handle's reserve. */
static void each_job_has_tables_of_its_own(void **state)
{
	struct tree *t = *state;
	struct gpuas_token a = token_for(t, 3), b = token_for(t, 3);
	struct gpuas_op op = map_op(VA16, PAGE);

	assert_int_equal(gpuas_reserve(&t->space, 2), 0);
	apply(t, &op, 1, &a);
	assert_int_equal(a.spares, 0);
	assert_int_equal(b.spares, 3);
	assert_int_equal(t->space.spares, 2);
	op = map_op(VA16 + 4 * BLOCK16, PAGE);
	apply(t, &op, 1, &b);
	assert_int_equal(b.spares, 2);
	assert_int_equal(t->space.spares, 2);
	done(t, &a);
	done(t, &b);
}

static void a_map_into_holes_leaves_nothing_to_flush(void **state)
{
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 3);
	struct gpuas_op op = map_op(VA16, 4 * PAGE);

	apply(t, &op, 1, &token);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(token.ranges, 0);
	assert_null(t->space.token);
	assert_null(t->space.settle);
	assert_int_equal(gpuas_token_drain(&token), 0);
}

static void what_was_unlinked_waits_in_the_token(void **state)
{
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 0);
	struct gpuas_op op = unmap_op(VA16 + PAGE, 2 * PAGE);
	unsigned int frees = t->ram->frees;

	assert_int_equal(map_low(t, VA16 + PAGE, PA, 2 * PAGE), 0);
	apply(t, &op, 1, &token);
	assert_int_equal(pa_of(t, VA16 + PAGE), -GPUAS_ENOENT);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(t->ram->frees, frees);
	assert_int_equal(token.tables, 3);
	assert_int_equal(t->space.tables, 1);
	assert_int_equal(token.ranges, 1);
	assert_int_equal(gpuas_va_u64(token.range[0].va), VA16 + PAGE);
	assert_int_equal(token.range[0].size, 2 * PAGE);
	assert_ptr_equal(t->space.token, &token);
	assert_int_equal(gpuas_token_drain(&token), -GPUAS_EBUSY);
	assert_int_equal(token.tables, 3);

	gpuas_token_flush(&t->space, &token);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), VA16 + PAGE);
	assert_int_equal(t->ram->flush_size, 2 * PAGE);
	assert_null(t->space.token);
	gpuas_token_flush(&t->space, &token);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_token_drain(&token), 0);
	assert_int_equal(t->ram->frees, frees + 3);
}

static void a_host_may_flush_by_itself(void **state)
{
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 0);
	struct gpuas_op op = unmap_op(VA16, PAGE);

	assert_int_equal(map_low(t, VA16, PA, 2 * PAGE), 0);
	apply(t, &op, 1, &token);
	gpuas_token_flushed(&t->space, &token);
	assert_int_equal(t->ram->flushes, 0);
	assert_null(t->space.token);
	assert_null(t->space.settle);
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(gpuas_token_drain(&token), 0);
}

/* Every way to map, over what one of two tokens has not flushed. */
static int over_map(struct tree *t, uint64_t va)
{
	return map_low(t, va, PA, PAGE);
}

static int over_two_tables(struct tree *t, uint64_t va)
{
	return map_low(t, va, PA, 3 * PAGE);
}

static int over_raw(struct tree *t, uint64_t va)
{
	return gpuas_map_raw(&t->space, gpuas_va(va), gpuas_pa(PA), PAGE, 0x403);
}

static int over_list(struct tree *t, uint64_t va)
{
	return gpuas_map_list(&t->space, gpuas_va(va), &one_page, 1, LOW_RIGHTS);
}

static int over_repeat(struct tree *t, uint64_t va)
{
	return gpuas_map_repeat(&t->space, gpuas_va(va), gpuas_pa(PA), PAGE, PAGE, LOW_RIGHTS);
}

static int over_replace(struct tree *t, uint64_t va)
{
	return gpuas_replace(&t->space, gpuas_va(va), &one_page, 1, LOW_RIGHTS);
}

static int over_token(struct tree *t, uint64_t va)
{
	struct gpuas_op op = map_op(va, PAGE);
	struct gpuas_token token = token_for(t, 3);
	int err = gpuas_ops_apply(&t->space, &op, 1, &token);

	assert_int_equal(gpuas_token_drain(&token), 0);
	return err;
}

static int (*const over[])(struct tree *t, uint64_t va) = {
	over_map, over_two_tables, over_raw, over_list, over_repeat, over_replace, over_token,
};

/* @pages of VA16 - PAGE on are mapped, the first goes; the entry at the flush is empty. */
static void maps_over(struct tree *t, int (*call)(struct tree *t, uint64_t va), bool gather)
{
	const uint64_t va = VA16 - PAGE, other = VA16 + 100 * BLOCK16;
	struct gpuas_op a = unmap_op(va, PAGE), b = unmap_op(other, PAGE);
	struct gpuas_token first = token_for(t, 0), second = token_for(t, 0);
	uint64_t at;

	assert_int_equal(map_low(t, va - PAGE, PA, 2 * PAGE), 0);
	assert_int_equal(map_low(t, VA16 + 8 * PAGE, PA, PAGE), 0);
	assert_int_equal(map_low(t, other, PA, 2 * PAGE), 0);
	apply(t, &a, 1, &first);
	apply(t, &b, 1, &second);
	watch(t, va);
	if (gather)
		gpuas_gather_begin(&t->space);
	assert_int_equal(call(t, va), 0);
	assert_int_equal(flushes, 1);
	assert_int_equal(at_flush[0], 0);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), va);
	if (gather)
		gpuas_gather_end(&t->space);
	assert_int_equal(first.ranges, 0);
	assert_int_equal(second.ranges, 1);
	assert_ptr_equal(t->space.token, &second);
	gpuas_token_flush(&t->space, &second);
	assert_null(t->space.settle);
	done(t, &first);
	done(t, &second);
	for (at = va - 4 * PAGE; at < VA16 + 9 * PAGE; at += PAGE)
		assert_int_equal(unmap(t, at, PAGE), 0);
	assert_int_equal(unmap(t, other, 2 * PAGE), 0);
}

static void whoever_maps_there_flushes_first(void **state)
{
	unsigned int i;

	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		maps_over(*state, over[i], false);
		if (over[i] != over_token)
			maps_over(*state, over[i], true);
	}
}

/* Not where something was unmapped, but where a table was that went with it. */
static void a_table_takes_the_place_of_one_only_after_the_flush(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		struct gpuas_op op = unmap_op(VA16, PAGE);
		struct gpuas_token token = token_for(t, 0);

		assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
		apply(t, &op, 1, &token);
		assert_int_equal(token.tables, 3);
		t->ram->flushes = 0;
		/* The same leaf table; or another one, below the same table above. */
		assert_int_equal(over[i](t, VA16 + (i % 2 ? 5 * BLOCK16 : 99 * PAGE)), 0);
		assert_int_equal(t->ram->flushes, 1);
		assert_int_equal(token.ranges, 0);
		done(t, &token);
		assert_int_equal(unmap(t, VA16, 8 * BLOCK16), 0);
	}
}

static void a_map_elsewhere_flushes_nothing(void **state)
{
	struct tree *t = *state;
	struct gpuas_op op = unmap_op(VA16, PAGE);
	struct gpuas_token token = token_for(t, 0);

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA, PAGE), 0);
	apply(t, &op, 1, &token);
	/* A leaf table went; what is below the next one has nothing to do with it. */
	assert_int_equal(token.tables, 1);
	assert_int_equal(map_low(t, VA16 + BLOCK16 + PAGE, PA, PAGE), 0);
	assert_int_equal(map_low(t, VA16 + 9 * BLOCK16, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(token.ranges, 1);
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

static void ranges_stay_apart_until_there_are_nine(void **state)
{
	/* The smallest gap is that between 30 and 39. */
	static const unsigned int at[9] = { 80, 10, 60, 20, 50, 90, 30, 39, 70 };
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 0);
	struct gpuas_op op;
	unsigned int i;

	assert_int_equal(map_low(t, VA16, PA, 100 * PAGE), 0);
	for (i = 0; i < 8; i++) {
		op = unmap_op(VA16 + at[i] * PAGE, PAGE);
		apply(t, &op, 1, &token);
		assert_int_equal(token.ranges, i + 1);
	}
	op = unmap_op(VA16 + 81 * PAGE, PAGE);
	apply(t, &op, 1, &token);
	assert_int_equal(token.ranges, 8);
	op = unmap_op(VA16 + at[8] * PAGE, PAGE);
	apply(t, &op, 1, &token);
	assert_int_equal(token.ranges, 8);
	assert_int_equal(gpuas_va_u64(token.range[0].va), VA16 + 10 * PAGE);
	assert_int_equal(token.range[0].size, PAGE);
	assert_int_equal(gpuas_va_u64(token.range[1].va), VA16 + 20 * PAGE);
	assert_int_equal(token.range[1].size, PAGE);
	assert_int_equal(gpuas_va_u64(token.range[2].va), VA16 + 30 * PAGE);
	assert_int_equal(token.range[2].size, 10 * PAGE);
	assert_int_equal(gpuas_va_u64(token.range[7].va), VA16 + 90 * PAGE);
	/* One that goes over several. */
	op = unmap_op(VA16 + 15 * PAGE, 60 * PAGE);
	apply(t, &op, 1, &token);
	assert_int_equal(token.ranges, 4);
	assert_int_equal(gpuas_va_u64(token.range[1].va), VA16 + 15 * PAGE);
	assert_int_equal(token.range[1].size, 60 * PAGE);
	t->ram->flushes = 0;
	gpuas_token_flush(&t->space, &token);
	assert_int_equal(t->ram->flushes, 4);
	done(t, &token);
}

static void release_flushes_what_is_outstanding(void **state)
{
	struct tree *t = *state;
	struct gpuas_token a = token_for(t, 2), b = token_for(t, 0);
	struct gpuas_op op = unmap_op(VA16, PAGE);

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	apply(t, &op, 1, &a);
	op = unmap_op(VA16 + PAGE, 2 * PAGE);
	apply(t, &op, 1, &b);
	gpuas_space_release(&t->space);
	assert_int_equal(a.ranges, 0);
	assert_int_equal(b.ranges, 0);
	assert_int_equal(t->ram->flushes, 2);
	assert_int_equal(ram_owned(t->ram), 2 + 3);
	assert_int_equal(gpuas_token_drain(&a), 0);
	assert_int_equal(gpuas_token_drain(&b), 0);
	assert_int_equal(ram_owned(t->ram), 0);
}

/* A gather that ends does not take what tokens wait for with it, nor the reverse. */
static void a_gather_and_a_token_wait_side_by_side(void **state)
{
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 0);
	struct gpuas_op op = unmap_op(VA16, PAGE);

	assert_int_equal(map_low(t, VA16, PA, 9 * PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(gpuas_ops_apply(&t->space, &op, 1, &token), -GPUAS_EBUSY);
	gpuas_gather_end(&t->space);
	apply(t, &op, 1, &token);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, VA16 + PAGE, PAGE), 0);
	gpuas_token_flush(&t->space, &token);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(map_low(t, VA16 + PAGE, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 2);
	gpuas_gather_end(&t->space);
	assert_null(t->space.settle);
	done(t, &token);
}

static void a_token_is_for_its_environment_and_shape(void **state)
{
	struct tree *t = *state;
	struct gpuas_op op = map_op(VA16, PAGE);
	struct gpuas_env env = t->ram->env;
	struct gpuas_token token = token_for(t, 3);

	token.env = &env;
	REFUSED(t, gpuas_ops_apply(&t->space, &op, 1, &token), GPUAS_EINVAL);
	token.env = &t->ram->env;
	token.geo.va_bits--;
	REFUSED(t, gpuas_ops_apply(&t->space, &op, 1, &token), GPUAS_EINVAL);
	token.geo.va_bits++;
	done(t, &token);
}

/*
 * Two handles may share an environment and a shape. What one's tables wait for, the other one
 * neither knows of nor flushes.
 */
static void a_token_that_is_outstanding_is_one_handles(void **state)
{
	struct tree *t = *state, other = { .ram = t->ram };
	struct gpuas_op op = unmap_op(VA16, PAGE);
	struct gpuas_token token = token_for(t, 3);

	assert_int_equal(gpuas_space_create(&other.space, &lpae16, &whole48, &t->ram->env), 0);
	assert_int_equal(map_low(t, VA16, PA, 2 * PAGE), 0);
	assert_int_equal(map_low(&other, VA16, PA, 2 * PAGE), 0);
	apply(t, &op, 1, &token);
	REFUSED(&other, gpuas_ops_apply(&other.space, &op, 1, &token), GPUAS_EBUSY);
	gpuas_token_flush(&other.space, &token);
	gpuas_token_flushed(&other.space, &token);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(token.ranges, 1);
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(token.ranges, 0);
	/* Now it may change hands. */
	apply(&other, &op, 1, &token);
	gpuas_token_flush(&t->space, &token);
	assert_int_equal(token.ranges, 1);
	gpuas_token_flush(&other.space, &token);
	gpuas_space_release(&other.space);
	done(t, &token);
}

static const struct CMUnitTest tests[] = {
	TEST16(init_wants_a_shape_of_the_format),
	TEST16(filling_is_additive_and_all_or_nothing),
	TEST16(a_table_that_is_of_no_use_is_given_back),
	TEST16(the_root_by_another_pointer_is_no_table),
	TEST16(each_job_has_tables_of_its_own),
	TEST16(a_map_into_holes_leaves_nothing_to_flush),
	TEST16(what_was_unlinked_waits_in_the_token),
	TEST16(a_host_may_flush_by_itself),
	TEST16(whoever_maps_there_flushes_first),
	TEST16(a_table_takes_the_place_of_one_only_after_the_flush),
	TEST16(a_map_elsewhere_flushes_nothing),
	TEST16(ranges_stay_apart_until_there_are_nine),
	TEST16(release_flushes_what_is_outstanding),
	TEST16(a_gather_and_a_token_wait_side_by_side),
	TEST16(a_token_is_for_its_environment_and_shape),
	TEST16(a_token_that_is_outstanding_is_one_handles),
};

UNIT_MAIN(tests)
