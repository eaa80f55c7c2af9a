/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What the device tree of a machine says of its GPU. */
#ifndef GPUAS_HOST_TREE_H
#define GPUAS_HOST_TREE_H

#include "images.h"

/* The board that a sound tree is of; NULL: said why there is none. */
const struct gpuas_board *tree_board(const struct input *dtb);

/* The regions; false: said why. */
bool tree_manifest(const struct input *dtb, const struct gpuas_board *board,
		   struct gpuas_manifest *manifest);

/*
 * Where a tree is wrong, or says another thing than the file: a fault of the image's.
 * False: there is nothing to compare with; said why.
 */
bool tree_compare(struct image *image, const struct input *dtb);

#endif /* GPUAS_HOST_TREE_H */
