/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Stands in for ../include/device_env.h in Linux; what has to be here is said there. */
#ifndef DEVICE_ENV_H
#define DEVICE_ENV_H

#include <gpuas_env.h>
#include <linux/io.h>

typedef void __iomem *device_mmio_t;

static inline uint32_t device_read32(device_mmio_t regs, size_t offset)
{
	return readl_relaxed(regs + offset);
}

static inline void device_write32(device_mmio_t regs, size_t offset, uint32_t value)
{
	writel_relaxed(value, regs + offset);
}

static inline uint64_t device_read64(device_mmio_t regs, size_t offset)
{
	return readq_relaxed(regs + offset);
}

static inline void device_write64(device_mmio_t regs, size_t offset, uint64_t value)
{
	writeq_relaxed(value, regs + offset);
}

static inline void device_barrier(void)
{
	mb();
}

#endif /* DEVICE_ENV_H */
