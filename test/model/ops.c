// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Lists of operations that do not overlap, in order or not; two jobs at once. */
#include "world.h"

enum { OPS = 6 };

/**
 * struct list - A list, and what is wrong with it
 * @op: the operations
 * @piece: their pieces
 * @n: how many
 * @ordered: each begins behind the one before
 * @ask: all of it, as one call
 */
struct list {
	struct gpuas_op op[OPS];
	struct gpuas_extent piece[OPS][PIECES];
	unsigned int n;
	bool ordered;
	struct ask ask;
};

static const char *const names[] = { "map", "repeat", "unmap", "protect" };

/* What one is to do, and what is wrong with it. */
static void choose_op(struct world *w, struct gpuas_op *op, struct gpuas_extent *piece,
		      struct errors *errors)
{
	uint64_t va, pa, size;

	some_range(w, &va, &pa, &size);
	*op = (struct gpuas_op) {
		.kind = (enum gpuas_op_kind)below(w, 4), .attr = some_attr(w), .list = piece,
		.pieces = 1,
	};
	if (op->kind == GPUAS_OP_MAP) {
		size = some_list(w, piece, &op->pieces, va - w->sim.base,
				 half(w) - (va - w->sim.base), errors);
	} else if (op->kind == GPUAS_OP_REPEAT) {
		/* Without blocks, that much is nothing but slow. */
		if (size >= span(w, 2) && size <= 4 * span(w, 2))
			size = span(w, 1) + page(w);
		piece->pa = gpuas_pa(pa);
		piece->size = percent(w, 40) ? page(w) : percent(w, 50) ? span(w, 1) :
			      page(w) * (1 + below(w, 20));
		pa_errors(w, pa, piece->size, errors);
	}
	op->va = gpuas_va(va);
	op->size = size;
	if (op->kind != GPUAS_OP_UNMAP)
		attr_errors(w, op->attr, errors);
	trace(w, "one of a list: %s va 0x%llx size 0x%llx attr 0x%x", names[op->kind], ULL(va),
	      ULL(size), op->attr);
}

static bool overlaps(const struct world *w, const struct list *list, const struct ask *ask)
{
	uint64_t first = ask->va - w->sim.base, last = first + ask->size - 1;
	unsigned int i;

	for (i = 0; i < list->n; i++) {
		uint64_t start = gpuas_va_u64(list->op[i].va) - w->sim.base;

		if (first < start + list->op[i].size && last >= start)
			return true;
	}
	return false;
}

/* One more, and all that a call may touch so far. */
static void join(struct world *w, struct list *list, const struct ask *ask)
{
	const uint64_t last = ask->va + ask->size - 1;
	struct ask *all = &list->ask;
	uint64_t end;

	if (!list->n++) {
		*all = *ask;
		return;
	}
	list->ordered &= ask->va > all->va + (all->size - 1);
	end = all->va + all->size - 1;
	if (all->va > ask->va)
		all->va = ask->va;
	all->size = (end > last ? end : last) - all->va + 1;
	if (all->first > ask->first)
		all->first = ask->first;
	if (all->last < ask->last)
		all->last = ask->last;
	memcpy(&all->look[w->step % (LOOKS - 2)], ask->look, 2 * sizeof(ask->look[0]));
}

/* The first one that is refused ends the list: it is the last one of it. */
static void choose_list(struct world *w, struct list *list)
{
	unsigned int tries = 1 + (unsigned int)below(w, 2 * OPS);
	struct errors errors;
	struct ask ask;
	unsigned int i;

	memset(list, 0, sizeof(*list));
	list->ordered = true;
	for (; tries && list->n < OPS; tries--) {
		errors.n = 0;
		choose_op(w, &list->op[list->n], list->piece[list->n], &errors);
		ask_range(w, &ask, gpuas_va_u64(list->op[list->n].va), list->op[list->n].size,
			  true);
		for (i = 0; i < errors.n && ask.errors.n < 12; i++)
			ask.errors.err[ask.errors.n++] = errors.err[i];
		if (ask.sound && overlaps(w, list, &ask))
			continue;
		/* Few lists are refused, or nothing else would ever be done. */
		if (ask.errors.n && list->n && percent(w, 80))
			continue;
		if (ask.errors.n) {
			list->ask.errors = ask.errors;
			list->ask.before = w->h->space;
			list->ask.sound &= list->n != 0;
			list->n++;
			return;
		}
		join(w, list, &ask);
	}
}

