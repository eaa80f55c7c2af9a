/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What a tree maps, in a form that the image and a program of the host can both print. */
#ifndef LOOK_H
#define LOOK_H

#include "../walk/walk.h"

/* The shape of both halves. */
extern const struct gpuas_geometry gpu_geo[2];

/* Print a tree's root, the number of its leaves and a hash of them; 0 if there are any. */
int look(const struct gpuas_space *space);

#endif /* LOOK_H */
