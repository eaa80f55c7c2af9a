/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_UBOOT_H
#define GPUAS_UBOOT_H

#include <gpuas/boards.h>
#include <gpuas/bringup.h>

/** GPUAS_NO_LIMIT - Let regions be anywhere that the board allows */
#define GPUAS_NO_LIMIT	(~0ULL)

/**
 * struct gpuas_uboot - The one bring-up of this U-Boot
 * @board: the board; NULL if this machine is none that the library knows
 * @bringup: at stage BUILT, or at NONE
 * @last: highest physical address that a region may have
 * @why: why there is no GPU for the OS, while @bringup is at NONE
 * @published: a device tree was given the regions of @bringup
 * @held: regions of a bring-up whose firmware could not be stopped: it may use them
 *	at any time, so nobody else ever must
 */
struct gpuas_uboot {
	const struct gpuas_board *board;
	struct gpuas_bringup bringup;
	uint64_t last;
	struct gpuas_text why;
	bool published;
	struct gpuas_manifest held;
};

extern struct gpuas_uboot gpuas_uboot;

/**
 * struct gpuas_uboot_gpu - A GPU that U-Boot itself can run
 * @board: the board that has it
 * @start: Start its firmware, which the manifest of @bringup is for, and wait
 *	until it is up. Returns 0, or a negative errno value with a @report; then
 *	@on says whether the firmware may be running all the same.
 * @on: May the firmware be running, and so using its memory?
 * @stop: Stop it for good: 0, or a negative errno value with a @report.
 * @info: Print a few lines about it.
 * @print_log: Print the firmware's log.
 * @dma: Let the GPU copy @size bytes between VAs of the shared half: 0, or a
 *	negative errno value with a @report.
 *
 * Optional: without one, the firmware is somebody else's to start. Made by
 * GPUAS_UBOOT_GPU().
 */
struct gpuas_uboot_gpu {
	const struct gpuas_board *board;
	int (*start)(const struct gpuas_bringup *bringup,
		     struct gpuas_report *report);
	bool (*on)(void);
	int (*stop)(struct gpuas_report *report);
	void (*info)(void);
	void (*print_log)(void);
	int (*dma)(gpuas_va_t from, gpuas_va_t to, uint64_t size,
		   struct gpuas_report *report);
};

/** GPUAS_UBOOT_GPU() - Define one, in a list that the linker makes */
#define GPUAS_UBOOT_GPU(name) \
	ll_entry_declare(struct gpuas_uboot_gpu, name, gpuas_gpu)

/** gpuas_uboot_gpu() - The GPU of this board, or NULL */
const struct gpuas_uboot_gpu *gpuas_uboot_gpu(void);

/** gpuas_uboot_gpu_start() - Start it, if there is one */
int gpuas_uboot_gpu_start(struct gpuas_report *report);

/** gpuas_uboot_gpu_on() - May its firmware be running? */
bool gpuas_uboot_gpu_on(void);

/** gpuas_uboot_gpu_stop() - Stop its firmware; false if it goes on */
bool gpuas_uboot_gpu_stop(void);

/** gpuas_uboot_ready() - Is there something to hand over? */
bool gpuas_uboot_ready(void);

/**
 * gpuas_uboot_start() - Bring up
 * @last: highest physical address that a region may have, or GPUAS_NO_LIMIT
 *
 * Return: 0, or an error of the library. After an error, which was printed, all
 * memory was given back that no firmware may be using, and &gpuas_uboot.why says
 * what was wrong.
 */
int gpuas_uboot_start(uint64_t last);

/**
 * gpuas_uboot_stop() - Stop the firmware and give all memory back
 * @why: why there is no GPU from now on
 * @what: more about it, or NULL
 */
void gpuas_uboot_stop(const char *why, const char *what);

/** gpuas_uboot_ram() - Is a range inside RAM that U-Boot may read? */
bool gpuas_uboot_ram(uint64_t pa, uint64_t size);

/** gpuas_uboot_env() - An environment to read through, all of RAM */
void gpuas_uboot_env(struct gpuas_env *env);

/**
 * gpuas_uboot_publish() - Write the manifest into a device tree
 * @fdt: the blob
 * @report: says what stood in the way
 *
 * Return: 0, or an error of gpuas_fdt_publish(), after which the blob is as
 * before; -GPUAS_ENOMEM if U-Boot's heap is too small to work on a copy.
 */
int gpuas_uboot_publish(void *fdt, struct gpuas_report *report);

#endif /* GPUAS_UBOOT_H */
