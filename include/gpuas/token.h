/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TOKEN_H
#define GPUAS_TOKEN_H

#include <gpuas/space.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Lists of operations, with tables that a job brings along
 *
 * The calls of gpuas/space.h get tables from the environment when they need some, and
 * flush and give tables back before they return. A driver whose work is queued, and done
 * where nothing may be allocated or waited for (a fence is signalled, memory is being
 * reclaimed), has a token for each job instead:
 *
 * ======  ==================  ==========================================================
 * lock    step                what
 * ======  ==================  ==========================================================
 * yes     gpuas_ops_count()   how many tables the list takes on the tree as it is; or
 * no      gpuas_ops_bound()   at most, on whatever the tree will be by then
 * no      gpuas_token_fill()  gets them
 * yes     gpuas_ops_apply()   all of the list, or nothing: allocates and frees nothing
 * yes     gpuas_token_flush() now or later; or gpuas_token_flushed(), if the host's
 *                             fence did it
 * no      gpuas_token_drain() gives back what was unlinked, and what was not used
 * ======  ==================  ==========================================================
 *
 * "lock" is the caller's lock around the handle. There may be any number of tokens at
 * once, and each job has its own tables only: one cannot take what another one counted.
 * A count holds as long as nothing else changed the tree; after that, gpuas_ops_apply()
 * says -GPUAS_ENOMEM and has changed nothing, and the job counts again and fills up.
 *
 * A table is in one place at a time: in the tree, in the reserve of a handle, among a
 * token's spares, or among what it retired.
 */

/** GPUAS_TOKEN_RANGES - Ranges that a token keeps apart until they are flushed */
enum { GPUAS_TOKEN_RANGES = 8 };

/**
 * struct gpuas_token - What one job has: tables to use, tables to give back, ranges to flush
 * @env: environment of the handle that it is for, as given
 * @geo: shape of that handle's tree, as given
 * @spare: tables to use, or NULL
 * @spares: how many
 * @retired: tables that were unlinked, and may still be walked until the flush, or NULL
 * @tables: how many
 * @range: what is to be flushed, in order of VA, without overlaps. A ninth range is
 *	merged with another one, where the gap is smallest
 * @ranges: how many; not 0: the token is outstanding
 * @cover: bytes, less one, that the largest table of @retired covered which was not
 *	flushed yet; 0 if there is none
 * @next: the next token that is outstanding for the same handle, or NULL
 *
 * Plain memory of the caller's, which may not be moved while the token is outstanding.
 * The fields may be read (@range, @ranges and @cover under the handle's lock, as another
 * job's operation may have them flushed), and are changed only by the functions below.
 */
struct gpuas_token {
	const struct gpuas_env *env;
	struct gpuas_geometry geo;
	struct gpuas_table *spare;
	uint32_t spares;
	struct gpuas_table *retired;
	uint32_t tables;
	struct gpuas_range range[GPUAS_TOKEN_RANGES];
	unsigned int ranges;
	uint64_t cover;
	struct gpuas_token *next;
};

/**
 * gpuas_token_init() - Make a token that has nothing
 * @token: filled
 * @env: environment of the handle that it will be used with; must outlive it
 * @geo: shape of that handle's tree
 *
 * Touches no handle.
 *
 * Return: 0; -GPUAS_EINVAL for a shape outside the format's limits, or a granule that
 * this build is not for.
 */
int gpuas_token_init(struct gpuas_token *token, const struct gpuas_env *env,
		     const struct gpuas_geometry *geo);

/**
 * gpuas_token_fill() - Have tables to use
 * @token: the token
 * @tables: how many it shall have afterwards, at least
 *
 * Asks table_alloc of the environment for what is missing, and touches no handle, so that
 * it may run outside of the handle's lock, beside operations and beside other tokens: see
 * &struct gpuas_env for what that asks of the environment. Can be repeated to have more.
 *
 * Return: 0; -GPUAS_EPERM if the environment gives no tables; its error, or -GPUAS_EFAULT
 * for a table that is misaligned, beyond the PA size, or not seen by the CPU; with the
 * token's tables as they were.
 */
