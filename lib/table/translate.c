// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What the walker would find at a VA, in tables of anybody. */
#include "walk.h"

/* The table of ours that an entry leads to; NULL: somebody else's, or no good. */
GPUAS_INLINE const struct gpuas_table *own_table(const struct gpuas_space *space,
						 uint64_t entry)
{
	const struct gpuas_env *env = space->env;
	const struct gpuas_table *table;

	table = env->table_record(env->ctx, gpuas_pa(entry & space->page_mask));
	/* A table that was taken back is anybody's by now. */
	return table && table->place != PLACE_NONE ? table : NULL;
}

/*
 * The table of anybody; whoever only reads need not know whose it is, unless what others
 * wrote has to be looked at: then ours need no look.
 */
GPUAS_INLINE const uint64_t *any_table(const struct gpuas_space *space,
				       uint64_t granule, uint64_t entry)
{
	const struct gpuas_table *table = NULL;
	const struct gpuas_env *env = space->env;
	const gpuas_pa_t pa = address_(entry, granule);

	if (FAST && !env->invalidate)
		return gpuas_pa_u64(pa) > space->pa_last ? NULL :
		       env->table_ptr(env->ctx, pa, (size_t)granule);
	if (FAST && env->table_record)
		table = own_table(space, entry);
	return table ? table->ptr : gpuas_borrow_(space, pa);
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

	/* Less its type, which is all zeroes then as well. */
	if ((leaf - (level ? ENTRY_BLOCK : ENTRY_PAGE)) & space->leaf_mask ||
	    (level && !(space->geo.format->block_levels >> level & 1)))
		return no_leaf(space, level, leaf);
	/* A page's bits are got from the handle: a constant would be kept from before. */
	if (level || !FAST)
		leaf = gpuas_pa_u64(address_(leaf, mask + 1));
	else
		leaf &= space->page_mask;
	*pa = gpuas_pa(leaf | (pos & mask));
	return 0;
}

/* Any number of levels, and the attributes too. */
GPUAS_HOT int translate_any(const struct gpuas_space *space, uint64_t pos,
			    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	const uint64_t granule = granule_(&space->geo);
	const uint64_t *table = space->root_ptr;
	unsigned int level = space->top;
	uint64_t entry;
	int err;

	if (pos > space->last)
		return -GPUAS_ERANGE;
	if ((!FAST || space->env->invalidate) && !space->root_table)
		gpuas_look_(space, &table[at_(space, level, pos)], 1);
	for (;; level--) {
		entry = gpuas_entry_load(&table[at_(space, level, pos)]);
		if (!level || !is_table_(entry))
			break;
		table = any_table(space, granule, entry);
		if (!table)
			return -GPUAS_EFAULT;
	}
	err = found(space, level, space->shift[level], pos, entry, pa);
	if (!err && attr)
		*attr = gpuas_format_decode(space->geo.format, entry);
	return err;
}

/* Three levels, in tables of whoever: nobody is asked whose they are. */
GPUAS_INLINE int translate_read(const struct gpuas_space *space, unsigned int gs,
				uint64_t pos, gpuas_pa_t *pa)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const uint64_t mask = (1ULL << bits) - 1, granule = 1ULL << gs;
	const uint64_t *ptr = space->root_ptr;
	uint64_t entry;

	if (pos > space->last)
		return -GPUAS_ERANGE;
	entry = gpuas_entry_load(&ptr[pos >> (gs + 2 * bits)]);
	if (!is_table_(entry))
		return found(space, 2, gs + 2 * bits, pos, entry, pa);
	ptr = any_table(space, granule, entry);
	if (!ptr)
		return -GPUAS_EFAULT;
	entry = gpuas_entry_load(&ptr[pos >> (gs + bits) & mask]);
	if (!is_table_(entry))
		return found(space, 1, gs + bits, pos, entry, pa);
	ptr = any_table(space, granule, entry);
	return ptr ? found(space, 0, gs, pos,
			   gpuas_entry_load(&ptr[pos >> gs & mask]), pa) :
		     -GPUAS_EFAULT;
}

