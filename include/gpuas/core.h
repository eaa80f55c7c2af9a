/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_CORE_H
#define GPUAS_CORE_H

#include <gpuas/snapshot.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: The file of a snapshot
 *
 * An ELF core (64 bits, little-endian, ET_CORE, EM_AARCH64), for readelf, gdb, drgn, and a
 * tool of this project. In this order:
 *
 * - the ELF header. Its entry is the start of the firmware's window.
 * - program headers: one PT_NOTE, then one for each extent, in the order of
 *	&gpuas_snapshot.extent. p_vaddr is gpuas_snap_address(), p_paddr the PA, p_memsz the
 *	size, p_align the smallest granule. p_flags has rights of the GPU; PF_R alone for
 *	what is no leaf. PT_LOAD with p_filesz = p_memsz where the contents are in the file;
 *	GPUAS_CORE_MISSING with p_filesz = 0 where they are not, which debuggers
 *	take for no memory, where they would take a PT_LOAD of no bytes for zeroes.
 * - with 65535 headers or more, a section header of type SHT_NULL whose sh_info is their
 *	number: e_phnum is PN_XNUM then. None else.
 * - the notes: name GPUAS_CORE_NOTE_NAME, types &enum gpuas_note, padded to 4 bytes. Those
 *	that have nothing to say are not there. Numbers in them are little-endian, and all
 *	structs are at a multiple of 8 in the file.
 * - from the next multiple of the granule on, the memory: each byte once, ascending by PA.
 *	Extents that share memory share its bytes.
 *
 * All that there is to read is memory of the snapshot's and of its environment. What cannot
 * be borrowed any more when it is read is zeroes in the file, and counted.
 */

/**
 * GPUAS_CORE_MISSING - p_type of a range without contents: PT_NULL. With a type of our own, gdb 13
 * (BFD's aarch64 backend) takes the file for no machine's.
 */
#define GPUAS_CORE_MISSING	0u

/** GPUAS_CORE_NOTE_NAME - Name of the notes */
#define GPUAS_CORE_NOTE_NAME	"libgpuas"

/** GPUAS_CORE_VERSION - Version of what is written; readers refuse a higher one */
enum { GPUAS_CORE_VERSION = 1 };

/**
 * enum gpuas_note - Types of the notes
 * @GPUAS_NOTE_INFO: &struct gpuas_note_info; always the first
 * @GPUAS_NOTE_SPACES: &struct gpuas_note_list, &struct gpuas_note_space for each space
 * @GPUAS_NOTE_EXTENTS: &struct gpuas_note_list, &struct gpuas_note_extent for each program
 *	header behind the first
 * @GPUAS_NOTE_FINDINGS: &struct gpuas_note_list, &struct gpuas_note_finding for each finding
 * @GPUAS_NOTE_MANIFEST: &struct gpuas_note_manifest, &struct gpuas_note_region for each
 *	region, present or not
 * @GPUAS_NOTE_TTBS: &struct gpuas_ttb_array, as it was in memory
 * @GPUAS_NOTE_HANDOFF: &struct gpuas_handoff, as it was in memory
 * @GPUAS_NOTE_REPORT: text: &gpuas_core_info.report
 * @GPUAS_NOTE_SOC: text: &gpuas_core_info.soc
 * @GPUAS_NOTE_LOG: &gpuas_core_info.log, any bytes
 *
 * Texts have no terminating zero.
 */
enum gpuas_note {
	GPUAS_NOTE_INFO = 0x47500001,
	GPUAS_NOTE_SPACES,
	GPUAS_NOTE_EXTENTS,
	GPUAS_NOTE_FINDINGS,
	GPUAS_NOTE_MANIFEST,
	GPUAS_NOTE_TTBS,
	GPUAS_NOTE_HANDOFF,
	GPUAS_NOTE_REPORT,
	GPUAS_NOTE_SOC,
	GPUAS_NOTE_LOG,
};

/**
 * enum gpuas_note_flags - Bits of &gpuas_note_info.flags
 * @GPUAS_NOTE_CUT: the walk ended with its budget, and not at the end of the last space
 * @GPUAS_NOTE_LIMITED: contents of some extents were more than the file may have
 */
