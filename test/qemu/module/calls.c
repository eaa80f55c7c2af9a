// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Tokens, protect, replace and gather, in our window of the shared half: what each left. And
 * handles that must not be adopted, or that are for walkers unlike ours.
 */
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "test.h"

static const gpuas_attr_t read = GPUAS_GPU_READ | GPUAS_FW_READ |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;
static const gpuas_attr_t both = GPUAS_GPU_READ | GPUAS_FW_READ |
				 GPUAS_GPU_WRITE | GPUAS_FW_WRITE |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;

static gpuas_va_t page_va(const struct test *test, unsigned int i)
{
	return gpuas_va(gpuas_va_u64(test->as->manifest.host.va) + i * GRANULE);
}

static gpuas_pa_t page_pa(const struct test *test, unsigned int i)
{
	return gpuas_pa(page_to_phys(test->chunk[i]));
}

static const char *found(struct test *test, unsigned int i, gpuas_attr_t attr)
{
	gpuas_attr_t has;
	gpuas_pa_t pa;
	int err = gpuas_linux_translate(test->as, page_va(test, 0), &pa, &has);

	return !err && pa == page_pa(test, i) && has == attr ? "right" : "wrong";
}

/* The tables of the map come from the token, to the last one; without them, nothing happens. */
static int token(struct test *test)
{
	const struct gpuas_extent piece = { page_pa(test, 0), GRANULE };
	const struct gpuas_op op = {
		.kind = GPUAS_OP_MAP, .attr = both, .va = page_va(test, 0), .size = GRANULE,
		.list = &piece, .pieces = 1,
	};
	struct gpuas_linux *as = test->as;
	struct gpuas_token token;
	unsigned long before;
	uint32_t tables = 0;
	int err, without;

	err = gpuas_linux_token(as, &token);
	if (err)
		return err;
	without = gpuas_linux_ops_apply(as, &op, 1, &token);
	err = gpuas_linux_ops_count(as, &op, 1, &tables);
	if (!err)
		err = gpuas_token_fill(&token, tables);
	before = as->tables;
	if (!err)
		err = gpuas_linux_ops_apply(as, &op, 1, &token);
	dev_info(as->dev,
		 "gpuas: selftest: token: without: error %d; %u tables, error %d, %u left, %lu more came\n",
		 without, tables, err, token.spares, as->tables - before);
	gpuas_linux_token_flush(as, &token);
	if (gpuas_linux_token_drain(as, &token) || without != -ENOMEM)
		return -EIO;
	return err;
}

static int change(struct test *test)
{
	const struct gpuas_extent other = { page_pa(test, 1), GRANULE };
	unsigned long flushes = test->gpu->flushes;
	int err = gpuas_linux_protect(test->as, page_va(test, 0), GRANULE, read);

	dev_info(test->as->dev, "gpuas: selftest: protect: error %d, %s, %lu flushes\n",
		 err, found(test, 0, read), test->gpu->flushes - flushes);
	if (err)
		return err;
	flushes = test->gpu->flushes;
	err = gpuas_linux_replace(test->as, page_va(test, 0), &other, 1, both);
	dev_info(test->as->dev, "gpuas: selftest: replace: error %d, %s, %lu flushes\n",
		 err, found(test, 1, both), test->gpu->flushes - flushes);
	return err;
}

/* Two pages are mapped, and unmapped one by one: nothing is flushed before the end. */
static int gather(struct test *test)
{
	unsigned long flushes = test->gpu->flushes, before;
	struct gpuas_space *space = gpuas_linux_gather_begin(test->as);
	int err;

	if (!space)
		return -ENODEV;
	err = gpuas_map(space, page_va(test, 1), page_pa(test, 0), GRANULE, both);
	if (!err)
		err = gpuas_unmap(space, page_va(test, 0), GRANULE);
	if (!err)
		err = gpuas_unmap(space, page_va(test, 1), GRANULE);
	before = test->gpu->flushes - flushes;
	gpuas_linux_gather_end(test->as);
	dev_info(test->as->dev,
		 "gpuas: selftest: gather: error %d, %lu flushes before its end, %lu after, %lu tables left\n",
		 err, before, test->gpu->flushes - flushes, test->as->tables);
	return err;
}

/* Nobody adopts what walkers use without telling them of changes. */
static int no_flush(struct test *test)
{
	struct gpuas_linux *as = kzalloc(sizeof(*as), GFP_KERNEL);
	struct gpuas_report report = { };
	int err;

	if (!as)
		return -ENOMEM;
	gpuas_linux_init(as, test->as->dev, test->as->board, NULL);
	err = gpuas_linux_adopt(as, &report);
	dev_info(test->as->dev, "gpuas: selftest: no flush: error %d, %s\n", err,
		 report.text.buf);
	gpuas_linux_release(as);
	gpuas_linux_exit(as);
	kfree(as);
	return err == -EINVAL ? 0 : -EIO;
}

