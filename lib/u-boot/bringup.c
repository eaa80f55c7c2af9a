// SPDX-License-Identifier: GPL-2.0-or-later
/* Bring-up on U-Boot's memory. GPL only, as the code in U-Boot's headers is. */
#include <event.h>
#include <lmb.h>
#include <mapmem.h>
#include <stdio.h>
#include <asm/global_data.h>
#ifdef CONFIG_ARM64
#include <asm/armv8/mmu.h>
#endif
#include <gpuas/fdt.h>
#include <linux/libfdt.h>

#include "uboot.h"

DECLARE_GLOBAL_DATA_PTR;

/* Granularity of what firmware withholds from U-Boot. */
#define NOMAP_STEP	0x1000ULL

struct gpuas_uboot gpuas_uboot;

static bool in_bank(uint64_t pa, uint64_t size)
{
	uint64_t offset, length;
	unsigned int i;

	for (i = 0; i < CONFIG_NR_DRAM_BANKS; i++) {
		offset = pa - gd->bd->bi_dram[i].start;
		length = gd->bd->bi_dram[i].size;
		if (offset < length && size <= length - offset)
			return true;
	}
	return false;
}

/*
 * Some boards know of banks that they do not map (Apple's: all but the first);
 * an access there ends in an abort.
 */
#ifdef CONFIG_ARM64
static bool is_mapped(uint64_t pa, uint64_t size)
{
	const struct mm_region *region;

	for (region = mem_map; region && region->size; region++) {
		if (region->virt == region->phys && pa >= region->phys &&
		    pa - region->phys < region->size &&
		    size <= region->size - (pa - region->phys))
			return true;
	}
	return false;
}
#else
static bool is_mapped(uint64_t pa, uint64_t size)
{
	return true;
}
#endif

bool gpuas_uboot_ram(uint64_t pa, uint64_t size)
{
	uint64_t offset;

	if (!size || !in_bank(pa, size) || !is_mapped(pa, size))
		return false;
	for (offset = 0; offset < size; offset += NOMAP_STEP) {
		if (lmb_is_reserved_flags(pa + offset, LMB_NOMAP))
			return false;
	}
	return !lmb_is_reserved_flags(pa + size - 1, LMB_NOMAP);
}

static void *ram_ptr(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	if (!gpuas_uboot_ram(gpuas_pa_u64(pa), size))
		return NULL;
	return map_sysmem(gpuas_pa_u64(pa), size);
}

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	return ram_ptr(ctx, pa, size);
}

void gpuas_uboot_env(struct gpuas_env *env)
{
	memset(env, 0, sizeof(*env));
	env->table_ptr = table_ptr;
}

static void ram_free(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	if (lmb_free_flags(gpuas_pa_u64(pa), size, LMB_NOOVERWRITE))
		printf("gpuas: lmb does not take back %#llx; see 'bdinfo'\n",
		       gpuas_pa_u64(pa));
}

/* lmb fails with 0, or with -1 if the EFI memory map does not follow. */
static bool is_place(phys_addr_t pa)
{
	return pa && pa != (phys_addr_t)-1;
}

static bool is_reserved(phys_addr_t pa, uint64_t size)
{
	return lmb_is_reserved_flags(pa, LMB_NOOVERWRITE) &&
	       lmb_is_reserved_flags(pa + size - 1, LMB_NOOVERWRITE);
}

/*
 * lmb_add_region_flags() of 2025.01 forgets what it was to add when that touches a
 * region of other flags, and this one touches another of its own flags: it joins
 * those two and says that all is done. The second time there is nothing to join.
 */
