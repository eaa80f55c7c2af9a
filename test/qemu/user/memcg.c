// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A process in a cgroup of a few MiB has buffers, and address spaces full of tables: both
 * are on its account, so it comes to an end there, by an error or by the kernel's hand,
 * and everybody else goes on.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "group.h"
#include "tests.h"

#define GROUP	"gpuas"
#define VA	0x100000000ULL
#define MIB	(1ULL << 20)
#define SPREAD	(1ULL << 30)	/* a repeated page over so much takes 32 tables */
#define SPREAD_TABLES	32

/**
 * struct progress - How far the process came, in memory that we share
 * @kib: of pages, or of tables, that calls gave it
 * @err: what the last call said
 */
struct progress {
	volatile uint64_t kib;
	volatile int err;
};

static void use_buffers(struct progress *progress)
{
	struct drm_gpuas_bind_op op;
	uint32_t handle;
	struct gpu gpu;
	uint64_t va;

	gpu_open(&gpu);
	for (va = VA; !progress->err; va += MIB) {
		progress->err = gpu_create(gpu.fd, MIB, &handle);
		if (progress->err)
			break;
		op = op_map(handle, 0, MIB, va, READ_WRITE);
		progress->err = gpu_bind(gpu.fd, gpu.vm, &op, 1, NULL);
		if (!progress->err)
			progress->kib += MIB >> 10;
	}
}

static void use_tables(struct progress *progress)
{
	struct drm_gpuas_bind_op op;
	uint32_t handle;
	struct gpu gpu;
	uint64_t va;

	gpu_open(&gpu);
	progress->err = gpu_create(gpu.fd, GRANULE, &handle);
	for (va = VA; !progress->err && va < 200 * SPREAD; va += SPREAD) {
		op = op_map(handle, 0, SPREAD, va, DRM_GPUAS_BIND_READ);
		op.repeat = GRANULE;
		progress->err = gpu_bind(gpu.fd, gpu.vm, &op, 1, NULL);
		if (!progress->err)
			progress->kib += SPREAD_TABLES * GRANULE >> 10;
	}
}

static int in_group(const char *name, void (*use)(struct progress *), uint64_t mib,
		    struct progress *progress)
{
	long long peak, kills, left;
	int status = 0;

	progress->kib = 0;
	progress->err = 0;
	group_make(GROUP, mib * MIB);
	if (!fork()) {
		group_enter(GROUP);
		use(progress);
		_exit(0);
	}
	wait(&status);
	peak = group_number(GROUP, "memory.peak", "");
	kills = group_number(GROUP, "memory.events", "oom_kill ");
	group_end(GROUP);
	left = gpu_contexts(0);
	say("memcg: %s: ended by %s, error %d; %lld kB peak, %llu kB of %llu kB, %lld contexts left",
	    name, WIFSIGNALED(status) ? "a signal" : "itself", progress->err, peak >> 10,
	    (unsigned long long)progress->kib, (unsigned long long)(mib * MIB >> 10), left);
	if (WIFSIGNALED(status) && (WTERMSIG(status) != SIGKILL || kills < 1))
		return 1;
	if (!WIFSIGNALED(status) && progress->err != -ENOMEM)
		return 1;
	/* It had something, and not more than it may have. */
	return !progress->kib || progress->kib > mib * MIB >> 10 || left;
}

static int others_go_on(void)
{
	uint64_t random = SEED;
	struct buffer from, to;
	struct done done;
	struct gpu gpu;
	size_t wrong;

	gpu_open(&gpu);
	gpu_buffer(gpu.fd, 16 * MIB, &from);
	gpu_buffer(gpu.fd, GRANULE, &to);
	fill(from.map, GRANULE, &random);
	gpu_map(&gpu, &from, 0, from.size, VA, DRM_GPUAS_BIND_READ);
	gpu_map(&gpu, &to, 0, GRANULE, VA - GRANULE, READ_WRITE);
	done = gpu_copy(&gpu, VA, VA - GRANULE, 256);
	wrong = differ(from.map, to.map, 256);
	say("memcg: others, with 16 MiB: error %d, %zu bytes wrong", done.error, wrong);
	gpu_close(&gpu);
	return done.error || wrong;
}

int test_memcg(uint64_t mib)
{
	struct progress *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int bad;

	if (progress == MAP_FAILED)
		fail("memcg: no memory");
	bad = in_group("buffers", use_buffers, mib, progress);
	bad |= in_group("tables", use_tables, mib, progress);
	bad |= others_go_on();
	return bad;
}
