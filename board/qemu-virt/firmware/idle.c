// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Time passes in WFI, which ends when the CPU's own timer raises its interrupt: pending is enough,
 * none is ever taken. Arm IHI 0069 (GICv3), 12.9 and 12.11; Arm ARM DDI 0487, D11.2 (timers).
 */
#include "fw.h"

#define read_reg(reg) ({ uint64_t v_; __asm__ volatile("mrs %0, " #reg : "=r" (v_)); v_; })
#define write_reg(reg, value) __asm__ volatile("msr " #reg ", %0" : : "r" ((uint64_t)(value)))

#define GICD_CTLR		0x0
#define GICD_CTLR_GRP1_ARE	0x12
#define GICR_FRAME		0x20000
#define GICR_TYPER_AFFINITY	0xc
#define GICR_WAKER		0x14
#define GICR_WAKER_SLEEP	0x2
#define GICR_SGI		0x10000
#define GICR_IGROUPR0		(GICR_SGI + 0x80)
#define GICR_ISENABLER0		(GICR_SGI + 0x100)

/* The virtual timer's interrupt. */
#define TIMER_PPI		27
#define TIMER_ENABLE		1

#define MPIDR_AFFINITY		0xffffffULL

/* This CPU's redistributor; the last one if none says that it is. */
static device_mmio_t redistributor(const struct fw *fw)
{
	uint64_t affinity = read_reg(MPIDR_EL1) & MPIDR_AFFINITY;
	device_mmio_t regs = (device_mmio_t)FW_GICR_VA;
	uint64_t cpu;

	for (cpu = 1; cpu < fw->boot.cpus; cpu++, regs += GICR_FRAME) {
		if (device_read32(regs, GICR_TYPER_AFFINITY) == affinity)
			break;
	}
	return regs;
}

static void timer_set(void)
{
	write_reg(CNTV_CVAL_EL0, read_reg(CNTVCT_EL0) + read_reg(CNTFRQ_EL0) / 1000);
	write_reg(CNTV_CTL_EL0, TIMER_ENABLE);
	__asm__ volatile("isb" : : : "memory");
}

void fw_idle_init(const struct fw *fw)
{
	device_mmio_t gicd = (device_mmio_t)FW_GICD_VA, gicr = redistributor(fw);
	uint32_t waker = device_read32(gicr, GICR_WAKER);

	device_write32(gicr, GICR_WAKER, waker & ~(uint32_t)GICR_WAKER_SLEEP);
	device_write32(gicr, GICR_IGROUPR0, device_read32(gicr, GICR_IGROUPR0) | 1u << TIMER_PPI);
	device_write32(gicr, GICR_ISENABLER0, 1u << TIMER_PPI);
	device_write32(gicd, GICD_CTLR, device_read32(gicd, GICD_CTLR) | GICD_CTLR_GRP1_ARE);
	write_reg(S3_0_C12_C12_5, 7);		/* ICC_SRE_EL1: system registers */
	__asm__ volatile("isb" : : : "memory");
	write_reg(S3_0_C4_C6_0, 0xff);		/* ICC_PMR_EL1: all priorities */
	write_reg(S3_0_C12_C12_7, 1);		/* ICC_IGRPEN1_EL1 */
	timer_set();
}

void fw_idle(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
	timer_set();
	fw_count(&fw_status()->heartbeat, 1);
}

bool fw_again(void *ctx)
{
	unsigned int *left = ctx;

	if (!*left)
		return false;
	--*left;
	fw_idle();
	return true;
}
