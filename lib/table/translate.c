// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the walker would find at a VA, in tables of anybody. */
#include "walk.h"

/* Whoever only reads need not know whose it is. */
static uint64_t *any_table(const struct gpuas_space *space, uint64_t entry)
{
	const struct gpuas_cached *slot =
		cached_(space, granule_shift_(&space->geo), entry);

	if (slot)
		return slot->ptr;
	return gpuas_borrow_(space, table_address_(&space->geo, entry));
}

/* A leaf that may be a block, or none at all. */
static int leaf_check(const struct gpuas_geometry *geo, unsigned int level,
		      uint64_t entry)
{
	enum gpuas_kind kind = gpuas_format_kind(geo->format, level, entry);

	return kind == GPUAS_PAGE || kind == GPUAS_BLOCK ? 0 : -GPUAS_ENOENT;
}

static int translate_slow(const struct gpuas_space *space, gpuas_va_t va,
			  gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	const struct gpuas_geometry *geo = &space->geo;
	const uint64_t *table = space->root_ptr;
	unsigned int level = space->top;
	uint64_t pos, entry, mask, out;

	if (gpuas_offset_(geo, va, &pos))
		return -GPUAS_ERANGE;
	for (;; level--) {
		entry = gpuas_entry_load(&table[index_(geo, level, pos)]);
		if (!level || (entry & ENTRY_TYPE_MASK) != ENTRY_TABLE)
			break;
		table = any_table(space, entry);
		if (!table)
			return -GPUAS_EFAULT;
	}
	/* Level 0 ends the loop whatever is there; a reserved encoding is a hole. */
	if (leaf_check(geo, level, entry))
		return -GPUAS_ENOENT;
	mask = span_(geo, level) - 1;
	out = gpuas_pa_u64(address_(entry, mask + 1)) | (pos & mask);
	if (out >> geo->pa_bits)
		return -GPUAS_EFAULT;
	*pa = gpuas_pa(out);
	if (attr)
		*attr = gpuas_format_decode(geo->format, entry);
	return 0;
}

/* A page below tables that were met lately; anything else goes the long way. */
GPUAS_INLINE int translate(const struct gpuas_space *space, unsigned int gs,
			   unsigned int levels, gpuas_va_t va, gpuas_pa_t *pa,
			   gpuas_attr_t *attr)
{
	const uint64_t page = (1ULL << gs) - 1;
	const unsigned int mask = (1u << (gs - ENTRY_SIZE_SHIFT)) - 1;
	uint64_t pos = gpuas_va_u64(va) - space->base, entry;
	struct gpuas_cached *hot = NULL;

	if (GPUAS_SMALL_GRANULE_SHIFT)
		return translate_slow(space, va, pa, attr);
	if (pos > space->last)
		return -GPUAS_ERANGE;
	if (attr || !hot_leaf_(space, gs, levels, pos, &hot))
		return translate_slow(space, va, pa, attr);
	entry = gpuas_entry_load(&hot->ptr[pos >> gs & mask]);
	if ((entry & space->leaf_mask) != ENTRY_PAGE)
		return translate_slow(space, va, pa, attr);
	*pa = gpuas_pa(gpuas_pa_u64(address_(entry, page + 1)) | (pos & page));
	return 0;
}

int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	if (hot_(space, 14))
		return translate(space, 14, HOT_LEVELS, va, pa, attr);
	if (hot_(space, 12))
		return translate(space, 12, HOT_LEVELS, va, pa, attr);
	if (hot_(space, 16))
		return translate(space, 16, HOT_LEVELS, va, pa, attr);
	return translate(space, granule_shift_(&space->geo), 0, va, pa, attr);
}