static void ignore(void *ctx, gpuas_va_t va, uint64_t size)
{
}

/* Page tables and no more need neither a device nor a board. */
static int no_board(struct test *test)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_lpae_16k, .va_bits = 39, .pa_bits = 40,
	};
	const struct gpuas_range half = { gpuas_va(0), 1ULL << geo.va_bits };
	struct gpuas_linux *as = kzalloc(sizeof(*as), GFP_KERNEL);
	struct gpuas_report report = { };
	struct gpuas_token token = { };
	int refused, err;

	if (!as)
		return -ENOMEM;
	gpuas_linux_init(as, NULL, NULL, ignore);
	refused = gpuas_linux_adopt(as, &report);
	err = gpuas_linux_create(as, &geo, &half);
	if (!err)
		err = gpuas_linux_map(as, gpuas_va(GRANULE), page_pa(test, 0), GRANULE, both);
	dev_info(test->as->dev,
		 "gpuas: selftest: no board: map: error %d, %lu tables; adopt: error %d, %s\n", err,
		 as->tables, refused, report.text.buf);
	if (!err)
		err = gpuas_linux_token(as, &token);
	gpuas_linux_release(as);
	/* Who was between two holds of the lock when that happened */
	if (!err)
		err = gpuas_token_fill(&token, 2);
	dev_info(test->as->dev, "gpuas: selftest: fill after release: error %d, %lu tables\n", err,
		 as->tables);
	gpuas_linux_token_drain(as, &token);
	gpuas_linux_exit(as);
	kfree(as);
	return err;
}

static struct {
	int (*alloc)(void *ctx, size_t size, struct gpuas_table **table);
	unsigned long locked;
	void (*clean)(void *ctx, const void *ptr, size_t size);
	unsigned long calls;
	unsigned long bytes;
} counted;

static void count_clean(void *ctx, const void *ptr, size_t size)
{
	counted.calls++;
	counted.bytes += size;
	counted.clean(ctx, ptr, size);
}

/* Nobody but us has the handle. */
static int count_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct gpuas_linux *as = ctx;

	counted.locked += mutex_is_locked(&as->lock);
	return counted.alloc(ctx, size, table);
}

static int map_cleaned(struct test *test, struct gpuas_linux *as)
{
	struct gpuas_geometry geo = test->as->manifest.geo;
	const struct gpuas_range half = { gpuas_va(0), 1ULL << geo.va_bits };
	int err;

	geo.upper = false;
	err = gpuas_linux_create(as, &geo, &half);
	if (!err)
		err = gpuas_linux_map(as, gpuas_va(0), page_pa(test, 0), GRANULE,
				      GPUAS_GPU_READ | GPUAS_FW_READ | GPUAS_MEM_SHARED);
	dev_info(as->dev, "gpuas: selftest: clean: error %d, %lu tables, %lu calls, %lu bytes\n",
		 err, as->tables, counted.calls, counted.bytes);
	dev_info(as->dev, "gpuas: selftest: lock: %lu tables allocated with it held\n",
		 counted.locked);
	if (counted.locked)
		err = -EIO;
	if (!err && counted.bytes < as->tables * GRANULE)
		err = -EIO;
	gpuas_linux_release(as);
	return err;
}

/* Where walkers do not see the CPU's caches, each table and entry is written to memory. */
static int clean(struct test *test)
{
	struct gpuas_board board = *test->as->board;
	struct gpuas_linux *as = kzalloc(sizeof(*as), GFP_KERNEL);
	int err = -EIO;

	if (!as)
		return -ENOMEM;
	board.incoherent = true;
	gpuas_linux_init(as, test->as->dev, &board, NULL);
	counted.clean = as->env.clean;
	counted.calls = 0;
	counted.bytes = 0;
	as->env.clean = count_clean;
	counted.alloc = as->env.table_alloc;
	counted.locked = 0;
	as->env.table_alloc = count_alloc;
	if (counted.clean && as->env.invalidate && !test->as->env.clean)
		err = map_cleaned(test, as);
	gpuas_linux_exit(as);
	kfree(as);
	return err;
}

int gpuas_test_calls(struct test *test)
{
	int err = no_flush(test);

	if (!err)
		err = no_board(test);
	if (!err)
		err = clean(test);
	if (!err)
		err = token(test);

	if (!err)
		err = change(test);
	if (!err)
		err = gather(test);
	return err;
}
