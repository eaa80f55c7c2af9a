// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/handoff.h>
#include <gpuas/ttb.h>

#define FIRMWARE	0xffffff8000000000ULL
#define ROOT_ENTRY	0x1000000000ULL

extern const struct gpuas_board gpuas_board_template;

/* A description that can be spoilt. */
struct desc {
	struct gpuas_board board;
	struct gpuas_board_region region[GPUAS_REGIONS_MAX + 1];
	struct gpuas_contract contract;
	struct gpuas_contract_region stand[GPUAS_REGIONS_MAX + 1];
	const struct gpuas_contract *contracts[GPUAS_CONTRACTS_MAX + 2];
};

/* In the regions of the stand-in board, by index. */
enum { TTBS, TABLES, HANDOFF, TEXT, DATA, SHARED, COUNT };

static void desc_copy(struct desc *d, const struct gpuas_board *board)
{
	unsigned int i;

	memset(d, 0, sizeof(*d));
	d->board = *board;
	for (i = 0; i < board->regions; i++)
		d->region[i] = board->region[i];
	d->board.region = d->region;
	d->contract = *board->contract[0];
	for (i = 0; i < d->contract.regions; i++)
		d->stand[i] = d->contract.region[i];
	d->contract.region = d->stand;
	d->contracts[0] = &d->contract;
	d->board.contract = d->contracts;
}

static void plans(const struct gpuas_board *board)
{
	struct gpuas_bringup bringup;
	struct gpuas_report report;

	if (gpuas_plan(&bringup, board, &report))
		fail_msg("%s: %s", board->name, report.text.buf);
	assert_int_equal(bringup.stage, GPUAS_STAGE_PLANNED);
	assert_ptr_equal(bringup.board, board);
}

/* Refused, and the report names the thing, with and without a report. */
static void refused(const struct gpuas_board *board, int err, const char *thing)
{
	struct gpuas_bringup bringup;
	struct gpuas_report report;

	memset(&bringup, 0xa5, sizeof(bringup));
	memset(&report, 0xa5, sizeof(report));
	assert_int_equal(gpuas_plan(&bringup, board, &report), err);
	assert_int_equal(bringup.stage, GPUAS_STAGE_NONE);
	assert_int_equal(report.err, err);
	if (!strstr(report.text.buf, thing))
		fail_msg("\"%s\" does not name %s", report.text.buf, thing);
	assert_int_equal(gpuas_plan(&bringup, board, NULL), err);
}

static void every_board_in_the_list_is_found_and_plans(void **state)
{
	const struct gpuas_board *board;
	const char *const *machine;
	unsigned int i;

	(void)state;
	assert_ptr_equal(gpuas_board_find("linux,dummy-virt"),
			 &gpuas_board_qemu_virt);
	assert_ptr_equal(gpuas_board_find("apple,t8103"),
			 &gpuas_board_apple_t8103);
	for (i = 0; (board = gpuas_board_at(i)); i++) {
		plans(board);
		for (machine = board->machine; *machine; machine++)
			assert_ptr_equal(gpuas_board_find(*machine), board);
	}
	assert_true(i >= 2);
}

static void an_unknown_machine_has_no_board(void **state)
{
	(void)state;
	assert_null(gpuas_board_find("vendor,machine"));
	assert_null(gpuas_board_find(""));
	assert_true(gpuas_board_family("apple,agx-g99x"));
	assert_true(gpuas_board_family(gpuas_board_apple_t8103.compatible[0]));
	assert_false(gpuas_board_family("apple,agx"));
	assert_false(gpuas_board_family("vendor,gpu"));
	assert_false(gpuas_board_family(""));
	assert_null(gpuas_board_find(NULL));
}

static void the_template_plans(void **state)
{
	(void)state;
	plans(&gpuas_board_template);
}

static void sizes_are_computed_and_rounded_up(void **state)
{
	struct gpuas_bringup b;
	struct desc d;
	unsigned int i;

	(void)state;
	desc_copy(&d, &gpuas_board_qemu_virt);
	d.region[TABLES].size = 0;
	d.region[TEXT].size = 0x40001;
	assert_int_equal(gpuas_plan(&b, &d.board, NULL), 0);
	/* The root, one below, and leaf tables for the first two times 32 MiB. */
	assert_int_equal(b.tables, 4);
	assert_int_equal(b.manifest.region[TTBS].size, 0x10000);
	assert_int_equal(b.manifest.region[TABLES].size, 0x10000);
	assert_int_equal(b.manifest.region[HANDOFF].size, 0x10000);
	assert_int_equal(b.manifest.region[TEXT].size, 0x50000);
	assert_int_equal(b.manifest.region[DATA].size, 0x80000);
	for (i = 0; i < b.manifest.regions; i++)
		assert_int_equal(gpuas_pa_u64(b.manifest.region[i].pa), 0);
}

