// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Judging a tree of anybody before it is believed. Bounded twice: by the depth of
 * the geometry on the way down, by the caller's budget and list of tables seen in
 * breadth.
 */
#include <gpuas/inspect.h>

#include "place.h"

#define WRONG(what)	(1u << GPUAS_WRONG_##what)

/* Bits 11:2 are no address in any granule; 50 and up mean other things. */
#define ADDRESS_SHIFT	12
#define ADDRESS_TOP	(3ULL << ENTRY_ADDR_BITS)

/**
 * struct judge - An inspection under way
 * @space: the handle
 * @by: what is judged by
 * @first: first offset of the window
 * @last: last offset of the window; 0 with @first at the very top if there is none
 * @seen: number of tables remembered
 * @full: one could not be
 * @place: the entry that is judged
 * @step: what it is
 */
struct judge {
	const struct gpuas_space *space;
	const struct gpuas_inspector *by;
	uint64_t first;
	uint64_t last;
	unsigned int seen;
	bool full;
	struct place place;
	struct gpuas_step step;
};

static bool is_leaf(const struct gpuas_step *step)
{
	return step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK;
}

/* Bytes that an entry points to. */
static uint64_t target_size(const struct judge *judge)
{
	return is_leaf(&judge->step) ? judge->step.size :
				       granule_(&judge->space->geo);
}

/* Bytes from @pa to the end of a range that contains it; 0 if none does. */
static uint64_t room(const struct gpuas_extent *list, unsigned int count,
		     uint64_t pa)
{
	uint64_t offset;

	for (; count--; list++) {
		offset = pa - gpuas_pa_u64(list->pa);
		if (offset < list->size)
			return list->size - offset;
	}
	return 0;
}

static bool covered(const struct gpuas_extent *list, unsigned int count,
		    uint64_t pa, uint64_t size)
{
	uint64_t part;

	/* Ranges that adjoin or overlap: each step goes to the end of one. */
	while (size) {
		part = min_(size, room(list, count, pa));
		if (!part)
			return false;
		pa += part;
		size -= part;
	}
	return true;
}

static bool overlaps(const struct gpuas_extent *list, unsigned int count,
		     uint64_t pa, uint64_t size)
{
	for (; count--; list++) {
		uint64_t start = gpuas_pa_u64(list->pa);

		if (list->size && (pa - start < list->size || start - pa < size))
			return true;
	}
	return false;
}

/* Is the entry the handle's own work? */
static bool is_own(const struct judge *judge)
{
	const struct gpuas_step *step = &judge->step;

	if (!step->window)
		return false;
	if (step->kind == GPUAS_TABLE)
		return step->owned;
	return step->table == judge->space->root ?
		       judge->space->root_table != NULL :
		       gpuas_owned_(judge->space,
				    gpuas_pa_u64(step->table) | ENTRY_TABLE);
}

static unsigned int judge_address(const struct judge *judge)
{
	const struct gpuas_inspector *by = judge->by;
	uint64_t pa = gpuas_pa_u64(judge->step.pa);
	uint64_t size = target_size(judge);
	unsigned int wrong = 0;

	/* A multiple of its size, so that its end is not beyond if its start is not. */
	if (pa >> judge->space->geo.pa_bits ||
	    (by->rams && !covered(by->ram, by->rams, pa, size)))
		wrong |= WRONG(ADDRESS);
	if (overlaps(by->own, by->owns, pa, size) && !is_own(judge))
		wrong |= WRONG(OVERLAP);
	return wrong;
}

static unsigned int judge_bits(const struct judge *judge)
{
	uint64_t low = (target_size(judge) - 1) >> ADDRESS_SHIFT
						<< ADDRESS_SHIFT;

	return judge->step.entry & (ADDRESS_TOP | low) ? WRONG(BITS) : 0;
}

/* Of the handle's table, or of the one that is lent below it. */
static bool is_lent(const struct judge *judge, gpuas_pa_t table)
{
	return judge->by->lent && *judge->by->lent == table;
}

static unsigned int judge_window_entry(const struct judge *judge)
{
	const struct gpuas_step *step = &judge->step;
	uint64_t pos = judge->place.pos;
	bool mine = step->kind == GPUAS_TABLE &&
		    ((step->window && step->owned) ||
		     (step->level == judge->space->top && is_lent(judge, step->pa)));

	if (mine || pos > judge->last ||
	    span_last_(&judge->space->geo, step->level, pos) < judge->first)
		return 0;
	return WRONG(STALE);
}

static unsigned int judge_entry(const struct judge *judge)
{
	const struct gpuas_step *step = &judge->step;
	unsigned int wrong = 0;

	if (step->level == judge->space->top || is_lent(judge, step->table))
		wrong |= judge_window_entry(judge);
	if (step->kind == GPUAS_OTHER)
		return wrong | (step->entry & 1 ? WRONG(TYPE) : WRONG(BITS));
	return wrong | judge_bits(judge) | judge_address(judge);
}

