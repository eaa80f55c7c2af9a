// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The order of what the engine does to tables: for each barrier there is a test that
 * fails without it. Tables are called by letters, in the order in which they are
 * met: in most tests a page at VA16 is in C, below B, below A, below the root.
 */
#include "blocks.h"
#include "trace.h"

static struct tree *traced;
static unsigned int letters;
static char letter[RAM_TABLES][2];

/* The table at a PA, or NULL. */
static const char *name_at(uint64_t pa)
{
	uint64_t i = (pa - RAM_BASE) / RAM_GRANULE;

	if (pa - RAM_BASE >= RAM_SIZE)
		return NULL;
	if (!i)
		return "root";
	if (!letter[i][0])
		letter[i][0] = (char)('A' + letters++);
	return letter[i];
}

static const char *name_of(const void *where)
{
	if (!traced)
		return NULL;
	return name_at(RAM_BASE + ((uintptr_t)where - (uintptr_t)traced->ram->mem));
}

void trace_load(const void *where)
{
	(void)where;
}

void trace_clear(void *where)
{
	if (name_of(where))
		trace_note("clear", name_of(where));
}

void trace_store(const void *where, uint64_t value)
{
	static const char *const what[] = { "strange", "block", "break", "page" };
	const char *name, *child;
	char link[20];

	name = name_of(where);
	child = name_at(value & 0xffffffffc000ULL);
	if (!name)
		return;
	if ((value & 3) == 3 && child) {
		snprintf(link, sizeof(link), "%s in %s", child, name);
		trace_note("link", link);
	} else {
		trace_once(value ? what[value & 3] : "clear", name);
	}
}

static void tracing_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	trace_note("flush", "");
	ram_env.flush(ctx, va, size);
}

static void tracing_clean(void *ctx, const void *ptr, size_t size)
{
	(void)ctx;
	(void)size;
	trace_note("clean", name_of(ptr));
}

static void tracing_free(void *ctx, struct gpuas_table *table, size_t size)
{
	trace_note("free", name_at(gpuas_pa_u64(table->pa)));
	ram_env.table_free(ctx, table, size);
}

static int traced_tree(void **state)
{
	int err = tree16(state);

	traced = *state;
	traced->ram->env.flush = tracing_flush;
	traced->ram->env.table_free = tracing_free;
	memset(letter, 0, sizeof(letter));
	letters = 0;
	trace_start();
	return err;
}

static int no_traced_tree(void **state)
{
	traced = NULL;
	return no_tree(state);
}

/* A tree with @pages pages at VA16, and nothing noted yet. */
static void prepare(struct tree *t, unsigned int pages)
{
	assert_int_equal(map_low(t, VA16, PA, pages * PAGE), 0);
	trace_start();
}

static void starts_with(const char *want)
{
	trace[strlen(want)] = '\0';
	assert_string_equal(trace, want);
}

/* Somewhere, one after the other. */
static void has(const char *want)
{
	if (!strstr(trace, want))
		assert_string_equal(trace, want);
}

static void protect(struct tree *t, gpuas_attr_t attr)
{
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA16), PAGE, attr), 0);
}

/*
 * spare.c, gpuas_link_()
 */

static void a_table_is_cleared_and_published_before_it_is_linked(void **state)
{
	assert_int_equal(map_low(*state, VA16, PA, PAGE), 0);
	starts_with("clear A, publish, link A in root, "
		    "clear B, publish, link B in A, clear C, publish, link C in B, page C");
}

static void a_table_is_cleaned_and_published_before_it_is_linked(void **state)
{
	struct tree *t = *state;

	t->ram->env.clean = tracing_clean;
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	starts_with("clear A, clean A, publish, link A in root, "
		    "clear B, clean B, publish, link B in A, "
		    "clear C, clean C, publish, link C in B, page C");
}

/*
 * map.c, map_leaves()
 */

static void pages_are_published_the_short_way(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + PAGE, PA, 9 * PAGE), 0);
	assert_string_equal(trace, "page C, publish");
}

/*
 * unmap.c, unmap_leaves()
 */

static void cleared_entries_are_published_before_the_flush_the_short_way(void **state)
{
	struct tree *t = *state;

	prepare(t, 9);
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_string_equal(trace, "clear C, publish, flush");
}

/*
 * gather.c, gpuas_settle_()
 */

static void a_new_root_is_cleared_and_published(void **state)
{
	struct tree *t = *state;
	struct ram *ram = ram_share(t->ram);
	struct gpuas_space space;

	assert_int_equal(gpuas_space_create(&space, &lpae16, &whole48, &ram->env), 0);
	assert_string_equal(trace, "clear A, publish");
	ram_delete(ram);
}

