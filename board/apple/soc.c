// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Apple's SoCs: what is known of each, and who says so. iBoot allocates the regions, a
 * loader describes them in /reserved-memory. What is not known of a SoC is not in its
 * board. Sources up to G14 are upstream's; of G15 and later there are forks only:
 *
 *   asahi      AsahiLinux/linux drivers/gpu/drm/asahi; binding: Linux apple,agx.yaml
 *   aurora     aurora-silicon/linux, the same folder; aurora-silicon/m1n1
 *   ico        iconidentify/aurora-linux, the same folder
 *   gravity    GravityLinux/linux, GravityLinux/bootloader
 *   vinix      vlang/vinix kernel/modules/gpu/agx
 *   sptm       Apple's monitor of T8142, decompiled
 */
#include "../families.h"

#define LIST(...)	((const char *const[]){ __VA_ARGS__, NULL })
#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))
#define WINDOW(va, size)	{ (GPUAS_FORCE gpuas_va_t)(va), size }

/*
 * Groups of values that many have
 */

#define BITS(va, pa) \
	.adopt = true, \
	.align = 0x4000, \
	.geo = { .format = &gpuas_format_uat, .va_bits = va, .pa_bits = pa, .upper = true }

/*
 * From G15 on. That walkers do not remember holes is known of G13 and G14 only; aurora flushes
 * after maps on T8140. Of the others nobody says, and a flush too many does no harm.
 */
#define BITS_42		BITS(42, 42), .map_flush = true, .incoherent = true

/* Two root entries for the firmware, the one behind them for the host. */
#define WINDOWS_39 \
	.firmware = WINDOW(0xffffff8000000000ULL, 0x2000000000ULL), \
	.host = WINDOW(0xffffffa000000000ULL, 0x1000000000ULL)
#define WINDOWS_42 \
	.firmware = WINDOW(0xfffffc0000000000ULL, 0x2000000000ULL), \
	.host = WINDOW(0xfffffc2000000000ULL, 0x1000000000ULL)

/* A region by name, role, owner. */
#define TTBS		{ .name = "ttbs", .role = GPUAS_ROLE_TTBS, .owner = GPUAS_OWNER_HOST }
#define PAGETABLES	{ .name = "pagetables", .role = GPUAS_ROLE_PAGETABLES, \
			  .owner = GPUAS_OWNER_FIRMWARE }
#define HANDOFF		{ .name = "handoff", .role = GPUAS_ROLE_HANDOFF, \
			  .owner = GPUAS_OWNER_SHARED }
#define SHARED_L2	{ .name = "shared-l2", .role = GPUAS_ROLE_LENT, .owner = GPUAS_OWNER_HOST }
#define CALIBRATION(n)	{ .name = n, .role = GPUAS_ROLE_DATA, .owner = GPUAS_OWNER_HOST }
#define FIRMWARE(n)	{ .name = n, .role = GPUAS_ROLE_DATA, .owner = GPUAS_OWNER_FIRMWARE }
#define CALIBRATIONS \
	CALIBRATION("hw-cal-a"), CALIBRATION("hw-cal-b"), CALIBRATION("globals")

static const struct gpuas_board_region upstream_regions[] = {
	TTBS, PAGETABLES, HANDOFF, CALIBRATIONS,
};

static const struct gpuas_board_region t6030_regions[] = {
	TTBS, PAGETABLES, HANDOFF, CALIBRATIONS, SHARED_L2,
};

static const struct gpuas_board_region t8132_regions[] = {
	TTBS, PAGETABLES, SHARED_L2, HANDOFF, FIRMWARE("firmware"),
	FIRMWARE("firmware-shared-ro"),
};

static const struct gpuas_board_region t8140_regions[] = {
	TTBS, PAGETABLES, SHARED_L2, HANDOFF, FIRMWARE("firmware"),
	FIRMWARE("firmware-secondary"),
};

static const struct gpuas_board_region t605x_regions[] = {
	TTBS, HANDOFF, PAGETABLES,
};

#define CONTRACT(which)	((const struct gpuas_contract *const[]){ &(which), NULL })
#define REGIONS(list, which) \
	.contract = CONTRACT(which), \
	.region = list, \
	.regions = COUNT(list)

#define UPSTREAM \
	REGIONS(upstream_regions, gpuas_contract_apple_agx), \
	.profile = &gpuas_profile_g13

/* Each of two coprocessors publishes entries 0 to 2 of a root of its own. */
static const struct gpuas_board_root t8140_roots[] = {
	{ .offset = 0, .published = 3, .mirrors = 0 },
	{ .offset = 0x40000, .published = 3, .mirrors = 0 },
};

