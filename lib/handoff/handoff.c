// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "page.h"

/* Read as "no context" whatever the profile writes: hosts before us wrote all of them. */
static const uint32_t context_none[] = { 0, 0xffff, 0xffffffff };

static const char *magic_name(enum gpuas_side side)
{
	return side == GPUAS_SIDE_HOST ? "magic_host" : "magic_fw";
}

static enum gpuas_side other(enum gpuas_side side)
{
	return side == GPUAS_SIDE_HOST ? GPUAS_SIDE_FIRMWARE : GPUAS_SIDE_HOST;
}

int gpuas_magic_report_(struct gpuas_report *report, const struct gpuas_profile *profile,
			const char *name, uint64_t magic)
{
	unsigned int i;

	gpuas_report_hex(report, -GPUAS_EPROTO, "handoff", name, "is wrong:", magic);
	for (i = 0; report && i < profile->accepts; i++) {
		gpuas_text_str(&report->text, i ? " or " : ", expected ");
		gpuas_text_hex(&report->text, profile->accept[i], 16);
	}
	return -GPUAS_EPROTO;
}

/*
 * Init
 */

/* What a firmware that runs may still answer stays; the rest is left from earlier hosts. */
static void slots_free(struct gpuas_handoff *handoff, bool answers)
{
	uint64_t *where, state;
	unsigned int i;

	for (i = 0; i < GPUAS_HANDOFF_FLUSH_SLOTS; i++) {
		where = &handoff->flush[i].state;
		state = gpuas_entry_load(where);
		if (state && !(answers && state == FLUSH_REQUESTED))
			gpuas_entry_store(where, FLUSH_IDLE);
	}
}

static void absent_write(struct gpuas_handoff *handoff, const struct gpuas_profile *profile)
{
	uint64_t magic;

	if (profile->absent == GPUAS_ABSENT_LEFT)
		return;
	magic = gpuas_entry_load(&handoff->magic_fw);
	gpuas_byte_store(&handoff->fw_absent, profile->absent == GPUAS_ABSENT_ALWAYS ||
					      !gpuas_profile_accepts(profile, magic));
}

void gpuas_handoff_init(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
			enum gpuas_firmware_state firmware)
{
	const bool runs = firmware == GPUAS_FIRMWARE_RUNS;
	const bool answers = runs && profile->firmware != GPUAS_FIRMWARE_NEVER;

	if (runs)
		slots_free(handoff, answers);
	else
		memset(handoff, 0, sizeof(*handoff));
	if (!answers)
		gpuas_word_store(&handoff->context, profile->context_none);
	absent_write(handoff, profile);
	gpuas_entry_store(&handoff->unknown640, 0);
	/* Who sees the magic sees the page that it stands for. */
	gpuas_publish_barrier();
	gpuas_entry_store(&handoff->magic_host, profile->magic);
}

/*
 * Looking for the other side
 */

int gpuas_peer_look_(const struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
		     enum gpuas_side side, uint64_t *magic)
{
	*magic = 0;
	if (alone_(profile, side))
		return -GPUAS_ENOENT;
	*magic = gpuas_entry_load(side == GPUAS_SIDE_HOST ? &handoff->magic_fw :
							    &handoff->magic_host);
	if (!*magic)
		return -GPUAS_ENOENT;
	return gpuas_profile_accepts(profile, *magic) ? 0 : -GPUAS_EPROTO;
}

int gpuas_handoff_peer(const struct gpuas_handoff *handoff,
		       const struct gpuas_profile *profile, enum gpuas_side side,
		       uint64_t *magic, struct gpuas_report *report)
{
	const char *name = magic_name(other(side));
	uint64_t found;
	int err = gpuas_peer_look_(handoff, profile, side, &found);

	if (err == -GPUAS_ENOENT)
		return gpuas_report(report, err, "handoff", name,
				    alone_(profile, side) ?
					    "means nothing: this firmware never takes part" :
					    "is still 0: nobody is there");
	if (err)
		return gpuas_magic_report_(report, profile, name, found);
	/* What the other side prepared is read after its magic. */
	gpuas_acquire_barrier();
	if (magic)
		*magic = found;
	return 0;
}

