// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The way from a root to a table that is lent, and its last step. */
#include <gpuas/link.h>

#include "place.h"

static enum gpuas_found found(const struct gpuas_step *step, unsigned int level,
			      gpuas_pa_t table)
{
	switch (step->kind) {
	case GPUAS_HOLE:
		return GPUAS_FOUND_EMPTY;
	case GPUAS_TABLE:
		if (step->level > level + 1)
			return GPUAS_FOUND_UNREADABLE;
		return table == GPUAS_TABLE_ANY || table == step->pa ?
			       GPUAS_FOUND_EXPECTED : GPUAS_FOUND_OTHER;
	case GPUAS_BLOCK:
	case GPUAS_PAGE:
		return GPUAS_FOUND_BLOCK;
	case GPUAS_OTHER:
		break;
	}
	return GPUAS_FOUND_ODD;
}

int gpuas_link_find(const struct gpuas_space *root, unsigned int level,
		    gpuas_va_t va, gpuas_pa_t table, struct gpuas_link *link)
{
	struct gpuas_step step;
	struct place place;
	uint64_t pos;

	if (level >= root->top)
		return -GPUAS_EINVAL;
	if (gpuas_offset_(root, va, &pos))
		return -GPUAS_ERANGE;
	gpuas_place_root_(root, &place, pos);
	do {
		place_load_(root, &place);
		gpuas_place_step_(root, &place, pos, &step);
	} while (step.kind == GPUAS_TABLE && step.level > level + 1 &&
		 gpuas_place_enter_(root, &place, &step));
	link->found = found(&step, level, table);
	if (link->found == GPUAS_FOUND_EXPECTED && place_has_(root, &place, step.pa))
		link->found = GPUAS_FOUND_OTHER;
	link->level = step.level;
	link->index = step.index;
	link->entry = step.entry;
	link->table = step.kind == GPUAS_TABLE ? step.pa : gpuas_pa(0);
	return 0;
}

int gpuas_space_adopt_below(struct gpuas_space *space,
			    const struct gpuas_geometry *geo,
			    unsigned int level,
			    const struct gpuas_range *window, gpuas_pa_t root,
			    gpuas_pa_t table, const struct gpuas_env *env,
			    struct gpuas_link *link)
{
	static const int error[] = {
		[GPUAS_FOUND_EMPTY] = -GPUAS_ENOENT,
		[GPUAS_FOUND_EXPECTED] = 0,
		[GPUAS_FOUND_OTHER] = -GPUAS_ESTALE,
		[GPUAS_FOUND_BLOCK] = -GPUAS_EEXIST,
		[GPUAS_FOUND_ODD] = -GPUAS_EEXIST,
		[GPUAS_FOUND_UNREADABLE] = -GPUAS_EFAULT,
	};
	const struct gpuas_range none = { .va = window->va };
	int err = gpuas_space_adopt(space, geo, &none, root, env);

	if (!err)
		err = gpuas_link_find(space, level, window->va, table, link);
	if (!err)
		err = error[link->found];
	return err ? err : gpuas_space_adopt_at(space, geo, level, window,
						link->table, env);
}

void gpuas_root_written_(const struct gpuas_space *root, uint64_t first,
			 uint64_t last, bool live)
{
	const struct gpuas_env *env = root->env;
	const uint64_t *slot = &root->root_ptr[at_(root, root->top, first)];
	const unsigned int count =
		(unsigned int)((last - first) >> root->shift[root->top]) + 1;

	if (env->clean)
		env->clean(env->ctx, slot, count * sizeof(*slot));
	gpuas_publish_barrier();
	if (env->flush && (live || env->map_flush))
		env->flush(env->ctx, gpuas_va(root->base + first),
			   last - first + 1);
}

/* Everything but what is in memory: may this table hang here? */
static int install_check(const struct gpuas_space *root, uint64_t pos,
			 gpuas_pa_t table)
{
	if (table == root->root || !table_pa_ok_(root, table))
		return -GPUAS_EINVAL;
	return pos >= root->window && pos <= root->window_last ? -GPUAS_EPERM : 0;
}

/* As gpuas_link_() does it for tables of a handle's own. */
static int install(const struct gpuas_space *root, uint64_t pos, gpuas_pa_t table)
{
	const struct gpuas_env *env = root->env;
	const size_t size = (size_t)granule_(&root->geo);
	uint64_t *slot = &root->root_ptr[at_(root, root->top, pos)];
	const uint64_t *ptr = gpuas_borrow_(root, table);

	if (!ptr)
		return -GPUAS_EFAULT;
	if (!gpuas_entries_empty_(ptr, entries_(&root->geo)))
		return -GPUAS_EBUSY;
	if (env->clean)
		env->clean(env->ctx, ptr, size);
	/* Who sees the entry must see the zeroes, not what was there before. */
	gpuas_publish_barrier();
	gpuas_entry_store(slot, gpuas_pa_u64(table) | ENTRY_TABLE);
	gpuas_root_written_(root, pos & ~mask_(root, root->top),
			    pos | mask_(root, root->top), false);
	return 0;
}

int gpuas_link_install(const struct gpuas_space *root, gpuas_va_t va,
		       gpuas_pa_t table, struct gpuas_link *link)
{
	uint64_t pos;
	int err = gpuas_link_find(root, root->top - 1u, va, table, link);

	if (!err)
		err = gpuas_offset_(root, va, &pos);
	if (!err)
		err = install_check(root, pos, table);
	if (err || link->entry == (gpuas_pa_u64(table) | ENTRY_TABLE))
		return err;
	return link->entry ? -GPUAS_EBUSY : install(root, pos, table);
}
