/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TTB_H
#define GPUAS_TTB_H

#include <gpuas/types.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: TTB array
 *
 * The host has no register for the GPU's table bases: it writes pairs of them
 * into an array in memory, one pair for each context, and the firmware loads
 * the pair of the context that it switches to. 64 contexts of 16 bytes; context
 * 0 is the firmware's. Written by the host only, under the handoff lock once
 * the firmware runs. Facts: m1n1 proxyclient/m1n1/hw/uat.py (class TTBR); Linux
 * drm/asahi mmu.rs (SlotTTBS, UAT_NUM_CTX, TTBR_*). What G17 needs more (contexts that
 * are kept, a second context with the same roots, a half that is replaced): aurora-silicon/
 * linux drm/asahi mmu.rs, on T8140 [hardware].
 *
 * A half is bound if its valid bit is set, and a context if one of its halves is. SPTM takes
 * a context away by clearing the two valid bits and nothing else [secondary: decompiled],
 * so that an array found after it holds words with a base and no valid bit. Those are
 * unbound: gpuas_ttb_state() tells them from empty ones, gpuas_ttb_root() and
 * gpuas_ttb_next() do not see them, gpuas_ttb_unbind() finds nothing to unbind and
 * leaves them, gpuas_ttb_bind() writes over them, and gpuas_ttb_init() clears them.
 */

/** GPUAS_TTB_CONTEXTS - Number of pairs in the array */
enum { GPUAS_TTB_CONTEXTS = 64 };

#define GPUAS_TTB_VALID		0x0000000000000001ULL
#define GPUAS_TTB_BASE_MASK	0x0000fffffffffffeULL
#define GPUAS_TTB_ASID_SHIFT	48

/**
 * struct gpuas_ttb_pair - Bases of the two halves of one context
 * @ttb0: lower half: ASID in 63:48, PA of the root in 47:1, valid in bit 0
 * @ttb1: upper half, likewise
 */
struct gpuas_ttb_pair {
	uint64_t ttb0;
	uint64_t ttb1;
};

/**
 * struct gpuas_ttb_array - The whole array, as it lies in memory
 * @context: pairs by context number
 */
struct gpuas_ttb_array {
	struct gpuas_ttb_pair context[GPUAS_TTB_CONTEXTS];
};

GPUAS_STATIC_ASSERT(offsetof(struct gpuas_ttb_pair, ttb0) == 0x0, "ttb0");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_ttb_pair, ttb1) == 0x8, "ttb1");
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_ttb_pair) == 0x10, "TTB pair");
GPUAS_STATIC_ASSERT(offsetof(struct gpuas_ttb_array, context) == 0x0, "contexts");
GPUAS_STATIC_ASSERT(sizeof(struct gpuas_ttb_array) == 0x400, "TTB array");

/** GPUAS_TTB_NONE - "No root for this half": its valid bit is not, or is not to be, set */
#define GPUAS_TTB_NONE	gpuas_pa(~0ULL)

/**
 * gpuas_ttb_init() - Make every context unbound, but for some
 * @array: the array
 * @keep: bit n: context n stays as it is
 *
 * All words of the others become 0. With firmware that runs on, that is done under the
 * handoff lock, and the ASIDs of what was bound are flushed before a table is freed, as
 * after gpuas_ttb_unbind(). Nothing is compared: this is for who has the whole array.
 */
void gpuas_ttb_init(struct gpuas_ttb_array *array, uint64_t keep);

/**
 * gpuas_ttb_bind() - Give a context its roots
 * @array: the array
 * @context: 0 to 63
 * @root0: PA of the lower half's root, 16 KiB-aligned, or GPUAS_TTB_NONE
 * @root1: PA of the upper half's root, likewise
 *
 * The ASID is the context's number, as Linux has it; context 0 has ASID 0. TTB1
 * is stored before TTB0, and both after everything that was stored before, so
 * that whoever sees a valid pair sees its tables.
 *
 * Return: 0; -GPUAS_EINVAL for a context out of range, an unaligned root or two
 * absent ones; -GPUAS_ERANGE for a root beyond 48 bits; -GPUAS_EBUSY if the
 * context is bound. Nothing is written after an error.
 */
int gpuas_ttb_bind(struct gpuas_ttb_array *array, unsigned int context,
		   gpuas_pa_t root0, gpuas_pa_t root1);

/**
 * gpuas_ttb_alias() - Give a context the roots of another one
 * @array: the array
 * @context: 0 to 63; it gets an ASID of its own
 * @of: the one that has the roots
 *
 * Each of the two is a context like any other afterwards: what is changed in a table of
 * theirs is flushed for both (gpuas_ttb_next()), and each is unbound by itself.
 *
 * Return: 0; -GPUAS_ENOENT if @of is not bound; otherwise as gpuas_ttb_bind(), also
 * if what stands at @of is no root that can be bound. Nothing is written after an error.
 */
