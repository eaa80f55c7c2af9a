// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The order of accesses and barriers in the handoff page. */
#include "trace.h"
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/handoff.h>
#include <gpuas/unmap.h>

#define HOST		GPUAS_SIDE_HOST
#define FIRMWARE	GPUAS_SIDE_FIRMWARE
#define VA		gpuas_va(0x4000)
#define PROFILE		(&gpuas_profile_g13)

static struct gpuas_handoff page;

static const char *name_of(const void *where)
{
	static const struct {
		size_t offset;
		const char *name;
	} names[] = {
		{ 0x00, "magic_host" }, { 0x08, "magic_fw" }, { 0x10, "lock_host" },
		{ 0x11, "lock_fw" }, { 0x14, "turn" }, { 0x18, "context" },
		{ 0x38, "state" }, { 0x40, "addr" }, { 0x48, "size" },
		{ 0x638, "fw_absent" }, { 0x640, "unknown640" },
	};
	size_t offset = (size_t)((const uint8_t *)where - (const uint8_t *)&page);
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].offset == offset)
			return names[i].name;
	}
	fail_msg("access at offset %zu", offset);
	return "";
}

/* All slots but the first, of which the tests make use. */
static bool another_slot(const void *where)
{
	size_t offset = (size_t)((const uint8_t *)where - (const uint8_t *)&page);

	return offset >= 0x20 && offset < 0x638 && (offset - 0x20) / 0x18 != 1;
}

void trace_load(const void *where)
{
	if (another_slot(where))
		trace_once("load", "others");
	else
		trace_note("load", name_of(where));
}

/* What the other side does right before each store of ours. */
static void (*before_store)(void);

void trace_store(const void *where, uint64_t value)
{
	(void)value;
	if (before_store)
		before_store();
	if (another_slot(where))
		trace_once("store", "others");
	else
		trace_note("store", name_of(where));
}

void trace_clear(void *where)
{
	if (where == &page)
		trace_note("clear", "");
}

/* The other side: one thing that happens at the first look, the end of the wait at the fourth. */
static void (*event)(void);
static unsigned int looks;

static bool again(void *ctx)
{
	(void)ctx;
	trace_note("again", "");
	if (!looks++ && event)
		event();
	return looks < 4;
}

static const struct gpuas_wait wait = { .again = again };

static void prepare(void (*what)(void))
{
	memset(&page, 0, sizeof(page));
	trace_start();
	looks = 0;
	event = what;
}

static void locking_looks_after_it_has_raised_its_byte(void **state)
{
	(void)state;
	prepare(NULL);
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, HOST, &wait, NULL), 0);
	assert_string_equal(trace, "store lock_host, full, load lock_fw, acquire");
	prepare(NULL);
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, FIRMWARE, &wait, NULL), 0);
	assert_string_equal(trace, "store lock_fw, full, load lock_host, acquire");
}

static void drop_fw(void)
{
	page.lock_fw = 0;
}

static void drop_host(void)
{
	page.lock_host = 0;
}

/* Also after it gave way, and also when it had its byte up all the time. */
static void every_look_that_may_lead_in_follows_a_full_barrier(void **state)
{
	(void)state;
	prepare(drop_fw);
	page.lock_fw = 1;
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, HOST, &wait, NULL), 0);
	assert_string_equal(trace, "store lock_host, full, load lock_fw, load turn, again, "
			    "store lock_host, full, load lock_fw, acquire");
	prepare(drop_fw);
	page.lock_fw = 1;
	page.turn = 1;
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, HOST, &wait, NULL), 0);
	assert_string_equal(trace, "store lock_host, full, load lock_fw, load turn, store lock_host, "
			    "again, load turn, load lock_fw, "
			    "store lock_host, full, load lock_fw, acquire");
	prepare(drop_host);
	page.lock_host = 1;
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, FIRMWARE, &wait, NULL), 0);
	assert_string_equal(trace, "store lock_fw, full, load lock_host, load turn, store lock_fw, "
			    "again, load turn, load lock_host, "
			    "store lock_fw, full, load lock_host, acquire");
}

