/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * gpuas_env.h - What the compiler and its C library differ in, per host
 *
 * Every other header includes this one first, by this name. A host that needs
 * something else puts its own gpuas_env.h, with the same include guard, into a
 * folder that comes earlier in the include path (libfdt's way): see
 * lib/u-boot/include and lib/linux/include. This copy serves hosted programs
 * and freestanding images for any little-endian CPU that GCC or Clang know.
 *
 * A replacement has to provide:
 *
 * - the fixed-width types, size_t, NULL and bool;
 * - memcpy(), memmove(), memset() and memcmp();
 * - gpuas_entry_load() and gpuas_entry_store(): one 64-bit access that the
 *   compiler may neither tear nor repeat. All accesses of the library to
 *   table entries go through these two;
 * - gpuas_publish_barrier().
 */
#ifndef GPUAS_ENV_H
#define GPUAS_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *dest, const void *src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *dest, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "table entries are little-endian and accessed as they are");

/*
 * Loads one entry. Relaxed: what a value that was read depends on is read later
 * through an address that comes from it, which every CPU here keeps in order.
 */
__attribute__((always_inline))
static inline uint64_t gpuas_entry_load(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

/*
 * Stores one entry. On a 32-bit CPU this has to be one store too (strd on those
 * with LPAE): a walker must not see half an entry.
 */
__attribute__((always_inline))
static inline void gpuas_entry_store(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
}

/*
 * Orders all earlier stores before all later ones, as seen by other CPUs and by
 * walkers in the outer-shareable domain: the contents of a table come before
 * the entry that links it (Arm ARM DDI 0487, B2.3.12 and D8.2.6).
 */
static inline void gpuas_publish_barrier(void)
{
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ volatile("dmb oshst" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

#endif /* GPUAS_ENV_H */
