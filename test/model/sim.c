// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "sim.h"

#include <stdlib.h>

#define ULL(x) ((unsigned long long)(x))

static uint64_t granule(const struct sim *sim)
{
	return 1ULL << sim->seen.page_shift;
}

/* Number of the granule at a PA; @tables if there is none. */
static unsigned int number(const struct sim *sim, uint64_t pa)
{
	if (pa < SIM_BASE || pa - SIM_BASE >= SIM_SIZE || (pa & (granule(sim) - 1)))
		return sim->tables;
	return (unsigned int)((pa - SIM_BASE) >> sim->seen.page_shift);
}

uint64_t *sim_ram(struct sim *sim, uint64_t pa)
{
	if (number(sim, pa) == sim->tables)
		return NULL;
	return (uint64_t *)(sim->ram + (pa - SIM_BASE));
}

uint64_t *sim_shadow(struct sim *sim, uint64_t pa)
{
	if (number(sim, pa) == sim->tables)
		return NULL;
	return (uint64_t *)(sim->shadow + (pa - SIM_BASE));
}

struct sim_host *sim_owner(struct sim *sim, uint64_t pa)
{
	unsigned int n = number(sim, pa);

	return n < sim->tables ? sim->table[n].owner : NULL;
}

static const uint64_t *table_seen(void *ctx, uint64_t pa)
{
	return sim_ram(ctx, pa);
}

static const uint64_t *table_raw(void *ctx, uint64_t pa)
{
	return sim_shadow(ctx, pa);
}

/* Same page of the same translation, but for what may change in place? */
static bool compatible(const struct arm_leaf *a, const struct arm_leaf *b)
{
	/* D8.16.1: output, size, kind of memory; and global where it was not. */
	if (a->off != b->off || a->size != b->size || a->pa != b->pa)
		return false;
	if ((a->attr ^ b->attr) & GPUAS_MEM_MASK)
		return false;
	return (a->attr & GPUAS_GLOBAL) || !(b->attr & GPUAS_GLOBAL);
}

static bool same(const struct arm_leaf *a, const struct arm_leaf *b)
{
	return compatible(a, b) && a->attr == b->attr;
}

/* The walker looks at an offset, and may keep what it finds. */
static void cache(struct sim *sim, struct sim_watch *watch,
		  const struct arm_mmu *mmu)
{
	struct arm_leaf leaf;
	unsigned int i;

	if (!arm_lookup(mmu, watch->off, &leaf))
		return;
	for (i = 0; i < watch->n; i++) {
		if (same(&watch->tlb[i], &leaf))
			return;
		if (!compatible(&watch->tlb[i], &leaf))
			sim->fail("make without break at offset 0x%llx: the walker may have "
				  "pa 0x%llx size 0x%llx attr 0x%x, and finds pa 0x%llx "
				  "size 0x%llx attr 0x%x", ULL(watch->off),
				  ULL(watch->tlb[i].pa), ULL(watch->tlb[i].size),
				  watch->tlb[i].attr, ULL(leaf.pa), ULL(leaf.size), leaf.attr);
	}
	if (watch->n == SIM_CACHED)
		sim->fail("five translations of offset 0x%llx", ULL(watch->off));
	watch->tlb[watch->n++] = leaf;
}

/* What the walker may do at any time, it does now. */
static void observe(struct sim *sim)
{
	unsigned int i;

	for (i = 0; !sim->gone && i < sim->watches; i++) {
		cache(sim, &sim->watch[i], &sim->seen);
		if (!sim->coherent)
			cache(sim, &sim->watch[i], &sim->raw);
	}
}

/* Is a table that was met after the last call still to be met there? */
static bool reachable(struct sim *sim, const struct arm_mmu *mmu, unsigned int n)
{
	const struct arm_link *link = &sim->table[n].link;
	uint64_t desc;

	if (!sim->table[n].linked)
		return false;
	if (link->parent == ~0ULL)
		return true;
	if (!reachable(sim, mmu, number(sim, link->parent)))
		return false;
	desc = mmu->table(mmu->ctx, link->parent)[link->index];
	return (desc & 3) == 3 &&
	       (desc & 0xfffffffff000ULL & ~(granule(sim) - 1)) == link->pa;
}

/* A table that is looked for. */
struct search {
	struct sim *sim;
	uint64_t pa;
	bool found;
};

