// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The short ways of map and unmap: each is taken only where it does what the long one
 * would, so each of its conditions has a test here that fails without it.
 */
#include <gpuas/pool.h>

#include "blocks.h"

/* Page @i from the border between two leaf tables; i may be below 0. */
#define BORDER		(HOST + LEAF_SPAN)
#define AT(i)		(BORDER + (uint64_t)((int64_t)(i) * (int64_t)PAGE))

/* Two leaf tables, with a page far from the border in each. */
static void two_tables(struct tree *t)
{
	assert_int_equal(map(t, AT(-900), PA, PAGE), 0);
	assert_int_equal(map(t, AT(900), PA, PAGE), 0);
}

static void mapped(struct tree *t, int first, int count)
{
	int i;

	for (i = 0; i < count; i++)
		assert_int_equal(pa_of(t, AT(first + i)), PA + (uint64_t)i * PAGE);
}

static void a_range_over_two_leaf_tables_is_mapped_and_unmapped(void **state)
{
	struct tree *t = *state;
	int first, count;

	two_tables(t);
	for (first = -9; first < 0; first++) {
		for (count = 1 - first; count < 20; count++) {
			assert_int_equal(map(t, AT(first), PA, (uint64_t)count * PAGE), 0);
			mapped(t, first, count);
			t->ram->flushes = 0;
			assert_int_equal(unmap(t, AT(first), (uint64_t)count * PAGE), 0);
			assert_int_equal(t->ram->flushes, 1);
			assert_true(t->ram->flush_va == gpuas_va(AT(first)));
			assert_int_equal(t->ram->flush_size, (uint64_t)count * PAGE);
			assert_int_equal(pages_of(t), 2);
			/* Nothing is there: nothing to flush. */
			assert_int_equal(unmap(t, AT(first), (uint64_t)count * PAGE), 0);
			assert_int_equal(t->ram->flushes, 1);
		}
	}
	assert_int_equal(t->space.tables, 4);
}

static void a_page_in_the_way_in_either_table_refuses_all(void **state)
{
	struct tree *t = *state;
	int i;

	two_tables(t);
	for (i = -8; i < 8; i++) {
		assert_int_equal(map(t, AT(i), PA, PAGE), 0);
		REFUSED(t, map(t, AT(-8), PA, 16 * PAGE), GPUAS_EEXIST);
		assert_int_equal(unmap(t, AT(i), PAGE), 0);
	}
}

/* Either of the two, or both, have nothing else in them. */
static void a_table_that_the_range_empties_goes(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(map(t, AT(-8), PA, 16 * PAGE), 0);
		if (i & 1)
			assert_int_equal(map(t, AT(-900), PA, PAGE), 0);
		if (i & 2)
			assert_int_equal(map(t, AT(900), PA, PAGE), 0);
		assert_int_equal(unmap(t, AT(-8), 16 * PAGE), 0);
		assert_int_equal(t->space.tables, i ? 2 + (i & 1) + (i >> 1) : 1);
		assert_int_equal(unmap(t, HOST, 2 * LEAF_SPAN), 0);
		assert_int_equal(t->space.tables, 1);
	}
}

/* What was unmapped in the same gather is flushed before something takes its place. */
static void over_what_waits_for_a_flush_nothing_is_mapped(void **state)
{
	static const struct {
		int first;
		unsigned int count;
	} range[] = { { -8, 16 }, { 3, 2 }, { 0, 2048 } };
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		const uint64_t size = range[i].count * PAGE;

		if (i < 2)
			two_tables(t);
		assert_int_equal(map(t, AT(range[i].first), PA, size), 0);
		t->ram->flushes = 0;
		gpuas_gather_begin(&t->space);
		assert_int_equal(unmap(t, AT(range[i].first), size), 0);
		assert_int_equal(t->ram->flushes, 0);
		assert_int_equal(map(t, AT(range[i].first), PA, size), 0);
		assert_int_equal(t->ram->flushes, 1);
		gpuas_gather_end(&t->space);
		mapped(t, range[i].first, (int)range[i].count);
		assert_int_equal(unmap(t, HOST, 2 * LEAF_SPAN), 0);
	}
}

