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
 * @in_place: nodes are disabled without room too
 * @mark: nodes that are disabled are told from those that somebody else disabled
 * @report: of the caller
 */
struct gpuas_fdt_edit {
	void *fdt;
	struct gpuas_fdt_cells cells;
	size_t used;
	bool changed;
	bool in_place;
	bool mark;
	struct gpuas_report *report;
};

/**
 * struct gpuas_fdt_publication - One manifest on its way into one tree
 * @edit: the transaction
 * @board: the board
 * @manifest: passed gpuas_manifest_check()
 */
struct gpuas_fdt_publication {
	struct gpuas_fdt_edit edit;
	const struct gpuas_board *board;
	const struct gpuas_manifest *manifest;
};

/*
 * fdt.c: looking things up
 */

/* An error of libfdt as one of ours. */
int gpuas_fdt_error_(int fdt_err, struct gpuas_report *report,
		     const char *thing, const char *name);

/* "<problem><quoted>", for problems that have a name of their own. */
int gpuas_fdt_report_(struct gpuas_report *report, int err, const char *thing,
		      const char *name, const char *problem,
		      const char *quoted);

/* Is this its name, without unit address? */
bool gpuas_fdt_named_(const void *fdt, int node, const char *name);

/* Next child of that name, after @node or first. */
int gpuas_fdt_child_(const void *fdt, int parent, int node, const char *name);

/* Next node that has a compatible of the list, after @node or first. */
int gpuas_fdt_next_of_(const void *fdt, int node, const char *const *compatible);

/*
 * The GPU: of the nodes that have a compatible of its own the first that is in use, else
 * the first that waits for it, else the first. Negative libfdt error if there is
 * none.
 */
int gpuas_fdt_gpu_(const void *fdt, const struct gpuas_board *board);

/* 0; -GPUAS_ENOTUNIQ if another node could be meant as well as @gpu, the first. */
int gpuas_fdt_lone_gpu_(const void *fdt, const struct gpuas_board *board,
			int gpu, struct gpuas_report *report);

/* Cells of @node for its children; false if they are not 1 or 2. */
bool gpuas_fdt_cells_(const void *fdt, int node,
		      struct gpuas_fdt_cells *cells);

/* Does its own status say so? All that counts for RAM and reserved memory. */
bool gpuas_fdt_enabled_(const void *fdt, int node);

/* Would the OS use the device: is it enabled, and all that it is below? */
bool gpuas_fdt_in_use_(const void *fdt, int node);

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

/*
 * Does a child of /reserved-memory reserve a part of @range for Linux? Set @taken
 * to what it reserves there. A reg that is cut off reserves nothing.
 */
bool gpuas_fdt_reserves_(const void *fdt, int node,
			 const struct gpuas_fdt_cells *cells,
			 const struct gpuas_fdt_range *range,
			 struct gpuas_fdt_range *taken);

/* The same for /memreserve/. */
bool gpuas_fdt_memreserves_(const void *fdt,
			    const struct gpuas_fdt_range *range,
			    struct gpuas_fdt_range *taken);

/* PAs of a region that passed gpuas_manifest_check(). */
struct gpuas_fdt_range gpuas_fdt_pas_(const struct gpuas_region *region);

/* What a manifest says of a region of its contract, or NULL. */
const struct gpuas_region *
gpuas_fdt_found_(const struct gpuas_manifest *manifest,
		 const struct gpuas_contract_region *how);

/*
 * fdt_memory.c: what is RAM
 */

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

/* The last byte of memory that is not above @at; false if there is none. */
bool gpuas_fdt_memory_below_(const void *fdt,
			     const struct gpuas_fdt_cells *cells, uint64_t at,
			     uint64_t *last);

/* Does /chosen let the kernel use @range? */
bool gpuas_fdt_usable_(const void *fdt, const struct gpuas_fdt_cells *cells,
		       const struct gpuas_fdt_range *range);

/* Have the regions, which fit the root's cells, inside /memory. */
int gpuas_fdt_have_memory_(struct gpuas_fdt_publication *pub);

