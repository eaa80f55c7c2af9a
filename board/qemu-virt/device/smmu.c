// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "smmu.h"

/*
 * Registers: IHI 0070, 6.3, under their names
 */
#define IDR0			0x00
#define IDR0_S1P		(1u << 1)	/* stage 1 */
#define IDR0_TTF_AARCH64	(1u << 3)
#define IDR0_COHACC		(1u << 4)	/* its accesses are coherent */
#define IDR0_ASID16		(1u << 12)
#define IDR1			0x04
#define IDR1_SIDSIZE(idr)	((idr) & 0x3f)
#define IDR1_EVENTQS(idr)	((idr) >> 16 & 0x1f)
#define IDR1_CMDQS(idr)		((idr) >> 21 & 0x1f)
#define IDR1_PRESET		(3u << 29)	/* tables or queues are where it wants them */
#define IDR3			0x0c
#define IDR3_RIL		(1u << 10)	/* range invalidation */
#define IDR5			0x14
#define IDR5_OAS(idr)		((idr) & 7)
#define IDR5_GRAN16K		(1u << 5)
#define CR0			0x20
#define CR0ACK			0x24
#define CR0_SMMUEN		(1u << 0)
#define CR0_EVENTQEN		(1u << 2)
#define CR0_CMDQEN		(1u << 3)
#define CR1			0x28
#define CR1_WRITE_BACK		0xd75		/* tables and queues: inner shareable, write-back */
#define CR2			0x2c
#define CR2_RECINVSID		(1u << 1)	/* record streams that are out of range */
#define CR2_PTM			(1u << 2)	/* take no TLBI of the CPUs' */
#define IRQ_CTRL		0x50
#define GERROR			0x60
#define GERRORN			0x64
#define GERROR_CMDQ		(1u << 0)	/* active while the two differ */
#define STRTAB_BASE		0x80
#define STRTAB_BASE_CFG		0x88		/* linear, log2 of the number of streams */
#define CMDQ_BASE		0x90
#define CMDQ_PROD		0x98
#define CMDQ_CONS		0x9c
#define EVENTQ_BASE		0xa0
#define EVENTQ_PROD		0x100a8
#define EVENTQ_CONS		0x100ac
#define BASE_ALLOCATE		(1ULL << 62)	/* RA, WA: allocate in caches */
#define BASE_ADDRESS		0x000fffffffffffc0ULL

/* Queue pointers: an index, and above it one more bit that says how often it wrapped (3.5). */
#define COMMANDS		(1u << SMMU_COMMANDS_LOG2)
#define EVENTS			(1u << SMMU_EVENTS_LOG2)
#define EVENTQ_OVERFLOW		(1u << 31)

/* Stream table entry: IHI 0070, 5.2 */
#define STE0_VALID		(1ULL << 0)
#define STE0_STAGE1		(5ULL << 1)	/* translate, stage 2 bypassed */
#define STE1_WRITE_BACK		(1ULL << 2 | 1ULL << 4 | 3ULL << 6)	/* S1CIR, S1COR, S1CSH */
#define STE1_SHCFG_INCOMING	(1ULL << 44)

/* Context descriptor: IHI 0070, 5.4 */
#define CD0_T0SZ_SHIFT		0
#define CD0_TG0_16K		(2ULL << 6)
#define CD0_WALK0_WRITE_BACK	(1ULL << 8 | 1ULL << 10 | 3ULL << 12)	/* IR, OR, SH */
#define CD0_EPD0		(1ULL << 14)	/* no walks: all faults */
#define CD0_T1SZ_SHIFT		16
#define CD0_TG1_16K		(1ULL << 22)
#define CD0_WALK1_WRITE_BACK	(1ULL << 24 | 1ULL << 26 | 3ULL << 28)
#define CD0_EPD1		(1ULL << 30)
#define CD0_VALID		(1ULL << 31)
#define CD0_IPS_SHIFT		32
#define CD0_AA64		(1ULL << 41)
#define CD0_R			(1ULL << 45)	/* record faults */
#define CD0_A			(1ULL << 46)	/* abort what faults, do not read zero */
#define CD0_ASET		(1ULL << 47)	/* the ASID is not one of the CPUs' */
#define CD0_ASID_SHIFT		48

/* Commands: IHI 0070, 4.3, 4.4, 4.7 */
#define CFGI_CD			0x05ULL
#define CFGI_LEAF		(1ULL << 0)
#define CFGI_ALL		0x04ULL
#define CFGI_ALL_RANGE		31ULL
#define TLBI_NH_ASID		0x11ULL
#define TLBI_NH_VA		0x12ULL
#define TLBI_NH_VAA		0x13ULL
#define TLBI_NSNH_ALL		0x30ULL
#define TLBI_NUM_SHIFT		12
#define TLBI_SCALE_SHIFT	20
#define TLBI_ASID_SHIFT		48
#define TLBI_TG_16K		(2ULL << 10)
#define SYNC			0x46ULL
#define COMMAND_STREAM_SHIFT	32

