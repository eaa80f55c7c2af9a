// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "walk.h"

int test_main(void)
{
	return agree((void *)(uintptr_t)ARENA_PA, true);
}
