/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The way down a tree, for operations that change it: only through tables that
 * the handle owns. Private to lib/. Positions are offsets into what the table covers
 * that the handle is opened at, so that nothing wraps at the top of the address
 * space, and a subtree looks like a tree; ranges are first to last, inclusive.
 *
 * Functions with a parameter @gs, the granule's shift, and @levels are inlined into
 * callers that pass constants: that is how the hot paths are made for each granule with
 * three levels, as by far the most trees have, and for 16 and 64 KiB with two.
 */
#ifndef GPUAS_WALK_H
#define GPUAS_WALK_H

#include "entry.h"

/*
 * Where a table hangs: the number of the entry that leads to it, of all entries at
 * that level, and the table's own level. No two tables of a tree hang in one place,
 * and none in two: an entry elsewhere that leads to a table of ours is somebody
 * else's work, as is one that leads to the root, or to a table that hangs nowhere,
 * in reserve or on its way out.
 */
enum { PLACE_BITS = 3, PLACE_NONE = 0, PLACE_ROOT = 7 };

GPUAS_INLINE uint64_t place_(uint64_t number, unsigned int level)
{
	return number << PLACE_BITS | (level + 1);
}

static inline unsigned int place_level_(const struct gpuas_table *table)
{
	return (unsigned int)(table->place & ((1u << PLACE_BITS) - 1)) - 1;
}

/* What &gpuas_space.near holds where no table was met yet: it hangs nowhere. */
extern const struct gpuas_table gpuas_no_table_;
#define NO_TABLE ((struct gpuas_table *)(uintptr_t)&gpuas_no_table_)

/* Before records go that may be remembered. */
static inline void near_reset_(struct gpuas_space *space)
{
	unsigned int i;

	for (i = 0; REMEMBERED && i < GPUAS_LEVELS_MAX * GPUAS_NEAR; i++)
		space->near[i / GPUAS_NEAR][i % GPUAS_NEAR] = NO_TABLE;
}

/* Where the table at @level is remembered that hangs at @number. */
GPUAS_INLINE struct gpuas_table **near_(struct gpuas_space *space,
					unsigned int level, uint64_t number)
{
	return &space->near[level][number % GPUAS_NEAR];
}

/* Whether it is a table, and which, is asked of one difference, so that it is made once. */
static inline bool is_table_(uint64_t entry)
{
	return !((entry - ENTRY_TABLE) & ENTRY_TYPE_MASK);
}

/* gpuas_format_kind() of an entry above the leaf tables says that it is a block. */
static inline bool is_block_(const struct gpuas_space *space,
			     unsigned int level, uint64_t entry)
{
	return (entry & ENTRY_TYPE_MASK) == ENTRY_BLOCK &&
	       (space->geo.format->block_levels >> level & 1);
}

/* The entry that leads to a table of ours. */
GPUAS_INLINE uint64_t table_entry_(const struct gpuas_table *table)
{
	return gpuas_pa_u64(table->pa) + ENTRY_TABLE;
}

/* Is that this one? */
GPUAS_INLINE bool leads_to_(uint64_t entry, const struct gpuas_table *table)
{
	return entry - ENTRY_TABLE == gpuas_pa_u64(table->pa);
}

/* Is this the table that @entry leads to, and does it hang there? */
GPUAS_INLINE bool hangs_(const struct gpuas_table *table, uint64_t place,
			 uint64_t entry)
{
	return table->place == place && leads_to_(entry, table);
}

/**
 * struct walk - Where a descent ended
 * @level: level of the table that was reached
 * @pos: the position
 * @slot: where its entry is there
 * @entry: that, as loaded
 * @at: the tables on the way, by level; the root's record is NULL
 */
struct walk {
	unsigned int level;
	uint64_t pos;
	uint64_t *slot;
	uint64_t entry;
	struct {
		uint64_t *ptr;
		struct gpuas_table *table;
	} at[GPUAS_LEVELS_MAX];
};

