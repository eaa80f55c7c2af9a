// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random operations on the library and on a sorted list, and after each of them
 * what the walker finds in memory against what the list says.
 *
 *	model_test FORMAT	uat, lpae-4k, lpae-16k or lpae-64k
 *
 * GPUAS_SEED gives the seed, GPUAS_OPS the number of operations per format, a
 * million if nobody says otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <gpuas/visit.h>

#include "mappings.h"
#include "sim.h"

#define ULL(x) ((unsigned long long)(x))

enum { CENTRES = 6, PIECES = 12, TRACE = 24, WHOLE = 1000, DEPTH = 3, OPERATIONS = 1000000 };

/**
 * struct world - One handle, and what we think of it
 * @sim: the machine
 * @maps: what should be mapped
 * @old: what was, before a replace
 * @space: the handle
 * @cache: for it, or not
 * @env: of the machine
 * @adopted: the root is somebody else's
 * @first: window
 * @last: its end
 * @depth: gathers that are open
 * @attr: attributes that can be asked for
 * @attrs: how many
 * @centre: where things happen
 * @foreign: tables of somebody else's, and what was in them
 * @rng: state of the random numbers
 * @step: operations so far
 * @seed: where it began
 * @trace: the last operations
 */
struct world {
	struct sim sim;
	struct mappings maps;
	struct mappings old;
	struct gpuas_geometry geo;
	struct gpuas_space space;
	struct gpuas_cache cache;
	bool adopted;
	uint64_t first;
	uint64_t last;
	unsigned int depth;
	gpuas_attr_t attr[256];
	unsigned int attrs;
	uint64_t centre[CENTRES];
	uint64_t foreign[3];
	uint64_t *foreign_copy;
	uint64_t rng;
	unsigned long step;
	uint64_t seed;
	char trace[TRACE][200];
};

static struct world world;

/**
 * struct shape - What a test runs through
 * @format: the format
 * @page_shift: its granule
 * @va_min: VA sizes
 * @va_max: up to
 * @upper: half
 * @blocks: use them
 */
struct shape {
	const struct gpuas_format *format;
	unsigned int page_shift;
	unsigned int va_min;
	unsigned int va_max;
	unsigned int pa_min;
	unsigned int pa_max;
	bool upper;
	bool blocks;
};

/* A set of errors that a call may return. */
struct errors {
	int err[12];
	unsigned int n;
};

static void __attribute__((noreturn, format(printf, 1, 2)))
wrong(const char *format, ...)
{
	const struct world *w = &world;
	char text[300];
	va_list args;
	unsigned long i;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_error("# %s pa %u va %u %s%s%s%s window 0x%llx-0x%llx\n",
		    w->geo.format->name, w->geo.pa_bits, w->geo.va_bits,
		    w->geo.upper ? "upper" : "lower", w->geo.blocks ? " blocks" : "",
		    w->sim.coherent ? "" : " non-coherent", w->adopted ? " adopted" : "",
		    ULL(w->sim.base + w->first), ULL(w->sim.base + w->last));
	for (i = w->step > TRACE ? w->step - TRACE : 0; i <= w->step; i++)
		print_error("#   %lu: %s\n", i, w->trace[i % TRACE]);
	fail_msg("seed 0x%llx step %lu: %s", ULL(w->seed), w->step, text);
	abort();
}

#define CHECK(what, ...) do { if (!(what)) wrong(__VA_ARGS__); } while (0)

static void __attribute__((format(printf, 2, 3)))
trace(struct world *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->trace[w->step % TRACE], sizeof(w->trace[0]), format, args);
	va_end(args);
}