static void pages_are_published(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + PAGE, PA, 9 * PAGE), 0);
	assert_string_equal(trace, "page C, publish");
}

static void cleared_entries_are_published_before_the_flush(void **state)
{
	struct tree *t = *state;

	prepare(t, 9);
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_string_equal(trace, "clear C, publish, flush");
}

static void changed_rights_are_published_before_the_flush(void **state)
{
	prepare(*state, 1);
	protect(*state, READ_ONLY);
	assert_string_equal(trace, "page C, publish, flush");
}

static void emptied_tables_are_freed_after_the_flush(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(unmap(t, VA16, PAGE), 0);
	assert_string_equal(trace, "clear C, clear B, clear A, clear root, publish, flush, "
			    "free A, free B, free C");
}

static void a_gather_publishes_and_flushes_at_its_end(void **state)
{
	struct tree *t = *state;

	prepare(t, 9);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_int_equal(map_low(t, VA16 + 9 * PAGE, PA, PAGE), 0);
	assert_string_equal(trace, "clear C, page C");
	/* Over what waits: that first. */
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_string_equal(trace, "clear C, page C, publish, flush, page C");
	gpuas_gather_end(&t->space);
	assert_string_equal(trace, "clear C, page C, publish, flush, page C, publish");
}

static void entries_are_cleaned_before_they_are_published(void **state)
{
	struct tree *t = *state;

	t->ram->env.clean = tracing_clean;
	prepare(t, 9);
	assert_int_equal(map_low(t, VA16 + 9 * PAGE, PA, PAGE), 0);
	assert_string_equal(trace, "page C, clean C, publish");
	trace_start();
	assert_int_equal(unmap(t, VA16, 3 * PAGE), 0);
	assert_string_equal(trace, "clear C, clean C, publish, flush");
}

static void release_publishes_the_root_that_it_leaves(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	gpuas_space_release(&t->space);
	has("clear root, publish, flush, free A");
}

/*
 * gather.c, gpuas_break_()
 */

static void another_kind_of_memory_comes_after_a_break(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	protect(t, UNCACHED);
	starts_with("break C, publish, flush, page C");
	t->ram->env.clean = tracing_clean;
	trace_start();
	protect(t, LOW_RIGHTS);
	starts_with("break C, clean C, publish, flush, page C, clean C");
}

static void a_replace_comes_after_a_break(void **state)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(PA16), .size = PAGE };
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA16), &piece, 1, LOW_RIGHTS), 0);
	starts_with("clear C, publish, flush, page C");
}

static void a_block_is_split_after_a_break(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA16, 2 * BLOCK16), 0);
	trace_start();
	assert_int_equal(unmap(t, VA16 + BLOCK16, PAGE), 0);
	starts_with("page D, clear B, publish, flush");
	assert_int_equal(level_at(t, VA16 + BLOCK16), 0);
	t->ram->env.clean = tracing_clean;
	trace_start();
	assert_int_equal(unmap(t, VA16 + 2 * BLOCK16, PAGE), 0);
	starts_with("page E, clear B, clean B, publish, flush, clean E");
}

static void release_frees_after_the_flush(void **state)
{
	struct tree *t = *state;

	prepare(t, 1);
	gpuas_space_release(&t->space);
	has("clear root, publish, flush, free A, free B, free C, free root");
}

#define TRACED_TEST(f)	cmocka_unit_test_setup_teardown(f, traced_tree, no_traced_tree)

static const struct CMUnitTest tests[] = {
	TRACED_TEST(a_table_is_cleared_and_published_before_it_is_linked),
	TRACED_TEST(a_table_is_cleaned_and_published_before_it_is_linked),
	TRACED_TEST(pages_are_published_the_short_way),
	TRACED_TEST(cleared_entries_are_published_before_the_flush_the_short_way),
	TRACED_TEST(a_new_root_is_cleared_and_published),
	TRACED_TEST(pages_are_published),
	TRACED_TEST(cleared_entries_are_published_before_the_flush),
	TRACED_TEST(changed_rights_are_published_before_the_flush),
	TRACED_TEST(emptied_tables_are_freed_after_the_flush),
	TRACED_TEST(a_gather_publishes_and_flushes_at_its_end),
	TRACED_TEST(entries_are_cleaned_before_they_are_published),
	TRACED_TEST(release_publishes_the_root_that_it_leaves),
	TRACED_TEST(another_kind_of_memory_comes_after_a_break),
	TRACED_TEST(a_replace_comes_after_a_break),
	TRACED_TEST(a_block_is_split_after_a_break),
	TRACED_TEST(release_frees_after_the_flush),
};

UNIT_MAIN(tests)
