// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What was found wrong in other page-table code, by reading it or by measuring:
 * one test for each, named after what this library does instead. Whose defect it
 * was stands above the test.
 */
#define _GNU_SOURCE	/* REG_EFL */

#include "watch.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <ucontext.h>

#include <gpuas/dump.h>

/* io-pgtable-arm: 1 << 40 above a mapped address translates to the same page. */
static void an_alias_above_the_va_size_does_not_translate(void **state)
{
	struct tree *t = *state;
	const struct gpuas_geometry low = {
		.format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 40,
	};
	const struct gpuas_range window = { .size = 1ULL << 39 };
	struct tree lower = { .ram = ram_share(t->ram) };
	unsigned int bit;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(gpuas_space_create(&lower.space, &low, &window, &lower.ram->env), 0);
	assert_int_equal(map(&lower, SLOT, PA, PAGE), 0);
	for (bit = 39; bit < 64; bit++) {
		assert_int_equal(pa_of(t, HOST ^ 1ULL << bit), -GPUAS_ERANGE);
		assert_int_equal(pa_of(&lower, SLOT ^ 1ULL << bit), -GPUAS_ERANGE);
		assert_int_equal(unmap(&lower, SLOT ^ 1ULL << bit, PAGE), -GPUAS_ERANGE);
	}
	assert_int_equal(pa_of(t, HOST), PA);
	assert_int_equal(pa_of(&lower, SLOT), PA);
	gpuas_space_release(&lower.space);
	ram_delete(lower.ram);
}

/* io-pgtable-arm: a 32 MiB block over a table drops the live page in it. */
static void a_block_over_a_live_page_is_refused(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16 + 5 * PAGE, PA, PAGE), 0);
	REFUSED(t, map_low(t, VA16, PA16, BLOCK16), GPUAS_EEXIST);
	assert_int_equal(pa_of(t, VA16 + 5 * PAGE), PA);
	/* Nor does a page go over a block, or a block over one. */
	assert_int_equal(map_low(t, VA16 + BLOCK16, PA16, BLOCK16), 0);
	assert_int_equal(level_at(t, VA16 + BLOCK16), 1);
	REFUSED(t, map_low(t, VA16 + BLOCK16 + PAGE, PA, PAGE), GPUAS_EEXIST);
	REFUSED(t, map_low(t, VA16 + BLOCK16, PA16, BLOCK16), GPUAS_EEXIST);
}

/* io-pgtable-arm 7.2 refuses it, generic_pt and KVM too; 6.1 split without a break. */
static void unmap_of_a_page_in_a_block_splits_it_after_a_break(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	watch(t, VA16);
	assert_int_equal(unmap(t, VA16 + 7 * PAGE, PAGE), 0);
	/* The first flush found the entry of the block empty: that was the break. */
	assert_in_range(flushes, 1, 2);
	assert_int_equal(at_flush[0] & 1, 0);
	assert_int_equal(pa_of(t, VA16 + 7 * PAGE), -GPUAS_ENOENT);
	MAPPED(t, VA16, PA16, 7 * PAGE);
	MAPPED(t, VA16 + 8 * PAGE, PA16 + 8 * PAGE, BLOCK16 - 8 * PAGE);
	assert_int_equal(attr_of(t, VA16), LOW_RIGHTS);
	assert_int_equal(attr_of(t, VA16 + BLOCK16 - 1), LOW_RIGHTS);
}

/* pKVM-IA: a partial unmap took what the superpage maps for a table. */
static void unmap_in_a_block_leaves_what_the_block_maps_alone(void **state)
{
	struct tree *t = *state;
	struct ram *before;
	unsigned int i;

	/* The block maps the simulated RAM: the end of it looks like a table. */
	assert_int_equal(map_low(t, VA16, RAM_BASE, BLOCK16), 0);
	assert_int_equal(level_at(t, VA16), 1);
	for (i = 0; i < 2048; i++)
		*slot(t->ram, FW_TABLE(0), i) = FW_TABLE(1) | 3;
	before = ram_copy(t->ram);
	assert_int_equal(unmap(t, VA16 + 3 * PAGE, PAGE), 0);
	assert_memory_equal(ram_at(before, FW_TABLE(1), 2 * RAM_GRANULE),
			    ram_at(t->ram, FW_TABLE(1), 2 * RAM_GRANULE), 2 * RAM_GRANULE);
	/* Three tables on the way down, and now the fourth. */
	assert_int_equal(ram_owned(t->ram), ram_owned(before) + 1);
	assert_int_equal(pa_of(t, VA16 + 4 * PAGE), RAM_BASE + 4 * PAGE);
	ram_delete(before);
}

