/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What the fdt*.c share. Node offsets are libfdt's: an edit in front of a node
 * moves it, so nobody keeps one across an edit.
 */
#ifndef GPUAS_FDT_INTERNAL_H
#define GPUAS_FDT_INTERNAL_H

#include <gpuas/fdt.h>
#include <libfdt.h>

/* Cells of an address and of a size: 1 or 2 each. */
struct gpuas_fdt_cells {
	unsigned int address;
	unsigned int size;
};

/* First to last byte, so that a range may end at the top of the address space. */
struct gpuas_fdt_range {
	uint64_t first;
	uint64_t last;
};

/* A property made of (address, size) tuples. */
struct gpuas_fdt_tuples {
	const fdt32_t *cell;
	unsigned int count;
	struct gpuas_fdt_cells cells;
};

/**
 * struct gpuas_fdt_edit - A transaction: a copy of the blob, and what it took
 * @fdt: the copy
 * @cells: of the root
 * @used: most bytes that any step needed
 * @changed: something was written
 * @report: of the caller
 */
struct gpuas_fdt_edit {
	void *fdt;
	struct gpuas_fdt_cells cells;
	size_t used;
	bool changed;
	struct gpuas_report *report;
};

/* Is the blob sound? Alignment, version, layout, structure. */
int gpuas_fdt_sound_(const void *fdt, struct gpuas_report *report);

/* The same; and can reserved memory be described in it? Cells, ranges, /memory. */
int gpuas_fdt_open_(const void *fdt, struct gpuas_fdt_cells *cells,
		    struct gpuas_report *report);

/* Does Linux accept /reserved-memory, or does it ignore the whole node? */
bool gpuas_fdt_reserved_valid_(const void *fdt, int reserved,
			       const struct gpuas_fdt_cells *cells);

/* An error of libfdt as one of ours. */
int gpuas_fdt_error_(int fdt_err, struct gpuas_report *report,
		     const char *thing, const char *name);

/* "<problem><quoted>", for problems that have a name of their own. */
int gpuas_fdt_report_(struct gpuas_report *report, int err, const char *thing,
		      const char *name, const char *problem,
		      const char *quoted);

/* Next child whose name without unit address is @name, after @node or first. */
int gpuas_fdt_child_(const void *fdt, int parent, int node, const char *name);

/* The GPU: by compatible. Negative libfdt error if there is none. */
int gpuas_fdt_gpu_(const void *fdt, const struct gpuas_board *board);

/* Cells of @node for its children; false if they are not 1 or 2. */
bool gpuas_fdt_cells_(const void *fdt, int node,
		      struct gpuas_fdt_cells *cells);

bool gpuas_fdt_enabled_(const void *fdt, int node);

/* Is the property there, and this very string? */
bool gpuas_fdt_is_(const void *fdt, int node, const char *prop,
		   const char *str);

uint64_t gpuas_fdt_load_(const fdt32_t *cell, unsigned int cells);
void gpuas_fdt_store_(fdt32_t *cell, unsigned int cells, uint64_t value);
bool gpuas_fdt_fits_(uint64_t value, unsigned int cells);

/* A missing property has no tuples. -GPUAS_EBADMSG if one is cut off. */
int gpuas_fdt_tuples_(const void *fdt, int node, const char *prop,
		      const struct gpuas_fdt_cells *cells,
		      struct gpuas_fdt_tuples *tuples);

/* 0; -GPUAS_ENOENT if it is empty; -GPUAS_EBADMSG if it wraps. */
int gpuas_fdt_tuple_(const struct gpuas_fdt_tuples *tuples, unsigned int i,
		     struct gpuas_fdt_range *range);

bool gpuas_fdt_overlap_(const struct gpuas_fdt_range *a,
			const struct gpuas_fdt_range *b);

/* PAs of a region that passed gpuas_handover_check(). */
struct gpuas_fdt_range gpuas_fdt_pas_(const struct gpuas_region *region);

/* Are all /memory nodes well formed? */
int gpuas_fdt_memory_valid_(const void *fdt,
			    const struct gpuas_fdt_cells *cells,
			    struct gpuas_report *report);

/*
 * The first part of @range that is not inside /memory; false if there is none.
 * The tree passed gpuas_fdt_memory_valid_(), here and below.
 */
bool gpuas_fdt_memory_hole_(const void *fdt,
			    const struct gpuas_fdt_cells *cells,
			    const struct gpuas_fdt_range *range,
			    struct gpuas_fdt_range *hole);

/* Have @range, which fits the root's cells, inside /memory. */
int gpuas_fdt_memory_extend_(struct gpuas_fdt_edit *edit,
			     const struct gpuas_fdt_range *range);

/* Number of tuples of all /memory nodes that are not empty. */
unsigned int gpuas_fdt_memory_count_(const void *fdt,
				     const struct gpuas_fdt_cells *cells);

/*
 * Node that memory-region of @gpu lists under @name. -GPUAS_ENOENT if it is not
 * listed; -GPUAS_EBADMSG for lists or phandles that lead nowhere.
 */
int gpuas_fdt_listed_(const void *fdt, int gpu, const char *name,
		      struct gpuas_report *report);

/*
 * iommu-addresses of a region's node: one entry, of any device.
 * -GPUAS_ENOENT if there is none.
 */
int gpuas_fdt_iommu_(const void *fdt, int gpu, int node, uint32_t *phandle,
		     uint64_t *va, uint64_t *size);

/* gpuas_fdt_check(); and does it carry @expected, unless that is NULL? */
int gpuas_fdt_judge_(const void *fdt, const struct gpuas_board *board,
		     const struct gpuas_handover *expected,
		     struct gpuas_report *report);

/* Give a property @len bytes; what fits of its old contents stays. */
int gpuas_fdt_resize_(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      int len, void **data);

#endif /* GPUAS_FDT_INTERNAL_H */
