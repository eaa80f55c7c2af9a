/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_FDT_H
#define GPUAS_FDT_H

#include <gpuas/manifest.h>

GPUAS_BEGIN_DECLS

/**
 * DOC: Device tree
 *
 * The manifest as the kernel finds it: nodes below /reserved-memory with reg, inside
 * /memory unless they have no-map; memory-region and memory-region-names in the
 * GPU node. What else there is, and whether there may be no-map, is the contract's
 * (<gpuas/contract.h>). Bindings: dts/, Linux
 * Documentation/devicetree/bindings/gpu/apple,agx.yaml, dt-schema
 * reserved-memory.yaml. Needs libfdt 1.6.1 or later.
 *
 * A blob is trusted in nothing: it has to be sound, which is to be 8-byte
 * aligned, of version 17, and to pass fdt_check_full() within its own totalsize;
 * to have root and /reserved-memory cells of 1 or 2 that agree, and one
 * /reserved-memory at most; and in /memory no range that is cut off or wraps, and
 * no more than 256 of them. Else it is refused with -GPUAS_EBADMSG (or
 * -GPUAS_EINVAL if unaligned) before anything is looked up in it.
 *
 * The GPU node is the one that has the board's compatible. Where several have it,
 * it is the one that is enabled, or, where none is, the one that is "disabled"; two
 * of which either could be meant are refused, as nobody knows whose the regions are.
 * A device below a node that is not enabled is none for the OS, whatever its own
 * status: it is not the GPU that is meant, nor one that is left to the OS.
 * Unit addresses are numbers: "@9fffb8000", "@9,fffb8000" (U-Boot's fdtdec) and
 * "@00000009FFFB8000" are one.
 *
 * /memory is what the kernel reads, and so has to be final: publish after the
 * loader's own fixup of it, and again whenever that has run once more, as it writes
 * its banks over ours (U-Boot's 'fdt boardsetup', then bootm). How many banks a
 * loader keeps is no limit then, and a range that it cut off comes back, if a
 * region lies there. Only who takes a published tree as his own, to learn from it
 * what is RAM, may stop at his limit (CONFIG_NR_DRAM_BANKS): ranges of ours come
 * last, and are as few as can be. Where the kernel is booted by UEFI, the memory
 * map counts and /memory does not: the regions have to be in it too, as RAM.
 *
 * A libfdt that is built with FDT_ASSUME_MASK=0xff, as in the SPL of some
 * bootloaders, has a fdt_check_full() that checks nothing: such a host has to
 * trust the blob.
 */

/**
 * gpuas_fdt_publish() - Write a manifest into a device tree
 * @fdt: the blob; may grow within its totalsize
 * @scratch: memory to work in, 8-byte aligned, no part of the blob
 * @scratch_size: its size, at least the blob's totalsize + sizeof(struct
 *	gpuas_manifest), the latter rounded up to 8
 * @board: names of nodes and compatible of the GPU
 * @manifest: what to write; passes gpuas_manifest_check()
 * @report: names the node, property or region that stood in the way
 *
 * Follows &gpuas_manifest.contract; of one that is read only, writes nothing, and has to
 * find all of it. Fills nodes of the right name that the tree has (placeholders without
 * reg, or with one of zeroes, or disabled) and makes the others; adds /reserved-memory
 * if it is missing; points the GPU node's memory-region and memory-region-names at
 * them, in the contract's order, and enables it; extends /memory, or adds a range to
 * it, where a region without no-map is not inside; disables each device that the board
 * withholds, and gives the board's CPU the status "fail", which says that there is
 * none, and takes its enable-method away; its node stays, for who refers to it.
 * Nothing else changes: a placeholder without status gets reg only, a node that has a
 * phandle keeps it, and /memory stays as it is if all regions are inside. Where it is
 * extended, its ranges that meet or overlap become one, in whatever order they are;
 * those of two nodes only if both say the same of them (numa-node-id, hotpluggable)
 * and neither is left without a range; the first range stays the first. A /memreserve/ of
 * exactly a region's range goes, unless the contract is read only: so a loader without
 * room for more kept the OS off.
 *
 * A transaction: works on a copy in @scratch, checks the result with
 * gpuas_fdt_check(), and copies it back as the last step. Idempotent: a tree that
 * carries this very manifest is left byte-identical, with success; one that
 * carries another is refused.
 *
 * Return: 0; -GPUAS_EBADMSG or -GPUAS_EINVAL for a blob that is refused, and
 * -GPUAS_EINVAL for such a @scratch; -GPUAS_EBADMSG also if a region is outside
 * /memory and there is no /memory that is enabled, or none with a range in it: the
 * loader has still to say what is RAM; or if all of it may be unplugged
 * (hotpluggable); -GPUAS_ENOENT if there is no GPU node and the
 * board makes none; -GPUAS_ENOTUNIQ if two nodes could be meant; -GPUAS_EEXIST if
 * the tree carries a different manifest, or a node in the way, or if the GPU node or
 * a placeholder has a status that is neither okay nor "disabled", or the GPU node is
 * below one that is not enabled; -GPUAS_ERANGE for an address that does not fit the
 * tree's cells; -GPUAS_E2BIG if no phandle is left; -GPUAS_ENOSPC if the result does
 * not fit (gpuas_fdt_room() says what would); an error of gpuas_manifest_check() or
 * gpuas_fdt_check(), as -GPUAS_EACCES for a placeholder with a no-map that the
 * contract refuses, or -GPUAS_EBUSY for a place where the kernel has to put a pool.
 * After an error the blob is byte-identical.
 */
int gpuas_fdt_publish(void *fdt, void *scratch, size_t scratch_size,
		      const struct gpuas_board *board,
		      const struct gpuas_manifest *manifest,
		      struct gpuas_report *report);

