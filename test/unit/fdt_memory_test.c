// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is RAM for the OS, and who else wants a piece of it. */
#include "blob.h"

struct ram_range {
	uint64_t first;
	uint64_t size;
};

/* A tree with these ranges in one /memory node, or in one each. */
static void *tree_with_memory(const struct ram_range *range, unsigned int count,
			      bool apart)
{
	char *fdt = calloc(1, 0x2000), name[32];
	unsigned int i, n;
	int node;

	assert_int_equal(fdt_create_empty_tree(fdt, 0x2000), 0);
	fdt_setprop_u32(fdt, 0, "#address-cells", 2);
	fdt_setprop_u32(fdt, 0, "#size-cells", 2);
	/* libfdt puts new nodes in front. */
	for (i = apart ? count : 1; i--;) {
		snprintf(name, sizeof(name), "memory@%u", i);
		node = fdt_add_subnode(fdt, 0, name);
		fdt_setprop_string(fdt, node, "device_type", "memory");
		n = apart ? i : 0;
		do {
			fdt_appendprop_u64(fdt, node, "reg", range[n].first);
			fdt_appendprop_u64(fdt, node, "reg", range[n].size);
		} while (!apart && ++n < count);
	}
	return fdt;
}

/* One region; so that ranges can be chosen freely. */
static struct gpuas_board_region lone_region = {
	.name = "pagetables",
	.role = GPUAS_ROLE_PAGETABLES,
};

static const struct gpuas_contract_region lone_stand = {
	.region = "pagetables",
	.name = "pagetables",
	.node = "gpuas-pagetables",
};

static const struct gpuas_contract lone_contract = {
	.name = "lone",
	.region = &lone_stand,
	.regions = 1,
};

static const struct gpuas_contract *const lone_contracts[] = { &lone_contract, NULL };

static struct gpuas_board lone_board(void)
{
	struct gpuas_board board = *qemu;

	board.contract = lone_contracts;
	board.adopt = true;
	board.region = &lone_region;
	board.regions = 1;
	return board;
}

struct extension {
	struct ram_range before[4];
	struct ram_range region;
	struct ram_range after[5];
	bool apart;
};

#define MB 0x100000ULL
static const struct extension extensions[] = {
	/* inside, also across two adjacent ranges and overlapping ones: no change */
	{ { { 16 * MB, 16 * MB } }, { 24 * MB, MB }, { { 16 * MB, 16 * MB } }, false },
	{ { { 16 * MB, 16 * MB }, { 32 * MB, 16 * MB } }, { 31 * MB, 2 * MB },
	  { { 16 * MB, 16 * MB }, { 32 * MB, 16 * MB } }, false },
	{ { { 32 * MB, 16 * MB }, { 16 * MB, 16 * MB } }, { 31 * MB, 2 * MB },
	  { { 32 * MB, 16 * MB }, { 16 * MB, 16 * MB } }, true },
	{ { { 16 * MB, 16 * MB }, { 24 * MB, 24 * MB } }, { 20 * MB, 20 * MB },
	  { { 16 * MB, 16 * MB }, { 24 * MB, 24 * MB } }, false },
	/* outside: a range of its own */
	{ { { 16 * MB, 16 * MB } }, { 64 * MB, MB },
	  { { 16 * MB, 16 * MB }, { 64 * MB, MB } }, false },
	/* at the end, at the start, and over either edge */
	{ { { 16 * MB, 16 * MB } }, { 32 * MB, MB }, { { 16 * MB, 17 * MB } }, false },
	{ { { 16 * MB, 16 * MB } }, { 15 * MB, MB }, { { 15 * MB, 17 * MB } }, false },
	{ { { 16 * MB, 16 * MB } }, { 30 * MB, 4 * MB }, { { 16 * MB, 18 * MB } }, false },
	{ { { 16 * MB, 16 * MB } }, { 14 * MB, 4 * MB }, { { 14 * MB, 18 * MB } }, false },
	{ { { 16 * MB, 16 * MB } }, { 0, 16 * MB }, { { 0, 32 * MB } }, false },
	/* around it */
	{ { { 16 * MB, 16 * MB } }, { 8 * MB, 32 * MB }, { { 8 * MB, 32 * MB } }, false },
	/* closes a gap: the two become one; of different nodes, they stay apart */
	{ { { 16 * MB, 16 * MB }, { 34 * MB, 16 * MB } }, { 32 * MB, 2 * MB },
	  { { 16 * MB, 34 * MB } }, false },
	{ { { 34 * MB, 16 * MB }, { 16 * MB, 16 * MB } }, { 31 * MB, 4 * MB },
	  { { 16 * MB, 34 * MB } }, false },
	{ { { 16 * MB, 16 * MB }, { 34 * MB, 16 * MB } }, { 32 * MB, 2 * MB },
	  { { 16 * MB, 18 * MB }, { 34 * MB, 16 * MB } }, true },
	/* two gaps */
	{ { { 16 * MB, MB }, { 18 * MB, MB }, { 20 * MB, MB } }, { 15 * MB, 8 * MB },
	  { { 15 * MB, 8 * MB } }, false },
	/* empty ranges are not RAM, and stay */
	{ { { 16 * MB, 16 * MB }, { 64 * MB, 0 }, { 0, MB } }, { 64 * MB, MB },
	  { { 16 * MB, 16 * MB }, { 64 * MB, 0 }, { 0, MB }, { 64 * MB, MB } }, false },
};

