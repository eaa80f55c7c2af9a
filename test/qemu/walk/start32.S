/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Hyp or SVC mode, own MMU off. An exception is reported and ends it. */
	.arch	armv7ve
	.syntax	unified
	.section .text.start, "ax"
	.globl _start
_start:
	ldr	r0, =vectors
	mrs	r1, cpsr
	and	r1, r1, #0x1f
	cmp	r1, #0x1a
	mcreq	p15, 4, r0, c12, c0, 0
	mcrne	p15, 0, r0, c12, c0, 0
	ldr	sp, =stack_top
	ldr	r0, =bss_start
	ldr	r1, =bss_end
	mov	r2, #0
1:	cmp	r0, r1
	strlo	r2, [r0], #4
	blo	1b
	bl	test_main
	b	hw_exit

	/* Eight vectors; r0 becomes the number of the one that was taken. */
	.balign	32
vectors:
	b	10f
	b	11f
	b	12f
	b	13f
	b	14f
	b	15f
	b	16f
	b	17f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
1\n:	mov	r0, #\n
	b	exception
	.endr
exception:
	mov	r1, lr
	ldr	sp, =stack_top
	b	hw_exception
