// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Which shapes of trees there can be. */
#include "geometry.h"

unsigned int gpuas_top_(const struct gpuas_geometry *geo)
{
	unsigned int level = 0;

	while (shift_(geo, level + 1) < geo->va_bits)
		level++;
	return level;
}

bool gpuas_geometry_ok_(const struct gpuas_geometry *geo)
{
	const struct gpuas_format *format = geo->format;

	return format && format->granule_shift == granule_shift_(geo) &&
	       geo->va_bits >= format->va_bits_min &&
	       geo->va_bits <= format->va_bits_max &&
	       geo->pa_bits >= format->pa_bits_min &&
	       geo->pa_bits <= format->pa_bits_max;
}

bool gpuas_geometry_equal_(const struct gpuas_geometry *a,
			   const struct gpuas_geometry *b)
{
	return a->format == b->format && a->va_bits == b->va_bits &&
	       a->pa_bits == b->pa_bits && a->upper == b->upper;
}

bool gpuas_range_equal_(const struct gpuas_range *a,
			const struct gpuas_range *b)
{
	return a->va == b->va && a->size == b->size;
}
