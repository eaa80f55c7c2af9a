// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What a snapshot says of trees of all kinds, good and bad. */
#include "snaps.h"

#include <gpuas/link.h>

#define FW_BASE		0xffffff8000000000ULL
#define TOP_PAGE	0xffffffffffffc000ULL

/* The regions of the stand-in's board, by index. */
enum { TTBS, TABLES, HANDOFF, TEXT, DATA, SHARED };

static const struct gpuas_region *region(const struct snap *m, unsigned int i)
{
	return &m->bringup.manifest.region[i];
}

/* There is one such extent, from @va on, of just this size. */
static const struct gpuas_snap_extent *assert_leaf(const struct snap *m, uint16_t space, uint64_t va,
						   uint64_t pa, uint64_t size)
{
	const struct gpuas_snap_extent *extent = extent_at(&m->s, space, va);

	assert_non_null(extent);
	assert_int_equal(extent->kind, GPUAS_SNAP_LEAF);
	assert_int_equal(gpuas_va_u64(extent->va), va);
	assert_int_equal(gpuas_pa_u64(extent->pa), pa);
	assert_int_equal(extent->size, size);
	return extent;
}

static void spaces_are_those_of_board_and_contexts(void **state)
{
	struct snap *m = *state;

	assert_int_equal(gpuas_snapshot_roots(&m->s), 0);
	assert_int_equal(m->s.spaces, 3);
	assert_string_equal(m->space[0].name, "root 0");
	assert_true(m->space[0].root == m->bringup.manifest.root);
	assert_int_equal(m->space[0].tag, GPUAS_SNAP_TAG_FIRST);
	assert_int_equal(m->space[0].context, 0);
	assert_string_equal(m->space[1].name, "context 1");
	assert_true(m->space[1].root == m->user[0].root);
	assert_int_equal(m->space[1].tag, 1);
	assert_int_equal(m->space[1].context, 1);
	assert_false(m->space[1].geo.upper);
	assert_string_equal(m->space[2].name, "context 5");
	assert_int_equal(m->space[2].tag, 5);
}

static void a_root_of_several_contexts_is_listed_once(void **state)
{
	struct snap *m = *state;

	assert_int_equal(gpuas_ttb_alias(snap_ttbs(m), 7, 5), 0);
	/* A second upper half, of nobody's. */
	assert_int_equal(gpuas_ttb_bind(snap_ttbs(m), 9, GPUAS_TTB_NONE, gpuas_pa(FW_ROOT)), 0);
	fw_tree(m->ram);
	snap_take(m);
	assert_int_equal(m->s.spaces, 4);
	assert_string_equal(m->space[3].name, "upper 9");
	assert_int_equal(m->space[3].tag, 0x41);
	assert_int_equal(gpuas_snap_address(&m->s, extent_at(&m->s, 3, HALF)), 0x0041ff8000000000ULL);
}

static void roots_that_do_not_fit_are_said(void **state)
{
	struct snap *m = *state;

	m->s.spaces_max = 2;
	assert_int_equal(gpuas_snapshot_roots(&m->s), -GPUAS_E2BIG);
	assert_int_equal(m->s.spaces, 2);
	m->s.spaces = m->s.spaces_max = 0;
	assert_int_equal(gpuas_snapshot_roots(&m->s), -GPUAS_E2BIG);
	m->s.spaces_max = SPACES;
	m->bringup.manifest.region[TTBS].pa = gpuas_pa(MMIO);
	m->s.has_ttbs = false;
	assert_int_equal(gpuas_snapshot_roots(&m->s), -GPUAS_EFAULT);
	assert_int_equal(m->s.spaces, 1);
	m->s.board = NULL;
	assert_int_equal(gpuas_snapshot_roots(&m->s), -GPUAS_EINVAL);
}

