// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The kernel's dump of the GPU, of which there is one at a time, and what is to be found in it. */
#include <fcntl.h>
#include <glob.h>
#include <time.h>
#include <unistd.h>

#include "dumps.h"
#include "tests.h"

#define DUMPS	"/sys/class/devcoredump/devcd*/data"

/* Its VA, in each word, and in the topmost bits which VM it is of. */
void dump_sign(const struct buffer *buffer, uint64_t va, uint64_t vm)
{
	uint64_t *word = (void *)buffer->map;
	size_t i;

	for (i = 0; i < buffer->size / sizeof(*word); i++)
		word[i] = (va + i * sizeof(*word)) | vm << 56;
}

/* The one dump that there is: how many bytes; 0 if there is none; -1 if there are several. */
long dump_size(void)
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
long dump_wait(bool there)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int left = 12000;
	long size;

	while ((size = dump_size(), !!size != there) && left--)
		nanosleep(&pause, NULL);
	return size;
}

void dump_let_go(void)
{
	glob_t found;

	if (glob(DUMPS, 0, NULL, &found))
		return;
	tell(found.gl_pathv[0], "1");
	globfree(&found);
	dump_wait(false);
}

/* Its copy, so that there can be another one */
int dump_keep(const char *name)
{
	static char bytes[0x10000];
	int from = -1, to = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long part = -1, written;
	glob_t found;

	if (!glob(DUMPS, 0, NULL, &found)) {
		from = open(found.gl_pathv[0], O_RDONLY);
		globfree(&found);
	}
	while ((part = read(from, bytes, sizeof(bytes))) > 0) {
		written = write(to, bytes, (size_t)part);
		if (written != part)
			break;
	}
	close(from);
	return close(to) || part ? -1 : 0;
}

int dump_and_stay(int (*test)(uint64_t how, bool node), uint64_t how)
{
	int line[2], bad = 1, node = gpu_file_try();

	if (node >= 0)
		drmClose(node);
	if (pipe(line))
		fail("no pipe");
	if (fork()) {
		close(line[1]);
		return read(line[0], &bad, sizeof(bad)) != sizeof(bad) || bad;
	}
	bad = test(how, node >= 0);
	if (write(line[1], &bad, sizeof(bad)) != sizeof(bad))
		fail("nobody listens");
	for (;;)
		pause();
}
