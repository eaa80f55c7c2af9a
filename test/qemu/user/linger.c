// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Jobs are queued that nobody waits for, by a process that stays: for those who end the kernel.
 * It says what became of them, if that is heard.
 */
#include <sched.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define NOWHERE	0x60000000ULL
#define SIZE	0x10000u

/* Of no bytes: the GPU has things to do, but nowhere to write to. */
static unsigned int submit(const struct gpu *gpu, uint64_t bytes, uint32_t first, uint32_t last)
{
	const struct syncs begin = sync_out(first), end = sync_out(last);
	const uint64_t to = bytes ? TO : NOWHERE, size = bytes ? bytes : SIZE;
	unsigned int jobs = 0;

	while (!gpu_submit(gpu->fd, gpu->queue, FROM, to, size, jobs ? &end : &begin, NULL))
		jobs++;
	return jobs;
}

/* Before anybody else, as the driver has things to wait for, when the jobs have ended. */
static void first_of_all(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		fail("linger: no priority");
}

static void stay(int tell, uint64_t bytes)
{
	struct pair pair;
	uint64_t random = SEED;
	int first, last, err;
	uint32_t begin, end;
	unsigned int jobs;
	struct gpu gpu;

	gpu_open(&gpu);
	gpu_pair(&gpu, SIZE, FROM, TO, &random, &pair);
	begin = sync_create(gpu.fd);
	end = sync_create(gpu.fd);
	jobs = submit(&gpu, bytes, begin, end);
	first = fence_file(gpu.fd, begin);
	last = fence_file(gpu.fd, end);
	first_of_all();
	if (write(tell, &jobs, sizeof(jobs)) != sizeof(jobs))
		fail("linger: nobody listens");
	err = fence_wait(last);
	say("linger: the first job: %d, the last one: %d", fence_wait(first), err);
	for (;;)
		pause();
}

int test_linger(uint64_t bytes)
{
	unsigned int jobs = 0;
	int line[2];

	if (pipe(line))
		fail("linger: no pipe");
	if (!fork())
		stay(line[1], bytes);
	close(line[1]);
	if (read(line[0], &jobs, sizeof(jobs)) != sizeof(jobs))
		jobs = 0;
	say("linger: %u jobs queued", jobs);
	return !jobs;
}
