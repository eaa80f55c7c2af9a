/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * Bits of an entry, and the arithmetic of a geometry. Private to lib/.
 * Layout: Arm ARM DDI 0487, D8.3 (VMSAv8-64 descriptor formats, stage 1).
 */
#ifndef GPUAS_ENTRY_H
#define GPUAS_ENTRY_H

#include <gpuas/space.h>

#define ENTRY_TYPE_MASK		0x3ULL
#define ENTRY_BLOCK		0x1ULL
#define ENTRY_TABLE		0x3ULL	/* above level 0 */
#define ENTRY_PAGE		0x3ULL	/* at level 0 */
#define ENTRY_ATTRINDX_SHIFT	2
#define ENTRY_AP_SHIFT		6
#define ENTRY_SH_SHIFT		8
#define ENTRY_AF		(1ULL << 10)
#define ENTRY_NG		(1ULL << 11)
#define ENTRY_XN_SHIFT		53	/* PXN, and UXN above it */
#define ENTRY_ADDR_SHIFT	12	/* of the smallest granule; zero up to a larger one's */
#define ENTRY_ADDR_BITS		48
#define ENTRY_SIZE_SHIFT	3	/* log2 of bytes an entry */

/*
 * Set to 12, 14 or 16 where every byte counts: formats with other granules then do
 * not work, and there are no short paths.
 */
#ifndef GPUAS_SMALL_GRANULE_SHIFT
#define GPUAS_SMALL_GRANULE_SHIFT	0
#endif

/*
 * Code for speed, of which there are copies for each granule; or for size, as by -Os. Each
 * short path is a function of its own, which saves no more registers than it needs; the
 * one that chooses jumps there.
 */
#if GPUAS_SMALL_GRANULE_SHIFT || defined(__OPTIMIZE_SIZE__)
enum { FAST = 0 };
#define GPUAS_INLINE static inline
#define GPUAS_HOT static
#else
enum { FAST = 1 };
#define GPUAS_INLINE static inline __attribute__((always_inline))
#define GPUAS_HOT static __attribute__((__noinline__))
#endif

/*
 * Live entries are counted, where else a table is looked through; and for speed the
 * last tables are remembered, where else the environment is asked.
 */
enum { COUNTED = !GPUAS_SMALL_GRANULE_SHIFT, REMEMBERED = FAST };

/* Where the kind of memory sits in a gpuas_attr_t, and all bits that mean something. */
#define ENTRY_MEM_SHIFT		12
#define ATTR_KNOWN \
	((gpuas_attr_t)(GPUAS_ACCESS_MASK | GPUAS_MEM_MASK | GPUAS_GLOBAL | GPUAS_OWNER_FW))

static inline unsigned int granule_shift_(const struct gpuas_geometry *geo)
{
	return GPUAS_SMALL_GRANULE_SHIFT ? GPUAS_SMALL_GRANULE_SHIFT :
					  geo->format->granule_shift;
}

/* In &gpuas_space.hot: all tables are somebody else's, and are read. */
enum { HOT_READ = 0x80 };

/* What &gpuas_space.hot is for a granule of 1 << @gs and a number of levels. */
static inline unsigned int hot_shape_(unsigned int gs, unsigned int levels)
{
	return levels << 5 | gs;
}

/* Does a handle take the short paths for these? */
static inline bool hot_(const struct gpuas_space *space, unsigned int gs,
			unsigned int levels)
{
	return FAST && space->hot == hot_shape_(gs, levels);
}

/* Does one that has no tables, with three levels? */
static inline bool hot_read_(const struct gpuas_space *space, unsigned int gs)
{
	return FAST && space->hot == (hot_shape_(gs, 3) | HOT_READ);
}

static inline uint64_t granule_(const struct gpuas_geometry *geo)
{
	return 1ULL << granule_shift_(geo);
}

static inline unsigned int index_bits_(const struct gpuas_geometry *geo)
{
	return GPUAS_SMALL_GRANULE_SHIFT ?
		       GPUAS_SMALL_GRANULE_SHIFT - (unsigned int)ENTRY_SIZE_SHIFT :
		       geo->format->index_bits;
}

/* Number of entries in a full table. */
static inline unsigned int entries_(const struct gpuas_geometry *geo)
{
	return 1u << index_bits_(geo);
}

static inline unsigned int shift_(const struct gpuas_geometry *geo,
				  unsigned int level)
{
	return granule_shift_(geo) + level * index_bits_(geo);
}

/* Bytes that one entry at this level covers. */
static inline uint64_t span_(const struct gpuas_geometry *geo,
			     unsigned int level)
{
	return 1ULL << shift_(geo, level);
}

/* Offset of the last byte that the entry at @pos covers. */
static inline uint64_t span_last_(const struct gpuas_geometry *geo,
				  unsigned int level, uint64_t pos)
{
	return pos | (span_(geo, level) - 1);
}

static inline unsigned int index_(const struct gpuas_geometry *geo,
				  unsigned int level, uint64_t pos)
{
	return (unsigned int)(pos >> shift_(geo, level)) & (entries_(geo) - 1);
}

/* May maps use a block at this level? */
static inline bool block_level_(const struct gpuas_geometry *geo,
				unsigned int level)
{
	return geo->blocks && (geo->format->block_levels >> level & 1);
}

/* First VA of the half. */
static inline uint64_t base_(const struct gpuas_geometry *geo)
{
	return geo->upper ? ~0ULL << geo->va_bits : 0;
}

/* Address field of an entry whose output is @span bytes long. */
static inline gpuas_pa_t address_(uint64_t entry, uint64_t span)
{
	return gpuas_pa(entry & ((1ULL << ENTRY_ADDR_BITS) - 1) & ~(span - 1));
}

static inline gpuas_pa_t table_address_(const struct gpuas_geometry *geo,
					uint64_t entry)
{
	return address_(entry, granule_(geo));
}

static inline uint64_t min_(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif /* GPUAS_ENTRY_H */
