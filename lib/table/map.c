// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Mapping in three steps: survey the range without writing, set the tables aside
 * that it needs, fill. Only the first two can fail. What fits into one leaf table
 * that is there already goes a shorter way with the same order.
 */
#include "walk.h"

/*
 * The highest level at which a block can map @pos to @pa; 0: a page. Most pieces are
 * smaller than the smallest block.
 */
static unsigned int leaf_level(const struct gpuas_space *space, uint64_t pos,
			       uint64_t pa, uint64_t last)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int level;

	if (!geo->blocks || last - pos < mask_(space, 1))
		return 0;
	for (level = space->top; level; level--) {
		uint64_t mask = mask_(space, level);

		if (block_level_(geo, level) && !((pos | pa) & mask) &&
		    last - pos >= mask)
			return level;
	}
	return 0;
}

/* Where a table is in the way of a block, smaller ones or pages go into it. */
static unsigned int lower_level(const struct gpuas_geometry *geo,
				unsigned int level)
{
	while (--level && !block_level_(geo, level))
		;
	return level;
}

/* Walk to where a leaf for @pos goes; @level: as leaf_level(), lowered. */
static int walk_to_leaf(const struct gpuas_space *space, struct walk *walk,
			uint64_t pos, unsigned int *level)
{
	int err = gpuas_walk_(space, walk, pos, *level);

	while (!err && *level && walk->level == *level &&
	       is_table_(walk->entry)) {
		*level = lower_level(&space->geo, *level);
		err = gpuas_walk_(space, walk, pos, *level);
	}
	return err;
}

GPUAS_INLINE uint64_t fill_four(uint64_t *entry, uint64_t leaf, uint64_t step)
{
	gpuas_entry_store(&entry[0], leaf);
	gpuas_entry_store(&entry[1], leaf += step);
	gpuas_entry_store(&entry[2], leaf += step);
	gpuas_entry_store(&entry[3], leaf += step);
	return leaf + step;
}

/* Output addresses @step apart. */
static void fill_many(uint64_t *entry, unsigned int count, uint64_t leaf,
		      uint64_t step)
{
	for (; UNROLLED && count >= 8; count -= 8, entry += 8) {
		leaf = fill_four(entry, leaf, step);
		leaf = fill_four(entry + 4, leaf, step);
	}
	if (UNROLLED && count >= 4) {
		leaf = fill_four(entry, leaf, step);
		entry += 4;
		count -= 4;
	}
	for (; count; count--, entry++, leaf += step)
		gpuas_entry_store(entry, leaf);
}

/* Looked at whatever the record says: it knows nothing of what somebody else wrote. */
GPUAS_INLINE bool entries_empty(const uint64_t *entry, unsigned int count)
{
	return count == 1 ? !gpuas_entry_load(entry) :
			    gpuas_entries_empty_(entry, count);
}

GPUAS_INLINE void entries_fill(uint64_t *entry, unsigned int count,
			       uint64_t leaf, uint64_t step)
{
	if (count == 1)
		gpuas_entry_store(entry, leaf);
	else
		fill_many(entry, count, leaf, step);
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
	if (walk->level == level &&
	    !entries_empty(walk_slot_(space, walk), count))
		return 1;
	return count;
}

/**
 * struct survey - What was seen so far of a range that is to be mapped
 * @walk: where it is
 * @replace: leaves that are there do not matter
 * @tables: tables that are missing
 * @counted: number of the last one that was counted, by level of its parent
 * @leaf: the leaf table of the positions before @end; NULL if it is missing
 * @end: see @leaf
 */
struct survey {
	struct walk *walk;
	bool replace;
	uint32_t tables;
	uint64_t counted[GPUAS_LEVELS_MAX];
	const uint64_t *leaf;
	uint64_t end;
};

/* Count the tables that are missing on the way to a leaf at @level. */
static void count_tables(const struct gpuas_space *space,
			 struct survey *survey, unsigned int level)
{
	unsigned int from = survey->walk->level;

