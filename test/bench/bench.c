// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * bench COUNT-FILE [ROW]: run under callgrind by test/bench/bench.mk. Prints a
 * table for each format, and ends with status 1 if a target is not met. With the
 * name of a row (or part of it), leaves the profile of that row in COUNT-FILE.N.
 */
#include <inttypes.h>
#include <stdio.h>

#include "bench.h"

/*
 * Published figures: the survey of the peers (peers.md, section 4), and the goal
 * that was set from it. They were counted in another harness with a floor of its
 * own, so what is judged is the ratio to the floor; and to the lower one of the
 * two floors, so that a slack floor here cannot help.
 */
struct row {
	const char *name;
	const char *unit;
	workload_fn *work;
	double floor;	/* published; 0: none, and nothing that follows */
	double target;	/* published; 0: none */
	double peer;	/* published, the best one */
	const char *peer_name;
};

static const struct row rows[] = {
	{ "map one page, table present", "call", work_map_page, 161, 200, 295, "generic_pt" },
	{ "unmap one page", "call", work_unmap_page, 127, 170, 347, "io-pgtable 6.1" },
	{ "unmap one page, other at far end", "call", work_unmap_page_far, 0, 0, 0, NULL },
	{ "map 1 MiB", "call", work_map_mib, 477, 0, 1943, "io-pgtable 7.2" },
	{ "unmap 1 MiB", "call", work_unmap_mib, 155, 0, 1457, "io-pgtable 7.2" },
	{ "map 1 GiB, one call", "page", work_map_gib, 6.0, 8, 25.1, "io-pgtable" },
	{ "map 1 GiB, page calls", "page", work_map_gib_pages, 163, 0, 297, "generic_pt" },
	{ "map 1 GiB, scattered 64 KiB calls", "page", work_map_gib_scattered, 0, 0, 0, NULL },
	{ "map 1 GiB, 64 KiB pieces, one list", "page", work_map_gib_list, 0, 0, 0, NULL },
	{ "unmap 1 GiB, one call", "page", work_unmap_gib, 0, 0, 0, NULL },
	{ "unmap 1 GiB, 1 MiB calls", "page", work_unmap_gib_mibs, 2.4, 5, 22.8, "io-pgtable 7.2" },
	{ "unmap 1 GiB, page calls", "page", work_unmap_gib_pages, 0, 0, 0, NULL },
	{ "translate, random", "call", work_translate, 80, 100, 168, "io-pgtable 6.1" },
	{ "GPU mix, map + unmap", "page", work_mix, 57.7, 80, 160, "io-pgtable 7.2" },
};

enum { PEAK_TARGET = 737280 };

static bool all_met = true;

static const char *verdict(bool met)
{
	all_met &= met;
	return met ? "met" : "NOT MET";
}

/* Three significant digits and the like; "-" for nothing. */
static const char *number(char *buf, size_t size, double value)
{
	if (value <= 0)
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
	return buf;
}

