/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A position in a tree, whoever built it: nothing is written, every table is
 * borrowed through the environment's check, every entry is loaded once per
 * decision. Private to lib/.
 */
#ifndef GPUAS_PLACE_H
#define GPUAS_PLACE_H

#include <gpuas/visit.h>

#include "walk.h"

/**
 * struct place - A position in a tree
 * @pos: offset into the half; up to and including its size, so that the end of
 *	the last table is a position like any other
 * @level: level of the table that is looked at
 * @leaving: @pos is behind the last entry of that table that is of interest
 * @table: the tables on the way and the entries last loaded of them, by level
 */
struct place {
	uint64_t pos;
	unsigned int level;
	bool leaving;
	struct {
		const uint64_t *ptr;
		gpuas_pa_t pa;
		enum gpuas_whose whose;
		uint64_t entry;
	} table[GPUAS_LEVELS_MAX];
};

/* To the root's entry for @pos. */
void gpuas_place_root_(const struct gpuas_space *space, struct place *place,
		       uint64_t pos);

/* Say what the entry is that was loaded last at this level, and covers @pos. */
void gpuas_place_step_(const struct gpuas_space *space,
		       const struct place *place, uint64_t pos,
		       struct gpuas_step *step);

/* Down through a table entry; false, and @step says so, if it cannot be read. */
bool gpuas_place_enter_(const struct gpuas_space *space, struct place *place,
			struct gpuas_step *step);

static inline uint64_t place_load_(const struct gpuas_space *space,
				   struct place *place)
{
	unsigned int index = index_(&space->geo, place->level, place->pos);
	uint64_t entry;

	entry = gpuas_entry_load(&place->table[place->level].ptr[index]);
	place->table[place->level].entry = entry;
	return entry;
}

/* Is there nothing more up to @last in this table, which is not the root? */
static inline bool place_behind_(const struct gpuas_space *space,
				 const struct place *place, uint64_t last)
{
	return place->level < space->top &&
	       (place->pos > last ||
		!index_(&space->geo, place->level, place->pos));
}

static inline bool place_done_(const struct place *place, uint64_t last)
{
	return place->pos > last && !place->leaving;
}

/* Is this one of the tables on the way? */
static inline bool place_has_(const struct gpuas_space *space,
			      const struct place *place, gpuas_pa_t pa)
{
	unsigned int level = place->level;

	while (level < space->top && place->table[level].pa != pa)
		level++;
	return place->table[level].pa == pa;
}

/* Behind the entry. */
static inline void place_next_(const struct gpuas_space *space,
			       struct place *place, uint64_t last)
{
	place->pos = span_last_(&space->geo, place->level, place->pos) + 1;
	place->leaving = place_behind_(space, place, last);
}

/* Out of the table. */
static inline void place_up_(const struct gpuas_space *space,
			     struct place *place, uint64_t last)
{
	place->level++;
	place->leaving = place_behind_(space, place, last);
}

#endif /* GPUAS_PLACE_H */
