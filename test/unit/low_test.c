// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* RAM from PA 0: a table there is one like any other, whatever it is used for. */
#include "unit.h"

#include <gpuas/visit.h>

#define TABLES		64u
#define GRANULE		0x1000u
#define GIB		0x40000000ULL
#define LEAF_SPAN	0x200000ULL
#define VA(i)		((uint64_t)(i) * GIB)
#define PA		0x4000000ULL
#define RIGHTS		(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | \
			 GPUAS_GPU_WRITE | GPUAS_GPU_EXEC | GPUAS_MEM_CACHED)
#define UNCACHED	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | \
			 GPUAS_GPU_WRITE | GPUAS_GPU_EXEC | GPUAS_MEM_DEVICE)
enum { PLACES = 12, WAYS = 2, GATHERED = 1 };

/**
 * struct low - RAM from PA 0, and a tree in it
 * @mem: its bytes
 * @owned: tables that were handed out, by index
 * @record: their records
 * @allocs: how many were handed out so far
 * @zero_at: the number of the one that is at PA 0
 */
struct low {
	uint64_t mem[TABLES][GRANULE / 8];
	bool owned[TABLES];
	struct gpuas_table record[TABLES];
	unsigned int allocs;
	unsigned int zero_at;
	struct gpuas_env env;
	struct gpuas_space space;
};

static const struct gpuas_geometry geo = {
	.format = &gpuas_format_lpae_4k, .va_bits = 39, .pa_bits = 40, .blocks = true,
};

static const struct gpuas_range whole = { .size = 1ULL << 39 };

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct low *low = ctx;
	unsigned int i = 0;

	assert_int_equal(size, GRANULE);
	if (low->allocs++ != low->zero_at || low->owned[0]) {
		for (i = 1; i < TABLES && low->owned[i]; i++)
			;
	}
	assert_true(i < TABLES);
	low->owned[i] = true;
	low->record[i] = (struct gpuas_table){
		.pa = gpuas_pa((uint64_t)i * GRANULE), .ptr = low->mem[i],
	};
	*table = &low->record[i];
	return 0;
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	struct low *low = ctx;
	uint64_t at = gpuas_pa_u64(pa);

	if (at % GRANULE || at / GRANULE >= TABLES || !low->owned[at / GRANULE])
		return NULL;
	return &low->record[at / GRANULE];
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct low *low = ctx;

	assert_int_equal(size, GRANULE);
	assert_ptr_equal(table_record(ctx, table->pa), table);
	low->owned[table - low->record] = false;
	memset(table->ptr, 0xa5, GRANULE);
	memset(table, 0xa5, sizeof(*table));
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	struct low *low = ctx;
	uint64_t at = gpuas_pa_u64(pa);

	if (size > GRANULE || at % GRANULE || at / GRANULE >= TABLES)
		return NULL;
	return low->mem[at / GRANULE];
}

static unsigned int owned(const struct low *low)
{
	unsigned int i, n = 0;

	for (i = 0; i < TABLES; i++)
		n += low->owned[i];
	return n;
}

/* A tree, the table of number @zero_at of which is going to be at PA 0. */
static struct low *low_new(unsigned int zero_at)
{
	struct low *low = calloc(1, sizeof(*low));

	assert_non_null(low);
	memset(low->mem, 0xa5, sizeof(low->mem));
	low->zero_at = zero_at;
	low->env = (struct gpuas_env){
		.ctx = low, .table_alloc = table_alloc, .table_free = table_free,
		.table_record = table_record, .table_ptr = table_ptr,
	};
	assert_int_equal(gpuas_space_create(&low->space, &geo, &whole, &low->env), 0);
	return low;
}

static int map(struct low *low, uint64_t va, uint64_t size)
{
	return gpuas_map(&low->space, gpuas_va(va), gpuas_pa(PA), size, RIGHTS);
}

static int unmap(struct low *low, uint64_t va, uint64_t size)
{
	return gpuas_unmap(&low->space, gpuas_va(va), size);
}

static uint64_t pa_at(const struct low *low, uint64_t va)
{
	gpuas_pa_t pa;

	assert_int_equal(gpuas_translate(&low->space, gpuas_va(va), &pa, NULL), 0);
	return gpuas_pa_u64(pa);
}

static void unmap_all(struct low *low, unsigned int way, unsigned int left)
{
	const unsigned int before = owned(low);

	if (way & GATHERED)
		gpuas_gather_begin(&low->space);
	assert_int_equal(unmap(low, 0, 1ULL << 39), 0);
	if (way & GATHERED) {
		assert_int_equal(owned(low), before);
		gpuas_gather_end(&low->space);
	}
	assert_int_equal(owned(low), left);
	assert_int_equal(low->space.tables, left);
}

/* As root, middle or leaf table; first, last or in the middle of those that wait to be freed. */
static void nothing_is_left_after_an_unmap(void **state)
{
	unsigned int zero, way, i;
	struct low *low;

	(void)state;
	for (zero = 0; zero < PLACES; zero++) {
		for (way = 0; way < WAYS; way++) {
			low = low_new(zero);
			for (i = 0; i < 4; i++)
				assert_int_equal(map(low, VA(i), LEAF_SPAN + GRANULE), 0);
			assert_int_equal(owned(low), 9);
			for (i = 0; i < 4; i++)
				assert_true(pa_at(low, VA(i) + LEAF_SPAN) == PA + LEAF_SPAN);
			unmap_all(low, way, 1);
			gpuas_space_release(&low->space);
			assert_int_equal(owned(low), 0);
			free(low);
		}
	}
}

