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
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmstat.h>

#include <asm/barrier.h>
#ifdef CONFIG_ARM64
#include <asm/sysreg.h>
#endif

#include <gpuas_linux.h>

/**
 * struct table - A table of ours
 * @table: its record
 * @list: in &gpuas_linux.list
 *
 * Found through struct page: @private of a page that we own is the address of our
 * handle, and lru.next that of the record. Nobody else has a reason to store the first:
 * others store what is theirs, or numbers that are no addresses of the kernel's. So a
 * page is asked whose it is before anything else in it is believed, and whatever PA was
 * read from whatever table, it costs no search. Both fields are for the owner of a page,
 * in all kernels.
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

	if ((gpuas_pa_u64(pa) & ~PAGE_MASK) || !pfn_valid(pfn))
		return NULL;
	page = pfn_to_page(pfn);
	/* Another one may be handed out at this moment, without the handle's lock. */
	if (smp_load_acquire(&page->private) != (unsigned long)ctx)
		return NULL;
	return (void *)page->lru.next;
}

/* Those of /proc/meminfo, and of the memory cgroup of whoever asked for the table. */
static void account(struct page *page, size_t size, int sign)
{
	mod_lruvec_page_state(page, NR_SECONDARY_PAGETABLE, sign * (1 << get_order(size)));
}

/*
 * Who asked for the table pays for it, and gets an error when there is no memory: nobody
 * is killed for it.
 */
#define TABLE_GFP (GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/*
 * A page that the GPU's walker can reach. Zones are lower and lower parts of memory;
 * where they end is the kernel's business, so what comes from one is looked at.
 */
static struct page *page_within_reach(const struct gpuas_linux *gpu,
				      unsigned int order)
{
	static const gfp_t zone[] = { 0, GFP_DMA32, GFP_DMA };
	const uint64_t last = gpu->reach;
	bool beyond = false;
	unsigned int i;
	struct page *page;

	for (i = 0; i < ARRAY_SIZE(zone); i++) {
		page = alloc_pages(TABLE_GFP | __GFP_ZERO | zone[i], order);
		if (!page)
			break;
		if (page_to_phys(page) + (PAGE_SIZE << order) - 1 <= last)
			return page;
		__free_pages(page, order);
		beyond = true;
	}
	/* That somebody may have no more is his to know, and not the log's. */
	if (!beyond)
		return NULL;
	dev_err_ratelimited(gpu->dev,
			    "gpuas: no memory for a table up to PA 0x%llx, which is the last one of the GPU's\n",
			    last);
	return NULL;
}

static bool within_limit(struct gpuas_linux *gpu)
{
	bool within;

	spin_lock(&gpu->tables_lock);
	within = !gpu->tables_max || gpu->tables < gpu->tables_max;
	gpu->tables += within;
	spin_unlock(&gpu->tables_lock);
	return within;
}

static void count_down(struct gpuas_linux *gpu)
{
	spin_lock(&gpu->tables_lock);
	gpu->tables--;
	spin_unlock(&gpu->tables_lock);
}

/* Whoever finds the page to be ours finds the record too. */
static void table_remember(struct gpuas_linux *gpu, struct table *table,
			   struct page *page)
{
	table->table.ptr = page_address(page);
	table->table.pa = gpuas_pa(page_to_phys(page));
	table->table.zero = true;
	spin_lock(&gpu->tables_lock);
	list_add(&table->list, &gpu->list);
	spin_unlock(&gpu->tables_lock);
	page->lru.next = (void *)&table->table;
	smp_store_release(&page->private, (unsigned long)gpu);
}

static int table_make(struct gpuas_linux *gpu, size_t size, struct gpuas_table **record)
{
	struct table *table = kzalloc(sizeof(*table), TABLE_GFP);
	struct page *page;

	if (!table)
		return -ENOMEM;
	page = page_within_reach(gpu, get_order(size));
	if (!page) {
		kfree(table);
		return -ENOMEM;
	}
	account(page, size, 1);
	table_remember(gpu, table, page);
	*record = &table->table;
	return 0;
}

static int table_alloc(void *ctx, size_t size, struct gpuas_table **record)
{
	struct gpuas_linux *gpu = ctx;
	int err;

	if (!within_limit(gpu))
		return -EDQUOT;
	err = table_make(gpu, size, record);
	if (err)
		count_down(gpu);
	return err;
}

/* From here on the page is nobody's table; as the page allocator gave it to us. */
static struct page *table_forget(struct gpuas_linux *gpu, struct table *table)
{
	struct page *page = virt_to_page(table->table.ptr);

	set_page_private(page, 0);
	INIT_LIST_HEAD(&page->lru);
	spin_lock(&gpu->tables_lock);
	list_del(&table->list);
	spin_unlock(&gpu->tables_lock);
	kfree(table);
	return page;
}

