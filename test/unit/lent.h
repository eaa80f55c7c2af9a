/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/*
 * A machine with a tree of somebody else's, in any format, and a table of it that is
 * lent: for handles that are opened below a root. What is expected is read by a walker
 * of its own, from the root; and all of the RAM is compared.
 */
#ifndef LENT_H
#define LENT_H

#include "unit.h"

#include <gpuas/dump.h>
#include <gpuas/inspect.h>

#define LENT_RAM	0x80000000ULL

/* Tables from TABLES on are the other one's: their root is the last. */
enum { TABLES = 21, ALL_TABLES = 27, HOSTS = 2 };

#define UAT_ATTR	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | GPUAS_GPU_WRITE | \
			 GPUAS_MEM_SHARED | GPUAS_GLOBAL)
#define LPAE_ATTR	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_GPU_READ | GPUAS_GPU_WRITE | \
			 GPUAS_GPU_EXEC | GPUAS_MEM_CACHED)

/**
 * enum where - Where the lent table hangs in the tree, and the window in the table
 * @BOTTOM: at the first VA of the half
 * @MIDDLE: in between, with entries of others on both sides
 * @TOP: at the last one
 */
enum where { BOTTOM, MIDDLE, TOP };

/* A shape of trees. */
struct shape {
	struct gpuas_geometry geo;
	gpuas_attr_t attr;
};

struct machine;

/**
 * struct host - An environment over the machine's RAM
 * @m: the machine
 * @owned: tables that were handed out, by number
 * @linked: those that a walker found in the tree and was not told to forget
 * @record: their records
 * @fail_at: the n-th allocation from now fails; 0: none
 * @flushes: so far
 * @flush_va: the last one
 * @flush_size: likewise
 * @lends_no: lends no table
 */
struct host {
	struct machine *m;
	bool owned[TABLES];
	bool linked[TABLES];
	struct gpuas_table record[TABLES];
	unsigned int fail_at;
	unsigned int flushes;
	uint64_t flush_va;
	uint64_t flush_size;
	bool lends_no;
	struct gpuas_env env;
};

/**
 * struct machine - RAM, and a tree of somebody else's
 * @shape: the format
 * @mem: the RAM
 * @before: a copy, of when the tree was made
 * @scratch: a copy, of before a call
 * @granule: bytes of a page
 * @top: level of the root
 * @root: its PA
 * @level: level of the lent table
 * @lent: its PA
 * @cover: first VA that it covers
 * @entries: how many it has
 * @first: index of the first one in the window
 * @window: the window
 * @host: who is there
 */
struct machine {
	const struct shape *shape;
	uint8_t *mem;
	uint8_t *before;
	uint8_t *scratch;
	uint64_t granule;
	unsigned int top;
	uint64_t root;
	unsigned int level;
	uint64_t lent;
	uint64_t cover;
	unsigned int entries;
	unsigned int first;
	struct gpuas_range window;
	struct host host[HOSTS];
};

static inline unsigned int shift_at(const struct machine *m, unsigned int level)
{
	unsigned int gs = m->shape->geo.format->granule_shift;

	return gs + level * (gs - 3);
}

/* Bytes that one entry of the lent table covers. */
static inline uint64_t entry_span(const struct machine *m)
{
	return 1ULL << shift_at(m, m->level);
}

static inline uint64_t half_base(const struct machine *m)
{
	return m->shape->geo.upper ? ~0ULL << m->shape->geo.va_bits : 0;
}

static inline uint64_t pa_at(const struct machine *m, unsigned int number)
{
	return LENT_RAM + number * m->granule;
}

/* Number of the table at a PA; ALL_TABLES if there is none. */
static inline unsigned int number_of(const struct machine *m, uint64_t pa)
{
	uint64_t off = pa - LENT_RAM;

	return off % m->granule || off / m->granule >= ALL_TABLES ?
		       ALL_TABLES : (unsigned int)(off / m->granule);
}