/*
 * G13 and G14. Upstream's trees list the variant first, and what it is compatible with;
 * downstream's the SoC, and the generation.
 */

static const struct gpuas_fact g13[GPUAS_SOC_FIELDS] = {
	[GPUAS_SOC_BITS] = { GPUAS_MARK_HARDWARE,
		"asahi pgtable.rs (VA), hw/t8103.rs, t8112.rs, t600x.rs, t602x.rs (PA)" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_HARDWARE, "asahi mmu.rs" },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_HARDWARE, "asahi mmu.rs" },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_HARDWARE, "apple,agx.yaml; m1n1 src/kboot_gpu.c" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_HARDWARE, "asahi mmu.rs; m1n1 fw/agx/handoff.py" },
	[GPUAS_SOC_WALKER] = { GPUAS_MARK_HARDWARE, "asahi pgtable.rs: no maintenance at all" },
};

const struct gpuas_board gpuas_board_apple_t8103 = {
	.name = "apple-t8103",
	.machine = LIST("apple,t8103"),
	.compatible = LIST("apple,agx-g13g", "apple,agx-t8103"),
	BITS(39, 40), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t8112 = {
	.name = "apple-t8112",
	.machine = LIST("apple,t8112"),
	.compatible = LIST("apple,agx-g14g", "apple,agx-t8112"),
	BITS(39, 40), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t6000 = {
	.name = "apple-t6000",
	.machine = LIST("apple,t6000"),
	.compatible = LIST("apple,agx-g13s", "apple,agx-t6000", "apple,agx-g13x"),
	BITS(39, 42), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t6001 = {
	.name = "apple-t6001",
	.machine = LIST("apple,t6001"),
	.compatible = LIST("apple,agx-g13c", "apple,agx-g13s", "apple,agx-t6001",
			   "apple,agx-g13x"),
	BITS(39, 42), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t6002 = {
	.name = "apple-t6002",
	.machine = LIST("apple,t6002"),
	.compatible = LIST("apple,agx-g13d", "apple,agx-g13s", "apple,agx-t6002",
			   "apple,agx-g13x"),
	BITS(39, 42), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t6020 = {
	.name = "apple-t6020",
	.machine = LIST("apple,t6020"),
	.compatible = LIST("apple,agx-g14s", "apple,agx-t6020", "apple,agx-g14x"),
	BITS(39, 42), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t6021 = {
	.name = "apple-t6021",
	.machine = LIST("apple,t6021"),
	.compatible = LIST("apple,agx-g14c", "apple,agx-g14s", "apple,agx-t6021",
			   "apple,agx-g14x"),
	BITS(39, 42), WINDOWS_39, UPSTREAM,
};

static const struct gpuas_board t6022 = {
	.name = "apple-t6022",
	.machine = LIST("apple,t6022"),
	.compatible = LIST("apple,agx-g14d", "apple,agx-g14s", "apple,agx-t6022",
			   "apple,agx-g14x"),
	BITS(39, 42), WINDOWS_39, UPSTREAM,
};

/*
 * G15: one root; the host works below a table that hangs, or is going to, in entry 2
 */

#define AGX3_COMMON \
	[GPUAS_SOC_IDENTITY] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs" }, \
	[GPUAS_SOC_WALKER] = { GPUAS_MARK_UNKNOWN, "some clean, some do not; nobody measured" }

#define NO_TREE		"no tree, loader or driver of it is public"

static const struct gpuas_fact t8122_facts[GPUAS_SOC_FIELDS] = {
	AGX3_COMMON,
	[GPUAS_SOC_BITS] = { GPUAS_MARK_SECONDARY, "aurora m3_soc.rs; ico hw/agx3.rs" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_SECONDARY, "aurora agx_resources.rs, mmu.rs" },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_SECONDARY, "ico pgtable.rs" },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_UNKNOWN,
		"contract aurora-m3; how text and data are mapped, nobody says" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_UNKNOWN, "aurora says that M3 has no lock, ico has it" },
};

static const struct gpuas_board t8122 = {
	.name = "apple-t8122",
	.machine = LIST("apple,t8122"),
	.compatible = LIST("apple,agx-t8122"),
	BITS_42, WINDOWS_42,
};

static const struct gpuas_fact t6030_facts[GPUAS_SOC_FIELDS] = {
	AGX3_COMMON,
	[GPUAS_SOC_BITS] = { GPUAS_MARK_HARDWARE, "ico hw/agx3.rs, on J514S and J516S" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_HARDWARE, "ico mmu.rs, on J514S and J516S" },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_HARDWARE, "ico pgtable.rs, on J514S and J516S" },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_HARDWARE, "ico t6030-gpu.dtsi, on J514S and J516S" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_HARDWARE, "ico handoff_lock.rs, J516S with 14.8.3" },
};

static const struct gpuas_board t6030 = {
	.name = "apple-t6030",
	.machine = LIST("apple,t6030"),
	.compatible = LIST("apple,agx-t6030", "apple,agx-g15s", "apple,agx-g15x"),
	BITS_42, WINDOWS_42,
	REGIONS(t6030_regions, gpuas_contract_ico_t6030),
	.profile = &gpuas_profile_g15,
};

/* No windows, roots or regions: drivers know these and refuse to start. */
static const struct gpuas_fact identified[GPUAS_SOC_FIELDS] = {
	AGX3_COMMON,
	[GPUAS_SOC_BITS] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_UNKNOWN, NO_TREE },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_UNKNOWN, NO_TREE },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_UNKNOWN, NO_TREE },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_UNKNOWN, NO_TREE },
};

