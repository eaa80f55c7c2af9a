// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Does a manifest make sense? Numbers only; manifest_inspect.c looks into memory. */
#include <gpuas/handoff.h>
#include <gpuas/ttb.h>

#include "manifest.h"

/* Neither range wraps. */
static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

static bool wraps(uint64_t start, uint64_t size)
{
	return size && size - 1 > ~start;
}

int gpuas_geometry_check_(const struct gpuas_geometry *geo,
			  struct gpuas_report *report)
{
	const struct gpuas_format *format = geo->format;

	if (gpuas_geometry_ok_(geo))
		return 0;
	if (!format)
		return gpuas_report(report, -GPUAS_EINVAL, "geometry", NULL,
				    "no format");
	if (geo->va_bits < format->va_bits_min ||
	    geo->va_bits > format->va_bits_max)
		return gpuas_report_dec(report, -GPUAS_EINVAL, "geometry",
					format->name, "impossible VA bits",
					geo->va_bits);
	if (geo->pa_bits < format->pa_bits_min ||
	    geo->pa_bits > format->pa_bits_max)
		return gpuas_report_dec(report, -GPUAS_EINVAL, "geometry",
					format->name, "impossible PA bits",
					geo->pa_bits);
	return gpuas_report_dec(report, -GPUAS_EINVAL, "geometry", format->name,
				"not built for this granule, 1 <<",
				format->granule_shift);
}

static int window_check(const struct gpuas_geometry *geo, const char *name,
			const struct gpuas_range *window,
			struct gpuas_report *report)
{
	uint64_t unit = 1ULL << shift_(geo, gpuas_top_(geo));
	uint64_t half = 1ULL << geo->va_bits;
	uint64_t va = gpuas_va_u64(window->va);
	uint64_t offset = va_offset_(geo, window->va);

	if (!window->size)
		return gpuas_report(report, -GPUAS_EINVAL, "window", name,
				    "is empty");
	if ((va | window->size) & (unit - 1))
		return gpuas_report_hex(report, -GPUAS_EINVAL, "window", name,
					"is not in whole root entries of",
					unit);
	if (wraps(va, window->size))
		return gpuas_report_hex(report, -GPUAS_EOVERFLOW, "window",
					name, "wraps, with size", window->size);
	if (offset >= half || window->size > half - offset)
		return gpuas_report_hex(report, -GPUAS_ERANGE, "window", name,
					"is outside the half, at", va);
	return 0;
}

int gpuas_windows_check_(const struct gpuas_manifest *manifest,
			 struct gpuas_report *report)
{
	const struct gpuas_range *fw = &manifest->firmware;
	const struct gpuas_range *host = &manifest->host;
	int err;

	err = window_check(&manifest->geo, "firmware", fw, report);
	if (err)
		return err;
	err = window_check(&manifest->geo, "host", host, report);
	if (err)
		return err;
	if (overlap(gpuas_va_u64(fw->va), fw->size, gpuas_va_u64(host->va),
		    host->size))
		return gpuas_report(report, -GPUAS_ENOTUNIQ, "window", "host",
				    "overlaps the firmware's");
	return 0;
}

static int mapping_check(const struct gpuas_manifest *manifest,
			 const struct gpuas_region *region,
			 struct gpuas_report *report)
{
	const struct gpuas_range *window = &manifest->firmware;
	uint64_t va = gpuas_va_u64(region->va);
	uint64_t offset = va - gpuas_va_u64(window->va);

	if (va & (granule_(&manifest->geo) - 1))
		return gpuas_report_hex(report, -GPUAS_EINVAL, "region",
					region->name, "unaligned VA", va);
	if (wraps(va, region->size))
		return gpuas_report_hex(report, -GPUAS_EOVERFLOW, "region",
					region->name, "wraps at VA", va);
	if (offset >= window->size || region->size > window->size - offset)
		return gpuas_report_hex(report, -GPUAS_ERANGE, "region",
					region->name,
					"is not in the firmware's window, at VA",
					va);
	return 0;
}

static bool is_mapped(const struct gpuas_region *region)
{
	return region->present && region->mapped;
}

