// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Stale translations. The SMMU remembers what it walked, and knows better only when it is told:
 * after each change the library's flush has to have reached it, and nothing else may have been
 * forgotten.
 *
 * Tests whose name ends in "is gone" are those that a host without flush must fail: scripted.sh
 * sees to it. "Kept": what was remembered and is not true any more is still used, so was not
 * forgotten.
 */
#include "device.h"

/* Apart from where scripted.c works, in VA and in the GPU's memory. */
#define VA(half)	(base(half) + 0x4000000000ULL)
#define PA		(DATA_PA + BLOCK)

static struct gpuas_space other;

static void unmap(struct gpuas_space *s, uint64_t va, uint64_t size)
{
	if (gpuas_unmap(s, gpuas_va(va), size)) {
		say("not ok - %x is unmapped\n", va);
		hw_exit(1);
	}
}

/* Have the SMMU remember a page that is mapped with @pa. */
static bool remember(uint64_t va, uint64_t pa)
{
	struct outcome o;
	bool ok = reads(va, pa, &o);

	if (!ok)
		result_outcome(false, "what is mapped is there", &o);
	return ok;
}

bool pull(const struct gpuas_space *s, uint64_t va, uint64_t pa)
{
	bool ok = remember(va, pa);

	*entry_of(s, va) = 0;
	device_barrier();
	return ok;
}

/* For unmap: the library counts what it mapped. */
static void put_back(const struct gpuas_space *s, uint64_t va, uint64_t entry)
{
	*entry_of(s, va) = entry;
	device_barrier();
}

