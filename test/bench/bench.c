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
 * Published figures: surveys of the peers, and their best on each workload. They were
 * counted in another harness, with a floor of its own; what is judged is our figure
 * beside the peer's. Where only the best figure was published, no peer is named;
 * where only a ratio was, or the figures of two halves, ours is "derived". Where a row has
 * no peer, it is judged by another row: a list must not be dearer than a call for each of
 * its pieces.
 */
struct row {
	const char *name;
	const char *unit;
	workload_fn *work;
	double peer;		/* 0: none */
	double limit;		/* 0: none; times the peer's figure if there is one */
	const char *peer_name;
	workload_fn *than;	/* instead of a peer */
	enum bench_host host;
	bool blocks;		/* only for geometries that have them */
};

static const struct row rows[] = {
	{ .name = "map one page, table present", .unit = "call", .work = work_map_page,
	  .peer = 295, .limit = 165. / 295, .peer_name = "generic_pt" },
	{ .name = "unmap one page", .unit = "call", .work = work_unmap_page,
	  .peer = 347, .limit = 135. / 347, .peer_name = "io-pgtable 6.1" },
	{ .name = "unmap one page, other at far end", .unit = "call", .work = work_unmap_page_far,
	  .peer = 347, .limit = 0.5, .peer_name = "io-pgtable 6.1" },
	{ .name = "map 1 MiB", .unit = "call", .work = work_map_mib,
	  .peer = 1943, .limit = 0.5, .peer_name = "io-pgtable 7.2" },
	{ .name = "unmap 1 MiB", .unit = "call", .work = work_unmap_mib,
	  .peer = 1457, .limit = 0.5, .peer_name = "io-pgtable 7.2" },
	{ .name = "map 1 GiB, one call", .unit = "page", .work = work_map_gib,
	  .peer = 25.1, .limit = 7.68 / 25.1, .peer_name = "io-pgtable" },
	{ .name = "map 1 GiB, page calls", .unit = "page", .work = work_map_gib_pages,
	  .peer = 297, .limit = 165. / 297, .peer_name = "generic_pt" },
	{ .name = "map 1 GiB, scattered 64 KiB calls", .unit = "page", .work = work_map_gib_scattered },
	{ .name = "map 1 GiB, 64 KiB pieces, one list", .unit = "page", .work = work_map_gib_list,
	  .limit = 1, .than = work_map_gib_scattered },
	{ .name = "unmap 1 GiB, one call", .unit = "page", .work = work_unmap_gib,
	  .peer = 0.05, .limit = 1, .peer_name = "best of all" },
	{ .name = "unmap 1 GiB, 1 MiB calls", .unit = "page", .work = work_unmap_gib_mibs,
	  .peer = 22.8, .limit = 5.0 / 22.8, .peer_name = "io-pgtable 7.2" },
	{ .name = "unmap 1 GiB, page calls", .unit = "page", .work = work_unmap_gib_pages },
	{ .name = "unmap full leaf tables", .unit = "call", .work = work_unmap_tables,
	  .peer = 357, .limit = 1, .peer_name = "best of all" },
	{ .name = "page comes and goes, empty space", .unit = "pair", .work = work_come_page,
	  .peer = 781, .limit = 1, .peer_name = "best of all" },
	{ .name = "1 MiB comes and goes, empty space", .unit = "pair", .work = work_come_mib,
	  .peer = 3400, .limit = 1, .peer_name = "derived" },
	{ .name = "map one page, new leaf table", .unit = "call", .work = work_map_page_table,
	  .peer = 2316, .limit = 1, .peer_name = "best of all" },
	{ .name = "map a block", .unit = "call", .work = work_map_block,
	  .peer = 496, .limit = 1, .peer_name = "best of all", .blocks = true },
	{ .name = "unmap a block", .unit = "call", .work = work_unmap_block,
	  .peer = 293, .limit = 1, .peer_name = "best of all", .blocks = true },
	{ .name = "map 1 GiB of blocks", .unit = "call", .work = work_map_blocks,
	  .peer = 3155, .limit = 1, .peer_name = "best of all", .blocks = true },
	{ .name = "unmap 1 GiB of blocks", .unit = "call", .work = work_unmap_blocks,
	  .blocks = true },
	{ .name = "unmap pages, blocks, pages", .unit = "call", .work = work_unmap_mixed,
	  .blocks = true },
	{ .name = "map across two leaf tables", .unit = "call", .work = work_map_across,
	  .peer = 985, .limit = 1, .peer_name = "derived" },
	{ .name = "unmap across two leaf tables", .unit = "call", .work = work_unmap_across,
	  .peer = 565, .limit = 1, .peer_name = "derived" },
	{ .name = "translate, random", .unit = "call", .work = work_translate,
	  .peer = 168, .limit = 90. / 168, .peer_name = "io-pgtable 6.1" },
	{ .name = "translate, block", .unit = "call", .work = work_translate_block,
	  .peer = 127, .limit = 1, .peer_name = "best of all", .blocks = true },
	{ .name = "translate, nothing there", .unit = "call", .work = work_translate_miss,
	  .peer = 107, .limit = 1, .peer_name = "best of all" },
	{ .name = "destroy with 1 GiB of pages", .unit = "page", .work = work_destroy,
	  .peer = 0.23, .limit = 1, .peer_name = "best of all" },
	{ .name = "list of 1 MiB, 64 KiB pieces", .unit = "page", .work = work_list_64k,
	  .limit = 1, .than = work_calls_64k },
	{ .name = "list of 1 MiB, single pages", .unit = "page", .work = work_list_pages,
	  .limit = 1, .than = work_calls_pages },
	{ .name = "the same with blocks, 64 KiB", .unit = "page", .work = work_list_64k,
	  .peer = 127, .limit = 1, .peer_name = "best of all", .blocks = true },
	{ .name = "the same with blocks, pages", .unit = "page", .work = work_list_pages,
	  .peer = 430, .limit = 1, .peer_name = "best of all", .blocks = true },
	{ .name = "map one page in a gather", .unit = "call", .work = work_gather_page,
	  .peer = 438, .limit = 0.5, .peer_name = "best of all" },
	{ .name = "random places in 2 GiB", .unit = "call", .work = work_trace_2,
	  .peer = 970, .limit = 0.6, .peer_name = "best of all" },
	{ .name = "random places in 16 GiB", .unit = "call", .work = work_trace_16,
	  .peer = 970, .limit = 0.6, .peer_name = "best of all" },
	{ .name = "not coherent: map one page", .unit = "call", .work = work_map_page,
	  .peer = 447, .limit = 1, .peer_name = "best of all", .host = HOST_CLEAN },
	{ .name = "not coherent: unmap one page", .unit = "call", .work = work_unmap_page,
	  .peer = 361, .limit = 1, .peer_name = "best of all", .host = HOST_CLEAN },
	{ .name = "not coherent: GPU mix", .unit = "page", .work = work_mix,
	  .peer = 162, .limit = 1, .peer_name = "best of all", .host = HOST_CLEAN },
	{ .name = "pool: map one page", .unit = "call", .work = work_map_page,
	  .peer = 295, .limit = 165. / 295, .peer_name = "generic_pt", .host = HOST_POOL },
	{ .name = "pool: translate, random", .unit = "call", .work = work_translate,
	  .peer = 168, .limit = 1, .peer_name = "io-pgtable 6.1", .host = HOST_POOL },
	{ .name = "translate, tables of others", .unit = "call", .work = work_translate,
	  .peer = 168, .limit = 1, .peer_name = "io-pgtable 6.1", .host = HOST_READ },
	{ .name = "page map, opened below the root", .unit = "call", .work = work_map_page,
	  .peer = 295, .limit = 0.5, .peer_name = "generic_pt", .host = HOST_BELOW },
	{ .name = "page unmap, opened below the root", .unit = "call", .work = work_unmap_page,
	  .peer = 347, .limit = 0.5, .peer_name = "io-pgtable 6.1", .host = HOST_BELOW },
	{ .name = "translate, opened below the root", .unit = "call", .work = work_translate,
	  .peer = 168, .limit = 1, .peer_name = "io-pgtable 6.1", .host = HOST_BELOW },
	{ .name = "GPU mix, map + unmap", .unit = "page", .work = work_mix,
	  .peer = 160, .limit = 0.5, .peer_name = "io-pgtable 7.2" },
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

static double cost_of(workload_fn *work, const struct bench_ops *ops,
		      const struct gpuas_geometry *geo)
{
	uint64_t units;
	double count = (double)work(ops, geo, &units);

	return count / (double)units;
}

static double cost(const struct row *row, const struct bench_ops *ops,
		   const struct gpuas_geometry *geo)
{
	struct gpuas_geometry shape = *geo;

	bench_host = row->host;
	shape.blocks = row->blocks;
	if (row->host == HOST_BELOW)
		shape.va_bits = geo->format->va_bits_max;
	return cost_of(row->work, ops, &shape);
}

static const struct bench_ops *ours_for(const struct row *row)
{
	return row->host == HOST_READ ? &bench_reader : &bench_gpuas;
}

static void print_row(const struct row *row, const struct gpuas_geometry *geo, bool judge)
{
	double none = cost(row, &bench_none, geo);
	double floor = row->blocks ? 0 : cost(row, &bench_floor, geo);
	double ours = cost(row, ours_for(row), geo);
	double peer = judge ? row->peer : 0;

	if (row->than)
		peer = cost_of(row->than, &bench_gpuas, geo);
	printf("%-34s %-4s", row->name, row->unit);
	print_number(7, none);
	print_number(9, floor);
	print_number(9, ours);
	print_number(7, ratio(ours, floor));
	if (peer > 0) {
		print_number(9, peer);
		print_number(7, ratio(ours, peer));
		print_number(7, row->limit);
		printf("  %-14s", row->than ? "single calls" : row->peer_name);
		printf(" %s", verdict(ours <= peer * row->limit));
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

/* Who opens a table below the root has three levels, and the GPU of that format. */
static bool has_row(const struct row *row, const struct gpuas_geometry *geo)
{
	return geo->format->owner_bit ? !row->blocks : row->host != HOST_BELOW;
}

static void table(const struct gpuas_geometry *geo, bool judge)
{
	unsigned int i;

	shadow_check(&bench_floor, geo);
	shadow_check(&bench_gpuas, geo);
	printf("\n%s, VA %u bits, PA %u bits: instructions\n", geo->format->name, geo->va_bits,
	       geo->pa_bits);
	printf("%-34s %-4s %7s %9s %9s %7s %9s %7s %7s\n", "", "per", "harness", "floor",
	       "libgpuas", "ratio", "peer", "ratio", "limit");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (has_row(&rows[i], geo))
			print_row(&rows[i], geo, judge);
	}
	bench_host = HOST_COHERENT;
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

/* What it grows by from 1 to 64 GiB. */
static double growth_late(const double cost[SIZES][4], unsigned int column)
{
	return cost[SIZES - 1][column] / cost[SIZES - 2][column];
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
	printf("\n%7s %.2f", "flat: <=", 1.25);
	for (j = 0; j < 4; j++)
		printf("  %4.2f %7s", growth(cost, j), verdict(growth(cost, j) <= 1.25));
	printf("\n%7s %.2f", "64:1 <=", limit);
	for (j = 0; j < 4; j++)
		printf("  %4.2f %7s", growth_late(cost, j), verdict(growth_late(cost, j) <= limit));
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
			printf("%s: %.1f\n", rows[i].name,
			       cost(&rows[i], ours_for(&rows[i]), geo));
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
	flat(&geo, 1.05);
	geo.format = &gpuas_format_uat;
	table(&geo, true);
	geo.format = &gpuas_format_lpae_4k;
	table(&geo, false);
	geo.format = &gpuas_format_lpae_64k;
	table(&geo, false);
	puts(all_met ? "\nAll targets met." : "\nNOT all targets met.");
	return all_met ? 0 : 1;
}
