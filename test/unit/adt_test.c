// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Apple's device tree: a builder of such trees, what is read of them whole, cut and
 * spoilt, and how what was read is judged.
 */
#include "unit.h"

#include <gpuas/adt.h>
#include <gpuas/boards.h>

#define SIZE_FLAG	0x80000000u
#define DRAM		0x10000000000ULL
#define DRAM_SIZE	0x400000000ULL

/*
 * The builder
 */

struct blob {
	uint8_t byte[4096];
	size_t size;
};

static void put32(struct blob *blob, uint32_t value)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		blob->byte[blob->size++] = (uint8_t)(value >> 8 * i);
}

static void node(struct blob *blob, uint32_t properties, uint32_t children)
{
	put32(blob, properties);
	put32(blob, children);
}

static void property(struct blob *blob, const char *name, const void *value, uint32_t size,
		     uint32_t flag)
{
	memset(blob->byte + blob->size, 0, 32);
	memcpy(blob->byte + blob->size, name, strlen(name));
	blob->size += 32;
	put32(blob, size | flag);
	memcpy(blob->byte + blob->size, value, size);
	memset(blob->byte + blob->size + size, 0, 3);
	blob->size += (size + 3) & ~3u;
}

static void string(struct blob *blob, const char *name, const char *value)
{
	property(blob, name, value, (uint32_t)strlen(value) + 1, 0);
}

static void number(struct blob *blob, const char *name, uint64_t value)
{
	uint8_t byte[8];
	unsigned int i;

	for (i = 0; i < 8; i++)
		byte[i] = (uint8_t)(value >> 8 * i);
	/* What iBoot fills in has the flag in the tree that it started from. */
	property(blob, name, byte, sizeof(byte), SIZE_FLAG);
}

static void pair(struct blob *blob, const char *name, uint64_t base, uint64_t size)
{
	char full[32];

	snprintf(full, sizeof(full), "%s-base", name);
	number(blob, full, base);
	snprintf(full, sizeof(full), "%s-size", name);
	number(blob, full, size);
}

static void put64(uint8_t *at, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* Two records, as on an M3. */
static void segments(uint8_t *record)
{
	memset(record, 0, 64);
	put64(record, 0x1000084c000);
	put64(record + 8, 0xfffffc0000000000);
	put64(record + 16, 0x1000084c000);
	put64(record + 24, 0x64000 | 1ULL << 32);
	put64(record + 32, 0x10001888000);
	put64(record + 40, 0xfffffc0000064000);
	put64(record + 48, 0x10001888000);
	put64(record + 56, 0xb0000);
}

static void image(struct blob *blob)
{
	uint8_t record[64];

	segments(record);
	property(blob, "segment-names", "__TEXT;__DATA", 14, 0);
	property(blob, "segment-ranges", record, sizeof(record), 0);
}

static void build(struct blob *blob)
{
	static const uint8_t one[] = { 1, 0, 0, 0 };

	blob->size = 0;
	node(blob, 1, 3);
	string(blob, "name", "device-tree");
	node(blob, 2, 0);
	string(blob, "compatible", "x");
	string(blob, "name", "chosen");
	node(blob, 1, 3);
	string(blob, "name", "arm-io");
	node(blob, 1, 1);
	string(blob, "name", "sgx-not");
	node(blob, 1, 0);
	string(blob, "name", "sgx");
	node(blob, 12, 0);
	string(blob, "name", "sgx");
	property(blob, "odd", "abcde", 5, 0);
	pair(blob, "gpu-region", 0x103fffb8000, 0x4000);
	pair(blob, "gfx-shared-region", 0x103fff78000, 0x40000);
	pair(blob, "gfx-handoff", 0x103fff70000, 0x4000);
	pair(blob, "gfx-shared-l2-region", 0x103fff74000, 0x4000);
	pair(blob, "rtkit-private-vm-region", 0xfffffc0000000000, 0x2000000000);
	node(blob, 3, 1);
	string(blob, "name", "gfx-asc");
	image(blob);
	node(blob, 4, 0);
	string(blob, "name", "iop-gfx-nub");
	image(blob);
	property(blob, "pre-loaded", one, sizeof(one), 0);
	node(blob, 1, 0);
	string(blob, "name", "last");
}

/* In memory of exactly that size, for the sanitizers. */
static void *exact(const void *from, size_t size)
{
	void *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, from, size);
	return copy;
}

