// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Handles that are opened at a table below the root, which is lent: every operation, in
 * every format, at every level, at the first, some, and the last VA of the half.
 */
#include "lent.h"

#define PA		0x840000000ULL		/* somewhere to map to, 1 GiB-aligned */
#define HOLE		(-(int64_t)GPUAS_ENOENT)

static const struct shape shapes[] = {
	{ { .format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 40, .upper = true }, UAT_ATTR },
	{ { .format = &gpuas_format_uat, .va_bits = 42, .pa_bits = 42, .upper = true }, UAT_ATTR },
	{ { .format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 40 }, UAT_ATTR },
	{ { .format = &gpuas_format_lpae_16k, .va_bits = 48, .pa_bits = 48, .blocks = true },
	  LPAE_ATTR },
#ifndef LENT_SMALL
	{ { .format = &gpuas_format_lpae_4k, .va_bits = 48, .pa_bits = 48, .blocks = true },
	  LPAE_ATTR },
	{ { .format = &gpuas_format_lpae_4k, .va_bits = 48, .pa_bits = 48, .upper = true,
	    .blocks = true }, LPAE_ATTR },
	{ { .format = &gpuas_format_lpae_4k, .va_bits = 39, .pa_bits = 40 }, LPAE_ATTR },
	{ { .format = &gpuas_format_lpae_64k, .va_bits = 48, .pa_bits = 48, .upper = true,
	    .blocks = true }, LPAE_ATTR },
#endif
};

/* What is tested now; left behind by a test that failed. */
static struct machine *now;
static unsigned int now_where;

static int say_where(void **state)
{
	(void)state;
	if (!now)
		return 0;
	print_message("# %s, %u bits, %s half, level %u, place %u\n",
		      now->shape->geo.format->name, now->shape->geo.va_bits,
		      now->shape->geo.upper ? "upper" : "lower", now->level, now_where);
	machine_delete(now);
	now = NULL;
	return 0;
}

/* Every shape, every level from @lowest on, every place. */
static void each_from(unsigned int lowest, void (*test)(struct machine *m))
{
	unsigned int i, level, top = 0, cases = 0;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (level = lowest; level == lowest || level <= top; level++) {
			for (now_where = BOTTOM; now_where <= TOP; now_where++, cases++) {
				now = machine_new(&shapes[i], level, (enum where)now_where);
				top = now->top;
				test(now);
				machine_delete(now);
				now = NULL;
			}
		}
	}
	print_message("# %u tables that are lent\n", cases);
}

static void each(void (*test)(struct machine *m))
{
	each_from(0, test);
}

static uint64_t first_va(const struct machine *m)
{
	return gpuas_va_u64(m->window.va);
}

/* Behind the window; 0 at the top of the address space. */
static uint64_t end_va(const struct machine *m)
{
	return first_va(m) + m->window.size;
}

/* Two pages in two entries of the lent table, or at least in two leaf tables. */
static uint64_t two_pages(const struct machine *m)
{
	unsigned int level = window_entries(m) > 1 ? m->level : 1;

	return first_va(m) + (level ? 1ULL << shift_at(m, level) : 2 * m->granule) - m->granule;
}

static int map(struct machine *m, struct gpuas_space *s, uint64_t va, uint64_t pa, uint64_t size)
{
	return gpuas_map(s, gpuas_va(va), gpuas_pa(pa), size, m->shape->attr);
}

static int unmap(struct gpuas_space *s, uint64_t va, uint64_t size)
{
	return gpuas_unmap(s, gpuas_va(va), size);
}

static gpuas_attr_t read_only(const struct machine *m)
{
	return m->shape->attr & ~(gpuas_attr_t)(GPUAS_FW_WRITE | GPUAS_GPU_WRITE | GPUAS_GPU_EXEC);
}

/* The library, from the lent table, and a walker, from the root, find the same. */
static void finds(struct machine *m, struct gpuas_space *s, uint64_t va, int64_t pa)
{
	gpuas_pa_t out = gpuas_pa(0);
	gpuas_attr_t attr;
	int err = gpuas_translate(s, gpuas_va(va + 5), &out, NULL);

	assert_int_equal(pa_from(m, va), pa);
	assert_int_equal(err, pa < 0 ? pa : 0);
	assert_int_equal(gpuas_translate(s, gpuas_va(va + 5), &out, &attr), err);
	if (!err)
		assert_int_equal(gpuas_pa_u64(out), pa + 5);
}

static void flushed(const struct machine *m, unsigned int h, uint64_t va, uint64_t size)
{
	assert_int_equal(m->host[h].flush_va, va);
	assert_int_equal(m->host[h].flush_size, size);
}

/*
 * Every operation
 */

static void path_is_right(struct machine *m, struct gpuas_space *s, uint64_t va)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	struct found found = walk_from(m, va);
	unsigned int steps, i;

	assert_int_equal(gpuas_path(s, gpuas_va(va), step, &steps), 0);
	assert_int_equal(steps, m->level - found.level + 1);
	assert_int_equal(gpuas_pa_u64(step[0].table), m->lent);
	for (i = 0; i < steps; i++) {
		uint64_t span = 1ULL << shift_at(m, m->level - i);

		assert_int_equal(step[i].level, m->level - i);
		assert_int_equal(step[i].size, span);
		assert_int_equal(gpuas_va_u64(step[i].va), va & ~(span - 1));
		assert_int_equal(step[i].index, ((va - half_base(m)) / span) % (m->granule / 8));
		assert_true(step[i].window);
		assert_int_equal(step[i].owned, i + 1 < steps);
	}
	assert_int_equal(gpuas_pa_u64(step[i - 1].table), found.table);
	assert_int_equal(step[i - 1].entry, *found.entry);
}

