// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The form of a blob, and looking things up in it. */
#include "fdt_internal.h"

enum {
	FDT_VERSION = 17,
	RSVMAP_ALIGN = 8,
	STRUCT_ALIGN = 4,
};

int gpuas_fdt_report_(struct gpuas_report *report, int err, const char *thing,
		      const char *name, const char *problem,
		      const char *quoted)
{
	gpuas_report(report, err, thing, name, problem);
	if (report)
		gpuas_text_str(&report->text, quoted);
	return err;
}

/* That there is no room is nothing that libfdt has to explain. */
int gpuas_fdt_error_(int fdt_err, struct gpuas_report *report,
		     const char *thing, const char *name)
{
	if (fdt_err == -FDT_ERR_NOSPACE)
		return gpuas_report(report, -GPUAS_ENOSPC, "device tree", NULL,
				    "has no room");
	return gpuas_fdt_report_(report, -GPUAS_EBADMSG, thing, name,
				 "libfdt says ", fdt_strerror(fdt_err));
}

/*
 * Version 16 passes fdt_check_full() and fails it after fdt_open_into(); blocks
 * that are not aligned make libfdt's own loads undefined.
 */
int gpuas_fdt_sound_(const void *fdt, struct gpuas_report *report)
{
	const char *thing = "device tree";
	int err;

	if (!fdt || (uintptr_t)fdt % RSVMAP_ALIGN)
		return gpuas_report(report, -GPUAS_EINVAL, thing, NULL,
				    "is not aligned to 8 bytes");
	if (fdt_magic(fdt) != FDT_MAGIC)
		return gpuas_report(report, -GPUAS_EBADMSG, thing, NULL,
				    "has no magic number");
	if (fdt_version(fdt) != FDT_VERSION)
		return gpuas_report_hex(report, -GPUAS_EBADMSG, thing, NULL,
					"is not of version 17 but",
					fdt_version(fdt));
	if (fdt_off_mem_rsvmap(fdt) % RSVMAP_ALIGN ||
	    fdt_off_dt_struct(fdt) % STRUCT_ALIGN)
		return gpuas_report(report, -GPUAS_EBADMSG, thing, NULL,
				    "has a header that makes no sense");
	err = fdt_check_full(fdt, fdt_totalsize(fdt));
	if (err)
		return gpuas_fdt_error_(err, report, thing, NULL);
	return 0;
}

bool gpuas_fdt_cells_(const void *fdt, int node, struct gpuas_fdt_cells *cells)
{
	int address = fdt_address_cells(fdt, node);
	int size = fdt_size_cells(fdt, node);

	if (address < 1 || address > 2 || size < 1 || size > 2)
		return false;
	cells->address = (unsigned int)address;
	cells->size = (unsigned int)size;
	return true;
}

/* Explicitly: Linux takes a missing property for a wrong one. */
static bool has_cells(const void *fdt, int node, const char *prop,
		      unsigned int cells)
{
	int len;
	const fdt32_t *value = fdt_getprop(fdt, node, prop, &len);

	return value && len == sizeof(*value) && fdt32_to_cpu(*value) == cells;
}

bool gpuas_fdt_reserved_valid_(const void *fdt, int reserved,
			       const struct gpuas_fdt_cells *cells)
{
	int len;

	return has_cells(fdt, reserved, "#address-cells", cells->address) &&
	       has_cells(fdt, reserved, "#size-cells", cells->size) &&
	       fdt_getprop(fdt, reserved, "ranges", &len) && !len;
}

static int check_reserved(const void *fdt, const struct gpuas_fdt_cells *cells,
			  struct gpuas_report *report)
{
	int node = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");

	if (node < 0)
		return 0;
	if (gpuas_fdt_child_(fdt, 0, node, "reserved-memory") >= 0)
		return gpuas_report(report, -GPUAS_EBADMSG, "node",
				    "/reserved-memory", "is there twice");
	if (fdt_first_subnode(fdt, node) >= 0 &&
	    !gpuas_fdt_reserved_valid_(fdt, node, cells))
		return gpuas_report(report, -GPUAS_EBADMSG, "node",
				    "/reserved-memory",
				    "has not the root's cells, or no empty ranges");
	return 0;
}

int gpuas_fdt_open_(const void *fdt, struct gpuas_fdt_cells *cells,
		    struct gpuas_report *report)
{
	int err = gpuas_fdt_sound_(fdt, report);

