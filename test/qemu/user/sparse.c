// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Sparse residency: a large range has one page, or a pattern of a few, wherever nothing
 * else is bound; parts become resident, and are evicted again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests.h"

#define RANGE	(16ULL << 30)
#define BASE	0x100000000ULL
#define TO	0x70000000ULL
#define BYTES	0x300u
#define READS	6
#define PATTERN	3

/* Arm IHI 0070, 7.3 */
#define F_PERMISSION	0x13

struct sparse {
	struct gpu gpu;
	struct buffer page;
	struct buffer to;
	uint64_t size;
	uint64_t random;
	int bad;
};

static struct drm_gpuas_bind_op repeat(const struct sparse *s, uint64_t range, uint64_t va)
{
	struct drm_gpuas_bind_op op = op_map(s->page.handle, 0, range, va, DRM_GPUAS_BIND_READ);

	op.repeat = s->size;
	return op;
}

static void bind(struct sparse *s, const struct drm_gpuas_bind_op *op, uint32_t ops)
{
	int err = gpu_bind(s->gpu.fd, s->gpu.vm, op, ops, NULL);

	if (err)
		fail("sparse: bind: %s", strerror(-err));
}

/* Wrong bytes: what is read at a VA of the range, beside the pattern from @start on */
static size_t pattern_at(struct sparse *s, uint64_t va, uint64_t start)
{
	struct done done = gpu_copy(&s->gpu, va, TO, BYTES);
	size_t wrong = done.error ? BYTES : 0, i;

	for (i = 0; !done.error && i < BYTES; i++)
		wrong += s->to.map[i] != s->page.map[(va - start + i) % s->size];
	return wrong;
}

/* Also over the ends of pages, at both ends, and anywhere. */
static void everywhere(struct sparse *s, const char *what)
{
	const uint64_t range = RANGE / s->size * s->size;
	size_t wrong = pattern_at(s, BASE, BASE);
	unsigned int i;
	uint64_t at;

	wrong += pattern_at(s, BASE + range - BYTES, BASE);
	for (i = 0; i < READS; i++) {
		at = next(&s->random) % (range / GRANULE - 1) * GRANULE;
		at += i % 2 ? GRANULE - BYTES / 2 : next(&s->random) % GRANULE;
		wrong += pattern_at(s, BASE + at, BASE);
	}
	say("sparse: %s: %llu MiB, %u reads, %zu bytes wrong", what,
	    (unsigned long long)(range >> 20), READS + 2, wrong);
	s->bad |= wrong != 0;
}

static void fill_range(struct sparse *s, unsigned int pages)
{
	struct drm_gpuas_bind_op op;

	s->size = pages * (uint64_t)GRANULE;
	op = repeat(s, RANGE / s->size * s->size, BASE);
	bind(s, &op, 1);
}

/* Two pages become resident, in the middle; then one of them is evicted; then it is a hole. */
static void residency(struct sparse *s, struct buffer *real)
{
	const uint64_t va = BASE + RANGE / 2;
	struct drm_gpuas_bind_op op;
	size_t left, right, inside;
	struct done done;

	op = op_map(real->handle, 0, 2 * GRANULE, va, READ_WRITE);
	bind(s, &op, 1);
	left = pattern_at(s, va - BYTES, BASE);
	right = pattern_at(s, va + 2 * GRANULE, BASE);
	done = gpu_copy(&s->gpu, va + GRANULE - BYTES / 2, TO, BYTES);
	inside = differ(real->map + GRANULE - BYTES / 2, s->to.map, BYTES);
	say("sparse: resident: error %d, %zu bytes wrong; beside it %zu and %zu", done.error,
	    inside, left, right);
	s->bad |= done.error || inside || left || right;

	op = repeat(s, GRANULE, va);
	bind(s, &op, 1);
	left = pattern_at(s, va + 0x40, va);
	done = gpu_copy(&s->gpu, va + GRANULE, TO, BYTES);
	inside = differ(real->map + GRANULE, s->to.map, BYTES);
	say("sparse: evicted: %zu bytes wrong; what is still resident: error %d, %zu bytes wrong",
	    left, done.error, inside);
	s->bad |= left || done.error || inside;

	op = op_unmap(2 * GRANULE, va);
	bind(s, &op, 1);
	done = gpu_copy(&s->gpu, va + GRANULE, TO, BYTES);
	left = pattern_at(s, va - BYTES, BASE);
	right = pattern_at(s, va + 2 * GRANULE, BASE);
	say("sparse: a hole: error %d; beside it %zu and %zu bytes wrong", done.error, left, right);
	s->bad |= done.error != -EFAULT || left || right;
}

static void not_written(struct sparse *s)
{
	struct done done = gpu_copy(&s->gpu, TO, BASE + GRANULE, BYTES);

	say("sparse: written: error %d, type 0x%x", done.error, done.state.fault_type);
	s->bad |= done.error != -EFAULT || done.state.fault_type != F_PERMISSION;
}

/* What the driver says of itself */
static void usage(const char *when)
{
	FILE *file = fopen("/sys/kernel/debug/gpuas/usage", "r");
	char line[160] = "no such file\n";

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	line[strcspn(line, "\n")] = '\0';
	say("sparse: %s: %s", when, line);
}

int test_sparse(uint64_t seed)
{
	struct sparse s = { .random = seed };
	struct drm_gpuas_bind_op op = op_unmap(RANGE, BASE);
	struct buffer real;

	say("sparse: seed 0x%llx", (unsigned long long)seed);
	gpu_open(&s.gpu);
	gpu_buffer(s.gpu.fd, PATTERN * GRANULE, &s.page);
	gpu_buffer(s.gpu.fd, GRANULE, &s.to);
	gpu_buffer(s.gpu.fd, 2 * GRANULE, &real);
	fill(s.page.map, s.page.size, &s.random);
	fill(real.map, real.size, &s.random);
	gpu_map(&s.gpu, &s.to, 0, GRANULE, TO, READ_WRITE);

	fill_range(&s, 1);
	usage("bound");
	everywhere(&s, "one page");
	not_written(&s);
	residency(&s, &real);
	fill_range(&s, PATTERN);
	everywhere(&s, "three pages");
	bind(&s, &op, 1);
	usage("unbound");
	gpu_close(&s.gpu);
	return s.bad;
}
