// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/ttb.h>

#define ROOT0	0x800004000ULL
#define ROOT1	0x9fff78000ULL

static struct gpuas_ttb_array fresh(void)
{
	struct gpuas_ttb_array array;

	memset(&array, 0xa5, sizeof(array));
	gpuas_ttb_init(&array, 0);
	return array;
}

static int bind(struct gpuas_ttb_array *array, unsigned int context,
		uint64_t root0, uint64_t root1)
{
	return gpuas_ttb_bind(array, context, gpuas_pa(root0), gpuas_pa(root1));
}

static int unbind(struct gpuas_ttb_array *array, unsigned int context,
		  uint64_t root0, uint64_t root1)
{
	return gpuas_ttb_unbind(array, context, gpuas_pa(root0),
				gpuas_pa(root1));
}

static void init_leaves_no_context_bound(void **state)
{
	struct gpuas_ttb_array array = fresh();
	uint8_t zero[0x400] = { 0 };

	(void)state;
	assert_memory_equal(&array, zero, sizeof(zero));
}

/* From the facts about UAT, without the header's constants. */
static void a_pair_lies_in_memory_as_the_firmware_reads_it(void **state)
{
	struct gpuas_ttb_array array = fresh();
	uint64_t words[128];

	(void)state;
	assert_int_equal(bind(&array, 63, ROOT0, ROOT1), 0);
	assert_int_equal(sizeof(array), sizeof(words));
	memcpy(words, &array, sizeof(words));
	assert_int_equal(words[126], 0x003f000800004001ULL);
	assert_int_equal(words[127], 0x003f0009fff78001ULL);
	words[126] = words[127] = 0;
	memset(&array, 0, sizeof(array));
	assert_memory_equal(words, &array, sizeof(words));
}

static void an_absent_half_is_not_valid(void **state)
{
	struct gpuas_ttb_array array = fresh();

	(void)state;
	assert_int_equal(bind(&array, 0, ~0ULL, ROOT1), 0);
	assert_int_equal(array.context[0].ttb0, 0);
	assert_int_equal(array.context[0].ttb1, ROOT1 | 1);
	assert_int_equal(bind(&array, 1, ROOT0, ~0ULL), 0);
	assert_int_equal(array.context[1].ttb0, 1ULL << 48 | ROOT0 | 1);
	assert_int_equal(array.context[1].ttb1, 0);
}

