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

#include "../../lib/host/compare.h"
#include "../../lib/host/out.h"

enum { ADDRESSES = 8, ADDRESS_MAX = 64 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file without a folder; @name is how to open it. */
static inline int fuzz_file(const void *bytes, size_t size, char name[ADDRESS_MAX])
{
	int fd = memfd_create("fuzz", 0);

	if (fd < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	snprintf(name, ADDRESS_MAX, "/proc/self/fd/%d", fd);
	return fd;
}

/* Every command, on one file, and beside another one; by the file, in text or for programs. */
static inline void fuzz_commands(struct image *image, struct image *other, bool json)
{
	const struct options options = { .json = json };

	command_info(&options, &image, (char *[]){ NULL });
	command_ls(&options, &image, (char *[]){ NULL });
	command_check(&options, &image, (char *[]){ NULL });
	command_diff(&options, (struct image *[]){ json ? image : other, json ? other : image },
		     (char *[]){ NULL });
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

#endif /* FUZZ_H */