static int count_leaves(void *ctx, const struct gpuas_step *step)
{
	*(unsigned int *)ctx += step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK;
	return 0;
}

/* io-pgtable-arm 7.2: the range walk fails at the first hole. */
static void a_visit_goes_on_behind_a_hole(void **state)
{
	struct tree *t = *state;
	unsigned int leaves = 0;

	assert_int_equal(map_low(t, VA16 + PAGE, PA, PAGE), 0);
	assert_int_equal(map_low(t, VA16 + 3 * PAGE, PA, PAGE), 0);
	assert_int_equal(map_low(t, VA16 + 7 * BLOCK16, PA16, BLOCK16), 0);
	assert_int_equal(map_low(t, (1ULL << 48) - PAGE, PA, PAGE), 0);
	assert_int_equal(gpuas_visit(&t->space, gpuas_va(VA16), 8 * BLOCK16, count_leaves,
				     &leaves), 0);
	assert_int_equal(leaves, 3);
	leaves = 0;
	assert_int_equal(gpuas_visit_all(&t->space, count_leaves, &leaves), 0);
	assert_int_equal(leaves, 4);
}

/* io-pgtable-arm: 2^31 pages are -1 pages: "0, -35184372088832 bytes mapped". */
static void two_to_the_31_pages_are_not_minus_one(void **state)
{
	struct tree *t = *state;
	const uint64_t size = PAGE << 31;
	uint32_t tables = 0;

	assert_int_equal(gpuas_count_tables(&t->space, gpuas_va(0), size, &tables), 0);
	assert_int_equal(tables, (1u << 20) + (1u << 9) + 1);
	/* Pages, so that all these tables would be needed, and are not to be had. */
	REFUSED(t, map_low(t, 0, PAGE, size), GPUAS_ENOMEM);
	REFUSED(t, map_low(t, PAGE, PAGE, 0ULL - PAGE), GPUAS_ERANGE);
	REFUSED(t, map_low(t, 0, 0, 1ULL << 63), GPUAS_ERANGE);
	REFUSED(t, map_low(t, 2 * PAGE, PAGE, 0ULL - PAGE), GPUAS_EOVERFLOW);
	assert_int_equal(unmap(t, 0, size), 0);
	assert_int_equal(map_low(t, size - PAGE, PA, PAGE), 0);
	assert_int_equal(unmap(t, 0, size), 0);
	assert_int_equal(t->space.tables, 1);
}

/*
 * Loads from one table, counted: its memory is not accessible, and each access is
 * let through by single-stepping over the instruction.
 */
#ifdef __x86_64__

#define TRAP_FLAG	0x100

static void *counted_table;
static unsigned int counted_loads;

