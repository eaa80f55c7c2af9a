// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "hostile.h"
#include "tree.h"

#include <gpuas/dump.h>

/* What a walk met, one word each: kind, level, VA relative to the half. */
struct log {
	struct gpuas_step step[64];
	unsigned int steps;
	unsigned int stop_at;
};

static int note(void *ctx, const struct gpuas_step *step)
{
	struct log *log = ctx;

	assert_true(log->steps < 64);
	log->step[log->steps++] = *step;
	return log->steps == log->stop_at ? 7 : 0;
}

static void expect_step(const struct log *log, unsigned int i, enum gpuas_kind kind,
			unsigned int level, uint64_t va, bool owned)
{
	assert_true(i < log->steps);
	assert_int_equal(log->step[i].kind, kind);
	assert_int_equal(log->step[i].level, level);
	assert_int_equal(gpuas_va_u64(log->step[i].va), va);
	assert_int_equal(log->step[i].owned, owned);
}

static void a_visit_sees_own_and_foreign_entries_in_order(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };

	assert_int_equal(map(t, HOST + LEAF_SPAN - PAGE, PA, 2 * PAGE), 0);
	assert_int_equal(gpuas_visit_all(&t->space, note, &log), 0);
	assert_int_equal(log.steps, 8);
	expect_step(&log, 0, GPUAS_TABLE, 2, HALF, false);
	expect_step(&log, 1, GPUAS_TABLE, 1, HALF, false);
	expect_step(&log, 2, GPUAS_PAGE, 0, HALF, false);
	expect_step(&log, 3, GPUAS_TABLE, 2, HOST, true);
	expect_step(&log, 4, GPUAS_TABLE, 1, HOST, true);
	expect_step(&log, 5, GPUAS_PAGE, 0, HOST + LEAF_SPAN - PAGE, false);
	expect_step(&log, 6, GPUAS_TABLE, 1, HOST + LEAF_SPAN, true);
	expect_step(&log, 7, GPUAS_PAGE, 0, HOST + LEAF_SPAN, false);
	assert_int_equal(gpuas_pa_u64(log.step[2].pa), PA);
	assert_int_equal(gpuas_pa_u64(log.step[2].table), FW_LEAF);
	assert_false(log.step[2].window);
	assert_true(log.step[7].window);
	assert_int_equal(log.step[7].attr, RIGHTS);
	assert_int_equal(log.step[5].index, 2047);
}

static void a_visit_of_a_range_sees_no_more_than_that(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };

	assert_int_equal(map(t, HOST, PA, 8 * PAGE), 0);
	assert_int_equal(gpuas_visit(&t->space, gpuas_va(HOST + 2 * PAGE), 2 * PAGE,
				     note, &log), 0);
	assert_int_equal(log.steps, 4);
	expect_step(&log, 2, GPUAS_PAGE, 0, HOST + 2 * PAGE, false);
	expect_step(&log, 3, GPUAS_PAGE, 0, HOST + 3 * PAGE, false);
}

static void a_visit_refuses_bad_ranges(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };

	assert_int_equal(gpuas_visit(&t->space, gpuas_va(HOST + 1), PAGE, note, &log),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_visit(&t->space, gpuas_va(HOST), 0, note, &log),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_visit(&t->space, gpuas_va(0), PAGE, note, &log),
			 -GPUAS_ERANGE);
	assert_int_equal(gpuas_visit(&t->space, gpuas_va(HOST), 0 - PAGE, note, &log),
			 -GPUAS_EOVERFLOW);
	assert_int_equal(log.steps, 0);
}

static void the_visitor_can_stop_the_walk(void **state)
{
	struct log log = { .stop_at = 2 };
	struct tree *t = *state;

	assert_int_equal(gpuas_visit_all(&t->space, note, &log), 7);
	assert_int_equal(log.steps, 2);
}

static void the_last_page_is_visited(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };

	*slot(t->ram, FW_ROOT, 7) = FW_MIDDLE | 3;
	*slot(t->ram, FW_MIDDLE, 0) = 0;
	*slot(t->ram, FW_MIDDLE, 2047) = FW_LEAF | 3;
	*slot(t->ram, FW_LEAF, 0) = 0;
	*slot(t->ram, FW_LEAF, 2047) = PA | 3;
	*slot(t->ram, FW_ROOT, 0) = 0;
	assert_int_equal(gpuas_visit_all(&t->space, note, &log), 0);
	assert_int_equal(log.steps, 3);
	expect_step(&log, 2, GPUAS_PAGE, 0, 0xffffffffffffc000ULL, false);
}

