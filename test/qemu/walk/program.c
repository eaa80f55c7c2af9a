// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random operations of every kind near a few places of the space (its first and its last page among
 * them), and beside them a plain list of what must be mapped afterwards.
 */
#include "walk.h"

const char *const op_name[OPS] = {
	"map", "map_list", "map_repeat", "unmap", "protect", "replace", "gather", "unmap of all",
};

enum { PIECES = 6 };

/* What one operation is asked for. */
struct request {
	uint64_t first;
	uint64_t size;
	gpuas_attr_t attr;
	struct gpuas_extent piece[PIECES];
	unsigned int pieces;
};

/*
 * The list
 */

const struct extent *program_find(const struct program *p, uint64_t pos)
{
	unsigned int i;

	for (i = 0; i < p->extents; i++) {
		if (pos >= p->extent[i].first && pos <= p->extent[i].last)
			return &p->extent[i];
	}
	return NULL;
}

uint64_t extent_pa(const struct program *p, const struct extent *e, uint64_t pos)
{
	uint64_t within = pos - e->first;

	return e->pa + (e->repeat ? within & mask(p->space.geo.format->granule_shift) : within);
}

static bool any(const struct program *p, uint64_t first, uint64_t last)
{
	unsigned int i;

	for (i = 0; i < p->extents; i++) {
		if (first <= p->extent[i].last && last >= p->extent[i].first)
			return true;
	}
	return false;
}

static void add(struct program *p, const struct extent *e)
{
	p->extent[p->extents++] = *e;
}

/* Cut an extent in two before @pos, if it goes through it. */
static void cut(struct program *p, uint64_t pos)
{
	unsigned int i, n = p->extents;

	for (i = 0; i < n; i++) {
		struct extent *e = &p->extent[i], rest = *e;

		if (pos <= e->first || pos > e->last)
			continue;
		rest.first = pos;
		rest.pa = extent_pa(p, e, pos);
		e->last = pos - 1;
		add(p, &rest);
	}
}

/* Forget a range, or give it new attributes. */
static void change(struct program *p, uint64_t first, uint64_t last, const gpuas_attr_t *attr)
{
	unsigned int i;

	if (first)
		cut(p, first);
	cut(p, last + 1);
	for (i = 0; i < p->extents; i++) {
		struct extent *e = &p->extent[i];

		if (e->first < first || e->last > last)
			continue;
		if (attr)
			e->attr = *attr;
		else
			*e = p->extent[--p->extents], i--;
	}
}

static void add_request(struct program *p, const struct request *r, bool repeat)
{
	struct extent e = { .first = r->first, .attr = r->attr, .repeat = repeat };
	unsigned int i;

	for (i = 0; i < r->pieces; i++) {
		e.pa = gpuas_pa_u64(r->piece[i].pa);
		e.last = e.first + (repeat ? r->size : r->piece[i].size) - 1;
		add(p, &e);
		e.first = e.last + 1;
	}
}

/*
 * The choice
 */

gpuas_va_t program_va(const struct program *p, uint64_t pos)
{
	return gpuas_va(p->base + pos);
}

static unsigned int block_shift(const struct program *p, unsigned int level)
{
	const struct gpuas_format *format = p->space.geo.format;

	return format->granule_shift + level * format->index_bits;
}

uint64_t program_pos(struct program *p, struct rng *rng)
{
	uint64_t half = mask(p->bits), place, near;
	unsigned int shift = p->space.geo.format->granule_shift;

	/* The start (from both sides, so the end as well), the middle, and one third. */
	place = under(rng, 2) ? 0 : under(rng, 2) ? (half >> 1) + 1 : half / 3;
	place &= ~mask(block_shift(p, 1));
	if (under(rng, 2))
		near = (uint64_t)under(rng, 4) << block_shift(p, 1);
	else
		near = (uint64_t)under(rng, 80) << shift;
	if (under(rng, 2))
		near = -near - (1ULL << shift);
	return (place + near) & half;
}

