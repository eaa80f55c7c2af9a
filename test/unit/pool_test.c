// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/pool.h>

#define BASE	0x880000000ULL
#define GRANULE	0x4000u
#define TABLES	40u

static uint64_t memory[TABLES * GRANULE / 8];

struct fixture {
	struct gpuas_pool pool;
	struct gpuas_table tables[TABLES + 1];
	struct gpuas_env env;
};

static void start(struct fixture *f)
{
	memset(f->tables, 0xa5, sizeof(f->tables));
	assert_int_equal(gpuas_pool_init(&f->pool, gpuas_pa(BASE), sizeof(memory), GRANULE,
					 memory, f->tables, TABLES + 1), 0);
	gpuas_pool_env(&f->pool, &f->env);
}

static struct gpuas_table *record(struct fixture *f, uint64_t pa)
{
	return f->env.table_record(f->env.ctx, gpuas_pa(pa));
}

static uint64_t take(struct fixture *f)
{
	struct gpuas_table *table;
	uint64_t pa;

	assert_int_equal(f->env.table_alloc(f->env.ctx, GRANULE, &table), 0);
	pa = gpuas_pa_u64(table->pa);
	assert_ptr_equal(record(f, pa), table);
	assert_ptr_equal(table->ptr, memory + (pa - BASE) / 8);
	assert_int_equal(table->place, 0);
	/* Firmware sees all of a pool. */
	assert_false(table->zero);
	return pa;
}

static void tables_come_lowest_first_until_none_is_left(void **state)
{
	struct fixture f;
	struct gpuas_table *table = NULL;
	unsigned int i;

	(void)state;
	start(&f);
	for (i = 0; i < TABLES; i++) {
		assert_int_equal(f.pool.used, i);
		assert_int_equal(take(&f), BASE + i * GRANULE);
	}
	assert_int_equal(f.env.table_alloc(f.env.ctx, GRANULE, &table), -GPUAS_ENOMEM);
	assert_null(table);
	assert_int_equal(f.pool.used, TABLES);
}

static void a_freed_table_is_handed_out_again(void **state)
{
	struct fixture f;
	unsigned int i;

	(void)state;
	start(&f);
	for (i = 0; i < TABLES; i++)
		take(&f);
	f.tables[33].zero = true;
	f.env.table_free(f.env.ctx, &f.tables[33], GRANULE);
	assert_int_equal(f.pool.used, TABLES - 1);
	assert_int_equal(take(&f), BASE + 33 * GRANULE);
}

/* Whether one is in a tree is in its record, which begins with no. */
static void only_tables_of_the_range_have_a_record(void **state)
{
	struct fixture f;
	unsigned int i;

	(void)state;
	start(&f);
	for (i = 0; i < TABLES; i++) {
		assert_ptr_equal(record(&f, BASE + i * GRANULE), &f.tables[i]);
		assert_int_equal(f.tables[i].place, 0);
	}
	assert_null(record(&f, BASE + 8));
	assert_null(record(&f, BASE - GRANULE));
	assert_null(record(&f, BASE + TABLES * GRANULE));
	assert_null(record(&f, 0));
	assert_null(record(&f, ~0ULL));
	assert_null(record(&f, BASE + (1ULL << 32 << 14)));
}

static void a_pool_that_moves_takes_its_records_along(void **state)
{
	static uint64_t elsewhere[sizeof(memory) / 8];
	struct gpuas_table *table;
	struct fixture f;

	(void)state;
	start(&f);
	gpuas_pool_move(&f.pool, elsewhere);
	assert_int_equal(f.env.table_alloc(f.env.ctx, GRANULE, &table), 0);
	assert_int_equal(f.env.table_alloc(f.env.ctx, GRANULE, &table), 0);
	assert_ptr_equal(table->ptr, elsewhere + GRANULE / 8);
	assert_ptr_equal(f.env.table_ptr(f.env.ctx, table->pa, GRANULE), table->ptr);
}

