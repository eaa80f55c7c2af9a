// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Buffers that have to stay where they are, and one that may go: the kernel is told to take what
 * it can. It gets the one, each time, and what the others have is found by the GPU as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evict.h"
#include "group.h"
#include "vgem.h"
#include "watch.h"

#define GROUP	"gpuas-stays"
#define FROM	0x40000000ULL
#define APART	0x10000000ULL
#define RESULT	0x20000000ULL
#define BYTES	256u
#define AT	0x5240u

enum { SIZE = 1 << 20, LIMIT = 16 << 20, PAGES = SIZE / GRANULE, TIMES = 2 };

/* What keeps it, but for the one that may go */
enum kind { GOES, MMAPPED, EXPORTED, IMPORTED, REPEATED, SCATTERED, KINDS };

/**
 * struct kept - A buffer, and what is right of it
 * @buffer: the buffer; @map only of what stays mmap-ed
 * @at: VA of a place in it
 * @offset: this place in the buffer
 */
struct kept {
	struct buffer buffer;
	uint64_t at;
	uint64_t offset;
};

static void contents(unsigned int kind, uint8_t *bytes)
{
	uint64_t random = SEED + 77 * (kind + 1);

	fill(bytes, SIZE, &random);
}

/* To another file, whose program sees it; or to another driver, which may use it. */
static void export_to(const struct gpu *gpu, struct buffer *buffer, int other, bool see)
{
	struct buffer there = { .size = SIZE };
	int fd;

	if (drmPrimeHandleToFD(gpu->fd, buffer->handle, DRM_CLOEXEC | DRM_RDWR, &fd))
		fail("evict: export: %s", strerror(errno));
	if (drmPrimeFDToHandle(other, fd, &there.handle))
		fail("evict: import: %s", strerror(errno));
	close(fd);
	if (see && gpu_see(other, &there))
		fail("evict: mmap of what was imported");
}

static void bind(const struct gpu *gpu, struct kept *kept, unsigned int kind)
{
	struct drm_gpuas_bind_op op[PAGES];
	const uint64_t va = FROM + kind * APART;
	unsigned int i, ops = 1;
	int err;

	op[0] = op_map(kept->buffer.handle, 0, SIZE, va, READ_WRITE);
	kept->offset = AT;
	kept->at = va + AT;
	if (kind == REPEATED) {
		op[0].range = 4 * SIZE;
		op[0].repeat = SIZE;
		kept->at = va + 3 * SIZE + AT;
	} else if (kind == SCATTERED) {
		for (i = 0; i < PAGES; i++)
			op[i] = op_map(kept->buffer.handle, (PAGES - 1 - i) * (uint64_t)GRANULE,
				       GRANULE, va + i * (uint64_t)GRANULE, READ_WRITE);
		ops = PAGES;
		kept->at = va + (PAGES - 1 - AT / GRANULE) * (uint64_t)GRANULE + AT % GRANULE;
	}
	err = gpu_bind(gpu->fd, gpu->vm, op, ops, NULL);
	if (err)
		fail("evict: bind: %s", strerror(-err));
}

static void make(const struct gpu *gpu, struct kept *kept, unsigned int kind)
{
	gpu_buffer(gpu->fd, SIZE, &kept->buffer);
	contents(kind, kept->buffer.map);
	if (kind == EXPORTED)
		export_to(gpu, &kept->buffer, gpu_file(), true);
	else if (kind == IMPORTED)
		export_to(gpu, &kept->buffer, vgem_open(), false);
	if (kind != MMAPPED)
		munmap(kept->buffer.map, SIZE);
	bind(gpu, kept, kind);
}

static void use(const struct gpu *gpu, const struct kept *kept, unsigned int kind,
		const struct buffer *result, struct progress *progress)
{
	static uint8_t expected[SIZE];
	struct done done = gpu_copy(gpu, kept->at, RESULT, BYTES);

	contents(kind, expected);
	progress->jobs++;
	progress->wrong += differ(result->map, expected + kept->offset, BYTES);
	if (done.error)
		progress->err = done.error;
}

/* The whole of it, in the end */
static void look(const struct gpu *gpu, struct kept *kept, unsigned int kind,
		 struct progress *progress)
{
	static uint8_t expected[SIZE];

	contents(kind, expected);
	if (kind != MMAPPED && gpu_see(gpu->fd, &kept->buffer)) {
		progress->wrong += SIZE;
		return;
	}
	progress->wrong += differ(kept->buffer.map, expected, SIZE);
}

/* All are used between, so the one has its memory again. */
static void in_group(struct progress *progress)
{
	struct kept kept[KINDS];
	struct buffer result;
	struct gpu gpu;
	unsigned int kind, times;

	gpu_open(&gpu);
	gpu_buffer(gpu.fd, GRANULE, &result);
	gpu_map(&gpu, &result, 0, GRANULE, RESULT, READ_WRITE);
	for (kind = 0; kind < KINDS; kind++)
		make(&gpu, &kept[kind], kind);
	use(&gpu, &kept[GOES], GOES, &result, progress);
	for (times = 0; times < TIMES; times++) {
		group_reclaim(GROUP, LIMIT);
		for (kind = 0; kind < KINDS; kind++)
			use(&gpu, &kept[kind], kind, &result, progress);
	}
	for (kind = 0; kind < KINDS; kind++)
		look(&gpu, &kept[kind], kind, progress);
	progress->step = "came to its end";
}

int evict_stays(struct progress *progress)
{
	struct watched seen;
	int bad;

	watch_clear();
	bad = evict_run(GROUP, LIMIT, in_group, progress);
	seen = watch_seen();
	say("evict: mmapped, exported, imported elsewhere, repeated and scattered: %s: %u jobs, error %d, %zu bytes wrong; asked %d times, the other one went %u times, %ld contexts left",
	    progress->step ? progress->step : "stopped", progress->jobs, progress->err,
	    progress->wrong, TIMES, seen.evicted, gpu_contexts(0));
	group_end(GROUP);
	return bad || progress->jobs != 1 + TIMES * KINDS || seen.looks < TIMES ||
	       seen.evicted != TIMES || gpu_contexts(0);
}
