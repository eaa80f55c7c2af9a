/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * libfdt.h - libfdt under the name that the rest of the world has for it
 */
#ifndef GPUAS_UBOOT_LIBFDT_H
#define GPUAS_UBOOT_LIBFDT_H

#include <linux/libfdt.h>

/* U-Boot's copy has no fdt32_ld() so far; this works if it gets one, too. */
static inline uint32_t gpuas_fdt32_ld(const fdt32_t *cell)
{
	const uint8_t *byte = (const uint8_t *)cell;

	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 |
	       (uint32_t)byte[2] << 8 | byte[3];
}
#define fdt32_ld gpuas_fdt32_ld

#endif /* GPUAS_UBOOT_LIBFDT_H */
