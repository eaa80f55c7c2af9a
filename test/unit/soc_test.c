// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Is what is said of each SoC consistent, and is what is not known really absent? */
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/bringup.h>

#define ENTRY	(1ULL << 36)

static bool known(const struct gpuas_soc *soc, enum gpuas_soc_field field)
{
	return soc->fact[field].mark != GPUAS_MARK_UNKNOWN;
}

#define EACH(soc, i)	(i) = 0; ((soc) = gpuas_soc_at(i)); (i)++

static void every_machine_and_gpu_finds_its_soc(void **state)
{
	const char *const *name;
	const struct gpuas_soc *soc;
	const struct gpuas_board *board;
	unsigned int i, machines = 0;

	(void)state;
	for (EACH(soc, i)) {
		board = gpuas_soc_board(soc, NULL);
		for (name = soc->board->machine; *name; name++, machines++) {
			assert_ptr_equal(gpuas_soc_find(*name), soc);
			assert_ptr_equal(gpuas_board_find(*name), board);
		}
		for (name = soc->board->compatible; *name; name++)
			assert_true(gpuas_board_family(*name));
		assert_true(name > soc->board->compatible);
	}
	assert_true(machines >= 20);
	assert_null(gpuas_soc_find("apple,t9999"));
	assert_null(gpuas_soc_find("linux,dummy-virt"));
	assert_null(gpuas_soc_find(NULL));
}

/* A board of either community's tree would be found by its own list only. */
static void both_orders_of_compatibles_are_listed(void **state)
{
	static const char *const names[][4] = {
		{ "apple,t8103", "apple,agx-g13g", "apple,agx-t8103" },
		{ "apple,t8112", "apple,agx-g14g", "apple,agx-t8112" },
		{ "apple,t6000", "apple,agx-g13s", "apple,agx-t6000", "apple,agx-g13x" },
		{ "apple,t6001", "apple,agx-g13c", "apple,agx-t6001", "apple,agx-g13x" },
		{ "apple,t6002", "apple,agx-g13d", "apple,agx-t6002", "apple,agx-g13s" },
		{ "apple,t6020", "apple,agx-g14s", "apple,agx-t6020", "apple,agx-g14x" },
		{ "apple,t6021", "apple,agx-g14c", "apple,agx-t6021", "apple,agx-g14x" },
		{ "apple,t6022", "apple,agx-g14d", "apple,agx-t6022", "apple,agx-g14s" },
		{ "apple,t6030", "apple,agx-t6030", "apple,agx-g15x", "apple,agx-g15s" },
	};
	const char *const *have;
	unsigned int i, n;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (n = 1; n < 4 && names[i][n]; n++) {
			have = gpuas_soc_find(names[i][0])->board->compatible;
			while (*have && strcmp(*have, names[i][n]))
				have++;
			if (!*have)
				fail_msg("%s has no %s", names[i][0], names[i][n]);
		}
}

static void what_is_known_says_from_where(void **state)
{
	const struct gpuas_soc *soc;
	unsigned int i, field;

	(void)state;
	for (EACH(soc, i)) {
		assert_non_null(soc->product);
		assert_non_null(soc->gpu);
		for (field = 0; field < GPUAS_SOC_FIELDS; field++) {
			assert_non_null(gpuas_mark_name(soc->fact[field].mark));
			if (known(soc, field))
				assert_true(soc->fact[field].source && *soc->fact[field].source);
		}
	}
}

static void what_is_not_known_is_absent(void **state)
{
	const struct gpuas_board *board;
	const struct gpuas_soc *soc;
	unsigned int i;

	(void)state;
	for (EACH(soc, i)) {
		board = soc->board;
		assert_int_equal(known(soc, GPUAS_SOC_IDENTITY), soc->family != 0);
		assert_int_equal(known(soc, GPUAS_SOC_BITS), board->geo.format != NULL);
		assert_int_equal(known(soc, GPUAS_SOC_BITS), board->geo.va_bits != 0);
		assert_int_equal(known(soc, GPUAS_SOC_WINDOWS), board->host.size != 0);
		assert_int_equal(known(soc, GPUAS_SOC_WINDOWS), board->firmware.size != 0);
		assert_int_equal(known(soc, GPUAS_SOC_REGIONS), board->contract != NULL);
		assert_int_equal(known(soc, GPUAS_SOC_REGIONS), board->region != NULL);
		assert_int_equal(known(soc, GPUAS_SOC_HANDOFF), board->profile != NULL);
		assert_int_equal(board->roots != 0, board->root != NULL);
		if (!known(soc, GPUAS_SOC_ROOTS))
			assert_null(board->root);
		if (!known(soc, GPUAS_SOC_WALKER))
			assert_false(soc->coherent);
		assert_int_equal(board->incoherent, !soc->coherent);
	}
}

static void bits_are_the_format_s_and_windows_are_whole_entries(void **state)
{
	const struct gpuas_board *board;
	const struct gpuas_soc *soc;
	uint64_t base, firmware, host;
	unsigned int i;

	(void)state;
	for (EACH(soc, i)) {
		board = soc->board;
		assert_ptr_equal(board->geo.format, &gpuas_format_uat);
		assert_true(board->geo.va_bits == 39 || board->geo.va_bits == 42);
		assert_true(board->geo.pa_bits == 40 || board->geo.pa_bits == 42);
		assert_true(board->geo.upper && board->adopt);
		assert_int_equal(board->align, 0x4000);
		if (!known(soc, GPUAS_SOC_WINDOWS))
			continue;
		base = ~0ULL << board->geo.va_bits;
		firmware = gpuas_va_u64(board->firmware.va);
		host = gpuas_va_u64(board->host.va);
		assert_true(firmware == base);
		assert_int_equal((host | board->host.size | board->firmware.size) % ENTRY, 0);
		assert_true(host == firmware + board->firmware.size);
		assert_true(board->host.size);
		assert_true(host - base + (board->host.size - 1) < 1ULL << board->geo.va_bits);
	}
}