static unsigned int count_ranges(const struct ram_range *range, unsigned int max)
{
	while (max && !range[max - 1].size)
		max--;
	return max;
}

static void assert_memory(const void *fdt, const struct ram_range *expected,
			  unsigned int count)
{
	int node, len, i;
	unsigned int n = 0;

	fdt_for_each_subnode(node, fdt, 0) {
		if (!fdt_getprop(fdt, node, "device_type", NULL))
			continue;
		fdt_getprop(fdt, node, "reg", &len);
		for (i = 0; i < len / 16; i++, n++) {
			assert_in_range(n, 0, count - 1);
			assert_int_equal(cells(fdt, node, "reg", 4 * (unsigned int)i, 2),
					 expected[n].first);
			assert_int_equal(cells(fdt, node, "reg", 4 * (unsigned int)i + 2, 2),
					 expected[n].size);
		}
	}
	assert_int_equal(n, count);
}

static void regions_outside_memory_extend_it_by_the_fewest_ranges(void **state)
{
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	const struct extension *x;
	unsigned int i;
	void *fdt;

	(void)state;
	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		x = &extensions[i];
		fdt = tree_with_memory(x->before, count_ranges(x->before, 4),
				       x->apart);
		manifest_at(&manifest, &board, x->region.first);
		manifest.region[0].size = x->region.size;
		assert_ok(publish(fdt, &board, &manifest));
		assert_memory(fdt, x->after, count_ranges(x->after, 5));
		assert_ok(publish(fdt, &board, &manifest));
		free(fdt);
	}
}

/* As loaders do that write /memory last. */
static void memory_that_was_cut_since_is_extended_again(void **state)
{
	struct gpuas_manifest manifest;
	void *fdt = load("machine", 0x1000), *once;
	fdt64_t *reg;

	(void)state;
	manifest_at(&manifest, qemu, 0x80000000);
	assert_ok(publish(fdt, qemu, &manifest));
	once = copy(fdt);
	reg = fdt_getprop_w(fdt, fdt_path_offset(fdt, "/memory@40000000"), "reg",
			    NULL);
	fdt64_st(&reg[1], 0x40000000);
	assert_int_equal(check(fdt, qemu), -GPUAS_EFAULT);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);
	free(fdt);
}

static void memory_that_ends_at_the_top_of_the_address_space_is_fine(void **state)
{
	static const struct ram_range range[] = {
		{ 16 * MB, 16 * MB }, { 0xffffffff00000000, 0x100000000 },
	};
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 2, false);

	(void)state;
	manifest_at(&manifest, &board, 20 * MB);
	assert_ok(publish(fdt, &board, &manifest));
	free(fdt);
}

/*
 * Ranges that meet
 */

struct merging {
	struct ram_range before[4];
	struct ram_range after[4];
	bool apart;
};

/* A region at 128 MB, size 1 MB, is put into each. */
static const struct merging mergings[] = {
	/* two that meet, in either order, and any number of them */
	{ { { 16 * MB, MB }, { 17 * MB, MB } }, { { 16 * MB, 2 * MB }, { 128 * MB, MB } }, false },
	{ { { 17 * MB, MB }, { 16 * MB, MB } }, { { 16 * MB, 2 * MB }, { 128 * MB, MB } }, false },
	{ { { 18 * MB, MB }, { 16 * MB, MB }, { 19 * MB, MB }, { 17 * MB, MB } },
	  { { 16 * MB, 4 * MB }, { 128 * MB, MB } }, false },
	/* two that overlap, or are one inside the other, or twice the same */
	{ { { 16 * MB, 4 * MB }, { 18 * MB, 4 * MB } },
	  { { 16 * MB, 6 * MB }, { 128 * MB, MB } }, false },
	{ { { 17 * MB, MB }, { 16 * MB, 4 * MB } },
	  { { 16 * MB, 4 * MB }, { 128 * MB, MB } }, false },
	{ { { 16 * MB, MB }, { 16 * MB, MB } }, { { 16 * MB, MB }, { 128 * MB, MB } }, false },
	/* with a gap between them, they stay two */
	{ { { 16 * MB, MB }, { 17 * MB + 1, MB } },
	  { { 16 * MB, MB }, { 17 * MB + 1, MB }, { 128 * MB, MB } }, false },
	/* of two nodes: would give who has another left, but the first range stays the first */
	{ { { 17 * MB, MB }, { 16 * MB, MB } },
	  { { 17 * MB, MB }, { 128 * MB, MB }, { 16 * MB, MB } }, true },
	{ { { 16 * MB, 4 * MB }, { 17 * MB, MB } },
	  { { 16 * MB, 4 * MB }, { 128 * MB, MB }, { 17 * MB, MB } }, true },
	{ { { 64 * MB, MB }, { 17 * MB, MB }, { 16 * MB, MB } },
	  { { 64 * MB, MB }, { 128 * MB, MB }, { 17 * MB, MB }, { 16 * MB, MB } }, true },
	/* the region joins what lies below and above it */
	{ { { 127 * MB, MB }, { 129 * MB, MB }, { 16 * MB, MB } },
	  { { 127 * MB, 3 * MB }, { 16 * MB, MB } }, false },
};

