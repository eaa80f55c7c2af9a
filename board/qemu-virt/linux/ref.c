// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* How long the GPU is remembered: open files may outlive the driver. */
#include <linux/export.h>
#include <linux/slab.h>

#include "driver.h"

static void gpu_free(struct kref *ref)
{
	kfree(container_of(ref, struct gpu, ref));
}

void gpuas_qv_get(struct gpu *gpu)
{
	kref_get(&gpu->ref);
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_get, GPUAS_QV_NS);

void gpuas_qv_put(struct gpu *gpu)
{
	kref_put(&gpu->ref, gpu_free);
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_put, GPUAS_QV_NS);
