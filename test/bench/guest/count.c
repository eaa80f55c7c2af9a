// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Counts for the host's benchmark on aarch64, where it runs in a guest of QEMU: the
 * CPU's counter (INST_RETIRED, exact under -icount), of user space only. In the
 * place of test/bench/count.c.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../bench.h"

#define INST_RETIRED	0x08

static int counter;
static uint64_t start;
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
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW,
		.size = sizeof(attr),
		.config = INST_RETIRED,
		.pinned = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	(void)file;
	counter = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	check(counter >= 0);
}

static uint64_t now(void)
{
	uint64_t count;

	check(read(counter, &count, sizeof(count)) == sizeof(count));
	return count;
}

void count_start(void)
{
	start = now();
}

uint64_t count_stop(void)
{
	return now() - start;
}