/* Six pages in three pieces, none beside another. */
static int map_three(struct tree *t, int first)
{
	const struct gpuas_extent three[] = {
		{ gpuas_pa(PA + 8 * PAGE), 2 * PAGE }, { gpuas_pa(PA), PAGE },
		{ gpuas_pa(PA + 32 * PAGE), 3 * PAGE },
	};

	return gpuas_map_list(&t->space, gpuas_va(AT(first)), three, 3, RIGHTS);
}

static void three_mapped(struct tree *t, int first)
{
	static const unsigned int page[] = { 8, 9, 0, 32, 33, 34 };
	unsigned int i;

	for (i = 0; i < 6; i++)
		assert_int_equal(pa_of(t, AT(first + (int)i)), PA + page[i] * PAGE);
}

/* Into a table that is there, across a border, and into one that is not. */
static void a_list_goes_where_single_calls_would(void **state)
{
	static const int first[] = { -700, -3, 1200, 2048 - 6, 4096 };
	struct tree *t = *state;
	unsigned int i, tables;

	two_tables(t);
	for (i = 0; i < 5; i++) {
		tables = t->space.tables;
		assert_int_equal(map_three(t, first[i]), 0);
		three_mapped(t, first[i]);
		assert_int_equal(pages_of(t), 8);
		assert_int_equal(unmap(t, AT(first[i]), 6 * PAGE), 0);
		assert_int_equal(t->space.tables, tables);
	}
	assert_int_equal(unmap(t, HOST, 2 * LEAF_SPAN), 0);
	assert_int_equal(t->space.tables, 1);
}

/* The pages of a list lie behind all others of the table. */
static void a_table_stays_for_the_last_page_of_a_list(void **state)
{
	struct tree *t = *state;

	two_tables(t);
	assert_int_equal(map_three(t, 1200), 0);
	assert_int_equal(unmap(t, AT(900), PAGE), 0);
	three_mapped(t, 1200);
	assert_int_equal(unmap(t, AT(1200), 5 * PAGE), 0);
	assert_int_equal(pa_of(t, AT(1205)), PA + 34 * PAGE);
	assert_int_equal(unmap(t, AT(1205), PAGE), 0);
	assert_int_equal(t->space.tables, 3);
}

static void a_page_in_the_way_of_a_list_refuses_all(void **state)
{
	struct tree *t = *state;
	int i;

	two_tables(t);
	for (i = 0; i < 6; i++) {
		assert_int_equal(map(t, AT(100 + i), PA, PAGE), 0);
		REFUSED(t, map_three(t, 100), GPUAS_EEXIST);
		assert_int_equal(unmap(t, AT(100 + i), PAGE), 0);
	}
}

static void a_list_waits_for_what_was_unmapped(void **state)
{
	struct tree *t = *state;

	two_tables(t);
	assert_int_equal(map(t, AT(100), PA, 6 * PAGE), 0);
	t->ram->flushes = 0;
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, AT(105), PAGE), 0);
	assert_int_equal(unmap(t, AT(100), 5 * PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(map_three(t, 100), 0);
	assert_int_equal(t->ram->flushes, 1);
	gpuas_gather_end(&t->space);
	three_mapped(t, 100);
}

static const void *cleaned;
static size_t cleaned_size;

static void note_clean(void *ctx, const void *ptr, size_t size)
{
	(void)ctx;
	assert_true(!cleaned);
	cleaned = ptr;
	cleaned_size = size;
}

static void a_list_is_cleaned_once(void **state)
{
	struct tree *t = *state;

	two_tables(t);
	t->ram->env.clean = note_clean;
	cleaned = NULL;
	assert_int_equal(map_three(t, 100), 0);
	assert_true(cleaned && *(const uint64_t *)cleaned);
	assert_int_equal(cleaned_size, 6 * sizeof(uint64_t));
	t->ram->env.clean = NULL;
}

/* With others beside it, and alone: then the tables above go too. */
static void a_whole_leaf_table_goes_with_what_it_leaves_empty(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, LEAF_SPAN), 0);
	assert_int_equal(map(t, HOST + 5 * LEAF_SPAN, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST, LEAF_SPAN), 0);
	assert_int_equal(t->space.tables, 3);
	assert_int_equal(map(t, HOST, PA, LEAF_SPAN), 0);
	assert_int_equal(unmap(t, HOST + 5 * LEAF_SPAN, PAGE), 0);
	assert_int_equal(unmap(t, HOST, LEAF_SPAN), 0);
	assert_int_equal(t->space.tables, 1);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void a_block_goes_with_what_it_leaves_empty(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	assert_int_equal(level_at(t, VA16), 1);
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA16, BLOCK16), 0);
	assert_int_equal(unmap(t, VA16, BLOCK16), 0);
	assert_int_equal(t->space.tables, 3);
	assert_int_equal(unmap(t, VA16 + BLOCK16, BLOCK16), 0);
	assert_int_equal(t->space.tables, 1);
}