static void ranges_that_meet_become_one_when_memory_is_extended(void **state)
{
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	const struct merging *m;
	unsigned int i;
	void *fdt;

	(void)state;
	manifest_at(&manifest, &board, 128 * MB);
	manifest.region[0].size = MB;
	for (i = 0; i < sizeof(mergings) / sizeof(mergings[0]); i++) {
		m = &mergings[i];
		fdt = tree_with_memory(m->before, count_ranges(m->before, 4), m->apart);
		assert_ok(publish(fdt, &board, &manifest));
		assert_memory(fdt, m->after, count_ranges(m->after, 4));
		free(fdt);
	}
}

/* Who has nothing to add has no reason to write. */
static void ranges_that_meet_stay_as_they_are_if_all_is_inside(void **state)
{
	static const struct ram_range range[] = { { 17 * MB, MB }, { 16 * MB, MB } };
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 2, false);

	(void)state;
	manifest_at(&manifest, &board, 16 * MB);
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, range, 2);
	free(fdt);
}

static int memory_node(const void *fdt, unsigned int i)
{
	char path[32];

	snprintf(path, sizeof(path), "/memory@%u", i);
	return fdt_path_offset(fdt, path);
}

/* The last range of node 0 meets the only one of node 1, which has none to give. */
static void a_range_goes_to_a_node_that_has_only_one(void **state)
{
	static const struct ram_range range[] = { { 64 * MB, MB }, { 17 * MB, MB } };
	static const struct ram_range after[] = {
		{ 64 * MB, MB }, { 128 * MB, MB }, { 16 * MB, 2 * MB },
	};
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 2, true);

	(void)state;
	assert_int_equal(fdt_appendprop_u64(fdt, memory_node(fdt, 0), "reg", 16 * MB), 0);
	assert_int_equal(fdt_appendprop_u64(fdt, memory_node(fdt, 0), "reg", MB), 0);
	manifest_at(&manifest, &board, 128 * MB);
	manifest.region[0].size = MB;
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, after, 3);
	free(fdt);
}

/* Node 0 has [16 MB, 17 MB[, node 1 what follows, and [64 MB, 65 MB[. */
static void *two_nodes_that_meet(void)
{
	static const struct ram_range range[] = { { 16 * MB, MB }, { 17 * MB, MB } };
	void *fdt = tree_with_memory(range, 2, true);

	assert_int_equal(fdt_appendprop_u64(fdt, memory_node(fdt, 1), "reg", 64 * MB), 0);
	assert_int_equal(fdt_appendprop_u64(fdt, memory_node(fdt, 1), "reg", MB), 0);
	return fdt;
}

static void ranges_of_two_nodes_become_one_if_the_nodes_say_the_same_of_them(void **state)
{
	static const struct ram_range merged[] = {
		{ 16 * MB, 2 * MB }, { 128 * MB, MB }, { 64 * MB, MB },
	};
	static const struct ram_range apart[] = {
		{ 16 * MB, MB }, { 128 * MB, MB }, { 17 * MB, MB }, { 64 * MB, MB },
	};
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt;
	int i;

	(void)state;
	manifest_at(&manifest, &board, 128 * MB);
	manifest.region[0].size = MB;
	fdt = two_nodes_that_meet();
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, merged, 3);
	free(fdt);

	fdt = two_nodes_that_meet();
	for (i = 0; i < 2; i++)
		assert_int_equal(fdt_setprop_u32(fdt, memory_node(fdt, i), "numa-node-id", 0), 0);
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, merged, 3);
	free(fdt);

	fdt = two_nodes_that_meet();
	for (i = 0; i < 2; i++)
		assert_int_equal(fdt_setprop_u32(fdt, memory_node(fdt, i), "numa-node-id", i), 0);
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, apart, 4);
	free(fdt);

	fdt = two_nodes_that_meet();
	assert_int_equal(fdt_setprop_empty(fdt, memory_node(fdt, 1), "hotpluggable"), 0);
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, apart, 4);
	free(fdt);
}

