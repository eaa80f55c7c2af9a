// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Flushes. Who walks the tables: the SMMU, for the GPU; and in the shared half the
 * firmware's CPU, whose TLB listens to what other CPUs broadcast, as that of AGX does.
 */
#include <linux/export.h>

#include <asm/tlbflush.h>

#include "driver.h"

/* More than this, and forgetting everything is cheaper. */
#define PAGES_MAX_BY_VA	64

/* As TLBI wants a VA, whatever the granule. The kernel's own macro is its own since 7.2. */
static uint64_t operand(uint64_t va)
{
	return va >> 12 & GENMASK_ULL(43, 0);
}

static void forget_on_cpus(gpuas_va_t va, uint64_t size)
{
	uint64_t at = gpuas_va_u64(va);

	dsb(ishst);
	if (size >> GRANULE_SHIFT > PAGES_MAX_BY_VA) {
		__tlbi(vmalle1is);
		size = 0;
	}
	for (; size; at += GRANULE, size -= GRANULE)
		__tlbi(vaae1is, operand(at));
	dsb(ish);
	isb();
}

void gpuas_qv_tlb_flush_shared(void *as, gpuas_va_t va, uint64_t size)
{
	struct gpu *gpu = container_of(as, struct gpu, as);

	gpu->flushes++;
	forget_on_cpus(va, size);
	gpuas_qv_fw_forget(&gpu->fw, SMMU_ANY_ASID, va, size);
	gpu->as.keep |= gpu->fw.loose;
}

/*
 * Not cached any more, then out of the cache, then gone: else the firmware could
 * write back into a page that belongs to somebody else.
 */
int gpuas_qv_tlb_unmap_cached(struct gpu *gpu, gpuas_va_t va, uint64_t size,
			      gpuas_attr_t attr)
{
	int err, left;

	mutex_lock(&gpu->as.lock);
	err = gpuas_protect_live(&gpu->as.space, va, size, attr | GPUAS_MEM_SHARED);
	mutex_unlock(&gpu->as.lock);
	if (!err)
		err = gpuas_qv_fw_unmap_prepare(&gpu->fw, va, size);
	if (err)
		return err;
	err = gpuas_linux_unmap(&gpu->as, va, size);
	left = gpuas_qv_fw_unmap_complete(&gpu->fw);
	return err ? err : left;
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_tlb_unmap_cached, GPUAS_QV_NS);
