// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/handoff.h>

void gpuas_handoff_init(struct gpuas_handoff *handoff)
{
	memset(handoff, 0, sizeof(*handoff));
	gpuas_publish_barrier();
	gpuas_entry_store(&handoff->magic_host, GPUAS_HANDOFF_MAGIC);
}

static int bad_magic(const char *name, uint64_t magic,
		     struct gpuas_report *report)
{
	gpuas_report_hex(report, -GPUAS_EPROTO, "handoff", name, "is wrong:",
			 magic);
	if (report) {
		gpuas_text_str(&report->text, ", expected ");
		gpuas_text_hex(&report->text, GPUAS_HANDOFF_MAGIC, 16);
	}
	return -GPUAS_EPROTO;
}

static int lock_check(uint8_t lock, const char *name,
		      struct gpuas_report *report)
{
	if (lock <= 1)
		return 0;
	return gpuas_report_hex(report, -GPUAS_EPROTO, "handoff", name,
				"is neither 0 nor 1 but", lock);
}

int gpuas_handoff_start(struct gpuas_handoff *handoff, enum gpuas_side side,
			const struct gpuas_wait *wait,
			struct gpuas_report *report)
{
	bool host = side == GPUAS_SIDE_HOST;
	uint64_t *ours = host ? &handoff->magic_host : &handoff->magic_fw;
	uint64_t *theirs = host ? &handoff->magic_fw : &handoff->magic_host;
	const char *name = host ? "magic_fw" : "magic_host";
	uint64_t magic;

	/* Who sees the magic sees what was prepared before. */
	gpuas_publish_barrier();
	gpuas_entry_store(ours, GPUAS_HANDOFF_MAGIC);
	do {
		magic = gpuas_entry_load(theirs);
	} while (!magic && wait->again(wait->ctx));
	if (!magic)
		return gpuas_report(report, -GPUAS_ETIMEDOUT, "handoff", name,
				    "is still 0: nobody is there");
	if (magic != GPUAS_HANDOFF_MAGIC)
		return bad_magic(name, magic, report);
	/* And we see what the other side prepared. */
	gpuas_acquire_barrier();
	return 0;
}

int gpuas_handoff_check(const struct gpuas_handoff *handoff,
			struct gpuas_report *report)
{
	/* The firmware may be writing: what is judged is what is reported. */
	uint64_t host = gpuas_entry_load(&handoff->magic_host);
	uint64_t fw = gpuas_entry_load(&handoff->magic_fw);
	int err;

	if (host != GPUAS_HANDOFF_MAGIC)
		return bad_magic("magic_host", host, report);
	if (fw && fw != GPUAS_HANDOFF_MAGIC)
		return bad_magic("magic_fw", fw, report);
	err = lock_check(gpuas_byte_load(&handoff->lock_host), "lock_host",
			 report);
	if (!err)
		err = lock_check(gpuas_byte_load(&handoff->lock_fw), "lock_fw",
				 report);
	return err;
}