/* As large as a table, but not one: parts of two. */
static void a_range_as_large_as_a_table_is_not_taken_for_one(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 2 * LEAF_SPAN), 0);
	assert_int_equal(unmap(t, HOST + LEAF_SPAN / 2, LEAF_SPAN), 0);
	assert_int_equal(pages_of(t), LEAF_SPAN / PAGE);
	assert_int_equal(pa_of(t, HOST), PA);
	assert_int_equal(pa_of(t, HOST + LEAF_SPAN / 2), -GPUAS_ENOENT);
}

/* A table of others where a leaf table, or a block, would go. */
static void what_is_not_ours_is_no_way(void **state)
{
	struct tree *t = *state;
	uint64_t *middle;

	fw_tree(t->ram);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	middle = slot(t->ram, *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL, 0);
	middle[3] = FW_LEAF | 3;
	REFUSED(t, map(t, HOST + 3 * LEAF_SPAN + 5 * PAGE, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, map(t, HOST + 3 * LEAF_SPAN, PA, LEAF_SPAN), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST + 3 * LEAF_SPAN, LEAF_SPAN), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST + 3 * LEAF_SPAN - 2 * PAGE, 4 * PAGE), GPUAS_EPERM);
	/* A second way to a table of ours goes as a whole only. */
	middle[3] = middle[0];
	REFUSED(t, unmap(t, HOST + 3 * LEAF_SPAN, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST + 3 * LEAF_SPAN + PAGE, LEAF_SPAN), GPUAS_EPERM);
	REFUSED(t, map(t, HOST + 3 * LEAF_SPAN + 5 * PAGE, PA, PAGE), GPUAS_EPERM);
	assert_int_equal(unmap(t, HOST + 3 * LEAF_SPAN, LEAF_SPAN), 0);
	assert_true(!middle[3]);
	assert_int_equal(pa_of(t, HOST), PA);
}

/* An environment that has no tables has no oracle either, and its handle no table. */
static void without_an_oracle_nothing_is_ours(void **state)
{
	struct tree *t = *state;
	struct gpuas_env env = { .ctx = t->ram, .table_ptr = t->ram->env.table_ptr };
	struct gpuas_space space;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const struct gpuas_geometry *geo = i ? &lpae16 : &uat39;
		const struct gpuas_range *window = i ? &whole48 : &whole;
		const gpuas_va_t va = window->va;

		memset(ram_at(t->ram, FW_TABLE(5), 3 * RAM_GRANULE), 0, 3 * RAM_GRANULE);
		assert_int_equal(gpuas_space_adopt(&space, geo, window, gpuas_pa(FW_TABLE(5)),
						   &env), 0);
		*slot(t->ram, FW_TABLE(5), 0) = FW_TABLE(4) | 3;
		*slot(t->ram, FW_TABLE(4), 0) = FW_TABLE(3) | 3;
		assert_int_equal(gpuas_map(&space, va, gpuas_pa(PA), PAGE, GPUAS_FW_READ),
				 -GPUAS_EPERM);
		assert_int_equal(gpuas_map(&space, va, gpuas_pa(PA), 2 * LEAF_SPAN, GPUAS_FW_READ),
				 -GPUAS_EPERM);
		assert_int_equal(gpuas_unmap(&space, va, PAGE), -GPUAS_EPERM);
		assert_int_equal(gpuas_unmap(&space, va, LEAF_SPAN), -GPUAS_EPERM);
		gpuas_space_release(&space);
	}
}

