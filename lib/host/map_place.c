// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Where the parts of a map are drawn. Whole numbers only: the same on every host. */
#include <stdlib.h>

#include "map.h"

enum {
	/* Weight of a box or gap, which is its width if the lines have room for all. */
	BOX = 12,
	BOX_MORE = 7,
	GAP = 6,
	GAP_MORE = 3,
	/* Boxes that would be narrower are drawn as one with their neighbours. */
	BOX_LEAST = 6,
	MARK_LEAST = 4,
	PAGE_SHIFT = 12,
};

/**
 * struct scale - Width of a weight
 * @to: pixels
 * @of: for this weight
 */
struct scale {
	uint64_t to;
	uint64_t of;
};

static unsigned int scaled(const struct scale *scale, uint64_t weight)
{
	return (unsigned int)(weight * scale->to / scale->of);
}

static unsigned int pages_log2(uint64_t start, uint64_t last)
{
	unsigned int log2 = 0;
	uint64_t pages = (last - start) >> PAGE_SHIFT;

	while (pages) {
		pages >>= 1;
		log2++;
	}
	return log2;
}

static void add_item(struct track *track, uint64_t start, uint64_t last, uint32_t first,
		     uint32_t count)
{
	const unsigned int log2 = pages_log2(start, last);

	track->item[track->items++] = (struct item){
		.start = start, .last = last, .first = first, .count = count,
		.width = count ? BOX + BOX_MORE * log2 : GAP + GAP_MORE * log2,
	};
}

/* Boxes and the gaps around them. Boxes that overlap, in damaged files, follow each other. */
static void list_items(struct track *track)
{
	uint64_t next = track->from;
	bool ended = false;
	uint32_t i;

	track->item = memory((size_t)track->boxes * 2 + 1, sizeof(*track->item));
	for (i = 0; i < track->boxes; i++) {
		const struct box *box = &track->box[i];

		if (!ended && box->start > next)
			add_item(track, next, box->start - 1, i, 0);
		add_item(track, box->start, box->last, i, 1);
		if (box->last == ~0ULL)
			ended = true;
		else if (box->last >= next)
			next = box->last + 1;
	}
	if (!ended && track->closed && next <= track->to)
		add_item(track, next, track->to, i, 0);
}

static uint64_t weight_of(const struct track *track)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < track->items; i++)
		sum += track->item[i].width;
	return sum ? sum : 1;
}

static void place_one_line(struct track *track, uint64_t total)
{
	const struct scale scale = { MAP_WIDTH, total };
	uint64_t before = 0;
	uint32_t i;

	for (i = 0; i < track->items; i++) {
		struct item *item = &track->item[i];

		item->x = scaled(&scale, before);
		before += item->width;
		item->width = scaled(&scale, before) - item->x;
	}
	track->lines = 1;
}

static bool narrow(const struct item *item, const struct scale *scale)
{
	return scaled(scale, item->width) < BOX_LEAST;
}

/* A gap goes into what is beside it; a range is that of the boxes. */
static void join(struct item *item, const struct item *next)
{
	if (!item->count) {
		item->start = next->start;
		item->first = next->first;
	}
	if (next->count || !item->count)
		item->last = next->last > item->last ? next->last : item->last;
	item->count += next->count;
	item->width += next->width;
}

static void merge_narrow(struct track *track, const struct scale *scale)
{
	uint32_t i, kept = 0;

	for (i = 1; i < track->items; i++) {
		struct item *last = &track->item[kept], *next = &track->item[i];

		if (narrow(last, scale) && narrow(next, scale))
			join(last, next);
		else
			track->item[++kept] = *next;
	}
	if (track->items)
		track->items = kept + 1;
}

