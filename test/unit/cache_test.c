// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Tables that a handle remembers. */
#include "blocks.h"

/* It may be anybody's by now. */
static void a_freed_table_is_not_remembered_as_ours(void **state)
{
	struct tree *t = *state;
	struct gpuas_cached cache[256];
	uint64_t middle, leaf;

	assert_int_equal(gpuas_cache_set(&t->space, cache, 256), 0);
	assert_int_equal(map(t, HOST + 9 * LEAF_SPAN, PA, PAGE), 0);
	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	assert_int_equal(map(t, HOST + 2 * PAGE, PA, PAGE), 0);
	middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
	leaf = *slot(t->ram, middle, 0);
	assert_int_equal(unmap(t, HOST, 3 * PAGE), 0);
	assert_int_equal(*slot(t->ram, middle, 0), 0);
	*slot(t->ram, middle, 0) = leaf;
	memset(ram_at(t->ram, leaf & ~3ULL, RAM_GRANULE), 0, RAM_GRANULE);
	REFUSED(t, map(t, HOST, PA, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, PAGE), GPUAS_EPERM);
	REFUSED(t, unmap(t, HOST, 3 * LEAF_SPAN), GPUAS_EPERM);
}

/* What a free slot holds must not be what a hostile tree has. */
static void an_empty_cache_knows_no_table(void **state)
{
	static const uint64_t values[] = { 0, ~0ULL, 1, 2, 3, 0xfffffffffffcULL };
	struct gpuas_cached cache[2];
	struct tree *t = *state;
	gpuas_pa_t pa;
	unsigned int i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		memset(cache, 0xff, sizeof(cache));
		assert_int_equal(gpuas_cache_set(&t->space, cache, 2), 0);
		*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = values[i];
		assert_true(gpuas_translate(&t->space, gpuas_va(HOST), &pa, NULL) < 0);
	}
	*slot(t->ram, gpuas_pa_u64(t->space.root), 2) = 0;
}

static void a_cache_has_a_power_of_two_of_slots(void **state)
{
	struct gpuas_cached cache[4];
	struct tree *t = *state;

	assert_int_equal(gpuas_cache_set(&t->space, cache, 1), -GPUAS_EINVAL);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 3), -GPUAS_EINVAL);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 0), -GPUAS_EINVAL);
	assert_int_equal(gpuas_cache_set(&t->space, NULL, 4), -GPUAS_EINVAL);
	assert_null(t->space.cache);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 4), 0);
	assert_ptr_equal(t->space.cache, cache);
	assert_int_equal(gpuas_cache_set(&t->space, NULL, 0), 0);
	assert_null(t->space.cache);
}

/* Whichever way it is found. */
static void a_page_beyond_the_pa_size_is_no_translation(void **state)
{
	struct gpuas_cached cache[256];
	struct tree *t = *state;
	unsigned int i, level;

	for (i = 0; i < 2; i++) {
		assert_int_equal(gpuas_cache_set(&t->space, i ? cache : NULL, i ? 256 : 0), 0);
		assert_int_equal(map(t, HOST, PA, PAGE), 0);
		assert_int_equal(pa_of(t, HOST), PA);
		*entry_at(t, HOST, &level) |= 1ULL << 40;
		assert_int_equal(pa_of(t, HOST), -GPUAS_EFAULT);
		assert_int_equal(unmap(t, HOST, PAGE), 0);
	}
}

/*
 * What somebody else wrote into tables of ours, which no count can know of: own
 * pages never go with the table that they are in.
 */
static uint64_t *leaf_of(struct tree *t, uint64_t va)
{
	unsigned int level;

	return entry_at(t, va, &level);
}

