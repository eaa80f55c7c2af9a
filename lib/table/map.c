// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Mapping in three steps: survey the range without writing, set the tables aside
 * that it needs, fill. Only the first two can fail. What fits into one leaf table
 * that is there already goes a shorter way with the same order.
 */
#include "walk.h"

/**
 * struct survey - What was seen so far of a range that is to be mapped
 * @tables: tables that are missing
 * @counted: number of the last one that was counted, by level of its parent
 */
struct survey {
	uint32_t tables;
	uint64_t counted[GPUAS_LEVELS_MAX];
};

/* The highest level at which a block can map @pos to @pa; 0: a page. */
static unsigned int leaf_level(const struct gpuas_space *space, uint64_t pos,
			       uint64_t pa, uint64_t last)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int level;

	if (!geo->blocks)
		return 0;
	for (level = space->top; level; level--) {
		uint64_t mask = span_(geo, level) - 1;

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

static bool is_table(uint64_t entry)
{
	return (entry & ENTRY_TYPE_MASK) == ENTRY_TABLE;
}

/* Descend to where a leaf for @pos goes; @level: as leaf_level(), lowered. */
static int descend(const struct gpuas_space *space, uint64_t pos,
		   unsigned int *level, struct walk *walk)
{
	int err = gpuas_descend_(space, pos, *level, walk);

	while (!err && *level && walk->level == *level &&
	       is_table(walk->entry)) {
		*level = lower_level(&space->geo, *level);
		err = gpuas_descend_(space, pos, *level, walk);
	}
	return err;
}

/* Count tables from below an entry at level @from, down to level @to. */
static void count_tables(const struct gpuas_geometry *geo,
			 struct survey *survey, uint64_t pos, unsigned int from,
			 unsigned int to)
{
	for (; from > to; from--) {
		uint64_t number = pos >> shift_(geo, from);

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

/* Looked at whatever the cache says: it knows nothing of what somebody else wrote. */
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

static bool leaves_empty(const struct gpuas_geometry *geo,
			 const uint64_t *table, uint64_t first, uint64_t last)
{
	unsigned int index = index_(geo, 0, first);

	return gpuas_entries_empty_(&table[index], index_(geo, 0, last) - index + 1);
}

/* Survey up to the end of one leaf table or block, which goes into @end. */
static int survey_part(const struct gpuas_space *space, struct survey *survey,
		       uint64_t pos, uint64_t last, unsigned int level,
		       bool replace, uint64_t *end)
{
	const struct gpuas_geometry *geo = &space->geo;
	struct walk walk;
	int err = descend(space, pos, &level, &walk);

	if (err)
		return err;
	*end = min_(last, span_last_(geo, level ? level : 1, pos));
	count_tables(geo, survey, pos, walk.level, level);
	if (replace)
		return 0;
	if (walk.level)
		return walk.entry ? -GPUAS_EEXIST : 0;
	return leaves_empty(geo, walk.table[0].ptr, pos, *end) ? 0 :
								 -GPUAS_EEXIST;
}

int gpuas_map_survey_(const struct gpuas_space *space, uint64_t first,
		      const struct source *source, bool replace,
		      uint32_t *tables)
{
	struct survey survey = { .tables = 0 };
	uint64_t pos = first, end;
	unsigned int i = 0;
	int err = 0;

	memset(survey.counted, 0xff, sizeof(survey.counted));
	while (!err && i < source->pieces) {
		uint64_t pa = gpuas_pa_u64(source->list[i].pa);
		uint64_t start = pos, last = pos - 1;

		/* Without blocks, it does not matter where pieces meet. */
		do
			last += source->list[i++].size;
		while (!space->geo.blocks && i < source->pieces);
		for (; !err && pos <= last; pos = end + 1) {
			unsigned int level = 0;

			if (!source->repeat)
				level = leaf_level(space, pos, pa + (pos - start),
						   last);
			err = survey_part(space, &survey, pos, last, level,
					  replace, &end);
		}
	}
	*tables = survey.tables;
	return err;
}

/*
 * The entry for a leaf at @level, or below where a table is in the way, with
 * tables made where they are missing; NULL if somebody put something of theirs,
 * or less than we surveyed, into the way in the meantime. @parent leads to the
 * table that holds it.
 */
static uint64_t *make_slot(struct gpuas_space *space, uint64_t pos,
			   unsigned int *level, uint64_t *parent)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t *table = space->root_ptr;
	unsigned int at = space->top;
	uint64_t entry;
	int err;

	for (;; at--, *parent = entry) {
		uint64_t *slot = &table[index_(geo, at, pos)];

		entry = gpuas_entry_load(slot);

		if (at == *level && at && is_table(entry))
			*level = lower_level(geo, at);
		else if (at == *level)
			return at && entry ? NULL : slot;
		if (!entry && space->spares) {
			entry = gpuas_spare_link_(space, slot);
			live_grow_(space, *parent, index_(geo, at, pos), 1);
		}
		if (!is_table(entry))
			return NULL;
		table = gpuas_child_(space, entry, &err);
		if (!table)
			return NULL;
	}
}

/**
 * struct filling - Where a map stands
 * @slot: behind the last page that was written; NULL: look for the next one
 * @last: end of the leaf table that holds it
 * @parent: what leads to that table
 */
struct filling {
	uint64_t *slot;
	uint64_t last;
	uint64_t parent;
};

/* Fill up to the end of one leaf table or block; returns the end, 0 if it fails. */
static uint64_t fill_part(struct gpuas_space *space, struct filling *at,
			  uint64_t pos, uint64_t last, unsigned int level,
			  uint64_t leaf, uint64_t step)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t end, *slot = at->slot;
	unsigned int count = 1;

	if (level || !slot || pos > at->last) {
		at->parent = 0;
		slot = make_slot(space, pos, &level, &at->parent);
		at->last = span_last_(geo, 1, pos);
	}
	if (!slot)
		return 0;
	end = min_(last, span_last_(geo, level ? level : 1, pos));
	if (level) {
		gpuas_entry_store(slot, (leaf & ~ENTRY_TYPE_MASK) | ENTRY_BLOCK);
	} else {
		count = (unsigned int)((end - pos + 1) >> granule_shift_(geo));
		fill_many(slot, count, leaf, step);
	}
	at->slot = level ? NULL : slot + count;
	live_grow_(space, at->parent, index_(geo, level, pos), count);
	gpuas_gather_dirty_(space, slot, count);
	return end;
}

/* Map one piece from @pos on; the position behind it, or where it failed. */
static uint64_t fill_piece(struct gpuas_space *space, struct filling *at,
			   uint64_t pos, const struct gpuas_extent *piece,
			   uint64_t bits, bool repeat)
{
	uint64_t step = repeat ? 0 : granule_(&space->geo);
	uint64_t last = pos + piece->size - 1, end;
	uint64_t pa = gpuas_pa_u64(piece->pa);
	unsigned int level = 0;

	for (; pos <= last; pos = end + 1) {
		if (!repeat)
			level = leaf_level(space, pos, pa, last);
		end = fill_part(space, at, pos, last, level, bits | pa, step);
		if (!end)
			break;
		if (!repeat)
			pa += end - pos + 1;
	}
	return pos;
}

uint64_t gpuas_map_fill_(struct gpuas_space *space, uint64_t pos,
			 const struct source *source, uint64_t bits)
{
	struct filling at = { .slot = NULL };
	unsigned int i;
	uint64_t end;

	for (i = 0; i < source->pieces; i++) {
		end = pos + source->list[i].size;
		pos = fill_piece(space, &at, pos, &source->list[i], bits,
				 source->repeat);
		if (pos != end)
			break;
	}
	return pos;
}

int gpuas_map_filled_(struct gpuas_space *space, uint64_t first, uint64_t last,
		      uint64_t end)
{
	if (end > last)
		return 0;
	if (end > first && gpuas_clear_(space, first, end - 1, false))
		gpuas_gather_flush_(space, first, end - 1);
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
	uint64_t sum = 0;
	unsigned int i;
	int err;

	for (i = 0; i < source->pieces; i++) {
		err = pa_check(geo, &source->list[i]);
		if (err)
			return err;
		sum += source->list[i].size;
		if (sum < source->list[i].size)
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
	int err;

	err = gpuas_map_survey_(space, first, source, false, &tables);
	if (!err)
		err = gpuas_spares_get_(space, tables);
	if (err)
		return err;
	gpuas_settle_range_(space, first, first + size - 1);
	err = gpuas_map_filled_(space, first, first + size - 1,
				gpuas_map_fill_(space, first, source, bits));
	gpuas_finish_(space, had);
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

/*
 * The short path, into a leaf table that is there: 1 if that is not so simple. It
 * may skip the survey, as one look comes before the one write. It does not clean,
 * and in a gather a flush that was put off has to be done before anything takes the
 * place of what it is for (settle_()): both go the long way.
 */
GPUAS_INLINE int map_leaves(struct gpuas_space *space, unsigned int gs,
			    unsigned int levels, uint64_t first, uint64_t last,
			    uint64_t leaf)
{
	const unsigned int mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	unsigned int count = (unsigned int)((last - first) >> gs) + 1;
	unsigned int index = (unsigned int)(first >> gs) & mask;
	struct gpuas_cached *hot = NULL;

	if (space->env->clean || space->gather.depth ||
	    !hot_leaf_(space, gs, levels, first, &hot))
		return 1;
	if (!entries_empty(&hot->ptr[index], count))
		return -GPUAS_EEXIST;
	entries_fill(&hot->ptr[index], count, leaf, 1ULL << gs);
	live_add_(hot, index, count);
	/* Before the caller tells the GPU that it may use them. */
	gpuas_publish_barrier();
	return 0;
}

GPUAS_INLINE int map_range(struct gpuas_space *space, unsigned int gs,
			   unsigned int levels, gpuas_va_t va,
			   const struct gpuas_extent *piece, gpuas_attr_t attr)
{
	const struct source source = { .list = piece, .pieces = 1 };
	uint64_t first, last, bits = space->bits;
	uint64_t pa = gpuas_pa_u64(piece->pa);
	int err;

	err = window_(space, gs, va, piece->size, &first, &last);
	if (!err && !pa_fits(space, gs, pa, piece->size))
		err = pa_check(&space->geo, piece);
	if (!err && (GPUAS_SMALL_GRANULE_SHIFT || !bits || attr != space->attr))
		err = gpuas_encode_(space, attr, &bits);
	if (err)
		return err;
	err = 1;
	if (one_leaf_table_(gs, first, last))
		err = map_leaves(space, gs, levels, first, last, bits | pa);
	return err > 0 ? map_source(space, first, piece->size, &source, bits) :
			 err;
}

int gpuas_map(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
	      uint64_t size, gpuas_attr_t attr)
{
	const struct gpuas_extent piece = { .pa = pa, .size = size };

	if (hot_(space, 14))
		return map_range(space, 14, HOT_LEVELS, va, &piece, attr);
	if (hot_(space, 12))
		return map_range(space, 12, HOT_LEVELS, va, &piece, attr);
	if (hot_(space, 16))
		return map_range(space, 16, HOT_LEVELS, va, &piece, attr);
	return map_range(space, granule_shift_(&space->geo), 0, va, &piece, attr);
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
	uint32_t count;
	int err;

	err = window_(space, granule_shift_(&space->geo), va, size, &first,
			      &last);
	if (!err)
		err = gpuas_map_survey_(space, first, &source, false, &count);
	if (!err)
		*tables = count;
	return err;
}
