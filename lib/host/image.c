// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A file with the memory of a GPU in it: what it is, and where which memory is. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"
#include "tree.h"

void *memory(size_t count, size_t size)
{
	void *ptr = calloc(count ? count : 1, size);

	if (ptr)
		return ptr;
	fprintf(stderr, "gpuas: there is not enough memory for %zu times %zu bytes\n", count, size);
	exit(STATUS_USAGE);
}

void text_clean(char *text, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++) {
		if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] > '~')
			text[i] = '?';
	}
	text[size - 1] = 0;
}

char *text_of(const uint8_t *bytes, size_t size)
{
	char *text = memory(size + 1, 1);
	size_t i;

	memcpy(text, bytes, size);
	for (i = 0; i < size; i++) {
		if (!text[i])
			text[i] = '?';
	}
	text_clean(text, size + 1);
	return text;
}

static void clean_text(char *text, size_t size, const char *format, va_list list)
{
	vsnprintf(text, size, format, list);
	text_clean(text, size);
}

bool refuse(const struct input *file, const char *format, ...)
{
	char text[2 * FAULT_MAX];
	va_list list;

	va_start(list, format);
	clean_text(text, sizeof(text), format, list);
	va_end(list);
	fprintf(stderr, "gpuas: %s: %s\n", file->name, text);
	return false;
}

void fault(struct image *image, const char *format, ...)
{
	va_list list;

	if (image->faults++ >= FAULTS_MAX)
		return;
	va_start(list, format);
	clean_text(image->fault[image->faults - 1], FAULT_MAX, format, list);
	va_end(list);
}

void piece_add(struct image *image, uint64_t pa, uint64_t size, const uint8_t *bytes)
{
	size_t room;

	if (!size)
		return;
	if (pa + (size - 1) < pa) {
		fault(image, "memory at PA 0x%" PRIx64 " has 0x%" PRIx64 " bytes, and would wrap",
		      pa, size);
		return;
	}
	if (!(image->pieces & (image->pieces + 1))) {
		room = 2 * image->pieces + 2;
		image->piece = realloc(image->piece, room * sizeof(*image->piece));
		if (!image->piece)
			memory(SIZE_MAX, room);
	}
	image->piece[image->pieces++] = (struct piece){ pa, size, bytes };
}

static int by_pa(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->size == y->size ? 0 : x->size > y->size ? -1 : 1;
}

/* Two that overlap are one if they say the same; else the first one counts. */
static void piece_join(struct image *image, struct piece *last, const struct piece *next,
		       size_t *kept)
{
	const uint64_t at = next->pa - last->pa, end = at + next->size;

	if (at <= last->size && last->bytes + at == next->bytes) {
		if (end > last->size)
			last->size = end;
		return;
	}
	if (at < last->size) {
		fault(image, "memory at PA 0x%" PRIx64 " is there twice; the first one counts",
		      next->pa);
		if (end <= last->size)
			return;
	}
	image->piece[*kept] = *next;
	if (at < last->size)
		image->piece[*kept] = (struct piece){ last->pa + last->size, end - last->size,
						      next->bytes + (last->size - at) };
	(*kept)++;
}

void pieces_finish(struct image *image)
{
	size_t i, kept = 0;
	struct piece next;

	if (image->pieces)
		qsort(image->piece, image->pieces, sizeof(*image->piece), by_pa);
	for (i = 0; i < image->pieces; i++) {
		next = image->piece[i];
		if (kept)
			piece_join(image, &image->piece[kept - 1], &next, &kept);
		else
			image->piece[kept++] = next;
	}
	image->pieces = kept;
}

const uint8_t *image_at(const struct image *image, uint64_t pa, uint64_t *size)
{
	size_t low = 0, high = image->pieces, middle;
	const struct piece *piece;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (image->piece[middle].pa <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	piece = &image->piece[low - 1];
	if (pa - piece->pa >= piece->size)
		return NULL;
	*size = piece->size - (pa - piece->pa);
	return piece->bytes + (pa - piece->pa);
}

/* Nobody writes through it: the library only reads in these trees. */
static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	uint64_t there;
	const uint8_t *bytes = image_at(ctx, gpuas_pa_u64(pa), &there);

	if (!bytes || there < size || (uintptr_t)bytes % sizeof(uint64_t))
		return NULL;
	return (uint64_t *)(uintptr_t)bytes;
}

const struct gpuas_format *format_find(const char *name)
{
	static const struct gpuas_format *const known[] = {
		&gpuas_format_uat, &gpuas_format_lpae_4k, &gpuas_format_lpae_16k,
		&gpuas_format_lpae_64k,
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (gpuas_streq(known[i]->name, name))
			return known[i];
	}
	return NULL;
}

void image_init(struct image *image, const char *name)
{
	image->file.name = name;
	image->env = (struct gpuas_env){ .ctx = image, .table_ptr = table_ptr };
	image->snapshot.env = &image->env;
}

bool image_load(struct image *image, const struct input *dtb, const struct options *options)
{
	const uint8_t *bytes = image->file.bytes;

	if (image->file.size >= 4 && !memcmp(bytes, "\177ELF", 4)) {
		if (!elf_load(image, dtb, options))
			return false;
		if (dtb && image->kind == IMAGE_CORE)
			tree_compare(image, dtb);
		return true;
	}
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
	for (i = 0; i < sizeof(uint64_t); i++)
		free(image->copy[i]);
	walked_free(&image->snapshot);
	free(image->piece);
	free(image->report);
	free(image->soc);
	free(image->log);
	input_close(&image->file);
	free(image);
}

void say_faults(const struct image *image)
{
	unsigned int i;

	for (i = 0; i < image->faults && i < FAULTS_MAX; i++)
		fprintf(stderr, "gpuas: %s: %s\n", image->file.name, image->fault[i]);
	if (image->faults > FAULTS_MAX)
		fprintf(stderr, "gpuas: %s: and %u more of the kind\n", image->file.name,
			image->faults - FAULTS_MAX);
}
