// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Where in a file which memory is. */
#include <inttypes.h>
#include <stdlib.h>

#include "images.h"

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
	piece = low ? &image->piece[low - 1] : NULL;
	if (!piece || pa - piece->pa >= piece->size) {
		*size = low < image->pieces ? image->piece[low].pa - pa : ~0ULL;
		return NULL;
	}
	*size = piece->size - (pa - piece->pa);
	return piece->bytes + (pa - piece->pa);
}
