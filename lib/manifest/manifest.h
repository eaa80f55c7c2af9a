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

/* A node name without unit address: Devicetree Specification 0.4, 2.2.1. */
bool gpuas_is_node_name_(const char *name);

/* What a tree and a line of somebody's log can hold: characters, or 0 if it has others. */
unsigned int gpuas_word_length_(const char *word);

/* The board's contracts, as gpuas_plan() judges them. */
int gpuas_contracts_check_(const struct gpuas_board *board,
			   struct gpuas_report *report);

/* A region's node has, or has not, no-map: 0; -GPUAS_EACCES if the contract says otherwise. */
int gpuas_contract_no_map_(const struct gpuas_contract *contract,
			   const struct gpuas_contract_region *how, bool no_map,
			   struct gpuas_report *report);

/* Note that, and the type of memory that follows. */
void gpuas_contract_set_no_map_(const struct gpuas_contract *contract,
				bool no_map, struct gpuas_region *region);

/*
 * Of the board's contracts, @fits has a bit for each that the tree fits. Sets @contract to
 * the one; a board's only one needs not fit, since its reader says what is missing.
 * -GPUAS_ENOENT or -GPUAS_ENOTUNIQ, with names, if it is none or several.
 */
int gpuas_contract_choose_(const struct gpuas_board *board, uint32_t fits,
			   const struct gpuas_contract **contract,
			   struct gpuas_report *report);

/* Phandles without names in front of @end: they stand behind those that have some. */
unsigned int
gpuas_contract_unnamed_(const struct gpuas_contract *contract,
			const struct gpuas_contract_region *end);

/* Where the firmware has to see region @i, as board and contract say. */
gpuas_va_t gpuas_contract_va_(const struct gpuas_manifest *manifest,
			      const struct gpuas_board *board, unsigned int i);

#endif /* GPUAS_LIB_MANIFEST_H */
