/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* The device tree of the machine of snaps.h, with its manifest in it. */
#ifndef TREE_BLOB_H
#define TREE_BLOB_H

#include "../unit/snaps.h"

#include <libfdt.h>

#include <gpuas/fdt.h>

enum { TREE_BLOB = 1 << 14 };

static inline const void *tree_blob(struct snap *m)
{
	const struct gpuas_board *board = m->bringup.board;
	const fdt64_t reg[2] = { cpu_to_fdt64(RAM_BASE), cpu_to_fdt64(RAM_SIZE) };
	static uint64_t blob[TREE_BLOB / 8], scratch[TREE_BLOB / 4];
	struct gpuas_report report;
	int node;

	assert_int_equal(fdt_create_empty_tree(blob, sizeof(blob)), 0);
	assert_int_equal(fdt_setprop_string(blob, 0, "compatible", board->machine[0]), 0);
	assert_int_equal(fdt_setprop_u32(blob, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(blob, 0, "#size-cells", 2), 0);
	node = fdt_add_subnode(blob, 0, "memory@800000000");
	assert_true(node > 0);
	assert_int_equal(fdt_setprop_string(blob, node, "device_type", "memory"), 0);
	assert_int_equal(fdt_setprop(blob, node, "reg", reg, sizeof(reg)), 0);
	if (gpuas_fdt_publish(blob, scratch, sizeof(scratch), board, &m->bringup.manifest, &report))
		fail_msg("%s", report.text.buf);
	return blob;
}

#endif /* TREE_BLOB_H */
