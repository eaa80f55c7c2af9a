// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Random operations on the library and on a sorted list, and after each of them
 * what the walker finds in memory against what the list says.
 *
 *	model_test FORMAT [OPERATIONS]	uat, lpae-4k, lpae-16k or lpae-64k
 *
 * GPUAS_SEED gives the seed, GPUAS_OPS the number of operations per format, if
 * nobody says otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "world.h"

enum { OPERATIONS = 250000 };

struct world world;

/**
 * struct shape - What a test runs through
 * @format: the format
 * @page_shift: its granule
 * @va_min: VA sizes
 * @va_max: up to
 * @upper: half
 * @blocks: use them
 */
struct shape {
	const struct gpuas_format *format;
	unsigned int page_shift;
	unsigned int va_min;
	unsigned int va_max;
	unsigned int pa_min;
	unsigned int pa_max;
	bool upper;
	bool blocks;
};

void wrong(const char *format, ...)
{
	const struct world *w = &world;
	char text[300];
	va_list args;
	unsigned long i;
	unsigned int k;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_error("# %s pa %u va %u %s%s%s%s%s\n", w->geo.format->name, w->geo.pa_bits,
		    w->geo.va_bits, w->geo.upper ? "upper" : "lower",
		    w->geo.blocks ? " blocks" : "", w->sim.coherent ? "" : " non-coherent",
		    w->sim.running ? "" : " no walker", w->adopted ? " adopted" : "");
	for (k = 0; k < w->handles; k++)
		print_error("# handle %u host %u height %u window 0x%llx-0x%llx\n", k,
			    (unsigned int)(w->handle[k].host - w->sim.host), w->handle[k].height,
			    ULL(w->sim.base + w->handle[k].first),
			    ULL(w->sim.base + w->handle[k].last));
	for (i = w->step < TRACE ? 0 : w->step - TRACE + 1; i <= w->step; i++)
		print_error("#   %lu: %s\n", i, w->trace[i % TRACE]);
	fail_msg("seed 0x%llx step %lu: %s", ULL(w->seed), w->step, text);
	abort();
}

void trace(struct world *w, const char *format, ...)
{
	char *text = w->trace[w->step % TRACE];
	va_list args;
	int n;

	n = snprintf(text, sizeof(w->trace[0]), "%u: ", (unsigned int)(w->h - w->handle));
	va_start(args, format);
	vsnprintf(text + n, sizeof(w->trace[0]) - (size_t)n, format, args);
	va_end(args);
}

/*
 * A handle from its beginning to its end
 */

/* A window somewhere in some entries of the table that the handle is opened at. */
static void choose_window(struct world *w, struct handle *h, unsigned int from, unsigned int n)
{
	unsigned int shift = arm_shift(&w->sim.seen, h->height);
	unsigned int skip = (unsigned int)below(w, n), k;

	if (percent(w, 40)) {
		from += skip;
		n = 1 + (unsigned int)below(w, n - skip);
	}
	h->first = h->cover + ((uint64_t)from << shift);
	h->last = h->first + ((uint64_t)n << shift) - 1;
	h->centre[0] = h->first;
	h->centre[1] = h->last + 1;
	h->centre[2] = h->first + ((uint64_t)(1 + n / 2) << shift);
	for (k = 3; k < CENTRES; k++)
		h->centre[k] = (h->first + below(w, h->last - h->first)) & ~(page(w) - 1);
}

/* Open it one table further down, by one of some entries. */
static void go_down(struct world *w, struct handle *h, unsigned int from, unsigned int n)
{
	h->cover += (from + below(w, n)) << arm_shift(&w->sim.seen, h->height);
	h->covers = span(w, h->height);
	h->table = foreign_way(w, h->cover, --h->height, h->table);
}

