// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Reading a handover through the kernel's own device tree, since modules have no
 * libfdt. The judgement is that of lib/fdt_read.c and lib/fdt_check.c.
 */
#include <linux/device.h>
#include <linux/of.h>
#include <linux/of_address.h>

#include <gpuas_linux.h>

/**
 * struct reader - The nodes that a handover is read from
 * @gpu: node of the GPU
 * @reserved: /reserved-memory
 * @node: nodes of the regions, by region; NULL if not present
 * @length: sizes in iommu-addresses, by region; 0 if it has none
 * @regions: how many
 * @report: for the sentence
 */
struct reader {
	struct device_node *gpu;
	struct device_node *reserved;
	struct device_node *node[GPUAS_REGIONS_MAX];
	uint64_t length[GPUAS_REGIONS_MAX];
	unsigned int regions;
	struct gpuas_report *report;
};

static int bad_region(const struct reader *reader,
		      const struct gpuas_region *region, int err,
		      const char *what)
{
	return gpuas_report(reader->report, err, "region", region->name, what);
}

/* The node of a region, with a reference; NULL if it is not described. */
static int find_node(struct reader *reader, const struct gpuas_region *region,
		     struct device_node **node)
{
	struct device_node *parent;
	int index;

	index = of_property_match_string(reader->gpu, "memory-region-names",
					 region->name);
	if (index < 0)
		return bad_region(reader, region, -ENOENT,
				  "is not in memory-region-names");
	*node = of_parse_phandle(reader->gpu, "memory-region", index);
	parent = of_get_parent(*node);
	of_node_put(parent);
	if (!*node || parent != reader->reserved)
		return bad_region(reader, region, -EBADMSG,
				  "memory-region does not lead to a node in /reserved-memory");
	if (!of_device_is_available(*node) ||
	    !of_property_present(*node, "reg"))
		return bad_region(reader, region, -ENOENT,
				  "has a node that is disabled, or has no reg");
	return 0;
}

/* The kernel reserves what the first tuple says; more would be reserved by nobody. */
static int read_place(struct reader *reader, struct gpuas_region *region,
		      struct device_node *node)
{
	struct resource res, more;

	if (of_property_read_bool(node, "no-map"))
		return bad_region(reader, region, -EACCES,
				  "has no-map, which keeps the kernel from reading it");
	if (of_property_read_bool(node, "reusable") ||
	    of_device_is_compatible(node, "shared-dma-pool"))
		return bad_region(reader, region, -EBADMSG,
				  "is reusable or shared-dma-pool: the kernel would allocate from it");
	if (of_address_to_resource(node, 0, &res) ||
	    !of_address_to_resource(node, 1, &more))
		return bad_region(reader, region, -EBADMSG,
				  "has a reg that is not one range, or wraps");
	region->present = true;
	region->pa = gpuas_pa(res.start);
	region->size = resource_size(&res);
	return 0;
}

/* <phandle address size> of our GPU; its size is judged after that of the region. */
static int read_va(struct reader *reader, struct gpuas_region *region,
		   struct device_node *node, uint64_t *length)
{
	const int address = of_n_addr_cells(reader->gpu);
	const int size = of_n_size_cells(reader->gpu);
	const __be32 *cell;
	int len;

	cell = of_get_property(node, "iommu-addresses", &len);
	if (!cell || len != (1 + address + size) * (int)sizeof(*cell))
		return bad_region(reader, region, -EBADMSG,
				  "has no iommu-addresses of one entry");
	if (be32_to_cpup(cell) != reader->gpu->phandle)
		return bad_region(reader, region, -EBADMSG,
				  "iommu-addresses does not name the GPU");
	region->va = gpuas_va(of_read_number(cell + 1, address));
	*length = of_read_number(cell + 1 + address, size);
	return 0;
}

static int read_region(struct reader *reader, struct gpuas_region *region,
		       const struct gpuas_board *board, unsigned int i)
{
	const struct gpuas_board_region *want = &board->region[i];
	int err;

	err = find_node(reader, region, &reader->node[i]);
	if (err == -ENOENT && want->optional)
		return 0;
	if (!err)
		err = read_place(reader, region, reader->node[i]);
	if (!err && board->describe && region->mapped)
		err = read_va(reader, region, reader->node[i],
			      &reader->length[i]);
	if (!err && region->mapped && region->va != want->va)
		return gpuas_report_hex(reader->report, -EBADMSG, "region",
					region->name,
					"iommu-addresses has another VA,",
					gpuas_va_u64(region->va));
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

	if (of_property_read_u32(reader->gpu, prop, &value) || value > 64)
		return gpuas_report(reader->report, -EBADMSG, "GPU node", prop,
				    "is not a number of bits");
	*bits = value;
	return 0;
}