static void let_through(int signal, siginfo_t *info, void *context)
{
	ucontext_t *machine = context;

	(void)signal;
	if ((uintptr_t)info->si_addr - (uintptr_t)counted_table >= RAM_GRANULE)
		abort();
	counted_loads++;
	mprotect(counted_table, RAM_GRANULE, PROT_READ | PROT_WRITE);
	machine->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void close_again(int signal, siginfo_t *info, void *context)
{
	ucontext_t *machine = context;

	(void)signal;
	(void)info;
	mprotect(counted_table, RAM_GRANULE, PROT_NONE);
	machine->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
}

static void count_loads(uint64_t *entry)
{
	struct sigaction access = { .sa_flags = SA_SIGINFO }, step = { .sa_flags = SA_SIGINFO };

	access.sa_sigaction = let_through;
	step.sa_sigaction = close_again;
	assert_int_equal(sigaction(SIGSEGV, &access, NULL), 0);
	assert_int_equal(sigaction(SIGTRAP, &step, NULL), 0);
	counted_table = (void *)((uintptr_t)entry & ~(uintptr_t)(RAM_GRANULE - 1));
	counted_loads = 0;
	assert_int_equal(mprotect(counted_table, RAM_GRANULE, PROT_NONE), 0);
}

static unsigned int loads_counted(void)
{
	mprotect(counted_table, RAM_GRANULE, PROT_READ | PROT_WRITE);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	return counted_loads;
}

/*
 * io-pgtable-arm 7.2: translation and dirty walk read the entry again, so that
 * level, address and rights can come from different ones.
 */
static void an_entry_is_loaded_once(void **state)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	unsigned int level, leaves = 0, steps;
	struct tree *t = *state;
	gpuas_attr_t attr;
	uint64_t *entry;
	gpuas_pa_t pa;

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	entry = entry_at(t, VA16, &level);
	count_loads(entry);
	gpuas_translate(&t->space, gpuas_va(VA16), &pa, &attr);
	assert_int_equal(loads_counted(), 1);
	count_loads(entry);
	gpuas_translate(&t->space, gpuas_va(VA16), &pa, NULL);
	assert_int_equal(loads_counted(), 1);
	count_loads(entry);
	gpuas_visit(&t->space, gpuas_va(VA16), PAGE, count_leaves, &leaves);
	assert_int_equal(loads_counted(), 1);
	assert_int_equal(leaves, 1);
	count_loads(entry);
	gpuas_path(&t->space, gpuas_va(VA16), step, &steps);
	assert_int_equal(loads_counted(), 1);
}

#else

static void an_entry_is_loaded_once(void **state)
{
	(void)state;
	skip();
}

#endif

/* What was cleaned, word by word, since the last look. */
static uint8_t cleaned[RAM_SIZE / 8];
static unsigned int cleans;

static void counting_clean(void *ctx, const void *ptr, size_t size)
{
	struct ram *ram = ctx;
	size_t at = (size_t)((const uint8_t *)ptr - ram->mem) / 8, i;

	assert_true(at < RAM_SIZE / 8 && size / 8 <= RAM_SIZE / 8 - at);
	for (i = 0; i < size / 8; i++)
		cleaned[at + i]++;
	cleans++;
}

static size_t cleaned_most(size_t *words)
{
	size_t i, most = 0;

	for (*words = 0, i = 0; i < RAM_SIZE / 8; i++) {
		*words += cleaned[i] != 0;
		most = cleaned[i] > most ? cleaned[i] : most;
	}
	memset(cleaned, 0, sizeof(cleaned));
	return most;
}

/* io-pgtable-arm 7.2: 33 cleans for 32 entries, each of them twice. */
static void an_entry_is_cleaned_once(void **state)
{
	struct tree *t = *state;
	size_t words;

	t->ram->env.clean = counting_clean;
	assert_int_equal(map_low(t, VA16, PA, 32 * BLOCK16), 0);
	cleaned_most(&words);
	cleans = 0;
	assert_int_equal(unmap(t, VA16, 32 * BLOCK16), 0);
	assert_int_equal(cleaned_most(&words), 1);
	/* Every leaf that was there, and not more than a way down beside that. */
	assert_in_range(words, 3, 32 * 2048 + 32 + 3);
	assert_in_range(cleans, 1, 2 * 32 + 4);
}

/* The same in the other direction: one for a new table, one for what it is linked by. */
static void a_map_cleans_few_ranges(void **state)
{
	struct tree *t = *state;
	size_t words;

	t->ram->env.clean = counting_clean;
	cleans = 0;
	assert_int_equal(map_low(t, VA16, PA, 32 * BLOCK16), 0);
	/* io-pgtable-arm: 94. New tables here: 32 leaf tables and 2 above. */
	assert_in_range(cleans, 34, 94);
	cleaned_most(&words);
	cleans = 0;
	assert_int_equal(map_low(t, VA16 + 40 * BLOCK16, PA, PAGE), 0);
	assert_in_range(cleans, 2, 3);
	cleans = 0;
	assert_int_equal(map_low(t, VA16 + 40 * BLOCK16 + PAGE, PA, 4 * PAGE), 0);
	assert_int_equal(cleans, 1);
}

