// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A 32-bit CPU writes to RAM above 4 GiB, which it can only reach through tables that the library
 * built: its own MMU is on, with the image itself mapped by a block. high.sh looks for the words in
 * the RAM, from outside.
 */
#include "walk.h"

#define VA		0xffffffff80000000ULL	/* 0x80000000 for the CPU */
#define BLOCK		0x200000ULL
#define PAGE		0x1000ULL
#define DATA		(GPUAS_FW_READ | GPUAS_FW_WRITE)
/* ARMv7 has one bit for both: what the GPU may not execute, the firmware may not either. */
#define ALL		(DATA | GPUAS_FW_EXEC | GPUAS_GPU_EXEC)

static struct arena arena;
static struct gpuas_space lower, upper;

static void must(int err, const char *what)
{
	if (!err)
		return;
	say("not ok - %s: %d\n", what, err);
	hw_exit(1);
}

static void create(struct gpuas_space *space, bool is_upper)
{
	const struct gpuas_geometry geo = { &gpuas_format_lpae_4k, 31, 40, is_upper, true };
	const struct gpuas_range window = {
		.va = gpuas_va(is_upper ? VA : 0),
		.size = 1ULL << 31,
	};

	must(gpuas_space_create(space, &geo, &window, &arena.env), "a space is created");
}

static void put(uint64_t va, uint64_t pa)
{
	volatile uint32_t *word = (volatile uint32_t *)(uintptr_t)va;

	word[0] = (uint32_t)pa ^ 0x5a5a5a5a;
	word[1] = (uint32_t)(pa >> 32) ^ 0x5a5a5a5a;
	say("wrote %x\n", pa);
}

int test_main(void)
{
	static const uint64_t page[] = { 0x100000000, 0x13ffff000, 0x17fffe000, 0x17ffff000 };
	struct regime regime = { 12, 31, 40, GPUAS_LPAE_MAIR, { 0, 0 } };
	unsigned int i;

	arena_init(&arena, (void *)(uintptr_t)ARENA_PA, NULL, 12);
	create(&lower, false);
	create(&upper, true);
	must(gpuas_map(&lower, gpuas_va(0x40000000), gpuas_pa(0x40000000), 1u << 30, ALL),
	     "the image is mapped");
	must(gpuas_map(&lower, gpuas_va(0x09000000), gpuas_pa(0x09000000), BLOCK,
		       DATA | GPUAS_MEM_DEVICE), "the console is mapped");
	for (i = 0; i < 4; i++)
		must(gpuas_map(&upper, gpuas_va(VA + i * PAGE), gpuas_pa(page[i]), PAGE, DATA),
		     "a page is mapped");
	must(gpuas_map(&upper, gpuas_va(VA + BLOCK), gpuas_pa(0x140000000), BLOCK, DATA),
	     "a block is mapped");
	must(gpuas_map(&upper, gpuas_va(0ULL - PAGE), gpuas_pa(0x150000000), PAGE, DATA),
	     "the last page is mapped");
	regime.root[0] = gpuas_pa_u64(lower.root);
	regime.root[1] = gpuas_pa_u64(upper.root);
	hw_set(&regime);
	for (i = 0; i < 4; i++)
		put((VA & mask(32)) + i * PAGE, page[i]);
	put((VA & mask(32)) + BLOCK + 0x1ff000, 0x140000000 + 0x1ff000);
	put(mask(32) - PAGE + 1, 0x150000000);
	return 0;
}
