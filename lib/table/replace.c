// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Replacing: all tables are had first, then the old leaves go, are flushed, and
 * the new ones come. Tables that are emptied in between stay, as they are needed
 * again at once.
 */
#include "walk.h"

/* Is the range empty, with nothing of others in the way? Counts the tables. */
static bool vacant(const struct gpuas_space *space, struct walk *walk,
		   uint64_t first, uint64_t last, const struct pattern *pattern,
		   struct need *need)
{
	return !gpuas_pattern_survey_(space, walk, first, last, pattern, false, need);
}

int gpuas_over_survey_(const struct gpuas_space *space, struct walk *walk,
		       uint64_t first, uint64_t last, const struct pattern *pattern,
		       struct need *need)
{
	struct need splits = NEED_NOTHING, again = *need;
	int err;

	if (vacant(space, walk, first, last, pattern, need))
		return 0;
	err = gpuas_survey_(space, walk, first, last, false, &splits);
	*need = again;
	/* A table that a cut takes lies partly in the range, so a map needs it as well. */
	return err ? err : gpuas_pattern_survey_(space, walk, first, last, pattern, true, need);
}

/*
 * Break before make, also inside a gather: walkers must have forgotten the old leaves
 * before the new ones stand where they stood.
 */
static int exchange(struct gpuas_space *space, struct walk *walk, uint64_t first,
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

int gpuas_over_fill_(struct gpuas_space *space, struct walk *walk, uint64_t first,
		     uint64_t last, const struct pattern *pattern, uint64_t bits)
{
	struct need need = NEED_NOTHING;
	int err;

	if (vacant(space, walk, first, last, pattern, &need)) {
		settle_range_(space, first, last);
		err = gpuas_pattern_fill_(space, walk, first, last, pattern, bits);
		gpuas_gather_made_(space, first, last);
		return err;
	}
	err = gpuas_split_(space, walk, first, last);
	return err ? err : exchange(space, walk, first, last, pattern, bits);
}

int gpuas_replace(struct gpuas_space *space, gpuas_va_t va,
		  const struct gpuas_extent *list, unsigned int pieces,
		  gpuas_attr_t attr)
{
	const struct source source = { .list = list, .pieces = pieces };
	const struct pattern pattern = { .list = list, .pieces = pieces };
	uint64_t first, last, size = 0, bits;
	struct need need = NEED_NOTHING;
	uint32_t had = space->spares;
	struct walk walk;
	int err;

	gpuas_walk_start_(space, &walk);
	err = gpuas_source_check_(&space->geo, &source, &size);
	if (!err)
		err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = gpuas_encode_(space, attr, &bits);
	if (!err)
		err = gpuas_over_survey_(space, &walk, first, last, &pattern, &need);
	if (!err)
		err = gpuas_spares_get_(space, need.tables);
	if (err)
		return err;
	err = gpuas_over_fill_(space, &walk, first, last, &pattern, bits);
	gpuas_finish_(space, had);
	return err;
}
