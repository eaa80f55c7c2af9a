// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * gpuas check: what is wrong. What was found when the file was written, what is found in the
 * tables that are in it, and where the two, or the device tree, disagree.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "out.h"

/**
 * struct report - Findings on their way out
 * @image: of which
 * @list: where they go; NULL: they are printed
 * @count: how many
 * @all_tables: all tables of the file were asked
 */
struct report {
	const struct image *image;
	json_object *list;
	unsigned int count;
	bool all_tables;
};

static void put(struct report *report, const char *text)
{
	report->count++;
	if (report->list)
		json_text(json_add(report->list), "text", text);
	else
		printf("%s%s%s\n", colour(COLOUR_BAD), text, colour(COLOUR_NONE));
}

static void put_finding(struct report *report, const struct gpuas_snap_finding *finding)
{
	struct gpuas_text text;

	if (report->list) {
		report->count++;
		json_finding(report->image, finding, json_add(report->list));
		return;
	}
	gpuas_text_clear(&text);
	finding_line(report->image, finding, &text);
	put(report, text.buf);
}

static int by_place(const void *a, const void *b)
{
	const struct gpuas_snap_finding *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	if (x->va != y->va)
		return gpuas_va_u64(x->va) < gpuas_va_u64(y->va) ? -1 : 1;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return (x->wrong > y->wrong) - (x->wrong < y->wrong);
}

/* The findings of the file, in order: there may be many. */
static struct gpuas_snap_finding *known_of(const struct gpuas_snapshot *snapshot)
{
	struct gpuas_snap_finding *known = memory(snapshot->findings, sizeof(*known));

	if (snapshot->findings) {
		memcpy(known, snapshot->finding, snapshot->findings * sizeof(*known));
		qsort(known, snapshot->findings, sizeof(*known), by_place);
	}
	return known;
}

/* All tables are there: then they can be asked once more. */
static bool has_tables(const struct gpuas_snapshot *snapshot)
{
	bool any = false;
	uint32_t i;

	for (i = 0; i < snapshot->extents; i++) {
		if (snapshot->extent[i].kind != GPUAS_SNAP_TABLE)
			continue;
		if (snapshot->extent[i].missing)
			return false;
		any = true;
	}
	return any && !snapshot->cut && !snapshot->extents_lost;
}

/* A table that could be read then, and is not in the file now, is no finding. */
static bool is_left_out(const struct gpuas_snapshot *snapshot,
			const struct gpuas_snap_finding *finding)
{
	uint32_t i;

	if (finding->wrong >= GPUAS_SNAP_UNMAPPED)
		return !has_tables(snapshot);
	for (i = 0; finding->wrong == GPUAS_WRONG_UNREADABLE && i < snapshot->extents; i++) {
		const struct gpuas_snap_extent *extent = &snapshot->extent[i];

		if (extent->kind == GPUAS_SNAP_TABLE && extent->missing &&
		    gpuas_pa_u64(finding->pa) - gpuas_pa_u64(extent->pa) < extent->size)
			return true;
	}
	return false;
}

static void torn(void *ctx, const struct difference *difference)
{
	struct report *report = ctx;
	const struct gpuas_snap_extent *extent = difference->a ? difference->a : difference->b;
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, space_name(report->image, extent->space));
	gpuas_text_str(&text, ": ");
	gpuas_text_hex(&text, difference->va, 16);
	gpuas_text_str(&text, "-");
	gpuas_text_hex(&text, difference->va + (difference->size - 1), 16);
	gpuas_text_str(&text, " was not what the tables in the file say: they changed meanwhile");
	put(report, text.buf);
}

/* What the tables in the file have, and the file does not say. */
static void put_unknown(struct report *report, const struct gpuas_snapshot *snapshot,
			const struct gpuas_snapshot *walked)
{
	struct gpuas_snap_finding *known = known_of(snapshot);
	uint32_t i;

	for (i = 0; i < walked->findings; i++) {
		if (!bsearch(&walked->finding[i], known, snapshot->findings, sizeof(*known),
			     by_place) && !is_left_out(snapshot, &walked->finding[i]))
			put_finding(report, &walked->finding[i]);
	}
	free(known);
}

static bool not_all(const struct image *image)
{
	return refuse(&image->file, "its tables are not all in the file: only what it says of them was "
		      "checked");
}

static bool is_all(const struct image *image, const struct gpuas_snapshot *walked)
{
	if (walked->cut || walked->extents_lost)
		return refuse(&image->file, "its tables map too much to be asked all once more");
	return has_tables(&image->snapshot) || not_all(image);
}

static void again(struct report *report, const struct image *image)
{
	struct gpuas_snapshot walked = image->snapshot;
	const size_t size = image->snapshot.spaces * sizeof(*walked.space);
	struct comparison comparison = { .a = &image->snapshot, .b = &walked, .found = torn,
					 .ctx = report };
	uint32_t i;

	walked.space = memory(1, size);
	if (size)
		memcpy(walked.space, image->snapshot.space, size);
	walked.spaces_max = walked.spaces;
	walk_spaces(image, &walked);
	put_unknown(report, &image->snapshot, &walked);
	report->all_tables = is_all(image, &walked);
	for (i = 0; report->all_tables && i < walked.spaces; i++)
		compare_spaces(&comparison, (uint16_t)i, (uint16_t)i);
	walked_free(&walked);
}

static void all(struct report *report, const struct image *image)
{
	const struct gpuas_snapshot *snapshot = &image->snapshot;
	uint32_t i;

	for (i = 0; i < image->faults && i < FAULTS_MAX; i++)
		put(report, image->fault[i]);
	if (image->faults > FAULTS_MAX)
		put(report, "and more of the kind: the file is damaged");
	for (i = 0; i < snapshot->findings; i++)
		put_finding(report, &snapshot->finding[i]);
	if (snapshot->findings_lost)
		put(report, "there are more findings, for which there was no room");
	if (snapshot->cut)
		put(report, "the walk was cut off: there is more than the file says");
	if (snapshot->extents_lost)
		put(report, "there are more extents, for which there was no room");
	report->all_tables = image->kind != IMAGE_AGX || not_all(image);
	if (image->kind == IMAGE_CORE)
		again(report, image);
}

enum status command_check(const struct options *options, struct image *const *image,
			  char **argument)
{
	struct report report = { .image = image[0] };
	json_object *json = NULL;

	(void)argument;
	if (options->json) {
		json = json_new("check", image[0]);
		report.list = json_list(json, "findings");
	}
	all(&report, image[0]);
	if (json) {
		json_flag(json, "all_tables", report.all_tables);
		json_put(json);
	}
	if (!json && !report.count)
		printf("%snothing is wrong%s\n", colour(COLOUR_GOOD), colour(COLOUR_NONE));
	return report.count ? STATUS_WRONG : STATUS_OK;
}
