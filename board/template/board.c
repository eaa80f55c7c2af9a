// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * How to add a board, in the order of the work. Copy this file to
 * board/<vendor>/<soc>.c, replace every value, and every comment that talks to
 * you by one line that says where the value comes from.
 *
 *   1. Fill in this file. It is data: no code, no address of the machine's RAM.
 *   2. Declare the board in include/gpuas/boards.h, and its family, which is at the
 *      end, in board/families.h; list that in board/families.c; list this file in
 *      GPUAS_BOARD_SRCS of lib/sources.mk, and a new folder in README.md's table.
 *   3. Run "make plan BOARD=<name>", on any PC: gpuas_plan() judges the whole
 *      description and names what is wrong; then read sizes, tables, windows, VAs
 *      and rights, and compare them with what you know of the firmware. Where the
 *      library is installed, "gpuas plan <name>" is the same. "make unit-board"
 *      plans every board in the list, so that yours stays right.
 *   4. Bring it up in the bootloader, and look at the device tree that Linux gets.
 *
 * What is never right: a name, VA or size that was guessed. A GPU's firmware says
 * nothing when its tables are wrong; it just stops.
 */
#include "../families.h"

/*
 * Root entries are the unit in which windows are handed out, since one root entry
 * has one owner. With 16 KiB granule and 39 bits an entry covers 64 GiB (for others
 * see struct gpuas_geometry in include/gpuas/format.h), and the upper half starts
 * here.
 */
#define HALF_BASE	0xffffff8000000000ULL
#define ROOT_ENTRY	0x1000000000ULL

/*
 * The regions. The first three roles are there exactly once on every board. A @name is
 * what the kernel driver and messages call it.
 */
static const struct gpuas_board_region regions[] = {
	{
		/* No size: the plan knows what these three have to hold. */
		.name = "ttbs",
		.role = GPUAS_ROLE_TTBS,
		.owner = GPUAS_OWNER_HOST,
	}, {
		/* The root, and the exact number of tables for what is mapped. */
		.name = "pagetables",
		.role = GPUAS_ROLE_PAGETABLES,
		.owner = GPUAS_OWNER_FIRMWARE,
	}, {
		.name = "handoff",
		.role = GPUAS_ROLE_HANDOFF,
		.owner = GPUAS_OWNER_SHARED,
	}, {
		/*
		 * One region for each segment of the firmware's image that has
		 * rights of its own. @va is what the image was linked for; it
		 * lies in the firmware's window, and is aligned to the granule.
		 * Attributes say who may do what. What the format's entries
		 * cannot express is refused, and the plan names the right that
		 * is in the way. UAT has no memory that the firmware may both
		 * write and execute; LPAE has, so there it is up to you to keep
		 * the two apart.
		 */
		.name = "fw-text",
		.role = GPUAS_ROLE_MAPPED,
		.owner = GPUAS_OWNER_FIRMWARE,
		.size = 0x20000,
		.va = (GPUAS_FORCE gpuas_va_t)HALF_BASE,
		.attr = GPUAS_FW_READ | GPUAS_FW_EXEC | GPUAS_MEM_CACHED |
			GPUAS_GLOBAL | GPUAS_OWNER_FW,
	}, {
		/*
		 * The size counts in full: what is rounded up to @align is
		 * mapped too, so leave room for it before the next VA.
		 */
		.name = "fw-data",
		.role = GPUAS_ROLE_MAPPED,
		.owner = GPUAS_OWNER_FIRMWARE,
		.size = 0x40000,
		.va = (GPUAS_FORCE gpuas_va_t)(HALF_BASE + 0x1000000),
		.attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED |
			GPUAS_GLOBAL | GPUAS_OWNER_FW,
	}, {
		/*
		 * Memory that is only named: no VA, no attributes. Nobody clears
		 * it, so its contents can be written at any time.
		 */
		.name = "calibration",
		.role = GPUAS_ROLE_DATA,
		.owner = GPUAS_OWNER_HOST,
		.size = 0x4000,
	},
};

/* Compatibles of the root node of the device tree: any of them selects the board. */
static const char *const machines[] = { "vendor,machine", NULL };

/* Of the GPU node, which has one of them at least: those that its bindings say. */
static const char *const gpus[] = { "vendor,gpu", NULL };

/*
 * How the regions stand in a tree, in the order of memory-region. Here it is our own
 * contract: no no-map, geometry and windows in the GPU node, VAs in iommu-addresses. For a
 * GPU with a binding, or a loader, of somebody else's, list what those have agreed on
 * instead (board/apple/contract.c has several), and several if trees differ: see "How to
 * choose a contract" in README.md.
 */
