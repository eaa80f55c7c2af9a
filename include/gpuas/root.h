/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_ROOT_H
#define GPUAS_ROOT_H

#include <gpuas/space.h>
#include <gpuas/text.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Several roots, and entries that firmware publishes into them
 *
 * On Apple's G17 two coprocessors have a root of the kernel half each. While it starts,
 * firmware writes entries into its root; the host remembers them, clears what is
 * above, builds below its own entries, confirms that the published ones are still what
 * they were, and copies its own from the first root to the second. Facts: aurora-silicon
 * linux drivers/gpu/drm/asahi mmu.rs, pgtable.rs, g17/mod.rs (T8140 [hardware]).
 *
 * These are operations on a root as a whole, by who has it to himself: the
 * bootloader, or the driver of the GPU. They take a handle on the root, one with a
 * window of size 0 will do, and write to no entry of a window. Entries are
 * counted from 0, which is at the start of the half.
 */

/** GPUAS_PUBLISHED_MAX - Most entries of a root that firmware may publish */
enum { GPUAS_PUBLISHED_MAX = 16 };

/**
 * struct gpuas_published - What firmware published into a root
 * @root: PA of the root
 * @count: entries 0 up to this one, exclusive
 * @entry: as they were
 *
 * A plain value.
 */
struct gpuas_published {
	gpuas_pa_t root;
	unsigned int count;
	uint64_t entry[GPUAS_PUBLISHED_MAX];
};

/**
 * gpuas_published_take() - Remember what firmware published
 * @published: filled, also after -GPUAS_ENOENT and -GPUAS_EPROTO
 * @root: a handle on the root
 * @count: how many entries it publishes
 * @report: the entry that is missing, or wrong
 *
 * Return: 0; -GPUAS_E2BIG if @count is above GPUAS_PUBLISHED_MAX, or there are not as
 * many entries; -GPUAS_ENOENT if one is empty: the firmware is not up, or not up to
 * there; -GPUAS_EPROTO if one is no table.
 */
int gpuas_published_take(struct gpuas_published *published,
			 const struct gpuas_space *root, unsigned int count,
			 struct gpuas_report *report);

/**
 * gpuas_published_confirm() - Are published entries still what they were?
 * @published: what they were
 * @root: a handle on the root
 * @report: the first that differs: its index, what it was, and what it is
 *
 * Return: 0; -GPUAS_EINVAL if it is another root; -GPUAS_ESTALE if one differs.
 */
int gpuas_published_confirm(const struct gpuas_published *published,
			    const struct gpuas_space *root,
			    struct gpuas_report *report);

/**
 * struct gpuas_entries - Entries of a root, from one to another
 * @first: index of the first
 * @end: index behind the last
 */
struct gpuas_entries {
	unsigned int first;
	unsigned int end;
};

/**
 * gpuas_root_clear() - Empty the entries of a root above the published ones
 * @root: a handle on the root
 * @entries: which; both bounds are the caller's
 * @wrote: set to the first and behind the last that was not empty; equal: none was
 *
 * What they led to is not looked at: by the contract it is nobody's any more. Flushes
 * (&gpuas_env.flush) from the first to the last that was not empty.
 *
 * Return: 0; -GPUAS_ERANGE if there are not as many entries; -GPUAS_EPERM if one is in
 * the handle's window. After an error nothing was written.
 */
int gpuas_root_clear(const struct gpuas_space *root,
		     const struct gpuas_entries *entries,
		     struct gpuas_entries *wrote);

/**
 * gpuas_root_mirror() - Make entries of a root what they are in another
 * @to: a handle on the root that is written, whose flush reaches its walkers
 * @from: a handle on the other one, of the same shape
 * @entries: which: in general from the first that is not published on
 * @wrote: a bit for each entry of @entries, the first one's lowest: set if it was
 *	written; bits beyond are untouched. May be NULL
 * @count: set to how many were written
 *
 * Entries that are empty in @from become empty too, as tables go that only the
 * other root led to: so that nobody walks freed memory, mirror after a root entry was
 * unlinked and before its table is freed, as in &gpuas_env.flush of the handle on
 * @from. One live entry takes the place of another by break-before-make: it is emptied,
 * flushed, and written. What replaces or removes something is flushed here, new
 * entries only where &gpuas_env.map_flush says so; the caller knows by @wrote what other
 * walkers have to forget. Whatever firmware does meanwhile: each word is loaded once,
 * and what is written is what was loaded from @from.
 *
 * Return: 0; -GPUAS_EINVAL if the shapes differ, or the roots are one; -GPUAS_ERANGE if
 * there are not as many entries; -GPUAS_EPERM if one is in the window of @to. After an
 * error nothing was written.
 */
int gpuas_root_mirror(const struct gpuas_space *to,
		      const struct gpuas_space *from,
		      const struct gpuas_entries *entries, uint64_t *wrote,
		      unsigned int *count);

GPUAS_END_DECLS

#endif /* GPUAS_ROOT_H */
