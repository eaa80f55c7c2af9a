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

	w->foreign[w->foreigns].way = false;
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

/* Does the entry for an offset, of one foreign table, belong to a handle? */
static bool is_lent(const struct world *w, uint64_t table, uint64_t off)
{
	const struct handle *h = handle_at(w, off);

	return h && h->table == table;
}

bool foreign_is_way(const struct world *w, uint64_t pa)
{
	unsigned int i;

	for (i = 0; i < w->foreigns; i++) {
		if (w->foreign[i].pa == pa)
			return w->foreign[i].way;
	}
	return false;
}

static uint64_t way_new(struct world *w, uint64_t off, unsigned int height)
{
	unsigned int i = w->foreigns;

	table_new(w);
	w->foreign[i].way = true;
	w->foreign[i].off = off;
	w->foreign[i].height = height;
	sim_set_way(&w->sim, w->foreign[i].pa);
	return w->foreign[i].pa;
}

uint64_t foreign_way(struct world *w, uint64_t off, unsigned int height, uint64_t parent)
{
	unsigned int index = (unsigned int)(off >> arm_shift(&w->sim.seen, height + 1)) &
			     (unsigned int)(page(w) / 8 - 1);
	uint64_t *entry = sim_ram(&w->sim, parent) + index;

	/* Two handles may go the same way. */
	if (!*entry)
		*entry = way_new(w, off, height) | 3;
	return *entry & ~3ULL;
}

uint64_t foreign_root(struct world *w)
{
	const unsigned int height = arm_top(&w->sim.seen);
	uint64_t root = way_new(w, 0, height);
	uint64_t *low = table_new(w);
	unsigned int i;

	table_new(w);
	for (i = 0; i < 8; i++)
		low[i * 3] = (uint64_t)i << w->sim.seen.page_shift | (height > 1 ? 0 : 0x403);
	return root;
}

/* Others' entries in a table on a way: tables, pages, and what is neither. */
static void fill_way(struct world *w, unsigned int i)
{
	const unsigned int height = w->foreign[i].height, shift = arm_shift(&w->sim.seen, height);
	uint64_t *table = sim_ram(&w->sim, w->foreign[i].pa);
	unsigned int k, n = (unsigned int)(page(w) / 8);

	if (half(w) >> shift < n)
		n = (unsigned int)(half(w) >> shift);
	for (k = 0; k < n; k += i ? 1 + (unsigned int)below(w, 9) : 1) {
		if (table[k] || is_lent(w, w->foreign[i].pa, w->foreign[i].off + ((uint64_t)k << shift)))
			continue;
		if (!height)
			table[k] = k * page(w) | 0x403;
		else if (!i || percent(w, 70))
			table[k] = w->foreign[1 + k % 2].pa | 3;
		else
			table[k] = rnd(w) & ~1ULL;
	}
}

void foreign_fill(struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->foreigns; i++) {
		if (w->foreign[i].way)
			fill_way(w, i);
	}
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

/* The entry for an offset, in the topmost table or one of the handle's, if it is empty. */
static bool find_hole(struct world *w, uint64_t off, unsigned int *height, uint64_t *pa,
		      unsigned int *index)
{
	const unsigned int mask = (unsigned int)(page(w) / 8) - 1;
	uint64_t desc;

	*height = w->h->height;
	for (*pa = w->h->table; *height; --*height, *pa = desc & ~3ULL) {
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
	/* In the topmost table it leaves little that can be done. */
	if (height == w->h->height && percent(w, 80))
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

/* The part of a table on a way that is in no window that was opened there. */
static void compare_way(struct world *w, unsigned int i)
{
	const unsigned int shift = arm_shift(&w->sim.seen, w->foreign[i].height);
	const uint64_t *table = sim_ram(&w->sim, w->foreign[i].pa);
	unsigned int k, n = (unsigned int)(page(w) / 8);

	for (k = 0; k < n; k++)
		CHECK(table[k] == w->foreign[i].copy[k] ||
		      is_lent(w, w->foreign[i].pa, w->foreign[i].off + ((uint64_t)k << shift)),
		      "entry %u of the foreign table 0x%llx was changed", k,
		      ULL(w->foreign[i].pa));
}

void foreign_compare_all(struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->foreigns; i++) {
		if (w->foreign[i].way)
			compare_way(w, i);
		else
			foreign_compare(w, w->foreign[i].pa);
	}
}
