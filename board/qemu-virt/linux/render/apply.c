// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A bind's change of the tables: a list of operations, and a token that has all tables
 * which it may take, whatever the binds before it will have done by then.
 */
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "bind.h"

/* A pattern of one piece is the engine's to repeat; more pieces are mapped each time. */
static u64 count(const struct qv_op *op)
{
	return op->repeat && op->pieces > 1 ? div64_u64(op->range, op->repeat) : 1;
}

/* Buffers side by side are one list of pieces. */
static bool joins(const struct gpuas_op *last, const struct gpuas_op *next)
{
	return last->kind == GPUAS_OP_MAP && next->kind == GPUAS_OP_MAP &&
	       last->attr == next->attr && last->list + last->pieces == next->list &&
	       gpuas_va_u64(last->va) + last->size == gpuas_va_u64(next->va);
}

static void put(struct qv_bind *bind, const struct gpuas_op *next)
{
	struct gpuas_op *step = &bind->step[bind->steps];

	if (bind->steps && joins(step - 1, next)) {
		step[-1].size += next->size;
		step[-1].pieces += next->pieces;
		return;
	}
	*step = *next;
	bind->steps++;
}

static void put_op(struct qv_bind *bind, const struct qv_op *op)
{
	const u64 times = count(op), size = div64_u64(op->range, times);
	struct gpuas_op next = {
		.kind = !op->vm_bo ? GPUAS_OP_UNMAP :
			op->repeat && op->pieces == 1 ? GPUAS_OP_REPEAT : GPUAS_OP_MAP,
		.attr = op->attr,
		.size = size,
		.list = bind->list + op->first,
		.pieces = op->pieces,
	};
	u64 i;

	for (i = 0; i < times; i++) {
		next.va = gpuas_va(op->va + i * size);
		put(bind, &next);
	}
}

static int put_all(struct qv_bind *bind)
{
	u64 total = 0;
	u32 i;

	for (i = 0; i < bind->ops && total <= PIECES_MAX; i++)
		total += count(&bind->op[i]);
	if (total > PIECES_MAX)
		return -EDQUOT;
	bind->step = kvmalloc_array(total, sizeof(*bind->step), GFP_KERNEL_ACCOUNT);
	if (!bind->step)
		return -ENOMEM;
	for (i = 0; i < bind->ops; i++)
		put_op(bind, &bind->op[i]);
	return 0;
}

/*
 * Tables
 */

static int compare(const void *a, const void *b)
{
	const u64 x = gpuas_va_u64(((const struct gpuas_op *)a)->va);
	const u64 y = gpuas_va_u64(((const struct gpuas_op *)b)->va);

	return x < y ? -1 : x > y;
}

static bool ascending(const struct gpuas_op *op, u32 ops)
{
	while (ops-- > 1) {
		if (compare(op, op + 1) > 0)
			return false;
		op++;
	}
	return true;
}

static bool overlap(const struct gpuas_op *op, u32 ops)
{
	for (; ops > 1; ops--, op++)
		if (gpuas_va_u64(op->va) + (op->size - 1) >= gpuas_va_u64(op[1].va))
			return true;
	return false;
}

/*
 * In order of VA, tables that several of them use are counted once, here and when they are
 * applied: so it has to be the same order. It means nothing unless some overlap.
 */
static int order(struct qv_bind *bind)
{
	struct gpuas_op *sorted;

	if (ascending(bind->step, bind->steps))
		return 0;
	sorted = kvmalloc_array(bind->steps, sizeof(*sorted), GFP_KERNEL_ACCOUNT);
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, bind->step, bind->steps * sizeof(*sorted));
	sort(sorted, bind->steps, sizeof(*sorted), compare, NULL);
	if (!overlap(sorted, bind->steps))
		swap(bind->step, sorted);
	kvfree(sorted);
	return 0;
}

int gpuas_qv_ops_prepare(struct qv_bind *bind)
{
	struct gpuas_linux *as = &bind->map.vm->as;
	u32 tables;
	int err = put_all(bind);

	if (!err)
		err = order(bind);
	if (!err)
		err = gpuas_ops_bound(&as->space.geo, bind->step, bind->steps, &tables);
	if (!err)
		err = gpuas_linux_token(as, &bind->token);
	if (!err)
		err = gpuas_token_fill(&bind->token, tables);
	return err;
}

/* The flush is a part of it: when the fence signals, it has happened. */
int gpuas_qv_ops_apply(struct qv_bind *bind)
{
	struct gpuas_linux *as = &bind->map.vm->as;
	int err = -ENODEV;

	mutex_lock(&as->lock);
	if (as->open) {
		err = gpuas_ops_apply(&as->space, bind->step, bind->steps, &bind->token);
		gpuas_token_flush(&as->space, &bind->token);
	}
	mutex_unlock(&as->lock);
	return err;
}

void gpuas_qv_ops_drop(struct qv_bind *bind)
{
	if (bind->token.env)
		gpuas_linux_token_drain(&bind->map.vm->as, &bind->token);
	kvfree(bind->step);
}
