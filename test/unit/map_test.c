// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "tree.h"

static void a_page_is_found_where_it_was_mapped(void **state)
{
	struct tree *t = *state;
	gpuas_attr_t attr;
	gpuas_pa_t pa;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_translate(&t->space, gpuas_va(HOST + 0x123), &pa, &attr), 0);
	assert_int_equal(gpuas_pa_u64(pa), PA + 0x123);
	assert_int_equal(attr, RIGHTS);
	assert_int_equal(pa_of(t, HOST + PAGE), -GPUAS_ENOENT);
	assert_int_equal(pages_of(t), 1);
	assert_int_equal(t->space.tables, 3);
	assert_int_equal(ram_owned(t->ram), 3);
}

static void a_range_crosses_tables_of_every_level(void **state)
{
	struct tree *t = *state;
	const uint64_t va = HOST - 3 * PAGE, size = 5 * PAGE;
	uint64_t off;

	assert_int_equal(map(t, va, PA, size), 0);
	for (off = 0; off < size; off += PAGE)
		assert_int_equal(pa_of(t, va + off), PA + off);
	assert_int_equal(pa_of(t, va - 1), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, va + size), -GPUAS_ENOENT);
	assert_int_equal(t->space.tables, 5);
	assert_int_equal(map(t, HOST + LEAF_SPAN - PAGE, PA, 2 * PAGE), 0);
	assert_int_equal(t->space.tables, 6);
	assert_int_equal(pa_of(t, HOST + LEAF_SPAN), PA + PAGE);
}

static void the_last_page_of_the_space_works(void **state)
{
	struct tree *t = *state;
	const uint64_t top = 0xffffffffffffc000ULL;

	assert_int_equal(map(t, top, PA, PAGE), 0);
	assert_int_equal(pa_of(t, ~0ULL), PA + PAGE - 1);
	assert_int_equal(unmap(t, top, PAGE), 0);
	assert_int_equal(pa_of(t, ~0ULL), -GPUAS_ENOENT);
	assert_int_equal(map(t, top - 4 * PAGE, PA, 5 * PAGE), 0);
	assert_int_equal(pa_of(t, top), PA + 4 * PAGE);
}

static void the_last_page_of_physical_memory_works(void **state)
{
	struct tree *t = *state;
	const uint64_t last = (1ULL << 40) - PAGE;

	assert_int_equal(map(t, HOST, last, PAGE), 0);
	assert_int_equal(pa_of(t, HOST), last);
	REFUSED(t, map(t, HOST + PAGE, last, 2 * PAGE), GPUAS_ERANGE);
}

static void bad_alignment_and_size_are_refused(void **state)
{
	struct tree *t = *state;

	REFUSED(t, map(t, HOST + 0x1000, PA, PAGE), GPUAS_EINVAL);
	REFUSED(t, map(t, HOST, PA + 0x1000, PAGE), GPUAS_EINVAL);
	REFUSED(t, map(t, HOST, PA, 0x1000), GPUAS_EINVAL);
	REFUSED(t, map(t, HOST, PA, 0), GPUAS_EINVAL);
	REFUSED(t, unmap(t, HOST + 1, PAGE), GPUAS_EINVAL);
	REFUSED(t, unmap(t, HOST, PAGE + 1), GPUAS_EINVAL);
	REFUSED(t, unmap(t, HOST, 0), GPUAS_EINVAL);
}

static void wrapping_ranges_are_refused(void **state)
{
	struct tree *t = *state;

	REFUSED(t, map(t, 0xffffffffffffc000ULL, PA, 2 * PAGE), GPUAS_EOVERFLOW);
	REFUSED(t, map(t, HOST, 0xffffffffffffc000ULL, 2 * PAGE), GPUAS_EOVERFLOW);
	REFUSED(t, map(t, HOST, PA, 0ULL - PAGE), GPUAS_EOVERFLOW);
	/* One that ends at the very top does not wrap. */
	REFUSED(t, map(t, HOST, 0xffffffffffffc000ULL, PAGE), GPUAS_ERANGE);
	REFUSED(t, unmap(t, HOST, 0ULL - PAGE), GPUAS_EOVERFLOW);
}

static void addresses_outside_the_half_are_refused(void **state)
{
	struct tree *t = *state;
	const uint64_t va[] = { 0, HALF - PAGE, 0x7f00000000ULL, HOST & ~(1ULL << 63),
				0x2000000000ULL };
	unsigned int i;

	for (i = 0; i < sizeof(va) / sizeof(va[0]); i++) {
		REFUSED(t, map(t, va[i], PA, PAGE), GPUAS_ERANGE);
		REFUSED(t, unmap(t, va[i], PAGE), GPUAS_ERANGE);
		assert_int_equal(pa_of(t, va[i]), -GPUAS_ERANGE);
	}
}

