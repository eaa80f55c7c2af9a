// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A core, of any kind: the input is the file. */
#include "fuzz.h"

#include "tree-blob.h"

static const struct options options = { .limit = 1 << 20 };
static struct image *sound;
static struct input tree = { .name = "tree", .size = TREE_BLOB };

static int put(void *ctx, const void *buf, size_t count)
{
	return write(*(int *)ctx, buf, count) == (ssize_t)count ? 0 : -GPUAS_ENOSPC;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct gpuas_core_info info = { .why = "fuzz" };
	struct snap *m = snap_machine();
	static uint8_t buf[4096];
	struct gpuas_core core;
	static char name[ADDRESS_MAX];
	int fd = fuzz_file("", 0, name);

	(void)argc, (void)argv;
	snap_take(m);
	if (gpuas_core_init(&core, &m->s, &info, 64 << 10) ||
	    gpuas_core_push(&core, buf, sizeof(buf), put, &fd))
		abort();
	tree.bytes = memory(TREE_BLOB, 1);
	memcpy(tree.bytes, tree_blob(m), TREE_BLOB);
	ram_delete(m->ram);
	free(m);
	sound = image_open(name, &options, 0);
	return sound && freopen("/dev/null", "w", stdout) ? 0 : 1;
}

static struct image *by_name(const uint8_t *data, size_t size)
{
	static char name[ADDRESS_MAX];
	int fd = fuzz_file(data, size, name);
	struct image *image = image_open(name, &options, 0);

	close(fd);
	return image;
}

static bool is_packed(const uint8_t *data, size_t size)
{
	return size > 4 && (!memcmp(data, "\x1f\x8b", 2) || !memcmp(data, "\x28\xb5\x2f\xfd", 4) ||
			    !memcmp(data + 1, "\x2a\x4d\x18", 3));
}

void fuzz_one(const uint8_t *data, size_t size, unsigned int choice)
{
	const unsigned int way = choice & FUZZ_WAY;
	struct image *image = NULL;
	uint8_t *copy = NULL;
	bool fine;

	if (way == FUZZ_BY_NAME || is_packed(data, size)) {
		image = by_name(data, size);
		fine = image;
	} else {
		/* In memory of just that size: what reads more is found. */
		copy = memory(size, 1);
		memcpy(copy, data, size);
		image = memory(1, sizeof(*image));
		image_init(image, "fuzz");
		image->file.bytes = copy;
		image->file.size = size;
		fine = image_load(image, way == FUZZ_WITH_TREE ? &tree : NULL, &options);
	}
	if (fine)
		fuzz_commands(image, sound, choice);
	image_close(image);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(data, size, fuzz_choice(data, size));
	return 0;
}