	if (err)
		return err;
	if (!gpuas_fdt_cells_(fdt, 0, cells))
		return gpuas_report(report, -GPUAS_EBADMSG, "node", "/",
				    "has #address-cells or #size-cells that are not 1 or 2");
	err = check_reserved(fdt, cells, report);
	if (err)
		return err;
	return gpuas_fdt_memory_valid_(fdt, cells, report);
}

bool gpuas_fdt_named_(const void *fdt, int node, const char *name)
{
	int len, i;
	const char *full = fdt_get_name(fdt, node, &len);

	if (!full)
		return false;
	for (i = 0; i < len && full[i] != '@' && full[i] == name[i]; i++)
		;
	return !name[i] && (i == len || full[i] == '@');
}

int gpuas_fdt_child_(const void *fdt, int parent, int node, const char *name)
{
	node = node < 0 ? fdt_first_subnode(fdt, parent) :
			  fdt_next_subnode(fdt, node);
	while (node >= 0 && !gpuas_fdt_named_(fdt, node, name))
		node = fdt_next_subnode(fdt, node);
	return node;
}

int gpuas_fdt_gpu_(const void *fdt, const struct gpuas_board *board)
{
	return fdt_node_offset_by_compatible(fdt, -1, board->compatible);
}

static bool is_string(const char *value, int len, const char *str)
{
	return value && len > 0 && !value[len - 1] && gpuas_streq(value, str);
}

bool gpuas_fdt_is_(const void *fdt, int node, const char *prop,
		   const char *str)
{
	int len;
	const char *value = fdt_getprop(fdt, node, prop, &len);

	return is_string(value, len, str);
}

bool gpuas_fdt_enabled_(const void *fdt, int node)
{
	int len;
	const char *value = fdt_getprop(fdt, node, "status", &len);

	return !value || is_string(value, len, "okay") ||
	       is_string(value, len, "ok");
}

uint64_t gpuas_fdt_load_(const fdt32_t *cell, unsigned int cells)
{
	uint64_t value = 0;

	for (; cells--; cell++)
		value = value << 32 | fdt32_to_cpu(*cell);
	return value;
}

void gpuas_fdt_store_(fdt32_t *cell, unsigned int cells, uint64_t value)
{
	while (cells--) {
		fdt32_st(cell + cells, (uint32_t)value);
		value >>= 32;
	}
}

bool gpuas_fdt_fits_(uint64_t value, unsigned int cells)
{
	return cells > 1 || !(value >> 32);
}

int gpuas_fdt_tuples_(const void *fdt, int node, const char *prop,
		      const struct gpuas_fdt_cells *cells,
		      struct gpuas_fdt_tuples *tuples)
{
	const unsigned int size = (cells->address + cells->size) *
				  sizeof(fdt32_t);
	int len = 0;

	tuples->cell = fdt_getprop(fdt, node, prop, &len);
	tuples->cells = *cells;
	tuples->count = 0;
	if (!tuples->cell)
		return 0;
	if ((unsigned int)len % size)
		return -GPUAS_EBADMSG;
	tuples->count = (unsigned int)len / size;
	return 0;
}

int gpuas_fdt_tuple_(const struct gpuas_fdt_tuples *tuples, unsigned int i,
		     struct gpuas_fdt_range *range)
{
	const struct gpuas_fdt_cells *cells = &tuples->cells;
	const fdt32_t *cell = tuples->cell +
			      i * (cells->address + cells->size);
	uint64_t size = gpuas_fdt_load_(cell + cells->address, cells->size);

	range->first = gpuas_fdt_load_(cell, cells->address);
	range->last = range->first + size - 1;
	if (!size)
		return -GPUAS_ENOENT;
	if (range->last < range->first ||
	    !gpuas_fdt_fits_(range->last, cells->address))
		return -GPUAS_EBADMSG;
	return 0;
}

bool gpuas_fdt_overlap_(const struct gpuas_fdt_range *a,
			const struct gpuas_fdt_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}

struct gpuas_fdt_range gpuas_fdt_pas_(const struct gpuas_region *region)
{
	struct gpuas_fdt_range range;

	range.first = gpuas_pa_u64(region->pa);
	range.last = range.first + (region->size - 1);
	return range;
}
