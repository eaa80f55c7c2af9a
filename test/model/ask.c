// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What a call is asked, and may answer. */
#include "world.h"

void may(struct errors *errors, int err)
{
	errors->err[errors->n++] = -err;
}

bool expected(const struct errors *errors, int err)
{
	unsigned int i;

	for (i = 0; i < errors->n; i++) {
		if (errors->err[i] == err)
			return true;
	}
	return false;
}

/* Errors of a range; false if it is not one that the list can be asked about. */
static bool range_errors(const struct world *w, uint64_t va, uint64_t size, bool window,
			 struct errors *errors)
{
	uint64_t last = va + (size ? size - 1 : 0);
	uint64_t first = va - w->sim.base - w->h->cover, covers = w->h->covers;
	bool bad = false;

	if (!size || ((va | size) & (page(w) - 1))) {
		may(errors, GPUAS_EINVAL);
		bad = true;
	}
	if (last < va) {
		may(errors, GPUAS_EOVERFLOW);
		bad = true;
	}
	if (first >= covers || last - w->sim.base - w->h->cover >= covers || last < va) {
		may(errors, GPUAS_ERANGE);
		bad = true;
	}
	if (!bad && window &&
	    (!in_window(w, va - w->sim.base) || !in_window(w, last - w->sim.base))) {
		may(errors, GPUAS_EPERM);
		bad = true;
	}
	return !bad;
}

void pa_errors(const struct world *w, uint64_t pa, uint64_t size,
		      struct errors *errors)
{
	uint64_t last = pa + (size ? size - 1 : 0);

	if (!size || ((pa | size) & (page(w) - 1)))
		may(errors, GPUAS_EINVAL);
	if (last < pa)
		may(errors, GPUAS_EOVERFLOW);
	if (last < pa || last >> w->sim.seen.pa_bits)
		may(errors, GPUAS_ERANGE);
}

void attr_errors(const struct world *w, gpuas_attr_t attr, struct errors *errors)
{
	unsigned int i;

	for (i = 0; i < w->attrs && w->attr[i] != attr; i++)
		;
	if (i == w->attrs)
		may(errors, GPUAS_EOPNOTSUPP);
}

/* Watch some of what is mapped in and around a range. */
void watch_some(struct world *w, const struct ask *ask)
{
	struct mappings *maps = &w->maps;
	unsigned int from = maps_find(maps, ask->first), to = maps_find(maps, ask->last), k;
	uint64_t at[4] = { ask->first, ask->last, ask->va - w->sim.base,
			   ask->va - w->sim.base + ask->size };

	for (k = 0; k < 4; k++) {
		if (in_window(w, at[k]) && !maps_planted(maps, at[k], at[k]))
			sim_watch(&w->sim, at[k]);
	}
	for (k = 0; k < 3 && from < maps->n; k++) {
		const struct mapping *run = &maps->at[from + below(w, to - from + 1)];

		if (run >= &maps->at[maps->n] || run->off > ask->last || run->foreign)
			continue;
		sim_watch(&w->sim, run->off);
		sim_watch(&w->sim, mapping_end(maps, run) - 1);
		sim_watch(&w->sim, run->off + below(w, mapping_end(maps, run) - run->off));
	}
}

/* Is an offset mapped, and does a walker that sees only what was cleaned find that? */
static void look(struct world *w, uint64_t off, bool *mapped, bool *found)
{
	struct arm_leaf want, leaf;

	*mapped = handle_at(w, off) == w->h && !maps_planted(&w->maps, off, off) &&
		  maps_lookup(&w->maps, off, &want);
	*found = *mapped && arm_lookup(&w->sim.raw, off, &leaf) &&
		 leaf.pa + (off - leaf.off) == want.pa + (off - want.off);
}