static void sizes_that_the_board_gives_are_kept(void **state)
{
	struct gpuas_bringup b;
	struct desc d;

	(void)state;
	desc_copy(&d, &gpuas_board_qemu_virt);
	d.region[TABLES].size = 0x30000;
	d.region[TTBS].size = sizeof(struct gpuas_ttb_array);
	d.region[HANDOFF].size = sizeof(struct gpuas_handoff);
	assert_int_equal(gpuas_plan(&b, &d.board, NULL), 0);
	assert_int_equal(b.manifest.region[TABLES].size, 0x30000);
	assert_int_equal(b.manifest.region[TTBS].size, 0x10000);
}

static void an_adopting_board_has_no_regions_yet(void **state)
{
	struct gpuas_bringup b;
	unsigned int i;

	(void)state;
	assert_int_equal(gpuas_plan(&b, &gpuas_board_apple_t8103, NULL), 0);
	for (i = 0; i < b.manifest.regions; i++) {
		assert_false(b.manifest.region[i].present);
		assert_int_equal(b.manifest.region[i].size, 0);
	}
}

/* What the firmware maps may be in tables that nobody described. */
static void an_adopting_board_needs_the_root_only(void **state)
{
	struct desc d;

	(void)state;
	desc_copy(&d, &gpuas_board_qemu_virt);
	d.board.adopt = true;
	d.board.align = 0x4000;
	d.region[TABLES].size = 0x4000;
	d.region[DATA].size = 0;
	d.stand[SHARED].optional = true;
	plans(&d.board);
}

static void mappings_may_touch_and_fill_the_window(void **state)
{
	struct desc d;

	(void)state;
	desc_copy(&d, &gpuas_board_qemu_virt);
	d.region[DATA].va = gpuas_va(FIRMWARE + d.region[TEXT].size);
	d.region[SHARED].va = gpuas_va(FIRMWARE + 2 * ROOT_ENTRY - 0x10000);
	plans(&d.board);
}

static void windows_may_end_at_the_top_of_the_half(void **state)
{
	struct desc d;

	(void)state;
	desc_copy(&d, &gpuas_board_qemu_virt);
	d.board.host.va = gpuas_va(0 - 2 * ROOT_ENTRY);
	d.board.host.size = 2 * ROOT_ENTRY;
	plans(&d.board);
}

/* Ended by NULL. */
#define LIST(...)	((const char *const[]){ __VA_ARGS__, NULL })

/* One test for each way in which a description can be impossible. */
#define REFUSED(test, change, err, thing) \
	static void test(void **state) \
	{ \
		struct desc d; \
		(void)state; \
		desc_copy(&d, &gpuas_board_qemu_virt); \
		change; \
		refused(&d.board, err, thing); \
	}

#define REFUSED_ADOPTING(test, change, err, thing) \
	static void test(void **state) \
	{ \
		struct desc d; \
		(void)state; \
		desc_copy(&d, &gpuas_board_apple_t8103); \
		change; \
		refused(&d.board, err, thing); \
	}

REFUSED(a_board_without_name_is_refused, d.board.name = NULL, -GPUAS_EINVAL,
	"board")
REFUSED(a_board_without_compatible_is_refused, d.board.compatible = NULL,
	-GPUAS_EINVAL, "qemu-virt")
REFUSED(a_board_without_list_is_refused, d.board.region = NULL, -GPUAS_EINVAL,
	"qemu-virt")
REFUSED(a_board_without_regions_is_refused, d.board.regions = 0, -GPUAS_ENOENT,
	"qemu-virt")
REFUSED(too_many_regions_are_refused, d.board.regions = GPUAS_REGIONS_MAX + 1,
	-GPUAS_E2BIG, "too many regions, 17")

REFUSED(a_missing_format_is_refused, d.board.geo.format = NULL, -GPUAS_EINVAL,
	"format")
REFUSED(too_few_va_bits_are_refused, d.board.geo.va_bits = 30, -GPUAS_EINVAL,
	"VA bits 30")
REFUSED(too_many_va_bits_are_refused, d.board.geo.va_bits = 49, -GPUAS_EINVAL,
	"VA bits 49")
