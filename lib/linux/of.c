// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Reading a manifest through the kernel's own device tree, since modules have no
 * libfdt. The judgement is that of lib/fdt/fdt_read.c and fdt_check.c, in another
 * order, but for what the kernel keeps from us: /memory and /memreserve/. Where
 * those matter, gpuas_linux_borrow() asks what the kernel made of them.
 */
#include <linux/device.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>

#include <gpuas_linux.h>

#include "../manifest/manifest.h"
#include "of.h"

static const char names[] = "memory-region-names";

static int bad_region(const struct reader *reader,
		      const struct gpuas_region *region, int err,
		      const char *what)
{
	return gpuas_report(reader->report, err, "region", region->name, what);
}

/* One number, and nothing behind it. */
static bool read_number(const struct device_node *node, const char *prop,
			u32 *value)
{
	return of_property_count_u32_elems(node, prop) == 1 &&
	       !of_property_read_u32(node, prop, value);
}

/*
 * What @node says of its children. Everything that is computed from cells is
 * computed from these: a number that nobody checked makes a length wrap, and
 * of_read_number() read beyond the property.
 */
static bool read_cells(const struct device_node *node, struct cells *cells)
{
	cells->address = 2;
	cells->size = 1;
	if (of_property_present(node, "#address-cells") &&
	    !read_number(node, "#address-cells", &cells->address))
		return false;
	if (of_property_present(node, "#size-cells") &&
	    !read_number(node, "#size-cells", &cells->size))
		return false;
	return cells->address >= 1 && cells->address <= 2 && cells->size >= 1 &&
	       cells->size <= 2;
}

/* In /reserved-memory, whose addresses are those of the CPU. */
static int count_tuples(const struct reader *reader,
			const struct device_node *node)
{
	const u32 cells = reader->cells.address + reader->cells.size;
	int len;

	if (!of_get_property(node, "reg", &len))
		return 0;
	return len % (cells * sizeof(__be32)) ? -EBADMSG :
						len / (cells * sizeof(__be32));
}

/* -ENOENT: it is empty; the size is set all the same. */
static int read_tuple(const struct reader *reader,
		      const struct device_node *node, int i, uint64_t *first,
		      uint64_t *size)
{
	const struct cells *cells = &reader->cells;
	const __be32 *cell = of_get_property(node, "reg", NULL);
	uint64_t last;

	cell += i * (cells->address + cells->size);
	*first = of_read_number(cell, cells->address);
	*size = of_read_number(cell + cells->address, cells->size);
	last = *first + *size - 1;
	if (!*size)
		return -ENOENT;
	if (last < *first || (cells->address == 1 && last >> 32))
		return -EBADMSG;
	return 0;
}

/* Where one of two nodes of one phandle is meant, nobody knows which. */
static bool phandle_unique(phandle handle)
{
	struct device_node *node = NULL;
	unsigned int found = 0;

	while ((node = of_find_all_nodes(node)))
		found += node->phandle == handle;
	return found == 1;
}

static const char *name_of(const struct gpuas_contract_region *how)
{
	return how->region ? how->region : how->compatible;
}

static int bad_node(const struct reader *reader,
		    const struct gpuas_contract_region *how, int err,
		    const char *what)
{
	return gpuas_report(reader->report, err, "region", name_of(how), what);
}

/* Where it is in the lists. Those without a name come last. */
static int find_entry(const struct reader *reader,
		      const struct gpuas_contract_region *how)
{
	const struct gpuas_contract *contract = reader->contract;
	int named, entries, i, most;

	if (!of_property_present(reader->gpu, "memory-region") ||
	    !of_property_present(reader->gpu, names))
		return bad_node(reader, how, -ENOENT,
				"GPU node has no memory-region, or no memory-region-names");
	named = of_property_count_strings(reader->gpu, names);
	entries = of_property_count_u32_elems(reader->gpu, "memory-region");
	most = named + (int)gpuas_contract_unnamed_(contract, contract->region +
						    contract->regions);
	if (named < 0 || entries < named || entries > most)
		return bad_node(reader, how, -EBADMSG,
				"memory-region and memory-region-names do not agree");
	i = how->name ? of_property_match_string(reader->gpu, names, how->name) :
			named + (int)gpuas_contract_unnamed_(contract, how);
	if (i >= 0 && i < entries)
		return i;
	return bad_node(reader, how, -ENOENT,
			how->name ? "is not in memory-region-names" :
				    "has no phandle behind those that have names");
}

