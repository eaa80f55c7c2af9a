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
 * @shuffled: one of them began before that
 * @need: tables of the operation at hand
 * @tables: of all so far
 * @odd: of those, the ones for blocks in a tree whose handle has none: somebody else's
 */
struct list {
	uint64_t end;
	bool shuffled;
	struct need need;
	uint64_t tables;
	uint64_t odd;
};

/* The highest level at which a handle has blocks; 0: it has none. */
static unsigned int block_top(const struct gpuas_geometry *geo)
{
	unsigned int level = gpuas_top_(geo);

	while (level && !block_level_(geo, level))
		level--;
	return level;
}

/* Does the operation come after all others, by VA? If not, nothing is shared with them. */
static bool in_order(struct list *list, uint64_t first, uint64_t last)
{
	bool after = first >= list->end;

	if (!after) {
		list->need.before = ~0ULL;
		list->shuffled = true;
	}
	if (list->end <= last)
		list->end = last + 1;
	return after;
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
	list->need.tables = 0;
	err = survey(space, walk, op, first, last, &list->need);
	/*
	 * It may cut a block that an earlier one will have put there. A map needs the
	 * tables that this takes in any case.
	 */
	if (!after && geo->blocks && op->kind >= GPUAS_OP_UNMAP)
		list->need.tables = gpuas_split_tables_(geo, block_top(geo), first,
							last, ~0ULL);
	if (!geo->blocks && op->kind >= GPUAS_OP_UNMAP)
		list->odd += list->need.tables;
	list->tables += list->need.tables;
	return err;
}

static int sum(uint64_t sum, uint32_t *tables)
{
	if (sum > 0xffffffffu)
		return -GPUAS_E2BIG;
	*tables = (uint32_t)sum;
	return 0;
}

/* Out of line: what it has on the stack is not there while the list is done. */
static __attribute__((__noinline__)) int count_ops(const struct gpuas_space *space, struct walk *walk,
					       const struct gpuas_op *ops,
					       unsigned int count, uint32_t *tables)
{
	struct list list = { .need = NEED_NOTHING };
	uint32_t bound;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < count; i++)
		err = count_op(space, walk, &ops[i], &list);
	/* Both are enough, and the job may have no more than the other one. */
	if (!err && list.shuffled && !gpuas_ops_bound(&space->geo, ops, count, &bound))
		list.tables = min_(list.tables, list.odd + bound);
	return err ? err : sum(list.tables, tables);
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

/**
 * struct run - Places that were counted: entries of one level, side by side
 * @first: number of the first one, of all entries at that level
 * @end: behind the last
 *
 * A place takes one table at most, whatever the tree is and whatever the order: a list
 * links a table where it finds none, for a page or for the rest of a block; and once it is
 * there, no operation takes it away before the end of the list, by which time all is done.
 * Nor does a block take its place, as blocks are put only where there is no table. So
 * the places are counted where a list may link a table, and none needs to be counted
 * twice. Which ones were counted is remembered as one run for each level: those that do not
 * join it are counted again, and are the run then. That is too many and never too few;
 * and exact if operations come in order of VA, each behind the one before it.
 */
struct run {
	uint64_t first;
	uint64_t end;
};

static __attribute__((__noinline__)) uint64_t count_run(struct run *run, uint64_t first,
							uint64_t last)
{
	const uint64_t end = last + 1;
	uint64_t before = run->end - run->first;

	if (first > run->end || run->first > end) {
		before = 0;
		run->first = first;
		run->end = end;
	}
	if (first < run->first)
		run->first = first;
	if (end > run->end)
		run->end = end;
	return run->end - run->first - before;
}

/*
 * Places at one level that a cut may go through: an end that is a boundary there splits
 * nothing. The end that is nearer to the run comes first.
 */
static uint64_t cut_bound(struct run *run, unsigned int shift, uint64_t first,
			  uint64_t last)
{
	const uint64_t mask = (1ULL << shift) - 1;
	const bool down = run->first > first >> shift;
	uint64_t places = 0;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const bool end = down != i;
		const uint64_t place = (end ? last : first) >> shift;

		if ((end ? ~last : first) & mask)
			places += count_run(run, place, place);
	}
	return places;
}

/* A map needs all tables on its way, if it is by pages and into nothing. */
static int bound_op(const struct gpuas_geometry *geo, const struct gpuas_op *op,
		    struct run *run, uint64_t *tables)
{
	const bool map = op->kind < GPUAS_OP_UNMAP;
	unsigned int level = map ? gpuas_top_(geo) : block_top(geo);
	uint64_t first, last;
	int err = half_extent(geo, op, &first, &last);

	if (err)
		return err;
	if ((unsigned int)op->kind > GPUAS_OP_PROTECT)
		return -GPUAS_EINVAL;
	for (; level; level--) {
		unsigned int shift = shift_(geo, level);

		*tables += map ? count_run(&run[level], first >> shift, last >> shift) :
				 cut_bound(&run[level], shift, first, last);
	}
	return 0;
}

int gpuas_ops_bound(const struct gpuas_geometry *geo, const struct gpuas_op *ops,
		    unsigned int count, uint32_t *tables)
{
	struct run run[GPUAS_LEVELS_MAX] = { { .first = 0 } };
	uint64_t bound = 0;
	unsigned int i;
	int err = gpuas_geometry_ok_(geo) ? 0 : -GPUAS_EINVAL;

	for (i = 0; !err && i < count; i++)
		err = bound_op(geo, &ops[i], run, &bound);
	return err ? err : sum(bound, tables);
}

static int token_check(struct gpuas_space *space, const struct gpuas_token *token)
{
	const struct gpuas_table *table;

	if (token->env != space->env ||
	    !gpuas_geometry_equal_(&token->geo, &space->geo))
		return -GPUAS_EINVAL;
	if (space->gather.depth || gpuas_token_elsewhere_(space, token))
		return -GPUAS_EBUSY;
	for (table = token->spare; table; table = table->next)
		if (is_root_(space, table))
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
