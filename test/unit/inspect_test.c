// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "hostile.h"
#include "tree.h"

#include <gpuas/inspect.h>

#define MANY_SEEN	64u
#define BLOCK		(PA & ~(LEAF_SPAN - 1))
#define END		(~0u)

/* What was found, in order. */
struct found {
	struct {
		enum gpuas_wrong wrong;
		struct gpuas_step step;
	} what[4096];
	unsigned int count;
	unsigned int stop_at;
};

static struct found found;

static const struct gpuas_extent ram_and_pages[] = {
	{ (GPUAS_FORCE gpuas_pa_t)RAM_BASE, RAM_SIZE },
	{ (GPUAS_FORCE gpuas_pa_t)BLOCK, LEAF_SPAN },
};

static gpuas_pa_t seen[MANY_SEEN];

static const struct gpuas_inspector strict = {
	.window = { .va = (GPUAS_FORCE gpuas_va_t)HOST, .size = SLOT },
	.ram = ram_and_pages, .rams = 2, .seen = seen, .seen_max = MANY_SEEN,
};

static int find(void *ctx, const struct gpuas_finding *finding)
{
	struct found *f = ctx;

	assert_true(f->count < 4096);
	f->what[f->count].wrong = finding->wrong;
	f->what[f->count].step = *finding->step;
	f->count++;
	return f->count == f->stop_at ? 7 : 0;
}

static int inspect(struct tree *t, const struct gpuas_inspector *by)
{
	memset(&found, 0, sizeof(found));
	memset(seen, 0xa5, sizeof(seen));
	return gpuas_inspect(&t->space, by, find, &found);
}

/* Exactly these, by VA, level and kind of finding, and then END. */
static void finds(struct tree *t, const struct gpuas_inspector *by,
		  const uint64_t (*expect)[3])
{
	unsigned int i;

	assert_int_equal(inspect(t, by), 0);
	for (i = 0; expect[i][2] != END && i < found.count; i++) {
		assert_int_equal(gpuas_va_u64(found.what[i].step.va), expect[i][0]);
		assert_int_equal(found.what[i].step.level, expect[i][1]);
		assert_int_equal(found.what[i].wrong, expect[i][2]);
	}
	assert_int_equal(found.count, i);
	assert_int_equal(expect[i][2], END);
}

#define FINDS(t, by, ...) \
	finds(t, by, (const uint64_t[][3]){ __VA_ARGS__, { 0, 0, END } })
#define FINDS_NOTHING(t, by) finds(t, by, (const uint64_t[][3]){ { 0, 0, END } })

static void a_sound_tree_has_nothing_wrong(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_MIDDLE, 1) = BLOCK | 1;
	assert_int_equal(map(t, HOST + LEAF_SPAN - PAGE, PA, 2 * PAGE), 0);
	FINDS_NOTHING(t, &strict);
}

static void a_page_outside_ram_is_found(void **state)
{
	struct tree *t = *state;
	struct gpuas_inspector by = strict;

	*slot(t->ram, FW_LEAF, 0) = (BLOCK + LEAF_SPAN - PAGE) | 3;
	*slot(t->ram, FW_LEAF, 1) = (BLOCK + LEAF_SPAN) | 3;
	*slot(t->ram, FW_LEAF, 2) = (RAM_BASE - PAGE) | 3;
	FINDS(t, &by, { HALF + PAGE, 0, GPUAS_WRONG_ADDRESS },
	      { HALF + 2 * PAGE, 0, GPUAS_WRONG_ADDRESS });
	by.rams = 0;
	FINDS_NOTHING(t, &by);
}

static void all_of_a_page_has_to_be_ram(void **state)
{
	struct gpuas_extent ram[2] = {
		ram_and_pages[0], { gpuas_pa(PA), PAGE - 1 },
	};
	struct gpuas_inspector by = strict;

	by.ram = ram;
	FINDS(*state, &by, { HALF, 0, GPUAS_WRONG_ADDRESS });
	ram[1].size = PAGE;
	FINDS_NOTHING(*state, &by);
	ram[1].pa = gpuas_pa(PA + 1);
	FINDS(*state, &by, { HALF, 0, GPUAS_WRONG_ADDRESS });
}

static void all_of_a_block_has_to_be_ram(void **state)
{
	struct gpuas_extent ram[] = {
		{ gpuas_pa(BLOCK + LEAF_SPAN - PAGE), PAGE },
		{ gpuas_pa(0), 0 },
		{ gpuas_pa(BLOCK), LEAF_SPAN - 2 * PAGE },
		ram_and_pages[0],
		{ gpuas_pa(BLOCK + LEAF_SPAN - 2 * PAGE), PAGE },
	};
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.ram = ram;
	by.rams = 5;
	*slot(t->ram, FW_MIDDLE, 1) = BLOCK | 1;
	FINDS_NOTHING(t, &by);
	by.rams = 4;
	FINDS(t, &by, { HALF + LEAF_SPAN, 1, GPUAS_WRONG_ADDRESS });
	ram[0].size--;
	by.rams = 5;
	FINDS(t, &by, { HALF + LEAF_SPAN, 1, GPUAS_WRONG_ADDRESS });
}

static bool asked_outside;

static uint64_t *note_outside(void *ctx, gpuas_pa_t pa, size_t size)
{
	uint64_t at = gpuas_pa_u64(pa);

	if (at < FW_LEAF)
		asked_outside = true;
	return ram_at(ctx, at, size);
}

