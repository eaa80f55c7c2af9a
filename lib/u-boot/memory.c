// SPDX-License-Identifier: GPL-2.0-or-later
/* U-Boot's memory. GPL only, as the code in U-Boot's headers is. */
#include <cpu_func.h>
#include <fdtdec.h>
#include <mapmem.h>
#include <stdio.h>
#include <linux/libfdt.h>
#ifdef CONFIG_ARM64
#include <asm/system.h>
#include <asm/armv8/mmu.h>
#endif

#include "compat.h"
#include "memory.h"
#include "uboot.h"

/* Granularity of U-Boot's page tables, and of what firmware withholds from U-Boot. */
#define PAGE	0x1000ULL
/* Nobody reserves less. */
#define STEP	64ULL
/* Most tables that a range needs on top: three levels for either end. */
#define TABLES	6

/* How much of a range, if any, comes from @pa on? */
static uint64_t rest(uint64_t pa, uint64_t start, uint64_t size)
{
	return pa - start < size ? size - (pa - start) : 0;
}

static uint64_t rest_of_bank(uint64_t pa)
{
	uint64_t size = 0;
	unsigned int i;

	for (i = 0; !size && i < CONFIG_NR_DRAM_BANKS; i++)
		size = rest(pa, GPUAS_UBOOT_BANK(i).start,
			    GPUAS_UBOOT_BANK(i).size);
	return size;
}

static uint64_t rest_of_tuple(int node, uint64_t pa)
{
	int address = fdt_address_cells(gd->fdt_blob, 0);
	int cells = address + fdt_size_cells(gd->fdt_blob, 0), len;
	const fdt32_t *reg = fdt_getprop(gd->fdt_blob, node, "reg", &len);
	uint64_t size = 0;

	if (!reg || address < 1 || cells <= address)
		return 0;
	for (; !size && len >= cells * (int)sizeof(*reg);
	     len -= cells * sizeof(*reg)) {
		size = rest(pa, fdtdec_get_number(reg, address),
			    fdtdec_get_number(reg + address, cells - address));
		reg += cells;
	}
	return size;
}

/* There may be more than CONFIG_NR_DRAM_BANKS; U-Boot then forgets the others. */
static uint64_t rest_of_tree(uint64_t pa)
{
	uint64_t size = 0;
	int node = -1;

	while (gd->fdt_blob && !size) {
		node = fdt_node_offset_by_prop_value(gd->fdt_blob, node,
						     "device_type", "memory",
						     sizeof("memory"));
		if (node < 0)
			break;
		size = rest_of_tuple(node, pa);
	}
	return size;
}

/* Ranges that meet or overlap are one: each step goes to the end of one. */
static bool is_covered(uint64_t pa, uint64_t size)
{
	uint64_t step;

	for (; size; pa += step, size -= step) {
		step = rest_of_bank(pa);
		if (!step)
			step = rest_of_tree(pa);
		if (!step)
			return false;
		step = min(step, size);
	}
	return true;
}

/* By a 32-bit U-Boot, not everything. */
static bool is_addressable(uint64_t pa, uint64_t size)
{
	return size && pa + size - 1 >= pa &&
	       pa + size - 1 <= (phys_addr_t)-1 && pa + size - 1 <= ULONG_MAX;
}

bool gpuas_uboot_is_ram(uint64_t pa, uint64_t size)
{
	return is_addressable(pa, size) && is_covered(pa, size);
}

bool gpuas_uboot_no_map(uint64_t pa, uint64_t size)
{
	uint64_t offset;

	for (offset = 0; offset < size; offset += PAGE) {
		if (lmb_is_reserved_flags(pa + offset, LMB_NOMAP))
			return true;
	}
	return lmb_is_reserved_flags(pa + size - 1, LMB_NOMAP);
}

/*
 * What is mapped differs between boards, and changes while some run; so the CPU is
 * asked. 32-bit Arm maps the whole address space, and the sandbox has no MMU.
 */
#ifdef CONFIG_ARM64
#define PAR_FAULT	1ULL
#define PAR_PA		0x0000fffffffff000ULL
#define UNCACHED	(PTE_BLOCK_MEMTYPE(MT_NORMAL_NC) | PTE_TYPE_VALID)

static bool page_is_mapped(uint64_t va)
{
	uint64_t par;

	switch (current_el()) {
	case 1:
		__asm__ volatile("at s1e1r, %0" : : "r" (va));
		break;
	case 2:
		__asm__ volatile("at s1e2r, %0" : : "r" (va));
		break;
	default:
		__asm__ volatile("at s1e3r, %0" : : "r" (va));
	}
	__asm__ volatile("isb\n\tmrs %0, par_el1" : "=r" (par) : : "memory");
	return !(par & PAR_FAULT) && (par & PAR_PA) == va;
}

static bool is_mapped(uint64_t start, uint64_t end)
{
	for (; start < end; start += PAGE) {
		if (!page_is_mapped(start))
			return false;
	}
	return true;
}

/* U-Boot panics if its tables do not suffice. What it maps, it maps as RAM at first. */
static bool map(uint64_t start, uint64_t end, enum gpuas_memory memory)
{
	u64 va_bits;

	get_tcr(NULL, &va_bits);
	if (!dcache_status() || (end - 1) >> va_bits ||
	    gd->arch.tlb_fillptr + TABLES * PAGE > gd->arch.tlb_addr + gd->arch.tlb_size)
		return false;
	mmu_map_region(start, end - start, false);
	if (memory == GPUAS_MEMORY_WRITE_COMBINING)
		mmu_change_region_attr(start, end - start, UNCACHED);
	return is_mapped(start, end);
}
#else
static bool is_mapped(uint64_t start, uint64_t end)
{
	return true;
}

