// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/handoff.h>
#include <gpuas/ttb.h>
#include <gpuas/visit.h>

#define FIRMWARE	0xffffff8000000000ULL
#define ROOT_ENTRY	0x1000000000ULL
#define FIRST_PA	(RAM_BASE + 0x100000)

/* In the regions of the stand-in board, by index. */
enum { TTBS, TABLES, HANDOFF, TEXT, DATA, SHARED, COUNT };

/* A bootloader's allocator on simulated RAM. */
struct machine {
	struct ram *ram;
	struct gpuas_bringup_host host;
	struct {
		uint64_t pa;
		uint64_t size;
	} live[GPUAS_REGIONS_MAX];
	unsigned int count;
	unsigned int fail_at;	/* the n-th region, from 1; 0: never */
	unsigned int lie_at;	/* the n-th region gets @lie; 0: never */
	uint64_t lie;
	uint64_t hidden;	/* PA that the CPU cannot see */
	uint64_t last;		/* as asked for */
	uint64_t next;
	struct gpuas_bringup b;
	struct gpuas_report report;
};

static int machine_alloc(void *ctx, uint64_t size, uint64_t align,
			 gpuas_pa_t last, gpuas_pa_t *pa)
{
	struct machine *m = ctx;

	/* What a failing allocator leaves behind has to be ignored. */
	*pa = gpuas_pa(0xbad);
	if (m->count + 1 == m->fail_at)
		return -GPUAS_ENOMEM;
	m->last = gpuas_pa_u64(last);
	m->next = (m->next + align - 1) & ~(align - 1);
	assert_non_null(ram_at(m->ram, m->next, size));
	m->live[m->count].pa = m->next;
	m->live[m->count].size = size;
	if (m->count + 1 == m->lie_at)
		m->live[m->count].pa = m->lie;
	*pa = gpuas_pa(m->live[m->count].pa);
	m->next += size;
	m->count++;
	return 0;
}

/* Accepts only the youngest: what is given back comes last region first. */
static void machine_free(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	struct machine *m = ctx;

	assert_true(m->count > 0);
	m->count--;
	assert_int_equal(gpuas_pa_u64(pa), m->live[m->count].pa);
	assert_int_equal(size, m->live[m->count].size);
}

static void *machine_ptr(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	struct machine *m = ctx;

	if (gpuas_pa_u64(pa) == m->hidden)
		return NULL;
	return ram_at(m->ram, gpuas_pa_u64(pa), size);
}

static struct machine *machine_new(const struct gpuas_board *board)
{
	struct machine *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->ram = ram_new();
	m->next = FIRST_PA;
	m->host.ctx = m;
	m->host.alloc = machine_alloc;
	m->host.free = machine_free;
	m->host.ptr = machine_ptr;
	if (gpuas_plan(&m->b, board, &m->report))
		fail_msg("%s", m->report.text.buf);
	return m;
}

static void machine_delete(struct machine *m)
{
	ram_delete(m->ram);
	free(m);
}

static struct machine *machine_built(const struct gpuas_board *board)
{
	struct machine *m = machine_new(board);

	if (gpuas_allocate(&m->b, &m->host, &m->report) ||
	    gpuas_build(&m->b, &m->host, &m->report))
		fail_msg("%s", m->report.text.buf);
	return m;
}

static void *at(struct machine *m, gpuas_pa_t pa, uint64_t size)
{
	void *ptr = ram_at(m->ram, gpuas_pa_u64(pa), size);

	assert_non_null(ptr);
	return ptr;
}

static uint64_t *root(struct machine *m)
{
	return at(m, m->b.manifest.root, RAM_GRANULE);
}

static struct gpuas_ttb_array *ttbs(struct machine *m)
{
	return at(m, m->b.manifest.region[TTBS].pa, 0x400);
}

static struct gpuas_handoff *handoff(struct machine *m)
{
	return at(m, m->b.manifest.region[HANDOFF].pa, 0x648);
}

static void open_tree(struct machine *m, struct gpuas_space *space)
{
	const struct gpuas_manifest *h = &m->b.manifest;
	const struct gpuas_range none = { h->host.va, 0 };

	assert_int_equal(gpuas_space_adopt(space, &h->geo, &none, h->root,
					   &m->ram->env), 0);
}

/* The entry that decides about a VA, to be spoilt. */
static uint64_t *entry_of(struct machine *m, uint64_t va)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	const struct gpuas_step *last;
	struct gpuas_space space;
	unsigned int steps;
	uint64_t *table;

	open_tree(m, &space);
	assert_int_equal(gpuas_path(&space, gpuas_va(va), step, &steps), 0);
	last = &step[steps - 1];
	table = at(m, last->table, RAM_GRANULE);
	return &table[last->index];
}

struct census {
	uint32_t tables;
	uint64_t pages;
};

static int count_step(void *ctx, const struct gpuas_step *step)
{
	struct census *census = ctx;

	assert_false(step->unreadable);
	assert_true(step->kind == GPUAS_TABLE || step->kind == GPUAS_PAGE);
	if (step->kind == GPUAS_TABLE)
		census->tables++;
	else
		census->pages++;
	return 0;
}

