/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The way down a tree, for operations that change it: only through tables that
 * the handle owns. Private to lib/. Positions are offsets into the half, so that
 * nothing wraps at the top of the address space; ranges are first to last,
 * inclusive.
 *
 * Functions with a parameter @gs, the granule's shift, are inlined into callers
 * that pass a constant: that is how the hot paths are made for each granule.
 */
#ifndef GPUAS_WALK_H
#define GPUAS_WALK_H

#include "entry.h"

/* Of a tree that the short paths are made for: by far the most have three. */
enum { HOT_LEVELS = 3 };

#define GPUAS_INLINE static inline __attribute__((always_inline))

/**
 * struct walk - Where a descent ended
 * @level: level of the table that was reached
 * @entry: its entry for the position, as loaded
 * @table: the tables on the way, by level
 */
struct walk {
	unsigned int level;
	uint64_t entry;
	struct {
		uint64_t *ptr;
		gpuas_pa_t pa;
	} table[GPUAS_LEVELS_MAX];
};

/* Offset of a VA in the half: -GPUAS_ERANGE if it is not in it. */
int gpuas_offset_(const struct gpuas_geometry *geo, gpuas_va_t va,
		  uint64_t *pos);

/* Offsets of a range: -GPUAS_EINVAL, -GPUAS_EOVERFLOW, -GPUAS_ERANGE. */
int gpuas_extent_(const struct gpuas_geometry *geo, gpuas_va_t va,
		  uint64_t size, uint64_t *first, uint64_t *last);

/*
 * The same, and -GPUAS_EPERM if the range is not inside the window: the quick way
 * sees that nothing is wrong, the other one what.
 */
int gpuas_window_slow_(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint64_t *first, uint64_t *last);

GPUAS_INLINE int window_(const struct gpuas_space *space, unsigned int gs,
			 gpuas_va_t va, uint64_t size, uint64_t *first,
			 uint64_t *last)
{
	*first = gpuas_va_u64(va) - space->base;
	*last = *first + size - 1;
	if (GPUAS_SMALL_GRANULE_SHIFT ||
	    ((*first | size) & ((1ULL << gs) - 1)) || *last < *first ||
	    *first < space->window || *last > space->window_last)
		return gpuas_window_slow_(space, va, size, first, last);
	return 0;
}

/*
 * The ownership oracle, for tables below the root; a handle without one owns none.
 * Whatever leads back to the root is somebody else's work.
 */
bool gpuas_owned_(const struct gpuas_space *space, gpuas_pa_t pa);

/* Checked borrow of a table; NULL also beyond the PA size. */
uint64_t *gpuas_borrow_(const struct gpuas_space *space, gpuas_pa_t pa);

/* The same for an owned one; NULL if it is not. */
uint64_t *gpuas_ours_(const struct gpuas_space *space, gpuas_pa_t pa);

/* Hand a table back to the environment. */
void gpuas_free_(const struct gpuas_space *space, gpuas_pa_t pa);

/*
 * An owned table, remembered in the cache; NULL with @err -GPUAS_EPERM if it is
 * not owned, or no part of the tree; -GPUAS_EFAULT if it cannot be borrowed.
 */
uint64_t *gpuas_own_(const struct gpuas_space *space, gpuas_pa_t pa, int *err);

/*
 * Tables in reserve, and those that wait to be freed, are chained through their
 * first words: the address of the next one, whatever it is, and which chain, in bits
 * that make it a hole to walkers. The handle knows the first one and how many they
 * are, so nothing has to mark an end. Others can write to these words: see chain.c.
 */
#define CHAIN_SPARE	0x4ULL
#define CHAIN_PENDING	0x8ULL
#define CHAIN_KINDS	0xfffULL	/* less than any granule */

/* Is it one that this handle has in a chain, and so not in its tree? */
bool gpuas_chained_(const struct gpuas_space *space, gpuas_pa_t pa,
		    const uint64_t *table);

/*
 * How many tables of the first @count from @at on are still what they were? Ends
 * also at @pa, and then with @at there.
 */
uint32_t gpuas_chain_follow_(const struct gpuas_space *space, gpuas_pa_t *at,
			     uint32_t count, uint64_t kind, gpuas_pa_t pa);

/* Put a table in front of a chain. */
static inline void chain_push_(gpuas_pa_t *first, uint32_t *count,
			       uint64_t kind, gpuas_pa_t pa, uint64_t *table)
{
	gpuas_entry_store(&table[0], gpuas_pa_u64(*first) | kind);
	*first = pa;
	++*count;
}

/* Take the first table, of which there is one, out of a chain. */
uint64_t *gpuas_chain_pop_(const struct gpuas_space *space, gpuas_pa_t *first,
			   uint32_t *count, uint64_t kind, gpuas_pa_t *pa);

/* Drop a table from the cache; it is about to be somebody else's. */
void gpuas_forget_(struct gpuas_space *space, gpuas_pa_t pa);

