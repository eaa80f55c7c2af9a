// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "look.h"

const struct gpuas_geometry gpu_geo[2] = {
	{ &gpuas_format_lpae_16k, 39, 40, false, true },
	{ &gpuas_format_lpae_16k, 39, 40, true, true },
};

struct leaves {
	unsigned int count;
	uint64_t hash;
};

static int leaf(void *ctx, const struct gpuas_step *step)
{
	const uint64_t facts[] = {
		gpuas_va_u64(step->va), step->size, gpuas_pa_u64(step->pa), step->attr, step->kind,
	};
	struct leaves *leaves = ctx;

	leaves->count += step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK;
	leaves->hash = fnv1a(leaves->hash, facts, sizeof(facts));
	return 0;
}

int look(const struct gpuas_space *space)
{
	struct leaves leaves = { 0, FNV1A_START };
	int err = gpuas_visit_all(space, leaf, &leaves);

	say("tree %s %x leaves %u hash %x\n", space->geo.upper ? "upper" : "lower",
	    gpuas_pa_u64(space->root), leaves.count, leaves.hash);
	return err || !leaves.count;
}
