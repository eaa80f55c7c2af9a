/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef FAKE_LINUX_DEVICE_H
#define FAKE_LINUX_DEVICE_H

struct device {
	struct device_node *of_node;
};

#endif /* FAKE_LINUX_DEVICE_H */
