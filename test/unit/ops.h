/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Lists of operations, and tokens for them. */
#ifndef OPS_H
#define OPS_H

#include <gpuas/token.h>

#include "watch.h"

static const struct gpuas_extent one_page = {
	.pa = (GPUAS_FORCE gpuas_pa_t)PA, .size = PAGE,
};

/* Where maps go, in one piece as large as it has to be. */
static struct gpuas_extent many_pages[64];
static unsigned int pieces_used;

static inline struct gpuas_token token_for(struct tree *t, uint32_t tables)
{
	struct gpuas_token token;

	assert_int_equal(gpuas_token_init(&token, &t->ram->env, &t->space.geo), 0);
	assert_int_equal(gpuas_token_fill(&token, tables), 0);
	return token;
}

static inline struct gpuas_op map_op(uint64_t va, uint64_t size)
{
	struct gpuas_extent *piece = &many_pages[pieces_used++ % 64];
	const struct gpuas_op op = {
		.kind = GPUAS_OP_MAP, .attr = LOW_RIGHTS, .va = gpuas_va(va), .size = size,
		.list = piece, .pieces = 1,
	};

	piece->pa = gpuas_pa(PA16);
	piece->size = size;
	return op;
}

static inline struct gpuas_op unmap_op(uint64_t va, uint64_t size)
{
	const struct gpuas_op op = {
		.kind = GPUAS_OP_UNMAP, .va = gpuas_va(va), .size = size,
	};

	return op;
}

static inline struct gpuas_op protect_op(uint64_t va, uint64_t size, gpuas_attr_t attr)
{
	const struct gpuas_op op = {
		.kind = GPUAS_OP_PROTECT, .attr = attr, .va = gpuas_va(va), .size = size,
	};

	return op;
}

static int forbidden_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	(void)ctx;
	(void)size;
	(void)table;
	fail_msg("an allocation where none may be");
	return -GPUAS_ENOMEM;
}

static void forbidden_free(void *ctx, struct gpuas_table *table, size_t size)
{
	(void)ctx;
	(void)table;
	(void)size;
	fail_msg("a free where none may be");
}

/* A call in which nothing is allocated or freed. */
static inline int try_apply(struct tree *t, const struct gpuas_op *ops, unsigned int count,
			    struct gpuas_token *token)
{
	struct gpuas_env *env = &t->ram->env, had = *env;
	int err;

	env->table_alloc = forbidden_alloc;
	env->table_free = forbidden_free;
	err = gpuas_ops_apply(&t->space, ops, count, token);
	env->table_alloc = had.table_alloc;
	env->table_free = had.table_free;
	return err;
}

static inline void apply(struct tree *t, const struct gpuas_op *ops, unsigned int count,
			 struct gpuas_token *token)
{
	uint32_t tables;

	assert_int_equal(gpuas_ops_count(&t->space, ops, count, &tables), 0);
	assert_true(tables <= token->spares);
	assert_int_equal(try_apply(t, ops, count, token), 0);
}

/* The end of a token that was flushed; then nothing is out of the books. */
static inline void done(struct tree *t, struct gpuas_token *token)
{
	(void)t;
	assert_int_equal(token->ranges, 0);
	assert_int_equal(gpuas_token_drain(token), 0);
}

#endif /* OPS_H */