static void more_entries_gone_than_counted_do_not_empty_a_table(void **state)
{
	struct gpuas_cached cache[256];
	struct tree *t = *state;
	unsigned int i;
	uint64_t *leaf;

	assert_int_equal(gpuas_cache_set(&t->space, cache, 256), 0);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	leaf = leaf_of(t, HOST);
	leaf[1] = leaf[2] = leaf[3] = leaf[0];
	assert_int_equal(unmap(t, HOST, 4 * PAGE), 0);
	assert_int_equal(t->space.tables, 1);
	assert_int_equal(map(t, HOST, PA, 5 * PAGE), 0);
	for (i = 0; i < 5; i++) {
		assert_int_equal(pages_of(t), 5 - i);
		assert_int_equal(unmap(t, HOST + i * PAGE, PAGE), 0);
	}
	assert_int_equal(t->space.tables, 1);
}

/* Counted: our two. One that is not ours goes, and one that is. */
static void the_last_own_page_stays_when_the_count_is_0(void **state)
{
	struct gpuas_cached cache[256];
	struct tree *t = *state;

	assert_int_equal(gpuas_cache_set(&t->space, cache, 256), 0);
	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	leaf_of(t, HOST)[7] = *leaf_of(t, HOST);
	assert_int_equal(unmap(t, HOST + 7 * PAGE, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + PAGE);
	assert_int_equal(ram_owned(t->ram), 3);
	assert_int_equal(unmap(t, HOST + PAGE, PAGE), 0);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void a_table_linked_by_others_keeps_the_one_that_leads_to_it(void **state)
{
	struct gpuas_cached cache[256];
	struct tree *t = *state;
	uint64_t middle;

	fw_tree(t->ram);
	assert_int_equal(gpuas_cache_set(&t->space, cache, 256), 0);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
	*slot(t->ram, middle, 7) = FW_LEAF | 3;
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(pa_of(t, HOST + 7 * LEAF_SPAN), PA);
	assert_int_equal(ram_owned(t->ram), 2);
}

/*
 * A word of others at the beginning of a table of ours, with type 00 as chains of
 * tables have it, changes nothing but its own entry; with a cache or without.
 */
static void a_strange_first_word_blocks_nothing_else(struct tree *t, uint64_t *first, uint64_t word)
{
	const uint64_t far = HOST + 5 * PAGE;
	unsigned int frees = t->ram->frees;

	*first = word;
	assert_int_equal(map(t, far, PA, 2 * PAGE), 0);
	assert_int_equal(pa_of(t, far + PAGE), PA + PAGE);
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(far), PAGE, RIGHTS & ~GPUAS_GPU_WRITE), 0);
	assert_int_equal(map(t, far, PA, PAGE), -GPUAS_EEXIST);
	assert_int_equal(unmap(t, far, PAGE), 0);
	assert_int_equal(unmap(t, far + PAGE, PAGE), 0);
	assert_int_equal(t->ram->frees, frees);
	assert_true(*first == word);
}

static void a_first_word_of_others_blocks_nothing_else(void **state)
{
	static const uint64_t words[] = { 4, 8, 0xc, 0x1000, FW_TABLE(3), FW_TABLE(3) | 4,
					  FW_TABLE(3) | 8, ~3ULL };
	struct gpuas_cached cache[256];
	struct tree *t = *state;
	uint64_t middle, *leaf;
	unsigned int i;

	/* Also when there are chains: with a table in reserve, and one that waits. */
	assert_int_equal(gpuas_reserve(&t->space, 3), 0);
	for (i = 0; i < 2 * sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(gpuas_cache_set(&t->space, i % 2 ? cache : NULL, i % 2 ? 256 : 0), 0);
		assert_int_equal(map(t, HOST + LEAF_SPAN, PA, PAGE), 0);
		assert_int_equal(map(t, HOST + PAGE, PA, PAGE), 0);
		middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
		leaf = slot(t->ram, *slot(t->ram, middle, 0) & ~3ULL, 0);
		a_strange_first_word_blocks_nothing_else(t, leaf, words[i / 2]);
		assert_int_equal(map(t, HOST, PA, PAGE), -GPUAS_EEXIST);
		assert_int_equal(unmap(t, HOST, 2 * PAGE), 0);
		/* The same in the table above, which then has no leaf table at index 0. */
		*slot(t->ram, middle, 0) = words[i / 2];
		assert_int_equal(map(t, HOST + LEAF_SPAN + PAGE, PA, PAGE), 0);
		assert_int_equal(map(t, HOST, PA, PAGE), -GPUAS_EEXIST);
		assert_int_equal(unmap(t, HOST, PAGE), -GPUAS_EPERM);
		assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
		*slot(t->ram, middle, 0) = 0;
		assert_int_equal(unmap(t, HOST, 2 * LEAF_SPAN), 0);
		assert_int_equal(t->space.tables, 1);
	}
}

