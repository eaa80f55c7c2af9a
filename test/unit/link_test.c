// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The way from a root to a table that is lent, and the link that the host makes. */
#include "tree.h"

#include <gpuas/link.h>

#define LENT	FW_TABLE(3)
#define OTHER	FW_TABLE(4)
#define NOWHERE	(RAM_BASE + RAM_SIZE)

static const struct gpuas_range nothing = {
	.va = (GPUAS_FORCE gpuas_va_t)HOST, .size = 0,
};

/* A firmware's tree, seen from its root, and two empty tables beside it. */
static int lent_tree(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	t->ram = ram_new();
	fw_tree(t->ram);
	memset(slot(t->ram, LENT, 0), 0, RAM_GRANULE);
	memset(slot(t->ram, OTHER, 0), 0, RAM_GRANULE);
	assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &nothing, gpuas_pa(FW_ROOT),
					   &t->ram->env), 0);
	*state = t;
	return 0;
}

#define LENT_TEST(f) cmocka_unit_test_setup_teardown(f, lent_tree, no_tree)

static enum gpuas_found find(struct tree *t, unsigned int level, uint64_t va,
			     struct gpuas_link *link)
{
	assert_int_equal(gpuas_link_find(&t->space, level, gpuas_va(va), gpuas_pa(LENT), link), 0);
	return link->found;
}

static int install(struct tree *t, uint64_t va, uint64_t table)
{
	struct gpuas_link link;

	return gpuas_link_install(&t->space, gpuas_va(va), gpuas_pa(table), &link);
}

/* A call that must write nothing. */
#define NOTHING_WRITTEN(t, call, err) do { \
	struct ram *before_ = ram_copy((t)->ram); \
	assert_int_equal(call, err); \
	assert_true(ram_equal(before_, (t)->ram)); \
	ram_delete(before_); \
} while (0)

static void a_descent_says_what_it_finds(void **state)
{
	static const struct {
		uint64_t entry;
		enum gpuas_found found;
	} cases[] = {
		{ 0, GPUAS_FOUND_EMPTY },
		{ LENT | 3, GPUAS_FOUND_EXPECTED },
		{ OTHER | 3, GPUAS_FOUND_OTHER },
		{ FW_ROOT | 3, GPUAS_FOUND_OTHER },
		/* Not there at all: it is another one all the same. */
		{ NOWHERE | 3, GPUAS_FOUND_OTHER },
		{ LENT | 1, GPUAS_FOUND_ODD },
		{ LENT | 2, GPUAS_FOUND_ODD },
		{ LENT, GPUAS_FOUND_ODD },
	};
	struct tree *t = *state;
	struct gpuas_link link;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*slot(t->ram, FW_ROOT, 2) = cases[i].entry;
		assert_int_equal(find(t, 1, HOST + 0x12345, &link), cases[i].found);
		assert_int_equal(link.level, 2);
		assert_int_equal(link.index, 2);
		assert_int_equal(link.entry, cases[i].entry);
		assert_int_equal(gpuas_pa_u64(link.table),
				 (cases[i].entry & 3) == 3 ? cases[i].entry - 3 : 0);
	}
}

