// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What page tables cost when nothing is checked: no bounds, no owners, no
 * conflicts, no errors, no barriers, no flushes, no table ever given back. A
 * scale for the others and no use otherwise. It recurses and keeps the granule in
 * variables, which gives it about the counts that the floor of the survey had: a
 * bare loop would take a third fewer for a single page.
 */
#include <stdlib.h>

#include "bench.h"

#define LEAF	(1ULL << 11 | 1ULL << 10 | 3ULL << 8 | 1ULL << 6 | 3)

struct floor {
	struct arena arena;
	unsigned int shift[GPUAS_LEVELS_MAX], top;
	uint64_t index, address; /* masks */
	uint64_t *root;
};

static uint64_t *table_new(struct floor *f, uint64_t *slot)
{
	uint64_t pa = arena_alloc(&f->arena);
	uint64_t *table = arena_ptr(&f->arena, pa);

	memset(table, 0, f->arena.table);
	*slot = pa | 3;
	return table;
}

static uint64_t *table_at(const struct floor *f, uint64_t entry)
{
	return arena_ptr(&f->arena, entry & f->address);
}

static void map_leaves(uint64_t *slot, uint64_t leaf, uint64_t size, unsigned int shift)
{
	uint64_t *end = slot + (size >> shift);

	for (; slot < end; leaf += 1ULL << shift)
		*slot++ = leaf;
}

static void map_level(struct floor *f, uint64_t *table, unsigned int level, uint64_t va,
		      uint64_t pa, uint64_t size)
{
	uint64_t *slot = &table[va >> f->shift[level] & f->index], *below;
	uint64_t span = 1ULL << f->shift[level], part;

	for (; size; size -= part, va += part, pa += part, slot++) {
		part = span - (va & (span - 1));
		part = part < size ? part : size;
		below = *slot ? table_at(f, *slot) : table_new(f, slot);
		if (level > 1)
			map_level(f, below, level - 1, va, pa, part);
		else
			map_leaves(&below[va >> f->shift[0] & f->index], pa | LEAF, part,
				   f->shift[0]);
	}
}

static void unmap_level(struct floor *f, uint64_t *table, unsigned int level, uint64_t va,
			uint64_t size)
{
	uint64_t *slot = &table[va >> f->shift[level] & f->index], *below;
	uint64_t span = 1ULL << f->shift[level], part;

	for (; size; size -= part, va += part, slot++) {
		part = span - (va & (span - 1));
		part = part < size ? part : size;
		below = table_at(f, *slot);
		if (level > 1)
			unmap_level(f, below, level - 1, va, part);
		else
			memset(&below[va >> f->shift[0] & f->index], 0,
			       (part >> f->shift[0]) * sizeof(*below));
	}
}

static int floor_map(void *ctx, uint64_t va, uint64_t pa, uint64_t size)
{
	struct floor *f = ctx;

	map_level(f, f->root, f->top, va, pa, size);
	return 0;
}

static int floor_unmap(void *ctx, uint64_t va, uint64_t size)
{
	struct floor *f = ctx;

	unmap_level(f, f->root, f->top, va, size);
	return 0;
}

static int floor_translate(void *ctx, uint64_t va, uint64_t *pa)
{
	const struct floor *f = ctx;
	unsigned int level = f->top;
	uint64_t entry = f->root[va >> f->shift[level] & f->index];

	for (; level && entry; level--)
		entry = table_at(f, entry)[va >> f->shift[level - 1] & f->index];
	*pa = (entry & f->address) | (va & (f->arena.table - 1));
	return entry ? 0 : -1;
}

static void *floor_create(const struct gpuas_geometry *geo)
{
	const struct gpuas_format *format = geo->format;
	struct floor *f = calloc(1, sizeof(*f));
	unsigned int level;
	uint64_t unused;

	for (level = 0; level < GPUAS_LEVELS_MAX; level++)
		f->shift[level] = format->granule_shift + level * format->index_bits;
	f->top = (geo->va_bits - 1u - format->granule_shift) / format->index_bits;
	f->index = (1ULL << format->index_bits) - 1;
	f->address = (1ULL << 48) - (1ULL << format->granule_shift);
	arena_init(&f->arena, format->granule_shift);
	f->root = table_new(f, &unused);
	return f;
}

static void floor_destroy(void *ctx)
{
	struct floor *f = ctx;

	arena_exit(&f->arena);
	free(f);
}

const struct bench_ops bench_floor = {
	.name = "floor",
	.create = floor_create,
	.destroy = floor_destroy,
	.map = floor_map,
	.unmap = floor_unmap,
	.translate = floor_translate,
};