static void odd_entries_are_reported_as_what_they_are(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };

	*slot(t->ram, FW_MIDDLE, 1) = (PA & ~(LEAF_SPAN - 1)) | 1;	/* a block */
	*slot(t->ram, FW_MIDDLE, 2) = 2;		/* invalid, not zero */
	*slot(t->ram, FW_MIDDLE, 3) = 3;		/* a table at 0: no RAM */
	*slot(t->ram, FW_MIDDLE, 4) = 1ULL << 45 | 3;	/* beyond the PA size */
	*slot(t->ram, FW_ROOT, 1) = PA | 1;		/* no blocks at level 2 */
	*slot(t->ram, FW_LEAF, 1) = PA | 1;		/* reserved at level 0 */
	assert_int_equal(gpuas_visit_all(&t->space, note, &log), 0);
	assert_int_equal(log.steps, 9);
	expect_step(&log, 3, GPUAS_OTHER, 0, HALF + PAGE, false);
	expect_step(&log, 4, GPUAS_BLOCK, 1, HALF + LEAF_SPAN, false);
	assert_int_equal(gpuas_pa_u64(log.step[4].pa), PA & ~(LEAF_SPAN - 1));
	expect_step(&log, 5, GPUAS_OTHER, 1, HALF + 2 * LEAF_SPAN, false);
	expect_step(&log, 6, GPUAS_TABLE, 1, HALF + 3 * LEAF_SPAN, false);
	assert_true(log.step[6].unreadable);
	assert_true(log.step[7].unreadable);
	expect_step(&log, 8, GPUAS_OTHER, 2, HALF + SLOT, false);
}

static int count(void *ctx, const struct gpuas_step *step)
{
	(void)step;
	++*(unsigned int *)ctx;
	return 0;
}

static void a_tree_that_loops_is_visited_to_its_depth(void **state)
{
	struct tree *t = *state;
	unsigned int steps = 0;

	*slot(t->ram, FW_MIDDLE, 0) = FW_MIDDLE | 3;
	assert_int_equal(gpuas_visit_all(&t->space, count, &steps), 0);
	assert_int_equal(steps, 3);
}

static void translate_says_what_is_in_the_way(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_MIDDLE, 1) = (PA & ~(LEAF_SPAN - 1)) | 1;
	*slot(t->ram, FW_MIDDLE, 3) = 3;
	*slot(t->ram, FW_LEAF, 1) = 1ULL << 41 | 3;
	*slot(t->ram, FW_LEAF, 2) = PA | 1;
	assert_int_equal(pa_of(t, HALF + 5), PA + 5);
	assert_int_equal(pa_of(t, HALF + PAGE), -GPUAS_EFAULT);
	assert_int_equal(pa_of(t, HALF + 2 * PAGE), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, HALF + LEAF_SPAN + 0x123456),
			 (PA & ~(LEAF_SPAN - 1)) + 0x123456);
	assert_int_equal(pa_of(t, HALF + 3 * LEAF_SPAN), -GPUAS_EFAULT);
	assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
}

static void a_path_shows_every_level(void **state)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	struct tree *t = *state;
	unsigned int steps;

	assert_int_equal(gpuas_path(&t->space, gpuas_va(HALF + 7), step, &steps), 0);
	assert_int_equal(steps, 3);
	assert_int_equal(step[0].kind, GPUAS_TABLE);
	assert_int_equal(step[0].entry, FW_MIDDLE | 3);
	assert_int_equal(step[2].kind, GPUAS_PAGE);
	assert_int_equal(gpuas_path(&t->space, gpuas_va(HOST), step, &steps), 0);
	assert_int_equal(steps, 1);
	assert_int_equal(step[0].kind, GPUAS_HOLE);
	assert_int_equal(gpuas_path(&t->space, gpuas_va(0), step, &steps), -GPUAS_ERANGE);
}

/* A walk as long as it gets, for comparing walks. */
struct trace {
	struct gpuas_step step[2048];
	unsigned int steps;
	unsigned int stop_every;
};

static int trace_step(void *ctx, const struct gpuas_step *step)
{
	struct trace *trace = ctx;

	assert_true(trace->steps < 2048);
	trace->step[trace->steps++] = *step;
	return trace->stop_every && !(trace->steps % trace->stop_every) ? 7 : 0;
}