static void place_lines(struct track *track, const struct scale *scale)
{
	unsigned int x = 0, line = 0, width;
	uint32_t i;

	for (i = 0; i < track->items; i++) {
		struct item *item = &track->item[i];

		width = scaled(scale, item->width);
		if (width < BOX_LEAST)
			width = item->count ? BOX_LEAST : width + 1;
		if (x && x + width > MAP_WIDTH) {
			line++;
			x = 0;
		}
		item->line = line;
		item->x = x;
		item->width = width;
		x += width;
	}
	track->lines = line + 1;
}

static void place_items(struct track *track, unsigned int lines)
{
	const uint64_t total = weight_of(track), room = (uint64_t)lines * MAP_WIDTH;
	const struct scale scale = { total > room ? room : 1, total > room ? total : 1 };

	if (total <= MAP_WIDTH) {
		place_one_line(track, total);
		return;
	}
	if (total > room)
		merge_narrow(track, &scale);
	place_lines(track, &scale);
}

static const struct item *item_at(const struct track *track, uint64_t at)
{
	uint32_t low = 0, high = track->items, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (track->item[middle].start <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &track->item[low - 1] : NULL;
}

/* Part of an item's width that lies before an offset: exact enough, and nothing overflows. */
static unsigned int part(const struct item *item, uint64_t offset)
{
	uint64_t size = item->last - item->start;

	if (offset > size)
		return item->width;
	while (size >> 32) {
		size >>= 1;
		offset >>= 1;
	}
	return (unsigned int)(offset * item->width / (size + 1));
}

/* Within its item, and as wide as can be seen. */
static struct mark mark_in(const struct item *item, const struct difference *difference)
{
	struct mark mark = { .change = difference->change, .count = 1, .line = item->line };
	const uint64_t offset = difference->va - item->start;
	const unsigned int from = part(item, offset);
	const unsigned int to = part(item, offset + difference->size);
	const unsigned int least = item->width < MARK_LEAST ? item->width : MARK_LEAST;

	mark.width = to > from + least ? to - from : least;
	mark.x = item->x + (from + mark.width > item->width ? item->width - mark.width : from);
	return mark;
}

static void add_mark(struct track *track, const struct mark *mark)
{
	struct mark *last = &track->mark[track->marks ? track->marks - 1 : 0];

	if (!track->marks || last->line != mark->line || last->x + last->width <= mark->x) {
		track->mark[track->marks++] = *mark;
		return;
	}
	if (mark->x + mark->width > last->x + last->width)
		last->width = mark->x + mark->width - last->x;
	last->count += mark->count;
	if (last->change != mark->change)
		last->change = CHANGE_NONE;
}

static void place_marks(struct track *track)
{
	const struct item *item;
	struct mark mark;
	size_t i;

	track->mark = memory(track->differences + 1, sizeof(*track->mark));
	for (i = 0; i < track->differences; i++) {
		item = item_at(track, track->difference[i].va);
		if (!item)
			continue;
		mark = mark_in(item, &track->difference[i]);
		mark.first = i;
		add_mark(track, &mark);
	}
}

static void count_merged(struct map *map, const struct track *track)
{
	uint32_t i;

	for (i = 0; i < track->items; i++) {
		if (track->item[i].count > 1) {
			map->merged++;
			map->extents += track->item[i].count;
		}
	}
}

/* Tracks share the lines by what each would take; one line is the least. */
void map_place(struct map *map)
{
	uint64_t need[MAP_TRACKS_MAX], sum = 0;
	unsigned int i, lines;

	for (i = 0; i < map->tracks; i++) {
		list_items(&map->track[i]);
		need[i] = (weight_of(&map->track[i]) + MAP_WIDTH - 1) / MAP_WIDTH;
		sum += need[i];
	}
	for (i = 0; i < map->tracks; i++) {
		if (sum > MAP_LINES_MAX)
			need[i] = need[i] * MAP_LINES_MAX / sum;
		lines = need[i] ? (unsigned int)need[i] : 1;
		place_items(&map->track[i], lines);
		place_marks(&map->track[i]);
		count_merged(map, &map->track[i]);
	}
}
