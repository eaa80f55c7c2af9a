/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The way down a tree, for operations that change it: only through tables that
 * the handle owns. Private to lib/. Positions are offsets into the half, so that
 * nothing wraps at the top of the address space; ranges are first to last,
 * inclusive.
 */
#ifndef GPUAS_WALK_H
#define GPUAS_WALK_H

#include "entry.h"

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

/* The same, and -GPUAS_EPERM if the range is not inside the window. */
int gpuas_window_(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  uint64_t *first, uint64_t *last);

/* The ownership oracle; a handle without one owns nothing. */
bool gpuas_owned_(const struct gpuas_space *space, gpuas_pa_t pa);

/* Checked borrow of a table; NULL also beyond the PA size. */
uint64_t *gpuas_borrow_(const struct gpuas_space *space, gpuas_pa_t pa);

/*
 * Descend from the root towards @pos until an entry is no table, or to level 0.
 * -GPUAS_EPERM at a table that is not owned, -GPUAS_EFAULT at one that cannot be
 * borrowed.
 */
int gpuas_descend_(const struct gpuas_space *space, uint64_t pos,
		   struct walk *walk);

/* Last position, up to @last, that the table or hole where @walk ended covers. */
uint64_t gpuas_walk_end_(const struct gpuas_space *space,
			 const struct walk *walk, uint64_t pos, uint64_t last);

/* Set @count tables aside, all or none. */
int gpuas_spares_get_(struct gpuas_space *space, uint32_t count);

/* Give the spares back that are left. */
void gpuas_spares_put_(struct gpuas_space *space);

/* Link one spare, zeroed, into @entry; the caller made sure that there is one. */
uint64_t gpuas_spare_link_(struct gpuas_space *space, uint64_t *entry);

/*
 * Clear all leaves in a range that was found to be clearable, unlink tables that
 * became empty, flush, free them.
 */
void gpuas_clear_(struct gpuas_space *space, uint64_t first, uint64_t last);

#endif /* GPUAS_WALK_H */