static const struct gpuas_board t6031 = {
	.name = "apple-t6031",
	.machine = LIST("apple,t6031"),
	.compatible = LIST("apple,agx-t6031"),
	BITS_42,
};

static const struct gpuas_board t6034 = {
	.name = "apple-t6034",
	.machine = LIST("apple,t6034"),
	.compatible = LIST("apple,agx-t6034"),
	BITS_42,
};

static const struct gpuas_fact t6032_facts[GPUAS_SOC_FIELDS] = {
	[GPUAS_SOC_IDENTITY] = { GPUAS_MARK_UNKNOWN, "two dies, says another register" },
	[GPUAS_SOC_BITS] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs" },
};

static const struct gpuas_board t6032 = {
	.name = "apple-t6032",
	.machine = LIST("apple,t6032"),
	.compatible = LIST("apple,agx-t6032"),
	BITS_42,
};

/*
 * G16: as G15
 */

static const struct gpuas_fact t8132_facts[GPUAS_SOC_FIELDS] = {
	AGX3_COMMON,
	[GPUAS_SOC_BITS] = { GPUAS_MARK_HARDWARE, "gravity g16_vm.rs, on J773g; ico hw/agx3.rs" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_SECONDARY, "aurora g16_memory.rs, mmu.rs" },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_HARDWARE, "gravity g16_vm.rs, on J773g" },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_HARDWARE, "gravity kboot_gpu.c, g16_vm.rs, on J773g" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_SECONDARY, "ico handoff_lock.rs" },
};

static const struct gpuas_board t8132 = {
	.name = "apple-t8132",
	.machine = LIST("apple,t8132"),
	.compatible = LIST("apple,agx-t8132"),
	BITS_42, WINDOWS_42,
	REGIONS(t8132_regions, gpuas_contract_gravity_g16),
	.profile = &gpuas_profile_g16,
};

static const struct gpuas_fact t6040_facts[GPUAS_SOC_FIELDS] = {
	AGX3_COMMON,
	[GPUAS_SOC_BITS] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_DERIVED, "host behind the private window of J614s" },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs: one firmware role" },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_UNKNOWN, "no contract; ADT of J614s as captured" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_UNKNOWN, NO_TREE },
};

static const struct gpuas_board t6040 = {
	.name = "apple-t6040",
	.machine = LIST("apple,t6040"),
	.compatible = LIST("apple,agx-t6040"),
	BITS_42, WINDOWS_42,
};

static const struct gpuas_board t6041 = {
	.name = "apple-t6041",
	.machine = LIST("apple,t6041"),
	.compatible = LIST("apple,agx-t6041"),
	BITS_42,
};

/*
 * G17: a root for each of two coprocessors
 */

static const struct gpuas_fact t8140_facts[GPUAS_SOC_FIELDS] = {
	[GPUAS_SOC_IDENTITY] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs: the family is G16's" },
	[GPUAS_SOC_BITS] = { GPUAS_MARK_HARDWARE, "aurora hw/t8140.rs; gravity g17p_platform.rs" },
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_HARDWARE, "aurora mmu.rs; gravity g17p_vm.rs" },
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_HARDWARE, "aurora mmu.rs, pgtable.rs, g17/mod.rs" },
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_HARDWARE, "gravity g17p_platform.rs, on J700" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_HARDWARE, "aurora mmu.rs: never answered" },
	[GPUAS_SOC_WALKER] = { GPUAS_MARK_UNKNOWN, "aurora runs without maintenance, gravity with" },
};

