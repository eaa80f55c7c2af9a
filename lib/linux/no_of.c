// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* In the place of of.c where the kernel knows no device trees. */
#include <gpuas_linux.h>

int gpuas_linux_read(struct gpuas_linux *gpu, struct gpuas_manifest *manifest,
		     struct gpuas_report *report)
{
	return gpuas_report(report, -EOPNOTSUPP, "board", gpu->board->name,
			    "needs a device tree, which this kernel was built without");
}