static void table_free(void *ctx, struct gpuas_table *record, size_t size)
{
	struct gpuas_linux *gpu = ctx;
	struct page *page = table_forget(gpu, container_of(record, struct table, table));

	if (gpu->keep)
		return;
	account(page, size, -1);
	__free_pages(page, get_order(size));
	count_down(gpu);
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
 * PageReserved()	what the kernel did not reserve, whatever the tree says
 * region_last()		what is reserved for somebody else, as the kernel's own text and
 *			data are, and all that it allocated before there was a page allocator
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

/* The last byte of the region that has @pa; less than @pa if none has. */
static uint64_t region_last(const struct gpuas_manifest *manifest, uint64_t pa)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;
	uint64_t offset;

	for (i = 0; i < manifest->regions; i++, region++) {
		offset = pa - gpuas_pa_u64(region->pa);
		if (region->present && !region->no_map && offset < region->size)
			return pa - offset + (region->size - 1);
	}
	return pa - 1;
}

/* The first byte from @pa to @last that is in no region; more than @last if all are. */
static uint64_t outside(const struct gpuas_manifest *manifest, uint64_t pa, uint64_t last)
{
	uint64_t end = region_last(manifest, pa);

	while (end >= pa && end < last) {
		pa = end + 1;
		end = region_last(manifest, pa);
	}
	return end >= pa ? last + 1 : pa;
}

/* Of one page, what is from @at to @last; @at is set to the first byte at fault. */
static enum gpuas_linux_test part_check(const struct gpuas_linux *gpu, uint64_t *at,
					uint64_t last)
{
	enum gpuas_linux_test failed = page_check(PHYS_PFN(*at));

	if (failed)
		return failed;
	*at = outside(&gpu->manifest, *at, last);
	return *at <= last ? GPUAS_LINUX_REGION : GPUAS_LINUX_PASSED;
}

enum gpuas_linux_test gpuas_linux_borrow_test(const struct gpuas_linux *gpu, gpuas_pa_t pa,
					      uint64_t size, gpuas_pa_t *bad)
{
	uint64_t at = gpuas_pa_u64(pa), last = at + size - 1;
	enum gpuas_linux_test failed = last < at ? GPUAS_LINUX_WRAPS : GPUAS_LINUX_PASSED;

	while (!failed && at - 1 != last)
		failed = part_check(gpu, &at, min_t(uint64_t, last, at | ~PAGE_MASK));
	if (failed && bad)
		*bad = gpuas_pa(at);
	return failed;
}

int gpuas_linux_borrow(const struct gpuas_linux *gpu, gpuas_pa_t pa, uint64_t size,
		       gpuas_pa_t *bad)
{
	switch (gpuas_linux_borrow_test(gpu, pa, size, bad)) {
	case GPUAS_LINUX_PASSED:
		return 0;
	case GPUAS_LINUX_WRAPS:
		return -EOVERFLOW;
	case GPUAS_LINUX_RESERVED:
		return -EBADMSG;
	case GPUAS_LINUX_REGION:
		return -EPERM;
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
	if (gpuas_linux_borrow(ctx, pa, size, NULL))
		return NULL;
	return phys_to_virt(gpuas_pa_u64(pa));
}

/*
 * To the point of coherency, by VA: tables are in the linear map, as all that is borrowed
 * is, or where no-map regions are mapped. Not by the DMA API, which knows addresses that it
 * gave out itself: it has none for what the bootloader built, and for no-map it has no
 * struct page. The kernel's own function for it is not for modules.
 */
#ifdef CONFIG_ARM64
static void cache_clean(void *ctx, const void *ptr, size_t size)
{
	const unsigned long line = 4ul << ((read_sysreg(ctr_el0) >> 16) & 0xf);
	unsigned long at = ALIGN_DOWN((unsigned long)ptr, line);

	for (; at < (unsigned long)ptr + size; at += line)
		asm volatile("dc civac, %0" :: "r" (at) : "memory");
	dsb(sy);
}
#else
static void cache_clean(void *ctx, const void *ptr, size_t size)
{
	WARN_ONCE(1, "gpuas: no cache maintenance for this architecture's walkers\n");
}
#endif

/* What is dirty is written by this CPU, and stays. */
static void cache_invalidate(void *ctx, const void *ptr, size_t size)
{
	cache_clean(ctx, ptr, size);
}

/*
 * Where memory is being reclaimed, somebody may wait for the lock: so nothing may be
 * allocated with it held. Lockdep learns that here, before it is done for the first time.
 */
static void lock_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	__mutex_init(lock, name, key);
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(lock);
	fs_reclaim_release(GFP_KERNEL);
}

void gpuas_linux_init_class(struct gpuas_linux *gpu, struct device *dev,
			    const struct gpuas_board *board,
			    void (*flush)(void *ctx, gpuas_va_t va, uint64_t size),
			    const char *name, struct lock_class_key *key)
{
	memset(gpu, 0, sizeof(*gpu));
	gpu->dev = dev;
	gpu->board = board;
	gpu->reach = U64_MAX;
	lock_init(&gpu->lock, name, key);
	spin_lock_init(&gpu->tables_lock);
	INIT_LIST_HEAD(&gpu->list);
	gpu->env.ctx = gpu;
	gpu->env.table_alloc = table_alloc;
	gpu->env.table_free = table_free;
	gpu->env.table_record = table_record;
	gpu->env.table_ptr = table_ptr;
	gpu->env.flush = flush;
	gpu->env.map_flush = board && board->map_flush;
	if (board && board->incoherent) {
		gpu->env.clean = cache_clean;
		gpu->env.invalidate = cache_invalidate;
	}
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
		table_forget(gpu, table);
	mutex_destroy(&gpu->lock);
	return gpu->tables;
}
