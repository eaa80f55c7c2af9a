/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_MANIFEST_H
#define GPUAS_MANIFEST_H

#include <gpuas/board.h>
#include <gpuas/space.h>
#include <gpuas/text.h>

GPUAS_BEGIN_DECLS

enum {
	/** @GPUAS_REGIONS_MAX: largest number of regions of a board */
	GPUAS_REGIONS_MAX = 16,
	/** @GPUAS_NAME_MAX: size of a region's name, terminating zero included */
	GPUAS_NAME_MAX = 24,
};

/**
 * struct gpuas_region - A named physical range that outlives the bootloader
 * @name: entry of memory-region-names
 * @role: what it is for
 * @owner: who may change it
 * @present: false: optional, and the previous stage did not describe it
 * @mapped: it has a VA
 * @no_map: its node has no-map, or is going to: it is in no linear map
 * @memory: as what a CPU has to map it
 * @pa: first PA
 * @size: bytes
 * @va: where the firmware's window maps it, if @mapped
 * @attr: how, if @mapped
 */
struct gpuas_region {
	char name[GPUAS_NAME_MAX];
	enum gpuas_role role;
	enum gpuas_owner owner;
	bool present;
	bool mapped;
	bool no_map;
	enum gpuas_memory memory;
	gpuas_pa_t pa;
	uint64_t size;
	gpuas_va_t va;
	gpuas_attr_t attr;
};

/**
 * struct gpuas_manifest - What the bootloader knows and the kernel must learn
 * @geo: shape of the shared half
 * @contract: how it stands in a device tree: the one that was found there, or that it is
 *	going to follow
 * @root: PA of its root, the first one if the board has several: the start of the
 *	region of GPUAS_ROLE_PAGETABLES
 * @firmware: the firmware's window
 * @host: the kernel driver's window
 * @region: the regions, in the order of the board's
 * @regions: how many
 *
 * A plain value: copy, compare and print it freely.
 */
struct gpuas_manifest {
	struct gpuas_geometry geo;
	const struct gpuas_contract *contract;
	gpuas_pa_t root;
	struct gpuas_range firmware;
	struct gpuas_range host;
	struct gpuas_region region[GPUAS_REGIONS_MAX];
	unsigned int regions;
};

/**
 * gpuas_manifest_init() - Start a manifest with what the board says
 * @manifest: filled; no region is present, all have PA and size 0; it follows the first of
 *	the board's contracts
 * @board: the board
 *
 * Return: 0; -GPUAS_E2BIG if the board has too many regions or a name that is
 * too long; -GPUAS_EINVAL if a region has no name, or the board no contract. @manifest is
 * undefined after an error.
 */
int gpuas_manifest_init(struct gpuas_manifest *manifest,
			const struct gpuas_board *board);

/**
 * gpuas_manifest_contract() - Choose another contract
 * @manifest: of gpuas_manifest_init()
 * @contract: one of the board's
 *
 * Regions get the no-map and the type of memory that a writer of it gives them.
 */
void gpuas_manifest_contract(struct gpuas_manifest *manifest,
			     const struct gpuas_contract *contract);

/**
 * gpuas_manifest_region() - Find a region by name
 * @manifest: where to look
 * @name: its name
 *
 * Return: the region, present or not; NULL if there is none of that name.
 */
struct gpuas_region *gpuas_manifest_region(struct gpuas_manifest *manifest,
					   const char *name);

/**
 * gpuas_manifest_role() - Find the present region of a role
 * @manifest: where to look
 * @role: a role that only one region has
 *
 * Return: the first such region; NULL if there is none.
 */
const struct gpuas_region *
gpuas_manifest_role(const struct gpuas_manifest *manifest,
		    enum gpuas_role role);

/**
 * gpuas_board_root() - Look through the roots of a board
 * @board: the board
 * @i: 0 for the first
 *
 * Return: the root; NULL behind the last.
 */
const struct gpuas_board_root *gpuas_board_root(const struct gpuas_board *board,
						unsigned int i);

/**
 * gpuas_manifest_root() - PA of one of the roots
 * @manifest: where the tables are
 * @board: which roots there are
 * @i: which; gpuas_board_root() has one
 *
 * Return: its PA.
 */
gpuas_pa_t gpuas_manifest_root(const struct gpuas_manifest *manifest,
			       const struct gpuas_board *board, unsigned int i);

/**
 * gpuas_manifest_check() - Does a manifest make sense by itself?
 * @manifest: what to judge
 * @board: what it was made for
 * @report: names the region that is wrong, and says why
 *
 * Looks at numbers only, and touches no memory.
 *
 * Return: 0, or for the first thing that is wrong:
 * -GPUAS_ENOENT a region is missing, or is not present though not optional;
 * -GPUAS_EINVAL a region is empty or not aligned as the board demands, or a
 *	window is not in whole root entries, or the geometry is impossible;
 * -GPUAS_EOVERFLOW a region wraps;
 * -GPUAS_ERANGE a region lies beyond the PA size, or its VA is not in the
 *	firmware's window;
 * -GPUAS_EMSGSIZE a region is too small for what it has to hold, or smaller than
 *	the board says, or its contract allows, or larger than that;
 * -GPUAS_EACCES a region has a no-map that its contract refuses, or lacks one that it
 *	demands;
 * -GPUAS_ENOTUNIQ two regions, or two mappings, or the windows overlap;
 * -GPUAS_ESTALE the root is not the start of the tables; or geometry, windows,
 *	or a region's role, owner, VA or attributes differ from the board's; or
 *	there are regions that the board, or the contract, has not, or the contract is none
 *	of the board's.
 * -GPUAS_E2BIG the board has too many regions.
 */
