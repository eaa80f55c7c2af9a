// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Two agents in one address space: CPU 0 is the driver, CPU 1 the firmware. They count under the
 * handoff lock, change one tree with tables of one pool under it, and flush. Each says itself what
 * it did; what was lost stands in what they leave behind. Says figures only: agents.sh judges.
 */
#include <gpuas/handoff.h>
#include <gpuas/pool.h>

#include "../walk/walk.h"

enum {
	ROUNDS = 1000000,
	CHANGES = 20000,
	PLACES = 64,
	REQUESTS = 2000,
	/* Neither is further ahead than this: the host's scheduler may let them run one by one. */
	LEAD = 1000,
	/* Looks at one thing that does not change: more than a busy host needs to run the other. */
	PATIENCE = 1 << 29,
};

/* Root entries as on Apple's parts: the firmware's first one, the driver's third one. */
#define UPPER		0xffffff8000000000ULL
#define SLOT_SIZE	(64ULL << 30)
#define LEAF_TABLE	(32ULL << 20)
#define PAGE		0x4000ULL
#define TABLES		(ARENA_SIZE / PAGE)

/* Each place has a leaf table for itself, and two pages in it. */
struct agent {
	enum gpuas_side side;
	const char *name;
	uint64_t window;
	struct gpuas_space space;
	struct gpuas_wait wait;
	struct rng rng;
	unsigned int looks;
	unsigned int rounds;
	unsigned int waits;
	unsigned int maps;
	unsigned int unmaps;
	unsigned int refused;
	unsigned int flushes;
	unsigned int wrong;
	bool mapped[2 * PLACES];
	struct gpuas_env env;
	bool mine[TABLES];
};

static bool again(void *ctx);

static struct agent agents[2] = {
	[GPUAS_SIDE_HOST] = {
		.side = GPUAS_SIDE_HOST,
		.name = "host",
		.window = UPPER + 2 * SLOT_SIZE,
		.wait = { again, &agents[GPUAS_SIDE_HOST] },
		.rng = { SEED },
	},
	[GPUAS_SIDE_FIRMWARE] = {
		.side = GPUAS_SIDE_FIRMWARE,
		.name = "firmware",
		.window = UPPER,
		.wait = { again, &agents[GPUAS_SIDE_FIRMWARE] },
		.rng = { ~(uint64_t)SEED },
	},
};

static const uint64_t magics[] = { GPUAS_HANDOFF_MAGIC_0002 };
static const struct gpuas_profile profile = {
	.magic = GPUAS_HANDOFF_MAGIC_0002,
	.accept = magics,
	.accepts = 1,
	.firmware = GPUAS_FIRMWARE_ANSWERS,
};

/* Shared by both. */
static struct gpuas_handoff page;
static struct gpuas_pool pool;
static struct gpuas_env of_pool;
static volatile uint64_t counter;
static volatile uint64_t question, answer;
static uint32_t met[2];

static bool again(void *ctx)
{
	struct agent *agent = ctx;

	return ++agent->looks < PATIENCE;
}

static void must(const struct agent *agent, int err, const struct gpuas_report *report)
{
	if (!err)
		return;
	say("%s: ended by error %d: %s\n", agent->name, err,
	    report ? report->text.buf : gpuas_strerror(err));
	hw_exit(1);
}

/* Both have come to here. Not by the lock: it is what is tested. */
static void meet(struct agent *agent)
{
	uint32_t count = met[agent->side] + 1;

	__atomic_store_n(&met[agent->side], count, __ATOMIC_RELEASE);
	agent->looks = 0;
	while (__atomic_load_n(&met[!agent->side], __ATOMIC_ACQUIRE) < count) {
		if (!again(agent))
			must(agent, -GPUAS_ETIMEDOUT, NULL);
	}
}

/* Had the other to be waited for? */
static bool lock(struct agent *agent)
{
	struct gpuas_report report;

	agent->looks = 0;
	must(agent, gpuas_handoff_lock(&page, &profile, agent->side, &agent->wait, &report), &report);
	return agent->looks != 0;
}

static void unlock(struct agent *agent)
{
	gpuas_handoff_unlock(&page, agent->side);
}

/* Not one atomic step, and long enough to be met in the middle of it. */
static void count(struct agent *agent)
{
	uint64_t value;

	while (agent->rounds < ROUNDS) {
		agent->waits += lock(agent);
		value = counter;
		__asm__ volatile(".rept 20\n nop\n .endr");
		counter = value + 1;
		unlock(agent);
		if (!(++agent->rounds % LEAD))
			meet(agent);
	}
}

