// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Edits happen in a copy, in steps that each leave alone what is right already.
 * libfdt puts new nodes and properties in front of others: those that are made
 * in a row are made last to first.
 */
#include "fdt_internal.h"

enum { PHANDLE_LIMIT = 0xfffffffe - 1 };

int gpuas_fdt_step_(struct gpuas_fdt_edit *edit, int result, const char *thing,
		    const char *name)
{
	size_t used;

	if (result < 0)
		return gpuas_fdt_error_(result, edit->report, thing, name);
	used = fdt_off_dt_strings(edit->fdt) +
	       (size_t)fdt_size_dt_strings(edit->fdt);
	edit->changed = true;
	if (used > edit->used)
		edit->used = used;
	return 0;
}

int gpuas_fdt_exists_(struct gpuas_fdt_edit *edit, const char *thing,
		      const char *name, const char *prop)
{
	return gpuas_fdt_report_(edit->report, -GPUAS_EEXIST, thing, name,
				 "the tree has another ", prop);
}

int gpuas_fdt_resize_(struct gpuas_fdt_edit *edit, int node, const char *prop,
		      int len, void **data)
{
	int result = fdt_setprop_placeholder(edit->fdt, node, prop, len, data);

	return gpuas_fdt_step_(edit, result, "property", prop);
}

static bool equal(const void *fdt, int node, const char *prop,
		  const void *value, size_t len)
{
	int old_len;
	const void *old = fdt_getprop(fdt, node, prop, &old_len);

	return old && (size_t)old_len == len && !memcmp(old, value, len);
}

int gpuas_fdt_set_(struct gpuas_fdt_edit *edit, int node, const char *prop,
		   const void *value, size_t len)
{
	void *data;
	int err;

	if (equal(edit->fdt, node, prop, value, len))
		return 0;
	err = gpuas_fdt_resize_(edit, node, prop, (int)len, &data);
	if (!err)
		memcpy(data, value, len);
	return err;
}

size_t gpuas_fdt_size_(const char *str)
{
	size_t len = 0;

	while (str[len])
		len++;
	return len + 1;
}

int gpuas_fdt_set_string_(struct gpuas_fdt_edit *edit, int node,
			  const char *prop, const char *str)
{
	return gpuas_fdt_set_(edit, node, prop, str, gpuas_fdt_size_(str));
}

int gpuas_fdt_put_(struct gpuas_fdt_edit *edit, int node, const char *thing,
		   const char *name, const char *prop, const fdt32_t *cell,
		   unsigned int cells)
{
	const size_t len = cells * sizeof(*cell);

	if (fdt_getprop(edit->fdt, node, prop, NULL) &&
	    !equal(edit->fdt, node, prop, cell, len))
		return gpuas_fdt_exists_(edit, thing, name, prop);
	return gpuas_fdt_set_(edit, node, prop, cell, len);
}

int gpuas_fdt_put_window_(struct gpuas_fdt_edit *edit, int node, const char *prop,
			  const struct gpuas_range *window)
{
	fdt32_t cell[4];

	gpuas_fdt_store_(cell, 2, gpuas_va_u64(window->va));
	gpuas_fdt_store_(cell + 2, 2, window->size);
	return gpuas_fdt_put_(edit, node, "GPU node", NULL, prop, cell, 4);
}

int gpuas_fdt_add_node_(struct gpuas_fdt_edit *edit, int parent,
			const char *name, int *node)
{
	*node = fdt_add_subnode(edit->fdt, parent, name);
	return gpuas_fdt_step_(edit, *node, "node", name);
}

/* Only "disabled" says that the node waits for somebody to enable it. */
int gpuas_fdt_enable_(struct gpuas_fdt_edit *edit, int node, const char *thing,
		      const char *name)
{
	if (gpuas_fdt_enabled_(edit->fdt, node))
		return 0;
	if (!gpuas_fdt_is_(edit->fdt, node, "status", "disabled"))
		return gpuas_fdt_exists_(edit, thing, name, "status");
	return gpuas_fdt_set_string_(edit, node, "status", "okay");
}

/*
 * What a compatible is called that was turned off: that needs no room, and loses
 * nothing that a later publication would miss.
 */
static const char off[] = "ompatible";

static int turn_off(void *fdt, int node)
{
	struct fdt_property *prop =
		fdt_get_property_w(fdt, node, "compatible", NULL);

	if (!prop)
		return -FDT_ERR_NOTFOUND;
	fdt32_st(&prop->nameoff, fdt32_to_cpu(prop->nameoff) + 1);
	return 0;
}

/*
 * What was turned off was enabled before. In a form that stays right if somebody wrote
 * the tree's strings anew.
 */
static int turn_on(struct gpuas_fdt_edit *edit, int node)
{
	int err = gpuas_fdt_set_string_(edit, node, "status", "okay");
	void *data;
	int len;

	if (err)
		return err;
	fdt_getprop(edit->fdt, node, off, &len);
	err = gpuas_fdt_resize_(edit, node, "compatible", len, &data);
	if (err)
		return err;
	memcpy(data, fdt_getprop(edit->fdt, node, off, NULL), (size_t)len);
	return gpuas_fdt_step_(edit, fdt_delprop(edit->fdt, node, off),
			       "property", off);
}

static bool is_off(const void *fdt, int node, const char *const *compatible)
{
	while (*compatible &&
	       fdt_stringlist_search(fdt, node, off, *compatible) < 0)
		compatible++;
	return *compatible;
}

int gpuas_fdt_next_off_(const void *fdt, int node, const char *const *compatible)
{
	do
		node = fdt_next_node(fdt, node, NULL);
	while (node >= 0 && !is_off(fdt, node, compatible));
	return node;
}

int gpuas_fdt_turn_on_(struct gpuas_fdt_edit *edit, const char *const *compatible)
{
	int node = gpuas_fdt_next_off_(edit->fdt, -1, compatible), err = 0;

	while (!err && node >= 0) {
		err = turn_on(edit, node);
		node = gpuas_fdt_next_off_(edit->fdt, node, compatible);
	}
	return err;
}

/*
 * Without room for "disabled", drivers must not find it; "fail" is for those who
 * know its path.
 */
int gpuas_fdt_disable_(struct gpuas_fdt_edit *edit, int node, const char *thing,
		       const char *name)
{
	static const char disabled[] = "disabled", fail[] = "fail";
	void *fdt = edit->fdt;
	bool no_room;
	int err;

	if (gpuas_fdt_is_(fdt, node, "status", disabled))
		return 0;
	err = fdt_setprop(fdt, node, "status", disabled, sizeof(disabled));
	no_room = err == -FDT_ERR_NOSPACE && edit->in_place;
	if (no_room)
		fdt_setprop_inplace(fdt, node, "status", fail, sizeof(fail));
	if (no_room || (!err && edit->mark))
		err = turn_off(fdt, node);
	return gpuas_fdt_step_(edit, err, thing, name);
}

int gpuas_fdt_phandle_(struct gpuas_fdt_edit *edit, int node, uint32_t *phandle)
{
	fdt32_t cell;

	*phandle = fdt_get_phandle(edit->fdt, node);
	if (*phandle)
		return 0;
	if (fdt_find_max_phandle(edit->fdt, phandle) ||
	    *phandle > PHANDLE_LIMIT)
		return gpuas_report(edit->report, -GPUAS_E2BIG, "device tree",
				    NULL, "has no phandle left");
	gpuas_fdt_store_(&cell, 1, ++*phandle);
	return gpuas_fdt_set_(edit, node, "phandle", &cell, sizeof(cell));
}
