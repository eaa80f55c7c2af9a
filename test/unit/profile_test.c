// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The handoff page as each generation uses it, beside a firmware that answers, is late, or never comes. */
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/handoff.h>

#define HOST		GPUAS_SIDE_HOST
#define FIRMWARE	GPUAS_SIDE_FIRMWARE
#define MAGIC2		0x4b1d000000000002ULL
#define MAGIC3		0x4b1d000000000003ULL
#define GARBAGE		0xdeadbeefULL

/* What the reference has of each, by number. */
static const struct known {
	const char *name;
	const struct gpuas_profile *profile;
	bool waits, never, third;
	uint32_t context;
	uint8_t absent;
} known[] = {
	{ "g13", &gpuas_profile_g13, true, false, false, 0, 0 },
	{ "g15", &gpuas_profile_g15, true, false, false, 0, 0 },
	{ "g16", &gpuas_profile_g16, false, false, false, 0xffff, 1 },
	{ "g17", &gpuas_profile_g17, false, true, true, 0, 0 },
	{ "g17 sptm", &gpuas_profile_g17_sptm, false, true, true, 0xffff, 1 },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static unsigned int looks, limit;
static struct gpuas_handoff page;

/* The firmware, at the second look. */
static void (*firmware)(void);

static bool again(void *ctx)
{
	(void)ctx;
	if (++looks == 2 && firmware)
		firmware();
	return looks < limit;
}

static const struct gpuas_wait wait = { .again = again };

static void prepare(const struct known *k, void (*what)(void))
{
	memset(&page, 0xa5, sizeof(page));
	gpuas_handoff_init(&page, k->profile, GPUAS_FIRMWARE_STOPPED);
	firmware = what;
	looks = 0;
	limit = 5;
}

/*
 * The values themselves
 */

static void the_librarys_profiles_make_sense(void **state)
{
	const struct gpuas_board *board;
	unsigned int i;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		assert_int_equal(gpuas_profile_check(known[i].profile, NULL), 0);
		assert_true(gpuas_profile_accepts(known[i].profile, MAGIC2));
		assert_int_equal(gpuas_profile_accepts(known[i].profile, MAGIC3), known[i].third);
		assert_false(gpuas_profile_accepts(known[i].profile, GARBAGE));
	}
	for (i = 0; (board = gpuas_board_at(i)); i++)
		assert_true((board->adopt && !board->profile) ||
			    !gpuas_profile_check(board->profile, NULL));
}

static void refused(const struct gpuas_profile *profile, int err, const char *what)
{
	struct gpuas_report report;

	assert_int_equal(gpuas_profile_check(profile, NULL), err);
	assert_int_equal(gpuas_profile_check(profile, &report), err);
	if (!strstr(report.text.buf, what))
		fail_msg("\"%s\" does not say \"%s\"", report.text.buf, what);
}

static void a_profile_without_sense_is_refused(void **state)
{
	static const uint64_t zero[] = { MAGIC2, 0 };
	struct gpuas_profile p;

	(void)state;
	refused(NULL, -GPUAS_EOPNOTSUPP, "is not known");
#define SPOILT(spoil, what) \
	p = gpuas_profile_g13; \
	spoil; \
	refused(&p, -GPUAS_EINVAL, what)
	SPOILT(p.accepts = 0, "accepts no magic");
	SPOILT(p.accept = NULL, "accepts no magic");
	SPOILT(p.accept = zero; p.accepts = 2, "accepts the magic 0");
	SPOILT(p.magic = MAGIC3, "does not accept");
	SPOILT(p.context_none = 1, "number of a context");
	SPOILT(p.context_none = 63, "number of a context");
	SPOILT(p.firmware = 3, "no meaning");
	SPOILT(p.absent = 3, "no meaning");
	p = gpuas_profile_g13;
	p.context_none = 64;
	assert_int_equal(gpuas_profile_check(&p, NULL), 0);
}

/*
 * Init
 */

static void a_new_page_is_as_the_generation_has_it(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		uint8_t want[0x648] = { 0x02, 0, 0, 0, 0, 0, 0x1d, 0x4b };

		prepare(&known[i], NULL);
		memcpy(want + 0x18, &known[i].context, 4);
		want[0x638] = known[i].absent;
		assert_memory_equal(&page, want, sizeof(want));
		assert_int_equal(gpuas_handoff_check(&page, known[i].profile, NULL), 0);
	}
}

