/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_DRM_H
#define GPUAS_DRM_H

#include <drm/drm.h>

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: The render node of the stand-in GPU
 *
 * Driver "gpuas". A file has VMs, buffers and queues. A VM is a lower half of the GPU's
 * address space: buffers are bound in it, by any number of queues' jobs it is used, and
 * what it does not bind is not reached. A queue belongs to a VM; its jobs, which copy,
 * are done in order. The GPU does one job at a time, of whatever queue.
 *
 * All synchronisation is explicit: jobs, and asynchronous binds, wait for fences of
 * syncobjs and put their own into others. A bind is not seen by jobs that were not made
 * to wait for it, and what a job still uses can be unbound: then it faults.
 *
 * Numbers are in bytes, VAs those of the GPU; binds are in units of
 * &drm_gpuas_params.granule. Arrays have a stride, so that their structures may grow:
 * what is behind that which the driver knows has to be 0, what is missing counts as 0. A
 * stride is at most 4096.
 * Structures are the same for 32 and 64 bits. Fields called pad, flags that are not
 * known, and fields that the driver sets have to be 0. Ids and handles are not 0.
 *
 * Nothing has happened after an error, but for -EFAULT when an answer could not be
 * written. Errors that any call may return:
 *
 * - EINVAL: a field that has to be 0 and is not, an id or a handle of a kind that is not
 *   expected, or what the call says;
 * - ENOENT: no such id, handle, or fence of a syncobj;
 * - EFAULT: a pointer that cannot be read or written;
 * - EDQUOT: more than &struct drm_gpuas_params allows to this file, or to all;
 * - ENOMEM, EINTR, ERESTARTSYS;
 * - EIO: the GPU is dead, which it stays: params, waits, states, mmaps, and whatever
 *   destroys, go on;
 * - ENODEV: the driver has let go of the GPU.
 *
 * A job, or an asynchronous bind, that fails has the error in its fence:
 *
 * - EFAULT: the GPU's MMU refused an access. It costs this job alone;
 * - ETIME: the job took too long. It costs its VM: nothing is bound in it any more;
 * - ECANCELED: the VM was lost in this way before;
 * - ESRCH, or ECANCELED if it was begun: queue or file were closed, or the driver has let
 *   go of the GPU;
 * - EIO: as above.
 */

#define DRM_GPUAS_GET_PARAMS		0x00
#define DRM_GPUAS_VM_CREATE		0x01
#define DRM_GPUAS_VM_DESTROY		0x02
#define DRM_GPUAS_VM_BIND		0x03
#define DRM_GPUAS_GEM_CREATE		0x04
#define DRM_GPUAS_GEM_MMAP_OFFSET	0x05
#define DRM_GPUAS_GEM_WAIT		0x06
#define DRM_GPUAS_QUEUE_CREATE		0x07
#define DRM_GPUAS_QUEUE_DESTROY		0x08
#define DRM_GPUAS_QUEUE_STATE		0x09
#define DRM_GPUAS_SUBMIT		0x0a

/**
 * enum drm_gpuas_state - How the GPU is
 * @DRM_GPUAS_RUNNING: its firmware runs
 * @DRM_GPUAS_DEAD: it was given up
 */
enum drm_gpuas_state {
	DRM_GPUAS_RUNNING,
	DRM_GPUAS_DEAD,
};

/**
 * struct drm_gpuas_params - What the GPU is, and what a file may have
 * @granule: unit of buffers and binds
 * @va_bits: number of bits of a VA of a VM
 * @va_start: first VA that may be bound
 * @va_end: first one behind that may not
 * @copy_max: bytes of one copy
 * @heartbeat: the firmware's, which grows as long as it runs
 * @state: &enum drm_gpuas_state
 * @contexts: VMs that the firmware knows at a time; it is told others when their jobs come
 * @file_vms: VMs of one file
 * @file_queues: queues of one file
 * @file_buffers: buffers that one file made and that exist
 * @vm_binds: VM_BIND calls of a VM that are not done
 * @queue_jobs: jobs of a queue that are not done
 * @ops_max: ops of one VM_BIND
 * @pieces_max: physically contiguous pieces that the ops of one VM_BIND lead to
 * @cmds_max: commands of one SUBMIT
 * @syncs_max: syncs of one array
 * @vm_tables: page tables of a VM, a granule each; a bind wants as many as it may need at
 *	most, which it gives back when it is done
 * @file_bytes: bytes in buffers that one file made and that exist
 * @device_bytes: the same, of all files
 */
