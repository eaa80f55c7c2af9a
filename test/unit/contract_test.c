// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Contracts of Apple's later parts: trees as the reference has them, before and after their
 * loaders (test/unit/fdt/NAME.dts, NAME-filled.dts), and each way in which one can be wrong.
 */
#include "contracts.h"

#include <gpuas/bringup.h>

static void save(const char *name, const void *fdt)
{
	const char *dir = getenv("GPUAS_DTB_DIR");
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/contract-%s.dtb", dir ? dir : ".", name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(fdt, fdt_totalsize(fdt), 1, file), 1);
	fclose(file);
}

static void read_filled(const struct line *line, struct gpuas_manifest *manifest)
{
	struct gpuas_board board = board_of(line);
	void *fdt = load_filled(line);

	assert_ok(gpuas_fdt_check(fdt, &board, manifest, &report));
	free(fdt);
}

static void every_board_can_be_planned(void **state)
{
	struct gpuas_bringup *bringup = malloc(sizeof(*bringup));
	struct gpuas_board board;
	unsigned int i;

	(void)state;
	for (i = 0; i < LINES; i++) {
		board = board_of(&lines[i]);
		assert_ok(gpuas_plan(bringup, &board, &report));
	}
	free(bringup);
}

static void each_tree_is_read_and_its_contract_named(void **state)
{
	struct gpuas_manifest manifest, by_node;
	struct gpuas_board board;
	unsigned int i, r, present;
	void *fdt;

	(void)state;
	for (i = 0; i < LINES; i++) {
		board = board_of(&lines[i]);
		fdt = load_filled(&lines[i]);
		assert_ok(gpuas_fdt_check(fdt, &board, &manifest, &report));
		assert_ptr_equal(manifest.contract, lines[i].contract[0]);
		for (r = 0, present = 0; r < manifest.regions; r++) {
			present += manifest.region[r].present;
			if (!manifest.region[r].present)
				continue;
			assert_int_equal(manifest.region[r].no_map, lines[i].no_map);
			assert_int_equal(manifest.region[r].memory, lines[i].memory);
		}
		assert_int_equal(present, lines[i].regions);
		assert_ok(gpuas_fdt_read_regions(fdt, &board, &by_node, &report));
		assert_ok(gpuas_manifest_differs(&manifest, &by_node, &report));
		free(fdt);
	}
}

static void vas_of_segments_follow_each_other(void **state)
{
	struct gpuas_manifest manifest;

	(void)state;
	read_filled(&lines[M3], &manifest);
	assert_int_equal(gpuas_va_u64(manifest.region[4].va), BASE);
	assert_int_equal(gpuas_va_u64(manifest.region[5].va), BASE + 0x64000);
	assert_int_equal(manifest.region[5].size, 0xb0000);
}

/* What the loader leaves, the library would have written, and nothing else. */
static void filling_a_tree_makes_what_its_loader_leaves(void **state)
{
	static const unsigned int written[] = { M3, G16_VM, NEO };
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	const struct line *line;
	void *fdt, *filled, *before;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		line = &lines[written[i]];
		board = board_of(line);
		read_filled(line, &manifest);
		fdt = load(line->tree, ROOM);
		filled = load_filled(line);
		assert_ok(publish(fdt, &board, &manifest));
		assert_diff(filled, fdt, "");
		before = copy(fdt);
		assert_ok(publish(fdt, &board, &manifest));
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		assert_carries(fdt, &board, &manifest);
		assert_int_equal(fdt_pack(fdt), 0);
		save(line->tree, fdt);
		free(before);
		free(filled);
		free(fdt);
	}
}

static void every_size_either_suffices_or_leaves_the_tree_alone(void **state)
{
	static const unsigned int written[] = { M3, G16_VM, NEO };
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	unsigned int i, n;
	size_t room, extra;
	void *fdt;

	(void)state;
	for (n = 0; n < sizeof(written) / sizeof(written[0]); n++) {
		board = board_of(&lines[written[n]]);
		read_filled(&lines[written[n]], &manifest);
		fdt = load(lines[written[n]].tree, 0);
		assert_ok(gpuas_fdt_room(fdt, scratch, sizeof(scratch), &board, &manifest,
					 &room, &report));
		extra = room - fdt_totalsize(fdt);
		free(fdt);
		for (i = 0; i <= extra; i += 4) {
			fdt = load(lines[written[n]].tree, i);
			if (i < extra)
				assert_refused(fdt, &board, &manifest, -GPUAS_ENOSPC, "room");
			else
				assert_ok(publish(fdt, &board, &manifest));
			free(fdt);
		}
	}
}

