/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A picture of the spaces of a file. Each space is a track: a row of boxes and gaps, by VA, as
 * wide as the logarithm of their size, in as many lines as that takes. What is known by its PA
 * has tracks too.
 */
#ifndef GPUAS_HOST_MAP_H
#define GPUAS_HOST_MAP_H

#include <stdio.h>

#include "compare.h"
#include "images.h"

enum {
	/** @MAP_WIDTH: of a line, in pixels, as all that follows */
	MAP_WIDTH = 1160,
	/** @MAP_LEFT: margin of a picture */
	MAP_LEFT = 20,
	/** @MAP_LINES_MAX: lines of all tracks, unless there are more tracks */
	MAP_LINES_MAX = 64,
	/** @MAP_SPACES_MAX: spaces that are drawn */
	MAP_SPACES_MAX = 128,
	/** @MAP_TRACKS_MAX: them, regions and tables */
	MAP_TRACKS_MAX = MAP_SPACES_MAX + 2,
	/** @MAP_TITLE_LINES: lines that one hover has at most */
	MAP_TITLE_LINES = 4,
};

/**
 * struct box - What there is at some addresses
 * @start: first VA, or PA
 * @last: last one
 * @extent: the extent; NULL: the other file has something here, this one has not
 * @difference: that difference; NULL: there is an extent
 */
struct box {
	uint64_t start;
	uint64_t last;
	const struct gpuas_snap_extent *extent;
	const struct difference *difference;
};

/**
 * struct item - What is drawn as one: a box, a gap, or several boxes that are too narrow
 * @start: first VA, or PA
 * @last: last one
 * @first: index of the first box
 * @count: how many boxes; 0: a gap
 * @line: line of the track
 * @x: where it starts in the line
 * @width: how wide it is; before it is placed, its weight
 */
struct item {
	uint64_t start;
	uint64_t last;
	uint32_t first;
	uint32_t count;
	unsigned int line;
	unsigned int x;
	unsigned int width;
};

/**
 * struct mark - Differences that are drawn as one
 * @change: what they are; CHANGE_NONE: not all the same
 * @first: index of the first
 * @count: how many
 * @line: line of the track
 * @x: where it starts in the line
 * @width: how wide it is
 */
struct mark {
	enum change change;
	size_t first;
	size_t count;
	unsigned int line;
	unsigned int x;
	unsigned int width;
};

/**
 * struct track - One space, or one kind of what is known by its PA
 * @heading: as ls has it
 * @space: the space of the file; GPUAS_SNAP_NO_SPACE: it has none
 * @other: that of the other file; likewise
 * @kind: of what is known by its PA, its kind
 * @from: first address
 * @to: last address
 * @closed: there are gaps before the first and behind the last box
 * @box: what there is, ascending
 * @boxes: how many
 * @item: what is drawn, ascending
 * @items: how many
 * @lines: in how many lines
 * @difference: what is not the same in the other file, ascending
 * @differences: how many
 * @differences_max: for how many there is memory
 * @mark: how that is drawn
 * @marks: how many
 */
struct track {
	char heading[SPACE_TEXT_MAX];
	uint16_t space;
	uint16_t other;
	enum gpuas_snap_kind kind;
	uint64_t from;
	uint64_t to;
	bool closed;
	struct box *box;
	uint32_t boxes;
	struct item *item;
	uint32_t items;
	unsigned int lines;
	struct difference *difference;
	size_t differences;
	size_t differences_max;
	struct mark *mark;
	size_t marks;
};

/**
 * struct map - The picture
 * @a: the file
 * @b: the other one; NULL: there is none
 * @comparison: of both, if there are two
 * @track: the tracks, in the order of the picture
 * @tracks: how many
 * @left_out: spaces that are not drawn
 * @merged: how many boxes stand for several extents
 * @extents: for how many
 */
struct map {
	const struct image *a;
	const struct image *b;
	struct comparison comparison;
	struct track track[MAP_TRACKS_MAX];
	unsigned int tracks;
	unsigned int left_out;
	uint32_t merged;
	uint32_t extents;
};

/* map.c: the picture of one file, or of two; map_free() frees it. */
struct map *map_of(const struct image *a, const struct image *b);

/* map_track.c: which tracks there are, and what is in them. */
void map_tracks(struct map *map);
void map_free(struct map *map);

/* map_diff.c: differences of a track. */
void map_compare(struct map *map, struct track *track);

/* map_place.c: where everything is drawn. */
void map_place(struct map *map);

/* map_text.c: texts, with all that is special in XML escaped. */
void put_escaped(FILE *to, const char *text);
void put_title(FILE *to, const struct map *map, const struct track *track,
	       const struct item *item);
void put_mark_title(FILE *to, const struct map *map, const struct track *track,
		    const struct mark *mark);
void put_head_line(FILE *to, const struct map *map);
void put_sum_line(FILE *to, const struct map *map);

/* An address of a box in its file, which has the tag of the space in it. */
uint64_t address_in(const struct map *map, const struct box *box, uint64_t va);

/* In the largest unit; with > before it if it is a bit more. */
void rough_size(uint64_t size, char text[16]);

/* map_svg.c: what a line of a track has in it, from x = 0, and how high it is. */
void draw_line(FILE *to, const struct map *map, const struct track *track, unsigned int line);
unsigned int line_height(const struct map *map);
void draw_patterns(FILE *to);
void draw_legend(FILE *to, const struct map *map);
unsigned int legend_height(const struct map *map);

/* map_data.c: styles of a drawing and of a page, and its script. */
extern const char map_css[];
extern const char map_page_css[];
extern const char map_js[];

/* The whole file. */
void map_svg(FILE *to, const struct map *map);
/* map_html.c */
void map_html(FILE *to, const struct map *map);

#endif /* GPUAS_HOST_MAP_H */
