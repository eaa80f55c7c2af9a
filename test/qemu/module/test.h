/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEST_H
#define GPUAS_TEST_H

#include "driver.h"

/**
 * struct test - Buffers mapped at the start of our window, and who is asked for that
 * @gpu: the stand-in, while the driver has it; with a reference
 * @as: its shared half
 * @lock: for all below
 * @chunk: pages, in order of VA
 * @chunks: how many are mapped, one granule each
 * @allocated: how many pages are allocated; the rest are 0
 * @pages: pages that were allocated and not freed again
 * @shown: does the firmware show a page of its own to the GPU?
 */
struct test {
	struct gpu *gpu;
	struct gpuas_linux *as;
	struct mutex lock;
	struct page **chunk;
	unsigned int chunks;
	unsigned int allocated;
	unsigned long pages;
	bool shown;
};

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
int gpuas_test_borrow(struct test *test, struct refusals *refusals);

/* Map @mib MiB of scattered pages and look at each again; 0: unmap all. */
int gpuas_test_run(struct test *test, unsigned long mib);

/* Let the GPU use our window, with two of the buffers, none of which is mapped. */
int gpuas_test_dma(struct test *test);

/* Call what the rest has no use for, with two of the buffers, none of which is mapped. */
int gpuas_test_calls(struct test *test);

/* Have tables for a GPU that reaches less than there is memory. */
int gpuas_test_reach(struct test *test);

/* Ask which pages are whose tables. */
int gpuas_test_records(struct test *test);

/* Give back the tables that it has, and have @wanted: 0, or why it has none. */
int gpuas_test_hold(struct test *test, unsigned int wanted);

/* Keep the handoff lock on our side, or let go of it. */
void gpuas_test_keep(struct test *test, bool keep);

/* List the buffers that are mapped, for a snapshot, with the lock of the shared half. */
void gpuas_test_list(void *test, struct gpuas_linux_shot *shot);

/* Free the buffers, which are no longer mapped. */
void gpuas_test_free(struct test *test);

/*
 * Have the firmware map the first page of fw-data at FW_MAP_VA, in its own part of the tree,
 * for the GPU to read, or unmap it: 0; its answer; -EIO if it is dead.
 */
int gpuas_test_show(struct test *test, bool shown);

#endif /* GPUAS_TEST_H */
