// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Two files: the same VAs lead to memory of their own, and there are no others. */
#include <errno.h>
#include <string.h>

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
	struct gpu gpu;
	struct buffer from;
	struct buffer to;
};

static void leave(struct side *side)
{
	gpu_buffer_end(side->gpu.fd, &side->from);
	gpu_buffer_end(side->gpu.fd, &side->to);
	gpu_close(&side->gpu);
}

static void prepare(struct side *side, uint64_t *random)
{
	gpu_open(&side->gpu);
	gpu_buffer(side->gpu.fd, GRANULE, &side->from);
	gpu_buffer(side->gpu.fd, GRANULE, &side->to);
	fill(side->from.map, GRANULE, random);
	gpu_map(&side->gpu, &side->from, 0, GRANULE, FROM, DRM_GPUAS_BIND_READ);
	gpu_map(&side->gpu, &side->to, 0, GRANULE, TO, READ_WRITE);
}

static int own_data(struct side *side, const char *name)
{
	struct done done;
	size_t wrong;

	memset(side->to.map, 0, BYTES);
	done = gpu_copy(&side->gpu, FROM, TO, BYTES);
	wrong = differ(side->from.map, side->to.map, BYTES);
	say("isolation: %s: error %d, %zu bytes wrong", name, done.error, wrong);
	return done.error || wrong;
}

/* Ids and handles of A's, more of each than B has */
static int names(struct side *a, struct side *b)
{
	struct buffer more = { .size = GRANULE };
	uint32_t vm, queue;
	int handle, vm_err, queue_err;

	if (gpu_create(a->gpu.fd, GRANULE, &more.handle) || gpu_vm(a->gpu.fd, &vm) ||
	    gpu_queue(a->gpu.fd, vm, &queue))
		fail("isolation: more of A's");
	handle = gpu_see(b->gpu.fd, &more);
	queue_err = gpu_submit(b->gpu.fd, queue, FROM, TO, 1, NULL, NULL);
	vm_err = gpu_vm_destroy(b->gpu.fd, vm);
	say("isolation: A's handle in B: %d, its VM: %d, its queue: %d", handle, vm_err, queue_err);
	return handle != -ENOENT || vm_err != -ENOENT || queue_err != -ENOENT;
}

/* What A has mapped, and has used, is nothing to B. */
static int others(struct side *a, struct side *b)
{
	struct done in_a, in_b;
	struct buffer more;

	gpu_buffer(a->gpu.fd, GRANULE, &more);
	gpu_map(&a->gpu, &more, 0, GRANULE, ONLY_A, DRM_GPUAS_BIND_READ);
	in_a = gpu_copy(&a->gpu, ONLY_A, TO, 1);
	in_b = gpu_copy(&b->gpu, ONLY_A, TO, 1);
	gpu_buffer_end(a->gpu.fd, &more);
	say("isolation: VA of A's: error %d in A, %d at 0x%llx in B", in_a.error, in_b.error,
	    (unsigned long long)in_b.state.fault_va);
	return in_a.error || in_b.error != -EFAULT || in_b.state.fault_va != ONLY_A;
}

/*
 * More VMs than the firmware can know at a time, all in use: so one of them gets the
 * number that it knew A by, and none finds anything of A's, mapped or remembered.
 */
static int successors(void)
{
	struct drm_gpuas_params params;
	unsigned int i, right = 0;
	struct done done;
	struct gpu gpu;

	gpu.fd = gpu_file();
	gpu_params(gpu.fd, &params);
	for (i = 0; i <= params.contexts; i++) {
		if (gpu_vm(gpu.fd, &gpu.vm) || gpu_queue(gpu.fd, gpu.vm, &gpu.queue))
			fail("isolation: VM %u", i);
		done = gpu_copy(&gpu, ONLY_A, TO, 1);
		right += done.error == -EFAULT && done.state.fault_va == ONLY_A;
	}
	gpu_close(&gpu);
	say("isolation: after A, %u of %u VMs fault where A had something", right, i);
	return right != i;
}

int test_isolation(uint64_t seed)
{
	uint64_t random = seed;
	struct side a, b;
	int bad;

	say("isolation: seed 0x%llx", (unsigned long long)seed);
	prepare(&a, &random);
	prepare(&b, &random);
	bad = own_data(&a, "A");
	bad |= own_data(&b, "B");
	bad |= own_data(&a, "A again");
	bad |= others(&a, &b);
	bad |= names(&a, &b);
	leave(&a);
	bad |= successors();
	bad |= own_data(&b, "B, when A is closed, and others took its place");
	leave(&b);
	return bad;
}
