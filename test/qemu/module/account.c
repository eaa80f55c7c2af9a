// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Tables that nothing hangs on: what they are charged to, and counted as, is looked at outside. */
#include <linux/device.h>
#include <linux/slab.h>

#include "test.h"

#define HELD_MAX	4096

static struct gpuas_linux *held;
static struct gpuas_table **tables;
static unsigned int count;

static void give_back(void)
{
	while (count)
		held->env.table_free(held, tables[--count], GRANULE);
	if (held)
		gpuas_linux_exit(held);
	kfree(held);
	kvfree(tables);
	held = NULL;
	tables = NULL;
}

static int have(struct test *test, unsigned int wanted)
{
	int err = 0;

	held = kzalloc(sizeof(*held), GFP_KERNEL);
	if (!held)
		return -ENOMEM;
	gpuas_linux_init(held, test->as->dev, test->as->board, NULL);
	held->reach = test->as->reach;
	tables = kvcalloc(wanted, sizeof(*tables), GFP_KERNEL);
	if (!tables)
		return -ENOMEM;
	while (!err && count < wanted) {
		err = held->env.table_alloc(held, GRANULE, &tables[count]);
		count += !err;
	}
	return err;
}

int gpuas_test_hold(struct test *test, unsigned int wanted)
{
	int err = 0;

	if (wanted > HELD_MAX)
		return -EINVAL;
	mutex_lock(&test->lock);
	give_back();
	if (wanted) {
		err = have(test, wanted);
		dev_info(test->as->dev, "gpuas: selftest: hold: %u tables of %u, error %d\n",
			 count, wanted, err);
	}
	/* Whoever asked may need a page himself, to go on. */
	if (err)
		give_back();
	mutex_unlock(&test->lock);
	return err;
}
