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
	.node = "gpuas-pagetables",
	.role = GPUAS_ROLE_PAGETABLES,
};

static struct gpuas_board lone_board(void)
{
	struct gpuas_board board = *qemu;

	board.describe = false;
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

static void more_memory_ranges_than_the_loader_keeps_are_refused(void **state)
{
	static const struct ram_range range[] = {
		{ 16 * MB, MB }, { 18 * MB, MB }, { 0, 0 }, { 20 * MB, MB },
	};
	const struct gpuas_board board = lone_board();
	struct gpuas_fdt_limits limits = { .memory_ranges = 3 };
	struct gpuas_manifest manifest;
	void *fdt = tree_with_memory(range, 4, false), *before;

	(void)state;
	before = copy(fdt);
	manifest_at(&manifest, &board, 64 * MB);
	assert_int_equal(gpuas_fdt_publish(fdt, scratch, sizeof(scratch), &board,
					   &manifest, &limits, &report),
			 -GPUAS_E2BIG);
	assert_memory_equal(fdt, before, fdt_totalsize(fdt));
	limits.memory_ranges = 4;
	assert_ok(gpuas_fdt_publish(fdt, scratch, sizeof(scratch), &board,
				    &manifest, &limits, &report));
	free(before);
	free(fdt);
	/* One that grows needs no more. */
	limits.memory_ranges = 3;
	fdt = tree_with_memory(range, 4, false);
	manifest_at(&manifest, &board, 21 * MB);
	assert_ok(gpuas_fdt_publish(fdt, scratch, sizeof(scratch), &board,
				    &manifest, &limits, &report));
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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(regions_outside_memory_extend_it_by_the_fewest_ranges),
	cmocka_unit_test(memory_that_was_cut_since_is_extended_again),
	cmocka_unit_test(more_memory_ranges_than_the_loader_keeps_are_refused),
	cmocka_unit_test(memory_that_ends_at_the_top_of_the_address_space_is_fine),
};

UNIT_MAIN(tests)
