// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * How loaders for Apple's machines describe the GPU's regions in a device tree.
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