/* What a handle knows of where its pages lie says nothing of those of others. */
static void a_page_of_others_is_not_mapped_over(void **state)
{
	struct gpuas_cached cache[256];
	struct tree *t = *state;
	unsigned int way, at, pages;
	uint64_t *leaf, theirs;

	for (way = 0; way < 2; way++) {
		for (at = 0; at < 40; at++) {
			assert_int_equal(gpuas_cache_set(&t->space, way ? cache : NULL, way ? 256 : 0), 0);
			assert_int_equal(map(t, HOST + 20 * PAGE, PA, PAGE), 0);
			assert_int_equal(map(t, HOST + 21 * PAGE, PA, 3 * PAGE), 0);
			leaf = leaf_of(t, HOST);
			theirs = leaf[21] + 0x100 * PAGE;
			if (at >= 20 && at < 24)
				theirs = leaf[at];
			leaf[at] = theirs;
			for (pages = 1; pages <= 20; pages++) {
				unsigned int from = at < 20 ? (at < pages ? 0 : at - pages + 1) : at;

				REFUSED(t, map(t, HOST + from * PAGE, PA, pages * PAGE), GPUAS_EEXIST);
			}
			assert_true(leaf[at] == theirs);
			assert_int_equal(unmap(t, HOST, 64 * PAGE), 0);
			assert_int_equal(t->space.tables, 1);
		}
	}
}

/* The same pages stay, and go, with a cache as without. */
static void an_unmap_beside_a_page_of_others_leaves_it(void **state)
{
	struct gpuas_cached cache[256];
	struct tree *t = *state;
	unsigned int way, at;
	uint64_t *leaf;

	for (way = 0; way < 2; way++) {
		for (at = 0; at < 40; at++) {
			if (at >= 18 && at < 26)
				continue;
			assert_int_equal(gpuas_cache_set(&t->space, way ? cache : NULL, way ? 256 : 0), 0);
			assert_int_equal(map(t, HOST + 18 * PAGE, PA, PAGE), 0);
			assert_int_equal(map(t, HOST + 19 * PAGE, PA, 7 * PAGE), 0);
			leaf = leaf_of(t, HOST);
			leaf[at] = leaf[18];
			assert_int_equal(unmap(t, HOST + 19 * PAGE, 3 * PAGE), 0);
			assert_int_equal(unmap(t, HOST + 22 * PAGE, 3 * PAGE), 0);
			assert_int_equal(pa_of(t, HOST + at * PAGE), PA);
			assert_int_equal(pa_of(t, HOST + 18 * PAGE), PA);
			assert_int_equal(pa_of(t, HOST + 21 * PAGE), -GPUAS_ENOENT);
			/* What is in the range goes, whoever wrote it, and is flushed. */
			t->ram->flushes = 0;
			assert_int_equal(unmap(t, HOST + at * PAGE, 2 * PAGE), 0);
			assert_int_equal(t->ram->flushes, 1);
			assert_int_equal(pa_of(t, HOST + at * PAGE), -GPUAS_ENOENT);
			assert_int_equal(unmap(t, HOST, 64 * PAGE), 0);
			assert_int_equal(t->space.tables, 1);
		}
	}
}