#define GRANULE_SHIFT		14
#define RANGE_MAX		32u		/* what NUM can say */

/*
 * The command queue
 */

/* Until at most @left commands wait. */
static int queue_wait(const struct smmu *smmu, uint32_t left)
{
	uint32_t used;

	for (;;) {
		if ((device_read32(smmu->regs, GERROR) ^ device_read32(smmu->regs, GERRORN)) &
		    GERROR_CMDQ)
			return -GPUAS_EPROTO;
		used = device_read32(smmu->regs, CMDQ_PROD) - device_read32(smmu->regs, CMDQ_CONS);
		if ((used & (2 * COMMANDS - 1)) <= left)
			return 0;
		if (!smmu->wait.again(smmu->wait.ctx))
			return -GPUAS_ETIMEDOUT;
	}
}

static int command(const struct smmu *smmu, uint64_t first, uint64_t second)
{
	int err = queue_wait(smmu, COMMANDS - 1);
	uint64_t *slot;
	uint32_t prod;

	if (err)
		return err;
	prod = device_read32(smmu->regs, CMDQ_PROD) & (2 * COMMANDS - 1);
	slot = smmu->memory->command[prod & (COMMANDS - 1)];
	gpuas_entry_store(&slot[0], first);
	gpuas_entry_store(&slot[1], second);
	/* The command, and the entries it is about, before the SMMU looks. */
	device_barrier();
	device_write32(smmu->regs, CMDQ_PROD, (prod + 1) & (2 * COMMANDS - 1));
	return 0;
}

static int queue_sync(const struct smmu *smmu)
{
	int err = command(smmu, SYNC, 0);

	if (!err)
		err = queue_wait(smmu, 0);
	device_barrier();
	return err;
}

static int command_sync(const struct smmu *smmu, uint64_t first, uint64_t second)
{
	int err = command(smmu, first, second);

	return err ? err : queue_sync(smmu);
}

/*
 * Starting
 */

static int check(const struct smmu *smmu)
{
	const uint32_t idr0 = IDR0_S1P | IDR0_TTF_AARCH64 | IDR0_COHACC | IDR0_ASID16;
	uint32_t idr1 = device_read32(smmu->regs, IDR1);

	if (gpuas_pa_u64(smmu->pa) & (0x4000 - 1) || smmu->stream >> SMMU_STREAMS_LOG2)
		return -GPUAS_EINVAL;
	if ((device_read32(smmu->regs, IDR0) & idr0) != idr0 || idr1 & IDR1_PRESET ||
	    IDR1_SIDSIZE(idr1) < SMMU_STREAMS_LOG2 || IDR1_CMDQS(idr1) < SMMU_COMMANDS_LOG2 ||
	    IDR1_EVENTQS(idr1) < SMMU_EVENTS_LOG2 ||
	    !(device_read32(smmu->regs, IDR3) & IDR3_RIL) ||
	    !(device_read32(smmu->regs, IDR5) & IDR5_GRAN16K))
		return -GPUAS_EOPNOTSUPP;
	return 0;
}

static int enable(const struct smmu *smmu, uint32_t what)
{
	device_barrier();
	device_write32(smmu->regs, CR0, what);
	while (device_read32(smmu->regs, CR0ACK) != what) {
		if (!smmu->wait.again(smmu->wait.ctx))
			return -GPUAS_ETIMEDOUT;
	}
	return 0;
}

static uint64_t base(const struct smmu *smmu, size_t offset, unsigned int log2)
{
	return (gpuas_pa_u64(smmu->pa) + offset) | BASE_ALLOCATE | log2;
}

/* The word that makes it valid comes last (IHI 0070, 3.21.3). */
static void fill_stream(const struct smmu *smmu)
{
	uint64_t *entry = smmu->memory->stream[smmu->stream];

	gpuas_entry_store(&entry[1], STE1_WRITE_BACK | STE1_SHCFG_INCOMING);
	device_barrier();
	gpuas_entry_store(&entry[0], STE0_VALID | STE0_STAGE1 |
			  (gpuas_pa_u64(smmu->pa) + offsetof(struct smmu_memory, context)));
}

