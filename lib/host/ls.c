// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas ls: what is mapped, where to, how, and whose it is. */
#include <stdio.h>

#include "out.h"

static bool is_in(const struct gpuas_snap_extent *extent, const struct address *range)
{
	const uint64_t start = extent_start(extent);

	if (!range)
		return true;
	if (has_va(extent) ? extent->space != range->space : range->space != GPUAS_SNAP_NO_SPACE)
		return false;
	return start - range->va < range->size || range->va - start < extent->size;
}

static void put_line(const struct image *image, const struct gpuas_snap_extent *extent)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	extent_line(image, extent, &text);
	printf("%s%s%s\n", colour(owner_colour(extent)), text.buf, colour(COLOUR_NONE));
}

/* The space that an extent is listed with: tables and regions are by PA. */
static uint16_t listed_with(const struct gpuas_snap_extent *extent)
{
	return has_va(extent) ? extent->space : GPUAS_SNAP_NO_SPACE;
}

static void put_space(const struct image *image, uint16_t i, bool first)
{
	char text[SPACE_TEXT_MAX] = "tables and regions, by PA";

	if (!first)
		putchar('\n');
	if (i != GPUAS_SNAP_NO_SPACE)
		space_text(image, &image->snapshot.space[i], text);
	put_head("%s", text);
}

static void put_list(const struct image *image, const struct address *range)
{
	const struct gpuas_snap_extent *extent = image->snapshot.extent;
	bool first = true;
	uint16_t last = 0;
	uint32_t i;

	for (i = 0; i < image->snapshot.extents; i++, extent++) {
		if (!is_in(extent, range))
			continue;
		if (first || listed_with(extent) != last)
			put_space(image, listed_with(extent), first);
		first = false;
		last = listed_with(extent);
		put_line(image, extent);
	}
}

static void json_ls(const struct image *image, const struct address *range)
{
	json_object *json = json_new("ls", image), *list = json_list(json, "extents");
	const struct gpuas_snap_extent *extent = image->snapshot.extent;
	uint32_t i;

	for (i = 0; i < image->snapshot.extents; i++, extent++) {
		if (is_in(extent, range))
			json_extent(image, extent, json_add(list));
	}
	json_put(json);
}

enum status command_ls(const struct options *options, struct image *const *image,
		       char **argument)
{
	struct address range;

	if (argument[0] && !range_parse(image[0], argument[0], &range))
		return STATUS_USAGE;
	if (options->json)
		json_ls(image[0], argument[0] ? &range : NULL);
	else
		put_list(image[0], argument[0] ? &range : NULL);
	say_faults(image[0]);
	return STATUS_OK;
}
