/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEST_DUMPS_H
#define GPUAS_TEST_DUMPS_H

#include "gpu.h"

/* In each word of a buffer its VA, and in the topmost bits which VM it is of */
void dump_sign(const struct buffer *buffer, uint64_t va, uint64_t vm);

/* The one dump that there is: how many bytes; 0: there is none; -1: there are several */
long dump_size(void);

/* Until there is one, or none: its size */
long dump_wait(bool there);

/* Copy it to a file; 0: all of it */
int dump_keep(const char *name);

/* Have the kernel forget it. */
void dump_let_go(void);

/*
 * Run a test in a process that stays, so that what it has stays in memory as it is. @node: there
 * is a render node. Returns what the test does.
 */
int dump_and_stay(int (*test)(uint64_t how, bool node), uint64_t how);

#endif /* GPUAS_TEST_DUMPS_H */
