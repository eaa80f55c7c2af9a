/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_MAP_H
#define GPUAS_QEMU_VIRT_MAP_H

#include "render.h"

/**
 * struct qv_map - What a bind needs to note what is mapped
 * @vm: the VM
 * @vm_bo: the buffer, in this VM, that is mapped just now
 * @attr: its rights
 * @scattered: and no offset says from where on
 * @spare: mappings that there is memory for
 * @old: those that are not any more
 */
struct qv_map {
	struct qv_vm *vm;
	struct drm_gpuvm_bo *vm_bo;
	gpuas_attr_t attr;
	bool scattered;
	struct list_head spare;
	struct list_head old;
};

/**
 * gpuas_qv_map_reserve() - Have memory for more mappings: 0, -ENOMEM, -EINTR
 * @map: gets it
 * @count: how many: one for a map, and one for what may be cut in two by it, or by an unmap
 */
int gpuas_qv_map_reserve(struct qv_map *map, unsigned int count);

/** gpuas_qv_map_again() - Map what was evicted, as it was: no bind is under way. May allocate */
int gpuas_qv_map_again(struct qv_vm *vm, struct drm_gpuva *va);

/** gpuas_qv_map_end() - Free what is left, and let go of what was unmapped: no locks held */
void gpuas_qv_map_end(struct qv_map *map);

/** gpuas_qv_map_put_bo() - Let go of a buffer in a VM: no locks held */
void gpuas_qv_map_put_bo(struct drm_gpuvm_bo *vm_bo);

#endif /* GPUAS_QEMU_VIRT_MAP_H */