REFUSED(too_few_pa_bits_are_refused, d.board.geo.pa_bits = 31, -GPUAS_EINVAL,
	"PA bits 31")
REFUSED(too_many_pa_bits_are_refused, d.board.geo.pa_bits = 49, -GPUAS_EINVAL,
	"PA bits 49")

REFUSED(no_alignment_is_refused, d.board.align = 0, -GPUAS_EINVAL, "alignment")
REFUSED(an_alignment_that_is_no_power_of_two_is_refused,
	d.board.align = 0x18000, -GPUAS_EINVAL, "alignment 0x18000")
REFUSED(an_alignment_below_64k_is_refused, d.board.align = 0x8000,
	-GPUAS_EINVAL, "alignment 0x8000")
REFUSED_ADOPTING(an_alignment_below_the_granule_is_refused,
		 d.board.align = 0x2000, -GPUAS_EINVAL, "alignment 0x2000")

REFUSED(an_empty_firmware_window_is_refused, d.board.firmware.size = 0,
	-GPUAS_EINVAL, "window firmware")
REFUSED(an_empty_host_window_is_refused, d.board.host.size = 0, -GPUAS_EINVAL,
	"window host")
REFUSED(a_window_that_starts_inside_a_root_entry_is_refused,
	d.board.host.va = gpuas_va(0xffffffa000004000ULL), -GPUAS_EINVAL,
	"window host")
REFUSED(a_window_that_ends_inside_a_root_entry_is_refused,
	d.board.firmware.size -= 0x4000, -GPUAS_EINVAL, "window firmware")
REFUSED(a_window_that_wraps_is_refused,
	d.board.host.va = gpuas_va(0 - ROOT_ENTRY);
	d.board.host.size = 2 * ROOT_ENTRY, -GPUAS_EOVERFLOW, "window host")
REFUSED(a_window_outside_the_half_is_refused, d.board.host.va = gpuas_va(0),
	-GPUAS_ERANGE, "window host")
REFUSED(a_window_below_the_half_is_refused,
	d.board.firmware.va = gpuas_va(FIRMWARE - ROOT_ENTRY), -GPUAS_ERANGE,
	"window firmware")
REFUSED(a_window_that_leaves_the_half_is_refused, d.board.geo.upper = false;
	d.board.firmware.va = gpuas_va(0);
	d.board.host.va = gpuas_va(7 * ROOT_ENTRY);
	d.board.host.size = 2 * ROOT_ENTRY, -GPUAS_ERANGE, "window host")
REFUSED(windows_that_overlap_are_refused,
	d.board.host.va = gpuas_va(FIRMWARE + ROOT_ENTRY), -GPUAS_ENOTUNIQ,
	"overlaps")

REFUSED(a_region_without_name_is_refused, d.region[DATA].name = NULL,
	-GPUAS_EINVAL, "region 4")
REFUSED(a_region_with_empty_name_is_refused, d.region[DATA].name = "",
	-GPUAS_EINVAL, "region 4")
REFUSED(a_name_that_is_too_long_is_refused,
	d.region[DATA].name = "abcdefghijklmnopqrstuvwx", -GPUAS_E2BIG,
	"abcdefghijklmnopqrstuvwx")
REFUSED(a_region_without_node_is_refused, d.stand[TEXT].node = NULL,
	-GPUAS_EINVAL, "fw-text")
REFUSED(a_region_with_empty_node_is_refused, d.stand[TEXT].node = "",
	-GPUAS_EINVAL, "node")
REFUSED(a_node_with_unit_address_is_refused, d.stand[TEXT].node = "fw@1000",
	-GPUAS_EINVAL, "fw@1000")
REFUSED(a_node_with_a_path_is_refused, d.stand[TEXT].node = "a/b",
	-GPUAS_EINVAL, "a/b")
REFUSED(names_that_occur_twice_are_refused, d.region[SHARED].name = "fw-text",
	-GPUAS_ENOTUNIQ, "fw-text")
REFUSED(a_node_with_odd_characters_is_refused,
	d.stand[TEXT].node = "a b\n\"{};", -GPUAS_EINVAL, "a b")

REFUSED(a_node_name_of_32_characters_is_refused,
	d.stand[TEXT].node = "a2345678901234567890123456789012", -GPUAS_EINVAL,
	"a2345678901234567890123456789012")

REFUSED(an_empty_gpu_node_is_refused, d.board.gpu_node = "", -GPUAS_EINVAL,
	"node")

