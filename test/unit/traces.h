/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What the engine does to the tables of one tree, written down: each by a letter, in the
 * order in which they are met.
 */
#ifndef TRACES_H
#define TRACES_H

#include "blocks.h"
#include "trace.h"

static struct tree *traced;
static unsigned int letters;
static char letter[RAM_TABLES][2];

/* The table at a PA, or NULL. */
static const char *name_at(uint64_t pa)
{
	uint64_t i = (pa - RAM_BASE) / RAM_GRANULE;

	if (pa - RAM_BASE >= RAM_SIZE)
		return NULL;
	if (!i)
		return "root";
	if (!letter[i][0])
		letter[i][0] = (char)('A' + letters++);
	return letter[i];
}

static const char *name_of(const void *where)
{
	if (!traced)
		return NULL;
	return name_at(RAM_BASE + ((uintptr_t)where - (uintptr_t)traced->ram->mem));
}

void trace_load(const void *where)
{
	(void)where;
}

void trace_clear(void *where)
{
	if (name_of(where))
		trace_note("clear", name_of(where));
}

void trace_store(const void *where, uint64_t value)
{
	static const char *const what[] = { "strange", "block", "break", "page" };
	const char *name, *child;
	char link[20];

	name = name_of(where);
	child = name_at(value & 0xffffffffc000ULL);
	if (!name)
		return;
	if ((value & 3) == 3 && child) {
		snprintf(link, sizeof(link), "%s in %s", child, name);
		trace_note("link", link);
	} else {
		trace_once(value ? what[value & 3] : "clear", name);
	}
}

static void tracing_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	trace_note("flush", "");
	ram_env.flush(ctx, va, size);
}

static inline void tracing_clean(void *ctx, const void *ptr, size_t size)
{
	(void)ctx;
	(void)size;
	trace_note("clean", name_of(ptr));
}

static void tracing_free(void *ctx, struct gpuas_table *table, size_t size)
{
	trace_note("free", name_at(gpuas_pa_u64(table->pa)));
	ram_env.table_free(ctx, table, size);
}

static int traced_tree(void **state)
{
	int err = tree16(state);

	traced = *state;
	traced->ram->env.flush = tracing_flush;
	traced->ram->env.table_free = tracing_free;
	memset(letter, 0, sizeof(letter));
	letters = 0;
	trace_start();
	return err;
}

static int no_traced_tree(void **state)
{
	traced = NULL;
	return no_tree(state);
}

/* A tree with @pages pages at VA16, and nothing noted yet. */
static inline void prepare(struct tree *t, unsigned int pages)
{
	assert_int_equal(map_low(t, VA16, PA, pages * PAGE), 0);
	trace_start();
}

static inline void starts_with(const char *want)
{
	trace[strlen(want)] = '\0';
	assert_string_equal(trace, want);
}

/* Somewhere, one after the other. */
static inline void has(const char *want)
{
	if (!strstr(trace, want))
		assert_string_equal(trace, want);
}

#define TRACED_TEST(f)	cmocka_unit_test_setup_teardown(f, traced_tree, no_traced_tree)

#endif /* TRACES_H */
