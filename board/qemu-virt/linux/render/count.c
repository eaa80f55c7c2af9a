// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is counted: jobs that are not done, and who still has a file's account. */
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "render.h"

void gpuas_qv_job_begin(struct qv_render *render)
{
	atomic_inc(&render->jobs);
}

/* Who finds that there are none may free the node, and waits for this to be over first. */
void gpuas_qv_job_end(struct qv_render *render)
{
	rcu_read_lock();
	if (atomic_dec_and_test(&render->jobs))
		wake_up_all(&render->idle);
	rcu_read_unlock();
}

static void account_free(struct kref *ref)
{
	kfree(container_of(ref, struct qv_account, ref));
}

void gpuas_qv_account_put(struct qv_account *account)
{
	kref_put(&account->ref, account_free);
}
