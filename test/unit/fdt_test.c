// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Device trees: of QEMU, of Apple machines, and bad ones (test/unit/fdt/bad-*.dts). */
#include "blob.h"

/* For those who judge trees with other tools: test/dt-schema.sh. */
static void save(const char *name, const void *fdt)
{
	const char *dir = getenv("GPUAS_DTB_DIR");
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/filled-%s.dtb", dir ? dir : ".", name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(fdt, fdt_totalsize(fdt), 1, file), 1);
	fclose(file);
}

/*
 * QEMU's own trees
 */

#define WITHHELD_CPU	"-/cpus/cpu@1:enable-method\n"
#define WITHHELD_STATUS	"+/cpus/cpu@1:status\n"
#define WITHHELD_SMMU	"+/smmuv3@9050000:status\n"
#define WITHHELD_PCIE	"+/pcie@10000000:status\n"

#define QEMU_ADDITIONS \
	"+/gpuas-gpu\n" \
	"+/reserved-memory\n" \
	QEMU_REGIONS
#define QEMU_REGIONS \
	"+/reserved-memory/gpuas-ttbs@50000000\n" \
	"+/reserved-memory/gpuas-pagetables@50020000\n" \
	"+/reserved-memory/gpuas-handoff@50060000\n" \
	"+/reserved-memory/gpuas-fw-text@50080000\n" \
	"+/reserved-memory/gpuas-fw-data@500c0000\n" \
	"+/reserved-memory/gpuas-shared@50140000\n"

struct qemu_tree {
	const char *name;
	const char *diff;
};

static const struct qemu_tree qemu_trees[] = {
	{ "qemu-plain", WITHHELD_CPU QEMU_ADDITIONS WITHHELD_PCIE WITHHELD_STATUS },
	{ "qemu-gic3", WITHHELD_CPU QEMU_ADDITIONS WITHHELD_PCIE WITHHELD_STATUS },
	{ "qemu-smmu", WITHHELD_CPU QEMU_ADDITIONS WITHHELD_SMMU WITHHELD_PCIE WITHHELD_STATUS },
	{ "qemu-el2", WITHHELD_CPU QEMU_ADDITIONS WITHHELD_PCIE WITHHELD_STATUS },
	{ "qemu-lowmem", WITHHELD_CPU QEMU_ADDITIONS WITHHELD_PCIE WITHHELD_STATUS },
};

static void qemu_tree_gets_the_manifest_loses_what_is_withheld_and_no_other_change(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt, *before;
	unsigned int i;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < sizeof(qemu_trees) / sizeof(qemu_trees[0]); i++) {
		fdt = load(qemu_trees[i].name, (size_t)-1);
		before = copy(fdt);
		assert_ok(publish(fdt, qemu, &manifest));
		assert_int_equal(fdt_totalsize(fdt), fdt_totalsize(before));
		assert_int_equal(fdt_check_full(fdt, fdt_totalsize(fdt)), 0);
		assert_diff(before, fdt, qemu_trees[i].diff);
		assert_carries(fdt, qemu, &manifest);
		assert_int_equal(fdt_pack(fdt), 0);
		save(qemu_trees[i].name, fdt);
		free(before);
		free(fdt);
	}
}

/* Same machine, another profile of it: tables that are not in the OS's linear map. */
static void the_second_profile_has_no_map_for_its_tables_alone(void **state)
{
	const struct gpuas_board *board = &gpuas_board_qemu_virt_published;
	static const char tables[] = "/reserved-memory/gpuas-tables@50020000";
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-smmu", (size_t)-1), *before = copy(fdt);

	(void)state;
	manifest_at(&manifest, board, REGION_BASE);
	assert_ok(publish(fdt, board, &manifest));
	assert_diff(before, fdt, WITHHELD_CPU
		    "+/gpuas-gpu\n"
		    "+/reserved-memory\n"
		    "+/reserved-memory/gpuas-ttbs@50000000\n"
		    "+/reserved-memory/gpuas-tables@50020000\n"
		    "+/reserved-memory/gpuas-handoff@50070000\n"
		    "+/reserved-memory/gpuas-fw-text@50090000\n"
		    "+/reserved-memory/gpuas-fw-data@500d0000\n"
		    "+/reserved-memory/gpuas-shared@50150000\n"
		    "+/reserved-memory/gpuas-lent@50170000\n"
		    WITHHELD_SMMU WITHHELD_PCIE WITHHELD_STATUS);
	assert_carries(fdt, board, &manifest);
	assert_non_null(fdt_getprop(fdt, fdt_path_offset(fdt, tables), "no-map", NULL));
	assert_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/reserved-memory/gpuas-ttbs"), "no-map",
				NULL));
	assert_int_equal(check(fdt, qemu), -GPUAS_ENOENT);
	assert_int_equal(fdt_pack(fdt), 0);
	save("qemu-published", fdt);
	fdt_delprop(fdt, fdt_path_offset(fdt, tables), "no-map");
	assert_int_equal(check(fdt, board), -GPUAS_EACCES);
	assert_non_null(strstr(report.text.buf, "region pagetables: lacks no-map"));
	free(before);
	free(fdt);
}

static void regions_and_names_are_in_the_boards_order(void **state)
{
	const char *names = "memory-region-names";
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-plain", 0x1000);
	int gpu, node, parent;
	unsigned int i;
	char base[64];

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	gpu = fdt_path_offset(fdt, "/gpuas-gpu");
	parent = fdt_path_offset(fdt, "/reserved-memory");
	node = fdt_first_subnode(fdt, parent);
	assert_int_equal(fdt_stringlist_count(fdt, gpu, names), qemu->regions);
	for (i = 0; i < qemu->regions; i++) {
		snprintf(base, sizeof(base), "%s@%llx", gpuas_contract_qemu_virt.region[i].node,
			 (unsigned long long)gpuas_pa_u64(manifest.region[i].pa));
		assert_string_equal(fdt_get_name(fdt, node, NULL), base);
		assert_string_equal(fdt_stringlist_get(fdt, gpu, names, (int)i,
						       NULL),
				    qemu->region[i].name);
		assert_int_equal(cells(fdt, gpu, "memory-region", i, 1),
				 fdt_get_phandle(fdt, node));
		assert_int_equal(fdt_node_offset_by_phandle(fdt,
							    fdt_get_phandle(fdt, node)),
				 node);
		node = fdt_next_subnode(fdt, node);
	}
	assert_int_equal(node, -FDT_ERR_NOTFOUND);
	free(fdt);
}

static void a_node_says_reg_phandle_and_gpu_address_only(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-plain", 0x1000);
	int gpu, node, prop, count = 0;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	gpu = fdt_path_offset(fdt, "/gpuas-gpu");
	node = fdt_path_offset(fdt, "/reserved-memory/gpuas-fw-data@500c0000");
	assert_int_equal(cells(fdt, node, "reg", 0, 2), 0x500c0000);
	assert_int_equal(cells(fdt, node, "reg", 2, 2), 0x80000);
	assert_int_equal(cells(fdt, node, "iommu-addresses", 0, 1),
			 fdt_get_phandle(fdt, gpu));
	assert_int_equal(cells(fdt, node, "iommu-addresses", 1, 2),
			 0xffffff8001000000);
	assert_int_equal(cells(fdt, node, "iommu-addresses", 3, 2), 0x80000);
	fdt_for_each_property_offset(prop, fdt, node)
		count++;
	assert_int_equal(count, 3);
	node = fdt_path_offset(fdt, "/reserved-memory/gpuas-ttbs@50000000");
	assert_null(fdt_getprop(fdt, node, "iommu-addresses", NULL));
	free(fdt);
}

static void the_gpu_node_says_sizes_and_windows(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-plain", 0x1000);
	int gpu;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	gpu = fdt_path_offset(fdt, "/gpuas-gpu");
	assert_int_equal(fdt_node_check_compatible(fdt, gpu, qemu->compatible[0]), 0);
	assert_int_equal(cells(fdt, gpu, "gpuas,va-bits", 0, 1), 39);
	assert_int_equal(cells(fdt, gpu, "gpuas,pa-bits", 0, 1), 40);
	assert_int_equal(cells(fdt, gpu, "gpuas,firmware-window", 0, 2),
			 0xffffff8000000000);
	assert_int_equal(cells(fdt, gpu, "gpuas,firmware-window", 2, 2),
			 0x2000000000);
	assert_int_equal(cells(fdt, gpu, "gpuas,host-window", 0, 2),
			 0xffffffa000000000);
	assert_int_equal(cells(fdt, gpu, "gpuas,host-window", 2, 2),
			 0x1000000000);
	free(fdt);
}

static void second_pass_leaves_the_bytes_identical(void **state)
{
	static const char *const trees[] = {
		"qemu-plain", "qemu-smmu", "withhold", "placeholders", "no-cells", "memories",
	};
	struct gpuas_manifest manifest;
	void *fdt, *before;
	unsigned int i;

	(void)state;
	manifest_at(&manifest, qemu, 0x7ff80000);
	for (i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		fdt = load(trees[i], 0x1000);
		assert_ok(publish(fdt, qemu, &manifest));
		before = copy(fdt);
		assert_ok(publish(fdt, qemu, &manifest));
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		free(before);
		free(fdt);
	}
}

static void another_manifest_is_refused_by_region_and_property(void **state)
{
	struct gpuas_manifest manifest, other;
	void *fdt = load("qemu-plain", 0x1000);

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));

	other = manifest;
	other.region[2].pa = gpuas_pa(0x60000000);
	assert_refused(fdt, qemu, &other, -GPUAS_EEXIST, "region handoff");
	other = manifest;
	other.region[5].size *= 2;
	assert_refused(fdt, qemu, &other, -GPUAS_EEXIST, "region shared");
	assert_non_null(strstr(report.text.buf, "reg"));
	free(fdt);
}

/*
 * Placeholders
 */

static void placeholders_are_filled_and_the_gpu_enabled(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("placeholders", 0x1000), *before = copy(fdt);
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_diff(before, fdt,
		    "~/reserved-memory/gpuas-fw-data:status\n"
		    "~/reserved-memory/gpuas-fw-text:reg\n"
		    "~/reserved-memory/gpuas-fw-text:status\n"
		    "~/reserved-memory/gpuas-pagetables:status\n"
		    "~/reserved-memory/gpuas-shared:status\n"
		    "~/reserved-memory/gpuas-ttbs:status\n"
		    "~/gpu:status\n"
		    "+/reserved-memory/gpuas-fw-data:iommu-addresses\n"
		    "+/reserved-memory/gpuas-fw-data:reg\n"
		    "+/reserved-memory/gpuas-fw-text:iommu-addresses\n"
		    "+/reserved-memory/gpuas-handoff:reg\n"
		    "+/reserved-memory/gpuas-pagetables:reg\n"
		    "+/reserved-memory/gpuas-shared:iommu-addresses\n"
		    "+/reserved-memory/gpuas-shared:reg\n"
		    "+/reserved-memory/gpuas-ttbs:reg\n"
		    "+/gpu:memory-region-names\n"
		    "+/gpu:phandle\n"
		    "+/gpu:gpuas,va-bits\n"
		    "+/gpu:gpuas,pa-bits\n"
		    "+/gpu:gpuas,firmware-window\n"
		    "+/gpu:gpuas,host-window\n");
	node = fdt_path_offset(fdt, "/reserved-memory/gpuas-fw-text");
	assert_string_equal(fdt_getprop(fdt, node, "status", NULL), "okay");
	assert_int_equal(cells(fdt, node, "reg", 0, 2), 0x50080000);
	assert_carries(fdt, qemu, &manifest);
	free(before);
	free(fdt);
}

