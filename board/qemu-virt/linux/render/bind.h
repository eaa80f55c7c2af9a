/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_BIND_H
#define GPUAS_QEMU_VIRT_BIND_H

#include <linux/xarray.h>

#include <gpuas/token.h>

#include "fence.h"
#include "map.h"

/**
 * struct qv_op - Ops of a bind, each of which begins at the VA where the one before it ends
 * @va: first VA
 * @range: bytes
 * @vm_bo: the buffer that is mapped, by all of them; NULL: unmap. A reference of &qv_bind.bos
 * @offset: into it, of the first one
 * @repeat: so many bytes come again and again; 0: all of @range come once
 * @attr: rights
 * @scattered: in the buffer, they do not follow each other
 * @first: first piece, in &qv_bind.list
 * @pieces: how many
 */
struct qv_op {
	u64 va;
	u64 range;
	struct drm_gpuvm_bo *vm_bo;
	u64 offset;
	u64 repeat;
	gpuas_attr_t attr;
	bool scattered;
	u32 first;
	u32 pieces;
};

/**
 * struct qv_bind - A VM_BIND
 * @base: the scheduler's
 * @map: the VM, and what notes need
 * @op: what is to be done
 * @ops: how many
 * @total: bytes of all ranges
 * @bos: buffers, in this VM, by handle, with a reference each
 * @bo: of these, the last one that an op had
 * @handle: its handle
 * @list: pieces of buffers
 * @pieces: how many
 * @step: @op in the engine's words
 * @steps: how many
 * @token: tables for them
 * @fence: its fence
 * @outs: places for it
 * @free: its end
 */
struct qv_bind {
	struct drm_sched_job base;
	struct qv_map map;
	struct qv_op *op;
	u32 ops;
	u64 total;
	struct xarray bos;
	struct drm_gpuvm_bo *bo;
	u32 handle;
	struct gpuas_extent *list;
	u32 pieces;
	struct gpuas_op *step;
	u32 steps;
	struct gpuas_token token;
	struct qv_fence *fence;
	struct qv_outs outs;
	struct work_struct free;
};

/**
 * gpuas_qv_ops_read() - Judge what the user wants, and have all that it takes
 * @bind: &qv_map.vm is set, and the rest is 0; filled
 * @arg: what the user said
 * @file: whose buffers
 *
 * Return: 0; what gpuas_drm.h says. gpuas_qv_ops_free() in any case.
 */
int gpuas_qv_ops_read(struct qv_bind *bind, const struct drm_gpuas_vm_bind *arg,
		      struct drm_file *file);
void gpuas_qv_ops_free(struct qv_bind *bind);

/** gpuas_qv_ops_prepare() - Have the tables too: 0, -EDQUOT, -ENOMEM; for the above */
int gpuas_qv_ops_prepare(struct qv_bind *bind);
void gpuas_qv_ops_drop(struct qv_bind *bind);

/** gpuas_qv_ops_apply() - Change the tables, all or nothing: allocates nothing */
int gpuas_qv_ops_apply(struct qv_bind *bind);

#endif /* GPUAS_QEMU_VIRT_BIND_H */
