// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Reserved memory with a size and no place: the kernel finds one, or does without
 * the pool and the devices that need it. Placed are the pools as Linux' memblock
 * does by default, in the tree's order from the top down. Where kernel and initrd
 * will lie nobody knows yet: a pool that has room here may find none there, but
 * never because of the GPU alone.
 */
#include "fdt_internal.h"

enum {
	/* No tree of Debian has more; those beyond are each judged as the next. */
	POOLS_MAX = 3,
	PAGE = 0x1000,
	/* The least for CMA: what kernels with pages of 4 KiB had by the older rule. */
	CMA_ALIGN_SHIFT = 22,
};

struct pool {
	uint64_t size;
	uint64_t align;
};

/**
 * struct places - What is taken already, and by whom
 * @fdt: the tree
 * @cells: of its root
 * @parent: /reserved-memory
 * @gpu: the GPU's node, whose regions do not count; or negative
 * @cma_align: the kernel's own alignment of CMA pools
 * @count: pools that were placed
 * @place: where
 */
struct places {
	const void *fdt;
	struct gpuas_fdt_cells cells;
	int parent;
	int gpu;
	uint32_t cma_align;
	unsigned int count;
	struct gpuas_fdt_range place[POOLS_MAX];
};

/* One number in a property; false if it is of another length. */
static bool get_number(const void *fdt, int node, const char *prop,
		       unsigned int cells, uint64_t *value)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, node, prop, &len);

	if (!cell || len != (int)(cells * sizeof(*cell)))
		return false;
	*value = gpuas_fdt_load_(cell, cells);
	return true;
}

static bool is_cma(const void *fdt, int node)
{
	return fdt_getprop(fdt, node, "reusable", NULL) &&
	       !fdt_getprop(fdt, node, "no-map", NULL) &&
	       !fdt_node_check_compatible(fdt, node, "shared-dma-pool");
}

/* Is this a pool that Linux would try to place? */
static bool get_pool(const struct places *places, int node, struct pool *pool)
{
	const void *fdt = places->fdt;

	if (!gpuas_fdt_enabled_(fdt, node) ||
	    fdt_getprop(fdt, node, "reg", NULL) ||
	    !get_number(fdt, node, "size", places->cells.size, &pool->size))
		return false;
	pool->align = PAGE;
	if (fdt_getprop(fdt, node, "alignment", NULL) &&
	    !get_number(fdt, node, "alignment", places->cells.address,
			&pool->align))
		return false;
	if (is_cma(fdt, node) && pool->align < places->cma_align)
		pool->align = places->cma_align;
	return pool->size && pool->align &&
	       !(pool->align & (pool->align - 1));
}

static bool node_takes(const struct places *places, int node,
		       const struct gpuas_fdt_range *range,
		       struct gpuas_fdt_range *taken)
{
	return !(places->gpu >= 0 &&
		 gpuas_fdt_linked_(places->fdt, places->gpu, node)) &&
	       gpuas_fdt_reserves_(places->fdt, node, &places->cells, range,
				   taken);
}

/* Find what is in the way of @range: no memory, or somebody else's. */
static bool find_obstacle(const struct places *places,
			  const struct gpuas_fdt_range *range,
			  struct gpuas_fdt_range *obstacle)
{
	unsigned int i;
	int node;

	if (gpuas_fdt_memory_hole_(places->fdt, &places->cells, range,
				   obstacle) ||
	    gpuas_fdt_memreserves_(places->fdt, range, obstacle))
		return true;
	fdt_for_each_subnode(node, places->fdt, places->parent)
		if (node_takes(places, node, range, obstacle))
			return true;
	for (i = 0; i < places->count; i++) {
		*obstacle = places->place[i];
		if (gpuas_fdt_overlap_(range, obstacle))
			return true;
	}
	return false;
}

/* From the top of @from down, past one obstacle after the other. */
static bool place_in(const struct places *places, const struct pool *pool,
		     const struct gpuas_fdt_range *from,
		     struct gpuas_fdt_range *place)
{
	struct gpuas_fdt_range obstacle;
	uint64_t last = from->last;

	while (gpuas_fdt_memory_below_(places->fdt, &places->cells, last,
				       &last)) {
		if (last < from->first || last - from->first < pool->size - 1)
			break;
		place->first = (last - (pool->size - 1)) & ~(pool->align - 1);
		place->last = place->first + (pool->size - 1);
		if (place->first < from->first)
			break;
		if (!find_obstacle(places, place, &obstacle))
			return true;
		if (!obstacle.first)
			break;
		last = obstacle.first - 1;
	}
	return false;
}

static bool place_pool(struct places *places, int node, const struct pool *pool)
{
	struct gpuas_fdt_range from = { 0, UINT64_MAX }, place;
	struct gpuas_fdt_tuples tuples;
	unsigned int i;
	bool placed = false;

	if (gpuas_fdt_tuples_(places->fdt, node, "alloc-ranges",
			      &places->cells, &tuples))
		return false;
	if (!tuples.cell)
		placed = place_in(places, pool, &from, &place);
	for (i = 0; !placed && i < tuples.count; i++)
		placed = !gpuas_fdt_tuple_(&tuples, i, &from) &&
			 place_in(places, pool, &from, &place);
	if (placed && places->count < POOLS_MAX)
		places->place[places->count++] = place;
	return placed;
}

/* The first pool after @after that finds no place, while the others take theirs. */
static int find_loser(struct places *places, int gpu, int after,
		      struct pool *pool)
{
	int node;

	places->gpu = gpu;
	places->count = 0;
	fdt_for_each_subnode(node, places->fdt, places->parent)
		if (get_pool(places, node, pool) &&
		    !place_pool(places, node, pool) && node > after)
			break;
	return node;
}

/* What an entry above the leaf tables covers, with pages of that size. */
static uint32_t cma_align(unsigned int page_shift)
{
	const unsigned int shift = 2 * page_shift - 3;

	return 1u << (shift > CMA_ALIGN_SHIFT ? shift : CMA_ALIGN_SHIFT);
}

/* A pool that finds no place without the GPU's regions either is not ours to mend. */
int gpuas_fdt_pools_fit_(const void *fdt, int gpu, unsigned int page_shift,
			 struct gpuas_report *report)
{
	struct places places = {
		.fdt = fdt,
		.parent = gpuas_fdt_child_(fdt, 0, -1, "reserved-memory"),
		.cma_align = cma_align(page_shift),
	};
	struct pool pool;
	int node = -1;

	if (places.parent < 0 || !gpuas_fdt_cells_(fdt, 0, &places.cells))
		return 0;
	do {
		node = find_loser(&places, -1, node, &pool);
		if (node < 0)
			return 0;
	} while (find_loser(&places, gpu, node - 1, &pool) == node);
	get_pool(&places, node, &pool);
	return gpuas_report_hex(report, -GPUAS_EBUSY, "node",
				fdt_get_name(fdt, node, NULL),
				"gets no room beside the GPU's regions, and needs",
				pool.size);
}