/*
 * fdt_open.c: the form of a blob
 */

/* Is the blob sound? Alignment, version, layout, structure. */
int gpuas_fdt_sound_(const void *fdt, struct gpuas_report *report);

/* The same; and can reserved memory be described in it? Cells, ranges, /memory. */
int gpuas_fdt_open_(const void *fdt, struct gpuas_fdt_cells *cells,
		    struct gpuas_report *report);

/* Does Linux accept /reserved-memory, or does it ignore the whole node? */
bool gpuas_fdt_reserved_valid_(const void *fdt, int reserved,
			       const struct gpuas_fdt_cells *cells);

/*
 * fdt_read.c: what a tree carries
 */

/*
 * Node that a region has: of memory-region of @gpu, or by name where it is in no list.
 * -GPUAS_ENOENT if there is none; -GPUAS_EBADMSG for lists or phandles that lead
 * nowhere; -GPUAS_ENOTUNIQ if it is that of another region as well.
 */
int gpuas_fdt_node_(const void *fdt, int gpu, const struct gpuas_contract *contract,
		    const struct gpuas_contract_region *how,
		    struct gpuas_report *report);

/*
 * fdt_contract.c: which contract, and what it says of the GPU node
 */

/* Has the contract a region of that name in memory-region-names? */
bool gpuas_fdt_lists_(const struct gpuas_contract *contract, const char *name);

/*
 * The contract that the tree follows; of @gpu, which may be negative, or of nodes.
 * -GPUAS_ENOENT or -GPUAS_ENOTUNIQ if it is none or several of the board's;
 * -GPUAS_EPROTO if it is in a version that is not known.
 */
int gpuas_fdt_contract_(const void *fdt, int gpu, const struct gpuas_board *board,
			const struct gpuas_contract **contract,
			struct gpuas_report *report);

/* VAs of the mapped regions, for GPUAS_VA_SEGMENTS. */
int gpuas_fdt_read_segments_(const void *fdt, int gpu,
			     struct gpuas_manifest *manifest,
			     struct gpuas_report *report);

/* Does the GPU node say what the contract wants, for these regions? */
int gpuas_fdt_check_gpu_(const void *fdt, int gpu, const struct gpuas_board *board,
			 const struct gpuas_manifest *manifest,
			 struct gpuas_report *report);

/* Have it say that. */
int gpuas_fdt_describe_gpu_(struct gpuas_fdt_publication *pub);

/*
 * iommu-addresses of a region's node: one entry, of any device.
 * -GPUAS_ENOENT if there is none.
 */
int gpuas_fdt_iommu_(const void *fdt, int gpu, int node, uint32_t *phandle,
		     uint64_t *va, uint64_t *size);

/*
 * fdt_nodes.c: the nodes of regions that were read
 */

/* What they say, and which lists they are in. */
int gpuas_fdt_check_nodes_(const void *fdt, const struct gpuas_board *board, int gpu,
			   const struct gpuas_manifest *manifest,
			   struct gpuas_report *report);

/* Where they lie. */
int gpuas_fdt_check_places_(const void *fdt, int gpu, const struct gpuas_manifest *manifest,
			    struct gpuas_report *report);

/*
 * fdt_pools.c: reserved memory that the kernel places
 */

/*
 * 0; -GPUAS_EBUSY if a pool has no room, and would have without the regions that
 * @gpu lists, for a kernel with pages of 1 << @page_shift bytes. The tree passed
 * gpuas_fdt_open_().
 */
int gpuas_fdt_pools_fit_(const void *fdt, int gpu, unsigned int page_shift,
			 struct gpuas_report *report);

/*
 * fdt_edit.c: steps of an edit. @thing and @name are for the report, and name
 * may be NULL.
 */

/* Account for what libfdt did, or failed to do. */
int gpuas_fdt_step_(struct gpuas_fdt_edit *edit, int result, const char *thing,
		    const char *name);

/* Refuse: the tree says something else already. */
int gpuas_fdt_exists_(struct gpuas_fdt_edit *edit, const char *thing,
		      const char *name, const char *prop);

