/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* EL2 or EL1, own MMU off. An exception is reported and ends it. */
	.section .text.start, "ax"
	.globl _start
_start:
	adr	x0, vectors
	mrs	x1, CurrentEL
	cmp	x1, #8
	b.ne	1f
	msr	vbar_el2, x0
	b	2f
1:	msr	vbar_el1, x0
2:	ldr	x0, =stack_top
	mov	sp, x0
	ldr	x0, =bss_start
	ldr	x1, =bss_end
3:	cmp	x0, x1
	b.hs	4f
	stp	xzr, xzr, [x0], #16
	b	3b
4:	bl	test_main
	b	hw_exit

exception:
	mrs	x0, CurrentEL
	cmp	x0, #8
	b.ne	5f
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	bl	hw_exception
5:	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	bl	hw_exception

	.balign 2048
	.globl vectors
vectors:
	.rept	16
	b	exception
	.balign	128
	.endr
