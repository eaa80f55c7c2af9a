// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Is a range RAM for Linux? Only if /memory says so: see
 * early_init_dt_scan_memory() in Linux drivers/of/fdt.c for what counts.
 */
#include "fdt_internal.h"

/* The schemas of /memory allow more; loaders and their fixups keep 4 to 64. */
enum { TUPLES_MAX = 256 };

/* All tuples of all /memory nodes that are not empty. */
struct cursor {
	const void *fdt;
	struct gpuas_fdt_tuples tuples;
	int node;
	unsigned int next;
};

/* Linux prefers the first of them where it is there. */
static const char *reg_name(const void *fdt, int node)
{
	static const char usable[] = "linux,usable-memory";

	return fdt_getprop(fdt, node, usable, NULL) ? usable : "reg";
}

static int next_node(const void *fdt, int node)
{
	do {
		node = node < 0 ? fdt_first_subnode(fdt, 0) :
				  fdt_next_subnode(fdt, node);
	} while (node >= 0 &&
		 !(gpuas_fdt_is_(fdt, node, "device_type", "memory") &&
		   gpuas_fdt_enabled_(fdt, node)));
	return node;
}

static void start(struct cursor *cursor, const void *fdt,
		  const struct gpuas_fdt_cells *cells)
{
	cursor->fdt = fdt;
	cursor->tuples.cells = *cells;
	cursor->tuples.count = 0;
	cursor->node = -1;
	cursor->next = 0;
}

/* The current tuple is number cursor->next - 1 of cursor->node. */
static bool next(struct cursor *cursor, struct gpuas_fdt_range *range)
{
	for (;;) {
		while (cursor->next < cursor->tuples.count)
			if (!gpuas_fdt_tuple_(&cursor->tuples, cursor->next++,
					      range))
				return true;
		cursor->node = next_node(cursor->fdt, cursor->node);
		if (cursor->node < 0)
			return false;
		gpuas_fdt_tuples_(cursor->fdt, cursor->node,
				  reg_name(cursor->fdt, cursor->node),
				  &cursor->tuples.cells, &cursor->tuples);
		cursor->next = 0;
	}
}

/* Number of tuples that are not empty; -GPUAS_EBADMSG if one is no range. */
static int node_ranges(const void *fdt, int node,
		       const struct gpuas_fdt_cells *cells)
{
	struct gpuas_fdt_tuples tuples;
	struct gpuas_fdt_range range;
	unsigned int i;
	int err, count = 0;

	if (gpuas_fdt_tuples_(fdt, node, reg_name(fdt, node), cells, &tuples) ||
	    tuples.count > TUPLES_MAX)
		return -GPUAS_EBADMSG;
	for (i = 0; i < tuples.count; i++) {
		err = gpuas_fdt_tuple_(&tuples, i, &range);
		if (err == -GPUAS_EBADMSG)
			return err;
		count += !err;
	}
	return count;
}

int gpuas_fdt_memory_valid_(const void *fdt,
			    const struct gpuas_fdt_cells *cells,
			    struct gpuas_report *report)
{
	int node, count, total = 0;

	for (node = next_node(fdt, -1); node >= 0; node = next_node(fdt, node)) {
		count = node_ranges(fdt, node, cells);
		if (count < 0)
			return gpuas_report(report, count, "node",
					    fdt_get_name(fdt, node, NULL),
					    "has ranges that are cut off, wrap, or are too many");
		total += count;
		if (total > TUPLES_MAX)
			return gpuas_report(report, -GPUAS_EBADMSG, "node",
					    "/memory", "has too many ranges");
	}
	return 0;
}

/*
 * Move @at past all memory that it is in; false if that includes @last. The cursor
 * is the caller's, as it is large for the stack.
 */
static bool skip_memory(struct cursor *cursor, const void *fdt,
			const struct gpuas_fdt_cells *cells, uint64_t *at,
			uint64_t last)
{
	struct gpuas_fdt_range memory;
	bool moved;

	do {
		moved = false;
		start(cursor, fdt, cells);
		while (next(cursor, &memory)) {
			if (*at < memory.first || *at > memory.last)
				continue;
			if (memory.last >= last)
				return false;
			*at = memory.last + 1;
			moved = true;
		}
	} while (moved);
	return true;
}

bool gpuas_fdt_memory_hole_(const void *fdt,
			    const struct gpuas_fdt_cells *cells,
			    const struct gpuas_fdt_range *range,
			    struct gpuas_fdt_range *hole)
{
	struct gpuas_fdt_range memory;
	struct cursor cursor;

	*hole = *range;
	if (!skip_memory(&cursor, fdt, cells, &hole->first, range->last))
		return false;
	start(&cursor, fdt, cells);
	while (next(&cursor, &memory))
		if (memory.first > hole->first && memory.first <= hole->last)
			hole->last = memory.first - 1;
	return true;
}