static void maps_and_unmaps(struct machine *m, struct gpuas_space *s)
{
	uint64_t va = two_pages(m), g = m->granule, top = end_va(m) - g;

	assert_int_equal(map(m, s, va, PA + g, 2 * g), 0);
	assert_int_equal(map(m, s, top, PA, g), 0);
	machine_check(m);
	finds(m, s, va, PA + g);
	finds(m, s, va + g, PA + 2 * g);
	finds(m, s, va - g, HOLE);
	finds(m, s, va + 2 * g, HOLE);
	finds(m, s, top, PA);
	path_is_right(m, s, va);
	path_is_right(m, s, top);
	REFUSED_BY(m, s, map(m, s, va + g, PA, g), GPUAS_EEXIST);
	REFUSED_BY(m, s, map(m, s, va, PA, 2 * g), GPUAS_EEXIST);
	assert_int_equal(unmap(s, va, g), 0);
	flushed(m, 0, va, g);
	assert_int_equal(unmap(s, va, 2 * g), 0);
	flushed(m, 0, va, 2 * g);
	machine_check(m);
	finds(m, s, va, HOLE);
	finds(m, s, va + g, HOLE);
	finds(m, s, top, PA);
	assert_int_equal(s->tables, tables_of(&m->host[0]));
	assert_int_equal(s->tables, m->level);
	/* Out of the middle of a table that stays. */
	assert_int_equal(map(m, s, top - 2 * g, PA, 2 * g), 0);
	assert_int_equal(unmap(s, top - g, g), 0);
	flushed(m, 0, top - g, g);
	assert_int_equal(unmap(s, top - 2 * g, 3 * g), 0);
	flushed(m, 0, top - 2 * g, 3 * g);
	assert_int_equal(s->tables, 0);
	machine_untouched(m);
}

static void lists_and_changes(struct machine *m, struct gpuas_space *s)
{
	uint64_t va = two_pages(m), g = m->granule;
	const struct gpuas_extent list[2] = {
		{ .pa = gpuas_pa(PA + 9 * g), .size = g }, { .pa = gpuas_pa(PA), .size = g },
	};
	const struct gpuas_extent back[2] = { list[1], list[0] };
	unsigned int tables = s->tables;
	gpuas_attr_t attr;
	gpuas_pa_t pa;

	assert_int_equal(gpuas_map_list(s, gpuas_va(va), list, 2, m->shape->attr), 0);
	finds(m, s, va, PA + 9 * g);
	finds(m, s, va + g, PA);
	assert_int_equal(gpuas_protect(s, gpuas_va(va), 2 * g, read_only(m)), 0);
	flushed(m, 0, va, 2 * g);
	machine_check(m);
	assert_int_equal(gpuas_translate(s, gpuas_va(va + g), &pa, &attr), 0);
	assert_int_equal(attr, read_only(m));
	assert_int_equal(gpuas_replace(s, gpuas_va(va), back, 2, m->shape->attr), 0);
	flushed(m, 0, va, 2 * g);
	finds(m, s, va, PA);
	finds(m, s, va + g, PA + 9 * g);
	machine_check(m);
	assert_int_equal(unmap(s, va, 2 * g), 0);
	assert_int_equal(gpuas_map_repeat(s, gpuas_va(va), gpuas_pa(PA + g), g, 2 * g,
					  m->shape->attr), 0);
	finds(m, s, va, PA + g);
	finds(m, s, va + g, PA + g);
	machine_check(m);
	assert_int_equal(unmap(s, va, 2 * g), 0);
	assert_int_equal(s->tables, tables);
}

static void counts_and_gathers(struct machine *m, struct gpuas_space *s)
{
	uint64_t va = two_pages(m), g = m->granule;
	unsigned int flushes;
	uint32_t tables = ~0u, want = 2 * m->level;

	if (window_entries(m) == 1)
		want = m->level + 1;
	assert_int_equal(gpuas_count_tables(s, gpuas_va(va), 2 * g, &tables), 0);
	assert_int_equal(tables, want);
	assert_int_equal(gpuas_reserve(s, tables), 0);
	m->host[0].fail_at = 1;
	assert_int_equal(map(m, s, va, PA, 2 * g), 0);
	m->host[0].fail_at = 0;
	assert_int_equal(s->tables, want);
	assert_int_equal(s->spares, 0);
	machine_check(m);
	flushes = m->host[0].flushes;
	gpuas_gather_begin(s);
	assert_int_equal(unmap(s, va, g), 0);
	assert_int_equal(unmap(s, va + g, g), 0);
	assert_int_equal(m->host[0].flushes, flushes);
	assert_int_equal(tables_of(&m->host[0]), want);
	gpuas_gather_end(s);
	assert_int_equal(m->host[0].flushes, flushes + 1);
	flushed(m, 0, va, 2 * g);
	machine_untouched(m);
}

/* A block of each level that has them, in the lent table or below. */
static void blocks(struct machine *m, struct gpuas_space *s)
{
	unsigned int level;

	for (level = 1; level <= m->level; level++) {
		uint64_t span = 1ULL << shift_at(m, level), g = m->granule;
		uint64_t va = end_va(m) - span;

		if (!m->shape->geo.blocks || !(m->shape->geo.format->block_levels >> level & 1))
			continue;
		assert_int_equal(map(m, s, va, PA, span), 0);
		assert_int_equal(walk_from(m, va).level, level);
		assert_int_equal(s->tables, m->level - level);
		finds(m, s, va + span - g, (int64_t)(PA + span - g));
		machine_check(m);
		assert_int_equal(gpuas_protect(s, gpuas_va(va), span, read_only(m)), 0);
		/* The last page of all: what is left is split. */
		assert_int_equal(unmap(s, va + span - g, g), 0);
		machine_check(m);
		finds(m, s, va + span - 2 * g, (int64_t)(PA + span - 2 * g));
		finds(m, s, va + span - g, HOLE);
		assert_int_equal(s->tables, m->level);
		assert_int_equal(unmap(s, va, span), 0);
		machine_untouched(m);
	}
}

static int next_step(void *ctx, const struct gpuas_step *step)
{
	struct gpuas_step *last = ctx;

	*last = *step;
	return 1;
}

static int count_step(void *ctx, const struct gpuas_step *step)
{
	(void)step;
	++*(unsigned int *)ctx;
	return 0;
}

/* One step at a time, by a cursor that is all that is kept. */
static void visits(struct machine *m, struct gpuas_space *s)
{
	uint64_t va = two_pages(m), g = m->granule;
	unsigned int all = 0, some = 0, budget, own = 0, i;
	struct gpuas_cursor cursor;
	struct gpuas_step step;
	int err = 0;

	assert_int_equal(map(m, s, va, PA, 2 * g), 0);
	assert_int_equal(gpuas_visit_all(s, count_step, &all), 0);
	assert_int_equal(gpuas_cursor_init(&cursor, s, gpuas_va(0), 0), 0);
	for (i = 0; cursor.next <= cursor.last || cursor.leaving; i++) {
		assert_true(i < 1u << 20);
		budget = 3000;
		err = gpuas_visit_some(s, &cursor, &budget, next_step, &step);
		some += err == 1;
		own += err == 1 && step.kind == GPUAS_PAGE && step.window;
		if (err == 1 && step.kind == GPUAS_PAGE)
			assert_int_equal(gpuas_pa_u64(step.pa), pa_from(m, gpuas_va_u64(step.va)));
	}
	assert_int_equal(some, all);
	assert_int_equal(own, 2);
	all = 0;
	assert_int_equal(gpuas_visit(s, gpuas_va(va), 2 * g, count_step, &all), 0);
	assert_int_equal(all, 2 + 2 * m->level - (m->level ? m->level - 1 : 0) *
			      (window_entries(m) == 1));
	assert_int_equal(unmap(s, va, 2 * g), 0);
	machine_untouched(m);
}

