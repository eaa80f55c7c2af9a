// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas plan: what a bring-up will do, before there is a machine to do it on. */
#include <stdio.h>

#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/dump.h>

#include "gpuas.h"

enum {
	COLUMN_SIZE = 20,
	COLUMN_VA = 28,
	COLUMN_OWNER = 48,
	COLUMN_ATTR = 58,
};

static void send(struct gpuas_text *text)
{
	puts(text->buf);
	gpuas_text_clear(text);
}

static void put_window(const char *who, const struct gpuas_range *window)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, who);
	gpuas_text_hex(&text, gpuas_va_u64(window->va), 16);
	gpuas_text_str(&text, "-");
	gpuas_text_hex(&text, gpuas_va_u64(window->va) + (window->size - 1), 16);
	gpuas_text_str(&text, ", ");
	gpuas_text_size(&text, window->size);
	send(&text);
}

/* What one root entry covers: the table at struct gpuas_geometry. */
static uint64_t root_entry(const struct gpuas_geometry *geo)
{
	unsigned int shift = geo->format->granule_shift;

	while (shift + geo->format->index_bits < geo->va_bits)
		shift += geo->format->index_bits;
	return 1ULL << shift;
}

static void put_shape(const struct gpuas_geometry *geo)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, "format ");
	gpuas_text_str(&text, geo->format->name);
	gpuas_text_str(&text, ": granule ");
	gpuas_text_size(&text, 1ULL << geo->format->granule_shift);
	gpuas_text_str(&text, geo->upper ? ", upper half of " : ", lower half of ");
	gpuas_text_dec(&text, geo->va_bits);
	gpuas_text_str(&text, " VA bits, ");
	gpuas_text_dec(&text, geo->pa_bits);
	gpuas_text_str(&text, " PA bits; a root entry covers ");
	gpuas_text_size(&text, root_entry(geo));
	send(&text);
}

static void put_list(const char *what, const char *const *word)
{
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, what);
	for (; *word; word++) {
		gpuas_text_str(&text, " ");
		gpuas_text_str(&text, *word);
	}
	send(&text);
}

static void put_head(const struct gpuas_bringup *bringup)
{
	const struct gpuas_board *board = bringup->board;
	struct gpuas_text text;
	unsigned int i;

	printf("board %s: machine %s, GPU %s\n", board->name, board->machine[0],
	       board->compatible[0]);
	if (board->machine[1])
		put_list("also machines", board->machine + 1);
	if (board->compatible[1])
		put_list("also GPUs", board->compatible + 1);
	put_shape(&board->geo);
	put_window("firmware's window ", &board->firmware);
	put_window("driver's window   ", &board->host);
	gpuas_text_clear(&text);
	gpuas_text_str(&text, "planned: tables ");
	gpuas_text_dec(&text, bringup->tables);
	gpuas_text_str(&text, board->adopt ? "; regions are taken over, aligned to " :
					     "; regions are allocated, in units of ");
	gpuas_text_size(&text, board->align);
	send(&text);
	gpuas_text_str(&text, "contracts:");
	for (i = 0; board->contract[i]; i++) {
		gpuas_text_str(&text, " ");
		gpuas_text_str(&text, board->contract[i]->name);
		gpuas_text_str(&text, board->contract[i]->read_only ? " (read only)" : "");
	}
	send(&text);
}

/* An adopting board learns sizes from the previous stage. */
static void put_region(const struct gpuas_board *board, unsigned int i,
		       const struct gpuas_region *region)
{
	const struct gpuas_board_region *told = &board->region[i];
	const struct gpuas_contract_region *how =
		gpuas_contract_region(board->contract[0], told->name);
	struct gpuas_text text;

	gpuas_text_clear(&text);
	gpuas_text_str(&text, told->name);
	gpuas_text_pad(&text, COLUMN_SIZE);
	if (region->present)
		gpuas_text_size(&text, region->size);
	else
		gpuas_text_str(&text, !how || how->optional ? "if any" : "found");
	gpuas_text_pad(&text, COLUMN_VA);
	if (told->role == GPUAS_ROLE_MAPPED)
		gpuas_text_hex(&text, gpuas_va_u64(told->va), 16);
	else
		gpuas_text_str(&text, "-");
	gpuas_text_pad(&text, COLUMN_OWNER);
	gpuas_text_str(&text, gpuas_owner_name(told->owner));
	if (told->role == GPUAS_ROLE_MAPPED) {
		gpuas_text_pad(&text, COLUMN_ATTR);
		gpuas_attr_text(&text, told->attr);
	}
	send(&text);
}

static enum status plan(const struct gpuas_board *board)
{
	struct gpuas_bringup bringup;
	struct gpuas_report report;
	unsigned int i;
	int err = gpuas_plan(&bringup, board, &report);

	if (err) {
		fprintf(stderr, "gpuas: board %s: %s (%s)\n", board->name ? board->name : "?",
			report.text.buf, gpuas_strerror(err));
		return STATUS_WRONG;
	}
	put_head(&bringup);
	printf("\n%-*s%-*s%-*s%-*s%s\n", COLUMN_SIZE, "Region", COLUMN_VA - COLUMN_SIZE, "Size",
	       COLUMN_OWNER - COLUMN_VA, "GPU VA", COLUMN_ATTR - COLUMN_OWNER, "Owner", "Rights");
	for (i = 0; i < board->regions; i++)
		put_region(board, i, &bringup.manifest.region[i]);
	return STATUS_OK;
}

enum status command_plan(const struct options *options, struct image *const *image,
			 char **argument)
{
	const struct gpuas_board *board;
	enum status status = STATUS_OK;
	bool all = gpuas_streq(argument[0], "all"), found = false;
	unsigned int i;

	(void)options, (void)image;
	for (i = 0; (board = gpuas_board_at(i)); i++) {
		if (!all && !gpuas_streq(board->name, argument[0]))
			continue;
		if (found)
			putchar('\n');
		found = true;
		if (plan(board))
			status = STATUS_WRONG;
	}
	if (found)
		return status;
	fprintf(stderr, "gpuas: no board is called %s; there are:", argument[0]);
	for (i = 0; (board = gpuas_board_at(i)); i++)
		fprintf(stderr, " %s", board->name);
	fprintf(stderr, "\n");
	return STATUS_USAGE;
}
