// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What the kernel's own io-pgtable takes for as many pages as gpuas-test scatter binds, in
 * the same guest: mapped one by one, as no two are neighbours, and unmapped. When it is
 * loaded, it says so, and it does not stay.
 */
#include <linux/io-pgtable.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/sched.h>

#define VA	SZ_4G
#define PA	SZ_1G
#define PAGE	SZ_16K
#define FRAMES	4096
#define ROUNDS	12

static unsigned int pages = 100000;
module_param(pages, uint, 0400);

static void nothing(void *cookie)
{
}

static void nothing_of(unsigned long va, size_t size, size_t granule, void *cookie)
{
}

static const struct iommu_flush_ops flush = {
	.tlb_flush_all = nothing,
	.tlb_flush_walk = nothing_of,
};

static u64 pa_of(unsigned int i)
{
	return PA + (u64)((i * 389 + i / FRAMES) % FRAMES) * PAGE;
}

static int map(struct io_pgtable_ops *io)
{
	unsigned int i;
	size_t mapped;
	int err = 0;

	for (i = 0; i < pages && !err; i++) {
		mapped = 0;
		err = io->map_pages(io, VA + (u64)i * PAGE, pa_of(i), PAGE, 1,
				    IOMMU_READ | IOMMU_CACHE, GFP_KERNEL, &mapped);
	}
	return err;
}

static int unmap(struct io_pgtable_ops *io)
{
	u64 va = VA, size = (u64)pages * PAGE;
	size_t done = 1;

	for (; size && done; va += done, size -= done)
		done = io->unmap_pages(io, va, PAGE, size / PAGE, NULL);
	return size ? -ENOENT : 0;
}

static int measure(struct device *dev, u64 *least_map, u64 *least_unmap)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = PAGE,
		.ias = 39,
		.oas = 40,
		.coherent_walk = true,
		.tlb = &flush,
		.iommu_dev = dev,
	};
	struct io_pgtable_ops *io = alloc_io_pgtable_ops(ARM_64_LPAE_S1, &cfg, NULL);
	u64 start, middle, end;
	int err;

	if (!io)
		return -ENOMEM;
	start = ktime_get_ns();
	err = map(io);
	middle = ktime_get_ns();
	if (!err)
		err = unmap(io);
	end = ktime_get_ns();
	*least_map = min(*least_map, middle - start);
	*least_unmap = min(*least_unmap, end - middle);
	free_io_pgtable_ops(io);
	return err;
}

static int __init iopgtable_init(void)
{
	struct platform_device *dev;
	u64 map_ns = U64_MAX, unmap_ns = U64_MAX;
	int round, err = 0;

	dev = platform_device_register_simple("gpuas-iopgtable", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	for (round = 0; round < ROUNDS && !err; round++) {
		err = measure(&dev->dev, &map_ns, &unmap_ns);
		cond_resched();
	}
	platform_device_unregister(dev);
	if (err)
		return err;
	pr_info("gpuas-iopgtable: %u pages, map %llu ns, unmap %llu ns\n", pages, map_ns, unmap_ns);
	return -EAGAIN;
}

module_init(iopgtable_init);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("How long io-pgtable takes for scattered pages");
