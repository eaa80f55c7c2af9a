// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Trees that the library builds, changes and takes down again, with a flush that reaches the SMMU;
 * and beside them a plain list of what every page has to be. After each random operation, accesses
 * at the edges of its range and at random places.
 */
#include "device.h"

#define MAILBOX_VA	0x7000000000ULL
#define MAILBOX_PA	(DATA_PA + DATA_SIZE)

enum { FEW = 64, MANY = 4096, BLOCK_PAGES = BLOCK / PAGE, SHOWN = 3 };
enum { START, MIDDLE, END, BLOCKS, PLACES };

struct page {
	uint64_t pa;
	gpuas_attr_t attr;
	bool live;
};

/* Where the operations are: both ends of the half, the border of two tables, and some blocks. */
static const struct place {
	uint64_t pos;
	unsigned int first;
	unsigned int pages;
} places[PLACES] = {
	{ 0, 0, FEW },
	{ HALF / 2 - FEW / 2 * PAGE, FEW, FEW },
	{ HALF - FEW * PAGE, 2 * FEW, FEW },
	{ 0x5000000000ULL, 3 * FEW, MANY },
};

static struct arena arena;
static struct gpuas_space half[2];
/* Others that look, so that what the handles remember of their tables is that of operations. */
static struct gpuas_space reader[2];
static struct page list[2][3 * FEW + MANY];

static unsigned int done[OPS], refused;

struct request {
	unsigned int half;
	const struct place *place;
	struct page *page;
	unsigned int first;
	unsigned int pages;
	uint64_t va;
	uint64_t pa;
	gpuas_attr_t attr;
};

static gpuas_attr_t random_attr(struct rng *rng)
{
	const struct gpuas_format *format = gpu_geo[0].format;
	gpuas_attr_t attr;

	do {
		attr = format->access[under(rng, format->access_rows)];
	} while (attr & GPUAS_ACCESS_ALIAS);
	return attr | (under(rng, 2) ? GPUAS_GLOBAL : 0) | under(rng, 3) << 12;
}

static void choose(struct rng *rng, struct request *r)
{
	uint64_t step = PAGE;

	r->half = params()->whole ? under(rng, 2) : 0;
	r->place = &places[under(rng, PLACES)];
	r->first = under(rng, r->place->pages);
	r->pages = 1 + under(rng, under(rng, 4) ? 4 : FEW / 2);
	if (r->place->pages == MANY && !under(rng, 3)) {
		r->first = under(rng, 2) ? BLOCK_PAGES : 0;
		r->pages = under(rng, 4) ? BLOCK_PAGES : MANY;
		step = under(rng, 4) ? BLOCK : PAGE;
	}
	if (r->pages > r->place->pages - r->first)
		r->pages = r->place->pages - r->first;
	r->page = &list[r->half][r->place->first + r->first];
	r->va = base(r->half) + r->place->pos + r->first * PAGE;
	r->pa = DATA_PA + under(rng, (uint32_t)((DATA_SIZE - r->pages * PAGE) / step + 1)) * step;
	r->attr = random_attr(rng);
}

static bool any_live(const struct request *r)
{
	unsigned int i;

	for (i = 0; i < r->pages; i++) {
		if (r->page[i].live)
			return true;
	}
	return false;
}

/* In parts, the middle one last, with one flush for all. */
static int unmap_parts(const struct request *r)
{
	const uint64_t third = r->pages / 3 * PAGE, size = r->pages * PAGE;
	const struct { uint64_t at, size; } part[] = {
		{ 0, third }, { 2 * third, size - 2 * third }, { third, third },
	};
	struct gpuas_space *space = &half[r->half];
	unsigned int i;
	int err = 0;

	gpuas_gather_begin(space);
	for (i = 0; i < 3 && !err; i++) {
		if (part[i].size)
			err = gpuas_unmap(space, gpuas_va(r->va + part[i].at), part[i].size);
	}
	gpuas_gather_end(space);
	return err;
}

static int operate(enum op op, const struct request *r)
{
	const struct gpuas_extent piece = { gpuas_pa(r->pa), r->pages * PAGE };
	struct gpuas_space *space = &half[r->half];

	switch (op) {
	case MAP:
		return gpuas_map(space, gpuas_va(r->va), piece.pa, piece.size, r->attr);
	case PROTECT:
		return gpuas_protect(space, gpuas_va(r->va), piece.size, r->attr);
	case REPLACE:
		return gpuas_replace(space, gpuas_va(r->va), &piece, 1, r->attr);
	case GATHER:
		return unmap_parts(r);
	default:
		return gpuas_unmap(space, gpuas_va(r->va), piece.size);
	}
}

static void account(enum op op, const struct request *r)
{
	unsigned int i;

	for (i = 0; i < r->pages; i++) {
		struct page *page = &r->page[i];

		if (op == MAP || op == REPLACE)
			*page = (struct page){ r->pa + i * PAGE, r->attr, true };
		else if (op == PROTECT)
			page->attr = r->attr;
		else
			page->live = false;
	}
}

/* What the list says about a VA; NULL where it says nothing. */
static const struct page *listed(unsigned int h, uint64_t va)
{
	uint64_t pos = va - base(h);
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		if (pos - places[i].pos < places[i].pages * PAGE)
			return &list[h][places[i].first + (pos - places[i].pos) / PAGE];
	}
	return NULL;
}

