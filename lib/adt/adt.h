/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What the files of this folder share. */
#ifndef GPUAS_LIB_ADT_H
#define GPUAS_LIB_ADT_H

#include <gpuas/adt.h>

/* Little-endian, at any address. */
static inline uint32_t adt_load32_(const void *at)
{
	const unsigned char *byte = at;

	return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
	       (uint32_t)byte[3] << 24;
}

static inline uint64_t adt_load64_(const void *at)
{
	return adt_load32_(at) | (uint64_t)adt_load32_((const char *)at + 4) << 32;
}

/* What a range's properties start with. */
const char *adt_range_name_(unsigned int range);

/* The name of one of them. */
void adt_range_property_(struct gpuas_text *text, unsigned int range, const char *suffix);

#endif /* GPUAS_LIB_ADT_H */
