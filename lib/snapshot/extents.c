// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The lists: extents, joined where they are alike, and put in order; findings. */
#include "snapshot.h"

#define TAG_SHIFT	48
#define BELOW_TAG	((1ULL << TAG_SHIFT) - 1)

uint64_t gpuas_snap_address(const struct gpuas_snapshot *snapshot,
			    const struct gpuas_snap_extent *extent)
{
	uint64_t address = gpuas_va_u64(extent->va), tag = GPUAS_SNAP_TAG_PA;

	if (extent->kind == GPUAS_SNAP_TABLE || extent->kind == GPUAS_SNAP_MEMORY)
		address = gpuas_pa_u64(extent->pa);
	else
		tag = snapshot->space[extent->space].tag;
	if (tag == GPUAS_SNAP_TAG_FIRST)
		tag |= 0xff00;
	return (address & BELOW_TAG) | tag << TAG_SHIFT;
}

static uint64_t pa_end(const struct gpuas_snap_extent *extent)
{
	return gpuas_pa_u64(extent->pa) + extent->size;
}

/* Does @b go on where @a ends? */
static bool goes_on(const struct gpuas_snap_extent *a, const struct gpuas_snap_extent *b)
{
	const bool va = gpuas_va_u64(a->va) + a->size == gpuas_va_u64(b->va);
	const bool pa = pa_end(a) == gpuas_pa_u64(b->pa);

	switch (a->kind) {
	case GPUAS_SNAP_LEAF:
		return va && pa;
	case GPUAS_SNAP_ODD:
		return va && a->pa == b->pa;
	default:
		return pa;
	}
}

static bool is_alike(const struct gpuas_snap_extent *a, const struct gpuas_snap_extent *b)
{
	return a->raw == b->raw && a->space == b->space && a->level == b->level &&
	       a->kind == b->kind && a->owner == b->owner && a->region == b->region &&
	       a->missing == b->missing && goes_on(a, b);
}

static void lose(struct gpuas_snapshot *snapshot, const struct gpuas_snap_extent *extent)
{
	if (snapshot->extents_lost && is_alike(&snapshot->lost, extent)) {
		snapshot->lost.size += extent->size;
		return;
	}
	snapshot->lost = *extent;
	snapshot->extents_lost++;
}

/* Tables stay alone until it is known which of them others lead to as well. */
void gpuas_extent_add_(struct capture *capture, const struct gpuas_snap_extent *extent)
{
	struct gpuas_snapshot *snapshot = capture->snapshot;
	uint32_t *last = &capture->last[extent->kind];

	if (*last != NOWHERE && extent->kind != GPUAS_SNAP_TABLE &&
	    is_alike(&snapshot->extent[*last], extent)) {
		snapshot->extent[*last].size += extent->size;
	} else if (snapshot->extents < snapshot->extents_max) {
		*last = snapshot->extents++;
		snapshot->extent[*last] = *extent;
	} else {
		*last = NOWHERE;
		lose(snapshot, extent);
	}
}

void gpuas_finding_add_(struct gpuas_snapshot *snapshot,
			const struct gpuas_snap_finding *finding)
{
	if (snapshot->findings < snapshot->findings_max)
		snapshot->finding[snapshot->findings++] = *finding;
	else
		snapshot->findings_lost++;
}

static bool before_by_pa(const struct gpuas_snap_extent *a, const struct gpuas_snap_extent *b)
{
	if (!a->missing != !b->missing)
		return !a->missing;
	return gpuas_pa_u64(a->pa) < gpuas_pa_u64(b->pa);
}

static bool before(const struct gpuas_snapshot *snapshot, const struct gpuas_snap_extent *list,
		   enum sort by, uint32_t a, uint32_t b)
{
	uint64_t address_a, address_b;

	if (by == BY_PA)
		return before_by_pa(&list[list[a].order], &list[list[b].order]);
	address_a = gpuas_snap_address(snapshot, &list[a]);
	address_b = gpuas_snap_address(snapshot, &list[b]);
	if (address_a != address_b)
		return address_a < address_b;
	return list[a].space < list[b].space;
}

static void exchange(struct gpuas_snap_extent *list, enum sort by, uint32_t a, uint32_t b)
{
	struct gpuas_snap_extent extent;
	uint32_t order = list[a].order;

	if (by == BY_PA) {
		list[a].order = list[b].order;
		list[b].order = order;
		return;
	}
	extent = list[a];
	list[a] = list[b];
	list[b] = extent;
}

static void sift(const struct gpuas_snapshot *snapshot, struct gpuas_snap_extent *list,
		 enum sort by, uint32_t at, uint32_t count)
{
	uint32_t child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && before(snapshot, list, by, child, child + 1))
			child++;
		if (!before(snapshot, list, by, at, child))
			return;
		exchange(list, by, at, child);
		at = child;
	}
}

/* By a heap: no memory, no recursion, and no list that takes it long. */
void gpuas_extents_sort_(const struct gpuas_snapshot *snapshot, struct gpuas_snap_extent *list,
			 uint32_t count, enum sort by)
{
	uint32_t i;

	for (i = count / 2; i--;)
		sift(snapshot, list, by, i, count);
	for (i = count; i-- > 1;) {
		exchange(list, by, 0, i);
		sift(snapshot, list, by, 0, i);
	}
}

/* Is the table, or are the tables, among those that came before? */
static bool is_known(const struct gpuas_snap_extent *known, const struct gpuas_snap_extent *table)
{
	return gpuas_pa_u64(table->pa) >= gpuas_pa_u64(known->pa) &&
	       pa_end(table) <= pa_end(known);
}

void gpuas_extents_finish_(struct gpuas_snapshot *snapshot)
{
	struct gpuas_snap_extent *list = snapshot->extent, *known[GPUAS_LEVELS_MAX] = { NULL };
	uint32_t i, kept = 0;

	gpuas_extents_sort_(snapshot, list, snapshot->extents, BY_ADDRESS);
	for (i = 0; i < snapshot->extents; i++) {
		struct gpuas_snap_extent **table = &known[list[i].level];

		if (list[i].kind == GPUAS_SNAP_TABLE) {
			if (*table && is_known(*table, &list[i]))
				continue;
			if (*table && is_alike(*table, &list[i])) {
				(*table)->size += list[i].size;
				continue;
			}
			*table = &list[kept];
		}
		list[kept++] = list[i];
	}
	snapshot->extents = kept;
}
