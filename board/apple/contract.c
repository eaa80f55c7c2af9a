// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * How loaders for Apple's machines describe the GPU's regions in a device tree. Upstream
 * has agreed on G13 and G14 only; what follows from M3 on are five lines of work that
 * contradict each other, and what is here of them was read in their sources as of 2026,
 * not on machines. Where a line is a reader only, and nobody is known to write what it
 * reads, the contract is read only.
 */
#include <gpuas/boards.h>

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/*
 * Upstream: Linux Documentation/devicetree/bindings/gpu/apple,agx.yaml (names, order),
 * m1n1 src/kboot_gpu.c (nodes).
 */
static const struct gpuas_contract_region apple_agx[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "uat-ttbs" },
	{ .region = "pagetables", .name = "pagetables", .node = "uat-pagetables" },
	{ .region = "handoff", .name = "handoff", .node = "uat-handoff" },
	{ .region = "hw-cal-a", .name = "hw-cal-a", .node = "hw-cal-a", .optional = true },
	{ .region = "hw-cal-b", .name = "hw-cal-b", .node = "hw-cal-b", .optional = true },
	{ .region = "globals", .name = "globals", .node = "globals", .optional = true },
};

const struct gpuas_contract gpuas_contract_apple_agx = {
	.name = "apple-agx",
	.region = apple_agx,
	.regions = COUNT(apple_agx),
};

/* One middle table, by what the monitor of these machines checks. */
#define SHARED_L2	.least = 0x4000, .most = 0x4000

/*
 * Aurora, M3 (t8122). Writer: m1n1 src/kboot_gpu.c (T8122): nodes with no-map, six names
 * behind the board's own, VAs and flags of two segments. Reader: drm/asahi m3_board.rs,
 * agx_resources.rs: no-map is not demanded, and decides the type of memory.
 */
#define M3		.no_map = GPUAS_NO_MAP_WRITTEN
#define M3_SEGMENT	.node = "asc-firmware", .compatible = "apple,asc-mem", \
			.shared_node = true, .most = 0x200000

static const struct gpuas_contract_region aurora_m3[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "uat-ttbs", M3 },
	{ .region = "pagetables", .name = "pagetables", .node = "uat-pagetables", M3 },
	{ .region = "handoff", .name = "handoff", .node = "uat-handoff", M3 },
	{ .region = "shared-l2", .name = "shared-l2", .node = "uat-pagetables-l2", M3, SHARED_L2 },
	{ .region = "fw-text", .name = "fw-text", M3, M3_SEGMENT },
	{ .region = "fw-data", .name = "fw-data", M3, M3_SEGMENT },
};

static const struct gpuas_contract_value aurora_m3_version = {
	.property = "apple,m3-handoff-version", .cells = 1, .cell = { 1 },
};

/* Of text and data, as in the firmware's image. */
static const struct gpuas_contract_value segment_flags[] = {
	{ .property = "apple,firmware-segment-flags", .cells = 2, .cell = { 1, 0 } },
	{ .property = NULL },
};

const struct gpuas_contract gpuas_contract_aurora_m3 = {
	.name = "aurora-m3",
	.others = true,
	.version = &aurora_m3_version,
	.values = segment_flags,
	.va = GPUAS_VA_SEGMENTS,
	.va_property = "apple,firmware-segment-vas",
	.no_map_memory = GPUAS_MEMORY_WRITE_COMBINING,
	.region = aurora_m3,
	.regions = COUNT(aurora_m3),
};

/*
 * M3 Pro (t6030) of the laboratory line of drm/asahi. Source: t6030-gpu.dtsi there, whose
 * placeholders have no no-map on purpose, so that the shared table stays in the linear
 * map. It names a writer that is in no public tree.
 */
static const struct gpuas_contract_region ico_t6030[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "uat-ttbs" },
	{ .region = "pagetables", .name = "pagetables", .node = "uat-pagetables" },
	{ .region = "handoff", .name = "handoff", .node = "uat-handoff" },
	{ .region = "hw-cal-a", .name = "hw-cal-a", .node = "hw-cal-a", .optional = true },
	{ .region = "hw-cal-b", .name = "hw-cal-b", .node = "hw-cal-b", .optional = true },
	{ .region = "globals", .name = "globals", .node = "globals", .optional = true },
	{ .region = "shared-l2", .node = "uat-pagetables-l2", .unlisted = true, SHARED_L2 },
};

const struct gpuas_contract gpuas_contract_ico_t6030 = {
	.name = "ico-t6030",
	.read_only = true,
	.region = ico_t6030,
	.regions = COUNT(ico_t6030),
};

/*
 * Aurora, M4 (t8132). Reader: drm/asahi g16_resources.rs, g16_board.rs: exactly these six
 * names, six nodes, no-map in each. Nobody was found who writes this version property.
 */
#define G16		.no_map = GPUAS_NO_MAP_DEMANDED

