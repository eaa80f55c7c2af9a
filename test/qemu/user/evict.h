/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* The test "evict" and its parts, each of which is 0 if all is right. */
#ifndef GPUAS_TEST_EVICT_H
#define GPUAS_TEST_EVICT_H

#include "tests.h"

/**
 * struct progress - How far the process came, in memory that we share
 * @step: what it did last
 * @jobs: how many were done
 * @wrong: bytes that were not what they should be
 * @err: of the first call that failed
 */
struct progress {
	const char *volatile step;
	volatile unsigned int jobs;
	volatile size_t wrong;
	volatile int err;
};

/**
 * evict_run() - Fork a process that gets no more than so many bytes of memory
 * @group: its cgroup, which is left
 * @bytes: them
 * @run: what it does
 * @progress: begins anew
 *
 * Return: 0 if it came to its end, with nothing wrong.
 */
int evict_run(const char *group, uint64_t bytes, void (*run)(struct progress *),
	      struct progress *progress);

int evict_shared(struct progress *progress);
int evict_stays(struct progress *progress);
int evict_together(void);
int evict_dead(struct progress *progress);

#endif /* GPUAS_TEST_EVICT_H */
