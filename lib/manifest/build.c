// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/bringup.h>
#include <gpuas/handoff.h>
#include <gpuas/ttb.h>

#include "manifest.h"

static int turn_check(const struct gpuas_bringup *bringup,
		      enum gpuas_stage stage, struct gpuas_report *report)
{
	if (bringup->stage == stage)
		return 0;
	return gpuas_report_dec(report, -GPUAS_EPERM, "bring-up", NULL,
				"this step does not follow stage",
				bringup->stage);
}

/* Last region first, as a bootloader's allocator likes it. */
static void regions_free(struct gpuas_manifest *manifest, unsigned int count,
			 const struct gpuas_bringup_host *host)
{
	struct gpuas_region *region;

	while (count--) {
		region = &manifest->region[count];
		host->free(host->ctx, region->pa, region->size);
		region->pa = gpuas_pa(0);
	}
	manifest->root = gpuas_pa(0);
}

static int regions_alloc(struct gpuas_manifest *manifest, uint64_t align,
			 const struct gpuas_bringup_host *host,
			 struct gpuas_report *report)
{
	const gpuas_pa_t last = gpuas_pa(pa_last_(&manifest->geo));
	struct gpuas_region *region = manifest->region;
	unsigned int i;
	int err;

	for (i = 0; i < manifest->regions; i++, region++) {
		err = host->alloc(host->ctx, region->size, align, last,
				  &region->pa);
		if (!err)
			continue;
		region->pa = gpuas_pa(0);
		regions_free(manifest, i, host);
		return gpuas_report_hex(report, err, "region", region->name,
					"no memory of size", region->size);
	}
	return 0;
}

int gpuas_allocate(struct gpuas_bringup *bringup,
		   const struct gpuas_bringup_host *host,
		   struct gpuas_report *report)
{
	struct gpuas_manifest *manifest = &bringup->manifest;
	int err;

	err = turn_check(bringup, GPUAS_STAGE_PLANNED, report);
	if (err)
		return err;
	if (bringup->board->adopt)
		return gpuas_report(report, -GPUAS_EPERM, "board",
				    bringup->board->name,
				    "takes regions over, and allocates none");
	err = regions_alloc(manifest, bringup->board->align, host, report);
	if (err)
		return err;
	manifest->root = gpuas_manifest_role(manifest,
					     GPUAS_ROLE_PAGETABLES)->pa;
	err = gpuas_manifest_check(manifest, bringup->board, report);
	if (err) {
		regions_free(manifest, manifest->regions, host);
		return err;
	}
	bringup->stage = GPUAS_STAGE_ALLOCATED;
	return 0;
}

int gpuas_take(struct gpuas_bringup *bringup,
	       const struct gpuas_manifest *found, struct gpuas_report *report)
{
	int err;

	err = turn_check(bringup, GPUAS_STAGE_PLANNED, report);
	if (err)
		return err;
	if (!bringup->board->adopt)
		return gpuas_report(report, -GPUAS_EPERM, "board",
				    bringup->board->name,
				    "allocates regions, and takes none over");
	err = gpuas_manifest_check(found, bringup->board, report);
	if (err)
		return err;
	bringup->manifest = *found;
	bringup->stage = GPUAS_STAGE_ALLOCATED;
	return 0;
}

static void *region_ptr(const struct gpuas_bringup_host *host,
			const struct gpuas_region *region,
			struct gpuas_report *report)
{
	void *ptr = NULL;

	/* On a 32-bit CPU, a region can be larger than what it sees at once. */
	if ((size_t)region->size == region->size)
		ptr = host->ptr(host->ctx, region->pa, region->size);
	if (!ptr)
		gpuas_report_hex(report, -GPUAS_EFAULT, "region", region->name,
				 "cannot be accessed at PA",
				 gpuas_pa_u64(region->pa));
	return ptr;
}

static int regions_clear(const struct gpuas_manifest *manifest,
			 const struct gpuas_bringup_host *host,
			 struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	void *ptr;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (region->role == GPUAS_ROLE_DATA)
			continue;
		ptr = region_ptr(host, region, report);
		if (!ptr)
			return -GPUAS_EFAULT;
		memset(ptr, 0, (size_t)region->size);
	}
	return 0;
}

static int regions_map(const struct gpuas_manifest *manifest,
		       struct gpuas_space *space, struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	int err;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (!region->mapped)
			continue;
		err = gpuas_map(space, region->va, region->pa, region->size,
				region->attr);
		if (err)
			return gpuas_report_hex(report, err, "region",
						region->name,
						"cannot be mapped at VA",
						gpuas_va_u64(region->va));
	}
	return 0;
}

