/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_FORMAT_H
#define GPUAS_FORMAT_H

#include <gpuas/types.h>

GPUAS_BEGIN_DECLS

/**
 * typedef gpuas_attr_t - What a mapping allows, in words common to all formats
 *
 * An OR of &enum gpuas_attr. Who may do what comes first (the GPU, the firmware
 * in its normal mode, the firmware in its guarded mode), then the kind of
 * memory, then who owns the entry. gpuas_attr_text() has them in words, and
 * gpuas_attr_refused_text() says what a format has against them.
 */
typedef uint32_t gpuas_attr_t;

/**
 * enum gpuas_attr - The bits of a gpuas_attr_t
 * @GPUAS_GPU_READ: the GPU may read
 * @GPUAS_GPU_WRITE: the GPU may write
 * @GPUAS_GPU_EXEC: the GPU may fetch instructions
 * @GPUAS_FW_READ: the firmware may read
 * @GPUAS_FW_WRITE: the firmware may write
 * @GPUAS_FW_EXEC: the firmware may execute
 * @GPUAS_GL_READ: the firmware may read in guarded mode (UAT, entries owned by
 *	the firmware; see apple's GL1)
 * @GPUAS_GL_WRITE: it may write in guarded mode
 * @GPUAS_GL_EXEC: it may execute in guarded mode
 * @GPUAS_ACCESS_MASK: all of the above
 * @GPUAS_MEM_CACHED: normal write-back memory, private to the firmware's caches
 * @GPUAS_MEM_SHARED: normal memory shared with the CPU or the GPU
 * @GPUAS_MEM_DEVICE: device registers
 * @GPUAS_MEM_OTHER: decode only: an attribute index nobody documents
 * @GPUAS_MEM_MASK: the field of the four kinds
 * @GPUAS_RAW: decode only: these words stand for another entry, or for none: its
 *	index of rights, or of memory, is one that gpuas_format_encode() does not
 *	choose. Who wants the entry again takes its bits (gpuas_format_raw_check())
 * @GPUAS_GLOBAL: the translation holds in every context (nG = 0)
 * @GPUAS_OWNER_FW: the entry is the firmware's (UAT bit 55 = 0); formats without
 *	an owner bit refuse it
 *
 * LPAE gives the GPU no right to data without giving it to the firmware, which is
 * the privileged side there, nor one of them to read what the other may write:
 * GPUAS_GPU_READ needs GPUAS_FW_READ, and beside GPUAS_FW_WRITE it needs
 * GPUAS_GPU_WRITE; that needs both, and forbids GPUAS_FW_EXEC; nor has it
 * a mapping without GPUAS_FW_READ, or with a right in guarded mode. UAT has none
 * that the firmware may both write and execute; LPAE has.
 */
enum gpuas_attr {
	GPUAS_GPU_READ = 1u << 0,
	GPUAS_GPU_WRITE = 1u << 1,
	GPUAS_GPU_EXEC = 1u << 2,
	GPUAS_FW_READ = 1u << 3,
	GPUAS_FW_WRITE = 1u << 4,
	GPUAS_FW_EXEC = 1u << 5,
	GPUAS_GL_READ = 1u << 6,
	GPUAS_GL_WRITE = 1u << 7,
	GPUAS_GL_EXEC = 1u << 8,
	GPUAS_ACCESS_MASK = 0x1ff,
	GPUAS_MEM_CACHED = 0u << 12,
	GPUAS_MEM_SHARED = 1u << 12,
	GPUAS_MEM_DEVICE = 2u << 12,
	GPUAS_MEM_OTHER = 3u << 12,
	GPUAS_MEM_MASK = 3u << 12,
	GPUAS_RAW = 1u << 15,
	GPUAS_GLOBAL = 1u << 16,
	GPUAS_OWNER_FW = 1u << 17,
};

