/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_SPACE_H
#define GPUAS_SPACE_H

#include <gpuas/env.h>
#include <gpuas/format.h>

GPUAS_BEGIN_DECLS

/** GPUAS_DIRTY_RANGES - Ranges of changed entries that are gathered for cleaning */
enum { GPUAS_DIRTY_RANGES = 8 };

/**
 * struct gpuas_gather - Work that is put off to the end of a call or of a gather
 * @depth: number of gpuas_gather_begin() without gpuas_gather_end()
 * @first: first offset to be flushed; ~0 if there is nothing to flush
 * @last: last offset to be flushed; 0 if there is nothing to flush
 * @stale: something in that range was there before
 * @pending: unlinked tables that wait for the flush, or NULL
 * @dirty: ranges of entries that wait to be cleaned
 * @dirties: how many
 */
struct gpuas_gather {
	unsigned int depth;
	uint64_t first;
	uint64_t last;
	bool stale;
	struct gpuas_table *pending;
	struct {
		const uint64_t *first;
		const uint64_t *end;
	} dirty[GPUAS_DIRTY_RANGES];
	unsigned int dirties;
};

/** GPUAS_NEAR - Tables that a handle remembers at each level */
enum { GPUAS_NEAR = 4 };

struct gpuas_token;

/**
 * struct gpuas_space - A handle on one tree, opened at its root or at a table below
 * @geo: shape of the whole half, as given
 * @env: environment, as given; must outlive the handle
 * @root_ptr: the table that it is opened at, as borrowed from the environment
 * @root: PA of that table
 * @root_table: its record if it was allocated by this handle, else NULL: it is lent
 * @near: the tables that were met last at each level, by the low bits of where they
 *	hang: most often the next one is among them, and nothing else hangs on it
 * @top: level of the table that it is opened at; there are @top + 1 levels
 * @hot: granule and number of levels, for the choice of a short path that is made for
 *	them; 0 if none may be taken; with a mark for a handle that has no tables
 * @shift: log2 of what an entry covers, by level
 * @index_mask: number of entries of a table, less one
 * @base: first VA that the table covers: that of the half, for a root
 * @last: last offset from there that it covers
 * @pa_last: last PA
 * @leaf_mask: type of an entry, and the bits of its address beyond the PA size
 * @page_mask: the bits of its address, if it leads to a page or a table; for short paths
 * @window: first offset that may be changed
 * @window_last: last such offset; below @window if none may be
 * @tables: tables that this handle has in the tree, an owned root included;
 *	those that wait for a flush count until they are freed
 * @spare: tables set aside, or NULL
 * @spares: how many
 * @gather: work put off
 * @token: tokens that are outstanding (gpuas/token.h), or NULL
 * @settle: does what was put off and has to be done before something is mapped in a range
 *	of offsets; NULL if nothing can be: in no gather, with no token outstanding
 * @attr: attributes that @bits encodes
 * @bits: see @attr; 0 if nothing was encoded yet
 *
 * Plain memory of the caller's; may be moved between calls. The fields may be
 * read, and are changed only by the functions below.
 */
struct gpuas_space {
	struct gpuas_geometry geo;
	const struct gpuas_env *env;
	uint64_t *root_ptr;
	gpuas_pa_t root;
	struct gpuas_table *root_table;
	struct gpuas_table *near[GPUAS_LEVELS_MAX][GPUAS_NEAR];
	uint8_t top;
	uint8_t hot;
	uint8_t shift[GPUAS_LEVELS_MAX + 1];
	uint16_t index_mask;
	uint64_t base;
	uint64_t last;
	uint64_t pa_last;
	uint64_t leaf_mask;
	uint64_t page_mask;
	uint64_t window;
	uint64_t window_last;
	uint32_t tables;
	struct gpuas_table *spare;
	uint32_t spares;
	struct gpuas_gather gather;
	struct gpuas_token *token;
	void (*settle)(struct gpuas_space *space, uint64_t first, uint64_t last);
	gpuas_attr_t attr;
	uint64_t bits;
};