/* Random numbers: splitmix64. */
static uint64_t rnd(struct world *w)
{
	uint64_t z = w->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t below(struct world *w, uint64_t n)
{
	return rnd(w) % n;
}

static bool percent(struct world *w, unsigned int n)
{
	return below(w, 100) < n;
}

static uint64_t page(const struct world *w)
{
	return 1ULL << w->sim.seen.page_shift;
}

static uint64_t span(const struct world *w, unsigned int height)
{
	return 1ULL << arm_shift(&w->sim.seen, height);
}

static uint64_t half(const struct world *w)
{
	return 1ULL << w->sim.seen.va_bits;
}

/*
 * What is in memory, against what should be
 */

/**
 * struct compare - A walk of a range, in step with the list
 * @w: the world
 * @next: first offset that was not met yet
 * @last: end of the range
 * @links: tables met, but for the root
 * @run: run that the last leaf belonged to
 */
struct compare {
	struct world *w;
	uint64_t next;
	uint64_t last;
	uint32_t links;
	unsigned int run;
};

static bool in_window(const struct world *w, uint64_t off)
{
	return off >= w->first && off <= w->last;
}

/* Leaves, as many as belong to one run of the list; returns how many. */
static unsigned int compare_some(struct compare *c, const struct arm_leaf *leaf)
{
	struct mappings *maps = &c->w->maps;
	const struct mapping *run;
	uint64_t n, left;

	while (c->run < maps->n && mapping_end(maps, &maps->at[c->run]) <= c->next)
		c->run++;
	run = &maps->at[c->run];
	if (c->run < maps->n && run->off < c->next)
		n = (c->next - run->off) / leaf->size;
	else
		n = 0;
	CHECK(c->run < maps->n && leaf->height == run->height &&
	      leaf->off == run->off + n * leaf->size,
	      "a leaf of 0x%llx bytes at offset 0x%llx, pa 0x%llx; expected 0x%llx",
	      ULL(leaf->size), ULL(leaf->off), ULL(leaf->pa),
	      c->run < maps->n ? ULL(run->off + n * mapping_size(maps, run)) : 0ULL);
	CHECK(leaf->pa == run->pa + (run->repeat ? 0 : n * leaf->size),
	      "offset 0x%llx leads to pa 0x%llx", ULL(leaf->off), ULL(leaf->pa));
	CHECK(leaf->attr == run->attr && !leaf->odd,
	      "offset 0x%llx has attr 0x%x%s, expected 0x%x", ULL(leaf->off),
	      leaf->attr, leaf->odd ? " (odd)" : "", run->attr);
	left = run->count - n < leaf->count ? run->count - n : leaf->count;
	CHECK(left == 1 || leaf->step == (run->repeat ? 0 : leaf->size),
	      "offset 0x%llx leads to pa 0x%llx", ULL(leaf->off + leaf->size),
	      ULL(leaf->pa + leaf->step));
	c->next = leaf->off + left * leaf->size;
	return (unsigned int)left;
}

static void compare_leaf(void *ctx, const struct arm_leaf *leaf)
{
	struct compare *c = ctx;
	struct arm_leaf rest = *leaf;

	while (rest.count) {
		unsigned int some = 1;

		if (in_window(c->w, rest.off))
			some = compare_some(c, &rest);
		rest.off += some * rest.size;
		rest.pa += some * rest.step;
		rest.count -= some;
	}
}

/* The part of a table that serves the range has been cleaned. */
static void compare_clean(struct compare *c, const struct arm_link *link, uint64_t first)
{
	struct sim *sim = &c->w->sim;
	unsigned int shift = arm_shift(&sim->seen, link->height);
	uint64_t from = first > link->off ? first - link->off : 0;
	uint64_t to = c->last < link->off + link->size - 1 ? c->last - link->off
							   : link->size - 1;

	from >>= shift;
	to >>= shift;
	CHECK(!memcmp(sim_ram(sim, link->pa) + from, sim_shadow(sim, link->pa) + from,
		      (to - from + 1) * 8),
	      "table 0x%llx at offset 0x%llx is not clean", ULL(link->pa), ULL(link->off));
}

static bool compare_link(void *ctx, const struct arm_link *link)
{
	struct compare *c = ctx;

	if (link->parent != ~0ULL && !in_window(c->w, link->off))
		return false;
	CHECK(!link->odd, "odd descriptor of table 0x%llx", ULL(link->pa));
	CHECK(c->w->sim.table[(link->pa - SIM_BASE) >> c->w->sim.seen.page_shift].owned ||
	      link->parent == ~0ULL, "table 0x%llx is not owned", ULL(link->pa));
	c->links += link->parent != ~0ULL;
	sim_note(&c->w->sim, link);
	if (!c->w->sim.coherent && !c->w->depth)
		compare_clean(c, link, c->next);
	return true;
}

static void compare_rest(void *ctx, uint64_t off, unsigned int height, uint64_t desc)
{
	struct compare *c = ctx;

	CHECK(!in_window(c->w, off), "odd descriptor 0x%llx at offset 0x%llx height %u",
	      ULL(desc), ULL(off), height);
}

/* Compare a range that cuts no block; returns how many tables serve it. */
static uint32_t compare(struct world *w, uint64_t first, uint64_t last)
{
	struct compare c = { .w = w, .next = first, .last = last };
	const struct arm_visit visit = {
		.ctx = &c, .leaf = compare_leaf, .link = compare_link, .rest = compare_rest,
	};
	uint32_t links;

	c.run = maps_find(&w->maps, first);
	arm_walk(&w->sim.seen, first, last, &visit);
	while (c.run < w->maps.n && mapping_end(&w->maps, &w->maps.at[c.run]) <= c.next)
		c.run++;
	CHECK(c.run == w->maps.n || w->maps.at[c.run].off > last ||
	      c.next > last, "nothing at offset 0x%llx, expected 0x%llx", ULL(c.next),
	      ULL(w->maps.at[c.run].off));
	links = maps_tables(&w->maps, first, last);
	CHECK(c.links == links, "%u tables serve 0x%llx-0x%llx, expected %u", c.links,
	      ULL(first), ULL(last), links);
	return links;
}

/* Everything, and what belongs to others. */
static void compare_all(struct world *w)
{
	unsigned int i;
	uint64_t *at;

	compare(w, 0, half(w) - 1);
	if (!w->adopted)
		return;
	for (i = 0; i < 3; i++) {
		const uint64_t *copy = (uint64_t *)((uint8_t *)w->foreign_copy + i * page(w));
		unsigned int k, n = (unsigned int)(page(w) / 8);

		at = sim_ram(&w->sim, w->foreign[i]);
		for (k = 0; k < n; k++) {
			uint64_t off = (uint64_t)k << arm_shift(&w->sim.seen, arm_top(&w->sim.seen));

			if (i == 0 && in_window(w, off))
				continue;
			CHECK(at[k] == copy[k], "entry %u of foreign table %u changed", k, i);
		}
	}
}

/* The library's books, whatever was done. */
static void balance(struct world *w)
{
	uint32_t tables = maps_tables(&w->maps, 0, half(w) - 1) + !w->adopted;

	CHECK(w->sim.owned == w->space.tables + w->space.spares,
	      "%u tables are handed out: %u tables, %u spares", w->sim.owned,
	      w->space.tables, w->space.spares);
	CHECK(w->depth ? w->space.tables >= tables : w->space.tables == tables,
	      "%u tables, expected %u", w->space.tables, tables);
}

/*
 * What a call is asked, and may answer
 */

static void may(struct errors *errors, int err)
{
	errors->err[errors->n++] = -err;
}

static bool expected(const struct errors *errors, int err)
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
	uint64_t first = va - w->sim.base;
	bool bad = false;

	if (!size || ((va | size) & (page(w) - 1))) {
		may(errors, GPUAS_EINVAL);
		bad = true;
	}
	if (last < va) {
		may(errors, GPUAS_EOVERFLOW);
		bad = true;
	}
	if (first >= half(w) || last - w->sim.base >= half(w) || last < va) {
		may(errors, GPUAS_ERANGE);
		bad = true;
	}
	if (!bad && window && (!in_window(w, first) || !in_window(w, last - w->sim.base))) {
		may(errors, GPUAS_EPERM);
		bad = true;
	}
	return !bad;
}

