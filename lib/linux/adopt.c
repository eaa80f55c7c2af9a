// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Adoption: read, judge, look, open; nothing is written on the way. */
#include <gpuas_linux.h>

/* That it has no-map was ruled out before. */
static const char *why(int err)
{
	if (err == -EBADMSG)
		return "is not reserved, so the kernel may use it itself, at PA";
	return "is not System RAM (outside /memory, or cut by mem=) at PA";
}

static int check_memory(const struct gpuas_manifest *manifest,
			struct gpuas_report *report)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	gpuas_pa_t bad;
	int err;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (!region->present)
			continue;
		err = gpuas_linux_borrow(region->pa, region->size, &bad);
		if (err)
			return gpuas_report_hex(report, err, "region",
						region->name, why(err),
						gpuas_pa_u64(bad));
	}
	return 0;
}

int gpuas_linux_adopt(struct gpuas_linux *gpu, struct gpuas_report *report)
{
	int err;

	err = gpuas_linux_read(gpu, &gpu->manifest, report);
	if (!err)
		err = check_memory(&gpu->manifest, report);
	if (err)
		return err;
	mutex_lock(&gpu->lock);
	err = gpuas_manifest_inspect(&gpu->manifest, gpu->board, &gpu->env,
				     report);
	if (!err)
		err = gpuas_manifest_open(&gpu->manifest, gpu->board, &gpu->env,
					  &gpu->space, report);
	gpu->open = !err;
	mutex_unlock(&gpu->lock);
	return err;
}