static void every_page_translates(struct machine *m)
{
	const struct gpuas_region *region = m->b.manifest.region;
	struct gpuas_space space;
	gpuas_attr_t attr;
	gpuas_pa_t pa;
	unsigned int i;
	uint64_t off;

	open_tree(m, &space);
	for (i = 0; i < m->b.manifest.regions; i++, region++) {
		if (!region->mapped)
			continue;
		for (off = 0; off < region->size; off += RAM_GRANULE) {
			assert_int_equal(gpuas_translate(&space,
				gpuas_va(gpuas_va_u64(region->va) + off),
				&pa, &attr), 0);
			assert_int_equal(gpuas_pa_u64(pa),
					 gpuas_pa_u64(region->pa) + off);
			assert_int_equal(attr, region->attr);
		}
	}
}

/* Exactly the planned number of tables, and no page more than the regions have. */
static void nothing_else_is_there(struct machine *m)
{
	const struct gpuas_region *region = m->b.manifest.region;
	struct census census = { .tables = 1 };
	struct gpuas_space space;
	uint64_t pages = 0;
	unsigned int i;

	for (i = 0; i < m->b.manifest.regions; i++, region++)
		pages += region->mapped ? region->size / RAM_GRANULE : 0;
	open_tree(m, &space);
	assert_int_equal(gpuas_visit_all(&space, count_step, &census), 0);
	assert_int_equal(census.pages, pages);
	assert_int_equal(census.tables, m->b.tables);
	assert_int_equal(m->b.pool.used, m->b.tables);
}

static void a_built_tree_maps_every_region_and_nothing_else(void **state)
{
	struct machine *m = machine_built(&gpuas_board_qemu_virt);
	unsigned int i;

	(void)state;
	assert_int_equal(m->b.stage, GPUAS_STAGE_BUILT);
	assert_int_equal(gpuas_pa_u64(m->b.manifest.root),
			 gpuas_pa_u64(m->b.manifest.region[TABLES].pa));
	assert_int_equal(m->last, (1ULL << 40) - 1);
	every_page_translates(m);
	nothing_else_is_there(m);
	assert_int_not_equal(root(m)[0], 0);
	for (i = 1; i < 2048; i++)
		assert_int_equal(root(m)[i], 0);
	machine_delete(m);
}

extern const struct gpuas_board gpuas_board_template;

static void the_template_builds(void **state)
{
	struct machine *m = machine_built(&gpuas_board_template);

	(void)state;
	every_page_translates(m);
	nothing_else_is_there(m);
	machine_delete(m);
}

static void context_0_has_the_root_and_the_page_is_a_handoff(void **state)
{
	struct machine *m = machine_built(&gpuas_board_qemu_virt);
	unsigned int i;

	(void)state;
	assert_int_equal(ttbs(m)->context[0].ttb0, 0);
	assert_int_equal(ttbs(m)->context[0].ttb1,
			 gpuas_pa_u64(m->b.manifest.root) | 1);
	for (i = 1; i < GPUAS_TTB_CONTEXTS; i++) {
		assert_int_equal(ttbs(m)->context[i].ttb0, 0);
		assert_int_equal(ttbs(m)->context[i].ttb1, 0);
	}
	assert_int_equal(gpuas_handoff_check(handoff(m), m->b.board->profile, NULL), 0);
	assert_int_equal(handoff(m)->magic_fw, 0);
	machine_delete(m);
}

static void regions_are_cleared_but_data_is_not(void **state)
{
	struct machine *m = machine_built(&gpuas_board_template);
	const struct gpuas_region *r = m->b.manifest.region;
	const uint8_t *text = at(m, r[3].pa, r[3].size);
	const uint8_t *data = at(m, r[5].pa, r[5].size);
	uint64_t i;

	(void)state;
	for (i = 0; i < r[3].size; i++)
		assert_int_equal(text[i], 0);
	for (i = 0; i < r[5].size; i++)
		assert_int_equal(data[i], 0xa5);
	machine_delete(m);
}

/* Nothing outside the regions is written. */
static void memory_of_others_stays(void **state)
{
	struct machine *m = machine_built(&gpuas_board_qemu_virt);
	const uint8_t *mem = m->ram->mem;
	uint64_t i;

	(void)state;
	for (i = 0; i < FIRST_PA - RAM_BASE; i++)
		assert_int_equal(mem[i], 0xa5);
	for (i = m->next - RAM_BASE; i < RAM_SIZE; i++)
		assert_int_equal(mem[i], 0xa5);
	machine_delete(m);
}

/* Three mappings as offsets into the firmware's window, in any order. */
struct layout {
	uint64_t offset[3];
	uint64_t size[3];
	uint32_t tables;
};

static const struct layout layouts[] = {
	/* All in one leaf table. */
	{ { 0, 0x10000, 0x20000 }, { 0x10000, 0x10000, 0x10000 }, 3 },
	{ { 0x20000, 0x10000, 0 }, { 0x10000, 0x10000, 0x10000 }, 3 },
	{ { 0x10000, 0x40000, 0 }, { 0x10000, 0x10000, 0x10000 }, 3 },
	/* Across a border of leaf tables, from both sides. */
	{ { 0x1ff0000, 0, 0x2010000 }, { 0x20000, 0x10000, 0x10000 }, 4 },
	{ { 0x2000000, 0x1ff0000, 0x4000000 }, { 0x10000, 0x10000, 0x10000 }, 5 },
	/* Across a border of root entries. */
	{ { ROOT_ENTRY - 0x10000, 0, 0x3fff0000 },
	  { 0x20000, 0x10000, 0x20000 }, 1 + 2 + 2 + 1 + 2 },
	/* The last page of the window. */
	{ { 2 * ROOT_ENTRY - 0x10000, ROOT_ENTRY, 0 },
	  { 0x10000, 0x10000, 0x10000 }, 1 + 2 + 3 },
};

