/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * gpuas_env.h - What the compiler and its C library differ in, per host
 *
 * Every other header includes this one first, by this name. A host that needs
 * something else puts its own gpuas_env.h, with the same include guard, into a
 * folder that comes earlier in the include path (libfdt's way): see
 * lib/u-boot/include and lib/linux/include. This copy serves hosted programs
 * and freestanding images for any little-endian CPU that GCC or Clang know, and that
 * has loads and stores of 64 bits.
 *
 * A replacement has to provide:
 *
 * - the fixed-width types, uintptr_t, size_t, NULL, offsetof() and bool;
 * - memcpy(), memmove(), memset() and memcmp();
 * - gpuas_entry_load() and gpuas_entry_store(): one 64-bit access that the
 *   compiler may neither tear nor repeat. All accesses of the library to
 *   table entries go through these two, but for looks whether many are empty;
 * - gpuas_word_load(), gpuas_word_store(), gpuas_byte_load() and
 *   gpuas_byte_store(): the same for 32 and 8 bits of the handoff page;
 * - gpuas_publish_barrier(), gpuas_full_barrier(), gpuas_acquire_barrier() and
 *   gpuas_release_barrier(), for the CPU and for the compiler.
 *
 * All barriers reach into the outer-shareable domain: firmware and walkers are
 * not among the CPUs of the inner one.
 */
#ifndef GPUAS_ENV_H
#define GPUAS_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <string.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if !__STDC_HOSTED__
void *memcpy(void *dest, const void *src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *dest, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "table entries are little-endian and accessed as they are"
#endif
/* Else the compiler calls a function that takes a lock, and a walker sees half an entry. */
#if defined(__GCC_ATOMIC_LLONG_LOCK_FREE) && __GCC_ATOMIC_LLONG_LOCK_FREE != 2
#error "this CPU has no load and store of 64 bits that is one: gpuas_entry_load(), gpuas_entry_store()"
#endif

/*
 * Loads one entry. Relaxed: what a value that was read depends on is read later
 * through an address that comes from it, which every CPU here keeps in order.
 *
 * On a 64-bit CPU a volatile access is the same one load or store, which the compiler
 * may neither tear nor repeat, and GCC computes its address in it: for __atomic it
 * spends an instruction of its own on that (seen with GCC 12 for aarch64).
 */
__attribute__((always_inline))
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

/*
 * Stores one entry. On a 32-bit CPU this has to be one store too: a walker must not
 * see half an entry. On ARMv7 with LPAE that is strd, to an aligned address (Arm ARM
 * DDI 0406C, A3.5.3), and strd by name: compilers make ldrexd and strexd of an atomic
 * store, and what exclusives do in memory that is Device or Strongly-ordered, which
 * is all there is while the MMU is off, or has no monitor, is up to the
 * implementation (A3.4). For a volatile one they may use two stores.
 */
__attribute__((always_inline))
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

/*
 * Orders all earlier stores before all later ones, as seen by other CPUs and by
 * walkers in the outer-shareable domain: the contents of a table come before
 * the entry that links it (Arm ARM DDI 0487, B2.3.12 and D8.2.6). It is an order, and
 * completes nothing: a TLBI does not wait for it. That takes a DSB, which is in
 * &gpuas_env.flush.
 */
static inline void gpuas_publish_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb oshst" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

/*
 * Orders all earlier loads and stores before all later ones. The only one that
 * keeps a load from overtaking a store to another address.
 */
static inline void gpuas_full_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb osh" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/*
 * Orders all earlier loads before all later loads and stores: what follows a
 * look at a flag comes after the look. ARMv7 has no barrier for loads only.
 */
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

/*
 * Orders all earlier loads and stores before all later stores: what was done
 * comes before the flag that says so. Arm has no barrier between loads and
 * stores that is lighter than the full one.
 */
static inline void gpuas_release_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb osh" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

#ifdef __cplusplus
}
#endif

#endif /* GPUAS_ENV_H */
