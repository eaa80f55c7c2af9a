/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_INSPECT_H
#define GPUAS_INSPECT_H

#include <gpuas/text.h>
#include <gpuas/visit.h>

GPUAS_BEGIN_DECLS

/**
 * enum gpuas_wrong - What can be wrong with an entry of somebody else's tree
 * @GPUAS_WRONG_ADDRESS: what it points to, all of it, is not in the RAM that was
 *	named, or lies beyond the PA size
 * @GPUAS_WRONG_TYPE: valid for the walker, but a reserved encoding, or a block
 *	where the format has none
 * @GPUAS_WRONG_BITS: an address bit is set that is reserved: below the size of
 *	what it points to (bit 12 and up), or 48 and 49 (Arm ARM DDI 0487, D8.3, without
 *	the 52-bit extensions); or the entry is invalid and not zero
 * @GPUAS_WRONG_UNREADABLE: the environment will not lend the table
 * @GPUAS_WRONG_CYCLE: it points to a table on its own path from the root
 * @GPUAS_WRONG_SHARED: it points to a table that was reached before
 * @GPUAS_WRONG_OVERLAP: it maps, or has a table in, memory of one of the ranges
 *	that belong to the inspector, and is not the handle's own
 * @GPUAS_WRONG_STALE: it is not empty, in the table that the handle is opened at or the
 *	one that is lent below it, in the inspector's window, and leads neither to a
 *	table of the handle's nor, from the root, to the one that is lent. Whose a page
 *	or block is that stands there, nobody knows
 * @GPUAS_WRONG_MANY: there are more tables than the inspector can remember: whether
 *	others lead to this table too is not known, nor for later ones (reported once)
 *
 * One entry can be wrong in several ways.
 */
enum gpuas_wrong {
	GPUAS_WRONG_ADDRESS,
	GPUAS_WRONG_TYPE,
	GPUAS_WRONG_BITS,
	GPUAS_WRONG_UNREADABLE,
	GPUAS_WRONG_CYCLE,
	GPUAS_WRONG_SHARED,
	GPUAS_WRONG_OVERLAP,
	GPUAS_WRONG_STALE,
	GPUAS_WRONG_MANY,
};

/**
 * struct gpuas_finding - One thing that is wrong
 * @wrong: what
 * @step: the entry
 */
struct gpuas_finding {
	enum gpuas_wrong wrong;
	const struct gpuas_step *step;
};

/**
 * typedef gpuas_finder_t - Called for each finding
 * @ctx: as given
 * @finding: valid during the call
 *
 * Return: 0 to go on; anything else ends the inspection and becomes its result.
 */
typedef int (*gpuas_finder_t)(void *ctx, const struct gpuas_finding *finding);

/**
 * typedef gpuas_judged_t - Called for each entry that is not a hole
 * @ctx: as given
 * @step: the entry, valid during the call
 * @wrong: a bit for each &enum gpuas_wrong that it is, 1 << what; a table with none of
 *	ADDRESS, CYCLE, SHARED and UNREADABLE is entered next
 *
 * Return: 0 to go on; anything else ends the inspection and becomes its result.
 */
typedef int (*gpuas_judged_t)(void *ctx, const struct gpuas_step *step, unsigned int wrong);

/**
 * struct gpuas_inspector - What a tree is judged by, and memory to work with
 * @window: the inspector's window, whose entries in the table that the handle is opened
 *	at have to be empty; a size of 0: not judged. In general not the handle's: a
 *	tree with stale entries cannot be adopted with that window, but can with none
 * @lent: PA of the table that is lent, where the window's entry of the root may lead
 *	to; then the entries of that table have to be empty. NULL: there is none
 * @ram: ranges of RAM, and of what else may be mapped, such as device registers;
 *	all of every table and of every page or block has to lie in them. They may
 *	adjoin, in any order
 * @rams: how many; 0: not judged
 * @own: ranges that nobody else may map or keep tables in
 * @owns: how many
 * @seen: memory for @seen_max table addresses, of any content
 * @seen_max: how many tables can be told from each other, the root not counted;
 *	0: tables that were reached before are not judged, and entered again
 * @budget: entries to load at most; counted down, by the callbacks too if they like, and
 *	ends the inspection when it is 0. NULL: no limit but the tree's own
 * @judged: called for every entry, wrong or not, before the finder; may be NULL
 */
struct gpuas_inspector {
	struct gpuas_range window;
	const gpuas_pa_t *lent;
	const struct gpuas_extent *ram;
	unsigned int rams;
	const struct gpuas_extent *own;
	unsigned int owns;
	gpuas_pa_t *seen;
	unsigned int seen_max;
	unsigned int *budget;
	gpuas_judged_t judged;
};

/**
 * gpuas_inspect() - Judge a tree that somebody else built
 * @space: a handle on it; one with a window of size 0 will do
 * @inspector: see there
 * @finder: called for each finding, in the order of VA, and for one entry in that
 *	of &enum gpuas_wrong
 * @ctx: for the finder, and for @inspector->judged
 *
 * Reads only, allocates nothing, uses no recursion. Tables are entered as a
 * walker would, whatever else is wrong with them, except for those that are not
 * in RAM, cannot be read, were reached before, or are on their own path. So each
 * table is read once as long as @seen has room, and the work is bounded by that;
 * else by @budget, or by what the geometry allows.
 *
 * Return: 0 at the end of the tree, whatever was found; -GPUAS_EAGAIN if the budget
 * ended before; -GPUAS_EINVAL, -GPUAS_EOVERFLOW or -GPUAS_ERANGE for a window that
 * the handle does not cover; what the finder returned.
 */
int gpuas_inspect(const struct gpuas_space *space,
		  const struct gpuas_inspector *inspector,
		  gpuas_finder_t finder, void *ctx);

/**
 * gpuas_finding_text() - Append a finding as a sentence: VA, level, entry, what
 * @text: the line
 * @finding: the finding
 */
void gpuas_finding_text(struct gpuas_text *text,
			const struct gpuas_finding *finding);

GPUAS_END_DECLS

#endif /* GPUAS_INSPECT_H */
