/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * PSCI starts the CPU here: EL1, MMU off, x0 = PA of fw-data. An identity map of RAM, by blocks,
 * carries it over to its VAs; afterwards the identity map goes (space.c).
 * Registers: Arm ARM DDI 0487, D19.2.
 */
#include "../firmware_layout.h"

/* Normal write-back memory, inner shareable, accessed, not executable at EL0. */
#define BLOCK		((1 << 54) | (1 << 10) | (3 << 8) | 1)
#define BLOCK_SHIFT	25
#define ROOT_SHIFT	36
/* 16K granule, 39 bits in each half, 40-bit PAs, write-back inner-shareable walks. */
#define TCR		0x27519b519
#define SCTLR		0x30d01805	/* MMU and caches on, all else as after reset */

	.section .text.start, "ax"
	.globl _start
_start:
	mov	x19, x0
	/* Two tables: a root, and one of blocks. */
	mov	x1, #FW_IDENTITY_OFFSET
	add	x1, x19, x1
	add	x2, x1, #0x4000
	orr	x3, x2, #3
	ldr	x4, [x19, #FW_BOOT_RAM]
	ldr	x5, [x19, #FW_BOOT_RAM_SIZE]
	lsr	x6, x4, #ROOT_SHIFT
	str	x3, [x1, x6, lsl #3]
	add	x5, x4, x5
	ldr	x7, =BLOCK
	mov	x8, #(1 << BLOCK_SHIFT)
1:	ubfx	x6, x4, #BLOCK_SHIFT, #11
	orr	x3, x4, x7
	str	x3, [x2, x6, lsl #3]
	add	x4, x4, x8
	cmp	x4, x5
	b.lo	1b

	ldr	x3, =FW_MAIR
	msr	mair_el1, x3
	ldr	x3, =TCR
	msr	tcr_el1, x3
	msr	ttbr0_el1, x1
	/* What the bootloader mapped hangs on the first root, and has to hang on ours. */
	ldr	x3, [x19, #FW_BOOT_TABLES]
	ldr	x4, [x19, #FW_BOOT_ROOT]
	ldr	x3, [x3]
	str	x3, [x4]
	msr	ttbr1_el1, x4
	dsb	sy
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	ldr	x3, =SCTLR
	msr	sctlr_el1, x3
	isb
	ldr	x3, =high
	br	x3

	.section .text, "ax"
high:
	ldr	x3, =stack_top
	mov	sp, x3
	ldr	x3, =vectors
	msr	vbar_el1, x3
	isb
	bl	fw_main
0:	wfi
	b	0b

exception:
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	bl	fw_exception
	b	0b

	.balign 2048
vectors:
	.rept	16
	b	exception
	.balign	128
	.endr
