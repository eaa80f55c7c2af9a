// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What users have, for a snapshot. No VM comes or goes while &qv_render.lock is held, none is
 * stopped while &qv_render.bound_lock is, no tree changes while its own lock is, and no buffer's
 * memory goes while &qv_render.buffers_lock is. Nobody needs memory while they are held.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>

#include "render.h"

void gpuas_qv_render_hold(void *gpu)
{
	struct qv_render *render = ((struct gpu *)gpu)->render;
	struct qv_vm *vm;

	mutex_lock(&render->lock);
	mutex_lock(&render->bound_lock);
	list_for_each_entry(vm, &render->vms, link) {
		if (!vm->stopped)
			mutex_lock_nest_lock(&vm->as.lock, &render->lock);
	}
	mutex_lock(&render->buffers_lock);
}

void gpuas_qv_render_let_go(void *gpu)
{
	struct qv_render *render = ((struct gpu *)gpu)->render;
	struct qv_vm *vm;

	mutex_unlock(&render->buffers_lock);
	list_for_each_entry(vm, &render->vms, link) {
		if (!vm->stopped)
			mutex_unlock(&vm->as.lock);
	}
	mutex_unlock(&render->bound_lock);
	mutex_unlock(&render->lock);
}

/* What the kernel maps for the GPU elsewhere than where it is cannot be found by its PA. */
static void list_buffer(const struct qv_bo *bo, struct gpuas_linux_shot *shot)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(bo->sgt, sg, i) {
		if (sg_dma_address(sg) == sg_phys(sg) && sg_dma_len(sg) == sg->length)
			gpuas_linux_snapshot_memory(shot, gpuas_pa(sg_phys(sg)), sg->length,
						    sg_virt(sg));
	}
}

/* A PID that is not whole would be somebody else's: then there is none. */
static void name_vm(const struct qv_vm *vm, char name[GPUAS_SNAP_NAME_MAX])
{
	if (snprintf(name, GPUAS_SNAP_NAME_MAX, "vm %u pid %d", vm->number, vm->pid) >=
	    GPUAS_SNAP_NAME_MAX)
		snprintf(name, GPUAS_SNAP_NAME_MAX, "vm %u", vm->number);
}

/* What was imported is others' memory, which may be anything. */
void gpuas_qv_render_list(void *gpu, struct gpuas_linux_shot *shot)
{
	struct qv_render *render = ((struct gpu *)gpu)->render;
	char name[GPUAS_SNAP_NAME_MAX];
	struct qv_vm *vm;
	struct qv_bo *bo;

	list_for_each_entry(vm, &render->vms, link) {
		if (vm->stopped)
			continue;
		name_vm(vm, name);
		gpuas_linux_snapshot_space(shot, &vm->as, name,
					   vm->context ? vm->context : GPUAS_SNAP_NO_CONTEXT);
	}
	list_for_each_entry(bo, &render->buffers, link) {
		if (bo->sgt)
			list_buffer(bo, shot);
	}
}