/*
 * One program, on a tree without a cache, and on one with too small a cache, which
 * gets another one, or none, in between.
 */
enum { MAP, MAP_MORE, UNMAP, UNMAP_MORE, PROTECT, REPLACE, TRANSLATE, BEGIN, END, KINDS };
enum { STEPS = 5000, SPANS = 6, SLOTS_MAX = 64 };

struct operation {
	unsigned int kind;
	uint64_t va;
	uint64_t pa;
	uint64_t size;
	gpuas_attr_t attr;
};

static int64_t translated(const struct tree *t, const struct operation *op)
{
	gpuas_attr_t attr = 0;
	gpuas_pa_t pa;
	int err = gpuas_translate(&t->space, gpuas_va(op->va), &pa,
				  op->attr & GPUAS_GPU_WRITE ? &attr : NULL);

	return err ? err : (int64_t)(gpuas_pa_u64(pa) + attr);
}

static int64_t apply(struct tree *t, const struct operation *op)
{
	const uint64_t page = 1ULL << t->space.geo.format->granule_shift;
	const struct gpuas_extent list[2] = {
		{ .pa = gpuas_pa(op->pa + op->size), .size = page },
		{ .pa = gpuas_pa(op->pa), .size = op->size - page },
	};
	const gpuas_va_t va = gpuas_va(op->va);

	switch (op->kind) {
	case MAP:
	case MAP_MORE:
		return gpuas_map(&t->space, va, gpuas_pa(op->pa), op->size, op->attr);
	case UNMAP:
	case UNMAP_MORE:
		return gpuas_unmap(&t->space, va, op->size);
	case PROTECT:
		return gpuas_protect(&t->space, va, op->size, op->attr);
	case REPLACE:
		return gpuas_replace(&t->space, va, list, op->size > page ? 2 : 1, op->attr);
	case TRANSLATE:
		return translated(t, op);
	case BEGIN:
		gpuas_gather_begin(&t->space);
		return 0;
	default:
		gpuas_gather_end(&t->space);
		return 0;
	}
}

static void choose(const struct gpuas_geometry *geo, struct operation *op)
{
	static const gpuas_attr_t attrs[] = { RIGHTS, LOW_RIGHTS, READ_ONLY, UNCACHED };
	const unsigned int gs = geo->format->granule_shift, entries = 1u << (gs - 3);
	const uint64_t half = geo->upper ? ~0ULL << geo->va_bits : 0;
	const unsigned int pages = SPANS * entries;
	unsigned int at = (unsigned int)rand() % pages, n = 1 + (unsigned int)rand() % 9;
	static unsigned int last;

	op->kind = (unsigned int)rand() % KINDS;
	/* The short paths are taken outside of gathers. */
	if (op->kind == BEGIN && rand() % 4)
		op->kind = MAP;
	/* Mostly next to the one before. */
	if (rand() % 4)
		at = (last + (unsigned int)rand() % 17 + pages - 8) % pages;
	last = at;
	if (op->kind == MAP_MORE || op->kind == UNMAP_MORE) {
		at -= at % entries;
		n = (1 + (unsigned int)rand() % 2) * entries;
	} else if (!(rand() % 8)) {
		n = 1 + (unsigned int)rand() % (2 * entries);
	}
	if (n > pages - at)
		n = pages - at;
	/* In the middle of the half, where entries of each level change. */
	op->va = half + (1ULL << (geo->va_bits - 1)) + ((uint64_t)at << gs) -
		 ((uint64_t)SPANS / 2 * entries << gs);
	op->pa = PA16 + ((uint64_t)(rand() % 4 ? at : (unsigned int)rand() % 4096) << gs);
	op->size = (uint64_t)n << gs;
	op->attr = attrs[rand() % 4];
}