static void a_table_outside_ram_is_found_and_left_alone(void **state)
{
	struct gpuas_extent ram[2] = {
		{ gpuas_pa(FW_LEAF), 3 * RAM_GRANULE }, ram_and_pages[1],
	};
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.ram = ram;
	t->ram->env.table_ptr = note_outside;
	asked_outside = false;
	*slot(t->ram, FW_MIDDLE, 0) = FW_TABLE(3) | 3;
	*slot(t->ram, FW_MIDDLE, 1) = FW_LEAF | 3;
	*slot(t->ram, FW_ROOT, 1) = 3;
	*slot(t->ram, FW_ROOT, 3) = BLOCK | 3;	/* in RAM, but not lent */
	FINDS(t, &by, { HALF, 1, GPUAS_WRONG_ADDRESS },
	      { HALF + SLOT, 2, GPUAS_WRONG_ADDRESS },
	      { HALF + 3 * SLOT, 2, GPUAS_WRONG_UNREADABLE });
	assert_false(asked_outside);
	assert_false(found.what[0].step.unreadable);
	assert_true(found.what[2].step.unreadable);
}

static void what_is_beyond_the_pa_size_is_found_without_naming_ram(void **state)
{
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.rams = 0;
	*slot(t->ram, FW_LEAF, 0) = ((1ULL << 40) - PAGE) | 3;
	*slot(t->ram, FW_LEAF, 1) = 1ULL << 40 | 3;
	*slot(t->ram, FW_MIDDLE, 1) = 1ULL << 47 | 1;
	*slot(t->ram, FW_MIDDLE, 2) = 1ULL << 47 | 3;
	FINDS(t, &by, { HALF + PAGE, 0, GPUAS_WRONG_ADDRESS },
	      { HALF + LEAF_SPAN, 1, GPUAS_WRONG_ADDRESS },
	      { HALF + 2 * LEAF_SPAN, 1, GPUAS_WRONG_ADDRESS });
}

static void types_that_no_walker_takes_are_found(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_LEAF, 5) = PA | 1;	/* reserved at level 0 */
	*slot(t->ram, FW_ROOT, 1) = 1;		/* no blocks in the root */
	FINDS(t, &strict, { HALF + 5 * PAGE, 0, GPUAS_WRONG_TYPE },
	      { HALF + SLOT, 2, GPUAS_WRONG_TYPE });
}

static void types_depend_on_the_granule(void **state)
{
	struct hostile *h = hostile_new(12, 39);
	const struct gpuas_inspector by = { .rams = 0 };

	(void)state;
	memset(&found, 0, sizeof(found));
	h->format.block_levels = 1 << 1 | 1 << 2;
	h->table[0][1] = 0x40000000ULL | 1;
	assert_int_equal(gpuas_inspect(&h->space, &by, find, &found), 0);
	assert_int_equal(found.count, 0);
	h->format.block_levels = 1 << 1;
	assert_int_equal(gpuas_inspect(&h->space, &by, find, &found), 0);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.what[0].wrong, GPUAS_WRONG_TYPE);
	hostile_delete(h);
}

static void reserved_bits_are_found(void **state)
{
	struct tree *t = *state;
	unsigned int bit;

	*slot(t->ram, FW_LEAF, 1) = 2;
	*slot(t->ram, FW_LEAF, 2) = 1ULL << 63;
	*slot(t->ram, FW_MIDDLE, 1) = BLOCK | 1 | PAGE;
	*slot(t->ram, FW_MIDDLE, 2) = PA & ~1ULL;
	FINDS(t, &strict, { HALF + PAGE, 0, GPUAS_WRONG_BITS },
	      { HALF + 2 * PAGE, 0, GPUAS_WRONG_BITS },
	      { HALF + LEAF_SPAN, 1, GPUAS_WRONG_BITS },
	      { HALF + 2 * LEAF_SPAN, 1, GPUAS_WRONG_BITS });
	fw_tree(t->ram);
	for (bit = 2; bit < 64; bit++) {
		bool bad = bit == 12 || bit == 13 || bit == 48 || bit == 49;
		bool address = bit >= 14 && bit < 48;

		if (address)
			continue;
		*slot(t->ram, FW_LEAF, 0) = PA | 3 | 1ULL << bit;
		*slot(t->ram, FW_MIDDLE, 1) = BLOCK | 1 | 1ULL << bit;
		*slot(t->ram, FW_ROOT, 0) = FW_MIDDLE | 3 | 1ULL << bit;
		if (bad)
			FINDS(t, &strict, { HALF, 2, GPUAS_WRONG_BITS },
			      { HALF, 0, GPUAS_WRONG_BITS },
			      { HALF + LEAF_SPAN, 1, GPUAS_WRONG_BITS });
		else
			FINDS_NOTHING(t, &strict);
	}
	*slot(t->ram, FW_LEAF, 0) = PA | 3;
	*slot(t->ram, FW_ROOT, 0) = FW_MIDDLE | 3;
	for (bit = 14; bit < 25; bit++) {
		*slot(t->ram, FW_MIDDLE, 1) = BLOCK | 1 | 1ULL << bit;
		FINDS(t, &strict, { HALF + LEAF_SPAN, 1, GPUAS_WRONG_BITS });
	}
}

