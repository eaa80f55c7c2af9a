// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the firmware says: its to write, at any time, so it is copied, and cleaned. */
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "fw.h"
#include "fwlog.h"

#define TAIL	400

static char at(const struct fw_log *log, uint64_t position)
{
	char c = READ_ONCE(log->text[position % FW_LOG_SIZE]);

	return c == '\n' || (isascii(c) && isprint(c)) ? c : '?';
}

/* The last characters, at most @size of them. */
static uint64_t first(const struct fw_log *log, uint64_t size, uint64_t *end)
{
	*end = gpuas_entry_load(&log->written);
	return *end - min_t(uint64_t, *end, size);
}

void gpuas_qv_fw_log_print(struct device *dev, const struct fw_log *log)
{
	char tail[TAIL + 1], *rest = tail, *line;
	unsigned int length = 0;
	uint64_t i, end;

	for (i = first(log, TAIL, &end); i != end; i++)
		tail[length++] = at(log, i);
	tail[length] = '\0';
	/* The first of them is not whole, unless all fits. */
	if (end > TAIL)
		strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			dev_err(dev, "gpuas: firmware log: %s\n", line);
	}
}

void gpuas_qv_fw_log_show(const struct fw_log *log, struct seq_file *file)
{
	uint64_t i, end;

	for (i = first(log, FW_LOG_SIZE, &end); i != end; i++)
		seq_putc(file, at(log, i));
}

u32 gpuas_qv_fw_log_copy(const struct fw_log *log, char *text)
{
	uint64_t i, end;
	u32 size = 0;

	for (i = first(log, FW_LOG_SIZE, &end); i != end; i++)
		text[size++] = at(log, i);
	return size;
}

void gpuas_qv_fw_show(const struct fw *fw, struct seq_file *file)
{
	static const char *const name[] = {
		"state", "error", "heartbeat", "messages", "copies",
		"bytes", "faults", "flushes", "locks",
	};
	const uint64_t *value = (const uint64_t *)fw->status;
	unsigned int i;

	static_assert(sizeof(*fw->status) == sizeof(name) / sizeof(*name) * 8);
	for (i = 0; i < ARRAY_SIZE(name); i++)
		seq_printf(file, "%s %lld\n", name[i],
			   (s64)gpuas_entry_load(&value[i]));
	seq_puts(file, "log\n");
	gpuas_qv_fw_log_show(fw->log, file);
}