/**
 * enum gpuas_kind - What an entry is
 * @GPUAS_HOLE: all bits zero: nothing is mapped, and the entry may be used
 * @GPUAS_TABLE: points to a table one level down (level 1 and up)
 * @GPUAS_PAGE: maps one granule (level 0)
 * @GPUAS_BLOCK: maps a whole entry's span above level 0
 * @GPUAS_OTHER: anything else: invalid for the walker, yet not zero, or an
 *	encoding that the architecture reserves
 */
enum gpuas_kind {
	GPUAS_HOLE,
	GPUAS_TABLE,
	GPUAS_PAGE,
	GPUAS_BLOCK,
	GPUAS_OTHER,
};

/**
 * struct gpuas_format - Geometry and encoding of a family of page tables
 * @name: as printed in dumps and written in board descriptions
 * @granule_shift: log2 of page and table size
 * @index_bits: log2 of the number of entries in a full table
 * @va_bits_min: smallest VA size of one half, in bits
 * @va_bits_max: largest VA size of one half, in bits
 * @pa_bits_min: smallest PA size, in bits
 * @pa_bits_max: largest PA size, in bits
 * @owner_bit: number of the bit that says "owned by the host", 0 if none
 * @block_levels: bit n set: blocks are legal at level n
 * @access: access rights by permission index (owner bit, AP[2:1] as stored in
 *	bits 7:6, UXN, PXN; most significant first); rows marked
 *	GPUAS_ACCESS_ALIAS are decoded but never chosen for encoding
 * @access_rows: number of rows: 16, or 32 with an owner bit
 * @mem_index: AttrIndx of cached, shared and device memory
 * @mem_shareability: SH field of the same
 * @mem_kind: kind of memory by AttrIndx, as GPUAS_MEM_* >> 12, with GPUAS_RAW >> 12 where
 *	@mem_index has another one, or none, for it
 *
 * Formats are constants of the library; the fields are public so that tests and
 * tools can enumerate them.
 */
struct gpuas_format {
	const char *name;
	uint8_t granule_shift;
	uint8_t index_bits;
	uint8_t va_bits_min;
	uint8_t va_bits_max;
	uint8_t pa_bits_min;
	uint8_t pa_bits_max;
	uint8_t owner_bit;
	uint8_t block_levels;
	const uint16_t *access;
	uint8_t access_rows;
	uint8_t mem_index[3];
	uint8_t mem_shareability[3];
	uint8_t mem_kind[8];
};

/** GPUAS_ACCESS_ALIAS - Row of &gpuas_format.access that only the decoder uses */
enum { GPUAS_ACCESS_ALIAS = GPUAS_RAW };

/** GPUAS_LEVELS_MAX - No supported geometry has more levels of tables */
enum { GPUAS_LEVELS_MAX = 4 };

/*
 * gpuas_format_uat - Apple's Unified Address Translator
 *
 * 16 KiB granule; 39 VA bits per half up to G14, 42 from G15; 36 to 42 PA bits.
 * Permissions are a 4-bit index into one of two tables that bit 55 selects.
 * Facts: m1n1 proxyclient/m1n1/hw/uat.py (class PTE, access_fw, access_gpu,
 * MemoryAttr, UAT_L0_OFF); Linux drm/asahi pgtable.rs (module prot). Two rights of the
 * firmware's in the host's entries are from SPTM's table, GravityLinux/bootloader
 * src/hv_sptm_uat.c and a decompilation of T8142, which agree [secondary]: AP 0 with UXN
 * alone may be written by it (m1n1 leaves that open), and AP 1 with PXN alone is write-only
 * (m1n1 and Linux: no access).
 */
extern const struct gpuas_format gpuas_format_uat;

/*
 * gpuas_format_lpae_4k - Arm VMSAv8-64 stage 1, 4 KiB granule
 *
 * 31 to 48 VA bits per half, 32 to 48 PA bits, for walkers programmed with
 * GPUAS_LPAE_MAIR. The level of the root follows from the VA size, as in
 * TCR_ELx.TnSZ. Blocks of 2 MiB and 1 GiB. Privileged accesses are the
 * firmware's, unprivileged ones the GPU's. Facts: Arm ARM DDI 0487, D8.2 (levels
 * by granule), D8.3 (descriptors) and D8.4 (permissions). The 32-bit LPAE format
 * (DDI 0406C, B3.6) is the same with 31 or 32 VA bits and 40 PA bits, but there bit
 * 54 forbids execution to both.
 */
