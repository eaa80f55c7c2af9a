// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Adoption: read, judge, look, open; nothing but a missing link is written on the way. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include <gpuas_linux.h>

static const struct {
	int err;
	const char *why;
} failed[] = {
	[GPUAS_LINUX_WRAPS] = { -EOVERFLOW, "wraps at PA" },
	[GPUAS_LINUX_ONLINE] = { -EFAULT,
		"is not System RAM (outside /memory, cut by mem=, or offline) at PA" },
	[GPUAS_LINUX_RAM] = { -EFAULT,
		"is not System RAM (no-map of somebody else, cut by mem=, or a hole) at PA" },
	[GPUAS_LINUX_LINEAR] = { -EFAULT, "is not in the linear map at PA" },
	[GPUAS_LINUX_RESERVED] = { -EBADMSG,
		"is not reserved, so the kernel may use it itself, at PA" },
	[GPUAS_LINUX_REGION] = { -EPERM, "is reserved for somebody else at PA" },
};

static int check_memory(const struct gpuas_linux *gpu, struct gpuas_report *report)
{
	const struct gpuas_manifest *manifest = &gpu->manifest;
	const struct gpuas_region *region = manifest->region;
	enum gpuas_linux_test test;
	unsigned int i;
	gpuas_pa_t bad;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (!region->present || region->no_map)
			continue;
		test = gpuas_linux_borrow_test(gpu, region->pa, region->size, &bad);
		if (test)
			return gpuas_report_hex(report, failed[test].err, "region",
						region->name, failed[test].why,
						gpuas_pa_u64(bad));
	}
	return 0;
}

int gpuas_linux_adopt(struct gpuas_linux *gpu, struct gpuas_report *report)
{
	int err;

	if (gpu->open)
		return gpuas_report(report, -EBUSY, "handle", NULL, "is open");
	if (!gpu->dev || !gpu->board)
		return gpuas_report(report, -EINVAL, "handle", NULL,
				    "was prepared without a device, or without a board");
	if (!gpu->env.flush)
		return gpuas_report(report, -EINVAL, "handle", NULL,
				    "has no flush, and walkers use the tree already");
	err = gpuas_linux_read(gpu, &gpu->manifest, report);
	if (!err)
		err = check_memory(gpu, report);
	if (!err)
		err = gpuas_linux_lend(gpu, report);
	if (err)
		return err;
	dev_info(gpu->dev, "gpuas: contract %s\n", gpu->manifest.contract->name);
	mutex_lock(&gpu->lock);
	gpu->reach = BIT_ULL(gpu->board->geo.pa_bits) - 1;
	err = gpuas_manifest_inspect(&gpu->manifest, gpu->board, &gpu->env,
				     &gpu->space, report);
	if (!err)
		err = gpuas_manifest_open(&gpu->manifest, gpu->board, &gpu->env,
					  &gpu->space, report);
	gpu->open = !err;
	mutex_unlock(&gpu->lock);
	return err;
}

static void give_back(void *data)
{
	struct gpuas_linux *gpu = data;

	gpuas_linux_release(gpu);
	gpuas_linux_exit(gpu);
}

struct gpuas_linux *gpuas_linux_devm_adopt_class(struct device *dev,
						 const struct gpuas_board *board,
						 void (*flush)(void *ctx, gpuas_va_t va,
							       uint64_t size),
						 const char *name,
						 struct lock_class_key *key)
{
	struct gpuas_linux *gpu = devm_kzalloc(dev, sizeof(*gpu), GFP_KERNEL);
	struct gpuas_report report;
	int err;

	if (!gpu)
		return ERR_PTR(-ENOMEM);
	gpuas_linux_init_class(gpu, dev, board, flush, name, key);
	err = devm_add_action_or_reset(dev, give_back, gpu);
	if (err)
		return ERR_PTR(err);
	err = gpuas_linux_adopt(gpu, &report);
	if (err)
		return ERR_PTR(dev_err_probe(dev, err, "gpuas: not adopted: %s\n",
					     report.text.buf));
	return gpu;
}
