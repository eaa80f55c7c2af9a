// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * One case after the other: what the library maps is what the GPU reaches, in both halves, and
 * everything else is refused, with a record that names the very address.
 */
#include "device.h"

/* What entries have at these bits: Arm ARM DDI 0487, D8.3. */
#define ENTRY_AF	(1ULL << 10)
#define ENTRY_BEYOND	(1ULL << 40)

/* Bits of a context descriptor: Arm IHI 0070, 5.4. */
#define CD0_EPD0	(1ULL << 14)
#define CD0_EPD1	(1ULL << 30)

#define MAILBOX_VA	0x7000000000ULL
#define MAILBOX_PA	(DATA_PA + DATA_SIZE)

struct arena tables;
struct gpuas_space tree[2];


/*
 * What stale.c and driver.c use too
 */

void map(struct gpuas_space *s, uint64_t va, uint64_t pa, uint64_t size, gpuas_attr_t attr)
{
	int err = gpuas_map(s, gpuas_va(va), gpuas_pa(pa), size, attr);

	if (!err)
		return;
	say("not ok - %x is mapped: %d\n", va, err);
	hw_exit(1);
}

uint64_t *entry_of(const struct gpuas_space *s, uint64_t va)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX], *last;
	unsigned int steps = 0;

	if (gpuas_path(s, gpuas_va(va), step, &steps)) {
		say("not ok - %x has a path\n", va);
		hw_exit(1);
	}
	last = &step[steps - 1];
	return (uint64_t *)(uintptr_t)gpuas_pa_u64(last->table) + last->index;
}

bool reads(uint64_t va, uint64_t pa, struct outcome *o)
{
	uint64_t value = unique();

	*word(pa) = value;
	gpu_read(va, o);
	return !o->fault && o->value == value;
}

bool writes(uint64_t va, uint64_t pa, struct outcome *o)
{
	uint64_t value = unique();

	*word(pa) = 0;
	gpu_write(va, value, o);
	return !o->fault && *word(pa) == value;
}

bool faults(enum edu_way way, uint64_t va, enum smmu_event_type type, struct outcome *o)
{
	gpu_copy(way, va, 8, o);
	return o->fault && o->event.type == type && gpuas_va_u64(o->event.va) == va &&
	       o->event.write == (way == EDU_WRITE) && o->event.stream == gpu.smmu.stream;
}

void result_reads(const char *name, uint64_t va, uint64_t pa)
{
	struct outcome o;
	bool ok = reads(va, pa, &o);

	result_outcome(ok, name, &o);
}

void result_writes(const char *name, uint64_t va, uint64_t pa)
{
	struct outcome o;
	bool ok = writes(va, pa, &o);

	result_outcome(ok, name, &o);
}

void result_faults(const char *name, enum edu_way way, uint64_t va, enum smmu_event_type type)
{
	struct outcome o;
	bool ok = faults(way, va, type, &o);

	result_outcome(ok, name, &o);
}

/*
 * What is mapped
 */

static void test_pages(unsigned int half)
{
	struct gpuas_space *s = &tree[half];
	uint64_t first = base(half), last = first + HALF - PAGE;

	map(s, first, DATA_PA + 3 * PAGE, PAGE, ALL);
	map(s, last, DATA_PA + 9 * PAGE, PAGE, ALL);
	result_reads("the first page is read", first + 0x1238, DATA_PA + 3 * PAGE + 0x1238);
	result_writes("the first page is written", first + 0x3ff8, DATA_PA + 3 * PAGE + 0x3ff8);
	result_reads("the last page is read", last + 0x3ff8, DATA_PA + 9 * PAGE + 0x3ff8);
	result_writes("the last page is written", last, DATA_PA + 9 * PAGE);
}

static void test_block(unsigned int half)
{
	uint64_t va = base(half) + 0x2000000000ULL + 5 * BLOCK, pa = DATA_PA + 2 * BLOCK;
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	unsigned int steps = 0;

	map(&tree[half], va, pa, BLOCK, ALL);
	gpuas_path(&tree[half], gpuas_va(va), step, &steps);
	result(steps == 2 && step[1].kind == GPUAS_BLOCK, "32 MiB are mapped by a block");
	result_reads("the first word of a block is read", va, pa);
	result_reads("the middle of a block is read", va + 0x1234568, pa + 0x1234568);
	result_writes("the last word of a block is written", va + BLOCK - 8, pa + BLOCK - 8);
}

