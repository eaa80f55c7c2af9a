// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What a driver does with handles: several on one tree, work gathered over calls,
 * maps that cannot fail, changes in place, blocks.
 */
#include "blocks.h"

/*
 * Two handles on one tree
 */

enum { PAGES = 4096, HANDLES = 2 };

struct pair {
	struct tree tree[HANDLES];
	uint64_t model[HANDLES][PAGES];
};

static int two_handles(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	struct ram *ram = ram_new();
	unsigned int i;

	fw_tree(ram);
	for (i = 0; i < HANDLES; i++) {
		const struct gpuas_range window = {
			.va = gpuas_va(HOST + 2 * i * SLOT), .size = 2 * SLOT,
		};

		pair->tree[i].ram = ram;
		assert_int_equal(gpuas_space_adopt(&pair->tree[i].space, &uat39, &window,
						   gpuas_pa(FW_ROOT), &ram->env), 0);
	}
	*state = pair;
	return 0;
}

static int no_handles(void **state)
{
	struct pair *pair = *state;

	ram_delete(pair->tree[0].ram);
	free(pair);
	return 0;
}

/* The range crosses two root entries. */
static uint64_t model_va(unsigned int handle, unsigned int page)
{
	return HOST + 2 * handle * SLOT + SLOT - PAGES / 2 * PAGE + page * PAGE;
}

static void agree(struct pair *pair, unsigned int step)
{
	unsigned int i, k;

	for (i = 0; i < HANDLES; i++) {
		for (k = 0; k < PAGES; k += k % 5 + 1 + step % 31) {
			int64_t want = pair->model[i][k] ? (int64_t)pair->model[i][k] : -GPUAS_ENOENT;

			/* Through either handle. */
			assert_int_equal(pa_of(&pair->tree[step & 1], model_va(i, k)), want);
		}
	}
	assert_int_equal(ram_owned(pair->tree[0].ram),
			 pair->tree[0].space.tables + pair->tree[1].space.tables);
}

static void random_operation(struct pair *pair, unsigned int i)
{
	struct tree *t = &pair->tree[i];
	unsigned int at = (unsigned int)rand() % PAGES;
	unsigned int n = 1 + (unsigned int)rand() % (rand() % 4 ? 20 : 2500), k;
	uint64_t pa = (1 + (uint64_t)rand() % 100000) * PAGE;
	bool busy = false;
	int err;

	if (n > PAGES - at)
		n = PAGES - at;
	for (k = at; k < at + n; k++)
		busy |= pair->model[i][k] != 0;
	/* The other one's window is out of bounds. */
	assert_int_equal(unmap(t, model_va(!i, at), n * PAGE), -GPUAS_EPERM);
	if (rand() % 2) {
		err = map(t, model_va(i, at), pa, n * PAGE);
		assert_int_equal(err, busy ? -GPUAS_EEXIST : 0);
	} else {
		err = unmap(t, model_va(i, at), n * PAGE);
		assert_int_equal(err, 0);
		pa = 0;
	}
	for (k = at; !err && k < at + n; k++)
		pair->model[i][k] = pa ? pa + (k - at) * PAGE : 0;
}

static void two_handles_do_not_see_each_other(void **state)
{
	const char *given = getenv("GPUAS_SEED");
	unsigned int seed = given ? (unsigned int)strtoul(given, NULL, 0) : 1, step;
	struct pair *pair = *state;
	struct ram *ram = pair->tree[0].ram;
	struct ram *before = ram_copy(ram);

	print_message("# seed %u (GPUAS_SEED)\n", seed);
	srand(seed);
	for (step = 0; step < 4000; step++) {
		random_operation(pair, (unsigned int)rand() % HANDLES);
		agree(pair, step);
	}
	/* One goes, the other one stays. */
	gpuas_space_release(&pair->tree[0].space);
	memset(pair->model[0], 0, sizeof(pair->model[0]));
	pair->tree[0].space = pair->tree[1].space;
	pair->tree[0].space.tables = 0;
	agree(pair, 0);
	agree(pair, 1);
	assert_int_equal(*slot(ram, FW_ROOT, 2), 0);
	assert_int_equal(*slot(ram, FW_ROOT, 3), 0);
	gpuas_space_release(&pair->tree[1].space);
	assert_int_equal(ram_owned(ram), 0);
	assert_memory_equal(ram_at(before, FW_LEAF, 3 * RAM_GRANULE),
			    ram_at(ram, FW_LEAF, 3 * RAM_GRANULE), 3 * RAM_GRANULE);
	ram_delete(before);
}

