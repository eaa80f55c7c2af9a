/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_LINUX_H
#define GPUAS_LINUX_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/version.h>

#include <gpuas/core.h>
#include <gpuas/manifest.h>
#include <gpuas/space.h>
#include <gpuas/token.h>
#include <gpuas/visit.h>

struct dentry;
struct device;
struct device_node;
struct gpuas_linux_shot;
struct lock_class_key;
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
 * They are charged to the memory cgroup of whoever asks for them, counted among
 * SecPageTables of /proc/meminfo, and no more than &gpuas_linux.tables_max.
 *
 * Memory of others is read through a check of every kernel page: it has to be
 * online, in the linear map, System RAM, reserved since boot, and of one of the regions,
 * which the kernel has to have reserved for the region's node. The first
 * three refuse holes, device registers and no-map (for which pfn_valid() is
 * true); the others refuse memory that the page allocator may hand out, and all
 * that is reserved for somebody else, as the kernel's own text, so a
 * wild entry in somebody's table does not make us read a page of the kernel's.
 * Regions with no-map, where the contract in use has it so, are no such memory: they
 * must not be System RAM at all, and are mapped as the contract says for as long as
 * the handle exists.
 *
 * All functions may sleep. One mutex for each handle is taken by each function
 * that touches the tree; a driver that calls the core itself (gpuas/space.h)
 * takes &gpuas_linux.lock. Nothing is allocated with it held, as it may be taken where
 * memory is being reclaimed and where fences are signalled: so a driver that holds it calls
 * none of gpuas_map(), gpuas_reserve() and the like where they may need a table, but
 * gpuas_ops_apply() with a token that has them.
 *
 * A driver that is complete but for its GPU::
 *
 *	static void my_flush(void *ctx, gpuas_va_t va, uint64_t size)
 *	{
 *		...	// DSB, TLBI, DSB: until no walker uses this range
 *	}
 *
 *	static int my_probe(struct platform_device *pdev)
 *	{
 *		struct gpuas_linux *gpu;
 *
 *		gpu = gpuas_linux_devm_adopt(&pdev->dev, &gpuas_board_my, my_flush);
 *		if (IS_ERR(gpu))
 *			return PTR_ERR(gpu);
 *		return gpuas_linux_map(gpu, va, gpuas_pa(dma),
 *				       SZ_16K, GPUAS_GPU_READ | GPUAS_FW_READ |
 *				       GPUAS_MEM_SHARED | GPUAS_GLOBAL);
 *	}
 *
 * There is no remove(): the device lets go of what it opened, also when probe() itself
 * fails after that. README.md has a whole module, which maps as VM_BIND does: with a
 * token, and freed when a fence signals. A driver whose handle lives longer than its device
 * is bound calls gpuas_linux_init(), _adopt(), _release() and _exit() itself.
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
 * @GPUAS_LINUX_REGION: it is in a region of the manifest, one without no-map
 */
enum gpuas_linux_test {
	GPUAS_LINUX_PASSED,
	GPUAS_LINUX_WRAPS,
	GPUAS_LINUX_ONLINE,
	GPUAS_LINUX_RAM,
	GPUAS_LINUX_LINEAR,
	GPUAS_LINUX_RESERVED,
	GPUAS_LINUX_REGION,
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
 * @reach: last PA that the GPU's walker gets to: that of @space since gpuas_linux_create() or
 *	gpuas_linux_adopt(), also when it is not open any more, as who wants tables then does
 *	not hold @lock; any before that
 * @tables_lock: for all below. @env hands tables out, and takes them back, also where
 *	@lock is not held
 * @list: tables handed out by @env
 * @tables: how many they are
 * @tables_max: no more than so many: who wants another one gets -EDQUOT. 0: no limit. The
 *	driver's, to be set before anything is mapped
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
	u64 reach;
	spinlock_t tables_lock;
	struct list_head list;
	unsigned long tables;
	unsigned long tables_max;
};

/**
 * gpuas_linux_init() - Prepare a handle
 * @gpu: the handle
 * @dev: the GPU; may be NULL for a handle that is never adopted
 * @board: what it is expected to look like; must outlive @gpu. NULL, likewise, for walkers
 *	that are coherent and remember no holes
 * @flush: as &gpuas_env.flush, with @gpu as context: DSB, TLBI, DSB; called with
 *	&gpuas_linux.lock held. NULL as long as no walker is running, which is never so
 *	for gpuas_linux_adopt()
 *
 * A macro, so that lockdep knows the locks of the handles that are prepared here from those
 * that are prepared elsewhere: a driver may take the lock of one kind with that of another
 * held. &gpuas_env.clean and &gpuas_env.invalidate are there if walkers are not coherent
 * (&gpuas_board.incoherent).
 */
