// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Taking a handle's tables out of a tree: unlink, flush, free. What hangs below a
 * table is found when it is freed, by its own entries and the records of those.
 */
#include "walk.h"

/* Put a table in front of a list of those that are to be freed. */
static void push(struct gpuas_table **list, struct gpuas_table *table)
{
	table->next = *list;
	*list = table;
}

/*
 * Is an entry of the table that the handle is opened at to be cleared? One that is neither
 * a leaf nor leads to a table of ours is not ours; one that leads to a table of ours which
 * hangs elsewhere must not outlive that.
 */
static bool is_ours(const struct gpuas_space *space, uint64_t entry)
{
	if (!space->top)
		return (entry & ENTRY_TYPE_MASK) == ENTRY_PAGE;
	if (is_table_(entry))
		return gpuas_owned_(space, entry);
	/* A handle without blocks cannot have made one. */
	return space->geo.blocks && is_block_(space, space->top, entry);
}

static bool detach(struct gpuas_space *space, uint64_t pos,
		   struct gpuas_table **list)
{
	uint64_t *slot = &space->root_ptr[at_(space, space->top, pos)];
	uint64_t entry = gpuas_entry_load(slot);
	struct gpuas_table *table;

	if (!is_ours(space, entry))
		return false;
	table = space->top ? gpuas_child_(space, space->top - 1u, pos, entry) : NULL;
	if (table)
		push(list, table);
	put_(space, slot, 0);
	return true;
}

/* Find what hangs below a table; what a leaf table holds is the caller's. */
static void push_children(const struct gpuas_space *space,
			  const struct gpuas_table *table,
			  struct gpuas_table **list)
{
	unsigned int level = place_level_(table);
	unsigned int i = COUNTED ? table->low : 0;
	unsigned int end = COUNTED ? table->end : entries_(&space->geo);
	uint64_t pos = (table->place >> PLACE_BITS) << space->shift[level + 1];
	struct gpuas_table *child;
	uint64_t entry;

	for (; level && i < end; i++) {
		entry = gpuas_entry_load(&table->ptr[i]);
		child = gpuas_child_(space, level - 1,
				     pos + ((uint64_t)i << space->shift[level]),
				     entry);
		if (child)
			push(list, child);
	}
}

static void free_list(struct gpuas_space *space, struct gpuas_table *list)
{
	struct gpuas_table *table;

	while (list) {
		table = list;
		list = table->next;
		push_children(space, table, &list);
		table->place = PLACE_NONE;
		gpuas_free_(space, table);
		space->tables--;
	}
}

void gpuas_space_release(struct gpuas_space *space)
{
	struct gpuas_table *list = NULL;
	bool detached = false;
	uint64_t pos = space->window;

	settle_range_(space, 0, ~0ULL);
	space->gather.depth = 0;
	gpuas_settle_(space);
	gpuas_spares_put_(space, 0);
	for (; pos < space->window_last; pos += mask_(space, space->top) + 1)
		detached |= detach(space, pos, &list);
	if (detached)
		gpuas_break_(space, space->window, space->window_last);
	/* In the window, no walker gets below the root any more. */
	near_reset_(space);
	free_list(space, list);
	if (space->root_table) {
		space->root_table->place = PLACE_NONE;
		gpuas_free_(space, space->root_table);
	}
	memset(space, 0, sizeof(*space));
}
