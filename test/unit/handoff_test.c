// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <pthread.h>
#include <sched.h>

#include <gpuas/boards.h>
#include <gpuas/handoff.h>

#define HOST		GPUAS_SIDE_HOST
#define FIRMWARE	GPUAS_SIDE_FIRMWARE
#define MAGIC		GPUAS_HANDOFF_MAGIC_0002
#define PROFILE		(&gpuas_profile_g13)

static void init_writes_the_hosts_magic_and_zeros(void **state)
{
	struct gpuas_handoff page;
	uint8_t want[0x648] = { 0x02, 0, 0, 0, 0, 0, 0x1d, 0x4b };

	(void)state;
	memset(&page, 0xa5, sizeof(page));
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
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
	assert_int_equal(page.fw_absent, 9);
	assert_int_equal(page.unknown640, 10);
}

static void a_fresh_page_passes(void **state)
{
	struct gpuas_report report = { 0 };
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	assert_int_equal(gpuas_handoff_check(&page, PROFILE, &report), 0);
	assert_int_equal(gpuas_handoff_check(&page, PROFILE, NULL), 0);
	assert_int_equal(report.err, 0);
}

static void a_page_with_firmware_up_passes(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	page.magic_fw = GPUAS_HANDOFF_MAGIC_0002;
	page.lock_host = 1;
	page.lock_fw = 1;
	page.turn = 1;
	page.context = 0xffffffff;
	page.flush[64].state = 2;
	assert_int_equal(gpuas_handoff_check(&page, PROFILE, NULL), 0);
}

static void refused(const struct gpuas_handoff *page, const char *field,
		    const char *value)
{
	struct gpuas_report report;

	assert_int_equal(gpuas_handoff_check(page, PROFILE, NULL), -GPUAS_EPROTO);
	assert_int_equal(gpuas_handoff_check(page, PROFILE, &report), -GPUAS_EPROTO);
	assert_int_equal(report.err, -GPUAS_EPROTO);
	assert_non_null(strstr(report.text.buf, field));
	assert_non_null(strstr(report.text.buf, value));
}

static void a_wrong_magic_of_the_host_is_eproto(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	page.magic_host = 0;
	refused(&page, "magic_host", " 0x0");
	page.magic_host = GPUAS_HANDOFF_MAGIC_0002 + 1;
	refused(&page, "magic_host", "0x4b1d000000000003");
}

static void a_wrong_magic_of_the_firmware_is_eproto(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	page.magic_fw = 0x1234;
	refused(&page, "magic_fw", "0x1234");
}

static void a_lock_byte_that_is_not_0_or_1_is_eproto(void **state)
{
	struct gpuas_handoff page;

	(void)state;
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	page.lock_host = 2;
	refused(&page, "lock_host", "0x2");
	page.lock_host = 0;
	page.lock_fw = 0xff;
	refused(&page, "lock_fw", "0xff");
}

/*
 * The other side: what it does between two looks at the page
 */

struct script {
	struct gpuas_handoff page;
	struct gpuas_wait wait;
	enum gpuas_side side;
	void (*step)(struct script *script);
	unsigned int looks;
	unsigned int limit;
	uint32_t random;
	unsigned int won;
	struct gpuas_range served[GPUAS_HANDOFF_FLUSH_SLOTS];
};

static bool again(void *ctx)
{
	struct script *script = ctx;

	script->looks++;
	if (script->step)
		script->step(script);
	return script->looks < script->limit;
}

