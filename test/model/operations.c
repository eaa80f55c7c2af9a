// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The operations. */
#include <gpuas/visit.h>

#include "world.h"

static void judge_map(struct world *w, const struct ask *ask, uint32_t tables)
{
	uint32_t need = tables_mapped(w) - tables;
	uint32_t had = ask->before.spares;

	CHECK(w->h->space.spares == (had > need ? had - need : 0),
	      "%u tables of %u in reserve are left after a map that needed %u",
	      w->h->space.spares, had, need);
	CHECK(w->geo.blocks || w->sim.allocs == (need > had ? need - had : 0),
	      "%u allocations for %u tables with %u in reserve", w->sim.allocs, need, had);
	CHECK(w->h->depth || ask->before.token || !w->sim.flushes, "a map made %u flushes", w->sim.flushes);
}

void do_map(struct world *w)
{
	uint32_t tables = tables_mapped(w);
	gpuas_attr_t attr = some_attr(w);
	uint64_t va, pa, size;
	bool repeat = percent(w, 15);
	struct ask ask;
	int err;

	some_range(w, &va, &pa, &size);
	/* Without blocks, that much is nothing but slow. */
	if (repeat && size >= span(w, 2) && size <= 4 * span(w, 2))
		size = span(w, 1) + page(w);
	trace(w, "%s va 0x%llx pa 0x%llx size 0x%llx attr 0x%x", repeat ? "repeat" : "map",
	      ULL(va), ULL(pa), ULL(size), attr);
	ask_range(w, &ask, va, size, true);
	pa_errors(w, pa, repeat ? page(w) : size, &ask.errors);
	attr_errors(w, attr, &ask.errors);
	if (ask.sound && maps_busy(&w->maps, va - w->sim.base, va - w->sim.base + size - 1))
		may(&ask.errors, GPUAS_EEXIST);
	if (ask.sound)
		watch_some(w, &ask);
	ask_memory(w);
	if (repeat)
		err = gpuas_map_repeat(&w->h->space, gpuas_va(va), gpuas_pa(pa), page(w), size, attr);
	else
		err = gpuas_map(&w->h->space, gpuas_va(va), gpuas_pa(pa), size, attr);
	if (answered(w, &ask, err)) {
		if (repeat)
			maps_repeat(&w->maps, va - w->sim.base, pa, size, attr);
		else
			maps_put(&w->maps, va - w->sim.base, pa, size, attr);
		judge_map(w, &ask, tables);
	}
	settle(w, &ask);
}

static void put_list(struct world *w, uint64_t off, const struct gpuas_extent *list,
		     unsigned int pieces, gpuas_attr_t attr, const struct mappings *old)
{
	unsigned int i;

	for (i = 0; i < pieces; i++) {
		maps_replace(&w->maps, off, gpuas_pa_u64(list[i].pa), list[i].size, attr, old);
		off += list[i].size;
	}
}

void do_list(struct world *w, bool replace)
{
	uint32_t tables = tables_mapped(w);
	uint64_t off = some_off(w), va = w->sim.base + off, size, none = 0;
	struct errors errors = { .n = 0 };
	struct gpuas_extent list[PIECES];
	gpuas_attr_t attr = some_attr(w);
	unsigned int pieces, i;
	struct ask ask;
	int err;

	size = some_list(w, list, &pieces, off, half(w) - off, &errors);
	if (percent(w, 2))
		spoil(w, &va, &none, &none);
	trace(w, "%s va 0x%llx pieces %u size 0x%llx attr 0x%x first pa 0x%llx size 0x%llx",
	      replace ? "replace" : "list", ULL(va), pieces, ULL(size), attr,
	      pieces ? ULL(gpuas_pa_u64(list[0].pa)) : 0, pieces ? ULL(list[0].size) : 0);
	ask_range(w, &ask, va, size, true);
	for (i = 0; i < errors.n; i++)
		ask.errors.err[ask.errors.n++] = errors.err[i];
	attr_errors(w, attr, &ask.errors);
	if (!replace && ask.sound &&
	    maps_busy(&w->maps, va - w->sim.base, va - w->sim.base + size - 1))
		may(&ask.errors, GPUAS_EEXIST);
	if (ask.sound)
		watch_some(w, &ask);
	ask_memory(w);
	if (replace)
		err = gpuas_replace(&w->h->space, gpuas_va(va), list, pieces, attr);
	else
		err = gpuas_map_list(&w->h->space, gpuas_va(va), list, pieces, attr);
	if (answered(w, &ask, err)) {
		if (replace) {
			maps_cut(&w->maps, va - w->sim.base);
			maps_cut(&w->maps, va - w->sim.base + size);
			maps_copy(&w->maps, &w->old);
			maps_clear(&w->maps, va - w->sim.base, va - w->sim.base + size - 1);
		}
		put_list(w, va - w->sim.base, list, pieces, attr, replace ? &w->old : NULL);
		if (!replace)
			judge_map(w, &ask, tables);
	}
	settle(w, &ask);
}

