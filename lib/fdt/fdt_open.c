// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The form of a blob: is it sound, and can reserved memory be described in it? */
#include "fdt_internal.h"

enum {
	FDT_VERSION = 17,
	RSVMAP_ALIGN = 8,
	STRUCT_ALIGN = 4,
};

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
		return gpuas_report_dec(report, -GPUAS_EBADMSG, thing, NULL,
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