static bool step_equal(const struct gpuas_step *a, const struct gpuas_step *b)
{
	return gpuas_va_u64(a->va) == gpuas_va_u64(b->va) && a->size == b->size &&
	       a->level == b->level && a->index == b->index &&
	       gpuas_pa_u64(a->table) == gpuas_pa_u64(b->table) &&
	       a->entry == b->entry && a->kind == b->kind &&
	       gpuas_pa_u64(a->pa) == gpuas_pa_u64(b->pa) &&
	       a->attr == b->attr && a->window == b->window &&
	       a->owned == b->owned && a->unreadable == b->unreadable &&
	       a->post == b->post;
}

static void traces_are_equal(const struct trace *a, const struct trace *b)
{
	unsigned int i;

	for (i = 0; i < a->steps && i < b->steps; i++) {
		if (!step_equal(&a->step[i], &b->step[i]))
			fail_msg("step %u differs", i);
	}
	assert_int_equal(a->steps, b->steps);
}

/* Walk with the same budget again and again; returns the loads. */
static unsigned int walk(const struct gpuas_space *space, uint64_t va,
			 uint64_t size, unsigned int budget, bool post,
			 struct trace *trace)
{
	struct gpuas_cursor cursor;
	unsigned int left, loads = 0;
	int err;

	memset(trace, 0, sizeof(*trace));
	assert_int_equal(gpuas_cursor_init(&cursor, space, gpuas_va(va), size), 0);
	cursor.post = post;
	do {
		left = budget;
		err = gpuas_visit_some(space, &cursor, &left, trace_step, trace);
		assert_true(left <= budget);
		assert_true(!err || (err == -GPUAS_EAGAIN && !left));
		assert_true(err || (cursor.next > cursor.last && !cursor.leaving));
		loads += budget - left;
	} while (err);
	left = budget;
	assert_int_equal(gpuas_visit_some(space, &cursor, &left, trace_step, trace), 0);
	assert_int_equal(left, budget);
	return loads;
}

static void tables_are_met_before_and_after_their_contents(void **state)
{
	struct tree *t = *state;
	static struct trace trace;
	unsigned int i;

	walk(&t->space, 0, 0, ~0u, true, &trace);
	assert_int_equal(trace.steps, 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(trace.step[i].level, i < 3 ? 2 - i : i - 2);
		assert_int_equal(trace.step[i].post, i > 2);
		assert_int_equal(gpuas_va_u64(trace.step[i].va), HALF);
	}
	assert_int_equal(trace.step[3].entry, FW_LEAF | 3);
	assert_int_equal(gpuas_pa_u64(trace.step[3].pa), FW_LEAF);
	assert_int_equal(gpuas_pa_u64(trace.step[3].table), FW_MIDDLE);
	assert_int_equal(trace.step[4].entry, FW_MIDDLE | 3);
}

static void tables_are_left_at_the_end_of_a_range(void **state)
{
	struct tree *t = *state;
	static struct trace trace;

	assert_int_equal(map(t, HOST, PA, 8 * PAGE), 0);
	walk(&t->space, HOST + PAGE, 2 * PAGE, ~0u, true, &trace);
	assert_int_equal(trace.steps, 6);
	assert_true(trace.step[4].post && trace.step[4].level == 1);
	assert_true(trace.step[5].post && trace.step[5].level == 2);
	assert_true(trace.step[5].owned && trace.step[5].window);
}

static void the_last_table_of_the_space_is_left(void **state)
{
	struct tree *t = *state;
	static struct trace trace;

	*slot(t->ram, FW_ROOT, 0) = 0;
	*slot(t->ram, FW_ROOT, 7) = FW_MIDDLE | 3;
	*slot(t->ram, FW_MIDDLE, 0) = 0;
	*slot(t->ram, FW_MIDDLE, 2047) = FW_LEAF | 3;
	*slot(t->ram, FW_LEAF, 0) = 0;
	*slot(t->ram, FW_LEAF, 2047) = PA | 3;
	walk(&t->space, 0, 0, 100, true, &trace);
	assert_int_equal(trace.steps, 5);
	assert_int_equal(gpuas_va_u64(trace.step[2].va), 0 - PAGE);
	assert_int_equal(gpuas_va_u64(trace.step[3].va), 0 - LEAF_SPAN);
	assert_int_equal(gpuas_va_u64(trace.step[4].va), 0 - SLOT);
	walk(&t->space, 0 - PAGE, PAGE, 1, true, &trace);
	assert_int_equal(trace.steps, 5);
}

