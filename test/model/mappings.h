/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What should be mapped: a sorted list of runs of equal leaves, and what each
 * operation does to it. Offsets are into the half.
 */
#ifndef MAPPINGS_H
#define MAPPINGS_H

#include "armwalk.h"

/**
 * struct mapping - A run of leaves of one size, or a foreign table
 * @off: first offset
 * @count: leaves
 * @height: 0 pages, 1 and up blocks
 * @pa: of the first leaf
 * @repeat: all leaves have that PA; else it counts up
 * @attr: of all of them
 * @foreign: they are no leaves: one entry that leads to the table at @pa
 */
struct mapping {
	uint64_t off;
	uint64_t count;
	unsigned int height;
	uint64_t pa;
	bool repeat;
	gpuas_attr_t attr;
	bool foreign;
};

/**
 * struct mappings - The list
 * @mmu: for the shape: sizes, heights, where blocks are legal
 * @blocks: maps use blocks
 * @top: height of the table that maps are made below
 * @at: the runs
 * @n: how many
 * @room: for how many there is memory
 */
struct mappings {
	const struct arm_mmu *mmu;
	bool blocks;
	unsigned int top;
	struct mapping *at;
	unsigned int n;
	unsigned int room;
};

/* First offset behind a run; bytes of one of its leaves. */
uint64_t mapping_end(const struct mappings *maps, const struct mapping *run);
uint64_t mapping_size(const struct mappings *maps, const struct mapping *run);

/* Index of the first run that ends behind @off. */
unsigned int maps_find(const struct mappings *maps, uint64_t off);

/* Are there any leaves in the range? Any foreign tables? */
bool maps_busy(const struct mappings *maps, uint64_t first, uint64_t last);
bool maps_planted(const struct mappings *maps, uint64_t first, uint64_t last);

/* The leaf at an offset. */
bool maps_lookup(const struct mappings *maps, uint64_t off, struct arm_leaf *leaf);

/* Make leaves end at @off: split the block that does not. */
void maps_cut(struct mappings *maps, uint64_t off);

/* The block, if any, that maps_cut() would split. */
bool maps_cuts(const struct mappings *maps, uint64_t off, uint64_t *first,
	       uint64_t *last);

void maps_clear(struct mappings *maps, uint64_t first, uint64_t last);
void maps_put(struct mappings *maps, uint64_t off, uint64_t pa, uint64_t size,
	      gpuas_attr_t attr);
/* The same over whatever is there: where a table is, it stays, and no block goes. */
void maps_replace(struct mappings *maps, uint64_t off, uint64_t pa, uint64_t size,
		  gpuas_attr_t attr, const struct mappings *old);
/* A list to compare with later; room for it is in @copy. */
void maps_copy(const struct mappings *maps, struct mappings *copy);
void maps_repeat(struct mappings *maps, uint64_t off, uint64_t pa, uint64_t size,
		 gpuas_attr_t attr);
/* An entry at a height, so far empty, leads to a foreign table. */
void maps_plant(struct mappings *maps, uint64_t off, unsigned int height, uint64_t pa);
/* Drop everything, but for foreign tables at a height. */
void maps_release(struct mappings *maps, uint64_t first, uint64_t last, unsigned int height);
void maps_protect(struct mappings *maps, uint64_t first, uint64_t last,
		  gpuas_attr_t attr);

/* Tables below one at height @top that serve a range of what is mapped. */
uint32_t maps_tables(const struct mappings *maps, unsigned int top, uint64_t first,
		     uint64_t last);

/* Tables below the top that pages all over the range need, and are missing. */
uint32_t maps_missing(const struct mappings *maps, uint64_t first, uint64_t last);

#endif /* MAPPINGS_H */