/* Both up, nobody at the lock; @side is ours. */
static void script_init(struct script *script, enum gpuas_side side,
			void (*step)(struct script *script))
{
	memset(script, 0, sizeof(*script));
	gpuas_handoff_init(&script->page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	script->page.magic_fw = MAGIC;
	script->wait.again = again;
	script->wait.ctx = script;
	script->side = side;
	script->step = step;
	script->limit = 10;
	script->random = 1;
}

static uint8_t *byte_of(struct script *script, enum gpuas_side side)
{
	return side == HOST ? &script->page.lock_host : &script->page.lock_fw;
}

static enum gpuas_side other(enum gpuas_side side)
{
	return side == HOST ? FIRMWARE : HOST;
}

/* What the other side's byte and the turn are; @give_way: the turn is its. */
static void held(struct script *script, bool give_way)
{
	*byte_of(script, other(script->side)) = 1;
	script->page.turn = script->side == HOST ? give_way : !give_way;
}

static int lock(struct script *script, struct gpuas_report *report)
{
	return gpuas_handoff_lock(&script->page, PROFILE, script->side, &script->wait,
				  report);
}

/* Everything but the lock is as script_init() left it. */
static void rest_is_untouched(const struct script *script)
{
	struct gpuas_handoff page = script->page, want;

	gpuas_handoff_init(&want, PROFILE, GPUAS_FIRMWARE_STOPPED);
	want.magic_fw = MAGIC;
	page.lock_host = 0;
	page.lock_fw = 0;
	page.turn = 0;
	page.context = 0;
	assert_memory_equal(&page, &want, sizeof(page));
}

static void a_free_lock_is_had_at_once(void **state)
{
	static const uint32_t turns[] = { 0, 1, 2, 0x80000000, 0xffffffff };
	struct script script;
	unsigned int i, side;

	(void)state;
	for (i = 0; i < 2 * sizeof(turns) / sizeof(turns[0]); i++) {
		side = i % 2;
		script_init(&script, side, NULL);
		script.page.turn = turns[i / 2];
		assert_int_equal(lock(&script, NULL), 0);
		assert_int_equal(script.looks, 0);
		assert_int_equal(*byte_of(&script, side), 1);
		assert_int_equal(*byte_of(&script, other(side)), 0);
		assert_int_equal(script.page.turn, turns[i / 2]);
		rest_is_untouched(&script);
	}
}

static void who_lets_go_gives_the_turn_away(void **state)
{
	static const uint32_t turns[] = { 0, 1, 0xffffffff };
	struct script script;
	unsigned int i, side;

	(void)state;
	for (i = 0; i < 2 * sizeof(turns) / sizeof(turns[0]); i++) {
		side = i % 2;
		script_init(&script, side, NULL);
		script.page.turn = turns[i / 2];
		*byte_of(&script, side) = 1;
		*byte_of(&script, other(side)) = 1;
		gpuas_handoff_unlock(&script.page, side);
		assert_int_equal(*byte_of(&script, side), 0);
		assert_int_equal(*byte_of(&script, other(side)), 1);
		assert_int_equal(script.page.turn, side == HOST ? 1 : 0);
		rest_is_untouched(&script);
	}
}

static void let_go_at_third_look(struct script *script)
{
	assert_int_equal(*byte_of(script, script->side), 1);
	if (script->looks == 3)
		*byte_of(script, other(script->side)) = 0;
}

static void whose_turn_it_is_insists(void **state)
{
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		script_init(&script, side, let_go_at_third_look);
		held(&script, false);
		assert_int_equal(lock(&script, NULL), 0);
		assert_int_equal(script.looks, 3);
		assert_int_equal(*byte_of(&script, side), 1);
		assert_int_equal(script.page.turn, side == HOST ? 0 : 1);
	}
}

/* As gpuas_handoff_unlock() does it, one store a look. */
static void let_go_in_two_steps(struct script *script)
{
	enum gpuas_side side = script->side;

	assert_int_equal(*byte_of(script, side), script->looks > 3);
	if (script->looks == 3)
		script->page.turn = side == HOST ? 0 : 1;
	if (script->looks == 5)
		*byte_of(script, other(side)) = 0;
}

static void whose_turn_it_is_not_gives_way_until_it_is(void **state)
{
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		script_init(&script, side, let_go_in_two_steps);
		held(&script, true);
		assert_int_equal(lock(&script, NULL), 0);
		assert_int_equal(script.looks, 5);
		assert_int_equal(*byte_of(&script, side), 1);
	}
}

static void any_turn_but_0_is_the_firmwares(void **state)
{
	static const uint32_t turns[] = { 1, 2, 0x100, 0x80000000, 0xffffffff };
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		script_init(&script, HOST, let_go_in_two_steps);
		script.page.lock_fw = 1;
		script.page.turn = turns[i];
		assert_int_equal(lock(&script, NULL), 0);
		script_init(&script, FIRMWARE, let_go_at_third_look);
		script.page.lock_host = 1;
		script.page.turn = turns[i];
		assert_int_equal(lock(&script, NULL), 0);
	}
}

