/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_INSPECT_H
#define GPUAS_INSPECT_H

#include <gpuas/text.h>
#include <gpuas/visit.h>

/**
 * enum gpuas_wrong - What can be wrong with an entry of somebody else's tree
 * @GPUAS_WRONG_ADDRESS: it points outside the RAM that was named, or beyond the
 *	PA size
 * @GPUAS_WRONG_TYPE: a reserved encoding, or a block where the format has none
 * @GPUAS_WRONG_BITS: a reserved address bit is set (of a block below its size, or
 *	above the PA size), or an entry that is invalid and not zero
 * @GPUAS_WRONG_UNREADABLE: the environment will not lend the table
 * @GPUAS_WRONG_CYCLE: it points to a table on its own path from the root
 * @GPUAS_WRONG_SHARED: it points to a table that was reached before
 * @GPUAS_WRONG_OVERLAP: it maps, or has a table in, memory of one of the ranges
 *	that belong to the inspector
 * @GPUAS_WRONG_STALE: it is not empty, in the root, in the inspector's window
 * @GPUAS_WRONG_MANY: there are more tables than the inspector can remember: whether
 *	later ones are shared is not known (reported once)
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
 * struct gpuas_inspector - What a tree is judged by, and memory to work with
 * @ram: ranges of RAM; every table and every page has to lie in one of them
 * @rams: how many; 0: not judged
 * @own: ranges that nobody else may map or keep tables in
 * @owns: how many
 * @seen: memory for @seen_max table addresses
 * @seen_max: how many tables can be told from each other
 * @budget: entries to load at most, 0: no limit but the tree's own
 */
struct gpuas_inspector {
	const struct gpuas_extent *ram;
	unsigned int rams;
	const struct gpuas_extent *own;
	unsigned int owns;
	gpuas_pa_t *seen;
	unsigned int seen_max;
	unsigned int budget;
};

/**
 * gpuas_inspect() - Judge a tree that somebody else built
 * @space: a handle on it; its window is the inspector's, and may be empty
 * @inspector: see there
 * @finder: called for each finding, in the order of VA
 * @ctx: for the finder
 *
 * Reads only, allocates nothing; the work is bounded by @budget, or else by what
 * the geometry allows. A table that was reached before, or that is on its own
 * path, is not entered again.
 *
 * Return: 0 at the end of the tree, whatever was found; -GPUAS_EAGAIN if the budget
 * ended before; what the finder returned.
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

#endif /* GPUAS_INSPECT_H */
