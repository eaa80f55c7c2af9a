// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The walk: what is mapped, whose it is, whether it can be read, and what is wrong. */
#include "snapshot.h"

#define WRONG(what)	(1u << GPUAS_WRONG_##what)
/* Granule of a snapshot of nothing. */
#define PAGE_MIN	4096u

#define NOT_ENTERED	(WRONG(ADDRESS) | WRONG(CYCLE) | WRONG(SHARED) | WRONG(UNREADABLE))

/* One entry or one question of the budget; false if there is none left. */
static bool spend(struct gpuas_snapshot *snapshot)
{
	if (!snapshot->budget) {
		snapshot->cut = true;
		return false;
	}
	snapshot->budget--;
	return true;
}

static uint8_t region_of(const struct gpuas_manifest *manifest, uint64_t pa)
{
	unsigned int i;

	for (i = 0; manifest && i < manifest->regions; i++) {
		if (manifest->region[i].present &&
		    pa - gpuas_pa_u64(manifest->region[i].pa) < manifest->region[i].size)
			return (uint8_t)i;
	}
	return GPUAS_SNAP_NO_REGION;
}

static bool in_window(const struct gpuas_manifest *manifest, gpuas_va_t va)
{
	return manifest &&
	       gpuas_va_u64(va) - gpuas_va_u64(manifest->host.va) < manifest->host.size;
}

/* Region and owner of what is at the extent's PA. */
static void own(const struct capture *capture, struct gpuas_snap_extent *extent)
{
	const struct gpuas_manifest *manifest = capture->snapshot->manifest;

	if (extent->kind != GPUAS_SNAP_MEMORY)
		extent->region = region_of(manifest, gpuas_pa_u64(extent->pa));
	if (extent->region != GPUAS_SNAP_NO_REGION)
		extent->owner = manifest->region[extent->region].role == GPUAS_ROLE_LENT ?
					GPUAS_SNAP_LENT : GPUAS_SNAP_REGION;
	else if (!capture->upper)
		extent->owner = GPUAS_SNAP_USER;
	else if (in_window(manifest, extent->va))
		extent->owner = GPUAS_SNAP_OWNED;
	else
		extent->owner = GPUAS_SNAP_FOREIGN;
}

/* A manifest that was read, and never checked, may have any number of bits. */
static bool is_beyond(const struct capture *capture, gpuas_pa_t pa)
{
	return capture->pa_bits < 64 && gpuas_pa_u64(pa) >> capture->pa_bits;
}

/* Why the extent's PA cannot be read, where it cannot. */
static uint8_t refusal(const struct capture *capture, const struct gpuas_snap_extent *extent)
{
	if (is_beyond(capture, extent->pa))
		return GPUAS_SNAP_BEYOND;
	if (extent->region != GPUAS_SNAP_NO_REGION &&
	    capture->snapshot->manifest->region[extent->region].no_map)
		return GPUAS_SNAP_NO_MAP;
	return GPUAS_SNAP_NOT_RAM;
}

static bool is_lent(const struct capture *capture, gpuas_pa_t pa)
{
	const struct gpuas_env *env = capture->snapshot->env;

	return !is_beyond(capture, pa) &&
	       env->table_ptr(env->ctx, pa, (size_t)capture->granule);
}

/* A leaf or a region, a granule at a time; its first one is paid. False: the budget ended. */
static bool add_memory(struct capture *capture, struct gpuas_snap_extent *extent, uint64_t size)
{
	bool paid = true;

	extent->size = capture->granule;
	for (; size; size -= capture->granule) {
		if (!paid && !spend(capture->snapshot))
			return false;
		paid = false;
		own(capture, extent);
		extent->missing = is_lent(capture, extent->pa) ? GPUAS_SNAP_PRESENT :
								 refusal(capture, extent);
		gpuas_extent_add_(capture, extent);
		if (extent->kind == GPUAS_SNAP_LEAF)
			extent->va = gpuas_va(gpuas_va_u64(extent->va) + capture->granule);
		extent->pa = gpuas_pa(gpuas_pa_u64(extent->pa) + capture->granule);
	}
	return true;
}

