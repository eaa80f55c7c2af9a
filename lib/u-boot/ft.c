// SPDX-License-Identifier: GPL-2.0-or-later
/* The manifest on its way to the OS. GPL only, as the code in U-Boot's headers is. */
#include <event.h>
#include <malloc.h>
#include <stdio.h>
#include <gpuas/fdt.h>
#include <linux/libfdt.h>

#include "uboot.h"

/* Without these, U-Boot sends no EVT_FT_FIXUP, and does not say so. */
#ifdef CONFIG_XPL_BUILD
#error "libgpuas has no place in SPL: its Makefile is for U-Boot proper"
#endif
#ifndef CONFIG_EVENT
#error "libgpuas cannot publish: set CONFIG_EVENT=y (CONFIG_GPUAS in Kconfig does)"
#endif
#ifndef CONFIG_OFNODE_MULTI_TREE
#error "libgpuas cannot publish: set CONFIG_OFNODE_MULTI_TREE=y (CONFIG_GPUAS in Kconfig does)"
#endif
#ifdef CONFIG_OF_LIVE
#error "libgpuas cannot publish while the live tree is in use: unset CONFIG_OF_LIVE"
#endif

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
	gpuas_report_hex(report, -GPUAS_ENOSPC, "device tree", NULL,
			 "has no room, bytes missing", room - used);
	if (!IS_ENABLED(CONFIG_CMD_FDT))
		return;
	gpuas_text_str(&report->text, ", try 'fdt resize ");
	gpuas_text_hex(&report->text, room - used, 1);
	gpuas_text_str(&report->text, "'");
}

/* U-Boot has read /memory by now, and never does again: no limit to its ranges. */
int gpuas_uboot_trial(void *fdt, struct gpuas_report *report)
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

/*
 * Without room for that, the firmware has to be stopped at once. Its memory stays held:
 * a tree that was published before has it.
 */
static int keep_off(void *fdt)
{
	if (!gpuas_uboot_gpu_on() || !gpuas_uboot_reserve(fdt))
		return 0;
	if (!gpuas_uboot_ready() || !gpuas_uboot_gpu_stop())
		return -GPUAS_ENOSPC;
	gpuas_uboot_hold();
	gpuas_uboot.published = NULL;
	gpuas_text_clear(&gpuas_uboot.why);
	gpuas_text_str(&gpuas_uboot.why,
		       "the firmware was stopped: a device tree had no room to keep its memory from the OS");
	puts("; nor was there room to keep the firmware's memory from the OS: it was stopped, also for the tree that was published before");
	return 0;
}

static const char *advice(void)
{
	if (gpuas_uboot_ready())
		return "the one that was published before still has it\n";
	if (gpuas_uboot_gpu_on())
		return "reset the machine\n";
	return GPUAS_UBOOT_COMMAND ?
	       "put that right, then 'gpuas start' and boot again\n" :
	       "put that right, and reset the machine\n";
}

/* One sentence, whatever happened before and happens here. */
static int go_without(void *fdt, const char *why)
{
	if (gpuas_uboot.board->adopt && !gpuas_uboot_gpu_on()) {
		printf("gpuas: the device tree stays as the previous stage left it, %s\n", why);
		return 0;
	}
	printf("gpuas: no GPU for the OS, %s", why);
	if (keep_off(fdt)) {
		puts("; nor can its memory be kept from the OS, there is no room in the device tree: nothing can be booted; reset the machine\n");
		return -GPUAS_ENOSPC;
	}
	if (disable(fdt))
		puts("; nor could it be marked as disabled");
	printf("; %s", advice());
	return 0;
}

/* Whatever was loaded and run since the bring-up may have written anywhere. */
static int inspect(struct gpuas_report *report)
{
	struct gpuas_env env;

	gpuas_uboot_env(&env, &gpuas_uboot.bringup.manifest);
	return gpuas_manifest_inspect(&gpuas_uboot.bringup.manifest,
				      gpuas_uboot.board, &env,
				      &gpuas_uboot.bringup.space, report);
}

/* What a tree has that was published before is no longer ours to take back. */
static int give_up(void *fdt, const struct gpuas_report *report)
{
	struct gpuas_text why;

	if (!gpuas_uboot.published || gpuas_uboot.published == fdt) {
		gpuas_uboot_stop("publishing failed: ", report->text.buf);
		return go_without(fdt, gpuas_uboot.why.buf);
	}
	gpuas_text_clear(&why);
	gpuas_text_str(&why, "publishing failed: ");
	gpuas_text_str(&why, report->text.buf);
	return go_without(fdt, why.buf);
}

int gpuas_uboot_publish(void *fdt)
{
	struct gpuas_report report;

	if (!gpuas_uboot_ready())
		return go_without(fdt, gpuas_uboot.why.buf);
	if (inspect(&report) || gpuas_uboot_trial(fdt, &report))
		return give_up(fdt, &report);
	gpuas_uboot.published = fdt;
	return 0;
}

/* For each tree that is about to be booted. An error stops the boot. */
static int fixup(void *ctx, struct event *event)
{
	return gpuas_uboot.board ?
	       gpuas_uboot_publish(event->data.ft_fixup.tree.fdt) : 0;
}
EVENT_SPY_FULL(EVT_FT_FIXUP, fixup);
