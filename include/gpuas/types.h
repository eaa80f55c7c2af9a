/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TYPES_H
#define GPUAS_TYPES_H

#include <gpuas_env.h>

/**
 * DOC: Vocabulary
 *
 * VA, PA
 *	Address that the GPU issues; physical address. Always 64 bits wide.
 * leaf, table, entry, index
 *	A table is one granule of 64-bit entries; an index selects one. Level 0
 *	maps leaves only, levels count up from there to the root.
 * granule
 *	Page and table size of the GPU; independent of the CPU's page size.
 * format
 *	Geometry and encoding of entries, a constant.
 * space
 *	A handle on one tree of tables. Several handles may share one tree.
 * window
 *	The VA range that a handle may change. All else is foreign.
 * owned, lent, foreign
 *	A table that this handle allocated; one that it may write entries into, in
 *	its window, and neither frees nor unlinks, as an adopted root; one that it
 *	only reads.
 * region
 *	A named physical range that outlives the bootloader.
 * manifest
 *	Regions, root and windows: what the bootloader knows and the kernel must
 *	learn, carried in the device tree.
 * environment
 *	What a host provides: table memory, PA to pointer, TLB flush.
 *
 * Ranges in the API are a start and a size in bytes. A range may end exactly at
 * the top of the address space (start + size == 2^64); one that goes beyond is
 * refused.
 *
 * Threads: a handle, and everything that changes the same root slots, needs one
 * lock of the caller's around each call. Nothing here sleeps unless the
 * environment's callbacks do.
 */

/*
 * The headers are C99, C11 and C++11, and later ones. These three macros are for
 * the headers themselves: what they declare is C also in C++, and the layout of
 * what firmware reads is judged by whatever the language has for it.
 */
#ifdef __cplusplus
#define GPUAS_BEGIN_DECLS	extern "C" {
#define GPUAS_END_DECLS		}
#define GPUAS_STATIC_ASSERT(what, text)	static_assert(what, text)
#else
#define GPUAS_BEGIN_DECLS
#define GPUAS_END_DECLS
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define GPUAS_STATIC_ASSERT(what, text)	_Static_assert(what, text)
#else
#define GPUAS_STATIC_ASSERT(what, text)	\
	extern char gpuas_static_assert_[(what) ? 1 : -1]
#endif
#endif

#ifdef __CHECKER__
#define GPUAS_BITWISE	__attribute__((bitwise))
#define GPUAS_FORCE	__attribute__((force))
#else
#define GPUAS_BITWISE
#define GPUAS_FORCE
#endif

GPUAS_BEGIN_DECLS

/**
 * typedef gpuas_va_t - Address that the GPU issues, canonical (sign-extended)
 *
 * A plain 64-bit integer for the compiler, for gdb and for bindgen; sparse
 * refuses to mix it with a PA or with a number.
 */
typedef uint64_t GPUAS_BITWISE gpuas_va_t;

/**
 * typedef gpuas_pa_t - Physical address, 64 bits wide also on 32-bit CPUs
 */
typedef uint64_t GPUAS_BITWISE gpuas_pa_t;

/** gpuas_va() - Make a VA of a number */
static inline gpuas_va_t gpuas_va(uint64_t va)
{
	return (GPUAS_FORCE gpuas_va_t)va;
}

/** gpuas_va_u64() - Make a number of a VA */
static inline uint64_t gpuas_va_u64(gpuas_va_t va)
{
	return (GPUAS_FORCE uint64_t)va;
}

/** gpuas_pa() - Make a PA of a number */
static inline gpuas_pa_t gpuas_pa(uint64_t pa)
{
	return (GPUAS_FORCE gpuas_pa_t)pa;
}

/** gpuas_pa_u64() - Make a number of a PA */
static inline uint64_t gpuas_pa_u64(gpuas_pa_t pa)
{
	return (GPUAS_FORCE uint64_t)pa;
}

/**
 * struct gpuas_range - A range of VAs
 * @va: first address
 * @size: length in bytes; 0 is an empty range
 */
struct gpuas_range {
	gpuas_va_t va;
	uint64_t size;
};

/**
 * enum gpuas_error - Reasons for a refusal, returned negated
 *
 * The values are those of Linux, so that every host can return them unchanged.
 * What each means for a function stands at that function; the general sense:
 *
 * @GPUAS_EPERM: the address is not in the window, or a table on the way to it
 *	is not owned
 * @GPUAS_ENOENT: there is nothing of that name, or nothing at that address
 * @GPUAS_E2BIG: more than a fixed limit of the library allows
 * @GPUAS_EAGAIN: a budget ended; the call can be repeated to go on
 * @GPUAS_ENOMEM: the environment has no memory left
 * @GPUAS_EACCES: a region carries no-map, so the kernel could not read it
 * @GPUAS_EFAULT: a physical address is not in memory that may be read
 * @GPUAS_EBUSY: somebody else's entry is where an empty one was required
 * @GPUAS_EEXIST: something live is there already
 * @GPUAS_EINVAL: an argument makes no sense: unaligned, empty, unknown
 * @GPUAS_ENOSPC: the device tree blob has no room
 * @GPUAS_ERANGE: an address is outside the space, or beyond the PA size
 * @GPUAS_EPROTO: a magic value or a structure is not what the protocol says
 * @GPUAS_EOVERFLOW: start plus size wraps around
 * @GPUAS_ENOTUNIQ: two regions overlap
 * @GPUAS_EBADMSG: the device tree contradicts itself
 * @GPUAS_EMSGSIZE: a region is too small for what it has to hold
 * @GPUAS_EOPNOTSUPP: the format has no encoding for these attributes
 * @GPUAS_ETIMEDOUT: somebody else did not do in time what was waited for
 * @GPUAS_ESTALE: the contents do not belong to the root at hand
 */
enum gpuas_error {
	GPUAS_EPERM = 1,
	GPUAS_ENOENT = 2,
	GPUAS_E2BIG = 7,
	GPUAS_EAGAIN = 11,
	GPUAS_ENOMEM = 12,
	GPUAS_EACCES = 13,
	GPUAS_EFAULT = 14,
	GPUAS_EBUSY = 16,
	GPUAS_EEXIST = 17,
	GPUAS_EINVAL = 22,
	GPUAS_ENOSPC = 28,
	GPUAS_ERANGE = 34,
	GPUAS_EPROTO = 71,
	GPUAS_EBADMSG = 74,
	GPUAS_EOVERFLOW = 75,
	GPUAS_ENOTUNIQ = 76,
	GPUAS_EMSGSIZE = 90,
	GPUAS_EOPNOTSUPP = 95,
	GPUAS_ETIMEDOUT = 110,
	GPUAS_ESTALE = 116,
};

/**
 * gpuas_strerror() - Say what an error value means, in a few words
 * @err: 0 or a value that a function of this library returned
 *
 * Return: a constant string without newline; "unknown error" for other values.
 */
const char *gpuas_strerror(int err);

GPUAS_END_DECLS

#endif /* GPUAS_TYPES_H */