static void the_number_of_tables_is_exact(void **state)
{
	struct gpuas_board_region region[COUNT];
	struct gpuas_board board = gpuas_board_qemu_virt;
	const struct layout *layout;
	struct machine *m;
	unsigned int i, j;

	(void)state;
	memcpy(region, board.region, sizeof(region));
	board.region = region;
	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		layout = &layouts[i];
		for (j = 0; j < 3; j++) {
			region[TEXT + j].va =
				gpuas_va(FIRMWARE + layout->offset[j]);
			region[TEXT + j].size = layout->size[j];
		}
		m = machine_built(&board);
		assert_int_equal(m->b.tables, layout->tables);
		every_page_translates(m);
		nothing_else_is_there(m);
		machine_delete(m);
	}
}

static void no_memory_for_any_region_leaves_nothing_allocated(void **state)
{
	const struct gpuas_board *board = &gpuas_board_qemu_virt;
	struct machine *m = machine_new(board);
	struct gpuas_bringup before = m->b;
	unsigned int n;

	(void)state;
	for (n = 1; n <= board->regions; n++) {
		m->fail_at = n;
		m->next = FIRST_PA;
		assert_int_equal(gpuas_allocate(&m->b, &m->host, &m->report),
				 -GPUAS_ENOMEM);
		assert_int_equal(m->count, 0);
		assert_non_null(strstr(m->report.text.buf,
				       board->region[n - 1].name));
		assert_memory_equal(&m->b, &before, sizeof(before));
	}
	m->fail_at = 0;
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	assert_int_equal(m->count, board->regions);
	machine_delete(m);
}

static void host_lies(unsigned int at_region, uint64_t pa, int err,
		      const char *thing)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);
	struct gpuas_bringup before = m->b;

	m->lie_at = at_region + 1;
	m->lie = pa;
	assert_int_equal(gpuas_allocate(&m->b, &m->host, &m->report), err);
	assert_non_null(strstr(m->report.text.buf, thing));
	assert_int_equal(m->count, 0);
	assert_memory_equal(&m->b, &before, sizeof(before));
	machine_delete(m);
}

static void nonsense_from_the_host_is_refused_and_given_back(void **state)
{
	(void)state;
	host_lies(TEXT, FIRST_PA + 0x704000, -GPUAS_EINVAL, "fw-text");
	host_lies(TEXT, FIRST_PA, -GPUAS_ENOTUNIQ, "fw-text");
	host_lies(DATA, (1ULL << 40) - 0x10000, -GPUAS_ERANGE, "fw-data");
	host_lies(DATA, 0xffffffffffff0000ULL, -GPUAS_EOVERFLOW, "fw-data");
}

static void allocating_out_of_turn_is_eperm(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);

	(void)state;
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	assert_int_equal(gpuas_allocate(&m->b, &m->host, &m->report),
			 -GPUAS_EPERM);
	assert_int_equal(m->report.err, -GPUAS_EPERM);
	assert_int_equal(m->count, COUNT);
	gpuas_abandon(&m->b, &m->host);
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), -GPUAS_EPERM);
	machine_delete(m);
}

static void allocating_for_an_adopting_board_is_eperm(void **state)
{
	struct machine *m = machine_new(&gpuas_board_apple_t8103);

	(void)state;
	assert_int_equal(gpuas_allocate(&m->b, &m->host, &m->report),
			 -GPUAS_EPERM);
	assert_non_null(strstr(m->report.text.buf, "apple-t8103"));
	assert_int_equal(m->b.stage, GPUAS_STAGE_PLANNED);
	machine_delete(m);
}

static void building_out_of_turn_is_eperm(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);

	(void)state;
	assert_int_equal(gpuas_build(&m->b, &m->host, &m->report),
			 -GPUAS_EPERM);
	assert_int_equal(m->report.err, -GPUAS_EPERM);
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	assert_int_equal(gpuas_build(&m->b, &m->host, NULL), 0);
	assert_int_equal(gpuas_build(&m->b, &m->host, NULL), -GPUAS_EPERM);
	machine_delete(m);
}

static void a_region_that_the_cpu_cannot_see_is_efault(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);
	const struct gpuas_region *r = m->b.manifest.region;
	unsigned int i;

	(void)state;
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	for (i = 0; i < COUNT; i++) {
		m->hidden = gpuas_pa_u64(r[i].pa);
		assert_int_equal(gpuas_build(&m->b, &m->host, &m->report),
				 -GPUAS_EFAULT);
		assert_non_null(strstr(m->report.text.buf, r[i].name));
		assert_int_equal(m->b.stage, GPUAS_STAGE_ALLOCATED);
	}
	m->hidden = 0;
	assert_int_equal(gpuas_build(&m->b, &m->host, NULL), 0);
	machine_delete(m);
}

