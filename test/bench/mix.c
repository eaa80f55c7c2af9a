// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The GPU mix: what a driver does that gives every buffer a new VA.
 *
 * There are SLOTS buffers. Each step picks a slot at random, unmaps the buffer
 * that is in it, if any, and maps a new one of random size: 1 page (4 in 16), 2
 * pages (4), 4 pages (5), 16 pages (2) or 32 pages (1), physically contiguous, at a
 * random PA. VAs move: a buffer starts where the one before it ended, and none is
 * used twice. The program ends when the next buffer would cross 2 GiB of VA (at a
 * granule of 16 KiB; 131,072 pages for all granules); then every slot is unmapped.
 * One unit is one page, mapped and unmapped.
 *
 * Whoever never gives a table back ends with the 64 leaf tables of 2 GiB; SLOTS
 * is such that whoever gives back every empty one at once needs at most 43. With
 * the two above, that is 45 tables, the peak of the best of the survey.
 */
#include <stdlib.h>

#include "bench.h"

enum { SLOTS = 2140, PAGES = 131072, STEPS = 4 * PAGES };

#define VA	(4ULL << 30)
#define PA_MASK	((1ULL << 40) - 1)

struct step {
	uint64_t va, pa, size;	/* @pa of ~0: unmap */
};

static struct step *program;
static unsigned int steps;
unsigned int mix_least_tables;

static void add(uint64_t va, uint64_t pa, uint64_t size)
{
	check(steps < STEPS);
	program[steps++] = (struct step){ va, pa, size };
}

static void write_program(uint64_t page)
{
	static const unsigned char sizes[16] = {
		1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 16, 16, 32
	};
	static struct step slot[SLOTS];
	uint64_t random = 0x6770756173ULL, va = VA, size, pick;
	unsigned int i;

	memset(slot, 0, sizeof(slot));
	for (steps = 0;; va += size) {
		pick = random_next(&random);
		size = sizes[pick >> 32 & 15] * page;
		if (va + size > VA + PAGES * page)
			break;
		i = (unsigned int)((pick & 0xffffffff) * SLOTS >> 32);
		if (slot[i].size)
			add(slot[i].va, ~0ULL, slot[i].size);
		slot[i] = (struct step){ va, random_next(&random) & PA_MASK & ~(32 * page - 1), size };
		add(va, slot[i].pa, size);
	}
	for (i = 0; i < SLOTS; i++) {
		if (slot[i].size)
			add(slot[i].va, ~0ULL, slot[i].size);
	}
}

/*
 * Tables that are not empty, at most, if every one that becomes empty is given
 * back at once: what nobody can beat. Counts pages below each table.
 */
static unsigned int least_tables(uint64_t page, unsigned int top, unsigned int index_bits)
{
	static unsigned int pages[GPUAS_LEVELS_MAX][PAGES];
	unsigned int live = 1, peak = 1, level, i;
	uint64_t n, last, change;

	memset(pages, 0, sizeof(pages));
	for (i = 0; i < steps; i++) {
		n = (program[i].va - VA) / page;
		last = n + program[i].size / page - 1;
		change = program[i].pa == ~0ULL ? ~0ULL : 1;
		for (; n <= last; n++) {
			for (level = 0; level < top; level++) {
				unsigned int *p = &pages[level][n >> index_bits * (level + 1)];

				live -= !!*p;
				*p += (unsigned int)change;
				live += !!*p;
			}
		}
		peak = live > peak ? live : peak;
	}
	return peak;
}

static int run_program(const struct bench_ops *ops, void *ctx)
{
	const struct step *step, *end = program + steps;
	int err = 0;

	for (step = program; step < end; step++) {
		if (step->pa == ~0ULL)
			err |= ops->unmap(ctx, step->va, step->size);
		else
			err |= ops->map(ctx, step->va, step->pa, step->size);
	}
	return err;
}

uint64_t work_mix(const struct bench_ops *ops, const struct gpuas_geometry *geo, uint64_t *units)
{
	const uint64_t page = 1ULL << geo->format->granule_shift;
	void *ctx = ops->create(geo);
	unsigned int i;
	uint64_t count;
	int err;

	program = calloc(STEPS, sizeof(*program));
	check(program);
	write_program(page);
	mix_least_tables = least_tables(page, (geo->va_bits - 1u - geo->format->granule_shift) /
					geo->format->index_bits, geo->format->index_bits);
	count_start();
	err = run_program(ops, ctx);
	count = count_stop();
	check(!err);
	ops->destroy(ctx);
	for (*units = i = 0; i < steps; i++)
		*units += program[i].pa == ~0ULL ? program[i].size / page : 0;
	free(program);
	return count;
}
