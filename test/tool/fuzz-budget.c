// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * For libFuzzer only: a walk ends early, so that a block of gigabytes in an input does not cost a
 * hundred times what others do. What the machines here need is little more than half of it.
 * Replays go without.
 */
#include <gpuas/snapshot.h>

enum { BUDGET = 1 << 15 };

void __real_gpuas_snapshot_capture(struct gpuas_snapshot *snapshot);
void __wrap_gpuas_snapshot_capture(struct gpuas_snapshot *snapshot);

void __wrap_gpuas_snapshot_capture(struct gpuas_snapshot *snapshot)
{
	if (snapshot->budget > BUDGET)
		snapshot->budget = BUDGET;
	__real_gpuas_snapshot_capture(snapshot);
}
