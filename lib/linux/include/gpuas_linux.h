/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_LINUX_H
#define GPUAS_LINUX_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/version.h>

#include <gpuas/manifest.h>
#include <gpuas/space.h>

struct dentry;
struct device;
struct device_node;
struct seq_file;

/**
 * DOC: libgpuas in a Linux driver
 *
 * The bootloader built the shared half of the GPU's address space and described
 * it in the device tree. A driver opens it by gpuas_linux_adopt(), which judges
 * everything before it is used and says precisely what is wrong, maps and unmaps
 * in its own window, and leaves by gpuas_linux_release(): the root and all
 * foreign entries stay as they were found, so the driver can be loaded again.
 *
 * Tables come from the page allocator, one granule each, naturally aligned,
 * whatever the kernel's page size, and from memory that the GPU's walker can reach
 * (&gpuas_geometry.pa_bits). Which of them are ours is known from the kernel's
 * own struct page of each, never from the tables themselves.
 *
 * Memory of others is read through a check of every kernel page: it has to be
 * online, in the linear map, System RAM, and reserved since boot. The first
 * three refuse holes, device registers and no-map (for which pfn_valid() is
 * true); the last one refuses memory that the page allocator may hand out, so a
 * wild entry in somebody's table does not make us read a page of the kernel's.
 * Regions with no-map, where the contract in use has it so, are no such memory: they
 * must not be System RAM at all, and are mapped as the contract says for as long as
 * the handle exists.
 *
 * All functions may sleep. One mutex for each handle is taken by each function
 * that touches the tree; a driver that calls the core itself (gpuas/space.h)
 * takes &gpuas_linux.lock.
 *
 * A driver that is complete but for its GPU::
 *
 *	static void my_flush(void *ctx, gpuas_va_t va, uint64_t size)
 *	{
 *		struct my_gpu *my = container_of(ctx, struct my_gpu, as);
 *
 *		...	// DSB, TLBI, DSB: until no walker uses this range
 *	}
 *
 *	static void my_release(void *data)
 *	{
 *		struct my_gpu *my = data;
 *
 *		gpuas_linux_release(&my->as);	// also with mappings still live
 *		gpuas_linux_exit(&my->as);
 *	}
 *
 *	static int my_probe(struct platform_device *pdev)
 *	{
 *		struct device *dev = &pdev->dev;
 *		struct gpuas_report report;
 *		struct my_gpu *my;
 *		int err;
 *
 *		my = devm_kzalloc(dev, sizeof(*my), GFP_KERNEL);
 *		if (!my)
 *			return -ENOMEM;
 *		gpuas_linux_init(&my->as, dev, &gpuas_board_my, my_flush);
 *		err = devm_add_action_or_reset(dev, my_release, my);
 *		if (err)
 *			return err;
 *		err = gpuas_linux_adopt(&my->as, &report);
 *		if (err)
 *			return dev_err_probe(dev, err, "%s\n", report.text.buf);
 *		return gpuas_linux_map(&my->as, va, gpuas_pa(page_to_phys(page)),
 *				       SZ_16K, GPUAS_GPU_READ | GPUAS_FW_READ |
 *				       GPUAS_MEM_SHARED | GPUAS_GLOBAL);
 *	}
 *
 * There is no remove(): the action releases what probe() opened, also when
 * probe() itself fails after that.
 *
 * It has MODULE_IMPORT_NS(GPUAS_LINUX_NS), and a Kbuild file of five lines: see
 * lib/linux/Kbuild.
 */

/**
 * GPUAS_LINUX_NS - What a driver that depends on gpuas.ko imports: MODULE_IMPORT_NS()
 *
 * It does no harm in a module that has the library inside itself.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define GPUAS_LINUX_NS GPUAS
#else
#define GPUAS_LINUX_NS "GPUAS"
#endif

/**
 * enum gpuas_linux_test - What gpuas_linux_borrow() asks of a page
 * @GPUAS_LINUX_PASSED: nothing that it did not pass
 * @GPUAS_LINUX_WRAPS: the range does not wrap
 * @GPUAS_LINUX_ONLINE: it is memory, and online
 * @GPUAS_LINUX_RAM: all of it is System RAM, so that no part has no-map
 * @GPUAS_LINUX_LINEAR: it is in the linear map
 * @GPUAS_LINUX_RESERVED: it is reserved since boot, and not the page allocator's
 */
