// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas read: contents, at a VA. All of it is there, or nothing is written. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "out.h"

enum { ROW = 16, UNIT = 4096 };

static const char *why_missing(unsigned int missing)
{
	static const char *const why[] = {
		[GPUAS_SNAP_NOT_RAM] = "is no RAM, or nobody may read it",
		[GPUAS_SNAP_NO_MAP] = "is in a region that carries no-map",
		[GPUAS_SNAP_BEYOND] = "leads beyond the PA size",
		[GPUAS_SNAP_NONE] = "is no memory",
		[GPUAS_SNAP_LIMIT] = "was left out: the file would have been too large, or is cut off",
	};

	return why[missing];
}

/* What has the address: as most files have it, @last or one that is not far behind it. */
static const struct gpuas_snap_extent *next_extent(const struct image *image,
						   const struct address *address,
						   const struct gpuas_snap_extent *last)
{
	const struct gpuas_snap_extent *end = image->snapshot.extent + image->snapshot.extents;

	for (; last && last < end; last++) {
		if (!last->missing && has_va(last) && last->space == address->space &&
		    address->va - extent_start(last) < last->size)
			return last;
	}
	return image_extent(image, address);
}

/*
 * Bytes at an address, and how many follow each other; NULL: said why there are none. @last: what
 * has the address before it; NULL: not known.
 */
static const uint8_t *at(const struct image *image, const struct address *address, uint64_t *size,
			 const struct gpuas_snap_extent **last)
{
	const struct gpuas_snap_extent *extent = next_extent(image, address, *last);
	const char *space = space_name(image, address->space);
	const uint8_t *bytes;
	uint64_t offset;

	*last = extent;
	if (!extent && address->space == GPUAS_SNAP_NO_SPACE) {
		bytes = image_at(image, address->va, size);
		if (!bytes)
			refuse(&image->file, "PA 0x%" PRIx64 " is not in it", address->va);
		return bytes;
	}
	if (!extent) {
		refuse(&image->file, "%s: nothing is mapped at 0x%" PRIx64, space, address->va);
		return NULL;
	}
	offset = address->va - extent_start(extent);
	bytes = extent->kind == GPUAS_SNAP_ODD ? NULL :
		image_at(image, gpuas_pa_u64(extent->pa) + offset, size);
	if (!bytes) {
		refuse(&image->file, "%s: what is at 0x%" PRIx64 " %s", space, address->va,
		       why_missing(extent->missing ? extent->missing : GPUAS_SNAP_LIMIT));
		return NULL;
	}
	if (*size > extent->size - offset)
		*size = extent->size - offset;
	return bytes;
}

static void put_row(uint64_t address, const uint8_t *bytes, size_t count)
{
	size_t i;

	printf("0x%016" PRIx64 " ", address);
	for (i = 0; i < ROW; i++) {
		if (i < count)
			printf("%s%02x", i == ROW / 2 ? "  " : " ", bytes[i]);
		else
			printf("%s", i == ROW / 2 ? "    " : "   ");
	}
	printf("  ");
	for (i = 0; i < count; i++)
		putchar(isprint(bytes[i]) ? bytes[i] : '.');
	putchar('\n');
}

/**
 * struct rows - Bytes on their way to rows
 * @bytes: those of a row that is not full
 * @count: how many
 * @address: of the row
 */
struct rows {
	uint8_t bytes[ROW];
	size_t count;
	uint64_t address;
};

static void put_hex(struct rows *rows, const uint8_t *bytes, uint64_t size)
{
	uint64_t i;

	for (i = 0; i < size; i++) {
		rows->bytes[rows->count++] = bytes[i];
		if (rows->count < ROW)
			continue;
		put_row(rows->address, rows->bytes, ROW);
		rows->address += ROW;
		rows->count = 0;
	}
}

/* To a file as they are; without one, in rows. @to NULL and @rows NULL: only look. */
static bool each(const struct image *image, struct address address, FILE *to, struct rows *rows)
{
	const struct gpuas_snap_extent *last = NULL;
	const uint64_t all = address.size;
	const uint8_t *bytes;
	uint64_t size;

	while (address.size) {
		if (!rows)
			progress("reading", "contents", (all - address.size) / UNIT + (to ? all / UNIT : 0),
				 2 * (all / UNIT) + 1);
		bytes = at(image, &address, &size, &last);
		if (!bytes)
			return false;
		if (size > address.size)
			size = address.size;
		if (to && fwrite(bytes, 1, (size_t)size, to) != size)
			return false;
		if (rows)
			put_hex(rows, bytes, size);
		address.va += size;
		address.size -= size;
	}
	return true;
}

static bool write_file(const struct image *image, const struct address *address,
		       const char *name)
{
	struct output output;

	if (!output_open(&output, name))
		return false;
	each(image, *address, output.to, NULL);
	return output_close(&output);
}

static bool read_it(const struct image *image, const struct address *address,
		    const char *output)
{
	struct rows rows = { .address = file_address(image, address) };

	bool fine = each(image, *address, NULL, NULL);

	if (fine && output)
		fine = write_file(image, address, output);
	progress_end();
	if (!fine || output)
		return fine;
	each(image, *address, NULL, &rows);
	if (rows.count)
		put_row(rows.address, rows.bytes, rows.count);
	return true;
}

enum status command_read(const struct options *options, struct image *const *image,
			 char **argument)
{
	struct address address;

	if (!address_parse(image[0], argument[0], &address))
		return STATUS_USAGE;
	if (!number_parse(argument[1], &address.size) || !address.size) {
		fprintf(stderr, "gpuas: '%s' is no size: a number of bytes, as 64 or 4K, is\n",
			argument[1]);
		return STATUS_USAGE;
	}
	say_faults(image[0]);
	if (address.va + (address.size - 1) < address.va)
		refuse(&image[0]->file, "0x%" PRIx64 " bytes from %s on would wrap", address.size,
		       argument[0]);
	else if (read_it(image[0], &address, options->output))
		return STATUS_OK;
	return STATUS_USAGE;
}
