// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"
#include "../../../board/qemu-virt/linux/user/say.h"

#define ROOT	"/sys/fs/cgroup"

enum { PATH = 80 };

long long number_in(const char *file, const char *name)
{
	FILE *f = fopen(file, "r");
	long long value = -1;
	char line[80];

	while (f && value < 0 && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)))
			value = strtoll(line + strlen(name), NULL, 10);
	}
	if (f)
		fclose(f);
	return value;
}

static void path_of(char path[PATH], const char *group, const char *file)
{
	snprintf(path, PATH, ROOT "/%s/%s", group, file);
}

static void write_or_fail(const char *path, const char *what)
{
	int err = tell(path, what);

	if (err)
		fail("write %s to %s: %s", what, path, strerror(-err));
}

void group_make(const char *group, uint64_t bytes)
{
	char path[PATH], limit[32];

	if (mount("none", ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		fail("no cgroups: %s", strerror(errno));
	write_or_fail(ROOT "/cgroup.subtree_control", "+memory");
	path_of(path, group, "");
	if (mkdir(path, 0755) && errno != EEXIST)
		fail("%s: %s", path, strerror(errno));
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)bytes);
	path_of(path, group, "memory.max");
	write_or_fail(path, limit);
}

void group_enter(const char *group)
{
	char path[PATH];

	path_of(path, group, "cgroup.procs");
	write_or_fail(path, "0");
}

long long group_number(const char *group, const char *file, const char *name)
{
	char path[PATH];

	path_of(path, group, file);
	return number_in(path, name);
}

int group_reclaim(const char *group, uint64_t bytes)
{
	char path[PATH], wanted[32];
	int err;

	path_of(path, group, "memory.reclaim");
	snprintf(wanted, sizeof(wanted), "%llu", (unsigned long long)bytes);
	err = tell(path, wanted);
	if (err && err != -EAGAIN)
		fail("%s: %s", path, strerror(-err));
	return err;
}

/* What was given back may still be on its way. */
void group_end(const char *group)
{
	char path[PATH];

	path_of(path, group, "");
	if (rmdir(path))
		say("%s: %s", path, strerror(errno));
}
