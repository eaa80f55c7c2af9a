// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Foreign tables, which no handle may change or free: a root with a tree outside
 * the windows, and tables that somebody links into a window at any time.
 */
#include "world.h"

void foreign_init(struct world *w)
{
	unsigned int i;

	for (i = 0; i < FOREIGN; i++) {
		w->foreign[i].copy = malloc(0x10000);
		if (!w->foreign[i].copy)
			abort();
	}
}

void foreign_exit(struct world *w)
{
	unsigned int i;

	for (i = 0; i < FOREIGN; i++)
		free(w->foreign[i].copy);
}

/* One more of them, zeroed. */
static uint64_t *table_new(struct world *w)
{
	uint64_t pa = sim_foreign(&w->sim);

	w->foreign[w->foreigns++].pa = pa;
	return sim_ram(&w->sim, pa);
}

static unsigned int some_index(struct world *w)
{
	return (unsigned int)below(w, page(w) / 8);
}

/* From number @i on, they are visible, and stay as they are from here on. */
static void tables_done(struct world *w, unsigned int i)
{
	for (; i < w->foreigns; i++) {
		uint64_t *table = sim_ram(&w->sim, w->foreign[i].pa);

		memcpy(sim_shadow(&w->sim, w->foreign[i].pa), table, page(w));
		memcpy(w->foreign[i].copy, table, page(w));
	}
}

void foreign_root(struct world *w, unsigned int slots)
{
	const unsigned int height = arm_top(&w->sim.seen);
	uint64_t *root = table_new(w), *low = table_new(w);
	unsigned int i;

	table_new(w);
	for (i = 0; i < slots; i++) {
		if (!handle_at(w, (uint64_t)i << arm_shift(&w->sim.seen, height)))
			root[i] = w->foreign[1 + i % 2].pa | 3;
	}
	for (i = 0; i < 8; i++)
		low[i * 3] = (uint64_t)i << w->sim.seen.page_shift | (height > 1 ? 0 : 0x403);
	tables_done(w, 0);
}

/* Pages with any rights, and something that is none. */
static void fill_leaves(struct world *w, uint64_t *table)
{
	/* AP, nG, PXN, UXN. */
	const uint64_t rights = 3ULL << 6 | 1ULL << 11 | 3ULL << 53;
	const uint64_t field = ((1ULL << w->sim.seen.pa_bits) - 1) & ~(page(w) - 1);
	unsigned int i;

	for (i = 0; i < 8; i++)
		table[some_index(w)] = (rnd(w) & (rights | field)) | 0x403;
	table[some_index(w)] = rnd(w) & ~1ULL;
}

/* A table at each height, the last one with pages; some entries lead to owned tables. */
static uint64_t make_branch(struct world *w, unsigned int height)
{
	unsigned int first = w->foreigns;
	uint64_t *table = table_new(w);

	for (; height; height--) {
		uint64_t *next = table_new(w);

		if (w->sim.owned)
			table[some_index(w)] = sim_some_table(&w->sim, rnd(w)) | 3;
		table[some_index(w)] = w->foreign[w->foreigns - 1].pa | 3;
		table[some_index(w)] = w->foreign[w->foreigns - 1].pa | 3;
		table = next;
	}
	fill_leaves(w, table);
	tables_done(w, first);
	return w->foreign[first].pa;
}

/* The entry for an offset, in the root or a table of the handle's, if it is empty. */
static bool find_hole(struct world *w, uint64_t off, unsigned int *height, uint64_t *pa,
		      unsigned int *index)
{
	const unsigned int mask = (unsigned int)(page(w) / 8) - 1;
	uint64_t desc;

	*height = arm_top(&w->sim.seen);
	for (*pa = w->sim.seen.root; *height; --*height, *pa = desc & ~3ULL) {
		*index = (unsigned int)(off >> arm_shift(&w->sim.seen, *height)) & mask;
		desc = sim_ram(&w->sim, *pa)[*index];
		if (!desc)
			return true;
		if ((desc & 3) != 3 || sim_owner(&w->sim, desc & ~3ULL) != w->h->host)
			return false;
	}
	return false;
}

void foreign_plant(struct world *w)
{
	uint64_t off = some_off(w), at, pa;
	unsigned int height, index, i;

	if (!in_window(w, off) || !find_hole(w, off, &height, &at, &index))
		return;
	/* In the root it leaves little that can be done. */
	if (height == arm_top(&w->sim.seen) && percent(w, 80))
		return;
	if (w->sim.free < height)
		return;
	off &= ~(span(w, height) - 1);
	pa = make_branch(w, height - 1);
	trace(w, "foreign table 0x%llx at offset 0x%llx height %u", ULL(pa), ULL(off), height);
	sim_ram(&w->sim, at)[index] = pa | 3;
	sim_shadow(&w->sim, at)[index] = pa | 3;
	maps_plant(&w->maps, off, height, pa);
	for (i = CENTRES / 2; i < CENTRES; i++)
		w->h->centre[i] = off;
	w->plants--;
}

void foreign_compare(struct world *w, uint64_t pa)
{
	unsigned int i;

	for (i = 0; i < w->foreigns && w->foreign[i].pa != pa; i++)
		;
	CHECK(i < w->foreigns, "table 0x%llx is nobody's", ULL(pa));
	CHECK(!memcmp(sim_ram(&w->sim, pa), w->foreign[i].copy, page(w)),
	      "foreign table 0x%llx was changed", ULL(pa));
}

/* The part of the root that is in no window. */
static void compare_root(struct world *w)
{
	const uint64_t *root = sim_ram(&w->sim, w->foreign[0].pa);
	unsigned int k, n = (unsigned int)(page(w) / 8);

	for (k = 0; k < n; k++)
		CHECK(root[k] == w->foreign[0].copy[k] ||
		      handle_at(w, (uint64_t)k << arm_shift(&w->sim.seen, arm_top(&w->sim.seen))),
		      "entry %u of the foreign root was changed", k);
}

void foreign_compare_all(struct world *w)
{
	unsigned int i = 0;

	if (w->adopted) {
		compare_root(w);
		i++;
	}
	for (; i < w->foreigns; i++)
		foreign_compare(w, w->foreign[i].pa);
}
