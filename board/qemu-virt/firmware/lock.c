// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The handoff lock, as the firmware takes it. */
#include "fw.h"

int fw_lock(struct fw *of)
{
	unsigned int left = FW_PATIENCE_MS;
	const struct gpuas_wait wait = { fw_again, &left };
	struct gpuas_report report;
	int err;

	of->patience = FW_PATIENCE_MS;
	/* Whoever sent the message keeps the host away. */
	if (of->boot.silent)
		return 0;
	err = gpuas_handoff_lock(fw_handoff(), fw_profile(), GPUAS_SIDE_FIRMWARE, &wait,
				 &report);
	if (err)
		fw_log(report.text.buf);
	else
		fw_count(&fw_status()->locks, 1);
	return err;
}

void fw_unlock(struct fw *of)
{
	if (!of->boot.silent)
		gpuas_handoff_unlock(fw_handoff(), GPUAS_SIDE_FIRMWARE);
}