/* No peer: cleans are gathered over calls, as flushes are. */
static void cleans_are_gathered_over_calls(void **state)
{
	struct tree *t = *state;
	unsigned int i;
	size_t words;

	t->ram->env.clean = counting_clean;
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	cleaned_most(&words);
	cleans = 0;
	gpuas_gather_begin(&t->space);
	for (i = 1; i < 100; i++)
		assert_int_equal(map_low(t, VA16 + i * PAGE, PA, PAGE), 0);
	assert_int_equal(cleans, 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(cleans, 1);
	assert_int_equal(cleaned_most(&words), 1);
	assert_int_equal(words, 99);
}

/* More of them than can be remembered; and from the top down, so that each grows at its start. */
static void every_gathered_entry_is_cleaned(void **state)
{
	struct tree *t = *state;
	unsigned int i;
	size_t words;

	t->ram->env.clean = counting_clean;
	assert_int_equal(map_low(t, VA16, PA, 100 * PAGE), 0);
	cleaned_most(&words);
	gpuas_gather_begin(&t->space);
	for (i = 99; i > 3; i -= i % 4 == 2 ? 2 : 1)
		assert_int_equal(unmap(t, VA16 + i * PAGE, PAGE), 0);
	gpuas_gather_end(&t->space);
	assert_int_equal(cleaned_most(&words), 1);
	assert_int_equal(words, 72);
}

/* io-pgtable-arm, generic_pt, KVM: pages and tables stay after a failed allocation. */
static void a_failed_map_leaves_neither_pages_nor_tables(void **state)
{
	struct tree *t = *state;
	unsigned int n;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	for (n = 1; n <= 5; n++) {
		t->ram->fail_at = n;
		REFUSED(t, map(t, HOST, PA, 4 * LEAF_SPAN), GPUAS_ENOMEM);
	}
}

/*
 * TF-A: where the allocation fails that is the first below a table that was just
 * made, that table stays for ever.
 */
static void a_new_table_is_not_lost_if_the_next_one_fails(void **state)
{
	const uint64_t va[] = { VA16, 0, (1ULL << 47) - PAGE, (1ULL << 48) - PAGE };
	struct tree *t = *state;
	unsigned int i, n;

	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_int_equal(unmap(t, VA16, PAGE), 0);
	for (i = 0; i < 4; i++) {
		for (n = 1; n <= 3; n++) {
			t->ram->fail_at = n;
			REFUSED(t, map_low(t, va[i], PA, PAGE), GPUAS_ENOMEM);
			assert_int_equal(ram_owned(t->ram), 1);
		}
	}
}

/* TF-A: a physical range cannot be mapped twice. */
static void a_page_can_be_mapped_twice(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 4 * PAGE), 0);
	assert_int_equal(map(t, HOST + 8 * PAGE, PA + PAGE, 4 * PAGE), 0);
	assert_int_equal(pa_of(t, HOST + PAGE), pa_of(t, HOST + 8 * PAGE));
}

/* U-Boot, Zephyr, aarch64-paging: a block with a PA that is not aligned to it. */
static void a_misaligned_pa_is_mapped_by_pages(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA16, PA16 + PAGE, BLOCK16), 0);
	assert_int_equal(level_at(t, VA16), 0);
	MAPPED(t, VA16, PA16 + PAGE, BLOCK16);
	/* And the other way round. */
	assert_int_equal(map_low(t, VA16 + BLOCK16 + PAGE, PA16, BLOCK16), 0);
	assert_int_equal(level_at(t, VA16 + BLOCK16 + PAGE), 0);
	MAPPED(t, VA16 + BLOCK16 + PAGE, PA16, BLOCK16);
}

/* What U-Boot does with VA 0x40200000, PA 0x80001000 and 2 MiB: 0x80001401. */
static void u_boots_own_example_is_mapped_by_pages(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, 0x40200000, 0x80001000, BLOCK4), 0);
	assert_int_equal(level_at(t, 0x40200000), 0);
	MAPPED(t, 0x40200000, 0x80001000, BLOCK4);
}

