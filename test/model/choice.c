// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Random numbers, and the arguments that are made of them. */
#include "world.h"

/* Random numbers: splitmix64. */
uint64_t rnd(struct world *w)
{
	uint64_t z = w->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint64_t below(struct world *w, uint64_t n)
{
	return rnd(w) % n;
}

bool percent(struct world *w, unsigned int n)
{
	return below(w, 100) < n;
}

uint64_t some_off(struct world *w)
{
	uint64_t off = w->h->centre[below(w, CENTRES)];
	uint64_t reach = percent(w, 60) ? 64 * page(w) : percent(w, 60) ? span(w, 1)
									: 4 * span(w, 1);

	if (w->maps.n && percent(w, 30)) {
		const struct mapping *run = &w->maps.at[below(w, w->maps.n)];

		return percent(w, 50) ? run->off : mapping_end(&w->maps, run) & (half(w) - 1);
	}
	if (percent(w, 3))
		off = rnd(w);
	off += below(w, 2 * reach) - reach;
	off &= (half(w) - 1) & ~(page(w) - 1);
	if (percent(w, w->geo.blocks ? 40 : 5))
		off &= ~(span(w, 1) - 1);
	if (w->geo.blocks && percent(w, 8))
		off &= ~(span(w, 2) - 1) & (half(w) - 1);
	/* What a table covers may be little. */
	if (w->h->height < arm_top(&w->sim.seen) && percent(w, 70))
		off = w->h->first + off % (w->h->last - w->h->first + 1);
	return off;
}

static uint64_t some_size(struct world *w, uint64_t off)
{
	unsigned int entries = (unsigned int)(page(w) / 8);
	unsigned int dice = (unsigned int)below(w, 100);
	uint64_t size;

	if (dice < 50)
		size = 1 + below(w, 8);
	else if (dice < 80)
		size = 1 + below(w, 200);
	else if (dice < 90)
		size = 1 + below(w, entries);
	else if (dice < 97)
		size = entries * (1 + below(w, 2));
	else
		size = 1 + below(w, 4 * entries);
	size *= page(w);
	if (w->geo.blocks && !(off & (span(w, 1) - 1)) && percent(w, 50))
		size = span(w, 1) * (1 + below(w, 3)) + (percent(w, 30) ? page(w) : 0);
	if (off && w->geo.blocks && arm_block_legal(&w->sim.seen, 2) &&
	    !(off & (span(w, 2) - 1)) && percent(w, 30))
		size = span(w, 2) * (1 + below(w, 2)) + (percent(w, 30) ? page(w) : 0);
	if (size > half(w) - off && !percent(w, 3))
		size = half(w) - off;
	return size;
}

static uint64_t some_pa(struct world *w, uint64_t off, uint64_t size)
{
	uint64_t room = 1ULL << w->sim.seen.pa_bits;
	uint64_t pa = rnd(w) & (room - 1) & ~(page(w) - 1);
	unsigned int height = w->sim.seen.page_shift == 12 && percent(w, 20) ? 2 : 1;

	if (percent(w, 3))
		pa = room - size;
	/* In step with the VA, so that blocks are possible. */
	if (size >= span(w, 2))
		height = percent(w, 90) ? 2 : 1;
	if (percent(w, size >= span(w, 2) ? 98 : w->geo.blocks ? 60 : 10))
		pa = (pa & ~(span(w, height) - 1)) | (off & (span(w, height) - 1));
	if (pa > room - size)
		pa = (room - size) & ~(page(w) - 1);
	/* One page too many. */
	return percent(w, 1) ? room - size + page(w) : pa;
}

gpuas_attr_t some_attr(struct world *w)
{
	static const unsigned int usual[3] = { 7, 20, 33 };

	if (percent(w, 2))
		return (gpuas_attr_t)rnd(w);
	if (percent(w, 1))
		return w->attr[below(w, w->attrs)] | 1u << 11;
	if (percent(w, 50))
		return w->attr[usual[below(w, 3)] % w->attrs];
	return w->attr[below(w, w->attrs)];
}

/* Sometimes, an argument that is wrong. */
void spoil(struct world *w, uint64_t *va, uint64_t *pa, uint64_t *size)
{
	uint64_t *arg = percent(w, 33) ? va : percent(w, 50) ? pa : size;

	if (!percent(w, 5))
		return;
	switch (below(w, 8)) {
	case 0:
		*arg += 1ULL << below(w, w->sim.seen.page_shift);
		break;
	case 1:
		*arg = rnd(w);
		break;
	case 2:
		*size = 0;
		break;
	case 3:
		*size = -*va + page(w);
		break;
	case 4:
		*size = 0 - page(w);
		break;
	case 5:
		*va ^= 1ULL << (w->sim.seen.va_bits + below(w, 64 - w->sim.seen.va_bits));
		break;
	case 6:
		*pa ^= 1ULL << (w->sim.seen.pa_bits + below(w, 64 - w->sim.seen.pa_bits));
		break;
	default:
		*va = w->sim.base - page(w);
		break;
	}
}

void some_range(struct world *w, uint64_t *va, uint64_t *pa, uint64_t *size)
{
	uint64_t off = some_off(w);

	*size = some_size(w, off);
	if (w->h->height < arm_top(&w->sim.seen) && in_window(w, off) &&
	    *size > w->h->last - off && percent(w, 90))
		*size = w->h->last - off + 1;
	*pa = some_pa(w, off, *size);
	*va = w->sim.base + off;
	spoil(w, va, pa, size);
}

void some_stretch(struct world *w, uint64_t *off, uint64_t *size)
{
	uint64_t at = w->h->first + below(w, w->h->last - w->h->first);
	uint64_t first = w->h->first, last = w->h->last;
	unsigned int i;

	for (i = 0; i < w->maps.n; i++) {
		const struct mapping *run = &w->maps.at[i];

		if (!run->foreign || !in_window(w, run->off))
			continue;
		if (run->off > at && run->off <= last)
			last = run->off - 1;
		else if (run->off <= at)
			first = mapping_end(&w->maps, run);
	}
	if (first > last) {
		first = w->h->first;
		last = w->h->last;
	}
	*off = first;
	*size = last - first + 1;
}

/* A scatter list, with its errors; returns its size. */
uint64_t some_list(struct world *w, struct gpuas_extent *list, unsigned int *pieces,
			  uint64_t off, uint64_t most, struct errors *errors)
{
	uint64_t total = 0;
	unsigned int i;

	*pieces = percent(w, 1) ? 0 : 1 + (unsigned int)below(w, PIECES);
	for (i = 0; i < *pieces; i++) {
		uint64_t size = some_size(w, 0), pa, none = off;

		if (size > most - total && !percent(w, 2))
			size = most - total ? most - total : page(w);
		pa = some_pa(w, off + total, size);
		if (percent(w, 20))
			spoil(w, &none, &pa, &size);
		pa_errors(w, pa, size, errors);
		if (total + size < total)
			may(errors, GPUAS_EOVERFLOW);
		total += size;
		list[i].pa = gpuas_pa(pa);
		list[i].size = size;
		/* More errors than fit would say no more. */
		if (errors->n > 6)
			errors->n = 6;
	}
	if (!*pieces)
		may(errors, GPUAS_EINVAL);
	return total;
}