enum gpuas_linux_test {
	GPUAS_LINUX_PASSED,
	GPUAS_LINUX_WRAPS,
	GPUAS_LINUX_ONLINE,
	GPUAS_LINUX_RAM,
	GPUAS_LINUX_LINEAR,
	GPUAS_LINUX_RESERVED,
};

/**
 * struct gpuas_linux - An address space: the one that was handed over, or one of ours
 * @dev: the GPU; its node has memory-region and memory-region-names
 * @board: what the GPU is expected to look like
 * @lock: for @space and everything that it leads to
 * @open: @space is in use
 * @keep: no table is given back to the kernel any more. For a driver whose flush
 *	failed: a walker may still use what was unlinked
 * @manifest: what the device tree says, once adopted
 * @env: tables from the page allocator, checked borrowing
 * @space: the handle; call the core on it with @lock held
 * @mapping: where the regions of @manifest are that have no-map; NULL for others
 * @list: tables handed out by @env
 * @tables: how many they are
 *
 * Embedded in the driver's own structure; @env hands it to the driver's flush.
 */
struct gpuas_linux {
	struct device *dev;
	const struct gpuas_board *board;
	struct mutex lock;
	bool open;
	bool keep;
	struct gpuas_manifest manifest;
	struct gpuas_env env;
	struct gpuas_space space;
	void *mapping[GPUAS_REGIONS_MAX];
	struct list_head list;
	unsigned long tables;
};

/**
 * gpuas_linux_init() - Prepare a handle
 * @gpu: the handle
 * @dev: the GPU
 * @board: what it is expected to look like; must outlive @gpu
 * @flush: as &gpuas_env.flush, with @gpu as context: DSB, TLBI, DSB; called with
 *	&gpuas_linux.lock held. NULL as long as no walker is running
 */
void gpuas_linux_init(struct gpuas_linux *gpu, struct device *dev,
		      const struct gpuas_board *board,
		      void (*flush)(void *ctx, gpuas_va_t va, uint64_t size));

/**
 * gpuas_linux_exit() - Be done with a handle
 * @gpu: prepared, and not open or released again
 *
 * Tables that were not given back are reported as an error, and stay allocated:
 * somebody may still point to them.
 *
 * Return: the number of such tables, 0 in a world without bugs.
 */
unsigned long gpuas_linux_exit(struct gpuas_linux *gpu);

/**
 * gpuas_linux_borrow() - Judge memory that somebody else describes
 * @pa: first byte
 * @size: bytes, not 0
 * @bad: set to the PA at fault, if there is one; may be NULL
 *
 * Return: 0 if every byte may be read through the linear map until the next
 * boot; -EOVERFLOW if the range wraps; -EFAULT if a page is not System RAM in
 * the linear map, because of no-map or a hole; -EBADMSG if it is, and not
 * reserved, so that the page allocator may own it.
 */
int gpuas_linux_borrow(gpuas_pa_t pa, uint64_t size, gpuas_pa_t *bad);

/**
 * gpuas_linux_borrow_test() - The same, saying which test was not passed
 * @pa: first byte
 * @size: bytes, not 0
 * @bad: set to the PA at fault, if there is one; may be NULL
 *
 * Return: the first test that a page did not pass; GPUAS_LINUX_PASSED if there is none.
 */
enum gpuas_linux_test gpuas_linux_borrow_test(gpuas_pa_t pa, uint64_t size,
					      gpuas_pa_t *bad);

/**
 * gpuas_linux_lend() - Map regions that have no-map
 * @gpu: prepared; &gpuas_linux.manifest is read
 * @report: names the region that cannot be had
 *
 * For gpuas_linux_adopt().
 *
 * Return: 0; -EBADMSG if one is System RAM all the same, where a mapping of another type
 * would be an alias of the linear map; -ENOMEM if it cannot be mapped.
 */
int gpuas_linux_lend(struct gpuas_linux *gpu, struct gpuas_report *report);

/**
 * gpuas_linux_ptr() - Where the kernel sees a part of a region
 * @gpu: adopted
 * @region: of &gpuas_linux.manifest, present
 * @offset: first byte
 *
 * Return: the address, in the linear map or, if the region has no-map, in a mapping of
 * the type that its contract says. Valid until gpuas_linux_exit().
 */
