// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Reserve, protect, replace and gather, in our window of the shared half: what each left. */
#include <linux/device.h>
#include <linux/mm.h>

#include "driver.h"

static const gpuas_attr_t read = GPUAS_GPU_READ | GPUAS_FW_READ |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;
static const gpuas_attr_t both = GPUAS_GPU_READ | GPUAS_FW_READ |
				 GPUAS_GPU_WRITE | GPUAS_FW_WRITE |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;

static gpuas_va_t page_va(const struct gpu *gpu, unsigned int i)
{
	return gpuas_va(gpuas_va_u64(gpu->as.manifest.host.va) + i * GRANULE);
}

static gpuas_pa_t page_pa(const struct gpu *gpu, unsigned int i)
{
	return gpuas_pa(page_to_phys(gpu->selftest.chunk[i]));
}

static const char *found(struct gpu *gpu, unsigned int i, gpuas_attr_t attr)
{
	gpuas_attr_t has;
	gpuas_pa_t pa;
	int err = gpuas_linux_translate(&gpu->as, page_va(gpu, 0), &pa, &has);

	return !err && pa == page_pa(gpu, i) && has == attr ? "right" : "wrong";
}

/* The tables of the map come from the reserve, to the last one. */
static int reserve(struct gpu *gpu)
{
	struct gpuas_linux *as = &gpu->as;
	unsigned long tables;
	uint32_t reserved;
	int err;

	err = gpuas_linux_reserve(as, page_va(gpu, 0), 2 * GRANULE);
	if (err)
		return err;
	tables = as->tables;
	reserved = as->space.spares;
	err = gpuas_linux_map(as, page_va(gpu, 0), page_pa(gpu, 0), GRANULE, both);
	dev_info(as->dev,
		 "gpuas: selftest: reserve: %u tables, error %d, %u left, %lu more came\n",
		 reserved, err, as->space.spares, as->tables - tables);
	gpuas_linux_unreserve(as);
	return err || as->space.spares ? -EIO : 0;
}

static int change(struct gpu *gpu)
{
	const struct gpuas_extent other = { page_pa(gpu, 1), GRANULE };
	unsigned long flushes = gpu->flushes;
	int err = gpuas_linux_protect(&gpu->as, page_va(gpu, 0), GRANULE, read);

	dev_info(gpu->as.dev, "gpuas: selftest: protect: error %d, %s, %lu flushes\n",
		 err, found(gpu, 0, read), gpu->flushes - flushes);
	if (err)
		return err;
	flushes = gpu->flushes;
	err = gpuas_linux_replace(&gpu->as, page_va(gpu, 0), &other, 1, both);
	dev_info(gpu->as.dev, "gpuas: selftest: replace: error %d, %s, %lu flushes\n",
		 err, found(gpu, 1, both), gpu->flushes - flushes);
	return err;
}

/* Two pages are mapped, and unmapped one by one: nothing is flushed before the end. */
static int gather(struct gpu *gpu)
{
	unsigned long flushes = gpu->flushes, before;
	struct gpuas_space *space = gpuas_linux_gather_begin(&gpu->as);
	int err;

	if (!space)
		return -ENODEV;
	err = gpuas_map(space, page_va(gpu, 1), page_pa(gpu, 0), GRANULE, both);
	if (!err)
		err = gpuas_unmap(space, page_va(gpu, 0), GRANULE);
	if (!err)
		err = gpuas_unmap(space, page_va(gpu, 1), GRANULE);
	before = gpu->flushes - flushes;
	gpuas_linux_gather_end(&gpu->as);
	dev_info(gpu->as.dev,
		 "gpuas: selftest: gather: error %d, %lu flushes before its end, %lu after, %lu tables left\n",
		 err, before, gpu->flushes - flushes, gpu->as.tables);
	return err;
}

int selftest_calls(struct gpu *gpu)
{
	int err = reserve(gpu);

	if (!err)
		err = change(gpu);
	if (!err)
		err = gather(gpu);
	return err;
}