static void a_pa_beyond_the_size_is_refused(void **state)
{
	struct tree *t = *state;

	REFUSED(t, map(t, HOST, 1ULL << 40, PAGE), GPUAS_ERANGE);
	REFUSED(t, map(t, HOST, (1ULL << 40) - PAGE, 2 * PAGE), GPUAS_ERANGE);
	REFUSED(t, map(t, HOST, 1ULL << 48, PAGE), GPUAS_ERANGE);
}

static void unencodable_attributes_are_refused(void **state)
{
	struct tree *t = *state;

	REFUSED(t, gpuas_map(&t->space, gpuas_va(HOST), gpuas_pa(PA), PAGE,
			     GPUAS_GPU_EXEC), GPUAS_EOPNOTSUPP);
}

static void mapping_over_a_live_entry_is_refused(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST + 4 * PAGE, PA, PAGE), 0);
	/* The same mapping, another one, one that ends there, one around it. */
	REFUSED(t, map(t, HOST + 4 * PAGE, PA, PAGE), GPUAS_EEXIST);
	REFUSED(t, map(t, HOST + 4 * PAGE, PA + PAGE, PAGE), GPUAS_EEXIST);
	REFUSED(t, map(t, HOST, PA, 5 * PAGE), GPUAS_EEXIST);
	REFUSED(t, map(t, HOST - LEAF_SPAN, PA, 2 * LEAF_SPAN), GPUAS_EEXIST);
	/* An entry that no walker takes for valid is still somebody's. */
	*slot(t->ram, gpuas_pa_u64(t->space.root), 7) = 0x1000;
	REFUSED(t, map(t, 0xfffffff000000000ULL, PA, PAGE), GPUAS_EEXIST);
	*slot(t->ram, gpuas_pa_u64(t->space.root), 7) = PA | 1;
	REFUSED(t, map(t, 0xfffffff000000000ULL, PA, PAGE), GPUAS_EEXIST);
	REFUSED(t, unmap(t, 0xfffffff000000000ULL, PAGE), GPUAS_EPERM);
}

static void unmapping_a_hole_is_a_no_op(void **state)
{
	struct tree *t = *state;
	struct ram *before = ram_copy(t->ram);

	assert_int_equal(unmap(t, HOST, SLOT), 0);
	assert_int_equal(unmap(t, HALF, whole.size), 0);
	assert_true(ram_equal(before, t->ram));
	assert_int_equal(t->ram->flushes, 0);
	ram_delete(before);
}

static void unmapping_clears_exactly_the_range(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 8 * PAGE), 0);
	assert_int_equal(unmap(t, HOST + 2 * PAGE, 3 * PAGE), 0);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + PAGE);
	assert_int_equal(pa_of(t, HOST + 2 * PAGE), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, HOST + 4 * PAGE), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, HOST + 5 * PAGE), PA + 5 * PAGE);
	assert_int_equal(pages_of(t), 5);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST + 2 * PAGE);
	assert_int_equal(t->ram->flush_size, 3 * PAGE);
	assert_int_equal(map(t, HOST + 2 * PAGE, PA, 3 * PAGE), 0);
}

static void unmapping_with_holes_works(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + LEAF_SPAN * 3, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + SLOT, PA, PAGE), 0);
	assert_int_equal(unmap(t, HALF, whole.size), 0);
	assert_int_equal(pages_of(t), 0);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void empty_tables_are_given_back_after_the_flush(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + PAGE, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(t->ram->frees, 0);
	assert_int_equal(unmap(t, HOST + PAGE, PAGE), 0);
	assert_int_equal(t->ram->frees, 2);
	assert_int_equal(t->ram->flushes, 2);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_int_equal(t->space.tables, 1);
	assert_int_equal(*slot(t->ram, gpuas_pa_u64(t->space.root), 2), 0);
}

