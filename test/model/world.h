/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A machine, a tree in its memory, handles on it, and what we think of them: what
 * the operations work on.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdio.h>
#include <stdlib.h>

#include <gpuas/token.h>

#include "mappings.h"
#include "sim.h"

#define ULL(x) ((unsigned long long)(x))

enum { CENTRES = 6, PIECES = 12, TRACE = 24, WHOLE = 1000, DEPTH = 3,
       HANDLES = SIM_HOSTS, TOKENS = 2, PLANTS = 3, WAYS = 3 * HANDLES, FOREIGN = 3 + WAYS + 3 * PLANTS };

/**
 * struct handle - One handle on the tree
 * @space: the handle
 * @host: whose environment it has
 * @first: window
 * @last: its end
 * @height: of the table that it is opened at
 * @table: PA of that table
 * @cover: first offset that the table covers
 * @covers: bytes that it covers
 * @depth: gathers that are open
 * @token: of two jobs
 * @centre: where things happen
 */
struct handle {
	struct gpuas_space space;
	struct sim_host *host;
	uint64_t first;
	uint64_t last;
	unsigned int height;
	uint64_t table;
	uint64_t cover;
	uint64_t covers;
	unsigned int depth;
	struct gpuas_token token[TOKENS];
	uint64_t centre[CENTRES];
};