static void an_error_of_map_is_passed_on(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);

	(void)state;
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	m->b.manifest.region[TABLES].size = 2 * RAM_GRANULE;
	assert_int_equal(gpuas_build(&m->b, &m->host, &m->report),
			 -GPUAS_ENOMEM);
	assert_non_null(strstr(m->report.text.buf, "fw-text"));
	assert_int_equal(m->b.stage, GPUAS_STAGE_ALLOCATED);
	machine_delete(m);
}

static void abandon_gives_everything_back_at_any_stage(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);

	(void)state;
	gpuas_abandon(&m->b, &m->host);
	assert_int_equal(m->b.stage, GPUAS_STAGE_NONE);
	gpuas_abandon(&m->b, &m->host);
	assert_int_equal(gpuas_plan(&m->b, &gpuas_board_qemu_virt, NULL), 0);
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	gpuas_abandon(&m->b, &m->host);
	assert_int_equal(m->count, 0);
	machine_delete(m);

	m = machine_built(&gpuas_board_qemu_virt);
	gpuas_abandon(&m->b, &m->host);
	assert_int_equal(m->count, 0);
	assert_int_equal(m->b.stage, GPUAS_STAGE_NONE);
	machine_delete(m);
}

/*
 * What a kernel finds: right at first, wrong after any single change
 */

static int inspect(struct machine *m)
{
	memset(&m->report, 0xa5, sizeof(m->report));
	return gpuas_manifest_inspect(&m->b.manifest, m->b.board, &m->ram->env,
				      &m->b.space, &m->report);
}

static void inspect_passes_and_writes_nothing(void **state)
{
	struct machine *m = machine_built(&gpuas_board_qemu_virt);
	struct ram *before = ram_copy(m->ram);

	(void)state;
	assert_int_equal(inspect(m), 0);
	assert_true(ram_equal(m->ram, before));
	assert_int_equal(ram_owned(m->ram), 0);
	ram_delete(before);
	machine_delete(m);
}

static void inspect_refuses(struct machine *m, int err, const char *thing)
{
	assert_int_equal(inspect(m), err);
	assert_int_equal(m->report.err, err);
	if (!strstr(m->report.text.buf, thing))
		fail_msg("\"%s\" does not name %s", m->report.text.buf, thing);
	assert_int_equal(gpuas_manifest_inspect(&m->b.manifest, m->b.board,
						&m->ram->env, &m->b.space, NULL), err);
}

/* One test for each thing that can be spoilt. */
#define SPOILT(test, change, err, thing) \
	static void test(void **state) \
	{ \
		struct machine *m = machine_built(&gpuas_board_qemu_virt); \
		(void)state; \
		assert_int_equal(inspect(m), 0); \
		change; \
		inspect_refuses(m, err, thing); \
		machine_delete(m); \
	}

SPOILT(a_root_outside_ram_is_efault,
       m->b.manifest.root = gpuas_pa(RAM_BASE + RAM_SIZE), -GPUAS_EFAULT, "root")
SPOILT(a_table_outside_ram_is_efault,
       root(m)[0] = (RAM_BASE + RAM_SIZE) | 3, -GPUAS_EFAULT, "fw-text")
SPOILT(a_ttb_array_outside_ram_is_efault,
       m->b.manifest.region[TTBS].pa = gpuas_pa(0), -GPUAS_EFAULT, "ttbs")
SPOILT(a_handoff_page_outside_ram_is_efault,
       m->b.manifest.region[HANDOFF].pa = gpuas_pa(0), -GPUAS_EFAULT, "handoff")
SPOILT(a_stale_slot_in_the_hosts_window_is_ebusy,
       root(m)[2] = 0x123400003ULL, -GPUAS_EBUSY,
       "slot 2 contains 0x123400003")
SPOILT(an_invalid_entry_in_the_hosts_window_is_ebusy, root(m)[2] = 2,
       -GPUAS_EBUSY, "slot 2")
SPOILT(a_region_that_is_not_mapped_is_estale, root(m)[0] = 0, -GPUAS_ESTALE,
       "fw-text: is not mapped at VA 0xffffff8000000000")
SPOILT(a_region_with_a_hole_at_its_end_is_estale,
       *entry_of(m, FIRMWARE + 0x107c000) = 0, -GPUAS_ESTALE,
       "fw-data: is not mapped at VA 0xffffff800107c000")
SPOILT(a_page_at_another_pa_is_estale,
       *entry_of(m, FIRMWARE + 0x2004000) += 0x4000, -GPUAS_ESTALE,
       "shared: is mapped to another PA")
SPOILT(a_page_with_other_rights_is_estale,
       *entry_of(m, FIRMWARE + 0x4000) ^= 1ULL << 7, -GPUAS_ESTALE,
       "fw-text: is mapped with other attributes")
SPOILT(a_ttb_that_is_not_valid_is_estale, ttbs(m)->context[0].ttb1 &= ~1ULL,
       -GPUAS_ESTALE, "TTB1 of context 0")
SPOILT(a_ttb_of_another_root_is_estale, ttbs(m)->context[0].ttb1 += 0x4000,
       -GPUAS_ESTALE, "TTB1 of context 0")
