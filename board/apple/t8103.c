// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Apple M1. iBoot allocates the regions, m1n1 describes them in /reserved-memory;
 * the firmware's own text and data are not described by anybody. Sources: Linux
 * drm/asahi mmu.rs (slots) and hw/t8103.rs (OAS).
 */
#include <gpuas/boards.h>

static const struct gpuas_board_region regions[] = {
	{
		.name = "ttbs",
		.role = GPUAS_ROLE_TTBS,
		.owner = GPUAS_OWNER_HOST,
	}, {
		.name = "pagetables",
		.role = GPUAS_ROLE_PAGETABLES,
		.owner = GPUAS_OWNER_FIRMWARE,
	}, {
		.name = "handoff",
		.role = GPUAS_ROLE_HANDOFF,
		.owner = GPUAS_OWNER_SHARED,
	}, {
		.name = "hw-cal-a",
		.role = GPUAS_ROLE_DATA,
		.owner = GPUAS_OWNER_HOST,
	}, {
		.name = "hw-cal-b",
		.role = GPUAS_ROLE_DATA,
		.owner = GPUAS_OWNER_HOST,
	}, {
		.name = "globals",
		.role = GPUAS_ROLE_DATA,
		.owner = GPUAS_OWNER_HOST,
	},
};

static const char *const machines[] = { "apple,t8103", NULL };
static const char *const gpus[] = { "apple,agx-g13g", NULL };

static const struct gpuas_contract *const contracts[] = {
	&gpuas_contract_apple_agx, NULL,
};

const struct gpuas_board gpuas_board_apple_t8103 = {
	.name = "apple-t8103",
	.machine = machines,
	.compatible = gpus,
	.adopt = true,
	.contract = contracts,
	.geo = {
		.format = &gpuas_format_uat,
		.va_bits = 39,
		.pa_bits = 40,
		.upper = true,
	},
	.firmware = { (GPUAS_FORCE gpuas_va_t)0xffffff8000000000ULL, 0x2000000000ULL },
	.host = { (GPUAS_FORCE gpuas_va_t)0xffffffa000000000ULL, 0x1000000000ULL },
	.profile = &gpuas_profile_g13,
	.align = 0x4000,
	.region = regions,
	.regions = sizeof(regions) / sizeof(regions[0]),
};
