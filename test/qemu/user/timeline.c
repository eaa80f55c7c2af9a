// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A chain of points of one timeline, across binds, two queues and two files, called for
 * at once: each part sees what the one before it left, and nobody waits in between.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define OVER	0x50000000ULL
#define TO	0x60000000ULL
#define BYTES	512u
#define ROUNDS	4
#define LINKS	5

struct chain {
	struct gpu gpu;
	uint32_t second;
	uint32_t timeline;
	uint64_t point;
	struct buffer from;
	struct buffer over;
	struct buffer to;
};

/* The next link: it waits for the point before. */
static struct syncs link_next(struct chain *c)
{
	struct drm_gpuas_sync in = sync_point(c->timeline, c->point);
	struct syncs syncs = sync_both(in, sync_point(c->timeline, ++c->point));

	/* Nothing was before the first one. */
	syncs.num_in = c->point > 1;
	return syncs;
}

static void bind(struct chain *c, struct drm_gpuas_bind_op op)
{
	const struct syncs syncs = link_next(c);
	int err = gpu_bind(c->gpu.fd, c->gpu.vm, &op, 1, &syncs);

	if (err)
		fail("timeline: bind: %s", strerror(-err));
}

static void copy(struct chain *c, uint32_t queue, uint64_t from, uint64_t to)
{
	const struct syncs syncs = link_next(c);
	int err = gpu_submit(c->gpu.fd, queue, from, to, BYTES, &syncs, NULL);

	if (err)
		fail("timeline: submit: %s", strerror(-err));
}

/* Bound, copied by one queue, on by the other, unbound; and a copy that comes too late. */
static void round_of(struct chain *c, unsigned int at)
{
	bind(c, op_map(c->from.handle, 0, GRANULE, FROM, DRM_GPUAS_BIND_READ));
	copy(c, c->gpu.queue, FROM + at, OVER + at);
	copy(c, c->second, OVER + at, TO + at);
	bind(c, op_unmap(GRANULE, FROM));
	copy(c, c->gpu.queue, FROM + at, TO + at);
}

static int64_t in_ns(int64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec + ns;
}

static int wait_for(int fd, uint32_t timeline, uint64_t point, int64_t ns)
{
	return drmSyncobjTimelineWait(fd, &timeline, &point, 1, in_ns(ns),
				      DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT, NULL);
}

/* Another file has the same timeline, and goes on from its last point. */
static int other_file(struct chain *c, uint64_t *random)
{
	struct pair pair;
	struct syncs syncs;
	struct gpu gpu;
	uint32_t timeline;
	size_t wrong;
	int share, err;

	gpu_open(&gpu);
	if (drmSyncobjHandleToFD(c->gpu.fd, c->timeline, &share) ||
	    drmSyncobjFDToHandle(gpu.fd, share, &timeline))
		fail("timeline: it cannot be shared");
	gpu_pair(&gpu, GRANULE, FROM, TO, random, &pair);
	syncs = sync_both(sync_point(timeline, c->point), sync_point(timeline, c->point + 1));
	err = gpu_submit(gpu.fd, gpu.queue, FROM, TO, BYTES, &syncs, NULL);
	c->point++;
	if (!err)
		err = wait_for(c->gpu.fd, c->timeline, c->point, WAIT_NS);
	wrong = differ(pair.from.map, pair.to.map, BYTES);
	say("timeline: another file goes on at point %llu: %d, %zu bytes wrong",
	    (unsigned long long)c->point, err, wrong);
	gpu_close(&gpu);
	return err || wrong;
}

/* A point that nobody will reach can be waited for, but not by a job. */
static int future(struct chain *c)
{
	const struct syncs syncs = { .in = sync_point(c->timeline, c->point + 10), .num_in = 1 };
	int job = gpu_submit(c->gpu.fd, c->gpu.queue, FROM, TO, 1, &syncs, NULL);
	int waited = wait_for(c->gpu.fd, c->timeline, c->point + 10, 10000000);

	say("timeline: a point that is not there: job %d, wait %d", job, waited);
	return job != -EINVAL || waited != -ETIME;
}

static void prepare(struct chain *c)
{
	gpu_open(&c->gpu);
	if (gpu_queue(c->gpu.fd, c->gpu.vm, &c->second))
		fail("timeline: a second queue");
	c->timeline = sync_create(c->gpu.fd);
	gpu_buffer(c->gpu.fd, GRANULE, &c->from);
	gpu_buffer(c->gpu.fd, GRANULE, &c->over);
	gpu_buffer(c->gpu.fd, GRANULE, &c->to);
	gpu_map(&c->gpu, &c->over, 0, GRANULE, OVER, READ_WRITE);
	gpu_map(&c->gpu, &c->to, 0, GRANULE, TO, READ_WRITE);
}

int test_timeline(uint64_t seed)
{
	struct drm_gpuas_queue_state first, second;
	uint64_t random = seed, reached = 0;
	struct chain c = { .point = 0 };
	int err, early, bad;
	unsigned int i;
	size_t wrong;

	say("timeline: seed 0x%llx", (unsigned long long)seed);
	prepare(&c);
	fill(c.from.map, GRANULE, &random);
	for (i = 0; i < ROUNDS; i++)
		round_of(&c, i * BYTES);
	early = wait_for(c.gpu.fd, c.timeline, c.point, 0);
	err = wait_for(c.gpu.fd, c.timeline, 3, WAIT_NS);
	wrong = differ(c.from.map, c.to.map, BYTES);
	say("timeline: point %llu at once: %d; point 3: %d, %zu bytes wrong",
	    (unsigned long long)c.point, early, err, wrong);
	bad = early != -ETIME || err || wrong;

	err = wait_for(c.gpu.fd, c.timeline, c.point, WAIT_NS);
	drmSyncobjQuery(c.gpu.fd, &c.timeline, &reached, 1);
	wrong = differ(c.from.map, c.to.map, ROUNDS * BYTES);
	first = gpu_state(c.gpu.fd, c.gpu.queue);
	second = gpu_state(c.gpu.fd, c.second);
	say("timeline: %u links in %u rounds: %d, point %llu reached, %zu bytes wrong", LINKS, ROUNDS,
	    err, (unsigned long long)reached, wrong);
	say("timeline: of %llu jobs of one queue %llu failed, of %llu of the other %llu",
	    (unsigned long long)first.done, (unsigned long long)first.failed,
	    (unsigned long long)second.done, (unsigned long long)second.failed);
	bad |= err || reached != c.point || wrong || first.failed != ROUNDS || second.failed;
	bad |= other_file(&c, &random);
	bad |= future(&c);
	gpu_close(&c.gpu);
	return bad;
}
