/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * Simulated memory with a hostile walker on it. The walker caches whatever it may
 * at any moment at which the library calls out, and sees either what was stored,
 * or (if it is not coherent) also what lay in memory before the CPU's cache was
 * cleaned. The environment's callbacks judge the library while they serve it.
 */
#ifndef SIM_H
#define SIM_H

#include "armwalk.h"

#include <gpuas/env.h>

#define SIM_BASE	0x80000000ULL
#define SIM_SIZE	0x2000000ULL
enum { SIM_WATCHES = 128, SIM_CACHED = 4, SIM_HOSTS = 2 };

/**
 * struct sim_table - What is known of a piece of RAM that is a table
 * @owner: whom it was handed out to, or NULL
 * @way: it is foreign, and leads to a table that a handle is opened at, or is it
 * @fresh: handed out, and never clean as a whole
 * @linked: it was met in the tree after the last call: by @link
 * @flushed: the walker was told to forget it when it was not linked any more
 * @link: where it was met
 * @live: its place in the list of those that are handed out
 */
struct sim_table {
	struct sim_host *owner;
	bool way;
	bool fresh;
	bool linked;
	bool flushed;
	struct arm_link link;
	unsigned int live;
};

/**
 * struct sim_watch - What a walker may have cached for one offset
 * @off: the offset
 * @tlb: translations
 * @n: how many
 */
struct sim_watch {
	uint64_t off;
	struct arm_leaf tlb[SIM_CACHED];
	unsigned int n;
};

/**
 * struct sim_host - One of those who share the tree
 * @sim: the machine
 * @owned: tables that are handed out to it
 * @env: for its handles
 */
struct sim_host {
	struct sim *sim;
	unsigned int owned;
	struct gpuas_env env;
};

/**
 * struct sim - The machine
 * @seen: the walker that sees what the CPU sees
 * @raw: the walker that sees only what was cleaned
 * @coherent: there is no difference
 * @running: walkers are running: there is somebody to be told to forget
 * @base: VA of offset 0
 * @ram: what the CPU sees
 * @shadow: what was cleaned
 * @table: what is known, by number of granule
 * @record: the records that handles get, likewise
 * @tables: how many granules there are
 * @live: numbers of those that are handed out
 * @stack: those that are free
 * @free: how many
 * @owned: how many are handed out
 * @fail_at: the n-th allocation from now fails; 0: none does
 * @dry: all fail
 * @refused: one failed since sim_begin()
 * @allocs: successful ones since sim_begin()
 * @frees: since sim_begin()
 * @flushes: since sim_begin()
 * @cleans: since sim_begin()
 * @first: range of the call that is running
 * @last: its end
 * @gone: the root was freed: there is nothing to look at any more
 * @watch: offsets that are watched
 * @watches: how many
 * @fail: called when the library did something wrong; does not return
 * @window: that of the handle that is operated
 * @window_last: its end
 * @host: its hosts
 */
struct sim {
	struct arm_mmu seen;
	struct arm_mmu raw;
	bool coherent;
	bool running;
	uint64_t base;
	uint8_t *ram;
	uint8_t *shadow;
	struct sim_table *table;
	struct gpuas_table *record;
	unsigned int tables;
	unsigned int *live;
	unsigned int *stack;
	unsigned int free;
	unsigned int owned;
	unsigned int fail_at;
	bool dry;
	bool refused;
	unsigned int allocs;
	unsigned int frees;
	unsigned int flushes;
	unsigned int cleans;
	uint64_t first;
	uint64_t last;
	bool gone;
	struct sim_watch watch[SIM_WATCHES];
	unsigned int watches;
	void (*fail)(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
	uint64_t window;
	uint64_t window_last;
	struct sim_host host[SIM_HOSTS];
};

/* Get the memory, once; shape it for a geometry, as often as needed. */
void sim_init(struct sim *sim);
void sim_shape(struct sim *sim, const struct arm_mmu *mmu, uint64_t base, bool coherent,
	       bool running);
void sim_exit(struct sim *sim);

/* The granule at a PA, or NULL. */
uint64_t *sim_ram(struct sim *sim, uint64_t pa);
uint64_t *sim_shadow(struct sim *sim, uint64_t pa);

/* Take a table that no handle gets: a foreign one, zeroed, clean. */
uint64_t sim_foreign(struct sim *sim);

/* Some entries of it, or of what hangs below, are a handle's. */
void sim_set_way(struct sim *sim, uint64_t pa);

/* Any of the tables that are handed out; there is one. */
uint64_t sim_some_table(struct sim *sim, uint64_t number);

/* A call on a range begins. */
void sim_begin(struct sim *sim, uint64_t first, uint64_t last);

/* Let the walker cache what is at an offset, until sim_settle(). */
void sim_watch(struct sim *sim, uint64_t off);

/*
 * Everything has to be flushed now, but for a range that may be empty: what the
 * walker has is what is there.
 */
void sim_settle(struct sim *sim, uint64_t but, uint64_t but_last);

/* Whom was the table at a PA handed out to? NULL: nobody. */
struct sim_host *sim_owner(struct sim *sim, uint64_t pa);

/* A table was met in the tree: note where. */
void sim_note(struct sim *sim, const struct arm_link *link);

#endif /* SIM_H */
