// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The core's operations, one at a time. What may need a table gets it while the lock is not
 * held: who waits for the lock may be the one that memory is waited for.
 */
#include <gpuas_linux.h>

/* The root is the first table, and nobody else has the handle yet. */
int gpuas_linux_create(struct gpuas_linux *gpu,
		       const struct gpuas_geometry *geo,
		       const struct gpuas_range *window)
{
	int err;

	/* A shape that is none is refused before there is any table. */
	gpu->reach = BIT_ULL(geo->pa_bits & 63) - 1;
	err = gpuas_space_create(&gpu->space, geo, window, &gpu->env);
	mutex_lock(&gpu->lock);
	gpu->open = !err;
	mutex_unlock(&gpu->lock);
	return err;
}

void gpuas_linux_release(struct gpuas_linux *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->open)
		gpuas_space_release(&gpu->space);
	gpu->open = false;
	mutex_unlock(&gpu->lock);
}

/* What needs an open handle: with the lock held, until leave(). */
static int enter(struct gpuas_linux *gpu)
{
	mutex_lock(&gpu->lock);
	return gpu->open ? 0 : -ENODEV;
}

static int leave(struct gpuas_linux *gpu, int err)
{
	mutex_unlock(&gpu->lock);
	return err;
}

int gpuas_linux_token(struct gpuas_linux *gpu, struct gpuas_token *token)
{
	int err = enter(gpu);

	if (!err)
		err = gpuas_token_init(token, &gpu->env, &gpu->space.geo);
	return leave(gpu, err);
}

int gpuas_linux_token_drain(struct gpuas_linux *gpu, struct gpuas_token *token)
{
	int err;

	mutex_lock(&gpu->lock);
	err = gpuas_token_drain(token);
	mutex_unlock(&gpu->lock);
	return err;
}

void gpuas_linux_token_flush(struct gpuas_linux *gpu, struct gpuas_token *token)
{
	mutex_lock(&gpu->lock);
	if (gpu->open)
		gpuas_token_flush(&gpu->space, token);
	mutex_unlock(&gpu->lock);
}

void gpuas_linux_token_flushed(struct gpuas_linux *gpu, struct gpuas_token *token)
{
	mutex_lock(&gpu->lock);
	if (gpu->open)
		gpuas_token_flushed(&gpu->space, token);
	mutex_unlock(&gpu->lock);
}

int gpuas_linux_ops_count(struct gpuas_linux *gpu, const struct gpuas_op *ops,
			  unsigned int count, uint32_t *tables)
{
	int err = enter(gpu);

	if (!err)
		err = gpuas_ops_count(&gpu->space, ops, count, tables);
	return leave(gpu, err);
}

int gpuas_linux_ops_apply(struct gpuas_linux *gpu, const struct gpuas_op *ops,
			  unsigned int count, struct gpuas_token *token)
{
	int err = enter(gpu);

	if (!err)
		err = gpuas_ops_apply(&gpu->space, ops, count, token);
	return leave(gpu, err);
}

/* With the lock held. -EAGAIN: it takes @tables, which the token has not. */
static int attempt(struct gpuas_linux *gpu, const struct gpuas_op *ops, unsigned int count,
		   bool onto_nothing, struct gpuas_token *token, uint32_t *tables)
{
	int err = 0;

	if (onto_nothing)
		err = gpuas_count_tables(&gpu->space, ops->va, ops->size, tables);
	if (err)
		return err;
	err = gpuas_ops_apply(&gpu->space, ops, count, token);
	if (err == -ENOMEM) {
		err = gpuas_ops_count(&gpu->space, ops, count, tables);
		return err ? err : -EAGAIN;
	}
	gpuas_token_flush(&gpu->space, token);
	return err;
}

/* Whatever was counted, the tree may be another one when the tables are there. */
static int do_ops(struct gpuas_linux *gpu, const struct gpuas_op *ops, unsigned int count,
		  bool onto_nothing)
{
	struct gpuas_token token;
	uint32_t tables;
	int err = gpuas_linux_token(gpu, &token);

	if (err)
		return err;
	do {
		err = enter(gpu);
		if (!err)
			err = attempt(gpu, ops, count, onto_nothing, &token, &tables);
		err = leave(gpu, err);
		if (err != -EAGAIN)
			break;
		err = gpuas_token_fill(&token, tables);
	} while (!err);
	gpuas_linux_token_drain(gpu, &token);
	return err;
}