/**
 * struct gpuas_extent - A piece of a scatter list
 * @pa: first PA
 * @size: bytes
 */
struct gpuas_extent {
	gpuas_pa_t pa;
	uint64_t size;
};

/**
 * gpuas_space_create() - Make a new, empty tree with an owned root
 * @space: the handle to fill
 * @geo: its shape
 * @window: the VA range that this handle may change; start and size must be
 *	multiples of what one root entry covers
 * @env: the environment
 *
 * The root takes one granule, whatever number of its entries is in use.
 *
 * Return: 0; -GPUAS_EINVAL for a shape outside the format's limits, a granule that
 * this build is not for, or an unaligned window; -GPUAS_ERANGE or -GPUAS_EOVERFLOW
 * for a window outside the half; -GPUAS_EPERM if the environment gives no tables;
 * its error, or -GPUAS_EFAULT if its memory cannot be borrowed or lies beyond the
 * PA size. After an error the handle is unusable, and nothing is allocated.
 */
int gpuas_space_create(struct gpuas_space *space,
		       const struct gpuas_geometry *geo,
		       const struct gpuas_range *window,
		       const struct gpuas_env *env);

/**
 * gpuas_space_adopt() - Open a tree that somebody else built, by its root's PA
 * @space: the handle to fill
 * @geo: its shape
 * @window: as for gpuas_space_create(); a size of 0 gives a handle that can only
 *	be read through
 * @root: PA of the root, which is lent
 * @env: the environment
 *
 * Writes nothing. All root entries in the window must be empty: one that is not
 * was left by a previous user, and may point to memory that is long in other
 * hands.
 *
 * Return: 0; -GPUAS_EINVAL, -GPUAS_ERANGE, -GPUAS_EOVERFLOW as for
 * gpuas_space_create(), and for an unaligned or too large @root; -GPUAS_EFAULT
 * if the environment will not lend the root; -GPUAS_EBUSY if a root entry in the
 * window is not empty. After an error the handle is unusable.
 */
int gpuas_space_adopt(struct gpuas_space *space,
		      const struct gpuas_geometry *geo,
		      const struct gpuas_range *window, gpuas_pa_t root,
		      const struct gpuas_env *env);

/**
 * gpuas_space_adopt_at() - Open a tree at any of its tables, by that table's PA
 * @space: the handle to fill
 * @geo: shape of the whole half
 * @level: level of the table: that of the root, or lower; at 0 it holds pages
 * @window: the VA range that this handle may change; its start says which part of the
 *	half the table covers. Start and size must be multiples of what one entry of
 *	the table covers; a size of 0 gives a handle that can only be read through
 * @table: PA of the table, which is lent
 * @env: the environment
 *
 * For a table below the root that somebody else made, links, and takes away, and
 * into which this handle writes its entries: as the middle table for the host's part
 * of the kernel half on Apple's G15 to G17. The handle sees what the table covers
 * and no more: everything else is -GPUAS_ERANGE, or outside the window. Nothing is
 * known, or asked, of the way from the root to the table: see gpuas_link_find().
 *
 * Writes nothing, and like gpuas_space_adopt() wants all entries in the window empty.
 * What the table holds outside the window stays as it is, and the table is
 * neither freed nor unlinked by gpuas_space_release().
 *
 * Return: as for gpuas_space_adopt(), with the table for the root; -GPUAS_EINVAL also
 * for a level above the root's; -GPUAS_ERANGE also for a window that does not lie in
 * what one table of that level covers. After an error the handle is unusable.
 */
int gpuas_space_adopt_at(struct gpuas_space *space,
			 const struct gpuas_geometry *geo, unsigned int level,
			 const struct gpuas_range *window, gpuas_pa_t table,
			 const struct gpuas_env *env);

