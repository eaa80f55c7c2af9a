// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * What was unmapped is out of the GPU's reach, and nothing else is. The GPU uses each
 * page before, so that its MMU remembers it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define BYTES	64u

/* Arm IHI 0070, 7.3 */
#define F_TRANSLATION	0x10

static int bad;

/* Page @page of @from, to page @page of @to: that is what is there afterwards. */
static void works(int gpu, const struct buffer *from, const struct buffer *to,
		  unsigned int page, const char *when)
{
	const size_t at = page * (size_t)GRANULE + 0x100;
	struct gpuas_ioctl_wait done = gpu_copy(gpu, FROM + at, TO + at, BYTES);
	size_t wrong = differ(from->map + at, to->map + at, BYTES);

	say("stale: page %u %s: error %d, %zu bytes wrong", page, when, done.error, wrong);
	bad |= done.error || wrong;
}

/* The same, with a fault at the very VA, and nothing written. */
static void faults(int gpu, const struct buffer *to, unsigned int page, bool write,
		   const char *when)
{
	const size_t at = page * (size_t)GRANULE + 0x100;
	const uint64_t va = (write ? TO : FROM) + at;
	struct gpuas_ioctl_wait done;
	uint8_t before[BYTES];
	size_t changed;

	memcpy(before, to->map + at, BYTES);
	done = gpu_copy(gpu, FROM + at, TO + at, BYTES);
	changed = differ(before, to->map + at, BYTES);
	say("stale: page %u %s: error %d, type 0x%x, VA 0x%llx, write %u, %zu bytes written", page,
	    when, done.error, done.fault_type, (unsigned long long)done.fault_va,
	    done.fault_write, changed);
	bad |= done.error != -EFAULT || done.fault_type != F_TRANSLATION ||
	       done.fault_va != va || done.fault_write != write || changed;
}

static void map_page(int gpu, const struct buffer *buffer, unsigned int page, uint64_t va,
		     uint32_t flags)
{
	gpu_map(gpu, buffer, page * (uint64_t)GRANULE, GRANULE, va + page * (uint64_t)GRANULE,
		flags);
}

/* What a job may be using is not unmapped; what is used up is. */
static void busy(int gpu)
{
	struct gpuas_ioctl_copy copy = { .from = FROM, .to = TO, .size = BYTES };
	struct gpuas_ioctl_unmap unmap = { .va = FROM, .size = GRANULE };
	struct gpuas_ioctl_wait wait = { .timeout_ms = JOB_MS };
	int during, after;

	gpu_call(gpu, GPUAS_COPY, &copy);
	during = gpu_call(gpu, GPUAS_UNMAP, &unmap);
	wait.job = copy.job;
	gpu_call(gpu, GPUAS_WAIT, &wait);
	after = gpu_call(gpu, GPUAS_UNMAP, &unmap);
	say("stale: unmap during a job: %d, after it: %d", during, after);
	bad |= during != -EBUSY || after || wait.error;
}

/* One call each for all three pages: none is forgotten. */
static void together(int gpu, struct buffer *from, struct buffer *to)
{
	const uint32_t rw = GPUAS_MAP_READ | GPUAS_MAP_WRITE;
	unsigned int page;

	gpu_unmap(gpu, FROM + GRANULE, GRANULE);
	gpu_unmap(gpu, FROM + 2 * GRANULE, GRANULE);
	map_page(gpu, to, 2, TO, rw);
	gpu_map(gpu, from, 0, 3 * GRANULE, FROM, GPUAS_MAP_READ);
	for (page = 0; page < 3; page++)
		works(gpu, from, to, page, "mapped with others");
	gpu_unmap(gpu, FROM, 3 * GRANULE);
	for (page = 0; page < 3; page++)
		faults(gpu, to, page, false, "unmapped with others");
}

int test_stale(uint64_t seed)
{
	const uint32_t rw = GPUAS_MAP_READ | GPUAS_MAP_WRITE;
	struct buffer from, to, other;
	uint64_t random = seed;
	int gpu = gpu_open();
	unsigned int page;

	say("stale: context %u, seed 0x%llx", gpu_context(gpu), (unsigned long long)seed);
	gpu_buffer(gpu, 3 * GRANULE, &from);
	gpu_buffer(gpu, 3 * GRANULE, &to);
	gpu_buffer(gpu, 3 * GRANULE, &other);
	fill(from.map, from.size, &random);
	fill(other.map, other.size, &random);
	for (page = 0; page < 3; page++) {
		map_page(gpu, &from, page, FROM, GPUAS_MAP_READ);
		map_page(gpu, &to, page, TO, rw);
		works(gpu, &from, &to, page, "mapped");
	}

	gpu_unmap(gpu, FROM + GRANULE, GRANULE);
	fill(to.map, to.size, &random);
	faults(gpu, &to, 1, false, "not to be read");
	works(gpu, &from, &to, 0, "below it");
	works(gpu, &from, &to, 2, "above it");
	map_page(gpu, &other, 1, FROM, GPUAS_MAP_READ);
	works(gpu, &other, &to, 1, "mapped to another");

	gpu_unmap(gpu, TO + 2 * GRANULE, GRANULE);
	fill(to.map, to.size, &random);
	faults(gpu, &to, 2, true, "not to be written");
	works(gpu, &other, &to, 1, "beside it");
	busy(gpu);
	together(gpu, &from, &to);
	close(gpu);
	return bad;
}
