// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "page.h"

static int wrong(struct gpuas_report *report, const char *what)
{
	return gpuas_report(report, -GPUAS_EINVAL, "handoff profile", NULL, what);
}

bool gpuas_profile_accepts(const struct gpuas_profile *profile, uint64_t magic)
{
	unsigned int i;

	for (i = 0; i < profile->accepts; i++) {
		if (profile->accept[i] == magic)
			return true;
	}
	return false;
}

int gpuas_profile_check(const struct gpuas_profile *profile, struct gpuas_report *report)
{
	uint32_t none;

	if (!profile)
		return gpuas_report(report, -GPUAS_EOPNOTSUPP, "handoff profile", NULL,
				    "is not known");
	none = profile->context_none;
	if (!profile->accepts || !profile->accept)
		return wrong(report, "accepts no magic");
	if (gpuas_profile_accepts(profile, 0))
		return wrong(report, "accepts the magic 0, which says that nobody is there");
	if (!gpuas_profile_accepts(profile, profile->magic))
		return wrong(report, "writes a magic that it does not accept");
	if (none && none < GPUAS_TTB_CONTEXTS)
		return wrong(report, "has the number of a context for \"no context\"");
	if ((unsigned int)profile->firmware > GPUAS_FIRMWARE_NEVER ||
	    (unsigned int)profile->absent > GPUAS_ABSENT_ALWAYS)
		return wrong(report, "has a value of no meaning");
	return 0;
}