static const char *library(const struct gpuas_space *space, uint64_t va)
{
	const struct page *page = listed(space->geo.upper, va);
	gpuas_attr_t attr;
	gpuas_pa_t pa;
	int err = gpuas_translate(space, gpuas_va(va), &pa, &attr);

	if (!page || !page->live)
		return err == -GPUAS_ENOENT ? NULL : "the library finds something";
	if (err)
		return "the library finds nothing";
	if (gpuas_pa_u64(pa) != page->pa + (va & (PAGE - 1)) || attr != page->attr)
		return "the library finds something else";
	return NULL;
}

static unsigned int look_at(unsigned int h, uint64_t va, struct rng *rng, const char *after)
{
	const struct gpuas_space *space = under(rng, 64) ? &reader[h] : &half[h];
	enum edu_way way = under(rng, 2) ? EDU_WRITE : EDU_READ;
	struct outcome o = { .fault = false };
	const char *wrong;

	/* Nothing is outside of the halves, and the mailbox is nobody's business. */
	if (va - base(h) >= HALF || (!h && va - MAILBOX_VA < PAGE))
		return 0;
	wrong = library(space, va);
	if (!wrong)
		wrong = probe(space, va, way, &o);
	if (wrong)
		say_difference(after, va, way, wrong, &o);
	return wrong != NULL;
}

/* Both ends of a range, from both sides. */
static unsigned int look_at_edges(const struct request *r, struct rng *rng, const char *after)
{
	const uint64_t end = r->va + r->pages * PAGE;
	const uint64_t edge[4] = { r->va - 8, r->va, end - 8, end };
	unsigned int differences = 0, i;

	for (i = 0; i < 4 && !differences; i++)
		differences += look_at(r->half, edge[i], rng, after);
	return differences;
}

static unsigned int look_anywhere(struct rng *rng, const char *after)
{
	const struct place *place = &places[under(rng, PLACES)];
	unsigned int h = params()->whole ? under(rng, 2) : 0;
	uint64_t pos = place->pos + under(rng, place->pages) * PAGE;

	return look_at(h, base(h) + pos + (rng32(rng) & 0x3ff8), rng, after);
}

static unsigned int step(struct rng *rng)
{
	static const uint8_t choice[16] = {
		MAP, MAP, MAP, MAP, MAP, MAP, MAP, UNMAP, UNMAP, UNMAP, UNMAP, UNMAP, GATHER,
		GATHER, PROTECT, REPLACE,
	};
	enum op op = (enum op)choice[under(rng, 16)];
	unsigned int differences;
	struct request r;
	int err, wanted;

	choose(rng, &r);
	/* Where something is, maps are refused; that is soon known. */
	if (op == MAP && any_live(&r) && under(rng, 2))
		op = under(rng, 2) ? REPLACE : PROTECT;
	/* What is about to change is remembered by the SMMU. */
	differences = look_at_edges(&r, rng, "what was before");
	wanted = op == MAP && any_live(&r) ? -GPUAS_EEXIST : 0;
	err = operate(op, &r);
	if (err != wanted) {
		say("# difference: %s of %u pages at %x: %d, not %d\n", op_name[op], r.pages, r.va,
		    err, wanted);
		return 1;
	}
	if (err) {
		refused++;
	} else {
		account(op, &r);
		done[op]++;
	}
	differences += look_at_edges(&r, rng, op_name[op]);
	return differences + look_anywhere(rng, op_name[op]);
}

static int prepare(void)
{
	const struct gpuas_range nothing = { .size = 0 };
	unsigned int i;
	int err = 0;

	hook_init(&arena, 2);
	arena.trust = true;
	for (i = 0; i < 2 && !err; i++) {
		const struct gpuas_range window = { gpuas_va(base(i)), HALF };

		err = gpuas_space_create(&half[i], &gpu_geo[i], &window, &arena.env);
		if (!err)
			err = gpuas_space_adopt(&reader[i], &gpu_geo[i], &nothing, half[i].root,
						&arena.env);
	}
	if (!err)
		err = gpuas_map(&half[0], gpuas_va(MAILBOX_VA), gpuas_pa(MAILBOX_PA), PAGE,
				GPUAS_FW_READ | GPUAS_FW_WRITE);
	gpu.mailbox = gpuas_va(MAILBOX_VA);
	gpu.mailbox_ptr = word(MAILBOX_PA);
	return err ? err : gpu_context(&half[0], &half[1], 2);
}

unsigned int fuzz_built(unsigned int steps)
{
	struct rng rng = { params()->seed + 1000 };
	unsigned int differences = 0, i;

	if (prepare())
		return 1;
	for (i = 0; i < steps && differences < SHOWN; i++)
		differences += step(&rng);
	return differences + hook_failures();
}

bool fuzz_complete(void)
{
	say("# %u mapped, %u refused, %u unmapped, %u in parts, %u protected, %u replaced, "
	    "%u flushes\n", done[MAP], refused, done[UNMAP], done[GATHER], done[PROTECT],
	    done[REPLACE], arena.flushes);
	return done[MAP] && refused && done[UNMAP] && done[GATHER] && done[PROTECT] &&
	       done[REPLACE];
}

int fuzz_look(void)
{
	const struct gpuas_extent many = { gpuas_pa(DATA_PA + PAGE), MANY * PAGE };
	gpuas_va_t va = gpuas_va(base(0) + places[BLOCKS].pos);

	if (gpuas_replace(&half[0], va, &many, 1, ALL))
		return 1;
	return look(&half[0]) | (params()->whole ? look(&half[1]) : 0);
}
