// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The driver lets go of the GPU while a context is in use, and has it again later: the
 * old file is of no use any more, a new one is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests.h"

#define DRIVER	"/sys/bus/platform/drivers/gpuas-qemu-virt/"
#define DEVICE	"gpuas-gpu"
#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define JOBS	4

static void tell_driver(const char *what)
{
	FILE *file = fopen(what, "w");

	if (!file || fputs(DEVICE, file) < 0 || fclose(file))
		fail("unbind: write to %s: %s", what, strerror(errno));
}

static void prepare(int gpu, struct buffer *from, struct buffer *to, uint64_t *random)
{
	gpu_buffer(gpu, GRANULE, from);
	gpu_buffer(gpu, GRANULE, to);
	fill(from->map, GRANULE, random);
	gpu_map(gpu, from, 0, GRANULE, FROM, GPUAS_MAP_READ);
	gpu_map(gpu, to, 0, GRANULE, TO, GPUAS_MAP_READ | GPUAS_MAP_WRITE);
}

static void submit(int gpu)
{
	struct gpuas_ioctl_copy copy;
	int i, err = 0;

	for (i = 0; !err && i < JOBS; i++) {
		copy = (struct gpuas_ioctl_copy){ .from = FROM, .to = TO, .size = 64 };
		err = gpu_call(gpu, GPUAS_COPY, &copy);
	}
	if (err)
		fail("unbind: copy: %s", strerror(-err));
}

static int works(int gpu, const struct buffer *from, const struct buffer *to)
{
	struct gpuas_ioctl_wait done = gpu_copy(gpu, FROM, TO, 64);

	return done.error || differ(from->map, to->map, 64);
}

int test_unbind(uint64_t seed)
{
	struct buffer old_from, old_to, from, to;
	static uint8_t copy[GRANULE];
	struct gpuas_ioctl_info info;
	uint64_t random = seed;
	int old, gpu, err, bad;
	size_t changed;

	say("unbind: seed 0x%llx", (unsigned long long)seed);
	old = gpu_open();
	prepare(old, &old_from, &old_to, &random);
	memcpy(copy, old_from.map, GRANULE);
	submit(old);
	tell_driver(DRIVER "unbind");
	err = gpu_call(old, GPUAS_INFO, &info);
	say("unbind: the old file: %d", err);
	tell_driver(DRIVER "bind");
	gpu = gpu_open();
	prepare(gpu, &from, &to, &random);
	bad = works(gpu, &from, &to);
	say("unbind: a new file %s", bad ? "does not work" : "works");
	bad |= err != -ENODEV || gpu_call(old, GPUAS_INFO, &info) != -ENODEV;
	close(old);
	changed = differ(old_from.map, copy, GRANULE);
	say("unbind: memory: %zu bytes changed", changed);
	bad |= changed != 0;
	bad |= works(gpu, &from, &to);
	close(gpu);
	return bad;
}