/**
 * gpuas_space_reopen() - Go on after the host sees its memory elsewhere
 * @space: the handle
 *
 * For hosts that turn their MMU on, or move, between calls: borrows the root
 * again, or the table that the handle is opened at. Where the handle's own tables are
 * is in their records, which the host brings up to date before. Not in a gather: what
 * that has put off may be known by where it was.
 *
 * Return: 0; -GPUAS_EBUSY inside a gather; -GPUAS_EFAULT if the environment does not
 * lend the root; with the handle as it was.
 */
int gpuas_space_reopen(struct gpuas_space *space);

/**
 * gpuas_space_release() - Take everything of this handle out of the tree
 * @space: the handle; unusable afterwards
 *
 * In this order: the entries in the window, of the table that the handle is opened at,
 * that lead to owned tables become zero, as do leaves there; the window is flushed; the
 * owned tables below are freed; an owned root is freed last. A table that is lent, as
 * any that the handle adopted, is neither freed nor unlinked. Entries outside the
 * window, and entries that lead to tables of others, stay as they are, and such
 * tables are neither changed nor freed. Mapped pages are the caller's: they may
 * be reused when this returns. An own table is found by the entry that the handle wrote;
 * one whose entry somebody else overwrote stays allocated.
 */
void gpuas_space_release(struct gpuas_space *space);

/**
 * gpuas_map() - Map a physically contiguous range
 * @space: the handle
 * @va: first VA, granule-aligned
 * @pa: first PA, granule-aligned
 * @size: bytes, a multiple of the granule, not 0
 * @attr: OR of &enum gpuas_attr
 *
 * All or nothing: everything is checked, and every table that is needed is
 * allocated or taken from the reserve, before the first entry is written.
 * Mapping over a live entry is refused, also if it is the same mapping. New
 * entries need no flush.
 *
 * Return: 0; -GPUAS_EINVAL if something is unaligned or @size is 0;
 * -GPUAS_EOVERFLOW if @va or @pa plus @size wraps; -GPUAS_ERANGE if @va is
 * outside the space, or the PA range beyond the PA size; -GPUAS_EPERM if the VA
 * range is not inside the window, or leads through a table that is not owned, or
 * that hangs elsewhere in the tree, or the environment gives no tables and one is
 * needed; -GPUAS_EEXIST if an entry in the range is not empty; -GPUAS_EOPNOTSUPP if
 * the format cannot express @attr; the environment's error if a table cannot be had,
 * -GPUAS_EFAULT if it is misaligned, beyond the PA size, not seen by the CPU, or the very
 * table that the handle is opened at. After an error the tree, the environment's memory
 * and the counters are as before.
 */
int gpuas_map(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
	      uint64_t size, gpuas_attr_t attr);

/**
 * gpuas_map_raw() - Map a range with the bits of an entry instead of attributes
 * @space: the handle
 * @va: as for gpuas_map()
 * @pa: as for gpuas_map()
 * @size: as for gpuas_map()
 * @bits: bits of a page that gpuas_format_raw_check() takes; a block gets the same, but
 *	for its type
 *
 * For who has bits and no attributes, as they stand in a tree of somebody else's, or
 * in a protocol: gpuas_format_encode() has words for most, and not for all. Nothing is
 * known here of what they mean.
 *
 * Return: as for gpuas_map(); an error of gpuas_format_raw_check().
 */
int gpuas_map_raw(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		  uint64_t size, uint64_t bits);

/**
 * gpuas_map_list() - Map a scatter list to consecutive VAs
 * @space: the handle
 * @va: first VA, granule-aligned
 * @list: the pieces in order; each granule-aligned, of whole granules, not empty
 * @pieces: how many, at least 1
 * @attr: OR of &enum gpuas_attr
 *
 * One call for a whole buffer: one survey, one allocation of tables, one clean.
 * All or nothing over all pieces.
 *
 * Return: as for gpuas_map(); -GPUAS_EOVERFLOW also if the sizes add up to more
 * than 2^64.
 */
int gpuas_map_list(struct gpuas_space *space, gpuas_va_t va,
		   const struct gpuas_extent *list, unsigned int pieces,
		   gpuas_attr_t attr);