static void extents_say_what_is_mapped_and_whose_it_is(void **state)
{
	struct snap *m = *state;
	const struct gpuas_snap_extent *extent;

	snap_take(m);
	extent = assert_leaf(m, 0, FW_BASE, gpuas_pa_u64(region(m, TEXT)->pa), 0x40000);
	assert_int_equal(extent->attr, region(m, TEXT)->attr);
	assert_int_equal(extent->owner, GPUAS_SNAP_REGION);
	assert_int_equal(extent->region, TEXT);
	assert_int_equal(extent->missing, GPUAS_SNAP_PRESENT);
	assert_int_equal(gpuas_format_decode(&gpuas_format_lpae_16k, extent->raw), extent->attr);
	assert_int_equal(gpuas_format_raw_check(extent->raw), 0);
	extent = assert_leaf(m, 0, HOST, PAGES_AT, 4 * PAGE);
	assert_int_equal(extent->owner, GPUAS_SNAP_OWNED);
	assert_int_equal(extent->region, GPUAS_SNAP_NO_REGION);
	extent = assert_leaf(m, 0, HOST + 0x1000000, MMIO, 2 * PAGE);
	assert_int_equal(extent->missing, GPUAS_SNAP_NOT_RAM);
	extent = assert_leaf(m, 1, 0x10000000, PAGES_AT + 8 * PAGE, 3 * PAGE);
	assert_int_equal(extent->owner, GPUAS_SNAP_USER);
	assert_leaf(m, 2, 0x10000000, PAGES_AT + 16 * PAGE, 3 * PAGE);
	assert_int_equal(m->s.findings, 0);
	assert_false(m->s.cut);
	assert_int_equal(m->s.extents_lost | m->s.findings_lost, 0);
	assert_memory_equal(&m->s.ttbs, snap_ttbs(m), sizeof(m->s.ttbs));
	assert_true(m->s.has_handoff);
}

static void every_region_is_an_extent_by_its_pa(void **state)
{
	struct snap *m = *state;
	unsigned int i;
	uint32_t k;

	snap_take(m);
	for (i = 0; i <= SHARED; i++) {
		for (k = 0; k < m->s.extents; k++) {
			if (m->extent[k].kind == GPUAS_SNAP_MEMORY && m->extent[k].region == i)
				break;
		}
		assert_true(k < m->s.extents);
		assert_true(m->extent[k].pa == region(m, i)->pa);
		assert_int_equal(m->extent[k].size, region(m, i)->size);
		assert_int_equal(gpuas_va_u64(m->extent[k].va), 0);
		assert_int_equal(m->extent[k].owner, GPUAS_SNAP_REGION);
		assert_int_equal(m->extent[k].space, GPUAS_SNAP_NO_SPACE);
	}
}

static int note_table(void *ctx, const struct gpuas_step *step)
{
	const struct gpuas_snapshot *s = ctx;

	if (step->kind == GPUAS_TABLE)
		assert_int_equal(extents_of(s, GPUAS_SNAP_TABLE, gpuas_pa_u64(step->pa)), 1);
	return 0;
}

static void every_table_is_an_extent_once(void **state)
{
	struct snap *m = *state;

	snap_take(m);
	gpuas_visit_all(&m->host, note_table, &m->s);
	gpuas_visit_all(&m->user[0], note_table, &m->s);
	gpuas_visit_all(&m->user[1], note_table, &m->s);
	assert_int_equal(extents_of(&m->s, GPUAS_SNAP_TABLE, gpuas_pa_u64(m->user[1].root)), 1);
}

/* One has a table more than the other, which goes on where a shared one ends. */
static void a_table_next_to_a_shared_one_is_an_extent_once_too(void **state)
{
	struct snap *m = *state;
	unsigned int i;

	m->s.spaces = 0;
	memset(slot(m->ram, PAGES_AT, 0), 0, 5 * PAGE);
	for (i = 0; i < 3; i++)
		*slot(m->ram, PAGES_AT + (i > 0) * PAGE, i / 2) = (PAGES_AT + (3 + i / 2) * PAGE) | 3;
	snap_add(m, &lower39, PAGES_AT);
	snap_add(m, &lower39, PAGES_AT + PAGE);
	gpuas_snapshot_capture(&m->s);
	assert_int_equal(extents_of(&m->s, GPUAS_SNAP_TABLE, PAGES_AT + 3 * PAGE), 1);
	assert_int_equal(extents_of(&m->s, GPUAS_SNAP_TABLE, PAGES_AT + 4 * PAGE), 1);
}

