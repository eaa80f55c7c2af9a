// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "patience.h"

static void look(struct patience *patience)
{
	uint64_t beat = gpuas_qv_fw_heartbeat(patience->fw);

	patience->looks++;
	if (beat == patience->beat)
		return;
	patience->beat = beat;
	patience->beat_at = jiffies;
	patience->looks = 0;
}

/*
 * Return when all CPUs, that of the firmware too, have taken part. A busy host may run this
 * one and not the other, for longer than anybody waits: no clock tells.
 */
static void wait_for_cpus(void)
{
	asm volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
}

/* Both: what a busy machine makes slow are our looks too. */
static bool stands_still(const struct patience *patience)
{
	return patience->looks >= FW_LOOKS &&
	       time_after(jiffies, patience->beat_at +
					   msecs_to_jiffies(FW_STALL_MS));
}

static bool again(void *ctx)
{
	struct patience *patience = ctx;

	look(patience);
	if (patience->looks % FW_LOOKS_ALONE == FW_LOOKS_ALONE - 1)
		wait_for_cpus();
	if (patience->killable && fatal_signal_pending(current)) {
		patience->killed = true;
		return false;
	}
	if (gpuas_qv_fw_dead(patience->fw) || stands_still(patience) ||
	    patience->beat - patience->start >= patience->beats)
		return false;
	usleep_range(20, 200);
	return true;
}

bool gpuas_qv_patience_with_smmu(void *ctx)
{
	unsigned int *looks = ctx;

	if (*looks >= FW_SMMU_LOOKS)
		return false;
	/* Mostly it has answered by then. */
	if (++*looks > FW_SMMU_SPINS)
		usleep_range(10, 50);
	else
		udelay(1);
	return true;
}

struct gpuas_wait gpuas_qv_patience(struct patience *patience, const struct fw *fw,
				    unsigned int beats)
{
	const uint64_t beat = gpuas_qv_fw_heartbeat(fw);

	*patience = (struct patience){
		.fw = fw,
		.beats = beats,
		.start = beat,
		.beat = beat,
		.beat_at = jiffies,
	};
	return (struct gpuas_wait){ .again = again, .ctx = patience };
}
