// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Trees that the library built: after each random operation the MMU has to translate what must be
 * mapped, to the right PA with the right rights and memory, and to fault where nothing is.
 */
#include "walk.h"

enum { STEPS = 400 };

/* Where the library writes when the walker does not look into the caches. */
#define CACHED_MEM	((void *)(uintptr_t)(ARENA_PA + ARENA_SIZE))

/* As the library wants it, but what is shared can be told from what is only cached. */
#define MAIR		(GPUAS_LPAE_MAIR ^ 0x110000)

static struct arena arena;
static struct program program[2];

/* Verdicts of the MMU, and operations that were done, by kind. */
static unsigned int seen[ENDS], done[OPS], no_memory;

/* NULL, or what the MMU does wrong with a leaf that must be there. */
static const char *mmu_mapped(const struct program *p, const struct extent *e, uint64_t pos,
			      enum access access, const struct verdict *mmu)
{
	static const gpuas_attr_t right[ACCESSES] = {
		GPUAS_FW_READ, GPUAS_FW_WRITE, GPUAS_GPU_READ, GPUAS_GPU_WRITE,
	};
	/* Cached, shared, device. */
	static const uint8_t mair[] = { 0xff, 0xee, 0x00 };
	bool arm = p->space.geo.format != &gpuas_format_uat;

	if (arm && !(e->attr & right[access]))
		return mmu->end == PERMISSION ? NULL : "no permission fault";
	if (mmu->end != OK)
		return "a fault";
	if (mmu->pa >> 12 != extent_pa(p, e, pos) >> 12)
		return "another PA";
	if (!arm)
		return NULL;
	if (mmu->mair != mair[(e->attr & GPUAS_MEM_MASK) >> 12])
		return "another kind of memory";
	if (mmu->mair && mmu->sh != 3)
		return "not inner shareable";
	return NULL;
}

static const char *library_mapped(const struct program *p, const struct extent *e, uint64_t pos)
{
	gpuas_attr_t attr;
	gpuas_pa_t pa, same;

	/* Without attributes there is a quicker way. */
	if (gpuas_translate(&p->space, program_va(p, pos), &pa, &attr) ||
	    gpuas_translate(&p->space, program_va(p, pos), &same, NULL))
		return "the library does not find it";
	if (gpuas_pa_u64(pa) != extent_pa(p, e, pos) || same != pa)
		return "the library finds another PA";
	return attr == e->attr ? NULL : "the library finds other attributes";
}

static const char *unmapped(const struct program *p, uint64_t pos, const struct verdict *mmu)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	unsigned int steps = 0;
	gpuas_pa_t pa;

	if (mmu->end != TRANSLATION)
		return "no translation fault";
	if (gpuas_translate(&p->space, program_va(p, pos), &pa, NULL) != -GPUAS_ENOENT)
		return "the library finds something";
	if (gpuas_path(&p->space, program_va(p, pos), step, &steps) ||
	    3 - step[steps - 1].level != mmu->level)
		return "another level";
	return NULL;
}

static bool probe(const struct program *p, uint64_t pos, enum access access, const char *after)
{
	uint64_t va = (seen[OK] & 1 ? p->twin : p->base) + pos;
	const struct extent *e;
	struct verdict mmu;
	const char *wrong;

	if (p->space.geo.format == &gpuas_format_uat)
		access = FW_R;
	par_verdict(hw_at(va, access), &mmu);
	e = program_find(p, pos);
	wrong = e ? mmu_mapped(p, e, pos, access, &mmu) : unmapped(p, pos, &mmu);
	if (e && !wrong)
		wrong = library_mapped(p, e, pos);
	seen[mmu.end]++;
	if (!wrong)
		return false;
	say("# difference: after %s: %x access %u, %s: %s; MMU: %s level %u %x", after, va,
	    (unsigned int)access, e ? "mapped" : "not mapped", wrong, end_name[mmu.end], mmu.level,
	    mmu.pa);
	if (e)
		say("; must be %x attr %x", extent_pa(p, e, pos), (uint64_t)e->attr);
	say("\n");
	return true;
}