struct drm_gpuas_params {
	__u32 granule;
	__u32 va_bits;
	__u64 va_start;
	__u64 va_end;
	__u64 copy_max;
	__u64 heartbeat;
	__u32 state;
	__u32 contexts;
	__u32 file_vms;
	__u32 file_queues;
	__u32 file_buffers;
	__u32 vm_binds;
	__u32 queue_jobs;
	__u32 ops_max;
	__u32 pieces_max;
	__u32 cmds_max;
	__u32 syncs_max;
	__u32 vm_tables;
	__u64 file_bytes;
	__u64 device_bytes;
};

/**
 * struct drm_gpuas_get_params - Ask for parameters
 * @group: 0: &struct drm_gpuas_params
 * @pad: 0
 * @pointer: where they are written
 * @size: bytes there; set to what the driver has. If that is less, the rest is set to 0
 *
 * EINVAL: no such group.
 */
struct drm_gpuas_get_params {
	__u32 group;
	__u32 pad;
	__u64 pointer;
	__u64 size;
};

/**
 * struct drm_gpuas_vm_create - Have an empty address space
 * @flags: 0
 * @vm_id: set to its id in this file
 */
struct drm_gpuas_vm_create {
	__u32 flags;
	__u32 vm_id;
};

/**
 * struct drm_gpuas_vm_destroy - Be done with an address space
 * @vm_id: the VM
 * @pad: 0
 *
 * It goes on until its queues are destroyed and their jobs done.
 */
struct drm_gpuas_vm_destroy {
	__u32 vm_id;
	__u32 pad;
};

/**
 * enum drm_gpuas_sync_type - What a sync is
 * @DRM_GPUAS_SYNC_SYNCOBJ: the fence of a syncobj
 * @DRM_GPUAS_SYNC_TIMELINE: a point of a timeline syncobj
 */
enum drm_gpuas_sync_type {
	DRM_GPUAS_SYNC_SYNCOBJ,
	DRM_GPUAS_SYNC_TIMELINE,
};

/**
 * struct drm_gpuas_sync - A fence to wait for, or a place for one
 * @type: &enum drm_gpuas_sync_type
 * @handle: the syncobj
 * @value: the point, not 0, on a timeline; else 0
 *
 * What is waited for has to have a fence already: ENOENT or EINVAL if not.
 */
struct drm_gpuas_sync {
	__u32 type;
	__u32 handle;
	__u64 value;
};

/* What an op does: exactly one of these */
#define DRM_GPUAS_BIND_MAP		(1u << 0)
#define DRM_GPUAS_BIND_UNMAP		(1u << 1)
/* What the GPU may do with a mapping: it has to read at least; 0 for UNMAP */
#define DRM_GPUAS_BIND_READ		(1u << 2)
#define DRM_GPUAS_BIND_WRITE		(1u << 3)

/**
 * struct drm_gpuas_bind_op - Map a part of a buffer, or unmap
 * @flags: DRM_GPUAS_BIND_*
 * @handle: MAP: the buffer; UNMAP: 0
 * @offset: MAP: into the buffer, a multiple of the granule; UNMAP: 0
 * @range: bytes of VA, a multiple of the granule, not 0
 * @addr: first VA, a multiple of the granule
 * @repeat: 0; or, MAP: so many bytes of the buffer, from @offset on, come again and again
 *	over the range, a multiple of the granule, by which @range is divisible
 *
 * MAP maps over whatever is there. UNMAP takes any range, with holes, or with parts of
 * mappings. A buffer that was imported can be mapped if its pieces are granules.
 */
struct drm_gpuas_bind_op {
	__u32 flags;
	__u32 handle;
	__u64 offset;
	__u64 range;
	__u64 addr;
	__u64 repeat;
};

/* Return at once; without it: when it is done, and then there are no syncs */
#define DRM_GPUAS_VM_BIND_ASYNC		(1u << 0)

