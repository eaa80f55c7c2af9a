/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef FAKE_LINUX_LIST_H
#define FAKE_LINUX_LIST_H

struct list_head {
	struct list_head *next, *prev;
};

#endif /* FAKE_LINUX_LIST_H */
