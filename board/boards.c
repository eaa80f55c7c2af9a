// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The one list of boards; a new board adds a line here and one in boards.h. Behind them
 * stand the SoCs of board/apple/soc.c of which enough is known.
 */
#include <gpuas/boards.h>

static const struct gpuas_board *const boards[] = {
	&gpuas_board_qemu_virt,
	&gpuas_board_qemu_virt_published,
};

/* The one that has @index others in front. */
static const struct gpuas_board *soc_board(unsigned int index)
{
	const struct gpuas_board *board = NULL;
	const struct gpuas_soc *soc;
	unsigned int i;

	for (i = 0; (soc = gpuas_soc_at(i)); i++) {
		board = gpuas_soc_board(soc, NULL);
		if (board && !index--)
			return board;
	}
	return NULL;
}

const struct gpuas_board *gpuas_board_at(unsigned int index)
{
	const unsigned int count = sizeof(boards) / sizeof(boards[0]);

	return index < count ? boards[index] : soc_board(index - count);
}

static bool is_in(const char *const *list, const char *word)
{
	while (*list && !gpuas_streq(*list, word))
		list++;
	return *list;
}

const struct gpuas_board *gpuas_board_find(const char *machine)
{
	const struct gpuas_board *board;
	unsigned int i;

	for (i = 0; (board = gpuas_board_at(i)); i++) {
		if (is_in(board->machine, machine))
			return board;
	}
	return NULL;
}

static const char *const families[] = {
	"apple,agx-",
};

bool gpuas_board_family(const char *compatible)
{
	unsigned int i, at;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		for (at = 0; families[i][at] && families[i][at] == compatible[at]; at++)
			;
		if (!families[i][at])
			return true;
	}
	return false;
}
