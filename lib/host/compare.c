// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What differs between two snapshots: two lists of ranges, cut where either has a bound. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "out.h"

#define ROUGH_ATTR	(GPUAS_ACCESS_MASK | GPUAS_MEM_MASK)

/* Contents are compared, and told, in pieces of this. */
enum { UNIT = 4096 };

/**
 * struct side - A list on its way
 * @extent: what is mapped, ascending by VA
 * @count: how many
 * @at: the first one that does not lie before where the sweep is
 */
struct side {
	const struct gpuas_snap_extent **extent;
	uint32_t count;
	uint32_t at;
};

/**
 * struct taken - PAs that are told of elsewhere
 * @piece: ranges, ascending and apart
 * @count: how many
 */
struct taken {
	struct piece *piece;
	size_t count;
};

static uint64_t last_of(const struct gpuas_snap_extent *extent)
{
	return extent_start(extent) + (extent->size - 1);
}

static int by_va(const void *a, const void *b)
{
	const struct gpuas_snap_extent *const *x = a, *const *y = b;
	const uint64_t p = extent_start(*x), q = extent_start(*y);

	return p == q ? 0 : p < q ? -1 : 1;
}

/* What is mapped in a space; or the regions. */
static struct side side_of(const struct gpuas_snapshot *snapshot, uint16_t space, bool regions)
{
	struct side side = { .at = 0 };
	const struct gpuas_snap_extent *extent = snapshot->extent;
	uint32_t i;

	side.extent = memory(snapshot->extents, sizeof(*side.extent));
	for (i = 0; i < snapshot->extents; i++, extent++) {
		if (regions ? extent->kind == GPUAS_SNAP_MEMORY :
			      has_va(extent) && extent->space == space)
			side.extent[side.count++] = extent;
	}
	if (side.count)
		qsort(side.extent, side.count, sizeof(*side.extent), by_va);
	return side;
}

/* What has @va, or the next one behind it; NULL at the end. */
static const struct gpuas_snap_extent *side_at(struct side *side, uint64_t va)
{
	while (side->at < side->count && last_of(side->extent[side->at]) < va)
		side->at++;
	return side->at < side->count ? side->extent[side->at] : NULL;
}

static bool has(const struct gpuas_snap_extent *extent, uint64_t va)
{
	return extent && extent_start(extent) <= va;
}

/* From @va on, how far both stay what they are there. */
static uint64_t bound(const struct gpuas_snap_extent *extent, uint64_t va, uint64_t last)
{
	uint64_t end;

	if (!extent)
		return last;
	end = has(extent, va) ? last_of(extent) : extent_start(extent) - 1;
	return end < last ? end : last;
}

