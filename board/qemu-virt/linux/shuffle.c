// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Physical pages in an order that nobody would have them in. */
#include <linux/mm.h>

#include "driver.h"

void pages_shuffle(struct page **page, unsigned int pages)
{
	uint32_t random = 0x6770;
	unsigned int i, j;

	for (i = pages - 1; i; i--) {
		random = random * 1664525 + 1013904223;
		j = (random >> 8) % (i + 1);
		swap(page[i], page[j]);
	}
}
