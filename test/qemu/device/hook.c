// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "device.h"

static unsigned int asid, failures;

/* With HOOK_STUB, the flush of a host that forgot it: what the tests must not let pass. */
static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct arena *arena = ctx;

	arena->flushes++;
#ifndef HOOK_STUB
	if (gpuas_qv_smmu_invalidate(&gpu.smmu, asid, va, size))
		failures++;
#else
	(void)va;
	(void)size;
#endif
}

void hook_init(struct arena *arena, unsigned int first)
{
	arena_init(arena, (void *)(uintptr_t)ARENA_PA, NULL, gpu_geo[0].format->granule_shift);
	arena->env.flush = flush;
	asid = first;
}

void hook_asid(unsigned int other)
{
	asid = other;
}

unsigned int hook_failures(void)
{
	return failures;
}
