// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The firmware's own slot of the shared half, filled through the library as everybody else's. The
 * tables are reached by the identity map until they are mapped themselves.
 */
#include "fw.h"

#define GRANULE		0x4000ULL
#define TCR_EPD0	(1ULL << 7)
#define TABLE		3ULL		/* type of an entry that leads to one */

#define OWN_DATA	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED | GPUAS_GLOBAL)
#define OWN_DEVICE	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_DEVICE | GPUAS_GLOBAL)
#define FOR_GPU		(GPUAS_GPU_READ | GPUAS_FW_READ | GPUAS_MEM_SHARED | GPUAS_GLOBAL)

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct fw *fw = ctx;
	uint64_t offset = gpuas_pa_u64(pa) - fw->boot.tables;

	if (offset >= fw->boot.tables_size || size > fw->boot.tables_size - offset)
		return NULL;
	return (uint64_t *)((fw->mapped ? FW_TABLES_VA : fw->boot.tables) + offset);
}

/* The pool is the one who knows which tables are ours. */
static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct fw *fw = ctx;

	return fw->env.table_alloc(fw->env.ctx, size, table);
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct fw *fw = ctx;

	fw->env.table_free(fw->env.ctx, table, size);
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	struct fw *fw = ctx;

	return fw->env.table_record(fw->env.ctx, pa);
}

/* Both walkers forget: this CPU, and the GPU, whatever context it has. The lock is held. */
static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct fw *fw = ctx;
	int err;

	__asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
	err = gpuas_qv_smmu_invalidate(&fw->smmu, SMMU_ANY_ASID, va, size);
	if (err)
		fw_fail(err, "the SMMU does not forget");
}

static int map_own(struct fw *fw, uint64_t va, uint64_t pa, uint64_t size, gpuas_attr_t attr)
{
	int err = gpuas_map(&fw->space, gpuas_va(va), gpuas_pa(pa), size, attr);

	if (err)
		fw_log_hex("cannot map", va);
	return err;
}

static int map_all(struct fw *fw)
{
	const struct fw_boot *boot = &fw->boot;
	int err;

	err = map_own(fw, FW_TABLES_VA, boot->tables, boot->tables_size, OWN_DATA);
	if (!err)
		err = map_own(fw, FW_TTBS_VA, boot->ttbs, GRANULE, OWN_DATA);
	if (!err)
		err = map_own(fw, FW_HANDOFF_VA, boot->handoff, GRANULE, OWN_DATA);
	if (!err)
		err = map_own(fw, FW_SMMU_VA, boot->smmu, 0x20000, OWN_DEVICE);
	if (!err)
		err = map_own(fw, FW_EDU_VA, boot->edu, EDU_BAR_SIZE, OWN_DEVICE);
	if (!err)
		err = map_own(fw, FW_GICD_VA, boot->gicd, 0x10000, OWN_DEVICE);
	if (!err)
		err = map_own(fw, FW_GICR_VA, boot->gicr, boot->cpus * 0x20000, OWN_DEVICE);
	return err;
}

/*
 * Our own slot of our own root is as it stays; the first one gets it too. The last entry
 * that is published is the host's, and leads to the table that is lent to it.
 */
static void publish(const struct fw_boot *boot)
{
	uint64_t *first = (uint64_t *)boot->tables, *own = (uint64_t *)boot->root;
	uint64_t i;

	if (!boot->published)
		return;
	gpuas_publish_barrier();
	gpuas_entry_store(&own[boot->published - 1], boot->lent | TABLE);
	for (i = 0; i < boot->published; i++)
		gpuas_entry_store(&first[i], gpuas_entry_load(&own[i]));
}

/* From here on there is nothing but the shared tables. */
static void leave_identity(void)
{
	uint64_t tcr;

	__asm__ volatile("mrs %0, tcr_el1" : "=r" (tcr));
	__asm__ volatile("msr tcr_el1, %0\n\tisb\n\ttlbi vmalle1\n\tdsb sy\n\tisb"
			 : : "r" (tcr | TCR_EPD0) : "memory");
}

static void say_root(void)
{
	uint64_t root;

	__asm__ volatile("mrs %0, ttbr1_el1" : "=r" (root));
	fw_log_hex("walks the root at", root);
}

/* Up to here, the region's tables belong to the first root. */
static uint64_t tables_end(const struct fw_boot *boot)
{
	return boot->root > boot->tables ? boot->root - boot->tables : boot->tables_size;
}

int fw_space_init(struct fw *fw)
{
	static const struct gpuas_geometry geo = {
		.format = &gpuas_format_lpae_16k, .va_bits = 39, .pa_bits = 40, .upper = true,
	};
	const struct gpuas_range own = { gpuas_va(FW_OWN_VA), FW_OWN_SIZE };
	uint64_t used = fw->boot.tables_used * GRANULE, end = tables_end(&fw->boot);
	int err;

	if (used >= end)
		return -GPUAS_ENOMEM;
	err = gpuas_pool_init(&fw->pool, gpuas_pa(fw->boot.tables + used), end - used,
			      GRANULE, (void *)(fw->boot.tables + used),
			      fw->record, FW_TABLES_MAX);
	if (err)
		return err;
	gpuas_pool_env(&fw->pool, &fw->env);
	fw->tables = (struct gpuas_env){
		.ctx = fw, .table_alloc = table_alloc, .table_free = table_free,
		.table_record = table_record, .table_ptr = table_ptr,
	};
	err = gpuas_space_adopt(&fw->space, &geo, &own, gpuas_pa(fw->boot.root), &fw->tables);
	if (!err)
		err = map_all(fw);
	if (err)
		return err;
	publish(&fw->boot);
	/* New entries need no flush, but to be seen by the walker. */
	__asm__ volatile("dsb sy\n\tisb" : : : "memory");
	fw->mapped = true;
	fw->tables.flush = flush;
	fw->tables.map_flush = fw->boot.silent;
	gpuas_pool_move(&fw->pool, (void *)(FW_TABLES_VA + used));
	err = gpuas_space_reopen(&fw->space);
	leave_identity();
	say_root();
	return err;
}

static bool may_map(uint64_t va)
{
	return va >= FW_MAP_VA;
}

int fw_map(struct fw *fw, gpuas_va_t va, gpuas_pa_t pa, uint64_t size)
{
	uint64_t offset = gpuas_pa_u64(pa) - fw->boot.ram;
	int err;

	if (!may_map(gpuas_va_u64(va)))
		return -GPUAS_EPERM;
	if (offset >= fw->boot.ram_size || size > fw->boot.ram_size - offset)
		return -GPUAS_EFAULT;
	err = fw_lock(fw);
	if (err)
		return err;
	err = gpuas_map(&fw->space, va, pa, size, FOR_GPU);
	fw_unlock(fw);
	return err;
}

int fw_unmap(struct fw *fw, gpuas_va_t va, uint64_t size)
{
	int err = may_map(gpuas_va_u64(va)) ? fw_lock(fw) : -GPUAS_EPERM;

	if (err)
		return err;
	err = gpuas_unmap(&fw->space, va, size);
	fw_unlock(fw);
	return err;
}
