/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What differs between two snapshots. */
#ifndef GPUAS_HOST_COMPARE_H
#define GPUAS_HOST_COMPARE_H

#include "images.h"

/**
 * enum change - What happened to a range between A and B
 * @CHANGE_NONE: nothing
 * @CHANGE_MAPPED: B has it, A has not
 * @CHANGE_UNMAPPED: A has it, B has not
 * @CHANGE_MOVED: B has another PA there, or an entry of another kind
 * @CHANGE_ATTRIBUTES: B has other bits in the entry
 * @CHANGE_CONTENTS: B has other bytes there
 */
enum change {
	CHANGE_NONE,
	CHANGE_MAPPED,
	CHANGE_UNMAPPED,
	CHANGE_MOVED,
	CHANGE_ATTRIBUTES,
	CHANGE_CONTENTS,
	CHANGES,
};

/**
 * struct difference - A range that is not the same
 * @change: how
 * @va: first VA; of memory that is not mapped, PA
 * @size: bytes
 * @a: what A has there; NULL: nothing
 * @b: what B has there; NULL: nothing
 */
struct difference {
	enum change change;
	uint64_t va;
	uint64_t size;
	const struct gpuas_snap_extent *a;
	const struct gpuas_snap_extent *b;
};

/**
 * struct comparison - Two snapshots beside each other
 * @a: one
 * @b: the other
 * @of_a: memory of A; NULL: contents are not compared
 * @of_b: memory of B
 * @rough: one of them has not all bits of the entries: rights and kind of memory count
 * @total: bytes of what A has, for progress
 * @done: how many of them were looked at
 * @not_compared: bytes of what both have whose contents only one file has, or none for want of room
 * @found: called for each difference
 * @ctx: for it
 */
struct comparison {
	const struct gpuas_snapshot *a;
	const struct gpuas_snapshot *b;
	const struct image *of_a;
	const struct image *of_b;
	bool rough;
	uint64_t total;
	uint64_t done;
	uint64_t not_compared;
	void (*found)(void *ctx, const struct difference *difference);
	void *ctx;
};

/* Of all that two files have; who takes it says what is called. */
struct comparison comparison_of(const struct image *a, const struct image *b);

/*
 * Spaces that are the same in both, by tag and name, or by root; each is in one pair. One that the
 * other file has not is a pair with GPUAS_SNAP_NO_SPACE, as all are if @b is NULL; those of B come
 * last.
 */
void compare_pairs(const struct gpuas_snapshot *a, const struct gpuas_snapshot *b,
		   void (*each)(void *ctx, uint16_t i, uint16_t j), void *ctx);

/* What is mapped in space @i of A and @j of B; GPUAS_SNAP_NO_SPACE: A, or B, has none. */
void compare_spaces(struct comparison *comparison, uint16_t i, uint16_t j);

/* Regions' memory that is neither mapped nor a table in A or B: its contents. */
void compare_regions(struct comparison *comparison);

/* difference.c: what happened, as a word. */
const char *change_name(enum change change);

/* The first address, as in the file that has it: B, or A where B has nothing. */
uint64_t difference_address(const struct comparison *comparison,
			    const struct difference *difference);

/* The line of a difference; and what was there, where one can tell, which is for its end. */
void difference_line(const struct comparison *comparison, const struct difference *difference,
		     struct gpuas_text *line, struct gpuas_text *was);

#endif /* GPUAS_HOST_COMPARE_H */
