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
 */
struct branch {
	gpuas_pa_t pa;
	uint64_t *ptr;
	unsigned int next;
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
	gpuas_entry_store(slot, detached);
	dirty_(space, slot, 1);
	return true;
}

/* A table that contains itself must not be freed while it is read. */
static bool on_path(const struct branch *branch, unsigned int level,
		    unsigned int top, gpuas_pa_t pa)
{
	for (; level <= top; level++) {
		if (branch[level].pa == pa)
			return true;
	}
	return false;
}

/* The next owned table below @branch[@level], if there is one. */
static bool next_child(const struct gpuas_space *space, struct branch *branch,
		       unsigned int level, unsigned int top)
{
	struct branch *here = &branch[level];
	gpuas_pa_t pa;

	while (level && here->ptr && here->next < entries_(&space->geo)) {
		uint64_t entry = gpuas_entry_load(&here->ptr[here->next++]);

		if ((entry & ENTRY_TYPE_MASK) != ENTRY_TABLE)
			continue;
		pa = table_address_(&space->geo, entry);
		if (!gpuas_owned_(space, pa) || on_path(branch, level, top, pa))
			continue;
		branch[level - 1].pa = pa;
		branch[level - 1].ptr = gpuas_borrow_(space, pa);
		branch[level - 1].next = 0;
		return true;
	}
	return false;
}

/* Free a table at level @top and all owned ones below, children first. */
static void free_tree(struct gpuas_space *space, gpuas_pa_t pa,
		      unsigned int top)
{
	struct branch branch[GPUAS_LEVELS_MAX];
	unsigned int level = top;

	/* A stack of one table a level: the depth of a tree is known, so no recursion. */
	branch[top].pa = pa;
	branch[top].ptr = gpuas_borrow_(space, pa);
	branch[top].next = 0;
	for (;;) {
		if (next_child(space, branch, level, top)) {
			level--;
			continue;
		}
		gpuas_free_(space, branch[level].pa);
		space->tables--;
		if (level++ == top)
			return;
	}
}

static void free_detached(struct gpuas_space *space, uint64_t *slot)
{
	uint64_t entry = gpuas_entry_load(slot);
	gpuas_pa_t pa = table_address_(&space->geo, entry);

	if ((entry & ENTRY_TYPE_MASK) != ENTRY_DETACHED ||
	    !gpuas_owned_(space, pa))
		return;
	free_tree(space, pa, space->top - 1u);
	gpuas_entry_store(slot, 0);
	dirty_(space, slot, 1);
}

void gpuas_space_release(struct gpuas_space *space)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int first = index_(geo, space->top, space->window);
	unsigned int last = index_(geo, space->top, space->window_last);
	bool empty = space->window > space->window_last;
	bool detached = false;
	unsigned int i;

	space->gather.depth = 0;
	gpuas_gather_run_(space);
	gpuas_spares_put_(space, 0);
	for (i = first; !empty && i <= last; i++)
		detached |= detach(space, &space->root_ptr[i]);
	/* From here on no walker gets below the root; only then may tables go. */
	if (detached)
		gpuas_break_(space, space->window, space->window_last);
	for (i = first; detached && i <= last; i++)
		free_detached(space, &space->root_ptr[i]);
	gpuas_gather_run_(space);
	if (space->root_owned)
		gpuas_free_(space, space->root);
	memset(space, 0, sizeof(*space));
}
