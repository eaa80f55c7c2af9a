// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A probe where the driver's shrinker begins, and one where it returns: they say on which CPU,
 * in what order, and what it gave. Others say when the firmware's lock is wanted for a flush, and
 * when the firmware is given up, as the driver prints its log then. None is at a function that is
 * called in its own file, where the compiler may put it into the caller.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "watch.h"
#include "../../../board/qemu-virt/linux/user/say.h"

#define ROOT	"/sys/kernel/tracing"

static const char *const probes[] = {
	"p:gpuas/look gpuas_qemu_virt:scan",
	"r:gpuas/looked gpuas_qemu_virt:scan evicted=$retval:s64",
	"p:gpuas/flush gpuas_qemu_virt:gpuas_qv_fw_forget",
	"p:gpuas/giving_up gpuas_qemu_virt:gpuas_qv_fw_log_print",
};

enum { TOGETHER = 16 };

/**
 * struct inside - Those who are in it just now
 * @count: how many
 * @process: who
 * @cpu: and where each began
 */
struct inside {
	unsigned int count;
	long process[TOGETHER];
	long cpu[TOGETHER];
};

static void write_or_fail(const char *file, const char *what)
{
	int err = tell(file, what);

	if (err)
		fail("watch: write %s to %s: %s", what, file, strerror(-err));
}

void watch_clear(void)
{
	FILE *trace = fopen(ROOT "/trace", "w");

	if (!trace)
		fail("watch: no trace: %s", strerror(errno));
	fclose(trace);
}

void watch_begin(void)
{
	size_t i;

	if (mount("none", ROOT, "tracefs", 0, NULL) && errno != EBUSY)
		fail("watch: no tracefs: %s", strerror(errno));
	for (i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		write_or_fail(ROOT "/kprobe_events", probes[i]);
	write_or_fail(ROOT "/events/gpuas/enable", "1");
}

void watch_end(void)
{
	write_or_fail(ROOT "/events/gpuas/enable", "0");
	write_or_fail(ROOT "/kprobe_events", "-:gpuas/");
}

static void enter(struct inside *inside, long process, long cpu, struct watched *seen)
{
	unsigned int i;

	seen->looks++;
	for (i = 0; i < inside->count; i++)
		seen->together += inside->cpu[i] != cpu;
	if (inside->count == TOGETHER)
		fail("watch: more than %d at once", TOGETHER);
	inside->process[inside->count] = process;
	inside->cpu[inside->count++] = cpu;
}

/* Its place, or the number of all */
static unsigned int find(const struct inside *inside, long process)
{
	unsigned int i;

	for (i = 0; i < inside->count && inside->process[i] != process; i++)
		;
	return i;
}

static void leave(struct inside *inside, long process, long evicted, struct watched *seen)
{
	unsigned int i = find(inside, process);

	if (evicted > 0) {
		seen->evicted += evicted;
		seen->early += seen->given_up ? 0 : evicted;
	}
	if (i == inside->count)
		return;
	inside->count--;
	inside->process[i] = inside->process[inside->count];
	inside->cpu[i] = inside->cpu[inside->count];
}

/* "NAME-PROCESS [CPU] FLAGS TIME: EVENT: ...": a name may have anything in it. */
static void count(char *line, struct inside *inside, struct watched *seen)
{
	char *cpu = strstr(line, " [0"), *process = cpu, *evicted;
	long pid;

	if (*line == '#' || !cpu)
		return;
	while (process > line && process[-1] != '-')
		process--;
	pid = strtol(process, NULL, 10);
	evicted = strstr(cpu, "evicted=");
	if (strstr(cpu, ": look: "))
		enter(inside, pid, strtol(cpu + 2, NULL, 10), seen);
	else if (evicted)
		leave(inside, pid, strtol(evicted + 8, NULL, 10), seen);
	else if (strstr(cpu, ": giving_up: "))
		seen->given_up = 1;
	else if (strstr(cpu, ": flush: ") && !seen->given_up)
		seen->waits += find(inside, pid) < inside->count;
}

struct watched watch_seen(void)
{
	FILE *trace = fopen(ROOT "/trace", "r");
	struct inside inside = { 0 };
	struct watched seen = { 0 };
	char line[256];

	while (trace && fgets(line, sizeof(line), trace))
		count(line, &inside, &seen);
	if (trace)
		fclose(trace);
	return seen;
}