int gpuas_token_fill(struct gpuas_token *token, uint32_t tables);

/**
 * gpuas_token_drain() - Give back all tables, those to use and those that were unlinked
 * @token: the token; has nothing afterwards, and may be filled again
 *
 * Calls table_free of the environment, and touches no handle: may run outside of its lock,
 * like gpuas_token_fill(), also after the handle was released.
 *
 * Return: 0; -GPUAS_EBUSY if the token is outstanding, with everything as it was: walkers
 * may still be in its tables.
 */
int gpuas_token_drain(struct gpuas_token *token);

/**
 * gpuas_token_flush() - Flush what a token's operations left behind, now
 * @space: the handle that it was used with
 * @token: the token; not outstanding afterwards
 *
 * One call of the environment's flush for each range. Does nothing if the token is not
 * outstanding for @space.
 */
void gpuas_token_flush(struct gpuas_space *space, struct gpuas_token *token);

/**
 * gpuas_token_flushed() - Say that the host has flushed a token's ranges itself
 * @space: the handle that it was used with
 * @token: the token; not outstanding afterwards
 *
 * For hosts that have the walkers forget by something that is queued, as a job of the GPU,
 * and learn of it by a fence. What is promised is what &gpuas_env.flush promises, for
 * each of the token's ranges, begun after the gpuas_ops_apply() that noted it returned.
 * Does nothing if the token is not outstanding for @space.
 * Ranges that were noted since are forgotten too: one job, one token.
 */
void gpuas_token_flushed(struct gpuas_space *space, struct gpuas_token *token);

/**
 * enum gpuas_op_kind - What an operation of a list does
 * @GPUAS_OP_MAP: map a scatter list over whatever is there, as gpuas_replace()
 * @GPUAS_OP_REPEAT: map one piece again and again, over whatever is there; otherwise as
 *	gpuas_map_repeat()
 * @GPUAS_OP_UNMAP: unmap, as gpuas_unmap(): holes are no error, blocks are split
 * @GPUAS_OP_PROTECT: change attributes, as gpuas_protect()
 */
enum gpuas_op_kind {
	GPUAS_OP_MAP,
	GPUAS_OP_REPEAT,
	GPUAS_OP_UNMAP,
	GPUAS_OP_PROTECT,
};

/**
 * struct gpuas_op - One operation of a list
 * @kind: what it does
 * @attr: OR of &enum gpuas_attr; not looked at for GPUAS_OP_UNMAP
 * @va: first VA, granule-aligned
 * @size: bytes, a multiple of the granule, not 0
 * @list: MAP: the pieces, granule-aligned, of whole granules, not empty, @size in all;
 *	REPEAT: one piece, the pattern; otherwise not looked at
 * @pieces: how many; 1 for REPEAT
 *
 * There is no operation that fails because of what others of the list did.
 */
struct gpuas_op {
	enum gpuas_op_kind kind;
	gpuas_attr_t attr;
	gpuas_va_t va;
	uint64_t size;
	const struct gpuas_extent *list;
	unsigned int pieces;
};

/**
 * gpuas_ops_count() - Check a list, and count the tables that it would take right now
 * @space: the handle
 * @ops: the operations, in the order in which they take effect
 * @count: how many; 0 is a list that does nothing
 * @tables: set to the number
 *
 * Runs all checks of gpuas_ops_apply(), each on the tree as it is, whatever operations
 * before it will have done; writes nothing. The number is exact if each operation begins
 * where the one before it ends, or above. Otherwise it is never too low, but tables that
 * several operations share may be counted for each: sort what does not overlap. It is never
 * more than gpuas_ops_bound() of the same list, in the same order, unless somebody else put
 * a block into a tree whose handle has none (&gpuas_geometry.blocks).
 *
 * Return: 0; what gpuas_replace(), gpuas_map_repeat() (but for -GPUAS_EEXIST),
 * gpuas_unmap() or gpuas_protect() return for the first operation that is refused, without
 * the errors of memory; -GPUAS_EINVAL also for a kind that is none, for a list whose sizes
 * do not add up to @size, and for a number of patterns other than 1; -GPUAS_E2BIG if it
 * would take more than 2^32 - 1 tables.
 */
