// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Workloads off the straight paths: tables that come and go, blocks, ranges over more
 * than one table, lists, walkers that are not coherent, random places. As in work.c,
 * a space is brought into its state first, and one loop is counted.
 */
#include <stdlib.h>

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

/* What one leaf table, or one block, maps. */
static uint64_t span(const struct gpuas_geometry *geo)
{
	return granule(geo) << geo->format->index_bits;
}

/* A space in which the tables above the leaves at VA stay, whatever is done there. */
static void *kept(const struct bench_ops *ops, const struct gpuas_geometry *geo)
{
	void *ctx = ops->create(geo);

	check(!ops->map(ctx, VA - granule(geo), PA, granule(geo)));
	check(!ops->map(ctx, VA + 4 * GIB, PA, granule(geo)));
	return ctx;
}

static uint64_t finish(const struct bench_ops *ops, void *ctx, int err)
{
	uint64_t count = count_stop();

	check(!err);
	ops->destroy(ctx);
	return count;
}

uint64_t work_unmap_tables(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			   uint64_t *units)
{
	void *ctx = kept(ops, geo);
	uint64_t i;
	int err;

	*units = GIB / span(geo);
	err = ops->map(ctx, VA, PA, GIB);
	count_start();
	for (i = 0; i < *units; i++)
		err |= ops->unmap(ctx, VA + i * span(geo), span(geo));
	return finish(ops, ctx, err);
}

static uint64_t come_and_go(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			    uint64_t size)
{
	void *ctx = ops->create(geo);
	unsigned int i;
	int err;

	err = ops->map(ctx, VA, PA, size);
	err |= ops->unmap(ctx, VA, size);
	count_start();
	for (i = 0; i < 64; i++) {
		err |= ops->map(ctx, VA, PA, size);
		err |= ops->unmap(ctx, VA, size);
	}
	return finish(ops, ctx, err);
}

uint64_t work_come_page(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			uint64_t *units)
{
	*units = 64;
	return come_and_go(ops, geo, granule(geo));
}

uint64_t work_come_mib(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		       uint64_t *units)
{
	*units = 64;
	return come_and_go(ops, geo, MIB);
}

/* Pages that each need a leaf table, in memory that nobody used before. */
uint64_t work_map_page_table(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			     uint64_t *units)
{
	void *ctx = kept(ops, geo);
	uint64_t i;
	int err = 0;

	*units = GIB / span(geo);
	count_start();
	for (i = 0; i < *units; i++)
		err |= ops->map(ctx, VA + i * span(geo), PA, granule(geo));
	return finish(ops, ctx, err);
}

/* 1 GiB at span-aligned addresses; a call for each @piece, mapped or unmapped. */
static uint64_t gib_of_blocks(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			      uint64_t piece, bool unmap)
{
	void *ctx = kept(ops, geo);
	uint64_t i;
	int err = 0;

	if (unmap)
		err = ops->map(ctx, VA, PA, GIB);
	count_start();
	for (i = 0; i < GIB; i += piece)
		err |= unmap ? ops->unmap(ctx, VA + i, piece) : ops->map(ctx, VA + i, PA + i, piece);
	return finish(ops, ctx, err);
}

uint64_t work_map_block(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			uint64_t *units)
{
	*units = GIB / span(geo);
	return gib_of_blocks(ops, geo, span(geo), false);
}

uint64_t work_unmap_block(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			  uint64_t *units)
{
	*units = GIB / span(geo);
	return gib_of_blocks(ops, geo, span(geo), true);
}

uint64_t work_map_blocks(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			 uint64_t *units)
{
	*units = 1;
	return gib_of_blocks(ops, geo, GIB, false);
}

uint64_t work_unmap_blocks(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			   uint64_t *units)
{
	*units = 1;
	return gib_of_blocks(ops, geo, GIB, true);
}

/* Pages, blocks, pages: half a table, two blocks, half a table. */
uint64_t work_unmap_mixed(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			  uint64_t *units)
{
	const uint64_t half = span(geo) / 2, size = 3 * span(geo);
	void *ctx = kept(ops, geo);
	uint64_t i;
	int err = 0;

	for (i = 0; i < 8; i++)
		err |= ops->map(ctx, VA + i * 4 * span(geo) + half, PA + half, size);
	count_start();
	for (i = 0; i < 8; i++)
		err |= ops->unmap(ctx, VA + i * 4 * span(geo) + half, size);
	*units = i;
	return finish(ops, ctx, err);
}

/* 16 pages on both sides of where one leaf table ends, in tables that stay. */
static uint64_t across(const struct bench_ops *ops, const struct gpuas_geometry *geo, bool unmap)
{
	const uint64_t page = granule(geo), border = VA + span(geo);
	void *ctx = kept(ops, geo);
	uint64_t count = 0;
	unsigned int i;
	int err;

	err = ops->map(ctx, border - 64 * page, PA, page);
	err |= ops->map(ctx, border + 63 * page, PA, page);
	for (i = 0; i < 32; i++) {
		if (!unmap)
			count_start();
		err |= ops->map(ctx, border - 16 * page, PA, 32 * page);
		if (!unmap)
			count += count_stop();
		else
			count_start();
		err |= ops->unmap(ctx, border - 16 * page, 32 * page);
		if (unmap)
			count += count_stop();
	}
	check(!err);
	ops->destroy(ctx);
	return count;
}

uint64_t work_map_across(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			 uint64_t *units)
{
	*units = 32;
	return across(ops, geo, false);
}

uint64_t work_unmap_across(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			   uint64_t *units)
{
	*units = 32;
	return across(ops, geo, true);
}