/**
 * struct drm_gpuas_vm_bind - Change what is mapped in a VM
 * @vm_id: the VM
 * @flags: 0 or DRM_GPUAS_VM_BIND_ASYNC
 * @num_ops: number of ops, at least 1
 * @op_stride: bytes from one op to the next, a multiple of 8; at least 40
 * @ops: &struct drm_gpuas_bind_op, in the order in which they happen
 * @num_in: number of syncs at @in
 * @num_out: number of syncs at @out
 * @in: &struct drm_gpuas_sync to wait for before
 * @out: &struct drm_gpuas_sync that get the fence
 *
 * All of the ops happen, or none. Binds of a VM happen in the order of the calls, with
 * and without ASYNC. When it is done, the GPU reaches nothing any more that was unmapped.
 * The one exception is EIO where the MMU did not answer: then the GPU is dead, and may go on
 * to reach all that was mapped, which the kernel keeps from everybody else until it is reset.
 *
 * The ranges of all ops are together at most twice as large as what may be bound: EDQUOT.
 * Ops in a row that go on in VA with the same buffer and flags are one mapping for the kernel,
 * wherever they lead to in the buffer; that is cheap.
 *
 * EINVAL: what the op says; ERANGE: not all of @range is in [va_start, va_end), or not
 * all of what is mapped in the buffer; EOVERFLOW: something wraps; ECANCELED: the VM was
 * lost; EPERM: the buffer belongs to another VM; EOPNOTSUPP: its memory is not in granules,
 * or the kernel copies it for the device (swiotlb), as its log says.
 */
struct drm_gpuas_vm_bind {
	__u32 vm_id;
	__u32 flags;
	__u32 num_ops;
	__u32 op_stride;
	__u64 ops;
	__u32 num_in;
	__u32 num_out;
	__u64 in;
	__u64 out;
};

/**
 * struct drm_gpuas_gem_create - Have zeroed memory
 * @size: bytes, a multiple of the granule, not 0
 * @flags: 0
 * @vm_id: the only VM in which it will be mapped, which makes jobs cheaper; 0: any, and
 *	it may be exported
 * @handle: set to its handle
 * @pad: 0
 *
 * The memory comes with the first access or mapping, on the account of who does that. When
 * there is too little, in the cgroup of who made the buffer too, it may be swapped out while
 * no job, and no bind, that may use it is under way, and nobody has it mmap-ed or imported
 * it. It is mapped in the VMs as before for the next job of each, whose SUBMIT waits for that.
 * Buffers that were ever bound repeated, or at one place in another order than theirs, stay.
 */
struct drm_gpuas_gem_create {
	__u64 size;
	__u32 flags;
	__u32 vm_id;
	__u32 handle;
	__u32 pad;
};

/**
 * struct drm_gpuas_gem_mmap_offset - Ask what mmap() takes for a buffer
 * @handle: the buffer, which was not imported
 * @flags: 0
 * @offset: set to the offset of its first byte
 */
struct drm_gpuas_gem_mmap_offset {
	__u32 handle;
	__u32 flags;
	__u64 offset;
};

/**
 * struct drm_gpuas_gem_wait - Wait until no job that may use a buffer is under way
 * @handle: the buffer
 * @flags: 0
 * @timeout_ns: until this time of CLOCK_MONOTONIC; 0: do not wait
 *
 * Jobs and binds count that were called for before, of VMs in which it is mapped.
 * ETIME: there are some.
 */
struct drm_gpuas_gem_wait {
	__u32 handle;
	__u32 flags;
	__s64 timeout_ns;
};

/**
 * enum drm_gpuas_priority - Of a queue
 * @DRM_GPUAS_PRIORITY_LOW: its jobs come when there are no others
 * @DRM_GPUAS_PRIORITY_NORMAL: for everybody
 * @DRM_GPUAS_PRIORITY_HIGH: before all others; wants CAP_SYS_NICE, EACCES
 */
enum drm_gpuas_priority {
	DRM_GPUAS_PRIORITY_LOW,
	DRM_GPUAS_PRIORITY_NORMAL,
	DRM_GPUAS_PRIORITY_HIGH,
};

/**
 * struct drm_gpuas_queue_create - Have a queue of jobs
 * @vm_id: the VM that they use
 * @priority: &enum drm_gpuas_priority
 * @flags: 0
 * @queue_id: set to its id in this file
 */
struct drm_gpuas_queue_create {
	__u32 vm_id;
	__u32 priority;
	__u32 flags;
	__u32 queue_id;
};

/**
 * struct drm_gpuas_queue_destroy - Be done with a queue
 * @queue_id: the queue
 * @pad: 0
 *
 * Its jobs that were not begun are cancelled.
 */
struct drm_gpuas_queue_destroy {
	__u32 queue_id;
	__u32 pad;
};

/* The VM was lost: nothing can be done with the queue any more. */
#define DRM_GPUAS_QUEUE_BANNED		(1u << 0)

