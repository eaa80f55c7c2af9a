// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What U-Boot knows of its one bring-up; everybody's here, so nobody's else. */
#include "uboot.h"

struct gpuas_uboot gpuas_uboot;

bool gpuas_uboot_ready(void)
{
	return gpuas_uboot.bringup.stage == GPUAS_STAGE_BUILT;
}