static void works(struct machine *m, struct gpuas_space *s)
{
	maps_and_unmaps(m, s);
	lists_and_changes(m, s);
	counts_and_gathers(m, s);
	blocks(m, s);
	visits(m, s);
}

static void works_in_any_table(struct machine *m)
{
	struct gpuas_space space;

	assert_int_equal(open_at(m, &space, 0), 0);
	machine_untouched(m);
	works(m, &space);
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void every_operation_works_in_any_table(void **state)
{
	(void)state;
	each(works_in_any_table);
}

/*
 * Release, and come back
 */

/* A page in each entry of the window but the last, there the largest block, or a page. */
static void fill(struct machine *m, struct gpuas_space *s, uint64_t pa)
{
	uint64_t g = m->granule, size = g, va = first_va(m);
	unsigned int i, level;

	for (i = 0; i + 1 < window_entries(m); i++)
		assert_int_equal(map(m, s, va + i * entry_span(m), pa + i * g, g), 0);
	for (level = 1; m->shape->geo.blocks && level <= m->level; level++) {
		if (m->shape->geo.format->block_levels >> level & 1)
			size = 1ULL << shift_at(m, level);
	}
	assert_int_equal(map(m, s, end_va(m) - size, pa, size), 0);
	machine_check(m);
	for (i = 0; i + 1 < window_entries(m); i++)
		finds(m, s, va + i * entry_span(m), (int64_t)(pa + i * g));
	finds(m, s, end_va(m) - g, (int64_t)(pa + size - g));
}

static void comes_and_goes(struct machine *m)
{
	struct gpuas_space space;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(open_at(m, &space, 0), 0);
		fill(m, &space, PA);
		/* In use: nobody else can have the window. */
		if (i == 1)
			assert_int_equal(open_at(m, &(struct gpuas_space) { .top = 0 }, 1),
					 -GPUAS_EBUSY);
		if (i == 2) {
			assert_int_equal(gpuas_reserve(&space, 3), 0);
			gpuas_gather_begin(&space);
			assert_int_equal(unmap(&space, end_va(m) - m->granule, m->granule), 0);
		}
		gpuas_space_release(&space);
		flushed(m, 0, first_va(m), m->window.size);
		machine_untouched(m);
	}
}

static void release_leaves_everything_as_it_was(void **state)
{
	(void)state;
	each(comes_and_goes);
}

/* The host sees its memory elsewhere from now on; where it was, there is something else. */
static void move_memory(struct machine *m)
{
	size_t size = (size_t)(ALL_TABLES * m->granule);
	uint8_t *mem = malloc(size);
	unsigned int n;

	assert_non_null(mem);
	memcpy(mem, m->mem, size);
	free(m->mem);
	m->mem = mem;
	for (n = 0; n < TABLES; n++)
		m->host[0].record[n].ptr = entry_in(m, pa_at(m, n), 0);
}

static void moves(struct machine *m)
{
	struct gpuas_space space;

	assert_int_equal(open_at(m, &space, 0), 0);
	fill(m, &space, PA);
	m->host[0].lends_no = true;
	REFUSED_BY(m, &space, gpuas_space_reopen(&space), GPUAS_EFAULT);
	m->host[0].lends_no = false;
	gpuas_gather_begin(&space);
	assert_int_equal(gpuas_space_reopen(&space), -GPUAS_EBUSY);
	gpuas_gather_end(&space);
	move_memory(m);
	assert_int_equal(gpuas_space_reopen(&space), 0);
	machine_check(m);
	finds(m, &space, end_va(m) - m->granule, pa_from(m, end_va(m) - m->granule));
	assert_int_equal(unmap(&space, first_va(m), m->window.size), 0);
	flushed(m, 0, first_va(m), m->window.size);
	machine_untouched(m);
	works(m, &space);
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void a_host_may_move_and_reopen(void **state)
{
	(void)state;
	each(moves);
}

/*
 * What is refused
 */

static void all_refused(struct machine *m, struct gpuas_space *s, uint64_t va, uint64_t size,
			int map_err, int err)
{
	const struct gpuas_extent list = { .pa = gpuas_pa(PA), .size = size };
	gpuas_attr_t attr = m->shape->attr;
	uint32_t tables;

	REFUSED_BY(m, s, map(m, s, va, PA, size), map_err);
	REFUSED_BY(m, s, gpuas_map_list(s, gpuas_va(va), &list, 1, attr), map_err);
	REFUSED_BY(m, s, gpuas_map_repeat(s, gpuas_va(va), gpuas_pa(PA), m->granule, size, attr),
		   map_err);
	REFUSED_BY(m, s, gpuas_count_tables(s, gpuas_va(va), size, &tables), map_err);
	REFUSED_BY(m, s, unmap(s, va, size), err);
	REFUSED_BY(m, s, gpuas_protect(s, gpuas_va(va), size, read_only(m)), err);
	REFUSED_BY(m, s, gpuas_replace(s, gpuas_va(va), &list, 1, attr), err);
}

/* Not in what the table covers, for those who only read as well. */
static void not_covered(struct machine *m, struct gpuas_space *s, uint64_t va)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	struct gpuas_cursor cursor;
	unsigned int n = 0;
	gpuas_pa_t pa;

	all_refused(m, s, va, m->granule, GPUAS_ERANGE, GPUAS_ERANGE);
	assert_int_equal(gpuas_translate(s, gpuas_va(va), &pa, NULL), -GPUAS_ERANGE);
	assert_int_equal(gpuas_translate(s, gpuas_va(va), &pa, &(gpuas_attr_t) { 0 }),
			 -GPUAS_ERANGE);
	assert_int_equal(gpuas_path(s, gpuas_va(va), step, &n), -GPUAS_ERANGE);
	assert_int_equal(gpuas_visit(s, gpuas_va(va), m->granule, count_step, &n), -GPUAS_ERANGE);
	assert_int_equal(gpuas_cursor_init(&cursor, s, gpuas_va(va), m->granule), -GPUAS_ERANGE);
	assert_int_equal(n, 0);
}