static void two_roots_of_one_half_share_their_tables(void **state)
{
	struct snap *m = *state;
	struct snap *p = snap_empty();
	uint32_t i, tables = 0;
	uint64_t second;

	(void)m;
	snap_bring_up(p, &gpuas_board_qemu_virt_published);
	second = gpuas_pa_u64(gpuas_manifest_root(&p->bringup.manifest, p->s.board, 1));
	memcpy(slot(p->ram, second, 0), slot(p->ram, gpuas_pa_u64(p->bringup.manifest.root), 0),
	       PAGE);
	assert_int_equal(gpuas_snapshot_roots(&p->s), 0);
	assert_int_equal(p->s.spaces, 2);
	assert_string_equal(p->space[1].name, "root 1");
	assert_int_equal(p->space[1].tag, 0x41);
	gpuas_snapshot_capture(&p->s);
	assert_leaf(p, 0, FW_BASE, gpuas_pa_u64(region(p, TEXT)->pa), 0x40000);
	assert_leaf(p, 1, FW_BASE, gpuas_pa_u64(region(p, TEXT)->pa), 0x40000);
	for (i = 0; i < p->s.extents; i++) {
		tables += p->extent[i].kind == GPUAS_SNAP_TABLE;
		if (p->extent[i].kind == GPUAS_SNAP_TABLE)
			assert_int_equal(p->extent[i].space,
					 gpuas_pa_u64(p->extent[i].pa) == second);
	}
	assert_true(tables > 2);
	assert_int_equal(p->s.findings, 0);
	*state = p;
	snap_end(state);
	*state = m;
}

static void lent_tables_and_no_map_are_told(void **state)
{
	struct snap *m = *state;
	struct gpuas_manifest *manifest = &m->bringup.manifest;
	const struct gpuas_snap_extent *extent;
	uint32_t i;

	/* The host's middle table in a region of its own; its data not to be read. */
	manifest->region[SHARED].role = GPUAS_ROLE_LENT;
	manifest->region[SHARED].mapped = false;
	manifest->region[SHARED].pa = gpuas_pa(*slot(m->ram, gpuas_pa_u64(manifest->root), 2) &
					       0xffffffffc000ULL);
	manifest->region[SHARED].size = PAGE;
	manifest->region[DATA].pa = gpuas_pa(MMIO);
	manifest->region[DATA].size = PAGE;
	manifest->region[DATA].no_map = true;
	snap_take(m);
	extent = extent_at(&m->s, 0, HOST + 0x1000000);
	assert_int_equal(extent->missing, GPUAS_SNAP_NO_MAP);
	assert_int_equal(extent->size, PAGE);
	assert_int_equal(extent->region, DATA);
	extent = extent_at(&m->s, 0, HOST + 0x1000000 + PAGE);
	assert_int_equal(extent->missing, GPUAS_SNAP_NOT_RAM);
	for (i = 0; i < m->s.extents; i++) {
		if (m->extent[i].kind == GPUAS_SNAP_TABLE &&
		    m->extent[i].pa == manifest->region[SHARED].pa)
			break;
	}
	assert_true(i < m->s.extents);
	/* The stand-in's host makes its own middle table, so it is both. */
	assert_int_equal(m->extent[i].owner, GPUAS_SNAP_OWNED);
	m->ram->env.table_record = NULL;
	m->s.budget = ENOUGH;
	gpuas_snapshot_capture(&m->s);
	for (i = 0; m->extent[i].kind != GPUAS_SNAP_TABLE ||
		    m->extent[i].pa != manifest->region[SHARED].pa; i++)
		assert_true(i < m->s.extents);
	assert_int_equal(m->extent[i].owner, GPUAS_SNAP_LENT);
}

static const struct gpuas_snap_finding *finding(const struct snap *m, unsigned int wrong)
{
	uint32_t i;

	assert_int_equal(findings_of(&m->s, wrong), 1);
	for (i = 0; m->finding[i].wrong != wrong; i++)
		;
	return &m->finding[i];
}

/* The stand-in's root, and the host's middle table. */
static uint64_t *host_entry(struct snap *m, unsigned int i)
{
	uint64_t root = gpuas_pa_u64(m->bringup.manifest.root);

	return slot(m->ram, *slot(m->ram, root, 2) & 0xffffffffc000ULL, i);
}

