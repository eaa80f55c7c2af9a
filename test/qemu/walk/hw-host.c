// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * agree: run the program. agree plain: the same with tables of unknown content each time. agree
 * RAM ROOT: walk the tree that it left in a guest, from outside; RAM is that guest's memory as a file.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "walk.h"

#define RAM_PA	0x40000000

void hw_put(char c)
{
	putchar(c);
}

void hw_exit(int status)
{
	exit(status);
}

int main(int argc, char **argv)
{
	void *mem;
	int file;

	if (argc < 3) {
		mem = aligned_alloc(1 << 16, ARENA_SIZE);
		return mem ? agree(mem, argc < 2) : 1;
	}
	file = open(argv[1], O_RDONLY);
	mem = mmap(NULL, ARENA_SIZE, PROT_READ, MAP_SHARED, file, ARENA_PA - RAM_PA);
	if (mem == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	close(file);
	return agree_look(mem, strtoull(argv[2], NULL, 0));
}
