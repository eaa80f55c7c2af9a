// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Mapping the same memory again and again. One page is a single piece whose output does not
 * count up; of a longer pattern, each repetition is a piece of its own, so that it gets
 * blocks where they fit.
 */
#include "walk.h"

/**
 * struct piece - One of the pieces of a pattern, as a source
 * @extent: what it maps
 * @source: leads to that
 */
struct piece {
	struct gpuas_extent extent;
	struct source source;
};

/* The piece of a pattern that is repeated from @pos on; returns its end. */
static uint64_t piece_at(const struct gpuas_space *space, struct piece *piece,
			 const struct pattern *pattern, uint64_t pos, uint64_t last)
{
	piece->extent = *pattern->list;
	piece->source.list = &piece->extent;
	piece->source.pieces = 1;
	piece->source.page = piece->extent.size == granule_(&space->geo);
	if (piece->source.page || piece->extent.size > last - pos)
		piece->extent.size = last - pos + 1;
	return pos + piece->extent.size - 1;
}

int gpuas_pattern_survey_(const struct gpuas_space *space, struct walk *walk,
			  uint64_t first, uint64_t last,
			  const struct pattern *pattern, bool replace,
			  struct need *need)
{
	struct piece piece = {
		.source = { .list = pattern->list, .pieces = pattern->pieces },
	};
	uint64_t end;
	int err = 0;

	if (!pattern->repeat)
		return gpuas_map_survey_(space, walk, first, &piece.source, replace, need);
	for (; !err && first <= last; first = end + 1) {
		end = piece_at(space, &piece, pattern, first, last);
		err = gpuas_map_survey_(space, walk, first, &piece.source,
					replace, need);
	}
	return err;
}

int gpuas_pattern_fill_(struct gpuas_space *space, struct walk *walk,
			uint64_t first, uint64_t last,
			const struct pattern *pattern, uint64_t bits)
{
	struct piece piece = {
		.source = { .list = pattern->list, .pieces = pattern->pieces },
	};
	uint64_t pos, end;
	int err = 0;

	if (!pattern->repeat)
		return gpuas_map_fill_(space, walk, first, &piece.source, bits);
	for (pos = first; pos <= last; pos = end + 1) {
		end = piece_at(space, &piece, pattern, pos, last);
		err = gpuas_map_fill_(space, walk, pos, &piece.source, bits);
		if (err)
			break;
	}
	if (err && pos > first)
		gpuas_clear_(space, walk, first, pos - 1, false);
	return err;
}

int gpuas_map_repeat(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		     uint64_t length, uint64_t size, gpuas_attr_t attr)
{
	const struct gpuas_extent piece = { .pa = pa, .size = length };
	const struct source once = { .list = &piece, .pieces = 1 };
	const struct pattern pattern = { .list = &piece, .pieces = 1, .repeat = true };
	struct need need = NEED_NOTHING;
	uint32_t had = space->spares;
	uint64_t first, last, bits;
	struct walk walk;
	int err;

	gpuas_walk_start_(space, &walk);
	err = gpuas_window_(space, va, size, &first, &last);
	if (!err)
		err = gpuas_source_check_(&space->geo, &once, &length);
	if (!err)
		err = gpuas_encode_(space, attr, &bits);
	if (!err)
		err = gpuas_pattern_survey_(space, &walk, first, last, &pattern,
					    false, &need);
	if (!err)
		err = gpuas_spares_get_(space, need.tables);
	if (err)
		return err;
	settle_range_(space, first, last);
	err = gpuas_pattern_fill_(space, &walk, first, last, &pattern, bits);
	gpuas_gather_made_(space, first, last);
	gpuas_finish_(space, had);
	return err;
}
