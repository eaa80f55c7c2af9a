// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Maps that cannot fail. */
#include "blocks.h"

static void a_reserved_map_does_not_fail(void **state)
{
	struct tree *t = *state;
	const uint64_t va = HOST + SLOT - PAGE, size = LEAF_SPAN + 2 * PAGE;
	uint32_t tables = 0;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(va), size, &tables), 0);
	assert_int_equal(tables, 1 + 1 + 2);
	assert_int_equal(gpuas_reserve(&t->space, tables), 0);
	assert_int_equal(t->space.spares, tables);
	assert_int_equal(ram_owned(t->ram), 3 + tables);
	t->ram->fail_at = 1;
	assert_int_equal(map(t, va, PA, size), 0);
	assert_int_equal(t->ram->fail_at, 1);
	assert_int_equal(t->space.spares, 0);
	assert_int_equal(pa_of(t, va), PA);
	assert_int_equal(pa_of(t, va + size - PAGE), PA + size - PAGE);
	/* One table more than that is not to be had. */
	REFUSED(t, map(t, HOST + 3 * SLOT, PA, PAGE), GPUAS_ENOMEM);
}

static void what_a_map_leaves_of_the_reserve_stays(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_reserve(&t->space, 8), 0);
	assert_int_equal(gpuas_reserve(&t->space, 3), 0);
	assert_int_equal(t->space.spares, 8);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(t->space.spares, 6);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EEXIST);
	gpuas_unreserve(&t->space);
	assert_int_equal(t->space.spares, 0);
	assert_int_equal(ram_owned(t->ram), 3);
	gpuas_unreserve(&t->space);
	assert_int_equal(t->ram->flushes, 0);
}

static void release_gives_the_reserve_back(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_reserve(&t->space, 5), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

/*
 * Tables in reserve, and those that wait to be freed, are memory that others may
 * write to: whatever stands there, only what is ours is written or freed, and of
 * that nothing that the tree uses. The simulated RAM fails the test if it gets back
 * what is not owned.
 */
enum { SPARES = 5, WORDS = 8 };

/* The n-th table of the reserve. */
static uint64_t *spare_at(struct tree *t, unsigned int n)
{
	const struct gpuas_table *table = t->space.spare;

	for (; n; n--)
		table = table->next;
	return table->ptr;
}

/* A word that somebody may write: with another table's address, or none. */
static uint64_t word(struct tree *t, const uint64_t *old, unsigned int n)
{
	const uint64_t live = *slot(t->ram, gpuas_pa_u64(t->space.root), 0) & ~3ULL;
	const uint64_t words[WORDS] = {
		FW_TABLE(3), FW_TABLE(3) | (*old & 0xfff), live, live | (*old & 0xfff),
		gpuas_pa_u64(t->space.root) | (*old & 0xfff), 0, ~3ULL, FW_TABLE(3) | 3,
	};

	return words[n];
}

/* A page in a table, a block, and some tables in reserve; one of these is spoilt. */
static struct tree *spoilt(unsigned int spare, unsigned int n)
{
	struct tree *t = lpae_tree(&lpae4);
	uint64_t *at;

	assert_int_equal(map_low(t, 0, PA4, PAGE4), 0);
	assert_int_equal(map_low(t, VA4, PA4, BLOCK4), 0);
	assert_int_equal(gpuas_reserve(&t->space, SPARES), 0);
	at = spare_at(t, spare);
	*at = word(t, at, n);
	return t;
}

/* Nothing of others was touched, and what was mapped is there. */
static void intact(struct tree *t)
{
	static uint8_t garbage[RAM_GRANULE];

	memset(garbage, 0xa5, sizeof(garbage));
	assert_memory_equal(ram_at(t->ram, FW_TABLE(3), RAM_GRANULE), garbage, RAM_GRANULE);
	MAPPED(t, 0, PA4, PAGE4);
	MAPPED(t, VA4, PA4, BLOCK4);
}

static void done(struct tree *t)
{
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	ram_delete(t->ram);
	free(t);
}

static int map_three(struct tree *t)
{
	return map_low(t, VA4 + 5 * GIB, PA4, PAGE4 + 4 * BLOCK4);
}

static int unmap_middle(struct tree *t)
{
	return unmap(t, VA4 + 5 * PAGE4, PAGE4);
}

static int protect_middle(struct tree *t)
{
	return gpuas_protect(&t->space, gpuas_va(VA4 + 5 * PAGE4), PAGE4, UNCACHED);
}

static int replace_middle(struct tree *t)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(PA4), .size = PAGE4 };

	return gpuas_replace(&t->space, gpuas_va(VA4 + 5 * PAGE4), &piece, 1, READ_ONLY);
}

static int put_back(struct tree *t)
{
	gpuas_unreserve(&t->space);
	return 0;
}

static int get_more(struct tree *t)
{
	return gpuas_reserve(&t->space, SPARES + 2);
}

static int nothing(struct tree *t)
{
	(void)t;
	return 0;
}

static void a_reserve_that_others_wrote_to_harms_nobody(void **state)
{
	static int (*const calls[])(struct tree *t) = {
		map_three, unmap_middle, protect_middle, replace_middle, put_back, get_more, nothing,
	};
	unsigned int i, spare, n;

	(void)state;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (spare = 0; spare < SPARES; spare++) {
			for (n = 0; n < WORDS; n++) {
				struct tree *t = spoilt(spare, n);

				assert_int_equal(calls[i](t), 0);
				if (calls[i] != unmap_middle && calls[i] != replace_middle)
					intact(t);
				done(t);
			}
		}
	}
}

/* The same while they wait to be freed: in the middle of a gather. */
static void tables_on_their_way_out_that_others_wrote_to_harm_nobody(void **state)
{
	unsigned int at, n;

	(void)state;
	for (at = 0; at < 4; at++) {
		for (n = 0; n < WORDS; n++) {
			struct tree *t = lpae_tree(&lpae4);
			const struct gpuas_table *table;
			unsigned int i;

			assert_int_equal(map_low(t, 0, PA4, PAGE4), 0);
			assert_int_equal(map_low(t, VA4, PA4, BLOCK4), 0);
			for (i = 1; i < 4; i++)
				assert_int_equal(map_low(t, i * GIB, PA4, PAGE4), 0);
			gpuas_gather_begin(&t->space);
			for (i = 1; i < 4; i++)
				assert_int_equal(unmap(t, i * GIB, PAGE4), 0);
			table = t->space.gather.pending;
			for (i = 0; i < at; i++)
				table = table->next;
			*table->ptr = word(t, table->ptr, n);
			gpuas_gather_end(&t->space);
			intact(t);
			done(t);
		}
	}
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_reserved_map_does_not_fail),
	TREE_TEST(what_a_map_leaves_of_the_reserve_stays),
	TREE_TEST(release_gives_the_reserve_back),
	cmocka_unit_test(a_reserve_that_others_wrote_to_harms_nobody),
	cmocka_unit_test(tables_on_their_way_out_that_others_wrote_to_harm_nobody),
};

UNIT_MAIN(tests)
