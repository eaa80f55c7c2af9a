// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Attributes that change in place. */
#include "watch.h"

static int protect(struct tree *t, uint64_t va, uint64_t size, gpuas_attr_t attr)
{
	return gpuas_protect(&t->space, gpuas_va(va), size, attr);
}

static void rights_change_in_place_with_one_flush(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA, 6 * PAGE), 0);
	assert_int_equal(unmap(t, VA16 + 3 * PAGE, PAGE), 0);
	watch(t, VA16 + 2 * PAGE);
	assert_int_equal(protect(t, VA16 + 2 * PAGE, 3 * PAGE, READ_ONLY), 0);
	assert_int_equal(flushes, 1);
	/* It was changed before the flush, and never away. */
	assert_int_equal(at_flush[0] & 3, 3);
	assert_int_equal(at_flush[0] >> 7 & 1, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), VA16 + 2 * PAGE);
	assert_int_equal(t->ram->flush_size, 3 * PAGE);
	assert_int_equal(attr_of(t, VA16 + PAGE), LOW_RIGHTS);
	assert_int_equal(attr_of(t, VA16 + 2 * PAGE), READ_ONLY);
	assert_int_equal(pa_of(t, VA16 + 2 * PAGE), PA + 2 * PAGE);
	assert_int_equal(pa_of(t, VA16 + 3 * PAGE), -GPUAS_ENOENT);
	assert_int_equal(attr_of(t, VA16 + 4 * PAGE), READ_ONLY);
	assert_int_equal(attr_of(t, VA16 + 5 * PAGE), LOW_RIGHTS);
}

static void the_kind_of_memory_changes_after_a_break(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	watch(t, VA16 + PAGE);
	assert_int_equal(protect(t, VA16, 3 * PAGE, UNCACHED), 0);
	assert_in_range(flushes, 1, 2);
	assert_int_equal(at_flush[0] & 1, 0);
	assert_int_equal(attr_of(t, VA16 + PAGE), UNCACHED);
	MAPPED(t, VA16, PA, 3 * PAGE);
	/* In a gather too: it cannot be put off. */
	watch(t, VA16 + PAGE);
	gpuas_gather_begin(&t->space);
	assert_int_equal(protect(t, VA16, 3 * PAGE, LOW_RIGHTS), 0);
	assert_in_range(flushes, 1, 2);
	assert_int_equal(at_flush[0] & 1, 0);
	assert_int_equal(attr_of(t, VA16 + PAGE), LOW_RIGHTS);
	gpuas_gather_end(&t->space);
}

static void a_live_change_breaks_nothing_and_flushes_once(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	watch(t, VA16 + PAGE);
	assert_int_equal(gpuas_protect_live(&t->space, gpuas_va(VA16), 3 * PAGE, UNCACHED), 0);
	assert_int_equal(flushes, 1);
	/* Changed when the flush comes, and valid. */
	assert_int_equal(at_flush[0] & 3, 3);
	assert_int_equal(attr_of(t, VA16 + PAGE), UNCACHED);
	MAPPED(t, VA16, PA, 3 * PAGE);
	/* All else is as without: nothing outside the window, no holes filled. */
	assert_int_equal(gpuas_protect_live(&t->space, gpuas_va(VA16 + PAGE / 2), PAGE, UNCACHED),
			 -GPUAS_EINVAL);
	assert_int_equal(unmap(t, VA16 + PAGE, PAGE), 0);
	assert_int_equal(gpuas_protect_live(&t->space, gpuas_va(VA16), 3 * PAGE, LOW_RIGHTS), 0);
	assert_int_equal(pa_of(t, VA16 + PAGE), -GPUAS_ENOENT);
	assert_int_equal(attr_of(t, VA16 + 2 * PAGE), LOW_RIGHTS);
}

/* AttrIndx, SH and nG want a break (Arm ARM DDI 0487, D8.16.1); AP, PXN and UXN none. */
static void each_bit_that_wants_a_break_gets_one(void **state)
{
	static const unsigned int bits[] = { 2, 3, 4, 8, 9, 11, 6, 7, 53, 54 };
	struct tree *t = *state;
	uint64_t *entry, want;
	unsigned int i, level;

	assert_int_equal(map_low(t, VA16, PA, 2 * PAGE), 0);
	entry = entry_at(t, VA16, &level);
	want = *entry;
	for (i = 0; i < 10; i++) {
		*entry = want ^ 1ULL << bits[i];
		watch(t, VA16);
		assert_int_equal(protect(t, VA16, PAGE, LOW_RIGHTS), 0);
		assert_true(flushes);
		assert_int_equal(at_flush[0] & 1, i >= 6);
		assert_int_equal(*entry, want);
	}
}

static void protect_of_holes_and_of_nothing_new_does_nothing(void **state)
{
	struct tree *t = *state;
	struct ram *before;

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	before = ram_copy(t->ram);
	assert_int_equal(protect(t, VA16 + PAGE, 4 * BLOCK16, READ_ONLY), 0);
	assert_int_equal(protect(t, VA16, PAGE, LOW_RIGHTS), 0);
	assert_true(ram_equal(before, t->ram));
	assert_int_equal(t->ram->flushes, 0);
	ram_delete(before);
}

static void protect_refuses_what_it_cannot_do(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	REFUSED(t, protect(t, VA16 + 1, PAGE, READ_ONLY), GPUAS_EINVAL);
	REFUSED(t, protect(t, VA16, 0, READ_ONLY), GPUAS_EINVAL);
	REFUSED(t, protect(t, 1ULL << 48, PAGE, READ_ONLY), GPUAS_ERANGE);
	REFUSED(t, protect(t, VA16, 0ULL - PAGE, READ_ONLY), GPUAS_EOVERFLOW);
	REFUSED(t, protect(t, VA16, PAGE, GPUAS_OWNER_FW), GPUAS_EOPNOTSUPP);
}