int gpuas_ops_count(const struct gpuas_space *space, const struct gpuas_op *ops,
		    unsigned int count, uint32_t *tables);

/**
 * gpuas_ops_bound() - Count the tables that a list takes at most, whatever the tree is
 * @geo: shape of the tree
 * @ops: the operations, in the order in which gpuas_ops_apply() gets them; of each, kind,
 *	va and size are looked at
 * @count: how many
 * @tables: set to the number
 *
 * Needs no handle and no lock: for a job that runs after others which have not been applied
 * yet. Maps are taken to be by pages and to find nothing there; everything else to cut a
 * block of the largest size wherever it ends within one, so without blocks
 * (&gpuas_geometry.blocks) it takes nothing. What several operations need is counted once
 * if they are next to each other in the list, as in order of VA, up or down: a million
 * unmaps that lie in one block take one table, or two with two sizes of blocks.
 *
 * Return: 0; -GPUAS_EINVAL, -GPUAS_EOVERFLOW or -GPUAS_ERANGE for a range that is
 * unaligned, empty, wraps, or is not in the half; -GPUAS_EINVAL also for a kind that is
 * none; -GPUAS_E2BIG as for gpuas_ops_count().
 */
int gpuas_ops_bound(const struct gpuas_geometry *geo, const struct gpuas_op *ops,
		    unsigned int count, uint32_t *tables);

/**
 * gpuas_ops_apply() - Do all operations of a list, or none
 * @space: the handle
 * @ops: the operations, in the order in which they take effect
 * @count: how many
 * @token: brings the tables; gets what was unlinked, and what is to be flushed
 *
 * All operations are checked, and the tables counted, before the first store. Then
 * nothing can fail, as the tables are there. Takes tables from the token alone, neither
 * from the handle's reserve nor from the environment, and gives none back: table_alloc
 * and table_free are not called, so nothing sleeps unless flush or clean do.
 *
 * Whatever replaces something live (a MAP or REPEAT over it, the rest of a block that is
 * split, another kind of memory by PROTECT) is broken, flushed and made inside the call,
 * as in the calls of gpuas/space.h. Everything else leaves its flush to the token:
 * unmapped pages, and rights that were changed, may be used by walkers until
 * gpuas_token_flush(); in an environment with map_flush, new mappings may not be seen
 * until then. A list that only maps where nothing is flushes nothing, in the call or after
 * it, unless there is map_flush. Changed entries are cleaned inside the call.
 *
 * A token is outstanding while it has ranges that were not flushed. Whoever maps in such
 * a range, by any function, or where a table was which is not flushed yet, makes the handle
 * flush all of that token first: break before make. The tables stay in the token.
 * gpuas_space_release() flushes all tokens that are outstanding.
 *
 * Tables that become empty stay in the tree until the end of the list, for later
 * operations; those which are empty then are unlinked.
 *
 * Return: 0; an error of gpuas_ops_count(); -GPUAS_ENOMEM if the token has fewer tables
 * than that counts; -GPUAS_EBUSY inside a gather, or while the token is outstanding for
 * another handle; -GPUAS_EINVAL if the token is for another environment or shape; -GPUAS_EFAULT if one of its tables is the one that the
 * handle is opened at. After an error nothing has changed. The one exception is
 * -GPUAS_EPERM because somebody who ignores the window wrote to the tree during the call:
 * what came before in the list was done then.
 */
int gpuas_ops_apply(struct gpuas_space *space, const struct gpuas_op *ops,
		    unsigned int count, struct gpuas_token *token);

GPUAS_END_DECLS

#endif /* GPUAS_TOKEN_H */
