// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The notes of a core: the input is pieces of a type, a length of two bytes, and what the note
 * says. Of what comes through, each function that looks at an image is asked.
 */
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	return freopen("/dev/null", "w", stdout) ? 0 : 1;
}

static bool notes(struct image *image, const uint8_t *data, size_t size)
{
	uint8_t *copy;
	size_t length;
	bool fine;

	while (size >= 3) {
		length = data[1] | (size_t)data[2] << 8;
		if (length > size - 3)
			length = size - 3;
		/* In memory of just that size: what reads more is found. */
		copy = memory(length, 1);
		memcpy(copy, data + 3, length);
		fine = note_load(image, GPUAS_NOTE_INFO + data[0] % 16, copy, length);
		free(copy);
		if (!fine)
			return false;
		data += 3 + length;
		size -= 3 + length;
	}
	return true;
}

static void found(void *ctx, const struct difference *difference)
{
	(void)ctx, (void)difference;
}

static void look(struct image *image)
{
	struct gpuas_snapshot *s = &image->snapshot;
	struct comparison comparison = { .a = s, .b = s, .of_a = image, .of_b = image,
					       .found = found };
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	json_object *json = json_new("fuzz", image);
	struct gpuas_space space;
	struct gpuas_text text;
	unsigned int steps;
	uint32_t i;

	for (i = 0; i < s->extents; i++) {
		s->extent[i].pa = gpuas_pa(i * 0x4000ULL);
		s->extent[i].size = 0x4000 - gpuas_va_u64(s->extent[i].va) % 0x4000;
		gpuas_text_clear(&text);
		extent_line(image, &s->extent[i], &text);
		json_extent(image, &s->extent[i], json);
	}
	for (i = 0; i < s->findings; i++) {
		gpuas_text_clear(&text);
		finding_line(image, &s->finding[i], &text);
		json_finding(image, &s->finding[i], json);
	}
	for (i = 0; i < s->spaces; i++) {
		if (!space_open(image, (uint16_t)i, &space))
			gpuas_path(&space, s->space[i].va, step, &steps);
		compare_spaces(&comparison, (uint16_t)i, (uint16_t)(s->spaces - 1 - i));
	}
	compare_regions(&comparison);
	json_put(json);
}

static void again(struct image *image)
{
	struct gpuas_snapshot walked = image->snapshot;
	const size_t size = walked.spaces * sizeof(*walked.space);

	walked.space = memory(1, size);
	if (size)
		memcpy(walked.space, image->snapshot.space, size);
	walk_spaces(image, &walked);
	walked_free(&walked);
}

void fuzz_one(const uint8_t *data, size_t size, unsigned int choice)
{
	static uint64_t ram[0x8000 / 8];
	struct image *image = memory(1, sizeof(*image));

	(void)choice;
	image_init(image, "fuzz");
	image->file.bytes = (uint8_t *)ram;
	image->file.size = sizeof(ram);
	piece_add(image, 0, image->file.size, image->file.bytes);
	pieces_finish(image);
	if (notes(image, data, size)) {
		look(image);
		again(image);
	}
	image_close(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(data, size, 0);
	return 0;
}