/* Its time is up: it takes its byte down, and the turn stays its own: not ours does that. */
static void give_up_at_third_look(struct script *script)
{
	assert_int_equal(*byte_of(script, script->side), 0);
	if (script->looks == 3)
		*byte_of(script, other(script->side)) = 0;
}

static void a_side_that_gave_up_is_not_waited_for(void **state)
{
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		script_init(&script, side, give_up_at_third_look);
		held(&script, true);
		assert_int_equal(lock(&script, NULL), 0);
		assert_int_equal(script.looks, 3);
	}
}

static void time_is_up(struct script *script, const char *who)
{
	struct gpuas_report report;
	enum gpuas_side side = script->side;
	uint32_t turn = script->page.turn;

	script->page.context = 0x2b;
	assert_int_equal(lock(script, &report), -GPUAS_ETIMEDOUT);
	assert_int_equal(script->looks, script->limit);
	assert_int_equal(*byte_of(script, side), 0);
	assert_int_equal(*byte_of(script, other(side)), 1);
	/* Who gave up needs no turn; the other one may wait for nothing else. */
	assert_int_equal(script->page.turn, side == HOST ? 1 : 0);
	rest_is_untouched(script);
	assert_int_equal(report.err, -GPUAS_ETIMEDOUT);
	assert_non_null(strstr(report.text.buf, who));
	assert_non_null(strstr(report.text.buf,
			       turn ? "turn 0x1," : "turn 0x0,"));
	assert_non_null(strstr(report.text.buf, "context 0x2b"));
	script->looks = 0;
	assert_int_equal(lock(script, NULL), -GPUAS_ETIMEDOUT);
}

static void a_lock_that_is_kept_is_etimedout_and_leaves_the_way_free(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		script_init(&script, i % 2, NULL);
		held(&script, i / 2);
		time_is_up(&script, i % 2 == HOST ? "held by the firmware" :
						    "held by the host");
	}
}

/*
 * A side as the protocol has it: it gives way by taking its byte down, and waits for
 * the turn and for nothing else. At each look of ours it makes one step.
 */
static void give_way_at_first_look(struct script *script)
{
	if (script->looks == 1)
		*byte_of(script, other(script->side)) = 0;
}

static void who_gave_way_to_a_side_that_gave_up_gets_in(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		script_init(&script, side, give_way_at_first_look);
		held(&script, false);
		script.limit = 1;
		/* It gives way while we give up: both bytes are down, and it looks at the turn. */
		assert_int_equal(lock(&script, &report), -GPUAS_ETIMEDOUT);
		assert_int_equal(*byte_of(&script, side), 0);
		assert_int_equal(*byte_of(&script, other(side)), 0);
		assert_int_equal(script.page.turn != 0, side == HOST);
	}
}

static void become_strange_and_give_way(struct script *script)
{
	*byte_of(script, other(script->side)) = 0x80;
	script->page.turn = script->side == HOST ? 0 : 1;
}

/* Whatever we took its byte for, it may be one that waits for its turn. */
static void no_end_of_a_wait_keeps_the_turn(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		script_init(&script, i % 2, become_strange_and_give_way);
		held(&script, i / 2);
		assert_int_equal(lock(&script, NULL), -GPUAS_EPROTO);
		assert_int_equal(script.page.turn != 0, i % 2 == HOST);
	}
}

static void one_look_is_enough_when_there_is_no_time(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		script_init(&script, i % 2, NULL);
		held(&script, i / 2);
		script.limit = 1;
		time_is_up(&script, "held by");
	}
}

static void a_strange_byte_of_the_other_side_is_eproto(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int i, side;

	(void)state;
	for (i = 0; i < 2 * 254; i++) {
		side = i % 2;
		script_init(&script, side, NULL);
		*byte_of(&script, other(side)) = (uint8_t)(2 + i / 2);
		assert_int_equal(lock(&script, NULL), -GPUAS_EPROTO);
		assert_int_equal(lock(&script, &report), -GPUAS_EPROTO);
		assert_int_equal(*byte_of(&script, side), 0);
		assert_int_equal(script.page.turn, side == HOST ? 1 : 0);
		rest_is_untouched(&script);
	}
	assert_string_equal(report.text.buf,
			    "handoff lock_host: is neither 0 nor 1 but 0xff");
}

static void become_strange(struct script *script)
{
	*byte_of(script, other(script->side)) = 0x80;
}

