// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is mapped in a range, extent by extent. */
#include "blocks.h"

static struct gpuas_cursor at;

static void look_from(struct tree *t, uint64_t va, uint64_t size)
{
	assert_int_equal(gpuas_cursor_init(&at, &t->space, gpuas_va(va), size), 0);
}

static int next(struct tree *t, unsigned int budget, struct gpuas_mapped *mapped)
{
	unsigned int left = budget;
	int err = gpuas_mapped_next(&t->space, &at, &left, mapped);

	assert_true(left <= budget);
	return err;
}

static void next_is(struct tree *t, uint64_t va, uint64_t size, uint64_t pa, gpuas_attr_t attr)
{
	struct gpuas_mapped mapped;

	assert_int_equal(next(t, 100000, &mapped), 0);
	assert_int_equal(gpuas_va_u64(mapped.va), va);
	assert_int_equal(mapped.size, size);
	assert_int_equal(gpuas_pa_u64(mapped.pa), pa);
	assert_int_equal(mapped.attr, attr);
}

static void extents_go_on_across_tables_and_blocks(void **state)
{
	const uint64_t pages = VA16 + 3 * BLOCK16;
	struct gpuas_mapped none = { .size = 7 };
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16 - PAGE, PA16 - PAGE, BLOCK16 + 2 * PAGE), 0);
	assert_int_equal(map_low(t, VA16 + BLOCK16 + PAGE, PA, 2 * PAGE), 0);
	assert_int_equal(map_low(t, pages, PA16, 2 * PAGE), 0);
	assert_int_equal(gpuas_map(&t->space, gpuas_va(pages + 2 * PAGE), gpuas_pa(PA16 + 2 * PAGE),
				   PAGE, READ_ONLY), 0);
	/* The same memory goes on, but not the VA. */
	assert_int_equal(map_low(t, pages + 4 * PAGE, PA16 + 3 * PAGE, PAGE), 0);
	assert_int_equal(map_low(t, pages + 6 * PAGE, PA16 + 4 * PAGE, PAGE), 0);
	look_from(t, 0, 0);
	next_is(t, VA16 - PAGE, BLOCK16 + 2 * PAGE, PA16 - PAGE, LOW_RIGHTS);
	next_is(t, VA16 + BLOCK16 + PAGE, 2 * PAGE, PA, LOW_RIGHTS);
	next_is(t, pages, 2 * PAGE, PA16, LOW_RIGHTS);
	next_is(t, pages + 2 * PAGE, PAGE, PA16 + 2 * PAGE, READ_ONLY);
	next_is(t, pages + 4 * PAGE, PAGE, PA16 + 3 * PAGE, LOW_RIGHTS);
	next_is(t, pages + 6 * PAGE, PAGE, PA16 + 4 * PAGE, LOW_RIGHTS);
	assert_int_equal(next(t, 100000, &none), -GPUAS_ENOENT);
	assert_int_equal(none.size, 7);
}

static void a_range_ends_an_extent_of_pages(void **state)
{
	struct gpuas_mapped mapped;
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA, 9 * PAGE), 0);
	look_from(t, VA16 + 2 * PAGE, 3 * PAGE);
	next_is(t, VA16 + 2 * PAGE, 3 * PAGE, PA + 2 * PAGE, LOW_RIGHTS);
	assert_int_equal(next(t, 9, &mapped), -GPUAS_ENOENT);
}

/* Any budget gets on, and what it cuts is found in parts. */
static void the_work_is_bounded(void **state)
{
	struct gpuas_mapped mapped;
	struct tree *t = *state;
	uint64_t found = 0;
	unsigned int calls;
	int err;

	assert_int_equal(map_low(t, VA16, PA, 9 * PAGE), 0);
	look_from(t, VA16 - BLOCK16, 3 * BLOCK16);
	assert_int_equal(next(t, 0, &mapped), -GPUAS_EAGAIN);
	for (calls = 0; calls < 10000; calls++) {
		err = next(t, 4, &mapped);
		if (err == -GPUAS_EAGAIN)
			continue;
		if (err)
			break;
		assert_in_range(mapped.size, PAGE, 4 * PAGE);
		assert_int_equal(gpuas_va_u64(mapped.va), VA16 + found);
		assert_int_equal(gpuas_pa_u64(mapped.pa), PA + found);
		found += mapped.size;
	}
	assert_int_equal(err, -GPUAS_ENOENT);
	assert_int_equal(found, 9 * PAGE);
}

/* As an eviction does it: what was found goes, then on from there. */
static void what_was_found_may_go(void **state)
{
	struct gpuas_mapped mapped;
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 8; i++)
		assert_int_equal(map_low(t, VA16 + i * BLOCK16, PA16 + 2 * i * BLOCK16,
					 i % 2 ? BLOCK16 : PAGE), 0);
	look_from(t, 0, 0);
	for (i = 0; !next(t, 100000, &mapped); i++)
		assert_int_equal(gpuas_unmap(&t->space, mapped.va, mapped.size), 0);
	assert_int_equal(i, 8);
	assert_int_equal(t->space.tables, 1);
}

static const struct CMUnitTest tests[] = {
	TEST16(extents_go_on_across_tables_and_blocks),
	TEST16(a_range_ends_an_extent_of_pages),
	TEST16(the_work_is_bounded),
	TEST16(what_was_found_may_go),
};

UNIT_MAIN(tests)