static void a_contract_without_writer_is_only_read(void **state)
{
	static const unsigned int only_read[] = { T6030, G16, VINIX };
	struct gpuas_manifest manifest;
	struct gpuas_board board;
	void *fdt, *before;
	unsigned int i;
	int gpu;

	(void)state;
	for (i = 0; i < 3; i++) {
		board = board_of(&lines[only_read[i]]);
		read_filled(&lines[only_read[i]], &manifest);
		fdt = load_filled(&lines[only_read[i]]);
		before = copy(fdt);
		assert_ok(publish(fdt, &board, &manifest));
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		assert_int_equal(fdt_pack(fdt), 0);
		save(lines[only_read[i]].tree, fdt);
		free(fdt);
		fdt = before;
		/* Not even out of the list that is no node's. */
		assert_int_equal(fdt_add_mem_rsv(fdt, gpuas_pa_u64(manifest.region[0].pa),
						 manifest.region[0].size), 0);
		assert_refused(fdt, &board, &manifest, -GPUAS_ENOTUNIQ, "overlaps /memreserve/");
		assert_int_equal(fdt_del_mem_rsv(fdt, fdt_num_mem_rsv(fdt) - 1), 0);
		manifest.region[0].pa = gpuas_pa(0x10200000000);
		assert_refused(fdt, &board, &manifest, -GPUAS_EEXIST, "region ttbs: PA");
		gpu = fdt_path_offset(fdt, "/gpu");
		assert_int_equal(fdt_nop_property(fdt, gpu, "memory-region"), 0);
		assert_refused(fdt, &board, &manifest, -GPUAS_ENOENT, "memory-region");
		free(fdt);
	}
}

/*
 * Defects
 */

static void each_defect_is_refused_in_words_of_its_own(void **state)
{
	struct gpuas_manifest manifest, found;
	const struct defect *defect;
	struct gpuas_board board;
	unsigned int i;
	void *fdt, *before;
	int err;

	(void)state;
	for (i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
		defect = &defects[i];
		board = board_of(&lines[defect->line]);
		read_filled(&lines[defect->line], &manifest);
		fdt = load_filled(&lines[defect->line]);
		spoil(fdt, defect);
		memset(&report, 0, sizeof(report));
		err = gpuas_fdt_check(fdt, &board, &found, &report);
		if (err != defect->err || !strstr(report.text.buf, defect->words))
			fail_msg("%s %s:%s: %d instead of %d, \"%s\" without \"%s\"",
				 board.name, defect->path, defect->prop, err, defect->err,
				 report.text.buf, defect->words);
		assert_in_range(report.text.len, 1, GPUAS_TEXT_MAX - 2);
		before = copy(fdt);
		if (!publish(fdt, &board, &manifest))
			assert_int_equal(check(fdt, &board), 0);
		else
			assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		free(before);
		free(fdt);
	}
}

static void no_map_that_is_not_demanded_decides_the_type_of_memory(void **state)
{
	struct gpuas_board board = board_of(&lines[M3]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[M3]);
	int node = fdt_path_offset(fdt, M3_HANDOFF);

	(void)state;
	/* Then it has to be RAM. */
	assert_int_equal(fdt_nop_property(fdt, node, "no-map"), 0);
	assert_int_equal(gpuas_fdt_check(fdt, &board, &manifest, &report), -GPUAS_EFAULT);
	node = fdt_path_offset(fdt, M3_HANDOFF);
	assert_int_equal(fdt_appendprop_u64(fdt, fdt_path_offset(fdt, "/memory@10002000000"), "reg",
					    0x103fff70000), 0);
	assert_int_equal(fdt_appendprop_u64(fdt, fdt_path_offset(fdt, "/memory@10002000000"), "reg",
					    0x4000), 0);
	assert_ok(gpuas_fdt_check(fdt, &board, &manifest, &report));
	assert_false(manifest.region[2].no_map);
	assert_int_equal(manifest.region[2].memory, GPUAS_MEMORY_WRITE_BACK);
	assert_int_equal(manifest.region[1].memory, GPUAS_MEMORY_WRITE_COMBINING);
	free(fdt);
}