/* Some entries of a table are for a handle, which is opened there or below. */
static void choose_table(struct world *w, struct handle *h, unsigned int from, unsigned int n)
{
	for (; w->adopted && h->height && percent(w, 40); from = 0, n = (unsigned int)(page(w) / 8))
		go_down(w, h, from, n);
	choose_window(w, h, from, n);
}

/* One handle, or two side by side, or at two levels, and whose they are. */
static void choose_handles(struct world *w)
{
	struct handle top = {
		.height = arm_top(&w->sim.seen), .covers = half(w), .host = &w->sim.host[0],
	};
	unsigned int slots = (unsigned int)(half(w) >> arm_shift(&w->sim.seen, top.height)), cut;
	unsigned int low = 0;

	w->foreigns = 0;
	w->adopted = percent(w, 50);
	if (w->adopted)
		top.table = foreign_root(w);
	w->handles = 1 + percent(w, 40);
	if (w->adopted && w->handles == 2 && top.height && percent(w, 30)) {
		go_down(w, &top, 0, slots);
		slots = (unsigned int)(page(w) / 8);
	}
	cut = slots;
	w->handle[0] = w->handle[1] = top;
	w->handle[1].host = &w->sim.host[1];
	/* Not known to handle_at() before they are chosen. */
	if (w->handles == 2) {
		cut = 1 + (unsigned int)below(w, slots - 1);
		low = (unsigned int)below(w, 2);
		choose_table(w, &w->handle[!low], cut, slots - cut);
	}
	choose_table(w, &w->handle[low], 0, cut);
	if (w->adopted)
		foreign_fill(w);
	w->plants = percent(w, 60) ? 1 + (unsigned int)below(w, PLANTS) : 0;
}

/* From here on, this handle is operated. */
static void turn_to(struct world *w, unsigned int i)
{
	w->h = &w->handle[i];
	w->sim.window = w->h->first;
	w->sim.window_last = w->h->last;
	w->maps.top = w->h->height;
}

static void choose_shape(struct world *w, const struct shape *shape)
{
	struct arm_mmu mmu = {
		.page_shift = shape->page_shift,
		.uat = shape->format == &gpuas_format_uat,
	};

	mmu.va_bits = shape->va_min + (unsigned int)below(w, shape->va_max - shape->va_min + 1);
	mmu.pa_bits = shape->pa_min + (unsigned int)below(w, shape->pa_max - shape->pa_min + 1);
	w->geo = (struct gpuas_geometry) {
		.format = shape->format, .va_bits = (uint8_t)mmu.va_bits,
		.pa_bits = (uint8_t)mmu.pa_bits, .upper = shape->upper,
		.blocks = shape->blocks,
	};
	sim_shape(&w->sim, &mmu, shape->upper ? 0 - (1ULL << mmu.va_bits) : 0,
		  percent(w, 50), percent(w, 80));
	w->maps.mmu = &w->sim.seen;
	w->maps.blocks = shape->blocks;
	w->maps.n = 0;
	w->attrs = arm_attrs(&mmu, w->attr, 256);
}

static struct gpuas_range window(const struct world *w)
{
	return (struct gpuas_range) {
		.va = gpuas_va(w->sim.base + w->h->first),
		.size = w->h->last - w->h->first + 1,
	};
}

static void create(struct world *w)
{
	struct gpuas_space *space = &w->h->space;
	const struct gpuas_env *env = &w->h->host->env;
	struct gpuas_range range = window(w);
	int err;

	trace(w, "create");
	sim_begin(&w->sim, 0, 0);
	w->sim.fail_at = percent(w, 5);
	err = gpuas_space_create(space, &w->geo, &range, env);
	if (w->sim.refused) {
		CHECK(err == -GPUAS_ENOMEM && !w->sim.owned, "create: %d", err);
		err = gpuas_space_create(space, &w->geo, &range, env);
	}
	CHECK(!err, "create: %d", err);
	w->sim.seen.root = gpuas_pa_u64(space->root);
	w->handle[0].table = w->handle[1].table = w->sim.seen.root;
}

