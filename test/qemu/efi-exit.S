/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The smallest OS that is booted by EFI: leaves the boot services, and switches the machine off. Assembled
 * as it lies in the file; numbers are those of the UEFI specification and of PE32+.
 */
	.set	map_size, 0x4000
	.set	get_memory_map, 0x38
	.set	exit_boot_services, 0xe8

start:	.ascii	"MZ"
	.org	0x3c
	.long	pe - start
pe:	.ascii	"PE\0\0"
	.short	0xaa64, 1		/* arm64, one section */
	.long	0, 0, 0
	.short	sections - optional, 0x206	/* executable, without line numbers and debug data */
optional:
	.short	0x20b, 0		/* PE32+ */
	.long	end - entry, 0, 0, entry - start, entry - start
	.quad	0			/* base */
	.long	0x1000, 0x200		/* alignment in memory and file */
	.short	0, 0, 0, 0, 0, 0
	.long	0, 0x2000, entry - start, 0	/* size of image and of headers */
	.short	10, 0			/* EFI application */
	.quad	0, 0, 0, 0
	.long	0, 6
	.fill	6, 8, 0			/* directories: none */
sections:
	.ascii	".text\0\0\0"
	.long	end - entry, entry - start, end - entry, entry - start, 0, 0
	.short	0, 0
	.long	0x60000020		/* code, to be read and executed */

	.org	0x1000
entry:	mov	x19, x0			/* the image's handle */
	ldr	x20, [x1, #0x60]	/* boot services */
	sub	sp, sp, #map_size
	sub	sp, sp, #0x20
	mov	x9, #map_size
	str	x9, [sp]
	mov	x0, sp
	add	x1, sp, #0x20
	add	x2, sp, #0x8
	add	x3, sp, #0x10
	add	x4, sp, #0x18
	ldr	x9, [x20, #get_memory_map]
	blr	x9
	mov	x0, x19
	ldr	x1, [sp, #0x8]
	ldr	x9, [x20, #exit_boot_services]
	blr	x9
	movz	w0, #0x0008
	movk	w0, #0x8400, lsl #16	/* PSCI: off */
	hvc	#0
	.org	0x1200
end:
