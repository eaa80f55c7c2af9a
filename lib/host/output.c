// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Files that are written: whole or not at all, and never over one that is read. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"

static bool cannot(const struct output *output, int err)
{
	char *name = name_of(output->name);

	fprintf(stderr, "gpuas: %s cannot be written: %s\n", name, strerror(err));
	free(name);
	return false;
}

static void let_go(struct output *output)
{
	free(output->file);
	free(output->beside);
}

/* A link stays one: it is what it leads to that is replaced. */
static char *file_of(const char *name)
{
	char *file = realpath(name, NULL);

	if (file)
		return file;
	file = memory(strlen(name) + 1, 1);
	memcpy(file, name, strlen(name));
	return file;
}

static char *beside(const char *file)
{
	const char *slash = strrchr(file, '/');
	const int folder = slash ? (int)(slash + 1 - file) : 0;
	const size_t size = (size_t)folder + 40;
	char *name = memory(size, 1);

	snprintf(name, size, "%.*sgpuas-%ld.part", folder, file, (long)getpid());
	return name;
}

bool output_open(struct output *output, const char *name)
{
	const bool standard = !strcmp(name, "-");
	struct stat old;
	bool is;

	*output = (struct output){ .name = name, .to = stdout };
	if (standard)
		return true;
	output->file = file_of(name);
	is = !stat(output->file, &old);
	if (!is || S_ISREG(old.st_mode))
		output->beside = beside(output->file);
	output->to = is && access(output->file, W_OK) ? NULL :
		     output->beside ? fopen(output->beside, "wbx") : fopen(output->file, "wb");
	if (output->to && is && output->beside)
		fchmod(fileno(output->to), old.st_mode & 07777);
	if (!output->to) {
		cannot(output, errno);
		let_go(output);
	}
	return output->to;
}

bool output_close(struct output *output)
{
	bool fine = !fflush(output->to) && !ferror(output->to);
	int err = errno;

	if (output->to != stdout && fclose(output->to) && fine) {
		fine = false;
		err = errno;
	}
	if (fine && output->beside && rename(output->beside, output->file)) {
		fine = false;
		err = errno;
	}
	if (!fine && output->beside)
		remove(output->beside);
	let_go(output);
	return fine || cannot(output, err);
}

static bool stat_of(const char *name, int standard, struct stat *stat_)
{
	return strcmp(name, "-") ? !stat(name, stat_) : !fstat(standard, stat_);
}

bool output_apart(const char *output, const char *input)
{
	struct stat to, from;
	char *name;

	if (!stat_of(output, STDOUT_FILENO, &to) || !stat_of(input, STDIN_FILENO, &from) ||
	    !S_ISREG(to.st_mode) || to.st_dev != from.st_dev || to.st_ino != from.st_ino)
		return true;
	name = name_of(output);
	fprintf(stderr, "gpuas: -o %s would write over a file that is read\n", name);
	free(name);
	return false;
}
