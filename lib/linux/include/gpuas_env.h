/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The environment header of the library (include/gpuas_env.h) for the kernel: it
 * has the same include guard, and comes first in the include path of Kbuild.
 */
#ifndef GPUAS_ENV_H
#define GPUAS_ENV_H

#include <linux/compiler.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

static inline uint64_t gpuas_entry_load(const uint64_t *entry)
{
	return READ_ONCE(*entry);
}

static inline void gpuas_entry_store(uint64_t *entry, uint64_t value)
{
	WRITE_ONCE(*entry, value);
}

/* Walkers are outside of the CPUs' inner shareable domain: wmb() is not enough. */
static inline void gpuas_publish_barrier(void)
{
	dma_wmb();
}

#endif /* GPUAS_ENV_H */
