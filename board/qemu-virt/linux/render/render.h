/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_RENDER_H
#define GPUAS_QEMU_VIRT_RENDER_H

#include <linux/atomic.h>
#include <linux/list_lru.h>
#include <linux/shrinker.h>
#include <linux/sizes.h>
#include <linux/wait.h>

#include "../driver.h"
#include "../gpuas_drm.h"
#include "compat.h"

/**
 * DOC: The render node
 *
 * A VM has a lower half (&struct gpuas_linux) and, to know which buffers are mapped in
 * it, a &struct drm_gpuvm. Binds of a VM, and jobs of a queue, go through a scheduler:
 * one for binds, whose jobs are done where they are run, and one for copies, whose jobs
 * are done by one ordered worker, as the GPU does one at a time.
 *
 * Whatever has to happen before a fence signals allocates nothing: a bind has all that
 * it needs when it is called for, and its leftovers go when it is over, in another
 * worker. That one is also where VMs end, since ending waits for locks of the firmware.
 *
 * Locks, in this order: reservations, &qv_vm.push or &qv_queue.lock, &qv_vm.lock, that of
 * a buffer's list of mappings, &qv_render.bound_lock, and then as in fw.h. With those from
 * &qv_vm.lock on held nothing is allocated: who wants memory may take them, for evict.c, and
 * tries for a reservation. &qv_render.lock is only for its lists, and comes
 * before &qv_vm.lock for whoever looks at all of them, and before all but reservations for
 * who takes a snapshot (shot.c); &qv_render.buffers_lock comes last but for the lock of the
 * shared half.
 *
 * When the driver lets go of the GPU, it ends all queues, waits for all jobs, which end
 * at once, and stops all VMs. What files still have then are shells.
 */

/* struct drm_gpuas_params tells */
enum {
	FILE_VMS = 64,
	FILE_QUEUES = 64,
	FILE_BUFFERS = 4096,
	VM_BINDS = 64,
	VM_TABLES = SZ_16K,
	QUEUE_JOBS = 64,
	OPS_MAX = SZ_128K,
	PIECES_MAX = SZ_1M,
	CMDS_MAX = 64,
	SYNCS_MAX = 64,
	STRIDE_MAX = SZ_4K,
	COPY_MAX = SZ_64K,
};

/**
 * struct qv_render - The render node
 * @drm: for the kernel's part of it
 * @gpu: the GPU
 * @copy: scheduler of copies
 * @bind: scheduler of binds
 * @worker: does the copies
 * @cleanup: ends what is over
 * @gone: the driver lets go: jobs end at once
 * @lock: for @queues, @vms and @made
 * @queues: those that take jobs
 * @vms: those that were not stopped
 * @made: how many there were, ever
 * @bound_lock: for @bound
 * @bound: VMs that the firmware knows, the one that was used last at the end
 * @buffers_lock: for @buffers
 * @buffers: those that are mapped for the device
 * @bytes: in buffers
 * @lru: buffers that may be evicted
 * @shrinker: evicts them
 * @jobs: jobs and binds that are not over
 * @idle: to wait until there are none
 */
struct qv_render {
	struct drm_device drm;
	struct gpu *gpu;
	struct drm_gpu_scheduler copy;
	struct drm_gpu_scheduler bind;
	struct workqueue_struct *worker;
	struct workqueue_struct *cleanup;
	bool gone;
	struct mutex lock;
	struct list_head queues;
	struct list_head vms;
	unsigned int made;
	struct mutex bound_lock;
	struct list_head bound;
	struct mutex buffers_lock;
	struct list_head buffers;
	atomic64_t bytes;
	struct list_lru lru;
	struct shrinker *shrinker;
	atomic_t jobs;
	wait_queue_head_t idle;
};

/**
 * struct qv_account - What a file used; may be needed longer than the file is open
 * @ref: the file's, and those of its buffers, VMs and queues
 * @bytes: in buffers that it made
 * @buffers: how many they are
 * @busy: nanoseconds for which the GPU worked for it
 */
struct qv_account {
	struct kref ref;
	atomic64_t bytes;
	atomic_t buffers;
	atomic64_t busy;
};

/**
 * struct qv_file - An open file
 * @account: what it uses
 * @vm: by id
 * @queue: by id
 */
struct qv_file {
	struct qv_account *account;
	struct xarray vm;
	struct xarray queue;
};

/**
 * struct qv_vm - An address space
 * @base: which buffer is mapped where
 * @ref: its id, and jobs and queues that use it
 * @render: the render node
 * @link: in &qv_render.vms
 * @number: of all that there were, for people
 * @pid: who made it, likewise
 * @entity: orders its binds
 * @push: for the order of @entity, @closed, @seqno and @last
 * @closed: it takes no binds any more
 * @fences: context of the fences of its binds
 * @seqno: number of the last bind
 * @last: the fence of that one, or NULL
 * @binds: those that are not over
 * @lock: for @base
 * @mappings: how many
 * @as: its tables; &gpuas_linux.lock is also for @context
 * @context: as the firmware knows it, or 0
 * @bound: in &qv_render.bound
 * @banned: one of its jobs took too long
 * @stopped: it has no tables
 * @free: its end
 */
