// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * From a manifest to the driver's handle: at the root, or at the table that is lent
 * below each root.
 */
#include <gpuas/link.h>

#include "manifest.h"

static int entry_report(struct gpuas_report *report, int err, unsigned int root,
			const struct gpuas_link *link, const char *what)
{
	gpuas_report_dec(report, err, "root", NULL, "number", root);
	if (report) {
		gpuas_text_str(&report->text, ": entry ");
		gpuas_text_dec(&report->text, link->index);
		gpuas_text_str(&report->text, ", for the host, ");
		gpuas_text_str(&report->text, what);
		gpuas_text_hex(&report->text, link->entry, 1);
	}
	return err;
}

/* @published: it is for the firmware to make the link. */
static int judge(const struct gpuas_link *link, unsigned int root, bool published,
		 struct gpuas_report *report)
{
	switch (link->found) {
	case GPUAS_FOUND_EXPECTED:
		return 0;
	case GPUAS_FOUND_EMPTY:
		if (!published)
			return 0;
		return entry_report(report, -GPUAS_ENOENT, root, link,
				    "is for the firmware to publish, and still ");
	case GPUAS_FOUND_OTHER:
		return entry_report(report, -GPUAS_ESTALE, root, link,
				    "does not lead to the lent table: ");
	case GPUAS_FOUND_BLOCK:
		return entry_report(report, -GPUAS_EEXIST, root, link,
				    "is a block, and no link to the lent table: ");
	case GPUAS_FOUND_ODD:
	case GPUAS_FOUND_UNREADABLE:
		break;
	}
	return entry_report(report, -GPUAS_EEXIST, root, link,
			    "is no link to the lent table: ");
}

int gpuas_root_open_(const struct gpuas_manifest *manifest,
		     const struct gpuas_board *board, unsigned int i,
		     const struct gpuas_env *env, struct gpuas_space *space,
		     struct gpuas_report *report)
{
	const struct gpuas_range none = { manifest->host.va, 0 };
	const gpuas_pa_t root = gpuas_manifest_root(manifest, board, i);
	int err = gpuas_space_adopt(space, &manifest->geo, &none, root, env);

	if (err)
		return gpuas_report_hex(report, err, "root", NULL,
					"cannot be opened at PA",
					gpuas_pa_u64(root));
	return 0;
}

/* Does the entry of the host's window stand in a root as it should? */
static int look(const struct gpuas_manifest *manifest,
		const struct gpuas_board *board, unsigned int i,
		const struct gpuas_space *root, bool started,
		struct gpuas_report *report)
{
	const struct gpuas_region *lent =
		gpuas_manifest_role(manifest, GPUAS_ROLE_LENT);
	struct gpuas_link link;
	int err = gpuas_link_find(root, root->top - 1u, manifest->host.va,
				  lent->pa, &link);

	if (err)
		return err;
	return judge(&link, i,
		     started && link.index < gpuas_board_root(board, i)->published,
		     report);
}

int gpuas_links_check_(const struct gpuas_manifest *manifest,
		       const struct gpuas_board *board,
		       const struct gpuas_env *env, struct gpuas_space *space,
		       bool started, struct gpuas_report *report)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && gpuas_board_root(board, i); i++) {
		err = gpuas_root_open_(manifest, board, i, env, space, report);
		if (!err)
			err = look(manifest, board, i, space, started, report);
	}
	return err;
}

int gpuas_manifest_link(const struct gpuas_manifest *manifest,
			const struct gpuas_board *board,
			const struct gpuas_env *env, struct gpuas_space *space,
			struct gpuas_report *report)
{
	const struct gpuas_region *lent =
		gpuas_manifest_role(manifest, GPUAS_ROLE_LENT);
	struct gpuas_link link;
	unsigned int i;
	int err;

	if (!lent)
		return 0;
	/* All are judged before the first one is written. */
	err = gpuas_links_check_(manifest, board, env, space, true, report);
	for (i = 0; !err && gpuas_board_root(board, i); i++) {
		err = gpuas_root_open_(manifest, board, i, env, space, report);
		if (err)
			break;
		err = gpuas_link_install(space, manifest->host.va, lent->pa,
					 &link);
		/* It leads there: what else it says is for its maker to know. */
		if (err == -GPUAS_EBUSY && link.found == GPUAS_FOUND_EXPECTED)
			err = 0;
		if (err)
			entry_report(report, err, i, &link,
				     "cannot be linked to the lent table: ");
	}
	return err;
}

int gpuas_manifest_open(const struct gpuas_manifest *manifest,
			const struct gpuas_board *board,
			const struct gpuas_env *env, struct gpuas_space *space,
			struct gpuas_report *report)
{
	const struct gpuas_region *lent =
		gpuas_manifest_role(manifest, GPUAS_ROLE_LENT);
	gpuas_pa_t at = lent ? lent->pa : manifest->root;
	int err;

	if (!lent) {
		err = gpuas_space_adopt(space, &manifest->geo, &manifest->host, at,
					env);
	} else {
		err = gpuas_manifest_link(manifest, board, env, space, report);
		if (err)
			return err;
		err = gpuas_space_adopt_at(space, &manifest->geo,
					   gpuas_top_(&manifest->geo) - 1u,
					   &manifest->host, at, env);
	}
	if (err)
		return gpuas_report_hex(report, err, lent ? "lent table" : "root",
					NULL, "cannot be opened at PA",
					gpuas_pa_u64(at));
	return 0;
}
