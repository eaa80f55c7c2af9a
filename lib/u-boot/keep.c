// SPDX-License-Identifier: GPL-2.0-or-later
/* Keep the OS from memory that firmware may write to. GPL only, as U-Boot's headers are. */
#include <linux/libfdt.h>

#include "uboot.h"

static const struct gpuas_manifest *used(void)
{
	return gpuas_uboot_ready() ? &gpuas_uboot.bringup.manifest :
				     &gpuas_uboot.held;
}

static bool reserved(const void *fdt, const struct gpuas_region *region)
{
	uint64_t pa, size;
	int i;

	for (i = 0; i < fdt_num_mem_rsv(fdt); i++) {
		if (!fdt_get_mem_rsv(fdt, i, &pa, &size) &&
		    pa == gpuas_pa_u64(region->pa) && size == region->size)
			return true;
	}
	return false;
}

int gpuas_uboot_reserve(void *fdt)
{
	const struct gpuas_manifest *manifest = used();
	const struct gpuas_region *region = manifest->region;
	const int had = fdt_num_mem_rsv(fdt);
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < manifest->regions; i++, region++) {
		if (region->present && !reserved(fdt, region))
			err = fdt_add_mem_rsv(fdt, gpuas_pa_u64(region->pa),
					      region->size);
	}
	/* Some of them are no help. */
	while (err && fdt_num_mem_rsv(fdt) > had)
		fdt_del_mem_rsv(fdt, had);
	return err;
}

bool gpuas_uboot_reserved(const void *fdt)
{
	const struct gpuas_manifest *manifest = used();
	const struct gpuas_region *region = manifest->region;
	unsigned int i;

	if (!fdt || fdt_check_full(fdt, fdt_totalsize(fdt)))
		return false;
	for (i = 0; i < manifest->regions; i++, region++) {
		if (region->present && !reserved(fdt, region))
			return false;
	}
	return manifest->regions;
}