/* As Apple's downstream trees have them, enabled. */
static void a_placeholder_may_have_a_reg_of_zeroes(void **state)
{
	const struct gpuas_board *board = &gpuas_board_apple_t8103;
	static const fdt32_t zeroes[4];
	struct gpuas_manifest manifest;
	void *fdt = load("t8103-j274-gpu", 0x1000);
	int node = fdt_path_offset(fdt, "/reserved-memory/uat-ttbs");

	(void)state;
	manifest_at(&manifest, board, 0x9f0000000);
	assert_int_equal(fdt_delprop(fdt, node, "status"), 0);
	assert_int_equal(fdt_setprop(fdt, node, "reg", zeroes, sizeof(zeroes)), 0);
	assert_ok(publish(fdt, board, &manifest));
	assert_carries(fdt, board, &manifest);
	free(fdt);

	/* A place, however small, is one. */
	fdt = load("t8103-j274-gpu", 0x1000);
	node = fdt_path_offset(fdt, "/reserved-memory/uat-ttbs");
	assert_int_equal(fdt_delprop(fdt, node, "status"), 0);
	assert_int_equal(fdt_setprop_u64(fdt, node, "reg", 0x4000), 0);
	assert_int_equal(fdt_appendprop_u64(fdt, node, "reg", 0), 0);
	assert_refused(fdt, board, &manifest, -GPUAS_EEXIST, "region ttbs");
	free(fdt);
}

static void an_optional_region_that_is_absent_stays_a_placeholder(void **state)
{
	const struct gpuas_board *board = &gpuas_board_apple_t8103;
	struct gpuas_manifest manifest;
	void *fdt = load("t8103-j274-gpu", 0x1000), *before = copy(fdt);
	unsigned int i;

	(void)state;
	manifest_at(&manifest, board, 0x9f0000000);
	for (i = 3; i < 6; i++)
		manifest.region[i].present = false;
	assert_ok(publish(fdt, board, &manifest));
	assert_diff(before, fdt,
		    "~/reserved-memory/uat-handoff:status\n"
		    "~/reserved-memory/uat-pagetables:status\n"
		    "~/reserved-memory/uat-ttbs:status\n"
		    "+/reserved-memory/uat-handoff:reg\n"
		    "+/reserved-memory/uat-pagetables:reg\n"
		    "+/reserved-memory/uat-ttbs:reg\n");
	assert_carries(fdt, board, &manifest);

	/* One that is in the tree after all is not the same manifest. */
	manifest.region[4].present = true;
	assert_ok(publish(fdt, board, &manifest));
	manifest.region[4].present = false;
	assert_refused(fdt, board, &manifest, -GPUAS_EEXIST,
		       "region hw-cal-b: the tree has another");
	free(before);
	free(fdt);
}

static void the_overlays_placeholders_are_filled(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-overlay", 0x1000), *before = copy(fdt);

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_int_equal(check(fdt, qemu), -GPUAS_ENOENT);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_diff(before, fdt,
		    "~/reserved-memory/gpuas-shared:status\n"
		    "~/reserved-memory/gpuas-fw-data:status\n"
		    "~/reserved-memory/gpuas-fw-text:status\n"
		    "~/reserved-memory/gpuas-handoff:status\n"
		    "~/reserved-memory/gpuas-pagetables:status\n"
		    "~/reserved-memory/gpuas-ttbs:status\n"
		    "~/gpuas-gpu:status\n"
		    WITHHELD_CPU
		    "+/reserved-memory/gpuas-shared:iommu-addresses\n"
		    "+/reserved-memory/gpuas-shared:reg\n"
		    "+/reserved-memory/gpuas-fw-data:iommu-addresses\n"
		    "+/reserved-memory/gpuas-fw-data:reg\n"
		    "+/reserved-memory/gpuas-fw-text:iommu-addresses\n"
		    "+/reserved-memory/gpuas-fw-text:reg\n"
		    "+/reserved-memory/gpuas-handoff:reg\n"
		    "+/reserved-memory/gpuas-pagetables:reg\n"
		    "+/reserved-memory/gpuas-ttbs:reg\n"
		    "+/gpuas-gpu:phandle\n"
		    "+/gpuas-gpu:gpuas,va-bits\n"
		    "+/gpuas-gpu:gpuas,pa-bits\n"
		    "+/gpuas-gpu:gpuas,firmware-window\n"
		    "+/gpuas-gpu:gpuas,host-window\n"
		    WITHHELD_PCIE WITHHELD_STATUS);
	assert_carries(fdt, qemu, &manifest);
	save("qemu-overlay", fdt);
	free(before);
	free(fdt);
}

/*
 * Apple's trees, from U-Boot's source
 */

struct machine {
	const char *tree;
	uint64_t ram;
};

/* RAM is as in the trees' own /memory: 8 GiB. */
static const struct machine machines[] = {
	{ "t8103-j274", 0x800000000 },
	{ "t8112-j413", 0x800000000 },
	{ "t6000-j314s", 0x10000000000 },
	{ "t6001-j375c", 0x10000000000 },
	{ "t6002-j375d", 0x10000000000 },
};

enum { MACHINES = sizeof(machines) / sizeof(machines[0]) };

static void *load_apple(const struct machine *machine, const char *suffix,
			size_t extra)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", machine->tree, suffix);
	return load(name, extra);
}

/* The one that a bootloader finds by the tree's own root node. */
static struct gpuas_board board_of(const struct machine *machine)
{
	const struct gpuas_board *board = NULL;
	void *fdt = load_apple(machine, "", 0);
	const char *name;
	int i;

	for (i = 0; !board && (name = fdt_stringlist_get(fdt, 0, "compatible", i, NULL)); i++)
		board = gpuas_board_find(name);
	free(fdt);
	assert_non_null(board);
	return *board;
}

static void apple_trees_without_gpu_are_refused(void **state)
{
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	void *fdt;
	int i;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		board = board_of(&machines[i]);
		fdt = load_apple(&machines[i], "", 0x2000);
		manifest_at(&manifest, &board, machines[i].ram + 0x10000000);
		assert_refused(fdt, &board, &manifest, -GPUAS_ENOENT,
			       board.compatible[0]);
		free(fdt);
	}
}

static const char apple_filled[] =
	"~/reserved-memory/globals:status\n"
	"~/reserved-memory/hw-cal-a:status\n"
	"~/reserved-memory/hw-cal-b:status\n"
	"~/reserved-memory/uat-handoff:status\n"
	"~/reserved-memory/uat-pagetables:status\n"
	"~/reserved-memory/uat-ttbs:status\n"
	"+/reserved-memory/globals:reg\n"
	"+/reserved-memory/hw-cal-a:reg\n"
	"+/reserved-memory/hw-cal-b:reg\n"
	"+/reserved-memory/uat-handoff:reg\n"
	"+/reserved-memory/uat-pagetables:reg\n"
	"+/reserved-memory/uat-ttbs:reg\n";

static void apple_placeholders_get_reg_and_status_and_nothing_else(void **state)
{
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	void *fdt, *before;
	unsigned int r;
	char path[64];
	int i, node;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		board = board_of(&machines[i]);
		fdt = load_apple(&machines[i], "-gpu", 0x1000);
		before = copy(fdt);
		manifest_at(&manifest, &board, machines[i].ram + 0x10000000);
		assert_ok(publish(fdt, &board, &manifest));
		assert_diff(before, fdt, apple_filled);
		for (r = 0; r < board.regions; r++) {
			snprintf(path, sizeof(path), "/reserved-memory/%s",
				 board.contract[0]->region[r].node);
			node = fdt_path_offset(fdt, path);
			assert_string_equal(fdt_getprop(fdt, node, "status", NULL),
					    "okay");
			assert_int_equal(cells(fdt, node, "reg", 0, 2),
					 gpuas_pa_u64(manifest.region[r].pa));
			assert_int_equal(cells(fdt, node, "reg", 2, 2),
					 manifest.region[r].size);
		}
		assert_carries(fdt, &board, &manifest);
		save(machines[i].tree, fdt);
		free(before);
		free(fdt);
	}
}

static void apple_regions_above_ram_extend_memory(void **state)
{
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	void *fdt, *before;
	char path[64], diff[1024];
	int i, node, len;

	(void)state;
	for (i = 0; i < MACHINES; i++) {
		board = board_of(&machines[i]);
		fdt = load_apple(&machines[i], "-gpu", 0x1000);
		before = copy(fdt);
		manifest_at(&manifest, &board, machines[i].ram + 0x200000000);
		assert_ok(publish(fdt, &board, &manifest));
		snprintf(path, sizeof(path), "/memory@%llx",
			 (unsigned long long)machines[i].ram);
		snprintf(diff, sizeof(diff), "~%s:reg\n%s", path, apple_filled);
		assert_diff(before, fdt, diff);
		node = fdt_path_offset(fdt, path);
		assert_non_null(fdt_getprop(fdt, node, "reg", &len));
		assert_int_equal(len, 16);
		assert_int_equal(cells(fdt, node, "reg", 2, 2),
				 0x200000000 + 6 * REGION_SIZE);
		assert_carries(fdt, &board, &manifest);
		free(before);
		free(fdt);
	}
}

/*
 * All or nothing
 */

static void sweep(const char *name, const struct gpuas_board *board,
		  const struct gpuas_manifest *manifest)
{
	void *packed = load(name, 0), *fdt, *before;
	size_t size, room, ok = 0;
	int err;

	assert_ok(gpuas_fdt_room(packed, scratch, sizeof(scratch), board,
				 manifest, &room, &report));
	assert_true(room > used(packed));
	for (size = used(packed) - 64; size < room + 64; size += 4) {
		fdt = malloc(size);
		memcpy(fdt, packed, size < used(packed) ? size : used(packed));
		if (size > used(packed))
			memset((char *)fdt + used(packed), 0xa5,
			       size - used(packed));
		fdt_set_totalsize(fdt, (uint32_t)size);
		before = copy(fdt);
		err = gpuas_fdt_publish(fdt, scratch, size + sizeof(*manifest),
					board, manifest, &report);
		if (size >= room) {
			assert_ok(err);
			assert_int_equal(fdt_totalsize(fdt), size);
			assert_ok(check(fdt, board));
			ok++;
		} else {
			assert_int_equal(err, size < used(packed) ?
						      -GPUAS_EBADMSG :
						      -GPUAS_ENOSPC);
			if (err == -GPUAS_ENOSPC)
				assert_string_equal(report.text.buf,
						    "device tree: has no room");
			assert_memory_equal(fdt, before, size);
		}
		free(before);
		free(fdt);
	}
	assert_true(ok >= 15);

	/* To the byte. */
	fdt = blob_sized(packed, room);
	assert_ok(publish(fdt, board, manifest));
	free(fdt);
	fdt = blob_sized(packed, room - 1);
	assert_refused(fdt, board, manifest, -GPUAS_ENOSPC, "no room");
	free(fdt);
	free(packed);
}

static void every_size_either_suffices_or_leaves_the_blob_alone(void **state)
{
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	char name[64];
	int i;

	(void)state;
	/* Outside /memory too, so that each kind of edit takes part. */
	manifest_at(&manifest, qemu, 0x90000000);
	sweep("qemu-plain", qemu, &manifest);
	sweep("withhold", qemu, &manifest);
	sweep("machine", qemu, &manifest);
	sweep("placeholders", qemu, &manifest);
	sweep("no-cells", qemu, &manifest);
	sweep("memories", qemu, &manifest);
	sweep("empty-reserved", qemu, &manifest);
	/* Without a CPU that leaves room for the devices. */
	board = *qemu;
	board.cpu = 0;
	sweep("qemu-smmu", &board, &manifest);
	for (i = 0; i < 3; i += 2) {
		board = board_of(&machines[i]);
		snprintf(name, sizeof(name), "%s-gpu", machines[i].tree);
		manifest_at(&manifest, &board, machines[i].ram + 0x280000000);
		sweep(name, &board, &manifest);
	}
}

