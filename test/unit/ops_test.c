// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Lists of operations: all or nothing, with tables that were counted; and against the
 * same operations one by one, on another tree.
 */
#include "ops.h"
#include "shapes.h"

static void a_list_is_refused_as_a_whole(void **state)
{
	static const struct gpuas_extent odd = {
		.pa = (GPUAS_FORCE gpuas_pa_t)(PA + 8), .size = PAGE,
	}, far = {
		.pa = (GPUAS_FORCE gpuas_pa_t)(1ULL << 48), .size = PAGE,
	};
	struct tree *t = *state;
	struct gpuas_token token = token_for(t, 9);
	struct gpuas_op ops[2] = { map_op(VA16, PAGE) }, good = map_op(VA16 + PAGE, PAGE);
	uint32_t tables = 0xdead;
	unsigned int i;
	struct {
		struct gpuas_op op;
		int err;
	} bad[] = {
		{ .err = GPUAS_EINVAL }, { .err = GPUAS_EINVAL }, { .err = GPUAS_EINVAL },
		{ .err = GPUAS_EINVAL }, { .err = GPUAS_EINVAL }, { .err = GPUAS_ERANGE },
		{ .err = GPUAS_ERANGE }, { .err = GPUAS_EOPNOTSUPP }, { .err = GPUAS_EOVERFLOW },
	};

	for (i = 0; i < 9; i++)
		bad[i].op = good;
	bad[0].op.kind = (enum gpuas_op_kind)7;
	bad[1].op.size = 2 * PAGE;
	bad[2].op.kind = GPUAS_OP_REPEAT;
	bad[2].op.pieces = 0;
	bad[3].op.list = &odd;
	bad[4].op.va = gpuas_va(VA16 + 8);
	bad[5].op.va = gpuas_va(1ULL << 50);
	bad[6].op.list = &far;
	bad[7].op.attr = 0xffffffff;
	bad[8].op.kind = GPUAS_OP_UNMAP;
	bad[8].op.va = gpuas_va(0 - PAGE);
	bad[8].op.size = 2 * PAGE;
	for (i = 0; i < 9; i++) {
		ops[1] = bad[i].op;
		REFUSED(t, gpuas_ops_count(&t->space, ops, 2, &tables), bad[i].err);
		REFUSED(t, try_apply(t, ops, 2, &token), bad[i].err);
	}
	assert_int_equal(tables, 0xdead);
	assert_int_equal(token.spares, 9);
	assert_int_equal(gpuas_ops_apply(&t->space, ops, 0, &token), 0);
	assert_int_equal(gpuas_token_drain(&token), 0);
}

