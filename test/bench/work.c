// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The workloads of the survey (peers.md, section 4). Each makes a space, brings it
 * into the state that it wants, and counts one loop. Loops call through the table
 * of operations, and compute the VA; results are checked after the loop.
 */
#include "bench.h"

#define MIB	(1ULL << 20)
#define GIB	(1ULL << 30)
#define VA	(4 * GIB)
#define PA	(16 * GIB)

enum { CALLS = 1024 };

static uint64_t granule(const struct gpuas_geometry *geo)
{
	return 1ULL << geo->format->granule_shift;
}

/* Consecutive VAs, consecutive PAs, one call for each @piece. */
static int map_range(const struct bench_ops *ops, void *ctx, uint64_t size, uint64_t piece)
{
	uint64_t offset;
	int err = 0;

	for (offset = 0; offset < size; offset += piece)
		err |= ops->map(ctx, VA + offset, PA + offset, piece);
	return err;
}

static int unmap_range(const struct bench_ops *ops, void *ctx, uint64_t size, uint64_t piece)
{
	uint64_t offset;
	int err = 0;

	for (offset = 0; offset < size; offset += piece)
		err |= ops->unmap(ctx, VA + offset, piece);
	return err;
}

/* A space in which each @stride has its second half mapped, from VA on. */
static void *half_mapped(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			 uint64_t size, uint64_t stride)
{
	void *ctx = ops->create(geo);
	uint64_t offset;
	int err = 0;

	for (offset = 0; offset < size; offset += stride)
		err |= ops->map(ctx, VA + offset + stride / 2, PA + offset, stride / 2);
	check(!err);
	return ctx;
}

/* The first halves, CALLS of them, scattered: neighbours in time are none in VA. */
static int map_halves(const struct bench_ops *ops, void *ctx, uint64_t stride)
{
	uint64_t offset, i;
	int err = 0;

	for (i = 0; i < CALLS; i++) {
		offset = (i * 389 & (CALLS - 1)) * stride;
		err |= ops->map(ctx, VA + offset, PA + offset, stride / 2);
	}
	return err;
}

static int unmap_halves(const struct bench_ops *ops, void *ctx, uint64_t stride)
{
	uint64_t offset, i;
	int err = 0;

	for (i = 0; i < CALLS; i++) {
		offset = (i * 389 & (CALLS - 1)) * stride;
		err |= ops->unmap(ctx, VA + offset, stride / 2);
	}
	return err;
}

static uint64_t count_halves(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			     uint64_t stride, bool unmap)
{
	void *ctx = half_mapped(ops, geo, CALLS * stride, stride);
	uint64_t count;
	int err = 0;

	if (unmap)
		err = map_halves(ops, ctx, stride);
	count_start();
	if (unmap)
		err |= unmap_halves(ops, ctx, stride);
	else
		err |= map_halves(ops, ctx, stride);
	count = count_stop();
	check(!err);
	ops->destroy(ctx);
	return count;
}

/* Single pages, in tables that are there: every second page stays mapped. */
uint64_t work_map_page(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		       uint64_t *units)
{
	*units = CALLS;
	return count_halves(ops, geo, 2 * granule(geo), false);
}

uint64_t work_unmap_page(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			 uint64_t *units)
{
	*units = CALLS;
	return count_halves(ops, geo, 2 * granule(geo), true);
}

/* The worst place for whoever looks through a table for what is left in it. */
uint64_t work_unmap_page_far(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			     uint64_t *units)
{
	uint64_t far = (granule(geo) << geo->format->index_bits) - granule(geo);
	void *ctx = ops->create(geo);
	uint64_t count = 0, i;
	int err;

	err = ops->map(ctx, VA + far, PA, granule(geo));
	for (i = 0; i < 16; i++) {
		err |= ops->map(ctx, VA, PA, granule(geo));
		count_start();
		err |= ops->unmap(ctx, VA, granule(geo));
		count += count_stop();
	}
	check(!err);
	ops->destroy(ctx);
	*units = i;
	return count;
}

/* 1 MiB a call, in tables that are there: every second MiB stays mapped. */
uint64_t work_map_mib(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		      uint64_t *units)
{
	*units = CALLS;
	return count_halves(ops, geo, 2 * MIB, false);
}

uint64_t work_unmap_mib(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			uint64_t *units)
{
	*units = CALLS;
	return count_halves(ops, geo, 2 * MIB, true);
}

static uint64_t count_map(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			  uint64_t size, uint64_t piece)
{
	void *ctx = ops->create(geo);
	uint64_t count;
	int err;

	count_start();
	err = map_range(ops, ctx, size, piece);
	count = count_stop();
	check(!err);
	ops->destroy(ctx);
	return count;
}

/* 1 GiB of pages into an empty space, tables made on the way. */
uint64_t work_map_gib(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		      uint64_t *units)
{
	*units = GIB / granule(geo);
	return count_map(ops, geo, GIB, GIB);
}

