// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The drivers by themselves: what each command forgets, two users, and what goes wrong. */
#include "device.h"

#define PAGES	2200

/* Page @n of the range; far enough from a block in PA as well as VA. */
#define VA(n)	(0x3000000000ULL + (n) * PAGE)
#define PA(n)	(DATA_PA + 2 * BLOCK + PAGE + (n) * PAGE)

/* Registers: Arm IHI 0070, 6.3 */
#define CR0		0x20
#define CR0_SMMUEN	(1u << 0)
#define CR0_EVENTQEN	(1u << 2)
#define CR0_CMDQEN	(1u << 3)
#define CMDQ_BASE	0x90
#define CMDQ_PROD	0x98

/* Another party, which knows the registers and the stream. */
static struct smmu user;

static bool pulled(uint64_t n)
{
	return pull(&tree[0], VA(n), PA(n));
}

static void back(uint64_t n)
{
	*entry_of(&tree[0], VA(n)) = *entry_of(&tree[0], VA(PAGES - 1)) - PA(PAGES - 1) + PA(n);
	device_barrier();
}

/* The page is still remembered, or is not. */
static bool kept(uint64_t n)
{
	struct outcome o;

	return reads(VA(n) + 8, PA(n) + 8, &o);
}

static bool gone(uint64_t n)
{
	struct outcome o;

	return faults(EDU_READ, VA(n) + 16, SMMU_TRANSLATION, &o);
}

/* Exactly what was asked for is forgotten: @n pages from page 1. */
static bool exact(uint64_t n)
{
	bool ok = pulled(0) && pulled(1) && (n == 1 || pulled(n)) && pulled(n + 1);

	ok = ok && !gpuas_qv_smmu_invalidate(&gpu.smmu, ASID, gpuas_va(VA(1)), n * PAGE) &&
	     kept(0) && gone(1) && gone(n) && kept(n + 1);
	back(0);
	back(1);
	back(n);
	back(n + 1);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
	return ok;
}

static void test_sizes(void)
{
	static const uint16_t pages[] = { 1, 2, 31, 32, 33, 63, 64, 65, 66, 101, 1000, 1025, 2111 };
	unsigned int i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]) && exact(pages[i]); i++)
		;
	result(i == sizeof(pages) / sizeof(pages[0]), "ranges are forgotten to the page");
	if (i < sizeof(pages) / sizeof(pages[0]))
		say("# not with %u pages\n", (unsigned int)pages[i]);
}

static void test_commands(void)
{
	const struct smmu *smmu = &gpu.smmu;
	const gpuas_va_t va = gpuas_va(VA(5)), next = gpuas_va(VA(6));

	result(pulled(5) && !gpuas_qv_smmu_invalidate(smmu, ASID + 1, va, PAGE) && kept(5),
	       "a page of another ASID leaves this one's");
	result(!gpuas_qv_smmu_invalidate_asid(smmu, ASID + 1) && kept(5),
	       "another ASID leaves this one");
	result(!gpuas_qv_smmu_invalidate(smmu, SMMU_ANY_ASID, next, PAGE) && kept(5),
	       "the next page of any ASID leaves this one");
	result(!gpuas_qv_smmu_invalidate(smmu, SMMU_ANY_ASID, va, PAGE) && gone(5),
	       "a page of any ASID is forgotten");
	result(pulled(6) && !gpuas_qv_smmu_invalidate_asid(smmu, ASID) && gone(6),
	       "an ASID is forgotten");
	result(pulled(7) && !gpuas_qv_smmu_invalidate_all(smmu) && gone(7), "all is forgotten");
	result(pulled(8) && !gpuas_qv_smmu_start(smmu) &&
	       !gpu_context(&tree[0], &tree[1], ASID) && gone(8),
	       "a start forgets all");
	back(5);
	back(6);
	back(7);
	back(8);
}

/* Far more commands than the queue has room for, by turns. */
static void test_users(void)
{
	gpuas_pa_t pa = gpuas_pa(0);
	int err = gpuas_qv_smmu_where(gpu.smmu.regs, &pa);
	unsigned int i;
	bool ok;

	result(!err && pa == gpu.smmu.pa, "another user finds the memory");
	user = gpu.smmu;
	user.memory = (struct smmu_memory *)(uintptr_t)gpuas_pa_u64(pa);
	for (i = 0; i < 1001 && !err; i++)
		err = gpuas_qv_smmu_invalidate(i & 1 ? &user : &gpu.smmu, ASID + 2,
					       gpuas_va(VA(i)), PAGE);
	ok = pulled(1) && !gpuas_qv_smmu_invalidate(&user, ASID, gpuas_va(VA(1)), PAGE) && gone(1);
	ok = ok && pulled(2) && !gpuas_qv_smmu_invalidate(&gpu.smmu, ASID, gpuas_va(VA(2)), PAGE) &&
	     gone(2);
	result(!err && ok, "two users share the queue, also after it wrapped");
	back(1);
	back(2);

	err = gpuas_qv_smmu_invalidate(&gpu.smmu, ASID, gpuas_va(VA(4)), PAGE);
	ok = !err && pulled(4);
	for (i = 0; i < 300 && !err; i++)
		err = gpuas_qv_smmu_invalidate(&gpu.smmu, ASID + 2, gpuas_va(VA(4)), PAGE);
	result(!err && ok && kept(4), "commands are carried out once");
	back(4);
	gpuas_qv_smmu_invalidate_all(&gpu.smmu);
}

