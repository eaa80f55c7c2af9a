/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What every unit test needs: cmocka, and a piece of simulated RAM. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gpuas/env.h>

/* The simulated RAM: PAs from RAM_BASE, full of garbage at the start. */
#define RAM_BASE	0x800000000ULL
#define RAM_TABLES	512u
#define RAM_GRANULE	0x4000u
#define RAM_SIZE	(RAM_TABLES * (uint64_t)RAM_GRANULE)

/**
 * struct ram - Simulated RAM with an allocator of tables that can be made to fail
 * @mem: its bytes
 * @other: another environment over the same bytes, or NULL
 * @copy: made by ram_copy()
 * @owned: tables that were handed out, by index
 * @record: their records, each in memory of its own
 * @allocs: successful allocations so far
 * @frees: frees so far
 * @fail_at: fail the n-th allocation from now (1 = the next); 0: never
 * @flushes: flushes so far
 * @flush_va: the last one
 * @flush_size: its size
 * @frees_at_flush: value of @frees at the last flush
 * @flushed_before_free: was there a flush before the last free?
 */
struct ram {
	uint8_t *mem;
	struct ram *other;
	bool copy;
	uint8_t owned[RAM_TABLES];
	struct gpuas_table *record[RAM_TABLES];
	unsigned int allocs;
	unsigned int frees;
	unsigned int fail_at;
	unsigned int flushes;
	gpuas_va_t flush_va;
	uint64_t flush_size;
	unsigned int frees_at_flush;
	bool flushed_before_free;
	struct gpuas_env env;
};

struct ram *ram_new(void);

/* A second environment over the same bytes: each knows its own tables only. */
struct ram *ram_share(struct ram *ram);

/* The bytes go with the last environment. */
void ram_delete(struct ram *ram);

/* Pointer to simulated RAM at a PA, NULL outside. */
void *ram_at(struct ram *ram, uint64_t pa, uint64_t size);

/* Number of tables handed out and not given back. */
unsigned int ram_owned(const struct ram *ram);

/* Equal contents and equal ownership? */
bool ram_equal(const struct ram *a, const struct ram *b);

/* A copy of contents and ownership, for ram_equal(). */
struct ram *ram_copy(const struct ram *ram);

/* Compiles to the main() of a test program. */
#define UNIT_MAIN(tests) \
	int main(void) \
	{ \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}

#endif /* UNIT_H */