REFUSED(a_gpu_node_with_a_path_is_refused, d.board.gpu_node = "a/b",
	-GPUAS_EINVAL, "a/b")

REFUSED(an_empty_compatible_is_refused, d.board.compatible = LIST("a,b", ""),
	-GPUAS_EINVAL, "board qemu-virt: has no printable compatible")

REFUSED(a_board_without_machine_is_refused, d.board.machine = NULL,
	-GPUAS_EINVAL, "board qemu-virt: has no printable machine")
REFUSED(an_empty_machine_is_refused, d.board.machine = LIST(""), -GPUAS_EINVAL,
	"board qemu-virt: has no printable machine")
REFUSED(a_machine_with_a_blank_is_refused,
	d.board.machine = LIST("a,b", "linux,dummy virt"),
	-GPUAS_EINVAL, "board qemu-virt: has no printable machine")
REFUSED(an_empty_list_of_machines_is_refused, d.board.machine = LIST(NULL),
	-GPUAS_EINVAL, "board qemu-virt: has no printable machine")
REFUSED(an_empty_list_of_compatibles_is_refused, d.board.compatible = LIST(NULL),
	-GPUAS_EINVAL, "board qemu-virt: has no printable compatible")
REFUSED(a_machine_that_occurs_twice_is_refused,
	d.board.machine = LIST("a,b", "c,d", "a,b"), -GPUAS_ENOTUNIQ,
	"machine a,b: occurs twice")
REFUSED(a_compatible_that_occurs_twice_is_refused,
	d.board.compatible = LIST("a,b", "c,d", "c,d"), -GPUAS_ENOTUNIQ,
	"compatible c,d: occurs twice")
REFUSED(an_empty_name_is_refused, d.board.name = "", -GPUAS_EINVAL,
	"has no printable name")
REFUSED(a_name_with_a_blank_is_refused, d.board.name = "qemu virt",
	-GPUAS_EINVAL, "board qemu virt: has no printable name")
REFUSED(a_compatible_of_two_lines_is_refused, d.board.compatible = LIST("a\nb"),
	-GPUAS_EINVAL, "board qemu-virt: has no printable compatible")
REFUSED(a_compatible_beyond_ascii_is_refused, d.board.compatible = LIST("vendor,gp\xc3\xbc"),
	-GPUAS_EINVAL, "board qemu-virt: has no printable compatible")
REFUSED(a_region_name_with_a_blank_is_refused, d.region[TEXT].name = "fw text",
	-GPUAS_EINVAL, "board qemu-virt: no printable name for region 3")
REFUSED(a_region_name_with_a_delete_is_refused, d.region[DATA].name = "fw\x7f",
	-GPUAS_EINVAL, "no printable name for region 4")
REFUSED(a_gpu_node_called_memory_is_refused, d.board.gpu_node = "memory",
	-GPUAS_EINVAL, "node memory: is no name, without unit address, for a node of ours")
REFUSED(a_gpu_node_called_cpus_is_refused, d.board.gpu_node = "cpus",
	-GPUAS_EINVAL, "node cpus: is no name")
REFUSED(a_gpu_node_called_reserved_memory_is_refused,
	d.board.gpu_node = "reserved-memory", -GPUAS_EINVAL,
	"node reserved-memory: is no name")