enum gpuas_note_flags {
	GPUAS_NOTE_CUT = 1u << 0,
	GPUAS_NOTE_LIMITED = 1u << 1,
};

/**
 * struct gpuas_note_info - What the file is
 * @size: bytes of this
 * @version: GPUAS_CORE_VERSION
 * @time: &gpuas_core_info.time
 * @file_size: bytes of the file: a shorter one was cut off
 * @flags: &enum gpuas_note_flags
 * @align: alignment of all extents: the smallest granule
 * @extents: how many there are
 * @extents_lost: how many more there would have been, at most
 * @findings: how many there are
 * @findings_lost: how many more there would have been
 * @why: &gpuas_core_info.why, cut off, with terminating zero
 * @writer: &gpuas_core_info.writer, likewise
 * @board: name of the board, likewise; empty: not known
 */
struct gpuas_note_info {
	uint32_t size;
	uint32_t version;
	uint64_t time;
	uint64_t file_size;
	uint32_t flags;
	uint32_t align;
	uint32_t extents;
	uint32_t extents_lost;
	uint32_t findings;
	uint32_t findings_lost;
	char why[64];
	char writer[64];
	char board[32];
};

/**
 * struct gpuas_note_list - What stands before records
 * @size: bytes of one record; more than a reader knows are skipped
 * @count: how many follow
 */
struct gpuas_note_list {
	uint32_t size;
	uint32_t count;
};

/**
 * struct gpuas_note_space - &struct gpuas_snap_space
 * @name: name, with terminating zero
 * @format: &gpuas_format.name, likewise
 * @root: PA of the table that it is opened at
 * @va: first VA that this table covers
 * @context: number of a context, or GPUAS_SNAP_NO_CONTEXT
 * @tag: &enum gpuas_snap_tag
 * @level: level of the table; levels count up from the leaf
 * @va_bits: VA size of the half
 * @pa_bits: PA size
 * @granule_shift: log2 of the granule
 * @upper: 1: an upper half
 */
struct gpuas_note_space {
	char name[16];
	char format[16];
	uint64_t root;
	uint64_t va;
	uint16_t context;
	uint8_t tag;
	uint8_t level;
	uint8_t va_bits;
	uint8_t pa_bits;
	uint8_t granule_shift;
	uint8_t upper;
};

/**
 * struct gpuas_note_extent - What a program header has no place for
 * @va: &gpuas_snap_extent.va, and so are all that follow
 * @raw: of a leaf the entry without its address, of GPUAS_SNAP_ODD the entry
 * @attr: &enum gpuas_attr
 * @space: index of the space, or GPUAS_SNAP_NO_SPACE
 * @level: level
 * @kind: &enum gpuas_snap_kind
 * @owner: &enum gpuas_snap_owner
 * @region: index of the region, or GPUAS_SNAP_NO_REGION
 * @missing: &enum gpuas_snap_missing
 * @pad: 0
 */
struct gpuas_note_extent {
	uint64_t va;
	uint64_t raw;
	uint32_t attr;
	uint16_t space;
	uint8_t level;
	uint8_t kind;
	uint8_t owner;
	uint8_t region;
	uint8_t missing;
	uint8_t pad[5];
};

/**
 * struct gpuas_note_finding - &struct gpuas_snap_finding
 * @va: VA
 * @pa: where the entry leads to
 * @entry: the entry
 * @wrong: &enum gpuas_wrong or &enum gpuas_snap_wrong
 * @space: index of the space
 * @level: level of the table that holds the entry
 * @kind: &enum gpuas_kind
 * @region: index of the region, or GPUAS_SNAP_NO_REGION
 * @pad: 0
 */
struct gpuas_note_finding {
	uint64_t va;
	uint64_t pa;
	uint64_t entry;
	uint16_t wrong;
	uint16_t space;
	uint8_t level;
	uint8_t kind;
	uint8_t region;
	uint8_t pad;
};