/* All accesses at the edges of a range, from both sides. */
static unsigned int edges(const struct program *p, uint64_t first, uint64_t last, const char *after)
{
	uint64_t half = mask(p->bits);
	uint64_t pos[4] = { (first - 1) & half, first, last, (last + 1) & half };
	unsigned int i, differences = 0;

	for (i = 0; i < 4 * ACCESSES && !differences; i++)
		differences += probe(p, pos[i / ACCESSES], (enum access)(i % ACCESSES), after);
	return differences;
}

/* One random place: in a random extent, where the program works, or anywhere. */
static uint64_t place(struct program *p, struct rng *rng)
{
	const struct extent *e;
	uint64_t within;

	switch (under(rng, 8)) {
	case 0:
		return rng64(rng) & mask(p->bits);
	case 1: case 2: case 3:
		return program_pos(p, rng) | (rng32(rng) & 0xfff);
	default:
		if (!p->extents)
			return 0;
		e = &p->extent[under(rng, p->extents)];
		within = rng64(rng) & mask(under(rng, 36));
		return within <= e->last - e->first ? e->first + within : e->last - (within & 0xfff);
	}
}

static unsigned int judge_step(struct program *p, struct rng *rng, unsigned int probes)
{
	unsigned int differences, i;
	struct step step;

	program_step(p, &step);
	if (step.wrong) {
		say("# difference: %s at offset %x to %x: %s: %d\n", step.what, step.first, step.last,
		    step.wrong, step.result);
		return 1;
	}
	/* Cleans, too, wait for the end of a gather. */
	if (p->gathering && p->arena->walker)
		return 0;
	differences = edges(p, step.first, step.last, step.what);
	for (i = 0; i < probes && !differences; i++)
		differences += probe(p, place(p, rng), (enum access)under(rng, ACCESSES),
				     step.what);
	return differences;
}

/* At the end: everything that is in the list, and nothing left after it was unmapped. */
static unsigned int finish(struct program *p)
{
	unsigned int differences = 0, i;
	uint64_t half = mask(p->bits);

	while (p->gathering) {
		gpuas_gather_end(&p->space);
		p->gathering--;
	}
	for (i = 0; i < p->extents && !differences; i++)
		differences += edges(p, p->extent[i].first, p->extent[i].last, "all");
	if (differences)
		return differences;
	if (gpuas_unmap(&p->space, program_va(p, 0), half + 1)) {
		say("# difference: all of it cannot be unmapped\n");
		return 1;
	}
	p->extents = 0;
	for (i = 0; i < OPS; i++)
		done[i] += p->done[i];
	no_memory += p->no_memory;
	return edges(p, 0, half, "unmap of the half");
}

static void start(const struct shape *shape, struct regime *regime, bool coherent)
{
	memset(regime, 0, sizeof(*regime));
	regime->granule_shift = shape->format->granule_shift;
	regime->va_bits = shape->va_bits;
	regime->pa_bits = shape->pa_bits;
	regime->mair = MAIR;
	if (coherent)
		arena_init(&arena, (void *)(uintptr_t)ARENA_PA, NULL, regime->granule_shift);
	else
		arena_init(&arena, CACHED_MEM, (void *)(uintptr_t)ARENA_PA, regime->granule_shift);
	arena.trust = shape->va_bits & 1;
}

/* At the end of a tree: nothing is left of the handle. */
static unsigned int released(struct program *p)
{
	gpuas_space_release(&p->space);
	if (!arena.tables)
		return 0;
	say("# difference: %u tables are left after the release\n", arena.tables);
	return 1;
}

/*
 * From a new root, by a random way, to a table at @level: @table, or if that is 0 a new one. Its PA
 * and the offset that it hangs at; returns the root.
 */
