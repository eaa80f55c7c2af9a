// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "patience.h"

static bool beats(struct patience *patience)
{
	uint64_t beat = fw_heartbeat(patience->fw);

	if (beat != patience->beat) {
		patience->beat = beat;
		patience->beat_at = jiffies;
	}
	return time_before(jiffies, patience->beat_at +
				    msecs_to_jiffies(FW_STALL_MS));
}

static bool again(void *ctx)
{
	struct patience *patience = ctx;

	if (fw_dead(patience->fw) || !beats(patience) ||
	    time_after(jiffies, patience->end))
		return false;
	usleep_range(20, 200);
	return true;
}

struct gpuas_wait patience(struct patience *patience, const struct fw *fw,
			   unsigned int ms)
{
	patience->fw = fw;
	patience->end = jiffies + msecs_to_jiffies(ms);
	patience->beat = fw_heartbeat(fw);
	patience->beat_at = jiffies;
	return (struct gpuas_wait){ .again = again, .ctx = patience };
}
