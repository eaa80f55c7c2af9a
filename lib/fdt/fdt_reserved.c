// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The nodes below /reserved-memory, on their way into a tree. */
#include "fdt_internal.h"

/* 31 of a name, '@', 16 digits, zero; some to spare for longer names. */
enum { NODE_NAME_MAX = 64 };

static int find_reserved(const void *fdt)
{
	return gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
}

static int set_cells(struct gpuas_fdt_edit *edit, int node, const char *prop,
		     unsigned int cells)
{
	fdt32_t cell;

	gpuas_fdt_store_(&cell, 1, cells);
	return gpuas_fdt_set_(edit, node, prop, &cell, sizeof(cell));
}

/* One that is not as it should be has no children: gpuas_fdt_open_() saw to it. */
int gpuas_fdt_have_reserved_(struct gpuas_fdt_edit *edit)
{
	int node = find_reserved(edit->fdt), err = 0;

	if (node >= 0 &&
	    gpuas_fdt_reserved_valid_(edit->fdt, node, &edit->cells))
		return 0;
	if (node < 0)
		err = gpuas_fdt_add_node_(edit, 0, "reserved-memory", &node);
	if (!err)
		err = gpuas_fdt_set_(edit, node, "ranges", "", 0);
	if (!err)
		err = set_cells(edit, node, "#size-cells", edit->cells.size);
	if (!err)
		err = set_cells(edit, node, "#address-cells",
				edit->cells.address);
	return err;
}

/* "<node>@<pa>", as dtc wants it: lower case, no leading zeros. */
static bool full_name(char *name, const char *node, uint64_t pa)
{
	unsigned int len = 0, digits = 1;

	while (digits < 16 && pa >> (4 * digits))
		digits++;
	while (*node && len < NODE_NAME_MAX)
		name[len++] = *node++;
	if (len + digits + 2 > NODE_NAME_MAX)
		return false;
	name[len++] = '@';
	while (digits--)
		name[len++] = "0123456789abcdef"[pa >> (4 * digits) & 0xf];
	name[len] = '\0';
	return true;
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a' + 10);
	return c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A' + 10) : 16;
}

/* What follows a number of at least one digit, or NULL; one that is too large ends early. */
static const char *number(const char *str, uint64_t limit, uint64_t *value)
{
	const char *at = str;

	for (*value = 0; digit(*at) < 16 && *value <= limit >> 4; at++)
		*value = *value << 4 | digit(*at);
	return at == str ? NULL : at;
}

/* Written in one piece, or in two of 32 bits, as by U-Boot's fdtdec. */
static bool unit_address_is(const char *str, uint64_t pa)
{
	uint64_t high, low;

	str = number(str, UINT64_MAX, &high);
	if (str && !*str)
		return high == pa;
	if (!str || *str != ',' || high >> 32)
		return false;
	str = number(str + 1, UINT32_MAX, &low);
	return str && !*str && (high << 32 | low) == pa;
}

/* A placeholder has no unit address, as nobody knew it; or it is this one. */
static bool name_fits(const void *fdt, int node, const char *base, uint64_t pa)
{
	const char *name = fdt_get_name(fdt, node, NULL) +
			   gpuas_fdt_size_(base) - 1;

	return !*name || unit_address_is(name + 1, pa);
}

/* Of several nodes of one name, the one of this address, or else the one that has none. */
static int find_node(const void *fdt, const char *base, uint64_t pa)
{
	int parent = find_reserved(fdt), found = -1;
	int node = gpuas_fdt_child_(fdt, parent, -1, base);

	for (; node >= 0; node = gpuas_fdt_child_(fdt, parent, node, base)) {
		if (!name_fits(fdt, node, base, pa))
			continue;
		found = node;
		if (!gpuas_streq(fdt_get_name(fdt, node, NULL), base))
			break;
	}
	return found;
}

int gpuas_fdt_region_(const struct gpuas_fdt_publication *pub,
		      const struct gpuas_contract_region *how)
{
	const struct gpuas_region *region = gpuas_fdt_found_(pub->manifest, how);
	const void *fdt = pub->edit.fdt;

	if (!how->node)
		return gpuas_fdt_node_(fdt, gpuas_fdt_gpu_(fdt, pub->board),
				       pub->manifest->contract, how, NULL);
	if (how->shared_node && region)
		return find_node(fdt, how->node, gpuas_pa_u64(region->pa));
	return gpuas_fdt_child_(fdt, find_reserved(fdt), -1, how->node);
}

/* What is in a node besides reg; placed last, it comes first. */
static int fill_node(struct gpuas_fdt_edit *edit, int node,
		     const struct gpuas_contract_region *how, bool no_map,
		     const fdt32_t *reg, unsigned int cells)
{
	int err = 0;

	if (no_map)
		err = gpuas_fdt_set_(edit, node, "no-map", "", 0);
	if (!err)
		err = gpuas_fdt_set_(edit, node, "reg", reg,
				     cells * sizeof(*reg));
	if (!err && how->compatible &&
	    !fdt_getprop(edit->fdt, node, "compatible", NULL))
		err = gpuas_fdt_set_string_(edit, node, "compatible",
					    how->compatible);
	return err;
}

