// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "unit.h"

#include <gpuas/text.h>

static void hex(uint64_t value, unsigned int digits, const char *want)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_hex(&text, value, digits);
	assert_string_equal(text.buf, want);
	assert_int_equal(text.len, strlen(want));
}

static void dec(uint32_t value, const char *want)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_dec(&text, value);
	assert_string_equal(text.buf, want);
}

static void size(uint64_t value, const char *want)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_size(&text, value);
	assert_string_equal(text.buf, want);
}

static void hex_has_at_least_the_digits_asked_for(void **state)
{
	(void)state;
	hex(0, 0, "0x0");
	hex(0, 1, "0x0");
	hex(0x1a, 1, "0x1a");
	hex(0x1a, 4, "0x001a");
	hex(0x12345, 4, "0x12345");
	hex(0xffffff8000000000ULL, 1, "0xffffff8000000000");
	hex(1, 16, "0x0000000000000001");
	hex(1, 99, "0x0000000000000001");
}

static void dec_prints_every_magnitude(void **state)
{
	char want[16];
	uint32_t value;
	unsigned int i;

	(void)state;
	dec(0, "0");
	dec(UINT32_MAX, "4294967295");
	for (value = 1, i = 0; i < 10; i++, value *= 10) {
		snprintf(want, sizeof(want), "%u", value);
		dec(value, want);
		snprintf(want, sizeof(want), "%u", value - 1);
		dec(value - 1, want);
		snprintf(want, sizeof(want), "%u", value + 7);
		dec(value + 7, want);
	}
}

static void size_uses_the_largest_whole_unit(void **state)
{
	(void)state;
	size(0, "0B");
	size(1, "1B");
	size(1023, "1023B");
	size(1024, "1K");
	size(1025, "1025B");
	size(0x4000, "16K");
	size(0x18000, "96K");
	size(1ULL << 20, "1M");
	size(3ULL << 30, "3G");
	size(1ULL << 40, "1T");
	size(1ULL << 50, "1024T");
	size(UINT64_MAX, "18446744073709551615B");
	size(1ULL << 63, "8388608T");
}

static void pad_fills_up_to_the_column(void **state)
{
	struct gpuas_text text;

	(void)state;
	gpuas_text_clear(&text);
	gpuas_text_str(&text, "ab");
	gpuas_text_pad(&text, 5);
	gpuas_text_str(&text, "c");
	assert_string_equal(text.buf, "ab   c");
	/* What is too long, or just fits, does not run into the next column. */
	gpuas_text_pad(&text, 3);
	gpuas_text_str(&text, "d");
	assert_string_equal(text.buf, "ab   c d");
	gpuas_text_pad(&text, 8);
	assert_string_equal(text.buf, "ab   c d ");
	gpuas_text_pad(&text, 100000);
	assert_int_equal(text.len, GPUAS_TEXT_MAX - 1);
}

static void what_does_not_fit_is_cut_off(void **state)
{
	struct gpuas_text text;
	unsigned int i;

	(void)state;
	gpuas_text_clear(&text);
	for (i = 0; i < 50; i++)
		gpuas_text_str(&text, "0123456789");
	gpuas_text_hex(&text, 1, 16);
	gpuas_text_dec(&text, 1234567890);
	gpuas_text_size(&text, 77);
	assert_int_equal(text.len, GPUAS_TEXT_MAX - 1);
	assert_int_equal(strlen(text.buf), GPUAS_TEXT_MAX - 1);
	assert_int_equal(text.buf[GPUAS_TEXT_MAX - 2], '8');
}

static void take_line(void *ctx, const char *line)
{
	strcpy(ctx, line);
}

static void send_gives_the_line_away_and_starts_over(void **state)
{
	char line[GPUAS_TEXT_MAX] = "";
	const struct gpuas_sink sink = { line, take_line };
	struct gpuas_text text;

	(void)state;
	gpuas_text_clear(&text);
	gpuas_text_str(&text, "hello");
	gpuas_text_send(&text, &sink);
	assert_string_equal(line, "hello");
	assert_int_equal(text.len, 0);
	assert_string_equal(text.buf, "");
}

static void report_names_thing_name_and_reason(void **state)
{
	struct gpuas_report report;

	(void)state;
	memset(&report, 0xa5, sizeof(report));
	assert_int_equal(gpuas_report(&report, -GPUAS_EINVAL, "region", "ttbs",
				      "is empty"), -GPUAS_EINVAL);
	assert_int_equal(report.err, -GPUAS_EINVAL);
	assert_string_equal(report.text.buf, "region ttbs: is empty");
	gpuas_report(&report, -GPUAS_ENOENT, "root", NULL, "is missing");
	assert_string_equal(report.text.buf, "root: is missing");
	assert_int_equal(gpuas_report_hex(&report, -GPUAS_ERANGE, "region", "x",
					  "is at", 0x4000), -GPUAS_ERANGE);
	assert_string_equal(report.text.buf, "region x: is at 0x4000");
	assert_int_equal(report.err, -GPUAS_ERANGE);
}