static inline uint64_t *entry_in(const struct machine *m, uint64_t table, unsigned int i)
{
	assert_in_range(number_of(m, table), 0, ALL_TABLES - 1);
	return (uint64_t *)(m->mem + (table - LENT_RAM)) + i;
}

/* An entry of the lent table, counted from the first one of the window. */
static inline uint64_t *lent_entry(const struct machine *m, unsigned int i)
{
	return entry_in(m, m->lent, m->first + i);
}

static inline uint64_t address_in(const struct machine *m, uint64_t entry)
{
	return entry & 0xffffffffffffULL & ~(m->granule - 1);
}

/**
 * struct found - Where a walk from the root ended
 * @entry: the entry
 * @level: its level
 * @table: PA of its table
 */
struct found {
	uint64_t *entry;
	unsigned int level;
	uint64_t table;
};

/* The entry that a walker would end with, through nothing of the library's. */
static inline struct found walk_from(const struct machine *m, uint64_t va)
{
	struct found found = { .level = m->top, .table = m->root };
	unsigned int gs = m->shape->geo.format->granule_shift, index;

	va -= half_base(m);
	for (;; found.level--) {
		index = (unsigned int)(va >> shift_at(m, found.level)) & ((1u << (gs - 3)) - 1);
		found.entry = entry_in(m, found.table, index);
		if (!found.level || (*found.entry & 3) != 3 ||
		    number_of(m, address_in(m, *found.entry)) == ALL_TABLES)
			return found;
		found.table = address_in(m, *found.entry);
	}
}

/* PA that the walker gets to, or -GPUAS_ENOENT. */
static inline int64_t pa_from(const struct machine *m, uint64_t va)
{
	struct found found = walk_from(m, va);
	uint64_t mask = (1ULL << shift_at(m, found.level)) - 1;
	bool block = m->shape->geo.format->block_levels >> found.level & 1;

	if ((*found.entry & 3) != (found.level ? 1 : 3) || (found.level && !block))
		return -GPUAS_ENOENT;
	return (int64_t)((*found.entry & 0xffffffffffffULL & ~mask) | (va & mask));
}

/* Note which tables of a host a walker can get to, below one table. */
static inline void note_links(struct host *host, uint64_t table, unsigned int level)
{
	struct machine *m = host->m;
	unsigned int n, count = (unsigned int)(m->granule / 8);
	const uint64_t *entry = entry_in(m, table, 0);

	for (; level && count; count--, entry++) {
		if ((*entry & 3) != 3)
			continue;
		n = number_of(m, address_in(m, *entry));
		if (n == ALL_TABLES)
			continue;
		if (n < TABLES && host->owned[n])
			host->linked[n] = true;
		note_links(host, pa_at(m, n), level - 1);
	}
}

static inline struct gpuas_table *lent_record(void *ctx, gpuas_pa_t pa)
{
	struct host *host = ctx;
	unsigned int n = number_of(host->m, gpuas_pa_u64(pa));

	return n < TABLES && host->owned[n] ? &host->record[n] : NULL;
}

static inline int lent_alloc(void *ctx, size_t size, struct gpuas_table **table)
{
	struct host *host = ctx;
	struct machine *m = host->m;
	unsigned int n, h;
	bool taken = true;

	assert_int_equal(size, m->granule);
	if (host->fail_at && !--host->fail_at)
		return -GPUAS_ENOMEM;
	for (n = 0; n < TABLES; n++) {
		for (taken = false, h = 0; h < HOSTS; h++)
			taken |= m->host[h].owned[n];
		if (!taken)
			break;
	}
	if (taken)
		return -GPUAS_ENOMEM;
	host->owned[n] = true;
	host->record[n] = (struct gpuas_table) {
		.pa = gpuas_pa(pa_at(m, n)), .ptr = entry_in(m, pa_at(m, n), 0),
	};
	*table = &host->record[n];
	return 0;
}