/**
 * struct gpuas_note_manifest - &struct gpuas_manifest
 * @size: bytes of this; records follow
 * @region_size: bytes of one record
 * @regions: how many
 * @va_bits: VA size of the shared half
 * @pa_bits: PA size
 * @upper: 1: it is the upper half
 * @pad: 0
 * @root: PA of the first root
 * @fw_va: start of the firmware's window
 * @fw_size: its size
 * @host_va: start of the host's window
 * @host_size: its size
 * @format: name of the format, cut off, with terminating zero
 * @contract: name of the contract, likewise; empty: none
 */
struct gpuas_note_manifest {
	uint32_t size;
	uint32_t region_size;
	uint32_t regions;
	uint8_t va_bits;
	uint8_t pa_bits;
	uint8_t upper;
	uint8_t pad;
	uint64_t root;
	uint64_t fw_va;
	uint64_t fw_size;
	uint64_t host_va;
	uint64_t host_size;
	char format[16];
	char contract[32];
};

/**
 * struct gpuas_note_region - &struct gpuas_region
 * @name: name, with terminating zero
 * @pa: first PA
 * @size: bytes
 * @va: where it is mapped, if @mapped
 * @attr: how
 * @role: &enum gpuas_role
 * @owner: &enum gpuas_owner
 * @present: 1: it is there
 * @mapped: 1: it has a VA
 * @no_map: 1: it carries no-map
 * @memory: &enum gpuas_memory
 * @pad: 0
 */
struct gpuas_note_region {
	char name[GPUAS_NAME_MAX];
	uint64_t pa;
	uint64_t size;
	uint64_t va;
	uint32_t attr;
	uint8_t role;
	uint8_t owner;
	uint8_t present;
	uint8_t mapped;
	uint8_t no_map;
	uint8_t memory;
	uint8_t pad[6];
};

