// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the walker would find at a VA, in tables of anybody. */
#include "walk.h"

/* A table of somebody else's; whoever only reads need not know whose it is. */
GPUAS_HOT const uint64_t *any_table(const struct gpuas_space *space,
				    uint64_t entry)
{
	return gpuas_borrow_(space, table_address_(&space->geo, entry));
}

/* The table at @level that an entry leads to: of ours, if that is quicker to know. */
GPUAS_INLINE const uint64_t *next_table(const struct gpuas_space *space,
					unsigned int gs, unsigned int level,
					uint64_t number, uint64_t entry)
{
	const struct gpuas_table *near = space->near[level][number % GPUAS_NEAR];
	const struct gpuas_env *env = space->env;

	if (!FAST)
		return any_table(space, entry);
	if (table_entry_(near) == entry)
		return near->ptr;
	near = env->table_record(env->ctx, address_(entry, 1ULL << gs));
	/* A table that was taken back is anybody's by now. */
	return near && near->place != PLACE_NONE ? near->ptr :
						   any_table(space, entry);
}

/* What an entry that is no good leaf is: a reserved encoding is a hole. */
GPUAS_HOT int no_leaf(const struct gpuas_space *space, unsigned int level,
		      uint64_t entry)
{
	enum gpuas_kind kind = gpuas_format_kind(space->geo.format, level, entry);

	return kind == GPUAS_PAGE || kind == GPUAS_BLOCK ? -GPUAS_EFAULT :
							   -GPUAS_ENOENT;
}

/* @leaf: the entry, which is where the walk ended, at @level. */
GPUAS_INLINE int found(const struct gpuas_space *space, unsigned int level,
		       unsigned int shift, uint64_t pos, uint64_t leaf,
		       gpuas_pa_t *pa)
{
	const uint64_t mask = (1ULL << shift) - 1;

	if ((leaf & space->leaf_mask) != (level ? ENTRY_BLOCK : ENTRY_PAGE) ||
	    (level && !(space->geo.format->block_levels >> level & 1)))
		return no_leaf(space, level, leaf);
	*pa = gpuas_pa(gpuas_pa_u64(address_(leaf, mask + 1)) | (pos & mask));
	return 0;
}

/* Three levels, or two, one after the other. */
GPUAS_INLINE int translate_hot(const struct gpuas_space *space, unsigned int gs,
			       unsigned int levels, gpuas_va_t va, gpuas_pa_t *pa)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const uint64_t mask = (1ULL << bits) - 1;
	uint64_t pos = gpuas_va_u64(va) - space->base, entry;
	const uint64_t *table = space->root_ptr;

	if (pos > space->last)
		return -GPUAS_ERANGE;
	if (levels == 3) {
		entry = gpuas_entry_load(&table[pos >> (gs + 2 * bits) & mask]);
		if (!is_table_(entry))
			return found(space, 2, gs + 2 * bits, pos, entry, pa);
		table = next_table(space, gs, 1, pos >> (gs + 2 * bits), entry);
		if (!table)
			return -GPUAS_EFAULT;
	}
	entry = gpuas_entry_load(&table[pos >> (gs + bits) & mask]);
	if (!is_table_(entry))
		return found(space, 1, gs + bits, pos, entry, pa);
	table = next_table(space, gs, 0, pos >> (gs + bits), entry);
	if (!table)
		return -GPUAS_EFAULT;
	return found(space, 0, gs, pos, gpuas_entry_load(&table[pos >> gs & mask]),
		     pa);
}

GPUAS_HOT int translate_4k(const struct gpuas_space *space, gpuas_va_t va,
			   gpuas_pa_t *pa)
{
	return translate_hot(space, 12, 3, va, pa);
}

GPUAS_HOT int translate_16k(const struct gpuas_space *space, gpuas_va_t va,
			    gpuas_pa_t *pa)
{
	return translate_hot(space, 14, 3, va, pa);
}

GPUAS_HOT int translate_64k(const struct gpuas_space *space, gpuas_va_t va,
			    gpuas_pa_t *pa)
{
	return translate_hot(space, 16, 3, va, pa);
}

/* With two. */
GPUAS_HOT int translate_16k_2(const struct gpuas_space *space, gpuas_va_t va,
			     gpuas_pa_t *pa)
{
	return translate_hot(space, 14, 2, va, pa);
}

GPUAS_HOT int translate_64k_2(const struct gpuas_space *space, gpuas_va_t va,
			     gpuas_pa_t *pa)
{
	return translate_hot(space, 16, 2, va, pa);
}

/* Any number of levels, and the attributes too. */
GPUAS_HOT int translate_any(const struct gpuas_space *space, gpuas_va_t va,
			    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	uint64_t pos = gpuas_va_u64(va) - space->base, entry;
	const uint64_t *table = space->root_ptr;
	unsigned int level = space->top;
	int err;

	if (pos > space->last)
		return -GPUAS_ERANGE;
	if (!space->root_table)
		gpuas_look_(space, &table[at_(space, level, pos)], 1);
	for (;; level--) {
		entry = gpuas_entry_load(&table[at_(space, level, pos)]);
		if (!level || !is_table_(entry))
			break;
		table = !FAST || space->env->table_record ?
				next_table(space, granule_shift_(&space->geo),
					   level - 1, pos >> space->shift[level],
					   entry) : any_table(space, entry);
		if (!table)
			return -GPUAS_EFAULT;
	}
	err = found(space, level, space->shift[level], pos, entry, pa);
	if (!err && attr)
		*attr = gpuas_format_decode(space->geo.format, entry);
	return err;
}

int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	if (!attr && hot_(space, 14, 3))
		return translate_16k(space, va, pa);
	if (!attr && hot_(space, 12, 3))
		return translate_4k(space, va, pa);
	if (!attr && hot_(space, 16, 3))
		return translate_64k(space, va, pa);
	if (!attr && hot_(space, 14, 2))
		return translate_16k_2(space, va, pa);
	if (!attr && hot_(space, 16, 2))
		return translate_64k_2(space, va, pa);
	return translate_any(space, va, pa, attr);
}
