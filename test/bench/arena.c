// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"

unsigned int arena_peak;

void arena_init(struct arena *arena, unsigned int granule_shift)
{
	size_t tables = ARENA_SIZE >> granule_shift;

	memset(arena, 0, sizeof(*arena));
	arena->shift = granule_shift;
	arena->table = (size_t)1 << granule_shift;
	arena->base = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	arena->free_list = calloc(tables, sizeof(*arena->free_list));
	arena->records = calloc(tables, sizeof(*arena->records));
	check(arena->base != MAP_FAILED && arena->free_list && arena->records);
}

void arena_exit(struct arena *arena)
{
	arena_peak = arena->peak;
	munmap(arena->base, ARENA_SIZE);
	free(arena->free_list);
	free(arena->records);
}

uint64_t arena_alloc(struct arena *arena)
{
	unsigned int index;

	if (arena->frees)
		index = arena->free_list[--arena->frees];
	else if (arena->used < ARENA_SIZE >> arena->shift)
		index = arena->used++;
	else
		return 0;
	if (++arena->live > arena->peak)
		arena->peak = arena->live;
	return ARENA_PA + ((uint64_t)index << arena->shift);
}

void arena_free(struct arena *arena, uint64_t pa)
{
	unsigned int index = (unsigned int)((pa - ARENA_PA) >> arena->shift);

	arena->free_list[arena->frees++] = index;
	arena->live--;
}
