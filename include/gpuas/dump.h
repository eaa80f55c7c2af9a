/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_DUMP_H
#define GPUAS_DUMP_H

#include <gpuas/text.h>
#include <gpuas/visit.h>

GPUAS_BEGIN_DECLS

/**
 * gpuas_dump_space() - Print all that a handle covers as merged ranges
 * @space: the handle
 * @sink: takes the lines
 *
 * One line for each run of pages that is contiguous in VA and PA and has equal
 * attributes: first and last VA, size, first PA, rights of GPU, firmware and
 * guarded firmware, kind of memory, owner. Entries that are neither pages nor
 * tables, and tables that cannot be read, have lines of their own. The text is
 * the same in every host.
 */
void gpuas_dump_space(const struct gpuas_space *space,
		      const struct gpuas_sink *sink);

/**
 * gpuas_dump_path() - Print every level on the way to a VA, and whose the tables are
 * @space: the handle
 * @va: any VA
 * @sink: takes the lines
 *
 * Return: 0 if something is mapped there; -GPUAS_ENOENT if not; -GPUAS_ERANGE if
 * the handle does not cover @va (nothing is printed).
 */
int gpuas_dump_path(const struct gpuas_space *space, gpuas_va_t va,
		    const struct gpuas_sink *sink);

/**
 * gpuas_attr_text() - Append attributes as in dumps
 * @text: the line
 * @attr: the attributes
 */
void gpuas_attr_text(struct gpuas_text *text, gpuas_attr_t attr);

/**
 * gpuas_attr_refused_text() - Append why a format has no encoding for attributes
 * @text: the line
 * @format: the format
 * @attr: what gpuas_format_encode() refused with -GPUAS_EOPNOTSUPP
 *
 * Names the rights that are missing, or in the way, beside the nearest ones that
 * the format has: "lpae-16k has no gpu=r-- fw=--- gl=--- shared, not without
 * fw=r--".
 */
void gpuas_attr_refused_text(struct gpuas_text *text,
			     const struct gpuas_format *format,
			     gpuas_attr_t attr);

GPUAS_END_DECLS

#endif /* GPUAS_DUMP_H */
