// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What Linux would stumble over, in silence or with a message that misleads. */
#include "fdt_internal.h"

/* of_reserved_mem_lookup() in Linux takes the first node of a name. */
static bool name_unique(const void *fdt, int parent, int node)
{
	const char *name = fdt_get_name(fdt, node, NULL);
	int other;

	fdt_for_each_subnode(other, fdt, parent)
		if (other != node &&
		    gpuas_streq(fdt_get_name(fdt, other, NULL), name))
			return false;
	return true;
}

static int check_node(const void *fdt, int parent, int node,
		      const struct gpuas_board_region *from,
		      struct gpuas_report *report)
{
	int first = gpuas_fdt_child_(fdt, parent, -1, from->node);

	if (fdt_getprop(fdt, node, "no-map", NULL))
		return gpuas_report(report, -GPUAS_EACCES, "region", from->name,
				    "has no-map, which keeps the kernel from reading it");
	if (fdt_getprop(fdt, node, "reusable", NULL) ||
	    !fdt_node_check_compatible(fdt, node, "shared-dma-pool"))
		return gpuas_report(report, -GPUAS_EBADMSG, "region",
				    from->name,
				    "is reusable or shared-dma-pool: the kernel would allocate from it");
	if (!name_unique(fdt, parent, node) ||
	    (first >= 0 &&
	     gpuas_fdt_child_(fdt, parent, first, from->node) >= 0))
		return gpuas_fdt_report_(report, -GPUAS_ENOTUNIQ, "region",
					 from->name, "two nodes are named ",
					 fdt_get_name(fdt, node, NULL));
	return 0;
}

static int check_iommu(const void *fdt, int gpu, int node,
		       const struct gpuas_region *region,
		       const struct gpuas_board_region *from,
		       struct gpuas_report *report)
{
	uint64_t va = 0, size = 0;
	uint32_t phandle = 0;

	if (gpuas_fdt_iommu_(fdt, gpu, node, &phandle, &va, &size) ||
	    !phandle || phandle != fdt_get_phandle(fdt, gpu) ||
	    va != gpuas_va_u64(from->va) || size != region->size)
		return gpuas_report_hex(report, -GPUAS_EBADMSG, "region",
					from->name,
					"iommu-addresses does not say that the GPU sees it at",
					gpuas_va_u64(from->va));
	return 0;
}

static int check_place(const void *fdt, int parent, int node,
		       const struct gpuas_fdt_cells *cells,
		       const struct gpuas_region *region,
		       struct gpuas_report *report)
{
	struct gpuas_fdt_range hole, taken, range = gpuas_fdt_pas_(region);
	int other;

	if (gpuas_fdt_memory_hole_(fdt, cells, &range, &hole))
		return gpuas_report_hex(report, -GPUAS_EFAULT, "region",
					region->name,
					"is not inside /memory, from PA",
					hole.first);
	if (!gpuas_fdt_usable_(fdt, cells, &range))
		return gpuas_report_hex(report, -GPUAS_EFAULT, "region",
					region->name,
					"is outside linux,usable-memory-range, PA",
					range.first);
	fdt_for_each_subnode(other, fdt, parent)
		if (other != node &&
		    gpuas_fdt_reserves_(fdt, other, cells, &range, &taken))
			return gpuas_fdt_report_(report, -GPUAS_ENOTUNIQ,
						 "region", region->name,
						 "overlaps node ",
						 fdt_get_name(fdt, other, NULL));
	if (gpuas_fdt_memreserves_(fdt, &range, &taken))
		return gpuas_report_hex(report, -GPUAS_ENOTUNIQ, "region",
					region->name, "overlaps /memreserve/ at",
					taken.first);
	return 0;
}

/* @places: how the regions lie; else what their nodes say. */
static int check_regions(const void *fdt, const struct gpuas_board *board,
			 const struct gpuas_manifest *manifest, bool places,
			 struct gpuas_report *report)
{
	const struct gpuas_board_region *from = board->region;
	const struct gpuas_region *region = manifest->region;
	int node, gpu = gpuas_fdt_gpu_(fdt, board);
	int parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
	struct gpuas_fdt_cells cells;
	unsigned int i;
	int err = 0;

	gpuas_fdt_cells_(fdt, 0, &cells);
	for (i = 0; !err && i < board->regions; i++, from++, region++) {
		if (!region->present)
			continue;
		node = gpuas_fdt_listed_(fdt, gpu, from->name, report);
		if (places)
			err = check_place(fdt, parent, node, &cells, region,
					  report);
		else
			err = check_node(fdt, parent, node, from, report);
		if (!err && !places && board->describe && region->mapped)
			err = check_iommu(fdt, gpu, node, region, from, report);
	}
	return err;
}

int gpuas_fdt_check(const void *fdt, const struct gpuas_board *board,
		    struct gpuas_manifest *manifest,
		    struct gpuas_report *report)
{
	int err = gpuas_fdt_read(fdt, board, manifest, report);

	if (!err)
		err = check_regions(fdt, board, manifest, false, report);
	if (!err)
		err = gpuas_manifest_check(manifest, board, report);
	if (!err)
		err = check_regions(fdt, board, manifest, true, report);
	if (!err)
		err = gpuas_fdt_pools_fit_(fdt, gpuas_fdt_gpu_(fdt, board),
					   report);
	return err ? err : gpuas_fdt_withheld_(fdt, board, report);
}
