/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * The library's tables, judged by a walker that nobody here wrote: the MMU of the CPU that QEMU
 * plays, asked by its address translation instructions. What is in common to the 64-bit image, the
 * 32-bit image and the host program.
 */
#ifndef WALK_H
#define WALK_H

#include <gpuas/visit.h>

#ifndef SEED
#define SEED 1
#endif

/*
 * util.c: numbers and text
 */

struct rng {
	uint64_t state;
};

uint32_t rng32(struct rng *rng);
uint64_t rng64(struct rng *rng);
/* A number below @n. */
uint32_t under(struct rng *rng, uint32_t n);

/* %s, %u (unsigned int), %d (int), %x (uint64_t, with 0x), %% */
void say(const char *format, ...);

uint64_t fnv1a(uint64_t hash, const void *data, size_t size);
#define FNV1A_START 0xcbf29ce484222325ULL

static inline uint64_t mask(unsigned int bits)
{
	return bits > 63 ? ~0ULL : (1ULL << bits) - 1;
}

/*
 * arena.c: an environment with a fixed piece of RAM
 */

#define ARENA_PA	0x44000000ULL
#define ARENA_SIZE	(8u << 20)

struct arena {
	uint8_t *mem;
	uint8_t *walker;
	unsigned int shift;
	/* A table that came back as empty is handed out as such; else of none the content is known. */
	bool trust;
	uint8_t owned[ARENA_SIZE >> 12];
	struct gpuas_table table[ARENA_SIZE >> 12];
	unsigned int tables;
	unsigned int refused;
	/* the number of the next allocation that fails, 1: the first; 0: none. */
	unsigned int fail_at;
	unsigned int flushes;
	struct gpuas_env env;
};

/* What is in @mem, tables of others. */
void arena_open(struct arena *arena, void *mem, void *walker, unsigned int shift);
/*
 * Empty, of tables of 1 << @shift bytes, in @mem. @walker: NULL, or what walkers see instead of @mem:
 * only what was cleaned gets there.
 */
void arena_init(struct arena *arena, void *mem, void *walker, unsigned int shift);
/* Hand all of it out, to nobody: each table has a record, that hangs nowhere. */
void arena_own(struct arena *arena);
/* Take a table out, zeroed: somebody else's. Write an entry of one, for all to see. */
uint64_t arena_lend(struct arena *arena);
void arena_write(struct arena *arena, uint64_t table, unsigned int index, uint64_t entry);
uint64_t *arena_table(const struct arena *arena, uint64_t table);

/*
 * program.c: random operations, and a list of what they must have mapped
 */

/* Offsets into what the program has, inclusive. */
struct extent {
	uint64_t first;
	uint64_t last;
	uint64_t pa;
	gpuas_attr_t attr;
	bool repeat;
};

enum { EXTENTS = 160 };

enum op { MAP, LIST, REPEAT, UNMAP, PROTECT, REPLACE, GATHER, CLEAR, OPS };

extern const char *const op_name[OPS];

struct program {
	struct rng rng;
	struct gpuas_space space;
	struct arena *arena;
	/* First VA of what it has, and log2 of how much: the half, or what a table covers. */
	uint64_t base;
	unsigned int bits;
	/* Another first VA, where the same table hangs too; or the same one. */
	uint64_t twin;
	struct extent extent[EXTENTS];
	unsigned int extents;
	unsigned int done[OPS];
	unsigned int no_memory;
	uint64_t results;
	unsigned int gathering;
};

/* What the last step touched, and what was wrong with it: NULL, or what it was. */
struct step {
	uint64_t first;
	uint64_t last;
	const char *what;
	int result;
	const char *wrong;
};

int program_init(struct program *program, struct arena *arena, const struct gpuas_geometry *geo,
		 uint64_t seed);
/* Opened at a table at @level, which is empty and covers @va. */
int program_open(struct program *program, struct arena *arena, const struct gpuas_geometry *geo,
		 unsigned int level, uint64_t table, uint64_t va, uint64_t seed);