struct outer {
	struct tree *tree;
	unsigned int pages;
};

static int look_elsewhere(void *ctx, const struct gpuas_step *step)
{
	struct outer *outer = ctx;
	struct tree *t = outer->tree;
	unsigned int leaves = 0;

	if (step->kind != GPUAS_PAGE)
		return 0;
	outer->pages++;
	assert_int_equal(pa_of(t, HOST + 3 * SLOT), PA + PAGE);
	assert_int_equal(gpuas_visit_all(&t->space, count_leaves, &leaves), 0);
	assert_int_equal(leaves, 3);
	return 0;
}

/* U-Boot: the walker keeps its state in static variables. */
static void a_visit_inside_a_visit_works(void **state)
{
	struct tree *t = *state;
	struct outer outer = { .tree = t };

	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	assert_int_equal(map(t, HOST + 3 * SLOT, PA + PAGE, PAGE), 0);
	assert_int_equal(gpuas_visit_all(&t->space, look_elsewhere, &outer), 0);
	/* The visits inside left the outer one where it was. */
	assert_int_equal(outer.pages, 3);
}

/* U-Boot, Asahi, m1n1: a map overwrites what is mapped there. */
static void a_map_over_a_mapping_is_refused(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST + 2 * PAGE, PA, PAGE), 0);
	REFUSED(t, map(t, HOST, PA + SLOT, 3 * PAGE), GPUAS_EEXIST);
	REFUSED(t, map(t, HOST + 2 * PAGE, PA, PAGE), GPUAS_EEXIST);
	REFUSED(t, gpuas_map_repeat(&t->space, gpuas_va(HOST), gpuas_pa(PA), PAGE, 8 * PAGE,
				    RIGHTS), GPUAS_EEXIST);
	assert_int_equal(pa_of(t, HOST), -GPUAS_ENOENT);
}

/* m1n1: a table is freed, and not the tables below it. */
static void tables_below_a_freed_table_are_freed_too(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 20; i++)
		assert_int_equal(map_low(t, VA16 + i * 3 * BLOCK16, PA, PAGE), 0);
	assert_int_equal(ram_owned(t->ram), 1 + 2 + 20);
	assert_int_equal(unmap(t, 0, 1ULL << 48), 0);
	assert_int_equal(ram_owned(t->ram), 1);
	/* The same where something else takes the place. */
	for (i = 0; i < 20; i++)
		assert_int_equal(map_low(t, VA16 + i * 3 * BLOCK16, PA, PAGE), 0);
	gpuas_space_release(&t->space);
	assert_int_equal(ram_owned(t->ram), 0);
}

/* m1n1: what is unmapped keeps type bits, and is not flushed. */
static void an_unmapped_entry_is_zero_and_flushed(void **state)
{
	struct tree *t = *state;
	unsigned int level;

	assert_int_equal(map_low(t, VA16, PA, 3 * PAGE), 0);
	assert_int_equal(unmap(t, VA16 + PAGE, PAGE), 0);
	assert_int_equal(*entry_at(t, VA16 + PAGE, &level), 0);
	assert_int_equal(level, 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), VA16 + PAGE);
	assert_int_equal(t->ram->flush_size, PAGE);
}

/* Asahi: freed tables stay linked in the borrowed root. */
static void release_leaves_no_dangling_slot(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	assert_int_equal(map(t, HOST, PA, LEAF_SPAN + PAGE), 0);
	gpuas_space_release(&t->space);
	for (i = 1; i < 8; i++)
		assert_int_equal(*slot(t->ram, FW_ROOT, i), 0);
	assert_int_equal(*slot(t->ram, FW_ROOT, 0), FW_MIDDLE | 3);
	assert_int_equal(ram_owned(t->ram), 0);
	assert_int_equal(t->ram->frees_at_flush, 0);
	assert_in_range(t->ram->flushes, 1, 1);
}

