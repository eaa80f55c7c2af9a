// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A core, of any kind: the input is the file. */
#include "fuzz.h"

static struct image *sound;

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
	const struct options options = { .limit = 1 << 20 };
	char name[ADDRESS_MAX];
	int fd = fuzz_file("", 0, name);

	(void)argc, (void)argv;
	snap_take(m);
	if (gpuas_core_init(&core, &m->s, &info, 64 << 10) ||
	    gpuas_core_push(&core, buf, sizeof(buf), put, &fd))
		abort();
	ram_delete(m->ram);
	free(m);
	sound = image_open(name, &options, 0);
	return sound && freopen("/dev/null", "w", stdout) ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct options options = { .limit = 1 << 20 };
	char name[ADDRESS_MAX];
	int fd = fuzz_file(data, size, name);
	struct image *image = image_open(name, &options, 0);

	if (image) {
		fuzz_commands(image, sound, size && data[size - 1] & 1);
		fuzz_addresses(image);
	}
	image_close(image);
	close(fd);
	return 0;
}