static void a_byte_that_becomes_strange_is_eproto(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		script_init(&script, i % 2, become_strange);
		held(&script, i / 2);
		assert_int_equal(lock(&script, &report), -GPUAS_EPROTO);
		assert_int_equal(script.looks, 1);
		assert_int_equal(*byte_of(&script, i % 2), 0);
		assert_non_null(strstr(report.text.buf, "0x80"));
	}
}

static uint32_t random32(struct script *script)
{
	script->random = script->random * 1664525 + 1013904223;
	return script->random >> 16 | script->random << 16;
}

static void scribble(struct script *script)
{
	uint32_t random = random32(script);

	*byte_of(script, other(script->side)) = random % 64 ? 1 : random >> 8;
	script->page.turn = random32(script) & -(random >> 31);
	if (!(random % 7))
		*byte_of(script, script->side) = (uint8_t)(random >> 16);
}

/* Any end is right but one with our byte not as the result says. */
static void a_page_that_changes_at_will_ends_the_wait(void **state)
{
	unsigned int seed, ended[3] = { 0 };
	struct script script;
	int err;

	(void)state;
	for (seed = 0; seed < 2000; seed++) {
		script_init(&script, seed % 2, scribble);
		script.random = seed;
		script.limit = 50;
		held(&script, seed & 2);
		err = lock(&script, NULL);
		assert_true(script.looks <= script.limit);
		assert_int_equal(*byte_of(&script, seed % 2), !err);
		if (!err)
			assert_int_equal(*byte_of(&script, other(seed % 2)), 0);
		assert_true(!err || err == -GPUAS_EPROTO || err == -GPUAS_ETIMEDOUT);
		ended[!err ? 0 : err == -GPUAS_EPROTO ? 1 : 2]++;
	}
	assert_true(ended[0] && ended[1] && ended[2]);
}

static void unlock_as_the_other(struct script *script)
{
	if (script->looks == 4)
		gpuas_handoff_unlock(&script->page, other(script->side));
}

/* Each side waits for the other in turn, both with the library. */
static void the_lock_goes_from_side_to_side(void **state)
{
	struct script script;
	unsigned int round, side = HOST;

	(void)state;
	script_init(&script, side, NULL);
	assert_int_equal(lock(&script, NULL), 0);
	script.step = unlock_as_the_other;
	for (round = 0; round < 10; round++) {
		side = other(side);
		script.side = side;
		script.looks = 0;
		assert_int_equal(lock(&script, NULL), 0);
		assert_int_equal(script.looks, 4);
		assert_int_equal(*byte_of(&script, side), 1);
		assert_int_equal(*byte_of(&script, other(side)), 0);
	}
}

static bool no_time(void *ctx)
{
	(void)ctx;
	return false;
}

/* Lets go, and is back at once. */
static void greedy(struct script *script)
{
	const struct gpuas_wait at_once = { .again = no_time };
	enum gpuas_side side = other(script->side);

	if (script->looks % 3)
		return;
	gpuas_handoff_unlock(&script->page, side);
	if (!gpuas_handoff_lock(&script->page, PROFILE, side, &at_once, NULL))
		script->won++;
}

static void a_greedy_side_gets_in_once_more_at_most(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		script_init(&script, i % 2, greedy);
		held(&script, i / 2);
		assert_int_equal(lock(&script, NULL), 0);
		/* Once, as our byte was down: it was not our turn. */
		assert_int_equal(script.won, i / 2);
		assert_int_equal(script.looks, i / 2 ? 6 : 3);
		assert_int_equal(*byte_of(&script, other(i % 2)), 0);
	}
}

static void a_dead_side_loses_the_lock_by_recovery(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		script_init(&script, i % 2, NULL);
		held(&script, i / 2);
		script.page.context = 3;
		assert_int_equal(lock(&script, NULL), -GPUAS_ETIMEDOUT);
		gpuas_handoff_recover(&script.page, i % 2);
		assert_int_equal(*byte_of(&script, other(i % 2)), 0);
		assert_int_equal(*byte_of(&script, i % 2), 0);
		/* Ours: one that comes back to life has to give way. */
		assert_int_equal(script.page.turn, i % 2 == HOST ? 0 : 1);
		assert_int_equal(script.page.context, 3);
		rest_is_untouched(&script);
		script.looks = 0;
		assert_int_equal(lock(&script, NULL), 0);
		assert_int_equal(script.looks, 0);
	}
}