static void a_hole_costs_one_load_whatever_its_level(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };
	struct gpuas_cursor cursor;
	unsigned int budget = 7;

	*slot(t->ram, FW_ROOT, 0) = 0;
	assert_int_equal(gpuas_cursor_init(&cursor, &t->space, gpuas_va(0), 0), 0);
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log),
			 -GPUAS_EAGAIN);
	assert_int_equal(budget, 0);
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log),
			 -GPUAS_EAGAIN);
	budget = 5;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(budget, 4);
	assert_int_equal(log.steps, 0);
	assert_int_equal(cursor.next, 1ULL << 39);
}

static void a_bad_range_leaves_the_cursor_alone(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor, before;

	memset(&cursor, 0x5a, sizeof(cursor));
	memcpy(&before, &cursor, sizeof(cursor));
	assert_int_equal(gpuas_cursor_init(&cursor, &t->space, gpuas_va(HOST + 1), PAGE),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_cursor_init(&cursor, &t->space, gpuas_va(0), PAGE),
			 -GPUAS_ERANGE);
	assert_int_equal(gpuas_cursor_init(&cursor, &t->space, gpuas_va(HOST), 0 - PAGE),
			 -GPUAS_EOVERFLOW);
	assert_memory_equal(&cursor, &before, sizeof(cursor));
}

static void a_walk_in_pieces_is_the_same_walk(void **state)
{
	static const unsigned int budget[] = { 1, 2, 3, 7, 100, 2047, 2048, 2049, 2050 };
	struct tree *t = *state;
	static struct trace whole_walk, pieces;
	unsigned int i, loads;

	assert_int_equal(map(t, HOST + LEAF_SPAN - 3 * PAGE, PA, 6 * PAGE), 0);
	*slot(t->ram, FW_LEAF, 2047) = PA | 3;
	*slot(t->ram, FW_MIDDLE, 2047) = FW_LEAF | 3;
	loads = walk(&t->space, 0, 0, ~0u, true, &whole_walk);
	for (i = 0; i < sizeof(budget) / sizeof(budget[0]); i++) {
		assert_int_equal(walk(&t->space, 0, 0, budget[i], true, &pieces), loads);
		traces_are_equal(&whole_walk, &pieces);
	}
}

static void a_stopped_walk_goes_on_behind_the_entry(void **state)
{
	struct tree *t = *state;
	static struct trace whole_walk, pieces;
	struct gpuas_cursor cursor;
	unsigned int every, budget;
	int err;

	assert_int_equal(map(t, HOST + LEAF_SPAN - 3 * PAGE, PA, 6 * PAGE), 0);
	*slot(t->ram, FW_LEAF, 2047) = PA | 3;
	walk(&t->space, 0, 0, ~0u, true, &whole_walk);
	for (every = 1; every < 8; every++) {
		memset(&pieces, 0, sizeof(pieces));
		pieces.stop_every = every;
		gpuas_cursor_init(&cursor, &t->space, gpuas_va(0), 0);
		cursor.post = true;
		do {
			budget = ~0u;
			err = gpuas_visit_some(&t->space, &cursor, &budget,
					       trace_step, &pieces);
			assert_true(!err || err == 7);
		} while (err);
		traces_are_equal(&whole_walk, &pieces);
	}
}

/* Stop behind the @steps-th step. */
static void walk_to(struct tree *t, struct gpuas_cursor *cursor, unsigned int steps,
		    bool post)
{
	struct log log = { .stop_at = steps };
	unsigned int budget = ~0u;

	assert_int_equal(gpuas_cursor_init(cursor, &t->space, gpuas_va(0), 0), 0);
	cursor->post = post;
	assert_int_equal(gpuas_visit_some(&t->space, cursor, &budget, note, &log), 7);
}

static void what_took_the_place_of_a_table_is_not_missed(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = 1;
	struct log log = { 0 };

	walk_to(t, &cursor, 3, false);
	*slot(t->ram, FW_MIDDLE, 0) = (PA & ~(LEAF_SPAN - 1)) | 1;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log),
			 -GPUAS_EAGAIN);
	assert_int_equal(log.steps, 1);
	expect_step(&log, 0, GPUAS_BLOCK, 1, HALF, false);
	assert_int_equal(cursor.next, LEAF_SPAN);
	assert_int_equal(cursor.level, 1);
}

