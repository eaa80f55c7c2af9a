// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/handoff.h>
#include <gpuas/space.h>
#include <gpuas/ttb.h>

#include "manifest.h"

/* In the table that a handle is opened at: a root, or the one that is lent. */
static int window_empty(const struct gpuas_space *space, const char *table,
			const struct gpuas_range *host,
			struct gpuas_report *report)
{
	unsigned int shift = space->shift[space->top];
	uint64_t slot = (gpuas_va_u64(host->va) - space->base) >> shift;
	uint64_t end = slot + (host->size >> shift);
	uint64_t entry;

	for (; slot < end; slot++) {
		entry = gpuas_entry_load(&space->root_ptr[slot]);
		if (!entry)
			continue;
		gpuas_report_dec(report, -GPUAS_EBUSY, table, "slot",
				 "the host's window is not empty, slot", slot);
		if (report) {
			gpuas_text_str(&report->text, " contains ");
			gpuas_text_hex(&report->text, entry, 1);
		}
		return -GPUAS_EBUSY;
	}
	return 0;
}

static int lent_check(const struct gpuas_manifest *manifest,
		      const struct gpuas_board *board, gpuas_pa_t lent,
		      const struct gpuas_env *env, struct gpuas_space *space,
		      struct gpuas_report *report)
{
	const struct gpuas_range none = { manifest->host.va, 0 };
	int err = gpuas_links_check_(manifest, board, env, space, false, report);

	if (err)
		return err;
	err = gpuas_space_adopt_at(space, &manifest->geo,
				   gpuas_top_(&manifest->geo) - 1u, &none, lent,
				   env);
	if (err)
		return gpuas_report_hex(report, err, "lent table", NULL,
					"cannot be opened at PA",
					gpuas_pa_u64(lent));
	if (manifest->host.size - 1 > space->last)
		return gpuas_report_hex(report, -GPUAS_ERANGE, "lent table", NULL,
					"does not cover the host's window, of",
					manifest->host.size);
	return window_empty(space, "lent table", &manifest->host, report);
}

static int windows_check(const struct gpuas_manifest *manifest,
			 const struct gpuas_board *board,
			 const struct gpuas_env *env, struct gpuas_space *space,
			 struct gpuas_report *report)
{
	const struct gpuas_region *lent =
		gpuas_manifest_role(manifest, GPUAS_ROLE_LENT);
	unsigned int i;
	int err = 0;

	if (lent)
		return lent_check(manifest, board, lent->pa, env, space, report);
	for (i = 0; !err && gpuas_board_root(board, i); i++) {
		err = gpuas_root_open_(manifest, board, i, env, space, report);
		if (!err)
			err = window_empty(space, "root", &manifest->host,
					   report);
	}
	return err;
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
			const struct gpuas_board *board,
			const struct gpuas_env *env, struct gpuas_space *space,
			struct gpuas_report *report)
{
	int err = windows_check(manifest, board, env, space, report);

	if (!err)
		err = gpuas_root_open_(manifest, board, 0, env, space, report);
	return err ? err : mappings_check(space, manifest, report);
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
			   const struct gpuas_env *env, struct gpuas_space *space,
			   struct gpuas_report *report)
{
	const struct gpuas_ttb_array *array;
	const struct gpuas_handoff *handoff;
	int err = tables_check(manifest, board, env, space, report);

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
	if (!err)
		err = gpuas_profile_check(board->profile, report);
	return err ? err : gpuas_handoff_check(handoff, board->profile, report);
}
