/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What the fuzz targets share: a file in memory that all commands look at. Each target is a
 * program of its own, for libFuzzer or with the main() of fuzz.c.
 */
#ifndef FUZZ_H
#define FUZZ_H

#define _GNU_SOURCE
#include "../unit/snaps.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../lib/host/map.h"
#include "../../lib/host/out.h"

enum { ADDRESSES = 8, ADDRESS_MAX = 64 };

/* What is done with one input: the bits of a byte of its own, or more than a byte has. */
enum {
	FUZZ_JSON = 1,
	FUZZ_COMMAND = 15 << 1,	/* one of enum fuzz_command */
	FUZZ_WAY = 7 << 5,	/* how it is opened, as far as the target has it */
	FUZZ_BY_NAME = 7 << 5,
	FUZZ_WITH_TREE = 6 << 5, /* of eight, one each; else as it is */
	FUZZ_ALL = 1 << 8,	/* every command */
};

enum fuzz_command {
	FUZZ_INFO, FUZZ_LS, FUZZ_CHECK, FUZZ_DIFF, FUZZ_ADDRESSES, FUZZ_PAGE, FUZZ_DRAWING,
	FUZZ_PAGE_DIFF, FUZZ_DRAWING_DIFF, FUZZ_COMMANDS,
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same, with a choice that is not the input's last byte. */
void fuzz_one(const uint8_t *data, size_t size, unsigned int choice);

static inline unsigned int fuzz_choice(const uint8_t *data, size_t size)
{
	return size ? data[size - 1] : 0;
}

/* A file without a folder; @name is how to open it. */
static inline int fuzz_file(const void *bytes, size_t size, char name[ADDRESS_MAX])
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	snprintf(name, ADDRESS_MAX, "/proc/self/fd/%d", fd);
	return fd;
}

/* What command_map() does with files that are open. */
static inline void fuzz_map(const struct image *a, const struct image *b, bool page)
{
	struct map *map = map_of(a, b);

	if (page)
		map_html(stdout, map);
	else
		map_svg(stdout, map);
	map_free(map);
}

/* Addresses that are worth a look: the first extents, the last ones, the odd ones. */
static inline void fuzz_addresses(struct image *image)
{
	struct options options = { .json = false };
	char address[ADDRESS_MAX];
	unsigned int count = 0;
	uint32_t i;

	for (i = 0; i < image->snapshot.extents && count < ADDRESSES; i++) {
		const struct gpuas_snap_extent *extent = &image->snapshot.extent[i];

		if (i >= 2 && i + 2 < image->snapshot.extents && extent->kind != GPUAS_SNAP_ODD)
			continue;
		snprintf(address, ADDRESS_MAX, "0x%" PRIx64,
			 gpuas_snap_address(&image->snapshot, extent) + extent->size / 2);
		options.json = count++ & 1;
		command_walk(&options, &image, (char *[]){ address, NULL });
		command_find(&options, &image, (char *[]){ address, NULL });
		options.output = options.json ? "/dev/null" : NULL;
		command_read(&options, &image,
			     (char *[]){ address, options.json ? "0x4100" : "0x21", NULL });
	}
}

/* A command, on one file, or beside another one, as A or as B. */
static inline void fuzz_command(struct image *image, struct image *other,
				enum fuzz_command command, bool json)
{
	static command_t *const text[] = {
		[FUZZ_INFO] = command_info, [FUZZ_LS] = command_ls, [FUZZ_CHECK] = command_check,
	};
	const struct options options = { .json = json };
	struct image *const both[] = { json ? image : other, json ? other : image };

	if (command <= FUZZ_CHECK)
		text[command](&options, &image, (char *[]){ NULL });
	else if (command == FUZZ_DIFF)
		command_diff(&options, both, (char *[]){ NULL });
	else if (command == FUZZ_ADDRESSES)
		fuzz_addresses(image);
	else if (command <= FUZZ_DRAWING)
		fuzz_map(image, NULL, command == FUZZ_PAGE);
	else
		fuzz_map(both[0], both[1], command == FUZZ_PAGE_DIFF);
}

/* What @choice says. */
static inline void fuzz_commands(struct image *image, struct image *other, unsigned int choice)
{
	unsigned int command;

	if (!(choice & FUZZ_ALL)) {
		fuzz_command(image, other, (choice & FUZZ_COMMAND) / 2 % FUZZ_COMMANDS,
			     choice & FUZZ_JSON);
		return;
	}
	for (command = 0; command < FUZZ_COMMANDS; command++) {
		fuzz_command(image, other, command, false);
		fuzz_command(image, other, command, true);
	}
}

#endif /* FUZZ_H */