static void a_handle_can_come_back_when_the_other_one_is_there(void **state)
{
	struct pair *pair = *state;
	const struct gpuas_range window = { .va = gpuas_va(HOST), .size = 2 * SLOT };
	struct tree *t = &pair->tree[0];

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(&pair->tree[1], HOST + 2 * SLOT, PA + PAGE, PAGE), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &window, gpuas_pa(FW_ROOT),
					   &t->ram->env), 0);
	assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, HOST + 2 * SLOT), PA + PAGE);
	assert_int_equal(map(t, HOST, PA + 2 * PAGE, PAGE), 0);
	assert_int_equal(pa_of(&pair->tree[1], HOST), PA + 2 * PAGE);
}

/*
 * Gathering
 */

static void a_gather_makes_one_flush_of_many(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(map(t, HOST + i * 3 * LEAF_SPAN, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	for (i = 0; i < 4; i++)
		assert_int_equal(unmap(t, HOST + (3 - i) * 3 * LEAF_SPAN, PAGE), 0);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(t->ram->frees, 0);
	/* Unlinked, but neither flushed nor freed. */
	assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
	assert_int_equal(ram_owned(t->ram), 6);
	assert_int_equal(t->space.tables, 6);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, 9 * LEAF_SPAN + PAGE);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_int_equal(ram_owned(t->ram), 1);
	assert_int_equal(t->space.tables, 1);
}

static void gathers_nest(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(t->ram->frees, 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(ram_owned(t->ram), 1);
}

static void a_gather_of_nothing_does_nothing(void **state)
{
	struct tree *t = *state;

	gpuas_gather_begin(&t->space);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST + PAGE, SLOT), 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 0);
	/* And leaves nothing for the next one. */
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, PAGE);
	gpuas_gather_begin(&t->space);
	gpuas_gather_end(&t->space);
	assert_int_equal(t->ram->flushes, 1);
}

static void a_map_over_what_waits_for_a_flush_flushes_first(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 4 * PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST + PAGE, PAGE), 0);
	assert_int_equal(map(t, HOST + PAGE, PA + 9 * PAGE, PAGE), 0);
	/* A walker may hold the old translation: the new one must not come before. */
	assert_int_equal(t->ram->flushes, 1);
	gpuas_gather_end(&t->space);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + 9 * PAGE);
}

static void release_ends_a_gather(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_in_range(t->ram->flushes, 1, 2);
}

/*
 * Reserve
 */

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
 * In place
 */

/* What the entry at a VA was at each flush. */
static struct tree *watched;
static uint64_t watched_va, at_flush[8];
static unsigned int level_at_flush[8], flushes;

static void watching_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	assert_true(flushes < 8);
	at_flush[flushes] = *entry_at(watched, watched_va, &level_at_flush[flushes]);
	flushes++;
	ram_env.flush(ctx, va, size);
}

static void watch(struct tree *t, uint64_t va)
{
	watched = t;
	watched_va = va;
	flushes = 0;
	t->ram->env.flush = watching_flush;
}

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

/*
 * Replace
 */

static const struct gpuas_extent pieces[] = {
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + 7 * PAGE), .size = 3 * PAGE },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = PAGE },
	{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA16 + PAGE), .size = BLOCK16 },
};

static int replace(struct tree *t, uint64_t va)
{
	return gpuas_replace(&t->space, gpuas_va(va), pieces, 3, READ_ONLY);
}

