/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * Contracts of Apple's later parts, for all who read trees: boards that follow one each, trees
 * as the reference has them (test/unit/fdt/NAME-filled.dts), and each way to be wrong.
 */
#ifndef CONTRACTS_H
#define CONTRACTS_H

#include "blob.h"

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

static const char *const machines[] = { "vendor,board", NULL };

static struct gpuas_board board_of(const struct line *line)
{
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
		/* A contract that knows of no lent table is for a board that has none. */
		.regions = gpuas_contract_region(line->contract[0], "shared-l2") ?
				   sizeof(regions) / sizeof(regions[0]) : 3,
	};
}

static void *load_filled(const struct line *line)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-filled", line->tree);
	return load(name, ROOM);
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
	{ NEO, "/gpu", "apple,firmware-build", STRINGS("mBoot-18000.161.9\0more"), -GPUAS_EBADMSG,
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
	{ M3, RESERVED "asc-firmware@10001888000", "reg",
	  VALUE(WIDE(0x10300000000), WIDE(0x204000)), -GPUAS_EMSGSIZE,
	  "region fw-data: is larger than its contract says, 0x200000" },
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
	{ M3, "/gpu", "memory-region-names",
	  STRINGS("ttbs\0ttbs\0pagetables\0handoff\0shared-l2\0fw-text\0fw-data"), -GPUAS_ENOTUNIQ,
	  "region ttbs: is twice in memory-region-names" },
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
	{ NEO, SOURCE, "status", STRINGS("disabled"), -GPUAS_ENOENT,
	  "region apple,neo-gpu-source-memory: has a node that is disabled, or has no reg" },
	{ NEO, SOURCE, "reg", GONE, -GPUAS_ENOENT,
	  "region apple,neo-gpu-source-memory: has a node that is disabled, or has no reg" },
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

#endif /* CONTRACTS_H */