SPOILT(a_wrong_magic_is_eproto, handoff(m)->magic_host = 0, -GPUAS_EPROTO,
       "magic_host")
SPOILT(a_wrong_lock_is_eproto, handoff(m)->lock_fw = 2, -GPUAS_EPROTO,
       "lock_fw")

/* A board from before there were profiles, in a driver that never plans. */
static void a_handoff_page_that_nobody_knows_is_eopnotsupp(void **state)
{
	struct machine *m = machine_built(&gpuas_board_qemu_virt);
	struct gpuas_board unknown = *m->b.board;

	(void)state;
	unknown.profile = NULL;
	m->b.board = &unknown;
	inspect_refuses(m, -GPUAS_EOPNOTSUPP, "handoff profile: is not known");
	machine_delete(m);
}

static void ttbs_and_handoff_of_an_adopting_board_are_not_judged(void **state)
{
	struct machine *m = machine_built(&gpuas_board_qemu_virt);
	struct gpuas_board adopting = *m->b.board;

	(void)state;
	adopting.adopt = true;
	m->b.board = &adopting;
	ttbs(m)->context[0].ttb1 = 0;
	handoff(m)->magic_host = 0;
	assert_int_equal(inspect(m), 0);
	root(m)[2] = 1;
	assert_int_equal(inspect(m), -GPUAS_EBUSY);
	machine_delete(m);
}

/*
 * Boards that adopt
 */

/* As a previous stage leaves it: a root, and not one region that is optional. */
static struct machine *adopting(struct gpuas_manifest *found)
{
	struct machine *m = machine_new(&gpuas_board_apple_t8103);
	unsigned int i;

	assert_int_equal(gpuas_manifest_init(found, m->b.board), 0);
	for (i = 0; i < 3; i++) {
		found->region[i].present = true;
		found->region[i].pa = gpuas_pa(FIRST_PA + i * 0x4000);
		found->region[i].size = 0x4000;
	}
	found->root = found->region[TABLES].pa;
	memset(ram_at(m->ram, FIRST_PA + 0x4000, 0x4000), 0, 0x4000);
	return m;
}

static void adopting_takes_inspects_and_writes_nothing(void **state)
{
	struct gpuas_manifest found;
	struct machine *m = adopting(&found);
	struct ram *before = ram_copy(m->ram);

	(void)state;
	assert_int_equal(gpuas_take(&m->b, &found, NULL), 0);
	assert_int_equal(m->b.stage, GPUAS_STAGE_ALLOCATED);
	assert_int_equal(gpuas_manifest_differs(&m->b.manifest, &found, NULL),
			 0);
	assert_int_equal(gpuas_build(&m->b, &m->host, NULL), 0);
	assert_int_equal(m->b.stage, GPUAS_STAGE_BUILT);
	assert_true(ram_equal(m->ram, before));
	/* Nothing to give back: machine_free() would fail. */
	gpuas_abandon(&m->b, &m->host);
	assert_int_equal(m->b.stage, GPUAS_STAGE_NONE);
	ram_delete(before);
	machine_delete(m);
}

static void adopting_a_tree_with_stale_slots_is_ebusy(void **state)
{
	struct gpuas_manifest found;
	struct machine *m = adopting(&found);

	(void)state;
	assert_int_equal(gpuas_take(&m->b, &found, NULL), 0);
	root(m)[2] = 3;
	assert_int_equal(gpuas_build(&m->b, &m->host, &m->report),
			 -GPUAS_EBUSY);
	assert_int_equal(m->b.stage, GPUAS_STAGE_ALLOCATED);
	machine_delete(m);
}

static void taking_a_wrong_manifest_changes_nothing(void **state)
{
	struct gpuas_manifest found;
	struct machine *m = adopting(&found);
	struct gpuas_bringup before = m->b;

	(void)state;
	found.region[HANDOFF].present = false;
	assert_int_equal(gpuas_take(&m->b, &found, &m->report), -GPUAS_ENOENT);
	assert_non_null(strstr(m->report.text.buf, "handoff"));
	found.region[HANDOFF].present = true;
	found.region[HANDOFF].pa = found.region[TTBS].pa;
	assert_int_equal(gpuas_take(&m->b, &found, &m->report),
			 -GPUAS_ENOTUNIQ);
	assert_memory_equal(&m->b, &before, sizeof(before));
	machine_delete(m);
}

static void taking_out_of_turn_is_eperm(void **state)
{
	struct gpuas_manifest found;
	struct machine *m = adopting(&found);

	(void)state;
	assert_int_equal(gpuas_take(&m->b, &found, NULL), 0);
	assert_int_equal(gpuas_take(&m->b, &found, &m->report), -GPUAS_EPERM);
	assert_int_equal(m->report.err, -GPUAS_EPERM);
	machine_delete(m);
}

static void taking_for_a_board_that_allocates_is_eperm(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);

	(void)state;
	assert_int_equal(gpuas_take(&m->b, &m->b.manifest, &m->report),
			 -GPUAS_EPERM);
	assert_non_null(strstr(m->report.text.buf, "qemu-virt"));
	machine_delete(m);
}

/*
 * Printing
 */

static void collect(void *ctx, const char *line)
{
	char *text = ctx;

	assert_null(strchr(line, '\n'));
	assert_true(strlen(text) + strlen(line) + 2 < 4096);
	strcat(strcat(text, line), "\n");
}