static uint64_t way(const struct shape *shape, struct rng *rng, unsigned int level, uint64_t *table,
		    uint64_t *off)
{
	const struct gpuas_format *format = shape->format;
	unsigned int top = 3 - start_level(format->granule_shift, shape->va_bits), shift, index, bits;
	uint64_t root = arena_lend(&arena), at = root, next;

	*off = 0;
	for (; top > level; top--, at = next) {
		shift = format->granule_shift + top * format->index_bits;
		bits = shape->va_bits - shift;
		index = under(rng, 1u << (bits < format->index_bits ? bits : format->index_bits));
		next = top == level + 1 && *table ? *table : arena_lend(&arena);
		*off |= (uint64_t)index << shift;
		arena_write(&arena, at, index, next | 3);
	}
	*table = at;
	return root;
}

unsigned int judge_lent(const struct shape *shape, unsigned int probes, bool coherent)
{
	const struct gpuas_geometry geo = {
		.format = shape->format,
		.va_bits = (uint8_t)shape->va_bits,
		.pa_bits = (uint8_t)shape->pa_bits,
		.blocks = shape->format != &gpuas_format_uat,
	};
	unsigned int top = 3 - start_level(geo.format->granule_shift, geo.va_bits), i, level;
	struct rng rng = { SEED + 2000 + shape->va_bits };
	struct program *p = &program[0];
	unsigned int differences = 0;
	uint64_t table = 0, off, twin;
	struct regime regime;

	start(shape, &regime, coherent);
	level = under(&rng, top);
	regime.root[0] = regime.root[1] = way(shape, &rng, level, &table, &off);
	if (program_open(p, &arena, &geo, level, table, off, rng64(&rng)))
		return 1;
	if (shape->halves == 2) {
		regime.root[1] = way(shape, &rng, level, &table, &twin);
		p->twin = ~mask(shape->va_bits) + twin;
	}
	hw_set(&regime);
	for (i = 0; i < STEPS && !differences; i++)
		differences += judge_step(p, &rng, probes / STEPS);
	if (!differences)
		differences += finish(p);
	if (!differences)
		differences += released(p);
	for (i = 0; !differences && i < 1u << geo.format->index_bits; i++)
		differences += arena_table(&arena, table)[i] != 0;
	return differences;
}

unsigned int judge_built(const struct shape *shape, unsigned int probes, bool coherent)
{
	struct rng rng = { SEED + 1000 + shape->va_bits };
	unsigned int differences = 0, i;
	struct regime regime;

	start(shape, &regime, coherent);
	for (i = 0; i < shape->halves; i++) {
		const struct gpuas_geometry geo = {
			.format = shape->format,
			.va_bits = (uint8_t)shape->va_bits,
			.pa_bits = (uint8_t)shape->pa_bits,
			.upper = i,
			.blocks = shape->format != &gpuas_format_uat,
		};

		if (program_init(&program[i], &arena, &geo, rng64(&rng)))
			return 1;
		regime.root[i] = gpuas_pa_u64(program[i].space.root);
	}
	if (shape->halves == 1)
		regime.root[1] = regime.root[0];
	hw_set(&regime);
	for (i = 0; i < STEPS * shape->halves && !differences; i++)
		differences += judge_step(&program[shape->halves == 2 && i & 1], &rng,
					  probes / STEPS);
	for (i = 0; i < shape->halves && !differences; i++)
		differences += finish(&program[i]);
	for (i = 0; i < shape->halves && !differences; i++)
		gpuas_space_release(&program[i].space);
	if (!differences && arena.tables) {
		say("# difference: %u tables are left after the release\n", arena.tables);
		differences++;
	}
	return differences;
}

bool built_complete(void)
{
	bool all = seen[OK] && seen[TRANSLATION] && seen[PERMISSION] && no_memory;
	unsigned int i;

	say("# built trees: %u translated, %u translation faults, %u permission faults\n# done:",
	    seen[OK], seen[TRANSLATION], seen[PERMISSION]);
	for (i = 0; i < OPS; i++) {
		say(" %s %u,", op_name[i], done[i]);
		all &= done[i] != 0;
	}
	say(" without memory %u\n", no_memory);
	return all;
}