static void recovery_also_clears_a_strange_byte(void **state)
{
	struct script script;

	(void)state;
	script_init(&script, HOST, NULL);
	script.page.lock_fw = 0x55;
	script.page.turn = 0x1234;
	assert_int_equal(lock(&script, NULL), -GPUAS_EPROTO);
	gpuas_handoff_recover(&script.page, HOST);
	assert_int_equal(lock(&script, NULL), 0);
	assert_int_equal(script.page.turn, 0);
}

/*
 * Two threads
 */

enum { THREAD_ROUNDS = 100000 };

struct thread {
	struct gpuas_handoff *page;
	enum gpuas_side side;
	volatile uint64_t *counter;
	unsigned int rounds;
};

/* Far more looks than the other thread ever needs, and still an end of a deadlock. */
static bool relax(void *ctx)
{
	unsigned int *looks = ctx;

	sched_yield();
	return ++*looks < 20000000;
}

static void *count_under_the_lock(void *ctx)
{
	struct thread *thread = ctx;
	unsigned int looks;
	const struct gpuas_wait wait = { .again = relax, .ctx = &looks };
	uint64_t count;

	looks = 0;
	if (gpuas_handoff_start(thread->page, PROFILE, thread->side, &wait, NULL, NULL))
		return NULL;
	while (thread->rounds < THREAD_ROUNDS) {
		looks = 0;
		if (gpuas_handoff_lock(thread->page, PROFILE, thread->side, &wait, NULL))
			break;
		count = *thread->counter;
		/* The other one gets to run, even if there is one CPU only. */
		if (!(thread->rounds % 64))
			sched_yield();
		*thread->counter = count + 1;
		gpuas_handoff_unlock(thread->page, thread->side);
		thread->rounds++;
	}
	return NULL;
}

static void two_threads_lose_no_count(void **state)
{
	struct gpuas_handoff page;
	volatile uint64_t counter = 0;
	struct thread thread[2] = {
		{ &page, HOST, &counter, 0 },
		{ &page, FIRMWARE, &counter, 0 },
	};
	pthread_t id;

	(void)state;
	gpuas_handoff_init(&page, PROFILE, GPUAS_FIRMWARE_STOPPED);
	assert_int_equal(pthread_create(&id, NULL, count_under_the_lock, &thread[1]), 0);
	count_under_the_lock(&thread[0]);
	pthread_join(id, NULL);
	assert_int_equal(thread[0].rounds, THREAD_ROUNDS);
	assert_int_equal(thread[1].rounds, THREAD_ROUNDS);
	assert_int_equal(counter, 2 * THREAD_ROUNDS);
	assert_int_equal(page.lock_host, 0);
	assert_int_equal(page.lock_fw, 0);
}

/*
 * Start
 */

static uint64_t *magic_of(struct script *script, enum gpuas_side side)
{
	return side == HOST ? &script->page.magic_host : &script->page.magic_fw;
}

static int start(struct script *script, struct gpuas_report *report)
{
	return gpuas_handoff_start(&script->page, PROFILE, script->side, &script->wait, NULL, report);
}

static void start_init(struct script *script, enum gpuas_side side,
		       void (*step)(struct script *script))
{
	script_init(script, side, step);
	*magic_of(script, side) = 0xdead;
	*magic_of(script, other(side)) = 0;
}

static void come_up_at_third_look(struct script *script)
{
	assert_true(*magic_of(script, script->side) == MAGIC);
	if (script->looks == 3)
		*magic_of(script, other(script->side)) = MAGIC;
}

static void start_waits_for_the_other_side(void **state)
{
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		start_init(&script, side, come_up_at_third_look);
		assert_int_equal(start(&script, NULL), 0);
		assert_int_equal(script.looks, 3);
		assert_true(script.page.magic_host == MAGIC);
		rest_is_untouched(&script);
		script.looks = 0;
		assert_int_equal(start(&script, NULL), 0);
		assert_int_equal(script.looks, 0);
	}
}

static void a_side_that_never_comes_up_is_etimedout(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		start_init(&script, side, NULL);
		assert_int_equal(start(&script, NULL), -GPUAS_ETIMEDOUT);
		assert_int_equal(script.looks, script.limit);
		assert_int_equal(start(&script, &report), -GPUAS_ETIMEDOUT);
		assert_true(*magic_of(&script, side) == MAGIC);
		assert_true(*magic_of(&script, other(side)) == 0);
		assert_non_null(strstr(report.text.buf, side == HOST ? "magic_fw" : "magic_host"));
		assert_non_null(strstr(report.text.buf, "nobody is there"));
	}
}

