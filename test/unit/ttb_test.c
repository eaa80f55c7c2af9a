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
};

UNIT_MAIN(tests)
