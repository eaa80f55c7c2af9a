// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Looking things up in a blob that is sound. */
#include "fdt_internal.h"

int gpuas_fdt_report_(struct gpuas_report *report, int err, const char *thing,
		      const char *name, const char *problem,
		      const char *quoted)
{
	gpuas_report(report, err, thing, name, problem);
	if (report)
		gpuas_text_str(&report->text, quoted);
	return err;
}

/* That there is no room is nothing that libfdt has to explain. */
int gpuas_fdt_error_(int fdt_err, struct gpuas_report *report,
		     const char *thing, const char *name)
{
	if (fdt_err == -FDT_ERR_NOSPACE)
		return gpuas_report(report, -GPUAS_ENOSPC, "device tree", NULL,
				    "has no room");
	return gpuas_fdt_report_(report, -GPUAS_EBADMSG, thing, name,
				 "libfdt says ", fdt_strerror(fdt_err));
}

bool gpuas_fdt_cells_(const void *fdt, int node, struct gpuas_fdt_cells *cells)
{
	int address = fdt_address_cells(fdt, node);
	int size = fdt_size_cells(fdt, node);

	if (address < 1 || address > 2 || size < 1 || size > 2)
		return false;
	cells->address = (unsigned int)address;
	cells->size = (unsigned int)size;
	return true;
}

bool gpuas_fdt_named_(const void *fdt, int node, const char *name)
{
	int len, i;
	const char *full = fdt_get_name(fdt, node, &len);

	if (!full)
		return false;
	for (i = 0; i < len && full[i] != '@' && full[i] == name[i]; i++)
		;
	return !name[i] && (i == len || full[i] == '@');
}

int gpuas_fdt_child_(const void *fdt, int parent, int node, const char *name)
{
	node = node < 0 ? fdt_first_subnode(fdt, parent) :
			  fdt_next_subnode(fdt, node);
	while (node >= 0 && !gpuas_fdt_named_(fdt, node, name))
		node = fdt_next_subnode(fdt, node);
	return node;
}

static bool is_string(const char *value, int len, const char *str)
{
	return value && len > 0 && !value[len - 1] && gpuas_streq(value, str);
}

bool gpuas_fdt_is_(const void *fdt, int node, const char *prop,
		   const char *str)
{
	int len;
	const char *value = fdt_getprop(fdt, node, prop, &len);

	return is_string(value, len, str);
}

bool gpuas_fdt_enabled_(const void *fdt, int node)
{
	int len;
	const char *value = fdt_getprop(fdt, node, "status", &len);

	return !value || is_string(value, len, "okay") ||
	       is_string(value, len, "ok");
}

/* The root's own status counts for nobody. */
bool gpuas_fdt_in_use_(const void *fdt, int node)
{
	while (node > 0 && gpuas_fdt_enabled_(fdt, node))
		node = fdt_parent_offset(fdt, node);
	return !node;
}

/* How much a node looks like the GPU that is meant. */
static int rank(const void *fdt, int node)
{
	if (!gpuas_fdt_in_use_(fdt, fdt_parent_offset(fdt, node)))
		return 0;
	if (gpuas_fdt_enabled_(fdt, node))
		return 2;
	return gpuas_fdt_is_(fdt, node, "status", "disabled") ? 1 : 0;
}

int gpuas_fdt_next_of_(const void *fdt, int node, const char *const *compatible)
{
	int next, first = -FDT_ERR_NOTFOUND;

	for (; *compatible; compatible++) {
		next = fdt_node_offset_by_compatible(fdt, node, *compatible);
		if (next >= 0 && (first < 0 || next < first))
			first = next;
	}
	return first;
}

int gpuas_fdt_gpu_(const void *fdt, const struct gpuas_board *board)
{
	const char *const *compatible = board->compatible;
	int node = gpuas_fdt_next_of_(fdt, -1, compatible), gpu = node;

	for (; node >= 0; node = gpuas_fdt_next_of_(fdt, node, compatible))
		if (rank(fdt, node) > rank(fdt, gpu))
			gpu = node;
	return gpu;
}

int gpuas_fdt_lone_gpu_(const void *fdt, const struct gpuas_board *board,
			int gpu, struct gpuas_report *report)
{
	int node = gpuas_fdt_next_of_(fdt, gpu, board->compatible);

	while (node >= 0 && rank(fdt, node) != rank(fdt, gpu))
		node = gpuas_fdt_next_of_(fdt, node, board->compatible);
	if (node < 0 || !rank(fdt, gpu))
		return 0;
	return gpuas_fdt_report_(report, -GPUAS_ENOTUNIQ, "GPU node",
				 fdt_get_name(fdt, gpu, NULL),
				 "another could be meant, ",
				 fdt_get_name(fdt, node, NULL));
}

