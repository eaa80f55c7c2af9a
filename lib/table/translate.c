// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the walker would find at a VA, in tables of anybody. */
#include "walk.h"

/* A table of somebody else's; whoever only reads need not know whose it is. */
static uint64_t *any_table(const struct gpuas_space *space, uint64_t entry)
{
	return gpuas_borrow_(space, table_address_(&space->geo, entry));
}

/* The table that an entry leads to: of ours, if that is quicker to know. */
GPUAS_INLINE const uint64_t *next_table(const struct gpuas_space *space,
					unsigned int gs, unsigned int level,
					uint64_t entry)
{
	const struct gpuas_env *env = space->env;
	const struct gpuas_table *table = space->near[level];

	if (table_entry_(table) == entry)
		return table->ptr;
	if (env->table_record) {
		table = env->table_record(env->ctx, address_(entry, 1ULL << gs));
		if (table)
			return table->ptr;
	}
	return any_table(space, entry);
}

static void decode(const struct gpuas_space *space, uint64_t entry,
		   gpuas_attr_t *attr)
{
	*attr = gpuas_format_decode(space->geo.format, entry);
}

/* @level: where the walk ended. A reserved encoding is a hole. */
GPUAS_INLINE int leaf(const struct gpuas_space *space, uint64_t pos,
		      unsigned int level, unsigned int shift, uint64_t entry,
		      gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	const uint64_t mask = (1ULL << shift) - 1;
	uint64_t out = gpuas_pa_u64(address_(entry, mask + 1)) | (pos & mask);

	if ((entry & ENTRY_TYPE_MASK) != (level ? ENTRY_BLOCK : ENTRY_PAGE) ||
	    (level && !(space->geo.format->block_levels >> level & 1)))
		return -GPUAS_ENOENT;
	if (out > space->pa_last)
		return -GPUAS_EFAULT;
	*pa = gpuas_pa(out);
	if (attr)
		decode(space, entry, attr);
	return 0;
}

GPUAS_INLINE int translate(const struct gpuas_space *space, unsigned int gs,
			   unsigned int levels, gpuas_va_t va, gpuas_pa_t *pa,
			   gpuas_attr_t *attr)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const uint64_t mask = (1ULL << bits) - 1;
	uint64_t pos = gpuas_va_u64(va) - space->base, entry;
	unsigned int level = levels ? levels - 1 : space->top;
	const uint64_t *table = space->root_ptr;
	unsigned int shift = gs + level * bits;

	if (pos > space->last)
		return -GPUAS_ERANGE;
	for (;; level--, shift -= bits) {
		entry = gpuas_entry_load(&table[pos >> shift & mask]);
		if (!level || !is_table_(entry))
			return leaf(space, pos, level, shift, entry, pa, attr);
		table = next_table(space, gs, level - 1, entry);
		if (!table)
			return -GPUAS_EFAULT;
	}
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
