// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Is mapped what the manifest says? And findings in words. */
#include "snapshot.h"

/* The leaf that maps a VA, at or behind @i of the list; NULL if none does. */
static const struct gpuas_snap_extent *leaf_at(const struct gpuas_snapshot *snapshot,
					       uint16_t space, uint64_t va, uint32_t *i)
{
	const struct gpuas_snap_extent *extent;

	for (; *i < snapshot->extents; ++*i) {
		extent = &snapshot->extent[*i];
		if (extent->kind == GPUAS_SNAP_LEAF && extent->space == space &&
		    va - gpuas_va_u64(extent->va) < extent->size)
			return extent;
	}
	return NULL;
}

static uint16_t judge(const struct gpuas_region *region, const struct gpuas_snap_extent *extent,
		      uint64_t va)
{
	const uint64_t pa = gpuas_pa_u64(region->pa) + (va - gpuas_va_u64(region->va));

	if (!extent)
		return GPUAS_SNAP_UNMAPPED;
	if (gpuas_pa_u64(extent->pa) + (va - gpuas_va_u64(extent->va)) != pa)
		return GPUAS_SNAP_ELSEWHERE;
	return extent->attr == region->attr ? 0 : GPUAS_SNAP_UNLIKE;
}

static void report(struct gpuas_snapshot *snapshot, uint16_t wrong, uint16_t space,
		   uint8_t region, const struct gpuas_snap_extent *extent, uint64_t va)
{
	struct gpuas_snap_finding finding = {
		.va = gpuas_va(va), .wrong = wrong, .space = space, .region = region,
		.kind = GPUAS_HOLE,
	};

	if (extent) {
		finding.pa = gpuas_pa(gpuas_pa_u64(extent->pa) + (va - gpuas_va_u64(extent->va)));
		finding.entry = extent->raw;
		finding.level = extent->level;
		finding.kind = (uint8_t)(extent->level ? GPUAS_BLOCK : GPUAS_PAGE);
	}
	gpuas_finding_add_(snapshot, &finding);
}

static void compare(struct gpuas_snapshot *snapshot, uint16_t space, uint8_t index)
{
	const struct gpuas_region *region = &snapshot->manifest->region[index];
	const struct gpuas_snap_extent *extent;
	const uint64_t start = gpuas_va_u64(region->va);
	uint64_t done = 0;
	uint16_t wrong = 0;
	uint32_t i = 0;

	while (!wrong && done < region->size) {
		extent = leaf_at(snapshot, space, start + done, &i);
		wrong = judge(region, extent, start + done);
		if (wrong)
			report(snapshot, wrong, space, index, extent, start + done);
		else
			done = gpuas_va_u64(extent->va) + extent->size - start;
	}
}

void gpuas_snap_compare_(struct gpuas_snapshot *snapshot)
{
	const struct gpuas_manifest *manifest = snapshot->manifest;
	uint32_t space = 0;
	uint8_t i;

	while (space < snapshot->spaces &&
	       (snapshot->space[space].root != manifest->root ||
		snapshot->space[space].geo.upper != manifest->geo.upper))
		space++;
	for (i = 0; space < snapshot->spaces && i < manifest->regions; i++) {
		if (manifest->region[i].present && manifest->region[i].mapped)
			compare(snapshot, (uint16_t)space, i);
	}
}

static const char *sentence(uint16_t wrong)
{
	switch (wrong) {
	case GPUAS_SNAP_UNMAPPED:
		return " is not mapped there";
	case GPUAS_SNAP_ELSEWHERE:
		return " is not there: mapped is PA ";
	default:
		return " is mapped with other attributes, entry ";
	}
}

void gpuas_snap_finding_text(struct gpuas_text *text, const struct gpuas_snap_finding *finding,
			     const char *region)
{
	const struct gpuas_step step = {
		.va = finding->va, .pa = finding->pa, .entry = finding->entry,
		.level = finding->level, .kind = (enum gpuas_kind)finding->kind,
	};
	const struct gpuas_finding plain = {
		.wrong = (enum gpuas_wrong)finding->wrong, .step = &step,
	};

	if (finding->wrong < GPUAS_SNAP_UNMAPPED || finding->wrong > GPUAS_SNAP_UNLIKE) {
		gpuas_finding_text(text, &plain);
		return;
	}
	gpuas_text_str(text, "VA ");
	gpuas_text_hex(text, gpuas_va_u64(finding->va), 16);
	gpuas_text_str(text, ": region ");
	if (region)
		gpuas_text_str(text, region);
	else
		gpuas_text_dec(text, finding->region);
	gpuas_text_str(text, sentence(finding->wrong));
	if (finding->wrong == GPUAS_SNAP_ELSEWHERE)
		gpuas_text_hex(text, gpuas_pa_u64(finding->pa), 11);
	if (finding->wrong == GPUAS_SNAP_UNLIKE)
		gpuas_text_hex(text, finding->entry, 1);
}
