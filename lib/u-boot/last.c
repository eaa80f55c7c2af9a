// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last look before an OS starts. U-Boot removes devices then, in every version
 * and on the way through EFI too, so this is one. GPL only, as the code in U-Boot's
 * headers is.
 */
#include <dm.h>
#include <efi_loader.h>
#include <image.h>
#include <stdio.h>
#include <dm/device-internal.h>
#include <dm/lists.h>
#include <dm/root.h>
#include <gpuas/fdt.h>

#include "compat.h"
#include "uboot.h"

#ifndef CONFIG_DM_DEVICE_REMOVE
#error "libgpuas could not stop a GPU before the OS starts: set CONFIG_DM_DEVICE_REMOVE=y"
#endif

static const void *efi_tree(void)
{
#if CONFIG_IS_ENABLED(EFI_LOADER)
	const efi_guid_t guid = EFI_FDT_GUID;
	efi_uintn_t i;

	for (i = 0; systab.tables && i < systab.nr_tables; i++) {
		if (!guidcmp(&systab.tables[i].guid, &guid))
			return systab.tables[i].table;
	}
#endif
	return NULL;
}

/* Before devices are removed, EFI forgets all events but those of the OS's own time. */
static bool efi_ends(void)
{
#if CONFIG_IS_ENABLED(EFI_LOADER)
	struct efi_event *event;

	list_for_each_entry(event, &efi_events, link) {
		if (event->type != EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE)
			return false;
	}
	return systab.tables;
#else
	return false;
#endif
}

/* A boot that came back has left its tree behind: what counts is the way taken now. */
static const void *handed_over(void)
{
	return efi_ends() ? efi_tree() : images.ft_addr;
}

/* A fresh tree may lie where the published one was: where it lies tells nothing. */
static int judge(const void *fdt, struct gpuas_report *report)
{
	struct gpuas_manifest found;
	int err;

	if (!fdt)
		return gpuas_report(report, -GPUAS_ENOENT, "device tree", NULL,
				    "is missing");
	err = gpuas_fdt_check(fdt, gpuas_uboot.board, &found, report);
	return err ? err : gpuas_manifest_differs(&gpuas_uboot.bringup.manifest,
						  &found, report);
}

/*
 * A tree that never came by (EVT_FT_FIXUP is not sent for a fifth one, nor with
 * ACPI), or that was changed since, or that could not be published while another one
 * was: what the firmware uses is free RAM to this OS.
 */
static int last_look(struct udevice *dev)
{
	const void *fdt = handed_over();
	struct gpuas_report report;

	if (!gpuas_uboot_gpu_on() || !judge(fdt, &report))
		return 0;
	if (gpuas_uboot_gpu_stop())
		printf("gpuas: the OS's device tree does not have the GPU, which is stopped: %s\n",
		       report.text.buf);
	else if (!gpuas_uboot_reserved(fdt))
		panic("gpuas: the firmware does not stop, and may write to %s\n",
		      "memory that the OS believes to be free");
	return 0;
}

U_BOOT_DRIVER(gpuas_last) = {
	.name = "gpuas_last",
	.id = UCLASS_NOP,
	.remove = last_look,
	.flags = DM_FLAG_OS_PREPARE,
};

/* Removed by a boot that came back, it is there again after the next start. */
int gpuas_uboot_last_hook(void)
{
	static struct udevice *dev;
	int err = 0;

	if (!dev)
		err = device_bind_driver(dm_root(), "gpuas_last", "gpuas_last", &dev);
	return err ? err : device_probe(dev);
}
