// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Unmapping what the firmware may have in its cache: flush or notice. */
#include "unit.h"

#include <pthread.h>
#include <sched.h>

#include <gpuas/boards.h>
#include <gpuas/unmap.h>

#define MAGIC2		0x4b1d000000000002ULL
#define KERNEL		64
#define VA		gpuas_va(0xfffffc2000004000ULL)
#define SIZE		(0x12345ULL * 0x4000)

/* One that answers, one that is late, one that never comes; what each is said to be first. */
static const struct gpuas_profile *const profiles[] = {
	&gpuas_profile_g13, &gpuas_profile_g16, &gpuas_profile_g17,
};

static struct gpuas_handoff page;
static struct gpuas_handoff_unmap unmap;
static struct gpuas_report report;

/* Up, with @context loaded. */
static void up(const struct gpuas_profile *profile, uint32_t context)
{
	gpuas_handoff_init(&page, profile, GPUAS_FIRMWARE_STOPPED);
	page.magic_fw = MAGIC2;
	page.context = context;
	memset(&unmap, 0xa5, sizeof(unmap));
	memset(&report, 0, sizeof(report));
}

static int begin(const struct gpuas_profile *profile, unsigned int slot)
{
	return gpuas_handoff_unmap_prepare(&page, profile, slot, VA, SIZE, &unmap, &report);
}

static int end(void)
{
	return gpuas_handoff_unmap_complete(&page, &unmap, &report);
}

static void says(const char *what)
{
	if (!strstr(report.text.buf, what))
		fail_msg("\"%s\" does not say \"%s\"", report.text.buf, what);
}

/* What is refused leaves page and value as they were. */
static void refused(int err, int want, const struct gpuas_handoff *before, const char *what)
{
	assert_int_equal(err, want);
	assert_int_equal(report.err, want);
	assert_memory_equal(&page, before, sizeof(page));
	says(what);
}

/*
 * Which leaves
 */

/* By bit numbers, for all that a leaf can say of rights and memory. */
static void leaves_that_the_firmware_may_write_through_its_cache_need_it(void **state)
{
	unsigned int ap, uxn, pxn, mem;

	(void)state;
	for (ap = 0; ap < 4; ap++) {
		for (uxn = 0; uxn < 2; uxn++) {
			for (pxn = 0; pxn < 2; pxn++) {
				for (mem = 0; mem < 8; mem++) {
					uint64_t leaf = 1ULL << 55 | (uint64_t)uxn << 54 |
							(uint64_t)pxn << 53 | 0x3ffffffc000ULL |
							1u << 10 | ap << 6 | mem << 2 | 3;
					bool want = (ap == 0 && uxn) || (ap == 1 && (pxn || uxn));

					/* AttrIndx 5 is the same memory. */
					if (mem != 0 && mem != 5)
						want = false;
					assert_int_equal(gpuas_handoff_unmap_needed(&gpuas_format_uat, leaf),
							 want);
					assert_int_equal(gpuas_handoff_unmap_needed(&gpuas_format_uat,
										    leaf | 1u << 11),
							 want);
				}
			}
		}
	}
}

static void other_formats_have_leaves_that_need_it_too(void **state)
{
	const struct gpuas_format *lpae = &gpuas_format_lpae_16k;
	uint64_t bits;

	(void)state;
	gpuas_format_encode(lpae, GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED, &bits);
	assert_true(gpuas_handoff_unmap_needed(lpae, bits));
	gpuas_format_encode(lpae, GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED, &bits);
	assert_false(gpuas_handoff_unmap_needed(lpae, bits));
	gpuas_format_encode(lpae, GPUAS_FW_READ | GPUAS_MEM_CACHED, &bits);
	assert_false(gpuas_handoff_unmap_needed(lpae, bits));
	gpuas_format_encode(&gpuas_format_uat, GPUAS_OWNER_FW | GPUAS_GL_READ | GPUAS_GL_WRITE, &bits);
	assert_true(gpuas_handoff_unmap_needed(&gpuas_format_uat, bits));
}

