// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Driver of the stand-in GPU: adopts what U-Boot built, maps and unmaps on
 * request, and proves at the end that nothing of anybody else's has changed.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/platform_device.h>

#include <gpuas/boards.h>
#include <gpuas/dump.h>

#include "driver.h"

static void print_region(struct device *dev, const struct gpuas_region *region)
{
	char va[24] = "-";

	if (region->mapped)
		snprintf(va, sizeof(va), "0x%016llx", gpuas_va_u64(region->va));
	dev_info(dev, "gpuas: region %s pa 0x%llx size 0x%llx va %s owner %s\n",
		 region->name, gpuas_pa_u64(region->pa), region->size, va,
		 gpuas_owner_name(region->owner));
}

static void print_adopted(struct gpu *gpu)
{
	const struct gpuas_handover *handover = &gpu->as.handover;
	struct device *dev = gpu->as.dev;
	unsigned int i, present = 0;

	for (i = 0; i < handover->regions; i++)
		present += handover->region[i].present;
	dev_info(dev,
		 "gpuas: adopted: %u regions, root 0x%llx, %u foreign entries, host window 0x%llx size 0x%llx, kernel pages %lu\n",
		 present, gpuas_pa_u64(handover->root), gpu->witness.entries,
		 gpuas_va_u64(handover->host.va), handover->host.size,
		 PAGE_SIZE);
	for (i = 0; i < handover->regions; i++) {
		if (handover->region[i].present)
			print_region(dev, &handover->region[i]);
	}
}

/* No walker runs yet: there is nothing to flush, only to count. */
static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct gpu *gpu = container_of(ctx, struct gpu, as);

	gpu->flushes++;
}

static int selftest_set(void *data, u64 mib)
{
	return selftest_run(data, mib);
}
DEFINE_DEBUGFS_ATTRIBUTE(selftest_fops, NULL, selftest_set, "%llu\n");

static void gpu_debugfs(struct gpu *gpu)
{
	gpu->debugfs = debugfs_create_dir("gpuas", NULL);
	gpuas_linux_debugfs(&gpu->as, gpu->debugfs);
	debugfs_create_file_unsafe("selftest", 0200, gpu->debugfs, gpu,
				   &selftest_fops);
}

/* Also with mappings live: what is mapped is freed after it was unmapped. */
static void gpu_release(void *data)
{
	struct gpu *gpu = data;
	struct device *dev = gpu->as.dev;
	struct verdict verdict;
	unsigned long tables;
	int err;

	debugfs_remove_recursive(gpu->debugfs);
	gpuas_linux_release(&gpu->as);
	selftest_free(gpu);
	err = witness_compare(&gpu->witness, &gpu->as, &verdict);
	witness_free(&gpu->witness);
	tables = gpuas_linux_exit(&gpu->as);
	if (err)
		dev_err(dev, "gpuas: released, but the tree cannot be read any more (%pe)\n",
			ERR_PTR(err));
	else
		dev_info(dev,
			 "gpuas: released: %u foreign entries changed, host slots %u, %lu tables leaked, %lu pages leaked\n",
			 verdict.changed, verdict.host_slots, tables,
			 gpu->pages);
}

static int gpu_open(struct gpu *gpu, struct gpuas_report *report)
{
	int err = gpuas_linux_adopt(&gpu->as, report);

	if (err)
		return err;
	err = witness_note(&gpu->witness, &gpu->as);
	if (err) {
		gpuas_linux_release(&gpu->as);
		return gpuas_report(report, err, "tree", NULL,
				    gpuas_strerror(err));
	}
	return 0;
}

static int gpu_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct gpuas_report report;
	struct gpu *gpu;
	int err;

	gpu = devm_kzalloc(dev, sizeof(*gpu), GFP_KERNEL);
	if (!gpu)
		return -ENOMEM;
	mutex_init(&gpu->lock);
	gpuas_linux_init(&gpu->as, dev, of_device_get_match_data(dev), flush);
	err = gpu_open(gpu, &report);
	if (err) {
		gpuas_linux_exit(&gpu->as);
		dev_err(dev, "gpuas: not adopted: %s (%pe)\n", report.text.buf,
			ERR_PTR(err));
		return err;
	}
	print_adopted(gpu);
	gpu_debugfs(gpu);
	/* No remove(): its type differs between kernels. */
	return devm_add_action_or_reset(dev, gpu_release, gpu);
}

static const struct of_device_id gpu_match[] = {
	{ .compatible = "gpuas,qemu-virt-gpu", .data = &gpuas_board_qemu_virt },
	{ }
};
MODULE_DEVICE_TABLE(of, gpu_match);

static struct platform_driver gpu_driver = {
	.probe = gpu_probe,
	.driver = {
		.name = "gpuas",
		.of_match_table = gpu_match,
	},
};
module_platform_driver(gpu_driver);

MODULE_DESCRIPTION("Stand-in GPU on QEMU's virt machine, with libgpuas");
MODULE_LICENSE("Dual BSD/GPL");
