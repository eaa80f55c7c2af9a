// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

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

int tell(const char *path, const char *what)
{
	int file = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (file < 0)
		return -errno;
	if (write(file, what, strlen(what)) < 0)
		err = -errno;
	close(file);
	return err;
}

void gpu_debugfs(const char *file, unsigned int value)
{
	char path[64], number[16];
	int err;

	snprintf(path, sizeof(path), "/sys/kernel/debug/gpuas/%s", file);
	snprintf(number, sizeof(number), "%u\n", value);
	err = tell(path, number);
	if (err)
		fail("write %u to %s: %s", value, path, strerror(-err));
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