/*
 * Which way
 */

/* Each slot with each context, and with each that says none. */
static void who_is_there_and_has_the_context_is_asked(void **state)
{
	static const uint32_t none[] = { 0, 0xffff, 0xffffffff };
	unsigned int i, slot, context, there;

	(void)state;
	for (i = 0; i < 3 * 2 * 65 * 67; i++) {
		const struct gpuas_profile *profile = profiles[i % 3];
		bool asked;

		there = i / 3 % 2;
		slot = i / 6 % 65;
		context = i / 6 / 65;
		if (context >= 64)
			context = none[context - 64];
		up(profile, context);
		if (!there)
			page.magic_fw = 0;
		asked = there && profile->firmware != GPUAS_FIRMWARE_NEVER &&
			(slot == KERNEL || slot == context);
		assert_int_equal(begin(profile, slot), 0);
		assert_int_equal(unmap.way, asked ? GPUAS_UNMAP_FLUSH : GPUAS_UNMAP_NOTICE);
		assert_int_equal(unmap.slot, slot);
		assert_int_equal(page.flush[slot].state, asked ? 1 : 2);
		assert_true(page.flush[slot].size == SIZE);
		assert_true(page.flush[slot].addr == (asked ? 0xfffffc2000004000ULL : 0xdeadfc2000004000ULL));
	}
}

static void the_tag_of_a_notice_leaves_48_bits_of_the_va(void **state)
{
	static const uint64_t va[] = { 0, 0x4000, 0x3fffffff8000ULL, 0xffffffffffffc000ULL, 0x1234567890abc000ULL };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(va) / sizeof(va[0]); i++) {
		up(&gpuas_profile_g17, 0);
		assert_int_equal(gpuas_handoff_unmap_prepare(&page, &gpuas_profile_g17, 7, gpuas_va(va[i]),
							     0x4000, &unmap, NULL), 0);
		assert_true(page.flush[7].addr == (0xdeadULL << 48 | (va[i] & 0xffffffffffffULL)));
		assert_true(unmap.addr == page.flush[7].addr);
	}
}

static void a_firmware_that_lies_is_not_guessed_about(void **state)
{
	static const uint32_t strange[] = { 64, 0xfffe, 0x12345678, 0xfffffffe };
	struct gpuas_handoff before;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 2; i++) {
		up(profiles[i], 7);
		page.magic_fw = 0x4b1d000000000003ULL;
		before = page;
		refused(begin(profiles[i], 7), -GPUAS_EPROTO, &before, "expected 0x4b1d000000000002");
		refused(begin(profiles[i], KERNEL), -GPUAS_EPROTO, &before, "magic_fw");
		for (j = 0; j < 4; j++) {
			up(profiles[i], strange[j]);
			before = page;
			refused(begin(profiles[i], 7), -GPUAS_EPROTO, &before, "context");
			/* Of the kernel half it is not asked. */
			assert_int_equal(begin(profiles[i], KERNEL), 0);
			assert_int_equal(unmap.way, GPUAS_UNMAP_FLUSH);
		}
	}
	/* Whatever stands there is not from who never takes part. */
	up(&gpuas_profile_g17, 0x12345678);
	page.magic_fw = 0xdeadbeef;
	assert_int_equal(begin(&gpuas_profile_g17, 7), 0);
	assert_int_equal(unmap.way, GPUAS_UNMAP_NOTICE);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct gpuas_handoff before;

	(void)state;
	up(&gpuas_profile_g13, 7);
	before = page;
	refused(begin(&gpuas_profile_g13, 65), -GPUAS_EINVAL, &before, "no slot 65");
	refused(gpuas_handoff_unmap_prepare(&page, &gpuas_profile_g13, 7, VA, 0, &unmap, &report),
		-GPUAS_EINVAL, &before, "empty");
	refused(gpuas_handoff_unmap_prepare(&page, &gpuas_profile_g13, 7, VA, -gpuas_va_u64(VA) + 1,
					    &unmap, &report), -GPUAS_EOVERFLOW, &before, "wraps");
	unmap.slot = 65;
	refused(end(), -GPUAS_EINVAL, &before, "no slot 65");
}

