// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Driver of the stand-in GPU: adopts what U-Boot built while the firmware goes on,
 * serves users, and proves at the end that nothing of anybody else's has changed.
 */
#include <linux/debugfs.h>
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
	const struct gpuas_manifest *manifest = &gpu->as.manifest;
	struct device *dev = gpu->as.dev;
	unsigned int i, present = 0;

	for (i = 0; i < manifest->regions; i++)
		present += manifest->region[i].present;
	dev_info(dev,
		 "gpuas: adopted: %u regions, root 0x%llx, %u foreign entries, host window 0x%llx size 0x%llx, kernel pages %lu\n",
		 present, gpuas_pa_u64(manifest->root), gpu->witness.entries,
		 gpuas_va_u64(manifest->host.va), manifest->host.size,
		 PAGE_SIZE);
	for (i = 0; i < manifest->regions; i++) {
		if (manifest->region[i].present)
			print_region(dev, &manifest->region[i]);
	}
	roots_print(gpu);
}

static void print_firmware(struct gpu *gpu, const char *when)
{
	const struct fw_status *status = gpu->fw.status;

	dev_info(gpu->as.dev,
		 "gpuas: firmware %s: heartbeat %llu, %llu messages, %llu copies, %llu bytes, %llu faults, %llu flushes, %llu locks\n",
		 when, gpuas_entry_load(&status->heartbeat),
		 gpuas_entry_load(&status->messages),
		 gpuas_entry_load(&status->copies),
		 gpuas_entry_load(&status->bytes),
		 gpuas_entry_load(&status->faults),
		 gpuas_entry_load(&status->flushes),
		 gpuas_entry_load(&status->locks));
}

static void print_verdict(struct gpu *gpu, int err,
			  const struct verdict *verdict, unsigned long tables)
{
	struct device *dev = gpu->as.dev;

	tables += atomic_long_read(&gpu->left_tables);
	if (err)
		dev_err(dev, "gpuas: released, but the tree cannot be read any more (%pe)\n",
			ERR_PTR(err));
	else
		dev_info(dev,
			 "gpuas: released: %u foreign entries changed, host slots %u, %lu tables leaked, %lu pages leaked\n",
			 verdict->changed, verdict->host_slots, tables,
			 gpu->pages + atomic_long_read(&gpu->left_mappings));
}

/* Also with mappings live: what is mapped is freed after it was unmapped. */
static void gpu_release(void *data)
{
	struct gpu *gpu = data;
	struct verdict verdict;
	unsigned long tables;
	int err;

	debugfs_remove_recursive(gpu->debugfs);
	gpuas_qv_render_remove(gpu);
	gpu_show_page(gpu, false);
	gpuas_linux_release(&gpu->as);
	selftest_free(gpu);
	err = witness_compare(&gpu->witness, gpu, &verdict);
	witness_free(&gpu->witness);
	print_firmware(gpu, fw_dead(&gpu->fw) ? "is dead" : "goes on");
	fw_detach(&gpu->fw);
	tables = gpuas_linux_exit(&gpu->as);
	print_verdict(gpu, err, &verdict, tables);
	gpu_put(gpu);
}

/* Without a firmware that runs there is no GPU, and whose tables these are is unknown. */
static int gpu_attach(struct gpu *gpu, struct gpuas_report *report)
{
	int err = fw_attach(&gpu->fw, &gpu->as, report);

	if (err)
		return err;
	err = roots_take(gpu, report);
	if (!err) {
		err = witness_note(&gpu->witness, gpu);
		if (err)
			gpuas_report(report, err, "tree", NULL,
				     gpuas_strerror(err));
	}
	if (!err) {
		err = gpuas_qv_render_add(gpu);
		if (err)
			gpuas_report(report, err, "device", NULL,
				     "cannot have a render node");
	}
	if (err) {
		witness_free(&gpu->witness);
		fw_detach(&gpu->fw);
	}
	return err;
}

static int gpu_adopt(struct gpu *gpu, struct gpuas_report *report)
{
	int err = gpuas_linux_adopt(&gpu->as, report);

	if (err)
		return err;
	err = gpu_attach(gpu, report);
	if (err)
		gpuas_linux_release(&gpu->as);
	return err;
}

static int gpu_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct gpuas_report report;
	struct gpu *gpu;
	int err;

	/* Not the device's: files may be open for longer. */
	gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);
	if (!gpu)
		return -ENOMEM;
	kref_init(&gpu->ref);
	mutex_init(&gpu->lock);
	gpuas_linux_init(&gpu->as, dev, of_device_get_match_data(dev),
			 tlb_flush_shared);
	err = gpu_adopt(gpu, &report);
	if (err) {
		gpuas_linux_exit(&gpu->as);
		gpu_put(gpu);
		dev_err(dev, "gpuas: not adopted: %s (%pe)\n", report.text.buf,
			ERR_PTR(err));
		return err;
	}
	print_adopted(gpu);
	print_firmware(gpu, "runs");
	gpu_debugfs(gpu);
	/* No remove(): its type differs between kernels. */
	return devm_add_action_or_reset(dev, gpu_release, gpu);
}

static const struct of_device_id gpu_match[] = {
	{ .compatible = "gpuas,qemu-virt-gpu", .data = &gpuas_board_qemu_virt },
	{
		.compatible = "gpuas,qemu-virt-gpu-published",
		.data = &gpuas_board_qemu_virt_published,
	},
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