/* Give a property @len bytes; what fits of its old contents stays. */
int gpuas_fdt_resize_(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      int len, void **data);

/* Set a property, whatever it was. */
int gpuas_fdt_set_(struct gpuas_fdt_edit *edit, int node, const char *prop,
		   const void *value, size_t len);

/* Bytes of a string property. */
size_t gpuas_fdt_size_(const char *str);

/* The same for a string. */
int gpuas_fdt_set_string_(struct gpuas_fdt_edit *edit, int node,
			  const char *prop, const char *str);

/* Set a property that nobody has set to something else. */
int gpuas_fdt_put_(struct gpuas_fdt_edit *edit, int node, const char *thing,
		   const char *name, const char *prop, const fdt32_t *cell,
		   unsigned int cells);

/* Likewise, in the GPU node, a VA and a size. */
int gpuas_fdt_put_window_(struct gpuas_fdt_edit *edit, int node, const char *prop,
			  const struct gpuas_range *window);

/* Make a node that is not there yet. */
int gpuas_fdt_add_node_(struct gpuas_fdt_edit *edit, int parent,
			const char *name, int *node);

/* Have a node enabled that is not there for another reason. */
int gpuas_fdt_enable_(struct gpuas_fdt_edit *edit, int node, const char *thing,
		      const char *name);

/* Have a node disabled, whatever its status was. */
int gpuas_fdt_disable_(struct gpuas_fdt_edit *edit, int node, const char *thing,
		       const char *name);

/*
 * The next node after @node, or the first with -1, whose compatible, with one of that
 * list in it, was turned off for want of room. Negative if there is none.
 */
int gpuas_fdt_next_off_(const void *fdt, int node, const char *const *compatible);

/* Have all of them "disabled", with a compatible. */
int gpuas_fdt_turn_on_(struct gpuas_fdt_edit *edit, const char *const *compatible);

/* The phandle of a node, which gets one if it has none. */
int gpuas_fdt_phandle_(struct gpuas_fdt_edit *edit, int node,
		       uint32_t *phandle);

/*
 * fdt_reserved.c, fdt_gpu.c: nodes on their way into a tree
 */

/* The node of a region, by name if it has one. Negative if there is none. */
int gpuas_fdt_region_(const struct gpuas_fdt_publication *pub,
		      const struct gpuas_contract_region *how);

/* Have a /reserved-memory that Linux accepts. */
int gpuas_fdt_have_reserved_(struct gpuas_fdt_edit *edit);

/* Have a node for each region that is present, with reg and phandle. */
int gpuas_fdt_have_regions_(struct gpuas_fdt_publication *pub);

/* Make the GPU node, if the board says so. */
int gpuas_fdt_make_gpu_(struct gpuas_fdt_edit *edit,
			const struct gpuas_board *board, int *node);

/* Is the region's node in the GPU's memory-region? */
bool gpuas_fdt_linked_(const void *fdt, int gpu, int node);

/* Have a GPU node that is enabled. */
int gpuas_fdt_have_gpu_(struct gpuas_fdt_publication *pub);

/* Have sizes, windows and VAs in the tree, as the contract wants. */
int gpuas_fdt_describe_(struct gpuas_fdt_publication *pub);

/* Have the regions, which have phandles, in the lists of the GPU node. */
int gpuas_fdt_link_regions_(struct gpuas_fdt_publication *pub);

/*
 * fdt_withhold.c: what is the firmware's, and not for the OS
 */

/*
 * Have all nodes disabled that have a compatible of the list, which may be NULL, and
 * that the OS would use.
 */
int gpuas_fdt_disable_all_(struct gpuas_fdt_edit *edit,
			   const char *const *compatible);

/* Have devices disabled, and the CPU hidden. */
int gpuas_fdt_withhold_(struct gpuas_fdt_edit *edit,
			const struct gpuas_board *board);

/* 0; -GPUAS_EBADMSG if the OS would find one of them. */
int gpuas_fdt_withheld_(const void *fdt, const struct gpuas_board *board,
			struct gpuas_report *report);

#endif /* GPUAS_FDT_INTERNAL_H */