static void add_table(struct capture *capture, gpuas_va_t va, gpuas_pa_t pa, unsigned int level,
		      bool owned)
{
	struct gpuas_snap_extent extent = {
		.va = va, .pa = pa, .size = capture->granule, .space = capture->space,
		.level = (uint8_t)level, .kind = GPUAS_SNAP_TABLE,
	};

	own(capture, &extent);
	if (owned)
		extent.owner = GPUAS_SNAP_OWNED;
	gpuas_extent_add_(capture, &extent);
}

static void add_odd(struct capture *capture, struct gpuas_snap_extent *extent,
		    const struct gpuas_step *step, unsigned int wrong)
{
	extent->kind = GPUAS_SNAP_ODD;
	extent->raw = step->entry;
	extent->size = step->size;
	own(capture, extent);
	extent->missing = wrong & (WRONG(ADDRESS) | WRONG(UNREADABLE)) ?
				  refusal(capture, extent) : GPUAS_SNAP_NONE;
	gpuas_extent_add_(capture, extent);
}

static int found(void *ctx, const struct gpuas_finding *found)
{
	const struct capture *capture = ctx;
	const struct gpuas_step *step = found->step;
	const struct gpuas_snap_finding finding = {
		.va = step->va, .pa = step->pa, .entry = step->entry,
		.wrong = (uint16_t)found->wrong, .space = capture->space,
		.level = (uint8_t)step->level, .kind = (uint8_t)step->kind,
		.region = GPUAS_SNAP_NO_REGION,
	};

	gpuas_finding_add_(capture->snapshot, &finding);
	return 0;
}

/* An entry, as the inspection judged it. */
static int meet(void *ctx, const struct gpuas_step *step, unsigned int wrong)
{
	struct capture *capture = ctx;
	struct gpuas_snap_extent extent = {
		.va = step->va, .pa = step->pa, .space = capture->space,
		.level = (uint8_t)step->level,
	};

	if (step->kind == GPUAS_TABLE && !(wrong & NOT_ENTERED)) {
		add_table(capture, step->va, step->pa, step->level - 1, step->owned);
	} else if (step->kind == GPUAS_TABLE || step->kind == GPUAS_OTHER) {
		add_odd(capture, &extent, step, wrong);
	} else {
		extent.raw = step->entry ^ gpuas_pa_u64(step->pa);
		extent.attr = step->attr;
		if (!add_memory(capture, &extent, step->size))
			return -GPUAS_EAGAIN;
	}
	return 0;
}

static void no_root(const struct capture *capture, const struct gpuas_snap_space *space)
{
	struct gpuas_snap_finding finding = {
		.va = gpuas_va(base_(&space->geo)), .pa = space->root,
		.wrong = GPUAS_WRONG_UNREADABLE, .space = capture->space,
		.kind = GPUAS_TABLE, .region = GPUAS_SNAP_NO_REGION,
	};

	finding.level = space->level;
	if (space->level == GPUAS_SNAP_ROOT)
		finding.level = (uint8_t)gpuas_top_(&space->geo);
	else
		finding.va = space->va;
	finding.level++;
	gpuas_finding_add_(capture->snapshot, &finding);
}

static int open_space(struct gpuas_snapshot *snapshot, const struct gpuas_snap_space *space)
{
	const struct gpuas_range nothing = { space->va, 0 };

	if (space->level == GPUAS_SNAP_ROOT)
		return gpuas_space_adopt(&snapshot->walk, &space->geo, &nothing, space->root,
					 snapshot->env);
	return gpuas_space_adopt_at(&snapshot->walk, &space->geo, space->level, &nothing,
				    space->root, snapshot->env);
}

static void capture_space(struct gpuas_snapshot *snapshot, uint32_t i)
{
	const struct gpuas_snap_space *space = &snapshot->space[i];
	struct capture capture = {
		.snapshot = snapshot, .granule = granule_(&space->geo),
		.pa_bits = space->geo.pa_bits, .space = (uint16_t)i, .upper = space->geo.upper,
		.last = { NOWHERE, NOWHERE, NOWHERE, NOWHERE },
	};
	const struct gpuas_inspector inspector = {
		.seen = snapshot->seen, .seen_max = snapshot->seen_max,
		.budget = &snapshot->budget, .judged = meet,
	};

	if (open_space(snapshot, space)) {
		no_root(&capture, space);
		return;
	}
	add_table(&capture, gpuas_va(snapshot->walk.base), space->root, snapshot->walk.top, false);
	if (gpuas_inspect(&snapshot->walk, &inspector, found, &capture))
		snapshot->cut = true;
}

