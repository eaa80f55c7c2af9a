// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Entries that firmware publishes into a root, and a second root that mirrors the first. */
#include "tree.h"

#include <gpuas/root.h>

#define SECOND	FW_TABLE(5)
#define TABLE(n) FW_TABLE(6 + (n))

static const struct gpuas_geometry uat42 = {
	.format = &gpuas_format_uat, .va_bits = 42, .pa_bits = 42, .upper = true,
};
static const struct gpuas_range nothing = {
	.va = (GPUAS_FORCE gpuas_va_t)0xfffffc0000000000ULL, .size = 0,
};

#define BASE	0xfffffc0000000000ULL

struct roots {
	struct ram *ram;
	struct ram *other;
	struct gpuas_space first;
	struct gpuas_space second;
};

static int two_roots(void **state)
{
	struct roots *r = calloc(1, sizeof(*r));
	unsigned int i;

	r->ram = ram_new();
	r->other = ram_share(r->ram);
	memset(slot(r->ram, FW_ROOT, 0), 0, RAM_GRANULE);
	memset(slot(r->ram, SECOND, 0), 0, RAM_GRANULE);
	for (i = 0; i < 3; i++) {
		*slot(r->ram, FW_ROOT, i) = TABLE(i) | 3;
		*slot(r->ram, SECOND, i) = TABLE(i ? i : 9) | 3;
	}
	assert_int_equal(gpuas_space_adopt(&r->first, &uat42, &nothing, gpuas_pa(FW_ROOT),
					   &r->ram->env), 0);
	assert_int_equal(gpuas_space_adopt(&r->second, &uat42, &nothing, gpuas_pa(SECOND),
					   &r->other->env), 0);
	*state = r;
	return 0;
}

static int no_roots(void **state)
{
	struct roots *r = *state;

	ram_delete(r->other);
	ram_delete(r->ram);
	free(r);
	return 0;
}

#define ROOTS_TEST(f) cmocka_unit_test_setup_teardown(f, two_roots, no_roots)

static void assert_says(const struct gpuas_report *report, const char *what)
{
	if (!strstr(report->text.buf, what))
		fail_msg("'%s' does not say '%s'", report->text.buf, what);
}

static void published_entries_are_remembered_and_confirmed(void **state)
{
	struct roots *r = *state;
	struct gpuas_published pub;
	struct gpuas_report report;
	unsigned int i;

	assert_int_equal(gpuas_published_take(&pub, &r->first, 3, &report), 0);
	assert_int_equal(gpuas_published_confirm(&pub, &r->first, &report), 0);
	for (i = 0; i < 3; i++) {
		uint64_t old = *slot(r->ram, FW_ROOT, i);

		*slot(r->ram, FW_ROOT, i) = old + PAGE;
		assert_int_equal(gpuas_published_confirm(&pub, &r->first, &report), -GPUAS_ESTALE);
		assert_says(&report, "entry ");
		*slot(r->ram, FW_ROOT, i) = old;
	}
	*slot(r->ram, FW_ROOT, 2) = 0x123;
	gpuas_published_confirm(&pub, &r->first, &report);
	assert_says(&report, "root: published entry 2 was 0x");
	assert_says(&report, " and is now 0x123");
	/* What is above is nobody's business here. */
	*slot(r->ram, FW_ROOT, 2) = pub.entry[2];
	*slot(r->ram, FW_ROOT, 3) = 0x123;
	assert_int_equal(gpuas_published_confirm(&pub, &r->first, &report), 0);
	assert_int_equal(gpuas_published_confirm(&pub, &r->second, &report), -GPUAS_EINVAL);
}

static void entries_that_are_missing_or_no_tables_are_said(void **state)
{
	struct roots *r = *state;
	struct gpuas_published pub;
	struct gpuas_report report;

	*slot(r->ram, FW_ROOT, 1) = 0;
	assert_int_equal(gpuas_published_take(&pub, &r->first, 3, &report), -GPUAS_ENOENT);
	assert_says(&report, "published entry 1 is not there yet");
	*slot(r->ram, FW_ROOT, 1) = PA | 1;
	assert_int_equal(gpuas_published_take(&pub, &r->first, 3, &report), -GPUAS_EPROTO);
	assert_says(&report, "published entry 1 is no table but 0x");
	assert_int_equal(pub.entry[1], PA | 1);
	assert_int_equal(gpuas_published_take(&pub, &r->first, 1, NULL), 0);
	assert_int_equal(gpuas_published_take(&pub, &r->first, 0, NULL), 0);
	assert_int_equal(gpuas_published_take(&pub, &r->first, GPUAS_PUBLISHED_MAX + 1, &report),
			 -GPUAS_E2BIG);
	/* A root of eight entries has no ninth. */
	assert_int_equal(gpuas_space_adopt(&r->first, &uat39, &(struct gpuas_range){
					   .va = gpuas_va(HALF) }, gpuas_pa(FW_ROOT),
					   &r->ram->env), 0);
	assert_int_equal(gpuas_published_take(&pub, &r->first, 9, &report), -GPUAS_E2BIG);
}

