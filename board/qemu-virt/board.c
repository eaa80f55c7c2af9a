// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The stand-in GPU on QEMU's virt machine. Its walkers (SMMUv3, a second CPU)
 * are Arm's, so the format is LPAE; slots and windows are those of Apple's
 * 39-bit parts.
 */
#include <gpuas/boards.h>

#define FIRMWARE_BASE	0xffffff8000000000ULL
#define HOST_BASE	0xffffffa000000000ULL

static const struct gpuas_board_region regions[] = {
	{
		.name = "ttbs",
		.role = GPUAS_ROLE_TTBS,
		.owner = GPUAS_OWNER_HOST,
	}, {
		.name = "pagetables",
		.role = GPUAS_ROLE_PAGETABLES,
		.owner = GPUAS_OWNER_FIRMWARE,
		/* As on Apple's: the firmware makes tables of its own. */
		.size = 0x40000,
	}, {
		.name = "handoff",
		.role = GPUAS_ROLE_HANDOFF,
		.owner = GPUAS_OWNER_SHARED,
	}, {
		.name = "fw-text",
		.role = GPUAS_ROLE_MAPPED,
		.owner = GPUAS_OWNER_FIRMWARE,
		.size = 0x40000,
		.va = (GPUAS_FORCE gpuas_va_t)FIRMWARE_BASE,
		.attr = GPUAS_FW_READ | GPUAS_FW_EXEC | GPUAS_MEM_CACHED |
			GPUAS_GLOBAL,
	}, {
		.name = "fw-data",
		.role = GPUAS_ROLE_MAPPED,
		.owner = GPUAS_OWNER_FIRMWARE,
		.size = 0x80000,
		.va = (GPUAS_FORCE gpuas_va_t)(FIRMWARE_BASE + 0x1000000),
		.attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED |
			GPUAS_GLOBAL,
	}, {
		.name = "shared",
		.role = GPUAS_ROLE_MAPPED,
		.owner = GPUAS_OWNER_SHARED,
		.size = 0x10000,
		.va = (GPUAS_FORCE gpuas_va_t)(FIRMWARE_BASE + 0x2000000),
		.attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED |
			GPUAS_GLOBAL,
	},
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

/* The GPU's MMU, and the bus that the GPU is on. */
static const char *const withhold[] = {
	"arm,smmu-v3", "pci-host-ecam-generic", NULL,
};

static const uint64_t magics[] = { GPUAS_HANDOFF_MAGIC_0002 };

/* As G13 and G14. */
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
	.geo = {
		.format = &gpuas_format_lpae_16k,
		.va_bits = 39,
		.pa_bits = 40,
		.upper = true,
	},
	.firmware = { (GPUAS_FORCE gpuas_va_t)FIRMWARE_BASE, 0x2000000000ULL },
	.host = { (GPUAS_FORCE gpuas_va_t)HOST_BASE, 0x1000000000ULL },
	.profile = &answers,
	.align = 0x10000,
	.region = regions,
	.regions = sizeof(regions) / sizeof(regions[0]),
};