/* All that a firmware and an earlier host may have left, with states from 0 to 3 in the slots. */
static void lived_in(void)
{
	unsigned int i;

	memset(&page, 0xa5, sizeof(page));
	page.magic_host = GARBAGE;
	page.magic_fw = MAGIC2;
	page.lock_host = 1;
	page.lock_fw = 1;
	page.turn = 0x1234;
	page.context = 7;
	for (i = 0; i < GPUAS_HANDOFF_FLUSH_SLOTS; i++)
		page.flush[i].state = i % 4;
	page.fw_absent = 0x77;
}

static void what_a_running_firmware_wrote_stays(void **state)
{
	struct gpuas_handoff want;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		lived_in();
		want = page;
		gpuas_handoff_init(&page, known[i].profile, GPUAS_FIRMWARE_RUNS);
		want.magic_host = MAGIC2;
		want.unknown640 = 0;
		if (known[i].never)
			want.context = known[i].context;
		if (known[i].profile->absent == GPUAS_ABSENT_ALWAYS)
			want.fw_absent = 1;
		else if (known[i].profile->absent == GPUAS_ABSENT_BY_MAGIC)
			want.fw_absent = 0;
		/* A request may still be answered, unless nobody ever does. */
		for (j = 0; j < GPUAS_HANDOFF_FLUSH_SLOTS; j++)
			want.flush[j].state = want.flush[j].state == 1 && !known[i].never;
		assert_memory_equal(&page, &want, sizeof(want));
	}
}

static void a_magic_that_is_not_accepted_counts_as_absent(void **state)
{
	static const uint64_t wrong[] = { 0, GARBAGE, MAGIC3, MAGIC2 << 1 };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		lived_in();
		page.magic_fw = wrong[i];
		gpuas_handoff_init(&page, &gpuas_profile_g16, GPUAS_FIRMWARE_RUNS);
		assert_int_equal(page.fw_absent, 1);
		assert_true(page.magic_fw == wrong[i]);
	}
}

/*
 * Start, and a firmware that comes
 */

static int start(const struct known *k, uint64_t *magic, struct gpuas_report *report)
{
	*magic = 77;
	return gpuas_handoff_start(&page, k->profile, HOST, &wait, magic, report);
}

static void come(void)
{
	page.magic_fw = MAGIC2;
}

static void only_who_is_known_to_answer_is_waited_for(void **state)
{
	struct gpuas_report report;
	uint64_t magic;
	unsigned int i;
	int err;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		/* Comes at the second look. */
		prepare(&known[i], come);
		assert_int_equal(start(&known[i], &magic, NULL), 0);
		assert_int_equal(looks, known[i].waits ? 2 : 0);
		assert_true(magic == (known[i].waits ? MAGIC2 : 0));
		assert_true(page.magic_host == MAGIC2);
		/* Never comes. */
		prepare(&known[i], NULL);
		err = start(&known[i], &magic, &report);
		assert_int_equal(err, known[i].waits ? -GPUAS_ETIMEDOUT : 0);
		assert_int_equal(looks, known[i].waits ? limit : 0);
		assert_true(magic == (known[i].waits ? 77 : 0));
		/* Is there already. */
		prepare(&known[i], NULL);
		come();
		assert_int_equal(start(&known[i], &magic, NULL), 0);
		assert_int_equal(looks, 0);
		assert_true(magic == (known[i].never ? 0 : MAGIC2));
	}
}

static void who_has_a_wrong_magic_is_refused_unless_it_never_takes_part(void **state)
{
	struct gpuas_report report;
	uint64_t magic;
	unsigned int i;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		prepare(&known[i], NULL);
		page.magic_fw = GARBAGE;
		if (known[i].never) {
			assert_int_equal(start(&known[i], &magic, NULL), 0);
			assert_int_equal(gpuas_handoff_peer(&page, known[i].profile, HOST, &magic, NULL),
					 -GPUAS_ENOENT);
			assert_int_equal(gpuas_handoff_check(&page, known[i].profile, NULL), 0);
			continue;
		}
		assert_int_equal(start(&known[i], &magic, &report), -GPUAS_EPROTO);
		assert_string_equal(report.text.buf, "handoff magic_fw: is wrong: 0xdeadbeef, "
				    "expected 0x4b1d000000000002");
	}
}

static int peer(const struct known *k, uint64_t *magic, struct gpuas_report *report)
{
	const struct gpuas_handoff before = page;
	int err;

	*magic = 77;
	err = gpuas_handoff_peer(&page, k->profile, HOST, magic, report);
	assert_memory_equal(&page, &before, sizeof(page));
	assert_true(!err == (*magic != 77));
	return err;
}

