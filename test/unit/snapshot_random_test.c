// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random trees of all formats, several of them over the same memory, with entries that
 * nobody in his right mind would write: a snapshot says of each granule of each leaf table
 * what a walker of this file's own says, and the file holds that.
 */
#include "shapes.h"
#include "snaps.h"

#define TREES	3u

static uint64_t word;

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift" */
static uint64_t below(uint64_t n)
{
	word ^= word >> 12;
	word ^= word << 25;
	word ^= word >> 27;
	return (word * 0x2545f4914f6cdd1dULL >> 20) % n;
}

/* What a walker finds at a VA: the level that it ends at, and the entry; and each table once. */
struct end {
	unsigned int level;
	uint64_t entry;
	uint64_t table;
};

static struct end walk_to(struct snap *m, const struct gpuas_geometry *geo, uint64_t table,
			  unsigned int top, uint64_t va)
{
	const unsigned int gs = geo->format->granule_shift, bits = gs - 3;
	struct end end = { .level = top, .table = table };

	va &= (1ULL << geo->va_bits) - 1;
	for (;; end.level--) {
		const uint64_t *entries = ram_at(m->ram, end.table, 1ULL << gs);

		assert_non_null(entries);
		end.entry = entries[(va >> (gs + end.level * bits)) & ((1u << bits) - 1)];
		if (!end.level || (end.entry & 3) != 3)
			return end;
		end.table = end.entry & 0xfffffffff000ULL & ~((1ULL << gs) - 1);
	}
}

static unsigned int span_shift(const struct gpuas_geometry *geo, unsigned int level)
{
	return geo->format->granule_shift + level * (geo->format->granule_shift - 3u);
}

/* One granule, said by the snapshot and by the walker. */
static void assert_granule(struct snap *m, uint16_t i, const struct gpuas_space *space, uint64_t va)
{
	const struct gpuas_geometry *geo = &space->geo;
	const struct gpuas_snap_extent *extent = extent_at(&m->s, i, va);
	const struct end end = walk_to(m, geo, gpuas_pa_u64(space->root), space->top, va);
	const uint64_t span = 1ULL << span_shift(geo, end.level);
	const uint64_t pa = (end.entry & 0xfffffffff000ULL & ~(span - 1)) + (va & (span - 1));
	const bool leaf = (end.entry & 3) == (end.level ? 1 : 3);

	if (!end.entry) {
		assert_null(extent);
		return;
	}
	assert_non_null(extent);
	assert_int_equal(extent->level, end.level);
	assert_int_equal(extent->kind, leaf ? GPUAS_SNAP_LEAF : GPUAS_SNAP_ODD);
	if (!leaf) {
		assert_int_equal(extent->raw, end.entry);
		return;
	}
	assert_int_equal(gpuas_pa_u64(extent->pa) + (va - gpuas_va_u64(extent->va)), pa);
	assert_int_equal(extent->attr, gpuas_format_decode(geo->format, end.entry));
	assert_int_equal(extent->raw, end.entry & ~(0xffffffffffffULL & ~(span - 1)));
	assert_int_equal(extent->missing == GPUAS_SNAP_PRESENT,
			 !!ram_at(m->ram, pa, 1ULL << geo->format->granule_shift));
}

/* No two that could be one; nothing of a space but what is in its half. */
static void assert_joined(const struct gpuas_snapshot *s)
{
	uint32_t i;

	for (i = 1; i < s->extents; i++) {
		const struct gpuas_snap_extent *a = &s->extent[i - 1], *b = &s->extent[i];

		if (a->kind != b->kind || a->space != b->space || a->kind != GPUAS_SNAP_LEAF)
			continue;
		assert_true(gpuas_va_u64(a->va) + a->size <= gpuas_va_u64(b->va));
		if (gpuas_va_u64(a->va) + a->size == gpuas_va_u64(b->va) &&
		    gpuas_pa_u64(a->pa) + a->size == gpuas_pa_u64(b->pa))
			assert_true(a->raw != b->raw || a->level != b->level ||
				    a->missing != b->missing);
	}
}

static void spoil(struct snap *m, const struct gpuas_space *space, uint64_t va)
{
	const struct end end = walk_to(m, &space->geo, gpuas_pa_u64(space->root), space->top, va);
	const unsigned int gs = space->geo.format->granule_shift;
	uint64_t *entry = ram_at(m->ram, end.table, 1ULL << gs);

	entry += va >> span_shift(&space->geo, end.level) & ((1u << (gs - 3)) - 1);
	switch (below(4)) {
	case 0:
		*entry = below(1 << 20) << 2;			/* invalid */
		break;
	case 1:
		*entry ^= end.entry ? 1ULL << (55 + below(4)) : 0;	/* without meaning */
		break;
	case 2:
		*entry = end.level ? 0 : (PAGES_AT + (below(64) << gs)) | 0x401;	/* reserved */
		break;
	default:
		*entry = end.level ? 0 : (RAM_BASE + RAM_SIZE - (2ULL << gs) + (below(4) << gs)) |
						 (end.entry & 3 ? end.entry & 0xffc : 0x400) | 3;
	}
}

/* Things are done in some windows of a few leaf tables, so that they meet. */
static uint64_t some_va(const struct shape *shape)
{
	const unsigned int gs = shape->geo.format->granule_shift;

	return shape->base + (below(3) << span_shift(&shape->geo, 1)) + (below(24) << gs);
}

