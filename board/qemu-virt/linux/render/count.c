// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is counted: jobs that are not done, and who still has a file's account. */
#include <linux/slab.h>

#include "render.h"

void gpuas_qv_job_begin(struct qv_render *render)
{
	atomic_inc(&render->jobs);
}

void gpuas_qv_job_end(struct qv_render *render)
{
	if (atomic_dec_and_test(&render->jobs))
		wake_up_all(&render->idle);
}

static void account_free(struct kref *ref)
{
	kfree(container_of(ref, struct qv_account, ref));
}

void gpuas_qv_account_put(struct qv_account *account)
{
	kref_put(&account->ref, account_free);
}
