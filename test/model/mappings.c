// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "mappings.h"

#include <stdlib.h>

uint64_t mapping_size(const struct mappings *maps, const struct mapping *run)
{
	return 1ULL << arm_shift(maps->mmu, run->height);
}

uint64_t mapping_end(const struct mappings *maps, const struct mapping *run)
{
	return run->off + run->count * mapping_size(maps, run);
}

unsigned int maps_find(const struct mappings *maps, uint64_t off)
{
	unsigned int low = 0, high = maps->n;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (mapping_end(maps, &maps->at[mid]) > off)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool any(const struct mappings *maps, uint64_t first, uint64_t last, bool foreign)
{
	unsigned int i;

	for (i = maps_find(maps, first); i < maps->n && maps->at[i].off <= last; i++) {
		if (maps->at[i].foreign == foreign)
			return true;
	}
	return false;
}

bool maps_busy(const struct mappings *maps, uint64_t first, uint64_t last)
{
	return any(maps, first, last, false);
}

bool maps_planted(const struct mappings *maps, uint64_t first, uint64_t last)
{
	return any(maps, first, last, true);
}

bool maps_lookup(const struct mappings *maps, uint64_t off, struct arm_leaf *leaf)
{
	unsigned int i = maps_find(maps, off);
	const struct mapping *run = &maps->at[i];
	uint64_t size, n;

	if (i == maps->n || run->off > off)
		return false;
	size = mapping_size(maps, run);
	n = (off - run->off) / size;
	leaf->off = run->off + n * size;
	leaf->size = size;
	leaf->count = 1;
	leaf->step = run->repeat ? 0 : size;
	leaf->height = run->height;
	leaf->pa = run->pa + (run->repeat ? 0 : n * size);
	leaf->attr = run->attr;
	leaf->odd = false;
	return true;
}

static void insert(struct mappings *maps, unsigned int i, struct mapping run)
{
	if (maps->n == maps->room) {
		maps->room = 2 * maps->room + 64;
		maps->at = realloc(maps->at, maps->room * sizeof(*maps->at));
		if (!maps->at)
			abort();
	}
	memmove(&maps->at[i + 1], &maps->at[i], (maps->n - i) * sizeof(*maps->at));
	maps->at[i] = run;
	maps->n++;
}

static void drop(struct mappings *maps, unsigned int i, unsigned int end)
{
	if (i == end)
		return;
	memmove(&maps->at[i], &maps->at[end], (maps->n - end) * sizeof(*maps->at));
	maps->n -= end - i;
}

/* Make run @i end after @count leaves, the rest of it follow as run @i + 1. */
static void split(struct mappings *maps, unsigned int i, uint64_t count)
{
	struct mapping rest = maps->at[i];
	uint64_t skip = count * mapping_size(maps, &rest);

	rest.off += skip;
	rest.count -= count;
	rest.pa += rest.repeat ? 0 : skip;
	maps->at[i].count = count;
	insert(maps, i + 1, rest);
}

bool maps_cuts(const struct mappings *maps, uint64_t off, uint64_t *first,
	       uint64_t *last)
{
	struct arm_leaf leaf;

	if (!maps_lookup(maps, off, &leaf) || leaf.off == off)
		return false;
	*first = leaf.off;
	*last = leaf.off + leaf.size - 1;
	return true;
}

void maps_cut(struct mappings *maps, uint64_t off)
{
	unsigned int i = maps_find(maps, off);
	uint64_t size, in;

	if (i == maps->n || maps->at[i].off >= off)
		return;
	size = mapping_size(maps, &maps->at[i]);
	in = off - maps->at[i].off;
	if (in / size) {
		split(maps, i, in / size);
		i++;
	}
	if (in % size == 0)
		return;
	/* Inside the first block of run @i: it becomes smaller leaves. */
	if (maps->at[i].count > 1)
		split(maps, i, 1);
	maps->at[i].height--;
	maps->at[i].count = size / mapping_size(maps, &maps->at[i]);
	maps_cut(maps, off);
}

void maps_clear(struct mappings *maps, uint64_t first, uint64_t last)
{
	unsigned int i, end;

	maps_cut(maps, first);
	maps_cut(maps, last + 1);
	i = maps_find(maps, first);
	for (end = i; end < maps->n && maps->at[end].off <= last; end++)
		;
	drop(maps, i, end);
}

/* Does a run go on where another one ended? */
static bool joins(const struct mappings *maps, const struct mapping *a,
		  const struct mapping *b)
{
	return a->height == b->height && a->attr == b->attr && !a->repeat &&
	       !b->repeat && !a->foreign && !b->foreign && mapping_end(maps, a) == b->off &&
	       a->pa + (b->off - a->off) == b->pa;
}

static void put(struct mappings *maps, struct mapping run)
{
	unsigned int i = maps_find(maps, run.off);

	if (i && joins(maps, &maps->at[i - 1], &run))
		maps->at[i - 1].count += run.count;
	else
		insert(maps, i, run);
}

/*
 * Tables that entries at @height lead to: one for each entry that has leaves below
 * it. Runs are in order, so a table was counted if it is the last one that was.
 */
static uint32_t tables_at(const struct mappings *maps, unsigned int height,
			  uint64_t first, uint64_t last)
{
	unsigned int shift = arm_shift(maps->mmu, height), i;
	uint64_t from = first >> shift, to = last >> shift;
	uint32_t tables = 0;
	bool any = false;
	uint64_t done = 0;

	for (i = maps_find(maps, from << shift); i < maps->n; i++) {
		const struct mapping *run = &maps->at[i];
		uint64_t a = run->off >> shift;
		uint64_t b = (mapping_end(maps, run) - 1) >> shift;

		if (a > to)
			break;
		if (run->height >= height)
			continue;
		a = a < from ? from : a;
		a = any && a <= done ? done + 1 : a;
		b = b > to ? to : b;
		if (b < a)
			continue;
		tables += (uint32_t)(b - a + 1);
		done = b;
		any = true;
	}
	return tables;
}

/* Height of the largest leaf that can start here. */
static unsigned int fits(const struct mappings *maps, uint64_t off, uint64_t pa,
			 uint64_t size, const struct mappings *old)
{
	unsigned int height;

	for (height = maps->blocks ? maps->top : 0; height; height--) {
		uint64_t span = 1ULL << arm_shift(maps->mmu, height);

		if (arm_block_legal(maps->mmu, height) && size >= span &&
		    !((off | pa) & (span - 1)) &&
		    !(old && tables_at(old, height, off, off + span - 1)))
			break;
	}
	return height;
}

void maps_replace(struct mappings *maps, uint64_t off, uint64_t pa, uint64_t size,
		  gpuas_attr_t attr, const struct mappings *old)
{
	while (size) {
		struct mapping run = {
			.off = off, .count = 1, .height = fits(maps, off, pa, size, old),
			.pa = pa, .attr = attr,
		};
		uint64_t step = mapping_size(maps, &run);

		/* Pages, up to where a block could begin. */
		if (!run.height) {
			uint64_t span = 1ULL << arm_shift(maps->mmu, 1);
			uint64_t next = maps->blocks ? span - (off & (span - 1)) : size;

			run.count = (next < size ? next : size) / step;
			step *= run.count;
		}
		put(maps, run);
		off += step;
		pa += step;
		size -= step;
	}
}

void maps_put(struct mappings *maps, uint64_t off, uint64_t pa, uint64_t size,
	      gpuas_attr_t attr)
{
	maps_replace(maps, off, pa, size, attr, NULL);
}

void maps_copy(const struct mappings *maps, struct mappings *copy)
{
	if (copy->room < maps->n) {
		copy->room = maps->room;
		copy->at = realloc(copy->at, copy->room * sizeof(*copy->at));
		if (!copy->at)
			abort();
	}
	copy->mmu = maps->mmu;
	copy->blocks = maps->blocks;
	copy->n = maps->n;
	if (maps->n)
		memcpy(copy->at, maps->at, maps->n * sizeof(*maps->at));
}

void maps_repeat(struct mappings *maps, uint64_t off, uint64_t pa, uint64_t size,
		 gpuas_attr_t attr)
{
	put(maps, (struct mapping) {
		.off = off, .count = size >> maps->mmu->page_shift, .pa = pa,
		.repeat = true, .attr = attr,
	});
}

void maps_plant(struct mappings *maps, uint64_t off, unsigned int height, uint64_t pa)
{
	put(maps, (struct mapping) {
		.off = off, .count = 1, .height = height, .pa = pa, .foreign = true,
	});
}

void maps_release(struct mappings *maps, uint64_t first, uint64_t last, unsigned int height)
{
	unsigned int i = maps_find(maps, first);

	while (i < maps->n && maps->at[i].off <= last) {
		if (maps->at[i].foreign && maps->at[i].height == height)
			i++;
		else
			drop(maps, i, i + 1);
	}
}

void maps_protect(struct mappings *maps, uint64_t first, uint64_t last,
		  gpuas_attr_t attr)
{
	unsigned int i;

	maps_cut(maps, first);
	maps_cut(maps, last + 1);
	for (i = maps_find(maps, first); i < maps->n && maps->at[i].off <= last; i++)
		maps->at[i].attr = attr;
}

uint32_t maps_tables(const struct mappings *maps, unsigned int top, uint64_t first,
		     uint64_t last)
{
	uint32_t tables = 0;

	for (; top; top--)
		tables += tables_at(maps, top, first, last);
	return tables;
}

uint32_t maps_missing(const struct mappings *maps, uint64_t first, uint64_t last)
{
	unsigned int height;
	uint32_t tables = 0;

	for (height = maps->top; height; height--) {
		unsigned int shift = arm_shift(maps->mmu, height);

		tables += (uint32_t)((last >> shift) - (first >> shift) + 1);
	}
	return tables - maps_tables(maps, maps->top, first, last);
}
