/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEXT_H
#define GPUAS_TEXT_H

#include <gpuas/types.h>

GPUAS_BEGIN_DECLS

/**
 * struct gpuas_sink - Where text goes; the library itself never prints
 * @ctx: handed back
 * @line: takes one line, without newline; the string is valid during the call
 */
struct gpuas_sink {
	void *ctx;
	void (*line)(void *ctx, const char *line);
};

/** GPUAS_TEXT_MAX - Size of a line or sentence, terminating zero included */
enum { GPUAS_TEXT_MAX = 160 };

/**
 * struct gpuas_text - A line under construction
 * @buf: the text so far, always terminated; what does not fit is cut off
 * @len: its length
 */
struct gpuas_text {
	char buf[GPUAS_TEXT_MAX];
	unsigned int len;
};

/** gpuas_text_clear() - Start over with an empty line */
void gpuas_text_clear(struct gpuas_text *text);

/** gpuas_text_str() - Append a string */
void gpuas_text_str(struct gpuas_text *text, const char *str);

/** gpuas_text_pad() - Append spaces up to column @column, and one at least */
void gpuas_text_pad(struct gpuas_text *text, unsigned int column);

/** gpuas_text_hex() - Append 0x and at least @digits hexadecimal digits */
void gpuas_text_hex(struct gpuas_text *text, uint64_t value,
		    unsigned int digits);

/** gpuas_text_dec() - Append a decimal number */
void gpuas_text_dec(struct gpuas_text *text, uint32_t value);

/** gpuas_text_size() - Append a size as a whole number of B, K, M, G or T */
void gpuas_text_size(struct gpuas_text *text, uint64_t size);

/** gpuas_text_send() - Give the line to a sink and start over */
void gpuas_text_send(struct gpuas_text *text, const struct gpuas_sink *sink);

/**
 * struct gpuas_report - The sentence that goes with an error
 * @err: the error, 0 if there was none
 * @text: names the thing that is wrong and says what is wrong with it, without
 *	final full stop
 *
 * Functions that judge somebody else's data take one. It is written on failure
 * only, may be NULL, and needs no initialisation.
 */
struct gpuas_report {
	int err;
	struct gpuas_text text;
};

/**
 * gpuas_report() - Fill a report
 * @report: the report, or NULL
 * @err: negative error
 * @thing: what is wrong, as "region", "node", "slot"
 * @name: its name, or NULL
 * @what: what is wrong with it
 *
 * Return: @err, so that callers can return it at once.
 */
int gpuas_report(struct gpuas_report *report, int err, const char *thing,
		 const char *name, const char *what);

/**
 * gpuas_report_hex() - The same, followed by a number
 * @report: the report, or NULL
 * @err: negative error
 * @thing: what is wrong
 * @name: its name, or NULL
 * @what: what is wrong with it
 * @value: appended in hexadecimal
 *
 * Return: @err.
 */
int gpuas_report_hex(struct gpuas_report *report, int err, const char *thing,
		     const char *name, const char *what, uint64_t value);

/**
 * gpuas_report_dec() - The same, followed by a number that counts something
 * @report: the report, or NULL
 * @err: negative error
 * @thing: what is wrong
 * @name: its name, or NULL
 * @what: what is wrong with it
 * @value: appended in decimal: a count, an index, a number of bits, a version.
 *	Addresses, sizes in bytes and what was read from memory are hexadecimal.
 *
 * Return: @err.
 */
int gpuas_report_dec(struct gpuas_report *report, int err, const char *thing,
		     const char *name, const char *what, uint64_t value);

/** gpuas_streq() - Are two strings equal? False if one of them is NULL. */
bool gpuas_streq(const char *a, const char *b);

GPUAS_END_DECLS

#endif /* GPUAS_TEXT_H */
