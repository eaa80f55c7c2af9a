/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_SNAPSHOT_H
#define GPUAS_QEMU_VIRT_SNAPSHOT_H

#include "driver.h"

/**
 * gpuas_qv_snapshot() - Have the kernel keep all that is known: gpuas_linux_snapshot()
 * @gpu: the GPU, adopted; not with any lock held
 * @why: why
 *
 * Return: as gpuas_linux_snapshot(); -EPERM if the parameter dump_mib is 0.
 */
int gpuas_qv_snapshot(struct gpu *gpu, const char *why);

/** gpuas_qv_snapshot_death() - The same, because its firmware is dead: &fw_death.work */
void gpuas_qv_snapshot_death(struct work_struct *work);

#endif /* GPUAS_QEMU_VIRT_SNAPSHOT_H */
