// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A process is killed, whatever it is doing: it is gone soon, nothing of it is left, and
 * what others have, of it too, is as it was.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

#define FROM	0x40000000ULL
#define TO	0x50000000ULL
#define SIZE	(4 * (size_t)GRANULE)
#define JOBS	16
#define SPREAD	(16ULL << 30)

struct victim {
	struct gpu gpu;
	struct pair pair;
	uint32_t syncobj;
	int ready;
};

static void prepare(struct victim *v, uint64_t seed)
{
	gpu_open(&v->gpu);
	gpu_pair(&v->gpu, SIZE, FROM, TO, &seed, &v->pair);
	v->syncobj = sync_create(v->gpu.fd);
}

static void submit(struct victim *v, unsigned int jobs, uint64_t size)
{
	const struct syncs out = sync_out(v->syncobj);

	while (jobs--) {
		if (gpu_submit(v->gpu.fd, v->gpu.queue, FROM, TO, size, &out, NULL))
			fail("kill: submit");
	}
}

static void tell_parent(const struct victim *v)
{
	if (write(v->ready, "", 1) != 1)
		_exit(1);
}

static void rest(const struct victim *v)
{
	tell_parent(v);
	for (;;)
		pause();
}

static void mmapped(struct victim *v)
{
	gpu_forget(v->gpu.fd, v->pair.from.handle);
	memset(v->pair.from.map, 1, SIZE);
	rest(v);
}

static void job_queued(struct victim *v)
{
	submit(v, JOBS, 64);
	rest(v);
}

/* One that is done, so that the next one runs or is about to. */
static void job_running(struct victim *v)
{
	submit(v, 1, 64);
	sync_wait(v->gpu.fd, v->syncobj);
	submit(v, 2, SIZE);
	rest(v);
}

static void waiting(struct victim *v)
{
	submit(v, JOBS, 64);
	tell_parent(v);
	sync_wait(v->gpu.fd, v->syncobj);
	pause();
}

static void waiting_for_buffer(struct victim *v)
{
	struct drm_gpuas_gem_wait arg = { .handle = v->pair.from.handle, .timeout_ns = INT64_MAX / 2 };

	submit(v, JOBS, 64);
	tell_parent(v);
	gpu_call(v->gpu.fd, DRM_IOCTL_GPUAS_GEM_WAIT, &arg);
	pause();
}

static int bind_after_jobs(struct victim *v)
{
	const struct drm_gpuas_bind_op op = op_unmap(SIZE, FROM);
	const struct syncs in = { .in.handle = v->syncobj, .num_in = 1 };

	submit(v, JOBS, 64);
	return gpu_bind(v->gpu.fd, v->gpu.vm, &op, 1, &in);
}

static void bind_pending(struct victim *v)
{
	if (bind_after_jobs(v))
		fail("kill: bind");
	rest(v);
}

/* In the call: binds of a VM happen in their order. */
static void bind_waited_for(struct victim *v)
{
	const struct drm_gpuas_bind_op op = op_unmap(SIZE, TO);

	if (bind_after_jobs(v))
		fail("kill: bind");
	tell_parent(v);
	gpu_bind(v->gpu.fd, v->gpu.vm, &op, 1, NULL);
	pause();
}

/* Somewhere in calls that take long */
static void binding(struct victim *v)
{
	struct drm_gpuas_bind_op op[2] = {
		op_map(v->pair.from.handle, 0, SPREAD, SPREAD, DRM_GPUAS_BIND_READ),
		op_unmap(SPREAD, SPREAD),
	};

	op[0].repeat = GRANULE;
	tell_parent(v);
	for (;;)
		gpu_bind(v->gpu.fd, v->gpu.vm, op, 2, NULL);
}

static void exported(struct victim *v)
{
	int fd;

	if (drmPrimeHandleToFD(v->gpu.fd, v->pair.from.handle, DRM_CLOEXEC | DRM_RDWR, &fd))
		fail("kill: export");
	rest(v);
}

static const struct state {
	const char *name;
	void (*be)(struct victim *v);
} states[] = {
	{ "mmapped", mmapped },
	{ "job queued", job_queued },
	{ "job running", job_running },
	{ "waiting for a job", waiting },
	{ "waiting for a buffer", waiting_for_buffer },
	{ "bind pending", bind_pending },
	{ "waiting for a bind", bind_waited_for },
	{ "binding", binding },
	{ "exported", exported },
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void kill_in(const struct state *state, uint64_t *random)
{
	const struct timespec a_bit = { .tv_nsec = (long)(next(random) % 20000000) };
	struct victim victim;
	int pair[2], status = 0;
	uint64_t start;
	pid_t child;
	char byte;

	if (pipe(pair))
		fail("kill: pipe");
	child = fork();
	if (!child) {
		victim.ready = pair[1];
		prepare(&victim, next(random));
		state->be(&victim);
		_exit(1);
	}
	close(pair[1]);
	if (read(pair[0], &byte, 1) != 1)
		fail("kill: %s: it does not come so far", state->name);
	close(pair[0]);
	nanosleep(&a_bit, NULL);
	start = now_ms();
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	say("kill: %s: gone after %llu ms, %s", state->name, (unsigned long long)(now_ms() - start),
	    WIFSIGNALED(status) ? "killed" : "of itself");
}

int test_kill(uint64_t seed)
{
	const unsigned int count = sizeof(states) / sizeof(states[0]);
	static uint8_t copy[SIZE];
	unsigned int i, bad = 0;
	uint64_t random = seed;
	struct victim own;
	struct done done;
	size_t wrong;
	long left;

	say("kill: seed 0x%llx", (unsigned long long)seed);
	prepare(&own, seed);
	memcpy(copy, own.pair.from.map, SIZE);
	for (i = 0; i < count; i++) {
		kill_in(&states[i], &random);
		memset(own.pair.to.map, 0, SIZE);
		done = gpu_copy(&own.gpu, FROM + 100, TO + 100, SIZE - 100);
		wrong = differ(own.pair.from.map + 100, own.pair.to.map + 100, SIZE - 100) +
			differ(own.pair.from.map, copy, SIZE);
		left = gpu_contexts(1);
		say("kill: %s: error %d, %zu bytes wrong, %ld contexts left", states[i].name,
		    done.error, wrong, left);
		bad += done.error || wrong || left != 1;
	}
	say("kill: in %u states, %u not as it has to be", count, bad);
	gpu_close(&own.gpu);
	return bad != 0;
}
