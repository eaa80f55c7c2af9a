// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests.h"

const char program[] = "gpuas-test";

/* The words behind the test's name, as numbers */
static int count;
static char **word;

static uint64_t number(int i, uint64_t otherwise)
{
	return i < count ? strtoull(word[i], NULL, 0) : otherwise;
}

static int stale(void) { return test_stale(number(0, SEED)); }
static int isolation(void) { return test_isolation(number(0, SEED)); }
static int unbind(void) { return test_unbind(number(0, SEED)); }
static int unplug(void) { return test_unplug(number(0, 6), number(1, SEED)); }
static int outlive(void) { return test_outlive(number(0, SEED)); }
static int linger(void) { return test_linger(number(0, 0x10000)); }
static int hostile(void) { return test_hostile(number(0, 20000), number(1, SEED), number(2, 5)); }
static int crash(void) { return test_crash(number(0, 0), count > 1 ? word[1] : "idle"); }
static int dead(void) { return test_dead(number(0, 1)); }
static int sparse(void) { return test_sparse(number(0, SEED)); }
static int prime(void) { return test_prime(number(0, SEED)); }
static int timeline(void) { return test_timeline(number(0, SEED)); }
static int memcg(void) { return test_memcg(number(0, 8)); }
static int scatter(void) { return test_scatter(number(0, 100000), number(1, SEED)); }
static int killed(void) { return test_kill(number(0, SEED)); }

static const struct test {
	const char *name;
	int (*run)(void);
	const char *arguments;
} tests[] = {
	{ "stale", stale, "[SEED]" },
	{ "isolation", isolation, "[SEED]" },
	{ "limits", test_limits, "" },
	{ "fields", test_fields, "" },
	{ "unbind", unbind, "[SEED]" },
	{ "unplug", unplug, "[TIMES [SEED]]" },
	{ "outlive", outlive, "[SEED]" },
	{ "hostile", hostile, "[STEPS [SEED [PERMILLE]]]" },
	{ "crash", crash, "[HOW [jobs|unmap|idle|selftest]]" },
	{ "sparse", sparse, "[SEED]" },
	{ "prime", prime, "[SEED]" },
	{ "timeline", timeline, "[SEED]" },
	{ "memcg", memcg, "[MIB]" },
	{ "scatter", scatter, "[PAGES [SEED]]" },
	{ "kill", killed, "[SEED]" },
	{ "linger", linger, "[BYTES]" },
	{ "evict", test_evict, "" },
	{ "bounced", test_bounced, "" },
	{ "late", test_late, "" },
	{ "slow", test_slow, "" },
	{ "sleep", test_sleep, "" },
	{ "vmcore", test_vmcore, "" },
	{ "mute", test_mute, "" },
	{ "dead", dead, "[HOW]" },
	{ "shots", test_shots, "" },
};

int main(int argc, char *argv[])
{
	const struct test *test = tests, *end = tests + sizeof(tests) / sizeof(tests[0]);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		count = argc - 2;
		word = argv + 2;
		for (; test < end; test++) {
			if (!strcmp(argv[1], test->name))
				return test->run();
		}
	}
	for (test = tests; test < end; test++)
		fprintf(stderr, "usage: gpuas-test %s %s\n", test->name, test->arguments);
	return 2;
}
