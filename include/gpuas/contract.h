/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_CONTRACT_H
#define GPUAS_CONTRACT_H

#include <gpuas/types.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Contracts
 *
 * How a manifest stands in a device tree: names, nodes, no-map, where VAs come from.
 * One for each community that has agreed on something; plain data, which one reader and
 * one writer interpret. A board lists those that trees of its machines may follow. The
 * one that a tree follows is found from the tree: by the version property of a contract
 * that has one, else by the names in memory-region-names, else by the names of nodes. A
 * tree that fits none of several, or two, is refused with their names.
 *
 * There is no default that fits all: see README.md, "How to choose a contract".
 */

/**
 * enum gpuas_no_map - What a contract has to say of no-map in a region's node
 * @GPUAS_NO_MAP_REFUSED: it must not be there: the OS has the region in its linear map
 * @GPUAS_NO_MAP_INDIFFERENT: it may be there; a writer adds none
 * @GPUAS_NO_MAP_WRITTEN: likewise, but a writer adds it
 * @GPUAS_NO_MAP_DEMANDED: it has to be there: the region must not be System RAM
 */
enum gpuas_no_map {
	GPUAS_NO_MAP_REFUSED,
	GPUAS_NO_MAP_INDIFFERENT,
	GPUAS_NO_MAP_WRITTEN,
	GPUAS_NO_MAP_DEMANDED,
};

/**
 * enum gpuas_memory - As what a CPU has to map a region
 * @GPUAS_MEMORY_WRITE_BACK: cacheable, as RAM. Without no-map the only type that is
 *	right, since the linear map has it already
 * @GPUAS_MEMORY_WRITE_COMBINING: not cacheable, writes may be merged
 */
enum gpuas_memory {
	GPUAS_MEMORY_WRITE_BACK,
	GPUAS_MEMORY_WRITE_COMBINING,
};

/**
 * enum gpuas_va_source - Where a reader finds the VAs of the firmware
 * @GPUAS_VA_BOARD: nowhere: they are board data
 * @GPUAS_VA_IOMMU_ADDRESSES: in iommu-addresses of the node of each mapped region: the
 *	GPU, VA, size
 * @GPUAS_VA_SEGMENTS: in a property of the GPU node: a VA of 64 bits for each mapped
 *	region. The first is where the board says, each other one starts where the one
 *	before it ends
 * @GPUAS_VA_WINDOW: in a property of the GPU node: VA and size of the firmware's window,
 *	64 bits each. Where in it a region is nobody says
 */
enum gpuas_va_source {
	GPUAS_VA_BOARD,
	GPUAS_VA_IOMMU_ADDRESSES,
	GPUAS_VA_SEGMENTS,
	GPUAS_VA_WINDOW,
};

/**
 * struct gpuas_contract_region - How one region stands in a tree
 * @region: the board's own name of it; NULL: memory that only the contract knows, which
 *	is judged and not handed over
 * @name: its entry in memory-region-names; NULL: its phandle stands behind those that
 *	have names, in the order of the contract
 * @node: name of its node below /reserved-memory, without unit address. NULL: only its
 *	phandle leads to it, and nobody can make it
 * @compatible: what its node has to be compatible with; NULL: no compatible
 * @source: its PA and size stand in the GPU node as well, in two properties of 64 bits,
 *	little-endian: &gpuas_contract.source, this, "-base" or "-size". NULL: nowhere
 * @no_map: what is said of no-map
 * @least: it is smaller than nobody expects, in bytes
 * @most: it is larger than nobody expects, in bytes; 0: any size
 * @optional: it may be missing
 * @unlisted: it has no phandle in memory-region, and is found by @node
 * @shared_node: @node is that of another region too: nodes have unit addresses, and which
 *	one is whose only phandles say
 * @tuples: its reg may have more than one range
 */
struct gpuas_contract_region {
	const char *region;
	const char *name;
	const char *node;
	const char *compatible;
	const char *source;
	enum gpuas_no_map no_map;
	uint64_t least;
	uint64_t most;
	bool optional;
	bool unlisted;
	bool shared_node;
	bool tuples;
};

/**
 * struct gpuas_contract_value - A property of the GPU node that always has one value
 * @property: its name; NULL ends a list
 * @string: the value; NULL: @cell is
 * @cells: how many cells of 32 bits
 * @cell: the value
 */
struct gpuas_contract_value {
	const char *property;
	const char *string;
	unsigned int cells;
	uint32_t cell[2];
};

/**
 * struct gpuas_contract - How a manifest stands in a device tree
 * @name: for messages; printable ASCII without blanks
 * @read_only: no writer of it is known: trees that follow it are read and judged, and
 *	nothing of it is ever written
 * @describe: geometry and windows are in the GPU node (gpuas,va-bits, gpuas,pa-bits,
 *	gpuas,firmware-window, gpuas,host-window)
 * @others: the GPU's lists may have entries of somebody else in front
 * @in_order: the lists have all regions in the order of @region; else names decide
 * @source_demanded: without the properties of @source, a tree is refused
 * @version: the property that says which contract this is; NULL: names have to
 * @values: properties with fixed values; NULL: none
 * @va: where VAs come from
 * @va_property: the property, for GPUAS_VA_SEGMENTS and GPUAS_VA_WINDOW
 * @source: what names of properties with PA and size start with; NULL: there are none
 * @no_map_memory: as what a region with no-map is mapped
 * @region: the regions, in the order of memory-region
 * @regions: how many
 */
struct gpuas_contract {
	const char *name;
	bool read_only;
	bool describe;
	bool others;
	bool in_order;
	bool source_demanded;
	const struct gpuas_contract_value *version;
	const struct gpuas_contract_value *values;
	enum gpuas_va_source va;
	const char *va_property;
	const char *source;
	enum gpuas_memory no_map_memory;
	const struct gpuas_contract_region *region;
	unsigned int regions;
};

/**
 * gpuas_contract_region() - How does a region stand in trees of a contract?
 * @contract: the contract
 * @region: the board's name of the region
 *
 * Return: what the contract says of it; NULL if it has no such region.
 */
const struct gpuas_contract_region *
gpuas_contract_region(const struct gpuas_contract *contract, const char *region);

GPUAS_END_DECLS

#endif /* GPUAS_CONTRACT_H */