/* 0b01 at level 0 is reserved, and no page that could get other rights. */
static void protect_leaves_what_is_no_page_alone(void **state)
{
	struct tree *t = *state;
	unsigned int level;
	uint64_t *entry, was;

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	entry = entry_at(t, VA16 + PAGE, &level);
	was = *entry -= 2;
	assert_int_equal(protect(t, VA16, 3 * PAGE, READ_ONLY), 0);
	assert_int_equal(protect(t, VA16, 3 * PAGE, UNCACHED), 0);
	assert_int_equal(*entry, was);
	assert_int_equal(pa_of(t, VA16 + PAGE), -GPUAS_ENOENT);
	assert_int_equal(attr_of(t, VA16), UNCACHED);
	assert_int_equal(attr_of(t, VA16 + 2 * PAGE), UNCACHED);
}

/* What looks like an entry of ours in the middle of a break would become one. */
static void protect_refuses_what_looks_broken(void **state)
{
	struct tree *t = *state;
	unsigned int level;
	uint64_t *entry;

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	/* The handle remembers the attributes that it encoded last. */
	assert_int_equal(protect(t, VA16, PAGE, UNCACHED), 0);
	entry = entry_at(t, VA16 + 2 * PAGE, &level);
	*entry -= 1;
	REFUSED(t, protect(t, VA16, 3 * PAGE, UNCACHED), GPUAS_EPERM);
	REFUSED(t, protect(t, VA16, 3 * PAGE, READ_ONLY), GPUAS_EPERM);
	/* Next to it, all is well. */
	assert_int_equal(protect(t, VA16, 2 * PAGE, READ_ONLY), 0);
	*entry = 0;
	assert_int_equal(protect(t, VA16, 3 * PAGE, UNCACHED), 0);
}

static void protect_of_a_whole_block_keeps_it(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16, 3 * BLOCK16), 0);
	assert_int_equal(protect(t, VA16 + BLOCK16, BLOCK16, READ_ONLY), 0);
	assert_int_equal(level_at(t, VA16 + BLOCK16), 1);
	assert_int_equal(attr_of(t, VA16 + 2 * BLOCK16 - 1), READ_ONLY);
	assert_int_equal(attr_of(t, VA16 + 2 * BLOCK16), LOW_RIGHTS);
	assert_int_equal(pa_of(t, VA16 + BLOCK16), PA16 + BLOCK16);
}

static void protect_of_a_part_splits_the_block(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	watch(t, VA16);
	assert_int_equal(protect(t, VA16 + 5 * PAGE, PAGE, READ_ONLY), 0);
	/* The break first, then the flush of what was changed. */
	assert_int_equal(flushes, 2);
	assert_int_equal(at_flush[0] & 1, 0);
	assert_int_equal(level_at_flush[0], 1);
	MAPPED(t, VA16, PA16, BLOCK16);
	assert_int_equal(attr_of(t, VA16 + 4 * PAGE), LOW_RIGHTS);
	assert_int_equal(attr_of(t, VA16 + 5 * PAGE), READ_ONLY);
	assert_int_equal(attr_of(t, VA16 + 6 * PAGE), LOW_RIGHTS);
}

/* From the middle of one to the end of the next, and the other way round. */
static void protect_splits_at_either_end(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16, 4 * BLOCK16), 0);
	assert_int_equal(protect(t, VA16 + BLOCK16 - PAGE, BLOCK16 + PAGE, READ_ONLY), 0);
	assert_int_equal(level_at(t, VA16), 0);
	assert_int_equal(level_at(t, VA16 + BLOCK16), 1);
	assert_int_equal(attr_of(t, VA16 + BLOCK16 - 2 * PAGE), LOW_RIGHTS);
	assert_int_equal(attr_of(t, VA16 + BLOCK16 - PAGE), READ_ONLY);
	assert_int_equal(attr_of(t, VA16 + 2 * BLOCK16 - PAGE), READ_ONLY);
	assert_int_equal(attr_of(t, VA16 + 2 * BLOCK16), LOW_RIGHTS);
	assert_int_equal(protect(t, VA16 + 2 * BLOCK16, BLOCK16 + PAGE, READ_ONLY), 0);
	assert_int_equal(level_at(t, VA16 + 2 * BLOCK16), 1);
	assert_int_equal(level_at(t, VA16 + 3 * BLOCK16), 0);
	assert_int_equal(attr_of(t, VA16 + 3 * BLOCK16), READ_ONLY);
	assert_int_equal(attr_of(t, VA16 + 3 * BLOCK16 + PAGE), LOW_RIGHTS);
	MAPPED(t, VA16, PA16, 4 * BLOCK16);
}

static const struct CMUnitTest tests[] = {
	TEST16(rights_change_in_place_with_one_flush),
	TEST16(the_kind_of_memory_changes_after_a_break),
	TEST16(a_live_change_breaks_nothing_and_flushes_once),
	TEST16(each_bit_that_wants_a_break_gets_one),
	TEST16(protect_of_holes_and_of_nothing_new_does_nothing),
	TEST16(protect_refuses_what_it_cannot_do),
	TEST16(protect_leaves_what_is_no_page_alone),
	TEST16(protect_refuses_what_looks_broken),
	TEST16(protect_of_a_whole_block_keeps_it),
	TEST16(protect_of_a_part_splits_the_block),
	TEST16(protect_splits_at_either_end),
};

UNIT_MAIN(tests)