static void a_cycle_is_found_and_not_followed(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_MIDDLE, 1) = FW_MIDDLE | 3;
	*slot(t->ram, FW_MIDDLE, 2) = FW_ROOT | 3;
	*slot(t->ram, FW_ROOT, 7) = FW_ROOT | 3;
	FINDS(t, &strict, { HALF + LEAF_SPAN, 1, GPUAS_WRONG_CYCLE },
	      { HALF + 2 * LEAF_SPAN, 1, GPUAS_WRONG_CYCLE },
	      { HALF + 7 * SLOT, 2, GPUAS_WRONG_CYCLE });
}

static void a_cycle_is_found_without_memory_for_tables(void **state)
{
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.seen = NULL;
	by.seen_max = 0;
	*slot(t->ram, FW_MIDDLE, 1) = FW_MIDDLE | 3;
	*slot(t->ram, FW_ROOT, 1) = FW_MIDDLE | 3;
	FINDS(t, &by, { HALF + LEAF_SPAN, 1, GPUAS_WRONG_CYCLE },
	      { HALF + SLOT + LEAF_SPAN, 1, GPUAS_WRONG_CYCLE });
}

static void a_table_reached_twice_is_found(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_LEAF, 1) = 2;		/* is found once only */
	*slot(t->ram, FW_MIDDLE, 7) = FW_LEAF | 3;
	*slot(t->ram, FW_ROOT, 1) = FW_MIDDLE | 3;
	*slot(t->ram, FW_ROOT, 3) = FW_LEAF | 3;	/* at another level */
	FINDS(t, &strict, { HALF + PAGE, 0, GPUAS_WRONG_BITS },
	      { HALF + 7 * LEAF_SPAN, 1, GPUAS_WRONG_SHARED },
	      { HALF + SLOT, 2, GPUAS_WRONG_SHARED },
	      { HALF + 3 * SLOT, 2, GPUAS_WRONG_SHARED });
}

static void too_many_tables_are_reported_once(void **state)
{
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	memset(ram_at(t->ram, FW_TABLE(5), 3 * RAM_GRANULE), 0, 3 * RAM_GRANULE);
	*slot(t->ram, FW_MIDDLE, 1) = FW_TABLE(5) | 3;
	*slot(t->ram, FW_MIDDLE, 2) = FW_TABLE(3) | 3;
	*slot(t->ram, FW_MIDDLE, 3) = FW_TABLE(4) | 3;
	by.seen_max = 5;
	FINDS_NOTHING(t, &by);
	by.seen_max = 3;
	FINDS(t, &by, { HALF + 2 * LEAF_SPAN, 1, GPUAS_WRONG_MANY });
	assert_int_equal(gpuas_pa_u64(seen[3]), 0xa5a5a5a5a5a5a5a5ULL);
	/* What was remembered is still known, what was not is entered again. */
	*slot(t->ram, FW_TABLE(4), 0) = 2;
	*slot(t->ram, FW_MIDDLE, 4) = FW_TABLE(4) | 3;
	*slot(t->ram, FW_MIDDLE, 5) = FW_TABLE(5) | 3;
	FINDS(t, &by, { HALF + 2 * LEAF_SPAN, 1, GPUAS_WRONG_MANY },
	      { HALF + 3 * LEAF_SPAN, 0, GPUAS_WRONG_BITS },
	      { HALF + 4 * LEAF_SPAN, 0, GPUAS_WRONG_BITS },
	      { HALF + 5 * LEAF_SPAN, 1, GPUAS_WRONG_SHARED });
}

static void tables_are_told_apart_in_any_order(void **state)
{
	static const unsigned int order[] = { 9, 4, 12, 3, 8, 5, 11, 6, 10, 7 };
	uint64_t expect[11][3];
	struct tree *t = *state;
	unsigned int i;

	memset(ram_at(t->ram, FW_TABLE(12), 10 * RAM_GRANULE), 0, 10 * RAM_GRANULE);
	for (i = 0; i < 10; i++) {
		*slot(t->ram, FW_MIDDLE, 1 + i) = FW_TABLE(order[i]) | 3;
		*slot(t->ram, FW_MIDDLE, 11 + i) = FW_TABLE(3 + i) | 3;
		expect[i][0] = HALF + (11 + i) * LEAF_SPAN;
		expect[i][1] = 1;
		expect[i][2] = GPUAS_WRONG_SHARED;
	}
	expect[10][2] = END;
	finds(t, &strict, (const uint64_t (*)[3])expect);
}

static void what_overlaps_own_memory_is_found(void **state)
{
	struct gpuas_extent own[] = {
		{ gpuas_pa(PA), 0 }, { gpuas_pa(PA + PAGE), 1 },
		{ gpuas_pa(FW_MIDDLE + PAGE - 1), 1 },
	};
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.own = own;
	by.owns = 2;
	FINDS_NOTHING(t, &by);
	own[1].pa = gpuas_pa(PA + PAGE - 1);
	FINDS(t, &by, { HALF, 0, GPUAS_WRONG_OVERLAP });
	own[1].pa = gpuas_pa(PA - 1);
	FINDS_NOTHING(t, &by);
	own[1].size = 2;
	FINDS(t, &by, { HALF, 0, GPUAS_WRONG_OVERLAP });
	own[1].pa = gpuas_pa(BLOCK + LEAF_SPAN - 1);
	*slot(t->ram, FW_MIDDLE, 1) = BLOCK | 1;
	FINDS(t, &by, { HALF + LEAF_SPAN, 1, GPUAS_WRONG_OVERLAP });
	own[1].pa = gpuas_pa(BLOCK + LEAF_SPAN);
	FINDS_NOTHING(t, &by);
	by.owns = 3;
	FINDS(t, &by, { HALF, 2, GPUAS_WRONG_OVERLAP });
}