static bool meet_link(void *ctx, const struct arm_link *link)
{
	struct search *search = ctx;

	search->found |= link->pa == search->pa;
	/* What a foreign table leads to does not count. */
	return !search->found &&
	       (link->parent == ~0ULL || sim_owner(search->sim, link->pa) ||
		search->sim->table[number(search->sim, link->pa)].way);
}

/* Is a table linked anywhere in the range of the call? */
static bool linked_now(struct sim *sim, uint64_t pa)
{
	struct search search = { .sim = sim, .pa = pa };
	const struct arm_visit visit = { .ctx = &search, .link = meet_link };

	if (pa != sim->seen.root)
		arm_walk(&sim->seen, sim->first, sim->last, &visit);
	return search.found;
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct sim_host *host = ctx;
	struct sim *sim = host->sim;
	uint64_t at;
	unsigned int n;
	bool zero;

	observe(sim);
	if (size != granule(sim))
		sim->fail("allocation of %zu bytes", size);
	if (sim->dry || !sim->free || (sim->fail_at && !--sim->fail_at)) {
		sim->refused = true;
		return -GPUAS_ENOMEM;
	}
	n = sim->stack[--sim->free];
	at = SIM_BASE + ((uint64_t)n << sim->seen.page_shift);
	sim->table[n] = (struct sim_table) { .owner = host, .fresh = true, .live = sim->owned };
	sim->live[sim->owned++] = n;
	host->owned++;
	sim->allocs++;
	/*
	 * Whoever reads it before it was cleared, or cleaned, finds rubbish: but what came
	 * back as a table of zeroes goes out as one.
	 */
	*table = &sim->record[n];
	zero = (*table)->zero;
	**table = (struct gpuas_table){
		.pa = gpuas_pa(at), .ptr = sim_ram(sim, at), .zero = zero,
	};
	memset(sim_ram(sim, at), zero ? 0 : 0xa5, size);
	if (!sim->coherent)
		memset(sim_shadow(sim, at), 0x5b, size);
	return 0;
}

static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	struct sim_host *host = ctx;
	uint64_t at = gpuas_pa_u64(pa);

	return sim_owner(host->sim, at) == host ? &host->sim->record[number(host->sim, at)] : NULL;
}

static bool is_zero(const uint64_t *ptr, size_t size)
{
	return !ptr[0] && !memcmp(ptr, ptr + 1, size - sizeof(*ptr));
}

static void table_free(void *ctx, struct gpuas_table *record, size_t size)
{
	struct sim_host *host = ctx;
	struct sim *sim = host->sim;
	uint64_t at = gpuas_pa_u64(record->pa);
	unsigned int n = number(sim, at);
	struct sim_table *table = &sim->table[n];

	observe(sim);
	if (size != granule(sim) || sim_owner(sim, at) != host)
		sim->fail("free of 0x%llx, which is not owned", ULL(at));
	if (at == sim->seen.root) {
		sim->gone = true;
	} else if (table->linked) {
		if (reachable(sim, &sim->seen, n))
			sim->fail("free of table 0x%llx, which is linked", ULL(at));
		if (!table->flushed && sim->running)
			sim->fail("free of table 0x%llx without flush", ULL(at));
	}
	if (!table->linked && !sim->gone && linked_now(sim, at))
		sim->fail("free of new table 0x%llx, which is linked", ULL(at));
	host->owned--;
	sim->live[table->live] = sim->live[--sim->owned];
	sim->table[sim->live[table->live]].live = table->live;
	memset(table, 0, sizeof(*table));
	if (record != &sim->record[n] || record->place)
		sim->fail("free of table 0x%llx with a strange record", ULL(at));
	if (record->zero && !is_zero(record->ptr, size))
		sim->fail("table 0x%llx comes back as zeroes, and is not", ULL(at));
	if (!record->zero)
		memset(sim_ram(sim, at), 0xa5, size);
	sim->stack[sim->free++] = n;
	sim->frees++;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	struct sim_host *host = ctx;
	struct sim *sim = host->sim;

	if (size != granule(sim))
		sim->fail("borrow of %zu bytes", size);
	return sim_ram(sim, gpuas_pa_u64(pa));
}

