// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * gpuas-test.ko: what tests make the stand-in's driver and its firmware do, by files beside
 * the driver's own in debugfs. It waits for the driver to have the GPU and to let it go
 * again: buffers that are mapped then are freed when nobody walks their tables any more.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "test.h"

#define DRIVER	"gpuas-qemu-virt"

/* There is one stand-in. Its device's lock is held whenever this begins or ends. */
static struct test the_test = { .lock = __MUTEX_INITIALIZER(the_test.lock) };

static int selftest_set(void *data, u64 mib)
{
	return gpuas_test_run(data, mib);
}
DEFINE_DEBUGFS_ATTRIBUTE(selftest_fops, NULL, selftest_set, "%llu\n");

static int tables_set(void *data, u64 wanted)
{
	return gpuas_test_hold(data, min_t(u64, wanted, UINT_MAX));
}
DEFINE_DEBUGFS_ATTRIBUTE(tables_fops, NULL, tables_set, "%llu\n");

static int crash_set(void *data, u64 how)
{
	struct test *test = data;

	return gpuas_qv_fw_crash(&test->gpu->fw, how);
}
DEFINE_DEBUGFS_ATTRIBUTE(crash_fops, NULL, crash_set, "%llu\n");

static int show_set(void *data, u64 shown)
{
	return shown > 1 ? -EINVAL : gpuas_test_show(data, shown);
}
DEFINE_DEBUGFS_ATTRIBUTE(show_fops, NULL, show_set, "%llu\n");

static int keep_set(void *data, u64 keep)
{
	gpuas_test_keep(data, keep);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(keep_fops, NULL, keep_set, "%llu\n");

static struct {
	const char *name;
	const struct file_operations *fops;
	struct dentry *file;
} files[] = {
	{ "selftest", &selftest_fops },
	{ "tables", &tables_fops },
	{ "crash", &crash_fops },
	{ "show", &show_fops },
	{ "keep", &keep_fops },
};

static void list(struct test *test, void (*more)(void *ctx, struct gpuas_linux_shot *shot))
{
	mutex_lock(&test->as->lock);
	test->gpu->list_more = more;
	test->gpu->more = test;
	mutex_unlock(&test->as->lock);
}

static void begin(struct test *test, struct gpu *gpu)
{
	unsigned int i;

	if (test->gpu || !gpu)
		return;
	gpuas_qv_get(gpu);
	test->gpu = gpu;
	test->as = &gpu->as;
	list(test, gpuas_test_list);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		files[i].file = debugfs_create_file_unsafe(files[i].name, 0200, gpu->debugfs,
							   test, files[i].fops);
}

/* Nothing is asked of us any more; what is mapped stays so. */
static void stop(struct test *test)
{
	unsigned int i;

	if (!test->gpu)
		return;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		debugfs_remove(files[i].file);
	list(test, NULL);
	gpuas_test_keep(test, false);
	gpuas_test_hold(test, 0);
	gpuas_test_show(test, false);
}

/* Nothing is mapped any more. */
static void end(struct test *test)
{
	const unsigned int chunks = test->chunks;

	if (!test->gpu)
		return;
	gpuas_test_free(test);
	pr_info("gpuas: selftest: freed %u chunks, %lu leaked\n", chunks, test->pages);
	gpuas_qv_put(test->gpu);
	test->gpu = NULL;
	test->as = NULL;
	test->pages = 0;
	test->shown = false;
}

static bool is_driver(const struct device_driver *driver)
{
	return driver && !strcmp(driver->name, DRIVER);
}

static int notify(struct notifier_block *self, unsigned long event, void *data)
{
	struct device *dev = data;

	if (event == BUS_NOTIFY_BOUND_DRIVER && is_driver(dev->driver))
		begin(&the_test, dev_get_drvdata(dev));
	if (!the_test.gpu || dev != the_test.as->dev)
		return NOTIFY_DONE;
	if (event == BUS_NOTIFY_UNBIND_DRIVER)
		stop(&the_test);
	if (event == BUS_NOTIFY_UNBOUND_DRIVER)
		end(&the_test);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = notify };

static int look(struct device *dev, void *unused)
{
	device_lock(dev);
	if (is_driver(dev->driver))
		begin(&the_test, dev_get_drvdata(dev));
	device_unlock(dev);
	return 0;
}

static int __init test_init(void)
{
	int err = bus_register_notifier(&platform_bus_type, &notifier);

	return err ? err : bus_for_each_dev(&platform_bus_type, NULL, NULL, look);
}
module_init(test_init);

/* If the driver still has the GPU: then it has it until we are gone. */
static void __exit test_exit(void)
{
	struct device *dev = the_test.gpu ? the_test.as->dev : NULL;

	if (dev)
		device_lock(dev);
	bus_unregister_notifier(&platform_bus_type, &notifier);
	stop(&the_test);
	if (the_test.chunk)
		gpuas_test_run(&the_test, 0);
	end(&the_test);
	if (dev)
		device_unlock(dev);
}
module_exit(test_exit);

MODULE_IMPORT_NS(GPUAS_LINUX_NS);
MODULE_IMPORT_NS(GPUAS_QV_NS);
MODULE_DESCRIPTION("Tests of libgpuas on the stand-in GPU");
MODULE_LICENSE("Dual BSD/GPL");
