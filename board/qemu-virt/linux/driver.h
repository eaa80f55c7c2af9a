/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_DRIVER_H
#define GPUAS_QEMU_VIRT_DRIVER_H

#include <gpuas_linux.h>

/**
 * struct foreign - One entry that somebody else had in the tree
 * @table: PA of the table that holds it
 * @index: its index there
 * @entry: the entry
 */
struct foreign {
	gpuas_pa_t table;
	unsigned int index;
	uint64_t entry;
};

/**
 * struct witness - The tree as it was before we touched it
 * @root: copy of the root
 * @entry: all entries that were not holes
 * @entries: how many
 * @room: for how many there is room
 */
struct witness {
	uint64_t *root;
	struct foreign *entry;
	unsigned int entries;
	unsigned int room;
};

/**
 * struct verdict - The tree now, compared with what the witness noted
 * @changed: entries that differ, appeared or vanished, outside of our window
 * @host_slots: root entries in our window that are not zero
 */
struct verdict {
	unsigned int changed;
	unsigned int host_slots;
};

/**
 * struct selftest - Buffers mapped at the start of our window
 * @chunk: pages, in order of VA
 * @chunks: how many are mapped, one granule each
 * @allocated: how many pages are allocated; the rest are 0
 */
struct selftest {
	struct page **chunk;
	unsigned int chunks;
	unsigned int allocated;
};

/**
 * struct gpu - The stand-in GPU
 * @as: its address space
 * @witness: the tree before
 * @selftest: buffers of ours
 * @lock: for @selftest
 * @pages: buffers that were allocated and not freed again
 * @flushes: number of flushes that the library asked for
 * @debugfs: our folder
 */
struct gpu {
	struct gpuas_linux as;
	struct witness witness;
	struct selftest selftest;
	struct mutex lock;
	unsigned long pages;
	unsigned long flushes;
	struct dentry *debugfs;
};

/* Note the tree as it is: 0, -ENOMEM, -E2BIG, or an error of gpuas_space_adopt(). */
int witness_note(struct witness *witness, struct gpuas_linux *as);

/* Compare the tree, after it was released, with what was noted. */
int witness_compare(const struct witness *witness, struct gpuas_linux *as,
		    struct verdict *verdict);

void witness_free(struct witness *witness);

/**
 * struct refusals - What came of asking for memory that nobody may lend us
 * @asked: how often
 * @refused: how often with the right error, at the right page
 */
struct refusals {
	unsigned int asked;
	unsigned int refused;
};

/* Ask gpuas_linux_borrow() for all that it must not lend: 0, or -ENOMEM. */
int borrow_refused(struct gpu *gpu, struct refusals *refusals);

/* Map @mib MiB of scattered pages and look at each again; 0: unmap all. */
int selftest_run(struct gpu *gpu, unsigned long mib);

/* Free the buffers, which are no longer mapped. */
void selftest_free(struct gpu *gpu);

#endif /* GPUAS_QEMU_VIRT_DRIVER_H */