/*
 * The states
 */

static void each_state_of_a_slot_in_use_has_its_sentence(void **state)
{
	static const struct {
		uint64_t state;
		const char *what;
	} busy[] = {
		{ 1, "slot 7 is in use: a request is not answered" },
		{ 2, "slot 7 is in use: a flush or an unmap is not completed" },
		{ 3, "slot 7 is in use, for nothing that the protocol has, its state is 0x3" },
		{ 0x100000002ULL, "its state is 0x100000002" },
		{ ~0ULL, "its state is 0xffffffffffffffff" },
	};
	struct gpuas_handoff before;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 3 * sizeof(busy) / sizeof(busy[0]); i++) {
		j = i / 3;
		up(profiles[i % 3], 7);
		page.flush[7].state = busy[j].state;
		before = page;
		refused(begin(profiles[i % 3], 7), -GPUAS_EBUSY, &before, busy[j].what);
		assert_int_equal(begin(profiles[i % 3], 8), 0);
	}
}

/* Every slot, both ways: what is done between prepare and complete, and after it. */
static void a_slot_is_given_back_once(void **state)
{
	struct gpuas_handoff before;
	unsigned int slot;

	(void)state;
	for (slot = 0; slot < 2 * 65; slot++) {
		const struct gpuas_profile *profile = profiles[slot % 2 ? 0 : 2];

		up(profile, slot / 2);
		assert_int_equal(begin(profile, slot / 2), 0);
		before = page;
		if (unmap.way == GPUAS_UNMAP_FLUSH) {
			refused(end(), -GPUAS_EBUSY, &before, "is not answered yet");
			assert_int_equal(gpuas_handoff_flush_done(&page, slot / 2), 0);
		}
		assert_int_equal(end(), 0);
		assert_int_equal(page.flush[slot / 2].state, 0);
		before = page;
		refused(end(), -GPUAS_EPROTO, &before, "was given back before the unmap was completed");
		assert_int_equal(begin(profile, slot / 2), 0);
	}
}

static void a_state_out_of_the_protocol_is_not_completed(void **state)
{
	static const uint64_t strange[] = { 3, 0x100000002ULL, 1ULL << 63, ~0ULL };
	struct gpuas_handoff before;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2 * 4; i++) {
		const struct gpuas_profile *profile = profiles[i % 2 ? 0 : 2];

		up(profile, 7);
		assert_int_equal(begin(profile, 7), 0);
		page.flush[7].state = strange[i / 2];
		before = page;
		refused(end(), -GPUAS_EPROTO, &before, "a state that the protocol does not have");
	}
	up(&gpuas_profile_g17, 7);
	assert_int_equal(begin(&gpuas_profile_g17, 7), 0);
	page.flush[7].state = 1;
	before = page;
	refused(end(), -GPUAS_EPROTO, &before, "a request where a notice was");
}

static void a_slot_that_somebody_else_wrote_is_not_completed(void **state)
{
	struct gpuas_handoff before;

	(void)state;
	up(&gpuas_profile_g17, 7);
	assert_int_equal(begin(&gpuas_profile_g17, 7), 0);
	page.flush[7].addr ^= 0x4000;
	before = page;
	refused(end(), -GPUAS_ESTALE, &before, "its address is 0xdeadfc2000000000");
	page.flush[7].addr ^= 0x4000;
	page.flush[7].size++;
	before = page;
	refused(end(), -GPUAS_ESTALE, &before, "its size is 0x48d14001");
	page.flush[7].size--;
	assert_int_equal(end(), 0);
}