	for (; from > level; from--) {
		uint64_t number = survey->walk->pos >> space->shift[from];

		/*
		 * Positions come in order, so the last number that was counted at a
		 * level tells whether this table was counted already.
		 */
		if (survey->counted[from] == number)
			continue;
		survey->counted[from] = number;
		survey->tables++;
	}
}

/* Is nothing in the way where the walk ended above the level that it was for? */
static int hole_check(const struct survey *survey)
{
	return survey->walk->entry && !survey->replace ? -GPUAS_EEXIST : 0;
}

/* On to the leaf table of @pos, which the walk was told to reach. */
static int survey_table(const struct gpuas_space *space,
			struct survey *survey, uint64_t pos)
{
	const struct walk *walk = survey->walk;

	survey->end = (pos | mask_(space, 1)) + 1;
	survey->leaf = walk->level ? NULL : walk->at[0].ptr;
	count_tables(space, survey, 0);
	return walk->level ? hole_check(survey) : 0;
}

/* Pages, all in one leaf table, up to @last. */
GPUAS_INLINE int survey_pages(const struct survey *survey,
			const struct gpuas_space *space, uint64_t pos,
			uint64_t last)
{
	unsigned int count = (unsigned int)((last - pos) >> space->shift[0]) + 1;

	if (!survey->leaf || survey->replace)
		return 0;
	return entries_empty(&survey->leaf[at_(space, 0, pos)], count) ?
		       0 : -GPUAS_EEXIST;
}

/* Blocks, or pages where a table is in their way; sets the end of them. */
static int survey_blocks(const struct gpuas_space *space,
			 struct survey *survey, uint64_t pos, uint64_t *last,
			 unsigned int level)
{
	struct walk *walk = survey->walk;
	int err = walk_to_leaf(space, walk, pos, &level);
	uint64_t count;

	if (err)
		return err;
	if (!level) {
		*last = min_(*last, pos | mask_(space, 1));
		err = survey_table(space, survey, pos);
		return err ? err : survey_pages(survey, space, pos, *last);
	}
	count_tables(space, survey, level);
	count = block_run(space, walk, level, *last);
	*last = pos + (count << space->shift[level]) - 1;
	return hole_check(survey);
}

static int survey_piece(const struct gpuas_space *space, struct survey *survey,
			uint64_t pos, uint64_t last, uint64_t pa, bool repeat)
{
	unsigned int level;
	uint64_t end;
	int err = 0;

	for (; !err && pos <= last; pa += end + 1 - pos, pos = end + 1) {
		level = repeat ? 0 : leaf_level(space, pos, pa, last);
		end = last;
		if (level) {
			err = survey_blocks(space, survey, pos, &end, level);
			continue;
		}
		if (pos >= survey->end) {
			err = gpuas_walk_(space, survey->walk, pos, 0);
			if (!err)
				err = survey_table(space, survey, pos);
		}
		end = min_(last, survey->end - 1);
		if (!err)
			err = survey_pages(survey, space, pos, end);
	}
	return err;
}

/* Pieces up to this size are mapped by pages, wherever they are. */
static uint64_t small_piece(const struct gpuas_space *space)
{
	return space->geo.blocks ? mask_(space, 1) : ~0ULL;
}

int gpuas_map_survey_(const struct gpuas_space *space, struct walk *walk,
		      uint64_t first, const struct source *source, bool replace,
		      uint32_t *tables)
{
	const struct gpuas_extent *piece = source->list;
	const struct gpuas_extent *end = piece + source->pieces;
	const uint64_t small = small_piece(space);
	struct survey survey;
	uint64_t size;
	int err = 0;

	survey.walk = walk;
	survey.replace = replace;
	survey.tables = 0;
	survey.end = first;
	memset(survey.counted, 0xff, sizeof(survey.counted));
	for (; !err && piece < end; piece++, first += size) {
		size = piece->size;
		/* Most pieces of a list go where the one before them went. */
		if (UNROLLED && size <= small && first + size <= survey.end)
			err = survey_pages(&survey, space, first,
					   first + size - 1);
		else
			err = survey_piece(space, &survey, first,
					   first + size - 1,
					   gpuas_pa_u64(piece->pa),
					   source->repeat);
	}
	*tables = survey.tables;
	return err;
}

