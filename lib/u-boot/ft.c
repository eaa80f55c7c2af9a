// SPDX-License-Identifier: GPL-2.0-or-later
/* The handover on its way to the OS. GPL only, as the code in U-Boot's headers is. */
#include <fdt_support.h>
#include <malloc.h>
#include <stdio.h>
#include <gpuas/fdt.h>
#include <linux/libfdt.h>

#include "uboot.h"

/* More than any handover takes, so that the room that is needed can be told. */
#define SCRATCH_SLACK	0x8000
#define SCRATCH_ALIGN	8

static const struct gpuas_fdt_limits limits = {
	.memory_ranges = CONFIG_NR_DRAM_BANKS,
};

static void *scratch_alloc(const void *fdt, size_t *size,
			   struct gpuas_report *report)
{
	void *scratch;

	*size = fdt_totalsize(fdt) + sizeof(struct gpuas_handover) +
		SCRATCH_SLACK;
	scratch = memalign(SCRATCH_ALIGN, *size);
	if (!scratch)
		gpuas_report_hex(report, -GPUAS_ENOMEM, "device tree", NULL,
				 "no heap for a copy, of size", *size);
	return scratch;
}

/* libfdt knows only that it does not fit; the user wants to know how much. */
static void say_room(const void *fdt, void *scratch, size_t size,
		     struct gpuas_report *report)
{
	uint32_t used = fdt_off_dt_strings(fdt) + fdt_size_dt_strings(fdt);
	size_t room;

	if (gpuas_fdt_room(fdt, scratch, size, gpuas_uboot.board,
			   &gpuas_uboot.bringup.handover, &limits, &room, NULL))
		return;
	gpuas_report(report, -GPUAS_ENOSPC, "device tree", NULL,
		     "has no room, try 'fdt resize ");
	gpuas_text_hex(&report->text, room - used, 1);
	gpuas_text_str(&report->text, "'");
}

int gpuas_uboot_publish(void *fdt, struct gpuas_report *report)
{
	size_t size;
	void *scratch = scratch_alloc(fdt, &size, report);
	int err;

	if (!scratch)
		return -GPUAS_ENOMEM;
	err = gpuas_fdt_publish(fdt, scratch, size, gpuas_uboot.board,
				&gpuas_uboot.bringup.handover, &limits, report);
	if (err == -GPUAS_ENOSPC)
		say_room(fdt, scratch, size, report);
	free(scratch);
	return err;
}

static int disable(void *fdt)
{
	size_t size;
	void *scratch = scratch_alloc(fdt, &size, NULL);
	int err;

	if (!scratch)
		return -GPUAS_ENOMEM;
	err = gpuas_fdt_disable(fdt, scratch, size, gpuas_uboot.board,
				gpuas_uboot_gpu_on(), NULL);
	free(scratch);
	return err;
}

/* One sentence, whatever happened before and happens here. */
static void go_without(void *fdt)
{
	printf("gpuas: no GPU for the OS, %s", gpuas_uboot.why.buf);
	if (disable(fdt))
		puts("; nor could it be marked as disabled");
	puts(gpuas_uboot_gpu_on() ?
	     "; reset the machine\n" :
	     "; put that right, then 'gpuas start' and boot again\n");
}

/* Whatever was loaded and run since the bring-up may have written anywhere. */
static int inspect(struct gpuas_report *report)
{
	struct gpuas_env env;

	gpuas_uboot_env(&env);
	return gpuas_handover_inspect(&gpuas_uboot.bringup.handover,
				      gpuas_uboot.board, &env, report);
}

/* Called for each tree that is about to be booted, and by 'fdt boardsetup'. */
int ft_board_setup(void *fdt, struct bd_info *bd)
{
	struct gpuas_report report;

	if (!gpuas_uboot.board)
		return 0;
	if (gpuas_uboot_ready()) {
		if (!inspect(&report) && !gpuas_uboot_publish(fdt, &report)) {
			gpuas_uboot.published = true;
			return 0;
		}
		gpuas_uboot_stop("publishing failed: ", report.text.buf);
	}
	go_without(fdt);
	return 0;
}