static void printed(const struct gpuas_bringup *b, const char *first)
{
	char text[4096] = "";
	const struct gpuas_sink sink = { text, collect };
	unsigned int i;

	gpuas_bringup_print(b, &sink);
	assert_int_equal(strncmp(text, first, strlen(first)), 0);
	for (i = 0; i < b->manifest.regions; i++)
		assert_non_null(strstr(text, b->manifest.region[i].name));
}

static void every_stage_can_be_printed(void **state)
{
	struct machine *m = machine_new(&gpuas_board_qemu_virt);

	(void)state;
	printed(&m->b, "bring-up: planned, board qemu-virt, tables 4\n");
	assert_int_equal(gpuas_allocate(&m->b, &m->host, NULL), 0);
	printed(&m->b, "bring-up: allocated, board qemu-virt, tables 4\n");
	assert_int_equal(gpuas_build(&m->b, &m->host, NULL), 0);
	printed(&m->b, "bring-up: built, board qemu-virt, tables 4\n");
	gpuas_abandon(&m->b, &m->host);
	printed(&m->b, "bring-up: nothing planned\n");
	machine_delete(m);
}

#define T(test) cmocka_unit_test(test)

/*
 * Two roots, and a table that is lent below them
 */

enum { LENT = COUNT };

#define HOST_VA		(FIRMWARE + 2 * ROOT_ENTRY)

static struct gpuas_board_region lent_regions[COUNT + 1];
static struct gpuas_board_root lent_roots[2];
static struct gpuas_contract_region lent_stand[COUNT + 1];
static struct gpuas_contract lent_contract;
static const struct gpuas_contract *const lent_contracts[] = { &lent_contract, NULL };

/* As the stand-in, but for a second root and the table; who makes the link? */
static struct gpuas_board lent_board(unsigned int published)
{
	struct gpuas_board board = gpuas_board_qemu_virt;

	memcpy(lent_regions, board.region, COUNT * sizeof(lent_regions[0]));
	lent_regions[LENT] = (struct gpuas_board_region) {
		.name = "shared-l2", .role = GPUAS_ROLE_LENT, .owner = GPUAS_OWNER_SHARED,
	};
	lent_contract = *board.contract[0];
	memcpy(lent_stand, lent_contract.region, COUNT * sizeof(lent_stand[0]));
	lent_stand[LENT] = (struct gpuas_contract_region) {
		.region = "shared-l2", .name = "shared-l2", .node = "gpuas-shared-l2",
	};
	lent_contract.region = lent_stand;
	lent_contract.regions = COUNT + 1;
	board.contract = lent_contracts;
	lent_regions[TABLES].size = 0x44000;
	lent_roots[0] = (struct gpuas_board_root) { .published = published };
	lent_roots[1] = (struct gpuas_board_root) { .offset = 0x40000, .published = published };
	board.region = lent_regions;
	board.regions = COUNT + 1;
	board.root = lent_roots;
	board.roots = 2;
	return board;
}

static uint64_t *entry(struct machine *m, unsigned int root, unsigned int i)
{
	return (uint64_t *)at(m, gpuas_manifest_root(&m->b.manifest, m->b.board, root),
			      RAM_GRANULE) + i;
}

static uint64_t lent_pa(struct machine *m)
{
	return gpuas_pa_u64(m->b.manifest.region[LENT].pa);
}

static int open_host(struct machine *m, struct gpuas_space *space)
{
	return gpuas_manifest_open(&m->b.manifest, m->b.board, &m->ram->env, space, &m->report);
}

static void assert_says(struct machine *m, const char *what)
{
	if (!strstr(m->report.text.buf, what))
		fail_msg("'%s' does not say '%s'", m->report.text.buf, what);
}

static void a_lent_table_is_linked_into_each_root_unless_firmware_does(void **state)
{
	struct gpuas_board board = lent_board(2);
	struct machine *m = machine_built(&board);

	(void)state;
	assert_int_equal(*entry(m, 0, 2), lent_pa(m) | 3);
	assert_int_equal(*entry(m, 1, 2), lent_pa(m) | 3);
	assert_int_equal(*entry(m, 1, 0), 0);
	assert_int_equal(inspect(m), 0);
	machine_delete(m);
	board = lent_board(3);
	m = machine_built(&board);
	assert_int_equal(*entry(m, 0, 2), 0);
	assert_int_equal(*entry(m, 1, 2), 0);
	assert_int_equal(inspect(m), 0);
	machine_delete(m);
}

static void the_driver_works_below_the_lent_table(void **state)
{
	struct gpuas_board board = lent_board(2);
	struct machine *m = machine_built(&board);
	struct gpuas_space space;
	struct ram *before;
	unsigned int round;

	(void)state;
	before = ram_copy(m->ram);
	for (round = 0; round < 3; round++) {
		assert_int_equal(inspect(m), 0);
		assert_int_equal(open_host(m, &space), 0);
		assert_int_equal(gpuas_map(&space, gpuas_va(HOST_VA), gpuas_pa(0x40000000), 0x8000,
					   GPUAS_GPU_READ | GPUAS_FW_READ | GPUAS_MEM_SHARED), 0);
		assert_int_equal(ram_owned(m->ram), 1);
		assert_int_equal(gpuas_map(&space, gpuas_va(FIRMWARE), gpuas_pa(0x40000000), 0x4000,
					   GPUAS_FW_READ), -GPUAS_ERANGE);
		/* Through each root. */
		assert_int_equal(inspect(m), -GPUAS_EBUSY);
		assert_says(m, "lent table slot: the host's window is not empty, slot 0");
		gpuas_space_release(&space);
		assert_int_equal(ram_owned(m->ram), 0);
	}
	assert_memory_equal(entry(m, 0, 0), ram_at(before, gpuas_pa_u64(m->b.manifest.root),
						   RAM_GRANULE), RAM_GRANULE);
	ram_delete(before);
	machine_delete(m);
}

