// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Replacing: all tables are had first, then the old leaves go, are flushed, and
 * the new ones come. Tables that are emptied in between stay, as they are needed
 * again at once.
 */
#include "walk.h"

static int have_tables(struct gpuas_space *space, struct walk *walk,
		       uint64_t first, uint64_t last,
		       const struct source *source)
{
	uint32_t splits, tables;
	int err;

	err = gpuas_survey_(space, walk, first, last, false, &splits);
	if (!err)
		err = gpuas_map_survey_(space, walk, first, source, true, &tables);
	/* What is left over where both count the same goes back in the end. */
	return err ? err : gpuas_spares_get_(space, splits + tables);
}

static int exchange(struct gpuas_space *space, struct walk *walk, uint64_t first,
		    uint64_t last, const struct source *source, uint64_t bits)
{
	int err;

	gpuas_clear_(space, walk, first, last, true);
	/*
	 * Break before make, also inside a gather: walkers must have forgotten the
	 * old leaves before the new ones stand where they stood.
	 */
	settle_range_(space, first, last);
	err = gpuas_map_fill_(space, walk, first, source, bits);
	gpuas_clean_(space);
	gpuas_gather_made_(space, first, last);
	return err;
}

int gpuas_replace(struct gpuas_space *space, gpuas_va_t va,
		  const struct gpuas_extent *list, unsigned int pieces,
		  gpuas_attr_t attr)
{
	const struct source source = { .list = list, .pieces = pieces };
	uint64_t first, last, size = 0, bits;
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
		err = have_tables(space, &walk, first, last, &source);
	if (err)
		return err;
	err = gpuas_split_(space, &walk, first, last);
	if (!err)
		err = exchange(space, &walk, first, last, &source, bits);
	gpuas_finish_(space, had);
	return err;
}
