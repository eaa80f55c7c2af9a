// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Page ownership: tables from the page allocator, their records, and the checked way
 * to read those that are not ours.
 */
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <gpuas_linux.h>

/**
 * struct table - A table of ours
 * @table: its record
 * @list: in &gpuas_linux.list; its page has the address of this in lru.next
 *
 * Found through struct page: @private of a page that we own is the address of our
 * handle. Nobody else has a reason to store that: others store what is theirs, or
 * numbers that are no addresses of the kernel's. So a page is asked whose it is before
 * anything else in it is believed, and whatever PA was read from whatever table, it
 * costs no search. Both fields are for the owner of a page, in all kernels.
 */
struct table {
	struct gpuas_table table;
	struct list_head list;
};

/* One of ours at exactly this address; with large kernel pages, PFNs are not enough. */
static struct gpuas_table *table_record(void *ctx, gpuas_pa_t pa)
{
	unsigned long pfn = PHYS_PFN(gpuas_pa_u64(pa));
	const struct page *page;

	if (!pfn_valid(pfn))
		return NULL;
	page = pfn_to_page(pfn);
	if (READ_ONCE(page->private) != (unsigned long)ctx ||
	    page_to_phys(page) != gpuas_pa_u64(pa))
		return NULL;
	return &list_entry(page->lru.next, struct table, list)->table;
}

/*
 * A page that the GPU's walker can reach. Zones are lower and lower parts of memory;
 * where they end is the kernel's business, so what comes from one is looked at.
 */
static struct page *page_within_reach(const struct gpuas_linux *gpu,
				      unsigned int order)
{
	static const gfp_t zone[] = { 0, GFP_DMA32, GFP_DMA };
	const uint64_t last = gpu->space.pa_last;
	unsigned int i;
	struct page *page;

	for (i = 0; i < ARRAY_SIZE(zone); i++) {
		page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
				   zone[i], order);
		if (!page)
			break;
		if (page_to_phys(page) + (PAGE_SIZE << order) - 1 <= last)
			return page;
		__free_pages(page, order);
	}
	dev_err_ratelimited(gpu->dev,
			    "gpuas: no memory for a table up to PA 0x%llx, which is the last one of the GPU's\n",
			    last);
	return NULL;
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **record)
{
	struct gpuas_linux *gpu = ctx;
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	struct page *page;

	if (!table)
		return -ENOMEM;
	page = page_within_reach(gpu, get_order(size));
	if (!page) {
		kfree(table);
		return -ENOMEM;
	}
	table->table.ptr = page_address(page);
	table->table.pa = gpuas_pa(page_to_phys(page));
	table->table.zero = true;
	list_add(&table->list, &gpu->list);
	page->lru.next = &table->list;
	set_page_private(page, (unsigned long)gpu);
	gpu->tables++;
	*record = &table->table;
	return 0;
}

/* From here on the page is nobody's table; as the page allocator gave it to us. */
static struct page *table_forget(struct table *table)
{
	struct page *page = virt_to_page(table->table.ptr);

	set_page_private(page, 0);
	INIT_LIST_HEAD(&page->lru);
	list_del(&table->list);
	kfree(table);
	return page;
}

static void table_free(void *ctx, struct gpuas_table *record, size_t size)
{
	struct gpuas_linux *gpu = ctx;
	struct page *page = table_forget(container_of(record, struct table, table));

	if (gpu->keep)
		return;
	__free_pages(page, get_order(size));
	gpu->tables--;
}

/* Arm64 leaves some of memory out of the linear map, others none of what is online. */
static bool is_mapped(unsigned long pfn)
{
#ifdef CONFIG_ARM64
	return pfn_is_map_memory(pfn);
#else
	return true;
#endif
}

/*
 * Each test is the only one to refuse something, and has a boot that fails
 * without it (test/qemu/module/borrow.c, test/qemu/negative.sh):
 *
 * pfn_to_online_page()	memory that was added and is not online
 * region_intersects()	a page that is in part no-map
 * PageReserved()	what the page allocator owns
 *
 * but for is_mapped(), which says whether the linear map has the page:
 * arm64 makes "System RAM" from the same list, rounded inwards, so what it
 * refuses was refused before. It says what phys_to_virt() depends on.
 *
 * region_intersects() takes a hole for no contradiction: ask for one page at a
 * time.
 */
static int intersects_ram(uint64_t pa, uint64_t size)
{
	return region_intersects(pa, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE);
}

static enum gpuas_linux_test page_check(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	if (!page)
		return GPUAS_LINUX_ONLINE;
	if (intersects_ram(PFN_PHYS(pfn), PAGE_SIZE) != REGION_INTERSECTS)
		return GPUAS_LINUX_RAM;
	if (!is_mapped(pfn))
		return GPUAS_LINUX_LINEAR;
	return PageReserved(page) ? GPUAS_LINUX_PASSED : GPUAS_LINUX_RESERVED;
}