GPUAS_HOT int read_4k(const struct gpuas_space *space, uint64_t pos, gpuas_pa_t *pa)
{
	return translate_read(space, 12, pos, pa);
}

GPUAS_HOT int read_16k(const struct gpuas_space *space, uint64_t pos, gpuas_pa_t *pa)
{
	return translate_read(space, 14, pos, pa);
}

/* A place in tables that are not all ours, of whatever shape. */
GPUAS_INLINE int translate_borrowed(const struct gpuas_space *space, unsigned int gs,
				  unsigned int levels, uint64_t pos, gpuas_pa_t *pa)
{
	return gs == 14 && levels == 3 ? read_16k(space, pos, pa) :
	       gs == 12 && levels == 3 ? read_4k(space, pos, pa) :
					 translate_any(space, pos, pa, NULL);
}

/*
 * Three levels, or two, through tables of ours; what is not begins anew elsewhere. What is
 * kept in registers over the question for a table is what this costs: so not the entry. Where
 * a table spans as much as one above the leaves, the last ones that were met are mostly it.
 */
GPUAS_INLINE int translate_hot(const struct gpuas_space *space, unsigned int gs,
			       unsigned int levels, gpuas_va_t va, gpuas_pa_t *pa)
{
	const unsigned int bits = gs - ENTRY_SIZE_SHIFT;
	const uint64_t mask = (1ULL << bits) - 1;
	uint64_t pos = gpuas_va_u64(va) - space->base, entry;
	const uint64_t *ptr = space->root_ptr;
	const struct gpuas_table *table;

	if (pos > space->last)
		return -GPUAS_ERANGE;
	if (levels == 3) {
		const uint64_t number = pos >> (gs + 2 * bits);

		table = space->near[1][number % GPUAS_NEAR];
		entry = gpuas_entry_load(&ptr[number]);
		/* The type first: a word that is no table may lead to where none was met. */
		if (!is_table_(entry))
			return found(space, 2, gs + 2 * bits, pos, entry, pa);
		if (!leads_to_(entry, table)) {
			table = own_table(space, entry);
			if (!table)
				return translate_borrowed(space, gs, levels, pos, pa);
		}
		ptr = table->ptr;
	}
	entry = gpuas_entry_load(&ptr[pos >> (gs + bits) & mask]);
	if (!is_table_(entry))
		return found(space, 1, gs + bits, pos, entry, pa);
	table = own_table(space, entry);
	if (!table)
		return translate_borrowed(space, gs, levels, pos, pa);
	return found(space, 0, gs, pos,
		     gpuas_entry_load(&table->ptr[pos >> gs & mask]), pa);
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

/* Shapes that fewer trees have, and attributes. */
GPUAS_HOT int translate_rest(const struct gpuas_space *space, gpuas_va_t va,
			      gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	if (!attr && hot_(space, 12, 3))
		return translate_4k(space, va, pa);
	if (!attr && hot_(space, 16, 3))
		return translate_64k(space, va, pa);
	if (!attr && hot_(space, 14, 2))
		return translate_16k_2(space, va, pa);
	if (!attr && hot_(space, 16, 2))
		return translate_64k_2(space, va, pa);
	if (!attr && hot_read_(space, 14))
		return read_16k(space, gpuas_va_u64(va) - space->base, pa);
	if (!attr && hot_read_(space, 12))
		return read_4k(space, gpuas_va_u64(va) - space->base, pa);
	return translate_any(space, gpuas_va_u64(va) - space->base, pa, attr);
}

int gpuas_translate(const struct gpuas_space *space, gpuas_va_t va,
		    gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	return hot_(space, 14, 3) && !attr ? translate_16k(space, va, pa) :
					     translate_rest(space, va, pa, attr);
}
