// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Drawing a map: boxes, gaps, marks, labels where they fit, the legend, and a file of it. */
#include <inttypes.h>
#include <string.h>

#include "map.h"
#include "out.h"

enum {
	/* Of a line, from its top. Texts have widths that no font of theirs exceeds. */
	TICK_Y = 10,
	BOX_Y = 15,
	BOX_HIGH = 26,
	LABEL_Y = 32,
	GAP_Y = 27,
	GAP_LABEL_Y = 24,
	MARK_Y = 43,
	MARK_HIGH = 9,
	LINE_HIGH = 52,
	LINE_HIGH_DIFF = 62,
	LABEL_CHAR = 7,
	TICK_WIDE = 108,
	LEGEND_WIDE = 232,
	LEGEND_HIGH = 24,
	LEGEND_IN_ROW = 5,
	HEAD_HIGH = 64,
	HEADING_HIGH = 30,
	LABEL_MAX = REGION_TEXT_MAX + 32,
};

/**
 * struct pattern - A class of boxes
 * @name: class, and of its pattern
 * @text: in the legend
 * @path: what is drawn in each 8 by 8 pixels
 * @diff: it is one of the second layer
 */
struct pattern {
	const char *name;
	const char *text;
	const char *path;
	bool diff;
};

static const struct pattern patterns[] = {
	{ "region", "region of the manifest", "M-2 2L2 -2M0 8L8 0M6 10L10 6", false },
	{ "owned", "owned by the host", "M0 2H8M0 6H8", false },
	{ "lent", "lent to the host", "M2 0V8M6 0V8", false },
	{ "foreign", "foreign", "M1 2H3M5 6H7", false },
	{ "user", "user: lower half", "M-2 6L2 10M0 0L8 8M6 -2L10 2", false },
	{ "odd", "odd entry", "M0 0L8 8M8 0L0 8", false },
	{ "merged", "several extents", "M0 4H4V8M4 0V4H8", false },
	{ "missing", "contents not in the file", "", false },
	{ "mapped", "mapped in the other", "M1 4H7M4 1V7", true },
	{ "unmapped", "unmapped in the other", "M1 4H7", true },
	{ "moved", "moved: another PA", "M2 1L6 4L2 7", true },
	{ "attributes", "other attributes", "M0 5Q2 1 4 4T8 3", true },
	{ "contents", "other contents", "M1 3H7M1 6H7M6 1L3 8", true },
	{ "several", "several of these", "M4 1L7 4L4 7L1 4Z", true },
};

enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };

void draw_patterns(FILE *to)
{
	unsigned int i;

	fputs("<defs>\n", to);
	for (i = 0; i < PATTERNS; i++) {
		if (patterns[i].path[0])
			fprintf(to, "<pattern id=\"p-%s\" class=\"p %s\" width=\"8\" height=\"8\" "
				"patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\"/>"
				"<path d=\"%s\"/></pattern>\n", patterns[i].name, patterns[i].name,
				patterns[i].path);
	}
	fputs("</defs>\n", to);
}

static bool is_shown(const struct map *map, const struct pattern *pattern)
{
	return map->b || !pattern->diff;
}

/* Differences begin a row of their own. */
static unsigned int legend_at(unsigned int i, unsigned int *row)
{
	unsigned int before = 0;

	while (!patterns[before].diff)
		before++;
	*row = i < before ? i / LEGEND_IN_ROW :
			    (before + LEGEND_IN_ROW - 1) / LEGEND_IN_ROW +
			    (i - before) / LEGEND_IN_ROW;
	return i < before ? i % LEGEND_IN_ROW : (i - before) % LEGEND_IN_ROW;
}

unsigned int legend_height(const struct map *map)
{
	unsigned int i, row = 0;

	for (i = 0; i < PATTERNS; i++) {
		if (is_shown(map, &patterns[i]))
			legend_at(i, &row);
	}
	return (row + 2) * LEGEND_HIGH;
}

