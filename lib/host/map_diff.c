// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The second layer of a map: what is not the same in another file. */
#include <stdlib.h>
#include <string.h>

#include "map.h"

static void found(void *ctx, const struct difference *difference)
{
	struct track *track = ctx;
	struct difference *more;

	if (track->differences == track->differences_max) {
		track->differences_max = track->differences_max * 2 + 64;
		more = memory(track->differences_max, sizeof(*more));
		if (track->differences)
			memcpy(more, track->difference, track->differences * sizeof(*more));
		free(track->difference);
		track->difference = more;
	}
	track->difference[track->differences++] = *difference;
}

void map_compare(struct map *map, struct track *track)
{
	struct comparison *comparison = &map->comparison;

	comparison->found = found;
	comparison->ctx = track;
	if (track->closed)
		compare_spaces(comparison, track->space, track->other);
	else if (track->kind == GPUAS_SNAP_MEMORY)
		compare_regions(comparison);
}
