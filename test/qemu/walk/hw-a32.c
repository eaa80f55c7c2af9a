// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * ARMv7 with LPAE, in Hyp mode: the PL1&0 regime is programmed with the tables under test, and never
 * entered. Registers: Arm ARM DDI 0406C, B4.1 (TTBCR, PAR, ATS1C*, ID_MMFR0).
 */
#include "walk.h"

#define UART_DR		0x09000000
#define TTBCR_EAE	(1u << 31)
#define TTBCR_WALKS	0x35003500u

void hw_put(char c)
{
	*(volatile uint32_t *)UART_DR = (uint32_t)c;
}

/* Semihosting: SYS_EXIT_EXTENDED, ADP_Stopped_ApplicationExit. */
void hw_exit(int status)
{
	const uint32_t block[2] = { 0x20026, (uint32_t)status };
	register uint32_t r0 __asm__("r0") = 0x20;
	register const uint32_t *r1 __asm__("r1") = block;

	for (;;)
		__asm__ volatile("svc 0x123456" : "+r" (r0) : "r" (r1) : "memory");
}

void hw_exception(uint32_t vector, uint32_t lr);
void hw_exception(uint32_t vector, uint32_t lr)
{
	say("\nnot ok - exception: vector %u LR %x\n", vector, (uint64_t)lr);
	hw_exit(1);
}

static uint32_t mode(void)
{
	uint32_t cpsr;

	__asm__ volatile("mrs %0, cpsr" : "=r" (cpsr));
	return cpsr & 0x1f;
}

const char *hw_refuses(void)
{
	uint32_t features;

	__asm__ volatile("mrc p15, 0, %0, c0, c1, 4" : "=r" (features));
	if ((features & 15) < 5)
		return "this CPU has no LPAE";
	return mode() == 0x1a ? NULL : "not in Hyp mode (virtualization=on)";
}

unsigned int hw_pa_bits(void)
{
	return 40;
}

unsigned int hw_address_bits(void)
{
	return 40;
}

unsigned int hw_va_bits(void)
{
	return 32;
}

void hw_set(const struct regime *regime)
{
	uint32_t size = 32 - regime->va_bits;
	uint32_t ttbcr = TTBCR_EAE | TTBCR_WALKS | size | size << 16;
	uint32_t sctlr;

	__asm__ volatile("mcr p15, 0, %0, c2, c0, 2" : : "r" (ttbcr));
	__asm__ volatile("mcrr p15, 0, %Q0, %R0, c2" : : "r" (regime->root[0]));
	__asm__ volatile("mcrr p15, 1, %Q0, %R0, c2" : : "r" (regime->root[1]));
	__asm__ volatile("mcr p15, 0, %0, c10, c2, 0" : : "r" ((uint32_t)regime->mair));
	__asm__ volatile("mcr p15, 0, %0, c10, c2, 1" : : "r" ((uint32_t)(regime->mair >> 32)));
	if (mode() == 0x1a)
		__asm__ volatile("mcr p15, 4, %0, c1, c1, 0" : : "r" (0));	/* HCR */
	__asm__ volatile("dsb; isb; mcr p15, 0, %0, c8, c7, 0; dsb; isb" : : "r" (0) : "memory");
	__asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r" (sctlr));
	__asm__ volatile("mcr p15, 0, %0, c1, c0, 0; isb" : : "r" (sctlr | 1) : "memory");
}

uint64_t hw_at(uint64_t va, enum access access)
{
	uint32_t low = (uint32_t)va;
	uint64_t par;

	__asm__ volatile("dsb" : : : "memory");
	switch (access) {
	case FW_R:
		__asm__ volatile("mcr p15, 0, %0, c7, c8, 0" : : "r" (low) : "memory");
		break;
	case FW_W:
		__asm__ volatile("mcr p15, 0, %0, c7, c8, 1" : : "r" (low) : "memory");
		break;
	case GPU_R:
		__asm__ volatile("mcr p15, 0, %0, c7, c8, 2" : : "r" (low) : "memory");
		break;
	default:
		__asm__ volatile("mcr p15, 0, %0, c7, c8, 3" : : "r" (low) : "memory");
	}
	__asm__ volatile("isb; mrrc p15, 0, %Q0, %R0, c7" : "=r" (par) : : "memory");
	return par;
}
