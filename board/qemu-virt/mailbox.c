// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The mailbox of the stand-in's firmware: the same code for both ends. */
#include "firmware.h"

enum { IDLE, REQUESTED, ANSWERED };

static void store(struct fw_message *to, const struct fw_message *from)
{
	unsigned int i;

	gpuas_entry_store(&to->op, from->op);
	for (i = 0; i < FW_MESSAGE_ARGS; i++)
		gpuas_entry_store(&to->arg[i], from->arg[i]);
	gpuas_entry_store(&to->error, from->error);
	gpuas_entry_store(&to->result, from->result);
}

static void load(struct fw_message *to, const struct fw_message *from)
{
	unsigned int i;

	to->op = gpuas_entry_load(&from->op);
	for (i = 0; i < FW_MESSAGE_ARGS; i++)
		to->arg[i] = gpuas_entry_load(&from->arg[i]);
	to->error = gpuas_entry_load(&from->error);
	to->result = gpuas_entry_load(&from->result);
}

static int wrong(struct gpuas_report *report, int err, const char *what, uint64_t state)
{
	return gpuas_report_hex(report, err, "mailbox", NULL, what, state);
}

/* An answer is an errno value of the library, or nonsense. */
static int answer(const struct fw_message *message, struct gpuas_report *report)
{
	int64_t error = (int64_t)message->error;

	if (error > 0 || error < -4095)
		return wrong(report, -GPUAS_EPROTO, "the firmware answers with error", message->error);
	return (int)error;
}

int gpuas_qv_fw_call(struct fw_mailbox *mailbox, struct fw_message *message,
		     const struct gpuas_wait *wait, struct gpuas_report *report)
{
	uint64_t state = gpuas_entry_load(&mailbox->state);

	if (state != IDLE)
		return wrong(report, -GPUAS_EBUSY, "is in use, state", state);
	message->error = 0;
	message->result = 0;
	store(&mailbox->message, message);
	/* Who sees the state sees the message. */
	gpuas_release_barrier();
	gpuas_entry_store(&mailbox->state, REQUESTED);
	while ((state = gpuas_entry_load(&mailbox->state)) == REQUESTED) {
		if (!wait->again(wait->ctx))
			return wrong(report, -GPUAS_ETIMEDOUT, "the firmware does not answer message",
				     message->op);
	}
	if (state != ANSWERED)
		return wrong(report, -GPUAS_EPROTO, "has state", state);
	/* The answer is what was there when the state said so. */
	gpuas_acquire_barrier();
	load(message, &mailbox->message);
	gpuas_full_barrier();
	gpuas_entry_store(&mailbox->state, IDLE);
	return answer(message, report);
}

void gpuas_qv_fw_mailbox_reset(struct fw_mailbox *mailbox)
{
	gpuas_entry_store(&mailbox->state, IDLE);
}

bool gpuas_qv_fw_mailbox_next(const struct fw_mailbox *mailbox, struct fw_message *message)
{
	if (gpuas_entry_load(&mailbox->state) != REQUESTED)
		return false;
	gpuas_acquire_barrier();
	load(message, &mailbox->message);
	return true;
}

void gpuas_qv_fw_mailbox_answer(struct fw_mailbox *mailbox, const struct fw_message *message)
{
	store(&mailbox->message, message);
	gpuas_release_barrier();
	gpuas_entry_store(&mailbox->state, ANSWERED);
}