static void a_descent_of_two_levels_ends_where_the_way_does(void **state)
{
	struct tree *t = *state;
	struct gpuas_link link;

	assert_int_equal(find(t, 0, HALF, &link), GPUAS_FOUND_OTHER);
	assert_int_equal(gpuas_pa_u64(link.table), FW_LEAF);
	assert_int_equal(link.level, 1);
	assert_int_equal(find(t, 0, HALF + LEAF_SPAN, &link), GPUAS_FOUND_EMPTY);
	assert_int_equal(link.level, 1);
	assert_int_equal(find(t, 0, HOST, &link), GPUAS_FOUND_EMPTY);
	assert_int_equal(link.level, 2);
	*slot(t->ram, FW_MIDDLE, 1) = LENT | 3;
	assert_int_equal(find(t, 0, HALF + LEAF_SPAN, &link), GPUAS_FOUND_EXPECTED);
	/* A block of level 1, which UAT's format knows, where a leaf table is wanted. */
	*slot(t->ram, FW_MIDDLE, 1) = (PA & ~(LEAF_SPAN - 1)) | 0x401;
	assert_int_equal(find(t, 0, HALF + LEAF_SPAN, &link), GPUAS_FOUND_BLOCK);
	*slot(t->ram, FW_ROOT, 1) = NOWHERE | 3;
	assert_int_equal(find(t, 0, HALF + SLOT, &link), GPUAS_FOUND_UNREADABLE);
	assert_int_equal(link.level, 2);
	*slot(t->ram, FW_ROOT, 1) = FW_ROOT | 3;
	assert_int_equal(find(t, 0, HALF + SLOT, &link), GPUAS_FOUND_OTHER);
}

static void a_descent_has_bounds(void **state)
{
	struct tree *t = *state;
	struct gpuas_link link;

	assert_int_equal(gpuas_link_find(&t->space, 2, gpuas_va(HOST), gpuas_pa(LENT), &link),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_link_find(&t->space, ~0u, gpuas_va(HOST), gpuas_pa(LENT), &link),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_link_find(&t->space, 1, gpuas_va(HALF - 1), gpuas_pa(LENT), &link),
			 -GPUAS_ERANGE);
	*slot(t->ram, FW_ROOT, 2) = OTHER | 3;
	assert_int_equal(gpuas_link_find(&t->space, 1, gpuas_va(HOST), GPUAS_TABLE_ANY, &link), 0);
	assert_int_equal(link.found, GPUAS_FOUND_EXPECTED);
}

/* Whoever took it for a table of its level would write pointers into the way there. */
static void a_table_above_is_not_the_one_that_was_expected(void **state)
{
	struct tree *t = *state;
	struct gpuas_space space;
	struct gpuas_link link;

	*slot(t->ram, FW_ROOT, 2) = FW_ROOT | 3;
	assert_int_equal(gpuas_link_find(&t->space, 1, gpuas_va(HOST), GPUAS_TABLE_ANY, &link), 0);
	assert_int_equal(link.found, GPUAS_FOUND_OTHER);
	assert_int_equal(gpuas_link_find(&t->space, 1, gpuas_va(HOST), gpuas_pa(FW_ROOT), &link), 0);
	assert_int_equal(link.found, GPUAS_FOUND_OTHER);
	*slot(t->ram, FW_MIDDLE, 0) = FW_MIDDLE | 3;
	assert_int_equal(gpuas_link_find(&t->space, 0, gpuas_va(HALF), GPUAS_TABLE_ANY, &link), 0);
	assert_int_equal(link.found, GPUAS_FOUND_OTHER);
	*slot(t->ram, FW_ROOT, 0) = FW_ROOT | 3;
	*slot(t->ram, FW_ROOT, 7) = 0;
	assert_int_equal(gpuas_space_adopt_below(&space, &uat39, 1,
						 &(struct gpuas_range){
							.va = gpuas_va(HALF + 7 * LEAF_SPAN),
							.size = LEAF_SPAN },
						 gpuas_pa(FW_ROOT), GPUAS_TABLE_ANY,
						 &t->ram->env, &link), -GPUAS_ESTALE);
	assert_int_equal(gpuas_pa_u64(link.table), FW_ROOT);
}

static int below(struct tree *t, struct gpuas_space *space, uint64_t table, struct gpuas_link *link)
{
	return gpuas_space_adopt_below(space, &uat39, 1, &host_window, gpuas_pa(FW_ROOT),
				       gpuas_pa(table), &t->ram->env, link);
}

