/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What lists of operations and tokens have to do with each other. Private to lib/table/. */
#ifndef GPUAS_LIB_TOKEN_H
#define GPUAS_LIB_TOKEN_H

#include <gpuas/token.h>

#include "geometry.h"
#include "walk.h"

/*
 * Give a token what an operation put off: tables that were unlinked, of which the largest
 * covered @cover + 1 bytes, and the range to be flushed, for which it is outstanding then.
 */
void gpuas_token_take_(struct gpuas_space *space, struct gpuas_token *token,
		       uint64_t cover);

/* Is a token outstanding, and for another handle? */
bool gpuas_token_elsewhere_(struct gpuas_space *space, const struct gpuas_token *token);

#endif /* GPUAS_LIB_TOKEN_H */
