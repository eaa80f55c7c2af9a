// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Two processes share a buffer, by a file descriptor sent over a socket: what the GPU
 * writes for one, the other one sees, and its GPU; and so do those who only have the
 * descriptor. Then a buffer of another driver's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests.h"
#include "vgem.h"

#define SHARED	0x40000000ULL
#define OWN	0x50000000ULL
#define PAGES	3
#define SIZE	(PAGES * (size_t)GRANULE)
#define BYTES	0x2000u
#define AT	0x3100u		/* over the end of a page */
#define BACK	0x9000u		/* where the other process answers */

static void send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		fail("prime: send: %s", strerror(errno));
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, 0) != 1)
		fail("prime: receive: %s", strerror(errno));
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		fail("prime: no descriptor came");
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* Told by the other side that it is done with its part */
static void turn(int socket)
{
	char byte;

	if (read(socket, &byte, 1) != 1)
		fail("prime: the other process is gone");
}

static void your_turn(int socket)
{
	if (write(socket, "", 1) != 1)
		fail("prime: the other process is gone");
}

/* Import, see with GPU and CPU what the first one's GPU wrote, and answer by the GPU. */
static int second(int socket, uint64_t seed)
{
	uint64_t random = seed;
	struct buffer shared = { .size = SIZE }, own;
	uint8_t *by_fd;
	uint32_t again;
	size_t seen, read_by_gpu;
	struct done in, out;
	struct gpu gpu;
	int fd, same;

	gpu_open(&gpu);
	fd = receive_fd(socket);
	if (drmPrimeFDToHandle(gpu.fd, fd, &shared.handle))
		fail("prime: import: %s", strerror(errno));
	same = !drmPrimeFDToHandle(gpu.fd, fd, &again) && again == shared.handle;
	by_fd = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (by_fd == MAP_FAILED || gpu_see(gpu.fd, &shared))
		fail("prime: mmap: %s", strerror(errno));
	close(fd);
	gpu_buffer(gpu.fd, SIZE, &own);
	gpu_map(&gpu, &shared, 0, SIZE, SHARED, READ_WRITE);
	gpu_map(&gpu, &own, 0, SIZE, OWN, READ_WRITE);

	turn(socket);
	in = gpu_copy(&gpu, SHARED + AT, OWN + AT, BYTES);
	read_by_gpu = differ(own.map + AT, shared.map + AT, BYTES);
	fill(own.map, BYTES, &random);
	seen = differ(own.map, by_fd + AT, BYTES) + differ(own.map, shared.map + AT, BYTES);
	say("prime: imported %s: error %d, %zu bytes wrong by the GPU, %zu by mmap",
	    same ? "once" : "twice", in.error, read_by_gpu, seen);
	fill(own.map, BYTES, &random);
	out = gpu_copy(&gpu, OWN, SHARED + BACK - BYTES, BYTES);
	your_turn(socket);
	turn(socket);
	return !same || in.error || read_by_gpu || seen || out.error;
}

/* The first one's part: its GPU writes, and then finds the answer. */
static int first(int socket, uint64_t seed, struct gpu *gpu, struct buffer *shared)
{
	uint64_t random = seed;
	struct done out, in;
	struct buffer own;
	size_t seen, read_by_gpu;
	int fd;

	gpu_open(gpu);
	gpu_buffer(gpu->fd, SIZE, shared);
	gpu_buffer(gpu->fd, SIZE, &own);
	gpu_map(gpu, shared, 0, SIZE, SHARED, READ_WRITE);
	gpu_map(gpu, &own, 0, SIZE, OWN, READ_WRITE);
	if (drmPrimeHandleToFD(gpu->fd, shared->handle, DRM_CLOEXEC | DRM_RDWR, &fd))
		fail("prime: export: %s", strerror(errno));
	send_fd(socket, fd);
	close(fd);
	fill(own.map, BYTES, &random);
	out = gpu_copy(gpu, OWN, SHARED + AT, BYTES);
	your_turn(socket);
	turn(socket);
	in = gpu_copy(gpu, SHARED + BACK - BYTES, OWN + BYTES, BYTES);
	read_by_gpu = differ(own.map + BYTES, shared->map + BACK - BYTES, BYTES);
	fill(own.map, BYTES, &random);
	seen = differ(own.map, shared->map + BACK - BYTES, BYTES);
	say("prime: answered: errors %d and %d, %zu bytes wrong by the GPU, %zu by mmap", out.error,
	    in.error, read_by_gpu, seen);
	gpu_buffer_end(gpu->fd, &own);
	return out.error || in.error || read_by_gpu || seen;
}

