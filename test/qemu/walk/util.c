// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdarg.h>

#include "walk.h"

/* Knuth's MMIX generator, the upper half of it. */
uint32_t rng32(struct rng *rng)
{
	rng->state = rng->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(rng->state >> 32);
}

uint64_t rng64(struct rng *rng)
{
	uint64_t high = rng32(rng);

	return high << 32 | rng32(rng);
}

uint32_t under(struct rng *rng, uint32_t n)
{
	return (uint32_t)((uint64_t)rng32(rng) * n >> 32);
}

uint64_t fnv1a(uint64_t hash, const void *data, size_t size)
{
	const uint8_t *byte = data;

	while (size--)
		hash = (hash ^ *byte++) * 0x100000001b3ULL;
	return hash;
}

static void say_string(const char *string)
{
	while (*string)
		hw_put(*string++);
}

static void say_number(uint64_t number, unsigned int base)
{
	char digits[24];
	unsigned int n = sizeof(digits);

	digits[--n] = 0;
	if (base == 16) {
		do {
			digits[--n] = "0123456789abcdef"[number & 15];
			number >>= 4;
		} while (number);
	} else {
		uint32_t rest = (uint32_t)number;

		do {
			digits[--n] = (char)('0' + rest % 10);
			rest /= 10;
		} while (rest);
	}
	say_string(&digits[n]);
}

void say(const char *format, ...)
{
	va_list args;
	int number;

	va_start(args, format);
	for (; *format; format++) {
		if (*format != '%') {
			hw_put(*format);
			continue;
		}
		switch (*++format) {
		case 's':
			say_string(va_arg(args, const char *));
			break;
		case 'u':
			say_number(va_arg(args, unsigned int), 10);
			break;
		case 'd':
			number = va_arg(args, int);
			say_string(number < 0 ? "-" : "");
			say_number((uint64_t)(number < 0 ? -(int64_t)number : number), 10);
			break;
		case 'x':
			say_string("0x");
			say_number(va_arg(args, uint64_t), 16);
			break;
		default:
			hw_put(*format);
		}
	}
	va_end(args);
}