static void a_wait_of_no_success_ends_with_the_byte_down(void **state)
{
	(void)state;
	prepare(NULL);
	looks = 3;
	page.lock_fw = 1;
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, HOST, &wait, NULL), -GPUAS_ETIMEDOUT);
	assert_string_equal(trace, "store lock_host, full, load lock_fw, load turn, again, "
			    "store lock_host, load turn, release, store turn");
	prepare(NULL);
	page.lock_host = 9;
	assert_int_equal(gpuas_handoff_lock(&page, PROFILE, FIRMWARE, &wait, NULL), -GPUAS_EPROTO);
	assert_string_equal(trace, "store lock_fw, full, load lock_host, store lock_fw, "
			    "release, store turn");
}

/*
 * The firmware: lets go, which gives us the turn, wants the lock again at once, finds
 * our byte up, gives way, and waits for the turn alone; all of that before a store of
 * ours, the @stores_left-th from the beginning.
 */
static unsigned int stores_left;

static void let_go_and_come_back(void)
{
	if (stores_left-- || !page.lock_fw)
		return;
	page.turn = 0;
	page.lock_fw = page.lock_host == 0;
}

/* Whenever that happens while we give up, the firmware gets in: its byte is up, or the turn its own. */
static void who_gives_up_strands_nobody(void **state)
{
	unsigned int stores;

	(void)state;
	for (stores = 1; stores < 4; stores++) {
		prepare(NULL);
		looks = 3;
		page.lock_fw = 1;
		stores_left = stores;
		before_store = let_go_and_come_back;
		assert_int_equal(gpuas_handoff_lock(&page, PROFILE, HOST, &wait, NULL), -GPUAS_ETIMEDOUT);
		before_store = NULL;
		assert_int_equal(page.lock_host, 0);
		assert_true(page.lock_fw || page.turn);
	}
}

static void unlocking_lowers_the_byte_after_everything_else(void **state)
{
	(void)state;
	prepare(NULL);
	gpuas_handoff_unlock(&page, HOST);
	assert_string_equal(trace, "store turn, release, store lock_host");
	prepare(NULL);
	gpuas_handoff_unlock(&page, FIRMWARE);
	assert_string_equal(trace, "store turn, release, store lock_fw");
	prepare(NULL);
	gpuas_handoff_recover(&page, HOST);
	assert_string_equal(trace, "store turn, release, store lock_fw");
}

static void fw_comes_up(void)
{
	page.magic_fw = GPUAS_HANDOFF_MAGIC_0002;
}

static void the_magic_comes_after_what_it_stands_for(void **state)
{
	(void)state;
	prepare(NULL);
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	assert_string_equal(trace, "clear, store context, store unknown640, publish, store magic_host");
	prepare(fw_comes_up);
	assert_int_equal(gpuas_handoff_start(&page, PROFILE, HOST, &wait, NULL, NULL), 0);
	assert_string_equal(trace, "publish, store magic_host, load magic_fw, again, load magic_fw, "
			    "acquire");
}

static void done(void)
{
	page.flush[1].state = 2;
}

static void a_request_has_its_range_before_its_state(void **state)
{
	(void)state;
	prepare(done);
	assert_int_equal(gpuas_handoff_flush_post(&page, 1, VA, 0x4000, NULL), 0);
	assert_string_equal(trace, "load state, store addr, store size, publish, store state");
	trace_start();
	assert_int_equal(gpuas_handoff_flush_finish(&page, 1, &wait, NULL), 0);
	assert_string_equal(trace, "load state, again, load state, acquire, store state");
}

static void a_range_is_read_after_its_state(void **state)
{
	struct gpuas_range range;

	(void)state;
	prepare(NULL);
	page.flush[1].state = 1;
	assert_int_equal(gpuas_handoff_flush_next(&page, 1, &range), 1);
	assert_string_equal(trace, "load state, acquire, load addr, load size");
	trace_start();
	assert_int_equal(gpuas_handoff_flush_done(&page, 1), 0);
	assert_string_equal(trace, "load state, release, store state");
}

/* What a running firmware may look at changes before the magic, one store each. */
static void a_page_in_use_is_written_before_its_magic(void **state)
{
	(void)state;
	prepare(NULL);
	page.flush[1].state = 2;
	gpuas_handoff_init(&page, &gpuas_profile_g16, GPUAS_FIRMWARE_RUNS);
	assert_string_equal(trace, "load others, load state, store state, load others, load magic_fw, "
			    "store fw_absent, store unknown640, publish, store magic_host");
}