#define gpuas_linux_init(gpu, dev, board, flush) do { \
	static struct lock_class_key gpuas_linux_key_; \
	gpuas_linux_init_class(gpu, dev, board, flush, #gpu ".lock", &gpuas_linux_key_); \
} while (0)

/**
 * gpuas_linux_init_class() - The same, of a kind that the caller has a key for
 * @gpu: the handle
 * @dev: as for gpuas_linux_init()
 * @board: likewise
 * @flush: likewise
 * @name: what lockdep calls the lock
 * @key: of the kind of handles; static
 */
void gpuas_linux_init_class(struct gpuas_linux *gpu, struct device *dev,
			    const struct gpuas_board *board,
			    void (*flush)(void *ctx, gpuas_va_t va, uint64_t size),
			    const char *name, struct lock_class_key *key);

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
 * @gpu: prepared, &gpuas_linux.manifest read
 * @pa: first byte
 * @size: bytes, not 0
 * @bad: set to the PA at fault, if there is one; may be NULL
 *
 * Return: 0 if every byte may be read through the linear map until the next
 * boot; -EOVERFLOW if the range wraps; -EFAULT if a page is not System RAM in
 * the linear map, because of no-map or a hole; -EBADMSG if it is, and not
 * reserved, so that the page allocator may own it; -EPERM if it is reserved, and no part
 * of a region, so that somebody else owns it.
 */
int gpuas_linux_borrow(const struct gpuas_linux *gpu, gpuas_pa_t pa, uint64_t size,
		       gpuas_pa_t *bad);

/**
 * gpuas_linux_borrow_test() - The same, saying which test was not passed
 * @gpu: prepared, &gpuas_linux.manifest read
 * @pa: first byte
 * @size: bytes, not 0
 * @bad: set to the PA at fault, if there is one; may be NULL
 *
 * Return: the first test that a page did not pass; GPUAS_LINUX_PASSED if there is none.
 */
enum gpuas_linux_test gpuas_linux_borrow_test(const struct gpuas_linux *gpu, gpuas_pa_t pa,
					      uint64_t size, gpuas_pa_t *bad);

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
 *	that is no reserved memory, the kernel has not reserved for a node what its reg
 *	says, iommu-addresses does not say what board and
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
 * -EFAULT, -EBADMSG or -EPERM if a region is not memory that may be read, see
 * gpuas_linux_borrow_test(); an error of gpuas_linux_lend(); -EBUSY if @gpu is open;
 * -EINVAL if it has no device, no board, or no flush: the firmware's walkers use the
 * tree. After an error @gpu may be tried again, or given up by gpuas_linux_exit(); one
 * that is open stays as it is.
 */
int gpuas_linux_adopt(struct gpuas_linux *gpu, struct gpuas_report *report);

/**
 * gpuas_linux_devm_adopt() - Open it for as long as a driver is bound to a device
 * @dev: the GPU
 * @board: what it is expected to look like; must outlive the driver
 * @flush: as for gpuas_linux_init(), and not NULL
 *
 * gpuas_linux_init() and gpuas_linux_adopt(); gpuas_linux_release() and
 * gpuas_linux_exit() when the driver is unbound, or its probe() fails. What was mapped
 * must not be freed before that: ask devm_*() for it before this. Tokens have been
 * drained by then. A macro, as gpuas_linux_init() is.
 *
 * Return: the handle; an ERR_PTR() of -ENOMEM, or of an error of gpuas_linux_adopt(), whose
 * report was printed by dev_err_probe().
 */
#define gpuas_linux_devm_adopt(dev, board, flush) ({ \
	static struct lock_class_key gpuas_linux_key_; \
	gpuas_linux_devm_adopt_class(dev, board, flush, #board ".lock", \
				     &gpuas_linux_key_); \
})

/**
 * gpuas_linux_devm_adopt_class() - The same, of a kind that the caller has a key for
 * @dev: the GPU
 * @board: what it is expected to look like; must outlive the driver
 * @flush: as for gpuas_linux_init(), and not NULL
 * @name: what lockdep calls the lock
 * @key: of the kind of handles; static
 *
 * Return: as gpuas_linux_devm_adopt().
 */
