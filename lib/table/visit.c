// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Walks that only read, in trees of anybody. A walk is a place, moved entry by
 * entry; one that was interrupted keeps an offset and a level, never a pointer, so
 * that the tree may change before it goes on.
 */
#include "place.h"

/**
 * struct tour - One call's part of a walk
 * @space: the handle
 * @cursor: where the walk stood when the call began
 * @visitor: called for each entry
 * @ctx: for it
 * @place: where the walk stands
 * @step: the entry there
 * @met: @step has been filled, and not been reported
 */
struct tour {
	const struct gpuas_space *space;
	const struct gpuas_cursor *cursor;
	gpuas_visitor_t visitor;
	void *ctx;
	struct place place;
	struct gpuas_step step;
	bool met;
};

static enum gpuas_whose whose_top(const struct gpuas_space *space)
{
	if (space->root_table)
		return GPUAS_OWNED;
	return space->window <= space->window_last ? GPUAS_LENT : GPUAS_FOREIGN;
}

void gpuas_place_root_(const struct gpuas_space *space, struct place *place,
		       uint64_t pos)
{
	place->pos = pos;
	place->level = space->top;
	place->leaving = false;
	place->table[space->top].ptr = space->root_ptr;
	place->table[space->top].pa = space->root;
	place->table[space->top].whose = whose_top(space);
	if (!space->root_table)
		gpuas_look_(space, space->root_ptr, entries_(&space->geo));
}

void gpuas_place_step_(const struct gpuas_space *space,
		       const struct place *place, uint64_t pos,
		       struct gpuas_step *step)
{
	const struct gpuas_geometry *geo = &space->geo;
	unsigned int level = place->level;

	pos &= ~(span_(geo, level) - 1);
	memset(step, 0, sizeof(*step));
	step->level = level;
	step->index = index_(geo, level, pos);
	step->table = place->table[level].pa;
	step->whose = place->table[level].whose;
	step->va = gpuas_va(space->base + pos);
	step->size = span_(geo, level);
	step->entry = place->table[level].entry;
	step->kind = gpuas_format_kind(geo->format, level, step->entry);
	step->window = pos >= space->window && pos <= space->window_last;
	if (step->kind == GPUAS_TABLE) {
		step->pa = table_address_(geo, step->entry);
		step->owned = gpuas_owned_(space, step->entry);
	} else if (step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK) {
		step->pa = address_(step->entry, step->size);
		step->attr = gpuas_format_decode(geo->format, step->entry);
	}
}

bool gpuas_place_enter_(const struct gpuas_space *space, struct place *place,
			struct gpuas_step *step)
{
	const uint64_t *ptr = gpuas_borrow_(space, step->pa);

	step->unreadable = !ptr;
	if (!ptr)
		return false;
	place->level--;
	place->table[place->level].ptr = ptr;
	place->table[place->level].pa = step->pa;
	place->table[place->level].whose = step->owned ? GPUAS_OWNED : GPUAS_FOREIGN;
	return true;
}

/*
 * The tree has changed, and the way back ends early. The entry that is there now
 * is the next one, unless all of it lies before the cursor.
 */
static void way_ended(struct tour *tour)
{
	const struct gpuas_cursor *cursor = tour->cursor;
	struct place *place = &tour->place;

	place->pos = cursor->next;
	tour->met = !cursor->leaving ||
		    (place->pos <= cursor->last &&
		     place->pos & (tour->step.size - 1));
	place->leaving = !tour->met &&
			 place_behind_(tour->space, place, cursor->last);
}

/* Find the cursor's table again, from the root. */
static void way_back(struct tour *tour)
{
	const struct gpuas_space *space = tour->space;
	const struct gpuas_cursor *cursor = tour->cursor;
	struct place *place = &tour->place;

	/* A table that is to be left ends at the cursor. */
	gpuas_place_root_(space, place, cursor->next - cursor->leaving);
	while (place->level > cursor->level) {
		place_load_(space, place);
		gpuas_place_step_(space, place, place->pos, &tour->step);
		if (tour->step.kind != GPUAS_TABLE ||
		    !gpuas_place_enter_(space, place, &tour->step)) {
			way_ended(tour);
			return;
		}
	}
	place->pos = cursor->next;
	place->leaving = cursor->leaving;
}

static int go_up(struct tour *tour)
{
	struct place *place = &tour->place;

	place_up_(tour->space, place, tour->cursor->last);
	if (!tour->cursor->post)
		return 0;
	gpuas_place_step_(tour->space, place, place->pos - 1, &tour->step);
	tour->step.post = true;
	return tour->visitor(tour->ctx, &tour->step);
}