static void pa_errors(const struct world *w, uint64_t pa, uint64_t size,
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

static void attr_errors(const struct world *w, gpuas_attr_t attr, struct errors *errors)
{
	unsigned int i;

	for (i = 0; i < w->attrs && w->attr[i] != attr; i++)
		;
	if (i == w->attrs)
		may(errors, GPUAS_EOPNOTSUPP);
}

/**
 * struct ask - A call, before it is made
 * @va: as asked
 * @size: as asked
 * @first: range that it may touch, blocks that stick out included
 * @last: its end
 * @errors: what is wrong with it
 * @before: the handle before
 * @sound: the range is one
 */
struct ask {
	uint64_t va;
	uint64_t size;
	uint64_t first;
	uint64_t last;
	struct errors errors;
	struct gpuas_space before;
	bool sound;
};

/* Watch some of what is mapped in and around a range. */
static void watch_some(struct world *w, const struct ask *ask)
{
	struct mappings *maps = &w->maps;
	unsigned int from = maps_find(maps, ask->first), to = maps_find(maps, ask->last), k;
	uint64_t at[4] = { ask->first, ask->last, ask->va - w->sim.base,
			   ask->va - w->sim.base + ask->size };

	for (k = 0; k < 4; k++)
		sim_watch(&w->sim, at[k] & (half(w) - 1));
	for (k = 0; k < 3 && from < maps->n; k++) {
		const struct mapping *run = &maps->at[from + below(w, to - from + 1)];

		if (run >= &maps->at[maps->n] || run->off > ask->last)
			continue;
		sim_watch(&w->sim, run->off);
		sim_watch(&w->sim, mapping_end(maps, run) - 1);
		sim_watch(&w->sim, run->off + below(w, mapping_end(maps, run) - run->off));
	}
}

static void ask_range(struct world *w, struct ask *ask, uint64_t va, uint64_t size,
		      bool window)
{
	uint64_t first, last;

	memset(ask, 0, sizeof(*ask));
	ask->va = va;
	ask->size = size;
	ask->sound = range_errors(w, va, size, window, &ask->errors);
	ask->before = w->space;
	ask->last = page(w) - 1;
	if (ask->sound) {
		ask->first = va - w->sim.base;
		ask->last = ask->first + size - 1;
		if (maps_cuts(&w->maps, ask->first, &first, &last)) {
			ask->first = first;
			ask->last = last > ask->last ? last : ask->last;
		}
		if (maps_cuts(&w->maps, va - w->sim.base + size, &first, &last))
			ask->last = last;
	}
	sim_begin(&w->sim, ask->first, ask->last);
}

/* Let it run out of memory, sometimes. */
static void ask_memory(struct world *w)
{
	w->sim.fail_at = percent(w, 15) ? 1 + (unsigned int)below(w, 4) : 0;
}

/* Is the result one of those that it may be? True if the call was done. */
static bool answered(struct world *w, const struct ask *ask, int err)
{
	w->sim.fail_at = 0;
	if (ask->errors.n)
		CHECK(expected(&ask->errors, err), "%d, expected %d", err, ask->errors.err[0]);
	else
		CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "%d, expected %d", err,
		      w->sim.refused ? -GPUAS_ENOMEM : 0);
	if (!err)
		return true;
	CHECK(w->space.tables == ask->before.tables && w->space.spares == ask->before.spares &&
	      !memcmp(&w->space.gather, &ask->before.gather, sizeof(w->space.gather)),
	      "an error changed the handle");
	CHECK(w->sim.allocs == w->sim.frees, "an error left tables");
	CHECK(!w->sim.flushes, "an error made a flush");
	return false;
}