/* The same at its very start, where offsets look like the end of the one before. */
static void what_took_the_place_of_a_table_just_entered_is_not_missed(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = ~0u;
	struct log log = { 0 };

	walk_to(t, &cursor, 2, true);
	*slot(t->ram, FW_MIDDLE, 0) = (PA & ~(LEAF_SPAN - 1)) | 1;
	*slot(t->ram, FW_MIDDLE, 1) = 2;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(log.steps, 3);
	expect_step(&log, 0, GPUAS_BLOCK, 1, HALF, false);
	expect_step(&log, 1, GPUAS_OTHER, 1, HALF + LEAF_SPAN, false);
	assert_true(log.step[2].post);
}

/* Stop at the one page of a range of one page. */
static void walk_to_the_end(struct tree *t, struct gpuas_cursor *cursor)
{
	struct log log = { .stop_at = 3 };
	unsigned int budget = 3;

	assert_int_equal(gpuas_cursor_init(cursor, &t->space, gpuas_va(HALF), PAGE), 0);
	cursor->post = true;
	assert_int_equal(gpuas_visit_some(&t->space, cursor, &budget, note, &log), 7);
	assert_true(cursor->leaving && cursor->next > cursor->last);
}

static void a_walk_stopped_at_the_end_still_leaves_its_tables(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = 0;
	struct log log = { 0 };

	walk_to_the_end(t, &cursor);
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log),
			 -GPUAS_EAGAIN);
	assert_int_equal(log.steps, 0);
	budget = 1;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(budget, 1);
	assert_int_equal(log.steps, 2);
	assert_true(log.step[0].post && log.step[1].post);
}

static void what_changed_behind_the_end_of_the_range_is_not_met(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = 1;
	struct log log = { 0 };

	walk_to_the_end(t, &cursor);
	*slot(t->ram, FW_MIDDLE, 0) = (PA & ~(LEAF_SPAN - 1)) | 1;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(log.steps, 1);
	expect_step(&log, 0, GPUAS_TABLE, 2, HALF, false);
	assert_true(log.step[0].post);
}

static unsigned int refusals;

static uint64_t *refuse_some(void *ctx, gpuas_pa_t pa, size_t size)
{
	if (refusals && refusals--)
		return NULL;
	return ram_at(ctx, gpuas_pa_u64(pa), size);
}

/* What was decided on once is not asked for again. */
static void a_table_that_was_not_lent_once_is_not_entered(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = ~0u;
	struct log log = { 0 };

	walk_to(t, &cursor, 2, false);
	t->ram->env.table_ptr = refuse_some;
	refusals = 1;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(log.steps, 1);
	expect_step(&log, 0, GPUAS_TABLE, 2, HALF, false);
	assert_true(log.step[0].unreadable);
}

static void a_table_that_is_gone_is_not_left(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = ~0u;
	struct log log = { 0 };

	/* Behind its last entry, so that all of it was seen. */
	*slot(t->ram, FW_LEAF, 2047) = PA | 3;
	walk_to(t, &cursor, 4, true);
	assert_true(cursor.leaving);
	*slot(t->ram, FW_MIDDLE, 0) = (PA & ~(LEAF_SPAN - 1)) | 1;
	*slot(t->ram, FW_MIDDLE, 1) = 2;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(log.steps, 2);
	expect_step(&log, 0, GPUAS_OTHER, 1, HALF + LEAF_SPAN, false);
	expect_step(&log, 1, GPUAS_TABLE, 2, HALF, false);
	assert_true(log.step[1].post);
}

static void a_table_that_is_lent_no_more_is_unreadable(void **state)
{
	struct tree *t = *state;
	struct gpuas_cursor cursor;
	unsigned int budget = ~0u;
	struct log log = { 0 };

	walk_to(t, &cursor, 3, true);
	*slot(t->ram, FW_ROOT, 0) = 3;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, note, &log), 0);
	assert_int_equal(log.steps, 1);
	expect_step(&log, 0, GPUAS_TABLE, 2, HALF, false);
	assert_true(log.step[0].unreadable);
}

static uint64_t *never_asked(void *ctx, gpuas_pa_t pa, size_t size)
{
	(void)ctx;
	(void)size;
	assert_int_equal(gpuas_pa_u64(pa) >> 40, 0);
	return NULL;
}