/**
 * gpuas_map_repeat() - Map the same memory again and again over a range
 * @space: the handle
 * @va: first VA, granule-aligned
 * @pa: first PA of the pattern, granule-aligned
 * @length: bytes of the pattern, a multiple of the granule, not 0
 * @size: bytes of VA, a multiple of the granule, not 0; the last repetition may be cut
 * @attr: OR of &enum gpuas_attr
 *
 * For sparse buffers, whose holes all read the same memory. Each repetition is mapped as
 * gpuas_map() would: by blocks where @va, @pa and @length allow it, so a pattern as large
 * and as aligned as a block takes one entry for each.
 *
 * Return: as for gpuas_map(), with @pa and @length for the PA range.
 */
int gpuas_map_repeat(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
		     uint64_t length, uint64_t size, gpuas_attr_t attr);

/**
 * gpuas_unmap() - Unmap a range, which may have holes
 * @space: the handle
 * @va: first VA, granule-aligned
 * @size: bytes, a multiple of the granule, not 0
 *
 * Clears every leaf in the range, unlinks tables that became empty, flushes the
 * range if anything was mapped in it, then frees those tables. A leaf table that the
 * range covers goes as it is, with all that stands in it. Whether another one became
 * empty is known by counting what the handle has in it; and before it goes, it is
 * looked through for what others wrote, if it is not a leaf table below a root of the
 * handle's own: with that, it stays. A hole, however large, is no error and costs one
 * step per entry of the lowest table above the leaves that has it. An entry that leads
 * to an own table which hangs elsewhere is cleared if the range covers it. A block
 * that sticks out of the range is split first: a table with the rest of it takes its
 * place, after a break (entry empty, flush): for that moment the rest is not mapped
 * either.
 *
 * Return: 0; -GPUAS_EINVAL, -GPUAS_EOVERFLOW, -GPUAS_ERANGE as for gpuas_map();
 * -GPUAS_EPERM if the range is not inside the window, leads through a table that
 * is not owned, contains a reserved encoding above level 0, or part of what an entry
 * covers that leads to an own table which hangs elsewhere; the environment's error,
 * or -GPUAS_EFAULT as for gpuas_map(), if a block has to be split and no table can be
 * had. After an error nothing has
 * changed.
 */
int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size);

/**
 * gpuas_protect() - Change the attributes of what is mapped in a range
 * @space: the handle
 * @va: first VA, granule-aligned
 * @size: bytes, a multiple of the granule, not 0
 * @attr: OR of &enum gpuas_attr, for all of it
 *
 * In place, one store an entry, output addresses kept; holes stay holes; blocks
 * that stick out are split as in gpuas_unmap(). The range is flushed if an entry
 * changed. The architecture wants break-before-make for a change of the kind of
 * memory (Arm ARM DDI 0487, D8.16.1): such entries are made invalid
 * (bits 1:0 0b10), flushed, then written.
 *
 * Return: as for gpuas_unmap(); -GPUAS_EPERM also if an entry of the range is
 * invalid in this way already, as it would be made valid; -GPUAS_EOPNOTSUPP if the
 * format cannot express @attr. After an error nothing has changed.
 */
int gpuas_protect(struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		  gpuas_attr_t attr);

/**
 * gpuas_protect_live() - The same on entries that walkers may be using meanwhile
 * @space: the handle
 * @va: as for gpuas_protect()
 * @size: as for gpuas_protect()
 * @attr: as for gpuas_protect()
 *
 * No entry is broken first: each is changed by one store whatever it was, then the
 * range is flushed. The architecture does not promise what a walker does that has
 * both kinds of memory at once; whoever calls this knows from elsewhere that none
 * does harm: on AGX, all peers make a page that firmware has in its cache uncached
 * while it runs, as a break would make it fault, and ask it for a cache flush
 * afterwards (Linux drm/asahi mmu.rs; gpuas_unmap_prepare()). A block that sticks out
 * is split as always, with a break.
 *
 * Return: as for gpuas_protect().
 */
int gpuas_protect_live(struct gpuas_space *space, gpuas_va_t va, uint64_t size,
		       gpuas_attr_t attr);

