/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_UBOOT_H
#define GPUAS_UBOOT_H

#include <gpuas/boards.h>
#include <gpuas/bringup.h>

/** GPUAS_NO_LIMIT - Let regions be anywhere that the board allows */
#define GPUAS_NO_LIMIT	(~0ULL)

/** GPUAS_UBOOT_COMMAND - Is there the command 'gpuas'? Its Makefile knows. */
#define GPUAS_UBOOT_COMMAND	IS_ENABLED(GPUAS_COMMAND)

/** GPUAS_UBOOT_ADVICE() - What to do, if this U-Boot has the command for it */
#define GPUAS_UBOOT_ADVICE(command, what) \
	(IS_ENABLED(CONFIG_##command) ? (what) : "")

/**
 * struct gpuas_uboot - The one bring-up of this U-Boot
 * @board: the board; NULL if this machine is none that the library knows
 * @gpu: without @board, a compatible of a GPU whose family the library knows
 * @bringup: at stage BUILT, or at NONE
 * @last: highest physical address that a region may have
 * @why: why there is no GPU for the OS, while @bringup is at NONE; without @board, what
 *	is not known of the SoC, if that is one that the library identifies
 * @published: the device tree that was given the regions of @bringup last, or NULL
 * @held: regions of a bring-up whose firmware could not be stopped, and may use
 *	them at any time, or which are in a tree that is out of U-Boot's hands: so
 *	nobody else ever must have them
 */
struct gpuas_uboot {
	const struct gpuas_board *board;
	const char *gpu;
	struct gpuas_bringup bringup;
	uint64_t last;
	struct gpuas_text why;
	const void *published;
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
 * @copy_log: Copy its end to @text, @size bytes at most: how many there are. For
 *	snapshots; may be NULL.
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
	uint32_t (*copy_log)(char *text, uint32_t size);
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

/** gpuas_uboot_hold() - Let nobody have the memory of the bring-up any more */
void gpuas_uboot_hold(void);

/** gpuas_uboot_last_hook() - Have a last look before an OS starts: 0 or -errno */
int gpuas_uboot_last_hook(void);

/**
 * gpuas_uboot_reserve() - Have a tree reserve all memory that firmware may use
 * @fdt: the blob
 *
 * Return: 0; an error of libfdt if there is no room for that in /memreserve/, which
 * is as it was then.
 */
int gpuas_uboot_reserve(void *fdt);

/** gpuas_uboot_reserved() - Does a tree, sound or not, do so? */
bool gpuas_uboot_reserved(const void *fdt);

/** gpuas_uboot_ram() - Is a range RAM that U-Boot may read? Maps it if need be. */
bool gpuas_uboot_ram(uint64_t pa, uint64_t size);

/** gpuas_uboot_kept() - Is any of a range kept from being overwritten, or has no-map? */
bool gpuas_uboot_kept(uint64_t pa, uint64_t size);

/**
 * gpuas_uboot_env() - An environment to read through: all of RAM, and regions with no-map
 * @env: filled
 * @manifest: has these regions; must outlive @env
 */
void gpuas_uboot_env(struct gpuas_env *env, struct gpuas_manifest *manifest);

/**
 * gpuas_uboot_snapshot() - Write the file of a snapshot into RAM
 * @addr: where to
 * @size: how much room there is, for the file, and behind it what is needed to make it
 *
 * Says what was written, and how to save it; after a bring-up that failed, what was found.
 *
 * Return: 0; an error of the library, which was printed.
 */
int gpuas_uboot_snapshot(uint64_t addr, uint64_t size);

/**
 * gpuas_uboot_trial() - Write the manifest into a device tree that no OS gets
 * @fdt: the blob
 * @report: says what stood in the way
 *
 * Return: 0, or an error of gpuas_fdt_publish(), after which the blob is as
 * before; -GPUAS_ENOMEM if U-Boot's heap is too small to work on a copy.
 */
int gpuas_uboot_trial(void *fdt, struct gpuas_report *report);

/**
 * gpuas_uboot_publish() - Write the manifest into a device tree for an OS
 * @fdt: the blob
 *
 * Or, if that is not possible, say so in one sentence and in the tree. On an
 * adopting board such a tree stays as it is.
 *
 * Return: 0; an error if the OS must not be booted with this tree.
 */
int gpuas_uboot_publish(void *fdt);

#endif /* GPUAS_UBOOT_H */
