// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "page.h"

int gpuas_slot_report_(struct gpuas_report *report, int err, unsigned int slot,
		       const char *what, uint64_t state)
{
	gpuas_report(report, err, "handoff", "flush", "slot ");
	if (report) {
		gpuas_text_dec(&report->text, slot);
		gpuas_text_str(&report->text, what);
		gpuas_text_hex(&report->text, state, 1);
	}
	return err;
}

int gpuas_no_slot_(struct gpuas_report *report, unsigned int slot)
{
	return gpuas_report_dec(report, -GPUAS_EINVAL, "handoff", "flush",
				"there is no slot", slot);
}

int gpuas_request_check_(unsigned int slot, gpuas_va_t va, uint64_t size,
			 struct gpuas_report *report)
{
	if (slot >= GPUAS_HANDOFF_FLUSH_SLOTS)
		return gpuas_no_slot_(report, slot);
	if (!size)
		return gpuas_report(report, -GPUAS_EINVAL, "handoff", "flush",
				    "the range is empty");
	if (size - 1 > ~gpuas_va_u64(va))
		return gpuas_report_hex(report, -GPUAS_EOVERFLOW, "handoff",
					"flush", "the range wraps around at VA",
					gpuas_va_u64(va));
	return 0;
}

int gpuas_slot_free_(const struct gpuas_handoff *handoff, unsigned int slot,
		     struct gpuas_report *report)
{
	uint64_t state = gpuas_entry_load(&handoff->flush[slot].state);
	const char *what = " is in use, for nothing that the protocol has, its state is ";

	if (state == FLUSH_IDLE)
		return 0;
	if (state == FLUSH_REQUESTED)
		what = " is in use: a request is not answered, its state is ";
	else if (state == FLUSH_DONE)
		what = " is in use: a flush or an unmap is not completed, its state is ";
	return gpuas_slot_report_(report, -GPUAS_EBUSY, slot, what, state);
}

void gpuas_slot_write_(struct gpuas_handoff_flush *flush, uint64_t addr, uint64_t size,
		       uint64_t state)
{
	gpuas_entry_store(&flush->addr, addr);
	gpuas_entry_store(&flush->size, size);
	/* The firmware reads the range, and the tables, after it sees the state. */
	gpuas_publish_barrier();
	gpuas_entry_store(&flush->state, state);
}

int gpuas_handoff_flush_post(struct gpuas_handoff *handoff, unsigned int slot,
			     gpuas_va_t va, uint64_t size,
			     struct gpuas_report *report)
{
	int err = gpuas_request_check_(slot, va, size, report);

	if (!err)
		err = gpuas_slot_free_(handoff, slot, report);
	if (!err)
		gpuas_slot_write_(&handoff->flush[slot], gpuas_va_u64(va), size,
				  FLUSH_REQUESTED);
	return err;
}

/* Who waits with the lock held may keep the firmware from the request. */
static int no_answer(const struct gpuas_handoff *handoff, unsigned int slot,
		     struct gpuas_report *report)
{
	gpuas_slot_report_(report, -GPUAS_ETIMEDOUT, slot, " is not answered, its state is ",
			   FLUSH_REQUESTED);
	if (report && gpuas_byte_load(&handoff->lock_host))
		gpuas_text_str(&report->text, ", and the host holds the lock");
	return -GPUAS_ETIMEDOUT;
}

int gpuas_handoff_flush_wait(const struct gpuas_handoff *handoff, unsigned int slot,
			     const struct gpuas_wait *wait,
			     struct gpuas_report *report)
{
	const uint64_t *where;
	uint64_t state;

	if (slot >= GPUAS_HANDOFF_FLUSH_SLOTS)
		return gpuas_no_slot_(report, slot);
	where = &handoff->flush[slot].state;
	do {
		state = gpuas_entry_load(where);
	} while (state == FLUSH_REQUESTED && wait->again(wait->ctx));
	if (state == FLUSH_REQUESTED)
		return no_answer(handoff, slot, report);
	if (state == FLUSH_IDLE)
		return gpuas_slot_report_(report, -GPUAS_EPROTO, slot,
					  " has no request that is waited for, its state is ",
					  state);
	if (state != FLUSH_DONE)
		return gpuas_slot_report_(report, -GPUAS_EPROTO, slot,
					  " is neither requested nor done, its state is ",
					  state);
	/*
	 * What the firmware wrote back is read after this look; and the next
	 * request is written after the firmware has read this one.
	 */
	gpuas_acquire_barrier();
	return 0;
}

int gpuas_handoff_flush_finish(struct gpuas_handoff *handoff, unsigned int slot,
			       const struct gpuas_wait *wait,
			       struct gpuas_report *report)
{
	int err = gpuas_handoff_flush_wait(handoff, slot, wait, report);

	if (!err)
		gpuas_entry_store(&handoff->flush[slot].state, FLUSH_IDLE);
	return err;
}

int gpuas_handoff_flush_reset(struct gpuas_handoff *handoff, unsigned int slot)
{
	if (slot >= GPUAS_HANDOFF_FLUSH_SLOTS)
		return -GPUAS_EINVAL;
	gpuas_entry_store(&handoff->flush[slot].state, FLUSH_IDLE);
	return 0;
}

unsigned int gpuas_handoff_flush_next(const struct gpuas_handoff *handoff,
				      unsigned int slot,
				      struct gpuas_range *range)
{
	const struct gpuas_handoff_flush *flush;

	for (; slot < GPUAS_HANDOFF_FLUSH_SLOTS; slot++) {
		flush = &handoff->flush[slot];
		if (gpuas_entry_load(&flush->state) != FLUSH_REQUESTED)
			continue;
		/* The range, and the tables that lead to it, after the state. */
		gpuas_acquire_barrier();
		range->va = gpuas_va(gpuas_entry_load(&flush->addr));
		range->size = gpuas_entry_load(&flush->size);
		return slot;
	}
	return GPUAS_HANDOFF_FLUSH_SLOTS;
}

int gpuas_handoff_flush_done(struct gpuas_handoff *handoff, unsigned int slot)
{
	struct gpuas_handoff_flush *flush;

	if (slot >= GPUAS_HANDOFF_FLUSH_SLOTS)
		return -GPUAS_EINVAL;
	flush = &handoff->flush[slot];
	if (gpuas_entry_load(&flush->state) != FLUSH_REQUESTED)
		return -GPUAS_EPROTO;
	/* The range has been read, and what was in the cache written, before. */
	gpuas_release_barrier();
	gpuas_entry_store(&flush->state, FLUSH_DONE);
	return 0;
}
