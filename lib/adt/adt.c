// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Apple's device tree, read without trust: each step forward is checked against the end of
 * the blob, and takes at least the bytes of a header, so that counts need no bound.
 */
#include "adt.h"

enum {
	NAME_SIZE = 32,
	NODE_SIZE = 8,
	PROPERTY_SIZE = NAME_SIZE + 4,
};

#define SIZE_MASK	0x7fffffffu

/* A place in the tree: a property, or where the first one would be. */
struct cursor {
	const struct gpuas_adt *adt;
	size_t at;
	struct gpuas_report *report;
};

static const char *here(const struct cursor *cursor)
{
	return (const char *)cursor->adt->blob + cursor->at;
}

static size_t left(const struct cursor *cursor)
{
	return cursor->adt->size - cursor->at;
}

static int bad(const struct cursor *cursor, const char *what)
{
	gpuas_report_hex(cursor->report, -GPUAS_EBADMSG, "Apple device tree", NULL, what,
			 cursor->at);
	return -GPUAS_EBADMSG;
}

/* Goes behind the header of a node. */
static int enter(struct cursor *cursor, uint32_t *properties, uint32_t *children)
{
	if (left(cursor) < NODE_SIZE)
		return bad(cursor, "ends inside a node, at");
	*properties = adt_load32_(here(cursor));
	*children = adt_load32_(here(cursor) + 4);
	cursor->at += NODE_SIZE;
	return 0;
}

static bool ends(const char *name)
{
	unsigned int i = 0;

	while (i < NAME_SIZE && name[i])
		i++;
	return i < NAME_SIZE;
}

/* Goes behind a property. */
static int pass(struct cursor *cursor, const char **name, struct gpuas_adt_value *value)
{
	uint32_t size, padded;

	if (left(cursor) < PROPERTY_SIZE)
		return bad(cursor, "ends inside a property, at");
	*name = here(cursor);
	if (!ends(*name))
		return bad(cursor, "has a name without end, at");
	size = adt_load32_(*name + NAME_SIZE) & SIZE_MASK;
	padded = (size + 3) & ~3u;
	if (left(cursor) - PROPERTY_SIZE < padded)
		return bad(cursor, "ends inside a value, of the property at");
	value->data = *name + PROPERTY_SIZE;
	value->size = size;
	cursor->at += PROPERTY_SIZE + padded;
	return 0;
}

/* Goes behind all properties of a node, and picks one; its data is NULL if there is none. */
static int pick(struct cursor *cursor, uint32_t properties, const char *want,
		struct gpuas_adt_value *found)
{
	struct gpuas_adt_value value;
	const char *name = NULL;
	int err;

	found->data = NULL;
	while (properties--) {
		err = pass(cursor, &name, &value);
		if (err)
			return err;
		if (!gpuas_streq(name, want))
			continue;
		if (found->data)
			return bad(cursor, "has a property twice, before");
		*found = value;
	}
	return 0;
}

/* Is this the string, up to a slash? A value need not have a zero at its end. */
static bool is_called(const struct gpuas_adt_value *value, const char *name)
{
	const char *have = value->data;
	uint32_t i;

	if (!have)
		return false;
	for (i = 0; name[i] && name[i] != '/'; i++)
		if (i >= value->size || have[i] != name[i])
			return false;
	return i == value->size || !have[i];
}

/* Goes behind a node and all that is below it, from behind its properties. */
static int skip(struct cursor *cursor, uint32_t children)
{
	struct gpuas_adt_value name;
	uint32_t properties;
	uint64_t nodes = children;
	int err;

	while (nodes--) {
		err = enter(cursor, &properties, &children);
		if (!err)
			err = pick(cursor, properties, "name", &name);
		if (err)
			return err;
		nodes += children;
	}
	return 0;
}

/* Goes to the child of that name. */
static int descend(struct cursor *cursor, const char *name)
{
	uint32_t properties, children, below;
	struct gpuas_adt_value value;
	size_t start;
	int err;

	err = enter(cursor, &properties, &children);
	if (!err)
		err = pick(cursor, properties, "name", &value);
	while (!err && children--) {
		start = cursor->at;
		err = enter(cursor, &properties, &below);
		if (!err)
			err = pick(cursor, properties, "name", &value);
		if (!err && is_called(&value, name)) {
			cursor->at = start;
			return 0;
		}
		if (!err)
			err = skip(cursor, below);
	}
	return err ? err : -GPUAS_ENOENT;
}

int gpuas_adt_node(const struct gpuas_adt *adt, const char *path, size_t *node,
		   struct gpuas_report *report)
{
	struct cursor cursor = { .adt = adt, .at = 0, .report = report };
	const char *name = path;
	int err = 0;

	if (*name != '/')
		return gpuas_report(report, -GPUAS_EINVAL, "path", path, "does not start with a slash");
	while (!err && name[0] == '/' && name[1]) {
		name++;
		if (*name == '/')
			return gpuas_report(report, -GPUAS_EINVAL, "path", path, "has an empty name");
		err = descend(&cursor, name);
		while (*name && *name != '/')
			name++;
	}
	if (err == -GPUAS_ENOENT)
		return gpuas_report(report, err, "node", path, "is missing");
	*node = cursor.at;
	return err;
}

int gpuas_adt_property(const struct gpuas_adt *adt, size_t node, const char *name,
		       struct gpuas_adt_value *value, struct gpuas_report *report)
{
	struct cursor cursor = { .adt = adt, .at = node, .report = report };
	uint32_t properties, children;
	int err;

	value->data = NULL;
	if (node > adt->size)
		return bad(&cursor, "has no node at");
	err = enter(&cursor, &properties, &children);
	if (!err)
		err = pick(&cursor, properties, name, value);
	if (err)
		value->data = NULL;
	else if (!value->data)
		err = gpuas_report(report, -GPUAS_ENOENT, "property", name, "is missing");
	return err;
}
