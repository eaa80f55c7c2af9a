// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What commands print with: colours, words, JSON. */
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gpuas/dump.h>

#include "out.h"

enum {
	COLUMN_SIZE = 38,
	COLUMN_PA = 46,
	COLUMN_ATTR = 61,
	COLUMN_OWNER = 105,
};

/* When it began, and whether there is a line that has to go again. */
static time_t began, said;
static bool shown;

static bool is_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !(term && !strcmp(term, "dumb"));
}

void progress(const char *what, const char *name, uint64_t done, uint64_t total)
{
	time_t now = time(NULL);
	char *clean;

	if (!began)
		began = now;
	if (now - began < 2 || now == said)
		return;
	said = now;
	if (!is_terminal(STDERR_FILENO))
		return;
	shown = true;
	clean = name_of(name);
	if (total)
		fprintf(stderr, "\r%s %s: %u%% ", what, clean, (unsigned int)(done * 100 / total));
	else
		fprintf(stderr, "\r%s %s: %" PRIu64 "M ", what, clean, done >> 20);
	free(clean);
}

void progress_end(void)
{
	if (shown)
		fprintf(stderr, "\r\033[K");
	shown = false;
	began = 0;
}

const char *colour(enum colour which)
{
	static const char *const code[] = {
		[COLOUR_NONE] = "\033[0m",
		[COLOUR_HEAD] = "\033[1m",
		[COLOUR_BAD] = "\033[31m",
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_CHANGED] = "\033[33m",
		[COLOUR_HOST] = "\033[32m",
		[COLOUR_USER] = "\033[34m",
		[COLOUR_FIRMWARE] = "\033[35m",
	};
	static int coloured = -1;
	const char *no;

	if (coloured < 0) {
		no = getenv("NO_COLOR");
		coloured = is_terminal(STDOUT_FILENO) && !(no && *no);
	}
	return coloured ? code[which] : "";
}

enum colour owner_colour(const struct gpuas_snap_extent *extent)
{
	if (extent->kind == GPUAS_SNAP_ODD)
		return COLOUR_BAD;
	switch (extent->owner) {
	case GPUAS_SNAP_USER:
		return COLOUR_USER;
	case GPUAS_SNAP_OWNED:
	case GPUAS_SNAP_LENT:
		return COLOUR_HOST;
	case GPUAS_SNAP_REGION:
		return COLOUR_FIRMWARE;
	default:
		return COLOUR_NONE;
	}
}

void put_head(const char *format, ...)
{
	va_list list;

	printf("%s", colour(COLOUR_HEAD));
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("%s\n", colour(COLOUR_NONE));
}

const char *kind_name(enum image_kind kind)
{
	static const char *const name[] = {
		[IMAGE_CORE] = "gpuas-core",
		[IMAGE_AGX] = "agx-core",
		[IMAGE_VMCORE] = "machine-core",
		[IMAGE_RAM] = "ram",
	};

	return name[kind];
}

const char *extent_kind_name(unsigned int kind)
{
	static const char *const name[] = {
		[GPUAS_SNAP_LEAF] = "leaf",
		[GPUAS_SNAP_TABLE] = "table",
		[GPUAS_SNAP_MEMORY] = "memory",
		[GPUAS_SNAP_ODD] = "odd",
	};

	return name[kind];
}

const char *owner_name(unsigned int owner)
{
	static const char *const name[] = {
		[GPUAS_SNAP_FOREIGN] = "foreign",
		[GPUAS_SNAP_LENT] = "lent",
		[GPUAS_SNAP_OWNED] = "owned",
		[GPUAS_SNAP_USER] = "user",
		[GPUAS_SNAP_REGION] = "region",
	};

	return name[owner];
}

const char *missing_name(unsigned int missing)
{
	static const char *const name[] = {
		[GPUAS_SNAP_PRESENT] = "",
		[GPUAS_SNAP_NOT_RAM] = "not-ram",
		[GPUAS_SNAP_NO_MAP] = "no-map",
		[GPUAS_SNAP_BEYOND] = "beyond",
		[GPUAS_SNAP_NONE] = "none",
		[GPUAS_SNAP_LIMIT] = "limit",
	};

	return name[missing];
}

void owner_text(const struct image *image, const struct gpuas_snap_extent *extent,
		char text[REGION_TEXT_MAX])
{
	const struct gpuas_manifest *manifest = image->snapshot.manifest;

	if (manifest && extent->region < manifest->regions)
		snprintf(text, REGION_TEXT_MAX, "%s%s",
			 extent->owner == GPUAS_SNAP_LENT ? "lent " : "",
			 manifest->region[extent->region].name);
	else
		snprintf(text, REGION_TEXT_MAX, "%s", owner_name(extent->owner));
}

const char *space_name(const struct image *image, uint16_t space)
{
	return space < image->snapshot.spaces ? image->snapshot.space[space].name : "PA";
}

void root_text(const struct image *image, const struct gpuas_snap_space *space,
	       char text[ROOT_TEXT_MAX])
{
	snprintf(text, ROOT_TEXT_MAX, "0x%011" PRIx64, gpuas_pa_u64(space->root));
	if (image->kind == IMAGE_AGX)
		snprintf(text, ROOT_TEXT_MAX, "not said");
}

void space_text(const struct image *image, const struct gpuas_snap_space *space,
		char text[SPACE_TEXT_MAX])
{
	char root[ROOT_TEXT_MAX];

	root_text(image, space, root);
	snprintf(text, SPACE_TEXT_MAX, "%s: %s half of %u VA bits, root %s", space->name,
		 space->geo.upper ? "upper" : "lower", space->geo.va_bits, root);
}