/* With attributes, translate goes the long way. */
static void same_with_attributes(const struct gpuas_space *space, uint64_t va)
{
	gpuas_attr_t attr;
	gpuas_pa_t pa = gpuas_pa(1), other = gpuas_pa(1);
	int err = gpuas_translate(space, gpuas_va(va), &pa, NULL);

	assert_int_equal(gpuas_translate(space, gpuas_va(va), &other, &attr), err);
	assert_true(gpuas_pa_u64(pa) == gpuas_pa_u64(other));
}

/* A pool of tables of any granule; the last ones are handed out to nobody. */
enum { POOL_TABLES = 16 };
#define POOL_PA		0x10000000ULL

static uint64_t *pool_table(const struct gpuas_pool *pool, uint64_t pa)
{
	return pool->tables[(pa - POOL_PA) >> pool->shift].ptr;
}

/*
 * A table of ours, one that is nobody's memory, one beyond the PA size, one that hangs in two
 * places, a block or what looks like one, a table of others, an entry of a reserved kind.
 */
static void odd_entries(const struct gpuas_space *space, const struct gpuas_pool *pool)
{
	const struct gpuas_format *format = space->geo.format;
	const uint64_t granule = 1ULL << format->granule_shift;
	const uint64_t others = POOL_PA + (POOL_TABLES - 2) * granule;
	uint64_t *root = pool_table(pool, gpuas_pa_u64(space->root));
	uint64_t *middle = pool_table(pool, root[0]), *leaf = pool_table(pool, middle[0]);

	root[1] = middle[1] = 0x100000000ULL | 3;
	root[2] = middle[2] = 1ULL << 44 | 3;
	root[3] = root[0];
	middle[3] = middle[0];
	root[5] = 1ULL << (format->granule_shift + 2 * format->index_bits) | 0x401;
	middle[4] = 1ULL << (format->granule_shift + format->index_bits) | 0x401;
	/* Where the table at 0 is remembered. */
	root[4] = others | 3;
	pool_table(pool, others)[0] = (others + granule) | 3 | 1ULL << 60;
	pool_table(pool, others + granule)[0] = leaf[0];
	root[6] = middle[6] = 2;
	leaf[2] = 1ULL << 44 | 0x403;
	leaf[3] = PA | 0x401;
	leaf[4] = PA | 2;
	leaf[5] = leaf[0] | 1ULL << 58;
}

/* Whatever is asked for; that nobody may ask beyond the PA size is the engine's. */
static uint64_t *lend_all(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_pool *pool = ctx;
	const uint64_t table = (gpuas_pa_u64(pa) - POOL_PA) >> pool->shift;

	assert_int_equal(size, 1ULL << pool->shift);
	return pool->tables[table < POOL_TABLES ? table : 0].ptr;
}

static void every_way_says_the_same(const struct gpuas_geometry *geo, struct gpuas_pool *pool)
{
	const unsigned int shift = geo->format->granule_shift, bits = geo->format->index_bits;
	const struct gpuas_range none = { gpuas_va(0), 0 };
	const uint64_t base = geo->upper ? HALF : 0;
	const struct gpuas_range all = { gpuas_va(base), 1ULL << 39 };
	struct gpuas_space space, reader;
	struct gpuas_env env, read = { .ctx = pool, .table_ptr = lend_all };
	gpuas_pa_t pa;
	unsigned int i;

	gpuas_pool_env(pool, &env);
	assert_int_equal(gpuas_space_create(&space, geo, &all, &env), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va(base), gpuas_pa(1ULL << 32), 2ULL << shift,
				   geo->upper ? RIGHTS : RIGHTS & ~GPUAS_GLOBAL), 0);
	odd_entries(&space, pool);
	assert_int_equal(gpuas_space_adopt(&reader, geo, &none, space.root, &read), 0);
	for (i = 0; i < 8 * 8 * 8; i++) {
		const uint64_t va = base + ((uint64_t)(i >> 6) << (shift + 2 * bits)) +
				    ((uint64_t)(i >> 3 & 7) << (shift + bits)) +
				    ((uint64_t)(i & 7) << shift) + 0x123;

		same_with_attributes(&space, va);
		same_with_attributes(&reader, va);
	}
	for (i = 1; i < 3; i++)
		assert_int_equal(gpuas_translate(&reader, gpuas_va(base + (2ULL << (shift + i * bits))),
						 &pa, NULL), -GPUAS_EFAULT);
	same_with_attributes(&space, base - 1);
	same_with_attributes(&reader, base - 1);
	same_with_attributes(&reader, base + (1ULL << 39));
}

