// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Replacing: all tables are had first, then the old leaves go, are flushed, and
 * the new ones come. Tables that are emptied in between stay, as they are needed
 * again at once.
 */
#include "over.h"

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
		err = over_survey_(space, &walk, first, last, &pattern, &need);
	if (!err)
		err = gpuas_spares_get_(space, need.tables);
	if (err)
		return err;
	err = over_fill_(space, &walk, first, last, &pattern, bits);
	gpuas_finish_(space, had);
	return err;
}
