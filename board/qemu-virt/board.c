// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The stand-in GPU on QEMU's virt machine, in two profiles: as G13 and G14 are, and as
 * G17 is. Its walkers (SMMUv3, a second CPU) are Arm's, so the format is LPAE; slots and
 * windows are those of Apple's 39-bit parts.
 */
#include <gpuas/boards.h>

#define FIRMWARE_BASE	0xffffff8000000000ULL
#define HOST_BASE	0xffffffa000000000ULL

/* As on Apple's: the firmware makes tables of its own. */
#define TABLES_SIZE	0x40000

/*
 * What the two have in common
 */

#define REGION_TTBS { \
	.name = "ttbs", \
	.role = GPUAS_ROLE_TTBS, \
	.owner = GPUAS_OWNER_HOST, \
}

#define REGION_HANDOFF { \
	.name = "handoff", \
	.role = GPUAS_ROLE_HANDOFF, \
	.owner = GPUAS_OWNER_SHARED, \
}

#define REGION_FW_TEXT { \
	.name = "fw-text", \
	.role = GPUAS_ROLE_MAPPED, \
	.owner = GPUAS_OWNER_FIRMWARE, \
	.size = 0x40000, \
	.va = (GPUAS_FORCE gpuas_va_t)FIRMWARE_BASE, \
	.attr = GPUAS_FW_READ | GPUAS_FW_EXEC | GPUAS_MEM_CACHED | \
		GPUAS_GLOBAL, \
}

#define REGION_FW_DATA { \
	.name = "fw-data", \
	.role = GPUAS_ROLE_MAPPED, \
	.owner = GPUAS_OWNER_FIRMWARE, \
	.size = 0x80000, \
	.va = (GPUAS_FORCE gpuas_va_t)(FIRMWARE_BASE + 0x1000000), \
	.attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED | \
		GPUAS_GLOBAL, \
}

#define REGION_SHARED { \
	.name = "shared", \
	.role = GPUAS_ROLE_MAPPED, \
	.owner = GPUAS_OWNER_SHARED, \
	.size = 0x10000, \
	.va = (GPUAS_FORCE gpuas_va_t)(FIRMWARE_BASE + 0x2000000), \
	.attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED | \
		GPUAS_GLOBAL, \
}

#define GEOMETRY { \
	.format = &gpuas_format_lpae_16k, \
	.va_bits = 39, \
	.pa_bits = 40, \
	.upper = true, \
}

#define WINDOW_FIRMWARE { (GPUAS_FORCE gpuas_va_t)FIRMWARE_BASE, 0x2000000000ULL }
#define WINDOW_HOST	{ (GPUAS_FORCE gpuas_va_t)HOST_BASE, 0x1000000000ULL }

/* The GPU's MMU, and the bus that the GPU is on. */
static const char *const withhold[] = {
	"arm,smmu-v3", "pci-host-ecam-generic", NULL,
};

static const uint64_t magics[] = { GPUAS_HANDOFF_MAGIC_0002 };

/*
 * As G13 and G14: one root, and firmware that answers on the handoff page
 */

static const struct gpuas_board_region regions[] = {
	REGION_TTBS,
	{
		.name = "pagetables",
		.role = GPUAS_ROLE_PAGETABLES,
		.owner = GPUAS_OWNER_FIRMWARE,
		.size = TABLES_SIZE,
	},
	REGION_HANDOFF, REGION_FW_TEXT, REGION_FW_DATA, REGION_SHARED,
};

static const char *const machines[] = { "linux,dummy-virt", NULL };
static const char *const gpus[] = { "gpuas,qemu-virt-gpu", NULL };

static const struct gpuas_contract_region stand[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "gpuas-ttbs" },
	{ .region = "pagetables", .name = "pagetables", .node = "gpuas-pagetables" },
	{ .region = "handoff", .name = "handoff", .node = "gpuas-handoff" },
	{ .region = "fw-text", .name = "fw-text", .node = "gpuas-fw-text" },
	{ .region = "fw-data", .name = "fw-data", .node = "gpuas-fw-data" },
	{ .region = "shared", .name = "shared", .node = "gpuas-shared" },
};

/* Nothing has no-map: what the GPU uses is to be in the linear map, and in a dump. */
const struct gpuas_contract gpuas_contract_qemu_virt = {
	.name = "gpuas-qemu-virt",
	.describe = true,
	.va = GPUAS_VA_IOMMU_ADDRESSES,
	.region = stand,
	.regions = sizeof(stand) / sizeof(stand[0]),
};

