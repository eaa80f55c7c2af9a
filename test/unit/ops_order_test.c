// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The order of what lists of operations do, and of what stands around a break. Tables are
 * called by letters: a page at VA16 is in C, below B, below A, below the root.
 */
#include "ops.h"
#include "traces.h"

static struct gpuas_token traced_token(struct tree *t, uint32_t tables)
{
	struct gpuas_token token = token_for(t, tables);

	trace_start();
	return token;
}

static void a_list_publishes_and_flushes_nothing(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = {
		unmap_op(VA16, 2 * PAGE), protect_op(VA16 + 5 * PAGE, PAGE, READ_ONLY),
		map_op(VA16 + 9 * PAGE, PAGE),
	};
	struct gpuas_token token;

	prepare(t, 9);
	token = traced_token(t, 0);
	apply(t, ops, 3, &token);
	assert_string_equal(trace, "clear C, page C, publish");
	trace_start();
	gpuas_token_flush(&t->space, &token);
	assert_string_equal(trace, "publish, flush, flush");
	done(t, &token);
	assert_string_equal(trace, "publish, flush, flush");
}

static void tables_go_at_the_end_of_a_list(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = { unmap_op(VA16, PAGE), map_op(VA16 + 4 * BLOCK16, PAGE) };
	struct gpuas_token token;

	prepare(t, 1);
	token = traced_token(t, 1);
	apply(t, ops, 2, &token);
	assert_string_equal(trace, "clear C, clear D, publish, link D in B, page D, clear B, publish");
	trace_start();
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
	assert_string_equal(trace, "publish, flush, free C");
}

/* On a walker that does not see caches, of a tree with pages */
static void apply_cleaned(struct tree *t, const struct gpuas_op *ops, uint32_t n,
			  struct gpuas_token *token, const char *expected)
{
	prepare(t, 9);
	t->ram->env.clean = tracing_clean;
	*token = traced_token(t, 0);
	apply(t, ops, n, token);
	assert_string_equal(trace, expected);
}

static void a_list_cleans_what_it_wrote(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = {
		unmap_op(VA16, 2 * PAGE), map_op(VA16 + 9 * PAGE, PAGE), map_op(VA16, PAGE),
	};
	struct gpuas_token token;

	apply_cleaned(t, ops, 2, &token, "clear C, page C, clean C, clean C, publish");
	gpuas_token_flush(&t->space, &token);
	assert_int_equal(map_low(t, VA16, PA, 2 * PAGE), 0);
	trace_start();
	/* What is flushed in the middle of a list is clean before. */
	apply(t, ops, 3, &token);
	starts_with("clear C, clean C, clean C, publish, flush, page C, clean C, publish, flush, "
		    "page C, clean C, publish");
	done(t, &token);
}

/* What is flushed because the list maps there itself is clean before. */
static void a_list_cleans_before_it_flushes_for_itself(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = { unmap_op(VA16, PAGE), map_op(VA16, PAGE) };
	struct gpuas_token token;

	apply_cleaned(t, ops, 2, &token,
		      "clear C, clean C, publish, flush, page C, clean C, publish");
	done(t, &token);
}

/*
 * Around a break
 */

static uint64_t stalled_va, stalled_size;
static bool stalled;

static void tracing_stall(void *ctx, gpuas_va_t va, uint64_t size)
{
	(void)ctx;
	assert_false(stalled);
	stalled = true;
	stalled_va = gpuas_va_u64(va);
	stalled_size = size;
	trace_note("stall", "");
}

static void tracing_resume(void *ctx, gpuas_va_t va, uint64_t size)
{
	(void)ctx;
	assert_true(stalled);
	stalled = false;
	assert_int_equal(gpuas_va_u64(va), stalled_va);
	assert_int_equal(size, stalled_size);
	trace_note("resume", "");
}

static void can_stall(struct tree *t)
{
	t->ram->env.stall = tracing_stall;
	t->ram->env.resume = tracing_resume;
	trace_start();
}