static void refuses(struct machine *m)
{
	uint64_t g = m->granule, end = m->cover + m->entries * entry_span(m);
	struct gpuas_space space;

	assert_int_equal(open_at(m, &space, 0), 0);
	/* Knows attributes and tables. */
	fill(m, &space, PA);
	not_covered(m, &space, m->cover - g);
	not_covered(m, &space, end);
	not_covered(m, &space, m->cover ^ 1ULL << 63);
	not_covered(m, &space, m->cover ^ (uint64_t)m->entries * entry_span(m));
	all_refused(m, &space, end - g, 2 * g, end ? GPUAS_ERANGE : GPUAS_EOVERFLOW,
		    end ? GPUAS_ERANGE : GPUAS_EOVERFLOW);
	all_refused(m, &space, m->cover - g, 2 * g, m->cover ? GPUAS_ERANGE : GPUAS_EOVERFLOW,
		    m->cover ? GPUAS_ERANGE : GPUAS_EOVERFLOW);
	if (m->first) {
		all_refused(m, &space, first_va(m) - g, g, GPUAS_EPERM, GPUAS_EPERM);
		all_refused(m, &space, first_va(m) - g, 2 * g, GPUAS_EPERM, GPUAS_EPERM);
		all_refused(m, &space, m->cover, g, GPUAS_EPERM, GPUAS_EPERM);
	}
	if (end_va(m) != end) {
		all_refused(m, &space, end_va(m), g, GPUAS_EPERM, GPUAS_EPERM);
		all_refused(m, &space, end_va(m) - g, 2 * g, GPUAS_EPERM, GPUAS_EPERM);
		all_refused(m, &space, end - g, g, GPUAS_EPERM, GPUAS_EPERM);
	}
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void what_lies_outside_is_refused(void **state)
{
	(void)state;
	each(refuses);
}

static void open_refused(struct machine *m, unsigned int level, uint64_t va, uint64_t size,
			 uint64_t table, int err)
{
	const struct gpuas_range window = { .va = gpuas_va(va), .size = size };
	struct gpuas_space space;

	assert_int_equal(gpuas_space_adopt_at(&space, &m->shape->geo, level, &window,
					      gpuas_pa(table), &m->host[0].env), -err);
	machine_untouched(m);
}

/* Anything in the window, also at its end. */
static void not_empty(struct machine *m)
{
	static const uint64_t entry[] = { 1, 2, 3, 0x1000, 1ULL << 63, PA | 0x403 };
	unsigned int i, last = window_entries(m) - 1;

	for (i = 0; i < sizeof(entry) / sizeof(entry[0]); i++) {
		*lent_entry(m, i % 2 ? last : 0) = entry[i];
		machine_note(m);
		open_refused(m, m->level, first_va(m), m->window.size, m->lent, GPUAS_EBUSY);
		*lent_entry(m, i % 2 ? last : 0) = 0;
	}
	machine_note(m);
}

static void opens_not(struct machine *m)
{
	uint64_t va = first_va(m), size = m->window.size, span = entry_span(m), g = m->granule;
	uint64_t all = m->entries * span, end = m->cover + all;

	open_refused(m, m->level, va + span / 2, size, m->lent, GPUAS_EINVAL);
	open_refused(m, m->level, va, size - span / 2, m->lent, GPUAS_EINVAL);
	open_refused(m, m->level, va + 1, size, m->lent, GPUAS_EINVAL);
	open_refused(m, m->top + 1, va, size, m->lent, GPUAS_EINVAL);
	open_refused(m, ~0u, va, size, m->lent, GPUAS_EINVAL);
	open_refused(m, m->level, va, size, m->lent + g / 2, GPUAS_EINVAL);
	open_refused(m, m->level, va, size, m->lent + 8, GPUAS_EINVAL);
	open_refused(m, m->level, va, size, 1ULL << m->shape->geo.pa_bits, GPUAS_EINVAL);
	open_refused(m, m->level, va, size, m->lent | 1ULL << 63, GPUAS_EINVAL);
	open_refused(m, m->level, va, size, LENT_RAM - g, GPUAS_EFAULT);
	open_refused(m, m->level, va, size, LENT_RAM + ALL_TABLES * g, GPUAS_EFAULT);
	/* More than the table covers, at either end; not in the half. */
	open_refused(m, m->level, end - span, 2 * span, m->lent,
		     end ? GPUAS_ERANGE : GPUAS_EOVERFLOW);
	open_refused(m, m->level, m->cover, all + span, m->lent,
		     end ? GPUAS_ERANGE : GPUAS_EOVERFLOW);
	open_refused(m, m->level, half_base(m) ^ 1ULL << 62, span, m->lent, GPUAS_ERANGE);
	open_refused(m, m->level, va, 0 - span, m->lent,
		     va + (0 - span - 1) < va ? GPUAS_EOVERFLOW : GPUAS_ERANGE);
	not_empty(m);
}

static void what_cannot_be_opened_is_refused(void **state)
{
	(void)state;
	each(opens_not);
}

static void opens_to_read(struct machine *m)
{
	const struct gpuas_range none = { .va = gpuas_va(m->cover + 5), .size = 0 };
	struct gpuas_space space;
	unsigned int all = 0;

	/* What is in use can be looked at. */
	*lent_entry(m, 0) = m->level ? pa_at(m, TABLES) | 3 : PA | 0x403;
	machine_note(m);
	assert_int_equal(gpuas_space_adopt_at(&space, &m->shape->geo, m->level, &none,
					      gpuas_pa(m->lent), &m->host[0].env), 0);
	all_refused(m, &space, m->cover, m->granule, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(m, &space, first_va(m), m->granule, GPUAS_EPERM, GPUAS_EPERM);
	not_covered(m, &space, m->cover - m->granule);
	assert_int_equal(gpuas_visit_all(&space, count_step, &all), 0);
	assert_true(all);
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void without_a_window_a_table_is_only_read(void **state)
{
	(void)state;
	each(opens_to_read);
}
/* Who gives no tables has what a leaf table holds, and no more. */
static void has_no_tables(struct machine *m)
{
	struct gpuas_env env = {
		.ctx = &m->host[0], .table_ptr = m->host[0].env.table_ptr,
		.flush = m->host[0].env.flush,
	};
	uint64_t va = first_va(m), g = m->granule;
	struct gpuas_space space;

	assert_int_equal(gpuas_space_adopt_at(&space, &m->shape->geo, m->level, &m->window,
					      gpuas_pa(m->lent), &env), 0);
	if (m->level) {
		REFUSED_BY(m, &space, map(m, &space, va, PA, g), GPUAS_EPERM);
		REFUSED_BY(m, &space, gpuas_reserve(&space, 1), GPUAS_EPERM);
		REFUSED_BY(m, &space, unmap(&space, va, g), 0);
	} else {
		works(m, &space);
		fill(m, &space, PA);
	}
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void a_leaf_table_needs_no_allocator(void **state)
{
	(void)state;
	each(has_no_tables);
}

/*
 * No memory
 */

static struct machine *poor;

static int poor_map(struct gpuas_space *s)
{
	return map(poor, s, two_pages(poor), PA, 2 * poor->granule);
}

static int poor_list(struct gpuas_space *s)
{
	const struct gpuas_extent list[2] = {
		{ .pa = gpuas_pa(PA + 9 * poor->granule), .size = poor->granule },
		{ .pa = gpuas_pa(PA), .size = poor->granule },
	};

	return gpuas_map_list(s, gpuas_va(two_pages(poor)), list, 2, poor->shape->attr);
}

static int poor_repeat(struct gpuas_space *s)
{
	return gpuas_map_repeat(s, gpuas_va(two_pages(poor)), gpuas_pa(PA), poor->granule,
				2 * poor->granule, poor->shape->attr);
}

static int poor_replace(struct gpuas_space *s)
{
	const struct gpuas_extent list = { .pa = gpuas_pa(PA), .size = 2 * poor->granule };

	return gpuas_replace(s, gpuas_va(two_pages(poor)), &list, 1, poor->shape->attr);
}

static int poor_reserve(struct gpuas_space *s)
{
	return gpuas_reserve(s, 5);
}

/* A part of a block that fills what the last entry of the lent table has at @level. */
static int poor_unmap(struct gpuas_space *s)
{
	return unmap(s, end_va(poor) - 2 * poor->granule, poor->granule);
}

static int poor_protect(struct gpuas_space *s)
{
	return gpuas_protect(s, gpuas_va(end_va(poor) - 2 * poor->granule), poor->granule,
			     read_only(poor));
}

/* The n-th allocation fails, for each n, and each time nothing has changed. */
static void starve(struct machine *m, struct gpuas_space *s, int (*call)(struct gpuas_space *s),
		   unsigned int allocs)
{
	unsigned int n;

	poor = m;
	for (n = 1; n <= allocs; n++) {
		m->host[0].fail_at = n;
		REFUSED_BY(m, s, call(s), GPUAS_ENOMEM);
		assert_int_equal(m->host[0].fail_at, 0);
	}
	m->host[0].fail_at = n;
	assert_int_equal(call(s), 0);
	assert_int_equal(m->host[0].fail_at, 1);
	m->host[0].fail_at = 0;
	machine_check(m);
	assert_int_equal(unmap(s, first_va(m), m->window.size), 0);
	gpuas_unreserve(s);
	machine_untouched(m);
}

static void starves(struct machine *m)
{
	unsigned int want = window_entries(m) == 1 ? m->level + 1 : 2 * m->level, level;
	struct gpuas_space space;

	assert_int_equal(open_at(m, &space, 0), 0);
	starve(m, &space, poor_map, want);
	starve(m, &space, poor_list, want);
	starve(m, &space, poor_repeat, want);
	starve(m, &space, poor_replace, want);
	starve(m, &space, poor_reserve, 5);
	for (level = 1; m->shape->geo.blocks && level <= m->level; level++) {
		uint64_t span = 1ULL << shift_at(m, level);

		if (!(m->shape->geo.format->block_levels >> level & 1))
			continue;
		assert_int_equal(map(m, &space, end_va(m) - span, PA, span), 0);
		starve(m, &space, poor_unmap, level);
		assert_int_equal(map(m, &space, end_va(m) - span, PA, span), 0);
		starve(m, &space, poor_protect, level);
	}
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void a_lack_of_memory_changes_nothing(void **state)
{
	(void)state;
	each(starves);
}

/*
 * What others write into the window
 */

/* Above the leaves: a table of theirs, or what nobody can read. */
static void others_above(struct machine *m, uint64_t entry, int map_err)
{
	uint64_t *slot, va = first_va(m), g = m->granule, span = entry_span(m);
	struct gpuas_space space;

	assert_int_equal(open_at(m, &space, 0), 0);
	slot = lent_entry(m, 0);
	*slot = entry;
	all_refused(m, &space, va, g, map_err, GPUAS_EPERM);
	all_refused(m, &space, va + span - g, g, map_err, GPUAS_EPERM);
	all_refused(m, &space, va, span, map_err, GPUAS_EPERM);
	/* From what is ours into what is not. */
	if (window_entries(m) > 1) {
		assert_int_equal(map(m, &space, va + span + g, PA, g), 0);
		all_refused(m, &space, va + span - g, 2 * g, map_err, GPUAS_EPERM);
		assert_int_equal(unmap(&space, va + span, g), 0);
	}
	gpuas_space_release(&space);
	assert_int_equal(*slot, entry);
	*slot = 0;
	machine_untouched(m);
}

/* A block is a block; who cannot have made it leaves it. */
static void others_block(struct machine *m)
{
	uint64_t *slot = lent_entry(m, 0), va = first_va(m), g = m->granule;
	const uint64_t entry = PA | 0x401;
	struct gpuas_space space;

	if (!(m->shape->geo.format->block_levels >> m->level & 1))
		return;
	assert_int_equal(open_at(m, &space, 0), 0);
	*slot = entry;
	REFUSED_BY(m, &space, map(m, &space, va + g, PA, g), GPUAS_EEXIST);
	assert_int_equal(unmap(&space, va + g, g), 0);
	finds(m, &space, va + g, HOLE);
	finds(m, &space, va, PA);
	finds(m, &space, va + entry_span(m) - g, (int64_t)(PA + entry_span(m) - g));
	machine_check(m);
	assert_int_equal(unmap(&space, va, entry_span(m)), 0);
	*slot = entry;
	gpuas_space_release(&space);
	assert_int_equal(*slot, m->shape->geo.blocks ? 0 : entry);
	*slot = 0;
	machine_untouched(m);
}

/* In a leaf table: a page, rubbish, and what looks like a break that is under way. */
static void others_leaf(struct machine *m)
{
	static const uint64_t entry[] = { PA | 0x403, 0x5550, PA | 0x402, PA | 0x401 };
	uint64_t *slot = lent_entry(m, 1), va = first_va(m) + m->granule, g = m->granule;
	struct gpuas_space space;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(open_at(m, &space, 0), 0);
		*slot = entry[i];
		finds(m, &space, va, i ? HOLE : (int64_t)PA);
		REFUSED_BY(m, &space, map(m, &space, va, PA, g), GPUAS_EEXIST);
		REFUSED_BY(m, &space, map(m, &space, va - g, PA, 3 * g), GPUAS_EEXIST);
		if (i == 2)
			REFUSED_BY(m, &space, gpuas_protect(&space, gpuas_va(va - g), 3 * g,
							    read_only(m)), GPUAS_EPERM);
		assert_int_equal(unmap(&space, va - g, 3 * g), 0);
		flushed(m, 0, va - g, 3 * g);
		machine_untouched(m);
		*slot = entry[i];
		gpuas_space_release(&space);
		/* A page in the window is the handle's; rubbish is nobody's. */
		assert_int_equal(*slot, i ? entry[i] : 0);
		*slot = 0;
		machine_untouched(m);
	}
}

static void others(struct machine *m)
{
	if (!m->level) {
		others_leaf(m);
		return;
	}
	others_above(m, pa_at(m, TABLES) | 3, GPUAS_EPERM);
	others_above(m, 0x5550, GPUAS_EEXIST);
	others_above(m, 2, GPUAS_EEXIST);
	if (!(m->shape->geo.format->block_levels >> m->level & 1))
		others_above(m, PA | 0x401, GPUAS_EEXIST);
	others_block(m);
}

/* PA of the table at @level, of the handle's, on the way to a VA. */
static uint64_t own_table(struct machine *m, struct gpuas_space *s, uint64_t va,
			  unsigned int level)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	unsigned int n;

	assert_int_equal(gpuas_path(s, gpuas_va(va), step, &n), 0);
	assert_true(n > m->level - level);
	return gpuas_pa_u64(step[m->level - level].table);
}

/* In the handle's own tables, which then stay until the release. */
static void others_below(struct machine *m)
{
	uint64_t va = first_va(m), g = m->granule;
	struct gpuas_space space;
	unsigned int level;
	uint64_t *slot, entry;

	for (level = 0; level < m->level; level++) {
		assert_int_equal(open_at(m, &space, 0), 0);
		assert_int_equal(map(m, &space, va, PA, g), 0);
		machine_check(m);
		slot = entry_in(m, own_table(m, &space, va, level), 100);
		entry = level ? pa_at(m, TABLES) | 3 : PA | 0x403;
		*slot = entry;
		assert_int_equal(unmap(&space, va, g), 0);
		machine_check(m);
		assert_int_equal(*slot, entry);
		assert_int_equal(space.tables, m->level - level);
		assert_int_equal(tables_of(&m->host[0]), m->level - level);
		gpuas_space_release(&space);
		machine_untouched(m);
	}
}

static void what_others_write_into_own_tables_keeps_them(void **state)
{
	(void)state;
	each_from(1, others_below);
}

static void what_others_write_into_the_window_stays_theirs(void **state)
{
	(void)state;
	each(others);
}

/*
 * Hostile links
 */

/* Whatever the answers are: each call ends, and what is not ours stays. */
static void try_everything(struct machine *m, struct gpuas_space *s, uint64_t va, uint64_t size)
{
	const struct gpuas_extent list = { .pa = gpuas_pa(PA), .size = size };
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	unsigned int n;
	gpuas_pa_t pa;

	map(m, s, va, PA, size);
	machine_check(m);
	gpuas_map_repeat(s, gpuas_va(va), gpuas_pa(PA), m->granule, size, m->shape->attr);
	machine_check(m);
	gpuas_protect(s, gpuas_va(va), size, read_only(m));
	machine_check(m);
	gpuas_replace(s, gpuas_va(va), &list, 1, m->shape->attr);
	machine_check(m);
	gpuas_translate(s, gpuas_va(va), &pa, NULL);
	gpuas_path(s, gpuas_va(va), step, &n);
	assert_in_range(n, 1, m->level + 1);
	unmap(s, va, size);
	machine_check(m);
}

static int count_cycle(void *ctx, const struct gpuas_finding *finding)
{
	*(unsigned int *)ctx += finding->wrong == GPUAS_WRONG_CYCLE;
	return 0;
}

/* Links to a table that is not the handle's, in the lent table: not followed, not cleared. */
static void hostile_above(struct machine *m, uint64_t table)
{
	uint64_t *slot = lent_entry(m, 0), va = first_va(m), g = m->granule;
	unsigned int cycles = 0, left = 100000;
	const struct gpuas_inspector by = { .budget = &left };
	struct gpuas_space space;

	assert_int_equal(open_at(m, &space, 0), 0);
	fill(m, &space, PA);
	unmap(&space, va, entry_span(m));
	machine_check(m);
	*slot = table | 3;
	all_refused(m, &space, va, g, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(m, &space, va, entry_span(m), GPUAS_EPERM, GPUAS_EPERM);
	try_everything(m, &space, va, g);
	try_everything(m, &space, va + entry_span(m) - g, g);
	try_everything(m, &space, va, m->window.size);
	gpuas_inspect(&space, &by, count_cycle, &cycles);
	if (table == m->lent)
		assert_int_equal(cycles, 1);
	gpuas_space_release(&space);
	assert_int_equal(*slot, table | 3);
	*slot = 0;
	machine_untouched(m);
}

/* A second way to a table of the handle's: not followed; it may be cleared. */
static void hostile_own(struct machine *m, unsigned int level)
{
	uint64_t *slot = lent_entry(m, 0), va = first_va(m), span = entry_span(m), g = m->granule;
	uint64_t there = va + span;
	struct gpuas_space space;
	unsigned int tables;

	assert_int_equal(open_at(m, &space, 0), 0);
	assert_int_equal(map(m, &space, there, PA, g), 0);
	machine_check(m);
	tables = space.tables;
	*slot = own_table(m, &space, there, level) | 3;
	all_refused(m, &space, va, g, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(m, &space, va + span - g, g, GPUAS_EPERM, GPUAS_EPERM);
	finds(m, &space, there, PA);
	assert_int_equal(unmap(&space, va, span), 0);
	assert_int_equal(*slot, 0);
	finds(m, &space, there, PA);
	*slot = own_table(m, &space, there, level) | 3;
	assert_int_equal(space.tables, tables);
	gpuas_space_release(&space);
	/* A way to what was freed does not outlive it. */
	machine_untouched(m);
}

/* To a table that is set aside: it hangs nowhere, so this is nobody's way. */
static void hostile_spare(struct machine *m)
{
	uint64_t *slot = lent_entry(m, 0), va = first_va(m);
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	struct gpuas_space space;
	unsigned int n;

	assert_int_equal(open_at(m, &space, 0), 0);
	assert_int_equal(gpuas_reserve(&space, 1), 0);
	memset(space.spare->ptr, 0, (size_t)m->granule);
	*slot = gpuas_pa_u64(space.spare->pa) | 3;
	all_refused(m, &space, va, m->granule, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(m, &space, va, entry_span(m), GPUAS_EPERM, GPUAS_EPERM);
	assert_int_equal(gpuas_path(&space, gpuas_va(va), step, &n), 0);
	assert_false(step[0].owned);
	gpuas_space_release(&space);
	*slot = 0;
	machine_untouched(m);
}

/* In a table of the handle's: a link to what is not. */
static void hostile_below(struct machine *m, uint64_t table)
{
	uint64_t va = first_va(m), g = m->granule, span;
	struct gpuas_space space;
	uint64_t *slot;

	if (m->level < 2)
		return;
	span = 1ULL << shift_at(m, m->level - 1);
	assert_int_equal(open_at(m, &space, 0), 0);
	assert_int_equal(map(m, &space, va, PA, g), 0);
	machine_check(m);
	slot = entry_in(m, own_table(m, &space, va, m->level - 1), 1);
	*slot = table | 3;
	all_refused(m, &space, va + span, g, GPUAS_EPERM, GPUAS_EPERM);
	all_refused(m, &space, va + span, span, GPUAS_EPERM, GPUAS_EPERM);
	try_everything(m, &space, va + span, g);
	try_everything(m, &space, va, entry_span(m));
	assert_int_equal(*slot, table | 3);
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void hostile(struct machine *m)
{
	const uint64_t table[] = {
		m->lent, m->root, pa_at(m, TABLES), pa_at(m, ALL_TABLES - 2), pa_at(m, TABLES - 1),
		LENT_RAM - m->granule, LENT_RAM + ALL_TABLES * m->granule, 0,
		(1ULL << 48) - m->granule,
	};
	unsigned int i, level;

	if (!m->level)
		return;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		hostile_above(m, table[i]);
		hostile_below(m, table[i]);
	}
	for (level = 0; level < m->level && window_entries(m) > 1; level++)
		hostile_own(m, level);
	hostile_spare(m);
}

static void hostile_links_lead_nowhere(void **state)
{
	(void)state;
	each_from(1, hostile);
}

/* The lent table hangs in the tree twice: nothing is known of that, or changes. */
static void twice(struct machine *m)
{
	struct gpuas_space space;
	uint64_t *slot;

	if (m->level == m->top)
		return;
	slot = entry_in(m, m->root, now_where == MIDDLE ? 0 : 2);
	*slot = m->top == m->level + 1 ? m->lent | 3 : *entry_in(m, m->root, now_where == BOTTOM ? 0 :
		(1u << (m->shape->geo.va_bits - shift_at(m, m->top))) - 1);
	machine_note(m);
	assert_int_equal(open_at(m, &space, 0), 0);
	works(m, &space);
	fill(m, &space, PA);
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void a_table_that_hangs_twice_works(void **state)
{
	(void)state;
	each(twice);
}

/*
 * Several handles
 */

/* Two windows in one lent table. */
static void side_by_side(struct machine *m)
{
	const struct gpuas_range both = m->window;
	struct gpuas_space one, two;
	uint64_t g = m->granule, va = first_va(m), there, pa;
	unsigned int i;

	if (window_entries(m) == 1)
		return;
	there = va + both.size / 2;
	for (i = 0; i < 2; i++) {
		m->window.size = both.size / 2;
		assert_int_equal(open_at(m, &one, 0), 0);
		m->window.va = gpuas_va(there);
		assert_int_equal(open_at(m, &two, 1), 0);
		m->window = both;
		assert_int_equal(map(m, &one, there - g, PA, g), 0);
		assert_int_equal(map(m, &two, there, PA + g, g), 0);
		machine_check(m);
		finds(m, &one, there, PA + g);
		finds(m, &two, there - g, PA);
		all_refused(m, &one, there, g, GPUAS_EPERM, GPUAS_EPERM);
		all_refused(m, &one, there - g, 2 * g, GPUAS_EPERM, GPUAS_EPERM);
		assert_int_equal(unmap(&two, there - g, 2 * g), -GPUAS_EPERM);
		assert_int_equal(tables_of(&m->host[0]), m->level);
		assert_int_equal(tables_of(&m->host[1]), m->level);
		gpuas_space_release(i ? &one : &two);
		pa = i ? PA + g : PA;
		finds(m, i ? &two : &one, i ? there : there - g, (int64_t)pa);
		finds(m, i ? &two : &one, i ? there - g : there, HOLE);
		machine_check(m);
		gpuas_space_release(i ? &two : &one);
		machine_untouched(m);
	}
}

static void two_windows_in_a_lent_table_do_not_meet(void **state)
{
	(void)state;
	each(side_by_side);
}

/* One more handle, at the root, whose window is the entry that @va lies in. */
static void open_root(struct machine *m, struct gpuas_space *s, unsigned int h, uint64_t va)
{
	uint64_t span = 1ULL << shift_at(m, m->top);
	const struct gpuas_range window = { .va = gpuas_va(va & ~(span - 1)), .size = span };

	assert_int_equal(gpuas_space_adopt(s, &m->shape->geo, &window, gpuas_pa(m->root),
					   &m->host[h].env), 0);
}

static int count_owned(void *ctx, const struct gpuas_step *step)
{
	*(unsigned int *)ctx += step->kind == GPUAS_TABLE && step->owned;
	return 0;
}

/* One at the root, one below: two levels of one tree. */
static void above_and_below(struct machine *m)
{
	uint64_t g = m->granule, va = two_pages(m), root_va;
	unsigned int index = now_where == MIDDLE ? 0 : 2, own = 0, i;
	struct gpuas_space root, low;

	if (m->level == m->top || m->shape->geo.va_bits - shift_at(m, m->top) < 2)
		return;
	root_va = half_base(m) + ((uint64_t)(index + 1) << shift_at(m, m->top)) - g;
	for (i = 0; i < 2; i++) {
		assert_int_equal(open_at(m, &low, 0), 0);
		open_root(m, &root, 1, root_va);
		assert_int_equal(map(m, &low, va, PA, 2 * g), 0);
		assert_int_equal(map(m, &root, root_va, PA + 9 * g, g), 0);
		/* From above, what is below is seen, and somebody else's. */
		finds(m, &root, va + g, PA + g);
		finds(m, &root, root_va, PA + 9 * g);
		finds(m, &low, va, PA);
		assert_int_equal(unmap(&root, va, g), -GPUAS_EPERM);
		assert_int_equal(map(m, &root, va - g, PA, g), -GPUAS_EPERM);
		assert_int_equal(unmap(&low, root_va, g), -GPUAS_ERANGE);
		assert_int_equal(gpuas_visit(&root, m->window.va, m->window.size, count_owned,
					     &own), 0);
		assert_int_equal(own, 0);
		assert_int_equal(tables_of(&m->host[1]), m->top);
		assert_int_equal(unmap(&low, va, g), 0);
		flushed(m, 0, va, g);
		gpuas_space_release(i ? &root : &low);
		finds(m, i ? &low : &root, i ? va + g : root_va, (int64_t)(i ? PA + g : PA + 9 * g));
		gpuas_space_release(i ? &low : &root);
		machine_untouched(m);
	}
}

static void handles_at_two_levels_do_not_meet(void **state)
{
	(void)state;
	each(above_and_below);
}

/*
 * Inspect, dump
 */

struct report {
	unsigned int stale;
	uint64_t va;
	unsigned int lines;
	char first[64];
};

static int note_finding(void *ctx, const struct gpuas_finding *finding)
{
	struct report *report = ctx;

	if (finding->wrong == GPUAS_WRONG_STALE) {
		report->stale++;
		report->va = gpuas_va_u64(finding->step->va);
	}
	return 0;
}

static void note_line(void *ctx, const char *line)
{
	struct report *report = ctx;

	if (report->lines++ == 1)
		snprintf(report->first, sizeof(report->first), "%.37s", line);
}

static void reports(struct machine *m)
{
	const struct gpuas_inspector by = { .window = m->window };
	const struct gpuas_range beyond = {
		.va = gpuas_va(m->cover - m->granule), .size = m->granule,
	};
	struct report report = { .stale = 0 };
	const struct gpuas_sink sink = { .ctx = &report, .line = note_line };
	struct gpuas_space space;
	uint64_t va = end_va(m) - m->granule;
	char want[64];

	/* Somebody's, in the last entry of a window that has to be empty. */
	*lent_entry(m, window_entries(m) - 1) = m->level ? pa_at(m, TABLES) | 3 : PA | 0x403;
	memset(entry_in(m, m->lent, 0), 0, m->first * 8);
	memset(lent_entry(m, window_entries(m)), 0,
	       (m->entries - m->first - window_entries(m)) * 8);
	machine_note(m);
	assert_int_equal(gpuas_space_adopt_at(&space, &m->shape->geo, m->level, &(struct gpuas_range) {
			.va = m->window.va }, gpuas_pa(m->lent), &m->host[0].env), 0);
	assert_int_equal(gpuas_inspect(&space, &by, note_finding, &report), 0);
	assert_int_equal(report.stale, 1);
	assert_int_equal(report.va, end_va(m) - entry_span(m));
	assert_int_equal(gpuas_inspect(&space, &(struct gpuas_inspector) { .window = beyond },
				       note_finding, &report), -GPUAS_ERANGE);
	*lent_entry(m, window_entries(m) - 1) = 0;
	gpuas_space_release(&space);
	machine_note(m);
	assert_int_equal(open_at(m, &space, 0), 0);
	assert_int_equal(map(m, &space, va, PA, m->granule), 0);
	gpuas_dump_space(&space, &sink);
	snprintf(want, sizeof(want), "0x%016llx-0x%016llx", (unsigned long long)va,
		 (unsigned long long)(va + m->granule - 1));
	assert_int_equal(report.lines, 2);
	assert_string_equal(report.first, want);
	assert_int_equal(gpuas_dump_path(&space, gpuas_va(va), &sink), 0);
	assert_int_equal(gpuas_dump_path(&space, gpuas_va(m->cover - m->granule), &sink),
			 -GPUAS_ERANGE);
	report.stale = 0;
	assert_int_equal(gpuas_inspect(&space, &by, note_finding, &report), 0);
	/* What an own table proves of an entry, nothing proves of a page. */
	assert_int_equal(report.stale, m->level ? 0 : 1);
	gpuas_space_release(&space);
	machine_untouched(m);
}

static void inspection_and_dumps_are_of_the_table(void **state)
{
	(void)state;
	each(reports);
}

#define LENT_TEST(f)	cmocka_unit_test_teardown(f, say_where)

static const struct CMUnitTest tests[] = {
	LENT_TEST(every_operation_works_in_any_table),
	LENT_TEST(release_leaves_everything_as_it_was),
	LENT_TEST(a_host_may_move_and_reopen),
	LENT_TEST(what_lies_outside_is_refused),
	LENT_TEST(what_cannot_be_opened_is_refused),
	LENT_TEST(without_a_window_a_table_is_only_read),
	LENT_TEST(a_leaf_table_needs_no_allocator),
	LENT_TEST(a_lack_of_memory_changes_nothing),
	LENT_TEST(what_others_write_into_the_window_stays_theirs),
	LENT_TEST(what_others_write_into_own_tables_keeps_them),
	LENT_TEST(hostile_links_lead_nowhere),
	LENT_TEST(a_table_that_hangs_twice_works),
	LENT_TEST(two_windows_in_a_lent_table_do_not_meet),
	LENT_TEST(handles_at_two_levels_do_not_meet),
	LENT_TEST(inspection_and_dumps_are_of_the_table),
};

UNIT_MAIN(tests)
