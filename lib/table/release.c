// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Taking a handle's tables out of a tree: unlink, flush, free. Between unlinking
 * and freeing, a root entry keeps the address of its table with an invalid type,
 * so that nothing has to be remembered elsewhere.
 */
#include "walk.h"

#define ENTRY_DETACHED	0x2ULL

/**
 * struct branch - A table on the way down, while its tree is freed
 * @pa: the table
 * @ptr: its entries
 * @next: index of the next entry to look at
 * @end: behind the last one
 */
struct branch {
	gpuas_pa_t pa;
	uint64_t *ptr;
	unsigned int next;
	unsigned int end;
};

/*
 * A table entry keeps the address, with a type that is invalid to every walker; a
 * block has nothing to be freed and goes at once. What is neither is not ours.
 */
static bool detach(struct gpuas_space *space, uint64_t *slot)
{
	uint64_t entry = gpuas_entry_load(slot), detached = 0;

	if ((entry & ENTRY_TYPE_MASK) == ENTRY_TABLE &&
	    gpuas_owned_(space, table_address_(&space->geo, entry)))
		detached = (entry & ~ENTRY_TYPE_MASK) | ENTRY_DETACHED;
	else if ((entry & ENTRY_TYPE_MASK) != ENTRY_BLOCK ||
		 !block_level_(&space->geo, space->top))
		return false;
	gpuas_put_(space, slot, detached);
	return true;
}

/* A table that contains itself must not be freed while it is read. */
static bool on_path(const struct branch *here, const struct branch *root,
		    gpuas_pa_t pa)
{
	for (; here <= root; here++) {
		if (here->pa == pa)
			return true;
	}
	return false;
}

/* The next owned table below @here, if there is one: into the place before it. */
static bool next_child(const struct gpuas_space *space, struct branch *here,
		       const struct branch *root)
{
	uint64_t type = here == root ? ENTRY_DETACHED : ENTRY_TABLE;

	while (here->next < here->end) {
		uint64_t entry = gpuas_entry_load(&here->ptr[here->next++]);
		gpuas_pa_t pa = table_address_(&space->geo, entry);

		if ((entry & ENTRY_TYPE_MASK) != type ||
		    !gpuas_owned_(space, pa) || on_path(here, root, pa))
			continue;
		here--;
		here->pa = pa;
		here->ptr = gpuas_borrow_(space, pa);
		here->next = 0;
		here->end = here->ptr ? entries_(&space->geo) : 0;
		return true;
	}
	return false;
}

/*
 * Free all owned tables below root entries that were detached, children first. A
 * stack of one table a level: the depth of a tree is known, so no recursion.
 */
static void free_detached(struct gpuas_space *space, unsigned int first,
			  unsigned int end)
{
	struct branch branch[GPUAS_LEVELS_MAX], *here = &branch[space->top];
	struct branch *const root = here;

	*root = (struct branch){
		.pa = space->root, .ptr = space->root_ptr, .next = first, .end = end,
	};
	for (;;) {
		/* What a leaf table holds is the caller's. */
		if (here > branch && next_child(space, here, root)) {
			here--;
			continue;
		}
		if (here == root)
			return;
		gpuas_free_(space, here++->pa);
		space->tables--;
		if (here == root)
			gpuas_put_(space, &root->ptr[root->next - 1], 0);
	}
}

void gpuas_space_release(struct gpuas_space *space)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int first = index_(geo, space->top, space->window);
	unsigned int end = index_(geo, space->top, space->window_last) + 1;
	bool detached = false;
	unsigned int i;

	space->gather.depth = 0;
	gpuas_gather_run_(space);
	gpuas_spares_put_(space, 0);
	if (!space->window_last)
		end = 0;
	for (i = first; i < end; i++)
		detached |= detach(space, &space->root_ptr[i]);
	if (detached) {
		gpuas_break_(space, space->window, space->window_last);
		/* In the window, no walker gets below the root any more. */
		free_detached(space, first, end);
	}
	gpuas_gather_run_(space);
	if (space->root_owned)
		gpuas_free_(space, space->root);
	memset(space, 0, sizeof(*space));
}
