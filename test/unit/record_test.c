// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What a handle knows of its tables, and what others write to them all the same. */
#include "blocks.h"

/* It may be anybody's by now. */
static void a_freed_table_is_not_remembered_as_ours(void **state)
{
	struct tree *t = *state;
	uint64_t middle, leaf;

	assert_int_equal(map(t, HOST + 9 * LEAF_SPAN, PA, PAGE), 0);
	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	assert_int_equal(map(t, HOST + 2 * PAGE, PA, PAGE), 0);
	middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
	leaf = *slot(t->ram, middle, 0);
	assert_int_equal(unmap(t, HOST, 3 * PAGE), 0);
	assert_int_equal(*slot(t->ram, middle, 0), 0);
	*slot(t->ram, middle, 0) = leaf;
	memset(ram_at(t->ram, leaf & ~3ULL, RAM_GRANULE), 0, RAM_GRANULE);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, 3 * LEAF_SPAN), GPUAS_EPERM);
}

/* What is remembered of no table must not be what a hostile tree has. */
static void a_new_handle_knows_no_table(void **state)
{
	static const uint64_t values[] = { 0, ~0ULL, 1, 2, 3, 0xfffffffffffcULL };
	struct tree *t = *state;
	gpuas_pa_t pa;
	unsigned int i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = values[i];
		assert_true(gpuas_translate(&t->space, gpuas_va(HOST), &pa, NULL) < 0);
	}
	*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = 0;
}

static void a_page_beyond_the_pa_size_is_no_translation(void **state)
{
	struct tree *t = *state;
	unsigned int i, level;

	for (i = 0; i < 2; i++) {
		assert_int_equal(map(t, HOST, PA, PAGE), 0);
		assert_int_equal(pa_of(t, HOST), PA);
		*entry_at(t, HOST, &level) |= 1ULL << 40;
		assert_int_equal(pa_of(t, HOST), -GPUAS_EFAULT);
		assert_int_equal(unmap(t, HOST, PAGE), 0);
	}
}

/*
 * What somebody else wrote into tables of ours, which no count can know of: own
 * pages never go with the table that they are in.
 */
static uint64_t *leaf_of(struct tree *t, uint64_t va)
{
	unsigned int level;

	return entry_at(t, va, &level);
}

static void more_entries_gone_than_counted_do_not_empty_a_table(void **state)
{
	struct tree *t = *state;
	unsigned int i;
	uint64_t *leaf;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	leaf = leaf_of(t, HOST);
	leaf[1] = leaf[2] = leaf[3] = leaf[0];
	assert_int_equal(unmap(t, HOST, 4 * PAGE), 0);
	assert_int_equal(t->space.tables, 1);
	assert_int_equal(map(t, HOST, PA, 5 * PAGE), 0);
	for (i = 0; i < 5; i++) {
		assert_int_equal(pages_of(t), 5 - i);
		assert_int_equal(unmap(t, HOST + i * PAGE, PAGE), 0);
	}
	assert_int_equal(t->space.tables, 1);
}

/* Counted: our two. One that is not ours goes, and one that is. */
static void the_last_own_page_stays_when_the_count_is_0(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	leaf_of(t, HOST)[7] = *leaf_of(t, HOST);
	assert_int_equal(unmap(t, HOST + 7 * PAGE, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + PAGE);
	assert_int_equal(ram_owned(t->ram), 3);
	assert_int_equal(unmap(t, HOST + PAGE, PAGE), 0);
	assert_int_equal(ram_owned(t->ram), 1);
}

/*
 * In a tree whose root is lent, others may have written to tables of ours: what is
 * there keeps the table, at each level.
 */
static void a_table_linked_by_others_keeps_the_one_that_leads_to_it(void **state)
{
	struct tree *t = *state;
	uint64_t middle;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	middle = *slot(t->ram, FW_ROOT, 2) & ~3ULL;
	*slot(t->ram, middle, 7) = FW_LEAF | 3;
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + 7 * LEAF_SPAN), PA);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void a_page_of_others_keeps_the_table_that_it_is_in(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	leaf_of(t, HOST)[700] = *leaf_of(t, HOST);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + 700 * PAGE), PA);
	assert_int_equal(ram_owned(t->ram), 2);
	/* It is mapped beside, and goes like any other page. */
	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	assert_int_equal(unmap(t, HOST, 2 * PAGE), 0);
	assert_int_equal(unmap(t, HOST + 700 * PAGE, PAGE), 0);
	assert_int_equal(ram_owned(t->ram), 0);
}