static void translate_says_the_same_by_any_way(void **state)
{
	static const struct gpuas_geometry shapes[] = {
		{ &gpuas_format_uat, 39, 40, true, false },
		{ &gpuas_format_lpae_16k, 39, 40, false, true },
		{ &gpuas_format_lpae_4k, 39, 40, false, true },
	};
	static struct gpuas_table record[POOL_TABLES];
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		const uint32_t granule = 1u << shapes[i].format->granule_shift;
		struct gpuas_pool pool;
		void *mem = calloc(POOL_TABLES, granule);

		assert_int_equal(gpuas_pool_init(&pool, gpuas_pa(POOL_PA), POOL_TABLES * granule,
						 granule, mem, record, POOL_TABLES), 0);
		every_way_says_the_same(&shapes[i], &pool);
		free(mem);
	}
}

/* Words that others may write into a root: none leads to a table that never was. */
static void no_word_of_others_is_followed_to_nowhere(void **state)
{
	struct tree *t = *state;
	uint64_t *root = slot(t->ram, gpuas_pa_u64(t->space.root), 0);
	const struct gpuas_table *none = t->space.near[1][0];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		root[3] = gpuas_pa_u64(none->pa) + i;
		same_with_attributes(&t->space, HALF + 3 * SLOT + PAGE);
		REFUSED(t, map(t, HALF + 3 * SLOT, PA, PAGE), i == 2 ? GPUAS_EPERM : GPUAS_EEXIST);
		assert_int_equal(pa_of(t, HALF + 3 * SLOT + PAGE), i == 2 ? -GPUAS_EFAULT : -GPUAS_ENOENT);
	}
	root[3] = 0;
}

/* Tables that come and go again and again are zeroes, and are taken for nothing else. */
static void a_table_that_was_emptied_comes_back_empty(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 9; i++) {
		assert_int_equal(map(t, HOST + i * PAGE, PA, (i + 1) * PAGE), 0);
		assert_int_equal(pages_of(t), i + 1);
		assert_int_equal(unmap(t, HOST + i * PAGE, (i + 1) * PAGE), 0);
		assert_int_equal(t->space.tables, 1);
	}
}

#define TEST16(f)	cmocka_unit_test_setup_teardown(f, tree16, no_tree)

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_range_over_two_leaf_tables_is_mapped_and_unmapped),
	TREE_TEST(a_page_in_the_way_in_either_table_refuses_all),
	TREE_TEST(a_table_that_the_range_empties_goes),
	TREE_TEST(over_what_waits_for_a_flush_nothing_is_mapped),
	TREE_TEST(a_list_goes_where_single_calls_would),
	TREE_TEST(a_table_stays_for_the_last_page_of_a_list),
	TREE_TEST(a_page_in_the_way_of_a_list_refuses_all),
	TREE_TEST(a_list_waits_for_what_was_unmapped),
	TREE_TEST(a_list_is_cleaned_once),
	TREE_TEST(a_whole_leaf_table_goes_with_what_it_leaves_empty),
	TEST16(a_block_goes_with_what_it_leaves_empty),
	TREE_TEST(a_range_as_large_as_a_table_is_not_taken_for_one),
	TREE_TEST(what_is_not_ours_is_no_way),
	TREE_TEST(without_an_oracle_nothing_is_ours),
	TREE_TEST(translate_says_the_same_by_any_way),
	TREE_TEST(no_word_of_others_is_followed_to_nowhere),
	TREE_TEST(a_table_that_was_emptied_comes_back_empty),
};

UNIT_MAIN(tests)