static void print_number(int width, double value)
{
	char buf[32];

	printf(" %*s", width, number(buf, sizeof(buf), value));
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static double cost(const struct row *row, const struct bench_ops *ops,
		   const struct gpuas_geometry *geo)
{
	uint64_t units;
	double count = (double)row->work(ops, geo, &units);

	return count / (double)units;
}

static void print_row(const struct row *row, const struct gpuas_geometry *geo, bool judge)
{
	double none = cost(row, &bench_none, geo);
	double floor = cost(row, &bench_floor, geo);
	double ours = cost(row, &bench_gpuas, geo);
	double base = floor < row->floor ? floor : row->floor;

	printf("%-34s %-4s", row->name, row->unit);
	print_number(7, none);
	print_number(9, floor);
	print_number(9, ours);
	print_number(7, ratio(ours, floor));
	print_number(7, floor > 0 ? (ours - none) / (floor - none) : 0);
	if (judge && row->floor > 0) {
		print_number(8, base * ratio(row->target, row->floor));
		print_number(8, row->floor);
		print_number(8, row->target);
		print_number(8, row->peer);
		print_number(7, ratio(row->peer, row->floor));
		printf("  %-14s", row->peer_name);
		if (row->target > 0)
			printf(" %s", verdict(ours <= base * row->target / row->floor));
	}
	putchar('\n');
	fflush(stdout);
}

static unsigned int peak_of(const struct bench_ops *ops, const struct gpuas_geometry *geo)
{
	uint64_t units;

	work_mix(ops, geo, &units);
	return arena_peak << geo->format->granule_shift;
}

static void print_peak(const struct gpuas_geometry *geo, bool judge)
{
	unsigned int floor = peak_of(&bench_floor, geo);
	unsigned int ours = peak_of(&bench_gpuas, geo);

	printf("GPU mix, peak table memory: floor %u, libgpuas %u, least possible %u bytes",
	       floor, ours, mix_least_tables << geo->format->granule_shift);
	if (judge)
		printf("; best peer (KVM) %d, target %d: %s", PEAK_TARGET, PEAK_TARGET,
		       verdict(ours <= PEAK_TARGET));
	puts("");
}

static void table(const struct gpuas_geometry *geo, bool judge)
{
	unsigned int i;

	shadow_check(&bench_floor, geo);
	shadow_check(&bench_gpuas, geo);
	printf("\n%s, VA %u bits, PA %u bits: instructions\n", geo->format->name, geo->va_bits,
	       geo->pa_bits);
	printf("%-34s %-4s %7s %9s %9s %7s %7s", "", "per", "harness", "floor", "libgpuas", "ratio",
	       "net");
	if (judge)
		printf(" %8s %8s %8s %8s %7s  %s", "limit", "(floor)", "(target)", "(peer)",
		       "(ratio)", "published, in brackets");
	putchar('\n');
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		print_row(&rows[i], geo, judge);
	print_peak(geo, judge);
}

static const uint64_t sizes[] = {
	16ULL << 10, 1ULL << 20, 64ULL << 20, 1ULL << 30, 64ULL << 30
};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* The most that a column grows from its first line, or bulk maps from the line before. */
static double growth(const double cost[SIZES][4], unsigned int column)
{
	double most = 1, grown;
	unsigned int i;

	for (i = 1; i < SIZES; i++) {
		grown = cost[i][column] / cost[column ? 0 : i - 1][column];
		most = grown > most ? grown : most;
	}
	return most;
}

static void flat(const struct gpuas_geometry *geo, double limit)
{
	static const char *const columns[] = { "its map/page", "then map 1", "unmap 1", "translate" };
	const double page = (double)(1ULL << geo->format->granule_shift);
	double cost[SIZES][4];
	uint64_t single[3];
	unsigned int i, j;

	printf("\n%s: instructions as the space fills\n%12s", geo->format->name, "mapped KiB");
	for (j = 0; j < 4; j++)
		printf(" %14s", columns[j]);
	for (i = 0; i < SIZES; i++) {
		cost[i][0] = (double)flat_map(&bench_gpuas, geo, sizes[i]) * page / (double)sizes[i];
		flat_single(&bench_gpuas, geo, sizes[i], single);
		printf("\n%12" PRIu64, sizes[i] >> 10);
		for (j = 0; j < 4; j++) {
			cost[i][j] = j ? (double)single[j - 1] : cost[i][0];
			printf(" %14.1f", cost[i][j]);
		}
	}
	printf("\n%7s %.2f", "flat: <=", limit);
	for (j = 0; j < 4; j++)
		printf("  %4.2f %7s", growth(cost, j), verdict(growth(cost, j) <= limit));
	putchar('\n');
	fflush(stdout);
}

static int none_map(void *ctx, uint64_t va, uint64_t pa, uint64_t size)
{
	(void)ctx;
	(void)va;
	(void)pa;
	(void)size;
	return 0;
}

static int none_unmap(void *ctx, uint64_t va, uint64_t size)
{
	return none_map(ctx, va, 0, size);
}

static int none_translate(void *ctx, uint64_t va, uint64_t *pa)
{
	*pa = 0;
	return none_map(ctx, va, 0, 0);
}

static void *none_create(const struct gpuas_geometry *geo)
{
	(void)geo;
	return NULL;
}

static void none_destroy(void *ctx)
{
	(void)ctx;
}

const struct bench_ops bench_none = {
	.name = "none",
	.create = none_create,
	.destroy = none_destroy,
	.map = none_map,
	.unmap = none_unmap,
	.translate = none_translate,
};

static int profile(const struct gpuas_geometry *geo, const char *name)
{
	unsigned int i;

	count_keep = true;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strstr(rows[i].name, name))
			printf("%s: %.1f\n", rows[i].name, cost(&rows[i], &bench_gpuas, geo));
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct gpuas_geometry geo = { &gpuas_format_lpae_16k, 39, 40, false, false };

	check(argc == 2 || argc == 3);
	count_init(argv[1]);
	if (argc == 3)
		return profile(&geo, argv[2]);
	table(&geo, true);
	flat(&geo, 1.25);
	geo.format = &gpuas_format_uat;
	table(&geo, true);
	geo.format = &gpuas_format_lpae_4k;
	table(&geo, false);
	geo.format = &gpuas_format_lpae_64k;
	table(&geo, false);
	puts(all_met ? "\nAll targets met." : "\nNOT all targets met.");
	return all_met ? 0 : 1;
}