bool gpuas_fdt_memory_below_(const void *fdt,
			     const struct gpuas_fdt_cells *cells, uint64_t at,
			     uint64_t *last)
{
	struct gpuas_fdt_range memory;
	struct cursor cursor;
	bool found = false;

	start(&cursor, fdt, cells);
	while (next(&cursor, &memory)) {
		if (memory.first > at)
			continue;
		if (memory.last > at)
			memory.last = at;
		if (!found || memory.last > *last)
			*last = memory.last;
		found = true;
	}
	return found;
}

static bool inside(const struct gpuas_fdt_range *a,
		   const struct gpuas_fdt_range *b)
{
	return a->first >= b->first && a->last <= b->last;
}

/*
 * early_init_dt_check_for_usable_mem_range() in Linux: two ranges count, and none
 * if the property is cut off or the first is empty.
 */
bool gpuas_fdt_usable_(const void *fdt, const struct gpuas_fdt_cells *cells,
		       const struct gpuas_fdt_range *range)
{
	int err, chosen = gpuas_fdt_child_(fdt, 0, -1, "chosen");
	struct gpuas_fdt_tuples tuples;
	struct gpuas_fdt_range usable;
	unsigned int i;

	if (chosen < 0 ||
	    gpuas_fdt_tuples_(fdt, chosen, "linux,usable-memory-range", cells,
			      &tuples) || !tuples.count)
		return true;
	for (i = 0; i < tuples.count && i < 2; i++) {
		err = gpuas_fdt_tuple_(&tuples, i, &usable);
		if (err == -GPUAS_ENOENT)
			return !i;
		if (!err && inside(range, &usable))
			return true;
	}
	return false;
}

/* Does @b start where @a ends? */
static bool follows(const struct gpuas_fdt_range *a,
		    const struct gpuas_fdt_range *b)
{
	return b->first && b->first - 1 == a->last;
}

static bool fits(const struct gpuas_fdt_cells *cells,
		 const struct gpuas_fdt_range *range)
{
	uint64_t size = range->last - range->first + 1;

	return size && gpuas_fdt_fits_(range->last, cells->address) &&
	       gpuas_fdt_fits_(size, cells->size);
}

static void store(fdt32_t *cell, const struct gpuas_fdt_cells *cells,
		  const struct gpuas_fdt_range *range)
{
	gpuas_fdt_store_(cell, cells->address, range->first);
	gpuas_fdt_store_(cell + cells->address, cells->size,
			 range->last - range->first + 1);
}

/* Take tuple @i out of a node's property. */
static int drop(struct gpuas_fdt_edit *edit, int node, unsigned int i)
{
	const unsigned int cells = edit->cells.address + edit->cells.size;
	const char *prop = reg_name(edit->fdt, node);
	int len;
	fdt32_t *cell = fdt_getprop_w(edit->fdt, node, prop, &len);
	const int size = (int)(cells * sizeof(*cell));
	void *data;

	cell += i * cells;
	memmove(cell, cell + cells, (size_t)(len - size) - i * (size_t)size);
	return gpuas_fdt_resize_(edit, node, prop, len - size, &data);
}

/* The tuple that @cursor is at becomes @range. */
static void grow(struct gpuas_fdt_edit *edit, const struct cursor *cursor,
		 const struct gpuas_fdt_range *range)
{
	const struct gpuas_fdt_cells *cells = &edit->cells;
	const unsigned int mine = cursor->next - 1;
	fdt32_t *cell = fdt_getprop_w(edit->fdt, cursor->node,
				      reg_name(edit->fdt, cursor->node), NULL);

	store(cell + mine * (cells->address + cells->size), cells, range);
	edit->changed = true;
}

static int append(struct gpuas_fdt_edit *edit, int node,
		  const struct gpuas_fdt_range *range)
{
	const unsigned int cells = edit->cells.address + edit->cells.size;
	const char *prop = reg_name(edit->fdt, node);
	int len = 0, err;
	fdt32_t *cell;
	void *data;

	if (!fdt_getprop(edit->fdt, node, prop, &len))
		len = 0;
	err = gpuas_fdt_resize_(edit, node, prop,
				len + (int)(cells * sizeof(*cell)), &data);
	if (err)
		return err;
	cell = data;
	store(cell + (unsigned int)len / sizeof(*cell), &edit->cells, range);
	return 0;
}

/* Memory that may be taken away is no good place for a region. */
static bool hotpluggable(const void *fdt, int node)
{
	return fdt_getprop(fdt, node, "hotpluggable", NULL);
}

/* Find memory that ends, or else starts, at the hole, and can take it in. */
static bool find_neighbour(const struct gpuas_fdt_edit *edit,
			   const struct gpuas_fdt_range *hole, bool below,
			   struct cursor *cursor, struct gpuas_fdt_range *grown)
{
	start(cursor, edit->fdt, &edit->cells);
	while (next(cursor, grown)) {
		if (hotpluggable(edit->fdt, cursor->node))
			continue;
		if (below && follows(grown, hole))
			grown->last = hole->last;
		else if (!below && follows(hole, grown))
			grown->first = hole->first;
		else
			continue;
		if (fits(&edit->cells, grown))
			return true;
	}
	return false;
}

