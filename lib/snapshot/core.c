// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Where everything is in the file, and what is left out of it. */
#include "elf.h"
#include "snapshot.h"

enum { EXTENTS_MAX = 1 << 24, TEXT_MAX = 1 << 30 };

/**
 * struct bound - Up to which extent contents are kept
 * @class: of those of a lower one all are
 * @size: of this class those that are smaller are
 * @index: and of this size those before it
 */
struct bound {
	unsigned int class;
	uint64_t size;
	uint32_t index;
};

/* The lower, the longer it is kept. */
static unsigned int class_of(const struct gpuas_core *core, const struct gpuas_snap_extent *extent)
{
	if (extent->kind == GPUAS_SNAP_TABLE)
		return 0;
	if (extent->kind == GPUAS_SNAP_MEMORY)
		return 1;
	return core->snapshot->space[extent->space].geo.upper ? 2 : 3;
}

static bool is_kept(const struct gpuas_core *core, const struct bound *bound, uint32_t i)
{
	const struct gpuas_snap_extent *extent = &extents_(core)[i];
	unsigned int class = class_of(core, extent);

	if (class != bound->class)
		return class < bound->class;
	if (extent->size != bound->size)
		return extent->size < bound->size;
	return i < bound->index;
}

/* Bytes that are kept; those that several extents have count once. */
static uint64_t kept_bytes(const struct gpuas_core *core, const struct bound *bound)
{
	const struct gpuas_snap_extent *list = extents_(core), *extent;
	uint64_t bytes = 0, end = 0, start, last;
	uint32_t i;

	for (i = 0; i < core->present; i++) {
		extent = &list[list[i].order];
		if (!is_kept(core, bound, list[i].order))
			continue;
		start = gpuas_pa_u64(extent->pa);
		last = start + extent->size;
		if (start < end)
			start = end;
		if (last <= start)
			continue;
		bytes += last - start;
		end = last;
	}
	return bytes;
}

/* The highest bound whose extents are no more than @room bytes, word by word, bit by bit. */
static struct bound bound_find(const struct gpuas_core *core, uint64_t room)
{
	struct bound bound = { .class = 1 };
	uint64_t size;
	uint32_t index;

	while (bound.class <= 4 && kept_bytes(core, &bound) <= room)
		bound.class++;
	bound.class--;
	if (bound.class == 4)
		return bound;
	for (size = 1ULL << 63; size; size >>= 1) {
		bound.size |= size;
		if (kept_bytes(core, &bound) > room)
			bound.size &= ~size;
	}
	for (index = EXTENTS_MAX; index; index >>= 1) {
		bound.index |= index;
		if (kept_bytes(core, &bound) > room)
			bound.index &= ~index;
	}
	return bound;
}

/* By PA, those without contents behind. */
static void put_in_order(struct gpuas_core *core)
{
	struct gpuas_snap_extent *list = extents_(core);
	uint32_t i;

	core->present = 0;
	for (i = 0; i < core->extents; i++) {
		list[i].order = i;
		core->present += list[i].missing == GPUAS_SNAP_PRESENT;
	}
	gpuas_extents_sort_(core->snapshot, list, core->extents, BY_PA);
}

static void leave_out(struct gpuas_core *core, uint64_t room)
{
	struct gpuas_snap_extent *list = extents_(core);
	const struct bound bound = bound_find(core, room);
	uint32_t i;

	for (i = 0; i < core->extents; i++) {
		if (list[i].missing == GPUAS_SNAP_PRESENT && !is_kept(core, &bound, i))
			list[i].missing = GPUAS_SNAP_LIMIT;
	}
	put_in_order(core);
}

/* Each byte of memory once, in the order of PA. */
static void place(struct gpuas_core *core)
{
	struct gpuas_snap_extent *list = extents_(core), *extent;
	uint64_t pa, end = 0;
	uint32_t i;

	core->size = core->data;
	for (i = 0; i < core->present; i++) {
		extent = &list[list[i].order];
		pa = gpuas_pa_u64(extent->pa);
		if (!i || pa > end)
			end = pa;
		extent->offset = core->size - (end - pa);
		if (pa + extent->size > end) {
			core->size += pa + extent->size - end;
			end = pa + extent->size;
		}
	}
	for (; i < core->extents; i++)
		list[list[i].order].offset = core->data;
}

/* Which extents: all, or those of the first upper half, which come last. */
static void choose(struct gpuas_core *core)
{
	struct gpuas_snapshot *snapshot = core->snapshot;

	core->first = 0;
	while (core->info.agx && core->first < snapshot->extents &&
	       gpuas_snap_address(snapshot, &snapshot->extent[core->first]) >> 48 != 0xffff)
		core->first++;
	core->extents = snapshot->extents - core->first;
}

static void measure(struct gpuas_core *core)
{
	struct note note;
	unsigned int i;

	core->notes = sizeof(struct elf_header) +
		      (core->extents + 1ULL) * sizeof(struct elf_segment);
	if (core->extents + 1 >= ELF_SEGMENTS_MAX)
		core->notes += sizeof(struct elf_section);
	for (i = 0; gpuas_core_note_(core, i, &note); i++)
		core->notes_size += gpuas_note_bytes_(&note);
	core->data = (core->notes + core->notes_size + core->align - 1) & ~(core->align - 1ULL);
}

int gpuas_core_init(struct gpuas_core *core, struct gpuas_snapshot *snapshot,
		    const struct gpuas_core_info *info, uint64_t limit)
{
	const struct bound all = { .class = 4 };
	uint32_t i;

	memset(core, 0, sizeof(*core));
	if (snapshot->extents > EXTENTS_MAX || snapshot->findings > EXTENTS_MAX ||
	    info->log_size > TEXT_MAX)
		return -GPUAS_E2BIG;
	core->snapshot = snapshot;
	core->info = *info;
	core->align = (uint32_t)gpuas_snap_granule_(snapshot);
	for (i = 0; i < snapshot->extents; i++) {
		if (snapshot->extent[i].missing == GPUAS_SNAP_LIMIT)
			snapshot->extent[i].missing = GPUAS_SNAP_PRESENT;
	}
	choose(core);
	measure(core);
	if (core->data > limit)
		return -GPUAS_ENOSPC;
	put_in_order(core);
	if (kept_bytes(core, &all) > limit - core->data) {
		leave_out(core, limit - core->data);
		core->limited = true;
	}
	place(core);
	return 0;
}
