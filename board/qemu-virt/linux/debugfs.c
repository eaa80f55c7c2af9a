// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What can be seen of the driver and its firmware. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "driver.h"

static int firmware_show(struct seq_file *file, void *unused)
{
	struct gpu *gpu = file->private;

	gpuas_qv_fw_show(&gpu->fw, file);
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

void gpuas_qv_debugfs(struct gpu *gpu)
{
	struct dentry *dir = debugfs_create_dir("gpuas", NULL);

	gpu->debugfs = dir;
	gpuas_linux_debugfs(&gpu->as, dir);
	debugfs_create_file("firmware", 0400, dir, gpu, &firmware_fops);
	debugfs_create_file("usage", 0400, dir, gpu, &usage_fops);
}