static void bind_refuses(unsigned int context, uint64_t root0, uint64_t root1,
			 int err)
{
	struct gpuas_ttb_array array = fresh(), before = array;

	assert_int_equal(bind(&array, context, root0, root1), err);
	assert_int_equal(unbind(&array, context, root0, root1), err);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void a_context_out_of_range_is_einval(void **state)
{
	(void)state;
	bind_refuses(64, ROOT0, ROOT1, -GPUAS_EINVAL);
	bind_refuses(~0u, ROOT0, ROOT1, -GPUAS_EINVAL);
}

static void an_unaligned_root_is_einval(void **state)
{
	(void)state;
	bind_refuses(0, ROOT0 + 0x1000, ROOT1, -GPUAS_EINVAL);
	bind_refuses(0, ROOT0, ROOT1 + 0x2000, -GPUAS_EINVAL);
	bind_refuses(0, ROOT0, ROOT1 + 1, -GPUAS_EINVAL);
}

static void two_absent_roots_are_einval(void **state)
{
	(void)state;
	bind_refuses(0, ~0ULL, ~0ULL, -GPUAS_EINVAL);
}

static void a_root_beyond_48_bits_is_erange(void **state)
{
	(void)state;
	bind_refuses(0, 1ULL << 48, ROOT1, -GPUAS_ERANGE);
	bind_refuses(0, ROOT0, 0xffffffffffffc000ULL, -GPUAS_ERANGE);
}

static void a_bound_context_is_ebusy(void **state)
{
	struct gpuas_ttb_array array = fresh(), before;

	(void)state;
	assert_int_equal(bind(&array, 5, ~0ULL, ROOT1), 0);
	assert_int_equal(bind(&array, 6, ROOT0, ~0ULL), 0);
	before = array;
	assert_int_equal(bind(&array, 5, ROOT0, ~0ULL), -GPUAS_EBUSY);
	assert_int_equal(bind(&array, 6, ~0ULL, ROOT1), -GPUAS_EBUSY);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void unbind_undoes_bind(void **state)
{
	struct gpuas_ttb_array array = fresh(), before = array;

	(void)state;
	assert_int_equal(bind(&array, 7, ROOT0, ROOT1), 0);
	assert_int_equal(unbind(&array, 7, ROOT0, ROOT1), 0);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void unbinding_an_unbound_context_is_enoent(void **state)
{
	struct gpuas_ttb_array array = fresh(), before = array;

	(void)state;
	assert_int_equal(unbind(&array, 7, ROOT0, ROOT1), -GPUAS_ENOENT);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void unbinding_other_roots_is_estale(void **state)
{
	struct gpuas_ttb_array array = fresh(), before;

	(void)state;
	assert_int_equal(bind(&array, 7, ROOT0, ROOT1), 0);
	before = array;
	assert_int_equal(unbind(&array, 7, ROOT0 + 0x4000, ROOT1),
			 -GPUAS_ESTALE);
	assert_int_equal(unbind(&array, 7, ROOT0, ROOT1 + 0x4000),
			 -GPUAS_ESTALE);
	assert_int_equal(unbind(&array, 7, ~0ULL, ROOT1), -GPUAS_ESTALE);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void a_root_reads_back_without_asid_and_valid_bit(void **state)
{
	gpuas_pa_t root;

	(void)state;
	assert_int_equal(gpuas_ttb_root(0x003f0009fff78001ULL, &root), 0);
	assert_int_equal(gpuas_pa_u64(root), ROOT1);
}

static void a_word_that_is_not_valid_has_no_root(void **state)
{
	gpuas_pa_t root = gpuas_pa(7);

	(void)state;
	assert_int_equal(gpuas_ttb_root(ROOT1, &root), -GPUAS_ENOENT);
	assert_int_equal(gpuas_ttb_root(0, &root), -GPUAS_ENOENT);
	assert_int_equal(gpuas_pa_u64(root), 7);
}

/*
 * Contexts that are kept, aliases, halves
 */

static void init_keeps_the_contexts_that_it_is_given(void **state)
{
	struct gpuas_ttb_array array, before;
	const uint64_t keep = 7ULL | 1ULL << 40 | 1ULL << 63;
	unsigned int i;

	(void)state;
	memset(&array, 0xa5, sizeof(array));
	before = array;
	gpuas_ttb_init(&array, keep);
	for (i = 0; i < 64; i++) {
		uint64_t want = keep >> i & 1 ? before.context[i].ttb0 : 0;

		assert_int_equal(array.context[i].ttb0, want);
		assert_int_equal(array.context[i].ttb1, want);
	}
	before = array;
	gpuas_ttb_init(&array, ~0ULL);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void an_alias_has_the_same_roots_and_an_asid_of_its_own(void **state)
{
	struct gpuas_ttb_array array = fresh();

	(void)state;
	assert_int_equal(bind(&array, 0, ROOT0, ROOT1), 0);
	assert_int_equal(gpuas_ttb_alias(&array, 1, 0), 0);
	assert_int_equal(array.context[1].ttb0, 1ULL << 48 | ROOT0 | 1);
	assert_int_equal(array.context[1].ttb1, 1ULL << 48 | ROOT1 | 1);
	/* Of one half; and each goes by itself. */
	assert_int_equal(bind(&array, 5, ~0ULL, ROOT1), 0);
	assert_int_equal(gpuas_ttb_alias(&array, 6, 5), 0);
	assert_int_equal(array.context[6].ttb0, 0);
	assert_int_equal(array.context[6].ttb1, 6ULL << 48 | ROOT1 | 1);
	assert_int_equal(unbind(&array, 0, ROOT0, ROOT1), 0);
	assert_int_equal(gpuas_ttb_state(&array, 1), GPUAS_TTB_BOUND);
	assert_int_equal(unbind(&array, 1, ROOT0, ROOT1), 0);
}

static void an_alias_of_nothing_is_refused(void **state)
{
	struct gpuas_ttb_array array = fresh(), before;

	(void)state;
	assert_int_equal(bind(&array, 2, ROOT0, ROOT1), 0);
	array.context[3].ttb0 = ROOT0;
	array.context[4].ttb1 = ROOT1 + 0x1000 + 1;
	before = array;
	assert_int_equal(gpuas_ttb_alias(&array, 1, 0), -GPUAS_ENOENT);
	assert_int_equal(gpuas_ttb_alias(&array, 1, 3), -GPUAS_ENOENT);
	assert_int_equal(gpuas_ttb_alias(&array, 1, 4), -GPUAS_EINVAL);
	assert_int_equal(gpuas_ttb_alias(&array, 1, 64), -GPUAS_EINVAL);
	assert_int_equal(gpuas_ttb_alias(&array, 64, 2), -GPUAS_EINVAL);
	assert_int_equal(gpuas_ttb_alias(&array, 2, 2), -GPUAS_EBUSY);
	assert_memory_equal(&array, &before, sizeof(array));
}

#define NONE	(~0ULL)
#define OTHER	0x900004000ULL

static int replace(struct gpuas_ttb_array *array, unsigned int half, unsigned int context,
		   uint64_t root0, uint64_t root1, uint64_t root)
{
	return (half ? gpuas_ttb_replace1 : gpuas_ttb_replace0)(
		array, context, gpuas_pa(root0), gpuas_pa(root1), gpuas_pa(root));
}

/* As on T8140: context 1 begins as an alias of context 0, and gets a lower half of its own. */
static void a_half_is_replaced_beside_the_other(void **state)
{
	struct gpuas_ttb_array array = fresh();

	(void)state;
	assert_int_equal(bind(&array, 0, ROOT0, ROOT1), 0);
	assert_int_equal(gpuas_ttb_alias(&array, 1, 0), 0);
	assert_int_equal(replace(&array, 0, 1, ROOT0, ROOT1, OTHER), 0);
	assert_int_equal(array.context[1].ttb0, 1ULL << 48 | OTHER | 1);
	assert_int_equal(array.context[1].ttb1, 1ULL << 48 | ROOT1 | 1);
	assert_int_equal(array.context[0].ttb0, ROOT0 | 1);
	assert_int_equal(replace(&array, 1, 1, OTHER, ROOT1, ROOT0), 0);
	assert_int_equal(array.context[1].ttb1, 1ULL << 48 | ROOT0 | 1);
	assert_int_equal(unbind(&array, 1, OTHER, ROOT0), 0);
}

static void a_half_is_added_and_taken_away(void **state)
{
	struct gpuas_ttb_array array = fresh();

	(void)state;
	assert_int_equal(bind(&array, 9, NONE, ROOT1), 0);
	assert_int_equal(replace(&array, 0, 9, NONE, ROOT1, ROOT0), 0);
	assert_int_equal(array.context[9].ttb0, 9ULL << 48 | ROOT0 | 1);
	assert_int_equal(replace(&array, 1, 9, ROOT0, ROOT1, NONE), 0);
	assert_int_equal(array.context[9].ttb1, 0);
	assert_int_equal(replace(&array, 1, 9, ROOT0, NONE, ROOT1), 0);
	assert_int_equal(unbind(&array, 9, ROOT0, ROOT1), 0);
}

/* Any bit of either word, and whatever half is meant. */
static void a_half_of_a_pair_that_changed_is_not_replaced(void **state)
{
	struct gpuas_ttb_array array, before;
	unsigned int bit, half;

	(void)state;
	for (bit = 0; bit < 128; bit++) {
		array = fresh();
		assert_int_equal(bind(&array, 9, ROOT0, ROOT1), 0);
		(bit < 64 ? &array.context[9].ttb0 : &array.context[9].ttb1)[0] ^= 1ULL << bit % 64;
		before = array;
		for (half = 0; half < 2; half++)
			assert_int_equal(replace(&array, half, 9, ROOT0, ROOT1, OTHER), -GPUAS_ESTALE);
		assert_int_equal(unbind(&array, 9, ROOT0, ROOT1), -GPUAS_ESTALE);
		assert_memory_equal(&array, &before, sizeof(array));
	}
}

static void a_half_that_should_be_absent_and_is_not_is_estale(void **state)
{
	struct gpuas_ttb_array array = fresh(), before;

	(void)state;
	assert_int_equal(bind(&array, 9, ROOT0, ROOT1), 0);
	before = array;
	assert_int_equal(replace(&array, 0, 9, NONE, ROOT1, OTHER), -GPUAS_ESTALE);
	assert_int_equal(replace(&array, 1, 9, ROOT0, NONE, OTHER), -GPUAS_ESTALE);
	assert_int_equal(unbind(&array, 9, ROOT0, NONE), -GPUAS_ESTALE);
	assert_memory_equal(&array, &before, sizeof(array));
}

static void a_replacement_without_sense_is_refused(void **state)
{
	struct gpuas_ttb_array array = fresh(), before;

	(void)state;
	assert_int_equal(bind(&array, 9, ROOT0, NONE), 0);
	before = array;
	assert_int_equal(replace(&array, 0, 64, ROOT0, NONE, OTHER), -GPUAS_EINVAL);
	assert_int_equal(replace(&array, 0, 9, ROOT0, NONE, NONE), -GPUAS_EINVAL);
	assert_int_equal(replace(&array, 0, 9, NONE, NONE, OTHER), -GPUAS_EINVAL);
	assert_int_equal(replace(&array, 0, 9, ROOT0, NONE, OTHER + 0x1000), -GPUAS_EINVAL);
	assert_int_equal(replace(&array, 0, 9, ROOT0 + 1, NONE, OTHER), -GPUAS_EINVAL);
	assert_int_equal(replace(&array, 1, 9, ROOT0, NONE, 1ULL << 48), -GPUAS_ERANGE);
	assert_int_equal(replace(&array, 0, 8, ROOT0, NONE, OTHER), -GPUAS_ENOENT);
	assert_memory_equal(&array, &before, sizeof(array));
}

/*
 * What SPTM leaves: a base, an ASID, and no valid bit
 */

static void a_base_without_valid_bit_is_unbound_and_not_empty(void **state)
{
	struct gpuas_ttb_array array = fresh(), before;

	(void)state;
	assert_int_equal(gpuas_ttb_state(&array, 7), GPUAS_TTB_EMPTY);
	assert_int_equal(bind(&array, 7, ROOT0, ROOT1), 0);
	assert_int_equal(gpuas_ttb_state(&array, 7), GPUAS_TTB_BOUND);
	array.context[7].ttb0 &= ~1ULL;
	assert_int_equal(gpuas_ttb_state(&array, 7), GPUAS_TTB_BOUND);
	array.context[7].ttb1 &= ~1ULL;
	before = array;
	assert_int_equal(gpuas_ttb_state(&array, 7), GPUAS_TTB_LEFT);
	assert_int_equal(gpuas_ttb_state(&array, 64), GPUAS_TTB_EMPTY);
	assert_int_equal(unbind(&array, 7, ROOT0, ROOT1), -GPUAS_ENOENT);
	assert_int_equal(replace(&array, 0, 7, ROOT0, ROOT1, OTHER), -GPUAS_ENOENT);
	assert_int_equal(gpuas_ttb_next(&array, 0, gpuas_pa(ROOT0)), 64);
	assert_memory_equal(&array, &before, sizeof(array));
	assert_int_equal(bind(&array, 7, OTHER, NONE), 0);
	assert_int_equal(array.context[7].ttb0, 7ULL << 48 | OTHER | 1);
	assert_int_equal(array.context[7].ttb1, 0);
}

static void what_is_left_in_an_absent_half_is_nobodys(void **state)
{
	struct gpuas_ttb_array array = fresh();

	(void)state;
	assert_int_equal(bind(&array, 7, ROOT0, ROOT1), 0);
	array.context[7].ttb1 &= ~1ULL;
	assert_int_equal(replace(&array, 1, 7, ROOT0, NONE, OTHER), 0);
	assert_int_equal(array.context[7].ttb1, 7ULL << 48 | OTHER | 1);
	array.context[7].ttb0 &= ~1ULL;
	assert_int_equal(unbind(&array, 7, NONE, OTHER), 0);
	assert_int_equal(gpuas_ttb_state(&array, 7), GPUAS_TTB_EMPTY);
}

static void the_contexts_that_have_a_root_are_found_in_either_half(void **state)
{
	struct gpuas_ttb_array array = fresh();
	uint64_t found = 0;
	unsigned int i;

	(void)state;
	assert_int_equal(gpuas_ttb_next(&array, 0, gpuas_pa(ROOT1)), 64);
	assert_int_equal(bind(&array, 0, NONE, ROOT1), 0);
	assert_int_equal(bind(&array, 1, ROOT0, ROOT1), 0);
	assert_int_equal(bind(&array, 5, ROOT0, OTHER), 0);
	assert_int_equal(bind(&array, 62, ROOT1, NONE), 0);
	assert_int_equal(bind(&array, 63, OTHER, ROOT1), 0);
	/* Whatever ASID somebody else has written. */
	array.context[63].ttb1 ^= 0xffffULL << 48;
	for (i = 0; (i = gpuas_ttb_next(&array, i, gpuas_pa(ROOT1))) < 64; i++)
		found |= 1ULL << i;
	assert_int_equal(found, 3ULL | 3ULL << 62);
	assert_int_equal(gpuas_ttb_next(&array, 2, gpuas_pa(ROOT0)), 5);
	assert_int_equal(gpuas_ttb_next(&array, 6, gpuas_pa(ROOT0)), 64);
	assert_int_equal(gpuas_ttb_next(&array, ~0u, gpuas_pa(ROOT0)), 64);
	/* No word that is there stands for PA 0, unless it says so. */
	assert_int_equal(gpuas_ttb_next(&array, 0, gpuas_pa(0)), 64);
	assert_int_equal(bind(&array, 30, 0, NONE), 0);
	assert_int_equal(gpuas_ttb_next(&array, 0, gpuas_pa(0)), 30);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(init_leaves_no_context_bound),
	cmocka_unit_test(a_pair_lies_in_memory_as_the_firmware_reads_it),
	cmocka_unit_test(an_absent_half_is_not_valid),
	cmocka_unit_test(a_context_out_of_range_is_einval),
	cmocka_unit_test(an_unaligned_root_is_einval),
	cmocka_unit_test(two_absent_roots_are_einval),
	cmocka_unit_test(a_root_beyond_48_bits_is_erange),
	cmocka_unit_test(a_bound_context_is_ebusy),
	cmocka_unit_test(unbind_undoes_bind),
	cmocka_unit_test(unbinding_an_unbound_context_is_enoent),
	cmocka_unit_test(unbinding_other_roots_is_estale),
	cmocka_unit_test(a_root_reads_back_without_asid_and_valid_bit),
	cmocka_unit_test(a_word_that_is_not_valid_has_no_root),
	cmocka_unit_test(init_keeps_the_contexts_that_it_is_given),
	cmocka_unit_test(an_alias_has_the_same_roots_and_an_asid_of_its_own),
	cmocka_unit_test(an_alias_of_nothing_is_refused),
	cmocka_unit_test(a_half_is_replaced_beside_the_other),
	cmocka_unit_test(a_half_is_added_and_taken_away),
	cmocka_unit_test(a_half_of_a_pair_that_changed_is_not_replaced),
	cmocka_unit_test(a_half_that_should_be_absent_and_is_not_is_estale),
	cmocka_unit_test(a_replacement_without_sense_is_refused),
	cmocka_unit_test(a_base_without_valid_bit_is_unbound_and_not_empty),
	cmocka_unit_test(what_is_left_in_an_absent_half_is_nobodys),
	cmocka_unit_test(the_contexts_that_have_a_root_are_found_in_either_half),
};

UNIT_MAIN(tests)
