// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The boards of QEMU's virt machine, for who looks for one; the driver takes board.c alone. */
#include "../families.h"

static const struct gpuas_board *const boards[] = {
	&gpuas_board_qemu_virt,
	&gpuas_board_qemu_virt_published,
	NULL,
};

const struct gpuas_family gpuas_family_qemu_virt = {
	.board = boards,
};