static gpuas_va_t place_va(const struct agent *agent, unsigned int place)
{
	return gpuas_va(agent->window + place / 2 * LEAF_TABLE + place % 2 * PAGE);
}

static gpuas_pa_t place_pa(const struct agent *agent, unsigned int place)
{
	return gpuas_pa((1 + agent->side) * SLOT_SIZE + place * PAGE);
}

/* What was refused counts as done: it has to be missed at the end. */
static void change(struct agent *agent)
{
	const gpuas_attr_t attr = GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_SHARED;
	unsigned int i, place;
	int err;

	for (i = 0; i < CHANGES; i++) {
		place = under(&agent->rng, 2 * PLACES);
		lock(agent);
		if (agent->mapped[place])
			err = gpuas_unmap(&agent->space, place_va(agent, place), PAGE);
		else
			err = gpuas_map(&agent->space, place_va(agent, place),
					place_pa(agent, place), PAGE, attr);
		unlock(agent);
		agent->refused += err != 0;
		agent->maps += !agent->mapped[place];
		agent->unmaps += agent->mapped[place];
		agent->mapped[place] ^= 1;
		if (!(i % LEAD))
			meet(agent);
	}
}

/* The answer has to be that to this very question, which is no part of the request. */
static uint64_t answer_to(const struct gpuas_range *range, unsigned int slot)
{
	return (gpuas_va_u64(range->va) ^ range->size * slot) + question;
}

static void ask(struct agent *agent)
{
	struct gpuas_report report;
	struct gpuas_range range;
	unsigned int slot;

	for (; agent->flushes < REQUESTS; agent->flushes++) {
		slot = under(&agent->rng, GPUAS_HANDOFF_FLUSH_SLOTS);
		range.va = gpuas_va(rng64(&agent->rng) >> 1);
		range.size = (rng64(&agent->rng) >> 1) + 1;
		question = rng64(&agent->rng);
		must(agent, gpuas_handoff_flush_post(&page, slot, range.va, range.size, &report),
		     &report);
		agent->looks = 0;
		must(agent, gpuas_handoff_flush_finish(&page, slot, &agent->wait, &report),
		     &report);
		agent->wrong += answer != answer_to(&range, slot);
	}
}

static void serve(struct agent *agent)
{
	struct gpuas_range range;
	unsigned int slot;

	agent->looks = 0;
	while (agent->flushes < REQUESTS) {
		slot = gpuas_handoff_flush_next(&page, 0, &range);
		if (slot >= GPUAS_HANDOFF_FLUSH_SLOTS) {
			if (!again(agent))
				must(agent, -GPUAS_ETIMEDOUT, NULL);
			continue;
		}
		answer = answer_to(&range, slot);
		must(agent, gpuas_handoff_flush_done(&page, slot), NULL);
		agent->flushes++;
		agent->looks = 0;
	}
}

static void tell(const struct agent *agent)
{
	say("%s: %u rounds, waited in %u\n", agent->name, agent->rounds, agent->waits);
	say("%s: %u maps, %u unmaps, %u refused\n", agent->name, agent->maps, agent->unmaps,
	    agent->refused);
	say("%s: %u flushes, %u wrong\n", agent->name, agent->flushes, agent->wrong);
}

static void run(struct agent *agent)
{
	struct gpuas_report report;

	agent->looks = 0;
	must(agent, gpuas_handoff_start(&page, &profile, agent->side, &agent->wait, NULL,
					&report), &report);
	meet(agent);
	count(agent);
	meet(agent);
	change(agent);
	meet(agent);
	if (agent->side == GPUAS_SIDE_HOST)
		ask(agent);
	else
		serve(agent);
	meet(agent);
	if (agent->side == GPUAS_SIDE_FIRMWARE)
		tell(agent);
	meet(agent);
}

void second_start(void);
void second_main(void);
void second_main(void)
{
	run(&agents[GPUAS_SIDE_FIRMWARE]);
}

