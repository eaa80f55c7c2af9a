// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* From what was read to regions: each value judged before it is used. */
#include "../table/geometry.h"
#include "adt.h"

enum {
	SEGMENTS = 2,
	SEGMENT_SIZE = 32,
};

/* What goes through all steps. */
struct judge {
	const struct gpuas_adt_values *values;
	const struct gpuas_board *board;
	const struct gpuas_adt_dram *dram;
	unsigned int drams;
	struct gpuas_manifest *manifest;
	struct gpuas_report *report;
};

/* One record of segment-ranges. */
struct segment {
	uint64_t phys;
	uint64_t iova;
	uint64_t remap;
	uint32_t size;
	uint32_t flags;
};

static const struct {
	const char *region;
	const char *name;
	uint32_t flags;
} segments[SEGMENTS] = {
	{ "fw-text", "__TEXT", 1 },
	{ "fw-data", "__DATA", 0 },
};

static const char segment_names[] = "__TEXT;__DATA";

static int wrong(const struct judge *judge, int err, const char *name, const char *what,
		 uint64_t value)
{
	return gpuas_report_hex(judge->report, err, "region", name, what, value);
}

static int load(const struct judge *judge, unsigned int range, const char *suffix,
		const struct gpuas_adt_value *value, uint64_t *loaded)
{
	struct gpuas_text name;

	adt_range_property_(&name, range, suffix);
	if (!value->data)
		return gpuas_report(judge->report, -GPUAS_ENOENT, "property", name.buf, "is missing");
	if (value->size != sizeof(*loaded))
		return gpuas_report_dec(judge->report, -GPUAS_EBADMSG, "property", name.buf,
					"should have 8 bytes, and has", value->size);
	*loaded = adt_load64_(value->data);
	return 0;
}

static int load_pair(const struct judge *judge, unsigned int range, uint64_t *base, uint64_t *size)
{
	int err = load(judge, range, "-base", &judge->values->base[range], base);

	return err ? err : load(judge, range, "-size", &judge->values->size[range], size);
}

static bool in_dram(const struct judge *judge, uint64_t pa, uint64_t size)
{
	uint64_t offset;
	unsigned int i;

	for (i = 0; i < judge->drams; i++) {
		offset = pa - gpuas_pa_u64(judge->dram[i].pa);
		if (offset < judge->dram[i].size && size <= judge->dram[i].size - offset)
			return true;
	}
	return false;
}

static int check_place(const struct judge *judge, const char *name, uint64_t pa, uint64_t size)
{
	const struct gpuas_geometry *geo = &judge->board->geo;
	const uint64_t odd = granule_(geo) - 1;

	if (!pa)
		return wrong(judge, -GPUAS_EINVAL, name, "has base 0, with size", size);
	if (!size)
		return wrong(judge, -GPUAS_EINVAL, name, "has size 0, at", pa);
	if (pa & odd)
		return wrong(judge, -GPUAS_EINVAL, name, "is not in whole pages, at", pa);
	if (size & odd)
		return wrong(judge, -GPUAS_EINVAL, name, "is not in whole pages, of size", size);
	if (size - 1 > ~pa)
		return wrong(judge, -GPUAS_EOVERFLOW, name, "wraps, at", pa);
	if (pa + (size - 1) > pa_last_(geo))
		return wrong(judge, -GPUAS_ERANGE, name, "is beyond the PA size, up to",
			     pa + (size - 1));
	if (!in_dram(judge, pa, size))
		return wrong(judge, -GPUAS_EFAULT, name, "is not in RAM, at", pa);
	return 0;
}

static int check_apart(const struct judge *judge, const struct gpuas_region *region)
{
	const struct gpuas_region *other = judge->manifest->region;
	const uint64_t pa = gpuas_pa_u64(region->pa);
	unsigned int i;

	for (i = 0; i < judge->manifest->regions; i++, other++) {
		if (other == region || !other->present ||
		    pa > gpuas_pa_u64(other->pa) + (other->size - 1) ||
		    gpuas_pa_u64(other->pa) > pa + (region->size - 1))
			continue;
		gpuas_report(judge->report, -GPUAS_ENOTUNIQ, "region", region->name, "overlaps ");
		if (judge->report)
			gpuas_text_str(&judge->report->text, other->name);
		return -GPUAS_ENOTUNIQ;
	}
	return 0;
}

static int take(const struct judge *judge, struct gpuas_region *region, uint64_t pa, uint64_t size)
{
	int err = check_place(judge, region->name, pa, size);

	if (err)
		return err;
	region->pa = gpuas_pa(pa);
	region->size = size;
	region->present = true;
	return check_apart(judge, region);
}