int gpuas_manifest_check(const struct gpuas_manifest *manifest,
			 const struct gpuas_board *board,
			 struct gpuas_report *report);

/**
 * gpuas_manifest_inspect() - Is in memory what a manifest promises?
 * @manifest: passed gpuas_manifest_check()
 * @board: what it was made for
 * @env: used for borrowing only
 * @space: used on the way; of no meaning afterwards
 * @report: names what is wrong, with address and value
 *
 * Reads the root, the firmware's mappings, the TTB array and the handoff page,
 * and writes nothing. On an adopting board the kernel driver is the first to
 * write TTB array and handoff page, so these are only borrowed, not judged.
 *
 * Return: 0, or for the first thing that is wrong:
 * -GPUAS_EFAULT something is not in memory that may be read;
 * -GPUAS_EBUSY an entry in the host's window is not empty, of a root or of the table
 *	that is lent;
 * -GPUAS_EEXIST an entry of a root that should lead to that table is a block, or odd;
 * -GPUAS_ESTALE a mapped region is not mapped, mapped to another PA or with other
 *	attributes, or an entry leads to another table than the one that is lent, or TTB1
 *	of context 0 is not the root;
 * -GPUAS_ERANGE the host's window is larger than what the table that is lent covers;
 * -GPUAS_EPROTO the handoff page is not one;
 * -GPUAS_EOPNOTSUPP the board has no profile to judge it by.
 */
int gpuas_manifest_inspect(const struct gpuas_manifest *manifest,
			   const struct gpuas_board *board,
			   const struct gpuas_env *env, struct gpuas_space *space,
			   struct gpuas_report *report);

/**
 * gpuas_manifest_link() - Have each root lead to the table that is lent
 * @manifest: passed gpuas_manifest_check()
 * @board: what it was made for
 * @env: for borrowing; its clean and flush are those of the walkers
 * @space: used on the way; of no meaning afterwards
 * @report: names the root and its entry
 *
 * Where the entry of the host's window is one that the firmware publishes
 * (&gpuas_board_root.published), it has to have done so; else the link is made if the
 * entry is empty, as by gpuas_link_install(). All roots are judged before one is
 * written. An entry that leads to the table stays as it is, whatever other bits are set.
 * Nothing to do for a board without GPUAS_ROLE_LENT.
 *
 * Return: 0; -GPUAS_ENOENT if the firmware has still to make a link; -GPUAS_ESTALE if
 * an entry leads to another table; -GPUAS_EEXIST if it is a block, or odd; -GPUAS_EFAULT
 * if a root or the table cannot be read; -GPUAS_EBUSY if the table has still to be
 * linked and is not all zeroes.
 */
int gpuas_manifest_link(const struct gpuas_manifest *manifest,
			const struct gpuas_board *board,
			const struct gpuas_env *env, struct gpuas_space *space,
			struct gpuas_report *report);

/**
 * gpuas_manifest_open() - Open the handle of the host's window
 * @manifest: passed gpuas_manifest_check(), and, unless firmware publishes entries,
 *	gpuas_manifest_inspect()
 * @board: what it was made for
 * @env: the handle's environment
 * @space: the handle to fill
 * @report: says what stands in the way
 *
 * At the root; or, where the board has a region of GPUAS_ROLE_LENT, at that table,
 * after gpuas_manifest_link().
 *
 * Return: 0; an error of gpuas_manifest_link(), gpuas_space_adopt() or
 * gpuas_space_adopt_at(), as -GPUAS_EBUSY for a window that is not empty. After an
 * error the handle is unusable.
 */
int gpuas_manifest_open(const struct gpuas_manifest *manifest,
			const struct gpuas_board *board,
			const struct gpuas_env *env, struct gpuas_space *space,
			struct gpuas_report *report);

/**
 * gpuas_manifest_differs() - Find the first difference between two
 * @a: one, called "manifest" in the report
 * @b: the other, called "device tree"
 * @report: names the region that differs
 *
 * Return: 0 if they are equal; -GPUAS_EEXIST if not.
 */
int gpuas_manifest_differs(const struct gpuas_manifest *a,
			   const struct gpuas_manifest *b,
			   struct gpuas_report *report);

/**
 * gpuas_manifest_print() - Print the regions as a table
 * @manifest: what to print
 * @sink: takes the lines: region, PA, size, GPU VA, owner, no-map if it has it;
 *	then the contract
 */
void gpuas_manifest_print(const struct gpuas_manifest *manifest,
			  const struct gpuas_sink *sink);

/**
 * gpuas_owner_name() - Name an owner as in dumps
 * @owner: the owner
 *
 * Return: "host", "firmware" or "shared".
 */
const char *gpuas_owner_name(enum gpuas_owner owner);

GPUAS_END_DECLS

#endif /* GPUAS_MANIFEST_H */
