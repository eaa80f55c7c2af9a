/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_EDU_H
#define GPUAS_QEMU_VIRT_EDU_H

#include <device_env.h>
#include <gpuas/types.h>

/**
 * DOC: edu, the engine of the stand-in GPU
 *
 * QEMU's educational PCI device: it copies between memory, at addresses that the SMMU translates,
 * and a buffer of its own. The CPU cannot see the buffer: what was read from memory has to be
 * written to memory to be looked at. A copy takes 100 ms of the guest's time. Facts: QEMU
 * docs/specs/edu.rst; the configuration space: PCI Local Bus 3.0, 6.1 and 6.2.5; ECAM: PCI Express
 * Base 3.0, 7.2.2.
 *
 * QEMU has to be told how wide its addresses are, or it uses the lower 28 bits only:
 * -device edu,dma_mask=0xffffffffffffffff
 *
 * It leaves records of the SMMU for a copy that faults: at least one, and in general one for every
 * four bytes, the first of them with the address where the fault began. What could not be read is
 * zero in the buffer.
 */

/** EDU_CHUNK_MAX - Bytes of one copy: half of the buffer, as a full one ends QEMU 7.2 */
enum { EDU_CHUNK_MAX = 2048 };

/** EDU_BAR_SIZE - What BAR 0, its registers, takes of the PCI memory window, and its alignment */
#define EDU_BAR_SIZE	0x100000u

/**
 * struct edu - One device
 * @regs: where its registers can be accessed: a mapping of BAR 0
 */
struct edu {
	device_mmio_t regs;
};

/**
 * edu_find() - Look for the device on bus 0
 * @ecam: a mapping of the bus's configuration space, 1 MiB
 * @devfn: set to device << 3 | function; on bus 0 this is its stream ID for the SMMU too
 *
 * Return: 0; -GPUAS_ENOENT if there is none.
 */
int edu_find(device_mmio_t ecam, unsigned int *devfn);

/**
 * edu_enable() - Give it an address, and let it access memory
 * @ecam: as for edu_find()
 * @devfn: from edu_find()
 * @bar: PCI address for BAR 0, a multiple of EDU_BAR_SIZE; the caller maps it as &edu.regs
 *
 * Return: 0; -GPUAS_EINVAL for an unaligned address; -GPUAS_EPROTO if the device does not take it.
 */
int edu_enable(device_mmio_t ecam, unsigned int devfn, uint32_t bar);

/**
 * enum edu_way - Direction of a copy
 * @EDU_READ: from memory to the buffer
 * @EDU_WRITE: from the buffer to memory
 */
enum edu_way {
	EDU_READ,
	EDU_WRITE,
};

/**
 * edu_copy() - Start a copy
 * @edu: the device
 * @way: direction
 * @va: address in memory, of any alignment
 * @size: bytes, 1 to EDU_CHUNK_MAX, from the start of the buffer or to it
 *
 * Return: 0: edu_busy() says when it is over, and only the SMMU's events whether it succeeded;
 * -GPUAS_EINVAL for a size out of range; -GPUAS_EBUSY while another copy runs.
 */
int edu_copy(const struct edu *edu, enum edu_way way, gpuas_va_t va, unsigned int size);

/** edu_busy() - Is a copy running? What it wrote can be read once it is not. */
bool edu_busy(const struct edu *edu);

#endif /* GPUAS_QEMU_VIRT_EDU_H */