void *gpuas_linux_ptr(const struct gpuas_linux *gpu,
		      const struct gpuas_region *region, uint64_t offset);

/**
 * gpuas_linux_read() - Read a manifest from the device tree
 * @gpu: prepared
 * @manifest: filled
 * @report: names the node, property or region that is missing or wrong
 *
 * Judges what it reads as gpuas_fdt_check() does, by looking at numbers only;
 * of /memory and /memreserve/ the kernel keeps no numbers, so they are left to
 * gpuas_linux_borrow().
 *
 * Return: 0, or
 * -ENOENT a region that is not optional is not named, or its node is disabled;
 * -EACCES a region's node has a no-map that its contract refuses, or lacks one that it
 *	demands;
 * -EPROTO the contract is of a version that is not known;
 * -EBADMSG a property is missing or makes no sense, a phandle leads to something
 *	that is no reserved memory, iommu-addresses does not say what board and
 *	reg say, or there are cells other than 1 or 2;
 * -ENOTUNIQ a region overlaps somebody else's reserved memory, or two nodes have
 *	its name, or the tree fits two contracts;
 * -EOPNOTSUPP the kernel was built without device trees;
 * an error of gpuas_manifest_check(). @manifest is undefined after an error.
 */
int gpuas_linux_read(struct gpuas_linux *gpu, struct gpuas_manifest *manifest,
		     struct gpuas_report *report);

/**
 * gpuas_linux_adopt() - Open the address space that the device tree describes
 * @gpu: prepared
 * @report: says what is wrong, in one sentence
 *
 * Reads &gpuas_linux.manifest from the device tree, judges it, judges every page
 * of every region, looks into the tables, the TTB array and the handoff page,
 * and opens the root, or the table that is lent below it. Writes to none of them, but for
 * a root that does not lead to that table, and whose entry for it is not for the firmware
 * to publish: the link is made (gpuas_manifest_link()), and stays.
 *
 * Return: 0; an error of gpuas_linux_read(), gpuas_manifest_inspect() or
 * gpuas_manifest_open(), as -ENOENT as long as the firmware has not published the link;
 * -EFAULT or -EBADMSG if a region is not memory that may be read, see
 * gpuas_linux_borrow_test(); an error of gpuas_linux_lend(); -EBUSY if @gpu is open. After an
 * error @gpu may be tried again, or given up by gpuas_linux_exit(); one that is open stays
 * as it is.
 */
int gpuas_linux_adopt(struct gpuas_linux *gpu, struct gpuas_report *report);

/**
 * gpuas_linux_create() - Make a new, empty address space
 * @gpu: prepared
 * @geo: its shape
 * @window: what of it may be used
 *
 * For halves that nobody handed over, such as the lower half of a context, one
 * &struct gpuas_linux each. The root is &gpuas_linux.space.root.
 *
 * Return: as gpuas_space_create(). After an error @gpu may be tried again, or
 * given up by gpuas_linux_exit().
 */
int gpuas_linux_create(struct gpuas_linux *gpu,
		       const struct gpuas_geometry *geo,
		       const struct gpuas_range *window);

/**
 * gpuas_linux_release() - Take everything of ours out of the tree
 * @gpu: adopted, created, or neither
 *
 * As gpuas_space_release(). Mapped pages are the driver's: it may free them when
 * this returns.
 */
void gpuas_linux_release(struct gpuas_linux *gpu);

/**
 * gpuas_linux_map() - Map a physically contiguous range
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @pa: first PA
 * @size: bytes
 * @attr: OR of &enum gpuas_attr
 *
 * Return: as gpuas_map(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_map(struct gpuas_linux *gpu, gpuas_va_t va, gpuas_pa_t pa,
		    uint64_t size, gpuas_attr_t attr);

/**
 * gpuas_linux_map_list() - Map a scatter list to consecutive VAs
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @list: the pieces in order
 * @pieces: how many
 * @attr: OR of &enum gpuas_attr
 *
 * Return: as gpuas_map_list(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_map_list(struct gpuas_linux *gpu, gpuas_va_t va,
			 const struct gpuas_extent *list, unsigned int pieces,
			 gpuas_attr_t attr);

/**
 * gpuas_linux_unmap() - Unmap a range, which may have holes
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @size: bytes
 *
 * Return: as gpuas_unmap(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_unmap(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size);

/**
 * gpuas_linux_protect() - Change the attributes of what is mapped in a range
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @size: bytes
 * @attr: OR of &enum gpuas_attr, for all of it
 *
 * Holes stay holes. When this returns, no walker uses the old attributes.
 *
 * Return: as gpuas_protect(); -ENODEV if @gpu is not open. After an error nothing
 * has changed.
 */
