// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What was unmapped is out of the GPU's reach, and nothing else is. The GPU uses each
 * page before, so that its MMU remembers it.
 */
#include <errno.h>
#include <string.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define BYTES	64u
#define JOBS	8

/* Arm IHI 0070, 7.3 */
#define F_TRANSLATION	0x10

static int bad;

/* Page @page of @from, to page @page of @to: that is what is there afterwards. */
static void works(const struct gpu *gpu, const struct buffer *from, const struct buffer *to,
		  unsigned int page, const char *when)
{
	const size_t at = page * (size_t)GRANULE + 0x100;
	struct done done = gpu_copy(gpu, FROM + at, TO + at, BYTES);
	size_t wrong = differ(from->map + at, to->map + at, BYTES);

	say("stale: page %u %s: error %d, %zu bytes wrong", page, when, done.error, wrong);
	bad |= done.error || wrong;
}

/* The same, with a fault at the very VA, and nothing written. */
static void faults(const struct gpu *gpu, const struct buffer *to, unsigned int page, bool write,
		   const char *when)
{
	const size_t at = page * (size_t)GRANULE + 0x100;
	const uint64_t va = (write ? TO : FROM) + at;
	uint8_t before[BYTES];
	struct done done;
	size_t changed;

	memcpy(before, to->map + at, BYTES);
	done = gpu_copy(gpu, FROM + at, TO + at, BYTES);
	changed = differ(before, to->map + at, BYTES);
	say("stale: page %u %s: error %d, type 0x%x, VA 0x%llx, write %u, %zu bytes written", page,
	    when, done.error, done.state.fault_type, (unsigned long long)done.state.fault_va,
	    done.state.fault_write, changed);
	bad |= done.error != -EFAULT || done.state.fault_type != F_TRANSLATION ||
	       done.state.fault_va != va || done.state.fault_write != write || changed;
}

static void map_page(const struct gpu *gpu, const struct buffer *buffer, unsigned int page,
		     uint64_t va, uint32_t flags)
{
	gpu_map(gpu, buffer, page * (uint64_t)GRANULE, GRANULE, va + page * (uint64_t)GRANULE,
		flags);
}

/* What jobs have not used by then is gone for them too: the last one faults, and the VM goes on. */
static void busy(const struct gpu *gpu, const struct buffer *from, const struct buffer *to)
{
	uint32_t syncobj = sync_create(gpu->fd);
	const struct syncs last = sync_out(syncobj);
	struct drm_gpuas_bind_op op = op_unmap(GRANULE, FROM);
	int err, error, i;

	for (i = 0; i < JOBS; i++) {
		if (gpu_submit(gpu->fd, gpu->queue, FROM, TO, BYTES,
			       i == JOBS - 1 ? &last : NULL, NULL))
			fail("stale: submit");
	}
	err = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);
	sync_wait(gpu->fd, syncobj);
	error = sync_error(gpu->fd, syncobj);
	drmSyncobjDestroy(gpu->fd, syncobj);
	say("stale: unmap under %d jobs: %d, the last one: %d", JOBS, err, error);
	bad |= err || error != -EFAULT;
	works(gpu, from, to, 1, "when jobs have faulted");
}

/* One call each for all three pages: none is forgotten. */
static void together(const struct gpu *gpu, struct buffer *from, struct buffer *to)
{
	unsigned int page;

	gpu_unmap(gpu, 3 * GRANULE, FROM);
	map_page(gpu, to, 2, TO, READ_WRITE);
	gpu_map(gpu, from, 0, 3 * GRANULE, FROM, DRM_GPUAS_BIND_READ);
	for (page = 0; page < 3; page++)
		works(gpu, from, to, page, "mapped with others");
	gpu_unmap(gpu, 3 * GRANULE, FROM);
	for (page = 0; page < 3; page++)
		faults(gpu, to, page, false, "unmapped with others");
}

/* Parts of one mapping, by calls that know nothing of how it came. */
static void parts(const struct gpu *gpu, struct buffer *from, struct buffer *to, struct buffer *other)
{
	const uint64_t middle = FROM + GRANULE;

	gpu_map(gpu, from, 0, 3 * GRANULE, FROM, DRM_GPUAS_BIND_READ);
	works(gpu, from, to, 1, "before a part is unmapped");
	gpu_unmap(gpu, GRANULE, middle);
	faults(gpu, to, 1, false, "unmapped as a part");
	works(gpu, from, to, 0, "left of that");
	works(gpu, from, to, 2, "right of that");
	gpu_map(gpu, other, GRANULE, 2 * GRANULE, middle, DRM_GPUAS_BIND_READ);
	works(gpu, from, to, 0, "left of what was mapped over it");
	works(gpu, other, to, 1, "mapped over a hole");
	works(gpu, other, to, 2, "mapped over a page");
	gpu_unmap(gpu, 1ULL << 30, 0x30000000);
	faults(gpu, to, 2, false, "unmapped with holes");
}

int test_stale(uint64_t seed)
{
	struct buffer from, to, other;
	uint64_t random = seed;
	unsigned int page;
	struct gpu gpu;

	say("stale: seed 0x%llx", (unsigned long long)seed);
	gpu_open(&gpu);
	gpu_buffer(gpu.fd, 3 * GRANULE, &from);
	gpu_buffer(gpu.fd, 3 * GRANULE, &to);
	gpu_buffer(gpu.fd, 3 * GRANULE, &other);
	fill(from.map, from.size, &random);
	fill(other.map, other.size, &random);
	for (page = 0; page < 3; page++) {
		map_page(&gpu, &from, page, FROM, DRM_GPUAS_BIND_READ);
		map_page(&gpu, &to, page, TO, READ_WRITE);
		works(&gpu, &from, &to, page, "mapped");
	}

	gpu_unmap(&gpu, GRANULE, FROM + GRANULE);
	fill(to.map, to.size, &random);
	faults(&gpu, &to, 1, false, "not to be read");
	works(&gpu, &from, &to, 0, "below it");
	works(&gpu, &from, &to, 2, "above it");
	map_page(&gpu, &other, 1, FROM, DRM_GPUAS_BIND_READ);
	works(&gpu, &other, &to, 1, "mapped to another");

	gpu_unmap(&gpu, GRANULE, TO + 2 * GRANULE);
	fill(to.map, to.size, &random);
	faults(&gpu, &to, 2, true, "not to be written");
	works(&gpu, &other, &to, 1, "beside it");
	busy(&gpu, &other, &to);
	together(&gpu, &from, &to);
	parts(&gpu, &from, &to, &other);
	gpu_close(&gpu);
	return bad;
}