#define GPUAS_NOTE_AT(type, field, offset) \
	GPUAS_STATIC_ASSERT(offsetof(struct gpuas_note_##type, field) == offset, #type "." #field)
#define GPUAS_NOTE_SIZE(type, size) \
	GPUAS_STATIC_ASSERT(sizeof(struct gpuas_note_##type) == size, #type)

GPUAS_NOTE_AT(info, size, 0x00);
GPUAS_NOTE_AT(info, version, 0x04);
GPUAS_NOTE_AT(info, time, 0x08);
GPUAS_NOTE_AT(info, file_size, 0x10);
GPUAS_NOTE_AT(info, flags, 0x18);
GPUAS_NOTE_AT(info, align, 0x1c);
GPUAS_NOTE_AT(info, extents, 0x20);
GPUAS_NOTE_AT(info, extents_lost, 0x24);
GPUAS_NOTE_AT(info, findings, 0x28);
GPUAS_NOTE_AT(info, findings_lost, 0x2c);
GPUAS_NOTE_AT(info, why, 0x30);
GPUAS_NOTE_AT(info, writer, 0x70);
GPUAS_NOTE_AT(info, board, 0xb0);
GPUAS_NOTE_SIZE(info, 0xd0);
GPUAS_NOTE_AT(list, size, 0x0);
GPUAS_NOTE_AT(list, count, 0x4);
GPUAS_NOTE_SIZE(list, 0x8);
GPUAS_NOTE_AT(space, name, 0x00);
GPUAS_NOTE_AT(space, format, 0x10);
GPUAS_NOTE_AT(space, root, 0x20);
GPUAS_NOTE_AT(space, va, 0x28);
GPUAS_NOTE_AT(space, context, 0x30);
GPUAS_NOTE_AT(space, tag, 0x32);
GPUAS_NOTE_AT(space, level, 0x33);
GPUAS_NOTE_AT(space, va_bits, 0x34);
GPUAS_NOTE_AT(space, pa_bits, 0x35);
GPUAS_NOTE_AT(space, granule_shift, 0x36);
GPUAS_NOTE_AT(space, upper, 0x37);
GPUAS_NOTE_SIZE(space, 0x38);
GPUAS_NOTE_AT(extent, va, 0x00);
GPUAS_NOTE_AT(extent, raw, 0x08);
GPUAS_NOTE_AT(extent, attr, 0x10);
GPUAS_NOTE_AT(extent, space, 0x14);
GPUAS_NOTE_AT(extent, level, 0x16);
GPUAS_NOTE_AT(extent, kind, 0x17);
GPUAS_NOTE_AT(extent, owner, 0x18);
GPUAS_NOTE_AT(extent, region, 0x19);
GPUAS_NOTE_AT(extent, missing, 0x1a);
GPUAS_NOTE_AT(extent, pad, 0x1b);
GPUAS_NOTE_SIZE(extent, 0x20);
GPUAS_NOTE_AT(finding, va, 0x00);
GPUAS_NOTE_AT(finding, pa, 0x08);
GPUAS_NOTE_AT(finding, entry, 0x10);
GPUAS_NOTE_AT(finding, wrong, 0x18);
GPUAS_NOTE_AT(finding, space, 0x1a);
GPUAS_NOTE_AT(finding, level, 0x1c);
GPUAS_NOTE_AT(finding, kind, 0x1d);
GPUAS_NOTE_AT(finding, region, 0x1e);
GPUAS_NOTE_AT(finding, pad, 0x1f);
GPUAS_NOTE_SIZE(finding, 0x20);
GPUAS_NOTE_AT(manifest, size, 0x00);
GPUAS_NOTE_AT(manifest, region_size, 0x04);
GPUAS_NOTE_AT(manifest, regions, 0x08);
GPUAS_NOTE_AT(manifest, va_bits, 0x0c);
GPUAS_NOTE_AT(manifest, pa_bits, 0x0d);
GPUAS_NOTE_AT(manifest, upper, 0x0e);
GPUAS_NOTE_AT(manifest, pad, 0x0f);
GPUAS_NOTE_AT(manifest, root, 0x10);
GPUAS_NOTE_AT(manifest, fw_va, 0x18);
GPUAS_NOTE_AT(manifest, fw_size, 0x20);
GPUAS_NOTE_AT(manifest, host_va, 0x28);
GPUAS_NOTE_AT(manifest, host_size, 0x30);
GPUAS_NOTE_AT(manifest, format, 0x38);
GPUAS_NOTE_AT(manifest, contract, 0x48);
GPUAS_NOTE_SIZE(manifest, 0x68);
GPUAS_NOTE_AT(region, name, 0x00);
GPUAS_NOTE_AT(region, pa, 0x18);
GPUAS_NOTE_AT(region, size, 0x20);
GPUAS_NOTE_AT(region, va, 0x28);
GPUAS_NOTE_AT(region, attr, 0x30);
GPUAS_NOTE_AT(region, role, 0x34);
GPUAS_NOTE_AT(region, owner, 0x35);
GPUAS_NOTE_AT(region, present, 0x36);
GPUAS_NOTE_AT(region, mapped, 0x37);
GPUAS_NOTE_AT(region, no_map, 0x38);
GPUAS_NOTE_AT(region, memory, 0x39);
GPUAS_NOTE_AT(region, pad, 0x3a);
GPUAS_NOTE_SIZE(region, 0x40);

#undef GPUAS_NOTE_AT
#undef GPUAS_NOTE_SIZE

/**
 * struct gpuas_core_agx - What the "AGX" note of the Linux driver for Apple's GPUs holds
 * @initdata: VA of the firmware's initial data
 * @chip_id: of the SoC
 * @generation: of the GPU
 * @variant: of the GPU
 * @revision: of the GPU
 * @cores: how many are active
 * @firmware: version of the firmware
 * @pad: 0
 *
 * As it stands in the file, little-endian.
 */
struct gpuas_core_agx {
	uint64_t initdata;
	uint32_t chip_id;
	uint32_t generation;
	uint32_t variant;
	uint32_t revision;
	uint32_t cores;
	uint32_t firmware[6];
	uint32_t pad;
};

/**
 * struct gpuas_core_info - What only the caller knows
 * @why: why the snapshot was taken; NULL: nobody says
 * @writer: who wrote it, as "Linux 6.12.107, libgpuas 0.4.0"; NULL: nobody says
 * @time: when, in nanoseconds since 1970, or 0
 * @report: what was refused, as the text of a &struct gpuas_report; NULL: nothing
 * @soc: anything about the SoC and its firmware, in words; NULL: nothing
 * @log: the firmware's log; NULL: there is none
 * @log_size: its size in bytes
 * @agx: not NULL: write the layout that the Linux driver for Apple's GPUs writes: leaves of
 *	the first upper half alone, with PT_LOAD of no bytes for what is not there, bits of
 *	the entry and rights of the firmware in p_flags, two notes, "AGX" with this and
 *	"RTKIT" with the log, both of type 1
 *
 * All that it points to must outlive the core.
 */
struct gpuas_core_info {
	const char *why;
	const char *writer;
	uint64_t time;
	const char *report;
	const char *soc;
	const void *log;
	uint32_t log_size;
	const struct gpuas_core_agx *agx;
};

/**
 * struct gpuas_core - A file that can be read
 * @snapshot: what it is made of
 * @info: as given
 * @size: bytes of the file
 * @data: where the memory begins in it
 * @notes: where the notes begin
 * @notes_size: bytes of the notes, with padding
 * @align: smallest granule
 * @first: index of the first extent in the file
 * @extents: how many are in it
 * @present: how many of those have contents
 * @at: what was read last, in the order of PA
 * @limited: some more have contents, for which there was no room
 * @torn: granules that could not be borrowed any more when they were read
 *
 * The fields are for reading. Memory of the caller's, may be moved.
 */
struct gpuas_core {
	struct gpuas_snapshot *snapshot;
	struct gpuas_core_info info;
	uint64_t size;
	uint64_t data;
	uint64_t notes;
	uint32_t notes_size;
	uint32_t align;
	uint32_t first;
	uint32_t extents;
	uint32_t present;
	uint32_t at;
	bool limited;
	uint32_t torn;
};

/**
 * gpuas_core_init() - Lay the file of a snapshot out
 * @core: filled
 * @snapshot: captured; must outlive @core. Its extents get offsets, and GPUAS_SNAP_LIMIT
 * @info: what the caller knows
 * @limit: bytes of the file at most; ~0ULL: no limit
 *
 * The size of the file is &gpuas_core.size then. If it would be larger than @limit,
 * contents of extents are left out: tables are kept longest, then regions, then
 * upper halves, then lower ones; among these, small ones longer than large ones. The
 * list of extents is always complete.
 *
 * Return: 0; -GPUAS_ENOSPC if @limit is less than headers and notes take, with
 * &gpuas_core.data set to what they do; -GPUAS_E2BIG for a log of more than 1 GiB, or
 * more than 2^24 extents or findings. Nothing can be read after an error.
 */
int gpuas_core_init(struct gpuas_core *core, struct gpuas_snapshot *snapshot,
		    const struct gpuas_core_info *info, uint64_t limit);

/**
 * gpuas_core_read() - Read a part of the file
 * @core: laid out
 * @offset: from where
 * @buf: where to
 * @count: bytes
 *
 * Any part, in any order, as often as one likes. Memory is borrowed again for each
 * granule that is read, so it may have changed since the capture, or be gone: then
 * it is zeroes, and counted in &gpuas_core.torn. One reader at a time.
 *
 * Return: bytes read: @count, or what there is up to the end of the file.
 */
size_t gpuas_core_read(struct gpuas_core *core, uint64_t offset, void *buf,
		       size_t count);

/**
 * gpuas_core_push() - Write the whole file
 * @core: laid out
 * @buf: memory to work with
 * @size: its size in bytes; more than 0
 * @write: takes the next @count bytes; returns 0, or an error that ends it all
 * @ctx: for @write
 *
 * Return: 0; what @write returned; -GPUAS_EINVAL without memory to work with.
 */
int gpuas_core_push(struct gpuas_core *core, void *buf, size_t size,
		    int (*write)(void *ctx, const void *buf, size_t count),
		    void *ctx);

GPUAS_END_DECLS

#endif /* GPUAS_CORE_H */
