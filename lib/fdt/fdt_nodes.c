// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The nodes of the regions: what Linux would stumble over, in silence or with a message
 * that misleads.
 */
#include "fdt_internal.h"

#include "../manifest/manifest.h"

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
		      const struct gpuas_contract *contract,
		      const struct gpuas_contract_region *how,
		      struct gpuas_report *report)
{
	const char *name = how->region ? how->region : how->compatible;
	int first, err;

	err = gpuas_contract_no_map_(contract, how,
				     fdt_getprop(fdt, node, "no-map", NULL), report);
	if (err)
		return err;
	if (fdt_getprop(fdt, node, "reusable", NULL) ||
	    !fdt_node_check_compatible(fdt, node, "shared-dma-pool"))
		return gpuas_report(report, -GPUAS_EBADMSG, "region", name,
				    "is reusable or shared-dma-pool: the kernel would allocate from it");
	if (how->compatible && fdt_node_check_compatible(fdt, node, how->compatible))
		return gpuas_fdt_report_(report, -GPUAS_EBADMSG, "region", name,
					 "has a node that is not compatible with ",
					 how->compatible);
	first = how->node && !how->shared_node ?
			gpuas_fdt_child_(fdt, parent, -1, how->node) : -1;
	if (!name_unique(fdt, parent, node) ||
	    (first >= 0 &&
	     gpuas_fdt_child_(fdt, parent, first, how->node) >= 0))
		return gpuas_fdt_report_(report, -GPUAS_ENOTUNIQ, "region",
					 name, "two nodes are named ",
					 fdt_get_name(fdt, node, NULL));
	return 0;
}

static int check_iommu(const void *fdt, int gpu, int node,
		       const struct gpuas_region *region, gpuas_va_t want,
		       struct gpuas_report *report)
{
	uint64_t va = 0, size = 0;
	uint32_t phandle = 0;

	if (gpuas_fdt_iommu_(fdt, gpu, node, &phandle, &va, &size) ||
	    !phandle || phandle != fdt_get_phandle(fdt, gpu) ||
	    va != gpuas_va_u64(want) || size != region->size)
		return gpuas_report_hex(report, -GPUAS_EBADMSG, "region",
					region->name,
					"iommu-addresses does not say that the GPU sees it at",
					gpuas_va_u64(want));
	return 0;
}

static int check_place(const void *fdt, int parent, int node,
		       const struct gpuas_fdt_cells *cells,
		       const struct gpuas_region *region,
		       struct gpuas_report *report)
{
	struct gpuas_fdt_range hole, taken, range = gpuas_fdt_pas_(region);
	int other;

	/* What has no-map is no RAM of the kernel's, in /memory or not. */
	if (!region->no_map && gpuas_fdt_memory_hole_(fdt, cells, &range, &hole))
		return gpuas_report_hex(report, -GPUAS_EFAULT, "region",
					region->name,
					"is not inside /memory, from PA",
					hole.first);
	if (!region->no_map && !gpuas_fdt_usable_(fdt, cells, &range))
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

static int check_nodes(const void *fdt, const struct gpuas_board *board, int gpu,
		       const struct gpuas_manifest *manifest,
		       struct gpuas_report *report)
{
	int node, parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
	const struct gpuas_contract *contract = manifest->contract;
	const struct gpuas_region *region = manifest->region;
	const struct gpuas_contract_region *how;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < board->regions; i++, region++) {
		how = gpuas_contract_region(contract, region->name);
		if (!region->present || !how)
			continue;
		node = gpuas_fdt_node_(fdt, gpu, contract, how, report);
		err = check_node(fdt, parent, node, contract, how, report);
		if (!err && contract->va == GPUAS_VA_IOMMU_ADDRESSES && region->mapped)
			err = check_iommu(fdt, gpu, node, region, board->region[i].va,
					  report);
	}
	return err;
}

