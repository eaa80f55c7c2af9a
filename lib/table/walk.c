// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The way down a tree, through tables that the handle owns. Each step asks the
 * environment for the record of the next table, and believes the record only: it
 * says where the table hangs, which no entry can. The table that was met last at
 * each level needs no question if the entry still leads there.
 */
#include "walk.h"

/* Its address is such that no entry of a table is the one that leads to it. */
const struct gpuas_table gpuas_no_table_ = {
	.pa = (GPUAS_FORCE gpuas_pa_t)1,
};

int gpuas_offset_(const struct gpuas_space *space, gpuas_va_t va, uint64_t *pos)
{
	*pos = gpuas_va_u64(va) - space->base;
	return *pos > space->last ? -GPUAS_ERANGE : 0;
}

int gpuas_extent_(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  uint64_t *first, uint64_t *last)
{
	uint64_t start = gpuas_va_u64(va);

	if (!size || ((start | size) & (granule_(&space->geo) - 1)))
		return -GPUAS_EINVAL;
	if (start + (size - 1) < start)
		return -GPUAS_EOVERFLOW;
	if (gpuas_offset_(space, va, first))
		return -GPUAS_ERANGE;
	*last = *first + (size - 1);
	return *last > space->last ? -GPUAS_ERANGE : 0;
}

int gpuas_window_(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  uint64_t *first, uint64_t *last)
{
	int err = gpuas_extent_(space, va, size, first, last);

	if (err)
		return err;
	if (*first < space->window || *last > space->window_last)
		return -GPUAS_EPERM;
	return 0;
}

/*
 * Plain loads: nothing hangs on any one of the values, nor on whether one is loaded
 * twice, so the compiler may do it as it likes.
 */
GPUAS_INLINE uint64_t any_of_four(const uint64_t *entry)
{
	return entry[0] | entry[1] | entry[2] | entry[3];
}

GPUAS_INLINE uint64_t any_of_eight(const uint64_t *entry)
{
	return any_of_four(entry) | any_of_four(entry + 4);
}

/* Whole tables are looked through by this one, too. */
bool gpuas_entries_empty_(const uint64_t *entry, unsigned int count)
{
	uint64_t any = 0;

	for (; FAST && count >= 32; count -= 32, entry += 32)
		any |= any_of_eight(entry) | any_of_eight(entry + 8) |
		       any_of_eight(entry + 16) | any_of_eight(entry + 24);
	for (; FAST && count >= 8; count -= 8, entry += 8)
		any |= any_of_eight(entry);
	if (FAST && count >= 4) {
		any |= any_of_four(entry);
		entry += 4;
		count -= 4;
	}
	for (; count; count--, entry++)
		any |= *entry;
	return !any;
}

GPUAS_INLINE uint64_t fill_four(uint64_t *entry, uint64_t leaf, uint64_t step)
{
	gpuas_entry_store(&entry[0], leaf);
	gpuas_entry_store(&entry[1], leaf += step);
	gpuas_entry_store(&entry[2], leaf += step);
	gpuas_entry_store(&entry[3], leaf += step);
	return leaf + step;
}

void gpuas_entries_fill_(uint64_t *entry, unsigned int count, uint64_t leaf,
			 uint64_t step)
{
	for (; FAST && count >= 8; count -= 8, entry += 8) {
		leaf = fill_four(entry, leaf, step);
		leaf = fill_four(entry + 4, leaf, step);
	}
	if (FAST && count >= 4) {
		leaf = fill_four(entry, leaf, step);
		entry += 4;
		count -= 4;
	}
	for (; count; count--, entry++, leaf += step)
		gpuas_entry_store(entry, leaf);
}

/* @number: of the entry, which leads to a table at @level. */
GPUAS_INLINE struct gpuas_table *child(const struct gpuas_space *space,
				       unsigned int level, uint64_t number,
				       uint64_t entry)
{
	struct gpuas_table *table = space->near[level][number % GPUAS_NEAR];
	uint64_t place = place_(number, level);

	if (REMEMBERED && hangs_(table, place, entry))
		return table;
	table = gpuas_record_(space, entry);
	return table && table->place == place ? table : NULL;
}

struct gpuas_table *gpuas_child_(const struct gpuas_space *space,
				 unsigned int level, uint64_t pos,
				 uint64_t entry)
{
	return child(space, level, pos >> space->shift[level + 1], entry);
}

bool gpuas_two_parts_(struct gpuas_space *space, uint64_t first, uint64_t last,
		      struct part part[2])
{
	const unsigned int gs = granule_shift_(&space->geo);
	uint64_t number = first >> space->shift[1];
	const uint64_t *ptr = space->root_ptr;
	struct gpuas_table *parent;

	if (!FAST || (first ^ last) >> space->shift[2] || !space->env->table_record)
		return false;
	if (space->top > 1) {
		parent = hot_table_(space, gs, 1, first);
		if (!parent)
			return false;
		ptr = parent->ptr;
	}
	part[0].table = hot_step_(space, gs, 0, number, ptr);
	part[0].index = at_(space, 0, first);
	part[0].count = space->index_mask + 1u - part[0].index;
	part[1].table = hot_step_(space, gs, 0, number + 1, ptr);
	part[1].index = 0;
	part[1].count = at_(space, 0, last) + 1;
	return part[0].table && part[1].table;
}

void gpuas_walk_start_(const struct gpuas_space *space, struct walk *walk)
{
	walk->level = space->top;
	walk->pos = 0;
	walk->at[space->top].ptr = space->root_ptr;
	walk->at[space->top].table = NULL;
}

int gpuas_walk_(const struct gpuas_space *space, struct walk *walk,
		uint64_t pos, unsigned int stop)
{
	const uint64_t apart = pos ^ walk->pos;
	unsigned int level = walk->level;
	struct gpuas_table *table;
	uint64_t number, entry, *slot, *ptr;
	int err = 0;

	while (level < space->top &&
	       (level < stop || apart >> space->shift[level + 1]))
		level++;
	walk->pos = pos;
	ptr = walk->at[level].ptr;
	/* One load for each decision: the entry may change while we look. */
	for (;; level--) {
		number = pos >> space->shift[level];
		slot = &ptr[number & space->index_mask];
		entry = gpuas_entry_load(slot);
		if (level <= stop || !is_table_(entry))
			break;
		table = child(space, level - 1, number, entry);
		if (!table) {
			err = -GPUAS_EPERM;
			break;
		}
		ptr = table->ptr;
		walk->at[level - 1].ptr = table->ptr;
		walk->at[level - 1].table = table;
	}
	walk->level = level;
	walk->slot = slot;
	walk->entry = entry;
	return err;
}
