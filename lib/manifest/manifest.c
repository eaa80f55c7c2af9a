// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "manifest.h"

static bool name_copy(char *dest, const char *name)
{
	unsigned int i;

	for (i = 0; i < GPUAS_NAME_MAX; i++) {
		dest[i] = name[i];
		if (!name[i])
			return true;
	}
	return false;
}

int gpuas_manifest_init(struct gpuas_manifest *manifest,
			const struct gpuas_board *board)
{
	const struct gpuas_board_region *from = board->region;
	struct gpuas_region *to = manifest->region;
	unsigned int i;

	memset(manifest, 0, sizeof(*manifest));
	if (board->regions > GPUAS_REGIONS_MAX)
		return -GPUAS_E2BIG;
	if (!board->contract || !board->contract[0])
		return -GPUAS_EINVAL;
	manifest->geo = board->geo;
	manifest->firmware = board->firmware;
	manifest->host = board->host;
	manifest->regions = board->regions;
	for (i = 0; i < board->regions; i++, from++, to++) {
		if (!from->name)
			return -GPUAS_EINVAL;
		if (!name_copy(to->name, from->name))
			return -GPUAS_E2BIG;
		to->role = from->role;
		to->owner = from->owner;
		to->mapped = from->role == GPUAS_ROLE_MAPPED;
		to->va = from->va;
		to->attr = from->attr;
	}
	gpuas_manifest_contract(manifest, board->contract[0]);
	return 0;
}

struct gpuas_region *gpuas_manifest_region(struct gpuas_manifest *manifest,
					   const char *name)
{
	unsigned int i;

	for (i = 0; i < manifest->regions; i++) {
		if (gpuas_streq(manifest->region[i].name, name))
			return &manifest->region[i];
	}
	return NULL;
}

const struct gpuas_region *
gpuas_manifest_role(const struct gpuas_manifest *manifest, enum gpuas_role role)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (region->present && region->role == role)
			return region;
	}
	return NULL;
}

const struct gpuas_board_root *gpuas_board_root(const struct gpuas_board *board,
						unsigned int i)
{
	static const struct gpuas_board_root only;

	if (!board->root)
		return i ? NULL : &only;
	return i < board->roots ? &board->root[i] : NULL;
}

gpuas_pa_t gpuas_manifest_root(const struct gpuas_manifest *manifest,
			       const struct gpuas_board *board, unsigned int i)
{
	return gpuas_pa(gpuas_pa_u64(manifest->root) +
			gpuas_board_root(board, i)->offset);
}

static int differs(struct gpuas_report *report, const char *thing,
		   const char *name, const char *what, uint64_t a, uint64_t b)
{
	if (a == b)
		return 0;
	gpuas_report(report, -GPUAS_EEXIST, thing, name, what);
	if (report) {
		gpuas_text_str(&report->text, " is ");
		gpuas_text_hex(&report->text, a, 1);
		gpuas_text_str(&report->text, " in the manifest, ");
		gpuas_text_hex(&report->text, b, 1);
		gpuas_text_str(&report->text, " in the device tree");
	}
	return -GPUAS_EEXIST;
}

static int range_differs(struct gpuas_report *report, const char *name,
			 const struct gpuas_range *a,
			 const struct gpuas_range *b)
{
	int err;

	err = differs(report, "window", name, "VA", gpuas_va_u64(a->va),
		      gpuas_va_u64(b->va));
	if (!err)
		err = differs(report, "window", name, "size", a->size, b->size);
	return err;
}

static int mapping_differs(const struct gpuas_region *a,
			   const struct gpuas_region *b,
			   struct gpuas_report *report)
{
	int err;

	err = differs(report, "region", a->name, "being mapped", a->mapped,
		      b->mapped);
	if (!err && a->mapped)
		err = differs(report, "region", a->name, "VA",
			      gpuas_va_u64(a->va), gpuas_va_u64(b->va));
	if (!err && a->mapped)
		err = differs(report, "region", a->name, "attributes", a->attr,
			      b->attr);
	return err;
}

static int region_differs(const struct gpuas_region *a,
			  const struct gpuas_region *b,
			  struct gpuas_report *report)
{
	int err;

	if (!gpuas_streq(a->name, b->name))
		return gpuas_report(report, -GPUAS_EEXIST, "region", a->name,
				    "has another name in the device tree");
	err = differs(report, "region", a->name, "role", a->role, b->role);
	if (!err)
		err = differs(report, "region", a->name, "owner", a->owner,
			      b->owner);
	if (!err)
		err = differs(report, "region", a->name, "presence", a->present,
			      b->present);
	if (err || !a->present)
		return err;
	err = differs(report, "region", a->name, "PA", gpuas_pa_u64(a->pa),
		      gpuas_pa_u64(b->pa));
	if (!err)
		err = differs(report, "region", a->name, "size", a->size,
			      b->size);
	if (!err)
		err = differs(report, "region", a->name, "no-map", a->no_map,
			      b->no_map);
	if (!err)
		err = mapping_differs(a, b, report);
	return err;
}

int gpuas_manifest_differs(const struct gpuas_manifest *a,
			   const struct gpuas_manifest *b,
			   struct gpuas_report *report)
{
	unsigned int i;
	int err;

	if (!gpuas_geometry_equal_(&a->geo, &b->geo))
		return gpuas_report(report, -GPUAS_EEXIST, "geometry", NULL,
				    "is another in the device tree");
	if (a->contract != b->contract)
		return gpuas_report(report, -GPUAS_EEXIST, "contract",
				    a->contract ? a->contract->name : "?",
				    "is another in the device tree");
	err = range_differs(report, "firmware", &a->firmware, &b->firmware);
	if (!err)
		err = range_differs(report, "host", &a->host, &b->host);
	if (!err)
		err = differs(report, "manifest", NULL, "number of regions",
			      a->regions, b->regions);
	for (i = 0; !err && i < a->regions; i++)
		err = region_differs(&a->region[i], &b->region[i], report);
	if (!err)
		err = differs(report, "root", NULL, "PA",
			      gpuas_pa_u64(a->root), gpuas_pa_u64(b->root));
	return err;
}