static const struct gpuas_contract_region aurora_g16[] = {
	{ .region = "ttbs", .name = "ttbs", G16 },
	{ .region = "pagetables", .name = "pagetables", G16 },
	{ .region = "handoff", .name = "handoff", G16 },
	{ .region = "shared-l2", .name = "shared-l2", G16, SHARED_L2 },
	{ .region = "fw-text", .name = "fw-text", G16, .most = 0x200000 },
	{ .region = "fw-data", .name = "fw-data", G16, .most = 0x200000 },
};

static const struct gpuas_contract_value aurora_g16_version = {
	.property = "apple,g16-handoff-version", .cells = 1, .cell = { 1 },
};

const struct gpuas_contract gpuas_contract_aurora_g16 = {
	.name = "aurora-g16",
	.read_only = true,
	.in_order = true,
	.version = &aurora_g16_version,
	.values = segment_flags,
	.va = GPUAS_VA_SEGMENTS,
	.va_property = "apple,firmware-segment-vas",
	.no_map_memory = GPUAS_MEMORY_WRITE_COMBINING,
	.region = aurora_g16,
	.regions = COUNT(aurora_g16),
};

/*
 * Gravity, M4 (t8132), and aurora's m1n1 likewise. Writer: src/kboot_gpu.c,
 * dt_set_gpu_t8132(), which also copies properties of the ADT as they are, so that these
 * are little-endian. Reader: g16_vm.rs.
 */
#define EITHER		.no_map = GPUAS_NO_MAP_INDIFFERENT

static const struct gpuas_contract_region gravity_g16[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "uat-ttbs",
	  .source = "gpu-region", EITHER },
	{ .region = "pagetables", .name = "pagetables", .node = "uat-pagetables",
	  .source = "gfx-shared-region", EITHER },
	{ .region = "shared-l2", .name = "l2", .node = "uat-l2",
	  .source = "gfx-shared-l2-region", EITHER, SHARED_L2 },
	{ .region = "handoff", .name = "handoff", .node = "uat-handoff",
	  .source = "gfx-handoff", EITHER },
	{ .region = "firmware", .name = "firmware", .node = "gpu-firmware",
	  .source = "gfx-data", EITHER },
	{ .region = "firmware-shared-ro", .node = "gpu-firmware-shared-ro", .unlisted = true,
	  .source = "gfx-data-shared-ro", EITHER, .optional = true },
};

const struct gpuas_contract gpuas_contract_gravity_g16 = {
	.name = "gravity-g16",
	.va = GPUAS_VA_WINDOW,
	.va_property = "apple,rtkit-private-vm-region",
	.source = "apple,sgx-",
	.region = gravity_g16,
	.regions = COUNT(gravity_g16),
};

/*
 * Gravity, A18 Pro (t8140). Reader: g17p_platform.rs, which compares each reg with what
 * was copied of the ADT. Nodes: t8140-neo-gpu-memory.dtsi; the seventh phandle has no
 * name, and leads to places where a driver of theirs expects buffers. That regions have
 * places only once a loader filled them is derived from the dtsi.
 */
static const struct gpuas_contract_region gravity_neo[] = {
	{ .region = "ttbs", .name = "ttbs", .source = "gpu-region", EITHER },
	{ .region = "pagetables", .name = "pagetables", .source = "gfx-shared-region", EITHER,
	  .least = 0x80000 },
	{ .region = "shared-l2", .name = "l2", .source = "gfx-shared-l2-region", EITHER,
	  SHARED_L2 },
	{ .region = "handoff", .name = "handoff", .source = "gfx-handoff", EITHER },
	{ .region = "firmware", .name = "firmware", .source = "gfx-data", EITHER },
	{ .region = "firmware-secondary", .name = "firmware-secondary",
	  .source = "gfx1-data", EITHER },
	{ .compatible = "apple,neo-gpu-source-memory", .no_map = GPUAS_NO_MAP_DEMANDED,
	  .tuples = true },
};

static const struct gpuas_contract_value gravity_neo_version = {
	.property = "apple,neo-boot-abi", .cells = 1, .cell = { 1 },
};

static const struct gpuas_contract_value gravity_neo_build[] = {
	{ .property = "apple,firmware-build", .string = "mBoot-18000.161.9" },
	{ .property = NULL },
};

const struct gpuas_contract gpuas_contract_gravity_neo = {
	.name = "gravity-neo",
	.source_demanded = true,
	.version = &gravity_neo_version,
	.values = gravity_neo_build,
	.va = GPUAS_VA_WINDOW,
	.va_property = "apple,rtkit-private-vm-region",
	.source = "apple,sgx-",
	.region = gravity_neo,
	.regions = COUNT(gravity_neo),
};

/*
 * Vinix, M5 (t6050). Reader: kernel/modules/gpu/agx/driver/driver.v: the ADT, or these
 * three names in a device tree.
 */
static const struct gpuas_contract_region vinix[] = {
	{ .region = "ttbs", .name = "ttbs", EITHER },
	{ .region = "handoff", .name = "handoff", EITHER },
	{ .region = "pagetables", .name = "pagetables", EITHER },
};

const struct gpuas_contract gpuas_contract_vinix = {
	.name = "vinix",
	.read_only = true,
	.region = vinix,
	.regions = COUNT(vinix),
};