/* Tables that are not linked any more: the walker forgets how to get there. */
static void flush_tables(struct sim *sim, uint64_t first, uint64_t last)
{
	unsigned int i;

	for (i = 0; i < sim->owned; i++) {
		unsigned int n = sim->live[i];
		struct sim_table *table = &sim->table[n];
		const struct arm_link *link = &table->link;

		if (!table->linked || link->off > last || link->off + link->size <= first)
			continue;
		if (!reachable(sim, &sim->seen, n) &&
		    (sim->coherent || !reachable(sim, &sim->raw, n)))
			table->flushed = true;
	}
}

static void flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct sim_host *host = ctx;
	struct sim *sim = host->sim;
	uint64_t first = gpuas_va_u64(va) - sim->base, last = first + size - 1;
	unsigned int i;

	observe(sim);
	if (!size || (first | size) & (granule(sim) - 1) || last < first ||
	    first < sim->window || last > sim->window_last)
		sim->fail("flush of va 0x%llx size 0x%llx", ULL(gpuas_va_u64(va)), ULL(size));
	flush_tables(sim, first, last);
	for (i = 0; i < sim->watches; i++) {
		if (sim->watch[i].off >= first && sim->watch[i].off <= last)
			sim->watch[i].n = 0;
	}
	sim->flushes++;
	observe(sim);
}

/* Part of one table gets visible. */
static void clean_table(struct sim *sim, size_t at, size_t size)
{
	unsigned int n = (unsigned int)(at >> sim->seen.page_shift), i;
	uint64_t pa = SIM_BASE + ((uint64_t)n << sim->seen.page_shift);
	const uint64_t *entry = (const uint64_t *)(sim->ram + at);

	if (!sim->table[n].owner && !sim->table[n].way)
		sim->fail("clean of a table that is not owned: 0x%llx", ULL(pa));
	if (sim->table[n].fresh && linked_now(sim, pa))
		sim->fail("table 0x%llx was linked before it was cleaned", ULL(pa));
	memcpy(sim->shadow + at, entry, size);
	if (sim->table[n].fresh && !memcmp(sim_ram(sim, pa), sim_shadow(sim, pa), granule(sim)))
		sim->table[n].fresh = false;
	if (!sim->table[n].link.height || !reachable(sim, &sim->raw, n))
		return;
	/* The walker finds tables behind the entries that it now sees. */
	for (i = 0; i < size / 8; i++) {
		unsigned int child = number(sim, entry[i] & 0xfffffffff000ULL &
						 ~(granule(sim) - 1));

		if ((entry[i] & 3) == 3 && child < sim->tables && sim->table[child].fresh)
			sim->fail("a walker sees table number %u, which is not clean", child);
	}
}

/* Tables that lie side by side may be cleaned in one go. */
static void clean(void *ctx, const void *ptr, size_t size)
{
	struct sim_host *host = ctx;
	struct sim *sim = host->sim;
	size_t at = (size_t)((const uint8_t *)ptr - sim->ram);

	observe(sim);
	if ((const uint8_t *)ptr < sim->ram || at >= SIM_SIZE || !size ||
	    size > SIM_SIZE - at || (at | size) & 7)
		sim->fail("clean of %zu bytes at %p", size, ptr);
	sim->cleans++;
	while (size) {
		size_t part = granule(sim) - (at & (granule(sim) - 1));

		part = part < size ? part : size;
		clean_table(sim, at, part);
		at += part;
		size -= part;
	}
	observe(sim);
}

void sim_init(struct sim *sim)
{
	void (*fail)(const char *format, ...) __attribute__((noreturn)) = sim->fail;

	memset(sim, 0, sizeof(*sim));
	sim->fail = fail;
	sim->ram = aligned_alloc(0x10000, SIM_SIZE);
	sim->shadow = aligned_alloc(0x10000, SIM_SIZE);
	sim->table = calloc(SIM_SIZE >> 12, sizeof(*sim->table));
	sim->record = calloc(SIM_SIZE >> 12, sizeof(*sim->record));
	sim->live = calloc(SIM_SIZE >> 12, sizeof(*sim->live));
	sim->stack = calloc(SIM_SIZE >> 12, sizeof(*sim->stack));
	if (!sim->ram || !sim->shadow || !sim->table || !sim->record || !sim->live || !sim->stack)
		abort();
}

