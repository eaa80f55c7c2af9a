/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_SNAPSHOT_H
#define GPUAS_SNAPSHOT_H

#include <gpuas/handoff.h>
#include <gpuas/inspect.h>
#include <gpuas/manifest.h>
#include <gpuas/ttb.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Snapshot
 *
 * A list of extents of one or several spaces, whoever built them: what is mapped
 * where, how, whose it is, and whether its contents can be read. One bounded walk
 * for each space, in memory that the caller provides, for a machine in trouble:
 * nothing is allocated, written to a tree, or waited for, and no lock is taken. Every
 * table is read through the environment's check, each entry once. A live firmware
 * that changes tables meanwhile makes a snapshot that is torn, and nothing worse.
 * Contents are not copied: <gpuas/core.h> reads them when the file is written.
 *
 * Clear a &struct gpuas_snapshot, set what is the caller's, call
 * gpuas_snapshot_roots(), add spaces of one's own, call gpuas_snapshot_capture().
 */

/** GPUAS_SNAP_NAME_MAX - Size of a space's name, terminating zero included */
enum { GPUAS_SNAP_NAME_MAX = 16 };

enum {
	/** @GPUAS_SNAP_NO_CONTEXT: the space is bound to no context, or nobody knows */
	GPUAS_SNAP_NO_CONTEXT = 0xffff,
	/** @GPUAS_SNAP_NO_SPACE: the extent belongs to no space: a region */
	GPUAS_SNAP_NO_SPACE = 0xffff,
	/** @GPUAS_SNAP_NO_REGION: the PA is in no region of the manifest */
	GPUAS_SNAP_NO_REGION = 0xff,
	/** @GPUAS_SNAP_ROOT: &gpuas_snap_space.level: opened at the root */
	GPUAS_SNAP_ROOT = 0xff,
};

/**
 * enum gpuas_snap_tag - What tells spaces apart in a file
 * @GPUAS_SNAP_TAG_CONTEXT: and the number of a context: its lower half, 0x00 to 0x3f
 * @GPUAS_SNAP_TAG_UPPER: and 1 or more: another upper half than the first, 0x41 to 0x5f
 * @GPUAS_SNAP_TAG_OTHER: and 0 or more: the caller's own, as spaces of a driver that are
 *	bound to no context, 0x60 to 0x7e
 * @GPUAS_SNAP_TAG_PA: no space: what is known by its PA
 * @GPUAS_SNAP_TAG_FIRST: the first upper half, whose VAs stay as they are
 *
 * A file has one list of addresses, so bits 55:48 of those in it are the tag, and bits
 * 63:56 are zero, but for the first upper half, which has ones in both. So debuggers
 * that ignore the topmost byte, as gdb does on this architecture, tell them apart.
 */
enum gpuas_snap_tag {
	GPUAS_SNAP_TAG_CONTEXT = 0x00,
	GPUAS_SNAP_TAG_UPPER = 0x40,
	GPUAS_SNAP_TAG_OTHER = 0x60,
	GPUAS_SNAP_TAG_PA = 0x7f,
	GPUAS_SNAP_TAG_FIRST = 0xff,
};

/**
 * struct gpuas_snap_space - One half, or a part of it, below one table
 * @name: for people, as "root 0", "context 5", or what a driver calls it
 * @geo: shape of the half
 * @root: PA of the table that it is opened at
 * @va: any VA that this table covers; of no meaning at the root
 * @level: level of the table; GPUAS_SNAP_ROOT: it is the root
 * @tag: &enum gpuas_snap_tag; no two spaces should have the same
 * @context: the context that has it; GPUAS_SNAP_NO_CONTEXT
 */
struct gpuas_snap_space {
	char name[GPUAS_SNAP_NAME_MAX];
	struct gpuas_geometry geo;
	gpuas_pa_t root;
	gpuas_va_t va;
	uint8_t level;
	uint8_t tag;
	uint16_t context;
};

/**
 * enum gpuas_snap_kind - What an extent is
 * @GPUAS_SNAP_LEAF: mapped memory: pages, or blocks, of one level
 * @GPUAS_SNAP_TABLE: tables of one level
 * @GPUAS_SNAP_MEMORY: a region of the manifest, by its PA, mapped or not
 * @GPUAS_SNAP_ODD: an entry that is neither, or a table that was not entered: invalid and
 *	not zero, a reserved encoding, a table that cannot be read, is on its own path, or
 *	was entered before in this space
 */
enum gpuas_snap_kind {
	GPUAS_SNAP_LEAF,
	GPUAS_SNAP_TABLE,
	GPUAS_SNAP_MEMORY,
	GPUAS_SNAP_ODD,
};

