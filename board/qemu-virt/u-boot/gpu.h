/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GPUAS_QEMU_VIRT_UBOOT_GPU_H
#define GPUAS_QEMU_VIRT_UBOOT_GPU_H

#include "../firmware.h"

struct gpuas_bringup;

/**
 * gpu_parts() - Find the parts of the stand-in GPU
 * @boot: @smmu, @edu, @stream, @gicd, @gicr and @cpus are set
 * @report: names the part that is missing
 *
 * U-Boot's own PCI code has given the GPU its address; here it becomes bus master.
 *
 * Return: 0; -GPUAS_ENOENT if a part is missing.
 */
int gpu_parts(struct fw_boot *boot, struct gpuas_report *report);

/**
 * gpu_load_firmware() - Get the firmware's image
 * @to: where to
 * @size: how much there is room for
 * @report: names what is wrong with it
 *
 * Return: 0; -GPUAS_ENOENT if there is none; -GPUAS_EMSGSIZE if it does not fit.
 */
int gpu_load_firmware(void *to, uint64_t size, struct gpuas_report *report);

/** gpu_master() - Let the GPU access memory, or not */
void gpu_master(bool on);

/** gpu_cpu_on() - Start the firmware's CPU: 0, or -GPUAS_EACCES with a report */
int gpu_cpu_on(uint64_t cpu, uint64_t entry, uint64_t arg, struct gpuas_report *report);

/** gpu_wait_for_cpus() - Wait until every CPU that is on has run a little */
void gpu_wait_for_cpus(void);

/** gpu_cpu_is_off() - Is it off? */
bool gpu_cpu_is_off(uint64_t cpu);

#endif /* GPUAS_QEMU_VIRT_UBOOT_GPU_H */
