// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * QEMU's virt machine with -M iommu=smmuv3 -device edu. Addresses: QEMU hw/arm/virt.c, and the
 * device tree that it makes (-M dumpdtb).
 */
#include "device.h"

#define SMMU_PA		0x09050000UL
#define ECAM_PA		0x4010000000UL
#define WINDOW_PA	0x10000000UL

/* A copy takes 100 ms: with -icount shift=10, at 1.024 us each, 97657 instructions. */
#define COPY_LOOPS	196
#define LOOP_NOPS	500

struct gpu gpu;

static struct smmu_memory memory __attribute__((aligned(0x4000)));

static bool again(void *ctx)
{
	struct gpu *g = ctx;

	return ++g->waited < g->patience;
}

int gpu_start(void)
{
	unsigned int stream;
	int err;

	gpu.ecam = (device_mmio_t)ECAM_PA;
	gpu.edu.regs = (device_mmio_t)WINDOW_PA;
	gpu.patience = 1000;
	err = edu_find(gpu.ecam, &stream);
	if (!err)
		err = edu_enable(gpu.ecam, stream, WINDOW_PA);
	if (err)
		return err;
	gpu.smmu.regs = (device_mmio_t)SMMU_PA;
	gpu.smmu.memory = &memory;
	gpu.smmu.pa = gpuas_pa((uintptr_t)&memory);
	gpu.smmu.stream = stream;
	gpu.smmu.wait.again = again;
	gpu.smmu.wait.ctx = &gpu;
	return gpuas_qv_smmu_start(&gpu.smmu);
}

int gpu_context(const struct gpuas_space *lower, const struct gpuas_space *upper,
		unsigned int asid)
{
	const uint64_t bits = (uint64_t)asid << GPUAS_TTB_ASID_SHIFT | GPUAS_TTB_VALID;
	const struct gpuas_ttb_pair pair = {
		.ttb0 = lower ? gpuas_pa_u64(lower->root) | bits : 0,
		.ttb1 = upper ? gpuas_pa_u64(upper->root) | bits : 0,
	};

	return gpuas_qv_smmu_load(&gpu.smmu, &gpu_geo[0], &pair);
}

uint64_t unique(void)
{
	static uint64_t last = 0x600dda7a00000000;

	return ++last;
}

/* NOPs take the guest's time and none of QEMU's: polling makes the fuzz several times slower. */
static void pass_time(unsigned int loops)
{
	while (loops--)
		__asm__ volatile(".rept %0; nop; .endr" : : "i" (LOOP_NOPS));
}

void gpu_copy(enum edu_way way, uint64_t va, unsigned int size, struct outcome *outcome)
{
	struct smmu_event event;
	unsigned int records = 0;

	memset(outcome, 0, sizeof(*outcome));
	if (edu_copy(&gpu.edu, way, gpuas_va(va), size)) {
		say("not ok - a copy cannot be started\n");
		hw_exit(1);
	}
	gpu.copies++;
	for (pass_time(COPY_LOOPS); edu_busy(&gpu.edu);)
		pass_time(1);
	outcome->fault = gpuas_qv_smmu_event(&gpu.smmu, &outcome->event);
	while (gpuas_qv_smmu_event(&gpu.smmu, &event)) {
		if (++records > 1 << SMMU_EVENTS_LOG2) {
			say("not ok - the event queue has an end\n");
			hw_exit(1);
		}
	}
}

void gpu_read(uint64_t va, struct outcome *outcome)
{
	struct outcome mailbox;

	*gpu.mailbox_ptr = ~0ULL;
	gpu_copy(EDU_READ, va, 8, outcome);
	if (outcome->fault)
		return;
	gpu_copy(EDU_WRITE, gpuas_va_u64(gpu.mailbox), 8, &mailbox);
	if (mailbox.fault) {
		say("not ok - the mailbox can be written (event %x at %x)\n",
		    (uint64_t)mailbox.event.type, gpuas_va_u64(mailbox.event.va));
		hw_exit(1);
	}
	outcome->value = *gpu.mailbox_ptr;
}

void gpu_write(uint64_t va, uint64_t value, struct outcome *outcome)
{
	struct outcome mailbox;

	*gpu.mailbox_ptr = value;
	gpu_copy(EDU_READ, gpuas_va_u64(gpu.mailbox), 8, &mailbox);
	gpu_copy(EDU_WRITE, va, 8, outcome);
	if (mailbox.fault)
		outcome->event = mailbox.event;
	outcome->fault |= mailbox.fault;
}
