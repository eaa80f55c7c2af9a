/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The library's tables, judged by a device: edu behind SMMUv3 is the GPU of QEMU's virt machine.
 * Bare metal, on the frame of test/qemu/walk. All RAM below has a fixed place.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "look.h"
#include "../../../board/qemu-virt/device/edu.h"
#include "../../../board/qemu-virt/device/smmu.h"

/* The GPU's memory: pages and blocks are mapped from here. */
#define DATA_PA		0x46000000ULL
#define DATA_SIZE	0x08000000ULL

#define PAGE		0x4000ULL
#define BLOCK		0x2000000ULL
#define HALF		(1ULL << 39)

/* Everybody may do everything with it, and what the GPU may not write. */
#define ALL		(GPUAS_GPU_READ | GPUAS_GPU_WRITE | GPUAS_FW_READ | GPUAS_FW_WRITE)
#define READ_ONLY	(GPUAS_GPU_READ | GPUAS_FW_READ)

/*
 * What QEMU is told to leave in RAM for us: run.sh
 */
#define PARAMS_PA	0x43f00000ULL

struct params {
	uint64_t seed;
	/* 1: the SMMU does all that the tests want; 0: it is that of QEMU 7.2 */
	uint64_t whole;
	/* of fuzz.c: random descriptors, then operations with nine probes each */
	uint64_t probes;
	uint64_t steps;
};

static inline const struct params *params(void)
{
	return (const struct params *)(uintptr_t)PARAMS_PA;
}

/*
 * gpu.c: the GPU
 */

struct gpu {
	struct smmu smmu;
	struct edu edu;
	device_mmio_t ecam;
	/* how often in a row a wait may look again */
	unsigned int patience;
	unsigned int waited;
	/* a page through which the CPU sees what the GPU has */
	gpuas_va_t mailbox;
	volatile uint64_t *mailbox_ptr;
	unsigned int copies;
};

extern struct gpu gpu;

/* Find both devices, start both: 0, or what went wrong. */
int gpu_start(void);

/* What came of an access: @fault, and its first record. */
struct outcome {
	bool fault;
	struct smmu_event event;
	/* what was read */
	uint64_t value;
};

/* Copy between memory and the GPU's buffer. */
void gpu_copy(enum edu_way way, uint64_t va, unsigned int size, struct outcome *outcome);
/* Read eight bytes. */
void gpu_read(uint64_t va, struct outcome *outcome);
/* Write eight bytes. */
void gpu_write(uint64_t va, uint64_t value, struct outcome *outcome);

/* The context that the GPU has: both roots, and the ASID. */
int gpu_context(const struct gpuas_space *lower, const struct gpuas_space *upper,
		unsigned int asid);

/* A word that nobody wrote before. */
uint64_t unique(void);

static inline volatile uint64_t *word(uint64_t pa)
{
	return (volatile uint64_t *)(uintptr_t)pa;
}

/*
 * hook.c: what a host that has this GPU gives the library
 */

/* The arena's, but its flush reaches the SMMU. @arena->env is ready to be used. */
void hook_init(struct arena *arena, unsigned int asid);
/* That of all flushes from here on. */
void hook_asid(unsigned int asid);
/* How often a flush failed. */
unsigned int hook_failures(void);

/*
 * tap.c: results
 */

/* What all names begin with from here on. */
void results_about(const char *what);
void result(bool ok, const char *name);
/* The same, with what came instead. */
void result_outcome(bool ok, const char *name, const struct outcome *outcome);
/* What this QEMU cannot do: false, and a skip. */
bool possible(bool whole_only, const char *name);
/* Ends the output; the exit status. */
int results_end(void);

/* First VA of a half. */
static inline uint64_t base(unsigned int half)
{
	return half ? -HALF : 0;
}

/*
 * scripted.c, stale.c, driver.c: one case after the other, on these trees: the context of ASID 5
 */

enum { ASID = 5 };

extern struct arena tables;
extern struct gpuas_space tree[2];

void test_stale(unsigned int half);
void test_driver(void);

/* Map, or end the test. */
void map(struct gpuas_space *space, uint64_t va, uint64_t pa, uint64_t size, gpuas_attr_t attr);
/* The entry that maps a VA, whatever it is. */
uint64_t *entry_of(const struct gpuas_space *space, uint64_t va);
/* Have the SMMU remember a page that is mapped with @pa, then take it away behind its back. */
bool pull(const struct gpuas_space *space, uint64_t va, uint64_t pa);
/* Does the GPU read, or write, what is at @pa? */
bool reads(uint64_t va, uint64_t pa, struct outcome *outcome);
bool writes(uint64_t va, uint64_t pa, struct outcome *outcome);
/* Is it refused, with the right record? */
bool faults(enum edu_way way, uint64_t va, enum smmu_event_type type, struct outcome *outcome);
void result_reads(const char *name, uint64_t va, uint64_t pa);
void result_writes(const char *name, uint64_t va, uint64_t pa);
void result_faults(const char *name, enum edu_way way, uint64_t va, enum smmu_event_type type);

/*
 * probe.c, random.c, built.c: random trees, judged by random accesses
 */

/* What came of all probes, by half: reads and writes that were done, faults by type. */
struct tally {
	unsigned int done[2][2];
	unsigned int fault[2][32];
	/* of several faults, the walker may report any */
	unsigned int either;
	/* in the gap between the halves */
	unsigned int gaps;
};

extern struct tally tally;

/* NULL, or what the GPU does otherwise than the library's walker says. */
const char *probe(const struct gpuas_space *space, uint64_t va, enum edu_way way,
		  struct outcome *outcome);
/* Say what is wrong, and where. */
void say_difference(const char *after, uint64_t va, enum edu_way way, const char *wrong,
		    const struct outcome *outcome);

/* The number of differences; ends after a few. */
unsigned int fuzz_random(unsigned int probes);
unsigned int fuzz_built(unsigned int steps);
/* What fuzz_built() did, and whether that is all there is to do; then its trees, by look(). */
bool fuzz_complete(void);
int fuzz_look(void);

#endif /* DEVICE_H */