/*
 * Reading
 */

static struct gpuas_adt adt_of(const struct blob *blob)
{
	return (struct gpuas_adt){ .blob = blob->byte, .size = blob->size };
}

static void nodes_and_properties_are_found(void **state)
{
	struct gpuas_adt_value value;
	struct gpuas_report report;
	struct blob blob;
	struct gpuas_adt adt;
	size_t at;

	(void)state;
	build(&blob);
	adt = adt_of(&blob);
	assert_int_equal(gpuas_adt_node(&adt, "/", &at, NULL), 0);
	assert_int_equal(at, 0);
	assert_int_equal(gpuas_adt_node(&adt, "/arm-io/sgx", &at, NULL), 0);
	assert_int_equal(gpuas_adt_property(&adt, at, "odd", &value, NULL), 0);
	assert_int_equal(value.size, 5);
	assert_memory_equal(value.data, "abcde", 5);
	assert_int_equal(gpuas_adt_property(&adt, at, "gfx-handoff-size", &value, NULL), 0);
	assert_int_equal(value.size, 8);
	assert_int_equal(gpuas_adt_property(&adt, at, "gfx", &value, &report), -GPUAS_ENOENT);
	assert_null(value.data);
	assert_string_equal(report.text.buf, "property gfx: is missing");
	assert_int_equal(gpuas_adt_node(&adt, "/arm-io/gfx-asc/iop-gfx-nub", &at, NULL), 0);
	assert_int_equal(gpuas_adt_property(&adt, at, "pre-loaded", &value, NULL), 0);
	/* Behind everything that has to be skipped, and not what is below another node. */
	assert_int_equal(gpuas_adt_node(&adt, "/last", &at, NULL), 0);
	assert_int_equal(gpuas_adt_node(&adt, "/sgx", &at, &report), -GPUAS_ENOENT);
	assert_string_equal(report.text.buf, "node /sgx: is missing");
	assert_int_equal(gpuas_adt_node(&adt, "/arm-io/sg", &at, NULL), -GPUAS_ENOENT);
	assert_int_equal(gpuas_adt_node(&adt, "/arm-io/sgx-not/sgx", &at, NULL), 0);
}

/* Its end is where the value ends, whatever it is filled up with. */
static void a_node_s_name_needs_no_zero_at_its_end(void **state)
{
	struct gpuas_adt adt;
	struct blob blob;
	size_t at;

	(void)state;
	blob.size = 0;
	node(&blob, 0, 2);
	node(&blob, 1, 0);
	property(&blob, "name", "arm", 3, 0);
	blob.byte[blob.size - 1] = '-';
	node(&blob, 0, 0);
	adt = adt_of(&blob);
	assert_int_equal(gpuas_adt_node(&adt, "/arm", &at, NULL), 0);
	assert_int_equal(at, 8);
	assert_int_equal(gpuas_adt_node(&adt, "/arm-", &at, NULL), -GPUAS_ENOENT);
	assert_int_equal(gpuas_adt_node(&adt, "/ar", &at, NULL), -GPUAS_ENOENT);
}

static void odd_paths_are_refused(void **state)
{
	struct blob blob;
	struct gpuas_adt adt;
	size_t at;

	(void)state;
	build(&blob);
	adt = adt_of(&blob);
	assert_int_equal(gpuas_adt_node(&adt, "arm-io", &at, NULL), -GPUAS_EINVAL);
	assert_int_equal(gpuas_adt_node(&adt, "", &at, NULL), -GPUAS_EINVAL);
	assert_int_equal(gpuas_adt_node(&adt, "//sgx", &at, NULL), -GPUAS_EINVAL);
	assert_int_equal(gpuas_adt_node(&adt, "/arm-io//sgx", &at, NULL), -GPUAS_EINVAL);
}