/* Three regions with gaps between them: ranges come, and go when a gap closes. */
static void room_counts_what_was_needed_on_the_way(void **state)
{
	struct gpuas_manifest manifest;

	(void)state;
	manifest_at(&manifest, qemu, 0x90000000);
	manifest.region[0].pa = gpuas_pa(0x80020000);
	manifest.region[1].pa = gpuas_pa(0x80060000);
	manifest.root = manifest.region[1].pa;
	manifest.region[2].pa = gpuas_pa(0x80040000);
	manifest.region[3].pa = gpuas_pa(0x800a0000);
	manifest.region[4].pa = gpuas_pa(0x800e0000);
	manifest.region[5].pa = gpuas_pa(0x80000000);
	sweep("machine", qemu, &manifest);
}

static void room_needs_scratch_for_the_result(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0), *before = copy(fdt);
	const size_t extra = sizeof(manifest);
	size_t sizes[] = { 16, extra, extra + 4, extra + used(fdt), 0 };
	size_t room = 0, i;
	void *work;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; sizes[i]; i++) {
		work = malloc(sizes[i]);
		assert_int_equal(gpuas_fdt_room(fdt, work, sizes[i], qemu,
						&manifest, &room, &report),
				 -GPUAS_ENOSPC);
		free(work);
	}
	assert_int_equal(room, 0);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));

	/* To the byte. */
	assert_ok(gpuas_fdt_room(fdt, scratch, sizeof(scratch), qemu, &manifest,
				 &room, &report));
	work = malloc(room + extra);
	assert_int_equal(gpuas_fdt_room(fdt, work, room - 1 + extra, qemu,
					&manifest, &room, &report),
			 -GPUAS_ENOSPC);
	assert_ok(gpuas_fdt_room(fdt, work, room + extra, qemu, &manifest,
				 &room, &report));
	free(work);
	free(before);
	free(fdt);
}

static void scratch_that_is_unaligned_small_or_the_blob_is_refused(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0x1001), *before = copy(fdt), *work;
	const size_t size = fdt_totalsize(fdt), need = size + sizeof(manifest);

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_int_equal(gpuas_fdt_publish(fdt, (char *)scratch + 4, need, qemu,
					   &manifest, &report),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_fdt_publish(fdt, scratch, need - 1, qemu,
					   &manifest, &report),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_fdt_publish(fdt, scratch, 8, qemu, &manifest,
					   &report),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_fdt_publish(fdt, (char *)fdt + 256, need, qemu,
					   &manifest, &report),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_fdt_publish(fdt, NULL, need, qemu, &manifest,
					   NULL),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_fdt_disable(fdt, scratch, size - 1, qemu, false, &report),
			 -GPUAS_EINVAL);
	assert_memory_equal(fdt, before, size);
	work = malloc(need);
	assert_ok(gpuas_fdt_publish(fdt, work, need, qemu, &manifest,
				    &report));
	free(work);
	free(before);
	free(fdt);
}

static void a_bad_manifest_is_refused_before_the_first_edit(void **state)
{
	struct gpuas_manifest good, bad;
	void *fdt = load("machine", 0x1000);

	(void)state;
	manifest_at(&good, qemu, REGION_BASE);
	bad = good;
	bad.region[0].size = 0;
	assert_refused(fdt, qemu, &bad, -GPUAS_EINVAL, "ttbs");
	bad = good;
	bad.region[2].pa = gpuas_pa(0xffffffffffff0000);
	assert_refused(fdt, qemu, &bad, -GPUAS_EOVERFLOW, "handoff");
	bad = good;
	bad.region[4].present = false;
	assert_refused(fdt, qemu, &bad, -GPUAS_ENOENT, "fw-data");
	free(fdt);
}

/*
 * Blobs that are refused
 */

static void a_misaligned_blob_is_refused(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0x1000);
	const size_t size = fdt_totalsize(fdt);
	char *buf = malloc(size + 8);
	int i;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 1; i < 8; i++) {
		memcpy(buf + i, fdt, size);
		assert_int_equal(publish(buf + i, qemu, &manifest), -GPUAS_EINVAL);
		assert_int_equal(check(buf + i, qemu), -GPUAS_EINVAL);
		assert_int_equal(gpuas_fdt_disable(buf + i, scratch,
						   sizeof(scratch), qemu, false, &report),
				 -GPUAS_EINVAL);
		assert_memory_equal(buf + i, fdt, size);
	}
	assert_int_equal(publish(NULL, qemu, &manifest), -GPUAS_EINVAL);
	free(buf);
	free(fdt);
}

static void other_versions_are_refused(void **state)
{
	static const uint32_t versions[] = { 0, 1, 2, 3, 16, 18 };
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0x1000);
	unsigned int i;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		fdt_set_version(fdt, versions[i]);
		assert_refused(fdt, qemu, &manifest, -GPUAS_EBADMSG, "version");
	}
	free(fdt);
}

static void a_truncated_blob_is_refused(void **state)
{
	struct gpuas_manifest manifest;
	void *whole = load("placeholders", 0), *fdt;
	size_t size;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (size = sizeof(struct fdt_header); size < used(whole); size++) {
		fdt = malloc(size);
		memcpy(fdt, whole, size);
		fdt_set_totalsize(fdt, (uint32_t)size);
		assert_refused(fdt, qemu, &manifest, -GPUAS_EBADMSG, "");
		free(fdt);
	}
	free(whole);
}

static void a_header_that_contradicts_itself_is_refused(void **state)
{
	struct gpuas_manifest manifest;
	void *whole = load("placeholders", 0x1000), *fdt = copy(whole);
	const uint32_t total = fdt_totalsize(whole);

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
#define CONTRADICT(field, value) do { \
		fdt_set_##field(fdt, value); \
		assert_refused(fdt, qemu, &manifest, -GPUAS_EBADMSG, ""); \
		memcpy(fdt, whole, total); \
	} while (0)
	CONTRADICT(magic, 0);
	CONTRADICT(off_dt_struct, fdt_off_dt_struct(whole) + 4);
	CONTRADICT(off_dt_struct, fdt_off_dt_struct(whole) + 1);
	CONTRADICT(off_dt_struct, total);
	CONTRADICT(off_dt_struct, 0xfffffff8);
	CONTRADICT(off_dt_strings, total);
	CONTRADICT(off_dt_strings, 0xffffffff);
	CONTRADICT(off_mem_rsvmap, 0x2c);
	CONTRADICT(off_mem_rsvmap, total - 8);
	CONTRADICT(size_dt_strings, total);
	CONTRADICT(size_dt_strings, 8);
	CONTRADICT(size_dt_struct, 8);
	CONTRADICT(size_dt_struct, 0xffffffff);
	CONTRADICT(last_comp_version, 18);
#undef CONTRADICT
	fdt_set_totalsize(fdt, 0x80000000);
	assert_int_equal(publish(fdt, qemu, &manifest), -GPUAS_EBADMSG);
	fdt_set_totalsize(fdt, total);
	assert_memory_equal(fdt, whole, total);
	free(whole);
	free(fdt);
}

static void change_each_byte(const char *name)
{
	static const unsigned char values[] = { 0x00, 0x01, 0x03, 0x7f, 0xff };
	struct gpuas_manifest manifest, found;
	void *whole = load(name, 0), *fdt, *before;
	size_t at, size, taken = 0;
	unsigned int v;

	manifest_at(&manifest, qemu, 0x7ff80000);
	fdt = blob_sized(whole, used(whole) + 0x400);
	free(whole);
	whole = fdt;
	size = fdt_totalsize(whole);
	for (at = 0; at < used(whole); at++) {
		/* A totalsize beyond the buffer is the caller's lie. */
		if (at >= 4 && at < 8)
			continue;
		for (v = 0; v < sizeof(values); v++) {
			fdt = copy(whole);
			((unsigned char *)fdt)[at] = values[v];
			before = copy(fdt);
			if (publish(fdt, qemu, &manifest)) {
				assert_memory_equal(fdt, before, size);
			} else {
				assert_ok(check(fdt, qemu));
				taken++;
			}
			gpuas_fdt_read(before, qemu, &found, &report);
			gpuas_fdt_read_regions(before, qemu, &found, &report);
			gpuas_fdt_disable(before, scratch, sizeof(scratch), qemu,
					  at % 2, &report);
			free(before);
			free(fdt);
		}
	}
	assert_true(taken);
	free(whole);
}

/* Any single byte may be anything: no crash, and a refusal changes nothing. */
static void no_byte_makes_it_leave_the_blob(void **state)
{
	(void)state;
	change_each_byte("placeholders");
	change_each_byte("withhold");
	change_each_byte("memories");
}

struct bad {
	const char *tree;
	int err;
	const char *words;
};

static const struct bad bad_trees[] = {
	{ "bad-no-map", -GPUAS_EACCES, "region handoff: has no-map" },
	{ "bad-reusable", -GPUAS_EBADMSG, "region fw-data: is reusable" },
	{ "bad-shared-dma-pool", -GPUAS_EBADMSG, "region fw-data" },
	{ "bad-overlaps-node", -GPUAS_ENOTUNIQ,
	  "region ttbs: overlaps node framebuffer@4f000000" },
	{ "bad-overlaps-memreserve", -GPUAS_ENOTUNIQ,
	  "region pagetables: overlaps /memreserve/ at 0x5003f000" },
	{ "bad-memory-odd-reg", -GPUAS_EBADMSG, "memory@80000000" },
	{ "bad-memory-wraps", -GPUAS_EBADMSG, "memory@ffffffff00000000" },
	{ "bad-one-cell-wraps", -GPUAS_EBADMSG, "memory@40000000" },
	{ "bad-no-memory", -GPUAS_EBADMSG, "/memory" },
	{ "bad-three-cells", -GPUAS_EBADMSG, "#address-cells" },
	{ "bad-no-ranges", -GPUAS_EBADMSG, "/reserved-memory" },
	{ "bad-reserved-cells", -GPUAS_EBADMSG, "/reserved-memory" },
	{ "bad-two-reserved-memory", -GPUAS_EBADMSG, "/reserved-memory" },
	{ "bad-two-placeholders", -GPUAS_ENOTUNIQ, "gpuas-ttbs" },
	{ "bad-unit-address", -GPUAS_EEXIST, "region ttbs" },
	{ "bad-dynamic-region", -GPUAS_EEXIST, "region ttbs" },
	{ "bad-other-reg", -GPUAS_EEXIST, "region ttbs: the tree has another reg" },
	{ "bad-status-fail", -GPUAS_EEXIST, "status" },
	{ "bad-node-in-the-way", -GPUAS_EEXIST, "gpuas-gpu" },
	{ "bad-dangling-phandle", -GPUAS_EEXIST, "memory-region" },
	{ "bad-names-not-terminated", -GPUAS_EEXIST, "memory-region-names" },
	{ "bad-phandles-used-up", -GPUAS_E2BIG, "phandle" },
	{ "bad-order", -GPUAS_EEXIST, "memory-region" },
	{ "bad-other-va", -GPUAS_EEXIST, "region shared: the tree has another iommu-addresses" },
	{ "bad-other-window", -GPUAS_EEXIST, "gpuas,host-window" },
	{ "one-cell-gpu", -GPUAS_ERANGE, "region fw-text" },
};

static void bad_trees_are_refused_and_say_why(void **state)
{
	struct gpuas_manifest manifest;
	unsigned int i;
	void *fdt;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < sizeof(bad_trees) / sizeof(bad_trees[0]); i++) {
		fdt = load(bad_trees[i].tree, 0x1000);
		assert_refused(fdt, qemu, &manifest, bad_trees[i].err,
			       bad_trees[i].words);
		free(fdt);
	}
}

/*
 * Reserved memory of others that is odd: what counts is what Linux makes of it
 */

static void a_reg_that_is_cut_off_reserves_nothing(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("odd-reg", 0x1000), *before = copy(fdt);
	char path[] = "/reserved-memory/framebuffer@60000000";

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_diff(before, fdt, "+/gpuas-gpu\n" QEMU_REGIONS);
	assert_carries(fdt, qemu, &manifest);
	free(fdt);

	fdt = before;
	manifest_at(&manifest, qemu, 0x60000000);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	/* One that is not cut off counts. */
	assert_int_equal(fdt_appendprop_u32(fdt, fdt_path_offset(fdt, path), "reg", 0x1000), 0);
	assert_int_equal(check(fdt, qemu), -GPUAS_ENOTUNIQ);
	assert_non_null(strstr(report.text.buf, "overlaps node framebuffer@60000000"));
	free(fdt);
}