void draw_legend(FILE *to, const struct map *map)
{
	unsigned int i, x, row = 0;

	fputs("<g class=\"legend\">\n", to);
	for (i = 0; i < PATTERNS; i++) {
		const struct pattern *pattern = &patterns[i];

		if (!is_shown(map, pattern))
			continue;
		x = legend_at(i, &row) * LEGEND_WIDE;
		fprintf(to, "<g class=\"%s\"><rect x=\"%u\" y=\"%u\" width=\"26\" height=\"16\"/>"
			"<text class=\"h\" x=\"%u\" y=\"%u\">%s</text></g>\n", pattern->name, x + 1,
			row * LEGEND_HIGH + 1, x + 34, row * LEGEND_HIGH + 13, pattern->text);
	}
	fprintf(to, "<text class=\"h\" x=\"1\" y=\"%u\">Boxes, and the gaps between them, are as wide "
		"as the logarithm of their size. Above them is the first address.</text>\n</g>\n",
		(row + 1) * LEGEND_HIGH + 13);
}

static const char *class_of_box(const struct box *box)
{
	if (!box->extent)
		return change_name(CHANGE_MAPPED);
	if (box->extent->kind == GPUAS_SNAP_ODD)
		return "odd";
	return owner_name(box->extent->owner);
}

/* Several boxes have a class if all have the same one. */
static const char *class_of(const struct track *track, const struct item *item)
{
	const char *name = class_of_box(&track->box[item->first]);
	uint32_t i;

	for (i = 1; i < item->count; i++) {
		if (strcmp(name, class_of_box(&track->box[item->first + i])))
			return "merged";
	}
	return name;
}

static bool is_missing(const struct track *track, const struct item *item)
{
	const struct gpuas_snap_extent *extent = track->box[item->first].extent;

	return item->count == 1 && extent && extent->missing && extent->kind != GPUAS_SNAP_ODD;
}

/* Name and size, one of them, or nothing: what fits. @full has both, for who has more room. */
static const char *fitting(char *full, unsigned int width)
{
	const size_t room = width > 4 ? (width - 4) / LABEL_CHAR : 0;
	char *size = strrchr(full, ' ');

	if (strlen(full) <= room)
		return full;
	if (!size)
		return "";
	*size = '\0';
	if (strlen(full) <= room)
		return full;
	return strlen(size + 1) <= room ? size + 1 : "";
}

static void put_label(FILE *to, const struct item *item, char *full)
{
	const char *label = fitting(full, item->width);

	if (!label[0])
		return;
	fprintf(to, "<text class=\"l\" x=\"%u\" y=\"%u\">", item->x + item->width / 2,
		item->count ? LABEL_Y : GAP_LABEL_Y);
	put_escaped(to, label);
	fputs("</text>", to);
}

static void label_of(const struct map *map, const struct track *track, const struct item *item,
		     char full[LABEL_MAX])
{
	const struct box *box = &track->box[item->first];
	char size[16], name[REGION_TEXT_MAX];

	rough_size(item->last - item->start + 1, size);
	if (!item->count) {
		snprintf(full, LABEL_MAX, "%s", size);
	} else if (item->count > 1) {
		snprintf(full, LABEL_MAX, "%" PRIu32 " extents", item->count);
	} else {
		owner_text(box->extent ? map->a : map->b,
			   box->extent ? box->extent : box->difference->b, name);
		snprintf(full, LABEL_MAX, "%s %s", name, size);
	}
}

static void draw_item(FILE *to, const struct map *map, const struct track *track,
		      const struct item *item)
{
	char full[LABEL_MAX];

	label_of(map, track, item, full);
	if (item->count)
		fprintf(to, "<g class=\"x %s%s%s\"", class_of(track, item),
			is_missing(track, item) ? " missing" : "",
			track->box[item->first].extent ? "" : " new");
	else
		fputs("<g class=\"g\"", to);
	fputs(" data-l=\"", to);
	put_escaped(to, full);
	fputs("\"><title>", to);
	put_title(to, map, track, item);
	fprintf(to, "</title><rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>", item->x,
		item->count ? BOX_Y : GAP_Y, item->width, item->count ? BOX_HIGH : 2);
	put_label(to, item, full);
	fputs("</g>\n", to);
}

