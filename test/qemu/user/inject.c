// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdio.h>
#include <stddef.h>

#include "inject.h"
#include "../../../board/qemu-virt/linux/user/say.h"

#define DEBUGFS	"/sys/kernel/debug/"

/* Also those that may sleep and are small: these are the ones that drivers do. */
static const char *const setting[][2] = {
	{ "failslab/ignore-gfp-wait", "0" },
	{ "failslab/task-filter", "1" },
	{ "failslab/times", "-1" },
	{ "failslab/interval", "1" },
	{ "failslab/verbose", "0" },
	{ "fail_page_alloc/ignore-gfp-wait", "0" },
	{ "fail_page_alloc/ignore-gfp-highmem", "0" },
	{ "fail_page_alloc/min-order", "0" },
	{ "fail_page_alloc/task-filter", "1" },
	{ "fail_page_alloc/times", "-1" },
	{ "fail_page_alloc/interval", "1" },
	{ "fail_page_alloc/verbose", "0" },
};

static bool there;
static bool started;

/* The kernel takes per cent of every interval-th: so the interval is what makes it rare. */
void inject_prepare(unsigned int permille)
{
	char interval[16];
	unsigned int i;
	int err = 0;

	if (!permille)
		return;
	for (i = 0; !err && i < sizeof(setting) / sizeof(setting[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), DEBUGFS "%s", setting[i][0]);
		err = tell(path, setting[i][1]);
	}
	if (err) {
		say("inject: this kernel has no fault injection");
		return;
	}
	snprintf(interval, sizeof(interval), "%u", 500 / permille ? 500 / permille : 1);
	there = !tell(DEBUGFS "failslab/interval", interval) &&
		!tell(DEBUGFS "fail_page_alloc/interval", interval) &&
		!tell(DEBUGFS "failslab/probability", "50") &&
		!tell(DEBUGFS "fail_page_alloc/probability", "50");
	say("inject: %u of 1000 allocations fail", there ? permille : 0);
}

void inject_end(void)
{
	if (!there)
		return;
	tell(DEBUGFS "failslab/probability", "0");
	tell(DEBUGFS "fail_page_alloc/probability", "0");
}

void inject_start(void)
{
	started = there;
	inject_go_on();
}

/* An allocation that this takes may fail as well. */
void inject_pause(void)
{
	unsigned int tries = 100;

	while (started && tell("/proc/self/make-it-fail", "0")) {
		if (!tries--)
			fail("inject: allocations go on failing");
	}
}

void inject_go_on(void)
{
	if (started)
		tell("/proc/self/make-it-fail", "1");
}

bool inject_on(void)
{
	return started;
}
