// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the firmware uses, and the OS must not find: devices and a CPU. */
#include "fdt_internal.h"

static int by_compatible(const void *fdt, int node, const char *compatible)
{
	return fdt_node_offset_by_compatible(fdt, node, compatible);
}

/* Without room for "disabled", nobody finds a node that has no compatible. */
static int disable(struct gpuas_fdt_edit *edit, int node, const char *name)
{
	int err = gpuas_fdt_set_string_(edit, node, "status", "disabled");

	if (err == -GPUAS_ENOSPC)
		err = gpuas_fdt_step_(edit, fdt_nop_property(edit->fdt, node,
							     "compatible"),
				      "device", name);
	return err;
}

static int withhold_devices(struct gpuas_fdt_edit *edit, const char *compatible)
{
	int node, err = 0;

	for (node = by_compatible(edit->fdt, -1, compatible); !err && node >= 0;
	     node = by_compatible(edit->fdt, node, compatible)) {
		if (gpuas_fdt_enabled_(edit->fdt, node))
			err = disable(edit, node, compatible);
	}
	return err;
}

/* The firmware's CPU, or negative. */
static int find_cpu(const void *fdt, const struct gpuas_board *board)
{
	int node, len, cpus = gpuas_fdt_child_(fdt, 0, -1, "cpus");
	const fdt32_t *reg;

	if (cpus < 0 || !board->cpu)
		return -FDT_ERR_NOTFOUND;
	fdt_for_each_subnode(node, fdt, cpus) {
		if (!gpuas_fdt_is_(fdt, node, "device_type", "cpu"))
			continue;
		reg = fdt_getprop(fdt, node, "reg", &len);
		if (reg && (len == 4 || len == 8) &&
		    gpuas_fdt_load_(reg, (unsigned int)len / 4) == board->cpu)
			return node;
	}
	return -FDT_ERR_NOTFOUND;
}

/* Its place in the topology goes first: it is found by the CPU's phandle. */
static int withhold_cpu(struct gpuas_fdt_edit *edit,
			const struct gpuas_board *board)
{
	int core, node = find_cpu(edit->fdt, board);
	fdt32_t phandle;

	if (node < 0)
		return 0;
	fdt32_st(&phandle, fdt_get_phandle(edit->fdt, node));
	core = fdt_node_offset_by_prop_value(edit->fdt, -1, "cpu", &phandle,
					     sizeof(phandle));
	if (phandle && core >= 0)
		fdt_del_node(edit->fdt, core);
	node = find_cpu(edit->fdt, board);
	return gpuas_fdt_step_(edit, fdt_del_node(edit->fdt, node), "node",
			       "cpus");
}

int gpuas_fdt_withhold_(struct gpuas_fdt_edit *edit,
			const struct gpuas_board *board)
{
	const char *const *compatible = board->withhold;
	int err = 0;

	for (; !err && compatible && *compatible; compatible++)
		err = withhold_devices(edit, *compatible);
	return err ? err : withhold_cpu(edit, board);
}

int gpuas_fdt_withheld_(const void *fdt, const struct gpuas_board *board,
			struct gpuas_report *report)
{
	const char *const *compatible = board->withhold;
	int node;

	for (; compatible && *compatible; compatible++) {
		for (node = by_compatible(fdt, -1, *compatible); node >= 0;
		     node = by_compatible(fdt, node, *compatible)) {
			if (gpuas_fdt_enabled_(fdt, node))
				return gpuas_report(report, -GPUAS_EBADMSG,
						    "device", *compatible,
						    "is the firmware's, and left to the OS");
		}
	}
	if (find_cpu(fdt, board) < 0)
		return 0;
	return gpuas_report_hex(report, -GPUAS_EBADMSG, "CPU", NULL,
				"is the firmware's, and left to the OS, reg",
				board->cpu);
}
