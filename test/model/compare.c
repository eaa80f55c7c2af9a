// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is in memory, against what should be. */
#include "world.h"

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

void compare_leaf(void *ctx, const struct arm_leaf *leaf)
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
uint32_t compare(struct world *w, uint64_t first, uint64_t last)
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
void compare_all(struct world *w)
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
void balance(struct world *w)
{
	uint32_t tables = maps_tables(&w->maps, 0, half(w) - 1) + !w->adopted;

	CHECK(w->sim.owned == w->space.tables + w->space.spares,
	      "%u tables are handed out: %u tables, %u spares", w->sim.owned,
	      w->space.tables, w->space.spares);
	CHECK(w->depth ? w->space.tables >= tables : w->space.tables == tables,
	      "%u tables, expected %u", w->space.tables, tables);
}
