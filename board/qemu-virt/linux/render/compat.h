/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_RENDER_COMPAT_H
#define GPUAS_QEMU_VIRT_RENDER_COMPAT_H

#include <linux/version.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_drv.h>
#include <drm/drm_exec.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_gpuvm.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>
#include <drm/drm_syncobj.h>
#include <drm/drm_utils.h>
#include <drm/gpu_scheduler.h>

/*
 * What differs between the kernels that have a render node, 6.12 and 7.3, is all here.
 * Debian's 6.12 has the scheduler's init arguments and client id of 6.15.
 */

/* 6.13 has strings for namespaces. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define QV_DMA_BUF_NS	DMA_BUF
#else
#define QV_DMA_BUF_NS	"DMA_BUF"
#endif

/* 6.14 has no date of a driver, 6.19 no flag for DRM GPUVM. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define QV_DRIVER_DATE	.date = "20260101",
#else
#define QV_DRIVER_DATE
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define QV_DRIVER_GPUVA	DRIVER_GEM_GPUVA
#else
#define QV_DRIVER_GPUVA	0
#endif

/*
 * 6.17: the scheduler takes back a job that was not late; before, the driver gives it, and
 * has it looked at in case it is done by now.
 */
static inline enum drm_gpu_sched_stat qv_sched_go_on(struct drm_sched_job *job)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	struct drm_gpu_scheduler *sched = job->sched;

	spin_lock(&sched->job_list_lock);
	list_add(&job->list, &sched->pending_list);
	spin_unlock(&sched->job_list_lock);
	drm_sched_wqueue_start(sched);
	return DRM_GPU_SCHED_STAT_NOMINAL;
#else
	return DRM_GPU_SCHED_STAT_NO_HANG;
#endif
}

/*
 * 6.18: a buffer's list of mappings has a mutex of its own, for VMs that say that they
 * change it where fences are signalled; before, the driver names one. 6.19 takes it when
 * a pair of VM and buffer is had.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define QV_VM_FLAGS		DRM_GPUVM_RESV_PROTECTED
#define qv_gpuva_lock(obj)	(&to_bo(obj)->lock)
#define qv_gpuva_set_lock(obj)	drm_gem_gpuva_set_lock(obj, qv_gpuva_lock(obj))
#else
#define QV_VM_FLAGS		(DRM_GPUVM_RESV_PROTECTED | DRM_GPUVM_IMMEDIATE_MODE)
#define qv_gpuva_lock(obj)	(&(obj)->gpuva.lock)
#define qv_gpuva_set_lock(obj)	do { } while (0)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define qv_vm_bo_obtain(vm_bo, obj) ({						\
	struct dma_resv *resv_ = drm_gpuvm_resv((vm_bo)->vm);			\
	struct drm_gpuvm_bo *found_;						\
										\
	dma_resv_lock(resv_, NULL);						\
	mutex_lock(qv_gpuva_lock(obj));						\
	found_ = drm_gpuvm_bo_obtain_prealloc(vm_bo);				\
	mutex_unlock(qv_gpuva_lock(obj));					\
	dma_resv_unlock(resv_);							\
	found_;									\
})
#else
#define qv_vm_bo_obtain(vm_bo, obj)	drm_gpuvm_bo_obtain_prealloc(vm_bo)
#endif

/* 6.18 has a structure for what is mapped. */
static inline int qv_sm_map(struct drm_gpuvm *gpuvm, void *priv, u64 addr, u64 range,
			    struct drm_gem_object *obj, u64 offset)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	return drm_gpuvm_sm_map(gpuvm, priv, addr, range, obj, offset);
#else
	const struct drm_gpuvm_map_req req = {
		.map.va.addr = addr,
		.map.va.range = range,
		.map.gem.obj = obj,
		.map.gem.offset = offset,
	};

	return drm_gpuvm_sm_map(gpuvm, priv, &req);
#endif
}

/* 6.13: who walks an LRU list does not see its lock. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define QV_LRU_LOCK	spinlock_t *lock,
#else
#define QV_LRU_LOCK
#endif

/* 6.16 counts apart who has pinned a buffer's pages; before, each of them is one who uses them. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define qv_pages_ours(shmem)	((shmem)->pages_use_count == 1)
#else
#define qv_pages_ours(shmem)	(refcount_read(&(shmem)->pages_use_count) == 1 &&	\
				 refcount_read(&(shmem)->pages_pin_count) == 1)
#endif

#endif /* GPUAS_QEMU_VIRT_RENDER_COMPAT_H */