/* GPUAS_ADT_RANGES for a region that is in none. */
static unsigned int range_of(const struct gpuas_region *region)
{
	static const struct {
		enum gpuas_role role;
		const char *name;
	} belongs[GPUAS_ADT_PRIVATE] = {
		[GPUAS_ADT_TTBS] = { GPUAS_ROLE_TTBS, NULL },
		[GPUAS_ADT_PAGETABLES] = { GPUAS_ROLE_PAGETABLES, NULL },
		[GPUAS_ADT_HANDOFF] = { GPUAS_ROLE_HANDOFF, NULL },
		[GPUAS_ADT_LENT] = { GPUAS_ROLE_LENT, NULL },
		[GPUAS_ADT_DATA] = { GPUAS_ROLE_DATA, "firmware" },
		[GPUAS_ADT_SHARED_RO] = { GPUAS_ROLE_DATA, "firmware-shared-ro" },
		[GPUAS_ADT_SHARED_RW] = { GPUAS_ROLE_DATA, "firmware-shared-rw" },
		[GPUAS_ADT_DATA_SECOND] = { GPUAS_ROLE_DATA, "firmware-secondary" },
	};
	unsigned int i;

	for (i = 0; i < GPUAS_ADT_PRIVATE; i++)
		if (belongs[i].name ? gpuas_streq(belongs[i].name, region->name) :
				      belongs[i].role == region->role)
			return i;
	return GPUAS_ADT_RANGES;
}

static const struct gpuas_contract_region *terms(const struct judge *judge, const char *region)
{
	return gpuas_contract_region(judge->manifest->contract, region);
}

/* The contract has it not, or it may be missing, and is. */
static bool is_left_out(const struct judge *judge, const struct gpuas_region *region,
			unsigned int range)
{
	const struct gpuas_contract_region *how = terms(judge, region->name);

	return !how || (how->optional && !judge->values->base[range].data &&
			!judge->values->size[range].data);
}

static int take_range(const struct judge *judge, struct gpuas_region *region)
{
	const unsigned int range = range_of(region);
	uint64_t base, size;
	int err;

	if (range == GPUAS_ADT_RANGES || is_left_out(judge, region, range))
		return 0;
	err = load_pair(judge, range, &base, &size);
	if (!err)
		err = take(judge, region, base, size);
	if (!err && range == GPUAS_ADT_LENT && size != granule_(&judge->board->geo))
		err = wrong(judge, -GPUAS_EMSGSIZE, region->name, "should be one page, and has size",
			    size);
	return err;
}

/* Of the firmware's window nothing is taken: it has to be the board's. */
static int check_window(const struct judge *judge)
{
	const struct gpuas_geometry *geo = &judge->board->geo;
	const struct gpuas_range *window = &judge->board->firmware;
	const char *name = adt_range_name_(GPUAS_ADT_PRIVATE);
	uint64_t base, size, odd = (1ULL << shift_(geo, gpuas_top_(geo))) - 1;
	int err;

	if (!judge->values->base[GPUAS_ADT_PRIVATE].data &&
	    !judge->values->size[GPUAS_ADT_PRIVATE].data)
		return 0;
	err = load_pair(judge, GPUAS_ADT_PRIVATE, &base, &size);
	if (err)
		return err;
	if (!size)
		return wrong(judge, -GPUAS_EINVAL, name, "has size 0, at", base);
	if ((base | size) & odd)
		return wrong(judge, -GPUAS_EINVAL, name, "is not in whole root entries, at", base);
	if (base != gpuas_va_u64(window->va) || size != window->size)
		return wrong(judge, -GPUAS_ESTALE, name, "is not the board's window of the firmware, at",
			     base);
	return 0;
}

/* Both roots of two, with a page each. */
static int check_roots(const struct judge *judge)
{
	const struct gpuas_region *tables =
		gpuas_manifest_role(judge->manifest, GPUAS_ROLE_PAGETABLES);
	const struct gpuas_board *board = judge->board;
	const uint64_t page = granule_(&board->geo);
	unsigned int i;

	if (!tables)
		return gpuas_report(judge->report, -GPUAS_ENOENT, "board", board->name,
				    "has no page tables");
	judge->manifest->root = tables->pa;
	for (i = 0; board->root && i < board->roots; i++)
		if (board->root[i].offset > tables->size - page)
			return wrong(judge, -GPUAS_EMSGSIZE, tables->name,
				     "ends before the end of the root at", board->root[i].offset);
	return 0;
}

/*
 * The image
 */

static bool same(const struct gpuas_adt_value *a, const struct gpuas_adt_value *b)
{
	return a->data && b->data && a->size == b->size && !memcmp(a->data, b->data, a->size);
}

