// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Contracts of Apple's later parts: trees as the reference has them, before and after their
 * loaders (test/unit/fdt/NAME.dts, NAME-filled.dts), and each way in which one can be wrong.
 */
#include "blob.h"

#include <gpuas/bringup.h>

#define BASE	0xfffffc0000000000ULL
#define ROOM	0x1000

#define REGION(n, r, o)	{ .name = n, .role = GPUAS_ROLE_##r, .owner = GPUAS_OWNER_##o }
#define TTBS		REGION("ttbs", TTBS, HOST)
#define TABLES		REGION("pagetables", PAGETABLES, FIRMWARE)
#define HANDOFF		REGION("handoff", HANDOFF, SHARED)
#define LENT		REGION("shared-l2", LENT, FIRMWARE)
#define TEXT_ATTR	(GPUAS_FW_READ | GPUAS_FW_EXEC | GPUAS_MEM_CACHED | GPUAS_GLOBAL | \
			 GPUAS_OWNER_FW)
#define DATA_ATTR	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED | GPUAS_GLOBAL | \
			 GPUAS_OWNER_FW)

static const struct gpuas_board_region regions[] = {
	TTBS, TABLES, HANDOFF, LENT,
	{ .name = "fw-text", .role = GPUAS_ROLE_MAPPED, .owner = GPUAS_OWNER_FIRMWARE,
	  .va = (GPUAS_FORCE gpuas_va_t)BASE, .attr = TEXT_ATTR },
	{ .name = "fw-data", .role = GPUAS_ROLE_MAPPED, .owner = GPUAS_OWNER_FIRMWARE,
	  .attr = DATA_ATTR },
	REGION("firmware", DATA, FIRMWARE),
	REGION("firmware-secondary", DATA, FIRMWARE),
	REGION("firmware-shared-ro", DATA, FIRMWARE),
	REGION("hw-cal-a", DATA, HOST),
	REGION("hw-cal-b", DATA, HOST),
	REGION("globals", DATA, HOST),
};

/* One of each: the board has the regions of all, a contract has some. */
struct line {
	const char *tree;
	const char *compatible[2];
	const struct gpuas_contract *contract[2];
	enum gpuas_memory memory;
	unsigned int regions;
	bool no_map;
};

static const struct line lines[] = {
	{ "aurora-m3", { "apple,agx-t8122" }, { &gpuas_contract_aurora_m3 },
	  GPUAS_MEMORY_WRITE_COMBINING, 6, true },
	{ "ico-t6030", { "apple,agx-t6030" }, { &gpuas_contract_ico_t6030 },
	  GPUAS_MEMORY_WRITE_BACK, 4, false },
	{ "aurora-g16", { "apple,agx-t8132" }, { &gpuas_contract_aurora_g16 },
	  GPUAS_MEMORY_WRITE_COMBINING, 6, true },
	{ "gravity-g16", { "apple,agx-t8132" }, { &gpuas_contract_gravity_g16 },
	  GPUAS_MEMORY_WRITE_BACK, 6, false },
	{ "gravity-neo", { "apple,agx-t8140" }, { &gpuas_contract_gravity_neo },
	  GPUAS_MEMORY_WRITE_BACK, 6, false },
	{ "vinix", { "apple,agx-t6050" }, { &gpuas_contract_vinix },
	  GPUAS_MEMORY_WRITE_BACK, 3, false },
};

enum { M3, T6030, G16, G16_VM, NEO, VINIX, LINES };

static struct gpuas_board board_of(const struct line *line)
{
	static const char *const machines[] = { "vendor,board", NULL };

	return (struct gpuas_board){
		.name = line->tree,
		.machine = machines,
		.compatible = line->compatible,
		.adopt = true,
		.contract = line->contract,
		.geo = {
			.format = &gpuas_format_uat, .va_bits = 42, .pa_bits = 42, .upper = true,
		},
		.firmware = { gpuas_va(BASE), 0x2000000000 },
		.host = { gpuas_va(BASE + 0x2000000000), 0x1000000000 },
		.align = 0x4000,
		.region = regions,
		.regions = sizeof(regions) / sizeof(regions[0]),
	};
}

