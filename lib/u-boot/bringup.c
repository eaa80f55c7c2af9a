// SPDX-License-Identifier: GPL-2.0-or-later
/* Bring-up on U-Boot's memory. GPL only, as the code in U-Boot's headers is. */
#include <event.h>
#include <stdio.h>
#include <asm/global_data.h>
#include <gpuas/fdt.h>
#include <linux/libfdt.h>

#include "compat.h"
#include "memory.h"
#include "uboot.h"

/* What firmware may use that does not stop, or an OS that got a tree with it. */
void gpuas_uboot_hold(void)
{
	gpuas_uboot.held = gpuas_uboot.bringup.manifest;
	memset(&gpuas_uboot.bringup, 0, sizeof(gpuas_uboot.bringup));
}

void gpuas_uboot_stop(const char *why, const char *what)
{
	if (gpuas_uboot_gpu_stop())
		gpuas_abandon(&gpuas_uboot.bringup, &gpuas_uboot_memory);
	else
		gpuas_uboot_hold();
	gpuas_uboot.published = NULL;
	gpuas_text_clear(&gpuas_uboot.why);
	gpuas_text_str(&gpuas_uboot.why, why);
	if (what)
		gpuas_text_str(&gpuas_uboot.why, what);
}

/* Regions that are only for the OS need not be mapped. */
static bool is_read(const struct gpuas_region *region)
{
	return region->role == GPUAS_ROLE_TTBS ||
	       region->role == GPUAS_ROLE_PAGETABLES ||
	       region->role == GPUAS_ROLE_HANDOFF ||
	       region->role == GPUAS_ROLE_LENT;
}

/* U-Boot keeps the regions from being overwritten, as all reserved memory of its tree. */
static int check_access(const struct gpuas_region *region,
			struct gpuas_report *report)
{
	uint64_t pa = gpuas_pa_u64(region->pa);
	const char *what;

	if (region->no_map)
		what = is_read(region) && !gpuas_uboot_lend(pa, region->size, region->memory) ?
			       "has no-map, and this U-Boot neither maps nor can map it" : NULL;
	else if (!gpuas_uboot_is_ram(pa, region->size))
		what = "is not in /memory, as the previous stage left it";
	else if (gpuas_uboot_no_map(pa, region->size))
		what = "has no-map in part, by a node of somebody else";
	else if (is_read(region) && !gpuas_uboot_map(pa, region->size))
		what = "is RAM that this U-Boot neither maps nor can map";
	else
		what = NULL;
	if (!what)
		return 0;
	return gpuas_report(report, -GPUAS_EACCES, "region", region->name, what);
}

static int take(struct gpuas_bringup *bringup, struct gpuas_report *report)
{
	struct gpuas_manifest found;
	unsigned int i;
	int err;

	err = gpuas_fdt_read_regions(gd->fdt_blob, bringup->board, &found,
				     report);
	if (!err)
		err = gpuas_take(bringup, &found, report);
	for (i = 0; !err && i < found.regions; i++) {
		if (found.region[i].present)
			err = check_access(&found.region[i], report);
	}
	return err;
}

static int bring_up(struct gpuas_bringup *bringup,
		    const struct gpuas_board *board,
		    struct gpuas_report *report)
{
	int err;

	err = gpuas_plan(bringup, board, report);
	if (err)
		return err;
	if (board->adopt)
		err = take(bringup, report);
	else
		err = gpuas_allocate(bringup, &gpuas_uboot_memory, report);
	if (err)
		return err;
	err = gpuas_build(bringup, &gpuas_uboot_memory, report);
	return err ? err : gpuas_uboot_gpu_start(report);
}