/**
 * struct world - A tree, the handles on it, and what we think of it
 * @sim: the machine
 * @maps: what should be mapped
 * @old: what was, before a replace
 * @geo: shape of the tree
 * @handle: the handles; their windows are disjoint
 * @handles: how many
 * @h: the one that is operated
 * @adopted: the root is foreign
 * @attr: attributes that can be asked for
 * @attrs: how many
 * @foreign: foreign tables, and what is in them; if the root was adopted, it is the
 *	first one. On the way to a table that a handle is opened at, with where they hang
 * @foreigns: how many
 * @plants: how often some are still to be linked into a window
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
	struct handle handle[HANDLES];
	unsigned int handles;
	struct handle *h;
	bool adopted;
	gpuas_attr_t attr[256];
	unsigned int attrs;
	struct {
		uint64_t pa;
		uint64_t *copy;
		bool way;
		uint64_t off;
		unsigned int height;
	} foreign[FOREIGN];
	unsigned int foreigns;
	unsigned int plants;
	uint64_t rng;
	unsigned long step;
	uint64_t seed;
	char trace[TRACE][200];
};

extern struct world world;

/* The end: say what is wrong, and what led to it. */
void wrong(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define CHECK(what, ...) do { if (!(what)) wrong(__VA_ARGS__); } while (0)

/* Note what is done in this step. */
void trace(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline uint64_t page(const struct world *w)
{
	return 1ULL << w->sim.seen.page_shift;
}

static inline uint64_t span(const struct world *w, unsigned int height)
{
	return 1ULL << arm_shift(&w->sim.seen, height);
}

static inline uint64_t half(const struct world *w)
{
	return 1ULL << w->sim.seen.va_bits;
}

/* In the window of the handle that is operated? */
static inline bool in_window(const struct world *w, uint64_t off)
{
	return off >= w->h->first && off <= w->h->last;
}

/* May walkers still have what a handle changed? */
static inline bool puts_off(const struct handle *h)
{
	return h->depth || h->token[0].ranges || h->token[1].ranges;
}

/* The handle whose window it is, or NULL. */
static inline const struct handle *handle_at(const struct world *w, uint64_t off)
{
	unsigned int i;

	for (i = 0; i < w->handles; i++) {
		if (off >= w->handle[i].first && off <= w->handle[i].last)
			return &w->handle[i];
	}
	return NULL;
}

/* Tables in the window of the handle that is operated. */
static inline uint32_t tables_mapped(const struct world *w)
{
	return maps_tables(&w->maps, w->h->height, w->h->first, w->h->last);
}

/* Of all handles, in a range. */
uint32_t tables_in(const struct world *w, uint64_t first, uint64_t last);

/*
 * choice.c: random numbers, and arguments
 */

uint64_t rnd(struct world *w);
uint64_t below(struct world *w, uint64_t n);
bool percent(struct world *w, unsigned int n);

uint64_t some_off(struct world *w);
gpuas_attr_t some_attr(struct world *w);
void some_range(struct world *w, uint64_t *va, uint64_t *pa, uint64_t *size);

/* The window, or what is between two foreign tables in it. */
void some_stretch(struct world *w, uint64_t *off, uint64_t *size);

/* Errors that a call may return. */
struct errors {
	int err[12];
	unsigned int n;
};

/* A scatter list, with its errors; returns its size. */
uint64_t some_list(struct world *w, struct gpuas_extent *list, unsigned int *pieces,
		   uint64_t off, uint64_t most, struct errors *errors);

/* Sometimes, make an argument wrong. */
void spoil(struct world *w, uint64_t *va, uint64_t *pa, uint64_t *size);

/*
 * compare.c: what is in memory, against what should be
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

/* Take the next leaves that a walk met. */
void compare_leaf(void *ctx, const struct arm_leaf *leaf);

/* Take a foreign table that an entry at a height leads to. */
void compare_plant(struct compare *c, uint64_t off, unsigned int height, uint64_t pa);

/* There is nothing more in the range. */
void compare_end(struct compare *c);

/* Compare a range that cuts no block; returns how many tables serve it. */
uint32_t compare(struct world *w, uint64_t first, uint64_t last);

/* Everything, foreign tables included. */
void compare_all(struct world *w);

/* The handle's books, whatever was done. */
void balance(struct world *w);

/*
 * foreign.c: tables that no handle may change or free
 */

/* The memory for what is known of them, once. */
void foreign_init(struct world *w);
void foreign_exit(struct world *w);

/* A root, empty so far; returns its PA. */
uint64_t foreign_root(struct world *w);

/* The table at a height on the way down to an offset, from its parent; returns its PA. */
uint64_t foreign_way(struct world *w, uint64_t off, unsigned int height, uint64_t parent);

/* All windows are known: something in the entries that are in none, and lead to none. */
void foreign_fill(struct world *w);

/* Is it a table on the way to one that a handle is opened at, or that one? */
bool foreign_is_way(const struct world *w, uint64_t pa);

/* Somebody links tables into the window of the handle that is operated. */
void foreign_plant(struct world *w);

/* One of them, or all, are as they were made. */
void foreign_compare(struct world *w, uint64_t pa);
void foreign_compare_all(struct world *w);

/*
 * ask.c: what a call is asked, and may answer
 */

enum { LOOKS = 8 };

/**
 * struct ask - A call, before it is made
 * @va: as asked
 * @size: as asked
 * @first: range that it may touch, blocks that stick out included
 * @last: its end
 * @errors: what is wrong with it
 * @before: the handle before
 * @look: offsets in and around it, and whether a walker found there what is mapped,
 *	without a look into the CPU's cache
 * @sound: the range is one
 */
struct ask {
	uint64_t va;
	uint64_t size;
	uint64_t first;
	uint64_t last;
	struct errors errors;
	struct gpuas_space before;
	struct {
		uint64_t off;
		bool found;
	} look[LOOKS];
	bool sound;
};

void may(struct errors *errors, int err);
bool expected(const struct errors *errors, int err);
void pa_errors(const struct world *w, uint64_t pa, uint64_t size, struct errors *errors);
void attr_errors(const struct world *w, gpuas_attr_t attr, struct errors *errors);

/* A call on a range begins. */
void ask_range(struct world *w, struct ask *ask, uint64_t va, uint64_t size, bool window);

/* Let it run out of memory, sometimes. */
void ask_memory(struct world *w);

/* Watch some of what is mapped in and around a range. */
void watch_some(struct world *w, const struct ask *ask);

/* Is the result one of those that it may be? True if the call was done. */
bool answered(struct world *w, const struct ask *ask, int err);

/* What walkers may still have after a call, or when nothing is put off any more. */
void settle_watches(struct world *w);

/* Everything that must hold after a call. */
void settle(struct world *w, const struct ask *ask);

/*
 * operations.c: each one chosen, made, and judged
 */

void do_map(struct world *w);
void do_list(struct world *w, bool replace);
void do_unmap(struct world *w);
void do_protect(struct world *w);
void do_translate(struct world *w);
void do_visit(struct world *w);
void do_sure_map(struct world *w);
void do_reserve(struct world *w);
void do_gather(struct world *w);
void end_gather(struct world *w);

/*
 * ops.c: lists of operations, and what is in tokens
 */

void do_ops(struct world *w);
void do_token(struct world *w);

#endif /* WORLD_H */