/* Everything that must hold after a call. */
static void settle(struct world *w, const struct ask *ask)
{
	if (!w->depth)
		sim_settle(&w->sim);
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

/*
 * Choice of arguments
 */

static uint64_t some_off(struct world *w)
{
	uint64_t off = w->centre[below(w, CENTRES)];
	uint64_t reach = percent(w, 60) ? 64 * page(w) : percent(w, 60) ? span(w, 1)
									: 4 * span(w, 1);

	if (w->maps.n && percent(w, 30)) {
		const struct mapping *run = &w->maps.at[below(w, w->maps.n)];

		return percent(w, 50) ? run->off : mapping_end(&w->maps, run) & (half(w) - 1);
	}
	if (percent(w, 3))
		off = rnd(w);
	off += below(w, 2 * reach) - reach;
	off &= (half(w) - 1) & ~(page(w) - 1);
	if (percent(w, w->geo.blocks ? 40 : 5))
		off &= ~(span(w, 1) - 1);
	if (w->geo.blocks && percent(w, 8))
		off &= ~(span(w, 2) - 1) & (half(w) - 1);
	return off;
}

static uint64_t some_size(struct world *w, uint64_t off)
{
	unsigned int entries = (unsigned int)(page(w) / 8);
	unsigned int dice = (unsigned int)below(w, 100);
	uint64_t size;

	if (dice < 50)
		size = 1 + below(w, 8);
	else if (dice < 80)
		size = 1 + below(w, 200);
	else if (dice < 90)
		size = 1 + below(w, entries);
	else if (dice < 97)
		size = entries * (1 + below(w, 2));
	else
		size = 1 + below(w, 4 * entries);
	size *= page(w);
	if (w->geo.blocks && !(off & (span(w, 1) - 1)) && percent(w, 50))
		size = span(w, 1) * (1 + below(w, 3)) + (percent(w, 30) ? page(w) : 0);
	if (off && w->geo.blocks && arm_block_legal(&w->sim.seen, 2) &&
	    !(off & (span(w, 2) - 1)) && percent(w, 30))
		size = span(w, 2) * (1 + below(w, 2)) + (percent(w, 30) ? page(w) : 0);
	if (size > half(w) - off && !percent(w, 3))
		size = half(w) - off;
	return size;
}

static uint64_t some_pa(struct world *w, uint64_t off, uint64_t size)
{
	uint64_t room = 1ULL << w->sim.seen.pa_bits;
	uint64_t pa = rnd(w) & (room - 1) & ~(page(w) - 1);
	unsigned int height = w->sim.seen.page_shift == 12 && percent(w, 20) ? 2 : 1;

	if (percent(w, 3))
		pa = room - size;
	/* In step with the VA, so that blocks are possible. */
	if (size >= span(w, 2))
		height = percent(w, 90) ? 2 : 1;
	if (percent(w, size >= span(w, 2) ? 98 : w->geo.blocks ? 60 : 10))
		pa = (pa & ~(span(w, height) - 1)) | (off & (span(w, height) - 1));
	if (pa > room - size)
		pa = (room - size) & ~(page(w) - 1);
	/* One page too many. */
	return percent(w, 1) ? room - size + page(w) : pa;
}

static gpuas_attr_t some_attr(struct world *w)
{
	static const unsigned int usual[3] = { 7, 20, 33 };

	if (percent(w, 2))
		return (gpuas_attr_t)rnd(w);
	if (percent(w, 1))
		return w->attr[below(w, w->attrs)] | 1u << 11;
	if (percent(w, 50))
		return w->attr[usual[below(w, 3)] % w->attrs];
	return w->attr[below(w, w->attrs)];
}

/* Sometimes, an argument that is wrong. */
static void spoil(struct world *w, uint64_t *va, uint64_t *pa, uint64_t *size)
{
	uint64_t *arg = percent(w, 33) ? va : percent(w, 50) ? pa : size;

	if (!percent(w, 5))
		return;
	switch (below(w, 8)) {
	case 0:
		*arg += 1ULL << below(w, w->sim.seen.page_shift);
		break;
	case 1:
		*arg = rnd(w);
		break;
	case 2:
		*size = 0;
		break;
	case 3:
		*size = -*va + page(w);
		break;
	case 4:
		*size = 0 - page(w);
		break;
	case 5:
		*va ^= 1ULL << (w->sim.seen.va_bits + below(w, 64 - w->sim.seen.va_bits));
		break;
	case 6:
		*pa ^= 1ULL << (w->sim.seen.pa_bits + below(w, 64 - w->sim.seen.pa_bits));
		break;
	default:
		*va = w->sim.base - page(w);
		break;
	}
}

static void some_range(struct world *w, uint64_t *va, uint64_t *pa, uint64_t *size)
{
	uint64_t off = some_off(w);

	*size = some_size(w, off);
	*pa = some_pa(w, off, *size);
	*va = w->sim.base + off;
	spoil(w, va, pa, size);
}

/*
 * The operations
 */

static void judge_map(struct world *w, const struct ask *ask, uint32_t tables)
{
	uint32_t need = maps_tables(&w->maps, 0, half(w) - 1) - tables;
	uint32_t had = ask->before.spares;

	CHECK(w->space.spares == (had > need ? had - need : 0),
	      "%u tables of %u in reserve are left after a map that needed %u",
	      w->space.spares, had, need);
	CHECK(w->geo.blocks || w->sim.allocs == (need > had ? need - had : 0),
	      "%u allocations for %u tables with %u in reserve", w->sim.allocs, need, had);
	CHECK(w->depth || !w->sim.flushes, "a map made %u flushes", w->sim.flushes);
}

static void do_map(struct world *w)
{
	uint32_t tables = maps_tables(&w->maps, 0, half(w) - 1);
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
		err = gpuas_map_repeat(&w->space, gpuas_va(va), gpuas_pa(pa), size, attr);
	else
		err = gpuas_map(&w->space, gpuas_va(va), gpuas_pa(pa), size, attr);
	if (answered(w, &ask, err)) {
		if (repeat)
			maps_repeat(&w->maps, va - w->sim.base, pa, size, attr);
		else
			maps_put(&w->maps, va - w->sim.base, pa, size, attr);
		judge_map(w, &ask, tables);
	}
	settle(w, &ask);
}

/* A scatter list, with its errors; returns its size. */
static uint64_t some_list(struct world *w, struct gpuas_extent *list, unsigned int *pieces,
			  uint64_t off, uint64_t most, struct errors *errors)
{
	uint64_t total = 0;
	unsigned int i;

	*pieces = percent(w, 1) ? 0 : 1 + (unsigned int)below(w, PIECES);
	for (i = 0; i < *pieces; i++) {
		uint64_t size = some_size(w, 0), pa, none = off;

		if (size > most - total && !percent(w, 2))
			size = most - total ? most - total : page(w);
		pa = some_pa(w, off + total, size);
		if (percent(w, 20))
			spoil(w, &none, &pa, &size);
		pa_errors(w, pa, size, errors);
		if (total + size < total)
			may(errors, GPUAS_EOVERFLOW);
		total += size;
		list[i].pa = gpuas_pa(pa);
		list[i].size = size;
		/* More errors than fit would say no more. */
		if (errors->n > 6)
			errors->n = 6;
	}
	if (!*pieces)
		may(errors, GPUAS_EINVAL);
	return total;
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

static void do_list(struct world *w, bool replace)
{
	uint32_t tables = maps_tables(&w->maps, 0, half(w) - 1);
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
		err = gpuas_replace(&w->space, gpuas_va(va), list, pieces, attr);
	else
		err = gpuas_map_list(&w->space, gpuas_va(va), list, pieces, attr);
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

static void do_unmap(struct world *w)
{
	uint64_t va, none, size, off;
	bool split, busy;
	struct ask ask;

	some_range(w, &va, &none, &size);
	/* The rest of a run, or everything, more often than chance would have it. */
	if (percent(w, 4)) {
		va = w->sim.base + w->first;
		size = w->last - w->first + 1;
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
	if (answered(w, &ask, gpuas_unmap(&w->space, gpuas_va(va), size))) {
		maps_clear(&w->maps, off, off + size - 1);
		CHECK(split || w->sim.flushes == (busy && !w->depth),
		      "unmap made %u flushes, expected %u", w->sim.flushes, busy && !w->depth);
		CHECK(split || !w->sim.allocs, "unmap made %u allocations", w->sim.allocs);
	}
	settle(w, &ask);
}

static void do_protect(struct world *w)
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
	if (answered(w, &ask, gpuas_protect(&w->space, gpuas_va(va), size, attr))) {
		CHECK(maps_busy(&w->maps, off, off + size - 1) || !w->sim.flushes,
		      "protect of a hole made a flush");
		maps_protect(&w->maps, off, off + size - 1, attr);
		CHECK(split || !w->sim.allocs, "protect made %u allocations", w->sim.allocs);
	}
	settle(w, &ask);
}

static void do_translate(struct world *w)
{
	uint64_t off = some_off(w) + below(w, page(w)), va = w->sim.base + off;
	gpuas_attr_t attr = 0x55aa;
	struct arm_leaf leaf;
	gpuas_pa_t pa = gpuas_pa(0x55aa);
	int err, want = 0;

	if (percent(w, 5))
		va ^= 1ULL << below(w, 64);
	if (percent(w, 2))
		va = rnd(w);
	trace(w, "translate va 0x%llx", ULL(va));
	off = va - w->sim.base;
	if (off >= half(w))
		want = -GPUAS_ERANGE;
	else if (!in_window(w, off) ? !arm_lookup(&w->sim.seen, off, &leaf)
				    : !maps_lookup(&w->maps, off, &leaf))
		want = -GPUAS_ENOENT;
	err = gpuas_translate(&w->space, gpuas_va(va), &pa, percent(w, 10) ? NULL : &attr);
	CHECK(err == want, "%d, expected %d", err, want);
	if (err) {
		CHECK(gpuas_pa_u64(pa) == 0x55aa && attr == 0x55aa, "set after an error");
		return;
	}
	CHECK(gpuas_pa_u64(pa) == leaf.pa + (off - leaf.off), "pa 0x%llx, expected 0x%llx",
	      ULL(gpuas_pa_u64(pa)), ULL(leaf.pa + (off - leaf.off)));
	CHECK(attr == 0x55aa || attr == leaf.attr, "attr 0x%x, expected 0x%x", attr, leaf.attr);
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
	CHECK(!step->unreadable, "step.unreadable at 0x%llx", ULL(off));
	if (!in_window(w, off))
		return 0;
	if (step->kind == GPUAS_TABLE) {
		CHECK(step->owned, "step.owned at 0x%llx", ULL(off));
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

static void do_visit(struct world *w)
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
		err = gpuas_cursor_init(&cursor, &w->space, gpuas_va(va), size);
		if (!err)
			cursor.post = percent(w, 50);
		for (i = 0; !err || err == -GPUAS_EAGAIN; i++) {
			unsigned int most = 1 + (unsigned int)below(w, percent(w, 50) ? 9 : 9000);
			unsigned int budget = most;

			err = gpuas_visit_some(&w->space, &cursor, &budget, visit_step, &c);
			CHECK(budget <= most, "budget %u of %u", budget, most);
			CHECK(err || cursor.next > c.last, "visit ended at 0x%llx", ULL(cursor.next));
			CHECK(i < 1u << 20, "visit does not end");
			if (!err)
				break;
		}
	} else {
		err = gpuas_visit(&w->space, gpuas_va(va), size, visit_step, &c);
	}
	if (ask.errors.n) {
		CHECK(expected(&ask.errors, err), "%d, expected %d", err, ask.errors.err[0]);
		return;
	}
	CHECK(!err, "%d, expected 0", err);
	while (c.run < w->maps.n && mapping_end(&w->maps, &w->maps.at[c.run]) <= c.next)
		c.run++;
	CHECK(c.run == w->maps.n || w->maps.at[c.run].off > c.last || c.next > c.last,
	      "visit ended at 0x%llx", ULL(c.next));
	CHECK(c.links == maps_tables(&w->maps, ask.first, ask.last),
	      "visit met %u tables, expected %u", c.links,
	      maps_tables(&w->maps, ask.first, ask.last));
}

/* Count, reserve, and map without any memory. */
static void do_sure_map(struct world *w)
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
	err = gpuas_count_tables(&w->space, gpuas_va(va), size, &tables);
	if (!answered(w, &ask, err)) {
		CHECK(tables == 0xdead, "set after an error");
		return;
	}
	want = maps_missing(&w->maps, va - w->sim.base, va - w->sim.base + size - 1);
	CHECK(tables == want, "count is %u, expected %u", tables, want);
	if (tables > 200)
		return;
	ask_memory(w);
	err = gpuas_reserve(&w->space, tables);
	w->sim.fail_at = 0;
	CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "reserve: %d", err);
	want = err || tables < ask.before.spares ? ask.before.spares : tables;
	CHECK(w->space.spares == want, "%u in reserve, expected %u", w->space.spares, want);
	pa_errors(w, pa, size, &ask.errors);
	if (!err && !ask.errors.n) {
		ask_range(w, &ask, va, size, true);
		want = maps_tables(&w->maps, 0, half(w) - 1);
		w->sim.dry = true;
		err = gpuas_map(&w->space, gpuas_va(va), gpuas_pa(pa), size, attr);
		w->sim.dry = false;
		CHECK(!err, "a map with %u in reserve: %d", ask.before.spares, err);
		maps_put(&w->maps, va - w->sim.base, pa, size, attr);
		judge_map(w, &ask, want);
	}
	settle(w, &ask);
}

static void do_reserve(struct world *w)
{
	uint32_t had = w->space.spares, want = (uint32_t)below(w, 9);
	int err;

	sim_begin(&w->sim, 0, 0);
	if (percent(w, 50)) {
		trace(w, "unreserve %u", had);
		gpuas_unreserve(&w->space);
		CHECK(!w->space.spares, "%u left in reserve", w->space.spares);
	} else {
		trace(w, "reserve %u, have %u", want, had);
		ask_memory(w);
		err = gpuas_reserve(&w->space, want);
		w->sim.fail_at = 0;
		CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "reserve: %d", err);
		want = err || want < had ? had : want;
		CHECK(w->space.spares == want, "%u in reserve, expected %u", w->space.spares,
		      want);
	}
	balance(w);
}

