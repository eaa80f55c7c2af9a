/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_FAMILIES_H
#define GPUAS_FAMILIES_H

#include <gpuas/boards.h>

/**
 * struct gpuas_family - Boards that are built, or left out, together
 * @gpu: what compatibles of its GPUs start with, also of those that there is no board
 *	for yet; NULL: nobody knows
 * @board: its boards, ended by NULL; NULL: none but those of @soc
 * @soc: its SoCs, of some of which enough is known for a board
 * @socs: how many
 */
struct gpuas_family {
	const char *gpu;
	const struct gpuas_board *const *board;
	const struct gpuas_soc *soc;
	unsigned int socs;
};

/* All of them, ended by NULL */
extern const struct gpuas_family *const gpuas_families_[];

extern const struct gpuas_family gpuas_family_qemu_virt;
extern const struct gpuas_family gpuas_family_apple;

#endif /* GPUAS_FAMILIES_H */
