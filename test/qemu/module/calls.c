// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Reserve, protect, replace and gather, in our window of the shared half: what each left. */
#include <linux/device.h>
#include <linux/mm.h>

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

/* The tables of the map come from the reserve, to the last one. */
static int reserve(struct test *test)
{
	struct gpuas_linux *as = test->as;
	unsigned long tables;
	uint32_t reserved;
	int err;

	err = gpuas_linux_reserve(as, page_va(test, 0), 2 * GRANULE);
	if (err)
		return err;
	tables = as->tables;
	reserved = as->space.spares;
	err = gpuas_linux_map(as, page_va(test, 0), page_pa(test, 0), GRANULE, both);
	dev_info(as->dev,
		 "gpuas: selftest: reserve: %u tables, error %d, %u left, %lu more came\n",
		 reserved, err, as->space.spares, as->tables - tables);
	gpuas_linux_unreserve(as);
	return err || as->space.spares ? -EIO : 0;
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

int gpuas_test_calls(struct test *test)
{
	int err = reserve(test);

	if (!err)
		err = change(test);
	if (!err)
		err = gather(test);
	return err;
}
