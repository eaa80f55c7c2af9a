// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/text.h>

#include "fw.h"

static void put(struct fw_log *log, uint64_t at, char c)
{
	*(volatile char *)&log->text[at & (FW_LOG_SIZE - 1)] = c;
}

static void line(void *ctx, const char *text)
{
	struct fw_log *log = ctx;
	uint64_t at = gpuas_entry_load(&log->written);

	for (; *text; text++)
		put(log, at++, *text);
	put(log, at++, '\n');
	/* Who sees the number sees the characters. */
	gpuas_release_barrier();
	gpuas_entry_store(&log->written, at);
}

static const struct gpuas_sink sink = {
	.ctx = (void *)(FW_DATA_VA + FW_LOG_OFFSET),
	.line = line,
};

void fw_log(const char *text)
{
	line(sink.ctx, text);
}

void fw_log_hex(const char *text, uint64_t value)
{
	struct gpuas_text now;

	gpuas_text_clear(&now);
	gpuas_text_str(&now, text);
	gpuas_text_str(&now, " ");
	gpuas_text_hex(&now, value, 1);
	gpuas_text_send(&now, &sink);
}