/* Where a name stands twice, nobody knows which entry is meant. */
static bool named_twice(const struct reader *reader, const char *name)
{
	struct property *prop;
	const char *other;
	unsigned int found = 0;

	of_property_for_each_string(reader->gpu, names, prop, other)
		found += gpuas_streq(other, name);
	return found > 1;
}

/* Is the node that of an entry before this one? */
static bool leads_twice(const struct reader *reader, int index)
{
	u32 before, this;

	of_property_read_u32_index(reader->gpu, "memory-region", index, &this);
	while (index--) {
		if (!of_property_read_u32_index(reader->gpu, "memory-region", index,
						&before) &&
		    before == this)
			return true;
	}
	return false;
}

static int find_listed(struct reader *reader, const struct gpuas_contract_region *how,
		       struct device_node **node)
{
	struct device_node *parent;
	int index = find_entry(reader, how);

	if (index < 0)
		return index;
	if (named_twice(reader, how->name))
		return bad_node(reader, how, -ENOTUNIQ, "is twice in memory-region-names");
	*node = of_parse_phandle(reader->gpu, "memory-region", index);
	parent = of_get_parent(*node);
	of_node_put(parent);
	if (!*node || parent != reader->reserved ||
	    !phandle_unique((*node)->phandle))
		return bad_node(reader, how, -EBADMSG,
				"memory-region does not lead to a node in /reserved-memory");
	if (leads_twice(reader, index))
		return bad_node(reader, how, -ENOTUNIQ,
				"memory-region has its node twice");
	return 0;
}

static int find_named(struct reader *reader, const struct gpuas_contract_region *how,
		      struct device_node **node)
{
	struct device_node *other;
	unsigned int found = 0;

	for_each_child_of_node(reader->reserved, other) {
		if (of_node_name_eq(other, how->node) && !found++)
			*node = of_node_get(other);
	}
	if (found > 1)
		return bad_node(reader, how, -ENOTUNIQ,
				"two nodes of /reserved-memory have its name");
	return found ? 0 : bad_node(reader, how, -ENOENT,
				    "has no node in /reserved-memory");
}

/* The node of a region, with a reference. */
static int find_node(struct reader *reader, const struct gpuas_contract_region *how,
		     struct device_node **node)
{
	int err = how->unlisted ? find_named(reader, how, node) :
				  find_listed(reader, how, node);

	if (err)
		return err;
	if (!of_device_is_available(*node) ||
	    !of_property_present(*node, "reg"))
		return bad_node(reader, how, -ENOENT,
				"has a node that is disabled, or has no reg");
	return 0;
}

/* of_reserved_mem_lookup() takes the first node of a name. */
static int check_names(const struct reader *reader,
		       const struct gpuas_contract_region *how,
		       const struct device_node *node)
{
	const bool lone = how->node && !how->shared_node;
	unsigned int same = 0, named = 0;
	struct device_node *other;

	for_each_child_of_node(reader->reserved, other) {
		same += !strcmp(kbasename(other->full_name),
				kbasename(node->full_name));
		named += lone && of_node_name_eq(other, how->node);
	}
	if (same > 1 || named > 1)
		return bad_node(reader, how, -ENOTUNIQ,
				"two nodes of /reserved-memory have its name");
	return 0;
}

static int check_node(const struct reader *reader,
		      const struct gpuas_contract_region *how,
		      const struct device_node *node)
{
	int err = check_names(reader, how, node);

	if (!err)
		err = gpuas_contract_no_map_(reader->contract, how,
					     of_property_present(node, "no-map"),
					     reader->report);
	if (err)
		return err;
	if (of_property_present(node, "reusable") ||
	    of_device_is_compatible(node, "shared-dma-pool"))
		return bad_node(reader, how, -EBADMSG,
				"is reusable or shared-dma-pool: the kernel would allocate from it");
	if (how->compatible && !of_device_is_compatible(node, how->compatible))
		return bad_node(reader, how, -EBADMSG,
				"has a node that is not compatible as its contract says");
	return 0;
}

