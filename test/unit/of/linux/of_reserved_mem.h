/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef FAKE_LINUX_OF_RESERVED_MEM_H
#define FAKE_LINUX_OF_RESERVED_MEM_H

#include <linux/of.h>

struct reserved_mem {
	const char *name;
	uint64_t base;
	uint64_t size;
};

/* What the kernel has reserved for a node: the first range of the first node of that name. */
struct reserved_mem *of_reserved_mem_lookup(struct device_node *node);

/* Make it less than the node says, by so many bytes, or nothing at all, for one name. */
void of_fake_reserved(const char *name, uint64_t less);

#endif /* FAKE_LINUX_OF_RESERVED_MEM_H */
