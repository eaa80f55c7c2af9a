// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The order of stores to the TTB array. */
#include "trace.h"
#include "unit.h"

#include <gpuas/ttb.h>

#define ROOT0	gpuas_pa(0x800004000ULL)
#define ROOT1	gpuas_pa(0x800008000ULL)

static struct gpuas_ttb_array array;

void trace_load(const void *where)
{
	(void)where;
}

void trace_store(const void *where, uint64_t value)
{
	const char *name = where == &array.context[3].ttb0 ? "ttb0" :
			   where == &array.context[3].ttb1 ? "ttb1" : "another one";

	trace_note(value ? "store" : "clear", name);
}

void trace_clear(void *where)
{
	(void)where;
}

/* Who sees TTB0 sees the pair, and who sees either sees the tables. */
static void a_pair_is_bound_with_ttb0_last(void **state)
{
	(void)state;
	memset(&array, 0, sizeof(array));
	trace_start();
	assert_int_equal(gpuas_ttb_bind(&array, 3, ROOT0, ROOT1), 0);
	assert_string_equal(trace, "publish, store ttb1, publish, store ttb0");
}

static void a_pair_is_unbound_with_ttb0_first(void **state)
{
	(void)state;
	memset(&array, 0, sizeof(array));
	assert_int_equal(gpuas_ttb_bind(&array, 3, ROOT0, ROOT1), 0);
	trace_start();
	assert_int_equal(gpuas_ttb_unbind(&array, 3, ROOT0, ROOT1), 0);
	assert_string_equal(trace, "clear ttb0, publish, clear ttb1");
}

/* The half that is added is seen with its tables, and the other one is not touched. */
static void a_half_is_replaced_by_one_store_behind_its_tables(void **state)
{
	(void)state;
	memset(&array, 0, sizeof(array));
	assert_int_equal(gpuas_ttb_bind(&array, 3, GPUAS_TTB_NONE, ROOT1), 0);
	trace_start();
	assert_int_equal(gpuas_ttb_replace0(&array, 3, GPUAS_TTB_NONE, ROOT1, ROOT0), 0);
	assert_string_equal(trace, "publish, store ttb0");
	trace_start();
	assert_int_equal(gpuas_ttb_replace1(&array, 3, ROOT0, ROOT1, ROOT0), 0);
	assert_string_equal(trace, "publish, store ttb1");
}

static void an_alias_is_bound_as_any_pair(void **state)
{
	(void)state;
	memset(&array, 0, sizeof(array));
	assert_int_equal(gpuas_ttb_bind(&array, 1, ROOT0, ROOT1), 0);
	trace_start();
	assert_int_equal(gpuas_ttb_alias(&array, 3, 1), 0);
	assert_string_equal(trace, "publish, store ttb1, publish, store ttb0");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_pair_is_bound_with_ttb0_last),
	cmocka_unit_test(a_pair_is_unbound_with_ttb0_first),
	cmocka_unit_test(a_half_is_replaced_by_one_store_behind_its_tables),
	cmocka_unit_test(an_alias_is_bound_as_any_pair),
};

UNIT_MAIN(tests)