static void come_up_wrong_at_third_look(struct script *script)
{
	if (script->looks == 3)
		*magic_of(script, other(script->side)) = MAGIC - 1;
}

static void another_magic_is_eproto_with_both_values(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int side;

	(void)state;
	for (side = HOST; side <= FIRMWARE; side++) {
		start_init(&script, side, come_up_wrong_at_third_look);
		assert_int_equal(start(&script, NULL), -GPUAS_EPROTO);
		assert_int_equal(script.looks, 3);
		assert_int_equal(start(&script, &report), -GPUAS_EPROTO);
		assert_int_equal(report.err, -GPUAS_EPROTO);
		assert_non_null(strstr(report.text.buf, side == HOST ? "magic_fw" : "magic_host"));
		assert_non_null(strstr(report.text.buf, "0x4b1d000000000001"));
		assert_non_null(strstr(report.text.buf, "expected 0x4b1d000000000002"));
	}
}

/*
 * Flush
 */

#define VA	gpuas_va(0xffffffa000004000ULL)

/* More than 65535 pages of 16 KiB, none of whose 16-bit pieces is the same. */
#define SIZE	(0x12345ULL * 0x4000)

static int finish(struct script *script, unsigned int slot, struct gpuas_report *report)
{
	return gpuas_handoff_flush_finish(&script->page, slot, &script->wait, report);
}

/* The firmware, at the third look: flushes what it finds. */
static void serve_at_third_look(struct script *script)
{
	struct gpuas_range range;
	unsigned int slot;

	if (script->looks != 3)
		return;
	for (slot = 0;; slot++) {
		slot = gpuas_handoff_flush_next(&script->page, slot, &range);
		if (slot >= GPUAS_HANDOFF_FLUSH_SLOTS)
			break;
		script->served[slot] = range;
		assert_int_equal(gpuas_handoff_flush_done(&script->page, slot), 0);
	}
}

static void every_slot_carries_a_request_and_its_answer(void **state)
{
	struct script script;
	unsigned int slot, i;

	(void)state;
	for (slot = 0; slot < GPUAS_HANDOFF_FLUSH_SLOTS; slot++) {
		script_init(&script, HOST, serve_at_third_look);
		assert_int_equal(gpuas_handoff_flush_post(&script.page, slot, VA, SIZE, NULL), 0);
		assert_int_equal(script.page.flush[slot].state, 1);
		assert_int_equal(finish(&script, slot, NULL), 0);
		assert_int_equal(script.looks, 3);
		assert_true(script.served[slot].va == VA);
		assert_true(script.served[slot].size == SIZE);
		for (i = 0; i < GPUAS_HANDOFF_FLUSH_SLOTS; i++) {
			assert_int_equal(script.page.flush[i].state, 0);
			assert_true(!script.served[i].size == (i != slot));
		}
	}
}

static void requests_may_be_under_way_in_all_slots(void **state)
{
	struct script script;
	struct gpuas_range range = { VA, 1 };
	unsigned int slot;

	(void)state;
	script_init(&script, HOST, serve_at_third_look);
	for (slot = 0; slot < GPUAS_HANDOFF_FLUSH_SLOTS; slot++)
		assert_int_equal(gpuas_handoff_flush_post(&script.page, slot, VA, slot + 1, NULL),
				 0);
	for (slot = 0; slot < GPUAS_HANDOFF_FLUSH_SLOTS; slot++) {
		assert_int_equal(finish(&script, slot, NULL), 0);
		assert_true(script.served[slot].size == slot + 1);
	}
	assert_int_equal(gpuas_handoff_flush_next(&script.page, 0, &range),
			 GPUAS_HANDOFF_FLUSH_SLOTS);
	assert_int_equal(gpuas_handoff_flush_next(&script.page, ~0u, &range),
			 GPUAS_HANDOFF_FLUSH_SLOTS);
	assert_true(range.va == VA && range.size == 1);
}