/* Only what is the same in both may be read later: the kernel gave that to the node alone. */
static bool kernel_has(struct device_node *node, uint64_t first, uint64_t size)
{
	const struct reserved_mem *has = of_reserved_mem_lookup(node);

	return has && has->base == first && has->size == size;
}

/* The kernel reserves what the first tuple says; more would be reserved by nobody. */
static int read_place(struct reader *reader, struct gpuas_region *region,
		      struct device_node *node)
{
	uint64_t first, size;

	if (count_tuples(reader, node) != 1 ||
	    read_tuple(reader, node, 0, &first, &size) == -EBADMSG)
		return bad_region(reader, region, -EBADMSG,
				  "has a reg that is not one range, or wraps");
	if (!kernel_has(node, first, size))
		return bad_region(reader, region, -EBADMSG,
				  "has a node for which the kernel has not reserved what its reg says");
	region->present = true;
	region->pa = gpuas_pa(first);
	region->size = size;
	gpuas_contract_set_no_map_(reader->contract,
				   of_property_present(node, "no-map"), region);
	return 0;
}

/* In cells of the bus that the GPU is on. */
static int read_iommu(const struct reader *reader,
		      const struct gpuas_region *region,
		      const struct cells *cells, struct device_node *node,
		      const __be32 **cell)
{
	int len;

	*cell = of_get_property(node, "iommu-addresses", &len);
	if (!*cell ||
	    len != (1 + cells->address + cells->size) * sizeof(**cell))
		return bad_region(reader, region, -EBADMSG,
				  "has no iommu-addresses of one entry");
	if (!reader->gpu->phandle ||
	    be32_to_cpup(*cell) != reader->gpu->phandle)
		return bad_region(reader, region, -EBADMSG,
				  "iommu-addresses does not name the GPU");
	return 0;
}

/* <phandle address size> of our GPU; its size is judged after that of the region. */
static int read_va(struct reader *reader, struct gpuas_region *region,
		   struct device_node *node, uint64_t *length)
{
	struct device_node *parent = of_get_parent(reader->gpu);
	bool sane;
	struct cells cells;
	const __be32 *cell;
	int err;

	sane = parent && read_cells(parent, &cells);
	of_node_put(parent);
	if (!sane)
		return gpuas_report(reader->report, -EBADMSG, "node",
				    "of the GPU's bus",
				    "has #address-cells or #size-cells that are not 1 or 2");
	err = read_iommu(reader, region, &cells, node, &cell);
	if (err)
		return err;
	region->va = gpuas_va(of_read_number(cell + 1, cells.address));
	*length = of_read_number(cell + 1 + cells.address, cells.size);
	return 0;
}

static int read_region(struct reader *reader, struct gpuas_region *region,
		       const struct gpuas_board *board, unsigned int i)
{
	const struct gpuas_contract_region *how =
		gpuas_contract_region(reader->contract, region->name);
	const bool mapped = how && region->mapped &&
			    reader->contract->va == GPUAS_VA_IOMMU_ADDRESSES;
	int err;

	if (!how)
		return 0;
	err = find_node(reader, how, &reader->node[i]);
	if (err == -ENOENT && how->optional)
		return 0;
	if (!err)
		err = check_node(reader, how, reader->node[i]);
	if (!err)
		err = read_place(reader, region, reader->node[i]);
	if (!err && mapped)
		err = read_va(reader, region, reader->node[i],
			      &reader->length[i]);
	if (!err && mapped && region->va != board->region[i].va)
		return gpuas_report_hex(reader->report, -EBADMSG, "region",
					region->name,
					"iommu-addresses has another VA,",
					gpuas_va_u64(region->va));
	return err;
}