static int go_on(struct tour *tour)
{
	const struct gpuas_space *space = tour->space;
	struct place *place = &tour->place;
	struct gpuas_step *step = &tour->step;
	bool entered;

	if (!tour->met && !place_load_(space, place)) {
		place_next_(space, place, tour->cursor->last);
		return 0;
	}
	if (!tour->met)
		gpuas_place_step_(space, place, place->pos, step);
	entered = !tour->met && step->kind == GPUAS_TABLE &&
		  gpuas_place_enter_(space, place, step);
	tour->met = false;
	if (!entered)
		place_next_(space, place, tour->cursor->last);
	return step->kind == GPUAS_HOLE ? 0 : tour->visitor(tour->ctx, step);
}

static int visit_on(struct tour *tour, uint64_t *budget)
{
	uint64_t last = tour->cursor->last;
	int err = 0;

	way_back(tour);
	while (!err && !place_done_(&tour->place, last)) {
		if (tour->place.leaving) {
			err = go_up(tour);
		} else if (*budget) {
			--*budget;
			err = go_on(tour);
		} else {
			err = -GPUAS_EAGAIN;
		}
	}
	return err;
}

static int visit(const struct gpuas_space *space, struct gpuas_cursor *cursor,
		 uint64_t *budget, gpuas_visitor_t visitor, void *ctx)
{
	struct tour tour;
	int err;

	if (cursor->next > cursor->last && !cursor->leaving)
		return 0;
	if (!*budget)
		return -GPUAS_EAGAIN;
	tour.space = space;
	tour.cursor = cursor;
	tour.visitor = visitor;
	tour.ctx = ctx;
	tour.met = false;
	err = visit_on(&tour, budget);
	cursor->next = tour.place.pos;
	cursor->level = (uint8_t)tour.place.level;
	cursor->leaving = tour.place.leaving;
	return err;
}

static void cursor_set(struct gpuas_cursor *cursor,
		       const struct gpuas_space *space, uint64_t first,
		       uint64_t last)
{
	memset(cursor, 0, sizeof(*cursor));
	cursor->next = first;
	cursor->last = last;
	cursor->level = space->top;
}

int gpuas_cursor_init(struct gpuas_cursor *cursor,
		      const struct gpuas_space *space, gpuas_va_t va,
		      uint64_t size)
{
	uint64_t first = 0, last = space->last;
	int err = 0;

	if (size)
		err = gpuas_extent_(space, va, size, &first, &last);
	if (!err)
		cursor_set(cursor, space, first, last);
	return err;
}

int gpuas_visit_some(const struct gpuas_space *space,
		     struct gpuas_cursor *cursor, unsigned int *budget,
		     gpuas_visitor_t visitor, void *ctx)
{
	uint64_t left = *budget;
	int err = visit(space, cursor, &left, visitor, ctx);

	*budget = (unsigned int)left;
	return err;
}

int gpuas_visit(const struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		gpuas_visitor_t visitor, void *ctx)
{
	struct gpuas_cursor cursor;
	uint64_t unbounded = ~0ULL, first, last;
	int err = gpuas_extent_(space, va, size, &first, &last);

	if (err)
		return err;
	cursor_set(&cursor, space, first, last);
	return visit(space, &cursor, &unbounded, visitor, ctx);
}

int gpuas_visit_all(const struct gpuas_space *space, gpuas_visitor_t visitor,
		    void *ctx)
{
	struct gpuas_cursor cursor;
	uint64_t unbounded = ~0ULL;

	cursor_set(&cursor, space, 0, space->last);
	return visit(space, &cursor, &unbounded, visitor, ctx);
}

int gpuas_path(const struct gpuas_space *space, gpuas_va_t va,
	       struct gpuas_step step[GPUAS_LEVELS_MAX], unsigned int *steps)
{
	struct place place;
	uint64_t pos;
	unsigned int n = 0;
	int err = gpuas_offset_(space, va, &pos);

	if (err)
		return err;
	gpuas_place_root_(space, &place, pos);
	do {
		place_load_(space, &place);
		gpuas_place_step_(space, &place, pos, &step[n]);
	} while (step[n++].kind == GPUAS_TABLE &&
		 gpuas_place_enter_(space, &place, &step[n - 1]));
	*steps = n;
	return 0;
}