int gpuas_ttb_alias(struct gpuas_ttb_array *array, unsigned int context, unsigned int of);

/**
 * gpuas_ttb_replace0() - Give a context that is bound another lower half
 * @array: the array
 * @context: 0 to 63
 * @root0: the lower half's root that it has, or GPUAS_TTB_NONE
 * @root1: the upper half's root that it has, or GPUAS_TTB_NONE
 * @root: the lower half's root that it gets; or GPUAS_TTB_NONE, which needs @root1
 *
 * One store, behind everything that was stored before. The other half is valid all the time,
 * so that a half can be added to, and taken from, a context that is in use: bind with
 * one half, then add the other.
 *
 * The caller flushes the context's ASID afterwards, as after gpuas_ttb_unbind().
 *
 * Return: 0; -GPUAS_EINVAL for a context out of range, an unaligned root, or if no
 * half was bound or would be; -GPUAS_ERANGE for a root beyond 48 bits; -GPUAS_ENOENT
 * if the context is not bound; -GPUAS_ESTALE if one of its words is not as expected:
 * another root or ASID, or valid where GPUAS_TTB_NONE was expected. Nothing is written
 * after an error.
 */
int gpuas_ttb_replace0(struct gpuas_ttb_array *array, unsigned int context,
		       gpuas_pa_t root0, gpuas_pa_t root1, gpuas_pa_t root);

/** gpuas_ttb_replace1() - The same for the upper half; GPUAS_TTB_NONE needs @root0 */
int gpuas_ttb_replace1(struct gpuas_ttb_array *array, unsigned int context,
		       gpuas_pa_t root0, gpuas_pa_t root1, gpuas_pa_t root);

/**
 * gpuas_ttb_unbind() - Take the roots of a context away
 * @array: the array
 * @context: 0 to 63
 * @root0: the lower half's root that it has, or GPUAS_TTB_NONE
 * @root1: the upper half's, likewise
 *
 * Both words are compared before the first is cleared. They become 0, base and ASID too.
 *
 * The caller flushes the context's ASID afterwards, before it frees a table: DSB, so
 * that the words are complete, TLBI by ASID, DSB; see &gpuas_env.flush. The stores are
 * put in order here, and not completed.
 *
 * Return: 0; -GPUAS_EINVAL, -GPUAS_ERANGE as for gpuas_ttb_bind(); -GPUAS_ENOENT if the
 * context is not bound; -GPUAS_ESTALE if one of its words is not as expected, as for
 * gpuas_ttb_replace0(). Nothing is written after an error.
 */
int gpuas_ttb_unbind(struct gpuas_ttb_array *array, unsigned int context,
		     gpuas_pa_t root0, gpuas_pa_t root1);

/**
 * gpuas_ttb_root() - Read a root back from one word of a pair
 * @ttb: the word
 * @root: set to the root's PA, as it stands there: it may be any
 *
 * Return: 0; -GPUAS_ENOENT if the word is not valid.
 */
int gpuas_ttb_root(uint64_t ttb, gpuas_pa_t *root);

/**
 * enum gpuas_ttb_state - What is in a context's pair
 * @GPUAS_TTB_EMPTY: both words are 0
 * @GPUAS_TTB_LEFT: no half is bound, but the words are not 0: somebody else unbound it
 * @GPUAS_TTB_BOUND: at least one half is bound
 */
enum gpuas_ttb_state {
	GPUAS_TTB_EMPTY,
	GPUAS_TTB_LEFT,
	GPUAS_TTB_BOUND,
};

/**
 * gpuas_ttb_state() - Is a context bound, and if not, is it empty?
 * @array: the array
 * @context: 0 to 63; beyond, nothing is bound, and all is empty
 *
 * Return: the state.
 */
enum gpuas_ttb_state gpuas_ttb_state(const struct gpuas_ttb_array *array,
				     unsigned int context);

/**
 * gpuas_ttb_next() - Find the contexts that have a root
 * @array: the array
 * @context: the first one to look at
 * @root: the root
 *
 * For flushes that have to reach every context that walks a tree: one for the ASID of
 * each (&GPUAS_TTB_ASID_SHIFT of the word; the context's own number in what was bound
 * here). Under the handoff lock, or a lock that guards all binding.
 *
 * Return: number of the first context from @context on that has @root in one of its
 * halves, bound; GPUAS_TTB_CONTEXTS if there is none.
 */
unsigned int gpuas_ttb_next(const struct gpuas_ttb_array *array, unsigned int context,
			    gpuas_pa_t root);

GPUAS_END_DECLS

#endif /* GPUAS_TTB_H */
