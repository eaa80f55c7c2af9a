// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Dumps by hand, before a job and after it, with nothing between them that anybody but the GPU
 * does. The VM had a job before: the firmware knows it in both.
 */
#include "dumps.h"
#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define SIZE	(3 * (size_t)GRANULE)

static int shot(const char *name)
{
	long size;

	gpu_debugfs("snapshot", 1);
	size = dump_wait(true);
	if (size <= 0 || dump_keep(name))
		return 1;
	dump_let_go();
	say("shots: %s: %ld bytes", name, size);
	return 0;
}

static int shots(uint64_t how, bool node)
{
	struct buffer from, to;
	struct gpu gpu;
	int bad;

	(void)how;
	if (!node)
		return 1;
	gpu_open(&gpu);
	gpu_buffer(gpu.fd, SIZE, &from);
	gpu_buffer(gpu.fd, SIZE + GRANULE, &to);
	dump_sign(&from, FROM, 1);
	dump_sign(&to, TO, 2);
	gpu_map(&gpu, &from, 0, SIZE, FROM, DRM_GPUAS_BIND_READ);
	gpu_map(&gpu, &to, 0, SIZE + GRANULE, TO, READ_WRITE);
	bad = !!gpu_copy(&gpu, FROM, TO + SIZE, GRANULE).error;
	bad |= shot("/before.core");
	bad |= !!gpu_copy(&gpu, FROM, TO, SIZE).error;
	return bad | shot("/after.core");
}

int test_shots(void)
{
	return dump_and_stay(shots, 0);
}
