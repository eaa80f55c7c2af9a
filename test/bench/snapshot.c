// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * snapshot [COUNT-FILE]: what a snapshot and its core cost. Times are CPU times, the least of several
 * runs, and what is judged is how two that take turns compare. With the name of a file, under
 * callgrind, instructions instead. Status 1 if a target is not met.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include <gpuas/core.h>

#include "bench.h"

#define PAGE		((uint64_t)0x4000)
#define PAGES_PA	0x1000000000ULL
#define PAGES_SIZE	(256ULL << 20)	/* more than caches hold */
#define GIB		(1ULL << 30)
#define WHOLE		(~0ULL)

enum {
	TABLES = 256,
	EXTENTS = 1 << 17,
	TURNS = 15,
	CAPTURES = 8,
	BUFFER = 1 << 16,
	STACK = 1 << 18,
	PAINT = 0xa5,
};

/**
 * struct machine - A space, and memory for its tables and its pages
 * @mem: tables, and behind them the pages
 * @record: of the tables
 * @tables: how many there are
 * @fold: bytes of pages that there really are: the next ones are the same again
 * @env: of it
 * @space: the space
 * @snapshot: of it
 */
struct machine {
	uint8_t *mem;
	struct gpuas_table record[TABLES];
	unsigned int tables;
	uint64_t fold;
	struct gpuas_env env;
	struct gpuas_space space;
	struct gpuas_snapshot snapshot;
	struct gpuas_snap_space snap_space;
	gpuas_pa_t seen[TABLES];
	struct gpuas_snap_extent *extent;
};

static bool all_met = true;

static const char *verdict(bool met)
{
	all_met &= met;
	return met ? "met" : "NOT MET";
}

static uint8_t *page_at(const struct machine *m, uint64_t pa)
{
	return m->mem + TABLES * PAGE + (pa - PAGES_PA) % m->fold;
}

static uint64_t *borrow(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct machine *m = ctx;
	const uint64_t at = gpuas_pa_u64(pa);

	(void)size;
	if (at - PAGES_PA < GIB)
		return (uint64_t *)(void *)page_at(m, at);
	return at - ARENA_PA < m->tables * PAGE ? (uint64_t *)(void *)(m->mem + (at - ARENA_PA)) : NULL;
}

static struct gpuas_table *record(void *ctx, gpuas_pa_t pa)
{
	struct machine *m = ctx;
	const uint64_t i = (gpuas_pa_u64(pa) - ARENA_PA) / PAGE;

	return i < m->tables ? &m->record[i] : NULL;
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct machine *m = ctx;
	struct gpuas_table *next = &m->record[m->tables];

	if (m->tables == TABLES)
		return -GPUAS_ENOMEM;
	next->pa = ARENA_PA + m->tables * PAGE;
	next->ptr = (uint64_t *)(void *)(m->mem + m->tables * PAGE);
	memset(next->ptr, 0, size);
	m->tables++;
	*table = next;
	return 0;
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	(void)ctx, (void)table, (void)size;
}

