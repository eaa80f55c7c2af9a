// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The spaces that board, manifest and TTB array know of. */
#include "snapshot.h"

static void name_set(struct gpuas_snap_space *space, const char *what, unsigned int number)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, what);
	gpuas_text_dec(&text, number);
	memcpy(space->name, text.buf, GPUAS_SNAP_NAME_MAX - 1);
	space->name[GPUAS_SNAP_NAME_MAX - 1] = 0;
}

static bool is_listed(const struct gpuas_snapshot *snapshot, bool upper, gpuas_pa_t root)
{
	uint32_t i;

	for (i = 0; i < snapshot->spaces; i++) {
		if (snapshot->space[i].geo.upper == upper && snapshot->space[i].root == root)
			return true;
	}
	return false;
}

static int add(struct gpuas_snapshot *snapshot, bool upper, gpuas_pa_t root, uint8_t tag,
	       uint16_t context, struct gpuas_snap_space **added)
{
	struct gpuas_snap_space *space = &snapshot->space[snapshot->spaces];

	if (snapshot->spaces >= snapshot->spaces_max)
		return -GPUAS_E2BIG;
	memset(space, 0, sizeof(*space));
	space->geo = snapshot->manifest->geo;
	space->geo.upper = upper;
	space->root = root;
	space->level = GPUAS_SNAP_ROOT;
	space->tag = tag;
	space->context = context;
	snapshot->spaces++;
	*added = space;
	return 0;
}

static int add_roots(struct gpuas_snapshot *snapshot, unsigned int *upper)
{
	struct gpuas_snap_space *space;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && gpuas_board_root(snapshot->board, i); i++) {
		err = add(snapshot, snapshot->manifest->geo.upper,
			  gpuas_manifest_root(snapshot->manifest, snapshot->board, i),
			  (uint8_t)(i ? GPUAS_SNAP_TAG_UPPER + i : GPUAS_SNAP_TAG_FIRST),
			  i ? GPUAS_SNAP_NO_CONTEXT : 0, &space);
		if (!err)
			name_set(space, "root ", i);
	}
	*upper = i;
	return err;
}

/* One half of a context, if it has one, and nobody else has the same. */
static int add_half(struct gpuas_snapshot *snapshot, unsigned int context, uint64_t ttb,
		    bool upper, uint8_t tag, const char *name)
{
	struct gpuas_snap_space *space;
	gpuas_pa_t root;
	int err;

	if (gpuas_ttb_root(ttb, &root) || is_listed(snapshot, upper, root))
		return 0;
	err = add(snapshot, upper, root, tag, (uint16_t)context, &space);
	if (!err)
		name_set(space, name, context);
	return err;
}

static int add_contexts(struct gpuas_snapshot *snapshot, unsigned int upper)
{
	const struct gpuas_ttb_pair *pair = snapshot->ttbs.context;
	unsigned int i;
	uint32_t count;
	int err = 0;

	for (i = 0; !err && i < GPUAS_TTB_CONTEXTS; i++, pair++) {
		err = add_half(snapshot, i, pair->ttb0, false,
			       (uint8_t)(GPUAS_SNAP_TAG_CONTEXT + i), "context ");
		count = snapshot->spaces;
		/* More of them than there are tags share the last: 31 is more than anybody has. */
		if (!err)
			err = add_half(snapshot, i, pair->ttb1, true,
				       (uint8_t)min_(GPUAS_SNAP_TAG_UPPER + upper,
						     GPUAS_SNAP_TAG_OTHER - 1), "upper ");
		upper += snapshot->spaces - count;
	}
	return err;
}

int gpuas_snapshot_roots(struct gpuas_snapshot *snapshot)
{
	unsigned int upper;
	int err;

	if (!snapshot->board || !snapshot->manifest)
		return -GPUAS_EINVAL;
	err = add_roots(snapshot, &upper);
	if (err)
		return err;
	gpuas_snap_pages_(snapshot);
	return snapshot->has_ttbs ? add_contexts(snapshot, upper) : -GPUAS_EFAULT;
}