static inline void forget_(struct gpuas_space *space, gpuas_pa_t pa)
{
	if (!GPUAS_SMALL_GRANULE_SHIFT)
		gpuas_forget_(space, pa);
}

/* Remember an owned table. */
void gpuas_remember_(const struct gpuas_space *space, gpuas_pa_t pa,
		     uint64_t *ptr, unsigned int live);

static inline void remember_(const struct gpuas_space *space, gpuas_pa_t pa,
			     uint64_t *ptr, unsigned int live)
{
	if (!GPUAS_SMALL_GRANULE_SHIFT)
		gpuas_remember_(space, pa, ptr, live);
}

/*
 * The cache. An entry may have any value, so what a free slot holds must be one
 * that belongs into another slot.
 */
static inline uint64_t cache_free_(unsigned int slot)
{
	return slot ? 0 : ~0ULL;
}

GPUAS_INLINE struct gpuas_cached *cache_slot_(const struct gpuas_space *space,
					      unsigned int gs, uint64_t entry)
{
	return &space->cache[(uint32_t)(entry >> gs) & space->cache_mask];
}

/* The slot with the table that an entry leads to, or NULL. */
GPUAS_INLINE struct gpuas_cached *cached_(const struct gpuas_space *space,
					  unsigned int gs, uint64_t entry)
{
	struct gpuas_cached *slot;

	if (GPUAS_SMALL_GRANULE_SHIFT || !space->cache)
		return NULL;
	slot = cache_slot_(space, gs, entry);
	return slot->entry == entry ? slot : NULL;
}

/* One step of hot_leaf_(), from a table to the next one. */
GPUAS_INLINE bool hot_step_(const struct gpuas_space *space, unsigned int gs,
			    uint64_t number, const uint64_t *table,
			    struct gpuas_cached **hot)
{
	const uint64_t mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	uint64_t entry = gpuas_entry_load(&table[number & mask]);

	*hot = cache_slot_(space, gs, entry);
	return (*hot)->entry == entry;
}

/*
 * Find the slot with the leaf table for @pos; false if anything is not as it mostly
 * is: then the longer ways find out what. @levels: HOT_LEVELS for a handle with
 * space->hot, 0 for any.
 */
GPUAS_INLINE bool hot_leaf_(const struct gpuas_space *space, unsigned int gs,
			    unsigned int levels, uint64_t pos,
			    struct gpuas_cached **hot)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const uint64_t *table = space->root_ptr;
	unsigned int shift = space->shift;

	if (GPUAS_SMALL_GRANULE_SHIFT)
		return false;
	if (levels)
		return hot_step_(space, gs, pos >> (gs + 2 * bits), table, hot) &&
		       hot_step_(space, gs, pos >> (gs + bits), (*hot)->ptr, hot);
	if (!space->cache)
		return false;
	for (; shift > gs; shift -= bits, table = (*hot)->ptr) {
		if (!hot_step_(space, gs, pos >> shift, table, hot))
			return false;
	}
	return true;
}

/* gpuas_own_() for the table that an entry leads to, the quick way first. */
uint64_t *gpuas_child_(const struct gpuas_space *space, uint64_t entry,
		       int *err);

/* Note that a table in the cache has more live entries, from index @first on. */
GPUAS_INLINE void live_add_(struct gpuas_cached *slot, unsigned int first,
			    unsigned int count)
{
	unsigned int last = first + count - 1;

	if (slot->live == GPUAS_CACHE_UNKNOWN)
		return;
	slot->live = (uint16_t)(slot->live + count);
	if (slot->low > first)
		slot->low = (uint16_t)first;
	if (slot->high < last)
		slot->high = (uint16_t)last;
}

/* The same for the table that an entry leads to, if it is in the cache. */
void gpuas_live_add_(struct gpuas_space *space, uint64_t entry,
		     unsigned int first, unsigned int count);

static inline void live_grow_(struct gpuas_space *space, uint64_t entry,
			      unsigned int first, unsigned int count)
{
	if (!GPUAS_SMALL_GRANULE_SHIFT)
		gpuas_live_add_(space, entry, first, count);
}

/* Are they all empty? */
bool gpuas_entries_empty_(const uint64_t *entry, unsigned int count);

/* Are both offsets in the span of one leaf table? */
GPUAS_INLINE bool one_leaf_table_(unsigned int gs, uint64_t first, uint64_t last)
{
	return !((first ^ last) >> (2 * gs - ENTRY_SIZE_SHIFT));
}

/*
 * Descend from the root towards @pos until an entry is no table, or to level
 * @stop. -GPUAS_EPERM at a table that is not owned, -GPUAS_EFAULT at one that
 * cannot be borrowed.
 */
int gpuas_descend_(const struct gpuas_space *space, uint64_t pos,
		   unsigned int stop, struct walk *walk);

/* Last position, up to @last, that the table or entry where @walk ended covers. */
uint64_t gpuas_walk_end_(const struct gpuas_space *space,
			 const struct walk *walk, uint64_t pos, uint64_t last);