static void a_flush_has_any_number_of_pages(void **state)
{
	static const uint64_t sizes[] = {
		0x4000ULL * 0xffff, 0x4000ULL * 0x10000, 0x4000ULL * 0x10001,
		0x1000000000ULL, 0x123456789abcc000ULL, ~0ULL,
	};
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		script_init(&script, HOST, serve_at_third_look);
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 64, gpuas_va(-sizes[i]),
							  sizes[i], NULL), 0);
		assert_int_equal(finish(&script, 64, NULL), 0);
		assert_true(gpuas_va_u64(script.served[64].va) == -sizes[i]);
		assert_true(script.served[64].size == sizes[i]);
	}
}

static void a_request_without_sense_is_refused(void **state)
{
	struct gpuas_report report;
	struct script script;

	(void)state;
	script_init(&script, HOST, NULL);
	assert_int_equal(gpuas_handoff_flush_post(&script.page, 65, VA, SIZE, NULL), -GPUAS_EINVAL);
	assert_int_equal(gpuas_handoff_flush_post(&script.page, ~0u, VA, SIZE, &report),
			 -GPUAS_EINVAL);
	assert_non_null(strstr(report.text.buf, "no slot 4294967295"));
	assert_int_equal(gpuas_handoff_flush_post(&script.page, 1, VA, 0, &report), -GPUAS_EINVAL);
	assert_non_null(strstr(report.text.buf, "empty"));
	assert_int_equal(gpuas_handoff_flush_post(&script.page, 1, VA,
						  -gpuas_va_u64(VA) + 1, &report),
			 -GPUAS_EOVERFLOW);
	assert_non_null(strstr(report.text.buf, "wraps"));
	assert_int_equal(gpuas_handoff_flush_finish(&script.page, 65, &script.wait, &report),
			 -GPUAS_EINVAL);
	assert_int_equal(gpuas_handoff_flush_reset(&script.page, 65), -GPUAS_EINVAL);
	assert_int_equal(gpuas_handoff_flush_done(&script.page, 65), -GPUAS_EINVAL);
	rest_is_untouched(&script);
}

static const uint64_t strange_states[] = {
	1, 2, 3, 0x100, 0x100000000ULL, 0x200000000ULL, 0x8000000000000000ULL, ~0ULL,
};

static void a_slot_in_use_is_ebusy(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(strange_states) / sizeof(strange_states[0]); i++) {
		script_init(&script, HOST, NULL);
		script.page.flush[7].state = strange_states[i];
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL),
				 -GPUAS_EBUSY);
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, &report),
				 -GPUAS_EBUSY);
		assert_non_null(strstr(report.text.buf, "slot 7 is in use"));
		assert_true(script.page.flush[7].state == strange_states[i]);
		assert_int_equal(script.page.flush[7].addr, 0);
		assert_int_equal(script.page.flush[7].size, 0);
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 8, VA, SIZE, NULL), 0);
	}
	assert_non_null(strstr(report.text.buf, "0xffffffffffffffff"));
}

static void answer_nonsense_at_third_look(struct script *script)
{
	if (script->looks == 3)
		script->page.flush[7].state = strange_states[script->random];
}

static void an_answer_other_than_done_is_eproto(void **state)
{
	struct gpuas_report report;
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 2; i < sizeof(strange_states) / sizeof(strange_states[0]); i++) {
		script_init(&script, HOST, answer_nonsense_at_third_look);
		script.random = i;
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL), 0);
		assert_int_equal(finish(&script, 7, &report), -GPUAS_EPROTO);
		assert_int_equal(script.looks, 3);
		assert_true(script.page.flush[7].state == strange_states[i]);
		assert_int_equal(finish(&script, 7, NULL), -GPUAS_EPROTO);
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL),
				 -GPUAS_EBUSY);
	}
	assert_non_null(strstr(report.text.buf, "0xffffffffffffffff"));
	/* Idle is no answer either: whatever was posted is gone. */
	script_init(&script, HOST, NULL);
	assert_int_equal(finish(&script, 7, &report), -GPUAS_EPROTO);
	assert_non_null(strstr(report.text.buf, "slot 7"));
}

static void a_late_answer_is_had_by_waiting_on(void **state)
{
	struct gpuas_report report;
	struct script script;

	(void)state;
	script_init(&script, HOST, serve_at_third_look);
	script.limit = 2;
	assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL), 0);
	assert_int_equal(finish(&script, 7, &report), -GPUAS_ETIMEDOUT);
	assert_non_null(strstr(report.text.buf, "slot 7 is not answered"));
	assert_int_equal(script.page.flush[7].state, 1);
	assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL), -GPUAS_EBUSY);
	script.limit = 10;
	assert_int_equal(finish(&script, 7, NULL), 0);
	assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL), 0);
}

