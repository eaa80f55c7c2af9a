// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What the firmware uses, and the OS must not find: devices and a CPU. However odd
 * the tree: what counts is what Linux would find in it.
 */
#include "fdt_internal.h"

/*
 * A status that is no string may pass for anything. Some drivers of Linux look at the
 * node alone, as those of clocks: what is below a disabled node is disabled as well.
 */
static bool may_be_enabled(const void *fdt, int node)
{
	const char *status = fdt_stringlist_get(fdt, node, "status", 0, NULL);

	return !status || gpuas_streq(status, "okay") ||
	       gpuas_streq(status, "ok");
}

/* The next device after @node, or the first, that has no status to keep the OS away. */
static int next_device(const void *fdt, int node, const char *compatible)
{
	do
		node = fdt_node_offset_by_compatible(fdt, node, compatible);
	while (node >= 0 && !may_be_enabled(fdt, node));
	return node;
}

/* Devices below a node that is not enabled are none for most of the OS. */
static bool left_to_os(const void *fdt, int node)
{
	while (node > 0 && may_be_enabled(fdt, node))
		node = fdt_parent_offset(fdt, node);
	return !node;
}

static bool any_left(const void *fdt, const char *compatible)
{
	int node = next_device(fdt, -1, compatible);

	while (node >= 0 && !left_to_os(fdt, node))
		node = next_device(fdt, node, compatible);
	return node >= 0;
}

/* Edits are inside of the node, which stays where it is. */
static int disable_each(struct gpuas_fdt_edit *edit, const char *compatible)
{
	int node = next_device(edit->fdt, -1, compatible), err = 0;

	while (!err && node >= 0) {
		err = gpuas_fdt_disable_(edit, node, "device", compatible);
		node = next_device(edit->fdt, node, compatible);
	}
	return err;
}

int gpuas_fdt_disable_all_(struct gpuas_fdt_edit *edit,
			   const char *const *compatible)
{
	int err = 0;

	for (; !err && compatible && *compatible; compatible++)
		err = disable_each(edit, *compatible);
	return err;
}

/* of_n_addr_cells() in Linux asks the nodes above if a node does not say. */
static int cpu_cells(const void *fdt, int cpus)
{
	if (!fdt_getprop(fdt, cpus, "#address-cells", NULL))
		cpus = 0;
	return fdt_address_cells(fdt, cpus);
}

/* of_get_next_cpu_node() and of_get_cpu_hwid(): name or type, and the first address. */
static bool is_cpu(const void *fdt, int node, int cells, uint64_t cpu)
{
	int len;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);

	return (gpuas_fdt_named_(fdt, node, "cpu") ||
		gpuas_fdt_is_(fdt, node, "device_type", "cpu")) &&
	       reg && cells > 0 && len >= cells * (int)sizeof(*reg) &&
	       gpuas_fdt_load_(reg, (unsigned int)cells) == cpu;
}

/* __of_device_is_fail(): "fail", or that and why. */
static bool has_failed(const void *fdt, int node)
{
	static const char fail[] = { 'f', 'a', 'i', 'l' };
	const int size = sizeof(fail);
	int len;
	const char *status = fdt_stringlist_get(fdt, node, "status", 0, &len);

	return status && len >= size && !memcmp(status, fail, sizeof(fail)) &&
	       (len == size || status[size] == '-');
}

/* The firmware's CPU, if the OS would start it, or negative. */
static int find_cpu(const void *fdt, const struct gpuas_board *board)
{
	int node, cpus = gpuas_fdt_child_(fdt, 0, -1, "cpus");

	if (cpus < 0 || !board->cpu)
		return -FDT_ERR_NOTFOUND;
	fdt_for_each_subnode(node, fdt, cpus)
		if (is_cpu(fdt, node, cpu_cells(fdt, cpus), board->cpu) &&
		    !has_failed(fdt, node))
			return node;
	return -FDT_ERR_NOTFOUND;
}

/*
 * "fail" says that there is no such CPU (Devicetree Specification 0.4, 3.8), and Linux
 * takes it so from 5.17 on; older ones start none without a method. The node stays for
 * who refers to it: cpu-map, interrupt-affinity, cooling maps. Linux does not see what
 * has no reg either, which needs no room.
 */
static int hide_cpu(struct gpuas_fdt_edit *edit, int node)
{
	static const char fail[] = "fail";
	int err = fdt_delprop(edit->fdt, node, "enable-method");

	if (!err || err == -FDT_ERR_NOTFOUND)
		err = fdt_setprop(edit->fdt, node, "status", fail, sizeof(fail));
	if (err == -FDT_ERR_NOSPACE && edit->in_place)
		err = fdt_nop_property(edit->fdt, node, "reg");
	return gpuas_fdt_step_(edit, err, "node", "cpu");
}

int gpuas_fdt_withhold_(struct gpuas_fdt_edit *edit,
			const struct gpuas_board *board)
{
	int node = find_cpu(edit->fdt, board), err = 0;

	for (; !err && node >= 0; node = find_cpu(edit->fdt, board))
		err = hide_cpu(edit, node);
	return err ? err : gpuas_fdt_disable_all_(edit, board->withhold);
}

int gpuas_fdt_withheld_(const void *fdt, const struct gpuas_board *board,
			struct gpuas_report *report)
{
	const char *const *compatible = board->withhold;

	for (; compatible && *compatible; compatible++)
		if (any_left(fdt, *compatible))
			return gpuas_report(report, -GPUAS_EBADMSG, "device",
					    *compatible,
					    "is the firmware's, and left to the OS");
	if (find_cpu(fdt, board) < 0)
		return 0;
	return gpuas_report_hex(report, -GPUAS_EBADMSG, "CPU", NULL,
				"is the firmware's, and left to the OS, reg",
				board->cpu);
}