static void what_a_peer_prepared_is_read_after_its_magic(void **state)
{
	(void)state;
	prepare(NULL);
	page.magic_fw = GPUAS_HANDOFF_MAGIC_0002;
	assert_int_equal(gpuas_handoff_peer(&page, PROFILE, HOST, NULL, NULL), 0);
	assert_string_equal(trace, "load magic_fw, acquire");
	trace_start();
	assert_int_equal(gpuas_handoff_start(&page, &gpuas_profile_g16, HOST, &wait, NULL, NULL), 0);
	assert_string_equal(trace, "publish, store magic_host, load magic_fw, acquire");
}

/* With nobody there it is a lock all the same. */
static void a_lock_without_a_firmware_keeps_its_barriers(void **state)
{
	(void)state;
	prepare(NULL);
	page.lock_fw = 1;
	assert_int_equal(gpuas_handoff_lock(&page, &gpuas_profile_g17, HOST, &wait, NULL), 0);
	assert_string_equal(trace, "store lock_host, full, load lock_fw, acquire");
	trace_start();
	gpuas_handoff_unlock(&page, HOST);
	assert_string_equal(trace, "store turn, release, store lock_host");
}

/* The leaves are changed, and only then we look at what the firmware has loaded: store before load. */
static void a_way_is_chosen_after_the_leaves_were_changed(void **state)
{
	struct gpuas_handoff_unmap unmap;

	(void)state;
	prepare(NULL);
	page.magic_fw = GPUAS_HANDOFF_MAGIC_0002;
	page.context = 1;
	assert_int_equal(gpuas_handoff_unmap_prepare(&page, PROFILE, 1, VA, 0x4000, &unmap, NULL), 0);
	assert_int_equal(unmap.way, GPUAS_UNMAP_FLUSH);
	assert_string_equal(trace, "full, load magic_fw, load context, load state, "
			    "store addr, store size, publish, store state");
	prepare(NULL);
	assert_int_equal(gpuas_handoff_unmap_prepare(&page, PROFILE, 1, VA, 0x4000, &unmap, NULL), 0);
	assert_int_equal(unmap.way, GPUAS_UNMAP_NOTICE);
	assert_string_equal(trace, "full, load magic_fw, load state, "
			    "store addr, store size, publish, store state");
}

static void a_slot_is_given_back_after_the_leaves_were_cleared(void **state)
{
	struct gpuas_handoff_unmap unmap;

	(void)state;
	prepare(NULL);
	assert_int_equal(gpuas_handoff_unmap_prepare(&page, PROFILE, 1, VA, 0x4000, &unmap, NULL), 0);
	trace_start();
	assert_int_equal(gpuas_handoff_unmap_complete(&page, &unmap, NULL), 0);
	assert_string_equal(trace, "load state, load addr, load size, release, store state");
}

static void a_wait_reads_what_was_written_back_after_the_answer(void **state)
{
	(void)state;
	prepare(done);
	page.flush[1].state = 1;
	assert_int_equal(gpuas_handoff_flush_wait(&page, 1, &wait, NULL), 0);
	assert_string_equal(trace, "load state, again, load state, acquire");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(locking_looks_after_it_has_raised_its_byte),
	cmocka_unit_test(every_look_that_may_lead_in_follows_a_full_barrier),
	cmocka_unit_test(a_wait_of_no_success_ends_with_the_byte_down),
	cmocka_unit_test(who_gives_up_strands_nobody),
	cmocka_unit_test(unlocking_lowers_the_byte_after_everything_else),
	cmocka_unit_test(the_magic_comes_after_what_it_stands_for),
	cmocka_unit_test(a_request_has_its_range_before_its_state),
	cmocka_unit_test(a_range_is_read_after_its_state),
	cmocka_unit_test(a_page_in_use_is_written_before_its_magic),
	cmocka_unit_test(what_a_peer_prepared_is_read_after_its_magic),
	cmocka_unit_test(a_lock_without_a_firmware_keeps_its_barriers),
	cmocka_unit_test(a_way_is_chosen_after_the_leaves_were_changed),
	cmocka_unit_test(a_slot_is_given_back_after_the_leaves_were_cleared),
	cmocka_unit_test(a_wait_reads_what_was_written_back_after_the_answer),
};

UNIT_MAIN(tests)