static enum change change_of(const struct comparison *comparison, uint64_t va,
			     const struct gpuas_snap_extent *a, const struct gpuas_snap_extent *b)
{
	if (!a)
		return CHANGE_MAPPED;
	if (!b)
		return CHANGE_UNMAPPED;
	if (a->kind != b->kind || extent_pa(a, va) != extent_pa(b, va))
		return CHANGE_MOVED;
	if (comparison->rough ? (a->attr ^ b->attr) & ROUGH_ATTR : a->raw != b->raw)
		return CHANGE_ATTRIBUTES;
	return CHANGE_NONE;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Does memory at @va of a range differ? @size: up to where that is asked for, and is said. Of what
 * is not in both files nobody knows; what neither can have is nothing to know of.
 */
static bool differs(struct comparison *comparison, const struct difference *range, uint64_t va,
		    uint64_t *size)
{
	uint64_t there_a, there_b;
	const uint8_t *a = image_at(comparison->of_a, extent_pa(range->a, va), &there_a);
	const uint8_t *b = image_at(comparison->of_b, extent_pa(range->b, va), &there_b);

	*size = least(*size, least(there_a, there_b));
	if (a && b) {
		*size = least(*size, UNIT - (va - range->va) % UNIT);
		return memcmp(a, b, (size_t)*size);
	}
	if (a || b || range->a->missing == GPUAS_SNAP_LIMIT ||
	    range->b->missing == GPUAS_SNAP_LIMIT)
		comparison->not_compared += *size;
	return false;
}

/* Ranges that differ, joined where they meet. */
static void compare_bytes(struct comparison *comparison, const struct difference *range)
{
	struct difference run = *range;
	uint64_t offset, size;

	run.change = CHANGE_CONTENTS;
	run.size = 0;
	for (offset = 0; offset < range->size; offset += size) {
		size = range->size - offset;
		progress("comparing", "contents", (comparison->done + offset) / UNIT,
			 comparison->total / UNIT + 1);
		if (differs(comparison, range, range->va + offset, &size)) {
			if (!run.size)
				run.va = range->va + offset;
			run.size += size;
		} else if (run.size) {
			comparison->found(comparison->ctx, &run);
			run.size = 0;
		}
	}
	if (run.size)
		comparison->found(comparison->ctx, &run);
}

static void compare_range(struct comparison *comparison, const struct difference *range,
			  const struct taken *taken)
{
	(void)taken;
	if (range->change != CHANGE_NONE)
		comparison->found(comparison->ctx, range);
	else if (comparison->of_a && range->a->kind != GPUAS_SNAP_ODD)
		compare_bytes(comparison, range);
}

static void sweep(struct comparison *comparison, struct side *left, struct side *right,
		  void (*each)(struct comparison *comparison, const struct difference *range,
			       const struct taken *taken),
		  const struct taken *taken)
{
	const struct gpuas_snap_extent *a, *b;
	struct difference range;
	uint64_t va = 0, last;

	for (;; va = last + 1) {
		a = side_at(left, va);
		b = side_at(right, va);
		if (!a && !b)
			return;
		last = bound(b, va, bound(a, va, ~0ULL));
		range.a = has(a, va) ? a : NULL;
		range.b = has(b, va) ? b : NULL;
		range.va = va;
		range.size = last - va + 1;
		if (range.a || range.b) {
			range.change = change_of(comparison, va, range.a, range.b);
			each(comparison, &range, taken);
		}
		if (range.a)
			comparison->done += range.size;
		if (last == ~0ULL)
			return;
	}
}

void compare_spaces(struct comparison *comparison, uint16_t i, uint16_t j)
{
	struct side left = side_of(comparison->a, i, false);
	struct side right = side_of(comparison->b, j, false);

	sweep(comparison, &left, &right, compare_range, NULL);
	free(left.extent);
	free(right.extent);
}

static int by_pa(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->pa == y->pa ? 0 : x->pa < y->pa ? -1 : 1;
}

static void take(struct taken *taken, const struct gpuas_snapshot *snapshot)
{
	const struct gpuas_snap_extent *extent = snapshot->extent;
	uint32_t i;

	for (i = 0; i < snapshot->extents; i++, extent++) {
		if (extent->kind == GPUAS_SNAP_LEAF || extent->kind == GPUAS_SNAP_TABLE)
			taken->piece[taken->count++] = (struct piece){
				gpuas_pa_u64(extent->pa), extent->size, NULL };
	}
}

static struct taken taken_of(const struct comparison *comparison)
{
	struct taken taken = { .count = 0 };
	struct piece *last, *next;
	size_t i, kept = 0;

	taken.piece = memory((size_t)comparison->a->extents + comparison->b->extents,
			     sizeof(*taken.piece));
	take(&taken, comparison->a);
	take(&taken, comparison->b);
	if (taken.count)
		qsort(taken.piece, taken.count, sizeof(*taken.piece), by_pa);
	for (i = 0; i < taken.count; i++) {
		next = &taken.piece[i];
		last = &taken.piece[kept ? kept - 1 : 0];
		if (kept && next->pa - last->pa <= last->size) {
			if (next->pa - last->pa + next->size > last->size)
				last->size = next->pa - last->pa + next->size;
			continue;
		}
		taken.piece[kept++] = *next;
	}
	taken.count = kept;
	return taken;
}

/* The next range of a region's that nobody has, from @pa on. */
static bool next_free(const struct taken *taken, uint64_t *pa, uint64_t last, uint64_t *end)
{
	size_t low = 0, high = taken->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (taken->piece[middle].pa + (taken->piece[middle].size - 1) < *pa)
			low = middle + 1;
		else
			high = middle;
	}
	*end = last;
	for (; low < taken->count && taken->piece[low].pa <= last; low++) {
		if (taken->piece[low].pa > *pa) {
			*end = taken->piece[low].pa - 1;
			return true;
		}
		if (taken->piece[low].pa + (taken->piece[low].size - 1) >= last)
			return false;
		*pa = taken->piece[low].pa + taken->piece[low].size;
	}
	return *pa <= last;
}