/* What may be unplugged is no place for a range of ours, if there is another. */
static void memory_that_can_be_unplugged_is_not_what_is_extended(void **state)
{
	static const struct ram_range range[] = { { 127 * MB, MB }, { 16 * MB, MB } };
	static const struct ram_range after[] = {
		{ 127 * MB, MB }, { 16 * MB, MB }, { 128 * MB, MB },
	};
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 2, true);

	(void)state;
	manifest_at(&manifest, &board, 128 * MB);
	manifest.region[0].size = MB;
	assert_int_equal(fdt_setprop_empty(fdt, memory_node(fdt, 0), "hotpluggable"), 0);
	assert_ok(publish(fdt, &board, &manifest));
	assert_memory(fdt, after, 3);
	free(fdt);
}

static void memory_that_can_be_unplugged_is_no_place_for_a_region(void **state)
{
	static const struct ram_range range[] = { { 0, 0 }, { 16 * MB, MB } };
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 2, true);

	(void)state;
	assert_int_equal(fdt_setprop_empty(fdt, memory_node(fdt, 1), "hotpluggable"), 0);
	/* Apart from it, at its end, and at its start. */
	manifest_at(&manifest, &board, 128 * MB);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG,
		       "device tree: has no RAM beside what is hotpluggable");
	manifest_at(&manifest, &board, 17 * MB);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG, "hotpluggable");
	manifest_at(&manifest, &board, 16 * MB - REGION_SIZE);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG, "hotpluggable");
	free(fdt);
}

/*
 * After the loader's own fixup: banks in the first node, whatever it had, and the
 * other nodes as they were
 */

static void fixup(void *fdt, const struct ram_range *bank, unsigned int banks)
{
	int node = fdt_subnode_offset(fdt, 0, "memory");
	unsigned int i;

	assert_int_equal(fdt_setprop(fdt, node, "reg", "", 0), 0);
	for (i = 0; i < banks; i++) {
		assert_int_equal(fdt_appendprop_u64(fdt, node, "reg", bank[i].first), 0);
		assert_int_equal(fdt_appendprop_u64(fdt, node, "reg", bank[i].size), 0);
	}
}

/* What m1n1 writes on an M1: RAM, and what lies behind it and is the GPU's. */
static const struct ram_range m1_ranges[] = {
	{ 0x801b90000, 0x1fc4dc000 }, { 0x9fe06c000, 0x4000 }, { 0x9fe078000, 0x4000 },
	{ 0x9fe070000, 0x8000 }, { 0x9fff74000, 0x4000 }, { 0x9fff78000, 0x40000 },
	{ 0x9fffb8000, 0x4000 },
};

enum { M1_RANGES = sizeof(m1_ranges) / sizeof(m1_ranges[0]) };

static void m1_manifest(struct gpuas_manifest *manifest)
{
	/* In the board's order: ttbs, pagetables, handoff, hw-cal-a, hw-cal-b, globals. */
	static const unsigned char where[] = { 6, 5, 4, 1, 2, 3 };
	unsigned int i;

	manifest_at(manifest, &gpuas_board_apple_t8103, 0);
	for (i = 0; i < sizeof(where); i++) {
		manifest->region[i].pa = gpuas_pa(m1_ranges[where[i]].first);
		manifest->region[i].size = m1_ranges[where[i]].size;
	}
	manifest->root = manifest->region[1].pa;
}

static void an_m1_whose_regions_were_cut_off_gets_them_back(void **state)
{
	static const struct ram_range after[] = {
		{ 0x801b90000, 0x1fc4ec000 }, { 0x9fff74000, 0x48000 },
	};
	const struct gpuas_board *board = &gpuas_board_apple_t8103;
	void *fdt = load("t8103-j274-gpu", 0x1000), *once;
	struct gpuas_manifest manifest;
	unsigned int banks;

	(void)state;
	m1_manifest(&manifest);
	for (banks = 1; banks < M1_RANGES; banks++) {
		fixup(fdt, m1_ranges, banks);
		assert_ok(publish(fdt, board, &manifest));
		assert_memory(fdt, after, 2);
		assert_carries(fdt, board, &manifest);
	}
	/* And again, as when the loader's fixup runs once more. */
	once = copy(fdt);
	fixup(fdt, m1_ranges, 4);
	assert_ok(publish(fdt, board, &manifest));
	assert_memory_equal(fdt, once, fdt_totalsize(fdt));
	free(once);
	free(fdt);
}

