// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The RAM of a machine. Its device tree says which board it is, and where the regions are; all
 * else is found as a driver finds it, from the roots and the TTB array on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include <gpuas/boards.h>
#include <gpuas/fdt.h>

#include "images.h"
#include "tree.h"

enum {
	SPACES = 256,
	TABLE_LEAST = 4096,
	SEEN_MOST = 16384,
	FINDINGS_LEAST = 64,
	FINDINGS_MOST = 1 << 12,
	EXTENTS_LEAST = 256,
	EXTENTS_MOST = 1 << 22,
	BUDGET_LEAST = 1 << 18,
	BUDGET_MOST = 1 << 26,
};

static bool tree_check(const struct input *dtb)
{
	int err;

	if (dtb->size < sizeof(struct fdt_header) || fdt_magic(dtb->bytes) != FDT_MAGIC)
		return refuse(dtb, "is no device tree: --dtb wants the blob, as in /sys/firmware/fdt");
	if (fdt_totalsize(dtb->bytes) > dtb->size)
		return refuse(dtb, "is cut off: it has %" PRIu64 " bytes of %u", dtb->size,
			      fdt_totalsize(dtb->bytes));
	err = fdt_check_full(dtb->bytes, fdt_totalsize(dtb->bytes));
	if (err)
		return refuse(dtb, "is damaged: libfdt says: %s", fdt_strerror(err));
	return true;
}

/* Of the list of boards, whoever made that. */
static const struct gpuas_board *board_of(const char *machine)
{
	const struct gpuas_board *board;
	unsigned int i, j;

	for (i = 0; (board = gpuas_board_at(i)); i++) {
		for (j = 0; board->machine && board->machine[j]; j++) {
			if (gpuas_streq(board->machine[j], machine))
				return board;
		}
	}
	return NULL;
}

const struct gpuas_board *tree_board(const struct input *dtb)
{
	const struct gpuas_board *board = NULL;
	const char *machine = NULL;
	int i;

	if (!tree_check(dtb))
		return NULL;
	for (i = 0; !board; i++) {
		machine = fdt_stringlist_get(dtb->bytes, 0, "compatible", i, NULL);
		if (!machine)
			break;
		board = board_of(machine);
	}
	if (board)
		return board;
	machine = fdt_stringlist_get(dtb->bytes, 0, "compatible", 0, NULL);
	refuse(dtb, "is of a machine '%s', for which there is no board; gpuas plan all lists those that "
	       "there are", machine ? machine : "without a name");
	return NULL;
}

bool tree_manifest(const struct input *dtb, const struct gpuas_board *board,
		   struct gpuas_manifest *manifest)
{
	struct gpuas_report report;
	int err = gpuas_fdt_read(dtb->bytes, board, manifest, &report);

	if (err)
		return refuse(dtb, "has no regions of a GPU: %s (%s); the tree has to be the one that the "
			      "OS was given", report.text.buf, gpuas_strerror(err));
	return true;
}

static uint64_t cells(const fdt32_t *cell, int count)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < count; i++)
		value = value << 32 | fdt32_ld(&cell[i]);
	return value;
}

/* PA where RAM begins. */
static bool ram_base(const struct input *dtb, uint64_t *base)
{
	const int address = fdt_address_cells(dtb->bytes, 0), size = fdt_size_cells(dtb->bytes, 0);
	const fdt32_t *reg;
	bool found = false;
	int node, len;

	*base = ~0ULL;
	if (address < 1 || address > 2 || size < 1 || size > 2)
		return false;
	fdt_for_each_subnode(node, dtb->bytes, 0) {
		const char *type = fdt_getprop(dtb->bytes, node, "device_type", &len);

		if (!type || len != sizeof("memory") || memcmp(type, "memory", sizeof("memory")))
			continue;
		reg = fdt_getprop(dtb->bytes, node, "reg", &len);
		for (; reg && len >= (address + size) * (int)sizeof(*reg);
		     len -= (address + size) * (int)sizeof(*reg), reg += address + size) {
			if (cells(reg, address) <= *base)
				*base = cells(reg, address);
			found = true;
		}
	}
	return found;
}