int gpuas_handoff_start(struct gpuas_handoff *handoff, const struct gpuas_profile *profile,
			enum gpuas_side side, const struct gpuas_wait *wait,
			uint64_t *magic, struct gpuas_report *report)
{
	const bool host = side == GPUAS_SIDE_HOST;
	const bool waits = !host || profile->firmware == GPUAS_FIRMWARE_ANSWERS;
	uint64_t *ours = host ? &handoff->magic_host : &handoff->magic_fw;
	const char *name = magic_name(other(side));
	uint64_t found;
	int err;

	/* Who sees the magic sees what was prepared before. */
	gpuas_publish_barrier();
	gpuas_entry_store(ours, profile->magic);
	do {
		err = gpuas_peer_look_(handoff, profile, side, &found);
	} while (err == -GPUAS_ENOENT && waits && wait->again(wait->ctx));
	if (err == -GPUAS_ENOENT && waits)
		return gpuas_report(report, -GPUAS_ETIMEDOUT, "handoff", name,
				    "is still 0: nobody is there");
	if (err == -GPUAS_EPROTO)
		return gpuas_magic_report_(report, profile, name, found);
	/* And we see what the other side prepared. */
	gpuas_acquire_barrier();
	if (magic)
		*magic = found;
	return 0;
}

/*
 * Judging
 */

int gpuas_context_judge_(const struct gpuas_profile *profile, uint32_t word,
			 struct gpuas_report *report)
{
	unsigned int i;

	for (i = 0; i < sizeof(context_none) / sizeof(context_none[0]); i++) {
		if (word == context_none[i])
			return -GPUAS_ENOENT;
	}
	if (word == profile->context_none)
		return -GPUAS_ENOENT;
	if (word < GPUAS_TTB_CONTEXTS)
		return 0;
	return gpuas_report_hex(report, -GPUAS_EPROTO, "handoff", "context",
				"is neither one of 64 nor none but", word);
}

int gpuas_handoff_context(const struct gpuas_handoff *handoff,
			  const struct gpuas_profile *profile, unsigned int *context,
			  struct gpuas_report *report)
{
	uint32_t word = gpuas_word_load(&handoff->context);
	int err = gpuas_context_judge_(profile, word, report);

	if (err == -GPUAS_ENOENT)
		return gpuas_report_hex(report, err, "handoff", "context",
					"says that none is loaded:", word);
	if (!err)
		*context = word;
	return err;
}

static int lock_check(uint8_t lock, const char *name,
		      struct gpuas_report *report)
{
	if (lock <= 1)
		return 0;
	return gpuas_report_hex(report, -GPUAS_EPROTO, "handoff", name,
				"is neither 0 nor 1 but", lock);
}

/* What the firmware wrote, if it ever does. */
static int firmware_check(const struct gpuas_handoff *handoff,
			  const struct gpuas_profile *profile, struct gpuas_report *report)
{
	uint64_t magic;

	/* The firmware may be writing: what is judged is what is reported. */
	if (gpuas_peer_look_(handoff, profile, GPUAS_SIDE_HOST, &magic) == -GPUAS_EPROTO)
		return gpuas_magic_report_(report, profile, "magic_fw", magic);
	if (alone_(profile, GPUAS_SIDE_HOST))
		return 0;
	return lock_check(gpuas_byte_load(&handoff->lock_fw), "lock_fw", report);
}

int gpuas_handoff_check(const struct gpuas_handoff *handoff,
			const struct gpuas_profile *profile,
			struct gpuas_report *report)
{
	uint64_t host = gpuas_entry_load(&handoff->magic_host);
	int err;

	if (!gpuas_profile_accepts(profile, host))
		return gpuas_magic_report_(report, profile, "magic_host", host);
	err = lock_check(gpuas_byte_load(&handoff->lock_host), "lock_host", report);
	if (!err)
		err = firmware_check(handoff, profile, report);
	if (err)
		return err;
	err = gpuas_context_judge_(profile, gpuas_word_load(&handoff->context), report);
	return err == -GPUAS_ENOENT ? 0 : err;
}
