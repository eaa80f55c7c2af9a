// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the walker would find at a VA, in tables of anybody. */
#include "walk.h"

static uint64_t *any_table(const struct gpuas_space *space, uint64_t entry)
{
	gpuas_pa_t pa = table_address_(&space->geo, entry);
	uint64_t *table;
	int err;

	table = gpuas_own_(space, pa, &err);
	if (!table && err == -GPUAS_EPERM)
		table = gpuas_borrow_(space, pa);
	return table;
}

/* The last entry on the way to @pos; @level: where it was found. */
GPUAS_INLINE int find(const struct gpuas_space *space, unsigned int gs,
		      uint64_t pos, uint64_t *entry, unsigned int *level)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const struct gpuas_cache *cache = space->cache;
	const uint64_t *table = space->root_ptr;
	unsigned int at = space->top, shift = gs + at * bits;

	for (;; at--, shift -= bits) {
		unsigned int i = (unsigned int)(pos >> shift) & ((1u << bits) - 1);
		unsigned int slot;

		*entry = gpuas_entry_load(&table[i]);
		if (!at || (*entry & ENTRY_TYPE_MASK) != ENTRY_TABLE)
			break;
		slot = cache_slot_(gpuas_pa_u64(address_(*entry, 1)), gs);
		table = cache && cache->pa[slot] ==
				 (gpuas_pa_u64(address_(*entry, 1ULL << gs)) |
				  CACHE_KEY) ?
			cache->ptr[slot] : any_table(space, *entry);
		if (!table)
			return -GPUAS_EFAULT;
	}
	*level = at;
	return 0;
}

static int find_any(const struct gpuas_space *space, uint64_t pos,
		    uint64_t *entry, unsigned int *level)
{
	switch (granule_shift_(&space->geo)) {
	case 12:
		return find(space, 12, pos, entry, level);
	case 16:
		return find(space, 16, pos, entry, level);
	default:
		return find(space, 14, pos, entry, level);
	}
}

int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	const struct gpuas_geometry *geo = &space->geo;
	uint64_t pos, entry, mask, out;
	unsigned int level;
	int err;

	if (gpuas_offset_(geo, va, &pos))
		return -GPUAS_ERANGE;
	err = find_any(space, pos, &entry, &level);
	if (err)
		return err;
	if (!(entry & 1) ||
	    (level ? gpuas_format_kind(geo->format, level, entry) != GPUAS_BLOCK :
		     (entry & ENTRY_TYPE_MASK) != ENTRY_PAGE))
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
