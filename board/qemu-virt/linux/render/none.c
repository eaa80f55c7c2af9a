// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* In the place of the render node, where the kernel cannot have one. */
#include <linux/device.h>
#include <linux/seq_file.h>

#include "../driver.h"

int gpuas_qv_render_add(struct gpu *gpu)
{
	dev_info(gpu->as.dev, "gpuas: no render node: %s\n",
		 PAGE_SIZE < 0x4000 ? "the kernel's pages are smaller than the GPU's" :
				      "the kernel has no DRM GPUVM");
	return 0;
}

void gpuas_qv_render_remove(struct gpu *gpu)
{
}

void gpuas_qv_render_show(struct gpu *gpu, struct seq_file *seq)
{
	seq_puts(seq, "0 contexts, 0 pages, 0 tables, 0 mappings, 0 jobs\n");
}

void gpuas_qv_render_hold(void *gpu)
{
}

void gpuas_qv_render_let_go(void *gpu)
{
}

void gpuas_qv_render_list(void *gpu, struct gpuas_linux_shot *shot)
{
}

int gpuas_qv_render_init(void)
{
	return 0;
}

void gpuas_qv_render_exit(void)
{
}
