// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "armwalk.h"

#define BITS(desc, high, low) \
	((desc) >> (low) & ((2ULL << ((high) - (low))) - 1))

/* D8.2: the last level resolves what the granule leaves, each one above g - 3 bits. */
unsigned int arm_shift(const struct arm_mmu *mmu, unsigned int height)
{
	return mmu->page_shift + height * (mmu->page_shift - 3);
}

unsigned int arm_top(const struct arm_mmu *mmu)
{
	unsigned int bits = mmu->va_bits - mmu->page_shift;
	unsigned int stride = mmu->page_shift - 3;

	return (bits + stride - 1) / stride - 1;
}

/* D8.3.1, without FEAT_LPA and FEAT_LPA2: level 1 and 2 with 4K, else level 2. */
bool arm_block_legal(const struct arm_mmu *mmu, unsigned int height)
{
	return height == 1 || (height == 2 && mmu->page_shift == 12);
}

/* What a letter of m1n1's tables allows, as bits: 1 read, 2 write, 4 execute. */
static unsigned int letters(const char *cell)
{
	unsigned int rights = 0;

	for (; *cell; cell++)
		rights |= *cell == 'R' ? 1 : *cell == 'W' ? 2 : *cell == 'X' ? 4 : 0;
	return rights;
}

/* apple-agx-uat.md 1.3, tables A and B: rows AP, columns UXN,PXN. "?": nobody says. */
static const char *const uat_el1[4][4] = {
	{ "", "?", "?", "" },
	{ "?", "RW", "?", "RW" },
	{ "", "RX", "?", "" },
	{ "RX", "R", "?", "R" },
};

static const char *const uat_gl1[4][4] = {
	{ "", "", "", "RW" },
	{ "", "", "", "RW" },
	{ "RX", "", "", "R" },
	{ "RX", "RW", "", "R" },
};

/* Of these, apple-agx-2026.md 9 has that row 1 column 1 is W. */
static const char *const uat_fw[4][4] = {
	{ "", "R", "W", "RW" },
	{ "R", "W", "RW", "RW" },
	{ "", "", "", "?" },
	{ "?", "?", "?", "?" },
};

static const char *const uat_gpu[4][4] = {
	{ "", "R", "W", "RW" },
	{ "", "", "", "R" },
	{ "R", "W", "RW", "" },
	{ "", "", "", "" },
};

/* In gpuas_attr_t: GPU rights from bit 0, firmware's from 3, guarded from 6. */
static gpuas_attr_t uat_rights(unsigned int ap, unsigned int xn, bool host)
{
	const char *fw = host ? uat_fw[ap][xn] : uat_el1[ap][xn];

	if (*fw == '?')
		return GPUAS_RAW | (host ? 0 : GPUAS_OWNER_FW);
	if (host)
		return letters(uat_gpu[ap][xn]) | letters(uat_fw[ap][xn]) << 3;
	return letters(uat_el1[ap][xn]) << 3 | letters(uat_gl1[ap][xn]) << 6 |
	       GPUAS_OWNER_FW;
}

/* D8.4.1: AP[2] read-only, AP[1] EL0 too; what EL0 may write EL1 never executes. */
static gpuas_attr_t lpae_rights(unsigned int ap, bool uxn, bool pxn)
{
	gpuas_attr_t attr = GPUAS_FW_READ;
	bool write = !(ap & 2), el0 = ap & 1;

	if (write)
		attr |= GPUAS_FW_WRITE;
	if (el0)
		attr |= GPUAS_GPU_READ | (write ? GPUAS_GPU_WRITE : 0);
	if (!uxn)
		attr |= GPUAS_GPU_EXEC;
	if (!pxn && !(el0 && write))
		attr |= GPUAS_FW_EXEC;
	/* With PXN it would be the same. */
	if (!pxn && el0 && write)
		attr |= GPUAS_RAW;
	return attr;
}

/* apple-agx-uat.md 1.4, and GPUAS_LPAE_MAIR: one byte for each index. */
static gpuas_attr_t memory(bool uat, unsigned int index)
{
	uint64_t mair = uat ? 0x0000ff004ff400ffULL : 0x0000000000ff00ffULL;
	unsigned int byte = (unsigned int)(mair >> 8 * index & 0xff);
	/* Mappings have the first three. */
	gpuas_attr_t raw = index > 2 ? GPUAS_RAW : 0;

	if (!byte)
		return GPUAS_MEM_DEVICE | raw;
	if (index == 2)
		return GPUAS_MEM_SHARED;
	return (byte == 0xff ? GPUAS_MEM_CACHED : GPUAS_MEM_OTHER) | raw;
}