static gpuas_attr_t random_attr(struct program *p)
{
	const struct gpuas_format *format = p->space.geo.format;
	gpuas_attr_t attr;
	unsigned int row;

	do {
		row = under(&p->rng, format->access_rows);
	} while (format->access[row] & GPUAS_ACCESS_ALIAS);
	attr = format->access[row];
	if (format->owner_bit && row < format->access_rows / 2u)
		attr |= GPUAS_OWNER_FW;
	if (under(&p->rng, 2))
		attr |= GPUAS_GLOBAL;
	return attr | under(&p->rng, 3) << 12;
}

static uint64_t random_pa(struct program *p, uint64_t pos, uint64_t size)
{
	unsigned int shift = p->space.geo.format->granule_shift, level = 1 + under(&p->rng, 2);
	uint64_t limit = 1ULL << p->space.geo.pa_bits, block = mask(block_shift(p, level));
	uint64_t pa = rng64(&p->rng) & (limit - 1) & ~mask(shift);

	if (under(&p->rng, 4))
		pa = (pa & ~block) | (pos & block);
	if (pa > limit - size || !under(&p->rng, 16))
		pa = limit - size;
	return pa & (limit - 1);
}

static void random_request(struct program *p, struct request *r)
{
	unsigned int shift = p->space.geo.format->granule_shift, level = 1, i;
	uint64_t room;

	memset(r, 0, sizeof(*r));
	r->attr = random_attr(p);
	r->first = program_pos(p, &p->rng) & ~mask(shift);
	/* The next level's blocks, 1 GiB, are only there with 4K; by pages that would be a lot. */
	if (p->space.geo.blocks && p->space.geo.format->block_levels & 4 &&
	    p->bits > block_shift(p, 2) && !under(&p->rng, 3))
		level = 2;
	if (level == 2)
		r->first &= ~mask(block_shift(p, 2));
	room = mask(p->bits) - r->first + 1;
	if (level == 2 || !under(&p->rng, 3))
		r->size = (uint64_t)(1 + under(&p->rng, 2)) << block_shift(p, level);
	if (level == 1 && (!r->size || !under(&p->rng, 3)))
		r->size += (uint64_t)(1 + under(&p->rng, under(&p->rng, 2) ? 3 : 70)) << shift;
	if (r->size > room)
		r->size = room;
	r->pieces = 1;
	r->piece[0].pa = gpuas_pa(random_pa(p, r->first, r->size));
	r->piece[0].size = r->size;
	/* By pages, 1 GiB would be a lot: only where it comes out as a block. */
	if (level == 2) {
		r->piece[0].pa = gpuas_pa(gpuas_pa_u64(r->piece[0].pa) & ~mask(block_shift(p, 2)));
		return;
	}
	for (i = 1; i < PIECES && under(&p->rng, 2); i++) {
		uint64_t size = (uint64_t)(1 + under(&p->rng, 40)) << shift;

		if (size > room - r->size)
			break;
		r->piece[i].pa = gpuas_pa(random_pa(p, r->first + r->size, size));
		r->piece[i].size = size;
		r->size += size;
		r->pieces++;
	}
}

/*
 * The operation
 */

static int reserved_map(struct program *p, const struct request *r, struct step *step)
{
	uint32_t tables;
	int err = gpuas_count_tables(&p->space, program_va(p, r->first), r->size, &tables);

	if (!err)
		err = gpuas_reserve(&p->space, tables);
	if (err)
		return err;
	err = gpuas_map(&p->space, program_va(p, r->first), r->piece[0].pa, r->size, r->attr);
	if (err)
		step->wrong = "a map with a reserve failed";
	gpuas_unreserve(&p->space);
	return err;
}