static void compare_region(struct comparison *comparison, const struct difference *range,
			   const struct taken *taken)
{
	struct difference part = *range;
	const uint64_t last = range->va + (range->size - 1);
	uint64_t end;

	if (!range->a || !range->b)
		return;
	while (next_free(taken, &part.va, last, &end)) {
		part.size = end - part.va + 1;
		compare_bytes(comparison, &part);
		if (end == last)
			return;
		part.va = end + 1;
	}
}

void compare_regions(struct comparison *comparison)
{
	struct side left = side_of(comparison->a, GPUAS_SNAP_NO_SPACE, true);
	struct side right = side_of(comparison->b, GPUAS_SNAP_NO_SPACE, true);
	struct taken taken = taken_of(comparison);

	sweep(comparison, &left, &right, compare_region, &taken);
	free(taken.piece);
	free(left.extent);
	free(right.extent);
}

struct comparison comparison_of(const struct image *a, const struct image *b)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < a->snapshot.extents; i++) {
		if (a->snapshot.extent[i].kind != GPUAS_SNAP_TABLE)
			total += a->snapshot.extent[i].size;
	}
	return (struct comparison){
		.a = &a->snapshot, .b = &b->snapshot, .of_a = a, .of_b = b,
		.rough = a->kind == IMAGE_AGX || b->kind == IMAGE_AGX,
		.total = total,
	};
}

static uint16_t match(const struct gpuas_snapshot *in, const struct gpuas_snap_space *space)
{
	uint32_t i;

	for (i = 0; i < in->spaces; i++) {
		if (in->space[i].tag == space->tag && gpuas_streq(in->space[i].name, space->name))
			return (uint16_t)i;
	}
	for (i = 0; i < in->spaces; i++) {
		if (in->space[i].root == space->root && in->space[i].geo.upper == space->geo.upper)
			return (uint16_t)i;
	}
	return GPUAS_SNAP_NO_SPACE;
}

void compare_pairs(const struct gpuas_snapshot *a, const struct gpuas_snapshot *b,
		   void (*each)(void *ctx, uint16_t i, uint16_t j), void *ctx)
{
	const uint32_t others = b ? b->spaces : 0;
	bool *matched = memory(others, sizeof(*matched));
	uint32_t i;
	uint16_t j;

	for (i = 0; i < a->spaces; i++) {
		j = b ? match(b, &a->space[i]) : GPUAS_SNAP_NO_SPACE;
		if (j != GPUAS_SNAP_NO_SPACE && matched[j])
			j = GPUAS_SNAP_NO_SPACE;
		if (j != GPUAS_SNAP_NO_SPACE)
			matched[j] = true;
		each(ctx, (uint16_t)i, j);
	}
	for (i = 0; i < others; i++) {
		if (!matched[i])
			each(ctx, GPUAS_SNAP_NO_SPACE, (uint16_t)i);
	}
	free(matched);
}