gpuas_attr_t arm_attr(const struct arm_mmu *mmu, uint64_t desc)
{
	unsigned int ap = (unsigned int)BITS(desc, 7, 6);
	bool uxn = BITS(desc, 54, 54), pxn = BITS(desc, 53, 53);
	gpuas_attr_t attr;

	if (mmu->uat)
		attr = uat_rights(ap, 2u * uxn + pxn, BITS(desc, 55, 55));
	else
		attr = lpae_rights(ap, uxn, pxn);
	attr |= memory(mmu->uat, (unsigned int)BITS(desc, 4, 2));
	return attr | (BITS(desc, 11, 11) ? 0 : GPUAS_GLOBAL);
}

unsigned int arm_attrs(const struct arm_mmu *mmu, gpuas_attr_t *attr,
		       unsigned int max)
{
	unsigned int n = 0, bits, i;

	/* AP, UXN, PXN, nG, bit 55, three indices of memory. */
	for (bits = 0; bits < 3 * 64; bits++) {
		uint64_t desc = (uint64_t)(bits & 3) << 6 | (uint64_t)(bits >> 2 & 3) << 53 |
			(uint64_t)(bits >> 4 & 1) << 11 | (uint64_t)(bits >> 5 & 1) << 55 |
			(uint64_t)(bits >> 6) << 2;
		gpuas_attr_t a = arm_attr(mmu, desc);

		for (i = 0; i < n && attr[i] != a; i++)
			;
		/* What has no words of its own cannot be asked for. */
		if (i == n && n < max && !(a & GPUAS_RAW))
			attr[n++] = a;
	}
	return n;
}

/* Is anything in a leaf descriptor that should not be? D8.3.2. */
static bool leaf_odd(const struct arm_mmu *mmu, unsigned int height, uint64_t desc)
{
	gpuas_attr_t kind = arm_attr(mmu, desc) & GPUAS_MEM_MASK;
	uint64_t sh = BITS(desc, 9, 8);

	if (BITS(desc, 47, 12) << 12 & ((1ULL << arm_shift(mmu, height)) - 1))
		return true;
	if (BITS(desc, 47, 12) << 12 >> mmu->pa_bits)
		return true;
	if (!BITS(desc, 10, 10) || BITS(desc, 5, 5) || BITS(desc, 52, 48))
		return true;
	if (mmu->uat)
		return sh || BITS(desc, 63, 56);
	/* Inner shareable, so that the CPU's caches see it; device memory always is. */
	return (kind != GPUAS_MEM_DEVICE && sh != 3) || BITS(desc, 63, 55);
}

static void leaf_decode(const struct arm_mmu *mmu, unsigned int height,
			uint64_t off, uint64_t desc, struct arm_leaf *leaf)
{
	uint64_t size = 1ULL << arm_shift(mmu, height);

	leaf->off = off & ~(size - 1);
	leaf->size = size;
	leaf->count = 1;
	leaf->step = size;
	leaf->height = height;
	leaf->pa = BITS(desc, 47, 12) << 12 & ~(size - 1);
	leaf->attr = arm_attr(mmu, desc);
	leaf->odd = leaf_odd(mmu, height, desc);
}

/* D8.3.1: what bits 1:0 say, by level. */
static bool is_table(unsigned int height, uint64_t desc)
{
	return height && (desc & 3) == 3;
}

static bool is_leaf(const struct arm_mmu *mmu, unsigned int height, uint64_t desc)
{
	return height ? (desc & 3) == 1 && arm_block_legal(mmu, height)
		      : (desc & 3) == 3;
}

static uint64_t table_pa(const struct arm_mmu *mmu, uint64_t desc)
{
	return BITS(desc, 47, 12) << 12 & ~((1ULL << mmu->page_shift) - 1);
}

