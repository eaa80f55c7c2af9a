/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * libfdt's environment header for images without a C library: same guard as
 * libfdt's own (LIBFDT_ENV_H), so that it takes its place when it comes first in
 * the include path.
 */
#ifndef LIBFDT_ENV_H
#define LIBFDT_ENV_H

#include <gpuas_env.h>

typedef uint16_t fdt16_t;
typedef uint32_t fdt32_t;
typedef uint64_t fdt64_t;

static inline uint16_t fdt16_to_cpu(fdt16_t x)
{
	return __builtin_bswap16(x);
}

static inline uint32_t fdt32_to_cpu(fdt32_t x)
{
	return __builtin_bswap32(x);
}

static inline uint64_t fdt64_to_cpu(fdt64_t x)
{
	return __builtin_bswap64(x);
}

#define cpu_to_fdt16(x) fdt16_to_cpu(x)
#define cpu_to_fdt32(x) fdt32_to_cpu(x)
#define cpu_to_fdt64(x) fdt64_to_cpu(x)

size_t strlen(const char *s);

#endif /* LIBFDT_ENV_H */