static void end_gather(struct world *w)
{
	sim_begin(&w->sim, 0, half(w) - 1);
	gpuas_gather_end(&w->space);
	w->depth--;
	CHECK(w->sim.flushes <= !w->depth, "the end of a gather made %u flushes",
	      w->sim.flushes);
	if (w->depth)
		return;
	sim_settle(&w->sim);
	if (!w->sim.coherent)
		compare_all(w);
	balance(w);
}

static void do_gather(struct world *w)
{
	if (w->depth < DEPTH && percent(w, w->depth ? 10 : 40)) {
		trace(w, "begin");
		gpuas_gather_begin(&w->space);
		w->depth++;
	} else if (w->depth) {
		trace(w, "end");
		end_gather(w);
	}
}

/*
 * A handle from its beginning to its end
 */

/* Somebody else's tree: two tables below the root, and blocks and pages. */
static void build_foreign(struct world *w, unsigned int slots)
{
	const unsigned int shift = arm_shift(&w->sim.seen, arm_top(&w->sim.seen));
	const unsigned int height = arm_top(&w->sim.seen);
	uint64_t *root, *low;
	unsigned int i;

	for (i = 0; i < 3; i++)
		w->foreign[i] = sim_foreign(&w->sim);
	root = sim_ram(&w->sim, w->foreign[0]);
	low = sim_ram(&w->sim, w->foreign[1]);
	for (i = 0; i < slots; i++) {
		if (!in_window(w, (uint64_t)i << shift))
			root[i] = w->foreign[1 + i % 2] | 3;
	}
	for (i = 0; i < 8; i++)
		low[i * 3] = (uint64_t)i << w->sim.seen.page_shift | (height > 1 ? 0 : 0x403);
	for (i = 0; i < 3; i++) {
		memcpy((uint8_t *)w->foreign_copy + i * page(w),
		       sim_ram(&w->sim, w->foreign[i]), page(w));
		memcpy(sim_shadow(&w->sim, w->foreign[i]), sim_ram(&w->sim, w->foreign[i]),
		       page(w));
	}
}

