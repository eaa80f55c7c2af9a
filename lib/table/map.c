// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Mapping in three steps: survey the range without writing, set the tables aside
 * that it needs, fill. Only the first two can fail. What fits into one leaf table
 * that is there already, or two, goes a shorter way with the same order.
 */
#include "walk.h"

/*
 * The highest level, up to @level, at which a block can map @pos to @pa; 0: a page. Most
 * pieces are smaller than the smallest block.
 */
static unsigned int leaf_level(const struct gpuas_space *space, unsigned int level,
			       uint64_t pos, uint64_t pa, uint64_t last)
{
	const struct gpuas_geometry *geo = &space->geo;

	if (!geo->blocks || last - pos < mask_(space, 1))
		return 0;
	for (; level; level--) {
		uint64_t mask = mask_(space, level);

		if (block_level_(geo, level) && !((pos | pa) & mask) &&
		    last - pos >= mask)
			break;
	}
	return level;
}

/* Looked at whatever the record says: it knows nothing of what somebody else wrote. */
GPUAS_INLINE bool entries_empty(const uint64_t *entry, unsigned int count)
{
	return FAST && count == 1 ? !gpuas_entry_load(entry) :
			    gpuas_entries_empty_(entry, count);
}

GPUAS_INLINE void entries_fill(uint64_t *entry, unsigned int count,
			       uint64_t leaf, uint64_t step)
{
	if (FAST && count == 1)
		gpuas_entry_store(entry, leaf);
	else
		gpuas_entries_fill_(entry, count, leaf, step);
}

/*
 * How many blocks of one level stand side by side from where a walk ended: up to the
 * end of the piece or of the table, and one only where not all entries are empty.
 */
static unsigned int block_run(const struct gpuas_space *space,
			      const struct walk *walk, unsigned int level,
			      uint64_t last)
{
	uint64_t end = min_(last, walk->pos | mask_(space, level + 1));
	unsigned int count;

	count = (unsigned int)((end - walk->pos + 1) >> space->shift[level]);
	if (!FAST)
		return 1;
	if (walk->level == level &&
	    !entries_empty(walk->slot, count))
		return 1;
	return count;
}

/**
 * struct pass - One of the two passes over what is to be mapped
 * @into: the handle, when it is filled; NULL in a survey, which writes nothing
 * @walk: where the pass is
 * @bits: bits of every leaf
 * @step: how far output addresses are apart; 0: the same page again and again
 * @replace: leaves that are there do not matter
 * @missing: there is no leaf table for the positions before @end
 * @end: behind the leaf table that was reached
 * @need: where missing tables are counted, in a survey
 * @pos: where the pass ended
 */
struct pass {
	struct gpuas_space *into;
	struct walk *walk;
	uint64_t bits;
	uint64_t step;
	bool replace;
	bool missing;
	uint64_t end;
	struct need *need;
	uint64_t pos;
};

/* Count the tables that are missing on the way to a leaf at @level. */
static void count_tables(const struct gpuas_space *space, struct pass *pass,
			 unsigned int level)
{
	unsigned int from = pass->walk->level;
	struct need *need = pass->need;
	uint64_t apart = pass->walk->pos ^ need->before;

	/* Positions come in order: a table that the last one needs too was counted. */
	for (; from > level; from--)
		need->tables += apart >> space->shift[from] != 0;
	need->before = pass->walk->pos;
}

/*
 * Make the tables that are missing on the way to a leaf at @level: -GPUAS_EPERM if
 * somebody put something of theirs, or less than we surveyed, into the way in the
 * meantime.
 */
static int make_tables(struct gpuas_space *space, struct walk *walk,
		       unsigned int level)
{
	while (walk->level > level && !walk->entry && space->spares)
		gpuas_spare_link_(space, walk);
	return walk->level > level || (level && walk->entry) ? -GPUAS_EPERM : 0;
}

/*
 * To where a leaf for @pos goes; where a table is in the way of a block, smaller ones or
 * pages go into it.
 */
