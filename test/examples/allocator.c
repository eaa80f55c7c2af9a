// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Bring your own allocator: the engine in a program of yours, with nothing else of
 * this project. Build it with GPUAS_ENGINE_SRCS of lib/sources.mk, or link
 * libgpuas.a; include/gpuas/env.h says what each callback promises.
 *
 * Here tables come from a piece of RAM, at PAs that the GPU knows it by. What is
 * known of them is kept beside it, and not in the tables: others may write there.
 */
#include <stdio.h>
#include <stdlib.h>

#include <gpuas/space.h>

#define RAM_PA	0x880000000ULL
#define TABLE	0x4000u
#define TABLES	8

/**
 * struct ram - Memory for tables
 * @table: where the CPU sees it
 * @record: what is known of each table
 * @used: which tables were handed out
 */
struct ram {
	unsigned char *table;
	struct gpuas_table record[TABLES];
	bool used[TABLES];
};

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct ram *ram = ctx;
	unsigned int i;

	for (i = 0; i < TABLES && size == TABLE; i++) {
		if (ram->used[i])
			continue;
		ram->used[i] = true;
		*table = &ram->record[i];
		**table = (struct gpuas_table){
			.ptr = (uint64_t *)(void *)(ram->table + i * TABLE),
			.pa = gpuas_pa(RAM_PA + (uint64_t)i * TABLE),
		};
		return 0;
	}
	return -GPUAS_ENOMEM;
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct ram *ram = ctx;

	(void)size;
	ram->used[table - ram->record] = false;
}

/* @pa was read from a table, so it may be anything. */
static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	struct ram *ram = ctx;
	uint64_t offset = gpuas_pa_u64(pa) - RAM_PA, i = offset / TABLE;

	return !(offset % TABLE) && i < TABLES && ram->used[i] ? &ram->record[i] : NULL;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_table *table = table_record(ctx, pa);

	return table && size == TABLE ? table->ptr : NULL;
}

/* Where a walker runs: DSB, invalidate its TLB for the range, wait until that is done. */
static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	(void)ctx;
	printf("# flush %#llx, %#llx bytes\n", (unsigned long long)gpuas_va_u64(va),
	       (unsigned long long)size);
}

static int use(struct gpuas_space *space)
{
	const gpuas_va_t va = gpuas_va(0x100000000ULL);
	gpuas_pa_t pa = gpuas_pa(0);
	int err;

	err = gpuas_map(space, va, gpuas_pa(0x900000000ULL), 4 * TABLE,
			GPUAS_GPU_READ | GPUAS_GPU_WRITE | GPUAS_MEM_SHARED);
	if (!err)
		err = gpuas_translate(space, va, &pa, NULL);
	printf("%s - a range is mapped and translated (%s)\n",
	       !err && gpuas_pa_u64(pa) == 0x900000000ULL ? "ok" : "not ok", gpuas_strerror(err));
	return err ? err : gpuas_unmap(space, va, 4 * TABLE);
}

int main(void)
{
	struct ram ram = { .table = aligned_alloc(TABLE, TABLES * TABLE) };
	const struct gpuas_env env = {
		.ctx = &ram,
		.table_alloc = table_alloc,
		.table_free = table_free,
		.table_record = table_record,
		.table_ptr = table_ptr,
		.flush = flush,
	};
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 40,
	};
	const struct gpuas_range window = { gpuas_va(0), 1ULL << 39 };
	struct gpuas_space space;
	unsigned int i, left = 0;
	int err;

	err = ram.table ? gpuas_space_create(&space, &geo, &window, &env) : -GPUAS_ENOMEM;
	if (!err) {
		err = use(&space);
		gpuas_space_release(&space);
	}
	for (i = 0; i < TABLES; i++)
		left += ram.used[i];
	printf("%s - and every table came back\n", !err && !left ? "ok" : "not ok");
	free(ram.table);
	return err || left;
}