/* Gravity maps all of them as RAM, whatever their nodes say. */
static void no_map_that_does_not_matter_leaves_the_type_of_memory(void **state)
{
	struct gpuas_board board = board_of(&lines[G16_VM]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[G16_VM]);

	(void)state;
	assert_int_equal(fdt_setprop(fdt, fdt_path_offset(fdt, RESERVED "uat-l2"), "no-map", NULL, 0),
			 0);
	assert_ok(gpuas_fdt_check(fdt, &board, &manifest, &report));
	assert_true(manifest.region[3].no_map);
	assert_int_equal(manifest.region[3].memory, GPUAS_MEMORY_WRITE_BACK);
	free(fdt);
}

/*
 * Which one
 */

static const struct gpuas_contract *const both_aurora[] = {
	&gpuas_contract_aurora_m3, &gpuas_contract_aurora_g16, NULL,
};
static const struct gpuas_contract *const m4[] = {
	&gpuas_contract_aurora_g16, &gpuas_contract_gravity_g16, NULL,
};
static const struct gpuas_contract *const without_version[] = {
	&gpuas_contract_ico_t6030, &gpuas_contract_gravity_g16, &gpuas_contract_vinix, NULL,
};

static void a_tree_is_asked_for_its_contract(void **state)
{
	struct gpuas_board board = board_of(&lines[G16]);
	struct gpuas_manifest manifest;
	void *fdt;

	(void)state;
	board.contract = m4;
	fdt = load_filled(&lines[G16]);
	assert_ok(gpuas_fdt_check(fdt, &board, &manifest, &report));
	assert_ptr_equal(manifest.contract, &gpuas_contract_aurora_g16);
	free(fdt);
	fdt = load_filled(&lines[G16_VM]);
	assert_ok(gpuas_fdt_check(fdt, &board, &manifest, &report));
	assert_ptr_equal(manifest.contract, &gpuas_contract_gravity_g16);
	assert_ok(gpuas_fdt_read_regions(fdt, &board, &manifest, &report));
	assert_ptr_equal(manifest.contract, &gpuas_contract_gravity_g16);
	/* A known contract in a version that is not known is not another contract. */
	assert_int_equal(fdt_setprop_u32(fdt, fdt_path_offset(fdt, "/gpu"),
					 "apple,g16-handoff-version", 2), 0);
	assert_int_equal(gpuas_fdt_check(fdt, &board, &manifest, &report), -GPUAS_ENOTUNIQ);
	assert_string_equal(report.text.buf,
			    "device tree: fits more than one contract: aurora-g16, gravity-g16");
	free(fdt);
}

static void a_tree_that_fits_two_contracts_is_refused_with_both(void **state)
{
	struct gpuas_board board = board_of(&lines[M3]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[M3]);

	(void)state;
	read_filled(&lines[M3], &manifest);
	board.contract = both_aurora;
	assert_int_equal(fdt_setprop_u32(fdt, fdt_path_offset(fdt, "/gpu"),
					 "apple,g16-handoff-version", 1), 0);
	assert_refused(fdt, &board, &manifest, -GPUAS_ENOTUNIQ,
		       "device tree: fits more than one contract: aurora-m3, aurora-g16");
	free(fdt);
}

static void a_tree_that_fits_none_is_refused_with_all(void **state)
{
	struct gpuas_board board = board_of(&lines[G16_VM]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[G16_VM]);

	(void)state;
	board.contract = without_version;
	assert_int_equal(fdt_appendprop_string(fdt, fdt_path_offset(fdt, "/gpu"),
					       "memory-region-names", "more"), 0);
	assert_int_equal(gpuas_fdt_check(fdt, &board, &manifest, &report), -GPUAS_ENOENT);
	assert_string_equal(report.text.buf,
			    "device tree: fits none of the board's contracts: ico-t6030, gravity-g16, vinix");
	free(fdt);
}

