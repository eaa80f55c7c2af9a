/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What a stage before U-Boot does, started by a first U-Boot as its OS: puts another device tree where the
 * second one looks for it, the start of RAM, and starts that from flash.
 */
	.set	tree, 0x4a00		/* << 16; what the loader has put there */
	.set	ram, 0x4000

start:	b	copy
	.long	0
	.quad	0, 0x1000, 0x8, 0, 0, 0	/* anywhere, of this size, little-endian */
	.ascii	"ARM\x64"
	.long	0
copy:	movz	x1, #tree, lsl #16
	movz	x2, #ram, lsl #16
	movz	x3, #0x10, lsl #16
1:	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x2], #16
	subs	x3, x3, #16
	b.ne	1b
	mov	x0, #0
	br	x0
