// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What can be seen of the driver and its firmware, and what tests make them do. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "driver.h"

static int firmware_show(struct seq_file *file, void *unused)
{
	struct gpu *gpu = file->private;

	fw_show(&gpu->fw, file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(firmware);

static int usage_show(struct seq_file *file, void *unused)
{
	struct gpu *gpu = file->private;

	gpuas_qv_render_show(gpu, file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(usage);

static int selftest_set(void *data, u64 mib)
{
	return selftest_run(data, mib);
}
DEFINE_DEBUGFS_ATTRIBUTE(selftest_fops, NULL, selftest_set, "%llu\n");

static int crash_set(void *data, u64 how)
{
	struct gpu *gpu = data;

	return fw_crash(&gpu->fw, how);
}
DEFINE_DEBUGFS_ATTRIBUTE(crash_fops, NULL, crash_set, "%llu\n");

static int show_set(void *data, u64 shown)
{
	return shown > 1 ? -EINVAL : gpu_show_page(data, shown);
}
DEFINE_DEBUGFS_ATTRIBUTE(show_fops, NULL, show_set, "%llu\n");

void gpu_debugfs(struct gpu *gpu)
{
	struct dentry *dir = debugfs_create_dir("gpuas", NULL);

	gpu->debugfs = dir;
	gpuas_linux_debugfs(&gpu->as, dir);
	debugfs_create_file("firmware", 0400, dir, gpu, &firmware_fops);
	debugfs_create_file("usage", 0400, dir, gpu, &usage_fops);
	debugfs_create_file_unsafe("selftest", 0200, dir, gpu, &selftest_fops);
	debugfs_create_file_unsafe("crash", 0200, dir, gpu, &crash_fops);
	debugfs_create_file_unsafe("show", 0200, dir, gpu, &show_fops);
}
