// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Random trees under random accesses. The last trees stay, to be looked at from outside. */
#include "device.h"

static unsigned int probes(void)
{
	unsigned int n = tally.gaps, half, i;

	for (half = 0; half < 2; half++) {
		n += tally.done[half][EDU_READ] + tally.done[half][EDU_WRITE];
		for (i = 0; i < 32; i++)
			n += tally.fault[half][i];
	}
	return n;
}

/* Did everything happen that has to be judged? */
static bool complete(unsigned int half)
{
	static const uint8_t type[] = {
		SMMU_TRANSLATION, SMMU_PERMISSION, SMMU_ACCESS, SMMU_ADDRESS_SIZE, SMMU_WALK_ABORT,
	};
	static const char *const name[] = {
		"translation", "permission", "access-flag", "address-size", "walk-abort",
	};
	bool all = tally.done[half][EDU_READ] && tally.done[half][EDU_WRITE];
	unsigned int i, kinds = params()->whole ? 5 : 2;

	say("# %s half: %u reads, %u writes done", half ? "upper" : "lower",
	    tally.done[half][EDU_READ], tally.done[half][EDU_WRITE]);
	for (i = 0; i < kinds; i++) {
		say(", %u %s faults", tally.fault[half][type[i]], name[i]);
		all &= tally.fault[half][type[i]] != 0;
	}
	say("\n");
	return all;
}

int test_main(void)
{
	unsigned int differences;
	bool all;

	say("# seed %x\n", params()->seed);
	results_about("fuzz");
	if (gpu_start()) {
		result(false, "SMMU and edu are there");
		return 1;
	}
	differences = fuzz_random((unsigned int)params()->probes);
	say("# random descriptors: %u probes, %u differences\n", probes(), differences);
	result(!differences, "random descriptors: 0 differences");
	if (!differences) {
		differences = fuzz_built((unsigned int)params()->steps);
		say("# and built trees: %u probes, %u differences; %u had several faults, "
		    "%u were in the gap\n", probes(), differences, tally.either, tally.gaps);
		result(!differences, "built trees: 0 differences");
	}
	if (differences)
		return 1;
	all = fuzz_complete() && complete(0) &&
	      (!params()->whole || (complete(1) && tally.gaps));
	result(all, "every operation and every kind of fault occurred");
	possible(true, "the upper half, access flags, addresses that are too large");
	result(!fuzz_look(), "trees are left to be looked at");
	say("# %u copies\n", gpu.copies);
	return results_end();
}
