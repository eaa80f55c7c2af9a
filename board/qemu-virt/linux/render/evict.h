/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_EVICT_H
#define GPUAS_QEMU_VIRT_EVICT_H

#include "render.h"

/* Of a render node: from now on; not any more, but for references; and nothing is left. */
int gpuas_qv_evict_init(struct qv_render *render);
void gpuas_qv_evict_stop(struct qv_render *render);
void gpuas_qv_evict_exit(struct qv_render *render);

/* Of a buffer: prepared; it may be evicted; it is being freed. */
void gpuas_qv_evict_begin(struct qv_bo *bo);
void gpuas_qv_evict_add(struct qv_bo *bo);
void gpuas_qv_evict_del(struct qv_bo *bo);

/** gpuas_qv_evict_validate() - For &drm_gpuvm_ops: bring one back to a VM */
int gpuas_qv_evict_validate(struct drm_gpuvm_bo *vm_bo, struct drm_exec *exec);

/**
 * gpuas_qv_evict_restore() - Bring back all that a VM has mapped
 * @vm: the VM
 * @exec: its reservation and those of all its buffers
 *
 * Return: 0; -EAGAIN if binds are under way, as those change mappings: gpuas_qv_evict_settle(),
 * and all again; -ENOMEM; an error of the kernel's. What is back stays so.
 */
int gpuas_qv_evict_restore(struct qv_vm *vm, struct drm_exec *exec);

/**
 * gpuas_qv_evict_settle() - Wait for the binds of a VM, for as long as users want
 * @vm: the VM; none of its locks is held
 *
 * Return: 0; -ERESTARTSYS.
 */
int gpuas_qv_evict_settle(struct qv_vm *vm);

#endif /* GPUAS_QEMU_VIRT_EVICT_H */
