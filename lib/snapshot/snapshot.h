/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What capture and writer share. Private to lib/. */
#ifndef GPUAS_LIB_SNAPSHOT_H
#define GPUAS_LIB_SNAPSHOT_H

#include <gpuas/core.h>

#include "../table/geometry.h"

/* No extent. */
#define NOWHERE	(~0u)

/**
 * struct capture - A capture under way
 * @snapshot: where it goes
 * @granule: of the space that is walked, or the smallest one
 * @pa_bits: likewise
 * @space: index of that space, or GPUAS_SNAP_NO_SPACE
 * @upper: it is an upper half
 * @last: index of the extent of each kind that came last, or NOWHERE
 */
struct capture {
	struct gpuas_snapshot *snapshot;
	uint64_t granule;
	uint8_t pa_bits;
	uint16_t space;
	bool upper;
	uint32_t last[GPUAS_SNAP_ODD + 1];
};

/* One more extent, joined with the last of its kind if they are alike, and no tables. */
void gpuas_extent_add_(struct capture *capture, const struct gpuas_snap_extent *extent);

/* Put all in order, and leave out tables that are there twice. */
void gpuas_extents_finish_(struct gpuas_snapshot *snapshot);

/* Copy TTB array and handoff page, if they are there and were not copied before. */
void gpuas_snap_pages_(struct gpuas_snapshot *snapshot);

/* One more finding. */
void gpuas_finding_add_(struct gpuas_snapshot *snapshot,
			const struct gpuas_snap_finding *finding);

/* Find regions that are not mapped as the manifest says. */
void gpuas_snap_compare_(struct gpuas_snapshot *snapshot);

/* The smallest granule of all spaces. */
uint64_t gpuas_snap_granule_(const struct gpuas_snapshot *snapshot);

/* By gpuas_snap_address(); or by PA, what has no contents last, in &gpuas_snap_extent.order. */
enum sort { BY_ADDRESS, BY_PA };

void gpuas_extents_sort_(const struct gpuas_snapshot *snapshot, struct gpuas_snap_extent *list,
			 uint32_t count, enum sort by);

/**
 * struct note - A note of a file
 * @name: its name, of 3 to 11 letters
 * @type: its type
 * @size: bytes of what it says
 */
struct note {
	const char *name;
	uint32_t type;
	uint32_t size;
};

/**
 * struct pull - A part of a file that is wanted
 * @offset: its start
 * @buf: where to
 * @count: bytes
 */
struct pull {
	uint64_t offset;
	uint8_t *buf;
	size_t count;
};

/* Copy as much of @size bytes, which are at @at in the file, as is wanted. */
void gpuas_core_put_(const struct pull *pull, uint64_t at, const void *bytes, uint64_t size);

/* Is any of it wanted? */
static inline bool wanted_(const struct pull *pull, uint64_t at, uint64_t size)
{
	return at < pull->offset + pull->count && at + size > pull->offset;
}

/* Note @i of the file, at most of a gigabyte; false behind the last. */
bool gpuas_core_note_(const struct gpuas_core *core, unsigned int i, struct note *note);

/* Bytes that it takes, with what stands before it, and padding. */
uint32_t gpuas_note_bytes_(const struct note *note);

void gpuas_core_put_note_(const struct gpuas_core *core, const struct note *note,
			  const struct pull *pull, uint64_t at);

/* The extents that are in the file. */
static inline struct gpuas_snap_extent *extents_(const struct gpuas_core *core)
{
	return core->snapshot->extent + core->first;
}

#endif /* GPUAS_LIB_SNAPSHOT_H */
