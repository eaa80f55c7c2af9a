// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "fdt_internal.h"

#include "../manifest/manifest.h"

static const char names[] = "memory-region-names";

/* Where one of two nodes of one phandle is meant, nobody knows which. */
static int node_by_phandle(const void *fdt, uint32_t phandle)
{
	int node, found = -1;

	if (!phandle || phandle == 0xffffffff)
		return -1;
	for (node = fdt_next_node(fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(fdt, node, NULL)) {
		if (fdt_get_phandle(fdt, node) != phandle)
			continue;
		if (found >= 0)
			return -1;
		found = node;
	}
	return found;
}

static bool is_reserved(const void *fdt, int wanted)
{
	int node, parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");

	if (parent < 0 || wanted < 0)
		return false;
	fdt_for_each_subnode(node, fdt, parent)
		if (node == wanted)
			return true;
	return false;
}

/* Of the lists of @gpu, the place of a region. Those without a name come last. */
static int find_entry(const void *fdt, int gpu, const struct gpuas_contract *contract,
		      const struct gpuas_contract_region *how, int entries)
{
	const int named = fdt_stringlist_count(fdt, gpu, names);
	const int most = named + (int)gpuas_contract_unnamed_(contract, contract->region +
							      contract->regions);
	int i;

	if (how->name)
		i = fdt_stringlist_search(fdt, gpu, names, how->name);
	else
		i = named + (int)gpuas_contract_unnamed_(contract, how);
	if (i == -FDT_ERR_NOTFOUND)
		return -GPUAS_ENOENT;
	if (i < 0 || named < 0 || entries < named || entries > most)
		return -GPUAS_EBADMSG;
	return i < entries ? i : -GPUAS_ENOENT;
}

/* Where a name stands twice, nobody knows which entry is meant. */
static bool named_twice(const void *fdt, int gpu, const char *name, int i)
{
	const char *other;

	while (name && (other = fdt_stringlist_get(fdt, gpu, names, ++i, NULL)))
		if (gpuas_streq(other, name))
			return true;
	return false;
}

/* Who else is meant by an entry before this one. */
static bool leads_twice(const fdt32_t *list, int i)
{
	const fdt32_t phandle = list[i];

	while (i--)
		if (list[i] == phandle)
			return true;
	return false;
}

static int listed(const void *fdt, int gpu, const struct gpuas_contract *contract,
		  const struct gpuas_contract_region *how,
		  struct gpuas_report *report)
{
	const char *name = how->region ? how->region : how->compatible;
	int len, i, node;
	const fdt32_t *list = fdt_getprop(fdt, gpu, "memory-region", &len);

	if (!list || !fdt_getprop(fdt, gpu, names, NULL))
		return gpuas_report(report, -GPUAS_ENOENT, "region", name,
				    "GPU node has no memory-region, or no memory-region-names");
	i = find_entry(fdt, gpu, contract, how, len / (int)sizeof(*list));
	if (i == -GPUAS_ENOENT)
		return gpuas_report(report, -GPUAS_ENOENT, "region", name,
				    how->name ? "is not in memory-region-names" :
						"has no phandle behind those that have names");
	if (i < 0 || (unsigned int)len % sizeof(*list))
		return gpuas_report(report, -GPUAS_EBADMSG, "region", name,
				    "memory-region and memory-region-names do not agree");
	if (named_twice(fdt, gpu, how->name, i))
		return gpuas_report(report, -GPUAS_ENOTUNIQ, "region", name,
				    "is twice in memory-region-names");
	node = node_by_phandle(fdt, fdt32_to_cpu(list[i]));
	if (!is_reserved(fdt, node))
		return gpuas_report_hex(report, -GPUAS_EBADMSG, "region", name,
					"is not in /reserved-memory, phandle",
					fdt32_to_cpu(list[i]));
	if (leads_twice(list, i))
		return gpuas_fdt_report_(report, -GPUAS_ENOTUNIQ, "region", name,
					 "memory-region has twice the node ",
					 fdt_get_name(fdt, node, NULL));
	return node;
}

static int by_name(const void *fdt, const struct gpuas_contract_region *how,
		   struct gpuas_report *report)
{
	int parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
	int node = parent < 0 ? parent :
				gpuas_fdt_child_(fdt, parent, -1, how->node);

	if (node < 0)
		return gpuas_report(report, -GPUAS_ENOENT, "node", how->node,
				    "is missing in /reserved-memory");
	if (gpuas_fdt_child_(fdt, parent, node, how->node) >= 0)
		return gpuas_report(report, -GPUAS_ENOTUNIQ, "node", how->node,
				    "is there twice in /reserved-memory");
	return node;
}

int gpuas_fdt_node_(const void *fdt, int gpu, const struct gpuas_contract *contract,
		    const struct gpuas_contract_region *how,
		    struct gpuas_report *report)
{
	return how->unlisted ? by_name(fdt, how, report) :
			       listed(fdt, gpu, contract, how, report);
}

int gpuas_fdt_iommu_(const void *fdt, int gpu, int node, uint32_t *phandle,
		     uint64_t *va, uint64_t *size)
{
	struct gpuas_fdt_cells cells;
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, node, "iommu-addresses", &len);

	if (!cell)
		return -GPUAS_ENOENT;
	if (!gpuas_fdt_cells_(fdt, fdt_parent_offset(fdt, gpu), &cells) ||
	    (unsigned int)len !=
		    (1 + cells.address + cells.size) * sizeof(*cell))
		return -GPUAS_EBADMSG;
	*phandle = fdt32_to_cpu(*cell);
	*va = gpuas_fdt_load_(cell + 1, cells.address);
	*size = gpuas_fdt_load_(cell + 1 + cells.address, cells.size);
	return 0;
}