/* Memory without a name tells nothing of which contract it is, with a list or without. */
static void what_has_no_name_is_in_no_list_of_names(void **state)
{
	struct gpuas_contract contract = gpuas_contract_gravity_neo;
	const struct gpuas_contract *list[] = { &contract, &gpuas_contract_vinix, NULL };
	struct gpuas_board board = board_of(&lines[NEO]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[NEO]);

	(void)state;
	contract.version = NULL;
	board.contract = list;
	assert_ok(gpuas_fdt_check(fdt, &board, &manifest, &report));
	assert_ptr_equal(manifest.contract, &contract);
	free(fdt);
}

/* One of two nodes of a name may be without unit address. */
static void each_of_two_segments_has_its_own_node(void **state)
{
	struct gpuas_board board = board_of(&lines[M3]);
	struct gpuas_manifest manifest;
	void *fdt, *before;
	unsigned int i;
	static const char *const node[] = { M3_TEXT, RESERVED "asc-firmware@10001888000" };

	(void)state;
	read_filled(&lines[M3], &manifest);
	for (i = 0; i < 2; i++) {
		fdt = load_filled(&lines[M3]);
		assert_int_equal(fdt_set_name(fdt, fdt_path_offset(fdt, node[i]), "asc-firmware"), 0);
		before = copy(fdt);
		assert_ok(publish(fdt, &board, &manifest));
		assert_memory_equal(fdt, before, fdt_totalsize(fdt));
		free(before);
		free(fdt);
	}
}

static void a_manifest_of_another_contract_is_not_the_trees(void **state)
{
	struct gpuas_board board = board_of(&lines[G16]);
	struct gpuas_manifest manifest;
	void *fdt = load_filled(&lines[G16]);

	(void)state;
	board.contract = m4;
	read_filled(&lines[G16_VM], &manifest);
	assert_refused(fdt, &board, &manifest, -GPUAS_EEXIST, "the tree has another");
	free(fdt);
}

static void tables_that_are_too_few_for_the_contract_are_refused(void **state)
{
	struct gpuas_board board = board_of(&lines[NEO]);
	struct gpuas_manifest manifest;

	(void)state;
	read_filled(&lines[NEO], &manifest);
	manifest.region[1].size = 0x44000;
	assert_int_equal(gpuas_manifest_check(&manifest, &board, &report), -GPUAS_EMSGSIZE);
	assert_string_equal(report.text.buf,
			    "region pagetables: is smaller than its contract says, 0x80000");
}

static void a_contract_that_is_not_the_boards_is_refused(void **state)
{
	struct gpuas_board board = board_of(&lines[G16]);
	struct gpuas_manifest manifest;
	void *fdt = load(lines[G16_VM].tree, ROOM);

	(void)state;
	read_filled(&lines[G16_VM], &manifest);
	assert_refused(fdt, &board, &manifest, -GPUAS_ESTALE,
		       "board aurora-g16: has not the contract of the manifest");
	free(fdt);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_board_can_be_planned),
	cmocka_unit_test(each_tree_is_read_and_its_contract_named),
	cmocka_unit_test(vas_of_segments_follow_each_other),
	cmocka_unit_test(filling_a_tree_makes_what_its_loader_leaves),
	cmocka_unit_test(every_size_either_suffices_or_leaves_the_tree_alone),
	cmocka_unit_test(a_contract_without_writer_is_only_read),
	cmocka_unit_test(each_defect_is_refused_in_words_of_its_own),
	cmocka_unit_test(no_map_that_is_not_demanded_decides_the_type_of_memory),
	cmocka_unit_test(no_map_that_does_not_matter_leaves_the_type_of_memory),
	cmocka_unit_test(a_tree_is_asked_for_its_contract),
	cmocka_unit_test(a_tree_that_fits_two_contracts_is_refused_with_both),
	cmocka_unit_test(a_tree_that_fits_none_is_refused_with_all),
	cmocka_unit_test(what_has_no_name_is_in_no_list_of_names),
	cmocka_unit_test(each_of_two_segments_has_its_own_node),
	cmocka_unit_test(a_manifest_of_another_contract_is_not_the_trees),
	cmocka_unit_test(tables_that_are_too_few_for_the_contract_are_refused),
	cmocka_unit_test(a_contract_that_is_not_the_boards_is_refused),
};

UNIT_MAIN(tests)