/* A reg that is all zeroes is how some trees spell that nobody knows yet. */
static bool has_place(const struct gpuas_fdt_edit *edit, int node)
{
	struct gpuas_fdt_tuples tuples;
	struct gpuas_fdt_range range;

	if (gpuas_fdt_tuples_(edit->fdt, node, "reg", &edit->cells, &tuples))
		return true;
	return tuples.count &&
	       (tuples.count > 1 || gpuas_fdt_tuple_(&tuples, 0, &range) != -GPUAS_ENOENT ||
		range.first);
}

static int fill_region(struct gpuas_fdt_edit *edit, int node,
		       const struct gpuas_contract_region *how,
		       const struct gpuas_region *region,
		       const fdt32_t *reg, unsigned int cells)
{
	const void *fdt = edit->fdt;
	const bool live = gpuas_fdt_enabled_(fdt, node);
	int err;

	if (how->node &&
	    !name_fits(fdt, node, how->node, gpuas_pa_u64(region->pa)))
		return gpuas_fdt_exists_(edit, "region", how->region,
					 "unit address");
	if (live && has_place(edit, node))
		return gpuas_fdt_put_(edit, node, "region", how->region, "reg",
				      reg, cells);
	if (live && fdt_getprop(fdt, node, "size", NULL))
		return gpuas_fdt_exists_(edit, "region", how->region,
					 "node, placed by the kernel");
	err = gpuas_fdt_enable_(edit, node, "region", how->region);
	return err ? err : fill_node(edit, node, how, region->no_map, reg, cells);
}

static int skip_region(struct gpuas_fdt_edit *edit, int node,
		       const struct gpuas_contract_region *how)
{
	if (node >= 0 && gpuas_fdt_enabled_(edit->fdt, node) &&
	    has_place(edit, node))
		return gpuas_fdt_exists_(edit, "region", how->region,
					 "manifest, where it is present");
	return 0;
}

static int add_region(struct gpuas_fdt_edit *edit,
		      const struct gpuas_contract_region *how,
		      const struct gpuas_region *region,
		      const fdt32_t *reg, unsigned int cells)
{
	char name[NODE_NAME_MAX];
	int node, err;

	if (!how->node)
		return gpuas_report(edit->report, -GPUAS_ENOENT, "region", how->region,
				    "is in no list of the GPU node, and its contract has no name for a node");
	if (!full_name(name, how->node, gpuas_pa_u64(region->pa)))
		return gpuas_report(edit->report, -GPUAS_EINVAL, "node",
				    how->node, "has a name that is too long");
	err = gpuas_fdt_add_node_(edit, find_reserved(edit->fdt), name, &node);
	return err ? err : fill_node(edit, node, how, region->no_map, reg, cells);
}

static int have_region(struct gpuas_fdt_publication *pub,
		       const struct gpuas_contract_region *how,
		       const struct gpuas_region *region)
{
	struct gpuas_fdt_edit *edit = &pub->edit;
	const struct gpuas_fdt_cells *cells = &edit->cells;
	const uint64_t pa = gpuas_pa_u64(region->pa);
	int node = gpuas_fdt_region_(pub, how);
	fdt32_t reg[4];

	if (!region->present)
		return skip_region(edit, node, how);
	if (!gpuas_fdt_fits_(pa + region->size - 1, cells->address) ||
	    !gpuas_fdt_fits_(region->size, cells->size))
		return gpuas_report_hex(edit->report, -GPUAS_ERANGE, "region",
					how->region,
					"does not fit the tree's cells: PA", pa);
	gpuas_fdt_store_(reg, cells->address, pa);
	gpuas_fdt_store_(reg + cells->address, cells->size, region->size);
	if (node >= 0)
		return fill_region(edit, node, how, region, reg,
				   cells->address + cells->size);
	return add_region(edit, how, region, reg, cells->address + cells->size);
}

int gpuas_fdt_have_regions_(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_contract *contract = pub->manifest->contract;
	const struct gpuas_contract_region *how;
	const struct gpuas_region *region;
	unsigned int i = contract->regions;
	uint32_t phandle;
	int err = 0;

	while (!err && i--) {
		how = &contract->region[i];
		region = gpuas_fdt_found_(pub->manifest, how);
		if (region)
			err = have_region(pub, how, region);
	}
	for (i = 0; !err && i < contract->regions; i++) {
		how = &contract->region[i];
		region = gpuas_fdt_found_(pub->manifest, how);
		if (region && region->present && !how->unlisted)
			err = gpuas_fdt_phandle_(&pub->edit,
						 gpuas_fdt_region_(pub, how),
						 &phandle);
	}
	return err;
}