/* The whole of simulated RAM is the handle's, and so are pages. */
static void what_the_handle_did_itself_is_no_overlap(void **state)
{
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	fw_tree(t->ram);
	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	by.own = ram_and_pages;
	by.owns = 2;
	FINDS_NOTHING(t, &by);
	/* Planted in a table of the handle's, but not by it. */
	*slot(t->ram, gpuas_pa_u64(t->space.root), 1) = FW_MIDDLE | 3;
	FINDS(t, &by, { HALF + SLOT, 2, GPUAS_WRONG_OVERLAP },
	      { HALF + SLOT, 1, GPUAS_WRONG_OVERLAP },
	      { HALF + SLOT, 0, GPUAS_WRONG_OVERLAP });
}

static void a_block_in_a_root_of_the_handles_is_no_overlap(void **state)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_lpae_16k, .va_bits = 36, .pa_bits = 40, .blocks = true,
	};
	const struct gpuas_range all = { .size = 1ULL << 36 };
	struct tree *t = *state;
	struct tree low = { .ram = ram_share(t->ram) };
	struct gpuas_inspector by = strict;

	assert_int_equal(gpuas_space_create(&low.space, &geo, &all, &low.ram->env), 0);
	assert_int_equal(gpuas_map(&low.space, gpuas_va(5 * LEAF_SPAN), gpuas_pa(BLOCK), LEAF_SPAN,
				   GPUAS_FW_READ), 0);
	by.window.size = 0;
	by.own = ram_and_pages;
	by.owns = 2;
	FINDS_NOTHING(&low, &by);
	ram_delete(low.ram);
}

/* The same from the other side: for a handle without a window nothing is its own. */
static void what_is_owned_but_outside_the_window_is_an_overlap(void **state)
{
	const struct gpuas_range none = { .size = 0 };
	struct gpuas_inspector by = strict;
	struct tree *t = *state;
	struct tree other = { .ram = t->ram };

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_space_adopt(&other.space, &uat39, &none, t->space.root,
					   &t->ram->env), 0);
	by.window.size = 0;
	by.own = ram_and_pages;
	by.owns = 2;
	FINDS(&other, &by, { HOST, 2, GPUAS_WRONG_OVERLAP },
	      { HOST, 1, GPUAS_WRONG_OVERLAP }, { HOST, 0, GPUAS_WRONG_OVERLAP });
}

static void stale_entries_in_the_window_are_found(void **state)
{
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	*slot(t->ram, FW_ROOT, 2) = FW_TABLE(3) | 3;
	memset(slot(t->ram, FW_TABLE(3), 0), 0, RAM_GRANULE);
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_STALE });
	*slot(t->ram, FW_ROOT, 2) = 2;
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_BITS }, { HOST, 2, GPUAS_WRONG_STALE });
	*slot(t->ram, FW_TABLE(3), 0) = BLOCK | 1;
	*slot(t->ram, FW_ROOT, 3) = FW_TABLE(3) | 3;
	by.window.va = gpuas_va(HOST + SLOT - PAGE);
	by.window.size = 2 * PAGE;
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_BITS }, { HOST, 2, GPUAS_WRONG_STALE },
	      { HOST + SLOT, 2, GPUAS_WRONG_STALE });
	by.window.va = gpuas_va(HOST + 2 * SLOT);
	by.window.size = 4 * SLOT;
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_BITS });
	by.window.size = 0;
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_BITS });
}

/* Where a table is lent, the window's entry leads there, and what it holds is judged. */
static void a_table_that_is_lent_is_expected_and_looked_into(void **state)
{
	const gpuas_pa_t lent = gpuas_pa(FW_TABLE(3));
	struct gpuas_inspector by = strict;
	struct tree *t = *state;
	struct gpuas_space below;

	memset(slot(t->ram, FW_TABLE(3), 0), 0, RAM_GRANULE);
	by.lent = &lent;
	FINDS_NOTHING(t, &by);
	*slot(t->ram, FW_ROOT, 2) = FW_TABLE(3) | 3;
	FINDS_NOTHING(t, &by);
	FINDS(t, &strict, { HOST, 2, GPUAS_WRONG_STALE });
	/* Something in it; elsewhere in the root; twice; another in its place. */
	*slot(t->ram, FW_TABLE(3), 1) = FW_TABLE(4) | 3;
	memset(slot(t->ram, FW_TABLE(4), 0), 0, RAM_GRANULE);
	FINDS(t, &by, { HOST + LEAF_SPAN, 1, GPUAS_WRONG_STALE });
	*slot(t->ram, FW_TABLE(3), 1) = 0;
	*slot(t->ram, FW_ROOT, 3) = FW_TABLE(3) | 3;
	FINDS(t, &by, { HOST + SLOT, 2, GPUAS_WRONG_SHARED });
	*slot(t->ram, FW_ROOT, 3) = 0;
	*slot(t->ram, FW_ROOT, 2) = FW_TABLE(4) | 3;
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_STALE });
	*slot(t->ram, FW_ROOT, 2) = FW_ROOT | 3;
	FINDS(t, &by, { HOST, 2, GPUAS_WRONG_CYCLE }, { HOST, 2, GPUAS_WRONG_STALE });
	/* As the handle sees it that is opened there: its own tables are right. */
	*slot(t->ram, FW_ROOT, 2) = FW_TABLE(3) | 3;
	assert_int_equal(gpuas_space_adopt_at(&below, &uat39, 1, &host_window, lent,
					      &t->ram->env), 0);
	assert_int_equal(gpuas_map(&below, gpuas_va(HOST), gpuas_pa(PA & ~(LEAF_SPAN - 1)), PAGE,
				   RIGHTS), 0);
	assert_int_equal(gpuas_inspect(&below, &strict, find, memset(&found, 0, sizeof(found))), 0);
	assert_int_equal(found.count, 0);
	*slot(t->ram, FW_TABLE(3), 9) = FW_TABLE(4) | 3;
	assert_int_equal(gpuas_inspect(&below, &strict, find, memset(&found, 0, sizeof(found))), 0);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.what[0].wrong, GPUAS_WRONG_STALE);
	gpuas_space_release(&below);
}

