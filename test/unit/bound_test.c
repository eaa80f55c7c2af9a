// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * How many tables a list takes at most: against the set of all places where it may link one,
 * which is had by brute force; and against trees that need each of them.
 */
#include "ops.h"
#include "shapes.h"

enum { MANY = 131072, OPS_MAX = 16, PLACES_MAX = 4096 };

static const struct gpuas_geometry lpae64 = {
	.format = &gpuas_format_lpae_64k, .va_bits = 48, .pa_bits = 48, .blocks = true,
};

static uint32_t bound_of(const struct gpuas_geometry *geo, const struct gpuas_op *ops,
			 unsigned int count)
{
	uint32_t tables = 0xdead;

	assert_int_equal(gpuas_ops_bound(geo, ops, count, &tables), 0);
	return tables;
}

/* One page each, up or down from a border between blocks of the largest size. */
static uint32_t many(const struct gpuas_geometry *geo, enum gpuas_op_kind kind, bool down)
{
	const uint64_t page = 1ULL << geo->format->granule_shift;
	struct gpuas_op *ops = calloc(MANY, sizeof(*ops));
	uint32_t tables;
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		ops[i].kind = kind;
		ops[i].va = gpuas_va((geo->upper ? ~0ULL << geo->va_bits : 0) + (1ULL << 32) +
				     (down ? MANY - 1 - i : i) * page);
		ops[i].size = page;
	}
	tables = bound_of(geo, ops, MANY);
	free(ops);
	return tables;
}

/* What one call needs for the same, by its worst tree, if it is in the middle of blocks. */
static void many_pages_share_what_they_split(void **state)
{
	static const enum gpuas_op_kind cuts[] = { GPUAS_OP_UNMAP, GPUAS_OP_PROTECT };
	struct gpuas_geometry none = lpae4;
	unsigned int i, down;

	(void)state;
	none.blocks = false;
	for (i = 0; i < 2; i++) {
		for (down = 0; down < 2; down++) {
			assert_int_equal(many(&lpae16, cuts[i], down), MANY / 2048);
			assert_int_equal(many(&lpae4, cuts[i], down), MANY / 512 + 1);
			assert_int_equal(many(&lpae64, cuts[i], down), MANY / 8192);
			assert_int_equal(many(&uat39, cuts[i], down), 0);
			assert_int_equal(many(&none, cuts[i], down), 0);
		}
	}
	assert_int_equal(many(&lpae16, GPUAS_OP_MAP, true), MANY / 2048 + 2);
	assert_int_equal(many(&lpae4, GPUAS_OP_MAP, true), MANY / 512 + 2);
}

static void whole_blocks_are_not_split(void **state)
{
	struct gpuas_op op[] = { unmap_op(VA16, 5 * BLOCK16), protect_op(VA16, BLOCK16, READ_ONLY) };

	(void)state;
	assert_int_equal(bound_of(&lpae16, op, 2), 0);
	op[0] = unmap_op(VA4 + BLOCK4, BLOCK4);
	/* The block of 1 GiB that they are in. */
	assert_int_equal(bound_of(&lpae4, op, 1), 1);
	op[0].size += PAGE4;
	assert_int_equal(bound_of(&lpae4, op, 1), 2);
	op[0] = unmap_op(VA4, 2 * GIB);
	assert_int_equal(bound_of(&lpae4, op, 1), 0);
}

/* What a cut left of the way to a page is not what a map needs above the blocks. */
static void a_cut_makes_no_way_for_a_map(void **state)
{
	const struct gpuas_op op[] = { unmap_op(VA16, PAGE), map_op(VA16 + PAGE, PAGE),
				       unmap_op(VA16 + 2 * PAGE, PAGE) };

	(void)state;
	assert_int_equal(bound_of(&lpae16, op, 1), 1);
	assert_int_equal(bound_of(&lpae16, op, 2), 3);
	assert_int_equal(bound_of(&lpae16, op, 3), 3);
}

/*
 * Random lists
 */

