/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_QEMU_VIRT_DRIVER_H
#define GPUAS_QEMU_VIRT_DRIVER_H

#include <linux/device.h>
#include <linux/kref.h>
#include <linux/sizes.h>
#include <linux/version.h>

#include <gpuas/root.h>
#include <gpuas_linux.h>

#include "fw.h"

struct qv_render;
struct page;

/** GRANULE - Unit of mappings */
#define GRANULE		SZ_16K
#define GRANULE_SHIFT	14

/**
 * DOC: What the end, and sleep, want of those who serve users
 *
 * The driver calls gpuas_qv_render_remove() once, when it is unbound or when the machine is
 * shut down: in a process, with no lock held, while users' processes may go on. When it
 * returns,
 *
 * - nobody can begin anything: whatever is open fails with -ENODEV, but for what is mmap-ed;
 * - each job has ended: with -ESRCH if nothing of it was sent, with -ECANCELED if not all
 *   was, else with the firmware's answer;
 *   whatever stands for its end is signalled;
 * - each context is unbound, by gpuas_qv_fw_unbind(), and its handle released;
 * - nobody who calls fw.h is left, and nobody comes. Who does gets -EIO.
 *
 * What can be freed only later, as somebody has it open, is freed when it is closed.
 *
 * Messages are sent by a queue that freezes (WQ_FREEZABLE), so that none is under way while the
 * machine sleeps. Of fw.h, processes of users call gpuas_qv_fw_bind() alone; all else waits as long as
 * the firmware takes, and is for workers, closing included. A wait of a user's for what a
 * worker does ends with what the kernel's wait returned, -ERESTARTSYS.
 */

/** GPUAS_QV_NS - What gpuas-test.ko imports of the driver */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define GPUAS_QV_NS GPUAS_QEMU_VIRT
#else
#define GPUAS_QV_NS "GPUAS_QEMU_VIRT"
#endif

/** ROOTS_MAX - Most roots of a stand-in */
enum { ROOTS_MAX = 2 };

/**
 * struct roots - The roots of the shared half
 * @count: how many
 * @space: to look at each, and to write above what is published
 * @published: what firmware published into each
 * @cleared: entries above that were cleared, as left by somebody else
 * @mirrored: entries above that were made what they are in another root
 */
struct roots {
	unsigned int count;
	struct gpuas_space space[ROOTS_MAX];
	struct gpuas_published published[ROOTS_MAX];
	unsigned int cleared;
	unsigned int mirrored;
};

/**
 * struct foreign - One entry that somebody else had in the tree
 * @table: PA of the table that holds it
 * @index: its index there
 * @entry: the entry
 */
struct foreign {
	gpuas_pa_t table;
	unsigned int index;
	uint64_t entry;
};

/**
 * struct witness - The tree as it was before we touched it
 * @root: copy of each root
 * @entry: all entries that were not holes
 * @entries: how many
 * @room: for how many there is room
 */
struct witness {
	uint64_t *root[ROOTS_MAX];
	struct foreign *entry;
	unsigned int entries;
	unsigned int room;
};

/**
 * struct verdict - The tree now, compared with what the witness noted
 * @changed: entries that differ, appeared or vanished, outside of our window
 * @host_slots: entries for our window that are not zero, of the root, or of the table
 *	that is lent
 */
struct verdict {
	unsigned int changed;
	unsigned int host_slots;
};

/**
 * struct gpu - The stand-in GPU
 * @ref: the driver's, and one of each open file
 * @as: its shared half
 * @roots: its roots
 * @fw: its firmware
 * @render: the render node, or NULL
 * @left_tables: tables that VMs of users did not give back
 * @left_mappings: mappings of users whose memory stays allocated
 * @witness: the tree before
 * @list_more: lists memory that others mapped in the shared half, for a snapshot; NULL: there
 *	are no others. For this, and what is listed, the lock of @as
 * @more: for @list_more
 * @flushes: number of flushes that the library asked for, in the shared half
 * @quiet: users, firmware and GPU are left, and are not coming back
 * @debugfs: our folder
 */
