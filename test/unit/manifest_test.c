// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/manifest.h>

#define PA	0x840000000ULL

/* In the regions of the stand-in board, by index. */
enum { TTBS, TABLES, HANDOFF, TEXT, DATA, SHARED, COUNT };

static const uint64_t sizes[COUNT] = {
	0x10000, 0x40000, 0x10000, 0x40000, 0x80000, 0x10000,
};

/* A manifest that is right, and its board, both to be spoilt. */
struct fixture {
	struct gpuas_board board;
	struct gpuas_board_region region[GPUAS_REGIONS_MAX + 1];
	struct gpuas_contract contract;
	struct gpuas_contract_region stand[COUNT];
	const struct gpuas_contract *contracts[2];
	struct gpuas_manifest h;
};

static void start(struct fixture *f)
{
	uint64_t pa = PA;
	unsigned int i;

	memset(f, 0, sizeof(*f));
	f->board = gpuas_board_qemu_virt;
	memcpy(f->region, f->board.region, COUNT * sizeof(f->region[0]));
	f->board.region = f->region;
	f->contract = gpuas_contract_qemu_virt;
	memcpy(f->stand, f->contract.region, sizeof(f->stand));
	f->contract.region = f->stand;
	f->contracts[0] = &f->contract;
	f->board.contract = f->contracts;
	assert_int_equal(gpuas_manifest_init(&f->h, &f->board), 0);
	for (i = 0; i < COUNT; i++) {
		f->h.region[i].present = true;
		f->h.region[i].pa = gpuas_pa(pa);
		f->h.region[i].size = sizes[i];
		pa += sizes[i];
	}
	f->h.root = f->h.region[TABLES].pa;
}

static void init_takes_over_what_the_board_says(void **state)
{
	const struct gpuas_board *board = &gpuas_board_qemu_virt;
	struct gpuas_manifest h;
	unsigned int i;

	(void)state;
	memset(&h, 0xa5, sizeof(h));
	assert_int_equal(gpuas_manifest_init(&h, board), 0);
	assert_int_equal(h.regions, COUNT);
	assert_ptr_equal(h.geo.format, &gpuas_format_lpae_16k);
	assert_int_equal(h.host.size, board->host.size);
	assert_int_equal(gpuas_va_u64(h.firmware.va),
			 gpuas_va_u64(board->firmware.va));
	for (i = 0; i < COUNT; i++) {
		assert_string_equal(h.region[i].name, board->region[i].name);
		assert_int_equal(h.region[i].role, board->region[i].role);
		assert_int_equal(h.region[i].owner, board->region[i].owner);
		assert_int_equal(h.region[i].mapped, i >= TEXT);
		assert_int_equal(h.region[i].attr, board->region[i].attr);
		assert_false(h.region[i].present);
		assert_int_equal(h.region[i].size, 0);
		assert_int_equal(gpuas_pa_u64(h.region[i].pa), 0);
	}
}

static void init_refuses_a_board_with_too_many_regions(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.board.regions = GPUAS_REGIONS_MAX + 1;
	assert_int_equal(gpuas_manifest_init(&f.h, &f.board), -GPUAS_E2BIG);
}

static void init_refuses_a_name_that_is_too_long(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.region[DATA].name = "abcdefghijklmnopqrstuvw";
	assert_int_equal(gpuas_manifest_init(&f.h, &f.board), 0);
	assert_string_equal(f.h.region[DATA].name, "abcdefghijklmnopqrstuvw");
	f.region[DATA].name = "abcdefghijklmnopqrstuvwx";
	assert_int_equal(gpuas_manifest_init(&f.h, &f.board), -GPUAS_E2BIG);
}

static void init_refuses_a_region_without_name(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.region[DATA].name = NULL;
	assert_int_equal(gpuas_manifest_init(&f.h, &f.board), -GPUAS_EINVAL);
}