static void a_handle_is_opened_by_the_way_down(void **state)
{
	struct tree *t = *state;
	struct gpuas_space space;
	struct gpuas_link link;

	NOTHING_WRITTEN(t, below(t, &space, LENT, &link), -GPUAS_ENOENT);
	*slot(t->ram, FW_ROOT, 2) = OTHER | 3;
	NOTHING_WRITTEN(t, below(t, &space, LENT, &link), -GPUAS_ESTALE);
	assert_int_equal(gpuas_pa_u64(link.table), OTHER);
	*slot(t->ram, FW_ROOT, 2) = LENT | 1;
	NOTHING_WRITTEN(t, below(t, &space, LENT, &link), -GPUAS_EEXIST);
	*slot(t->ram, FW_ROOT, 2) = NOWHERE | 3;
	NOTHING_WRITTEN(t, below(t, &space, NOWHERE, &link), -GPUAS_EFAULT);
	*slot(t->ram, FW_ROOT, 2) = LENT | 3;
	*slot(t->ram, LENT, 5) = 1;
	NOTHING_WRITTEN(t, below(t, &space, LENT, &link), -GPUAS_EBUSY);
	*slot(t->ram, LENT, 5) = 0;
	assert_int_equal(below(t, &space, LENT, &link), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va(HOST + PAGE), gpuas_pa(PA), PAGE, RIGHTS), 0);
	/* From the root, it is there. */
	assert_int_equal(pa_of(t, HOST + PAGE), PA);
	gpuas_space_release(&space);
	assert_int_equal(pa_of(t, HOST + PAGE), -GPUAS_ENOENT);
	assert_int_equal(*slot(t->ram, FW_ROOT, 2), LENT | 3);
	assert_int_equal(below(t, &space, FW_MIDDLE, &link), -GPUAS_ESTALE);
	assert_int_equal(gpuas_space_adopt_below(&space, &uat39, 1, &host_window,
						 gpuas_pa(NOWHERE), gpuas_pa(LENT),
						 &t->ram->env, &link), -GPUAS_EFAULT);
}

/* Of a host that was not told to keep its hands off the memory that is lent. */
static struct gpuas_table lent_again;

static int alloc_lent(void *ctx, size_t size, struct gpuas_table **table)
{
	lent_again.pa = gpuas_pa(LENT);
	lent_again.ptr = ram_at(ctx, LENT, size);
	*table = &lent_again;
	return 0;
}

static void take_back(void *ctx, struct gpuas_table *table, size_t size)
{
	(void)ctx;
	(void)size;
	assert_ptr_equal(table, &lent_again);
}

static void a_lent_table_is_no_new_one(void **state)
{
	struct tree *t = *state;
	struct gpuas_env env = t->ram->env;
	struct gpuas_space space;

	env.table_alloc = alloc_lent;
	env.table_free = take_back;
	assert_int_equal(gpuas_space_adopt_at(&space, &uat39, 1, &host_window, gpuas_pa(LENT),
					      &env), 0);
	NOTHING_WRITTEN(t, gpuas_map(&space, gpuas_va(HOST), gpuas_pa(PA), PAGE, RIGHTS),
			-GPUAS_EFAULT);
	assert_int_equal(gpuas_reserve(&space, 1), -GPUAS_EFAULT);
	gpuas_space_release(&space);
}

static void an_install_links_once_and_never_over_anything(void **state)
{
	struct tree *t = *state;
	struct gpuas_link link;

	assert_int_equal(install(t, HOST + 0x777, LENT), 0);
	assert_int_equal(*slot(t->ram, FW_ROOT, 2), LENT | 3);
	/* Again, also when it is in use: success, and nothing is written. */
	*slot(t->ram, LENT, 0) = OTHER | 3;
	NOTHING_WRITTEN(t, install(t, HOST, LENT), 0);
	NOTHING_WRITTEN(t, install(t, HOST, OTHER), -GPUAS_EBUSY);
	*slot(t->ram, FW_ROOT, 2) = LENT | 1;
	NOTHING_WRITTEN(t, gpuas_link_install(&t->space, gpuas_va(HOST), gpuas_pa(LENT), &link),
			-GPUAS_EBUSY);
	assert_int_equal(link.found, GPUAS_FOUND_ODD);
	assert_int_equal(link.entry, LENT | 1);
}

