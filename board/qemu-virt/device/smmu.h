/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_SMMU_H
#define GPUAS_QEMU_VIRT_SMMU_H

#include <device_env.h>
#include <gpuas/format.h>
#include <gpuas/handoff.h>
#include <gpuas/ttb.h>

/**
 * DOC: SMMUv3, the MMU of the stand-in GPU
 *
 * One stream, the GPU, with one context: the two halves of a space of 16 KiB granule. All other
 * streams are refused. All that the SMMU reads and writes lies in one piece of memory, laid out as
 * below. Registers, structures and commands: Arm IHI 0070 (SMMUv3), chapters 3 to 7.
 *
 * Several parties may use one SMMU, each with a &struct smmu of its own: nothing is kept there but
 * what stays the same. Who writes to the queue finds its end in the registers. The caller sees to
 * it that only one of them is in a function at a time (the handoff lock), and that only one reads
 * events.
 *
 * Functions that wait ask @wait again and again, and give up when it says so. None sleeps.
 */

enum {
	/** @SMMU_STREAMS_LOG2: stream IDs, those of PCI bus 0 */
	SMMU_STREAMS_LOG2 = 8,
	/** @SMMU_COMMANDS_LOG2: commands in the queue */
	SMMU_COMMANDS_LOG2 = 8,
	/** @SMMU_EVENTS_LOG2: event records in the queue */
	SMMU_EVENTS_LOG2 = 7,
};

/**
 * struct smmu_memory - What an SMMU reads and writes
 * @stream: stream table entries by stream ID
 * @command: ring of commands
 * @event: ring of event records
 * @context: the context descriptor of the GPU's stream
 * @pad: to a whole granule
 *
 * 16 KiB-aligned, in memory that is coherent with the SMMU. Table and queues have to be aligned to
 * their sizes (IHI 0070, 6.3: STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE).
 */
struct smmu_memory {
	uint64_t stream[1 << SMMU_STREAMS_LOG2][8];
	uint64_t command[1 << SMMU_COMMANDS_LOG2][2];
	uint64_t event[1 << SMMU_EVENTS_LOG2][4];
	uint64_t context[8];
	uint8_t pad[0x4000 - 0x1000 - 0x1000 - 64];
};

_Static_assert(offsetof(struct smmu_memory, command) == 0x4000, "stream table");
_Static_assert(offsetof(struct smmu_memory, event) == 0x5000, "command queue");
_Static_assert(offsetof(struct smmu_memory, context) == 0x6000, "event queue");
_Static_assert(sizeof(struct smmu_memory) == 0x8000, "SMMU memory");

/**
 * struct smmu - An SMMU, as one of its users sees it
 * @regs: its registers, both pages (128 KiB)
 * @memory: where the CPU sees its memory
 * @pa: where the SMMU sees it
 * @stream: the GPU's stream ID
 * @wait: how long to wait
 *
 * Filled by the caller; no function changes it.
 */
struct smmu {
	device_mmio_t regs;
	struct smmu_memory *memory;
	gpuas_pa_t pa;
	unsigned int stream;
	struct gpuas_wait wait;
};

/**
 * gpuas_qv_smmu_start() - Set an SMMU up, from whatever state, and enable it
 * @smmu: the SMMU; the contents of its memory do not matter
 *
 * Everything that it remembers is forgotten. The GPU's stream has no context until
 * gpuas_qv_smmu_load(): its accesses, as those of all other streams, are refused, with an event.
 *
 * Return: 0; -GPUAS_EOPNOTSUPP if the SMMU lacks something (16 KiB granule, AArch64 tables,
 * coherent walks, 16-bit ASIDs, range invalidation, 8 bits of stream ID, queues of this size);
 * -GPUAS_EINVAL for unaligned memory or a stream ID that is too large; -GPUAS_ETIMEDOUT if it did not
 * answer in time, -GPUAS_EPROTO if it refused a command. After the last two it is in an unknown
 * state; start again.
 */
int gpuas_qv_smmu_start(const struct smmu *smmu);

/**
 * gpuas_qv_smmu_stop() - Disable an SMMU
 * @smmu: the SMMU
 *
 * It does not use its memory any more, and translates nothing: accesses go to PAs.
 * So no device may issue any.
 *
 * Return: 0; -GPUAS_ETIMEDOUT if it did not answer: then its memory stays its own.
 */
int gpuas_qv_smmu_stop(const struct smmu *smmu);

/**
 * gpuas_qv_smmu_refuse() - Refuse all accesses of the GPU, until gpuas_qv_smmu_admit() or gpuas_qv_smmu_start()
 * @smmu: the SMMU
 *
 * Takes the stream's entry away, so that a context that somebody loads afterwards
 * has no effect; and forgets all translations.
 *
 * Return: as for gpuas_qv_smmu_start().
 */
int gpuas_qv_smmu_refuse(const struct smmu *smmu);

/**
 * gpuas_qv_smmu_admit() - Let the GPU use its context again, after gpuas_qv_smmu_refuse()
 * @smmu: the SMMU
 *
 * Nothing changes if it was not refused. Which context that is: gpuas_qv_smmu_load().
 *
 * Return: as for gpuas_qv_smmu_start().
 */
