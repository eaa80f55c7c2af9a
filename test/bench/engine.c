// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdlib.h>

#include <gpuas/pool.h>

#include "bench.h"

#define ATTR (GPUAS_GPU_READ | GPUAS_GPU_WRITE | GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED)

enum bench_host bench_host;

struct engine {
	struct gpuas_space space; /* first: what is handed around is a pointer to it */
	struct gpuas_env env;
	struct arena arena;
	struct gpuas_pool pool;
	struct gpuas_space reader;
	struct gpuas_env read_env;
	uint64_t lent; /* the table that the handle is opened at, of nobody here; or 0 */
	unsigned long flushes;
	unsigned long cleans;
};

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct engine *e = ctx;
	uint64_t pa = arena_alloc(&e->arena);

	(void)size;
	if (!pa)
		return -GPUAS_ENOMEM;
	*table = &e->arena.records[(pa - ARENA_PA) >> e->arena.shift];
	(*table)->pa = gpuas_pa(pa);
	(*table)->ptr = arena_ptr(&e->arena, pa);
	return 0;
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct engine *e = ctx;

	(void)size;
	arena_free(&e->arena, gpuas_pa_u64(table->pa));
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	const struct engine *e = ctx;
	uint64_t n = (gpuas_pa_u64(pa) - ARENA_PA) >> e->arena.shift;

	return n < ARENA_SIZE >> 12 ? &e->arena.records[n] : NULL;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct engine *e = ctx;
	uint64_t offset = gpuas_pa_u64(pa) - ARENA_PA;

	if (offset > ARENA_SIZE - size)
		return NULL;
	return arena_ptr(&e->arena, gpuas_pa_u64(pa));
}

static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct engine *e = ctx;

	(void)va;
	(void)size;
	e->flushes++;
}

static void clean(void *ctx, const void *ptr, size_t size)
{
	struct engine *e = ctx;

	(void)ptr;
	(void)size;
	e->cleans++;
}

/* The first table of level 1, in a tree of three levels. */
static int open_below(struct engine *e, const struct gpuas_geometry *geo)
{
	const unsigned int shift = geo->format->granule_shift + 2u * geo->format->index_bits;
	const struct gpuas_range window = { gpuas_va(0), 1ULL << shift };

	e->lent = arena_alloc(&e->arena);
	memset(arena_ptr(&e->arena, e->lent), 0, e->arena.table);
	return gpuas_space_adopt_at(&e->space, geo, 1, &window, gpuas_pa(e->lent), &e->env);
}

static void open_reader(struct engine *e, const struct gpuas_geometry *geo)
{
	const struct gpuas_range none = { gpuas_va(0), 0 };

	e->read_env = (struct gpuas_env){ .ctx = e, .table_ptr = table_ptr };
	check(!gpuas_space_adopt(&e->reader, geo, &none, e->space.root, &e->read_env));
}

static void *engine_create(const struct gpuas_geometry *geo)
{
	const struct gpuas_range window = { gpuas_va(0), 1ULL << geo->va_bits };
	struct engine *e = calloc(1, sizeof(*e));

	arena_init(&e->arena, geo->format->granule_shift);
	e->env = (struct gpuas_env){
		.ctx = e,
		.table_alloc = table_alloc,
		.table_free = table_free,
		.table_record = table_record,
		.table_ptr = table_ptr,
		.flush = flush,
	};
	if (bench_host == HOST_CLEAN)
		e->env.clean = clean;
	if (bench_host == HOST_POOL) {
		check(!gpuas_pool_init(&e->pool, gpuas_pa(ARENA_PA), ARENA_SIZE, e->arena.table,
				       e->arena.base, e->arena.records,
				       (uint32_t)(ARENA_SIZE >> e->arena.shift)));
		gpuas_pool_env(&e->pool, &e->env);
	}
	check(!(bench_host == HOST_BELOW ? open_below(e, geo) :
					   gpuas_space_create(&e->space, geo, &window, &e->env)));
	if (bench_host == HOST_READ)
		open_reader(e, geo);
	return e;
}

static void engine_destroy(void *ctx)
{
	struct engine *e = ctx;

	gpuas_space_release(&e->space);
	if (e->lent)
		arena_free(&e->arena, e->lent);
	check(!e->pool.used);
	check(!e->arena.live);
	arena_exit(&e->arena);
	free(e);
}

static int engine_map(void *ctx, uint64_t va, uint64_t pa, uint64_t size)
{
	return gpuas_map(ctx, gpuas_va(va), gpuas_pa(pa), size, ATTR);
}

static int engine_map_list(void *ctx, uint64_t va, const struct gpuas_extent *list,
			   unsigned int pieces)
{
	return gpuas_map_list(ctx, gpuas_va(va), list, pieces, ATTR);
}

static int engine_unmap(void *ctx, uint64_t va, uint64_t size)
{
	return gpuas_unmap(ctx, gpuas_va(va), size);
}

static int engine_translate(void *ctx, uint64_t va, uint64_t *pa)
{
	return gpuas_translate(ctx, gpuas_va(va), (gpuas_pa_t *)pa, NULL);
}

static int reader_translate(void *ctx, uint64_t va, uint64_t *pa)
{
	const struct engine *e = ctx;

	return gpuas_translate(&e->reader, gpuas_va(va), (gpuas_pa_t *)pa, NULL);
}

static void engine_gather(void *ctx, bool begin)
{
	begin ? gpuas_gather_begin(ctx) : gpuas_gather_end(ctx);
}

const struct bench_ops bench_gpuas = {
	.name = "libgpuas",
	.create = engine_create,
	.destroy = engine_destroy,
	.map = engine_map,
	.map_list = engine_map_list,
	.unmap = engine_unmap,
	.translate = engine_translate,
	.gather = engine_gather,
};

/* What its row takes. */
const struct bench_ops bench_reader = {
	.create = engine_create,
	.destroy = engine_destroy,
	.map = engine_map,
	.translate = reader_translate,
};