static void adopt(struct world *w)
{
	struct gpuas_range range = window(w);
	int err;

	trace(w, "adopt");
	sim_begin(&w->sim, 0, 0);
	if (w->h->height == arm_top(&w->sim.seen))
		err = gpuas_space_adopt(&w->h->space, &w->geo, &range, gpuas_pa(w->h->table),
					&w->h->host->env);
	else
		err = gpuas_space_adopt_at(&w->h->space, &w->geo, w->h->height, &range,
					   gpuas_pa(w->h->table), &w->h->host->env);
	CHECK(!err, "adopt: %d", err);
}

static void begin(struct world *w, const struct shape *shape)
{
	unsigned int i, k;

	choose_shape(w, shape);
	choose_handles(w);
	if (w->adopted)
		w->sim.seen.root = w->foreign[0].pa;
	for (i = 0; i < w->handles; i++) {
		turn_to(w, i);
		if (i || w->adopted)
			adopt(w);
		else
			create(w);
		for (k = 0; k < TOKENS; k++)
			CHECK(!gpuas_token_init(&w->h->token[k], &w->h->host->env, &w->geo),
			      "no token");
	}
	w->sim.raw.root = w->sim.seen.root;
	w->sim.gone = false;
	compare_all(w);
	balance(w);
}

static void release(struct world *w)
{
	struct ask ask = { .first = w->h->first, .last = w->h->last, .va = w->sim.base + w->h->first,
			   .size = w->h->last - w->h->first + 1 };
	unsigned int k;

	trace(w, "release");
	while (w->h->depth && percent(w, 50))
		end_gather(w);
	compare_all(w);
	watch_some(w, &ask);
	sim_begin(&w->sim, w->h->first, w->h->last);
	gpuas_space_release(&w->h->space);
	w->h->depth = 0;
	CHECK(!puts_off(w->h), "a token is outstanding after the release");
	for (k = 0; k < TOKENS; k++)
		CHECK(!gpuas_token_drain(&w->h->token[k]), "a token cannot be drained");
	settle_watches(w);
	maps_release(&w->maps, w->h->first, w->h->last, w->h->height);
	if (w->sim.gone)
		foreign_compare_all(w);
	else
		compare_all(w);
	balance(w);
}

static void end(struct world *w)
{
	unsigned int i = w->adopted ? (unsigned int)below(w, w->handles) : w->handles - 1, k;

	/* Who made the root goes last. */
	for (k = 0; k < w->handles; k++) {
		turn_to(w, i ^ k);
		release(w);
	}
	CHECK(!w->sim.owned, "%u tables are left in the end", w->sim.owned);
}

static void step(struct world *w)
{
	unsigned int dice = (unsigned int)below(w, 100);

	if (dice < 26)
		do_map(w);
	else if (dice < 50)
		do_unmap(w);
	else if (dice < 58)
		do_list(w, false);
	else if (dice < 67)
		do_protect(w);
	else if (dice < 75)
		do_list(w, true);
	else if (dice < 84)
		do_translate(w);
	else if (dice < 87)
		do_visit(w);
	else if (dice < 91)
		do_sure_map(w);
	else if (dice < 93)
		do_reserve(w);
	else if (dice < 96)
		do_gather(w);
	else if (dice < 98)
		do_ops(w);
	else
		do_token(w);
}

static unsigned long operations;

static void agrees(void **state)
{
	const struct shape *shape = *state;
	struct world *w = &world;
	unsigned long ops = 0;

	w->step = 0;
	/* Not the same again for another shape. */
	w->rng = w->seed + ((uint64_t)shape->va_max << 56) +
		 ((uint64_t)(2 * shape->upper + shape->blocks) << 48);
	while (ops < operations) {
		unsigned long n = 100 + below(w, 2000);

		begin(w, shape);
		for (; n && ops < operations; n--, ops++) {
			w->step++;
			turn_to(w, (unsigned int)below(w, w->handles));
			if (w->plants && !puts_off(w->h) && percent(w, 2))
				foreign_plant(w);
			else
				step(w);
		}
		w->step++;
		end(w);
	}
	print_message("# %lu operations, seed 0x%llx (GPUAS_OPS, GPUAS_SEED)\n", ops,
		      ULL(w->seed));
}