/* Where a table is among those that were seen, or would have to be. */
static unsigned int seen_index(const struct judge *judge, gpuas_pa_t pa)
{
	unsigned int low = 0, high = judge->seen;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (gpuas_pa_u64(judge->by->seen[middle]) < gpuas_pa_u64(pa))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* In order, so that the time to find one does not depend on who chose the PAs. */
static unsigned int remember(struct judge *judge, unsigned int index,
			     gpuas_pa_t pa)
{
	gpuas_pa_t *seen = judge->by->seen;
	bool first_time = !judge->full;

	if (!judge->by->seen_max)
		return 0;
	if (judge->seen == judge->by->seen_max) {
		judge->full = true;
		return first_time ? WRONG(MANY) : 0;
	}
	memmove(&seen[index + 1], &seen[index],
		(judge->seen - index) * sizeof(*seen));
	seen[index] = pa;
	judge->seen++;
	return 0;
}

/* Go down through a table entry if that is safe and new. */
static bool enter(struct judge *judge, unsigned int *wrong)
{
	gpuas_pa_t pa = judge->step.pa;
	unsigned int index;

	if (place_has_(judge->space, &judge->place, pa)) {
		*wrong |= WRONG(CYCLE);
		return false;
	}
	index = seen_index(judge, pa);
	if (index < judge->seen && judge->by->seen[index] == pa) {
		*wrong |= WRONG(SHARED);
		return false;
	}
	if (!gpuas_place_enter_(judge->space, &judge->place, &judge->step)) {
		*wrong |= WRONG(UNREADABLE);
		return false;
	}
	*wrong |= remember(judge, index, pa);
	return true;
}

static int report(const struct judge *judge, unsigned int wrong,
		  gpuas_finder_t finder, void *ctx)
{
	struct gpuas_finding finding = { .step = &judge->step };
	unsigned int what;
	int err = 0;

	if (judge->by->judged)
		err = judge->by->judged(ctx, &judge->step, wrong);
	for (what = 0; !err && wrong >> what; what++) {
		if (!(wrong >> what & 1))
			continue;
		finding.wrong = (enum gpuas_wrong)what;
		err = finder(ctx, &finding);
	}
	return err;
}

static int go_on(struct judge *judge, uint64_t last, gpuas_finder_t finder,
		 void *ctx)
{
	struct place *place = &judge->place;
	bool entered = false;
	unsigned int wrong;

	if (!place_load_(judge->space, place)) {
		place_next_(judge->space, place, last);
		return 0;
	}
	gpuas_place_step_(judge->space, place, place->pos, &judge->step);
	wrong = judge_entry(judge);
	if (judge->step.kind == GPUAS_TABLE && !(wrong & WRONG(ADDRESS)))
		entered = enter(judge, &wrong);
	if (!entered)
		place_next_(judge->space, place, last);
	return report(judge, wrong, finder, ctx);
}

static int inspect(struct judge *judge, gpuas_finder_t finder, void *ctx)
{
	const struct gpuas_space *space = judge->space;
	uint64_t last = space->last;
	unsigned int *left = judge->by->budget;
	int err = 0;

	gpuas_place_root_(space, &judge->place, 0);
	while (!err && !place_done_(&judge->place, last)) {
		if (judge->place.leaving) {
			place_up_(space, &judge->place, last);
		} else if (left && !*left) {
			err = -GPUAS_EAGAIN;
		} else {
			if (left)
				--*left;
			err = go_on(judge, last, finder, ctx);
		}
	}
	return err;
}

int gpuas_inspect(const struct gpuas_space *space,
		  const struct gpuas_inspector *inspector,
		  gpuas_finder_t finder, void *ctx)
{
	const struct gpuas_range *window = &inspector->window;
	struct judge judge;
	int err = 0;

	judge.space = space;
	judge.by = inspector;
	judge.first = ~0ULL;
	judge.last = 0;
	judge.seen = 0;
	judge.full = false;
	if (window->size)
		err = gpuas_extent_(space, window->va, window->size,
				    &judge.first, &judge.last);
	return err ? err : inspect(&judge, finder, ctx);
}

static const char *sentence(const struct gpuas_finding *finding)
{
	switch (finding->wrong) {
	case GPUAS_WRONG_ADDRESS:
		return "leads to what is not RAM, PA ";
	case GPUAS_WRONG_TYPE:
		return "is of a type that is reserved at its level";
	case GPUAS_WRONG_BITS:
		return finding->step->kind == GPUAS_OTHER ?
			       "is invalid, and not zero" :
			       "sets reserved bits of the address";
	case GPUAS_WRONG_UNREADABLE:
		return "leads to a table that cannot be read, PA ";
	case GPUAS_WRONG_CYCLE:
		return "leads back to a table on its own path, PA ";
	case GPUAS_WRONG_SHARED:
		return "leads to a table that was reached before, PA ";
	case GPUAS_WRONG_OVERLAP:
		return "leads into memory of somebody else, PA ";
	case GPUAS_WRONG_STALE:
		return "was left in a window that has to be empty";
	case GPUAS_WRONG_MANY:
		return "leads to a table too many to be remembered, PA ";
	default:
		return "is wrong in an unknown way";
	}
}

static bool names_address(enum gpuas_wrong wrong)
{
	return wrong != GPUAS_WRONG_TYPE && wrong != GPUAS_WRONG_BITS &&
	       wrong <= GPUAS_WRONG_MANY && wrong != GPUAS_WRONG_STALE;
}

void gpuas_finding_text(struct gpuas_text *text,
			const struct gpuas_finding *finding)
{
	const struct gpuas_step *step = finding->step;

	gpuas_text_str(text, "VA ");
	gpuas_text_hex(text, gpuas_va_u64(step->va), 16);
	gpuas_text_str(text, ", level ");
	gpuas_text_dec(text, step->level);
	gpuas_text_str(text, ", entry ");
	gpuas_text_hex(text, step->entry, 16);
	gpuas_text_str(text, ": ");
	gpuas_text_str(text, sentence(finding));
	if (names_address(finding->wrong))
		gpuas_text_hex(text, gpuas_pa_u64(step->pa), 11);
}