void program_step(struct program *program, struct step *step);
const struct extent *program_find(const struct program *program, uint64_t pos);
uint64_t extent_pa(const struct program *program, const struct extent *extent, uint64_t pos);
/* A random offset, near to where the program works. */
uint64_t program_pos(struct program *program, struct rng *rng);
gpuas_va_t program_va(const struct program *program, uint64_t pos);

/*
 * hw-a64.c, hw-a32.c, hw-host.c: the machine
 */

enum access {
	FW_R,
	FW_W,
	GPU_R,
	GPU_W,
	ACCESSES,
};

/* What the MMU is programmed with: one shape for both halves. */
struct regime {
	unsigned int granule_shift;
	unsigned int va_bits;
	unsigned int pa_bits;
	uint64_t mair;
	uint64_t root[2];
};

void hw_put(char c);
void hw_exit(int status) __attribute__((noreturn));
/* NULL, or why this CPU cannot judge. */
const char *hw_refuses(void);
unsigned int hw_pa_bits(void);
/* 40 where descriptors have no address bits above, 48 otherwise. */
unsigned int hw_address_bits(void);
/* 32 or 64 */
unsigned int hw_va_bits(void);
void hw_set(const struct regime *regime);
/* Translate; the PAR. */
uint64_t hw_at(uint64_t va, enum access access);

/*
 * model.c: what the architecture says that a walk ends in
 */

enum end {
	OK,
	TRANSLATION,
	ADDRESS_SIZE,
	ACCESS_FLAG,
	PERMISSION,
	UNKNOWN,
	ENDS,
};

extern const char *const end_name[ENDS];

/* Levels are the architecture's here: 3 is the leaf's. */
struct verdict {
	enum end end;
	unsigned int level;
	uint64_t pa;
	unsigned int mair;
	unsigned int sh;
	/* Of the model only: */
	unsigned int raw_sh;
	bool illegal_block;
	bool ignored_bits;
	bool limited;
};

bool block_legal(unsigned int granule_shift, unsigned int level);
unsigned int start_level(unsigned int granule_shift, unsigned int va_bits);
void model_walk(const struct regime *regime, uint64_t va, enum access access, struct verdict *verdict);
void par_verdict(uint64_t par, struct verdict *verdict);

/* Both walkers have the same opinion; how not is said by judge.c. */
static inline bool verdict_equal(const struct verdict *a, const struct verdict *b)
{
	if (a->end != b->end)
		return false;
	if (a->end != OK)
		return a->level == b->level;
	return !((a->pa ^ b->pa) >> 12) && a->mair == b->mair && a->sh == b->sh;
}

/*
 * gen.c: tables of random descriptors
 */

struct pool {
	const struct regime *regime;
	unsigned int top;
	uint64_t table[GPUAS_LEVELS_MAX][8];
};

/* @mem: granules for roots and tables; fills all but the roots. */
void pool_init(struct pool *pool, const struct regime *regime, struct rng *rng);
void pool_fill(const struct pool *pool, unsigned int level, uint64_t pa, unsigned int entries,
	       struct rng *rng);

/*
 * The rest
 */

/* One shape for both judges: @halves is 2, or 1 if there is no upper half. */
struct shape {
	const struct gpuas_format *format;
	unsigned int va_bits;
	unsigned int pa_bits;
	unsigned int halves;
};

/* random.c, built.c: number of differences, 0 if hardware and library agree. */
unsigned int judge_random(const struct shape *shape, unsigned int probes);
/* @coherent: the walker looks into the caches. */
unsigned int judge_built(const struct shape *shape, unsigned int probes, bool coherent);
/* Opened at a table that hangs below two roots. */
unsigned int judge_lent(const struct shape *shape, unsigned int probes, bool coherent);
/* Whether all that can happen did, after all shapes. */
bool random_complete(void);
bool built_complete(void);

/* What a suite is; the exit status. */
int test_main(void);

/* agree.c: the same, with the arena at @mem; @trust: as the arena's. */
int agree(void *mem, bool trust);
/* Walk the last tree of a finished agree(), in memory that it left behind. */
int agree_look(void *mem, uint64_t root);

#endif /* WALK_H */
