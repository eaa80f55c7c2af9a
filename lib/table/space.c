// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Handles: made with a root of their own, opened at one that somebody else made.
 * What every call needs is worked out once here.
 */
#include "geometry.h"
#include "walk.h"

static int window_set(struct gpuas_space *space,
		      const struct gpuas_range *window)
{
	space->window = 1;
	space->window_last = 0;
	if (!window->size)
		return 0;
	/*
	 * An entry has one owner: part of one cannot be a window, or two handles
	 * would have to agree on who makes and frees the table that it leads to.
	 */
	if ((gpuas_va_u64(window->va) | window->size) & mask_(space, space->top))
		return -GPUAS_EINVAL;
	return gpuas_extent_(space, window->va, window->size, &space->window,
			     &space->window_last);
}

/* For a handle that is opened at the root. */
#define LEVEL_ROOT	(~0u)

/* What every call would else have to work out. */
static void shape_init(struct gpuas_space *space, unsigned int level)
{
	const struct gpuas_geometry *geo = &space->geo;

	space->top = (uint8_t)level;
	if (FAST && !space->env->invalidate && !space->env->map_flush && level < 3)
		space->hot = (uint8_t)(hot_shape_(granule_shift_(geo), level + 1) |
				       (space->env->table_record ? 0 : HOT_READ));
	for (level = 0; level <= GPUAS_LEVELS_MAX; level++)
		space->shift[level] = (uint8_t)shift_(geo, level);
	space->index_mask = (uint16_t)(entries_(geo) - 1);
	space->pa_last = (1ULL << geo->pa_bits) - 1;
	space->leaf_mask = gpuas_pa_u64(address_(~space->pa_last, 1)) |
			   ENTRY_TYPE_MASK;
	if (FAST)
		space->page_mask = gpuas_pa_u64(address_(~0ULL, granule_(geo)));
	near_reset_(space);
}

/* What a table covers: the half, or, below the root, as much of it as @va is in. */
static int cover_init(struct gpuas_space *space, gpuas_va_t va)
{
	const uint64_t half = (1ULL << space->geo.va_bits) - 1;
	const uint64_t base = base_(&space->geo);
	const uint64_t pos = gpuas_va_u64(va) - base;

	space->last = min_(half, mask_(space, space->top + 1u));
	space->base = base + (pos & half & ~space->last);
	/* At the root, an empty window may be anywhere. */
	return space->last < half && pos > half ? -GPUAS_ERANGE : 0;
}

static int space_init(struct gpuas_space *space,
		      const struct gpuas_geometry *geo, unsigned int level,
		      const struct gpuas_range *window,
		      const struct gpuas_env *env)
{
	unsigned int top;
	int err;

	if (!gpuas_geometry_ok_(geo) || (geo->blocks && geo->format->owner_bit))
		return -GPUAS_EINVAL;
	top = gpuas_top_(geo);
	if (level == LEVEL_ROOT)
		level = top;
	if (level > top)
		return -GPUAS_EINVAL;
	memset(space, 0, sizeof(*space));
	space->geo = *geo;
	space->env = env;
	/* No table is there, not even at PA 0. */
	space->root = gpuas_pa(~0ULL);
	shape_init(space, level);
	space->gather.first = ~0ULL;
	err = cover_init(space, window->va);
	return err ? err : window_set(space, window);
}

int gpuas_space_create(struct gpuas_space *space,
		       const struct gpuas_geometry *geo,
		       const struct gpuas_range *window,
		       const struct gpuas_env *env)
{
	int err = space_init(space, geo, LEVEL_ROOT, window, env);

	if (!err)
		err = gpuas_spares_get_(space, 1);
	if (err)
		return err;
	space->root_table = gpuas_spare_zero_(space);
	space->root_table->place = PLACE_ROOT;
	space->root_ptr = space->root_table->ptr;
	space->root = space->root_table->pa;
	space->tables = 1;
	gather_dirty_(space, space->root_ptr, entries_(geo));
	gpuas_settle_(space);
	return 0;
}

/*
 * Are all entries in the window empty? One that is not is what somebody left behind,
 * or uses: nobody knows whose tables it leads to, so none are taken over.
 */
static bool window_empty(const struct gpuas_space *space)
{
	uint64_t pos = space->window;

	for (; pos < space->window_last; pos += mask_(space, space->top) + 1)
		if (gpuas_entry_load(&space->root_ptr[at_(space, space->top, pos)]))
			return false;
	return true;
}

static int adopt(struct gpuas_space *space, const struct gpuas_geometry *geo,
		 unsigned int level, const struct gpuas_range *window,
		 gpuas_pa_t table, const struct gpuas_env *env)
{
	int err = space_init(space, geo, level, window, env);

	if (err)
		return err;
	if (!table_pa_ok_(space, table))
		return -GPUAS_EINVAL;
	space->root = table;
	space->root_ptr = gpuas_borrow_(space, table);
	if (!space->root_ptr)
		return -GPUAS_EFAULT;
	return window_empty(space) ? 0 : -GPUAS_EBUSY;
}

int gpuas_space_adopt_at(struct gpuas_space *space,
			 const struct gpuas_geometry *geo, unsigned int level,
			 const struct gpuas_range *window, gpuas_pa_t table,
			 const struct gpuas_env *env)
{
	if (level == LEVEL_ROOT)
		return -GPUAS_EINVAL;
	return adopt(space, geo, level, window, table, env);
}

int gpuas_space_adopt(struct gpuas_space *space,
		      const struct gpuas_geometry *geo,
		      const struct gpuas_range *window, gpuas_pa_t root,
		      const struct gpuas_env *env)
{
	return adopt(space, geo, LEVEL_ROOT, window, root, env);
}

int gpuas_space_reopen(struct gpuas_space *space)
{
	uint64_t *root;

	/* What waits to be cleaned is known by where it was. */
	if (space->gather.depth)
		return -GPUAS_EBUSY;
	root = gpuas_borrow_(space, space->root);
	if (!root)
		return -GPUAS_EFAULT;
	space->root_ptr = root;
	return 0;
}