/**
 * enum gpuas_snap_owner - Whose the memory of an extent is
 * @GPUAS_SNAP_FOREIGN: somebody else's, of whom the manifest does not know
 * @GPUAS_SNAP_LENT: the table that is lent to the host
 * @GPUAS_SNAP_OWNED: the host's: in its window of the upper half, or a table that the
 *	environment has a record of
 * @GPUAS_SNAP_USER: in a lower half
 * @GPUAS_SNAP_REGION: in a region of the manifest, which has an owner of its own
 */
enum gpuas_snap_owner {
	GPUAS_SNAP_FOREIGN,
	GPUAS_SNAP_LENT,
	GPUAS_SNAP_OWNED,
	GPUAS_SNAP_USER,
	GPUAS_SNAP_REGION,
};

/**
 * enum gpuas_snap_missing - Why contents are not there
 * @GPUAS_SNAP_PRESENT: they are
 * @GPUAS_SNAP_NOT_RAM: the environment does not lend the memory: device registers,
 *	memory that nobody declared, or that the kernel cannot read
 * @GPUAS_SNAP_NO_MAP: the same, and it is in a region that carries no-map
 * @GPUAS_SNAP_BEYOND: it lies beyond the PA size
 * @GPUAS_SNAP_NONE: there is no memory: GPUAS_SNAP_ODD
 * @GPUAS_SNAP_LIMIT: it can be read, and is more than the writer of the file was
 *	allowed. Set by gpuas_core_init()
 */
enum gpuas_snap_missing {
	GPUAS_SNAP_PRESENT,
	GPUAS_SNAP_NOT_RAM,
	GPUAS_SNAP_NO_MAP,
	GPUAS_SNAP_BEYOND,
	GPUAS_SNAP_NONE,
	GPUAS_SNAP_LIMIT,
};

/**
 * struct gpuas_snap_extent - A range that is alike all over
 * @va: first VA, as the GPU has it; of tables, what the first one covers from; 0 for a
 *	region
 * @pa: first PA; of GPUAS_SNAP_ODD, where the entry would lead to, 0 if nowhere
 * @size: bytes; of GPUAS_SNAP_ODD, what the entries cover
 * @raw: of a leaf the entry without its address, of GPUAS_SNAP_ODD the entry; else 0
 * @offset: where the contents are in the file, by gpuas_core_init(); else of no meaning
 * @attr: attributes of a leaf; else 0
 * @order: for gpuas_core_init()
 * @space: index of the space, or GPUAS_SNAP_NO_SPACE
 * @level: of a leaf, or of GPUAS_SNAP_ODD, that of the entries; of a table its own; 0 for a
 *	region
 * @kind: &enum gpuas_snap_kind
 * @owner: &enum gpuas_snap_owner
 * @region: index of the manifest's region that has the PA, or GPUAS_SNAP_NO_REGION
 * @missing: &enum gpuas_snap_missing
 */
struct gpuas_snap_extent {
	gpuas_va_t va;
	gpuas_pa_t pa;
	uint64_t size;
	uint64_t raw;
	uint64_t offset;
	gpuas_attr_t attr;
	uint32_t order;
	uint16_t space;
	uint8_t level;
	uint8_t kind;
	uint8_t owner;
	uint8_t region;
	uint8_t missing;
};

/**
 * enum gpuas_snap_wrong - What can be wrong besides &enum gpuas_wrong
 * @GPUAS_SNAP_UNMAPPED: a region is not mapped at a VA where the manifest says that it is
 * @GPUAS_SNAP_ELSEWHERE: another PA is mapped there
 * @GPUAS_SNAP_UNLIKE: it is mapped with other attributes
 *
 * Found once for each region, at the first VA.
 */
enum gpuas_snap_wrong {
	GPUAS_SNAP_UNMAPPED = 64,
	GPUAS_SNAP_ELSEWHERE,
	GPUAS_SNAP_UNLIKE,
};

/**
 * struct gpuas_snap_finding - One thing that is wrong with a tree
 * @va: first VA that the entry covers; for &enum gpuas_snap_wrong the VA
 * @pa: where it leads to, 0 if nowhere
 * @entry: the entry; 0 for a root that cannot be opened (GPUAS_WRONG_UNREADABLE, @pa)
 * @wrong: &enum gpuas_wrong, or &enum gpuas_snap_wrong
 * @space: index of the space
 * @level: of the table that holds the entry; of the root one more than its own
 * @kind: &enum gpuas_kind of the entry
 * @region: index of the region that is wrong, or GPUAS_SNAP_NO_REGION
 * @pad: 0
 *
 * For &enum gpuas_snap_wrong, @entry is the extent's raw bits, or 0.
 */
struct gpuas_snap_finding {
	gpuas_va_t va;
	gpuas_pa_t pa;
	uint64_t entry;
	uint16_t wrong;
	uint16_t space;
	uint8_t level;
	uint8_t kind;
	uint8_t region;
	uint8_t pad;
};