static const struct gpuas_contract_region stand[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "template-ttbs" },
	{ .region = "pagetables", .name = "pagetables", .node = "template-pagetables" },
	{ .region = "handoff", .name = "handoff", .node = "template-handoff" },
	{ .region = "fw-text", .name = "fw-text", .node = "template-fw-text" },
	{ .region = "fw-data", .name = "fw-data", .node = "template-fw-data" },
	{ .region = "calibration", .name = "calibration", .node = "template-calibration" },
};

static const struct gpuas_contract contract = {
	.name = "template",
	/* False where the GPU's binding is somebody else's, and forbids it. */
	.describe = true,
	.va = GPUAS_VA_IOMMU_ADDRESSES,
	.region = stand,
	.regions = sizeof(stand) / sizeof(stand[0]),
};

static const struct gpuas_contract *const contracts[] = { &contract, NULL };

/*
 * How the handoff page is used. The generations of Apple's that are known are in
 * board/apple/profiles.c, and can be named here as they are; <gpuas/profile.h> says what
 * each field is for. A magic that firmware of another date has is one more in the list.
 */
static const uint64_t magics[] = { GPUAS_HANDOFF_MAGIC_0002 };

static const struct gpuas_profile profile = {
	/* What we write; it is among those that we accept. */
	.magic = GPUAS_HANDOFF_MAGIC_0002,
	.accept = magics,
	.accepts = sizeof(magics) / sizeof(magics[0]),
	/* ANSWERS only if somebody saw it do so: a host waits for it. */
	.firmware = GPUAS_FIRMWARE_ANSWERS,
	.context_none = 0,
	.absent = GPUAS_ABSENT_LEFT,
};

/* Yours is declared in include/gpuas/boards.h. */
extern const struct gpuas_board gpuas_board_template;

const struct gpuas_board gpuas_board_template = {
	.name = "template",
	.machine = machines,
	.compatible = gpus,
	/*
	 * For machines whose tree has no GPU node: the name of one to make. NULL
	 * otherwise, and a tree without the node is an error.
	 */
	.gpu_node = NULL,
	/*
	 * True where an earlier stage has allocated and described the regions.
	 * They are then taken over and judged; nothing is allocated or written,
	 * sizes may be left out, and a contract may have optional regions.
	 */
	.adopt = false,
	.contract = contracts,
	/*
	 * What the firmware uses on its own, and a tree would offer to the OS as
	 * well: devices by compatible, the list ended by NULL, and one CPU by its
	 * reg. On most machines there is nothing of the kind.
	 */
	.withhold = NULL,
	.cpu = 0,
	.geo = {
		.format = &gpuas_format_uat,
		/* Of one half. What the walker is set to, not what it could. */
		.va_bits = 39,
		/* Regions are allocated below this. */
		.pa_bits = 40,
		/* The shared half: true for the one at the top (TTB1). */
		.upper = true,
	},
	/* What the firmware maps, and what the kernel driver may map: disjoint. */
	.firmware = { (GPUAS_FORCE gpuas_va_t)HALF_BASE, 2 * ROOT_ENTRY },
	.host = { (GPUAS_FORCE gpuas_va_t)(HALF_BASE + 2 * ROOT_ENTRY), ROOT_ENTRY },
	/*
	 * One root, in which nothing is published. Where there are several, or
	 * firmware publishes entries into one, list them; where the host's
	 * window is a table that is lent below them, add a region of
	 * GPUAS_ROLE_LENT. board/qemu-virt/board.c has a board with all of this.
	 */
	.root = NULL,
	.roots = 0,
	/* True where walkers may remember that nothing was mapped. */
	.map_flush = false,
	/* NULL where nobody knows, on an adopting board only. */
	.profile = &profile,
	/*
	 * 64 KiB at least where we allocate, so that a kernel of any page size
	 * maps a region and nothing beside it. The granule for adopting boards.
	 */
	.align = 0x10000,
	.region = regions,
	.regions = sizeof(regions) / sizeof(regions[0]),
};

static const struct gpuas_board *const boards[] = { &gpuas_board_template, NULL };

/* All of a vendor's is one family: a further SoC adds to the list above. */
extern const struct gpuas_family gpuas_family_template;
const struct gpuas_family gpuas_family_template = {
	.board = boards,
};
