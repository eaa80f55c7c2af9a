// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "edu.h"

/* Configuration space: PCI Local Bus 3.0, 6.1 */
#define PCI_ID			0x00
#define PCI_COMMAND		0x04
#define PCI_COMMAND_MEMORY	(1u << 1)
#define PCI_COMMAND_MASTER	(1u << 2)
#define PCI_STATUS		(0xffffu << 16)		/* cleared by writing ones */
#define PCI_BAR0		0x10

/* Device 11e8 of vendor 1234: docs/specs/edu.rst, "PCI specs" */
#define EDU_ID			0x11e81234u

/* Registers: docs/specs/edu.rst, "MMIO area spec" */
#define EDU_SOURCE		0x80
#define EDU_DESTINATION		0x88
#define EDU_COUNT		0x90
#define EDU_COMMAND		0x98
#define EDU_COMMAND_RUN		(1u << 0)
#define EDU_COMMAND_TO_MEMORY	(1u << 1)

/* Where the device sees its buffer: "DMA controller" there */
#define EDU_BUFFER		0x40000u

#define DEVFNS			256

/* ECAM: bus in 27:20, device and function in 19:12, register in 11:0. */
static size_t config(unsigned int devfn, unsigned int reg)
{
	return (size_t)devfn << 12 | reg;
}

int edu_find(device_mmio_t ecam, unsigned int *devfn)
{
	unsigned int i;

	for (i = 0; i < DEVFNS; i++) {
		if (device_read32(ecam, config(i, PCI_ID)) != EDU_ID)
			continue;
		*devfn = i;
		return 0;
	}
	return -GPUAS_ENOENT;
}

int edu_enable(device_mmio_t ecam, unsigned int devfn, uint32_t bar)
{
	uint32_t command = device_read32(ecam, config(devfn, PCI_COMMAND)) & ~PCI_STATUS;

	if (bar & (EDU_BAR_SIZE - 1))
		return -GPUAS_EINVAL;
	/* An address is changed while the device does not answer to it. */
	device_write32(ecam, config(devfn, PCI_COMMAND), command & ~PCI_COMMAND_MEMORY);
	device_write32(ecam, config(devfn, PCI_BAR0), bar);
	if (device_read32(ecam, config(devfn, PCI_BAR0)) != bar)
		return -GPUAS_EPROTO;
	device_write32(ecam, config(devfn, PCI_COMMAND),
		       command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	return 0;
}

int edu_copy(const struct edu *edu, enum edu_way way, gpuas_va_t va, unsigned int size)
{
	uint64_t from = way == EDU_READ ? gpuas_va_u64(va) : EDU_BUFFER;
	uint64_t to = way == EDU_READ ? EDU_BUFFER : gpuas_va_u64(va);

	if (!size || size > EDU_CHUNK_MAX)
		return -GPUAS_EINVAL;
	if (edu_busy(edu))
		return -GPUAS_EBUSY;
	device_write64(edu->regs, EDU_SOURCE, from);
	device_write64(edu->regs, EDU_DESTINATION, to);
	device_write64(edu->regs, EDU_COUNT, size);
	/* What it is to read was written before. */
	device_barrier();
	device_write64(edu->regs, EDU_COMMAND,
		       EDU_COMMAND_RUN | (way == EDU_WRITE ? EDU_COMMAND_TO_MEMORY : 0));
	return 0;
}

bool edu_busy(const struct edu *edu)
{
	bool busy = device_read64(edu->regs, EDU_COMMAND) & EDU_COMMAND_RUN;

	device_barrier();
	return busy;
}
