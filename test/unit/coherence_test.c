// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Walkers that remember holes, and others whose words hide behind our cache. */
#include "blocks.h"

#define MANY (LEAF_SPAN / PAGE)

static void last_flush(struct tree *t, unsigned int flushes, uint64_t va, uint64_t size)
{
	assert_int_equal(t->ram->flushes, flushes);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), va);
	assert_int_equal(t->ram->flush_size, size);
	t->ram->flushes = 0;
}

/* What walkers remember is known when a handle is made, and does not change. */
static void holes_are_remembered(struct tree *t)
{
	gpuas_space_release(&t->space);
	t->ram->env.map_flush = true;
	assert_int_equal(gpuas_space_create(&t->space, &uat39, &whole, &t->ram->env), 0);
	t->ram->flushes = 0;
}

static void maps_are_flushed_once_a_call_where_holes_are_remembered(void **state)
{
	const struct gpuas_extent list[] = {
		{ gpuas_pa(PA), PAGE }, { gpuas_pa(PA + 8 * PAGE), 2 * PAGE },
	};
	struct tree *t = *state;
	const uint64_t va = HOST + PAGE, far = HOST + LEAF_SPAN - 2 * PAGE;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	holes_are_remembered(t);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	last_flush(t, 1, HOST, PAGE);
	/* Into a table that is there, one that is not, two, and many. */
	assert_int_equal(map(t, va, PA, PAGE), 0);
	last_flush(t, 1, va, PAGE);
	assert_int_equal(map(t, HOST + 5 * LEAF_SPAN, PA, 2 * PAGE), 0);
	last_flush(t, 1, HOST + 5 * LEAF_SPAN, 2 * PAGE);
	assert_int_equal(map(t, far, PA, 4 * PAGE), 0);
	last_flush(t, 1, far, 4 * PAGE);
	assert_int_equal(unmap(t, far, 2 * PAGE), 0);
	t->ram->flushes = 0;
	assert_int_equal(map(t, far, PA, 2 * PAGE), 0);
	last_flush(t, 1, far, 2 * PAGE);
	assert_int_equal(map(t, HOST + 8 * LEAF_SPAN, PA, 2 * LEAF_SPAN), 0);
	last_flush(t, 1, HOST + 8 * LEAF_SPAN, 2 * LEAF_SPAN);
	assert_int_equal(gpuas_map_list(&t->space, gpuas_va(HOST + 4 * PAGE), list, 2, RIGHTS), 0);
	last_flush(t, 1, HOST + 4 * PAGE, 3 * PAGE);
	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(HOST + 8 * PAGE), gpuas_pa(PA),
					  PAGE, 3 * PAGE, RIGHTS), 0);
	last_flush(t, 1, HOST + 8 * PAGE, 3 * PAGE);
	assert_int_equal(gpuas_map_raw(&t->space, gpuas_va(HOST + 12 * PAGE), gpuas_pa(PA), PAGE,
				       0x60000000000403ULL), 0);
	last_flush(t, 1, HOST + 12 * PAGE, PAGE);
	/* What failed has written nothing. */
	assert_int_equal(map(t, HOST, PA, PAGE), -GPUAS_EEXIST);
	assert_int_equal(t->ram->flushes, 0);
}

/* A handle of two levels chooses among short paths of its own. */
static void maps_below_a_root_are_flushed_too(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	memset(slot(t->ram, FW_TABLE(3), 0), 0, RAM_GRANULE);
	t->ram->env.map_flush = true;
	assert_int_equal(gpuas_space_adopt_at(&t->space, &uat39, 1, &host_window,
					      gpuas_pa(FW_TABLE(3)), &t->ram->env), 0);
	t->ram->flushes = 0;
	for (i = 0; i < 4; i++) {
		assert_int_equal(map(t, HOST + i * PAGE, PA, PAGE), 0);
		last_flush(t, 1, HOST + i * PAGE, PAGE);
	}
	gpuas_space_release(&t->space);
}

