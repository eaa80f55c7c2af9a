// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Jobs are queued that nobody waits for, by a process that stays: for those who end the kernel. */
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define BYTES	0x10000u

static unsigned int submit(const struct gpu *gpu)
{
	unsigned int jobs = 0;

	while (!gpu_submit(gpu->fd, gpu->queue, FROM, TO, BYTES, NULL, NULL))
		jobs++;
	return jobs;
}

static void stay(int tell)
{
	struct pair pair;
	uint64_t random = SEED;
	unsigned int jobs;
	struct gpu gpu;

	gpu_open(&gpu);
	gpu_pair(&gpu, BYTES, FROM, TO, &random, &pair);
	jobs = submit(&gpu);
	if (write(tell, &jobs, sizeof(jobs)) != sizeof(jobs))
		fail("linger: nobody listens");
	for (;;)
		pause();
}

int test_linger(void)
{
	unsigned int jobs = 0;
	int line[2];

	if (pipe(line))
		fail("linger: no pipe");
	if (!fork())
		stay(line[1]);
	close(line[1]);
	if (read(line[0], &jobs, sizeof(jobs)) != sizeof(jobs))
		jobs = 0;
	say("linger: %u jobs queued", jobs);
	return !jobs;
}
