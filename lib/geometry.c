// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "handover.h"

unsigned int gpuas_top_(const struct gpuas_geometry *geo)
{
	unsigned int level = 0;

	while (shift_(geo, level + 1) < geo->va_bits)
		level++;
	return level;
}

int gpuas_geometry_check_(const struct gpuas_geometry *geo,
			  struct gpuas_report *report)
{
	const struct gpuas_format *format = geo->format;

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
	return 0;
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
