// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Encoding and decoding of entries, driven by the constants of a format. All
 * formats share the descriptor layout of VMSAv8-64 (Arm ARM DDI 0487, D8.3); they
 * differ in what the permission bits mean.
 */
#include "entry.h"

/* Row of an access right in the format's table, or -1. */
static int access_row(const struct gpuas_format *format, gpuas_attr_t attr)
{
	int row = 0, rows = format->access_rows;

	if (format->owner_bit) {
		rows /= 2;
		row = attr & GPUAS_OWNER_FW ? 0 : rows;
		rows += row;
	} else if (attr & GPUAS_OWNER_FW) {
		return -1;
	}
	for (; row < rows; row++) {
		if (format->access[row] == (attr & GPUAS_ACCESS_MASK))
			return row;
	}
	return -1;
}

int gpuas_format_encode(const struct gpuas_format *format, gpuas_attr_t attr,
			uint64_t *bits)
{
	unsigned int kind = (attr & GPUAS_MEM_MASK) >> ENTRY_MEM_SHIFT;
	int row = access_row(format, attr);
	uint64_t entry;

	if (row < 0 || (attr & ~ATTR_KNOWN) ||
	    (attr & GPUAS_MEM_MASK) == GPUAS_MEM_OTHER)
		return -GPUAS_EOPNOTSUPP;

	entry = ENTRY_PAGE | ENTRY_AF;
	entry |= (uint64_t)format->mem_index[kind] << ENTRY_ATTRINDX_SHIFT;
	entry |= (uint64_t)format->mem_shareability[kind] << ENTRY_SH_SHIFT;
	entry |= (uint64_t)((row >> 2) & 3) << ENTRY_AP_SHIFT;
	entry |= (uint64_t)(row & 3) << ENTRY_XN_SHIFT;
	entry |= (uint64_t)(row >> 4) << format->owner_bit;
	entry |= attr & GPUAS_GLOBAL ? 0 : ENTRY_NG;
	*bits = entry;
	return 0;
}

gpuas_attr_t gpuas_format_decode(const struct gpuas_format *format,
				 uint64_t entry)
{
	unsigned int row = (unsigned int)(entry >> ENTRY_AP_SHIFT & 3) << 2;
	gpuas_attr_t attr = 0;

	row |= entry >> ENTRY_XN_SHIFT & 3;
	if (format->owner_bit) {
		if (entry >> format->owner_bit & 1)
			row |= 16;
		else
			attr |= GPUAS_OWNER_FW;
	}
	/* GPUAS_ACCESS_ALIAS and GPUAS_RAW are one bit. */
	attr |= format->access[row];
	attr |= (gpuas_attr_t)format->mem_kind[entry >> ENTRY_ATTRINDX_SHIFT & 7]
		<< ENTRY_MEM_SHIFT;
	attr |= entry & ENTRY_NG ? 0 : GPUAS_GLOBAL;
	return attr;
}

int gpuas_format_raw_check(uint64_t bits)
{
	const uint64_t must = ENTRY_PAGE | ENTRY_AF;
	const uint64_t address = (1ULL << ENTRY_ADDR_BITS) - (1ULL << ENTRY_ADDR_SHIFT);

	return (bits & (must | address)) == must ? 0 : -GPUAS_EINVAL;
}

enum gpuas_kind gpuas_format_kind(const struct gpuas_format *format,
				  unsigned int level, uint64_t entry)
{
	if (!entry)
		return GPUAS_HOLE;
	if ((entry & ENTRY_TYPE_MASK) == ENTRY_PAGE)
		return level ? GPUAS_TABLE : GPUAS_PAGE;
	if ((entry & ENTRY_TYPE_MASK) == ENTRY_BLOCK &&
	    (format->block_levels >> level & 1))
		return GPUAS_BLOCK;
	return GPUAS_OTHER;
}