void put_missing(struct gpuas_text *text, const struct gpuas_snap_extent *extent)
{
	if (!extent->missing)
		return;
	gpuas_text_str(text, " !");
	gpuas_text_str(text, missing_name(extent->missing));
}

static void put_what(struct gpuas_text *text, const struct gpuas_snap_extent *extent)
{
	switch (extent->kind) {
	case GPUAS_SNAP_LEAF:
		gpuas_attr_text(text, extent->attr);
		if (extent->level) {
			gpuas_text_str(text, " block of level ");
			gpuas_text_dec(text, extent->level);
		}
		break;
	case GPUAS_SNAP_TABLE:
		gpuas_text_str(text, "table of level ");
		gpuas_text_dec(text, extent->level);
		break;
	case GPUAS_SNAP_MEMORY:
		gpuas_text_str(text, "memory");
		break;
	default:
		gpuas_text_str(text, "odd entry ");
		gpuas_text_hex(text, extent->raw, 16);
	}
}

void extent_line(const struct image *image, const struct gpuas_snap_extent *extent,
		 struct gpuas_text *text)
{
	const uint64_t start = gpuas_snap_address(&image->snapshot, extent);
	char owner[REGION_TEXT_MAX];

	gpuas_text_hex(text, start, 16);
	gpuas_text_str(text, "-");
	gpuas_text_hex(text, start + (extent->size - 1), 16);
	gpuas_text_pad(text, COLUMN_SIZE);
	gpuas_text_size(text, extent->size);
	gpuas_text_pad(text, COLUMN_PA);
	gpuas_text_hex(text, gpuas_pa_u64(extent->pa), 11);
	gpuas_text_pad(text, COLUMN_ATTR);
	put_what(text, extent);
	gpuas_text_pad(text, COLUMN_OWNER);
	owner_text(image, extent, owner);
	gpuas_text_str(text, owner);
	put_missing(text, extent);
}

void finding_line(const struct image *image, const struct gpuas_snap_finding *finding,
		  struct gpuas_text *text)
{
	const struct gpuas_manifest *manifest = image->snapshot.manifest;

	gpuas_text_str(text, space_name(image, finding->space));
	gpuas_text_str(text, ": ");
	gpuas_snap_finding_text(text, finding,
				manifest && finding->region < manifest->regions ?
					manifest->region[finding->region].name : NULL);
}

json_object *json_new(const char *command, const struct image *image)
{
	json_object *json = json_object_new_object();

	json_text(json, "command", command);
	json_text(json, "file", image->file.name);
	json_text(json, "kind", kind_name(image->kind));
	return json;
}

void json_put(json_object *json)
{
	puts(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

/* It has to be UTF-8: the name of a file is anything. */
void json_text(json_object *json, const char *name, const char *text)
{
	size_t size = strlen(text) + 1;
	char *clean = memory(size, 1);

	memcpy(clean, text, size);
	utf8_clean(clean, true);
	json_object_object_add(json, name, json_object_new_string(clean));
	free(clean);
}

void json_hex(json_object *json, const char *name, uint64_t value)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	json_object_object_add(json, name, json_object_new_string(text));
}

void json_number(json_object *json, const char *name, uint64_t value)
{
	json_object_object_add(json, name, json_object_new_uint64(value));
}

void json_flag(json_object *json, const char *name, bool value)
{
	json_object_object_add(json, name, json_object_new_boolean(value));
}

json_object *json_part(json_object *json, const char *name)
{
	json_object *part = json_object_new_object();

	json_object_object_add(json, name, part);
	return part;
}

json_object *json_list(json_object *json, const char *name)
{
	json_object *list = json_object_new_array();

	json_object_object_add(json, name, list);
	return list;
}

json_object *json_add(json_object *list)
{
	json_object *json = json_object_new_object();

	json_object_array_add(list, json);
	return json;
}

void json_attr(json_object *json, gpuas_attr_t attr)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_attr_text(&text, attr);
	json_text(json, "attributes", text.buf);
}

void json_extent(const struct image *image, const struct gpuas_snap_extent *extent,
		 json_object *json)
{
	const struct gpuas_manifest *manifest = image->snapshot.manifest;

	json_hex(json, "address", gpuas_snap_address(&image->snapshot, extent));
	json_number(json, "size", extent->size);
	json_hex(json, "pa", gpuas_pa_u64(extent->pa));
	json_text(json, "kind", extent_kind_name(extent->kind));
	json_text(json, "owner", owner_name(extent->owner));
	if (manifest && extent->region < manifest->regions)
		json_text(json, "region", manifest->region[extent->region].name);
	if (has_va(extent)) {
		json_text(json, "space", space_name(image, extent->space));
		json_hex(json, "va", gpuas_va_u64(extent->va));
		json_hex(json, "raw", extent->raw);
	}
	if (extent->kind != GPUAS_SNAP_MEMORY)
		json_number(json, "level", extent->level);
	if (extent->kind == GPUAS_SNAP_LEAF)
		json_attr(json, extent->attr);
	json_flag(json, "present", !extent->missing);
	if (extent->missing)
		json_text(json, "missing", missing_name(extent->missing));
}

void json_finding(const struct image *image, const struct gpuas_snap_finding *finding,
		  json_object *json)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	finding_line(image, finding, &text);
	json_text(json, "text", text.buf);
	json_text(json, "space", space_name(image, finding->space));
	json_hex(json, "va", gpuas_va_u64(finding->va));
	json_hex(json, "pa", gpuas_pa_u64(finding->pa));
	json_hex(json, "entry", finding->entry);
	json_number(json, "wrong", finding->wrong);
	json_number(json, "level", finding->level);
}