/* The node that gets a range more: one that has some, and that stays. */
static int find_node(const struct gpuas_fdt_edit *edit, bool *found)
{
	struct gpuas_fdt_range range;
	struct cursor cursor;

	*found = false;
	start(&cursor, edit->fdt, &edit->cells);
	while (next(&cursor, &range)) {
		*found = true;
		if (!hotpluggable(edit->fdt, cursor.node))
			return cursor.node;
	}
	return -1;
}

/* A range alone, where the loader has still to say what is RAM, would be all RAM. */
static int fill(struct gpuas_fdt_edit *edit, const struct gpuas_fdt_range *hole)
{
	struct gpuas_fdt_range grown;
	struct cursor cursor;
	bool found;
	int node;

	if (find_neighbour(edit, hole, true, &cursor, &grown) ||
	    find_neighbour(edit, hole, false, &cursor, &grown)) {
		grow(edit, &cursor, &grown);
		return 0;
	}
	node = find_node(edit, &found);
	if (node >= 0)
		return append(edit, node, hole);
	if (found)
		return gpuas_report(edit->report, -GPUAS_EBADMSG,
				    "device tree", NULL,
				    "has no RAM beside what is hotpluggable");
	if (next_node(edit->fdt, -1) < 0)
		return gpuas_report(edit->report, -GPUAS_EBADMSG,
				    "device tree", NULL, "has no /memory");
	return gpuas_report(edit->report, -GPUAS_EBADMSG, "device tree", NULL,
			    "/memory is empty, the loader has to fill it in");
}

/* Have @range, which fits the root's cells, inside /memory. */
static int extend(struct gpuas_fdt_edit *edit,
		  const struct gpuas_fdt_range *range, bool *extended)
{
	struct gpuas_fdt_range hole;
	int err = 0;

	while (!err &&
	       gpuas_fdt_memory_hole_(edit->fdt, &edit->cells, range, &hole)) {
		*extended = true;
		err = fill(edit, &hole);
	}
	return err;
}

/*
 * Ranges that meet become one: who reads /memory may keep only a few. Nodes that
 * say different things of their ranges, or would be left without one, keep them;
 * and the first range of all stays the first, as some take it for all of RAM.
 */

static bool same(const void *fdt, int a, int b, const char *prop)
{
	int a_len, b_len;
	const void *value = fdt_getprop(fdt, a, prop, &a_len);
	const void *other = fdt_getprop(fdt, b, prop, &b_len);

	return !value ? !other : other && a_len == b_len &&
				 !memcmp(value, other, (size_t)a_len);
}

static bool may_give(const struct cursor *giver, const struct cursor *taker)
{
	const void *fdt = giver->fdt;
	const int a = giver->node, b = taker->node;

	if (a == b)
		return true;
	return same(fdt, a, b, "numa-node-id") &&
	       hotpluggable(fdt, a) == hotpluggable(fdt, b) &&
	       gpuas_streq(reg_name(fdt, a), reg_name(fdt, b)) &&
	       node_ranges(fdt, a, &giver->tuples.cells) > 1;
}

/* Make @both of the two, if they meet. */
static bool join(const struct gpuas_fdt_cells *cells,
		 const struct gpuas_fdt_range *a,
		 const struct gpuas_fdt_range *b, struct gpuas_fdt_range *both)
{
	if (!gpuas_fdt_overlap_(a, b) && !follows(a, b) && !follows(b, a))
		return false;
	both->first = a->first < b->first ? a->first : b->first;
	both->last = a->last > b->last ? a->last : b->last;
	return fits(cells, both);
}

static bool find_pair(const struct gpuas_fdt_edit *edit, struct cursor *taker,
		      struct cursor *giver, struct gpuas_fdt_range *both)
{
	struct gpuas_fdt_range a, b;
	struct cursor swap;
	bool first = true;

	start(taker, edit->fdt, &edit->cells);
	for (; next(taker, &a); first = false) {
		*giver = *taker;
		while (next(giver, &b)) {
			if (!join(&edit->cells, &a, &b, both))
				continue;
			if (may_give(giver, taker))
				return true;
			if (first || !may_give(taker, giver))
				continue;
			swap = *taker;
			*taker = *giver;
			*giver = swap;
			return true;
		}
	}
	return false;
}

static int merge(struct gpuas_fdt_edit *edit)
{
	struct cursor taker, giver;
	struct gpuas_fdt_range both;
	int err = 0;

	while (!err && find_pair(edit, &taker, &giver, &both)) {
		grow(edit, &taker, &both);
		err = drop(edit, giver.node, giver.next - 1);
	}
	return err;
}

int gpuas_fdt_have_memory_(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_region *region = pub->manifest->region;
	struct gpuas_fdt_edit *edit = &pub->edit;
	struct gpuas_fdt_range range;
	bool extended = false;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < pub->manifest->regions; i++, region++) {
		if (!region->present || region->no_map)
			continue;
		range = gpuas_fdt_pas_(region);
		err = extend(edit, &range, &extended);
	}
	return err || !extended ? err : merge(edit);
}
