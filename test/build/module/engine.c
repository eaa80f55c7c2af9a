// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A module that has page tables of the library's, and nothing else of it. */
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <gpuas_linux.h>

static int use(struct gpuas_linux *as)
{
	const gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_FW_READ |
				  GPUAS_MEM_SHARED;
	int err = gpuas_linux_map(as, gpuas_va(0), gpuas_pa(0), SZ_16K, attr);

	if (!err)
		err = gpuas_linux_protect(as, gpuas_va(0), SZ_16K,
					  attr | GPUAS_GPU_WRITE | GPUAS_FW_WRITE);
	if (!err)
		err = gpuas_linux_unmap(as, gpuas_va(0), SZ_16K);
	return err;
}

static int __init engine_init(void)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_lpae_16k,
		.va_bits = 39,
		.pa_bits = 40,
	};
	const struct gpuas_range half = { gpuas_va(0), 1ULL << geo.va_bits };
	struct gpuas_linux *as = kzalloc(sizeof(*as), GFP_KERNEL);
	int err;

	if (!as)
		return -ENOMEM;
	gpuas_linux_init(as, NULL, NULL, NULL);
	err = gpuas_linux_create(as, &geo, &half);
	if (!err)
		err = use(as);
	gpuas_linux_release(as);
	if (gpuas_linux_exit(as))
		err = -EBUSY;
	kfree(as);
	pr_info("gpuas-engine: error %d\n", err);
	return err;
}
module_init(engine_init);

static void __exit engine_exit(void)
{
}
module_exit(engine_exit);

MODULE_DESCRIPTION("libgpuas' engine alone");
MODULE_LICENSE("Dual BSD/GPL");
