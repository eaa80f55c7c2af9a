// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The one list of boards; a new board adds a line here and one in boards.h. */
#include <gpuas/boards.h>
#include <gpuas/text.h>

static const struct gpuas_board *const boards[] = {
	&gpuas_board_qemu_virt,
	&gpuas_board_apple_t8103,
};

const struct gpuas_board *gpuas_board_at(unsigned int index)
{
	return index < sizeof(boards) / sizeof(boards[0]) ? boards[index] : NULL;
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