/**
 * gpuas_replace() - Map a scatter list over whatever is mapped there
 * @space: the handle
 * @va: as for gpuas_map_list()
 * @list: as for gpuas_map_list()
 * @pieces: as for gpuas_map_list()
 * @attr: as for gpuas_map_list()
 *
 * Unmap and map in one call that either happens fully or not at all: all tables
 * are had before the old mapping goes, and those that are there stay, so that
 * blocks are used only where none was. Break-before-make: the old entries are
 * emptied and flushed before the new ones are written.
 *
 * Return: as for gpuas_unmap() and gpuas_map_list(), but for -GPUAS_EEXIST. After
 * an error nothing has changed.
 */
int gpuas_replace(struct gpuas_space *space, gpuas_va_t va,
		  const struct gpuas_extent *list, unsigned int pieces,
		  gpuas_attr_t attr);

/**
 * gpuas_count_tables() - Count the tables that a map by pages would need right now
 * @space: the handle
 * @va: as for gpuas_map()
 * @size: as for gpuas_map()
 * @tables: set to the exact number; 0 if all are there already
 *
 * Runs the checks of gpuas_map() on the range, and writes nothing. Where blocks
 * are used, a map needs at most as many.
 *
 * Return: as for gpuas_map(), without the errors of PA, attributes and memory.
 */
int gpuas_count_tables(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint32_t *tables);

/**
 * gpuas_reserve() - Set tables aside for maps that must not fail
 * @space: the handle
 * @tables: how many the reserve shall have afterwards, at least
 *
 * Maps take tables from the reserve before they ask the environment: one that
 * gpuas_count_tables() foresaw no more tables for than are reserved, on a tree
 * that has not changed since, cannot fail for want of memory.
 *
 * The reserve is a list of records: what stands in its tables, or is written there by
 * others meanwhile, does not matter.
 *
 * Return: 0; -GPUAS_EPERM if the environment gives no tables; its error, or
 * -GPUAS_EFAULT as for gpuas_map(); with the reserve as it was.
 */
int gpuas_reserve(struct gpuas_space *space, uint32_t tables);

/**
 * gpuas_unreserve() - Give back what is left of the reserve
 * @space: the handle
 */
void gpuas_unreserve(struct gpuas_space *space);

/**
 * gpuas_gather_begin() - Put flushes, cleans and frees off
 * @space: the handle
 *
 * Until the gpuas_gather_end() that belongs to it, operations leave the flush, the
 * cleaning of entries and the freeing of tables for then: one flush for many
 * calls. What was unmapped, and rights that were changed, may be used by walkers
 * until then, and walkers that have to be cleaned for may not see new mappings
 * before. What replaces something live is never put off: the rest of a block that is
 * split, another kind of memory by gpuas_protect(), gpuas_replace(); and what was put
 * off before gets done with it. Nests. Whoever maps over what was unmapped in the same
 * gather, or after a table was unlinked in it, gets everything done first that was put
 * off, as the architecture wants the old translation gone before (Arm ARM DDI 0487,
 * D8.16.1).
 */
void gpuas_gather_begin(struct gpuas_space *space);

/**
 * gpuas_gather_end() - Do what was put off
 * @space: the handle
 *
 * In this order: entries are cleaned, one range that covers all changes is
 * flushed, tables are freed.
 */
void gpuas_gather_end(struct gpuas_space *space);

/**
 * gpuas_translate() - Find what the walker would find at a VA
 * @space: the handle
 * @va: any VA, aligned or not, also outside the window
 * @pa: set to the PA of this very byte
 * @attr: set to the attributes; may be NULL
 *
 * Return: 0; -GPUAS_ERANGE if the handle does not cover @va; -GPUAS_ENOENT if nothing
 * is mapped there; -GPUAS_EFAULT if a table on the way cannot be borrowed, or
 * an entry points beyond the PA size. @pa and @attr are set on success only.
 */
int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr);

GPUAS_END_DECLS

#endif /* GPUAS_SPACE_H */