static void choose_window(struct world *w, struct gpuas_range *window)
{
	unsigned int shift = arm_shift(&w->sim.seen, arm_top(&w->sim.seen));
	unsigned int slots = 1u << (w->sim.seen.va_bits - shift), from, n;

	from = (unsigned int)below(w, slots);
	n = 1 + (unsigned int)below(w, slots - from);
	if (percent(w, 60)) {
		from = 0;
		n = slots;
	}
	w->first = (uint64_t)from << shift;
	w->last = w->first + ((uint64_t)n << shift) - 1;
	window->va = gpuas_va(w->sim.base + w->first);
	window->size = (uint64_t)n << shift;
	w->adopted = percent(w, 30);
	if (w->adopted)
		build_foreign(w, slots);
	w->centre[0] = 0;
	w->centre[1] = w->last + 1;
	w->centre[2] = w->first + ((uint64_t)(1 + n / 2) << shift);
	for (n = 3; n < CENTRES; n++)
		w->centre[n] = (w->first + below(w, w->last - w->first)) & ~(page(w) - 1);
}

static void choose_shape(struct world *w, const struct shape *shape)
{
	struct arm_mmu mmu = {
		.page_shift = shape->page_shift,
		.uat = shape->format == &gpuas_format_uat,
	};

	mmu.va_bits = shape->va_min + (unsigned int)below(w, shape->va_max - shape->va_min + 1);
	mmu.pa_bits = shape->pa_min + (unsigned int)below(w, shape->pa_max - shape->pa_min + 1);
	w->geo = (struct gpuas_geometry) {
		.format = shape->format, .va_bits = (uint8_t)mmu.va_bits,
		.pa_bits = (uint8_t)mmu.pa_bits, .upper = shape->upper,
		.blocks = shape->blocks,
	};
	sim_shape(&w->sim, &mmu, percent(w, 50),
		  shape->upper ? 0 - (1ULL << mmu.va_bits) : 0);
	w->maps.mmu = &w->sim.seen;
	w->maps.blocks = shape->blocks;
	w->maps.n = 0;
	w->attrs = arm_attrs(&mmu, w->attr, 256);
}

