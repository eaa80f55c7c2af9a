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
	struct gpuas_fdt_cells cells;
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
	cursor->cells = *cells;
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
				  &cursor->cells, &cursor->tuples);
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

/* Move @at past all memory that it is in; false if that includes @last. */
static bool skip_memory(const void *fdt, const struct gpuas_fdt_cells *cells,
			uint64_t *at, uint64_t last)
{
	struct gpuas_fdt_range memory;
	struct cursor cursor;
	bool moved;

	do {
		moved = false;
		start(&cursor, fdt, cells);
		while (next(&cursor, &memory)) {
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
	if (!skip_memory(fdt, cells, &hole->first, range->last))
		return false;
	start(&cursor, fdt, cells);
	while (next(&cursor, &memory))
		if (memory.first > hole->first && memory.first <= hole->last)
			hole->last = memory.first - 1;
	return true;
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

/* The tuple that @cursor is at becomes @range, and takes in one that follows. */
static int grow(struct gpuas_fdt_edit *edit, const struct cursor *cursor,
		const struct gpuas_fdt_range *range)
{
	const struct gpuas_fdt_cells *cells = &edit->cells;
	const unsigned int mine = cursor->next - 1;
	fdt32_t *cell = fdt_getprop_w(edit->fdt, cursor->node,
				      reg_name(edit->fdt, cursor->node), NULL);
	struct gpuas_fdt_range other, both = *range;
	unsigned int i;

	cell += mine * (cells->address + cells->size);
	edit->changed = true;
	store(cell, cells, range);
	for (i = 0; i < cursor->tuples.count; i++) {
		if (gpuas_fdt_tuple_(&cursor->tuples, i, &other) ||
		    !other.first || other.first - 1 != range->last)
			continue;
		both.last = other.last;
		if (!fits(cells, &both))
			continue;
		store(cell, cells, &both);
		return drop(edit, cursor->node, i);
	}
	return 0;
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

/* Find memory that ends, or else starts, at the hole, and can take it in. */
static bool find_neighbour(const struct gpuas_fdt_edit *edit,
			   const struct gpuas_fdt_range *hole, bool below,
			   struct cursor *cursor, struct gpuas_fdt_range *grown)
{
	start(cursor, edit->fdt, &edit->cells);
	while (next(cursor, grown)) {
		if (below && hole->first && grown->last == hole->first - 1)
			grown->last = hole->last;
		else if (!below && grown->first &&
			 grown->first - 1 == hole->last)
			grown->first = hole->first;
		else
			continue;
		if (fits(&edit->cells, grown))
			return true;
	}
	return false;
}

/*
 * Preferably a range that is there grows: loaders keep few. Upwards first, so
 * that grow() need not look for a range to join below.
 */
static int fill(struct gpuas_fdt_edit *edit, const struct gpuas_fdt_range *hole)
{
	struct gpuas_fdt_range grown;
	struct cursor cursor;
	int node;

	if (find_neighbour(edit, hole, true, &cursor, &grown) ||
	    find_neighbour(edit, hole, false, &cursor, &grown))
		return grow(edit, &cursor, &grown);
	node = next_node(edit->fdt, -1);
	if (node < 0)
		return gpuas_report(edit->report, -GPUAS_EBADMSG,
				    "device tree", NULL, "has no /memory");
	return append(edit, node, hole);
}

/* Have @range, which fits the root's cells, inside /memory. */
static int extend(struct gpuas_fdt_edit *edit,
		  const struct gpuas_fdt_range *range)
{
	struct gpuas_fdt_range hole;
	int err = 0;

	while (!err &&
	       gpuas_fdt_memory_hole_(edit->fdt, &edit->cells, range, &hole))
		err = fill(edit, &hole);
	return err;
}

static unsigned int count_ranges(const struct gpuas_fdt_edit *edit)
{
	struct gpuas_fdt_range range;
	struct cursor cursor;
	unsigned int count = 0;

	start(&cursor, edit->fdt, &edit->cells);
	while (next(&cursor, &range))
		count++;
	return count;
}

int gpuas_fdt_have_memory_(struct gpuas_fdt_publication *pub)
{
	const struct gpuas_region *region = pub->manifest->region;
	const struct gpuas_fdt_limits *limits = pub->limits;
	struct gpuas_fdt_edit *edit = &pub->edit;
	struct gpuas_fdt_range range;
	unsigned int i, count;
	int err = 0;

	for (i = 0; !err && i < pub->manifest->regions; i++, region++) {
		if (!region->present)
			continue;
		range = gpuas_fdt_pas_(region);
		err = extend(edit, &range);
	}
	if (err || !limits || !limits->memory_ranges)
		return err;
	count = count_ranges(edit);
	if (count <= limits->memory_ranges)
		return 0;
	return gpuas_report_hex(edit->report, -GPUAS_E2BIG, "node", "/memory",
				"needs more ranges than the loader keeps:",
				count);
}