void sim_exit(struct sim *sim)
{
	free(sim->ram);
	free(sim->shadow);
	free(sim->table);
	free(sim->record);
	free(sim->live);
	free(sim->stack);
}

void sim_shape(struct sim *sim, const struct arm_mmu *mmu, uint64_t base, bool coherent,
	       bool running)
{
	const struct gpuas_env env = {
		.table_alloc = table_alloc,
		.table_free = table_free,
		.table_record = table_record,
		.table_ptr = table_ptr,
		.flush = running ? flush : NULL,
		.clean = coherent ? NULL : clean,
	};
	unsigned int n;

	sim->seen = *mmu;
	sim->seen.table = table_seen;
	sim->seen.ctx = sim;
	sim->raw = sim->seen;
	sim->raw.table = table_raw;
	sim->coherent = coherent;
	sim->running = running;
	sim->base = base;
	sim->tables = (unsigned int)(SIM_SIZE >> mmu->page_shift);
	memset(sim->table, 0, sim->tables * sizeof(*sim->table));
	memset(sim->record, 0, sim->tables * sizeof(*sim->record));
	for (n = 0; n < sim->tables; n++)
		sim->stack[n] = n;
	sim->free = sim->tables;
	sim->owned = 0;
	sim->gone = true;
	sim->watches = 0;
	sim->fail_at = 0;
	sim->dry = false;
	for (n = 0; n < SIM_HOSTS; n++) {
		sim->host[n].sim = sim;
		sim->host[n].owned = 0;
		sim->host[n].env = env;
		sim->host[n].env.ctx = &sim->host[n];
	}
}

uint64_t sim_foreign(struct sim *sim)
{
	unsigned int n = sim->stack[--sim->free];
	uint64_t pa = SIM_BASE + ((uint64_t)n << sim->seen.page_shift);

	memset(sim_ram(sim, pa), 0, granule(sim));
	memset(sim_shadow(sim, pa), 0, granule(sim));
	return pa;
}

void sim_set_way(struct sim *sim, uint64_t pa)
{
	sim->table[number(sim, pa)].way = true;
}

uint64_t sim_some_table(struct sim *sim, uint64_t number)
{
	return SIM_BASE + ((uint64_t)sim->live[number % sim->owned] << sim->seen.page_shift);
}

void sim_begin(struct sim *sim, uint64_t first, uint64_t last)
{
	sim->first = first;
	sim->last = last;
	sim->refused = false;
	sim->allocs = 0;
	sim->frees = 0;
	sim->flushes = 0;
	sim->cleans = 0;
}

void sim_watch(struct sim *sim, uint64_t off)
{
	struct sim_watch *watch = &sim->watch[sim->watches];
	unsigned int i;

	for (i = 0; i < sim->watches; i++) {
		if (sim->watch[i].off == off)
			return;
	}
	if (sim->watches == SIM_WATCHES || !sim->running)
		return;
	watch->off = off;
	watch->n = 0;
	cache(sim, watch, &sim->seen);
	if (!sim->coherent)
		cache(sim, watch, &sim->raw);
	sim->watches++;
}

void sim_settle(struct sim *sim, uint64_t but, uint64_t but_last)
{
	unsigned int i, k, kept = 0;
	struct arm_leaf now;

	observe(sim);
	for (i = 0; i < sim->watches; i++) {
		const struct sim_watch *watch = &sim->watch[i];
		bool mapped = !sim->gone && arm_lookup(&sim->seen, watch->off, &now);

		if (watch->off >= but && watch->off <= but_last) {
			sim->watch[kept++] = *watch;
			continue;
		}
		for (k = 0; k < watch->n; k++) {
			if (!mapped || !same(&watch->tlb[k], &now))
				sim->fail("offset 0x%llx was not flushed: the walker may have "
					  "pa 0x%llx attr 0x%x", ULL(watch->off),
					  ULL(watch->tlb[k].pa), watch->tlb[k].attr);
		}
	}
	sim->watches = kept;
}

void sim_note(struct sim *sim, const struct arm_link *link)
{
	unsigned int n = number(sim, link->pa);
	struct sim_table *table = &sim->table[n];

	if (!sim->coherent && table->fresh)
		sim->fail("table 0x%llx is linked and was never cleaned", ULL(link->pa));
	table->linked = true;
	table->flushed = false;
	table->link = *link;
}