static int report_overlap(struct gpuas_report *report,
			  const struct gpuas_region *region, const char *what,
			  const struct gpuas_region *other)
{
	gpuas_report(report, -GPUAS_ENOTUNIQ, "region", region->name, what);
	if (report)
		gpuas_text_str(&report->text, other->name);
	return -GPUAS_ENOTUNIQ;
}

static int mapping_unique(const struct gpuas_manifest *manifest,
			  const struct gpuas_region *region,
			  struct gpuas_report *report)
{
	const struct gpuas_region *other;

	for (other = manifest->region; other < region; other++) {
		if (!is_mapped(other) ||
		    !overlap(gpuas_va_u64(other->va), other->size,
			     gpuas_va_u64(region->va), region->size))
			continue;
		return report_overlap(report, region, "VA overlaps that of ",
				      other);
	}
	return 0;
}

int gpuas_mappings_check_(const struct gpuas_manifest *manifest,
			  struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	int err;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (!is_mapped(region))
			continue;
		err = mapping_check(manifest, region, report);
		if (!err)
			err = mapping_unique(manifest, region, report);
		if (err)
			return err;
	}
	return 0;
}

/* Number of the table that holds an offset, where a table covers 2^shift. */
static uint64_t first_table(const struct gpuas_manifest *manifest,
			    const struct gpuas_region *region,
			    unsigned int shift)
{
	return va_offset_(&manifest->geo, region->va) >> shift;
}

static uint64_t last_table(const struct gpuas_manifest *manifest,
			   const struct gpuas_region *region,
			   unsigned int shift)
{
	return (va_offset_(&manifest->geo, region->va) + region->size - 1) >>
	       shift;
}

/* Mappings are disjoint, so that they can share nothing but an end table. */
static bool first_is_shared(const struct gpuas_manifest *manifest,
			    const struct gpuas_region *region,
			    unsigned int shift)
{
	const struct gpuas_region *other = manifest->region;
	uint64_t first = first_table(manifest, region, shift);
	unsigned int i;

	for (i = 0; i < manifest->regions; i++, other++) {
		if (is_mapped(other) &&
		    gpuas_va_u64(other->va) < gpuas_va_u64(region->va) &&
		    last_table(manifest, other, shift) == first)
			return true;
	}
	return false;
}

uint64_t gpuas_mappings_tables_(const struct gpuas_manifest *manifest)
{
	unsigned int level, shift, i;
	const struct gpuas_region *region;
	uint64_t tables = 1;

	for (level = 0; level < gpuas_top_(&manifest->geo); level++) {
		shift = shift_(&manifest->geo, level + 1);
		for (i = 0; i < manifest->regions; i++) {
			region = &manifest->region[i];
			if (!is_mapped(region))
				continue;
			tables += last_table(manifest, region, shift) + 1 -
				  first_table(manifest, region, shift) -
				  first_is_shared(manifest, region, shift);
		}
	}
	return tables;
}

uint64_t gpuas_first_root_bytes_(const struct gpuas_board *board, uint64_t size)
{
	const struct gpuas_board_root *root;
	unsigned int i;

	for (i = 1; (root = gpuas_board_root(board, i)); i++)
		size = min_(size, root->offset);
	return size;
}

/* The tables of the first root come first; then the other roots. */
static uint64_t tables_bytes(const struct gpuas_board *board, uint64_t tables)
{
	uint64_t need = tables << board->geo.format->granule_shift, end;
	const struct gpuas_board_root *root;
	unsigned int i;

	for (i = 0; (root = gpuas_board_root(board, i)); i++) {
		end = root->offset + granule_(&board->geo);
		/* Beyond everything. */
		if (end < root->offset)
			end = ~0ULL;
		if (need < end)
			need = end;
	}
	return need;
}

uint64_t gpuas_role_bytes_(const struct gpuas_board *board,
			   enum gpuas_role role, uint64_t tables)
{
	switch (role) {
	case GPUAS_ROLE_TTBS:
		return sizeof(struct gpuas_ttb_array);
	case GPUAS_ROLE_PAGETABLES:
		return tables_bytes(board, tables);
	case GPUAS_ROLE_HANDOFF:
		return sizeof(struct gpuas_handoff);
	case GPUAS_ROLE_LENT:
		return granule_(&board->geo);
	case GPUAS_ROLE_MAPPED:
	case GPUAS_ROLE_DATA:
		break;
	}
	return 0;
}