static void own_tables_in_the_window_are_not_stale(void **state)
{
	const struct gpuas_range none = { .size = 0 };
	struct tree *t = *state;
	struct tree other = { .ram = t->ram };

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	FINDS_NOTHING(t, &strict);
	/* To a handle that has no window, they are. */
	assert_int_equal(gpuas_space_adopt(&other.space, &uat39, &none,
					   gpuas_pa(FW_ROOT), &t->ram->env), 0);
	FINDS(&other, &strict, { HOST, 2, GPUAS_WRONG_STALE });
}

static void a_window_outside_the_half_is_refused(void **state)
{
	struct gpuas_inspector by = strict;

	by.window.va = gpuas_va(0);
	assert_int_equal(inspect(*state, &by), -GPUAS_ERANGE);
	by.window.va = gpuas_va(HOST + 1);
	assert_int_equal(inspect(*state, &by), -GPUAS_EINVAL);
	by.window.va = gpuas_va(HOST);
	by.window.size = 0 - PAGE;
	assert_int_equal(inspect(*state, &by), -GPUAS_EOVERFLOW);
	assert_int_equal(found.count, 0);
}

static void the_last_page_of_the_space_is_judged(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_ROOT, 0) = 0;
	*slot(t->ram, FW_ROOT, 7) = FW_MIDDLE | 3;
	*slot(t->ram, FW_MIDDLE, 2047) = FW_LEAF | 3;
	*slot(t->ram, FW_MIDDLE, 0) = 0;
	*slot(t->ram, FW_LEAF, 2047) = 3;
	FINDS(t, &strict, { 0 - PAGE, 0, GPUAS_WRONG_ADDRESS });
}

static void the_budget_is_exact(void **state)
{
	struct gpuas_inspector by = strict;
	struct tree *t = *state;
	unsigned int left = 8 + 2048 + 2048;

	*slot(t->ram, FW_ROOT, 7) = 1;
	by.budget = &left;
	assert_int_equal(inspect(t, &by), 0);
	assert_int_equal(found.count, 1);
	assert_int_equal(left, 0);
	left = 8 + 2048 + 2048 - 1;
	assert_int_equal(inspect(t, &by), -GPUAS_EAGAIN);
	assert_int_equal(found.count, 0);
	left = 1;
	assert_int_equal(inspect(t, &by), -GPUAS_EAGAIN);
	assert_int_equal(left, 0);
	assert_int_equal(inspect(t, &by), -GPUAS_EAGAIN);
	left = 8 + 2048 + 2048 + 5;
	assert_int_equal(inspect(t, &by), 0);
	assert_int_equal(left, 5);
}

static void the_finder_can_stop_the_inspection(void **state)
{
	struct tree *t = *state;

	*slot(t->ram, FW_LEAF, 1) = 2;
	*slot(t->ram, FW_LEAF, 2) = 2;
	memset(&found, 0, sizeof(found));
	found.stop_at = 1;
	assert_int_equal(gpuas_inspect(&t->space, &strict, find, &found), 7);
	assert_int_equal(found.count, 1);
}

static void all_that_is_wrong_with_one_entry_is_reported(void **state)
{
	struct gpuas_extent own[] = { { gpuas_pa(FW_MIDDLE), 1 }, { gpuas_pa(0), 1 } };
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.own = own;
	by.owns = 2;
	by.seen_max = 1;
	*slot(t->ram, FW_LEAF, 0) = 0;
	*slot(t->ram, FW_ROOT, 2) = FW_MIDDLE | 1ULL << 48 | 3;
	*slot(t->ram, FW_ROOT, 3) = 1ULL << 49 | 3;
	FINDS(t, &by, { HALF, 2, GPUAS_WRONG_OVERLAP },
	      { HALF, 1, GPUAS_WRONG_MANY },
	      { HOST, 2, GPUAS_WRONG_BITS }, { HOST, 2, GPUAS_WRONG_SHARED },
	      { HOST, 2, GPUAS_WRONG_OVERLAP }, { HOST, 2, GPUAS_WRONG_STALE },
	      { HOST + SLOT, 2, GPUAS_WRONG_ADDRESS },
	      { HOST + SLOT, 2, GPUAS_WRONG_BITS },
	      { HOST + SLOT, 2, GPUAS_WRONG_OVERLAP });
	/* The finder stops within an entry, too. */
	memset(&found, 0, sizeof(found));
	found.stop_at = 4;
	assert_int_equal(gpuas_inspect(&t->space, &by, find, &found), 7);
	assert_int_equal(found.what[3].wrong, GPUAS_WRONG_SHARED);
}

