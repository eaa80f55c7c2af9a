// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * AArch64 at EL2: the EL1&0 regime is programmed with the tables under test, and never entered.
 * Registers: Arm ARM DDI 0487, D19.2 (HCR_EL2, TCR_EL1, PAR_EL1, ID_AA64MMFR0_EL1).
 */
#include "walk.h"

#define read_reg(reg) ({ uint64_t v_; __asm__ volatile("mrs %0, " #reg : "=r" (v_)); v_; })
#define write_reg(reg, value) __asm__ volatile("msr " #reg ", %0" : : "r" ((uint64_t)(value)))

#define UART_DR		0x09000000
#define HCR_RW		(1ULL << 31)
#define SCTLR_RES1_M	0x30d00801
/* Inner shareable, write-back walks in both halves. */
#define TCR_WALKS	0x35003500ULL

void hw_put(char c)
{
	*(volatile uint32_t *)UART_DR = (uint32_t)c;
}

/* Semihosting: SYS_EXIT, ADP_Stopped_ApplicationExit. */
void hw_exit(int status)
{
	const uint64_t block[2] = { 0x20026, (uint64_t)status };
	register uint64_t x0 __asm__("x0") = 0x18;
	register const uint64_t *x1 __asm__("x1") = block;

	for (;;)
		__asm__ volatile("hlt #0xf000" : "+r" (x0) : "r" (x1) : "memory");
}

void hw_exception(uint64_t esr, uint64_t elr, uint64_t far);
void hw_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	say("\nnot ok - exception: ESR %x ELR %x FAR %x\n", esr, elr, far);
	hw_exit(1);
}

const char *hw_refuses(void)
{
	uint64_t features;

	if (read_reg(CurrentEL) != 8)
		return "not at EL2 (virtualization=on)";
	features = read_reg(ID_AA64MMFR0_EL1);
	if ((features >> 28 & 15) == 15)
		return "this CPU has no 4K granule";
	if (!(features >> 20 & 15))
		return "this CPU has no 16K granule";
	if ((features >> 24 & 15) == 15)
		return "this CPU has no 64K granule";
	return NULL;
}

unsigned int hw_pa_bits(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
	unsigned int range = read_reg(ID_AA64MMFR0_EL1) & 15;

	return bits[range < 5 ? range : 5];
}

unsigned int hw_address_bits(void)
{
	return 48;
}

unsigned int hw_va_bits(void)
{
	return 64;
}

void hw_set(const struct regime *regime)
{
	/* By granule: 4K, 16K, 64K. By PA bits: 32, 36, 40, 42, 44, 48. */
	static const uint8_t tg0[] = { 0, 2, 1 }, tg1[] = { 2, 1, 3 };
	unsigned int granule = (regime->granule_shift - 12) / 2, pa = regime->pa_bits;
	uint64_t size = 64 - regime->va_bits;
	uint64_t ips = pa < 42 ? (pa - 32) / 4 : pa == 42 ? 3 : pa == 44 ? 4 : 5;

	write_reg(HCR_EL2, HCR_RW);
	write_reg(TCR_EL1, TCR_WALKS | size | size << 16 | (uint64_t)tg0[granule] << 14 |
		  (uint64_t)tg1[granule] << 30 | ips << 32);
	write_reg(MAIR_EL1, regime->mair);
	write_reg(TTBR0_EL1, regime->root[0]);
	write_reg(TTBR1_EL1, regime->root[1]);
	write_reg(SCTLR_EL1, SCTLR_RES1_M);
	__asm__ volatile("dsb sy; isb; tlbi alle1; dsb sy; isb" : : : "memory");
}

uint64_t hw_at(uint64_t va, enum access access)
{
	__asm__ volatile("dsb sy" : : : "memory");
	switch (access) {
	case FW_R:
		__asm__ volatile("at s1e1r, %0" : : "r" (va) : "memory");
		break;
	case FW_W:
		__asm__ volatile("at s1e1w, %0" : : "r" (va) : "memory");
		break;
	case GPU_R:
		__asm__ volatile("at s1e0r, %0" : : "r" (va) : "memory");
		break;
	default:
		__asm__ volatile("at s1e0w, %0" : : "r" (va) : "memory");
	}
	__asm__ volatile("isb" : : : "memory");
	return read_reg(PAR_EL1);
}
