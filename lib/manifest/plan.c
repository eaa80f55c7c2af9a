// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/bringup.h>
#include <gpuas/dump.h>
#include <gpuas/root.h>

#include "manifest.h"

/* Largest page of any CPU: a kernel maps in whole pages of its own. */
#define CPU_PAGE_MAX	0x10000ULL

static bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static int word_check(const struct gpuas_board *board, const char *word,
		      const char *problem, struct gpuas_report *report)
{
	if (gpuas_word_length_(word))
		return 0;
	return gpuas_report(report, -GPUAS_EINVAL, "board", board->name,
			    problem);
}

/* Up to @end, or to where the list ends. */
static bool is_in(const char *const *list, const char *const *end, const char *word)
{
	while (list != end && *list && !gpuas_streq(*list, word))
		list++;
	return list != end && *list;
}

/* A list of one word at least, and none twice. */
static int words_check(const struct gpuas_board *board, const char *const *word,
		       const char *thing, const char *problem,
		       struct gpuas_report *report)
{
	const char *const *at = word;

	if (!word || !*word)
		return word_check(board, NULL, problem, report);
	for (; *at; at++) {
		if (word_check(board, *at, problem, report))
			return -GPUAS_EINVAL;
		if (is_in(word, at, *at))
			return gpuas_report(report, -GPUAS_ENOTUNIQ, thing, *at,
					    "occurs twice");
	}
	return 0;
}

static int names_check(const struct gpuas_board *board, struct gpuas_report *report)
{
	int err = word_check(board, board->name, "has no printable name", report);

	if (!err)
		err = words_check(board, board->machine, "machine",
				  "has no printable machine", report);
	if (!err)
		err = words_check(board, board->compatible, "compatible",
				  "has no printable compatible", report);
	return err;
}

/* Some nodes are no devices: Devicetree Specification 0.4, 3. */
static bool is_gpu_name(const char *name)
{
	static const char others[][16] = {
		"cpus", "memory", "reserved-memory",
	};
	unsigned int i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (gpuas_streq(name, others[i]))
			return false;
	return gpuas_is_node_name_(name);
}

static int board_check(const struct gpuas_board *board,
		       struct gpuas_report *report)
{
	const int err = -GPUAS_EINVAL;
	uint64_t least;

	if (board->gpu_node && !is_gpu_name(board->gpu_node))
		return gpuas_report(report, err, "node", board->gpu_node,
				    "is no name, without unit address, for a node of ours");
	if (board->regions > GPUAS_REGIONS_MAX)
		return gpuas_report_dec(report, -GPUAS_E2BIG, "board",
					board->name, "has too many regions,",
					board->regions);
	if (board->regions && !board->region)
		return gpuas_report(report, err, "board", board->name,
				    "has no list of regions");
	if (gpuas_geometry_check_(&board->geo, report))
		return err;
	least = granule_(&board->geo);
	if (!board->adopt && least < CPU_PAGE_MAX)
		least = CPU_PAGE_MAX;
	if (!is_power_of_two(board->align) || board->align < least)
		return gpuas_report_hex(report, err, "board", board->name,
					"impossible alignment", board->align);
	return 0;
}

/* Who adopts regions may leave the handoff page alone, and so know nothing of it. */
static int profile_check(const struct gpuas_board *board,
			 struct gpuas_report *report)
{
	if (board->adopt && !board->profile)
		return 0;
	return gpuas_profile_check(board->profile, report);
}

/* libfdt finds an empty compatible in almost every node that has any. */
static int withhold_check(const struct gpuas_board *board,
			  struct gpuas_report *report)
{
	const char *const *compatible = board->withhold;

	for (; compatible && *compatible; compatible++) {
		if (word_check(board, *compatible,
			       "withholds a device without compatible, or an odd one",
			       report))
			return -GPUAS_EINVAL;
		if (is_in(board->compatible, NULL, *compatible))
			return gpuas_report(report, -GPUAS_EINVAL, "board",
					    board->name,
					    "withholds the GPU itself");
	}
	return 0;
}