static void an_m1_that_has_all_ranges_keeps_them(void **state)
{
	const struct gpuas_board *board = &gpuas_board_apple_t8103;
	void *fdt = load("t8103-j274-gpu", 0x1000);
	struct gpuas_manifest manifest;

	(void)state;
	m1_manifest(&manifest);
	fixup(fdt, m1_ranges, M1_RANGES);
	assert_ok(publish(fdt, board, &manifest));
	assert_memory(fdt, m1_ranges, M1_RANGES);
	free(fdt);
}

/* Without room, all stays as it was, so that U-Boot alone is no better. */
static void an_m1_without_room_is_left_as_it_was(void **state)
{
	const struct gpuas_board *board = &gpuas_board_apple_t8103;
	void *whole = load("t8103-j274-gpu", 0x1000), *fdt;
	struct gpuas_manifest manifest;

	(void)state;
	m1_manifest(&manifest);
	fixup(whole, m1_ranges, 4);
	assert_int_equal(fdt_pack(whole), 0);
	fdt = blob_sized(whole, used(whole));
	assert_refused(fdt, board, &manifest, -GPUAS_ENOSPC, "device tree: has no room");
	free(fdt);
	free(whole);
}

/* R-Car H3 has four nodes; QEMU's virt has one for each NUMA node. */
static void banks_that_are_in_two_nodes_are_no_reason_to_refuse(void **state)
{
	static const struct ram_range rcar[] = {
		{ 0x48000000, 0x38000000 }, { 0x500000000, 0x40000000 },
		{ 0x600000000, 0x40000000 }, { 0x700000000, 0x40000000 },
	};
	static const struct ram_range numa[] = {
		{ 0x40000000, 0x20000000 }, { 0x60000000, 0x20000000 },
	};
	static const struct ram_range bank = { 0x40000000, 0x40000000 };
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(rcar, 4, true), *before;

	(void)state;
	fixup(fdt, rcar, 4);
	before = copy(fdt);
	manifest_at(&manifest, qemu, 0x500000000);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_diff(before, fdt, "+/gpuas-gpu\n+/reserved-memory\n"
		    "+/reserved-memory/gpuas-ttbs@500000000\n"
		    "+/reserved-memory/gpuas-pagetables@500020000\n"
		    "+/reserved-memory/gpuas-handoff@500060000\n"
		    "+/reserved-memory/gpuas-fw-text@500080000\n"
		    "+/reserved-memory/gpuas-fw-data@5000c0000\n"
		    "+/reserved-memory/gpuas-shared@500140000\n");
	free(before);
	free(fdt);

	fdt = tree_with_memory(numa, 2, true);
	assert_int_equal(fdt_setprop_u32(fdt, memory_node(fdt, 0), "numa-node-id", 0), 0);
	assert_int_equal(fdt_setprop_u32(fdt, memory_node(fdt, 1), "numa-node-id", 1), 0);
	fixup(fdt, &bank, 1);
	manifest_at(&manifest, qemu, 0x7fe00000);
	assert_ok(publish(fdt, qemu, &manifest));
	assert_carries(fdt, qemu, &manifest);
	free(fdt);
}

/* As U-Boot's board setup may be told to do: no matter how many there are. */
static void any_number_of_ranges_is_fine(void **state)
{
	struct ram_range range[32];
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	unsigned int i;
	void *fdt;

	(void)state;
	for (i = 0; i < 32; i++) {
		range[i].first = 16 * MB + 2 * MB * i;
		range[i].size = MB;
	}
	fdt = tree_with_memory(range, 32, false);
	manifest_at(&manifest, &board, 128 * MB);
	assert_ok(publish(fdt, &board, &manifest));
	free(fdt);
}

/*
 * Memory that somebody has still to fill in
 */

static void memory_without_a_range_is_not_made_of_ours_alone(void **state)
{
	static const struct ram_range empty[] = { { 0x80000000, 0 }, { 0, 0 } };
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt;

	(void)state;
	manifest_at(&manifest, &board, 64 * MB);
	fdt = tree_with_memory(empty, 1, false);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG,
		       "device tree: /memory is empty, the loader has to fill it in");
	free(fdt);
	fdt = tree_with_memory(empty, 2, true);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG, "/memory is empty");
	assert_int_equal(fdt_setprop(fdt, memory_node(fdt, 0), "reg", "", 0), 0);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG, "/memory is empty");
	assert_int_equal(fdt_delprop(fdt, memory_node(fdt, 0), "reg"), 0);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG, "/memory is empty");
	free(fdt);
}