/* PSCI CPU_ON (Arm DEN0022, 5.1.4), 64-bit calling convention. */
static int cpu_on(uint64_t cpu, void (*entry)(void), void *stack)
{
	register uint64_t x0 __asm__("x0") = 0xc4000003;
	register uint64_t x1 __asm__("x1") = cpu;
	register uint64_t x2 __asm__("x2") = (uint64_t)(uintptr_t)entry;
	register uint64_t x3 __asm__("x3") = (uint64_t)(uintptr_t)stack;

	__asm__ volatile("hvc #0" : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3) : : "memory");
	return (int)x0;
}

/* What is found at the end. */
struct found {
	unsigned int pages;
	unsigned int strange;
	unsigned int tables;
};

static int look(void *ctx, const struct gpuas_step *step)
{
	struct found *found = ctx;
	unsigned int place, side;

	if (step->kind == GPUAS_TABLE) {
		found->tables++;
		return 0;
	}
	for (side = 0; side < 2; side++) {
		const struct agent *agent = &agents[side];

		for (place = 0; place < 2 * PLACES; place++) {
			if (!agent->mapped[place] || place_va(agent, place) != step->va ||
			    place_pa(agent, place) != step->pa)
				continue;
			found->pages++;
			return 0;
		}
	}
	found->strange++;
	return 0;
}

static void tell_tree(void)
{
	struct found found = { .tables = 1 };
	unsigned int place, want = 0;

	for (place = 0; place < 2 * PLACES; place++)
		want += agents[0].mapped[place] + agents[1].mapped[place];
	gpuas_visit_all(&agents[0].space, look, &found);
	say("tree: %u pages, %u lost, %u strange\n", want, want - found.pages, found.strange);
	say("tree: %u tables, %u of the pool in use\n", found.tables, pool.used);
	gpuas_space_release(&agents[GPUAS_SIDE_FIRMWARE].space);
	gpuas_space_release(&agents[GPUAS_SIDE_HOST].space);
	say("tree: released, %u of the pool in use\n", pool.used);
}

/*
 * Each agent has an environment of its own, which knows which tables of the pool are that agent's.
 */

static bool *mine(struct agent *agent, gpuas_pa_t pa)
{
	uint64_t table = (gpuas_pa_u64(pa) - ARENA_PA) / PAGE;

	return table < TABLES ? &agent->mine[table] : NULL;
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	int err = of_pool.table_alloc(of_pool.ctx, size, table);

	if (!err)
		*mine(ctx, (*table)->pa) = true;
	return err;
}

static void table_free(void *ctx, struct gpuas_table *table, size_t size)
{
	*mine(ctx, table->pa) = false;
	of_pool.table_free(of_pool.ctx, table, size);
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	const bool *owned = mine(ctx, pa);

	return owned && *owned ? of_pool.table_record(of_pool.ctx, pa) : NULL;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	(void)ctx;
	return of_pool.table_ptr(of_pool.ctx, pa, size);
}

static void create(struct agent *agent)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 40, .upper = true,
	};
	const struct gpuas_range window = { gpuas_va(agent->window), SLOT_SIZE };

	agent->env = (struct gpuas_env){
		.ctx = agent, .table_alloc = table_alloc, .table_free = table_free,
		.table_record = table_record, .table_ptr = table_ptr,
	};
	if (agent->side == GPUAS_SIDE_HOST)
		must(agent, gpuas_space_create(&agent->space, &geo, &window, &agent->env), NULL);
	else
		must(agent, gpuas_space_adopt(&agent->space, &geo, &window,
					      agents[GPUAS_SIDE_HOST].space.root,
					      &agent->env), NULL);
}

int test_main(void)
{
	static struct gpuas_table records[TABLES];
	static uint64_t stack[2048] __attribute__((aligned(16)));
	struct agent *host = &agents[GPUAS_SIDE_HOST];

	say("# seed %x\n", (uint64_t)SEED);
	must(host, gpuas_pool_init(&pool, gpuas_pa(ARENA_PA), ARENA_SIZE, PAGE,
				   (void *)(uintptr_t)ARENA_PA, records, TABLES), NULL);
	gpuas_pool_env(&pool, &of_pool);
	create(host);
	create(&agents[GPUAS_SIDE_FIRMWARE]);
	gpuas_handoff_init(&page, &profile, GPUAS_FIRMWARE_STOPPED);
	must(host, cpu_on(1, second_start, stack + 2048), NULL);
	run(host);
	tell(host);
	say("counter: %u, %d lost\n", (unsigned int)counter, (int)(2 * ROUNDS - counter));
	tell_tree();
	return 0;
}
