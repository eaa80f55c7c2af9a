// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A file with the memory of a GPU in it: what it is. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "images.h"
#include "tree.h"

static size_t mirror_size(const struct image *image)
{
	return (size_t)image->file.size + sizeof(uint64_t);
}

static bool in_file(const struct image *image, const uint8_t *bytes)
{
	return (uintptr_t)bytes - (uintptr_t)image->file.bytes < image->file.size;
}

/*
 * QEMU puts memory behind notes of any length, and entries are read as words: then in a mirror, which
 * is as large as the file, and has memory only where something was read.
 */
static uint8_t *mirror_of(struct image *image, const uint8_t *bytes)
{
	const size_t off = (uintptr_t)bytes % sizeof(uint64_t);

	if (!image->mirror[off])
		image->mirror[off] = mmap(NULL, mirror_size(image), PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (image->mirror[off] == MAP_FAILED)
		memory(SIZE_MAX, mirror_size(image));
	return image->mirror[off] + (size_t)(bytes - image->file.bytes) + (sizeof(uint64_t) - off);
}

/* Nobody writes through it: the library only reads in these trees. */
static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	uint64_t there;
	const uint8_t *bytes = image_at(ctx, gpuas_pa_u64(pa), &there);

	if (!bytes || there < size || gpuas_pa_u64(pa) % sizeof(uint64_t))
		return NULL;
	if ((uintptr_t)bytes % sizeof(uint64_t)) {
		if (!in_file(ctx, bytes))
			return NULL;
		bytes = mirror_of(ctx, bytes);
	}
	return (uint64_t *)(uintptr_t)bytes;
}

/* Called before what table_ptr() lent is read: what is asked of memory alone costs no mirror. */
static void invalidate(void *ctx, const void *ptr, size_t size)
{
	struct image *image = ctx;
	size_t off, at;

	for (off = 1; off < sizeof(uint64_t); off++) {
		at = (uintptr_t)ptr - (uintptr_t)image->mirror[off];
		if (image->mirror[off] && at < mirror_size(image))
			memcpy(image->mirror[off] + at,
			       image->file.bytes + at - (sizeof(uint64_t) - off), size);
	}
}

void image_init(struct image *image, const char *name)
{
	image->file.name = name;
	image->env = (struct gpuas_env){ .ctx = image, .table_ptr = table_ptr,
					.invalidate = invalidate };
	image->snapshot.env = &image->env;
}

/* What would be taken for RAM, and is a file of others. */
static bool is_of_no_other(const struct input *file)
{
	static const struct {
		const char *start, *what;
	} other[] = {
		{ "\xfd" "7zXZ", "is packed by xz: unpack it first" },
		{ "\x1f\x8b\x08", "is packed by gzip, and once more: unpack it first" },
		{ "\x28\xb5\x2f\xfd", "is packed by zstd, and once more: unpack it first" },
		{ "KDUMP   ", "is of makedumpfile, and no ELF core: makedumpfile -E writes one" },
		{ "DISKDUMP", "is of makedumpfile, and no ELF core: makedumpfile -E writes one" },
		{ "makedumpfile", "is of makedumpfile, and no ELF core: makedumpfile -E writes one" },
	};
	size_t i, length;

	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		length = strlen(other[i].start);
		if (file->size >= length && !memcmp(file->bytes, other[i].start, length))
			return refuse(file, "%s", other[i].what);
	}
	return true;
}

bool image_load(struct image *image, const struct input *dtb, const struct options *options)
{
	const uint8_t *bytes = image->file.bytes;

	if (image->file.size >= 4 && !memcmp(bytes, "\177ELF", 4)) {
		if (!elf_load(image, dtb, options))
			return false;
		return !dtb || image->kind != IMAGE_CORE || tree_compare(image, dtb);
	}
	if (!is_of_no_other(&image->file))
		return false;
	if (image->file.size >= 4 && !memcmp(bytes, "\xd0\x0d\xfe\xed", 4))
		return refuse(&image->file, "is a device tree: name it by --dtb, beside the RAM that "
			      "it is of");
	if (!dtb)
		return refuse(&image->file, "is no ELF core, so it has to be RAM: --dtb FILE has to "
			      "name the device tree that the machine ran with");
	return ram_load(image, dtb, options);
}

struct image *image_open(const char *name, const struct options *options, unsigned int n)
{
	struct image *image = memory(1, sizeof(*image));
	const unsigned int tree = n < options->dtbs ? n : options->dtbs - 1;
	struct input dtb = { NULL, NULL, 0, false };
	bool fine;

	image_init(image, name);
	fine = !options->dtbs || input_open(&dtb, options->dtb[tree], options->limit);
	fine = fine && input_open(&image->file, name, options->limit) &&
	       image_load(image, options->dtbs ? &dtb : NULL, options);
	input_close(&dtb);
	if (fine)
		return image;
	image_close(image);
	return NULL;
}

void image_close(struct image *image)
{
	unsigned int i;

	if (!image)
		return;
	for (i = 0; i < sizeof(uint64_t); i++) {
		if (image->mirror[i])
			munmap(image->mirror[i], mirror_size(image));
	}
	walked_free(&image->snapshot);
	free(image->piece);
	free(image->report);
	free(image->soc);
	free(image->log);
	input_close(&image->file);
	free(image);
}