struct gpuas_linux *gpuas_linux_devm_adopt_class(struct device *dev,
						 const struct gpuas_board *board,
						 void (*flush)(void *ctx, gpuas_va_t va,
							       uint64_t size),
						 const char *name,
						 struct lock_class_key *key);

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
 * gpuas_linux_map_repeat() - Map the same memory again and again over a range
 * @gpu: adopted or created
 * @va: first VA, in our window
 * @pa: first PA of the pattern
 * @length: bytes of the pattern
 * @size: bytes of VA
 * @attr: OR of &enum gpuas_attr
 *
 * Return: as gpuas_map_repeat(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_map_repeat(struct gpuas_linux *gpu, gpuas_va_t va, gpuas_pa_t pa,
			   uint64_t length, uint64_t size, gpuas_attr_t attr);

/**
 * gpuas_linux_ops() - Do all operations of a list, or none
 * @gpu: adopted or created
 * @ops: the operations, in the order in which they take effect
 * @count: how many
 *
 * When this returns, no walker uses what was unmapped or replaced: its pages may be freed.
 *
 * Return: as gpuas_ops_apply(), but that what tables are missing is got; an error of
 * gpuas_token_fill() then, so -ENOMEM or -EDQUOT; -ENODEV if @gpu is not open. After an
 * error nothing has changed.
 */
int gpuas_linux_ops(struct gpuas_linux *gpu, const struct gpuas_op *ops, unsigned int count);

/**
 * gpuas_linux_token() - Make a token for a job: gpuas_token_init()
 * @gpu: adopted or created
 * @token: filled; has no tables
 *
 * What such a job does, and where: gpuas_linux_ops_count() or gpuas_ops_bound(), and
 * gpuas_token_fill(), which takes no lock and may wait for memory, so all of that where the
 * job is made; gpuas_linux_ops_apply() where it is done, which neither allocates nor waits
 * for more than the lock and the flush; gpuas_linux_token_flush() or
 * gpuas_linux_token_flushed(); gpuas_linux_token_drain(), anywhere.
 *
 * Return: 0; -ENODEV if @gpu is not open.
 */
int gpuas_linux_token(struct gpuas_linux *gpu, struct gpuas_token *token);

/**
 * gpuas_linux_token_drain() - Give back a token's tables: gpuas_token_drain()
 * @gpu: the handle that it is for; released or not
 * @token: the token
 *
 * With the lock held, which gpuas_token_drain() itself does not take: an entry that somebody
 * else wrote may lead to one of these tables, whose record must not go while an operation
 * looks at it.
 *
 * Return: as gpuas_token_drain().
 */
int gpuas_linux_token_drain(struct gpuas_linux *gpu, struct gpuas_token *token);

/**
 * gpuas_linux_token_flush() - Flush what a token's operations left: gpuas_token_flush()
 * @gpu: the handle that it is for; nothing is done if it was released, which has flushed all
 * @token: the token; not outstanding afterwards
 */
void gpuas_linux_token_flush(struct gpuas_linux *gpu, struct gpuas_token *token);

/**
 * gpuas_linux_token_flushed() - Say that it was done by a fence: gpuas_token_flushed()
 * @gpu: the handle that it is for
 * @token: the token; not outstanding afterwards
 */
void gpuas_linux_token_flushed(struct gpuas_linux *gpu, struct gpuas_token *token);

/**
 * gpuas_linux_ops_count() - Check a list, and count its tables: gpuas_ops_count()
 * @gpu: adopted or created
 * @ops: the operations
 * @count: how many
 * @tables: set to the number
 *
 * Return: as gpuas_ops_count(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_ops_count(struct gpuas_linux *gpu, const struct gpuas_op *ops,
			  unsigned int count, uint32_t *tables);

/**
 * gpuas_linux_ops_apply() - Do all operations of a list, or none: gpuas_ops_apply()
 * @gpu: adopted or created
 * @ops: the operations
 * @count: how many
 * @token: of gpuas_linux_token(); brings the tables
 *
 * May be called where fences are signalled, and where memory is being reclaimed, if the
 * driver's flush may.
 *
 * Return: as gpuas_ops_apply(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_ops_apply(struct gpuas_linux *gpu, const struct gpuas_op *ops,
			  unsigned int count, struct gpuas_token *token);

/**
 * gpuas_linux_visit() - Go through what is in a range: gpuas_visit()
 * @gpu: adopted or created
 * @va: first VA
 * @size: bytes
 * @visitor: called with &gpuas_linux.lock held
 * @ctx: for the visitor
 *
 * Return: as gpuas_visit(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_visit(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
		      gpuas_visitor_t visitor, void *ctx);

/**
 * gpuas_linux_mapped_next() - Find the first extent that is mapped in a range
 * @gpu: adopted or created
 * @va: first VA
 * @size: bytes; 0: all that the handle covers, whatever @va
 * @mapped: set to the extent
 *
 * To find the next one, as for eviction, ask for the range behind it. What is very large may
 * be found in parts.
 *
 * Return: 0; -ENOENT if there is none; as gpuas_cursor_init(); -ENODEV if @gpu is not open.
 */
int gpuas_linux_mapped_next(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
			    struct gpuas_mapped *mapped);

/**
 * gpuas_linux_gather_begin() - One flush for many calls, with nobody in between
 * @gpu: adopted or created
 *
 * Takes &gpuas_linux.lock until gpuas_linux_gather_end(): what somebody else would
 * unmap meanwhile might still be used by walkers when he is told that it is not. So
 * until then call the core (gpuas_unmap(), ... of gpuas/space.h) on what this returns, and
 * none of the functions here, which would wait for ever. Nothing may be allocated: for
 * what needs tables there is gpuas_linux_ops(), which also flushes once for a list. What was
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

/**
 * struct gpuas_linux_snapshot - What a driver has to say for a snapshot
 * @gpu: the shared half, adopted
 * @why: why it is taken, for people
 * @report: what was refused, as a text of a &struct gpuas_report; NULL: nothing
 * @soc: anything about SoC and firmware, in words; NULL: nothing
 * @log: the firmware's log; NULL: there is none
 * @log_size: its size in bytes
 * @ttbs: the TTB array as it was when it mattered, where it has been changed since; NULL: as
 *	it is
 * @limit: bytes of the file at most; some MiB more are needed while it is made
 * @hold: keeps all other handles, and the memory that is mapped in them, as they are, until
 *	@let_go; NULL if there are none. Nothing may be allocated in between, so it may be a
 *	lock that is taken where fences are signalled
 * @let_go: ends that; NULL if there is no @hold
 * @list: called with it held, several times: calls gpuas_linux_snapshot_space() for each
 *	handle, gpuas_linux_snapshot_memory() for all memory of which the driver knows that it
 *	can be read. NULL: there is none
 * @ctx: for these three
 */
struct gpuas_linux_snapshot {
	struct gpuas_linux *gpu;
	const char *why;
	const char *report;
	const char *soc;
	const void *log;
	u32 log_size;
	const struct gpuas_ttb_array *ttbs;
	size_t limit;
	void (*hold)(void *ctx);
	void (*let_go)(void *ctx);
	void (*list)(void *ctx, struct gpuas_linux_shot *shot);
	void *ctx;
};

/**
 * gpuas_linux_snapshot() - Have the kernel keep all that is known of the GPU's memory
 * @what: see there
 *
 * For a driver whose firmware has died, or whenever somebody wants to know: walks roots,
 * bound contexts and the driver's own spaces, and makes a devcoredump of them, a file as in
 * <gpuas/core.h>: /sys/class/devcoredump/devcd*, for five minutes, or until something is
 * written to it. While there is one, others of this device are dropped by the kernel: the
 * first one is kept.
 *
 * What is read: tables of the library's own, regions, and what @list says, each looked up
 * before it is read; of anything else, as device registers or pages that an entry gone wild
 * leads to, the file has the range and no contents. Neither firmware nor GPU is asked for
 * anything, and no tree is changed; @gpu's lock is held while it is walked, and whatever
 * @hold takes. Not to be called with either of these held, or where fences are signalled,
 * as it allocates: from a work item.
 *
 * Time and memory are bounded, whatever the trees look like, and printed.
 *
 * Return: 0: there is a devcoredump, if the kernel has none of this device already;
 * -EOPNOTSUPP if the kernel has no CONFIG_DEV_COREDUMP, which is said once; -ENODEV if @gpu
 * is not open; -ENOMEM; -ENOSPC if @limit is too small for what there is to list.
 */
int gpuas_linux_snapshot(const struct gpuas_linux_snapshot *what);

/**
 * gpuas_linux_snapshot_space() - Have a handle of the driver's in it
 * @shot: as given to &gpuas_linux_snapshot.list
 * @space: a handle, whose tables stay as they are until it is let go; nothing is done if it
 *	is not open
 * @name: what to call it; cut off at GPUAS_SNAP_NAME_MAX - 1
 * @context: the context that it is bound to, or GPUAS_SNAP_NO_CONTEXT
 */
void gpuas_linux_snapshot_space(struct gpuas_linux_shot *shot, const struct gpuas_linux *space,
				const char *name, u16 context);

/**
 * gpuas_linux_snapshot_memory() - Have memory of the driver's in it, where it is mapped
 * @shot: as given to &gpuas_linux_snapshot.list
 * @pa: first PA, as the GPU has it
 * @size: bytes
 * @ptr: where the kernel has it
 */
void gpuas_linux_snapshot_memory(struct gpuas_linux_shot *shot, gpuas_pa_t pa, size_t size,
				 void *ptr);

#endif /* GPUAS_LINUX_H */