int gpuas_fdt_check_places_(const void *fdt, int gpu, const struct gpuas_manifest *manifest,
			    struct gpuas_report *report)
{
	int node, parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
	const struct gpuas_region *region = manifest->region;
	const struct gpuas_contract_region *how;
	struct gpuas_fdt_cells cells;
	unsigned int i;
	int err = 0;

	gpuas_fdt_cells_(fdt, 0, &cells);
	for (i = 0; !err && i < manifest->regions; i++, region++) {
		how = gpuas_contract_region(manifest->contract, region->name);
		if (!region->present || !how)
			continue;
		node = gpuas_fdt_node_(fdt, gpu, manifest->contract, how, report);
		err = check_place(fdt, parent, node, &cells, region, report);
	}
	return err;
}

/* Memory that is no region: that nobody else has it, other checks see to. */
static int check_stranger(const void *fdt, int node,
			  const struct gpuas_contract_region *how,
			  struct gpuas_report *report)
{
	struct gpuas_fdt_tuples tuples;
	struct gpuas_fdt_range range;
	struct gpuas_fdt_cells cells;
	unsigned int i = 0;

	/* What is not enabled is reserved by nobody. */
	if (!gpuas_fdt_enabled_(fdt, node) || !fdt_getprop(fdt, node, "reg", NULL))
		return gpuas_report(report, -GPUAS_ENOENT, "region", how->compatible,
				    "has a node that is disabled, or has no reg");
	gpuas_fdt_cells_(fdt, 0, &cells);
	if (!gpuas_fdt_tuples_(fdt, node, "reg", &cells, &tuples))
		while (i < tuples.count && !gpuas_fdt_tuple_(&tuples, i, &range))
			i++;
	else
		tuples.count = 0;
	if (!i || i < tuples.count || (i > 1 && !how->tuples))
		return gpuas_report_dec(report, -GPUAS_EBADMSG, "region", how->compatible,
					"has a reg that is cut off, empty, or wraps, at range", i);
	return 0;
}

static int check_strangers(const void *fdt, int gpu,
			   const struct gpuas_contract *contract,
			   struct gpuas_report *report)
{
	int node, parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
	const struct gpuas_contract_region *how = contract->region;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < contract->regions; i++, how++) {
		if (how->region)
			continue;
		node = gpuas_fdt_node_(fdt, gpu, contract, how, report);
		if (node == -GPUAS_ENOENT && how->optional)
			continue;
		err = node < 0 ? node :
				 check_node(fdt, parent, node, contract, how, report);
		if (!err)
			err = check_stranger(fdt, node, how, report);
	}
	return err;
}

/* Exactly the contract's regions, one after the other. */
static int check_order(const void *fdt, int gpu, const struct gpuas_contract *contract,
		       struct gpuas_report *report)
{
	unsigned int i;

	for (i = 0; i < contract->regions; i++)
		if (!gpuas_streq(fdt_stringlist_get(fdt, gpu, "memory-region-names",
						    (int)i, NULL),
				 contract->region[i].name))
			return gpuas_report_dec(report, -GPUAS_EBADMSG, "region",
						contract->region[i].region,
						"has another name in memory-region-names, or another place than",
						i);
	if (fdt_stringlist_count(fdt, gpu, "memory-region-names") == (int)i)
		return 0;
	return gpuas_report(report, -GPUAS_EBADMSG, "GPU node", NULL,
			    "has more in memory-region-names than its contract");
}

int gpuas_fdt_check_nodes_(const void *fdt, const struct gpuas_board *board, int gpu,
			   const struct gpuas_manifest *manifest,
			   struct gpuas_report *report)
{
	const struct gpuas_contract *contract = manifest->contract;
	int err = 0;

	if (contract->in_order)
		err = check_order(fdt, gpu, contract, report);
	if (!err)
		err = check_nodes(fdt, board, gpu, manifest, report);
	return err ? err : check_strangers(fdt, gpu, contract, report);
}