/* Memory that is no region: that nobody else has it, check_others() sees to. */
static int check_stranger(struct reader *reader, const struct gpuas_contract_region *how,
			  const struct device_node *node)
{
	int i, err, count = count_tuples(reader, node);
	uint64_t first, size;

	err = check_node(reader, how, node);
	if (err)
		return err;
	for (i = 0; i < count && !read_tuple(reader, node, i, &first, &size); i++)
		;
	if (i && i == count && (i == 1 || how->tuples))
		return 0;
	return gpuas_report_dec(reader->report, -EBADMSG, "region", how->compatible,
				"has a reg that is cut off, empty, or wraps, at range", i);
}

static int check_strangers(struct reader *reader)
{
	const struct gpuas_contract_region *how = reader->contract->region;
	struct device_node *node;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < reader->contract->regions; i++, how++) {
		if (how->region)
			continue;
		node = NULL;
		err = find_node(reader, how, &node);
		if (!err)
			err = check_stranger(reader, how, node);
		else if (err == -ENOENT && how->optional)
			err = 0;
		of_node_put(node);
	}
	return err;
}

static int read_window(struct reader *reader, const char *prop,
		       struct gpuas_range *window)
{
	u64 value[2];

	if (of_property_count_u64_elems(reader->gpu, prop) != 2 ||
	    of_property_read_u64_array(reader->gpu, prop, value, 2))
		return gpuas_report(reader->report, -EBADMSG, "GPU node", prop,
				    "is not an address and a size");
	window->va = gpuas_va(value[0]);
	window->size = value[1];
	return 0;
}

static int read_bits(struct reader *reader, const char *prop, uint8_t *bits)
{
	u32 value;

	if (!read_number(reader->gpu, prop, &value) || value > 64)
		return gpuas_report(reader->report, -EBADMSG, "GPU node", prop,
				    "is not a number of bits");
	*bits = value;
	return 0;
}

static int read_shape(struct reader *reader, struct gpuas_manifest *manifest)
{
	int err;

	err = read_bits(reader, "gpuas,va-bits", &manifest->geo.va_bits);
	if (!err)
		err = read_bits(reader, "gpuas,pa-bits",
				&manifest->geo.pa_bits);
	if (!err)
		err = read_window(reader, "gpuas,firmware-window",
				  &manifest->firmware);
	if (!err)
		err = read_window(reader, "gpuas,host-window",
				  &manifest->host);
	return err;
}

static bool is_ours(const struct reader *reader, const struct device_node *node)
{
	unsigned int i;

	for (i = 0; i < reader->regions; i++) {
		if (reader->node[i] == node)
			return true;
	}
	return false;
}

/* Does a region overlap one of the tuples of somebody else's node? */
static int node_apart(const struct reader *reader,
		      const struct gpuas_manifest *manifest,
		      const struct device_node *node, uint64_t first,
		      uint64_t last)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	uint64_t pa;

	for (i = 0; i < manifest->regions; i++, region++) {
		pa = gpuas_pa_u64(region->pa);
		if (!region->present || pa > last ||
		    first > pa + region->size - 1)
			continue;
		bad_region(reader, region, -ENOTUNIQ,
			   "overlaps /reserved-memory/");
		if (reader->report)
			gpuas_text_str(&reader->report->text,
				       kbasename(node->full_name));
		return -ENOTUNIQ;
	}
	return 0;
}

static int check_other(const struct reader *reader,
		       const struct gpuas_manifest *manifest,
		       const struct device_node *node)
{
	int i, err = 0, count = count_tuples(reader, node);
	uint64_t first, size;

	for (i = 0; !err && i < count; i++) {
		err = read_tuple(reader, node, i, &first, &size);
		if (!err)
			err = node_apart(reader, manifest, node, first,
					 first + size - 1);
		if (err == -ENOENT)
			err = 0;
	}
	if (count < 0 || err == -EBADMSG)
		return gpuas_report(reader->report, -EBADMSG, "node",
				    kbasename(node->full_name),
				    "has a reg that is cut off, or wraps");
	return err;
}

