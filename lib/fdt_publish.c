// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Edits happen in a copy, in steps that each leave alone what is right already.
 * libfdt puts new nodes and properties in front of others: those that are made
 * in a row are made last to first.
 */
#include "fdt_internal.h"

enum {
	SCRATCH_ALIGN = 8,
	SCRATCH_LIMIT = 0x7fffffff,
	/* 31 of a name, '@', 16 digits, zero; some to spare for longer names. */
	NODE_NAME_MAX = 64,
	PHANDLE_LIMIT = 0xfffffffe - 1,
};

/* struct publication - One handover on its way into one tree */
struct publication {
	struct gpuas_fdt_edit edit;
	const struct gpuas_board *board;
	const struct gpuas_handover *handover;
	const struct gpuas_fdt_limits *limits;
};

/*
 * Steps of an edit
 */

static int step(struct gpuas_fdt_edit *edit, int result, const char *thing,
		const char *name)
{
	size_t used = fdt_off_dt_strings(edit->fdt) +
		      (size_t)fdt_size_dt_strings(edit->fdt);

	if (result < 0)
		return gpuas_fdt_error_(result, edit->report, thing, name);
	edit->changed = true;
	if (used > edit->used)
		edit->used = used;
	return 0;
}

int gpuas_fdt_resize_(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      int len, void **data)
{
	return step(edit,
		    fdt_setprop_placeholder(edit->fdt, node, prop, len, data),
		    "property", prop);
}

static bool equal(const void *fdt, int node, const char *prop,
		  const void *value, size_t len)
{
	int old_len;
	const void *old = fdt_getprop(fdt, node, prop, &old_len);

	return old && (size_t)old_len == len && !memcmp(old, value, len);
}

static int set(struct gpuas_fdt_edit *edit, int node, const char *prop,
	       const void *value, size_t len)
{
	void *data;
	int err;

	if (equal(edit->fdt, node, prop, value, len))
		return 0;
	err = gpuas_fdt_resize_(edit, node, prop, (int)len, &data);
	if (!err)
		memcpy(data, value, len);
	return err;
}

static int set_string(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      const char *str)
{
	size_t len = 0;

	while (str[len])
		len++;
	return set(edit, node, prop, str, len + 1);
}

static int exists(struct gpuas_fdt_edit *edit, const char *thing,
		  const char *name, const char *prop)
{
	return gpuas_fdt_report_(edit->report, -GPUAS_EEXIST, thing, name,
				 "the tree has another ", prop);
}

/* Set a property that nobody has set to something else. */
static int put(struct gpuas_fdt_edit *edit, int node, const char *thing,
	       const char *name, const char *prop, const fdt32_t *cell,
	       unsigned int cells)
{
	const size_t len = cells * sizeof(*cell);

	if (fdt_getprop(edit->fdt, node, prop, NULL) &&
	    !equal(edit->fdt, node, prop, cell, len))
		return exists(edit, thing, name, prop);
	return set(edit, node, prop, cell, len);
}

static int put_number(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      uint32_t value)
{
	fdt32_t cell;

	gpuas_fdt_store_(&cell, 1, value);
	return put(edit, node, "GPU node", NULL, prop, &cell, 1);
}

static int put_window(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      const struct gpuas_range *window)
{
	fdt32_t cell[4];

	gpuas_fdt_store_(cell, 2, gpuas_va_u64(window->va));
	gpuas_fdt_store_(cell + 2, 2, window->size);
	return put(edit, node, "GPU node", NULL, prop, cell, 4);
}

static int add_node(struct gpuas_fdt_edit *edit, int parent, const char *name,
		    int *node)
{
	*node = fdt_add_subnode(edit->fdt, parent, name);
	return step(edit, *node, "node", name);
}

/* Only "disabled" says that the node waits for somebody to enable it. */
static int enable(struct gpuas_fdt_edit *edit, int node, const char *thing,
		  const char *name)
{
	if (gpuas_fdt_enabled_(edit->fdt, node))
		return 0;
	if (!gpuas_fdt_is_(edit->fdt, node, "status", "disabled"))
		return exists(edit, thing, name, "status");
	return set_string(edit, node, "status", "okay");
}

static int get_phandle(struct gpuas_fdt_edit *edit, int node, uint32_t *phandle)
{
	fdt32_t cell;

	*phandle = fdt_get_phandle(edit->fdt, node);
	if (*phandle)
		return 0;
	if (fdt_find_max_phandle(edit->fdt, phandle) ||
	    *phandle > PHANDLE_LIMIT)
		return gpuas_report(edit->report, -GPUAS_E2BIG, "device tree",
				    NULL, "has no phandle left");
	gpuas_fdt_store_(&cell, 1, ++*phandle);
	return set(edit, node, "phandle", &cell, sizeof(cell));
}

