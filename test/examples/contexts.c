// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Several contexts: two programs that have a lower half each, and one upper half
 * that they share with the firmware and the driver. A half is a tree, a tree is
 * a handle; the TTB array pairs them up, and the firmware loads the pair of the
 * context that it switches to. Build it with libgpuas.a.
 *
 * Each handle has an environment of its own, which knows its own tables only: here
 * one pool each, of memory whose addresses are its PAs.
 */
#include <stdio.h>
#include <stdlib.h>

#include <gpuas/pool.h>
#include <gpuas/space.h>
#include <gpuas/ttb.h>

#define PAGE		0x4000u
#define TABLES		8
#define UPPER		0xffffff8000000000ULL
#define GPU_RW		(GPUAS_GPU_READ | GPUAS_GPU_WRITE | GPUAS_MEM_SHARED)

/**
 * struct half - A tree and where its tables are
 * @memory: of the tables
 * @record: what is known of each
 * @pool: which of them are handed out
 * @env: the callbacks on the pool
 * @space: the handle
 */
struct half {
	void *memory;
	struct gpuas_table record[TABLES];
	struct gpuas_pool pool;
	struct gpuas_env env;
	struct gpuas_space space;
};

static void result(bool good, const char *what)
{
	printf("%s - %s\n", good ? "ok" : "not ok", what);
}

static int half_open(struct half *half, bool upper)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_uat, .va_bits = 39, .pa_bits = 42, .upper = upper,
	};
	const struct gpuas_range window = { gpuas_va(upper ? UPPER : 0), 1ULL << 39 };
	int err;

	half->memory = aligned_alloc(PAGE, TABLES * PAGE);
	if (!half->memory)
		return -GPUAS_ENOMEM;
	/* Any PA will do for a tree that nobody walks; this one is in range whatever the host. */
	err = gpuas_pool_init(&half->pool, gpuas_pa((uintptr_t)half->memory & 0x3ffffffc000ULL),
			      TABLES * PAGE, PAGE, half->memory, half->record, TABLES);
	if (err)
		return err;
	gpuas_pool_env(&half->pool, &half->env);
	return gpuas_space_create(&half->space, &geo, &window, &half->env);
}

static void half_close(struct half *half)
{
	gpuas_space_release(&half->space);
	free(half->memory);
}

/* What a driver does when a program is started: its lower half beside the common upper one. */
static int start(struct gpuas_ttb_array *array, unsigned int context, const struct half *lower,
		 const struct half *upper)
{
	return gpuas_ttb_bind(array, context, lower->space.root, upper->space.root);
}

/* The one order that is safe: nobody loads the pair, nobody remembers it, then tables go. */
static int stop(struct gpuas_ttb_array *array, unsigned int context, struct half *lower,
		const struct half *upper)
{
	int err = gpuas_ttb_unbind(array, context, lower->space.root, upper->space.root);

	/* Here: flush the context's ASID, as gpuas_ttb_unbind() says. */
	if (!err)
		half_close(lower);
	return err;
}

static bool leads_to(const struct half *half, uint64_t va, uint64_t want)
{
	gpuas_pa_t pa;

	return !gpuas_translate(&half->space, gpuas_va(va), &pa, NULL) && gpuas_pa_u64(pa) == want;
}

static bool same_root(uint64_t ttb, const struct half *half)
{
	gpuas_pa_t root;

	return !gpuas_ttb_root(ttb, &root) && root == half->space.root;
}

int main(void)
{
	static struct gpuas_ttb_array array;
	static struct half program[2], upper;
	int err;

	gpuas_ttb_init(&array, 0);
	err = half_open(&upper, true) || half_open(&program[0], false) ||
	      half_open(&program[1], false);
	if (!err)
		err = start(&array, 1, &program[0], &upper) || start(&array, 2, &program[1], &upper);
	result(!err, "two contexts are started");
	if (err)
		return 1;

	/* The same VA is another page in each; what is above is the same in both. */
	err = gpuas_map(&program[0].space, gpuas_va(PAGE), gpuas_pa(0x10000000), PAGE, GPU_RW) ||
	      gpuas_map(&program[1].space, gpuas_va(PAGE), gpuas_pa(0x20000000), PAGE, GPU_RW) ||
	      gpuas_map(&upper.space, gpuas_va(UPPER + PAGE), gpuas_pa(0x30000000), PAGE, GPU_RW);
	result(!err && leads_to(&program[0], PAGE, 0x10000000) &&
	       leads_to(&program[1], PAGE, 0x20000000), "each has its own page at one VA");
	result(same_root(array.context[1].ttb1, &upper) && same_root(array.context[2].ttb1, &upper) &&
	       leads_to(&upper, UPPER + PAGE, 0x30000000), "both have the upper half");

	err = stop(&array, 1, &program[0], &upper);
	result(!err && leads_to(&program[1], PAGE, 0x20000000), "one is stopped, the other goes on");
	err = stop(&array, 2, &program[1], &upper);
	half_close(&upper);
	result(!err && !upper.pool.used, "and all tables are back");
	return err != 0;
}
