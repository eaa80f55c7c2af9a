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
 * drm/asahi mmu.rs (SlotTTBS, UAT_NUM_CTX, TTBR_*).
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

/** GPUAS_TTB_NONE - "No root for this half", for gpuas_ttb_bind() */
#define GPUAS_TTB_NONE	gpuas_pa(~0ULL)

/**
 * gpuas_ttb_init() - Make every context unbound
 * @array: the array
 */
void gpuas_ttb_init(struct gpuas_ttb_array *array);

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
 * gpuas_ttb_unbind() - Take the roots of a context away
 * @array: the array
 * @context: 0 to 63
 * @root0: what gpuas_ttb_bind() was given
 * @root1: what gpuas_ttb_bind() was given
 *
 * The caller flushes the context's ASID afterwards, before it frees a table: DSB, so
 * that the words are complete, TLBI by ASID, DSB; see &gpuas_env.flush. The stores are
 * put in order here, and not completed.
 *
 * Return: 0; -GPUAS_EINVAL as for gpuas_ttb_bind(); -GPUAS_ENOENT if the context
 * is not bound; -GPUAS_ESTALE if it is bound to other roots. Nothing is written
 * after an error.
 */
int gpuas_ttb_unbind(struct gpuas_ttb_array *array, unsigned int context,
		     gpuas_pa_t root0, gpuas_pa_t root1);

/**
 * gpuas_ttb_root() - Read a root back from one word of a pair
 * @ttb: the word
 * @root: set to the root's PA
 *
 * Return: 0; -GPUAS_ENOENT if the word is not valid.
 */
int gpuas_ttb_root(uint64_t ttb, gpuas_pa_t *root);

GPUAS_END_DECLS

#endif /* GPUAS_TTB_H */