static void a_region_is_found_by_name_present_or_not(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.h.region[DATA].present = false;
	assert_ptr_equal(gpuas_manifest_region(&f.h, "ttbs"),
			 &f.h.region[TTBS]);
	assert_ptr_equal(gpuas_manifest_region(&f.h, "fw-data"),
			 &f.h.region[DATA]);
	assert_null(gpuas_manifest_region(&f.h, "fw"));
	assert_null(gpuas_manifest_region(&f.h, NULL));
}

static void only_a_present_region_is_found_by_role(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_ptr_equal(gpuas_manifest_role(&f.h, GPUAS_ROLE_MAPPED),
			 &f.h.region[TEXT]);
	assert_null(gpuas_manifest_role(&f.h, GPUAS_ROLE_DATA));
	f.h.region[TABLES].present = false;
	assert_null(gpuas_manifest_role(&f.h, GPUAS_ROLE_PAGETABLES));
}

static void a_right_manifest_passes(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	assert_int_equal(gpuas_manifest_check(&f.h, &f.board, NULL), 0);
}

static void a_region_may_end_at_the_last_pa(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.h.region[DATA].pa = gpuas_pa((1ULL << 40) - sizes[DATA]);
	assert_int_equal(gpuas_manifest_check(&f.h, &f.board, NULL), 0);
}

static void an_optional_region_may_be_absent(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.stand[DATA].optional = true;
	f.h.region[DATA].present = false;
	f.h.region[DATA].size = 0;
	assert_int_equal(gpuas_manifest_check(&f.h, &f.board, NULL), 0);
}

/* The firmware's mappings may be in tables that nobody described. */
static void an_adopting_board_needs_the_root_only(void **state)
{
	struct fixture f;

	(void)state;
	start(&f);
	f.board.adopt = true;
	f.board.align = 0x4000;
	f.region[TABLES].size = 0;
	f.h.region[TABLES].size = 0x4000;
	assert_int_equal(gpuas_manifest_check(&f.h, &f.board, NULL), 0);
	f.board.adopt = false;
	assert_int_equal(gpuas_manifest_check(&f.h, &f.board, NULL),
			 -GPUAS_EMSGSIZE);
}

static void refused(const struct fixture *f, int err, const char *thing)
{
	struct gpuas_report report;

	memset(&report, 0xa5, sizeof(report));
	assert_int_equal(gpuas_manifest_check(&f->h, &f->board, &report), err);
	assert_int_equal(report.err, err);
	if (!strstr(report.text.buf, thing))
		fail_msg("\"%s\" does not name %s", report.text.buf, thing);
	assert_int_equal(gpuas_manifest_check(&f->h, &f->board, NULL), err);
}

/* One test for each way in which a manifest can be wrong. */
#define REFUSED(test, change, err, thing) \
	static void test(void **state) \
	{ \
		struct fixture f; \
		(void)state; \
		start(&f); \
		change; \
		refused(&f, err, thing); \
	}

REFUSED(a_missing_region_is_enoent, f.h.regions--, -GPUAS_ENOENT, "shared")
REFUSED(a_region_of_another_name_is_enoent,
	strcpy(f.h.region[TEXT].name, "fw-test"), -GPUAS_ENOENT, "fw-text")
REFUSED(an_absent_region_is_enoent, f.h.region[TTBS].present = false,
	-GPUAS_ENOENT, "ttbs")
REFUSED(absent_page_tables_are_enoent, f.h.region[TABLES].present = false;
	f.stand[TABLES].optional = true, -GPUAS_ENOENT, "page tables")
REFUSED(an_empty_region_is_einval, f.h.region[HANDOFF].size = 0, -GPUAS_EINVAL,
	"handoff")
REFUSED(an_unaligned_pa_is_einval,
	f.h.region[TTBS].pa = gpuas_pa(PA + 0x4000), -GPUAS_EINVAL, "ttbs")