static const char *advice(int err)
{
	if (gpuas_uboot_gpu_on())
		return "its memory stays reserved, reset the machine";
	if (gpuas_uboot.board->adopt)
		return "the device tree stays as the previous stage left it";
	if (!GPUAS_UBOOT_COMMAND)
		return "put that right, and reset the machine";
	if (err != -GPUAS_ENOMEM)
		return "'gpuas start' tries again";
	return gpuas_uboot.last != GPUAS_NO_LIMIT ?
	       "try 'gpuas start' with a higher LIMIT" :
	       "free memory, then try 'gpuas start'";
}

/* Nothing is started that could not be stopped before an OS that does not know of it. */
static int get_ready(struct gpuas_report *report)
{
	if (!gpuas_uboot_last_hook())
		return 0;
	return gpuas_report(report, -GPUAS_ENOMEM, "U-Boot", NULL,
			    "does not take the device that is removed before the OS starts");
}

int gpuas_uboot_start(uint64_t last)
{
	struct gpuas_report report;
	int err;

	if (gpuas_uboot_gpu_on()) {
		printf("gpuas: the firmware of an earlier start may still run, reset the machine\n");
		return -GPUAS_EBUSY;
	}
	gpuas_uboot.last = last;
	err = get_ready(&report);
	if (!err)
		err = bring_up(&gpuas_uboot.bringup, gpuas_uboot.board, &report);
	if (!err)
		return 0;
	gpuas_uboot_stop("bring-up failed: ", report.text.buf);
	printf("gpuas: no GPU for the OS, %s; %s\n", gpuas_uboot.why.buf,
	       advice(err));
	return err;
}

static const struct gpuas_board *find_board(void)
{
	const struct gpuas_board *board = NULL;
	const char *machine;
	int i;

	for (i = 0; !board; i++) {
		machine = fdt_stringlist_get(gd->fdt_blob, 0, "compatible", i,
					     NULL);
		if (!machine)
			break;
		board = gpuas_board_find(machine);
	}
	return board;
}

static const char *known_gpu(int node)
{
	const char *gpu;
	int i;

	for (i = 0;; i++) {
		gpu = fdt_stringlist_get(gd->fdt_blob, node, "compatible", i,
					 NULL);
		if (!gpu || gpuas_board_family(gpu))
			return gpu;
	}
}

/* A GPU that some board of the library could be for; NULL if there is none. */
static const char *find_gpu(void)
{
	const char *gpu = NULL;
	int node;

	for (node = fdt_next_node(gd->fdt_blob, -1, NULL); node >= 0 && !gpu;
	     node = fdt_next_node(gd->fdt_blob, node, NULL))
		gpu = known_gpu(node);
	return gpu;
}

/* Of which SoC no more is known than its name? Then why: there is no board for it. */
static bool find_soc(struct gpuas_report *report)
{
	const struct gpuas_soc *soc = NULL;
	const char *machine;
	int i;

	for (i = 0; !soc; i++) {
		machine = fdt_stringlist_get(gd->fdt_blob, 0, "compatible", i, NULL);
		if (!machine)
			return false;
		soc = gpuas_soc_find(machine);
	}
	return !gpuas_soc_board(soc, report);
}

static void say_why(void)
{
	struct gpuas_report report;

	if (find_soc(&report)) {
		gpuas_uboot.why = report.text;
		printf("gpuas: %s: the device tree is left alone\n", report.text.buf);
	} else if (gpuas_uboot.gpu) {
		printf("gpuas: unknown SoC, whose GPU is of a known family (%s): the device tree is left alone\n",
		       gpuas_uboot.gpu);
	}
}

/* An error from here would stop U-Boot. */
static int init(void)
{
	if (!gd->fdt_blob)
		return 0;
	gpuas_uboot.board = find_board();
	if (gpuas_uboot.board)
		gpuas_uboot_start(GPUAS_NO_LIMIT);
	else
		gpuas_uboot.gpu = find_gpu();
	if (!gpuas_uboot.board)
		say_why();
	return 0;
}
EVENT_SPY_SIMPLE(EVT_LAST_STAGE_INIT, init);