/*
 * /reserved-memory
 */

static int find_reserved(const void *fdt)
{
	return gpuas_fdt_child_(fdt, 0, -1, "reserved-memory");
}

static int find_region(const void *fdt, const struct gpuas_board_region *from)
{
	return gpuas_fdt_child_(fdt, find_reserved(fdt), -1, from->node);
}

/* One that is not as it should be has no children: gpuas_fdt_open_() saw to it. */
static int have_reserved(struct gpuas_fdt_edit *edit)
{
	int node = find_reserved(edit->fdt), err = 0;
	fdt32_t cell;

	if (node >= 0 &&
	    gpuas_fdt_reserved_valid_(edit->fdt, node, &edit->cells))
		return 0;
	if (node < 0)
		err = add_node(edit, 0, "reserved-memory", &node);
	if (!err)
		err = set(edit, node, "ranges", "", 0);
	gpuas_fdt_store_(&cell, 1, edit->cells.size);
	if (!err)
		err = set(edit, node, "#size-cells", &cell, sizeof(cell));
	gpuas_fdt_store_(&cell, 1, edit->cells.address);
	if (!err)
		err = set(edit, node, "#address-cells", &cell, sizeof(cell));
	return err;
}

/* "<node>@<pa>", as dtc wants it: lower case, no leading zeros. */
static bool full_name(char *name, const char *node, uint64_t pa)
{
	unsigned int len = 0, digits = 1;

	while (digits < 16 && pa >> (4 * digits))
		digits++;
	while (*node && len < NODE_NAME_MAX)
		name[len++] = *node++;
	if (len + digits + 2 > NODE_NAME_MAX)
		return false;
	name[len++] = '@';
	while (digits--)
		name[len++] = "0123456789abcdef"[pa >> (4 * digits) & 0xf];
	name[len] = '\0';
	return true;
}

/* A placeholder has no unit address, as nobody knew it; or it is this one. */
static bool name_fits(const void *fdt, int node, const char *base,
		      const char *full)
{
	const char *name = fdt_get_name(fdt, node, NULL);

	return gpuas_streq(name, base) || gpuas_streq(name, full);
}

static int fill_region(struct gpuas_fdt_edit *edit, int node,
		       const struct gpuas_board_region *from, const char *full,
		       const fdt32_t *reg, unsigned int cells)
{
	const void *fdt = edit->fdt;
	const bool live = gpuas_fdt_enabled_(fdt, node);
	const bool has_reg = fdt_getprop(fdt, node, "reg", NULL);
	int err;

	if (!name_fits(fdt, node, from->node, full))
		return exists(edit, "region", from->name, "unit address");
	if (live && has_reg)
		return put(edit, node, "region", from->name, "reg", reg, cells);
	if (live && fdt_getprop(fdt, node, "size", NULL))
		return exists(edit, "region", from->name,
			      "node, placed by the kernel");
	err = enable(edit, node, "region", from->name);
	if (!err)
		err = set(edit, node, "reg", reg, cells * sizeof(*reg));
	return err;
}

static int skip_region(struct gpuas_fdt_edit *edit, int node,
		       const struct gpuas_board_region *from)
{
	if (node >= 0 && gpuas_fdt_enabled_(edit->fdt, node) &&
	    fdt_getprop(edit->fdt, node, "reg", NULL))
		return exists(edit, "region", from->name,
			      "handover, where it is present");
	return 0;
}

static int have_region(struct gpuas_fdt_edit *edit,
		       const struct gpuas_board_region *from,
		       const struct gpuas_region *region)
{
	const struct gpuas_fdt_cells *cells = &edit->cells;
	const uint64_t pa = gpuas_pa_u64(region->pa);
	int err, node = find_region(edit->fdt, from);
	char name[NODE_NAME_MAX];
	fdt32_t reg[4];

	if (!region->present)
		return skip_region(edit, node, from);
	if (!gpuas_fdt_fits_(pa + region->size - 1, cells->address) ||
	    !gpuas_fdt_fits_(region->size, cells->size))
		return gpuas_report_hex(edit->report, -GPUAS_ERANGE, "region",
					from->name,
					"does not fit the tree's cells: PA", pa);
	if (!full_name(name, from->node, pa))
		return gpuas_report(edit->report, -GPUAS_EINVAL, "node",
				    from->node, "has a name that is too long");
	gpuas_fdt_store_(reg, cells->address, pa);
	gpuas_fdt_store_(reg + cells->address, cells->size, region->size);
	if (node >= 0)
		return fill_region(edit, node, from, name, reg,
				   cells->address + cells->size);
	err = add_node(edit, find_reserved(edit->fdt), name, &node);
	if (!err)
		err = set(edit, node, "reg", reg,
			  (cells->address + cells->size) * sizeof(*reg));
	return err;
}

