// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * closed FILE HANDOFF TTBS FW-DATA: who has the handoff lock, and what the GPU could use, in the memory
 * of a machine, which is FILE, with the regions at these PAs: one line.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../board/qemu-virt/device/smmu.h"
#include "../../../board/qemu-virt/firmware.h"

#define RAM_PA	0x40000000ULL

static const uint8_t *ram;
static uint64_t ram_size;

static const void *at(const char *pa, size_t size)
{
	uint64_t offset = strtoull(pa, NULL, 0) - RAM_PA;

	if (offset < ram_size && size <= ram_size - offset)
		return ram + offset;
	fprintf(stderr, "no RAM at %s\n", pa);
	exit(1);
}

static unsigned int bound(const struct gpuas_ttb_array *ttbs)
{
	unsigned int i, count = 0;

	for (i = 1; i < GPUAS_TTB_CONTEXTS; i++)
		count += (ttbs->context[i].ttb0 | ttbs->context[i].ttb1) != 0;
	return count;
}

int main(int argc, char **argv)
{
	int file = argc == 5 ? open(argv[1], O_RDONLY) : -1;
	const struct gpuas_handoff *handoff;
	const struct smmu_memory *smmu;
	const struct fw_boot *boot;
	struct stat stat;

	if (file < 0 || fstat(file, &stat)) {
		perror(argc > 1 ? argv[1] : "usage: closed FILE HANDOFF TTBS FW-DATA");
		return 1;
	}
	ram_size = (uint64_t)stat.st_size;
	ram = mmap(NULL, ram_size, PROT_READ, MAP_SHARED, file, 0);
	if (ram == MAP_FAILED)
		return 1;
	handoff = at(argv[2], sizeof(*handoff));
	boot = at(argv[4], FW_SMMU_OFFSET + sizeof(*smmu));
	smmu = (const void *)((const uint8_t *)boot + FW_SMMU_OFFSET);
	if (boot->magic != FW_BOOT_MAGIC || boot->stream >> SMMU_STREAMS_LOG2)
		return 1;
	/* A context descriptor has its roots in the second and third word. */
	printf("locks %u %u, %u contexts bound, stream %s, %s loaded\n", handoff->lock_host,
	       handoff->lock_fw, bound(at(argv[3], sizeof(struct gpuas_ttb_array))),
	       smmu->stream[boot->stream][0] ? "open" : "closed",
	       smmu->context[1] | smmu->context[2] ? "a root" : "no root");
	return 0;
}