static void a_table_that_others_emptied_is_not_freed_without_a_flush(void **state)
{
	struct tree *t = *state;
	uint64_t middle, leaf;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
	leaf = *slot(t->ram, middle, 0) & ~3ULL;
	*slot(t->ram, leaf, 0) = 0;
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_true(!t->ram->frees || t->ram->flushes);
	assert_int_equal(t->ram->frees_at_flush, 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

static void the_count_of_tables_is_exact(void **state)
{
	struct tree *t = *state;
	const struct { uint64_t va, size; uint32_t tables; } c[] = {
		{ HOST, PAGE, 2 },
		{ HOST, LEAF_SPAN, 2 },
		{ HOST, LEAF_SPAN + PAGE, 3 },
		{ HOST - PAGE, 2 * PAGE, 4 },
		{ HALF, 2 * SLOT, 2 + 2 * 2048 },
	};
	uint32_t tables;
	unsigned int i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		tables = ~0u;
		assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(c[i].va),
						    c[i].size, &tables), 0);
		assert_int_equal(tables, c[i].tables);
	}
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(HOST + PAGE), PAGE,
					    &tables), 0);
	assert_int_equal(tables, 0);
	assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(HOST - PAGE), PAGE,
					    &tables), 0);
	assert_int_equal(tables, 2);
	tables = 42;
	REFUSED(t, gpuas_count_tables(&t->space, gpuas_va(HOST), PAGE, &tables),
		GPUAS_EEXIST);
	assert_int_equal(tables, 42);
}

/* Every allocation that a map makes fails once: nothing may have changed. */
static void a_map_that_runs_out_of_memory_changes_nothing(void **state)
{
	struct tree *t = *state;
	const uint64_t va = HOST - LEAF_SPAN - PAGE, size = 2 * LEAF_SPAN + 2 * PAGE;
	uint32_t tables, n;

	assert_int_equal(map(t, HOST + LEAF_SPAN + 8 * PAGE, PA, PAGE), 0);
	assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(va), size, &tables), 0);
	assert_int_equal(tables, 1 + 2 + 1);
	for (n = 1; n <= tables; n++) {
		struct ram *before = ram_copy(t->ram);
		struct gpuas_space space = t->space;
		unsigned int i;

		t->ram->fail_at = n;
		assert_int_equal(map(t, va, PA, size), -GPUAS_ENOMEM);
		assert_int_equal(t->ram->fail_at, 0);
		assert_memory_equal(before->owned, t->ram->owned, sizeof(before->owned));
		for (i = 0; i < RAM_TABLES; i++) {
			if (!before->owned[i])
				continue;
			assert_memory_equal(before->mem + i * RAM_GRANULE,
					    t->ram->mem + i * RAM_GRANULE, RAM_GRANULE);
		}
		assert_memory_equal(&space, &t->space, sizeof(space));
		ram_delete(before);
	}
	t->ram->fail_at = tables + 1;
	assert_int_equal(map(t, va, PA, size), 0);
	assert_int_equal(t->ram->fail_at, 1);
}

/* Memory that no entry can lead to, or that the CPU does not see. */
static struct gpuas_table strange;

static int alloc_strange(void *ctx, size_t size, struct gpuas_table **table)
{
	(void)ctx;
	(void)size;
	*table = &strange;
	return 0;
}

static unsigned int strange_frees;

static void free_strange(void *ctx, struct gpuas_table *table, size_t size)
{
	(void)ctx;
	(void)size;
	assert_ptr_equal(table, &strange);
	strange_frees++;
}

static void strange_table_memory_is_refused(void **state)
{
	static uint64_t memory[RAM_GRANULE / 8];
	const struct gpuas_table tables[] = {
		{ .pa = gpuas_pa(1ULL << 40), .ptr = memory },
		{ .pa = gpuas_pa(FW_TABLE(3) + 8), .ptr = memory },
		{ .pa = gpuas_pa(FW_TABLE(3)) },
	};
	struct tree *t = *state;
	unsigned int i;

	t->ram->env.table_alloc = alloc_strange;
	t->ram->env.table_free = free_strange;
	strange_frees = 0;
	for (i = 0; i < 3; i++) {
		strange = tables[i];
		REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EFAULT);
		assert_int_equal(strange_frees, i + 1);
	}
}

/* Somebody puts a table into our way after we looked. */
static struct tree *race;

static int (*race_alloc)(void *ctx, size_t size, struct gpuas_table **table);

static int alloc_and_race(void *ctx, size_t size, struct gpuas_table **table)
{
	struct ram *ram = ctx;
	uint64_t root = gpuas_pa_u64(race->space.root);
	int err = race_alloc(ctx, size, table);

	*slot(ram, root, 3) = FW_TABLE(5) | 3;
	return err;
}

