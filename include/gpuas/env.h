/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_ENVIRONMENT_H
#define GPUAS_ENVIRONMENT_H

#include <gpuas/types.h>

GPUAS_BEGIN_DECLS

/**
 * struct gpuas_env - What a host provides to the handles on a tree
 * @ctx: handed back to each callback
 * @table_alloc: Get memory for one table: @size bytes (one granule), aligned to
 *	@size, of any content. Sets @pa and returns 0, or returns a negative
 *	errno value, which the operation then returns after undoing everything.
 * @table_free: Take back a table for which @table_owned says yes. One that was
 *	linked is unlinked, and @flush called, before.
 * @table_owned: The ownership oracle: was the table at @pa handed out by
 *	@table_alloc of this environment, and not taken back since? One environment
 *	belongs to one handle: two handles on one tree have one each, which may
 *	draw from the same memory, but know their own tables only. Asked before
 *	anything is written to, or freed, below the root, with addresses that
 *	were read from tables and so may be anything, 0 included, which is an
 *	address like any other. The answer must not come from the memory at @pa,
 *	since others may write there.
 * @table_ptr: Checked borrow of @size bytes at @pa: a pointer through which the
 *	table can be read (and written, if it is owned or the root), or NULL when
 *	@pa is not in memory that may be read. The pointer must stay valid for as
 *	long as the handle lives. Called with any address.
 * @flush: Forget every translation of the @size bytes from @va, leaves and
 *	tables alike, and return when no walker uses them any more. All of it is the
 *	callback's: first wait until the entries that were stored before are
 *	complete, then invalidate, then wait until that is. On an Arm CPU that
 *	tells walkers by TLBI: DSB, TLBI, DSB, each for the domain that the
 *	walkers are in, and ISB if this CPU walks the tables too; for an SMMU, a
 *	DSB before the command is handed over, and a sync that is waited for.
 *	gpuas_publish_barrier(), which was called before, puts stores in order and
 *	completes none: without the first DSB, a TLBI may come before the store that
 *	it is about, and the old entry is used on. May be NULL when no walker is
 *	running yet.
 *
 * @clean: Make @size bytes at @ptr, which were written through the CPU's cache,
 *	visible to a walker that does not look into that cache (clean to the
 *	point of coherency), and return when they are. NULL if walkers are
 *	coherent. Called for a new table before it is linked, and for changed
 *	entries at the end of each call, or of a gather: as few and as large
 *	ranges as the changes allow. What takes the place of a live entry is
 *	cleaned inside the call in any case.
 *
 * A handle that is only read through (window size 0) needs @table_ptr alone.
 */
struct gpuas_env {
	void *ctx;
	int (*table_alloc)(void *ctx, size_t size, gpuas_pa_t *pa);
	void (*table_free)(void *ctx, gpuas_pa_t pa, size_t size);
	bool (*table_owned)(void *ctx, gpuas_pa_t pa);
	uint64_t *(*table_ptr)(void *ctx, gpuas_pa_t pa, size_t size);
	void (*flush)(void *ctx, gpuas_va_t va, uint64_t size);
	void (*clean)(void *ctx, const void *ptr, size_t size);
};

GPUAS_END_DECLS

#endif /* GPUAS_ENVIRONMENT_H */
