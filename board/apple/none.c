// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* In the place of all else here, in a build for no machine of Apple's. */
#include "../families.h"

const struct gpuas_family gpuas_family_apple = { .socs = 0 };