static void a_driver_makes_the_link_that_nobody_made(void **state)
{
	struct gpuas_board board = lent_board(2);
	struct machine *m = machine_built(&board);
	struct gpuas_space space;

	(void)state;
	*entry(m, 0, 2) = *entry(m, 1, 2) = 0;
	assert_int_equal(inspect(m), 0);
	*entry(m, 1, 2) = 1;
	assert_int_equal(open_host(m, &space), -GPUAS_EEXIST);
	/* All are judged before one is written. */
	assert_int_equal(*entry(m, 0, 2), 0);
	*entry(m, 1, 2) = 0;
	assert_int_equal(open_host(m, &space), 0);
	assert_int_equal(*entry(m, 0, 2), lent_pa(m) | 3);
	assert_int_equal(*entry(m, 1, 2), lent_pa(m) | 3);
	gpuas_space_release(&space);
	assert_int_equal(*entry(m, 0, 2), lent_pa(m) | 3);
	machine_delete(m);
}

static void a_driver_waits_for_the_link_that_firmware_publishes(void **state)
{
	struct gpuas_board board = lent_board(3);
	struct machine *m = machine_built(&board);
	struct gpuas_space space;

	(void)state;
	assert_int_equal(open_host(m, &space), -GPUAS_ENOENT);
	assert_says(m, "root: number 0: entry 2, for the host, is for the firmware to publish");
	*entry(m, 0, 2) = lent_pa(m) | 3;
	assert_int_equal(open_host(m, &space), -GPUAS_ENOENT);
	assert_says(m, "root: number 1: entry 2, for the host, is for the firmware to publish");
	*entry(m, 1, 2) = gpuas_pa_u64(m->b.manifest.root) | 3;
	assert_int_equal(inspect(m), -GPUAS_ESTALE);
	assert_int_equal(open_host(m, &space), -GPUAS_ESTALE);
	assert_says(m, "root: number 1: entry 2, for the host, does not lead to the lent table: 0x");
	*entry(m, 1, 2) = lent_pa(m) | 3;
	assert_int_equal(open_host(m, &space), 0);
	gpuas_space_release(&space);
	*entry(m, 0, 2) = 0x44000001;
	assert_int_equal(open_host(m, &space), -GPUAS_EEXIST);
	assert_says(m, "root: number 0: entry 2, for the host, is no link to the lent table: 0x44000001");
	m->hidden = 0;
	machine_delete(m);
}

/* Bits of a table entry that walkers ignore, or that take rights away below it. */
static void a_link_that_firmware_made_stays_as_it_is(void **state)
{
	const uint64_t bits = 1ULL << 59 | 1ULL << 55 | 0x400;
	struct gpuas_board board = lent_board(3);
	struct machine *m = machine_built(&board);
	struct gpuas_space space;

	(void)state;
	*entry(m, 0, 2) = lent_pa(m) | bits | 3;
	*entry(m, 1, 2) = lent_pa(m) | 3;
	assert_int_equal(inspect(m), 0);
	assert_int_equal(open_host(m, &space), 0);
	assert_int_equal(*entry(m, 0, 2), lent_pa(m) | bits | 3);
	gpuas_space_release(&space);
	machine_delete(m);
}

/* By who never planned: what follows the table is not looked at. */
static void a_window_beyond_the_lent_table_is_erange(void **state)
{
	struct gpuas_board board = lent_board(2);
	struct machine *m = machine_built(&board);
	struct gpuas_space space;

	(void)state;
	board.host.size = m->b.manifest.host.size = 2 * ROOT_ENTRY;
	assert_int_equal(gpuas_manifest_check(&m->b.manifest, m->b.board, &m->report), 0);
	*(uint64_t *)at(m, gpuas_pa(lent_pa(m) + RAM_GRANULE), RAM_GRANULE) = 1;
	assert_int_equal(inspect(m), -GPUAS_ERANGE);
	assert_says(m, "lent table: does not cover the host's window");
	assert_int_equal(open_host(m, &space), -GPUAS_ERANGE);
	machine_delete(m);
}

static void refused_lent(void (*change)(struct gpuas_board *board), int err, const char *what)
{
	struct gpuas_board board = lent_board(2);
	struct gpuas_report report;
	struct gpuas_bringup b;

	change(&board);
	assert_int_equal(gpuas_plan(&b, &board, &report), err);
	if (!strstr(report.text.buf, what))
		fail_msg("'%s' does not say '%s'", report.text.buf, what);
}