/* All that is public, on a tree of exactly that size. */
static int read_all(const void *bytes, size_t size, struct gpuas_adt_values *values)
{
	static const char *const paths[] = { "/", "/last", "/arm-io/sgx", "/x/y/z" };
	void *copy = exact(bytes, size);
	struct gpuas_adt adt = { copy, size };
	struct gpuas_adt_value value;
	struct gpuas_manifest manifest;
	const struct gpuas_adt_dram dram = { gpuas_pa(DRAM), DRAM_SIZE };
	unsigned int i;
	size_t at;
	int err;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!gpuas_adt_node(&adt, paths[i], &at, NULL)) {
			assert_true(at <= size);
			gpuas_adt_property(&adt, at, "name", &value, NULL);
			gpuas_adt_property(&adt, at, "odd", &value, NULL);
		}
	err = gpuas_adt_read(&adt, values, NULL);
	if (!err)
		gpuas_adt_regions(values, gpuas_soc_find("apple,t6030")->board, &dram, 1, &manifest,
				  NULL);
	free(copy);
	return err;
}

static void a_tree_cut_at_any_byte_is_refused(void **state)
{
	struct gpuas_adt_values values;
	struct blob blob;
	size_t size;
	int err;

	(void)state;
	build(&blob);
	assert_int_equal(read_all(blob.byte, blob.size, &values), 0);
	assert_non_null(values.pre_loaded.data);
	for (size = 0; size < blob.size; size++) {
		struct gpuas_adt_value value;
		void *copy = exact(blob.byte, size);
		struct gpuas_adt adt = { copy, size };
		size_t at = 0;

		/* The last node is there only if nothing is missing. */
		err = gpuas_adt_node(&adt, "/last", &at, NULL);
		if (!err)
			err = gpuas_adt_property(&adt, at, "name", &value, NULL);
		assert_int_equal(err, -GPUAS_EBADMSG);
		free(copy);
		read_all(blob.byte, size, &values);
	}
}

/* Every 32 bits of it, one after the other. */
static void hostile_counts_and_sizes_are_bounded(void **state)
{
	static const uint32_t hostile[] = {
		0, 1, 3, 0x7ffffffc, 0x7ffffffd, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0x1000,
	};
	struct gpuas_adt_values values;
	struct blob blob, spoilt;
	size_t at;
	unsigned int i;

	(void)state;
	build(&blob);
	for (at = 0; at + 4 <= blob.size; at += 4)
		for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
			spoilt = blob;
			spoilt.size = at;
			put32(&spoilt, hostile[i]);
			read_all(spoilt.byte, blob.size, &values);
		}
	/* As many children as there can be, each with as many. */
	spoilt.size = 0;
	for (i = 0; i < 256; i++)
		node(&spoilt, 0, 0xffffffff);
	assert_int_equal(read_all(spoilt.byte, spoilt.size, &values), -GPUAS_EBADMSG);
}

static void a_name_without_end_and_one_twice_are_refused(void **state)
{
	struct gpuas_adt_value value;
	struct gpuas_report report;
	struct gpuas_adt adt;
	struct blob blob;

	(void)state;
	blob.size = 0;
	node(&blob, 2, 0);
	string(&blob, "twice", "a");
	string(&blob, "twice", "b");
	adt = adt_of(&blob);
	assert_int_equal(gpuas_adt_property(&adt, 0, "twice", &value, &report), -GPUAS_EBADMSG);
	assert_non_null(strstr(report.text.buf, "has a property twice"));
	assert_null(value.data);
	memset(blob.byte + 8, 'x', 32);
	assert_int_equal(gpuas_adt_property(&adt, 0, "twice", &value, &report), -GPUAS_EBADMSG);
	assert_string_equal(report.text.buf, "Apple device tree: has a name without end, at 0x8");
	assert_int_equal(gpuas_adt_property(&adt, adt.size + 1, "twice", &value, &report),
			 -GPUAS_EBADMSG);
	assert_int_equal(gpuas_adt_property(&adt, ~(size_t)0, "twice", &value, &report),
			 -GPUAS_EBADMSG);
}

static void random_damage_is_survived(void **state)
{
	const char *given = getenv("GPUAS_SEED");
	unsigned int seed = given ? (unsigned int)strtoul(given, NULL, 0) : 1, round, n;
	struct gpuas_adt_values values;
	struct blob blob, spoilt;

	(void)state;
	print_message("# seed %u (GPUAS_SEED)\n", seed);
	srand(seed);
	build(&blob);
	for (round = 0; round < 20000; round++) {
		spoilt = blob;
		for (n = (unsigned int)rand() % 8 + 1; n; n--)
			spoilt.byte[(size_t)rand() % blob.size] =
				rand() % 2 ? (uint8_t)rand() : (rand() % 2 ? 0xff : 0);
		read_all(spoilt.byte, rand() % 4 ? blob.size : (size_t)rand() % blob.size, &values);
	}
}

