// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas diff: what one file has, and another has not, or otherwise. */
#include <inttypes.h>
#include <stdio.h>

#include "compare.h"
#include "out.h"

/**
 * struct diff - Differences on their way out
 * @comparison: of what
 * @list: where they go; NULL: they are printed
 * @space: the space that they are in, as it is called
 * @said: its heading is printed
 * @count: how many
 */
struct diff {
	struct comparison comparison;
	json_object *list;
	const char *space;
	bool said;
	unsigned int count[CHANGES];
};

static const enum colour change_colour[] = {
	[CHANGE_NONE] = COLOUR_NONE,
	[CHANGE_MAPPED] = COLOUR_GOOD,
	[CHANGE_UNMAPPED] = COLOUR_BAD,
	[CHANGE_MOVED] = COLOUR_CHANGED,
	[CHANGE_ATTRIBUTES] = COLOUR_CHANGED,
	[CHANGE_CONTENTS] = COLOUR_CHANGED,
};

static void put_text(struct diff *diff, const struct difference *difference)
{
	struct gpuas_text line, was;

	if (!diff->said)
		put_head("%s", diff->space);
	diff->said = true;
	difference_line(&diff->comparison, difference, &line, &was);
	printf("%s  %s%s%s\n", colour(change_colour[difference->change]), line.buf, was.buf,
	       colour(COLOUR_NONE));
}

/* What one of the files has there. */
static void put_side(json_object *json, const char *name, const struct image *image,
		     const struct gpuas_snap_extent *extent)
{
	json_object *side;

	if (!extent)
		return;
	side = json_object_new_object();
	json_object_object_add(json, name, side);
	json_extent(image, extent, side);
}

static void put_json(struct diff *diff, const struct difference *difference)
{
	json_object *json = json_add(diff->list);

	json_text(json, "change", change_name(difference->change));
	json_text(json, "space", diff->space);
	json_hex(json, "address", difference_address(&diff->comparison, difference));
	json_hex(json, "va", difference->va);
	json_number(json, "size", difference->size);
	put_side(json, "a", diff->comparison.of_a, difference->a);
	put_side(json, "b", diff->comparison.of_b, difference->b);
}

static void found(void *ctx, const struct difference *difference)
{
	struct diff *diff = ctx;

	diff->count[difference->change]++;
	if (diff->list)
		put_json(diff, difference);
	else
		put_text(diff, difference);
}

static void put_pair(void *ctx, uint16_t i, uint16_t j)
{
	struct diff *diff = ctx;
	struct comparison *comparison = &diff->comparison;

	diff->space = i != GPUAS_SNAP_NO_SPACE ? space_name(comparison->of_a, i) :
						 space_name(comparison->of_b, j);
	diff->said = false;
	compare_spaces(comparison, i, j);
}

static void compare_all(struct diff *diff)
{
	compare_pairs(diff->comparison.a, diff->comparison.b, put_pair, diff);
	diff->space = "PA";
	diff->said = false;
	compare_regions(&diff->comparison);
	progress_end();
}

/* That nothing differs is known of what is in both files. */
static void put_not_compared(const struct diff *diff, json_object *json)
{
	const uint64_t size = diff->comparison.not_compared;

	if (json)
		json_number(json, "not_compared", size);
	else if (size)
		printf("%" PRIu64 " bytes are not in both files, and were not compared\n", size);
}

static unsigned int put_sum(struct diff *diff, json_object *json)
{
	json_object *list = json ? json_object_new_object() : NULL;
	unsigned int i, sum = 0;

	for (i = CHANGE_MAPPED; i < CHANGES; i++) {
		sum += diff->count[i];
		if (json)
			json_number(list, change_name(i), diff->count[i]);
		else if (diff->count[i])
			printf("%s%u %s", sum == diff->count[i] ? "" : ", ", diff->count[i],
			       change_name(i));
	}
	if (json)
		json_object_object_add(json, "counts", list);
	else
		puts(sum ? "" : "no difference");
	put_not_compared(diff, json);
	return sum;
}

static enum status diff_them(struct diff *diff, bool json)
{
	const struct image *a = diff->comparison.of_a, *b = diff->comparison.of_b;
	json_object *object = json ? json_new("diff", a) : NULL;
	unsigned int sum;

	say_faults(a);
	say_faults(b);
	if (json) {
		json_text(object, "other", b->file.name);
		diff->list = json_list(object, "differences");
	}
	compare_all(diff);
	sum = put_sum(diff, object);
	if (json)
		json_put(object);
	return sum ? STATUS_WRONG : STATUS_OK;
}

enum status command_diff(const struct options *options, struct image *const *image,
			 char **argument)
{
	struct diff diff = { .comparison = comparison_of(image[0], image[1]) };

	(void)argument;
	diff.comparison.found = found;
	diff.comparison.ctx = &diff;
	return diff_them(&diff, options->json);
}
