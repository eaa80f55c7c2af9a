/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_ENVIRONMENT_H
#define GPUAS_ENVIRONMENT_H

#include <gpuas/types.h>

GPUAS_BEGIN_DECLS

/**
 * struct gpuas_table - The record of a table: what is known of it
 * @ptr: where the table is read and written. Set by the environment when it hands
 *	the table out
 * @pa: where it is for walkers; granule-aligned. Set likewise
 * @zero: all of its entries are zero. Set, or cleared, likewise; and set by the
 *	handle when it gives back a table that it emptied entry by entry. What others
 *	wrote there it need not know: an environment may hand such a table out again
 *	as it is only if nobody else can write to its tables, linked or not
 * @next: the next one in reserve, or that waits for a flush
 * @place: where it hangs in the tree; 0 if it does not
 * @live: how many of its entries the handle has in use
 * @low: none of them has a lower index
 * @end: all of them have lower ones
 *
 * Kept by the environment in memory that nobody but the host writes to, and never in
 * the table itself. It stays where it is from table_alloc to table_free; the fields
 * from @next on are the handle's in between, and an environment starts with zeroes.
 */
struct gpuas_table {
	uint64_t *ptr;
	gpuas_pa_t pa;
	struct gpuas_table *next;
	uint64_t place;
	uint16_t live;
	uint16_t low;
	uint16_t end;
	bool zero;
};

/**
 * struct gpuas_env - What a host provides to the handles on a tree
 * @ctx: handed back to each callback
 * @table_alloc: Get memory for one table: @size bytes (one granule), aligned to
 *	@size, of any content. Sets @table to its record and returns 0, or returns a
 *	negative errno value, which the operation then returns after undoing
 *	everything.
 * @table_free: Take back a table of @table_alloc. One that was linked is unlinked,
 *	and @flush called, before.
 * @table_record: The ownership oracle: the record of the table at @pa, or NULL if
 *	@table_alloc of this environment did not hand one out at exactly this
 *	address. One environment belongs to one handle: two handles on one tree
 *	have one each, which may draw from the same memory, but know their own
 *	tables only. Asked before anything is written to a table below the root,
 *	with granule-aligned addresses that were read from tables and so may be
 *	anything, 0 included, which is an address like any other. The answer must not
 *	come from the memory at @pa, since others may write there. Asked on the way
 *	down, so it should be quick: an array, or what the host keeps for each page.
 *	For tables that were taken back it may return NULL or their record.
 * @table_ptr: Checked borrow of @size bytes at @pa: a pointer through which a
 *	table of anybody can be read, or the root written, or NULL when
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
 * @invalidate: The counterpart, where what others wrote may hide behind the CPU's
 *	cache: forget @size bytes at @ptr, and lose nothing that this CPU wrote there, for
 *	a line may hold words of both (clean and invalidate to the point of coherency);
 *	return when that is done. NULL if the others are coherent. Called before
 *	a table or words of others are read: once for each borrow of a table, and for
 *	words of a lent table that the handle is opened at, each time that a tree, or a
 *	root as a whole, is looked at. Entries in the window are the handle's own: what
 *	changes them reads them as they are. Such handles take none of the short paths that
 *	are made for one granule and number of levels
 * @map_flush: walkers may remember that nothing is mapped (aurora-silicon linux
 *	mmu.rs for T8140: each change is flushed, also after a map): @flush is called
 *	for new entries too, once a call, or at the end of a gather. Whoever sets it
 *	provides @flush. Such handles take none of those short paths either: a flush costs more
 *
 * @stall: keep walkers of the @size bytes from @va waiting, or the GPU from using them, if it
 *	can do that, so that nothing faults for what will be there again in a moment.
 *	Called before the first store of a break: a block that is split, entries that
 *	others replace, another kind of memory for what is mapped; @flush comes in
 *	between. NULL if nothing can be stalled: then an access in that moment faults
 * @resume: the counterpart, called when all of the range is there again and has been
 *	made visible; each stall has one, with the same range, before another stall comes.
 *	Set if @stall is
 *
 * Whether there are @invalidate, @map_flush and @table_record is asked when a handle is made
 * or opened, and may not change while it is; @flush may come later.
 *
 * What may run beside what: the calls on one handle have a lock of the caller's around
 * them, and the callbacks run inside it. With one exception: gpuas_token_fill() and
 * gpuas_token_drain() touch no handle. Where the host calls them outside of that lock,
 * @table_alloc and @table_free must stand being run beside each other, and beside every
 * other callback; above all, @table_record is asked meanwhile. A record that is not in a
 * tree of this handle may come and go then; those in it stay as they are. Without such
 * calls, no callback of one environment ever runs beside another.
 *
 * A handle that is only read through (window size 0) needs @table_ptr alone.
 */
struct gpuas_env {
	void *ctx;
	int (*table_alloc)(void *ctx, size_t size, struct gpuas_table **table);
	void (*table_free)(void *ctx, struct gpuas_table *table, size_t size);
	struct gpuas_table *(*table_record)(void *ctx, gpuas_pa_t pa);
	uint64_t *(*table_ptr)(void *ctx, gpuas_pa_t pa, size_t size);
	void (*flush)(void *ctx, gpuas_va_t va, uint64_t size);
	void (*clean)(void *ctx, const void *ptr, size_t size);
	void (*invalidate)(void *ctx, const void *ptr, size_t size);
	bool map_flush;
	void (*stall)(void *ctx, gpuas_va_t va, uint64_t size);
	void (*resume)(void *ctx, gpuas_va_t va, uint64_t size);
};

GPUAS_END_DECLS

#endif /* GPUAS_ENVIRONMENT_H */