static void addresses_beyond_the_pa_size_are_not_followed(void **state)
{
	struct tree *t = *state;
	struct log log = { 0 };

	*slot(t->ram, FW_LEAF, 1) = 1ULL << 47 | 3;
	*slot(t->ram, FW_ROOT, 1) = 1ULL << 40 | 3;
	assert_int_equal(gpuas_visit_all(&t->space, note, &log), 0);
	assert_int_equal(log.steps, 5);
	expect_step(&log, 3, GPUAS_PAGE, 0, HALF + PAGE, false);
	assert_int_equal(gpuas_pa_u64(log.step[3].pa), 1ULL << 47);
	assert_int_equal(pa_of(t, HALF + PAGE), -GPUAS_EFAULT);
	assert_true(log.step[4].unreadable);
	assert_int_equal(gpuas_pa_u64(log.step[4].pa), 1ULL << 40);
	assert_int_equal(pa_of(t, HALF + SLOT), -GPUAS_EFAULT);
	*slot(t->ram, FW_ROOT, 0) = 0;
	t->ram->env.table_ptr = never_asked;
	memset(&log, 0, sizeof(log));
	assert_int_equal(gpuas_visit_all(&t->space, note, &log), 0);
	assert_int_equal(log.steps, 1);
}

/* The walk as a textbook has it: recursive, and only for tiny spaces. */
static void textbook(const struct hostile *h, unsigned int level, uint64_t table,
		     uint64_t pos, uint64_t first, uint64_t last,
		     struct trace *trace)
{
	uint64_t size = 1ULL << (h->format.granule_shift + level * h->format.index_bits);
	uint64_t entry, *below;
	unsigned int i;

	for (i = 0; i < h->entries; i++, pos += size) {
		struct gpuas_step step = { .level = level, .index = i, .size = size };

		if (pos >> h->geo.va_bits || pos > last || pos + (size - 1) < first)
			continue;
		entry = hostile_table(h, table)[i];
		step.va = gpuas_va(hostile_half(h) + pos);
		step.table = gpuas_pa(table);
		step.entry = entry;
		step.kind = hostile_kind(h, level, entry);
		if (step.kind == GPUAS_HOLE)
			continue;
		if (step.kind == GPUAS_PAGE || step.kind == GPUAS_BLOCK) {
			step.pa = gpuas_pa(hostile_address(entry, size));
			step.attr = gpuas_format_decode(&h->format, entry);
		}
		if (step.kind != GPUAS_TABLE) {
			trace_step(trace, &step);
			continue;
		}
		step.pa = gpuas_pa(hostile_address(entry, 8 * h->entries));
		below = hostile_table(h, gpuas_pa_u64(step.pa));
		step.unreadable = !below;
		trace_step(trace, &step);
		if (!below)
			continue;
		textbook(h, level - 1, gpuas_pa_u64(step.pa), pos, first, last, trace);
		step.post = true;
		trace_step(trace, &step);
	}
}

static void without_post(struct trace *trace)
{
	unsigned int i, n = 0;

	for (i = 0; i < trace->steps; i++) {
		if (!trace->step[i].post)
			trace->step[n++] = trace->step[i];
	}
	trace->steps = n;
}

static void hostile_walks_are_the_textbook_s(struct hostile *h)
{
	static struct trace expect, pieces;
	uint64_t pages = 1ULL << (h->geo.va_bits - 5);
	uint64_t first = hostile_below(h, (unsigned int)pages);
	uint64_t count = 1 + hostile_below(h, (unsigned int)(pages - first));
	uint64_t va = hostile_half(h) + first * 32;
	unsigned int budget, loads, n, calls;

	if (hostile_below(h, 2)) {
		va = hostile_half(h);
		first = 0;
		count = pages;
	}
	memset(&expect, 0, sizeof(expect));
	textbook(h, h->space.top, HOSTILE_BASE, 0, first * 32,
		 (first + count) * 32 - 1, &expect);
	loads = walk(&h->space, va, count * 32, ~0u, true, &pieces);
	traces_are_equal(&expect, &pieces);
	for (budget = 1; budget <= loads; budget++) {
		h->asked = 0;
		n = walk(&h->space, va, count * 32, budget, true, &pieces);
		calls = (n + budget - 1) / budget + 1;
		assert_int_equal(n, loads);
		assert_true(h->asked <= n + calls * h->space.top);
		traces_are_equal(&expect, &pieces);
	}
	without_post(&expect);
	walk(&h->space, va, count * 32, 1 + hostile_below(h, loads), false, &pieces);
	traces_are_equal(&expect, &pieces);
	memset(&pieces, 0, sizeof(pieces));
	assert_int_equal(gpuas_visit(&h->space, gpuas_va(va), count * 32, trace_step,
				     &pieces), 0);
	traces_are_equal(&expect, &pieces);
}