/* The handle is dropped and not released: the tables are what is handed over. */
static int tables_build(struct gpuas_bringup *bringup,
			const struct gpuas_bringup_host *host,
			struct gpuas_report *report)
{
	const struct gpuas_manifest *manifest = &bringup->manifest;
	const struct gpuas_region *region;
	struct gpuas_env env;
	void *ptr;
	int err;

	region = gpuas_manifest_role(manifest, GPUAS_ROLE_PAGETABLES);
	ptr = region_ptr(host, region, report);
	if (!ptr)
		return -GPUAS_EFAULT;
	err = gpuas_pool_init(&bringup->pool, region->pa,
			      gpuas_first_root_bytes_(bringup->board, region->size),
			      (size_t)granule_(&manifest->geo), ptr,
			      bringup->record, GPUAS_BRINGUP_TABLES);
	if (!err) {
		gpuas_pool_env(&bringup->pool, &env);
		err = gpuas_space_create(&bringup->space, &manifest->geo,
					 &manifest->firmware, &env);
	}
	if (err)
		return gpuas_report(report, err, "region", region->name,
				    "no root can be made in it");
	return regions_map(manifest, &bringup->space, report);
}

static int pages_build(const struct gpuas_bringup *bringup,
		       const struct gpuas_bringup_host *host,
		       struct gpuas_report *report)
{
	const struct gpuas_manifest *manifest = &bringup->manifest;
	const struct gpuas_region *region;
	struct gpuas_ttb_array *ttbs;
	void *handoff;
	int err;

	region = gpuas_manifest_role(manifest, GPUAS_ROLE_TTBS);
	ttbs = region_ptr(host, region, report);
	if (!ttbs)
		return -GPUAS_EFAULT;
	gpuas_ttb_init(ttbs, 0);
	err = gpuas_ttb_bind(ttbs, 0, GPUAS_TTB_NONE, manifest->root);
	if (err)
		return gpuas_report_hex(report, err, "region", region->name,
					"cannot hold the root",
					gpuas_pa_u64(manifest->root));
	region = gpuas_manifest_role(manifest, GPUAS_ROLE_HANDOFF);
	handoff = region_ptr(host, region, report);
	if (!handoff)
		return -GPUAS_EFAULT;
	gpuas_handoff_init(handoff, bringup->board->profile, GPUAS_FIRMWARE_STOPPED);
	return 0;
}

static uint64_t *host_table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_bringup_host *const *host = ctx;

	return (*host)->ptr((*host)->ctx, pa, size);
}

/* The link to the table that is lent, where neither the firmware nor the OS makes it. */
static int link_build(struct gpuas_bringup *bringup,
		      const struct gpuas_bringup_host *host,
		      struct gpuas_report *report)
{
	const struct gpuas_manifest *manifest = &bringup->manifest;
	const unsigned int shift = shift_(&manifest->geo, gpuas_top_(&manifest->geo));
	const uint64_t entry = va_offset_(&manifest->geo, manifest->host.va) >> shift;
	const struct gpuas_env env = {
		.ctx = &host,
		.table_ptr = host_table_ptr,
	};
	unsigned int i;

	for (i = 0; gpuas_board_root(bringup->board, i); i++)
		if (entry < gpuas_board_root(bringup->board, i)->published)
			return 0;
	return gpuas_manifest_link(manifest, bringup->board, &env,
				   &bringup->space, report);
}

/* On an adopting board, the OS is the first to fill TTB array and handoff page. */
static int inspect(struct gpuas_bringup *bringup,
		   const struct gpuas_bringup_host *host,
		   struct gpuas_report *report)
{
	const struct gpuas_env env = {
		.ctx = &host,
		.table_ptr = host_table_ptr,
	};

	return gpuas_manifest_inspect(&bringup->manifest, bringup->board, &env,
				      &bringup->space, report);
}

int gpuas_build(struct gpuas_bringup *bringup,
		const struct gpuas_bringup_host *host,
		struct gpuas_report *report)
{
	int err;

	err = turn_check(bringup, GPUAS_STAGE_ALLOCATED, report);
	if (err)
		return err;
	if (!bringup->board->adopt) {
		err = regions_clear(&bringup->manifest, host, report);
		if (!err)
			err = tables_build(bringup, host, report);
		if (!err)
			err = link_build(bringup, host, report);
		if (!err)
			err = pages_build(bringup, host, report);
	}
	if (!err)
		err = inspect(bringup, host, report);
	if (!err)
		bringup->stage = GPUAS_STAGE_BUILT;
	return err;
}

void gpuas_abandon(struct gpuas_bringup *bringup,
		   const struct gpuas_bringup_host *host)
{
	struct gpuas_manifest *manifest = &bringup->manifest;

	if (bringup->stage >= GPUAS_STAGE_ALLOCATED && !bringup->board->adopt)
		regions_free(manifest, manifest->regions, host);
	memset(bringup, 0, sizeof(*bringup));
}
