/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEST_INJECT_H
#define GPUAS_TEST_INJECT_H

#include <stdbool.h>

/**
 * DOC: Allocations that fail, in a kernel that can let them
 *
 * Of slabs and of pages, some of all, and only those of processes that called
 * inject_start(). What they must have, they get after inject_pause().
 */

/* Have @permille of them fail; says that there is no such thing in this kernel */
void inject_prepare(unsigned int permille);
void inject_end(void);

/* Of the calling process */
void inject_start(void);
void inject_pause(void);
void inject_go_on(void);
bool inject_on(void);

#endif /* GPUAS_TEST_INJECT_H */