static void machine_start(struct machine *m, uint64_t fold)
{
	const struct gpuas_geometry geo = { &gpuas_format_uat, 39, 40, false, false };
	const struct gpuas_range window = { .size = 1ULL << 39 };

	memset(m, 0, sizeof(*m));
	m->fold = fold;
	m->mem = mmap(NULL, TABLES * PAGE + fold, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	m->extent = calloc(EXTENTS, sizeof(*m->extent));
	check(m->mem != MAP_FAILED && m->extent);
	memset(m->mem, 1, TABLES * PAGE + fold);
	m->env = (struct gpuas_env){
		.ctx = m, .table_alloc = table_alloc, .table_free = table_free,
		.table_record = record, .table_ptr = borrow,
	};
	check(!gpuas_space_create(&m->space, &geo, &window, &m->env));
}

static void machine_end(struct machine *m)
{
	munmap(m->mem, TABLES * PAGE + m->fold);
	free(m->extent);
}

/* The PA of the n-th piece: no two that follow each other in the space do so in memory. */
static uint64_t piece_pa(uint64_t n, uint64_t piece, uint64_t size)
{
	return PAGES_PA + (size == piece ? 0 : n * 7919 % (size / piece) * piece);
}

static void fill(struct machine *m, uint64_t size, uint64_t piece)
{
	uint64_t n;

	for (n = 0; n < size / piece; n++)
		check(!gpuas_map(&m->space, gpuas_va(n * piece), gpuas_pa(piece_pa(n, piece, size)),
				 piece, GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED));
}

static void capture(struct machine *m)
{
	struct gpuas_snapshot *s = &m->snapshot;

	*s = (struct gpuas_snapshot){
		.env = &m->env, .space = &m->snap_space, .spaces_max = 1, .spaces = 1,
		.extent = m->extent, .extents_max = EXTENTS, .seen = m->seen, .seen_max = TABLES,
		.budget = ~0u,
	};
	m->snap_space.geo = m->space.geo;
	m->snap_space.root = m->space.root;
	m->snap_space.level = GPUAS_SNAP_ROOT;
	gpuas_snapshot_capture(s);
	check(!s->cut && !s->extents_lost && !s->findings && !s->findings_lost);
}

static void lay_out(struct machine *m, struct gpuas_core *core)
{
	const struct gpuas_core_info info = { .why = "bench" };

	check(!gpuas_core_init(core, &m->snapshot, &info, WHOLE));
}

static int drop(void *ctx, const void *buf, size_t count)
{
	(void)ctx, (void)buf, (void)count;
	return 0;
}

static uint8_t buffer[BUFFER];

static void write_core(struct gpuas_core *core)
{
	check(!gpuas_core_push(core, buffer, sizeof(buffer), drop, NULL));
	check(!core->torn);
}

/* The same pages, into a buffer of the same size, in the order of the space. */
static void copy_pages(const struct machine *m, uint64_t size, uint64_t piece)
{
	uint64_t n, at, done = 0;

	for (n = 0; n < size / piece; n++) {
		const uint64_t pa = piece_pa(n, piece, size);

		for (at = 0; at < piece; at += PAGE, done += PAGE) {
			memcpy(buffer + done % BUFFER, page_at(m, pa + at), PAGE);
			__asm__ volatile("" : : "r"(buffer) : "memory");
		}
	}
}

static double now(void)
{
	struct timespec t;

	check(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t));
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void least(double *best, double since)
{
	const double took = now() - since;

	if (!*best || took < *best)
		*best = took;
}

struct cost {
	double capture, write, copy;
};

static struct cost times(struct machine *m, struct gpuas_core *core, uint64_t size, uint64_t piece)
{
	struct cost cost = { 0 };
	unsigned int turn, i;
	double since;

	for (turn = 0; turn < TURNS; turn++) {
		since = now();
		for (i = 0; i < CAPTURES; i++)
			capture(m);
		least(&cost.capture, since);
		lay_out(m, core);
		since = now();
		write_core(core);
		least(&cost.write, since);
		since = now();
		copy_pages(m, size, piece);
		least(&cost.copy, since);
	}
	cost.capture /= CAPTURES;
	return cost;
}

static struct cost counts(struct machine *m, struct gpuas_core *core, uint64_t size,
			  uint64_t piece)
{
	struct cost cost;

	count_start();
	capture(m);
	cost.capture = (double)count_stop();
	lay_out(m, core);
	count_start();
	write_core(core);
	cost.write = (double)count_stop();
	count_start();
	copy_pages(m, size, piece);
	cost.copy = (double)count_stop();
	return cost;
}

static void shape(const char *name, uint64_t size, uint64_t piece, bool count)
{
	const double leaves = (double)(size / PAGE);
	struct gpuas_core core;
	struct machine m;
	struct cost cost;

	machine_start(&m, size);
	fill(&m, size, piece);
	cost = count ? counts(&m, &core, size, piece) : times(&m, &core, size, piece);
	printf("%-22s %8u", name, m.snapshot.extents);
	if (count)
		printf(" %10.1f %12.1f\n", cost.capture / leaves,
		       (cost.write - cost.copy) / leaves);
	else
		printf(" %10.1f %12.2f %12.2f %7.2f %s\n", leaves / cost.capture / 1e6,
		       (double)size / cost.write / 1e9, (double)size / cost.copy / 1e9,
		       cost.copy / cost.write, verdict(cost.copy >= 0.8 * cost.write));
	fflush(stdout);
	machine_end(&m);
}

static void shapes(bool count)
{
	const uint64_t size = count ? PAGES_SIZE / 16 : PAGES_SIZE;

	printf("%llu MiB of pages%s\n%-22s %8s", (unsigned long long)(size >> 20),
	       count ? ": instructions per leaf" : "; target: core at least 0.80 of memcpy", "",
	       "extents");
	if (count)
		printf(" %10s %12s\n", "capture", "core-memcpy");
	else
		printf(" %10s %12s %12s %7s\n", "M leaves/s", "core GB/s", "memcpy GB/s", "ratio");
	shape("one range", size, size, count);
	shape("pieces of 64 KiB", size, 4 * PAGE, count);
	shape("single pages", size, PAGE, count);
}

static void *write_thread(void *core)
{
	write_core(core);
	return NULL;
}

/* Bytes of stack that the writer, and a thread around it, have touched. */
static size_t stack_of(struct gpuas_core *core)
{
	static uint8_t stack[STACK] __attribute__((aligned(4096)));
	pthread_attr_t attr;
	pthread_t thread;
	size_t i;

	memset(stack, PAINT, sizeof(stack));
	check(!pthread_attr_init(&attr) && !pthread_attr_setstack(&attr, stack, sizeof(stack)));
	check(!pthread_create(&thread, &attr, write_thread, core) && !pthread_join(thread, NULL));
	pthread_attr_destroy(&attr);
	for (i = 0; i < sizeof(stack) && stack[i] == PAINT; i++)
		;
	return sizeof(stack) - i;
}

/* What a writer takes, and what its caller has for the list of ranges. */
static size_t memory(uint64_t size, uint64_t piece)
{
	struct gpuas_core core;
	struct machine m;
	size_t writer;

	machine_start(&m, 16ULL << 20);
	fill(&m, size, piece);
	capture(&m);
	lay_out(&m, &core);
	writer = sizeof(core) + BUFFER + stack_of(&core);
	printf("%8llu %8llu %10llu %10zu %8u %12zu %10zu\n", (unsigned long long)(size >> 20),
	       (unsigned long long)(piece >> 10), (unsigned long long)(core.size >> 10), writer,
	       m.snapshot.extents, m.snapshot.extents * sizeof(*m.extent),
	       m.tables * sizeof(*m.seen));
	machine_end(&m);
	return writer;
}

static void memories(void)
{
	size_t small, large;

	printf("\nMemory: the writer has %zu bytes of state, a buffer of %d, and its stack; a range of the "
	       "list has %zu\n%8s %8s %10s %10s %8s %12s %10s\n", sizeof(struct gpuas_core), BUFFER,
	       sizeof(struct gpuas_snap_extent), "MiB", "of KiB", "core KiB", "writer", "extents",
	       "their list", "tables'");
	small = memory(16ULL << 20, 16ULL << 20);
	large = memory(GIB, GIB);
	memory(16ULL << 20, 4 * PAGE);
	memory(GIB, 4 * PAGE);
	printf("the writer's peak for 1 GiB is that for 16 MiB: %zu, %zu bytes: %s\n", large, small,
	       verdict(large == small));
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		count_init(argv[1]);
		shapes(true);
		return 0;
	}
	shapes(false);
	memories();
	puts(all_met ? "\nAll targets met." : "\nNOT all targets met.");
	return all_met ? 0 : 1;
}