/**
 * gpuas_fdt_room() - Compute the totalsize that publishing needs
 * @fdt: the blob
 * @scratch: as for gpuas_fdt_publish()
 * @scratch_size: its size: the result has to fit, and a struct gpuas_manifest
 * @board: as for gpuas_fdt_publish()
 * @manifest: as for gpuas_fdt_publish()
 * @room: set to the smallest totalsize with which gpuas_fdt_publish() succeeds
 * @report: as for gpuas_fdt_publish()
 *
 * Return: 0, or as for gpuas_fdt_publish(); -GPUAS_ENOSPC if even @scratch is too
 * small. The blob is not written to.
 */
int gpuas_fdt_room(const void *fdt, void *scratch, size_t scratch_size,
		   const struct gpuas_board *board,
		   const struct gpuas_manifest *manifest,
		   size_t *room, struct gpuas_report *report);

/**
 * gpuas_fdt_read() - Read a manifest back from a device tree
 * @fdt: the blob
 * @board: names of regions and compatible of the GPU
 * @manifest: filled
 * @report: names the node or property that is missing or wrong
 *
 * Reads what is there, and judges its form only: see gpuas_fdt_check().
 *
 * Return: 0; -GPUAS_EBADMSG or -GPUAS_EINVAL for a blob that is refused;
 * -GPUAS_ENOENT if the GPU node, or a region that is not optional, is missing or
 * disabled, or the tree fits none of the board's contracts; -GPUAS_ENOTUNIQ if two GPU
 * nodes are enabled, or the tree fits two contracts, or a region's name or node is in the
 * GPU's lists twice; -GPUAS_EPROTO if a contract is of
 * another version; -GPUAS_E2BIG for a board with too many regions. @manifest is undefined
 * after an error; its contract is the one that was found.
 */
int gpuas_fdt_read(const void *fdt, const struct gpuas_board *board,
		   struct gpuas_manifest *manifest,
		   struct gpuas_report *report);

/**
 * gpuas_fdt_read_regions() - The same without a GPU node
 * @fdt: the blob
 * @board: names of nodes
 * @manifest: filled
 * @report: names the node that is missing or wrong
 *
 * Finds the regions by the names of their nodes, and by the GPU's lists where a contract
 * has no such names: for a bootloader that takes over what a previous stage described.
 *
 * Return: as for gpuas_fdt_read(); -GPUAS_ENOTUNIQ if two nodes have the name.
 */
int gpuas_fdt_read_regions(const void *fdt, const struct gpuas_board *board,
			   struct gpuas_manifest *manifest,
			   struct gpuas_report *report);

/**
 * gpuas_fdt_check() - Judge the manifest that a device tree carries
 * @fdt: the blob
 * @board: the board
 * @manifest: filled with what the tree carries; undefined after an error
 * @report: names the node or region that is wrong
 *
 * Return: 0; an error of gpuas_fdt_read() or gpuas_manifest_check();
 * -GPUAS_EACCES if a region's node has a no-map that the contract refuses, or lacks one
 * that it demands; -GPUAS_EFAULT if a region without no-map is not
 * inside /memory, or outside the linux,usable-memory-range of /chosen;
 * -GPUAS_EBUSY if reserved memory that the kernel has to place itself (size,
 * alloc-ranges, alignment; CMA pools) finds no room in /memory, and would without
 * the regions, be it for a kernel whose pages are smaller than the GPU's; three pools
 * are placed one beside the other, and each of those behind them as if it came next;
 * -GPUAS_ENOTUNIQ if a region overlaps another reserved range, or two nodes have
 * one name; -GPUAS_EBADMSG if a node is reusable or shared-dma-pool, a phandle does
 * not point below /reserved-memory, iommu-addresses, or another property of the
 * contract, does not say what the board or reg says, or the OS is left what the
 * board withholds. Reserved ranges of others count as they do for Linux: a reg
 * that is cut off reserves nothing, a range that wraps all up to the top.
 */
int gpuas_fdt_check(const void *fdt, const struct gpuas_board *board,
		    struct gpuas_manifest *manifest,
		    struct gpuas_report *report);

/**
 * gpuas_fdt_disable() - Say that the GPU is not to be used
 * @fdt: the blob; may grow within its totalsize
 * @scratch: as for gpuas_fdt_publish()
 * @scratch_size: its size, at least the blob's totalsize
 * @board: compatible and name of the GPU node
 * @withhold: the firmware was started, and may use what the board withholds:
 *	those devices are disabled too, and the CPU hidden; without room for its
 *	status it loses its reg
 * @report: names what stood in the way
 *
 * Sets status = "disabled" in each GPU node that the OS would use; one is made if
 * there is none and the board says so, unless a node has its name already.
 * For bring-ups that failed: the OS boots without the GPU, and sees why. The blob
 * has to be sound, and no more: cells, /reserved-memory and /memory may be wrong.
 * Needs no room: without it, the compatible loses its first letter, which
 * gpuas_fdt_publish() puts back, and a status "okay" becomes "fail"; and a GPU node
 * that is missing stays so. Where there is another GPU node, the compatible loses its
 * letter with room, too: by that, publishing knows which ones could be meant.
 * Idempotent: a second call
 * changes no byte.
 *
 * Return: 0, also if there is no such node; -GPUAS_EBADMSG or -GPUAS_EINVAL for a
 * blob that is not sound, -GPUAS_EINVAL for a @scratch that is too small, not
 * aligned or part of the blob. After an error the blob is byte-identical.
 */
int gpuas_fdt_disable(void *fdt, void *scratch, size_t scratch_size,
		      const struct gpuas_board *board, bool withhold,
		      struct gpuas_report *report);

GPUAS_END_DECLS

#endif /* GPUAS_FDT_H */