static void a_table_planted_during_a_map_undoes_it(void **state)
{
	struct tree *t = *state;
	const uint64_t va = HOST + SLOT - PAGE;
	struct ram *before;

	race = t;
	memset(ram_at(t->ram, FW_TABLE(5), RAM_GRANULE), 0, RAM_GRANULE);
	before = ram_copy(t->ram);
	race_alloc = t->ram->env.table_alloc;
	t->ram->env.table_alloc = alloc_and_race;
	assert_int_equal(map(t, va, PA, 2 * PAGE), -GPUAS_EPERM);
	assert_int_equal(pa_of(t, va), -GPUAS_ENOENT);
	assert_int_equal(pages_of(t), 0);
	assert_int_equal(t->space.tables, 1);
	assert_int_equal(ram_owned(t->ram), 1);
	assert_memory_equal(ram_at(before, FW_TABLE(5), RAM_GRANULE),
			    ram_at(t->ram, FW_TABLE(5), RAM_GRANULE), RAM_GRANULE);
	ram_delete(before);
}

/* Random maps and unmaps of a small range against an array. */
enum { MODEL_PAGES = 3 * 2048 };

static void random_operations_agree_with_an_array(void **state)
{
	struct tree *t = *state;
	const char *given = getenv("GPUAS_SEED");
	unsigned int seed = given ? (unsigned int)strtoul(given, NULL, 0) : 1;
	static uint64_t model[MODEL_PAGES];
	const uint64_t base = HOST - LEAF_SPAN;
	unsigned int i, j;

	printf("# seed %u (GPUAS_SEED)\n", seed);
	srand(seed);
	memset(model, 0, sizeof(model));
	for (i = 0; i < 3000; i++) {
		unsigned int at = (unsigned int)rand() % MODEL_PAGES;
		unsigned int n = 1 + (unsigned int)rand() % (rand() % 4 ? 9 : 3000);
		uint64_t pa = (1 + (uint64_t)rand() % 100000) * PAGE;
		bool busy = false;
		int err;

		if (n > MODEL_PAGES - at)
			n = MODEL_PAGES - at;
		for (j = at; j < at + n; j++)
			busy |= model[j] != 0;
		t->ram->fail_at = rand() % 8 ? 0 : 1 + (unsigned int)rand() % 3;
		if (rand() % 2) {
			err = map(t, base + at * PAGE, pa, n * PAGE);
			if (busy)
				assert_int_equal(err, -GPUAS_EEXIST);
			else if (err)
				assert_int_equal(err, -GPUAS_ENOMEM);
			for (j = at; !err && j < at + n; j++)
				model[j] = pa + (j - at) * PAGE;
		} else {
			assert_int_equal(unmap(t, base + at * PAGE, n * PAGE), 0);
			memset(&model[at], 0, n * sizeof(model[0]));
		}
		t->ram->fail_at = 0;
		for (j = 0; j < MODEL_PAGES; j += i % 64 ? 97 : 1) {
			int64_t want = model[j] ? (int64_t)model[j] : -GPUAS_ENOENT;

			assert_int_equal(pa_of(t, base + j * PAGE), want);
		}
		assert_int_equal(ram_owned(t->ram), t->space.tables);
	}
	assert_int_equal(unmap(t, base, MODEL_PAGES * PAGE), 0);
	assert_int_equal(pages_of(t), 0);
	assert_int_equal(ram_owned(t->ram), 1);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_page_is_found_where_it_was_mapped),
	TREE_TEST(a_range_crosses_tables_of_every_level),
	TREE_TEST(the_last_page_of_the_space_works),
	TREE_TEST(the_last_page_of_physical_memory_works),
	TREE_TEST(bad_alignment_and_size_are_refused),
	TREE_TEST(wrapping_ranges_are_refused),
	TREE_TEST(addresses_outside_the_half_are_refused),
	TREE_TEST(a_pa_beyond_the_size_is_refused),
	TREE_TEST(unencodable_attributes_are_refused),
	TREE_TEST(mapping_over_a_live_entry_is_refused),
	TREE_TEST(unmapping_a_hole_is_a_no_op),
	TREE_TEST(unmapping_clears_exactly_the_range),
	TREE_TEST(unmapping_with_holes_works),
	TREE_TEST(empty_tables_are_given_back_after_the_flush),
	TREE_TEST(a_table_that_others_emptied_is_not_freed_without_a_flush),
	TREE_TEST(the_count_of_tables_is_exact),
	TREE_TEST(a_map_that_runs_out_of_memory_changes_nothing),
	TREE_TEST(strange_table_memory_is_refused),
	TREE_TEST(a_table_planted_during_a_map_undoes_it),
	TREE_TEST(random_operations_agree_with_an_array),
};

UNIT_MAIN(tests)
