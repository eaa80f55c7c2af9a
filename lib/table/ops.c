// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Lists of operations: all are looked at first, and the tables counted, then all are done.
 * Tables that one empties stay to the end of the list, so that what another one was
 * counted to find is there; what is empty in the end goes.
 */
#include "over.h"
#include "token.h"

/**
 * struct list - A list under way
 * @end: behind all positions so far: an operation that begins there has nothing to do with
 *	those before it
 * @need: tables of the operation at hand
 * @tables: of all so far
 */
struct list {
	uint64_t end;
	struct need need;
	uint64_t tables;
};

/* The highest level that can have blocks. */
static unsigned int block_top(const struct gpuas_geometry *geo)
{
	unsigned int level = GPUAS_LEVELS_MAX - 1;

	while (level && !(geo->format->block_levels >> level & 1))
		level--;
	return level;
}

/* Does the operation come after all others, by VA? If not, nothing is shared with them. */
static bool in_order(struct list *list, uint64_t first, uint64_t last)
{
	bool after = first >= list->end;

	if (!after)
		list->need.before = ~0ULL;
	if (list->end <= last)
		list->end = last + 1;
	return after;
}

static int add(struct list *list)
{
	list->tables += list->need.tables;
	list->need.tables = 0;
	return list->tables > 0xffffffffu ? -GPUAS_E2BIG : 0;
}

static int pattern_of(const struct gpuas_geometry *geo, const struct gpuas_op *op,
		      struct pattern *pattern)
{
	const struct source source = { .list = op->list, .pieces = op->pieces };
	uint64_t size = 0;
	int err;

	pattern->list = op->list;
	pattern->pieces = op->pieces;
	pattern->repeat = op->kind == GPUAS_OP_REPEAT;
	if (pattern->repeat && op->pieces != 1)
		return -GPUAS_EINVAL;
	err = gpuas_source_check_(geo, &source, &size);
	if (err)
		return err;
	return pattern->repeat || size == op->size ? 0 : -GPUAS_EINVAL;
}

/* Can the attributes be encoded? Mostly they are those of the call before. */
static int attr_check(const struct gpuas_space *space, gpuas_attr_t attr)
{
	uint64_t bits;

	if (space->bits && space->attr == attr)
		return 0;
	return gpuas_format_encode(space->geo.format, attr, &bits);
}

/* The checks of one operation, and what it needs if no other one came before. */
static int survey(const struct gpuas_space *space, struct walk *walk,
		  const struct gpuas_op *op, uint64_t first, uint64_t last,
		  struct need *need)
{
	struct pattern pattern;
	int err = 0;

	switch (op->kind) {
	case GPUAS_OP_MAP:
	case GPUAS_OP_REPEAT:
		err = pattern_of(&space->geo, op, &pattern);
		if (!err)
			err = attr_check(space, op->attr);
		if (!err)
			err = over_survey_(space, walk, first, last, &pattern,
						 need);
		return err;
	case GPUAS_OP_UNMAP:
		return gpuas_survey_(space, walk, first, last, true, need);
	case GPUAS_OP_PROTECT:
		err = attr_check(space, op->attr);
		if (!err)
			err = gpuas_protect_survey_(space, walk, first, last, need);
		return err;
	}
	return -GPUAS_EINVAL;
}

static int count_op(const struct gpuas_space *space, struct walk *walk,
		    const struct gpuas_op *op, struct list *list)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t first, last;
	bool after;
	int err;

	err = gpuas_window_(space, op->va, op->size, &first, &last);
	if (err)
		return err;
	after = in_order(list, first, last);
	err = survey(space, walk, op, first, last, &list->need);
	if (err)
		return err;
	/*
	 * It may cut a block that an earlier one will have put there. A map needs the
	 * tables that this takes in any case.
	 */
	if (!after && geo->blocks && op->kind >= GPUAS_OP_UNMAP)
		list->need.tables = gpuas_split_tables_(geo, block_top(geo), first,
							last, ~0ULL);
	return add(list);
}