static void what_wraps_is_reserved_up_to_the_top(void **state)
{
	struct gpuas_manifest manifest, above;
	void *fdt = load("wrapping-reg", 0x1000);

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	manifest_at(&above, qemu, 0x70000000);
	assert_refused(fdt, qemu, &above, -GPUAS_ENOTUNIQ, "overlaps node framebuffer@60000000");
	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	free(fdt);

	fdt = load("machine", 0x1000);
	assert_int_equal(fdt_add_mem_rsv(fdt, 0x60000000, UINT64_MAX), 0);
	assert_refused(fdt, qemu, &above, -GPUAS_ENOTUNIQ, "overlaps /memreserve/ at 0x60000000");
	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	free(fdt);
}

/*
 * Cells, /reserved-memory
 */

static void a_tree_of_one_cell_takes_what_fits(void **state)
{
	struct gpuas_manifest manifest;
	struct gpuas_contract contract = gpuas_contract_qemu_virt;
	const struct gpuas_contract *const contracts[] = { &contract, NULL };
	struct gpuas_board board = *qemu;
	void *fdt = load("one-cell", 0x1000);
	int node;

	(void)state;
	/* VAs have no room in such a tree, so nothing is said about them. */
	contract.describe = false;
	contract.va = GPUAS_VA_BOARD;
	board.contract = contracts;
	manifest_at(&manifest, &board, 0x100000000);
	assert_refused(fdt, &board, &manifest, -GPUAS_ERANGE, "region shared");
	manifest_at(&manifest, &board, 0x100000000 - 0x160000);
	assert_ok(publish(fdt, &board, &manifest));
	node = fdt_path_offset(fdt, "/reserved-memory");
	assert_int_equal(cells(fdt, node, "#address-cells", 0, 1), 1);
	assert_int_equal(cells(fdt, node, "#size-cells", 0, 1), 1);
	node = fdt_path_offset(fdt, "/reserved-memory/gpuas-shared@fffe0000");
	assert_int_equal(cells(fdt, node, "reg", 0, 1), 0xfffe0000);
	assert_int_equal(cells(fdt, node, "reg", 1, 1), 0x20000);
	assert_carries(fdt, &board, &manifest);

	manifest_at(&manifest, qemu, REGION_BASE);
	free(fdt);
	fdt = load("one-cell", 0x1000);
	assert_refused(fdt, qemu, &manifest, -GPUAS_ERANGE, "VA");
	free(fdt);
}

static void missing_cells_mean_two_and_one(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("no-cells", 0x1000);
	struct gpuas_board board = *qemu;
	int node;

	(void)state;
	manifest_at(&manifest, &board, 0x100000000);
	assert_ok(publish(fdt, &board, &manifest));
	node = fdt_path_offset(fdt, "/reserved-memory");
	assert_int_equal(cells(fdt, node, "#address-cells", 0, 1), 2);
	assert_int_equal(cells(fdt, node, "#size-cells", 0, 1), 1);
	node = fdt_path_offset(fdt, "/reserved-memory/gpuas-ttbs@100000000");
	assert_int_equal(cells(fdt, node, "reg", 0, 2), 0x100000000);
	assert_int_equal(cells(fdt, node, "reg", 2, 1), 0x20000);
	assert_carries(fdt, &board, &manifest);
	free(fdt);
}

static void an_empty_reserved_memory_is_mended(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("empty-reserved", 0x1000);
	int len, node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	node = fdt_path_offset(fdt, "/reserved-memory");
	assert_int_equal(cells(fdt, node, "#address-cells", 0, 1), 2);
	assert_int_equal(cells(fdt, node, "#size-cells", 0, 1), 2);
	assert_non_null(fdt_getprop(fdt, node, "ranges", &len));
	assert_int_equal(len, 0);
	assert_carries(fdt, qemu, &manifest);
	free(fdt);
}

/*
 * Judging trees of others
 */

struct damage {
	const char *path;
	const char *prop;
	const char *value;
	int len;	/* -1: take the property away */
	int err;
	const char *words;
};

#define R "/reserved-memory/"
static const struct damage damages[] = {
	{ R "gpuas-handoff@50060000", "no-map", "", 0, -GPUAS_EACCES, "handoff: has no-map" },
	{ R "gpuas-handoff@50060000", "reusable", "", 0, -GPUAS_EBADMSG, "handoff" },
	{ R "gpuas-handoff@50060000", "compatible", "shared-dma-pool", 16,
	  -GPUAS_EBADMSG, "handoff" },
	{ R "gpuas-handoff@50060000", "status", "disabled", 9, -GPUAS_ENOENT, "handoff" },
	{ R "gpuas-handoff@50060000", "status", "", 0, -GPUAS_ENOENT, "handoff" },
	{ R "gpuas-handoff@50060000", "reg", NULL, -1, -GPUAS_ENOENT, "handoff" },
	{ R "gpuas-handoff@50060000", "reg", "\0\0\0\0\x50\x06\0\0\0\0\0\0", 12,
	  -GPUAS_EBADMSG, "handoff" },
	{ R "gpuas-handoff@50060000", "reg", "\0\0\0\0\x50\x06\0\0\0\0\0\0\0\0\0\0", 16,
	  -GPUAS_EINVAL, "handoff" },
	{ R "gpuas-handoff@50060000", "reg", "\0\0\0\0\x50\x06\0\1\0\0\0\0\0\1\0\0", 16,
	  -GPUAS_EINVAL, "handoff" },
	{ R "gpuas-handoff@50060000", "reg",
	  "\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\2\0\0", 16, -GPUAS_EBADMSG, "handoff" },
	{ R "gpuas-handoff@50060000", "reg", "\0\0\0\0\xa0\0\0\0\0\0\0\0\0\2\0\0", 16,
	  -GPUAS_EFAULT, "handoff: is not inside /memory, from PA 0xa0000000" },
	{ R "gpuas-handoff@50060000", "reg", "\0\0\0\0\x50\x05\0\0\0\0\0\0\0\2\0\0", 16,
	  -GPUAS_ENOTUNIQ, "" },
	{ R "gpuas-handoff@50060000", "reg",
	  "\0\0\0\0\x50\x06\0\0\0\0\0\0\0\2\0\0"
	  "\0\0\0\0\x60\x06\0\0\0\0\0\0\0\2\0\0", 32, -GPUAS_EBADMSG, "handoff" },
	{ R "gpuas-handoff@50060000", "phandle", "\0\0\x12\x34", 4, -GPUAS_EBADMSG,
	  "handoff: is not in /reserved-memory" },
	{ R "other@48000000", "reg", "\0\0\0\0\x50\x06\0\0\0\0\0\0\0\0\0\1", 16,
	  -GPUAS_ENOTUNIQ, "handoff: overlaps node other@48000000" },
	{ R "gpuas-fw-text@50080000", "iommu-addresses", NULL, -1, -GPUAS_EBADMSG, "fw-text" },
	{ R "gpuas-fw-text@50080000", "iommu-addresses", "\0\0\0\1", 4, -GPUAS_EBADMSG, "fw-text" },
	{ R "gpuas-fw-text@50080000", "iommu-addresses",
	  "\0\0\0\1\xff\xff\xff\x80\0\0\0\0\0\0\0\0\0\4\0\0", 20, -GPUAS_EBADMSG, "fw-text" },
	{ "/gpuas-gpu", "phandle", NULL, -1, -GPUAS_EBADMSG, "fw-text" },
	{ "/gpuas-gpu", "phandle", "\0\0\0\1", 4, -GPUAS_EBADMSG, "" },
	{ "/gpuas-gpu", "status", "disabled", 9, -GPUAS_ENOENT, "disabled" },
	{ "/gpuas-gpu", "compatible", "x", 2, -GPUAS_ENOENT, "missing" },
	{ "/gpuas-gpu", "memory-region", NULL, -1, -GPUAS_ENOENT, "memory-region" },
	{ "/gpuas-gpu", "memory-region-names", NULL, -1, -GPUAS_ENOENT, "memory-region" },
	{ "/gpuas-gpu", "memory-region", "\0\0\0\1\0\0", 6, -GPUAS_EBADMSG, "memory-region" },
	{ "/gpuas-gpu", "memory-region", "\0\0\0\1", 4, -GPUAS_EBADMSG, "memory-region" },
	{ "/gpuas-gpu", "memory-region-names", "ttbs", 4, -GPUAS_EBADMSG, "memory-region" },
	{ "/gpuas-gpu", "gpuas,va-bits", "\0\0\1\x27", 4, -GPUAS_EBADMSG, "bits" },
	{ "/gpuas-gpu", "gpuas,va-bits", "\0\0\0\x2a", 4, -GPUAS_ESTALE, "" },
	{ "/gpuas-gpu", "gpuas,pa-bits", NULL, -1, -GPUAS_EBADMSG, "gpuas,pa-bits" },
	{ "/gpuas-gpu", "gpuas,host-window", "\0\0\0\0", 4, -GPUAS_EBADMSG, "gpuas,host-window" },
	{ "/memory@40000000", "reg", "\0\0\0\0\x40\0\0\0\0\0\0\0\x10\6\0\0", 16, -GPUAS_EFAULT,
	  "handoff" },
	{ "/memory@40000000", "status", "disabled", 9, -GPUAS_EFAULT, "ttbs" },
	{ "/memory@40000000", "linux,usable-memory", "", 0, -GPUAS_EFAULT, "ttbs" },
	{ "/reserved-memory", "ranges", NULL, -1, -GPUAS_EBADMSG, "/reserved-memory" },
	{ "/", "#size-cells", "\0\0\0\0", 4, -GPUAS_EBADMSG, "#size-cells" },
};

static void check_finds_what_linux_would_stumble_over(void **state)
{
	struct gpuas_manifest manifest, found;
	void *good = load("machine", 0x1000), *fdt, *before;
	const struct damage *d;
	unsigned int i;
	int node, err;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(good, qemu, &manifest));
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		d = &damages[i];
		fdt = copy(good);
		node = fdt_path_offset(fdt, d->path);
		err = d->len < 0 ? fdt_delprop(fdt, node, d->prop) :
				   fdt_setprop(fdt, node, d->prop, d->value, d->len);
		assert_int_equal(err, 0);
		before = copy(fdt);
		err = check(fdt, qemu);
		if (err != d->err || !strstr(report.text.buf, d->words))
			fail_msg("%s:%s: %d instead of %d, \"%s\" without \"%s\"",
				 d->path, d->prop, err, d->err,
				 report.text.buf, d->words);
		assert_int_equal(gpuas_fdt_check(fdt, qemu, &found, NULL), d->err);
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		free(before);
		free(fdt);
	}
	free(good);
}

static void check_refuses_two_nodes_of_one_name_or_one_phandle(void **state)
{
	struct gpuas_manifest manifest;
	void *good = load("machine", 0x1000), *fdt;
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(good, qemu, &manifest));
	fdt = copy(good);
	node = fdt_path_offset(fdt, "/reserved-memory");
	assert_true(fdt_add_subnode(fdt, node, "gpuas-ttbs@60000000") >= 0);
	assert_int_equal(check(fdt, qemu), -GPUAS_ENOTUNIQ);
	free(fdt);

	fdt = copy(good);
	node = fdt_path_offset(fdt, "/reserved-memory/gpuas-ttbs@50000000");
	assert_int_equal(fdt_setprop_u32(fdt, fdt_add_subnode(fdt, 0, "clock"),
					 "phandle", fdt_get_phandle(fdt, node)),
			 0);
	assert_int_equal(check(fdt, qemu), -GPUAS_EBADMSG);
	free(fdt);
	free(good);
}

