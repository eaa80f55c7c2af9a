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

/* One access each on a 64-bit CPU, which is what this part of the library is for. */
static inline uint64_t gpuas_entry_load(const uint64_t *entry)
{
	return READ_ONCE(*entry);
}

static inline void gpuas_entry_store(uint64_t *entry, uint64_t value)
{
	WRITE_ONCE(*entry, value);
}

static inline uint32_t gpuas_word_load(const uint32_t *word)
{
	return READ_ONCE(*word);
}

static inline void gpuas_word_store(uint32_t *word, uint32_t value)
{
	WRITE_ONCE(*word, value);
}

static inline uint8_t gpuas_byte_load(const uint8_t *byte)
{
	return READ_ONCE(*byte);
}

static inline void gpuas_byte_store(uint8_t *byte, uint8_t value)
{
	WRITE_ONCE(*byte, value);
}

/*
 * Walkers and firmware are outside of the CPUs' inner shareable domain: smp_*mb()
 * is not enough.
 */
static inline void gpuas_publish_barrier(void)
{
	dma_wmb();
}

static inline void gpuas_full_barrier(void)
{
	dma_mb();
}

/* On its own it orders loads; stores wait for the branch on what was loaded. */
static inline void gpuas_acquire_barrier(void)
{
	dma_rmb();
}

/* There is none in between: dma_wmb() would let loads of before slip behind. */
static inline void gpuas_release_barrier(void)
{
	dma_mb();
}

#endif /* GPUAS_ENV_H */
