// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The GPU copies between two buffers of scattered pages, and reads a page of the
 * firmware's through the shared half.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../firmware.h"
#include "user.h"

const char program[] = "gpuas-copy";

#define PAGES		4
#define SIZE		(PAGES * (size_t)GRANULE)
#define FROM		0x123400000ULL
#define TO		0x7ffffd0000ULL		/* up to 64 KiB below the end of the half */

/* 24 KiB from the middle of a page: three pages of one buffer, three of the other. */
#define COPIED		0x6000u
#define FROM_OFFSET	0x2345u
#define TO_OFFSET	0x3abdu

static int between_buffers(const struct gpu *gpu, uint64_t *random)
{
	static uint8_t before[SIZE];
	struct drm_gpuas_queue_state done;
	struct buffer from, to;
	size_t wrong, beside;

	gpu_buffer(gpu, SIZE, &from);
	gpu_buffer(gpu, SIZE, &to);
	fill(from.map, SIZE, random);
	fill(to.map, SIZE, random);
	memcpy(before, to.map, SIZE);
	gpu_map(gpu, &from, 0, SIZE, FROM, GPU_READ);
	gpu_map(gpu, &to, 0, SIZE, TO, GPU_WRITE);
	done = gpu_copy(gpu, FROM + FROM_OFFSET, TO + TO_OFFSET, COPIED);
	wrong = differ(from.map + FROM_OFFSET, to.map + TO_OFFSET, COPIED);
	beside = differ(before, to.map, TO_OFFSET) +
		 differ(before + TO_OFFSET + COPIED, to.map + TO_OFFSET + COPIED,
			SIZE - TO_OFFSET - COPIED);
	say("buffers of %d pages, error %d, %u bytes copied, %zu wrong, %zu beside", PAGES,
	    done.error, COPIED, wrong, beside);
	gpu_unmap(gpu, FROM, SIZE);
	gpu_unmap(gpu, TO, SIZE);
	return done.error || wrong || beside;
}

/* Copies that no context has any business with, while nothing is shown. */
static int refused(const struct gpu *gpu)
{
	static const uint64_t way[][2] = {
		{ FW_MAP_VA, FROM },		/* not mapped */
		{ FW_DATA_VA, FROM },		/* the firmware's alone */
		{ FW_TEXT_VA, FROM },
		{ FROM, FW_SHARED_VA },		/* the mailbox */
		{ FROM, FW_MAP_VA },
		{ 0x8000000000ULL, FROM },	/* in neither half */
		{ FROM, 0x7fffffffffULL },	/* half out */
		{ ~0ULL, FROM },
	};
	const int ways = sizeof(way) / sizeof(way[0]);
	int i, count = 0;

	for (i = 0; i < ways; i++) {
		uint64_t seqno;

		count += gpu_submit(gpu, way[i][0], way[i][1], 64, &seqno) == -EPERM;
	}
	say("upper: %d of %d foreign copies refused", count, ways);
	return count != ways;
}

/* What the driver says of a region: its PA. */
static uint64_t region(const char *name)
{
	FILE *file = fopen("/sys/kernel/debug/gpuas/regions", "r");
	char line[160], word[32];
	unsigned long long pa = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s %llx", word, &pa) == 2 && !strcmp(word, name))
			break;
		pa = 0;
	}
	if (file)
		fclose(file);
	return pa;
}

static int right_addresses(const struct fw_boot *boot)
{
	return (boot->tables && boot->tables == region("pagetables")) +
	       (boot->ttbs && boot->ttbs == region("ttbs")) +
	       (boot->handoff && boot->handoff == region("handoff")) +
	       (boot->data && boot->data == region("fw-data")) +
	       (boot->shared && boot->shared == region("shared"));
}

/* The firmware maps it in entries of its own, and takes it away again. */
static int firmware_page(const struct gpu *gpu)
{
	struct drm_gpuas_queue_state done;
	struct fw_boot boot;
	struct buffer to;
	int right;

	gpu_buffer(gpu, GRANULE, &to);
	gpu_map(gpu, &to, 0, GRANULE, TO, GPU_WRITE);
	gpu_debugfs("show", 1);
	done = gpu_copy(gpu, FW_MAP_VA, TO + 8, sizeof(boot));
	gpu_debugfs("show", 0);
	memcpy(&boot, to.map + 8, sizeof(boot));
	right = right_addresses(&boot);
	say("upper: GPU reads 0x%llx: error %d, magic 0x%llx, %d of 5 addresses right", FW_MAP_VA,
	    done.error, (unsigned long long)boot.magic, right);
	gpu_unmap(gpu, TO, GRANULE);
	return done.error || boot.magic != FW_BOOT_MAGIC || right != 5;
}

/* Before QEMU 10, the SMMU's accesses to the upper half end nowhere, without a fault. */
static bool sees_upper(void)
{
	FILE *file = fopen("/sys/module/gpuas_test/parameters/upper", "r");
	int value = file ? getc(file) : 'Y';

	if (file)
		fclose(file);
	return value == 'Y';
}

int main(int argc, char *argv[])
{
	uint64_t random = argument(argc, argv, 1, SEED);
	struct gpu gpu;
	int bad;

	gpu_open(&gpu);
	setvbuf(stdout, NULL, _IOLBF, 0);
	say("VM %u, seed 0x%llx", gpu.vm, (unsigned long long)random);
	bad = between_buffers(&gpu, &random);
	bad |= refused(&gpu);
	if (sees_upper())
		bad |= firmware_page(&gpu);
	bad |= refused(&gpu);
	close(gpu.fd);
	return bad;
}
