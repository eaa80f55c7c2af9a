// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What can be seen of the driver and its firmware. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "snapshot.h"

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

static int snapshot_set(void *data, u64 value)
{
	return value == 1 ? gpuas_qv_snapshot(data, "somebody asked for it") : -EINVAL;
}
DEFINE_DEBUGFS_ATTRIBUTE(snapshot_fops, NULL, snapshot_set, "%llu\n");

void gpuas_qv_debugfs(struct gpu *gpu)
{
	struct dentry *dir = debugfs_create_dir("gpuas", NULL);

	gpu->debugfs = dir;
	gpuas_linux_debugfs(&gpu->as, dir);
	debugfs_create_file("firmware", 0400, dir, gpu, &firmware_fops);
	debugfs_create_file("usage", 0400, dir, gpu, &usage_fops);
	debugfs_create_file("snapshot", 0200, dir, gpu, &snapshot_fops);
}