uint64_t gpuas_fdt_load_(const fdt32_t *cell, unsigned int cells)
{
	uint64_t value = 0;

	for (; cells--; cell++)
		value = value << 32 | fdt32_to_cpu(*cell);
	return value;
}

void gpuas_fdt_store_(fdt32_t *cell, unsigned int cells, uint64_t value)
{
	while (cells--) {
		fdt32_st(cell + cells, (uint32_t)value);
		value >>= 32;
	}
}

bool gpuas_fdt_fits_(uint64_t value, unsigned int cells)
{
	return cells > 1 || !(value >> 32);
}

int gpuas_fdt_tuples_(const void *fdt, int node, const char *prop,
		      const struct gpuas_fdt_cells *cells,
		      struct gpuas_fdt_tuples *tuples)
{
	const unsigned int size = (cells->address + cells->size) *
				  sizeof(fdt32_t);
	int len = 0;

	tuples->cell = fdt_getprop(fdt, node, prop, &len);
	tuples->cells = *cells;
	tuples->count = 0;
	if (!tuples->cell)
		return 0;
	if ((unsigned int)len % size)
		return -GPUAS_EBADMSG;
	tuples->count = (unsigned int)len / size;
	return 0;
}

int gpuas_fdt_tuple_(const struct gpuas_fdt_tuples *tuples, unsigned int i,
		     struct gpuas_fdt_range *range)
{
	const struct gpuas_fdt_cells *cells = &tuples->cells;
	const fdt32_t *cell = tuples->cell +
			      i * (cells->address + cells->size);
	uint64_t size = gpuas_fdt_load_(cell + cells->address, cells->size);

	range->first = gpuas_fdt_load_(cell, cells->address);
	range->last = range->first + size - 1;
	if (!size)
		return -GPUAS_ENOENT;
	if (range->last < range->first ||
	    !gpuas_fdt_fits_(range->last, cells->address))
		return -GPUAS_EBADMSG;
	return 0;
}

bool gpuas_fdt_overlap_(const struct gpuas_fdt_range *a,
			const struct gpuas_fdt_range *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* As in memblock_cap_size() of Linux, what is reserved ends with the address space. */
static bool reserves(const struct gpuas_fdt_range *range,
		     struct gpuas_fdt_range *taken)
{
	if (taken->last < taken->first)
		taken->last = UINT64_MAX;
	return gpuas_fdt_overlap_(range, taken);
}

bool gpuas_fdt_reserves_(const void *fdt, int node,
			 const struct gpuas_fdt_cells *cells,
			 const struct gpuas_fdt_range *range,
			 struct gpuas_fdt_range *taken)
{
	struct gpuas_fdt_tuples tuples;
	unsigned int i;

	if (!gpuas_fdt_enabled_(fdt, node) ||
	    gpuas_fdt_tuples_(fdt, node, "reg", cells, &tuples))
		return false;
	for (i = 0; i < tuples.count; i++)
		if (gpuas_fdt_tuple_(&tuples, i, taken) != -GPUAS_ENOENT &&
		    reserves(range, taken))
			return true;
	return false;
}

bool gpuas_fdt_memreserves_(const void *fdt,
			    const struct gpuas_fdt_range *range,
			    struct gpuas_fdt_range *taken)
{
	int i, entries = fdt_num_mem_rsv(fdt);
	uint64_t size;

	for (i = 0; i < entries; i++) {
		if (fdt_get_mem_rsv(fdt, i, &taken->first, &size) || !size)
			continue;
		taken->last = taken->first + size - 1;
		if (reserves(range, taken))
			return true;
	}
	return false;
}

struct gpuas_fdt_range gpuas_fdt_pas_(const struct gpuas_region *region)
{
	struct gpuas_fdt_range range;

	range.first = gpuas_pa_u64(region->pa);
	range.last = range.first + (region->size - 1);
	return range;
}

const struct gpuas_region *
gpuas_fdt_found_(const struct gpuas_manifest *manifest,
		 const struct gpuas_contract_region *how)
{
	unsigned int i;

	for (i = 0; i < manifest->regions; i++)
		if (gpuas_streq(manifest->region[i].name, how->region))
			return &manifest->region[i];
	return NULL;
}