/* Offset of a VA in what the handle covers: -GPUAS_ERANGE if it is not in it. */
int gpuas_offset_(const struct gpuas_space *space, gpuas_va_t va, uint64_t *pos);

/* Offsets of a range: -GPUAS_EINVAL, -GPUAS_EOVERFLOW, -GPUAS_ERANGE. */
int gpuas_extent_(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  uint64_t *first, uint64_t *last);

/* The same, and -GPUAS_EPERM if the range is not inside the window. */
int gpuas_window_(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  uint64_t *first, uint64_t *last);

/* The quick way sees that nothing is wrong, the other one what. */
GPUAS_INLINE int hot_window_(const struct gpuas_space *space, unsigned int gs,
			     gpuas_va_t va, uint64_t size, uint64_t *first,
			     uint64_t *last)
{
	*first = gpuas_va_u64(va) - space->base;
	*last = *first + size - 1;
	if (!FAST || ((*first | size) & ((1ULL << gs) - 1)) || *last < *first ||
	    *first < space->window || *last > space->window_last)
		return gpuas_window_(space, va, size, first, last);
	return 0;
}

/* Checked borrow of a table; NULL also beyond the PA size. */
uint64_t *gpuas_borrow_(const struct gpuas_space *space, gpuas_pa_t pa);

/*
 * The ownership oracle: the record of the table that an entry leads to; NULL if the
 * entry leads to none of ours.
 */
struct gpuas_table *gpuas_record_(const struct gpuas_space *space,
				  uint64_t entry);

/* Does an entry lead to a table of ours that hangs below the root, here or elsewhere? */
bool gpuas_owned_(const struct gpuas_space *space, uint64_t entry);

/* Can a table be at this address? */
static inline bool table_pa_ok_(const struct gpuas_space *space, gpuas_pa_t pa)
{
	return !(gpuas_pa_u64(pa) & (~space->pa_last | (granule_(&space->geo) - 1)));
}

/* Before words are read that others write: here, any; or of the handle's own table. */
void gpuas_look_(const struct gpuas_space *space, const uint64_t *entry,
		 unsigned int count);

/*
 * End writing to entries of a root that belong to no window: clean those that cover
 * the offsets @first to @last, put them in front of what comes next, and flush the
 * range; @live: because something was there before, and not only where walkers
 * remember holes.
 */
void gpuas_root_written_(const struct gpuas_space *root, uint64_t first,
			 uint64_t last, bool live);

/* Hand a table back to the environment. */
void gpuas_free_(const struct gpuas_space *space, struct gpuas_table *table);

/* Bytes that one entry at a level covers, less one. */
static inline uint64_t mask_(const struct gpuas_space *space, unsigned int level)
{
	return (1ULL << space->shift[level]) - 1;
}

/* Index of a position in its table. */
static inline unsigned int at_(const struct gpuas_space *space,
			       unsigned int level, uint64_t pos)
{
	return (unsigned int)(pos >> space->shift[level]) & space->index_mask;
}

/*
 * To the root, for the first step of a walk. One walk serves all steps of an
 * operation: each goes on from where the one before ended.
 */
void gpuas_walk_start_(const struct gpuas_space *space, struct walk *walk);

/*
 * Go on to @pos, by way of the lowest table that covers it and where the walk is,
 * down until an entry is no table, or to level @stop. -GPUAS_EPERM at an entry that
 * leads to a table that is not owned, or hangs elsewhere: the walk stands there then.
 */
int gpuas_walk_(const struct gpuas_space *space, struct walk *walk,
		uint64_t pos, unsigned int stop);

/* The table, owned, that an entry of the table at @level + 1 leads to; or NULL. */
struct gpuas_table *gpuas_child_(const struct gpuas_space *space,
				 unsigned int level, uint64_t pos,
				 uint64_t entry);