static bool has_contract(const struct gpuas_board *board,
			 const struct gpuas_contract *contract)
{
	const struct gpuas_contract *const *list = board->contract;

	while (*list && *list != contract)
		list++;
	return *list;
}

static int shape_check(const struct gpuas_manifest *manifest,
		       const struct gpuas_board *board,
		       struct gpuas_report *report)
{
	const int err = -GPUAS_ESTALE;

	if (!gpuas_geometry_equal_(&manifest->geo, &board->geo))
		return gpuas_report(report, err, "geometry", board->name,
				    "is not the board's");
	if (!gpuas_range_equal_(&manifest->firmware, &board->firmware))
		return gpuas_report(report, err, "window", "firmware",
				    "is not the board's");
	if (!gpuas_range_equal_(&manifest->host, &board->host))
		return gpuas_report(report, err, "window", "host",
				    "is not the board's");
	if (!has_contract(board, manifest->contract))
		return gpuas_report(report, err, "board", board->name,
				    "has not the contract of the manifest");
	if (manifest->regions > board->regions)
		return gpuas_report(report, err, "board", board->name,
				    "has fewer regions");
	return 0;
}

static int place_check(const struct gpuas_region *region,
		       const struct gpuas_board *board,
		       struct gpuas_report *report)
{
	uint64_t mask = (board->align - 1) | (granule_(&board->geo) - 1);
	uint64_t pa = gpuas_pa_u64(region->pa);

	if (!region->size)
		return gpuas_report(report, -GPUAS_EINVAL, "region",
				    region->name, "is empty");
	if (pa & mask)
		return gpuas_report_hex(report, -GPUAS_EINVAL, "region",
					region->name, "unaligned PA", pa);
	if (region->size & mask)
		return gpuas_report_hex(report, -GPUAS_EINVAL, "region",
					region->name, "unaligned size",
					region->size);
	if (wraps(pa, region->size))
		return gpuas_report_hex(report, -GPUAS_EOVERFLOW, "region",
					region->name, "wraps at PA", pa);
	if (pa + region->size - 1 > pa_last_(&board->geo))
		return gpuas_report_hex(report, -GPUAS_ERANGE, "region",
					region->name, "is beyond the PA size, at",
					pa);
	return 0;
}

/* Is this what the board calls its region of this index? */
static int identity_check(const struct gpuas_manifest *manifest,
			  const struct gpuas_board *board, unsigned int i,
			  struct gpuas_report *report)
{
	const struct gpuas_region *region = &manifest->region[i];
	const struct gpuas_board_region *want = &board->region[i];
	const struct gpuas_contract_region *how =
		gpuas_contract_region(manifest->contract, want->name);

	if (i >= manifest->regions || !gpuas_streq(region->name, want->name))
		return gpuas_report(report, -GPUAS_ENOENT, "region", want->name,
				    "is missing");
	if (!region->present && how && !how->optional)
		return gpuas_report(report, -GPUAS_ENOENT, "region", want->name,
				    "is not described");
	if (region->present && !how)
		return gpuas_report(report, -GPUAS_ESTALE, "region", want->name,
				    "is not in the contract");
	if (region->role != want->role || region->owner != want->owner ||
	    region->mapped != (want->role == GPUAS_ROLE_MAPPED))
		return gpuas_report(report, -GPUAS_ESTALE, "region", want->name,
				    "role or owner is not the board's");
	return 0;
}

/* What the contract says of a region that is there. */
static int terms_check(const struct gpuas_contract *contract,
		       const struct gpuas_region *region,
		       struct gpuas_report *report)
{
	const struct gpuas_contract_region *how =
		gpuas_contract_region(contract, region->name);

