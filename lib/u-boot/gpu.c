// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The GPU of a board, if U-Boot has a driver for it. GPL only, as the code in U-Boot's
 * headers is.
 */
#include <linker_lists.h>

#include "uboot.h"

const struct gpuas_uboot_gpu *gpuas_uboot_gpu(void)
{
	const struct gpuas_uboot_gpu *gpu;

	gpu = ll_entry_start(struct gpuas_uboot_gpu, gpuas_gpu);
	for (; gpu != ll_entry_end(struct gpuas_uboot_gpu, gpuas_gpu); gpu++) {
		if (gpu->board == gpuas_uboot.board)
			return gpu;
	}
	return NULL;
}

bool gpuas_uboot_gpu_on(void)
{
	const struct gpuas_uboot_gpu *gpu = gpuas_uboot_gpu();

	return gpu && gpu->on();
}

int gpuas_uboot_gpu_start(struct gpuas_report *report)
{
	const struct gpuas_uboot_gpu *gpu = gpuas_uboot_gpu();

	return gpu ? gpu->start(&gpuas_uboot.bringup, report) : 0;
}

bool gpuas_uboot_gpu_stop(void)
{
	struct gpuas_report report;

	return !gpuas_uboot_gpu_on() || !gpuas_uboot_gpu()->stop(&report);
}