static bool map(uint64_t start, uint64_t end, enum gpuas_memory memory)
{
	return false;
}
#endif

bool gpuas_uboot_lend(uint64_t pa, uint64_t size, enum gpuas_memory memory)
{
	uint64_t start = pa & ~(PAGE - 1);
	uint64_t end = (pa + size + PAGE - 1) & ~(PAGE - 1);

	return is_addressable(pa, size) &&
	       (is_mapped(start, end) || map(start, end, memory));
}

bool gpuas_uboot_map(uint64_t pa, uint64_t size)
{
	uint64_t start = pa & ~(PAGE - 1);
	uint64_t end = (pa + size + PAGE - 1) & ~(PAGE - 1);

	if (gpuas_uboot_no_map(pa, size))
		return false;
	return is_mapped(start, end) || map(start, end, GPUAS_MEMORY_WRITE_BACK);
}

bool gpuas_uboot_ram(uint64_t pa, uint64_t size)
{
	return gpuas_uboot_is_ram(pa, size) && gpuas_uboot_map(pa, size);
}

/* The region with no-map that a range is in, or NULL. */
static const struct gpuas_region *lent(const struct gpuas_manifest *manifest, uint64_t pa,
				       uint64_t size)
{
	const struct gpuas_region *region = manifest->region;
	unsigned int i;

	for (i = 0; i < manifest->regions; i++, region++) {
		if (region->present && region->no_map &&
		    rest(pa, gpuas_pa_u64(region->pa), region->size) >= size)
			return region;
	}
	return NULL;
}

static void *find(const struct gpuas_manifest *manifest, gpuas_pa_t pa, uint64_t size)
{
	const struct gpuas_region *region = lent(manifest, gpuas_pa_u64(pa), size);

	if (region ? !gpuas_uboot_lend(gpuas_pa_u64(pa), size, region->memory) :
		     !gpuas_uboot_ram(gpuas_pa_u64(pa), size))
		return NULL;
	return map_sysmem(gpuas_pa_u64(pa), size);
}

static void *ram_ptr(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	return find(&gpuas_uboot.bringup.manifest, pa, size);
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	return find(ctx, pa, size);
}

/* From one reserved range to the next; what may be overwritten is looked through. */
bool gpuas_uboot_kept(uint64_t pa, uint64_t size)
{
	uint64_t offset, step;

	for (offset = 0; offset < size; offset += step) {
		if (lmb_is_reserved_flags(pa + offset, LMB_NOOVERWRITE))
			return true;
		step = lmb_get_free_size(pa + offset);
		if (!step)
			step = STEP - (pa + offset) % STEP;
	}
	return gpuas_uboot_no_map(pa, size);
}

void gpuas_uboot_env(struct gpuas_env *env, struct gpuas_manifest *manifest)
{
	memset(env, 0, sizeof(*env));
	env->ctx = manifest;
	env->table_ptr = table_ptr;
}

static void ram_free(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	if (compat_lmb_free(gpuas_pa_u64(pa), size))
		printf("gpuas: lmb does not take back %#llx%s\n", gpuas_pa_u64(pa),
		       GPUAS_UBOOT_ADVICE(CMD_BDI, "; see 'bdinfo'"));
}

static bool is_reserved(phys_addr_t pa, uint64_t size)
{
	return lmb_is_reserved_flags(pa, LMB_NOOVERWRITE) &&
	       lmb_is_reserved_flags(pa + size - 1, LMB_NOOVERWRITE);
}

/*
 * lmb_add_region_flags() forgets what it was to add when that touches a region of
 * other flags, and this one touches another of its own flags: it joins those two
 * and says that all is done. The second time there is nothing to join.
 */
static phys_addr_t lmb_take(uint64_t size, uint64_t align, phys_addr_t end)
{
	phys_addr_t place = compat_lmb_alloc(size, align, end);

	if (place && !is_reserved(place, size))
		compat_lmb_reserve(place, size);
	return place && is_reserved(place, size) ? place : 0;
}

static int ram_alloc(void *ctx, uint64_t size, uint64_t align, gpuas_pa_t last,
		     gpuas_pa_t *pa)
{
	const struct gpuas_uboot *uboot = ctx;
	uint64_t end = min(gpuas_pa_u64(last), uboot->last) + 1;
	phys_addr_t max = end, place;

	if (max != end)
		max = LMB_ALLOC_ANYWHERE;
	place = lmb_take(size, align, max);
	if (!place)
		return -GPUAS_ENOMEM;
	*pa = gpuas_pa(place);
	/* If RAM starts at 0, lmb can wrap below a low limit. */
	if (gpuas_uboot_ram(place, size) && place + size - 1 <= end - 1)
		return 0;
	ram_free(ctx, *pa, size);
	return -GPUAS_ENOMEM;
}

const struct gpuas_bringup_host gpuas_uboot_memory = {
	.ctx = &gpuas_uboot,
	.alloc = ram_alloc,
	.free = ram_free,
	.ptr = ram_ptr,
};
