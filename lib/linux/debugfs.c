// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include <gpuas/dump.h>
#include <gpuas_linux.h>

static void seq_line(void *ctx, const char *line)
{
	seq_puts(ctx, line);
	seq_putc(ctx, '\n');
}

struct gpuas_sink gpuas_linux_sink(struct seq_file *file)
{
	return (struct gpuas_sink){ .ctx = file, .line = seq_line };
}

/* Also of a handle that is opened below the root. */
static int dump_root(struct gpuas_linux *gpu, const struct gpuas_sink *sink)
{
	const struct gpuas_range none = { gpu->manifest.host.va, 0 };
	struct gpuas_space space;
	int err = gpuas_space_adopt(&space, &gpu->manifest.geo, &none,
				    gpu->manifest.root, &gpu->env);

	if (!err)
		gpuas_dump_space(&space, sink);
	return err;
}

static int dump_show(struct seq_file *file, void *unused)
{
	struct gpuas_sink sink = gpuas_linux_sink(file);
	struct gpuas_linux *gpu = file->private;
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = dump_root(gpu, &sink);
	mutex_unlock(&gpu->lock);
	return err;
}
DEFINE_SHOW_ATTRIBUTE(dump);

static int regions_show(struct seq_file *file, void *unused)
{
	struct gpuas_sink sink = gpuas_linux_sink(file);
	struct gpuas_linux *gpu = file->private;

	gpuas_manifest_print(&gpu->manifest, &sink);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(regions);

void gpuas_linux_debugfs(struct gpuas_linux *gpu, struct dentry *dir)
{
	debugfs_create_file("dump", 0400, dir, gpu, &dump_fops);
	debugfs_create_file("regions", 0400, dir, gpu, &regions_fops);
}
