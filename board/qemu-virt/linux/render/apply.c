// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A bind's change of the tables. */
#include "bind.h"

static int apply_map(struct gpuas_linux *as, const struct qv_op *op,
		     const struct gpuas_extent *list)
{
	const u64 step = op->repeat ? op->repeat : op->range;
	u64 at;
	int err = 0;

	for (at = 0; !err && at < op->range; at += step)
		err = gpuas_linux_replace(as, gpuas_va(op->va + at), list + op->first, op->pieces,
					  op->attr);
	return err;
}

int gpuas_qv_ops_apply(struct qv_bind *bind)
{
	struct gpuas_linux *as = &bind->map.vm->as;
	const struct qv_op *op = bind->op;
	u32 i;
	int err = 0;

	for (i = 0; !err && i < bind->ops; i++, op++)
		err = op->vm_bo ? apply_map(as, op, bind->list) :
				  gpuas_linux_unmap(as, gpuas_va(op->va), op->range);
	return err;
}
