// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The kernel copies all memory that devices use, as it does with "swiotlb=force": the GPU, which
 * has a buffer for as long as it is mapped, would see copies that nobody keeps up to date. It gets
 * no buffer; the CPU has them all the same.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests.h"
#include "vgem.h"

#define VA	0x40000000ULL
#define LARGE	((size_t)128 << 20)	/* more than the kernel has room for copies */

static int bind(const struct gpu *gpu, const struct buffer *buffer)
{
	const struct drm_gpuas_bind_op op = op_map(buffer->handle, 0, buffer->size, VA,
						   READ_WRITE);

	return gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);
}

static int bind_large(const struct gpu *gpu)
{
	struct buffer buffer = { .size = LARGE };
	int err = gpu_create(gpu->fd, LARGE, &buffer.handle);

	if (err)
		fail("bounced: a large buffer: %s", strerror(-err));
	err = bind(gpu, &buffer);
	gpu_forget(gpu->fd, buffer.handle);
	return err;
}

static int bind_imported(const struct gpu *gpu)
{
	struct buffer buffer = { .size = GRANULE };
	int vgem = vgem_open(), fd, err;
	uint64_t offset;

	if (vgem < 0)
		fail("bounced: there is no vgem");
	fd = vgem_buffer(vgem, GRANULE, &offset);
	err = drmPrimeFDToHandle(gpu->fd, fd, &buffer.handle) ? -errno : bind(gpu, &buffer);
	close(fd);
	close(vgem);
	return err;
}

int test_bounced(void)
{
	static uint8_t copy[GRANULE];
	uint64_t random = SEED;
	int own, large, imported;
	struct buffer buffer;
	struct gpu gpu;
	size_t changed;
	bool bad;

	gpu_open(&gpu);
	gpu_buffer(gpu.fd, GRANULE, &buffer);
	fill(buffer.map, GRANULE, &random);
	memcpy(copy, buffer.map, GRANULE);
	own = bind(&gpu, &buffer);
	large = bind_large(&gpu);
	imported = bind_imported(&gpu);
	changed = differ(buffer.map, copy, GRANULE);
	say("bounced: bind: %d, a large one %d, one of another driver %d; %zu bytes changed", own,
	    large, imported, changed);
	bad = own != -EOPNOTSUPP || large != own || imported != own || changed;
	gpu_close(&gpu);
	return bad;
}