/* Does a change of a range split blocks? */
static bool splits(struct world *w, uint64_t first, uint64_t last)
{
	uint64_t a, b;

	return maps_cuts(&w->maps, first, &a, &b) || maps_cuts(&w->maps, last + 1, &a, &b);
}

void do_unmap(struct world *w)
{
	uint64_t va, none, size, off;
	bool split, busy;
	struct ask ask;

	some_range(w, &va, &none, &size);
	/* The rest of a run, or everything, more often than chance would have it. */
	if (percent(w, w->foreigns ? 10 : 4)) {
		some_stretch(w, &off, &size);
		va = w->sim.base + off;
	} else if (w->maps.n && percent(w, 30)) {
		const struct mapping *run = &w->maps.at[below(w, w->maps.n)];

		va = w->sim.base + run->off;
		size = mapping_end(&w->maps, run) - run->off;
	}
	trace(w, "unmap va 0x%llx size 0x%llx", ULL(va), ULL(size));
	ask_range(w, &ask, va, size, true);
	off = va - w->sim.base;
	split = ask.sound && splits(w, off, off + size - 1);
	busy = ask.sound && maps_busy(&w->maps, off, off + size - 1);
	if (ask.sound)
		watch_some(w, &ask);
	ask_memory(w);
	if (answered(w, &ask, gpuas_unmap(&w->h->space, gpuas_va(va), size))) {
		maps_clear(&w->maps, off, off + size - 1);
		CHECK(split || w->sim.flushes == (busy && !w->h->depth && w->sim.running),
		      "unmap made %u flushes", w->sim.flushes);
		CHECK(split || !w->sim.allocs, "unmap made %u allocations", w->sim.allocs);
	}
	settle(w, &ask);
}

void do_protect(struct world *w)
{
	gpuas_attr_t attr = some_attr(w);
	uint64_t va, none, size, off;
	bool split;
	struct ask ask;

	some_range(w, &va, &none, &size);
	trace(w, "protect va 0x%llx size 0x%llx attr 0x%x", ULL(va), ULL(size), attr);
	ask_range(w, &ask, va, size, true);
	attr_errors(w, attr, &ask.errors);
	off = va - w->sim.base;
	split = ask.sound && splits(w, off, off + size - 1);
	if (ask.sound)
		watch_some(w, &ask);
	ask_memory(w);
	if (answered(w, &ask, gpuas_protect(&w->h->space, gpuas_va(va), size, attr))) {
		CHECK(maps_busy(&w->maps, off, off + size - 1) || !w->sim.flushes,
		      "protect of a hole made a flush");
		maps_protect(&w->maps, off, off + size - 1, attr);
		CHECK(split || !w->sim.allocs, "protect made %u allocations", w->sim.allocs);
	}
	settle(w, &ask);
}

/* What a translation of an offset has to say: an error, or what is in @leaf. */
static bool translated(struct world *w, uint64_t off, struct arm_leaf *leaf,
		       struct errors *errors)
{
	bool planted = maps_planted(&w->maps, off, off), mapped;

	if (off - w->h->cover >= w->h->covers) {
		may(errors, GPUAS_ERANGE);
		return false;
	}
	if (!handle_at(w, off) || planted)
		mapped = arm_lookup(&w->sim.seen, off, leaf);
	else
		mapped = maps_lookup(&w->maps, off, leaf);
	if (!mapped)
		may(errors, GPUAS_ENOENT);
	/* Behind a foreign table there may be anything. */
	if (planted && (!mapped || leaf->pa >> w->sim.seen.pa_bits))
		may(errors, GPUAS_EFAULT);
	return !errors->n;
}

