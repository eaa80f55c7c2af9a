// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The driver's requests, and what programs need besides. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user.h"

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s: ", program);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s: FAILED: ", program);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	exit(1);
}

uint64_t argument(int argc, char *argv[], int i, uint64_t otherwise)
{
	return i < argc ? strtoull(argv[i], NULL, 0) : otherwise;
}

int gpu_call(int gpu, unsigned long request, void *arg)
{
	return ioctl(gpu, request, arg) ? -errno : 0;
}

int gpu_open(void)
{
	int gpu = open("/dev/gpuas", O_RDWR | O_CLOEXEC);

	if (gpu < 0)
		fail("open /dev/gpuas: %s", strerror(errno));
	return gpu;
}

uint32_t gpu_context(int gpu)
{
	struct gpuas_ioctl_info info;
	int err = gpu_call(gpu, GPUAS_INFO, &info);

	if (err)
		fail("info: %s", strerror(-err));
	return info.context;
}

void gpu_buffer(int gpu, size_t size, struct buffer *buffer)
{
	struct gpuas_ioctl_create_buffer create = { .size = size };
	int err = gpu_call(gpu, GPUAS_CREATE_BUFFER, &create);

	if (err)
		fail("create a buffer of %zu bytes: %s", size, strerror(-err));
	buffer->handle = create.handle;
	buffer->pieces = create.pieces;
	buffer->size = size;
	buffer->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, gpu,
			   (off_t)create.offset);
	if (buffer->map == MAP_FAILED)
		fail("mmap buffer %u: %s", create.handle, strerror(errno));
}

void gpu_map(int gpu, const struct buffer *buffer, uint64_t offset, uint64_t size,
	     uint64_t va, uint32_t flags)
{
	struct gpuas_ioctl_map map = {
		.handle = buffer->handle,
		.flags = flags,
		.offset = offset,
		.size = size,
		.va = va,
	};
	int err = gpu_call(gpu, GPUAS_MAP, &map);

	if (err)
		fail("map buffer %u at 0x%llx: %s", buffer->handle, (unsigned long long)va,
		     strerror(-err));
}

void gpu_unmap(int gpu, uint64_t va, uint64_t size)
{
	struct gpuas_ioctl_unmap unmap = { .va = va, .size = size };
	int err = gpu_call(gpu, GPUAS_UNMAP, &unmap);

	if (err)
		fail("unmap 0x%llx: %s", (unsigned long long)va, strerror(-err));
}

struct gpuas_ioctl_wait gpu_copy(int gpu, uint64_t from, uint64_t to, uint64_t size)
{
	struct gpuas_ioctl_copy copy = { .from = from, .to = to, .size = size };
	struct gpuas_ioctl_wait wait = { .timeout_ms = JOB_MS };
	int err = gpu_call(gpu, GPUAS_COPY, &copy);

	if (err)
		fail("copy from 0x%llx to 0x%llx: %s", (unsigned long long)from,
		     (unsigned long long)to, strerror(-err));
	wait.job = copy.job;
	err = gpu_call(gpu, GPUAS_WAIT, &wait);
	if (err)
		fail("wait for job %u: %s", copy.job, strerror(-err));
	return wait;
}

void gpuas_qv_debugfs(const char *file, unsigned int value)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/gpuas/%s", file);
	f = fopen(path, "w");
	if (!f || fprintf(f, "%u\n", value) < 0 || fclose(f))
		fail("write %u to %s: %s", value, path, strerror(errno));
}

/* xorshift64 */
uint64_t next(uint64_t *random)
{
	uint64_t x = *random ? *random : 1;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*random = x;
	return x;
}

void fill(uint8_t *bytes, size_t size, uint64_t *random)
{
	while (size--)
		*bytes++ = (uint8_t)(next(random) >> 24);
}

size_t differ(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;
	size_t count = 0;

	while (size--)
		count += *x++ != *y++;
	return count;
}
