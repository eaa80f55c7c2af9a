/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The page-table benchmark: workloads that drive an implementation through a
 * table of operations, and instructions counted around them.
 */
#ifndef BENCH_H
#define BENCH_H

#include <gpuas/space.h>

/* What is measured. All return 0, or an error of their own. */
struct bench_ops {
	const char *name;
	void *(*create)(const struct gpuas_geometry *geo);
	void (*destroy)(void *ctx);
	int (*map)(void *ctx, uint64_t va, uint64_t pa, uint64_t size);
	int (*map_list)(void *ctx, uint64_t va, const struct gpuas_extent *list,
			unsigned int pieces); /* may be NULL */
	int (*unmap)(void *ctx, uint64_t va, uint64_t size);
	int (*translate)(void *ctx, uint64_t va, uint64_t *pa);
	void (*gather)(void *ctx, bool begin); /* may be NULL; ends with the space */
};

/* Whom the next space of bench_gpuas is for. */
enum bench_host {
	HOST_COHERENT,	/* walkers look into the CPU's cache */
	HOST_CLEAN,	/* they do not */
	HOST_POOL,	/* tables come from gpuas/pool.h */
	HOST_BELOW,	/* somebody else's root and middle table; opened at that */
	HOST_READ,	/* translates through a handle that has no tables */
};
extern enum bench_host bench_host;

extern const struct bench_ops bench_none;  /* does nothing: the harness alone */
extern const struct bench_ops bench_floor; /* no checks at all: a scale */
extern const struct bench_ops bench_gpuas;
extern const struct bench_ops bench_reader; /* the same for HOST_READ */

/*
 * Memory for tables: one arena, free tables last in, first out. A table is found
 * by one subtraction, and its record in an array.
 */
#define ARENA_SIZE	((size_t)160 << 20)
#define ARENA_PA 0x800000000ULL

struct arena {
	unsigned char *base;
	size_t table;		/* bytes of one */
	unsigned int shift;	/* log2 of that */
	unsigned int used;	/* never handed out from here on */
	unsigned int frees;	/* entries of free_list */
	unsigned int live, peak;
	unsigned int *free_list;
	struct gpuas_table *records;
};

void arena_init(struct arena *arena, unsigned int granule_shift);
void arena_exit(struct arena *arena);
uint64_t arena_alloc(struct arena *arena); /* 0 if there is no more */
void arena_free(struct arena *arena, uint64_t pa);
extern unsigned int arena_peak; /* of the arena that lived last */

static inline void *arena_ptr(const struct arena *arena, uint64_t pa)
{
	return arena->base + (pa - ARENA_PA);
}

/* Instructions between the two, as callgrind sees them. */
void count_init(const char *file);
void count_start(void);
uint64_t count_stop(void);
extern bool count_keep; /* the profiles, for callgrind_annotate */

/* One workload on a space of its own. Returns instructions; sets the number of units. */
typedef uint64_t workload_fn(const struct bench_ops *ops,
			     const struct gpuas_geometry *geo, uint64_t *units);

workload_fn work_map_page, work_unmap_page, work_unmap_page_far;
workload_fn work_map_mib, work_unmap_mib;
workload_fn work_map_gib, work_map_gib_pages, work_map_gib_scattered, work_map_gib_list;
workload_fn work_unmap_gib, work_unmap_gib_mibs, work_unmap_gib_pages;
workload_fn work_translate, work_mix;
workload_fn work_unmap_tables, work_come_page, work_come_mib, work_map_page_table;
workload_fn work_map_block, work_unmap_block, work_map_blocks, work_unmap_blocks;
workload_fn work_unmap_mixed, work_map_across, work_unmap_across;
workload_fn work_translate_block, work_translate_miss, work_destroy;
workload_fn work_list_64k, work_calls_64k, work_list_pages, work_calls_pages;
workload_fn work_gather_page, work_trace_2, work_trace_16;
extern unsigned int mix_least_tables; /* set by work_mix(): what the mix takes at least */

/* Cost as the space fills: maps of @size in one call, and single pages with @size mapped. */
uint64_t flat_map(const struct bench_ops *ops, const struct gpuas_geometry *geo, uint64_t size);
void flat_single(const struct bench_ops *ops, const struct gpuas_geometry *geo, uint64_t size,
		 uint64_t cost[3]);

/* 20,000 random operations against an array. Exits at the first difference. */
void shadow_check(const struct bench_ops *ops, const struct gpuas_geometry *geo);

void check_(int ok, const char *what, const char *file, int line);
#define check(ok) check_(!!(ok), #ok, __FILE__, __LINE__)

/* Always the same numbers: xorshift64 (Marsaglia 2003). */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif /* BENCH_H */
