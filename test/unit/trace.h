/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * What the library asks its environment for, in order. No test on a CPU shows a
 * barrier that is missing on another one, so it is read off.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdint.h>

/* What was noted since trace_start(): "store x, publish, store y". */
extern char trace[2000];

void trace_start(void);

/* Note something, and where. */
void trace_note(const char *what, const char *where);

/* The same, unless it is what was noted last. */
void trace_once(const char *what, const char *where);

/* Each test program's own: how a place is called. Called by the traced environment. */
void trace_load(const void *where);
void trace_store(const void *where, uint64_t value);
void trace_clear(void *where);

#endif /* TRACE_H */
