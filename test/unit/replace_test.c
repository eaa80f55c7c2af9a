// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Scatter lists, and one page again and again: into holes, and over what is there. */
#include "watch.h"

static const struct gpuas_extent pieces[] = {
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + 7 * PAGE), .size = 3 * PAGE },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = PAGE },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + PAGE), .size = BLOCK16 },
};

static int replace(struct tree *t, uint64_t va)
{
	return gpuas_replace(&t->space, gpuas_va(va), pieces, 3, READ_ONLY);
}

static void replaced_at(struct tree *t, uint64_t va)
{
	MAPPED(t, va, PA16 + 7 * PAGE, 3 * PAGE);
	assert_int_equal(pa_of(t, va + 3 * PAGE), PA);
	MAPPED(t, va + 4 * PAGE, PA16 + PAGE, BLOCK16);
	assert_int_equal(attr_of(t, va), READ_ONLY);
	assert_int_equal(attr_of(t, va + 4 * PAGE + BLOCK16 - 1), READ_ONLY);
}

static void replace_takes_the_place_after_a_break(void **state)
{
	struct tree *t = *state;
	unsigned int before;

	assert_int_equal(map_low(t, VA16, PA, 8 * PAGE), 0);
	watch(t, VA16 + 2 * PAGE);
	assert_int_equal(replace(t, VA16 + PAGE), 0);
	assert_in_range(flushes, 1, 2);
	assert_int_equal(at_flush[0] & 1, 0);
	replaced_at(t, VA16 + PAGE);
	assert_int_equal(pa_of(t, VA16), PA);
	assert_int_equal(pa_of(t, VA16 + 5 * PAGE + BLOCK16), -GPUAS_ENOENT);
	assert_int_equal(attr_of(t, VA16), LOW_RIGHTS);
	/* Over itself, it needs no table. */
	before = t->ram->allocs;
	assert_int_equal(replace(t, VA16 + PAGE), 0);
	replaced_at(t, VA16 + PAGE);
	assert_int_equal(ram_owned(t->ram), t->space.tables);
	assert_int_equal(t->ram->allocs, before);
}

static void replace_of_a_hole_is_a_map(void **state)
{
	struct tree *t = *state;

	assert_int_equal(replace(t, VA16), 0);
	replaced_at(t, VA16);
	assert_int_equal(t->ram->flushes, 0);
}

static void replace_happens_fully_or_not_at_all(void **state)
{
	static const struct gpuas_extent bad[] = {
		{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)(1ULL << 48), .size = PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA + 1), .size = PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)(0ULL - PAGE), .size = 2 * PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = 0 },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)((1ULL << 48) - PAGE), .size = 2 * PAGE },
	};
	static const int why[] = { 0, GPUAS_ERANGE, GPUAS_EINVAL, GPUAS_EOVERFLOW, GPUAS_EINVAL,
				   GPUAS_ERANGE };
	struct tree *t = *state;
	unsigned int i;

	assert_int_equal(map_low(t, VA16, PA, 4 * PAGE), 0);
	for (i = 1; i < 6; i++) {
		struct gpuas_extent list[2] = { bad[0], bad[i] };

		REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), list, 2, LOW_RIGHTS), why[i]);
		REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16 + BLOCK16), list, 2, LOW_RIGHTS),
			why[i]);
	}
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), bad, 0, LOW_RIGHTS), GPUAS_EINVAL);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), bad, 1, GPUAS_OWNER_FW),
		GPUAS_EOPNOTSUPP);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va((1ULL << 48) - PAGE), pieces, 3, LOW_RIGHTS),
		GPUAS_ERANGE);
	/* A table of somebody else's at the end of the range. */
	memset(ram_at(t->ram, FW_TABLE(3), RAM_GRANULE), 0, RAM_GRANULE);
	*entry_at(t, VA16 + BLOCK16, &i) = FW_TABLE(3) | 3;
	t->space.attr = READ_ONLY;
	t->space.bits = 0;
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16 + PAGE), pieces, 3, LOW_RIGHTS),
		GPUAS_EPERM);
}

static void a_list_is_mapped_in_one_go(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_map_list(&t->space, gpuas_va(VA16), pieces, 3, READ_ONLY), 0);
	replaced_at(t, VA16);
	assert_int_equal(t->space.tables, 1 + 2 + 2);
	assert_int_equal(t->ram->flushes, 0);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16 - 3 * PAGE), pieces, 3, READ_ONLY),
		GPUAS_EEXIST);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16), pieces, 0, READ_ONLY), GPUAS_EINVAL);
}