enum gpuas_linux_test gpuas_linux_borrow_test(gpuas_pa_t pa, uint64_t size,
					      gpuas_pa_t *bad)
{
	uint64_t start = gpuas_pa_u64(pa);
	unsigned long pfn = PHYS_PFN(start);
	unsigned long last = PHYS_PFN(start + size - 1);
	enum gpuas_linux_test failed = GPUAS_LINUX_PASSED;

	if (start + size - 1 < start)
		failed = GPUAS_LINUX_WRAPS;
	while (!failed && pfn <= last) {
		failed = page_check(pfn);
		if (!failed)
			pfn++;
	}
	if (failed && bad)
		*bad = gpuas_pa(max_t(uint64_t, start, PFN_PHYS(pfn)));
	return failed;
}

int gpuas_linux_borrow(gpuas_pa_t pa, uint64_t size, gpuas_pa_t *bad)
{
	switch (gpuas_linux_borrow_test(pa, size, bad)) {
	case GPUAS_LINUX_PASSED:
		return 0;
	case GPUAS_LINUX_WRAPS:
		return -EOVERFLOW;
	case GPUAS_LINUX_RESERVED:
		return -EBADMSG;
	default:
		return -EFAULT;
	}
}

/*
 * With no-map: mapped once, and by the type of the contract alone, since two types for
 * one page are undefined.
 */
static int lend(struct gpuas_linux *gpu, unsigned int i, struct gpuas_report *report)
{
	const struct gpuas_region *region = &gpu->manifest.region[i];
	uint64_t pa = gpuas_pa_u64(region->pa);

	if (!region->present || !region->no_map || gpu->mapping[i])
		return 0;
	if (intersects_ram(pa, region->size) != REGION_DISJOINT)
		return gpuas_report_hex(report, -EBADMSG, "region", region->name,
					"has no-map, and is System RAM all the same, so the kernel did not reserve it in time, at PA",
					pa);
	gpu->mapping[i] = memremap(pa, region->size,
				   region->memory == GPUAS_MEMORY_WRITE_COMBINING ?
				   MEMREMAP_WC : MEMREMAP_WB);
	if (!gpu->mapping[i])
		return gpuas_report_hex(report, -ENOMEM, "region", region->name,
					"has no-map, and cannot be mapped at PA", pa);
	return 0;
}

int gpuas_linux_lend(struct gpuas_linux *gpu, struct gpuas_report *report)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < gpu->manifest.regions; i++)
		err = lend(gpu, i, report);
	return err;
}

void *gpuas_linux_ptr(const struct gpuas_linux *gpu,
		      const struct gpuas_region *region, uint64_t offset)
{
	void *mapping = gpu->mapping[region - gpu->manifest.region];

	return mapping ? mapping + offset :
			 phys_to_virt(gpuas_pa_u64(region->pa) + offset);
}

static void *lent_ptr(const struct gpuas_linux *gpu, uint64_t pa, size_t size)
{
	const struct gpuas_region *region = gpu->manifest.region;
	unsigned int i;
	uint64_t offset;

	for (i = 0; i < gpu->manifest.regions; i++, region++) {
		offset = pa - gpuas_pa_u64(region->pa);
		if (gpu->mapping[i] && offset < region->size &&
		    size <= region->size - offset)
			return gpu->mapping[i] + offset;
	}
	return NULL;
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct gpuas_table *table = table_record(ctx, pa);
	void *lent;

	if (table)
		return table->ptr;
	if (!IS_ALIGNED(gpuas_pa_u64(pa), sizeof(uint64_t)))
		return NULL;
	lent = lent_ptr(ctx, gpuas_pa_u64(pa), size);
	if (lent)
		return lent;
	if (gpuas_linux_borrow(pa, size, NULL))
		return NULL;
	return phys_to_virt(gpuas_pa_u64(pa));
}

void gpuas_linux_init(struct gpuas_linux *gpu, struct device *dev,
		      const struct gpuas_board *board,
		      void (*flush)(void *ctx, gpuas_va_t va, uint64_t size))
{
	memset(gpu, 0, sizeof(*gpu));
	gpu->dev = dev;
	gpu->board = board;
	mutex_init(&gpu->lock);
	INIT_LIST_HEAD(&gpu->list);
	gpu->env.ctx = gpu;
	gpu->env.table_alloc = table_alloc;
	gpu->env.table_free = table_free;
	gpu->env.table_record = table_record;
	gpu->env.table_ptr = table_ptr;
	gpu->env.flush = flush;
	gpu->env.map_flush = board->map_flush;
}

unsigned long gpuas_linux_exit(struct gpuas_linux *gpu)
{
	struct table *table, *next;
	unsigned int i;

	for (i = 0; i < GPUAS_REGIONS_MAX; i++) {
		if (gpu->mapping[i])
			memunmap(gpu->mapping[i]);
	}
	if (gpu->tables)
		dev_err(gpu->dev, "gpuas: %lu tables leaked\n", gpu->tables);
	/* The next handle may be at this address, and these are not its tables. */
	list_for_each_entry_safe(table, next, &gpu->list, list)
		table_forget(table);
	mutex_destroy(&gpu->lock);
	return gpu->tables;
}