struct qv_vm {
	struct drm_gpuvm base;
	struct kref ref;
	struct qv_render *render;
	struct list_head link;
	unsigned int number;
	pid_t pid;
	struct drm_sched_entity entity;
	struct mutex push;
	bool closed;
	u64 fences;
	u64 seqno;
	struct dma_fence *last;
	atomic_t binds;
	struct mutex lock;
	unsigned int mappings;
	struct gpuas_linux as;
	unsigned int context;
	struct list_head bound;
	bool banned;
	bool stopped;
	struct work_struct free;
};

/**
 * struct qv_bo - A buffer
 * @base: its memory
 * @account: whose it is; NULL if it was imported
 * @only: the VM that it belongs to, by the object of its reservation; NULL: any
 * @lock: for its list of mappings, where the kernel has none for it
 * @pa: of each granule, while its memory is there; for this and @sgt, the reservation
 * @sgt: its memory for the GPU; NULL if it was imported
 * @holds: who needs @pa to stay
 * @stays: it is never evicted
 * @lru: in &qv_render.lru, unless it was imported
 * @put: drops references of who evicts
 * @puts: how many
 * @link: in &qv_render.buffers
 */
struct qv_bo {
	struct drm_gem_shmem_object base;
	struct list_head link;
	struct qv_account *account;
	struct drm_gem_object *only;
	struct mutex lock;
	dma_addr_t *pa;
	struct sg_table *sgt;
	atomic_t holds;
	bool stays;
	struct list_head lru;
	struct work_struct put;
	atomic_t puts;
};

/**
 * struct qv_queue - A queue
 * @ref: its id, and its jobs
 * @vm: what they use
 * @account: whose it is
 * @link: in &qv_render.queues
 * @entity: orders them
 * @lock: for the order of @entity, @closed and @seqno
 * @closed: it takes no jobs any more, and those that it has are cancelled
 * @fences: context of the fences of its jobs
 * @seqno: number of the last job
 * @jobs: those that are not over
 * @state_lock: for @state
 * @state: what became of them
 */
struct qv_queue {
	struct kref ref;
	struct qv_vm *vm;
	struct qv_account *account;
	struct list_head link;
	struct drm_sched_entity entity;
	struct mutex lock;
	bool closed;
	u64 fences;
	u64 seqno;
	atomic_t jobs;
	spinlock_t state_lock;
	struct drm_gpuas_queue_state state;
};

/**
 * struct qv_out - A place for a fence
 * @syncobj: the place
 * @chain: for a point of a timeline; else NULL
 * @point: the point
 */
struct qv_out {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain;
	u64 point;
};

/**
 * struct qv_outs - Places for the fence of a job
 * @out: them
 * @count: how many
 */
struct qv_outs {
	struct qv_out *out;
	u32 count;
};

static inline struct qv_render *to_render(struct drm_device *drm)
{
	return container_of(drm, struct qv_render, drm);
}

static inline struct qv_vm *to_vm(struct drm_gpuvm *gpuvm)
{
	return container_of(gpuvm, struct qv_vm, base);
}

static inline struct qv_bo *to_bo(struct drm_gem_object *obj)
{
	return container_of(to_drm_gem_shmem_obj(obj), struct qv_bo, base);
}

/* All of [va, va + size), which does not wrap, in a range? */
static inline bool inside(u64 va, u64 size, u64 start, u64 length)
{
	return va >= start && va - start < length && size <= length - (va - start);
}

/* Files */
void gpuas_qv_account_put(struct qv_account *account);

/* Jobs that are not over: from when they are made until nothing of them is left. */
void gpuas_qv_job_begin(struct qv_render *render);
void gpuas_qv_job_end(struct qv_render *render);

/* Buffers: gem.c. For the module */
int gpuas_qv_gem_init(void);
void gpuas_qv_gem_exit(void);

/* The limits of all, and of one file of so many */
u64 gpuas_qv_device_bytes(void);
u64 gpuas_qv_file_bytes(u64 device);
struct drm_gem_object *gpuas_qv_gem_import(struct drm_device *drm,
					   struct dma_buf_attachment *attach,
					   struct sg_table *sgt);
struct drm_gem_object *gpuas_qv_gem_object(struct drm_device *drm, size_t size);

/* Their memory: pages.c */

/**
 * gpuas_qv_bo_fill() - Have a buffer's memory, and know where it is
 * @bo: the buffer, with its reservation held
 *
 * Return: 0: &qv_bo.pa is there; -EOPNOTSUPP if it does not consist of granules, or is
 * copied for the device; an error of the kernel's. May sleep and allocate.
 */
int gpuas_qv_bo_fill(struct qv_bo *bo);

/** gpuas_qv_bo_drop() - Let go of the memory, which keeps its contents: the reservation is held */
void gpuas_qv_bo_drop(struct qv_bo *bo);