static void a_slot_of_dead_firmware_is_freed_by_reset(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(strange_states) / sizeof(strange_states[0]); i++) {
		script_init(&script, HOST, NULL);
		script.page.flush[7].state = strange_states[i];
		assert_int_equal(gpuas_handoff_flush_reset(&script.page, 7), 0);
		assert_int_equal(gpuas_handoff_flush_post(&script.page, 7, VA, SIZE, NULL), 0);
	}
}

static void what_was_not_asked_for_is_not_answered(void **state)
{
	struct script script;
	unsigned int i;

	(void)state;
	script_init(&script, FIRMWARE, NULL);
	assert_int_equal(gpuas_handoff_flush_done(&script.page, 7), -GPUAS_EPROTO);
	assert_int_equal(script.page.flush[7].state, 0);
	for (i = 1; i < sizeof(strange_states) / sizeof(strange_states[0]); i++) {
		script.page.flush[7].state = strange_states[i];
		assert_int_equal(gpuas_handoff_flush_done(&script.page, 7), -GPUAS_EPROTO);
		assert_true(script.page.flush[7].state == strange_states[i]);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(init_writes_the_hosts_magic_and_zeros),
	cmocka_unit_test(fields_lie_where_the_firmware_looks),
	cmocka_unit_test(a_fresh_page_passes),
	cmocka_unit_test(a_page_with_firmware_up_passes),
	cmocka_unit_test(a_wrong_magic_of_the_host_is_eproto),
	cmocka_unit_test(a_wrong_magic_of_the_firmware_is_eproto),
	cmocka_unit_test(a_lock_byte_that_is_not_0_or_1_is_eproto),
	cmocka_unit_test(a_free_lock_is_had_at_once),
	cmocka_unit_test(who_lets_go_gives_the_turn_away),
	cmocka_unit_test(whose_turn_it_is_insists),
	cmocka_unit_test(whose_turn_it_is_not_gives_way_until_it_is),
	cmocka_unit_test(any_turn_but_0_is_the_firmwares),
	cmocka_unit_test(a_side_that_gave_up_is_not_waited_for),
	cmocka_unit_test(a_lock_that_is_kept_is_etimedout_and_leaves_the_way_free),
	cmocka_unit_test(who_gave_way_to_a_side_that_gave_up_gets_in),
	cmocka_unit_test(no_end_of_a_wait_keeps_the_turn),
	cmocka_unit_test(one_look_is_enough_when_there_is_no_time),
	cmocka_unit_test(a_strange_byte_of_the_other_side_is_eproto),
	cmocka_unit_test(a_byte_that_becomes_strange_is_eproto),
	cmocka_unit_test(a_page_that_changes_at_will_ends_the_wait),
	cmocka_unit_test(the_lock_goes_from_side_to_side),
	cmocka_unit_test(a_greedy_side_gets_in_once_more_at_most),
	cmocka_unit_test(a_dead_side_loses_the_lock_by_recovery),
	cmocka_unit_test(recovery_also_clears_a_strange_byte),
	cmocka_unit_test(two_threads_lose_no_count),
	cmocka_unit_test(start_waits_for_the_other_side),
	cmocka_unit_test(a_side_that_never_comes_up_is_etimedout),
	cmocka_unit_test(another_magic_is_eproto_with_both_values),
	cmocka_unit_test(every_slot_carries_a_request_and_its_answer),
	cmocka_unit_test(requests_may_be_under_way_in_all_slots),
	cmocka_unit_test(a_flush_has_any_number_of_pages),
	cmocka_unit_test(a_request_without_sense_is_refused),
	cmocka_unit_test(a_slot_in_use_is_ebusy),
	cmocka_unit_test(an_answer_other_than_done_is_eproto),
	cmocka_unit_test(a_late_answer_is_had_by_waiting_on),
	cmocka_unit_test(a_slot_of_dead_firmware_is_freed_by_reset),
	cmocka_unit_test(what_was_not_asked_for_is_not_answered),
};

UNIT_MAIN(tests)
