// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas diff: what one file has, and another has not, or otherwise. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <gpuas/dump.h>

#include "compare.h"
#include "out.h"

enum { COLUMN_SIZE = 54, COLUMN_PA = 61, COLUMN_ATTR = 76 };

/**
 * struct diff - Differences on their way out
 * @a: of which
 * @b: and which
 * @list: where they go; NULL: they are printed
 * @space: the space that they are in, as it is called
 * @of_a: space of A; GPUAS_SNAP_NO_SPACE: it has none, or it is memory by PA
 * @of_b: of B
 * @said: its heading is printed
 * @count: how many
 * @last: the last difference, which may go on
 */
struct diff {
	const struct image *a;
	const struct image *b;
	json_object *list;
	const char *space;
	uint16_t of_a;
	uint16_t of_b;
	bool said;
	unsigned int count[CHANGES];
	struct difference last;
};

static const char *const change_name[] = {
	[CHANGE_NONE] = "same",
	[CHANGE_MAPPED] = "mapped",
	[CHANGE_UNMAPPED] = "unmapped",
	[CHANGE_MOVED] = "moved",
	[CHANGE_ATTRIBUTES] = "attributes",
	[CHANGE_CONTENTS] = "contents",
};

static const enum colour change_colour[] = {
	[CHANGE_NONE] = COLOUR_NONE,
	[CHANGE_MAPPED] = COLOUR_GOOD,
	[CHANGE_UNMAPPED] = COLOUR_BAD,
	[CHANGE_MOVED] = COLOUR_CHANGED,
	[CHANGE_ATTRIBUTES] = COLOUR_CHANGED,
	[CHANGE_CONTENTS] = COLOUR_CHANGED,
};

static uint64_t pa_at(const struct gpuas_snap_extent *extent, uint64_t va)
{
	return gpuas_pa_u64(extent->pa) + (va - extent_start(extent));
}

/* The address as in the file that has it. */
static uint64_t address_of(const struct diff *diff, const struct difference *difference)
{
	const struct gpuas_snap_extent *extent = difference->b ? difference->b : difference->a;
	const struct image *image = difference->b ? diff->b : diff->a;

	return gpuas_snap_address(&image->snapshot, extent) + (difference->va - extent_start(extent));
}

static void put_attr(struct gpuas_text *text, const struct gpuas_snap_extent *extent)
{
	if (extent->kind == GPUAS_SNAP_LEAF)
		gpuas_attr_text(text, extent->attr);
	else if (extent->kind == GPUAS_SNAP_ODD)
		gpuas_text_hex(text, extent->raw, 16);
}

/* What was, where that is not what is. */
static void put_before(struct gpuas_text *text, const struct difference *difference)
{
	if (difference->change == CHANGE_MOVED) {
		gpuas_text_str(text, ", was ");
		gpuas_text_hex(text, pa_at(difference->a, difference->va), 11);
	} else if (difference->change == CHANGE_ATTRIBUTES) {
		gpuas_text_str(text, ", was ");
		put_attr(text, difference->a);
	}
}

static void put_text(struct diff *diff, const struct difference *difference)
{
	const struct gpuas_snap_extent *extent = difference->b ? difference->b : difference->a;
	const struct image *image = difference->b ? diff->b : diff->a;
	const uint64_t start = address_of(diff, difference);
	char owner[REGION_TEXT_MAX];
	struct gpuas_text text;

	if (!diff->said)
		put_head("%s", diff->space);
	diff->said = true;
	gpuas_text_clear(&text);
	gpuas_text_str(&text, "  ");
	gpuas_text_str(&text, change_name[difference->change]);
	gpuas_text_pad(&text, 14);
	gpuas_text_hex(&text, start, 16);
	gpuas_text_str(&text, "-");
	gpuas_text_hex(&text, start + (difference->size - 1), 16);
	gpuas_text_pad(&text, COLUMN_SIZE);
	gpuas_text_size(&text, difference->size);
	gpuas_text_pad(&text, COLUMN_PA);
	gpuas_text_hex(&text, pa_at(extent, difference->va), 11);
	gpuas_text_pad(&text, COLUMN_ATTR);
	owner_text(image, extent, owner);
	gpuas_text_str(&text, owner);
	gpuas_text_str(&text, " ");
	put_attr(&text, extent);
	printf("%s%s", colour(change_colour[difference->change]), text.buf);
	gpuas_text_clear(&text);
	put_before(&text, difference);
	printf("%s%s\n", text.buf, colour(COLOUR_NONE));
}