/**
 * struct gpuas_snapshot - A snapshot, and the memory that it is made in
 * @env: the environment: @table_ptr lends tables and what is mapped, a granule or more at a
 *	time; @invalidate and @table_record are used if they are there, nothing else is
 * @board: the board; NULL: nothing is known of it, nor of roots and regions
 * @manifest: what was handed over; may be NULL. Need not have passed any check
 * @space: memory for @spaces_max spaces
 * @spaces_max: how many
 * @extent: memory for @extents_max extents
 * @extents_max: how many; 2^24 at most
 * @finding: memory for @findings_max findings
 * @findings_max: how many
 * @seen: memory for @seen_max table addresses (&gpuas_inspector.seen), used for one space
 *	after the other
 * @seen_max: how many tables of one space can be told from each other
 * @budget: entries to load and memory to ask for at most, over all; counted down. Half of
 *	it is what regions may take
 * @spaces: spaces that there are; the caller may add some
 * @extents: extents that there are, ascending by gpuas_snap_address(); those of
 *	one address by space
 * @extents_lost: extents for which there was no memory, at most: some of them might have
 *	been one
 * @findings: findings that there are, those of upper halves first, in the order of spaces,
 *	and of VA in each
 * @findings_lost: findings for which there was no memory
 * @cut: the budget ended before the walk did
 * @has_ttbs: there is a TTB array, and it could be read
 * @has_handoff: there is a handoff page, and it could be read
 * @ttbs: the array when gpuas_snapshot_roots() saw it, or the capture did
 * @handoff: the page when the capture began
 * @walk: used on the way; of no meaning afterwards
 * @lost: likewise
 *
 * The fields up to @budget are the caller's. May be moved between calls; env, board and
 * manifest must outlive it.
 */
struct gpuas_snapshot {
	const struct gpuas_env *env;
	const struct gpuas_board *board;
	const struct gpuas_manifest *manifest;
	struct gpuas_snap_space *space;
	uint32_t spaces_max;
	struct gpuas_snap_extent *extent;
	uint32_t extents_max;
	struct gpuas_snap_finding *finding;
	uint32_t findings_max;
	gpuas_pa_t *seen;
	uint32_t seen_max;
	unsigned int budget;
	uint32_t spaces;
	uint32_t extents;
	uint32_t extents_lost;
	uint32_t findings;
	uint32_t findings_lost;
	bool cut;
	bool has_ttbs;
	bool has_handoff;
	struct gpuas_ttb_array ttbs;
	struct gpuas_handoff handoff;
	struct gpuas_space walk;
	struct gpuas_snap_extent lost;
};

/**
 * gpuas_snapshot_roots() - List the spaces that everybody knows of
 * @snapshot: with board and manifest; spaces are added
 *
 * The roots of the board's upper half, the first one first; then, from the TTB array, the
 * lower half of each bound context, and each upper half that is none of those roots. A
 * root that several contexts have is listed once, for the first of them. What is
 * not bound is not listed: a driver adds the spaces that it knows of.
 *
 * Return: 0; -GPUAS_EINVAL without board or manifest; -GPUAS_E2BIG if there was no memory
 * for all; -GPUAS_EFAULT if the TTB array cannot be read. What was listed stays after
 * an error, and can be captured.
 */
int gpuas_snapshot_roots(struct gpuas_snapshot *snapshot);

/**
 * gpuas_snapshot_capture() - Walk all spaces
 * @snapshot: with its spaces; extents and findings of an earlier capture are forgotten
 *
 * Copies TTB array and handoff page. Each present region of the manifest becomes an extent
 * of its own, so that all of it is known by its PA, whatever is mapped. Then walks
 * each space once, upper halves first, as gpuas_inspect() does, so that each table is
 * entered once for each space: cycles, and tables that several entries lead to, are
 * findings. Last, unless
 * something is missing, the mappings are compared with those that the manifest
 * says.
 *
 * Extents are merged as far as VA, PA and all that is said of them permit. Tables that
 * several spaces lead to are one extent, of the first. There is no error: what is not
 * complete says so (@cut, @extents_lost, @findings_lost).
 */
void gpuas_snapshot_capture(struct gpuas_snapshot *snapshot);

/**
 * gpuas_snap_finding_text() - Append a finding as a sentence: VA, level, entry, what
 * @text: the line
 * @finding: the finding
 * @region: name of the region that is wrong; NULL: its index will do
 */
void gpuas_snap_finding_text(struct gpuas_text *text,
			     const struct gpuas_snap_finding *finding,
			     const char *region);

/**
 * gpuas_snap_address() - Address of an extent in a file, which has the tag in it
 * @snapshot: the snapshot
 * @extent: one of its extents
 *
 * Return: VA with the tag of its space; for tables and regions, PA with
 * GPUAS_SNAP_TAG_PA.
 */
uint64_t gpuas_snap_address(const struct gpuas_snapshot *snapshot,
			    const struct gpuas_snap_extent *extent);

GPUAS_END_DECLS

#endif /* GPUAS_SNAPSHOT_H */
