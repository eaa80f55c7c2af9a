// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What every reader of a tree judges in the same way, with or without libfdt. */
#include "manifest.h"

const struct gpuas_contract_region *
gpuas_contract_region(const struct gpuas_contract *contract, const char *region)
{
	unsigned int i;

	for (i = 0; contract && i < contract->regions; i++) {
		if (gpuas_streq(contract->region[i].region, region))
			return &contract->region[i];
	}
	return NULL;
}

static bool has_no_map(const struct gpuas_contract_region *how)
{
	return how && how->no_map >= GPUAS_NO_MAP_WRITTEN;
}

void gpuas_contract_set_no_map_(const struct gpuas_contract *contract,
				bool no_map, struct gpuas_region *region)
{
	region->no_map = no_map;
	region->memory = no_map ? contract->no_map_memory : GPUAS_MEMORY_WRITE_BACK;
}

void gpuas_manifest_contract(struct gpuas_manifest *manifest,
			     const struct gpuas_contract *contract)
{
	struct gpuas_region *region = manifest->region;
	unsigned int i;

	manifest->contract = contract;
	for (i = 0; i < manifest->regions; i++, region++)
		gpuas_contract_set_no_map_(contract,
					   has_no_map(gpuas_contract_region(contract,
									    region->name)),
					   region);
}

static int refuse(struct gpuas_report *report, int err, const char *region,
		  const char *what, const struct gpuas_contract *contract,
		  const char *why)
{
	gpuas_report(report, err, "region", region, what);
	if (report) {
		gpuas_text_str(&report->text, contract->name);
		gpuas_text_str(&report->text, why);
	}
	return err;
}

int gpuas_contract_no_map_(const struct gpuas_contract *contract,
			   const struct gpuas_contract_region *how, bool no_map,
			   struct gpuas_report *report)
{
	const char *name = how->region ? how->region : how->compatible;

	if (no_map && how->no_map == GPUAS_NO_MAP_REFUSED)
		return refuse(report, -GPUAS_EACCES, name,
			      "has no-map, which contract ", contract,
			      " refuses: the kernel could not read it; who wrote the node has to leave it off");
	if (!no_map && how->no_map == GPUAS_NO_MAP_DEMANDED)
		return refuse(report, -GPUAS_EACCES, name,
			      "lacks no-map, which contract ", contract,
			      " demands: it would be System RAM; who wrote the node has to add it");
	return 0;
}

/* "<names of those that fit, or of all>" */
static void put_names(struct gpuas_report *report,
		      const struct gpuas_contract *const *list, uint32_t which)
{
	const char *between = " ";

	for (; report && *list; list++, which >>= 1) {
		if (!(which & 1))
			continue;
		gpuas_text_str(&report->text, between);
		gpuas_text_str(&report->text, (*list)->name);
		between = ", ";
	}
}

int gpuas_contract_choose_(const struct gpuas_board *board, uint32_t fits,
			   const struct gpuas_contract **contract,
			   struct gpuas_report *report)
{
	const struct gpuas_contract *const *list = board->contract;
	unsigned int i, found = 0;

	*contract = list[0];
	for (i = 0; list[i]; i++) {
		if (!(fits >> i & 1))
			continue;
		*contract = list[i];
		found++;
	}
	if (found == 1 || (!found && i == 1))
		return 0;
	if (found)
		gpuas_report(report, -GPUAS_ENOTUNIQ, "device tree", NULL,
			     "fits more than one contract:");
	else
		gpuas_report(report, -GPUAS_ENOENT, "device tree", NULL,
			     "fits none of the board's contracts:");
	put_names(report, list, found ? fits : ~0U);
	return found ? -GPUAS_ENOTUNIQ : -GPUAS_ENOENT;
}

gpuas_va_t gpuas_contract_va_(const struct gpuas_manifest *manifest,
			      const struct gpuas_board *board, unsigned int i)
{
	const gpuas_va_t va = board->region[i].va;
	const struct gpuas_region *before;

	if (manifest->contract->va != GPUAS_VA_SEGMENTS ||
	    !manifest->region[i].mapped)
		return va;
	while (i--) {
		before = &manifest->region[i];
		if (before->present && before->mapped)
			return gpuas_va(gpuas_va_u64(before->va) + before->size);
	}
	return va;
}

unsigned int
gpuas_contract_unnamed_(const struct gpuas_contract *contract,
			const struct gpuas_contract_region *end)
{
	const struct gpuas_contract_region *how = contract->region;
	unsigned int count = 0;

	for (; how < end; how++)
		count += !how->name && !how->unlisted;
	return count;
}