static void done(struct world *w, const struct gpuas_op *op)
{
	uint64_t off = gpuas_va_u64(op->va) - w->sim.base, end = off + op->size, size;
	const struct gpuas_extent *piece = op->list;

	if (op->kind == GPUAS_OP_UNMAP || op->kind == GPUAS_OP_PROTECT) {
		if (op->kind == GPUAS_OP_UNMAP)
			maps_clear(&w->maps, off, end - 1);
		else
			maps_protect(&w->maps, off, end - 1, op->attr);
		return;
	}
	maps_cut(&w->maps, off);
	maps_cut(&w->maps, end);
	maps_copy(&w->maps, &w->old);
	maps_clear(&w->maps, off, end - 1);
	if (op->kind == GPUAS_OP_REPEAT && piece->size == page(w)) {
		maps_repeat(&w->maps, off, gpuas_pa_u64(piece->pa), op->size, op->attr);
		return;
	}
	for (; off < end; off += size) {
		size = piece->size < end - off ? piece->size : end - off;
		maps_replace(&w->maps, off, gpuas_pa_u64(piece->pa), size, op->attr, &w->old);
		piece += op->kind == GPUAS_OP_MAP;
	}
}

/* With the token's tables alone; with one too few, not at all. */
static void apply(struct world *w, struct list *list, struct gpuas_token *token, uint32_t tables)
{
	struct gpuas_token before = *token;
	unsigned int i;
	int err;

	sim_begin(&w->sim, list->ask.first, list->ask.last);
	w->sim.dry = true;
	err = gpuas_ops_apply(&w->h->space, list->op, list->n, token);
	w->sim.dry = false;
	CHECK(!w->sim.refused && !w->sim.frees, "tables were asked for, or given back, in a list");
	if (before.spares < tables) {
		CHECK(err == -GPUAS_ENOMEM, "%d with %u tables of %u", err, before.spares, tables);
		w->sim.refused = true;
	}
	if (!answered(w, &list->ask, err)) {
		CHECK(!memcmp(token, &before, sizeof(before)), "an error changed the token");
	} else {
		uint32_t used = before.spares - token->spares;

		for (i = 0; i < list->n; i++)
			done(w, &list->op[i]);
		CHECK(list->ordered ? used == tables : used <= tables,
		      "%u tables were taken of %u", used, tables);
	}
	settle(w, &list->ask);
}

void do_ops(struct world *w)
{
	struct gpuas_token *token = &w->h->token[below(w, TOKENS)];
	uint32_t tables = 0, bound = 0;
	struct list list;
	int err;

	choose_list(w, &list);
	if (!list.n)
		return;
	trace(w, "list of %u%s, the last one: %s va 0x%llx size 0x%llx attr 0x%x pieces %u", list.n,
	      list.ordered ? " in order" : "", names[list.op[list.n - 1].kind],
	      ULL(gpuas_va_u64(list.op[list.n - 1].va)), ULL(list.op[list.n - 1].size),
	      list.op[list.n - 1].attr, list.op[list.n - 1].pieces);
	if (w->h->depth) {
		err = gpuas_ops_apply(&w->h->space, list.op, list.n, token);
		CHECK(err == -GPUAS_EBUSY, "%d in a gather", err);
		return;
	}
	if (list.ask.sound)
		watch_some(w, &list.ask);
	err = gpuas_ops_count(&w->h->space, list.op, list.n, &tables);
	if (!list.ask.errors.n) {
		CHECK(!err, "count: %d", err);
		CHECK(!gpuas_ops_bound(&w->geo, list.op, list.n, &bound) && bound >= tables,
		      "bound %u, count %u", bound, tables);
	}
	if (tables > 200)
		return;
	sim_begin(&w->sim, list.ask.first, list.ask.last);
	ask_memory(w);
	err = gpuas_token_fill(token, tables - (tables && percent(w, 10)));
	CHECK(err == (w->sim.refused ? -GPUAS_ENOMEM : 0), "fill: %d", err);
	w->sim.fail_at = 0;
	apply(w, &list, token, tables);
}

/* The host's own flush, or the handle's. */
static void flush(struct world *w, struct gpuas_token *token)
{
	const struct gpuas_env *env = &w->h->host->env;
	unsigned int i;

	sim_begin(&w->sim, w->h->first, w->h->last);
	if (percent(w, 50)) {
		for (i = 0; env->flush && i < token->ranges; i++)
			env->flush(env->ctx, token->range[i].va, token->range[i].size);
		gpuas_token_flushed(&w->h->space, token);
	} else {
		i = token->ranges;
		gpuas_token_flush(&w->h->space, token);
		CHECK(w->sim.flushes == (w->sim.running ? i : 0), "%u flushes for %u ranges",
		      w->sim.flushes, i);
	}
	CHECK(!token->ranges, "a token is outstanding after its flush");
	settle_watches(w);
}

void do_token(struct world *w)
{
	struct gpuas_token *token = &w->h->token[below(w, TOKENS)];
	int err;

	trace(w, "token with %u ranges, %u tables, %u to use", token->ranges, token->tables,
	      token->spares);
	if (percent(w, 70))
		flush(w, token);
	if (percent(w, 50)) {
		sim_begin(&w->sim, w->h->first, w->h->last);
		err = gpuas_token_drain(token);
		CHECK(err == (token->ranges ? -GPUAS_EBUSY : 0), "drain: %d", err);
	}
	balance(w);
}
