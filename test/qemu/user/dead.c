// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Dumps: by hand, small, while VMs change, and when the firmware breaks down while two VMs are in use, one of
 * which it knows. Then a process stays, so that what it has stays in memory as it is.
 */
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

#define FIRST	0x40000000ULL
#define TO	0x50000000ULL
#define SECOND	0x8000000ULL
#define LEFT	0x60000000ULL
#define LAST	((1ULL << 39) - GRANULE)
#define HUGE	0x400000000ULL
#define LARGE	0x100000u
#define SHOTS	20u
#define DUMPS	"/sys/class/devcoredump/devcd*/data"
#define LIMIT	"/sys/module/gpuas_qemu_virt/parameters/dump_mib"

/* Its VA, in each word, and in the topmost bits which VM it is of. */
static void sign(const struct buffer *buffer, uint64_t va, uint64_t vm)
{
	uint64_t *word = (void *)buffer->map;
	size_t i;

	for (i = 0; i < buffer->size / sizeof(*word); i++)
		word[i] = (va + i * sizeof(*word)) | vm << 56;
}

static struct buffer put(const struct gpu *gpu, size_t size, uint64_t va, uint64_t vm)
{
	struct buffer buffer;

	gpu_buffer(gpu->fd, size, &buffer);
	sign(&buffer, va, vm);
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

/* The one dump that there is: how many bytes; 0 if there is none; -1 if there are several. */
static long dump_size(void)
{
	static char bytes[0x10000];
	long size = -1, part;
	glob_t found;
	int file;

	if (glob(DUMPS, 0, NULL, &found))
		return 0;
	if (found.gl_pathc == 1) {
		file = open(found.gl_pathv[0], O_RDONLY);
		for (size = 0; (part = read(file, bytes, sizeof(bytes))) > 0; size += part)
			;
		close(file);
	}
	globfree(&found);
	return size;
}

/* The kernel takes its time. */
static long wait_for(bool there)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int left = 12000;
	long size;

	while ((size = dump_size(), !!size != there) && left--)
		nanosleep(&pause, NULL);
	return size;
}

static void let_go(void)
{
	glob_t found;

	if (glob(DUMPS, 0, NULL, &found))
		return;
	tell(found.gl_pathv[0], "1");
	globfree(&found);
	wait_for(false);
}

/* By hand, and another one while there is the first: that one stays. */
static int by_hand(void)
{
	long limited, second;

	if (tell(LIMIT, "1"))
		fail("dead: no limit can be set");
	gpu_debugfs("snapshot", 1);
	limited = wait_for(true);
	tell(LIMIT, "32");
	gpu_debugfs("snapshot", 1);
	second = dump_size();
	let_go();
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
		taken += wait_for(true) > 0;
		let_go();
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
	size = wait_for(true);
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

int test_dead(uint64_t how)
{
	int line[2], bad = 1, node = gpu_file_try();

	if (node >= 0)
		drmClose(node);
	if (pipe(line))
		fail("dead: no pipe");
	if (fork()) {
		close(line[1]);
		return read(line[0], &bad, sizeof(bad)) != sizeof(bad) || bad;
	}
	bad = node >= 0 ? with_users(how) : by_hand() | die(how, NULL);
	if (write(line[1], &bad, sizeof(bad)) != sizeof(bad))
		fail("dead: nobody listens");
	for (;;)
		pause();
}
