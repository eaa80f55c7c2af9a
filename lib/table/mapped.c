// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is mapped from one place on: steps of a walk, as long as they go on. */
#include <gpuas/visit.h>

#include "walk.h"

/**
 * struct found - An extent under way
 * @mapped: what is known of it; size 0: nothing yet
 * @va: of the leaf that does not belong to it any more
 * @level: of its table
 */
struct found {
	struct gpuas_mapped mapped;
	gpuas_va_t va;
	unsigned int level;
};

enum { STOP = 1 };

/* Does a leaf go on where an extent ends? */
static bool goes_on(const struct gpuas_mapped *mapped, const struct gpuas_step *step)
{
	return gpuas_va_u64(step->va) == gpuas_va_u64(mapped->va) + mapped->size &&
	       gpuas_pa_u64(step->pa) == gpuas_pa_u64(mapped->pa) + mapped->size &&
	       step->attr == mapped->attr;
}

static int meet(void *ctx, const struct gpuas_step *step)
{
	struct found *found = ctx;
	struct gpuas_mapped *mapped = &found->mapped;

	if (step->kind != GPUAS_PAGE && step->kind != GPUAS_BLOCK)
		return 0;
	if (!mapped->size) {
		mapped->va = step->va;
		mapped->pa = step->pa;
		mapped->attr = step->attr;
	} else if (!goes_on(mapped, step)) {
		found->va = step->va;
		found->level = step->level;
		return STOP;
	}
	mapped->size += step->size;
	return 0;
}

int gpuas_mapped_next(const struct gpuas_space *space, struct gpuas_cursor *cursor,
		      unsigned int *budget, struct gpuas_mapped *mapped)
{
	struct found found;
	int err;

	found.mapped.size = 0;
	err = gpuas_visit_some(space, cursor, budget, meet, &found);
	/* The next call begins with what this one stopped at. */
	if (err == STOP) {
		cursor->next = gpuas_va_u64(found.va) - space->base;
		cursor->level = (uint8_t)found.level;
		cursor->leaving = false;
	}
	if (!found.mapped.size)
		return err ? err : -GPUAS_ENOENT;
	*mapped = found.mapped;
	return 0;
}
