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

static const char ranges[] = "ADDRESS, ADDRESS-ADDRESS, ADDRESS+SIZE and SPACE are";

static bool number(const char *text, const char **end, uint64_t *value)
{
	char *stop;

	errno = 0;
	if (!isdigit((unsigned char)*text))
		return false;
	*value = strtoull(text, &stop, text[0] == '0' && text[1] == 'x' ? 16 : 10);
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

bool pa_parse(const char *text, uint64_t *pa)
{
	const bool named = !strncmp(text, "PA:", 3);

	if (!number_parse(named ? text + 3 : text, pa))
		return false;
	if (!named && *pa >> TAG_SHIFT == GPUAS_SNAP_TAG_PA)
		*pa &= BELOW_TAG;
	return true;
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

uint64_t file_address(const struct image *image, const struct address *address)
{
	uint64_t tag = GPUAS_SNAP_TAG_PA;

	if (address->space != GPUAS_SNAP_NO_SPACE)
		tag = image->snapshot.space[address->space].tag;
	if (tag == GPUAS_SNAP_TAG_FIRST)
		tag = FIRST_TOP;
	return (address->va & BELOW_TAG) | tag << TAG_SHIFT;
}

static bool has_name(const struct gpuas_snap_space *space, const char *name, size_t length)
{
	return strlen(space->name) == length && !memcmp(space->name, name, length);
}

/* N, or "context N", for the lower half of a context, whatever its name is. */
static bool has_context(const struct gpuas_snap_space *space, const char *name, size_t length)
{
	char text[24];
	size_t offset;

	snprintf(text, sizeof(text), "context %u", space->context);
	offset = length && isdigit((unsigned char)*name) ? strlen("context ") : 0;
	return space->context != GPUAS_SNAP_NO_CONTEXT && !space->geo.upper &&
	       strlen(text + offset) == length && !memcmp(text + offset, name, length);
}

static bool space_known(const struct image *image, const char *name, size_t length,
			uint16_t *space)
{
	const struct gpuas_snapshot *snapshot = &image->snapshot;
	uint32_t i;

	*space = GPUAS_SNAP_NO_SPACE;
	if (length == 2 && !memcmp(name, "PA", 2))
		return true;
	for (i = 0; i < snapshot->spaces && !has_name(&snapshot->space[i], name, length); i++)
		;
	if (i == snapshot->spaces)
		for (i = 0; i < snapshot->spaces; i++)
			if (has_context(&snapshot->space[i], name, length))
				break;
	if (i < snapshot->spaces)
		*space = (uint16_t)i;
	return i < snapshot->spaces;
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
	return space_known(image, name, length, space) ||
	       no_space(image, "no space is called '%.*s'", (int)length, name);
}

/* What stands behind the longest name of a space; the text itself, without one. */
static const char *behind_space(const struct image *image, const char *text, uint16_t *space)
{
	const char *colon;

	for (colon = text + strlen(text); colon > text; colon--) {
		if (colon[-1] == ':' && space_known(image, text, (size_t)(colon - 1 - text), space))
			return colon;
	}
	return text;
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
	const char *va = behind_space(image, text, &address->space), *colon = strrchr(text, ':');

	if (va == text && colon)
		return space_find(image, text, (size_t)(colon - text), &address->space);
	address->size = 1;
	if (number(va, end, &address->va))
		return va != text || tag_find(image, address->va, address);
	fprintf(stderr, "gpuas: '%s' is no address: a number as in the output of ls, or SPACE:VA, is\n",
		text);
	return false;
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

static bool no_range(const char *text, const char *why)
{
	fprintf(stderr, "gpuas: '%s' is no range: %s\n", text, why);
	return false;
}

/* The last address of a range; without a space of its own, in that of the first one. */
static bool last_parse(const struct image *image, const char *text, const char *last_text,
		       struct address *range)
{
	const bool has_space = strchr(text, ':');
	struct address last = *range;
	const char *end = last_text;

	if (strchr(last_text, ':') || !has_space) {
		if (!start_parse(image, last_text, &end, &last))
			return false;
	} else if (!number(last_text, &end, &last.va)) {
		return no_range(text, ranges);
	}
	if (last.space != range->space)
		return no_range(text, "its ends are in two spaces");
	if (*end || last.va < range->va)
		return no_range(text, ranges);
	if (last.va - range->va == ~0ULL)
		return no_range(text, "it is all that there is, as the name of the space");
	range->size = last.va - range->va + 1;
	return true;
}

/* What stands behind the first address of a range. */
static bool end_parse(const struct image *image, const char *text, const char *end,
		      struct address *range)
{
	if (!*end)
		return true;
	if (*end == '-')
		return last_parse(image, text, end + 1, range);
	if (*end == '+' && size_parse(end + 1, &end, &range->size) && !*end && range->size &&
	    range->va + (range->size - 1) >= range->va)
		return true;
	return no_range(text, ranges);
}

bool range_parse(const struct image *image, const char *text, struct address *range)
{
	const size_t length = strlen(text);
	const bool colon = length && text[length - 1] == ':';
	const char *end;
	uint64_t value;
	bool whole;

	whole = colon || (length && !isdigit((unsigned char)text[0]) && !strchr(text, ':')) ||
		(!number_parse(text, &value) && space_known(image, text, length, &range->space));
	if (whole) {
		range->va = 0;
		range->size = ~0ULL;
		return space_find(image, text, length - colon, &range->space);
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