static int clear(struct roots *r, unsigned int first, unsigned int end, struct gpuas_entries *wrote)
{
	const struct gpuas_entries entries = { first, end };

	return gpuas_root_clear(&r->first, &entries, wrote);
}

static void what_is_above_the_published_entries_is_cleared_up_to_a_bound(void **state)
{
	struct roots *r = *state;
	struct gpuas_entries wrote;
	struct ram *before;

	assert_int_equal(clear(r, 3, 64, &wrote), 0);
	assert_int_equal(wrote.first, wrote.end);
	assert_int_equal(r->ram->flushes, 0);
	*slot(r->ram, FW_ROOT, 7) = 0x700;
	*slot(r->ram, FW_ROOT, 9) = TABLE(0) | 3;
	*slot(r->ram, FW_ROOT, 63) = 1;
	before = ram_copy(r->ram);
	assert_int_equal(clear(r, 3, 63, &wrote), 0);
	assert_int_equal(wrote.first, 7);
	assert_int_equal(wrote.end, 10);
	assert_int_equal(r->ram->flushes, 1);
	assert_int_equal(gpuas_va_u64(r->ram->flush_va), BASE + 7 * SLOT);
	assert_int_equal(r->ram->flush_size, 3 * SLOT);
	*slot(before, FW_ROOT, 7) = *slot(before, FW_ROOT, 9) = 0;
	assert_true(ram_equal(before, r->ram));
	assert_int_equal(clear(r, 3, 65, &wrote), -GPUAS_ERANGE);
	assert_int_equal(clear(r, 5, 4, &wrote), -GPUAS_ERANGE);
	assert_int_equal(clear(r, 64, 64, &wrote), 0);
	assert_true(ram_equal(before, r->ram));
	ram_delete(before);
}

static int mirror(struct roots *r, unsigned int first, uint64_t *wrote, unsigned int *count)
{
	const struct gpuas_entries entries = { first, 64 };

	return gpuas_root_mirror(&r->second, &r->first, &entries, wrote, count);
}