static int enter(const struct gpuas_space *space, struct pass *pass,
		 uint64_t pos, uint64_t pa, uint64_t last, unsigned int *level)
{
	struct walk *walk = pass->walk;
	int err = gpuas_walk_(space, walk, pos, 0);

	if (err)
		return err;
	*level = pass->step ? leaf_level(space, walk->level, pos, pa, last) : 0;
	pass->end = *level ? pos : (pos | mask_(space, 1)) + 1;
	pass->missing = walk->level > *level;
	if (pass->into)
		return make_tables(pass->into, walk, *level);
	if (!pass->replace && walk->level && walk->entry)
		return -GPUAS_EEXIST;
	count_tables(space, pass, *level);
	return 0;
}

/* Leaves side by side in the table at @level that was reached, or is missing. */
GPUAS_INLINE int leaves(const struct gpuas_space *space, const struct pass *pass,
			struct gpuas_space *into, unsigned int level,
			uint64_t pos, unsigned int count, uint64_t leaf)
{
	unsigned int index = at_(space, level, pos);
	struct gpuas_table *table;
	uint64_t *entry;

	if (!into && (level || pass->missing || pass->replace))
		return 0;
	entry = &pass->walk->at[level].ptr[index];
	if (!into)
		return entries_empty(entry, count) ? 0 : -GPUAS_EEXIST;
	table = pass->walk->at[level].table;
	entries_fill(entry, count, leaf, level ? mask_(space, level) + 1 :
						 pass->step);
	if (table)
		live_add_(table, index, count);
	gather_dirty_(into, entry, count);
	return 0;
}

/* One piece, in parts: up to the end of a leaf table, or of a table with blocks. */
GPUAS_INLINE int piece(const struct gpuas_space *space, struct pass *pass,
		       struct gpuas_space *into, uint64_t pos, uint64_t last,
		       uint64_t pa)
{
	uint64_t leaf, end, count;
	unsigned int level;
	int err = 0;

	for (; pos <= last; pos = end + 1) {
		leaf = pass->bits | pa;
		level = 0;
		if (pos >= pass->end)
			err = enter(space, pass, pos, pa, last, &level);
		if (err)
			break;
		if (level) {
			leaf = (leaf & ~ENTRY_TYPE_MASK) | ENTRY_BLOCK;
			count = block_run(space, pass->walk, level, last);
			end = pos + (count << space->shift[level]) - 1;
		} else {
			end = min_(last, pass->end - 1);
			count = (end - pos + 1) >> space->shift[0];
		}
		err = leaves(space, pass, into, level, pos, (unsigned int)count,
			     leaf);
		if (err)
			break;
		if (pass->step)
			pa += end + 1 - pos;
	}
	pass->pos = pos;
	return err;
}

/* All pieces: most of a list's go where the one before them went. */
GPUAS_INLINE int pieces(const struct gpuas_space *space, struct pass *pass,
			struct gpuas_space *into, uint64_t pos,
			const struct source *source)
{
	/* Up to this size they are mapped by pages, wherever they are. */
	const uint64_t small = space->geo.blocks ? mask_(space, 1) : ~0ULL;
	const struct gpuas_extent *at = source->list;
	const struct gpuas_extent *end = at + source->pieces;
	uint64_t size, pa;
	int err = 0;

	pass->step = source->page ? 0 : granule_(&space->geo);
	pass->end = pos;
	for (; !err && at < end; at++, pos += size) {
		size = at->size;
		pa = gpuas_pa_u64(at->pa);
		if (FAST && size <= small && pos + size <= pass->end)
			err = leaves(space, pass, into, 0, pos,
				     (unsigned int)(size >> space->shift[0]),
				     pass->bits | pa);
		else
			err = piece(space, pass, into, pos, pos + size - 1, pa);
	}
	if (!err)
		pass->pos = pos;
	return err;
}

int gpuas_map_survey_(const struct gpuas_space *space, struct walk *walk,
		      uint64_t first, const struct source *source, bool replace,
		      struct need *need)
{
	struct pass pass = { .walk = walk, .replace = replace, .need = need };

	return pieces(space, &pass, NULL, first, source);
}

int gpuas_map_fill_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		    const struct source *source, uint64_t bits)
{
	struct pass pass = { .into = space, .walk = walk, .bits = bits };
	int err = pieces(space, &pass, space, first, source);

	if (err && pass.pos > first)
		gpuas_clear_(space, walk, first, pass.pos - 1, false);
	return err;
}