/* Out of line: what it has on the stack is not there while the list is done. */
static __attribute__((__noinline__)) int count_ops(const struct gpuas_space *space, struct walk *walk,
					       const struct gpuas_op *ops,
					       unsigned int count, uint32_t *tables)
{
	struct list list = { .need = NEED_NOTHING };
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < count; i++)
		err = count_op(space, walk, &ops[i], &list);
	if (!err)
		*tables = (uint32_t)list.tables;
	return err;
}

int gpuas_ops_count(const struct gpuas_space *space, const struct gpuas_op *ops,
		    unsigned int count, uint32_t *tables)
{
	struct walk walk;

	gpuas_walk_start_(space, &walk);
	return count_ops(space, &walk, ops, count, tables);
}

/* Offsets in the half, of whatever handle. */
static int half_extent(const struct gpuas_geometry *geo, const struct gpuas_op *op,
		       uint64_t *first, uint64_t *last)
{
	const uint64_t start = gpuas_va_u64(op->va);

	if (!op->size || ((start | op->size) & (granule_(geo) - 1)))
		return -GPUAS_EINVAL;
	if (start + (op->size - 1) < start)
		return -GPUAS_EOVERFLOW;
	*first = va_offset_(geo, op->va);
	*last = *first + (op->size - 1);
	return *first >> geo->va_bits || *last >> geo->va_bits ? -GPUAS_ERANGE : 0;
}

/* By pages, into nothing: one table for each that the range touches, at each level. */
static uint64_t pages_bound(const struct gpuas_geometry *geo, uint64_t first,
			    uint64_t last, uint64_t before)
{
	unsigned int level = gpuas_top_(geo), shift;
	uint64_t tables = 0;

	for (; level; level--) {
		shift = shift_(geo, level);
		tables += (last >> shift) - (first >> shift) + 1;
		tables -= !((first ^ before) >> shift);
	}
	return tables;
}

static int bound_op(const struct gpuas_geometry *geo, const struct gpuas_op *op,
		    struct list *list)
{
	uint64_t first, last;
	int err = half_extent(geo, op, &first, &last);

	if (err)
		return err;
	in_order(list, first, last);
	switch (op->kind) {
	case GPUAS_OP_MAP:
	case GPUAS_OP_REPEAT:
		list->tables += pages_bound(geo, first, last, list->need.before);
		list->need.before = last;
		return add(list);
	case GPUAS_OP_UNMAP:
	case GPUAS_OP_PROTECT:
		list->need.tables = gpuas_split_tables_(geo, block_top(geo), first,
							last, list->need.before);
		return add(list);
	}
	return -GPUAS_EINVAL;
}

int gpuas_ops_bound(const struct gpuas_geometry *geo, const struct gpuas_op *ops,
		    unsigned int count, uint32_t *tables)
{
	struct list list = { .need = NEED_NOTHING };
	unsigned int i;
	int err = gpuas_geometry_ok_(geo) ? 0 : -GPUAS_EINVAL;

	for (i = 0; !err && i < count; i++)
		err = bound_op(geo, &ops[i], &list);
	if (!err)
		*tables = (uint32_t)list.tables;
	return err;
}

static int token_check(const struct gpuas_space *space,
		       const struct gpuas_token *token)
{
	const struct gpuas_table *table;

	if (token->env != space->env ||
	    !gpuas_geometry_equal_(&token->geo, &space->geo))
		return -GPUAS_EINVAL;
	if (space->gather.depth)
		return -GPUAS_EBUSY;
	for (table = token->spare; table; table = table->next)
		if (table->ptr == space->root_ptr)
			return -GPUAS_EFAULT;
	return 0;
}

/* Between the two, everything takes its tables from the token. */
static void swap_spares(struct gpuas_space *space, struct gpuas_token *token)
{
	struct gpuas_table *spare = space->spare;
	uint32_t spares = space->spares;

	space->spare = token->spare;
	space->spares = token->spares;
	token->spare = spare;
	token->spares = spares;
}