static void replaced_at(struct tree *t, uint64_t va)
{
	MAPPED(t, va, PA16 + 7 * PAGE, 3 * PAGE);
	assert_int_equal(pa_of(t, va + 3 * PAGE), PA);
	MAPPED(t, va + 4 * PAGE, PA16 + PAGE, BLOCK16);
	assert_int_equal(attr_of(t, va), READ_ONLY);
	assert_int_equal(attr_of(t, va + 4 * PAGE + BLOCK16 - 1), READ_ONLY);
}

static void replace_takes_the_place_after_a_break(void **state)
{
	struct tree *t = *state;
	unsigned int before;

	assert_int_equal(map_low(t, VA16, PA, 8 * PAGE), 0);
	watch(t, VA16 + 2 * PAGE);
	assert_int_equal(replace(t, VA16 + PAGE), 0);
	assert_in_range(flushes, 1, 2);
	assert_int_equal(at_flush[0] & 1, 0);
	replaced_at(t, VA16 + PAGE);
	assert_int_equal(pa_of(t, VA16), PA);
	assert_int_equal(pa_of(t, VA16 + 5 * PAGE + BLOCK16), -GPUAS_ENOENT);
	assert_int_equal(attr_of(t, VA16), LOW_RIGHTS);
	/* Over itself, it needs no table. */
	before = t->ram->allocs;
	assert_int_equal(replace(t, VA16 + PAGE), 0);
	replaced_at(t, VA16 + PAGE);
	assert_int_equal(ram_owned(t->ram), t->space.tables);
	assert_int_equal(t->ram->allocs, before);
}

static void replace_of_a_hole_is_a_map(void **state)
{
	struct tree *t = *state;

	assert_int_equal(replace(t, VA16), 0);
	replaced_at(t, VA16);
	assert_int_equal(t->ram->flushes, 0);
}

static void replace_happens_fully_or_not_at_all(void **state)
{
	static const struct gpuas_extent bad[] = {
		{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)(1ULL << 48), .size = PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)(PA + 1), .size = PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)(0ULL - PAGE), .size = 2 * PAGE },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = 0 },
		{ .pa = (GPUAS_FORCE gpuas_pa_t)((1ULL << 48) - PAGE), .size = 2 * PAGE },
	};
	static const int why[] = { 0, GPUAS_ERANGE, GPUAS_EINVAL, GPUAS_EOVERFLOW, GPUAS_EINVAL,
				   GPUAS_ERANGE };
	struct tree *t = *state;
	unsigned int i;

	assert_int_equal(map_low(t, VA16, PA, 4 * PAGE), 0);
	for (i = 1; i < 6; i++) {
		struct gpuas_extent list[2] = { bad[0], bad[i] };

		REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), list, 2, LOW_RIGHTS), why[i]);
		REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16 + BLOCK16), list, 2, LOW_RIGHTS),
			why[i]);
	}
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), bad, 0, LOW_RIGHTS), GPUAS_EINVAL);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), bad, 1, GPUAS_OWNER_FW),
		GPUAS_EOPNOTSUPP);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va((1ULL << 48) - PAGE), pieces, 3, LOW_RIGHTS),
		GPUAS_ERANGE);
	/* A table of somebody else's at the end of the range. */
	memset(ram_at(t->ram, FW_TABLE(3), RAM_GRANULE), 0, RAM_GRANULE);
	*entry_at(t, VA16 + BLOCK16, &i) = FW_TABLE(3) | 3;
	t->space.attr = READ_ONLY;
	t->space.bits = 0;
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16 + PAGE), pieces, 3, LOW_RIGHTS),
		GPUAS_EPERM);
}

/*
 * What is not ours
 */

