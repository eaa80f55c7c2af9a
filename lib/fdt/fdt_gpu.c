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

static const char regions[] = "memory-region";
static const char names[] = "memory-region-names";

static int append(struct gpuas_fdt_publication *pub, int gpu, const char *prop,
		  const void *value, size_t len)
{
	return gpuas_fdt_step_(&pub->edit,
			       fdt_appendprop(pub->edit.fdt, gpu, prop, value, (int)len),
			       "property", prop);
}

/* One by one: all names in a buffer would be too much for the stack. */
static int add_list(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_region *how = contract->region;
	const int gpu = gpuas_fdt_gpu_(pub->edit.fdt, pub->board);
	const struct gpuas_region *region;
	unsigned int i;
	fdt32_t cell;
	int err = 0;

	if (!fdt_getprop(pub->edit.fdt, gpu, regions, NULL))
		err = gpuas_fdt_set_(&pub->edit, gpu, regions, "", 0);
	for (i = 0; !err && i < contract->regions; i++, how++) {
		region = gpuas_fdt_found_(pub->manifest, how);
		if (!region || !region->present || how->unlisted)
			continue;
		fdt32_st(&cell, fdt_get_phandle(pub->edit.fdt,
						gpuas_fdt_region_(pub, how)));
		err = append(pub, gpu, regions, &cell, sizeof(cell));
	}
	return err;
}

static int add_names(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_region *how = contract->region;
	const int gpu = gpuas_fdt_gpu_(pub->edit.fdt, pub->board);
	unsigned int i;
	int err = 0;

	if (!fdt_getprop(pub->edit.fdt, gpu, names, NULL))
		err = gpuas_fdt_set_(&pub->edit, gpu, names, "", 0);
	for (i = 0; !err && i < contract->regions; i++, how++)
		if (how->name &&
		    gpuas_fdt_linked_(pub->edit.fdt, gpu, gpuas_fdt_region_(pub, how)))
			err = append(pub, gpu, names, how->name,
				     gpuas_fdt_size_(how->name));
	return err;
}

/* Does entry @i of the lists stand for this region? */
static bool lists(const struct gpuas_fdt_publication *pub, int gpu, int i,
		  const struct gpuas_contract_region *how)
{
	const void *fdt = pub->edit.fdt;
	int len, node = gpuas_fdt_region_(pub, how);
	const fdt32_t *list = fdt_getprop(fdt, gpu, regions, &len);

	return i < len / (int)sizeof(*list) && node >= 0 &&
	       (!how->name ||
		gpuas_streq(fdt_stringlist_get(fdt, gpu, names, i, NULL), how->name)) &&
	       fdt32_to_cpu(list[i]) == fdt_get_phandle(fdt, node);
}

/* Entries of somebody else, where a contract allows them. */
static int first_entry(const struct gpuas_fdt_publication *pub, int gpu)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const void *fdt = pub->edit.fdt;
	int i = 0, count = fdt_stringlist_count(fdt, gpu, names);

	while (contract->others && i < count &&
	       !gpuas_fdt_lists_(contract, fdt_stringlist_get(fdt, gpu, names, i, NULL)))
		i++;
	return i;
}

/* The regions, in the contract's order, and no others. */
static int check_lists(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_region *how = contract->region;
	const char *what = "memory-region or memory-region-names";
	const void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	int len, entries = first_entry(pub, gpu), named = entries;
	const struct gpuas_region *region;
	unsigned int i;

	for (i = 0; i < contract->regions; i++, how++) {
		region = gpuas_fdt_found_(pub->manifest, how);
		if (how->unlisted)
			continue;
		if (lists(pub, gpu, entries, how)) {
			entries++;
			named += !!how->name;
		} else if (region && region->present) {
			return gpuas_fdt_exists_(&pub->edit, "region",
						 how->region, what);
		}
	}
	fdt_getprop(fdt, gpu, regions, &len);
	if (len != entries * (int)sizeof(fdt32_t) ||
	    fdt_stringlist_count(fdt, gpu, names) != named)
		return gpuas_fdt_exists_(&pub->edit, "GPU node", NULL, what);
	return 0;
}

/* Are there lists, all of whose entries are somebody else's? */
static bool only_others(const struct gpuas_fdt_publication *pub, int gpu)
{
	const void *fdt = pub->edit.fdt;
	int len, entries = first_entry(pub, gpu);

	return pub->manifest->contract->others && fdt_getprop(fdt, gpu, regions, &len) &&
	       len == entries * (int)sizeof(fdt32_t) &&
	       fdt_stringlist_count(fdt, gpu, names) == entries;
}

/* The names say what is in the list, also where only they are missing. */
int gpuas_fdt_link_regions_(struct gpuas_fdt_publication *pub)
{
	const void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	const bool more = only_others(pub, gpu);
	int err = 0;

	if (more || !fdt_getprop(fdt, gpu, regions, NULL))
		err = add_list(pub);
	if (!err && (more || !fdt_getprop(fdt, gpu, names, NULL)))
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

static int describe_region(struct gpuas_fdt_publication *pub,
			   uint32_t gpu_phandle,
			   const struct gpuas_contract_region *how,
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
					"region", how->region,
					"does not fit the GPU's cells: VA", va);
	fdt32_st(cell, gpu_phandle);
	gpuas_fdt_store_(cell + 1, cells.address, va);
	gpuas_fdt_store_(cell + 1 + cells.address, cells.size, region->size);
	return gpuas_fdt_put_(&pub->edit, gpuas_fdt_region_(pub, how),
			      "region", how->region, "iommu-addresses", cell,
			      1 + cells.address + cells.size);
}

static int describe_regions(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_region *how = contract->region;
	const struct gpuas_region *region;
	uint32_t phandle;
	unsigned int i;
	int err;

	err = gpuas_fdt_phandle_(&pub->edit, gpuas_fdt_gpu_(pub->edit.fdt, pub->board),
				 &phandle);
	for (i = 0; !err && i < contract->regions; i++, how++) {
		region = gpuas_fdt_found_(pub->manifest, how);
		if (region && region->present && region->mapped)
			err = describe_region(pub, phandle, how, region);
	}
	return err;
}

static int describe_space(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_manifest *manifest = pub->manifest;
	struct gpuas_fdt_edit *edit = &pub->edit;
	int err, gpu = gpuas_fdt_gpu_(edit->fdt, pub->board);

	err = gpuas_fdt_put_window_(edit, gpu, "gpuas,host-window", &manifest->host);
	if (!err)
		err = gpuas_fdt_put_window_(edit, gpu, "gpuas,firmware-window",
					    &manifest->firmware);
	if (!err)
		err = put_number(edit, gpu, "gpuas,pa-bits",
				 manifest->geo.pa_bits);
	if (!err)
		err = put_number(edit, gpu, "gpuas,va-bits",
				 manifest->geo.va_bits);
	return err;
}

int gpuas_fdt_describe_(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	int err = 0;

	if (contract->describe)
		err = describe_space(pub);
	if (!err && contract->va == GPUAS_VA_IOMMU_ADDRESSES)
		err = describe_regions(pub);
	return err ? err : gpuas_fdt_describe_gpu_(pub);
}
