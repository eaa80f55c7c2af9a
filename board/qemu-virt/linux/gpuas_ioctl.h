/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_IOCTL_H
#define GPUAS_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: /dev/gpuas
 *
 * Each open file is a context of the stand-in GPU: a lower half of its own, in
 * which buffers are mapped, and jobs that copy within it. When the file is closed,
 * and none of its buffers is mmap-ed any more, jobs are cancelled, and all is given
 * back.
 *
 * Numbers are in bytes. VAs are those of the GPU. Fields that are set by the driver,
 * and those called reserved, have to be 0. Nothing has happened after an error, but
 * for -EFAULT when an answer could not be written.
 *
 * Errors that any call may return: ENODEV if the driver has let go of the GPU;
 * EIO if the GPU is dead, which it stays: then only GPUAS_INFO, GPUAS_WAIT and
 * GPUAS_DESTROY_BUFFER go on; EINVAL for a field that has to be 0 and is not; EFAULT
 * for an argument that cannot be read or written; EDQUOT if the open file would
 * have more than struct gpuas_ioctl_info allows; ENOMEM; ENOTTY for another request;
 * EBUSY for the first call if there are as many contexts as there can be.
 */

/**
 * struct gpuas_ioctl_info - What this context is, and what it may have
 * @context: its number
 * @granule: unit of buffers and mappings
 * @va_bits: VAs are below 1 << @va_bits
 * @buffers_max: buffers
 * @bytes_max: bytes in buffers, those included that were destroyed and are in use
 * @mappings_max: mappings
 * @jobs_max: jobs that were not waited for
 * @copy_max: bytes of one job
 * @heartbeat: the firmware's, which grows as long as it runs
 */
struct gpuas_ioctl_info {
	__u32 context;
	__u32 granule;
	__u32 va_bits;
	__u32 buffers_max;
	__u64 bytes_max;
	__u32 mappings_max;
	__u32 jobs_max;
	__u64 copy_max;
	__u64 heartbeat;
};

/**
 * struct gpuas_ioctl_create_buffer - Have zeroed memory
 * @size: a multiple of the granule, not 0
 * @offset: set to what mmap() takes for it; a part of it is mapped by adding to this
 * @handle: set to its name in this file
 * @pieces: set to the number of physically contiguous pieces that it consists of
 *
 * EINVAL: @size.
 */
struct gpuas_ioctl_create_buffer {
	__u64 size;
	__u64 offset;
	__u32 handle;
	__u32 pieces;
};

/**
 * struct gpuas_ioctl_destroy_buffer - Forget a handle
 * @handle: the buffer
 * @reserved: 0
 *
 * The memory stays as long as it is mapped, by the GPU or by mmap(). ENOENT: no
 * such handle.
 */
struct gpuas_ioctl_destroy_buffer {
	__u32 handle;
	__u32 reserved;
};

/* What the GPU may do with a mapping; it has to read at least. */
#define GPUAS_MAP_READ	(1u << 0)
#define GPUAS_MAP_WRITE	(1u << 1)

/**
 * struct gpuas_ioctl_map - Map a part of a buffer
 * @handle: the buffer
 * @flags: GPUAS_MAP_READ, or that and GPUAS_MAP_WRITE
 * @offset: into the buffer, a multiple of the granule
 * @size: a multiple of the granule, not 0
 * @va: first VA, a multiple of the granule
 *
 * ENOENT: no such handle; ERANGE: not all of it is in the buffer, or in the lower half;
 * EOVERFLOW: @offset or @va plus @size wraps; EINVAL: unaligned, empty, or other flags;
 * EEXIST: something is mapped there.
 */
struct gpuas_ioctl_map {
	__u32 handle;
	__u32 flags;
	__u64 offset;
	__u64 size;
	__u64 va;
};

/**
 * struct gpuas_ioctl_unmap - Undo one GPUAS_MAP
 * @va: as it was mapped
 * @size: as it was mapped
 *
 * When this returns, the GPU cannot reach the memory any more. ENOENT: there is no
 * such mapping; EBUSY: a job of this context is not done.
 */
struct gpuas_ioctl_unmap {
	__u64 va;
	__u64 size;
};

/**
 * struct gpuas_ioctl_copy - Let the GPU copy
 * @from: first VA to read: in the lower half, or in what the firmware shows to the GPU
 * @to: first VA to write, in the lower half
 * @size: bytes, not 0, at most @copy_max; any alignment
 * @job: set to the job's number, not 0
 * @reserved: 0
 *
 * Jobs of all contexts are done one after the other. That something is mapped there
 * is for the GPU to find out. EINVAL: @size; EPERM: a range that the context has no
 * business with.
 */
struct gpuas_ioctl_copy {
	__u64 from;
	__u64 to;
	__u64 size;
	__u32 job;
	__u32 reserved;
};

/**
 * struct gpuas_ioctl_wait - Wait for a job, and be done with it
 * @job: its number
 * @timeout_ms: how long
 * @error: set to 0, or to why it failed: -EFAULT if the GPU's MMU refused an access,
 *	-EIO if the GPU is dead, -ECANCELED if the driver let go of it, or another one
 *	of the firmware's
 * @fault_type: for -EFAULT: the event's number in Arm IHI 0070, 7.3
 * @fault_va: for -EFAULT: the VA
 * @fault_write: for -EFAULT: 1 for a write, 0 for a read
 * @reserved: 0
 *
 * ENOENT: no such job; ETIMEDOUT: it is not done, call again; EINTR.
 */
struct gpuas_ioctl_wait {
	__u32 job;
	__u32 timeout_ms;
	__u64 fault_va;
	__s32 error;
	__u32 fault_type;
	__u32 fault_write;
	__u32 reserved;
};

#define GPUAS_INFO		_IOR('g', 0xa0, struct gpuas_ioctl_info)
#define GPUAS_CREATE_BUFFER	_IOWR('g', 0xa1, struct gpuas_ioctl_create_buffer)
#define GPUAS_DESTROY_BUFFER	_IOW('g', 0xa2, struct gpuas_ioctl_destroy_buffer)
#define GPUAS_MAP		_IOW('g', 0xa3, struct gpuas_ioctl_map)
#define GPUAS_UNMAP		_IOW('g', 0xa4, struct gpuas_ioctl_unmap)
#define GPUAS_COPY		_IOWR('g', 0xa5, struct gpuas_ioctl_copy)
#define GPUAS_WAIT		_IOWR('g', 0xa6, struct gpuas_ioctl_wait)

#endif /* GPUAS_IOCTL_H */