static void everything_at_once_is_told_apart(void **state)
{
	static const struct gpuas_extent own = {
		(GPUAS_FORCE gpuas_pa_t)(PA + PAGE), PAGE,
	};
	struct gpuas_inspector by = strict;
	struct tree *t = *state;

	by.own = &own;
	by.owns = 1;
	by.seen_max = 2;
	memset(slot(t->ram, FW_TABLE(3), 0), 0, RAM_GRANULE);
	*slot(t->ram, FW_LEAF, 1) = (PA + PAGE) | 3;
	*slot(t->ram, FW_LEAF, 2) = PAGE | 3;
	*slot(t->ram, FW_LEAF, 3) = PA | 1;
	*slot(t->ram, FW_LEAF, 4) = PA | 3 | 1 << 12;
	*slot(t->ram, FW_MIDDLE, 1) = FW_MIDDLE | 3;
	*slot(t->ram, FW_MIDDLE, 2) = FW_LEAF | 3;
	*slot(t->ram, FW_MIDDLE, 3) = BLOCK | 3;
	*slot(t->ram, FW_MIDDLE, 4) = FW_TABLE(3) | 3;
	*slot(t->ram, FW_ROOT, 2) = 4;
	FINDS(t, &by, { HALF + PAGE, 0, GPUAS_WRONG_OVERLAP },
	      { HALF + 2 * PAGE, 0, GPUAS_WRONG_ADDRESS },
	      { HALF + 3 * PAGE, 0, GPUAS_WRONG_TYPE },
	      { HALF + 4 * PAGE, 0, GPUAS_WRONG_BITS },
	      { HALF + LEAF_SPAN, 1, GPUAS_WRONG_CYCLE },
	      { HALF + 2 * LEAF_SPAN, 1, GPUAS_WRONG_SHARED },
	      { HALF + 3 * LEAF_SPAN, 1, GPUAS_WRONG_UNREADABLE },
	      { HALF + 4 * LEAF_SPAN, 1, GPUAS_WRONG_MANY },
	      { HOST, 2, GPUAS_WRONG_BITS }, { HOST, 2, GPUAS_WRONG_STALE });
}

static void an_inspection_changes_nothing(void **state)
{
	struct tree *t = *state;
	struct ram *before = ram_copy(t->ram);
	struct gpuas_space space = t->space;

	*slot(t->ram, FW_ROOT, 2) = FW_MIDDLE | 3;
	*slot(before, FW_ROOT, 2) = FW_MIDDLE | 3;
	assert_int_equal(inspect(t, &strict), 0);
	assert_true(ram_equal(before, t->ram));
	assert_memory_equal(&space, &t->space, sizeof(space));
	ram_delete(before);
}

static void findings_are_sentences(void **state)
{
	static const char *const expect[] = {
		"leads to what is not RAM, PA 0x00812340000",
		"is of a type that is reserved at its level",
		"sets reserved bits of the address",
		"leads to a table that cannot be read, PA 0x00812340000",
		"leads back to a table on its own path, PA 0x00812340000",
		"leads to a table that was reached before, PA 0x00812340000",
		"leads into memory of somebody else, PA 0x00812340000",
		"was left in a window that has to be empty",
		"leads to a table too many to be remembered, PA 0x00812340000",
		"is wrong in an unknown way",
	};
	struct gpuas_step step = {
		.va = gpuas_va(HOST), .level = 2, .entry = PA | 3,
		.kind = GPUAS_TABLE, .pa = gpuas_pa(PA),
	};
	struct gpuas_finding finding = { .step = &step };
	struct gpuas_text text;
	char line[GPUAS_TEXT_MAX];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(expect) / sizeof(expect[0]); i++) {
		finding.wrong = (enum gpuas_wrong)i;
		gpuas_text_clear(&text);
		gpuas_finding_text(&text, &finding);
		snprintf(line, sizeof(line), "VA 0xffffffa000000000, level 2, "
			 "entry 0x0000000812340003: %s", expect[i]);
		assert_string_equal(text.buf, line);
		assert_true(text.len < GPUAS_TEXT_MAX - 1);
	}
	step.kind = GPUAS_OTHER;
	finding.wrong = GPUAS_WRONG_BITS;
	gpuas_text_clear(&text);
	gpuas_finding_text(&text, &finding);
	assert_non_null(strstr(text.buf, ": is invalid, and not zero"));
}

/*
 * A second opinion on tiny trees: recursive, one question after the other, pages
 * checked byte by byte.
 */
struct opinion {
	const struct hostile *h;
	const struct gpuas_inspector *by;
	uint64_t path[GPUAS_LEVELS_MAX];
	uint64_t seen[HOSTILE_TABLES];
	unsigned int count;
	bool full;
	struct found found;
};

static bool byte_in(const struct gpuas_extent *list, unsigned int n, uint64_t pa)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint64_t start = gpuas_pa_u64(list[i].pa);

		if (pa >= start && pa < start + list[i].size)
			return true;
	}
	return false;
}

static void opine(struct opinion *o, const struct gpuas_step *step, enum gpuas_wrong wrong)
{
	const struct gpuas_finding finding = { wrong, step };

	find(&o->found, &finding);
}

