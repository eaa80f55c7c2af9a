/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef FAKE_LINUX_MUTEX_H
#define FAKE_LINUX_MUTEX_H

struct mutex {
	int unused;
};

#endif /* FAKE_LINUX_MUTEX_H */