static int pa_check(const struct gpuas_geometry *geo,
		    const struct gpuas_extent *piece)
{
	uint64_t start = gpuas_pa_u64(piece->pa);

	if (!piece->size || ((start | piece->size) & (granule_(geo) - 1)))
		return -GPUAS_EINVAL;
	if (start + (piece->size - 1) < start)
		return -GPUAS_EOVERFLOW;
	return (start + (piece->size - 1)) >> geo->pa_bits ? -GPUAS_ERANGE : 0;
}

int gpuas_source_check_(const struct gpuas_geometry *geo,
			const struct source *source, uint64_t *size)
{
	const struct gpuas_extent *piece = source->list;
	const struct gpuas_extent *end = piece + source->pieces;
	const uint64_t last = (1ULL << geo->pa_bits) - 1;
	const uint64_t page = granule_(geo) - 1;
	uint64_t sum = 0, pa;

	for (; piece < end; piece++) {
		pa = gpuas_pa_u64(piece->pa);
		/* Sees that something is wrong; what, says pa_check(). */
		if (((pa | piece->size) & page) || piece->size - 1 > last - pa ||
		    pa > last)
			return pa_check(geo, piece);
		sum += piece->size;
		if (sum < piece->size)
			return -GPUAS_EOVERFLOW;
	}
	*size = sum;
	return 0;
}

int gpuas_encode_(struct gpuas_space *space, gpuas_attr_t attr, uint64_t *bits)
{
	int err = 0;

	if (!FAST)
		return gpuas_format_encode(space->geo.format, attr, bits);
	if (!space->bits || space->attr != attr) {
		err = gpuas_format_encode(space->geo.format, attr, bits);
		if (err)
			return err;
		space->attr = attr;
		space->bits = *bits;
	}
	*bits = space->bits;
	return 0;
}

GPUAS_HOT int map_source(struct gpuas_space *space, uint64_t first, uint64_t size,
		      const struct source *source, uint64_t bits)
{
	struct need need = NEED_NOTHING;
	uint32_t had = space->spares;
	struct walk walk;
	int err;

	gpuas_walk_start_(space, &walk);
	err = gpuas_map_survey_(space, &walk, first, source, false, &need);
	if (!err)
		err = gpuas_spares_get_(space, need.tables);
	if (err)
		return err;
	settle_range_(space, first, first + size - 1);
	err = gpuas_map_fill_(space, &walk, first, source, bits);
	gpuas_gather_made_(space, first, first + size - 1);
	gpuas_finish_(space, had);
	return err;
}

GPUAS_INLINE bool pa_fits(const struct gpuas_space *space, unsigned int gs,
			  uint64_t pa, uint64_t size)
{
	/* @size is no larger than the half, so the sum wraps only if @pa is huge. */
	return FAST && (pa | (pa + (size - 1))) <= space->pa_last &&
	       !(pa & ((1ULL << gs) - 1));
}

/*
 * The short path, into a leaf table that is there: 1 if that is not so simple. It
 * may skip the survey, as one look comes before the one write.
 */
GPUAS_INLINE int map_leaves(struct gpuas_space *space, unsigned int gs,
			    unsigned int levels, uint64_t first, uint64_t last,
			    uint64_t leaf)
{
	const unsigned int mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	unsigned int count = (unsigned int)((last - first) >> gs) + 1;
	unsigned int index = (unsigned int)(first >> gs) & mask;
	struct gpuas_table *table = hot_leaf_(space, gs, levels, first);
	const struct gpuas_env *env;
	uint64_t *entry;

	if (!table)
		return 1;
	entry = &table->ptr[index];
	if (!entries_empty(entry, count))
		return -GPUAS_EEXIST;
	settle_range_(space, first, last);
	entries_fill(entry, count, leaf, 1ULL << gs);
	live_add_(table, index, count);
	env = space->env;
	/* No handle with space->hot has to flush. */
	if (!levels)
		gpuas_gather_made_(space, first, last);
	if (env->clean || (!levels && env->map_flush) || space->gather.depth) {
		gather_dirty_(space, entry, count);
		gather_run_(space);
		return 0;
	}
	/* Before the caller tells the GPU that it may use them. */
	gpuas_publish_barrier();
	return 0;
}

/*
 * Into a leaf table that is missing, or as a block: 1 if that is not so simple. No
 * survey, as one look comes before the one write.
 */
