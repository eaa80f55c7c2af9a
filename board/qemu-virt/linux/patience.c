// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "patience.h"

static void look(struct patience *patience)
{
	uint64_t beat = fw_heartbeat(patience->fw);

	patience->looks++;
	patience->beat_looks++;
	if (beat == patience->beat)
		return;
	patience->beat = beat;
	patience->beat_at = jiffies;
	patience->beat_looks = 0;
}

static bool is_up(unsigned long until, unsigned int looks)
{
	return looks >= FW_LOOKS && time_after(jiffies, until);
}

static bool again(void *ctx)
{
	struct patience *patience = ctx;

	look(patience);
	if (fw_dead(patience->fw) || is_up(patience->end, patience->looks) ||
	    is_up(patience->beat_at + msecs_to_jiffies(FW_STALL_MS),
		  patience->beat_looks))
		return false;
	usleep_range(20, 200);
	return true;
}

struct gpuas_wait patience(struct patience *patience, const struct fw *fw,
			   unsigned int ms)
{
	*patience = (struct patience){
		.fw = fw,
		.end = jiffies + msecs_to_jiffies(ms),
		.beat = fw_heartbeat(fw),
		.beat_at = jiffies,
	};
	return (struct gpuas_wait){ .again = again, .ctx = patience };
}