/* All of it, whatever is mapped: that costs a line, and no bytes in a file. */
static void capture_regions(struct gpuas_snapshot *snapshot)
{
	const struct gpuas_manifest *manifest = snapshot->manifest;
	const uint64_t granule = gpuas_snap_granule_(snapshot);
	struct capture capture = {
		.snapshot = snapshot, .granule = granule, .pa_bits = manifest->geo.pa_bits,
		.space = GPUAS_SNAP_NO_SPACE,
		.last = { NOWHERE, NOWHERE, NOWHERE, NOWHERE },
	};
	unsigned int i;

	for (i = 0; i < manifest->regions; i++) {
		const struct gpuas_region *region = &manifest->region[i];
		const uint64_t start = gpuas_pa_u64(region->pa) & ~(granule - 1);
		uint64_t last = gpuas_pa_u64(region->pa) + region->size - 1;
		struct gpuas_snap_extent extent = {
			.pa = gpuas_pa(start), .space = GPUAS_SNAP_NO_SPACE,
			.kind = GPUAS_SNAP_MEMORY, .region = (uint8_t)i,
		};

		if (!region->present || !region->size)
			continue;
		/* It wraps, or its size in granules does. */
		if (last < gpuas_pa_u64(region->pa) || last > ~granule)
			last = ~granule;
		if (!spend(snapshot) ||
		    !add_memory(&capture, &extent, (last | (granule - 1)) - start + 1))
			return;
	}
}

uint64_t gpuas_snap_granule_(const struct gpuas_snapshot *snapshot)
{
	uint64_t granule = 0;
	uint32_t i;

	for (i = 0; i < snapshot->spaces; i++) {
		if (!granule || granule_(&snapshot->space[i].geo) < granule)
			granule = granule_(&snapshot->space[i].geo);
	}
	if (!granule)
		granule = snapshot->manifest ? granule_(&snapshot->manifest->geo) : PAGE_MIN;
	return granule;
}

/* False if there is no such region, or it cannot be read, or has no room for it. */
static bool copy(const struct gpuas_snapshot *snapshot, enum gpuas_role role, void *to, size_t size)
{
	const struct gpuas_env *env = snapshot->env;
	const struct gpuas_region *region = NULL;
	const uint64_t *from;

	if (snapshot->manifest)
		region = gpuas_manifest_role(snapshot->manifest, role);
	if (!region || region->size < size)
		return false;
	from = env->table_ptr(env->ctx, region->pa, size);
	if (!from)
		return false;
	if (env->invalidate)
		env->invalidate(env->ctx, from, size);
	memcpy(to, from, size);
	return true;
}

void gpuas_snap_pages_(struct gpuas_snapshot *snapshot)
{
	if (!snapshot->has_ttbs)
		snapshot->has_ttbs = copy(snapshot, GPUAS_ROLE_TTBS, &snapshot->ttbs,
					  sizeof(snapshot->ttbs));
	snapshot->has_handoff = copy(snapshot, GPUAS_ROLE_HANDOFF, &snapshot->handoff,
				     sizeof(snapshot->handoff));
}

void gpuas_snapshot_capture(struct gpuas_snapshot *snapshot)
{
	const unsigned int rest = snapshot->budget / 2;
	unsigned int upper;
	uint32_t i;

	snapshot->extents = snapshot->extents_lost = 0;
	snapshot->findings = snapshot->findings_lost = 0;
	snapshot->cut = false;
	gpuas_snap_pages_(snapshot);
	/*
	 * A tree that takes all of the budget must not take that of the log, nor a region as large
	 * as nothing is that of the trees, nor what a user has that of what all have.
	 */
	if (snapshot->manifest) {
		snapshot->budget -= rest;
		capture_regions(snapshot);
		snapshot->budget += rest;
	}
	for (upper = 2; upper--;) {
		for (i = 0; i < snapshot->spaces; i++) {
			if (snapshot->space[i].geo.upper == upper)
				capture_space(snapshot, i);
		}
	}
	gpuas_extents_finish_(snapshot);
	if (snapshot->manifest && !snapshot->cut && !snapshot->extents_lost)
		gpuas_snap_compare_(snapshot);
}