int gpuas_qv_smmu_admit(const struct smmu *smmu);

/**
 * gpuas_qv_smmu_where() - Ask an SMMU that somebody else started for its memory
 * @regs: its registers
 * @pa: set to the PA of its &struct smmu_memory
 *
 * Return: 0; -GPUAS_ENOENT if it is not enabled; -GPUAS_EPROTO if its registers do not describe
 * such memory: it was started by other code than this.
 */
int gpuas_qv_smmu_where(device_mmio_t regs, gpuas_pa_t *pa);

/**
 * gpuas_qv_smmu_load() - Give the GPU a context
 * @smmu: the SMMU
 * @geo: shape of both halves; @geo->upper does not matter
 * @pair: roots and ASID, as in the TTB array; accesses to a half without a valid root fault
 *
 * The ASID is that of TTB0, or of TTB1 if TTB0 is not valid. Entries have GPUAS_LPAE_MAIR's
 * meaning. In between, accesses are refused; afterwards none is translated by the context before.
 * What was remembered under the ASID stays so: whoever changes an ASID's roots invalidates it.
 *
 * Return: 0; -GPUAS_EINVAL for a granule other than 16 KiB, or sizes that an SMMU does not have;
 * -GPUAS_ETIMEDOUT, -GPUAS_EPROTO as for gpuas_qv_smmu_start(), with the GPU's accesses refused.
 */
int gpuas_qv_smmu_load(const struct smmu *smmu, const struct gpuas_geometry *geo,
		       const struct gpuas_ttb_pair *pair);

/** SMMU_ANY_ASID - For gpuas_qv_smmu_invalidate(): whatever the ASID */
#define SMMU_ANY_ASID	(~0u)

/**
 * gpuas_qv_smmu_invalidate() - Forget the translations of a range
 * @smmu: the SMMU
 * @asid: those of one ASID, or SMMU_ANY_ASID
 * @va: first VA, a multiple of 16 KiB
 * @size: bytes, a multiple of 16 KiB
 *
 * Leaves and tables alike; a block of which any part is in the range, all of it. When this returns,
 * no access uses them any more. Entries were written before.
 *
 * Return: 0; -GPUAS_ETIMEDOUT, -GPUAS_EPROTO as for gpuas_qv_smmu_start(): nothing is known then
 * about what was forgotten; the call may be repeated after -GPUAS_ETIMEDOUT.
 */
int gpuas_qv_smmu_invalidate(const struct smmu *smmu, unsigned int asid, gpuas_va_t va,
			     uint64_t size);

/**
 * gpuas_qv_smmu_invalidate_asid() - Forget all translations of an ASID
 * @smmu: the SMMU
 * @asid: the ASID
 *
 * Return: as for gpuas_qv_smmu_invalidate().
 */
int gpuas_qv_smmu_invalidate_asid(const struct smmu *smmu, unsigned int asid);

/**
 * gpuas_qv_smmu_invalidate_all() - Forget all translations
 * @smmu: the SMMU
 *
 * Return: as for gpuas_qv_smmu_invalidate().
 */
int gpuas_qv_smmu_invalidate_all(const struct smmu *smmu);

/**
 * enum smmu_event_type - Why an access was refused (IHI 0070, 7.3)
 * @SMMU_BAD_STREAM: its stream has no stream table entry
 * @SMMU_BAD_CONTEXT: its stream has no context: no gpuas_qv_smmu_load(), or it is in progress
 * @SMMU_WALK_ABORT: a table is not in memory
 * @SMMU_TRANSLATION: nothing is mapped there
 * @SMMU_ADDRESS_SIZE: an entry's address is beyond the PA size
 * @SMMU_ACCESS: the entry's access flag is not set
 * @SMMU_PERMISSION: the entry does not allow it
 *
 * Others may occur.
 */
enum smmu_event_type {
	SMMU_BAD_STREAM = 0x04,
	SMMU_BAD_CONTEXT = 0x0a,
	SMMU_WALK_ABORT = 0x0b,
	SMMU_TRANSLATION = 0x10,
	SMMU_ADDRESS_SIZE = 0x11,
	SMMU_ACCESS = 0x12,
	SMMU_PERMISSION = 0x13,
};

/**
 * struct smmu_event - One access that was refused
 * @type: why: &enum smmu_event_type, or another value of IHI 0070
 * @stream: who
 * @va: where; 0 for SMMU_BAD_STREAM and SMMU_BAD_CONTEXT
 * @write: it was a write; false for SMMU_BAD_STREAM and SMMU_BAD_CONTEXT
 */
struct smmu_event {
	unsigned int type;
	unsigned int stream;
	gpuas_va_t va;
	bool write;
};

/**
 * gpuas_qv_smmu_event() - Take the oldest event record
 * @smmu: the SMMU
 * @event: filled
 *
 * When the queue is full, the SMMU drops what comes then, never what is in it.
 *
 * Return: false if there is none.
 */
bool gpuas_qv_smmu_event(const struct smmu *smmu, struct smmu_event *event);

#endif /* GPUAS_QEMU_VIRT_SMMU_H */