/* One copy over the boundary of two pages that are far apart in memory, there and back. */
static void test_crossing(unsigned int half)
{
	const uint64_t from = base(half) + 0x10000000, to = from + 16 * PAGE, part = 1024;
	const uint64_t pa[4] = {
		DATA_PA + 40 * PAGE, DATA_PA + 20 * PAGE, DATA_PA + 30 * PAGE, DATA_PA + 44 * PAGE,
	};
	unsigned int i, wrong = 0;
	struct outcome in, out;

	for (i = 0; i < 4; i++)
		map(&tree[half], from + (i & 1) * PAGE + (i / 2) * 16 * PAGE, pa[i], PAGE, ALL);
	for (i = 0; i < part; i += 8) {
		*word(pa[0] + PAGE - part + i) = i;
		*word(pa[1] + i) = part + i;
		*word(pa[2] + PAGE - part + i) = *word(pa[3] + i) = ~0ULL;
	}
	gpu_copy(EDU_READ, from + PAGE - part, 2 * part, &in);
	gpu_copy(EDU_WRITE, to + PAGE - part, 2 * part, &out);
	for (i = 0; i < part; i += 8)
		wrong += *word(pa[2] + PAGE - part + i) != i || *word(pa[3] + i) != part + i;
	result_outcome(!in.fault && !out.fault && !wrong, "a copy crosses from page to page", &out);
}

/*
 * What is not
 */

static void test_holes(unsigned int half)
{
	const uint64_t first = base(half), crossing = first + 0x10000000 + 18 * PAGE;
	const uint64_t pa = DATA_PA + 44 * PAGE + PAGE - 1024;
	struct outcome o;

	result_faults("the page after a mapped one is not read", EDU_READ, first + PAGE + 0x128,
		      SMMU_TRANSLATION);
	result_faults("nor written", EDU_WRITE, first + PAGE, SMMU_TRANSLATION);
	result_faults("the page before a mapped one is not written", EDU_WRITE,
		      first + HALF - PAGE - 8, SMMU_TRANSLATION);
	result_faults("nothing is read where no table is", EDU_READ, first + 0x5123456788ULL,
		      SMMU_TRANSLATION);
	*word(pa) = *word(pa + 1016) = 0x5555;
	gpu_copy(EDU_WRITE, crossing - 1024, 2048, &o);
	result_outcome(o.fault && o.event.type == SMMU_TRANSLATION && o.event.write &&
			       gpuas_va_u64(o.event.va) == crossing,
		       "a copy into a hole is refused where the hole begins", &o);
	result_outcome(*word(pa) != 0x5555 && *word(pa + 1016) != 0x5555,
		       "what is before the hole is written", &o);
}

static void test_permission(unsigned int half)
{
	const uint64_t va = base(half) + 0x20000000, pa = DATA_PA + 50 * PAGE;

	map(&tree[half], va, pa, PAGE, READ_ONLY);
	result_reads("a read-only page is read", va + 0x40, pa + 0x40);
	*word(pa + 0x48) = 0x5555;
	result_faults("a read-only page is not written", EDU_WRITE, va + 0x48, SMMU_PERMISSION);
	result(*word(pa + 0x48) == 0x5555, "a refused write changes nothing");
}

/* Two faults that entries of the library cannot have; they are written past it. */
static void test_entries(unsigned int half)
{
	const uint64_t va = base(half) + 0x30000000, pa = DATA_PA + 60 * PAGE;

	map(&tree[half], va, pa, PAGE, ALL);
	map(&tree[half], va + PAGE, pa + PAGE, PAGE, ALL);
	*entry_of(&tree[half], va) &= ~ENTRY_AF;
	*entry_of(&tree[half], va + PAGE) |= ENTRY_BEYOND;
	if (possible(true, "an entry without access flag is refused"))
		result_faults("an entry without access flag is refused", EDU_READ, va + 0x1008,
			      SMMU_ACCESS);
	if (possible(true, "an address beyond the PA size is refused"))
		result_faults("an address beyond the PA size is refused", EDU_WRITE,
			      va + PAGE + 0x10, SMMU_ADDRESS_SIZE);
	*entry_of(&tree[half], va) |= ENTRY_AF;
	*entry_of(&tree[half], va + PAGE) &= ~ENTRY_BEYOND;
	result_reads("faults are not remembered", va, pa);
}

static void test_half(unsigned int half)
{
	results_about(half ? "upper half" : "lower half");
	if (!possible(half, "all cases"))
		return;
	test_pages(half);
	test_block(half);
	test_crossing(half);
	test_holes(half);
	test_permission(half);
	test_entries(half);
}