static int fill(struct gpuas_space *space, struct walk *walk,
		const struct gpuas_op *op)
{
	uint64_t first, last, bits;
	struct pattern pattern;
	int err;

	err = gpuas_window_(space, op->va, op->size, &first, &last);
	if (err)
		return err;
	if (op->kind == GPUAS_OP_UNMAP) {
		err = gpuas_split_(space, walk, first, last);
		if (!err)
			gpuas_clear_(space, walk, first, last, true);
		return err;
	}
	err = gpuas_encode_(space, op->attr, &bits);
	if (err)
		return err;
	if (op->kind == GPUAS_OP_PROTECT)
		return gpuas_protect_fill_(space, walk, first, last, bits, false);
	err = pattern_of(&space->geo, op, &pattern);
	return err ? err : over_fill_(space, walk, first, last, &pattern, bits);
}

/*
 * Unlink what is empty where a walk is: the leaf table there; or, behind the last hole
 * of a table, that. Returns its level, and one more; 0: nothing is.
 */
static unsigned int unlink_empty(struct gpuas_space *space, struct walk *walk,
				 bool last_hole)
{
	struct gpuas_table *table = leaf_table_(space, walk);

	if (!table) {
		table = walk->at[walk->level].table;
		if (walk->entry || !last_hole || !table)
			return 0;
	}
	if (!is_empty_(space, table))
		return 0;
	walk->level = place_level_(table) + 1;
	/* Looked through, unless it is a leaf table that nobody else writes to. */
	table->zero = space->root_table || walk->level > 1;
	gpuas_clear_up_(space, walk, table);
	return walk->level;
}

/* Returns what the largest of them covered, less one; 0 if there was none. */
static uint64_t unlink_all(struct gpuas_space *space, struct walk *walk,
			   uint64_t first, uint64_t last)
{
	unsigned int level, highest = 0;
	uint64_t end;

	for (; first <= last; first = end + 1) {
		walk_on_(space, walk, first);
		end = walk_end_(space, walk, last);
		level = unlink_empty(space, walk, end == last ||
				     !(~end & mask_(space, walk->level + 1)));
		if (!level)
			continue;
		gather_flush_(space, first, end);
		if (highest < level)
			highest = level;
	}
	return highest ? mask_(space, highest) : 0;
}

/* Unlink what one operation left empty, and none after it filled again. */
static void prune(struct gpuas_space *space, struct walk *walk,
		  const struct gpuas_op *op, struct gpuas_token *token)
{
	uint64_t first, last, cover;

	if (op->kind != GPUAS_OP_UNMAP ||
	    gpuas_window_(space, op->va, op->size, &first, &last))
		return;
	cover = unlink_all(space, walk, first, last);
	gpuas_token_take_(space, token, cover);
}

/* Nothing fails from here on: all is checked, and the tables are there. */
static __attribute__((__noinline__)) int do_ops(struct gpuas_space *space, struct walk *walk,
					    const struct gpuas_op *ops, unsigned int count,
					    struct gpuas_token *token)
{
	unsigned int i;
	int err = 0;

	swap_spares(space, token);
	space->gather.depth++;
	gpuas_walk_start_(space, walk);
	for (i = 0; !err && i < count; i++) {
		err = fill(space, walk, &ops[i]);
		gpuas_token_take_(space, token, 0);
	}
	for (i = 0; i < count; i++)
		prune(space, walk, &ops[i], token);
	gpuas_clean_(space);
	gpuas_publish_barrier();
	space->gather.depth--;
	swap_spares(space, token);
	return err;
}

int gpuas_ops_apply(struct gpuas_space *space, const struct gpuas_op *ops,
		    unsigned int count, struct gpuas_token *token)
{
	struct walk walk;
	uint32_t tables;
	int err = token_check(space, token);

	if (err)
		return err;
	gpuas_walk_start_(space, &walk);
	err = count_ops(space, &walk, ops, count, &tables);
	if (err)
		return err;
	if (tables > token->spares)
		return -GPUAS_ENOMEM;
	return do_ops(space, &walk, ops, count, token);
}
