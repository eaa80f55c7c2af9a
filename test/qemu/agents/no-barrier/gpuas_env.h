/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Control: the environment as always, with a full barrier for the compiler only. */
#ifndef GPUAS_ENV_H
#define gpuas_full_barrier	full_barrier_of_the_cpu
#include "../../../../include/gpuas_env.h"
#undef gpuas_full_barrier

static inline void gpuas_full_barrier(void)
{
	__asm__ volatile("" : : : "memory");
}

#endif /* GPUAS_ENV_H */