/*
 * Judging
 */

/* A machine, and what its tree says; each test changes one thing. */
struct case_ {
	struct blob blob;
	struct gpuas_adt adt;
	struct gpuas_adt_values values;
	struct gpuas_board board;
	struct gpuas_board_region region[8];
	struct gpuas_adt_dram dram[2];
	unsigned int drams;
	uint8_t number[2 * GPUAS_ADT_RANGES][8];
	uint8_t record[64];
	struct gpuas_manifest manifest;
	struct gpuas_report report;
};

static const struct gpuas_contract *const m3[] = { &gpuas_contract_aurora_m3, NULL };

/* An M3 with the image's segments as regions. */
static void case_new(struct case_ *c)
{
	const struct gpuas_board *board = gpuas_soc_find("apple,t6030")->board;
	unsigned int i, n = 0;

	memset(c, 0, sizeof(*c));
	build(&c->blob);
	c->adt = (struct gpuas_adt){ c->blob.byte, c->blob.size };
	assert_int_equal(gpuas_adt_read(&c->adt, &c->values, NULL), 0);
	c->board = *board;
	c->board.contract = m3;
	for (i = 0; i < board->regions; i++)
		if (board->region[i].role != GPUAS_ROLE_DATA)
			c->region[n++] = board->region[i];
	c->region[n++] = (struct gpuas_board_region){
		.name = "fw-text", .role = GPUAS_ROLE_MAPPED, .va = board->firmware.va,
	};
	c->region[n++] = (struct gpuas_board_region){
		.name = "fw-data", .role = GPUAS_ROLE_MAPPED,
	};
	c->board.region = c->region;
	c->board.regions = n;
	c->dram[0] = (struct gpuas_adt_dram){ gpuas_pa(DRAM), DRAM_SIZE };
	c->drams = 1;
	segments(c->record);
}

static int judge(struct case_ *c)
{
	int err = gpuas_adt_regions(&c->values, &c->board, c->dram, c->drams, &c->manifest,
				    &c->report);

	assert_int_equal(gpuas_adt_regions(&c->values, &c->board, c->dram, c->drams, &c->manifest,
					   NULL), err);
	return err;
}

static void set(struct case_ *c, unsigned int range, uint64_t base, uint64_t size)
{
	put64(c->number[2 * range], base);
	put64(c->number[2 * range + 1], size);
	c->values.base[range] = (struct gpuas_adt_value){ c->number[2 * range], 8 };
	c->values.size[range] = (struct gpuas_adt_value){ c->number[2 * range + 1], 8 };
}

/* Both nodes tell the record as it is now. */
static void set_record(struct case_ *c, uint32_t size)
{
	c->values.image[0].ranges = (struct gpuas_adt_value){ c->record, size };
	c->values.image[1].ranges = c->values.image[0].ranges;
}

static void refused(struct case_ *c, int err, const char *text)
{
	assert_int_equal(judge(c), err);
	assert_int_equal(c->report.err, err);
	assert_string_equal(c->report.text.buf, text);
}

static void what_an_m3_says_becomes_regions(void **state)
{
	const struct gpuas_region *region;
	struct case_ c;

	(void)state;
	case_new(&c);
	if (judge(&c))
		fail_msg("%s", c.report.text.buf);
	assert_true(gpuas_pa_u64(c.manifest.root) == 0x103fff78000);
	region = gpuas_manifest_role(&c.manifest, GPUAS_ROLE_LENT);
	assert_true(gpuas_pa_u64(region->pa) == 0x103fff74000 && region->size == 0x4000);
	region = gpuas_manifest_role(&c.manifest, GPUAS_ROLE_TTBS);
	assert_true(gpuas_pa_u64(region->pa) == 0x103fffb8000 && region->size == 0x4000);
	region = gpuas_manifest_region(&c.manifest, "fw-data");
	assert_true(region->present && gpuas_pa_u64(region->pa) == 0x10001888000);
	assert_true(region->size == 0xb0000 && gpuas_va_u64(region->va) == 0xfffffc0000064000);
	region = gpuas_manifest_region(&c.manifest, "fw-text");
	assert_true(gpuas_va_u64(region->va) == 0xfffffc0000000000 && region->size == 0x64000);
}

