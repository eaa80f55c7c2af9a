/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * gpuas_env.h - What the library needs from U-Boot
 *
 * Stands in for include/gpuas_env.h, which says what has to be here.
 */
#ifndef GPUAS_ENV_H
#define GPUAS_ENV_H

#include <linux/compiler.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "table entries are little-endian and accessed as they are");

static inline uint64_t gpuas_entry_load(const uint64_t *entry)
{
#if defined(__arm__) && __ARM_ARCH >= 7
	uint64_t value;

	__asm__ volatile("ldrd %Q0, %R0, %1" : "=r" (value) : "Q" (*entry));
	return value;
#elif defined(__aarch64__)
	return *(const volatile uint64_t *)entry;
#else
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
#endif
}

static inline void gpuas_entry_store(uint64_t *entry, uint64_t value)
{
#if defined(__arm__) && __ARM_ARCH >= 7
	__asm__ volatile("strd %Q1, %R1, %0" : "=Q" (*entry) : "r" (value));
#elif defined(__aarch64__)
	*(volatile uint64_t *)entry = value;
#else
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
#endif
}

static inline uint32_t gpuas_word_load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline void gpuas_word_store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static inline uint8_t gpuas_byte_load(const uint8_t *byte)
{
	return __atomic_load_n(byte, __ATOMIC_RELAXED);
}

static inline void gpuas_byte_store(uint8_t *byte, uint8_t value)
{
	__atomic_store_n(byte, value, __ATOMIC_RELAXED);
}

/* Outer-shareable, for walkers that are not CPUs. By the compiler's name of the CPU: 32 bits too. */
static inline void gpuas_publish_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb oshst" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

static inline void gpuas_full_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb osh" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static inline void gpuas_acquire_barrier(void)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb oshld" : : : "memory");
#elif defined(__arm__) && __ARM_ARCH >= 7
	__asm__ volatile("dmb osh" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
}

static inline void gpuas_release_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb osh" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

#endif /* GPUAS_ENV_H */
