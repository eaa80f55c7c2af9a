// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What a map looks like, and its script: the files of that name, as the build quotes them. */
#include "map.h"

const char map_css[] =
#include "map.css.h"
;

const char map_page_css[] =
#include "map_page.css.h"
;

const char map_js[] =
#include "map.js.h"
;