/* The oracle: without a flush, reads and writes go on. Or all that follows would prove nothing. */
static void test_oracle(unsigned int half)
{
	uint64_t entry;

	map(&tree[half], VA(half), PA, PAGE, ALL);
	entry = *entry_of(&tree[half], VA(half));
	pull(&tree[half], VA(half), PA);
	result_reads("without a flush, a page that was taken away is still read", VA(half) + 8,
		     PA + 8);
	result_writes("and written", VA(half) + 16, PA + 16);
	put_back(&tree[half], VA(half), entry);
	unmap(&tree[half], VA(half), PAGE);
	result_faults("a page that was unmapped is gone", EDU_READ, VA(half) + 0x1230,
		      SMMU_TRANSLATION);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

static void test_neighbours(unsigned int half)
{
	struct gpuas_space *s = &tree[half];
	uint64_t va = VA(half) + PAGE, before, after;

	map(s, va - PAGE, PA, 3 * PAGE, ALL);
	before = *entry_of(s, va - PAGE);
	after = *entry_of(s, va + PAGE);
	pull(s, va - PAGE, PA);
	pull(s, va + PAGE, PA + 2 * PAGE);
	remember(va, PA + PAGE);
	unmap(s, va, PAGE);
	result_faults("one page of three is gone", EDU_WRITE, va + 0x3ff8, SMMU_TRANSLATION);
	result_reads("the page before is kept", va - 8, PA + PAGE - 8);
	result_reads("the page after is kept", va + PAGE, PA + 2 * PAGE);
	put_back(s, va - PAGE, before);
	put_back(s, va + PAGE, after);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
	result_reads("the page before is still mapped", va - 8, PA + PAGE - 8);
	result_writes("the page after is still mapped", va + PAGE, PA + 2 * PAGE);
	unmap(s, va - PAGE, 3 * PAGE);
}

/* 101 pages: two commands. */
static void test_range(unsigned int half)
{
	struct gpuas_space *s = &tree[half];
	const uint64_t va = VA(half) + 2000 * PAGE, size = 101 * PAGE;
	uint64_t before, after;

	map(s, va - PAGE, PA, size + 2 * PAGE, ALL);
	before = *entry_of(s, va - PAGE);
	after = *entry_of(s, va + size);
	pull(s, va - PAGE, PA);
	pull(s, va + size, PA + PAGE + size);
	remember(va, PA + PAGE);
	remember(va + 64 * PAGE, PA + 65 * PAGE);
	remember(va + size - PAGE, PA + size);
	unmap(s, va, size);
	result_faults("the first page of a range is gone", EDU_READ, va, SMMU_TRANSLATION);
	result_faults("the middle of a range is gone", EDU_WRITE, va + 64 * PAGE + 8,
		      SMMU_TRANSLATION);
	result_faults("the last page of a range is gone", EDU_READ, va + size - 8,
		      SMMU_TRANSLATION);
	result_reads("the page before the range is kept", va - 8, PA + PAGE - 8);
	result_reads("the page after the range is kept", va + size, PA + PAGE + size);
	put_back(s, va - PAGE, before);
	put_back(s, va + size, after);
	unmap(s, va - PAGE, size + 2 * PAGE);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

static void test_blocks(unsigned int half)
{
	struct gpuas_space *s = &tree[half];
	const uint64_t va = VA(half) + 8 * BLOCK;

	map(s, va, PA, BLOCK, ALL);
	remember(va + 77 * PAGE, PA + 77 * PAGE);
	unmap(s, va + 77 * PAGE, PAGE);
	result_faults("a page taken out of a block is gone", EDU_WRITE, va + 77 * PAGE,
		      SMMU_TRANSLATION);
	result_reads("the rest of the block is there", va + 78 * PAGE, PA + 78 * PAGE);
	unmap(s, va, BLOCK);
	map(s, va, PA, BLOCK, ALL);
	remember(va, PA);
	unmap(s, va, BLOCK);
	result_faults("a block is gone", EDU_READ, va + BLOCK - 8, SMMU_TRANSLATION);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

static void test_changes(unsigned int half)
{
	struct gpuas_space *s = &tree[half];
	const struct gpuas_extent another = { gpuas_pa(PA + 10 * PAGE), PAGE };
	const uint64_t va = VA(half) + 300 * PAGE;

	map(s, va, PA, 2 * PAGE, ALL);
	remember(va, PA);
	*word(PA + 0x80) = 0x5555;
	gpuas_protect(s, gpuas_va(va), PAGE, READ_ONLY);
	result_faults("the right to write is gone", EDU_WRITE, va + 0x80, SMMU_PERMISSION);
	result_reads("the right to read is there", va + 0x80, PA + 0x80);

	remember(va + PAGE, PA + PAGE);
	gpuas_replace(s, gpuas_va(va + PAGE), &another, 1, ALL);
	*word(PA + PAGE) = 0x5555;
	result_reads("what was replaced is gone", va + PAGE, PA + 10 * PAGE);

	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
	remember(va, PA);
	remember(va + PAGE, PA + 10 * PAGE);
	gpuas_gather_begin(s);
	unmap(s, va, PAGE);
	unmap(s, va + PAGE, PAGE);
	gpuas_gather_end(s);
	result_faults("what was unmapped in a gather is gone", EDU_READ, va + PAGE + 8,
		      SMMU_TRANSLATION);
	result_faults("all that was unmapped in a gather is gone", EDU_WRITE, va, SMMU_TRANSLATION);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

/* Another tree in the place of a half's. */
static void load(unsigned int half, const struct gpuas_space *t, unsigned int asid)
{
	if (gpu_context(half ? &tree[0] : t, half ? t : &tree[1], asid))
		result(false, "a context is loaded");
	hook_asid(asid);
}

static void test_asids(unsigned int half)
{
	const uint64_t va = VA(half);
	struct gpuas_space *s = &tree[half];
	uint64_t entry;

	map(s, va, PA, PAGE, ALL);
	map(&other, va, PA + 5 * PAGE, PAGE, ALL);
	load(half, &other, ASID + 1);
	result_reads("another context has another page there", va, PA + 5 * PAGE);
	load(half, s, ASID);
	entry = *entry_of(s, va);
	pull(s, va, PA);
	load(half, &other, ASID + 1);
	unmap(&other, va, PAGE);
	result_faults("the page of this ASID is gone", EDU_READ, va, SMMU_TRANSLATION);
	load(half, s, ASID);
	result_reads("that of another ASID is kept", va + 8, PA + 8);
	put_back(s, va, entry);
	unmap(s, va, PAGE);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

/* Memory of a tree that was released may be anybody's. */
static void test_release(unsigned int half)
{
	const uint64_t va = VA(half);

	map(&other, va, PA, PAGE, ALL);
	load(half, &other, ASID + 1);
	remember(va, PA);
	gpuas_space_release(&other);
	result_faults("what a released handle had mapped is gone", EDU_READ, va, SMMU_TRANSLATION);
	load(half, &tree[half], ASID);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

/* A second tree of the same shape, with the mailbox, for the half that has it. */
static bool make_other(unsigned int half)
{
	const struct gpuas_range window = { gpuas_va(base(half)), HALF };
	const uint64_t mailbox = base(half) + (gpuas_va_u64(gpu.mailbox) & (HALF - 1));

	if (gpuas_space_create(&other, &gpu_geo[half], &window, &tables.env))
		return false;
	map(&other, mailbox, (uintptr_t)gpu.mailbox_ptr, PAGE, ALL);
	return true;
}

void test_stale(unsigned int half)
{
	results_about(half ? "stale TLB, upper half" : "stale TLB, lower half");
	if (!possible(half, "all cases"))
		return;
	test_oracle(half);
	test_neighbours(half);
	test_range(half);
	test_blocks(half);
	test_changes(half);
	if (!make_other(half)) {
		result(false, "there is another tree");
		return;
	}
	test_asids(half);
	test_release(half);
}