/* All that may only be written while it is disabled. */
static void set_up(const struct smmu *smmu)
{
	memset(smmu->memory, 0, sizeof(*smmu->memory));
	fill_stream(smmu);

	device_write32(smmu->regs, IRQ_CTRL, 0);
	device_write32(smmu->regs, CR1, CR1_WRITE_BACK);
	device_write32(smmu->regs, CR2, CR2_RECINVSID | CR2_PTM);
	device_write64(smmu->regs, STRTAB_BASE,
		       base(smmu, offsetof(struct smmu_memory, stream), 0));
	device_write32(smmu->regs, STRTAB_BASE_CFG, SMMU_STREAMS_LOG2);
	device_write64(smmu->regs, CMDQ_BASE,
		       base(smmu, offsetof(struct smmu_memory, command), SMMU_COMMANDS_LOG2));
	device_write32(smmu->regs, CMDQ_PROD, 0);
	device_write32(smmu->regs, CMDQ_CONS, 0);
	device_write64(smmu->regs, EVENTQ_BASE,
		       base(smmu, offsetof(struct smmu_memory, event), SMMU_EVENTS_LOG2));
	device_write32(smmu->regs, EVENTQ_PROD, 0);
	device_write32(smmu->regs, EVENTQ_CONS, 0);
	/* Errors of before are over. */
	device_write32(smmu->regs, GERRORN, device_read32(smmu->regs, GERROR));
}

int gpuas_qv_smmu_start(const struct smmu *smmu)
{
	int err = check(smmu);

	if (!err)
		err = enable(smmu, 0);
	if (err)
		return err;
	set_up(smmu);
	err = enable(smmu, CR0_CMDQEN);
	if (!err)
		err = command(smmu, CFGI_ALL, CFGI_ALL_RANGE);
	if (!err)
		err = command_sync(smmu, TLBI_NSNH_ALL, 0);
	if (!err)
		err = enable(smmu, CR0_CMDQEN | CR0_EVENTQEN);
	if (!err)
		err = enable(smmu, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
	return err;
}

int gpuas_qv_smmu_stop(const struct smmu *smmu)
{
	return enable(smmu, 0);
}

int gpuas_qv_smmu_refuse(const struct smmu *smmu)
{
	int err;

	gpuas_entry_store(&smmu->memory->stream[smmu->stream][0], 0);
	err = command(smmu, CFGI_ALL, CFGI_ALL_RANGE);
	return err ? err : command_sync(smmu, TLBI_NSNH_ALL, 0);
}

int gpuas_qv_smmu_admit(const struct smmu *smmu)
{
	fill_stream(smmu);
	return command_sync(smmu, CFGI_ALL, CFGI_ALL_RANGE);
}

int gpuas_qv_smmu_where(device_mmio_t regs, gpuas_pa_t *pa)
{
	struct smmu smmu = { .pa = gpuas_pa(device_read64(regs, STRTAB_BASE) & BASE_ADDRESS) };

	if (!(device_read32(regs, CR0ACK) & CR0_SMMUEN))
		return -GPUAS_ENOENT;
	if (device_read64(regs, CMDQ_BASE) !=
		    base(&smmu, offsetof(struct smmu_memory, command), SMMU_COMMANDS_LOG2) ||
	    device_read64(regs, EVENTQ_BASE) !=
		    base(&smmu, offsetof(struct smmu_memory, event), SMMU_EVENTS_LOG2))
		return -GPUAS_EPROTO;
	*pa = smmu.pa;
	return 0;
}

/*
 * The context
 */

/* 0 to 5 for 32, 36, 40, 42, 44 and 48 bits (IHI 0070, 5.4, IPS), or -GPUAS_EINVAL. */
static int size_code(unsigned int pa_bits)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
	int code;

	for (code = 0; code < (int)sizeof(bits); code++) {
		if (bits[code] == pa_bits)
			return code;
	}
	return -GPUAS_EINVAL;
}

/* The descriptor's first word but for its valid bit, and the roots. */
static uint64_t describe(const struct gpuas_geometry *geo, const struct gpuas_ttb_pair *pair,
			 int size, gpuas_pa_t root[2])
{
	const uint64_t tsz = 64 - geo->va_bits;
	uint64_t word = CD0_TG0_16K | CD0_WALK0_WRITE_BACK | CD0_TG1_16K | CD0_WALK1_WRITE_BACK |
			tsz << CD0_T0SZ_SHIFT | tsz << CD0_T1SZ_SHIFT |
			(uint64_t)size << CD0_IPS_SHIFT | CD0_AA64 | CD0_R | CD0_A | CD0_ASET;
	bool lower = !gpuas_ttb_root(pair->ttb0, &root[0]);
	bool upper = !gpuas_ttb_root(pair->ttb1, &root[1]);

	if (!lower)
		word |= CD0_EPD0;
	if (!upper)
		word |= CD0_EPD1;
	return word | (lower ? pair->ttb0 : pair->ttb1) >> GPUAS_TTB_ASID_SHIFT << CD0_ASID_SHIFT;
}

