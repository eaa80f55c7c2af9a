// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A firmware that lies: between any two accesses of the host's to the page, it writes anything into
 * any place that it can reach, in each profile, during each operation. What must hold: the operation
 * ends, with an error that it has; who is refused has written nothing; and what it says it has done
 * it has done.
 */
#include "trace.h"
#include "unit.h"

#include <gpuas/boards.h>
#include <gpuas/unmap.h>

#define MAGIC2	0x4b1d000000000002ULL
#define SLOT	7
#define VA	gpuas_va(0x4000)

static struct gpuas_handoff page;

/* Which of the host's accesses the lie comes before, and what was counted. */
static unsigned int lie_at, accesses, stores, store_outside_slot, looks;
static void (*lie)(void);

static void step(void)
{
	if (accesses++ == lie_at)
		lie();
}

void trace_load(const void *where)
{
	(void)where;
	step();
}

void trace_store(const void *where, uint64_t value)
{
	const uint8_t *slot = (const uint8_t *)&page.flush[SLOT];
	const uint8_t *at = where;

	(void)value;
	step();
	stores++;
	store_outside_slot += at < slot || at >= slot + sizeof(page.flush[SLOT]);
}

void trace_clear(void *where)
{
	(void)where;
}

static bool again(void *ctx)
{
	(void)ctx;
	trace_start();
	return ++looks < 5;
}

static const struct gpuas_wait wait = { .again = again };

/*
 * Lies
 */

static void magic_goes(void) { page.magic_fw = 0; }
static void magic_comes(void) { page.magic_fw = MAGIC2; }
static void magic_is_the_next(void) { page.magic_fw = MAGIC2 + 1; }
static void magic_is_garbage(void) { page.magic_fw = ~0ULL; }
static void context_is_the_slot(void) { page.context = SLOT; }
static void context_is_another(void) { page.context = SLOT + 1; }
static void context_is_none(void) { page.context = 0xffff; }
static void context_is_garbage(void) { page.context = 0x12345678; }
static void lock_is_raised(void) { page.lock_fw = 1; }
static void lock_is_lowered(void) { page.lock_fw = 0; }
static void lock_is_garbage(void) { page.lock_fw = 0x5a; }
static void turn_is_garbage(void) { page.turn = 0xa5a5a5a5; }
static void state_is_idle(void) { page.flush[SLOT].state = 0; }
static void state_is_requested(void) { page.flush[SLOT].state = 1; }
static void state_is_done(void) { page.flush[SLOT].state = 2; }
static void state_is_garbage(void) { page.flush[SLOT].state = 0x100000001ULL; }
static void range_is_another(void) { page.flush[SLOT].addr ^= 0x4000; }
static void size_is_another(void) { page.flush[SLOT].size = 0; }

static void (*const lies[])(void) = {
	magic_goes, magic_comes, magic_is_the_next, magic_is_garbage, context_is_the_slot,
	context_is_another, context_is_none, context_is_garbage, lock_is_raised, lock_is_lowered,
	lock_is_garbage, turn_is_garbage, state_is_idle, state_is_requested, state_is_done,
	state_is_garbage, range_is_another, size_is_another,
};

static const struct gpuas_profile *const profiles[] = {
	&gpuas_profile_g13, &gpuas_profile_g16, &gpuas_profile_g17, &gpuas_profile_g17_sptm,
};

enum { LIES = sizeof(lies) / sizeof(lies[0]), PROFILES = 4, STEPS = 80 };

/* Where the page begins: nobody there, up, up with our context. */
static void begin(const struct gpuas_profile *profile, unsigned int from)
{
	lie_at = ~0u;
	gpuas_handoff_init(&page, profile, GPUAS_FIRMWARE_STOPPED);
	if (from)
		page.magic_fw = MAGIC2;
	if (from > 1)
		page.context = SLOT;
	trace_start();
}

static void arm(unsigned int which, unsigned int at)
{
	accesses = stores = store_outside_slot = looks = 0;
	lie = lies[which];
	lie_at = at;
}