static const struct gpuas_contract *const contracts[] = {
	&gpuas_contract_qemu_virt, NULL,
};

static const struct gpuas_profile answers = {
	.magic = GPUAS_HANDOFF_MAGIC_0002,
	.accept = magics,
	.accepts = 1,
	.firmware = GPUAS_FIRMWARE_ANSWERS,
	.context_none = 0,
	.absent = GPUAS_ABSENT_LEFT,
};

const struct gpuas_board gpuas_board_qemu_virt = {
	.name = "qemu-virt",
	.machine = machines,
	.compatible = gpus,
	.gpu_node = "gpuas-gpu",
	.contract = contracts,
	.withhold = withhold,
	.cpu = 1,
	.geo = GEOMETRY,
	.firmware = WINDOW_FIRMWARE,
	.host = WINDOW_HOST,
	.profile = &answers,
	.align = 0x10000,
	.region = regions,
	.regions = sizeof(regions) / sizeof(regions[0]),
};

/*
 * As G17: two roots, which firmware publishes its entries and a lent table into; it never
 * looks at the handoff page
 */

/* The GPU walks the first one, the firmware's CPU the second. */
static const struct gpuas_board_root roots[] = {
	{ .published = 3 },
	{ .offset = TABLES_SIZE, .published = 3 },
};

static const struct gpuas_board_region published_regions[] = {
	REGION_TTBS,
	{
		.name = "pagetables",
		.role = GPUAS_ROLE_PAGETABLES,
		.owner = GPUAS_OWNER_FIRMWARE,
		.size = TABLES_SIZE + 0x4000,
	},
	REGION_HANDOFF, REGION_FW_TEXT, REGION_FW_DATA, REGION_SHARED,
	{
		.name = "lent",
		.role = GPUAS_ROLE_LENT,
		.owner = GPUAS_OWNER_SHARED,
	},
};

static const char *const published_machines[] = { "gpuas,qemu-virt-published", NULL };
static const char *const published_gpus[] = { "gpuas,qemu-virt-gpu-published", NULL };

static const struct gpuas_contract_region published_stand[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "gpuas-ttbs" },
	{
		.region = "pagetables", .name = "pagetables", .node = "gpuas-tables",
		.no_map = GPUAS_NO_MAP_DEMANDED,
	},
	{ .region = "handoff", .name = "handoff", .node = "gpuas-handoff" },
	{ .region = "fw-text", .name = "fw-text", .node = "gpuas-fw-text" },
	{ .region = "fw-data", .name = "fw-data", .node = "gpuas-fw-data" },
	{ .region = "shared", .name = "shared", .node = "gpuas-shared" },
	{
		.region = "lent", .name = "lent", .node = "gpuas-lent",
		.no_map = GPUAS_NO_MAP_DEMANDED,
	},
};

/* What the walkers read is not in the OS's linear map; they look into its caches. */
const struct gpuas_contract gpuas_contract_qemu_virt_published = {
	.name = "gpuas-published",
	.describe = true,
	.va = GPUAS_VA_IOMMU_ADDRESSES,
	.no_map_memory = GPUAS_MEMORY_WRITE_BACK,
	.region = published_stand,
	.regions = sizeof(published_stand) / sizeof(published_stand[0]),
};

static const struct gpuas_contract *const published_contracts[] = {
	&gpuas_contract_qemu_virt_published, NULL,
};

static const struct gpuas_profile never = {
	.magic = GPUAS_HANDOFF_MAGIC_0002,
	.accept = magics,
	.accepts = 1,
	.firmware = GPUAS_FIRMWARE_NEVER,
	.context_none = 0xffff,
	.absent = GPUAS_ABSENT_ALWAYS,
};

const struct gpuas_board gpuas_board_qemu_virt_published = {
	.name = "qemu-virt-published",
	.machine = published_machines,
	.compatible = published_gpus,
	.gpu_node = "gpuas-gpu",
	.contract = published_contracts,
	.withhold = withhold,
	.cpu = 1,
	.geo = GEOMETRY,
	.firmware = WINDOW_FIRMWARE,
	.host = WINDOW_HOST,
	.root = roots,
	.roots = sizeof(roots) / sizeof(roots[0]),
	.map_flush = true,
	.profile = &never,
	.align = 0x10000,
	.region = published_regions,
	.regions = sizeof(published_regions) / sizeof(published_regions[0]),
};
