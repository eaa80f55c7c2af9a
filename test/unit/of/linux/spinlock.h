/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef FAKE_LINUX_SPINLOCK_H
#define FAKE_LINUX_SPINLOCK_H

typedef struct {
	int unused;
} spinlock_t;

#endif /* FAKE_LINUX_SPINLOCK_H */