/* Each profile, each beginning, each lie, before each access. */
static void everywhere(void (*operation)(const struct gpuas_profile *profile, unsigned int which,
					 unsigned int at))
{
	unsigned int i, from, which, at;

	for (i = 0; i < PROFILES; i++)
		for (from = 0; from < 3; from++)
			for (which = 0; which < LIES; which++)
				for (at = 0; at < STEPS; at++) {
					begin(profiles[i], from);
					operation(profiles[i], which, at);
				}
}

static bool one_of(int err, int a, int b, int c)
{
	return !err || err == a || err == b || err == c;
}

static void start(const struct gpuas_profile *profile, unsigned int which, unsigned int at)
{
	struct gpuas_report report = { 0 };
	uint64_t magic = 77;
	int err;

	page.magic_host = 0;
	arm(which, at);
	err = gpuas_handoff_start(&page, profile, GPUAS_SIDE_HOST, &wait, &magic, &report);
	assert_true(one_of(err, -GPUAS_EPROTO, -GPUAS_ETIMEDOUT, 0));
	assert_int_equal(report.err, err);
	assert_true(page.magic_host == MAGIC2);
	assert_int_equal(stores, 1);
	if (err)
		assert_true(magic == 77);
	else
		assert_true(!magic || gpuas_profile_accepts(profile, magic));
	if (profile->firmware != GPUAS_FIRMWARE_ANSWERS)
		assert_true(!looks && err != -GPUAS_ETIMEDOUT);
	else
		assert_true(err || magic);
	if (profile->firmware == GPUAS_FIRMWARE_NEVER)
		assert_true(!err && !magic);
}

static void a_start_ends_whatever_is_written_meanwhile(void **state)
{
	(void)state;
	everywhere(start);
}

static void look(const struct gpuas_profile *profile, unsigned int which, unsigned int at)
{
	unsigned int context = 77;
	uint64_t magic = 77;
	int err;

	arm(which, at);
	err = gpuas_handoff_peer(&page, profile, GPUAS_SIDE_HOST, &magic, NULL);
	assert_true(one_of(err, -GPUAS_ENOENT, -GPUAS_EPROTO, 0));
	assert_true(err ? magic == 77 : gpuas_profile_accepts(profile, magic));
	err = gpuas_handoff_context(&page, profile, &context, NULL);
	assert_true(one_of(err, -GPUAS_ENOENT, -GPUAS_EPROTO, 0));
	assert_true(err ? context == 77 : context > 0 && context < 64);
	err = gpuas_handoff_check(&page, profile, NULL);
	assert_true(one_of(err, -GPUAS_EPROTO, 0, 0));
	assert_int_equal(stores, 0);
}

static void a_look_writes_nothing_and_believes_one_load(void **state)
{
	(void)state;
	everywhere(look);
}

static void lock(const struct gpuas_profile *profile, unsigned int which, unsigned int at)
{
	int err;

	arm(which, at);
	err = gpuas_handoff_lock(&page, profile, GPUAS_SIDE_HOST, &wait, NULL);
	assert_true(one_of(err, -GPUAS_ETIMEDOUT, -GPUAS_EPROTO, 0));
	assert_int_equal(page.lock_host, !err);
	assert_true(looks <= 5);
	if (profile->firmware == GPUAS_FIRMWARE_NEVER)
		assert_true(!err && !looks);
	gpuas_handoff_unlock(&page, GPUAS_SIDE_HOST);
	assert_int_equal(page.lock_host, 0);
}

static void a_lock_is_had_or_the_byte_is_down(void **state)
{
	(void)state;
	everywhere(lock);
}

