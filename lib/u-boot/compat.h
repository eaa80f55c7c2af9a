/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compat.h - What changed between the versions of U-Boot that are supported
 *
 * Built and booted: 2025.01, 2025.04, 2025.07, 2025.10, 2026.07 and 2026.10-rc2.
 * Nothing else of the personality asks for a version. GPL only, as the code in U-Boot's headers is.
 */
#ifndef GPUAS_UBOOT_COMPAT_H
#define GPUAS_UBOOT_COMPAT_H

#include <lmb.h>
#include <version.h>
#include <asm/global_data.h>
#include <asm/u-boot.h>

DECLARE_GLOBAL_DATA_PTR;

#define GPUAS_UBOOT_SINCE(year, month) \
	(U_BOOT_VERSION_NUM > (year) || \
	 (U_BOOT_VERSION_NUM == (year) && U_BOOT_VERSION_NUM_PATCH >= (month)))

/* No earlier lmb keeps what was reserved for longer than a command. */
#if !GPUAS_UBOOT_SINCE(2025, 1)
#error "libgpuas needs U-Boot 2025.01 or later"
#endif

/* 2026.10: the banks are in gd itself. */
#if GPUAS_UBOOT_SINCE(2026, 10)
#define GPUAS_UBOOT_BANK(i)	gd->dram[i]
#else
#define GPUAS_UBOOT_BANK(i)	gd->bd->bi_dram[i]
#endif

/*
 * 2025.10: lmb_alloc_mem() and lmb_free() are all there is. What an allocation may
 * return besides an address is not to be relied on: 0 and -1 before; afterwards
 * success with the address as it was, the limit. The caller asks lmb if it has the
 * place. @end is the first address beyond, 0 if there is no limit.
 */
#if GPUAS_UBOOT_SINCE(2025, 10)
static inline phys_addr_t compat_lmb_alloc(u64 size, u64 align, phys_addr_t end)
{
	phys_addr_t place = end;

	if (lmb_alloc_mem(end ? LMB_MEM_ALLOC_MAX : LMB_MEM_ALLOC_ANY, align,
			  &place, size, LMB_NOOVERWRITE) || place == end)
		return 0;
	return place;
}

static inline void compat_lmb_reserve(phys_addr_t place, u64 size)
{
	lmb_alloc_mem(LMB_MEM_ALLOC_ADDR, 0, &place, size, LMB_NOOVERWRITE);
}

static inline long compat_lmb_free(phys_addr_t place, u64 size)
{
	return lmb_free(place, size, LMB_NOOVERWRITE);
}
#else
static inline phys_addr_t compat_lmb_alloc(u64 size, u64 align, phys_addr_t end)
{
	phys_addr_t place;

	/* LMB_NONE became a macro when the suffix went away (2025.04). */
#ifdef LMB_NONE
	place = lmb_alloc_base(size, align, end, LMB_NOOVERWRITE);
#else
	place = lmb_alloc_base_flags(size, align, end, LMB_NOOVERWRITE);
#endif
	return place == (phys_addr_t)-1 ? 0 : place;
}

static inline void compat_lmb_reserve(phys_addr_t place, u64 size)
{
#ifdef LMB_NONE
	lmb_reserve(place, size, LMB_NOOVERWRITE);
#else
	lmb_reserve_flags(place, size, LMB_NOOVERWRITE);
#endif
}

static inline long compat_lmb_free(phys_addr_t place, u64 size)
{
	return lmb_free_flags(place, size, LMB_NOOVERWRITE);
}
#endif

#endif /* GPUAS_UBOOT_COMPAT_H */
