/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_ADT_H
#define GPUAS_ADT_H

#include <gpuas/manifest.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Apple's device tree
 *
 * Where a bootloader that iBoot starts finds the GPU's regions: in a tree of Apple's own
 * format. A small reader of that, and one pure function that judges what was read and makes
 * regions of it, on any machine. For such loaders only: Linux and U-Boot get the regions
 * in a device tree of the usual form (<gpuas/fdt.h>).
 *
 * Why a reader of our own: in 2026 there was no C library for the format in Debian. Looked
 * at were m1n1 (src/adt.c, part of a boot loader, whose Rust reader copies before it looks
 * at the length), bazad/devicetree-parse (public domain, recursive, a tool to print a whole
 * tree), pongoOS and XNU (whose readers trust counts and lengths), and m1n1-proxyclient
 * (Python). What they agree on: a node is the number of its properties and that of its
 * children, 32 bits each, then these; a property is a name of 32 bytes, 32 bits of size
 * of which the highest is a flag, and the value, filled up to 4 bytes. Little-endian. A
 * node's name is its property "name".
 */

/**
 * struct gpuas_adt - A tree
 * @blob: where it is, in memory that does not change meanwhile; any alignment
 * @size: bytes; nothing beyond is read, whatever the tree says
 */
struct gpuas_adt {
	const void *blob;
	size_t size;
};

/**
 * struct gpuas_adt_value - The value of a property, as it was read
 * @data: where it is; NULL: there is no such property
 * @size: bytes
 */
struct gpuas_adt_value {
	const void *data;
	uint32_t size;
};

/**
 * gpuas_adt_node() - Find a node
 * @adt: the tree
 * @path: names of nodes, as "/arm-io/sgx"; "/" is the root
 * @node: set to its place, which is of use to gpuas_adt_property() only
 * @report: what is wrong
 *
 * Of children of one name the first is taken. The work is bounded by the size of the tree.
 *
 * Return: 0; -GPUAS_ENOENT if there is none; -GPUAS_EINVAL for a path that does not start
 * with a slash, or has an empty name; -GPUAS_EBADMSG if on the way there is a count, a
 * length or a name that the tree has no room for, or a name of a property that does not
 * end, or one that a node has twice.
 */
int gpuas_adt_node(const struct gpuas_adt *adt, const char *path, size_t *node,
		   struct gpuas_report *report);

/**
 * gpuas_adt_property() - Find a property
 * @adt: the tree
 * @node: from gpuas_adt_node()
 * @name: its name
 * @value: set to its value; its data is NULL after an error
 * @report: what is wrong
 *
 * Return: 0; -GPUAS_ENOENT if the node has none of that name; -GPUAS_EBADMSG as above.
 */
int gpuas_adt_property(const struct gpuas_adt *adt, size_t node, const char *name,
		       struct gpuas_adt_value *value, struct gpuas_report *report);

/**
 * enum gpuas_adt_range - Ranges of the GPU that a tree has as two properties
 * @GPUAS_ADT_TTBS: gpu-region
 * @GPUAS_ADT_PAGETABLES: gfx-shared-region
 * @GPUAS_ADT_HANDOFF: gfx-handoff
 * @GPUAS_ADT_LENT: gfx-shared-l2-region, from M3 on
 * @GPUAS_ADT_DATA: gfx-data, from M4 on
 * @GPUAS_ADT_SHARED_RO: gfx-data-shared-ro, likewise
 * @GPUAS_ADT_SHARED_RW: gfx-data-shared-rw, likewise
 * @GPUAS_ADT_DATA_SECOND: gfx1-data, of a second coprocessor
 * @GPUAS_ADT_PRIVATE: rtkit-private-vm-region: the firmware's window, and no PAs
 */
enum gpuas_adt_range {
	GPUAS_ADT_TTBS,
	GPUAS_ADT_PAGETABLES,
	GPUAS_ADT_HANDOFF,
	GPUAS_ADT_LENT,
	GPUAS_ADT_DATA,
	GPUAS_ADT_SHARED_RO,
	GPUAS_ADT_SHARED_RW,
	GPUAS_ADT_DATA_SECOND,
	GPUAS_ADT_PRIVATE,
};

