// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* GET_PARAMS: what there is, and how much of it. */
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "render.h"

static struct drm_gpuas_params params(struct gpu *gpu)
{
	const u64 device = gpuas_qv_device_bytes();

	return (struct drm_gpuas_params){
		.granule = GRANULE,
		.va_bits = gpu->as.manifest.geo.va_bits,
		.va_end = 1ULL << gpu->as.manifest.geo.va_bits,
		.copy_max = COPY_MAX,
		.heartbeat = gpuas_qv_fw_heartbeat(&gpu->fw),
		.state = gpuas_qv_fw_dead(&gpu->fw) ? DRM_GPUAS_DEAD : DRM_GPUAS_RUNNING,
		.contexts = GPUAS_TTB_CONTEXTS - 1,
		.file_vms = FILE_VMS,
		.file_queues = FILE_QUEUES,
		.file_buffers = FILE_BUFFERS,
		.vm_binds = VM_BINDS,
		.queue_jobs = QUEUE_JOBS,
		.ops_max = OPS_MAX,
		.pieces_max = PIECES_MAX,
		.cmds_max = CMDS_MAX,
		.syncs_max = SYNCS_MAX,
		.file_bytes = gpuas_qv_file_bytes(device),
		.device_bytes = device,
	};
}

/* A caller may know fewer of them than we do, or more. */
static int give(struct drm_gpuas_get_params *arg, const struct drm_gpuas_params *have)
{
	void __user *user = u64_to_user_ptr(arg->pointer);
	size_t size = min_t(u64, arg->size, sizeof(*have));

	if (copy_to_user(user, have, size))
		return -EFAULT;
	if (arg->size > size && clear_user(user + size, arg->size - size))
		return -EFAULT;
	arg->size = sizeof(*have);
	return 0;
}

int gpuas_qv_ioctl_get_params(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_gpuas_get_params *arg = data;
	struct drm_gpuas_params have;
	int idx;

	if (arg->group || arg->pad || arg->size > PAGE_SIZE)
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	have = params(to_render(drm)->gpu);
	drm_dev_exit(idx);
	return give(arg, &have);
}