static void check_refuses_a_region_outside_reserved_memory(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0x1000);
	fdt32_t *list;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	fdt_setprop_u32(fdt, fdt_path_offset(fdt, "/memory@40000000"), "phandle",
			0x77);
	list = fdt_getprop_w(fdt, fdt_path_offset(fdt, "/gpuas-gpu"),
			     "memory-region", NULL);
	fdt32_st(&list[2], 0x77);
	assert_int_equal(check(fdt, qemu), -GPUAS_EBADMSG);
	assert_non_null(strstr(report.text.buf, "handoff: is not in /reserved-memory"));
	free(fdt);
}

static void read_tells_what_the_tree_says_not_what_the_board_says(void **state)
{
	struct gpuas_manifest manifest, found;
	void *fdt = load("machine", 0x1000);
	fdt32_t *cell;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	cell = fdt_getprop_w(fdt, fdt_path_offset(fdt, R "gpuas-shared@50140000"),
			     "iommu-addresses", NULL);
	fdt32_st(&cell[2], 0x12340000);
	cell = fdt_getprop_w(fdt, fdt_path_offset(fdt, "/gpuas-gpu"),
			     "gpuas,pa-bits", NULL);
	fdt32_st(cell, 36);
	assert_ok(gpuas_fdt_read(fdt, qemu, &found, &report));
	assert_int_equal(gpuas_va_u64(found.region[5].va), 0xffffff8012340000);
	assert_int_equal(found.geo.pa_bits, 36);
	assert_int_equal(check(fdt, qemu), -GPUAS_EBADMSG);
	cell = fdt_getprop_w(fdt, fdt_path_offset(fdt, R "gpuas-shared@50140000"),
			     "iommu-addresses", NULL);
	fdt32_st(&cell[2], 0x02000000);
	fdt32_st(&cell[4], 0x10000);
	assert_int_equal(check(fdt, qemu), -GPUAS_EBADMSG);
	free(fdt);
}

static void regions_can_be_read_without_a_gpu_node(void **state)
{
	struct gpuas_manifest manifest, found;
	void *fdt = load("machine", 0x1000);

	(void)state;
	assert_int_equal(gpuas_fdt_read_regions(fdt, qemu, &found, &report),
			 -GPUAS_ENOENT);
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_int_equal(fdt_del_node(fdt, fdt_path_offset(fdt, "/gpuas-gpu")), 0);
	assert_int_equal(gpuas_fdt_read(fdt, qemu, &found, &report),
			 -GPUAS_ENOENT);
	assert_ok(gpuas_fdt_read_regions(fdt, qemu, &found, &report));
	assert_ok(gpuas_manifest_differs(&manifest, &found, &report));
	free(fdt);
}

/*
 * What the firmware uses
 */

struct left {
	const char *path;
	const char *status;
	int len;	/* -1: no status */
	const char *words;
};

#define DEVICE_LEFT(name)	"device " name ": is the firmware's, and left to the OS"
static const struct left lefts[] = {
	{ "/smmuv3@9050000", NULL, -1, DEVICE_LEFT("arm,smmu-v3") },
	{ "/smmuv3@9050000", "okay", 5, DEVICE_LEFT("arm,smmu-v3") },
	{ "/smmuv3@9050000", "okay", 4, DEVICE_LEFT("arm,smmu-v3") },
	{ "/pcie@10000000", NULL, -1, DEVICE_LEFT("pci-host-ecam-generic") },
	{ "/pcie@10000000", "ok", 3, DEVICE_LEFT("pci-host-ecam-generic") },
};

static void assert_left(const void *fdt, const char *words)
{
	int err = check(fdt, qemu);

	if (err != -GPUAS_EBADMSG || !strstr(report.text.buf, words))
		fail_msg("%d, \"%s\" without \"%s\"", err, report.text.buf, words);
}

static void check_refuses_what_is_left_to_the_os(void **state)
{
	struct gpuas_manifest manifest;
	void *good = load("qemu-smmu", 0x1000), *fdt;
	const struct left *l;
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(good, qemu, &manifest));
	for (l = lefts; l < lefts + sizeof(lefts) / sizeof(lefts[0]); l++) {
		fdt = copy(good);
		node = fdt_path_offset(fdt, l->path);
		assert_string_equal(fdt_getprop(fdt, node, "status", NULL),
				    "disabled");
		assert_int_equal(l->len < 0 ? fdt_delprop(fdt, node, "status") :
				 fdt_setprop(fdt, node, "status", l->status, l->len), 0);
		assert_left(fdt, l->words);
		/* And publishing mends it. */
		assert_ok(publish(fdt, qemu, &manifest));
		assert_diff(good, fdt, "");
		free(fdt);
	}
	fdt = copy(good);
	node = fdt_path_offset(fdt, "/cpus/cpu@1");
	assert_string_equal(fdt_getprop(fdt, node, "status", NULL), "fail");
	assert_int_equal(fdt_delprop(fdt, node, "status"), 0);
	assert_left(fdt, "CPU: is the firmware's, and left to the OS, reg 0x1");
	assert_ok(publish(fdt, qemu, &manifest));
	assert_diff(good, fdt, "");
	free(fdt);
	free(good);
}

static void a_status_that_keeps_the_os_away_is_left_alone(void **state)
{
	static const char *const statuses[] = { "fail", "fail-needs-probe", "reserved" };
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-smmu", 0x1000), *before;
	unsigned int i;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		assert_int_equal(fdt_setprop_string(fdt, fdt_path_offset(fdt, "/smmuv3@9050000"),
						    "status", statuses[i]), 0);
		before = copy(fdt);
		assert_ok(check(fdt, qemu));
		assert_ok(publish(fdt, qemu, &manifest));
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		free(before);
	}
	free(fdt);
}

static void disable(void *fdt, const struct gpuas_board *board, bool withhold)
{
	assert_ok(gpuas_fdt_disable(fdt, scratch, fdt_totalsize(fdt), board,
				    withhold, &report));
}

/* Nothing to withhold, of CPUs and devices that others would. */
static void a_board_that_withholds_nothing_has_nothing_disabled(void **state)
{
	struct gpuas_board board = *qemu;
	struct gpuas_manifest manifest;
	void *fdt = load("qemu-smmu", 0x1000), *before = copy(fdt);

	(void)state;
	board.withhold = NULL;
	board.cpu = 0;
	manifest_at(&manifest, &board, REGION_BASE);
	assert_ok(publish(fdt, &board, &manifest));
	assert_diff(before, fdt, QEMU_ADDITIONS);
	assert_carries(fdt, &board, &manifest);
	free(before);
	before = copy(fdt);
	disable(fdt, &board, true);
	assert_diff(before, fdt, "+/gpuas-gpu:status\n");
	free(before);
	free(fdt);

	fdt = load("t8103-j274", 0x1000);
	before = copy(fdt);
	disable(fdt, &gpuas_board_apple_t8103, true);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);
	free(fdt);
}

/*
 * One change to withhold.dts, and what is withheld then. Without @prop the node
 * goes.
 */
struct oddity {
	const char *path;
	const char *prop;
	const char *value;
	int len;	/* -1: the property goes */
	const char *lost;
	const char *gained;
};

#define C "/cpus/"
#define CPU1	"-" C "cpu@1:enable-method\n", "+" C "cpu@1:status\n"
#define CPU1_CHANGED	"~" C "cpu@1:status\n-" C "cpu@1:enable-method\n", ""
static const struct oddity oddities[] = {
	/* as it was */
	{ C "cpu@0", "device_type", "cpu", 4, CPU1 },
	{ "/cpus", NULL, NULL, 0, "", "" },
	{ C "cpu-map", NULL, NULL, 0, CPU1 },
	{ C "cpu@1", NULL, NULL, 0, "", "" },
	{ C "cpu@1", "phandle", NULL, -1, CPU1 },
	{ C "cpu@1", "phandle", "\0\0\0\1\0\0\0\1", 8, CPU1 },
	{ C "cpu@1", "device_type", NULL, -1, CPU1 },
	{ C "cpu@1", "enable-method", NULL, -1, "", "+" C "cpu@1:status\n" },
	{ C "cpu@1", "reg", NULL, -1, "", "" },
	{ C "cpu@1", "reg", "", 0, "", "" },
	{ C "cpu@1", "reg", "\0\0\0\1", 4, "", "" },
	/* with the tag that follows, the address of CPU 1 */
	{ C "cpu@1", "reg", "\0\0\0\0", 4, "", "" },
	{ C "cpu@1", "reg", "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16, CPU1 },
	{ C "cpu@1", "reg", "\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\1", 16, "", "" },
	/* Linux starts a CPU that is disabled, but none that has failed. */
	{ C "cpu@1", "status", "disabled", 9, CPU1_CHANGED },
	{ C "cpu@1", "status", "failed", 7, CPU1_CHANGED },
	{ C "cpu@1", "status", "fail", 4, CPU1_CHANGED },
	{ C "cpu@1", "status", "fail", 5, "", "" },
	{ C "cpu@1", "status", "fail-fused", 11, "", "" },
	{ C "processor@2", "reg", "\0\0\0\0\0\0\0\1", 8,
	  "-" C "cpu@1:enable-method\n", "+" C "cpu@1:status\n+" C "processor@2:status\n" },
	{ C "processor@2", "device_type", "dsp", 4, CPU1 },
	{ C "cpu-map/cluster0/core0/thread1", "cpu", NULL, -1, CPU1 },
	{ C "cpu-map/cluster0/core0/thread1", "cpu", "\0\0", 2, CPU1 },
	{ "/cpus", "#address-cells", NULL, -1, CPU1 },
	{ "/cpus", "#address-cells", "\0\0\0\0", 4, "", "" },
	{ "/cpus", "#address-cells", "\0\0\0\1", 4, "", "+" C "cpu@100000001:status\n" },
	{ "/cpus", "#address-cells", "\0\0\0\3", 4, "", "" },
	{ "/cpus", "#address-cells", "\0\0\0\5", 4, "", "" },
	{ "/cpus", "#address-cells", "\0\0", 2, "", "" },
};

#define B "/bus/iommu-"
static const char odd_devices[] =
	"~" B "okay:status\n"
	"~" B "ok:status\n"
	"~" B "without-end:status\n"
	"~" B "cut:status\n"
	"~" B "empty:status\n"
	"+/gpuas-gpu\n";

static void odd_trees_lose_what_linux_would_find_in_them(void **state)
{
	struct gpuas_manifest manifest;
	const struct oddity *o;
	void *fdt, *before;
	char diff[1024];
	unsigned int i;
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++) {
		o = &oddities[i];
		fdt = load("withhold", 0x1000);
		node = fdt_path_offset(fdt, o->path);
		assert_int_equal(!o->prop ? fdt_del_node(fdt, node) :
				 o->len < 0 ? fdt_delprop(fdt, node, o->prop) :
				 fdt_setprop(fdt, node, o->prop, o->value, o->len), 0);
		before = copy(fdt);
		disable(fdt, qemu, true);
		snprintf(diff, sizeof(diff), "%s%s%s+" B "okay/pcie:status\n", o->lost,
			 odd_devices, o->gained);
		assert_diff(before, fdt, diff);
		assert_ok(publish(fdt, qemu, &manifest));
		free(before);
		free(fdt);
	}
}