enum {
	/** @GPUAS_ADT_RANGES: how many ranges that are */
	GPUAS_ADT_RANGES = GPUAS_ADT_PRIVATE + 1,
	/** @GPUAS_ADT_SEGMENT_MAX: largest segment of an image that is believed, in bytes */
	GPUAS_ADT_SEGMENT_MAX = 0x200000,
};

/**
 * struct gpuas_adt_image - What one node says of the firmware's image
 * @names: segment-names
 * @ranges: segment-ranges
 */
struct gpuas_adt_image {
	struct gpuas_adt_value names;
	struct gpuas_adt_value ranges;
};

/**
 * struct gpuas_adt_values - All that a tree says of the GPU's regions, as it was read
 * @base: property "-base" of each &enum gpuas_adt_range
 * @size: property "-size"
 * @image: of /arm-io/gfx-asc, and of iop-gfx-nub below it
 * @pre_loaded: of the latter: is the image in memory?
 *
 * Plain values: from gpuas_adt_read(), or from wherever they may be had.
 */
struct gpuas_adt_values {
	struct gpuas_adt_value base[GPUAS_ADT_RANGES];
	struct gpuas_adt_value size[GPUAS_ADT_RANGES];
	struct gpuas_adt_image image[2];
	struct gpuas_adt_value pre_loaded;
};

/**
 * gpuas_adt_read() - Read what a tree says of the GPU
 * @adt: the tree
 * @values: filled; what is missing has data NULL, all of it after an error
 * @report: what is wrong with the tree
 *
 * Nothing is judged. The values lie in the tree.
 *
 * Return: 0; -GPUAS_ENOENT without /arm-io/sgx; -GPUAS_EBADMSG as above.
 */
int gpuas_adt_read(const struct gpuas_adt *adt, struct gpuas_adt_values *values,
		   struct gpuas_report *report);

/**
 * struct gpuas_adt_dram - A range of RAM
 * @pa: first PA
 * @size: bytes; 0: none
 */
struct gpuas_adt_dram {
	gpuas_pa_t pa;
	uint64_t size;
};

/**
 * gpuas_adt_regions() - Make regions of what was read, or say what is wrong with it
 * @values: what was read
 * @board: of the SoC: which regions there have to be, granule, PA bits, windows
 * @dram: the machine's RAM; a region lies in one of these
 * @drams: how many
 * @manifest: filled; of no use after an error
 * @report: names the property or the region, and what it says
 *
 * Numbers only: no memory is read but that of the values. A board's regions come from the
 * range that has their role, or by name: "firmware" from gfx-data, "firmware-secondary" from
 * gfx1-data, "firmware-shared-ro" and "firmware-shared-rw". "fw-text" and "fw-data"
 * are the first two segments of the image, which both nodes have to tell alike. Others, as
 * calibration tables, are not in such a tree, and stay absent; so do those that the board's
 * first contract has not, and those that it has as optional and the tree has not.
 *
 * Return: 0; or for the first thing that is wrong:
 * -GPUAS_ENOENT a property is missing that the board needs;
 * -GPUAS_EBADMSG a value is not of 8 bytes (segments: of whole records, two at least), the
 *	two nodes of the image differ, segments have other names or flags, or are remapped
 *	(phys and remap differ), or the image is not loaded;
 * -GPUAS_EINVAL base or size is 0, or not in whole granules; the private VM region is not
 *	in whole root entries;
 * -GPUAS_EOVERFLOW a range wraps;
 * -GPUAS_ERANGE a range ends beyond the PA size; a segment is larger than
 *	GPUAS_ADT_SEGMENT_MAX;
 * -GPUAS_EFAULT a range is not in RAM;
 * -GPUAS_EMSGSIZE the lent table is not exactly a granule, or a root of the board's is not
 *	inside the tables;
 * -GPUAS_ENOTUNIQ two ranges overlap;
 * -GPUAS_ESTALE the private VM region is not the board's window of the firmware, or a
 *	segment has another VA than the start of that, or the end of the one before;
 * and what gpuas_manifest_init() says of the board.
 */
int gpuas_adt_regions(const struct gpuas_adt_values *values, const struct gpuas_board *board,
		      const struct gpuas_adt_dram *dram, unsigned int drams,
		      struct gpuas_manifest *manifest, struct gpuas_report *report);

GPUAS_END_DECLS

#endif /* GPUAS_ADT_H */