REFUSED(an_unaligned_size_is_einval, f.h.region[DATA].size = 0x84000,
	-GPUAS_EINVAL, "fw-data")
REFUSED(a_pa_below_the_granule_is_einval_on_any_board, f.board.align = 0x1000;
	f.h.region[TABLES].pa = gpuas_pa(PA + 0x11000), -GPUAS_EINVAL,
	"pagetables")
REFUSED(an_impossible_geometry_is_einval, f.board.geo.va_bits = 60;
	f.h.geo.va_bits = 60, -GPUAS_EINVAL, "VA bits 60")
REFUSED(a_window_in_parts_of_root_entries_is_einval, f.board.host.size = 0x4000;
	f.h.host.size = 0x4000, -GPUAS_EINVAL, "window host")
REFUSED(a_region_that_wraps_is_eoverflow,
	f.h.region[DATA].pa = gpuas_pa(0xffffffffffff0000ULL), -GPUAS_EOVERFLOW,
	"fw-data")
REFUSED(a_region_beyond_the_pa_size_is_erange,
	f.h.region[DATA].pa = gpuas_pa((1ULL << 40) - 0x10000), -GPUAS_ERANGE,
	"fw-data")
REFUSED(a_va_outside_the_firmware_window_is_erange,
	f.h.region[DATA].va = f.board.host.va, -GPUAS_ERANGE, "fw-data")
REFUSED(a_va_that_wraps_is_eoverflow,
	f.h.region[DATA].va = gpuas_va(0 - 0x4000ULL), -GPUAS_EOVERFLOW,
	"fw-data")
REFUSED(an_unaligned_va_is_einval,
	f.h.region[DATA].va = gpuas_va(gpuas_va_u64(f.h.region[DATA].va) + 8),
	-GPUAS_EINVAL, "fw-data")
REFUSED(a_region_smaller_than_its_contents_is_emsgsize,
	f.board.align = 0x4000; f.region[TABLES].size = 0;
	f.h.region[TABLES].size = 0xc000, -GPUAS_EMSGSIZE, "pagetables")
REFUSED(a_region_smaller_than_the_board_says_is_emsgsize,
	f.h.region[TEXT].size = 0x30000, -GPUAS_EMSGSIZE, "fw-text")
REFUSED(regions_that_overlap_are_enotuniq,
	f.h.region[SHARED].pa = f.h.region[TABLES].pa, -GPUAS_ENOTUNIQ,
	"shared: overlaps pagetables")
REFUSED(a_region_inside_another_is_enotuniq,
	f.h.region[TTBS].pa = gpuas_pa(gpuas_pa_u64(f.h.region[DATA].pa) +
				       0x70000), -GPUAS_ENOTUNIQ,
	"fw-data: overlaps ttbs")
REFUSED(mappings_that_overlap_are_enotuniq,
	f.h.region[SHARED].va = f.h.region[TEXT].va, -GPUAS_ENOTUNIQ,
	"shared: VA overlaps that of fw-text")
REFUSED(windows_that_overlap_are_enotuniq, f.board.host = f.board.firmware;
	f.h.host = f.h.firmware, -GPUAS_ENOTUNIQ, "window host")
REFUSED(a_root_elsewhere_is_estale, f.h.root = gpuas_pa(PA), -GPUAS_ESTALE,
	"root")
REFUSED(another_format_is_estale, f.h.geo.format = &gpuas_format_uat,
	-GPUAS_ESTALE, "geometry")
REFUSED(another_va_size_is_estale, f.h.geo.va_bits = 42, -GPUAS_ESTALE,
	"geometry")
REFUSED(another_pa_size_is_estale, f.h.geo.pa_bits = 42, -GPUAS_ESTALE,
	"geometry")
REFUSED(another_half_is_estale, f.h.geo.upper = false, -GPUAS_ESTALE,
	"geometry")