static void missing_cells_of_cpus_are_those_of_the_root(void **state)
{
	struct gpuas_board board = *qemu;
	void *fdt = load("withhold", 0x1000), *before;

	(void)state;
	board.withhold = NULL;
	assert_int_equal(fdt_delprop(fdt, fdt_path_offset(fdt, "/cpus"),
				     "#address-cells"), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#address-cells", 1), 0);
	before = copy(fdt);
	disable(fdt, &board, true);
	assert_diff(before, fdt, "+/gpuas-gpu\n+" C "cpu@100000001:status\n");
	free(before);
	free(fdt);
}

static void assert_leads_to_the_cpu(const void *fdt, const char *path, const char *prop,
				    unsigned int i)
{
	uint64_t phandle = cells(fdt, fdt_path_offset(fdt, path), prop, i, 1);
	int cpu = fdt_path_offset(fdt, C "cpu@1");

	assert_true(cpu >= 0);
	assert_int_equal(fdt_node_offset_by_phandle(fdt, (uint32_t)phandle), cpu);
}

/* Linux gives up a PMU, a thermal zone, or all of cpu-map if a phandle leads nowhere. */
static void who_refers_to_the_cpu_still_finds_it(void **state)
{
	struct gpuas_manifest manifest;
	unsigned int i;
	void *fdt;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < 2; i++) {
		fdt = load("withhold", i ? 0 : 0x1000);
		if (i)
			disable(fdt, qemu, true);
		else
			assert_ok(publish(fdt, qemu, &manifest));
		assert_leads_to_the_cpu(fdt, "/pmu", "interrupt-affinity", 1);
		assert_leads_to_the_cpu(fdt, "/thermal-zones/cooling-maps", "cooling-device", 3);
		assert_leads_to_the_cpu(fdt, "/trace", "cpu", 0);
		assert_leads_to_the_cpu(fdt, C "cpu-map/cluster0/core0/thread1", "cpu", 0);
		assert_true(fdt_path_offset(fdt, C "cpu@1/l2-cache") >= 0);
		assert_string_equal(fdt_getprop(fdt, fdt_path_offset(fdt, C "cpu@1"), "status",
						NULL), "fail");
		free(fdt);
	}
}

/*
 * Bring-ups that failed
 */

static void a_gpu_can_be_disabled_and_enabled_again(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0x1000), *before = copy(fdt), *once;
	int node;

	(void)state;
	disable(fdt, qemu, false);
	assert_diff(before, fdt, "+/gpuas-gpu\n");
	node = fdt_path_offset(fdt, "/gpuas-gpu");
	assert_string_equal(fdt_getprop(fdt, node, "status", NULL), "disabled");
	once = copy(fdt);
	disable(fdt, qemu, false);
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));

	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	free(once);
	once = copy(fdt);
	disable(fdt, qemu, false);
	assert_diff(once, fdt, "~/gpuas-gpu:status\n");
	free(once);
	free(before);
	free(fdt);
}

static void disabling_needs_neither_gpu_nor_a_good_reserved_memory(void **state)
{
	const struct gpuas_board *board = &gpuas_board_apple_t8103;
	void *fdt = load("t8103-j274", 0), *before = copy(fdt);

	(void)state;
	disable(fdt, board, false);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);
	free(fdt);
	fdt = load("bad-no-ranges", 0x100);
	disable(fdt, qemu, false);
	free(fdt);
}

static void a_missing_gpu_needs_no_room_to_stay_missing(void **state)
{
	void *fdt = load("machine", 8), *before = copy(fdt);

	(void)state;
	disable(fdt, qemu, false);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);
	free(fdt);
}

/* There is no GPU that the OS could find, which is all that was wanted. */
static void a_node_in_the_way_of_a_disabled_gpu_stays(void **state)
{
	void *fdt = load("bad-node-in-the-way", 0x1000), *before = copy(fdt);

	(void)state;
	disable(fdt, qemu, true);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);
	free(fdt);
}

/* A published tree with nothing to spare: nobody may take the GPU for usable. */
static void disabling_needs_no_room(void **state)
{
	void *fdt = load("machine", 0x1000);
	struct gpuas_manifest manifest;
	int gpu;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_int_equal(fdt_pack(fdt), 0);
	disable(fdt, qemu, false);
	assert_int_equal(fdt_node_offset_by_compatible(fdt, -1, qemu->compatible[0]),
			 -FDT_ERR_NOTFOUND);
	free(fdt);

	fdt = load("machine", 0x1000);
	assert_ok(publish(fdt, qemu, &manifest));
	gpu = fdt_node_offset_by_compatible(fdt, -1, qemu->compatible[0]);
	assert_int_equal(fdt_setprop_string(fdt, gpu, "status", "okay"), 0);
	assert_int_equal(fdt_pack(fdt), 0);
	disable(fdt, qemu, false);
	gpu = fdt_path_offset(fdt, "/gpuas-gpu");
	assert_string_equal(fdt_getprop(fdt, gpu, "status", NULL), "fail");
	free(fdt);
}

static void disabling_withholds_only_what_a_firmware_uses_that_was_started(void **state)
{
	void *fdt = load("qemu-smmu", 0x1000), *before = copy(fdt);

	(void)state;
	disable(fdt, qemu, false);
	assert_diff(before, fdt, "+/gpuas-gpu\n");
	disable(fdt, qemu, true);
	assert_diff(before, fdt,
		    WITHHELD_CPU "+/gpuas-gpu\n" WITHHELD_SMMU WITHHELD_PCIE WITHHELD_STATUS);
	free(before);
	free(fdt);
}

static void withholding_needs_no_room(void **state)
{
	static const char *const paths[] = { "/smmuv3@9050000", "/pcie@10000000" };
	struct gpuas_board board = *qemu;
	void *fdt = load("qemu-smmu", 0), *before = copy(fdt);
	unsigned int i;

	(void)state;
	disable(fdt, qemu, true);
	assert_diff(before, fdt,
		    "-/smmuv3@9050000:compatible\n-/pcie@10000000:compatible\n"
		    "-/cpus/cpu@1:reg\n-/cpus/cpu@1:enable-method\n"
		    "+/smmuv3@9050000:ompatible\n+/pcie@10000000:ompatible\n");
	free(fdt);

	board.cpu = 0;
	fdt = copy(before);
	disable(fdt, &board, true);
	assert_diff(before, fdt,
		    "-/smmuv3@9050000:compatible\n-/pcie@10000000:compatible\n"
		    "+/smmuv3@9050000:ompatible\n+/pcie@10000000:ompatible\n");
	free(fdt);

	fdt = blob_sized(before, used(before) + 0x100);
	free(before);
	for (i = 0; i < 2; i++)
		assert_int_equal(fdt_setprop_string(fdt, fdt_path_offset(fdt, paths[i]),
						    "status", "okay"), 0);
	assert_int_equal(fdt_pack(fdt), 0);
	disable(fdt, &board, true);
	for (i = 0; i < 2; i++)
		assert_string_equal(fdt_getprop(fdt, fdt_path_offset(fdt, paths[i]),
						"status", NULL), "fail");
	free(fdt);
}

/* Would the OS use a device of this compatible? */
static bool usable(const void *fdt, const char *compatible)
{
	const char *status;
	int node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, compatible)) >= 0) {
		status = fdt_getprop(fdt, node, "status", NULL);
		if (!status || (strcmp(status, "disabled") && strcmp(status, "fail") &&
				strcmp(status, "reserved")))
			return true;
	}
	return false;
}

/* Would it start CPU 1? Where there was no room to say that it must not, its reg is gone. */
static bool starts_cpu(const void *fdt)
{
	int node = fdt_path_offset(fdt, "/cpus/cpu@1");
	const char *status = fdt_getprop(fdt, node, "status", NULL);

	return fdt_getprop(fdt, node, "reg", NULL) && !(status && !strcmp(status, "fail"));
}

/* Disabled as a whole or not at all, without a word, and twice is once. */
static void disable_with_room(const void *packed, size_t extra, bool withhold)
{
	void *fdt = blob_sized(packed, used(packed) + extra), *once;
	struct gpuas_report silence;
	int node;

	memset(&report, 0xa5, sizeof(report));
	silence = report;
	disable(fdt, qemu, withhold);
	assert_memory_equal(&report, &silence, sizeof(report));
	assert_int_equal(fdt_totalsize(fdt), used(packed) + extra);
	assert_int_equal(fdt_check_full(fdt, fdt_totalsize(fdt)), 0);
	assert_false(usable(fdt, qemu->compatible[0]));
	node = fdt_path_offset(fdt, "/gpuas-gpu");
	if (node >= 0 && fdt_path_offset(packed, "/gpuas-gpu") < 0)
		assert_string_equal(fdt_getprop(fdt, node, "status", NULL), "disabled");
	if (withhold) {
		assert_false(usable(fdt, qemu->withhold[0]));
		assert_false(usable(fdt, qemu->withhold[1]));
		assert_false(starts_cpu(fdt));
		assert_int_equal(fdt_path_offset(fdt, "/cpus/cpu@1") < 0,
				 fdt_path_offset(packed, "/cpus/cpu@1") < 0);
	}
	/* Also of what is behind the tree, and whatever the scratch had. */
	memset((char *)fdt + used(fdt), 0x5a, fdt_totalsize(fdt) - used(fdt));
	memset(scratch, 0xa5, fdt_totalsize(fdt));
	once = copy(fdt);
	disable(fdt, qemu, withhold);
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);
	free(fdt);
}

static void disable_with_all_rooms(const void *packed)
{
	size_t extra;

	for (extra = 0; extra < 200; extra++) {
		disable_with_room(packed, extra, false);
		disable_with_room(packed, extra, true);
	}
}

static void disabling_suits_every_size(void **state)
{
	static const char *const trees[] = {
		"machine", "placeholders", "withhold", "qemu-smmu",
	};
	struct gpuas_board board = *qemu;
	struct gpuas_manifest manifest;
	unsigned int i;
	void *fdt;

	(void)state;
	for (i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		fdt = load(trees[i], 0);
		disable_with_all_rooms(fdt);
		free(fdt);
	}
	/* Published, by somebody who leaves all to the OS. */
	board.withhold = NULL;
	board.cpu = 0;
	manifest_at(&manifest, &board, REGION_BASE);
	fdt = load("qemu-smmu", 0x1000);
	assert_ok(publish(fdt, &board, &manifest));
	assert_int_equal(fdt_pack(fdt), 0);
	disable_with_all_rooms(fdt);
	free(fdt);
}

/*
 * Which node is the GPU
 */

static int add_gpu(void *fdt, const char *name, const char *status)
{
	int node = fdt_add_subnode(fdt, 0, name);

	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", qemu->compatible[0]), 0);
	if (status)
		assert_int_equal(fdt_setprop_string(fdt, node, "status", status), 0);
	return node;
}

/* A tree with two GPUs, the first of them named first. */
static void *two_gpus(const char *first, const char *second)
{
	void *fdt = load("machine", 0x1000);

	add_gpu(fdt, "gpu@71000000", second);
	add_gpu(fdt, "gpu@70000000", first);
	return fdt;
}

static void assert_filled(void *fdt, const char *gpu, const char *other)
{
	struct gpuas_manifest manifest;
	void *once;

	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_non_null(fdt_getprop(fdt, fdt_path_offset(fdt, gpu), "memory-region", NULL));
	assert_null(fdt_getprop(fdt, fdt_path_offset(fdt, other), "memory-region", NULL));
	assert_carries(fdt, qemu, &manifest);
	once = copy(fdt);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);
	free(fdt);
}

/* The one that is enabled; else the one that waits for it. */
static void of_two_gpus_the_one_that_the_os_would_use_is_filled(void **state)
{
	(void)state;
	assert_filled(two_gpus("disabled", NULL), "/gpu@71000000", "/gpu@70000000");
	assert_filled(two_gpus("okay", "disabled"), "/gpu@70000000", "/gpu@71000000");
	assert_filled(two_gpus("disabled", "ok"), "/gpu@71000000", "/gpu@70000000");
	assert_filled(two_gpus("fail", "okay"), "/gpu@71000000", "/gpu@70000000");
	assert_filled(two_gpus("fail", "disabled"), "/gpu@71000000", "/gpu@70000000");
	assert_filled(two_gpus("disabled", "reserved"), "/gpu@70000000", "/gpu@71000000");
}

