/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A table walker written from the architecture, not from the library: Arm ARM
 * DDI 0487, D8.2 (which level resolves which address bits), D8.3 (descriptors),
 * D8.4 (permissions); for UAT the tables that m1n1 and Linux agree on (entry
 * format, rights by AP/UXN/PXN, MAIR). Of the library it knows the words for
 * attributes, and nothing else.
 */
#ifndef ARMWALK_H
#define ARMWALK_H

#include <gpuas/format.h>

/**
 * struct arm_mmu - What the registers of a walker would say
 * @page_shift: log2 of the granule: 12, 14 or 16
 * @va_bits: 64 - TxSZ
 * @pa_bits: output size
 * @uat: permissions and MAIR of Apple's UAT; else EL1&0 with GPUAS_LPAE_MAIR
 * @root: TTBR
 * @table: the memory that this walker sees: the granule at a PA, or NULL
 * @ctx: for @table
 *
 * Addresses are offsets into the half: TTBR0 and TTBR1 differ in nothing else.
 */
struct arm_mmu {
	unsigned int page_shift;
	unsigned int va_bits;
	unsigned int pa_bits;
	bool uat;
	uint64_t root;
	const uint64_t *(*table)(void *ctx, uint64_t pa);
	void *ctx;
};

/**
 * struct arm_leaf - Valid page or block descriptors of one table, decoded
 * @off: first offset that the first one translates
 * @size: bytes of each
 * @count: how many there are, side by side, that differ in nothing but the output
 *	address
 * @step: from the output address of one to that of the next: @size, or 0
 * @height: 3 - level: 0 for pages
 * @pa: output address of @off
 * @attr: rights and kind of memory
 * @odd: a bit is set, or clear, that no descriptor of ours may have so: SH of
 *	normal memory, AF, contiguous, DBM, NS, software bits, address bits below
 *	the block size or above the PA size
 */
struct arm_leaf {
	uint64_t off;
	uint64_t size;
	unsigned int count;
	uint64_t step;
	unsigned int height;
	uint64_t pa;
	gpuas_attr_t attr;
	bool odd;
};

/**
 * struct arm_link - A table on the way
 * @off: first offset that it serves
 * @size: bytes
 * @height: 3 - level of the table
 * @pa: where it is
 * @parent: PA of the table that points to it; ~0 for the root
 * @index: of the descriptor that does
 * @odd: that descriptor has bits besides address and type
 */
struct arm_link {
	uint64_t off;
	uint64_t size;
	unsigned int height;
	uint64_t pa;
	uint64_t parent;
	unsigned int index;
	bool odd;
};

/**
 * struct arm_visit - What to do with what a walk meets
 * @ctx: handed back
 * @leaf: pages or blocks; NULL: they do not matter
 * @link: a table, before its contents; false: leave them out
 * @rest: a descriptor that is not zero and translates nothing, or leads nowhere;
 *	NULL: it does not matter
 */
struct arm_visit {
	void *ctx;
	void (*leaf)(void *ctx, const struct arm_leaf *leaf);
	bool (*link)(void *ctx, const struct arm_link *link);
	void (*rest)(void *ctx, uint64_t off, unsigned int height, uint64_t desc);
};

/* Height of the first level of lookup: 3 - start level. */
unsigned int arm_top(const struct arm_mmu *mmu);

/* log2 of what one descriptor at a height covers. */
unsigned int arm_shift(const struct arm_mmu *mmu, unsigned int height);

/* Does the architecture have blocks there? */
bool arm_block_legal(const struct arm_mmu *mmu, unsigned int height);

/* Rights and kind of memory of a leaf descriptor. */
gpuas_attr_t arm_attr(const struct arm_mmu *mmu, uint64_t desc);

/* Translate one offset; false: the walker would fault. */
bool arm_lookup(const struct arm_mmu *mmu, uint64_t off, struct arm_leaf *leaf);

/* Walk the descriptors that serve a range, in order. */
void arm_walk(const struct arm_mmu *mmu, uint64_t first, uint64_t last,
	      const struct arm_visit *visit);

/* All attributes that some descriptor has, and drivers may ask for. */
unsigned int arm_attrs(const struct arm_mmu *mmu, gpuas_attr_t *attr,
		       unsigned int max);

#endif /* ARMWALK_H */