struct gpu {
	struct kref ref;
	struct gpuas_linux as;
	struct roots roots;
	struct fw fw;
	struct qv_render *render;
	atomic_long_t left_tables;
	atomic_long_t left_mappings;
	struct witness witness;
	void (*list_more)(void *more, struct gpuas_linux_shot *shot);
	void *more;
	unsigned long flushes;
	bool quiet;
	struct dentry *debugfs;
};

/* What all render nodes need, for the module: 0, or -ENOMEM. Afterwards it may go. */
int gpuas_qv_render_init(void);
void gpuas_qv_render_exit(void);

/**
 * gpuas_qv_render_add() - Make the render node, if this kernel can have one
 * @gpu: the GPU, adopted
 *
 * Return: 0, also without one; an error of the kernel's.
 */
int gpuas_qv_render_add(struct gpu *gpu);

/** gpuas_qv_render_remove() - Take it away, and stop all users, whoever has files open */
void gpuas_qv_render_remove(struct gpu *gpu);

/** gpuas_qv_render_show() - Print what users have */
void gpuas_qv_render_show(struct gpu *gpu, struct seq_file *seq);

/* For a snapshot, &gpuas_linux_snapshot.hold, let_go and list: what users have, as it is */
void gpuas_qv_render_hold(void *gpu);
void gpuas_qv_render_let_go(void *gpu);
void gpuas_qv_render_list(void *gpu, struct gpuas_linux_shot *shot);

void gpuas_qv_get(struct gpu *gpu);
void gpuas_qv_put(struct gpu *gpu);

/* Flushes of the library, of &gpu.as */
void gpuas_qv_tlb_flush_shared(void *as, gpuas_va_t va, uint64_t size);

/**
 * gpuas_qv_tlb_unmap_cached() - Unmap what the firmware may have in its cache
 * @gpu: the GPU
 * @va: first VA, in our window of the shared half
 * @size: bytes, mapped as GPUAS_MEM_CACHED with @attr
 * @attr: other attributes that it has
 *
 * Return: 0; -EIO if the firmware is dead: the range is still mapped, unless it died
 * only then; as gpuas_protect() and gpuas_unmap().
 */
int gpuas_qv_tlb_unmap_cached(struct gpu *gpu, gpuas_va_t va, uint64_t size,
			      gpuas_attr_t attr);

/**
 * gpuas_qv_roots_take() - Remember what the firmware published, and tidy up above
 * @gpu: the GPU, adopted, its firmware attached
 * @report: what is wrong
 *
 * Return: 0; as gpuas_published_take(); -E2BIG if there are too many roots.
 */
int gpuas_qv_roots_take(struct gpu *gpu, struct gpuas_report *report);

/* Is it still what it was? 0; -ESTALE, and which entry is not. */
int gpuas_qv_roots_confirm(struct gpu *gpu, struct gpuas_report *report);

/* What the GPU finds at any VA of the shared half: as gpuas_translate(). */
int gpuas_qv_roots_translate(struct gpu *gpu, gpuas_va_t va, gpuas_pa_t *pa,
			     gpuas_attr_t *attr);

/* One line, if anything is published. */
void gpuas_qv_roots_print(struct gpu *gpu);

/**
 * gpuas_qv_copy() - Have the GPU copy, by what the firmware published
 * @gpu: the GPU
 * @message: FW_COPY; the answer afterwards
 * @beats: how long it may take
 *
 * Return: as gpuas_qv_fw_send(); -EIO also if a published entry is not what it was: the GPU is
 * given up then.
 */
int gpuas_qv_copy(struct gpu *gpu, struct fw_message *message, unsigned int beats);

/** gpuas_qv_debugfs() - Make our folder; gone before anything that it shows */
void gpuas_qv_debugfs(struct gpu *gpu);

/* Note the tree as it is: 0, -ENOMEM, -E2BIG, -EIO, or an error of gpuas_space_adopt(). */
int gpuas_qv_witness_note(struct witness *witness, struct gpu *gpu);

/* Compare the tree, after it was released, with what was noted. */
int gpuas_qv_witness_compare(const struct witness *witness, struct gpu *gpu,
			     struct verdict *verdict);

void gpuas_qv_witness_free(struct witness *witness);

#endif /* GPUAS_QEMU_VIRT_DRIVER_H */
