// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The one list of boards; a new family adds a line here and one in families.h. A build that
 * has no use for a family takes none.c of its folder in the place of all else there.
 */
#include "families.h"

const struct gpuas_family *const gpuas_families_[] = {
	&gpuas_family_qemu_virt,
	&gpuas_family_apple,
	NULL,
};