/* What is at the edges of what a name may have, and beyond. */
static void characters_of_node_names_are_those_of_the_specification(void **state)
{
	static const char legal[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ,._+-";
	struct gpuas_bringup bringup;
	char name[] = "a ";
	struct desc d;
	int c, err;

	(void)state;
	for (c = 1; c < 256; c++) {
		desc_copy(&d, &gpuas_board_qemu_virt);
		name[1] = (char)c;
		d.stand[TEXT].node = name;
		err = gpuas_plan(&bringup, &d.board, NULL);
		if (err != (strchr(legal, c) ? 0 : -GPUAS_EINVAL))
			fail_msg("character %d: %d", c, err);
	}
}

static const struct gpuas_profile no_magic = { .magic = GPUAS_HANDOFF_MAGIC_0002 };

REFUSED(a_board_that_allocates_needs_a_profile, d.board.profile = NULL,
	-GPUAS_EOPNOTSUPP, "handoff profile: is not known")
REFUSED(a_profile_without_magic_is_refused, d.board.profile = &no_magic,
	-GPUAS_EINVAL, "handoff profile: accepts no magic")
REFUSED_ADOPTING(a_profile_of_an_adopting_board_is_judged_too,
		 d.board.profile = &no_magic, -GPUAS_EINVAL, "accepts no magic")

static void who_adopts_may_know_nothing_of_the_handoff_page(void **state)
{
	struct desc d;

	(void)state;
	desc_copy(&d, &gpuas_board_apple_t8103);
	d.board.profile = NULL;
	plans(&d.board);
}

static const char *const withhold_two_lines[] = { "arm,smmu-v3\n", NULL };

REFUSED(a_compatible_to_withhold_of_two_lines_is_refused,
	d.board.withhold = withhold_two_lines, -GPUAS_EINVAL,
	"withholds a device without compatible, or an odd one")

static const char *const withhold_nothing[] = { "arm,smmu-v3", "", NULL };
static const char *const withhold_gpu[] = {
	"arm,smmu-v3", "gpuas,qemu-virt-gpu", NULL,
};

REFUSED(an_empty_compatible_to_withhold_is_refused,
	d.board.withhold = withhold_nothing, -GPUAS_EINVAL,
	"withholds a device without compatible")
REFUSED(any_compatible_of_the_gpu_to_withhold_is_refused,
	d.board.withhold = withhold_gpu;
	d.board.compatible = LIST("a,b", "c,d", "gpuas,qemu-virt-gpu"), -GPUAS_EINVAL,
	"withholds the GPU itself")
REFUSED(the_gpu_to_withhold_is_refused, d.board.withhold = withhold_gpu,
	-GPUAS_EINVAL, "withholds the GPU itself")

REFUSED(nodes_that_occur_twice_are_refused,
	d.stand[SHARED].node = "gpuas-fw-text", -GPUAS_ENOTUNIQ,
	"gpuas-fw-text")

/*
 * Contracts
 */

REFUSED(a_board_without_contract_is_refused, d.contracts[0] = NULL, -GPUAS_EINVAL,
	"board qemu-virt: has no contract")
REFUSED(a_board_without_list_of_contracts_is_refused, d.board.contract = NULL, -GPUAS_EINVAL,
	"board qemu-virt: has no contract")
REFUSED(a_contract_without_name_is_refused, d.contract.name = "a b", -GPUAS_EINVAL,
	"has a contract without printable name")
REFUSED(segments_without_property_are_refused, d.contract.va = GPUAS_VA_SEGMENTS,
	-GPUAS_EINVAL, "names no property for VAs")
REFUSED(a_contract_that_nobody_writes_is_refused_where_we_allocate,
	d.contract.read_only = true, -GPUAS_EINVAL, "nobody is known to write")
REFUSED(a_region_that_is_only_in_a_contract_is_refused, d.stand[DATA].region = "other",
	-GPUAS_EINVAL, "region other: is in a contract, and not the board's")
REFUSED(a_region_that_is_in_no_contract_is_refused, d.contract.regions--, -GPUAS_EINVAL,
	"region shared: is not in a contract")
REFUSED(a_region_twice_in_a_contract_is_refused, d.stand[DATA].region = "fw-text",
	-GPUAS_ENOTUNIQ, "region fw-text: name occurs twice in a contract")
REFUSED(a_region_without_name_in_a_contract_is_refused, d.stand[DATA].name = NULL,
	-GPUAS_EINVAL, "region fw-data: has no printable name in a contract")
REFUSED(a_region_of_many_ranges_is_refused, d.stand[DATA].tuples = true, -GPUAS_EINVAL,
	"region fw-data: is more than one range")
REFUSED(memory_of_the_contract_alone_is_known_by_its_compatible, d.stand[DATA].region = NULL,
	-GPUAS_EINVAL, "contract gpuas-qemu-virt: says of memory that is no region")

static void a_board_has_eight_contracts_at_most(void **state)
{
	struct desc d;
	unsigned int i;

	(void)state;
	desc_copy(&d, &gpuas_board_qemu_virt);
	for (i = 0; i < GPUAS_CONTRACTS_MAX; i++)
		d.contracts[i] = &d.contract;
	plans(&d.board);
	d.contracts[i] = &d.contract;
	refused(&d.board, -GPUAS_E2BIG, "board qemu-virt: has more contracts than 8");
}

REFUSED(an_unknown_role_is_refused,
	d.region[DATA].role = (enum gpuas_role)(GPUAS_ROLE_DATA + 1), -GPUAS_EINVAL,
	"fw-data: unknown role")
REFUSED(an_unknown_owner_is_refused,
	d.region[DATA].owner = (enum gpuas_owner)3, -GPUAS_EINVAL, "fw-data")
REFUSED(a_second_region_of_page_tables_is_refused,
	d.region[COUNT] = d.region[TABLES]; d.region[COUNT].name = "more";
	d.board.regions++, -GPUAS_ENOTUNIQ,
	"more")
REFUSED(a_missing_ttb_array_is_refused, d.region[TTBS].role = GPUAS_ROLE_DATA,
	-GPUAS_ENOENT, "TTB array")
REFUSED(missing_page_tables_are_refused,
	d.region[TABLES].role = GPUAS_ROLE_DATA, -GPUAS_ENOENT, "page tables")
REFUSED(a_missing_handoff_page_is_refused,
	d.region[HANDOFF].role = GPUAS_ROLE_DATA, -GPUAS_ENOENT, "handoff page")
REFUSED(an_optional_region_where_we_allocate_is_refused,
	d.stand[DATA].optional = true, -GPUAS_EINVAL, "fw-data")
REFUSED_ADOPTING(optional_page_tables_are_refused,
		 d.stand[TABLES].optional = true, -GPUAS_EINVAL, "pagetables")
REFUSED(a_va_without_mapping_is_refused,
	d.region[TABLES].va = gpuas_va(FIRMWARE), -GPUAS_EINVAL, "pagetables")
REFUSED(attributes_without_mapping_are_refused,
	d.region[TABLES].attr = GPUAS_FW_READ, -GPUAS_EINVAL, "pagetables")

REFUSED(a_mapped_region_of_no_size_is_refused, d.region[TEXT].size = 0,
	-GPUAS_EINVAL, "fw-text")
REFUSED(a_named_region_of_no_size_is_refused,
	d.region[TEXT].size = 0; d.region[TEXT].va = gpuas_va(0);
	d.region[TEXT].attr = 0; d.region[TEXT].role = GPUAS_ROLE_DATA,
	-GPUAS_EINVAL, "fw-text")
REFUSED(a_ttb_array_that_is_too_small_is_refused, d.region[TTBS].size = 0x3ff,
	-GPUAS_EMSGSIZE, "ttbs")
REFUSED(page_tables_that_are_too_small_are_refused,
	d.region[TABLES].size = 3 * 0x4000, -GPUAS_EMSGSIZE, "pagetables")
REFUSED(a_handoff_page_that_is_too_small_is_refused,
	d.region[HANDOFF].size = 0x647, -GPUAS_EMSGSIZE, "handoff")
REFUSED(a_size_that_wraps_when_rounded_is_refused,
	d.region[TTBS].size = 0xffffffffffff0001ULL, -GPUAS_EOVERFLOW, "ttbs")
REFUSED(a_size_beyond_the_pa_size_is_refused,
	d.region[TTBS].size = (1ULL << 40) + 1, -GPUAS_ERANGE, "ttbs")
REFUSED(a_mapped_size_beyond_the_pa_size_is_refused,
	d.region[SHARED].size = (1ULL << 40) + 1, -GPUAS_ERANGE, "shared")
REFUSED(too_many_tables_are_refused,
	d.region[SHARED].size = 1024ULL << 25, -GPUAS_E2BIG, "too many tables, 1027")

REFUSED(an_unaligned_va_is_refused,
	d.region[DATA].va = gpuas_va(FIRMWARE + 0x1001000), -GPUAS_EINVAL,
	"fw-data")
REFUSED(a_va_that_wraps_is_refused,
	d.region[DATA].va = gpuas_va(0 - 0x4000ULL), -GPUAS_EOVERFLOW, "fw-data")
REFUSED(a_va_outside_the_firmware_window_is_refused,
	d.region[DATA].va = gpuas_va(FIRMWARE + 2 * ROOT_ENTRY), -GPUAS_ERANGE,
	"fw-data")
REFUSED(a_va_below_the_firmware_window_is_refused,
	d.region[DATA].va = gpuas_va(0x1000000), -GPUAS_ERANGE, "fw-data")
REFUSED(a_mapping_that_leaves_the_window_is_refused,
	d.region[DATA].va = gpuas_va(FIRMWARE + 2 * ROOT_ENTRY - 0x7c000),
	-GPUAS_ERANGE, "fw-data")
REFUSED(mappings_that_overlap_are_refused,
	d.region[DATA].va = gpuas_va(FIRMWARE + 0x3c000), -GPUAS_ENOTUNIQ,
	"fw-data: VA overlaps that of fw-text")
REFUSED(mappings_that_overlap_once_rounded_are_refused,
	d.region[TEXT].size = 0x40001;
	d.region[DATA].va = gpuas_va(FIRMWARE + 0x44000), -GPUAS_ENOTUNIQ,
	"fw-data")
REFUSED(attributes_without_encoding_are_refused,
	d.region[TEXT].attr |= GPUAS_OWNER_FW, -GPUAS_EOPNOTSUPP,
	"fw-text: lpae-16k has no gpu=--- fw=r-x gl=--- cached global fw-owned, not with fw-owned")
REFUSED(rights_of_the_gpu_that_lpae_gives_only_with_the_firmware_s_are_named,
	d.region[DATA].attr = GPUAS_GPU_READ | GPUAS_GPU_WRITE, -GPUAS_EOPNOTSUPP,
	"fw-data: lpae-16k has no gpu=rw- fw=--- gl=--- cached, not without fw=rw-")
REFUSED(rights_that_a_format_lacks_are_named,
	d.region[DATA].attr = GPUAS_FW_READ | GPUAS_GL_READ | GPUAS_GL_EXEC, -GPUAS_EOPNOTSUPP,
	"fw-data: lpae-16k has no gpu=--- fw=r-- gl=r-x cached, not with gl=r-x")
REFUSED(rights_that_exclude_each_other_are_named,
	d.region[DATA].attr = GPUAS_GPU_READ | GPUAS_GPU_WRITE | GPUAS_FW_READ |
			      GPUAS_FW_WRITE | GPUAS_FW_EXEC, -GPUAS_EOPNOTSUPP,
	"fw-data: lpae-16k has no gpu=rw- fw=rwx gl=--- cached, not with fw=--x")
REFUSED(writable_and_executable_memory_is_refused_by_uat,
	d.board.geo.format = &gpuas_format_uat;
	d.region[TEXT].attr |= GPUAS_OWNER_FW;
	d.region[DATA].attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_FW_EXEC |
			      GPUAS_OWNER_FW, -GPUAS_EOPNOTSUPP,
	"fw-data: uat has no gpu=--- fw=rwx gl=--- cached fw-owned, not with fw=--x")
REFUSED(a_kind_of_memory_for_decoding_only_is_named,
	d.region[DATA].attr |= GPUAS_MEM_OTHER, -GPUAS_EOPNOTSUPP,
	"other global, not with memory other")
REFUSED(bits_that_mean_nothing_are_shown,
	d.region[DATA].attr |= 1u << 31 | 1u << 9, -GPUAS_EOPNOTSUPP,
	"not with 0x80000200")

#define T(test) cmocka_unit_test(test)

static const struct CMUnitTest tests[] = {
	T(every_board_in_the_list_is_found_and_plans),
	T(an_unknown_machine_has_no_board),
	T(the_template_plans),
	T(sizes_are_computed_and_rounded_up),
	T(sizes_that_the_board_gives_are_kept),
	T(an_adopting_board_has_no_regions_yet),
	T(an_adopting_board_needs_the_root_only),
	T(mappings_may_touch_and_fill_the_window),
	T(windows_may_end_at_the_top_of_the_half),
	T(a_board_without_name_is_refused),
	T(a_board_without_compatible_is_refused),
	T(a_board_without_list_is_refused),
	T(a_board_without_regions_is_refused),
	T(too_many_regions_are_refused),
	T(a_missing_format_is_refused),
	T(too_few_va_bits_are_refused),
	T(too_many_va_bits_are_refused),
	T(too_few_pa_bits_are_refused),
	T(too_many_pa_bits_are_refused),
	T(no_alignment_is_refused),
	T(an_alignment_that_is_no_power_of_two_is_refused),
	T(an_alignment_below_64k_is_refused),
	T(an_alignment_below_the_granule_is_refused),
	T(an_empty_firmware_window_is_refused),
	T(an_empty_host_window_is_refused),
	T(a_window_that_starts_inside_a_root_entry_is_refused),
	T(a_window_that_ends_inside_a_root_entry_is_refused),
	T(a_window_that_wraps_is_refused),
	T(a_window_outside_the_half_is_refused),
	T(a_window_below_the_half_is_refused),
	T(a_window_that_leaves_the_half_is_refused),
	T(windows_that_overlap_are_refused),
	T(a_region_without_name_is_refused),
	T(a_region_with_empty_name_is_refused),
	T(a_name_that_is_too_long_is_refused),
	T(a_region_without_node_is_refused),
	T(a_region_with_empty_node_is_refused),
	T(a_node_with_unit_address_is_refused),
	T(a_node_with_a_path_is_refused),
	T(names_that_occur_twice_are_refused),
	T(a_node_with_odd_characters_is_refused),
	T(a_node_name_of_32_characters_is_refused),
	T(an_empty_gpu_node_is_refused),
	T(a_gpu_node_with_a_path_is_refused),
	T(an_empty_compatible_is_refused),
	T(a_board_without_machine_is_refused),
	T(an_empty_machine_is_refused),
	T(an_empty_list_of_machines_is_refused),
	T(an_empty_list_of_compatibles_is_refused),
	T(a_machine_that_occurs_twice_is_refused),
	T(a_compatible_that_occurs_twice_is_refused),
	T(an_empty_name_is_refused),
	T(a_name_with_a_blank_is_refused),
	T(a_machine_with_a_blank_is_refused),
	T(a_compatible_of_two_lines_is_refused),
	T(a_compatible_beyond_ascii_is_refused),
	T(a_region_name_with_a_blank_is_refused),
	T(a_region_name_with_a_delete_is_refused),
	T(a_gpu_node_called_memory_is_refused),
	T(a_gpu_node_called_cpus_is_refused),
	T(a_gpu_node_called_reserved_memory_is_refused),
	T(a_compatible_to_withhold_of_two_lines_is_refused),
	T(characters_of_node_names_are_those_of_the_specification),
	T(an_empty_compatible_to_withhold_is_refused),
	T(a_board_that_allocates_needs_a_profile),
	T(a_profile_without_magic_is_refused),
	T(a_profile_of_an_adopting_board_is_judged_too),
	T(who_adopts_may_know_nothing_of_the_handoff_page),
	T(any_compatible_of_the_gpu_to_withhold_is_refused),
	T(the_gpu_to_withhold_is_refused),
	T(nodes_that_occur_twice_are_refused),
	T(a_board_without_contract_is_refused),
	T(a_board_without_list_of_contracts_is_refused),
	T(a_contract_without_name_is_refused),
	T(segments_without_property_are_refused),
	T(a_contract_that_nobody_writes_is_refused_where_we_allocate),
	T(a_region_that_is_only_in_a_contract_is_refused),
	T(a_region_that_is_in_no_contract_is_refused),
	T(a_region_twice_in_a_contract_is_refused),
	T(a_region_without_name_in_a_contract_is_refused),
	T(a_region_of_many_ranges_is_refused),
	T(memory_of_the_contract_alone_is_known_by_its_compatible),
	T(a_board_has_eight_contracts_at_most),
	T(an_unknown_role_is_refused),
	T(an_unknown_owner_is_refused),
	T(a_second_region_of_page_tables_is_refused),
	T(a_missing_ttb_array_is_refused),
	T(missing_page_tables_are_refused),
	T(a_missing_handoff_page_is_refused),
	T(an_optional_region_where_we_allocate_is_refused),
	T(optional_page_tables_are_refused),
	T(a_va_without_mapping_is_refused),
	T(attributes_without_mapping_are_refused),
	T(a_mapped_region_of_no_size_is_refused),
	T(a_named_region_of_no_size_is_refused),
	T(a_ttb_array_that_is_too_small_is_refused),
	T(page_tables_that_are_too_small_are_refused),
	T(a_handoff_page_that_is_too_small_is_refused),
	T(a_size_that_wraps_when_rounded_is_refused),
	T(a_size_beyond_the_pa_size_is_refused),
	T(a_mapped_size_beyond_the_pa_size_is_refused),
	T(too_many_tables_are_refused),
	T(an_unaligned_va_is_refused),
	T(a_va_that_wraps_is_refused),
	T(a_va_outside_the_firmware_window_is_refused),
	T(a_va_below_the_firmware_window_is_refused),
	T(a_mapping_that_leaves_the_window_is_refused),
	T(mappings_that_overlap_are_refused),
	T(mappings_that_overlap_once_rounded_are_refused),
	T(attributes_without_encoding_are_refused),
	T(rights_of_the_gpu_that_lpae_gives_only_with_the_firmware_s_are_named),
	T(rights_that_a_format_lacks_are_named),
	T(rights_that_exclude_each_other_are_named),
	T(writable_and_executable_memory_is_refused_by_uat),
	T(a_kind_of_memory_for_decoding_only_is_named),
	T(bits_that_mean_nothing_are_shown),
};

UNIT_MAIN(tests)
