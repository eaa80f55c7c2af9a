/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_VISIT_H
#define GPUAS_VISIT_H

#include <gpuas/space.h>

GPUAS_BEGIN_DECLS

/**
 * enum gpuas_whose - Whose a table is, as a handle sees it
 * @GPUAS_FOREIGN: somebody else's: the handle only reads it
 * @GPUAS_LENT: somebody else's, but the handle writes entries into it, in its window:
 *	the table that it was opened at, if it has a window
 * @GPUAS_OWNED: the handle allocated it
 */
enum gpuas_whose {
	GPUAS_FOREIGN,
	GPUAS_LENT,
	GPUAS_OWNED,
};

/**
 * struct gpuas_step - One entry met on a walk
 * @va: first VA that the entry covers
 * @size: bytes that it covers
 * @level: level of the table that holds it
 * @index: its index there
 * @table: PA of that table
 * @whose: whose that table is
 * @entry: the entry as loaded, once
 * @kind: what it is
 * @pa: output address of a page or block, address of a table; 0 otherwise
 * @attr: attributes of a page or block; 0 otherwise
 * @window: the entry lies in the handle's window
 * @owned: the entry leads to a table of this handle's
 * @unreadable: the entry leads to a table that the environment will not lend;
 *	nothing below it is visited
 * @post: a table is left, and not entered
 *
 * An address beyond the PA size is reported as it stands in the entry; a table
 * there is unreadable, without the environment being asked.
 */
struct gpuas_step {
	gpuas_va_t va;
	uint64_t size;
	unsigned int level;
	unsigned int index;
	gpuas_pa_t table;
	enum gpuas_whose whose;
	uint64_t entry;
	enum gpuas_kind kind;
	gpuas_pa_t pa;
	gpuas_attr_t attr;
	bool window;
	bool owned;
	bool unreadable;
	bool post;
};

/**
 * typedef gpuas_visitor_t - Called for each entry that is not a hole
 * @ctx: as given to gpuas_visit()
 * @step: the entry; valid during the call
 *
 * Return: 0 to go on; anything else ends the walk and becomes its result.
 */
typedef int (*gpuas_visitor_t)(void *ctx, const struct gpuas_step *step);

/**
 * gpuas_visit() - Walk a range of any tree, whoever built it
 * @space: the handle
 * @va: first VA, granule-aligned
 * @size: bytes, a multiple of the granule, not 0
 * @visitor: called in order of VA, a table before its contents
 * @ctx: for the visitor
 *
 * Reads only, allocates nothing, uses no recursion. Every table is borrowed
 * through the environment's check, and every entry loaded once. The tree is
 * never deeper than its geometry, so a tree that loops back into itself is
 * visited to that depth and no further. A hole costs one load, at whatever level.
 *
 * Return: 0 at the end of the range; -GPUAS_EINVAL, -GPUAS_EOVERFLOW or
 * -GPUAS_ERANGE for a range that the handle does not cover; what the visitor returned.
 */
int gpuas_visit(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		gpuas_visitor_t visitor, void *ctx);

/**
 * struct gpuas_cursor - Where an interrupted walk goes on
 * @next: offset of the next entry from the start of what the handle covers
 * @last: last offset of the range
 * @level: level of the table that holds the next entry
 * @leaving: that table has been seen to its end, or to the end of the range
 * @post: tables are met a second time, after their contents
 *
 * Set @post after gpuas_cursor_init(), and leave the rest alone. A walk has ended
 * when @next is above @last, and @leaving is false.
 */
struct gpuas_cursor {
	uint64_t next;
	uint64_t last;
	uint8_t level;
	bool leaving;
	bool post;
};

/**
 * gpuas_cursor_init() - Put a cursor at the start of a range
 * @cursor: filled; @post is false
 * @space: the handle
 * @va: first VA, granule-aligned
 * @size: bytes, a multiple of the granule; 0: all that the handle covers, whatever @va
 *
 * Return: 0; -GPUAS_EINVAL, -GPUAS_EOVERFLOW or -GPUAS_ERANGE as for
 * gpuas_visit(), with the cursor as it was.
 */