REFUSED(another_firmware_window_is_estale, f.h.firmware.size >>= 1,
	-GPUAS_ESTALE, "window firmware")
REFUSED(another_host_window_is_estale,
	f.h.host.va = gpuas_va(0xffffffb000000000ULL), -GPUAS_ESTALE,
	"window host")
REFUSED(another_role_is_estale, f.h.region[DATA].role = GPUAS_ROLE_DATA,
	-GPUAS_ESTALE, "fw-data")
REFUSED(another_owner_is_estale, f.h.region[DATA].owner = GPUAS_OWNER_HOST,
	-GPUAS_ESTALE, "fw-data")
REFUSED(a_mapping_that_the_board_has_not_is_estale,
	f.h.region[TTBS].mapped = true, -GPUAS_ESTALE, "ttbs")
REFUSED(another_va_is_estale,
	f.h.region[SHARED].va = gpuas_va(0xffffff8003000000ULL), -GPUAS_ESTALE,
	"shared")
REFUSED(other_attributes_are_estale, f.h.region[SHARED].attr ^= GPUAS_GLOBAL,
	-GPUAS_ESTALE, "shared")
REFUSED(more_regions_than_the_board_has_are_estale, f.h.regions++,
	-GPUAS_ESTALE, "qemu-virt")
REFUSED(a_board_with_too_many_regions_is_e2big,
	f.board.regions = GPUAS_REGIONS_MAX + 1, -GPUAS_E2BIG, "qemu-virt")

static void equal_manifests_do_not_differ(void **state)
{
	struct fixture a, b;
	struct gpuas_report report = { 0 };

	(void)state;
	start(&a);
	start(&b);
	b.h.contract = a.h.contract;
	assert_int_equal(gpuas_manifest_differs(&a.h, &b.h, &report), 0);
	assert_int_equal(report.err, 0);
}

static void the_place_of_an_absent_region_does_not_matter(void **state)
{
	struct fixture a, b;

	(void)state;
	start(&a);
	start(&b);
	b.h.contract = a.h.contract;
	a.h.region[DATA].present = false;
	b.h.region[DATA].present = false;
	b.h.region[DATA].pa = gpuas_pa(0);
	assert_int_equal(gpuas_manifest_differs(&a.h, &b.h, NULL), 0);
}

static void differ(const struct fixture *a, const struct fixture *b,
		   const char *thing)
{
	struct gpuas_report report;

	assert_int_equal(gpuas_manifest_differs(&a->h, &b->h, &report),
			 -GPUAS_EEXIST);
	assert_int_equal(report.err, -GPUAS_EEXIST);
	if (!strstr(report.text.buf, thing))
		fail_msg("\"%s\" does not name %s", report.text.buf, thing);
	assert_int_equal(gpuas_manifest_differs(&b->h, &a->h, NULL),
			 -GPUAS_EEXIST);
}

#define DIFFERS(test, change, thing) \
	static void test(void **state) \
	{ \
		struct fixture a, f; \
		(void)state; \
		start(&a); \
		start(&f); \
		f.h.contract = a.h.contract; \
		change; \
		differ(&a, &f, thing); \
	}

DIFFERS(geometries_differ, f.h.geo.va_bits++, "geometry")
DIFFERS(contracts_differ, f.h.contract = &f.contract,
	"contract gpuas-qemu-virt: is another")
DIFFERS(no_map_differs, f.h.region[DATA].no_map = true, "region fw-data: no-map")
DIFFERS(roots_differ, f.h.root = gpuas_pa(0x4000), "root: PA is 0x840010000 in "
	"the manifest, 0x4000 in the device tree")
DIFFERS(firmware_windows_differ, f.h.firmware.va = gpuas_va(0),
	"window firmware: VA")
DIFFERS(host_windows_differ, f.h.host.size++, "window host: size")
DIFFERS(numbers_of_regions_differ, f.h.regions--, "number of regions")
DIFFERS(names_differ, f.h.region[DATA].name[0] = 'F', "region fw-data")
DIFFERS(roles_differ, f.h.region[DATA].role = GPUAS_ROLE_DATA,
	"region fw-data: role")