static int name_check(const struct gpuas_board *board, unsigned int i,
		      struct gpuas_report *report)
{
	const struct gpuas_board_region *region = &board->region[i];
	const unsigned int len = gpuas_word_length_(region->name);

	if (!len)
		return gpuas_report_dec(report, -GPUAS_EINVAL, "board", board->name,
					"no printable name for region", i);
	if (len >= GPUAS_NAME_MAX)
		return gpuas_report(report, -GPUAS_E2BIG, "region",
				    region->name, "name is too long");
	return 0;
}

static int name_unique(const struct gpuas_board *board, unsigned int i,
		       struct gpuas_report *report)
{
	const struct gpuas_board_region *region = &board->region[i];
	unsigned int j;

	for (j = 0; j < i; j++) {
		if (gpuas_streq(board->region[j].name, region->name))
			return gpuas_report(report, -GPUAS_ENOTUNIQ, "region",
					    region->name, "name occurs twice");
	}
	return 0;
}

static bool is_singular(enum gpuas_role role)
{
	return role == GPUAS_ROLE_TTBS || role == GPUAS_ROLE_PAGETABLES ||
	       role == GPUAS_ROLE_HANDOFF || role == GPUAS_ROLE_LENT;
}

static int role_check(const struct gpuas_board *board, unsigned int i,
		      struct gpuas_report *report)
{
	const struct gpuas_board_region *region = &board->region[i];
	const int err = -GPUAS_EINVAL;

	if ((unsigned int)region->role > GPUAS_ROLE_DATA)
		return gpuas_report_dec(report, err, "region", region->name,
					"unknown role", region->role);
	if ((unsigned int)region->owner > GPUAS_OWNER_SHARED)
		return gpuas_report_dec(report, err, "region", region->name,
					"unknown owner", region->owner);
	if (region->role != GPUAS_ROLE_MAPPED &&
	    (gpuas_va_u64(region->va) || region->attr))
		return gpuas_report(report, err, "region", region->name,
				    "VA or attributes, but is not mapped");
	return 0;
}

static int attr_check(const struct gpuas_board *board, unsigned int i,
		      struct gpuas_report *report)
{
	const struct gpuas_board_region *region = &board->region[i];
	uint64_t bits;
	int err;

	if (region->role != GPUAS_ROLE_MAPPED)
		return 0;
	err = gpuas_format_encode(board->geo.format, region->attr, &bits);
	if (err)
		gpuas_report(report, err, "region", region->name, "");
	if (err && report)
		gpuas_attr_refused_text(&report->text, board->geo.format,
					region->attr);
	return err;
}

static int role_count(const struct gpuas_board *board, enum gpuas_role role,
		      const char *missing, struct gpuas_report *report)
{
	const struct gpuas_board_region *found = NULL;
	unsigned int i;

	for (i = 0; i < board->regions; i++) {
		if (board->region[i].role != role)
			continue;
		if (found)
			return gpuas_report(report, -GPUAS_ENOTUNIQ, "region",
					    board->region[i].name,
					    "is the second of its role");
		found = &board->region[i];
	}
	if (!found && missing)
		return gpuas_report(report, -GPUAS_ENOENT, "board", board->name,
				    missing);
	return 0;
}

static int roles_check(const struct gpuas_board *board,
		       struct gpuas_report *report)
{
	int err;

	err = role_count(board, GPUAS_ROLE_TTBS, "has no TTB array", report);
	if (!err)
		err = role_count(board, GPUAS_ROLE_PAGETABLES,
				 "has no page tables", report);
	if (!err)
		err = role_count(board, GPUAS_ROLE_HANDOFF,
				 "has no handoff page", report);
	if (!err)
		err = role_count(board, GPUAS_ROLE_LENT, NULL, report);
	return err;
}

static int root_error(const struct gpuas_board *board, unsigned int i,
		      const char *what, struct gpuas_report *report)
{
	gpuas_report_dec(report, -GPUAS_EINVAL, "board", board->name, "root", i);
	if (report)
		gpuas_text_str(&report->text, what);
	return -GPUAS_EINVAL;
}

