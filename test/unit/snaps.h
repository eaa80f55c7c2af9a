/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A machine with a snapshot of it: the stand-in's board brought up in simulated RAM, its
 * firmware mapped, a host with a window, two contexts. Regions are in the upper half of the
 * RAM, tables of host and contexts at its start.
 */
#ifndef SNAPS_H
#define SNAPS_H

#include "tree.h"

#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/core.h>
#include <gpuas/link.h>

#define REGIONS_AT	(RAM_BASE + RAM_SIZE / 2)
#define PAGES_AT	(RAM_BASE + RAM_SIZE / 4)	/* for what is mapped */
#define MMIO		0x3000000ULL			/* is not RAM */
#define SPACES		80u
#define EXTENTS		4096u
#define FINDINGS	4096u
#define SEEN		512u
#define ENOUGH		10000000u

struct snap {
	struct ram *ram;
	struct gpuas_bringup bringup;
	uint64_t next;
	struct gpuas_space host;
	struct gpuas_space user[2];
	struct gpuas_snap_space space[SPACES];
	struct gpuas_snap_extent extent[EXTENTS];
	struct gpuas_snap_finding finding[FINDINGS];
	gpuas_pa_t seen[SEEN];
	struct gpuas_snapshot s;
};

static const struct gpuas_geometry lower39 = {
	.format = &gpuas_format_lpae_16k, .va_bits = 39, .pa_bits = 40,
};

static inline int snap_alloc(void *ctx, uint64_t size, uint64_t align, gpuas_pa_t last,
			     gpuas_pa_t *pa)
{
	struct snap *m = ctx;

	(void)last;
	m->next = (m->next + align - 1) & ~(align - 1);
	*pa = gpuas_pa(m->next);
	m->next += size;
	return 0;
}

static inline void snap_free(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	(void)ctx, (void)pa, (void)size;
}

static inline void *snap_ptr(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	return ram_at(((struct snap *)ctx)->ram, gpuas_pa_u64(pa), size);
}

static inline void snap_memory(struct snap *m)
{
	memset(&m->s, 0, sizeof(m->s));
	m->s.env = &m->ram->env;
	m->s.space = m->space;
	m->s.spaces_max = SPACES;
	m->s.extent = m->extent;
	m->s.extents_max = EXTENTS;
	m->s.finding = m->finding;
	m->s.findings_max = FINDINGS;
	m->s.seen = m->seen;
	m->s.seen_max = SEEN;
	m->s.budget = ENOUGH;
}

/* A snapshot of nothing yet. */
static inline struct snap *snap_empty(void)
{
	struct snap *m = calloc(1, sizeof(*m));
	uint64_t *word;
	unsigned int i;

	assert_non_null(m);
	m->ram = ram_new();
	/* No two words are the same. */
	for (i = 0, word = ram_at(m->ram, RAM_BASE, RAM_SIZE); i < RAM_SIZE / 8; i++)
		word[i] = i * 0x9e3779b97f4a7c15ULL;
	m->next = REGIONS_AT;
	snap_memory(m);
	return m;
}

static inline void snap_bring_up(struct snap *m, const struct gpuas_board *board)
{
	const struct gpuas_bringup_host host = {
		.ctx = m, .alloc = snap_alloc, .free = snap_free, .ptr = snap_ptr,
	};
	struct gpuas_report report;

	assert_int_equal(gpuas_plan(&m->bringup, board, &report), 0);
	assert_int_equal(gpuas_allocate(&m->bringup, &host, &report), 0);
	assert_int_equal(gpuas_build(&m->bringup, &host, &report), 0);
	assert_true(m->next <= RAM_BASE + RAM_SIZE);
	m->s.board = board;
	m->s.manifest = &m->bringup.manifest;
}

static inline struct gpuas_ttb_array *snap_ttbs(struct snap *m)
{
	return ram_at(m->ram, gpuas_pa_u64(gpuas_manifest_role(&m->bringup.manifest,
							       GPUAS_ROLE_TTBS)->pa), 0x400);
}