/* A kernel that may use a part of reg only, which is not ours to say. */
static void usable_memory_is_what_counts(void **state)
{
	static const struct ram_range range[] = { { 16 * MB, 16 * MB } };
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 1, false);
	int node = memory_node(fdt, 0);

	(void)state;
	assert_int_equal(fdt_setprop(fdt, node, "linux,usable-memory", "", 0), 0);
	manifest_at(&manifest, &board, 20 * MB);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBADMSG, "/memory is empty");
	free(fdt);
}

static void put_usable(void *fdt, const struct ram_range *range, unsigned int count)
{
	int node = fdt_subnode_offset(fdt, 0, "chosen");

	if (node < 0)
		node = fdt_add_subnode(fdt, 0, "chosen");
	assert_int_equal(fdt_setprop(fdt, node, "linux,usable-memory-range", "", 0), 0);
	for (; count--; range++) {
		assert_int_equal(fdt_appendprop_u64(fdt, node, "linux,usable-memory-range",
						    range->first), 0);
		assert_int_equal(fdt_appendprop_u64(fdt, node, "linux,usable-memory-range",
						    range->size), 0);
	}
}

/* As in the kernel that saves a crashed one's memory: it has a small part of it. */
static void regions_outside_the_usable_range_are_refused(void **state)
{
	static const struct ram_range range[] = { { 16 * MB, 64 * MB } };
	static const struct ram_range part[] = { { 32 * MB, 8 * MB }, { 48 * MB, 8 * MB } };
	static const struct ram_range none[] = { { 32 * MB, 0 }, { 48 * MB, 8 * MB } };
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 1, false);
	const char *words = "region pagetables: is outside linux,usable-memory-range";

	(void)state;
	put_usable(fdt, part, 2);
	manifest_at(&manifest, &board, 20 * MB);
	manifest.region[0].size = MB;
	assert_refused(fdt, &board, &manifest, -GPUAS_EFAULT, words);
	manifest.region[0].pa = manifest.root = gpuas_pa(39 * MB + 0x10000);
	assert_refused(fdt, &board, &manifest, -GPUAS_EFAULT, words);
	put_usable(fdt, part, 1);
	manifest.region[0].pa = manifest.root = gpuas_pa(48 * MB);
	assert_refused(fdt, &board, &manifest, -GPUAS_EFAULT, words);
	put_usable(fdt, part, 2);
	assert_ok(publish(fdt, &board, &manifest));
	put_usable(fdt, part, 1);
	assert_int_equal(check(fdt, &board), -GPUAS_EFAULT);
	free(fdt);

	/* Linux takes no notice of one that is empty or cut off. */
	fdt = tree_with_memory(range, 1, false);
	manifest_at(&manifest, &board, 20 * MB);
	put_usable(fdt, none, 1);
	assert_ok(publish(fdt, &board, &manifest));
	assert_int_equal(fdt_appendprop_u32(fdt, fdt_path_offset(fdt, "/chosen"),
					    "linux,usable-memory-range", 1), 0);
	assert_ok(publish(fdt, &board, &manifest));
	free(fdt);
}

/*
 * Pools that the kernel has still to place
 */

struct pool {
	const char *name;
	uint64_t size;
	uint64_t align;		/* 0: no property */
	struct ram_range from;	/* empty: anywhere */
	bool cma;
};

/* The last in the tree's order comes first here. */
static void add_pool(void *fdt, const struct pool *pool)
{
	int parent = fdt_subnode_offset(fdt, 0, "reserved-memory"), node;

	if (parent < 0) {
		parent = fdt_add_subnode(fdt, 0, "reserved-memory");
		assert_int_equal(fdt_setprop_u32(fdt, parent, "#address-cells", 2), 0);
		assert_int_equal(fdt_setprop_u32(fdt, parent, "#size-cells", 2), 0);
		assert_int_equal(fdt_setprop_empty(fdt, parent, "ranges"), 0);
	}
	node = fdt_add_subnode(fdt, parent, pool->name);
	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_u64(fdt, node, "size", pool->size), 0);
	if (pool->align)
		assert_int_equal(fdt_setprop_u64(fdt, node, "alignment", pool->align), 0);
	if (pool->from.size) {
		assert_int_equal(fdt_appendprop_u64(fdt, node, "alloc-ranges",
						    pool->from.first), 0);
		assert_int_equal(fdt_appendprop_u64(fdt, node, "alloc-ranges",
						    pool->from.size), 0);
	}
	if (pool->cma) {
		assert_int_equal(fdt_setprop_empty(fdt, node, "reusable"), 0);
		assert_int_equal(fdt_setprop_string(fdt, node, "compatible",
						    "shared-dma-pool"), 0);
	}
}

struct contest {
	struct pool pool[2];
	uint64_t region;	/* of 1 MB */
	const char *loser;	/* or NULL: all have room */
	bool small;		/* the GPU's pages are of 4K */
};

