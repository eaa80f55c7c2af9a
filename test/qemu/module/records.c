// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Which pages are whose tables: asks the environment for records, of a table of ours
 * and of everything that is none, or none any more.
 */
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

/**
 * struct asked - What was asked, and what came of it
 * @as: two handles
 * @questions: how many
 * @wrong: answers that were not right
 */
struct asked {
	struct gpuas_linux *as[2];
	unsigned int questions;
	unsigned int wrong;
};

static void ask(struct asked *asked, unsigned int who, uint64_t pa,
		const struct gpuas_table *want)
{
	const struct gpuas_env *env = &asked->as[who]->env;

	asked->questions++;
	asked->wrong += env->table_record(env->ctx, gpuas_pa(pa)) != want;
}

static struct gpuas_table *alloc(struct gpuas_linux *as)
{
	struct gpuas_table *table;

	return as->env.table_alloc(as, GRANULE, &table) ? NULL : table;
}

/* As it came: empty if it says so, and nothing else in the record. */
static bool is_fresh(const struct gpuas_table *table)
{
	const struct gpuas_table fresh = {
		.ptr = table->ptr, .pa = table->pa, .zero = true,
	};

	return !memcmp(table, &fresh, offsetofend(struct gpuas_table, end)) &&
	       table->zero && !memchr_inv(table->ptr, 0, GRANULE);
}

/* Inside of a table there is none, whatever the kernel's page is. */
static void ask_inside(struct asked *asked, uint64_t pa)
{
	unsigned int offset;

	for (offset = 8; offset < GRANULE; offset *= 2)
		ask(asked, 0, pa + offset, NULL);
}

static void ask_others(struct asked *asked, uint64_t pa,
		       const struct gpuas_manifest *manifest)
{
	ask(asked, 1, pa, NULL);
	ask(asked, 0, gpuas_pa_u64(manifest->root), NULL);
	ask(asked, 0, 0, NULL);
	ask(asked, 0, PAGE_MASK, NULL);
	/* Low bits as those of the table; a PFN of 32 bits would not see the rest. */
	ask(asked, 0, pa | 1ULL << 63, NULL);
}

/* One that is lost belongs to nobody, also if the next handle is at the same address. */
static void ask_lost(struct asked *asked, struct test *test)
{
	struct gpuas_linux *as = asked->as[1];
	struct gpuas_table *table = alloc(as);
	struct page *page;
	uint64_t pa;

	asked->questions++;
	asked->wrong += !table;
	if (!table)
		return;
	page = virt_to_page(table->ptr);
	pa = page_to_phys(page);
	asked->questions++;
	asked->wrong += gpuas_linux_exit(as) != 1;
	gpuas_linux_init(as, test->as->dev, test->as->board, NULL);
	ask(asked, 1, pa, NULL);
	__free_pages(page, get_order(GRANULE));
}

static void ask_all(struct asked *asked, struct test *test)
{
	struct gpuas_table *table = alloc(asked->as[0]);
	struct gpuas_linux *as = asked->as[0];
	uint64_t pa;

	asked->questions++;
	asked->wrong += !table || !is_fresh(table);
	if (!table)
		return;
	pa = gpuas_pa_u64(table->pa);
	ask(asked, 0, pa, table);
	ask_inside(asked, pa);
	ask_others(asked, pa, &test->as->manifest);
	as->env.table_free(as, table, GRANULE);
	ask(asked, 0, pa, NULL);
	ask_lost(asked, test);
}

int gpuas_test_records(struct test *test)
{
	struct gpuas_linux *as = kcalloc(2, sizeof(*as), GFP_KERNEL);
	struct asked asked = { .as = { &as[0], &as[1] } };

	if (!as)
		return -ENOMEM;
	gpuas_linux_init(&as[0], test->as->dev, test->as->board, NULL);
	gpuas_linux_init(&as[1], test->as->dev, test->as->board, NULL);
	/* Without a geometry, the last PA is told by nobody else. */
	as[0].reach = test->as->reach;
	as[1].reach = test->as->reach;
	ask_all(&asked, test);
	asked.wrong += gpuas_linux_exit(&as[0]) || gpuas_linux_exit(&as[1]);
	dev_info(test->as->dev,
		 "gpuas: selftest: records: %u questions, %u wrong answers\n",
		 asked.questions, asked.wrong);
	kfree(as);
	return asked.wrong ? -EIO : 0;
}
