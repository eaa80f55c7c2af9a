// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Two contexts: the same VAs lead to memory of their own, and there are no others. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x200000000ULL
#define TO	0x300000000ULL
#define ONLY_A	0x400000000ULL
#define BYTES	256u

/**
 * struct side - One of the two
 * @gpu: the open file
 * @from: mapped at FROM
 * @to: mapped at TO
 */
struct side {
	int gpu;
	struct buffer from;
	struct buffer to;
};

/* The context ends, for nothing of it is mmap-ed any more. */
static void leave(struct side *side)
{
	munmap(side->from.map, GRANULE);
	munmap(side->to.map, GRANULE);
	close(side->gpu);
}

static void prepare(struct side *side, uint64_t *random)
{
	side->gpu = gpu_open();
	gpu_buffer(side->gpu, GRANULE, &side->from);
	gpu_buffer(side->gpu, GRANULE, &side->to);
	fill(side->from.map, GRANULE, random);
	gpu_map(side->gpu, &side->from, 0, GRANULE, FROM, GPUAS_MAP_READ);
	gpu_map(side->gpu, &side->to, 0, GRANULE, TO, GPUAS_MAP_READ | GPUAS_MAP_WRITE);
}

static int own_data(struct side *side, const char *name)
{
	struct gpuas_ioctl_wait done;
	size_t wrong;

	memset(side->to.map, 0, BYTES);
	done = gpu_copy(side->gpu, FROM, TO, BYTES);
	wrong = differ(side->from.map, side->to.map, BYTES);

	say("isolation: %s, context %u: error %d, %zu bytes wrong", name, gpu_context(side->gpu),
	    done.error, wrong);
	return done.error || wrong;
}

/* What A has mapped, and has used, is nothing to B; nor are A's handles and jobs. */
static int others(struct side *a, struct side *b)
{
	struct gpuas_ioctl_destroy_buffer destroy;
	struct gpuas_ioctl_copy copy = { .from = FROM, .to = TO, .size = 1 };
	struct gpuas_ioctl_wait wait = { .timeout_ms = JOB_MS };
	struct gpuas_ioctl_wait in_a, in_b;
	struct buffer more;
	int handle, job;

	gpu_buffer(a->gpu, GRANULE, &more);
	gpu_map(a->gpu, &more, 0, GRANULE, ONLY_A, GPUAS_MAP_READ);
	munmap(more.map, GRANULE);
	in_a = gpu_copy(a->gpu, ONLY_A, TO, 1);
	in_b = gpu_copy(b->gpu, ONLY_A, TO, 1);
	destroy = (struct gpuas_ioctl_destroy_buffer){ .handle = more.handle };
	handle = gpu_call(b->gpu, GPUAS_DESTROY_BUFFER, &destroy);
	gpu_call(a->gpu, GPUAS_COPY, &copy);
	wait.job = copy.job;
	job = gpu_call(b->gpu, GPUAS_WAIT, &wait);
	say("isolation: VA of A's: error %d in A, %d at 0x%llx in B; A's handle in B: %d; A's job in B: %d",
	    in_a.error, in_b.error, (unsigned long long)in_b.fault_va, handle, job);
	return in_a.error || in_b.error != -EFAULT || in_b.fault_va != ONLY_A ||
	       handle != -ENOENT || job != -ENOENT;
}

/* A's number is given to somebody else, who finds nothing of A's, neither mapped nor remembered. */
static int successor(unsigned int number, uint64_t *random)
{
	struct gpuas_ioctl_wait done;
	struct side next;
	bool same;

	prepare(&next, random);
	same = gpu_context(next.gpu) == number;
	done = gpu_copy(next.gpu, ONLY_A, TO, 1);
	say("isolation: after A, %s context: error %d at 0x%llx", same ? "the same" : "another",
	    done.error, (unsigned long long)done.fault_va);
	leave(&next);
	return !same || done.error != -EFAULT || done.fault_va != ONLY_A;
}

int test_isolation(uint64_t seed)
{
	uint64_t random = seed;
	unsigned int number;
	struct side a, b;
	int bad;

	say("isolation: seed 0x%llx", (unsigned long long)seed);
	prepare(&a, &random);
	prepare(&b, &random);
	bad = gpu_context(a.gpu) == gpu_context(b.gpu);
	bad |= own_data(&a, "A");
	bad |= own_data(&b, "B");
	bad |= own_data(&a, "A again");
	bad |= others(&a, &b);
	number = gpu_context(a.gpu);
	leave(&a);
	bad |= successor(number, &random);
	bad |= own_data(&b, "B, when A is closed");
	leave(&b);
	return bad;
}
