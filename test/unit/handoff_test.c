// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/handoff.h>

static void init_writes_the_hosts_magic_and_zeros(void **state)
{
	struct gpuas_handoff page;
	uint8_t want[0x648] = { 0x02, 0, 0, 0, 0, 0, 0x1d, 0x4b };

	(void)state;
	memset(&page, 0xa5, sizeof(page));
	gpuas_handoff_init(&page);
	assert_int_equal(sizeof(page), sizeof(want));
	assert_memory_equal(&page, want, sizeof(want));
}

/* Offsets as m1n1 and Linux have them, by number. */
static void fields_lie_where_the_firmware_looks(void **state)
{
	struct gpuas_handoff page;
	uint8_t *bytes = (uint8_t *)&page;

	(void)state;
	memset(&page, 0, sizeof(page));
	bytes[0x08] = 1;
	bytes[0x10] = 2;
	bytes[0x11] = 3;
	bytes[0x14] = 4;
	bytes[0x18] = 5;
	bytes[0x20 + 0x18] = 6;
	bytes[0x620 + 8] = 7;
	bytes[0x620 + 16] = 8;
	bytes[0x638] = 9;
	bytes[0x640] = 10;
	assert_int_equal(page.magic_fw, 1);
	assert_int_equal(page.lock_host, 2);
	assert_int_equal(page.lock_fw, 3);
	assert_int_equal(page.turn, 4);
	assert_int_equal(page.context, 5);
	assert_int_equal(page.flush[1].state, 6);
	assert_int_equal(page.flush[GPUAS_HANDOFF_FLUSH_KERNEL].addr, 7);
	assert_int_equal(page.flush[GPUAS_HANDOFF_FLUSH_KERNEL].size, 8);
	assert_int_equal(page.unknown638, 9);
	assert_int_equal(page.unknown640, 10);
}

static void a_fresh_page_passes(void **state)
{
	struct gpuas_report report = { 0 };
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page);
	assert_int_equal(gpuas_handoff_check(&page, &report), 0);
	assert_int_equal(gpuas_handoff_check(&page, NULL), 0);
	assert_int_equal(report.err, 0);
}

static void a_page_with_firmware_up_passes(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page);
	page.magic_fw = GPUAS_HANDOFF_MAGIC;
	page.lock_host = 1;
	page.lock_fw = 1;
	page.turn = 1;
	page.context = 0xffffffff;
	page.flush[64].state = 2;
	assert_int_equal(gpuas_handoff_check(&page, NULL), 0);
}

static void refused(const struct gpuas_handoff *page, const char *field,
		    const char *value)
{
	struct gpuas_report report;

	assert_int_equal(gpuas_handoff_check(page, NULL), -GPUAS_EPROTO);
	assert_int_equal(gpuas_handoff_check(page, &report), -GPUAS_EPROTO);
	assert_int_equal(report.err, -GPUAS_EPROTO);
	assert_non_null(strstr(report.text.buf, field));
	assert_non_null(strstr(report.text.buf, value));
}

static void a_wrong_magic_of_the_host_is_eproto(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page);
	page.magic_host = 0;
	refused(&page, "magic_host", " 0x0");
	page.magic_host = GPUAS_HANDOFF_MAGIC + 1;
	refused(&page, "magic_host", "0x4b1d000000000003");
}

static void a_wrong_magic_of_the_firmware_is_eproto(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page);
	page.magic_fw = 0x1234;
	refused(&page, "magic_fw", "0x1234");
}

static void a_lock_byte_that_is_not_0_or_1_is_eproto(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page);
	page.lock_host = 2;
	refused(&page, "lock_host", "0x2");
	page.lock_host = 0;
	page.lock_fw = 0xff;
	refused(&page, "lock_fw", "0xff");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(init_writes_the_hosts_magic_and_zeros),
	cmocka_unit_test(fields_lie_where_the_firmware_looks),
	cmocka_unit_test(a_fresh_page_passes),
	cmocka_unit_test(a_page_with_firmware_up_passes),
	cmocka_unit_test(a_wrong_magic_of_the_host_is_eproto),
	cmocka_unit_test(a_wrong_magic_of_the_firmware_is_eproto),
	cmocka_unit_test(a_lock_byte_that_is_not_0_or_1_is_eproto),
};

UNIT_MAIN(tests)