static void a_report_counts_in_decimal(void **state)
{
	struct gpuas_report report;

	(void)state;
	assert_int_equal(gpuas_report_dec(&report, -GPUAS_E2BIG, "board", "x",
					  "has too many regions,", 17),
			 -GPUAS_E2BIG);
	assert_string_equal(report.text.buf, "board x: has too many regions, 17");
	assert_int_equal(report.err, -GPUAS_E2BIG);
	gpuas_report_dec(&report, -GPUAS_E2BIG, "x", NULL, "is", UINT64_MAX);
	assert_string_equal(report.text.buf, "x: is 18446744073709551615");
}

static void report_may_be_null(void **state)
{
	(void)state;
	assert_int_equal(gpuas_report(NULL, -GPUAS_EBUSY, "a", "b", "c"),
			 -GPUAS_EBUSY);
	assert_int_equal(gpuas_report_hex(NULL, -GPUAS_EBUSY, "a", NULL, "c", 1),
			 -GPUAS_EBUSY);
	assert_int_equal(gpuas_report_dec(NULL, -GPUAS_EBUSY, "a", NULL, "c", 1),
			 -GPUAS_EBUSY);
}

static void streq_is_false_for_null_and_prefixes(void **state)
{
	(void)state;
	assert_true(gpuas_streq("", ""));
	assert_true(gpuas_streq("abc", "abc"));
	assert_false(gpuas_streq("abc", "ab"));
	assert_false(gpuas_streq("ab", "abc"));
	assert_false(gpuas_streq("abc", "abd"));
	assert_false(gpuas_streq(NULL, "a"));
	assert_false(gpuas_streq("a", NULL));
	assert_false(gpuas_streq(NULL, NULL));
}

/* Each value of enum gpuas_error, from its definition. */
static const int errors[] = {
	GPUAS_EPERM, GPUAS_ENOENT, GPUAS_E2BIG, GPUAS_EAGAIN, GPUAS_ENOMEM,
	GPUAS_EACCES, GPUAS_EFAULT, GPUAS_EBUSY, GPUAS_EEXIST, GPUAS_EINVAL,
	GPUAS_ENOSPC, GPUAS_ERANGE, GPUAS_EPROTO, GPUAS_EBADMSG,
	GPUAS_EOVERFLOW, GPUAS_ENOTUNIQ, GPUAS_EMSGSIZE, GPUAS_EOPNOTSUPP,
	GPUAS_ETIMEDOUT, GPUAS_ESTALE,
};

static void every_error_has_words_of_its_own(void **state)
{
	const unsigned int count = sizeof(errors) / sizeof(errors[0]);
	const char *words, *other;
	unsigned int i, j;

	(void)state;
	assert_string_equal(gpuas_strerror(0), "success");
	for (i = 0; i < count; i++) {
		words = gpuas_strerror(-errors[i]);
		assert_string_not_equal(words, "unknown error");
		for (j = 0; j < i; j++) {
			other = gpuas_strerror(-errors[j]);
			assert_string_not_equal(words, other);
		}
	}
}

static void other_values_are_unknown_errors(void **state)
{
	(void)state;
	assert_string_equal(gpuas_strerror(GPUAS_EINVAL), "unknown error");
	assert_string_equal(gpuas_strerror(-5), "unknown error");
	assert_string_equal(gpuas_strerror(-100000), "unknown error");
	assert_string_equal(gpuas_strerror(INT32_MIN), "unknown error");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(hex_has_at_least_the_digits_asked_for),
	cmocka_unit_test(dec_prints_every_magnitude),
	cmocka_unit_test(size_uses_the_largest_whole_unit),
	cmocka_unit_test(pad_fills_up_to_the_column),
	cmocka_unit_test(what_does_not_fit_is_cut_off),
	cmocka_unit_test(send_gives_the_line_away_and_starts_over),
	cmocka_unit_test(report_names_thing_name_and_reason),
	cmocka_unit_test(a_report_counts_in_decimal),
	cmocka_unit_test(report_may_be_null),
	cmocka_unit_test(streq_is_false_for_null_and_prefixes),
	cmocka_unit_test(every_error_has_words_of_its_own),
	cmocka_unit_test(other_values_are_unknown_errors),
};

UNIT_MAIN(tests)
