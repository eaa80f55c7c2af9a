// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/handoff.h>
#include <gpuas/space.h>
#include <gpuas/ttb.h>

#include "manifest.h"

static int host_window_empty(const struct gpuas_space *space,
			     const struct gpuas_range *host,
			     struct gpuas_report *report)
{
	unsigned int shift = shift_(&space->geo, space->top);
	uint64_t slot = va_offset_(&space->geo, host->va) >> shift;
	uint64_t end = slot + (host->size >> shift);
	uint64_t entry;

	for (; slot < end; slot++) {
		entry = gpuas_entry_load(&space->root_ptr[slot]);
		if (!entry)
			continue;
		gpuas_report_dec(report, -GPUAS_EBUSY, "root", "slot",
				 "the host's window is not empty, slot", slot);
		if (report) {
			gpuas_text_str(&report->text, " contains ");
			gpuas_text_hex(&report->text, entry, 1);
		}
		return -GPUAS_EBUSY;
	}
	return 0;
}

static int page_check(const struct gpuas_space *space,
		      const struct gpuas_region *region, uint64_t offset,
		      struct gpuas_report *report)
{
	uint64_t va = gpuas_va_u64(region->va) + offset;
	gpuas_attr_t attr;
	gpuas_pa_t pa;
	int err;

	err = gpuas_translate(space, gpuas_va(va), &pa, &attr);
	if (err == -GPUAS_EFAULT)
		return gpuas_report_hex(report, err, "region", region->name,
					"a table cannot be read on the way to VA",
					va);
	if (err)
		return gpuas_report_hex(report, -GPUAS_ESTALE, "region",
					region->name, "is not mapped at VA", va);
	if (gpuas_pa_u64(pa) != gpuas_pa_u64(region->pa) + offset)
		return gpuas_report_hex(report, -GPUAS_ESTALE, "region",
					region->name, "is mapped to another PA,",
					gpuas_pa_u64(pa));
	if (attr != region->attr)
		return gpuas_report_hex(report, -GPUAS_ESTALE, "region",
					region->name,
					"is mapped with other attributes,",
					attr);
	return 0;
}

static int mappings_check(const struct gpuas_space *space,
			  const struct gpuas_manifest *manifest,
			  struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	uint64_t granule = granule_(&manifest->geo);
	uint64_t offset;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < manifest->regions; i++, region++) {
		if (!region->present || !region->mapped)
			continue;
		for (offset = 0; !err && offset < region->size;
		     offset += granule)
			err = page_check(space, region, offset, report);
	}
	return err;
}

static int tables_check(const struct gpuas_manifest *manifest,
			const struct gpuas_env *env,
			struct gpuas_report *report)
{
	const struct gpuas_range none = { manifest->host.va, 0 };
	struct gpuas_space space;
	int err;

	err = gpuas_space_adopt(&space, &manifest->geo, &none, manifest->root,
				env);
	if (err)
		return gpuas_report_hex(report, err, "root", NULL,
					"cannot be opened at PA",
					gpuas_pa_u64(manifest->root));
	err = host_window_empty(&space, &manifest->host, report);
	if (!err)
		err = mappings_check(&space, manifest, report);
	return err;
}

static const void *borrow(const struct gpuas_manifest *manifest,
			  enum gpuas_role role, size_t size,
			  const struct gpuas_env *env,
			  struct gpuas_report *report)
{
	const struct gpuas_region *region = gpuas_manifest_role(manifest, role);
	const void *ptr = NULL;

	if (region)
		ptr = env->table_ptr(env->ctx, region->pa, size);
	if (!ptr)
		gpuas_report(report, -GPUAS_EFAULT, "region",
			     region ? region->name : NULL, "cannot be read");
	return ptr;
}

static int ttbs_check(const struct gpuas_ttb_array *array,
		      const struct gpuas_manifest *manifest,
		      struct gpuas_report *report)
{
	uint64_t ttb = gpuas_entry_load(&array->context[0].ttb1);
	gpuas_pa_t root;

	if (gpuas_ttb_root(ttb, &root) || root != manifest->root)
		return gpuas_report_hex(report, -GPUAS_ESTALE, "TTB1",
					"of context 0", "is not the root but",
					ttb);
	return 0;
}

int gpuas_manifest_inspect(const struct gpuas_manifest *manifest,
			   const struct gpuas_board *board,
			   const struct gpuas_env *env,
			   struct gpuas_report *report)
{
	const struct gpuas_ttb_array *array;
	const struct gpuas_handoff *handoff;
	int err = tables_check(manifest, env, report);

	if (err)
		return err;
	array = borrow(manifest, GPUAS_ROLE_TTBS, sizeof(*array), env, report);
	if (!array)
		return -GPUAS_EFAULT;
	handoff = borrow(manifest, GPUAS_ROLE_HANDOFF, sizeof(*handoff), env,
			 report);
	if (!handoff)
		return -GPUAS_EFAULT;
	if (board->adopt)
		return 0;
	err = ttbs_check(array, manifest, report);
	return err ? err : gpuas_handoff_check(handoff, board->profile, report);
}