/**
 * struct filling - Where a map stands
 * @walk: where it is
 * @bits: bits of every leaf
 * @step: how far output addresses are apart
 * @end: behind the leaf table that the walk is in
 */
struct filling {
	struct walk *walk;
	uint64_t bits;
	uint64_t step;
	uint64_t end;
};

/*
 * Walk to the entry for a leaf at @level, or below where a table is in the way, with
 * tables made where they are missing; false if somebody put something of theirs,
 * or less than we surveyed, into the way in the meantime.
 */
static bool make_slot(struct gpuas_space *space, struct walk *walk,
		      uint64_t pos, unsigned int *level)
{
	if (walk_to_leaf(space, walk, pos, level))
		return false;
	while (walk->level > *level && !walk->entry && space->spares)
		gpuas_spare_link_(space, walk);
	return walk->level == *level && (!*level || !walk->entry);
}

/* What was written to the table where a walk is, from @index on. */
GPUAS_INLINE void filled(struct gpuas_space *space, struct walk *walk,
			 unsigned int index, unsigned int count)
{
	struct gpuas_table *table = walk->at[walk->level].table;

	if (table)
		live_add_(table, index, count);
	gather_dirty_(space, &walk->at[walk->level].ptr[index], count);
}

/* Pages, up to @last, or the end of the leaf table where the walk is. */
GPUAS_INLINE uint64_t fill_pages(struct gpuas_space *space, struct filling *at,
			   uint64_t pos, uint64_t last, uint64_t pa)
{
	unsigned int index = at_(space, 0, pos), count;

	last = min_(last, at->end - 1);
	count = (unsigned int)((last - pos) >> space->shift[0]) + 1;
	entries_fill(&at->walk->at[0].ptr[index], count, at->bits | pa, at->step);
	filled(space, at->walk, index, count);
	return last;
}

static uint64_t fill_blocks(struct gpuas_space *space, struct filling *at,
			    unsigned int level, uint64_t last, uint64_t pa)
{
	uint64_t leaf = ((at->bits | pa) & ~ENTRY_TYPE_MASK) | ENTRY_BLOCK;
	unsigned int count = block_run(space, at->walk, level, last);

	entries_fill(walk_slot_(space, at->walk), count, leaf,
		     mask_(space, level) + 1);
	filled(space, at->walk, at_(space, level, at->walk->pos), count);
	return at->walk->pos + ((uint64_t)count << space->shift[level]) - 1;
}

/* Map one piece from @pos on; the position behind it, or where it failed. */
static uint64_t fill_piece(struct gpuas_space *space, struct filling *at,
			   uint64_t pos, uint64_t last, uint64_t pa)
{
	unsigned int level;
	uint64_t end;

	for (; pos <= last; pos = end + 1) {
		level = at->step ? leaf_level(space, pos, pa, last) : 0;
		if (level || pos >= at->end) {
			if (!make_slot(space, at->walk, pos, &level))
				break;
			at->end = level ? pos : (pos | mask_(space, 1)) + 1;
		}
		end = level ? fill_blocks(space, at, level, last, pa) :
			      fill_pages(space, at, pos, last, pa);
		if (at->step)
			pa += end + 1 - pos;
	}
	return pos;
}

