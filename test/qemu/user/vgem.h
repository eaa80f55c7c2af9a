/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* Another driver, vgem, which has pages and no GPU. */
#ifndef GPUAS_TEST_VGEM_H
#define GPUAS_TEST_VGEM_H

#include <stddef.h>
#include <stdint.h>

/* Its file; -1: there is none */
int vgem_open(void);

/* A buffer of its, as a file of PRIME, and where an mmap of vgem's finds it. Or the program ends. */
int vgem_buffer(int vgem, size_t size, uint64_t *offset);

#endif /* GPUAS_TEST_VGEM_H */
