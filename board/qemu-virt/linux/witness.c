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

static int look(struct gpuas_linux *as, struct gpuas_space *space)
{
	const struct gpuas_range none = { };

	return gpuas_space_adopt(space, &as->manifest.geo, &none,
				 as->manifest.root, &as->env);
}

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

static int note(struct witness *witness, struct gpuas_linux *as)
{
	struct gpuas_space space;
	int err = look(as, &space);

	if (!err)
		err = gpuas_visit_all(&space, count_step, &witness->room);
	if (err)
		return err;
	witness->root = kmemdup(space.root_ptr, granule(as), GFP_KERNEL);
	witness->entry = kvcalloc(witness->room, sizeof(*witness->entry),
				  GFP_KERNEL);
	if (witness->root && witness->entry)
		err = gpuas_visit_all(&space, note_step, witness);
	else
		err = -ENOMEM;
	if (err)
		witness_free(witness);
	return err;
}

int witness_note(struct witness *witness, struct gpu *gpu)
{
	int err = fw_lock(&gpu->fw);

	if (err)
		return err;
	err = note(witness, &gpu->as);
	fw_unlock(&gpu->fw);
	return err;
}

/* What is in a table of theirs; the root is compared as a whole. */
static bool entry_same(const struct gpuas_linux *as,
		       const struct foreign *entry)
{
	const uint64_t *table;

	if (entry->table == as->manifest.root)
		return true;
	table = as->env.table_ptr(as->env.ctx, entry->table, granule(as));
	return table && gpuas_entry_load(&table[entry->index]) == entry->entry;
}

/* The whole granule, which may be more than the half has use for. */
static void compare_root(const struct witness *witness,
			 const struct gpuas_space *space,
			 const struct gpuas_linux *as, struct verdict *verdict)
{
	const struct gpuas_range *host = &as->manifest.host;
	const struct gpuas_geometry *geo = &as->manifest.geo;
	unsigned int bits = geo->format->index_bits;
	unsigned int shift = geo->format->granule_shift + space->top * bits;
	unsigned int slots = 1u << (geo->va_bits - shift);
	unsigned int first = (gpuas_va_u64(host->va) >> shift) & (slots - 1);
	unsigned int i;
	uint64_t now;

	for (i = 0; i < 1u << bits; i++) {
		now = gpuas_entry_load(&space->root_ptr[i]);
		if (i - first < host->size >> shift)
			verdict->host_slots += now != 0;
		else
			verdict->changed += now != witness->root[i];
	}
}

static int compare(const struct witness *witness, struct gpuas_linux *as,
		   struct verdict *verdict)
{
	struct gpuas_space space;
	unsigned int i, count = 0;
	int err = look(as, &space);

	if (!err)
		err = gpuas_visit_all(&space, count_step, &count);
	if (err)
		return err;
	memset(verdict, 0, sizeof(*verdict));
	compare_root(witness, &space, as, verdict);
	for (i = 0; i < witness->entries; i++)
		verdict->changed += !entry_same(as, &witness->entry[i]);
	/* Nothing changed, and yet there is more: where there were holes. */
	if (!verdict->changed && count > witness->entries)
		verdict->changed = count - witness->entries;
	return 0;
}

/* A firmware that is dead changes nothing. */
int witness_compare(const struct witness *witness, struct gpu *gpu,
		    struct verdict *verdict)
{
	bool locked = !fw_lock(&gpu->fw);
	int err = compare(witness, &gpu->as, verdict);

	if (locked)
		fw_unlock(&gpu->fw);
	return err;
}

void witness_free(struct witness *witness)
{
	kfree(witness->root);
	kvfree(witness->entry);
	memset(witness, 0, sizeof(*witness));
}
