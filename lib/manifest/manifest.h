/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Judging manifests: what the steps of a bring-up share. */
#ifndef GPUAS_LIB_MANIFEST_H
#define GPUAS_LIB_MANIFEST_H

#include <gpuas/manifest.h>
#include <gpuas/space.h>

#include "../table/geometry.h"

/* gpuas_geometry_ok_(), saying what is not. */
int gpuas_geometry_check_(const struct gpuas_geometry *geo,
			  struct gpuas_report *report);

/* Both windows: whole root entries, inside the half, apart from each other. */
int gpuas_windows_check_(const struct gpuas_manifest *manifest,
			 struct gpuas_report *report);

/* The VAs of all present regions that are mapped; sizes are sane already. */
int gpuas_mappings_check_(const struct gpuas_manifest *manifest,
			  struct gpuas_report *report);

/* Exact number of tables for those mappings, root included. */
uint64_t gpuas_mappings_tables_(const struct gpuas_manifest *manifest);

/* What a region of this role has to hold at least, in bytes. */
uint64_t gpuas_role_bytes_(const struct gpuas_board *board,
			   enum gpuas_role role, uint64_t tables);

/* How much of the tables, from the start, belongs to the first root alone. */
uint64_t gpuas_first_root_bytes_(const struct gpuas_board *board, uint64_t size);

/* Open root @i of the board's to read through. */
int gpuas_root_open_(const struct gpuas_manifest *manifest,
		     const struct gpuas_board *board, unsigned int i,
		     const struct gpuas_env *env, struct gpuas_space *space,
		     struct gpuas_report *report);

/*
 * Does each root lead to the table that is lent, or nowhere yet? @started: the
 * firmware has published its entries. @space is used on the way.
 */
int gpuas_links_check_(const struct gpuas_manifest *manifest,
		       const struct gpuas_board *board,
		       const struct gpuas_env *env, struct gpuas_space *space,
		       bool started, struct gpuas_report *report);

#endif /* GPUAS_LIB_MANIFEST_H */