static int check_others(const struct reader *reader,
			const struct gpuas_manifest *manifest)
{
	struct device_node *node;
	int err = 0;

	for_each_available_child_of_node(reader->reserved, node) {
		if (!is_ours(reader, node))
			err = check_other(reader, manifest, node);
		if (err) {
			of_node_put(node);
			break;
		}
	}
	return err;
}

/* /reserved-memory twice: who looks for it finds the first. */
static bool reserved_unique(const struct device_node *root)
{
	struct device_node *node;
	unsigned int found = 0;

	for_each_child_of_node(root, node)
		found += of_node_name_eq(node, "reserved-memory");
	return found == 1;
}

/* What the kernel demands before it reserves anything (of_reserved_mem.c). */
static int check_reserved(struct reader *reader)
{
	struct device_node *root = of_find_node_by_path("/");
	bool sane = root && read_cells(root, &reader->cells);
	bool unique = root && reserved_unique(root);
	struct device_node *node = reader->reserved;
	struct cells cells;
	int len;

	of_node_put(root);
	if (!sane)
		return gpuas_report(reader->report, -EBADMSG, "node", "/",
				    "has #address-cells or #size-cells that are not 1 or 2");
	if (!node)
		return gpuas_report(reader->report, -ENOENT, "node",
				    "/reserved-memory", "is missing");
	if (!unique)
		return gpuas_report(reader->report, -EBADMSG, "node",
				    "/reserved-memory", "is there twice");
	if (!read_number(node, "#address-cells", &cells.address) ||
	    !read_number(node, "#size-cells", &cells.size) ||
	    cells.address != reader->cells.address ||
	    cells.size != reader->cells.size ||
	    !of_get_property(node, "ranges", &len) || len)
		return gpuas_report(reader->report, -EBADMSG, "node",
				    "/reserved-memory",
				    "has not the root's cells, or no empty ranges");
	return 0;
}

static int check_lengths(const struct reader *reader,
			 const struct gpuas_manifest *manifest)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (region->present && region->mapped &&
		    reader->length[i] != region->size)
			return gpuas_report_hex(reader->report, -EBADMSG,
						"region", region->name,
						"iommu-addresses has another size,",
						reader->length[i]);
	}
	return 0;
}

static int read_all(struct reader *reader, const struct gpuas_board *board,
		    struct gpuas_manifest *manifest)
{
	const struct gpuas_region *tables;
	unsigned int i;
	int err;

	err = check_reserved(reader);
	if (!err)
		err = gpuas_of_contract_(reader, board);
	if (err)
		return err;
	gpuas_manifest_contract(manifest, reader->contract);
	if (reader->contract->describe)
		err = read_shape(reader, manifest);
	for (i = 0; !err && i < manifest->regions; i++)
		err = read_region(reader, &manifest->region[i], board, i);
	if (!err)
		err = check_strangers(reader);
	if (!err)
		err = gpuas_of_read_vas_(reader, manifest);
	if (!err)
		err = gpuas_of_check_gpu_(reader, board, manifest);
	if (err)
		return err;
	tables = gpuas_manifest_role(manifest, GPUAS_ROLE_PAGETABLES);
	if (tables)
		manifest->root = tables->pa;
	err = gpuas_manifest_check(manifest, board, reader->report);
	if (!err && reader->contract->va == GPUAS_VA_IOMMU_ADDRESSES)
		err = check_lengths(reader, manifest);
	return err ? err : check_others(reader, manifest);
}

int gpuas_linux_read(struct gpuas_linux *gpu, struct gpuas_manifest *manifest,
		     struct gpuas_report *report)
{
	struct reader reader = {
		.gpu = gpu->dev->of_node,
		.report = report,
	};
	unsigned int i;
	int err;

	err = gpuas_manifest_init(manifest, gpu->board);
	if (err)
		return gpuas_report(report, err, "board", gpu->board->name,
				    "makes no sense");
	reader.regions = manifest->regions;
	reader.reserved = of_find_node_by_path("/reserved-memory");
	err = read_all(&reader, gpu->board, manifest);
	for (i = 0; i < reader.regions; i++)
		of_node_put(reader.node[i]);
	of_node_put(reader.reserved);
	return err;
}