static void a_notice_is_no_request(void **state)
{
	struct gpuas_range range = { VA, 1 };
	unsigned int slot;

	(void)state;
	up(&gpuas_profile_g17, 0);
	for (slot = 0; slot < 65; slot++)
		assert_int_equal(begin(&gpuas_profile_g17, slot), 0);
	assert_int_equal(gpuas_handoff_flush_next(&page, 0, &range), 65);
	assert_true(range.va == VA && range.size == 1);
	for (slot = 0; slot < 65; slot++) {
		assert_int_equal(gpuas_handoff_flush_done(&page, slot), -GPUAS_EPROTO);
		assert_int_equal(page.flush[slot].state, 2);
	}
}

/*
 * Waiting
 */

static unsigned int looks, limit;
static void (*firmware)(void);

static bool again(void *ctx)
{
	(void)ctx;
	if (++looks == 2 && firmware)
		firmware();
	return looks < limit;
}

static int wait_for(unsigned int slot, unsigned int patience)
{
	const struct gpuas_wait wait = { .again = again };

	looks = 0;
	limit = patience;
	return gpuas_handoff_flush_wait(&page, slot, &wait, &report);
}

static void answer(void)
{
	struct gpuas_range range;
	unsigned int slot = gpuas_handoff_flush_next(&page, 0, &range);

	assert_int_equal(gpuas_handoff_flush_done(&page, slot), 0);
}

static void a_wait_that_only_waits_leaves_the_slot(void **state)
{
	const struct gpuas_wait wait = { .again = again };

	(void)state;
	firmware = answer;
	up(&gpuas_profile_g13, 7);
	assert_int_equal(begin(&gpuas_profile_g13, 7), 0);
	assert_int_equal(wait_for(7, 5), 0);
	assert_int_equal(looks, 2);
	assert_int_equal(page.flush[7].state, 2);
	assert_int_equal(begin(&gpuas_profile_g13, 7), -GPUAS_EBUSY);
	assert_int_equal(wait_for(7, 5), 0);
	assert_int_equal(looks, 0);
	assert_int_equal(end(), 0);
	/* The one that frees the slot as well, after the one that does not. */
	assert_int_equal(begin(&gpuas_profile_g13, 7), 0);
	assert_int_equal(wait_for(7, 5), 0);
	assert_int_equal(gpuas_handoff_flush_finish(&page, 7, &wait, NULL), 0);
	assert_int_equal(page.flush[7].state, 0);
	assert_int_equal(wait_for(7, 5), -GPUAS_EPROTO);
	says("slot 7 has no request that is waited for");
	assert_int_equal(wait_for(65, 5), -GPUAS_EINVAL);
}

static void a_wait_that_ends_says_whose_lock_is_in_the_way(void **state)
{
	(void)state;
	firmware = NULL;
	up(&gpuas_profile_g13, 7);
	assert_int_equal(begin(&gpuas_profile_g13, 7), 0);
	assert_int_equal(wait_for(7, 5), -GPUAS_ETIMEDOUT);
	assert_null(strstr(report.text.buf, "lock"));
	page.lock_host = 1;
	assert_int_equal(wait_for(7, 5), -GPUAS_ETIMEDOUT);
	says("slot 7 is not answered, its state is 0x1, and the host holds the lock");
	assert_int_equal(page.flush[7].state, 1);
	assert_int_equal(end(), -GPUAS_EBUSY);
	/* It was only slow. */
	page.lock_host = 0;
	firmware = answer;
	assert_int_equal(wait_for(7, 5), 0);
	assert_int_equal(end(), 0);
}

static void neither_step_waits_or_takes_the_lock(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		up(profiles[i], 7);
		page.lock_fw = 1;
		page.turn = 1;
		assert_int_equal(begin(profiles[i], 7), 0);
		page.flush[7].state = 2;
		assert_int_equal(end(), 0);
		assert_int_equal(page.lock_host, 0);
		assert_int_equal(page.lock_fw, 1);
		assert_int_equal(page.turn, 1);
	}
}

/* A firmware in a thread of its own, which comes late, answers, and is gone again. */