static uint64_t random_state;

static uint64_t below(uint64_t n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % n;
}

/**
 * struct places - Places where a list may link a table, by brute force
 * @geo: shape of the tree
 * @at: level, and number of the entry
 * @count: how many
 */
struct places {
	const struct gpuas_geometry *geo;
	uint64_t at[PLACES_MAX];
	unsigned int count;
};

static void place(struct places *places, unsigned int level, uint64_t number)
{
	const uint64_t at = number << 3 | level;
	unsigned int i;

	for (i = 0; i < places->count; i++)
		if (places->at[i] == at)
			return;
	assert_true(places->count < PLACES_MAX);
	places->at[places->count++] = at;
}

static bool blocks_at(const struct gpuas_geometry *geo, unsigned int level)
{
	if (geo->format == &gpuas_format_lpae_4k)
		return geo->blocks && (level == 1 || level == 2);
	return geo->blocks && level == 1;
}

static void places_of(struct places *places, const struct gpuas_op *op)
{
	const unsigned int gs = places->geo->format->granule_shift;
	uint64_t start = gpuas_va_u64(op->va), end = start + op->size, number;
	unsigned int level, shift;

	for (level = 1; gs + level * (gs - 3) < places->geo->va_bits; level++) {
		shift = gs + level * (gs - 3);
		if (op->kind == GPUAS_OP_MAP || op->kind == GPUAS_OP_REPEAT) {
			for (number = start >> shift; number <= (end - 1) >> shift; number++)
				place(places, level, number);
		} else if (blocks_at(places->geo, level)) {
			if (start != start >> shift << shift)
				place(places, level, start >> shift);
			if (end != end >> shift << shift)
				place(places, level, end >> shift);
		}
	}
}

enum order { UP, DOWN, ANY };

static uint64_t some_size(const struct gpuas_geometry *geo)
{
	const unsigned int gs = geo->format->granule_shift;
	const uint64_t page = 1ULL << gs, block = page << (gs - 3);

	switch (below(8)) {
	case 0:
		return block;
	case 1:
		return block * (1 + below(3)) + (below(2) ? page * below(3) : 0);
	default:
		return page * (1 + below(below(2) ? 3 : 700));
	}
}

static struct gpuas_op cut_or_map(uint64_t va, uint64_t size, bool map, bool cut)
{
	struct gpuas_op op = unmap_op(va, size);

	if (!cut || (map && below(2)))
		op = map_op(va, size);
	else if (below(2))
		op.kind = GPUAS_OP_PROTECT;
	op.attr = READ_ONLY;
	/* Never a whole number of blocks from the VA, so that none fits. */
	if (op.kind == GPUAS_OP_MAP)
		many_pages[(pieces_used - 1) % 64].pa =
			gpuas_pa(PA16 / 2 + (va & (BLOCK16 - 1)) + PAGE);
	return op;
}

/* From @va up, with gaps; then turned round, or shuffled. Returns how many there are. */
static unsigned int choose(const struct gpuas_geometry *geo, struct gpuas_op *ops, uint64_t va,
			   uint64_t end, enum order order, bool map, bool cut)
{
	const unsigned int gs = geo->format->granule_shift;
	const uint64_t page = 1ULL << gs, block = page << (gs - 3);
	unsigned int i, j, count = 1 + (unsigned int)below(OPS_MAX), n = 0;
	struct gpuas_op op;
	uint64_t size;

	for (; n < count; n++) {
		if (below(2))
			va += below(3) ? page * below(5) : (va + block) / block * block - va;
		size = some_size(geo);
		if (va + size > end)
			break;
		ops[n] = cut_or_map(va, size, map, cut);
		va += size;
	}
	for (i = 0; order != UP && i < n; i++) {
		j = order == DOWN ? n - 1 - i : (unsigned int)below(n);
		if (order == DOWN && i >= j)
			break;
		op = ops[i];
		ops[i] = ops[j];
		ops[j] = op;
	}
	return n;
}