static void begin(struct world *w, const struct shape *shape)
{
	struct gpuas_range window;
	int err;

	choose_shape(w, shape);
	choose_window(w, &window);
	trace(w, "create");
	sim_begin(&w->sim, 0, 0);
	if (w->adopted) {
		err = gpuas_space_adopt(&w->space, &w->geo, &window,
					gpuas_pa(w->foreign[0]), &w->sim.env);
	} else {
		ask_memory(w);
		w->sim.fail_at = w->sim.fail_at != 1 ? 0 : 1;
		err = gpuas_space_create(&w->space, &w->geo, &window, &w->sim.env);
		if (w->sim.refused) {
			CHECK(err == -GPUAS_ENOMEM && !w->sim.owned, "create: %d", err);
			err = gpuas_space_create(&w->space, &w->geo, &window, &w->sim.env);
		}
	}
	CHECK(!err, "create: %d", err);
	if (percent(w, 50)) {
		memset(&w->cache, 0, sizeof(w->cache));
		w->space.cache = &w->cache;
	}
	w->sim.seen.root = gpuas_pa_u64(w->space.root);
	w->sim.raw.root = w->sim.seen.root;
	w->sim.gone = false;
	w->depth = 0;
	compare_all(w);
	balance(w);
}

static void end(struct world *w)
{
	struct ask ask = { .first = w->first, .last = w->last, .va = w->sim.base + w->first,
			   .size = w->last - w->first + 1 };

	trace(w, "release");
	while (w->depth)
		end_gather(w);
	compare_all(w);
	watch_some(w, &ask);
	sim_begin(&w->sim, w->first, w->last);
	gpuas_space_release(&w->space);
	sim_settle(&w->sim);
	CHECK(!w->sim.owned, "%u tables are left after the release", w->sim.owned);
	w->maps.n = 0;
	if (w->adopted)
		compare_all(w);
}

