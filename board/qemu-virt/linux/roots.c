// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The roots of the shared half, and what the firmware published into them: remembered
 * when it is adopted, and confirmed before the GPU is used.
 */
#include <linux/export.h>

#include "driver.h"

static int open_all(struct gpu *gpu, struct gpuas_report *report)
{
	const struct gpuas_manifest *manifest = &gpu->as.manifest;
	const struct gpuas_range none = { manifest->host.va, 0 };
	struct roots *roots = &gpu->roots;
	gpuas_pa_t pa;
	int err = 0;

	for (roots->count = 0; !err && gpuas_board_root(gpu->as.board, roots->count);
	     roots->count++) {
		if (roots->count == ROOTS_MAX)
			return gpuas_report_dec(report, -E2BIG, "board", NULL,
						"has more roots than", ROOTS_MAX);
		pa = gpuas_manifest_root(manifest, gpu->as.board, roots->count);
		err = gpuas_space_adopt(&roots->space[roots->count], &manifest->geo,
					&none, pa, &gpu->as.env);
	}
	return err ? gpuas_report_hex(report, err, "root", NULL, "cannot be opened at PA",
				      gpuas_pa_u64(pa)) : 0;
}

static int take(struct gpu *gpu, unsigned int i, struct gpuas_report *report)
{
	struct roots *roots = &gpu->roots;

	return gpuas_published_take(&roots->published[i], &roots->space[i],
				    gpuas_board_root(gpu->as.board, i)->published,
				    report);
}

/* All that is above: nobody's in a root of its own, the other's in one that mirrors. */
static int tidy(struct gpu *gpu, unsigned int i)
{
	const struct gpuas_board_root *root = gpuas_board_root(gpu->as.board, i);
	struct roots *roots = &gpu->roots;
	const struct gpuas_space *space = &roots->space[i];
	const struct gpuas_entries above = {
		root->published, 1u << (space->geo.va_bits - space->shift[space->top]),
	};
	struct gpuas_entries cleared;
	unsigned int mirrored;
	int err;

	if (!root->published)
		return 0;
	if (root->mirrors == i) {
		err = gpuas_root_clear(space, &above, &cleared);
		if (!err)
			roots->cleared += cleared.end - cleared.first;
		return err;
	}
	err = gpuas_root_mirror(space, &roots->space[root->mirrors], &above, NULL,
				&mirrored);
	if (!err)
		roots->mirrored += mirrored;
	return err;
}

int gpuas_qv_roots_take(struct gpu *gpu, struct gpuas_report *report)
{
	struct roots *roots = &gpu->roots;
	unsigned int i;
	int err = open_all(gpu, report);

	for (i = 0; !err && i < roots->count; i++)
		err = take(gpu, i, report);
	mutex_lock(&gpu->as.lock);
	for (i = 0; !err && i < roots->count; i++) {
		err = tidy(gpu, i);
		if (err)
			gpuas_report_dec(report, err, "root", NULL,
					 "cannot be tidied up, number", i);
	}
	mutex_unlock(&gpu->as.lock);
	return err ? err : gpuas_qv_roots_confirm(gpu, report);
}

int gpuas_qv_roots_confirm(struct gpu *gpu, struct gpuas_report *report)
{
	struct roots *roots = &gpu->roots;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < roots->count; i++)
		err = gpuas_published_confirm(&roots->published[i],
					      &roots->space[i], report);
	return err;
}

/* Our handle may see no more than its window. */
int gpuas_qv_roots_translate(struct gpu *gpu, gpuas_va_t va, gpuas_pa_t *pa,
			     gpuas_attr_t *attr)
{
	int err;

	mutex_lock(&gpu->as.lock);
	err = gpuas_translate(&gpu->roots.space[0], va, pa, attr);
	mutex_unlock(&gpu->as.lock);
	return err;
}

int gpuas_qv_copy(struct gpu *gpu, struct fw_message *message, unsigned int beats)
{
	struct gpuas_report report;

	if (!gpuas_qv_roots_confirm(gpu, &report))
		return gpuas_qv_fw_send(&gpu->fw, message, beats);
	mutex_lock(&gpu->fw.lock);
	gpuas_qv_fw_give_up(&gpu->fw, &report);
	mutex_unlock(&gpu->fw.lock);
	return -EIO;
}
EXPORT_SYMBOL_NS_GPL(gpuas_qv_copy, GPUAS_QV_NS);

void gpuas_qv_roots_print(struct gpu *gpu)
{
	const struct roots *roots = &gpu->roots;
	const struct gpuas_region *lent =
		gpuas_manifest_role(&gpu->as.manifest, GPUAS_ROLE_LENT);

	if (lent)
		dev_info(gpu->as.dev,
			 "gpuas: published: %u roots, %u entries each, the last to the lent table 0x%llx; %u above cleared, %u mirrored\n",
			 roots->count, roots->published[0].count,
			 gpuas_pa_u64(lent->pa), roots->cleared, roots->mirrored);
}
