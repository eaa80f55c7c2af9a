// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is in memory, against what should be. */
#include "world.h"

/* The run that the next thing that is met has to belong to. */
static const struct mapping *next_run(struct compare *c)
{
	const struct mappings *maps = &c->w->maps;

	while (c->run < maps->n && mapping_end(maps, &maps->at[c->run]) <= c->next)
		c->run++;
	return &maps->at[c->run];
}

void compare_end(struct compare *c)
{
	const struct mapping *run = next_run(c);

	CHECK(c->run == c->w->maps.n || run->off > c->last || c->next > c->last,
	      "nothing at offset 0x%llx, expected 0x%llx", ULL(c->next), ULL(run->off));
}

void compare_plant(struct compare *c, uint64_t off, unsigned int height, uint64_t pa)
{
	const struct mapping *run = next_run(c);

	CHECK(c->run < c->w->maps.n && run->foreign && run->off == off &&
	      run->height == height && run->pa == pa,
	      "table 0x%llx at offset 0x%llx height %u is not owned", ULL(pa), ULL(off), height);
	foreign_compare(c->w, pa);
	c->next = mapping_end(&c->w->maps, run);
}

/* Leaves, as many as belong to one run of the list; returns how many. */
static unsigned int compare_some(struct compare *c, const struct arm_leaf *leaf)
{
	struct mappings *maps = &c->w->maps;
	const struct mapping *run;
	uint64_t n, left;

	run = next_run(c);
	if (c->run < maps->n && run->off < c->next)
		n = (c->next - run->off) / leaf->size;
	else
		n = 0;
	CHECK(c->run < maps->n && !run->foreign && leaf->height == run->height &&
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

		if (handle_at(c->w, rest.off))
			some = compare_some(c, &rest);
		rest.off += some * rest.size;
		rest.pa += some * rest.step;
		rest.count -= some;
	}
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The part of a table that serves the range, and a handle's window, has been cleaned. */
static void compare_clean(struct compare *c, const struct arm_link *link,
			  const struct handle *h)
{
	struct sim *sim = &c->w->sim;
	unsigned int shift = arm_shift(&sim->seen, link->height);
	uint64_t from = max(max(c->next, link->off), h->first);
	uint64_t to = min(min(c->last, link->off + link->size - 1), h->last);

	if (sim->coherent || h->depth || from > to)
		return;
	from = (from - link->off) >> shift;
	to = (to - link->off) >> shift;
	CHECK(!memcmp(sim_ram(sim, link->pa) + from, sim_shadow(sim, link->pa) + from,
		      (to - from + 1) * 8),
	      "table 0x%llx at offset 0x%llx is not clean", ULL(link->pa), ULL(link->off));
}

static bool compare_link(void *ctx, const struct arm_link *link)
{
	struct compare *c = ctx;
	struct world *w = c->w;
	const struct handle *h = handle_at(w, link->off);
	bool root = link->parent == ~0ULL || foreign_is_way(w, link->pa);
	unsigned int i;

	if (!root && !h)
		return false;
	CHECK(!link->odd, "odd descriptor of table 0x%llx", ULL(link->pa));
	if (!root && !sim_owner(&w->sim, link->pa)) {
		compare_plant(c, link->off, link->height + 1, link->pa);
		return false;
	}
	CHECK(root || sim_owner(&w->sim, link->pa) == h->host,
	      "table 0x%llx is owned by the wrong one", ULL(link->pa));
	c->links += !root;
	sim_note(&w->sim, link);
	for (i = 0; i < w->handles; i++)
		compare_clean(c, link, &w->handle[i]);
	return true;
}

static void compare_rest(void *ctx, uint64_t off, unsigned int height, uint64_t desc)
{
	struct compare *c = ctx;

	CHECK(!handle_at(c->w, off), "odd descriptor 0x%llx at offset 0x%llx height %u",
	      ULL(desc), ULL(off), height);
}

uint32_t tables_in(const struct world *w, uint64_t first, uint64_t last)
{
	uint32_t tables = 0;
	unsigned int i;

	for (i = 0; i < w->handles; i++) {
		const struct handle *h = &w->handle[i];

		if (first <= h->last && last >= h->first)
			tables += maps_tables(&w->maps, h->height, max(first, h->first),
					      min(last, h->last));
	}
	return tables;
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
	compare_end(&c);
	links = tables_in(w, first, last);
	CHECK(c.links == links, "%u tables serve 0x%llx-0x%llx, expected %u", c.links,
	      ULL(first), ULL(last), links);
	return links;
}

void compare_all(struct world *w)
{
	compare(w, 0, half(w) - 1);
	foreign_compare_all(w);
}

/* The handle's books, whatever was done. */
void balance(struct world *w)
{
	const struct gpuas_space *space = &w->h->space;
	uint32_t tables = tables_mapped(w) + !!space->root_table, owned = 0;
	unsigned int i;

	for (i = 0; i < w->handles; i++) {
		if (w->handle[i].host == w->h->host)
			owned += w->handle[i].space.tables + w->handle[i].space.spares +
				 w->handle[i].token[0].spares + w->handle[i].token[0].tables +
				 w->handle[i].token[1].spares + w->handle[i].token[1].tables;
	}
	CHECK(w->h->host->owned == owned, "%u tables are handed out, %u are accounted for",
	      w->h->host->owned, owned);
	CHECK(w->h->depth ? space->tables >= tables : space->tables == tables,
	      "%u tables, expected %u", space->tables, tables);
}
