// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Dekker's algorithm. Only the two bytes exclude: each side raises its own, and
 * enters if it then finds the other's down. The turn decides who takes its byte
 * down when both are up, and nothing else, so it may have any value.
 * Facts: Linux drm/asahi mmu.rs (Handoff), m1n1 fw/agx/handoff.py.
 */
#include "page.h"

static enum gpuas_side other(enum gpuas_side side)
{
	return side == GPUAS_SIDE_HOST ? GPUAS_SIDE_FIRMWARE : GPUAS_SIDE_HOST;
}

static uint8_t *lock_byte(struct gpuas_handoff *handoff, enum gpuas_side side)
{
	return side == GPUAS_SIDE_HOST ? &handoff->lock_host :
					 &handoff->lock_fw;
}

static bool gives_way(const struct gpuas_handoff *handoff, enum gpuas_side side)
{
	bool host = gpuas_word_load(&handoff->turn) != 0;

	return host == (side == GPUAS_SIDE_HOST);
}

/* The other side's byte, after ours was raised; 0: we are in. */
static uint8_t claim(struct gpuas_handoff *handoff, enum gpuas_side side)
{
	gpuas_byte_store(lock_byte(handoff, side), 1);
	/*
	 * Store before load: else both sides can look while their own stores
	 * are still on the way, find 0, and enter. The other side's barrier at
	 * this place is the other half of it.
	 */
	gpuas_full_barrier();
	return gpuas_byte_load(lock_byte(handoff, other(side)));
}

/*
 * Both bytes are up. Wait until a claim makes sense; false: time is up. Who gives
 * way takes its byte down, or the other side would wait for ever. That needs no
 * barrier: nothing was touched that the lock guards.
 */
static bool wait_turn(struct gpuas_handoff *handoff, enum gpuas_side side,
		      const struct gpuas_wait *wait)
{
	if (!gives_way(handoff, side))
		return wait->again(wait->ctx);
	gpuas_byte_store(lock_byte(handoff, side), 0);
	do {
		if (!wait->again(wait->ctx))
			return false;
		/* Not every side whose time is up gives the turn away as well. */
	} while (gives_way(handoff, side) &&
		 gpuas_byte_load(lock_byte(handoff, other(side))) == 1);
	return true;
}

static void give_turn(struct gpuas_handoff *handoff, enum gpuas_side side)
{
	gpuas_word_store(&handoff->turn, side == GPUAS_SIDE_HOST);
}

static int held_by(const struct gpuas_handoff *handoff, enum gpuas_side side,
		   struct gpuas_report *report)
{
	const char *what = side == GPUAS_SIDE_HOST ?
				   "held by the host for too long, turn" :
				   "held by the firmware for too long, turn";

	gpuas_report_hex(report, -GPUAS_ETIMEDOUT, "handoff", "lock", what,
			 gpuas_word_load(&handoff->turn));
	if (report) {
		gpuas_text_str(&report->text, ", context ");
		gpuas_text_hex(&report->text,
			       gpuas_word_load(&handoff->context), 1);
	}
	return -GPUAS_ETIMEDOUT;
}

/*
 * Who gave way to us waits for the turn, and for nothing else: it must not stay
 * ours. After the byte, unlike in letting go: who let go in between, which made the
 * turn ours, and came back, gave way to that byte.
 */
static int give_up(struct gpuas_handoff *handoff, enum gpuas_side side,
		   uint8_t theirs, struct gpuas_report *report)
{
	bool host = side == GPUAS_SIDE_HOST;
	int err;

	gpuas_byte_store(lock_byte(handoff, side), 0);
	if (theirs == 1)
		err = held_by(handoff, other(side), report);
	else
		err = gpuas_report_hex(report, -GPUAS_EPROTO, "handoff",
				       host ? "lock_fw" : "lock_host",
				       "is neither 0 nor 1 but", theirs);
	gpuas_release_barrier();
	give_turn(handoff, side);
	return err;
}

int gpuas_handoff_lock(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
		       enum gpuas_side side, const struct gpuas_wait *wait,
		       struct gpuas_report *report)
{
	uint8_t theirs;

	do {
		theirs = claim(handoff, side);
		/* Nobody writes that byte, so it may have been anything for ever. */
		if (alone_(profile, side))
			theirs = 0;
	} while (theirs == 1 && wait_turn(handoff, side, wait));
	if (theirs)
		return give_up(handoff, side, theirs, report);
	/* Look before use: what the other side did was done when it let go. */
	gpuas_acquire_barrier();
	return 0;
}

void gpuas_handoff_unlock(struct gpuas_handoff *handoff, enum gpuas_side side)
{
	give_turn(handoff, side);
	/*
	 * Before the byte goes down: all that was read and written under the
	 * lock; and the turn, for it must not arrive when the other side has
	 * been in and has given it back to us.
	 */
	gpuas_release_barrier();
	gpuas_byte_store(lock_byte(handoff, side), 0);
}

/* The one case in which a side writes the other's turn and byte. */
void gpuas_handoff_recover(struct gpuas_handoff *handoff, enum gpuas_side side)
{
	gpuas_handoff_unlock(handoff, other(side));
}