static void *load_filled(const struct line *line)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-filled", line->tree);
	return load(name, ROOM);
}

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
		manifest.region[0].pa = gpuas_pa(0x10200000000);
		assert_refused(fdt, &board, &manifest, -GPUAS_EEXIST, "region ttbs: PA");
		gpu = fdt_path_offset(fdt, "/gpu");
		assert_int_equal(fdt_nop_property(fdt, gpu, "memory-region"), 0);
		assert_refused(fdt, &board, &manifest, -GPUAS_ENOENT, "memory-region");
		free(fdt);
	}
}

/*
 * Defects: a property of the filled tree is changed, and the tree refused
 */

#define CELL(x)	(char)((x) >> 24), (char)((x) >> 16), (char)((x) >> 8), (char)(x)
#define WIDE(x)	CELL((uint64_t)(x) >> 32), CELL(x)
#define VALUE(...) \
	(const char[]){ __VA_ARGS__ }, sizeof((const char[]){ __VA_ARGS__ })
#define STRINGS(s)	s, sizeof(s)
#define GONE		NULL, 0

struct defect {
	unsigned int line;
	const char *path;
	const char *prop;
	const char *value;
	size_t size;
	int err;
	const char *words;
};

#define RESERVED	"/reserved-memory/"
#define M3_L2		RESERVED "uat-pagetables-l2@103fff74000"
#define M3_TEXT		RESERVED "asc-firmware@1000084c000"
#define M3_HANDOFF	RESERVED "uat-handoff@103fff70000"
#define SOURCE		RESERVED "gpu-source-memory@10021598000"
#define PRIVATE		"apple,rtkit-private-vm-region"

