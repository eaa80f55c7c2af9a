// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Looking for a board in the families: their boards, and behind all these the boards of SoCs. */
#include "families.h"

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
	const struct gpuas_family *const *family;
	const struct gpuas_board *const *board;

	for (family = gpuas_families_; *family; family++) {
		for (board = (*family)->board; board && *board; board++) {
			if (!index--)
				return *board;
		}
	}
	return soc_board(index);
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

static bool starts(const char *word, const char *with)
{
	while (*with && *with == *word) {
		with++;
		word++;
	}
	return !*with;
}

bool gpuas_board_family(const char *compatible)
{
	const struct gpuas_family *const *family;

	for (family = gpuas_families_; *family; family++) {
		if ((*family)->gpu && starts(compatible, (*family)->gpu))
			return true;
	}
	return false;
}