static bool opinion_address(struct opinion *o, const struct gpuas_step *step,
			    uint64_t pa, uint64_t size, bool *overlap)
{
	bool wrong = pa + size > 1ULL << o->h->geo.pa_bits;
	uint64_t i;

	*overlap = false;
	(void)step;
	for (i = 0; i < size; i++) {
		wrong |= o->by->rams && !byte_in(o->by->ram, o->by->rams, pa + i);
		*overlap |= byte_in(o->by->own, o->by->owns, pa + i);
	}
	return wrong;
}

static void opinion_table(struct opinion *o, unsigned int level, uint64_t table,
			  uint64_t va);

/* May the table be entered? The answer is a finding otherwise. */
static enum gpuas_wrong opinion_way(struct opinion *o, unsigned int level, uint64_t pa)
{
	unsigned int i;

	for (i = level; i <= o->h->space.top; i++) {
		if (o->path[i] == pa)
			return GPUAS_WRONG_CYCLE;
	}
	for (i = 0; i < o->count; i++) {
		if (o->seen[i] == pa)
			return GPUAS_WRONG_SHARED;
	}
	return hostile_table(o->h, pa) ? GPUAS_WRONG_MANY : GPUAS_WRONG_UNREADABLE;
}

static void opinion_entry(struct opinion *o, struct gpuas_step *step)
{
	enum gpuas_kind kind = step->kind = hostile_kind(o->h, step->level, step->entry);
	uint64_t size = kind == GPUAS_TABLE ? 32 : step->size;
	uint64_t pa = hostile_address(step->entry, size);
	bool outside = false, overlap = false, stale, enter = false, many = false;
	enum gpuas_wrong way = GPUAS_WRONG_MANY;
	uint64_t end = gpuas_va_u64(step->va) + (step->size - 1);

	if (kind == GPUAS_HOLE)
		return;
	if (kind != GPUAS_OTHER)
		outside = opinion_address(o, step, pa, size, &overlap);
	if (outside)
		opine(o, step, GPUAS_WRONG_ADDRESS);
	if (kind == GPUAS_OTHER)
		opine(o, step, step->entry & 1 ? GPUAS_WRONG_TYPE : GPUAS_WRONG_BITS);
	else if (step->entry >> 48 & 3)
		opine(o, step, GPUAS_WRONG_BITS);
	if (kind == GPUAS_TABLE && !outside) {
		way = opinion_way(o, step->level, pa);
		enter = way == GPUAS_WRONG_MANY;
		if (!enter)
			opine(o, step, way);
	}
	if (overlap)
		opine(o, step, GPUAS_WRONG_OVERLAP);
	stale = step->level == o->h->space.top && o->by->window.size &&
		end >= gpuas_va_u64(o->by->window.va) &&
		gpuas_va_u64(step->va) <=
			gpuas_va_u64(o->by->window.va) + (o->by->window.size - 1);
	if (stale)
		opine(o, step, GPUAS_WRONG_STALE);
	if (enter && o->by->seen_max) {
		many = o->count == o->by->seen_max;
		if (!many)
			o->seen[o->count++] = pa;
		if (many && !o->full)
			opine(o, step, GPUAS_WRONG_MANY);
		o->full |= many;
	}
	if (enter)
		opinion_table(o, step->level - 1, pa, gpuas_va_u64(step->va));
}

static void opinion_table(struct opinion *o, unsigned int level, uint64_t table,
			  uint64_t va)
{
	unsigned int i;

	o->path[level] = table;
	for (i = 0; i < 4; i++) {
		struct gpuas_step step = {
			.va = gpuas_va(va + ((uint64_t)i << (5 + 2 * level))),
			.size = 32ULL << (2 * level), .level = level, .index = i,
			.table = gpuas_pa(table),
		};

		if (level == o->h->space.top && i >> (o->h->geo.va_bits - 5 - 2 * level))
			break;
		step.entry = hostile_table(o->h, table)[i];
		opinion_entry(o, &step);
	}
}

static void opinions_are_equal(const struct found *a, const struct found *b)
{
	unsigned int i;

	for (i = 0; i < a->count && i < b->count; i++) {
		const struct gpuas_step *x = &a->what[i].step, *y = &b->what[i].step;

		if (a->what[i].wrong != b->what[i].wrong ||
		    gpuas_va_u64(x->va) != gpuas_va_u64(y->va) ||
		    x->level != y->level || x->entry != y->entry ||
		    x->kind != y->kind || x->index != y->index ||
		    gpuas_pa_u64(x->table) != gpuas_pa_u64(y->table))
			fail_msg("finding %u differs", i);
	}
	assert_int_equal(a->count, b->count);
}

static void hostile_trees_are_judged_as_by_somebody_else(void **state)
{
	static const struct gpuas_extent ram[] = {
		{ (GPUAS_FORCE gpuas_pa_t)(HOSTILE_BASE + 64), 64 },
		{ (GPUAS_FORCE gpuas_pa_t)0, HOSTILE_BASE + 64 },
		{ (GPUAS_FORCE gpuas_pa_t)(HOSTILE_BASE + 160), 1ULL << 39 },
	};
	static const struct gpuas_extent own[] = {
		{ (GPUAS_FORCE gpuas_pa_t)0x100, 0x80 },
		{ (GPUAS_FORCE gpuas_pa_t)(HOSTILE_BASE + 47), 18 },
	};
	struct hostile *h = hostile_new(5, 12);
	static struct opinion o;
	unsigned int seed;

	(void)state;
	for (seed = 1; seed <= 5000; seed++) {
		struct gpuas_inspector by = { .ram = ram, .own = own, .seen = seen };

		hostile_fill(h, seed);
		by.rams = hostile_below(h, 4);
		by.owns = hostile_below(h, 3);
		by.seen_max = hostile_below(h, HOSTILE_TABLES);
		by.window.va = gpuas_va(hostile_half(h) + 32 * hostile_below(h, 64));
		by.window.size = 32 * hostile_below(h, 65);
		memset(&o, 0, sizeof(o));
		o.h = h;
		o.by = &by;
		opinion_table(&o, h->space.top, HOSTILE_BASE, hostile_half(h));
		memset(&found, 0, sizeof(found));
		memset(seen, 0x5a, sizeof(seen));
		h->asked = 0;
		assert_int_equal(gpuas_inspect(&h->space, &by, find, &found), 0);
		opinions_are_equal(&o.found, &found);
	}
	hostile_delete(h);
}