static void step(struct world *w)
{
	unsigned int dice = (unsigned int)below(w, 100);

	if (dice < 26)
		do_map(w);
	else if (dice < 50)
		do_unmap(w);
	else if (dice < 58)
		do_list(w, false);
	else if (dice < 67)
		do_protect(w);
	else if (dice < 75)
		do_list(w, true);
	else if (dice < 84)
		do_translate(w);
	else if (dice < 87)
		do_visit(w);
	else if (dice < 91)
		do_sure_map(w);
	else if (dice < 93)
		do_reserve(w);
	else
		do_gather(w);
}

static unsigned long operations;

static void agrees(void **state)
{
	struct world *w = &world;
	unsigned long ops = 0;

	w->step = 0;
	w->rng = w->seed;
	while (ops < operations) {
		unsigned long n = 100 + below(w, 2000);

		begin(w, *state);
		for (; n && ops < operations; n--, ops++) {
			w->step++;
			step(w);
		}
		w->step++;
		end(w);
	}
	print_message("# %lu operations, seed 0x%llx (GPUAS_OPS, GPUAS_SEED)\n", ops,
		      ULL(w->seed));
}

static struct shape uat_39 = { &gpuas_format_uat, 14, 39, 39, 36, 42, true, false };
static struct shape uat_39_lower = { &gpuas_format_uat, 14, 39, 39, 36, 42, false, false };
static struct shape uat_42 = { &gpuas_format_uat, 14, 42, 42, 36, 42, true, false };
static struct shape pages_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, false, false };
static struct shape upper_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, true, false };
static struct shape blocks_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, false, true };
static struct shape top_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, true, true };
static struct shape pages_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, false, false };
static struct shape upper_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, true, false };
static struct shape blocks_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, false, true };
static struct shape top_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, true, true };
static struct shape pages_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, false, false };
static struct shape upper_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, true, false };
static struct shape blocks_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, false, true };
static struct shape top_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, true, true };

#define AGREES(shape) { #shape "_agrees_with_the_model", agrees, NULL, NULL, &(shape) }

static const struct CMUnitTest uat[] = {
	AGREES(uat_39), AGREES(uat_39_lower), AGREES(uat_42),
};

static const struct CMUnitTest lpae_4k[] = {
	AGREES(pages_4k), AGREES(upper_4k), AGREES(blocks_4k), AGREES(top_4k),
};

static const struct CMUnitTest lpae_16k[] = {
	AGREES(pages_16k), AGREES(upper_16k), AGREES(blocks_16k), AGREES(top_16k),
};

static const struct CMUnitTest lpae_64k[] = {
	AGREES(pages_64k), AGREES(upper_64k), AGREES(blocks_64k), AGREES(top_64k),
};

/**
 * struct suite - The tests of one format
 * @name: on the command line
 * @tests: the tests
 * @n: how many
 */
struct suite {
	const char *name;
	const struct CMUnitTest *tests;
	size_t n;
};

#define SUITE(name, tests) { name, tests, sizeof(tests) / sizeof(tests[0]) }

static const struct suite suites[] = {
	SUITE("uat", uat),
	SUITE("lpae-4k", lpae_4k),
	SUITE("lpae-16k", lpae_16k),
	SUITE("lpae-64k", lpae_64k),
};

int main(int argc, char **argv)
{
	const char *seed = getenv("GPUAS_SEED"), *ops = getenv("GPUAS_OPS");
	unsigned int i;
	int failed = 1;

	for (i = 0; i < 4 && (argc != 2 || strcmp(suites[i].name, argv[1])); i++)
		;
	if (i == 4) {
		fprintf(stderr, "usage: model_test uat|lpae-4k|lpae-16k|lpae-64k\n");
		return 2;
	}
	world.seed = seed ? strtoull(seed, NULL, 0) : 1;
	operations = (ops ? strtoul(ops, NULL, 0) : OPERATIONS) / suites[i].n;
	world.sim.fail = wrong;
	sim_init(&world.sim);
	world.foreign_copy = malloc(3 * 0x10000);
	if (world.foreign_copy)
		failed = _cmocka_run_group_tests(argv[1], suites[i].tests, suites[i].n, NULL, NULL);
	free(world.foreign_copy);
	free(world.maps.at);
	free(world.old.at);
	sim_exit(&world.sim);
	return failed;
}