void do_translate(struct world *w)
{
	uint64_t off = some_off(w) + below(w, page(w)), va = w->sim.base + off;
	struct errors errors = { .n = 0 };
	gpuas_attr_t attr = 0x55aa;
	struct arm_leaf leaf;
	gpuas_pa_t pa = gpuas_pa(0x55aa);
	int err;

	if (percent(w, 5))
		va ^= 1ULL << below(w, 64);
	if (percent(w, 2))
		va = rnd(w);
	trace(w, "translate va 0x%llx", ULL(va));
	off = va - w->sim.base;
	err = gpuas_translate(&w->h->space, gpuas_va(va), &pa, percent(w, 10) ? NULL : &attr);
	if (!translated(w, off, &leaf, &errors)) {
		CHECK(expected(&errors, err), "%d, expected %d", err, errors.err[0]);
		CHECK(gpuas_pa_u64(pa) == 0x55aa && attr == 0x55aa, "set after an error");
		return;
	}
	CHECK(!err, "%d, expected 0", err);
	CHECK(gpuas_pa_u64(pa) == leaf.pa + (off - leaf.off), "pa 0x%llx, expected 0x%llx",
	      ULL(gpuas_pa_u64(pa)), ULL(leaf.pa + (off - leaf.off)));
	CHECK(attr == 0x55aa || attr == leaf.attr, "attr 0x%x, expected 0x%x", attr, leaf.attr);
}

/* A foreign table in a window, and whatever is behind it. */
static bool visit_plant(struct compare *c, const struct gpuas_step *step, uint64_t off)
{
	const struct mappings *maps = &c->w->maps;
	struct arm_leaf entry;

	if (!maps_planted(maps, off, off) || !maps_lookup(maps, off, &entry) ||
	    step->size > entry.size)
		return false;
	if (step->size == entry.size && !step->post) {
		CHECK(!step->owned, "step.owned at 0x%llx", ULL(off));
		compare_plant(c, off, step->level, gpuas_pa_u64(step->pa));
	}
	return true;
}

/* What a visit met, in step with the list. */
static int visit_step(void *ctx, const struct gpuas_step *step)
{
	struct compare *c = ctx;
	struct world *w = c->w;
	uint64_t off = gpuas_va_u64(step->va) - w->sim.base;
	struct arm_leaf leaf = {
		.off = off, .size = step->size, .count = 1, .height = step->level,
		.pa = gpuas_pa_u64(step->pa), .attr = step->attr,
	};

	CHECK(step->window == in_window(w, off), "step.window at 0x%llx", ULL(off));
	if (visit_plant(c, step, off))
		return 0;
	CHECK(!step->unreadable, "step.unreadable at 0x%llx", ULL(off));
	if (step->kind == GPUAS_TABLE && foreign_is_way(w, gpuas_pa_u64(step->pa))) {
		CHECK(!step->owned, "step.owned at 0x%llx", ULL(off));
		return 0;
	}
	if (!handle_at(w, off))
		return 0;
	if (step->kind == GPUAS_TABLE) {
		CHECK(step->owned == (handle_at(w, off)->host == w->h->host),
		      "step.owned at 0x%llx", ULL(off));
		c->links += !step->post;
		return 0;
	}
	CHECK(step->kind == (step->level ? GPUAS_BLOCK : GPUAS_PAGE) && !step->post,
	      "step.kind %u at 0x%llx", step->kind, ULL(off));
	/* The first one may begin before the range. */
	if (off < c->next && off + step->size > c->next) {
		CHECK(maps_lookup(&w->maps, off, &leaf) && leaf.off == off &&
		      leaf.size == step->size && leaf.pa == gpuas_pa_u64(step->pa),
		      "first step at 0x%llx", ULL(off));
		c->next = off + step->size;
	} else {
		compare_leaf(c, &leaf);
	}
	return 0;
}

void do_visit(struct world *w)
{
	struct compare c = { .w = w };
	struct gpuas_cursor cursor;
	uint64_t va, none, size;
	bool some = percent(w, 50);
	struct ask ask;
	unsigned int i;
	int err;

	some_range(w, &va, &none, &size);
	trace(w, "visit%s va 0x%llx size 0x%llx", some ? "_some" : "", ULL(va), ULL(size));
	ask_range(w, &ask, va, size, false);
	c.next = va - w->sim.base;
	c.last = c.next + size - 1;
	c.run = maps_find(&w->maps, c.next);
	if (some && size) {
		err = gpuas_cursor_init(&cursor, &w->h->space, gpuas_va(va), size);
		if (!err)
			cursor.post = percent(w, 50);
		for (i = 0; !err || err == -GPUAS_EAGAIN; i++) {
			unsigned int most = 1 + (unsigned int)below(w, percent(w, 50) ? 9 : 9000);
			unsigned int budget = most;

			err = gpuas_visit_some(&w->h->space, &cursor, &budget, visit_step, &c);
			CHECK(budget <= most, "budget %u of %u", budget, most);
			CHECK(err || cursor.next + w->h->cover > c.last,
			      "visit ended at 0x%llx", ULL(cursor.next));
			CHECK(i < 1u << 20, "visit does not end");
			if (!err)
				break;
		}
	} else {
		err = gpuas_visit(&w->h->space, gpuas_va(va), size, visit_step, &c);
	}
	if (ask.errors.n) {
		CHECK(expected(&ask.errors, err), "%d, expected %d", err, ask.errors.err[0]);
		return;
	}
	CHECK(!err, "%d, expected 0", err);
	compare_end(&c);
	CHECK(c.links == tables_in(w, ask.first, ask.last), "visit met %u tables, expected %u",
	      c.links, tables_in(w, ask.first, ask.last));
}