/* Linux looks at the first tuple only; more would be reserved by nobody. */
static int read_reg(const void *fdt, int node,
		    const struct gpuas_fdt_cells *cells,
		    struct gpuas_region *region, struct gpuas_report *report)
{
	struct gpuas_fdt_tuples tuples;
	struct gpuas_fdt_range range;

	if (gpuas_fdt_tuples_(fdt, node, "reg", cells, &tuples) ||
	    tuples.count != 1 ||
	    gpuas_fdt_tuple_(&tuples, 0, &range) == -GPUAS_EBADMSG)
		return gpuas_report(report, -GPUAS_EBADMSG, "region",
				    region->name,
				    "has a reg that is not one range, or wraps");
	region->present = true;
	region->pa = gpuas_pa(range.first);
	region->size = gpuas_fdt_load_(tuples.cell + cells->address,
				       cells->size);
	return 0;
}

/* What is not described yet is missing only if somebody needs it. */
static int read_region(const void *fdt, int node,
		       const struct gpuas_fdt_cells *cells,
		       const struct gpuas_contract *contract,
		       const struct gpuas_contract_region *how,
		       struct gpuas_region *region,
		       struct gpuas_report *report)
{
	if (node == -GPUAS_ENOENT && how->optional)
		return 0;
	if (node < 0)
		return node;
	gpuas_contract_set_no_map_(contract, fdt_getprop(fdt, node, "no-map", NULL),
				   region);
	if (gpuas_fdt_enabled_(fdt, node) &&
	    fdt_getprop(fdt, node, "reg", NULL))
		return read_reg(fdt, node, cells, region, report);
	if (how->optional)
		return 0;
	return gpuas_report(report, -GPUAS_ENOENT, "region", region->name,
			    "has a node that is disabled, or has no reg");
}

static int read_bits(const void *fdt, int gpu, const char *prop, uint8_t *bits,
		     struct gpuas_report *report)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, gpu, prop, &len);

	if (!cell || len != sizeof(*cell) || fdt32_to_cpu(*cell) > 64)
		return gpuas_report(report, -GPUAS_EBADMSG, "GPU node", NULL,
				    cell ? "has bits that are no number up to 64" :
					   "has no gpuas,va-bits or gpuas,pa-bits");
	*bits = (uint8_t)fdt32_to_cpu(*cell);
	return 0;
}

static int read_window(const void *fdt, int gpu, const char *prop,
		       struct gpuas_range *window, struct gpuas_report *report)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, gpu, prop, &len);

	if (!cell || len != 4 * sizeof(*cell))
		return gpuas_fdt_report_(report, -GPUAS_EBADMSG, "GPU node",
					 NULL, "has no VA and size in ", prop);
	window->va = gpuas_va(gpuas_fdt_load_(cell, 2));
	window->size = gpuas_fdt_load_(cell + 2, 2);
	return 0;
}

static int read_shape(const void *fdt, int gpu,
		      struct gpuas_manifest *manifest,
		      struct gpuas_report *report)
{
	int err = read_bits(fdt, gpu, "gpuas,va-bits", &manifest->geo.va_bits,
			    report);

	if (!err)
		err = read_bits(fdt, gpu, "gpuas,pa-bits",
				&manifest->geo.pa_bits, report);
	if (!err)
		err = read_window(fdt, gpu, "gpuas,firmware-window",
				  &manifest->firmware, report);
	if (!err)
		err = read_window(fdt, gpu, "gpuas,host-window",
				  &manifest->host, report);
	return err;
}

static int read_va(const void *fdt, int gpu, int node,
		   struct gpuas_region *region, struct gpuas_report *report)
{
	uint64_t va, size;
	uint32_t phandle;

	if (gpuas_fdt_iommu_(fdt, gpu, node, &phandle, &va, &size))
		return gpuas_report(report, -GPUAS_EBADMSG, "region",
				    region->name,
				    "has no iommu-addresses of one entry");
	region->va = gpuas_va(va);
	return 0;
}

static int start(const void *fdt, const struct gpuas_board *board,
		 struct gpuas_fdt_cells *cells,
		 struct gpuas_manifest *manifest, struct gpuas_report *report)
{
	int err = gpuas_manifest_init(manifest, board);