static struct shape uat_39 = { &gpuas_format_uat, 14, 39, 39, 36, 42, true, false };
static struct shape uat_39_lower = { &gpuas_format_uat, 14, 39, 39, 36, 42, false, false };
static struct shape uat_42 = { &gpuas_format_uat, 14, 42, 42, 36, 42, true, false };
static struct shape pages_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, false, false };
static struct shape upper_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, true, false };
static struct shape blocks_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, false, true };
static struct shape top_4k = { &gpuas_format_lpae_4k, 12, 31, 48, 32, 48, true, true };
static struct shape pages_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, false, false };
static struct shape upper_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, true, false };
static struct shape blocks_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, false, true };
static struct shape top_16k = { &gpuas_format_lpae_16k, 14, 31, 48, 32, 48, true, true };
static struct shape pages_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, false, false };
static struct shape upper_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, true, false };
static struct shape blocks_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, false, true };
static struct shape top_64k = { &gpuas_format_lpae_64k, 16, 31, 48, 32, 48, true, true };

#define AGREES(shape) { #shape "_agrees_with_the_model", agrees, NULL, NULL, &(shape) }

static const struct CMUnitTest uat[] = {
	AGREES(uat_39), AGREES(uat_39_lower), AGREES(uat_42),
};

static const struct CMUnitTest lpae_4k[] = {
	AGREES(pages_4k), AGREES(upper_4k), AGREES(blocks_4k), AGREES(top_4k),
};

static const struct CMUnitTest lpae_16k[] = {
	AGREES(pages_16k), AGREES(upper_16k), AGREES(blocks_16k), AGREES(top_16k),
};

static const struct CMUnitTest lpae_64k[] = {
	AGREES(pages_64k), AGREES(upper_64k), AGREES(blocks_64k), AGREES(top_64k),
};

/**
 * struct suite - The tests of one format
 * @name: on the command line
 * @tests: the tests
 * @n: how many
 */
struct suite {
	const char *name;
	const struct CMUnitTest *tests;
	size_t n;
};

#define SUITE(name, tests) { name, tests, sizeof(tests) / sizeof(tests[0]) }

static const struct suite suites[] = {
	SUITE("uat", uat),
	SUITE("lpae-4k", lpae_4k),
	SUITE("lpae-16k", lpae_16k),
	SUITE("lpae-64k", lpae_64k),
};

int main(int argc, char **argv)
{
	const char *seed = getenv("GPUAS_SEED"), *ops = getenv("GPUAS_OPS");
	unsigned int i;
	int failed;

	for (i = 0; i < 4 && (argc < 2 || argc > 3 || strcmp(suites[i].name, argv[1])); i++)
		;
	if (i == 4) {
		fprintf(stderr, "usage: model_test uat|lpae-4k|lpae-16k|lpae-64k [OPERATIONS]\n");
		return 2;
	}
	world.seed = seed ? strtoull(seed, NULL, 0) : 1;
	operations = ops ? strtoul(ops, NULL, 0) : argc == 3 ? strtoul(argv[2], NULL, 0) : OPERATIONS;
	operations /= suites[i].n;
	world.sim.fail = wrong;
	sim_init(&world.sim);
	foreign_init(&world);
	failed = _cmocka_run_group_tests(argv[1], suites[i].tests, suites[i].n, NULL, NULL);
	foreign_exit(&world);
	free(world.maps.at);
	free(world.old.at);
	sim_exit(&world.sim);
	return failed;
}
