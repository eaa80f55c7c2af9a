// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Addresses as people write them, and what is there. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"
#include "out.h"

#define TAG_SHIFT	48
#define BELOW_TAG	((1ULL << TAG_SHIFT) - 1)
#define FIRST_TOP	0xffffULL

static bool number(const char *text, const char **end, uint64_t *value)
{
	char *stop;

	errno = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	*value = strtoull(text, &stop, 0);
	*end = stop;
	return !errno;
}

/* A number, and K, M, G or T. */
static bool size_parse(const char *text, const char **end, uint64_t *value)
{
	static const char letter[] = "KMGT";
	const char *found;
	unsigned int shift;

	if (!number(text, end, value))
		return false;
	found = **end ? strchr(letter, **end) : NULL;
	if (!found)
		return true;
	shift = 10 * (unsigned int)(found - letter + 1);
	(*end)++;
	if (*value > ~0ULL >> shift)
		return false;
	*value <<= shift;
	return true;
}

bool number_parse(const char *text, uint64_t *value)
{
	const char *end;

	return size_parse(text, &end, value) && !*end;
}

bool has_va(const struct gpuas_snap_extent *extent)
{
	return extent->kind == GPUAS_SNAP_LEAF || extent->kind == GPUAS_SNAP_ODD;
}

uint64_t extent_start(const struct gpuas_snap_extent *extent)
{
	return has_va(extent) ? gpuas_va_u64(extent->va) : gpuas_pa_u64(extent->pa);
}

uint64_t extent_pa(const struct gpuas_snap_extent *extent, uint64_t va)
{
	if (extent->kind == GPUAS_SNAP_ODD)
		return gpuas_pa_u64(extent->pa);
	return gpuas_pa_u64(extent->pa) + (va - extent_start(extent));
}

uint64_t extent_address(const struct image *image, const struct gpuas_snap_extent *extent,
			uint64_t va)
{
	return gpuas_snap_address(&image->snapshot, extent) + (va - extent_start(extent));
}

int space_open(const struct image *image, uint16_t i, struct gpuas_space *space)
{
	const struct gpuas_snap_space *snap = &image->snapshot.space[i];
	const struct gpuas_range nothing = { snap->va, 0 };

	if (snap->level == GPUAS_SNAP_ROOT)
		return gpuas_space_adopt(space, &snap->geo, &nothing, snap->root, &image->env);
	return gpuas_space_adopt_at(space, &snap->geo, snap->level, &nothing, snap->root,
				    &image->env);
}

static bool is_space(const struct gpuas_snap_space *space, const char *name, size_t length)
{
	char number_text[8];

	snprintf(number_text, sizeof(number_text), "%u", space->context);
	if (strlen(space->name) == length && !memcmp(space->name, name, length))
		return true;
	return space->context != GPUAS_SNAP_NO_CONTEXT && !space->geo.upper &&
	       strlen(number_text) == length && !memcmp(number_text, name, length);
}

/* What is not there, and what is. */
__attribute__((format(printf, 2, 3)))
static bool no_space(const struct image *image, const char *format, ...)
{
	char *name = name_of(image->file.name);
	va_list list;
	uint32_t i;

	fprintf(stderr, "gpuas: %s: ", name);
	free(name);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, "; there are:");
	for (i = 0; i < image->snapshot.spaces; i++)
		fprintf(stderr, "%s '%s'", i ? "," : "", image->snapshot.space[i].name);
	fprintf(stderr, ", 'PA'\n");
	return false;
}

static bool space_find(const struct image *image, const char *name, size_t length,
		       uint16_t *space)
{
	uint32_t i;

	*space = GPUAS_SNAP_NO_SPACE;
	if (length == 2 && !memcmp(name, "PA", 2))
		return true;
	for (i = 0; i < image->snapshot.spaces; i++) {
		if (is_space(&image->snapshot.space[i], name, length)) {
			*space = (uint16_t)i;
			return true;
		}
	}
	return no_space(image, "no space is called '%.*s'", (int)length, name);
}

