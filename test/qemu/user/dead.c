// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Dumps: by hand, small, while VMs change, and when the firmware breaks down while two VMs are in use, one of
 * which it knows. Then a process stays, so that what it has stays in memory as it is.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dumps.h"
#include "tests.h"

#define FIRST	0x40000000ULL
#define TO	0x50000000ULL
#define SECOND	0x8000000ULL
#define LEFT	0x60000000ULL
#define LAST	((1ULL << 39) - GRANULE)
#define HUGE	0x400000000ULL
#define LARGE	0x100000u
#define SHOTS	20u
#define LIMIT	"/sys/module/gpuas_qemu_virt/parameters/dump_mib"

static struct buffer put(const struct gpu *gpu, size_t size, uint64_t va, uint64_t vm)
{
	struct buffer buffer;

	gpu_buffer(gpu->fd, size, &buffer);
	dump_sign(&buffer, va, vm);
	gpu_map(gpu, &buffer, 0, size, va, READ_WRITE);
	return buffer;
}

/* More than there is memory: it is the same again and again. */
static void put_gigabyte(const struct gpu *gpu, const struct buffer *buffer)
{
	uint64_t at;

	for (at = 0; at < 1ULL << 30; at += LARGE)
		gpu_map(gpu, buffer, 0, LARGE, HUGE + at, READ_WRITE);
}

/* By hand, and another one while there is the first: that one stays. */
static int by_hand(void)
{
	long limited, second;

	if (tell(LIMIT, "1"))
		fail("dead: no limit can be set");
	gpu_debugfs("snapshot", 1);
	limited = dump_wait(true);
	tell(LIMIT, "32");
	gpu_debugfs("snapshot", 1);
	second = dump_size();
	dump_let_go();
	say("dead: by hand, with 1 MiB: %ld bytes; kept: %s", limited,
	    second == limited ? "the first" : "another one");
	return limited <= 0 || limited > 0x100000 || second != limited;
}

/* VMs, buffers and mappings come and go. */
static void come_and_go(void)
{
	struct buffer from, to;
	struct gpu gpu;

	for (;;) {
		gpu_open(&gpu);
		gpu_buffer(gpu.fd, LARGE, &from);
		gpu_buffer(gpu.fd, GRANULE, &to);
		gpu_map(&gpu, &from, 0, LARGE, FIRST, DRM_GPUAS_BIND_READ);
		gpu_map(&gpu, &to, 0, GRANULE, TO, READ_WRITE);
		gpu_copy(&gpu, FIRST, TO, 64);
		gpu_unmap(&gpu, LARGE, FIRST);
		gpu_buffer_end(gpu.fd, &from);
		gpu_buffer_end(gpu.fd, &to);
		gpu_close(&gpu);
	}
}

static int under_load(void)
{
	unsigned int i, taken = 0;
	pid_t child[2];

	for (i = 0; i < 2; i++) {
		child[i] = fork();
		if (!child[i])
			come_and_go();
	}
	for (i = 0; i < SHOTS; i++) {
		gpu_debugfs("snapshot", 1);
		taken += dump_wait(true) > 0;
		dump_let_go();
	}
	for (i = 0; i < 2; i++) {
		kill(child[i], SIGKILL);
		waitpid(child[i], NULL, 0);
	}
	say("dead: while VMs come and go: %u of %u, then %ld VMs", taken, SHOTS, gpu_contexts(2));
	return taken != SHOTS;
}

/* Who notices: a user's unmap, or, where there is no render node, nobody but the driver. */
static int die(uint64_t how, const struct gpu *gpu)
{
	const struct drm_gpuas_bind_op op = op_unmap(GRANULE, LEFT);
	long size;

	gpu_debugfs("crash", (unsigned int)how);
	if (gpu)
		gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);
	size = dump_wait(true);
	say("dead: a dump of %ld bytes", size);
	return size <= 0;
}

static int with_users(uint64_t how)
{
	struct gpu gpu, other;
	struct buffer to, large;
	struct done done;
	int bad;

	gpu_open(&gpu);
	other = gpu;
	if (gpu_vm(gpu.fd, &other.vm))
		fail("dead: no second VM");
	put(&gpu, 4 * GRANULE, FIRST, 1);
	put(&gpu, GRANULE, LAST, 1);
	put(&gpu, GRANULE, LEFT, 1);
	large = put(&other, LARGE, SECOND, 2);
	put(&other, GRANULE, FIRST, 2);
	gpu_buffer(gpu.fd, GRANULE, &to);
	gpu_map(&gpu, &to, 0, GRANULE, TO, READ_WRITE);
	done = gpu_copy(&gpu, FIRST, TO, 64);
	bad = by_hand() | under_load();
	put_gigabyte(&other, &large);
	return bad | die(how, &gpu) | !!done.error;
}

static int dead(uint64_t how, bool node)
{
	return node ? with_users(how) : by_hand() | die(how, NULL);
}

int test_dead(uint64_t how)
{
	return dump_and_stay(dead, how);
}