static void cycles_and_shared_tables_are_findings(void **state)
{
	struct snap *m = *state;
	const uint64_t root = gpuas_pa_u64(m->bringup.manifest.root);
	const struct gpuas_snap_extent *odd;

	*slot(m->ram, root, 5) = root | 3;
	*host_entry(m, 9) = *host_entry(m, 0);
	snap_take(m);
	assert_int_equal(m->s.findings, 2);
	assert_int_equal(gpuas_pa_u64(finding(m, GPUAS_WRONG_CYCLE)->pa), root);
	assert_int_equal(finding(m, GPUAS_WRONG_CYCLE)->level, 2);
	assert_int_equal(gpuas_va_u64(finding(m, GPUAS_WRONG_SHARED)->va), HOST + 9 * LEAF_SPAN);
	odd = extent_at(&m->s, 0, FW_BASE + 5 * SLOT);
	assert_int_equal(odd->kind, GPUAS_SNAP_ODD);
	assert_int_equal(odd->size, SLOT);
	assert_int_equal(odd->raw, root | 3);
	assert_int_equal(odd->missing, GPUAS_SNAP_NONE);
	odd = extent_at(&m->s, 0, HOST + 9 * LEAF_SPAN);
	assert_int_equal(odd->kind, GPUAS_SNAP_ODD);
	assert_int_equal(odd->size, LEAF_SPAN);
}

static void entries_that_nobody_can_follow_are_findings(void **state)
{
	struct snap *m = *state;
	const struct gpuas_snap_extent *extent;
	struct gpuas_text text;

	*host_entry(m, 9) = MMIO | 3;				/* a table in device memory */
	*host_entry(m, 10) = 0x10000000000ULL | 3;		/* one beyond the PA size */
	*host_entry(m, 11) = 0xa5a5a5a5a5a5a5a4ULL;		/* invalid, not zero */
	*slot(m->ram, *host_entry(m, 0) & 0xffffffffc000ULL, 100) = PAGES_AT | 0x401; /* reserved */
	*slot(m->ram, *host_entry(m, 0) & 0xffffffffc000ULL, 200) = 0x10000000000ULL | 0x403;
	snap_take(m);
	extent = extent_at(&m->s, 0, HOST + 9 * LEAF_SPAN);
	assert_int_equal(extent->kind, GPUAS_SNAP_ODD);
	assert_int_equal(extent->missing, GPUAS_SNAP_NOT_RAM);
	assert_int_equal(gpuas_pa_u64(extent->pa), MMIO);
	assert_int_equal(gpuas_pa_u64(finding(m, GPUAS_WRONG_UNREADABLE)->pa), MMIO);
	extent = extent_at(&m->s, 0, HOST + 10 * LEAF_SPAN);
	assert_int_equal(extent->missing, GPUAS_SNAP_BEYOND);
	assert_int_equal(findings_of(&m->s, GPUAS_WRONG_ADDRESS), 2);
	extent = extent_at(&m->s, 0, HOST + 11 * LEAF_SPAN);
	assert_int_equal(extent->missing, GPUAS_SNAP_NONE);
	assert_int_equal(gpuas_pa_u64(extent->pa), 0);
	assert_int_equal(finding(m, GPUAS_WRONG_BITS)->entry, 0xa5a5a5a5a5a5a5a4ULL);
	extent = extent_at(&m->s, 0, HOST + 100 * PAGE);
	assert_int_equal(extent->kind, GPUAS_SNAP_ODD);
	assert_int_equal(extent->size, PAGE);
	assert_int_equal(finding(m, GPUAS_WRONG_TYPE)->entry, PAGES_AT | 0x401);
	extent = extent_at(&m->s, 0, HOST + 200 * PAGE);
	assert_int_equal(extent->kind, GPUAS_SNAP_LEAF);
	assert_int_equal(extent->missing, GPUAS_SNAP_BEYOND);
	gpuas_text_clear(&text);
	gpuas_snap_finding_text(&text, finding(m, GPUAS_WRONG_UNREADABLE), NULL);
	assert_string_equal(text.buf, "VA 0xffffffa012000000, level 1, entry 0x0000000003000003: "
				      "leads to a table that cannot be read, PA 0x00003000000");
}