static void hostile_trees_are_walked_as_the_textbook_says(void **state)
{
	struct hostile *three = hostile_new(5, 11), *four = hostile_new(5, 12);
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 200; seed++) {
		hostile_fill(three, seed);
		hostile_walks_are_the_textbook_s(three);
		hostile_fill(four, seed);
		hostile_walks_are_the_textbook_s(four);
	}
	hostile_delete(three);
	hostile_delete(four);
}

struct restless {
	struct hostile *h;
	uint64_t leaf_end;	/* the next leaf ends behind this */
	unsigned int stop;
};

static int restless_step(void *ctx, const struct gpuas_step *step)
{
	struct restless *r = ctx;
	uint64_t end = gpuas_va_u64(step->va) + (step->size - 1);

	assert_true(step->level <= r->h->space.top);
	if (step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK) {
		assert_true(end > r->leaf_end);
		r->leaf_end = end;
	}
	if (hostile_below(r->h, 3))
		hostile_change(r->h);
	return hostile_below(r->h, r->stop) ? 0 : 7;
}

/*
 * The tree changes between calls, with each call of the visitor, and with each
 * question to the environment.
 */
static void a_walk_ends_in_a_tree_that_never_rests(void **state)
{
	struct hostile *h = hostile_new(5, 12);
	unsigned int seed, calls, budget, left;
	struct gpuas_cursor cursor;

	(void)state;
	for (seed = 1; seed <= 3000; seed++) {
		struct restless r = { .h = h, .leaf_end = hostile_half(h) - 1,
				      .stop = 2 + seed % 50 };

		h->churn = 0;
		hostile_fill(h, seed);
		h->churn = seed % 4;
		assert_int_equal(gpuas_cursor_init(&cursor, &h->space, gpuas_va(0), 0), 0);
		cursor.post = seed % 2;
		budget = 1 + hostile_below(h, 20);
		for (calls = 0;; calls++) {
			left = budget;
			h->asked = 0;
			if (!gpuas_visit_some(&h->space, &cursor, &left,
					      restless_step, &r))
				break;
			assert_true(h->asked <= budget - left + h->space.top);
			hostile_change(h);
			/* Each gets on by an entry, into a table or out of one. */
			assert_true(calls < 128 * 2 + 3 * 64);
		}
	}
	hostile_delete(h);
}

static void nothing_is_read_beside_tables_of_real_size(void **state)
{
	struct hostile *h = hostile_new(14, 39);
	unsigned int budget, seed, steps = 0;
	struct gpuas_cursor cursor;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		hostile_fill(h, seed);
		assert_int_equal(gpuas_cursor_init(&cursor, &h->space, gpuas_va(0), 0), 0);
		cursor.post = true;
		budget = 100000;
		h->asked = 0;
		if (gpuas_visit_some(&h->space, &cursor, &budget, count, &steps))
			assert_int_equal(budget, 0);
		assert_true(h->asked <= 100000);
		/* The last pages of the space. */
		assert_int_equal(gpuas_visit(&h->space, gpuas_va(0 - 64 * PAGE),
					     64 * PAGE, count, &steps), 0);
	}
	hostile_delete(h);
}

/* Text, line after line. */
static void collect(void *ctx, const char *line)
{
	strcat(ctx, line);
	strcat(ctx, "\n");
}

static void a_dump_merges_what_belongs_together(void **state)
{
	static char text[4096];
	const struct gpuas_sink sink = { .ctx = text, .line = collect };
	struct tree *t = *state;

	text[0] = 0;
	assert_int_equal(map(t, HOST, PA, 2 * LEAF_SPAN), 0);
	assert_int_equal(map(t, HOST + 2 * LEAF_SPAN, PA, PAGE), 0);
	*slot(t->ram, FW_MIDDLE, 2) = 2;
	*slot(t->ram, FW_MIDDLE, 3) = 3;
	gpuas_dump_space(&t->space, &sink);
	assert_string_equal(text,
"VA                                      Size    PA              Attributes\n"
"0xffffff8000000000-0xffffff8000003fff   16K     0x00812340000   gpu=--- fw=--- gl=rw- cached global fw-owned\n"
"0xffffff8004000000-0xffffff8005ffffff   32M     unknown entry 0x0000000000000002\n"
"0xffffff8006000000-0xffffff8007ffffff   32M     unreadable table 0x0000000000000003\n"
"0xffffffa000000000-0xffffffa003ffffff   64M     0x00812340000   gpu=rw- fw=rw- gl=--- shared global\n"
"0xffffffa004000000-0xffffffa004003fff   16K     0x00812340000   gpu=rw- fw=rw- gl=--- shared global\n");
}