/* Whenever it comes, goes, or becomes something else: each look tells what is so then. */
static void a_late_firmware_is_found_when_it_comes(void **state)
{
	const struct known *k = &known[2];
	struct gpuas_report report;
	unsigned int when, i;
	uint64_t magic;

	(void)state;
	for (when = 0; when < 5; when++) {
		prepare(k, NULL);
		assert_int_equal(start(k, &magic, NULL), 0);
		for (i = 0; i < when; i++)
			assert_int_equal(peer(k, &magic, &report), -GPUAS_ENOENT);
		if (when)
			assert_non_null(strstr(report.text.buf, "nobody is there"));
		come();
		assert_int_equal(peer(k, &magic, NULL), 0);
		assert_true(magic == MAGIC2);
		page.magic_fw = MAGIC3;
		assert_int_equal(peer(k, &magic, &report), -GPUAS_EPROTO);
		assert_non_null(strstr(report.text.buf, "is wrong: 0x4b1d000000000003, expected 0x4b1d"));
		page.magic_fw = 0;
		assert_int_equal(peer(k, &magic, NULL), -GPUAS_ENOENT);
	}
}

static void who_never_takes_part_is_never_there(void **state)
{
	struct gpuas_report report;
	uint64_t magic;

	(void)state;
	prepare(&known[3], NULL);
	come();
	assert_int_equal(peer(&known[3], &magic, &report), -GPUAS_ENOENT);
	assert_non_null(strstr(report.text.buf, "never takes part"));
	/* From the other side there is a host, and it is waited for. */
	assert_int_equal(gpuas_handoff_peer(&page, known[3].profile, FIRMWARE, &magic, NULL), 0);
	page.magic_host = 0;
	assert_int_equal(gpuas_handoff_start(&page, known[3].profile, FIRMWARE, &wait, NULL, NULL),
			 -GPUAS_ETIMEDOUT);
}

/* A generation of tomorrow: other magics, another word for none; no line of code. */
static const uint64_t tomorrow_magics[] = { MAGIC2, MAGIC3, 0x4b1d000000000004ULL };
static const struct known tomorrow = {
	.name = "tomorrow",
	.profile = &(const struct gpuas_profile){
		.magic = MAGIC3,
		.accept = tomorrow_magics,
		.accepts = 3,
		.firmware = GPUAS_FIRMWARE_ANSWERS,
		.context_none = 0x1234,
		.absent = GPUAS_ABSENT_BY_MAGIC,
	},
};

static void another_magic_is_data(void **state)
{
	struct gpuas_report report;
	uint64_t magic;
	unsigned int i;

	(void)state;
	assert_int_equal(gpuas_profile_check(tomorrow.profile, NULL), 0);
	for (i = 0; i < 3; i++) {
		prepare(&tomorrow, NULL);
		assert_true(page.magic_host == MAGIC3);
		assert_int_equal(page.context, 0x1234);
		assert_int_equal(page.fw_absent, 1);
		page.magic_fw = tomorrow_magics[i];
		page.magic_host = tomorrow_magics[i];
		assert_int_equal(gpuas_handoff_check(&page, tomorrow.profile, NULL), 0);
		assert_int_equal(start(&tomorrow, &magic, NULL), 0);
		assert_true(magic == tomorrow_magics[i]);
		assert_true(page.magic_host == MAGIC3);
	}
	page.magic_fw = GARBAGE;
	assert_int_equal(start(&tomorrow, &magic, &report), -GPUAS_EPROTO);
	assert_non_null(strstr(report.text.buf, "expected 0x4b1d000000000002 or 0x4b1d000000000003 "
						"or 0x4b1d000000000004"));
	page.magic_fw = 0;
	page.magic_host = GARBAGE;
	assert_int_equal(gpuas_handoff_check(&page, tomorrow.profile, &report), -GPUAS_EPROTO);
	assert_non_null(strstr(report.text.buf, "magic_host"));
}

/*
 * Context
 */