/* A block straight in the root is an entry of ours too. */
static void release_leaves_no_block_in_a_borrowed_root(void **state)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_lpae_16k, .va_bits = 36, .pa_bits = 40, .blocks = true,
	};
	const struct gpuas_range window = { .va = gpuas_va(4 * BLOCK16), .size = 8 * BLOCK16 };
	struct tree *t = *state;
	unsigned int i;

	memset(ram_at(t->ram, FW_ROOT, RAM_GRANULE), 0, RAM_GRANULE);
	*slot(t->ram, FW_ROOT, 1) = PA16 | 0x401;
	assert_int_equal(gpuas_space_adopt(&t->space, &geo, &window, gpuas_pa(FW_ROOT),
					   &t->ram->env), 0);
	assert_int_equal(map_low(t, 5 * BLOCK16, PA16, BLOCK16), 0);
	assert_int_equal(level_at(t, 5 * BLOCK16), 1);
	gpuas_space_release(&t->space);
	for (i = 0; i < 2048; i++)
		assert_int_equal(*slot(t->ram, FW_ROOT, i), i == 1 ? PA16 | 0x401 : 0);
	assert_in_range(t->ram->flushes, 1, 2);
}

/* Asahi: foreign tables in the range are freed. */
static void a_foreign_table_in_the_window_is_not_freed(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	memset(ram_at(t->ram, FW_TABLE(9), RAM_GRANULE), 0, RAM_GRANULE);
	*slot(t->ram, FW_TABLE(9), 1) = PA | 0x403;
	*slot(t->ram, *slot(t->ram, FW_ROOT, 2) & ~3ULL, 9) = FW_TABLE(9) | 3;
	REFUSED(t, unmap(t, HOST, SLOT), GPUAS_EPERM);
	REFUSED(t, gpuas_protect(&t->space, gpuas_va(HOST), SLOT, RIGHTS), GPUAS_EPERM);
	gpuas_space_release(&t->space);
	assert_int_equal(*slot(t->ram, FW_TABLE(9), 1), PA | 0x403);
	assert_int_equal(ram_owned(t->ram), 0);
}

/* A table is cleaned just before it is linked: what is in it, and in what leads there? */
static void clean_of_zeroes(void *ctx, const void *ptr, size_t size)
{
	const uint64_t *word = ptr;
	unsigned int level;
	size_t i;

	(void)ctx;
	if (size != RAM_GRANULE)
		return;
	for (i = 0; i < size / 8; i++)
		assert_int_equal(word[i], 0);
	assert_int_equal(*entry_at(watched, VA16, &level), 0);
	assert_int_equal(level, 3 - cleans++);
}

/* Asahi: a table is linked with nothing that orders its zeroes before that. */
static void a_new_table_is_zero_before_it_is_linked(void **state)
{
	struct tree *t = *state;

	watched = t;
	t->ram->env.clean = clean_of_zeroes;
	cleans = 0;
	assert_int_equal(map_low(t, VA16, PA, PAGE), 0);
	assert_int_equal(cleans, 3);
}

static void collect(void *ctx, const char *line)
{
	strcat(ctx, line);
	strcat(ctx, "\n");
}

/* Asahi: blocks are skipped in dumps, and when tables are freed. */
static void a_block_is_in_the_dump(void **state)
{
	static char text[4096];
	const struct gpuas_sink sink = { .ctx = text, .line = collect };
	struct tree *t = *state;

	text[0] = 0;
	assert_int_equal(map_low(t, VA16, PA16, BLOCK16), 0);
	gpuas_dump_space(&t->space, &sink);
	assert_non_null(strstr(text, "0x0000123454000000-0x0000123455ffffff"));
	assert_non_null(strstr(text, "4000000000"));
}