int gpuas_cursor_init(struct gpuas_cursor *cursor,
		      const struct gpuas_space *space, gpuas_va_t va,
		      uint64_t size);

/**
 * gpuas_visit_some() - Walk on, but no further than a number of entries
 * @space: the handle; may be another one of the same shape, opened at the same table,
 *	than before
 * @cursor: moved behind what was visited
 * @budget: entries to load at most; counted down. One that is 0 ends the call
 * @visitor: as for gpuas_visit(); with @cursor->post also called when a table that
 *	was entered is left, which costs nothing of the budget
 * @ctx: for the visitor
 *
 * The bounded walk for hostile trees: takes no lock, allocates nothing, can be
 * used with interrupts off, and forgets everything but the cursor between calls,
 * so that the tree may change meanwhile. On the way to the cursor after a resume,
 * tables are met again, and not reported again; that takes GPUAS_LEVELS_MAX - 1
 * loads at most beyond the budget, so that any budget gets on.
 *
 * Where the way to the cursor has changed, the walk goes on with the entry that
 * is in the way, although it may begin before the cursor: what is mapped now is
 * not missed. A table that is gone is not left.
 *
 * Return: 0 at the end of the range; -GPUAS_EAGAIN if the budget ended before; what
 * the visitor returned, with the cursor behind the entry it was called for: for a
 * table, at its first entry, or with @step->post behind all of it.
 */
int gpuas_visit_some(const struct gpuas_space *space,
		     struct gpuas_cursor *cursor, unsigned int *budget,
		     gpuas_visitor_t visitor, void *ctx);

/**
 * gpuas_visit_all() - Walk all that the handle covers: the half, or below a root
 * @space: the handle
 * @visitor: as for gpuas_visit()
 * @ctx: for the visitor
 *
 * Return: as for gpuas_visit().
 */
int gpuas_visit_all(const struct gpuas_space *space, gpuas_visitor_t visitor,
		    void *ctx);

/**
 * struct gpuas_mapped - What is mapped from one VA on
 * @va: first VA
 * @size: bytes
 * @pa: PA of the first byte
 * @attr: attributes of all of it
 */
struct gpuas_mapped {
	gpuas_va_t va;
	uint64_t size;
	gpuas_pa_t pa;
	gpuas_attr_t attr;
};

/**
 * gpuas_mapped_next() - Find the next extent that is mapped in a range
 * @space: the handle
 * @cursor: from gpuas_cursor_init(), with @post false; moved behind the extent
 * @budget: entries to load at most; counted down. One that is 0 ends the call
 * @mapped: set to the extent
 *
 * For who has to know what is mapped, as to evict it: pages and blocks that follow each
 * other in VA and in PA, with the same attributes, are one extent, across tables too, as
 * long as the budget lasts. What the budget cut is found as two. Bounded and without a
 * trace between calls like gpuas_visit_some(), so the tree may change in between, also
 * by unmapping what was found.
 *
 * A block that reaches into the range is reported with all that it maps. Foreign tables
 * are read too: an extent is in the handle's window or not, as a root's entries are.
 *
 * Return: 0; -GPUAS_ENOENT at the end of the range; -GPUAS_EAGAIN if the budget ended
 * before anything was found. @mapped is set on success only.
 */
int gpuas_mapped_next(const struct gpuas_space *space, struct gpuas_cursor *cursor,
		      unsigned int *budget, struct gpuas_mapped *mapped);

/**
 * gpuas_path() - Note every entry on the way from the root to a VA
 * @space: the handle; opened at another table, the way begins there
 * @va: any VA that the handle covers
 * @step: filled from there down; the last one is a page, a block, a hole, a
 *	reserved encoding, or a table that cannot be read
 * @steps: set to their number, 1 to GPUAS_LEVELS_MAX
 *
 * Return: 0; -GPUAS_ERANGE if the handle does not cover @va.
 */
int gpuas_path(const struct gpuas_space *space, gpuas_va_t va,
	       struct gpuas_step step[GPUAS_LEVELS_MAX], unsigned int *steps);

GPUAS_END_DECLS

#endif /* GPUAS_VISIT_H */
