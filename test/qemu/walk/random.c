// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random descriptors under random VAs: the MMU's verdict against the model's, and against the
 * library's walker as far as it goes. The library knows no access flag and no permissions of
 * tables: there, kind, level and PA are compared.
 */
#include "walk.h"

/* Told apart by all eight bytes; the library takes 0 for cached, 2 for shared, the rest for device. */
#define MAIR	0xbb440c0804ee00ffULL

/* The same memory twice: somebody else's tables, and tables that are known. */
static struct arena arena[2];
static struct gpuas_space half[2];

/* Verdicts of the MMU by granule (12, 14, 16), end and level, and what was let pass. */
static unsigned int seen[3][ENDS][4];
static unsigned int levels[3];
static bool size_possible;
static unsigned int block_taken[3][4], raw_sh, ignored_bits, gaps;

static bool library_denies(gpuas_attr_t attr, enum access access)
{
	static const gpuas_attr_t right[ACCESSES] = {
		GPUAS_FW_READ, GPUAS_FW_WRITE, GPUAS_GPU_READ, GPUAS_GPU_WRITE,
	};

	return !(attr & right[access]);
}

static gpuas_attr_t mem_kind(unsigned int mair)
{
	return mair == 0xff ? GPUAS_MEM_CACHED : mair == 0xee ? GPUAS_MEM_SHARED : GPUAS_MEM_DEVICE;
}

/* NULL, or what the library's walker says otherwise than the MMU. */
static const char *library(const struct gpuas_space *space, uint64_t va, enum access access,
			   const struct verdict *mmu, const struct verdict *model)
{
	bool arm = space->geo.format != &gpuas_format_uat;
	struct gpuas_step step[GPUAS_LEVELS_MAX], *last;
	gpuas_attr_t attr = 0;
	gpuas_pa_t pa = gpuas_pa(0);
	unsigned int steps = 0;
	int err = gpuas_translate(space, gpuas_va(va), &pa, &attr);
	gpuas_pa_t same = pa;

	/* Another way where it is quicker. */
	if (gpuas_translate(space, gpuas_va(va), &same, NULL) != err || same != pa)
		return "depends on whether attributes are asked for";

	if (model->ignored_bits)
		return err == -GPUAS_EFAULT ? NULL : "takes address bits that cannot be";
	if (gpuas_path(space, gpuas_va(va), step, &steps) || !steps)
		return "has no path";
	last = &step[steps - 1];
	if (3 - last->level != (model->illegal_block ? model->level : mmu->level) && mmu->end != OK)
		return "ends at another level";
	if (model->illegal_block || mmu->end == TRANSLATION) {
		if (err != -GPUAS_ENOENT || (last->kind != GPUAS_HOLE && last->kind != GPUAS_OTHER))
			return "finds something mapped";
		return NULL;
	}
	if (mmu->end == ADDRESS_SIZE)
		return err == -GPUAS_EFAULT ? NULL : "misses the address size fault";
	if (err)
		return "finds nothing";
	if (gpuas_pa_u64(pa) != (mmu->end == OK ? mmu->pa | (va & 0xfff) : model->pa))
		return "has another PA";
	if (last->kind != (last->level ? GPUAS_BLOCK : GPUAS_PAGE) || 3 - last->level != model->level)
		return "has another kind of leaf";
	if (last->attr != attr || (last->attr & GPUAS_GLOBAL) != (last->entry >> 11 & 1 ? 0 : GPUAS_GLOBAL))
		return "has other attributes";
	if (!arm)
		return NULL;
	if (mmu->end == OK && (attr & GPUAS_MEM_MASK) != mem_kind(mmu->mair))
		return "has another kind of memory";
	if (mmu->end == OK && library_denies(attr, access))
		return "denies what the MMU allows";
	if (mmu->end == PERMISSION && !library_denies(attr, access) && !model->limited)
		return "allows what the MMU denies";
	return NULL;
}

/* Note a verdict; where this MMU is known to be wrong, the model's takes its place. */
static void excuse(struct verdict *mmu, const struct verdict *model, unsigned int granule)
{
	if (model->illegal_block && (mmu->end != TRANSLATION || mmu->level != model->level)) {
		block_taken[granule][model->level]++;
		*mmu = *model;
	} else if (mmu->end == OK && model->end == OK && mmu->sh != model->sh &&
		   mmu->sh == model->raw_sh) {
		raw_sh++;
		mmu->sh = model->sh;
	}
	seen[granule][mmu->end][mmu->level] += !model->illegal_block;
	ignored_bits += model->ignored_bits;
}

static void say_verdict(const char *who, const struct verdict *v)
{
	say(" %s: %s", who, end_name[v->end]);
	if (v->end == OK)
		say(" %x mair %x sh %u;", v->pa, (uint64_t)v->mair, v->sh);
	else
		say(" level %u;", v->level);
}