	if (region->size < how->least)
		return gpuas_report_hex(report, -GPUAS_EMSGSIZE, "region",
					region->name,
					"is smaller than its contract says,",
					how->least);
	if (how->most && region->size > how->most)
		return gpuas_report_hex(report, -GPUAS_EMSGSIZE, "region",
					region->name,
					"is larger than its contract says,",
					how->most);
	return gpuas_contract_no_map_(contract, how, region->no_map, report);
}

static int regions_check(const struct gpuas_manifest *manifest,
			 const struct gpuas_board *board,
			 struct gpuas_report *report)
{
	unsigned int i;
	int err;

	if (board->regions > GPUAS_REGIONS_MAX)
		return gpuas_report(report, -GPUAS_E2BIG, "board", board->name,
				    "has too many regions");
	for (i = 0; i < board->regions; i++) {
		err = identity_check(manifest, board, i, report);
		if (!err && manifest->region[i].present)
			err = place_check(&manifest->region[i], board, report);
		if (!err && manifest->region[i].present)
			err = terms_check(manifest->contract,
					  &manifest->region[i], report);
		if (err)
			return err;
	}
	return 0;
}

/* An adopting board's mappings may be in tables that nobody described. */
static int sizes_check(const struct gpuas_manifest *manifest,
		       const struct gpuas_board *board,
		       struct gpuas_report *report)
{
	const struct gpuas_region *region;
	uint64_t tables = 1, need;
	unsigned int i;

	if (!board->adopt)
		tables = gpuas_mappings_tables_(manifest);
	for (i = 0; i < manifest->regions; i++) {
		region = &manifest->region[i];
		need = gpuas_role_bytes_(board, region->role, tables);
		if (need < board->region[i].size)
			need = board->region[i].size;
		if (region->present && region->size < need)
			return gpuas_report_hex(report, -GPUAS_EMSGSIZE,
						"region", region->name,
						"is smaller than", need);
	}
	return 0;
}

static int places_unique(const struct gpuas_manifest *manifest,
			 const struct gpuas_region *region,
			 struct gpuas_report *report)
{
	const struct gpuas_region *other;

	for (other = manifest->region; other < region; other++) {
		if (!other->present || !region->present ||
		    !overlap(gpuas_pa_u64(other->pa), other->size,
			     gpuas_pa_u64(region->pa), region->size))
			continue;
		return report_overlap(report, region, "overlaps ", other);
	}
	return 0;
}

static int root_check(const struct gpuas_manifest *manifest,
		      struct gpuas_report *report)
{
	const struct gpuas_region *tables;

	tables = gpuas_manifest_role(manifest, GPUAS_ROLE_PAGETABLES);
	if (!tables)
		return gpuas_report(report, -GPUAS_ENOENT, "root", NULL,
				    "no region of page tables");
	if (manifest->root != tables->pa)
		return gpuas_report_hex(report, -GPUAS_ESTALE, "root", NULL,
					"is not the start of the tables:",
					gpuas_pa_u64(manifest->root));
	return 0;
}

static int attributes_check(const struct gpuas_manifest *manifest,
			    const struct gpuas_board *board,
			    struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (is_mapped(region) &&
		    (region->va != gpuas_contract_va_(manifest, board, i) ||
		     region->attr != board->region[i].attr))
			return gpuas_report(report, -GPUAS_ESTALE, "region",
					    region->name,
					    "VA or attributes are not the board's");
	}
	return 0;
}

int gpuas_manifest_check(const struct gpuas_manifest *manifest,
			 const struct gpuas_board *board,
			 struct gpuas_report *report)
{
	unsigned int i;
	int err;

	err = shape_check(manifest, board, report);
	if (!err)
		err = gpuas_geometry_check_(&manifest->geo, report);
	if (!err)
		err = gpuas_windows_check_(manifest, report);
	if (!err)
		err = regions_check(manifest, board, report);
	if (!err)
		err = gpuas_mappings_check_(manifest, report);
	if (!err)
		err = sizes_check(manifest, board, report);
	for (i = 0; !err && i < manifest->regions; i++)
		err = places_unique(manifest, &manifest->region[i], report);
	if (!err)
		err = root_check(manifest, report);
	if (!err)
		err = attributes_check(manifest, board, report);
	return err;
}