/* The entry where a walk ended. */
static inline uint64_t *walk_slot_(const struct gpuas_space *space,
				   const struct walk *walk, uint64_t pos)
{
	return &walk->table[walk->level]
			.ptr[index_(&space->geo, walk->level, pos)];
}

/*
 * Have at least @count spares, or as many as before and an error; -GPUAS_EPERM with
 * fewer than before, if somebody wrote to them.
 */
int gpuas_spares_get_(struct gpuas_space *space, uint32_t count);

/* Give spares back until @keep are left. */
void gpuas_spares_put_(struct gpuas_space *space, uint32_t keep);

/* End an operation: give back what it did not use of its spares, do what was gathered. */
void gpuas_finish_(struct gpuas_space *space, uint32_t had);

/* Take a spare, of any content; there is one, and maybe no more than that. */
uint64_t *gpuas_spare_take_(struct gpuas_space *space, gpuas_pa_t *pa);

/* Link a table with @live entries, which get visible first. */
uint64_t gpuas_link_(struct gpuas_space *space, uint64_t *slot,
		     uint64_t *table, gpuas_pa_t pa, unsigned int live);

/* Link one spare, zeroed, into @slot. */
uint64_t gpuas_spare_link_(struct gpuas_space *space, uint64_t *slot);

/*
 * Gathering: what is noted here is done by gpuas_gather_run_(), which ends every
 * operation and does nothing inside a gather.
 */
void gpuas_gather_flush_(struct gpuas_space *space, uint64_t first,
			 uint64_t last);
void gpuas_gather_table_(struct gpuas_space *space, uint64_t *table,
			 gpuas_pa_t pa);
void gpuas_gather_dirty_(struct gpuas_space *space, const uint64_t *entry,
			 unsigned int count);
void gpuas_gather_run_(struct gpuas_space *space);
void gpuas_settle_(struct gpuas_space *space);

/*
 * Do what was put off before new entries are written to a range that is part of it;
 * or where a table was that waits to be freed, which may be anywhere.
 */
void gpuas_settle_range_(struct gpuas_space *space, uint64_t first,
			 uint64_t last);

/* Clean what is dirty, and flush a range, now: in the middle of a break. */
void gpuas_break_(struct gpuas_space *space, uint64_t first, uint64_t last);

/*
 * Clean what is dirty, now: after a make, or what was broken for its sake stays so
 * for walkers that are not coherent until a gather ends.
 */
void gpuas_clean_(struct gpuas_space *space);

/* Store one entry, which is dirty then. */
void gpuas_put_(struct gpuas_space *space, uint64_t *slot, uint64_t entry);

/*
 * Blocks. gpuas_survey_() walks over a range that is to be unmapped or changed,
 * and says how many tables splitting its ends takes; gpuas_split_() makes its ends
 * boundaries between leaves. It fails, with -GPUAS_EPERM, only if somebody wrote to
 * the tree or to the spares since they were had.
 */
int gpuas_survey_(const struct gpuas_space *space, uint64_t first,
		  uint64_t last, uint32_t *tables);
uint32_t gpuas_split_tables_(const struct gpuas_geometry *geo,
			     unsigned int level, uint64_t first, uint64_t last);
int gpuas_split_(struct gpuas_space *space, uint64_t first, uint64_t last);

/*
 * Clear all leaves in a range that was surveyed and whose ends are boundaries, and
 * unlink tables that became empty, unless @keep. True if there were any leaves:
 * the range has to be flushed.
 */
bool gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last,
		  bool keep);

/**
 * struct source - What is to be mapped, piece by piece
 * @list: the pieces
 * @pieces: how many
 * @repeat: the first page of each piece, again and again
 */
struct source {
	const struct gpuas_extent *list;
	unsigned int pieces;
	bool repeat;
};

/* Size of all pieces; -GPUAS_EINVAL, -GPUAS_EOVERFLOW, -GPUAS_ERANGE. */
int gpuas_source_check_(const struct gpuas_geometry *geo,
			const struct source *source, uint64_t *size);

/* gpuas_format_encode(), remembering the last result. */
int gpuas_encode_(struct gpuas_space *space, gpuas_attr_t attr, uint64_t *bits);

/*
 * How many tables does mapping need? @replace: leaves that are there do not
 * matter; else -GPUAS_EEXIST.
 */
int gpuas_map_survey_(const struct gpuas_space *space, uint64_t first,
		      const struct source *source, bool replace,
		      uint32_t *tables);

/*
 * Map; the position behind what was mapped. That is too low only if somebody who
 * ignores the window wrote to the tree, or to the spares: the survey counted every
 * table and saw every entry empty, so filling finds both as they were.
 */
uint64_t gpuas_map_fill_(struct gpuas_space *space, uint64_t pos,
			 const struct source *source, uint64_t bits);

/*
 * End a map that got as far as @end: 0, or what was done is undone. That needs some
 * stack, which is why filling does not do it itself.
 */
int gpuas_map_filled_(struct gpuas_space *space, uint64_t first, uint64_t last,
		      uint64_t end);

#endif /* GPUAS_WALK_H */
