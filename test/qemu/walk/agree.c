// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The same random program on every format, on every build of the library: prints a hash of all
 * table memory and one of all results. Whoever runs it compares.
 */
#include "walk.h"

/* As in lib/table/entry.h: such a build knows one granule. */
#ifndef GPUAS_SMALL_GRANULE_SHIFT
#define GPUAS_SMALL_GRANULE_SHIFT	0
#endif

enum { STEPS = 4000, ONLY = GPUAS_SMALL_GRANULE_SHIFT };

static struct arena arena;
static struct program program;

static int run(const struct gpuas_geometry *geo, void *mem, bool trust)
{
	unsigned int i, done = 0;
	struct step step;

	arena_init(&arena, mem, NULL, geo->format->granule_shift);
	arena.trust = trust;
	if (program_init(&program, &arena, geo, SEED + geo->va_bits)) {
		say("not ok - a space is created\n");
		return 1;
	}
	for (i = 0; i < STEPS; i++) {
		program_step(&program, &step);
		if (step.wrong) {
			say("not ok - %s, step %u: %s at offset %x to %x: %s: %d\n",
			    geo->format->name, i, step.what, step.first, step.last, step.wrong,
			    step.result);
			return 1;
		}
	}
	for (i = 0; i < sizeof(program.done) / sizeof(program.done[0]); i++)
		done += program.done[i];
	say("hash %s %u %s %s tables %x results %x: %u of %u done, %u without memory, "
	    "%u tables, %u flushes\n",
	    geo->format->name, (unsigned int)geo->va_bits, geo->upper ? "upper" : "lower",
	    geo->blocks ? "blocks" : "pages", fnv1a(FNV1A_START, mem, ARENA_SIZE),
	    program.results, done, (unsigned int)STEPS, program.no_memory, arena.tables,
	    arena.flushes);
	return 0;
}

/* The last one is looked at from outside: see agree_look(). */
static const struct gpuas_geometry geometry[] = {
	{ &gpuas_format_uat, 39, 40, false, false },
	{ &gpuas_format_uat, 42, 42, true, false },
	{ &gpuas_format_lpae_4k, 31, 40, false, true },
	{ &gpuas_format_lpae_4k, 32, 40, false, false },
	{ &gpuas_format_lpae_16k, 36, 36, false, true },
	{ &gpuas_format_lpae_16k, 47, 44, true, false },
	{ &gpuas_format_lpae_64k, 42, 48, true, true },
	{ &gpuas_format_lpae_64k, 48, 40, false, false },
	{ &gpuas_format_lpae_4k, 48, 48, true, true },
};

enum { SPACES = sizeof(geometry) / sizeof(geometry[0]) };

struct leaves {
	unsigned int count;
	uint64_t hash;
};

static int leaf(void *ctx, const struct gpuas_step *step)
{
	const uint64_t facts[] = {
		gpuas_va_u64(step->va), step->size, gpuas_pa_u64(step->pa), step->attr, step->kind,
	};
	struct leaves *leaves = ctx;

	leaves->count += step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK;
	leaves->hash = fnv1a(leaves->hash, facts, sizeof(facts));
	return 0;
}

static int look(const struct gpuas_space *space)
{
	struct leaves leaves = { 0, FNV1A_START };
	int err = gpuas_visit_all(space, leaf, &leaves);

	say("tree %x leaves %u hash %x\n", gpuas_pa_u64(space->root), leaves.count, leaves.hash);
	return err || !leaves.count;
}

int agree(void *mem, bool trust)
{
	unsigned int i;
	int bad = 0;

	say("# seed %u\n", (unsigned int)SEED);
	for (i = 0; i < SPACES; i++) {
		if (!ONLY || geometry[i].format->granule_shift == ONLY)
			bad |= run(&geometry[i], mem, trust);
	}
	return bad || (!ONLY && look(&program.space));
}

int agree_look(void *mem, uint64_t root)
{
	const struct gpuas_range nothing = { .size = 0 };

	arena_open(&arena, mem, NULL, geometry[SPACES - 1].format->granule_shift);
	return gpuas_space_adopt(&program.space, &geometry[SPACES - 1], &nothing, gpuas_pa(root),
				 &arena.env) ||
	       look(&program.space);
}