/* Nobody else works below a root of the handle's own: there, the count is the answer. */
static void in_a_tree_of_its_own_a_leaf_table_goes_with_the_last_own_page(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	leaf_of(t, HOST)[700] = *leaf_of(t, HOST);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(ram_owned(t->ram), 1);
}

/* But what they linked is no page, and may be much. */
static void a_table_of_others_stays_linked_in_a_tree_of_its_own(void **state)
{
	struct tree *t = *state;

	fw_tree(t->ram);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	*slot(t->ram, *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL, 7) = FW_LEAF | 3;
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + 7 * LEAF_SPAN), PA);
	assert_int_equal(ram_owned(t->ram), 2);
}

/* A lent root stays: what leads to a table of ours in two ways must not. */
static void release_leaves_no_second_way_in_a_lent_root(void **state)
{
	struct tree *t = *state;
	const struct gpuas_range both = { gpuas_va(HOST), 2 * SLOT };

	gpuas_space_release(&t->space);
	assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &both, gpuas_pa(FW_ROOT),
					   &t->ram->env), 0);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	*slot(t->ram, FW_ROOT, 3) = *slot(t->ram, FW_ROOT, 2);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_true(!*slot(t->ram, FW_ROOT, 2));
	assert_true(!*slot(t->ram, FW_ROOT, 3));
	assert_true(*slot(t->ram, FW_ROOT, 0) == (FW_MIDDLE | 3));
}

/* What others planted is counted off when it goes: the count is too low then. */
static void release_finds_all_tables_whatever_the_count_says(void **state)
{
	struct tree *t = *state;
	uint64_t *middle;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + 5 * LEAF_SPAN, PA, PAGE), 0);
	middle = slot(t->ram, *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL, 0);
	middle[2] = 0x40000401;
	assert_int_equal(unmap(t, HOST + 2 * LEAF_SPAN, LEAF_SPAN), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

/* A page of others between two of ours, which they take away again. */
static void a_table_goes_when_the_page_of_others_is_gone(void **state)
{
	struct tree *t = *state;
	uint64_t *leaf;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + 9 * PAGE, PA, PAGE), 0);
	leaf = leaf_of(t, HOST);
	leaf[5] = leaf[0];
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(unmap(t, HOST + 9 * PAGE, PAGE), 0);
	assert_int_equal(t->space.tables, 3);
	leaf[5] = 0;
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(t->space.tables, 1);
}

/* An environment may go on answering with the record of a table that it took back. */
static struct gpuas_table taken_back;

static struct gpuas_table *record_of_taken_back(void *ctx, gpuas_pa_t pa)
{
	(void)ctx;
	return pa == taken_back.pa ? &taken_back : NULL;
}

static uint64_t *lend_others(void *ctx, gpuas_pa_t pa, size_t size)
{
	return pa == taken_back.pa ? NULL : ram_at(ctx, gpuas_pa_u64(pa), size);
}

static void a_table_that_was_taken_back_is_read_only_if_it_is_lent(void **state)
{
	struct tree *t = *state;

	fw_tree(t->ram);
	taken_back = (struct gpuas_table){
		.pa = gpuas_pa(FW_MIDDLE), .ptr = slot(t->ram, FW_MIDDLE, 0),
	};
	t->ram->env.table_record = record_of_taken_back;
	*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = FW_MIDDLE | 3;
	assert_int_equal(pa_of(t, HOST), PA);
	t->ram->env.table_ptr = lend_others;
	assert_int_equal(pa_of(t, HOST), -GPUAS_EFAULT);
}