static const struct gpuas_board t8140 = {
	.name = "apple-t8140",
	.machine = LIST("apple,t8140"),
	.compatible = LIST("apple,agx-t8140"),
	BITS_42, WINDOWS_42,
	.root = t8140_roots,
	.roots = COUNT(t8140_roots),
	REGIONS(t8140_regions, gpuas_contract_gravity_neo),
	.profile = &gpuas_profile_g17,
};

#define G17_COMMON \
	[GPUAS_SOC_IDENTITY] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs" }, \
	[GPUAS_SOC_BITS] = { GPUAS_MARK_SECONDARY, "ico hw/agx3.rs; vinix hw/t6050.v" }, \
	[GPUAS_SOC_WINDOWS] = { GPUAS_MARK_SECONDARY, "sptm: entry 2 of a root for each context" }, \
	[GPUAS_SOC_ROOTS] = { GPUAS_MARK_UNKNOWN, "two; where the second is, nobody says" }

static const struct gpuas_fact t8142_facts[GPUAS_SOC_FIELDS] = {
	G17_COMMON,
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_SECONDARY, "sptm: written, not waited for" },
};

static const struct gpuas_board t8142 = {
	.name = "apple-t8142",
	.machine = LIST("apple,t8142"),
	.compatible = LIST("apple,agx-t8142"),
	BITS_42, WINDOWS_42,
	.profile = &gpuas_profile_g17_sptm,
};

static const struct gpuas_fact t605x_facts[GPUAS_SOC_FIELDS] = {
	G17_COMMON,
	[GPUAS_SOC_REGIONS] = { GPUAS_MARK_SECONDARY, "vinix driver/driver.v" },
	[GPUAS_SOC_HANDOFF] = { GPUAS_MARK_UNKNOWN, "vinix writes it; whether it ran is not said" },
};

static const struct gpuas_board t6050 = {
	.name = "apple-t6050",
	.machine = LIST("apple,t6050"),
	.compatible = LIST("apple,agx-t6050"),
	BITS_42, WINDOWS_42,
	REGIONS(t605x_regions, gpuas_contract_vinix),
};

static const struct gpuas_board t6051 = {
	.name = "apple-t6051",
	.machine = LIST("apple,t6051"),
	.compatible = LIST("apple,agx-t6051"),
	BITS_42, WINDOWS_42,
	REGIONS(t605x_regions, gpuas_contract_vinix),
};

static const struct gpuas_soc socs[] = {
	{ &gpuas_board_apple_t8103, "M1", "G13G", 0, 0, true, g13 },
	{ &t8112, "M2", "G14G", 0, 0, true, g13 },
	{ &t6000, "M1 Pro", "G13S", 0, 0, true, g13 },
	{ &t6001, "M1 Max", "G13C", 0, 0, true, g13 },
	{ &t6002, "M1 Ultra", "G13D", 0, 0, true, g13 },
	{ &t6020, "M2 Pro", "G14S", 0, 0, true, g13 },
	{ &t6021, "M2 Max", "G14C", 0, 0, true, g13 },
	{ &t6022, "M2 Ultra", "G14D", 0, 0, true, g13 },
	{ &t8122, "M3", "G15G", 7, 2, false, t8122_facts },
	{ &t6030, "M3 Pro", "G15S", 7, 3, false, t6030_facts },
	{ &t6031, "M3 Max", "G15C", 7, 4, false, identified },
	{ &t6034, "M3 Max, 14 cores", "G15C", 7, 4, false, identified },
	{ &t6032, "M3 Ultra", "G15D", 0, 0, false, t6032_facts },
	{ &t8132, "M4", "G16G", 0xa, 2, false, t8132_facts },
	{ &t6040, "M4 Pro", "G16S", 0xa, 3, false, t6040_facts },
	{ &t6041, "M4 Max", "G16C", 0xa, 4, false, identified },
	{ &t8140, "A18 Pro", "G17P", 0xa, 0, false, t8140_facts },
	{ &t8142, "M5", "G17G", 0xb, 2, false, t8142_facts },
	/* vinix has t6050 for the M5 Max, ico for the M5 Pro. */
	{ &t6050, "M5 Pro or Max", "G17S", 0xb, 3, false, t605x_facts },
	{ &t6051, "M5 Max or Ultra", "G17C", 0xb, 4, false, t605x_facts },
};

const struct gpuas_family gpuas_family_apple = {
	.gpu = "apple,agx-",
	.soc = socs,
	.socs = COUNT(socs),
};