static void unaligned(struct gpuas_board *board) { (void)board; lent_roots[1].offset = 0x41000; }
static void first_elsewhere(struct gpuas_board *board) { (void)board; lent_roots[0].offset = 0x4000; }
static void second_at_start(struct gpuas_board *board) { (void)board; lent_roots[1].offset = 0; }
static void mirrors_later(struct gpuas_board *board) { (void)board; lent_roots[0].mirrors = 1; }
static void many_published(struct gpuas_board *board) { (void)board; lent_roots[1].published = 9; }
static void no_number(struct gpuas_board *board) { board->roots = 0; }
static void too_small(struct gpuas_board *board) { (void)board; lent_regions[TABLES].size = 0x40000; }
static void in_the_way(struct gpuas_board *board) { (void)board; lent_roots[1].offset = 0x4000; }
static void last_offset(struct gpuas_board *board) { (void)board; lent_roots[1].offset = 0 - 0x4000ULL; }
static void wide(struct gpuas_board *board) { board->host.size = 2 * ROOT_ENTRY; }

static void lent_optional(struct gpuas_board *board)
{
	board->adopt = true;
	lent_stand[LENT].optional = true;
}

static void published_host(struct gpuas_board *board)
{
	board->regions = lent_contract.regions = COUNT;
	lent_roots[1].published = 3;
}

static void impossible_roots_are_refused(void **state)
{
	(void)state;
	refused_lent(unaligned, -GPUAS_EINVAL, "root 1 is unaligned");
	refused_lent(first_elsewhere, -GPUAS_EINVAL, "root 0 is the first");
	refused_lent(second_at_start, -GPUAS_EINVAL, "root 1 is the first");
	refused_lent(mirrors_later, -GPUAS_EINVAL, "root 0 mirrors none");
	refused_lent(many_published, -GPUAS_EINVAL, "root 1 has too many published");
	refused_lent(no_number, -GPUAS_EINVAL, "roots without a number");
	refused_lent(too_small, -GPUAS_EMSGSIZE, "pagetables: is smaller than 0x44000");
	refused_lent(in_the_way, -GPUAS_EMSGSIZE, "another root in the way of its tables");
	refused_lent(last_offset, -GPUAS_EMSGSIZE, "pagetables: is smaller than 0xffffffffffffffff");
	refused_lent(lent_optional, -GPUAS_EINVAL, "region shared-l2: cannot be optional");
	refused_lent(wide, -GPUAS_EINVAL, "window host: is not the one root entry");
	refused_lent(published_host, -GPUAS_EINVAL, "window host: is in what the firmware publishes, root 1");
}

static const struct CMUnitTest tests[] = {
	T(a_built_tree_maps_every_region_and_nothing_else),
	T(the_template_builds),
	T(context_0_has_the_root_and_the_page_is_a_handoff),
	T(regions_are_cleared_but_data_is_not),
	T(memory_of_others_stays),
	T(the_number_of_tables_is_exact),
	T(no_memory_for_any_region_leaves_nothing_allocated),
	T(nonsense_from_the_host_is_refused_and_given_back),
	T(allocating_out_of_turn_is_eperm),
	T(allocating_for_an_adopting_board_is_eperm),
	T(building_out_of_turn_is_eperm),
	T(a_region_that_the_cpu_cannot_see_is_efault),
	T(an_error_of_map_is_passed_on),
	T(abandon_gives_everything_back_at_any_stage),
	T(inspect_passes_and_writes_nothing),
	T(a_root_outside_ram_is_efault),
	T(a_table_outside_ram_is_efault),
	T(a_ttb_array_outside_ram_is_efault),
	T(a_handoff_page_outside_ram_is_efault),
	T(a_stale_slot_in_the_hosts_window_is_ebusy),
	T(an_invalid_entry_in_the_hosts_window_is_ebusy),
	T(a_region_that_is_not_mapped_is_estale),
	T(a_region_with_a_hole_at_its_end_is_estale),
	T(a_page_at_another_pa_is_estale),
	T(a_page_with_other_rights_is_estale),
	T(a_ttb_that_is_not_valid_is_estale),
	T(a_ttb_of_another_root_is_estale),
	T(a_wrong_magic_is_eproto),
	T(a_wrong_lock_is_eproto),
	T(a_handoff_page_that_nobody_knows_is_eopnotsupp),
	T(ttbs_and_handoff_of_an_adopting_board_are_not_judged),
	T(adopting_takes_inspects_and_writes_nothing),
	T(adopting_a_tree_with_stale_slots_is_ebusy),
	T(taking_a_wrong_manifest_changes_nothing),
	T(taking_out_of_turn_is_eperm),
	T(taking_for_a_board_that_allocates_is_eperm),
	T(every_stage_can_be_printed),
	cmocka_unit_test(a_lent_table_is_linked_into_each_root_unless_firmware_does),
	cmocka_unit_test(the_driver_works_below_the_lent_table),
	cmocka_unit_test(a_driver_makes_the_link_that_nobody_made),
	cmocka_unit_test(a_driver_waits_for_the_link_that_firmware_publishes),
	cmocka_unit_test(a_link_that_firmware_made_stays_as_it_is),
	cmocka_unit_test(a_window_beyond_the_lent_table_is_erange),
	cmocka_unit_test(impossible_roots_are_refused),
};

UNIT_MAIN(tests)