bool arm_lookup(const struct arm_mmu *mmu, uint64_t off, struct arm_leaf *leaf)
{
	const unsigned int mask = (1u << (mmu->page_shift - 3)) - 1;
	unsigned int height = arm_top(mmu);
	uint64_t pa = mmu->root;

	for (;; height--) {
		const uint64_t *table = mmu->table(mmu->ctx, pa);
		uint64_t desc;

		if (!table)
			return false;
		desc = table[off >> arm_shift(mmu, height) & mask];
		if (is_leaf(mmu, height, desc)) {
			leaf_decode(mmu, height, off, desc, leaf);
			return true;
		}
		if (!is_table(height, desc))
			return false;
		pa = table_pa(mmu, desc);
	}
}

/* How many descriptors, @step apart, does a table have from one on? */
static unsigned int in_step(const uint64_t *desc, unsigned int most, uint64_t step)
{
	unsigned int n, i;

	/* Eight at a time: half of all the time of a run goes by here. */
	for (n = 0; n + 8 <= most; n += 8) {
		uint64_t odd = 0;

		for (i = n; i < n + 8; i++)
			odd |= desc[i] ^ (desc[0] + i * step);
		if (odd)
			break;
	}
	for (; n < most && desc[n] == desc[0] + n * step; n++)
		;
	return n;
}

/* All leaves from one on that are told in one go; returns how many. */
static unsigned int emit_leaves(const struct arm_mmu *mmu, const struct arm_visit *visit,
				unsigned int height, uint64_t off, const uint64_t *desc,
				unsigned int most)
{
	const uint64_t size = 1ULL << arm_shift(mmu, height);
	const uint64_t room = BITS(~desc[0], 47, 12) << 12 & ~(size - 1);
	struct arm_leaf leaf;

	leaf_decode(mmu, height, off, desc[0], &leaf);
	/* Only as far as the address does not carry into the bits above. */
	if (room / size < most)
		most = (unsigned int)(room / size) + 1;
	leaf.step = most > 1 && desc[1] == desc[0] ? 0 : size;
	leaf.count = in_step(desc, most, leaf.step);
	leaf.odd |= (leaf.pa + leaf.step * (leaf.count - 1)) >> mmu->pa_bits != 0;
	if (visit->leaf)
		visit->leaf(visit->ctx, &leaf);
	return leaf.count;
}

static void walk_table(const struct arm_mmu *mmu, const struct arm_link *link,
		       uint64_t first, uint64_t last, const struct arm_visit *visit)
{
	const unsigned int shift = arm_shift(mmu, link->height);
	const uint64_t *table = mmu->table(mmu->ctx, link->pa);
	unsigned int i = (unsigned int)((first - link->off) >> shift);
	unsigned int end = (unsigned int)((last - link->off) >> shift);

	while (i <= end) {
		uint64_t off = link->off + ((uint64_t)i << shift);
		uint64_t top = off + (1ULL << shift) - 1, desc = table[i];
		struct arm_link next = {
			.off = off, .size = 1ULL << shift, .height = link->height - 1,
			.parent = link->pa, .index = i,
		};

		if (!desc) {
			i += in_step(&table[i], end - i + 1, 0);
			continue;
		}
		if (is_leaf(mmu, link->height, desc)) {
			i += emit_leaves(mmu, visit, link->height, off, &table[i], end - i + 1);
			continue;
		}
		i++;
		next.pa = table_pa(mmu, desc);
		next.odd = (desc & ~3ULL) != next.pa || next.pa >> mmu->pa_bits;
		if (is_table(link->height, desc) && mmu->table(mmu->ctx, next.pa)) {
			if (visit->link(visit->ctx, &next) && (next.height || visit->leaf))
				walk_table(mmu, &next, first > off ? first : off,
					   last < top ? last : top, visit);
		} else if (visit->rest) {
			visit->rest(visit->ctx, off, link->height, desc);
		}
	}
}

void arm_walk(const struct arm_mmu *mmu, uint64_t first, uint64_t last,
	      const struct arm_visit *visit)
{
	const struct arm_link root = {
		.size = 1ULL << mmu->va_bits, .height = arm_top(mmu),
		.pa = mmu->root, .parent = ~0ULL,
	};

	if (mmu->table(mmu->ctx, mmu->root) && visit->link(visit->ctx, &root))
		walk_table(mmu, &root, first, last, visit);
}
