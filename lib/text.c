// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/text.h>

static void append(struct gpuas_text *text, char c)
{
	if (text->len + 1 >= sizeof(text->buf))
		return;
	text->buf[text->len++] = c;
	text->buf[text->len] = '\0';
}

void gpuas_text_clear(struct gpuas_text *text)
{
	text->len = 0;
	text->buf[0] = '\0';
}

void gpuas_text_str(struct gpuas_text *text, const char *str)
{
	while (*str)
		append(text, *str++);
}

void gpuas_text_pad(struct gpuas_text *text, unsigned int column)
{
	if (column >= sizeof(text->buf))
		column = sizeof(text->buf) - 1;
	do
		append(text, ' ');
	while (text->len < column);
}

void gpuas_text_hex(struct gpuas_text *text, uint64_t value,
		    unsigned int digits)
{
	unsigned int n = 16;

	if (!digits)
		digits = 1;
	while (n > digits && !(value >> (4 * (n - 1))))
		n--;
	gpuas_text_str(text, "0x");
	while (n--)
		append(text, "0123456789abcdef"[(value >> (4 * n)) & 0xf]);
}

static const uint64_t powers_of_ten[] = {
	1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL,
	10000000ULL, 100000000ULL, 1000000000ULL, 10000000000ULL,
	100000000000ULL, 1000000000000ULL, 10000000000000ULL,
	100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL,
	100000000000000000ULL, 1000000000000000000ULL,
	10000000000000000000ULL,
};

/* By subtraction: a division would need a helper function on 32-bit CPUs. */
static void decimal(struct gpuas_text *text, uint64_t value)
{
	unsigned int n = sizeof(powers_of_ten) / sizeof(powers_of_ten[0]);
	char digit;

	while (n > 1 && value < powers_of_ten[n - 1])
		n--;
	while (n--) {
		for (digit = '0'; value >= powers_of_ten[n]; digit++)
			value -= powers_of_ten[n];
		append(text, digit);
	}
}

void gpuas_text_dec(struct gpuas_text *text, uint32_t value)
{
	decimal(text, value);
}

void gpuas_text_size(struct gpuas_text *text, uint64_t size)
{
	static const char unit[] = "BKMGT";
	unsigned int i = 0;

	while (size && !(size & 0x3ff) && unit[i + 1]) {
		size >>= 10;
		i++;
	}
	decimal(text, size);
	append(text, unit[i]);
}

void gpuas_text_send(struct gpuas_text *text, const struct gpuas_sink *sink)
{
	sink->line(sink->ctx, text->buf);
	gpuas_text_clear(text);
}

int gpuas_report(struct gpuas_report *report, int err, const char *thing,
		 const char *name, const char *what)
{
	if (!report)
		return err;
	report->err = err;
	gpuas_text_clear(&report->text);
	gpuas_text_str(&report->text, thing);
	if (name) {
		gpuas_text_str(&report->text, " ");
		gpuas_text_str(&report->text, name);
	}
	gpuas_text_str(&report->text, ": ");
	gpuas_text_str(&report->text, what);
	return err;
}

int gpuas_report_hex(struct gpuas_report *report, int err, const char *thing,
		     const char *name, const char *what, uint64_t value)
{
	gpuas_report(report, err, thing, name, what);
	if (report) {
		gpuas_text_str(&report->text, " ");
		gpuas_text_hex(&report->text, value, 1);
	}
	return err;
}

int gpuas_report_dec(struct gpuas_report *report, int err, const char *thing,
		     const char *name, const char *what, uint64_t value)
{
	gpuas_report(report, err, thing, name, what);
	if (report) {
		gpuas_text_str(&report->text, " ");
		decimal(&report->text, value);
	}
	return err;
}

bool gpuas_streq(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}