/* gpuas_walk_() to the next entry of the same table, mostly. */
GPUAS_INLINE void walk_on_(const struct gpuas_space *space, struct walk *walk,
			   uint64_t pos)
{
	if (!FAST || walk->level != 1 ||
	    (pos ^ walk->pos) >> space->shift[2]) {
		gpuas_walk_(space, walk, pos, 1);
		return;
	}
	walk->pos = pos;
	walk->slot = &walk->at[1].ptr[at_(space, 1, pos)];
	walk->entry = gpuas_entry_load(walk->slot);
}

/* Last position, up to @last, that the table or entry where @walk ended covers. */
static inline uint64_t walk_end_(const struct gpuas_space *space,
				 const struct walk *walk, uint64_t last)
{
	/* A leaf table is worked through as a whole, anything else by entry. */
	unsigned int level = walk->level ? walk->level : 1;

	return min_(last, walk->pos | mask_(space, level));
}

/* One step of the quick way: to the table of @level that hangs at @number. */
GPUAS_INLINE struct gpuas_table *hot_step_(struct gpuas_space *space,
					   unsigned int gs, unsigned int level,
					   uint64_t number,
					   const uint64_t *ptr)
{
	const uint64_t mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	const uint64_t entry = gpuas_entry_load(&ptr[number & mask]);
	const struct gpuas_env *env = space->env;
	struct gpuas_table *table = *near_(space, level, number);

	if (hangs_(table, place_(number, level), entry))
		return table;
	if (!is_table_(entry))
		return NULL;
	table = env->table_record(env->ctx, address_(entry, 1ULL << gs));
	if (!table || table->place != place_(number, level))
		return NULL;
	*near_(space, level, number) = table;
	return table;
}

/*
 * The table at @level, below the root, for @pos; NULL if anything is not as it mostly
 * is: then the longer ways find out what.
 */
GPUAS_INLINE struct gpuas_table *hot_table_(struct gpuas_space *space,
					    unsigned int gs, unsigned int level,
					    uint64_t pos)
{
	struct gpuas_table *table = NULL;
	const uint64_t *ptr = space->root_ptr;
	unsigned int at = space->top;

	if (!space->env->table_record)
		return NULL;
	for (; at > level; at--, ptr = table->ptr) {
		table = hot_step_(space, gs, at - 1, pos >> space->shift[at],
				  ptr);
		if (!table)
			break;
	}
	return table;
}

/*
 * The leaf table for @pos, likewise. @levels: 3 or 2 for a handle with space->hot, which
 * has an oracle; 0 for any.
 */
GPUAS_INLINE struct gpuas_table *hot_leaf_(struct gpuas_space *space,
					   unsigned int gs, unsigned int levels,
					   uint64_t pos)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const uint64_t *ptr = space->root_ptr;
	struct gpuas_table *table;

	if (!levels)
		return hot_table_(space, gs, 0, pos);
	if (levels == 3) {
		table = hot_step_(space, gs, 1, pos >> (gs + 2 * bits), ptr);
		if (!table)
			return NULL;
		ptr = table->ptr;
	}
	return hot_step_(space, gs, 0, pos >> (gs + bits), ptr);
}

/**
 * struct part - What a range covers of a leaf table
 * @table: the table
 * @index: index of the first entry
 * @count: how many
 */
struct part {
	struct gpuas_table *table;
	unsigned int index;
	unsigned int count;
};

/* How many borders between leaf tables does a range cross? */
static inline uint64_t borders_(const struct gpuas_space *space, uint64_t first,
				uint64_t last)
{
	return (last >> space->shift[1]) - (first >> space->shift[1]);
}

/*
 * The two parts of a range that goes from one leaf table into the next one, where both
 * are there and hang in one table; else false.
 */
bool gpuas_two_parts_(struct gpuas_space *space, uint64_t first, uint64_t last,
		      struct part part[2]);