extern const struct gpuas_format gpuas_format_lpae_4k;

/* gpuas_format_lpae_16k - The same with 16 KiB granule, blocks of 32 MiB */
extern const struct gpuas_format gpuas_format_lpae_16k;

/* gpuas_format_lpae_64k - The same with 64 KiB granule, blocks of 512 MiB */
extern const struct gpuas_format gpuas_format_lpae_64k;

/** GPUAS_LPAE_MAIR - MAIR that gpuas_format_lpae_16k assumes: WB, nGnRnE, WB */
#define GPUAS_LPAE_MAIR	0x0000000000ff00ffULL

/**
 * struct gpuas_geometry - Shape of one space
 * @format: encoding of the entries
 * @va_bits: VA size of this half in bits, within the format's limits
 * @pa_bits: PA size in bits, within the format's limits
 * @upper: true: the half at the top of the 64-bit address space (TTB1);
 *	false: the half that starts at 0 (TTB0)
 * @blocks: maps use blocks wherever the format has them, and VA, PA and size
 *	allow them; false: pages only. Must be false for UAT, whose walkers are
 *	not known to take blocks
 *
 * Windows are handed out in whole root entries. What one covers follows from the
 * granule and the number of levels that the VA size takes:
 *
 *	granule   VA bits     levels   a root entry covers
 *	4 KiB     31 to 39    3        1 GiB
 *	4 KiB     40 to 48    4        512 GiB
 *	16 KiB    31 to 36    2        32 MiB
 *	16 KiB    37 to 47    3        64 GiB (UAT: always)
 *	16 KiB    48          4        128 TiB
 *	64 KiB    31 to 42    2        512 MiB
 *	64 KiB    43 to 48    3        4 TiB
 */
struct gpuas_geometry {
	const struct gpuas_format *format;
	uint8_t va_bits;
	uint8_t pa_bits;
	bool upper;
	bool blocks;
};

/**
 * gpuas_format_encode() - Turn attributes into the bits of a page entry
 * @format: the format
 * @attr: OR of &enum gpuas_attr
 * @bits: set to the entry without its address
 *
 * Return: 0; -GPUAS_EOPNOTSUPP if the format cannot express exactly these
 * attributes (@bits is then unchanged).
 */
int gpuas_format_encode(const struct gpuas_format *format, gpuas_attr_t attr,
			uint64_t *bits);

/**
 * gpuas_format_decode() - Read the attributes of a page or block entry
 * @format: the format
 * @entry: the entry
 *
 * Return: the attributes. Every entry has some; none is refused. Those without
 * GPUAS_RAW, encoded, have the same index of rights and the same index of memory; those
 * with it are refused by gpuas_format_encode(), so that no entry turns into another one by
 * being read and written back.
 */
gpuas_attr_t gpuas_format_decode(const struct gpuas_format *format,
				 uint64_t entry);

/**
 * gpuas_format_raw_check() - Could these be the bits of a page entry?
 * @bits: an entry without its address, of any format, for who has it from an entry
 *	that was read, or knows an index that has no words
 *
 * Rights and kind of memory may be any of the 16, or 32, times 8.
 *
 * Return: 0; -GPUAS_EINVAL if a walker would not take it for a page, or would fault at
 * the first access (no AF), or if there are bits of an address in it.
 */
int gpuas_format_raw_check(uint64_t bits);

/**
 * gpuas_format_kind() - Say what an entry is
 * @format: the format
 * @level: level of the table that holds it
 * @entry: the entry
 *
 * Return: its kind. A block at a level where the architecture has none is
 * GPUAS_OTHER.
 */
enum gpuas_kind gpuas_format_kind(const struct gpuas_format *format,
				  unsigned int level, uint64_t entry);

GPUAS_END_DECLS

#endif /* GPUAS_FORMAT_H */
