/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Where things of the stand-in's firmware are: for the compiler, the assembler and the linker. */
#ifndef GPUAS_QEMU_VIRT_FIRMWARE_LAYOUT_H
#define GPUAS_QEMU_VIRT_FIRMWARE_LAYOUT_H

#ifdef __ASSEMBLER__
#define FW_ADDRESS(x)	x
#else
#define FW_ADDRESS(x)	x##ULL
#endif

/* Where the firmware sees its regions, as in board.c. */
#define FW_TEXT_VA	FW_ADDRESS(0xffffff8000000000)
#define FW_DATA_VA	FW_ADDRESS(0xffffff8001000000)
#define FW_SHARED_VA	FW_ADDRESS(0xffffff8002000000)

/* The second slot of the firmware's window is its own, tables included. */
#define FW_OWN_VA	FW_ADDRESS(0xffffff9000000000)
#define FW_OWN_SIZE	FW_ADDRESS(0x0000001000000000)

/* In it: what the firmware maps for itself, and the first VA that FW_MAP takes. */
#define FW_TABLES_VA	FW_ADDRESS(0xffffff9000000000)
#define FW_TTBS_VA	FW_ADDRESS(0xffffff9000100000)
#define FW_HANDOFF_VA	FW_ADDRESS(0xffffff9000110000)
#define FW_SMMU_VA	FW_ADDRESS(0xffffff9000200000)
#define FW_EDU_VA	FW_ADDRESS(0xffffff9000300000)
#define FW_GICD_VA	FW_ADDRESS(0xffffff9000400000)
#define FW_GICR_VA	FW_ADDRESS(0xffffff9000500000)
#define FW_MAP_VA	FW_ADDRESS(0xffffff9002000000)

/* Offsets into fw-data; struct fw_boot comes first. */
#define FW_STATUS_OFFSET	0x1000
#define FW_LOG_OFFSET		0x2000
#define FW_SMMU_OFFSET		0x4000
#define FW_IDENTITY_OFFSET	0x10000
#define FW_BSS_OFFSET		0x20000

/* Offsets into struct fw_boot. */
#define FW_BOOT_RAM		8
#define FW_BOOT_RAM_SIZE	16
#define FW_BOOT_TABLES		24
#define FW_BOOT_ROOT		48

/* GPUAS_LPAE_MAIR */
#define FW_MAIR			FW_ADDRESS(0x0000000000ff00ff)

#endif /* GPUAS_QEMU_VIRT_FIRMWARE_LAYOUT_H */
