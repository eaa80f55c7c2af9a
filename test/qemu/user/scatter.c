// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * One call binds many pages, each at a place of its own, in an order that no list of pieces
 * has; another one unbinds them. First all are of one buffer, then no two neighbours are. What
 * it took is for others to compare: see test/qemu/iopgtable/. Then, as many pages as ops may be
 * are taken out of a range, side by side and every other one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

#define VA	0x100000000ULL
#define TO	0x80000000ULL
#define PAGES	4096	/* of all buffers; all ops lead to one of them */
#define BUFFERS	16
#define SAMPLES	16
#define ROUNDS	12	/* of one buffer; of several, a quarter */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Page by page, they take turns. Each page has its number. */
static void make_buffers(const struct gpu *gpu, struct buffer *buffer, unsigned int buffers)
{
	uint64_t page;
	unsigned int i;

	for (i = 0; i < buffers; i++)
		gpu_buffer(gpu->fd, PAGES / buffers * (size_t)GRANULE, &buffer[i]);
	for (page = 0; page < PAGES; page++)
		memcpy(buffer[page % buffers].map + page / buffers * GRANULE, &page, sizeof(page));
}

/* Neighbours lead to pages that are none. */
static uint64_t page_of(uint64_t op)
{
	return (op * 389 + op / PAGES) % PAGES;
}

static void make_ops(const struct buffer *buffer, unsigned int buffers,
		     struct drm_gpuas_bind_op *op, uint64_t ops)
{
	uint64_t i, page;

	for (i = 0; i < ops; i++) {
		page = page_of(i);
		op[i] = op_map(buffer[page % buffers].handle, page / buffers * GRANULE, GRANULE,
			       VA + i * GRANULE, DRM_GPUAS_BIND_READ);
	}
}

static int timed(const struct gpu *gpu, const struct drm_gpuas_bind_op *op, uint32_t ops,
		 uint64_t *least)
{
	uint64_t start = now(), took;
	int err = gpu_bind(gpu->fd, gpu->vm, op, ops, NULL);

	took = now() - start;
	if (!*least || took < *least)
		*least = took;
	return err;
}

static unsigned int wrong_samples(const struct gpu *gpu, const struct buffer *to, uint32_t pages,
				  uint64_t *random)
{
	unsigned int i, wrong = 0;
	uint64_t op, found;
	struct done done;

	for (i = 0; i < SAMPLES; i++) {
		op = i ? next(random) % pages : pages - 1;
		done = gpu_copy(gpu, VA + op * GRANULE, TO, sizeof(found));
		memcpy(&found, to->map, sizeof(found));
		wrong += done.error || found != page_of(op);
	}
	return wrong;
}

static int scatter(struct drm_gpuas_bind_op *op, uint64_t pages, unsigned int buffers,
		   uint64_t *random)
{
	const struct drm_gpuas_bind_op all = op_unmap(pages * GRANULE, VA);
	const unsigned int rounds = buffers == 1 ? ROUNDS : ROUNDS / 4;
	struct buffer buffer[BUFFERS], to;
	uint64_t map = 0, unmap = 0;
	unsigned int round, wrong = 0;
	struct gpu gpu;
	int err = 0;

	gpu_open(&gpu);
	make_buffers(&gpu, buffer, buffers);
	gpu_buffer(gpu.fd, GRANULE, &to);
	gpu_map(&gpu, &to, 0, GRANULE, TO, READ_WRITE);
	make_ops(buffer, buffers, op, pages);
	for (round = 0; round < rounds && !err; round++) {
		err = timed(&gpu, op, (uint32_t)pages, &map);
		if (!err)
			wrong += wrong_samples(&gpu, &to, (uint32_t)pages, random);
		if (!err)
			err = timed(&gpu, &all, 1, &unmap);
	}
	say("scatter: %llu pages of %u in one call: %d, %u of %u wrong", (unsigned long long)pages,
	    buffers, err, wrong, SAMPLES * rounds);
	say("scatter: of %u: map %llu ns, unmap %llu ns", buffers, (unsigned long long)map,
	    (unsigned long long)unmap);
	gpu_close(&gpu);
	return err || wrong;
}

/* Are pages unmapped just where @step says? One that is mapped has what @page has. */
static unsigned int wrong_holes(const struct gpu *gpu, const struct buffer *page,
				const struct buffer *to, uint32_t ops, uint64_t step,
				uint64_t *random)
{
	const uint64_t pages = ops * step;
	unsigned int i, wrong = 0;
	uint64_t at;
	struct done done;

	for (i = 0; i < SAMPLES; i++) {
		at = i ? next(random) % pages : pages - 1;
		memset(to->map, 0, sizeof(at));
		done = gpu_copy(gpu, VA + at * GRANULE, TO, sizeof(at));
		if (at % step)
			wrong += done.error || memcmp(to->map, page->map, sizeof(at));
		else
			wrong += done.error != -EFAULT;
	}
	return wrong;
}

/* One page everywhere; then some are taken out one by one, in one call. */
static int holes(struct drm_gpuas_bind_op *op, uint32_t ops, uint64_t step, uint64_t *random)
{
	struct drm_gpuas_bind_op map;
	struct buffer page, to;
	unsigned int wrong = 0;
	struct gpu gpu;
	uint32_t i;
	int err;

	gpu_open(&gpu);
	gpu_buffer(gpu.fd, GRANULE, &page);
	gpu_buffer(gpu.fd, GRANULE, &to);
	memset(page.map, 0x5a, GRANULE);
	gpu_map(&gpu, &to, 0, GRANULE, TO, READ_WRITE);
	map = op_map(page.handle, 0, ops * step * GRANULE, VA, DRM_GPUAS_BIND_READ);
	map.repeat = GRANULE;
	for (i = 0; i < ops; i++)
		op[i] = op_unmap(GRANULE, VA + i * step * GRANULE);
	err = gpu_bind(gpu.fd, gpu.vm, &map, 1, NULL);
	if (!err)
		err = gpu_bind(gpu.fd, gpu.vm, op, ops, NULL);
	if (!err)
		wrong = wrong_holes(&gpu, &page, &to, ops, step, random);
	say("scatter: %u pages unmapped in one call, %llu apart: %d, %u of %u wrong", ops,
	    (unsigned long long)step, err, wrong, SAMPLES);
	gpu_close(&gpu);
	return err || wrong;
}

static uint32_t ops_max(void)
{
	struct drm_gpuas_params params;
	int fd = gpu_file();

	gpu_params(fd, &params);
	close(fd);
	return params.ops_max;
}

int test_scatter(uint64_t pages, uint64_t seed)
{
	const uint32_t most = ops_max();
	struct drm_gpuas_bind_op *op = calloc(pages > most ? pages : most, sizeof(*op));
	uint64_t random = seed;
	int err;

	if (!op)
		fail("scatter: no memory");
	say("scatter: seed 0x%llx", (unsigned long long)seed);
	err = scatter(op, pages, 1, &random);
	err |= scatter(op, pages, BUFFERS, &random);
	err |= holes(op, most, 1, &random);
	err |= holes(op, most, 2, &random);
	free(op);
	return err;
}