int gpuas_linux_ops(struct gpuas_linux *gpu, const struct gpuas_op *ops, unsigned int count)
{
	return do_ops(gpu, ops, count, false);
}

/* What wraps is refused by whoever looks at the pieces. */
static uint64_t sum(const struct gpuas_extent *list, unsigned int pieces)
{
	uint64_t size = 0;

	while (pieces--)
		size += list++->size;
	return size;
}

static int map(struct gpuas_linux *gpu, gpuas_va_t va, const struct gpuas_extent *list,
	       unsigned int pieces, gpuas_attr_t attr, bool onto_nothing)
{
	const struct gpuas_op op = {
		.kind = GPUAS_OP_MAP, .attr = attr, .va = va, .size = sum(list, pieces),
		.list = list, .pieces = pieces,
	};

	return do_ops(gpu, &op, 1, onto_nothing);
}

int gpuas_linux_map(struct gpuas_linux *gpu, gpuas_va_t va, gpuas_pa_t pa,
		    uint64_t size, gpuas_attr_t attr)
{
	const struct gpuas_extent piece = { pa, size };

	return map(gpu, va, &piece, 1, attr, true);
}

int gpuas_linux_map_list(struct gpuas_linux *gpu, gpuas_va_t va,
			 const struct gpuas_extent *list, unsigned int pieces,
			 gpuas_attr_t attr)
{
	return map(gpu, va, list, pieces, attr, true);
}

int gpuas_linux_replace(struct gpuas_linux *gpu, gpuas_va_t va,
			const struct gpuas_extent *list, unsigned int pieces,
			gpuas_attr_t attr)
{
	return map(gpu, va, list, pieces, attr, false);
}

int gpuas_linux_map_repeat(struct gpuas_linux *gpu, gpuas_va_t va, gpuas_pa_t pa,
			   uint64_t length, uint64_t size, gpuas_attr_t attr)
{
	const struct gpuas_extent pattern = { pa, length };
	const struct gpuas_op op = {
		.kind = GPUAS_OP_REPEAT, .attr = attr, .va = va, .size = size,
		.list = &pattern, .pieces = 1,
	};

	return do_ops(gpu, &op, 1, true);
}

int gpuas_linux_unmap(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size)
{
	const struct gpuas_op op = { .kind = GPUAS_OP_UNMAP, .va = va, .size = size };

	return do_ops(gpu, &op, 1, false);
}

int gpuas_linux_protect(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
			gpuas_attr_t attr)
{
	const struct gpuas_op op = {
		.kind = GPUAS_OP_PROTECT, .attr = attr, .va = va, .size = size,
	};

	return do_ops(gpu, &op, 1, false);
}

int gpuas_linux_visit(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
		      gpuas_visitor_t visitor, void *ctx)
{
	int err = enter(gpu);

	if (!err)
		err = gpuas_visit(&gpu->space, va, size, visitor, ctx);
	return leave(gpu, err);
}

/* Entries to look at with the lock held; holes cost one each, of whatever level. */
#define LOOK	4096

/* The lock is let go of now and then, as a range may be large and empty. */
int gpuas_linux_mapped_next(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
			    struct gpuas_mapped *mapped)
{
	struct gpuas_cursor cursor;
	unsigned int budget;
	bool begun = false;
	int err;

	do {
		budget = LOOK;
		err = enter(gpu);
		if (!err && !begun)
			err = gpuas_cursor_init(&cursor, &gpu->space, va, size);
		begun = true;
		if (!err)
			err = gpuas_mapped_next(&gpu->space, &cursor, &budget, mapped);
		err = leave(gpu, err);
	} while (err == -EAGAIN);
	return err;
}

struct gpuas_space *gpuas_linux_gather_begin(struct gpuas_linux *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->open) {
		gpuas_gather_begin(&gpu->space);
		return &gpu->space;
	}
	mutex_unlock(&gpu->lock);
	return NULL;
}

void gpuas_linux_gather_end(struct gpuas_linux *gpu)
{
	gpuas_gather_end(&gpu->space);
	mutex_unlock(&gpu->lock);
}

int gpuas_linux_translate(struct gpuas_linux *gpu, gpuas_va_t va,
			  gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	int err = enter(gpu);

	if (!err)
		err = gpuas_translate(&gpu->space, va, pa, attr);
	return leave(gpu, err);
}
