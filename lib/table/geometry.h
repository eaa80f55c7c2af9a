/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Judging geometries; their arithmetic is in entry.h. */
#ifndef GPUAS_LIB_GEOMETRY_H
#define GPUAS_LIB_GEOMETRY_H

#include "entry.h"

static inline uint64_t pa_last_(const struct gpuas_geometry *geo)
{
	return (1ULL << geo->pa_bits) - 1;
}

/* Offset of a VA into its half; one that is not in it gives a larger number. */
static inline uint64_t va_offset_(const struct gpuas_geometry *geo,
				  gpuas_va_t va)
{
	return gpuas_va_u64(va) - base_(geo);
}

/* Level of the root: the lowest one whose table covers the whole half. */
unsigned int gpuas_top_(const struct gpuas_geometry *geo);

/* Within the limits of the format, and of this build? */
bool gpuas_geometry_ok_(const struct gpuas_geometry *geo);

bool gpuas_geometry_equal_(const struct gpuas_geometry *a,
			   const struct gpuas_geometry *b);

bool gpuas_range_equal_(const struct gpuas_range *a,
			const struct gpuas_range *b);

#endif /* GPUAS_LIB_GEOMETRY_H */
