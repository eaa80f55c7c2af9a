// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Looking for a SoC in the families. */
#include "families.h"

const struct gpuas_soc *gpuas_soc_at(unsigned int index)
{
	const struct gpuas_family *const *family;

	for (family = gpuas_families_; *family; family++) {
		if (index < (*family)->socs)
			return &(*family)->soc[index];
		index -= (*family)->socs;
	}
	return NULL;
}

const struct gpuas_soc *gpuas_soc_find(const char *machine)
{
	const struct gpuas_soc *soc;
	const char *const *name;
	unsigned int i;

	for (i = 0; (soc = gpuas_soc_at(i)); i++)
		for (name = soc->board->machine; *name; name++)
			if (gpuas_streq(*name, machine))
				return soc;
	return NULL;
}