static int root_check(const struct gpuas_board *board, unsigned int i,
		      struct gpuas_report *report)
{
	const struct gpuas_board_root *root = &board->root[i];
	const unsigned int shift = shift_(&board->geo, gpuas_top_(&board->geo));
	unsigned int j;

	if (root->offset & (granule_(&board->geo) - 1))
		return root_error(board, i, " is unaligned", report);
	if (!i != !root->offset)
		return root_error(board, i, " is the first, and not at the start, or the reverse",
				  report);
	for (j = 0; j < i; j++)
		if (board->root[j].offset == root->offset)
			return root_error(board, i, " is where another one is",
					  report);
	if (root->mirrors > i || (root->mirrors < i &&
				  board->root[root->mirrors].mirrors != root->mirrors))
		return root_error(board, i, " mirrors none that stands before it by itself",
				  report);
	if (root->published > GPUAS_PUBLISHED_MAX ||
	    root->published > 1ULL << (board->geo.va_bits - shift))
		return root_error(board, i, " has too many published entries",
				  report);
	return 0;
}

/* Whose is the root entry that the host's window begins with? */
static int host_entry_check(const struct gpuas_board *board, bool lent,
			    struct gpuas_report *report)
{
	const unsigned int shift = shift_(&board->geo, gpuas_top_(&board->geo));
	const uint64_t entry = va_offset_(&board->geo, board->host.va) >> shift;
	unsigned int i;

	if (lent && board->host.size >> shift != 1)
		return gpuas_report(report, -GPUAS_EINVAL, "window", "host",
				    "is not the one root entry that a lent table is for");
	for (i = 0; !lent && gpuas_board_root(board, i); i++)
		if (entry < gpuas_board_root(board, i)->published)
			return gpuas_report_dec(report, -GPUAS_EINVAL, "window", "host",
						"is in what the firmware publishes, root",
						i);
	return 0;
}

static int board_roots_check(const struct gpuas_board *board,
			     struct gpuas_report *report)
{
	bool lent = false;
	unsigned int i;
	int err = 0;

	if (!board->root != !board->roots)
		return gpuas_report(report, -GPUAS_EINVAL, "board", board->name,
				    "has roots without a number, or the reverse");
	for (i = 0; !err && i < board->roots; i++)
		err = root_check(board, i, report);
	for (i = 0; i < board->regions; i++)
		lent |= board->region[i].role == GPUAS_ROLE_LENT;
	return err ? err : host_entry_check(board, lent, report);
}

static int description_check(const struct gpuas_board *board,
			     struct gpuas_report *report)
{
	unsigned int i;
	int err;

	err = names_check(board, report);
	if (!err)
		err = board_check(board, report);
	if (!err)
		err = profile_check(board, report);
	if (!err)
		err = withhold_check(board, report);
	for (i = 0; !err && i < board->regions; i++) {
		err = name_check(board, i, report);
		if (!err)
			err = name_unique(board, i, report);
		if (!err)
			err = role_check(board, i, report);
		if (!err)
			err = attr_check(board, i, report);
	}
	if (!err)
		err = roles_check(board, report);
	if (!err)
		err = board_roots_check(board, report);
	return err ? err : gpuas_contracts_check_(board, report);
}

/* What the board says, or what is needed; an adopting board need not say. */
static int size_choose(const struct gpuas_board *board, unsigned int i,
		       uint64_t need, uint64_t *size,
		       struct gpuas_report *report)
{
	const struct gpuas_board_region *region = &board->region[i];

	*size = region->size ? region->size : need;
	if (!*size && board->adopt)
		*size = board->align;
	if (!*size)
		return gpuas_report(report, -GPUAS_EINVAL, "region",
				    region->name, "has no size");
	if (*size < need)
		return gpuas_report_hex(report, -GPUAS_EMSGSIZE, "region",
					region->name, "is smaller than", need);
	return 0;
}

