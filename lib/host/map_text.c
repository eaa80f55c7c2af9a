// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Texts of a map. Names come from files: whatever is in them, it stays text. */
#include <inttypes.h>
#include <string.h>

#include "map.h"
#include "out.h"

static void put_char(FILE *to, char c)
{
	switch (c) {
	case '<':
		fputs("&lt;", to);
		break;
	case '>':
		fputs("&gt;", to);
		break;
	case '&':
		fputs("&amp;", to);
		break;
	case '"':
		fputs("&quot;", to);
		break;
	case '\'':
		fputs("&#39;", to);
		break;
	default:
		fputc(c == '\n' || (c >= ' ' && c <= '~') ? c : '?', to);
	}
}

void put_escaped(FILE *to, const char *text)
{
	for (; *text; text++)
		put_char(to, *text);
}

void rough_size(uint64_t size, char text[16])
{
	static const char unit[] = "BKMGTPE";
	unsigned int i = 0;
	bool whole = true;

	while (size >= 1024 && unit[i + 1]) {
		whole = whole && !(size & 0x3ff);
		size >>= 10;
		i++;
	}
	snprintf(text, 16, "%s%" PRIu64 "%c", whole ? "" : ">", size, unit[i]);
}

static void put_difference_line(FILE *to, const struct map *map,
				const struct difference *difference)
{
	struct gpuas_text line, was;

	difference_line(&map->comparison, difference, &line, &was);
	put_escaped(to, line.buf);
	put_escaped(to, was.buf);
}

static void put_box_line(FILE *to, const struct map *map, const struct box *box)
{
	struct gpuas_text text;

	if (!box->extent) {
		put_difference_line(to, map, box->difference);
		return;
	}
	gpuas_text_clear(&text);
	extent_line(map->a, box->extent, &text);
	put_escaped(to, text.buf);
}

uint64_t address_in(const struct map *map, const struct box *box, uint64_t va)
{
	return box->extent ? extent_address(map->a, box->extent, va) :
			     extent_address(map->b, box->difference->b, va);
}

static void put_merged_title(FILE *to, const struct map *map, const struct track *track,
			     const struct item *item)
{
	const struct box *box = &track->box[item->first];
	uint32_t i;

	fprintf(to, "0x%016" PRIx64 "-0x%016" PRIx64 "  %" PRIu32 " extents, too many to draw each",
		address_in(map, box, item->start), address_in(map, box, item->last), item->count);
	for (i = 0; i < item->count && i < MAP_TITLE_LINES; i++) {
		fputc('\n', to);
		put_box_line(to, map, &box[i]);
	}
	if (item->count > MAP_TITLE_LINES)
		fprintf(to, "\nand %" PRIu32 " more", item->count - MAP_TITLE_LINES);
}

void put_title(FILE *to, const struct map *map, const struct track *track, const struct item *item)
{
	char size[16];

	if (item->count == 1) {
		put_box_line(to, map, &track->box[item->first]);
	} else if (item->count) {
		put_merged_title(to, map, track, item);
	} else {
		rough_size(item->last - item->start + 1, size);
		fputs("nothing from ", to);
		fprintf(to, "0x%" PRIx64 " to 0x%" PRIx64 ", ", item->start, item->last);
		put_escaped(to, size);
	}
}

void put_mark_title(FILE *to, const struct map *map, const struct track *track,
		    const struct mark *mark)
{
	size_t i;

	for (i = 0; i < mark->count && i < MAP_TITLE_LINES; i++) {
		if (i)
			fputc('\n', to);
		put_difference_line(to, map, &track->difference[mark->first + i]);
	}
	if (mark->count > MAP_TITLE_LINES)
		fprintf(to, "\nand %zu more", mark->count - MAP_TITLE_LINES);
}

/* Where the file lies says nothing of what is in it. */
static void put_name(FILE *to, const char *name)
{
	const char *slash = strrchr(name, '/');

	name = slash && slash[1] ? slash + 1 : name;
	for (unsigned int i = 0; name[i] && i < 60; i++)
		put_char(to, name[i]);
	if (strlen(name) > 60)
		fputs("...", to);
}

void put_head_line(FILE *to, const struct map *map)
{
	put_name(to, map->a->file.name);
	if (map->b) {
		fputs(", and what is not the same in ", to);
		put_name(to, map->b->file.name);
	}
}

void put_sum_line(FILE *to, const struct map *map)
{
	const struct gpuas_snapshot *snapshot = &map->a->snapshot;

	fprintf(to, "%" PRIu32 " spaces, %" PRIu32 " extents, %" PRIu32 " findings",
		snapshot->spaces, snapshot->extents, snapshot->findings);
	if (snapshot->cut || snapshot->extents_lost)
		fputs("; the file has not all that there was", to);
	if (map->merged)
		fprintf(to, "; %" PRIu32 " boxes stand for %" PRIu32 " extents", map->merged,
			map->extents);
	if (map->left_out)
		fprintf(to, "; %u spaces are not drawn", map->left_out);
}