static void test_gap(void)
{
	static const uint64_t va[] = { HALF, 1ULL << 47, 0x8123456789abcde8, -HALF - 8 };
	struct outcome o;
	bool ok = true;
	unsigned int i;

	results_about("gap between the halves");
	if (!possible(true, "all is refused"))
		return;
	for (i = 0; i < 4 && ok; i++)
		ok = faults(i & 1 ? EDU_WRITE : EDU_READ, va[i], SMMU_TRANSLATION, &o);
	result_outcome(ok, "all is refused", &o);
}

/*
 * Contexts
 */

static void test_no_context(void)
{
	struct outcome o;

	results_about("context");
	gpu_copy(EDU_WRITE, 0, 8, &o);
	result_outcome(o.fault && o.event.type == SMMU_BAD_CONTEXT &&
			       o.event.stream == gpu.smmu.stream,
		       "before one is loaded, all is refused", &o);
}

/* Which halves are not to be walked: what is at PA 0, where no root is, would not tell. */
static bool not_walked(uint64_t halves)
{
	return (gpu.smmu.memory->context[0] & (CD0_EPD0 | CD0_EPD1)) == halves;
}

static void test_no_lower(void)
{
	const uint64_t last[2] = { HALF - PAGE, -PAGE };
	uint64_t *slot = entry_of(&tree[1], last[1]), entry = *slot;
	struct outcome o;

	result(!gpu_context(NULL, &tree[1], ASID + 1) && not_walked(CD0_EPD0),
	       "without a lower root, the lower half is not walked");
	result_faults("but refused", EDU_WRITE, last[0], SMMU_TRANSLATION);
	if (!possible(true, "the upper half is there, under its ASID"))
		return;
	*word(DATA_PA + 9 * PAGE) = 0x5555;
	gpu_copy(EDU_WRITE, last[1], 8, &o);
	result_outcome(!o.fault && *word(DATA_PA + 9 * PAGE) != 0x5555, "the upper half is there",
		       &o);
	*slot = 0;
	gpuas_qv_smmu_invalidate(&gpu.smmu, ASID + 1, gpuas_va(last[1]), PAGE);
	result_faults("under its ASID", EDU_READ, last[1], SMMU_TRANSLATION);
	*slot = entry;
}

static void test_contexts(void)
{
	const uint64_t last = HALF - PAGE, pa = DATA_PA + 9 * PAGE;

	results_about("context");
	test_no_lower();
	result(!gpu_context(&tree[0], NULL, ASID + 2) && not_walked(CD0_EPD1),
	       "without an upper root, the upper half is not walked");
	result_reads("the lower half is there", last, pa);
	if (possible(true, "the upper half is refused"))
		result_faults("the upper half is refused", EDU_READ, -PAGE, SMMU_TRANSLATION);
	result(!gpu_context(&tree[0], &tree[1], ASID) && not_walked(0), "both are walked again");
	result_reads("and there", last, pa);
}

static int prepare(void)
{
	unsigned int i;
	int err = 0;

	hook_init(&tables, ASID);
	for (i = 0; i < 2 && !err; i++) {
		const struct gpuas_range window = { gpuas_va(base(i)), HALF };

		err = gpuas_space_create(&tree[i], &gpu_geo[i], &window, &tables.env);
	}
	if (err)
		return err;
	map(&tree[0], MAILBOX_VA, MAILBOX_PA, PAGE, ALL);
	gpu.mailbox = gpuas_va(MAILBOX_VA);
	gpu.mailbox_ptr = word(MAILBOX_PA);
	return 0;
}

int test_main(void)
{
	int err = gpu_start();

	results_about("GPU");
	result(!err, "SMMU and edu are there");
	if (err || prepare()) {
		say("# gpu_start: %d, IDR0 %x IDR1 %x\n", err,
		    (uint64_t)device_read32(gpu.smmu.regs, 0),
		    (uint64_t)device_read32(gpu.smmu.regs, 4));
		return 1;
	}
	test_no_context();
	gpu_context(&tree[0], &tree[1], ASID);
	test_half(0);
	test_half(1);
	test_gap();
	test_contexts();
	test_stale(0);
	test_stale(1);
	test_driver();
	results_about("flush hook");
	result(!hook_failures(), "no flush failed");
	say("# %u copies\n", gpu.copies);
	return results_end();
}
