// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* All that the library needs from outside. To be compiled without loop idioms, or it calls itself. */
#include <gpuas_env.h>

void *memcpy(void *dest, const void *src, size_t n)
{
	const uint8_t *from = src;
	uint8_t *to = dest;

	while (n--)
		*to++ = *from++;
	return dest;
}

void *memmove(void *dest, const void *src, size_t n)
{
	const uint8_t *from = src;
	uint8_t *to = dest;

	if (to <= from)
		return memcpy(dest, src, n);
	while (n--)
		to[n] = from[n];
	return dest;
}

void *memset(void *dest, int c, size_t n)
{
	uint64_t word = (uint8_t)c * 0x0101010101010101ULL;
	uint8_t *to = dest;

	for (; n && (uintptr_t)to & 7; n--)
		*to++ = (uint8_t)c;
	for (; n >= 8; n -= 8, to += 8)
		*(uint64_t *)(void *)to = word;
	while (n--)
		*to++ = (uint8_t)c;
	return dest;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x < *y ? -1 : 1;
	}
	return 0;
}
