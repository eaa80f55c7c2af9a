// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Control: a lock that is none. */
#include <gpuas/handoff.h>

int gpuas_handoff_lock(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
		       enum gpuas_side side, const struct gpuas_wait *wait,
		       struct gpuas_report *report)
{
	(void)handoff;
	(void)profile;
	(void)side;
	(void)wait;
	(void)report;
	return 0;
}

void gpuas_handoff_unlock(struct gpuas_handoff *handoff, enum gpuas_side side)
{
	(void)handoff;
	(void)side;
}