static void roots_that_cannot_be_opened_are_findings(void **state)
{
	struct snap *m = *state;
	uint64_t *words = (uint64_t *)&snap_ttbs(m)->context[3];

	words[0] = MMIO | GPUAS_TTB_VALID;
	words[2] = (PAGES_AT + 0x1000) | GPUAS_TTB_VALID;	/* unaligned */
	snap_take(m);
	assert_int_equal(m->s.spaces, 5);
	assert_int_equal(m->s.findings, 2);
	assert_int_equal(m->finding[0].wrong, GPUAS_WRONG_UNREADABLE);
	assert_int_equal(gpuas_pa_u64(m->finding[0].pa), MMIO);
	assert_int_equal(m->finding[0].level, 3);
	assert_int_equal(m->finding[0].space, 2);
	assert_int_equal(gpuas_pa_u64(m->finding[1].pa), PAGES_AT + 0x1000);
	assert_leaf(m, 4, 0x10000000, PAGES_AT + 16 * PAGE, 3 * PAGE);
}

static void a_table_full_of_garbage_is_one_extent(void **state)
{
	struct snap *m = *state;
	unsigned int i;

	for (i = 0; i < PAGE / 8; i++)
		*slot(m->ram, PAGES_AT, i) = 0xa5a5a5a5a5a5a5a4ULL;
	*host_entry(m, 9) = PAGES_AT | 3;
	snap_take(m);
	assert_int_equal(extent_at(&m->s, 0, HOST + 9 * LEAF_SPAN)->size, LEAF_SPAN);
	assert_int_equal(m->s.findings, PAGE / 8);
}

static void the_last_page_of_a_half_is_there(void **state)
{
	struct snap *m = *state;
	struct gpuas_space space;
	const struct gpuas_range low = { .size = 1ULL << 39 };

	assert_int_equal(gpuas_space_create(&space, &uat39, &whole, &m->ram->env), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va(TOP_PAGE), gpuas_pa(PAGES_AT), PAGE, RIGHTS), 0);
	snap_add(m, &uat39, gpuas_pa_u64(space.root));
	assert_int_equal(gpuas_space_create(&space, &lower39, &low, &m->ram->env), 0);
	assert_int_equal(gpuas_map(&space, gpuas_va((1ULL << 39) - 2 * PAGE), gpuas_pa(PAGES_AT),
				   2 * PAGE, RIGHTS), 0);
	snap_add(m, &lower39, gpuas_pa_u64(space.root));
	gpuas_snapshot_capture(&m->s);
	assert_leaf(m, 0, TOP_PAGE, PAGES_AT, PAGE);
	assert_leaf(m, 1, (1ULL << 39) - 2 * PAGE, PAGES_AT, 2 * PAGE);
}

/* Blocks of 32 MiB, the first in and the second half out of RAM and PA size. */
static void blocks_are_as_present_as_their_pages(void **state)
{
	struct snap *m = *state;
	const uint64_t pa = RAM_BASE + RAM_SIZE;
	uint64_t *root = slot(m->ram, PAGES_AT, 0);
	const struct gpuas_snap_extent *extent;
	uint32_t i, n = 0;

	memset(root, 0, 2 * PAGE);
	root[0] = (PAGES_AT + PAGE) | 3;
	root[2048 + 1] = RAM_BASE | 0x401;
	root[2048 + 2] = (RAM_BASE + LEAF_SPAN) | 0x401;
	root[2048 + 3] = 0x10000000000ULL | 0x401;
	snap_add(m, &lower39, PAGES_AT);
	m->s.manifest = NULL;
	gpuas_snapshot_capture(&m->s);
	extent = assert_leaf(m, 0, LEAF_SPAN, RAM_BASE, RAM_SIZE);
	assert_int_equal(extent->missing, GPUAS_SNAP_PRESENT);
	assert_int_equal(extent->level, 1);
	extent = assert_leaf(m, 0, LEAF_SPAN + RAM_SIZE, pa, 2 * LEAF_SPAN - RAM_SIZE);
	assert_int_equal(extent->missing, GPUAS_SNAP_NOT_RAM);
	extent = assert_leaf(m, 0, 3 * LEAF_SPAN, 0x10000000000ULL, LEAF_SPAN);
	assert_int_equal(extent->missing, GPUAS_SNAP_BEYOND);
	for (i = 0; i < m->s.extents; i++)
		n += m->extent[i].kind == GPUAS_SNAP_LEAF;
	assert_int_equal(n, 3);
}