static const struct defect defects[] = {
	/* Version, values, VAs */
	{ M3, "/gpu", "apple,m3-handoff-version", VALUE(CELL(2)), -GPUAS_EPROTO,
	  "apple,m3-handoff-version is not 0x1" },
	{ M3, "/gpu", "apple,m3-handoff-version", VALUE(CELL(1), CELL(1)), -GPUAS_EPROTO,
	  "is not 0x1" },
	{ M3, "/gpu", "apple,m3-handoff-version", GONE, -GPUAS_EPROTO, "is missing, not 0x1" },
	{ M3, "/gpu", "apple,firmware-segment-flags", VALUE(CELL(1), CELL(1)), -GPUAS_EBADMSG,
	  "apple,firmware-segment-flags is not 0x1 0x0" },
	{ M3, "/gpu", "apple,firmware-segment-flags", GONE, -GPUAS_EBADMSG,
	  "apple,firmware-segment-flags is missing" },
	{ M3, "/gpu", "apple,firmware-segment-vas", GONE, -GPUAS_EBADMSG,
	  "has no VA for each segment in apple,firmware-segment-vas" },
	{ M3, "/gpu", "apple,firmware-segment-vas", VALUE(WIDE(BASE)), -GPUAS_EBADMSG,
	  "has no VA for each segment" },
	{ M3, "/gpu", "apple,firmware-segment-vas", VALUE(WIDE(BASE + 0x4000), WIDE(BASE + 0x64000)),
	  -GPUAS_EBADMSG, "region fw-text: its segment's VA is not 0xfffffc0000000000" },
	{ M3, "/gpu", "apple,firmware-segment-vas", VALUE(WIDE(BASE), WIDE(BASE + 0x60000)),
	  -GPUAS_EBADMSG, "region fw-data: its segment's VA is not 0xfffffc0000064000" },
	{ G16, "/gpu", "apple,g16-handoff-version", VALUE(CELL(0)), -GPUAS_EPROTO,
	  "apple,g16-handoff-version is not 0x1" },
	{ NEO, "/gpu", "apple,neo-boot-abi", VALUE(CELL(2)), -GPUAS_EPROTO,
	  "apple,neo-boot-abi is not 0x1" },
	{ NEO, "/gpu", "apple,firmware-build", STRINGS("mBoot-18000.161.10"), -GPUAS_EBADMSG,
	  "apple,firmware-build is not mBoot-18000.161.9" },
	{ G16_VM, "/gpu", PRIVATE, GONE, -GPUAS_EBADMSG, "has no VA and size in " PRIVATE },
	{ G16_VM, "/gpu", PRIVATE, VALUE(WIDE(BASE)), -GPUAS_EBADMSG, "has no VA and size in " },
	{ NEO, "/gpu", PRIVATE, VALUE(WIDE(BASE), WIDE(0x1000000000)), -GPUAS_EBADMSG,
	  "window firmware: is not what the GPU node says in " PRIVATE },
	/* Places */
	{ M3, M3_HANDOFF, "reg", VALUE(WIDE(0x103fff70000), WIDE(0)), -GPUAS_EINVAL,
	  "region handoff: is empty" },
	{ M3, M3_HANDOFF, "reg", VALUE(WIDE(0x103fff71000), WIDE(0x4000)), -GPUAS_EINVAL,
	  "region handoff: unaligned PA" },
	{ M3, M3_HANDOFF, "reg", VALUE(WIDE(0x103fff70000), WIDE(0x4100)), -GPUAS_EINVAL,
	  "region handoff: unaligned size" },
	{ M3, M3_HANDOFF, "reg", VALUE(WIDE(0x40000000000), WIDE(0x4000)), -GPUAS_ERANGE,
	  "region handoff: is beyond the PA size" },
	{ M3, M3_HANDOFF, "reg", VALUE(WIDE(0x103fff70000), WIDE(0x8000)), -GPUAS_ENOTUNIQ,
	  "region shared-l2: overlaps handoff" },
	{ M3, M3_HANDOFF, "reg", VALUE(WIDE(0x10001000000), WIDE(0x4000)), -GPUAS_ENOTUNIQ,
	  "region handoff: overlaps node calibration@" },
	{ M3, M3_L2, "reg", VALUE(WIDE(0x10300000000), WIDE(0x8000)), -GPUAS_EMSGSIZE,
	  "region shared-l2: is larger than its contract says, 0x4000" },
	{ M3, M3_TEXT, "reg", VALUE(WIDE(0x10300000000), WIDE(0x204000)), -GPUAS_EBADMSG,
	  "region fw-data: its segment's VA is not" },
	{ NEO, RESERVED "gpu-b", "reg", VALUE(WIDE(0x103fff08000), WIDE(0x44000)), -GPUAS_EBADMSG,
	  "region pagetables: reg is not what is in apple,sgx-gfx-shared-region-size" },
	{ VINIX, RESERVED "gpu-c@103fff78000", "reg", VALUE(WIDE(0x103fff78000), WIDE(0)),
	  -GPUAS_EINVAL, "region pagetables: is empty" },
	/* Nodes */
	{ M3, M3_TEXT, "compatible", GONE, -GPUAS_EBADMSG,
	  "region fw-text: has a node that is not compatible with apple,asc-mem" },
	{ M3, M3_TEXT, "reusable", STRINGS(""), -GPUAS_EBADMSG, "region fw-text: is reusable" },
	{ T6030, RESERVED "uat-handoff", "no-map", STRINGS(""), -GPUAS_EACCES,
	  "region handoff: has no-map, which contract ico-t6030 refuses" },
	{ T6030, RESERVED "uat-pagetables-l2", "no-map", STRINGS(""), -GPUAS_EACCES,
	  "region shared-l2: has no-map, which contract ico-t6030 refuses: the kernel could not read it; who wrote the node has to leave it off" },
	{ T6030, RESERVED "uat-pagetables-l2", "status", STRINGS("disabled"), -GPUAS_ENOENT,
	  "region shared-l2: has a node that is disabled" },
	{ G16, RESERVED "gpu-d@103fff74000", "no-map", GONE, -GPUAS_EACCES,
	  "region shared-l2: lacks no-map, which contract aurora-g16 demands: it would be System RAM; who wrote the node has to add it" },
	{ G16, RESERVED "gpu-f@10001888000", "no-map", GONE, -GPUAS_EACCES,
	  "region fw-data: lacks no-map, which contract aurora-g16 demands" },
	/* Lists */
	{ M3, "/gpu", "memory-region", VALUE(CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6), CELL(6)),
	  -GPUAS_ENOTUNIQ, "region fw-data: memory-region has twice the node asc-firmware@" },
	{ M3, "/gpu", "memory-region", VALUE(CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6)),
	  -GPUAS_EBADMSG, "memory-region and memory-region-names do not agree" },
	{ M3, "/gpu", "memory-region-names",
	  STRINGS("calibration\0ttbs\0pagetables\0handoff\0l2\0fw-text\0fw-data"), -GPUAS_ENOENT,
	  "region shared-l2: is not in memory-region-names" },
	{ G16, "/gpu", "memory-region-names",
	  STRINGS("pagetables\0ttbs\0handoff\0shared-l2\0fw-text\0fw-data"), -GPUAS_EBADMSG,
	  "region ttbs: has another name in memory-region-names, or another place than 0" },
	{ G16, "/gpu", "memory-region-names",
	  STRINGS("ttbs\0pagetables\0handoff\0shared-l2\0fw-text\0fw-data\0more"), -GPUAS_EBADMSG,
	  "do not agree" },
	{ VINIX, "/gpu", "memory-region-names", STRINGS("ttbs\0handoff\0tables"), -GPUAS_ENOENT,
	  "region pagetables: is not in memory-region-names" },
	/* What was copied of the ADT: little-endian */
	{ NEO, "/gpu", "apple,sgx-gpu-region-base", GONE, -GPUAS_EBADMSG,
	  "region ttbs: GPU node has no apple,sgx-gpu-region-base" },
	{ NEO, "/gpu", "apple,sgx-gpu-region-base", VALUE(WIDE(0x103fff88000)), -GPUAS_EBADMSG,
	  "region ttbs: big-endian, and not little-endian, is apple,sgx-gpu-region-base" },
	{ G16_VM, "/gpu", "apple,sgx-gfx-handoff-size", VALUE(CELL(0x400000)), -GPUAS_EBADMSG,
	  "region handoff: not 64 bits are in apple,sgx-gfx-handoff-size" },
	{ G16_VM, "/gpu", "apple,sgx-gfx-data-base", VALUE(WIDE(0)), -GPUAS_EBADMSG,
	  "region firmware: reg is not what is in apple,sgx-gfx-data-base" },
	/* Memory that only the contract knows */
	{ NEO, SOURCE, "no-map", GONE, -GPUAS_EACCES,
	  "region apple,neo-gpu-source-memory: lacks no-map, which contract gravity-neo demands" },
	{ NEO, SOURCE, "compatible", STRINGS("apple,other"), -GPUAS_EBADMSG,
	  "is not compatible with apple,neo-gpu-source-memory" },
	{ NEO, SOURCE, "reg", VALUE(WIDE(0x10021598000), WIDE(0x4000), WIDE(0x10021600000), WIDE(0)),
	  -GPUAS_EBADMSG, "has a reg that is cut off, empty, or wraps, at range 1" },
	{ NEO, SOURCE, "reg", VALUE(WIDE(0x10021598000), CELL(0)), -GPUAS_EBADMSG,
	  "has a reg that is cut off, empty, or wraps, at range 0" },
	{ NEO, SOURCE, "reg", VALUE(WIDE(0x10021598000), WIDE(0x4000), WIDE(0x103fff00000), WIDE(0x4000)),
	  -GPUAS_ENOTUNIQ, "region handoff: overlaps node gpu-source-memory@" },
	{ NEO, "/gpu", "memory-region", VALUE(CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6)),
	  -GPUAS_ENOENT, "has no phandle behind those that have names" },
	{ NEO, "/gpu", "memory-region",
	  VALUE(CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6), CELL(7), CELL(8)),
	  -GPUAS_EBADMSG, "do not agree" },
};

static void spoil(void *fdt, const struct defect *defect)
{
	int node = fdt_path_offset(fdt, defect->path);
	size_t size = defect->size;

	assert_in_range(node, 1, INT_MAX);
	if (!defect->value) {
		assert_int_equal(fdt_nop_property(fdt, node, defect->prop), 0);
		return;
	}
	/* An empty string stands for a property without value. */
	if (size == 1 && !defect->value[0])
		size = 0;
	assert_int_equal(fdt_setprop(fdt, node, defect->prop, defect->value, (int)size), 0);
}

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
	cmocka_unit_test(a_manifest_of_another_contract_is_not_the_trees),
	cmocka_unit_test(a_contract_that_is_not_the_boards_is_refused),
};

UNIT_MAIN(tests)
