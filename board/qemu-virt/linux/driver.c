// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Driver of the stand-in GPU: adopts what U-Boot built while the firmware goes on,
 * serves users, and proves at the end that nothing of anybody else's has changed.
 */
#include <linux/crash_dump.h>
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/platform_device.h>
#include <linux/suspend.h>

#include <gpuas/boards.h>
#include <gpuas/dump.h>

#include "driver.h"

/**
 * DOC: What the machine may do while the firmware runs
 *
 * Firmware and GPU run since before the kernel, and go on when it is gone. So what a kernel
 * leaves behind is what the next one finds.
 *
 * Shutdown, for kexec, reboot and power-off, is the same as unbinding: gpu_quiesce(). Users can
 * begin nothing any more; jobs that wait end as cancelled, the one that the GPU has is waited
 * for, no longer than its patience; contexts are unbound; our slot of the tree is empty, and
 * flushed; the mailbox is idle, the handoff lock free, the SMMU closed. The GPU reaches no
 * memory of this kernel's any more, and the next kernel adopts, and opens the SMMU again.
 * Users' processes may still run then: they get errors. What waits for a fence of another
 * driver is cancelled when that signals at the latest, which all fences do in bounded time: there
 * are schedulers that take no job from the middle. If the firmware is dead the next
 * kernel finds it so, and refuses; the SMMU stays closed.
 *
 * A panic stops nothing: neither the firmware nor the job that the GPU has, and nothing is
 * sent that could be half done. What the GPU may go on writing is what was mapped for it:
 * pages of the kernel that crashed, so that a dump may show them changing. Never pages of the
 * crash kernel's: these were set aside at boot, so that nobody had them mapped. The crash
 * kernel does not adopt, for it must not take from a tree in unknown state, nor answer for
 * jobs that it does not know; the firmware's memory, unless it has no-map, is in the dump. The
 * reset that ends it ends the GPU's work too.
 *
 * Hibernation is refused, whether the GPU was adopted or not: an image has the firmware's memory
 * in it as it was, and brings it back under a firmware that runs. So is restoring one.
 *
 * Suspend to idle leaves firmware and GPU running. No new job is sent once the kernel's workers
 * are frozen, the one that the GPU has is waited for before that, and nobody looks whether
 * the firmware is alive until the machine is awake. One that takes longer than the freezer waits,
 * 20 s unless somebody says otherwise, keeps the machine awake. Waits of users are restarted, but for that
 * of a bind that is not asynchronous, which is frozen where it is, as the call cannot be made
 * twice.
 *
 * There is no runtime PM, as there is no state to enter. What could be powered down is what
 * the firmware runs on, and nothing starts it again: that was the bootloader's, which is
 * gone, and its state is in memory that both sides go on using. While there are no jobs the GPU
 * does nothing, and it is the firmware's to make it do that with less power. So the device
 * counts no users, and runtime PM stays disabled for it.
 */

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
	gpuas_qv_roots_print(gpu);
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
			 atomic_long_read(&gpu->left_mappings));
}

/*
 * From those who use the firmware down to the firmware, which is asked for something by
 * each but the last. Nothing is freed that a walker may still use.
 */
static void gpu_quiesce(struct gpu *gpu)
{
	if (gpu->quiet)
		return;
	gpu->quiet = true;
	/* Who wants to know why it died will not find out later. */
	flush_work(&gpu->fw.death.work);
	debugfs_remove_recursive(gpu->debugfs);
	gpuas_qv_render_remove(gpu);
	gpuas_linux_release(&gpu->as);
	gpuas_qv_fw_quiesce(&gpu->fw);
	print_firmware(gpu, gpuas_qv_fw_dead(&gpu->fw) ? "is dead" : "goes on");
}

