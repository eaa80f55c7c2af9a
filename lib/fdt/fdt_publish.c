// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* A copy is edited and judged, and takes the place of the blob as the last step. */
#include "fdt_internal.h"

enum {
	SCRATCH_ALIGN = 8,
	SCRATCH_LIMIT = 0x7fffffff,
	/*
	 * A manifest is too large for the stack: the one that is read back stands
	 * at the start of the scratch, where no size of a blob misaligns it.
	 */
	FOUND_SIZE = (sizeof(struct gpuas_manifest) + SCRATCH_ALIGN - 1) &
		     ~(size_t)(SCRATCH_ALIGN - 1),
};

static bool apart(const void *fdt, const void *scratch, size_t scratch_size)
{
	const uintptr_t a = (uintptr_t)fdt, b = (uintptr_t)scratch;

	return a < b ? b - a >= fdt_totalsize(fdt) : a - b >= scratch_size;
}

/* @fdt is sound. */
static int check_scratch(const void *fdt, const void *scratch,
			 size_t scratch_size, struct gpuas_report *report)
{
	if (!scratch || (uintptr_t)scratch % SCRATCH_ALIGN ||
	    !apart(fdt, scratch, scratch_size))
		return gpuas_report(report, -GPUAS_EINVAL, "scratch", NULL,
				    "is not aligned to 8 bytes, or part of the blob");
	return 0;
}

static int too_small(struct gpuas_report *report, int err)
{
	return gpuas_report(report, err, "scratch", NULL, "is too small");
}

/* Copy the blob to where it has @size bytes. */
static int begin(struct gpuas_fdt_edit *edit, const void *fdt, void *copy,
		 size_t size, struct gpuas_report *report)
{
	int err;

	if (size > SCRATCH_LIMIT)
		size = SCRATCH_LIMIT;
	edit->fdt = copy;
	edit->used = 0;
	edit->in_place = false;
	edit->mark = false;
	edit->report = report;
	err = gpuas_fdt_step_(edit, fdt_open_into(fdt, copy, (int)size),
			      "device tree", NULL);
	edit->changed = false;
	return err;
}

static void commit(const struct gpuas_fdt_edit *edit, void *fdt)
{
	if (edit->changed)
		memcpy(fdt, edit->fdt, fdt_totalsize(edit->fdt));
}

/* Everything that can be said before the first edit. */
static int prepare(struct gpuas_fdt_publication *pub, const void *fdt)
{
	struct gpuas_report *report = pub->edit.report;
	int err = gpuas_fdt_open_(fdt, &pub->edit.cells, report);

	if (err)
		return err;
	return gpuas_manifest_check(pub->manifest, pub->board, report);
}

static bool is_region(const struct gpuas_manifest *manifest, uint64_t pa, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < manifest->regions; i++)
		if (manifest->region[i].present && size == manifest->region[i].size &&
		    pa == gpuas_pa_u64(manifest->region[i].pa))
			return true;
	return false;
}

/*
 * Who had no room for more kept the OS off a region by its range alone: its node says
 * that from now on, and Linux takes no region with no-map that is reserved already. Not
 * inlined, as it is done with its stack before the deeper calls begin.
 */
static __attribute__((__noinline__)) int drop_memreserves(struct gpuas_fdt_publication *pub)
{
	void *fdt = pub->edit.fdt;
	int i = fdt_num_mem_rsv(fdt), err = 0;
	uint64_t pa, size;

	while (!err && i--) {
		if (fdt_get_mem_rsv(fdt, i, &pa, &size) ||
		    !is_region(pub->manifest, pa, size))
			continue;
		err = gpuas_fdt_step_(&pub->edit, fdt_del_mem_rsv(fdt, i),
				      "/memreserve/", NULL);
	}
	return err;
}

static int write_contract(struct gpuas_fdt_publication *pub)
{
	int err = drop_memreserves(pub);

	if (!err)
		err = gpuas_fdt_have_reserved_(&pub->edit);
	if (!err)
		err = gpuas_fdt_turn_on_(&pub->edit, pub->board->compatible);
	if (!err)
		err = gpuas_fdt_have_gpu_(pub);
	if (!err)
		err = gpuas_fdt_have_regions_(pub);
	if (!err)
		err = gpuas_fdt_describe_(pub);
	if (!err)
		err = gpuas_fdt_link_regions_(pub);
	return err;
}

/* Of a contract that is only read, all has to be there. */
static int edit_tree(struct gpuas_fdt_publication *pub)
{
	int err = 0;

	if (!pub->manifest->contract->read_only)
		err = write_contract(pub);
	if (!err)
		err = gpuas_fdt_have_memory_(pub);
	if (!err)
		err = gpuas_fdt_withhold_(&pub->edit, pub->board);
	return err;
}