/* nuttx, aarch64-paging: blocks where the architecture has none without LPA2. */
static void there_are_no_blocks_above_1_gib(void **state)
{
	struct tree *t = *state;
	const uint64_t huge = 1ULL << 39;
	unsigned int i;

	assert_int_equal(map_low(t, huge, 0, huge), 0);
	assert_int_equal(level_at(t, huge), 2);
	assert_int_equal(pa_of(t, 2 * huge - 1), huge - 1);
	assert_int_equal(t->space.tables, 2);
	assert_int_equal(gpuas_format_kind(&gpuas_format_lpae_4k, 3, 0x401), GPUAS_OTHER);
	assert_int_equal(gpuas_format_kind(&gpuas_format_lpae_16k, 2, 0x401), GPUAS_OTHER);
	assert_int_equal(gpuas_format_kind(&gpuas_format_lpae_64k, 2, 0x401), GPUAS_OTHER);
	for (i = 0; i < 512; i++)
		assert_int_not_equal(*slot(t->ram, gpuas_pa_u64(t->space.root), i) & 3, 1);
}

/* Asahi: of more than 32 GiB, only the first part is flushed. */
static void a_range_beyond_32_gib_is_flushed_wholly(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, PAGE), 0);
	assert_int_equal(map(t, HOST + SLOT - PAGE, PA, PAGE), 0);
	assert_int_equal(unmap(t, HOST, SLOT), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(t->ram->flush_va), HOST);
	assert_int_equal(t->ram->flush_size, SLOT);
}

/* io-pgtable-arm, generic_pt, Hafnium: tables only ever grow. */
static void a_moving_buffer_does_not_eat_tables(void **state)
{
	struct tree *t = *state;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		assert_int_equal(map(t, HOST + i * LEAF_SPAN, PA, 64 * PAGE), 0);
		if (i)
			assert_int_equal(unmap(t, HOST + (i - 1) * LEAF_SPAN, 64 * PAGE), 0);
		assert_in_range(ram_owned(t->ram), 3, 4);
	}
}

/* Zephyr, KVM: counts of what is in use can go wrong; here holes are no trouble. */
static void unmapping_twice_is_no_error_and_frees_nothing_else(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map(t, HOST, PA, 2 * PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(unmap(t, HOST, PAGE), 0);
	assert_int_equal(t->ram->flushes, 1);
	assert_int_equal(pa_of(t, HOST + PAGE), PA + PAGE);
	assert_int_equal(t->ram->frees, 0);
}

static const struct CMUnitTest tests[] = {
	TREE_TEST(an_alias_above_the_va_size_does_not_translate),
	TEST16(a_block_over_a_live_page_is_refused),
	TEST16(unmap_of_a_page_in_a_block_splits_it_after_a_break),
	TEST16(unmap_in_a_block_leaves_what_the_block_maps_alone),
	TEST16(a_visit_goes_on_behind_a_hole),
	TEST16(two_to_the_31_pages_are_not_minus_one),
	TEST16(an_entry_is_loaded_once),
	TEST16(an_entry_is_cleaned_once),
	TEST16(a_map_cleans_few_ranges),
	TEST16(cleans_are_gathered_over_calls),
	TEST16(every_gathered_entry_is_cleaned),
	TREE_TEST(a_failed_map_leaves_neither_pages_nor_tables),
	TEST16(a_new_table_is_not_lost_if_the_next_one_fails),
	TREE_TEST(a_page_can_be_mapped_twice),
	TEST16(a_misaligned_pa_is_mapped_by_pages),
	TEST4(u_boots_own_example_is_mapped_by_pages),
	TREE_TEST(a_visit_inside_a_visit_works),
	TREE_TEST(a_map_over_a_mapping_is_refused),
	TEST16(tables_below_a_freed_table_are_freed_too),
	TEST16(an_unmapped_entry_is_zero_and_flushed),
	BORROWED_TEST(release_leaves_no_dangling_slot),
	BORROWED_TEST(release_leaves_no_block_in_a_borrowed_root),
	BORROWED_TEST(a_foreign_table_in_the_window_is_not_freed),
	TEST16(a_new_table_is_zero_before_it_is_linked),
	TEST16(a_block_is_in_the_dump),
	TEST4(there_are_no_blocks_above_1_gib),
	TREE_TEST(a_range_beyond_32_gib_is_flushed_wholly),
	TREE_TEST(a_moving_buffer_does_not_eat_tables),
	TREE_TEST(unmapping_twice_is_no_error_and_frees_nothing_else),
};

UNIT_MAIN(tests)