static int have_regions(struct publication *pub)
{
	unsigned int i = pub->board->regions;
	uint32_t phandle;
	int err = 0;

	while (!err && i--)
		err = have_region(&pub->edit, &pub->board->region[i],
				  &pub->handover->region[i]);
	for (i = 0; !err && i < pub->board->regions; i++)
		if (pub->handover->region[i].present)
			err = get_phandle(&pub->edit,
					  find_region(pub->edit.fdt,
						      &pub->board->region[i]),
					  &phandle);
	return err;
}

/*
 * The GPU node
 */

static int make_gpu(struct gpuas_fdt_edit *edit,
		    const struct gpuas_board *board, int *node)
{
	int err;

	if (!board->gpu_node)
		return gpuas_report(edit->report, -GPUAS_ENOENT, "node",
				    board->compatible, "is missing");
	if (gpuas_fdt_child_(edit->fdt, 0, -1, board->gpu_node) >= 0)
		return exists(edit, "node", board->gpu_node, "compatible");
	err = add_node(edit, 0, board->gpu_node, node);
	if (!err)
		err = set_string(edit, *node, "compatible", board->compatible);
	return err;
}

static int have_gpu(struct publication *pub)
{
	int node = gpuas_fdt_gpu_(pub->edit.fdt, pub->board);

	if (node >= 0)
		return enable(&pub->edit, node, "GPU node", NULL);
	return make_gpu(&pub->edit, pub->board, &node);
}

/* Is the region's node in the GPU's memory-region? */
static bool linked(const void *fdt, int gpu, int node)
{
	int len, i;
	const fdt32_t *list = fdt_getprop(fdt, gpu, "memory-region", &len);
	const uint32_t phandle = node < 0 ? 0 : fdt_get_phandle(fdt, node);

	for (i = 0; list && phandle && i < len / (int)sizeof(*list); i++)
		if (fdt32_to_cpu(list[i]) == phandle)
			return true;
	return false;
}

static int add_list(struct publication *pub)
{
	const struct gpuas_board *board = pub->board;
	const void *fdt = pub->edit.fdt;
	fdt32_t list[GPUAS_REGIONS_MAX];
	unsigned int i, count = 0;

	for (i = 0; i < board->regions; i++)
		if (pub->handover->region[i].present)
			fdt32_st(&list[count++],
				 fdt_get_phandle(fdt,
						 find_region(fdt, &board->region[i])));
	return set(&pub->edit, gpuas_fdt_gpu_(fdt, board), "memory-region",
		   list, count * sizeof(list[0]));
}

static int add_names(struct publication *pub)
{
	const struct gpuas_board *board = pub->board;
	const void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, board);
	char names[GPUAS_REGIONS_MAX * GPUAS_NAME_MAX];
	unsigned int i, len = 0;
	const char *name;

	for (i = 0; i < board->regions; i++) {
		if (!linked(fdt, gpu, find_region(fdt, &board->region[i])))
			continue;
		for (name = board->region[i].name; *name; name++)
			names[len++] = *name;
		names[len++] = '\0';
	}
	return set(&pub->edit, gpu, "memory-region-names", names, len);
}

/* Does entry @i of the lists stand for this region? */
static bool lists(const void *fdt, int gpu, int i,
		  const struct gpuas_board_region *from)
{
	int len, node = find_region(fdt, from);
	const fdt32_t *list = fdt_getprop(fdt, gpu, "memory-region", &len);

	return i < len / (int)sizeof(*list) && node >= 0 &&
	       gpuas_streq(fdt_stringlist_get(fdt, gpu, "memory-region-names",
					      i, NULL), from->name) &&
	       fdt32_to_cpu(list[i]) == fdt_get_phandle(fdt, node);
}

