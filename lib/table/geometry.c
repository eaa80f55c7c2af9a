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

int gpuas_geometry_check_(const struct gpuas_geometry *geo,
			  struct gpuas_report *report)
{
	const struct gpuas_format *format = geo->format;

	if (gpuas_geometry_ok_(geo))
		return 0;
	if (!format)
		return gpuas_report(report, -GPUAS_EINVAL, "geometry", NULL,
				    "no format");
	if (geo->va_bits < format->va_bits_min ||
	    geo->va_bits > format->va_bits_max)
		return gpuas_report_hex(report, -GPUAS_EINVAL, "geometry",
					format->name, "impossible VA bits",
					geo->va_bits);
	if (geo->pa_bits < format->pa_bits_min ||
	    geo->pa_bits > format->pa_bits_max)
		return gpuas_report_hex(report, -GPUAS_EINVAL, "geometry",
					format->name, "impossible PA bits",
					geo->pa_bits);
	return gpuas_report_hex(report, -GPUAS_EINVAL, "geometry", format->name,
				"not built for this granule, 1 <<",
				format->granule_shift);
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