enum { UNMAPS = 2000 };

struct thread {
	struct gpuas_handoff page;
	uint32_t stop;
	unsigned int answered;
};

static bool relax(void *ctx)
{
	unsigned int *looks_left = ctx;

	sched_yield();
	return --*looks_left;
}

static void *serve(void *ctx)
{
	struct thread *thread = ctx;
	struct gpuas_range range;
	unsigned int slot, left = 1000000;
	const struct gpuas_wait wait = { relax, &left };

	assert_int_equal(gpuas_handoff_start(&thread->page, &gpuas_profile_g16, GPUAS_SIDE_FIRMWARE,
					     &wait, NULL, NULL), 0);
	while (!gpuas_word_load(&thread->stop)) {
		for (slot = 0; (slot = gpuas_handoff_flush_next(&thread->page, slot, &range)) < 65; slot++) {
			if (gpuas_va_u64(range.va) >> 48 == 0xdead || range.size != (slot + 1) * 0x4000ULL)
				return NULL;
			gpuas_handoff_flush_done(&thread->page, slot);
			thread->answered++;
		}
		sched_yield();
	}
	return NULL;
}

static void a_firmware_in_a_thread_answers_what_it_is_asked(void **state)
{
	static struct thread thread;
	struct gpuas_handoff_unmap one;
	unsigned int i, slot, asked = 0, left;
	const struct gpuas_wait wait = { relax, &left };
	pthread_t id;

	(void)state;
	gpuas_handoff_init(&thread.page, &gpuas_profile_g16, GPUAS_FIRMWARE_STOPPED);
	assert_int_equal(pthread_create(&id, NULL, serve, &thread), 0);
	for (i = 0; i < UNMAPS; i++) {
		slot = i % 3 ? KERNEL : i % 64;
		assert_int_equal(gpuas_handoff_unmap_prepare(&thread.page, &gpuas_profile_g16, slot, VA,
							     (slot + 1) * 0x4000ULL, &one, NULL), 0);
		left = 20000000;
		if (one.way == GPUAS_UNMAP_FLUSH) {
			asked++;
			assert_int_equal(gpuas_handoff_flush_wait(&thread.page, slot, &wait, NULL), 0);
		}
		assert_int_equal(gpuas_handoff_unmap_complete(&thread.page, &one, NULL), 0);
		if (i == UNMAPS / 2)
			while (gpuas_handoff_peer(&thread.page, &gpuas_profile_g16, GPUAS_SIDE_HOST, NULL, NULL))
				assert_true(relax(&left));
	}
	gpuas_word_store(&thread.stop, 1);
	pthread_join(id, NULL);
	assert_true(asked >= UNMAPS / 4);
	assert_int_equal(thread.answered, asked);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(leaves_that_the_firmware_may_write_through_its_cache_need_it),
	cmocka_unit_test(other_formats_have_leaves_that_need_it_too),
	cmocka_unit_test(who_is_there_and_has_the_context_is_asked),
	cmocka_unit_test(the_tag_of_a_notice_leaves_48_bits_of_the_va),
	cmocka_unit_test(a_firmware_that_lies_is_not_guessed_about),
	cmocka_unit_test(what_makes_no_sense_is_refused),
	cmocka_unit_test(each_state_of_a_slot_in_use_has_its_sentence),
	cmocka_unit_test(a_slot_is_given_back_once),
	cmocka_unit_test(a_state_out_of_the_protocol_is_not_completed),
	cmocka_unit_test(a_slot_that_somebody_else_wrote_is_not_completed),
	cmocka_unit_test(a_notice_is_no_request),
	cmocka_unit_test(a_wait_that_only_waits_leaves_the_slot),
	cmocka_unit_test(a_wait_that_ends_says_whose_lock_is_in_the_way),
	cmocka_unit_test(neither_step_waits_or_takes_the_lock),
	cmocka_unit_test(a_firmware_in_a_thread_answers_what_it_is_asked),
};

UNIT_MAIN(tests)