static int operate(struct program *p, unsigned int op, struct request *r, struct step *step)
{
	struct gpuas_space *space = &p->space;
	gpuas_va_t va = program_va(p, r->first);

	switch (op) {
	case MAP:
		r->pieces = 1;
		r->size = r->piece[0].size;
		if (!under(&p->rng, 4))
			return reserved_map(p, r, step);
		return gpuas_map(space, va, r->piece[0].pa, r->size, r->attr);
	case LIST:
		return gpuas_map_list(space, va, r->piece, r->pieces, r->attr);
	case REPEAT:
		/* Not a gigabyte of them. */
		r->pieces = 1;
		if (r->size > 2ULL << block_shift(p, 1))
			r->size = 2ULL << block_shift(p, 1);
		return gpuas_map_repeat(space, va, r->piece[0].pa, 1ULL << space->geo.format->granule_shift,
					r->size, r->attr);
	case PROTECT:
		return gpuas_protect(space, va, r->size, r->attr);
	case REPLACE:
		return gpuas_replace(space, va, r->piece, r->pieces, r->attr);
	case GATHER:
		if (p->gathering)
			gpuas_gather_end(space);
		else
			gpuas_gather_begin(space);
		p->gathering ^= 1;
		return 0;
	default:
		return gpuas_unmap(space, va, r->size);
	}
}

/* What the result must have been, and what is mapped now. */
static void account(struct program *p, unsigned int op, const struct request *r, bool live,
		    bool refused, struct step *step)
{
	int err = step->result;
	bool map = op <= REPEAT;

	if (err == -GPUAS_ENOMEM && refused)
		p->no_memory++;
	else if (map && live ? err != -GPUAS_EEXIST : err != 0)
		step->wrong = live ? "unexpected result over something live" : "unexpected result";
	if (err)
		return;
	p->done[op]++;
	if (op == UNMAP || op == REPLACE || op == CLEAR)
		change(p, step->first, step->last, NULL);
	if (op == PROTECT)
		change(p, step->first, step->last, &r->attr);
	if (map || op == REPLACE)
		add_request(p, r, op == REPEAT);
}

void program_step(struct program *p, struct step *step)
{
	static const uint8_t choice[16] = {
		MAP, MAP, MAP, MAP, MAP, LIST, LIST, REPEAT, UNMAP, UNMAP, UNMAP, PROTECT, PROTECT,
		REPLACE, REPLACE, GATHER,
	};
	unsigned int op = choice[under(&p->rng, 16)];
	struct request r;
	unsigned int refused;
	bool live;

	memset(step, 0, sizeof(*step));
	random_request(p, &r);
	if (p->extents > EXTENTS - 2 * PIECES || !under(&p->rng, 100)) {
		op = CLEAR;
		r.first = 0;
		r.size = 1ULL << p->bits;
	}
	step->what = op_name[op];
	refused = p->arena->refused;
	p->arena->fail_at = under(&p->rng, 8) ? 0 : 1 + under(&p->rng, 3);
	/* An operation may shorten what it was asked for, but not lengthen it. */
	step->result = operate(p, op, &r, step);
	p->arena->fail_at = 0;
	step->first = r.first;
	step->last = r.first + r.size - 1;
	live = any(p, step->first, step->last);
	p->results = fnv1a(p->results, &step->result, sizeof(step->result));
	account(p, op, &r, live, p->arena->refused != refused, step);
}

static void program_start(struct program *p, struct arena *arena, uint64_t base, unsigned int bits,
			  uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	p->rng.state = seed;
	p->results = FNV1A_START;
	p->arena = arena;
	p->base = base;
	p->twin = base;
	p->bits = bits;
}

int program_init(struct program *p, struct arena *arena, const struct gpuas_geometry *geo,
		 uint64_t seed)
{
	uint64_t base = geo->upper ? ~mask(geo->va_bits) : 0;
	const struct gpuas_range window = { .va = gpuas_va(base), .size = 1ULL << geo->va_bits };

	program_start(p, arena, base, geo->va_bits, seed);
	return gpuas_space_create(&p->space, geo, &window, &arena->env);
}

int program_open(struct program *p, struct arena *arena, const struct gpuas_geometry *geo,
		 unsigned int level, uint64_t table, uint64_t va, uint64_t seed)
{
	unsigned int bits = geo->format->granule_shift + (level + 1) * geo->format->index_bits;
	const struct gpuas_range window = { .va = gpuas_va(va), .size = 1ULL << bits };

	program_start(p, arena, va, bits, seed);
	return gpuas_space_adopt_at(&p->space, geo, level, &window, gpuas_pa(table), &arena->env);
}