/* What the board has no region for is not asked for, nor judged. */
static void boards_of_the_list_take_what_is_theirs(void **state)
{
	struct case_ c;

	(void)state;
	case_new(&c);
	c.board = *gpuas_soc_find("apple,t6030")->board;
	memset(c.values.image, 0, sizeof(c.values.image));
	if (judge(&c))
		fail_msg("%s", c.report.text.buf);
	assert_false(gpuas_manifest_region(&c.manifest, "hw-cal-a")->present);
	c.board = gpuas_board_apple_t8103;
	c.values.base[GPUAS_ADT_PRIVATE].data = c.values.size[GPUAS_ADT_PRIVATE].data = NULL;
	c.dram[0].pa = gpuas_pa(0x800000000);
	c.dram[0].size = 0x200000000;
	set(&c, GPUAS_ADT_TTBS, 0x9fffb8000, 0x4000);
	set(&c, GPUAS_ADT_PAGETABLES, 0x9fff78000, 0x40000);
	set(&c, GPUAS_ADT_HANDOFF, 0x9fff70000, 0x4000);
	if (judge(&c))
		fail_msg("%s", c.report.text.buf);
	/* Two roots need more than the usual tables; the firmware is two regions of data. */
	case_new(&c);
	c.board = *gpuas_soc_find("apple,t8140")->board;
	set(&c, GPUAS_ADT_DATA, 0x10001d34000, 0x138000);
	refused(&c, -GPUAS_ENOENT, "property gfx1-data-base: is missing");
	set(&c, GPUAS_ADT_DATA_SECOND, 0x10001f00000, 0x100000);
	refused(&c, -GPUAS_EMSGSIZE,
		"region pagetables: ends before the end of the root at 0x40000");
	set(&c, GPUAS_ADT_PAGETABLES, 0x103ff000000, 0x44000);
	if (judge(&c))
		fail_msg("%s", c.report.text.buf);
	assert_true(gpuas_pa_u64(gpuas_manifest_region(&c.manifest, "firmware-secondary")->pa) ==
		    0x10001f00000);
	/* What a contract has as optional may be missing, but not by half. */
	case_new(&c);
	c.board = *gpuas_soc_find("apple,t8132")->board;
	set(&c, GPUAS_ADT_DATA, 0x10001d34000, 0x138000);
	assert_int_equal(judge(&c), 0);
	set(&c, GPUAS_ADT_SHARED_RO, 0x10001f00000, 0x4000);
	assert_int_equal(judge(&c), 0);
	c.values.size[GPUAS_ADT_SHARED_RO].data = NULL;
	refused(&c, -GPUAS_ENOENT, "property gfx-data-shared-ro-size: is missing");
}

/* A board of several contracts has regions that one of them has not. */
static void regions_that_the_contract_has_not_stay_absent(void **state)
{
	static const struct gpuas_contract *const both[] = {
		&gpuas_contract_ico_t6030, &gpuas_contract_aurora_m3, NULL,
	};
	struct case_ c;

	(void)state;
	case_new(&c);
	c.region[c.board.regions++] = (struct gpuas_board_region){
		.name = "firmware", .role = GPUAS_ROLE_DATA,
	};
	set(&c, GPUAS_ADT_DATA, DRAM + 0x10000000, 0x4000);
	if (judge(&c))
		fail_msg("%s", c.report.text.buf);
	assert_false(gpuas_manifest_region(&c.manifest, "firmware")->present);
	gpuas_manifest_contract(&c.manifest, m3[0]);
	assert_int_equal(gpuas_manifest_check(&c.manifest, &c.board, &c.report), 0);
	/* Nor is what it does not have asked for. */
	c.values.base[GPUAS_ADT_DATA].data = c.values.size[GPUAS_ADT_DATA].data = NULL;
	assert_int_equal(judge(&c), 0);
	c.board.contract = both;
	memset(c.values.image, 0, sizeof(c.values.image));
	assert_int_equal(judge(&c), 0);
	assert_false(gpuas_manifest_region(&c.manifest, "fw-text")->present);
}