static phys_addr_t lmb_take(uint64_t size, uint64_t align, phys_addr_t max)
{
	phys_addr_t place;

	place = lmb_alloc_base_flags(size, align, max, LMB_NOOVERWRITE);
	if (is_place(place) && !is_reserved(place, size))
		lmb_reserve_flags(place, size, LMB_NOOVERWRITE);
	return is_place(place) && is_reserved(place, size) ? place : 0;
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

static const struct gpuas_bringup_host host = {
	.ctx = &gpuas_uboot,
	.alloc = ram_alloc,
	.free = ram_free,
	.ptr = ram_ptr,
};

bool gpuas_uboot_ready(void)
{
	return gpuas_uboot.bringup.stage == GPUAS_STAGE_BUILT;
}

/* What firmware may use that does not stop, whoever runs. */
static void hold(void)
{
	gpuas_uboot.held = gpuas_uboot.bringup.manifest;
	memset(&gpuas_uboot.bringup, 0, sizeof(gpuas_uboot.bringup));
}

void gpuas_uboot_stop(const char *why, const char *what)
{
	if (gpuas_uboot_gpu_stop())
		gpuas_abandon(&gpuas_uboot.bringup, &host);
	else
		hold();
	gpuas_uboot.published = false;
	gpuas_text_clear(&gpuas_uboot.why);
	gpuas_text_str(&gpuas_uboot.why, why);
	if (what)
		gpuas_text_str(&gpuas_uboot.why, what);
}

/* U-Boot keeps the regions from being overwritten, as all reserved memory of its tree. */
static int check_readable(const struct gpuas_region *region,
			  struct gpuas_report *report)
{
	if (!lmb_is_reserved_flags(gpuas_pa_u64(region->pa), LMB_NOMAP))
		return 0;
	return gpuas_report(report, -GPUAS_EACCES, "region", region->name,
			    "has no-map, which keeps the OS from reading it");
}

static int take(struct gpuas_bringup *bringup, struct gpuas_report *report)
{
	struct gpuas_manifest found;
	unsigned int i;
	int err;

	err = gpuas_fdt_read_regions(gd->fdt_blob, bringup->board, &found,
				     report);
	if (!err)
		err = gpuas_take(bringup, &found, report);
	for (i = 0; !err && i < found.regions; i++) {
		if (found.region[i].present)
			err = check_readable(&found.region[i], report);
	}
	return err;
}

static int bring_up(struct gpuas_bringup *bringup,
		    const struct gpuas_board *board,
		    struct gpuas_report *report)
{
	int err;

	err = gpuas_plan(bringup, board, report);
	if (err)
		return err;
	if (board->adopt)
		err = take(bringup, report);
	else
		err = gpuas_allocate(bringup, &host, report);
	if (err)
		return err;
	err = gpuas_build(bringup, &host, report);
	return err ? err : gpuas_uboot_gpu_start(report);
}

static const char *advice(int err)
{
	if (gpuas_uboot_gpu_on())
		return "its memory stays reserved, reset the machine";
	if (gpuas_uboot.board->adopt)
		return "correct what the previous stage left";
	if (err != -GPUAS_ENOMEM)
		return "'gpuas start' tries again";
	if (gpuas_uboot.last != GPUAS_NO_LIMIT)
		return "try 'gpuas start' with a higher LIMIT";
	return "free memory, see 'bdinfo', then try 'gpuas start'";
}

int gpuas_uboot_start(uint64_t last)
{
	struct gpuas_report report;
	int err;

	if (gpuas_uboot_gpu_on()) {
		printf("gpuas: the firmware of an earlier start may still run, reset the machine\n");
		return -GPUAS_EBUSY;
	}
	gpuas_uboot.last = last;
	err = bring_up(&gpuas_uboot.bringup, gpuas_uboot.board, &report);
	if (!err)
		return 0;
	gpuas_uboot_stop("bring-up failed: ", report.text.buf);
	printf("gpuas: no GPU for the OS, %s; %s\n", gpuas_uboot.why.buf,
	       advice(err));
	return err;
}

static const struct gpuas_board *find_board(void)
{
	const struct gpuas_board *board = NULL;
	const char *machine;
	int i;

	if (!gd->fdt_blob)
		return NULL;
	for (i = 0; !board; i++) {
		machine = fdt_stringlist_get(gd->fdt_blob, 0, "compatible", i,
					     NULL);
		if (!machine)
			break;
		board = gpuas_board_find(machine);
	}
	return board;
}

/* An error from here would stop U-Boot. */
static int init(void)
{
	gpuas_uboot.board = find_board();
	if (gpuas_uboot.board)
		gpuas_uboot_start(GPUAS_NO_LIMIT);
	return 0;
}
EVENT_SPY_SIMPLE(EVT_LAST_STAGE_INIT, init);