static void no_context_has_many_names(void **state)
{
	static const uint32_t none[] = { 0, 0xffff, 0xffffffff };
	static const uint32_t strange[] = { 64, 0xfffe, 0x10000, 0x7fffffff, 0xfffffffe, 0xff };
	struct gpuas_report report;
	unsigned int i, j, context;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		const struct gpuas_profile *profile = known[i].profile;

		prepare(&known[i], NULL);
		context = 77;
		assert_int_equal(gpuas_handoff_context(&page, profile, &context, NULL), -GPUAS_ENOENT);
		for (j = 0; j < 3; j++) {
			page.context = none[j];
			assert_int_equal(gpuas_handoff_context(&page, profile, &context, &report),
					 -GPUAS_ENOENT);
			assert_int_equal(gpuas_handoff_check(&page, profile, NULL), 0);
		}
		for (j = 0; j < sizeof(strange) / sizeof(strange[0]); j++) {
			page.context = strange[j];
			assert_int_equal(gpuas_handoff_context(&page, profile, &context, &report),
					 -GPUAS_EPROTO);
			assert_non_null(strstr(report.text.buf, "context"));
			assert_int_equal(gpuas_handoff_check(&page, profile, &report), -GPUAS_EPROTO);
		}
		assert_int_equal(context, 77);
		for (j = 1; j < 64; j++) {
			page.context = j;
			assert_int_equal(gpuas_handoff_context(&page, profile, &context, NULL), 0);
			assert_int_equal(context, j);
		}
	}
	page.context = 0x1234;
	assert_int_equal(gpuas_handoff_context(&page, tomorrow.profile, &context, NULL), -GPUAS_ENOENT);
	assert_int_equal(gpuas_handoff_context(&page, known[0].profile, &context, NULL), -GPUAS_EPROTO);
}

/*
 * Lock
 */

static int lock(const struct known *k)
{
	looks = 0;
	return gpuas_handoff_lock(&page, k->profile, HOST, &wait, NULL);
}

static void a_firmware_that_never_takes_part_cannot_hold_the_lock(void **state)
{
	static const uint8_t bytes[] = { 0, 1, 2, 0x5a, 0xff };
	unsigned int i, j;

	(void)state;
	for (i = 0; i < KNOWN; i++) {
		for (j = 0; j < sizeof(bytes); j++) {
			int want = known[i].never || !bytes[j] ? 0 :
				   bytes[j] == 1 ? -GPUAS_ETIMEDOUT : -GPUAS_EPROTO;

			prepare(&known[i], NULL);
			page.lock_fw = bytes[j];
			page.turn = j;
			assert_int_equal(lock(&known[i]), want);
			assert_int_equal(page.lock_host, !want);
			assert_int_equal(page.lock_fw, bytes[j]);
			if (!want)
				assert_int_equal(looks, 0);
			gpuas_handoff_unlock(&page, HOST);
			assert_int_equal(page.lock_host, 0);
			if (known[i].never)
				assert_int_equal(gpuas_handoff_check(&page, known[i].profile, NULL), 0);
		}
	}
}

/* The first step of a firmware that comes at last: it finds the lock taken. */
static void come_and_want_the_lock(void)
{
	static const struct gpuas_wait no_time = { .again = again };

	come();
	limit = 0;
	assert_int_equal(gpuas_handoff_lock(&page, &gpuas_profile_g16, FIRMWARE, &no_time, NULL),
			 -GPUAS_ETIMEDOUT);
}

static void a_late_firmware_is_kept_out_from_the_moment_that_it_comes(void **state)
{
	(void)state;
	prepare(&known[2], NULL);
	assert_int_equal(lock(&known[2]), 0);
	assert_int_equal(looks, 0);
	come_and_want_the_lock();
	gpuas_handoff_unlock(&page, HOST);
	assert_int_equal(gpuas_handoff_lock(&page, &gpuas_profile_g16, FIRMWARE, &wait, NULL), 0);
	assert_int_equal(lock(&known[2]), -GPUAS_ETIMEDOUT);
	gpuas_handoff_unlock(&page, FIRMWARE);
	assert_int_equal(lock(&known[2]), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_librarys_profiles_make_sense),
	cmocka_unit_test(a_profile_without_sense_is_refused),
	cmocka_unit_test(a_new_page_is_as_the_generation_has_it),
	cmocka_unit_test(what_a_running_firmware_wrote_stays),
	cmocka_unit_test(a_magic_that_is_not_accepted_counts_as_absent),
	cmocka_unit_test(only_who_is_known_to_answer_is_waited_for),
	cmocka_unit_test(who_has_a_wrong_magic_is_refused_unless_it_never_takes_part),
	cmocka_unit_test(a_late_firmware_is_found_when_it_comes),
	cmocka_unit_test(who_never_takes_part_is_never_there),
	cmocka_unit_test(another_magic_is_data),
	cmocka_unit_test(no_context_has_many_names),
	cmocka_unit_test(a_firmware_that_never_takes_part_cannot_hold_the_lock),
	cmocka_unit_test(a_late_firmware_is_kept_out_from_the_moment_that_it_comes),
};

UNIT_MAIN(tests)
