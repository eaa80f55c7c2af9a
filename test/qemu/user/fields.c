// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* One field wrong at a time: each call is refused, with the error that goes with it. */
#include <errno.h>
#include <unistd.h>

#include "tests.h"

#define VA	0x40000000ULL
#define UPPER	0xffffffa000000000ULL
#define LAST	((1ULL << 39) - GRANULE)

static int gpu, wrong, calls;
static uint32_t handle;

static void refused(unsigned long request, void *arg, int err, const char *what)
{
	int got = gpu_call(gpu, request, arg);

	calls++;
	if (got == err)
		return;
	say("fields: %s: %d, not %d", what, got, err);
	wrong++;
}

#define CREATE(err, ...) refused(GPUAS_CREATE_BUFFER, \
	&(struct gpuas_ioctl_create_buffer){ __VA_ARGS__ }, err, "create " #__VA_ARGS__)
#define DESTROY(err, ...) refused(GPUAS_DESTROY_BUFFER, \
	&(struct gpuas_ioctl_destroy_buffer){ .handle = handle, __VA_ARGS__ }, err, \
	"destroy " #__VA_ARGS__)
#define MAP(err, ...) refused(GPUAS_MAP, &(struct gpuas_ioctl_map){ .handle = handle, \
	.flags = GPUAS_MAP_READ, .size = GRANULE, .va = VA + GRANULE, __VA_ARGS__ }, err, \
	"map " #__VA_ARGS__)
#define UNMAP(err, ...) refused(GPUAS_UNMAP, \
	&(struct gpuas_ioctl_unmap){ .va = VA, .size = GRANULE, __VA_ARGS__ }, err, \
	"unmap " #__VA_ARGS__)
#define COPY(err, ...) refused(GPUAS_COPY, \
	&(struct gpuas_ioctl_copy){ .from = VA, .to = VA, .size = 1, __VA_ARGS__ }, err, \
	"copy " #__VA_ARGS__)
#define WAIT(err, ...) refused(GPUAS_WAIT, \
	&(struct gpuas_ioctl_wait){ .job = 1, .timeout_ms = 1, __VA_ARGS__ }, err, "wait " #__VA_ARGS__)

#pragma GCC diagnostic ignored "-Woverride-init"

int test_fields(void)
{
	struct buffer buffer;

	gpu = gpu_open();
	gpu_buffer(gpu, 2 * GRANULE, &buffer);
	handle = buffer.handle;
	gpu_map(gpu, &buffer, 0, GRANULE, VA, GPUAS_MAP_READ);
	CREATE(-EINVAL, .size = 0);
	CREATE(-EINVAL, .size = GRANULE + 1);
	CREATE(-EINVAL, .size = GRANULE, .offset = 1);
	CREATE(-EINVAL, .size = GRANULE, .handle = 1);
	CREATE(-EINVAL, .size = GRANULE, .pieces = 1);
	DESTROY(-ENOENT, .handle = handle + 1);
	DESTROY(-EINVAL, .reserved = 1);
	MAP(-ENOENT, .handle = handle + 1);
	MAP(-EINVAL, .flags = 0);
	MAP(-EINVAL, .flags = GPUAS_MAP_WRITE);
	MAP(-EINVAL, .flags = GPUAS_MAP_READ | 4);
	MAP(-EINVAL, .offset = 1);
	MAP(-EINVAL, .size = 0);
	MAP(-EINVAL, .size = GRANULE + 1);
	MAP(-ERANGE, .size = 3 * GRANULE);
	MAP(-ERANGE, .offset = GRANULE, .size = 2 * GRANULE);
	MAP(-EOVERFLOW, .offset = ~0ULL & ~(GRANULE - 1ULL), .size = 2 * GRANULE);
	MAP(-EINVAL, .va = VA + 1);
	MAP(-EEXIST, .va = VA);
	MAP(-ERANGE, .va = UPPER);
	MAP(-ERANGE, .va = LAST, .size = 2 * GRANULE);
	UNMAP(-ENOENT, .size = 0);
	UNMAP(-ENOENT, .va = VA + 1);
	COPY(-EINVAL, .size = 0);
	COPY(-EINVAL, .job = 1);
	COPY(-EINVAL, .reserved = 1);
	WAIT(-ENOENT, .job = 1);
	WAIT(-EINVAL, .fault_va = 1);
	WAIT(-EINVAL, .error = 1);
	WAIT(-EINVAL, .fault_type = 1);
	WAIT(-EINVAL, .fault_write = 1);
	WAIT(-EINVAL, .reserved = 1);
	say("fields: %d calls with one field wrong, %d not refused as they should be", calls, wrong);
	close(gpu);
	return wrong;
}