GPUAS_HOT int map_below(struct gpuas_space *space, uint64_t first, uint64_t last,
		     uint64_t pa, uint64_t bits)
{
	unsigned int level = leaf_level(space, 1, first, pa, last);
	uint64_t leaf = bits | pa;
	uint32_t had = space->spares;
	struct walk walk;
	struct pass pass = {
		.walk = &walk, .step = granule_(&space->geo),
	};
	int err = 0;

	gpuas_walk_start_(space, &walk);
	if (gpuas_walk_(space, &walk, first, 1) || walk.level != 1 || walk.entry)
		return 1;
	if (!level && !had)
		err = gpuas_spares_get_(space, 1);
	if (err)
		return err;
	settle_range_(space, first, last);
	if (level)
		leaf = (leaf & ~ENTRY_TYPE_MASK) | ENTRY_BLOCK;
	else
		gpuas_spare_link_(space, &walk);
	leaves(space, &pass, space, level, first,
	       (unsigned int)((last - first) >> space->shift[level]) + 1, leaf);
	gpuas_gather_made_(space, first, last);
	gpuas_finish_(space, had);
	return 0;
}

/* Into two leaf tables that are there: 1 if that is not so simple. */
static int map_two(struct gpuas_space *space, uint64_t first, uint64_t last,
		   uint64_t leaf)
{
	const uint64_t step = granule_(&space->geo);
	struct part part[2], *at;

	if (!gpuas_two_parts_(space, first, last, part))
		return 1;
	for (at = part; at < part + 2; at++) {
		if (!gpuas_entries_empty_(&at->table->ptr[at->index], at->count))
			return -GPUAS_EEXIST;
	}
	settle_range_(space, first, last);
	for (at = part; at < part + 2; at++, leaf += part[0].count * step) {
		gpuas_entries_fill_(&at->table->ptr[at->index], at->count, leaf,
				    step);
		live_add_(at->table, at->index, at->count);
		gather_dirty_(space, &at->table->ptr[at->index], at->count);
	}
	gpuas_gather_made_(space, first, last);
	gather_run_(space);
	return 0;
}

/* A list, into one leaf table that is there: 1 if that is not so simple. */
GPUAS_HOT int map_pieces(struct gpuas_space *space, uint64_t first, uint64_t last,
		     const struct source *source, uint64_t bits)
{
	const unsigned int index = at_(space, 0, first);
	const unsigned int count = at_(space, 0, last) - index + 1;
	const uint64_t step = granule_(&space->geo);
	const struct gpuas_extent *at = source->list;
	struct gpuas_table *table;
	uint64_t *entry, *end;

	table = hot_table_(space, granule_shift_(&space->geo), 0, first);
	if (!table)
		return 1;
	entry = &table->ptr[index];
	if (!entries_empty(entry, count))
		return -GPUAS_EEXIST;
	settle_range_(space, first, last);
	for (end = entry + count; entry < end; at++) {
		unsigned int pages = (unsigned int)(at->size >> space->shift[0]);

		entries_fill(entry, pages, bits | gpuas_pa_u64(at->pa), step);
		entry += pages;
	}
	live_add_(table, index, count);
	gather_dirty_(space, end - count, count);
	gpuas_gather_made_(space, first, last);
	gather_run_(space);
	return 0;
}

GPUAS_HOT int map_long(struct gpuas_space *space, uint64_t first, gpuas_pa_t pa,
		    uint64_t size, uint64_t bits)
{
	const struct gpuas_extent piece = { .pa = pa, .size = size };
	const struct source source = { .list = &piece, .pieces = 1 };
	const uint64_t last = first + size - 1;
	const uint64_t borders = borders_(space, first, last);
	int err = 1;

	if (FAST && !borders)
		err = map_below(space, first, last, gpuas_pa_u64(pa), bits);
	else if (FAST && borders == 1)
		err = map_two(space, first, last, bits | gpuas_pa_u64(pa));
	return err > 0 ? map_source(space, first, size, &source, bits) : err;
}

/* What is wrong with a PA range, or attributes that are not those of the last call. */
GPUAS_HOT int map_check(struct gpuas_space *space, gpuas_pa_t pa, uint64_t size,
		     gpuas_attr_t attr, uint64_t *bits)
{
	const struct gpuas_extent piece = { .pa = pa, .size = size };
	int err = pa_check(&space->geo, &piece);

	return err ? err : gpuas_encode_(space, attr, bits);
}