/* The stand-in, with something in the host's window and in contexts 1 and 5. */
static inline struct snap *snap_machine(void)
{
	const struct gpuas_range low = { .size = 1ULL << 39 };
	struct snap *m = snap_empty();
	struct gpuas_report report;
	unsigned int i;

	snap_bring_up(m, &gpuas_board_qemu_virt);
	assert_int_equal(gpuas_manifest_open(&m->bringup.manifest, m->s.board, &m->ram->env,
					     &m->host, &report), 0);
	assert_int_equal(gpuas_map(&m->host, gpuas_va(HOST), gpuas_pa(PAGES_AT), 4 * PAGE,
				   GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED), 0);
	assert_int_equal(gpuas_map(&m->host, gpuas_va(HOST + 0x1000000), gpuas_pa(MMIO), 2 * PAGE,
				   GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_DEVICE), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(gpuas_space_create(&m->user[i], &lower39, &low, &m->ram->env), 0);
		assert_int_equal(gpuas_map(&m->user[i], gpuas_va(0x10000000),
					   gpuas_pa(PAGES_AT + (8 + 8 * i) * PAGE), 3 * PAGE,
					   GPUAS_FW_READ | GPUAS_GPU_READ | GPUAS_MEM_SHARED), 0);
		assert_int_equal(gpuas_ttb_bind(snap_ttbs(m), i ? 5 : 1, m->user[i].root,
						m->bringup.manifest.root), 0);
	}
	return m;
}

static inline int snap_start(void **state)
{
	*state = snap_machine();
	return 0;
}

static inline int snap_end(void **state)
{
	struct snap *m = *state;

	ram_delete(m->ram);
	free(m);
	return 0;
}

static inline void snap_take(struct snap *m)
{
	assert_int_equal(gpuas_snapshot_roots(&m->s), 0);
	gpuas_snapshot_capture(&m->s);
}

/* One more space of the caller's. */
static inline struct gpuas_snap_space *snap_add(struct snap *m, const struct gpuas_geometry *geo,
						uint64_t root)
{
	struct gpuas_snap_space *space = &m->space[m->s.spaces];

	memset(space, 0, sizeof(*space));
	strcpy(space->name, "a space");
	space->geo = *geo;
	space->root = gpuas_pa(root);
	space->level = GPUAS_SNAP_ROOT;
	space->tag = (uint8_t)(geo->upper ? GPUAS_SNAP_TAG_FIRST :
					    GPUAS_SNAP_TAG_OTHER + m->s.spaces);
	space->context = GPUAS_SNAP_NO_CONTEXT;
	m->s.spaces++;
	return space;
}

static inline bool extent_has(const struct gpuas_snap_extent *extent, uint64_t va)
{
	return va - gpuas_va_u64(extent->va) < extent->size;
}

/* The extents that say something of a VA of a space: one leaf or odd entry, or none. */
static inline const struct gpuas_snap_extent *extent_at(const struct gpuas_snapshot *s,
							uint16_t space, uint64_t va)
{
	const struct gpuas_snap_extent *found = NULL;
	uint32_t i;

	for (i = 0; i < s->extents; i++) {
		const struct gpuas_snap_extent *extent = &s->extent[i];

		if (extent->space != space || !extent_has(extent, va) ||
		    (extent->kind != GPUAS_SNAP_LEAF && extent->kind != GPUAS_SNAP_ODD))
			continue;
		if (found)
			fail_msg("two extents have VA 0x%llx", (unsigned long long)va);
		found = extent;
	}
	return found;
}

/* How many extents of a kind have a PA? */
static inline unsigned int extents_of(const struct gpuas_snapshot *s, enum gpuas_snap_kind kind,
				      uint64_t pa)
{
	unsigned int n = 0;
	uint32_t i;

	for (i = 0; i < s->extents; i++)
		n += s->extent[i].kind == kind &&
		     pa - gpuas_pa_u64(s->extent[i].pa) < s->extent[i].size;
	return n;
}

static inline unsigned int findings_of(const struct gpuas_snapshot *s, unsigned int wrong)
{
	unsigned int n = 0;
	uint32_t i;

	for (i = 0; i < s->findings; i++)
		n += s->finding[i].wrong == wrong;
	return n;
}

#define SNAP_TEST(f)	cmocka_unit_test_setup_teardown(f, snap_start, snap_end)

#endif /* SNAPS_H */
