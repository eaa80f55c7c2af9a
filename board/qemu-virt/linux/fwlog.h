/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_FWLOG_H
#define GPUAS_QEMU_VIRT_FWLOG_H

#include "../firmware.h"

struct device;
struct seq_file;

/** gpuas_qv_fw_log_print() - Print the last lines of a log, as errors */
void gpuas_qv_fw_log_print(struct device *dev, const struct fw_log *log);

/** gpuas_qv_fw_log_show() - Print all of it */
void gpuas_qv_fw_log_show(const struct fw_log *log, struct seq_file *file);

/** gpuas_qv_fw_log_copy() - Copy all of it to @text, FW_LOG_SIZE at most: how many characters */
u32 gpuas_qv_fw_log_copy(const struct fw_log *log, char *text);

#endif /* GPUAS_QEMU_VIRT_FWLOG_H */