/* Note that a table, not the root, has more live entries, from index @first on. */
GPUAS_INLINE void live_add_(struct gpuas_table *table, unsigned int first,
			    unsigned int count)
{
	unsigned int end = first + count;

	if (!COUNTED)
		return;
	table->live = (uint16_t)(table->live + count);
	if (table->low > first)
		table->low = (uint16_t)first;
	if (table->end < end)
		table->end = (uint16_t)end;
}

/* Fill entries with leaves whose output addresses are @step apart. */
void gpuas_entries_fill_(uint64_t *entry, unsigned int count, uint64_t leaf,
			 uint64_t step);

/* Are they all empty? */
bool gpuas_entries_empty_(const uint64_t *entry, unsigned int count);

/* Are both offsets in the span of one leaf table? */
GPUAS_INLINE bool one_leaf_table_(unsigned int gs, uint64_t first, uint64_t last)
{
	return !((first ^ last) >> (2 * gs - ENTRY_SIZE_SHIFT));
}

/* Is it the table that the handle is opened at, by whatever pointer? */
static inline bool is_root_(const struct gpuas_space *space,
			    const struct gpuas_table *table)
{
	return gpuas_pa_u64(table->pa) == gpuas_pa_u64(space->root);
}

/*
 * One more table of an environment's, onto a list. -GPUAS_EFAULT if it is of no use:
 * it is on the list all the same, and is given back with the rest.
 */
static inline int spare_get_(const struct gpuas_env *env,
			     const struct gpuas_geometry *geo,
			     struct gpuas_table **list, uint32_t *count)
{
	const uint64_t granule = granule_(geo);
	struct gpuas_table *table;
	int err = -GPUAS_EPERM;
	uint64_t pa;

	if (env->table_alloc)
		err = env->table_alloc(env->ctx, (size_t)granule, &table);
	if (err)
		return err;
	table->place = PLACE_NONE;
	table->next = *list;
	*list = table;
	++*count;
	pa = gpuas_pa_u64(table->pa);
	return table->ptr && !((pa & (granule - 1)) | pa >> geo->pa_bits) ?
		       0 : -GPUAS_EFAULT;
}

/* Have at least @count spares, or as many as before and an error. */
int gpuas_spares_get_(struct gpuas_space *space, uint32_t count);

/* Give spares back until @keep are left. */
void gpuas_spares_put_(struct gpuas_space *space, uint32_t keep);

/* Take a spare, of any content; there is one. */
struct gpuas_table *gpuas_spare_take_(struct gpuas_space *space);

/* The same, zeroed. */
struct gpuas_table *gpuas_spare_zero_(struct gpuas_space *space);

/*
 * Link a table into the entry where @walk stands, with all of its entries in use, or
 * none: @live; its contents get visible first. The walk is in it then.
 */
void gpuas_link_(struct gpuas_space *space, struct walk *walk,
		 struct gpuas_table *table, unsigned int live);

/* Link one spare, zeroed. */
void gpuas_spare_link_(struct gpuas_space *space, struct walk *walk);

/*
 * Gathering: what is noted here is done by gpuas_settle_(), which ends every
 * operation but in a gather.
 */
void gpuas_gather_table_(struct gpuas_space *space, struct gpuas_table *table);
void gpuas_gather_dirty_(struct gpuas_space *space, const uint64_t *entry,
			 unsigned int count);
void gpuas_settle_(struct gpuas_space *space);

/*
 * One span, from the first to the last address: a flush of more than was unmapped
 * costs walkers time, and is never wrong.
 */
static inline void gather_span_(struct gpuas_space *space, uint64_t first,
				uint64_t last)
{
	struct gpuas_gather *gather = &space->gather;

	gather->first = min_(gather->first, first);
	if (gather->last < last)
		gather->last = last;
}

/* The same where something was there before. */
static inline void gather_flush_(struct gpuas_space *space, uint64_t first,
				 uint64_t last)
{
	space->gather.stale = true;
	gather_span_(space, first, last);
}

