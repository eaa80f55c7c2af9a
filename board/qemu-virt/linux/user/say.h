/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_SAY_H
#define GPUAS_QEMU_VIRT_SAY_H

#include <stddef.h>
#include <stdint.h>

/** program - Its name, at the start of each line; the program's own */
extern const char program[];

/** SEED - Of the random numbers, unless another is given */
#define SEED	0x6770756173ULL

/* Print "PROGRAM: ...", or that and end. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Write a number, or a word, to a file of the kernel's: 0, or a negative errno value */
int tell(const char *path, const char *what);

/* The same for one of the driver's in debugfs, which has to be there */
void gpu_debugfs(const char *file, unsigned int value);

/* A sequence of numbers that depends on the seed alone. */
uint64_t next(uint64_t *random);
void fill(uint8_t *bytes, size_t size, uint64_t *random);

/* How many bytes differ. */
size_t differ(const void *a, const void *b, size_t size);

#endif /* GPUAS_QEMU_VIRT_SAY_H */
