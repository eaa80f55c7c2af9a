// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A walker that does not look into the CPU's cache: it sees what was cleaned, and
 * that only. What is mapped and not asked to change is there for it after each
 * call, in a gather or not.
 */
#include "blocks.h"

/* What lies in memory; all of it was cleaned when a test begins. */
static uint8_t *shadow;
static struct ram *shadowed;

static void clean(void *ctx, const void *ptr, size_t size)
{
	size_t at = (size_t)((const uint8_t *)ptr - shadowed->mem);

	(void)ctx;
	assert_true(at + size <= RAM_SIZE);
	memcpy(shadow + at, ptr, size);
}

static int shadow_setup(void **state, int (*tree)(void **state))
{
	int err = tree(state);
	struct tree *t = *state;

	shadowed = t->ram;
	shadow = malloc(RAM_SIZE);
	assert_non_null(shadow);
	memcpy(shadow, t->ram->mem, RAM_SIZE);
	t->ram->env.clean = clean;
	return err;
}

static int shadow4(void **state)
{
	return shadow_setup(state, tree4);
}

static int shadow16(void **state)
{
	return shadow_setup(state, tree16);
}

static int no_shadow(void **state)
{
	free(shadow);
	return no_tree(state);
}

/* PA that the walker finds at a VA, or -1. */
static int64_t seen(struct tree *t, uint64_t va)
{
	struct ram other = *t->ram;
	struct tree view = { .ram = &other, .space = t->space };
	unsigned int level;
	uint64_t entry, size;

	other.mem = shadow;
	entry = *entry_at(&view, va, &level);
	if ((entry & 3) != (level ? 1 : 3))
		return -1;
	size = 1ULL << (t->space.geo.format->granule_shift +
			level * (t->space.geo.format->granule_shift - 3u));
	return (int64_t)((entry & 0xffffffffffffULL & ~(size - 1)) | (va & (size - 1)));
}

/* Each page of a range is seen, but for those from @but on, @gone bytes. */
static void all_seen(struct tree *t, uint64_t va, uint64_t pa, uint64_t size, uint64_t but,
		     uint64_t gone)
{
	const uint64_t step = 1ULL << t->space.geo.format->granule_shift;
	uint64_t off;

	for (off = 0; off < size; off += step) {
		if (off < but || off >= but + gone)
			assert_int_equal(seen(t, va + off), pa + off);
	}
}

/* Two blocks next to each other, each with a page of other business beside it. */
static void two_blocks(struct tree *t, uint64_t va, uint64_t pa, uint64_t block)
{
	assert_int_equal(map_low(t, va, pa, 2 * block), 0);
	assert_int_equal(level_at(t, va), 1);
	all_seen(t, va, pa, 2 * block, 0, 0);
}

static void a_split_leaves_the_rest_of_the_block(void **state)
{
	struct tree *t = *state;
	const bool small = t->space.geo.format == &gpuas_format_lpae_4k;
	const uint64_t page = small ? PAGE4 : PAGE, block = small ? BLOCK4 : BLOCK16;
	const uint64_t va = small ? VA4 : VA16, pa = small ? PA4 : PA16;

	two_blocks(t, va, pa, block);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, va + 3 * page, 2 * page), 0);
	all_seen(t, va, pa, 2 * block, 3 * page, 2 * page);
	/* Over the border of two blocks. */
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(va + block - page), 2 * page,
				       READ_ONLY), 0);
	all_seen(t, va, pa, 2 * block, 3 * page, 2 * page);
	gpuas_gather_end(&t->space);
	all_seen(t, va, pa, 2 * block, 3 * page, 2 * page);
	assert_int_equal(seen(t, va + 3 * page), -1);
}

static void a_block_split_twice_leaves_the_rest(void **state)
{
	struct tree *t = *state;

	assert_int_equal(map_low(t, VA4, PA4, GIB), 0);
	assert_int_equal(level_at(t, VA4), 2);
	gpuas_gather_begin(&t->space);
	assert_int_equal(unmap(t, VA4 + GIB / 2 + 5 * PAGE4, PAGE4), 0);
	all_seen(t, VA4, PA4, GIB, GIB / 2 + 5 * PAGE4, PAGE4);
	gpuas_gather_end(&t->space);
}