DIFFERS(owners_differ, f.h.region[DATA].owner = GPUAS_OWNER_HOST,
	"region fw-data: owner")
DIFFERS(presence_differs, f.h.region[DATA].present = false,
	"region fw-data: presence")
DIFFERS(pas_differ, f.h.region[DATA].pa = gpuas_pa(0), "region fw-data: PA")
DIFFERS(sizes_differ, f.h.region[DATA].size++, "region fw-data: size")
DIFFERS(mappings_differ, f.h.region[DATA].mapped = false,
	"region fw-data: being mapped")
DIFFERS(vas_differ, f.h.region[DATA].va = gpuas_va(0), "region fw-data: VA")
DIFFERS(attributes_differ, f.h.region[DATA].attr = 0,
	"region fw-data: attributes")

#define T(test) cmocka_unit_test(test)

static const struct CMUnitTest tests[] = {
	T(init_takes_over_what_the_board_says),
	T(init_refuses_a_board_with_too_many_regions),
	T(init_refuses_a_name_that_is_too_long),
	T(init_refuses_a_region_without_name),
	T(a_region_is_found_by_name_present_or_not),
	T(only_a_present_region_is_found_by_role),
	T(a_right_manifest_passes),
	T(a_region_may_end_at_the_last_pa),
	T(an_optional_region_may_be_absent),
	T(an_adopting_board_needs_the_root_only),
	T(a_missing_region_is_enoent),
	T(a_region_of_another_name_is_enoent),
	T(an_absent_region_is_enoent),
	T(absent_page_tables_are_enoent),
	T(an_empty_region_is_einval),
	T(an_unaligned_pa_is_einval),
	T(an_unaligned_size_is_einval),
	T(a_pa_below_the_granule_is_einval_on_any_board),
	T(an_impossible_geometry_is_einval),
	T(a_window_in_parts_of_root_entries_is_einval),
	T(a_region_that_wraps_is_eoverflow),
	T(a_region_beyond_the_pa_size_is_erange),
	T(a_va_outside_the_firmware_window_is_erange),
	T(a_va_that_wraps_is_eoverflow),
	T(an_unaligned_va_is_einval),
	T(a_region_smaller_than_its_contents_is_emsgsize),
	T(a_region_smaller_than_the_board_says_is_emsgsize),
	T(regions_that_overlap_are_enotuniq),
	T(a_region_inside_another_is_enotuniq),
	T(mappings_that_overlap_are_enotuniq),
	T(windows_that_overlap_are_enotuniq),
	T(a_root_elsewhere_is_estale),
	T(another_format_is_estale),
	T(another_va_size_is_estale),
	T(another_pa_size_is_estale),
	T(another_half_is_estale),
	T(another_firmware_window_is_estale),
	T(another_host_window_is_estale),
	T(another_role_is_estale),
	T(another_owner_is_estale),
	T(a_mapping_that_the_board_has_not_is_estale),
	T(another_va_is_estale),
	T(other_attributes_are_estale),
	T(more_regions_than_the_board_has_are_estale),
	T(a_board_with_too_many_regions_is_e2big),
	T(equal_manifests_do_not_differ),
	T(the_place_of_an_absent_region_does_not_matter),
	T(geometries_differ),
	T(contracts_differ),
	T(no_map_differs),
	T(roots_differ),
	T(firmware_windows_differ),
	T(host_windows_differ),
	T(numbers_of_regions_differ),
	T(names_differ),
	T(roles_differ),
	T(owners_differ),
	T(presence_differs),
	T(pas_differ),
	T(sizes_differ),
	T(mappings_differ),
	T(vas_differ),
	T(attributes_differ),
};

UNIT_MAIN(tests)
