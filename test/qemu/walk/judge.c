// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The suite of one CPU: all shapes that it can walk, each with random descriptors and with trees
 * that the library built. Ends at the first shape with a difference.
 */
#include "walk.h"

#ifndef PROBES
#define PROBES 100000
#endif

static const struct gpuas_format *const formats[] = {
	&gpuas_format_lpae_4k, &gpuas_format_lpae_16k, &gpuas_format_lpae_64k, &gpuas_format_uat,
};

static const uint8_t va_sizes[] = { 31, 32, 36, 39, 42, 47, 48 };
static const uint8_t pa_sizes[] = { 36, 40, 48, 42, 32, 44 };

static unsigned int number;

static void judged(const struct shape *shape, const char *what, unsigned int differences)
{
	say("%sok %u - %s, %u VA bits, %u PA bits, %s: %u differences\n",
	    differences ? "not " : "", ++number, shape->format->name, shape->va_bits,
	    shape->pa_bits, what, differences);
	if (differences)
		hw_exit(1);
}

static void judge(const struct shape *shape)
{
	static bool coherent;

	judged(shape, "random descriptors", judge_random(shape, PROBES));
	judged(shape, coherent ? "built trees" : "built trees behind a cache",
	       judge_built(shape, PROBES, coherent));
	judged(shape, coherent ? "below two roots" : "below two roots, behind a cache",
	       judge_lent(shape, PROBES, coherent));
	coherent = !coherent;
}

/* The next PA size that format and CPU have. */
static unsigned int next_pa_bits(const struct gpuas_format *format)
{
	static unsigned int next;
	unsigned int bits;

	do {
		bits = pa_sizes[next++ % sizeof(pa_sizes)];
	} while (bits < format->pa_bits_min || bits > format->pa_bits_max || bits > hw_pa_bits());
	return bits;
}

static void judge_64(void)
{
	struct shape shape = { .halves = 2 };
	unsigned int i, j;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		for (j = 0; j < sizeof(va_sizes); j++) {
			shape.format = formats[i];
			shape.va_bits = va_sizes[j];
			if (shape.va_bits < formats[i]->va_bits_min ||
			    shape.va_bits > formats[i]->va_bits_max)
				continue;
			shape.pa_bits = next_pa_bits(formats[i]);
			judge(&shape);
		}
	}
}

/* LPAE of ARMv7: 4K, 2 + 2 GiB or 4 GiB of VA, 40 bits of PA. */
static void judge_32(void)
{
	const struct shape halves = { &gpuas_format_lpae_4k, 31, 40, 2 };
	const struct shape whole = { &gpuas_format_lpae_4k, 32, 40, 1 };

	judge(&halves);
	judge(&whole);
}

int test_main(void)
{
	const char *refusal = hw_refuses();
	bool complete, built;

	if (refusal) {
		say("# refused: %s\n", refusal);
		return 2;
	}
	say("# seed %u, %u VAs a shape, judge and half, %u PA bits\n", (unsigned int)SEED,
	    (unsigned int)PROBES, hw_pa_bits());
	if (hw_va_bits() == 32)
		judge_32();
	else
		judge_64();
	complete = random_complete();
	say("%sok %u - every type of fault occurred at every level that has it\n",
	    complete ? "" : "not ", ++number);
	complete &= built = built_complete();
	say("%sok %u - every operation was done, every verdict was given\n", built ? "" : "not ",
	    ++number);
	say("1..%u\n", number);
	return !complete;
}
