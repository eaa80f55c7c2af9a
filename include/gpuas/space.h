/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_SPACE_H
#define GPUAS_SPACE_H

#include <gpuas/env.h>
#include <gpuas/format.h>

/**
 * struct gpuas_space - A handle on one tree
 * @geo: shape, as given
 * @env: environment, as given; must outlive the handle
 * @root: PA of the root table
 * @root_ptr: the root as borrowed from the environment
 * @root_owned: the root was allocated by this handle
 * @top: level of the root; the tree has @top + 1 levels
 * @window: first offset into the half that may be changed
 * @window_last: last such offset; below @window if none may be
 * @tables: tables that this handle has in the tree, an owned root included
 * @pages: leaves that this handle has in the tree
 * @spare: first of the tables set aside for an operation under way
 * @spares: how many
 *
 * Plain memory of the caller's; may be moved between calls. The fields may be
 * read, and are changed only by the functions below.
 */
struct gpuas_space {
	struct gpuas_geometry geo;
	const struct gpuas_env *env;
	gpuas_pa_t root;
	uint64_t *root_ptr;
	bool root_owned;
	uint8_t top;
	uint64_t window;
	uint64_t window_last;
	uint32_t tables;
	uint64_t pages;
	gpuas_pa_t spare;
	uint32_t spares;
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
 * Return: 0; -GPUAS_EINVAL for a shape outside the format's limits or an
 * unaligned window; -GPUAS_ERANGE or -GPUAS_EOVERFLOW for a window outside the
 * half; the environment's error, or -GPUAS_EFAULT if its memory cannot be
 * borrowed or lies beyond the PA size. After an error the handle is unusable,
 * and nothing is allocated.
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
 * @root: PA of the borrowed root
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
 * gpuas_space_release() - Take everything of this handle out of the tree
 * @space: the handle; unusable afterwards
 *
 * In this order: the root entries in the window that lead to owned tables are
 * made invalid, the window is flushed, the owned tables below are freed, the
 * root entries become zero; an owned root is freed last. Entries outside the
 * window, and entries that lead to tables of others, stay as they are, and such
 * tables are neither changed nor freed. Mapped pages are the caller's: they may
 * be reused when this returns.
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
 * allocated, before the first entry is written. Only pages are used, no blocks.
 * Mapping over a live entry is refused, also if it is the same mapping. New
 * entries need no flush.
 *
 * Return: 0; -GPUAS_EINVAL if something is unaligned or @size is 0;
 * -GPUAS_EOVERFLOW if @va or @pa plus @size wraps; -GPUAS_ERANGE if @va is
 * outside the space, or the PA range beyond the PA size; -GPUAS_EPERM if the VA
 * range is not inside the window, or leads through a table that is not owned;
 * -GPUAS_EEXIST if an entry in the range is not empty; -GPUAS_EOPNOTSUPP if the
 * format cannot express @attr; -GPUAS_EFAULT if an owned table cannot be
 * borrowed; the environment's error if a table cannot be had. After an error the
 * tree, the environment's memory and the counters are as before.
 */
int gpuas_map(struct gpuas_space *space, gpuas_va_t va, gpuas_pa_t pa,
	      uint64_t size, gpuas_attr_t attr);

/**
 * gpuas_unmap() - Unmap a range, which may have holes
 * @space: the handle
 * @va: first VA, granule-aligned
 * @size: bytes, a multiple of the granule, not 0
 *
 * Clears every leaf in the range, unlinks tables that became empty, flushes the
 * range if anything was mapped in it, then frees those tables. A hole, however
 * large, is no error and costs one step.
 *
 * Return: 0; -GPUAS_EINVAL, -GPUAS_EOVERFLOW, -GPUAS_ERANGE as for gpuas_map();
 * -GPUAS_EPERM if the range is not inside the window, leads through a table that
 * is not owned, or contains a block or a reserved encoding above level 0 (this
 * handle makes none); -GPUAS_EFAULT if an owned table cannot be borrowed. After
 * an error nothing has changed.
 */
int gpuas_unmap(struct gpuas_space *space, gpuas_va_t va, uint64_t size);

/**
 * gpuas_count_tables() - Count the tables that a map would allocate right now
 * @space: the handle
 * @va: as for gpuas_map()
 * @size: as for gpuas_map()
 * @tables: set to the exact number; 0 if all are there already
 *
 * Runs the checks of gpuas_map() on the range, and writes nothing.
 *
 * Return: as for gpuas_map(), without the errors of PA, attributes and memory.
 */
int gpuas_count_tables(const struct gpuas_space *space, gpuas_va_t va,
		       uint64_t size, uint32_t *tables);

/**
 * gpuas_translate() - Find what the walker would find at a VA
 * @space: the handle
 * @va: any VA, aligned or not, also outside the window
 * @pa: set to the PA of this very byte
 * @attr: set to the attributes; may be NULL
 *
 * Return: 0; -GPUAS_ERANGE if @va is not in this half; -GPUAS_ENOENT if nothing
 * is mapped there; -GPUAS_EFAULT if a table on the way cannot be borrowed, or
 * an entry points beyond the PA size. @pa and @attr are set on success only.
 */
int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr);

#endif /* GPUAS_SPACE_H */
