// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "walk.h"

/* What a table is that is not free. */
enum { OWN = 1, LENT = 2 };

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	struct arena *arena = ctx;
	uint64_t off = gpuas_pa_u64(pa) - ARENA_PA, i = off >> arena->shift;

	if (off >= ARENA_SIZE || (off & mask(arena->shift)) || arena->owned[i] != OWN)
		return NULL;
	return &arena->table[i];
}

static struct gpuas_table *hand_out(struct arena *arena, unsigned int i)
{
	struct gpuas_table *table = &arena->table[i];
	uint64_t off = (uint64_t)i << arena->shift;

	bool zero = arena->trust && table->zero;

	memset(table, 0, sizeof(*table));
	table->zero = zero;
	table->ptr = (uint64_t *)(void *)(arena->mem + off);
	table->pa = gpuas_pa(ARENA_PA + off);
	arena->owned[i] = OWN;
	return table;
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct arena *arena = ctx;
	unsigned int i;

	if (arena->fail_at && !--arena->fail_at) {
		arena->refused++;
		return -GPUAS_ENOMEM;
	}
	for (i = 0; i < ARENA_SIZE >> arena->shift; i++) {
		if (arena->owned[i] || size != (size_t)1 << arena->shift)
			continue;
		*table = hand_out(arena, i);
		arena->tables++;
		return 0;
	}
	arena->refused++;
	return -GPUAS_ENOMEM;
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct arena *arena = ctx;
	bool zero;

	if (table_record(ctx, table->pa) != table || size != (size_t)1 << arena->shift) {
		say("not ok - a table is freed that is not owned: %x\n", gpuas_pa_u64(table->pa));
		hw_exit(1);
	}
	arena->owned[table - arena->table] = 0;
	arena->tables--;
	/* Whoever still uses the record finds nothing that is right. */
	zero = table->zero;
	memset(table, 0xa5, sizeof(*table));
	table->zero = zero;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct arena *arena = ctx;
	uint64_t off = gpuas_pa_u64(pa) - ARENA_PA;

	if (off > ARENA_SIZE - size)
		return NULL;
	return (uint64_t *)(void *)(arena->mem + off);
}

static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct arena *arena = ctx;

	(void)va;
	(void)size;
	arena->flushes++;
}

/* What was written gets to where the walker looks, and only what was written. */
static void clean(void *ctx, const void *ptr, size_t size)
{
	struct arena *arena = ctx;
	size_t off = (size_t)((const uint8_t *)ptr - arena->mem);

	if (off > ARENA_SIZE - size) {
		say("not ok - what is cleaned is in a table\n");
		hw_exit(1);
	}
	memcpy(arena->walker + off, ptr, size);
}

void arena_open(struct arena *arena, void *mem, void *walker, unsigned int shift)
{
	const struct gpuas_env env = {
		.ctx = arena,
		.table_alloc = table_alloc,
		.table_free = table_free,
		.table_record = table_record,
		.table_ptr = table_ptr,
		.flush = flush,
		.clean = walker ? clean : NULL,
	};

	memset(arena, 0, sizeof(*arena));
	arena->mem = mem;
	arena->walker = walker;
	arena->shift = shift;
	arena->env = env;
}

void arena_init(struct arena *arena, void *mem, void *walker, unsigned int shift)
{
	arena_open(arena, mem, walker, shift);
	/* Whoever relies on new tables being zero finds garbage. */
	memset(mem, 0xa5, ARENA_SIZE);
	if (walker)
		memset(walker, 0xa5, ARENA_SIZE);
}

void arena_own(struct arena *arena)
{
	unsigned int i;

	for (i = 0; i < ARENA_SIZE >> arena->shift; i++)
		hand_out(arena, i);
}

uint64_t *arena_table(const struct arena *arena, uint64_t table)
{
	return (uint64_t *)(void *)(arena->mem + (table - ARENA_PA));
}

void arena_write(struct arena *arena, uint64_t table, unsigned int index, uint64_t entry)
{
	uint64_t *slot = arena_table(arena, table) + index;

	*slot = entry;
	if (arena->walker)
		clean(arena, slot, sizeof(*slot));
}

uint64_t arena_lend(struct arena *arena)
{
	size_t size = (size_t)1 << arena->shift;
	unsigned int i = ARENA_SIZE >> arena->shift;
	uint64_t table;

	while (arena->owned[--i])
		;
	arena->owned[i] = LENT;
	table = ARENA_PA + ((uint64_t)i << arena->shift);
	memset(arena_table(arena, table), 0, size);
	if (arena->walker)
		clean(arena, arena_table(arena, table), size);
	return table;
}