static void values_of_another_length_are_refused(void **state)
{
	struct case_ c;
	uint32_t size;

	(void)state;
	for (size = 0; size < 20; size++) {
		case_new(&c);
		c.values.base[GPUAS_ADT_HANDOFF].size = size;
		assert_int_equal(judge(&c), size == 8 ? 0 : -GPUAS_EBADMSG);
		case_new(&c);
		c.values.size[GPUAS_ADT_PRIVATE].size = size;
		assert_int_equal(judge(&c), size == 8 ? 0 : -GPUAS_EBADMSG);
	}
	c.values.size[GPUAS_ADT_PRIVATE].size = 4;
	refused(&c, -GPUAS_EBADMSG,
		"property rtkit-private-vm-region-size: should have 8 bytes, and has 4");
	case_new(&c);
	c.values.base[GPUAS_ADT_TTBS].data = NULL;
	refused(&c, -GPUAS_ENOENT, "property gpu-region-base: is missing");
}

#define RANGE(name, range, base, size, err, text) \
	{ #name, range, base, size, err, text }

static const struct {
	const char *name;
	unsigned int range;
	uint64_t base, size;
	int err;
	const char *text;
} bad_ranges[] = {
	RANGE(base 0, GPUAS_ADT_TTBS, 0, 0x4000, -GPUAS_EINVAL,
	      "region ttbs: has base 0, with size 0x4000"),
	RANGE(size 0, GPUAS_ADT_TTBS, 0x103fffb8000, 0, -GPUAS_EINVAL,
	      "region ttbs: has size 0, at 0x103fffb8000"),
	RANGE(odd base, GPUAS_ADT_HANDOFF, 0x103fff71000, 0x4000, -GPUAS_EINVAL,
	      "region handoff: is not in whole pages, at 0x103fff71000"),
	RANGE(odd size, GPUAS_ADT_HANDOFF, 0x103fff70000, 0x648, -GPUAS_EINVAL,
	      "region handoff: is not in whole pages, of size 0x648"),
	RANGE(wrap, GPUAS_ADT_PAGETABLES, 0xffffffffffff8000, 0x40000, -GPUAS_EOVERFLOW,
	      "region pagetables: wraps, at 0xffffffffffff8000"),
	RANGE(beyond PA, GPUAS_ADT_PAGETABLES, 0x3fffffe0000, 0x40000, -GPUAS_ERANGE,
	      "region pagetables: is beyond the PA size, up to 0x4000001ffff"),
	RANGE(below RAM, GPUAS_ADT_PAGETABLES, 0xfffffe0000, 0x40000, -GPUAS_EFAULT,
	      "region pagetables: is not in RAM, at 0xfffffe0000"),
	RANGE(half in RAM, GPUAS_ADT_PAGETABLES, 0x103ffff0000, 0x40000, -GPUAS_EFAULT,
	      "region pagetables: is not in RAM, at 0x103ffff0000"),
	RANGE(overlap, GPUAS_ADT_PAGETABLES, 0x103fff7c000, 0x40000, -GPUAS_ENOTUNIQ,
	      "region pagetables: overlaps ttbs"),
	RANGE(two pages lent, GPUAS_ADT_LENT, 0x103fff00000, 0x8000, -GPUAS_EMSGSIZE,
	      "region shared-l2: should be one page, and has size 0x8000"),
	RANGE(lent over handoff, GPUAS_ADT_LENT, 0x103fff70000, 0x4000, -GPUAS_ENOTUNIQ,
	      "region shared-l2: overlaps handoff"),
	RANGE(window of 0, GPUAS_ADT_PRIVATE, 0xfffffc0000000000, 0, -GPUAS_EINVAL,
	      "region rtkit-private-vm-region: has size 0, at 0xfffffc0000000000"),
	RANGE(window in half entries, GPUAS_ADT_PRIVATE, 0xfffffc0000000000, 0x1800000000, -GPUAS_EINVAL,
	      "region rtkit-private-vm-region: is not in whole root entries, at 0xfffffc0000000000"),
	RANGE(window elsewhere, GPUAS_ADT_PRIVATE, 0xfffffc1000000000, 0x2000000000, -GPUAS_ESTALE,
	      "region rtkit-private-vm-region: is not the board's window of the firmware, at 0xfffffc1000000000"),
	RANGE(another window, GPUAS_ADT_PRIVATE, 0xfffffc0000000000, 0x1000000000, -GPUAS_ESTALE,
	      "region rtkit-private-vm-region: is not the board's window of the firmware, at 0xfffffc0000000000"),
};

static void each_impossible_range_is_refused_with_a_sentence_of_its_own(void **state)
{
	struct case_ c;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad_ranges) / sizeof(bad_ranges[0]); i++) {
		case_new(&c);
		set(&c, bad_ranges[i].range, bad_ranges[i].base, bad_ranges[i].size);
		refused(&c, bad_ranges[i].err, bad_ranges[i].text);
	}
}