static void too_few_tables_change_nothing(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = {
		unmap_op(VA16, 2 * PAGE),
		map_op(VA16 + 4 * BLOCK16, PAGE),
		map_op(VA16 + 5 * BLOCK16 + PAGE, PAGE),
	};
	struct gpuas_token token = token_for(t, 0);
	uint32_t n, tables;

	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	assert_int_equal(gpuas_ops_count(&t->space, ops, 3, &tables), 0);
	assert_int_equal(tables, 3);
	/* What the handle has in reserve is not the token's. */
	assert_int_equal(gpuas_reserve(&t->space, 5), 0);
	for (n = 0; n < tables; n++) {
		assert_int_equal(gpuas_token_fill(&token, n), 0);
		REFUSED(t, try_apply(t, ops, 3, &token), GPUAS_ENOMEM);
		assert_int_equal(token.spares, n);
	}
	assert_int_equal(gpuas_token_fill(&token, n), 0);
	assert_int_equal(try_apply(t, ops, 3, &token), 0);
	assert_int_equal(token.spares, 0);
	assert_int_equal(t->space.spares, 5);
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

/* One that is no longer enough, as somebody else changed the tree: count again, fill up. */
static void a_count_is_for_the_tree_as_it_was(void **state)
{
	struct tree *t = *state;
	struct gpuas_op op = map_op(VA16 + PAGE, PAGE);
	struct gpuas_token token = token_for(t, 0);
	uint32_t tables;

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_int_equal(gpuas_ops_count(&t->space, &op, 1, &tables), 0);
	assert_int_equal(tables, 0);
	assert_int_equal(unmap(t, VA16, PAGE), 0);
	assert_int_equal(try_apply(t, &op, 1, &token), -GPUAS_ENOMEM);
	assert_int_equal(gpuas_ops_bound(&t->space.geo, &op, 1, &tables), 0);
	assert_int_equal(tables, 3);
	assert_int_equal(gpuas_token_fill(&token, tables), 0);
	assert_int_equal(try_apply(t, &op, 1, &token), 0);
	done(t, &token);
}

static void two_cuts_of_a_block_take_one_table(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = {
		unmap_op(VA16 + PAGE, PAGE), protect_op(VA16 + 5 * PAGE, PAGE, READ_ONLY),
		unmap_op(VA16 + 9 * PAGE, PAGE),
	};
	struct gpuas_token token = token_for(t, 1);
	uint32_t tables;

	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	assert_int_equal(gpuas_ops_count(&t->space, ops, 3, &tables), 0);
	assert_int_equal(tables, 1);
	assert_int_equal(try_apply(t, ops, 3, &token), 0);
	assert_int_equal(token.spares, 0);
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

/* Out of order, what operations share is not seen where others are in between. */
static void a_bound_is_for_the_order_of_the_list(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op near = map_op(VA16, PAGE), next = map_op(VA16 + 8 * PAGE, PAGE);
	const struct gpuas_op far = map_op(VA16 + 4 * BLOCK16, PAGE);
	const struct gpuas_op up[] = { near, next, far }, mixed[] = { next, far, near };
	struct gpuas_token token = token_for(t, 0);
	uint32_t sorted, bound, tables;

	assert_int_equal(gpuas_ops_bound(&lpae16, up, 3, &sorted), 0);
	assert_int_equal(sorted, 4);
	assert_int_equal(gpuas_ops_bound(&lpae16, mixed, 3, &bound), 0);
	assert_int_equal(gpuas_ops_count(&t->space, mixed, 3, &tables), 0);
	assert_in_range(tables, sorted + 1, bound);
	assert_int_equal(gpuas_token_fill(&token, sorted), 0);
	REFUSED(t, try_apply(t, mixed, 3, &token), GPUAS_ENOMEM);
	assert_int_equal(gpuas_token_fill(&token, bound), 0);
	assert_int_equal(try_apply(t, mixed, 3, &token), 0);
	assert_int_equal(token.spares, bound - sorted);
	assert_int_equal(gpuas_token_drain(&token), 0);
}

/*
 * A block where the handle has none is somebody else's, and no bound knows of it; the count
 * does, whatever the order.
 */
static void a_block_of_somebody_elses_is_counted(void **state)
{
	struct tree *t = *state;
	struct gpuas_op ops[] = {
		map_op(HOST + 3 * PAGE, PAGE), map_op(HOST + PAGE, PAGE),
		unmap_op(HOST + LEAF_SPAN + 5 * PAGE, PAGE),
		unmap_op(HOST + 2 * LEAF_SPAN + 5 * PAGE, PAGE),
	};
	struct gpuas_token token = token_for(t, 0);
	uint32_t tables, bound;
	unsigned int level;

	ops[0].attr = ops[1].attr = RIGHTS;
	assert_int_equal(gpuas_map(&t->space, gpuas_va(HOST), gpuas_pa(PA), PAGE, RIGHTS), 0);
	*entry_at(t, HOST + LEAF_SPAN, &level) = PA | 0x401;
	*entry_at(t, HOST + 2 * LEAF_SPAN, &level) = PA | 0x401;
	assert_int_equal(level, 1);
	assert_int_equal(gpuas_ops_bound(&t->space.geo, ops, 4, &bound), 0);
	assert_int_equal(bound, 2);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(gpuas_ops_count(&t->space, ops, 4, &tables), 0);
	assert_in_range(tables, 3, 4);
	assert_int_equal(gpuas_token_fill(&token, tables), 0);
	assert_int_equal(try_apply(t, ops, 4, &token), 0);
	assert_int_equal(tables - token.spares, 3);
	assert_int_equal(level_at(t, HOST + LEAF_SPAN), 0);
	assert_int_equal(level_at(t, HOST + 2 * LEAF_SPAN), 0);
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

static void a_table_that_one_empties_serves_the_next(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = { unmap_op(VA16, PAGE), map_op(VA16 + PAGE, PAGE) };
	struct gpuas_token token = token_for(t, 0);

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	apply(t, ops, 2, &token);
	assert_int_equal(token.tables, 0);
	assert_int_equal(t->space.tables, 4);
	assert_int_equal(pa_of(t, VA16), -GPUAS_ENOENT);
	assert_int_equal(pa_of(t, VA16 + PAGE), PA16);
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

/* What a list itself unmapped is flushed before it maps there. */
static void a_list_breaks_before_it_makes(void **state)
{
	struct tree *t = *state;
	const struct gpuas_op ops[] = {
		unmap_op(VA16, PAGE), unmap_op(VA16 + 9 * PAGE, PAGE), map_op(VA16, PAGE),
	};
	struct gpuas_token token = token_for(t, 0);

	assert_int_equal(map_low(t, VA16, PA, 12 * PAGE), 0);
	watch(t, VA16);
	apply(t, ops, 3, &token);
	assert_int_equal(flushes, 2);
	assert_int_equal(at_flush[0], 0);
	assert_int_equal(at_flush[1], 0);
	assert_int_equal(token.ranges, 0);
	assert_int_equal(pa_of(t, VA16), PA16);
	done(t, &token);
}

static void protect_leaves_rights_to_the_token_and_breaks_kinds(void **state)
{
	struct tree *t = *state;
	struct gpuas_op op = protect_op(VA16, PAGE, READ_ONLY);
	struct gpuas_token token = token_for(t, 0);

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	apply(t, &op, 1, &token);
	assert_int_equal(t->ram->flushes, 0);
	assert_int_equal(token.ranges, 1);
	op = protect_op(VA16, PAGE, UNCACHED);
	watch(t, VA16);
	apply(t, &op, 1, &token);
	assert_int_equal(flushes, 1);
	assert_int_equal(at_flush[0] & 3, 2);
	assert_int_equal(attr_of(t, VA16), UNCACHED);
	gpuas_token_flush(&t->space, &token);
	done(t, &token);
}

/*
 * Random lists
 */

enum { OPS_MAX = 12, PIECES_MAX = 4 };

struct twin {
	struct tree *t;
	struct tree *other;
	uint64_t random;
	unsigned int lists;
	unsigned int exact;
	unsigned int checked;
};

static uint64_t rnd(struct twin *w)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t below(struct twin *w, uint64_t n)
{
	return rnd(w) % n;
}

static uint64_t shift(const struct twin *w, unsigned int level)
{
	return w->t->space.shift[level];
}

/* Things happen around three borders: of a block, of a table of blocks, anywhere. */
static uint64_t some_va(struct twin *w, uint64_t base)
{
	const uint64_t page = 1ULL << shift(w, 0), block = 1ULL << shift(w, 1);
	const uint64_t area[3] = { base, base + 7 * block, base + (1ULL << shift(w, 2)) };
	uint64_t va = area[below(w, w->t->space.top > 1 ? 3 : 2)];

	switch (below(w, 4)) {
	case 0:
		return va + below(w, 4) * block;
	case 1:
		return va + 2 * block - 3 * page + below(w, 6) * page;
	case 2:
		return va + below(w, 4) * block + below(w, 9) * page;
	default:
		return va + below(w, 4 * block) / page * page;
	}
}

static uint64_t some_size(struct twin *w)
{
	const uint64_t page = 1ULL << shift(w, 0), block = 1ULL << shift(w, 1);

	switch (below(w, 8)) {
	case 0:
		return block;
	case 1:
		return block + page;
	case 2:
		return (1 + below(w, 3)) * block;
	case 3:
		return page * (1 + below(w, 2 * block / page));
	default:
		return page * (1 + below(w, 9));
	}
}

static uint64_t some_pa(struct twin *w, uint64_t va)
{
	const uint64_t page = 1ULL << shift(w, 0), block = 1ULL << shift(w, 1);

	/* Half of them such that blocks fit. */
	return 0x40000000ULL + below(w, 64) * block +
	       (below(w, 2) ? va & (block - 1) : below(w, 100) * page);
}

struct random_list {
	struct gpuas_op op[OPS_MAX];
	struct gpuas_extent piece[OPS_MAX][PIECES_MAX];
	unsigned int count;
	bool ordered;
};

static void choose_what(struct twin *w, struct random_list *list, unsigned int i)
{
	static const gpuas_attr_t attr[] = { LOW_RIGHTS, READ_ONLY, UNCACHED };
	const uint64_t page = 1ULL << shift(w, 0);
	struct gpuas_extent *piece = list->piece[i];
	struct gpuas_op *op = &list->op[i];
	uint64_t left = op->size, va = gpuas_va_u64(op->va);

	op->kind = (enum gpuas_op_kind)below(w, 4);
	op->attr = w->t->space.geo.format == &gpuas_format_uat ?
			   (below(w, 2) ? RIGHTS & ~(GPUAS_GPU_READ | GPUAS_GPU_WRITE) : RIGHTS) :
			   attr[below(w, 3)];
	op->list = piece;
	op->pieces = 1;
	piece[0].pa = gpuas_pa(some_pa(w, va));
	piece[0].size = op->size;
	if (op->kind == GPUAS_OP_REPEAT)
		piece[0].size = below(w, 2) ? page : some_size(w);
	if (op->kind != GPUAS_OP_MAP || below(w, 2))
		return;
	for (op->pieces = 0; left; op->pieces++, left -= piece->size, piece++) {
		piece->size = op->pieces + 1 < PIECES_MAX ?
				      page * (1 + below(w, left / page)) : left;
		piece->pa = gpuas_pa(some_pa(w, va));
		va += piece->size;
	}
}

static int by_va(const void *a, const void *b)
{
	uint64_t x = gpuas_va_u64(((const struct gpuas_op *)a)->va);
	uint64_t y = gpuas_va_u64(((const struct gpuas_op *)b)->va);

	return x < y ? -1 : x > y;
}

static void choose_list(struct twin *w, struct random_list *list, uint64_t base)
{
	unsigned int i, n;

	list->ordered = below(w, 2);
	list->count = 1 + (unsigned int)below(w, OPS_MAX);
	for (i = 0; i < list->count; i++) {
		list->op[i].va = gpuas_va(some_va(w, base));
		list->op[i].size = some_size(w);
	}
	if (list->ordered) {
		qsort(list->op, list->count, sizeof(list->op[0]), by_va);
		for (i = n = 1; i < list->count; i++) {
			const struct gpuas_op *before = &list->op[n - 1];

			if (gpuas_va_u64(list->op[i].va) <
			    gpuas_va_u64(before->va) + before->size)
				continue;
			list->op[n++] = list->op[i];
		}
		list->count = n;
	}
	for (i = 0; i < list->count; i++)
		choose_what(w, list, i);
}

/* The same, one by one, by the calls that allocate and flush. */
static void one_by_one(struct twin *w, const struct random_list *list)
{
	struct gpuas_space *s = &w->other->space;
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		const struct gpuas_op *op = &list->op[i];

		switch (op->kind) {
		case GPUAS_OP_MAP:
			assert_int_equal(gpuas_replace(s, op->va, op->list, op->pieces,
						       op->attr), 0);
			break;
		case GPUAS_OP_REPEAT:
			assert_int_equal(gpuas_unmap(s, op->va, op->size), 0);
			assert_int_equal(gpuas_map_repeat(s, op->va, op->list->pa,
							  op->list->size, op->size, op->attr), 0);
			break;
		case GPUAS_OP_UNMAP:
			assert_int_equal(gpuas_unmap(s, op->va, op->size), 0);
			break;
		case GPUAS_OP_PROTECT:
			assert_int_equal(gpuas_protect(s, op->va, op->size, op->attr), 0);
			break;
		}
	}
}

/* The same extents in both, whatever they are mapped by. */
static void same_extents(struct twin *w)
{
	struct gpuas_mapped a, b;
	struct gpuas_cursor at, other;
	unsigned int budget = ~0u, i;
	int err;

	assert_int_equal(gpuas_cursor_init(&at, &w->t->space, gpuas_va(0), 0), 0);
	assert_int_equal(gpuas_cursor_init(&other, &w->other->space, gpuas_va(0), 0), 0);
	for (i = 0; ; i++) {
		err = gpuas_mapped_next(&w->t->space, &at, &budget, &a);
		assert_int_equal(gpuas_mapped_next(&w->other->space, &other, &budget, &b), err);
		if (err)
			break;
		if (a.va != b.va || a.size != b.size || a.pa != b.pa || a.attr != b.attr)
			fail_msg("seed %llu list %u extent %u: 0x%llx of 0x%llx to 0x%llx with 0x%x, "
				 "one by one 0x%llx of 0x%llx to 0x%llx with 0x%x",
				 (unsigned long long)seed, w->lists, i,
				 (unsigned long long)gpuas_va_u64(a.va), (unsigned long long)a.size,
				 (unsigned long long)gpuas_pa_u64(a.pa), a.attr,
				 (unsigned long long)gpuas_va_u64(b.va), (unsigned long long)b.size,
				 (unsigned long long)gpuas_pa_u64(b.pa), b.attr);
	}
	assert_int_equal(err, -GPUAS_ENOENT);
}

struct tables {
	unsigned int seen;
	unsigned int used[GPUAS_LEVELS_MAX];
};

/* Each table is left with something in it. */
static int look_at_table(void *ctx, const struct gpuas_step *step)
{
	struct tables *tables = ctx;

	if (step->post) {
		assert_true(tables->used[step->level - 1]);
		tables->used[step->level - 1] = 0;
		return 0;
	}
	tables->used[step->level]++;
	tables->seen += step->kind == GPUAS_TABLE;
	return 0;
}

static void no_table_is_empty(struct tree *t)
{
	struct tables tables = { .seen = 0 };
	struct gpuas_cursor cursor;
	unsigned int budget = ~0u;

	assert_int_equal(gpuas_cursor_init(&cursor, &t->space, gpuas_va(0), 0), 0);
	cursor.post = true;
	assert_int_equal(gpuas_visit_some(&t->space, &cursor, &budget, look_at_table, &tables), 0);
	assert_int_equal(t->space.tables, tables.seen + (t->space.root_table ? 1 : 0));
}

static void list_is_as_one_by_one(struct twin *w, struct gpuas_token *token, uint64_t base)
{
	struct random_list list;
	uint32_t tables, bound, had;

	choose_list(w, &list, base);
	assert_int_equal(gpuas_ops_bound(&w->t->space.geo, list.op, list.count, &bound), 0);
	assert_int_equal(gpuas_ops_count(&w->t->space, list.op, list.count, &tables), 0);
	if (bound < tables)
		fail_msg("seed %llu list %u: bound %u, count %u", (unsigned long long)seed,
			 w->lists, bound, tables);
	/* The simulated RAM has no more. */
	if (tables > 100)
		return;
	assert_int_equal(gpuas_token_fill(token, tables + (uint32_t)below(w, 2)), 0);
	had = token->spares;
	assert_int_equal(try_apply(w->t, list.op, list.count, token), 0);
	if (had - token->spares > tables || (list.ordered && had - token->spares != tables))
		fail_msg("seed %llu list %u: %u tables taken, %u counted%s",
			 (unsigned long long)seed, w->lists, had - token->spares, tables,
			 list.ordered ? ", in order" : "");
	w->exact += had - token->spares == tables;
	w->checked++;
	one_by_one(w, &list);
}

static void books_balance(struct twin *w, const struct gpuas_token *token)
{
	unsigned int i, count = w->t->space.tables;

	for (i = 0; i < 2; i++)
		count += token[i].spares + token[i].tables;
	assert_int_equal(ram_owned(w->t->ram), count);
}

/* Two tokens, which are flushed and drained now and then. */
static void random_lists(struct tree *t, struct tree *other, uint64_t base)
{
	struct twin w = { .t = t, .other = other, .random = seed };
	struct gpuas_token token[2] = { token_for(t, 0), token_for(t, 0) };
	unsigned int which;

	for (; w.lists < rounds; w.lists++) {
		which = (unsigned int)below(&w, 2);
		list_is_as_one_by_one(&w, &token[which], base);
		if (w.lists % 8 == 0) {
			same_extents(&w);
			no_table_is_empty(t);
			books_balance(&w, token);
		}
		which = (unsigned int)below(&w, 2);
		if (below(&w, 3))
			gpuas_token_flush(&t->space, &token[which]);
		if (!token[which].ranges)
			assert_int_equal(gpuas_token_drain(&token[which]), 0);
		/* Not so full that most is refused, or replaced. */
		if (!below(&w, 40)) {
			assert_int_equal(unmap(t, base, 4ULL << t->space.shift[t->space.top > 1 ? 2 : 1]), 0);
			assert_int_equal(unmap(other, base,
					       4ULL << t->space.shift[t->space.top > 1 ? 2 : 1]), 0);
		}
	}
	print_message("# seed %llu: %u lists, %u of %u counts exact (GPUAS_SEED)\n",
		      (unsigned long long)seed, w.lists, w.exact, w.checked);
	assert_true(w.checked > rounds / 2);
	for (which = 0; which < 2; which++) {
		gpuas_token_flush(&t->space, &token[which]);
		assert_int_equal(gpuas_token_drain(&token[which]), 0);
	}
}

static void random_lists_are_as_one_by_one(void **state)
{
	const struct shape *shape = *state;
	struct tree *t = shape_tree(shape), *other = shape_tree(shape);
	void *end = t;

	random_lists(t, other, shape->base);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
	gpuas_space_release(&other->space);
	no_tree(&end);
	end = other;
	no_tree(&end);
}

static const struct CMUnitTest tests[] = {
	TEST16(a_list_is_refused_as_a_whole),
	TEST16(too_few_tables_change_nothing),
	TEST16(a_count_is_for_the_tree_as_it_was),
	TEST16(two_cuts_of_a_block_take_one_table),
	TEST16(a_bound_is_for_the_order_of_the_list),
	cmocka_unit_test_setup_teardown(a_block_of_somebody_elses_is_counted, own_tree, no_tree),
	TEST16(a_table_that_one_empties_serves_the_next),
	TEST16(a_list_breaks_before_it_makes),
	TEST16(protect_leaves_rights_to_the_token_and_breaks_kinds),
	SHAPE_TESTS(random_lists_are_as_one_by_one),
};

SEEDED_MAIN(tests, 3000)