static int (*plain_alloc)(void *ctx, size_t size, struct gpuas_table **table);

static int alloc_zero(void *ctx, size_t size, struct gpuas_table **table)
{
	int err = plain_alloc(ctx, size, table);

	if (!err) {
		memset((*table)->ptr, 0, size);
		(*table)->zero = true;
	}
	return err;
}

static void what_is_written_to_a_table_in_reserve_does_not_matter(void **state)
{
	struct tree *t = *state;
	struct gpuas_table *table;

	plain_alloc = t->ram->env.table_alloc;
	t->ram->env.table_alloc = alloc_zero;
	assert_int_equal(gpuas_reserve(&t->space, 2), 0);
	for (table = t->space.spare; table; table = table->next)
		table->ptr[700] = PA | 0x60000000000403ULL;
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(pages_of(t), 1);
}

/*
 * A word of others at the beginning of a table of ours, with type 00 as chains of
 * tables have it, changes nothing but its own entry.
 */
static void a_strange_first_word_blocks_nothing_else(struct tree *t, uint64_t *first, uint64_t word)
{
	const uint64_t far = HOST + 5 * PAGE;
	unsigned int frees = t->ram->frees;

	*first = word;
	assert_int_equal(map(t, far, PA, 2 * PAGE), 0);
	assert_int_equal(pa_of(t, far + PAGE), PA + PAGE);
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(far), PAGE, RIGHTS & ~GPUAS_GPU_WRITE), 0);
	assert_int_equal(map(t, far, PA, PAGE), -GPUAS_EEXIST);
	assert_int_equal(unmap(t, far, PAGE), 0);
	assert_int_equal(unmap(t, far + PAGE, PAGE), 0);
	assert_int_equal(t->ram->frees, frees);
	assert_true(*first == word);
}

static void a_first_word_of_others_blocks_nothing_else(void **state)
{
	static const uint64_t words[] = { 4, 8, 0xc, 0x1000, FW_TABLE(3), FW_TABLE(3) | 4,
					  FW_TABLE(3) | 8, ~3ULL };
	struct tree *t = *state;
	uint64_t middle, *leaf;
	unsigned int i;

	/* Also when there are chains: with a table in reserve, and one that waits. */
	assert_int_equal(gpuas_reserve(&t->space, 3), 0);
	for (i = 0; i < 2 * sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(map(t, HOST + LEAF_SPAN, PA, PAGE), 0);
		assert_int_equal(map(t, HOST + PAGE, PA, PAGE), 0);
		middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
		leaf = slot(t->ram, *slot(t->ram, middle, 0) & ~3ULL, 0);
		a_strange_first_word_blocks_nothing_else(t, leaf, words[i / 2]);
		assert_int_equal(map(t, HOST, PA, PAGE), -GPUAS_EEXIST);
		assert_int_equal(unmap(t, HOST, 2 * PAGE), 0);
		/* The same in the table above, which then has no leaf table at index 0. */
		*slot(t->ram, middle, 0) = words[i / 2];
		assert_int_equal(map(t, HOST + LEAF_SPAN + PAGE, PA, PAGE), 0);
		assert_int_equal(map(t, HOST, PA, PAGE), -GPUAS_EEXIST);
		assert_int_equal(unmap(t, HOST, PAGE), -GPUAS_EPERM);
		assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
		*slot(t->ram, middle, 0) = 0;
		assert_int_equal(unmap(t, HOST, 2 * LEAF_SPAN), 0);
		assert_int_equal(t->space.tables, 1);
	}
}

