/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_BOARD_H
#define GPUAS_BOARD_H

#include <gpuas/contract.h>
#include <gpuas/format.h>
#include <gpuas/profile.h>

GPUAS_BEGIN_DECLS

/**
 * enum gpuas_role - What a region is for
 * @GPUAS_ROLE_TTBS: the TTB array
 * @GPUAS_ROLE_PAGETABLES: the tables of the shared half, the root first
 * @GPUAS_ROLE_HANDOFF: the handoff page
 * @GPUAS_ROLE_LENT: one table that an earlier stage made, and that hangs, or is going
 *	to, where the host's window is in each root: the kernel driver writes entries
 *	into it, and neither frees nor unlinks it
 * @GPUAS_ROLE_MAPPED: memory that the firmware sees at a fixed VA: its text, its
 *	data, buffers shared with the host
 * @GPUAS_ROLE_DATA: memory that is only named, as calibration tables
 */
enum gpuas_role {
	GPUAS_ROLE_TTBS,
	GPUAS_ROLE_PAGETABLES,
	GPUAS_ROLE_HANDOFF,
	GPUAS_ROLE_LENT,
	GPUAS_ROLE_MAPPED,
	GPUAS_ROLE_DATA,
};

/**
 * enum gpuas_owner - Who may change a region once the OS runs
 * @GPUAS_OWNER_HOST: the kernel driver
 * @GPUAS_OWNER_FIRMWARE: the firmware
 * @GPUAS_OWNER_SHARED: both, by a protocol
 */
enum gpuas_owner {
	GPUAS_OWNER_HOST,
	GPUAS_OWNER_FIRMWARE,
	GPUAS_OWNER_SHARED,
};

/**
 * struct gpuas_board_region - What a board says about one region
 * @name: what it is called in messages and by the driver, and in the board's contracts,
 *	which say how it stands in a tree; shorter than GPUAS_NAME_MAX, unique
 * @role: what it is for
 * @owner: who may change it
 * @size: bytes; 0 lets the plan compute it (TTB array, tables, handoff page).
 *	Rounded up to &gpuas_board.align when allocated
 * @va: where it is mapped, for GPUAS_ROLE_MAPPED; in the firmware's window. 0 for one
 *	that follows another (GPUAS_VA_SEGMENTS)
 * @attr: how it is mapped
 */
struct gpuas_board_region {
	const char *name;
	enum gpuas_role role;
	enum gpuas_owner owner;
	uint64_t size;
	gpuas_va_t va;
	gpuas_attr_t attr;
};

/**
 * struct gpuas_board_root - One of the roots of the shared half
 * @offset: where it is in the region of GPUAS_ROLE_PAGETABLES, granule-aligned
 * @published: entries 0 up to this one, exclusive, are written by the firmware while it
 *	starts, and stay as they are
 * @mirrors: index of the root whose entries from @published on are copied here; its
 *	own: none
 */
struct gpuas_board_root {
	uint64_t offset;
	unsigned int published;
	unsigned int mirrors;
};

/** GPUAS_CONTRACTS_MAX - Most contracts of a board */
enum { GPUAS_CONTRACTS_MAX = 8 };

/**
 * struct gpuas_board - A SoC or machine with such a GPU, as data
 * @name: for messages; this, names of regions, machines and compatibles are printable
 *	ASCII without blanks
 * @machine: machines that this board goes with: compatibles of the root node, one at least,
 *	none twice, ended by NULL; none is in the list of another board
 * @compatible: compatibles of the GPU node, likewise: the node has at least one of them.
 *	One that is made gets the first, which is also what messages call the GPU
 * @gpu_node: name of a node to make below the root when the tree has no GPU
 *	node, none with a meaning of its own, as "memory"; NULL: the tree must
 *	have one
 * @adopt: the previous stage allocated and described the regions: they are taken
 *	over as they are, and nothing is allocated
 * @contract: how its manifests stand in device trees; ended by NULL. The first is the one
 *	that is written where a tree does not say another. GPUAS_CONTRACTS_MAX at most
 * @withhold: compatibles of devices that the firmware uses and the OS must not:
 *	all nodes that have one are disabled; ended by NULL. NULL: none
 * @cpu: reg of a CPU that runs the firmware: its node gets the status "fail", which
 *	says that there is no such CPU, and loses its enable-method. 0: none
 * @geo: shape of the shared half
 * @firmware: window of the firmware, in whole root entries (&struct
 *	gpuas_geometry says what one covers)
 * @host: window of the kernel driver, likewise
 * @root: the roots of the shared half, the one of context 0 first. NULL: one, at the start
 *	of the tables, in which nothing is published
 * @roots: how many
 * @map_flush: walkers may remember that nothing is mapped: new entries are flushed too
 * @incoherent: walkers may not see what is in the CPU's caches, or nobody knows that they
 *	do: entries are cleaned out of them (&gpuas_env.clean)
 * @profile: how the handoff page is used; NULL where that is not known, and then the
 *	board adopts, and nobody uses the page
 * @align: alignment and unit of size of allocated regions, a power of two, at
 *	least 64 KiB, so that no region shares a page with somebody else's under
 *	any kernel; for adopting boards, the alignment to insist on: the granule
 * @region: the regions
 * @regions: how many
 */
struct gpuas_board {
	const char *name;
	const char *const *machine;
	const char *const *compatible;
	const char *gpu_node;
	bool adopt;
	const struct gpuas_contract *const *contract;
	const char *const *withhold;
	uint64_t cpu;
	struct gpuas_geometry geo;
	struct gpuas_range firmware;
	struct gpuas_range host;
	const struct gpuas_board_root *root;
	unsigned int roots;
	bool map_flush;
	bool incoherent;
	const struct gpuas_profile *profile;
	uint64_t align;
	const struct gpuas_board_region *region;
	unsigned int regions;
};

GPUAS_END_DECLS

#endif /* GPUAS_BOARD_H */
