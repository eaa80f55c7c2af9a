/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_FIRMWARE_H
#define GPUAS_QEMU_VIRT_FIRMWARE_H

#include <gpuas/format.h>
#include <gpuas/handoff.h>

#include "firmware_layout.h"

/**
 * DOC: The firmware of the stand-in GPU, as others see it
 *
 * It runs on the second CPU, started by the bootloader through PSCI at the start of fw-text, with the
 * PA of fw-data as argument. At the start of fw-data the bootloader has written a &struct fw_boot.
 * Everything else in fw-data is the firmware's to write, and anybody's to read. The mailbox, at the
 * start of the region "shared", takes one message at a time; who sends it is for the hosts to agree
 * on: first the bootloader, then the OS.
 *
 * Little-endian, natural alignment. VAs: board.c.
 */

/** FW_BOOT_MAGIC - "gpuas-fw" */
#define FW_BOOT_MAGIC	0x77662d7361757067ULL

/**
 * struct fw_boot - What the firmware has to know, written by the bootloader
 * @magic: FW_BOOT_MAGIC
 * @ram: PA of the RAM that all regions are in
 * @ram_size: bytes
 * @tables: PA of the region of page tables, the root first
 * @tables_size: bytes
 * @tables_used: number of tables in it that are in use; up to @root, if that is behind
 *	them, the rest are the firmware's
 * @root: PA of the root that this CPU walks: @tables, or another one in that region
 * @published: number of entries that the firmware publishes into both roots while it
 *	starts; 0: none, and there is one root
 * @lent: PA of the table that the last of them leads to; 0: none
 * @silent: it takes no part in the handoff page: it neither answers nor locks, and uses
 *	tables and SMMU while it serves a message, and at no other time
 * @ttbs: PA of the TTB array
 * @handoff: PA of the handoff page
 * @data: PA of fw-data
 * @shared: PA of the region "shared"
 * @smmu: PA of the SMMU's registers, 128 KiB
 * @edu: PA of the GPU's BAR 0, 1 MiB
 * @stream: the GPU's stream ID
 * @gicd: PA of the interrupt distributor, 64 KiB
 * @gicr: PA of the redistributors, 128 KiB for each CPU
 * @cpus: how many CPUs there are
 */
struct fw_boot {
	uint64_t magic;
	uint64_t ram;
	uint64_t ram_size;
	uint64_t tables;
	uint64_t tables_size;
	uint64_t tables_used;
	uint64_t root;
	uint64_t published;
	uint64_t lent;
	uint64_t silent;
	uint64_t ttbs;
	uint64_t handoff;
	uint64_t data;
	uint64_t shared;
	uint64_t smmu;
	uint64_t edu;
	uint64_t stream;
	uint64_t gicd;
	uint64_t gicr;
	uint64_t cpus;
};

_Static_assert(offsetof(struct fw_boot, ram) == FW_BOOT_RAM, "ram");
_Static_assert(offsetof(struct fw_boot, ram_size) == FW_BOOT_RAM_SIZE, "ram_size");
_Static_assert(offsetof(struct fw_boot, tables) == FW_BOOT_TABLES, "tables");
_Static_assert(offsetof(struct fw_boot, root) == FW_BOOT_ROOT, "root");
_Static_assert(FW_MAIR == GPUAS_LPAE_MAIR, "MAIR");

/**
 * enum fw_state - What the firmware is doing
 * @FW_OFF: it never ran
 * @FW_BOOTING: on its way up
 * @FW_RUNNING: it serves
 * @FW_STOPPED: it was told to stop, and its CPU is off
 * @FW_FAILED: it gave up; &fw_status.error and the log say why
 */
enum fw_state {
	FW_OFF,
	FW_BOOTING,
	FW_RUNNING,
	FW_STOPPED,
	FW_FAILED,
};

/**
 * struct fw_status - How the firmware is, at FW_STATUS_OFFSET in fw-data
 * @state: see &enum fw_state
 * @error: a negative errno value if it failed
 * @heartbeat: grows by 1 about every millisecond, also during a copy
 * @messages: mailbox messages served, refused ones included
 * @copies: copies that were done in full
 * @bytes: how much they copied
 * @faults: copies that the SMMU stopped
 * @flushes: flush requests served
 * @locks: times it held the handoff lock
 */
struct fw_status {
	uint64_t state;
	int64_t error;
	uint64_t heartbeat;
	uint64_t messages;
	uint64_t copies;
	uint64_t bytes;
	uint64_t faults;
	uint64_t flushes;
	uint64_t locks;
};

/** FW_LOG_SIZE - Characters that the log keeps, a power of two */
enum { FW_LOG_SIZE = 0x1000 };

/**
 * struct fw_log - The log, at FW_LOG_OFFSET in fw-data
 * @written: characters ever written; the next one goes to @text[@written % FW_LOG_SIZE]
 * @text: the last of them
 */
