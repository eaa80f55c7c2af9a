// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The tracks of a map, and what is in each. */
#include <stdlib.h>

#include "map.h"
#include "out.h"

static bool is_in(const struct track *track, const struct gpuas_snap_extent *extent)
{
	if (track->closed)
		return has_va(extent) && extent->space == track->space;
	return extent->kind == track->kind;
}

static void add_box(struct track *track, const struct gpuas_snap_extent *extent,
		    const struct difference *difference)
{
	const uint64_t start = extent ? extent_start(extent) : difference->va;
	const uint64_t size = extent ? extent->size : difference->size;

	track->box[track->boxes++] = (struct box){ start, start + (size - 1), extent, difference };
}

/* What starts at one address stays in the order of the file. */
static int by_start(const void *a, const void *b)
{
	const struct box *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->extent == y->extent ? 0 : x->extent < y->extent ? -1 : 1;
}

static void fill(struct map *map, struct track *track)
{
	const struct gpuas_snapshot *snapshot = &map->a->snapshot;
	uint32_t i;
	size_t j;

	if (map->b)
		map_compare(map, track);
	track->box = memory(snapshot->extents + track->differences + 1, sizeof(*track->box));
	for (i = 0; i < snapshot->extents; i++) {
		if (is_in(track, &snapshot->extent[i]))
			add_box(track, &snapshot->extent[i], NULL);
	}
	for (j = 0; j < track->differences; j++) {
		if (track->difference[j].change == CHANGE_MAPPED)
			add_box(track, NULL, &track->difference[j]);
	}
	qsort(track->box, track->boxes, sizeof(*track->box), by_start);
}

static struct track *new_track(struct map *map)
{
	struct track *track = &map->track[map->tracks];

	map->tracks++;
	track->space = GPUAS_SNAP_NO_SPACE;
	track->other = GPUAS_SNAP_NO_SPACE;
	return track;
}

static void add_space(void *ctx, uint16_t i, uint16_t j)
{
	struct map *map = ctx;
	const struct gpuas_snap_space *space = i != GPUAS_SNAP_NO_SPACE ?
		&map->a->snapshot.space[i] : &map->b->snapshot.space[j];
	const uint64_t low = (1ULL << space->geo.va_bits) - 1;
	struct track *track;

	if (map->tracks == MAP_SPACES_MAX) {
		map->left_out++;
		return;
	}
	track = new_track(map);
	space_text(i != GPUAS_SNAP_NO_SPACE ? map->a : map->b, space, track->heading);
	track->space = i;
	track->other = j;
	track->closed = true;
	track->from = space->geo.upper ? ~low : 0;
	track->to = space->geo.upper ? ~0ULL : low;
	fill(map, track);
}

/* Tables lie in regions: each kind has a track of its own, so that nothing lies in another. */
static void add_kind(struct map *map, enum gpuas_snap_kind kind, const char *heading)
{
	struct track *track = new_track(map);

	snprintf(track->heading, sizeof(track->heading), "%s", heading);
	track->kind = kind;
	fill(map, track);
	if (!track->boxes) {
		free(track->box);
		free(track->difference);
		*track = (struct track){ .boxes = 0 };
		map->tracks--;
		return;
	}
	track->from = track->box[0].start;
	track->to = track->from;
}

void map_tracks(struct map *map)
{
	compare_pairs(&map->a->snapshot, map->b ? &map->b->snapshot : NULL, add_space, map);
	add_kind(map, GPUAS_SNAP_MEMORY, "regions, by PA");
	add_kind(map, GPUAS_SNAP_TABLE, "tables, by PA");
	progress_end();
}

void map_free(struct map *map)
{
	unsigned int i;

	for (i = 0; i < map->tracks; i++) {
		free(map->track[i].box);
		free(map->track[i].item);
		free(map->track[i].difference);
		free(map->track[i].mark);
	}
	free(map);
}