static void all_refused(struct tree *t, uint64_t va, int map_err, int err)
{
	const struct gpuas_extent list[2] = {
		{ .pa = gpuas_pa(PA), .size = PAGE },
		{ .pa = gpuas_pa(PA + 5 * PAGE), .size = 3 * LEAF_SPAN },
	};
	const uint64_t from = va - PAGE, size = 3 * LEAF_SPAN + PAGE;
	uint32_t tables;

	REFUSED(t, map(t, from, PA, size), map_err);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(from), list, 2, RIGHTS), map_err);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(from), gpuas_pa(PA), size, RIGHTS),
		map_err);
	REFUSED(t, gpuas_count_tables(&t->space, gpuas_va(from), size, &tables), map_err);
	REFUSED(t, unmap(t, from, size), err);
	REFUSED(t, gpuas_protect(&t->space, gpuas_va(from), size, RIGHTS), err);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(from), list, 2, RIGHTS), err);
}

static void what_is_not_ours_stops_every_operation(void **state)
{
	struct tree *t = *state;
	uint64_t middle;

	/* Makes the handle know the attributes, and some tables. */
	assert_int_equal(map(t, HOST + 9 * LEAF_SPAN, PA, PAGE), 0);
	memset(ram_at(t->ram, FW_TABLE(3), RAM_GRANULE), 0, RAM_GRANULE);
	middle = *slot(t->ram, gpuas_pa_u64(t->space.root), 2) & ~3ULL;
	*slot(t->ram, middle, 2) = FW_TABLE(3) | 3;
	all_refused(t, HOST + 2 * LEAF_SPAN, GPUAS_EPERM, GPUAS_EPERM);
	/* Reserved, or invalid and not zero: somebody means something by it. */
	*slot(t->ram, middle, 2) = 0x1000;
	all_refused(t, HOST + 2 * LEAF_SPAN, GPUAS_EEXIST, GPUAS_EPERM);
	*slot(t->ram, middle, 2) = 0;
	assert_int_equal(map(t, HOST + 2 * LEAF_SPAN - PAGE, PA, 3 * LEAF_SPAN), 0);
}

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

/* Outside the window, and next to it. */
static void nothing_outside_the_window_is_touched_by_any_operation(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	all_refused(t, HOST, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(t, HOST + SLOT, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(t, HALF + PAGE, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(t, HALF, GPUAS_ERANGE, GPUAS_ERANGE);
}

/*
 * Lists and repetition
 */

static void a_list_is_mapped_in_one_go(void **state)
{
	struct tree *t = *state;

	assert_int_equal(gpuas_map_list(&t->space, gpuas_va(VA16), pieces, 3, READ_ONLY), 0);
	replaced_at(t, VA16);
	assert_int_equal(t->space.tables, 1 + 2 + 2);
	assert_int_equal(t->ram->flushes, 0);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16 - 3 * PAGE), pieces, 3, READ_ONLY),
		GPUAS_EEXIST);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16), pieces, 0, READ_ONLY), GPUAS_EINVAL);
}

/* All of physical memory, again and again: 2^64 bytes, and as much as fits after that. */
static void a_list_that_wraps_around_is_refused(void **state)
{
	struct gpuas_extent *list = calloc(65537, sizeof(*list));
	struct tree *t = *state;
	unsigned int i;

	assert_non_null(list);
	for (i = 0; i < 65537; i++)
		list[i].size = 1ULL << 48;
	list[65536].size = PAGE;
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16), list, 65536, READ_ONLY),
		GPUAS_EOVERFLOW);
	REFUSED(t, gpuas_map_list(&t->space, gpuas_va(VA16), list, 65537, READ_ONLY),
		GPUAS_EOVERFLOW);
	REFUSED(t, gpuas_replace(&t->space, gpuas_va(VA16), list, 65537, READ_ONLY),
		GPUAS_EOVERFLOW);
	free(list);
}

