/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_BRINGUP_H
#define GPUAS_BRINGUP_H

#include <gpuas/manifest.h>
#include <gpuas/pool.h>
#include <gpuas/space.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Bring-up
 *
 * A pipeline on one value: gpuas_plan(), then gpuas_allocate() (or gpuas_take()
 * for each region of an adopting board), then gpuas_build(). What comes out is
 * &gpuas_bringup.manifest, for gpuas_fdt_publish(). Each step refuses to run out
 * of turn, and after a failure gpuas_abandon() gives everything back.
 */

/**
 * enum gpuas_stage - How far a bring-up has come
 * @GPUAS_STAGE_NONE: nothing yet, or given up
 * @GPUAS_STAGE_PLANNED: sizes and alignment are known
 * @GPUAS_STAGE_ALLOCATED: all regions have a PA
 * @GPUAS_STAGE_BUILT: tables, TTB array and handoff page are in memory
 */
enum gpuas_stage {
	GPUAS_STAGE_NONE,
	GPUAS_STAGE_PLANNED,
	GPUAS_STAGE_ALLOCATED,
	GPUAS_STAGE_BUILT,
};

/**
 * struct gpuas_bringup_host - What a bootloader provides to a bring-up
 * @ctx: handed back
 * @alloc: Find @size bytes of RAM, aligned to @align, with the last byte at or
 *	below @last, that nobody else will use until the OS runs, and none of it
 *	afterwards. Sets @pa and returns 0, or a negative errno value.
 * @free: Give back what @alloc gave.
 * @ptr: Where the CPU sees a range of RAM, or NULL if it does not.
 */
struct gpuas_bringup_host {
	void *ctx;
	int (*alloc)(void *ctx, uint64_t size, uint64_t align, gpuas_pa_t last,
		     gpuas_pa_t *pa);
	void (*free)(void *ctx, gpuas_pa_t pa, uint64_t size);
	void *(*ptr)(void *ctx, gpuas_pa_t pa, uint64_t size);
};

/** GPUAS_BRINGUP_TABLES - Most tables that a bring-up makes */
enum { GPUAS_BRINGUP_TABLES = 1024 };

/**
 * struct gpuas_bringup - The value that the pipeline works on
 * @board: the board
 * @stage: how far it is
 * @tables: number of tables that the firmware's mappings need, root included
 * @manifest: the result
 * @pool: tables inside the region of GPUAS_ROLE_PAGETABLES
 * @record: their records
 * @space: the handle that builds them; of no meaning before and afterwards
 */
struct gpuas_bringup {
	const struct gpuas_board *board;
	enum gpuas_stage stage;
	uint32_t tables;
	struct gpuas_manifest manifest;
	struct gpuas_pool pool;
	struct gpuas_table record[GPUAS_BRINGUP_TABLES];
	struct gpuas_space space;
};

/**
 * gpuas_plan() - Compute sizes from a board description
 * @bringup: filled, at stage PLANNED; at NONE after an error
 * @board: the description; must outlive @bringup
 * @report: names what is wrong with the description
 *
 * Judges the description completely: names, roles, geometry, windows, alignment,
 * VAs, attributes. No side effects.
 *
 * Return: 0, or for the first thing that is impossible:
 * -GPUAS_EINVAL a name, size, role or owner is missing or unknown, something is
 *	unaligned or empty, the geometry is not the format's, a region is
 *	optional, or has a VA, that cannot be, a list of machines or compatibles is
 *	missing or empty, a compatible to withhold is empty or the GPU's, the profile
 *	makes no sense;
 * -GPUAS_E2BIG too many regions or tables, or a name that is too long;
 * -GPUAS_ENOTUNIQ a name, machine, compatible, node, role, VA range or window occurs
 *	twice;
 * -GPUAS_ENOENT no TTB array, page tables or handoff page;
 * -GPUAS_EMSGSIZE a region is smaller than what it has to hold;
 * -GPUAS_EOVERFLOW a size or a range wraps;
 * -GPUAS_ERANGE a size is beyond the PA size, a window is outside the half, or a
 *	VA outside the firmware's window;
 * -GPUAS_EOPNOTSUPP the format cannot express the attributes of a region, or a board
 *	that does not adopt has no profile.
 */
int gpuas_plan(struct gpuas_bringup *bringup, const struct gpuas_board *board,
	       struct gpuas_report *report);

/**
 * gpuas_allocate() - Get memory for every region
 * @bringup: at stage PLANNED; at ALLOCATED afterwards
 * @host: where to get it
 * @report: names the region for which there was none
 *
 * Return: 0; -GPUAS_EPERM if it is not its turn, or for an adopting board; the
 * error of @host; an error of gpuas_manifest_check() if @host returned nonsense.
 * After an error everything was given back, and the stage is PLANNED.
 */
int gpuas_allocate(struct gpuas_bringup *bringup,
		   const struct gpuas_bringup_host *host,
		   struct gpuas_report *report);

/**
 * gpuas_take() - Take over regions that the previous stage described
 * @bringup: at stage PLANNED, of an adopting board; at ALLOCATED afterwards
 * @found: the regions, as read from the previous stage's device tree
 * @report: names the region that is wrong
 *
 * Return: 0; -GPUAS_EPERM if it is not its turn, or the board does not adopt; an
 * error of gpuas_manifest_check(). After an error nothing has changed.
 */
int gpuas_take(struct gpuas_bringup *bringup,
	       const struct gpuas_manifest *found,
	       struct gpuas_report *report);

/**
 * gpuas_build() - Fill the regions
 * @bringup: at stage ALLOCATED; at BUILT afterwards
 * @host: for access to the memory
 * @report: names what went wrong
 *
 * Clears all regions but GPUAS_ROLE_DATA, makes the root, maps the mapped
 * regions in the firmware's window, leaves the host's window empty, links the table that
 * is lent into each root unless the firmware publishes that entry, binds context 0 to
 * the root, writes the handoff page. Then inspects the result as the kernel will. On
 * an adopting board nothing is written, and only the tables are inspected: TTB array
 * and handoff page are the OS's to fill.
 *
 * Return: 0; -GPUAS_EPERM if it is not its turn; -GPUAS_EFAULT if @host cannot
 * access a region; an error of gpuas_map() or gpuas_manifest_inspect(). After an
 * error the stage is ALLOCATED and the contents of the regions are undefined.
 */
int gpuas_build(struct gpuas_bringup *bringup,
		const struct gpuas_bringup_host *host,
		struct gpuas_report *report);

/**
 * gpuas_abandon() - Give all memory back, last region first
 * @bringup: at any stage; at NONE afterwards
 * @host: where the memory came from
 */
void gpuas_abandon(struct gpuas_bringup *bringup,
		   const struct gpuas_bringup_host *host);

/**
 * gpuas_bringup_print() - Print where a bring-up stands
 * @bringup: at any stage
 * @sink: takes the lines: stage, number of tables, regions
 */
void gpuas_bringup_print(const struct gpuas_bringup *bringup,
			 const struct gpuas_sink *sink);

GPUAS_END_DECLS

#endif /* GPUAS_BRINGUP_H */