static int read_shape(struct reader *reader, struct gpuas_handover *handover)
{
	int err;

	err = read_bits(reader, "gpuas,va-bits", &handover->geo.va_bits);
	if (!err)
		err = read_bits(reader, "gpuas,pa-bits",
				&handover->geo.pa_bits);
	if (!err)
		err = read_window(reader, "gpuas,firmware-window",
				  &handover->firmware);
	if (!err)
		err = read_window(reader, "gpuas,host-window",
				  &handover->host);
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
		      const struct gpuas_handover *handover,
		      const struct device_node *node,
		      const struct resource *other)
{
	const struct gpuas_region *region = handover->region;
	struct resource own = { };
	unsigned int i;

	for (i = 0; i < handover->regions; i++, region++) {
		if (!region->present || !region->size)
			continue;
		own.start = gpuas_pa_u64(region->pa);
		own.end = own.start + region->size - 1;
		if (own.start > other->end || other->start > own.end)
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

static int check_others(const struct reader *reader,
			const struct gpuas_handover *handover)
{
	struct device_node *node;
	struct resource res;
	int err = 0, i;

	for_each_available_child_of_node(reader->reserved, node) {
		if (is_ours(reader, node))
			continue;
		for (i = 0; !err && !of_address_to_resource(node, i, &res); i++)
			err = node_apart(reader, handover, node, &res);
		if (err) {
			of_node_put(node);
			break;
		}
	}
	return err;
}

/* What the kernel demands before it reserves anything (of_reserved_mem.c). */
static int check_reserved(const struct reader *reader)
{
	struct device_node *node = reader->reserved;
	u32 address, size;

	if (!node)
		return gpuas_report(reader->report, -ENOENT, "node",
				    "/reserved-memory", "is missing");
	if (of_property_read_u32(node, "#address-cells", &address) ||
	    of_property_read_u32(node, "#size-cells", &size) ||
	    address != of_n_addr_cells(node) || size != of_n_size_cells(node) ||
	    !of_property_present(node, "ranges"))
		return gpuas_report(reader->report, -EBADMSG, "node",
				    "/reserved-memory",
				    "has not the root's cells, or no ranges: the kernel ignores it");
	return 0;
}

static int check_lengths(const struct reader *reader,
			 const struct gpuas_handover *handover)
{
	const struct gpuas_region *region = handover->region;
	unsigned int i;

	for (i = 0; i < handover->regions; i++, region++) {
		if (reader->length[i] && reader->length[i] != region->size)
			return gpuas_report_hex(reader->report, -EBADMSG,
						"region", region->name,
						"iommu-addresses has another size,",
						reader->length[i]);
	}
	return 0;
}

static int read_all(struct reader *reader, const struct gpuas_board *board,
		    struct gpuas_handover *handover)
{
	const struct gpuas_region *tables;
	unsigned int i;
	int err;

	err = check_reserved(reader);
	if (!err && board->describe)
		err = read_shape(reader, handover);
	for (i = 0; !err && i < handover->regions; i++)
		err = read_region(reader, &handover->region[i], board, i);
	if (err)
		return err;
	tables = gpuas_handover_role(handover, GPUAS_ROLE_PAGETABLES);
	if (tables)
		handover->root = tables->pa;
	err = gpuas_handover_check(handover, board, reader->report);
	if (!err)
		err = check_lengths(reader, handover);
	return err ? err : check_others(reader, handover);
}

int gpuas_linux_read(struct gpuas_linux *gpu, struct gpuas_handover *handover,
		     struct gpuas_report *report)
{
	struct reader reader = {
		.gpu = gpu->dev->of_node,
		.report = report,
	};
	unsigned int i;
	int err;

	err = gpuas_handover_init(handover, gpu->board);
	if (err)
		return gpuas_report(report, err, "board", gpu->board->name,
				    "makes no sense");
	reader.regions = handover->regions;
	reader.reserved = of_find_node_by_path("/reserved-memory");
	err = read_all(&reader, gpu->board, handover);
	for (i = 0; i < reader.regions; i++)
		of_node_put(reader.node[i]);
	of_node_put(reader.reserved);
	return err;
}