static void one_page_is_mapped_everywhere(void **state)
{
	struct tree *t = *state;
	uint64_t off;

	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16 - PAGE), gpuas_pa(PA16),
					  BLOCK16 + 2 * PAGE, READ_ONLY), 0);
	for (off = 0; off < BLOCK16 + 2 * PAGE; off += PAGE)
		assert_int_equal(pa_of(t, VA16 - PAGE + off), PA16);
	assert_int_equal(level_at(t, VA16), 0);
	assert_int_equal(pa_of(t, VA16 + BLOCK16 + PAGE), -GPUAS_ENOENT);
	/* The last page of physical memory can be it, since nothing counts up. */
	assert_int_equal(gpuas_map_repeat(&t->space, gpuas_va(VA16 + 4 * BLOCK16),
					  gpuas_pa((1ULL << 48) - PAGE), 4 * PAGE, READ_ONLY), 0);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 5 * BLOCK16), gpuas_pa(1ULL << 48),
				    PAGE, READ_ONLY), GPUAS_ERANGE);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 5 * BLOCK16), gpuas_pa(PA + 1),
				    PAGE, READ_ONLY), GPUAS_EINVAL);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(VA16 + 5 * BLOCK16), gpuas_pa(PA), 0,
				    READ_ONLY), GPUAS_EINVAL);
}

/*
 * Blocks
 */

static void the_largest_leaves_that_fit_are_used(void **state)
{
	struct tree *t = *state;
	const uint64_t lead = BLOCK4 + PAGE4, size = lead + GIB + BLOCK4 + 2 * PAGE4;

	/* A page, a block of 2 MiB, one of 1 GiB, one of 2 MiB, two pages. */
	assert_int_equal(map_low(t, VA4 - lead, PA4 - lead, size), 0);
	assert_int_equal(level_at(t, VA4 - lead), 0);
	assert_int_equal(level_at(t, VA4 - BLOCK4), 1);
	assert_int_equal(level_at(t, VA4), 2);
	assert_int_equal(level_at(t, VA4 + GIB), 1);
	assert_int_equal(level_at(t, VA4 + GIB + BLOCK4), 0);
	assert_int_equal(pa_of(t, VA4 - lead), PA4 - lead);
	assert_int_equal(pa_of(t, VA4 - 1), PA4 - 1);
	assert_int_equal(pa_of(t, VA4 + GIB / 3), PA4 + GIB / 3);
	assert_int_equal(pa_of(t, VA4 + GIB + BLOCK4 + PAGE4), PA4 + GIB + BLOCK4 + PAGE4);
	assert_int_equal(pa_of(t, VA4 - lead + size), -GPUAS_ENOENT);
	/* Root, two above the blocks of 1 GiB, two of blocks and two of pages. */
	assert_int_equal(t->space.tables, 1 + 1 + 2 + 2);
	assert_int_equal(unmap(t, VA4 - lead, size), 0);
	assert_int_equal(t->space.tables, 1);
}

/* 1 GiB less one page: a table of blocks, one of pages, and the rest is where it was. */
static void a_hole_in_1_gib_leaves_the_rest(void **state)
{
	const uint64_t hole = VA4 + 5 * BLOCK4 + 3 * PAGE4;
	struct tree *t = *state;
	uint64_t off;

	assert_int_equal(map_low(t, VA4, PA4, GIB), 0);
	watch(t, VA4);
	assert_int_equal(unmap(t, hole, PAGE4), 0);
	assert_int_equal(at_flush[0] & 1, 0);
	assert_int_equal(level_at_flush[0], 2);
	assert_int_equal(t->space.tables, 2 + 2);
	for (off = 0; off < GIB; off += BLOCK4) {
		assert_int_equal(level_at(t, VA4 + off), off != 5 * BLOCK4);
		assert_int_equal(pa_of(t, VA4 + off + 4 * PAGE4), PA4 + off + 4 * PAGE4);
	}
	MAPPED(t, VA4 + 5 * BLOCK4, PA4 + 5 * BLOCK4, 3 * PAGE4);
	assert_int_equal(pa_of(t, hole), -GPUAS_ENOENT);
	MAPPED(t, hole + PAGE4, PA4 + 5 * BLOCK4 + 4 * PAGE4, BLOCK4 - 4 * PAGE4);
	/* Without the rest of that block there is no table for it. */
	assert_int_equal(unmap(t, VA4 + 5 * BLOCK4, BLOCK4), 0);
	assert_int_equal(t->space.tables, 3);
	assert_int_equal(unmap(t, VA4, GIB), 0);
	assert_int_equal(t->space.tables, 1);
}