static void two_gpus_that_could_both_be_meant_are_refused_by_name(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = two_gpus(NULL, "okay");

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_refused(fdt, qemu, &manifest, -GPUAS_ENOTUNIQ,
		       "GPU node gpu@70000000: another could be meant, gpu@71000000");
	free(fdt);
	fdt = two_gpus("disabled", "disabled");
	assert_refused(fdt, qemu, &manifest, -GPUAS_ENOTUNIQ, "gpu@71000000");
	free(fdt);

	/* One that came later. */
	fdt = load("machine", 0x1000);
	assert_ok(publish(fdt, qemu, &manifest));
	add_gpu(fdt, "gpu@71000000", "disabled");
	assert_ok(check(fdt, qemu));
	add_gpu(fdt, "gpu@70000000", NULL);
	assert_int_equal(check(fdt, qemu), -GPUAS_ENOTUNIQ);
	free(fdt);
}

static void all_gpus_are_disabled_that_the_os_would_use(void **state)
{
	void *fdt = two_gpus("okay", NULL), *before;

	(void)state;
	add_gpu(fdt, "gpu@72000000", "fail");
	before = copy(fdt);
	disable(fdt, qemu, false);
	assert_diff(before, fdt, "~/gpu@70000000:status\n-/gpu@70000000:compatible\n"
		    "-/gpu@71000000:compatible\n+/gpu@70000000:ompatible\n"
		    "+/gpu@71000000:status\n+/gpu@71000000:ompatible\n");
	free(before);
	before = copy(fdt);
	disable(fdt, qemu, false);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);
	assert_int_equal(fdt_pack(fdt), 0);
	free(fdt);

	/* Without room too. */
	fdt = two_gpus("okay", NULL);
	assert_int_equal(fdt_pack(fdt), 0);
	before = copy(fdt);
	disable(fdt, qemu, false);
	assert_diff(before, fdt, "~/gpu@70000000:status\n-/gpu@70000000:compatible\n"
		    "-/gpu@71000000:compatible\n"
		    "+/gpu@70000000:ompatible\n+/gpu@71000000:ompatible\n");
	free(before);
	free(fdt);
}

/* The stand-in with a name that its trees had once, behind the one that they get. */
static struct gpuas_board of_two_names(void)
{
	static const char *const names[] = {
		"gpuas,qemu-virt-gpu-2", "gpuas,qemu-virt-gpu", NULL,
	};
	struct gpuas_board board = *qemu;

	board.compatible = names;
	return board;
}

static void a_gpu_is_known_by_any_of_its_compatibles(void **state)
{
	const struct gpuas_board board = of_two_names();
	struct gpuas_manifest manifest;
	void *fdt = two_gpus("okay", "disabled");
	int node;

	(void)state;
	manifest_at(&manifest, &board, REGION_BASE);
	assert_ok(publish(fdt, &board, &manifest));
	assert_carries(fdt, &board, &manifest);
	assert_int_equal(fdt_path_offset(fdt, "/gpuas-gpu"), -FDT_ERR_NOTFOUND);

	/* One that is called otherwise could be meant as well. */
	node = fdt_path_offset(fdt, "/gpu@71000000");
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", board.compatible[0]), 0);
	assert_int_equal(fdt_setprop_string(fdt, node, "status", "okay"), 0);
	assert_refused(fdt, &board, &manifest, -GPUAS_ENOTUNIQ,
		       "GPU node gpu@70000000: another could be meant, gpu@71000000");
	free(fdt);

	fdt = load("machine", 0x1000);
	assert_ok(publish(fdt, &board, &manifest));
	node = fdt_path_offset(fdt, "/gpuas-gpu");
	assert_string_equal(fdt_getprop(fdt, node, "compatible", NULL), board.compatible[0]);
	assert_carries(fdt, &board, &manifest);
	free(fdt);
}

/* Somebody else's node has the name that ours would have. */
static void disabling_twice_is_disabling_once_whatever_is_in_the_way(void **state)
{
	void *fdt = load("bad-node-in-the-way", 0x1000), *before;

	(void)state;
	add_gpu(fdt, "m", NULL);
	assert_int_equal(fdt_pack(fdt), 0);
	before = copy(fdt);
	disable(fdt, qemu, false);
	assert_diff(before, fdt, "-/m:compatible\n+/m:ompatible\n");
	free(before);
	before = copy(fdt);
	disable(fdt, qemu, false);
	disable(fdt, qemu, true);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);
	free(fdt);
}

/*
 * What is below a node that is disabled is no device for the OS
 */

static int add_bus(void *fdt, int parent, const char *name, const char *status)
{
	int node = fdt_add_subnode(fdt, parent, name);

	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_u32(fdt, node, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(fdt, node, "#size-cells", 2), 0);
	if (status)
		assert_int_equal(fdt_setprop_string(fdt, node, "status", status), 0);
	return node;
}

/* A GPU at /soc/bus/gpu; libfdt puts new nodes first, so that it is found first. */
static void *gpu_below(const char *soc, const char *bus, const char *gpu, const char *other)
{
	void *fdt = load("machine", 0x1000);
	int node;

	if (other)
		add_gpu(fdt, "gpu@71000000", other);
	node = add_bus(fdt, 0, "soc", soc);
	node = add_bus(fdt, node, "bus", bus);
	node = fdt_add_subnode(fdt, node, "gpu");
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", qemu->compatible[0]), 0);
	if (gpu)
		assert_int_equal(fdt_setprop_string(fdt, node, "status", gpu), 0);
	return fdt;
}

static void a_gpu_below_a_disabled_bus_is_not_the_one_that_is_meant(void **state)
{
	(void)state;
	assert_filled(gpu_below(NULL, NULL, NULL, "disabled"), "/soc/bus/gpu", "/gpu@71000000");
	assert_filled(gpu_below("okay", "ok", "disabled", "fail"), "/soc/bus/gpu",
		      "/gpu@71000000");
	assert_filled(gpu_below(NULL, "disabled", NULL, "disabled"), "/gpu@71000000",
		      "/soc/bus/gpu");
	assert_filled(gpu_below("disabled", NULL, NULL, "okay"), "/gpu@71000000", "/soc/bus/gpu");
	assert_filled(gpu_below("fail", "okay", "disabled", "disabled"), "/gpu@71000000",
		      "/soc/bus/gpu");
}

static void a_gpu_below_a_disabled_bus_is_refused_if_there_is_no_other(void **state)
{
	static const char *const statuses[] = { NULL, "okay", "disabled" };
	struct gpuas_manifest manifest;
	unsigned int i;
	void *fdt;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		fdt = gpu_below("disabled", NULL, statuses[i], NULL);
		assert_refused(fdt, qemu, &manifest, -GPUAS_EEXIST,
			       "GPU node gpu: is below a node that is not enabled");
		free(fdt);
	}
	/* A bus that came to be disabled later. */
	fdt = gpu_below(NULL, NULL, NULL, NULL);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_int_equal(fdt_setprop_string(fdt, fdt_path_offset(fdt, "/soc"), "status",
					    "disabled"), 0);
	assert_int_equal(check(fdt, qemu), -GPUAS_ENOENT);
	assert_non_null(strstr(report.text.buf, "is disabled"));
	free(fdt);
}

static void what_is_below_a_disabled_bus_is_not_left_to_the_os(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = gpu_below("disabled", NULL, "fail", "okay"), *before;
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_ok(publish(fdt, qemu, &manifest));
	node = fdt_add_subnode(fdt, fdt_path_offset(fdt, "/soc/bus"), "iommu");
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", qemu->withhold[0]), 0);
	assert_ok(check(fdt, qemu));
	assert_int_equal(fdt_setprop_string(fdt, fdt_path_offset(fdt, "/soc"), "status", "okay"),
			 0);
	assert_left(fdt, DEVICE_LEFT("arm,smmu-v3"));
	/* Some drivers of Linux look at the node alone, so that it is withheld all the same. */
	assert_int_equal(fdt_setprop_string(fdt, fdt_path_offset(fdt, "/soc"), "status",
					    "disabled"), 0);
	before = copy(fdt);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_diff(before, fdt, "+/soc/bus/iommu:status\n");
	free(before);
	free(fdt);
}

/*
 * What was disabled for want of room has to be a GPU again once there is some
 */

static void *resized(void *fdt, size_t extra)
{
	void *blob = blob_sized(fdt, used(fdt) + extra);

	free(fdt);
	return blob;
}

static void *packed(void *fdt)
{
	assert_int_equal(fdt_pack(fdt), 0);
	return resized(fdt, 0);
}

/* Gives back a tree with room. */
static void *disable_and_publish(void *fdt, const char *gpu)
{
	static const char compatibles[] = "vendor,gpu\0gpuas,qemu-virt-gpu";
	struct gpuas_manifest manifest;
	int node, len;
	void *once;

	manifest_at(&manifest, qemu, REGION_BASE);
	fdt = packed(fdt);
	disable(fdt, qemu, false);
	assert_false(usable(fdt, qemu->compatible[0]));
	assert_int_equal(gpuas_fdt_check(fdt, qemu, &manifest, &report), -GPUAS_ENOENT);
	manifest_at(&manifest, qemu, REGION_BASE);
	once = copy(fdt);
	disable(fdt, qemu, false);
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);

	/* Nor is there another GPU now that there is room for one. */
	fdt = resized(fdt, 0x1000);
	once = copy(fdt);
	disable(fdt, qemu, false);
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);

	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	node = fdt_path_offset(fdt, gpu);
	assert_int_equal(fdt_node_offset_by_compatible(fdt, -1, qemu->compatible[0]), node);
	assert_memory_equal(fdt_getprop(fdt, node, "compatible", &len), compatibles,
			    sizeof(compatibles));
	assert_int_equal(len, sizeof(compatibles));
	assert_string_equal(fdt_getprop(fdt, node, "status", NULL), "okay");
	assert_null(fdt_getprop(fdt, node, "ompatible", NULL));
	once = copy(fdt);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);
	return fdt;
}

static void a_gpu_that_was_disabled_without_room_can_be_published(void **state)
{
	static const char *const statuses[] = { "okay", "ok", NULL };
	static const char compatibles[] = "vendor,gpu\0gpuas,qemu-virt-gpu";
	struct gpuas_manifest manifest;
	unsigned int i, twice;
	void *fdt;
	int node;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		fdt = load("machine", 0x1000);
		node = add_gpu(fdt, "gpu@70000000", statuses[i]);
		assert_int_equal(fdt_setprop(fdt, node, "compatible", compatibles,
					     sizeof(compatibles)), 0);
		fdt = packed(fdt);
		assert_refused(fdt, qemu, &manifest, -GPUAS_ENOSPC, "has no room");
		/* The second time, what is disabled was published. */
		for (twice = 0; twice < 2; twice++)
			fdt = disable_and_publish(fdt, "/gpu@70000000");
		assert_int_equal(fdt_path_offset(fdt, "/gpuas-gpu"), -FDT_ERR_NOTFOUND);
		free(fdt);
	}
}

/* With room, without, and back. */
static void gpus_of_all_names_are_disabled_and_had_again(void **state)
{
	const struct gpuas_board board = of_two_names();
	void *fdt = two_gpus("okay", "okay"), *before;
	int node = fdt_path_offset(fdt, "/gpu@71000000");
	struct gpuas_manifest manifest;

	(void)state;
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", board.compatible[0]), 0);
	before = copy(fdt);
	disable(fdt, &board, false);
	assert_diff(before, fdt, "~/gpu@70000000:status\n-/gpu@70000000:compatible\n"
		    "~/gpu@71000000:status\n-/gpu@71000000:compatible\n"
		    "+/gpu@70000000:ompatible\n+/gpu@71000000:ompatible\n");
	free(fdt);

	fdt = packed(before);
	disable(fdt, &board, false);
	assert_false(usable(fdt, board.compatible[0]));
	assert_false(usable(fdt, board.compatible[1]));
	before = copy(fdt);
	disable(fdt, &board, false);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	free(before);

	/* Both are back as what they were, so that either could be meant. */
	fdt = resized(fdt, 0x1000);
	manifest_at(&manifest, &board, REGION_BASE);
	assert_refused(fdt, &board, &manifest, -GPUAS_ENOTUNIQ, "gpu@71000000");
	free(fdt);
}

