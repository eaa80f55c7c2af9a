// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What one open file may have, and how many there may be: so much, and then an error. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests.h"

#define FROM		0x40000000ULL
#define CONTEXTS	64

static int create(int gpu, size_t size, uint32_t *handle)
{
	struct gpuas_ioctl_create_buffer arg = { .size = size };
	int err = gpu_call(gpu, GPUAS_CREATE_BUFFER, &arg);

	if (!err)
		*handle = arg.handle;
	return err;
}

static int destroy(int gpu, uint32_t handle)
{
	struct gpuas_ioctl_destroy_buffer arg = { .handle = handle };

	return gpu_call(gpu, GPUAS_DESTROY_BUFFER, &arg);
}

static int buffers(const struct gpuas_ioctl_info *info)
{
	int gpu = gpu_open(), err, again;
	unsigned int count = 0;
	uint32_t handle = 0;

	while (!(err = create(gpu, GRANULE, &handle)))
		count++;
	again = destroy(gpu, handle);
	if (!again)
		again = create(gpu, GRANULE, &handle);
	say("limits: %u buffers, then %d; one less, then %d", count, err, again);
	close(gpu);
	return count != info->buffers_max || err != -EDQUOT || again;
}

/* Memory counts as long as it is in use. */
static int bytes(const struct gpuas_ioctl_info *info)
{
	int gpu = gpu_open(), more, used, again;
	struct buffer all;
	uint32_t handle;

	gpu_buffer(gpu, info->bytes_max, &all);
	more = create(gpu, GRANULE, &handle);
	destroy(gpu, all.handle);
	used = create(gpu, GRANULE, &handle);
	munmap(all.map, all.size);
	again = create(gpu, GRANULE, &handle);
	say("limits: %zu bytes, then %d; destroyed, but in use: %d; given back: %d", all.size, more,
	    used, again);
	close(gpu);
	return more != -EDQUOT || used != -EDQUOT || again;
}

static int mappings(const struct gpuas_ioctl_info *info)
{
	struct gpuas_ioctl_map map = { .flags = GPUAS_MAP_READ, .size = GRANULE, .va = FROM };
	int gpu = gpu_open(), err;
	unsigned int count = 0;

	create(gpu, GRANULE, &map.handle);
	while (!(err = gpu_call(gpu, GPUAS_MAP, &map))) {
		count++;
		map.va += GRANULE;
	}
	say("limits: %u mappings, then %d", count, err);
	close(gpu);
	return count != info->mappings_max || err != -EDQUOT;
}

/* Most of them are cancelled by the close. */
static int jobs(const struct gpuas_ioctl_info *info)
{
	int gpu = gpu_open(), err, large;
	struct gpuas_ioctl_copy copy;
	unsigned int count = 0;

	for (;; count++) {
		copy = (struct gpuas_ioctl_copy){ .from = FROM, .to = FROM, .size = 1 };
		err = gpu_call(gpu, GPUAS_COPY, &copy);
		if (err)
			break;
	}
	copy = (struct gpuas_ioctl_copy){ .from = FROM, .to = FROM, .size = info->copy_max + 1 };
	large = gpu_call(gpu, GPUAS_COPY, &copy);
	say("limits: %u jobs, then %d; one too large: %d", count, err, large);
	close(gpu);
	return count != info->jobs_max || err != -EDQUOT || large != -EINVAL;
}

/* The first call has a file bound. */
static int contexts(void)
{
	int gpu[CONTEXTS], count = 0, err = 0, again;
	struct gpuas_ioctl_info info;

	while (count < CONTEXTS && !err) {
		gpu[count] = gpu_open();
		err = gpu_call(gpu[count], GPUAS_INFO, &info);
		if (err)
			close(gpu[count]);
		else
			count++;
	}
	say("limits: %d contexts, then %d", count, err);
	again = count;
	while (again)
		close(gpu[--again]);
	return count != CONTEXTS - 1 || err != -EBUSY;
}

int test_limits(void)
{
	struct gpuas_ioctl_info info;
	int gpu = gpu_open(), bad;

	gpu_call(gpu, GPUAS_INFO, &info);
	close(gpu);
	bad = buffers(&info);
	bad |= bytes(&info);
	bad |= mappings(&info);
	bad |= jobs(&info);
	bad |= contexts();
	return bad;
}