/* RAM is [256 MB, 512 MB[. */
static const struct contest contests[] = {
	/* all of a range, or one that starts or ends in it, or what is left is too small */
	{ { { "video", 64 * MB, 0, { 256 * MB, 64 * MB }, false } }, 256 * MB, "video", false },
	{ { { "video", 64 * MB, 0, { 256 * MB, 64 * MB }, false } }, 319 * MB, "video", false },
	{ { { "video", 64 * MB, 0, { 256 * MB, 64 * MB }, false } }, 320 * MB, NULL, false },
	{ { { "video", 63 * MB, 0, { 256 * MB, 64 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 63 * MB, 0, { 256 * MB, 64 * MB }, false } }, 319 * MB, NULL, false },
	{ { { "video", 63 * MB, 0, { 256 * MB, 64 * MB }, false } }, 300 * MB, "video", false },
	/* anywhere, and still too small */
	{ { { "video", 200 * MB, 0, { 0, 0 }, false } }, 384 * MB, "video", false },
	{ { { "video", 200 * MB, 0, { 0, 0 }, false } }, 256 * MB, NULL, false },
	/* alignment, its own and that of all CMA pools */
	{ { { "video", 32 * MB, 32 * MB, { 256 * MB, 48 * MB }, false } }, 256 * MB, "video", false },
	{ { { "video", 32 * MB, 16 * MB, { 256 * MB, 48 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 60 * MB, 0, { 256 * MB, 64 * MB }, true } }, 256 * MB, NULL, true },
	{ { { "video", 60 * MB, 0, { 258 * MB, 64 * MB }, true } }, 260 * MB, "video", false },
	/* which for kernels with pages of 16K is 32 MB */
	{ { { "video", 60 * MB, 0, { 256 * MB, 64 * MB }, true } }, 256 * MB, "video", false },
	{ { { "video", 32 * MB, 0, { 256 * MB, 48 * MB }, true } }, 256 * MB, NULL, true },
	{ { { "video", 32 * MB, 0, { 256 * MB, 48 * MB }, true } }, 256 * MB, "video", false },
	{ { { "video", 32 * MB, 0, { 256 * MB, 64 * MB }, true } }, 256 * MB, NULL, false },
	/* what has no room anywhere is not ours to mend for them either */
	{ { { "video", 64 * MB, 0, { 258 * MB, 64 * MB }, true } }, 260 * MB, NULL, false },
	{ { { "video", 60 * MB, 0, { 258 * MB, 64 * MB }, false } }, 260 * MB, NULL, false },
	/* two that share a range: together they are too much */
	{ { { "video", 31 * MB, 0, { 256 * MB, 64 * MB }, false },
	    { "audio", 32 * MB, 0, { 256 * MB, 64 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 32 * MB, 0, { 256 * MB, 64 * MB }, false },
	    { "audio", 32 * MB, 0, { 256 * MB, 64 * MB }, false } }, 256 * MB, "video", false },
	/* one that would not have had room without us is not ours to mend */
	{ { { "video", 65 * MB, 0, { 256 * MB, 64 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 16 * MB, 0, { 0, 64 * MB }, false } }, 256 * MB, NULL, false },
	/* one of a size that is nothing, or an alignment that is none, nor of a range that wraps */
	{ { { "video", 0, 0, { 256 * MB, 64 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 64 * MB, 3, { 256 * MB, 64 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 64 * MB, 0, { 0 - MB, 2 * MB }, false } }, 256 * MB, NULL, false },
	{ { { "video", 0 - MB, 0, { 0, 0 }, false } }, 256 * MB, NULL, false },
	/* to the top of the address space */
	{ { { "video", 200 * MB, 0, { MB, 0 - MB }, false } }, 384 * MB, "video", false },
};

static void pools_that_the_regions_leave_no_room_are_found(void **state)
{
	static const struct ram_range ram[] = { { 256 * MB, 256 * MB } };
	struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	const struct contest *c;
	char words[96];
	unsigned int i;
	void *fdt;

	(void)state;
	for (i = 0; i < sizeof(contests) / sizeof(contests[0]); i++) {
		c = &contests[i];
		board.geo.format = c->small ? &gpuas_format_lpae_4k : qemu->geo.format;
		fdt = tree_with_memory(ram, 1, false);
		add_pool(fdt, &c->pool[0]);
		if (c->pool[1].name)
			add_pool(fdt, &c->pool[1]);
		manifest_at(&manifest, &board, c->region);
		manifest.region[0].size = MB;
		if (c->loser) {
			snprintf(words, sizeof(words),
				 "node %s: gets no room beside the GPU's regions, and needs 0x%llx",
				 c->loser, (unsigned long long)c->pool[0].size);
			assert_refused(fdt, &board, &manifest, -GPUAS_EBUSY, words);
		} else if (publish(fdt, &board, &manifest)) {
			fail_msg("%u: %s", i, report.text.buf);
		}
		free(fdt);
	}
}

/* Disabled, or placed already, or of somebody who cannot count. */
static void pools_that_nobody_places_are_no_concern(void **state)
{
	static const struct ram_range ram[] = { { 256 * MB, 256 * MB } };
	static const struct pool pool = { "video", 64 * MB, 0, { 256 * MB, 64 * MB }, false };
	static const struct {
		const char *prop;
		const char *value;
		int len;
	} odd[] = {
		{ "status", "disabled", 9 },
		{ "reg", "\0\0\0\0\x18\0\0\0\0\0\0\0\0\0\x10\0", 16 },
		{ "size", "\0\0\0\0", 4 },
		{ "alignment", "\0\0\0\0", 4 },
		{ "alloc-ranges", "\0\0\0\0\x10\0\0\0", 8 },
	};
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	unsigned int i;
	int node;
	void *fdt;

	(void)state;
	manifest_at(&manifest, &board, 256 * MB);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		fdt = tree_with_memory(ram, 1, false);
		add_pool(fdt, &pool);
		node = fdt_path_offset(fdt, "/reserved-memory/video");
		assert_int_equal(fdt_setprop(fdt, node, odd[i].prop, odd[i].value,
					     odd[i].len), 0);
		assert_ok(publish(fdt, &board, &manifest));
		free(fdt);
	}
}

/* What others have taken is as little room for a pool as what we take. */
static void pools_keep_away_from_all_that_is_taken(void **state)
{
	static const struct ram_range ram[] = { { 256 * MB, 256 * MB } };
	static const struct pool pool = { "video", 32 * MB, 0, { 256 * MB, 64 * MB }, false };
	const struct gpuas_board board = lone_board();
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(ram, 1, false);
	int node;

	(void)state;
	add_pool(fdt, &pool);
	manifest_at(&manifest, &board, 280 * MB);
	assert_int_equal(fdt_add_mem_rsv(fdt, 300 * MB, 0x1000), 0);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBUSY, "node video");
	assert_int_equal(fdt_del_mem_rsv(fdt, 0), 0);
	node = fdt_add_subnode(fdt, fdt_path_offset(fdt, "/reserved-memory"), "rom@12c00000");
	assert_int_equal(fdt_appendprop_u64(fdt, node, "reg", 300 * MB), 0);
	assert_int_equal(fdt_appendprop_u64(fdt, node, "reg", 0x1000), 0);
	assert_refused(fdt, &board, &manifest, -GPUAS_EBUSY, "node video");
	assert_int_equal(fdt_setprop_string(fdt, node, "status", "disabled"), 0);
	assert_ok(publish(fdt, &board, &manifest));
	/* And check finds what came later. */
	assert_int_equal(fdt_delprop(fdt, fdt_path_offset(fdt, "/reserved-memory/rom@12c00000"),
				     "status"), 0);
	assert_int_equal(check(fdt, &board), -GPUAS_EBUSY);
	free(fdt);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(regions_outside_memory_extend_it_by_the_fewest_ranges),
	cmocka_unit_test(memory_that_was_cut_since_is_extended_again),
	cmocka_unit_test(memory_that_ends_at_the_top_of_the_address_space_is_fine),
	cmocka_unit_test(ranges_that_meet_become_one_when_memory_is_extended),
	cmocka_unit_test(ranges_that_meet_stay_as_they_are_if_all_is_inside),
	cmocka_unit_test(a_range_goes_to_a_node_that_has_only_one),
	cmocka_unit_test(ranges_of_two_nodes_become_one_if_the_nodes_say_the_same_of_them),
	cmocka_unit_test(memory_that_can_be_unplugged_is_not_what_is_extended),
	cmocka_unit_test(memory_that_can_be_unplugged_is_no_place_for_a_region),
	cmocka_unit_test(an_m1_whose_regions_were_cut_off_gets_them_back),
	cmocka_unit_test(an_m1_that_has_all_ranges_keeps_them),
	cmocka_unit_test(an_m1_without_room_is_left_as_it_was),
	cmocka_unit_test(banks_that_are_in_two_nodes_are_no_reason_to_refuse),
	cmocka_unit_test(any_number_of_ranges_is_fine),
	cmocka_unit_test(memory_without_a_range_is_not_made_of_ours_alone),
	cmocka_unit_test(usable_memory_is_what_counts),
	cmocka_unit_test(regions_outside_the_usable_range_are_refused),
	cmocka_unit_test(pools_that_the_regions_leave_no_room_are_found),
	cmocka_unit_test(pools_that_nobody_places_are_no_concern),
	cmocka_unit_test(pools_keep_away_from_all_that_is_taken),
};

UNIT_MAIN(tests)