static void ram_may_be_in_several_ranges(void **state)
{
	struct case_ c;

	(void)state;
	case_new(&c);
	c.dram[0].size = 0x80000000;
	assert_int_equal(judge(&c), -GPUAS_EFAULT);
	c.dram[1] = (struct gpuas_adt_dram){ gpuas_pa(0x103fff70000), 0x4c000 };
	c.drams = 2;
	assert_int_equal(judge(&c), 0);
	c.dram[1].size--;
	assert_int_equal(judge(&c), -GPUAS_EFAULT);
	c.drams = 0;
	assert_int_equal(judge(&c), -GPUAS_EFAULT);
}

/* Offset in the records, what is stored there, and the refusal. */
static const struct {
	unsigned int at;
	uint64_t value;
	int err;
	const char *text;
} bad_segments[] = {
	{ 16, 0x10000850000, -GPUAS_EBADMSG, "region __TEXT: is remapped, to 0x10000850000" },
	{ 24, 0x64000, -GPUAS_EBADMSG, "region __TEXT: has flags 0x0" },
	{ 56, 0xb0000 | 1ULL << 32, -GPUAS_EBADMSG, "region __DATA: has flags 0x1" },
	{ 24, 0x204000 | 1ULL << 32, -GPUAS_ERANGE,
	  "region __TEXT: is larger than any segment, size 0x204000" },
	{ 56, 0xffffc000, -GPUAS_ERANGE,
	  "region __DATA: is larger than any segment, size 0xffffc000" },
	{ 56, 0xb1000, -GPUAS_EINVAL, "region fw-data: is not in whole pages, of size 0xb1000" },
	{ 56, 0, -GPUAS_EINVAL, "region fw-data: has size 0, at 0x10001888000" },
	{ 8, 0xfffffc0000004000, -GPUAS_ESTALE,
	  "region __TEXT: has another VA than it should, 0xfffffc0000004000" },
	{ 40, 0xfffffc0000068000, -GPUAS_ESTALE,
	  "region __DATA: has another VA than it should, 0xfffffc0000068000" },
};

static void each_impossible_segment_is_refused_with_a_sentence_of_its_own(void **state)
{
	struct case_ c;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad_segments) / sizeof(bad_segments[0]); i++) {
		case_new(&c);
		put64(c.record + bad_segments[i].at, bad_segments[i].value);
		set_record(&c, sizeof(c.record));
		refused(&c, bad_segments[i].err, bad_segments[i].text);
	}
	/* The largest that is believed. */
	case_new(&c);
	put64(c.record + 56, GPUAS_ADT_SEGMENT_MAX);
	set_record(&c, sizeof(c.record));
	assert_int_equal(judge(&c), 0);
	/* One over the other, and both in the same way as another place. */
	case_new(&c);
	put64(c.record + 32, 0x10000850000);
	put64(c.record + 48, 0x10000850000);
	set_record(&c, sizeof(c.record));
	refused(&c, -GPUAS_ENOTUNIQ, "region fw-data: overlaps fw-text");
}

static void an_image_that_two_nodes_tell_differently_is_refused(void **state)
{
	struct case_ c;

	(void)state;
	case_new(&c);
	c.values.image[1].ranges = (struct gpuas_adt_value){ c.record, sizeof(c.record) };
	assert_int_equal(judge(&c), 0);
	c.record[32] ^= 1;
	refused(&c, -GPUAS_EBADMSG, "property segment-ranges: differs in gfx-asc and iop-gfx-nub");
	case_new(&c);
	c.values.image[1].names.size--;
	refused(&c, -GPUAS_EBADMSG, "property segment-names: differs in gfx-asc and iop-gfx-nub");
	c.values.image[1].names.data = NULL;
	assert_int_equal(judge(&c), -GPUAS_EBADMSG);
	c.values.image[0].names.data = NULL;
	refused(&c, -GPUAS_ENOENT, "property segment-names: is missing in gfx-asc");
	case_new(&c);
	c.values.image[0].ranges.data = NULL;
	refused(&c, -GPUAS_ENOENT, "property segment-ranges: is missing in gfx-asc");
}