/* Who could be meant before can be so after, and nobody else; also with room for one word. */
static void gpus_that_were_disabled_without_room_are_as_many_as_before(void **state)
{
	static const char *const statuses[][2] = { { "okay", NULL }, { NULL, NULL }, { "ok", "okay" } };
	struct gpuas_manifest manifest;
	unsigned int i, room;
	void *fdt;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	for (i = 0; i < 3; i++) {
		for (room = 0; room <= 80; room += 4) {
			fdt = packed(two_gpus(statuses[i][0], statuses[i][1]));
			fdt = resized(fdt, room);
			disable(fdt, qemu, false);
			assert_false(usable(fdt, qemu->compatible[0]));
			fdt = resized(fdt, 0x1000);
			assert_refused(fdt, qemu, &manifest, -GPUAS_ENOTUNIQ, "gpu@71000000");
			free(fdt);
		}
	}

	/* What somebody else says has failed, has. */
	fdt = load("machine", 0x1000);
	add_gpu(fdt, "gpu@70000000", "fail");
	fdt = packed(fdt);
	disable(fdt, qemu, false);
	fdt = resized(fdt, 0x1000);
	assert_refused(fdt, qemu, &manifest, -GPUAS_EEXIST, "status");
	free(fdt);
}

/* Beside one that waits to be enabled, the one that was on is found again. */
static void of_two_gpus_the_one_that_was_disabled_by_us_is_had_again(void **state)
{
	static const char *const statuses[] = { "okay", NULL };
	unsigned int i, room;
	void *fdt, *before;

	(void)state;
	for (i = 0; i < 4; i++) {
		room = i & 1;
		fdt = two_gpus("disabled", statuses[i >> 1]);
		if (!room)
			fdt = packed(fdt);
		disable(fdt, qemu, false);
		assert_false(usable(fdt, qemu->compatible[0]));
		before = copy(fdt);
		disable(fdt, qemu, false);
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		free(before);
		if (!room)
			fdt = resized(fdt, 0x1000);
		assert_filled(fdt, "/gpu@71000000", "/gpu@70000000");
	}
}

/* As a loader keeps the OS off where there is no room for more. */
static void a_region_that_was_reserved_by_its_range_is_published(void **state)
{
	struct gpuas_manifest manifest;
	const struct gpuas_region *region = manifest.region;
	void *fdt = load("machine", 0x1000), *plain = load("machine", 0x1000);
	unsigned int i;

	(void)state;
	manifest_at(&manifest, qemu, REGION_BASE);
	assert_int_equal(fdt_add_mem_rsv(fdt, 0x48000000, 0x1000), 0);
	assert_int_equal(fdt_add_mem_rsv(plain, 0x48000000, 0x1000), 0);
	for (i = 0; i < manifest.regions; i++)
		assert_int_equal(fdt_add_mem_rsv(fdt, gpuas_pa_u64(region[i].pa),
						 region[i].size), 0);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	assert_int_equal(fdt_num_mem_rsv(fdt), 1);
	assert_ok(publish(plain, qemu, &manifest));
	assert_diff(plain, fdt, "");
	free(plain);
	free(fdt);

	/* Any other range is somebody else's. */
	fdt = load("machine", 0x1000);
	assert_int_equal(fdt_add_mem_rsv(fdt, gpuas_pa_u64(region[1].pa),
					 region[1].size + 1), 0);
	assert_refused(fdt, qemu, &manifest, -GPUAS_ENOTUNIQ, "overlaps /memreserve/ at");
	free(fdt);
}

/*
 * Unit addresses are numbers
 */

struct unit_address {
	uint64_t pa;
	const char *name;
	bool same;
};

static const struct unit_address unit_addresses[] = {
	/* as U-Boot's fdtdec_add_reserved_memory() spells them */
	{ 0x9fffb8000, "gpuas-ttbs@9,fffb8000", true },
	{ 0x900000000, "gpuas-ttbs@9,0", true },
	{ 0x900020000, "gpuas-ttbs@9,20000", true },
	{ 0x50000000, "gpuas-ttbs@0,50000000", true },
	/* as people do */
	{ 0x9fffb8000, "gpuas-ttbs@9FFFB8000", true },
	{ 0x9fffb8000, "gpuas-ttbs@9,FffB8000", true },
	{ 0x9fffb8000, "gpuas-ttbs@00000009fffb8000", true },
	{ 0x9fffb8000, "gpuas-ttbs@9fffb8000", true },
	{ 0x9fffb8000, "gpuas-ttbs", true },
	/* and others */
	{ 0x9fffb8000, "gpuas-ttbs@9,fffb8001", false },
	{ 0x9fffb8000, "gpuas-ttbs@fffb8000", false },
	{ 0x9fffb8000, "gpuas-ttbs@9fffb800", false },
	{ 0x9fffb8000, "gpuas-ttbs@9fffb8,000", false },
	{ 0x9fffb8000, "gpuas-ttbs@9,9,fffb8000", false },
	{ 0x9fffb8000, "gpuas-ttbs@0,9fffb8000", false },
	{ 0x9fffb8000, "gpuas-ttbs@", false },
	{ 0x900000000, "gpuas-ttbs@9,", false },
	{ 0x9fffb8000, "gpuas-ttbs@,9fffb8000", false },
	{ 0x9fffb8000, "gpuas-ttbs@x9fffb8000", false },
	{ 0x9fffb8000, "gpuas-ttbs@9fffb8000.1", false },
	{ 0x9fffb8000, "gpuas-ttbs@100000009fffb8000", false },
	{ 0x9fffb8000, "gpuas-ttbs@1,0,9fffb8000", false },
};

static void unit_addresses_are_compared_as_numbers(void **state)
{
	const struct unit_address *u = unit_addresses;
	struct gpuas_board board = *qemu;
	struct gpuas_manifest manifest;
	void *fdt;
	int node;

	(void)state;
	board.align = 0x4000;
	for (; u < unit_addresses + sizeof(unit_addresses) / sizeof(unit_addresses[0]); u++) {
		fdt = load("machine", 0x1000);
		node = fdt_add_subnode(fdt, fdt_path_offset(fdt, "/reserved-memory"), u->name);
		assert_int_equal(fdt_setprop_u64(fdt, node, "reg", u->pa), 0);
		assert_int_equal(fdt_appendprop_u64(fdt, node, "reg", REGION_SIZE), 0);
		manifest_at(&manifest, &board, u->pa);
		if (!u->same) {
			assert_refused(fdt, &board, &manifest, -GPUAS_EEXIST,
				       "region ttbs: the tree has another unit address");
		} else {
			assert_ok(publish(fdt, &board, &manifest));
			assert_carries(fdt, &board, &manifest);
		}
		free(fdt);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(qemu_tree_gets_the_manifest_loses_what_is_withheld_and_no_other_change),
	cmocka_unit_test(the_second_profile_has_no_map_for_its_tables_alone),
	cmocka_unit_test(regions_and_names_are_in_the_boards_order),
	cmocka_unit_test(a_node_says_reg_phandle_and_gpu_address_only),
	cmocka_unit_test(the_gpu_node_says_sizes_and_windows),
	cmocka_unit_test(second_pass_leaves_the_bytes_identical),
	cmocka_unit_test(another_manifest_is_refused_by_region_and_property),
	cmocka_unit_test(placeholders_are_filled_and_the_gpu_enabled),
	cmocka_unit_test(a_placeholder_may_have_a_reg_of_zeroes),
	cmocka_unit_test(an_optional_region_that_is_absent_stays_a_placeholder),
	cmocka_unit_test(the_overlays_placeholders_are_filled),
	cmocka_unit_test(apple_trees_without_gpu_are_refused),
	cmocka_unit_test(apple_placeholders_get_reg_and_status_and_nothing_else),
	cmocka_unit_test(apple_regions_above_ram_extend_memory),
	cmocka_unit_test(every_size_either_suffices_or_leaves_the_blob_alone),
	cmocka_unit_test(room_counts_what_was_needed_on_the_way),
	cmocka_unit_test(room_needs_scratch_for_the_result),
	cmocka_unit_test(scratch_that_is_unaligned_small_or_the_blob_is_refused),
	cmocka_unit_test(a_bad_manifest_is_refused_before_the_first_edit),
	cmocka_unit_test(a_misaligned_blob_is_refused),
	cmocka_unit_test(other_versions_are_refused),
	cmocka_unit_test(a_truncated_blob_is_refused),
	cmocka_unit_test(a_header_that_contradicts_itself_is_refused),
	cmocka_unit_test(no_byte_makes_it_leave_the_blob),
	cmocka_unit_test(bad_trees_are_refused_and_say_why),
	cmocka_unit_test(a_reg_that_is_cut_off_reserves_nothing),
	cmocka_unit_test(what_wraps_is_reserved_up_to_the_top),
	cmocka_unit_test(a_tree_of_one_cell_takes_what_fits),
	cmocka_unit_test(missing_cells_mean_two_and_one),
	cmocka_unit_test(an_empty_reserved_memory_is_mended),
	cmocka_unit_test(check_finds_what_linux_would_stumble_over),
	cmocka_unit_test(check_refuses_two_nodes_of_one_name_or_one_phandle),
	cmocka_unit_test(check_refuses_a_region_outside_reserved_memory),
	cmocka_unit_test(read_tells_what_the_tree_says_not_what_the_board_says),
	cmocka_unit_test(regions_can_be_read_without_a_gpu_node),
	cmocka_unit_test(check_refuses_what_is_left_to_the_os),
	cmocka_unit_test(a_status_that_keeps_the_os_away_is_left_alone),
	cmocka_unit_test(a_board_that_withholds_nothing_has_nothing_disabled),
	cmocka_unit_test(odd_trees_lose_what_linux_would_find_in_them),
	cmocka_unit_test(missing_cells_of_cpus_are_those_of_the_root),
	cmocka_unit_test(who_refers_to_the_cpu_still_finds_it),
	cmocka_unit_test(a_gpu_can_be_disabled_and_enabled_again),
	cmocka_unit_test(disabling_needs_neither_gpu_nor_a_good_reserved_memory),
	cmocka_unit_test(a_missing_gpu_needs_no_room_to_stay_missing),
	cmocka_unit_test(a_node_in_the_way_of_a_disabled_gpu_stays),
	cmocka_unit_test(disabling_needs_no_room),
	cmocka_unit_test(disabling_withholds_only_what_a_firmware_uses_that_was_started),
	cmocka_unit_test(withholding_needs_no_room),
	cmocka_unit_test(disabling_suits_every_size),
	cmocka_unit_test(of_two_gpus_the_one_that_the_os_would_use_is_filled),
	cmocka_unit_test(two_gpus_that_could_both_be_meant_are_refused_by_name),
	cmocka_unit_test(all_gpus_are_disabled_that_the_os_would_use),
	cmocka_unit_test(a_gpu_is_known_by_any_of_its_compatibles),
	cmocka_unit_test(disabling_twice_is_disabling_once_whatever_is_in_the_way),
	cmocka_unit_test(a_gpu_that_was_disabled_without_room_can_be_published),
	cmocka_unit_test(gpus_of_all_names_are_disabled_and_had_again),
	cmocka_unit_test(gpus_that_were_disabled_without_room_are_as_many_as_before),
	cmocka_unit_test(of_two_gpus_the_one_that_was_disabled_by_us_is_had_again),
	cmocka_unit_test(a_region_that_was_reserved_by_its_range_is_published),
	cmocka_unit_test(a_gpu_below_a_disabled_bus_is_not_the_one_that_is_meant),
	cmocka_unit_test(a_gpu_below_a_disabled_bus_is_refused_if_there_is_no_other),
	cmocka_unit_test(what_is_below_a_disabled_bus_is_not_left_to_the_os),
	cmocka_unit_test(unit_addresses_are_compared_as_numbers),
};

UNIT_MAIN(tests)
