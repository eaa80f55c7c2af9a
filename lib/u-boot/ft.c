// SPDX-License-Identifier: GPL-2.0-or-later
/* The manifest on its way to the OS. GPL only, as the code in U-Boot's headers is. */
#include <fdt_support.h>
#include <malloc.h>
#include <stdio.h>
#include <gpuas/fdt.h>
#include <linux/libfdt.h>

#include "uboot.h"

/* More than any manifest takes, so that the room that is needed can be told. */
#define SCRATCH_SLACK	0x8000
#define SCRATCH_ALIGN	8

static void *scratch_alloc(const void *fdt, size_t *size,
			   struct gpuas_report *report)
{
	void *scratch;

	*size = fdt_totalsize(fdt) + sizeof(struct gpuas_manifest) +
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
			   &gpuas_uboot.bringup.manifest, &room, NULL))
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
				&gpuas_uboot.bringup.manifest, report);
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

static bool reserved(const void *fdt, const struct gpuas_region *region)
{
	uint64_t pa, size;
	int i;

	for (i = 0; i < fdt_num_mem_rsv(fdt); i++) {
		if (!fdt_get_mem_rsv(fdt, i, &pa, &size) &&
		    pa == gpuas_pa_u64(region->pa) && size == region->size)
			return true;
	}
	return false;
}

/* Keep the OS from memory that firmware, which could not be stopped, may write to. */
static int reserve_held(void *fdt)
{
	const struct gpuas_region *region = gpuas_uboot.held.region;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < gpuas_uboot.held.regions; i++, region++) {
		if (region->present && !reserved(fdt, region))
			err = fdt_add_mem_rsv(fdt, gpuas_pa_u64(region->pa),
					      region->size);
	}
	return err;
}

/* One sentence, whatever happened before and happens here. */
static int go_without(void *fdt)
{
	printf("gpuas: no GPU for the OS, %s", gpuas_uboot.why.buf);
	if (reserve_held(fdt)) {
		puts("; nor can its memory be kept from the OS, there is no room in the device tree: nothing can be booted; reset the machine\n");
		return -GPUAS_ENOSPC;
	}
	if (disable(fdt))
		puts("; nor could it be marked as disabled");
	puts(gpuas_uboot_gpu_on() ?
	     "; reset the machine\n" :
	     "; put that right, then 'gpuas start' and boot again\n");
	return 0;
}

/* Whatever was loaded and run since the bring-up may have written anywhere. */
static int inspect(struct gpuas_report *report)
{
	struct gpuas_env env;

	gpuas_uboot_env(&env);
	return gpuas_manifest_inspect(&gpuas_uboot.bringup.manifest,
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
	return go_without(fdt);
}
