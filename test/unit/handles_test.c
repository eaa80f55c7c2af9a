// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Several handles on one tree, and what others put into it. */
#include "tree.h"

/*
 * Two handles on one tree
 */

enum { PAGES = 4096, HANDLES = 2, SLOTS = 8 };

struct pair {
	struct tree tree[HANDLES];
	uint64_t model[HANDLES][PAGES];
};

static int two_handles(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	unsigned int i;

	/* The same memory, an environment each. */
	pair->tree[0].ram = ram_new();
	pair->tree[1].ram = ram_share(pair->tree[0].ram);
	fw_tree(pair->tree[0].ram);
	for (i = 0; i < HANDLES; i++) {
		struct tree *t = &pair->tree[i];
		const struct gpuas_range window = {
			.va = gpuas_va(HOST + 2 * i * SLOT), .size = 2 * SLOT,
		};

		assert_int_equal(gpuas_space_adopt(&t->space, &uat39, &window,
						   gpuas_pa(FW_ROOT), &t->ram->env), 0);
	}
	*state = pair;
	return 0;
}

static int no_handles(void **state)
{
	struct pair *pair = *state;

	ram_delete(pair->tree[1].ram);
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
		assert_int_equal(ram_owned(pair->tree[i].ram), pair->tree[i].space.tables);
	}
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
	assert_int_equal(ram_owned(pair->tree[0].ram) + ram_owned(pair->tree[1].ram), 0);
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
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(from), gpuas_pa(PA), PAGE, size, RIGHTS),
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

/* A page of each handle; and a link to the table with B's page in a table of A's. */
static uint64_t plant(struct pair *pair)
{
	struct tree *a = &pair->tree[0], *b = &pair->tree[1];
	uint64_t middle;

	assert_int_equal(map(a, HOST + 9 * LEAF_SPAN, PA, PAGE), 0);
	assert_int_equal(map(b, HOST + 2 * SLOT, PA + PAGE, PAGE), 0);
	/* A met B's tables before. */
	assert_int_equal(pa_of(a, HOST + 2 * SLOT), PA + PAGE);
	middle = *slot(a->ram, FW_ROOT, 4) & ~3ULL;
	*slot(a->ram, *slot(a->ram, FW_ROOT, 2) & ~3ULL, 2) = *slot(a->ram, middle, 0);
	return middle;
}

static void tables_of_the_other_handle_stop_every_operation(void **state)
{
	struct pair *pair = *state;
	struct tree *a = &pair->tree[0], *b = &pair->tree[1];
	uint64_t middle = plant(pair);

	all_refused(a, HOST + 2 * LEAF_SPAN, GPUAS_EPERM, GPUAS_EPERM);
	*slot(a->ram, FW_ROOT, 3) = middle | 3;
	all_refused(a, HOST + SLOT, GPUAS_EPERM, GPUAS_EPERM);
	gpuas_space_release(&a->space);
	assert_int_equal(*slot(a->ram, FW_ROOT, 3), middle | 3);
	assert_int_equal(ram_owned(a->ram), 0);
	assert_int_equal(ram_owned(b->ram), 2);
	assert_int_equal(pa_of(b, HOST + 2 * SLOT), PA + PAGE);
	assert_int_equal(unmap(b, HOST + 2 * SLOT, PAGE), 0);
	assert_int_equal(ram_owned(b->ram), 0);
}

static int count_owned(void *ctx, const struct gpuas_step *step)
{
	unsigned int *tables = ctx;

	tables[step->owned] += step->kind == GPUAS_TABLE;
	return 0;
}

static void a_visit_tells_own_tables_from_those_of_the_other_handle(void **state)
{
	struct pair *pair = *state;
	unsigned int a[2] = { 0, 0 }, b[2] = { 0, 0 };

	plant(pair);
	gpuas_visit_all(&pair->tree[0].space, count_owned, a);
	gpuas_visit_all(&pair->tree[1].space, count_owned, b);
	/* Two each of A's, B's and the firmware's; and B's lower one once more. */
	assert_int_equal(a[true], 2);
	assert_int_equal(a[false], 2 + 2 + 1);
	assert_int_equal(b[true], 2 + 1);
	assert_int_equal(b[false], 2 + 2);
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

#define PAIR_TEST(f)	cmocka_unit_test_setup_teardown(f, two_handles, no_handles)

static const struct CMUnitTest tests[] = {
	PAIR_TEST(two_handles_do_not_see_each_other),
	PAIR_TEST(a_handle_can_come_back_when_the_other_one_is_there),
	PAIR_TEST(tables_of_the_other_handle_stop_every_operation),
	PAIR_TEST(a_visit_tells_own_tables_from_those_of_the_other_handle),
	TREE_TEST(what_is_not_ours_stops_every_operation),
	BORROWED_TEST(nothing_outside_the_window_is_touched_by_any_operation),
};

UNIT_MAIN(tests)