static void a_gather_of_maps_is_flushed_once(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	holes_are_remembered(t);
	gpuas_gather_begin(&t->space);
	for (i = 0; i < 10; i++)
		assert_int_equal(map(t, HOST + 3 * i * PAGE, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	gpuas_gather_end(&t->space);
	last_flush(t, 1, HOST, 28 * PAGE);
	/* In whatever order: what is new is nothing that has to go first. */
	gpuas_gather_begin(&t->space);
	for (i = 10; i--;)
		assert_int_equal(map(t, HOST + (64 + i * 7 % 10) * PAGE, PA, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	/* But for what was unmapped. */
	assert_int_equal(unmap(t, HOST + 65 * PAGE, PAGE), 0);
	assert_int_equal(map(t, HOST + 65 * PAGE, PA, PAGE), 0);
	last_flush(t, 1, HOST + 64 * PAGE, 10 * PAGE);
	gpuas_gather_end(&t->space);
	last_flush(t, 1, HOST + 65 * PAGE, PAGE);
}

/* What was empty between a break and a make may be remembered as a hole. */
static void what_comes_back_after_a_break_is_flushed_too(void **state)
{
	const struct gpuas_extent other = { gpuas_pa(PA + 64 * PAGE), PAGE };
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	t->ram->flushes = 0;
	t->ram->env.map_flush = true;
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA16), 3 * PAGE, UNCACHED), 0);
	last_flush(t, 2, VA16, 3 * PAGE);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA16), &other, 1, LOW_RIGHTS), 0);
	last_flush(t, 2, VA16, PAGE);
	assert_int_equal(map_low(t, VA16 + LEAF_SPAN, LEAF_SPAN, LEAF_SPAN), 0);
	t->ram->flushes = 0;
	/* A block that is split: the break, and the rest with the unmap. */
	assert_int_equal(unmap(t, VA16 + LEAF_SPAN, PAGE), 0);
	last_flush(t, 2, VA16 + LEAF_SPAN, LEAF_SPAN);
}

/* A gather does not put off what lets walkers see again what was there all the time. */
static void a_gather_does_not_keep_holes_of_a_break(void **state)
{
	const struct gpuas_extent other = { gpuas_pa(PA16), PAGE };
	const uint64_t page = VA16 + 5 * PAGE;
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	t->ram->flushes = 0;
	t->ram->env.map_flush = true;
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, VA16, PAGE), 0);
	last_flush(t, 2, VA16, BLOCK16);
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(page), PAGE, UNCACHED), 0);
	last_flush(t, 2, page, PAGE);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(page), &other, 1, LOW_RIGHTS), 0);
	last_flush(t, 2, page, PAGE);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 0);
	t->ram->env.map_flush = false;
}

static unsigned int looks[2];
static uint64_t hidden_pa, hidden_entry;
static struct tree *hiding;

/* What others wrote arrives in memory when the cache lets go. */
static void reveal(void *ctx, const void *ptr, size_t size)
{
	uint64_t *word = slot(hiding->ram, hidden_pa, 0);

	(void)ctx;
	looks[size > 8]++;
	if ((const char *)word >= (const char *)ptr &&
	    (const char *)word < (const char *)ptr + size)
		*word = hidden_entry;
}

static void tables_of_others_are_looked_at_anew(void **state)
{
	struct tree *t = *state;
	const uint64_t was = *slot(t->ram, FW_LEAF, 0);

	hiding = t;
	t->ram->env.invalidate = reveal;
	assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &host_window, gpuas_pa(FW_ROOT),
					   &t->ram->env), 0);
	hidden_pa = FW_LEAF;
	hidden_entry = was + 5 * PAGE;
	assert_int_equal(pa_of(t, HALF), PA + 5 * PAGE);
	*slot(t->ram, FW_LEAF, 0) = was;
	assert_int_equal(pages_of(t), 1);
	assert_int_equal(*slot(t->ram, FW_LEAF, 0), hidden_entry);
	/* The root too, which is borrowed once. */
	hidden_pa = FW_ROOT;
	hidden_entry = 0;
	assert_int_equal(pa_of(t, HALF), -GPUAS_ENOENT);
	*slot(t->ram, FW_ROOT, 0) = FW_MIDDLE | 3;
	assert_int_equal(pages_of(t), 0);
}

static void tables_of_our_own_are_not(void **state)
{
	struct tree *t = *state;

	hiding = t;
	hidden_pa = FW_LEAF;
	hidden_entry = 0;
	t->ram->env.invalidate = reveal;
	assert_int_equal(gpuas_space_create(&t->space, &uat39, &whole, &t->ram->env), 0);
	looks[0] = looks[1] = 0;
	assert_int_equal(map(t, HOST, PA, MANY * PAGE), 0);
	assert_int_equal(map(t, HOST + LEAF_SPAN, PA, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + PAGE);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(looks[0] + looks[1], 0);
	gpuas_space_release(&t->space);
	assert_int_equal(looks[0] + looks[1], 0);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(maps_are_flushed_once_a_call_where_holes_are_remembered),
	BORROWED_TEST(maps_below_a_root_are_flushed_too),
	TREE_TEST(a_gather_of_maps_is_flushed_once),
	TEST16(what_comes_back_after_a_break_is_flushed_too),
	TEST16(a_gather_does_not_keep_holes_of_a_break),
	BORROWED_TEST(tables_of_others_are_looked_at_anew),
	TREE_TEST(tables_of_our_own_are_not),
};

UNIT_MAIN(tests)