static void another_kind_of_memory_is_a_stall(void **state)
{
	struct tree *t = *state;

	prepare(t, 3);
	can_stall(t);
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA16), 2 * PAGE, UNCACHED), 0);
	assert_string_equal(trace, "stall, break C, publish, flush, page C, publish, resume, publish");
	assert_int_equal(stalled_va, VA16);
	assert_int_equal(stalled_size, 2 * PAGE);
	trace_start();
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA16 + 2 * PAGE), PAGE, READ_ONLY), 0);
	assert_string_equal(trace, "page C, publish, flush");
}

static void a_replace_is_a_stall_where_something_is(void **state)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(PA16), .size = PAGE };
	struct tree *t = *state;

	prepare(t, 3);
	can_stall(t);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA16), &piece, 1, LOW_RIGHTS), 0);
	assert_string_equal(trace, "stall, clear C, publish, flush, page C, publish, resume, publish");
	trace_start();
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA16 + 9 * PAGE), &piece, 1, LOW_RIGHTS), 0);
	assert_string_equal(trace, "page C, publish");
}

static void a_split_is_a_stall_of_the_block(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA16, 2 * BLOCK16), 0);
	can_stall(t);
	assert_int_equal(unmap(t, VA16 + BLOCK16 + PAGE, PAGE), 0);
	assert_string_equal(trace, "page D, stall, clear B, publish, flush, publish, link D in B, "
			    "publish, resume, clear D, publish, flush");
	assert_int_equal(stalled_va, VA16 + BLOCK16);
	assert_int_equal(stalled_size, BLOCK16);
}

/* Walkers that remember that nothing was there are told before they go on. */
static void what_remembers_holes_is_flushed_before_it_goes_on(void **state)
{
	struct tree *t = *state;
	const struct gpuas_geometry geo = t->space.geo;
	struct ram *ram = ram_share(t->ram);
	struct tree other = { .ram = ram };

	ram->env.map_flush = true;
	ram->env.flush = tracing_flush;
	assert_int_equal(gpuas_space_create(&other.space, &geo, &whole48, &ram->env), 0);
	assert_int_equal(map_low(&other, VA16, PA16, BLOCK16), 0);
	can_stall(&other);
	assert_int_equal(unmap(&other, VA16 + PAGE, PAGE), 0);
	has("publish, link D in C, publish, flush, resume, clear D, publish, flush");
	gpuas_space_release(&other.space);
	ram_delete(ram);
}

static void lists_stall_too(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = {
		map_op(VA16, PAGE), protect_op(VA16 + PAGE, PAGE, UNCACHED),
		map_op(VA16 + 9 * PAGE, PAGE),
		unmap_op(VA16 + BLOCK16, PAGE),
	};
	struct gpuas_token token;

	prepare(t, 3);
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA16, BLOCK16), 0);
	token = traced_token(t, 1);
	can_stall(t);
	apply(t, ops, 4, &token);
	assert_string_equal(trace, "stall, clear C, publish, flush, page C, publish, resume, "
			    "stall, break C, publish, flush, page C, publish, resume, "
			    "page C, page D, stall, clear B, publish, flush, publish, link D in B, "
			    "publish, resume, clear D, publish");
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

static const struct CMUnitTest tests[] = {
	TRACED_TEST(a_list_publishes_and_flushes_nothing),
	TRACED_TEST(tables_go_at_the_end_of_a_list),
	TRACED_TEST(a_list_cleans_what_it_wrote),
	TRACED_TEST(a_list_cleans_before_it_flushes_for_itself),
	TRACED_TEST(another_kind_of_memory_is_a_stall),
	TRACED_TEST(a_replace_is_a_stall_where_something_is),
	TRACED_TEST(a_split_is_a_stall_of_the_block),
	TRACED_TEST(what_remembers_holes_is_flushed_before_it_goes_on),
	TRACED_TEST(lists_stall_too),
};

UNIT_MAIN(tests)
