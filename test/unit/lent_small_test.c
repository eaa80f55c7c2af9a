// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Tables that are lent, once more: a library that was built for one granule only. */
#define LENT_SMALL
#include "lent_test.c"