/* What a handle knows of where its pages lie says nothing of those of others. */
static void a_page_of_others_is_not_mapped_over(void **state)
{
	struct tree *t = *state;
	unsigned int at, pages;
	uint64_t *leaf, theirs;

	for (at = 0; at < 40; at++) {
		assert_int_equal(map(t, HOST + 20 * PAGE, PA, PAGE), 0);
		assert_int_equal(map(t, HOST + 21 * PAGE, PA, 3 * PAGE), 0);
		leaf = leaf_of(t, HOST);
		theirs = leaf[21] + 0x100 * PAGE;
		if (at >= 20 && at < 24)
			theirs = leaf[at];
		leaf[at] = theirs;
		for (pages = 1; pages <= 20; pages++) {
			unsigned int from = at < 20 ? (at < pages ? 0 : at - pages + 1) : at;

			REFUSED(t, map(t, HOST + from * PAGE, PA, pages * PAGE), GPUAS_EEXIST);
		}
		assert_true(leaf[at] == theirs);
		assert_int_equal(unmap(t, HOST, 64 * PAGE), 0);
		assert_int_equal(t->space.tables, 1);
	}
}

static void an_unmap_beside_a_page_of_others_leaves_it(void **state)
{
	struct tree *t = *state;
	unsigned int at;
	uint64_t *leaf;

	for (at = 0; at < 40; at++) {
		if (at >= 18 && at < 26)
			continue;
		assert_int_equal(map(t, HOST + 18 * PAGE, PA, PAGE), 0);
		assert_int_equal(map(t, HOST + 19 * PAGE, PA, 7 * PAGE), 0);
		leaf = leaf_of(t, HOST);
		leaf[at] = leaf[18];
		assert_int_equal(unmap(t, HOST + 19 * PAGE, 3 * PAGE), 0);
		assert_int_equal(unmap(t, HOST + 22 * PAGE, 3 * PAGE), 0);
		assert_int_equal(pa_of(t, HOST + at * PAGE), PA);
		assert_int_equal(pa_of(t, HOST + 18 * PAGE), PA);
		assert_int_equal(pa_of(t, HOST + 21 * PAGE), -GPUAS_ENOENT);
		/* What is in the range goes, whoever wrote it, and is flushed. */
		t->ram->flushes = 0;
		assert_int_equal(unmap(t, HOST + at * PAGE, 2 * PAGE), 0);
		assert_int_equal(t->ram->flushes, 1);
		assert_int_equal(pa_of(t, HOST + at * PAGE), -GPUAS_ENOENT);
		assert_int_equal(unmap(t, HOST, 64 * PAGE), 0);
		assert_int_equal(t->space.tables, 1);
	}
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_freed_table_is_not_remembered_as_ours),
	TREE_TEST(a_new_handle_knows_no_table),
	TREE_TEST(a_page_beyond_the_pa_size_is_no_translation),
	TREE_TEST(more_entries_gone_than_counted_do_not_empty_a_table),
	TREE_TEST(the_last_own_page_stays_when_the_count_is_0),
	BORROWED_TEST(a_table_linked_by_others_keeps_the_one_that_leads_to_it),
	BORROWED_TEST(a_page_of_others_keeps_the_table_that_it_is_in),
	TREE_TEST(in_a_tree_of_its_own_a_leaf_table_goes_with_the_last_own_page),
	TREE_TEST(a_table_of_others_stays_linked_in_a_tree_of_its_own),
	BORROWED_TEST(release_leaves_no_second_way_in_a_lent_root),
	TREE_TEST(release_finds_all_tables_whatever_the_count_says),
	TREE_TEST(a_table_goes_when_the_page_of_others_is_gone),
	TREE_TEST(what_is_written_to_a_table_in_reserve_does_not_matter),
	TREE_TEST(a_table_that_was_taken_back_is_read_only_if_it_is_lent),
	TREE_TEST(a_first_word_of_others_blocks_nothing_else),
	TREE_TEST(a_page_of_others_is_not_mapped_over),
	TREE_TEST(an_unmap_beside_a_page_of_others_leaves_it),
};

UNIT_MAIN(tests)