/* One table that is lent covers the host's window, which is then one root entry. */
static void a_lent_table_covers_the_host_s_window(void **state)
{
	const struct gpuas_soc *soc;
	unsigned int i, r;

	(void)state;
	for (EACH(soc, i))
		for (r = 0; r < soc->board->regions; r++)
			if (soc->board->region[r].role == GPUAS_ROLE_LENT)
				assert_int_equal(soc->board->host.size, ENTRY);
}

/* Entries that firmware publishes end with the host's, where the lent table hangs. */
static void roots_are_apart_and_publish_up_to_the_host_s_entry(void **state)
{
	const struct gpuas_board *board;
	const struct gpuas_soc *soc;
	unsigned int i, r, entry;

	(void)state;
	for (EACH(soc, i)) {
		board = soc->board;
		entry = (unsigned int)(board->firmware.size / ENTRY);
		for (r = 0; r < board->roots; r++) {
			assert_int_equal(board->root[r].offset % 0x4000, 0);
			assert_true(r ? board->root[r].offset > board->root[r - 1].offset :
					!board->root[0].offset);
			assert_true(board->root[r].published <= entry + 1);
			assert_true(board->root[r].mirrors < board->roots);
		}
	}
	soc = gpuas_soc_find("apple,t8140");
	assert_int_equal(soc->board->roots, 2);
	assert_true(soc->board->root[1].offset == 0x40000);
	assert_int_equal(soc->board->root[1].mirrors, 0);
	assert_int_equal(soc->board->root[1].published, 3);
}

/* That holes are not remembered is known of walkers up to G14 only. */
static void maps_are_flushed_from_g15_on(void **state)
{
	const struct gpuas_soc *soc;
	unsigned int i;

	(void)state;
	for (EACH(soc, i))
		if (soc->board->map_flush != (soc->board->geo.va_bits == 42))
			fail_msg("%s", soc->board->name);
}

static void a_board_of_a_soc_is_planned(void **state)
{
	static struct gpuas_bringup bringup;
	const struct gpuas_board *board;
	const struct gpuas_soc *soc;
	struct gpuas_report report;
	unsigned int i, boards = 0;

	(void)state;
	for (EACH(soc, i)) {
		board = gpuas_soc_board(soc, &report);
		if (!board)
			continue;
		boards++;
		assert_ptr_equal(board, soc->board);
		if (gpuas_plan(&bringup, board, &report))
			fail_msg("%s", report.text.buf);
	}
	assert_true(boards >= 8);
	assert_ptr_equal(gpuas_soc_board(gpuas_soc_find("apple,t8103"), NULL),
			 &gpuas_board_apple_t8103);
}

/* Refused by name, and nothing else is said. */
static void asking_for_what_is_not_known_names_soc_and_field(void **state)
{
	const struct gpuas_soc *soc;
	struct gpuas_report report;
	unsigned int i, field, missing = 0;
	char want[128];

	(void)state;
	for (EACH(soc, i))
		for (field = 0; field < GPUAS_SOC_FIELDS; field++) {
			if (known(soc, field)) {
				assert_int_equal(gpuas_soc_ask(soc, field, NULL), 0);
				continue;
			}
			missing++;
			assert_int_equal(gpuas_soc_ask(soc, field, NULL), -GPUAS_EOPNOTSUPP);
			assert_int_equal(gpuas_soc_ask(soc, field, &report), -GPUAS_EOPNOTSUPP);
			snprintf(want, sizeof(want), "SoC %s: identified, but not known: %s",
				 soc->board->name, gpuas_soc_field_name(field));
			assert_string_equal(report.text.buf, want);
		}
	assert_true(missing > 20);
	soc = gpuas_soc_find("apple,t8142");
	assert_null(gpuas_soc_board(soc, &report));
	assert_string_equal(report.text.buf,
			    "SoC apple-t8142: identified, but not known: roots");
	assert_int_equal(gpuas_soc_ask(soc, (enum gpuas_soc_field)GPUAS_SOC_FIELDS, &report), -GPUAS_EOPNOTSUPP);
	assert_null(gpuas_soc_field_name((enum gpuas_soc_field)GPUAS_SOC_FIELDS));
	assert_null(gpuas_mark_name((enum gpuas_mark)(GPUAS_MARK_HARDWARE + 1)));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_machine_and_gpu_finds_its_soc),
	cmocka_unit_test(both_orders_of_compatibles_are_listed),
	cmocka_unit_test(what_is_known_says_from_where),
	cmocka_unit_test(what_is_not_known_is_absent),
	cmocka_unit_test(bits_are_the_format_s_and_windows_are_whole_entries),
	cmocka_unit_test(a_lent_table_covers_the_host_s_window),
	cmocka_unit_test(roots_are_apart_and_publish_up_to_the_host_s_entry),
	cmocka_unit_test(maps_are_flushed_from_g15_on),
	cmocka_unit_test(a_board_of_a_soc_is_planned),
	cmocka_unit_test(asking_for_what_is_not_known_names_soc_and_field),
};

UNIT_MAIN(tests)
