// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Reading a tree, whoever built it: nothing is written, every table is borrowed
 * through the environment's check, every entry is loaded once.
 */
#include <gpuas/visit.h>

#include "walk.h"

/**
 * struct place - A position in the tree
 * @pos: offset into the half
 * @level: level of the table that is looked at
 * @table: the tables on the way, by level
 */
struct place {
	uint64_t pos;
	unsigned int level;
	struct {
		uint64_t *ptr;
		gpuas_pa_t pa;
	} table[GPUAS_LEVELS_MAX];
};

static void place_root(const struct gpuas_space *space, struct place *place,
		       uint64_t pos)
{
	place->pos = pos;
	place->level = space->top;
	place->table[space->top].ptr = space->root_ptr;
	place->table[space->top].pa = space->root;
}

/* Load the entry at a place and say what it is. */
static void look(const struct gpuas_space *space, const struct place *place,
		 struct gpuas_step *step)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t pos = place->pos & ~(span_(geo, place->level) - 1);

	memset(step, 0, sizeof(*step));
	step->level = place->level;
	step->index = index_(geo, place->level, pos);
	step->table = place->table[place->level].pa;
	step->va = gpuas_va(base_(geo) + pos);
	step->size = span_(geo, place->level);
	step->entry = gpuas_entry_load(&place->table[place->level].ptr[step->index]);
	step->kind = gpuas_format_kind(geo->format, place->level, step->entry);
	step->window = pos >= space->window && pos <= space->window_last;
	if (step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK) {
		step->pa = address_(step->entry, step->size);
		step->attr = gpuas_format_decode(geo->format, step->entry);
	}
}

/* Go down through a table entry; false if its table cannot be read. */
static bool enter(const struct gpuas_space *space, struct place *place,
		  struct gpuas_step *step)
{
	uint64_t *ptr;

	step->pa = table_address_(&space->geo, step->entry);
	step->owned = gpuas_owned_(space, step->pa);
	ptr = gpuas_borrow_(space, step->pa);
	step->unreadable = !ptr;
	if (!ptr)
		return false;
	place->level--;
	place->table[place->level].ptr = ptr;
	place->table[place->level].pa = step->pa;
	return true;
}

/* Go on behind an entry of @size bytes, up again where its table ends. */
static void leave(const struct gpuas_space *space, struct place *place,
		  uint64_t size)
{
	const struct gpuas_geometry *geo = &space->geo;

	place->pos = (place->pos & ~(size - 1)) + size;
	while (place->level < space->top &&
	       !index_(geo, place->level, place->pos))
		place->level++;
}

static int visit(const struct gpuas_space *space, uint64_t first, uint64_t last,
		 gpuas_visitor_t visitor, void *ctx)
{
	struct gpuas_step step;
	struct place place;
	int err = 0;

	place_root(space, &place, first);
	while (!err && place.pos <= last) {
		bool entered = false;

		look(space, &place, &step);
		if (step.kind == GPUAS_TABLE)
			entered = enter(space, &place, &step);
		if (step.kind != GPUAS_HOLE)
			err = visitor(ctx, &step);
		if (!entered)
			leave(space, &place, step.size);
	}
	return err;
}

int gpuas_visit(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		gpuas_visitor_t visitor, void *ctx)
{
	uint64_t first, last;
	int err = gpuas_extent_(&space->geo, va, size, &first, &last);

	return err ? err : visit(space, first, last, visitor, ctx);
}

int gpuas_visit_all(const struct gpuas_space *space, gpuas_visitor_t visitor,
		    void *ctx)
{
	return visit(space, 0, (1ULL << space->geo.va_bits) - 1, visitor, ctx);
}

int gpuas_path(const struct gpuas_space *space, gpuas_va_t va,
	       struct gpuas_step step[GPUAS_LEVELS_MAX], unsigned int *steps)
{
	struct place place;
	uint64_t pos;
	unsigned int n = 0;
	int err = gpuas_offset_(&space->geo, va, &pos);

	if (err)
		return err;
	place_root(space, &place, pos);
	do {
		look(space, &place, &step[n]);
	} while (step[n++].kind == GPUAS_TABLE &&
		 enter(space, &place, &step[n - 1]));
	*steps = n;
	return 0;
}

int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	struct gpuas_step step;
	struct place place;
	uint64_t pos, out;
	int err = gpuas_offset_(&space->geo, va, &pos);

	if (err)
		return err;
	place_root(space, &place, pos);
	do {
		look(space, &place, &step);
	} while (step.kind == GPUAS_TABLE && enter(space, &place, &step));
	if (step.unreadable)
		return -GPUAS_EFAULT;
	if (step.kind != GPUAS_PAGE && step.kind != GPUAS_BLOCK)
		return -GPUAS_ENOENT;
	out = gpuas_pa_u64(step.pa) | (pos & (step.size - 1));
	if (out >> space->geo.pa_bits)
		return -GPUAS_EFAULT;
	*pa = gpuas_pa(out);
	if (attr)
		*attr = step.attr;
	return 0;
}