static bool probe(const struct regime *regime, bool upper, struct rng *rng, bool say_it)
{
	bool arm = half[upper].geo.format != &gpuas_format_uat;
	enum access access = arm ? (enum access)under(rng, ACCESSES) : FW_R;
	uint64_t va = rng64(rng) & mask(regime->va_bits);
	const char *wrong = NULL;
	struct verdict mmu, raw, model;

	va |= upper ? ~mask(regime->va_bits) : 0;
	par_verdict(hw_at(va, access), &raw);
	model_walk(regime, va, access, &model);
	mmu = raw;
	excuse(&mmu, &model, (regime->granule_shift - 12) / 2);
	if (!verdict_equal(&mmu, &model))
		wrong = "the model differs";
	else
		wrong = library(&half[upper], va, access, &mmu, &model);
	if (wrong && say_it) {
		say("# difference: %x access %u: %s;", va, (unsigned int)access, wrong);
		say_verdict("MMU", &raw);
		say_verdict("model", &model);
		say("\n");
	}
	return wrong;
}

/* Between the halves there is nothing, for anybody. */
static bool gap(const struct regime *regime, struct rng *rng)
{
	uint64_t va = rng64(rng), high = va >> regime->va_bits;
	struct verdict mmu;
	gpuas_pa_t pa;

	if (hw_va_bits() == 32 || !high || high == mask(64 - regime->va_bits))
		return false;
	gaps++;
	par_verdict(hw_at(va, FW_R), &mmu);
	return mmu.end != TRANSLATION || mmu.level ||
	       gpuas_translate(&half[0], gpuas_va(va), &pa, NULL) != -GPUAS_ERANGE ||
	       gpuas_translate(&half[1], gpuas_va(va), &pa, NULL) != -GPUAS_ERANGE;
}

static void adopt(const struct shape *shape, const struct regime *regime)
{
	const struct gpuas_range nothing = { .size = 0 };
	unsigned int i;

	for (i = 0; i < shape->halves; i++) {
		const struct gpuas_geometry geo = {
			.format = shape->format,
			.va_bits = (uint8_t)shape->va_bits,
			.pa_bits = (uint8_t)shape->pa_bits,
			.upper = i,
		};

		if (gpuas_space_adopt(&half[i], &geo, &nothing, gpuas_pa(regime->root[i]),
				      &arena[i].env)) {
			say("not ok - a root is adopted\n");
			hw_exit(1);
		}
	}
}

unsigned int judge_random(const struct shape *shape, unsigned int probes)
{
	const struct regime regime = {
		.granule_shift = shape->format->granule_shift,
		.va_bits = shape->va_bits,
		.pa_bits = shape->pa_bits,
		.mair = MAIR,
		.root = { ARENA_PA, ARENA_PA + (1ULL << shape->format->granule_shift) },
	};
	struct rng rng = { SEED + shape->va_bits };
	unsigned int granule = (regime.granule_shift - 12) / 2;
	unsigned int differences = 0, round, rounds, i, n;
	struct pool pool;

	for (i = 0; i < 2; i++)
		arena_init(&arena[i], (void *)(uintptr_t)ARENA_PA, NULL, regime.granule_shift);
	arena_own(&arena[1]);
	pool_init(&pool, &regime, &rng);
	adopt(shape, &regime);
	hw_set(&regime);
	levels[granule] |= 1u << (3 - pool.top);
	size_possible |= regime.pa_bits < hw_address_bits();
	n = regime.va_bits - regime.granule_shift - pool.top * (regime.granule_shift - 3);
	/* A root of two entries has to be filled often until it had everything. */
	rounds = n < 6 ? 50 : 10;
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < shape->halves; i++)
			pool_fill(&pool, pool.top, regime.root[i], 1u << n, &rng);
		for (i = 0; i < probes / rounds * shape->halves; i++) {
			bool upper = shape->halves == 2 && i & 1;

			differences += probe(&regime, upper, &rng, differences < 3);
			if (!(i & 63))
				differences += gap(&regime, &rng);
		}
	}
	return differences;
}

/* Is there a line of @end at every level where the architecture has one? */
static bool complete(unsigned int granule, enum end end)
{
	bool leaf_only = end == OK || end == ACCESS_FLAG || end == PERMISSION;
	unsigned int level;
	bool all = true;

	if (!levels[granule] || (end == ADDRESS_SIZE && !size_possible))
		return true;
	say("# %uK: %s", 4u << 2 * granule, end_name[end]);
	for (level = 0; level < 4; level++) {
		unsigned int count = seen[granule][end][level];

		if (!(levels[granule] & mask(level + 1)))
			continue;
		if (leaf_only && level < 3 && !block_legal(12 + 2 * granule, level))
			continue;
		say(" %u at level %u,", count, level);
		all &= count != 0;
	}
	say("\n");
	return all;
}

bool random_complete(void)
{
	unsigned int granule, level, end;
	bool all = true;

	for (granule = 0; granule < 3; granule++) {
		for (end = TRANSLATION; end < UNKNOWN; end++)
			all &= complete(granule, (enum end)end);
		for (level = 0; level < 4; level++) {
			if (block_taken[granule][level])
				say("# exception: this MMU takes blocks at level %u of %uK: %u times\n",
				    level, 4u << 2 * granule, block_taken[granule][level]);
		}
	}
	if (raw_sh)
		say("# exception: this MMU reports the SH field as it is, not outer shareable, "
		    "for device and non-cacheable memory: %u times\n", raw_sh);
	if (ignored_bits)
		say("# exception: ARMv7 ignores address bits 47:40, the library refuses them: "
		    "%u times\n", ignored_bits);
	if (gaps)
		say("# VAs in the gap between the halves: %u\n", gaps);
	return all;
}