void walked_free(struct gpuas_snapshot *snapshot)
{
	free(snapshot->space);
	free(snapshot->extent);
	free(snapshot->finding);
	free(snapshot->seen);
}

static uint64_t memory_of(const struct image *image)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < image->pieces && size < 8 * (uint64_t)BUDGET_MOST; i++)
		size += image->piece[i].size;
	return size;
}

static unsigned int least(uint64_t a, unsigned int b)
{
	return a < b ? (unsigned int)a : b;
}

/* Once, with as much room as there is; true if there was not enough. */
static bool walk_once(struct gpuas_snapshot *snapshot, unsigned int budget)
{
	free(snapshot->extent);
	free(snapshot->finding);
	snapshot->extent = memory(snapshot->extents_max, sizeof(*snapshot->extent));
	snapshot->finding = memory(snapshot->findings_max, sizeof(*snapshot->finding));
	snapshot->budget = budget;
	snapshot->cut = false;
	gpuas_snapshot_capture(snapshot);
	return (snapshot->extents_lost && snapshot->extents_max < EXTENTS_MOST) ||
	       (snapshot->findings_lost && snapshot->findings_max < FINDINGS_MOST);
}

/* Enough for trees that use all of the memory that there is, and what they map besides. */
void walk_spaces(const struct image *image, struct gpuas_snapshot *snapshot)
{
	const uint64_t size = memory_of(image);

	snapshot->seen_max = least(size / TABLE_LEAST + 1, SEEN_MOST);
	snapshot->seen = memory(snapshot->seen_max, sizeof(*snapshot->seen));
	snapshot->extent = NULL;
	snapshot->extents_max = EXTENTS_LEAST;
	snapshot->finding = NULL;
	snapshot->findings_max = FINDINGS_LEAST;
	while (walk_once(snapshot, least(BUDGET_LEAST + size / sizeof(uint64_t), BUDGET_MOST))) {
		snapshot->extents_max *= 4;
		snapshot->findings_max *= 4;
	}
}

bool ram_capture(struct image *image, const struct input *dtb)
{
	struct gpuas_snapshot *snapshot = &image->snapshot;
	int err;

	snapshot->board = tree_board(dtb);
	if (!snapshot->board || !tree_manifest(dtb, snapshot->board, &image->manifest))
		return false;
	snapshot->manifest = &image->manifest;
	if (!tree_compare(image, dtb))
		return false;
	snapshot->space = memory(SPACES, sizeof(*snapshot->space));
	snapshot->spaces_max = SPACES;
	err = gpuas_snapshot_roots(snapshot);
	if (err)
		fault(image, "not all spaces are known: the TTB array %s",
		      err == -GPUAS_EFAULT ? "is not in the file" : "has more roots than fit");
	walk_spaces(image, snapshot);
	return true;
}

bool ram_load(struct image *image, const struct input *dtb, const struct options *options)
{
	uint64_t base = options->base;

	image->kind = IMAGE_RAM;
	if (!tree_check(dtb))
		return false;
	if (!options->has_base && !ram_base(dtb, &base))
		return refuse(dtb, "has no memory: --base PA has to say where the RAM begins");
	piece_add(image, base, image->file.size, image->file.bytes);
	pieces_finish(image);
	return ram_capture(image, dtb);
}

bool tree_compare(struct image *image, const struct input *dtb)
{
	const struct gpuas_board *board = tree_board(dtb);
	struct gpuas_manifest found;
	struct gpuas_report report;

	if (!board)
		return false;
	if (gpuas_fdt_check(dtb->bytes, board, &found, &report) ||
	    (image->snapshot.manifest &&
	     gpuas_manifest_differs(image->snapshot.manifest, &found, &report)))
		fault(image, "device tree %s: %s", dtb->name, report.text.buf);
	return true;
}
