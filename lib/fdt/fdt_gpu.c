// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The GPU node, on its way into a tree. */
#include "fdt_internal.h"

int gpuas_fdt_make_gpu_(struct gpuas_fdt_edit *edit,
			const struct gpuas_board *board, int *node)
{
	int err;

	if (!board->gpu_node)
		return gpuas_report(edit->report, -GPUAS_ENOENT, "node",
				    board->compatible[0], "is missing");
	if (gpuas_fdt_child_(edit->fdt, 0, -1, board->gpu_node) >= 0)
		return gpuas_fdt_exists_(edit, "node", board->gpu_node,
					 "compatible");
	err = gpuas_fdt_add_node_(edit, 0, board->gpu_node, node);
	if (!err)
		err = gpuas_fdt_set_string_(edit, *node, "compatible",
					    board->compatible[0]);
	return err;
}

int gpuas_fdt_have_gpu_(struct gpuas_fdt_publication *pub)
{
	const void *fdt = pub->edit.fdt;
	int node = gpuas_fdt_gpu_(fdt, pub->board), err;

	if (node < 0)
		return gpuas_fdt_make_gpu_(&pub->edit, pub->board, &node);
	err = gpuas_fdt_lone_gpu_(fdt, pub->board, node, pub->edit.report);
	if (err)
		return err;
	if (!gpuas_fdt_in_use_(fdt, fdt_parent_offset(fdt, node)))
		return gpuas_report(pub->edit.report, -GPUAS_EEXIST, "GPU node",
				    fdt_get_name(fdt, node, NULL),
				    "is below a node that is not enabled");
	return gpuas_fdt_enable_(&pub->edit, node, "GPU node", NULL);
}

/*
 * memory-region and memory-region-names
 */

bool gpuas_fdt_linked_(const void *fdt, int gpu, int node)
{
	int len, i;
	const fdt32_t *list = fdt_getprop(fdt, gpu, "memory-region", &len);
	const uint32_t phandle = node < 0 ? 0 : fdt_get_phandle(fdt, node);

	for (i = 0; list && phandle && i < len / (int)sizeof(*list); i++)
		if (fdt32_to_cpu(list[i]) == phandle)
			return true;
	return false;
}

static int add_list(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_board_region *from = pub->board->region;
	const void *fdt = pub->edit.fdt;
	fdt32_t list[GPUAS_REGIONS_MAX];
	unsigned int i, count = 0;
	uint32_t phandle;

	for (i = 0; i < pub->board->regions; i++) {
		if (!pub->manifest->region[i].present)
			continue;
		phandle = fdt_get_phandle(fdt, gpuas_fdt_region_(fdt, &from[i]));
		fdt32_st(&list[count++], phandle);
	}
	return gpuas_fdt_set_(&pub->edit, gpuas_fdt_gpu_(fdt, pub->board),
			      "memory-region", list, count * sizeof(list[0]));
}

/* One by one: all of them in a buffer would be too much for the stack. */
static int add_names(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_board_region *from = pub->board->region;
	const char *prop = "memory-region-names";
	void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	unsigned int i;
	int err;

	err = gpuas_fdt_set_(&pub->edit, gpu, prop, "", 0);
	for (i = 0; !err && i < pub->board->regions; i++, from++)
		if (gpuas_fdt_linked_(fdt, gpu, gpuas_fdt_region_(fdt, from)))
			err = gpuas_fdt_step_(&pub->edit,
					      fdt_appendprop(fdt, gpu, prop, from->name,
							     (int)gpuas_fdt_size_(from->name)),
					      "property", prop);
	return err;
}

/* Does entry @i of the lists stand for this region? */
static bool lists(const void *fdt, int gpu, int i,
		  const struct gpuas_board_region *from)
{
	int len, node = gpuas_fdt_region_(fdt, from);
	const fdt32_t *list = fdt_getprop(fdt, gpu, "memory-region", &len);

	return i < len / (int)sizeof(*list) && node >= 0 &&
	       gpuas_streq(fdt_stringlist_get(fdt, gpu, "memory-region-names",
					      i, NULL), from->name) &&
	       fdt32_to_cpu(list[i]) == fdt_get_phandle(fdt, node);
}