GPUAS_INLINE int map(struct gpuas_space *space, unsigned int gs,
		     unsigned int levels, gpuas_va_t va, gpuas_pa_t pa,
		     uint64_t size, gpuas_attr_t attr)
{
	uint64_t first, last, bits = space->bits;
	int err;

	err = hot_window_(space, gs, va, size, &first, &last);
	if (err)
		return err;
	if (!pa_fits(space, gs, gpuas_pa_u64(pa), size) || !bits ||
	    attr != space->attr) {
		err = map_check(space, pa, size, attr, &bits);
		if (err)
			return err;
	}
	err = 1;
	if (FAST && one_leaf_table_(gs, first, last))
		err = map_leaves(space, gs, levels, first, last,
				 bits | gpuas_pa_u64(pa));
	return err > 0 ? map_long(space, first, pa, size, bits) : err;
}

GPUAS_HOT int map_4k(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		     uint64_t size, gpuas_attr_t attr)
{
	return map(space, 12, 3, va, pa, size, attr);
}

GPUAS_HOT int map_16k(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		      uint64_t size, gpuas_attr_t attr)
{
	return map(space, 14, 3, va, pa, size, attr);
}

GPUAS_HOT int map_64k(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		      uint64_t size, gpuas_attr_t attr)
{
	return map(space, 16, 3, va, pa, size, attr);
}

/* The same with two levels. */
GPUAS_HOT int map_16k_2(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		       uint64_t size, gpuas_attr_t attr)
{
	return map(space, 14, 2, va, pa, size, attr);
}

GPUAS_HOT int map_64k_2(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		       uint64_t size, gpuas_attr_t attr)
{
	return map(space, 16, 2, va, pa, size, attr);
}

GPUAS_HOT int map_any(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		      uint64_t size, gpuas_attr_t attr)
{
	return map(space, granule_shift_(&space->geo), 0, va, pa, size, attr);
}

int gpuas_map(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
	      uint64_t size, gpuas_attr_t attr)
{
	if (hot_(space, 14, 3))
		return map_16k(space, va, pa, size, attr);
	if (hot_(space, 12, 3))
		return map_4k(space, va, pa, size, attr);
	if (hot_(space, 16, 3))
		return map_64k(space, va, pa, size, attr);
	if (hot_(space, 14, 2))
		return map_16k_2(space, va, pa, size, attr);
	if (hot_(space, 16, 2))
		return map_64k_2(space, va, pa, size, attr);
	return map_any(space, va, pa, size, attr);
}

int gpuas_map_raw(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		  uint64_t size, uint64_t bits)
{
	const struct gpuas_extent piece = { .pa = pa, .size = size };
	const struct source source = { .list = &piece, .pieces = 1 };
	uint64_t first, last;
	int err;

	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = gpuas_format_raw_check(bits);
	if (!err)
		err = pa_check(&space->geo, &piece);
	return err ? err : map_source(space, first, size, &source, bits);
}

int gpuas_map_list(struct gpuas_space *space, gpuas_va_t va,
		   const struct gpuas_extent *list, unsigned int pieces,
		   gpuas_attr_t attr)
{
	const struct source source = { .list = list, .pieces = pieces };
	uint64_t first, last, size = 0, bits;
	int err;

	err = gpuas_source_check_(&space->geo, &source, &size);
	if (!err)
		err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = gpuas_encode_(space, attr, &bits);
	if (err)
		return err;
	err = 1;
	if (FAST && !borders_(space, first, last))
		err = map_pieces(space, first, last, &source, bits);
	return err > 0 ? map_source(space, first, size, &source, bits) : err;
}

int gpuas_count_tables(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint32_t *tables)
{
	const struct gpuas_extent piece = { .size = size };
	const struct source source = {
		.list = &piece, .pieces = 1, .page = true,
	};
	struct need need = NEED_NOTHING;
	uint64_t first, last;
	struct walk walk;
	int err;

	gpuas_walk_start_(space, &walk);
	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = gpuas_map_survey_(space, &walk, first, &source, false,
					&need);
	if (!err)
		*tables = need.tables;
	return err;
}