static void fill(struct snap *m, const struct shape *shape, struct gpuas_space *space)
{
	const unsigned int gs = shape->geo.format->granule_shift;
	gpuas_attr_t attr[2] = { RIGHTS, GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED };
	unsigned int i;

	if (!shape->geo.format->owner_bit)
		attr[0] = LOW_RIGHTS;
	for (i = 0; i < 40; i++) {
		const uint64_t size = (1 + below(12)) << gs;
		const uint64_t pa = below(8) ? PAGES_AT + (below(40) << gs) :
					       RAM_BASE + RAM_SIZE - (below(9) << gs);

		if (below(4))
			gpuas_map(space, gpuas_va(some_va(shape)), gpuas_pa(pa), size,
				  attr[below(2)]);
		else
			gpuas_unmap(space, gpuas_va(some_va(shape)), size);
	}
	if (shape->geo.blocks)
		gpuas_map(space, gpuas_va(shape->base + (4ULL << span_shift(&shape->geo, 1))),
			  gpuas_pa(RAM_BASE & ~((1ULL << span_shift(&shape->geo, 1)) - 1)),
			  2ULL << span_shift(&shape->geo, 1), attr[0]);
	for (i = below(6); i--;)
		spoil(m, space, some_va(shape));
}

static void assert_space(struct snap *m, uint16_t i, const struct shape *shape,
			 const struct gpuas_space *space)
{
	const unsigned int gs = shape->geo.format->granule_shift;
	uint64_t span, at;

	for (span = 0; span < 6; span++) {
		for (at = 0; at < 40; at++)
			assert_granule(m, i, space, shape->base +
				       (span << span_shift(&shape->geo, 1)) + (at << gs));
	}
	for (at = 0; at < 500; at++)
		assert_granule(m, i, space, gpuas_va_u64(gpuas_va(space->base)) +
			       (below(space->last >> gs) << gs));
}

/* All of the file against the RAM, and some parts of it against all. */
static void assert_bytes(struct snap *m)
{
	const struct gpuas_core_info info = { .why = "a test" };
	static uint8_t all[RAM_SIZE + (1 << 20)], part[100000];
	uint64_t limit = below(4) ? ~0ULL : 0x20000 + below(0x200000);
	struct gpuas_core core;
	unsigned int i;

	if (gpuas_core_init(&core, &m->s, &info, limit))
		return;
	assert_true(core.size <= limit && core.size <= sizeof(all));
	assert_int_equal(gpuas_core_read(&core, 0, all, sizeof(all)), core.size);
	for (i = 0; i < m->s.extents; i++) {
		const struct gpuas_snap_extent *extent = &m->extent[i];

		if (!extent->missing)
			assert_memory_equal(all + extent->offset,
					    ram_at(m->ram, gpuas_pa_u64(extent->pa), extent->size),
					    extent->size);
	}
	for (i = 0; i < 50; i++) {
		const uint64_t offset = below(core.size);
		const size_t count = (size_t)gpuas_core_read(&core, offset, part,
							     1 + below(sizeof(part)));

		assert_memory_equal(part, all + offset, count);
	}
	assert_int_equal(core.torn, 0);
}

static void one_round(const struct shape *shape)
{
	struct snap *m = snap_empty();
	struct gpuas_space space[TREES];
	struct gpuas_env env;
	unsigned int i;

	ram_env = m->ram->env;
	env = m->ram->env;
	if (shape->geo.format == &gpuas_format_lpae_4k) {
		env.table_alloc = alloc4;
		env.table_free = free4;
	}
	for (i = 0; i < TREES; i++) {
		assert_int_equal(gpuas_space_create(&space[i], &shape->geo, &shape->window, &env), 0);
		fill(m, shape, &space[i]);
		snap_add(m, &shape->geo, gpuas_pa_u64(space[i].root))->tag = (uint8_t)(0x60 + i);
	}
	gpuas_snapshot_capture(&m->s);
	assert_false(m->s.cut);
	assert_int_equal(m->s.extents_lost, 0);
	for (i = 0; i < TREES; i++)
		assert_space(m, (uint16_t)i, shape, &space[i]);
	assert_joined(&m->s);
	assert_bytes(m);
	ram_delete(m->ram);
	free(m);
}

static void rounds_of(const struct shape *shape)
{
	uint64_t i;

	for (i = 0; i < rounds; i++) {
		word = (seed + i) * 0x9e3779b97f4a7c15ULL | 1;
		one_round(shape);
	}
	print_message("# seeds %llu to %llu\n", (unsigned long long)seed,
		      (unsigned long long)(seed + rounds - 1));
}

#define RANDOM(name, shape) \
static void name(void **state) \
{ \
	(void)state; \
	rounds_of(&shape); \
}

RANDOM(uat_with_three_levels, uat)
RANDOM(lpae_16k_with_four_levels, four_levels_16k)
RANDOM(lpae_16k_with_two_levels, two_levels_16k)
RANDOM(lpae_4k_with_four_levels, four_levels_4k)
RANDOM(lpae_4k_with_three_levels, three_levels_4k)
RANDOM(lpae_4k_without_blocks, pages_4k)

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(uat_with_three_levels),
	cmocka_unit_test(lpae_16k_with_four_levels),
	cmocka_unit_test(lpae_16k_with_two_levels),
	cmocka_unit_test(lpae_4k_with_four_levels),
	cmocka_unit_test(lpae_4k_with_three_levels),
	cmocka_unit_test(lpae_4k_without_blocks),
};

SEEDED_MAIN(tests, 20)
