/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_OVER_H
#define GPUAS_OVER_H

#include "walk.h"

/*
 * Mapping over whatever is there, for replace.c and ops.c: the survey has all that can be
 * refused, and counts what splits take. Inline, as the stack below each is deep.
 */

/* Is the range empty, with nothing of others in the way? Counts the tables. */
static inline bool vacant_(const struct gpuas_space *space, struct walk *walk,
		   uint64_t first, uint64_t last, const struct pattern *pattern,
		   struct need *need)
{
	return !gpuas_pattern_survey_(space, walk, first, last, pattern, false, need);
}

static inline int over_survey_(const struct gpuas_space *space, struct walk *walk,
		       uint64_t first, uint64_t last, const struct pattern *pattern,
		       struct need *need)
{
	const struct need again = *need;
	int err;

	if (vacant_(space, walk, first, last, pattern, need))
		return 0;
	err = gpuas_survey_(space, walk, first, last, false, need);
	*need = again;
	/* A table that a cut takes lies partly in the range, so a map needs it as well. */
	return err ? err : gpuas_pattern_survey_(space, walk, first, last, pattern, true, need);
}

/*
 * Break before make, also inside a gather: walkers must have forgotten the old leaves
 * before the new ones stand where they stood.
 */
static inline int exchange_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		    uint64_t last, const struct pattern *pattern, uint64_t bits)
{
	int err;

	stall_(space, first, last);
	gpuas_clear_(space, walk, first, last, true);
	gpuas_settle_range_(space, first, last);
	settle_range_(space, first, last);
	err = gpuas_pattern_fill_(space, walk, first, last, pattern, bits);
	gpuas_made_(space, first, last);
	return err;
}

static inline int over_fill_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		     uint64_t last, const struct pattern *pattern, uint64_t bits)
{
	struct need need = NEED_NOTHING;
	int err;

	if (vacant_(space, walk, first, last, pattern, &need)) {
		settle_range_(space, first, last);
		err = gpuas_pattern_fill_(space, walk, first, last, pattern, bits);
		gpuas_gather_made_(space, first, last);
		return err;
	}
	err = gpuas_split_(space, walk, first, last);
	return err ? err : exchange_(space, walk, first, last, pattern, bits);
}

#endif /* GPUAS_OVER_H */
