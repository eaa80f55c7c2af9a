// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
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
"level 2  table 0x008007fc000  [0]     0x00000008007f8003  table 0x008007f8000\n"
"level 1  table 0x008007f8000  [0]     0x00000008007f4003  table 0x008007f4000\n"
"level 0  table 0x008007f4000  [0]     0x0060000812340403  page  0x00812340000 gpu=--- fw=--- gl=rw- cached global fw-owned\n");
	text[0] = 0;
	assert_int_equal(gpuas_dump_path(&t->space, gpuas_va(HOST), &sink), -GPUAS_ENOENT);
	assert_string_equal(text,
"level 2  table 0x008007fc000  [2]     0x0000000000000000  hole\n");
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
	BORROWED_TEST(a_dump_merges_what_belongs_together),
	BORROWED_TEST(a_path_is_printed_level_by_level),
};

UNIT_MAIN(tests)