/* All of physical memory, again and again: 2^64 bytes, and as much as fits after that. */
static void a_list_that_wraps_around_is_refused(void **state)
{
	struct gpuas_extent *list = calloc(65537, sizeof(*list));
	struct tree *t = *state;
	unsigned int i;

	assert_non_null(list);
	for (i = 0; i < 65537; i++)
		list[i].size = 1ULL << 48;
	list[65536].size = PAGE;
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16), list, 65536, READ_ONLY),
		GPUAS_EOVERFLOW);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16), list, 65537, READ_ONLY),
		GPUAS_EOVERFLOW);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), list, 65537, READ_ONLY),
		GPUAS_EOVERFLOW);
	free(list);
}

static void one_page_is_mapped_everywhere(void **state)
{
	struct tree *t = *state;
	uint64_t off;

	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16 - PAGE), gpuas_pa(PA16), PAGE,
					  BLOCK16 + 2 * PAGE, READ_ONLY), 0);
	for (off = 0; off < BLOCK16 + 2 * PAGE; off += PAGE)
		assert_int_equal(pa_of(t, VA16 - PAGE + off), PA16);
	assert_int_equal(level_at(t, VA16), 0);
	assert_int_equal(pa_of(t, VA16 + BLOCK16 + PAGE), -GPUAS_ENOENT);
	/* The last page of physical memory can be it, since nothing counts up. */
	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16 + 4 * BLOCK16),
					  gpuas_pa((1ULL << 48) - PAGE), PAGE, 4 * PAGE,
					  READ_ONLY), 0);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 5 * BLOCK16), gpuas_pa(1ULL << 48),
				    PAGE, PAGE, READ_ONLY), GPUAS_ERANGE);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 5 * BLOCK16), gpuas_pa(PA + 1),
				    PAGE, PAGE, READ_ONLY), GPUAS_EINVAL);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 5 * BLOCK16), gpuas_pa(PA), PAGE, 0,
				    READ_ONLY), GPUAS_EINVAL);
}

/* A pattern as large and as aligned as a block is mapped by blocks; a cut one by pages. */
static void a_pattern_is_mapped_by_blocks_where_they_fit(void **state)
{
	struct tree *t = *state;
	uint64_t off, size = 16ULL << 30;
	uint32_t tables = t->space.tables;

	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16), gpuas_pa(PA16), BLOCK16, size,
					  READ_ONLY), 0);
	/* 512 entries of one table, or of two. */
	assert_in_range(t->space.tables, tables + 2, tables + 3);
	for (off = 0; off < size; off += BLOCK16 / 2)
		assert_int_equal(pa_of(t, VA16 + off), PA16 + off % BLOCK16);
	assert_int_equal(level_at(t, VA16 + size - BLOCK16), 1);
	assert_int_equal(unmap(t, VA16, size), 0);
	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16), gpuas_pa(PA16), BLOCK16,
					  2 * BLOCK16 + PAGE, READ_ONLY), 0);
	assert_int_equal(level_at(t, VA16 + BLOCK16), 1);
	assert_int_equal(level_at(t, VA16 + 2 * BLOCK16), 0);
	assert_int_equal(pa_of(t, VA16 + 2 * BLOCK16), PA16);
	assert_int_equal(pa_of(t, VA16 + 2 * BLOCK16 + PAGE), -GPUAS_ENOENT);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + BLOCK16), gpuas_pa(PA16), PAGE, PAGE,
				    READ_ONLY), GPUAS_EEXIST);
}

static void a_pattern_of_some_pages_begins_anew(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16 - 5 * PAGE), gpuas_pa(PA), 3 * PAGE,
					  11 * PAGE, READ_ONLY), 0);
	for (i = 0; i < 11; i++)
		assert_int_equal(pa_of(t, VA16 + i * PAGE - 5 * PAGE), PA + i % 3 * PAGE);
	assert_int_equal(pa_of(t, VA16 + 6 * PAGE), -GPUAS_ENOENT);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 9 * PAGE), gpuas_pa(PA), 0, PAGE,
				    READ_ONLY), GPUAS_EINVAL);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 9 * PAGE), gpuas_pa(PA), PAGE + 8, PAGE,
				    READ_ONLY), GPUAS_EINVAL);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 9 * PAGE),
				    gpuas_pa((1ULL << 48) - PAGE), 2 * PAGE, PAGE, READ_ONLY),
		GPUAS_ERANGE);
}

static const struct CMUnitTest tests[] = {
	TEST16(replace_takes_the_place_after_a_break),
	TEST16(replace_of_a_hole_is_a_map),
	TEST16(replace_happens_fully_or_not_at_all),
	TEST16(a_list_is_mapped_in_one_go),
	TEST16(a_list_that_wraps_around_is_refused),
	TEST16(one_page_is_mapped_everywhere),
	TEST16(a_pattern_is_mapped_by_blocks_where_they_fit),
	TEST16(a_pattern_of_some_pages_begins_anew),
};

UNIT_MAIN(tests)
