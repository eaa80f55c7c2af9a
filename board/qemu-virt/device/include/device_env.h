/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * device_env.h - How a host reaches device registers
 *
 * For the drivers in this folder, in the way of gpuas_env.h: a host that needs something else puts
 * its own device_env.h, with the same include guard, into a folder that comes earlier in the
 * include path (u-boot/ and linux/ beside this one). This copy is for bare metal, with registers
 * mapped as device memory or the MMU off.
 *
 * A replacement has to provide:
 *
 * - device_mmio_t: where a block of registers is;
 * - device_read32(), device_write32(), device_read64() and device_write64(): one access each to the
 *   register @offset bytes on, little-endian; in order among themselves, and not ordered against
 *   memory;
 * - device_barrier(): all accesses before it, to memory and to registers, are complete before any
 *   after it.
 */
#ifndef DEVICE_ENV_H
#define DEVICE_ENV_H

#include <gpuas_env.h>

typedef volatile uint8_t *device_mmio_t;

static inline uint32_t device_read32(device_mmio_t regs, size_t offset)
{
	return *(volatile uint32_t *)(volatile void *)(regs + offset);
}

static inline void device_write32(device_mmio_t regs, size_t offset, uint32_t value)
{
	*(volatile uint32_t *)(volatile void *)(regs + offset) = value;
}

static inline uint64_t device_read64(device_mmio_t regs, size_t offset)
{
	return *(volatile uint64_t *)(volatile void *)(regs + offset);
}

static inline void device_write64(device_mmio_t regs, size_t offset, uint64_t value)
{
	*(volatile uint64_t *)(volatile void *)(regs + offset) = value;
}

/* Observers are outside of any CPU's shareability domain: full system. */
static inline void device_barrier(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

#endif /* DEVICE_ENV_H */
