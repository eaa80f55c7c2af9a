// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random descriptors: every type at every level, with garbage in every bit that a walker has to
 * ignore, addresses beyond the PA size, and no access flag now and then. What they map is the GPU's
 * memory, as the GPU is going to write there. Blocks where there are none are left to the CPU
 * (test/qemu/walk): QEMU's SMMU takes them.
 */
#include "device.h"

#define BITS(high, low)	(mask((high) + 1) & ~mask(low))

enum { TABLES = 8, ROUNDS = 10, ROOT_ENTRIES = 8, ENTRIES = 2048, SHOWN = 3 };

/* The roots come first, then tables of level 1, then those of level 0, then the mailbox's. */
#define ROOT(half)		(ARENA_PA + (half) * PAGE)
#define TABLE(level, n)		(ARENA_PA + (2 + (1 - (level)) * TABLES + (n)) * PAGE)
#define MAILBOX_TABLE(level)	(ARENA_PA + (2 + 2 * TABLES + (level)) * PAGE)
#define MAILBOX_VA		0x7000000000ULL
#define MAILBOX_PA		(DATA_PA + DATA_SIZE)

/* The same memory twice: somebody else's tables, and tables that are known. */
static struct arena arena[2];
static struct gpuas_space half[2];

static uint64_t beyond(struct rng *rng)
{
	return (uint64_t)(1 + under(rng, 255)) << 40;
}

static uint64_t leaf(unsigned int level, struct rng *rng)
{
	const uint64_t size = level ? BLOCK : PAGE;
	uint64_t entry = rng64(rng) & (BITS(63, 48) | BITS(11, 2));

	entry |= DATA_PA + under(rng, (uint32_t)(DATA_SIZE / size)) * size;
	entry |= rng64(rng) & (size - 1) & ~mask(12);
	if ((entry >> 8 & 3) == 1)
		entry |= 3 << 8;	/* SH 01 is reserved */
	if (under(rng, 8) || !params()->whole)
		entry |= 1 << 10;
	if (!under(rng, 12) && params()->whole)
		entry |= beyond(rng);
	return entry;
}

static uint64_t table(unsigned int level, struct rng *rng)
{
	uint64_t entry = TABLE(level - 1, under(rng, TABLES)) | 3;

	entry |= rng64(rng) & (BITS(58, 48) | BITS(13, 2));
	if (!under(rng, 4))
		entry |= rng64(rng) & BITS(63, 59);
	if (!under(rng, 14) && params()->whole)
		entry |= beyond(rng);
	return entry;
}

static uint64_t descriptor(unsigned int level, struct rng *rng)
{
	unsigned int kind = under(rng, 100);

	if (kind < 6)
		return 0;
	if (kind < 12)
		return rng64(rng) & ~1ULL;
	if (!level)
		return leaf(level, rng) | (kind < 20 ? 1 : 3);
	if (level == 1 && kind < 36)
		return leaf(level, rng) | 1;
	return table(level, rng);
}

static void fill(unsigned int level, uint64_t pa, unsigned int entries, struct rng *rng)
{
	volatile uint64_t *entry = word(pa);

	while (entries--)
		*entry++ = descriptor(level, rng);
}

static void fill_all(struct rng *rng)
{
	unsigned int i;

	for (i = 0; i < TABLES; i++) {
		fill(0, TABLE(0, i), ENTRIES, rng);
		fill(1, TABLE(1, i), ENTRIES, rng);
	}
	fill(2, ROOT(0), ROOT_ENTRIES - 1, rng);
	fill(2, ROOT(1), ROOT_ENTRIES, rng);
	device_barrier();
}

static int prepare(void)
{
	const struct gpuas_range nothing = { .size = 0 };
	unsigned int i;

	for (i = 0; i < 2; i++)
		hook_init(&arena[i], 1);
	arena_own(&arena[1]);
	for (i = 0; i < 2; i++) {
		if (gpuas_space_adopt(&half[i], &gpu_geo[i], &nothing, gpuas_pa(ROOT(i)),
				      &arena[i].env))
			return -1;
	}
	memset((void *)(uintptr_t)MAILBOX_TABLE(0), 0, 2 * PAGE);
	*word(ROOT(0) + 7 * 8) = MAILBOX_TABLE(1) | 3;
	*word(MAILBOX_TABLE(1)) = MAILBOX_TABLE(0) | 3;
	*word(MAILBOX_TABLE(0)) = MAILBOX_PA | 0x703;
	gpu.mailbox = gpuas_va(MAILBOX_VA);
	gpu.mailbox_ptr = word(MAILBOX_PA);
	return gpu_context(&half[0], &half[1], 1);
}

/* Between the halves there is nothing, for anybody. */
static const char *gap(uint64_t va, enum edu_way way, struct outcome *o)
{
	gpuas_pa_t pa;

	tally.gaps++;
	gpu_copy(way, va, 8, o);
	if (!o->fault || o->event.type != SMMU_TRANSLATION || gpuas_va_u64(o->event.va) != va)
		return "no translation fault in the gap";
	if (gpuas_translate(&half[0], gpuas_va(va), &pa, NULL) != -GPUAS_ERANGE ||
	    gpuas_translate(&half[1], gpuas_va(va), &pa, NULL) != -GPUAS_ERANGE)
		return "the library takes an address in the gap";
	return NULL;
}

static const char *one(struct rng *rng, uint64_t *va, enum edu_way *way, struct outcome *o)
{
	unsigned int upper = params()->whole ? under(rng, 2) : 0;

	*way = under(rng, 2) ? EDU_WRITE : EDU_READ;
	*va = rng64(rng) & ~7ULL;
	if (params()->whole && !under(rng, 64) && *va >= HALF && *va < -HALF)
		return gap(*va, *way, o);
	*va = (*va & (HALF - 1)) + base(upper);
	/* From memory each time: QEMU's TLB does not remember what a table's entry forbids. */
	if (gpuas_qv_smmu_invalidate_all(&gpu.smmu))
		return "the TLB is not invalidated";
	return probe(&half[upper], *va, *way, o);
}

unsigned int fuzz_random(unsigned int probes)
{
	struct rng rng = { params()->seed };
	unsigned int differences = 0, i;
	const char *wrong;
	struct outcome o;
	enum edu_way way;
	uint64_t va;

	if (prepare())
		return 1;
	for (i = 0; i < probes && differences < SHOWN; i++) {
		if (!(i % (probes / ROUNDS)))
			fill_all(&rng);
		wrong = one(&rng, &va, &way, &o);
		if (!wrong)
			continue;
		say_difference("random descriptors", va, way, wrong, &o);
		differences++;
	}
	return differences;
}
