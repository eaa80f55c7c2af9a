// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The handoff lock on our side, kept for as long as a user likes: whoever wants to flush
 * waits meanwhile, and what the firmware does goes on. By a worker, as a lock is let go of by
 * who took it.
 */
#include <linux/completion.h>
#include <linux/workqueue.h>

#include "test.h"

static DECLARE_COMPLETION(taken);
static DECLARE_COMPLETION(over);
static struct fw *kept;

static void keep_work(struct work_struct *work)
{
	mutex_lock(&kept->lock);
	complete(&taken);
	wait_for_completion(&over);
	mutex_unlock(&kept->lock);
}

static DECLARE_WORK(work, keep_work);

void gpuas_test_keep(struct test *test, bool keep)
{
	mutex_lock(&test->lock);
	if (keep && !kept) {
		kept = &test->gpu->fw;
		reinit_completion(&taken);
		reinit_completion(&over);
		schedule_work(&work);
		wait_for_completion(&taken);
	}
	if (!keep && kept) {
		complete(&over);
		flush_work(&work);
		kept = NULL;
	}
	mutex_unlock(&test->lock);
}