static inline void gather_dirty_(struct gpuas_space *space,
				 const uint64_t *entry, unsigned int count)
{
	/* Else walkers are coherent, which for size is asked there. */
	if (!FAST || space->env->clean)
		gpuas_gather_dirty_(space, entry, count);
}

/* New entries, where walkers may remember that nothing was there. */
void gpuas_gather_made_(struct gpuas_space *space, uint64_t first, uint64_t last);

static inline void gather_run_(struct gpuas_space *space)
{
	if (!space->gather.depth)
		gpuas_settle_(space);
}

/*
 * Do what was put off before new entries are written to a range that is part of it;
 * or where a table was that waits to be freed, which may be anywhere.
 */
void gpuas_settle_range_(struct gpuas_space *space, uint64_t first, uint64_t last);

/* The same between calls, and for tokens that are outstanding. */
void gpuas_settle_others_(struct gpuas_space *space, uint64_t first, uint64_t last);

static inline void settle_range_(struct gpuas_space *space, uint64_t first,
				 uint64_t last)
{
	if (space->settle)
		gpuas_settle_others_(space, first, last);
}

/* End an operation: give back what it did not use of its spares, do what was gathered. */
void gpuas_finish_(struct gpuas_space *space, uint32_t had);

/* A call about a range, unless the environment has none. */
void gpuas_tell_(const struct gpuas_space *space,
		 void (*call)(void *ctx, gpuas_va_t va, uint64_t size),
		 uint64_t first, uint64_t last);

/*
 * A break, from the first store to the last: stall; break, to flush the range and do what
 * was put off; made, after which the range is there again for all walkers.
 */
static inline void stall_(const struct gpuas_space *space, uint64_t first,
			  uint64_t last)
{
	gpuas_tell_(space, space->env->stall, first, last);
}

void gpuas_break_(struct gpuas_space *space, uint64_t first, uint64_t last);
void gpuas_made_(struct gpuas_space *space, uint64_t first, uint64_t last);

/*
 * Clean what is dirty, now: after a make, or what was broken for its sake stays so
 * for walkers that are not coherent until a gather ends.
 */
void gpuas_clean_(struct gpuas_space *space);

/* Store one entry, which is dirty then. */
static inline void put_(struct gpuas_space *space, uint64_t *slot,
			uint64_t entry)
{
	gpuas_entry_store(slot, entry);
	gather_dirty_(space, slot, 1);
}

/**
 * struct need - Tables that were counted, in the order of positions
 * @tables: how many
 * @before: position that needed some last: those of them that the next one needs too are
 *	not counted again. ~0, which is beyond every half, if there is none
 */
struct need {
	uint32_t tables;
	uint64_t before;
};

#define NEED_NOTHING	{ .before = ~0ULL }

/*
 * Blocks. gpuas_survey_() walks over a range that is to be unmapped or changed,
 * and counts the tables that splitting its ends takes; gpuas_split_() makes its ends
 * boundaries between leaves. It fails, with -GPUAS_EPERM, only if somebody wrote to
 * the tree since they were had. @unmap: another way to a table of ours is to go too.
 */
int gpuas_survey_(const struct gpuas_space *space, struct walk *walk,
		  uint64_t first, uint64_t last, bool unmap, struct need *need);
uint32_t gpuas_split_tables_(const struct gpuas_geometry *geo, unsigned int level,
			     uint64_t first, uint64_t last, uint64_t before);
int gpuas_split_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		 uint64_t last);

/*
 * Clear all leaves in a range that was surveyed and whose ends are boundaries, and
 * unlink tables that became empty, unless @keep. If there were any leaves, the range
 * waits to be flushed.
 */
void gpuas_clear_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		  uint64_t last, bool keep);

/*
 * Clear the entry where a walk is, and unlink @table, if that is where it leads; then go
 * up with each table that this empties.
 */
