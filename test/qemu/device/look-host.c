// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* look RAM LOWER-ROOT [UPPER-ROOT]: walk the trees in a guest's memory, from outside. */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "look.h"

#define RAM_PA	0x40000000

static struct arena arena;

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
	const struct gpuas_range nothing = { .size = 0 };
	struct gpuas_space space;
	int i, err = argc < 3, file;
	void *mem;

	file = err ? -1 : open(argv[1], O_RDONLY);
	mem = mmap(NULL, ARENA_SIZE, PROT_READ, MAP_SHARED, file, ARENA_PA - RAM_PA);
	if (mem == MAP_FAILED) {
		perror("look RAM LOWER-ROOT [UPPER-ROOT]");
		return 1;
	}
	close(file);
	arena_open(&arena, mem, NULL, gpu_geo[0].format->granule_shift);
	for (i = 0; i < 2 && i + 2 < argc && !err; i++) {
		err = gpuas_space_adopt(&space, &gpu_geo[i], &nothing,
					gpuas_pa(strtoull(argv[i + 2], NULL, 0)), &arena.env);
		if (!err)
			err = look(&space);
	}
	return err != 0;
}