static int count_findings(void *ctx, const struct gpuas_finding *finding)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_finding_text(&text, finding);
	assert_true(text.len < GPUAS_TEXT_MAX - 1);
	++*(unsigned int *)ctx;
	return 0;
}

/* Each table is entered once at most, so that this budget is enough for any tree. */
static void an_inspection_with_memory_reads_each_table_once(void **state)
{
	static const unsigned int shape[][2] = {
		{ 5, 12 }, { 12, 39 }, { 12, 48 }, { 14, 39 }, { 14, 47 }, { 16, 42 },
	};
	unsigned int i, seed, findings = 0;
	gpuas_pa_t exact[HOSTILE_TABLES - 1];

	(void)state;
	for (i = 0; i < sizeof(shape) / sizeof(shape[0]); i++) {
		struct hostile *h = hostile_new(shape[i][0], shape[i][1]);
		unsigned int left;
		struct gpuas_inspector by = {
			.seen = exact, .seen_max = HOSTILE_TABLES - 1, .budget = &left,
		};

		for (seed = 1; seed <= 20; seed++) {
			hostile_fill(h, seed);
			h->asked = 0;
			left = HOSTILE_TABLES * h->entries;
			assert_int_equal(gpuas_inspect(&h->space, &by, count_findings,
						       &findings), 0);
			assert_true(h->asked <= HOSTILE_TABLES * h->entries);
		}
		hostile_delete(h);
	}
	assert_true(findings > 1000);
}

/* It ends even if what it reads is never the same twice. */
static void an_inspection_of_a_tree_that_never_rests_ends(void **state)
{
	struct hostile *h = hostile_new(5, 12);
	unsigned int seed, findings = 0;

	(void)state;
	for (seed = 1; seed <= 2000; seed++) {
		/* All entries of a space with four levels of four. */
		unsigned int left = 2 + 8 + 32 + 128;
		struct gpuas_inspector by = {
			.seen = seen, .seen_max = seed % MANY_SEEN, .budget = &left,
		};

		h->churn = 0;
		hostile_fill(h, seed);
		h->churn = 1 + seed % 3;
		assert_int_equal(gpuas_inspect(&h->space, &by, count_findings,
					       &findings), 0);
	}
	hostile_delete(h);
}

static const struct CMUnitTest tests[] = {
	BORROWED_TEST(a_sound_tree_has_nothing_wrong),
	BORROWED_TEST(a_page_outside_ram_is_found),
	BORROWED_TEST(all_of_a_page_has_to_be_ram),
	BORROWED_TEST(all_of_a_block_has_to_be_ram),
	BORROWED_TEST(a_table_outside_ram_is_found_and_left_alone),
	BORROWED_TEST(what_is_beyond_the_pa_size_is_found_without_naming_ram),
	BORROWED_TEST(types_that_no_walker_takes_are_found),
	cmocka_unit_test(types_depend_on_the_granule),
	BORROWED_TEST(reserved_bits_are_found),
	BORROWED_TEST(a_cycle_is_found_and_not_followed),
	BORROWED_TEST(a_cycle_is_found_without_memory_for_tables),
	BORROWED_TEST(a_table_reached_twice_is_found),
	BORROWED_TEST(too_many_tables_are_reported_once),
	BORROWED_TEST(tables_are_told_apart_in_any_order),
	BORROWED_TEST(what_overlaps_own_memory_is_found),
	TREE_TEST(what_the_handle_did_itself_is_no_overlap),
	TREE_TEST(a_block_in_a_root_of_the_handles_is_no_overlap),
	TREE_TEST(what_is_owned_but_outside_the_window_is_an_overlap),
	BORROWED_TEST(stale_entries_in_the_window_are_found),
	BORROWED_TEST(a_table_that_is_lent_is_expected_and_looked_into),
	BORROWED_TEST(own_tables_in_the_window_are_not_stale),
	BORROWED_TEST(a_window_outside_the_half_is_refused),
	BORROWED_TEST(the_last_page_of_the_space_is_judged),
	BORROWED_TEST(the_budget_is_exact),
	BORROWED_TEST(the_finder_can_stop_the_inspection),
	BORROWED_TEST(all_that_is_wrong_with_one_entry_is_reported),
	BORROWED_TEST(everything_at_once_is_told_apart),
	BORROWED_TEST(an_inspection_changes_nothing),
	cmocka_unit_test(findings_are_sentences),
	HOSTILE_TEST(hostile_trees_are_judged_as_by_somebody_else),
	HOSTILE_TEST(an_inspection_with_memory_reads_each_table_once),
	HOSTILE_TEST(an_inspection_of_a_tree_that_never_rests_ends),
};

UNIT_MAIN(tests)