static int forget_context(const struct smmu *smmu)
{
	return command_sync(smmu, CFGI_CD | (uint64_t)smmu->stream << COMMAND_STREAM_SHIFT,
			    CFGI_LEAF);
}

int gpuas_qv_smmu_load(const struct smmu *smmu, const struct gpuas_geometry *geo,
		       const struct gpuas_ttb_pair *pair)
{
	gpuas_pa_t root[2] = { gpuas_pa(0), gpuas_pa(0) };
	uint64_t *context = smmu->memory->context, word;
	int size = size_code(geo->pa_bits), err;

	if (size < 0 || (uint32_t)size > IDR5_OAS(device_read32(smmu->regs, IDR5)) ||
	    geo->format->granule_shift != GRANULE_SHIFT)
		return -GPUAS_EINVAL;
	word = describe(geo, pair, size, root);
	/* A descriptor is changed while it is not valid, and not remembered (IHI 0070, 3.21.3). */
	gpuas_entry_store(&context[0], 0);
	err = forget_context(smmu);
	if (err)
		return err;
	gpuas_entry_store(&context[1], gpuas_pa_u64(root[0]));
	gpuas_entry_store(&context[2], gpuas_pa_u64(root[1]));
	gpuas_entry_store(&context[3], GPUAS_LPAE_MAIR);
	device_barrier();
	gpuas_entry_store(&context[0], word | CD0_VALID);
	return forget_context(smmu);
}

/*
 * Invalidation
 */

/* The number of pages that one command, a range of @count << @scale, takes of @pages. */
static uint64_t range(uint64_t pages, uint64_t *first, uint64_t *second)
{
	unsigned int scale = 0;

	while (pages >> scale > RANGE_MAX)
		scale++;
	/* One page is no range: NUM, SCALE and TTL all zero are reserved (IHI 0070, 4.4.1). */
	if (pages == 1)
		return 1;
	*first |= ((pages >> scale) - 1) << TLBI_NUM_SHIFT | (uint64_t)scale << TLBI_SCALE_SHIFT;
	*second |= TLBI_TG_16K;
	return pages >> scale << scale;
}

int gpuas_qv_smmu_invalidate(const struct smmu *smmu, unsigned int asid, gpuas_va_t va,
			     uint64_t size)
{
	const uint64_t op = asid == SMMU_ANY_ASID ?
				    TLBI_NH_VAA :
				    TLBI_NH_VA | (uint64_t)asid << TLBI_ASID_SHIFT;
	uint64_t pages = size >> GRANULE_SHIFT, at = gpuas_va_u64(va), done;
	int err = 0;

	for (; pages && !err; pages -= done, at += done << GRANULE_SHIFT) {
		uint64_t first = op, second = at;

		done = range(pages, &first, &second);
		err = command(smmu, first, second);
	}
	return err ? err : queue_sync(smmu);
}

int gpuas_qv_smmu_invalidate_asid(const struct smmu *smmu, unsigned int asid)
{
	return command_sync(smmu, TLBI_NH_ASID | (uint64_t)asid << TLBI_ASID_SHIFT, 0);
}

int gpuas_qv_smmu_invalidate_all(const struct smmu *smmu)
{
	return command_sync(smmu, TLBI_NSNH_ALL, 0);
}

/*
 * Events
 */

bool gpuas_qv_smmu_event(const struct smmu *smmu, struct smmu_event *event)
{
	uint32_t cons = device_read32(smmu->regs, EVENTQ_CONS);
	uint32_t prod = device_read32(smmu->regs, EVENTQ_PROD);
	const uint64_t *record = smmu->memory->event[cons & (EVENTS - 1)];
	uint64_t first, second;

	if (!((prod ^ cons) & (2 * EVENTS - 1)))
		return false;
	device_barrier();
	first = gpuas_entry_load(&record[0]);
	second = gpuas_entry_load(&record[1]);
	memset(event, 0, sizeof(*event));
	event->type = first & 0xff;
	event->stream = (unsigned int)(first >> 32);
	/* Those before name no address. */
	if (event->type >= SMMU_WALK_ABORT) {
		event->write = !(second >> 35 & 1);
		event->va = gpuas_va(gpuas_entry_load(&record[2]));
	}
	device_barrier();
	/* An overflow is acknowledged by the same bit. */
	device_write32(smmu->regs, EVENTQ_CONS,
		       ((cons + 1) & (2 * EVENTS - 1)) | (prod & EVENTQ_OVERFLOW));
	return true;
}
