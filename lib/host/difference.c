// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A difference in words, for whoever shows it. */
#include <gpuas/dump.h>

#include "compare.h"
#include "out.h"

enum { COLUMN_ADDRESS = 12, COLUMN_SIZE = 52, COLUMN_PA = 59, COLUMN_OWNER = 74 };

const char *change_name(enum change change)
{
	static const char *const name[] = {
		[CHANGE_NONE] = "same",
		[CHANGE_MAPPED] = "mapped",
		[CHANGE_UNMAPPED] = "unmapped",
		[CHANGE_MOVED] = "moved",
		[CHANGE_ATTRIBUTES] = "attributes",
		[CHANGE_CONTENTS] = "contents",
	};

	return name[change];
}

static const struct gpuas_snap_extent *extent_of(const struct difference *difference)
{
	return difference->b ? difference->b : difference->a;
}

static const struct image *image_of(const struct comparison *comparison,
				    const struct difference *difference)
{
	return difference->b ? comparison->of_b : comparison->of_a;
}

uint64_t difference_address(const struct comparison *comparison,
			    const struct difference *difference)
{
	return extent_address(image_of(comparison, difference), extent_of(difference),
			      difference->va);
}

static void put_attr(struct gpuas_text *text, const struct gpuas_snap_extent *extent)
{
	if (extent->kind == GPUAS_SNAP_LEAF)
		gpuas_attr_text(text, extent->attr);
	else if (extent->kind == GPUAS_SNAP_ODD)
		gpuas_text_hex(text, extent->raw, 16);
}

static void put_was(struct gpuas_text *text, const struct difference *difference)
{
	if (difference->change != CHANGE_MOVED && difference->change != CHANGE_ATTRIBUTES)
		return;
	gpuas_text_str(text, ", was ");
	if (difference->change == CHANGE_MOVED)
		gpuas_text_hex(text, extent_pa(difference->a, difference->va), 11);
	else
		put_attr(text, difference->a);
}

void difference_line(const struct comparison *comparison, const struct difference *difference,
		     struct gpuas_text *line, struct gpuas_text *was)
{
	const uint64_t start = difference_address(comparison, difference);
	const struct gpuas_snap_extent *extent = extent_of(difference);
	char owner[REGION_TEXT_MAX];

	gpuas_text_clear(line);
	gpuas_text_str(line, change_name(difference->change));
	gpuas_text_pad(line, COLUMN_ADDRESS);
	gpuas_text_hex(line, start, 16);
	gpuas_text_str(line, "-");
	gpuas_text_hex(line, start + (difference->size - 1), 16);
	gpuas_text_pad(line, COLUMN_SIZE);
	gpuas_text_size(line, difference->size);
	gpuas_text_pad(line, COLUMN_PA);
	gpuas_text_hex(line, extent_pa(extent, difference->va), 11);
	gpuas_text_pad(line, COLUMN_OWNER);
	owner_text(image_of(comparison, difference), extent, owner);
	gpuas_text_str(line, owner);
	gpuas_text_str(line, " ");
	put_attr(line, extent);
	gpuas_text_clear(was);
	put_was(was, difference);
}