/* Also with mappings live: what is mapped is freed after it was unmapped. */
static void gpu_release(void *data)
{
	struct gpu *gpu = data;
	struct verdict verdict;
	unsigned long tables;
	int err;

	gpu_quiesce(gpu);
	err = gpuas_qv_witness_compare(&gpu->witness, gpu, &verdict);
	gpuas_qv_witness_free(&gpu->witness);
	gpuas_qv_fw_detach(&gpu->fw);
	tables = gpuas_linux_exit(&gpu->as);
	print_verdict(gpu, err, &verdict, tables);
	gpuas_qv_put(gpu);
}

/* Without a firmware that runs there is no GPU, and whose tables these are is unknown. */
static int gpu_attach(struct gpu *gpu, struct gpuas_report *report)
{
	int err = gpuas_qv_fw_attach(&gpu->fw, &gpu->as, report);

	if (err)
		return err;
	err = gpuas_qv_roots_take(gpu, report);
	if (!err) {
		err = gpuas_qv_witness_note(&gpu->witness, gpu);
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
		gpuas_qv_witness_free(&gpu->witness);
		gpuas_qv_fw_detach(&gpu->fw);
	}
	return err;
}

static int gpu_adopt(struct gpu *gpu, struct gpuas_report *report)
{
	int err;

	if (is_kdump_kernel())
		return gpuas_report(report, -ENODEV, "kernel", NULL,
				    "is for the dump of one that crashed, whose GPU it is");
	err = gpuas_linux_adopt(&gpu->as, report);
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
	gpuas_linux_init(&gpu->as, dev, of_device_get_match_data(dev),
			 gpuas_qv_tlb_flush_shared);
	err = gpu_adopt(gpu, &report);
	if (err) {
		gpuas_linux_exit(&gpu->as);
		gpuas_qv_put(gpu);
		dev_err(dev, "gpuas: not adopted: %s (%pe)\n", report.text.buf,
			ERR_PTR(err));
		return err;
	}
	platform_set_drvdata(pdev, gpu);
	print_adopted(gpu);
	print_firmware(gpu, "runs");
	gpuas_qv_debugfs(gpu);
	/* No remove(): its type differs between kernels. */
	return devm_add_action_or_reset(dev, gpu_release, gpu);
}

/* It is shut down at its end, and not removed: nothing is given back. */
static void gpu_shutdown(struct platform_device *pdev)
{
	gpu_quiesce(platform_get_drvdata(pdev));
	dev_info(&pdev->dev, "gpuas: left to the next kernel\n");
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
	.shutdown = gpu_shutdown,
	.driver = {
		.name = "gpuas-qemu-virt",
		.of_match_table = gpu_match,
	},
};

/* Before anything is frozen, so that whoever asks has the answer, and a machine that goes on. */
static int gpu_pm(struct notifier_block *self, unsigned long action, void *unused)
{
	struct device_node *node;
	bool live;

	if (action != PM_HIBERNATION_PREPARE && action != PM_RESTORE_PREPARE)
		return NOTIFY_DONE;
	node = of_find_matching_node(NULL, gpu_match);
	live = node && of_device_is_available(node);
	of_node_put(node);
	if (!live)
		return NOTIFY_DONE;
	pr_err("gpuas: no hibernation: the GPU's firmware runs in memory that an image brings back as it was\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block gpu_pm_notifier = { .notifier_call = gpu_pm };

static int __init gpu_init(void)
{
	int err = gpuas_qv_render_init();

	if (err)
		return err;
	err = register_pm_notifier(&gpu_pm_notifier);
	if (!err) {
		err = platform_driver_register(&gpu_driver);
		if (err)
			unregister_pm_notifier(&gpu_pm_notifier);
	}
	if (err)
		gpuas_qv_render_exit();
	return err;
}
module_init(gpu_init);

static void __exit gpu_exit(void)
{
	platform_driver_unregister(&gpu_driver);
	unregister_pm_notifier(&gpu_pm_notifier);
	gpuas_qv_render_exit();
}
module_exit(gpu_exit);

MODULE_IMPORT_NS(GPUAS_LINUX_NS);
MODULE_DESCRIPTION("Stand-in GPU on QEMU's virt machine, with libgpuas");
MODULE_LICENSE("Dual BSD/GPL");