/* Some offsets in and around a range, for look_again(). */
static void look_first(struct world *w, struct ask *ask)
{
	const uint64_t first = ask->va - w->sim.base, last = first + ask->size - 1;
	const uint64_t at[LOOKS] = {
		ask->first, ask->last, first - page(w), last + 1, first, last,
		ask->first + below(w, ask->last - ask->first + 1),
		first + below(w, ask->size),
	};
	unsigned int i;
	bool mapped;

	for (i = 0; i < LOOKS; i++) {
		ask->look[i].off = at[i] & ~(page(w) - 1);
		look(w, ask->look[i].off, &mapped, &ask->look[i].found);
	}
}

/* What is mapped before and after a call is there for any walker, also in a gather. */
static void look_again(struct world *w, const struct ask *ask)
{
	bool mapped, found;
	unsigned int i;

	for (i = 0; ask->sound && i < LOOKS; i++) {
		look(w, ask->look[i].off, &mapped, &found);
		CHECK(!ask->look[i].found || !mapped || found,
		      "offset 0x%llx is not clean, though it was", ULL(ask->look[i].off));
	}
}

void ask_range(struct world *w, struct ask *ask, uint64_t va, uint64_t size,
		      bool window)
{
	uint64_t first, last;

	memset(ask, 0, sizeof(*ask));
	ask->va = va;
	ask->size = size;
	ask->sound = range_errors(w, va, size, window, &ask->errors);
	ask->before = w->h->space;
	ask->last = page(w) - 1;
	if (ask->sound && window && maps_planted(&w->maps, va - w->sim.base,
						 va - w->sim.base + size - 1))
		may(&ask->errors, GPUAS_EPERM);
	if (ask->sound) {
		ask->first = va - w->sim.base;
		ask->last = ask->first + size - 1;
		if (maps_cuts(&w->maps, ask->first, &first, &last)) {
			ask->first = first;
			ask->last = last > ask->last ? last : ask->last;
		}
		if (maps_cuts(&w->maps, va - w->sim.base + size, &first, &last))
			ask->last = last;
		look_first(w, ask);
	}
	sim_begin(&w->sim, ask->first, ask->last);
}

/* Let it run out of memory, sometimes. */
void ask_memory(struct world *w)
{
	w->sim.fail_at = percent(w, 15) ? 1 + (unsigned int)below(w, 4) : 0;
}

/* Is the result one of those that it may be? True if the call was done. */
bool answered(struct world *w, const struct ask *ask, int err)
{
	w->sim.fail_at = 0;
	if (ask->errors.n)
		CHECK(expected(&ask->errors, err), "%d, expected %d", err, ask->errors.err[0]);
	else
		CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "%d, expected %d", err,
		      w->sim.refused ? -GPUAS_ENOMEM : 0);
	if (!err)
		return true;
	CHECK(w->h->space.tables == ask->before.tables && w->h->space.spares == ask->before.spares &&
	      !memcmp(&w->h->space.gather, &ask->before.gather, sizeof(w->h->space.gather)),
	      "an error changed the handle");
	CHECK(w->sim.allocs == w->sim.frees, "an error left tables");
	CHECK(!w->sim.flushes, "an error made a flush");
	return false;
}

void settle_watches(struct world *w)
{
	uint64_t first = 1, last = 0;
	unsigned int i;

	/* Somebody who gathers, or whose tokens wait, may leave things as they are, in his window. */
	for (i = 0; i < w->handles; i++) {
		if (puts_off(&w->handle[i])) {
			first = w->handle[i].first;
			last = w->handle[i].last;
		}
	}
	if (!puts_off(w->h))
		sim_settle(&w->sim, first, last);
}

/* Everything that must hold after a call. */
void settle(struct world *w, const struct ask *ask)
{
	settle_watches(w);
	look_again(w, ask);
	if (ask->sound) {
		uint64_t first = ask->first - (ask->first ? page(w) : 0);
		uint64_t last = ask->last + (ask->last + 1 < half(w) ? page(w) : 0), a, b;

		/* A page more on both sides, or the block that is there. */
		if (maps_cuts(&w->maps, first, &a, &b))
			first = a;
		if (maps_cuts(&w->maps, last + 1, &a, &b))
			last = b;
		compare(w, first, last);
	}
	balance(w);
	if (w->step % WHOLE == 0)
		compare_all(w);
}
