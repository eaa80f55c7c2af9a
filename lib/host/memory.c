// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Memory of the program's own. */
#include <stdio.h>
#include <stdlib.h>

#include "images.h"

void *memory(size_t count, size_t size)
{
	void *ptr = calloc(count ? count : 1, size);

	if (ptr)
		return ptr;
	fprintf(stderr, "gpuas: there is not enough memory for %zu times %zu bytes\n", count, size);
	exit(STATUS_USAGE);
}