static inline void lent_free(void *ctx, struct gpuas_table *table, size_t size)
{
	struct host *host = ctx;
	unsigned int n = number_of(host->m, gpuas_pa_u64(table->pa));

	assert_int_equal(size, host->m->granule);
	if (n >= TABLES || !host->owned[n] || table != &host->record[n])
		fail_msg("free of table %u, which is not owned", n);
	if (host->linked[n])
		fail_msg("free of table %u, which walkers were not told to forget", n);
	host->owned[n] = false;
	/* As it was in the beginning, so that all of the RAM can be compared. */
	memset(table->ptr, 0xa5, size);
}

static inline uint64_t *lent_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	struct host *host = ctx;

	assert_int_equal(size, host->m->granule);
	if (host->lends_no || number_of(host->m, gpuas_pa_u64(pa)) == ALL_TABLES)
		return NULL;
	return entry_in(host->m, gpuas_pa_u64(pa), 0);
}

/* What is not to be reached any more is forgotten, and may be freed. */
static inline void lent_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	struct host *host = ctx;

	memset(host->linked, 0, sizeof(host->linked));
	note_links(host, host->m->root, host->m->top);
	host->flushes++;
	host->flush_va = gpuas_va_u64(va);
	host->flush_size = size;
}

static inline void host_init(struct machine *m, struct host *host)
{
	host->m = m;
	host->env = (struct gpuas_env) {
		.ctx = host, .table_alloc = lent_alloc, .table_free = lent_free,
		.table_record = lent_record, .table_ptr = lent_ptr, .flush = lent_flush,
	};
}

/* Pages, tables and rubbish of others, around the window and at the table's ends. */
static inline void fill_lent(struct machine *m, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < m->entries; i++) {
		if (i - m->first < count)
			continue;
		if (i > 9 && i < m->entries - 9 && i - (m->first - 9) > count + 18)
			continue;
		if (i % 3 == 0)
			*entry_in(m, m->lent, i) = m->level ? pa_at(m, TABLES) | 3 :
							      i * m->granule | 0x403;
		else if (i % 3 == 1)
			*entry_in(m, m->lent, i) = 0x5550;
	}
}

/* The way from the root to the lent table. */
static inline void make_way(struct machine *m, enum where where)
{
	unsigned int level, n = ALL_TABLES - 1, count, index;
	uint64_t off = 0;

	m->root = pa_at(m, n);
	for (level = m->top;; level--) {
		count = level == m->top ? 1u << (m->shape->geo.va_bits - shift_at(m, level)) :
					  (unsigned int)(m->granule / 8);
		m->lent = pa_at(m, n);
		if (level == m->level)
			break;
		index = where == BOTTOM ? 0 : where == TOP ? count - 1 : count / 2;
		off |= (uint64_t)index << shift_at(m, level);
		*entry_in(m, m->lent, index) = pa_at(m, --n) | 3;
		*entry_in(m, m->lent, index ^ 1) = pa_at(m, TABLES) | 3;
	}
	m->cover = half_base(m) + off;
	m->entries = count;
}

/* Window entries: six, where the table has so many. */
static inline unsigned int window_entries(const struct machine *m)
{
	return m->entries < 8 ? 1 : 6;
}

static inline struct machine *machine_new(const struct shape *shape, unsigned int level,
					  enum where where)
{
	struct machine *m = calloc(1, sizeof(*m));
	unsigned int i, count;
	size_t size;