static void put_json(struct diff *diff, const struct difference *difference)
{
	json_object *json = json_add(diff->list);

	json_text(json, "change", change_name[difference->change]);
	json_text(json, "space", diff->space);
	json_hex(json, "address", address_of(diff, difference));
	json_hex(json, "va", difference->va);
	json_number(json, "size", difference->size);
	if (difference->a) {
		json_object_object_add(json, "a", json_object_new_object());
		json_extent(diff->a, difference->a, json_object_object_get(json, "a"));
	}
	if (difference->b) {
		json_object_object_add(json, "b", json_object_new_object());
		json_extent(diff->b, difference->b, json_object_object_get(json, "b"));
	}
}

static void flush(struct diff *diff)
{
	if (!diff->last.size)
		return;
	diff->count[diff->last.change]++;
	if (diff->list)
		put_json(diff, &diff->last);
	else
		put_text(diff, &diff->last);
	diff->last.size = 0;
}

/* What goes on is one difference, also where one of the files has it in two extents. */
static bool goes_on(const struct difference *last, const struct difference *next)
{
	const struct gpuas_snap_extent *p = last->b ? last->b : last->a;
	const struct gpuas_snap_extent *q = next->b ? next->b : next->a;

	return last->size && last->change == next->change && last->va + last->size == next->va &&
	       p == q && last->a == next->a;
}

static void found(void *ctx, const struct difference *difference)
{
	struct diff *diff = ctx;

	if (goes_on(&diff->last, difference)) {
		diff->last.size += difference->size;
		return;
	}
	flush(diff);
	diff->last = *difference;
}

/* The same space in the other file: tag and name, or the root. */
static uint16_t match(const struct gpuas_snapshot *in, const struct gpuas_snap_space *space)
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

static void compare_one(struct diff *diff, const struct comparison *comparison, const char *name,
			uint16_t i, uint16_t j)
{
	diff->space = name;
	diff->said = false;
	compare_spaces(comparison, i, j);
	flush(diff);
}

static void compare_all(struct diff *diff, const struct comparison *comparison)
{
	const struct gpuas_snapshot *a = comparison->a, *b = comparison->b;
	bool *matched = memory(b->spaces, sizeof(*matched));
	uint32_t i;
	uint16_t j;

	for (i = 0; i < a->spaces; i++) {
		j = match(b, &a->space[i]);
		if (j != GPUAS_SNAP_NO_SPACE && matched[j])
			j = GPUAS_SNAP_NO_SPACE;
		if (j != GPUAS_SNAP_NO_SPACE)
			matched[j] = true;
		compare_one(diff, comparison, a->space[i].name, (uint16_t)i, j);
	}
	for (i = 0; i < b->spaces; i++) {
		if (!matched[i])
			compare_one(diff, comparison, b->space[i].name, GPUAS_SNAP_NO_SPACE,
				    (uint16_t)i);
	}
	free(matched);
	diff->space = "PA";
	diff->said = false;
	compare_regions(comparison);
	flush(diff);
	progress_end();
}

static unsigned int put_sum(struct diff *diff, json_object *json)
{
	json_object *list = json ? json_object_new_object() : NULL;
	unsigned int i, sum = 0;

	for (i = CHANGE_MAPPED; i < CHANGES; i++) {
		sum += diff->count[i];
		if (json)
			json_number(list, change_name[i], diff->count[i]);
		else if (diff->count[i])
			printf("%s%u %s", sum == diff->count[i] ? "" : ", ", diff->count[i],
			       change_name[i]);
	}
	if (json)
		json_object_object_add(json, "counts", list);
	else
		puts(sum ? "" : "no difference");
	return sum;
}

static enum status diff_them(struct diff *diff, bool json)
{
	const struct comparison comparison = {
		.a = &diff->a->snapshot, .b = &diff->b->snapshot, .of_a = diff->a, .of_b = diff->b,
		.rough = diff->a->kind == IMAGE_AGX || diff->b->kind == IMAGE_AGX,
		.found = found, .ctx = diff,
	};
	json_object *object = json ? json_new("diff", diff->a) : NULL;
	unsigned int sum;

	say_faults(diff->a);
	say_faults(diff->b);
	if (json) {
		json_text(object, "other", diff->b->file.name);
		diff->list = json_list(object, "differences");
	}
	compare_all(diff, &comparison);
	sum = put_sum(diff, object);
	if (json)
		json_put(object);
	return sum ? STATUS_WRONG : STATUS_OK;
}

enum status command_diff(const struct options *options, struct image *const *image,
			 char **argument)
{
	struct diff diff = { .a = image[0], .b = image[1] };

	(void)argument;
	return diff_them(&diff, options->json);
}
