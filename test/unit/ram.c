// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

void *ram_at(struct ram *ram, uint64_t pa, uint64_t size)
{
	if (pa < RAM_BASE || size > RAM_SIZE || pa - RAM_BASE > RAM_SIZE - size)
		return NULL;
	return ram->mem + (pa - RAM_BASE);
}

static bool taken(const struct ram *ram, unsigned int i)
{
	return ram->owned[i] || (ram->other && ram->other->owned[i]);
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct ram *ram = ctx;
	unsigned int i;

	assert_int_equal(size, RAM_GRANULE);
	if (ram->fail_at && !--ram->fail_at)
		return -GPUAS_ENOMEM;
	for (i = 0; i < RAM_TABLES && taken(ram, i); i++)
		;
	if (i == RAM_TABLES)
		return -GPUAS_ENOMEM;
	ram->owned[i] = 1;
	ram->allocs++;
	*table = ram->record[i] = calloc(1, sizeof(**table));
	assert_non_null(*table);
	(*table)->pa = gpuas_pa(RAM_BASE + i * (uint64_t)RAM_GRANULE);
	(*table)->ptr = ram_at(ram, gpuas_pa_u64((*table)->pa), RAM_GRANULE);
	return 0;
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	struct ram *ram = ctx;
	uint64_t off = gpuas_pa_u64(pa) - RAM_BASE;

	if (off >= RAM_SIZE || off % RAM_GRANULE || !ram->owned[off / RAM_GRANULE])
		return NULL;
	return ram->record[off / RAM_GRANULE];
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct ram *ram = ctx;
	uint64_t i = (gpuas_pa_u64(table->pa) - RAM_BASE) / RAM_GRANULE;

	assert_int_equal(size, RAM_GRANULE);
	assert_in_range(i, 0, RAM_TABLES - 1);
	if (!ram->owned[i] || ram->record[i] != table)
		fail_msg("free of table %u, which is not owned", (unsigned int)i);
	ram->owned[i] = 0;
	ram->frees++;
	ram->flushed_before_free = ram->flushes != 0;
	/* Whoever still uses a freed table finds garbage; its record, no memory. */
	memset(table->ptr, 0xa5, RAM_GRANULE);
	ram->record[i] = NULL;
	free(table);
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	return ram_at(ctx, gpuas_pa_u64(pa), size);
}

static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct ram *ram = ctx;

	ram->flushes++;
	ram->frees_at_flush = ram->frees;
	ram->flush_va = va;
	ram->flush_size = size;
}

static struct ram *ram_over(uint8_t *mem)
{
	struct ram *ram = calloc(1, sizeof(*ram));
	const struct gpuas_env env = {
		.ctx = ram,
		.table_alloc = table_alloc,
		.table_free = table_free,
		.table_record = table_record,
		.table_ptr = table_ptr,
		.flush = flush,
	};

	assert_non_null(ram);
	ram->mem = mem;
	ram->env = env;
	return ram;
}

struct ram *ram_new(void)
{
	uint8_t *mem = aligned_alloc(RAM_GRANULE, RAM_SIZE);

	assert_non_null(mem);
	memset(mem, 0xa5, RAM_SIZE);
	return ram_over(mem);
}

struct ram *ram_share(struct ram *ram)
{
	struct ram *share = ram_over(ram->mem);

	assert_null(ram->other);
	share->other = ram;
	ram->other = share;
	return share;
}

/* Of the last copy, for the next: new pages take much longer than the copying. */
static uint8_t *spare;

void ram_delete(struct ram *ram)
{
	unsigned int i;

	for (i = 0; i < RAM_TABLES; i++)
		free(ram->record[i]);
	if (ram->other)
		ram->other->other = NULL;
	else if (ram->copy && !spare)
		spare = ram->mem;
	else
		free(ram->mem);
	free(ram);
}

unsigned int ram_owned(const struct ram *ram)
{
	unsigned int i, count = 0;

	for (i = 0; i < RAM_TABLES; i++)
		count += ram->owned[i];
	return count;
}

struct ram *ram_copy(const struct ram *ram)
{
	uint8_t *mem = spare ? spare : aligned_alloc(RAM_GRANULE, RAM_SIZE);
	struct ram *copy;

	assert_non_null(mem);
	spare = NULL;
	copy = ram_over(mem);
	copy->copy = true;
	memcpy(copy->mem, ram->mem, RAM_SIZE);
	memcpy(copy->owned, ram->owned, sizeof(ram->owned));
	return copy;
}

bool ram_equal(const struct ram *a, const struct ram *b)
{
	return !memcmp(a->owned, b->owned, sizeof(a->owned)) &&
	       !memcmp(a->mem, b->mem, RAM_SIZE);
}
