// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The second layer of a map: what is not the same in another file. */
#include <stdlib.h>
#include <string.h>

#include <gpuas/dump.h>

#include "map.h"
#include "out.h"

enum { COLUMN_ADDRESS = 12, COLUMN_SIZE = 52, COLUMN_PA = 59, COLUMN_OWNER = 74 };

const char *change_word(enum change change)
{
	static const char *const word[] = {
		[CHANGE_NONE] = "several",
		[CHANGE_MAPPED] = "mapped",
		[CHANGE_UNMAPPED] = "unmapped",
		[CHANGE_MOVED] = "moved",
		[CHANGE_ATTRIBUTES] = "attributes",
		[CHANGE_CONTENTS] = "contents",
	};

	return word[change];
}

uint16_t map_match(const struct gpuas_snapshot *in, const struct gpuas_snap_space *space)
{
	uint32_t i;

	for (i = 0; i < in->spaces; i++) {
		if (in->space[i].tag == space->tag && gpuas_streq(in->space[i].name, space->name))
			return (uint16_t)i;
	}
	for (i = 0; i < in->spaces; i++) {
		if (in->space[i].root == space->root && in->space[i].geo.upper == space->geo.upper)
			return (uint16_t)i;
	}
	return GPUAS_SNAP_NO_SPACE;
}

/* Where one of the files has in two extents what the other has in one. */
static bool goes_on(const struct difference *last, const struct difference *next)
{
	return last->change == next->change && last->va + last->size == next->va &&
	       last->a == next->a && (next->b ? last->b == next->b : !last->b);
}

static void found(void *ctx, const struct difference *difference)
{
	struct track *track = ctx;
	struct difference *more;

	if (track->differences &&
	    goes_on(&track->difference[track->differences - 1], difference)) {
		track->difference[track->differences - 1].size += difference->size;
		return;
	}
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

void map_compare(const struct map *map, struct track *track)
{
	const struct comparison comparison = {
		.a = &map->a->snapshot, .b = &map->b->snapshot, .of_a = map->a, .of_b = map->b,
		.rough = map->a->kind == IMAGE_AGX || map->b->kind == IMAGE_AGX,
		.found = found, .ctx = track,
	};

	if (track->closed)
		compare_spaces(&comparison, track->space, track->other);
	else if (track->kind == GPUAS_SNAP_MEMORY)
		compare_regions(&comparison);
}

static uint64_t pa_at(const struct gpuas_snap_extent *extent, uint64_t va)
{
	return gpuas_pa_u64(extent->pa) + (va - extent_start(extent));
}

static void put_attr(struct gpuas_text *text, const struct gpuas_snap_extent *extent)
{
	if (extent->kind == GPUAS_SNAP_LEAF)
		gpuas_attr_text(text, extent->attr);
	else if (extent->kind == GPUAS_SNAP_ODD)
		gpuas_text_hex(text, extent->raw, 16);
}

static void put_before(const struct difference *difference, struct gpuas_text *text)
{
	if (difference->change != CHANGE_MOVED && difference->change != CHANGE_ATTRIBUTES)
		return;
	gpuas_text_str(text, ", was ");
	if (difference->change == CHANGE_MOVED)
		gpuas_text_hex(text, pa_at(difference->a, difference->va), 11);
	else
		put_attr(text, difference->a);
}

void difference_line(const struct map *map, const struct difference *difference,
		     struct gpuas_text *text)
{
	const struct image *image = difference->b ? map->b : map->a;
	const struct gpuas_snap_extent *extent = difference->b ? difference->b : difference->a;
	const uint64_t start = gpuas_snap_address(&image->snapshot, extent) +
			       (difference->va - extent_start(extent));
	char owner[REGION_TEXT_MAX];

	gpuas_text_str(text, change_word(difference->change));
	gpuas_text_pad(text, COLUMN_ADDRESS);
	gpuas_text_hex(text, start, 16);
	gpuas_text_str(text, "-");
	gpuas_text_hex(text, start + (difference->size - 1), 16);
	gpuas_text_pad(text, COLUMN_SIZE);
	gpuas_text_size(text, difference->size);
	gpuas_text_pad(text, COLUMN_PA);
	gpuas_text_hex(text, pa_at(extent, difference->va), 11);
	gpuas_text_pad(text, COLUMN_OWNER);
	owner_text(image, extent, owner);
	gpuas_text_str(text, owner);
	gpuas_text_str(text, " ");
	put_attr(text, extent);
	put_before(difference, text);
}
