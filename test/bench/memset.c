// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Stands in for the C library's, which picks code by CPU model: counts would
 * differ between machines. 16-byte stores, as in the survey of the peers: zeroing
 * a 16 KiB table takes about 1,400 instructions.
 */
#include <stddef.h>

typedef long long vector __attribute__((vector_size(16), aligned(1), may_alias));
typedef unsigned long long unaligned __attribute__((aligned(1), may_alias));

void *memset(void *dest, int c, size_t n);

void *memset(void *dest, int c, size_t n)
{
	const unsigned long long byte = (unsigned char)c * 0x0101010101010101ULL;
	const vector value = { (long long)byte, (long long)byte };
	unsigned char *p = dest;
	unsigned int i;

	if (n == sizeof(byte)) {
		*(unaligned *)p = byte;
		return dest;
	}
	for (; n >= 8 * sizeof(value); n -= 8 * sizeof(value)) {
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			((vector *)p)[i] = value;
		p += 8 * sizeof(value);
	}
	for (; n >= 8; n -= 8, p += 8)
		*(unaligned *)p = byte;
	while (n--)
		*p++ = (unsigned char)c;
	return dest;
}