static void an_unmap_may_cut_a_block_at_both_ends(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA4, PA4, 3 * GIB), 0);
	assert_int_equal(unmap(t, VA4 + PAGE4, 2 * GIB), 0);
	assert_int_equal(pa_of(t, VA4), PA4);
	assert_int_equal(pa_of(t, VA4 + PAGE4), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA4 + GIB), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA4 + 2 * GIB), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA4 + 2 * GIB + PAGE4), PA4 + 2 * GIB + PAGE4);
	assert_int_equal(pa_of(t, VA4 + 3 * GIB - 1), PA4 + 3 * GIB - 1);
	assert_int_equal(t->space.tables, 2 + 2 + 2);
}

static void without_blocks_there_are_only_pages(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, 0, 2 * LEAF_SPAN), 0);
	assert_int_equal(level_at(t, HOST), 0);
	assert_int_equal(t->space.tables, 4);
}

static void uat_has_no_blocks(void **state)
{
	struct gpuas_geometry geo = uat39;
	struct tree *t = *state;
	struct gpuas_space space;

	geo.blocks = true;
	assert_int_equal(gpuas_space_create(&space, &geo, &whole, &t->ram->env), -GPUAS_EINVAL);
	assert_int_equal(ram_owned(t->ram), 1);
}

#define PAIR_TEST(f)	cmocka_unit_test_setup_teardown(f, two_handles, no_handles)

static const struct CMUnitTest tests[] = {
	PAIR_TEST(two_handles_do_not_see_each_other),
	PAIR_TEST(a_handle_can_come_back_when_the_other_one_is_there),
	TREE_TEST(a_gather_makes_one_flush_of_many),
	TREE_TEST(gathers_nest),
	TREE_TEST(a_gather_of_nothing_does_nothing),
	TREE_TEST(a_map_over_what_waits_for_a_flush_flushes_first),
	TREE_TEST(release_ends_a_gather),
	TREE_TEST(a_reserved_map_does_not_fail),
	TREE_TEST(what_a_map_leaves_of_the_reserve_stays),
	TREE_TEST(release_gives_the_reserve_back),
	TEST16(rights_change_in_place_with_one_flush),
	TEST16(the_kind_of_memory_changes_after_a_break),
	TEST16(protect_of_holes_and_of_nothing_new_does_nothing),
	TEST16(protect_refuses_what_it_cannot_do),
	TEST16(protect_of_a_whole_block_keeps_it),
	TEST16(protect_of_a_part_splits_the_block),
	TEST16(protect_splits_at_either_end),
	TEST16(replace_takes_the_place_after_a_break),
	TEST16(replace_of_a_hole_is_a_map),
	TEST16(replace_happens_fully_or_not_at_all),
	TREE_TEST(what_is_not_ours_stops_every_operation),
	TREE_TEST(a_freed_table_is_not_remembered_as_ours),
	TREE_TEST(an_empty_cache_knows_no_table),
	TREE_TEST(a_cache_has_a_power_of_two_of_slots),
	BORROWED_TEST(nothing_outside_the_window_is_touched_by_any_operation),
	TEST16(a_list_is_mapped_in_one_go),
	TEST16(a_list_that_wraps_around_is_refused),
	TEST16(one_page_is_mapped_everywhere),
	TEST4(the_largest_leaves_that_fit_are_used),
	TEST4(a_hole_in_1_gib_leaves_the_rest),
	TEST4(an_unmap_may_cut_a_block_at_both_ends),
	TREE_TEST(without_blocks_there_are_only_pages),
	TREE_TEST(uat_has_no_blocks),
};

UNIT_MAIN(tests)
