// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* In the place of all else here, in a build for no machine of QEMU's. */
#include "../families.h"

const struct gpuas_family gpuas_family_qemu_virt = { .socs = 0 };
