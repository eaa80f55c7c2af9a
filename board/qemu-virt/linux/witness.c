// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Notes the whole tree before the driver maps anything, and finds what differs
 * afterwards. Looks through a handle without a window, which cannot write, and keeps
 * the firmware out of the tree meanwhile.
 */
#include <linux/mm.h>

#include <gpuas/visit.h>

#include "driver.h"

/* A firmware that has more than this is not the stand-in's. */
#define ENTRIES_MAX	65536u

static size_t granule(const struct gpuas_linux *as)
{
	return (size_t)1 << as->manifest.geo.format->granule_shift;
}

static int count_step(void *ctx, const struct gpuas_step *step)
{
	unsigned int *count = ctx;

	return ++*count > ENTRIES_MAX ? -E2BIG : 0;
}

static int note_step(void *ctx, const struct gpuas_step *step)
{
	struct witness *witness = ctx;
	struct foreign *entry = &witness->entry[witness->entries];

	/* Somebody is adding entries while we look. */
	if (witness->entries == witness->room)
		return -EAGAIN;
	entry->table = step->table;
	entry->index = step->index;
	entry->entry = step->entry;
	witness->entries++;
	return 0;
}

/* All roots: what hangs on two is noted twice. */
static int visit(struct gpu *gpu, gpuas_visitor_t step, void *ctx)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < gpu->roots.count; i++)
		err = gpuas_visit_all(&gpu->roots.space[i], step, ctx);
	return err;
}

/* Without the firmware's lock, which a flush takes where memory may be waited for. */
static int make_room(struct witness *witness, const struct gpu *gpu)
{
	unsigned int i;

	witness->entry = kvcalloc(witness->room, sizeof(*witness->entry),
				  GFP_KERNEL);
	if (!witness->entry)
		return -ENOMEM;
	for (i = 0; i < gpu->roots.count; i++) {
		witness->root[i] = kmalloc(granule(&gpu->as), GFP_KERNEL);
		if (!witness->root[i])
			return -ENOMEM;
	}
	return 0;
}

static int note(struct witness *witness, struct gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < gpu->roots.count; i++)
		memcpy(witness->root[i], gpu->roots.space[i].root_ptr,
		       granule(&gpu->as));
	return visit(gpu, note_step, witness);
}

static int with_lock(struct witness *witness, struct gpu *gpu,
		     int (*look)(struct witness *witness, struct gpu *gpu))
{
	int err = gpuas_qv_fw_lock(&gpu->fw);

	if (err)
		return err;
	err = look(witness, gpu);
	gpuas_qv_fw_unlock(&gpu->fw);
	return err;
}

static int count(struct witness *witness, struct gpu *gpu)
{
	return visit(gpu, count_step, &witness->room);
}

int gpuas_qv_witness_note(struct witness *witness, struct gpu *gpu)
{
	int err = with_lock(witness, gpu, count);

	if (!err)
		err = make_room(witness, gpu);
	if (!err)
		err = with_lock(witness, gpu, note);
	if (err)
		gpuas_qv_witness_free(witness);
	return err;
}

/* Roots are compared as a whole. */
static bool is_root(const struct gpu *gpu, gpuas_pa_t table)
{
	unsigned int i;

	for (i = 0; i < gpu->roots.count; i++) {
		if (gpu->roots.space[i].root == table)
			return true;
	}
	return false;
}

/* What is in a table of theirs. */
static bool entry_same(const struct gpu *gpu, const struct foreign *entry)
{
	const struct gpuas_env *env = &gpu->as.env;
	const uint64_t *table;

	if (is_root(gpu, entry->table))
		return true;
	table = env->table_ptr(env->ctx, entry->table, granule(&gpu->as));
	return table && gpuas_entry_load(&table[entry->index]) == entry->entry;
}

static unsigned int entries(const struct gpuas_space *space)
{
	return 1u << space->geo.format->index_bits;
}

/* The whole granule, which may be more than the half has use for. */
static void compare_root(const struct witness *witness, struct gpu *gpu,
			 unsigned int root, struct verdict *verdict)
{
	const struct gpuas_space *space = &gpu->roots.space[root];
	const struct gpuas_range *host = &gpu->as.manifest.host;
	unsigned int shift = space->shift[space->top], i;
	unsigned int first = (gpuas_va_u64(host->va) - space->base) >> shift;
	bool ours = !gpuas_manifest_role(&gpu->as.manifest, GPUAS_ROLE_LENT);
	uint64_t now;

	for (i = 0; i < entries(space); i++) {
		now = gpuas_entry_load(&space->root_ptr[i]);
		if (ours && i - first < host->size >> shift)
			verdict->host_slots += now != 0;
		else
			verdict->changed += now != witness->root[root][i];
	}
}

/* All of it is for our window. */
static int look_at_lent(struct gpu *gpu, struct verdict *verdict)
{
	const struct gpuas_env *env = &gpu->as.env;
	const struct gpuas_region *lent =
		gpuas_manifest_role(&gpu->as.manifest, GPUAS_ROLE_LENT);
	const uint64_t *table;
	unsigned int i;

	if (!lent)
		return 0;
	table = env->table_ptr(env->ctx, lent->pa, granule(&gpu->as));
	if (!table)
		return -EFAULT;
	for (i = 0; i < entries(&gpu->roots.space[0]); i++)
		verdict->host_slots += gpuas_entry_load(&table[i]) != 0;
	return 0;
}

static int compare(const struct witness *witness, struct gpu *gpu,
		   struct verdict *verdict)
{
	unsigned int i, count = 0;
	int err = visit(gpu, count_step, &count);

	memset(verdict, 0, sizeof(*verdict));
	if (!err)
		err = look_at_lent(gpu, verdict);
	if (err)
		return err;
	for (i = 0; i < gpu->roots.count; i++)
		compare_root(witness, gpu, i, verdict);
	for (i = 0; i < witness->entries; i++)
		verdict->changed += !entry_same(gpu, &witness->entry[i]);
	/* Nothing changed, and yet there is more: where there were holes. */
	if (!verdict->changed && count > witness->entries)
		verdict->changed = count - witness->entries;
	return 0;
}

/* A firmware that is dead changes nothing. */
int gpuas_qv_witness_compare(const struct witness *witness, struct gpu *gpu,
			     struct verdict *verdict)
{
	bool locked = !gpuas_qv_fw_lock(&gpu->fw);
	int err = compare(witness, gpu, verdict);

	if (locked)
		gpuas_qv_fw_unlock(&gpu->fw);
	return err;
}

void gpuas_qv_witness_free(struct witness *witness)
{
	unsigned int i;

	for (i = 0; i < ROOTS_MAX; i++)
		kfree(witness->root[i]);
	kvfree(witness->entry);
	memset(witness, 0, sizeof(*witness));
}
