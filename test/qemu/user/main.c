// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdio.h>
#include <string.h>

#include "tests.h"

const char program[] = "gpuas-test";

int main(int argc, char *argv[])
{
	const char *test = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(test, "stale"))
		return test_stale(argument(argc, argv, 2, SEED));
	if (!strcmp(test, "isolation"))
		return test_isolation(argument(argc, argv, 2, SEED));
	if (!strcmp(test, "limits"))
		return test_limits();
	if (!strcmp(test, "fields"))
		return test_fields();
	if (!strcmp(test, "unbind"))
		return test_unbind(argument(argc, argv, 2, SEED));
	if (!strcmp(test, "hostile"))
		return test_hostile(argument(argc, argv, 2, 30), argument(argc, argv, 3, SEED));
	if (!strcmp(test, "linger"))
		return test_linger();
	if (!strcmp(test, "slow"))
		return test_slow();
	if (!strcmp(test, "sleep"))
		return test_sleep();
	if (!strcmp(test, "vmcore"))
		return test_vmcore();
	if (!strcmp(test, "mute"))
		return test_mute();
	if (!strcmp(test, "crash"))
		return test_crash(argument(argc, argv, 2, 0), argc > 3 ? argv[3] : "idle");
	fputs("usage: gpuas-test stale|isolation|unbind [SEED] | fields | limits | linger | slow | "
	      "sleep | vmcore | mute | hostile [SECONDS [SEED]] | crash [HOW [jobs|unmap|idle]]\n",
	      stderr);
	return 2;
}