	if (err)
		return gpuas_report(report, err, "board", board->name,
				    "has too many regions, or names too long");
	return gpuas_fdt_open_(fdt, cells, report);
}

static void set_root(struct gpuas_manifest *manifest)
{
	const struct gpuas_region *tables =
		gpuas_manifest_role(manifest, GPUAS_ROLE_PAGETABLES);

	manifest->root = tables ? tables->pa : gpuas_pa(0);
}

/* What is said of all of them, or of the space, in the GPU node. */
static int read_gpu(const void *fdt, int gpu, struct gpuas_manifest *manifest,
		    struct gpuas_report *report)
{
	const struct gpuas_contract *contract = manifest->contract;
	int err = 0;

	if (contract->describe)
		err = read_shape(fdt, gpu, manifest, report);
	if (!err && contract->va == GPUAS_VA_SEGMENTS)
		err = gpuas_fdt_read_segments_(fdt, gpu, manifest, report);
	if (!err && contract->va == GPUAS_VA_WINDOW)
		err = read_window(fdt, gpu, contract->va_property,
				  &manifest->firmware, report);
	return err;
}

static int find_gpu(const void *fdt, const struct gpuas_board *board, int *gpu,
		    struct gpuas_manifest *manifest, struct gpuas_report *report)
{
	const struct gpuas_contract *contract;
	int err;

	*gpu = gpuas_fdt_gpu_(fdt, board);
	if (*gpu < 0 || !gpuas_fdt_in_use_(fdt, *gpu))
		return gpuas_report(report, -GPUAS_ENOENT, "node",
				    board->compatible[0],
				    *gpu < 0 ? "is missing" : "is disabled");
	err = gpuas_fdt_lone_gpu_(fdt, board, *gpu, report);
	if (!err)
		err = gpuas_fdt_contract_(fdt, *gpu, board, &contract, report);
	if (!err)
		gpuas_manifest_contract(manifest, contract);
	return err;
}

int gpuas_fdt_read(const void *fdt, const struct gpuas_board *board,
		   struct gpuas_manifest *manifest, struct gpuas_report *report)
{
	struct gpuas_region *region = manifest->region;
	const struct gpuas_contract_region *how;
	struct gpuas_fdt_cells cells;
	int err, gpu = -1, node;
	unsigned int i;

	err = start(fdt, board, &cells, manifest, report);
	if (!err)
		err = find_gpu(fdt, board, &gpu, manifest, report);
	for (i = 0; !err && i < board->regions; i++, region++) {
		how = gpuas_contract_region(manifest->contract, region->name);
		if (!how)
			continue;
		node = gpuas_fdt_node_(fdt, gpu, manifest->contract, how, report);
		err = read_region(fdt, node, &cells, manifest->contract, how,
				  region, report);
		if (!err && region->present && region->mapped &&
		    manifest->contract->va == GPUAS_VA_IOMMU_ADDRESSES)
			err = read_va(fdt, gpu, node, region, report);
	}
	if (err)
		return err;
	set_root(manifest);
	return read_gpu(fdt, gpu, manifest, report);
}

/* Nodes that have no names of their own are only told apart by the GPU's lists. */
static int find_region(const void *fdt, int gpu, const struct gpuas_contract *contract,
		       const struct gpuas_contract_region *how,
		       struct gpuas_report *report)
{
	return how->node && !how->shared_node ?
		       by_name(fdt, how, report) :
		       gpuas_fdt_node_(fdt, gpu, contract, how, report);
}

static int find_contract(const void *fdt, const struct gpuas_board *board, int *gpu,
			 struct gpuas_manifest *manifest, struct gpuas_report *report)
{
	const struct gpuas_contract *contract;
	int err;

	*gpu = gpuas_fdt_gpu_(fdt, board);
	err = gpuas_fdt_contract_(fdt, *gpu, board, &contract, report);
	if (!err)
		gpuas_manifest_contract(manifest, contract);
	return err;
}

int gpuas_fdt_read_regions(const void *fdt, const struct gpuas_board *board,
			   struct gpuas_manifest *manifest,
			   struct gpuas_report *report)
{
	struct gpuas_region *region = manifest->region;
	const struct gpuas_contract_region *how;
	struct gpuas_fdt_cells cells;
	int err, gpu = -1, node;
	unsigned int i;

	err = start(fdt, board, &cells, manifest, report);
	if (!err)
		err = find_contract(fdt, board, &gpu, manifest, report);
	for (i = 0; !err && i < board->regions; i++, region++) {
		how = gpuas_contract_region(manifest->contract, region->name);
		if (!how)
			continue;
		node = find_region(fdt, gpu, manifest->contract, how, report);
		err = read_region(fdt, node, &cells, manifest->contract, how,
				  region, report);
		region->va = gpuas_contract_va_(manifest, board, i);
	}
	if (!err)
		set_root(manifest);
	return err;
}