/* The regions, in the board's order, and no others. */
static int check_lists(struct publication *pub)
{
	const struct gpuas_board_region *from = pub->board->region;
	const void *fdt = pub->edit.fdt;
	const int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	int len, entries = 0;
	unsigned int i;

	for (i = 0; i < pub->board->regions; i++, from++) {
		if (lists(fdt, gpu, entries, from))
			entries++;
		else if (pub->handover->region[i].present)
			return exists(&pub->edit, "region", from->name,
				      "memory-region or memory-region-names");
	}
	fdt_getprop(fdt, gpu, "memory-region", &len);
	if (len != entries * (int)sizeof(fdt32_t) ||
	    fdt_stringlist_count(fdt, gpu, "memory-region-names") != entries)
		return exists(&pub->edit, "GPU node", NULL,
			      "memory-region or memory-region-names");
	return 0;
}

static int link_regions(struct publication *pub)
{
	const void *fdt = pub->edit.fdt;
	int err = 0;

	if (!fdt_getprop(fdt, gpuas_fdt_gpu_(fdt, pub->board),
			 "memory-region-names", NULL)) {
		if (!fdt_getprop(fdt, gpuas_fdt_gpu_(fdt, pub->board),
				 "memory-region", NULL))
			err = add_list(pub);
		if (!err)
			err = add_names(pub);
	} else if (!fdt_getprop(fdt, gpuas_fdt_gpu_(fdt, pub->board),
				"memory-region", NULL)) {
		err = add_list(pub);
	}
	return err ? err : check_lists(pub);
}

/*
 * What bindings of ours say on top
 */

static int describe_region(struct publication *pub, uint32_t gpu_phandle,
			   const struct gpuas_board_region *from,
			   const struct gpuas_region *region)
{
	const void *fdt = pub->edit.fdt;
	int gpu = gpuas_fdt_gpu_(fdt, pub->board);
	uint64_t va = gpuas_va_u64(region->va);
	struct gpuas_fdt_cells cells;
	fdt32_t cell[5];

	if (!gpuas_fdt_cells_(fdt, fdt_parent_offset(fdt, gpu), &cells) ||
	    !gpuas_fdt_fits_(va, cells.address) ||
	    !gpuas_fdt_fits_(region->size, cells.size))
		return gpuas_report_hex(pub->edit.report, -GPUAS_ERANGE,
					"region", from->name,
					"does not fit the GPU's cells: VA", va);
	fdt32_st(cell, gpu_phandle);
	gpuas_fdt_store_(cell + 1, cells.address, va);
	gpuas_fdt_store_(cell + 1 + cells.address, cells.size, region->size);
	return put(&pub->edit, find_region(fdt, from), "region", from->name,
		   "iommu-addresses", cell, 1 + cells.address + cells.size);
}

static int describe(struct publication *pub)
{
	const struct gpuas_handover *handover = pub->handover;
	struct gpuas_fdt_edit *edit = &pub->edit;
	int err, gpu = gpuas_fdt_gpu_(edit->fdt, pub->board);
	uint32_t phandle;
	unsigned int i;

	err = put_window(edit, gpu, "gpuas,host-window", &handover->host);
	if (!err)
		err = put_window(edit, gpu, "gpuas,firmware-window",
				 &handover->firmware);
	if (!err)
		err = put_number(edit, gpu, "gpuas,pa-bits",
				 handover->geo.pa_bits);
	if (!err)
		err = put_number(edit, gpu, "gpuas,va-bits",
				 handover->geo.va_bits);
	if (!err)
		err = get_phandle(edit, gpu, &phandle);
	for (i = 0; !err && i < handover->regions; i++)
		if (handover->region[i].present && handover->region[i].mapped)
			err = describe_region(pub, phandle,
					      &pub->board->region[i],
					      &handover->region[i]);
	return err;
}

static int have_memory(struct publication *pub)
{
	const struct gpuas_fdt_limits *limits = pub->limits;
	struct gpuas_fdt_edit *edit = &pub->edit;
	struct gpuas_fdt_range range;
	unsigned int i, count;
	int err = 0;

	for (i = 0; !err && i < pub->handover->regions; i++) {
		if (!pub->handover->region[i].present)
			continue;
		range = gpuas_fdt_pas_(&pub->handover->region[i]);
		err = gpuas_fdt_memory_extend_(edit, &range);
	}
	count = gpuas_fdt_memory_count_(edit->fdt, &edit->cells);
	if (!err && limits && limits->memory_ranges &&
	    count > limits->memory_ranges)
		return gpuas_report_hex(edit->report, -GPUAS_E2BIG, "node",
					"/memory",
					"needs more ranges than the loader keeps:",
					count);
	return err;
}

/*
 * Transactions
 */

