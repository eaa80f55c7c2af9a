// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas find: every VA that leads to a PA. */
#include <inttypes.h>
#include <stdio.h>

#include "out.h"

static bool leads_to(const struct gpuas_snap_extent *extent, uint64_t pa)
{
	return extent->kind != GPUAS_SNAP_ODD && pa - gpuas_pa_u64(extent->pa) < extent->size;
}

static void put_found(const struct image *image, const struct gpuas_snap_extent *extent,
		      uint64_t pa)
{
	const uint64_t offset = pa - gpuas_pa_u64(extent->pa);
	struct gpuas_text text;
	char owner[REGION_TEXT_MAX];

	owner_text(image, extent, owner);
	gpuas_text_clear(&text);
	gpuas_text_hex(&text, gpuas_snap_address(&image->snapshot, extent) + offset, 16);
	gpuas_text_str(&text, "  ");
	gpuas_text_str(&text, space_name(image, extent->space));
	gpuas_text_str(&text, ", ");
	gpuas_text_str(&text, extent_kind_name(extent->kind));
	if (extent->kind == GPUAS_SNAP_TABLE) {
		gpuas_text_str(&text, " of level ");
		gpuas_text_dec(&text, extent->level);
	}
	gpuas_text_str(&text, ", ");
	gpuas_text_str(&text, owner);
	put_missing(&text, extent);
	puts(text.buf);
}

static unsigned int find(const struct image *image, uint64_t pa, json_object *list)
{
	const struct gpuas_snap_extent *extent = image->snapshot.extent;
	unsigned int count = 0;
	json_object *item;
	uint32_t i;

	for (i = 0; i < image->snapshot.extents; i++, extent++) {
		if (!leads_to(extent, pa))
			continue;
		count++;
		if (!list) {
			put_found(image, extent, pa);
			continue;
		}
		item = json_add(list);
		json_hex(item, "at", gpuas_snap_address(&image->snapshot, extent) +
				     (pa - gpuas_pa_u64(extent->pa)));
		json_extent(image, extent, item);
	}
	return count;
}

static enum status find_in(const struct image *image, uint64_t pa, bool json)
{
	json_object *object = json ? json_new("find", image) : NULL;
	unsigned int count;

	if (json)
		json_hex(object, "pa", pa);
	count = find(image, pa, json ? json_list(object, "found") : NULL);
	if (json)
		json_put(object);
	else if (!count)
		printf("nothing leads to PA 0x%" PRIx64 "\n", pa);
	say_faults(image);
	return count ? STATUS_OK : STATUS_WRONG;
}

enum status command_find(const struct options *options, struct image *const *image,
			 char **argument)
{
	uint64_t pa;

	if (pa_parse(argument[0], &pa))
		return find_in(image[0], pa, options->json);
	fprintf(stderr, "gpuas: '%s' is no PA: a number is\n", argument[0]);
	return STATUS_USAGE;
}