struct fw_log {
	uint64_t written;
	char text[FW_LOG_SIZE];
};

/**
 * enum fw_op - What a message asks for
 * @FW_PING: nothing. Result: &fw_message.arg[0], inverted
 * @FW_MAP: map in the firmware's own window. arg: VA, PA, bytes. The rights: GPU and firmware read
 * @FW_UNMAP: unmap there. arg: VA, bytes
 * @FW_COPY: let the GPU copy. arg: context, VA to read, VA to write, bytes. Result: bytes copied. If
 *	the SMMU refuses an access, the answer is -GPUAS_EFAULT, and result is 1 for a write, 0 for
 *	a read; &fw_message.arg[0] the event's type, [1] its VA
 * @FW_FLUSH: serve the flush slots of the handoff page. Result: how many had a request
 * @FW_STOP: stop for good: SMMU off, CPU off. The GPU must not access memory any more
 * @FW_CRASH: break down. arg: &enum fw_crash, and more for some. There is no answer, but to
 *	the last two
 */
enum fw_op {
	FW_PING = 1,
	FW_MAP,
	FW_UNMAP,
	FW_COPY,
	FW_FLUSH,
	FW_STOP,
	FW_CRASH,
};

/**
 * enum fw_crash - Ways to break down, for tests of those who have to live with it
 * @FW_CRASH_HANG: stand still
 * @FW_CRASH_LOCKED: take the handoff lock, then stand still
 * @FW_CRASH_ABORT: access an address that is not mapped
 * @FW_CRASH_GARBAGE: fill the own parts of the handoff page with nonsense, then stand still
 * @FW_CRASH_PUBLISHED: write another entry over the last one that was published into the own root,
 *	and go on: this one is answered. -GPUAS_EINVAL if none was
 * @FW_CRASH_SLOW: answer, then take the handoff lock, keep it for as many milliseconds as the
 *	second argument says, and go on
 */
enum fw_crash {
	FW_CRASH_HANG,
	FW_CRASH_LOCKED,
	FW_CRASH_ABORT,
	FW_CRASH_GARBAGE,
	FW_CRASH_PUBLISHED,
	FW_CRASH_SLOW,
};

/** FW_COPY_MAX - Bytes of one FW_COPY */
enum { FW_COPY_MAX = 0x100000 };

enum {
	/** @FW_MESSAGE_ARGS: arguments of a message */
	FW_MESSAGE_ARGS = 4,
};

/**
 * struct fw_message - A request, and then its answer
 * @op: &enum fw_op
 * @arg: arguments; see there
 * @error: 0 or a negative errno value, as 64-bit number
 * @result: see &enum fw_op
 */
struct fw_message {
	uint64_t op;
	uint64_t arg[FW_MESSAGE_ARGS];
	uint64_t error;
	uint64_t result;
};

/**
 * struct fw_mailbox - At the start of the region "shared"
 * @state: 0 idle, 1 requested, 2 answered
 * @message: the message
 */
struct fw_mailbox {
	uint64_t state;
	struct fw_message message;
};

/**
 * gpuas_qv_fw_call() - Send a message and wait for the answer (host)
 * @mailbox: the mailbox; the caller keeps others out
 * @message: the request; the answer afterwards
 * @wait: how long
 * @report: what went wrong with the mailbox itself; nothing is said about refusals
 *
 * Return: the firmware's answer; -GPUAS_EBUSY if a message is under way, or was given up;
 * -GPUAS_ETIMEDOUT if there was no answer: the mailbox takes no message then until
 * gpuas_qv_fw_mailbox_reset(); -GPUAS_EPROTO if the firmware wrote nonsense.
 */
int gpuas_qv_fw_call(struct fw_mailbox *mailbox, struct fw_message *message,
		     const struct gpuas_wait *wait, struct gpuas_report *report);

/**
 * gpuas_qv_fw_mailbox_reset() - Make the mailbox free (host)
 * @mailbox: the mailbox
 *
 * Only when the firmware does not run: it could answer the old message after the next was sent.
 */
void gpuas_qv_fw_mailbox_reset(struct fw_mailbox *mailbox);

/**
 * gpuas_qv_fw_mailbox_next() - Take a message (firmware)
 * @mailbox: the mailbox
 * @message: filled with a copy, as the host may write on
 *
 * Return: false if there is none.
 */
bool gpuas_qv_fw_mailbox_next(const struct fw_mailbox *mailbox, struct fw_message *message);

/** gpuas_qv_fw_mailbox_answer() - Send the answer (firmware) */
void gpuas_qv_fw_mailbox_answer(struct fw_mailbox *mailbox, const struct fw_message *message);

#endif /* GPUAS_QEMU_VIRT_FIRMWARE_H */