static uint64_t translate_some(const struct bench_ops *ops, void *ctx, uint64_t va, uint64_t size,
			       int want)
{
	uint64_t offset, pa, i;
	int err = 0;

	count_start();
	for (i = 0; i < CALLS; i++) {
		offset = i * 0x9e3779b97f4a7c15ULL >> 13 & (size - 1);
		err |= ops->translate(ctx, va + offset, &pa);
	}
	return finish(ops, ctx, ops == &bench_none ? 0 : !err == !want ? 0 : -1);
}

uint64_t work_translate_block(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			      uint64_t *units)
{
	void *ctx = kept(ops, geo);

	*units = CALLS;
	check(!ops->map(ctx, VA, PA, GIB));
	return translate_some(ops, ctx, VA, GIB, 0);
}

/* Where no leaf table is. */
uint64_t work_translate_miss(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			     uint64_t *units)
{
	void *ctx = kept(ops, geo);

	*units = CALLS;
	return translate_some(ops, ctx, VA, GIB, -1);
}

uint64_t work_destroy(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		      uint64_t *units)
{
	void *ctx = ops->create(geo);
	int err = ops->map(ctx, VA, PA, GIB);

	*units = GIB / granule(geo);
	check(!err);
	count_start();
	ops->destroy(ctx);
	return count_stop();
}

/* 64 buffers of 1 MiB, in pieces whose PAs are apart, into tables that stay. */
static uint64_t pieces(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		       uint64_t piece, bool list)
{
	static struct gpuas_extent extent[256];
	const unsigned int count = (unsigned int)(MIB / piece);
	unsigned int i, n, at;
	int err = 0;
	void *ctx;

	if (list && !ops->map_list)
		return 0;
	ctx = kept(ops, geo);
	for (i = 0; i < 64 * MIB; i += span(geo) < MIB ? span(geo) : MIB)
		err |= ops->map(ctx, VA + 2 * (uint64_t)i + MIB, PA, granule(geo));
	for (i = 0; i < count; i++) {
		at = i * 7 & (count - 1);
		extent[i] = (struct gpuas_extent){ gpuas_pa(PA + at * 3 * piece), piece };
	}
	count_start();
	for (n = 0; n < 64; n++) {
		const uint64_t va = VA + n * 2 * MIB;

		if (list)
			err |= ops->map_list(ctx, va, extent, count);
		for (i = 0; !list && i < count; i++)
			err |= ops->map(ctx, va + i * piece, gpuas_pa_u64(extent[i].pa), piece);
	}
	return finish(ops, ctx, err);
}

static uint64_t piece_of(const struct gpuas_geometry *geo, uint64_t size)
{
	return size < granule(geo) ? granule(geo) : size;
}

uint64_t work_list_64k(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		       uint64_t *units)
{
	*units = 64 * MIB / granule(geo);
	return pieces(ops, geo, piece_of(geo, 64 << 10), true);
}

uint64_t work_calls_64k(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			uint64_t *units)
{
	*units = 64 * MIB / granule(geo);
	return pieces(ops, geo, piece_of(geo, 64 << 10), false);
}

uint64_t work_list_pages(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			 uint64_t *units)
{
	*units = 64 * MIB / granule(geo);
	return pieces(ops, geo, granule(geo), true);
}

uint64_t work_calls_pages(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			  uint64_t *units)
{
	*units = 64 * MIB / granule(geo);
	return pieces(ops, geo, granule(geo), false);
}

/* In a gather of 64 maps. */
uint64_t work_gather_page(const struct bench_ops *ops, const struct gpuas_geometry *geo,
			  uint64_t *units)
{
	void *ctx = kept(ops, geo);
	uint64_t i;
	int err = 0;

	*units = 64;
	err |= ops->map(ctx, VA + 999 * granule(geo) % span(geo), PA, granule(geo));
	if (ops->gather)
		ops->gather(ctx, true);
	count_start();
	for (i = 0; i < 64; i++)
		err |= ops->map(ctx, VA + 2 * i * granule(geo), PA, granule(geo));
	return finish(ops, ctx, err);
}

/*
 * Buffers of 1 to 128 pages, none over the border of 128 pages, at random places of
 * @size bytes: each step maps one, or unmaps the one that is there.
 */
enum { TRACE_STEPS = 100000 };

static uint64_t trace(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		      uint64_t size)
{
	struct place { unsigned char first, pages; } *place;
	const uint64_t slot = 128 * granule(geo), slots = size / slot;
	uint64_t random = 0x7472616365ULL, pick, va;
	void *ctx = ops->create(geo);
	unsigned int i;
	int err = 0;

	place = calloc(slots, sizeof(*place));
	check(place);
	count_start();
	for (i = 0; i < TRACE_STEPS; i++) {
		struct place *p;

		pick = random_next(&random);
		p = &place[(pick >> 16) % slots];
		va = VA + (uint64_t)(p - place) * slot;
		if (p->pages) {
			err |= ops->unmap(ctx, va + p->first * granule(geo), p->pages * granule(geo));
			p->pages = 0;
			continue;
		}
		p->pages = (unsigned char)(1 + (pick & 127));
		p->first = (unsigned char)((pick >> 8 & 127) % (129 - p->pages));
		err |= ops->map(ctx, va + p->first * granule(geo), PA, p->pages * granule(geo));
	}
	free(place);
	return finish(ops, ctx, err);
}

uint64_t work_trace_2(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		      uint64_t *units)
{
	*units = TRACE_STEPS;
	return trace(ops, geo, 2 * GIB);
}

uint64_t work_trace_16(const struct bench_ops *ops, const struct gpuas_geometry *geo,
		       uint64_t *units)
{
	*units = TRACE_STEPS;
	return trace(ops, geo, 16 * GIB);
}