/* Who exported it is gone: it is there all the same. */
static int survives(int fd, uint64_t *random)
{
	static uint8_t copy[BYTES];
	struct buffer shared = { .size = SIZE }, to;
	struct done done;
	struct gpu gpu;
	uint8_t *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	size_t wrong;

	if (map == MAP_FAILED)
		fail("prime: mmap of the descriptor: %s", strerror(errno));
	fill(map, BYTES, random);
	memcpy(copy, map, BYTES);
	munmap(map, SIZE);
	gpu_open(&gpu);
	if (drmPrimeFDToHandle(gpu.fd, fd, &shared.handle))
		fail("prime: import: %s", strerror(errno));
	close(fd);
	gpu_buffer(gpu.fd, SIZE, &to);
	gpu_map(&gpu, &shared, 0, SIZE, SHARED, READ_WRITE);
	gpu_map(&gpu, &to, 0, SIZE, OWN, READ_WRITE);
	done = gpu_copy(&gpu, SHARED, OWN, BYTES);
	wrong = differ(copy, to.map, BYTES);
	say("prime: its maker closed: error %d, %zu bytes wrong", done.error, wrong);
	gpu_close(&gpu);
	return done.error || wrong;
}

/* A buffer that belongs to one VM stays there. */
static int belongs(const struct gpu *gpu)
{
	const struct drm_gpuas_gem_create create = { .size = GRANULE, .vm_id = gpu->vm };
	struct drm_gpuas_gem_create arg = create;
	struct drm_gpuas_bind_op op;
	int exported, fd, own, other;
	uint32_t vm;

	if (gpu_call(gpu->fd, DRM_IOCTL_GPUAS_GEM_CREATE, &arg) || gpu_vm(gpu->fd, &vm))
		fail("prime: a buffer of one VM");
	exported = drmPrimeHandleToFD(gpu->fd, arg.handle, DRM_CLOEXEC, &fd) ? -errno : 0;
	op = op_map(arg.handle, 0, GRANULE, OWN + SIZE, DRM_GPUAS_BIND_READ);
	own = gpu_bind(gpu->fd, gpu->vm, &op, 1, NULL);
	other = gpu_bind(gpu->fd, vm, &op, 1, NULL);
	say("prime: of one VM: exported %d, mapped there %d, in another %d", exported, own, other);
	return exported != -EPERM || own || other != -EPERM;
}

/* Of vgem, which has pages and no GPU: the GPU writes there, and vgem's mmap shows it. */
static int another_driver(uint64_t *random)
{
	struct buffer theirs = { .size = SIZE }, own;
	struct done done;
	struct gpu gpu;
	uint8_t *seen;
	int vgem = vgem_open(), fd, offset;
	uint64_t at;
	size_t wrong;

	if (vgem < 0) {
		say("prime: another driver: there is no vgem");
		return 0;
	}
	fd = vgem_buffer(vgem, SIZE, &at);
	seen = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, vgem, (off_t)at);
	if (seen == MAP_FAILED)
		fail("prime: vgem's mmap: %s", strerror(errno));
	gpu_open(&gpu);
	if (drmPrimeFDToHandle(gpu.fd, fd, &theirs.handle))
		fail("prime: import of vgem's: %s", strerror(errno));
	close(fd);
	offset = gpu_see(gpu.fd, &theirs);
	gpu_buffer(gpu.fd, SIZE, &own);
	fill(own.map, SIZE, random);
	gpu_map(&gpu, &theirs, 0, SIZE, SHARED, READ_WRITE);
	gpu_map(&gpu, &own, 0, SIZE, OWN, READ_WRITE);
	done = gpu_copy(&gpu, OWN + AT, SHARED + AT, BYTES);
	wrong = differ(own.map + AT, seen + AT, BYTES);
	say("prime: another driver: error %d, %zu bytes wrong; our mmap: %d", done.error, wrong,
	    offset);
	munmap(seen, SIZE);
	gpu_close(&gpu);
	close(vgem);
	return done.error || wrong || offset != -EINVAL;
}

int test_prime(uint64_t seed)
{
	uint64_t random = seed + 1;
	struct buffer shared;
	struct gpu gpu;
	int pair[2], status = 1, bad, fd;

	say("prime: seed 0x%llx", (unsigned long long)seed);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		fail("prime: socket: %s", strerror(errno));
	if (!fork()) {
		close(pair[0]);
		_exit(second(pair[1], seed));
	}
	close(pair[1]);
	bad = first(pair[0], seed, &gpu, &shared);
	your_turn(pair[0]);
	wait(&status);
	bad |= status;
	bad |= belongs(&gpu);
	if (drmPrimeHandleToFD(gpu.fd, shared.handle, DRM_CLOEXEC | DRM_RDWR, &fd))
		fail("prime: export: %s", strerror(errno));
	gpu_buffer_end(gpu.fd, &shared);
	gpu_close(&gpu);
	bad |= survives(fd, &random);
	bad |= another_driver(&random);
	return bad;
}
