// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Can trees follow what a contract says? Of the description alone, as gpuas_plan() judges. */
#include "manifest.h"

/* Characters of a node name, unit address not counted. */
#define NODE_NAME_MAX	31

static bool is_name_char(char c)
{
	const char lower = (char)(c | 0x20);

	return (c >= '+' && c <= '9' && c != '/') ||
	       (lower >= 'a' && lower <= 'z') || c == '_';
}

bool gpuas_is_node_name_(const char *name)
{
	unsigned int n;

	for (n = 0; name[n]; n++) {
		if (n == NODE_NAME_MAX || !is_name_char(name[n]))
			return false;
	}
	return n;
}

unsigned int gpuas_word_length_(const char *word)
{
	unsigned int n = 0;

	if (!word)
		return 0;
	while (word[n] > ' ' && word[n] <= '~')
		n++;
	return word[n] ? 0 : n;
}

static bool singular(enum gpuas_role role)
{
	return role == GPUAS_ROLE_TTBS || role == GPUAS_ROLE_PAGETABLES ||
	       role == GPUAS_ROLE_HANDOFF || role == GPUAS_ROLE_LENT;
}

static const struct gpuas_board_region *
board_region(const struct gpuas_board *board, const char *name)
{
	unsigned int i;

	for (i = 0; i < board->regions; i++) {
		if (gpuas_streq(board->region[i].name, name))
			return &board->region[i];
	}
	return NULL;
}

static int bad(struct gpuas_report *report, const char *name, const char *what)
{
	return gpuas_report(report, -GPUAS_EINVAL, "region", name, what);
}

/* Of memory that only the contract knows, nothing but its phandle is said. */
static int stranger_check(const struct gpuas_contract *contract,
			  const struct gpuas_contract_region *how,
			  struct gpuas_report *report)
{
	if (how->name || how->node || how->unlisted || how->source || !how->compatible)
		return gpuas_report(report, -GPUAS_EINVAL, "contract",
				    contract->name,
				    "says of memory that is no region more than what it is compatible with");
	return 0;
}

static int region_check(const struct gpuas_contract *contract,
			const struct gpuas_board *board,
			const struct gpuas_contract_region *how,
			struct gpuas_report *report)
{
	const struct gpuas_board_region *from;

	if (!how->region)
		return stranger_check(contract, how, report);
	from = board_region(board, how->region);
	if (!from)
		return bad(report, how->region, "is in a contract, and not the board's");
	if (how->name ? !gpuas_word_length_(how->name) : !how->unlisted)
		return bad(report, how->region, "has no printable name in a contract");
	if (!how->node && (!board->adopt || how->unlisted))
		return bad(report, how->region, "has no node name");
	if (how->node && !gpuas_is_node_name_(how->node))
		return gpuas_report(report, -GPUAS_EINVAL, "node", how->node,
				    "is no name, without unit address, for a node of ours");
	if (how->tuples)
		return bad(report, how->region, "is more than one range");
	if (how->optional && (!board->adopt || singular(from->role)))
		return bad(report, how->region, "cannot be optional");
	return 0;
}

static int regions_unique(const struct gpuas_contract_region *a,
			  const struct gpuas_contract_region *b,
			  struct gpuas_report *report)
{
	if (gpuas_streq(a->region, b->region) || gpuas_streq(a->name, b->name))
		return gpuas_report(report, -GPUAS_ENOTUNIQ, "region",
				    b->region, "name occurs twice in a contract");
	if (gpuas_streq(a->node, b->node) && !(a->shared_node && b->shared_node))
		return gpuas_report(report, -GPUAS_ENOTUNIQ, "node", b->node,
				    "name occurs twice");
	return 0;
}

/* What is allocated has to be written; what is adopted has to be enough. */
static int roles_check(const struct gpuas_contract *contract,
		       const struct gpuas_board *board,
		       struct gpuas_report *report)
{
	const struct gpuas_board_region *region = board->region;
	unsigned int i;

	for (i = 0; i < board->regions; i++, region++) {
		if ((!board->adopt || singular(region->role)) &&
		    !gpuas_contract_region(contract, region->name))
			return bad(report, region->name, "is not in a contract");
	}
	return 0;
}

static int form_check(const struct gpuas_contract *contract,
		      const struct gpuas_board *board,
		      struct gpuas_report *report)
{
	const bool list = contract->va == GPUAS_VA_SEGMENTS ||
			  contract->va == GPUAS_VA_WINDOW;
	const char *what;

	if (!gpuas_word_length_(contract->name))
		what = "has a contract without printable name";
	else if (list != !!contract->va_property)
		what = "has a contract that names no property for VAs, or too many";
	else if (contract->read_only && !board->adopt)
		what = "has a contract that nobody is known to write";
	else
		return 0;
	return gpuas_report(report, -GPUAS_EINVAL, "board", board->name, what);
}

static int contract_check(const struct gpuas_contract *contract,
			  const struct gpuas_board *board,
			  struct gpuas_report *report)
{
	const struct gpuas_contract_region *how = contract->region;
	unsigned int i, j;
	int err = form_check(contract, board, report);

	for (i = 0; !err && i < contract->regions; i++) {
		err = region_check(contract, board, &how[i], report);
		for (j = 0; !err && j < i; j++)
			err = regions_unique(&how[j], &how[i], report);
	}
	return err ? err : roles_check(contract, board, report);
}

int gpuas_contracts_check_(const struct gpuas_board *board,
			   struct gpuas_report *report)
{
	unsigned int i;
	int err = 0;

	if (!board->contract || !board->contract[0])
		return gpuas_report(report, -GPUAS_EINVAL, "board", board->name,
				    "has no contract");
	for (i = 0; !err && board->contract[i]; i++) {
		if (i == GPUAS_CONTRACTS_MAX)
			return gpuas_report_dec(report, -GPUAS_E2BIG, "board",
						board->name,
						"has more contracts than", i);
		err = contract_check(board->contract[i], board, report);
	}
	return err;
}