uint64_t work_map_gib_pages(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			    uint64_t *units)
{
	*units = GIB / granule(geo);
	return count_map(ops, geo, GIB, granule(geo));
}

/* The order of PAs of scattered pieces: all of them, neighbours apart. */
static uint64_t scatter(uint64_t i, uint64_t pieces)
{
	return i * 7919 & (pieces - 1);
}

enum { PIECE = 64 << 10, PIECES = (1 << 30) / PIECE };

uint64_t work_map_gib_scattered(const struct bench_ops *ops, const struct gpuas_geometry *geo,
				uint64_t *units)
{
	void *ctx = ops->create(geo);
	uint64_t count, i;
	int err = 0;

	count_start();
	for (i = 0; i < PIECES; i++)
		err |= ops->map(ctx, VA + i * PIECE, PA + scatter(i, PIECES) * PIECE, PIECE);
	count = count_stop();
	check(!err);
	ops->destroy(ctx);
	*units = GIB / granule(geo);
	return count;
}

/* The same pieces as one list, for those who have such a call. */
uint64_t work_map_gib_list(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			   uint64_t *units)
{
	static struct gpuas_extent list[PIECES];
	uint64_t count, i;
	void *ctx;
	int err;

	*units = GIB / granule(geo);
	if (!ops->map_list)
		return 0;
	ctx = ops->create(geo);
	for (i = 0; i < PIECES; i++) {
		list[i].pa = gpuas_pa(PA + scatter(i, PIECES) * PIECE);
		list[i].size = PIECE;
	}
	count_start();
	err = ops->map_list(ctx, VA, list, PIECES);
	count = count_stop();
	check(!err);
	ops->destroy(ctx);
	return count;
}

static uint64_t count_unmap(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			    uint64_t piece)
{
	void *ctx = ops->create(geo);
	uint64_t count;
	int err = map_range(ops, ctx, GIB, GIB);

	count_start();
	err |= unmap_range(ops, ctx, GIB, piece);
	count = count_stop();
	check(!err);
	ops->destroy(ctx);
	return count;
}

uint64_t work_unmap_gib(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			uint64_t *units)
{
	*units = GIB / granule(geo);
	return count_unmap(ops, geo, GIB);
}

uint64_t work_unmap_gib_mibs(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			     uint64_t *units)
{
	*units = GIB / granule(geo);
	return count_unmap(ops, geo, MIB);
}

/* Ascending: whoever looks for what is left from the start finds it later every time. */
uint64_t work_unmap_gib_pages(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			      uint64_t *units)
{
	*units = GIB / granule(geo);
	return count_unmap(ops, geo, granule(geo));
}

/* Bytes at random in @size of pages, a power of two. */
static int translate_some(const struct bench_ops *ops, void *ctx, uint64_t size, uint64_t *sum)
{
	uint64_t offset, pa, i;
	int err = 0;

	for (i = 0; i < 16 * CALLS; i++) {
		offset = i * 0x9e3779b97f4a7c15ULL >> 13 & (size - 1);
		err |= ops->translate(ctx, VA + offset, &pa);
		*sum += pa - offset;
	}
	return err;
}

static uint64_t count_translate(const struct bench_ops *ops, void *ctx, uint64_t size)
{
	uint64_t sum = 0, count;
	int err;

	count_start();
	err = translate_some(ops, ctx, size, &sum);
	count = count_stop();
	check(!err && (ops == &bench_none || sum == 16 * CALLS * PA));
	return count;
}

uint64_t work_translate(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			uint64_t *units)
{
	void *ctx = ops->create(geo);
	uint64_t count;

	check(!map_range(ops, ctx, GIB, GIB));
	count = count_translate(ops, ctx, GIB);
	ops->destroy(ctx);
	*units = 16 * CALLS;
	return count;
}

uint64_t flat_map(const struct bench_ops *ops, const struct gpuas_geometry *geo, uint64_t size)
{
	return count_map(ops, geo, size, size);
}

/*
 * Pages here and there, one call each. There is always one more page at the end,
 * or the last table would come and go.
 */
void flat_single(const struct bench_ops *ops, const struct gpuas_geometry *geo, uint64_t size,
		 uint64_t cost[3])
{
	const uint64_t page = granule(geo);
	void *ctx = ops->create(geo);
	uint64_t i, offset;
	int err;

	err = map_range(ops, ctx, size, size);
	err |= ops->map(ctx, VA + size, PA, page);
	cost[0] = cost[1] = 0;
	for (i = 0; i < 64; i++) {
		offset = (i * 0x9e3779b97f4a7c15ULL >> 13 & (size / page - 1)) * page;
		count_start();
		err |= ops->unmap(ctx, VA + offset, page);
		cost[1] += count_stop();
		count_start();
		err |= ops->map(ctx, VA + offset, PA + offset, page);
		cost[0] += count_stop();
	}
	check(!err);
	cost[0] /= i;
	cost[1] /= i;
	cost[2] = count_translate(ops, ctx, size) / (16 * CALLS);
	ops->destroy(ctx);
}
