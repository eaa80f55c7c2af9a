// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * lib/linux/of*.c read trees through Linux' own calls, and here through such on a blob
 * (test/unit/of/): they find what lib/fdt/ finds, and refuse what that refuses.
 */
#include "contracts.h"

#include <linux/device.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <gpuas_linux.h>

static int read_tree(const void *fdt, const struct gpuas_board *board, const char *gpu_path,
		     struct gpuas_manifest *manifest)
{
	struct gpuas_linux gpu;
	struct device dev;

	of_fake(fdt);
	memset(&gpu, 0, sizeof(gpu));
	memset(&report, 0, sizeof(report));
	dev.of_node = of_find_node_by_path(gpu_path);
	assert_non_null(dev.of_node);
	gpu.dev = &dev;
	gpu.board = board;
	return gpuas_linux_read(&gpu, manifest, &report);
}

static void both_readers_find_the_same_manifest(void **state)
{
	struct gpuas_manifest here, there;
	struct gpuas_board board;
	unsigned int i;
	void *fdt;

	(void)state;
	for (i = 0; i < LINES; i++) {
		board = board_of(&lines[i]);
		fdt = load_filled(&lines[i]);
		assert_ok(gpuas_fdt_check(fdt, &board, &there, &report));
		assert_ok(read_tree(fdt, &board, "/gpu", &here));
		assert_ok(gpuas_manifest_differs(&here, &there, &report));
		assert_ptr_equal(here.contract, there.contract);
		free(fdt);
	}
}

static void the_stand_ins_tree_too(void **state)
{
	struct gpuas_manifest manifest, here;
	void *fdt = load("qemu-plain", 0x1000);

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_ok(read_tree(fdt, qemu, "/gpuas-gpu", &here));
	assert_ok(gpuas_manifest_differs(&manifest, &here, &report));
	free(fdt);
}

static void both_readers_refuse_the_same_defects(void **state)
{
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	unsigned int i;
	void *fdt;
	int err;

	(void)state;
	for (i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
		board = board_of(&lines[defects[i].line]);
		fdt = load_filled(&lines[defects[i].line]);
		spoil(fdt, &defects[i]);
		err = read_tree(fdt, &board, "/gpu", &manifest);
		if (err != defects[i].err || !report.text.len)
			fail_msg("%s %s:%s: %d instead of %d, \"%s\"", board.name,
				 defects[i].path, defects[i].prop, err, defects[i].err,
				 report.text.buf);
		free(fdt);
	}
}

static void both_readers_find_the_same_contract_or_none(void **state)
{
	static const struct gpuas_contract *const list[] = {
		&gpuas_contract_aurora_g16, &gpuas_contract_gravity_g16, NULL,
	};
	struct gpuas_board board = board_of(&lines[G16]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[G16_VM]);
	int gpu = fdt_path_offset(fdt, "/gpu");

	(void)state;
	board.contract = list;
	assert_ok(read_tree(fdt, &board, "/gpu", &manifest));
	assert_ptr_equal(manifest.contract, &gpuas_contract_gravity_g16);
	assert_int_equal(fdt_setprop_u32(fdt, gpu, "apple,g16-handoff-version", 1), 0);
	assert_int_equal(read_tree(fdt, &board, "/gpu", &manifest), -GPUAS_ENOTUNIQ);
	assert_string_equal(report.text.buf,
			    "device tree: fits more than one contract: aurora-g16, gravity-g16");
	assert_int_equal(fdt_delprop(fdt, gpu, "apple,g16-handoff-version"), 0);
	assert_int_equal(fdt_appendprop_string(fdt, gpu, "memory-region-names", "more"), 0);
	assert_int_equal(read_tree(fdt, &board, "/gpu", &manifest), -GPUAS_ENOENT);
	assert_string_equal(report.text.buf,
			    "device tree: fits none of the board's contracts: aurora-g16, gravity-g16");
	free(fdt);
}

/* Which of two is meant, nobody knows, whether it may be missing or not. */
static void both_readers_refuse_two_nodes_of_a_name(void **state)
{
	struct gpuas_board board = board_of(&lines[G16_VM]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[G16_VM]);
	int parent = fdt_path_offset(fdt, "/reserved-memory");
	int node = fdt_add_subnode(fdt, parent, "gpu-firmware-shared-ro@1");

	(void)state;
	assert_in_range(node, 1, INT_MAX);
	assert_int_equal(fdt_setprop_string(fdt, node, "status", "disabled"), 0);
	assert_int_equal(gpuas_fdt_check(fdt, &board, &manifest, &report), -GPUAS_ENOTUNIQ);
	assert_int_equal(read_tree(fdt, &board, "/gpu", &manifest), -GPUAS_ENOTUNIQ);
	free(fdt);
}

/* Nor by a phandle: the kernel looks for its reservation by name. */
static void both_readers_refuse_two_nodes_of_a_listed_name(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-plain", 0x1000);
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_ok(read_tree(fdt, qemu, "/gpuas-gpu", &manifest));
	node = fdt_add_subnode(fdt, fdt_path_offset(fdt, "/reserved-memory"), "gpuas-shared@1");
	assert_in_range(node, 1, INT_MAX);
	assert_int_equal(fdt_setprop_string(fdt, node, "status", "disabled"), 0);
	assert_int_equal(gpuas_fdt_check(fdt, qemu, &manifest, &report), -GPUAS_ENOTUNIQ);
	assert_int_equal(read_tree(fdt, qemu, "/gpuas-gpu", &manifest), -GPUAS_ENOTUNIQ);
	free(fdt);
}

/* Too many nodes, one that another one overlaps: the kernel goes on without some. */
static void what_the_kernel_did_not_reserve_is_refused(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-plain", 0x1000);
	static const uint64_t less[] = { 0, 0x1000 };
	unsigned int i;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	for (i = 0; i < 2; i++) {
		of_fake_reserved("gpuas-shared", less[i]);
		assert_int_equal(read_tree(fdt, qemu, "/gpuas-gpu", &manifest), -GPUAS_EBADMSG);
		assert_string_equal(report.text.buf,
				    "region shared: has a node for which the kernel has not reserved what its reg says");
	}
	of_fake_reserved(NULL, 0);
	assert_ok(read_tree(fdt, qemu, "/gpuas-gpu", &manifest));
	free(fdt);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(both_readers_find_the_same_manifest),
	cmocka_unit_test(the_stand_ins_tree_too),
	cmocka_unit_test(both_readers_refuse_the_same_defects),
	cmocka_unit_test(both_readers_find_the_same_contract_or_none),
	cmocka_unit_test(both_readers_refuse_two_nodes_of_a_name),
	cmocka_unit_test(both_readers_refuse_two_nodes_of_a_listed_name),
	cmocka_unit_test(what_the_kernel_did_not_reserve_is_refused),
};

UNIT_MAIN(tests)
