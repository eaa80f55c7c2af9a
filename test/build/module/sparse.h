/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What headers of kernel 7.x use and sparse 0.6.4 does not know, as something that it does. */
#define __typeof_unqual__ __typeof__
#define __builtin_strlen(text) (sizeof(text) - 1)