/* Both stores of a notice, or of a request, are there if it says so; else there is none. */
static void prepare(const struct gpuas_profile *profile, unsigned int which, unsigned int at)
{
	struct gpuas_handoff_unmap unmap = { .slot = 99 };
	struct gpuas_report report = { 0 };
	int err;

	arm(which, at);
	err = gpuas_handoff_unmap_prepare(&page, profile, SLOT, VA, 0x4000, &unmap, &report);
	assert_true(one_of(err, -GPUAS_EBUSY, -GPUAS_EPROTO, 0));
	assert_int_equal(report.err, err);
	assert_int_equal(stores, err ? 0 : 3);
	assert_int_equal(store_outside_slot, 0);
	assert_int_equal(unmap.slot, err ? 99 : SLOT);
	assert_int_equal(looks, 0);
	if (!err) {
		/* A firmware that does not take part is not asked, whatever it writes. */
		if (profile->firmware == GPUAS_FIRMWARE_NEVER)
			assert_int_equal(unmap.way, GPUAS_UNMAP_NOTICE);
		assert_int_equal(page.flush[SLOT].state, unmap.way == GPUAS_UNMAP_NOTICE ? 2 : 1);
	}
}

static void an_unmap_is_prepared_as_it_says_or_not_at_all(void **state)
{
	(void)state;
	everywhere(prepare);
}

/* What was changed in the slot meanwhile is noticed, or came too late to be: it was free again. */
static void complete(const struct gpuas_profile *profile, unsigned int which, unsigned int at)
{
	struct gpuas_handoff_unmap unmap;
	struct gpuas_report report = { 0 };
	int err = gpuas_handoff_unmap_prepare(&page, profile, SLOT, VA, 0x4000, &unmap, NULL);

	assert_int_equal(err, 0);
	arm(which, at);
	if (unmap.way == GPUAS_UNMAP_FLUSH)
		err = gpuas_handoff_flush_wait(&page, SLOT, &wait, &report);
	assert_true(one_of(err, -GPUAS_ETIMEDOUT, -GPUAS_EPROTO, 0));
	assert_int_equal(report.err, err);
	assert_int_equal(stores, 0);
	err = gpuas_handoff_unmap_complete(&page, &unmap, &report);
	assert_true(one_of(err, -GPUAS_EBUSY, -GPUAS_EPROTO, -GPUAS_ESTALE));
	assert_int_equal(stores, !err);
	assert_int_equal(store_outside_slot, 0);
	if (!err)
		assert_int_equal(page.flush[SLOT].state, 0);
	else
		assert_int_equal(report.err, err);
}

static void an_unmap_is_completed_once_and_by_its_own_range(void **state)
{
	(void)state;
	everywhere(complete);
}

/* With firmware that runs: what is its own is as it wrote it last. */
static void init(const struct gpuas_profile *profile, unsigned int which, unsigned int at)
{
	struct gpuas_handoff lied;

	page.lock_fw = 1;
	page.lock_host = 1;
	page.turn = 3;
	lied = page;
	arm(which, at);
	gpuas_handoff_init(&page, profile, GPUAS_FIRMWARE_RUNS);
	assert_true(page.magic_host == MAGIC2);
	if (at >= accesses) {
		assert_true(page.magic_fw == lied.magic_fw);
		assert_int_equal(page.lock_fw, 1);
		assert_int_equal(page.lock_host, 1);
		assert_int_equal(page.turn, 3);
	} else if (lies[which] == magic_is_garbage) {
		assert_true(page.magic_fw == ~0ULL);
	} else if (lies[which] == lock_is_garbage) {
		assert_int_equal(page.lock_fw, 0x5a);
	} else if (lies[which] == turn_is_garbage) {
		assert_int_equal(page.turn, 0xa5a5a5a5);
	}
}

static void init_beside_a_running_firmware_leaves_what_that_writes(void **state)
{
	(void)state;
	everywhere(init);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_start_ends_whatever_is_written_meanwhile),
	cmocka_unit_test(a_look_writes_nothing_and_believes_one_load),
	cmocka_unit_test(a_lock_is_had_or_the_byte_is_down),
	cmocka_unit_test(an_unmap_is_prepared_as_it_says_or_not_at_all),
	cmocka_unit_test(an_unmap_is_completed_once_and_by_its_own_range),
	cmocka_unit_test(init_beside_a_running_firmware_leaves_what_that_writes),
};

UNIT_MAIN(tests)
