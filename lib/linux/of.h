/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What of.c and of_contract.c share. */
#ifndef GPUAS_LINUX_OF_H
#define GPUAS_LINUX_OF_H

#include <linux/of.h>

#include <gpuas_linux.h>

/**
 * struct cells - Numbers of cells, 1 or 2 each
 * @address: of an address
 * @size: of a size
 */
struct cells {
	u32 address;
	u32 size;
};

/**
 * struct reader - The nodes that a manifest is read from
 * @gpu: node of the GPU
 * @reserved: /reserved-memory
 * @contract: the contract in use
 * @cells: those of the root, and so of @reserved
 * @node: nodes of the regions, by region; NULL if not present
 * @length: sizes in iommu-addresses, by region, if those are read
 * @regions: how many
 * @report: for the sentence
 */
struct reader {
	struct device_node *gpu;
	struct device_node *reserved;
	const struct gpuas_contract *contract;
	struct cells cells;
	struct device_node *node[GPUAS_REGIONS_MAX];
	uint64_t length[GPUAS_REGIONS_MAX];
	unsigned int regions;
	struct gpuas_report *report;
};

/* The contract that the tree follows, as gpuas_fdt_contract_() finds it. */
int gpuas_of_contract_(struct reader *reader, const struct gpuas_board *board);

/* Firmware's window or VAs of regions, where they are in the GPU node. */
int gpuas_of_read_vas_(const struct reader *reader, struct gpuas_manifest *manifest);

/* What else the contract says of the GPU node. */
int gpuas_of_check_gpu_(const struct reader *reader, const struct gpuas_board *board,
			const struct gpuas_manifest *manifest);

#endif /* GPUAS_LINUX_OF_H */
