// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "fdt_internal.h"

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

int gpuas_fdt_listed_(const void *fdt, int gpu, const char *name,
		      struct gpuas_report *report)
{
	const char *names = "memory-region-names";
	int len, i, node;
	const fdt32_t *list = fdt_getprop(fdt, gpu, "memory-region", &len);

	if (!list || !fdt_getprop(fdt, gpu, names, NULL))
		return gpuas_report(report, -GPUAS_ENOENT, "region", name,
				    "GPU node has no memory-region, or no memory-region-names");
	i = fdt_stringlist_search(fdt, gpu, names, name);
	if (i == -FDT_ERR_NOTFOUND)
		return gpuas_report(report, -GPUAS_ENOENT, "region", name,
				    "is not in memory-region-names");
	if (i < 0 || (unsigned int)len % sizeof(*list) ||
	    len / (int)sizeof(*list) != fdt_stringlist_count(fdt, gpu, names))
		return gpuas_report(report, -GPUAS_EBADMSG, "region", name,
				    "memory-region and memory-region-names do not agree");
	node = node_by_phandle(fdt, fdt32_to_cpu(list[i]));
	if (!is_reserved(fdt, node))
		return gpuas_report_hex(report, -GPUAS_EBADMSG, "region", name,
					"is not in /reserved-memory, phandle",
					fdt32_to_cpu(list[i]));
	return node;
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
		       const struct gpuas_board_region *from,
		       struct gpuas_region *region,
		       struct gpuas_report *report)
{
	if (node == -GPUAS_ENOENT && from->optional)
		return 0;
	if (node < 0)
		return node;
	if (gpuas_fdt_enabled_(fdt, node) &&
	    fdt_getprop(fdt, node, "reg", NULL))
		return read_reg(fdt, node, cells, region, report);
	if (from->optional)
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

int gpuas_fdt_read(const void *fdt, const struct gpuas_board *board,
		   struct gpuas_manifest *manifest, struct gpuas_report *report)
{
	struct gpuas_region *region = manifest->region;
	struct gpuas_fdt_cells cells;
	int err, gpu, node;
	unsigned int i;

	err = start(fdt, board, &cells, manifest, report);
	if (err)
		return err;
	gpu = gpuas_fdt_gpu_(fdt, board);
	if (gpu < 0 || !gpuas_fdt_in_use_(fdt, gpu))
		return gpuas_report(report, -GPUAS_ENOENT, "node",
				    board->compatible[0],
				    gpu < 0 ? "is missing" : "is disabled");
	err = gpuas_fdt_lone_gpu_(fdt, board, gpu, report);
	if (err)
		return err;
	for (i = 0; i < board->regions; i++, region++) {
		node = gpuas_fdt_listed_(fdt, gpu, region->name, report);
		err = read_region(fdt, node, &cells, &board->region[i], region,
				  report);
		if (!err && region->present && region->mapped && board->describe)
			err = read_va(fdt, gpu, node, region, report);
		if (err)
			return err;
	}
	set_root(manifest);
	return board->describe ? read_shape(fdt, gpu, manifest, report) : 0;
}

static int find_region(const void *fdt, int parent,
		       const struct gpuas_board_region *from,
		       struct gpuas_report *report)
{
	int node = parent < 0 ? parent :
				gpuas_fdt_child_(fdt, parent, -1, from->node);

	if (node < 0)
		return gpuas_report(report, -GPUAS_ENOENT, "node", from->node,
				    "is missing in /reserved-memory");
	if (gpuas_fdt_child_(fdt, parent, node, from->node) >= 0)
		return gpuas_report(report, -GPUAS_ENOTUNIQ, "node", from->node,
				    "is there twice in /reserved-memory");
	return node;
}

int gpuas_fdt_read_regions(const void *fdt, const struct gpuas_board *board,
			   struct gpuas_manifest *manifest,
			   struct gpuas_report *report)
{
	struct gpuas_fdt_cells cells;
	int err, parent, node;
	unsigned int i;

	err = start(fdt, board, &cells, manifest, report);
	if (err)
		return err;
	parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
	for (i = 0; i < board->regions; i++) {
		node = find_region(fdt, parent, &board->region[i], report);
		err = read_region(fdt, node, &cells, &board->region[i],
				  &manifest->region[i], report);
		if (err)
			return err;
	}
	set_root(manifest);
	return 0;
}