static void draw_mark(FILE *to, const struct map *map, const struct track *track,
		      const struct mark *mark)
{
	fprintf(to, "<g class=\"d %s\"><title>",
		mark->change == CHANGE_NONE ? "several" : change_name(mark->change));
	put_mark_title(to, map, track, mark);
	fprintf(to, "</title><rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/></g>\n", mark->x,
		MARK_Y, mark->width, MARK_HIGH);
}

/* Addresses of boxes, but of those whose address would stand in that of the last one. */
static void draw_ticks(FILE *to, const struct map *map, const struct track *track,
		       unsigned int line)
{
	unsigned int free_from = 0;
	uint32_t i;

	for (i = 0; i < track->items; i++) {
		const struct item *item = &track->item[i];
		const struct box *box = &track->box[item->first];

		if (item->line != line || !item->count || item->x < free_from ||
		    item->x + TICK_WIDE > MAP_WIDTH)
			continue;
		fprintf(to, "<text class=\"t\" x=\"%u\" y=\"%u\">0x%016" PRIx64 "</text>\n", item->x,
			TICK_Y, address_in(map, box, box->start));
		free_from = item->x + TICK_WIDE;
	}
}

void draw_line(FILE *to, const struct map *map, const struct track *track, unsigned int line)
{
	uint32_t i;
	size_t j;

	draw_ticks(to, map, track, line);
	for (i = 0; i < track->items; i++) {
		if (track->item[i].line == line)
			draw_item(to, map, track, &track->item[i]);
	}
	for (j = 0; j < track->marks; j++) {
		if (track->mark[j].line == line)
			draw_mark(to, map, track, &track->mark[j]);
	}
}

unsigned int line_height(const struct map *map)
{
	return map->b ? LINE_HIGH_DIFF : LINE_HIGH;
}

static unsigned int height_of(const struct map *map)
{
	unsigned int i, height = HEAD_HIGH + legend_height(map) + HEADING_HIGH;

	for (i = 0; i < map->tracks; i++)
		height += HEADING_HIGH + map->track[i].lines * line_height(map);
	return height;
}

static unsigned int draw_track(FILE *to, const struct map *map, const struct track *track,
			       unsigned int y)
{
	unsigned int i;

	fprintf(to, "<text class=\"h2\" x=\"%u\" y=\"%u\">", MAP_LEFT, y + HEADING_HIGH - 10);
	put_escaped(to, track->heading);
	fputs("</text>\n", to);
	y += HEADING_HIGH;
	for (i = 0; i < track->lines; i++) {
		fprintf(to, "<g transform=\"translate(%u %u)\">\n", MAP_LEFT, y);
		draw_line(to, map, track, i);
		fputs("</g>\n", to);
		y += line_height(map);
	}
	return y;
}

static void draw_head(FILE *to, const struct map *map)
{
	fprintf(to, "<text class=\"h1\" x=\"%u\" y=\"28\">", MAP_LEFT);
	put_head_line(to, map);
	fprintf(to, "</text>\n<text class=\"h\" x=\"%u\" y=\"48\">", MAP_LEFT);
	put_sum_line(to, map);
	fprintf(to, "</text>\n<g transform=\"translate(%u %u)\">\n", MAP_LEFT, HEAD_HIGH);
	draw_legend(to, map);
	fputs("</g>\n", to);
}

void map_svg(FILE *to, const struct map *map)
{
	unsigned int i, y = HEAD_HIGH + legend_height(map);
	const unsigned int height = height_of(map), width = MAP_WIDTH + 2 * MAP_LEFT;

	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\">\n<title>", width, height, width, height);
	put_head_line(to, map);
	fprintf(to, "</title>\n<style>%s</style>\n", map_css);
	draw_patterns(to);
	fprintf(to, "<rect class=\"paper\" width=\"%u\" height=\"%u\"/>\n", width, height);
	draw_head(to, map);
	for (i = 0; i < map->tracks; i++)
		y = draw_track(to, map, &map->track[i], y);
	fputs("</svg>\n", to);
}