/* Count, reserve, and map without any memory. */
void do_sure_map(struct world *w)
{
	gpuas_attr_t attr = w->attr[below(w, w->attrs)];
	uint32_t tables = 0xdead, want;
	uint64_t va, pa, size;
	struct ask ask;
	int err;

	some_range(w, &va, &pa, &size);
	pa &= ((1ULL << w->sim.seen.pa_bits) - 1) & ~(page(w) - 1);
	trace(w, "sure map va 0x%llx pa 0x%llx size 0x%llx attr 0x%x", ULL(va), ULL(pa),
	      ULL(size), attr);
	ask_range(w, &ask, va, size, true);
	if (ask.sound && maps_busy(&w->maps, va - w->sim.base, va - w->sim.base + size - 1))
		may(&ask.errors, GPUAS_EEXIST);
	err = gpuas_count_tables(&w->h->space, gpuas_va(va), size, &tables);
	if (!answered(w, &ask, err)) {
		CHECK(tables == 0xdead, "set after an error");
		return;
	}
	want = maps_missing(&w->maps, va - w->sim.base, va - w->sim.base + size - 1);
	CHECK(tables == want, "count is %u, expected %u", tables, want);
	if (tables > 200)
		return;
	ask_memory(w);
	err = gpuas_reserve(&w->h->space, tables);
	w->sim.fail_at = 0;
	CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "reserve: %d", err);
	want = err || tables < ask.before.spares ? ask.before.spares : tables;
	CHECK(w->h->space.spares == want, "%u in reserve, expected %u", w->h->space.spares, want);
	pa_errors(w, pa, size, &ask.errors);
	if (!err && !ask.errors.n) {
		ask_range(w, &ask, va, size, true);
		want = tables_mapped(w);
		w->sim.dry = true;
		err = gpuas_map(&w->h->space, gpuas_va(va), gpuas_pa(pa), size, attr);
		w->sim.dry = false;
		CHECK(!err, "a map with %u in reserve: %d", ask.before.spares, err);
		maps_put(&w->maps, va - w->sim.base, pa, size, attr);
		judge_map(w, &ask, want);
	}
	settle(w, &ask);
}

void do_reserve(struct world *w)
{
	uint32_t had = w->h->space.spares, want = (uint32_t)below(w, 9);
	int err;

	sim_begin(&w->sim, 0, 0);
	if (percent(w, 50)) {
		trace(w, "unreserve %u", had);
		gpuas_unreserve(&w->h->space);
		CHECK(!w->h->space.spares, "%u left in reserve", w->h->space.spares);
	} else {
		trace(w, "reserve %u, have %u", want, had);
		ask_memory(w);
		err = gpuas_reserve(&w->h->space, want);
		w->sim.fail_at = 0;
		CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "reserve: %d", err);
		want = err || want < had ? had : want;
		CHECK(w->h->space.spares == want, "%u in reserve, expected %u", w->h->space.spares,
		      want);
	}
	balance(w);
}

void end_gather(struct world *w)
{
	sim_begin(&w->sim, w->h->first, w->h->last);
	gpuas_gather_end(&w->h->space);
	w->h->depth--;
	CHECK(w->sim.flushes <= !w->h->depth, "the end of a gather made %u flushes",
	      w->sim.flushes);
	if (w->h->depth)
		return;
	settle_watches(w);
	if (!w->sim.coherent)
		compare_all(w);
	balance(w);
}

void do_gather(struct world *w)
{
	if (w->h->depth < DEPTH && percent(w, w->h->depth ? 10 : 40)) {
		trace(w, "begin");
		gpuas_gather_begin(&w->h->space);
		w->h->depth++;
	} else if (w->h->depth) {
		trace(w, "end");
		end_gather(w);
	}
}
