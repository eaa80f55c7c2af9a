// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Counts come from callgrind. It counts all the time; a region starts with zero,
 * and ends with a dump into FILE.1, FILE.2, ..., which is read at once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#include "bench.h"

static const char *count_file;
static unsigned int count_dumps;
bool count_keep;

void check_(int ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	fflush(stdout);
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	exit(2);
}

void count_init(const char *file)
{
	if (!RUNNING_ON_VALGRIND) {
		fputs("not running under callgrind: see test/bench/bench.mk\n", stderr);
		exit(2);
	}
	count_file = file;
}

static uint64_t dump_read(const char *name)
{
	uint64_t count = 0;
	bool found = false;
	char line[256];
	FILE *file = fopen(name, "r");

	check(file);
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "totals: %" SCNu64, &count) == 1;
	fclose(file);
	check(found);
	return count;
}

void count_start(void)
{
	CALLGRIND_ZERO_STATS;
}

uint64_t count_stop(void)
{
	char name[512];
	uint64_t count;

	CALLGRIND_DUMP_STATS;
	snprintf(name, sizeof(name), "%s.%u", count_file, ++count_dumps);
	count = dump_read(name);
	if (!count_keep)
		remove(name);
	return count;
}