/* Neighbours in VA, each different from the one before in one thing alone. */
static void only_what_is_alike_is_joined(void **state)
{
	struct snap *m = *state;
	const uint64_t text = gpuas_pa_u64(region(m, TEXT)->pa);
	uint64_t *leaf = slot(m->ram, *host_entry(m, 0) & 0xffffffffc000ULL, 0);
	const uint64_t bits = leaf[0] & 0xfff0000000003fffULL;
	unsigned int i;

	leaf[16] = bits | PAGES_AT;
	leaf[17] = bits | (PAGES_AT + 2 * PAGE);		/* PA */
	leaf[18] = (bits ^ 1ULL << 58) | (PAGES_AT + 3 * PAGE);	/* a bit without meaning */
	leaf[19] = leaf[18];					/* PA again */
	leaf[20] = bits | (text - PAGE);
	leaf[21] = bits | text;					/* owner */
	leaf[23] = bits | (text + PAGE);			/* VA */
	leaf[24] = bits | (RAM_BASE - PAGE);
	leaf[25] = bits | RAM_BASE;				/* presence */
	snap_take(m);
	for (i = 16; i < 26; i++) {
		if (i != 22)
			assert_leaf(m, 0, HOST + i * PAGE, leaf[i] & 0xffffffffc000ULL, PAGE);
	}
}

static void a_part_is_opened_below_the_root(void **state)
{
	struct snap *m = *state;
	uint64_t root = gpuas_pa_u64(m->bringup.manifest.root);
	struct gpuas_snap_space *space;

	space = snap_add(m, &m->bringup.manifest.geo, *slot(m->ram, root, 2) & 0xffffffffc000ULL);
	space->level = 1;
	space->va = gpuas_va(HOST + 0x123000);
	gpuas_snapshot_capture(&m->s);
	assert_int_equal(m->s.findings_lost, 0);
	assert_leaf(m, 0, HOST, PAGES_AT, 4 * PAGE);
	assert_null(extent_at(&m->s, 0, FW_BASE));
	space->root = gpuas_pa(MMIO);
	gpuas_snapshot_capture(&m->s);
	assert_int_equal(finding(m, GPUAS_WRONG_UNREADABLE)->level, 2);
	assert_int_equal(gpuas_va_u64(finding(m, GPUAS_WRONG_UNREADABLE)->va), HOST + 0x123000);
}

static void mappings_that_are_not_the_manifests_are_findings(void **state)
{
	struct snap *m = *state;
	const uint64_t root = gpuas_pa_u64(m->bringup.manifest.root);
	uint64_t middle = *slot(m->ram, root, 0) & 0xffffffffc000ULL, *leaf;
	struct gpuas_text text;

	leaf = slot(m->ram, *slot(m->ram, middle, 0) & 0xffffffffc000ULL, 0);
	leaf[3] += 16 * PAGE;				/* of fw-text, mapped elsewhere */
	leaf[0x400] ^= 1 << 7;				/* of fw-data, read-only */
	*slot(m->ram, middle, 1) = 0;			/* all of shared */
	snap_take(m);
	assert_int_equal(m->s.findings, 3);
	assert_int_equal(gpuas_va_u64(finding(m, GPUAS_SNAP_ELSEWHERE)->va), FW_BASE + 3 * PAGE);
	assert_int_equal(finding(m, GPUAS_SNAP_ELSEWHERE)->region, TEXT);
	assert_int_equal(finding(m, GPUAS_SNAP_UNLIKE)->region, DATA);
	assert_int_equal(finding(m, GPUAS_SNAP_UNMAPPED)->region, SHARED);
	gpuas_text_clear(&text);
	gpuas_snap_finding_text(&text, finding(m, GPUAS_SNAP_UNMAPPED), "shared");
	assert_string_equal(text.buf, "VA 0xffffff8002000000: region shared is not mapped there");
	gpuas_text_clear(&text);
	gpuas_snap_finding_text(&text, finding(m, GPUAS_SNAP_ELSEWHERE), NULL);
	assert_string_equal(text.buf, "VA 0xffffff800000c000: region 3 is not there: mapped is PA 0x008004ac000");
	/* What nobody walked to the end is not judged. */
	m->s.budget = 500;
	gpuas_snapshot_capture(&m->s);
	assert_true(m->s.cut);
	assert_int_equal(m->s.findings, 0);
}