/* The list starts with the two names, and then there is another, or nothing. */
static bool has_names(const struct gpuas_adt_value *names)
{
	const size_t len = sizeof(segment_names) - 1;
	const char *list = names->data;

	return names->size >= len && !memcmp(list, segment_names, len) &&
	       (names->size == len || !list[len] || list[len] == ';');
}

static int image_wrong(const struct judge *judge, const char *property, const char *what)
{
	return gpuas_report(judge->report, -GPUAS_EBADMSG, "property", property, what);
}

static int check_image(const struct judge *judge)
{
	const struct gpuas_adt_values *values = judge->values;
	const struct gpuas_adt_image *image = values->image;
	const struct gpuas_adt_value *loaded = &values->pre_loaded;

	if (!image[0].names.data || !image[0].ranges.data)
		return gpuas_report(judge->report, -GPUAS_ENOENT, "property",
				    image[0].names.data ? "segment-ranges" : "segment-names",
				    "is missing in gfx-asc");
	if (!same(&image[0].names, &image[1].names))
		return image_wrong(judge, "segment-names", "differs in gfx-asc and iop-gfx-nub");
	if (!same(&image[0].ranges, &image[1].ranges))
		return image_wrong(judge, "segment-ranges", "differs in gfx-asc and iop-gfx-nub");
	if (!has_names(&image[0].names))
		return image_wrong(judge, "segment-names", "does not start with __TEXT;__DATA");
	if (image[0].ranges.size % SEGMENT_SIZE || image[0].ranges.size < SEGMENTS * SEGMENT_SIZE)
		return gpuas_report_dec(judge->report, -GPUAS_EBADMSG, "property", "segment-ranges",
					"should have records of 32 bytes, two at least, and has bytes",
					image[0].ranges.size);
	if (!loaded->data || loaded->size != 4 || adt_load32_(loaded->data) != 1)
		return image_wrong(judge, "pre-loaded", "does not say that the image is in memory");
	return 0;
}

static void load_segment(const struct judge *judge, unsigned int i, struct segment *segment)
{
	const char *at = (const char *)judge->values->image[0].ranges.data + i * SEGMENT_SIZE;

	segment->phys = adt_load64_(at);
	segment->iova = adt_load64_(at + 8);
	segment->remap = adt_load64_(at + 16);
	segment->size = adt_load32_(at + 24);
	segment->flags = adt_load32_(at + 28);
}

/* @va: where it has to be, and then where the next one has to be. */
static int check_segment(const struct judge *judge, unsigned int i, const struct segment *segment,
			 uint64_t *va)
{
	const char *name = segments[i].name;

	if (segment->phys != segment->remap)
		return wrong(judge, -GPUAS_EBADMSG, name, "is remapped, to", segment->remap);
	if (segment->flags != segments[i].flags)
		return wrong(judge, -GPUAS_EBADMSG, name, "has flags", segment->flags);
	if (segment->size > GPUAS_ADT_SEGMENT_MAX)
		return wrong(judge, -GPUAS_ERANGE, name, "is larger than any segment, size",
			     segment->size);
	if (segment->iova != *va)
		return wrong(judge, -GPUAS_ESTALE, name, "has another VA than it should,",
			     segment->iova);
	*va += segment->size;
	return 0;
}

static int take_image(const struct judge *judge)
{
	uint64_t va = gpuas_va_u64(judge->board->firmware.va);
	struct gpuas_region *region;
	struct segment segment;
	unsigned int i;
	int err;

	if (!gpuas_manifest_region(judge->manifest, segments[0].region) ||
	    !terms(judge, segments[0].region))
		return 0;
	err = check_image(judge);
	for (i = 0; !err && i < SEGMENTS; i++) {
		load_segment(judge, i, &segment);
		err = check_segment(judge, i, &segment, &va);
		region = terms(judge, segments[i].region) ?
				 gpuas_manifest_region(judge->manifest, segments[i].region) : NULL;
		if (!err && region)
			err = take(judge, region, segment.phys, segment.size);
		if (!err && region)
			region->va = gpuas_va(segment.iova);
	}
	return err;
}

int gpuas_adt_regions(const struct gpuas_adt_values *values, const struct gpuas_board *board,
		      const struct gpuas_adt_dram *dram, unsigned int drams,
		      struct gpuas_manifest *manifest, struct gpuas_report *report)
{
	const struct judge judge = { values, board, dram, drams, manifest, report };
	unsigned int i;
	int err = gpuas_manifest_init(manifest, board);

	if (err)
		return gpuas_report(report, err, "board", board->name, "cannot be described");
	for (i = 0; !err && i < manifest->regions; i++)
		err = take_range(&judge, &manifest->region[i]);
	if (!err)
		err = check_window(&judge);
	if (!err)
		err = check_roots(&judge);
	return err ? err : take_image(&judge);
}
