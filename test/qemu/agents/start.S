/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Where PSCI starts the second CPU: at EL1, own MMU off, x0 is the end of its stack. */
	.text
	.globl second_start
second_start:
	mov	sp, x0
	ldr	x1, =vectors
	msr	vbar_el1, x1
	isb
	bl	second_main
1:	wfi
	b	1b
