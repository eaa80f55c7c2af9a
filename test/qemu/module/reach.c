// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * A space of a GPU that reaches 4 GiB, however much memory there is, and of one that
 * reaches none. Nobody walks either.
 */
#include <linux/device.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <gpuas/visit.h>

#include "test.h"

#define PA_BITS	32
#define TABLES	64

/* What the map makes tables for: PA 0 as good as any, as nobody walks. */
static int map(struct gpuas_linux *as, unsigned int i)
{
	return gpuas_linux_map(as, gpuas_va((uint64_t)i * SZ_1G), gpuas_pa(0),
			       GRANULE, GPUAS_GPU_READ | GPUAS_FW_READ |
			       GPUAS_MEM_SHARED);
}

/* The root is met by no step that leads to it. */
static int count_beyond(void *ctx, const struct gpuas_step *step)
{
	unsigned int *beyond = ctx;

	*beyond += step->kind == GPUAS_TABLE &&
		   gpuas_pa_u64(step->pa) >> PA_BITS != 0;
	return 0;
}

static int within(struct gpuas_linux *as)
{
	unsigned int i, beyond = gpuas_pa_u64(as->space.root) >> PA_BITS != 0;
	int err = 0;

	for (i = 0; !err && as->tables < TABLES; i++)
		err = map(as, i);
	if (!err)
		err = gpuas_visit_all(&as->space, count_beyond, &beyond);
	dev_info(as->dev, "gpuas: selftest: reach: error %d, %lu tables, %u of them beyond\n",
		 err, as->tables, beyond);
	return err;
}

/* As on a machine that has no memory where its GPU could walk. */
static int nowhere(struct gpuas_linux *as)
{
	const uint64_t last = as->reach;
	unsigned long tables = as->tables;
	int err;

	as->reach = SZ_1M - 1;
	err = map(as, TABLES);
	as->reach = last;
	dev_info(as->dev, "gpuas: selftest: reach: none: error %d, %lu more tables\n",
		 err, as->tables - tables);
	return err == -ENOMEM ? 0 : -EIO;
}

/* No more than the driver allows, whatever memory there is; and as many again afterwards. */
static int limit(struct gpuas_linux *as)
{
	const unsigned long tables = as->tables;
	int err, more;

	as->tables_max = tables;
	err = map(as, TABLES);
	as->tables_max = tables + 2;
	more = map(as, TABLES);
	dev_info(as->dev, "gpuas: selftest: limit: error %d, %lu tables; two more allowed: error %d\n",
		 err, tables, more);
	as->tables_max = 0;
	return err == -EDQUOT ? more : -EIO;
}

int gpuas_test_reach(struct test *test)
{
	struct gpuas_geometry geo = test->as->manifest.geo;
	struct gpuas_range half = { gpuas_va(0), 1ULL << geo.va_bits };
	struct gpuas_linux *as = kzalloc(sizeof(*as), GFP_KERNEL);
	int err;

	if (!as)
		return -ENOMEM;
	geo.upper = false;
	geo.pa_bits = PA_BITS;
	gpuas_linux_init(as, test->as->dev, test->as->board, NULL);
	err = gpuas_linux_create(as, &geo, &half);
	if (!err)
		err = within(as);
	if (!err)
		err = nowhere(as);
	if (!err)
		err = limit(as);
	gpuas_linux_release(as);
	if (gpuas_linux_exit(as))
		err = -EIO;
	kfree(as);
	return err;
}