static void nothing_is_left_after_a_release(void **state)
{
	unsigned int zero, way, i;
	struct low *low;

	(void)state;
	for (zero = 0; zero < PLACES; zero++) {
		for (way = 0; way < WAYS; way++) {
			low = low_new(zero);
			assert_int_equal(gpuas_reserve(&low->space, 5), 0);
			for (i = 0; i < 3; i++)
				assert_int_equal(map(low, VA(i), 3 * GRANULE), 0);
			assert_int_equal(gpuas_reserve(&low->space, 3), 0);
			assert_int_equal(owned(low), 10);
			if (way & GATHERED)
				gpuas_gather_begin(&low->space);
			assert_int_equal(unmap(low, VA(1), 3 * GRANULE), 0);
			gpuas_space_release(&low->space);
			assert_int_equal(owned(low), 0);
			free(low);
		}
	}
}

/* In the tree, which has one table a level: at what index? */
static bool in_tree(const struct low *low, unsigned int i)
{
	const uint64_t middle = low->space.root_ptr[0] / GRANULE;

	return low->mem[i] == low->space.root_ptr || middle == i ||
	       low->mem[middle][0] / GRANULE == i;
}

/* Whichever is at PA 0, or leads on to it: it is told from a table of the tree. */
static void a_way_to_one_in_reserve_is_refused(void **state)
{
	unsigned int zero, way, i, refused;
	struct low *low;

	(void)state;
	for (zero = 0; zero < PLACES; zero++) {
		for (way = 0; way < WAYS; way++) {
			low = low_new(zero);
			assert_int_equal(map(low, 0, GRANULE), 0);
			assert_int_equal(gpuas_reserve(&low->space, 6), 0);
			for (i = refused = 0; i < TABLES; i++) {
				if (!low->owned[i] || in_tree(low, i))
					continue;
				low->space.root_ptr[7] = (uint64_t)i * GRANULE | 3;
				assert_int_equal(map(low, VA(7) + GRANULE, GRANULE), -GPUAS_EPERM);
				assert_int_equal(unmap(low, VA(7), GRANULE), -GPUAS_EPERM);
				refused++;
			}
			assert_int_equal(refused, 6);
			low->space.root_ptr[7] = 0;
			gpuas_space_release(&low->space);
			assert_int_equal(owned(low), 0);
			free(low);
		}
	}
}

/* Mapped to, split, changed, replaced. */
static void a_page_and_a_block_at_pa_0_are_like_any_other(void **state)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(0), .size = 2 * GRANULE };
	struct low *low;
	unsigned int way;

	(void)state;
	for (way = 0; way < WAYS; way++) {
		low = low_new(1);
		assert_int_equal(gpuas_map(&low->space, gpuas_va(0), gpuas_pa(0), LEAF_SPAN, RIGHTS),
				 0);
		assert_int_equal(map(low, 0, GRANULE), -GPUAS_EEXIST);
		assert_int_equal(unmap(low, GRANULE, GRANULE), 0);
		assert_true(pa_at(low, 0) == 0);
		assert_true(pa_at(low, 2 * GRANULE) == 2 * GRANULE);
		assert_int_equal(gpuas_protect(&low->space, gpuas_va(0), GRANULE, UNCACHED), 0);
		assert_true(pa_at(low, 0) == 0);
		assert_int_equal(gpuas_replace(&low->space, gpuas_va(5 * GRANULE), &piece, 1, RIGHTS),
				 0);
		assert_true(pa_at(low, 5 * GRANULE) == 0);
		assert_true(pa_at(low, 6 * GRANULE) == GRANULE);
		assert_int_equal(gpuas_map_repeat(&low->space, gpuas_va(VA(3)), gpuas_pa(0), GRANULE,
						  9 * GRANULE, RIGHTS), 0);
		assert_true(pa_at(low, VA(3) + 8 * GRANULE) == 0);
		unmap_all(low, way, 1);
		gpuas_space_release(&low->space);
		assert_int_equal(owned(low), 0);
		free(low);
	}
}

static int count(void *ctx, const struct gpuas_step *step)
{
	unsigned int *pages = ctx;

	assert_false(step->unreadable);
	*pages += step->kind == GPUAS_PAGE;
	return 0;
}

/* Also by who only reads, and adopts a root there. */
static void a_tree_with_a_table_there_is_visited(void **state)
{
	const struct gpuas_range none = { .size = 0 };
	struct gpuas_space reader;
	unsigned int zero, pages;
	struct low *low;

	(void)state;
	for (zero = 0; zero < 4; zero++) {
		low = low_new(zero);
		assert_int_equal(map(low, VA(0), 3 * GRANULE), 0);
		assert_int_equal(gpuas_space_adopt(&reader, &geo, &none, low->space.root,
						   &low->env), 0);
		pages = 0;
		assert_int_equal(gpuas_visit_all(&reader, count, &pages), 0);
		assert_int_equal(pages, 3);
		gpuas_space_release(&reader);
		gpuas_space_release(&low->space);
		assert_int_equal(owned(low), 0);
		free(low);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nothing_is_left_after_an_unmap),
	cmocka_unit_test(nothing_is_left_after_a_release),
	cmocka_unit_test(a_way_to_one_in_reserve_is_refused),
	cmocka_unit_test(a_page_and_a_block_at_pa_0_are_like_any_other),
	cmocka_unit_test(a_tree_with_a_table_there_is_visited),
};

UNIT_MAIN(tests)