static void only_tables_in_the_range_can_be_borrowed(void **state)
{
	struct fixture f;
	const uint64_t last = BASE + (TABLES - 1) * GRANULE;

	(void)state;
	start(&f);
	assert_ptr_equal(f.env.table_ptr(f.env.ctx, gpuas_pa(BASE), GRANULE),
			 memory);
	assert_ptr_equal(f.env.table_ptr(f.env.ctx, gpuas_pa(last), GRANULE),
			 memory + (TABLES - 1) * GRANULE / 8);
	assert_null(f.env.table_ptr(f.env.ctx, gpuas_pa(last + GRANULE),
				    GRANULE));
	assert_null(f.env.table_ptr(f.env.ctx, gpuas_pa(BASE - GRANULE),
				    GRANULE));
	assert_null(f.env.table_ptr(f.env.ctx, gpuas_pa(BASE + 8), GRANULE));
	assert_null(f.env.table_ptr(f.env.ctx, gpuas_pa(BASE), 2 * GRANULE));
	assert_null(f.env.table_ptr(f.env.ctx, gpuas_pa(0), GRANULE));
	assert_null(f.env.table_ptr(f.env.ctx, gpuas_pa(~0ULL), GRANULE));
}

static void no_walker_runs_so_there_is_no_flush(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_null(f.env.flush);
}

static void tables_of_another_size_are_refused(void **state)
{
	struct fixture f;
	struct gpuas_table *table;

	(void)state;
	start(&f);
	assert_int_equal(f.env.table_alloc(f.env.ctx, GRANULE / 2, &table), -GPUAS_EINVAL);
	assert_int_equal(f.env.table_alloc(f.env.ctx, GRANULE * 2, &table), -GPUAS_EINVAL);
	assert_int_equal(f.pool.used, 0);
}

static void what_has_no_record_is_left_unused(void **state)
{
	struct gpuas_table tables[3];
	struct gpuas_pool pool;

	(void)state;
	assert_int_equal(gpuas_pool_init(&pool, gpuas_pa(BASE), 4 * GRANULE, GRANULE, memory,
					 tables, 3), 0);
	assert_int_equal(pool.count, 3);
	assert_int_equal(gpuas_pool_init(&pool, gpuas_pa(0), 1ULL << 62, GRANULE, memory,
					 tables, 3), 0);
	assert_int_equal(pool.count, 3);
}

static void refused(uint64_t base, uint64_t size, size_t granule, void *map)
{
	struct gpuas_table tables[2];
	struct gpuas_pool pool;

	assert_int_equal(gpuas_pool_init(&pool, gpuas_pa(base), size, granule, map, tables, 2),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_pool_init(&pool, gpuas_pa(BASE), GRANULE, GRANULE, memory, NULL, 2),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_pool_init(&pool, gpuas_pa(BASE), GRANULE, GRANULE, memory, tables,
					 0), -GPUAS_EINVAL);
}

static void an_impossible_range_is_refused(void **state)
{
	(void)state;
	refused(BASE, 0, GRANULE, memory);
	refused(BASE + 0x1000, GRANULE, GRANULE, memory);
	refused(BASE, GRANULE + 0x1000, GRANULE, memory);
	refused(BASE, GRANULE, 0, memory);
	refused(BASE, 0x3000 * 4, 0x3000, memory);
	refused(BASE, GRANULE, GRANULE, NULL);
	refused(0 - (uint64_t)GRANULE, 2 * GRANULE, GRANULE, memory);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(tables_come_lowest_first_until_none_is_left),
	cmocka_unit_test(a_freed_table_is_handed_out_again),
	cmocka_unit_test(only_tables_of_the_range_have_a_record),
	cmocka_unit_test(only_tables_in_the_range_can_be_borrowed),
	cmocka_unit_test(no_walker_runs_so_there_is_no_flush),
	cmocka_unit_test(tables_of_another_size_are_refused),
	cmocka_unit_test(what_has_no_record_is_left_unused),
	cmocka_unit_test(a_pool_that_moves_takes_its_records_along),
	cmocka_unit_test(an_impossible_range_is_refused),
};

UNIT_MAIN(tests)