static bool apart(const void *fdt, const void *scratch, size_t scratch_size)
{
	const uintptr_t a = (uintptr_t)fdt, b = (uintptr_t)scratch;

	return a < b ? b - a >= fdt_totalsize(fdt) : a - b >= scratch_size;
}

/* @fdt is sound. */
static int begin(struct gpuas_fdt_edit *edit, const void *fdt, void *scratch,
		 size_t scratch_size, struct gpuas_report *report)
{
	int err;

	if (!scratch || (uintptr_t)scratch % SCRATCH_ALIGN ||
	    !apart(fdt, scratch, scratch_size))
		return gpuas_report(report, -GPUAS_EINVAL, "scratch", NULL,
				    "is not aligned to 8 bytes, or part of the blob");
	if (scratch_size > SCRATCH_LIMIT)
		scratch_size = SCRATCH_LIMIT;
	edit->fdt = scratch;
	edit->used = 0;
	edit->report = report;
	err = step(edit, fdt_open_into(fdt, scratch, (int)scratch_size),
		   "device tree", NULL);
	edit->changed = false;
	return err;
}

static int begin_inside(struct gpuas_fdt_edit *edit, const void *fdt,
			void *scratch, size_t scratch_size,
			struct gpuas_report *report)
{
	if (scratch_size < fdt_totalsize(fdt))
		return gpuas_report(report, -GPUAS_EINVAL, "scratch", NULL,
				    "is smaller than the blob");
	return begin(edit, fdt, scratch, fdt_totalsize(fdt), report);
}

static void commit(const struct gpuas_fdt_edit *edit, void *fdt)
{
	if (edit->changed)
		memcpy(fdt, edit->fdt, fdt_totalsize(edit->fdt));
}

/* Everything that can be said before the first edit. */
static int prepare(struct publication *pub, const void *fdt)
{
	struct gpuas_report *report = pub->edit.report;
	int err = gpuas_fdt_open_(fdt, &pub->edit.cells, report);

	if (err)
		return err;
	return gpuas_handover_check(pub->handover, pub->board, report);
}

static int publish(struct publication *pub)
{
	int err = have_reserved(&pub->edit);

	if (!err)
		err = have_gpu(pub);
	if (!err)
		err = have_regions(pub);
	if (!err && pub->board->describe)
		err = describe(pub);
	if (!err)
		err = link_regions(pub);
	if (!err)
		err = have_memory(pub);
	if (!err)
		err = gpuas_fdt_judge_(pub->edit.fdt, pub->board,
				       pub->handover, pub->edit.report);
	return err;
}

int gpuas_fdt_publish(void *fdt, void *scratch, size_t scratch_size,
		      const struct gpuas_board *board,
		      const struct gpuas_handover *handover,
		      const struct gpuas_fdt_limits *limits,
		      struct gpuas_report *report)
{
	struct publication pub = {
		.edit.report = report,
		.board = board,
		.handover = handover,
		.limits = limits,
	};
	int err = prepare(&pub, fdt);

	if (!err)
		err = begin_inside(&pub.edit, fdt, scratch, scratch_size,
				   report);
	if (!err)
		err = publish(&pub);
	if (!err)
		commit(&pub.edit, fdt);
	return err;
}

int gpuas_fdt_room(const void *fdt, void *scratch, size_t scratch_size,
		   const struct gpuas_board *board,
		   const struct gpuas_handover *handover,
		   const struct gpuas_fdt_limits *limits, size_t *room,
		   struct gpuas_report *report)
{
	struct publication pub = {
		.edit.report = report,
		.board = board,
		.handover = handover,
		.limits = limits,
	};
	int err = prepare(&pub, fdt);

	if (!err)
		err = begin(&pub.edit, fdt, scratch, scratch_size, report);
	if (!err)
		err = publish(&pub);
	if (!err)
		*room = pub.edit.used;
	return err;
}

int gpuas_fdt_disable(void *fdt, void *scratch, size_t scratch_size,
		      const struct gpuas_board *board,
		      struct gpuas_report *report)
{
	struct gpuas_fdt_edit edit;
	int node, err = gpuas_fdt_sound_(fdt, report);

	if (!err)
		err = begin_inside(&edit, fdt, scratch, scratch_size, report);
	if (err)
		return err;
	node = gpuas_fdt_gpu_(edit.fdt, board);
	if (node < 0 && !board->gpu_node)
		return 0;
	if (node < 0)
		err = make_gpu(&edit, board, &node);
	if (!err)
		err = set_string(&edit, node, "status", "disabled");
	if (!err)
		commit(&edit, fdt);
	return err;
}