/* The same tables at the same places, and nobody else's business done otherwise. */
static void same(const struct tree *a, const struct tree *b)
{
	unsigned int i;

	assert_memory_equal(a->ram->owned, b->ram->owned, sizeof(a->ram->owned));
	for (i = 0; i < RAM_TABLES; i++) {
		if (a->ram->owned[i])
			assert_memory_equal(a->ram->mem + i * RAM_GRANULE,
					    b->ram->mem + i * RAM_GRANULE, RAM_GRANULE);
	}
	assert_int_equal(a->ram->flushes, b->ram->flushes);
	assert_true(a->ram->flush_va == b->ram->flush_va);
	assert_int_equal(a->ram->flush_size, b->ram->flush_size);
	assert_int_equal(a->space.tables, b->space.tables);
}

static void another_cache(struct tree *t, unsigned int step)
{
	static const unsigned int counts[] = { 2, 4, 0, 2, 4, SLOTS_MAX };
	static struct gpuas_cached slots[2][SLOTS_MAX];
	unsigned int count = counts[(unsigned int)rand() % 6];

	memset(slots[step & 1], rand(), sizeof(slots[0]));
	assert_int_equal(gpuas_cache_set(&t->space, count ? slots[step & 1] : NULL, count), 0);
}

static void run_twice(const struct gpuas_geometry *geo, const struct gpuas_range *window)
{
	struct tree cached = { .ram = NULL }, plain = { .ram = NULL };
	unsigned int step, done[KINDS] = { 0 }, blocks = 0, level;
	struct operation op;
	int64_t result;

	cached.ram = lpae_ram(geo);
	plain.ram = lpae_ram(geo);
	assert_int_equal(gpuas_space_create(&cached.space, geo, window, &cached.ram->env), 0);
	assert_int_equal(gpuas_space_create(&plain.space, geo, window, &plain.ram->env), 0);
	for (step = 0; step < STEPS; step++) {
		if (!(step % 40))
			another_cache(&cached, step);
		choose(geo, &op);
		result = apply(&plain, &op);
		assert_int_equal(apply(&cached, &op), result);
		same(&cached, &plain);
		done[op.kind] += result >= 0;
		blocks += (*entry_at(&plain, op.va, &level) & 3) == 1;
	}
	for (step = 0; step < KINDS; step++)
		assert_in_range(done[step], STEPS / KINDS / 8, STEPS);
	assert_int_equal(blocks > STEPS / 50, geo->blocks);
	gpuas_space_release(&cached.space);
	assert_int_equal(ram_owned(cached.ram), 0);
	ram_delete(cached.ram);
	ram_delete(plain.ram);
}

static void a_cache_changes_nothing_but_the_speed(void **state)
{
	const char *given = getenv("GPUAS_SEED");
	unsigned int seed = given ? (unsigned int)strtoul(given, NULL, 0) : 1;

	(void)state;
	print_message("# seed %u (GPUAS_SEED)\n", seed);
	srand(seed);
	run_twice(&uat39, &whole);
	run_twice(&lpae16, &whole48);
	run_twice(&lpae4, &whole48);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(a_freed_table_is_not_remembered_as_ours),
	TREE_TEST(an_empty_cache_knows_no_table),
	TREE_TEST(a_cache_has_a_power_of_two_of_slots),
	TREE_TEST(a_page_beyond_the_pa_size_is_no_translation),
	TREE_TEST(more_entries_gone_than_counted_do_not_empty_a_table),
	TREE_TEST(the_last_own_page_stays_when_the_count_is_0),
	TREE_TEST(a_table_linked_by_others_keeps_the_one_that_leads_to_it),
	TREE_TEST(a_first_word_of_others_blocks_nothing_else),
	TREE_TEST(a_page_of_others_is_not_mapped_over),
	TREE_TEST(an_unmap_beside_a_page_of_others_leaves_it),
	cmocka_unit_test(a_cache_changes_nothing_but_the_speed),
};

UNIT_MAIN(tests)
