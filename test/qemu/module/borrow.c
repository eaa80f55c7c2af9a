// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Asks gpuas_linux_borrow() for what it must not lend, one thing for each of its
 * tests. Reads none of it.
 */
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/ioport.h>
#include <linux/kernel_stat.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>

#include "test.h"

/* Where QEMU's virt machine has its serial port. */
#define UART	0x9000000

static unsigned long long hotplug;
module_param(hotplug, ullong, 0400);
MODULE_PARM_DESC(hotplug, "address of a block of memory that may be added, and stays offline");

struct ask {
	const struct gpuas_linux *as;
	struct device *dev;
	struct refusals *refusals;
};

/* Refused with @err, and @bad named as the page at fault? */
static void ask(const struct ask *ask, const char *what, uint64_t pa,
		uint64_t size, int err, uint64_t bad)
{
	gpuas_pa_t where = gpuas_pa(~0ULL);
	int got = gpuas_linux_borrow(ask->as, gpuas_pa(pa), size, &where);

	ask->refusals->asked++;
	if (got == err && gpuas_pa_u64(where) == bad)
		ask->refusals->refused++;
	else
		dev_err(ask->dev,
			"gpuas: selftest: borrow: %s, 0x%llx size 0x%llx: error %d at 0x%llx, not %d at 0x%llx\n",
			what, pa, size, got, gpuas_pa_u64(where), err, bad);
}

static int note_end(struct resource *ram, void *ctx)
{
	uint64_t *end = ctx;

	*end = max_t(uint64_t, *end, ram->end + 1);
	return 0;
}

/* Where its last page is lent, it is for the second one to be refused. */
static void ask_ram_end(const struct ask *a)
{
	uint64_t end = 0, bad;
	int err;

	walk_iomem_res_desc(IORES_DESC_NONE,
			    IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0, -1,
			    &end, note_end);
	bad = end - PAGE_SIZE;
	err = gpuas_linux_borrow(a->as, gpuas_pa(bad), PAGE_SIZE, NULL);
	if (!err) {
		err = -EFAULT;
		bad = end;
	}
	ask(a, "end of RAM", end - PAGE_SIZE, 2 * PAGE_SIZE, err, bad);
	ask(a, "beyond RAM", end, PAGE_SIZE, -EFAULT, end);
}

/* The end of the first region that somebody else's page follows. */
static void ask_region_end(const struct ask *a,
			   const struct gpuas_manifest *manifest)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	uint64_t end;
	int err;

	for (i = 0; i < manifest->regions; i++, region++) {
		end = gpuas_pa_u64(region->pa) + region->size;
		err = gpuas_linux_borrow(a->as, gpuas_pa(end), PAGE_SIZE, NULL);
		if (!region->present || !err)
			continue;
		ask(a, region->name, end - PAGE_SIZE, 2 * PAGE_SIZE, err, end);
		return;
	}
}

/* A node need not be whole pages: its first page is refused, all of it. */
static void ask_no_map(const struct ask *a)
{
	struct device_node *node, *parent;
	struct resource res;
	uint64_t page;

	parent = of_find_node_by_path("/reserved-memory");
	for_each_available_child_of_node(parent, node) {
		if (!of_property_read_bool(node, "no-map") ||
		    of_address_to_resource(node, 0, &res))
			continue;
		page = ALIGN_DOWN(res.start, PAGE_SIZE);
		ask(a, node->full_name, page, 1, -EFAULT, page);
	}
	of_node_put(parent);
}

static int ask_own(const struct ask *a)
{
	struct page *page = alloc_page(GFP_KERNEL);
	uint64_t pa;

	if (!page)
		return -ENOMEM;
	pa = page_to_phys(page);
	ask(a, "page of ours", pa, PAGE_SIZE, -EBADMSG, pa);
	__free_page(page);
	return 0;
}

/* Reserved since boot, each of them, and not for us. */
static void ask_reserved(const struct ask *a)
{
	uint64_t text = ALIGN_DOWN(__pa_symbol(_printk), PAGE_SIZE);
	uint64_t data = ALIGN_DOWN(virt_to_phys(&kcpustat_cpu(0)), PAGE_SIZE);

	ask(a, "kernel text", text, PAGE_SIZE, -EPERM, text);
	ask(a, "data from before the page allocator", data, PAGE_SIZE, -EPERM, data);
}

/* System RAM in the linear map, and yet nobody's to read. */
static int ask_offline(const struct ask *a)
{
	uint64_t size = memory_block_size_bytes();
	int err = add_memory(0, hotplug, size, MHP_NONE);

	if (err)
		return err;
	ask(a, "offline", hotplug, PAGE_SIZE, -EFAULT, hotplug);
	return remove_memory(hotplug, size);
}

int gpuas_test_borrow(struct test *test, struct refusals *refusals)
{
	const struct ask a = { .as = test->as, .dev = test->as->dev, .refusals = refusals };
	int err;

	ask(&a, "serial port", UART, PAGE_SIZE, -EFAULT, UART);
	ask(&a, "wrap", ALIGN_DOWN(~0ULL, PAGE_SIZE), 2 * PAGE_SIZE, -EOVERFLOW,
	    ALIGN_DOWN(~0ULL, PAGE_SIZE));
	ask_ram_end(&a);
	ask_region_end(&a, &test->as->manifest);
	ask_no_map(&a);
	ask_reserved(&a);
	err = ask_own(&a);
	if (!err && hotplug)
		err = ask_offline(&a);
	return err;
}
