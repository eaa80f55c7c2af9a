/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What an entry was when a flush came: a break before a make can be seen there. */
#ifndef WATCH_H
#define WATCH_H

#include "blocks.h"

static struct tree *watched;
static uint64_t watched_va, at_flush[8];
static unsigned int level_at_flush[8], flushes;
static void (*flush_behind)(void *ctx, gpuas_va_t va, uint64_t size);

static void watching_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	assert_true(flushes < 8);
	at_flush[flushes] = *entry_at(watched, watched_va, &level_at_flush[flushes]);
	flushes++;
	flush_behind(ctx, va, size);
}

/* Look at the entry that a walker would end with at a VA, at each flush from now on. */
static inline void watch(struct tree *t, uint64_t va)
{
	watched = t;
	watched_va = va;
	flushes = 0;
	if (t->ram->env.flush != watching_flush)
		flush_behind = t->ram->env.flush;
	t->ram->env.flush = watching_flush;
}

#endif /* WATCH_H */