static void test_waits(void)
{
	const uint32_t running = CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN;
	unsigned int i;
	int err = -GPUAS_ETIMEDOUT;

	gpu.patience = 10;
	device_write32(gpu.smmu.regs, CR0, running & ~CR0_CMDQEN);
	for (i = 0; i < 300 && err == -GPUAS_ETIMEDOUT; i++) {
		gpu.waited = 0;
		err = gpuas_qv_smmu_invalidate_all(&gpu.smmu);
		if (gpu.waited != gpu.patience)
			err = 0;
	}
	result(err == -GPUAS_ETIMEDOUT, "a queue that stands still is waited for as long as we say");
	device_write32(gpu.smmu.regs, CR0, running);
	result(pulled(3) && !gpuas_qv_smmu_invalidate_all(&gpu.smmu) && gone(3),
	       "it goes on afterwards");
	back(3);

	i = device_read32(gpu.smmu.regs, CMDQ_PROD) & ((2 << SMMU_COMMANDS_LOG2) - 1);
	gpu.smmu.memory->command[i & ((1 << SMMU_COMMANDS_LOG2) - 1)][0] = 0xff;
	device_barrier();
	device_write32(gpu.smmu.regs, CMDQ_PROD, (i + 1) & ((2 << SMMU_COMMANDS_LOG2) - 1));
	result(gpuas_qv_smmu_invalidate_all(&gpu.smmu) == -GPUAS_EPROTO,
	       "a refused command is reported");
	result(!gpuas_qv_smmu_start(&gpu.smmu) && !gpu_context(&tree[0], &tree[1], ASID) && kept(3),
	       "a start helps");
}

static void test_events(void)
{
	struct outcome o;
	bool ok;

	gpu_copy(EDU_WRITE, VA(PAGES) + 0x100, EDU_CHUNK_MAX, &o);
	result_outcome(o.fault && gpuas_va_u64(o.event.va) == VA(PAGES) + 0x100,
		       "of more faults than the queue has room for, the first is there", &o);
	ok = faults(EDU_READ, VA(PAGES) + 0x2008, SMMU_TRANSLATION, &o);
	result_outcome(ok, "records go on afterwards", &o);
	result(!gpuas_qv_smmu_event(&gpu.smmu, &o.event), "without a fault there is no record");
}

static void test_refusals(void)
{
	const struct gpuas_geometry pages_4k = { &gpuas_format_lpae_4k, 39, 40, false, false };
	const struct gpuas_geometry too_large = { &gpuas_format_lpae_16k, 39, 48, false, false };
	const struct gpuas_geometry odd = { &gpuas_format_lpae_16k, 39, 38, false, false };
	const struct gpuas_ttb_pair none = { 0, 0 };
	struct smmu bad = gpu.smmu;
	unsigned int devfn;
	struct outcome o;

	result(gpuas_qv_smmu_load(&gpu.smmu, &pages_4k, &none) == -GPUAS_EINVAL &&
		       gpuas_qv_smmu_load(&gpu.smmu, &too_large, &none) == -GPUAS_EINVAL &&
		       gpuas_qv_smmu_load(&gpu.smmu, &odd, &none) == -GPUAS_EINVAL && kept(3),
	       "a shape that it does not have is refused, the context stays");
	bad.pa = gpuas_pa(gpuas_pa_u64(bad.pa) + 0x1000);
	result(gpuas_qv_smmu_start(&bad) == -GPUAS_EINVAL, "unaligned memory is refused");
	bad = gpu.smmu;
	bad.stream = 256;
	result(gpuas_qv_smmu_start(&bad) == -GPUAS_EINVAL, "a stream beyond the table is refused");
	result(edu_copy(&gpu.edu, EDU_READ, gpuas_va(VA(0)), 0) == -GPUAS_EINVAL &&
		       edu_copy(&gpu.edu, EDU_READ, gpuas_va(VA(0)), EDU_CHUNK_MAX + 1) ==
			       -GPUAS_EINVAL,
	       "edu: copies of no or too many bytes are refused");
	result(!edu_copy(&gpu.edu, EDU_READ, gpuas_va(VA(0)), 8) &&
		       edu_copy(&gpu.edu, EDU_READ, gpuas_va(VA(0)), 8) == -GPUAS_EBUSY,
	       "edu: one copy at a time");
	while (edu_busy(&gpu.edu))
		;
	/* Bus 1, which is not there. */
	result(edu_find(gpu.ecam + (1 << 20), &devfn) == -GPUAS_ENOENT, "edu: it may be missing");
	result(edu_enable(gpu.ecam, gpu.smmu.stream, EDU_BAR_SIZE / 2) == -GPUAS_EINVAL,
	       "edu: an unaligned address is refused");
	result_outcome(reads(VA(0), PA(0), &o), "all goes on", &o);
}

/* Last: the SMMU is left disabled. */
static void test_where(void)
{
	gpuas_pa_t pa;
	bool off;

	device_write32(gpu.smmu.regs, CR0, 0);
	off = gpuas_qv_smmu_where(gpu.smmu.regs, &pa) == -GPUAS_ENOENT;
	device_write64(gpu.smmu.regs, CMDQ_BASE, gpuas_pa_u64(gpu.smmu.pa));
	device_write32(gpu.smmu.regs, CR0, CR0_SMMUEN);
	result(off && gpuas_qv_smmu_where(gpu.smmu.regs, &pa) == -GPUAS_EPROTO,
	       "the memory of one that is off, or not ours, is not found");
	device_write32(gpu.smmu.regs, CR0, 0);
}

void test_driver(void)
{
	results_about("drivers");
	hook_asid(ASID);
	map(&tree[0], VA(0), PA(0), PAGES * PAGE, ALL);
	test_sizes();
	test_commands();
	test_users();
	test_waits();
	test_events();
	test_refusals();
	test_where();
}