static void a_budget_ends_the_walk_anywhere(void **state)
{
	struct snap *m = *state;
	unsigned int spent, budget;
	uint32_t before = 0;

	snap_take(m);
	spent = ENOUGH - m->s.budget;
	for (budget = 0; budget < spent; budget += budget + 20 < spent ? 19 : 1) {
		m->s.budget = budget;
		gpuas_snapshot_capture(&m->s);
		assert_true(m->s.cut);
		assert_int_equal(m->s.budget, 0);
		assert_true(m->s.extents >= before);
		before = m->s.extents;
	}
	m->s.budget = spent;
	gpuas_snapshot_capture(&m->s);
	assert_false(m->s.cut);
	assert_int_equal(m->s.budget, 0);
}

static void what_does_not_fit_is_counted(void **state)
{
	struct snap *m = *state;
	uint32_t extents, i;

	*host_entry(m, 11) = 4;
	*host_entry(m, 12) = 8;
	snap_take(m);
	assert_int_equal(m->s.findings, 2);
	extents = m->s.extents;
	m->s.findings_max = 1;
	for (i = 0; i < extents; i++) {
		m->s.budget = ENOUGH;
		m->s.extents_max = i;
		memset(&m->extent[i], 0xee, sizeof(m->extent[i]));
		gpuas_snapshot_capture(&m->s);
		assert_int_equal(m->s.extents, i);
		assert_true(m->s.extents_lost >= extents - i);
		assert_int_equal(m->extent[i].kind, 0xee);
		assert_int_equal(m->s.findings_lost, 1);
	}
}

/* What would have been one extent is one that is lost, however large it is. */
static void what_is_lost_is_joined_too(void **state)
{
	struct snap *m = *state;

	assert_int_equal(gpuas_map(&m->host, gpuas_va(HOST + 0x8000000), gpuas_pa(PAGES_AT),
				   2048 * PAGE, RIGHTS), 0);
	snap_take(m);
	m->s.extents_max = 1;
	m->s.budget = ENOUGH;
	gpuas_snapshot_capture(&m->s);
	assert_in_range(m->s.extents_lost, 20, 60);
}

/* A region that is larger than any memory, and a user's half that is full. */
static void nobody_takes_all_of_the_budget(void **state)
{
	struct snap *m = *state;
	const uint64_t root = gpuas_pa_u64(m->user[0].root);
	unsigned int i;

	m->bringup.manifest.region[HANDOFF].size = 1ULL << 45;
	for (i = 0; i < PAGE / 8; i++)
		*slot(m->ram, PAGES_AT + 5 * PAGE, i) = *slot(m->ram, PAGES_AT + 6 * PAGE, i) =
			(PAGES_AT + 6 * PAGE) | 3;
	*slot(m->ram, root, 0) = (PAGES_AT + 5 * PAGE) | 3;
	snap_add(m, &lower39, root);
	m->s.seen_max = 0;
	m->s.budget = 100000;
	snap_take(m);
	assert_true(m->s.cut);
	assert_leaf(m, 1, HOST, PAGES_AT, 4 * PAGE);
	assert_leaf(m, 1, FW_BASE, gpuas_pa_u64(region(m, TEXT)->pa), 0x40000);
}