static int size_plan(struct gpuas_manifest *manifest,
		     const struct gpuas_board *board, unsigned int i,
		     uint64_t tables, struct gpuas_report *report)
{
	struct gpuas_region *region = &manifest->region[i];
	uint64_t size, slack = board->align - 1;
	int err;

	err = size_choose(board, i,
			  gpuas_role_bytes_(board, region->role, tables),
			  &size, report);
	if (err)
		return err;
	if (size > ~slack)
		return gpuas_report_hex(report, -GPUAS_EOVERFLOW, "region",
					region->name, "impossible size", size);
	size = (size + slack) & ~slack;
	if (size - 1 > pa_last_(&board->geo))
		return gpuas_report_hex(report, -GPUAS_ERANGE, "region",
					region->name,
					"is larger than the PA size:", size);
	region->size = size;
	region->present = true;
	return 0;
}

/* Mappings first: they decide how many tables there are. */
static int sizes_plan(struct gpuas_bringup *bringup,
		      const struct gpuas_board *board,
		      struct gpuas_report *report)
{
	struct gpuas_manifest *manifest = &bringup->manifest;
	uint64_t tables;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < manifest->regions; i++) {
		if (is_singular(manifest->region[i].role) ||
		    !gpuas_contract_region(manifest->contract,
					   board->region[i].name))
			continue;
		err = size_plan(manifest, board, i, 0, report);
		manifest->region[i].va = gpuas_contract_va_(manifest, board, i);
	}
	if (!err)
		err = gpuas_mappings_check_(manifest, report);
	if (err)
		return err;
	tables = gpuas_mappings_tables_(manifest);
	if (tables > GPUAS_BRINGUP_TABLES)
		return gpuas_report_dec(report, -GPUAS_E2BIG, "board",
					board->name, "needs too many tables,",
					tables);
	if (!board->adopt && tables > gpuas_first_root_bytes_(board, ~0ULL) >>
					      board->geo.format->granule_shift)
		return gpuas_report_dec(report, -GPUAS_EMSGSIZE, "board",
					board->name,
					"has another root in the way of its tables,",
					tables);
	bringup->tables = (uint32_t)tables;
	if (board->adopt)
		tables = 1;
	for (i = 0; !err && i < manifest->regions; i++) {
		if (is_singular(manifest->region[i].role))
			err = size_plan(manifest, board, i, tables, report);
	}
	return err;
}

int gpuas_plan(struct gpuas_bringup *bringup, const struct gpuas_board *board,
	       struct gpuas_report *report)
{
	int err;

	memset(bringup, 0, sizeof(*bringup));
	err = description_check(board, report);
	if (err)
		return err;
	err = gpuas_manifest_init(&bringup->manifest, board);
	if (err)
		return gpuas_report(report, err, "board", board->name,
				    "cannot be described");
	err = gpuas_windows_check_(&bringup->manifest, report);
	if (!err)
		err = sizes_plan(bringup, board, report);
	if (err)
		return err;
	/* Sizes of an adopting board were for the checks only. */
	if (board->adopt)
		gpuas_manifest_init(&bringup->manifest, board);
	bringup->board = board;
	bringup->stage = GPUAS_STAGE_PLANNED;
	return 0;
}

void gpuas_bringup_print(const struct gpuas_bringup *bringup,
			 const struct gpuas_sink *sink)
{
	static const char *const stage[] = {
		[GPUAS_STAGE_NONE] = "nothing planned",
		[GPUAS_STAGE_PLANNED] = "planned",
		[GPUAS_STAGE_ALLOCATED] = "allocated",
		[GPUAS_STAGE_BUILT] = "built",
	};
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, "bring-up: ");
	gpuas_text_str(&text, stage[bringup->stage]);
	if (bringup->stage == GPUAS_STAGE_NONE) {
		gpuas_text_send(&text, sink);
		return;
	}
	gpuas_text_str(&text, ", board ");
	gpuas_text_str(&text, bringup->board->name);
	gpuas_text_str(&text, ", tables ");
	gpuas_text_dec(&text, bringup->tables);
	gpuas_text_send(&text, sink);
	gpuas_manifest_print(&bringup->manifest, sink);
}