	assert_non_null(m);
	m->shape = shape;
	m->granule = 1ULL << shape->geo.format->granule_shift;
	m->level = level;
	while (shift_at(m, m->top + 1) < shape->geo.va_bits)
		m->top++;
	size = (size_t)(ALL_TABLES * m->granule);
	m->mem = malloc(size);
	m->before = malloc(size);
	m->scratch = malloc(size);
	assert_true(m->mem && m->before && m->scratch);
	memset(m->mem, 0xa5, size);
	memset(m->mem + TABLES * m->granule, 0, (size_t)((ALL_TABLES - TABLES) * m->granule));
	for (i = 0; i < HOSTS; i++)
		host_init(m, &m->host[i]);
	make_way(m, where);
	count = window_entries(m);
	m->first = where == BOTTOM ? 0 : where == TOP ? m->entries - count :
							(m->entries - count) / 2;
	m->window.va = gpuas_va(m->cover + m->first * entry_span(m));
	m->window.size = count * entry_span(m);
	fill_lent(m, count);
	memcpy(m->before, m->mem, size);
	return m;
}

static inline void machine_delete(struct machine *m)
{
	free(m->mem);
	free(m->before);
	free(m->scratch);
	free(m);
}

static inline unsigned int tables_of(const struct host *host)
{
	unsigned int i, n = 0;

	for (i = 0; i < TABLES; i++)
		n += host->owned[i];
	return n;
}

/* What others wrote is part of what must stay. */
static inline void machine_note(struct machine *m)
{
	memcpy(m->before, m->mem, (size_t)(ALL_TABLES * m->granule));
}

/* All of the RAM is as it was, but for the window and tables that are handed out. */
static inline void machine_check(struct machine *m)
{
	const uint64_t *before = (uint64_t *)(m->before + (m->lent - LENT_RAM));
	const uint64_t *entry = entry_in(m, m->lent, 0);
	unsigned int n, h, i, count = window_entries(m);

	for (n = 0; n < ALL_TABLES; n++) {
		bool owned = false;

		for (h = 0; n < TABLES && h < HOSTS; h++)
			owned |= m->host[h].owned[n];
		if (owned || pa_at(m, n) == m->lent)
			continue;
		assert_memory_equal(m->mem + n * m->granule, m->before + n * m->granule,
				    m->granule);
	}
	for (i = 0; i < m->granule / 8; i++) {
		if (i - m->first >= count && entry[i] != before[i])
			fail_msg("entry %u of the lent table was changed", i);
	}
	for (h = 0; h < HOSTS; h++)
		note_links(&m->host[h], m->root, m->top);
}

/* All of it, and nobody has a table. */
static inline void machine_untouched(struct machine *m)
{
	unsigned int h;

	for (h = 0; h < HOSTS; h++)
		assert_int_equal(tables_of(&m->host[h]), 0);
	assert_memory_equal(m->mem, m->before, ALL_TABLES * m->granule);
}

static inline int open_at(struct machine *m, struct gpuas_space *space, unsigned int h)
{
	return gpuas_space_adopt_at(space, &m->shape->geo, m->level, &m->window,
				    gpuas_pa(m->lent), &m->host[h].env);
}

/* A call is refused with @err, and has changed nothing: no memory, no handle, no flush. */
#define REFUSED_BY(m, space, call, err) do { \
	struct gpuas_space space_ = *(space); \
	unsigned int flushes_ = (m)->host[0].flushes; \
	bool owned_[TABLES]; \
	memcpy((m)->scratch, (m)->mem, ALL_TABLES * (m)->granule); \
	memcpy(owned_, (m)->host[0].owned, sizeof(owned_)); \
	assert_int_equal(call, -(err)); \
	assert_memory_equal((m)->scratch, (m)->mem, ALL_TABLES * (m)->granule); \
	assert_memory_equal(owned_, (m)->host[0].owned, sizeof(owned_)); \
	space_.attr = (space)->attr;	/* a memo, no state */ \
	space_.bits = (space)->bits; \
	memcpy(space_.near, (space)->near, sizeof(space_.near)); \
	assert_memory_equal(&space_, space, sizeof(space_)); \
	assert_int_equal((m)->host[0].flushes, flushes_); \
} while (0)

#endif /* LENT_H */