/**
 * struct drm_gpuas_queue_state - Ask what became of a queue's jobs
 * @queue_id: the queue
 * @flags: 0; set to 0 or DRM_GPUAS_QUEUE_BANNED
 * @done: set to the number of jobs that are done, those that failed included
 * @failed: set to how many of them failed
 * @seqno: set to the number of the last one that failed, or 0
 * @fault_va: set, if it faulted, to the VA
 * @fault_type: set, if it faulted, to the event's number in Arm IHI 0070, 7.3
 * @fault_write: set, if it faulted, to 1 for a write, 0 for a read
 * @error: set to its error, a negative errno value, or 0
 * @pad: 0
 */
struct drm_gpuas_queue_state {
	__u32 queue_id;
	__u32 flags;
	__u64 done;
	__u64 failed;
	__u64 seqno;
	__u64 fault_va;
	__u32 fault_type;
	__u32 fault_write;
	__s32 error;
	__u32 pad;
};

/**
 * enum drm_gpuas_cmd_type - What a command does
 * @DRM_GPUAS_CMD_COPY: copy
 */
enum drm_gpuas_cmd_type {
	DRM_GPUAS_CMD_COPY,
};

/**
 * struct drm_gpuas_cmd - One command of a job
 * @type: &enum drm_gpuas_cmd_type
 * @flags: 0
 * @from: COPY: first VA to read, in the VM, or in what the firmware shows to the GPU
 * @to: COPY: first VA to write, in the VM
 * @size: COPY: bytes, not 0, at most &drm_gpuas_params.copy_max; any alignment
 *
 * That something is mapped there is for the GPU to find out.
 */
struct drm_gpuas_cmd {
	__u32 type;
	__u32 flags;
	__u64 from;
	__u64 to;
	__u64 size;
};

/**
 * struct drm_gpuas_submit - Have a job done
 * @queue_id: the queue
 * @flags: 0
 * @num_cmds: number of commands, at least 1
 * @cmd_stride: bytes from one command to the next, a multiple of 8; at least 32
 * @cmds: &struct drm_gpuas_cmd, done in order, until one fails
 * @num_in: number of syncs at @in
 * @num_out: number of syncs at @out
 * @in: &struct drm_gpuas_sync to wait for before
 * @out: &struct drm_gpuas_sync that get the job's fence
 * @seqno: set to the job's number in its queue: the first one has 1
 *
 * EINVAL: what the command says; EPERM: a range that the VM has no business with;
 * ECANCELED: the VM was lost; ENOMEM also: what is mapped in the VM is not all in memory, and
 * there is too little to bring it back.
 */
struct drm_gpuas_submit {
	__u32 queue_id;
	__u32 flags;
	__u32 num_cmds;
	__u32 cmd_stride;
	__u64 cmds;
	__u32 num_in;
	__u32 num_out;
	__u64 in;
	__u64 out;
	__u64 seqno;
};

#define DRM_GPUAS_IOWR(name, type) \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_GPUAS_##name, struct drm_gpuas_##type)

#define DRM_IOCTL_GPUAS_GET_PARAMS	DRM_GPUAS_IOWR(GET_PARAMS, get_params)
#define DRM_IOCTL_GPUAS_VM_CREATE	DRM_GPUAS_IOWR(VM_CREATE, vm_create)
#define DRM_IOCTL_GPUAS_VM_DESTROY	DRM_GPUAS_IOWR(VM_DESTROY, vm_destroy)
#define DRM_IOCTL_GPUAS_VM_BIND		DRM_GPUAS_IOWR(VM_BIND, vm_bind)
#define DRM_IOCTL_GPUAS_GEM_CREATE	DRM_GPUAS_IOWR(GEM_CREATE, gem_create)
#define DRM_IOCTL_GPUAS_GEM_MMAP_OFFSET	DRM_GPUAS_IOWR(GEM_MMAP_OFFSET, gem_mmap_offset)
#define DRM_IOCTL_GPUAS_GEM_WAIT	DRM_GPUAS_IOWR(GEM_WAIT, gem_wait)
#define DRM_IOCTL_GPUAS_QUEUE_CREATE	DRM_GPUAS_IOWR(QUEUE_CREATE, queue_create)
#define DRM_IOCTL_GPUAS_QUEUE_DESTROY	DRM_GPUAS_IOWR(QUEUE_DESTROY, queue_destroy)
#define DRM_IOCTL_GPUAS_QUEUE_STATE	DRM_GPUAS_IOWR(QUEUE_STATE, queue_state)
#define DRM_IOCTL_GPUAS_SUBMIT		DRM_GPUAS_IOWR(SUBMIT, submit)

#if defined(__cplusplus)
}
#endif

#endif /* GPUAS_DRM_H */