static void a_path_is_printed_level_by_level(void **state)
{
	static char text[4096];
	const struct gpuas_sink sink = { .ctx = text, .line = collect };
	struct tree *t = *state;

	text[0] = 0;
	assert_int_equal(gpuas_dump_path(&t->space, gpuas_va(HALF + 4), &sink), 0);
	assert_string_equal(text,
"level 2  table 0x008007fc000  [0]     0x00000008007f8003  table 0x008007f8000, lent\n"
"level 1  table 0x008007f8000  [0]     0x00000008007f4003  table 0x008007f4000\n"
"level 0  table 0x008007f4000  [0]     0x0060000812340403  page  0x00812340000 gpu=--- fw=--- gl=rw- cached global fw-owned\n");
	text[0] = 0;
	assert_int_equal(gpuas_dump_path(&t->space, gpuas_va(HOST), &sink), -GPUAS_ENOENT);
	assert_string_equal(text,
"level 2  table 0x008007fc000  [2]     0x0000000000000000  hole, lent\n");
	text[0] = 0;
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_dump_path(&t->space, gpuas_va(HOST), &sink), 0);
	assert_non_null(strstr(text, " shared global, owned\n"));
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	text[0] = 0;
	assert_int_equal(gpuas_dump_path(&t->space, gpuas_va(0), &sink), -GPUAS_ERANGE);
	assert_string_equal(text, "");
}

static const struct CMUnitTest tests[] = {
	BORROWED_TEST(a_visit_sees_own_and_foreign_entries_in_order),
	BORROWED_TEST(a_visit_of_a_range_sees_no_more_than_that),
	BORROWED_TEST(a_visit_refuses_bad_ranges),
	BORROWED_TEST(the_visitor_can_stop_the_walk),
	BORROWED_TEST(the_last_page_is_visited),
	BORROWED_TEST(odd_entries_are_reported_as_what_they_are),
	BORROWED_TEST(a_tree_that_loops_is_visited_to_its_depth),
	BORROWED_TEST(translate_says_what_is_in_the_way),
	BORROWED_TEST(a_path_shows_every_level),
	BORROWED_TEST(tables_are_met_before_and_after_their_contents),
	BORROWED_TEST(tables_are_left_at_the_end_of_a_range),
	BORROWED_TEST(the_last_table_of_the_space_is_left),
	BORROWED_TEST(a_hole_costs_one_load_whatever_its_level),
	BORROWED_TEST(a_bad_range_leaves_the_cursor_alone),
	BORROWED_TEST(a_walk_in_pieces_is_the_same_walk),
	BORROWED_TEST(a_stopped_walk_goes_on_behind_the_entry),
	BORROWED_TEST(what_took_the_place_of_a_table_is_not_missed),
	BORROWED_TEST(what_took_the_place_of_a_table_just_entered_is_not_missed),
	BORROWED_TEST(a_walk_stopped_at_the_end_still_leaves_its_tables),
	BORROWED_TEST(what_changed_behind_the_end_of_the_range_is_not_met),
	BORROWED_TEST(a_table_that_was_not_lent_once_is_not_entered),
	BORROWED_TEST(a_table_that_is_gone_is_not_left),
	BORROWED_TEST(a_table_that_is_lent_no_more_is_unreadable),
	BORROWED_TEST(addresses_beyond_the_pa_size_are_not_followed),
	HOSTILE_TEST(hostile_trees_are_walked_as_the_textbook_says),
	HOSTILE_TEST(a_walk_ends_in_a_tree_that_never_rests),
	HOSTILE_TEST(nothing_is_read_beside_tables_of_real_size),
	BORROWED_TEST(a_dump_merges_what_belongs_together),
	BORROWED_TEST(a_path_is_printed_level_by_level),
};

UNIT_MAIN(tests)