static void another_kind_of_memory_is_seen_at_once(void **state)
{
	struct tree *t = *state;

	two_blocks(t, VA4, PA4, BLOCK4);
	assert_int_equal(map_low(t, VA4 + 2 * BLOCK4, PA4, 9 * PAGE4), 0);
	gpuas_gather_begin(&t->space);
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA4 + BLOCK4), BLOCK4 + 5 * PAGE4,
				       UNCACHED), 0);
	all_seen(t, VA4, PA4, 2 * BLOCK4, 0, 0);
	all_seen(t, VA4 + 2 * BLOCK4, PA4, 9 * PAGE4, 0, 0);
	assert_int_equal(gpuas_protect(&t->space, gpuas_va(VA4 + PAGE4), PAGE4, UNCACHED), 0);
	all_seen(t, VA4, PA4, 2 * BLOCK4, 0, 0);
	gpuas_gather_end(&t->space);
	all_seen(t, VA4, PA4, 2 * BLOCK4, 0, 0);
}

static void what_was_replaced_is_seen_at_once(void **state)
{
	const struct gpuas_extent piece = { .pa = gpuas_pa(PA4 + GIB), .size = 3 * PAGE4 };
	struct tree *t = *state;

	two_blocks(t, VA4, PA4, BLOCK4);
	gpuas_gather_begin(&t->space);
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA4 + BLOCK4 - PAGE4), &piece, 1,
				       LOW_RIGHTS), 0);
	all_seen(t, VA4, PA4, 2 * BLOCK4, BLOCK4 - PAGE4, 3 * PAGE4);
	all_seen(t, VA4 + BLOCK4 - PAGE4, PA4 + GIB, 3 * PAGE4, 0, 0);
	/* And over what was replaced. */
	assert_int_equal(gpuas_replace(&t->space, gpuas_va(VA4 + BLOCK4), &piece, 1, READ_ONLY), 0);
	all_seen(t, VA4 + BLOCK4, PA4 + GIB, 3 * PAGE4, 0, 0);
	assert_int_equal(seen(t, VA4 + BLOCK4 - PAGE4), PA4 + GIB);
	gpuas_gather_end(&t->space);
}

/*
 * What waits to be cleaned is noted as pointers: a host that sees its memory
 * elsewhere would clean what is there now.
 */
static void a_handle_is_not_reopened_in_a_gather(void **state)
{
	struct tree *t = *state;
	struct gpuas_gather before;

	two_blocks(t, VA4, PA4, BLOCK4);
	gpuas_gather_begin(&t->space);
	assert_int_equal(map_low(t, VA4 + 2 * BLOCK4, PA4, 9 * PAGE4), 0);
	before = t->space.gather;
	assert_int_equal(gpuas_space_reopen(&t->space), -GPUAS_EBUSY);
	assert_memory_equal(&before, &t->space.gather, sizeof(before));
	gpuas_gather_end(&t->space);
	all_seen(t, VA4 + 2 * BLOCK4, PA4, 9 * PAGE4, 0, 0);
	assert_int_equal(gpuas_space_reopen(&t->space), 0);
}

#define SHADOW_TEST(f, tree)	cmocka_unit_test_setup_teardown(f, tree, no_shadow)

static const struct CMUnitTest tests[] = {
	SHADOW_TEST(a_split_leaves_the_rest_of_the_block, shadow4),
	SHADOW_TEST(a_split_leaves_the_rest_of_the_block, shadow16),
	SHADOW_TEST(a_block_split_twice_leaves_the_rest, shadow4),
	SHADOW_TEST(another_kind_of_memory_is_seen_at_once, shadow4),
	SHADOW_TEST(what_was_replaced_is_seen_at_once, shadow4),
	SHADOW_TEST(a_handle_is_not_reopened_in_a_gather, shadow4),
};

UNIT_MAIN(tests)