static void an_install_wants_a_table_that_is_empty_and_can_be_one(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 2048; i += 89) {
		*slot(t->ram, LENT, i) = 1ULL << i % 64;
		NOTHING_WRITTEN(t, install(t, HOST, LENT), -GPUAS_EBUSY);
		*slot(t->ram, LENT, i) = 0;
	}
	*slot(t->ram, LENT, 2047) = 1;
	NOTHING_WRITTEN(t, install(t, HOST, LENT), -GPUAS_EBUSY);
	*slot(t->ram, LENT, 2047) = 0;
	NOTHING_WRITTEN(t, install(t, HOST, LENT + 0x1000), -GPUAS_EINVAL);
	NOTHING_WRITTEN(t, install(t, HOST, LENT + 1), -GPUAS_EINVAL);
	NOTHING_WRITTEN(t, install(t, HOST, 1ULL << 40), -GPUAS_EINVAL);
	NOTHING_WRITTEN(t, install(t, HOST, FW_ROOT), -GPUAS_EINVAL);
	NOTHING_WRITTEN(t, install(t, HOST, NOWHERE), -GPUAS_EFAULT);
	NOTHING_WRITTEN(t, install(t, HALF - PAGE, LENT), -GPUAS_ERANGE);
}

static void an_install_keeps_out_of_a_window(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &host_window, gpuas_pa(FW_ROOT),
					   &t->ram->env), 0);
	NOTHING_WRITTEN(t, install(t, HOST + SLOT - 1, LENT), -GPUAS_EPERM);
	assert_int_equal(install(t, HOST + SLOT, LENT), 0);
}

static struct tree *ordered;
static unsigned int steps;

static void cleaning(void *ctx, const void *ptr, size_t size)
{
	(void)ctx;
	if (!steps++) {
		/* The table, and nothing leads to it yet. */
		assert_ptr_equal(ptr, slot(ordered->ram, LENT, 0));
		assert_int_equal(size, RAM_GRANULE);
		assert_int_equal(*slot(ordered->ram, FW_ROOT, 2), 0);
		return;
	}
	assert_ptr_equal(ptr, slot(ordered->ram, FW_ROOT, 2));
	assert_int_equal(size, 8);
	assert_int_equal(*slot(ordered->ram, FW_ROOT, 2), LENT | 3);
}

static void an_install_cleans_the_table_then_the_entry(void **state)
{
	struct tree *t = *state;

	ordered = t;
	steps = 0;
	t->ram->env.clean = cleaning;
	assert_int_equal(install(t, HOST, LENT), 0);
	assert_int_equal(steps, 2);
	assert_int_equal(t->ram->flushes, 0);
	*slot(t->ram, FW_ROOT, 2) = 0;
	steps = 0;
	t->ram->env.map_flush = true;
	assert_int_equal(install(t, HOST, LENT), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, SLOT);
}

static const struct CMUnitTest tests[] = {
	LENT_TEST(a_descent_says_what_it_finds),
	LENT_TEST(a_descent_of_two_levels_ends_where_the_way_does),
	LENT_TEST(a_descent_has_bounds),
	LENT_TEST(a_table_above_is_not_the_one_that_was_expected),
	LENT_TEST(a_handle_is_opened_by_the_way_down),
	LENT_TEST(a_lent_table_is_no_new_one),
	LENT_TEST(an_install_links_once_and_never_over_anything),
	LENT_TEST(an_install_wants_a_table_that_is_empty_and_can_be_one),
	LENT_TEST(an_install_keeps_out_of_a_window),
	LENT_TEST(an_install_cleans_the_table_then_the_entry),
};

UNIT_MAIN(tests)
