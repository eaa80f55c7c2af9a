// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A module that has all of the library, with or without device trees in the kernel. */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include <gpuas/boards.h>
#include <gpuas_linux.h>

static void all_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
}

static int all_probe(struct platform_device *pdev)
{
	struct gpuas_linux *as = devm_kzalloc(&pdev->dev, sizeof(*as), GFP_KERNEL);
	struct gpuas_report report;
	int err;

	if (!as)
		return -ENOMEM;
	gpuas_linux_init(as, &pdev->dev, &gpuas_board_qemu_virt, all_flush);
	err = gpuas_linux_adopt(as, &report);
	if (err)
		dev_err(&pdev->dev, "%s\n", report.text.buf);
	gpuas_linux_release(as);
	gpuas_linux_exit(as);
	return err;
}

static struct platform_driver all_driver = {
	.probe = all_probe,
	.driver = {
		.name = "gpuas-all",
	},
};
module_platform_driver(all_driver);

MODULE_DESCRIPTION("All of libgpuas");
MODULE_LICENSE("Dual BSD/GPL");