static uint32_t all_places(const struct gpuas_geometry *geo, const struct gpuas_op *ops,
			   unsigned int count)
{
	struct places places = { .geo = geo };
	unsigned int i;

	for (i = 0; i < count; i++)
		places_of(&places, &ops[i]);
	return places.count;
}

/* Down, the bound learns after one operation that it goes down: one more for each size of blocks. */
static void is_bound(uint32_t bound, uint32_t places, enum order order)
{
	const uint32_t most = order == UP ? places : order == DOWN ? places + 2 : ~0u;

	if (bound < places || bound > most)
		fail_msg("seed %llu: %u places, bound %u, order %d", (unsigned long long)seed, places,
			 bound, order);
}

/* Does it take what @bound says, exactly? */
static void takes(struct tree *t, const struct gpuas_op *ops, unsigned int count, uint32_t bound,
		  bool all)
{
	struct gpuas_token token = token_for(t, bound);
	uint32_t tables, used;

	assert_int_equal(gpuas_ops_count(&t->space, ops, count, &tables), 0);
	assert_int_equal(try_apply(t, ops, count, &token), 0);
	used = bound - token.spares;
	if (tables > bound || used > tables || (all && used != bound))
		fail_msg("seed %llu: %u tables taken, %u counted, bound %u%s",
			 (unsigned long long)seed, used, tables, bound, all ? ", all of them" : "");
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

/* Every place is needed: maps into nothing; cuts where all is the largest blocks. */
static void worst(struct tree *t, const struct shape *shape, uint64_t size, enum order order,
		  bool map)
{
	struct gpuas_op ops[OPS_MAX];
	uint32_t bound, places;
	unsigned int count;

	if (!map)
		assert_int_equal(map_low(t, shape->base, PA16 / 2, size), 0);
	count = choose(&shape->geo, ops, shape->base, shape->base + size, order, map, !map);
	bound = bound_of(&shape->geo, ops, count);
	places = all_places(&shape->geo, ops, count);
	is_bound(bound, places, order);
	if (bound <= 100)
		takes(t, ops, count, bound, order == UP);
	assert_int_equal(unmap(t, shape->base, size), 0);
}

/* Whatever the lists before left. */
static void any(struct tree *t, const struct shape *shape, uint64_t size)
{
	const enum order order = (enum order)below(3);
	struct gpuas_op ops[OPS_MAX];
	unsigned int count = choose(&shape->geo, ops, shape->base, shape->base + size, order, true,
				    true);
	uint32_t bound = bound_of(&shape->geo, ops, count);
	uint32_t places = all_places(&shape->geo, ops, count);

	is_bound(bound, places, order);
	if (!below(4) && map_low(t, shape->base, PA16 / 2, size / 2))
		assert_int_equal(unmap(t, shape->base, size), 0);
	if (bound <= 100)
		takes(t, ops, count, bound, false);
}

static void the_bound_is_what_the_worst_tree_needs(void **state)
{
	const struct shape *shape = *state;
	const struct gpuas_geometry *geo = &shape->geo;
	const uint64_t size = 4ULL << (geo->format == &gpuas_format_lpae_4k ? 30 : 25);
	struct tree *t = shape_tree(shape);
	unsigned int i;
	void *end = t;

	random_state = seed;
	for (i = 0; i < rounds; i++) {
		worst(t, shape, size, (enum order)(i % 3), true);
		if (geo->blocks)
			worst(t, shape, size, (enum order)(i % 3), false);
	}
	for (i = 0; i < rounds; i++)
		any(t, shape, size);
	print_message("# seed %llu (GPUAS_SEED)\n", (unsigned long long)seed);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	no_tree(&end);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(many_pages_share_what_they_split),
	cmocka_unit_test(whole_blocks_are_not_split),
	cmocka_unit_test(a_cut_makes_no_way_for_a_map),
	SHAPE_TESTS(the_bound_is_what_the_worst_tree_needs),
};

SEEDED_MAIN(tests, 1500)