static void a_mirror_copies_what_differs_and_says_which(void **state)
{
	struct roots *r = *state;
	uint64_t wrote = ~0ULL;
	unsigned int count;

	*slot(r->ram, FW_ROOT, 3) = TABLE(3) | 3;
	*slot(r->ram, FW_ROOT, 10) = TABLE(4) | 3;
	assert_int_equal(mirror(r, 3, &wrote, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(wrote, 1 | 1 << 7 | 7ULL << 61);
	assert_int_equal(*slot(r->ram, SECOND, 3), TABLE(3) | 3);
	assert_int_equal(*slot(r->ram, SECOND, 10), TABLE(4) | 3);
	/* Published ones differ, and stay. */
	assert_int_equal(*slot(r->ram, SECOND, 0), TABLE(9) | 3);
	/* Nothing was there before: nothing to be forgotten. */
	assert_int_equal(r->other->flushes, 0);
	assert_int_equal(mirror(r, 3, &wrote, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(wrote, 7ULL << 61);
	assert_int_equal(mirror(r, 3, NULL, &count), 0);
	/* What leaves the one leaves the other, and is flushed there. */
	*slot(r->ram, FW_ROOT, 10) = 0;
	assert_int_equal(mirror(r, 3, &wrote, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(*slot(r->ram, SECOND, 10), 0);
	assert_int_equal(r->other->flushes, 1);
	assert_int_equal(gpuas_va_u64(r->other->flush_va), BASE + 10 * SLOT);
	assert_int_equal(r->other->flush_size, SLOT);
	assert_int_equal(r->ram->flushes, 0);
}

static struct roots *watched;
static unsigned int breaks;

static void at_break(void *ctx, gpuas_va_t va, uint64_t size)
{
	(void)ctx;
	(void)size;
	breaks++;
	assert_int_equal(gpuas_va_u64(va), BASE + 3 * SLOT);
	assert_int_equal(*slot(watched->ram, SECOND, 3), breaks == 1 ? 0 : TABLE(4) | 3);
}

static void a_mirror_breaks_before_it_makes(void **state)
{
	struct roots *r = *state;
	unsigned int count;

	watched = r;
	breaks = 0;
	*slot(r->ram, SECOND, 3) = TABLE(3) | 3;
	*slot(r->ram, FW_ROOT, 3) = TABLE(4) | 3;
	r->other->env.flush = at_break;
	assert_int_equal(mirror(r, 3, NULL, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(breaks, 1);
	assert_int_equal(*slot(r->ram, SECOND, 3), TABLE(4) | 3);
	/* Holes are remembered: the make is flushed too. */
	breaks = 0;
	*slot(r->ram, SECOND, 3) = TABLE(3) | 3;
	r->other->env.map_flush = true;
	assert_int_equal(mirror(r, 3, NULL, &count), 0);
	assert_int_equal(breaks, 2);
}

static void a_mirror_has_two_roots_of_one_shape_and_no_window(void **state)
{
	const struct gpuas_entries all = { 3, 64 };
	const struct gpuas_range window = { .va = gpuas_va(BASE + 5 * SLOT), .size = SLOT };
	struct roots *r = *state;
	struct gpuas_space small;
	unsigned int count;

	assert_int_equal(gpuas_root_mirror(&r->first, &r->first, &all, NULL, &count), -GPUAS_EINVAL);
	assert_int_equal(gpuas_space_adopt(&small, &uat39, &(struct gpuas_range){
					   .va = gpuas_va(HALF) }, gpuas_pa(SECOND),
					   &r->ram->env), 0);
	assert_int_equal(gpuas_root_mirror(&small, &r->first, &all, NULL, &count), -GPUAS_EINVAL);
	assert_int_equal(gpuas_root_mirror(&r->second, &r->first, &(struct gpuas_entries){ 3, 65 },
					   NULL, &count), -GPUAS_ERANGE);
	assert_int_equal(gpuas_space_adopt(&r->second, &uat42, &window, gpuas_pa(SECOND),
					   &r->other->env), 0);
	assert_int_equal(mirror(r, 3, NULL, &count), -GPUAS_EPERM);
	assert_int_equal(mirror(r, 6, NULL, &count), 0);
	assert_int_equal(gpuas_root_mirror(&r->second, &r->first, &(struct gpuas_entries){ 3, 5 },
					   NULL, &count), 0);
	assert_int_equal(gpuas_root_mirror(&r->second, &r->first, &(struct gpuas_entries){ 5, 6 },
					   NULL, &count), -GPUAS_EPERM);
}

/* A firmware that changes a word whenever it is looked at. */
static struct {
	unsigned int looks;
	unsigned int seed;
} meddler;

static void meddle(void *ctx, const void *ptr, size_t size)
{
	uint64_t *word = (uint64_t *)(uintptr_t)ptr;

	(void)ctx;
	if (size != sizeof(*word))
		return;
	meddler.looks++;
	meddler.seed = meddler.seed * 1103515245 + 12345;
	if (meddler.seed >> 16 & 1)
		*word = (TABLE(meddler.seed >> 20 & 7) | 3) * (meddler.seed >> 17 & 1);
}

static void firmware_that_changes_entries_meanwhile_is_noticed_or_harmless(void **state)
{
	struct roots *r = *state;
	struct gpuas_published pub;
	unsigned int round, count, i, stale = 0;
	uint64_t wrote, before[3];

	meddler.seed = 1;
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < 3; i++)
			before[i] = *slot(r->ram, SECOND, i);
		assert_int_equal(gpuas_published_take(&pub, &r->first, 3, NULL) &&
				 !pub.count, 0);
		r->ram->env.invalidate = meddle;
		meddler.looks = 0;
		if (gpuas_published_confirm(&pub, &r->first, NULL) == -GPUAS_ESTALE)
			stale++;
		assert_in_range(meddler.looks, 1, 3);
		assert_int_equal(mirror(r, 3, &wrote, &count), 0);
		r->ram->env.invalidate = NULL;
		/* Each entry is one that was there, or none; published ones are left alone. */
		for (i = 3; i < 64; i++)
			assert_true(!*slot(r->ram, SECOND, i) ||
				    (*slot(r->ram, SECOND, i) >= FW_TABLE(13) &&
				     (*slot(r->ram, SECOND, i) & 3) == 3));
		for (i = 0; i < 3; i++)
			assert_int_equal(*slot(r->ram, SECOND, i), before[i]);
		assert_int_equal(mirror(r, 3, &wrote, &count), 0);
		assert_memory_equal(slot(r->ram, SECOND, 3), slot(r->ram, FW_ROOT, 3), 61 * 8);
	}
	assert_true(stale > 100);
}

static const struct CMUnitTest tests[] = {
	ROOTS_TEST(published_entries_are_remembered_and_confirmed),
	ROOTS_TEST(entries_that_are_missing_or_no_tables_are_said),
	ROOTS_TEST(what_is_above_the_published_entries_is_cleared_up_to_a_bound),
	ROOTS_TEST(a_mirror_copies_what_differs_and_says_which),
	ROOTS_TEST(a_mirror_breaks_before_it_makes),
	ROOTS_TEST(a_mirror_has_two_roots_of_one_shape_and_no_window),
	ROOTS_TEST(firmware_that_changes_entries_meanwhile_is_noticed_or_harmless),
};

UNIT_MAIN(tests)