/** gpuas_qv_bo_hold() - As gpuas_qv_bo_fill(), and it stays: takes the reservation */
int gpuas_qv_bo_hold(struct qv_bo *bo);
void gpuas_qv_bo_release(struct qv_bo *bo);

/**
 * gpuas_qv_bo_pieces() - A part of a buffer as a scatter list
 * @bo: the buffer, whose memory is there
 * @offset: first byte
 * @size: bytes
 * @list: filled; NULL: only counted
 *
 * Return: how many pieces.
 */
u32 gpuas_qv_bo_pieces(const struct qv_bo *bo, u64 offset, u64 size, struct gpuas_extent *list);

/** gpuas_qv_bo_mapped() - Enter a buffer that is mapped for the device */
void gpuas_qv_bo_mapped(struct qv_bo *bo);
void gpuas_qv_bo_unlink(struct qv_bo *bo);

/** gpuas_qv_bo_unmap_all() - Have no buffer mapped for a device that gets no driver any more */
void gpuas_qv_bo_unmap_all(struct qv_render *render);

/* VMs: vm.c */
struct qv_vm *gpuas_qv_vm_find(struct qv_file *file, u32 id);
void gpuas_qv_vm_get(struct qv_vm *vm);
void gpuas_qv_vm_put(struct qv_vm *vm);

/** gpuas_qv_vm_load() - Tell the firmware of it: the worker alone. 0, -ECANCELED, -EIO */
int gpuas_qv_vm_load(struct qv_vm *vm);

/** gpuas_qv_vm_ban() - Let the GPU reach nothing of it any more */
void gpuas_qv_vm_ban(struct qv_vm *vm);

/** gpuas_qv_vm_close() - Let it take no binds any more, and those that wait end */
void gpuas_qv_vm_close(struct qv_vm *vm);

/** gpuas_qv_vm_stop() - Take it away from the firmware, and give its tables back */
void gpuas_qv_vm_stop(struct qv_vm *vm);

/* Mappings: map.c. Steps of drm_gpuvm_sm_map() and drm_gpuvm_sm_unmap(), for a &struct qv_map */
int gpuas_qv_map_step(struct drm_gpuva_op *op, void *map);
int gpuas_qv_remap_step(struct drm_gpuva_op *op, void *map);
int gpuas_qv_unmap_step(struct drm_gpuva_op *op, void *map);

/** gpuas_qv_map_clear() - Let go of all buffers of a VM that is stopped */
void gpuas_qv_map_clear(struct qv_vm *vm);

/* Queues: queue.c */
struct qv_queue *gpuas_qv_queue_find(struct qv_file *file, u32 id);
void gpuas_qv_queue_put(struct qv_queue *queue);
void gpuas_qv_queue_close(struct qv_queue *queue);

/** gpuas_qv_queue_done() - Note what became of a job */
void gpuas_qv_queue_done(struct qv_queue *queue, u64 seqno, int err,
			 const struct fw_message *answer);

/* Syncs: sync.c */

/**
 * gpuas_qv_sync_in() - Make a job wait
 * @job: initialised, not armed
 * @file: whose syncobjs
 * @pointer: of the user's, to &struct drm_gpuas_sync
 * @count: how many
 *
 * Return: 0, -EDQUOT, -EFAULT, -EINVAL, -ENOENT, -ENOMEM.
 */
int gpuas_qv_sync_in(struct drm_sched_job *job, struct drm_file *file, u64 pointer, u32 count);

/* Find places for its fence, and memory to fill them: as above. */
int gpuas_qv_sync_out(struct qv_outs *outs, struct drm_file *file, u64 pointer, u32 count);

/* Fill them; and be done with them, filled or not. */
void gpuas_qv_sync_signal(struct qv_outs *outs, struct dma_fence *fence);
void gpuas_qv_sync_free(struct qv_outs *outs);

/**
 * gpuas_qv_copy_array() - Read an array of the user's
 * @pointer: where it is
 * @count: its elements
 * @stride: bytes from one to the next
 * @size: bytes of one that we know
 * @least: bytes of one in the first version
 *
 * Return: the array, for kvfree(); ERR_PTR(-EINVAL) if the stride is too small, too large or
 * odd, or there is something that we do not know; -EFAULT, -EINTR, -ENOMEM.
 */
void *gpuas_qv_copy_array(u64 pointer, u32 count, u32 stride, size_t size, size_t least);

/* The schedulers' */
extern const struct drm_sched_backend_ops gpuas_qv_bind_ops;
extern const struct drm_sched_backend_ops gpuas_qv_copy_ops;

/* Calls */
int gpuas_qv_ioctl_get_params(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_vm_create(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_vm_destroy(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_vm_bind(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_gem_create(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_gem_mmap_offset(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_gem_wait(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_queue_create(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_queue_destroy(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_queue_state(struct drm_device *drm, void *data, struct drm_file *file);
int gpuas_qv_ioctl_submit(struct drm_device *drm, void *data, struct drm_file *file);

#endif /* GPUAS_QEMU_VIRT_RENDER_H */