/* The space that has the tag of an address, and the VA that it stands for. */
static bool tag_find(const struct image *image, uint64_t value, struct address *address)
{
	const uint64_t top = value >> TAG_SHIFT;
	const struct gpuas_snap_space *space = image->snapshot.space;
	const uint8_t tag = top == FIRST_TOP ? GPUAS_SNAP_TAG_FIRST : (uint8_t)top;
	uint32_t i;

	address->va = value & BELOW_TAG;
	address->space = GPUAS_SNAP_NO_SPACE;
	if (top == GPUAS_SNAP_TAG_PA)
		return true;
	for (i = 0; (top == FIRST_TOP || top < 0x100) && i < image->snapshot.spaces; i++, space++) {
		if (space->tag != tag)
			continue;
		address->space = (uint16_t)i;
		if (space->geo.upper)
			address->va |= ~BELOW_TAG;
		return true;
	}
	return no_space(image, "0x%" PRIx64 " is in no space of this file", value);
}

/* One address, and where the text goes on. */
static bool start_parse(const struct image *image, const char *text, const char **end,
			struct address *address)
{
	const char *colon = strchr(text, ':');
	uint64_t value;

	if (colon && !space_find(image, text, (size_t)(colon - text), &address->space))
		return false;
	if (!number(colon ? colon + 1 : text, end, &value)) {
		fprintf(stderr, "gpuas: '%s' is no address: a number as in the output of ls, or "
			"SPACE:VA, is one\n", text);
		return false;
	}
	address->size = 1;
	address->va = value;
	return colon || tag_find(image, value, address);
}

bool address_parse(const struct image *image, const char *text, struct address *address)
{
	const char *end;

	if (!start_parse(image, text, &end, address))
		return false;
	if (!*end)
		return true;
	fprintf(stderr, "gpuas: '%s' is no address: '%s' is left over\n", text, end);
	return false;
}

/* The end of a range, behind its start. */
static bool end_parse(const struct image *image, const char *text, const char *end,
		      struct address *range)
{
	struct address last = *range;

	if (!*end)
		return true;
	if (*end == '+' && size_parse(end + 1, &end, &range->size) && !*end && range->size &&
	    range->va + (range->size - 1) >= range->va)
		return true;
	if (*end == '-' && number(end + 1, &end, &last.va) && !*end &&
	    (strchr(text, ':') || tag_find(image, last.va, &last)) && last.space == range->space &&
	    last.va >= range->va && last.va - range->va != ~0ULL) {
		range->size = last.va - range->va + 1;
		return true;
	}
	fprintf(stderr, "gpuas: '%s' is no range: ADDRESS, ADDRESS-ADDRESS, ADDRESS+SIZE and SPACE are\n",
		text);
	return false;
}

bool range_parse(const struct image *image, const char *text, struct address *range)
{
	const size_t length = strlen(text);
	const char *end;

	if (length && !isdigit((unsigned char)text[0]) &&
	    (!strchr(text, ':') || text[length - 1] == ':')) {
		range->va = 0;
		range->size = ~0ULL;
		return space_find(image, text, length - (text[length - 1] == ':'), &range->space);
	}
	return start_parse(image, text, &end, range) && end_parse(image, text, end, range);
}

const struct gpuas_snap_extent *image_extent(const struct image *image,
					  const struct address *address)
{
	const struct gpuas_snap_extent *extent = image->snapshot.extent, *found = NULL;
	uint32_t i;

	for (i = 0; i < image->snapshot.extents; i++, extent++) {
		const bool in = has_va(extent) ? extent->space == address->space :
						 address->space == GPUAS_SNAP_NO_SPACE;

		if (in && address->va - extent_start(extent) < extent->size &&
		    (!found || found->missing))
			found = extent;
	}
	return found;
}