static void an_image_of_another_form_is_refused(void **state)
{
	static const char *const names[] = { "__TEXT", "__DATA;__TEXT", "__TEXT;__DATA_CONST", "" };
	static const uint8_t zero[4];
	static const uint8_t one[8] = { 1 };
	uint8_t more[3 * 32];
	struct case_ c;
	unsigned int i;
	uint32_t size;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		case_new(&c);
		c.values.image[0].names =
			(struct gpuas_adt_value){ names[i], (uint32_t)strlen(names[i]) + 1 };
		c.values.image[1].names = c.values.image[0].names;
		refused(&c, -GPUAS_EBADMSG, "property segment-names: does not start with __TEXT;__DATA");
	}
	for (size = 0; size < sizeof(c.record); size++) {
		case_new(&c);
		set_record(&c, size);
		assert_int_equal(judge(&c), -GPUAS_EBADMSG);
	}
	/* A third record is none of ours, half a one is none at all. */
	memset(more, 0xa5, sizeof(more));
	segments(more);
	for (size = 64; size <= sizeof(more); size++) {
		case_new(&c);
		c.values.image[0].ranges = (struct gpuas_adt_value){ more, size };
		c.values.image[1].ranges = c.values.image[0].ranges;
		assert_int_equal(judge(&c), size % 32 ? -GPUAS_EBADMSG : 0);
	}
	for (size = 0; size <= sizeof(one); size++) {
		case_new(&c);
		c.values.pre_loaded = (struct gpuas_adt_value){ one, size };
		assert_int_equal(judge(&c), size == 4 ? 0 : -GPUAS_EBADMSG);
	}
	case_new(&c);
	c.values.pre_loaded.data = zero;
	refused(&c, -GPUAS_EBADMSG, "property pre-loaded: does not say that the image is in memory");
	c.values.pre_loaded.data = NULL;
	assert_int_equal(judge(&c), -GPUAS_EBADMSG);
	/* More segments than two are not looked at, nor is an end of the list missed. */
	case_new(&c);
	c.values.image[0].names = (struct gpuas_adt_value){ "__TEXT;__DATA;__X", 18 };
	c.values.image[1].names = c.values.image[0].names;
	assert_int_equal(judge(&c), 0);
	c.values.image[0].names = (struct gpuas_adt_value){ "__TEXT;__DATAX", 13 };
	c.values.image[1].names = c.values.image[0].names;
	assert_int_equal(judge(&c), 0);
	c.values.image[0].names.size = c.values.image[1].names.size = 14;
	assert_int_equal(judge(&c), -GPUAS_EBADMSG);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nodes_and_properties_are_found),
	cmocka_unit_test(a_node_s_name_needs_no_zero_at_its_end),
	cmocka_unit_test(odd_paths_are_refused),
	cmocka_unit_test(a_tree_cut_at_any_byte_is_refused),
	cmocka_unit_test(hostile_counts_and_sizes_are_bounded),
	cmocka_unit_test(a_name_without_end_and_one_twice_are_refused),
	cmocka_unit_test(random_damage_is_survived),
	cmocka_unit_test(what_an_m3_says_becomes_regions),
	cmocka_unit_test(boards_of_the_list_take_what_is_theirs),
	cmocka_unit_test(regions_that_the_contract_has_not_stay_absent),
	cmocka_unit_test(values_of_another_length_are_refused),
	cmocka_unit_test(each_impossible_range_is_refused_with_a_sentence_of_its_own),
	cmocka_unit_test(ram_may_be_in_several_ranges),
	cmocka_unit_test(each_impossible_segment_is_refused_with_a_sentence_of_its_own),
	cmocka_unit_test(an_image_that_two_nodes_tell_differently_is_refused),
	cmocka_unit_test(an_image_of_another_form_is_refused),
};

UNIT_MAIN(tests)