int gpuas_linux_protect(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
			gpuas_attr_t attr);

/**
 * gpuas_linux_replace() - Map a scatter list over whatever is mapped there
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @list: the pieces in order
 * @pieces: how many
 * @attr: OR of &enum gpuas_attr
 *
 * Unmap and map in one call that happens fully or not at all. When this returns, no
 * walker uses what was mapped before: its pages may be freed.
 *
 * Return: as gpuas_replace(); -ENODEV if @gpu is not open. After an error nothing has
 * changed.
 */
int gpuas_linux_replace(struct gpuas_linux *gpu, gpuas_va_t va,
			const struct gpuas_extent *list, unsigned int pieces,
			gpuas_attr_t attr);

/**
 * gpuas_linux_reserve() - Set tables aside for a map that must not fail
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @size: bytes
 *
 * As many as a map of the range would need right now, besides those that were set
 * aside before: for two ranges, call it twice. A map or a map of a list there then
 * cannot fail for want of memory, as long as nothing else is mapped or unmapped by
 * this handle meanwhile: who shares it, counts, reserves and maps with
 * &gpuas_linux.lock held (gpuas_count_tables(), gpuas_reserve()).
 *
 * Return: as gpuas_count_tables() and gpuas_reserve(), so -EEXIST if something is mapped
 * there; -ENODEV if @gpu is not open. After an error the reserve is as it was.
 */
int gpuas_linux_reserve(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size);

/**
 * gpuas_linux_unreserve() - Give back what is left of the reserve
 * @gpu: adopted or created; nothing is done if it is neither
 *
 * gpuas_linux_release() does so too.
 */
void gpuas_linux_unreserve(struct gpuas_linux *gpu);

/**
 * gpuas_linux_gather_begin() - One flush for many calls, with nobody in between
 * @gpu: adopted or created
 *
 * Takes &gpuas_linux.lock until gpuas_linux_gather_end(): what somebody else would
 * unmap meanwhile might still be used by walkers when he is told that it is not. So
 * until then call the core (gpuas_map(), gpuas_unmap(), ... of gpuas/space.h) on what
 * this returns, and none of the functions here, which would wait for ever. What was
 * unmapped may be freed after gpuas_linux_gather_end() (see gpuas_gather_begin()).
 *
 * Return: the space; NULL if @gpu is not open: then there is nothing to end.
 */
struct gpuas_space *gpuas_linux_gather_begin(struct gpuas_linux *gpu);

/**
 * gpuas_linux_gather_end() - Flush, free tables, and let others go on
 * @gpu: from gpuas_linux_gather_begin(), which returned a space
 */
void gpuas_linux_gather_end(struct gpuas_linux *gpu);

/**
 * gpuas_linux_translate() - Find what the walker would find at a VA
 * @gpu: adopted or created
 * @va: any VA
 * @pa: set to its PA
 * @attr: set to its attributes; may be NULL
 *
 * Return: as gpuas_translate(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_translate(struct gpuas_linux *gpu, gpuas_va_t va,
			  gpuas_pa_t *pa, gpuas_attr_t *attr);

/**
 * gpuas_linux_debugfs() - Make the files "dump" and "regions"
 * @gpu: adopted, until the folder is removed
 * @dir: the folder to make them in
 *
 * They contain the lines of gpuas_dump_space() for the whole of the first root, also
 * where the handle is opened at a table below, and of gpuas_manifest_print(), and
 * nothing else: the same text as in every other host.
 */
void gpuas_linux_debugfs(struct gpuas_linux *gpu, struct dentry *dir);

/**
 * gpuas_linux_sink() - Make a sink of a seq_file
 * @file: where lines go
 *
 * Return: the sink.
 */
struct gpuas_sink gpuas_linux_sink(struct seq_file *file);

#endif /* GPUAS_LINUX_H */