uint64_t gpuas_map_fill_(struct gpuas_space *space, struct walk *walk,
			 uint64_t pos, const struct source *source,
			 uint64_t bits)
{
	const struct gpuas_extent *piece = source->list;
	const struct gpuas_extent *last = piece + source->pieces;
	const uint64_t small = small_piece(space);
	struct filling at = { .walk = walk, .bits = bits, .end = pos };
	uint64_t end;

	at.step = source->repeat ? 0 : granule_(&space->geo);
	for (; piece < last; piece++) {
		end = pos + piece->size;
		if (UNROLLED && piece->size <= small && end <= at.end)
			pos = fill_pages(space, &at, pos, end - 1,
					 gpuas_pa_u64(piece->pa)) + 1;
		else
			pos = fill_piece(space, &at, pos, end - 1,
					 gpuas_pa_u64(piece->pa));
		if (pos != end)
			break;
	}
	return pos;
}

int gpuas_map_filled_(struct gpuas_space *space, struct walk *walk,
		      uint64_t first, uint64_t last, uint64_t end)
{
	if (end > last)
		return 0;
	if (end > first && gpuas_clear_(space, walk, first, end - 1, false))
		gather_flush_(space, first, end - 1);
	return -GPUAS_EPERM;
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
	int err;

	for (; piece < end; piece++) {
		pa = gpuas_pa_u64(piece->pa);
		/* Sees that something is wrong; what, says pa_check(). */
		if (((pa | piece->size) & page) || piece->size - 1 > last - pa ||
		    pa > last) {
			err = pa_check(geo, piece);
			if (err)
				return err;
		}
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

	if (GPUAS_SMALL_GRANULE_SHIFT)
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

static int map_source(struct gpuas_space *space, uint64_t first, uint64_t size,
		      const struct source *source, uint64_t bits)
{
	uint32_t tables, had = space->spares;
	struct walk walk;
	int err;

	walk_start_(space, &walk);
	err = gpuas_map_survey_(space, &walk, first, source, false, &tables);
	if (!err && tables > had)
		err = gpuas_spares_get_(space, tables);
	if (err)
		return err;
	settle_range_(space, first, first + size - 1);
	err = gpuas_map_filled_(space, &walk, first, first + size - 1,
				gpuas_map_fill_(space, &walk, first, source,
						bits));
	finish_(space, had);
	return err;
}

GPUAS_INLINE bool pa_fits(const struct gpuas_space *space, unsigned int gs,
			  uint64_t pa, uint64_t size)
{
	/* @size is no larger than the half, so the sum wraps only if @pa is huge. */
	return !GPUAS_SMALL_GRANULE_SHIFT &&
	       (pa | (pa + (size - 1))) <= space->pa_last &&
	       !(pa & ((1ULL << gs) - 1));
}

/* What ends a call that wrote to one table, where that is more than a barrier. */
static void written(struct gpuas_space *space, const uint64_t *entry,
		    unsigned int count)
{
	gather_dirty_(space, entry, count);
	gather_run_(space);
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
	uint64_t *entry;

	if (!table)
		return 1;
	entry = &table->ptr[index];
	if (!entries_empty(entry, count))
		return -GPUAS_EEXIST;
	if (space->gather.depth)
		settle_range_(space, first, last);
	entries_fill(entry, count, leaf, 1ULL << gs);
	live_add_(table, index, count);
	if (space->env->clean || space->gather.depth)
		written(space, entry, count);
	else
		/* Before the caller tells the GPU that it may use them. */
		gpuas_publish_barrier();
	return 0;
}

/*
 * Into a leaf table that is missing, or as a block: 1 if that is not so simple. No
 * survey, as one look comes before the one write.
 */
static int map_below(struct gpuas_space *space, uint64_t first, uint64_t last,
		     uint64_t pa, uint64_t bits)
{
	unsigned int level = leaf_level(space, first, pa, last);
	uint32_t had = space->spares;
	struct walk walk;
	struct filling at = { .walk = &walk, .bits = bits, .end = last + 1 };
	int err = 0;

	walk_start_(space, &walk);
	if (gpuas_walk_(space, &walk, first, 1) || walk.level != 1 || walk.entry)
		return 1;
	if (!level && !had)
		err = gpuas_spares_get_(space, 1);
	if (err)
		return err;
	settle_range_(space, first, last);
	at.step = granule_(&space->geo);
	if (level) {
		fill_blocks(space, &at, level, last, pa);
	} else {
		gpuas_spare_link_(space, &walk);
		fill_pages(space, &at, first, last, pa);
	}
	finish_(space, had);
	return 0;
}

GPUAS_HOT int map_long(struct gpuas_space *space, uint64_t first, gpuas_pa_t pa,
		    uint64_t size, uint64_t bits)
{
	const struct gpuas_extent piece = { .pa = pa, .size = size };
	const struct source source = { .list = &piece, .pieces = 1 };
	uint64_t last = first + size - 1;
	int err = 1;

	if (UNROLLED && !((first ^ last) >> space->shift[1]))
		err = map_below(space, first, last, gpuas_pa_u64(pa), bits);
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

	err = window_(space, gs, va, size, &first, &last);
	if (err)
		return err;
	if (!pa_fits(space, gs, gpuas_pa_u64(pa), size) ||
	    GPUAS_SMALL_GRANULE_SHIFT || !bits || attr != space->attr) {
		err = map_check(space, pa, size, attr, &bits);
		if (err)
			return err;
	}
	err = 1;
	if (size < 1ULL << (2 * gs - ENTRY_SIZE_SHIFT) &&
	    one_leaf_table_(gs, first, last))
		err = map_leaves(space, gs, levels, first, last,
				 bits | gpuas_pa_u64(pa));
	return err > 0 ? map_long(space, first, pa, size, bits) : err;
}

GPUAS_HOT int map_4k(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		     uint64_t size, gpuas_attr_t attr)
{
	return map(space, 12, HOT_LEVELS, va, pa, size, attr);
}

GPUAS_HOT int map_16k(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		      uint64_t size, gpuas_attr_t attr)
{
	return map(space, 14, HOT_LEVELS, va, pa, size, attr);
}

GPUAS_HOT int map_64k(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		      uint64_t size, gpuas_attr_t attr)
{
	return map(space, 16, HOT_LEVELS, va, pa, size, attr);
}

GPUAS_HOT int map_any(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		      uint64_t size, gpuas_attr_t attr)
{
	return map(space, granule_shift_(&space->geo), 0, va, pa, size, attr);
}

int gpuas_map(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
	      uint64_t size, gpuas_attr_t attr)
{
	if (hot_(space, 14))
		return map_16k(space, va, pa, size, attr);
	if (hot_(space, 12))
		return map_4k(space, va, pa, size, attr);
	if (hot_(space, 16))
		return map_64k(space, va, pa, size, attr);
	return map_any(space, va, pa, size, attr);
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
		err = window_(space, granule_shift_(&space->geo), va, size, &first,
			      &last);
	if (!err)
		err = gpuas_encode_(space, attr, &bits);
	return err ? err : map_source(space, first, size, &source, bits);
}

int gpuas_map_repeat(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		     uint64_t size, gpuas_attr_t attr)
{
	struct gpuas_extent piece = {
		.pa = pa, .size = granule_(&space->geo),
	};
	const struct source source = {
		.list = &piece, .pieces = 1, .repeat = true,
	};
	uint64_t first, last, bits;
	int err;

	err = window_(space, granule_shift_(&space->geo), va, size, &first,
			      &last);
	if (!err)
		err = pa_check(&space->geo, &piece);
	if (!err)
		err = gpuas_encode_(space, attr, &bits);
	piece.size = size;
	return err ? err : map_source(space, first, size, &source, bits);
}

int gpuas_count_tables(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint32_t *tables)
{
	const struct gpuas_extent piece = { .size = size };
	const struct source source = {
		.list = &piece, .pieces = 1, .repeat = true,
	};
	uint64_t first, last;
	struct walk walk;
	uint32_t count;
	int err;

	walk_start_(space, &walk);
	err = window_(space, granule_shift_(&space->geo), va, size, &first,
			      &last);
	if (!err)
		err = gpuas_map_survey_(space, &walk, first, &source, false,
					&count);
	if (!err)
		*tables = count;
	return err;
}