void gpuas_clear_up_(struct gpuas_space *space, struct walk *walk,
		     struct gpuas_table *table);

/*
 * Is a table empty, of which the count says so? Who else cleared, or wrote, entries
 * of it made the count too low, so look where our own are. What others linked must
 * not go with the table; nor must their pages in a tree whose root is lent, where
 * others work. In a leaf table below a root of our own, the count is the answer.
 */
GPUAS_INLINE bool is_empty_(const struct gpuas_space *space,
			   struct gpuas_table *table)
{
	const unsigned int entries = entries_(&space->geo);

	if (!COUNTED)
		return gpuas_entries_empty_(table->ptr, entries);
	if (table->live || (table->low < table->end &&
			    !gpuas_entries_empty_(&table->ptr[table->low],
						  table->end - table->low)))
		return false;
	return (space->root_table && !place_level_(table)) ||
	       gpuas_entries_empty_(table->ptr, entries);
}

/*
 * The leaf table that hangs where a walk is, or NULL. What is no table is seen by
 * gpuas_child_() as well, a call later.
 */
static inline struct gpuas_table *leaf_table_(const struct gpuas_space *space,
				      const struct walk *walk)
{
	return walk->level == 1 && (!FAST || is_table_(walk->entry)) ?
		       gpuas_child_(space, 0, walk->pos, walk->entry) : NULL;
}

/**
 * struct source - What is to be mapped, piece by piece
 * @list: the pieces
 * @pieces: how many
 * @page: of each piece the first page, again and again
 */
struct source {
	const struct gpuas_extent *list;
	unsigned int pieces;
	bool page;
};

/* Size of all pieces; -GPUAS_EINVAL, -GPUAS_EOVERFLOW, -GPUAS_ERANGE. */
int gpuas_source_check_(const struct gpuas_geometry *geo,
			const struct source *source, uint64_t *size);

/* gpuas_format_encode(), remembering the last result. */
int gpuas_encode_(struct gpuas_space *space, gpuas_attr_t attr, uint64_t *bits);

/*
 * Count the tables that mapping needs. @replace: leaves that are there do not matter, and
 * tables that splitting them takes are among those; else -GPUAS_EEXIST.
 */
int gpuas_map_survey_(const struct gpuas_space *space, struct walk *walk,
		      uint64_t first, const struct source *source, bool replace,
		      struct need *need);

/*
 * Map. It fails, with -GPUAS_EPERM, and is undone only if somebody who ignores the
 * window wrote to the tree: the survey counted every table and saw every entry empty,
 * so filling finds both as they were.
 */
int gpuas_map_fill_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		    const struct source *source, uint64_t bits);

/**
 * struct pattern - What is to be mapped over a range, from its start to its end
 * @list: the pieces, as many as fill the range; or the one that is repeated
 * @pieces: how many
 * @repeat: the piece is repeated; the last time may be cut
 */
struct pattern {
	const struct gpuas_extent *list;
	unsigned int pieces;
	bool repeat;
};

/* gpuas_map_survey_() and gpuas_map_fill_() of one, over the range that it is for. */
int gpuas_pattern_survey_(const struct gpuas_space *space, struct walk *walk,
			  uint64_t first, uint64_t last,
			  const struct pattern *pattern, bool replace,
			  struct need *need);
int gpuas_pattern_fill_(struct gpuas_space *space, struct walk *walk,
			uint64_t first, uint64_t last,
			const struct pattern *pattern, uint64_t bits);

/* The same for changing attributes to @bits; @live: nothing is broken. */
int gpuas_protect_survey_(const struct gpuas_space *space, struct walk *walk,
			  uint64_t first, uint64_t last, struct need *need);
int gpuas_protect_fill_(struct gpuas_space *space, struct walk *walk,
			uint64_t first, uint64_t last, uint64_t bits, bool live);

#endif /* GPUAS_WALK_H */