/* The regions, in the board's order, and no others. */
static int check_lists(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_board_region *from = pub->board->region;
	const char *what = "memory-region or memory-region-names";
	const void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	int len, entries = 0;
	unsigned int i;

	for (i = 0; i < pub->board->regions; i++, from++) {
		if (lists(fdt, gpu, entries, from))
			entries++;
		else if (pub->manifest->region[i].present)
			return gpuas_fdt_exists_(&pub->edit, "region",
						 from->name, what);
	}
	fdt_getprop(fdt, gpu, "memory-region", &len);
	if (len != entries * (int)sizeof(fdt32_t) ||
	    fdt_stringlist_count(fdt, gpu, "memory-region-names") != entries)
		return gpuas_fdt_exists_(&pub->edit, "GPU node", NULL, what);
	return 0;
}

/* The names say what is in the list, also where only they are missing. */
int gpuas_fdt_link_regions_(struct gpuas_fdt_publication *pub)
{
	const void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	int err = 0;

	if (!fdt_getprop(fdt, gpu, "memory-region", NULL))
		err = add_list(pub);
	if (!err && !fdt_getprop(fdt, gpu, "memory-region-names", NULL))
		err = add_names(pub);
	return err ? err : check_lists(pub);
}

/*
 * What bindings of ours say on top
 */

static int put_number(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      uint32_t value)
{
	fdt32_t cell;

	gpuas_fdt_store_(&cell, 1, value);
	return gpuas_fdt_put_(edit, node, "GPU node", NULL, prop, &cell, 1);
}

static int put_window(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      const struct gpuas_range *window)
{
	fdt32_t cell[4];

	gpuas_fdt_store_(cell, 2, gpuas_va_u64(window->va));
	gpuas_fdt_store_(cell + 2, 2, window->size);
	return gpuas_fdt_put_(edit, node, "GPU node", NULL, prop, cell, 4);
}

static int describe_region(struct gpuas_fdt_publication *pub,
			   uint32_t gpu_phandle,
			   const struct gpuas_board_region *from,
			   const struct gpuas_region *region)
{
	const void *fdt = pub->edit.fdt;
	int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	uint64_t va = gpuas_va_u64(region->va);
	struct gpuas_fdt_cells cells;
	fdt32_t cell[5];

	if (!gpuas_fdt_cells_(fdt, fdt_parent_offset(fdt, gpu), &cells) ||
	    !gpuas_fdt_fits_(va, cells.address) ||
	    !gpuas_fdt_fits_(region->size, cells.size))
		return gpuas_report_hex(pub->edit.report, -GPUAS_ERANGE,
					"region", from->name,
					"does not fit the GPU's cells: VA", va);
	fdt32_st(cell, gpu_phandle);
	gpuas_fdt_store_(cell + 1, cells.address, va);
	gpuas_fdt_store_(cell + 1 + cells.address, cells.size, region->size);
	return gpuas_fdt_put_(&pub->edit, gpuas_fdt_region_(fdt, from),
			      "region", from->name, "iommu-addresses", cell,
			      1 + cells.address + cells.size);
}

int gpuas_fdt_describe_(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_manifest *manifest = pub->manifest;
	struct gpuas_fdt_edit *edit = &pub->edit;
	int err, gpu = gpuas_fdt_gpu_(edit->fdt, pub->board);
	uint32_t phandle;
	unsigned int i;

	err = put_window(edit, gpu, "gpuas,host-window", &manifest->host);
	if (!err)
		err = put_window(edit, gpu, "gpuas,firmware-window",
				 &manifest->firmware);
	if (!err)
		err = put_number(edit, gpu, "gpuas,pa-bits",
				 manifest->geo.pa_bits);
	if (!err)
		err = put_number(edit, gpu, "gpuas,va-bits",
				 manifest->geo.va_bits);
	if (!err)
		err = gpuas_fdt_phandle_(edit, gpu, &phandle);
	for (i = 0; !err && i < manifest->regions; i++)
		if (manifest->region[i].present && manifest->region[i].mapped)
			err = describe_region(pub, phandle,
					      &pub->board->region[i],
					      &manifest->region[i]);
	return err;
}
