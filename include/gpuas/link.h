/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_LINK_H
#define GPUAS_LINK_H

#include <gpuas/space.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: A table that is lent below a root
 *
 * An earlier stage makes one table for the host's entries, and links it into the root,
 * or has the firmware, or the host, do so: on Apple's G15 to G17 a middle table at root
 * entry 2 (SPTM for T8142 and T8140 in apple-silicon-re and its decompilations; drivers
 * of t6030 and t8132 demand or install the same link [hardware]). The kernel driver
 * opens a handle at that table, and looks here whether walkers get there.
 */

/**
 * enum gpuas_found - What stands where a table is expected
 * @GPUAS_FOUND_EMPTY: nothing: the entry is zero, or one above it
 * @GPUAS_FOUND_EXPECTED: the table
 * @GPUAS_FOUND_OTHER: another table; or one of those above it, whichever was expected
 * @GPUAS_FOUND_BLOCK: a block
 * @GPUAS_FOUND_ODD: an entry that is invalid and not zero, or a reserved encoding
 * @GPUAS_FOUND_UNREADABLE: a table above it that the environment will not lend
 */
enum gpuas_found {
	GPUAS_FOUND_EMPTY,
	GPUAS_FOUND_EXPECTED,
	GPUAS_FOUND_OTHER,
	GPUAS_FOUND_BLOCK,
	GPUAS_FOUND_ODD,
	GPUAS_FOUND_UNREADABLE,
};

/**
 * struct gpuas_link - Where a descent ended
 * @found: what it found
 * @level: level of the table that holds the entry
 * @index: its index there
 * @entry: the entry, as loaded, once
 * @table: PA of the table that it leads to; 0 if it leads to none
 */
struct gpuas_link {
	enum gpuas_found found;
	unsigned int level;
	unsigned int index;
	uint64_t entry;
	gpuas_pa_t table;
};

/** GPUAS_TABLE_ANY - "Whichever table is there", for gpuas_link_find() */
#define GPUAS_TABLE_ANY	gpuas_pa(~0ULL)

/**
 * gpuas_link_find() - Go down from a root to where a table is expected
 * @root: a handle on the root; one with a window of size 0 will do
 * @level: level of the table
 * @va: a VA that it covers
 * @table: its PA, or GPUAS_TABLE_ANY
 * @link: filled
 *
 * Reads only, through the environment's checked borrow. Where the way ends above the
 * level of the table, @link says what stands there.
 *
 * Return: 0, whatever was found; -GPUAS_EINVAL if @level is not below the root's;
 * -GPUAS_ERANGE if @va is not in this half. @link is set on success only.
 */
int gpuas_link_find(const struct gpuas_space *root, unsigned int level,
		    gpuas_va_t va, gpuas_pa_t table, struct gpuas_link *link);

/**
 * gpuas_space_adopt_below() - Open a tree at a table, by the root's PA and the way down
 * @space: the handle to fill
 * @geo: shape of the half
 * @level: level of the table
 * @window: as for gpuas_space_adopt_at()
 * @root: PA of the root, which is only read
 * @table: PA of the table, or GPUAS_TABLE_ANY
 * @env: the environment
 * @link: filled with what the descent found, also after -GPUAS_ENOENT, -GPUAS_ESTALE
 *	and -GPUAS_EEXIST, and after an error of gpuas_space_adopt_at() for the table
 *
 * Return: 0; -GPUAS_ENOENT if the way is empty; -GPUAS_ESTALE if another table is there;
 * -GPUAS_EEXIST for a block or an odd entry; -GPUAS_EFAULT if the root, or a table on the
 * way, cannot be read; an error of gpuas_space_adopt_at(). After an error the handle is
 * unusable, and nothing was written.
 */
int gpuas_space_adopt_below(struct gpuas_space *space,
			    const struct gpuas_geometry *geo,
			    unsigned int level,
			    const struct gpuas_range *window, gpuas_pa_t root,
			    gpuas_pa_t table, const struct gpuas_env *env,
			    struct gpuas_link *link);

/**
 * gpuas_link_install() - Link a table that is lent into an empty entry of a root
 * @root: a handle on the root, whose window does not cover the entry
 * @va: a VA that the entry covers
 * @table: PA of the table, one level below; all of it has to be zero
 * @link: filled with what stood in the entry
 *
 * For who has to make the link, once, before the firmware starts, or with the lock
 * that it takes before it changes the root. Published as a new table is: its contents
 * are visible before the entry is. It is nobody's table afterwards: no handle
 * unlinks it.
 *
 * Return: 0, also if this very link is there already; -GPUAS_EBUSY if the entry holds
 * anything else, or the table is not all zeroes; -GPUAS_EINVAL if @table is unaligned,
 * beyond the PA size, or the root itself, or the root is a leaf table; -GPUAS_ERANGE if
 * @va is not in this half; -GPUAS_EPERM if the entry is in the handle's window;
 * -GPUAS_EFAULT if the table is not lent. After an error nothing was written.
 */
int gpuas_link_install(const struct gpuas_space *root, gpuas_va_t va,
		       gpuas_pa_t table, struct gpuas_link *link);

GPUAS_END_DECLS

#endif /* GPUAS_LINK_H */