static int publish(struct gpuas_fdt_publication *pub, const void *fdt,
		   void *scratch, size_t copy_size)
{
	struct gpuas_report *report = pub->edit.report;
	struct gpuas_manifest *found = scratch;
	int err;

	err = begin(&pub->edit, fdt, (char *)scratch + FOUND_SIZE, copy_size,
		    report);
	if (!err)
		err = edit_tree(pub);
	if (!err)
		err = gpuas_fdt_check(pub->edit.fdt, pub->board, found, report);
	if (!err)
		err = gpuas_manifest_differs(pub->manifest, found, report);
	return err;
}

int gpuas_fdt_publish(void *fdt, void *scratch, size_t scratch_size,
		      const struct gpuas_board *board,
		      const struct gpuas_manifest *manifest,
		      struct gpuas_report *report)
{
	struct gpuas_fdt_publication pub = {
		.edit.report = report,
		.board = board,
		.manifest = manifest,
	};
	int err = prepare(&pub, fdt);

	if (!err)
		err = check_scratch(fdt, scratch, scratch_size, report);
	if (err)
		return err;
	if (scratch_size < FOUND_SIZE ||
	    scratch_size - FOUND_SIZE < fdt_totalsize(fdt))
		return too_small(report, -GPUAS_EINVAL);
	err = publish(&pub, fdt, scratch, fdt_totalsize(fdt));
	if (!err)
		commit(&pub.edit, fdt);
	return err;
}

int gpuas_fdt_room(const void *fdt, void *scratch, size_t scratch_size,
		   const struct gpuas_board *board,
		   const struct gpuas_manifest *manifest,
		   size_t *room, struct gpuas_report *report)
{
	struct gpuas_fdt_publication pub = {
		.edit.report = report,
		.board = board,
		.manifest = manifest,
	};
	int err = prepare(&pub, fdt);

	if (!err)
		err = check_scratch(fdt, scratch, scratch_size, report);
	if (!err && scratch_size < FOUND_SIZE)
		err = too_small(report, -GPUAS_ENOSPC);
	if (!err)
		err = publish(&pub, fdt, scratch, scratch_size - FOUND_SIZE);
	if (!err)
		*room = pub.edit.used;
	return err;
}

/* All of it or nothing: half a node is no node of a GPU that is disabled. */
static int make_disabled(struct gpuas_fdt_edit *edit,
			 const struct gpuas_board *board)
{
	const bool changed = edit->changed;
	int node, err;

	/* That there is no room is no failure, and nothing to report. */
	edit->report = NULL;
	err = gpuas_fdt_make_gpu_(edit, board, &node);
	if (!err)
		err = gpuas_fdt_set_string_(edit, node, "status", "disabled");
	if (err != -GPUAS_ENOSPC)
		return err;
	if (node < 0)
		return 0;
	err = gpuas_fdt_step_(edit, fdt_del_node(edit->fdt, node), "GPU node",
			      NULL);
	edit->changed = changed;
	return err;
}

/*
 * Beside other GPUs, be they on or wait to be enabled, those that were on are known by more than
 * that; all of them, as there may be room for the word in some.
 */
static int disable_gpus(struct gpuas_fdt_edit *edit, const struct gpuas_board *board)
{
	const char *const *compatible = board->compatible;
	int err, node = gpuas_fdt_next_of_(edit->fdt, -1, compatible);

	edit->mark = gpuas_fdt_next_of_(edit->fdt, node, compatible) >= 0;
	err = gpuas_fdt_disable_all_(edit, compatible);
	edit->mark = false;
	return err;
}

static int disable_gpu(struct gpuas_fdt_edit *edit,
		       const struct gpuas_board *board)
{
	const void *fdt = edit->fdt;

	if (gpuas_fdt_gpu_(fdt, board) >= 0)
		return disable_gpus(edit, board);
	/* Disabled when there was no room for more; or nobody's GPU. */
	if (!board->gpu_node ||
	    gpuas_fdt_next_off_(fdt, -1, board->compatible) >= 0 ||
	    gpuas_fdt_child_(fdt, 0, -1, board->gpu_node) >= 0)
		return 0;
	return make_disabled(edit, board);
}

int gpuas_fdt_disable(void *fdt, void *scratch, size_t scratch_size,
		      const struct gpuas_board *board, bool withhold,
		      struct gpuas_report *report)
{
	struct gpuas_fdt_edit edit;
	int err = gpuas_fdt_sound_(fdt, report);

	if (!err)
		err = check_scratch(fdt, scratch, scratch_size, report);
	if (!err && scratch_size < fdt_totalsize(fdt))
		err = too_small(report, -GPUAS_EINVAL);
	if (!err)
		err = begin(&edit, fdt, scratch, fdt_totalsize(fdt), report);
	if (err)
		return err;
	edit.in_place = true;
	if (withhold)
		err = gpuas_fdt_withhold_(&edit, board);
	if (!err)
		err = disable_gpu(&edit, board);
	if (!err)
		commit(&edit, fdt);
	return err;
}
