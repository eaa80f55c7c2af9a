// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The order in which a tree is judged: what is said first, then what it means. */
#include "fdt_internal.h"

int gpuas_fdt_check(const void *fdt, const struct gpuas_board *board,
		    struct gpuas_manifest *manifest,
		    struct gpuas_report *report)
{
	int gpu, err = gpuas_fdt_read(fdt, board, manifest, report);
	unsigned int shift;

	if (err)
		return err;
	gpu = gpuas_fdt_gpu_(fdt, board);
	err = gpuas_fdt_check_nodes_(fdt, board, gpu, manifest, report);
	if (!err)
		err = gpuas_fdt_check_gpu_(fdt, gpu, board, manifest, report);
	if (!err)
		err = gpuas_manifest_check(manifest, board, report);
	if (!err)
		err = gpuas_fdt_check_places_(fdt, gpu, manifest, report);
	/* Which kernel comes nobody knows: its pages are at most as large as the GPU's. */
	for (shift = 12; !err && shift <= board->geo.format->granule_shift; shift += 2)
		err = gpuas_fdt_pools_fit_(fdt, gpu, shift, report);
	return err ? err : gpuas_fdt_withheld_(fdt, board, report);
}