/* No table is remembered: shared ones are entered again, until the budget ends. */
static void without_memory_for_tables_the_work_is_bounded_all_the_same(void **state)
{
	struct snap *m = *state;
	unsigned int i;

	for (i = 0; i < PAGE / 8; i++)
		*slot(m->ram, PAGES_AT, i) = *slot(m->ram, PAGES_AT + PAGE, i) =
			(PAGES_AT + PAGE * (1 + (i & 1))) | 3;
	*slot(m->ram, gpuas_pa_u64(m->bringup.manifest.root), 6) = PAGES_AT | 3;
	m->s.seen_max = 0;
	m->s.budget = 100000;
	snap_take(m);
	assert_true(m->s.cut);
	assert_int_equal(m->s.budget, 0);
	m->s.seen_max = 4;
	m->s.budget = ENOUGH;
	gpuas_snapshot_capture(&m->s);
	assert_int_equal(findings_of(&m->s, GPUAS_WRONG_MANY), 1);
}

static void addresses_ascend(void **state)
{
	struct snap *m = *state;
	uint32_t i;

	snap_take(m);
	for (i = 1; i < m->s.extents; i++)
		assert_true(gpuas_snap_address(&m->s, &m->extent[i - 1]) <=
			    gpuas_snap_address(&m->s, &m->extent[i]));
}

/* A manifest that nobody has judged: regions that wrap, are empty, or overlap. */
static void a_manifest_may_be_anything(void **state)
{
	struct snap *m = *state;
	struct gpuas_manifest *manifest = &m->bringup.manifest;

	manifest->region[TEXT].pa = gpuas_pa(~0ULL - 5);
	manifest->region[TEXT].size = 1ULL << 63;
	manifest->region[DATA].size = 0;
	manifest->region[SHARED].pa = gpuas_pa(RAM_BASE - 0x4123);
	manifest->region[SHARED].size = ~0ULL >> 1;
	manifest->region[HANDOFF].size = 0x600;
	m->s.budget = 100000;
	assert_int_equal(gpuas_snapshot_roots(&m->s), 0);
	gpuas_snapshot_capture(&m->s);
	assert_true(m->s.cut);
	assert_false(m->s.has_handoff);
	/* One whose size in granules is 2^64. */
	manifest->region[TEXT].size = manifest->region[SHARED].size = 0;
	manifest->region[DATA].pa = gpuas_pa(0);
	manifest->region[DATA].size = ~0ULL;
	m->s.budget = 200000;
	gpuas_snapshot_capture(&m->s);
	assert_true(m->s.cut);
	assert_int_equal(extents_of(&m->s, GPUAS_SNAP_MEMORY, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SNAP_TEST(spaces_are_those_of_board_and_contexts),
		SNAP_TEST(a_root_of_several_contexts_is_listed_once),
		SNAP_TEST(roots_that_do_not_fit_are_said),
		SNAP_TEST(extents_say_what_is_mapped_and_whose_it_is),
		SNAP_TEST(every_region_is_an_extent_by_its_pa),
		SNAP_TEST(every_table_is_an_extent_once),
		SNAP_TEST(a_table_next_to_a_shared_one_is_an_extent_once_too),
		SNAP_TEST(two_roots_of_one_half_share_their_tables),
		SNAP_TEST(lent_tables_and_no_map_are_told),
		SNAP_TEST(cycles_and_shared_tables_are_findings),
		SNAP_TEST(entries_that_nobody_can_follow_are_findings),
		SNAP_TEST(roots_that_cannot_be_opened_are_findings),
		SNAP_TEST(a_table_full_of_garbage_is_one_extent),
		SNAP_TEST(the_last_page_of_a_half_is_there),
		SNAP_TEST(blocks_are_as_present_as_their_pages),
		SNAP_TEST(only_what_is_alike_is_joined),
		SNAP_TEST(a_part_is_opened_below_the_root),
		SNAP_TEST(mappings_that_are_not_the_manifests_are_findings),
		SNAP_TEST(a_budget_ends_the_walk_anywhere),
		SNAP_TEST(what_does_not_fit_is_counted),
		SNAP_TEST(what_is_lost_is_joined_too),
		SNAP_TEST(nobody_takes_all_of_the_budget),
		SNAP_TEST(without_memory_for_tables_the_work_is_bounded_all_the_same),
		SNAP_TEST(addresses_ascend),
		SNAP_TEST(a_manifest_may_be_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
